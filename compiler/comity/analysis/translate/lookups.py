"""Tables: a row is chosen by facts and by the day, so a lookup is a choice between the values of its rows.

Example: `limit[destination] > 100` over rows `DE: 50`, `FR: 200` and `otherwise 0` is `destination == FR`: the
comparison is decided for the value of each row, and the rows for which it holds are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.space.axes import FiniteAxis, TextAxis
from comity.analysis.space.codes import CodeAxis, Entries, Longest
from comity.analysis.space.formulas import FALSE, TRUE, YES, Axis, Formula, Leaf, Some, Tri, all_of, negate, some_of
from comity.analysis.space.symbols import (
    NOTHING_KNOWN,
    Choice,
    Fact,
    Form,
    Items,
    Known,
    Part,
    Symbol,
    Truth,
    constant,
    gathered,
)
from comity.analysis.translate.translation import Translation
from comity.core.tables import widenings
from comity.parts import Row
from comity.runtime.types import DateType, Type
from comity.runtime.values import ABSENT

_ByKey: TypeAlias = dict[object, list[tuple[int, Row]]]


class Lookups:
    """Lookups over one space, each made once."""

    def __init__(self, translator: Translation) -> None:
        self.translator = translator
        self._known: dict[tuple[object, ...], Choice] = {}
        self._entries: dict[frozenset[str], Entries] = {}
        self._values: dict[object, Choice] = {}
        self._last: dict[int, tuple[Sequence[Row], _ByKey]] = {}

    def read(self, table: str, keys: Sequence[Choice], field: str | None = None) -> Choice:
        """``table[keys]``, or one field of it."""
        if not keys:
            return self._row(table, (), field)
        return self._bound(table, list(keys), (), field)

    def _bound(self, table: str, keys: list[Choice], bound: tuple[Symbol, ...], field: str | None) -> Choice:
        if not keys:
            return self._row(table, bound, field)
        first, *others = keys
        return first.then(lambda symbol: self._bound(table, others, (*bound, symbol), field))

    def _row(self, table: str, keys: tuple[Symbol, ...], field: str | None) -> Choice:
        key = (table, field, *keys)
        if key not in self._known:
            self._known[key] = self._as_fact(table, folded(self._find(table, keys, field)))
        return self._known[key]

    def _as_fact(self, table: str, choice: Choice) -> Choice:
        """The choice between values that very many rows have as a fact of its own: the value that the table gives.

        Rows are then gone through only where a value and the facts that choose a row are asked for together.
        """
        space = self.translator.space
        guards = [guard for guard, _ in choice.arms] + ([] if choice.rest is FALSE else [choice.rest])
        if len(guards) < 2 or not any(
            isinstance(guard, Some) and len(guard.parts) > limits.current.rows_of_a_value for guard in guards
        ):
            return choice
        if any(map(space.owners, guards)):
            return choice
        axis = space.choice_axis(table.rpartition(".")[2], guards)
        leaves = [axis.leaf(axis.among((number,))) for number in range(len(guards))]
        arms = tuple(zip(leaves, (symbol for _, symbol in choice.arms), strict=False))
        return Choice(arms, FALSE if choice.rest is FALSE else leaves[-1])

    def _find(self, name: str, keys: tuple[Symbol, ...], field: str | None) -> Choice:
        table = self.translator.program.tables[name]
        if any(isinstance(key, Known) and key.value is ABSENT for key in keys):
            return NOTHING_KNOWN
        types = tuple(type for _, type in table.parameters)
        # Constants first: they leave few rows for the facts to choose from.
        order = sorted(range(len(keys)), key=lambda place: _constant(keys[place], types[place]) is None)
        missing = self._value(table.otherwise, field) if table.has_otherwise else NOTHING_KNOWN
        return self._choose(order, keys, types, table.rows, (), missing, field)

    def _choose(
        self,
        order: Sequence[int],
        keys: tuple[Symbol, ...],
        types: tuple[Type, ...],
        rows: Sequence[Row],
        chosen: tuple[tuple[int, object], ...],
        missing: Choice,
        field: str | None,
    ) -> Choice:
        """The rest of a lookup in the ``rows`` that the keys ``chosen`` so far leave."""
        if not rows:
            return self._usable(missing, [keys[place] for place in order])
        if len(rows) == 1 and rows[0].interval is None and not order:
            return self._value(rows[0].value, field)
        if not order:
            return self._by_day(_ranked(rows, dict(chosen), types), missing, field)
        place, *others = order
        key, type = keys[place], types[place]
        by_key = self._by_key(rows, place)

        def having(value: object) -> Choice:
            own = by_key.get(value, ())
            if len(types) == 1 and len(own) == 1 and own[0][1].interval is None:
                return self._value(own[0][1].value, field)  # no row is narrower
            wider = [key for key in widenings(type, value) if key in by_key]
            if len(wider) == 1:
                left = [row for _, row in by_key[wider[0]]]
            else:
                left = [row for _, row in sorted(chain.from_iterable(by_key[key] for key in wider), key=itemgetter(0))]
            return self._choose(others, keys, types, left, (*chosen, (place, value)), missing, field)

        known = _constant(key, type)
        if known is not None:
            return having(known)
        values = sorted(by_key, key=str)
        branches = [(value, having(value)) for value in values]
        arms: list[tuple[Formula, Symbol]] = []
        rests: list[Formula] = []
        codes = frozenset(map(str, values)) if isinstance(key, Fact) and isinstance(key.axis, CodeAxis) else frozenset()
        entries = self._entries.setdefault(codes, Entries(codes))
        for group in _alike(branches):
            guard = self._guard(key, [value for value, _ in group], values, entries)
            branch = group[0][1]
            arms += [(all_of((guard, inner)), symbol) for inner, symbol in branch.arms]
            rests.append(all_of((guard, branch.rest)))
        nowhere = self._guard(key, None, values, entries)
        no_row = self._usable(missing, [keys[place] for place in others])
        arms += [(all_of((nowhere, inner)), symbol) for inner, symbol in no_row.arms]
        rests.append(all_of((nowhere, no_row.rest)))
        rests.append(self._unusable(key))
        return Choice(gathered(arms), some_of(rests))

    def _by_key(self, rows: Sequence[Row], place: int) -> _ByKey:
        """Numbered rows by one of their keys. Kept for the last rows: those of a whole table are asked for often."""
        known = self._last.get(place)
        if known is None or known[0] is not rows:
            found: _ByKey = {}
            for number, row in enumerate(rows):
                found.setdefault(row.keys[place], []).append((number, row))
            known = self._last[place] = rows, found
        return known[1]

    def _usable(self, choice: Choice, keys: Sequence[Symbol]) -> Choice:
        """The choice where all ``keys`` can be used, else nothing known."""
        usable = all_of(negate(self._unusable(key)) for key in keys)
        if usable is TRUE:
            return choice
        arms = [(all_of((usable, inner)), symbol) for inner, symbol in choice.arms]
        return Choice(gathered(arms), some_of((all_of((usable, choice.rest)), negate(usable))))

    def _guard(
        self, key: Symbol, chosen: Sequence[object] | None, values: Sequence[object], entries: Entries
    ) -> Formula:
        """The key has one of the ``chosen`` values; None: none of the ``values`` (``entries``, if codes) with rows."""
        match key:
            case Fact(axis=CodeAxis() as axis):
                wanted = entries.codes if chosen is None else frozenset(map(str, chosen))
                return axis.leaf(Longest(entries, wanted), 1 if chosen is None else 0)
            case Fact(axis=FiniteAxis() as axis):
                return axis.leaf(axis.among(tuple(values if chosen is None else chosen)), 1 if chosen is None else 0)
            case Fact(axis=TextAxis() as axis):
                return axis.leaf(frozenset(map(str, values if chosen is None else chosen)), 1 if chosen is None else 0)
            case Truth(tri=tri):
                if chosen is not None:
                    return some_of(tri.true if value else tri.false for value in chosen)
                return some_of(tri.true if value else tri.false for value in (True, False) if value not in values)
            case _:
                equal = [self._at(key, value) for value in (values if chosen is None else chosen)]
                if chosen is not None:
                    return some_of(equal)
                return all_of((negate(self._unusable(key)), *map(negate, equal)))

    def _at(self, key: Symbol, value: object) -> Formula:
        only = constant(value).only
        assert only is not None
        return self.translator.compare.equal(key, only).true

    def _unusable(self, key: Symbol) -> Formula:
        """The key is unknown or absent."""
        match key:
            case Known():
                return FALSE  # it was found not to be absent
            case Fact(axis=axis):
                return negate(axis.present)
            case Form():
                return negate(key.present)
            case Truth(tri=tri):
                return tri.unknown
            case _:
                return negate(self.translator.compare.form(key).present)

    def _value(self, value: object, field: str | None) -> Choice:
        """A row's value, or a field of it; the same object for the same value."""
        if field is not None:
            value = value.get(field) if isinstance(value, dict) else None
        key = id(value) if isinstance(value, dict) else (type(value), value)
        if key not in self._values:
            self._values[key] = constant(value)
        return self._values[key]

    def _by_day(self, rows: Sequence[Row], missing: Choice, field: str | None) -> Choice:
        """The first of ``rows`` that is in force on the day; ``missing`` if none is."""
        arms: list[tuple[Formula, Symbol]] = []
        rests: list[Formula] = []
        before: Formula = TRUE
        for row in rows:
            value = self._value(row.value, field)
            here = before
            if row.interval is not None:
                inside = self.translator.in_window((row.interval,))
                here = all_of((before, inside.true))
                # On an unknown day it is unknown which row holds.
                rests.append(all_of((before, inside.unknown)))
            arms += [(all_of((here, guard)), symbol) for guard, symbol in value.arms]
            rests.append(all_of((here, value.rest)))
            if row.interval is None:
                before = FALSE
                break
            before = all_of((before, inside.false))
        arms += [(all_of((before, guard)), symbol) for guard, symbol in missing.arms]
        rests.append(all_of((before, missing.rest)))
        return Choice(gathered(arms), some_of(rests))


