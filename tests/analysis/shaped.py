"""Policies of a hundred rules shaped like real ones, and what z3 says of them, unknown facts included.

They are the policies that the analysis is measured on, with fewer countries and entries, so that rules meet more often,
with some grounds left out, so that they contradict, and with more rules that depend on facts that may be unknown.

The encoding shares nothing with the engine. A condition is two formulas, where it is true and where it is false; it is
unknown where neither holds. Whether some input shows something is then one question to the solver.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

from benchmarks.analysis_policies import COUNTRIES, EXPORT, Maker

from comity import terms
from comity.analysis import analyse, limits
from comity.base.source import Span
from comity.core import ast as core
from comity.core.walk import children
from comity.terms import Line, Term

from .brute import SILENT, Key
from .compare import Difference, key

CODES = ("L200", "L201", "L202", "L203", "L204", "L205", "L208", "L209")

Formula = Any
"""What z3 calls a BoolRef; z3 need not be installed to read this file."""

Both = tuple[Formula, Formula]
"""Of a condition: it is true, it is false. Of a rule: it certainly applies or remains, it perhaps does."""

Says = Mapping[tuple[str, ...], Formula]
"""Whether some way of settling what is unknown leaves these outcomes."""


class Dense(Maker):
    """Rules that meet often."""

    def __init__(self, seed: int, size: int) -> None:
        super().__init__(seed, size)
        self.entries = self.random.sample(self.entries, 5 + size // 10)

    def countries(self, count: int) -> tuple[str, ...]:
        return tuple(sorted(self.random.sample(COUNTRIES[:20], min(count, 16))))

    def overlay(self) -> None:
        """Also those that displace a cell whole, some from a day on."""
        if self.random.random() < 0.7:
            super().overlay()
            return
        cell = self.random.choice(self.cells)
        assert isinstance(cell.when, terms.And)
        lines = [line.condition for line in cell.when.operands if isinstance(line, Line)]
        edge = core.Edge(
            "prevails", cell.number, written="notwithstanding", declared_by=len(self.rules), clause=self.span()
        )
        window = ((date(2022, 2, 24), None),) if self.random.random() < 0.3 else None
        self.add("ban", "prohibited", lines[: self.random.randint(1, 2)], edges=(edge,), window=window)

    def unknown(self) -> Line:
        """A line on facts that may be unknown."""
        military, technology = self.read("military"), self.read("us_technology")
        condition = self.random.choice([military, terms.Not(technology), terms.And((military, technology))])
        return Line(condition, span=self.span())


def policy(size: int, seed: int) -> core.Program:
    """A policy in which rules named by clauses, or that have them, depend on known facts only."""
    maker = Dense(seed, size)
    program = maker.make()
    (decision,) = program.decisions.values()
    named = {number for rule in decision.rules for edge in rule.edges for number in (rule.number, edge.target)}

    def made(rule: core.Rule) -> core.Rule:
        if rule.number in named or not isinstance(rule.when, terms.And) or maker.random.random() < 0.6:
            return rule
        lines = list(rule.when.operands)
        lines.insert(maker.random.randint(0, len(lines)), maker.unknown())
        return replace(rule, when=terms.And(tuple(lines)))

    rules = tuple(map(made, decision.rules))
    grounds = tuple(ground for ground in decision.grounds if maker.random.random() < 0.7)
    return replace(program, decisions={decision.qname: replace(decision, rules=rules, grounds=grounds)})


def compare(size: int, seed: int, z3: Any) -> Difference:
    """The engine and the solver on one policy."""
    program = policy(size, seed)
    said = [each for each in analyse(program) if each.code in CODES]
    more = [each.message for each in said if each.code == "L201" and len(each.subjects) == 1]
    found = {key(each): each.message for each in said if each.message not in more}
    wanted = Encoding(program, z3).expected()
    open_ = [message for (code, _), message in found.items() if code == "L200"]
    false = frozenset(each for each in found if each not in wanted and each[0] != "L200")
    missed = wanted - found.keys()
    untold = {each for each in missed if each[0] == "L201"}
    if sum(code == "L201" for code, _ in found) == limits.current.shown_contradictions and untold:
        # One finding says how many more there are.
        told = [match for message in more if (match := re.match(r"(\d+) more pairs?(?:.*; of (\d+) more)?", message))]
        assert len(told) == 1, more
        count, unknown = int(told[0][1]), int(told[0][2] or 0)
        assert count <= len(untold) <= count + unknown, (more, len(untold))
        missed -= untold
    else:
        assert not more, more
    return Difference(frozenset(found), frozenset(missed), false, (), tuple(open_))


class Encoding:
    """One program, its facts as variables of the solver.

    ``own``: each rule's own condition. ``uncertain``: how many of those may be unknown.
    """

    def __init__(self, program: core.Program, z3: Any) -> None:
        self.z3 = z3
        self.solver = z3.Solver()
        (self.decision,) = program.decisions.values()
        self.rules = self.decision.rules
        self.codes = _codes(self.rules)
        self.eccn, self.category = z3.Int("eccn"), z3.Int("category")
        self.variables = {name: z3.Int(name) for name in ("destination", "origin", "date")}
        self.variables |= {name: z3.Real(name) for name in ("value", "us_content")}
        self.variables |= {name: z3.Bool(name) for name in ("us_technology", "military")}
        self.known = {f.name: z3.Bool(f"{f.name} is known") for f in EXPORT.fields if f.optional}
        self._bounds()
        for lines in program.always.values():
            for line in lines:
                self.solver.add(z3.Not(self.meaning(line.condition)[1]))
        self.own = [self.named(f"rule {rule.number}", self.meaning(rule.condition)) for rule in self.rules]
        named = {n for rule in self.rules for edge in rule.edges for n in (rule.number, edge.target)}
        uncertain = {number for number, own in enumerate(self.own) if self.possible(self.unknown(own))}
        # So what is unknown about each rule can be settled one way or the other, whatever the others do.
        assert not uncertain & named
        self.uncertain = len(uncertain)

    def _bounds(self) -> None:
        add = self.solver.add
        add(self.eccn >= 0, self.eccn < len(self.codes))
        for number in range(10):
            add((self.category == number) == self.is_code(lambda code, start=str(number): code.startswith(start)))
        add(self.category >= -1, self.category <= 9)
        for name in ("destination", "origin"):
            add(self.variables[name] >= 0, self.variables[name] < len(COUNTRIES))
        day = self.variables["date"]
        add(day >= date.min.toordinal(), day <= date.max.toordinal())

    def is_code(self, test: Callable[[str], bool]) -> Formula:
        return self.z3.Or([self.eccn == number for number, code in enumerate(self.codes) if test(code)])

    def named(self, name: str, both: Both) -> Both:
        """The same under names, so that the solver meets it once."""
        names = self.z3.Bool(f"{name} is true"), self.z3.Bool(f"{name} is false")
        for each, formula in zip(names, both, strict=True):
            self.solver.add(each == formula)
        return names

    def unknown(self, both: Both) -> Formula:
        return self.z3.Not(self.z3.Or(both))

    def possible(self, *formulas: Formula) -> bool:
        """Whether some input makes all of these true."""
        self.solver.push()
        self.solver.add(*formulas)
        answer = self.solver.check()
        self.solver.pop()
        assert answer != self.z3.unknown
        return bool(answer == self.z3.sat)

    # ------------------------------------------------------------------------------------- conditions

    def meaning(self, term: Term) -> Both:
        z3 = self.z3
        match term:
            case Line(condition=condition):
                return self.meaning(condition)
            case terms.Not(operand=operand):
                true, false = self.meaning(operand)
                return false, true
            case terms.And(operands=operands):
                parts = [self.meaning(each) for each in operands]
                return z3.And([true for true, _ in parts]), z3.Or([false for _, false in parts])
            case terms.Or(operands=operands):
                parts = [self.meaning(each) for each in operands]
                return z3.Or([true for true, _ in parts]), z3.And([false for _, false in parts])
            case terms.InWindow(intervals=intervals):
                day, opened = self.variables["date"], []
                for first, last in intervals:
                    begun = True if first is None else day >= first.toordinal()
                    opened.append(z3.And(begun, True if last is None else day <= last.toordinal()))
                return self.certain(z3.Or(opened))
            case terms.EccnWithin(code=terms.Field(name="eccn"), entry=terms.Const(value=str(entry))):
                return self.certain(self.is_code(lambda code: code == entry or code.startswith(f"{entry}.")))
            case terms.Equal(left=terms.Field(name="eccn"), right=terms.Const(value=value)):
                return self.certain(self.is_code(lambda code: code == value))
            case terms.MemberOf(value=terms.Field(name=name), collection=terms.SetOf(elements=elements)):
                places = [COUNTRIES.index(each.value) for each in elements if isinstance(each, terms.Const)]
                assert len(places) == len(elements)
                return self.certain(z3.Or([self.variables[name] == place for place in places]))
            case terms.Compare(operator="<" | "<=" as operator, left=left, right=right):
                (one, sure), (two, also) = self.number(left), self.number(right)
                holds = one < two if operator == "<" else one <= two
                return z3.And(sure, also, holds), z3.And(sure, also, z3.Not(holds))
            case terms.Field(name=name):
                sure, fact = self.known[name], self.variables[name]
                return z3.And(sure, fact), z3.And(sure, z3.Not(fact))
        raise AssertionError(term)

    def certain(self, formula: Formula) -> Both:
        return formula, self.z3.Not(formula)

    def number(self, term: Term) -> tuple[Any, Formula]:
        """A number, and whether it is known."""
        match term:
            case terms.Const(value=int() as value):
                return self.z3.IntVal(value), True
            case terms.Const(value=value):
                return self.z3.Q(value.numerator, value.denominator), True  # type: ignore[attr-defined]
            case terms.Field(name=name):
                return self.variables[name], self.known.get(name, True)
            case terms.EccnPart(part="category"):
                return self.category, self.category >= 0
        raise AssertionError(term)

    # ------------------------------------------------------------------------------------- the answer

    def applies(self, rules: Sequence[core.Rule], own: Sequence[Both]) -> list[Both]:
        """Whether each rule certainly, and perhaps, applies."""
        z3 = self.z3
        disablers: dict[int, list[int]] = {}
        for rule in rules:
            for target in rule.targets("disapplies"):
                disablers.setdefault(target, []).append(rule.number)
        kept: dict[int, Both] = {}

        def of(number: int) -> Both:
            if number not in kept:
                true, false = own[number]
                excepted = [of(target) for target in rules[number].targets("exception")]
                disabled = [of(each) for each in disablers.get(number, ())]
                kept[number] = tuple(  # type: ignore[assignment]
                    z3.And(
                        holds,
                        z3.Or([each[side] for each in excepted]) if excepted else True,
                        z3.Not(z3.Or([each[1 - side] for each in disabled])),
                    )
                    for side, holds in enumerate((true, z3.Not(false)))
                )
            return kept[number]

        return [of(number) for number in range(len(rules))]

    def remaining(self, rules: Sequence[core.Rule], applies: Sequence[Both]) -> list[Both]:
        """Whether each rule certainly, and perhaps, applies and none that applies prevails over it."""
        z3 = self.z3
        winners: dict[int, list[Both]] = {}
        for rule in rules:
            for target in rule.targets("prevails"):
                winners.setdefault(target, []).append(applies[rule.number])
        return [
            (
                z3.And(sure, z3.Not(z3.Or([perhaps for _, perhaps in winners.get(number, ())]))),
                z3.And(may, z3.Not(z3.Or([certainly for certainly, _ in winners.get(number, ())]))),
            )
            for number, (sure, may) in enumerate(applies)
        ]

    def says(self, remains: Sequence[Both]) -> Says:
        """Which outcomes there may be, in all ways: any that may remain can, beside those that certainly do."""
        z3, outcomes = self.z3, self.decision.outcomes.members
        by = {outcome: [remains[rule.number] for rule in self.rules if rule.outcome == outcome] for outcome in outcomes}
        sure = {outcome: z3.Or([each for each, _ in by[outcome]]) for outcome in outcomes}
        may = {outcome: z3.Or([each for _, each in by[outcome]]) for outcome in outcomes}
        ways: dict[tuple[str, ...], list[Formula]] = {}
        for size in range(len(outcomes) + 1):
            for shown in combinations(outcomes, size):
                met = z3.And([may[o] if o in shown else z3.Not(sure[o]) for o in outcomes])
                ways.setdefault(self.left(shown), []).append(met)
        return {left: z3.Or(each) for left, each in ways.items()}

    def left(self, shown: Iterable[str]) -> tuple[str, ...]:
        """What the grounds leave of the outcomes of rules that remain."""
        left = list(shown)
        for ground in self.decision.grounds:
            assert ground.kind == "over"
            if ground.winner in left and ground.loser in left:
                left.remove(str(ground.loser))
        return tuple(left) or (str(self.decision.otherwise),)

    def possibly(self, says: Says, outcome: str) -> Formula:
        return self.z3.Or([formula for left, formula in says.items() if outcome in left])

    def contradiction(self, says: Says) -> Formula:
        """There is one in every way."""
        return self.z3.Not(self.z3.Or([formula for left, formula in says.items() if len(left) == 1]))

    def answer(self, says: Says) -> list[Formula]:
        """What a change of the answer is a change of. (It is determined where one outcome is possible.)"""
        return [self.contradiction(says), *(self.possibly(says, o) for o in self.decision.outcomes.members)]

    def without(self, number: int) -> list[Both]:
        """The rules' own conditions without a rule."""
        false = self.z3.BoolVal(False), self.z3.BoolVal(True)
        return [false if n == number else both for n, both in enumerate(self.own)]

    # ------------------------------------------------------------------------------------- the questions

    def expected(self) -> set[Key]:
        self.found: set[Key] = set()
        self.flaws: dict[int, str] = {}
        self.standing = self.applies(self.rules, self.own)
        self.remains = self.remaining(self.rules, self.standing)
        self.base = self.says(self.remains)
        self._rules_alone()
        self._pairs()
        self._clauses()
        self._lines()
        for outcome in self.decision.outcomes.members:
            others = [self.possibly(self.base, o) for o in self.decision.outcomes.members if o != outcome]
            if not self.possible(self.possibly(self.base, outcome), self.z3.Not(self.z3.Or(others))):
                self.found.add(("L209", (self.decision.name, outcome)))
        return self.found

    def changes(self, rules: Sequence[core.Rule], own: Sequence[Both]) -> bool:
        """Whether some input has another answer under these rules and conditions."""
        other = self.answer(self.says(self.remaining(rules, self.applies(rules, own))))
        differ = [one != two for one, two in zip(self.answer(self.base), other, strict=True)]
        return self.possible(self.z3.Or(differ))

    def _rules_alone(self) -> None:
        for rule in self.rules:
            number = rule.number
            if not self.possible(self.standing[number][0]):
                self.flaws[number] = "L202"
            elif not self.possible(self.remains[number][0]):
                self.flaws[number] = "L203"
            elif not self.changes(self.rules, self.without(number)):
                self.flaws[number] = "L204"
        self.found |= {(code, self.rules[number].family) for number, code in self.flaws.items()}

    def _pairs(self) -> None:
        """Two rules that decide, in every way, where there is a contradiction in every way."""
        decides = {
            outcome: self.z3.Not(self.z3.Or([each for left, each in self.base.items() if outcome not in left]))
            for outcome in self.decision.outcomes.members
        }
        error = self.contradiction(self.base)
        for one, two in combinations(self.rules, 2):
            if one.outcome == two.outcome:
                continue
            sides = [part for rule in (one, two) for part in (self.remains[rule.number][0], decides[str(rule.outcome)])]
            if self.possible(error, *sides):
                self.found.add(("L201", frozenset((one.family, two.family))))

    def _clauses(self) -> None:
        clauses: dict[Span, set[int]] = {}
        for rule in self.rules:
            for edge in rule.edges:
                if edge.written != "exception to":
                    clauses.setdefault(edge.clause, {rule.number}).add(edge.target)
        for clause, named in clauses.items():
            if not any(self.flaws.get(number) in SILENT for number in named):
                rules = [replace(r, edges=tuple(e for e in r.edges if e.clause != clause)) for r in self.rules]
                if not self.changes(rules, self.own):
                    self.found.add(("L205", clause))
        for rule in self.rules:
            if rule.unless is not None and self.flaws.get(rule.number) not in SILENT:
                own = list(self.own)
                own[rule.number] = self.meaning(replace(rule, unless=None).condition)
                if not self.changes(self.rules, own):
                    self.found.add(("L205", rule.unless.span))

    def _lines(self) -> None:
        """Lines that are never unknown and always the same where the lines above them are true."""
        for rule in self.rules:
            assert isinstance(rule.when, terms.And)
            above = [] if rule.window is None else [self.meaning(terms.InWindow(rule.window))[0]]
            for line in rule.when.operands:
                assert isinstance(line, Line)
                both = self.meaning(line)
                values = [value for value, met in zip((True, False), both, strict=True) if self.possible(*above, met)]
                never_true = values == [False] and self.flaws.get(rule.number) == "L202"
                if len(values) == 1 and not never_true and not self.possible(*above, self.unknown(both)):
                    self.found.add(("L208", line.span))
                above.append(both[0])


def _codes(rules: Iterable[core.Rule]) -> list[str]:
    """Codes that stand for all: those that conditions name, one more of each category, and what is on no list.

    Any other code is within the same entries as the nearest of these above it.
    """
    named: set[str] = set()

    def look(term: Term) -> None:
        if isinstance(term, terms.EccnWithin) and isinstance(term.entry, terms.Const):
            named.add(str(term.entry.value))
        for each in children(term):
            look(each)

    for rule in rules:
        look(rule.condition)
    others = {f"{category}E998" for category in range(10)}
    assert not named & others
    return sorted({*named, *others, "EAR99"})
