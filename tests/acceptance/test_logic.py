"""What the proof engine finds and keeps quiet about: the fine print of each L-code, through `comity lint`."""

from __future__ import annotations

import pytest

from .conftest import Project

HEAD = """
record Case as of day:
    a: Bool
    b: Bool
    c: Bool?
    n: Int
    day: Date

decision permit for Case:
    outcomes:
        prohibited
        license
        free
"""
OTHERWISE = "    otherwise free\n"
# Keeps `outcome-never-given` quiet about outcomes that a case is not about.
ALL_GIVEN = (
    "rule base_p for permit:\n    when n == 1000\n    then prohibited\n"
    "rule base_l for permit:\n    when n == 1001\n    then license\n"
)


def case(project: Project, rules: str, otherwise: str = OTHERWISE, head: str = HEAD) -> list[str]:
    project.write(policy=head + otherwise + "\n" + rules)
    return project.codes("L")


@pytest.mark.parametrize(
    ("name", "rules", "codes"),
    [
        ("clean", ALL_GIVEN, []),
        (
            "contradiction",
            ALL_GIVEN + "rule r for permit:\n    when a\n    then license\n"
            "rule s for permit:\n    when b\n    then prohibited\n",
            # r and s meet each other, and each meets one of the base rules.
            ["L201", "L201", "L201"],
        ),
        (
            "ordered, so no contradiction",
            ALL_GIVEN + "rule r for permit:\n    subject to base_p\n    when a\n    then license\n",
            [],
        ),
        (
            "never applies",
            ALL_GIVEN + "rule r for permit:\n    subject to base_p\n    when n > 5 and n < 3\n    then license\n",
            ["L202"],
        ),
        (
            "redundant twice over: each of two identical rules",
            ALL_GIVEN + "rule r for permit:\n    subject to base_p\n    when a\n    then license\n"
            "rule s for permit:\n    subject to base_p\n    when a\n    then license\n",
            ["L204", "L204"],
        ),
        (
            "never decides: displaced by two rules together",
            ALL_GIVEN
            + "rule r for permit:\n    subject to s, t\n    when a and n < 500\n    then license\n"
            + "rule s for permit:\n    when b and n < 500\n    then prohibited\n"
            + "rule t for permit:\n    when not b and n < 500\n    then prohibited\n",
            ["L203"],
        ),
    ],
)
def test_rules(project: Project, name: str, rules: str, codes: list[str]) -> None:
    assert case(project, rules) == codes, name


def test_gap_without_otherwise_shows_an_input(project: Project) -> None:
    project.write(
        policy=HEAD + "\nrule p for permit:\n    when n == 1\n    then prohibited\n"
        "rule l for permit:\n    when n == 2\n    then license\n"
        "rule f for permit:\n    when n > 2\n    then free\n"
    )
    found = [d for d in project.lint() if d["code"] == "L207"]
    assert len(found) == 1
    witness = found[0]["witness"]
    assert project.eval("permit", witness)["error"] == "gap"


def test_the_witness_of_a_contradiction_is_accepted_by_eval(project: Project) -> None:
    project.write(
        policy=HEAD + OTHERWISE + "\nrule r for permit:\n    when a and n > 40\n    then license\n"
        "rule s for permit:\n    when b and n < 42\n    then prohibited\n"
    )
    found = [d for d in project.lint() if d["code"] == "L201"]
    assert len(found) == 1 and sorted(found[0]["subjects"]) == ["r", "s"]
    answer = project.eval("permit", found[0]["witness"])
    assert answer["error"] == "contradiction"
    assert found[0]["witness"]["n"] == 41


def test_unsettled_ways_are_no_contradiction(project: Project) -> None:
    """A disagreement only where a fact is unknown is not certain; with it known it is, so it is found there."""
    project.write(
        policy=HEAD + OTHERWISE + "\nrule r for permit:\n    when a\n    then license\n"
        "rule s for permit:\n    when c is unknown\n    then prohibited\n"
    )
    found = [d for d in project.lint() if d["code"] == "L201"]
    assert len(found) == 1
    assert project.eval("permit", found[0]["witness"])["error"] == "contradiction"


def test_always_lines_are_background_knowledge(project: Project) -> None:
    head = HEAD.replace("    day: Date\n", "    day: Date\n    always not (a and b)\n")
    rules = "rule r for permit:\n    when a\n    then license\nrule s for permit:\n    when b\n    then prohibited\n"
    assert case(project, rules, head=head) == []


