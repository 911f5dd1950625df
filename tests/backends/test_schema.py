"""JSON Schema of facts and answers, held to the decoder and to the answers themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import comity
from comity.backends.schema import answer_schema, emit, facts_schema
from comity.core.given import Unfit, facts_of, findings_of
from comity.core.interpret import Interpreter
from comity.runtime.answer import FactsError, Problem
from comity.runtime.facts import encode, loads_json
from comity.runtime.inputs import read_input
from tests import shared
from tests.backends import generate
from tests.backends.spoil import spoil
from tests.core import text

EAR = Path(__file__).parents[2] / "policies" / "ear"


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(interpreter: Interpreter, decision: str, facts: object) -> list[Problem]:
    """Why the facts, given as JSON text or as what it stands for, are refused; none if they are accepted."""
    made = facts if isinstance(facts, bytes) else json.dumps(facts)
    try:
        interpreter.decide_json(decision, loads_json(made))
    except FactsError as error:
        return list(error.problems)
    return []


def beyond(problem: Problem) -> str | None:
    """The kind of refusal on the page that a schema cannot say; None if it should have said it."""
    said = str(problem)
    for kind, mark in {
        "always": "facts that keep `always",
        "sign": "text without signs that do not show",
        "key": "an object with each key once",
        "number": "a number of at most 400 digits",
    }.items():
        if f"expected {mark}" in said:
            return kind
    if isinstance(problem.value, str) and problem.value.endswith("-02-29"):
        return "leap"
    return "number" if len(str(problem.value)) > 400 else None


# ------------------------------------------------------------------------------- random policies


@pytest.mark.parametrize("seed", range(30))
def test_random_facts_and_answers_are_valid(seed: int) -> None:
    random = Random(seed)
    interpreter = Interpreter(generate.program(random))
    for decision in interpreter.program.decisions.values():
        facts_valid = validator(facts_schema(interpreter, decision))
        answer_valid = validator(answer_schema(interpreter.program, decision))
        for _ in range(20):
            facts = generate.facts(random, decision.record)
            facts["findings"] = generate.findings(random, interpreter.program)
            facts_valid.validate(facts)
            if found := problems(interpreter, decision.qname, facts):
                assert {beyond(problem) for problem in found} == {"always"}
            else:
                answer_valid.validate(interpreter.decide_json(decision.qname, facts).to_dict())


def spoilt(random: Random, interpreter: Interpreter, count: int) -> Iterator[tuple[str, bytes, Any]]:
    """Decisions, JSON text with mistakes, and what it is to a reader of JSON that knows nothing of Comity."""
    decisions = list(interpreter.program.decisions.values())
    while count:
        decision = random.choice(decisions)
        facts: dict[str, object] = generate.facts(random, decision.record)
        if random.random() < 0.4:
            facts["findings"] = generate.findings(random, interpreter.program)
        made = spoil(random, facts)
        if not isinstance(made, bytes):
            continue
        try:
            read = json.loads(made.decode(), parse_constant=refuse)
        except (ValueError, RecursionError):
            continue
        count -= 1
        yield decision.qname, made, read


def refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(n, marks=pytest.mark.slow) for n in range(12, 100))])
def test_spoilt_facts_are_valid_exactly_where_they_are_accepted(seed: int) -> None:
    """Save for the kinds of refusals on the page, which no schema can say."""
    random = Random(seed)
    interpreter = Interpreter(generate.program(random))
    validators = {
        qname: validator(facts_schema(interpreter, decision))
        for qname, decision in interpreter.program.decisions.items()
    }
    seen: Counter[str] = Counter()
    for decision, made, read in spoilt(random, interpreter, 150):
        found = problems(interpreter, decision, made)
        valid = validators[decision].is_valid(read)
        seen["accepted" if not found else "valid" if valid else "invalid"] += 1
        if found and valid:
            assert all(beyond(problem) for problem in found), (made, found)
        if not found:
            assert valid, (made, list(validators[decision].iter_errors(read)))
    assert seen["accepted"] > 0
    assert seen["invalid"] > 5 * seen["valid"]


# --------------------------------------------------------------------------------- every type

POLICY = """
    enum Country:
        RU
        US

    zone KALININGRAD in RU

    party EAST = {RU}
    party WEST = {US}

    enum Use:
        civil "Peaceful"
        military

    record Part:
        "A part"
        code: Eccn?
        always code is known

    record Case as of date:
        "What is asked"
        date: Date
        flag: Bool
        count: Int
        number: Number
        share: Percent = 25%
        value: Money in USD?
        far: Length
        long: Duration
        heavy: Mass
        name: Text
        alias: Text or absent
        code: Eccn
        heading: HsCode
        use: Use or absent
        place: Place
        side: Party
        parts: set of Part
        uses: list of Use = [civil]
        limits: Length per Party

    decision permit for Case:
        "May it?"
        outcomes:
            license "Ask first"
            free
        otherwise free

    rule asked for permit:
        when count > 3
        refer to counsel "Is it?"
        then license
