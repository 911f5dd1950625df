"""The `prove` statements of the EAR: proved for all inputs, and tried besides.

They are tried on random transactions that meet what each is given: this asks the interpreter, which knows nothing of
the engine.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests import shared
from tests.content.transactions import EAR, OTHERS, Facts, Transactions

from comity.analysis import analyse
from comity.core.ast import Prove
from comity.core.interpret import Interpreter
from comity.pipeline.driver import load_program
from comity.terms import And, Equal, Line

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
    "embargoed_places_are_never_free": {"onward": [["IR"], ["KP", "DE"], []]},
    "one_finding_frees_under_one_exception": {
        "destination": ["KP", "SY", "RU", "IR", "BY"],
        "considered": [["RPL"]],
    },
    "military_use_in_china": {
        "destination": ["CN", "HK"],
        "known_uses": [["military_use"]],
        "considered": [["TMP"], []],
    },
}


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return shared.ear().interpreter


PROOFS = re.findall(r"^prove (\w+)", (EAR / "proofs.comity").read_text(encoding="utf-8"), re.MULTILINE)
"""The names of the statements, read from the text: collecting tests compiles nothing."""


def test_every_statement_is_tried(interpreter: Interpreter) -> None:
    assert {f"ear.proofs.{name}" for name in PROOFS} == set(interpreter.program.proves)


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
    if name == "military_use_in_china":
        item["eccn"] = pick.choice(["3A991", "5A992.c", "2B999", "9A991"])
    if name == "embargoed_places_are_never_free" and not facts["onward"]:
        parties[0]["country"] = pick.choice(["CU", "IR", "KP", "SY"])
    if name in DENIED_OR_LISTED:
        parties[0]["lists"] = [DENIED_OR_LISTED[name]]
    if "considered" not in FOCUS.get(name, {}) and pick.random() < 0.5:
        facts["considered"] = pick.sample(draw.enums["LicenseException"], 2)
    if pick.random() < 0.7:
        facts["shipped_from"] = "US"
    granted = {f"other_exception[{each}]": True for each in OTHERS}
    return {**facts, "findings": {**granted, "sta_with_conditions": True}}


def known(interpreter: Interpreter, prove: Prove, facts: Facts) -> dict[str, object]:
    """The facts as values, without counsel's findings."""
    record = interpreter.program.decisions[prove.decision].record
    decoded = interpreter.decoder(record)({name: each for name, each in facts.items() if name != "findings"})
    assert isinstance(decoded.value, dict)
    return decoded.value


def tried(interpreter: Interpreter, prove: Prove, name: str) -> Iterator[tuple[Facts, list[str]]]:
    """The random transactions of which the statement speaks, and the outcomes of each that it rules out."""
    draw = Transactions(sum(map(ord, name)))
    for _ in range(TRIES):
        facts = drawn(name, draw)
        values = known(interpreter, prove, facts)
        day = values["date"]
        assert isinstance(day, date)
        if prove.given is not None and interpreter.evaluate(prove.given, {"this": values}, day) is not True:
            continue
        possible = interpreter.decide_json(prove.decision, facts).possible
        yield facts, [o for o in possible if not interpreter.evaluate(prove.then, {"this": values, "outcome": o}, day)]


@pytest.mark.parametrize("name", PROOFS)
def test_no_random_transaction_refutes_it(interpreter: Interpreter, name: str) -> None:
    met = 0
    for facts, ruled_out in tried(interpreter, interpreter.program.proves[f"ear.proofs.{name}"], name):
        met += 1
        assert not ruled_out, (ruled_out, facts)
    assert met >= TRIES // 15, "the statement speaks of few of the transactions drawn"


ALLOWED = {
    ("L204", "north_korea_at"),
    ("L213", "before_aukus"),
    ("L213", "russia_foreign_product"),
    ("L213", "russia_military_product"),
    ("L213", "russia_military_product_review"),
    ("L213", "us_content"),
}
"""What the regulations say twice, for reasons of their own, and what they freed and reach again later on other grounds.

A comment above each rule says which."""


def test_all_logic_codes_are_settled(interpreter: Interpreter) -> None:
    """And every statement is proved: neither L210 nor L200."""
    found = analyse(interpreter.program, {f"L{number}" for number in range(200, 214)})
    assert {(each.code, each.subjects[0]) for each in found} == ALLOWED


