"""One value has one spelling: however a fact is written, every evaluator decides alike, or refuses alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends.loading import imported
from tests.backends.spoil import Both
from tests.core import text

POLICY = """
    enum Region:
        Crimea
        elsewhere

    record Item:
        eccn: Eccn
        hs: HsCode
        name: Text
        region: Region = elsewhere
        day: Date = 2022-02-24

    decision licensing for Item:
        outcomes:
            required
            free
        otherwise free

    rule chips for licensing:
        when eccn within 3A001.a.5
        then required

    rule memory for licensing:
        when hs within HS 8542.32.00
        then required

    rule acme for licensing:
        when name in {"ACME GmbH", "Pacific Ltd", "Роснефть"}
        then required

    rule crimea for licensing:
        when region == Crimea
        then required
"""
FREE = {"eccn": "EAR99", "hs": "8471", "name": "nobody"}


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    interpreter = text.interpreter(POLICY)
    with imported(interpreter.program) as package:
        yield Both(interpreter, package)


@pytest.mark.parametrize(
    "fact",
    [
        {"eccn": "3A001.a.5"},
        {"eccn": "3A001.a.5.b"},
        {"hs": "8542320000"},
        {"hs": "HS 8542.32.00"},
        {"name": "ACME GmbH "},
        {"name": "ACME\u00a0GmbH"},
        {"name": " ACME  GmbH"},
        {"name": "\u0410\u0421\u041c\u0415 GmbH"},
        {"name": "Paci\ufb01c Ltd"},
        {"name": "Po\u0441нефть"},
        {"region": "Crimea"},
    ],
)
def test_every_spelling_of_a_value_decides_alike(both: Both, fact: dict[str, str]) -> None:
    assert both.say("m.licensing", FREE)["outcome"] == "free"
    assert both.say("m.licensing", {**FREE, **fact})["outcome"] == "required"


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        ({"eccn": "3A001.a.05"}, "`eccn`: expected an ECCN such as \"3A001.a\" or \"EAR99\", got \"3A001.a.05\"; "
         "write `3A001.a.5`"),
        ({"eccn": "3a001.a.5"}, "write `3A001.a.5`"),
        ({"eccn": "3A001.a.5 "}, "write `3A001.a.5`"),
        ({"day": "2022-2-24"}, "write `2022-02-24`"),
        ({"day": "2/3/2022"}, "write `2022-02-03` or `2022-03-02`"),
        ({"hs": "8542.3"}, "`hs`: expected an HS code"),
        ({"name": "ACME\u200b GmbH"}, "`name`: expected text without signs that do not show, "
         "got \"ACME\\u200b GmbH\"; delete U+200B"),
        ({"region": "crimea"}, "did you mean `Crimea`?"),
        ({"region": "Cri\u200bmea"}, "did you mean `Crimea`?"),
        ({"region": "Crim\u0435a"}, "did you mean `Crimea`?"),
    ],
)  # fmt: skip
def test_other_spellings_are_refused_with_the_right_one(both: Both, fact: dict[str, str], problem: str) -> None:
    said: Any = both.say("m.licensing", {**FREE, **fact})
    assert len(said["problems"]) == 1
    assert problem in said["problems"][0]


RANGES = """
    record Item:
        eccn: Eccn
        hs: HsCode
        uses: set of Eccn

    set OPTICS: Eccn = {6A004.a.2 to 6A004.a.4}

    decision licensing for Item:
        outcomes:
            required
            free
        otherwise free

    rule tools for licensing:
        when any:
            eccn within {3B001.k to 3B001.n}
            eccn in {9A610 to 9A612}
            eccn in OPTICS
            hs within {HS 8541 to HS 8543}
            uses within {1C351.a.1 to 1C351.a.3} and 1C351.a.1 in uses
        then required
"""


def test_a_range_of_codes_is_each_of_them() -> None:
    interpreter = text.interpreter(RANGES)
    free: dict[str, object] = {"eccn": "EAR99", "hs": "0101", "uses": []}
    with imported(interpreter.program, "ranges") as package:
        both = Both(interpreter, package)

        def outcome(**fact: object) -> object:
            return both.say("m.licensing", {**free, **fact})["outcome"]

        for code in ("3B001.k", "3B001.l.1", "3B001.n", "9A610", "9A611", "9A612", "6A004.a.3"):
            assert outcome(eccn=code) == "required", code
        for code in ("3B001.j", "3B001.o", "3B001", "9A609", "9A611.a", "6A004.a.1", "6A004.a.3.b", "6A004.a.5"):
            assert outcome(eccn=code) == "free", code
        assert [outcome(hs=code) for code in ("8540", "8541", "8542.31", "8544")] == ["free", *["required"] * 2, "free"]
        assert outcome(uses=["1C351.a.1", "1C351.a.3"]) == "required"
        assert outcome(uses=["1C351.a.1", "1C351.a.4"]) == "free"
