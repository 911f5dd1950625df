"""Programs as rows of plain values, and back: how packages and the cache keep them.

A row is the kind of a thing and the numbers of the rows that it is made of, which come before it. What occurs in many
clauses has one row:

    ('=', 'destination'), ('=', 'this'), ('types.RecordType', …), ('terms.Local', 1, 2), ('terms.Field', 3, 0, …), …

Things of the trees are made from their positional fields (`core.ast` says why those are enough), and from those
keyword-only fields that have no default. Rows are data: whoever reads them makes trees and values, and runs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar, Protocol, TypeAlias

from comity import parts, terms
from comity.core import ast as core
from comity.runtime import types
from comity.runtime.kleene import KleeneSet
from comity.runtime.values import ABSENT

_MODULES = {"core": core, "parts": parts, "terms": terms, "types": types}

Row: TypeAlias = tuple[object, ...]
"""Kind and parts."""

Maker: TypeAlias = Callable[..., Any]


class Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


class Rows:
    """The rows of one program in the making."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, tuple[tuple[type, object], ...]], int] = {}
        self._known: dict[int, tuple[object, int]] = {}
        """The rows of things met so far, by identity: types and terms occur in many places."""

    def all(self) -> Iterator[Row]:
        """The rows in their order."""
        for kind, typed in self._numbers:
            yield (kind, *(part for _, part in typed))

    def row(self, kind: str, *parts: object) -> int:
        # A row is told by the types of its parts too: True and 1 are the same to Python.
        key = (kind, tuple((type(part), part) for part in parts))
        return self._numbers.setdefault(key, len(self._numbers))

    def value(self, value: object) -> int:
        """The number of the row of any part of a program: a term, a type, a run-time value."""
        match value:
            case None | bool() | int() | str():
                return self.row("=", value)
            case _:
                known = self._known.get(id(value))
                if known is None:
                    known = self._known[id(value)] = value, self.composed(value)
                return known[1]

    def composed(self, value: object) -> int:
        """The number of the row of what is made of parts."""
        match value:
            case _ if type(value) in _kinds():
                return self.row(_kinds()[type(value)], *self.parts(value))  # type: ignore[arg-type]
            case date():
                return self.row("day", value.toordinal())
            case Fraction():
                return self.row("fraction", value.numerator, value.denominator)
            case tuple():
                return self.row("tuple", *map(self.value, value))
            case frozenset():
                return self.row("set", *map(self.value, in_order(value)))
            case KleeneSet(members=members):
                return self.row("members", *map(self.value, members))
            case Mapping():
                return self.mapping((str(key), self.value(each)) for key, each in value.items())
            case _ if value is ABSENT:
                return self.row("absent")
            case _:
                raise TypeError(f"a clause has {value!r}")

    def mapping(self, items: Iterable[tuple[str, int]]) -> int:
        return self.row("dict", *(number for key, value in items for number in (self.value(key), value)))

    def parts(self, value: Dataclass) -> Iterator[int]:
        """The fields by which a thing is made: positional ones, without defaults at the end, and others that must be
        given.
        """
        positional, needed = _fields_of(type(value))
        kept = list(positional)
        while kept and not needed and getattr(value, kept[-1].name) == _default(kept[-1]):
            kept.pop()
        for field in (*kept, *needed):
            yield self.part(value, field.name)

    def part(self, value: Dataclass, field: str) -> int:
        return self.value(getattr(value, field))


def in_order(values: Iterable[object]) -> list[object]:
    """The elements of a set in an order that is the same in every process."""
    return sorted(values, key=lambda value: (type(value).__name__, value))


@cache
def _fields_of(kind: type[Dataclass]) -> tuple[tuple[Field[Any], ...], tuple[Field[Any], ...]]:
    """The positional fields of a class, and the keyword-only fields that have no default."""
    every = fields(kind)
    return (
        tuple(field for field in every if not field.kw_only),
        tuple(field for field in every if field.kw_only and _default(field) is MISSING),
    )


@cache
def _kinds() -> Mapping[type, str]:
    """The classes of the trees, each with the kind of its rows."""
    return {
        kind: f"{name}.{kind.__name__}"
        for name, module in _MODULES.items()
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
    }


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def read(rows: Iterable[Sequence[Any]], plain: Mapping[str, Maker] = {}, made_of: Mapping[str, Maker] = {}) -> Any:
    """What the last row describes. ``plain``, ``made_of``: what makes rows of further kinds, from the row's own parts,
    and from the things in the rows that it names.
    """
    made: list[Any] = []
    add = made.append
    from_row, from_things = {**_PLAIN, **plain}, {**_MADE, **made_of}
    for kind, *rest in rows:
        if kind == "=":
            add(rest[0])
        elif kind in from_row:
            add(from_row[kind](*rest))
        else:
            make = from_things.get(kind)
            if make is None:
                make = from_things[kind] = _maker(kind)
            add(make(*[made[part] for part in rest]))
    return made[-1]


def _maker(kind: str) -> Maker:
    module, _, name = kind.partition(".")
    found: Any = getattr(_MODULES[module], name)
    kept, needed = _fields_of(found)
    if not needed:
        return found  # type: ignore[no-any-return]

    def make(*parts: object) -> Any:
        given = {field.name: part for field, part in zip(needed, parts[len(kept) :], strict=True)}
        return found(*parts[: len(kept)], **given)

    return make


_PLAIN: Mapping[str, Maker] = {
    "fraction": Fraction,
    "day": date.fromordinal,
    "absent": lambda: ABSENT,
}
"""What is made of the rest of a row as it is."""

_MADE: Mapping[str, Maker] = {
    "tuple": lambda *items: items,
    "set": lambda *items: frozenset(items),
    "members": lambda *items: KleeneSet(items),
    "dict": lambda *items: dict(zip(items[::2], items[1::2], strict=True)),
}
"""What is made of the things in the rows that a row names; else the kind names a class of `_MODULES`."""


def dumps(program: core.Program) -> bytes:
    """A program as JSON: all that answers follow from."""
    rows = Rows()
    rows.value(program)
    return json.dumps(list(rows.all()), ensure_ascii=False, separators=(",", ":")).encode()


def loads(data: bytes) -> core.Program:
    """The program that `dumps` wrote; raises ValueError, TypeError, KeyError, IndexError or AttributeError for what is
    none.
    """
    program = read(json.loads(data))
    if not isinstance(program, core.Program):
        raise TypeError("not a program")
    return program


__all__ = ["Dataclass", "Row", "Rows", "dumps", "in_order", "loads", "read"]
