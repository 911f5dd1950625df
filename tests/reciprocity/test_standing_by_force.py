"""Random agreements under random logs, against an evaluation that goes through the days one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.reciprocity.small import RECORD, SIDE, Condition, Facts, Truth, all_of, conditions, every_act, not_
from tests.reciprocity.support import Log, act, event, load
from tests.strategies import examples

HEAD = """
use std.countries: *

party A = {US, CA}
party B = {RU}
"""
MEMBERS = {"A": ("US", "CA"), "B": ("RU",)}
ACTS = list(every_act())
DAYS = ["2021-03-01", "2021-03-02", "2021-12-31", "2022-01-01", "2022-03-01"]


@dataclass(frozen=True)
class Commitment:
    """``who``: A, B, each party, or each member of A. ``rule``: not, may, held (at most 2), done (at most 1 a year)."""

    who: str
    rule: str
    verbs: tuple[str, ...]
    when: Condition
    waits: bool

    def text(self, number: int) -> str:
        verbs = " or ".join(self.verbs)
        rule = {
            "not": f"shall not {verbs} Act",
            "may": f"may {verbs} Act",
            "held": f"shall {verbs} at most 2 Act",
            "done": f"shall {verbs} at most 1 Act per calendar year",
        }[self.rule]
        lines = [f"    commitment c{number} by {self.who}:", f"        {rule} when {self.when.text()}"]
        if self.rule == "may":
            lines.append("        prevails over c0")
        if self.waits:
            lines.append("        binding when c0 is accepted")
        return "\n".join(lines) + "\n"

    def clauses(self) -> list[tuple[str, str, str | None]]:
        """(owner, other, member)."""
        match self.who:
            case "each party":
                return [("A", "B", None), ("B", "A", None)]
            case "each member of A":
                return [("A", "B", "CA"), ("A", "B", "US")]
            case owner:
                return [(owner, "B" if owner == "A" else "A", None)]


class Naive:
    """What the log makes of the commitments; ``found`` is (commitment, who, event id, certain)."""

    def __init__(self, commitments: Sequence[Commitment], in_force: bool, events: Sequence[dict[str, Any]]) -> None:
        self.commitments, self.in_force = commitments, in_force
        self.events = sorted({e["id"]: e for e in events}.values(), key=lambda e: (e["date"], e["id"]))
        self.found: list[tuple[str, str, str, Truth]] = []
        counted: dict[tuple[int, int], list[tuple[dict[str, Any], Truth]]] = {}
        current: dict[tuple[int, int], Truth] = {}
        for day in sorted({e["date"] for e in self.events}):
            touched: dict[tuple[int, int], str] = {}
            for e in self.events:
                if e["date"] != day or e["kind"] != "act":
                    continue
                for n, commitment in enumerate(commitments):
                    for m, clause in enumerate(commitment.clauses()):
                        truth = all_of([self.reaches(n, clause, e), self.bound(n, clause, day)])
                        if commitment.rule == "may" or truth is False:
                            continue
                        if n == 0:
                            truth = all_of([truth, not_(self.excused(clause, e, day))])
                        if truth is False:
                            continue
                        if commitment.rule == "not":
                            self.note(n, clause, e["id"], truth)
                            continue
                        acts = counted.setdefault((n, m), [])
                        acts.append((e, truth))
                        if commitment.rule == "held":
                            touched[n, m] = e["id"]
                        else:
                            year = [each for each in acts if each[0]["date"][:4] == day[:4]]
                            self.note(n, clause, e["id"], all_of([truth, self.over(year, 1)]))
            for (n, m), last in touched.items():
                wrong = self.over(counted[n, m], 2)
                if current.get((n, m), False) is not wrong:
                    current[n, m] = wrong
                    self.note(n, commitments[n].clauses()[m], last, wrong)

    def note(self, number: int, clause: tuple[str, str, str | None], event_id: str, truth: Truth) -> None:
        if truth is not False:
            self.found.append((f"c{number}", clause[2] or clause[0], event_id, truth))

    @staticmethod
    def over(acts: Sequence[tuple[dict[str, Any], Truth]], limit: int) -> Truth:
        sure = sum(truth is True for _, truth in acts)
        return True if sure > limit else None if len(acts) > limit else False

    def accepted(self, number: int, party: str, member: str | None, day: str) -> bool:
        who = {
            e["party"]
            for e in self.events
            if e["kind"] == "acceptance" and e["date"] <= day and e.get("commitment") in (None, f"c{number}")
        }
        return self.in_force or party in who or member in who or set(MEMBERS[party]) <= who

    def bound(self, number: int, clause: tuple[str, str, str | None], day: str) -> Truth:
        owner, _, member = clause
        if not self.commitments[number].waits:
            return self.accepted(number, owner, member, day)
        about = self.commitments[0].clauses()
        own = [each for each in about if each[0] == owner]
        return any(self.accepted(0, each[0], each[2], day) for each in own or about)

    def reaches(self, number: int, clause: tuple[str, str, str | None], e: dict[str, Any]) -> Truth:
        owner, other, member = clause
        commitment = self.commitments[number]
        theirs = (owner, member) if member else (owner, *MEMBERS[owner])
        if e["verb"] not in commitment.verbs or e["party"] not in theirs:
            return False
        if "other" in e and e["other"] not in (other, *MEMBERS[other]):
            return False
        return commitment.when.holds(ACTS[e["number"]], owner, other)

    def excused(self, clause: tuple[str, str, str | None], e: dict[str, Any], day: str) -> Truth:
        found: list[Truth] = [False]
        for n, commitment in enumerate(self.commitments):
            if commitment.rule == "may":
                for each in commitment.clauses():
                    if each[0] == clause[0]:
                        found.append(all_of([self.reaches(n, each, e), self.bound(n, each, day)]))
        return not_(all_of([not_(truth) for truth in found]))


verbs = st.sampled_from([("do",), ("undo",), ("do", "undo")])
whos = st.sampled_from(["A", "B", "each party", "each member of A"])
rules = st.sampled_from(["not", "not", "held", "done", "may"])
commitments = st.lists(
    st.builds(Commitment, whos, rules, verbs, conditions, st.booleans()),
    min_size=0,
    max_size=3,
)
first = st.builds(Commitment, whos, st.sampled_from(["not", "held", "done"]), verbs, conditions, st.just(False))


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 7))):
        day = draw(st.sampled_from(DAYS))
        if draw(st.integers(0, 3)) == 0:
            party = draw(st.sampled_from(["A", "B", "US", "CA", "RU"]))
            more = {"commitment": "c0"} if draw(st.booleans()) else {}
            events.append(event(number, day, "acceptance", party, **more))
        else:
            chosen = draw(st.integers(0, len(ACTS) - 1))
            party = draw(st.sampled_from(["A", "B", "US", "CA", "RU"]))
            others = ["A", "US"] if SIDE[party] == "B" else ["B", "RU"]
            more = {"other": draw(st.sampled_from(others))} if draw(st.booleans()) else {}
            made = act(number, day, party, draw(st.sampled_from(["do", "undo"])), "Act", **more)
            events.append({**made, "facts": dict(ACTS[chosen]), "number": chosen})
    return events


def as_json(e: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in e.items() if key != "number"}


def facts_are_json(facts: Facts) -> bool:
    return all(value is None or isinstance(value, bool | int | str | dict) for value in facts.values())


@examples(80)
@given(first, commitments, st.booleans(), logs())
def test_standing(one: Commitment, more: list[Commitment], in_force: bool, log: list[dict[str, Any]]) -> None:
    assert facts_are_json(ACTS[0])
    every = [one, *more]
    # An act that no commitment speaks of is refused by the reader, as it should be.
    spoken = {verb for commitment in every for verb in commitment.verbs}
    log = [e for e in log if e["kind"] != "act" or e["verb"] in spoken]
    # So is an acceptance of what the party does not owe.
    log = [e for e in log if "commitment" not in e or SIDE[e["party"]] in {owner for owner, _, _ in one.clauses()}]
    status = "in_force from 2020-01-01" if in_force else "proposed"
    text = f"agreement x between A, B:\n    status {status}\n\n"
    text += "\n".join(commitment.text(number) for number, commitment in enumerate(every))
    found = Log(load(RECORD + text, HEAD), [as_json(e) for e in log]).standing
    naive = Naive(every, in_force, log)
    for truth, breaches in ((True, found.breaches), (None, found.undetermined)):
        expected = {(name, who, event_id) for name, who, event_id, told in naive.found if told is truth}
        assert {(b.commitment, b.party, b.event) for b in breaches} == expected, text