def test_findings_that_hold_on_some_days_say_which(project: Project) -> None:
    project.write(
        policy=HEAD + OTHERWISE + "\nrule r for permit:\n    from 2022-01-01\n    when a\n    then license\n"
        "rule s for permit:\n    until 2022-06-30\n    when a\n    then prohibited\n"
    )
    found = [d for d in project.lint() if d["code"] == "L201"]
    assert len(found) == 1 and found[0]["days"] == [["2022-01-01", "2022-06-30"]]


def test_empty_window(project: Project) -> None:
    rules = ALL_GIVEN + "rule r for permit:\n    from 2022-06-30 until 2022-01-01\n    when a\n    then free\n"
    assert case(project, rules) == ["L211"]


def test_date_gap(project: Project) -> None:
    rules = (
        "rule p for permit:\n    when n == 7\n    then prohibited\n"
        "rule r for permit:\n    subject to p\n    until 2022-01-31\n    when a\n    then license\n"
        "rule s for permit:\n    subject to p\n    from 2022-03-01\n    when a\n    then license\n"
    )
    project.write(policy=HEAD + OTHERWISE + "\n" + rules)
    found = [d for d in project.lint() if d["code"].startswith("L")]
    assert [d["code"] for d in found] == ["L213"]
    assert found[0]["days"] == [["2022-02-01", "2022-02-28"]]


def test_dead_unless(project: Project) -> None:
    rules = (
        ALL_GIVEN
        + "rule r for permit:\n    subject to base_p\n    when a and n > 5\n    unless n < 3\n    then license\n"
    )
    assert case(project, rules) == ["L205"]


def test_idle_line(project: Project) -> None:
    rules = ALL_GIVEN + (
        "rule r for permit:\n    subject to base_p\n    when all:\n        n > 5\n        n > 3\n        a\n"
        "    then license\n"
    )
    assert case(project, rules) == ["L208"]


def test_outcome_never_given(project: Project) -> None:
    assert case(project, "rule r for permit:\n    when a\n    then prohibited\n") == ["L209"]


def test_overlapping_cases(project: Project) -> None:
    rules = ALL_GIVEN + (
        "define limit for Case -> Int:\n    1 when a\n    2 when b\n    3 otherwise\n"
        "rule r for permit:\n    subject to base_p\n    when limit == 2\n    then license\n"
    )
    assert case(project, rules) == ["L206"]


def test_prove_holds_and_is_refuted(project: Project) -> None:
    rules = ALL_GIVEN + (
        "rule r for permit:\n    subject to base_p\n    when a\n    then license\n"
        "prove a_never_free for permit:\n    given a\n    then outcome in {license, prohibited}\n"
        "prove b_never_free for permit:\n    given b\n    then outcome in {license, prohibited}\n"
    )
    project.write(policy=HEAD + OTHERWISE + "\n" + rules)
    found = [d for d in project.lint() if d["code"].startswith("L")]
    assert [(d["code"], d["subjects"]) for d in found] == [("L210", ["b_never_free"])]
    witness = found[0]["witness"]
    assert witness["b"] is True
    assert project.eval("permit", witness)["outcome"] == "free"


def test_overreach(project: Project) -> None:
    rules = (
        "rule p for permit:\n    when n == 7\n    then prohibited\n"
        "rule r for permit:\n    when a and n != 7\n    then license\n"
        "rule s for permit:\n    notwithstanding p\n    when b\n    then free\n"
    )
    # s frees also where p does not apply: there r decides otherwise, which nothing orders.
    codes = case(project, rules)
    assert "L201" in codes


def test_suppression_hides_and_unused_suppression_shows(project: Project) -> None:
    rules = ALL_GIVEN + (
        "# comity: ignore[L202] kept for the annual review\n"
        "rule r for permit:\n    subject to base_p\n    when n > 5 and n < 3\n    then license\n"
        "# comity: ignore[L204] nothing to hide\n"
        "rule s for permit:\n    subject to base_p\n    when b\n    then license\n"
    )
    project.write(policy=HEAD + OTHERWISE + "\n" + rules)
    codes = [d["code"] for d in project.lint() if d["code"][0] == "L" or d["code"] == "H507"]
    assert codes == ["H507"]
