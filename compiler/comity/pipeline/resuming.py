"""Going on where an earlier command stopped: what a lint leaves behind for the next one, after an edit or a few.

A lint of a program without errors leaves its texts and what its questions have found (`Analysis.answers`). The next
command reads the old texts into a session, tells it the answers instead of asking again, and edits it to the new texts:

    lint           10,000 rules are asked about, and what is found is kept with the texts
    (one rule is edited)
    lint           the old program is read, nothing is asked; the edit is made; what it may have changed is asked again

A rule that was not there before is put into the old program as one that never applies, so that nothing else is
another than it was; then it is edited to what it says:

    rule b …          rule b …                    rule b …
    rule d …    →     rule c …  (never applies)   rule c …
                      rule d …                    rule d …  (with its edit)

What is said then is what a session says, which is what a lint of its own says. Where the edit is not ordinary (see
`session.py`), or what was kept is not whole, there is nothing to go on with, and everything is made anew.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from operator import itemgetter
from typing import Any

from comity.analysis import Analysis
from comity.base.diagnostics import Report
from comity.base.gc import collector_off, left_behind
from comity.base.late import NotAsKept
from comity.base.source import SourceFile, Span
from comity.base.stored import dumps, loads
from comity.checked import ast as checked
from comity.checked.check import Known
from comity.linter.kept import ToKeep, keep_house
from comity.pipeline.driver import ParseModule
from comity.pipeline.found import Lint
from comity.pipeline.padding import parts
from comity.pipeline.session import Before, build_session
from comity.runtime.light import dataclass
from comity.surface import ast as surface
from comity.surface.read import decode
from comity.workspace.project import Selection, display
from comity.workspace.reading import Inputs, is_standard

_RULE = re.compile(r"rule\s+(\w+)\s+for\b")
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
        others = kept["inputs"]
        if any(inputs.mark(path) != mark for path, mark in others.items()):
            return None
        edits = _find_edits(selection, kept["texts"], inputs)
        if edits is None:
            return None
        added = {path: each.added for path, each in edits.items() if each.added}
        modules = {display(file): name for name, file in selection.project.files.items()}
        names = [(modules[path], name) for path, rules in added.items() for name in rules]
        checked_before = _tell_checked(kept["checked"], {f"{module}.{name}" for module, name in names})

        def place(span: Span) -> Span:
            return edits[span.path].place(span) if span.path in added else span

        before = Before(kept["answers"], kept["house"], checked_before, frozenset(names), place)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, zlib.error):
        return None
    return _resume(selection, kept["texts"], before, edits, inputs, parsed_by)


def _keep_checked(program: checked.Program) -> object:
    """What the check has found. What is referred to is named by number, as every file refers to much of it."""
    numbers: dict[str, int] = {}
    uses: dict[str, list[int]] = {}
    for (path, qname), count in program.uses.items():
        uses.setdefault(path, []).extend((numbers.setdefault(qname, len(numbers)), count))
    rests_on = {user: list(used) for user, used in program.rests_on.items()}
    return {"names": list(numbers), "uses": uses, "rests_on": rests_on}


def _tell_checked(kept: Any, added: Collection[str]) -> Known:
    """The opposite of `_keep_checked`. ``added``: rules that were not there."""
    names = list(map(str, kept["names"]))
    uses = {
        (path, names[number]): int(count)
        for path, pairs in kept["uses"].items()
        for number, count in zip(pairs[::2], pairs[1::2], strict=True)
    }
    return Known(uses, {user: list(map(str, used)) for user, used in kept["rests_on"].items()}, frozenset(added))


def _resume(
    selection: Selection,
    texts: Mapping[str, str],
    before: Before,
    edits: Mapping[str, _Edits],
    inputs: Inputs,
    parsed_by: ParseModule,
) -> Lint | None:
    asleep: dict[str, list[surface.RuleDecl]] = {}

    def read(path: str) -> bytes:
        text = edits[path].before if path in edits else texts.get(path)
        return inputs.read(path) if text is None else text.encode("utf-8", "surrogatepass")

    def parse(source: SourceFile, report: Report) -> surface.Module:
        module = parsed_by(source, report)
        if source.path in edits and edits[source.path].added:
            module, asleep[source.path] = _put_to_sleep(module, edits[source.path].added)
        return module

    with collector_off(), suppress(NotAsKept):
        session = build_session(selection, read, parse, before)
        if session is None or not all(session.wake(path, rules) for path, rules in asleep.items()):
            return None
        if not all(session.revise(path, each.after) for path, each in edits.items()):
            return None
        found = session.lint()
        left_behind.keep(session)
        return found
    return None


def _put_to_sleep(module: surface.Module, names: Collection[str]) -> tuple[surface.Module, list[surface.RuleDecl]]:
    """A module in which some rules never apply; these as they are written. Raises `NotAsKept` for a family of rules."""
    awake = [each for each in module.declarations if isinstance(each, surface.RuleDecl) and each.name.text in names]
    if len(awake) != len(names) or any(each.for_each is not None for each in awake):
        raise NotAsKept
    never = {
        each.span.start: replace(each, window=(), when=surface.BoolLit(False, span=each.span), unless=None)
        for each in awake
    }
    declarations = tuple(never.get(each.span.start, each) for each in module.declarations)
    return replace(module, declarations=declarations), awake


@dataclass(frozen=True)
class _Edits:
    """What has become of a text. ``parts``: for each part of the old one where it began, as a character and a line,
    how long it was, and by how much it has moved before anything in it is edited.
    """

    before: str
    """The old text with the added rules."""
    after: str
    added: frozenset[str]
    """The names of rules that were not there."""
    edited: int
    parts: Sequence[tuple[int, int, int, int]]

    def place(self, span: Span) -> Span:
        """Where a place of the old text is. Raises ValueError if it reaches beyond one part."""
        begins, length, by, by_lines = self.parts[bisect_right(self.parts, span.start, key=itemgetter(0)) - 1]
        if span.end > begins + length:
            raise ValueError
        return span.moved(by, by_lines)


def _find_edits(selection: Selection, texts: Mapping[str, str], inputs: Inputs) -> dict[str, _Edits] | None:
    """What has become of the texts that are others now; None if it is seen at once that it is not for a few ordinary
    edits.
    """
    paths = sorted(display(file) for file in selection.project.files.values())
    if paths != sorted(texts):
        return None
    found: dict[str, _Edits] = {}
    for path in paths:
        try:
            text = decode(inputs.read(path), path, Report())
        except OSError:
            return None
        if text is None:
            return None
        if text != texts[path]:
            edits = _edits(texts[path], text)
            if edits is None:
                return None
            found[path] = edits
    names = [name for each in found.values() for name in each.added]
    count = sum(each.edited for each in found.values()) + len(names)
    if not 0 < count <= MOST_EDITED or len(names) != len(set(names)):
        return None
    # What nobody has named before means nothing else to anybody now.
    named = re.compile(rf"\b(?:{'|'.join(names)})\b") if names else None
    return None if named is not None and any(map(named.search, texts.values())) else found


def _edits(old_text: str, new_text: str) -> _Edits | None:
    """What has become of a text; None if more than rules are others, or one is gone."""
    old, new = parts(old_text), parts(new_text)
    known = set(map(_rule, old))
    added = {name for part in new if (name := _rule(part)) is not None and name not in known}
    left = [part for part in new if _rule(part) not in added]
    if len(left) != len(old) or len(left) + len(added) != len(new):
        return None
    # Where rules are put in, blank lines come before them that mean nothing.
    same = [one == two or (bool(added) and one.rstrip() == two.rstrip()) for one, two in zip(old, left, strict=True)]
    changed = [each for each, is_same in zip(zip(old, left, strict=True), same, strict=True) if not is_same]
    if any(_rule(part) is None for each in changed for part in each):
        return None
    before: list[str] = []
    places: list[tuple[int, int, int, int]] = []
    was = was_line = now = now_line = number = 0
    for part in new:
        text = part
        if _rule(part) not in added:
            text = part if same[number] else old[number]
            places.append((was, len(old[number]), now - was, now_line - was_line))
            was, was_line = was + len(old[number]), was_line + old[number].count("\n")
            number += 1
        before.append(text)
        now, now_line = now + len(text), now_line + text.count("\n")
    found = _Edits("".join(before), new_text, frozenset(added), len(changed), places)
    return found if parts(found.before) == tuple(before) else None


def _rule(part: str) -> str | None:
    """The name of the rule that a part of a text is."""
    begins = _RULE.match(part)
    return None if begins is None else begins[1]
