"""Errors at run time, and how they are worded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Literal, Protocol

from .light import dataclass
from .scalars import missing_mark


class Missing(Enum):
    """The value of a fact that was not given at all."""

    MISSING = "nothing"

    def __repr__(self) -> str:
        return self.value

    __str__ = __repr__


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in a JSON text without a meaning: a number that is too long, NaN, an object with a key twice."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused fact: its path (``parties[0].role``; "" is the whole), what it was, and what was expected."""

    path: str
    value: object
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"`{self.path}`: " if self.path else ""
        text = f"{place}expected {self.expected}, got {show(self.value)}" + (f"; {self.hint}" if self.hint else "")
        return text.encode("utf-8", "backslashreplace").decode()


def show(value: object) -> str:
    """A value as given, short enough for a message and without looking into it."""
    match value:
        case Missing():
            return "nothing"
        case Unreadable():
            return value.text if len(value.text) <= 40 else value.text[:37] + "..."
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | Fraction() if max(value.numerator.bit_length(), value.denominator.bit_length()) > 128:
            return "a very long number"
        case str():
            text = '"' + "".join(map(_shown, value)) + '"'
            return text if len(text) <= 60 else text[:56] + '..."'
        case Mapping():
            return "an object"
        case list() | tuple() | set() | frozenset():
            return "an array"
        case _:
            return missing_mark(value) or _shown_object(value)


def _shown_object(value: object) -> str:
    """The text of a scalar; of anything else only its class, as its text shows internals or takes many lines."""
    try:
        text = str(value)
    except Exception:  # a value of a class that is not ours, and it is refused anyway
        text = ""
    if not text or text.startswith(("<", "[")) or "\n" in text or is_dataclass(value):
        return f"an object of class {type(value).__name__}"
    return text[:60]


def key_text(key: object) -> str:
    """A key of an object as part of a path; from Python it may be something other than text."""
    return key if isinstance(key, str) else show(key)


def _shown(char: str) -> str:
    """``char`` as it is, or by its number if it does not show or could be taken for an ordinary space."""
    if char == "\n":
        return "\\n"
    return char if char.isprintable() else f"\\u{ord(char):04x}"


class FactsError(ValueError):
    """The facts cannot be read; ``problems`` says everything that is wrong with them, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Account(Protocol):
    """What could be said although there is no outcome: the `Answer`, as far as the errors need to know it."""

    @property
    def decision(self) -> str: ...
    @property
    def possible(self) -> tuple[str, ...]: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def error(self) -> Literal["gap", "contradiction"] | None: ...
    def to_json(self) -> dict[str, object]: ...
    def explain(self, defaults: bool = False) -> str: ...


class PolicyError(Exception):
    """The rules give no answer to these facts; ``answer`` is the `Answer` that says so, if a decision was asked for."""

    def __init__(self, message: str, answer: Account | None = None) -> None:
        self.answer = answer
        super().__init__(message)


class Undetermined(PolicyError):
    """A yes or no was asked for, and facts that would settle it are unknown (``answer.needs``)."""


class ContradictionError(PolicyError):
    """Rules, or cases of a definition, that hold together say different things, and nothing orders them."""


class GapError(PolicyError):
    """No rule or case says anything about these facts, and there is no `otherwise`."""
