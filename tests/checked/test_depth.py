"""What may be parsed can be checked: as deep as the parser allows, and as long as anyone likes."""

from __future__ import annotations

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
        "    " + "".join(f"any p{n} in parties: " for n in range(LEVELS)) + "true",
        "\n".join("    " * (n + 1) + ("all:" if n % 2 else "none:") for n in range(LEVELS // 2 - 1))
        + "\n"
        + "    " * (LEVELS // 2)
        + "true",
        "    " + "round_up(" * (LEVELS // 2) + "1" + ")" * (LEVELS // 2) + " == 1",
    ],
    ids=["not", "and-or", "quantifiers", "blocks", "calls"],
)
def test_depth(body: str) -> None:
    assert Checked(f"define x for Export:\n{body}").found == []


def test_length() -> None:
    chain = "\n".join(f"define d{n} for Export:\n    d{n + 1}" for n in range(2000))
    last = "define d2000 for Export:\n    " + " and ".join(["true"] * 2000)
    assert Checked(f"{chain}\n{last}").found == []
    circle = chain + "\ndefine d2000 for Export:\n    d0"
    assert [d.code for d in Checked(circle).found] == ["E011"]
