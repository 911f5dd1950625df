"""What a file of the package imports: whatever its code names and does not define.

Example: code that names `any_of`, `records` and `frozenset` gets `from .._runtime.kleene import any_of` and
`from .. import records`, and nothing for the builtin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from comity.backends.python import trees
from comity.backends.python.library import RUNTIME
from comity.backends.python.plan import Plan


def used_names(statements: Iterable[ast.stmt]) -> set[str]:
    """The names that statements read, but for those that they import themselves."""
    used: set[str] = set()
    for statement in statements:
        own: set[str] = set()
        imported: set[str] = set()
        for node in trees.walk(statement):
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    own.add(node.id)
            elif isinstance(node, ast.ImportFrom):
                imported |= {alias.asname or alias.name for alias in node.names}
        used |= own - imported
    return used


def header(plan: Plan, file: str, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The imports of ``file`` (dotted, below the package), for what ``statements`` name."""
    used = used_names(statements)
    level = 0 if file == "" else len(file.split("."))
    level += file in plan.packages or file == ""
    library: dict[str, list[str]] = {}
    for name in used & RUNTIME.keys():
        library.setdefault(RUNTIME[name], []).append(name)
    for name in used & {"records", "_VERSION"} - {file}:
        library.setdefault(".", []).append(name)
    imports: list[ast.stmt] = [trees.FUTURE]
    for module, names in sorted(library.items(), key=lambda item: (item[0].startswith("."), item[0])):
        if module.startswith("."):
            imports.append(trees.import_from(level, module[1:] or None, names))
        else:
            imports.append(trees.import_from(0, module, names))
    if "schema" in used:
        imports.append(trees.import_from(level, None, {"_schema": "schema"}))
    for path, alias in sorted(plan.aliases.items()):
        if alias in used:
            folder, _, last = path.rpartition(".")
            imports.append(trees.import_from(level, folder or None, {last: alias}))
    return imports
