"""What brute force says about a small policy, code by code: the answer that the engine's findings must equal.

It goes through every input of a world whose domains are exhaustive (`always` lines keep numbers and days in bounds),
evaluates every rule on each with the reference evaluator, and reads the questions off the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import product
from typing import cast

from comity import terms
from comity.base.source import Span
from comity.core import ast as core
from comity.core.closures import EvaluationContext
from comity.core.interpret import Interpreter, _Evaluation, ruleset
from comity.runtime.errors import ContradictionError, GapError
from comity.runtime.resolve import Resolution, referred, resolve
from comity.runtime.rules import Ruleset, bits, mask_of
from comity.runtime.types import BOOL, RecordType
from comity.terms import THIS, Line, Term

Key = tuple[str, object]
"""A finding as both sides name it: its code, and what it is about."""

Findings = Mapping[str, bool | str | None]
"""Counsel's findings, by rule."""

SILENT = ("L202", "L203", "L211")
"""Flaws of a rule that leave nothing to say about its clauses."""


@dataclass(frozen=True)
class Subject:
    """A program, and every value of each fact of its one record that a condition in it can tell apart.

    ``days``: those of the as-of field, or those on which a record without one is judged.
    """

    program: core.Program
    domains: Mapping[str, Sequence[object]]
    days: Sequence[date | None]

    def inputs(self, record: RecordType) -> Iterator[tuple[dict[str, object], date | None]]:
        names = [f.name for f in record.fields]
        for values in product(*(self.days if n == record.as_of else self.domains[n] for n in names)):
            facts = dict(zip(names, values, strict=True))
            for day in [facts[record.as_of]] if record.as_of else self.days:
                yield facts, day if isinstance(day, date) else None

    @cached_property
    def referring(self) -> dict[str, list[bool | str | None]]:
        """The rules that refer to counsel, and what counsel may find."""
        return {
            rule.question: [None, True, False, *(decision.outcomes.members if rule.outcome is None else ())]
            for decision in self.program.decisions.values()
            for rule in decision.rules
            if rule.refer is not None
        }

    def findings(self) -> Iterator[Findings]:
        for given in product(*self.referring.values()):
            yield dict(zip(self.referring, given, strict=True))

    def context(
        self, interpreter: Interpreter, facts: Mapping[str, object], day: date | None, findings: Findings
    ) -> EvaluationContext:
        """What conditions are evaluated in: the day, and other decisions on the same facts."""
        given = {rule: finding for rule, finding in findings.items() if finding is not None}
        return _Evaluation(interpreter, None, facts, day, given, None).context


def kept_inputs(
    subject: Subject, interpreter: Interpreter, record: RecordType
) -> Iterator[tuple[dict[str, object], date | None]]:
    """Every input that breaks no `always` line."""
    for facts, day in subject.inputs(record):
        if not interpreter.broken_always(f"{record.module}.{record.name}", facts, day):
            yield facts, day


@dataclass
class Input:
    facts: dict[str, object]
    day: date | None
    findings: Findings
    context: EvaluationContext
    own: list[bool | None]
    chosen: dict[int, str]
    base: Resolution


def expected(subject: Subject) -> set[Key]:
    """Every finding about a program whose decisions and definitions are all for one record."""
    found: set[Key] = set()
    interpreter = Interpreter(subject.program)
    for decision in subject.program.decisions.values():
        found |= DecisionBrute(subject, interpreter, decision).run()
    for define in subject.program.defines.values():
        if define.record is not None:
            found |= DefineBrute(subject, interpreter, define).run()
    return found


