"""The reference interpreter: what a program says about facts.

`evaluate` gives terms their meaning, `runtime.resolve` the outcome of the rules that apply; this module combines
them. Every other evaluator is tested against it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from comity import terms
from comity._version import __version__
from comity.core import ast as core
from comity.core.closures import Code, Env, EvaluationContext, Trace
from comity.core.evaluate import Evaluator
from comity.core.needs import DAY, Needs, Origin, OtherDecision, Place, facts_origin, in_order, path_of
from comity.parts import AlwaysLine
from comity.runtime.answer import Answer, FactsError, GapError, PolicyError, Problem, older_sources
from comity.runtime.facts import Decoder, encode
from comity.runtime.inputs import Findings, read_input
from comity.runtime.kleene import KleeneSet, Truth
from comity.runtime.resolve import Resolution, finding_on, resolve
from comity.runtime.rules import Claims, Ground, Rule, Ruleset, bits, union
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type
from comity.runtime.values import ABSENT
from comity.terms import THIS, Term

States: TypeAlias = Callable[[terms.CommitmentState, Env], Truth]
"""Gives the states of commitments; without one they are unknown."""


def version(program: core.Program) -> str:
    """The `version` of an answer: the hash of the sources, and the compiler's version."""
    return f"{program.source_hash} comity-{__version__}"


