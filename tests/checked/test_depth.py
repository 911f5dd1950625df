"""What may be parsed can be checked: as deep as the parser allows, and as long as anyone likes."""

from __future__ import annotations

import re

import pytest

from comity.surface.depth import DEEPEST

from .support import Checked

LEVELS = DEEPEST - 12
"""What stands around the nest counts as well."""


@pytest.mark.parametrize(
    "body",
    [
        "    " + "not " * LEVELS + "true",
        "    " + "(true or (true and " * (LEVELS // 2) + "true" + "))" * (LEVELS // 2),
        "\n".join("    " * (n + 1) + ("all:" if n % 2 else "none:") for n in range(LEVELS // 2 - 1))
        + "\n"
        + "    " * (LEVELS // 2)
        + "true",
        "    " + "round_up(" * (LEVELS // 2) + "1" + ")" * (LEVELS // 2) + " == 1",
    ],
    ids=["not", "and-or", "blocks", "calls"],
)
def test_depth(body: str) -> None:
    assert Checked(f"define x for Export:\n{body}").found == []


def test_length() -> None:
    chain = "\n".join(f"define d{n} for Export:\n    d{n + 1}" for n in range(100))
    last = "define d100 for Export:\n    " + " and ".join(["true"] * 2000)
    assert Checked(f"{chain}\n{last}").found == []
    circle = "\n".join(f"define d{n} for Export:\n    d{(n + 1) % 2000}" for n in range(2000))
    assert [d.code for d in Checked(circle).found] == ["E011"]


LONG = {
    "definitions": "define d{n} for Export:\n    d{m} and count_of_items != {n}",
    "parameters": "define d{n}(a: Int):\n    d{m}(a + 1)",
    "values": "define d{n} for Export -> Int:\n    d{m} + 1 when count_of_items > {n}\n    0 otherwise",
    "sets": "set d{n}: Country =\n    d{m}\n    + {{BY}} from 2022-01-01",
    "decisions": "decision d{n} for Export:\n    outcomes:\n        a{n}\n        b{n}\n    otherwise b{n}\n"
    "rule r{n} for d{n}:\n    when d{m} == a{m}\n    then a{n}",
}
FIRST = {
    "definitions": "define d0 for Export:\n    true",
    "parameters": "define d0(a: Int):\n    a > 1",
    "values": "define d0 for Export -> Int:\n    1",
    "sets": "set d0: Country = {RU}",
    "decisions": "decision d0 for Export:\n    outcomes:\n        a0\n        b0\n    otherwise b0",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_chain_that_is_too_long_is_told_once_where_it_gets_so(kind: str) -> None:
    chain = [FIRST[kind]] + [LONG[kind].format(n=n, m=n - 1) for n in range(1, 2000)]
    checked = Checked("\n".join(chain))
    (found,) = checked.found
    assert found.code == "E015"
    name = checked.underlined(found)
    assert re.fullmatch(f"`{name}` rests on [0-9]+ others, one on the other: that is too deep", found.message)
    fine = int(name[1:])
    assert fine > (50 if kind == "decisions" else 80)
    assert Checked("\n".join(chain[:fine])).found == []


def test_what_nests_by_itself_may_be_too_deep() -> None:
    asked = "".join(f"any p{n} in parties: " for n in range(LEVELS))
    (found,) = Checked(f"define x for Export:\n    {asked}true\ndefine y for Export:\n    x").found
    assert found.message == "`x` is one condition within the other: that is too deep"
