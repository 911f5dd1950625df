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