class Interpreter:
    """Decides and evaluates. It holds no facts: every call starts afresh."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.evaluator = Evaluator(program)
        self._prepared: dict[str, _Prepared] = {}
        self._decoders: dict[tuple[str, bool], Decoder] = {}

    def revise(self, program: core.Program, decision: str, changed: Mapping[int, core.Rule]) -> None:
        """Continue with a program in which some rules of a decision are ``changed``; no relation between rules is.

        If a condition reads the decision, its rules must contain `is known` now exactly if they did before: how that
        condition was compiled depends on it.
        """
        self.program = program
        self.evaluator.revise(program)
        self.__dict__.pop("version", None)
        if decision in self._prepared:
            self._prepared[decision].revise(program.decisions[decision], changed, self.evaluator)

    def forget(self, program: core.Program, names: Collection[str], reads: Callable[[Term], bool]) -> None:
        """Continue with a program in which some sets and definitions are others, whose bodies ask `is known` where they
        did. ``names``: the sets and definitions that depend on them; ``reads``: which terms do.
        """
        self.program = program
        self.evaluator.revise(program)
        self.evaluator.forget(names, reads)
        self.__dict__.pop("version", None)
        for prepared in self._prepared.values():
            prepared.forget(self.evaluator, reads)

    # ------------------------------------------------------------------------------------- decisions

    def decide(
        self,
        decision: str,
        facts: Mapping[str, object],
        as_of: date | None = None,
        findings: Findings | None = None,
        trace: Trace | None = None,
        defaults: Sequence[str] = (),
    ) -> Answer:
        """The answer to a decision (by qualified name) on facts as run-time values.

        ``as_of`` replaces the field that gives the day. ``defaults`` are passed on to the answer. Raises FactsError
        for facts that break an `always` line. A certain gap or contradiction, of the rules or of the cases of a
        definition they need, is an answer with an ``error``.
        """
        prepared = self.prepared(decision)
        record = prepared.decision.record
        if as_of is not None and record.as_of is not None:
            facts = {**facts, record.as_of: as_of}
        day = _day(record, facts, as_of)
        evaluation = _Evaluation(self, record, facts, day, findings or {}, trace)
        try:
            evaluation.refuse_broken()
            resolution = evaluation.resolution(decision, facts)
        except PolicyError as error:
            return Answer(
                decision=prepared.decision.name,
                outcome=None,
                determined=False,
                possible=(),
                as_of=day,
                defaults=tuple(defaults),
                error="gap" if isinstance(error, GapError) else "contradiction",
                reason=str(error),
                version=self.version,
                after_sources=older_sources(prepared.decision.sources, day),
            )
        needs = () if resolution.determined or resolution.error else evaluation.needs(decision)
        return Answer(
            decision=prepared.decision.name,
            outcome=resolution.outcome,
            determined=resolution.determined,
            possible=resolution.possible,
            needs=needs,
            as_of=day,
            rules=resolution.rules,
            defaults=tuple(defaults),
            relied_on_unknown=evaluation.relied(decision),
            grounds=resolution.grounds,
            error=resolution.error,
            version=self.version,
            after_sources=older_sources(prepared.decision.sources, day),
        )

    def needs(
        self,
        decision: str,
        facts: Mapping[str, object],
        day: date | None,
        findings: Findings,
        own: Sequence[Truth],
        resolution: Resolution,
    ) -> tuple[str, ...]:
        """What would settle a decision that is open, from what an evaluator of one's own has found: ``own``, whether
        each rule's own condition holds, and ``resolution``, what the rules say.
        """
        evaluation = _Evaluation(self, self.prepared(decision).decision.record, facts, day, findings, None)
        evaluation.decided[decision, id(facts)] = _Decided(facts, list(own), {}, resolution)
        return evaluation.needs(decision)

    def relied(
        self, decision: str, facts: Mapping[str, object], day: date | None, findings: Findings
    ) -> tuple[str, ...]:
        """The facts whose being unknown some rule of a decision asked for; the facts keep all `always` lines."""
        evaluation = _Evaluation(self, self.prepared(decision).decision.record, facts, day, findings, None)
        # First whether anything was relied on: the walk also reads parts that are not evaluated, which may conflict.
        env, context = {THIS: facts}, evaluation.context
        for condition in self.prepared(decision).asking:
            condition(env, context)
        return evaluation.relied(decision)

    def conditions(
        self, decision: str, facts: Mapping[str, object], day: date | None = None, findings: Findings | None = None
    ) -> tuple[Resolution, Sequence[Truth]]:
        """What the rules of a decision say of facts, and whether each rule's own condition holds: `decide` without an
        account of it. Raises FactsError, and what the cases of a definition raise.
        """
        record = self.prepared(decision).decision.record
        evaluation = _Evaluation(self, record, facts, _day(record, facts, day), findings or {}, None)
        evaluation.refuse_broken()
        decided = evaluation._decide(decision, facts)
        return decided.resolution, decided.own

    def standings(
        self, record: RecordType, facts: Mapping[str, object], as_of: date | None, findings: Findings
    ) -> Callable[[str], tuple[Sequence[Truth], date | None, Mapping[int, str]]]:
        """What the rules of each decision about a record are resolved from: each one's own condition, the day, and the
        outcomes that findings name. What decisions share is found once.

        The function raises GapError or ContradictionError where the cases of a definition fail.
        """
        evaluation = _Evaluation(self, record, facts, _day(record, facts, as_of), findings, None)

        def standing(decision: str) -> tuple[Sequence[Truth], date | None, Mapping[int, str]]:
            decided = evaluation._decide(decision, facts)
            return decided.own, evaluation.context.day, decided.named

        return standing

    def context(
        self, record: RecordType, facts: Mapping[str, object], as_of: date | None, findings: Findings | None = None
    ) -> EvaluationContext:
        """What terms about these facts are evaluated in: the day, and what other decisions say of the facts.

        Raises FactsError for facts that break an `always` line.
        """
        evaluation = _Evaluation(self, record, facts, _day(record, facts, as_of), findings or {}, None)
        evaluation.refuse_broken()
        return evaluation.context

    def accepts(self, record: RecordType, facts: Mapping[str, object], as_of: date | None) -> bool:
        """No `always` line refuses the facts."""
        try:
            _Evaluation(self, record, facts, _day(record, facts, as_of), {}, None).refuse_broken()
        except (FactsError, PolicyError):
            return False
        return True

    def decide_json(
        self,
        decision: str,
        value: object,
        as_of: date | None = None,
        trace: Trace | None = None,
        findings: object = None,
        partial: bool = False,
    ) -> Answer:
        """The answer to facts in their JSON form, with counsel's findings beside them; raises FactsError.

        ``findings``: more findings, which go before those beside the facts. ``partial``: what is left out is unknown,
        also where the record requires it or has a default.
        """
        record = self.prepared(decision).decision.record
        read = read_input(value, record, self.decoder(record, partial), self.referring_rules, as_of, findings)
        return self.decide(decision, read.facts, as_of, read.findings, trace, read.defaults)

    def breaks(self, type: Type, value: object, day: date | None) -> bool:
        """Whether a value of a type breaks an `always` line of a record in it."""
        return any(self._evaluation(day).broken(type, value, ""))

    def decoder(self, record: RecordType, partial: bool = False) -> Decoder:
        """Reads facts of a record from JSON; ``partial``: what is left out stays out."""
        key = (f"{record.module}.{record.name}", partial)
        if key not in self._decoders:
            parties = [party.name for party in self.program.parties.values()]
            self._decoders[key] = Decoder(record, partial=partial, parties=parties or None)
        return self._decoders[key]

    @cached_property
    def referring_rules(self) -> dict[str, tuple[str, ...]]:
        """Every name that a finding may have, with the outcomes that it may name: a rule that refers to counsel, or a
        family of which all members ask one question.
        """
        found: dict[str, tuple[str, ...]] = {}
        for decision in self.program.decisions.values():
            for rule in decision.rules:
                if rule.refer is not None:
                    outcomes = decision.outcomes.members if rule.outcome is None else (rule.outcome,)
                    for name in dict.fromkeys((rule.question, rule.name)):
                        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *outcomes)))
        return found

    @cached_property
    def version(self) -> str:
        return version(self.program)

    def prepared(self, decision: str) -> _Prepared:
        """A decision with its rules compiled; compiled once."""
        if decision not in self._prepared:
            self._prepared[decision] = _Prepared(self.program.decisions[decision], self.evaluator)
        return self._prepared[decision]

    # ------------------------------------------------------------------------------------- terms

    def evaluate(
        self, term: Term, env: Env, day: date | None, states: States | None = None, findings: Findings | None = None
    ) -> Any:
        """The value of a term; raises ContradictionError or GapError where the cases of a definition do.

        ``findings``: counsel's, where the term asks other decisions.
        """
        return self.evaluator.code(term)(env, self._evaluation(day, states, findings=findings).context)

    def call(self, define: str, arguments: Sequence[object], day: date | None, trace: Trace | None = None) -> Any:
        """The value of a definition (by qualified name) for its arguments."""
        parameters, body = self.evaluator.define(define)
        context = self._evaluation(day, trace=trace).context
        return body(dict(zip(parameters, arguments, strict=True)), context)

    def call_needs(self, define: str, arguments: Sequence[object], day: date | None) -> tuple[str, ...]:
        """What an unknown value of a definition depends on; parameters of a function are facts by their names."""
        declared = self.program.defines[define]
        names = [name for name, _ in declared.parameters]
        env = dict(zip(names, arguments, strict=True))
        origins = {n: facts_origin(v, "" if declared.record else n) for n, v in env.items()}
        evaluation = self._evaluation(day, record=declared.record)
        return in_order(
            evaluation.depends_on.of(declared.body, Place(env, origins, evaluation.context)), declared.record
        )

    def broken_always(
        self, record: str, facts: object, day: date | None, findings: Findings | None = None
    ) -> list[AlwaysLine]:
        """The `always` lines of one record (by qualified name) that facts break; an unknown line is not broken."""
        context = self._evaluation(day, findings=findings).context
        return [
            line
            for line in self.program.always.get(record, ())
            if self.evaluator.code(line.condition)({THIS: facts}, context) is False
        ]

    def broken(
        self, record: RecordType, facts: Mapping[str, object], day: date | None, path: str = ""
    ) -> list[Problem]:
        """The `always` lines that facts at ``path`` break: of the record, and of the records in it."""
        evaluation = _Evaluation(self, record, facts, day, {}, None)
        return list(evaluation.broken(record, facts, path))

    def _evaluation(
        self,
        day: date | None,
        states: States | None = None,
        record: RecordType | None = None,
        trace: Trace | None = None,
        findings: Findings | None = None,
    ) -> _Evaluation:
        return _Evaluation(self, record, {}, day, findings or {}, trace, states)


def _day(record: RecordType, facts: Mapping[str, object], as_of: date | None) -> date | None:
    if as_of is not None or record.as_of is None:
        return as_of
    day = facts.get(record.as_of)
    return day if isinstance(day, date) else None


class _Prepared:
    """A decision with its rules compiled."""

    def __init__(self, decision: core.Decision, evaluator: Evaluator) -> None:
        self.decision = decision
        self.evaluator = evaluator
        self.terms: list[Term] = [rule.condition for rule in decision.rules]
        """Each rule's own condition; `rule.condition` would make a new term, to be compiled anew, at every call."""
        self.conditions: list[Code] = [evaluator.code(term) for term in self.terms]
        self.referring = {rule.number: rule.question for rule in decision.rules if rule.refer is not None}
        """The question to counsel of each rule that refers, by its number."""
        self.ruleset = ruleset(decision)
        self.numbers: dict[tuple[str, object], list[int]] = {}
        """Rules by name (also with the module before it) and key; key None: the whole family."""
        for rule in decision.rules:
            for name in {rule.family, f"{rule.module}.{rule.family}"}:
                for key in {None, rule.key}:
                    self.numbers.setdefault((name, key), []).append(rule.number)

    @cached_property
    def asking(self) -> list[Code]:
        """The conditions that ask `is known`, themselves or in what they read."""
        evaluator = self.evaluator
        return [code for term, code in zip(self.terms, self.conditions, strict=True) if evaluator.asks_known(term)]

    def revise(self, decision: core.Decision, changed: Mapping[int, core.Rule], evaluator: Evaluator) -> None:
        self.__dict__.pop("asking", None)
        self.decision = decision
        for number, rule in changed.items():
            self.terms[number] = rule.condition
            self.conditions[number] = evaluator.code(self.terms[number])
        self.ruleset = revised(self.ruleset, changed)

    def forget(self, evaluator: Evaluator, reads: Callable[[Term], bool]) -> None:
        self.__dict__.pop("asking", None)
        for number, term in enumerate(self.terms):
            if reads(term):
                self.conditions[number] = evaluator.code(term)


