"""A party that is only known with the arguments or the facts: its countries and its territory, by every evaluator."""

from __future__ import annotations

import pytest

from comity.core.predicates import AgreementPredicates
from tests.backends.loading import imported
from tests.core.text import interpreter as program_of
from tests.reciprocity.support import countries, findings, load

TEXT = """
use std.countries: *

party A = {US, CA}
party B = {RU}:
    territory {KAL, RU}
zone KAL in RU "exclave"

record Missile:
    acts deploy
    place: Place
    keeper: Party
    distance_to: Length per Party

record Stock as of date:
    date: Date
    place: Place
    keeper: Party?

define inside(spot: Place, side: Party): spot within side
define belongs(country: Country, side: Party): country in side or any c in side: c == country

agreement x between A, B:
    commitment abroad by each party:
        shall not deploy Missile
        when inside(place, other)
    commitment kept by each party:
        shall not deploy Missile
        when place within keeper and distance_to[keeper] < 5 km

decision allowed for Stock:
    outcomes:
        refused
        granted
    otherwise granted

rule at_home for allowed:
    when place not within keeper
    then refused

rule in_canada for allowed:
    when belongs(CA, keeper) and place == CA
    then granted
"""


def act(party: str, place: str, keeper: str, far: str = "9 km") -> dict[str, object]:
    facts = {"place": place, "keeper": keeper, "distance_to": {"A": "1 km", "B": far}}
    return {"verb": "deploy", "party": party, "date": "2022-01-01", "act": facts}


@pytest.mark.parametrize(
    ("party", "place", "keeper", "breached"),
    [
        ("A", "KAL", "A", ["abroad"]),
        ("A", "CA", "B", []),
        ("B", "CA", "A", ["abroad", "kept"]),
        ("B", "KAL", "B", []),
        ("A", "CA", "A", ["kept"]),
    ],
)
def test_acts(party: str, place: str, keeper: str, breached: list[str]) -> None:
    program = load(TEXT, "")
    reference = AgreementPredicates(program, program.program.agreements["m.x"])
    given = act(party, place, keeper)
    assert sorted(set(reference.breached(given))) == breached
    with imported(program.program) as package:
        assert sorted(set(package.x.breached(given))) == breached


@pytest.mark.parametrize(
    ("place", "keeper", "outcome"),
    [
        ("KAL", "B", "granted"),
        ("KAL", "A", "refused"),
        ("CA", "A", "granted"),
        ("UA", None, "refused"),
        ("CA", None, None),
    ],
)
def test_decisions(place: str, keeper: str | None, outcome: str | None) -> None:
    program = load(TEXT, "")
    facts = {"date": "2022-01-01", "place": place, "keeper": keeper}
    assert program.decide_json("m.allowed", facts).outcome == outcome
    with imported(program.program) as package:
        assert package.allowed.decide(facts).outcome == outcome


WORD = """
define inside(spot: Place, side: Party): spot within side
"""


def test_a_name_that_two_modules_give_to_different_parties_is_unknown() -> None:
    """In a module that sees neither, it is not said which of them is meant."""
    parties = "use std.countries: *\n\nparty {} = {{{}}}\n"
    record = """
use word: *
record R as of date:
    date: Date
    keeper: Party
decision d for R:
    outcomes:
        yes
        never
    otherwise never
rule r for d:
    when inside({}, keeper)
    then yes
"""
    program = program_of(
        parties.format("A", "US") + record.format("US"),
        **{"word": WORD, "other": parties.format("A", "RU") + "party B = {RU}\n", "std.countries": countries()},
    )
    facts = {"date": "2022-01-01", "keeper": "A"}
    assert not program.decide_json("m.d", facts).determined
    assert program.decide_json("m.d", {**facts, "keeper": "B"}).outcome == "never"


def test_what_is_found_of_a_party_in_the_facts_names_a_party() -> None:
    program = load(TEXT.replace("commitment kept by each party", "commitment kept by A"), "")
    found = [d for d in findings(program) if d.code not in ("R307",)]
    assert found == []
    program = load(
        TEXT.replace(
            "5 km\n\ndecision",
            """5 km
    commitment left by A:
        may deploy Missile when keeper == B and distance_to[keeper] < 3 km

decision""",
        ),
        "",
    )
    found = [d for d in findings(program) if d.code != "R307"]
    assert [(d.code, d.subjects) for d in found] == [("R304", ("left", "abroad")), ("R304", ("left", "kept"))]
    for each in found:
        assert each.witness is not None and each.witness["act"]["keeper"] == "B"  # type: ignore[index]
