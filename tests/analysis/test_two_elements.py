"""Two elements in one condition: of one list, or of two. Each question is answered, or L200 says why it is not."""

from __future__ import annotations

import pytest

from comity.analysis import analyse
from tests.core.text import interpreter

FLEET = """
    enum Port ordered:
        PORTS

    record Ship:
        home: Port
        armed: Bool
        crew: Int
        guns: Int
        decks: Int
        code: Eccn
NUMBERS

    record Voyage:
        ships: list of Ship
        ports: list of Port
        codes: list of Eccn

    decision passage for Voyage:
        outcomes:
            refused
            free
        otherwise free

    rule stopped for passage:
        when LINE
        then refused

    rule passes for passage:
        when any s in ships: not s.armed
        then free
"""
MANY = " and ".join(f"(t.n{n} > {n} or t.n{(n + 3) % 8} < {n} or t.n{(n + 5) % 8} == {n})" for n in range(8))
"""A condition of so many cases that it stands as an axis of its own."""


def found(line: str, ports: int = 3) -> dict[str, list[str]]:
    policy = FLEET.replace("LINE", line).replace("PORTS", "\n        ".join(f"P{n}" for n in range(ports)))
    policy = policy.replace("NUMBERS", "\n".join(f"        n{n}: Int" for n in range(8)))
    messages: dict[str, list[str]] = {}
    for each in analyse(interpreter(policy).program):
        messages.setdefault(each.code, []).append(each.message)
    return messages


@pytest.mark.parametrize(
    "of_another",
    [
        "t.crew + t.guns > 3",
        "t.crew * t.guns > 3",
        "t.crew == t.guns",
        "t.crew / 2 + 1 == t.decks and t.guns == 3",
        MANY,
        f"not ({MANY})",
        "t.home in {P0, P1} and t.crew - t.guns > 1",
        "s.crew == 4 and t.crew + t.guns == 9",
    ],
)
def test_a_second_element_of_a_list_is_asked_what_the_first_could_be(of_another: str) -> None:
    """It contradicts the other rule, and the witness was decided; nothing is left open."""
    assert found(f"any s in ships: s.armed and any t in ships: {of_another}").keys() == {"L201"}


@pytest.mark.parametrize("of_another", ["t.crew + t.guns > t.guns + t.crew", f"({MANY}) and t.crew < 0 and t.crew > 0"])
def test_what_no_second_element_is(of_another: str) -> None:
    assert "L202" in found(f"any s in ships: s.armed and any t in ships: {of_another}")


@pytest.mark.parametrize("ports", [3, 60])
@pytest.mark.parametrize(
    "line",
    [
        "any s in ships: any p in ports: s.home == p",
        "any p in ports: any s in ships: s.home < p",
        "(any s in ships: any p in ports: s.home < p) and (any s in ships: no p in ports: s.home < p)",
        "any s in ships: any t in ships: s.home != t.home and s.armed",
        "(any s in ships: any p in ports: s.home == p) and (any s in ships: no p in ports: s.home == p)",
        "(all s in ships: any p in ports: s.home == p) and (any s in ships: s.armed)",
        "any s in ships: any c in codes: s.code within c",
        "any s in ships: any t in ships: s.code within t.code and s.code != t.code",
        "any s in ships: any t in ships: s.crew > t.crew",
        "any s in ships: count(t in ships where t.crew > s.crew) > 1",
    ],
)
def test_elements_compared_with_elements_are_answered_or_left_open(line: str, ports: int) -> None:
    """All of these can hold: none is said to be impossible, and where that is not shown, L200 says why."""
    messages = found(line, ports)
    assert "L202" not in messages and "L211" not in messages
    left = [message.partition(": ")[2] for message in messages.get("L200", ())]
    assert not [why for why in left if "failed" in why or "#" in why]
    assert all(why.startswith(("elements of ", "`s", "`t")) for why in left), left
    assert left or "L201" in messages