def ruleset(decision: core.Decision) -> Ruleset:
    """A decision as `runtime.resolve` wants it."""
    rules = [prepared_rule(rule) for rule in decision.rules]
    grounds = [Ground(g.kind, g.winner or "", g.loser or "", g.cites) for g in decision.grounds]
    return Ruleset(decision.outcomes.members, decision.otherwise, rules, grounds)


def prepared_rule(rule: core.Rule) -> Rule:
    """A rule as `runtime.resolve` wants it."""
    return Rule(
        name=rule.name,
        module=rule.module,
        outcome=rule.outcome,
        citations=rule.cites,
        refers=rule.refer is not None,
        exception_to=rule.targets("exception"),
        disapplies=rule.targets("disapplies"),
        prevails_over=rule.targets("prevails"),
        rank=rule.rank,
        begins=tuple(first for first, _ in rule.window or () if first is not None),
    )


def revised(rules: Ruleset, changed: Mapping[int, core.Rule]) -> Ruleset:
    """The ruleset with some rules changed, by number; their relations to other rules are as they were."""
    found = copy(rules)
    every = list(rules.rules)
    for number, rule in changed.items():
        every[number] = prepared_rule(rule)
    found.rules = tuple(every)
    found._statuses = {}
    moved = [number for number in changed if rules.rules[number].outcome != found.rules[number].outcome]
    if moved:
        plain = all(claims.plain >> number & 1 for claims in rules._claims.values() for number in moved)
        found._claims = {day: _with_outcomes(claims, found, moved) for day, claims in rules._claims.items() if plain}
    return found


