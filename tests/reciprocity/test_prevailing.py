"""`prevails over`: what a clause that prevails excuses, within an agreement and between agreements in force."""

from __future__ import annotations

import pytest

from tests.backends.loading import imported
from tests.reciprocity.support import Log, act, load

PACTS = """
party C = {{CN}}

record Ship:
    acts board
    tonnes: Int?

agreement sea between A, B, C:
    status in_force from 2000-01-01
    {below}

    commitment passage by each party:
        shall not board Ship
        {yields}

    commitment drills by A toward B:
        {drills}
        prevails over passage

agreement sanctions between {between}:
    status {status}
    {above}

    commitment inspection by {by}:
        {inspection}
        {clause}
"""


USUAL = {
    "between": "B, A",
    "status": "in_force from 2030-01-01",
    "above": "prevails over sea",
    "by": "each party",
    "clause": "",
    "drills": "may board Ship when tonnes < 10",
    "inspection": "may board Ship when tonnes < 100",
    "below": "",
    "yields": "",
}


def breaches(day: str, party: str = "A", tonnes: int | None = 50, other: str | None = "B", **how: str) -> str:
    """What one act is: a breach, none, or perhaps one; the interpreter and a built package agree."""
    text = PACTS.format(**USUAL | how)
    towards: dict[str, object] = {"other": other} if other else {}
    program = load(text)
    done = act(1, day, party, "board", "Ship", tonnes=tonnes, **towards)
    log = Log(program, [done])
    found = [[name for name, *_ in each] for each in (log.breaches(day), log.undetermined(day))]
    said = "breach" if "passage" in found[0] else "perhaps" if "passage" in found[1] else "none"
    with imported(program.program) as package:
        asked = {"verb": "board", "date": day, "act": {"tonnes": tonnes}, **towards}
        try:
            built = "breach" if package.sea.passage(asked, party) else "none"
        except package.Undetermined:
            built = "perhaps"
    assert built == said
    return said


def test_an_agreement_in_force_excuses_from_its_day() -> None:
    assert [breaches(day) for day in ("2029-12-31", "2030-01-01")] == ["breach", "none"]
    assert breaches("2030-01-01", tonnes=100) == "breach"
    assert breaches("2030-01-01", tonnes=None) == "perhaps"
    assert breaches("2030-01-01", party="CA", other="RU") == "none"


@pytest.mark.parametrize("status", ["proposed", "signed", "suspended", "terminated", "terminated from 2029-01-01"])
def test_what_is_not_in_force_excuses_nothing(status: str) -> None:
    assert breaches("2030-01-01", status=status) == "breach"


def test_an_agreement_excuses_only_towards_its_parties() -> None:
    assert breaches("2030-01-01", other="C") == "breach"
    assert breaches("2030-01-01", other=None) == "breach", "it is owed to C too"
    assert breaches("2030-01-01", other=None, between="A, B, C") == "none"
    assert breaches("2030-01-01", party="C", other="A") == "breach"


def test_only_the_owner_of_a_permission_is_excused() -> None:
    assert breaches("2030-01-01", by="B") == "breach"
    assert breaches("2030-01-01", by="B", party="B", other="A") == "none"
    assert breaches("2030-01-01", by="each member of A", party="US") == "none"
    assert breaches("2030-01-01", by="each member of A") == "breach", "an act of all of A"


def test_a_commitment_may_prevail_alone_and_over_one_commitment() -> None:
    assert breaches("2030-01-01", above="") == "breach"
    for over in ("sea", "sea.passage"):
        assert breaches("2030-01-01", above="", clause=f"prevails over {over}") == "none"
        assert breaches("2030-01-01", above=f"prevails over {over}") == "none"
    assert breaches("2030-01-01", above="prevails over sea.drills") == "breach"


def test_where_each_prevails_neither_does() -> None:
    for over in ("sanctions", "sanctions.inspection"):
        assert breaches("2030-01-01", below=f"prevails over {over}") == "breach"
        assert breaches("2030-01-01", yields=f"prevails over {over}") == "breach"
    assert breaches("2010-01-01", tonnes=5) == "none"
    assert breaches("2010-01-01", tonnes=5, yields="prevails over drills") == "breach"


def test_a_window_of_the_permission_counts() -> None:
    assert breaches("2030-01-01", clause="until 2030-01-01") == "none"
    assert breaches("2030-01-02", clause="until 2030-01-01") == "breach"


def test_what_depends_on_states_that_the_log_does_not_tell_is_open() -> None:
    assert breaches("2030-01-01", clause="binding when inspection is accepted") == "perhaps"
    assert breaches("2030-01-01", clause="suspended while inspection is breached") == "perhaps"
    assert breaches("2030-01-01", tonnes=100, clause="suspended while inspection is breached") == "breach"


def test_a_permission_towards_one_side_excuses_nothing_owed_to_another() -> None:
    """`drills` is by A toward B; C was owed the same, and is no party to it."""
    assert breaches("2010-01-01", tonnes=5, other="B") == "none"
    assert breaches("2010-01-01", tonnes=5, other="C") == "breach"
    assert breaches("2010-01-01", tonnes=5, other=None) == "breach"


@pytest.mark.parametrize(
    ("number", "said"),
    [("at least 3", "none"), ("exactly 3", "none"), ("at least 0", "breach"), ("at most 3", "breach")],
)
def test_a_number_that_must_be_reached_excuses_as_a_duty_does(number: str, said: str) -> None:
    demanded = f"shall board {number} Ship per calendar year when tonnes < 60"
    assert breaches("2030-02-01", inspection=demanded) == said
    assert breaches("2030-02-01", inspection=demanded, tonnes=60) == "breach"
    assert breaches("2029-12-31", inspection=demanded) == "breach"
    assert breaches("2010-02-01", drills=demanded) == said
    assert breaches("2010-02-01", drills=demanded, other="C") == "breach"
