"""Going on where an earlier command stopped: what a lint leaves behind for the next one, after an edit or a few.

A lint of a program without errors leaves its texts and what its questions have found (`Analysis.answers`). The next
command reads the old texts into a session, tells it the answers instead of asking again, and edits it to the new texts:

    lint           10,000 rules are asked about, and what is found is kept with the texts
    (one rule is edited)
    lint           the old program is read, nothing is asked; the edit is made; what it may have changed is asked again

What is said then is what a session says, which is what a lint of its own says. Where the edit is not ordinary (see
`session.py`), or what was kept is not whole, there is nothing to go on with, and everything is made anew.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from comity.analysis import Analysis
from comity.base.diagnostics import Report
from comity.base.gc import collector_off, left_behind
from comity.base.late import NotAsKept
from comity.base.stored import dumps, loads
from comity.checked import ast as checked
from comity.checked.check import Known
from comity.linter.kept import ToKeep, keep_house
from comity.pipeline.driver import ParseModule
from comity.pipeline.linting import Lint
from comity.pipeline.padding import parts
from comity.pipeline.session import Before, build_session
from comity.surface.read import decode
from comity.workspace.project import Selection, display
from comity.workspace.reading import Inputs, is_standard

_RULE = re.compile(r"rule\s+\w+\s+for\b")
"""How a rule begins."""

MOST_EDITED = 20
"""Edited declarations up to which an old program is edited to be the new one."""


def keep_for_later(
    selection: Selection, inputs: Inputs, program: checked.Program, analysis: Analysis, house: ToKeep
) -> bytes | None:
    """What a lint leaves behind; None if there is something in it that cannot be kept."""
    answers = analysis.answers()
    if answers is None:
        return None
    modules = {display(file) for file in selection.project.files.values()}
    texts = {path: decode(inputs.read(path), path, Report()) for path in sorted(modules)}
    others = {path: inputs.mark(path) for path in inputs.paths if path not in modules and not is_standard(path)}
    found = {
        "texts": texts,
        "inputs": others,
        "answers": answers,
        "house": keep_house(house),
        "checked": _keep_checked(program),
    }
    data = dumps(found)
    return None if data is None else zlib.compress(data, 1)


def resume(selection: Selection, data: bytes, inputs: Inputs, parsed_by: ParseModule) -> Lint | None:
    """The findings about what is named, from what an earlier lint has left behind; None if that does not serve."""
    try:
        kept = loads(zlib.decompress(data))
        texts, others = kept["texts"], kept["inputs"]
        before = Before(kept["answers"], kept["house"], _tell_checked(kept["checked"]))
        if any(inputs.mark(path) != mark for path, mark in others.items()):
            return None
        edited = _find_edits(selection, texts, inputs)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, zlib.error):
        return None
    return None if edited is None else _resume(selection, texts, before, edited, inputs, parsed_by)


def _keep_checked(program: checked.Program) -> object:
    """What the check has found. What is referred to is named by number, as every file refers to much of it."""
    numbers: dict[str, int] = {}
    uses: dict[str, list[int]] = {}
    for (path, qname), count in program.uses.items():
        uses.setdefault(path, []).extend((numbers.setdefault(qname, len(numbers)), count))
    rests_on = {user: list(used) for user, used in program.rests_on.items()}
    return {"names": list(numbers), "uses": uses, "rests_on": rests_on}


def _tell_checked(kept: Any) -> Known:
    """The opposite of `_keep_checked`."""
    names = list(map(str, kept["names"]))
    uses = {
        (path, names[number]): int(count)
        for path, pairs in kept["uses"].items()
        for number, count in zip(pairs[::2], pairs[1::2], strict=True)
    }
    return Known(uses, {user: list(map(str, used)) for user, used in kept["rests_on"].items()})


def _resume(
    selection: Selection,
    texts: Mapping[str, str],
    before: Before,
    edited: Mapping[str, str],
    inputs: Inputs,
    parsed_by: ParseModule,
) -> Lint | None:
    def read(path: str) -> bytes:
        return texts[path].encode("utf-8", "surrogatepass") if path in texts else inputs.read(path)

    with collector_off(), suppress(NotAsKept):
        session = build_session(selection, read, parsed_by, before)
        if session is None or not all(session.revise(path, text) for path, text in edited.items()):
            return None
        found = session.lint()
        left_behind.keep(session)
        return found
    return None


def _find_edits(selection: Selection, texts: Mapping[str, str], inputs: Inputs) -> dict[str, str] | None:
    """The texts that are others now; None if it is seen at once that it is not for a few ordinary edits."""
    paths = sorted(display(file) for file in selection.project.files.values())
    if paths != sorted(texts):
        return None
    found: dict[str, str] = {}
    count = 0
    for path in paths:
        try:
            text = decode(inputs.read(path), path, Report())
        except OSError:
            return None
        if text is None:
            return None
        if text != texts[path]:
            found[path] = text
            old, new = parts(texts[path]), parts(text)
            changed = [each for each in zip(old, new, strict=False) if each[0] != each[1]]
            count += len(changed)
            if len(old) != len(new) or not all(_RULE.match(part) for each in changed for part in each):
                return None
    return found if 0 < count <= MOST_EDITED else None
