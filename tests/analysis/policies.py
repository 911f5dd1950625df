"""Random small policies, and what brute force says about them, code by code.

Brute force goes through every input of a world whose domains are exhaustive (numbers and days are kept in bounds by
`always` lines), evaluates every rule on each with the reference evaluator, and reads the questions off the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from random import Random
from typing import Any, cast

from comity import terms
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.interpret import Interpreter, ruleset
from comity.runtime.errors import ContradictionError, GapError
from comity.runtime.resolve import Resolution, referred, resolve
from comity.runtime.rules import Ruleset, bits, mask_of
from comity.runtime.types import BOOL, DATE, INT, EnumType, ListType, PlaceType
from comity.source import NOWHERE, Span
from comity.terms import THIS, Line, Term

from .worlds import COLOUR, DAYS, NODE, World, span

OUTCOMES = EnumType("m", "permit", ("ban", "ask", "free"))
FIRST, LAST = date(2021, 12, 31), date(2022, 1, 6)
EXHAUSTIVE = ("a", "b", "c", "d", "g", "n", "t", "z", "s")


@dataclass
class Policy:
    world: World
    program: core.Program
    decision: core.Decision
    bounds: list[Term] = field(default_factory=list)


def policy(seed: int, fields: tuple[str, ...] | None = None) -> Policy:
    """A random policy over exhaustive fields (or the ones named)."""
    random = Random(seed)
    names = fields or tuple(random.sample(EXHAUSTIVE, random.choice((2, 2, 3))))
    world = World(random, names, dated=random.random() < 0.8)
    make = _Maker(world, random)
    rules = make.rules()
    decision = core.Decision(
        qname="m.permit",
        doc="",
        cites=(),
        span=span(1),
        record=world.record,
        outcomes=OUTCOMES,
        outcome_docs=("",) * 3,
        grounds=make.grounds(),
        otherwise=random.choice(("free", "free", "ask", None)),
        rules=rules,
    )
    always = [checked.AlwaysLine(term, "bounds", span(2)) for term in make.bounds()]
    if random.random() < 0.4:
        always.append(checked.AlwaysLine(world.condition(1), "a law", span(3)))
    program = core.Program(
        modules={},
        place=PlaceType(),
        always={"m.Case": tuple(always)},
        tables=world.tables,  # type: ignore[arg-type]
        sets=world.sets,  # type: ignore[arg-type]
        defines=make.defines(),
        decisions={"m.permit": decision},
        proves=make.proves(),
    )
    return Policy(world, program, decision)


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
                Ruleset(OUTCOMES.members, None, ruleset(_decision(self.world, rules)).rules)
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
            number=number, name=name, family=name, key=None, module="m", doc="", cites=(), span=at, window=window,
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
            return [core.Edge("prevails", target, clause, "notwithstanding", source)]
        if written == "disapplies":
            return [core.Edge("disapplies", target, clause, "disapplies", source)]
        return [
            core.Edge("exception", target, clause, "exception to", source),
            core.Edge("prevails", target, clause, "exception to", source),
        ]

    def with_subjects(self, rules: list[core.Rule]) -> tuple[core.Rule, ...]:
        """Some rules are subject to later ones."""
        made = list(rules)
        for low, rule in enumerate(rules):
            if rule.outcome is not None and self.random.random() < 0.25 and low + 1 < len(rules):
                high = self.random.randrange(low + 1, len(rules))
                if rules[high].family != rule.family and rules[high].outcome is not None:
                    edge = core.Edge("prevails", low, self.span(), "subject to", low)
                    made[high] = replace(made[high], edges=(*made[high].edges, edge))
        return tuple(made)

    def grounds(self) -> tuple[checked.Ground, ...]:
        random = self.random
        made = []
        if random.random() < 0.3:
            winner, loser = random.sample(OUTCOMES.members, 2)
            made.append(checked.Ground("over", winner, loser, (), span(5)))
        for kind in ("rank", "later", "restriction"):
            if random.random() < 0.15:
                made.append(checked.Ground(cast(Any, kind), None, None, (), span(5)))
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
            "m.level": core.Define("m.level", "", (), span(4), record, ((THIS, record),), INT, body),
            "m.holds": core.Define("m.holds", "", (), span(6), record, ((THIS, record),), BOOL, self.lined()),
        }

    def proves(self) -> dict[str, checked.Prove]:
        random = self.random
        if random.random() < 0.4:
            return {}
        outcome = terms.Local("outcome", OUTCOMES)
        chosen = random.sample(OUTCOMES.members, random.randint(1, 2))
        then: Term = terms.MemberOf(
            outcome, terms.SetOf(tuple(terms.Const(o, OUTCOMES) for o in chosen), core.SetType(OUTCOMES))
        )
        if random.random() < 0.3:
            then = terms.Or((then, self.world.condition(1)))
        given = self.world.condition(1) if random.random() < 0.8 else None
        return {"m.claim": checked.Prove("m.claim", "", (), span(8), "m.permit", given, then, NODE)}


def _decision(world: World, rules: tuple[core.Rule, ...]) -> core.Decision:
    return core.Decision("m.permit", "", (), span(1), world.record, OUTCOMES, ("",) * 3, (), "free", rules)


# --------------------------------------------------------------------------------------- brute force


@dataclass
class Input:
    facts: dict[str, object]
    day: date | None
    findings: dict[str, bool | str | None]
    own: list[bool | None]
    chosen: dict[int, str]
    base: Resolution


class Brute:
    """What brute force says about a policy. ``codes``: the findings it expects, as (code, subject)."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.decision = policy.decision
        self.rules = policy.decision.rules
        self.interpreter = Interpreter(policy.program)
        self.ruleset = ruleset(policy.decision)
        self.inputs = list(self._inputs())
        self.families: dict[str, list[core.Rule]] = {}
        for rule in self.rules:
            self.families.setdefault(rule.family, []).append(rule)
        self.found: set[tuple[str, object]] = set()
        self.flaws: dict[str, str] = {}

    def domain(self, name: str) -> tuple[object, ...]:
        values = self.policy.world.domain(name)
        if name != "day":
            return values
        return (FIRST, *values[:5], LAST, *values[5:])

    def facts(self) -> Iterator[tuple[dict[str, object], date | None]]:
        record = self.policy.world.record
        names = [f.name for f in record.fields]
        for values in product(*map(self.domain, names)):
            facts = dict(zip(names, values, strict=True))
            for day in [facts["day"]] if record.as_of else (None, FIRST, *DAYS, LAST):
                yield facts, day if isinstance(day, date) else None

    def _inputs(self) -> Iterator[Input]:
        referring = sorted({rule.family for rule in self.rules if rule.refer is not None})
        options: list[list[bool | str | None]] = [
            [
                None,
                True,
                False,
                *(OUTCOMES.members if any(r.outcome is None for r in self.rules if r.family == f) else ()),
            ]
            for f in referring
        ]
        kept: dict[tuple[object, ...], Resolution] = {}
        for facts, day in self.facts():
            if self.interpreter.broken_always("m.Case", facts, day):
                continue
            try:
                conditions = [self.interpreter.evaluate(rule.condition, {THIS: facts}, day) for rule in self.rules]
            except (ContradictionError, GapError):
                continue
            for given in product(*options):
                findings = dict(zip(referring, given, strict=True))
                own, chosen = self.applied(conditions, findings)
                key = (tuple(own), tuple(chosen.items()), day)
                if key not in kept:
                    kept[key] = resolve(self.ruleset, own, day, chosen)
                yield Input(facts, day, findings, own, chosen, kept[key])

    def applied(
        self, conditions: list[bool | None], findings: Mapping[str, bool | str | None]
    ) -> tuple[list[bool | None], dict[int, str]]:
        own: list[bool | None] = []
        chosen: dict[int, str] = {}
        for rule, condition in zip(self.rules, conditions, strict=True):
            if rule.refer is None:
                own.append(condition)
                continue
            finding = findings[rule.family]
            own.append(referred(condition, finding))
            if isinstance(finding, str):
                chosen[rule.number] = finding
        return own, chosen

    def run(self) -> set[tuple[str, object]]:
        self.rules_alone()
        self.pairs()
        self.clauses()
        self.lines()
        self.whole()
        self.overreach()
        self.prove()
        self.definitions()
        return self.found

    # ----------------------------------------------------------------------------------------- codes

    def rules_alone(self) -> None:
        for family, rules in self.families.items():
            mask = mask_of(rule.number for rule in rules)
            says = rules[0].outcome is not None or rules[0].refer is not None
            if any(f and t and t < f for f, t in rules[0].window or ()):
                self.flaw("L211", family)
            elif not any(i.base.certain & mask for i in self.inputs):
                self.flaw("L202", family)
            elif says and not any(
                self.ruleset.remaining(i.base.certain, i.base.perhaps)[0] & mask for i in self.inputs
            ):
                self.flaw("L203", family)
            elif not any(answer(i.base) != answer(self.without(i, mask)) for i in self.inputs):
                self.flaw("L204", family)

    def flaw(self, code: str, family: str) -> None:
        self.flaws[family] = code
        self.found.add((code, family))

    def without(self, i: Input, mask: int, rules: Ruleset | None = None) -> Resolution:
        own = [False if mask >> number & 1 else value for number, value in enumerate(i.own)]
        return resolve(rules or self.ruleset, own, i.day, i.chosen)

    def pairs(self) -> None:
        for i in self.inputs:
            if i.base.error == "contradiction":
                sides = [self.rules[number] for number in bits(i.base.deciding)]
                for one in sides:
                    for two in sides:
                        differ = one.outcome != two.outcome or one.outcome is None
                        if one.number < two.number and one.family != two.family and differ:
                            self.found.add(("L201", frozenset((one.family, two.family))))

    def clauses(self) -> None:
        silent = ("L202", "L203", "L211")
        clauses: dict[Span, list[tuple[core.Rule, core.Edge]]] = {}
        for rule in self.rules:
            for edge in rule.edges:
                if edge.written != "exception to":
                    clauses.setdefault(edge.clause, []).append((rule, edge))
        for clause, edges in clauses.items():
            declarer = self.rules[edges[0][1].declared_by].family
            named = {self.rules[r.number if e.written == "subject to" else e.target].family for r, e in edges}
            if any(self.flaws.get(name) in silent for name in (declarer, *named)):
                continue
            rules = tuple(replace(r, edges=tuple(e for e in r.edges if e.clause != clause)) for r in self.rules)
            other = ruleset(replace(self.decision, rules=rules))
            if not any(answer(i.base) != answer(self.without(i, 0, other)) for i in self.inputs):
                self.found.add(("L205", clause))
        for family, members in self.families.items():
            unless = members[0].unless
            if unless is not None and self.flaws.get(family) not in silent and not self.unless_matters(members):
                self.found.add(("L205", unless.span))

    def unless_matters(self, members: list[core.Rule]) -> bool:
        for i in self.inputs:
            own, chosen = list(i.own), dict(i.chosen)
            for rule in members:
                condition = self.interpreter.evaluate(replace(rule, unless=None).condition, {THIS: i.facts}, i.day)
                finding = i.findings.get(rule.family)
                own[rule.number] = condition if rule.refer is None else referred(condition, finding)
            if answer(i.base) != answer(resolve(self.ruleset, own, i.day, chosen)):
                return True
        return False

    def lines(self) -> None:
        seen: dict[Span, set[object]] = {}
        owner: dict[Span, str] = {}
        for rule in self.rules:
            if rule.when is None:
                continue
            for i in self.inputs:
                window = terms.InWindow(rule.window) if rule.window is not None else terms.TRUE
                if self.interpreter.evaluate(window, {}, i.day) is True:
                    self.walk(rule.when, i, seen)
            for line in _lines(rule.when):
                owner[line.span] = rule.family
        for define in self.policy.program.defines.values():
            for i in self.inputs:
                self.walk(define.body, i, seen)
        for at, values in seen.items():
            if len(values) == 1 and None not in values:
                value = next(iter(values))
                if value or self.flaws.get(owner.get(at, "")) not in ("L202", "L211"):
                    self.found.add(("L208", at))

    def walk(self, term: Term, i: Input, seen: dict[Span, set[object]]) -> None:
        match term:
            case terms.Line():
                seen.setdefault(term.span, set()).add(self.value(term, i))
            case terms.And(operands=operands) | terms.Or(operands=operands):
                passing = isinstance(term, terms.And)
                for operand in operands:
                    self.walk(operand, i, seen)
                    if self.value(operand, i) is not passing:
                        break
            case terms.Not(operand=operand):
                self.walk(operand, i, seen)

    def value(self, term: Term, i: Input) -> object:
        return self.interpreter.evaluate(term, {THIS: i.facts}, i.day)

    def whole(self) -> None:
        if any(i.base.error == "gap" for i in self.inputs):
            self.found.add(("L207", "permit"))
        for outcome in OUTCOMES.members:
            if not any(i.base.outcome == outcome for i in self.inputs):
                self.found.add(("L209", outcome))
        if self.decision.otherwise is not None and self.policy.world.record.as_of:
            self.date_gaps()

    def date_gaps(self) -> None:
        """Runs of days without a decision between two days with one."""
        says = mask_of(r.number for r in self.rules if r.outcome is not None or r.refer is not None)
        timelines: dict[tuple[object, ...], list[Input]] = {}
        for i in self.inputs:
            if i.day is not None:
                rest = tuple(str(v) for n, v in i.facts.items() if n != "day")
                timelines.setdefault((rest, tuple(i.findings.items())), []).append(i)
        for line in timelines.values():
            line.sort(key=lambda i: i.day or date.min)
            kinds = [
                "d" if i.base.outcome and i.base.deciding & says else "o" if not i.base.perhaps & says else "?"
                for i in line
            ]
            days = [cast(date, i.day) for i in line]
            for start in range(1, len(line)):
                if kinds[start] != "o" or kinds[start - 1] != "d" or (days[start] - days[start - 1]).days != 1:
                    continue
                end = start
                while end + 1 < len(line) and kinds[end + 1] == "o" and (days[end + 1] - days[end]).days == 1:
                    end += 1
                if end + 1 < len(line) and kinds[end + 1] == "d" and (days[end + 1] - days[end]).days == 1:
                    for one in bits(line[start - 1].base.deciding & says):
                        for two in bits(line[end + 1].base.deciding & says):
                            self.found.add(("L213", (self.rules[one].family, self.rules[two].family)))

    def overreach(self) -> None:
        place = {outcome: number for number, outcome in enumerate(OUTCOMES.members)}
        for rule in self.rules:
            targets = mask_of(e.target for e in rule.edges if e.written == "notwithstanding")
            if not targets or rule.outcome is None or rule.family in self.flaws:
                continue
            unit = mask_of(r.number for r in self.families[rule.family])
            for i in self.inputs:
                if i.base.perhaps & targets or i.base.outcome != rule.outcome or not i.base.deciding >> rule.number & 1:
                    continue
                other = self.without(i, unit).outcome
                if other is not None and place[other] < place[rule.outcome]:
                    self.found.add(("L212", rule.family))
                    break

    def prove(self) -> None:
        for prove in self.policy.program.proves.values():
            doubt = False
            for i in self.inputs:
                if prove.given is not None and self.value(prove.given, i) is not True:
                    continue
                truths = {
                    o: self.interpreter.evaluate(prove.then, {THIS: i.facts, "outcome": o}, i.day)
                    for o in OUTCOMES.members
                }
                if i.base.outcome is not None and truths[i.base.outcome] is False:
                    self.found.add(("L210", prove.name))
                    break
                doubt |= i.base.error is not None or any(truths[o] is not True for o in i.base.possible)
            else:
                if doubt:
                    self.found.add(("L200", prove.name))

    def definitions(self) -> None:
        for define in self.policy.program.defines.values():
            cases = define.body
            if not isinstance(cases, terms.Cases):
                continue
            met: set[Span] = set()
            for facts, day in self.facts():
                if self.interpreter.broken_always("m.Case", facts, day):
                    continue
                env = {THIS: facts}
                truths = [
                    None if c.condition is None else self.interpreter.evaluate(c.condition, env, day)
                    for c in cases.cases
                ]
                met |= {c.span for c, truth in zip(cases.cases, truths, strict=True) if truth is True}
                try:
                    self.interpreter.call(define.qname, (facts,), day)
                except ContradictionError:
                    self.overlaps(define, cases, truths, env, day)
                except GapError:
                    self.found.add(("L207", define.name))
            for case in cases.cases:
                if case.condition is not None and case.span not in met:
                    self.found.add(("L202", case.span))

    def overlaps(
        self,
        define: core.Define,
        cases: terms.Cases,
        truths: list[bool | None],
        env: dict[str, object],
        day: date | None,
    ) -> None:
        true = [c for c, truth in zip(cases.cases, truths, strict=True) if truth is True]
        for place, one in enumerate(true):
            for two in true[place + 1 :]:
                left, right = (self.interpreter.evaluate(c.value, env, day) for c in (one, two))
                if left != right:
                    self.found.add(("L206", (one.span, two.span)))


def answer(resolution: Resolution) -> tuple[object, ...]:
    return resolution.outcome, resolution.possible, resolution.error


def _lines(term: Term) -> Iterator[Line]:
    match term:
        case Line():
            yield term
        case terms.And(operands=operands) | terms.Or(operands=operands):
            for operand in operands:
                yield from _lines(operand)
        case terms.Not(operand=operand):
            yield from _lines(operand)


__all__ = ["BOOL", "NOWHERE", "Brute", "ListType", "Policy", "policy"]
