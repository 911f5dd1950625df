"""What the builders of the tree hand on: the children of a reduction, picked by kind, and clauses sorted by kind.

The method of a rule gets tokens and what the methods of the rules within returned. Those that do not always stand in
the same place are picked by kind (`after`, `every`, `only`); a clause is a `Part`, and a declaration sorts its parts:

    decision licensing for Export:            parts = Parts([…])
        outcomes approved < denied            parts.first("outcomes")    given twice, it is the problem E001
        cite "15 CFR 736"                     parts.all("cite")          every one, in order
        cite "15 CFR 742"                     parts.joined("window")     here ()
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias, TypeVar

from comity.base.source import Span

Child: TypeAlias = Any
"""A token, a node or a `Part`."""
Children: TypeAlias = Sequence[Child]

T = TypeVar("T")


class Part(NamedTuple):
    """A clause of a declaration: what kind it is and what it says."""

    kind: str
    value: Any
    span: Span


class Problem(NamedTuple):
    """Something the grammar accepts and the language does not."""

    code: str
    message: str
    span: Span
    help: str | None = None
    related: tuple[str, Span] | None = None


@dataclass(slots=True)
class Parts:
    """The clauses of one declaration. Reports one that is given twice where it may stand once."""

    parts: list[Part]
    problems: list[Problem]

    def all(self, kind: str) -> tuple[Any, ...]:
        return tuple(part.value for part in self.parts if part.kind == kind)

    def first(self, kind: str) -> Any:
        """The value of the only part of a kind, or None."""
        found = [part for part in self.parts if part.kind == kind]
        for more in found[1:]:
            message = f"`{kind}` is given twice, and may stand once"
            self.problems.append(Problem("E001", message, more.span, None, ("first given here", found[0].span)))
        return found[0].value if found else None

    def joined(self, kind: str) -> tuple[Any, ...]:
        """The values of all parts of a kind whose values are tuples, one after the other."""
        return tuple(item for values in self.all(kind) for item in values)

    def has(self, kind: str) -> bool:
        return self.first(kind) is not None


def is_token(child: object, kind: str) -> bool:
    return getattr(child, "type", None) == kind


def has(children: Children, kind: str) -> bool:
    """A token of a kind is among the children."""
    return any(is_token(child, kind) for child in children)


def after(children: Children, kind: str) -> Child:
    """What follows the first token of a kind; None if there is no such token."""
    return next((following for child, following in pairwise(children) if is_token(child, kind)), None)


def every(children: Children, kind: type[T]) -> tuple[T, ...]:
    """The children of a kind."""
    return tuple(child for child in children if isinstance(child, kind))


def only(children: Children, kind: type[T]) -> T | None:
    """The child of a kind, which stands once or not at all."""
    return next((child for child in children if isinstance(child, kind)), None)


def listed(children: Children) -> tuple[Child, ...]:
    """What stands between the commas of a list."""
    return tuple(child for child in children if not is_token(child, "COMMA"))


def words(children: Iterable[object]) -> list[str]:
    """The keywords and signs among the children, as written."""
    return [str(child) for child in children if isinstance(child, str)]
