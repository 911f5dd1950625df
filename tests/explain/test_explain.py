"""The tree of an answer, and the changes that would give another one."""

from __future__ import annotations

import json
from itertools import combinations, product
from pathlib import Path
from random import Random
from textwrap import dedent

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from comity.cli import main
from comity.core.interpret import Interpreter
from comity.explain.account import Account, explain
from comity.explain.changes import Changes
from comity.explain.tree import Line
from comity.runtime.answer import FactsError, PolicyError
from tests.backends import generate
from tests.core.text import interpreter
from tests.strategies import examples

POLICY = """\
enum Use:
    civil
    military

record Person:
    listed: Bool?

record Case as of day:
    use: Use
    value: Money in USD
    sure: Bool?
    people: list of Person
    day: Date

define costly for Case:
    any:
        value > 500 USD
        use == military

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule dear for permit:
    "What costs much"
    cite "X 1"
    from 2022-01-01
    when all:
        costly
        none:
            sure
            value > 9_000 USD
    unless use == military
    then license

rule listed for permit:
    when any p in people:
        p.listed
        value > 1 USD
    then license
"""
FACTS = {"use": "civil", "value": "900 USD", "sure": False, "people": [{"listed": False}], "day": "2022-03-01"}


def account(facts: dict[str, object], policy: str = POLICY) -> Account:
    made = interpreter(policy)
    (decision,) = made.program.decisions.values()
    return explain(made, decision, facts, None, lambda span: dedent(policy)[span.start : span.end])


def told(lines: tuple[Line, ...], depth: int = 0) -> list[str]:
    found: list[str] = []
    for line in lines:
        found += [f"{'  ' * depth}{line.value} {line.text} {' '.join(line.facts)}".rstrip()]
        found += told(line.below, depth + 1)
    return found


def test_each_line_has_its_value_and_facts() -> None:
    dear, listed = account(FACTS).rules
    assert (dear.name, dear.status, dear.value) == ("dear", "decides", "true")
    assert told(dear.lines) == [
        "true from 2022-01-01",
        "true when all:",
        "  true costly",
        "    true any:",
        "      true value > 500 USD value = 900 USD",
        "      false use == military use = civil",
        "  true none:",
        "    false sure sure = false",
        "    false value > 9_000 USD value = 900 USD",
        "false unless use == military use = civil",
    ]
    assert (listed.status, listed.value) == ("does not apply", "false")
    assert told(listed.lines) == [
        "false when any p in people:",
        "  false p = people[0]",
        "    false p.listed people[0].listed = false",
        "    true value > 1 USD value = 900 USD",
    ]


def test_unknown_is_a_value_of_its_own() -> None:
    dear, listed = account({**FACTS, "sure": None, "people": []}).rules
    assert "    unknown sure sure = unknown" in told(dear.lines)
    assert dear.value == "unknown" and dear.status == "may decide"
    assert listed.value == "false"


def changes(found: Changes) -> set[tuple[str, str]]:
    return {(" + ".join(f"{path}={value}" for path, _, value in each.facts), each.outcome) for each in found.found}


def test_one_fact_that_gives_another_answer() -> None:
    found = account(FACTS).changes
    assert found.size == 1 and found.complete
    assert changes(found) == {
        ("use=military", "free"),
        ("value=500 USD", "free"),
        ("sure=true", "free"),
        ("day=2021-12-31", "free"),
    }


def test_an_open_answer_is_settled_by_a_fact() -> None:
    assert ("sure=true", "free") in changes(account({**FACTS, "sure": None}).changes)
    assert ("sure=false", "license") in changes(account({**FACTS, "sure": None}).changes)


def test_two_facts_where_one_does_not_do() -> None:
    policy = POLICY.replace("        value > 1 USD\n", "")
    found = account({**FACTS, "people": [{"listed": True}]}, policy).changes
    assert found.size == 2
    assert ("sure=true + people[0].listed=false", "free") in changes(found)


def test_no_fact_at_all() -> None:
    policy = POLICY.replace("unless use == military", "").replace("costly\n", "costly or not costly\n")
    policy = policy.replace("            sure\n            value > 9_000 USD\n", "            use not in Use\n")
    policy = policy.replace("    from 2022-01-01\n", "")
    found = account(FACTS, policy).changes
    assert (found.found, found.size, found.complete) == ((), 0, True) and found.tried > 10