def _with_outcomes(claims: Claims, rules: Ruleset, moved: Iterable[int]) -> Claims:
    """A copy with new outcomes for rules that have exactly one."""
    found = copy(claims)
    found.claims, found.with_outcome = {**claims.claims}, {**claims.with_outcome}
    for number in moved:
        before, outcome = claims.claims[number], rules.rules[number].outcome
        assert outcome is not None
        found.claims[number] = before._replace(outcome=outcome)
        found.with_outcome[before.outcome] &= ~(1 << number)
        found.with_outcome[outcome] |= 1 << number
    found.weigh(rules.grounds)
    return found


@dataclass(slots=True)
class _Decided:
    """One decision on one record. ``own``: each rule's own condition. ``named``: the outcomes that findings name."""

    record: object
    own: list[Truth]
    named: dict[int, str]
    resolution: Resolution


class _Evaluation:
    """One input being decided: its day, findings and facts, and what each decision it needs says, once."""

    def __init__(
        self,
        interpreter: Interpreter,
        record: RecordType | None,
        facts: Mapping[str, object],
        day: date | None,
        findings: Findings,
        trace: Trace | None,
        states: States | None = None,
    ) -> None:
        self.interpreter = interpreter
        self.record = record
        self.facts = facts
        self.findings = findings
        self.context = EvaluationContext(
            day, self._outcome_of, self._rule_holds, states or (lambda term, env: None), trace
        )
        self.context.values = {}
        self.decided: dict[tuple[str, int], _Decided] = {}
        self.asked: set[tuple[str, tuple[int, ...]]] = set()

    def resolution(self, decision: str, record: object) -> Resolution:
        return self._decide(decision, record).resolution

    def _decide(self, decision: str, record: object) -> _Decided:
        key = (decision, id(record))  # the entry keeps the record, so the number is not given away again
        if key not in self.decided:
            prepared = self.interpreter.prepared(decision)
            env, context = {THIS: record}, self.context
            own: list[Truth] = [condition(env, context) for condition in prepared.conditions]
            named: dict[int, str] = {}
            for number, question in prepared.referring.items():
                finding = finding_on(prepared.ruleset.rules[number].name, question, self.findings)
                if finding is None:
                    own[number] = None if own[number] is not False else False
                elif finding is False:
                    own[number] = False
                elif isinstance(finding, str):
                    named[number] = finding
            self.decided[key] = _Decided(record, own, named, resolve(prepared.ruleset, own, context.day, named))
        return self.decided[key]

    # ------------------------------------------------------------------------------- other decisions

    def _outcome_of(self, decision: str, record: object) -> str | None:
        return None if record is None or record is ABSENT else self.resolution(decision, record).outcome

    def _rule_holds(self, term: terms.RuleHolds, key: object, record: object) -> Truth:
        if record is None or record is ABSENT or (term.key is not None and key is None):
            return None
        resolution = self.resolution(term.decision, record)
        holds = resolution.applies if term.verb == "applies" else resolution.decides
        numbers = self.interpreter.prepared(term.decision).numbers.get((term.rule, key), ())
        truths = [holds(number) for number in numbers]
        return True if True in truths else None if None in truths else False

    # ------------------------------------------------------------------------------- unknown facts

    @cached_property
    def depends_on(self) -> Needs:
        field = None if self.record is None else self.record.as_of
        return Needs(self.interpreter.evaluator, field or DAY, self)

    @cached_property
    def _whole(self) -> Place:
        """Where the facts themselves are `this`."""
        return Place({THIS: self.facts}, {THIS: facts_origin(self.facts)}, self.context, shared=True)

    def needs(self, decision: str) -> tuple[str, ...]:
        """What would settle the decision on the facts."""
        relevant = self.resolution(decision, self.facts).relevant
        self.asked = set()
        self.depends_on.begin()
        return in_order(self._rules_need(decision, self.facts, facts_origin(self.facts), relevant), self.record)

    def relied(self, decision: str) -> tuple[str, ...]:
        """The facts whose being unknown some rule asked for."""
        if not self.context.relied:
            return ()
        self.asked = set()
        self.depends_on.begin()
        return in_order(self._rules_relied(decision, self.facts, facts_origin(self.facts)), self.record)

    def _rules_need(self, decision: str, record: object, origin: Origin, numbers: Sequence[int]) -> Iterator[str]:
        own = self._decide(decision, record).own
        place = self._whole if record is self.facts else Place({THIS: record}, {THIS: origin}, self.context)
        prepared = self.interpreter.prepared(decision)
        for number in numbers:
            rule = prepared.decision.rules[number]
            if rule.refer is not None:
                finding = finding_on(rule.name, rule.question, self.findings)
                if finding is None or (finding is True and rule.outcome is None):
                    yield f"findings.{rule.question}"
            if own[number] is None:
                yield from self.depends_on.of(prepared.terms[number], place)

    def _rules_relied(self, decision: str, record: object, origin: Origin) -> Iterator[str]:
        place = Place({THIS: record}, {THIS: origin}, self.context)
        for term in self.interpreter.prepared(decision).terms:
            yield from self.depends_on.relied(term, place)

    def others_need(self, term: OtherDecision, record: object, origin: Origin) -> Iterator[str]:
        if record is None or record is ABSENT:
            return origin(())
        resolution = self.resolution(term.decision, record)
        numbers: Sequence[int] = resolution.relevant
        if isinstance(term, terms.RuleHolds):
            open_ = resolution.perhaps & ~resolution.certain
            if term.verb == "applies":
                prepared = self.interpreter.prepared(term.decision)
                reach = prepared.ruleset.applying_reach
                open_ &= union(reach[number] for number in prepared.numbers.get((term.rule, None), ()))
            numbers = tuple(bits(open_)) or numbers
        if self._was_asked(term.decision, record, tuple(numbers)):
            return iter(())
        return self._rules_need(term.decision, record, origin, numbers)

    def others_relied(self, term: OtherDecision, record: object, origin: Origin) -> Iterator[str]:
        if record is None or record is ABSENT or self._was_asked(term.decision, record, ()):
            return iter(())
        return self._rules_relied(term.decision, record, origin)

    def _was_asked(self, decision: str, record: object, numbers: tuple[int, ...]) -> bool:
        """Whether these rules were asked before. A decision that many rules read gives each of them the same needs."""
        if record is not self.facts:
            return False
        before = len(self.asked)
        self.asked.add((decision, numbers))
        return len(self.asked) == before

    # ------------------------------------------------------------------------------- facts of the world

    def refuse_broken(self) -> None:
        """Raise FactsError for each `always` line of the record, and of the records in it, that the facts break."""
        if self.record is not None and self.interpreter.program.always:
            problems = list(self.broken(self.record, self.facts, ""))
            if problems:
                raise FactsError(problems)

    def broken(self, type: Type, value: object, path: str) -> Iterator[Problem]:
        """What a value of a type, which stands at ``path``, breaks. The elements of a set have no number there."""
        match type, value:
            case AbsentType(element=element), _:
                yield from self.broken(element, value, path)
            case ListType(element=element), tuple():
                for number, each in enumerate(value):
                    yield from self.broken(element, each, f"{path}[{number}]")
            case SetType(element=element), KleeneSet():  # facts leave no doubt about what is in a set
                for each, _ in value.members:
                    yield from self.broken(element, each, path)
            case PerPartyType(element=element), Mapping():
                for party, each in value.items():
                    yield from self.broken(element, each, f"{path}.{party}")
            case RecordType(), Mapping():
                evaluator, env = self.interpreter.evaluator, {THIS: value}
                for line in self.interpreter.program.always.get(f"{type.module}.{type.name}", ()):
                    if evaluator.code(line.condition)(env, self.context) is False:
                        yield Problem(path_of(path), encode(type, value), f"facts that keep `always {line.text}`")
                for declared in type.fields:
                    yield from self.broken(declared.type, value.get(declared.name), f"{path}.{declared.name}")
            case _:
                pass


__all__ = ["Findings", "Interpreter", "States", "Trace", "ruleset", "version"]
