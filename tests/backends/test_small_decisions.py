"""A decision of few rules is one function; it says what the interpreter says, whatever its rules depend on."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import date
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from comity.backends.python import decision, emit
from comity.plan import make
from tests.backends.loading import imported
from tests.backends.spoil import Both, spoil
from tests.core import text

LAW = """
table limit(mark: Mark) -> Bool:
    {rows}

enum Mark:
    red
    blue

record Case:
    a: Bool
    b: Bool?
    mark: Mark

decision permit for Case:
    outcomes:
        stop
        license
        notice
        free
    {grounds}
{rules}
"""
CONDITIONS = (
    "", "", "when a", "when b", "when not a or b", "when mark == red", "when limit[red]", "when limit[mark]",
    "when limit[red] and a", "when 1 == 2", "when 1 == 1", "when b\n    unless a",
)  # fmt: skip
"""Without a condition; always true, always false, always unknown (a row that is not there)."""


def policy(random: Random) -> str:
    grounds = random.choice(["", "prevail by restriction", "prevail license over notice", "prevail by rank"])
    otherwise = random.choice(["otherwise free", "otherwise free", "otherwise stop", ""])
    rules = ""
    for number in range(random.randint(1, 4)):
        rules += f'\nrule r{number} for permit:\n    cite "1"\n'
        for _ in range(random.choice([0, 0, 1])):
            if number:
                clause = random.choice(["exception to", "notwithstanding", "subject to", "disapplies"])
                rules += f"    {clause} r{random.randrange(number)}\n"
        condition = random.choice(CONDITIONS)
        rules += f"    {condition}\n" if condition else ""
        rules += '    refer to counsel "Is it?"\n' if random.random() < 0.1 else ""
        rules += f"    then {random.choice(['stop', 'license', 'notice', 'free'])}\n"
    return LAW.format(rows="blue: true", grounds=f"{grounds}\n    {otherwise}", rules=rules)


def said(ask: Any) -> str:
    try:
        return str(ask())
    except Exception as error:
        if type(error).__name__ not in ("Undetermined", "ContradictionError", "GapError"):
            raise
        return type(error).__name__


CASES = [
    {"a": a, "b": b, "mark": mark} for a, b, mark in product([True, False], [True, False, None], ["red", "blue"])
]  # fmt: skip


def agree(source: str) -> None:
    interpreter = text.interpreter(source)
    with imported(interpreter.program) as package:
        for facts in CASES:
            expected = said(lambda: interpreter.decide_json("m.permit", facts).require())  # noqa: B023
            assert said(lambda: package.permit.outcome(facts)) == expected, (source, facts)  # noqa: B023
            record = package.records.Case(**facts)
            assert said(lambda: package.permit.outcome(record)) == expected, (source, facts)  # noqa: B023


@pytest.mark.parametrize(
    "seed", [*range(40), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(40, 1500))]
)
def test_every_way_in_which_few_rules_depend_on_each_other(seed: int) -> None:
    agree(policy(Random(seed)))


def test_a_rule_without_a_condition_decides() -> None:
    """Its outcome was passed over wherever other outcomes could prevail."""
    rules = """
rule usual for permit:
    cite "1"
    then notice

rule sometimes for permit:
    cite "1"
    notwithstanding usual
    when a
    then license
"""
    agree(LAW.format(rows="blue: true", grounds="otherwise free", rules=rules))


def test_a_line_about_an_amount_may_name_things_of_other_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a line compares its fact with is looked up in the order of amounts; a member of an enum is not in it."""
    source = """
enum Mark:
    red
    blue

record Case:
    size: Int
    day: Date

decision permit for Case:
    outcomes:
        stop
        free
    otherwise free

rule r for permit:
    cite "1"
    when (red == blue or 2024-01-01 < 2023-01-01) implies size > 3 or size > 5
    then stop

rule s for permit:
    cite "1"
    when 1 == 2 or red == blue or 5 < 4 or day > 2024-01-01
    then free
"""
    monkeypatch.setattr(decision, "MOST_WRITTEN_OUT", -1)
    monkeypatch.setattr(make, "FEW_RULES", 1)
    interpreter = text.interpreter(source)
    with imported(interpreter.program) as package:
        for size, day in product([3, 4, 5, 6], ["2024-01-01", "2024-01-02"]):
            facts = {"size": size, "day": day}
            expected = said(lambda: interpreter.decide_json("m.permit", facts).require())  # noqa: B023
            assert said(lambda: package.permit.outcome(facts)) == expected  # noqa: B023