def folded(choice: Choice) -> Choice:
    """A choice between many sets of constants as one set, each of whose elements is in it where its rows hold.

    Else the union of two such sets would have an arm for every pair of rows.
    """
    if len(choice.arms) < 3:
        return choice
    holding: dict[object, list[Formula]] = {}
    elements: dict[object, Choice] = {}
    for guard, symbol in choice.arms:
        members = _members(symbol)
        if members is None:
            return choice
        for value, each in members.items():
            holding.setdefault(value, []).append(guard)
            elements[value] = each
    known = negate(choice.rest)
    parts = []
    for value, guards in holding.items():
        inside = _any_of(guards)
        parts.append(Part((elements[value],), Tri(inside, all_of((known, negate(inside))))))
    nowhere = some_of(all_of((guard, symbol.nowhere)) for guard, symbol in choice.arms if isinstance(symbol, Items))
    return Choice(((known, Items(tuple(parts), nowhere)),), choice.rest)


def _members(symbol: Symbol) -> dict[object, Choice] | None:
    """The elements of a set of constants by value; None for any other."""
    if not isinstance(symbol, Items):
        return None
    found: dict[object, Choice] = {}
    for part in symbol.parts:
        if not isinstance(part.elements, tuple) or part.tests or part.sure != YES:
            return None
        for each in part.elements:
            if not isinstance(each.only, Known):
                return None
            found[each.only.value] = each
    return found


