"""Comparing two versions of a program: which answers change, because of what, and on what inputs.

What was not changed answers as before; for what was, the proof engine looks through the inputs on which the changed
rules differ (`analysis.diff`). Where that takes too long, the facts of the tests, moved to the values that the change
speaks of, are tried one by one: what is found so is true, but may not be all, and the result says so. Every input
shown was decided by the interpreters of both versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.analysis import diff as engine
from comity.analysis.diff_changes import Causes, Changes, RuleChange, decision_frame
from comity.analysis.diff_merge import Said
from comity.analysis.diff_record import common, completed, differences, restricted
from comity.analysis.diff_values import changed_values, moved
from comity.analysis.facts import FINDINGS
from comity.analysis.program import examples
from comity.analysis.translate import AS_OF
from comity.analysis.witness import day_of, parted, to_json
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.answer import FactsError, PolicyError
from comity.runtime.facts import decode, read_findings
from comity.runtime.types import RecordType
from comity.terms import THIS, Term
from comity.testing import Unfit, facts_of, findings_of

Direction: TypeAlias = Literal["tightens", "loosens", "other"]

MOST_TRIED = 6_000
"""So many inputs are tried one by one."""

REFUSED: Said = ("refused", ())


@dataclass
class Change:
    """One way in which answers change, for one cause. ``subjects``: what was changed, then the rules through which.

    ``count``: how many inputs; None where they cannot be counted. ``share``: the part of all cases that the two
    versions can tell apart. ``exact``: both are the whole truth; else they are estimates, or not known.
    """

    decision: str
    subjects: tuple[str, ...]
    before: Said
    after: Said
    direction: Direction
    witness: Mapping[str, object]
    count: int | None = None
    share: Fraction | None = None
    exact: bool = False

    def to_json(self) -> dict[str, object]:
        return {
            "decision": self.decision,
            "subjects": list(self.subjects),
            "from": self.before[0],
            "to": self.after[0],
            "possible": {"from": list(self.before[1]), "to": list(self.after[1])},
            "direction": self.direction,
            "witness": self.witness,
            "count": self.count,
            "share": None if self.share is None else round(float(self.share), 6),
            "exact": self.exact,
        }


@dataclass
class Difference:
    """What two versions differ in. ``notes``: what was not compared, or not alike. ``open``: what is not settled.

    ``facts``: how many inputs a book had, and how many of them a version refused; None without a book.
    """

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    missing: bool = False
    facts: tuple[int, int] | None = None

    @property
    def same(self) -> bool:
        """Certainly no answer changes."""
        return not self.changes and not self.open and not self.missing

    def to_json(self) -> dict[str, object]:
        document: dict[str, object] = {
            "changes": [change.to_json() for change in self.changes],
            "same": self.same,
            "notes": self.notes,
            "open": self.open,
        }
        if self.facts is not None:
            document["facts"] = {"total": self.facts[0], "refused": self.facts[1]}
        return document


class Side:
    """One version of a decision."""

    def __init__(self, interpreter: Interpreter, decision: core.Decision, shared: RecordType) -> None:
        self.interpreter = interpreter
        self.decision = decision
        self.shared = shared
        self._terms: dict[int, Term] = {}

    def said(self, facts: Mapping[str, object]) -> Said:
        """The answer to facts of the shared record (with the day and findings beside them)."""
        own, day, findings = parted(self.shared, facts)
        full = completed(self.decision.record, self.shared, own)
        assert isinstance(full, Mapping)
        try:
            answer = self.interpreter.decide(self.decision.qname, full, day, findings)
        except FactsError:
            return REFUSED
        label = answer.outcome or answer.error or "undetermined"
        return label, answer.possible

    def own(self, rule: core.Rule | None, facts: Mapping[str, object]) -> object:
        """Whether a rule's own condition holds; a rule that is not there never applies."""
        if rule is None:
            return False
        term = self._terms.setdefault(rule.number, rule.condition)
        own, _, _ = parted(self.shared, facts)
        full = completed(self.decision.record, self.shared, own)
        try:
            return self.interpreter.evaluate(term, {THIS: full}, day_of(self.shared, facts))
        except PolicyError as error:
            return type(error).__name__


