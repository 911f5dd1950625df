"""Other decisions as conditions: `licensing == prohibited`, `RULE applies`, `RULE decides`.

Their rules are translated like any condition, and resolved as `runtime.resolve` does, but on formulas. Which rules
apply and remain is Kleene logic there and here. The outcome is not: it is determined if every way to settle the unknown
conditions gives it, and one of them may cancel out of the whole: where a rule says the same as the one that it
prevails over, it does not matter whether it applies. So all completions of unknown conditions are gone through, in a
diagram (`completions`). Where one would be too large Kleene logic must do; where that says "unknown" and a condition
might cancel out, the outcome is something that nothing is known about, and questions that depend on it stay open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from comity import terms
from comity.analysis import limits
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
from comity.analysis.translate.completions import Completions, rank_of
from comity.analysis.translate.diagrams import TooLarge
from comity.analysis.translate.resolution import Claim, Logic, after_grounds, applying, remaining
from comity.analysis.translate.translation import Translation
from comity.core import ast as core
from comity.runtime.inputs import FINDINGS
from comity.terms import THIS

KLEENE = Logic(and_, or_, not_)


def finding_axis(translator: Translation, rule: core.Rule, outcomes: tuple[str, ...]) -> FiniteAxis:
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
    translator: Translation, decision: core.Decision, rule: core.Rule, env: Mapping[str, Choice]
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


def _finding(translator: Translation, decision: core.Decision, rule: core.Rule) -> Tri:
    """Counsel has found that the rule applies; unknown as long as there is no finding."""
    axis = finding_axis(translator, rule, decision.outcomes.members)
    refused, none = axis.leaf(axis.among((False,))), axis.leaf(axis.among((None,)))
    return Tri(negate(some_of((refused, none))), refused)


class Others:
    """What other decisions say, as truths over one space."""

    def __init__(self, translator: Translation) -> None:
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
            if of_the_whole and len(resolved.decision.rules) > limits.current.spelt_out_rules:
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

    def __init__(self, translator: Translation, decision: core.Decision, own: list[Tri]) -> None:
        self.translator = translator
        self.decision = decision
        self.applies = applying(decision, own, KLEENE)
        remains = remaining(decision, self.applies, KLEENE)
        claims = after_grounds(decision, self._claims(remains), KLEENE)
        present = {outcome: or_(claim.holds for claim in claims if claim.outcome == outcome) for outcome in self._named}
        self.outcomes = {outcome: self._determined(outcome, present) for outcome in self._named}
        impossible = {outcome: truth.false for outcome, truth in present.items()}
        may_cancel = decision.grounds or any(rule.edges or rule.refer is not None for rule in decision.rules)
        if may_cancel and any(not truth.never_unknown for truth in own):
            try:
                completions = Completions(
                    decision, own, self._outcomes_of, lambda rule: {day: t.true for t, day in self._begun(rule)}
                )
                self.outcomes = {outcome: settled(completions.determined(outcome)) for outcome in self._named}
                impossible = {outcome: completions.excluded(outcome) for outcome in self._named}
            except TooLarge:
                self.outcomes = {o: self._perhaps(o, truth, present) for o, truth in self.outcomes.items()}
        self.decides = [self._decides(rule.number, claims, remains[rule.number], impossible) for rule in decision.rules]

    @property
    def _named(self) -> tuple[str, ...]:
        return self.decision.outcomes.members

    def _outcomes_of(self, rule: core.Rule) -> dict[str, Formula]:
        """The outcomes that a rule may have, and where it certainly has each: of one that refers to counsel for any,
        where that is what counsel has found.
        """
        if rule.outcome is not None:
            return {rule.outcome: TRUE}
        if rule.refer is None:
            return {}
        finding = finding_axis(self.translator, rule, self._named)
        return {outcome: finding.leaf(finding.among((outcome,))) for outcome in self._named}

    def _claims(self, remains: Sequence[Tri]) -> list[Claim[Tri]]:
        claims: list[Claim[Tri]] = []
        for rule in self.decision.rules:
            for outcome, certain in self._outcomes_of(rule).items():
                truth = YES if certain is TRUE else self._found(rule, certain)
                for begun, since in self._begun(rule):
                    holds = and_((remains[rule.number], truth, begun))
                    claims.append(Claim(rule.number, outcome, rank_of(rule), since, holds))
        return claims

    def _found(self, rule: core.Rule, certain: Formula) -> Tri:
        """Counsel has found the outcome that is ``certain`` there; false where counsel has found another."""
        finding = finding_axis(self.translator, rule, self._named)
        return Tri(certain, negate(some_of((certain, finding.leaf(finding.among((None, True)))))))

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
        self, number: int, claims: Sequence[Claim[Tri]], remains: Tri, impossible: Mapping[str, Formula]
    ) -> Tri:
        own = [claim for claim in claims if claim.rule == number]
        if not own:
            return NO
        true = some_of(all_of((claim.holds.true, self.outcomes[claim.outcome].true)) for claim in own)
        never = all_of(impossible[claim.outcome] for claim in own)
        return Tri(true, some_of((remains.false, never)))
