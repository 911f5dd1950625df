"""Lowering: families, edges, dated sets, circles, the source hash."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from comity import parts, terms
from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.lower import lower, source_hash
from comity.runtime.types import BOOL

from ..counting import calls
from .build import (
    COLUMN,
    COLUMNS,
    by,
    clause,
    columns,
    const_true,
    decision,
    define,
    every,
    fact,
    local,
    named_set,
    over,
    program,
    read,
    record,
    rule,
    since,
    table,
    this,
)

CASE = record(fact("a"), fact("columns", COLUMNS), fact("column", COLUMN))


def lowered(*rules: checked.Rule, **parts: object) -> core.Decision:
    report = Report()
    made = lower(program([decision(CASE)], rules, **parts), report)  # type: ignore[arg-type]
    assert not report.diagnostics, [d.message for d in report.diagnostics]
    return made.decisions["m.permit"]


def edges(made: core.Decision) -> set[tuple[str, str, str]]:
    return {(r.name, e.kind, made.rules[e.target].name) for r in made.rules for e in r.edges}


def circles(*rules: checked.Rule, grounds: tuple[parts.Ground, ...] = ()) -> list[str]:
    report = Report()
    made = lower(program([decision(CASE, grounds=grounds)], rules), report)
    assert all(d.code == "E110" for d in report.diagnostics)
    again = Report()
    # INVARIANT (precedence is acyclic) holds for what is handed on, so lowering it again would find nothing.
    from comity.core.precedence import acyclic_rules

    acyclic_rules(made.decisions["m.permit"].rules, again)
    assert not again.diagnostics
    return [d.message for d in report.diagnostics]


# ------------------------------------------------------------------------------------------- families


def test_a_family_over_constants_has_one_rule_per_member_without_a_condition() -> None:
    made = lowered(rule("chart", for_each=("r", columns("NS2", "NS1"), COLUMN)))
    assert [(r.name, r.family, r.key, r.membership) for r in made.rules] == [
        ("chart[NS1]", "chart", "NS1", None),
        ("chart[NS2]", "chart", "NS2", None),
    ]


def test_a_family_over_facts_has_one_rule_per_member_with_a_condition() -> None:
    source = read(CASE, "columns")
    made = lowered(rule("chart", for_each=("r", source, COLUMN)))
    assert [r.membership for r in made.rules] == [
        terms.MemberOf(terms.Const(m, COLUMN), source) for m in COLUMN.members
    ]


def test_a_family_over_facts_has_no_rules_for_members_that_cannot_be_in_the_set() -> None:
    source = terms.SetOperation("&", read(CASE, "columns"), columns("NS1"), COLUMNS)
    assert [r.name for r in lowered(rule("chart", for_each=("r", source, COLUMN))).rules] == ["chart[NS1]"]


def test_a_family_over_a_dated_set_keeps_its_condition() -> None:
    dated = named_set("S", COLUMNS, ("+", columns("NS1"), None), ("+", columns("NS2"), since(2022)))
    source = terms.NamedSet("m.S", COLUMNS)
    made = lowered(rule("chart", for_each=("r", source, COLUMN)), sets=[dated])
    assert [(r.name, r.membership is None) for r in made.rules] == [("chart[NS1]", False), ("chart[NS2]", False)]


def test_a_family_over_a_table_takes_the_members_that_the_table_gives() -> None:
    rows = [(("NS1",), True), (("NS2",), False)]  # MT1 has no row: unknown, so its rule stays, with the condition
    lookup = terms.Lookup("m.t", (local("c"),), BOOL)
    source = terms.Filter("c", terms.Const(frozenset(COLUMN.members), COLUMNS), lookup, COLUMNS)
    made = lowered(rule("chart", for_each=("r", source, COLUMN)), tables=[table("t", (("c", COLUMN),), BOOL, rows)])
    assert [(r.name, r.membership is None) for r in made.rules] == [("chart[NS1]", True), ("chart[MT1]", False)]


FACTS = read(CASE, "columns")
SOME = terms.Equal(read(CASE, "a"), const_true(), BOOL)
PAIR = terms.Const(frozenset({"NS1", "NS2"}), COLUMNS)


def operation(operator: Literal["|", "&", "-"], left: terms.Term, right: terms.Term) -> terms.Term:
    return terms.SetOperation(operator, left, right, COLUMNS)


@pytest.mark.parametrize(
    ("source", "members"),
    [
        (FACTS, "NS1 NS2 MT1"),
        (operation("&", FACTS, PAIR), "NS1 NS2"),
        (operation("&", PAIR, FACTS), "NS1 NS2"),
        (operation("&", operation("&", PAIR, FACTS), columns("NS1", "MT1")), "NS1"),
        (operation("-", PAIR, FACTS), "NS1 NS2"),
        (operation("-", FACTS, PAIR), "NS1 NS2 MT1"),
        (operation("|", operation("&", FACTS, columns("NS1")), operation("-", columns("MT1"), FACTS)), "NS1 MT1"),
        (operation("|", FACTS, columns("NS1")), "NS1 NS2 MT1"),
        (operation("|", columns("NS1"), FACTS), "NS1 NS2 MT1"),
        (terms.When(SOME, PAIR, COLUMNS), "NS1 NS2"),
        (terms.Filter("c", columns("NS2"), SOME, COLUMNS), "NS2"),
        (terms.Filter("c", terms.NamedSet("m.BOTH", COLUMNS), SOME, COLUMNS), "NS1 NS2"),
        (terms.SetOf((terms.Const("NS1", COLUMN), read(CASE, "column")), COLUMNS), "NS1 NS2 MT1"),
    ],
)
def test_a_family_over_facts_has_rules_for_the_members_there_may_be(source: terms.Term, members: str) -> None:
    both = named_set("BOTH", COLUMNS, ("+", columns("NS1"), None), ("+", columns("NS2"), None))
    made = lowered(rule("chart", for_each=("r", source, COLUMN)), sets=[both])
    assert [r.key for r in made.rules] == members.split()
    assert all(r.membership is not None for r in made.rules)


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("twice", [False, True])
def test_what_a_set_is_made_of_decides_whether_its_family_has_conditions(dated: bool, twice: bool) -> None:
    """By the program alone (a definition, a table, a named set) there is no doubt; once a day takes part, there is."""
    window = since(2022)[0]
    rows = [(("NS1",), True, window) if dated else (("NS1",), True), (("NS2",), True), (("MT1",), False)]
    data = table("t", (("c", COLUMN),), BOOL, rows)  # type: ignore[arg-type]
    listed = define("listed", (("c", COLUMN),), BOOL, terms.Lookup("m.t", (local("c"),), BOOL))
    where = terms.Call("m.listed", (local("c"),), BOOL)
    source = terms.Filter("c", terms.Const(frozenset(COLUMN.members), COLUMNS), where, COLUMNS)
    families = [rule(name, for_each=("r", source, COLUMN)) for name in ("one", "two")[: 1 + twice]]
    made = lowered(*families, tables=[data], defines=[listed])
    names = [(r.name, r.membership is None) for r in made.rules]
    assert names == [
        (f"{family.qname[2:]}[{key}]", not dated)
        for family in families
        for key in COLUMN.members
        if key != "MT1" or dated
    ]


def test_a_family_over_what_another_decision_says_keeps_its_conditions() -> None:
    report = Report()
    other = decision(CASE, name="other")
    asks = terms.RuleHolds("m.other", "m.x", None, "applies", this(CASE))
    source = terms.Filter("c", columns("NS1"), asks, COLUMNS)
    tree = program([decision(CASE), other], [rule("x", of="other"), rule("chart", for_each=("r", source, COLUMN))])
    made = lower(tree, report).decisions["m.permit"]
    assert [(r.name, r.membership is None) for r in made.rules] == [("chart[NS1]", False)]


def test_a_family_over_the_empty_set_keeps_rules_that_never_apply() -> None:
    made = lowered(rule("chart", for_each=("r", columns(), COLUMN)))
    assert [r.membership for r in made.rules] == [terms.FALSE] * 3


def test_the_key_is_substituted_but_not_where_it_is_bound_again() -> None:
    same = terms.Equal(local("r"), read(CASE, "column"), COLUMN)
    inner = terms.Quantifier("any", "r", columns("NS2"), same)
    made = lowered(rule("chart", for_each=("r", columns("NS1"), COLUMN), when=terms.And((same, inner)), unless=same))
    key = terms.Const("NS1", COLUMN)
    replaced = terms.Equal(key, read(CASE, "column"), COLUMN)
    assert made.rules[0].when == terms.And((replaced, inner))
    assert made.rules[0].unless == replaced


# ------------------------------------------------------------------------------------------- edges


def test_each_clause_makes_its_edges() -> None:
    made = lowered(
        rule("a"),
        rule("n", "free", clause("notwithstanding", "a")),
        rule("s", "free", clause("subject to", "n")),
        rule("e", "free", clause("exception to", "a")),
        rule("d", None, clause("disapplies", "e")),
    )
    assert edges(made) == {
        ("n", "prevails", "a"),
        ("n", "prevails", "s"),
        ("e", "exception", "a"),
        ("e", "prevails", "a"),
        ("d", "disapplies", "e"),
    }
    assert {(e.written, made.rules[e.declared_by].name) for r in made.rules for e in r.edges if r.name == "n"} == {
        ("notwithstanding", "n"),
        ("subject to", "s"),
    }


def test_each_clause_keeps_its_own_edges_and_names_a_rule_once() -> None:
    made = lowered(
        rule("a"), rule("n", "free", clause("notwithstanding", "a", "a"), clause("exception to", "a", line=3))
    )
    assert [(e.kind, e.written, e.clause.line) for e in made.rules[1].edges] == [
        ("prevails", "notwithstanding", 9),
        ("exception", "exception to", 3),
        ("prevails", "exception to", 3),
    ]
    assert made.rules[1].targets("prevails") == (0,)


def test_keys_of_families_name_one_rule_each() -> None:
    made = lowered(
        rule("chart", for_each=("r", columns("NS1", "NS2", "MT1"), COLUMN)),
        rule(
            "gbs", "free", clause("exception to", ("chart", local("r"))), for_each=("r", columns("NS1", "NS2"), COLUMN)
        ),
        rule("mt", "prohibited", clause("notwithstanding", ("chart", terms.Const("MT1", COLUMN)))),
        rule("whole", "prohibited", clause("disapplies", "gbs")),
    )
    assert {edge for edge in edges(made) if edge[1] != "prevails"} == {
        ("gbs[NS1]", "exception", "chart[NS1]"),
        ("gbs[NS2]", "exception", "chart[NS2]"),
        ("whole", "disapplies", "gbs[NS1]"),
        ("whole", "disapplies", "gbs[NS2]"),
    }
    assert ("mt", "prevails", "chart[MT1]") in edges(made)


def test_every_rule_in_a_module_is_without_itself_and_those_excepted() -> None:
    made = lowered(
        rule("a", module="x"),
        rule("b", module="x"),
        rule("c", None, clause("disapplies", every("x", "x.b")), module="x"),
        rule("d"),
        texts={"m": "", "x": ""},
    )
    assert edges(made) == {("c", "disapplies", "a")}


def test_every_other_rule_is_all_rules_but_its_own_family() -> None:
    made = lowered(
        rule("a"),
        rule("b"),
        rule("f", "free", clause("notwithstanding", every(None, "b")), for_each=("r", columns("NS1", "NS2"), COLUMN)),
    )
    assert edges(made) == {("f[NS1]", "prevails", "a"), ("f[NS2]", "prevails", "a")}
    assert all(e.every_other for r in made.rules for e in r.edges)


def test_only_every_other_rule_is_marked_as_such() -> None:
    for clauses, marked in [(("a",), False), ((every("m"),), False), ((every(),), True), (("a", every()), True)]:
        made = lowered(rule("a"), rule("b", "free", clause("notwithstanding", *clauses)))
        assert [e.every_other for r in made.rules for e in r.edges] == [marked]


def test_every_rule_means_the_rules_of_the_same_decision() -> None:
    report = Report()
    made = lower(
        program(
            [decision(CASE), decision(CASE, name="other")],
            [rule("a"), rule("b", of="other"), rule("c", "free", clause("notwithstanding", every("m")))],
        ),
        report,
    )
    assert edges(made.decisions["m.permit"]) == {("c", "prevails", "a")}


def test_an_exception_to_a_rule_that_is_not_there_reaches_nothing() -> None:
    made = lowered(
        rule("chart", for_each=("r", columns("NS1"), COLUMN)),
        rule(
            "gbs", "free", clause("exception to", ("chart", local("r"))), for_each=("r", columns("NS1", "NS2"), COLUMN)
        ),
        rule("none", "free", clause("exception to", every("elsewhere"))),
    )
    assert [(r.name, r.membership) for r in made.rules[1:]] == [
        ("gbs[NS1]", None),
        ("gbs[NS2]", terms.FALSE),
        ("none", terms.FALSE),
    ]


# ------------------------------------------------------------------------------------------- circles


def test_two_rules_that_prevail_over_each_other() -> None:
    messages = circles(
        rule("a", "license", clause("notwithstanding", "b", line=4)),
        rule("b", "free", clause("notwithstanding", "a", line=8)),
    )
    assert messages == ["the order of precedence goes in a circle: `a` notwithstanding `b`, `b` notwithstanding `a`"]


@pytest.mark.parametrize(
    ("own", "other", "message"),
    [
        ([("notwithstanding", "a")], [], "`a` notwithstanding `a`"),
        ([("notwithstanding", "b"), ("subject to", "b")], [], "`a` notwithstanding `b`, `a` subject to `b`"),
        ([("exception to", "b"), ("disapplies", "b")], [], "`a` exception to `b`, `a` disapplies `b`"),
        ([("exception to", "b")], [("disapplies", "a")], "`a` exception to `b`, `b` disapplies `a`"),
        ([("exception to", "b")], [("exception to", "a")], "`a` exception to `b`, `b` exception to `a`"),
        ([("disapplies", "b")], [("disapplies", "a")], "`a` disapplies `b`, `b` disapplies `a`"),
        ([("disapplies", "b")], [("notwithstanding", "a")], "`a` disapplies `b`, `b` notwithstanding `a`"),
    ],
)
def test_circles_over_every_kind_of_clause(
    own: list[tuple[str, str]], other: list[tuple[str, str]], message: str
) -> None:
    messages = circles(
        rule("a", "license", *(clause(kind, target, line=n) for n, (kind, target) in enumerate(own))),
        rule("b", "free", *(clause(kind, target, line=n + 50) for n, (kind, target) in enumerate(other))),
    )
    assert messages == [f"the order of precedence goes in a circle: {message}"]


def test_a_loop_of_applicability_through_three_rules() -> None:
    """A reaches only where b does, b only where c does, and a keeps c from applying."""
    messages = circles(
        rule("a", "license", clause("exception to", "b", line=1), clause("disapplies", "c", line=2)),
        rule("b", "free", clause("exception to", "c", line=3)),
        rule("c", "prohibited"),
    )
    assert len(messages) == 1 and "`a` disapplies `c`" in messages[0]


def test_a_long_way_round_and_no_circle_without_a_way_back() -> None:
    ring = [rule(f"r{n}", "free", clause("notwithstanding", f"r{(n + 1) % 5}", line=n)) for n in range(5)]
    assert len(circles(*ring)) == 1
    assert circles(*ring[:-1], rule("r4")) == []


def test_one_circle_of_a_family_gives_one_message() -> None:
    messages = circles(
        rule("f", "free", clause("notwithstanding", "g", line=1), for_each=("r", columns("NS1", "NS2"), COLUMN)),
        rule(
            "g",
            "license",
            clause("notwithstanding", ("f", local("r")), line=2),
            for_each=("r", columns("NS1", "NS2"), COLUMN),
        ),
    )
    assert messages == ["the order of precedence goes in a circle: `f` notwithstanding `g`, `g` notwithstanding `f`"]


def test_circles_of_grounds() -> None:
    assert circles(rule("a"), grounds=(over("prohibited", "license"), over("license", "free"))) == []
    assert circles(rule("a"), grounds=(over("prohibited", "license", 1), over("license", "prohibited", 2))) == [
        "the order of precedence goes in a circle: `prevail prohibited over license`, `prevail license over prohibited`"
    ]
    assert len(circles(rule("a"), grounds=(over("free", "free"),))) == 1


def test_grounds_on_a_circle_are_left_out_and_others_stay() -> None:
    pair, own = [("prohibited", "license"), ("license", "prohibited")], [("free", "free")]
    for circle in (pair, own):
        report = Report()
        grounds = [*(over(*each, line) for line, each in enumerate([*circle, ("prohibited", "free")])), by("rank")]
        made = lower(program([decision(CASE, grounds=grounds)], [rule("a")]), report)
        assert [d.code for d in report.diagnostics] == ["E110"]
        assert report.diagnostics[0].subjects == tuple(winner for winner, _ in circle)
        left = made.decisions["m.permit"].grounds
        assert [(ground.kind, ground.winner, ground.loser) for ground in left] == [
            ("over", "prohibited", "free"),
            ("rank", None, None),
        ]


def test_a_circle_names_the_rules_that_declare_it() -> None:
    report = Report()
    rules = [
        rule("a", "license", clause("notwithstanding", "b", line=4)),
        rule("b", "free", clause("subject to", "c", line=5)),
        rule("c", "free", clause("subject to", "a", line=6)),
    ]
    lower(program([decision(CASE)], [*rules, rule("d")]), report)
    assert [d.subjects for d in report.diagnostics] == []
    rules[0] = rule("a", "license", clause("subject to", "b", line=4))
    lower(program([decision(CASE)], [*rules, rule("d")]), report)
    assert [set(d.subjects) for d in report.diagnostics] == [{"a", "b", "c"}]


# ------------------------------------------------------------------------------------------- the rest


def test_dated_sets_become_terms() -> None:
    window = since(2023)
    dated = named_set(
        "S", COLUMNS, ("+", columns("NS1"), window), ("+", columns("NS2"), None), ("-", columns("NS1"), window)
    )
    body = lower(program(sets=[dated]), Report()).sets["m.S"].body
    in_window = terms.InWindow(window)
    first = terms.When(in_window, columns("NS1"), COLUMNS)
    assert body == terms.SetOperation("-", terms.SetOperation("|", first, columns("NS2"), COLUMNS), first, COLUMNS)


def test_the_source_hash_is_of_texts_names_and_tables_and_of_nothing_else() -> None:
    base = program(texts={"m": "x\n", "n": "y\n"})
    assert source_hash(base) == source_hash(program(texts={"n": "y\n", "m": "x\r\n"}))
    moved = replace(
        base,
        modules={k: replace(m, source=SourceFile("/elsewhere", k, m.source.text)) for k, m in base.modules.items()},
    )
    assert source_hash(base) == source_hash(moved)
    for other in ({"m": "x\n"}, {"m": "x\ny\n", "n": ""}, {"m": "y\n", "n": "x\n"}, {"m": "x\n", "o": "y\n"}):
        assert source_hash(base) != source_hash(program(texts=other))
    data = table("t", (), BOOL, ())
    hashes = {source_hash(program(texts={"m": ""}, tables=[replace(data, sha256=sha)])) for sha in (None, "00", "01")}
    assert len(hashes) == 3


def test_ten_times_as_many_rules_take_ten_times_the_work() -> None:
    condition = terms.And((read(CASE, "a"), terms.Equal(read(CASE, "column"), terms.Const("NS1", COLUMN), COLUMN)))

    def lowered(count: int) -> int:
        rules = [
            rule(f"r{n}", "free", *([clause("notwithstanding", f"r{n - 1}", line=n)] if n % 2 else []), when=condition)
            for n in range(count)
        ]
        tree = program([decision(CASE)], rules)
        made = lower(tree, Report())
        assert len(made.decisions["m.permit"].rules) == count
        return calls(lambda: lower(tree, Report()))

    few = lowered(400)
    assert few / 400 < 100, "calls for one rule"
    assert lowered(4_000) < 11 * few
