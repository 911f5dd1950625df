"""The diagnostics of checking: one function for each code, named like it, in `names` (E010 to E016) and `values`."""

from comity.checked.errors.names import (
    ambiguous_name,
    circular,
    duplicate_name,
    not_analysed,
    too_deep,
    unknown_module,
    unknown_name,
)
from comity.checked.errors.values import (
    bad_table,
    invalid_literal,
    type_mismatch,
    unfit_clause,
    unguarded_absent,
    unit_mismatch,
    unknown_field,
    unknown_outcome,
    unknown_value,
    wrong_arguments,
)

__all__ = [
    "ambiguous_name",
    "bad_table",
    "circular",
    "duplicate_name",
    "invalid_literal",
    "not_analysed",
    "too_deep",
    "type_mismatch",
    "unfit_clause",
    "unguarded_absent",
    "unit_mismatch",
    "unknown_field",
    "unknown_module",
    "unknown_name",
    "unknown_outcome",
    "unknown_value",
    "wrong_arguments",
]
