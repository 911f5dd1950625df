"""Comments, which the parser passes over: collected for the formatter and for `comity: ignore[...]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.surface import ast
from comity.surface.anchors import LONG_TEXT
from comity.surface.words import turned

# A text that is not closed goes on to the end of its line.
_TEXTS_AND_COMMENTS = re.compile(LONG_TEXT + r'|"[^"\\\n]*+(?>(?:\\[^\n][^"\\\n]*+)*)(?:"|[^\n]*)|#[^\n]*')

SUPPRESSION = re.compile(r"#\s*comity:\s*ignore\b\s*(?P<codes>\[[^\]]*\]?)?(?P<reason>.*)")


def comments(source: SourceFile) -> Iterator[ast.Comment]:
    """The comments of a file, in order."""
    text = source.text
    for found in _TEXTS_AND_COMMENTS.finditer(text):
        if found[0][0] != "#":
            continue
        said = found[0].rstrip()
        start = found.start()
        own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip()
        yield ast.Comment(said, own_line, span=source.span(start, start + len(said)))


def check_suppressions(found: tuple[ast.Comment, ...], report: Report) -> None:
    """Report each `comity: ignore` that names no code or gives no reason, and comments that read otherwise."""
    for comment in found:
        if wrong := turned(comment.text):
            report.add("E001", wrong, comment.span, help="delete it")
            continue
        match = SUPPRESSION.match(comment.text)
        if match is None:
            continue
        codes = (match["codes"] or "").strip("[], \t")
        if not codes or not (match["codes"] or "").endswith("]"):
            report.add(
                "E001",
                "expected the codes to ignore in `[ ]`",
                comment.span,
                help="write `# comity: ignore[L204] why it may stay`",
            )
        elif not match["reason"].strip(" \t:-–—"):
            report.add(
                "E001",
                f"expected the reason why `{codes}` is ignored",
                comment.span,
                help=f"write `# comity: ignore[{codes}] why it may stay`",
            )
