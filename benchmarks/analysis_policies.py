"""Synthetic export policies of any size, shaped like real ones, for measuring the analysis.

Of a hundred rules about sixty are cells of a control list (an entry, a group of countries), fifteen are overlays (a
category towards some countries, from a day on), fifteen are exceptions to a cell (below a value, for friendly
countries), and ten depend on facts that may be unknown (content, technology). Grounds order the outcomes, as in real
policies; some overlays and exceptions are written with `notwithstanding` and `subject to` besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, cast

from comity import parts, terms
from comity.base.source import Span
from comity.core import ast as core
from comity.runtime.types import (
    BOOL,
    DATE,
    ECCN,
    INT,
    PERCENT,
    EnumType,
    Field,
    MoneyType,
    PlaceType,
    RecordType,
    SetType,
)
from comity.terms import THIS, Line, Term

COUNTRIES = tuple(f"{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXY")
USD = MoneyType("USD")
OUTCOMES = EnumType("bench", "licensing", ("prohibited", "license_required", "exception_available", "free"))
PLACE = PlaceType(COUNTRIES)
EXPORT = RecordType(
    "bench",
    "Export",
    (
        Field("eccn", ECCN),
        Field("destination", PLACE),
        Field("origin", PLACE),
        Field("value", USD),
        Field("us_content", PERCENT, optional=True),
        Field("us_technology", BOOL, optional=True),
        Field("military", BOOL, optional=True),
        Field("date", DATE),
    ),
    "date",
)


class Maker:
    """Rules one after another, each on lines of its own."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = Random(seed)
        self.size = size
        self.line = 10
        self.regions = [self.countries(k) for k in (3, 5, 8, 12, 20, 30, 40, 60) for _ in range(4)]
        self.entries = [
            f"{category}{group}{number:03}"
            for category in range(10)
            for group in "ABCDE"
            for number in (1, 2, 3, 4, 5, 101, 225, 350, 611, 620, 990, 991)
        ]
        self.cells: list[core.Rule] = []
        self.rules: list[core.Rule] = []

    def countries(self, count: int) -> tuple[str, ...]:
        return tuple(sorted(self.random.sample(COUNTRIES, count)))

    def span(self) -> Span:
        self.line += 1
        return Span("bench.comity", self.line * 80, self.line * 80 + 5, self.line, 1, self.line, 6)

    def read(self, name: str) -> Term:
        declared = EXPORT.field(name)
        assert declared is not None
        return terms.Field(terms.Local(THIS, EXPORT), name, declared.type)

    def among(self, name: str, countries: tuple[str, ...]) -> Term:
        members = tuple(terms.Const(country, PLACE) for country in countries)
        return terms.MemberOf(self.read(name), terms.SetOf(members, SetType(PLACE)))

    def code(self) -> str:
        code = self.random.choice(self.entries)
        return code if self.random.random() < 0.3 else f"{code}.{self.random.choice('abcdefghxyz')}"

    def region(self) -> tuple[str, ...]:
        return (
            self.random.choice(self.regions)
            if self.random.random() < 0.5
            else self.countries(self.random.randint(2, 12))
        )

    def categories(self) -> Term:
        low = self.random.randint(0, 7)
        category = terms.EccnPart(self.read("eccn"), "category", INT)
        inside = (
            terms.Compare("<=", terms.Const(low, INT), category, INT),
            terms.Compare("<=", category, terms.Const(low + 2, INT), INT),
        )
        listed = terms.Not(terms.Equal(self.read("eccn"), terms.Const("EAR99", ECCN), ECCN))
        return terms.And((listed, *inside))

    def make(self) -> core.Program:
        while len(self.rules) < self.size:
            draw = self.random.random()
            if draw < 0.6 or not self.cells:
                self.cell()
            elif draw < 0.75:
                self.overlay()
            elif draw < 0.9:
                self.exception()
            else:
                self.doubtful()
        grounds = [
            parts.Ground("over", winner, loser, (), span=self.span())
            for place, winner in enumerate(OUTCOMES.members)
            for loser in OUTCOMES.members[place + 1 :]
        ]
        decision = core.Decision(
            "bench.licensing",
            EXPORT,
            OUTCOMES,
            tuple(grounds),
            "free",
            tuple(self.rules),
            outcome_docs=("",) * 4,
            span=self.span(),
        )
        always = parts.AlwaysLine(
            terms.Compare("<=", terms.Const(0, USD), self.read("value"), USD), "value >= 0 USD", span=self.span()
        )
        return core.Program(PLACE, always={"bench.Export": (always,)}, decisions={"bench.licensing": decision})

    def add(self, name: str, outcome: str, lines: list[Term], **details: object) -> core.Rule:
        when = terms.And(tuple(Line(line, span=self.span()) for line in lines))
        given: dict[str, Any] = {"window": None, "unless": None, "edges": (), **details}
        rule = core.Rule(
            number=len(self.rules), name=f"{name}_{len(self.rules)}", family=f"{name}_{len(self.rules)}", key=None,
            module="bench", cites=(), span=self.span(), membership=None, when=when, refer=None, outcome=outcome,
            rank=None, **given,
        )  # fmt: skip
        self.rules.append(rule)
        return rule

    def cell(self) -> None:
        within = terms.EccnWithin(self.read("eccn"), terms.Const(self.code(), ECCN))
        unless = None
        if self.random.random() < 0.1:
            unless = Line(self.among("origin", self.countries(5)), span=self.span())
        self.cells.append(
            self.add("cell", "license_required", [within, self.among("destination", self.region())], unless=unless)
        )

    def overlay(self) -> None:
        start = date(2014, 1, 1) + timedelta(days=self.random.randint(0, 4000))
        lines = [self.among("destination", self.countries(self.random.randint(1, 4))), self.categories()]
        edges = list(self.over("notwithstanding")) if self.random.random() < 0.3 else []
        self.add("overlay", "prohibited", lines, window=((start, None),), edges=tuple(edges))

    def exception(self) -> None:
        clause = self.span()
        number = len(self.rules)
        cell = self.random.choice(self.cells)
        edges = (
            core.Edge("exception", cell.number, written="exception to", declared_by=number, clause=clause),
            core.Edge("prevails", cell.number, written="exception to", declared_by=number, clause=clause),
        )
        limit = terms.Const(self.random.choice((500, 1_000, 1_500, 3_000, 5_000, 10_000)), USD)
        lines = [
            terms.Compare("<=", self.read("value"), limit, USD),
            self.among("destination", self.random.choice(self.regions)),
        ]
        self.add("exception", "exception_available", lines, edges=edges)

    def doubtful(self) -> None:
        share = terms.Const(Fraction(self.random.choice((10, 25)), 100), PERCENT)
        lines: list[Term] = [
            terms.EccnWithin(self.read("eccn"), terms.Const(self.code(), ECCN)),
            self.among("destination", self.region()),
            terms.Or((terms.Compare("<", share, self.read("us_content"), PERCENT), self.read("us_technology"))),
        ]
        self.add("doubtful", "license_required", lines)

    def over(self, written: str) -> Iterator[core.Edge]:
        clause = self.span()
        for cell in self.random.sample(self.cells, min(3, len(self.cells))):
            yield core.Edge(
                "prevails", cell.number, written=cast(Any, written), declared_by=len(self.rules), clause=clause
            )


def policy(size: int, seed: int = 1) -> core.Program:
    """A policy of ``size`` rules, the same one for the same seed."""
    return Maker(seed, size).make()
