"""`comity test --generate`: pairs of tests of which one condition line makes the difference, and which pass."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from comity.cli import boundaries as written
from comity.core.interpret import Interpreter
from comity.pipeline import driver
from comity.tools.generate import generate
from comity.workspace.project import select
from tests.acceptance.conftest import Project, project

__all__ = ["project"]

ROOT = Path(__file__).parents[2]

POLICY = """
enum Place:
    US
    DE
    RU
    BY

record Party:
    country: Place
    listed: Bool?

record Export as of date:
    destination: Place
    value: Money in USD
    parties: list of Party
    licensed: Bool = false
    date: Date
    always value >= 0 USD

define small for Export:
    any:
        value <= 500 USD
        destination == US

decision licensing for Export:
    outcomes:
        license_required
        no_license_required
    otherwise no_license_required

rule embargo for licensing:
    from 2022-02-24
    when all:
        destination in {RU, BY}
        not small
    unless licensed
    then license_required

rule listed for licensing:
    when all:
        any p in parties:
            p.listed
            p.country != US
    then license_required

rule counsel for licensing:
    refer to counsel "Is it a gift?"
    when value > 5_000 USD and destination == DE
    then license_required
"""


def pasted(project: Project, text: str) -> dict[str, Any]:
    """The policy with the tests that are missing in it: all pass, and none is missing any more."""
    project.write(m=text)
    found: dict[str, Any] = project.run("test", "--generate", "--format", "json").json
    blocks = "\n".join(block for each in found["generated"] for block in each["tests"])
    project.write(m=text + "\n" + blocks)
    again = project.run("test", "--generate", "--format", "json")
    assert again.code == 0 and again.json["failed"] == 0, again.json["tests"]
    assert again.json["passed"] == found["passed"] + 2 * len(found["generated"])
    assert again.json["generated"] == []
    return found


def test_every_line_gets_its_pair(project: Project) -> None:
    found = pasted(project, POLICY)
    lines = {each["line"] for each in found["generated"]}
    texts = POLICY.lstrip("\n").splitlines()
    wanted = ("value <=", "destination ==", "destination in", "not small", "unless licensed", "p.listed", "p.country")
    assert {n for n, line in enumerate(texts, 1) if line.strip().startswith(wanted)} <= lines
    assert found["missed"] == [] and found["left"] == 0


def test_one_fact_makes_the_difference(project: Project) -> None:
    found = pasted(project, POLICY)
    line = next(n for n, text in enumerate(POLICY.lstrip("\n").splitlines(), 1) if "destination in" in text)
    (pair,) = (each for each in found["generated"] if each["line"] == line)
    holds, fails = (set(block.splitlines()[1:]) for block in pair["tests"])
    assert {text.split("=")[0].strip() for text in (holds ^ fails) if "expect" not in text} == {"destination"}
    assert "expect license_required by embargo" in pair["tests"][0]


def test_both_tests_of_a_pair_do_not_expect_the_same(project: Project) -> None:
    """That other outcomes are possible does not show in `expect undetermined`: such a pair would test nothing."""
    seed = """
record Case:
    a: Bool
    open: Bool?

decision permit for Case:
    outcomes:
        prohibited
        license
        free
    prevail by restriction
    otherwise free

rule barred for permit:
    when open
    then prohibited

rule license for permit:
    when a
    then license

test "open" for permit:
    given:
        a = true
        open = unknown
    expect undetermined
"""
    for each in pasted(project, seed)["generated"]:
        holds, fails = (block.rstrip().splitlines()[-1] for block in each["tests"])
        assert holds != fails


def test_a_line_of_which_nothing_hangs_is_said_to_be_missed(project: Project) -> None:
    project.write(m=POLICY.replace("destination in {RU, BY}", "destination in {US, DE, RU, BY}"))
    run = project.run("test", "--generate")
    assert run.code == 0
    line = next(n for n, text in enumerate(POLICY.lstrip("\n").splitlines(), 1) if "destination in" in text)
    assert f"# m.comity:{line}: no two inputs were found of which this line makes the difference" in run.out


def test_examples_of_the_file_do_not_leak_in(project: Project) -> None:
    """What an example says and a pair does not is taken back in the pair."""
    example = """
example Export:
    destination = RU
    value = 900 USD
    parties = [Party(country = DE, listed = true)]
    licensed = true
    date = 2022-06-01
"""
    found = pasted(project, POLICY + example)
    assert found["missed"] == []


def test_the_starter_project(project: Project) -> None:
    assert project.run("init", "start").code == 0
    run = project.run("test", "start", "--generate", "--format", "json")
    found = run.json
    assert len(found["generated"]) == 4 and found["missed"] == []
    file = next(Path("start").rglob("licensing.comity"))
    blocks = "\n".join(block for each in found["generated"] for block in each["tests"])
    file.write_text(file.read_text(encoding="utf-8") + "\n" + blocks, encoding="utf-8")
    again = project.run("test", "start", "--generate", "--format", "json")
    assert again.code == 0 and again.json["generated"] == [] and again.json["failed"] == 0
    assert project.run("lint", "start", "--fail-on", "warning").code == 0


def test_the_language_page(project: Project) -> None:
    shutil.copytree(ROOT / "tests" / "corpus" / "language", "language")
    found = project.run("test", "language", "--generate", "--format", "json").json
    assert len(found["generated"]) >= 5
    for each in found["generated"]:
        file = Path(each["into"])
        file.write_text(file.read_text(encoding="utf-8") + "\n" + "\n".join(each["tests"]), encoding="utf-8")
    again = project.run("test", "language", "--format", "json")
    assert again.json["failed"] == 0 and again.json["passed"] == found["passed"] + 2 * len(found["generated"])


def test_it_is_the_same_every_time(project: Project) -> None:
    project.write(m=POLICY)
    assert project.run("test", "--generate").out == project.run("test", "--generate").out


@pytest.mark.slow
def test_the_ear_within_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of policies/ear see every line both ways; pairs of which one line makes the difference are more."""
    (selection,) = select([ROOT / "policies" / "ear"])
    made = driver.build(selection)
    monkeypatch.setattr(written, "generate", lambda i, paths, words: generate(i, paths, words, most=2_500))
    found = written.boundaries(selection, made)
    assert len(found.pairs) >= 5 and found.left
    # `boundaries` keeps only pairs that pass at the end of their file; none was lost to that here.
    tried = generate(Interpreter(made.program), made.shown, lambda span: "", most=2_500)
    assert len(found.pairs) == len(tried.pairs)