class DecisionBrute:
    """One decision on every input."""

    def __init__(self, subject: Subject, interpreter: Interpreter, decision: core.Decision) -> None:
        self.subject = subject
        self.decision = decision
        self.rules = decision.rules
        self.outcomes = decision.outcomes.members
        self.interpreter = interpreter
        self.ruleset = ruleset(decision)
        self.families: dict[str, list[core.Rule]] = {}
        for rule in self.rules:
            self.families.setdefault(rule.family, []).append(rule)
        self.inputs = list(self._inputs())
        self.found: set[Key] = set()
        self.flaws: dict[str, str] = {}

    def _inputs(self) -> Iterator[Input]:
        kept: dict[tuple[object, ...], Resolution] = {}
        conditions = [rule.condition for rule in self.rules]
        for facts, day in kept_inputs(self.subject, self.interpreter, self.decision.record):
            for findings in self.subject.findings():
                context = self.subject.context(self.interpreter, facts, day, findings)
                truths = [self.interpreter.evaluator.code(each)({THIS: facts}, context) for each in conditions]
                own, chosen = self.applied(truths, findings)
                key = (tuple(own), tuple(chosen.items()), day)
                if key not in kept:
                    kept[key] = resolve(self.ruleset, own, day, chosen)
                yield Input(facts, day, findings, context, own, chosen, kept[key])

    def applied(
        self, conditions: Sequence[bool | None], findings: Findings
    ) -> tuple[list[bool | None], dict[int, str]]:
        own: list[bool | None] = []
        chosen: dict[int, str] = {}
        for rule, condition in zip(self.rules, conditions, strict=True):
            if rule.refer is None:
                own.append(condition)
                continue
            finding = findings[rule.question]
            own.append(referred(condition, finding))
            if isinstance(finding, str):
                chosen[rule.number] = finding
        return own, chosen

    def run(self) -> set[Key]:
        self.rules_alone()
        self.pairs()
        self.clauses()
        self.lines()
        self.whole()
        self.overreach()
        self.prove()
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
        clauses: dict[Span, list[tuple[core.Rule, core.Edge]]] = {}
        for rule in self.rules:
            for edge in rule.edges:
                if edge.written != "exception to":
                    clauses.setdefault(edge.clause, []).append((rule, edge))
        for clause, edges in clauses.items():
            declarer = self.rules[edges[0][1].declared_by].family
            named = {self.rules[r.number if e.written == "subject to" else e.target].family for r, e in edges}
            if any(self.flaws.get(name) in SILENT for name in (declarer, *named)):
                continue
            rules = tuple(replace(r, edges=tuple(e for e in r.edges if e.clause != clause)) for r in self.rules)
            other = ruleset(replace(self.decision, rules=rules))
            if not any(answer(i.base) != answer(self.without(i, 0, other)) for i in self.inputs):
                self.found.add(("L205", clause))
        for family, members in self.families.items():
            unless = members[0].unless
            if unless is not None and self.flaws.get(family) not in SILENT and not self.unless_matters(members):
                self.found.add(("L205", unless.span))

    def value(self, term: Term, i: Input, **bound: object) -> bool | None:
        truth: bool | None = self.interpreter.evaluator.code(term)({THIS: i.facts, **bound}, i.context)
        return truth

    def unless_matters(self, members: list[core.Rule]) -> bool:
        conditions = {rule.number: replace(rule, unless=None).condition for rule in members}
        for i in self.inputs:
            own = list(i.own)
            for rule in members:
                condition = self.value(conditions[rule.number], i)
                finding = i.findings.get(rule.question)
                own[rule.number] = condition if rule.refer is None else referred(condition, finding)
            if answer(i.base) != answer(resolve(self.ruleset, own, i.day, i.chosen)):
                return True
        return False

    def lines(self) -> None:
        """Lines of `when`; those that make a rule never apply are not findings beside that."""
        for members in self.families.values():
            seen: dict[Span, set[object]] = {}
            for rule in members:
                if rule.when is None:
                    continue
                window = terms.InWindow(rule.window) if rule.window is not None else terms.TRUE
                for i in self.inputs:
                    if self.value(window, i) is True:
                        walk(self.interpreter, rule.when, {THIS: i.facts}, i.context, seen)
            values = dict(idle(seen))
            reasons: set[Span] = set()
            if self.flaws.get(members[0].family) == "L202":
                false = {at for at, value in values.items() if value is False}
                reasons = set(_making_false(members[0].when, false)) if members[0].when is not None else reasons
            self.found |= {("L208", at) for at in values.keys() - reasons}

    def whole(self) -> None:
        name = self.decision.name
        if any(i.base.error == "gap" for i in self.inputs):
            self.found.add(("L207", name))
        for outcome in self.outcomes:
            if not any(i.base.outcome == outcome for i in self.inputs):
                self.found.add(("L209", (name, outcome)))
        if self.decision.otherwise is not None and self.decision.record.as_of:
            self.date_gaps()

    def date_gaps(self) -> None:
        """Runs of days without a decision between two days with one."""
        says = mask_of(r.number for r in self.rules if r.outcome is not None or r.refer is not None)
        timelines: dict[tuple[object, ...], list[Input]] = {}
        for i in self.inputs:
            if i.day is not None:
                rest = tuple(str(v) for n, v in i.facts.items() if n != self.decision.record.as_of)
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
                    for before in self.heads(line[start - 1], says) if self.heads(line[end + 1], says) else ():
                        self.found.add(("L213", self.rules[before].family))

    def heads(self, i: Input, says: int) -> list[int]:
        """The rules that apply and decide, or are decided by an exception; not exceptions to what says something."""
        targets = {rule.number: set(rule.targets("exception")) for rule in self.rules}

        def above(number: int) -> set[int]:
            return targets[number] | {far for near in targets[number] for far in above(near)}

        return [
            head
            for head in bits(i.base.certain & says)
            if not above(head) or not all(says >> each & 1 for each in above(head))
            if any(each == head or head in above(each) for each in bits(i.base.deciding & says))
        ]

    def overreach(self) -> None:
        place = {outcome: number for number, outcome in enumerate(self.outcomes)}
        for rule in self.rules:
            targets = mask_of(e.target for e in rule.edges if e.written == "notwithstanding" and not e.every_other)
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
        for prove in self.subject.program.proves.values():
            if prove.decision != self.decision.qname:
                continue
            if prove.given is not None and not any(self.value(prove.given, i) is True for i in self.inputs):
                self.found.add(("L202", prove.name))
            doubt = False
            for i in self.inputs:
                if prove.given is not None and self.value(prove.given, i) is not True:
                    continue
                truths = {o: self.value(prove.then, i, outcome=o) for o in self.outcomes}
                if i.base.outcome is not None and truths[i.base.outcome] is False:
                    self.found.add(("L210", prove.name))
                    break
                doubt |= i.base.error == "gap" or any(truths[o] is not True for o in i.base.possible)
            else:
                if doubt:
                    self.found.add(("L200", prove.name))


