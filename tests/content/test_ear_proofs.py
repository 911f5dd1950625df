"""The `prove` statements of the EAR, tried on random transactions that meet what each is given.

The proof engine settles them for all inputs; this asks the interpreter, which knows nothing of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from tests.content.transactions import EAR, Facts, Transactions

from comity.checked.ast import Prove
from comity.core.interpret import Interpreter
from comity.driver import load_program

TRIES = 150

DENIED_OR_LISTED = {
    "denied_person_gets_nothing": "denial_order",
    "listed_party_needs_a_license": "entity_listed",
}

# Where a statement speaks of few transactions, most of those drawn are made such: a path, and what stands there.
FOCUS: Mapping[str, Mapping[str, Sequence[object]]] = {
    "no_exception_for_iran": {"destination": ["IR"]},
    "embargo_of_cuba": {"destination": ["CU"]},
    "embargo_of_north_korea": {"destination": ["KP"]},
    "embargo_of_syria": {"destination": ["SY"]},
    "embargo_of_occupied_regions": {"destination": ["UA"], "occupied_region": ["crimea", "donetsk_luhansk"]},
    "chips_to_russia": {"destination": ["RU"], "civil_partner_company": [False]},
    "series_600_to_d5": {"destination": ["BY", "CN", "CU", "HK", "IQ", "LB", "MM", "NI", "RU", "SY", "VE", "ZW"]},
    "y_paragraphs_to_china": {"destination": ["CN", "HK", "RU", "VE"]},
    "marked_is_required": {"considered": [[]]},
}


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter(load_program([EAR]))


PROOFS = {prove.qname.rpartition(".")[2]: prove for prove in load_program([EAR]).proves.values()}


def drawn(name: str, draw: Transactions) -> Facts:
    """A transaction that the statement may speak of; every exception that is considered is found to be met."""
    facts = draw.export()
    pick = draw.random
    item = facts["item"]
    parties = facts["parties"]
    assert isinstance(item, dict) and isinstance(parties, list)
    facts |= {path: pick.choice(values) for path, values in FOCUS.get(name, {}).items()}
    if name in {"series_600_to_d5", "y_paragraphs_to_china"}:
        item["eccn"] = pick.choice([code for code in draw.codes if code[2:3] == "6"])
    if name in DENIED_OR_LISTED:
        parties[0]["lists"] = [DENIED_OR_LISTED[name]]
    if name != "marked_is_required" and pick.random() < 0.5:
        facts["considered"] = pick.sample(draw.enums["LicenseException"], 2)
    if pick.random() < 0.7:
        facts["shipped_from"] = "US"
    return {**facts, "findings": {"other_exception": True, "sta_with_conditions": True}}


def known(interpreter: Interpreter, prove: Prove, facts: Facts) -> dict[str, object]:
    """The facts as values, without counsel's findings."""
    record = interpreter.program.decisions[prove.decision].record
    decoded = interpreter.decoder(record)({name: each for name, each in facts.items() if name != "findings"})
    assert isinstance(decoded.value, dict)
    return decoded.value


@pytest.mark.parametrize("name", PROOFS)
def test_no_random_transaction_refutes_it(interpreter: Interpreter, name: str) -> None:
    prove = PROOFS[name]
    draw = Transactions(sum(map(ord, name)))
    met = 0
    for _ in range(TRIES):
        facts = drawn(name, draw)
        values = known(interpreter, prove, facts)
        day = values["date"]
        assert isinstance(day, date)
        if prove.given is not None and interpreter.evaluate(prove.given, {"this": values}, day) is not True:
            continue
        met += 1
        for outcome in interpreter.decide_json(prove.decision, facts).possible:
            assert interpreter.evaluate(prove.then, {"this": values, "outcome": outcome}, day), (outcome, facts)
    assert met >= TRIES // 15, "the statement speaks of few of the transactions drawn"