PLANTED = {
    "a party in an embargoed country is looked over": (
        "embargoed_places_are_never_free",
        "places.comity",
        "        any p in parties: p.country in GROUP_E and p.country != destination\n",
        "",
    ),
    "an onward country under embargo is looked over": (
        "embargoed_places_are_never_free",
        "places.comity",
        "        any c in onward: c in GROUP_E and c != destination\n",
        "",
    ),
    "the window of Nicaragua covers China": (
        "military_use_in_china",
        "parties.comity",
        "{CN, HK} from 2007-06-19",
        "{CN, HK} from 2024-03-15",
    ),
    "an exception that is not considered is granted": (
        "one_finding_frees_under_one_exception",
        "exceptions.comity",
        "        x in considered\n",
        "",
    ),
}
"""Faults that a statement forbids: its name, a file, the words in it, and what is put in their place."""


def with_fault(fault: str, folder: Path) -> Interpreter:
    """The policy with the fault, written to ``folder``."""
    _, file, words, instead = PLANTED[fault]
    copied = shutil.copytree(EAR, folder / "ear", ignore=shutil.ignore_patterns("tests", "raw"))
    text = (copied / file).read_text(encoding="utf-8")
    assert text.count(words) == 1
    (copied / file).write_text(text.replace(words, instead), encoding="utf-8")
    (folder / "comity.toml").write_text('source = "."\n', encoding="utf-8")
    return Interpreter(load_program([folder]))


@pytest.mark.parametrize("fault", PLANTED)
def test_transactions_refute_a_statement_once_its_fault_is_planted(tmp_path: Path, fault: str) -> None:
    name = PLANTED[fault][0]
    wrong = with_fault(fault, tmp_path)
    outcomes = {o for _, out in tried(wrong, wrong.program.proves[f"ear.proofs.{name}"], name) for o in out}
    assert outcomes & {"exception_available", "no_license_required"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", [each for each in PLANTED if "embargo" in each])
def test_the_engine_refutes_a_statement_once_its_fault_is_planted(tmp_path: Path, fault: str) -> None:
    wrong = with_fault(fault, tmp_path)
    prove = wrong.program.proves[f"ear.proofs.{PLANTED[fault][0]}"]
    (found,) = analyse(replace(wrong.program, proves={prove.qname: prove}), {"L210"})
    assert found.code == "L210" and found.witness is not None
    assert wrong.decide_json(prove.decision, found.witness).outcome in {"exception_available", "no_license_required"}


@pytest.mark.slow
def test_a_statement_that_is_false_on_one_day_is_refuted_near_a_test(tmp_path: Path) -> None:
    """What the search finds for it depends on content that nobody knows; a test of another day and use does not."""
    copied = shutil.copytree(EAR, tmp_path / "ear", ignore=shutil.ignore_patterns("raw"))
    parties = copied / "parties.comity"
    text = parties.read_text(encoding="utf-8")
    assert text.count("{CN, HK} from 2007-06-19") == 1
    parties.write_text(text.replace("{CN, HK} from 2007-06-19", "{CN, HK} from 2020-06-30"), encoding="utf-8")
    (tmp_path / "comity.toml").write_text('source = "."\n', encoding="utf-8")
    program = load_program([tmp_path])
    prove = program.proves["ear.proofs.military_use_in_china"]
    (found,) = analyse(replace(program, proves={prove.qname: prove}), {"L210"})
    assert found.code == "L210" and found.witness is not None and found.witness["date"] == "2020-06-29"
    assert Interpreter(program).decide_json(prove.decision, found.witness).outcome == "no_license_required"


@pytest.mark.slow
def test_the_engine_refutes_what_is_not_so(interpreter: Interpreter) -> None:
    """Without the words `destination == CU` nothing keeps the embargo of Cuba from being asked of everybody."""
    program = interpreter.program
    prove = program.proves["ear.proofs.embargo_of_cuba"]
    assert isinstance(prove.given, And)
    jurisdiction, destination, *others = prove.given.operands
    assert isinstance(destination, Line) and isinstance(destination.condition, Equal)
    wider = And((jurisdiction, *others), span=prove.given.span)
    (found,) = analyse(replace(program, proves={prove.qname: replace(prove, given=wider)}), {"L210"})
    assert found.code == "L210" and found.witness is not None
    outcome = interpreter.decide_json("ear.decisions.licensing", found.witness).outcome
    assert outcome not in {"license_required", "prohibited", None}