GOODS = """
enum Mark:
    red
    blue

enum Tone:
    pale
    plain
    dark

set SOFT: Tone = {{pale, plain}}

table paired(tone: Tone, mark: Mark) -> Bool otherwise false:
    pale, red: true
    dark, blue: true

record Owner:
    share: Percent
    {owner}

record Case as of day:
    day: Date{day}
    eccn: Eccn
    mark: Mark
    tone: Tone
    home: Mark?
    price: Money in USD
    part: Percent
    rest: Percent?
    size: Int = 3
    name: Text
    ready: Bool
    marks: set of Mark
    {more}
    {always}

decision permit for Case:
    outcomes:
        stop
        license
        free
    prevail by restriction
    otherwise free
{rules}
"""
LINES = (
    "ready", "not ready", "mark == red", "home == red", "home is known", "mark in {red, blue}", "price <= 5_000 USD",
    "part > 25%", "part >= 33.3%", "part <= 100%", "0% < part", "rest > 25%", "rest <= 50%", "size > 3", "size == 3",
    "eccn within 3A001", "eccn == EAR99", "name == \"x\"", "red in marks", "mark in marks", "day > 2022-02-24",
    "tone in SOFT", "tone == dark", "paired[tone, mark]", "paired[tone, home]", "paired[dark, mark]",
)  # fmt: skip
FACTS: dict[str, list[Any]] = {
    "day": ["2022-02-24", "2022-02-25", date(2023, 1, 1)],
    "eccn": ["EAR99", "3A001", "3A001.a.5", "5A992"],
    "mark": ["red", "blue"],
    "tone": ["pale", "plain", "dark"],
    "home": ["red", None],
    "price": ["5000 USD", "5000.01 USD", 7],
    "part": ["25%", "25.1%", "0%", "100%", "33.3%", 1, Fraction(1, 3)],
    "rest": ["50%", "25%", None],
    "size": [3, 4, 10**20],
    "name": ["x", "y", "na\u00efve", " x "],
    "ready": [True, False],
    "marks": [[], ["red"], ["red", "blue"]],
    "owner": [{"share": "-1%"}, {"share": "50%"}],
    "owners": [[], [{"share": "50%"}, {"share": "30%"}]],
}
LEFT_OUT = {"size", "home", "rest"}


def short_policy(random: Random) -> str:
    """Conditions that read facts only, so that a dict is decided about without a record."""
    more = random.choice(["", "", "owner: Owner", "owners: list of Owner"])
    lines = [*LINES, *({"owner: Owner": ["owner.share > 25%"], "owners: list of Owner": [
        "any o in owners: o.share > 40%", "sum(p.share for p in owners) > 50%"]}.get(more, []))]  # fmt: skip
    rules = ""
    for number in range(random.randint(1, 6)):
        rules += f'\nrule r{number} for permit:\n    cite "1"\n'
        if number and random.random() < 0.3:
            rules += f"    {random.choice(['exception to', 'notwithstanding', 'disapplies'])} r{number - 1}\n"
        rules += "    from 2022-02-25\n" if random.random() < 0.2 else ""
        rules += f"    when {random.choice([' and ', ' or ']).join(random.sample(lines, random.randint(1, 3)))}\n"
        rules += f"    then {random.choice(['stop', 'license', 'free'])}\n"
    return GOODS.format(
        more=more,
        rules=rules,
        day=random.choice(["", "", "?"]),
        always=random.choice(["", "", "always part <= 100%", "always rest <= 50%"]),
        owner=random.choice(["", "always share >= 0%"]),
    )


@pytest.mark.parametrize("seed", [*range(25), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(25, 600))])
def test_a_dict_is_decided_about_as_the_interpreter_does(seed: int) -> None:
    random = Random(seed)
    interpreter = text.interpreter(short_policy(random))
    known = {field.name for field in interpreter.program.decisions["m.permit"].record.fields}
    with imported(interpreter.program) as package:
        both = Both(interpreter, package)
        for _ in range(40):
            facts = {name: random.choice(values) for name, values in FACTS.items() if name in known}
            for name in LEFT_OUT:
                if random.random() < 0.1:
                    del facts[name]
            plain = {name: str(value) if isinstance(value, date | Fraction) else value for name, value in facts.items()}
            given = spoil(random, plain) if random.random() < 0.4 else facts
            answer = both.say("m.permit", given)
            if "problems" not in answer:
                facts = package._runtime.facts.loads_json(given) if isinstance(given, bytes) else given
                expected = answer["outcome"]
                for outcome in ("stop", "license", "free"):
                    held = said(lambda: getattr(package.permit, outcome)(facts))  # noqa: B023
                    assert held == (str(expected == outcome) if expected else "Undetermined")


def test_most_of_these_are_decided_without_a_record() -> None:
    made = [emit(text.interpreter(short_policy(Random(seed))).program, "p")["_readers.py"] for seed in range(40)]
    assert sum("def settle_permit" in each for each in made) > 20
    assert sum("rows_by(" in each for each in made) > 10


def test_an_answer_keeps_the_facts_that_it_was_given() -> None:
    """Why is worked out when it is asked, of the facts as they were."""
    source = GOODS.format(
        more="",
        always="",
        day="",
        owner="",
        rules='\nrule r for permit:\n    cite "1"\n    when ready\n    then stop\n',
    )
    interpreter = text.interpreter(source)
    facts = {name: values[0] for name, values in FACTS.items() if not name.startswith("owner")}
    with imported(interpreter.program) as package:
        answer = package.permit.decide(facts)
        expected = interpreter.decide_json("m.permit", dict(facts)).to_json()
        facts["ready"] = False
        facts["day"] = "2030-01-01"
        assert answer.to_json() == expected
        assert answer == pickle.loads(pickle.dumps(answer))
        with pytest.raises(FrozenInstanceError):
            answer.outcome = "free"
        assert replace(answer, outcome="free").rules == answer.rules
