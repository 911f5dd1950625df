"""Constructs that the program of the language's page does not show."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from textwrap import indent
from typing import Any

import pytest

from comity.surface import ast
from comity.surface.ast import Name, NameExpr, Path, QuantityLit, Text
from tests.surface.support import declaration, expression, module


def names(*texts: str) -> tuple[Name, ...]:
    return tuple(map(Name, texts))


def path(text: str) -> Path:
    return Path(names(*text.split(".")))


def day(text: str) -> ast.DateLit:
    return ast.DateLit(text, date.fromisoformat(text))


def days(count: int) -> QuantityLit:
    return QuantityLit(Fraction(count), "days")


def block(header: str, lines: str) -> ast.Declaration:
    return declaration(f"{header}:\n{indent(lines.strip(), '    ')}\n")


def rule(clauses: str) -> ast.RuleDecl:
    found = block("rule r for d", clauses)
    assert isinstance(found, ast.RuleDecl)
    return found


def agreement(lines: str) -> ast.AgreementDecl:
    found = declaration(
        "agreement g between A, B:\n" + "\n".join("    " + x for x in lines.strip("\n").split("\n")) + "\n"
    )
    assert isinstance(found, ast.AgreementDecl)
    return found


def item(lines: str) -> Any:
    (found,) = agreement(lines).items
    return found


def commitment(*clauses: str) -> ast.CommitmentDecl:
    found = item("commitment c by each party:\n" + "\n".join(f"    {clause}" for clause in clauses))
    assert isinstance(found, ast.CommitmentDecl)
    return found


# ------------------------------------------------------------------------------------------- facts


def test_a_file_may_be_empty_or_only_comments() -> None:
    assert module("").declarations == ()
    assert [c.text for c in module("\n\n# a\n   # b").comments] == ["# a", "# b"]


def test_long_documentation_loses_its_indentation() -> None:
    found = declaration('''
        enum E:
            """First.

            Second,
              deeper.
            """
            a
    ''')
    assert isinstance(found, ast.EnumDecl)
    assert found.doc == Text("First.\n\nSecond,\n  deeper.")


def test_bom_crlf_and_a_comment_without_a_line_end() -> None:
    found = module("enum A:\r\n    b  # c\r\n    d\r\n# e")
    (enum,) = found.declarations
    assert isinstance(enum, ast.EnumDecl) and [m.name.text for m in enum.members] == ["b", "d"]
    assert [(c.text, c.own_line) for c in found.comments] == [("# c", False), ("# e", True)]


def test_keywords_are_names_where_they_cannot_be_keywords() -> None:
    found = declaration("""
        enum Kind:
            cite "x"
            rule
            test
            subject
            status "s"
    """)
    assert isinstance(found, ast.EnumDecl)
    assert [m.name.text for m in found.members] == ["rule", "test", "subject", "status"]
    assert found.cites == (Text("x"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set of Money in USD or absent", ast.OrAbsent(ast.CollectionOf("set", ast.MoneyIn(Name("USD"))))),
        ("list of Int?", ast.MayBeUnknown(ast.CollectionOf("list", ast.NamedType(Name("Int"))))),
        ("Length? per Party", ast.PerParty(ast.MayBeUnknown(ast.NamedType(Name("Length"))))),
        ("set of list of Int", ast.CollectionOf("set", ast.CollectionOf("list", ast.NamedType(Name("Int"))))),
    ],
)
def test_types(text: str, expected: ast.TypeExpr) -> None:
    found = declaration(f"record R:\n    f: {text}\n")
    assert isinstance(found, ast.RecordDecl)
    (field,) = found.items
    assert isinstance(field, ast.FieldDecl) and field.type == expected


def test_dated_parts_of_a_set_on_one_line() -> None:
    """The same set as with a line for each part."""
    below = declaration("""
        set S: Country =
            {RU} from 2022-02-24
            + {BY} | {KP} from 2022-03-02 until 2023-01-01
            - {RU} from 2024-01-01
    """)
    beside = declaration(
        "set S: Country = {RU} from 2022-02-24 + {BY} | {KP} from 2022-03-02 until 2023-01-01 - {RU} from 2024-01-01\n"
    )
    assert beside == below and isinstance(below, ast.SetDecl) and [p.sign for p in below.parts] == [None, "+", "-"]
    whole = declaration("set S: Country = ({RU, GB} - {GB}) from 2020-02-01\n")
    assert isinstance(whole, ast.SetDecl) and len(whole.parts) == 1


def test_set_lines() -> None:
    found = declaration("""
        set S: Country =
            "doc"
            cite "a"
            A | B from 2020-01-01 until 2020-12-31 from 2022-01-01
            - {C}
            + D & E until 2021-01-01
    """)
    assert isinstance(found, ast.SetDecl)
    assert found.doc == Text("doc") and found.cites == (Text("a"),)
    assert [part.sign for part in found.parts] == [None, "-", "+"]
    assert [mark.kind for mark in found.parts[0].window] == ["from", "until", "from"]
    assert found.parts[2].value == ast.Binary("&", NameExpr("D"), NameExpr("E"))


def test_inline_tables() -> None:
    found = declaration("""
        table level(c: Country, r: Column) -> Int:
            "doc"
            cite "a"
            otherwise 0
            BE, NS1: 7_000
            NL, NS2: 9
    """)
    assert isinstance(found, ast.TableDecl)
    assert (found.file, found.doc, found.cites) == (None, Text("doc"), (Text("a"),))
    assert found.rows[0].keys == (NameExpr("BE"), NameExpr("NS1")) and len(found.rows) == 2
    assert found.otherwise == ast.NumberLit(Fraction(0), True)


def test_use_in_brackets() -> None:
    (use,) = module("use a.b: (C,\n    D,\n)\n").uses
    assert use == ast.Use(path("a.b"), names("C", "D"))
    (use,) = module("use ear.scope\n").uses
    assert use == ast.Use(path("ear.scope"), None)


# ------------------------------------------------------------------------------------------- rules


def test_windows_stand_on_one_line_or_several() -> None:
    marks = rule("from 2020-01-01\nuntil 2020-06-30 from 2021-01-01\nthen x").window
    assert [(mark.kind, mark.day.text) for mark in marks] == [
        ("from", "2020-01-01"),
        ("until", "2020-06-30"),
        ("from", "2021-01-01"),
    ]


def test_a_condition_on_one_line_may_have_its_window() -> None:
    when = rule("when a from 2020-01-01\nthen x").when
    assert when == ast.Block("all", (ast.Line(NameExpr("a"), (ast.WindowMark("from", day("2020-01-01")),)),))


def test_blocks_and_quantified_blocks() -> None:
    when = rule("""
