"""What builds wrote, so that one of which nothing has changed need not be made again.

An entry of the cache has the digests of the files of a build, never their text: it can only say that a folder holds
what would be written there, file by file. As whoever could write an entry might have it say so of other files, an entry
counts only if it is this user's own file that nobody else may write, and names its key itself.

Of a package there is another entry, for when something has changed: which of its files follow from what
(`backends.python.units`), again by digests alone. Files that still follow from the same are taken from the folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from comity.pipeline.found import key_of
from comity.workspace import cache
from comity.workspace.project import select_one
from comity.workspace.reading import Inputs


class LastBuild:
    """What is known of building a project in one way. ``options``: what is to be built, as JSON values."""

    def __init__(self, paths: Sequence[str | Path], store: cache.Store | None, *options: object) -> None:
        self.store = store
        self.inputs = Inputs()
        self.key = self.key_of_units = ""
        if store is not None:
            chosen = select_one(paths)
            selection = replace(chosen, named=frozenset(chosen.project.files.values()))  # a build is of all of them
            self.key = cache.key("built", key_of(selection, {}, self.inputs), *options)
            self.key_of_units = cache.key("units", key_of(selection, {}, None), *options)

    def digests(self) -> dict[str, str] | None:
        """The SHA-256 of each file of such a build, by path, if all that it was made of is unchanged."""
        data = None if self.store is None else self.store.get(self.key, own=True)
        if data is None:
            return None
        try:
            said = json.loads(data)
            if said["key"] != self.key or any(self.inputs.mark(path) != mark for path, mark in said["inputs"].items()):
                return None
            return {str(name): str(digest) for name, digest in said["files"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def keep(self, digests: Mapping[str, str], read: Iterable[str], units: bytes | None) -> None:
        """Keep the digests of what was built, and what is to be known of the units of a package, if it is one.

        ``read``: the files besides modules that it was made of (tables).
        """
        if self.store is not None and cache.intact():
            marks = {path: self.inputs.mark(path) for path in read}
            said = {"key": self.key, "inputs": marks, "files": dict(digests)}
            self.store.put(self.key, json.dumps(said, ensure_ascii=False).encode())
            if units is not None:
                self.store.put(self.key_of_units, units)

    def units(self) -> bytes | None:
        """What was kept of the units of a package, whatever the texts were then; whoever reads it checks the key."""
        return None if self.store is None else self.store.get(self.key_of_units, own=True)


__all__ = ["LastBuild"]
