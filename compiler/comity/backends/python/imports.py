"""What a file of the package imports: whatever its code names and does not define.

Example: code that names `any_of`, `records` and `frozenset` gets `from .._runtime.kleene import any_of` and
`from .. import records`, and nothing for the builtin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from comity.backends.python import trees

if TYPE_CHECKING:
    from comity.backends.python.plan import Plan

RUNTIME: Mapping[str, str] = {
    name: module
    for module, names in {
        "collections.abc": "Iterable Mapping",
        "._runtime.light": "dataclass",
        "datetime": "date",
        "functools": "cache",
        "fractions": "Fraction",
        "json": "loads",
        "math": "ceil floor",
        "typing": "TYPE_CHECKING Any Final Literal NotRequired Required TypeAlias TypedDict",
        "._reference": "agreement call in_columns includes interpreter keeps own response",
        "._runtime.answer": (
            "Answer ContradictionError FactsError GapError PolicyError Problem RuleStatus Undetermined"
        ),
        "._runtime.bounds": (
            "any_number_of count_bounds exactly minus plus sum_bounds surely_equal surely_less surely_less_equal"
        ),
        "._runtime.compiled": (
            "Dated DatedTable Perhaps Table count_of first_case first_case_lazily only_case only_case_lazily "
            "coverings place_within remembered total_of within_any"
        ),
        "._runtime.blocks": "Blocks Outcomes asked homeless",
        "._runtime.kleene": "KleeneSet Set Truth all_of any_of elements equal member set_of",
        "._runtime.dispatch": "Axis CodeAxis SetAxis StepAxis asked_all cells_of remaining truths",
        "._runtime.late": "SettledAnswer new_answer",
        "._runtime.package": (
            "Decision Definition Findings Records is_code is_heading is_number is_text parameters plain"
        ),
        "._runtime.errors": "MISSING",
        "._runtime.quick": "EMPTY UNUSUAL Memo Rows Sets Unusual rows_by unusual",
        "._runtime.rules": "Ground Mask Ruleset mask_of ruleset_of",
        "._runtime.types": (
            "BOOL DATE DURATION ECCN ERROR HS_CODE INT LENGTH MASS MONTHS NUMBER PARTY PERCENT TEXT AbsentType "
            "EnumType Field ListType MoneyType PerPartyType PlaceType QuantityType RecordType SetType"
        ),
        "._runtime.values": (
            "ABSENT Absent Number add add_hours add_months date_difference divide eccn_part eccn_within exact "
            "hs_within less less_equal multiply negate round_down round_up subtract"
        ),
    }.items()
    for name in names.split()
}
"""Names of the library that emitted code may use, and the module of each (a dot: below the package)."""


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
