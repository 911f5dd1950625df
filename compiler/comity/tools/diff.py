"""Comparing two versions of a program: which answers change, because of what, and on what inputs.

What was not changed answers as before; for what was, the proof engine looks through the inputs on which the changed
rules differ (`analysis.diff`). Where that takes too long, facts of the tests, led to where the change is likely to
show, are tried one by one (`analysis.diff_values`): what is found so is true, but may not be all, and the result says
so. Every input shown was decided by the interpreters of both versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.analysis.program import examples
from comity.analysis.space.facts import AS_OF
from comity.analysis.versions import diff as engine
from comity.analysis.versions.changes import Causes, Changes, RuleChange, decision_frame
from comity.analysis.versions.merge import Said, said
from comity.analysis.versions.record import common, completed, differences, is_foreign, restricted
from comity.analysis.versions.values import Seen, Tries, changed_values, codes_of, days_of
from comity.analysis.witness.render import day_of, parted, to_json
from comity.base.watching import doing
from comity.core import ast as core
from comity.core.given import Unfit, facts_of, findings_of
from comity.core.interpret import Interpreter
from comity.runtime.answer import FactsError, PolicyError
from comity.runtime.errors import GapError
from comity.runtime.facts import Decoder, encode, read_day
from comity.runtime.inputs import FINDINGS, read_input
from comity.runtime.light import dataclass
from comity.runtime.resolve import finding_on
from comity.runtime.rules import Mask
from comity.runtime.types import AbsentType, EccnType, EnumType, HsCodeType, PlaceType, RecordType, Type
from comity.terms import THIS, Term

Direction: TypeAlias = Literal["tightens", "loosens", "other"]

Key: TypeAlias = tuple[Causes, Said, Said]

MOST_TRIED = 7_500
"""Maximum number of inputs tried one by one."""

TOLD = 100
"""After so many inputs who watches hears of it."""

FEW_RULES = 30
"""Of so many changed rules it is seen beforehand whether their conditions differ on an input."""

MOST_NAMED = 24
"""Maximum number of rules named as the subjects of one change."""


@dataclass
class Change:
    """One way in which answers change, for one cause. ``subjects``: what was changed, then the rules through which.

    ``count``: how many inputs; None where they cannot be counted. ``share``: their part of all inputs. ``exact``: count
    and share (so far as they are given) are the whole truth; else ``share`` is an estimate: of the cases that the rules
    tell apart or, with ``tried``, of that many inputs. ``among``: facts that have only some of their
    values wherever this changes, with these, in JSON.
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
    tried: int | None = None
    among: Mapping[str, Sequence[object]] = field(default_factory=dict)

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
            "share": None if self.share is None else float(self.share),
            "exact": self.exact,
            "tried": self.tried,
            "among": {path: list(values) for path, values in self.among.items()},
        }


@dataclass
class Difference:
    """What two versions differ in. ``notes``: what was not compared, or not alike. ``open``: what is not settled.

    ``apart``: a version has, or accepts, what the other does not; of a book this is ``lone``: it has a decision that
    cannot be compared, or inputs that only one version takes. ``facts``: how many inputs a book had, and how many of
    them a version refused; None without a book.
    """

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    apart: bool = False
    lone: bool = False
    facts: tuple[int, int] | None = None

    @property
    def same(self) -> bool:
        """Certainly no answer changes; with a book, none of its, and there is one."""
        if self.facts is not None:
            return not self.changes and not self.lone and self.compared
        return not self.changes and not self.open and not self.apart

    @property
    def compared(self) -> bool:
        """Whether anything was compared; nothing is of a book of which a version refused every input."""
        return self.facts is None or self.facts[0] > self.facts[1]

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


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one version makes of an input: the answer, each rule's own condition (None where a definition fails), and
    the rules that apply, certainly or perhaps (all, where that is not known).
    """

    said: Said
    own: Sequence[bool | None] | None
    applying: Mask = -1

    def applies(self, rule: core.Rule | None) -> bool:
        return rule is not None and bool(self.applying >> rule.number & 1)


class Side:
    """One version of a decision."""

    def __init__(self, interpreter: Interpreter, decision: core.Decision, shared: RecordType) -> None:
        self.interpreter = interpreter
        self.decision = decision
        self.shared = shared
        self._conditions: dict[int, Term] = {}

    def weigh(self, facts: Mapping[str, object]) -> Weighed | None:
        """What this version makes of facts of the shared record (with the day and findings beside them); None if it
        refuses them.
        """
        own, day, findings = parted(self.shared, facts)
        full = completed(self.decision.record, self.shared, own)
        assert isinstance(full, Mapping)
        try:
            resolution, conditions = self.interpreter.conditions(self.decision.qname, full, day, findings)
        except FactsError:
            return None
        except PolicyError as error:
            return Weighed(("gap" if isinstance(error, GapError) else "contradiction", ()), None)
        return Weighed(said(resolution), conditions, resolution.perhaps)

    def own(self, rule: core.Rule | None, weighed: Weighed, facts: Mapping[str, object]) -> object:
        """Whether a rule's own condition holds; a rule that is not there never applies."""
        if rule is None:
            return False
        if weighed.own is not None:
            return weighed.own[rule.number]
        return self.truths(facts)(rule)

    def truths(self, facts: Mapping[str, object]) -> Callable[[core.Rule | None], object]:
        """Whether rules' conditions hold, without regard to counsel; what was raised, where that cannot be told."""
        own, _, findings = parted(self.shared, facts)
        env = {THIS: completed(self.decision.record, self.shared, own)}
        day = day_of(self.shared, facts)

        def holds(rule: core.Rule | None) -> object:
            if rule is None:
                return False
            try:
                return self.interpreter.evaluate(self._condition(rule), env, day, findings=findings)
            except PolicyError as error:
                return type(error).__name__

        return holds

    def _condition(self, rule: core.Rule) -> Term:
        """A rule's own condition, made once: so it is compiled once."""
        if rule.number not in self._conditions:
            self._conditions[rule.number] = rule.condition
        return self._conditions[rule.number]


