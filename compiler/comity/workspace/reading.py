"""Files by the paths that messages show, read where they lie."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from comity.workspace import resources

ReadFile: TypeAlias = Callable[[str], bytes]
"""What gives the bytes of a file by display path, or raises OSError."""

STANDARD = "std"
STANDARD_FOLDER = "<std>"
"""Standing for the folder of the standard library in paths, so that no message or hash says where it is installed."""


def read_bytes(path: str) -> bytes:
    """The bytes of a file by display path; raises OSError. A device or pipe is refused rather than waited for."""
    parts = PurePosixPath(path).parts
    file = resources.stdlib().joinpath(*parts[1:]) if parts[:1] == (STANDARD_FOLDER,) else Path(path)
    if file.exists() and not file.is_file():
        raise IsADirectoryError(f"{path} is not a regular file")
    return file.read_bytes()


def is_standard(path: str) -> bool:
    """Whether a display path is that of a file of the standard library."""
    return path.startswith(f"{STANDARD_FOLDER}/")


def reason(error: OSError) -> str:
    """Why a file could not be read, in the system's words, lower case."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


class Inputs:
    """Reads each file once, so that what is said of a run's inputs is said of what its passes saw."""

    def __init__(self) -> None:
        self._read: dict[str, bytes | OSError] = {}

    def read(self, path: str) -> bytes:
        """As `read_bytes`; the second time, what it was the first time."""
        if path not in self._read:
            try:
                self._read[path] = read_bytes(path)
            except OSError as error:
                self._read[path] = error
        found = self._read[path]
        if isinstance(found, OSError):
            raise found
        return found

    def mark(self, path: str) -> str:
        """What stands for the contents of a file, or for why it cannot be read."""
        try:
            return sha256(self.read(path)).hexdigest()
        except OSError as error:
            return reason(error)

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that was asked for, sorted."""
        return tuple(sorted(self._read))
