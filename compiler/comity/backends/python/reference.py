"""The reference semantics, as a built package carries it: the compiler's own files, importing each other in place.

What is still needed to decide, which line of the facts is broken, on which unknown fact a rule relied: that is read off
the clauses themselves. The code that reads it is not written twice; it is copied, and only its imports change. So is
`backends/batch`, which decides tables; it needs NumPy and is imported only when a table comes.

Example: `core/evaluate.py` becomes `_reference/evaluate.py`, and its `from comity.core.tables import TableIndex`
becomes `from .tables import TableIndex`.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.resources import files
from textwrap import indent

_CARRIED = {
    "comity.base.source": "source",
    "comity.terms": "terms",
    "comity.parts": "parts",
    "comity.expectations": "expectations",
    "comity.core.ast": "core",
    "comity.core.walk": "walk",
    "comity.core.limits": "limits",
    "comity.core.tables": "tables",
    "comity.core.rows": "rows",
    "comity.core.closures": "closures",
    "comity.core.evaluate": "evaluate",
    "comity.core.needs": "needs",
    "comity.core.interpret": "interpret",
    "comity.core.log": "log",
    "comity.core.quantities": "quantities",
    "comity.core.agreements": "agreements",
    "comity.core.membership": "membership",
    "comity.core.prevailing": "prevailing",
    "comity.core.remedies": "remedies",
    "comity.core.standing": "standing",
    "comity.core.responses": "responses",
    "comity.core.events": "events",
    "comity.core.predicates": "predicates",
    "comity.backends.python.reading": "reading",
    "comity.plan.ast": "plan",
    "comity.plan.codes": "plan_codes",
    "comity.plan.lines": "plan_lines",
    "comity.plan.make": "plan_make",
    "comity.plan.reads": "reads",
    "comity.plan.tabulate": "plan_tabulate",
    "comity.backends.batch.classes": "batch_classes",
    "comity.backends.batch.columns": "batch_columns",
    "comity.backends.batch.comparisons": "batch_comparisons",
    "comity.backends.batch.days": "batch_days",
    "comity.backends.batch.decide": "batch_decide",
    "comity.backends.batch.facts": "batch_facts",
    "comity.backends.batch.gathered": "batch_gathered",
    "comity.backends.batch.graph": "batch_graph",
    "comity.backends.batch.nodes": "batch_nodes",
    "comity.backends.batch.numeric": "batch_numeric",
    "comity.backends.batch.packed": "batch_packed",
    "comity.backends.batch.raw": "batch_raw",
    "comity.backends.batch.result": "batch_result",
    "comity.backends.batch.rules": "batch_rules",
    "comity.backends.batch.sources": "batch_sources",
    "comity.backends.batch.sparse": "batch_sparse",
    "comity.backends.batch.translate": "batch_translate",
    "comity.backends.batch.values": "batch_values",
    "comity.backends.batch.completions": "batch_completions",
}
"""Module of the compiler: its name in the folder."""

_OPTIONAL = """\
# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: reportMissingImports=false, reportMissingModuleSource=false
"""
"""Heads files that import NumPy and pyarrow: a package passes its type checker also where these are not installed."""


@cache
def carried() -> dict[str, str]:
    """Path in the folder and text of each file."""
    return {
        f"{name}.py": (_OPTIONAL if module.startswith("comity.backends.batch.") else "") + _moved(_read(module))
        for module, name in sorted(_CARRIED.items())
    }


@cache
def runtime() -> dict[str, str]:
    """The run-time library, unchanged."""
    folder = files("comity.runtime")
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".py"))
    return {name: (folder / name).read_text(encoding="utf-8") for name in found}


def _read(module: str) -> str:
    top, *below, name = module.split(".")  # found from the top, as folders are imported where they are asked for files
    return files(top).joinpath(*below, f"{name}.py").read_text(encoding="utf-8")


def _moved(text: str) -> str:
    """The text of a module with imports from `comity` made relative; all else stays as it is."""
    lines = text.splitlines(keepends=True)
    begins = _DECLARES.search(text)  # imports stand above, and parsing what is below takes long
    top = text if begins is None else text[: begins.start()]
    for statement in sorted(_imports(ast.parse(top)), key=lambda each: -each.lineno):
        moved = ast.unparse(_import(statement.module or "", statement.names))
        lines[statement.lineno - 1 : statement.end_lineno] = [indent(moved, " " * statement.col_offset) + "\n"]
    return "".join(lines)


_DECLARES = re.compile(r"^(?:def |class |@)", re.MULTILINE)
"""The first function or class of a module."""


def _imports(tree: ast.Module) -> list[ast.ImportFrom]:
    """The imports from `comity` at the top of a module, those for its types alone included."""
    statements = [*tree.body, *(inner for outer in tree.body if isinstance(outer, ast.If) for inner in outer.body)]
    found = [each for each in statements if isinstance(each, ast.ImportFrom) and not each.level]
    return [each for each in found if each.module and each.module.split(".")[0] == "comity"]


def _import(module: str, names: list[ast.alias]) -> ast.Module:
    if module in _CARRIED:
        return _body(ast.ImportFrom(_CARRIED[module], names, 1))
    if module == "comity.runtime" or module.startswith("comity.runtime."):
        return _body(ast.ImportFrom(module.replace("comity.runtime", "_runtime", 1), names, 2))
    # `from comity.core import ast as core`: modules of a package.
    statements = []
    for alias in names:
        whole = f"{module}.{alias.name}"
        place = _CARRIED.get(whole, alias.name)
        asname = alias.asname or (None if place == alias.name else alias.name)
        statements.append(ast.ImportFrom(None, [ast.alias(place, asname)], 1))
    return _body(*statements)


def _body(*statements: ast.stmt) -> ast.Module:
    return ast.fix_missing_locations(ast.Module(list(statements), []))