def _conditions(program: core.Program, record: str) -> list[Term]:
    """What the `always` lines of a record demand, wherever and in whatever words they say it."""
    return [line.condition for line in program.always.get(record, ())]


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
        parties = {party.name for side in sides for party in side.program.parties.values()}
        self.decoder = Decoder(shared, parties=parties or None)
        self.rules = changes.rules(old, new)
        self.frame = decision_frame(old) != decision_frame(new)
        self.always = any(
            _conditions(changes.old, f"{r.module}.{r.name}") != _conditions(changes.new, f"{r.module}.{r.name}")
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

    def touched(self, facts: Mapping[str, object], before: Weighed, after: Weighed) -> list[RuleChange]:
        """The changed rules that stand differently on these facts.

        A rule that applies in neither version does not, whatever its own condition: what it is an exception to does not
        apply, or something disapplies it, so no answer depends on it.
        """
        found = []
        for change in self.rules:
            if before.applies(change.old) or after.applies(change.new):
                one, two = self.old.own(change.old, before, facts), self.new.own(change.new, after, facts)
                if one != two or (change.role and one is not False):
                    found.append(change)
        return found

    def may_differ(self, facts: Mapping[str, object]) -> bool:
        """A changed rule's own condition stands differently on these facts, or its part among the rules has changed;
        true as well where it would take as long to see that as to decide.
        """
        if self.frame or len(self.rules) > FEW_RULES:
            return True
        before, after = self.old.truths(facts), self.new.truths(facts)
        for change in self.rules:
            one, two = before(change.old), after(change.new)
            if one != two or (change.role and one is not False):
                return True
        return False

    def answered(self, facts: Mapping[str, object]) -> Iterator[dict[str, object]]:
        """The facts with what either version would ask counsel of them answered: all of it, or one question."""
        given = parted(self.shared, facts)[2]
        answers: dict[str, dict[bool | str, None]] = {}
        for side in (self.old, self.new):
            weighed = side.weigh(facts)
            if weighed is None:
                return
            for rule in side.decision.rules:
                asks = rule.refer is not None and weighed.applies(rule)
                if asks and finding_on(rule.name, rule.question, given) is None:
                    named = side.decision.outcomes.members if rule.outcome is None else ()
                    answers.setdefault(rule.question, {}).update(dict.fromkeys((True, False, *named)))
        for answer in (True, False) if answers else ():
            yield {**facts, FINDINGS: {**dict.fromkeys(answers, answer), **given}}
        if len(answers) > 1 or any(len(each) > 2 for each in answers.values()):
            for question, each in answers.items():
                for one in each:
                    yield {**facts, FINDINGS: {**given, question: one}}

    def direction(self, before: Said, after: Said) -> Direction:
        """By the order of outcomes, from most to least restrictive: of what is possible, neither the strictest nor the
        mildest may get milder. An undetermined answer reaches from the strictest that is possible to the mildest.
        """
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
        before, after = self.old.weigh(facts), self.new.weigh(facts)
        if before is None or after is None or before.said == after.said:
            return {}
        return self.changes_by(facts, before.said, after.said, self.touched(facts, before, after))

    def changes_by(
        self, facts: Mapping[str, object], before: Said, after: Said, touched: Iterable[RuleChange]
    ) -> dict[Causes, Change]:
        through: dict[Causes, dict[str, None]] = {}
        for change in touched:
            through.setdefault(change.group, {})[change.name] = None
        if self.frame or not through:
            through.setdefault((self.new.decision.name,), {})
        _, day, _ = parted(self.shared, facts)
        witness = to_json(self.shared, facts) | ({} if day is None else {AS_OF: day.isoformat()})
        name, direction = self.new.decision.name, self.direction(before, after)
        return {
            causes: Change(name, _subjects(causes, rules), before, after, direction, witness)
            for causes, rules in through.items()
        }


def _subjects(causes: Causes, rules: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*causes, *rules)))[: len(causes) + MOST_NAMED]


