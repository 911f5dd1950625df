"""What several tests build alike: made once, and used by all of them.

Programs are frozen, so tests of one process share them (`ear`). Folders are shared by all processes of a run (`once`),
and are not to be written to. Both are what this checkout makes; nothing is kept for the next run.

The compiler is imported where it is used: `conftest.py` imports this before coverage is measured.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import comity

ROOT = Path(__file__).parents[1]
EAR = ROOT / "policies" / "ear"
CACHE = "COMITY_CACHE_DIR"


def folder_of_run(factory: pytest.TempPathFactory) -> Path:
    """The folder of temporary files that all processes of this run have."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@cache
def ear() -> comity.Program:
    """The Export Administration Regulations as shipped."""
    import comity

    return comity.load(EAR)


def ear_package(name: str = "compiled_ear") -> Path:
    """A folder with the Regulations compiled to the package ``name``."""
    from comity.backends.python import emit

    def make(folder: Path) -> None:
        for path, text in emit(ear().core, name).items():
            file = folder / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    return once(name, make)


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder ``name`` that all processes of this run share; whoever asks for it first fills it by ``make``."""
    folder = _shared() / name
    with _alone(folder.with_name(f"{name}.lock")):
        if not folder.exists():
            aside = folder.with_name(f"{name}.aside")
            shutil.rmtree(aside, ignore_errors=True)  # left by a test that was interrupted
            aside.mkdir()
            make(aside)
            aside.rename(folder)
    return folder


def cache_with_grammar(folder: Path) -> Path:
    """``folder``, to be the cache of a process: it has the grammar's tables, which take a second to work out, alone."""
    from comity.surface.grammar import Parser

    def make(tables: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(CACHE, str(tables))
            Parser()

    shutil.copytree(once("grammar", make), folder, dirs_exist_ok=True)
    return folder


_SHARED: list[Path] = []


def share(folder: Path) -> None:
    """Say where `once` makes its folders (`conftest.py`)."""
    folder.mkdir(exist_ok=True)
    _SHARED[:] = [folder]


def _shared() -> Path:
    (folder,) = _SHARED
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Be the only process of this run that has ``lock``."""
    with lock.open("w") as file:
        _lock(file)
        yield


def _lock(file: IO[str]) -> None:
    """Wait for a file that is to be locked until it is closed."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
