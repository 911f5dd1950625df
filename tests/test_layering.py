"""Imports point one way: what lies below never knows what lies above."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "compiler" / "comity"

MAY_IMPORT: dict[str, set[str]] = {
    "_version": set(),
    "runtime": set(),
    "base": {"runtime"},
    "terms": {"base", "runtime"},
    "parts": {"base", "runtime", "terms"},
    "expectations": {"base", "runtime", "terms"},
    "workspace": {"base", "runtime"},
    "surface": {"base", "runtime", "workspace"},
    "checked": {"base", "runtime", "terms", "parts", "expectations", "surface"},
    "core": {"base", "runtime", "terms", "parts", "expectations", "surface", "checked"},
}
CORE = {"_version", "runtime", "base", "terms", "parts", "expectations", "core"}
"""Core and what it is made of. Like the trees before it, it works on plain values and opens no files."""
PURE = CORE | {"surface", "checked"}
MAY_IMPORT |= {
    "analysis": CORE,
    "plan": CORE,
    "backends": CORE | {"plan"},
    "tools": CORE | {"analysis"},
    "explain": CORE | {"tools", "analysis"},
    "linter": PURE | {"analysis", "tools", "workspace"},
}
MAY_IMPORT["pipeline"] = {*MAY_IMPORT["linter"], "linter"}
MAY_IMPORT["api"] = {*MAY_IMPORT["pipeline"], "pipeline", "backends"}
MAY_IMPORT["hook"] = {*MAY_IMPORT["api"], "api"}
MAY_IMPORT["editor"] = {"runtime"}
MAY_IMPORT["lsp"] = {*MAY_IMPORT["pipeline"], "pipeline"}
MAY_IMPORT["cli"] = set(MAY_IMPORT)

ONLY = {("linter", "workspace"): {"config"}, ("surface", "workspace"): {"resources"}}
"""Where one layer may import only some modules of another: rules and parsers open no files."""

ROOMS = {
    "space": set[str](),
    "arithmetic": {"space"},
    "propositional": {"space"},
    "translate": {"space"},
    "witness": {"space", "arithmetic", "propositional"},
    "decision": {"space", "propositional", "translate", "witness"},
    "questions": {"space", "propositional", "translate", "witness", "decision"},
    "incremental": {"space", "translate", "decision", "questions"},
    "versions": {"space", "translate", "decision"},
    "reciprocity": set[str](),
    "responses": {"space", "decision", "reciprocity"},
}
"""The rooms of `analysis/`, and what each may import of the others."""

OUTSIDE = {
    "surface": {"lark"},
    "cli": {"click", "pyarrow"},
    "analysis": {"z3"},
    "backends": {"numpy", "polars", "pyarrow", "pyspark", "sqlglot"},
    "editor": {"pygments"},
    "lsp": {"pygls", "lsprotocol"},
}
"""Who may import what is neither ours nor the standard library's."""


def part(file: Path) -> str:
    """The part of the package that ``file`` belongs to: a folder or a module at the top."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def statements(file: Path) -> list[tuple[int, str, list[str]]]:
    """The imports of ``file``, inside functions and for types too: line, dotted name, and the names taken from it."""
    here = ("comity", *file.relative_to(PACKAGE).with_suffix("").parts)
    found: list[tuple[int, str, list[str]]] = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found.append((node.lineno, module, [alias.name for alias in node.names]))
    return found


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that ``file`` imports."""
    for line, module, names in statements(file):
        if module == "comity":
            yield from ((line, f"comity.{name}") for name in names)
        else:
            yield line, module


FILES = sorted(file for file in PACKAGE.rglob("*.py") if file.parent != PACKAGE or not file.stem.startswith("__"))


def test_imports_point_down() -> None:
    assert [each for file in FILES for each in pointing_up(file)] == []


def pointing_up(file: Path) -> Iterator[str]:
    """The imports of ``file`` that its part must not have."""
    own = part(file)
    for line, name in imports(file):
        top, _, rest = name.partition(".")
        target, _, module = rest.partition(".")
        if top != "comity":
            if top not in sys.stdlib_module_names and top not in OUTSIDE.get(own, set()):
                yield f"{file}:{line}: {own} must not import {top}"
        elif target not in MAY_IMPORT[own] | {own, "", "_version"}:
            yield f"{file}:{line}: {own} must not import {target}"
        elif (only := ONLY.get((own, target))) and module and module.partition(".")[0] not in only:
            yield f"{file}:{line}: {own} must not import {rest}"


def test_core_knows_other_trees_only_where_it_is_made() -> None:
    """`core/lower/` reads the checked tree; what it makes stands by itself, and is carried into packages."""
    for file in sorted((PACKAGE / "core").rglob("*.py")):
        for line, name in imports(file) if "lower" not in file.relative_to(PACKAGE).parts else ():
            assert name.split(".")[1:2] not in (["surface"], ["checked"]), f"{file}:{line}: core must not import {name}"


def test_rooms_of_the_analysis_are_in_order() -> None:
    """A room imports only rooms below it, for types too; `ROOMS` has no cycle, as each names only earlier ones."""
    assert all(below <= set(list(ROOMS)[:number]) for number, below in enumerate(ROOMS.values()))
    for file in sorted((PACKAGE / "analysis").rglob("*.py")):
        own, *rest = file.relative_to(PACKAGE / "analysis").parts
        for line, name in imports(file) if rest else ():
            target = name.removeprefix("comity.analysis.").partition(".")[0]
            if name.startswith("comity.analysis.") and target != own:
                assert target in ROOMS[own], f"{file}:{line}: {own} must not import {target}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Not even for types: what two modules must know of each other is a protocol of the lower one."""
    modules = {".".join(("comity", *file.relative_to(PACKAGE).with_suffix("").parts)): file for file in FILES}
    modules = {name.removesuffix(".__init__"): file for name, file in modules.items()}
    imported: dict[str, set[str]] = {}
    for module, file in modules.items():
        named = ([f"{base}.{name}" if f"{base}.{name}" in modules else base for name in names] or [base]
                 for _, base, names in statements(file))  # fmt: skip
        imported[module] = {name for names in named for name in names if name in modules} - {module}
    assert sum(map(len, imported.values())) > 2 * len(modules)
    TopologicalSorter(imported).prepare()  # a CycleError shows the modules


def test_the_runtime_stands_alone() -> None:
    """`comity build` copies it: standard library and relative imports only."""
    for file in sorted((PACKAGE / "runtime").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").partition(".")[0] in sys.stdlib_module_names | {"__future__"}, file
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1, file


def test_every_part_has_its_place() -> None:
    """A new part must be given its place in the order before it can be imported."""
    found = {part(file) for file in FILES}
    assert found <= set(MAY_IMPORT), found - set(MAY_IMPORT)
