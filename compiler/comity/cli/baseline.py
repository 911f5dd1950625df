"""`comity lint --baseline`: what a baseline file accepts, and keeping it up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from comity.base.diagnostics import Diagnostic
from comity.cli.output import plural, write_atomically
from comity.cli.streams import note
from comity.linter.baseline import (
    BaselineError,
    Comparison,
    Entry,
    compare,
    entries,
    from_text,
    is_baseline,
    is_error,
    to_text,
)
from comity.pipeline.found import STDIN, Lint
from comity.workspace.config import Config
from comity.workspace.project import UsageError, absolute, display, select

LISTED = 10
"""How many entries that are gone are named."""


class Baseline:
    """A baseline file. ``accepted``: its entries; None where it is about to be written for the first time."""

    def __init__(self, path: str, rewrite: bool) -> None:
        """Read the file; raises UsageError, with nothing changed, if it cannot be used.

        ``rewrite``: it is to be written again, so it may be missing or of another version, but not another file.
        """
        self.path = path
        self.folder = absolute(path).parent
        self.accepted: list[Entry] | None = None
        try:
            text = absolute(path).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            if rewrite:
                return
            raise UsageError(f"there is no baseline {path}: --write-baseline writes it") from None
        except IsADirectoryError:
            raise UsageError(f"the baseline {path} is a folder: name a file") from None
        except UnicodeDecodeError:
            raise UsageError(f"cannot use the baseline {path}: it is not UTF-8") from None
        try:
            self.accepted = from_text(text)
        except BaselineError as error:
            if not rewrite:
                raise UsageError(f"cannot use the baseline {path}: {error}") from None
            if not is_baseline(text):
                raise UsageError(f"will not write over {path}: {error}; delete it, or name another file") from None

    def locate(self, path: str) -> str:
        """The path of a file relative to the baseline's folder."""
        return path if path == STDIN else Path(os.path.relpath(absolute(path), self.folder)).as_posix()

    def new(self, result: Lint) -> tuple[Diagnostic, ...]:
        """The findings that are not accepted."""
        return self._compare(result, lambda _entry: False).new

    def _compare(self, result: Lint, is_covered: Callable[[Entry], bool]) -> Comparison:
        return compare(self.accepted or (), result.diagnostics, result.sources, self.locate, is_covered)

    def update(
        self, result: Lint, is_covered: Callable[[Entry], bool], rewrite: bool, prune: bool
    ) -> tuple[Entry, ...]:
        """Write the file where it is to change; returns the entries whose finding is gone.

        ``rewrite``: accept all findings there are; entries about what was not linted stay. Raises UsageError, with
        nothing written, if there are errors. ``prune``: remove what is gone. While there are errors nothing is proved,
        so nothing is called gone.
        """
        found = self._compare(result, is_covered if result.analysed else lambda _entry: False)
        if rewrite:
            if any(map(is_error, result.diagnostics)):
                raise UsageError(
                    "no baseline was written: errors cannot be accepted, since nothing is proved while there are any; "
                    "`comity lint --select E` shows them"
                )
            now = entries(result.diagnostics, result.sources, self.locate)
            keys = {entry.key for entry in now}
            self._save([*now, *(entry for entry in found.kept if entry.key not in keys)])
            note(f"wrote {plural(len(now), 'finding')} to {self.path}")
        elif prune and found.gone:
            self._save(found.kept)
        return found.gone

    def _save(self, accepted: Sequence[Entry]) -> None:
        self.accepted = list(accepted)
        write_atomically(absolute(self.path), to_text(accepted).encode())

    def say_gone(self, gone: Sequence[Entry], prune: bool) -> None:
        """Name the entries whose finding is gone."""
        if not gone:
            return
        note(f"{plural(len(gone), 'finding')} of {self.path} {'has' if len(gone) == 1 else 'have'} been fixed:")
        for entry in gone[:LISTED]:
            note(f"  {entry.path}: {entry.code} {entry.message}")
        if len(gone) > LISTED:
            note(f"  and {len(gone) - LISTED} more")
        what = "it" if len(gone) == 1 else "them"
        note(f"removed {what} from {self.path}" if prune else f"--prune removes {what} from the baseline")


def coverage(paths: Sequence[str], adjust: Callable[[Config], Config], baseline: Baseline) -> Callable[[Entry], bool]:
    """Whether a lint of ``paths`` would report the finding of an entry: its file is among them and its code is asked
    for, or there is no such file any more.
    """
    from comity.linter.rules import RULES
    from comity.linter.runner import wanted

    opt_in = {rule.code for rule in RULES if rule.opt_in}
    settings: dict[str, Config] = {}
    for selection in select(paths):
        config = adjust(selection.project.config)
        for file in selection.named:
            settings[baseline.locate(display(file))] = config

    def is_covered(entry: Entry) -> bool:
        config = settings.get(entry.path)
        if config is None:
            return not (baseline.folder / entry.path).exists()
        return wanted(entry.code, config, entry.code in opt_in)

    return is_covered
