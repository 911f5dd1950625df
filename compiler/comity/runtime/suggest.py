"""What somebody may have meant by a name that is not known. This is the only place that decides it.

A name is offered if it is the alpha-2 code of the country that was written (`RUS`, `Russia`), if it differs in case
only, or else if it is the most alike of those of nearly the same length: `TO` is not a misspelling of `NATO`, however
much of it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from .countries import code_of, is_code

ALIKE = 0.65
"""The least ratio of `difflib`: one letter of three may be another, or three of nine."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was most likely meant by ``name``; None where there is no likely one."""
    from difflib import get_close_matches  # only when something went wrong

    names = list(known)
    country = code_of(name)
    if country in names:
        return country
    folded = {each.casefold(): each for each in names}
    if name.casefold() in folded:
        return folded[name.casefold()]
    candidates = [
        each
        for each in names
        if abs(len(each) - len(name)) <= max(1, len(name) // 3) and not (country and is_code(each))
    ]
    return next(iter(get_close_matches(name, candidates, 1, ALIKE)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name as a question."""
    close = nearest(name, known)
    return f"did you mean `{close}`?" if close else None
