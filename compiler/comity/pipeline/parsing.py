"""Parsing with what earlier commands have parsed: a declaration whose text is known is not parsed again.

What is kept of a module is an entry of the store under the module's path, which holds the declarations of the text that
was parsed last by the digests of their texts (`surface/packed.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from comity.base.diagnostics import Report
from comity.base.gc import collector_off
from comity.base.source import SourceFile
from comity.base.workers import MOST, shared
from comity.surface import ast as surface
from comity.surface import grammar
from comity.surface.packed import PackedModule, packed_parts
from comity.surface.parse import parse
from comity.workspace import cache
from comity.workspace.reading import is_standard

LEAST_SHARED = 200_000
"""Characters to parse from which copies of this process do it. Parsing them takes 0.15 s, copies and what they say of
it a sixth of that; half as many are parsed as soon here.
"""

SHARES = 8
"""Into how many parts the text for each copy is cut, so that all end at nearly the same time."""


class Parser:
    """Parses modules for one command. ``store``: where their declarations are kept; None: nowhere. ``jobs``: how many
    processes may be at it. ``late``: conditions of rules that are read back are read when they are asked for.
    ``tests``: without, tests and examples that are kept are left out of modules.
    """

    def __init__(self, store: cache.Store | None, jobs: int = 1, late: bool = False, tests: bool = True) -> None:
        self._store = store
        self._jobs = jobs
        self._late = late
        self._tests = tests
        self._modules: dict[str, PackedModule] = {}
        """By key of the store."""

    def prepare(self, sources: Sequence[SourceFile]) -> None:
        """Let other processes parse what is not known of texts that are to be parsed, if that is much.

        What they find a mistake in is parsed here, in its module, as if there were no others.
        """
        if self._jobs < 2:
            return
        unknown = [(source, self._module(source).unknown(source.text)) for source in sources]
        total = sum(end - start for _, parts in unknown for start, end in parts)
        if total < LEAST_SHARED:
            return
        grammar.parser()  # so that the copies have it
        size = max(total // (self._jobs * SHARES), total // (MOST // 2))
        runs = [(source, run) for source, parts in unknown for run in _runs(parts, size)]
        runs.sort(key=lambda each: each[1][0][0] - each[1][-1][1])  # the longest first

        def work(number: int) -> list[tuple[int, bytes]] | None:
            source, run = runs[number]
            return packed_parts(source, [start for start, _ in run], run[-1][1])

        def received(number: int, parts: list[tuple[int, bytes]] | None) -> None:
            source, _ = runs[number]
            self._module(source).receive(source, parts or ())

        with collector_off():
            shared(range(len(runs)), work, received, self._jobs)

    def parse(self, source: SourceFile, report: Report) -> surface.Module:
        """As `surface.parse.parse`."""
        if self._store is None and self._jobs < 2:
            return parse(source, report)
        return self._module(source).parse(source, report)

    def _module(self, source: SourceFile) -> PackedModule:
        key = _key(source)
        if key not in self._modules:
            data = None if self._store is None else self._store.get(key)
            self._modules[key] = PackedModule(data, self._late, self._tests)
        return self._modules[key]

    def keep(self) -> None:
        """Keep what was parsed, where it is not what is kept."""
        changed = {key: module for key, module in self._modules.items() if module.is_changed}
        if self._store is not None and changed and cache.intact():
            for key, module in changed.items():
                self._store.put(key, module.bytes())


def _runs(parts: Sequence[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    """Parts that follow each other, in runs of about ``size`` characters."""
    run: list[tuple[int, int]] = []
    for start, end in parts:
        if run and (run[-1][1] != start or end - run[0][0] > size):
            yield run
            run = []
        run.append((start, end))
    if run:
        yield run


def _key(source: SourceFile) -> str:
    path = source.path if is_standard(source.path) else str(Path(source.path).absolute())
    return f"{cache.key(path, source.module)}.parsed"
