"""What somebody may have meant by a name that is not known. This is the only place that decides it.

A name is offered if it is the alpha-2 code of the country that was written (`RUS`, `Russia`), if it differs in case
only, or else if it is the most alike of those of nearly the same length: `TO` is not a misspelling of `NATO`, however
much of it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .countries import code_of, is_code

ALIKE = 0.65
"""The least ratio of `difflib`: one letter of three may be another, or three of nine."""


SURE = 5
"""The least number of letters of a word in which one wrong letter is certainly a slip."""


class Suggestion(str):
    """A known name that may have been meant by ``written``.

    ``sure``: nothing else can have been meant. It is the code of the country that was written, or the only known name
    that differs in nothing but case, `_` and `-`, or in one letter of a longer word. `chart_3` for `chart_2`, or `RO`
    for `RU`, is not a slip.
    """

    __slots__ = ("sure", "written")

    written: str
    sure: bool

    @classmethod
    def of(cls, text: str, written: str, sure: bool) -> Suggestion:
        made = cls(text)
        made.written, made.sure = written, sure
        return made


def nearest(name: str, known: Iterable[str]) -> Suggestion | None:
    """The known name that was most likely meant by ``name``; None where there is no likely one."""
    from difflib import get_close_matches  # only when something went wrong

    names = list(known)
    country = code_of(name)
    if country in names:
        return Suggestion.of(country, name, sure=True)
    folded = {each.casefold(): each for each in names}
    if name.casefold() in folded:
        return Suggestion.of(folded[name.casefold()], name, sure=_is_sure(name, folded[name.casefold()], names))
    candidates = [
        each
        for each in names
        if abs(len(each) - len(name)) <= max(1, len(name) // 3) and not (country and is_code(each))
    ]
    close = next(iter(get_close_matches(name, candidates, 1, ALIKE)), None)
    return None if close is None else Suggestion.of(close, name, sure=_is_sure(name, close, candidates))


def _is_sure(name: str, close: str, known: Iterable[str]) -> bool:
    """Whether ``close`` is the only known name that is the same but for a slip."""
    return is_slip(name, close) and not any(is_slip(name, each) for each in known if each != close)


def is_slip(name: str, meant: str) -> bool:
    """Whether one name is another with a slip: other case or joints, or one wrong letter in one longer word."""
    if _letters(name) == _letters(meant):
        return True
    one, two = (re.split(r"[_.-]", each) for each in (name, meant))
    others = [pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]]
    return len(one) == len(two) and len(others) == 1 and _one_letter_apart(*others[0])


def _letters(name: str) -> str:
    return re.sub(r"[_-]", "", name).casefold()


def _one_letter_apart(one: str, two: str) -> bool:
    """Whether two words become equal by one letter more, less, or other, or by two neighbours swapped."""
    if min(len(one), len(two)) < SURE or not (one + two).isalpha():
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    a, b = one[start:], two[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name as a question."""
    close = nearest(name, known)
    return f"did you mean `{close}`?" if close else None
