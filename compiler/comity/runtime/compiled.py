"""What compiled conditions use besides exact values and three-valued logic: tables, dated values, cases."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast, overload

from .errors import ContradictionError, GapError
from .kleene import Truth, equal
from .values import Maybe, Number, add

K = TypeVar("K")
V = TypeVar("V")

CodeKind: TypeAlias = Literal["eccn", "hs", None]
"""How a key column of a table is read: an ECCN or HS code takes the longest row that it is within."""

_ONE_ECCN: Sequence[CodeKind] = ("eccn",)

_MANY = 100_000
"""Maximum number of keys without a row of their own that a table caches."""


Function = TypeVar("Function", bound=Callable[..., Any])


def remembered(function: Function) -> Function:
    """A function of plain values that caches its last results. (An error is raised again.)"""
    return cast(Function, lru_cache(maxsize=16_384)(function))


def widenings(kind: CodeKind, key: str) -> Sequence[str]:
    """``key`` and the entries it is within, the longest first."""
    if kind == "eccn":
        parts = key.split(".")
        return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    if kind == "hs":
        return [key[:length] for length in range(len(key), 1, -1)]
    return (key,)


def wider_keys(codes: Sequence[CodeKind], key: object) -> Iterator[Any]:
    """The keys that the row for ``key`` may have, in the order in which they are tried."""
    if not any(codes):
        yield key
    elif len(codes) == 1:
        yield from widenings(codes[0], str(key))
    else:
        parts: tuple[Any, ...] = key if isinstance(key, tuple) else (key,)
        yield from product(*map(widenings, codes, parts))


class Table(dict[K, V], Generic[K, V]):
    """Rows by key, read with ``table[key]``; what has no row gives ``otherwise`` (None: unknown).

    A key that was found by search is cached, so that the next look-up is direct; ``rows`` are those written.
    """

    __slots__ = ("codes", "otherwise", "rows")

    def __init__(self, rows: Mapping[K, V], otherwise: V, codes: Sequence[CodeKind] = ()) -> None:
        super().__init__(rows)
        self.rows = dict(rows)
        self.otherwise = otherwise
        self.codes = tuple(codes)

    def __missing__(self, key: K) -> V:
        found = self._found(key)
        if len(self) < len(self.rows) + _MANY:
            self[key] = found
        return found

    def _found(self, key: K) -> V:
        rows = self.rows
        if self.codes == _ONE_ECCN and key.__class__ is str:  # the most frequent kind, written out
            code: Any = key
            while code not in rows:
                code = code.rpartition(".")[0]
                if not code:
                    return self.otherwise
            return rows[code]
        for wider in wider_keys(self.codes, key):
            if wider in rows:
                return rows[wider]
        return self.otherwise


Window: TypeAlias = tuple[date | None, date | None]
"""Inclusive days; None is open."""


class DatedTable(Generic[K, V]):
    """Rows that hold on some days only, read with ``table.on(day, key)``."""

    __slots__ = ("codes", "otherwise", "rows")

    def __init__(
        self, rows: Iterable[tuple[K, Window | None, V]], otherwise: V, codes: Sequence[CodeKind] = ()
    ) -> None:
        self.rows: dict[object, list[tuple[Window | None, V]]] = {}
        for key, window, value in rows:
            self.rows.setdefault(key, []).append((window, value))
        self.otherwise = otherwise
        self.codes = tuple(codes)

    def on(self, day: date, key: K) -> V:
        for wider in wider_keys(self.codes, key):
            for window, value in self.rows.get(wider, ()):
                if window is None or _within(day, window):
                    return value
        return self.otherwise


def _within(day: date, window: Window) -> bool:
    first, last = window
    return (first is None or first <= day) and (last is None or day <= last)


class Dated(dict[date, V], Generic[V]):
    """A value that changes on certain days, read with ``dated[day]``: ``before`` the first of them, then each from its
    day on. Days that were asked for are cached.
    """

    __slots__ = ("days", "periods")

    def __init__(self, before: V, *changes: tuple[date, V]) -> None:
        super().__init__()
        self.days = [day for day, _ in changes]
        self.periods = [before, *(value for _, value in changes)]

    def __missing__(self, day: date) -> V:
        value = self.periods[bisect_right(self.days, day)]
        if len(self) < _MANY:
            self[day] = value
        return value


class Perhaps(dict[V, Truth], Generic[V]):
    """A set of which some elements are uncertain: ``members[x]`` says whether x is in it."""

    __slots__ = ()

    def __init__(self, certain: Iterable[V], uncertain: Iterable[V]) -> None:
        super().__init__(dict.fromkeys(uncertain))
        self.update(dict.fromkeys(certain, True))

    def __missing__(self, key: V) -> Truth:
        if len(self) < _MANY:
            self[key] = False
        return False


def within_any(code: str, entries: Collection[str]) -> bool:
    """Whether an ECCN is one of the entries or a paragraph of one."""
    while code not in entries:
        end = code.rfind(".")
        if end < 0:
            return False
        code = code[:end]
    return True


@remembered
def coverings(entries: frozenset[str]) -> frozenset[str]:
    """The entries, and all codes of which one of them is a paragraph."""
    return frozenset([wider for entry in entries for wider in widenings("eccn", entry)])


def count_of(tests: Iterable[Truth]) -> int | None:
    """How many hold; unknown if any is."""
    number = 0
    for test in tests:
        if test is None:
            return None
        number += test
    return number


def total_of(summands: Iterable[tuple[Truth, Maybe[Number]]]) -> Number | None:
    """The sum of the values whose test holds; unknown if a test is, or such a value."""
    total: Number | None = 0
    for test, value in summands:
        if test is not False:
            total = None if test is None else add(total, value)
            if total is None:
                return None
    return total


def place_within(place: str, area: str, zones: Mapping[str, str]) -> bool:
    """Whether a known place is a known area, or a zone in it."""
    return place == area or zones.get(place) == area


# ------------------------------------------------------------------------------------------- cases

_NONE_HOLDS = object()


@overload
def only_case(name: str, *cases: tuple[bool, V], otherwise: V | object = ...) -> V: ...
@overload
def only_case(name: str, *cases: tuple[Truth, V], otherwise: V | object = ...) -> V | None: ...
def only_case(name: str, *cases: tuple[Truth, V], otherwise: object = _NONE_HOLDS) -> object:
    """The value of the case that holds; two that hold with different values contradict each other.

    Unknown once a case before the first true one is unknown. Raises GapError where none holds.
    """
    return _first(name, cases, otherwise, exclusive=True)


@overload
def first_case(name: str, *cases: tuple[bool, V], otherwise: V | object = ...) -> V: ...
@overload
def first_case(name: str, *cases: tuple[Truth, V], otherwise: V | object = ...) -> V | None: ...
def first_case(name: str, *cases: tuple[Truth, V], otherwise: object = _NONE_HOLDS) -> object:
    """The value of the first case that holds (`first match`)."""
    return _first(name, cases, otherwise, exclusive=False)


def _first(name: str, cases: Sequence[tuple[Truth, object]], otherwise: object, exclusive: bool) -> object:
    unknown = False
    for number, (holds, value) in enumerate(cases):
        if holds:
            if unknown:
                return None
            for later, other in cases[number + 1 :] if exclusive else ():
                _agree(name, later, value, other)
            return value
        unknown = unknown or holds is None
    if unknown:
        return None
    if otherwise is _NONE_HOLDS:
        raise GapError(f"no case of `{name}` holds")
    return otherwise


def _agree(name: str, holds: Truth, value: object, other: object) -> None:
    # As tuples, because `absent` is a value here like any other.
    if holds is True and equal((value,), (other,)) is False:
        raise ContradictionError(f"two cases of `{name}` hold with different values")


Lazy: TypeAlias = Callable[[], V]


@overload
def only_case_lazily(name: str, *cases: tuple[Lazy[bool], Lazy[V]], otherwise: Lazy[V] | None = ...) -> V: ...
@overload
def only_case_lazily(name: str, *cases: tuple[Lazy[Truth], Lazy[V]], otherwise: Lazy[V] | None = ...) -> V | None: ...
def only_case_lazily(name: str, *cases: tuple[Lazy[Truth], Lazy[V]], otherwise: Lazy[V] | None = None) -> V | None:
    """`only_case` where conditions or values may raise: each is asked only when its turn comes."""
    return _first_lazily(name, cases, otherwise, exclusive=True)


@overload
def first_case_lazily(name: str, *cases: tuple[Lazy[bool], Lazy[V]], otherwise: Lazy[V] | None = ...) -> V: ...
@overload
def first_case_lazily(name: str, *cases: tuple[Lazy[Truth], Lazy[V]], otherwise: Lazy[V] | None = ...) -> V | None: ...
def first_case_lazily(name: str, *cases: tuple[Lazy[Truth], Lazy[V]], otherwise: Lazy[V] | None = None) -> V | None:
    """`first_case` where conditions or values may raise."""
    return _first_lazily(name, cases, otherwise, exclusive=False)


def _first_lazily(
    name: str, cases: Sequence[tuple[Lazy[Truth], Lazy[V]]], otherwise: Lazy[V] | None, exclusive: bool
) -> V | None:
    unknown = False
    for number, (condition, value) in enumerate(cases):
        holds = condition()
        if holds:
            if unknown:
                return None
            result = value()
            for later, other in cases[number + 1 :] if exclusive else ():
                if later() is True:
                    _agree(name, True, result, other())
            return result
        unknown = unknown or holds is None
    if unknown:
        return None
    if otherwise is None:
        raise GapError(f"no case of `{name}` holds")
    return otherwise()
