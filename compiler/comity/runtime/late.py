"""Answers of built packages: the outcome at once, the account of it (rules, needs) when it is read."""

# pyright: reportIncompatibleVariableOverride=false
# (what `Answer` keeps in fields is worked out here when it is read)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from .answer import Answer, RuleStatus, older_sources
from .inputs import Findings

__all__ = ["OPEN", "LateAnswer", "SettledAnswer", "Verdict", "late_answer", "new_answer", "verdict_of"]


class Verdict(NamedTuple):
    """What rules say, without an account of it; one for all inputs for which they say the same."""

    outcome: str | None
    possible: tuple[str, ...]
    error: Literal["gap", "contradiction"] | None = None


OPEN = Verdict(None, ())
"""The verdict where the outcome is known to be open, and nobody has asked yet what is possible."""


@cache
def verdict_of(outcome: str) -> Verdict:
    return Verdict(outcome, (outcome,))


class Asked(Protocol):
    """A decision (`package.Decision`), as far as its answers need to know it."""

    name: str
    version: str
    sources: tuple[tuple[str, int], ...]

    def given(self, facts: Any, outcome: str) -> Given: ...
    def possible(self, given: Given) -> tuple[str, ...]: ...
    def account(self, given: Given) -> Account: ...
    def relied(self, given: Given) -> tuple[str, ...]: ...


Given: TypeAlias = "tuple[Asked, Verdict, Any, date | None, Findings, tuple[str, ...]]"
"""What an answer follows from: the decision, its verdict, the record, the day, findings, fields whose default was used.

A plain tuple, because one is made for every answer.
"""


class Account(NamedTuple):
    """Why an answer is what it is."""

    rules: tuple[RuleStatus, ...]
    grounds: tuple[str, ...]
    needs: tuple[str, ...]


class LateAnswer(Answer):
    """An `Answer` whose ``rules``, ``grounds``, ``needs`` and ``relied_on_unknown`` are worked out when first read; and
    ``possible``, where the outcome was found to be open before that was known.

    It equals the answer that has them already, and becomes one when copied, pickled or passed to another process.
    """

    __slots__ = ("_account", "_given", "_possible", "_relied")
    _account: Account
    _given: Given
    _possible: tuple[str, ...]
    _relied: tuple[str, ...]

    def __new__(cls, *values: Any, **named: Any) -> Any:
        """What `dataclasses.replace` makes: an answer with everything worked out."""
        return Answer(*values, **named)

    @property
    def decision(self) -> str:
        return self._given[0].name

    @property
    def outcome(self) -> str | None:
        return self._given[1].outcome

    @property
    def determined(self) -> bool:
        return self._given[1].outcome is not None

    @property
    def possible(self) -> tuple[str, ...]:
        verdict = self._given[1]
        if verdict is not OPEN:
            return verdict.possible
        try:
            return self._possible
        except AttributeError:
            possible = self._given[0].possible(self._given)
            object.__setattr__(self, "_possible", possible)
            return possible

    @property
    def error(self) -> Literal["gap", "contradiction"] | None:
        return self._given[1].error

    @property
    def as_of(self) -> date | None:
        return self._given[3]

    @property
    def defaults(self) -> tuple[str, ...]:
        return self._given[5]

    @property
    def version(self) -> str:
        return self._given[0].version

    @property
    def reason(self) -> str:
        return ""

    @property
    def after_sources(self) -> tuple[str, ...]:
        return older_sources(self._given[0].sources, self._given[3])

    @property
    def rules(self) -> tuple[RuleStatus, ...]:
        return self._why().rules

    @property
    def grounds(self) -> tuple[str, ...]:
        return self._why().grounds

    @property
    def needs(self) -> tuple[str, ...]:
        verdict = self._given[1]
        return () if verdict.outcome is not None or verdict.error else self._why().needs

    @property
    def relied_on_unknown(self) -> tuple[str, ...]:
        try:
            return self._relied
        except AttributeError:
            relied = self._given[0].relied(self._given)
            object.__setattr__(self, "_relied", relied)
            return relied

    def or_raise(self) -> Answer:
        return self if self._given[1].error is None else super().or_raise()

    def require(self) -> str:
        return self._given[1].outcome or super().require()

    def _why(self) -> Account:
        try:
            return self._account
        except AttributeError:
            account = self._given[0].account(self._given)
            object.__setattr__(self, "_account", account)
            return account

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return repr(Answer(*self._values()))  # type: ignore[arg-type]

    def __reduce__(self) -> tuple[type[Answer], tuple[object, ...]]:
        return Answer, self._values()


class SettledAnswer(LateAnswer):
    """A `LateAnswer` that was settled by the short way: the facts are read again when more than the outcome is asked.

    Packages make it in place, `new_answer(SettledAnswer)`, and fill the slots: ``_asked``, the decision; ``_says``, the
    outcome; ``_facts``, the record, or a dict that nobody else holds.
    """

    __slots__ = ("_asked", "_facts", "_read", "_says")
    __setattr__ = object.__setattr__  # Python stores quickly where both are its own; fields refuse by themselves, below
    __delattr__ = object.__delattr__
    _asked: Asked
    _facts: Any
    _read: Given
    _says: str

    @property
    def _given(self) -> Given:  # type: ignore[override]
        try:
            return self._read
        except AttributeError:
            self._read = read = self._asked.given(self._facts, self._says)
            return read

    @property
    def decision(self) -> str:
        return self._asked.name

    @property
    def outcome(self) -> str:
        return self._says

    @property
    def determined(self) -> bool:
        return True

    @property
    def possible(self) -> tuple[str, ...]:
        return (self._says,)

    @property
    def error(self) -> None:
        return None

    def or_raise(self) -> Answer:
        return self

    def require(self) -> str:
        return self._says


def _refuse(answer: SettledAnswer, value: object) -> None:
    raise FrozenInstanceError("cannot assign to a field of an answer")


for _field in Answer.__match_args__:
    setattr(SettledAnswer, _field, getattr(SettledAnswer, _field).setter(_refuse))

new_answer: Callable[[type[SettledAnswer]], SettledAnswer] = object.__new__
_give: Callable[[LateAnswer, Given], None] = vars(LateAnswer)["_given"].__set__


def late_answer(given: Given) -> LateAnswer:
    answer: LateAnswer = object.__new__(LateAnswer)
    _give(answer, given)
    return answer
