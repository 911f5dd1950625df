"""Values that a change speaks of, and facts moved to them: where inputs are tried one by one.

A country that a set gained, the days around a shifted date, the keys of a changed row: on facts that have such a value,
a change is most likely to show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

from comity import terms
from comity.analysis.diff_changes import Changes, RuleChange, reads
from comity.checked.ast import Table
from comity.core import ast as core
from comity.core.walk import children
from comity.runtime.types import (
    BoolType,
    DateType,
    EnumType,
    IntType,
    MoneyType,
    NumberType,
    PercentType,
    PlaceType,
    QuantityType,
    RecordType,
    Type,
)
from comity.terms import Term

Values: TypeAlias = Mapping[Type, tuple[object, ...]]

MOST_OF_A_TYPE = 12
NUMBERS = (IntType, NumberType, PercentType, MoneyType, QuantityType)
COUNTRY = PlaceType()
"""Countries and places are one kind here: the same names stand for both."""


def changed_values(changes: Changes, rules: Iterable[RuleChange]) -> Values:
    """Values by the type of the facts that they may be values of, those first that only one version speaks of."""
    old: Counter[tuple[Type, object]] = Counter()
    new: Counter[tuple[Type, object]] = Counter()
    keys: list[tuple[Type, object]] = []
    causes: set[str] = set()
    for change in rules:
        for rule, found in ((change.old, old), (change.new, new)):
            if rule is not None:
                found.update(_constants(rule.condition))
                causes |= {name for name in reads(rule.condition) if name in changes.causes}
    for program, found in ((changes.old, old), (changes.new, new)):
        for name in _below(program, causes) & changes.direct:
            if name in program.defines:
                found.update(_constants(program.defines[name].body))
            elif name in program.sets:
                found.update(_constants(program.sets[name].body))
    for name in sorted(changes.direct):
        if name in changes.old.tables and name in changes.new.tables:
            keys += _keys(changes.old.tables[name], changes.new.tables[name])
    values: dict[Type, dict[object, None]] = {}
    only = [*keys, *(old - new), *(new - old)]
    for kind, value in [*only, *old, *new]:
        for near in _around(kind, value):
            values.setdefault(_kind(kind), {})[near] = None
    return {kind: tuple(found)[:MOST_OF_A_TYPE] for kind, found in values.items()}


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
    is_place = isinstance(kind, PlaceType) or (isinstance(kind, EnumType) and kind.name == "Country")
    return COUNTRY if is_place else kind


def _constants(term: Term) -> Iterator[tuple[Type, object]]:
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


def _around(kind: Type, value: object) -> Iterator[object]:
    yield value
    if isinstance(value, date):
        yield from (value + timedelta(days) for days in (-1, 1) if date.min < value < date.max)
    elif isinstance(kind, NUMBERS) and isinstance(value, int | Fraction):
        yield from (value - 1, value + 1)


def moved(record: RecordType, facts: Mapping[str, object], values: Values) -> Iterator[dict[str, object]]:
    """The facts as they are; with each of the values in each place that takes it; with two of different kinds."""
    yield dict(facts)
    moves = list(_moves(record, (), values))
    for path, value in moves:
        yield _put(facts, path, value)
    for (one, first), (two, second) in combinations(moves, 2):
        if one != two and type(first) is not type(second):
            yield _put(_put(facts, one, first), two, second)


def _moves(record: RecordType, above: tuple[str, ...], values: Values) -> Iterator[tuple[tuple[str, ...], object]]:
    for declared in record.fields:
        path = (*above, declared.name)
        if isinstance(declared.type, RecordType):
            yield from _moves(declared.type, path, values)
        elif isinstance(declared.type, BoolType):
            continue
        else:
            yield from ((path, value) for value in values.get(_kind(declared.type), ()))


def _put(facts: Mapping[str, object], path: tuple[str, ...], value: object) -> dict[str, object]:
    name, *rest = path
    if not rest:
        return {**facts, name: value}
    inner = facts.get(name)
    if not isinstance(inner, Mapping):
        return dict(facts)
    return {**facts, name: _put(inner, tuple(rest), value)}
