"""Interrupting long work: whoever starts it says when it is not wanted any more, and long passes ask now and then.

    with interruptible(lambda: newer_text_has_come()):
        lint(...)       # raises Interrupted soon after the function returns True

The passes call `check_interrupted`, which does nothing where nobody has said anything. What they were changing may be
left half done, so callers drop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Interrupted(BaseException):
    """The work is not wanted any more. Not an `Exception`: nothing that survives failures may survive this."""


_unwanted: ContextVar[Callable[[], bool] | None] = ContextVar("unwanted", default=None)


@contextmanager
def interruptible(unwanted: Callable[[], bool]) -> Iterator[None]:
    """Work done meanwhile in this thread ends with Interrupted when ``unwanted`` returns True."""
    before = _unwanted.set(unwanted)
    try:
        yield
    finally:
        _unwanted.reset(before)


@contextmanager
def uninterruptible() -> Iterator[None]:
    """Work done meanwhile in this thread does not end before it is over."""
    with interruptible(lambda: False):
        yield


def check_interrupted() -> None:
    """Raise Interrupted if the work being done in this thread is not wanted any more."""
    unwanted = _unwanted.get()
    if unwanted is not None and unwanted():
        raise Interrupted
