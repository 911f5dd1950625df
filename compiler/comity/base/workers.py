"""Work shared with copies of this process, each of which has all that this one has.

    found = {}
    answered = shared(range(len(texts)), lambda number: parsed(texts[number]), found.__setitem__, jobs=4)
    found |= {number: parsed(texts[number]) for number in range(len(texts)) if number not in answered}

One piece of work goes on beside this process, which does something else meanwhile:

    with aside(lambda: misnamed(program), jobs=4) as found:
        proved = prove(program)
        names = found()    # what a copy has found; if none has, it is found now

A copy is made by `fork`, so that nothing has to be handed to it; what it finds comes back as a pickle. The numbers of
the tasks lie in a pipe from which each copy takes the next. Nothing is lost with a copy: what none of them has
answered, because one has died, ran out of memory or met an error, is missing in what `shared` returns, and is to be
done here, where an error is seen.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

from comity.base.interruption import check_interrupted, interruptible
from comity.base.watching import unwatched

T = TypeVar("T")

_NUMBER = 4
"""Bytes of a task's number."""

MOST = 1000
"""Tasks at most: their numbers fit into the smallest pipe that a system may give."""

HARMLESS = "harmless"
"""The name of threads that hold no lock which a copy may need: they only write to the terminal, as no copy does."""


def may_share() -> bool:
    """Copies can be made. Not on macOS, whose libraries may not survive it, and not beside other threads, which would
    be missing in a copy with their locks held.
    """
    others = (thread for thread in threading.enumerate() if thread is not threading.current_thread())
    return hasattr(os, "fork") and sys.platform != "darwin" and all(thread.name == HARMLESS for thread in others)


def shared(
    numbers: Sequence[int],
    work: Callable[[int], T],
    received: Callable[[int, T], None],
    jobs: int,
    alone: Collection[int] = (),
) -> set[int]:
    """Let ``jobs`` copies of this process do ``work`` for numbers, in their order; those they have done.

    ``work`` changes nothing but its own process, and returns what can be pickled; ``received`` gets it here, in no
    certain order, while the copies go on. Raises Interrupted as `check_interrupted`; then, and on any other error, the
    copies are ended. A copy that has done one of those that are to be ``alone``, as its first, does no more.
    """
    answered: set[int] = set()
    if jobs < 2 or not may_share() or not 1 < len(numbers) <= MOST:
        return answered
    copies: list[_Copy] = []
    try:
        copies += _copies(min(jobs, len(numbers)), numbers, work, alone)
        for number, answer in _answers(copies):
            answered.add(number)
            received(number, answer)
    finally:
        for copy in copies:
            copy.end()
    return answered


@contextmanager
def aside(work: Callable[[], T], jobs: int) -> Iterator[Callable[[], T]]:
    """Let a copy of this process do ``work`` meanwhile, if there may be several; what gives the result of it, once.

    ``work`` is as in `shared`. The result is waited for, and raises Interrupted as `check_interrupted`.
    """
    copies = list(_copies(1, (0,), lambda _: work(), ())) if jobs > 1 and may_share() else []

    def result() -> T:
        for _, answer in _answers(copies):
            return cast(T, answer)
        return work()

    try:
        yield result
    finally:
        for copy in copies:
            copy.end()


def _copies(jobs: int, numbers: Sequence[int], work: Callable[[int], Any], alone: Collection[int]) -> Iterator[_Copy]:
    """As many as the system lets there be."""
    tasks, fill = os.pipe()
    try:
        with os.fdopen(fill, "wb") as file:
            file.write(b"".join(number.to_bytes(_NUMBER, "big") for number in numbers))
        with suppress(OSError):
            for _ in range(jobs):
                yield _Copy(tasks, work, alone)
    finally:
        os.close(tasks)


class _Copy:
    """A copy of this process at work. Raises OSError if there is no room for one."""

    def __init__(self, tasks: int, work: Callable[[int], Any], alone: Collection[int]) -> None:
        self.answers, out = os.pipe()
        parent = os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads that are not Python's
            try:
                self.process = os.fork()
            except OSError:
                os.close(self.answers)
                os.close(out)
                raise
        if self.process:
            os.close(out)
            self.data = bytearray()
            return
        code = 1
        try:
            os.close(self.answers)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            gc.disable()
            with interruptible(lambda: os.getppid() != parent), unwatched():
                _work(tasks, out, work, alone)
            code = 0
        finally:
            os._exit(code)  # nothing of what the process would do at its end: it is not its own

    def end(self) -> None:
        if self.answers >= 0:
            os.close(self.answers)
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        self.answers = -1


def _work(tasks: int, out: int, work: Callable[[int], Any], alone: Collection[int]) -> None:
    """In a copy: answer tasks as long as there are any. What fails is left to be done where it can be reported."""
    with os.fdopen(out, "wb") as file:
        while data := os.read(tasks, _NUMBER):
            number = int.from_bytes(data, "big")
            with suppress(Exception):
                answer = pickle.dumps((number, work(number)), 5)
                file.write(len(answer).to_bytes(8, "big") + answer)
                file.flush()
            if number in alone:
                break


def _answers(copies: Iterable[_Copy]) -> Iterator[tuple[int, Any]]:
    """What copies have answered, until all have ended."""
    from selectors import EVENT_READ, DefaultSelector

    with DefaultSelector() as selector:
        for copy in copies:
            selector.register(copy.answers, EVENT_READ, copy)
        while selector.get_map():
            ready = selector.select(0.1)
            check_interrupted()
            for key, _ in ready:
                copy = key.data
                data = os.read(copy.answers, 1 << 20)
                copy.data += data
                if not data:
                    selector.unregister(copy.answers)
                    copy.end()
                while len(copy.data) >= 8 and len(copy.data) >= (end := 8 + int.from_bytes(copy.data[:8], "big")):
                    answer = bytes(copy.data[8:end])
                    del copy.data[:end]
                    yield pickle.loads(answer)
