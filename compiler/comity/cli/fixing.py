"""`comity lint --fix` and `--diff`: fixes are made in memory, and written only if no answer changes."""

from __future__ import annotations

import codecs
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from comity.base.diagnostics import Diagnostic
from comity.cli.output import plural, write_atomically
from comity.cli.streams import note
from comity.linter.fixes import choose, edited, format_touched
from comity.pipeline.driver import build
from comity.pipeline.found import Extra, Lint
from comity.pipeline.session import Session
from comity.tools.diff import diff
from comity.workspace.config import Config
from comity.workspace.project import UsageError, absolute, display, select

ROUNDS = 200
"""Maximum number of rounds: a syntax error hides the others of its declaration, and fixes of one group are made one by
one."""

SHOWN_TO_BE_NEEDLESS = ("L205", "L208")
"""Codes whose fix takes out a part of a rule. Their fixes are left out if an answer would change after all."""


@dataclass
class Fixed:
    """``result``: the findings that are left. ``texts``: files by path, as they were and as they are to be.

    ``made``: how many fixes of each code. ``withheld``: codes whose fixes would have changed an answer.
    """

    result: Lint
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    withheld: tuple[str, ...] = ()
    rounds: list[dict[str, str]] = field(default_factory=list)
    """The texts of changed files after each round, before anything was formatted."""

    def diff(self) -> Iterator[str]:
        """The changes as a unified diff."""
        for path, (before, after) in sorted(self.texts.items()):
            one, two = before.splitlines(keepends=True), after.splitlines(keepends=True)
            for line in unified_diff(one, two, path, f"{path} (fixed)"):
                yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def fix(
    paths: Sequence[str],
    unsafe: bool,
    first: Lint,
    adjust: Callable[[Config], Config],
    only_new: Callable[[Lint], Lint],
) -> Fixed:
    """Make the fixes of findings about ``paths`` until none is left; writes nothing.

    ``first``: the findings as the files are. ``only_new``: leaves out findings that are accepted, which are not fixed.
    Safe fixes leave every answer as it was: the programs before and after are compared, and what would change an
    answer is not done. Raises UsageError if they do nevertheless.
    """
    if not choose(only_new(first).diagnostics, unsafe):
        return Fixed(first)
    withheld: tuple[str, ...] = ()
    while True:
        found = _until_none_is_left(paths, unsafe, adjust, only_new, withheld)
        changes = [] if unsafe else _changed_answers(paths, found)
        if not changes:
            return found
        if withheld or not any(found.made[code] for code in SHOWN_TO_BE_NEEDLESS):
            raise UsageError(
                f"nothing was fixed, because an answer would change ({changes[0]}): please report this fault in Comity"
            )
        withheld = SHOWN_TO_BE_NEEDLESS


def _until_none_is_left(
    paths: Sequence[str],
    unsafe: bool,
    adjust: Callable[[Config], Config],
    only_new: Callable[[Lint], Lint],
    withheld: tuple[str, ...],
) -> Fixed:
    session = Session(paths, adjust)
    found = Fixed(session.lint(), withheld=withheld)
    texts: dict[str, tuple[str, str]] = {}
    for _ in range(ROUNDS):
        diagnostics = [d for d in only_new(found.result).diagnostics if _is_ours(d, found.result)]
        chosen = choose((d for d in diagnostics if d.code not in withheld), unsafe)
        if not chosen:
            break
        for path, text in _edited(chosen, found.result).items():
            texts[path] = (texts[path][0] if path in texts else found.result.sources[path].text, text)
            session.edit(path, text)
        found.rounds.append({path: after for path, (_, after) in texts.items()})
        found.made.update(d.code for d in chosen)
        found.result = session.lint()
    for path, (before, after) in texts.items():
        formatted = format_touched(path, before, after)
        if formatted != after:
            session.edit(path, formatted)
        texts[path] = before, formatted
    found.result = session.lint()
    found.texts = {path: pair for path, pair in texts.items() if pair[0] != pair[1]}
    return found


def _is_ours(d: Diagnostic, result: Lint) -> bool:
    """Whether a fix changes only files that were linted and can be written."""
    return d.fix is not None and all(
        edit.span.path in result.sources and Path(edit.span.path).is_file() for edit in d.fix.edits
    )


def _edited(chosen: Sequence[Diagnostic], result: Lint) -> Mapping[str, str]:
    """The texts of files after the fixes of findings."""
    edits = {edit: None for d in chosen if d.fix is not None for edit in d.fix.edits}
    paths = dict.fromkeys(edit.span.path for edit in edits)
    return {
        path: edited(result.sources[path].text, [edit for edit in edits if edit.span.path == path]) for path in paths
    }


def _changed_answers(paths: Sequence[str], found: Fixed) -> list[str]:
    """What answers differently after the fixes, in words.

    A program with errors gives no answers. If there were some, the first round without any takes the place of before.
    """
    changed: list[str] = []
    for selection in select(paths):
        modules = {display(file): name for name, file in selection.project.files.items()}
        if modules.keys().isdisjoint(found.texts):
            continue
        builds = (build(selection, _as_extra(modules, texts)) for texts in ({}, *found.rounds))
        before = next((made for made in builds if not made.errors), None)
        if before is None:
            continue
        after = build(selection, _as_extra(modules, {path: text for path, (_, text) in found.texts.items()}))
        if after.errors:
            changed.append(f"there would be an error: {after.errors[0].message}")
            continue
        decisions = dict.fromkeys((*before.program.decisions, *after.program.decisions))
        difference = diff(before.program, after.program, [(name, name) for name in decisions])
        changed += [f"`{each.decision}`: {each.before[0]} becomes {each.after[0]}" for each in difference.changes]
        changed += difference.notes
    return changed


def _as_extra(modules: Mapping[str, str], texts: Mapping[str, str]) -> Extra:
    return {modules[path]: (path, text.encode()) for path, text in texts.items() if path in modules}


def show(found: Fixed, quiet: bool) -> int:
    """Show the changes on standard output; 1 if there are any."""
    sys.stdout.writelines(found.diff())
    if not quiet:
        _say(found, "would fix")
    return int(bool(found.texts))


def write(found: Fixed, quiet: bool) -> None:
    """Write the files, with the byte order mark if they have one. Raises UsageError, before anything is written, if
    one is not as it was when it was read.
    """
    bytes_of: dict[str, bytes] = {}
    for path, (before, after) in found.texts.items():
        data = absolute(path).read_bytes()
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        if data != mark + before.encode():
            raise UsageError(f"nothing was fixed: {path} has been changed meanwhile")
        bytes_of[path] = mark + after.encode()
    for path, data in bytes_of.items():
        write_atomically(Path(path), data)
    if not quiet and (found.made or found.withheld):
        _say(found, "fixed")


def _say(found: Fixed, verb: str) -> None:
    """How many findings were fixed, by code, in how many files."""
    codes = ", ".join(f"{code} {number}" for code, number in sorted(found.made.items()))
    how_many = plural(sum(found.made.values()), "finding")
    note(f"{verb} {how_many} ({codes}) in {plural(len(found.texts), 'file')}" if codes else f"{verb} nothing")
    if found.withheld:
        note(f"left {', '.join(found.withheld)} alone: an answer would change")