when all:
    a
    none:
        b
        any p in s:
            p.x
            p.y until 2020-01-01
    no q in s: q.z
unless all p in s:
    p.ok
""")
    assert isinstance(when.when, ast.Block)
    inner = when.when.lines[1].condition
    assert isinstance(inner, ast.Block) and inner.kind == "none"
    quantified = inner.lines[1].condition
    assert isinstance(quantified, ast.QuantifiedBlock) and quantified.kind == "any" and len(quantified.lines) == 2
    assert len(quantified.lines[1].window) == 1
    assert isinstance(when.when.lines[2].condition, ast.Quantified)
    assert isinstance(when.unless, ast.QuantifiedBlock) and when.unless.kind == "all"


def test_precedence() -> None:
    found = rule("""
notwithstanding a, m.b[NS1], every rule in ear.exceptions except gov, tmp
subject to c
disapplies every other rule except d
refer to counsel "why"
""")
    first, second, third = found.precedence
    assert first.kind == "notwithstanding" and second.kind == "subject to"
    assert first.targets == (
        ast.RuleRef(path("a")),
        ast.RuleRef(path("m.b"), NameExpr("NS1")),
        ast.EveryRule(path("ear.exceptions"), (ast.RuleRef(path("gov")), ast.RuleRef(path("tmp")))),
    )
    assert third.targets == (ast.EveryRule(None, (ast.RuleRef(path("d")),)),)
    assert found.refer == ast.Refer(Text("why"))


def test_clauses_may_share_a_line() -> None:
    found = rule("when a unless b then x")
    assert (found.when, found.unless, found.then) == (NameExpr("a"), NameExpr("b"), Name("x"))


def test_grounds() -> None:
    found = declaration("""
        decision d for R:
            outcomes:
                a
                b
            prevail by rank cite "x" cite "y"
            prevail a over b
            prevail by restriction
    """)
    assert isinstance(found, ast.DecisionDecl) and found.otherwise is None
    assert [prevail.by for prevail in found.prevails] == ["rank", None, "restriction"]
    assert found.prevails[0].cites == (Text("x"), Text("y"))


def test_definitions() -> None:
    text = declaration('define f for R -> Text:\n    "only this"\n')
    assert isinstance(text, ast.DefineDecl) and text.body == ast.TextLit("only this") and text.doc is None

    inline = declaration("define f(a: Int, b: Set) -> Int: a + 1\n")
    assert isinstance(inline, ast.DefineDecl) and inline.body == expression("a + 1")

    cases = declaration("""
        define f for R -> Text:
            "doc"
            "low" when any:
                a
                b
            "high" otherwise
            cite "late"
    """)
    assert isinstance(cases, ast.DefineDecl) and isinstance(cases.body, ast.Cases)
    assert not cases.body.first_match and isinstance(cases.body.cases[0].condition, ast.Block)
    assert cases.doc == Text("doc") and cases.cites == (Text("late"),)


# ------------------------------------------------------------------------------------------- agreements


def test_parties() -> None:
    found = declaration("""
        party P = {A, B} as of 2020-01-01:
            "doc"
            territory {A, KALININGRAD}
            cite "x"
    """)
    assert isinstance(found, ast.PartyDecl)
    assert found.territory == ast.SetLit((NameExpr("A"), NameExpr("KALININGRAD")))
    assert (found.doc, found.cites, found.as_of) == (Text("doc"), (Text("x"),), day("2020-01-01"))


def test_capabilities() -> None:
    found = declaration('RUSSIA cannot deploy or test Missile when location not within RUSSIA cite "x" cite "y"\n')
    assert isinstance(found, ast.Capability) and not found.can
    assert (found.verbs, found.record) == (names("deploy", "test"), Name("Missile"))
    assert isinstance(found.when, ast.Within) and len(found.cites) == 2
    can = item("RUSSIA can deploy Missile")
    assert isinstance(can, ast.Capability) and can.can and can.when is None


def test_modalities() -> None:
    assert commitment("shall not produce or test Missile").modality.verbs == names("produce", "test")
    assert commitment("may deploy Missile").modality.kind == "may"
    duty = commitment("shall transmit Data by 2028-03-01").modality
    assert duty.kind == "shall" and duty.deadline == ast.Deadline(day("2028-03-01"), None, None)
    after = commitment("shall transmit Data within 30 days after data_b is performed").modality.deadline
    assert after is not None and after.within == days(30) and isinstance(after.after, ast.StateTest)
    hold = commitment("shall hold at most 1_550 Warhead when deployed")
    assert hold.modality.limit == ast.Limit("at most", ast.NumberLit(Fraction(1550), True))
    assert hold.when == NameExpr("deployed")
    yearly = commitment("shall accept at least 3 Inspection per calendar year").modality
    assert yearly.per == ast.Per("year", None)
    rolling = commitment("shall accept exactly 3 Inspection per 12 months by 2030-01-01").modality
    assert rolling.limit is not None and rolling.limit.kind == "exactly"
    assert rolling.per == ast.Per(None, QuantityLit(Fraction(12), "months")) and rolling.deadline is not None


def test_clauses_of_commitments() -> None:
    found = commitment(
        '"doc"',
        "from 2022-01-01 until 2023-01-01",
        "shall conduct Exercise when troops > 5 ensure notified >= 42 days",
        "unless any:",
        "    a",
        "binding when c of other is accepted by 2022-03-01 and CL consents",
        "suspended while c of other is breached",
        "parity per member",
        "protected",
        'asymmetric because "size"',
        "prevails over other_treaty, g.c",
    )
    assert len(found.window) == 2 and isinstance(found.ensure, ast.Compare) and isinstance(found.unless, ast.Block)
    assert isinstance(found.binding, ast.And) and isinstance(found.binding.operands[1], ast.Consents)
    assert (found.parity, found.protected, found.asymmetric) == ("member", True, Text("size"))
    assert found.prevails_over == (path("other_treaty"), path("g.c"))


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("by each party", ast.Who("each party", None)),
        ("by A toward B", ast.Who("party", Name("A"), Name("B"))),
        ("by each member of A toward B", ast.Who("each member", Name("A"), Name("B"))),
    ],
)
def test_who(who: str, expected: ast.Who) -> None:
    assert item(f"commitment c {who}:\n    may deploy M").who == expected


def test_mirrors() -> None:
    assert item("mirror a with b") == ast.MirrorDecl(Name("a"), Name("b"), (), (), None)
    found = item("""
