"""Other decisions as conditions: `licensing == prohibited`, `RULE applies`, `RULE decides`.

Their rules are translated like any condition, and resolved as `runtime.resolve` does, but on formulas. Which rules
apply and remain is Kleene logic there and here. The outcome is not: it is determined if every way to settle the unknown
conditions gives it, and one of them may cancel out of the whole. So all ways of a small decision are gone through
(`_Completions`). Of a large one Kleene logic must do; where it says "unknown" and a condition might cancel out, the
outcome is something that nothing is known about, and questions that depend on it stay open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from comity import terms
from comity.analysis.space.axes import FiniteAxis
from comity.analysis.space.formulas import (
    FALSE,
    NO,
    TRUE,
    UNKNOWN,
    YES,
    Formula,
    Tri,
    all_of,
    and_,
    negate,
    not_,
    or_,
    settled,
    some_of,
)
from comity.analysis.space.symbols import NOTHING_KNOWN, Choice, Known, RecordFact, Symbol, just
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.runtime.inputs import FINDINGS
from comity.runtime.resolve import Resolution, resolve_masks
from comity.runtime.rules import RANKS
from comity.terms import THIS

if TYPE_CHECKING:
    from comity.analysis.translate.translate import Translator

MOST_RULES = 10
"""All ways are gone through of a decision with no more rules than this."""


def finding_axis(translator: Translator, rule: core.Rule, outcomes: tuple[str, ...]) -> FiniteAxis:
    """Counsel's finding on a rule's question: not given, yes, no, or an outcome of a rule that has none."""
    name = f"findings.{rule.question}"
    known = translator.findings.get(rule.question)
    if known is None:
        answers = (None, False, True, *(outcomes if rule.outcome is None else ()))
        known = translator.space.add(FiniteAxis(name, None, answers, optional=False))
        known.path = (FINDINGS, rule.question)
        translator.findings[rule.question] = known
    return known


def own_condition(
    translator: Translator, decision: core.Decision, rule: core.Rule, env: Mapping[str, Choice]
) -> tuple[Tri, Tri]:
    """A rule's own condition (window, membership, `when`, not `unless`; and a finding, where it refers to counsel),
    and the same without its `unless`.
    """
    parts: list[Tri] = []
    if rule.window is not None:
        parts.append(translator.in_window(rule.window))
    if rule.membership is not None:
        parts.append(translator.truth(rule.membership, env))
    if rule.when is not None:
        parts.append(translator.truth(rule.when, env))
    if rule.refer is not None:
        parts.append(_finding(translator, decision, rule))
    without = and_(parts)
    if rule.unless is None:
        return without, without
    return and_((without, not_(translator.truth(rule.unless, env)))), without


def _finding(translator: Translator, decision: core.Decision, rule: core.Rule) -> Tri:
    """Counsel has found that the rule applies; unknown as long as there is no finding."""
    axis = finding_axis(translator, rule, decision.outcomes.members)
    refused, none = axis.leaf(axis.among((False,))), axis.leaf(axis.among((None,)))
    return Tri(negate(some_of((refused, none))), refused)


MOST_SPELT_OUT = 10
"""The outcome of a decision of more rules is an axis of its own, whose cells stand for the conditions of each outcome.

