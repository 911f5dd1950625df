"""Importing an emitted package straight from its files' texts."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

from comity.backends.python import emit
from comity.backends.python.memory import Finder, importable
from comity.core.ast import Program


@lru_cache(maxsize=200)
def _compiled(path: str, text: str) -> CodeType:
    return compile(text, path, "exec", dont_inherit=True)


class Memory(Finder):
    """A finder that compiles equal files of several packages once."""

    def code(self, name: str, path: str) -> CodeType:
        return _compiled(path, self.files[path])


@contextmanager
def imported(program: Program, package: str = "emitted") -> Iterator[Any]:
    """The package of ``program``, imported; it is gone afterwards."""
    with importable(Memory(package, emit(program, package))):
        yield importlib.import_module(package)