mirror a with b:
    "doc"
    swapping X with Y, Z with W
    within 10% of 9_000
    within 1 km
    asymmetric because "stated"
""")
    assert [(swap.left.text, swap.right.text) for swap in found.swaps] == [("X", "Y"), ("Z", "W")]
    assert [type(t.amount) for t in found.tolerances] == [ast.PercentLit, QuantityLit]
    assert found.tolerances[0].reference is not None and found.asymmetric == Text("stated")


def test_red_lines() -> None:
    found = item("""
red line l for A:
    cite "x"
    no commitment on deploy or withdraw Troops
    no limit on deploy Troops when all:
        a
        b
""")
    assert [r.kind for r in found.reservations] == ["commitment", "limit"]
    assert isinstance(found.reservations[1].when, ast.Block)


def test_remedies() -> None:
    found = item("""
remedy answer by each party:
    on breach of exercises
    on expel Staff
    found by COMMISSION
    notice 30 days
    may suspend exercises
    may expel Staff up to 100% counting as expel Staff
    until breach ends
""")
    assert found.triggers == (
        ast.RemedyTrigger(Name("exercises"), None, None),
        ast.RemedyTrigger(None, Name("expel"), Name("Staff")),
    )
    assert found.answers[0] == ast.RemedyAnswer(Name("exercises"), None, None)
    assert found.answers[1].up_to == ast.PercentLit(Fraction(1))
    assert found.answers[1].counting_as == names("expel", "Staff")
    assert (found.until_breach_ends, found.until, found.found_by) == (True, None, ast.FoundBy(Name("COMMISSION")))
    assert item("remedy r by A:\n    until exercises is performed").until == expression("exercises is performed")


def test_status_and_bodies() -> None:
    found = agreement("""
