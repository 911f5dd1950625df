"""Imports point one way: what lies below never knows what lies above."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "compiler" / "comity"

MAY_IMPORT: dict[str, set[str]] = {
    "_version": set(),
    "runtime": set(),
    "source": set(),
    "collector": set(),
    "interruption": set(),
    "diagnostics": {"source"},
    "resources": set(),
    "reading": {"resources"},
    "cache": {"resources"},
    "config": {"diagnostics", "runtime"},
    "terms": {"source", "runtime"},
    "surface": {"source", "diagnostics", "runtime", "resources", "collector"},
    "checked": {"source", "diagnostics", "runtime", "terms", "surface", "interruption"},
    "core": {"source", "diagnostics", "runtime", "terms", "surface", "checked", "interruption"},
}
BELOW = {*MAY_IMPORT, "__init__"} - {"__init__"}
PURE = BELOW - {"resources", "reading", "cache"}
"""What works on plain values and opens no files."""
MAY_IMPORT |= {
    "plan": PURE,
    "analysis": PURE,
    "backends": PURE | {"plan"},
    "testing": PURE,
}
MAY_IMPORT["testing_acts"] = MAY_IMPORT["query"] = {*PURE, "testing"}
MAY_IMPORT["diff"] = MAY_IMPORT["generate"] = {*PURE, "analysis", "testing"}
MAY_IMPORT["explain"] = {*MAY_IMPORT["generate"], "generate"}
MAY_IMPORT["linter"] = PURE | {"analysis", "testing"}
MAY_IMPORT["project"] = {"config"}
MAY_IMPORT["driver"] = BELOW | {"linter", "project"}
MAY_IMPORT["linting"] = BELOW | {"linter", "project", "driver"}
MAY_IMPORT["roomy"] = {"source", "surface"}
MAY_IMPORT["session"] = {*MAY_IMPORT["linting"], "linting", "analysis", "roomy"}
MAY_IMPORT["pages"] = {"diagnostics", "surface", "checked", "core", "linter"}
MAY_IMPORT["api"] = {*BELOW, "driver", "linting", "project", "linter", "analysis", "backends", "testing"}
MAY_IMPORT["hook"] = {*BELOW, "driver", "linting", "project", "backends", "api"}
MAY_IMPORT["editor"] = {"runtime"}
MAY_IMPORT["lsp"] = {*MAY_IMPORT["session"], "session", "query", "testing", "testing_acts"}
MAY_IMPORT["cli"] = set(MAY_IMPORT)

OUTSIDE = {
    "surface": {"lark"},
    "cli": {"click"},
    "analysis": {"z3"},
    "editor": {"pygments"},
    "lsp": {"pygls", "lsprotocol"},
}
"""Who may import what is neither ours nor the standard library's."""


def part(file: Path) -> str:
    """The part of the package that ``file`` belongs to: a folder or a module at the top."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that ``file`` imports, inside functions too."""
    here = ("comity", *file.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            if module == "comity":
                yield from ((node.lineno, f"comity.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


FILES = sorted(file for file in PACKAGE.rglob("*.py") if file.parent != PACKAGE or not file.stem.startswith("__"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_down(file: Path) -> None:
    own = part(file)
    for line, name in imports(file):
        top, _, rest = name.partition(".")
        if top == "comity":
            target = rest.partition(".")[0]
            allowed = MAY_IMPORT[own] | {own, "", "_version"}
            assert target in allowed, f"{file}:{line}: {own} must not import {target}"
        elif top not in sys.stdlib_module_names:
            assert top in OUTSIDE.get(own, set()), f"{file}:{line}: {own} must not import {top}"


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