class Pair:
    """Two versions of a decision, side by side."""

    def __init__(
        self, changes: Changes, old: core.Decision, new: core.Decision, sides: tuple[Interpreter, ...]
    ) -> None:
        shared = common(old.record, new.record)
        assert isinstance(shared, RecordType)
        self.changes = changes
        self.shared = shared
        self.old = Side(sides[0], old, shared)
        self.new = Side(sides[1], new, shared)
        self.rules = changes.rules(old, new)
        self.frame = decision_frame(old) != decision_frame(new)
        self.always = any(
            changes.old.always.get(f"{r.module}.{r.name}") != changes.new.always.get(f"{r.module}.{r.name}")
            for r in (old.record, new.record)
        )

    @property
    def unchanged(self) -> bool:
        """Nothing that the decision reads was changed."""
        return not self.rules and not self.frame and not self.notes

    @property
    def notes(self) -> list[str]:
        """What is not compared, or not alike."""
        notes = []
        if self.always:
            name = self.shared.name
            notes.append(f"the `always` lines of `{name}` differ: only inputs that keep those of both are compared")
        for side, word in ((self.old, "earlier"), (self.new, "later")):
            only = list(differences(side.decision.record, self.shared))
            if only:
                named = ", ".join(f"`{path}`" for path in only)
                notes.append(
                    f"`{side.decision.record.name}` differs: {named} as the {word} version has it is not compared; "
                    "it stands at its default, or unknown"
                )
        return notes

    def touched(self, facts: Mapping[str, object]) -> list[RuleChange]:
        """The changed rules that stand differently on these facts."""
        found = []
        for change in self.rules:
            before, after = self.old.own(change.old, facts), self.new.own(change.new, facts)
            if before != after or (change.role and before is not False):
                found.append(change)
        return found

    def direction(self, before: Said, after: Said) -> Direction:
        """By the order of outcomes, from most to least restrictive: of what is possible, neither the strictest nor the
        mildest may get milder. An undetermined answer reaches from the strictest that is possible to the mildest."""
        if {"gap", "contradiction"} & {before[0], after[0]}:
            return "other"
        for outcomes in (self.new.decision.outcomes.members, self.old.decision.outcomes.members):
            if {*before[1], *after[1]} <= {*outcomes}:
                one, two = (sorted(map(outcomes.index, each[1])) for each in (before, after))
                ends = (one[0], one[-1]) != (two[0], two[-1])
                if one[0] >= two[0] and one[-1] >= two[-1] and ends:
                    return "tightens"
                if one[0] <= two[0] and one[-1] <= two[-1] and ends:
                    return "loosens"
        return "other"

    def changes_on(self, facts: Mapping[str, object]) -> dict[Causes, Change]:
        """What changes on these facts, by cause, decided by both interpreters. Refused facts change nothing."""
        before, after = self.old.said(facts), self.new.said(facts)
        if before == after or REFUSED in (before, after):
            return {}
        through: dict[Causes, dict[str, None]] = {}
        for change in self.touched(facts):
            through.setdefault(change.group, {})[change.name] = None
        if self.frame or not through:
            through.setdefault((self.new.decision.name,), {})
        witness = to_json(self.shared, facts) | self._day(facts)
        return {
            causes: Change(
                self.new.decision.name,
                (*causes, *(name for name in rules if name not in causes)),
                before,
                after,
                self.direction(before, after),
                witness,
            )
            for causes, rules in through.items()
        }

    def _day(self, facts: Mapping[str, object]) -> dict[str, object]:
        _, day, _ = parted(self.shared, facts)
        return {} if day is None else {"as_of": day.isoformat()}


def diff(
    old: core.Program,
    new: core.Program,
    decisions: Iterable[tuple[str | None, str | None]],
    book: Sequence[object] | None = None,
) -> Difference:
    """What changes from ``old`` to ``new`` in pairs of decisions (qualified names; None where one has none).

    ``book``: real facts in JSON form; then it is these that are compared, and no others.
    """
    result = Difference()
    changes = Changes(old, new)
    sides = Interpreter(old), Interpreter(new)
    for one, two in decisions:
        if one is None or two is None:
            name = (one or two or "").rpartition(".")[2]
            result.notes.append(f"only the {'earlier' if two is None else 'later'} version decides `{name}`")
            result.missing = True
            continue
        before, after = old.decisions[one], new.decisions[two]
        if common(before.record, after.record) is None:
            result.notes.append(f"`{after.name}` is about another record: nothing can be compared")
            result.missing = True
            continue
        pair = Pair(changes, before, after, sides)
        if pair.unchanged and book is None:
            continue
        result.notes += pair.notes
        if book is not None:
            over_book(pair, book, result)
        else:
            _compare(pair, result)
    return result


