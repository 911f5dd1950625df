"""The days of an input as cells: which rules leave no day to others, and between which breaks days are looked for."""

from __future__ import annotations

import pytest

from comity.analysis import analyse
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Study
from comity.analysis.questions.gaps import Gap, breaks
from comity.analysis.questions.timelines import Timeline, timelines
from comity.analysis.space.boxes import Box
from tests.core.text import interpreter

DECISION = """
    record R as of date:
        n: Int
        date: Date

    decision d for R:
        outcomes:
            a
            b
            c
        otherwise c

"""


def timeline(rules: str) -> Timeline:
    made = interpreter(DECISION + rules)
    decision = made.program.decisions["m.d"]
    study = Study(made, decision.record)
    search = DecisionSearch(study, decision)
    study.settle()
    (found,) = timelines(search)
    return found


RULES = """
    rule base for d:
        when n > 0
        then a

    rule exception_to_it for d:
        exception to base
        when n > 1
        then b

    rule taken_away for d:
        when n > 2
        then a

    rule taken_away_by_that for d:
        when n > 3
        then a

    rule away for d:
        disapplies taken_away
        from 2024-01-01
        when n > 4
        then b

    rule silent for d:
        disapplies taken_away_by_that
        when n > 5
"""


def test_a_rule_that_is_disapplied_leaves_no_day_to_silence() -> None:
    """The rule that disapplies it speaks in its place, unless it says nothing itself."""
    found = timeline(RULES)
    outspoken = {rule.name for rule in found.search.rules if found.outspoken >> rule.number & 1}
    assert outspoken == {"base", "taken_away", "away"}


def test_what_speaks_on_all_days_has_no_breaks() -> None:
    """It does not cease where another takes its place; without that it would be searched around each of its days."""
    found = timeline(RULES)
    number = {rule.name: rule.number for rule in found.search.rules}
    assert list(breaks(found, number["taken_away"], after=True)) == []
    assert [each.cell for each in breaks(found, number["away"], after=False)] == [1]


LISTS = """
    set BLOC: Land =
        {A, B} from 2020-01-01
        - {B} from 2022-03-01

    enum Land:
        A
        B
        C

    record P:
        land: Land
        amount: Int

    record R as of date:
        ps: list of P
        date: Date
        always count(p in ps) <= 3

    decision d for R:
        outcomes:
            a
            b
        otherwise b

    rule before for d:
        until 2021-12-31
        when sum(p.amount for p in ps where p.land in BLOC) > 5
        then a

    rule after for d:
        from 2023-01-01
        when sum(p.amount for p in ps where p.land in BLOC) > 7
        then a
"""


def test_parts_of_an_input_say_nothing_of_what_changes_with_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many owners are in a set on one day is no fact of an input on all days: parts that say so are searched for
    nothing.
    """
    looked_at: list[Box] = []
    witness = Gap._witness

    def note(gap: Gap, region: Box) -> object:
        changing = {gap.day.number, *gap.timeline.moving, *gap.timeline._daily.conditions}
        assert changing.isdisjoint(region)
        looked_at.append(region)
        return witness(gap, region)

    monkeypatch.setattr(Gap, "_witness", note)
    (found,) = [each for each in analyse(interpreter(LISTS).program) if each.code == "L213"]
    assert found.days == (("2022-01-01", "2022-12-31"),)
    assert 0 < len(looked_at) < 5
