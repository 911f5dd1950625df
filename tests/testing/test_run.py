"""Running `test` blocks: what passes, what fails and how it is told, what counts as covered."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.pipeline.driver import build_one
from comity.tools.testing import Bench, Result, Run, Unfit, run_tests

POLICY = """
use std.countries: *

record Person:
    listed: Bool?
    home: Country = US

record Case as of day:
    a: Bool
    c: Bool?
    n: Int = 0
    person: Person
    day: Date
    always n >= 0

table chart(to: Country) -> Bool:
    US: true

decision permit for Case:
    outcomes:
        prohibited
        license
        free
    otherwise free

rule r for permit:
    when all:
        a
        n < 5
    then license

rule x for permit:
    exception to r
    when c
    then free

rule off for permit:
    disapplies x
    when n == 3

rule fam for permit:
    for each k in {RU, BY}
    when person.home == k
    then license

rule clash for permit:
    when n == 9
    then prohibited

rule listed for permit:
    refer to counsel "is it?"
    when person.listed
    then prohibited

rule silent for permit:
    when n == 7 and chart[person.home]
    then license

define big for Case:
    n >= 4

define far_off for Case:
    all:
        person.home != US
        not c

define limit for Case -> Percent:
    0% when n == 1
    10% when n in 1..2
    25% when a

define double(n: Int) -> Int:
    n + n

define who(p: Person) -> Country:
    p.home

example Case:
    a = false
    c = false
    person.listed = false
    day = 2022-03-01

"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Run]:
    def run(*tests: str, **more: object) -> Run:
        (tmp_path / "comity.toml").write_text("")
        blocks = "\n".join(f'test "{n}" for {textwrap.dedent(text)}' for n, text in enumerate(tests))
        (tmp_path / "policy.comity").write_text(POLICY + blocks)
        return run_tests(Interpreter(build_one([tmp_path]).program), **more)  # type: ignore[arg-type]

    return run


def one(run: Run) -> Result:
    (result,) = run.results
    return result


PASSING = [
    "permit:\n    given:\n        a = true\n    expect license\n",
    "permit:\n    given:\n        a = true\n    expect license by r\n",
    "permit:\n    expect free\n",
    "permit:\n    given:\n        person.home = RU\n    expect license by fam\n",
    "permit:\n    given:\n        person.home = RU\n    expect license by fam[RU]\n",
    "permit:\n    given:\n        person.home = BY\n        a = true\n    expect license by r, fam[BY]\n",
    "permit:\n    given:\n        person = Person(listed = false, home = BY)\n    expect license\n",
    "permit:\n    given:\n        a = true\n        c = unknown\n    expect undetermined\n",
    "permit:\n    given:\n        a = true\n        c = unknown\n    expect undetermined needing c\n",
    "permit:\n    given:\n        a = true\n        c = unknown\n        n = 3\n    expect license by r\n",
    "permit:\n    given:\n        n = 7\n        person.home = RU\n    expect license\n",
    "permit:\n    given:\n        n = 7\n        person.home = CU\n    expect undetermined needing chart[CU]\n",
    "permit:\n    given:\n        person.listed = true\n    expect undetermined needing findings.listed\n",
    "permit:\n    given:\n        person.listed = true\n        findings.listed = true\n    expect prohibited\n",
    "permit:\n    given:\n        person.listed = true\n        findings.listed = false\n    expect free\n",
    "permit:\n    given:\n        person.home = RU\n        n = 9\n    expect contradiction\n",
    "permit:\n    given:\n        n = -1\n    expect refused\n",
    "big:\n    given:\n        n = 4\n    expect true\n",
    "big:\n    expect false\n",
    "limit:\n    given:\n        a = true\n    expect 25%\n",
    "limit:\n    given:\n        n = 1\n    expect contradiction\n",
    "limit:\n    expect gap\n",
    "double:\n    given:\n        n = 4\n    expect 8\n",
    "who:\n    given:\n        p.listed = true\n        p.home = BY\n    expect BY\n",
    "permit as of 2030-01-01:\n    expect free\n",
]


