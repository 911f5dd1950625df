"""The program of the language's page (`tests/corpus/language`): what its blocks become."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.surface import ast
from comity.surface.parse import parse

CORPUS = Path(__file__).parents[1] / "corpus" / "language"
T = TypeVar("T")


@cache
def module(name: str) -> ast.Module:
    report = Report()
    path = CORPUS / f"{name}.comity"
    found = parse(SourceFile(path.name, name, path.read_text(encoding="utf-8")), report)
    assert not report.diagnostics
    return found


def find(name: str, kind: type[T], called: str) -> T:
    (found,) = (d for d in module(name).declarations if isinstance(d, kind) and d.name.text == called)  # type: ignore[attr-defined]
    return found


def day(text: str) -> ast.DateLit:
    return ast.DateLit(text, date.fromisoformat(text))


def names(*texts: str) -> tuple[ast.Name, ...]:
    return tuple(map(ast.Name, texts))


def path(text: str) -> ast.Path:
    return ast.Path(names(*text.split(".")))


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.comity")), ids=lambda file: file.stem)
def test_every_module_parses(file: Path) -> None:
    assert module(file.stem).declarations


def test_shape() -> None:
    when = find("shape", ast.RuleDecl, "block").when
    assert isinstance(when, ast.Block) and when.kind == "all"
    first, second, third = when.lines
    assert first.condition == ast.In(ast.NameExpr("destination"), ast.SetLit((ast.NameExpr("RU"), ast.NameExpr("BY"))))
    assert isinstance(second.condition, ast.In) and isinstance(second.condition.collection, ast.Range)
    assert isinstance(third.condition, ast.Block) and third.condition.kind == "any"
    assert [line.window for line in third.condition.lines] == [(), (), (ast.WindowMark("from", day("2022-03-02")),)]


def test_head_of_facts() -> None:
    facts = module("facts")
    assert facts.doc == ast.Text("Facts about an export (15 CFR part 734).")
    assert facts.instrument == ast.Instrument(ast.Text("15 CFR 734"), ast.Name("regulation"))
    assert facts.sources == (ast.SourceNote(ast.Text("eCFR title 15"), day("2026-07-23")),)
    assert facts.uses == (
        ast.Use(path("std.countries"), names("Country", "US", "RU", "BY")),
        ast.Use(path("std.ear"), None, True),
    )
    assert [comment.text for comment in facts.comments] == [
        "# or: use std.countries: *      or: use ear.scope",
        "# abridged here",
        "# value columns = the record's fields",
    ]


def test_enums_and_records() -> None:
    review = find("facts", ast.EnumDecl, "Review")
    assert review.ordered and review.doc == ast.Text("License review policy, mildest first")
    assert review.members[0] == ast.Member(ast.Name("approval"), ast.Text("Presumption of approval"))
    assert not find("facts", ast.EnumDecl, "Role").ordered

    listed = find("facts", ast.RecordDecl, "Person").items[2]
    assert isinstance(listed, ast.FieldDecl) and listed.default == ast.BoolLit(False)

    item = find("facts", ast.RecordDecl, "Item")
    assert item.doc == ast.Text("What is exported")
    us_content = item.items[2]
    assert isinstance(us_content, ast.FieldDecl)
    assert us_content.type == ast.MayBeUnknown(ast.NamedType(ast.Name("Percent")))
    assert us_content.doc == ast.Text("Share of controlled US-origin content by value")

    export = find("facts", ast.RecordDecl, "Export")
    assert export.as_of == ast.Name("date")
    types = {i.name.text: i.type for i in export.items if isinstance(i, ast.FieldDecl)}
    assert types["value"] == ast.MoneyIn(ast.Name("USD"))
    assert types["parties"] == ast.CollectionOf("list", ast.NamedType(ast.Name("Person")))
    assert types["stated_purpose"] == ast.OrAbsent(ast.NamedType(ast.Name("Text")))
    assert [type(i.condition) for i in export.items if isinstance(i, ast.Always)] == [ast.Compare, ast.Quantified]


def test_sets_and_tables() -> None:
    nato = find("facts", ast.SetDecl, "NATO")
    assert [part.sign for part in nato.parts] == [None, "+", "+"]
    assert nato.parts[1].value == ast.SetLit((ast.NameExpr("FI"),))
    assert nato.parts[1].window == (ast.WindowMark("from", day("2023-04-04")),)
    assert isinstance(find("facts", ast.SetDecl, "EMBARGOED").parts[0].value, ast.Comprehension)

    chart = find("facts", ast.TableDecl, "chart")
    assert chart.parameters[0].header == ast.Text("iso2") and chart.parameters[1].header is None
    assert chart.file == ast.Text("data/country_chart.csv")
    assert chart.ignoring == names("name", "footnotes") and chart.otherwise is None
    assert find("facts", ast.TableDecl, "group").otherwise == ast.BoolLit(False)


def test_definitions() -> None:
    de_minimis = find("licensing", ast.DefineDecl, "de_minimis")
    assert de_minimis.record == ast.Name("Export") and de_minimis.result == ast.NamedType(ast.Name("Percent"))
    assert isinstance(de_minimis.body, ast.Cases) and de_minimis.body.first_match
    assert [case.condition is None for case in de_minimis.body.cases] == [False, False, True]
    assert de_minimis.body.cases[1].value == ast.PercentLit(Fraction(1, 10))

    controlled_to = find("licensing", ast.DefineDecl, "controlled_to")
    assert controlled_to.record is None
    assert [parameter.name.text for parameter in controlled_to.parameters] == ["code", "to"]
    assert isinstance(controlled_to.body, ast.Quantified)


def test_decision_and_rules() -> None:
    licensing = find("licensing", ast.DecisionDecl, "licensing")
    assert [outcome.name.text for outcome in licensing.outcomes] == [
        "prohibited", "license_required", "exception_available", "no_license_required",
    ]  # fmt: skip
    winner, loser = names("license_required", "exception_available")
    assert licensing.prevails == (ast.Prevail(winner, loser, None, (ast.Text("15 CFR 738.4"),)),)
    assert licensing.otherwise == ast.Name("no_license_required")

    gbs = find("licensing", ast.RuleDecl, "gbs")
    assert gbs.for_each is not None and gbs.for_each.variable == ast.Name("r")
    chart_control = ast.RuleRef(path("chart_control"), ast.NameExpr("r"))
    assert gbs.precedence == (ast.Precedence("exception to", (chart_control,)),)
    assert isinstance(gbs.when, ast.And) and gbs.then == ast.Name("exception_available")

    russia = find("licensing", ast.RuleDecl, "russia_ccl")
    assert russia.decision == path("licensing")
    assert russia.window == (ast.WindowMark("from", day("2022-02-24")),)
    assert russia.cites == (ast.Text("15 CFR 746.8(a)(1)"),)

    disapplying = find("licensing", ast.RuleDecl, "no_exceptions_for_embargoed")
    assert disapplying.then is None
    assert disapplying.precedence == (ast.Precedence("disapplies", (ast.RuleRef(path("gbs")),)),)


def test_parties_and_zones() -> None:
    assert find("geneva", ast.ZoneDecl, "KALININGRAD").country == ast.Name("RU")
    assert find("geneva", ast.PartyDecl, "NATO_SIDE").as_of == day("2022-01-10")
    exercise = find("geneva", ast.RecordDecl, "Exercise")
    assert exercise.acts == names("conduct")
    notified, distance = exercise.items[1:]
    assert isinstance(notified, ast.FieldDecl) and notified.disclosure and notified.doc is not None
    assert isinstance(distance, ast.FieldDecl) and distance.type == ast.PerParty(ast.NamedType(ast.Name("Length")))


def test_agreement() -> None:
    geneva = find("geneva", ast.AgreementDecl, "geneva")
    assert geneva.parties == names("NATO_SIDE", "RUSSIA")
    assert geneva.status == ast.Status(ast.Name("proposed")) and geneva.reciprocal
    red_line, exercises, nato, _, mirror, leave = geneva.items

    assert isinstance(red_line, ast.RedLineDecl) and red_line.party == ast.Name("NATO_SIDE")
    (reservation,) = red_line.reservations
    assert (reservation.kind, reservation.verbs, reservation.record) == ("limit", names("deploy"), ast.Name("Troops"))

    assert isinstance(exercises, ast.CommitmentDecl) and exercises.who == ast.Who("each party", None)
    assert exercises.modality == ast.Modality("shall not", names("conduct"), ast.Name("Exercise"))
    assert isinstance(exercises.when, ast.Block) and isinstance(exercises.unless, ast.Compare)

    assert isinstance(nato, ast.CommitmentDecl) and nato.who == ast.Who("party", ast.Name("NATO_SIDE"))
    accepted = [ast.StateTest(ast.NameExpr(n), ast.Name("accepted")) for n in ("missiles_nato", "missiles_russia")]
    assert nato.binding == ast.And(tuple(accepted))
    assert nato.suspended == ast.StateTest(ast.NameExpr("missiles_russia"), ast.Name("breached"))

    assert mirror == ast.MirrorDecl(
        ast.Name("missiles_nato"),
        ast.Name("missiles_russia"),
        (ast.Swap(ast.Name("UA"), ast.Name("KALININGRAD")),),
        (ast.Tolerance(ast.PercentLit(Fraction(1, 10)), None),),
        None,
    )
    assert isinstance(leave, ast.WithdrawalDecl) and leave.found_by == ast.FoundBy(ast.Name("self"))
    assert leave.notice == ast.QuantityLit(Fraction(6), "months")


def test_response() -> None:
    costs = find("responses", ast.ResponseDecl, "severe_costs")
    assert (costs.record, costs.target) == names("Export", "RU")
    assert costs.members == names("US", "EU_SIDE", "GB", "JP")
    assert (costs.measure_enum, costs.sector_enum) == names("Measure", "Sector")
    assert costs.reaches == ast.FieldExpr(ast.NameExpr("item"), ast.Name("sectors"))
    assert costs.trigger is not None and isinstance(costs.trigger.when, ast.And)
    assert costs.posture == ast.Posture(ast.Name("start_high_stay_high"))
    assert costs.aligned and costs.aligned_within == ast.QuantityLit(Fraction(7), "days")
    at_once, after = costs.steps
    assert (at_once.after, at_once.on, len(at_once.lines)) == (None, None, 2)
    assert after.after == ast.QuantityLit(Fraction(30), "days") and after.lines[0].by == names("US", "GB")
    assert costs.lift_when == ast.NameExpr("withdrawal_verified")


def test_proofs_examples_and_tests() -> None:
    prove = find("tests", ast.ProveDecl, "listed_never_free")
    assert isinstance(prove.given, ast.Quantified) and isinstance(prove.then, ast.In)
    example, chips = (d for d in module("tests").declarations if isinstance(d, ast.ExampleDecl | ast.TestDecl))
    assert isinstance(example, ast.ExampleDecl) and example.assignments[0].path == path("item.origin")
    assert isinstance(chips, ast.TestDecl) and chips.title == ast.Text("chips to Russia")
    (given,) = chips.given
    assert isinstance(given, ast.GivenFacts) and given.assignments[1].value == ast.UnknownLit()
    by = (ast.RuleRef(path("russia_ccl")),)
    assert chips.expects == (ast.ExpectValue(ast.NameExpr("license_required"), by),)
