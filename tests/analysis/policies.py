"""Random small policies made of core trees, which say more than an author would write.

`written` makes them of text instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any, cast

from comity import parts, terms
from comity.base.source import Span
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.runtime.types import BOOL, DATE, INT, EnumType, PlaceType, SetType
from comity.terms import THIS, Line, Term

from .brute import Subject
from .worlds import COLOUR, DAYS, World, span

OUTCOMES = EnumType("m", "permit", ("ban", "ask", "free"))
FIRST, LAST = date(2021, 12, 31), date(2022, 1, 6)
EXHAUSTIVE = ("a", "b", "c", "d", "g", "n", "t", "z", "s")


def policy(seed: int) -> Subject:
    """A random policy over exhaustive fields."""
    return policy_of(Random(seed))


def policy_of(random: Random) -> Subject:
    """A policy over exhaustive fields, from a source of randomness."""
    names = tuple(random.sample(EXHAUSTIVE, random.choice((2, 2, 3))))
    world = World(random, names, dated=random.random() < 0.8)
    make = _Maker(world, random)
    rules = make.rules()
    decision = core.Decision(
        qname="m.permit",
        span=span(1),
        record=world.record,
        outcomes=OUTCOMES,
        outcome_docs=("",) * 3,
        grounds=make.grounds(),
        otherwise=random.choice(("free", "free", "ask", None)),
        rules=rules,
    )
    always = [parts.AlwaysLine(term, "bounds", span=span(2)) for term in make.bounds()]
    if random.random() < 0.4:
        always.append(parts.AlwaysLine(world.condition(1), "a law", span=span(3)))
    program = core.Program(
        place=PlaceType(),
        always={"m.Case": tuple(always)},
        tables=world.tables,
        sets=world.sets,
        defines=make.defines(),
        decisions={"m.permit": decision},
        proves=make.proves(),
    )
    days: tuple[date | None, ...] = (FIRST, *DAYS, LAST)
    declared = world.record.field("day")
    unknown = (None,) if declared is None or declared.optional else ()
    return Subject(program, {name: world.domain(name) for name in names}, (*days, *unknown))


class _Maker:
    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.line_number = 10

    def bounds(self) -> Iterator[Term]:
        """`always` lines that keep numbers and days where brute force looks."""
        for declared in self.world.record.fields:
            read = self.world.read(declared.name)
            if declared.name in ("n", "z"):
                low, high = (-1, 4) if declared.name == "n" else (0, 3)
                inside = terms.And(
                    (
                        terms.Compare("<=", terms.Const(low, INT), read, INT),
                        terms.Compare("<=", read, terms.Const(high, INT), INT),
                    )
                )
                yield terms.Or((terms.Not(terms.IsPresent(read)), inside)) if declared.name == "z" else inside
            if declared.name == "day":
                yield terms.Compare("<=", terms.Const(FIRST, DATE), read, DATE)
                yield terms.Compare("<=", read, terms.Const(LAST, DATE), DATE)

    def span(self) -> Span:
        self.line_number += 1
        return span(self.line_number)

    def lined(self, depth: int = 2) -> Term:
        """A condition as an author writes it: an inline line, or a block of lines."""
        random = self.random
        if depth == 0 or random.random() < 0.5:
            return Line(self.world.condition(1), span=self.span())
        count = random.randint(2, 3)
        operands = tuple(self.lined(depth - 1) for _ in range(count))
        block: Term = terms.And(operands) if random.random() < 0.6 else terms.Or(operands)
        if random.random() < 0.1:
            block = terms.Not(terms.Or(operands))
        return block

    def rules(self) -> tuple[core.Rule, ...]:
        random = self.random
        while True:
            made: list[core.Rule] = []
            for place in range(random.randint(2, 4)):
                made += self.rule(len(made), f"r{place}", made)
            rules = self.with_subjects(made)
            try:
                ruleset(_decision(self.world, rules))
            except ValueError:
                continue
            return rules

    def rule(self, number: int, name: str, earlier: list[core.Rule]) -> list[core.Rule]:
        random, world = self.random, self.world
        refer = "why" if random.random() < 0.12 else None
        outcome = None if random.random() < 0.12 else random.choice(OUTCOMES.members)
        window = None
        if world.dated and random.random() < 0.35:
            first, last = sorted(random.sample(DAYS, 2))
            window = ((first if random.random() < 0.7 else None, last if random.random() < 0.6 else None),)
            if random.random() < 0.05:
                window = ((last, first),)
        at = self.span()
        edges: list[core.Edge] = []
        families = sorted({rule.family for rule in earlier})
        for kind in ("notwithstanding", "exception to", "disapplies"):
            if families and random.random() < (0.35 if kind == "notwithstanding" else 0.2):
                clause = self.span()
                for target in (r for r in earlier if r.family == random.choice(families)):
                    edges += self.edges(kind, number, target.number, clause)
        if outcome is None and refer is None and not any(edge.kind == "disapplies" for edge in edges):
            outcome = random.choice(OUTCOMES.members)
        if outcome is None:
            edges = [edge for edge in edges if edge.written in ("disapplies", "exception to")]
        when = self.lined() if random.random() < 0.9 else None
        unless = Line(world.condition(1), span=self.span()) if random.random() < 0.3 else None
        rule = core.Rule(
            number=number, name=name, family=name, key=None, module="m", cites=(), span=at, window=window,
            membership=None, when=when, unless=unless, refer=refer, outcome=outcome, edges=tuple(edges),
            rank=random.choice((None, "order", "statute")),
        )  # fmt: skip
        if random.random() < 0.12:
            return self.family(rule)
        return [rule]

    def family(self, rule: core.Rule) -> list[core.Rule]:
        source = self.world.set_of(COLOUR)
        if "s" in self.world.names:
            source = self.world.read("s")
        members = []
        for place, key in enumerate(COLOUR.members[:2]):
            membership = terms.MemberOf(terms.Const(key, COLOUR), source)
            own = rule.number + place
            edges = tuple(replace(edge, declared_by=own) for edge in rule.edges)
            members.append(
                replace(rule, number=own, name=f"{rule.name}[{key}]", key=key, membership=membership, edges=edges)
            )
        return members

    def edges(self, written: str, source: int, target: int, clause: Span) -> list[core.Edge]:
        if written == "notwithstanding":
            return [core.Edge("prevails", target, written="notwithstanding", declared_by=source, clause=clause)]
        if written == "disapplies":
            return [core.Edge("disapplies", target, written="disapplies", declared_by=source, clause=clause)]
        return [
            core.Edge("exception", target, written="exception to", declared_by=source, clause=clause),
            core.Edge("prevails", target, written="exception to", declared_by=source, clause=clause),
        ]

    def with_subjects(self, rules: list[core.Rule]) -> tuple[core.Rule, ...]:
        """Some rules are subject to later ones."""
        made = list(rules)
        for low, rule in enumerate(rules):
            if rule.outcome is not None and self.random.random() < 0.25 and low + 1 < len(rules):
                high = self.random.randrange(low + 1, len(rules))
                if rules[high].family != rule.family and rules[high].outcome is not None:
                    edge = core.Edge("prevails", low, written="subject to", declared_by=low, clause=self.span())
                    made[high] = replace(made[high], edges=(*made[high].edges, edge))
        return tuple(made)

    def grounds(self) -> tuple[parts.Ground, ...]:
        random = self.random
        made = []
        if random.random() < 0.3:
            winner, loser = random.sample(OUTCOMES.members, 2)
            made.append(parts.Ground("over", winner, loser, (), span=span(5)))
        for kind in ("rank", "later", "restriction"):
            if random.random() < 0.15:
                made.append(parts.Ground(cast(Any, kind), None, None, (), span=span(5)))
        return tuple(made)

    def defines(self) -> dict[str, core.Define]:
        random = self.random
        if random.random() < 0.5:
            return {}
        cases = [
            terms.Case(self.world.condition(1), terms.Const(random.randint(0, 2), INT), span=self.span())
            for _ in range(random.randint(1, 3))
        ]
        if random.random() < 0.5:
            cases.append(terms.Case(None, terms.Const(0, INT), span=self.span()))
        body = terms.Cases(tuple(cases), random.random() < 0.4, "level", INT)
        record = self.world.record
        return {
            "m.level": core.Define("m.level", record, ((THIS, record),), INT, body, span=span(4)),
            "m.holds": core.Define("m.holds", record, ((THIS, record),), BOOL, self.lined(), span=span(6)),
        }

    def proves(self) -> dict[str, core.Prove]:
        random = self.random
        if random.random() < 0.4:
            return {}
        outcome = terms.Local("outcome", OUTCOMES)
        chosen = random.sample(OUTCOMES.members, random.randint(1, 2))
        then: Term = terms.MemberOf(
            outcome, terms.SetOf(tuple(terms.Const(o, OUTCOMES) for o in chosen), SetType(OUTCOMES))
        )
        if random.random() < 0.3:
            then = terms.Or((then, self.world.condition(1)))
        given = self.world.condition(1) if random.random() < 0.8 else None
        return {"m.claim": core.Prove("m.claim", "m.permit", given, then, span=span(8))}


def _decision(world: World, rules: tuple[core.Rule, ...]) -> core.Decision:
    return core.Decision("m.permit", world.record, OUTCOMES, (), "free", rules, outcome_docs=("",) * 3, span=span(1))