@pytest.mark.parametrize("text", PASSING)
def test_it_passes(run: Callable[..., Run], text: str) -> None:
    made = run(text)
    assert one(made).status == "passed", one(made)
    assert (made.passed, made.failed) == (1, 0)


FAILING = [
    ("permit:\n    expect license\n", "license", "free (no rule decides)"),
    ("permit:\n    given:\n        a = true\n    expect license by fam\n", "license by fam", "license by r"),
    ("permit:\n    given:\n        a = true\n    expect license by x\n", "license by x", "license by r"),
    (
        "permit:\n    given:\n        person.home = RU\n    expect license by fam[BY]\n",
        "license by fam[BY]",
        "license by fam[RU]",
    ),
    (
        "permit:\n    given:\n        a = true\n        c = unknown\n    expect free\n",
        "free",
        "undetermined needing c (possible: license, free)",
    ),
    (
        "permit:\n    given:\n        a = true\n        c = unknown\n    expect undetermined needing c, n\n",
        "undetermined needing c, n",
        "undetermined needing c (possible: license, free)",
    ),
    ("permit:\n    expect undetermined\n", "undetermined", "free (no rule decides)"),
    ("permit:\n    expect contradiction\n", "contradiction", "free (no rule decides)"),
    (
        "permit:\n    given:\n        person.home = RU\n        n = 9\n    expect license\n",
        "license",
        "contradiction between fam[RU], clash",
    ),
    ("permit:\n    expect refused\n", "refused", "free (no rule decides)"),
    ("big:\n    expect true\n", "true", "false"),
    ("limit:\n    given:\n        a = true\n    expect 24%\n", "24%", "25%"),
    ("double:\n    given:\n        n = 4\n    expect 9\n", "9", "8"),
]


@pytest.mark.parametrize(("text", "expected", "got"), FAILING)
def test_it_fails_and_says_what_came(run: Callable[..., Run], text: str, expected: str, got: str) -> None:
    made = run(text)
    assert (one(made).status, one(made).expected, one(made).got) == ("failed", expected, got)
    assert (made.passed, made.failed) == (0, 1)


def test_facts_that_are_refused_fail_another_expectation(run: Callable[..., Run]) -> None:
    result = one(run("permit:\n    given:\n        n = -1\n    expect free\n"))
    assert result.status == "failed"
    assert result.got.startswith("refused: ") and "n >= 0" in result.got


def test_every_expectation_must_hold(run: Callable[..., Run]) -> None:
    given = "permit:\n    given:\n        a = true\n"
    assert one(run(given + "    expect license\n    expect license by r\n")).status == "passed"
    result = one(run(given + "    expect license\n    expect license by fam\n"))
    assert (result.status, result.expected) == ("failed", "license; license by fam")


def test_missing_facts_are_an_error_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text("")
    policy = POLICY[: POLICY.index("example Case")]
    (tmp_path / "policy.comity").write_text(
        policy + 'test "bare" for permit:\n    given:\n        person.home = RU\n    expect free\n'
        'test "function" for double:\n    expect 8\n'
    )
    made = run_tests(Interpreter(build_one([tmp_path]).program))
    assert [(r.status, r.got) for r in made.results] == [
        ("error", "missing facts: `a`, `day`"),
        ("error", "missing facts: `n`"),
    ]
    assert made.failed == 2


