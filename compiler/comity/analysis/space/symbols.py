"""Symbolic values: what a term is while the facts are not given.

A term's value depends on facts through cases, tables and windows. `Choice` lists what it may be, each under a formula;
what it is then (`Symbol`) is a constant, a fact, a sum of facts, a record, or a collection. Where none of the formulas
holds the value is unknown.

Example: `20 when listed` and `otherwise 10` is a choice between the constants 20, under the formula that `listed` is
true, and 10, under its being false; where `listed` is unknown, so is the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from comity.analysis.space.axes import LineAxis
from comity.analysis.space.formulas import (
    FALSE,
    NO,
    TRUE,
    UNKNOWN,
    YES,
    Axis,
    Formula,
    Tri,
    all_of,
    negate,
    some_of,
    switch,
)
from comity.runtime import values
from comity.runtime.light import dataclass
from comity.runtime.types import Type
from comity.runtime.values import Number

if TYPE_CHECKING:
    from comity.analysis.space.elements import Collection, Variable


FIRST, LAST = date.min.toordinal(), date.max.toordinal()
"""The first and the last day of the calendar."""


@dataclass(frozen=True, slots=True)
class Known:
    """A constant: text, member, code, frozenset, row of a table, or absent. Numbers and days are `Form`s."""

    value: object


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth value."""

    tri: Tri


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that is not a number: a member, text or code."""

    axis: Axis


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of numeric facts with factors, plus a constant. Days count by their ordinal, durations in hours.

    ``cancelled``: facts that fell out of the sum, which is nevertheless unknown where they are.
    """

    terms: tuple[tuple[LineAxis, Fraction | int], ...]
    constant: Fraction | int
    cancelled: frozenset[LineAxis] = frozenset()

    def plus(self, other: Form, factor: Fraction | int = 1) -> Form:
        constant = values.exact(Fraction(self.constant + other.constant * factor))
        if not other.terms and not other.cancelled:
            return Form(self.terms, constant, self.cancelled)
        factors = dict(self.terms)
        for axis, each in other.terms:
            factors[axis] = factors.get(axis, 0) + each * factor
        kept = sorted(((a, f) for a, f in factors.items() if f), key=lambda term: term[0].number)
        fallen = frozenset(a for a, f in factors.items() if not f) | self.cancelled | other.cancelled
        return Form(tuple(kept), constant, fallen)

    def value(self, read: Callable[[LineAxis], Number | None]) -> Number | None:
        """The sum, from the value of each fact; None if one of them is unknown or absent."""
        total: Number | None = self.constant
        for axis, factor in self.terms:
            total = values.add(total, values.multiply(factor, read(axis)))
        return total

    def times(self, factor: Fraction | int) -> Form:
        return number(0).plus(self, factor)

    @property
    def name(self) -> str:
        """The sum without its constant, for the author."""
        parts = [f"{'-' if f < 0 else '+'} {_times(-f if f < 0 else f, axis.name)}" for axis, f in self.terms]
        return " ".join(sorted(parts, key=lambda part: part[0] == "-")).removeprefix("+ ")

    @property
    def present(self) -> Formula:
        """Every fact in it is known and present."""
        return all_of(axis.present for axis in (*(axis for axis, _ in self.terms), *self.cancelled))


def _times(factor: Fraction | int, name: str) -> str:
    inner = f"({name})" if " " in name else name
    return inner if factor == 1 else f"{factor} * {inner}"


@dataclass(frozen=True, slots=True)
class Rounded:
    """`round_up` or `round_down` of a sum of facts."""

    up: bool
    form: Form


def months_later(ordinal: int, months: int) -> int | None:
    """The ordinal of a day some months after that of a day; None outside the calendar."""
    if not FIRST <= ordinal <= LAST:
        return None
    day = values.add_months(date.fromordinal(ordinal), months)
    return None if day is None else day.toordinal()


def first_day(ordinal: int, months: int) -> int:
    """The first day that, some months later, is not before a day; the day after the calendar if there is none."""
    if not months:
        return ordinal
    guess = months_later(ordinal, -months) if FIRST <= ordinal <= LAST else None
    if guess is None:
        if ordinal > LAST or months < 0:
            return LAST + 1
        guess = FIRST
    while (later := months_later(guess, months)) is not None and later < ordinal:
        guess += 1
    while (before := months_later(guess - 1, months)) is not None and before >= ordinal:
        guess -= 1
    return guess if later is not None else LAST + 1


@dataclass(frozen=True, slots=True)
class MonthsLater:
    """The day of a fact plus calendar months (which may be negative)."""

    day: LineAxis
    months: int


@dataclass(frozen=True, slots=True)
class CodePart:
    """`.category`, `.group`, `.number` or `.paragraph` of a fact."""

    code: Axis
    part: values.EccnPartName


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record among the facts stands: below ``owner``, by path. ``state``: whether there is one, if that may
    be unknown or not so.
    """

    path: tuple[str, ...]
    owner: Variable | None
    state: Axis | None = None


@dataclass(frozen=True, slots=True)
class RecordFact:
    place: Place
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class RecordValue:
    """A record built in place or read from a table."""

    fields: Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A `T per Party` among the facts."""

    place: Place
    element: Type


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Elements of a collection: given values, or those of a collection among the facts.

    Each is in it as surely as ``sure`` holds and as it passes every one of ``tests``.
    """

    elements: tuple[Choice, ...] | Collection
    sure: Tri = YES
    tests: tuple[Callable[[Choice], Tri], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A set or list, as the union of its parts. ``nowhere``: where not even an unknown value can be in it."""

    parts: tuple[Part, ...]
    nowhere: Formula = FALSE


