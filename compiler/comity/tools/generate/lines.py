"""Condition lines, and on which side of one some facts stand.

The answer depends on a line where it is one if the line is taken to hold, and another if it is taken not to. There the
facts stand on the side of the answer that they have. Inside `any p in parties:` a line is taken so for every element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TypeAlias

from comity import terms
from comity.analysis.decision.lines import has_lines
from comity.analysis.space.facts import AS_OF
from comity.analysis.witness.render import day_of, parted
from comity.base.source import Span
from comity.core import ast as core
from comity.core.given import Unfit, facts_of, findings_of
from comity.core.interpret import Interpreter, ruleset
from comity.core.walk import children, rewrite
from comity.runtime.errors import FactsError, PolicyError
from comity.runtime.inputs import FINDINGS
from comity.runtime.light import dataclass
from comity.runtime.resolve import Resolution, finding_on, referred, resolve
from comity.runtime.types import BOOL, Field, RecordType
from comity.terms import THIS, Term

EACH = "[]"
"""Stands in a path for any element of a collection."""

Facts: TypeAlias = Mapping[str, object]
"""The facts of the root, with the day and findings beside them where they are not facts."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. ``determined``: it is one outcome, or a known value. ``by``: the rules that decide."""

    value: object
    determined: bool
    by: tuple[str, ...] = ()

    @property
    def undetermined(self) -> bool:
        """A test can only say `expect undetermined` of it, whatever is still possible."""
        return not self.determined and not isinstance(self.value, str)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is said, and the side of a line on which the facts stand, where the answer depends on it."""

    said: Said
    side: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line that opens no block, by its place. ``forced``: by the number of each rule that has it (0 in a definition),
    the condition in which it is taken to hold, and not to hold.
    """

    span: Span
    term: Term
    family: str
    forced: Mapping[int, tuple[Term, Term]]


def _leaves(term: Term) -> Iterator[terms.Line]:
    waiting = [term]
    while waiting:
        each = waiting.pop()
        if isinstance(each, terms.Line) and not has_lines(each.condition):
            yield each
        waiting.extend(children(each))


def _forced(term: Term, span: Span, value: bool) -> Term:
    def change(each: Term) -> Term | None:
        return terms.Const(value, BOOL) if isinstance(each, terms.Line) and each.span == span else None

    return rewrite(term, change)


def _lines(conditions: Mapping[int, tuple[str, Term]]) -> list[Line]:
    found: dict[Span, tuple[str, Term, dict[int, tuple[Term, Term]]]] = {}
    for number, (family, condition) in conditions.items():
        for leaf in _leaves(condition):
            forced = _forced(condition, leaf.span, True), _forced(condition, leaf.span, False)
            found.setdefault(leaf.span, (family, leaf.condition, {}))[2][number] = forced
    return [Line(span, term, family, forced) for span, (family, term, forced) in sorted(found.items())]


class Target:
    """What tests are about: a decision or a definition."""

    def __init__(self, interpreter: Interpreter, qname: str) -> None:
        self.interpreter = interpreter
        self.qname = qname
        self.spent = 0
        """How many inputs were decided."""

    @property
    def name(self) -> str:
        return self.qname.rpartition(".")[2]

    record: RecordType | None
    fields: tuple[Field, ...]
    lines: list[Line]
    span: Span

    def env(self, facts: Facts) -> Facts:
        """What terms are evaluated in."""
        if self.record is None:
            return facts
        return {THIS: parted(self.record, facts)[0]}

    def day(self, facts: Facts) -> date | None:
        root = self.record or [(field.name, field.type) for field in self.fields]
        return day_of(root, facts)

    def conditions(self, line: Line) -> list[Term]:
        """The conditions that contain a line."""
        raise NotImplementedError

    def stands(self, line: Line, facts: Facts) -> Standing | None:
        """How facts stand to a line; None where the answer does not depend on it, or there is none."""
        try:
            return self._stands(line, facts)
        except (FactsError, PolicyError):
            return None

    def _stands(self, line: Line, facts: Facts) -> Standing | None:
        raise NotImplementedError

    def seeds(self) -> list[Facts]:
        """The facts of the tests about it."""
        found: dict[str, Facts] = {}
        for test in self.interpreter.program.tests:
            if test.target == self.qname:
                try:
                    facts = self._facts(test)
                except Unfit:
                    continue
                found.setdefault(repr(facts), facts)
        return list(found.values())

    def _facts(self, test: core.Test) -> Facts:
        if self.record is None:
            raise Unfit("the arguments of a function are not facts of a record")
        facts, _ = facts_of(test, self.record, self.interpreter)
        findings = findings_of(test, self.record, self.interpreter)
        day = {AS_OF: test.as_of} if test.as_of is not None and self.record.as_of is None else {}
        return {**facts, **day, **({FINDINGS: findings} if findings else {})}