Else every rule that asks for it would have as many boxes as that decision has ways to come to it.
"""


class Others:
    """What other decisions say, as truths over one space."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self._known: dict[tuple[str, Symbol], _Resolved] = {}
        self._own: dict[tuple[str, int, Symbol], tuple[core.Rule, Tri]] = {}

    @property
    def read(self) -> set[str]:
        """The decisions that have been read."""
        return {decision for decision, _ in self._known}

    def forget(self, decisions: Mapping[str, Collection[int]]) -> None:
        """Some decisions are others; of each, the rules that read another one are given by number."""
        for key in [key for key in self._known if key[0] in decisions]:
            del self._known[key]
        for own in [key for key, (rule, _) in self._own.items() if rule.number in decisions.get(key[0], ())]:
            del self._own[own]

    def own(self, decision: core.Decision, rule: core.Rule, env: Mapping[str, Choice], record: Symbol) -> Tri:
        """A rule's own condition on a record; remembered by the rule's identity, which the entry keeps."""
        key = (decision.qname, id(rule), record)
        if key not in self._own:
            self._own[key] = rule, own_condition(self.translator, decision, rule, env)[0]
        return self._own[key][1]

    def outcome_of(self, term: terms.OutcomeOf, env: Mapping[str, Choice]) -> Choice:
        """The outcome, unknown unless determined."""

        def read(record: Symbol) -> Choice:
            resolved = self._resolve(term.decision, record)
            if resolved is None:
                return NOTHING_KNOWN
            guards = [says.true for says in resolved.outcomes.values()]
            rest = negate(some_of(guards))
            of_the_whole = isinstance(record, RecordFact) and record.place.owner is None and not record.place.path
            if of_the_whole and len(resolved.decision.rules) > MOST_SPELT_OUT:
                space, decision = self.translator.space, resolved.decision.qname
                axis = space.outcome_axis(decision, tuple(resolved.outcomes), (*guards, rest))
                guards = [axis.leaf(axis.among((outcome,))) for outcome in resolved.outcomes]
                rest = axis.leaf(axis.among((None,)))
            return Choice(tuple(zip(guards, map(Known, resolved.outcomes), strict=True)), rest)

        return self.translator.value(term.record, env).then(read)

    def rule_holds(self, term: terms.RuleHolds, env: Mapping[str, Choice]) -> Tri:
        keys = just(Known(None)) if term.key is None else self.translator.value(term.key, env)

        def holds(record: Symbol, key: Symbol) -> Tri:
            resolved = self._resolve(term.decision, record)
            if resolved is None:
                return UNKNOWN
            truths = resolved.applies if term.verb == "applies" else resolved.decides
            named = [
                rule for rule in resolved.decision.rules if term.rule in (rule.family, f"{rule.module}.{rule.family}")
            ]
            if term.key is None:
                return or_(truths[rule.number] for rule in named)
            return or_(and_((self.translator.compare.equal(key, Known(r.key)), truths[r.number])) for r in named)

        record = self.translator.value(term.record, env)
        return record.asks(lambda one: keys.asks(lambda key: holds(one, key)))

    def _resolve(self, decision: str, record: Symbol) -> _Resolved | None:
        if not isinstance(record, RecordFact):
            return None
        key = (decision, record)
        if key not in self._known:
            declared = self.translator.program.decisions[decision]
            env = {THIS: just(record)}
            own = [self.own(declared, rule, env, record) for rule in declared.rules]
            self._known[key] = _Resolved(self.translator, declared, own)
        return self._known[key]