def _compare(pair: Pair, result: Difference) -> None:
    told = examples(pair.changes.new, pair.new.interpreter, pair.new.decision.record)
    compared = engine.compare(pair.changes, pair.old.decision, pair.new.decision, pair.shared, told)
    found: dict[tuple[Causes, Said, Said], Change] = {}
    for each in compared.found:
        shown = _shown(pair, each)
        if shown is None:
            result.open.append(_unsettled(pair, each.causes, "the input that the analysis found does not show it"))
            continue
        found[each.causes, *each.transition] = _sized(shown, each, compared)
    if compared.open:
        for facts in tried(pair):
            for causes, change in pair.changes_on(facts).items():
                found.setdefault((causes, change.before, change.after), change)
    result.open += [_unsettled(pair, causes, why) for causes, why in compared.open]
    result.changes += found.values()


def _sized(change: Change, found: engine.Found, compared: engine.Comparison) -> Change:
    """The change with its size: exact where the whole of it was seen and its inputs can be counted."""
    amount, total = found.amount, compared.total
    if total is None:
        return change
    if not found.sure or amount.inputs is None:
        return replace(change, share=Fraction(amount.cells, total.cells))
    count = None if compared.beside is None else amount.inputs * compared.beside
    if total.inputs is None:
        return replace(
            change, count=count, share=None if count else Fraction(amount.cells, total.cells), exact=bool(count)
        )
    return replace(change, count=count, share=Fraction(amount.inputs, total.inputs), exact=True)


def _shown(pair: Pair, each: engine.Found) -> Change | None:
    """The change as the interpreters decide it on one of the inputs found."""
    for facts in each.witnesses:
        change = pair.changes_on(facts).get(each.causes)
        if change is not None and (change.before, change.after) == each.transition:
            return change
    return None


def _unsettled(pair: Pair, causes: Causes, why: str) -> str:
    named = ", ".join(f"`{name}`" for name in causes)
    return f"whether this is all that {named} changes in `{pair.new.decision.name}` is not settled: {why}"


def tried(pair: Pair) -> Iterator[dict[str, object]]:
    """The facts of all tests about the record, as they are and moved to the values that the change speaks of."""
    values = changed_values(pair.changes, pair.rules)
    seen = 0
    for facts in _tested(pair):
        for each in moved(pair.shared, facts, values):
            seen += 1
            if seen > MOST_TRIED:
                return
            if pair.frame or pair.touched(each):
                yield each


def _tested(pair: Pair) -> Iterator[dict[str, object]]:
    for side in (pair.new, pair.old):
        interpreter, record = side.interpreter, side.decision.record
        for test in interpreter.program.tests:
            target = interpreter.program.decisions.get(test.target)
            if target is None or target.record != record:
                continue
            try:
                facts, _ = facts_of(test, record, interpreter)
                findings = findings_of(test, record, interpreter)
            except Unfit:
                continue
            day = {} if test.as_of is None or record.as_of is not None else {AS_OF: test.as_of}
            yield {**facts, **day, **({FINDINGS: findings} if findings else {})}


# ------------------------------------------------------------------------------------------- a book of facts


def over_book(pair: Pair, book: Iterable[object], result: Difference) -> None:
    """Count the changes over real facts, in JSON form. What either version refuses is counted as refused."""
    found: dict[tuple[Causes, Said, Said], Change] = {}
    total = refused = 0
    for given in book:
        total += 1
        facts = _read(pair, given)
        if facts is None:
            refused += 1
            continue
        for causes, change in pair.changes_on(facts).items():
            known = found.setdefault((causes, change.before, change.after), change)
            known.count = (known.count or 0) + 1
    for change in found.values():
        change.share, change.exact = Fraction(change.count or 0, total), True
    result.changes += found.values()
    result.facts = (total, refused)


def _read(pair: Pair, given: object) -> dict[str, object] | None:
    """One entry of a book, as facts that both versions take; None if one refuses it."""
    if not isinstance(given, Mapping):
        return None
    beside = {name: given[name] for name in (AS_OF, FINDINGS) if name in given and pair.shared.field(name) is None}
    try:
        facts = decode(pair.shared, restricted(pair.shared, {k: v for k, v in given.items() if k not in beside}))
        if FINDINGS in beside:
            beside[FINDINGS] = read_findings(beside[FINDINGS], pair.new.interpreter.referring_rules)
        if AS_OF in beside:
            beside[AS_OF] = date.fromisoformat(str(beside[AS_OF]))
    except (FactsError, ValueError):
        return None
    assert isinstance(facts, Mapping)
    complete = {**facts, **beside}
    return None if REFUSED in (pair.old.said(complete), pair.new.said(complete)) else complete
