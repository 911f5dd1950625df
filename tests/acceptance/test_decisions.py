"""What a decision answers: language reference, sections on decisions and its fine print, through `comity eval`."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Project

FACTS = """
record Case as of day:
    a: Bool
    b: Bool
    c: Bool?
    d: Bool?
    n: Int = 0
    day: Date

decision permit for Case:
    outcomes:
        prohibited
        license
        free
"""


def facts(**changes: Any) -> dict[str, Any]:
    return {"a": False, "b": False, "c": False, "d": False, "day": "2022-03-01", **changes}


def policy(project: Project, rules: str, otherwise: str = "    otherwise free\n", grounds: str = "") -> Project:
    return project.write(policy=FACTS + grounds + otherwise + "\n" + rules)


def statuses(answer: Any) -> dict[str, str]:
    return {rule["name"]: rule["status"] for rule in answer["rules"]}


def test_otherwise_where_no_rule_decides(project: Project) -> None:
    policy(project, "rule r for permit:\n    when a\n    then license\n")
    answer = project.eval("permit", facts())
    assert answer["outcome"] == "free" and answer["determined"] and answer["rules"] == []
    assert answer["possible"] == ["free"] and answer["needs"] == [] and answer["as_of"] == "2022-03-01"
    assert answer["defaults"] == ["n"] and answer["decision"] == "permit"


def test_the_rule_that_decides_is_named_with_its_citations(project: Project) -> None:
    policy(project, 'rule r for permit:\n    cite "X 1"\n    cite "X 2"\n    when a\n    then license\n')
    answer = project.eval("permit", facts(a=True))
    assert answer["rules"] == [
        {"name": "r", "module": "policy", "outcome": "license", "citations": ["X 1", "X 2"], "status": "decides"}
    ]


def test_notwithstanding_defeats(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\n"
        "rule s for permit:\n    notwithstanding r\n    when b\n    then free\n",
    )
    answer = project.eval("permit", facts(a=True, b=True))
    assert answer["outcome"] == "free"
    assert statuses(answer) == {"s": "decides", "r": "defeated"}
    assert next(r for r in answer["rules"] if r["name"] == "r")["by"] == ["s"]


def test_subject_to_is_the_other_way_round(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    subject to s\n    when a\n    then license\n"
        "rule s for permit:\n    when b\n    then free\n",
    )
    assert project.eval("permit", facts(a=True, b=True))["outcome"] == "free"


def test_exception_reaches_only_where_its_rule_applies(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\n"
        "rule x for permit:\n    exception to r\n    when b\n    then prohibited\n",
    )
    assert project.eval("permit", facts(b=True))["outcome"] == "free"
    assert project.eval("permit", facts(a=True, b=True))["outcome"] == "prohibited"


def test_disapplies_revives_what_was_displaced(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\n"
        "rule x for permit:\n    exception to r\n    when b\n    then free\n"
        "rule no_x for permit:\n    disapplies x\n    when n == 7\n",
    )
    answer = project.eval("permit", facts(a=True, b=True, n=7))
    assert answer["outcome"] == "license"
    assert statuses(answer) == {"r": "decides", "x": "disapplied"}


def test_prevailing_is_not_transitive_and_the_defeated_still_defeat(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\n"
        "rule s for permit:\n    notwithstanding r\n    when a\n    then prohibited\n"
        "rule t for permit:\n    notwithstanding s\n    when a\n    then free\n",
    )
    answer = project.eval("permit", facts(a=True))
    assert answer["outcome"] == "free"
    assert statuses(answer) == {"t": "decides", "r": "defeated", "s": "defeated"}


def test_disapplies_acts_even_if_its_rule_is_defeated(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\n"
        "rule d for permit:\n    disapplies r\n    when b\n    then prohibited\n"
        "rule s for permit:\n    notwithstanding d\n    when b\n    then free\n",
    )
    assert project.eval("permit", facts(a=True, b=True))["outcome"] == "free"


def test_contradiction_is_null_with_error_and_exit_1(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\nrule s for permit:\n    when b\n    then prohibited\n",
    )
    import json

    run = project.run("eval", "permit", "--facts", "-", stdin=json.dumps(facts(a=True, b=True)))
    assert run.code == 1
    assert run.json["outcome"] is None and run.json["error"] == "contradiction"
    assert {r["name"] for r in run.json["rules"]} == {"r", "s"}


def test_gap_is_null_with_error(project: Project) -> None:
    policy(project, "rule r for permit:\n    when a\n    then license\n", otherwise="")
    answer = project.eval("permit", facts())
    assert answer["outcome"] is None and answer["error"] == "gap"


@pytest.mark.parametrize(
    ("grounds", "outcome", "ground"),
    [
        ("    prevail prohibited over license\n", "prohibited", "prevail prohibited over license"),
        ("    prevail license over prohibited\n", "license", "prevail license over prohibited"),
        ("    prevail by restriction\n", "prohibited", "prevail by restriction"),
        ("    prevail by later\n", "license", "prevail by later"),
    ],
)
def test_grounds_settle_a_disagreement(project: Project, grounds: str, outcome: str, ground: str) -> None:
    policy(
        project,
        "rule r for permit:\n    from 2022-01-01\n    when a\n    then license\n"
        "rule s for permit:\n    when a\n    then prohibited\n",
        grounds=grounds,
    )
    answer = project.eval("permit", facts(a=True))
    assert answer["outcome"] == outcome
    assert [g if isinstance(g, str) else g.get("ground") for g in answer["grounds"]] == [ground]


def test_prevail_by_rank_reads_the_instrument_of_each_file(project: Project) -> None:
    project.write(
        policy='instrument "Order 1" rank order\n' + FACTS + "    prevail by rank\n    otherwise free\n\n"
        "rule low for permit:\n    when a\n    then free\n",
        statute='instrument "Act 1" rank statute\nuse policy: *\n'
        "rule high for permit:\n    when a\n    then prohibited\n",
    )
    assert project.eval("permit", facts(a=True))["outcome"] == "prohibited"


def test_equal_days_settle_nothing(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    from 2022-01-01\n    when a\n    then license\n"
        "rule s for permit:\n    from 2022-01-01\n    when a\n    then prohibited\n",
        grounds="    prevail by later\n",
    )
    assert project.eval("permit", facts(a=True))["error"] == "contradiction"


# --------------------------------------------------------------------------------------------- unknown facts


def test_unknown_lists_what_is_possible_and_what_is_needed(project: Project) -> None:
    policy(project, "rule r for permit:\n    when c\n    then license\n")
    answer = project.eval("permit", facts(c=None))
    assert answer["outcome"] is None and answer["determined"] is False
    assert answer["possible"] == ["license", "free"] and answer["needs"] == ["c"]
    assert statuses(answer) == {"r": "possible"}


def test_strong_kleene_false_and_unknown_is_false(project: Project) -> None:
    policy(project, "rule r for permit:\n    when c and a\n    then license\n")
    answer = project.eval("permit", facts(c=None))
    assert answer["outcome"] == "free" and answer["determined"]


def test_undetermined_where_every_way_agrees_is_determined(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when c\n    then license\n"
        "rule s for permit:\n    notwithstanding r\n    when a\n    then prohibited\n",
    )
    answer = project.eval("permit", facts(a=True, c=None))
    assert answer["outcome"] == "prohibited" and answer["determined"] and answer["needs"] == []


def test_ways_are_independent(project: Project) -> None:
    """Two rules over one unknown fact are taken apart: nothing is assumed about how their conditions hang together."""
    policy(
        project,
        "rule r for permit:\n    when c\n    then license\nrule s for permit:\n    when not c\n    then license\n",
    )
    answer = project.eval("permit", facts(c=None))
    assert answer["outcome"] is None and set(answer["possible"]) == {"license", "free"}


def test_a_possible_contradiction_leaves_the_answer_undetermined(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when a\n    then license\nrule s for permit:\n    when c\n    then prohibited\n",
    )
    answer = project.eval("permit", facts(a=True, c=None))
    assert answer["outcome"] is None and not answer["determined"] and "error" not in answer
    assert set(answer["possible"]) == {"license", "prohibited"}


def test_is_known_counts_as_settled_and_is_listed(project: Project) -> None:
    policy(project, "rule r for permit:\n    when c is unknown\n    then license\n")
    answer = project.eval("permit", facts(c=None))
    assert answer["outcome"] == "license" and answer["determined"]
    assert answer["relied_on_unknown"] == ["c"]


def test_needs_are_in_the_order_of_the_record(project: Project) -> None:
    policy(project, "rule r for permit:\n    when d and c\n    then license\n")
    assert project.eval("permit", facts(c=None, d=None))["needs"] == ["c", "d"]


# --------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2022-02-23", "free"),
        ("2022-02-24", "license"),
        ("2022-06-30", "license"),
        ("2022-07-01", "free"),
        ("2022-09-01", "license"),
    ],
)
def test_windows_open_and_close_on_inclusive_days(project: Project, day: str, outcome: str) -> None:
    policy(
        project,
        "rule r for permit:\n    from 2022-02-24 until 2022-06-30\n    from 2022-09-01\n    then license\n",
    )
    assert project.eval("permit", facts(day=day))["outcome"] == outcome


def test_a_line_is_false_outside_its_window(project: Project) -> None:
    policy(
        project,
        "rule r for permit:\n    when any:\n        a\n        b from 2022-03-02\n    then license\n",
    )
    assert project.eval("permit", facts(b=True, day="2022-03-01"))["outcome"] == "free"
    assert project.eval("permit", facts(b=True, day="2022-03-02"))["outcome"] == "license"


def test_as_of_replaces_the_field(project: Project) -> None:
    policy(project, "rule r for permit:\n    from 2030-01-01\n    then license\n")
    assert project.eval("permit", facts(), "--as-of", "2031-01-01")["outcome"] == "license"


# --------------------------------------------------------------------------------------------- counsel


def test_counsel_with_then_is_x_or_nothing(project: Project) -> None:
    policy(project, 'rule r for permit:\n    refer to counsel "judge"\n    when a\n    then license\n')
    answer = project.eval("permit", facts(a=True))
    assert answer["outcome"] is None and set(answer["possible"]) == {"license", "free"}
    assert answer["needs"] == ["findings.r"]
    assert project.eval("permit", facts(a=True, findings={"r": True}))["outcome"] == "license"
    assert project.eval("permit", facts(a=True, findings={"r": False}))["outcome"] == "free"
    assert project.eval("permit", facts())["outcome"] == "free"


def test_counsel_alone_leaves_any_outcome(project: Project) -> None:
    policy(project, 'rule r for permit:\n    refer to counsel "judge"\n    when a\n')
    assert set(project.eval("permit", facts(a=True))["possible"]) == {"prohibited", "license", "free"}


# --------------------------------------------------------------------------------------------- facts


def test_all_bad_facts_are_named_at_once(project: Project) -> None:
    import json

    policy(project, "rule r for permit:\n    when a\n    then license\n")
    run = project.run("eval", "permit", "--facts", "-", stdin=json.dumps({"a": 3, "c": None, "day": "2022-02-30"}))
    assert run.code == 1
    text = run.out + run.err
    for path in ("a", "b", "day"):
        assert path in text
    assert "Traceback" not in text


def test_an_input_that_breaks_an_always_line_is_refused(project: Project) -> None:
    import json

    project.write(
        policy="record Case:\n    n: Int\n    always n >= 0\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    when n > 3\n    then license\n"
    )
    run = project.run("eval", "permit", "--facts", "-", stdin=json.dumps({"n": -1}))
    assert run.code == 1 and "n >= 0" in run.out + run.err


def test_a_stream_answers_the_good_and_exits_1_for_the_bad(project: Project) -> None:
    import json

    policy(project, "rule r for permit:\n    when a\n    then license\n")
    lines = "\n".join(json.dumps(f) for f in (facts(a=True), {"a": 1}, facts()))
    run = project.run("eval", "permit", "--facts", "-", stdin=lines + "\n")
    assert run.code == 1
    answers = [json.loads(line) for line in run.out.splitlines() if line.strip()]
    assert [a.get("outcome") for a in answers if a.get("determined")] == ["license", "free"]


# --------------------------------------------------------------------------------------------- tables, definitions


TABLED = """
enum Land:
    aa
    bb
    cc
    dd

