"""Conditions that stand in no module: `--where`."""

from __future__ import annotations

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.checked.check import check_condition
from comity.surface.parse import parse_condition
from comity.terms import And, Equal, Term

from .support import Checked

CHECKED = Checked("""
    define dear for Export:
        value > 5 USD
    define near(c: Country):
        c in NATO
    rule r for licensing:
        then prohibited
""")


def where(text: str) -> tuple[Term | None, list[str]]:
    report = Report()
    source = SourceFile("<where>", "", text)
    expr = parse_condition(source, report)
    assert expr is not None
    record = CHECKED.program.records["facts.Export"].type
    return check_condition(CHECKED.program, record, expr, report, source), [
        f"{d.code} {d.message}" for d in report.sorted()
    ]


def test_names_of_every_module() -> None:
    term, found = where("item.eccn == 3A001 and dear and near(destination) and destination in NATO and r applies")
    assert found == [] and isinstance(term, And) and isinstance(term.operands[0], Equal)


def test_mistakes() -> None:
    assert where("item.ecnn == 3A001") == (
        None,
        [
            "E103 `Item` has no field `ecnn`; its fields are `eccn`, `hs`, `origin`, `share`, `columns`, `limit`, "
            "`made_with_us_equipment`"
        ],
    )
    term, found = where("destination == 300 kg")
    assert term is None and found[0].startswith("E101")
    assert where("value")[1] == ["E101 `value` is a `Money in USD`, but a `Bool` is wanted here"]