class _Resolved:
    """One decision on one record, rule by rule: which apply, which decide, and where each outcome is determined."""

    def __init__(self, translator: Translator, decision: core.Decision, own: list[Tri]) -> None:
        self.translator = translator
        self.decision = decision
        rules = decision.rules
        self._disapplied_by: dict[int, list[int]] = {}
        self._prevailed_by: dict[int, list[int]] = {}
        for rule in rules:
            for target in rule.targets("disapplies"):
                self._disapplied_by.setdefault(target, []).append(rule.number)
            for target in rule.targets("prevails"):
                self._prevailed_by.setdefault(target, []).append(rule.number)
        self.applies: dict[int, Tri] = {}
        for rule in rules:
            self._apply(rule.number, own)
        remains = {
            rule.number: and_(
                (self.applies[rule.number], *(not_(self.applies[d]) for d in self._prevailed_by.get(rule.number, ())))
            )
            for rule in rules
        }
        claims = self._after_grounds(self._claims(remains))
        present = {outcome: or_(claim.holds for claim in claims if claim.outcome == outcome) for outcome in self._named}
        self.outcomes = {outcome: self._determined(outcome, present) for outcome in self._named}
        impossible = {outcome: truth.false for outcome, truth in present.items()}
        if any(not truth.never_unknown for truth in own):
            if len(rules) <= MOST_RULES:
                completions = _Completions(translator, decision, own)
                self.outcomes = {outcome: settled(completions.determined(outcome)) for outcome in self._named}
                impossible = {outcome: completions.excluded(outcome) for outcome in self._named}
            elif any(rule.edges for rule in rules) or decision.grounds:
                self.outcomes = {o: self._perhaps(o, truth, present) for o, truth in self.outcomes.items()}
        self.decides = {rule.number: self._decides(rule.number, claims, remains, impossible) for rule in rules}

    @property
    def _named(self) -> tuple[str, ...]:
        return self.decision.outcomes.members

    def _apply(self, number: int, own: list[Tri]) -> Tri:
        if number not in self.applies:
            targets = self.decision.rules[number].targets("exception")
            parts = [own[number]]
            if targets:
                parts.append(or_([self._apply(target, own) for target in targets]))
            parts += [not_(self._apply(other, own)) for other in self._disapplied_by.get(number, ())]
            self.applies[number] = and_(parts)
        return self.applies[number]

    def _claims(self, remains: dict[int, Tri]) -> list[_Claim]:
        claims: list[_Claim] = []
        for rule in self.decision.rules:
            holds = remains[rule.number]
            rank = 0 if rule.rank is None else RANKS.index(rule.rank) + 1
            if rule.outcome is not None:
                outcomes: list[tuple[str, Tri]] = [(rule.outcome, holds)]
            elif rule.refer is not None:
                finding = finding_axis(self.translator, rule, self._named)
                open_ = finding.leaf(finding.among((None, True)))
                outcomes = [
                    (o, and_((holds, Tri(named := finding.leaf(finding.among((o,))), negate(some_of((named, open_)))))))
                    for o in self._named
                ]
            else:
                outcomes = []
            for outcome, truth in outcomes:
                for begun, since in self._begun(rule):
                    claims.append(_Claim(rule.number, outcome, rank, since, and_((truth, begun))))
        return claims

    def _begun(self, rule: core.Rule) -> list[tuple[Tri, int]]:
        """Since when the rule is in effect, for `prevail by later`."""
        begins = sorted({first for first, _ in rule.window or () if first is not None})
        if not begins or not any(ground.kind == "later" for ground in self.decision.grounds):
            return [(YES, 0)]
        found: list[tuple[Tri, int]] = []
        for first, following in zip(begins, [*begins[1:], None], strict=True):
            last = None if following is None else date.fromordinal(following.toordinal() - 1)
            found.append((self.translator.in_window(((first, last),)), first.toordinal()))
        return found

    def _after_grounds(self, claims: list[_Claim]) -> list[_Claim]:
        order = {outcome: -place for place, outcome in enumerate(self._named)}
        for ground in self.decision.grounds:
            if ground.kind == "over":
                beaten = {
                    claim: [f for f in claims if f.outcome == ground.winner]
                    for claim in claims
                    if claim.outcome == ground.loser
                }
            else:
                keys = {
                    claim: claim.rank
                    if ground.kind == "rank"
                    else claim.since
                    if ground.kind == "later"
                    else order[claim.outcome]
                    for claim in claims
                }
                beaten = {claim: [f for f in claims if keys[f] > keys[claim]] for claim in claims}
            # A ground is tried only while several outcomes are left, so it drops nothing among claims of one outcome.
            claims = [self._kept(claim, beaten.get(claim, []), claims) for claim in claims]
        return claims

    def _kept(self, claim: _Claim, winners: list[_Claim], claims: list[_Claim]) -> _Claim:
        rivals = [f for f in winners if f.outcome != claim.outcome]
        allies = [f for f in winners if f.outcome == claim.outcome]
        losses = [f.holds for f in rivals]
        if allies:
            dispute = or_(f.holds for f in claims if f.outcome != claim.outcome)
            losses += [and_((f.holds, dispute)) for f in allies]
        if not losses:
            return claim
        return _Claim(claim.rule, claim.outcome, claim.rank, claim.since, and_((claim.holds, not_(or_(losses)))))

    def _determined(self, outcome: str, present: dict[str, Tri]) -> Tri:
        alone = all_of(truth.false for other, truth in present.items() if other != outcome)
        said = alone if self.decision.otherwise == outcome else all_of((alone, present[outcome].true))
        return Tri(said, negate(said))

    def _perhaps(self, outcome: str, determined: Tri, present: dict[str, Tri]) -> Tri:
        """With what is not known of an outcome that is neither determined nor ruled out."""
        others = some_of(truth.true for other, truth in present.items() if other != outcome)
        out = some_of((others, FALSE if self.decision.otherwise == outcome else present[outcome].false))
        why = f"whether `{self.decision.name}` is `{outcome}` whichever way unknown conditions turn out"
        cancels = self.translator.space.beyond(why, ()).leaf(2)
        return settled(some_of((determined.true, all_of((negate(determined.true), negate(out), cancels)))))

    def _decides(
        self, number: int, claims: list[_Claim], remains: dict[int, Tri], impossible: dict[str, Formula]
    ) -> Tri:
        own = [claim for claim in claims if claim.rule == number]
        if not own:
            return NO
        true = some_of(all_of((claim.holds.true, self.outcomes[claim.outcome].true)) for claim in own)
        never = all_of(impossible[claim.outcome] for claim in own)
        return Tri(true, some_of((remains[number].false, never)))


