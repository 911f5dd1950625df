"""What earlier runs found out, kept in the user's cache folder under the hash of all that it depends on.

Nothing here is ever wrong, only missing: a key names everything that an entry follows from, the compiler's own text
included, so entries do not go out of date; a file that is not whole, or was changed, does not fit the hash it begins
with and counts as absent. Entries are written aside and moved into place, so runs at the same time, or killed halfway,
leave whole entries or none. Where the folder cannot be used, there is no cache, and no complaint.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from comity.workspace import resources

LIMIT = 64 * 1024 * 1024
"""Bytes that all entries together may take; the least recently used go first."""

HOUR = 3600

OUTSIDE = ("lark", "z3")
"""Packages of others on which findings may depend: what makes the parser's tables, and the solver, if there is one."""


class Store:
    """Entries by key, as files of one folder."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.folder = folder
        self.limit = limit

    def get(self, key: str, own: bool = False) -> bytes | None:
        """The entry of ``key`` as it was put; None if there is none that is whole.

        ``own``: None too for a file that somebody else could have written.
        """
        file = self.folder / key
        try:
            with file.open("rb") as opened:
                if own and not _is_own(os.fstat(opened.fileno())):
                    return None
                head, _, data = opened.read().partition(b"\n")
        except OSError:
            return None
        if head != digest(data).encode():
            return None
        with suppress(OSError):
            if file.stat().st_mtime < time.time() - HOUR:
                os.utime(file)  # in use, so not the next to go
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data``. Where that cannot be done, nothing happens."""
        if len(data) > self.limit // 4:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, aside = tempfile.mkstemp(prefix=".", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(digest(data).encode() + b"\n" + data)
                os.replace(aside, self.folder / key)  # noqa: PTH105
            except BaseException:
                Path(aside).unlink(missing_ok=True)
                raise
            self._prune()

    def _prune(self) -> None:
        """Delete what is over the limit, and what killed runs left behind. Another run may be doing the same."""
        entries = []
        for entry in os.scandir(self.folder):
            with suppress(OSError):
                state = entry.stat()
                if not entry.name.startswith("."):
                    entries.append((state.st_mtime, state.st_size, entry.path))
                elif state.st_mtime < time.time() - HOUR:
                    Path(entry.path).unlink()
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries) if total > self.limit else ():
            if total <= self.limit * 3 // 4:
                break
            with suppress(OSError):
                Path(path).unlink()
            total -= size


def _is_own(state: os.stat_result) -> bool:
    """Whether a file is this user's, and nobody else may write it (where the system says so by user and mode)."""
    if not hasattr(os, "geteuid"):  # Windows: the folder lies in the user's profile
        return True
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def store() -> Store | None:
    """The store in the user's cache folder; None if there is no place for one."""
    folder = resources.cache_folder()
    return None if folder is None else Store(folder / "findings")


def key(*parts: object) -> str:
    """The key of what follows from ``parts`` (JSON values) and from this compiler."""
    text = json.dumps([compiler(), parts], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@cache
def compiler() -> str:
    """The hash of the text of this compiler when it was first asked for."""
    return _text()


def intact() -> bool:
    """Is the compiler's text still what `compiler` says? What it was changed under is not to be kept."""
    return _text() == compiler()


def _text() -> str:
    """The hash of the text of this compiler, its grammar and standard library, and of what it runs on.

    A version number would not do: in a checkout the text changes under it.
    """
    total = sha256(sys.version.encode())
    for folder, suffix in resources.parts():
        for file in sorted(folder.rglob(f"*{suffix}")):
            total.update(f"{file.relative_to(folder).as_posix()}\0".encode())
            total.update(sha256(file.read_bytes()).digest())
    for package in OUTSIDE:
        total.update(f"{package}\0{' '.join(_installed(package))}\0".encode())
    return total.hexdigest()


def _installed(package: str) -> list[str]:
    """The names of the metadata folders beside a package, which tell its version; none if it is not installed."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return []
    return sorted(folder.name for folder in Path(spec.origin).parent.parent.glob(f"{package}*.*-info"))
