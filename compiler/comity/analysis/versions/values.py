"""Inputs on which a change is likely to show, where they are tried one by one.

From facts that somebody wrote (those of tests), each moved to the values that the change speaks of: a country that a
set gained, the keys of a changed row, the days around a shifted date. Where a changed rule then stands differently,
but the answer is the same, the other facts are varied one at a time, and what is open for counsel is answered in each
way. From where the answer differs, the codes and places are run through, to see how far the change reaches, and the
other facts varied again. Every order is fixed, so the same programs give the same.

Example: `EMBARGOED` gains BY, and a test exports 3A001 to DE. The same export to BY is tried; if it was prohibited
already, because of its end user, the end user is varied, and then 3A002, 3A003 and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from random import Random
from typing import TypeAlias

from comity import terms
from comity.analysis import limits
from comity.analysis.versions.changes import Changes, RuleChange, reads
from comity.core import ast as core
from comity.core.ast import Table
from comity.core.given import replaced
from comity.core.walk import children
from comity.runtime.light import dataclass
from comity.runtime.types import (
    ECCN,
    AbsentType,
    BoolType,
    DateType,
    EccnType,
    EnumType,
    IntType,
    MoneyType,
    NumberType,
    PercentType,
    PlaceType,
    QuantityType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.terms import Term

Facts: TypeAlias = Mapping[str, object]
Path: TypeAlias = tuple[str, ...]
Values: TypeAlias = Mapping[Type, tuple[object, ...]]

NUMBERS = (IntType, NumberType, PercentType, MoneyType, QuantityType)
COUNTRY = PlaceType()
"""Countries and places are one kind here: the same names stand for both."""


# ------------------------------------------------------------------------------------------- trying


@dataclass(frozen=True, slots=True)
class Seen:
    """What an input shows. ``touched``: what tells apart the inputs on which changed rules stand differently; None
    where they do not. ``changed``: the transitions, if the answer is another one.
    """

    touched: Hashable | None
    changed: Hashable | None


@dataclass
class Tries:
    """Tries inputs one by one. ``look`` decides one; each step calls it at most a third of ``most`` times.

    ``may_differ`` sees, in a fraction of that time, whether the versions may say different things of an input at all:
    of the inputs of tests, moved to what was changed, most are about something else. It is asked of ten times as many.
    ``answered`` gives facts with counsel's answers to what is open on them.
    """

    record: RecordType
    look: Callable[[Facts], Seen]
    may_differ: Callable[[Facts], bool]
    most: int
    answered: Callable[[Facts], Iterable[Facts]] = lambda _: ()
    touched: dict[Hashable, list[Facts]] = field(default_factory=dict)
    changed: dict[Hashable, list[Facts]] = field(default_factory=dict)
    looked: int = 0

    def run(self, seeds: Iterable[Facts], values: Values, days: Sequence[date], codes: Sequence[str]) -> None:
        third = self.most // 3
        self._try((each for facts in seeds for each in moved(self.record, facts, values)), third)
        quiet = [facts for key, group in self.touched.items() if key not in self.changed for facts in group[:2]]
        quiet = _spread(quiet, limits.current.varied_inputs)
        self._try((each for facts in quiet for each in self._at(facts, days)), third)
        self._try((each for facts in quiet for each in varied(self.record, facts)), third)
        self._try((each for facts in quiet for each in self.answered(facts)), third)
        loud = _spread([group[0] for group in self.changed.values()], limits.current.varied_inputs)
        kinds: Values = {COUNTRY: (), ECCN: tuple(codes)}
        self._try((each for facts in loud for each in moved(self.record, facts, kinds)), third)
        self._follow(third)

    def _follow(self, most: int) -> None:
        """Vary what shows a change, as long as that shows others: of few unknown facts an answer stays open between
        other outcomes than of many.
        """
        followed: set[Hashable] = set()
        while True:
            new = [group[0] for key, group in self.changed.items() if key not in followed]
            followed |= self.changed.keys()
            before = self.looked
            self._try((each for facts in new for each in self._near(facts)), most)
            most -= self.looked - before
            if not new or most <= 0:
                break

    def _near(self, facts: Facts) -> Iterator[Facts]:
        """Facts that are like these: counsel's answers, one fact another, several others at once."""
        yield from self.answered(facts)
        yield from scattered(self.record, facts)
        yield from varied(self.record, facts)

    def _at(self, facts: Facts, days: Sequence[date]) -> Iterator[Facts]:
        if self.record.as_of is not None:
            yield from ({**facts, self.record.as_of: day} for day in days)

    def _try(self, inputs: Iterable[Facts], most: int) -> None:
        worth_it = (facts for facts in islice(inputs, 10 * most) if self.may_differ(facts))
        for facts in islice(worth_it, most):
            self.looked += 1
            seen = self.look(facts)
            if seen.changed is not None:
                self.changed.setdefault((seen.touched, seen.changed), []).append(facts)
            elif seen.touched is not None:
                self.touched.setdefault(seen.touched, []).append(facts)


