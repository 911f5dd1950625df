"""`comity diff`: what changes between two versions, with the input that shows it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.acceptance.conftest import Project, Run, project

__all__ = ["project"]

POLICY = """
enum Place:
    US
    DE
    RU
    BY

record Export as of date:
    destination: Place
    licensed: Bool
    date: Date

set EMBARGOED: Place = {RU}

decision licensing for Export:
    outcomes:
        license_required
        no_license_required
    otherwise no_license_required

rule embargo for licensing:
    from 2022-02-24
    when destination in EMBARGOED
    then license_required

rule licensed_already for licensing:
    exception to embargo
    when licensed
    then no_license_required
"""


def versions(project: Project, old: str, new: str, *options: str, stdin: str | None = None) -> Run:
    project.write(old=old, new=new)
    return project.run("diff", "old.comity", "new.comity", *options, stdin=stdin)


def changes(project: Project, old: str, new: str, *options: str) -> list[dict[str, Any]]:
    run = versions(project, old, new, "--format", "json", *options)
    document = run.json
    assert run.code == int(not document["same"])
    assert document["open"] == []
    found: list[dict[str, Any]] = document["changes"]
    for change in found:  # what is shown was decided by both versions
        if change["from"] in ("license_required", "no_license_required"):
            facts = json.dumps(change["witness"])
            for name, outcome in (("old", change["from"]), ("new", change["to"])):
                project.write(**{f"{name}_alone/comity.toml": "", f"{name}_alone/m": old if name == "old" else new})
                answer = project.run("eval", "licensing", "--project", f"{name}_alone", "--facts", "-", stdin=facts)
                assert answer.json["outcome"] == outcome
    return found


DAYS = date.max.toordinal()
DAYS_SINCE = DAYS - date(2022, 2, 23).toordinal()


def test_a_widened_set_tightens_on_what_it_gained(project: Project) -> None:
    (change,) = changes(project, POLICY, POLICY.replace("= {RU}", "= {RU, BY}"))
    assert change["subjects"] == ["EMBARGOED", "embargo"]
    assert (change["from"], change["to"]) == ("no_license_required", "license_required")
    assert change["direction"] == "tightens"
    assert change["among"]["destination"] == ["BY"] and change["among"]["licensed"] == [False]
    assert change["exact"] and change["count"] == DAYS_SINCE
    assert change["share"] == pytest.approx(DAYS_SINCE / (4 * 2 * DAYS))


def test_a_shifted_date_loosens_on_the_days_between(project: Project) -> None:
    (change,) = changes(project, POLICY, POLICY.replace("from 2022-02-24", "from 2022-03-02"))
    assert change["subjects"] == ["embargo"] and change["direction"] == "loosens"
    assert "2022-02-24" <= change["witness"]["date"] <= "2022-03-01"
    assert (change["count"], change["exact"]) == (6, True)


def test_a_dropped_exception_tightens(project: Project) -> None:
    (change,) = changes(project, POLICY, POLICY[: POLICY.index("rule licensed_already")])
    assert change["subjects"] == ["licensed_already"] and change["direction"] == "tightens"
    assert change["witness"]["licensed"] is True and change["count"] == DAYS_SINCE


def test_an_exception_that_stands_alone_reaches_further(project: Project) -> None:
    """Without what it was an exception to, a rule applies everywhere."""
    old = POLICY + "rule free_anyway for licensing:\n    when destination == US\n    then no_license_required\n"
    new = POLICY.replace("otherwise no_license_required", "otherwise license_required").replace(
        "    exception to embargo\n    when licensed", "    when licensed and destination == DE"
    )
    found = changes(project, old, new)
    assert {change["direction"] for change in found} == {"tightens"}
    assert any(change["witness"]["destination"] == "RU" for change in found)


def test_the_same_in_other_words_changes_nothing(project: Project) -> None:
    other = POLICY.replace("when destination in EMBARGOED", "when not (destination in {US, DE, BY})")
    run = versions(project, POLICY, other)
    assert (run.code, run.out) == (0, "no answer changes\n")


def test_an_exception_to_what_does_not_apply_has_no_part(project: Project) -> None:
    """Its own condition holds in one version only, but it can apply in neither: the other change alone is the cause."""
    quota = "rule quota for licensing:\n    from 2022-03-10\n    when destination == BY\n    then license_required\n"
    old = POLICY + quota
    new = old.replace("when licensed", "when licensed or destination in {BY, US}").replace("03-10", "03-20")
    (change,) = changes(project, old, new)
    assert change["subjects"] == ["quota"] and change["direction"] == "loosens"
    assert (change["count"], change["exact"]) == (10 * 2, True)
    book = json.dumps({"destination": "BY", "licensed": False, "date": "2022-03-15"})
    (counted,) = versions(project, old, new, "--format", "json", "--facts", "-", stdin=book).json["changes"]
    assert counted["subjects"] == ["quota"]


def test_words_are_for_people(project: Project) -> None:
    run = versions(project, POLICY, POLICY.replace("= {RU}", "= {RU, BY}"))
    assert run.code == 1
    head, *rest = run.out.splitlines()
    assert head.startswith(
        "licensing: EMBARGOED, embargo tightens: no_license_required -> license_required [2_913_850 inputs, 9.97%]"
    )
    assert "    destination: BY" in rest
    assert json.loads(rest[-1])["destination"] == "BY"


def test_what_cannot_be_counted_is_an_estimate(project: Project) -> None:
    old = POLICY.replace(
        "    date: Date", "    date: Date\n    value: Money in USD\n    always value >= 0 USD"
    ).replace("when destination in EMBARGOED", "when destination in EMBARGOED and value > 500 USD")
    (change,) = changes(project, old, old.replace("500 USD", "300 USD"))
    assert change["direction"] == "tightens" and not change["exact"]
    assert change["count"] is None and 0 < change["share"] < 1
    assert change["witness"]["value"]["amount" if isinstance(change["witness"]["value"], dict) else 0]


def test_always_lines_that_demand_the_same_do_not_differ(project: Project) -> None:
    """Wherever they stand, and in whatever words."""
    old = POLICY.replace("    date: Date\n", "    date: Date\n    always date >= 2000-01-01\n")
    new = "# a line more\n" + old.replace("date >= 2000", "date  >=  2000").replace("= {RU}", "= {RU, BY}")
    assert versions(project, old, new, "--format", "json").json["notes"] == []
    run = versions(project, old, new.replace("2000-01-01", "2001-01-01"), "--format", "json")
    (note,) = run.json["notes"]
    assert note == "the `always` lines of `Export` differ: only inputs that keep those of both are compared"


def test_a_book_of_facts_is_counted(project: Project) -> None:
    facts = [
        {"destination": "BY", "licensed": False, "date": "2022-03-01"},
        {"destination": "BY", "licensed": True, "date": "2022-03-01"},
        {"destination": "RU", "licensed": False, "date": "2022-03-01"},
        {"destination": "Mars", "licensed": False, "date": "2022-03-01"},
    ]
    book = "\n".join(map(json.dumps, facts)) + "\nno json\n"
    new = POLICY.replace("= {RU}", "= {RU, BY}")
    run = versions(project, POLICY, new, "--facts", "-", "--format", "json", stdin=book)
    (change,) = run.json["changes"]
    assert run.code == 1 and run.json["facts"] == {"total": 5, "refused": 2}
    assert (change["count"], change["share"], change["exact"]) == (1, 0.2, True)
    assert change["witness"] == facts[0]
    quiet = versions(project, POLICY, new, "--facts", "-", stdin=json.dumps(facts[2]))
    assert (quiet.code, quiet.out) == (0, "1 input\nno answer changes\n")


def test_a_book_refuses_what_eval_refuses(project: Project) -> None:
    fine = {"destination": "BY", "licensed": False, "date": "2022-03-01"}
    bad = [
        {**fine, "licenced": True},
        {**fine, "date": "20220301"},
        {**fine, "findings": []},
        {**fine, "older": True, "newer": {"x": 1}},
    ]
    new = POLICY.replace("= {RU}", "= {RU, BY}").replace("licensed: Bool", "licensed: Bool\n    newer: Bool?")
    old = POLICY.replace("licensed: Bool", "licensed: Bool\n    older: Bool?")
    given = [*bad, {**fine, "findings": None}, {**fine, "older": True}, {**fine, "newer": True}]
    run = versions(project, old, new, "--facts", "-", "--format", "json", stdin="\n".join(map(json.dumps, given)))
    assert run.json["facts"] == {"total": 7, "refused": 3}  # what only one version has is not looked into


def test_an_input_that_one_version_alone_refuses_is_a_difference(project: Project) -> None:
    given = {"destination": "BY", "licensed": False, "date": "2022-03-01"}
    book = json.dumps(given) + "\n" + json.dumps({**given, "date": "1999-03-01"})
    new = POLICY.replace("    date: Date\n", "    date: Date\n    always date >= 2000-01-01\n")
    for one, two, version in ((new, POLICY, "earlier"), (POLICY, new, "later")):
        run = versions(project, one, two, "--facts", "-", "--format", "json", stdin=book)
        assert run.code == 1 and not run.json["same"] and run.json["facts"] == {"total": 2, "refused": 1}
        assert f"1 of the inputs is refused by the {version} version alone" in run.json["notes"]
    run = versions(project, new, new, "--facts", "-", "--format", "json", stdin=book)
    assert (run.code, run.json["same"], run.json["notes"]) == (0, True, [])


@pytest.mark.parametrize(
    ("book", "why"),
    [
        ("", "a version refuses it"),
        ("[]", "it holds none"),
        ("{}", "a version refuses it"),
        ("{}\n7", "a version refuses all 2"),
    ],
)
def test_a_book_of_which_nothing_was_compared_is_not_clean(project: Project, book: str, why: str) -> None:
    run = versions(project, POLICY, POLICY, "--facts", "-", stdin=book)
    assert run.code == 2 and f"no input of - was compared: {why}" in run.err
    assert "no answer changes" not in run.out


def test_a_book_for_a_decision_of_one_version_is_not_clean(project: Project) -> None:
    book = json.dumps({"destination": "BY", "licensed": False, "date": "2022-03-01"})
    run = versions(project, POLICY, POLICY.replace("licensing", "permits"), "--facts", "-", stdin=book)
    assert run.code == 2 and "only the later version decides `permits`" in run.out


def test_folders_of_one_project_are_two_programs(project: Project) -> None:
    project.write(v1__m=POLICY, v2__m=POLICY.replace("= {RU}", "= {RU, BY}"))
    run = project.run("diff", "v1", "v2", "--format", "json")
    assert run.code == 1 and run.json["changes"][0]["direction"] == "tightens"
    assert project.run("diff", "v1", "v1").code == 0


def test_an_unknown_fact_that_becomes_settled_counts(project: Project) -> None:
    old = POLICY.replace("licensed: Bool", "licensed: Bool?")
    new = old.replace("    when licensed\n", "    when licensed is known and licensed\n")
    found = changes(project, old, new)
    assert [(c["from"], c["to"], c["direction"]) for c in found] == [("undetermined", "license_required", "tightens")]
    assert found[0]["possible"]["from"] == ["license_required", "no_license_required"]


def test_a_decision_or_input_of_one_version_only_is_a_difference(project: Project) -> None:
    more = POLICY + "decision other for Export:\n    outcomes:\n        yes\n        nay\n    otherwise nay\n"
    run = versions(project, POLICY, more)
    assert run.code == 1 and "note: only the later version decides `other`" in run.out
    narrow = POLICY.replace("    date: Date", "    date: Date\n    always destination != US")
    run = versions(project, POLICY, narrow)
    assert run.code == 1 and "the `always` lines of `Export` differ" in run.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("old.comity", "nowhere"), "nowhere"),
        (("old.comity", "new.comity", "--decision", "export"), "neither version has a decision `export`"),
        (("old.comity", "broken.comity"), "E001"),
        (("old.comity", "new.comity", "--facts", "nowhere.json"), "nowhere.json"),
        (("old.comity",), "Missing argument"),
    ],
)
def test_wrong_use_is_exit_2(project: Project, arguments: tuple[str, ...], said: str) -> None:
    project.write(old=POLICY, new=POLICY)
    if "broken.comity" in arguments:
        project.write(broken="rule for licensing:\n")
    run = project.run("diff", *arguments)
    assert run.code == 2 and said in run.err + run.out
