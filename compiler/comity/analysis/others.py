"""Other decisions as conditions: `licensing == prohibited`, `RULE applies`, `RULE decides`.

Their rules are translated like any condition, and resolved as `runtime.resolve` does, but on formulas. Kleene logic
says "unknown" a little more often than trying out the unknown conditions one by one would, namely where one unknown
condition cancels out of the whole: a witness is replayed, and such a difference shows there.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from comity import terms
from comity.analysis.axes import FiniteAxis
from comity.analysis.facts import FINDINGS
from comity.analysis.formulas import (
    NO,
    UNKNOWN,
    YES,
    Tri,
    all_of,
    and_,
    negate,
    not_,
    or_,
    some_of,
)
from comity.analysis.symbols import NOTHING_KNOWN, Choice, Known, RecordFact, Symbol, just
from comity.core import ast as core
from comity.runtime.rules import RANKS
from comity.terms import THIS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.analysis.translate import Translator


def finding_axis(translator: Translator, rule: core.Rule, outcomes: tuple[str, ...]) -> FiniteAxis:
    """Counsel's finding on a rule (by family): not given, yes, no, or an outcome of a rule that has none."""
    name = f"findings.{rule.family}"
    known = translator.findings.get(rule.family)
    if known is None:
        answers = (None, False, True, *(outcomes if rule.outcome is None else ()))
        known = translator.space.add(FiniteAxis(name, None, answers, optional=False))
        known.path = (FINDINGS, rule.family)
        translator.findings[rule.family] = known
    return known


def own_condition(
    translator: Translator, decision: core.Decision, rule: core.Rule, env: Mapping[str, Choice]
) -> tuple[Tri, Tri]:
    """A rule's own condition (window, membership, `when`, not `unless`; and a finding, where it refers to counsel),
    and the same without its `unless`."""
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


class Others:
    """What other decisions say, as truths over one space."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self._known: dict[tuple[str, Symbol], _Resolved] = {}

    def outcome_of(self, term: terms.OutcomeOf, env: Mapping[str, Choice]) -> Choice:
        """The outcome, unknown unless determined."""

        def read(record: Symbol) -> Choice:
            resolved = self._resolve(term.decision, record)
            if resolved is None:
                return NOTHING_KNOWN
            arms = [(says.true, Known(outcome)) for outcome, says in resolved.outcomes.items()]
            return Choice(tuple(arms), negate(some_of(guard for guard, _ in arms)))

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
            self._known[key] = _Resolved(self.translator, declared, {THIS: just(record)})
        return self._known[key]


class _Resolved:
    """One decision on one record, rule by rule: which apply, which decide, and where each outcome is determined."""

    def __init__(self, translator: Translator, decision: core.Decision, env: Mapping[str, Choice]) -> None:
        self.translator = translator
        self.decision = decision
        rules = decision.rules
        own = [own_condition(translator, decision, rule, env)[0] for rule in rules]
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
        faces = self._after_grounds(self._faces(remains))
        present = {outcome: or_(face.holds for face in faces if face.outcome == outcome) for outcome in self._named}
        self.outcomes = {outcome: self._determined(outcome, present) for outcome in self._named}
        self.decides = {rule.number: self._decides(rule.number, faces) for rule in rules}

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

    def _faces(self, remains: dict[int, Tri]) -> list[_Face]:
        faces: list[_Face] = []
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
                    faces.append(_Face(rule.number, outcome, rank, since, and_((truth, begun))))
        return faces

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

    def _after_grounds(self, faces: list[_Face]) -> list[_Face]:
        order = {outcome: -place for place, outcome in enumerate(self._named)}
        for ground in self.decision.grounds:
            if ground.kind == "over":
                beaten = {
                    face: [f for f in faces if f.outcome == ground.winner]
                    for face in faces
                    if face.outcome == ground.loser
                }
            else:
                keys = {
                    face: face.rank
                    if ground.kind == "rank"
                    else face.since
                    if ground.kind == "later"
                    else order[face.outcome]
                    for face in faces
                }
                beaten = {face: [f for f in faces if keys[f] > keys[face]] for face in faces}
            # A ground is tried only while several outcomes are left, so it drops nothing among faces of one outcome.
            faces = [self._kept(face, beaten.get(face, []), faces) for face in faces]
        return faces

    def _kept(self, face: _Face, winners: list[_Face], faces: list[_Face]) -> _Face:
        rivals = [f for f in winners if f.outcome != face.outcome]
        allies = [f for f in winners if f.outcome == face.outcome]
        losses = [f.holds for f in rivals]
        if allies:
            dispute = or_(f.holds for f in faces if f.outcome != face.outcome)
            losses += [and_((f.holds, dispute)) for f in allies]
        if not losses:
            return face
        return _Face(face.rule, face.outcome, face.rank, face.since, and_((face.holds, not_(or_(losses)))))

    def _determined(self, outcome: str, present: dict[str, Tri]) -> Tri:
        alone = all_of(truth.false for other, truth in present.items() if other != outcome)
        said = alone if self.decision.otherwise == outcome else all_of((alone, present[outcome].true))
        return Tri(said, negate(said))

    def _decides(self, number: int, faces: list[_Face]) -> Tri:
        own = [face for face in faces if face.rule == number]
        if not own:
            return NO
        return or_(Tri(all_of((f.holds.true, self.outcomes[f.outcome].true)), f.holds.false) for f in own)


class _Face:
    """What a rule shows to the grounds; ``holds``: it remains and shows this."""

    __slots__ = ("holds", "outcome", "rank", "rule", "since")

    def __init__(self, rule: int, outcome: str, rank: int, since: int, holds: Tri) -> None:
        self.rule = rule
        self.outcome = outcome
        self.rank = rank
        self.since = since
        self.holds = holds
