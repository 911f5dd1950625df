"""Parsing with what earlier commands have parsed: a declaration whose text is known is not parsed again.

What is kept of a module is an entry of the store under the module's path, which holds the declarations of the text that
was parsed last by the digests of their texts (`surface/packed.py`).
"""

from __future__ import annotations

from pathlib import Path

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.surface import ast as surface
from comity.surface.packed import PackedModule
from comity.surface.parse import parse
from comity.workspace import cache
from comity.workspace.reading import is_standard


class Parser:
    """Parses modules for one command. ``store``: where their declarations are kept; None: nowhere."""

    def __init__(self, store: cache.Store | None) -> None:
        self._store = store
        self._modules: dict[str, PackedModule] = {}
        """By key of the store."""

    def parse(self, source: SourceFile, report: Report) -> surface.Module:
        """As `surface.parse.parse`."""
        if self._store is None:
            return parse(source, report)
        key = _key(source)
        module = self._modules[key] = PackedModule(self._store.get(key))
        return module.parse(source, report)

    def keep(self) -> None:
        """Keep what was parsed, where it is not what is kept."""
        for key, module in self._modules.items():
            if self._store is not None and module.is_changed:
                self._store.put(key, module.bytes())


def _key(source: SourceFile) -> str:
    path = source.path if is_standard(source.path) else str(Path(source.path).absolute())
    return f"{cache.key(path, source.module)}.parsed"