def _any_of(guards: Sequence[Formula]) -> Formula:
    """Some guard holds; those that ask the same code which of the same rows it falls under, as one question."""
    rows: dict[tuple[int, int], tuple[Axis, Entries, set[str]]] = {}
    others: list[Formula] = []
    for guard in guards:
        question = guard.question if isinstance(guard, Leaf) and guard.flip == 0 else None
        if isinstance(guard, Leaf) and isinstance(question, Longest):
            key = (id(guard.axis), id(question.entries))
            rows.setdefault(key, (guard.axis, question.entries, set()))[2].update(question.chosen)
        else:
            others.append(guard)
    asked = (axis.leaf(Longest(entries, frozenset(keys)), 0) for axis, entries, keys in rows.values())
    return some_of((*others, *asked))


def _constant(key: Symbol, type: Type) -> object:
    """The run-time value of a constant key; None if it depends on facts."""
    match key:
        case Known(value=value):
            return value
        case Form(terms=(), constant=value, cancelled=cancelled) if not cancelled:
            if isinstance(type, DateType):
                return date.fromordinal(int(value))
            return value
        case Truth(tri=tri) if tri.true is TRUE or tri.false is TRUE:
            return tri.true is TRUE
        case _:
            return None


def _ranked(rows: Sequence[Row], chosen: dict[int, object], types: tuple[Type, ...]) -> list[Row]:
    """The rows, those of longer keys first; earlier parameters count more (`core.tables`)."""
    ladders = [list(widenings(type, chosen[place])) for place, type in enumerate(types)]
    return sorted(rows, key=lambda row: [ladder.index(key) for ladder, key in zip(ladders, row.keys, strict=True)])


def _alike(branches: Sequence[tuple[object, Choice]]) -> Iterable[list[tuple[object, Choice]]]:
    """Branches with the same result, together."""
    groups: dict[object, list[tuple[object, Choice]]] = {}
    for branch in branches:
        groups.setdefault(_shape(branch[1]), []).append(branch)
    return groups.values()


def _shape(choice: Choice) -> object:
    return *((id(guard), _symbol_shape(symbol)) for guard, symbol in choice.arms), id(choice.rest)


def _symbol_shape(symbol: Symbol) -> object:
    match symbol:
        case Known() | Form():
            return symbol
        case Truth(tri=tri):
            return id(tri.true), id(tri.false)
        case _:
            return id(symbol)