Symbol: TypeAlias = (
    Known | Truth | Fact | Form | Rounded | MonthsLater | CodePart | RecordFact | RecordValue | PartyFacts | Items
)


def number(value: Fraction | int) -> Form:
    return Form((), value)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """``arms``: (when, what). INVARIANT (guards partition): exactly one guard, or ``rest``, holds anywhere."""

    arms: tuple[tuple[Formula, Symbol], ...]
    rest: Formula = FALSE

    def then(self, step: Callable[[Symbol], Choice]) -> Choice:
        """What ``step`` makes of the value. Equal constants are gathered into one arm."""
        if len(self.arms) == 1 and self.arms[0][0] is TRUE:
            return step(self.arms[0][1])
        arms: list[tuple[Formula, Symbol]] = []
        rests = [self.rest]
        for guard, symbol in self.arms:
            made = step(symbol)
            arms += [(all_of((guard, inner)), what) for inner, what in made.arms]
            rests.append(all_of((guard, made.rest)))
        return Choice(gathered(arms), some_of(rests))

    def asks(self, test: Callable[[Symbol], Tri]) -> Tri:
        """The three-valued truth of a test of the value."""
        if len(self.arms) == 1 and self.arms[0][0] is TRUE:
            return test(self.arms[0][1])
        truths = [(guard, test(symbol)) for guard, symbol in self.arms]
        return Tri(
            switch([(guard, truth.true) for guard, truth in truths], self.rest),
            switch([(guard, truth.false) for guard, truth in truths], self.rest),
        )

    @property
    def only(self) -> Symbol | None:
        """The value, if it does not depend on anything."""
        return self.arms[0][1] if len(self.arms) == 1 and self.arms[0][0] is TRUE else None


class Bounds(NamedTuple):
    """The least and the greatest value of a number, unknown where it has no limit. ``known``: where it is known."""

    low: Choice
    high: Choice
    known: Formula


def gathered(arms: Iterable[tuple[Formula, Symbol]]) -> tuple[tuple[Formula, Symbol], ...]:
    """The arms, those with the same constant as one."""
    guards: dict[object, list[Formula]] = {}
    symbols: dict[object, Symbol] = {}
    for guard, symbol in arms:
        if guard is FALSE:
            continue
        same = isinstance(symbol, Known | Fact | Form) and not (isinstance(symbol, Known) and _unhashable(symbol.value))
        key: object = (type(symbol), symbol) if same else id(symbol)
        guards.setdefault(key, []).append(guard)
        symbols[key] = symbol
    return tuple((some_of(each), symbols[key]) for key, each in guards.items())


def _unhashable(value: object) -> bool:
    return isinstance(value, dict)


def just(symbol: Symbol) -> Choice:
    return Choice(((TRUE, symbol),))


def listed(elements: Sequence[Choice]) -> Items:
    """A collection of given elements."""
    return Items((Part(tuple(elements)),), FALSE if elements else TRUE)


NOTHING_KNOWN = Choice((), TRUE)


def guarded(guard: Formula, symbol: Symbol) -> Choice:
    """The symbol where ``guard`` holds, else unknown."""
    return just(symbol) if guard is TRUE else Choice(((guard, symbol),), negate(guard))


def combined(choices: Iterable[tuple[Formula, Choice]]) -> Choice:
    """Each choice where its guard holds; just one of the guards holds anywhere."""
    arms: list[tuple[Formula, Symbol]] = []
    rests: list[Formula] = []
    for guard, choice in choices:
        arms += [(all_of((guard, inner)), symbol) for inner, symbol in choice.arms]
        rests.append(all_of((guard, choice.rest)))
    return Choice(gathered(arms), some_of(rests))


def constant(value: object) -> Choice:
    """A run-time value as a choice of one; None is unknown."""
    match value:
        case None:
            return NOTHING_KNOWN
        case bool():
            return just(Truth(YES if value else NO))
        case int() | Fraction():
            return just(number(value))
        case date():
            return just(number(value.toordinal()))
        case dict():
            return just(RecordValue({name: constant(each) for name, each in value.items()}))
        case frozenset() | tuple():
            elements = value if isinstance(value, tuple) else sorted(value)
            return just(listed([constant(each) for each in elements]))
        case _:
            return just(Known(value))


def truth_of(choice: Choice) -> Tri:
    """A choice of truth values as a truth."""
    return choice.asks(lambda symbol: symbol.tri if isinstance(symbol, Truth) else UNKNOWN)


def by_cases(cases: Sequence[tuple[Tri, Choice]], otherwise: Choice | None) -> Choice:
    """The value of the first case that is true, unknown once one before it is unknown."""
    arms: list[tuple[Formula, Symbol]] = []
    rests: list[Formula] = []
    before: Formula = TRUE
    for condition, value in [*cases, *([(YES, otherwise)] if otherwise else [])]:
        here = all_of((before, condition.true))
        arms += [(all_of((here, guard)), symbol) for guard, symbol in value.arms]
        rests += [all_of((here, value.rest)), all_of((before, condition.unknown))]
        before = all_of((before, condition.false))
    return Choice(gathered(arms), some_of((*rests, before)))