class DecisionTarget(Target):
    def __init__(self, interpreter: Interpreter, decision: core.Decision) -> None:
        super().__init__(interpreter, decision.qname)
        self.decision = decision
        self.record = decision.record
        self.fields = decision.record.fields
        self.span = decision.span
        self.lines = _lines({rule.number: (rule.family, rule.condition) for rule in decision.rules})
        self._rules = ruleset(decision)
        self._decided: dict[int, tuple[Facts, Resolution, list[bool | None]]] = {}

    def conditions(self, line: Line) -> list[Term]:
        return [self.decision.rules[number].condition for number in line.forced]

    def _stands(self, line: Line, facts: Facts) -> Standing | None:
        own_facts, _, findings = parted(self.decision.record, facts)
        day = self.day(facts)
        ways: list[dict[int, bool | None]] = []
        for holds in (0, 1):
            way: dict[int, bool | None] = {}
            for number, conditions in line.forced.items():
                rule = self.decision.rules[number]
                value = self.interpreter.evaluate(conditions[holds], {THIS: own_facts}, day)
                if rule.refer is not None:
                    value = referred(value, finding_on(rule.name, rule.question, findings))
                way[number] = value
            ways.append(way)
        if ways[0] == ways[1]:
            return None
        resolution, own = self._decide(facts)
        chosen = {
            rule.number: finding
            for rule in self.decision.rules
            if rule.refer is not None and isinstance(finding := finding_on(rule.name, rule.question, findings), str)
        }
        yes, no = (
            self._said(resolve(self._rules, [way.get(n, value) for n, value in enumerate(own)], day, chosen))
            for way in ways
        )
        return _standing(self._said(resolution), yes, no)

    def _decide(self, facts: Facts) -> tuple[Resolution, list[bool | None]]:
        known = self._decided.get(id(facts))
        if known is None or known[0] is not facts:
            own, day, findings = parted(self.decision.record, facts)
            resolution, conditions = self.interpreter.conditions(self.qname, own, day, findings)
            self.spent += 1
            if len(self._decided) > 4096:
                self._decided.clear()
            known = self._decided[id(facts)] = (facts, resolution, list(conditions))
        return known[1], known[2]

    def _said(self, resolution: Resolution) -> Said:
        deciding = tuple(rule.name.partition("[")[0] for rule in resolution.rules if rule.status == "decides")
        value = resolution.outcome or resolution.error or ("undetermined", resolution.possible)
        return Said(value, resolution.determined, tuple(dict.fromkeys(deciding)))


class DefineTarget(Target):
    def __init__(self, interpreter: Interpreter, define: core.Define) -> None:
        super().__init__(interpreter, define.qname)
        self.define = define
        self.record = define.record
        named = tuple(Field(name, type, optional=True) for name, type in define.parameters)
        self.fields = define.record.fields if define.record is not None else named
        self.span = define.span
        self.lines = _lines({0: (define.name, define.body)})

    def conditions(self, line: Line) -> list[Term]:
        return [self.define.body]

    def _stands(self, line: Line, facts: Facts) -> Standing | None:
        self.spent += 1
        record = self.record
        if record is not None and self.interpreter.broken(record, parted(record, facts)[0], self.day(facts)):
            return None
        env, day = self.env(facts), self.day(facts)
        said, yes, no = (
            Said(value, value is not None)
            for value in (self.interpreter.evaluate(t, env, day) for t in (self.define.body, *line.forced[0]))
        )
        return _standing(said, yes, no)