enum Column:
    x
    y

record Case:
    land: Land?
    column: Column
    code: Eccn

table chart(land "iso": Land, column: Column) -> Bool from "chart.csv"
table rating(code: Eccn) -> Int:
    3A001: 1
    3A001.b: 2
    EAR99: 9

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule r for permit:
    when chart[land, column]
    then license

rule deep for permit:
    when rating[code] == 2
    then license
"""


def tabled(project: Project) -> Project:
    (project.root / "chart.csv").write_text("iso,x,y\naa,X,\nbb,,X\n", encoding="utf-8")
    return project.write(policy=TABLED)


def test_blank_cell_is_false_and_missing_row_unknown(project: Project) -> None:
    tabled(project)
    assert project.eval("permit", {"land": "aa", "column": "x", "code": "EAR99"})["outcome"] == "license"
    assert project.eval("permit", {"land": "aa", "column": "y", "code": "EAR99"})["outcome"] == "free"
    missing = project.eval("permit", {"land": "cc", "column": "y", "code": "EAR99"})
    assert missing["outcome"] is None and missing["needs"] == ["chart[cc, y]"]
    assert project.eval("permit", {"land": None, "column": "y", "code": "EAR99"})["needs"] == ["land"]


def test_an_eccn_key_takes_the_longest_row_it_is_within(project: Project) -> None:
    tabled(project)
    base = {"land": "aa", "column": "y"}
    assert project.eval("permit", {**base, "code": "3A001.b.2"})["outcome"] == "license"
    assert project.eval("permit", {**base, "code": "3A001.a"})["outcome"] == "free"
    assert project.eval("permit", {**base, "code": "5A002"})["needs"] == ["rating[5A002]"]


def test_tests_of_eccn_parts_are_false_on_ear99(project: Project) -> None:
    project.write(
        policy="record Case:\n    code: Eccn\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    when code.category != 3\n    then license\n"
    )
    assert project.eval("permit", {"code": "EAR99"})["outcome"] == "free"
    assert project.eval("permit", {"code": "5A002"})["outcome"] == "license"
    assert project.eval("permit", {"code": "3A001"})["outcome"] == "free"


def test_cases_are_unknown_once_an_earlier_case_is(project: Project) -> None:
    project.write(
        policy="record Case:\n    c: Bool?\n    n: Int\n"
        "define limit for Case -> Int:\n    first match\n    1 when c\n    2 when n > 5\n    3 otherwise\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    when limit == 2\n    then license\n"
    )
    assert project.eval("permit", {"c": None, "n": 9})["needs"] == ["c"]
    assert project.eval("permit", {"c": False, "n": 9})["outcome"] == "license"
    assert project.eval("permit", {"c": True, "n": 9})["outcome"] == "free"


def test_quantifiers_bind_blocks_and_lines(project: Project) -> None:
    project.write(
        policy="record Person:\n    listed: Bool?\n    foreign: Bool\n"
        "record Case:\n    parties: list of Person\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    when any p in parties:\n        p.listed\n        p.foreign\n    then license\n"
    )
    one = {"listed": True, "foreign": True}
    assert project.eval("permit", {"parties": [one]})["outcome"] == "license"
    assert project.eval("permit", {"parties": []})["outcome"] == "free"
    unknown = project.eval("permit", {"parties": [{"listed": None, "foreign": True}]})
    assert unknown["outcome"] is None
    assert project.eval("permit", {"parties": [{"listed": None, "foreign": False}]})["outcome"] == "free"


def test_money_lengths_and_dates_are_exact(project: Project) -> None:
    project.write(
        policy="record Case:\n    value: Money in USD\n    share: Percent\n    reach: Length\n    made: Date\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    when all:\n        share <= 25%\n        value * 0.1 == 0.3 USD\n"
        "        reach == 54 nmi\n        made + 1 months == 2022-02-28\n    then license\n"
    )
    good = {"value": "3 USD", "share": "25%", "reach": "100.008 km", "made": "2022-01-31"}
    assert project.eval("permit", good)["outcome"] == "license"
    assert project.eval("permit", {**good, "share": "25.0001%"})["outcome"] == "free"
    assert project.eval("permit", {**good, "value": {"amount": "3", "currency": "USD"}})["outcome"] == "license"
