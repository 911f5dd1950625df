"""`comity query`: rows for every value of a fact, as the table behind them says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from textwrap import dedent

import pytest

from tests.acceptance.conftest import Project, project

__all__ = ["project"]

POLICY = """
use std.countries: *

enum Mode:
    air
    sea

record Case:
    to: Country
    mode: Mode
    code: Eccn
    listed: Bool?
    weight: Mass
    always not (to == IS and mode == sea)

table chart(country "iso": Country) -> Bool from "chart.csv"

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule by_chart for permit:
    when chart[to]
    then license

rule by_list for permit:
    when listed and code within 3A001
    then license
"""


def written(project: Project, more: str = "") -> Project:
    (project.root / "chart.csv").write_text("iso,value\nUS,\nRU,X\nIS,\n", encoding="utf-8")
    return project.write(policy=POLICY + more)


def rows(project: Project, *arguments: str) -> dict[str, dict[str, object]]:
    run = project.run("query", "permit", "--format", "json", *arguments)
    assert run.code == 0, run.err
    return {row["to"]: row for row in run.json["rows"]}


def test_every_country_has_the_answer_of_its_row(project: Project) -> None:
    found = rows(written(project), "--by", "to", "--where", "not listed")
    assert len(found) == 250
    assert found["RU"]["outcome"] == "license" and found["RU"]["rules"] == ["by_chart"]
    assert found["US"]["outcome"] == "free"
    assert found["CU"]["outcome"] is None and found["CU"]["needs"] == ["chart[CU]"]


def test_what_nothing_fixes_is_unknown(project: Project) -> None:
    found = rows(written(project), "--by", "to")
    assert found["US"]["outcome"] is None and found["US"]["needs"] == ["code", "listed"]
    assert found["RU"]["outcome"] == "license"


def test_an_example_fills_in_and_facts_go_before_it(project: Project) -> None:
    written(project, "\nexample Case:\n    code = 3A001\n    listed = true\n")
    assert rows(project, "--by", "to")["US"]["outcome"] == "license"
    (project.root / "facts.json").write_text('{"listed": false}', encoding="utf-8")
    assert rows(project, "--by", "to", "--facts", "facts.json")["US"]["outcome"] == "free"


LAYERS = """
    enum Region:
        east
        west

    record Item:
        dual_use: Bool = false
        tested: Bool?

    record Export:
        region: Region
        listed: Bool = false
        occupied: Bool?
        waived: Bool? = true
        item: Item
        part: Item?

    decision licensing for Export:
        outcomes:
            required
            free
        otherwise free

    rule occupied_needs for licensing:
        when any:
            occupied
            listed
            not waived
            item.dual_use
            part.dual_use
        then required
