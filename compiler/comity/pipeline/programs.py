"""Programs for whoever only asks them: read from the cache where nothing has changed, else built.

A kept program is data (`core.rows`), never code: what is read makes trees and values, whoever wrote it. It gives
answers, though, so an entry counts only if it is this user's own file that nobody else may write, and names its key
itself, as another entry of this user's might have been linked in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from comity.base.gc import collector_off
from comity.core import ast as core
from comity.core import rows
from comity.pipeline.found import key_of
from comity.runtime.suggest import did_you_mean
from comity.runtime.values import article
from comity.workspace import cache
from comity.workspace.project import UsageError, select_one
from comity.workspace.reading import Inputs

T = TypeVar("T")


def load_for_answers(paths: Sequence[str | Path], store: cache.Store | None) -> core.Program:
    """The one program that ``paths`` belong to, with all that answers follow from; one from the cache has nothing else.

    Raises as `driver.build_one`.
    """
    selection = select_one(paths)
    inputs = Inputs()
    key = cache.key("program", key_of(selection, {}, inputs))
    kept = None if store is None else _decode_entry(store.get(key, own=True), key, inputs)
    if kept is not None:
        return kept
    from comity.pipeline.driver import build, require_no_errors

    made = require_no_errors(build(selection, read=inputs.read))
    if store is not None and cache.intact():
        others = {path: inputs.mark(path) for path in inputs.paths if path not in made.sources}
        head = json.dumps({"key": key, "inputs": others}, ensure_ascii=False).encode()
        with suppress(RecursionError):  # conditions nested very deeply are read again
            store.put(key, head + b"\n" + rows.dumps(made.program))
    return made.program


def load_whole(paths: Sequence[str | Path], store: cache.Store | None) -> core.Program:
    """The same program with all its declarations and texts. Raises as `driver.build_one`."""
    from comity.pipeline.driver import build, require_no_errors
    from comity.pipeline.parsing import Parser

    return require_no_errors(build(select_one(paths), parsed_by=Parser(store).parse)).program


def _decode_entry(data: bytes | None, key: str, inputs: Inputs) -> core.Program | None:
    """A kept program, if it is that of ``key`` and every other file that was read for it is unchanged."""
    if data is None:
        return None
    head, _, kept = data.partition(b"\n")
    try:
        said = json.loads(head)
        if said["key"] != key or any(inputs.mark(path) != mark for path, mark in said["inputs"].items()):
            return None
        with collector_off():
            return rows.loads(kept)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """The thing called ``name``, by itself or qualified by its module. Raises UsageError with what might be meant."""
    if name in known:
        return known[name]
    fitting = [qname for qname in known if qname.endswith(f".{name}")]
    if len(fitting) == 1:
        return known[fitting[0]]
    if fitting:
        raise UsageError(f"several modules have {article(kind)} `{name}`: write {' or '.join(fitting)}")
    if not known:
        raise UsageError(f"there is no {kind} `{name}`: the program has no {kind}s")
    hint = did_you_mean(name, [qname.rpartition(".")[2] for qname in known]) or f"there is {', '.join(known)}"
    raise UsageError(f"there is no {kind} `{name}`; {hint}")