def _standing(said: Said, yes: Said, no: Said) -> Standing | None:
    if yes.value == no.value or said.value not in (yes.value, no.value):
        return None
    return Standing(said, said.value == yes.value)


def targets(interpreter: Interpreter) -> list[Target]:
    """Every decision and definition that has lines."""
    program = interpreter.program
    found: list[Target] = [DecisionTarget(interpreter, each) for each in program.decisions.values()]
    found += [DefineTarget(interpreter, each) for each in program.defines.values()]
    return [target for target in found if target.lines]


def free(term: Term) -> set[str]:
    """The names that a term speaks of and does not bind."""
    match term:
        case terms.Local(name=name):
            return {name}
        case terms.Quantifier() | terms.Filter() | terms.Count() | terms.Sum():
            inner = {name for child in children(term) if child is not term.source for name in free(child)}
            return free(term.source) | (inner - {term.variable})
        case _:
            return {name for child in children(term) for name in free(child)}


class Reads:
    """The facts that a term reads, by path from the root."""

    def __init__(self, program: core.Program, record: RecordType | None) -> None:
        self.program = program
        self.day = (record.as_of,) if record is not None and record.as_of is not None else None
        self.found: dict[tuple[str, ...], None] = {}
        self._done: set[tuple[str, tuple[str, ...]]] = set()

    def of(self, term: Term, env: Mapping[str, tuple[str, ...] | None]) -> None:
        if self.day is not None and isinstance(term, terms.InWindow | terms.NamedSet | terms.Lookup):
            self.found[self.day] = None
        match term:
            case terms.Local() | terms.Field():
                path = self._path(term, env)
                if path is None:
                    for child in children(term):
                        self.of(child, env)
                elif path:
                    # A field of an element is read with the whole collection.
                    whole = path[: path.index(EACH)] if EACH in path else path
                    self.found[whole] = None
            case terms.Call(define=name, arguments=arguments):
                define = self.program.defines[name]
                inner: dict[str, tuple[str, ...] | None] = {}
                for (parameter, _), argument in zip(define.parameters, arguments, strict=True):
                    inner[parameter] = path = self._path(argument, env)
                    if path is None:
                        self.of(argument, env)
                self._once(name, define.body, inner)
            case terms.OutcomeOf(decision=name, record=record) | terms.RuleHolds(decision=name, record=record):
                path = self._path(record, env)
                if path is not None:
                    for rule in self.program.decisions[name].rules:
                        self._once(rule.name, rule.condition, {THIS: path})
            case terms.Quantifier() | terms.Filter() | terms.Count() | terms.Sum():
                source = self._path(term.source, env)
                self.of(term.source, env)
                for child in children(term):
                    if child is not term.source:
                        self.of(child, {**env, term.variable: None if source is None else (*source, EACH)})
            case _:
                for child in children(term):
                    self.of(child, env)

    def _once(self, name: str, body: Term, env: Mapping[str, tuple[str, ...] | None]) -> None:
        key = (name, tuple(step for path in env.values() for step in path or ("",)))
        if key not in self._done:
            self._done.add(key)
            self.of(body, env)

    def _path(self, term: Term, env: Mapping[str, tuple[str, ...] | None]) -> tuple[str, ...] | None:
        match term:
            case terms.Local(name=name):
                return env.get(name)
            case terms.Field(base=base, name=name):
                above = self._path(base, env)
                return None if above is None or not isinstance(base.type, RecordType) else (*above, name)
            case _:
                return None