"""
FACTS: dict[str, Any] = {
    "date": "2022-02-24", "flag": True, "count": 1, "number": 1, "far": "1 km", "long": "2 days", "heavy": "1 t",
    "name": "Ann", "alias": {"absent": True}, "code": "3A001", "heading": "8542", "use": "civil",
    "place": "RU", "side": "EAST", "parts": [], "limits": {},
}  # fmt: skip
GIVEN: dict[str, list[object]] = {
    "date": ["2024-02-29", "2022-02-30", "2022-13-01", "0000-01-01", "0010-10-10", "9990-12-31", "2022-04-31",
             "20220224", "2022-2-24", 20220224, "2022-02-24T00:00", "1000-01-01", "2100-11-30", "٢٠٢٢-٠٢-٢٤"],
    "flag": [False, "true", 1, 0],
    "count": [-3, 0, 1.0, 1.5, "1", True, 10**30],
    "number": [0, 0.5, -1, "1/3", "1/0", "1/00", "1/010", "0.25", "-0", "1_000", "1__0", ".5", "5.", "1e3", "", False],
    "share": ["25%", "0.5%", "25 %", "%", 0.25, "1/3%", "-1%", "1_0%", None],
    "value": ["5 USD", "5USD", "5   USD", "5 EUR", "USD", "1/3 USD", "-5 USD", 5, {"amount": 5, "currency": "USD"},
              {"amount": "5_0", "currency": "USD"}, {"amount": 0.5, "currency": "USD"},
              {"amount": 5, "currency": "EUR"}, {"amount": True, "currency": "USD"},
              {"amount": None, "currency": "USD"}, {"amount": 5}, {}, None],
    "far": ["1 km", "0.5nmi", "2 mi", "3 m", "1 KM", "1 kg", "1", 1, "-1 km"],
    "long": ["36 hours", "1 weeks", "1 days", "1 day", "1 months"],
    "heavy": ["1 kg", "1 g", "1 t", "1 km"],
    "name": ["", "absent", "АСМЕ", 1, ["x"]],
    "alias": ["", "absent", {"absent": True}, {"absent": 1}, {"absent": False}, {}, {"absent": True, "x": 1}, None],
    "code": ["EAR99", "3A001.a.5", "3A001.a.05", "3a001", "3A001.5", "3A001.a.b.12", "3A001.a.100", "ear99", "3A001 "],
    "heading": ["84", "8542.31", "854231", "HS 8542.31", "HS8542", "8542.3", "85.42", "8542.31.00.10", "842"],
    "use": ["military", "absent", {"absent": True}, "Civil", None, "x"],
    "place": ["KALININGRAD", "US", "ru", "DE", None],
    "side": ["WEST", "NORTH", None],
    "parts": [[{"code": "3A001"}], [{"code": "x"}], [{"code": "3A001", "x": 1}], [None], {}, "x", None,
              [{"code": "3A001"}, {"code": "3A001"}]],
    "uses": [["civil", "civil"], [], ["x"], None, "civil", [{"absent": True}]],
    "limits": [{"EAST": "1 km"}, {"NORTH": "1 km"}, {"EAST": None}, {"EAST": "1 kg"}, []],
    "findings": [None, {}, {"asked": True}, {"asked": "license"}, {"asked": "free"}, {"asked": None}, {"asked": 1},
                 {"other": True}, [], True],
    "other": [1, None],
}  # fmt: skip


@pytest.fixture(scope="module")
def permit() -> comity.Decision:
    program = comity.Program(text.interpreter(POLICY).program)
    return program.decision("permit")


def test_values_of_every_type(permit: comity.Decision) -> None:
    valid = validator(permit.schema())
    valid.validate(FACTS)
    assert set(GIVEN) - {"findings", "other"} == {field.name for field in permit.core.record.fields}
    for name, values in GIVEN.items():
        said = []
        for value in values:
            facts = {**FACTS, name: value}
            accepted = not problems(permit.program.interpreter, permit.core.qname, facts)
            assert valid.is_valid(facts) == accepted, (name, value)
            said.append(accepted)
        assert name == "other" or len(set(said)) == 2, name


def test_facts_may_be_left_out_where_the_decoder_allows(permit: comity.Decision) -> None:
    valid = validator(permit.schema())
    for name in FACTS:
        facts = {key: value for key, value in FACTS.items() if key != name}
        assert valid.is_valid(facts) == (not problems(permit.program.interpreter, permit.core.qname, facts)), name


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("parts", [{}], "always"),
        ("date", "2023-02-29", "leap"),
        ("name", "A\u200bnn", "sign"),
        ("number", "1" * 401, "number"),
        ("count", 10**450, "number"),
    ],
    ids=["always", "leap", "sign", "number", "count"],
)
def test_refusals_that_no_schema_says(permit: comity.Decision, name: str, value: object, kind: str) -> None:
    facts = {**FACTS, name: value}
    (problem,) = problems(permit.program.interpreter, permit.core.qname, facts)
    assert beyond(problem) == kind
    assert validator(permit.schema()).is_valid(facts)


def test_documentation_and_defaults_are_in_the_schema(permit: comity.Decision) -> None:
    schema: Any = permit.schema()
    assert schema["title"] == "permit: Case"
    assert schema["description"] == "May it?\n\nWhat is asked"
    assert schema["$defs"]["Use"]["description"] == "- `civil`: Peaceful"
    assert schema["$defs"]["Use"]["enum"] == ["civil", "military"]
    assert schema["$defs"]["Part"]["description"] == "A part"
    assert schema["properties"]["share"]["default"] == "25%"
    assert schema["properties"]["uses"]["default"] == ["civil"]
    assert "share" not in schema["required"] and "value" not in schema["required"]
    findings = schema["properties"]["findings"]["anyOf"][0]["properties"]
    assert {name: each["description"] for name, each in findings.items()} == {"asked": "Is it?"}
    answer: Any = permit.schema("answer")
    assert answer["$defs"]["Outcome"]["description"] == "- `license`: Ask first"


def test_two_types_of_one_name_are_told_apart() -> None:
    other = """
        enum Kind:
            x

        record Part:
            kind: Kind
    """
    policy = """
        use other: Part

        enum Kind:
            y

        record Case:
            one: Kind
            part: Part

        decision permit for Case:
            outcomes:
                stop
                free
            otherwise free

        rule stops for permit:
            when one == y
            then stop
    """
    interpreter = text.interpreter(policy, other=other)
    schema: Any = facts_schema(interpreter, interpreter.program.decisions["m.permit"])
    assert {name: each.get("enum") for name, each in schema["$defs"].items()} == {
        "Kind": ["y"], "Part": None, "other.Kind": ["x"],
    }  # fmt: skip
    assert validator(schema).is_valid({"one": "y", "part": {"kind": "x"}})
    assert not validator(schema).is_valid({"one": "x", "part": {"kind": "x"}})


# ------------------------------------------------------------------------------------- the EAR


def test_facts_and_answers_of_the_tests_of_the_ear_are_valid() -> None:
    program = shared.ear()
    interpreter = program.interpreter
    validators = {
        name: (validator(facts_schema(interpreter, decision)), validator(answer_schema(program.core, decision)))
        for name, decision in program.core.decisions.items()
    }
    seen = 0
    for test in program.core.tests:
        decision = program.core.decisions.get(test.target)
        if decision is None:
            continue
        try:
            given, _ = facts_of(test, decision.record, interpreter)
        except Unfit:
            continue
        facts: Any = encode(decision.record, given)
        facts["findings"] = findings_of(test, decision.record, interpreter)
        facts_valid, answer_valid = validators[decision.qname]
        facts_valid.validate(facts)
        read_input(facts, decision.record, interpreter.decoder(decision.record), interpreter.referring_rules)
        if seen % 10 == 0:
            answer_valid.validate(program.decision(decision.qname).answer(facts).to_dict())
        seen += 1
    assert seen > 500


def test_defaults_of_the_ear_are_valid_where_they_stand() -> None:
    program = shared.ear()
    schema: Any = program.decision("licensing").schema()
    seen = 0
    for record in [schema, *(each for each in schema["$defs"].values() if "properties" in each)]:
        for each in record["properties"].values():
            if "default" in each:
                validator({**each, "$defs": schema["$defs"]}).validate(each["default"])
                seen += 1
    assert seen > 10


def test_a_build_writes_the_same_documents(permit: comity.Decision) -> None:
    files = emit(permit.program.core)
    assert files == emit(permit.program.core)
    assert list(files) == ["permit.facts.schema.json", "permit.answer.schema.json"]
    assert json.loads(files["permit.facts.schema.json"]) == permit.schema()
    assert json.loads(files["permit.answer.schema.json"]) == permit.schema("answer")