class _Claim:
    """What a rule shows to the grounds; ``holds``: it remains and shows this."""

    __slots__ = ("holds", "outcome", "rank", "rule", "since")

    def __init__(self, rule: int, outcome: str, rank: int, since: int, holds: Tri) -> None:
        self.rule = rule
        self.outcome = outcome
        self.rank = rank
        self.since = since
        self.holds = holds


class _Completions:
    """All ways to settle the own conditions of a decision's rules: a diagram that branches on one rule after another.

    Each rule is on a path once and they are settled independently, so what holds in every way is read off it exactly.
    """

    def __init__(self, translator: Translator, decision: core.Decision, own: list[Tri]) -> None:
        self.translator = translator
        self.decision = decision
        self.rules = decision.rules
        self.ruleset = ruleset(decision)
        self.settings = [self._settings(rule, truth) for rule, truth in zip(self.rules, own, strict=True)]
        self._nodes: dict[object, _Node] = {}
        self._roots = [(guard, self._node(0, 0, (), day)) for guard, day in self._days()]

    def determined(self, outcome: str) -> Formula:
        """Where every way gives the outcome."""
        return self._in_every_way(lambda says: says.outcome == outcome)

    def excluded(self, outcome: str) -> Formula:
        """Where no way gives the outcome, nor has it in a contradiction."""
        return self._in_every_way(lambda says: outcome not in says.possible)

    def _in_every_way(self, test: Callable[[Resolution], bool]) -> Formula:
        """Where every way passes the test."""
        known: dict[int, Formula] = {}
        return some_of(all_of((guard, self._every(root, test, known))) for guard, root in self._roots)

    def _every(self, node: _Node, test: Callable[[Resolution], bool], known: dict[int, Formula]) -> Formula:
        if isinstance(node, Resolution):
            return TRUE if test(node) else FALSE
        if id(node) not in known:
            known[id(node)] = all_of(
                some_of((negate(may), self._every(below, test, known))) for may, below in node.branches
            )
        return known[id(node)]

    def _node(self, number: int, true: int, chosen: tuple[tuple[int, str], ...], day: date | None) -> _Node:
        if number == len(self.rules):
            says = resolve_masks(self.ruleset, true, 0, day, dict(chosen))
            return self._nodes.setdefault((says.outcome, says.possible), says)
        below = [
            self._node(
                number + 1,
                true if outcome is None else true | 1 << number,
                (*chosen, (number, outcome)) if outcome and self._any_outcome(self.rules[number]) else chosen,
                day,
            )
            for outcome, _ in self.settings[number]
        ]
        if all(each is below[0] for each in below):
            return below[0]
        branches = tuple(zip((may for _, may in self.settings[number]), below, strict=True))
        return self._nodes.setdefault((number, *map(id, below)), _Branch(branches))

    def _settings(self, rule: core.Rule, own: Tri) -> list[tuple[str | None, Formula]]:
        """What may come of a rule (None: it does not hold; else the outcome it then has), and where it may."""
        found: list[tuple[str | None, Formula]] = [(None, own.doubtful)]
        if not self._any_outcome(rule):
            return [*found, (rule.outcome or "", own.maybe)]
        finding = finding_axis(self.translator, rule, self.decision.outcomes.members)
        for outcome in self.decision.outcomes.members:
            found.append((outcome, all_of((own.maybe, finding.leaf(finding.among((None, True, outcome)))))))
        return found

    def _any_outcome(self, rule: core.Rule) -> bool:
        return rule.refer is not None and rule.outcome is None

    def _days(self) -> list[tuple[Formula, date | None]]:
        """A day of each period in which `prevail by later` sees the same windows begun; None for an unknown day."""
        begins = {first for rule in self.rules for first, _ in rule.window or () if first is not None}
        if not begins or not any(ground.kind == "later" for ground in self.decision.grounds):
            return [(TRUE, date.min)]
        starts = [date.min, *sorted(begins - {date.min})]
        found: list[tuple[Formula, date | None]] = []
        for first, following in zip(starts, [*starts[1:], None], strict=True):
            last = None if following is None else date.fromordinal(following.toordinal() - 1)
            found.append((self.translator.in_window(((first, last),)).true, first))
        return [*found, (negate(self.translator.day.known), None)]


@dataclass(frozen=True, eq=False, slots=True)
class _Branch:
    """What may come of one rule: where it may, and what is left then."""

    branches: tuple[tuple[Formula, _Node], ...]


_Node: TypeAlias = _Branch | Resolution
