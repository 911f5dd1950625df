"""Copies of the process at work: what one of them does not answer is missing, never wrong, and no copy stays behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

from comity.base import workers
from comity.base.interruption import Interrupted, interruptible
from comity.base.workers import HARMLESS, MOST, aside, may_share, shared

from ..copies import none_is_left, remembered

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no copies here")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of the test runner do not matter."""
    monkeypatch.setattr(workers, "may_share", lambda: True)


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    return remembered(monkeypatch)


@pytest.mark.parametrize("jobs", [2, 3, 40])
def test_all_is_answered_by_copies(jobs: int, copies: list[int]) -> None:
    found: dict[int, tuple[int, int]] = {}
    assert shared(range(30), lambda number: (number * number, os.getpid()), found.__setitem__, jobs) == set(range(30))
    assert {number: square for number, (square, _) in found.items()} == {n: n * n for n in range(30)}
    assert os.getpid() not in {process for _, process in found.values()}
    assert none_is_left(copies)


def test_large_answers() -> None:
    found: dict[int, bytes] = {}
    shared(range(6), lambda number: bytes([number]) * 3_000_000, found.__setitem__, 2)
    assert found == {number: bytes([number]) * 3_000_000 for number in range(6)}


@pytest.mark.parametrize(("count", "jobs"), [(0, 4), (1, 4), (5, 1), (MOST + 1, 2)])
def test_what_is_not_worth_it(count: int, jobs: int) -> None:
    assert shared(range(count), lambda number: number, lambda number, answer: None, jobs) == set()


def test_errors_are_left_to_be_met_here() -> None:
    found: dict[int, float] = {}
    answered = shared(range(5), lambda number: 1 / (number - 3), found.__setitem__, 2)
    assert answered == found.keys() == {0, 1, 2, 4}


def test_what_cannot_be_sent_is_missing() -> None:
    assert shared(range(3), lambda number: (lambda: 0) if number == 1 else 0, lambda number, answer: None, 2) == {0, 2}


def test_a_dying_copy_takes_only_its_own_with_it(copies: list[int]) -> None:
    def work(number: int) -> int:
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    found: dict[int, int] = {}
    answered = shared(range(20), work, found.__setitem__, 3)
    assert 2 not in answered
    assert found == {number: number for number in answered} and len(answered) >= 17
    assert none_is_left(copies)


def test_all_copies_die() -> None:
    assert (
        shared(range(4), lambda number: os.kill(os.getpid(), signal.SIGKILL), lambda number, answer: None, 2) == set()
    )


def test_a_copy_that_leaves_by_itself() -> None:
    """`sys.exit` is no answer, and nothing of what the process does at its end happens twice."""
    assert shared(range(4), lambda number: sys.exit(0), lambda number, answer: None, 2) == set()


def test_no_process_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError("no room for another process")

    monkeypatch.setattr(os, "fork", refuse)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
    assert shared(range(4), lambda number: number, lambda number, answer: None, 2) == set()
    assert before == (len(os.listdir("/proc/self/fd")) if before else 0)  # noqa: PTH208


def test_interrupting_ends_the_copies(copies: list[int]) -> None:
    begun = time.monotonic()
    with pytest.raises(Interrupted), interruptible(lambda: True):
        shared(range(4), lambda number: time.sleep(60), lambda number, answer: None, 2)
    assert time.monotonic() - begun < 30
    assert none_is_left(copies)


def test_an_error_here_ends_the_copies(copies: list[int]) -> None:
    def received(number: int, answer: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared(range(4), lambda number: number or time.sleep(60), received, 2)  # type: ignore[func-returns-value]
    assert none_is_left(copies)


def test_work_goes_on_beside(copies: list[int]) -> None:
    with aside(lambda: (os.getpid(), bytes(3_000_000)), 2) as result:
        process, data = result()
    assert process != os.getpid() and data == bytes(3_000_000)
    assert none_is_left(copies)


def test_work_that_nothing_comes_of_is_done_here(copies: list[int]) -> None:
    here = os.getpid()
    with aside(lambda: os.getpid() if os.getpid() == here else os._exit(3), 2) as result:
        assert result() == here
    with aside(lambda: 1 // int("0"), 2) as result, pytest.raises(ZeroDivisionError):
        result()
    with aside(os.getpid, 1) as result:
        assert result() == here
    assert len(copies) == 1 + 1 and none_is_left(copies)


def test_what_is_not_waited_for_is_ended(copies: list[int]) -> None:
    begun = time.monotonic()
    with pytest.raises(KeyError), aside(lambda: time.sleep(60), 2):
        raise KeyError
    assert time.monotonic() - begun < 30
    assert none_is_left(copies)


def test_beside_other_threads_there_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    harmless = threading.Thread(target=done.wait, name=HARMLESS)
    other = threading.Thread(target=done.wait)
    monkeypatch.setattr(threading, "enumerate", lambda: [threading.current_thread(), harmless])
    assert may_share()
    monkeypatch.setattr(threading, "enumerate", lambda: [threading.current_thread(), harmless, other])
    assert not may_share()