def diff(
    old: core.Program,
    new: core.Program,
    decisions: Iterable[tuple[str | None, str | None]],
    book: Iterable[object] | None = None,
) -> Difference:
    """What changes from ``old`` to ``new`` in pairs of decisions (qualified names; None where one has none).

    ``book``: real facts in JSON form, read once; then it is these that are compared, and no others.
    """
    result = Difference()
    changes = Changes(old, new)
    sides = Interpreter(old), Interpreter(new)
    pairs: list[Pair] = []
    for one, two in decisions:
        if one is None or two is None:
            name = (one or two or "").rpartition(".")[2]
            result.notes.append(f"only the {'earlier' if two is None else 'later'} version decides `{name}`")
            result.apart = result.lone = True
            continue
        before, after = old.decisions[one], new.decisions[two]
        if common(before.record, after.record) is None:
            result.notes.append(f"`{after.name}` is about another record: nothing can be compared")
            result.apart = result.lone = True
            continue
        pairs.append(Pair(changes, before, after, sides))
    for pair in pairs:
        result.notes += pair.notes
        result.apart = result.apart or bool(pair.notes)
    if book is not None:
        over_book(pairs, book, result)
        return result
    for pair in pairs:
        if not pair.unchanged:
            _compare(pair, result)
    return result


def _compare(pair: Pair, result: Difference) -> None:
    name = pair.new.decision.name
    doing(f"{name}: comparing the rules that differ")
    told = examples(pair.changes.new, pair.new.interpreter, pair.new.decision.record)
    compared = engine.compare(pair.changes, pair.old.decision, pair.new.decision, pair.shared, told)
    found: dict[Key, Change] = {}
    for each in compared.found:
        shown = _shown(pair, each)
        if shown is None:
            result.open.append(_unsettled(pair, each.causes, "the input that the analysis found does not show it"))
            continue
        found[each.causes, *each.transition] = _sized(shown, each, compared)
    if compared.open:
        doing(f"{name}: trying inputs one by one")
        for key, change in Trial(pair).run().items():
            found.setdefault(key, change)
    result.open += [_unsettled(pair, causes, why) for causes, why in compared.open]
    result.changes += found.values()


def _sized(change: Change, found: engine.Found, compared: engine.Comparison) -> Change:
    """The change with its size: exact where the whole of it was seen and its inputs can be counted."""
    amount, total = found.amount, compared.total
    change = replace(change, among=found.among)
    if total is None:
        return change
    count = None
    if found.sure and amount.inputs is not None:
        count = None if compared.beside is None else amount.inputs * compared.beside
        if total.inputs is not None:
            return replace(change, count=count, share=Fraction(amount.inputs, total.inputs), exact=True)
    if count is not None:
        return replace(change, count=count, exact=True)
    return replace(change, share=Fraction(amount.cells, total.cells))


def _shown(pair: Pair, each: engine.Found) -> Change | None:
    """The change as the interpreters decide it on one of the inputs found."""
    for facts in each.witnesses:
        change = pair.changes_on(facts).get(each.causes)
        if change is not None and (change.before, change.after) == each.transition:
            return change
    return None


def _unsettled(pair: Pair, causes: Causes, why: str) -> str:
    named = ", ".join(f"`{name}`" for name in causes)
    return f"whether this is all that {named} changes in `{pair.new.decision.name}`: {why}"


# ------------------------------------------------------------------------------------------- inputs one by one


