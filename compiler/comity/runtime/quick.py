"""What the generated readers of facts (`_readers.py` of a package) are made of.

A generated reader reads a dict as most inputs are: each value is looked up in the `Memo` of its type, which checks and
converts it the first time. Where anything is unusual (a missing or misspelt fact, a value of another type, a mapping
that is not a dict) the reader raises, and the `Decoder` reads the input instead: what is accepted and how it is refused
is said there alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NoReturn

from .errors import FactsError
from .facts import Decoder
from .types import Type

_MOST_KEPT = 20_000
"""The most texts of one type whose value is remembered."""


_MOST_SETS = 5_000
"""The most lists of such texts of which that is remembered."""


class Unusual(Exception):
    """An input that is left to the `Decoder`."""


UNUSUAL = (Unusual, KeyError, TypeError, AttributeError)
"""What a generated reader may raise."""


class Memo(dict[str, Any]):
    """Values of one type by the text that they are written as: ``memo["5000 USD"]`` is 5000."""

    __slots__ = ("_decoder",)

    def __init__(self, type: Type) -> None:
        super().__init__()
        self._decoder = Decoder(type)

    def __missing__(self, written: Any) -> Any:
        try:
            value = self._decoder(written).value
        except FactsError:
            raise Unusual from None
        if type(written) is str and len(self) < _MOST_KEPT:  # True and 1 would be one key
            self[written] = value
        return value


class Sets(dict[tuple[str, ...], frozenset[Any]]):
    """Sets of values of one type by the texts that these are written as, in their order."""

    __slots__ = ("_memo",)

    def __init__(self, memo: Memo) -> None:
        super().__init__()
        self._memo = memo

    def __missing__(self, written: tuple[Any, ...]) -> frozenset[Any]:
        value = frozenset([self._memo[each] for each in written])
        if len(self) < _MOST_SETS and all(type(each) is str for each in written):
            self[written] = value
        return value


EMPTY: frozenset[Any] = frozenset()


class Rows(dict[str, Any]):
    """What conditions say of the values of a fact, by the text that these are written as."""

    __slots__ = ("_memo", "_row")

    def __init__(self, memo: Memo, row: Callable[[Any], Any]) -> None:
        """``row``: what they say of a value."""
        super().__init__()
        self._memo = memo
        self._row = row

    def __missing__(self, written: Any) -> Any:
        row = self._row(self._memo[written])
        if type(written) is str and len(self) < _MOST_KEPT:
            self[written] = row
        return row


def rows_by(row: Callable[..., Any], *members: Collection[str]) -> dict[str, Any]:
    """What conditions say of facts with few values: by the first fact, then by the next, and so on.

    ``row``: what they say of values, one of each fact. Rows, and tables below a table, that are equal are one object.
    """
    kept: dict[object, Any] = {}

    def below(values: tuple[str, ...]) -> Any:
        if len(values) == len(members):
            found = row(*values)
            return kept.setdefault((found,), found)
        table = {each: below((*values, each)) for each in members[len(values)]}
        return kept.setdefault((len(values), *map(id, table.values())), table)

    rows: dict[str, Any] = below(())
    return rows


def unusual() -> NoReturn:
    raise Unusual


__all__ = ["EMPTY", "UNUSUAL", "Memo", "Rows", "Sets", "Unusual", "rows_by", "unusual"]
