"""The licence policy for other engines: whether a shipment needs a license, of a dict of facts that nobody checks.

What the chart says of a destination, `reasons`, is given to them as one more fact, which favours them: it is looked up
before, in Python, and not timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from .by_hand import CHART, EMBARGOED, PARTNERS

Facts: TypeAlias = dict[str, Any]
Ask: TypeAlias = Callable[[Facts], bool]

CHIPS, ENCRYPTION = ("3A001", "4A003"), ("5A002",)
TEXTS = ("date", "eccn", "reason", "origin", "destination", "use")
NUMBERS = ("value", "us_content")
FLAGS = ("deemed", "listed_party", "temporary", "government", "encryption")


def given(facts: Facts) -> Facts:
    """The facts, with what the chart says of the destination."""
    return {**facts, "reasons": sorted(CHART.get(facts["destination"], set()))}


class Syntax:
    """How an engine writes conditions; as CEL does, where a subclass says nothing else."""

    conjunction, disjunction, prefix = " && ", " || ", ""

    def fact(self, name: str) -> Any:
        return self.prefix + name

    def every(self, *parts: Any) -> Any:
        return f"({self.conjunction.join(parts)})"

    def some(self, *parts: Any) -> Any:
        return f"({self.disjunction.join(parts)})"

    def negate(self, part: Any) -> Any:
        return f"!({part})"

    def compare(self, name: str, operator: str, value: object) -> Any:
        return f"({self.fact(name)} {operator} {self.constant(value)})"

    def constant(self, value: object) -> Any:
        return f'"{value}"' if isinstance(value, str) else str(value)

    def among(self, name: str, members: Sequence[str]) -> Any:
        return f"({self.fact(name)} in [{', '.join(map(self.constant, members))}])"

    def charted(self) -> Any:
        return f"({self.fact('reason')} in {self.fact('reasons')})"

    def starts(self, name: str, start: str) -> Any:
        return f'{self.fact(name)}.startsWith("{start}")'


class Words(Syntax):
    """ZEN."""

    conjunction, disjunction = " and ", " or "

    def negate(self, part: Any) -> Any:
        return f"not ({part})"

    def starts(self, name: str, start: str) -> Any:
        return f'startsWith({self.fact(name)}, "{start}")'

    def compare(self, name: str, operator: str, value: object) -> Any:
        if name == "date":
            return f'(d({self.fact(name)}) {operator} d("{value}"))'
        return super().compare(name, operator, value)


class RuleEngine(Words):
    def compare(self, name: str, operator: str, value: object) -> Any:
        return Syntax.compare(self, name, operator, value)

    def starts(self, name: str, start: str) -> Any:
        return f'{self.fact(name)}.starts_with("{start}")'


class Cedar(Syntax):
    prefix = "context."

    def among(self, name: str, members: Sequence[str]) -> Any:
        return f"[{', '.join(map(self.constant, members))}].contains({self.fact(name)})"

    def charted(self) -> Any:
        return "context.reasons.contains(context.reason)"

    def starts(self, name: str, start: str) -> Any:
        return f'context.{name} like "{start}*"'

    def compare(self, name: str, operator: str, value: object) -> Any:
        if name == "date":
            return f'(datetime({self.fact(name)}) {operator} datetime("{value}"))'
        return super().compare(name, operator, value)


class JsonLogic(Syntax):
    def fact(self, name: str) -> Any:
        return {"var": name}

    def every(self, *parts: Any) -> Any:
        return {"and": list(parts)}

    def some(self, *parts: Any) -> Any:
        return {"or": list(parts)}

    def negate(self, part: Any) -> Any:
        return {"!": [part]}

    def compare(self, name: str, operator: str, value: object) -> Any:
        return {operator: [self.fact(name), value]}

    def among(self, name: str, members: Sequence[str]) -> Any:
        return {"in": [self.fact(name), list(members)]}

    def charted(self) -> Any:
        return {"in": [self.fact("reason"), self.fact("reasons")]}

    def starts(self, name: str, start: str) -> Any:
        return {"==": [{"substr": [self.fact(name), 0, len(start)]}, start]}


def license_required(to: Syntax) -> Any:
    """The condition, as an engine writes it."""

    def within(*entries: str) -> Any:
        parts = [part for each in entries for part in (to.compare("eccn", "==", each), to.starts("eccn", f"{each}."))]
        return to.some(*parts)

    partner = to.among("destination", sorted(PARTNERS))
    prohibited = to.some(
        to.every(to.among("destination", sorted(EMBARGOED)), to.negate(to.fact("deemed"))),
        to.every(to.among("use", ("nuclear", "missile")), to.negate(partner)),
    )
    chips = to.every(to.compare("date", ">=", "2022-02-24"), to.among("destination", ("RU", "BY")), within(*CHIPS))
    foreign = to.every(to.compare("origin", "!=", "US"), to.compare("us_content", ">", 25), to.negate(partner))
    required = to.some(
        to.fact("listed_party"), chips, to.every(to.compare("use", "==", "military"), to.negate(partner)), foreign
    )
    excepted = to.some(
        to.every(partner, to.some(to.compare("value", "<=", 5_000), to.fact("government"))),
        to.every(to.fact("temporary"), to.compare("reason", "!=", "missile_technology")),
        to.every(to.fact("encryption"), to.compare("use", "==", "civil"), within(*ENCRYPTION)),
    )
    charted = to.every(to.compare("eccn", "!=", "EAR99"), to.charted(), to.negate(excepted))
    return to.every(to.negate(prohibited), to.some(required, charted))


# ------------------------------------------------------------------------------------------- engines


def cel() -> Ask:
    from cel_expr_python import cel as engine

    kinds: dict[str, Any] = dict.fromkeys(TEXTS, engine.Type.STRING)
    kinds |= dict.fromkeys(NUMBERS, engine.Type.INT) | dict.fromkeys(FLAGS, engine.Type.BOOL)
    kinds["reasons"] = engine.Type.List(engine.Type.STRING)
    expression = engine.NewEnv(variables=kinds).compile(license_required(Syntax()))
    return lambda facts: bool(expression.eval(data=facts).value())


def zen() -> Ask:
    import zen as engine

    expression = engine.compile_expression(license_required(Words()))
    return lambda facts: bool(expression.evaluate(facts))


def rule_engine() -> Ask:
    import rule_engine as engine

    rule = engine.Rule(license_required(RuleEngine()))
    return lambda facts: bool(rule.matches(facts))


def cedar() -> Ask:
    import cedarpy as engine

    policies = engine.PolicySet.from_str(f"permit(principal, action, resource) when {{ {license_required(Cedar())} }};")
    entities = engine.Entities.from_json_str("[]")
    request = {"principal": 'User::"u"', "action": 'Action::"export"', "resource": 'Item::"i"'}

    def ask(facts: Facts) -> bool:
        return bool(engine.is_authorized({**request, "context": facts}, policies, entities).allowed)

    return ask


def json_logic() -> Ask:
    import json_logic as engine

    tests = license_required(JsonLogic())
    return lambda facts: bool(engine.jsonLogic(tests, facts))


ENGINES: dict[str, Callable[[], Ask]] = {
    "cel-expr-python": cel,
    "zen-engine": zen,
    "cedarpy": cedar,
    "rule-engine": rule_engine,
    "json-logic-qubit": json_logic,
}
"""By the name of the package that each needs."""


# ------------------------------------------------------------------------------------------- tables


def polars(table: Any) -> Callable[[], Any]:
    """The outcome of every row of a table of Arrow, as a function to be timed."""
    import polars as pl

    frame = pl.from_arrow(table).lazy()
    pairs = [(country, reason) for country, reasons in CHART.items() for reason in reasons]
    chart = pl.LazyFrame(pairs, schema=["destination", "reason"], orient="row").with_columns(charted=True)

    def within(*entries: str) -> Any:
        code = pl.col("eccn").cast(pl.String)
        return pl.any_horizontal(*((code == each) | code.str.starts_with(f"{each}.") for each in entries))

    partner = pl.col("destination").is_in(sorted(PARTNERS))
    prohibited = (pl.col("destination").is_in(sorted(EMBARGOED)) & ~pl.col("deemed")) | (
        pl.col("use").is_in(["nuclear", "missile"]) & ~partner
    )
    chips = (pl.col("date") >= pl.date(2022, 2, 24)) & pl.col("destination").is_in(["RU", "BY"]) & within(*CHIPS)
    foreign = (pl.col("origin") != "US") & (pl.col("us_content") > 25) & ~partner
    required = pl.col("listed_party") | chips | ((pl.col("use") == "military") & ~partner) | foreign
    excepted = (
        (partner & ((pl.col("value") <= 5_000) | pl.col("government")))
        | (pl.col("temporary") & (pl.col("reason") != "missile_technology"))
        | (pl.col("encryption") & (pl.col("use") == "civil") & within(*ENCRYPTION))
    )
    charted = pl.col("charted").fill_null(False) & (pl.col("eccn") != "EAR99")
    outcome = (
        pl.when(prohibited)
        .then(pl.lit("prohibited"))
        .when(required | (charted & ~excepted))
        .then(pl.lit("license_required"))
        .when(charted)
        .then(pl.lit("exception_available"))
        .otherwise(pl.lit("free"))
    )
    texts = frame.with_columns(pl.col("destination", "reason").cast(pl.String))
    joined = texts.join(chart, on=["destination", "reason"], how="left", maintain_order="left")
    asked = joined.select(outcome.alias("outcome"))
    return lambda: asked.collect()["outcome"]