def _spread(items: Sequence[Facts], most: int) -> list[Facts]:
    """At most that number of the items, from all along the list."""
    if len(items) <= most:
        return list(items)
    return [items[number * len(items) // most] for number in range(most)]


def moved(record: RecordType, facts: Facts, values: Values) -> Iterator[Facts]:
    """The facts as they are, and with each of the values in each place that takes it."""
    yield dict(facts)
    for path, kind in _places(record, ()):
        for value in values.get(_kind(kind), ()):
            yield replaced(facts, path, value)


def varied(record: RecordType, facts: Facts) -> Iterator[Facts]:
    """The facts with one of them another: truth values, members, sets of one member; and unknown, where it may be."""
    for path, kind in _places(record, ()):
        for value in _values(kind):
            yield replaced(facts, path, value)
    for path in _optional(record, ()):
        yield replaced(facts, path, None)


SCATTERED = 60
"""How many inputs are made of one by varying several facts at once."""


def scattered(record: RecordType, facts: Facts) -> Iterator[Facts]:
    """The facts with several of them unknown, few to most of those that may be, and some others another; drawn by
    chance, and the same at each call.
    """
    draw = Random(0)
    optional, others = list(_optional(record, ())), [(path, list(_values(kind))) for path, kind in _places(record, ())]
    for number in range(SCATTERED if optional else 0):
        share = (1 + number % 4) / 8
        found = facts
        for path, values in others:
            if values and draw.random() < 1 / 16:
                found = replaced(found, path, draw.choice(values))
        for path in optional:
            if draw.random() < share:
                found = replaced(found, path, None)
        yield found


def _values(kind: Type) -> Iterator[object]:
    match kind:
        case BoolType():
            yield from (True, False)
        case EnumType(members=members) if len(members) <= limits.current.values_of_a_type:
            yield from members
        case SetType(element=EnumType(members=members)):
            yield frozenset(members)
            yield from (frozenset((member,)) for member in members[: 2 * limits.current.values_of_a_type])
        case AbsentType(element=element):
            yield ABSENT
            yield from _values(element)
        case _:
            pass


def _places(record: RecordType, above: Path) -> Iterator[tuple[Path, Type]]:
    for declared in record.fields:
        path = (*above, declared.name)
        if isinstance(declared.type, RecordType):
            yield from _places(declared.type, path)
        else:
            yield path, declared.type


def _optional(record: RecordType, above: Path) -> Iterator[Path]:
    for declared in record.fields:
        path = (*above, declared.name)
        if declared.optional:
            yield path
        elif isinstance(declared.type, RecordType):
            yield from _optional(declared.type, path)


# ------------------------------------------------------------------------------------------- what is spoken of


def changed_values(changes: Changes, rules: Iterable[RuleChange]) -> Values:
    """Values by the type of the facts that they may be values of, those first that only one version speaks of."""
    old: Counter[tuple[Type, object]] = Counter()
    new: Counter[tuple[Type, object]] = Counter()
    keys: list[tuple[Type, object]] = []
    causes: set[str] = set()
    for change in rules:
        for rule, found in ((change.old, old), (change.new, new)):
            if rule is not None:
                found.update(constants(rule.condition))
                causes |= {name for name in reads(rule.condition) if name in changes.causes}
    for program, found in ((changes.old, old), (changes.new, new)):
        for name in _below(program, causes) & changes.direct:
            if name in program.defines:
                found.update(constants(program.defines[name].body))
            elif name in program.sets:
                found.update(constants(program.sets[name].body))
    for name in sorted(changes.direct):
        if name in changes.old.tables and name in changes.new.tables:
            keys += _keys(changes.old.tables[name], changes.new.tables[name])
    only = [*keys, *(old - new), *(new - old)]
    # Where something is known to be in one version only, what both speak of would lead away from it.
    values: dict[Type, dict[object, None]] = {}
    for kind, value in only or [*old, *new]:
        for near in around(kind, value):
            values.setdefault(_kind(kind), {})[near] = None
    return {kind: tuple(found)[: limits.current.values_of_a_type] for kind, found in values.items()}


def days_of(programs: Iterable[core.Program]) -> list[date]:
    """Days between which nothing dated changes: those on which something does, and one before all."""
    found: set[date] = set()
    for program in programs:
        for term in _terms(program):
            found.update(value for kind, value in constants(term) if isinstance(value, date))
    days = sorted(found)
    before = [days[0] - timedelta(1)] if days and days[0] > date.min else []
    days = [*before, *days]
    if len(days) > limits.current.varied_days:
        days = [days[number * len(days) // limits.current.varied_days] for number in range(limits.current.varied_days)]
    return days


def codes_of(programs: Iterable[core.Program]) -> list[str]:
    """Codes of the tables, some of every category and group."""
    found: set[str] = set()
    for program in programs:
        for table in program.tables.values():
            for position, (_, kind) in enumerate(table.parameters):
                if isinstance(kind, EccnType):
                    found.update(str(row.keys[position]) for row in table.rows)
    by_group: dict[str, list[str]] = {}
    for code in sorted(found):
        by_group.setdefault(code[:2], []).append(code)
    most = max(1, limits.current.varied_codes // max(1, len(by_group)))
    return [group[n * len(group) // most] for group in by_group.values() for n in range(min(most, len(group)))]


def _terms(program: core.Program) -> Iterator[Term]:
    yield from (define.body for define in program.defines.values())
    yield from (declared.body for declared in program.sets.values())
    for decision in program.decisions.values():
        yield from (rule.condition for rule in decision.rules)


def _below(program: core.Program, names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in program.defines:
            waiting += reads(program.defines[name].body)
        elif name in program.sets:
            waiting += reads(program.sets[name].body)
        elif name in program.decisions:
            waiting += [each for rule in program.decisions[name].rules for each in reads(rule.condition)]
    return found


def _kind(kind: Type) -> Type:
    if isinstance(kind, AbsentType):
        return _kind(kind.element)
    is_place = isinstance(kind, PlaceType) or (isinstance(kind, EnumType) and kind.name == "Country")
    return COUNTRY if is_place else kind


def constants(term: Term) -> Iterator[tuple[Type, object]]:
    waiting: list[Term] = [term]
    while waiting:
        each = waiting.pop()
        match each:
            case terms.Const(value=frozenset() as members, type=kind):
                element = getattr(kind, "element", kind)
                yield from ((element, member) for member in sorted(members, key=str))
            case terms.Const(value=value, type=kind):
                yield kind, value
            case terms.InWindow(intervals=intervals):
                yield from ((DateType(), day) for interval in intervals for day in interval if day is not None)
            case _:
                pass
        waiting.extend(children(each))


def _keys(old: Table, new: Table) -> Iterator[tuple[Type, object]]:
    """The keys of rows that are not the same."""
    before = {row.keys: (row.value, row.interval) for row in old.rows}
    after = {row.keys: (row.value, row.interval) for row in new.rows}
    for row in {**before, **after}:
        if before.get(row) != after.get(row):
            yield from ((kind, key) for (_, kind), key in zip(new.parameters, row, strict=False))


def around(kind: Type, value: object) -> Iterator[object]:
    yield value
    if isinstance(value, date):
        yield from (value + timedelta(days) for days in (-1, 1) if date.min < value < date.max)
    elif isinstance(kind, NUMBERS) and isinstance(value, int | Fraction):
        yield from (value - 1, value + 1)
