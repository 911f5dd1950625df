"""Inputs tried one by one: those of which nothing can have changed do not use up the number that may be decided."""

from __future__ import annotations

from collections.abc import Mapping

from comity.analysis.versions.values import Seen, Tries
from comity.runtime.types import INT, Field, RecordType

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
