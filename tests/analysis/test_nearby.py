"""Where searches leave a statement open, counterexamples are looked for among the inputs of tests, and near them."""

from __future__ import annotations

from datetime import date

import pytest

from comity.analysis import analyse
from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.questions.refuted_proof import RefutedProof
from comity.base.diagnostics import Diagnostic
from comity.core.interpret import Interpreter
from comity.tools.testing import run_tests

from .written import compiled

POLICY = """\
use std.countries: *

enum List:
    entities
    denied

record Somebody:
    country: Country
    lists: set of List

record Case as of day:
    day: Date
    destination: Country
    civil: Bool?
    uses: set of List
    parties: list of Somebody

decision verdict for Case:
    outcomes:
        deny
        free
    otherwise free

{rules}
prove claim for verdict:
    given {given}
    then outcome == deny

test "a case" for verdict:
    given:
        day = 2024-05-05
        destination = FR
        civil = false
        uses = {{}}
        parties = [Somebody(country = DE, lists = {{}})]
    expect free
"""


@pytest.fixture(autouse=True)
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither search settles anything."""

    def give_up(*_: object) -> Witness | None:
        raise Undecided("the search took too many steps")

    monkeypatch.setattr(RefutedProof, "_doubted", give_up)
    monkeypatch.setattr(RefutedProof, "_refuted", give_up)


def found(given: str, rules: str) -> Diagnostic:
    text = POLICY.format(given=given, rules=rules)
    program, errors = compiled(text, {})
    assert program is not None, [each.message for each in errors]
    (said,) = analyse(program, {"L210"})
    if said.test is not None:
        replayed, errors = compiled(text + said.test, {})
        assert replayed is not None, [each.message for each in errors]
        assert {each.status for each in run_tests(Interpreter(replayed)).results} == {"passed"}
    return said


@pytest.mark.parametrize(
    ("given", "rules", "shown"),
    [
        (
            "destination == CU",
            "rule r for verdict:\n    when destination == IR\n    then deny\n",
            {"destination": "CU"},
        ),
        (
            "destination == CU",
            "rule r for verdict:\n    when destination == CU\n    unless civil\n    then deny\n",
            {"destination": "CU", "civil": True},
        ),
        (
            "destination == RU from 2022-02-24",
            "rule r for verdict:\n    from 2022-02-25\n    when destination == RU\n    then deny\n",
            {"destination": "RU", "day": "2022-02-24"},
        ),
        (
            "any p in parties: denied in p.lists",
            "rule r for verdict:\n    when any p in parties: denied in p.lists and p.country == FR\n    then deny\n",
            {"destination": "FR"},
        ),
        (
            "denied in uses",
            "rule r for verdict:\n    when denied in uses and destination != FR\n    then deny\n",
            {"uses": ["denied"]},
        ),
        (
            "destination == FR and entities not in uses",
            "rule r for verdict:\n    when destination == FR and civil\n    then deny\n",
            {"destination": "FR", "uses": []},
        ),
    ],
    ids=["another country", "a flag besides", "one day", "a field of a party", "an element", "the test itself"],
)
def test_a_counterexample_near_a_test(given: str, rules: str, shown: dict[str, object]) -> None:
    said = found(given, rules)
    assert said.code == "L210" and said.witness is not None
    assert {name: said.witness.get(name) for name in shown} == shown


def test_nothing_near_tests_leaves_the_statement_open() -> None:
    said = found("destination == CU", "rule r for verdict:\n    when destination == CU\n    then deny\n")
    assert (said.code, said.witness) == ("L200", None)
    assert said.message == "it is not settled whether `claim` holds: the search took too many steps"


def test_a_counterexample_near_one_that_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the search finds is undetermined after all: a fact that nobody knows in it is settled."""
    facts = {
        "day": date(2024, 5, 5), "destination": "CU", "civil": None, "uses": frozenset({"denied"}), "parties": ()
    }  # fmt: skip
    monkeypatch.setattr(RefutedProof, "_refuted", lambda *_: Witness({}, facts))
    said = found(
        "destination == CU and denied in uses",
        "rule r for verdict:\n    when destination == CU and parties == []\n    unless civil\n    then deny\n"
        "rule s for verdict:\n    when destination == CU and any p in parties: true\n    then deny\n",
    )
    assert said.code == "L210" and said.witness is not None
    assert (said.witness["destination"], said.witness["civil"]) == ("CU", True)