def test_as_of_stands_for_the_field_that_gives_the_day(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text("")
    (tmp_path / "policy.comity").write_text(
        "record Case as of day:\n    day: Date\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    from 2022-01-01\n    when day >= 2022-01-01\n    then license\n"
        'set S: Text =\n    {"a"} from 2022-01-01\n'
        "define has(t: Text):\n    t in S\n"
        'test "late" for permit as of 2022-01-01:\n    expect license\n'
        'test "early" for permit as of 2021-12-31:\n    expect free\n'
        'test "set" for has as of 2022-01-01:\n    given:\n        t = "a"\n    expect true\n'
        'test "dayless" for has:\n    given:\n        t = "a"\n    expect undetermined needing as_of\n'
    )
    made = run_tests(Interpreter(build_one([tmp_path]).program))
    assert [r.status for r in made.results] == ["passed"] * 4, made.results


def test_what_no_runner_runs_is_skipped_and_says_so(run: Callable[..., Run]) -> None:
    def fit(test: core.Test, bench: Bench) -> tuple[bool, str]:
        return True, "well"

    def unfit(test: core.Test, bench: Bench) -> tuple[bool, str]:
        raise Unfit("not today")

    text = "permit:\n    expect license\n"
    assert one(run(text, runners={"decision": fit})).status == "passed"
    error = one(run(text, runners={"decision": unfit}))
    assert (error.status, error.got) == ("error", "not today")


def test_places_and_json(run: Callable[..., Run]) -> None:
    made = run("permit:\n    expect free\n")
    line = POLICY.count("\n") + 1
    json = made.to_json()
    assert (json["passed"], json["failed"], json["skipped"]) == (1, 0, 0)
    (entry,) = json["tests"]  # type: ignore[misc]
    assert entry == {
        "name": "0",
        "path": made.results[0].path,
        "line": line,
        "status": "passed",
        "expected": "free",
        "got": "free (no rule decides)",
    }


def covered(run: Run) -> dict[str, int]:
    return {rule.name: rule.decides for rule in run.rules}


def test_coverage_counts_rules_that_did_what_they_are_for(run: Callable[..., Run]) -> None:
    nothing = dict.fromkeys(("r", "x", "off", "fam", "clash", "listed", "silent"), 0)
    assert covered(run("permit:\n    expect free\n")) == nothing
    decided = run(
        "permit:\n    given:\n        a = true\n    expect license\n",
        "permit:\n    given:\n        a = true\n        c = true\n    expect free by x\n",
        "permit:\n    given:\n        a = true\n        c = true\n        n = 3\n    expect license\n",
        "permit:\n    given:\n        person.listed = true\n    expect undetermined\n",
    )
    assert decided.failed == 0
    assert covered(decided) == {**nothing, "r": 2, "x": 1, "off": 1, "listed": 1}
    contradiction = run("permit:\n    given:\n        person.home = RU\n        n = 9\n    expect contradiction\n")
    assert covered(contradiction) == nothing, "rules that contradict each other decide nothing"


def test_coverage_of_condition_lines(run: Callable[..., Run]) -> None:
    def lines(made: Run) -> dict[str, tuple[bool, bool]]:
        text = POLICY.split("\n")
        return {text[line.line - 1].strip(): (line.seen_true, line.seen_false) for line in made.lines}

    off = "permit:\n    expect free\n"
    on = "permit:\n    given:\n        a = true\n    expect license\n"
    assert lines(run(off))["a"] == (False, True)
    assert lines(run(off))["n < 5"] == (False, False), "not reached: the line above it decided"
    assert lines(run(off, on))["a"] == (True, True)
    assert lines(run(on))["n < 5"] == (True, False)
    unknown = "permit:\n    given:\n        c = unknown\n        a = true\n    expect undetermined\n"
    assert lines(run(unknown))["when c"] == (False, False), "unknown is neither"
    assert lines(run(off))["not c"] == (False, False), "no rule reads the definition"
    assert lines(run("far_off:\n    given:\n        person.home = BY\n    expect true\n"))["not c"] == (True, False)


def test_coverage_is_of_the_paths_named(run: Callable[..., Run]) -> None:
    assert run("permit:\n    expect free\n", paths=["elsewhere.comity"]).rules == ()
    assert run("permit:\n    expect free\n", paths=["elsewhere.comity"]).lines == ()
