"""The processes that are made of this one in a test.

This process may have others: `multiprocessing` keeps one of its own once a test has linted several projects at once,
and the test runner has some. So what is asked is not whether there are any, but what has become of these.
"""

from __future__ import annotations

import os

import pytest


def remembered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes made by `os.fork` from now on."""
    made: list[int] = []
    fork = os.fork

    def remember() -> int:
        process = fork()
        if process:
            made.append(process)
        return process

    monkeypatch.setattr(os, "fork", remember)
    return made


def none_is_left(processes: list[int]) -> bool:
    """There have been some, and each of them has ended and been waited for."""
    return bool(processes) and not any(map(_is_left, processes))


def _is_left(process: int) -> bool:
    try:
        os.waitpid(process, os.WNOHANG)
    except ChildProcessError:
        return False
    return True
