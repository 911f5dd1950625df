"""Code actions: what can be done about a finding, as edits that the author is shown before they are made.

Beside the fixes that findings bring: put the witness into the file as a `test` block, say which of two contradicting
rules prevails (either way round), add the citation that is missing, and keep a finding with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from comity.base.diagnostics import Diagnostic, Edit
from comity.base.source import SourceFile, Span
from comity.lsp.index import Index
from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """``preferred``: it cannot be wrong, so an editor may make it without asking."""

    title: str
    edits: tuple[Edit, ...]
    diagnostic: Diagnostic
    preferred: bool = False


def actions(found: Sequence[Diagnostic], index: Index, sources: Mapping[str, SourceFile]) -> Iterator[Action]:
    """What can be done about findings of one file."""
    for diagnostic in found:
        source = sources.get(diagnostic.span.path)
        if source is None:
            continue
        if diagnostic.fix and diagnostic.code != "L201":  # which of the two prevails is offered by name below
            deletes = not any(edit.text for edit in diagnostic.fix.edits)
            title = "delete it" if deletes else diagnostic.help or "apply the fix"
            yield Action(title, diagnostic.fix.edits, diagnostic, preferred=diagnostic.fix.is_safe)
        if diagnostic.test:
            yield Action("add the case as a test", (_at_end(source, diagnostic.test),), diagnostic)
        if diagnostic.code == "L201" and len(diagnostic.subjects) == 2:
            yield from _precedence(diagnostic, index, sources)
        if diagnostic.code == "H501":
            rule = index.around(diagnostic.span.path, diagnostic.span.start)
            if rule is not None:
                yield Action("add a citation", (_first_line(rule.whole, source, 'cite ""'),), diagnostic)
        if not diagnostic.code.startswith("E"):
            comment = f"# comity: ignore[{diagnostic.code}] TODO: why it may stay"
            edit = _above(diagnostic, index, source, comment)
            yield Action(f"keep it, with a reason ({diagnostic.code})", (edit,), diagnostic)


def _precedence(diagnostic: Diagnostic, index: Index, sources: Mapping[str, SourceFile]) -> Iterator[Action]:
    named = {d.short: d.qname for d in index.declared.values() if d.kind == "rule" and d.short in diagnostic.subjects}
    names = [named[subject] for subject in diagnostic.subjects if subject in named]
    if len(names) != 2:
        return
    for winner, loser in (names, names[::-1]):
        declared = index.declared[winner]
        source = sources.get(declared.name.path)
        if source is not None:
            clause = f"notwithstanding {index.declared[loser].short}"
            edit = _first_line(declared.whole, source, clause)
            yield Action(f"`{declared.short}` prevails", (edit,), diagnostic)


def _first_line(whole: Span, source: SourceFile, clause: str) -> Edit:
    """A line of its own in a declaration, after its text and citations."""
    line = whole.line + 1
    while line < whole.end_line and (shown := source.line(line).strip()).startswith(('"', "cite")):
        if shown.startswith('"""') and shown.count('"""') == 1:
            line += 1
            while line < whole.end_line and '"""' not in source.line(line):
                line += 1
        line += 1
    here = source.line(line)
    indentation = here[: len(here) - len(here.lstrip())] or "    "
    start = source.start_of(line)
    return Edit(source.span(start, start), f"{indentation}{clause}\n")


def _above(diagnostic: Diagnostic, index: Index, source: SourceFile, comment: str) -> Edit:
    """A comment above the declaration that a finding is about."""
    around = index.around(diagnostic.span.path, diagnostic.span.start)
    line = around.whole.line if around is not None and not around.container else diagnostic.span.line
    start = source.start_of(line)
    return Edit(source.span(start, start), f"{comment}\n")


def _at_end(source: SourceFile, block: str) -> Edit:
    end = len(source.text)
    before = "" if source.text.endswith("\n\n") else "\n" if source.text.endswith("\n") else "\n\n"
    return Edit(source.span(end, end), f"{before}{block.rstrip()}\n")