class Trial:
    """Tries inputs of one pair. What it finds is true; how often, an estimate."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.found: dict[Key, Change] = {}
        self.values: dict[Key, dict[str, dict[object, None]]] = {}
        self.hits: dict[Key, int] = {}
        self.tried = 0
        self.open_facts = [(path, kind) for path, kind in _told(pair.shared, ())]

    def run(self) -> dict[Key, Change]:
        pair = self.pair
        programs = pair.changes.new, pair.changes.old
        values = changed_values(pair.changes, pair.rules)
        Tries(pair.shared, self.look, pair.may_differ, MOST_TRIED, pair.answered).run(
            _tested(pair), values, days_of(programs), codes_of(programs)
        )
        for key, change in self.found.items():
            change.share, change.tried = Fraction(self.hits[key], self.tried), self.tried
            change.among = {path: list(seen) for path, seen in self.values[key].items()}
        return self.found

    def look(self, facts: Mapping[str, object]) -> Seen:
        pair = self.pair
        before, after = pair.old.weigh(facts), pair.new.weigh(facts)
        if before is None or after is None:
            return Seen(None, None)
        touched = pair.touched(facts, before, after)
        if not touched and not pair.frame:
            return Seen(None, None)
        self.tried += 1
        if self.tried % TOLD == 0:
            doing(f"{pair.new.decision.name}: {self.tried} inputs tried, {len(self.found)} changes")
        names = frozenset(change.name for change in touched)
        if before.said == after.said:
            return Seen(names, None)
        for causes, change in pair.changes_by(facts, before.said, after.said, touched).items():
            self._note((causes, before.said, after.said), change, facts)
        return Seen(names, (before.said, after.said))

    def _note(self, key: Key, change: Change, facts: Mapping[str, object]) -> None:
        known = self.found.setdefault(key, change)
        known.subjects = _subjects(key[0], (*known.subjects, *change.subjects))
        self.hits[key] = self.hits.get(key, 0) + 1
        seen = self.values.setdefault(key, {})
        for path, kind in self.open_facts:
            value: object = facts
            for step in path:
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is not None:
                shown = encode(kind, value)
                if isinstance(shown, str):
                    seen.setdefault(".".join(path), {})[shown] = None


def _told(record: RecordType, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Type]]:
    """The facts by which a reader wants to know where something changes: codes, and places to which something goes."""
    for declared in record.fields:
        path = (*above, declared.name)
        kind = declared.type.element if isinstance(declared.type, AbsentType) else declared.type
        if isinstance(kind, RecordType):
            yield from _told(kind, path)
        elif isinstance(kind, EccnType | HsCodeType | PlaceType) or (
            isinstance(kind, EnumType) and kind.name == "Country"
        ):
            yield path, declared.type


def _tested(pair: Pair) -> Iterator[dict[str, object]]:
    """The facts of all tests about the record, each once."""
    told: set[str] = set()
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
            seed = {**facts, **day, **({FINDINGS: findings} if findings else {})}
            if (text := repr(seed)) not in told:
                told.add(text)
                yield seed


# ------------------------------------------------------------------------------------------- a book of facts


def over_book(pairs: Sequence[Pair], book: Iterable[object], result: Difference) -> None:
    """Count the changes over real facts, in JSON form. What a version refuses is counted as refused."""
    found: dict[tuple[str, Key], Change] = {}
    total = refused = 0
    by_one: Counter[str] = Counter()
    for given in book:
        total += 1
        if total % TOLD == 0:
            doing(f"{total} inputs compared, {len(found)} changes")
        taken = bool(pairs)
        refusing: str | None = None
        for pair in pairs:
            facts = _read(pair, given)
            before = after = None
            if facts is not None:
                before, after = pair.old.weigh(facts), pair.new.weigh(facts)
            if facts is None or before is None or after is None:
                taken = False
                if before is not None or after is not None:
                    refusing = "earlier" if before is None else "later"
                continue
            if before.said == after.said:
                continue
            touched = pair.touched(facts, before, after)
            for causes, change in pair.changes_by(facts, before.said, after.said, touched).items():
                known = found.setdefault((pair.new.decision.qname, (causes, change.before, change.after)), change)
                known.count = (known.count or 0) + 1
        refused += not taken
        if refusing is not None:
            by_one[refusing] += 1
    for version, count in sorted(by_one.items()):
        are = "is" if count == 1 else "are"
        result.notes.append(f"{count} of the inputs {are} refused by the {version} version alone")
        result.lone = True
    for change in found.values():
        change.share, change.exact = Fraction(change.count or 0, total), True
    result.changes += found.values()
    result.facts = (total, refused)


def _read(pair: Pair, given: object) -> dict[str, object] | None:
    """One entry of a book, as facts of the shared record; None if it cannot be read as such."""
    if not isinstance(given, Mapping):
        return None
    shared, referring = pair.shared, pair.new.interpreter.referring_rules
    beside = {name: given[name] for name in (AS_OF, FINDINGS) if name in given and shared.field(name) is None}
    own = {name: value for name, value in given.items() if name not in beside}
    if is_foreign(own, pair.old.decision.record, pair.new.decision.record):
        return None
    try:
        day = read_day(beside.get(AS_OF), AS_OF)
        read = read_input(restricted(shared, own), shared, pair.decoder, referring, findings=beside.get(FINDINGS))
    except FactsError:
        return None
    facts: dict[str, object] = {**read.facts}
    if day is not None:
        facts[AS_OF] = day
    if read.findings:
        facts[FINDINGS] = read.findings
    return facts
