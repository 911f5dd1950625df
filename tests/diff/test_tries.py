"""Inputs tried one by one: those of which nothing can have changed do not use up the number that may be decided."""

from __future__ import annotations

from collections.abc import Mapping

from comity.analysis.versions.values import Seen, Tries
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import BOOL, INT, Field, RecordType

CASE = RecordType("m", "Case", (Field("n", INT),))


def test_only_what_may_differ_is_decided() -> None:
    decided: list[object] = []

    def look(facts: Mapping[str, object]) -> Seen:
        decided.append(facts["n"])
        return Seen(None, None)

    seeds = ({"n": number} for number in range(25))
    Tries(CASE, look, lambda facts: facts["n"] == 24, most=9).run(seeds, {}, (), ())
    assert decided == [24], "with three to decide, it would not be reached"


def test_there_is_an_end_to_it() -> None:
    asked: list[object] = []

    def may_differ(facts: Mapping[str, object]) -> bool:
        asked.append(facts["n"])
        return False

    seeds = ({"n": number} for number in range(1_000))
    Tries(CASE, lambda _: Seen(None, None), may_differ, most=9).run(seeds, {}, (), ())
    assert len(asked) == 30


OPEN = RecordType("m", "Open", tuple(Field(name, BOOL, optional=True) for name in "abcd"))


def test_what_shows_a_change_is_varied_in_several_facts_at_once() -> None:
    """An answer that stays open between other outcomes where three facts are unknown is another kind of change."""

    def look(facts: Mapping[str, object]) -> Seen:
        unknown = sum(facts[name] is None for name in "abcd")
        return Seen("rule", None if facts["a"] is False else min(unknown, 3))

    tries = Tries(OPEN, look, lambda _: True, most=900)
    tries.run([dict.fromkeys("abcd", False)], {}, (), ())
    assert {key[1] for key in tries.changed if isinstance(key, tuple)} == {0, 1, 2, 3} and tries.looked < 900
    again = Tries(OPEN, look, lambda _: True, most=900)
    again.run([dict.fromkeys("abcd", False)], {}, (), ())
    assert again.changed == tries.changed, "what is drawn by chance is the same each time"


def test_what_counsel_is_asked_is_answered() -> None:
    def look(facts: Mapping[str, object]) -> Seen:
        return Seen("rule", facts.get(FINDINGS) == {"r": True} or None)

    def answered(facts: Mapping[str, object]) -> list[Mapping[str, object]]:
        return [{**facts, FINDINGS: {"r": answer}} for answer in (False, True)]

    tries = Tries(CASE, look, lambda _: True, 30, answered)
    tries.run([{"n": 1}], {}, (), ())
    assert [(key, facts[0]) for key, facts in tries.changed.items()] == [
        (("rule", True), {"n": 1, FINDINGS: {"r": True}})
    ]