status in_force from 2011-02-05
prevails over INF
body COMMISSION = {A, B} by consensus
""")
    assert found.status == ast.Status(Name("in_force"), day("2011-02-05"))
    assert found.prevails_over == (path("INF"),) and not found.reciprocal
    assert found.items == (ast.BodyDecl(Name("COMMISSION"), ast.SetLit((NameExpr("A"), NameExpr("B"))), "consensus"),)


# ------------------------------------------------------------------------------------------- responses, tests


def test_responses() -> None:
    found = declaration("""
        response r by US, GB against RU:
            imposes Measure on Sector
            trigger Event on 2022-02-24 when all:
                a
            posture none on {defence}
            aligned
            allowing a == b until day 60
            JP cannot supply {microelectronics} cite "x"
            on 2022-03-01:
                impose export_ban on {defence} when a by US for 90 days
                lift travel_ban on {officials} by US, GB
            lift when done
    """)
    assert isinstance(found, ast.ResponseDecl) and found.record is None
    assert found.trigger is not None and found.trigger.on == day("2022-02-24")
    assert found.posture == ast.Posture(Name("none"), ast.SetLit((NameExpr("defence"),)))
    assert found.aligned and found.aligned_within is None
    assert found.allowing == (ast.Allowing(expression("a == b"), ast.NumberLit(Fraction(60), True)),)
    assert found.cannot_supply[0].member == Name("JP")
    (step,) = found.steps
    assert step.on == day("2022-03-01")
    impose, lift = step.lines
    assert (impose.lift, impose.when, impose.by, impose.duration) == (False, NameExpr("a"), names("US"), days(90))
    assert lift.lift and lift.by == names("US", "GB")


def test_tests() -> None:
    found = declaration("""
        test "t" for m.d as of 2022-01-01:
            "doc"
            cite "15 CFR 734"
            given conduct Exercise by A toward B on 2022-02-10:
                troops = 3
            given Event on 2022-02-24
            given:
                f.g = unknown
            on day 31
            expect undetermined needing item.us_content, chart[CU, NS1]
            expect contradiction
            expect breach of exercises by A
            expect no breach
            expect not imposed export_ban on defence by JP, US
            expect imposed export_ban on defence
            expect 10%
            expect x by a, chart_control[NS2]
    """)
    assert isinstance(found, ast.TestDecl)
    assert (found.doc, found.cites, found.as_of) == (Text("doc"), (Text("15 CFR 734"),), day("2022-01-01"))
    act, event, facts = found.given
    assert isinstance(act, ast.GivenAct) and act.toward == Name("B") and len(act.assignments) == 1
    assert event == ast.GivenEvent(Name("Event"), day("2022-02-24"), ())
    assert isinstance(facts, ast.GivenFacts) and facts.assignments[0].path == path("f.g")
    assert found.on_day == ast.NumberLit(Fraction(31), True)
    assert found.expects == (
        ast.ExpectUndetermined((expression("item.us_content"), expression("chart[CU, NS1]"))),
        ast.ExpectFailure("contradiction"),
        ast.ExpectBreach(False, Name("exercises"), Name("A")),
        ast.ExpectBreach(True),
        ast.ExpectImposed(True, Name("export_ban"), Name("defence"), names("JP", "US")),
        ast.ExpectImposed(False, Name("export_ban"), Name("defence")),
        ast.ExpectValue(ast.PercentLit(Fraction(1, 10))),
        ast.ExpectValue(NameExpr("x"), (ast.RuleRef(path("a")), ast.RuleRef(path("chart_control"), NameExpr("NS2")))),
    )


def test_proofs_take_blocks() -> None:
    found = declaration("""
        prove p for d:
            cite "x"
            given all:
                a
                b
            then outcome == c
    """)
    assert isinstance(found, ast.ProveDecl) and isinstance(found.given, ast.Block)
    assert found.cites == (Text("x"),)