class DefineBrute:
    """One definition on every input: its cases, and its lines."""

    def __init__(self, subject: Subject, interpreter: Interpreter, define: core.Define) -> None:
        self.subject = subject
        self.interpreter = interpreter
        self.define = define
        assert define.record is not None
        self.inputs = list(kept_inputs(subject, interpreter, define.record))
        self.found: set[Key] = set()

    def run(self) -> set[Key]:
        if isinstance(self.define.body, terms.Cases):
            self.cases(self.define.body)
        seen: dict[Span, set[object]] = {}
        body = self.define.body
        if self.define.result == BOOL and not isinstance(body, terms.Const | terms.Cases) and not _is_block(body):
            body = Line(body, span=body.span)  # a definition of one line
        for facts, day in self.inputs:
            for findings in self.subject.findings():
                context = self.subject.context(self.interpreter, facts, day, findings)
                walk(self.interpreter, body, {THIS: facts}, context, seen)
        self.found |= {("L208", at) for at, _ in idle(seen)}
        return self.found

    def cases(self, cases: terms.Cases) -> None:
        met: set[Span] = set()
        for facts, day in self.inputs:
            env: dict[str, object] = {THIS: facts}
            truths = [
                None if c.condition is None else self.interpreter.evaluate(c.condition, env, day) for c in cases.cases
            ]
            met |= {c.span for c, truth in zip(cases.cases, truths, strict=True) if truth is True}
            try:
                self.interpreter.call(self.define.qname, (facts,), day)
            except ContradictionError:
                self.overlaps(cases, truths, env, day)
            except GapError:
                self.found.add(("L207", self.define.name))
        for case in cases.cases:
            if case.condition is not None and case.span not in met:
                self.found.add(("L202", case.span))

    def overlaps(self, cases: terms.Cases, truths: list[bool | None], env: dict[str, object], day: date | None) -> None:
        true = [c for c, truth in zip(cases.cases, truths, strict=True) if truth is True]
        for place, one in enumerate(true):
            for two in true[place + 1 :]:
                left, right = (self.interpreter.evaluate(c.value, env, day) for c in (one, two))
                if left != right:
                    self.found.add(("L206", (one.span, two.span)))


# ----------------------------------------------------------------------------------------- helpers


def answer(resolution: Resolution) -> tuple[object, ...]:
    """What a change of the answer is a change of."""
    return resolution.outcome, resolution.possible, resolution.error


def walk(
    interpreter: Interpreter,
    term: Term,
    env: dict[str, object],
    context: EvaluationContext,
    seen: dict[Span, set[object]],
) -> None:
    """Note the value of each line of a block where ``env`` reaches it; an element reaches what a quantifier says."""

    def value(of: Term) -> object:
        return interpreter.evaluator.code(of)(env, context)

    match term:
        case Line(condition=condition):
            if _is_block(condition):
                walk(interpreter, condition, env, context, seen)
            else:
                seen.setdefault(term.span, set()).add(value(term))
        case terms.And(operands=operands) | terms.Or(operands=operands):
            passing = isinstance(term, terms.And)
            for operand in operands:
                walk(interpreter, operand, env, context, seen)
                if value(operand) is not passing:
                    break
        case terms.Not(operand=operand):
            walk(interpreter, operand, env, context, seen)
        case terms.Quantifier(variable=variable, source=source, body=body) if _is_block(body):
            elements = value(source)
            for element in elements if isinstance(elements, tuple | frozenset) else ():
                walk(interpreter, body, {**env, variable: element}, context, seen)
        case _:
            pass


def _making_false(term: Term, false: set[Span]) -> Iterator[Span]:
    """The lines, of those that are always ``false``, that make a term false whatever its other lines say."""
    match term:
        case Line(condition=condition):
            if _is_block(condition):
                yield from _making_false(condition, false)
            elif term.span in false:
                yield term.span
        case terms.And(operands=operands):
            for operand in operands:
                yield from _making_false(operand, false)
        case terms.Or(operands=operands):
            plain = [each.span for each in operands if isinstance(each, Line) and not _is_block(each.condition)]
            if len(plain) == len(operands) and false.issuperset(plain):
                yield from plain
        case terms.Quantifier(kind="any", body=body):
            yield from _making_false(body, false)
        case _:
            pass


def _is_block(term: Term) -> bool:
    """It holds lines."""
    match term:
        case Line():
            return True
        case terms.And(operands=operands) | terms.Or(operands=operands):
            return any(map(_is_block, operands))
        case terms.Not(operand=inner) | terms.Quantifier(body=inner):
            return _is_block(inner)
        case _:
            return False


def idle(seen: Mapping[Span, set[object]]) -> Iterator[tuple[Span, object]]:
    """The lines that were never unknown and always the same."""
    for at, values in seen.items():
        if len(values) == 1 and None not in values:
            yield at, next(iter(values))
