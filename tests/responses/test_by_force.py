"""S401 to S403 against every export and day there is: nothing is missed, nothing imagined, and the witness shows it.

CI takes a sample; `COMITY_EXAMPLES=5000 pytest tests/responses/test_by_force.py` asks for a larger one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from comity.analysis.responses.checks import analyse_responses
from comity.analysis.responses.finder import search_of
from comity.base.diagnostics import Diagnostic
from tests.reciprocity.support import load
from tests.strategies import examples

MEMBERS = ("US", "JP")
SECTORS = ("arms", "banks")
MEASURES = ("low", "high")
CONDITIONS = {
    "": lambda value, aid: True,
    "when value > 1": lambda value, aid: value is not None and value > 1,
    "when value <= 1": lambda value, aid: value is not None and value <= 1,
    "when not aid": lambda value, aid: not aid,
}
TEXT = """
use std.countries: *

enum Measure ordered:
    low
    high

enum Sector:
    arms
    banks

record Event:
    kind: Sector

record Sale:
    sector: Sector
    value: Int
    aid: Bool
    always value >= 0 and value <= 2

response reply for Sale by US, JP against RU:
    imposes Measure on Sector
    reaches sector
    trigger Event when kind == arms
    posture {posture}
    {aligned}
    {allowing}
{steps}
"""
EXPORTS = list(product((0, 1, 2), (False, True)))


@dataclass(frozen=True)
class Line:
    lift: bool
    measure: str
    sectors: tuple[str, ...]
    when: str
    by: tuple[str, ...]
    lasting: int | None

    def text(self) -> str:
        parts = ["lift" if self.lift else "impose", self.measure, f"on {{{', '.join(self.sectors)}}}", self.when]
        parts += [f"by {', '.join(self.by)}"] if self.by else []
        parts += [f"for {self.lasting} days"] if self.lasting and not self.lift else []
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Reply:
    posture: str
    lag: int | None
    allowing: tuple[str, int | None] | None
    steps: tuple[tuple[int, tuple[Line, ...]], ...]

    def text(self) -> str:
        steps = []
        for day, lines in self.steps:
            steps += [
                "    at once:" if day == 0 else f"    after {day} days:",
                *(f"        {each.text()}" for each in lines),
            ]
        allowing = ""
        if self.allowing is not None:
            condition, until = self.allowing
            allowing = f"allowing {condition}" + ("" if until is None else f" until day {until}")
        aligned = "" if self.lag is None else f"aligned within {self.lag} days"
        return TEXT.format(posture=self.posture, aligned=aligned, allowing=allowing, steps="\n".join(steps))

    def level(self, member: str, sector: str, value: int, aid: bool, day: int) -> int:
        """0 for nothing, 1 for low, 2 for high: the steps read in order."""
        standing: set[str] = set()
        for start, lines in sorted(self.steps, key=lambda step: step[0]):
            for line in lines:
                if start > day or sector not in line.sectors or member not in (line.by or MEMBERS):
                    continue
                if line.lasting and not line.lift and day >= start + line.lasting:
                    continue
                if CONDITIONS[line.when](value, aid):
                    (standing.discard if line.lift else standing.add)(line.measure)
        return max((MEASURES.index(each) + 1 for each in standing), default=0)

    def exempt(self, value: int, aid: bool, day: int) -> bool:
        if self.allowing is None or (self.allowing[1] is not None and day > self.allowing[1]):
            return False
        return {"aid": aid, "value == 0": value == 0}[self.allowing[0]]

    def levels(self) -> Iterator[tuple[list[int], list[bool], str, str]]:
        """Of each export, sector and member: the level and whether it is exempt, day by day."""
        for value, aid in EXPORTS:
            for sector, member in product(SECTORS, MEMBERS):
                days = range(LAST)
                levels = [self.level(member, sector, value, aid, day) for day in days]
                yield levels, [self.exempt(value, aid, day) for day in days], sector, member

    def starts_low(self) -> bool:
        return any(
            level > of[0] and not free
            for of, exempt, *_ in self.levels()
            for level, free in zip(of, exempt, strict=True)
        )

    def lets_up(self) -> bool:
        return any(
            one > two and not free
            for of, exempt, *_ in self.levels()
            for one, two, free in zip(of, of[1:], exempt[1:], strict=False)
        )

    def gap(self) -> bool:
        """Some day, the lag over, one member has kept a level that the other has not."""
        assert self.lag is not None
        for (value, aid), sector, (strict, lax) in product(EXPORTS, SECTORS, (MEMBERS, MEMBERS[::-1])):
            for day in range(LAST):
                settled = day + self.lag
                kept = min(self.level(strict, sector, value, aid, each) for each in range(day, settled + 1))
                if kept > self.level(lax, sector, value, aid, settled) and not self.exempt(value, aid, settled):
                    return True
        return False


LAST = 40

lines = st.builds(
    Line,
    st.sampled_from([False, False, False, True]),
    st.sampled_from(MEASURES),
    st.sampled_from([("arms",), ("banks",), SECTORS]),
    st.sampled_from(list(CONDITIONS)),
    st.sampled_from([(), (), ("US",), ("JP",)]),
    st.sampled_from([None, None, 4, 15]),
)
steps = st.lists(
    st.tuples(st.sampled_from([0, 0, 5, 10, 20]), st.lists(lines, min_size=1, max_size=2).map(tuple)),
    min_size=1, max_size=3, unique_by=lambda step: step[0],
).map(tuple)  # fmt: skip
replies = st.builds(
    Reply,
    st.sampled_from(["start_high_stay_high", "ratchet", "none"]),
    st.sampled_from([None, 0, 3, 10]),
    st.sampled_from([None, None, ("aid", None), ("value == 0", 12)]),
    steps,
)


@examples(40)
@given(replies)
def test_responses(reply: Reply) -> None:
    program = load(reply.text(), "")
    found = analyse_responses(program, search_of(program))
    codes = {each.code for each in found}
    assert "L200" not in codes
    expected = set()
    if reply.posture == "start_high_stay_high" and reply.starts_low():
        expected.add("S401")
    if reply.posture != "none" and reply.lets_up():
        expected.add("S402")
    if reply.lag is not None and reply.gap():
        expected.add("S403")
    assert {code for code in codes if code[0] == "S"} == expected, reply.text()
    for each in found:
        if each.code[0] == "S":
            shows(each, reply)


def shows(finding: Diagnostic, reply: Reply) -> None:
    """The export of the witness, on its day, is treated as the finding says."""
    witness = finding.witness
    assert witness is not None and isinstance(witness["facts"], dict) and witness["event"] == {"kind": "arms"}
    facts, day, sector, member = witness["facts"], witness["day"], str(witness["sector"]), str(witness["member"])
    assert isinstance(day, int) and facts["sector"] == sector

    def level(of: str, on: int) -> int:
        return reply.level(of, sector, facts["value"], facts["aid"], on)

    assert not reply.exempt(facts["value"], facts["aid"], day)
    match finding.code:
        case "S401":
            assert level(member, day) > level(member, 0)
        case "S402":
            assert level(member, day) < level(member, day - 1)
        case _:
            assert level(member, day) < level(str(witness["other"]), day)
