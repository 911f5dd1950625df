"""Types as people read them: as a policy writes them."""

from __future__ import annotations

import pytest

from comity.runtime import types
from comity.runtime.types import (
    AbsentType,
    EnumType,
    Field,
    ListType,
    MoneyType,
    PerPartyType,
    RecordType,
    SetType,
    Type,
)
from tests.checked.support import Checked

WRITTEN: list[tuple[Type, str]] = [
    (types.BOOL, "Bool"),
    (types.INT, "Int"),
    (types.NUMBER, "Number"),
    (types.PERCENT, "Percent"),
    (MoneyType("USD"), "Money in USD"),
    (types.LENGTH, "Length"),
    (types.MASS, "Mass"),
    (types.DURATION, "Duration"),
    (types.DATE, "Date"),
    (types.TEXT, "Text"),
    (types.ECCN, "Eccn"),
    (types.HS_CODE, "HsCode"),
    (types.PARTY, "Party"),
    (types.PlaceType(), "Place"),
    (EnumType("m", "Column", ("NS1",)), "Column"),
    (RecordType("m", "Item", (Field("a", types.BOOL),)), "Item"),
    (SetType(types.TEXT), "set of Text"),
    (ListType(types.TEXT), "list of Text"),
    (AbsentType(ListType(types.TEXT)), "list of Text or absent"),
    (PerPartyType(types.LENGTH), "Length per Party"),
]


@pytest.mark.parametrize(("type", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_a_type_is_written_as_in_a_policy(type: Type, text: str) -> None:
    assert str(type) == text


def test_what_is_written_is_read() -> None:
    fields = "".join(f"    f{number}: {text}\n" for number, (_, text) in enumerate(WRITTEN))
    head = "party EAST = {US}\nparty WEST = {CA}\nrecord Item:\n    a: Bool\nrecord R:\n"
    checked = Checked(head + fields)
    read = {field.name: str(field.type) for field in checked.program.records["m.R"].type.fields}
    assert read == {f"f{number}": text for number, (_, text) in enumerate(WRITTEN)}