def test_an_answer_of_counsel_is_a_fact_too() -> None:
    policy = POLICY.replace(
        "    then license\n\nrule listed", '    refer to counsel "Is it dear?"\n    then license\n\nrule listed'
    )
    found = account(FACTS, policy)
    assert "unknown counsel finds dear" in told(found.rules[0].lines)
    assert {("findings.dear=true", "license"), ("findings.dear=false", "free")} <= changes(found.changes)
    found = account({**FACTS, "findings": {"dear": True}}, policy)
    assert "true counsel finds dear" in told(found.rules[0].lines)
    assert ("findings.dear=false", "free") in changes(found.changes)


@examples(25)
@given(st.integers(0, 2**32))
def test_trees_agree_with_the_interpreter(seed: int) -> None:
    """On random policies: the value of each rule's tree is that of its condition, and each change does what it says."""
    random = Random(seed)
    made = Interpreter(generate.program(random))
    for decision in made.program.decisions.values():
        facts = generate.facts(random, decision.record)
        day = random.choice([None, random.choice(generate.DAYS)])
        try:
            found = explain(made, decision, facts, day, lambda span: "")
            read = made.decoder(decision.record)(facts).value
            assert isinstance(read, dict)
            _, own = made.conditions(decision.qname, read, day)
        except (FactsError, PolicyError):
            continue
        if found.answer.error is not None and found.answer.reason:
            continue
        values = {(rule.module, rule.name): rule.value for rule in found.rules}
        for rule, value in zip(decision.rules, own, strict=True):
            assert values[rule.module, rule.name] == ("unknown" if value is None else str(value).lower())
        assert all(change.outcome != found.answer.outcome for change in found.changes.found)


def test_the_smallest_is_found_where_all_inputs_can_be_tried() -> None:
    """Against every input of a record of truth values."""
    names = ("a", "b", "c", "d")
    random = Random(7)
    for _ in range(40):
        terms = [" and ".join(random.choice(["", "not "]) + n for n in random.sample(names, 2)) for _ in range(2)]
        fields = "\n".join(f"    {name}: Bool" for name in names)
        policy = f"record Case:\n{fields}\n\ndecision permit for Case:\n    outcomes:\n        license\n        free\n"
        policy += f"    otherwise free\n\nrule r for permit:\n    when any:\n        {terms[0]}\n        {terms[1]}\n"
        policy += "    then license\n"
        made = interpreter(policy)

        def outcome(facts: dict[str, bool], made: Interpreter = made) -> str | None:
            return made.decide("m.permit", facts).outcome

        for values in product((True, False), repeat=4):
            facts = dict(zip(names, values, strict=True))
            sizes = [
                size
                for size in (1, 2)
                for some in combinations(names, size)
                if outcome({**facts, **{name: not facts[name] for name in some}}) != outcome(facts)
            ]
            found = explain(made, made.program.decisions["m.permit"], facts, None, lambda span: "").changes
            assert found.size == min(sizes, default=0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "permit.comity").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, **environment: str) -> str:
    done = CliRunner().invoke(
        main, ["eval", *arguments], input=json.dumps(FACTS), env=environment, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_shows_it_only_where_asked(folder: Path) -> None:
    assert set(json.loads(run("permit"))).isdisjoint({"tree", "changes"})
    short = run("--explain", "permit")
    assert short.splitlines()[0] == "permit: license on 2022-03-01" and "costly" not in short
    tree = run("permit", "--explain=tree")
    assert tree.startswith(short.rstrip("\n")) and "    true    costly\n" in tree
    assert "  sure = true (is false): free\n" in tree
    document = json.loads(run("permit", "--explain=json"))
    assert document["outcome"] == "license" and document["changes"]["size"] == 1
    assert document["tree"][0]["lines"][0] == {"text": "from 2022-01-01", "value": "true"}


def test_a_receipt_keeps_the_answer_alone(folder: Path) -> None:
    run("permit", "--explain=json", "--receipt", "receipt.json")
    (answer,) = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))["answers"]
    assert "tree" not in answer
    assert json.loads(run("--replay", "receipt.json"))["same"] is True


def test_bad_facts_are_refused_as_ever(folder: Path) -> None:
    done = CliRunner().invoke(main, ["eval", "permit", "--explain=tree"], input='{"use": "civl"}')
    assert done.exit_code == 1 and "did you mean `civil`?" in done.stdout


def test_narrow_text_keeps_its_words() -> None:
    lines = account(FACTS).text(40).splitlines()
    assert all(len(line) <= 40 for line in lines if not line.lstrip().startswith(("permit:", "dear (", "needed")))