"""
TAME = {"occupied": False, "listed": False, "waived": True, "item": {"dual_use": False}, "part": {"dual_use": False}}


@pytest.mark.parametrize(
    ("facts", "example", "outcome"),
    [
        ({}, "", None),
        ({"occupied": False, "part": {}}, "", "free"),
        (TAME, "", "free"),
        # the example over the default
        ({"occupied": False, "part": {}}, "listed = true", "required"),
        ({"occupied": False, "part": {}}, "waived = false", "required"),
        ({"occupied": False, "part": {}}, "item.dual_use = true", "required"),
        # facts over the example
        (TAME, "occupied = true", "free"),
        (TAME, "item.dual_use = true", "free"),
        ({**TAME, "item": {"tested": True}}, "item.dual_use = true", "required"),
        # unknown facts over the example and the default
        ({**TAME, "occupied": None}, "occupied = false", None),
        ({**TAME, "waived": None}, "waived = true", None),
        ({**TAME, "waived": None}, "", None),
        ({**TAME, "part": None}, "part.dual_use = false", None),
        ({"occupied": False}, "part.dual_use = false", "free"),
    ],
)
def test_where_a_fact_comes_from(project: Project, facts: dict[str, object], example: str, outcome: str | None) -> None:
    """Facts, unknown ones included; then the example; then defaults: in `query`, tests, `eval` and `diff --facts`."""
    shown = f"\nexample Export:\n    {example}\n" if example else ""
    project.write(policy=dedent(LAYERS) + shown + _as_test(facts, outcome))
    (project.root / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    run = project.run("query", "licensing", "--by", "region", "--facts", "facts.json", "--format", "json")
    assert [row["outcome"] for row in run.json["rows"]] == [outcome] * 2
    assert project.run("test").code == 0
    whole = {"region": "east", "item": {}, **facts}
    (project.root / "whole.json").write_text(json.dumps(whole), encoding="utf-8")
    if not example:
        assert project.run("eval", "licensing", "--facts", "whole.json").json["outcome"] == outcome


def _as_test(facts: Mapping[str, object], outcome: str | None) -> str:
    words = {None: "unknown", True: "true", False: "false"}
    lines = ["region = east"]
    for name, value in facts.items():
        inner = value if isinstance(value, dict) else {"": value}
        lines += [f"{name}{'.' if key else ''}{key} = {words[each]}" for key, each in inner.items()]
        lines += [f"{name} = Item()"] if value == {} else []
    given = "\n".join(f"        {line}" for line in lines)
    return f'\ntest "it" for licensing:\n    given:\n{given}\n    expect {outcome or "undetermined"}\n'


def test_an_element_of_given_facts_has_its_defaults(project: Project) -> None:
    project.write(
        policy="""
        use std.countries: *

        record Person:
            listed: Bool = false
            sick: Bool

        record Case:
            to: Country
            crew: list of Person

        decision permit for Case:
            outcomes:
                license
                free
            otherwise free

        rule listed for permit:
            when any p in crew: p.listed or p.sick
            then license
        """
    )
    (project.root / "facts.json").write_text('{"crew": [{"sick": false}]}', encoding="utf-8")
    assert rows(project, "--by", "to", "--facts", "facts.json")["US"]["outcome"] == "free"
    (project.root / "facts.json").write_text('{"crew": [{}]}', encoding="utf-8")
    assert rows(project, "--by", "to", "--facts", "facts.json")["US"]["needs"] == ["crew[0].sick"]


def test_a_condition_that_fixes_nothing_keeps_rows(project: Project) -> None:
    found = rows(written(project), "--by", "to", "--where", "to in {US, RU} and not listed")
    assert sorted(found) == ["RU", "US"]


def test_an_input_that_cannot_be_is_refused_in_its_row(project: Project) -> None:
    found = rows(written(project), "--by", "to", "--where", "mode == sea and to == IS")
    assert found["IS"]["error"] == "refused" and "always" in str(found["IS"]["reason"])


def test_two_dimensions_as_csv(project: Project) -> None:
    run = written(project).run(
        "query", "permit", "--by", "mode", "--by", "to", "--where", "not listed and to in {US, RU}", "--format", "csv"
    )
    table = list(csv.DictReader(io.StringIO(run.out)))
    assert [(row["mode"], row["to"], row["outcome"]) for row in table] == [
        ("air", "RU", "license"),
        ("air", "US", "free"),
        ("sea", "RU", "license"),
        ("sea", "US", "free"),
    ]


def test_wrong_questions_say_what_can_be_asked(project: Project) -> None:
    written(project)
    assert project.run("query", "permit", "--by", "weight").code == 2
    nowhere = project.run("query", "permit", "--by", "too")
    assert nowhere.code == 2 and "to, mode, code" in nowhere.err
    wrong = project.run("query", "permit", "--by", "to", "--where", "code == 9Z999")
    assert wrong.code == 2 and "E106" in wrong.out + wrong.err


def test_conditions_add_up(project: Project) -> None:
    written(project)
    run = project.run("query", "permit", "--where", "to == RU", "--where", "listed", "--by", "code", "--format", "json")
    assert run.json["where"] == "(to == RU) and (listed)"
    alone = project.run("query", "permit", "--where", "to == RU and listed", "--by", "code", "--format", "json")
    assert run.json["rows"] == alone.json["rows"] and alone.json["where"] == "to == RU and listed"


MORE = """
enum Use:
    civil
    military

record Item:
    code: HsCode or absent
    uses: set of Use
    lots: list of Int
    weight: Int

define class_of(use: Use) -> Int:
    1 when use == civil

decision check for Item:
    outcomes:
        look
        pass
    otherwise pass

rule chips for check:
    when code is present and code within HS 8542 and military in uses
    then look

example Item:
    code = HS 8542
    uses = {}
    lots = [1]
    weight = 3
"""


def test_sets_lists_and_absent_are_fixed_too(project: Project) -> None:
    project.write(item=MORE)
    table = project.run("query", "check", "--by", "code", "--where", "uses == {military} and lots == [2, 3]")
    assert table.out.splitlines() == ["code    outcome  rules", "8542    look     chips", "absent  pass"]
    run = project.run("query", "check", "--by", "code", "--where", "code is absent", "--format", "json")
    assert [row["code"] for row in run.json["rows"]] == [{"absent": True}]


def test_a_condition_that_has_no_value_leaves_nothing_out(project: Project) -> None:
    """A gap in a definition that is asked is no fault of Comity's."""
    project.write(item=MORE)
    run = project.run("query", "check", "--by", "code", "--where", "class_of(military) == 1", "--format", "csv")
    assert run.code == 0 and len(run.out.splitlines()) == 3, run.err


def test_that_no_input_is_left_is_said(project: Project) -> None:
    project.write(item=MORE)
    run = project.run("query", "check", "--by", "code", "--where", "weight > 3")
    assert (run.code, run.out, run.err) == (0, "code  outcome\n", "no input is left by the conditions\n")


def test_wrong_use_names_what_is_wrong_and_is_exit_2(project: Project) -> None:
    written(project)
    project.write(**{"bad.json": "{", "other.json": '{"too": "RU"}', "list.json": "[]"})
    for arguments, said in {
        ("--by", "too"): "did you mean `to`?",
        ("--by", "to", "--by", "to"): "`to` is asked about twice",
        ("--by", "to", "--facts", "bad.json"): "cannot be read: expected JSON",
        ("--by", "to", "--facts", "other.json"): "did you mean `to`?",
        ("--by", "to", "--facts", "list.json"): "one JSON object",
        ("--by", "to", "--facts", "nowhere.json"): "nowhere.json",
        ("--by", "to", "--as-of", "2022"): "is not a date",
        ("--by", "to", "--where", "to == RU ++"): "--where:1:",
    }.items():
        run = project.run("query", "permit", *arguments)
        assert run.code == 2 and said in run.err, (arguments, run.err)
        assert run.out == ""
