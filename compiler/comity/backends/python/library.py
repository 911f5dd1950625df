"""What emitted code may name without defining it: the runtime that packages carry, and the standard library.

Example: `any_of` is of `_runtime.kleene`, so code that names it gets an import of that (`imports`), and nothing of the
package is called so (`plan`).
"""

from __future__ import annotations

from collections.abc import Mapping

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
