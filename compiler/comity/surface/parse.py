"""From text to the surface tree.

`parse` always returns a module. An error is reported once; parsing then goes on at the next declaration (in an
agreement, at its next item), with the stack of the parser cut back to where that declaration may stand: what was
good before and after is in the module.
"""

from __future__ import annotations

import re
from typing import Any

from comity.collector import collector_off
from comity.diagnostics import Related, Report
from comity.source import SourceFile
from comity.surface import ast, errors
from comity.surface.anchors import KNOWN, LIKELY, WORDS
from comity.surface.build_agreements import Builder
from comity.surface.comments import check_suppressions, comments
from comity.surface.depth import DEEPEST, too_deep
from comity.surface.layout import Layout, LayoutError
from comity.surface.lexer import lex
from comity.surface.machine import Machine, Unexpected
from comity.surface.wording import Failure
from comity.surface.words import Word, word

_ITEM = r"(?:commitment|mirror|red|withdrawal|remedy|body|status|reciprocal|prevails)\b|\w+[ \t]+can(?:not)?\b"
_NAMED = re.compile(rf"(?:{WORDS}|commitment|red[ \t]+line|withdrawal|remedy)[ \t]+(?P<name>[^\W\d]\w*)")


def parse(source: SourceFile, report: Report) -> ast.Module:
    """The module of a file. Errors are reported; what they spoil is left out."""
    found = tuple(comments(source))
    check_suppressions(found, report)
    run = _Run(source, report, "module")
    items = run.module()
    docs = [item.value for item in items if not isinstance(item, ast.Node)]
    instruments = [item for item in items if isinstance(item, ast.Instrument)]
    for more in instruments[1:]:
        errors.twice("instrument", more.span, instruments[0].span, report)
    return ast.Module(
        name=source.module,
        doc=docs[0] if docs else None,
        instrument=instruments[0] if instruments else None,
        sources=tuple(item for item in items if isinstance(item, ast.SourceNote)),
        uses=tuple(item for item in items if isinstance(item, ast.Use)),
        declarations=tuple(item for item in items if isinstance(item, ast.Declaration)),
        comments=found,
        broken=tuple(run.broken),
        span=source.span(0, len(source.text)),
    )


def parse_part(source: SourceFile, start: int, end: int, report: Report) -> list[ast.Declaration]:
    """The declarations in a stretch of a module that begins with one, and ends where another begins or at the end."""
    run = _Run(source, report, "module")
    run.offset, run.text = start, run.text[:end] if end < len(source.text) else run.text
    return run.module()


def parse_condition(source: SourceFile, report: Report) -> ast.Expr | None:
    """The one expression that a text is (`comity query --where`); None if it is none, which is reported."""
    return _Run(source, report, "condition_alone").condition()


# ------------------------------------------------------------------------------------------- the parser


class _Run:
    """One text going through the parser."""

    def __init__(self, source: SourceFile, report: Report, start: str) -> None:
        self.source, self.report = source, report
        self.broken: list[ast.Name] = []
        self.builder = Builder(source.path, source.text)
        self.machine = Machine(self.builder, start)
        self.layout = Layout(lines=start == "module")
        self.offset = 0
        self.text = source.text if source.text.endswith("\n") else source.text + "\n"

    def module(self) -> list[Any]:
        with collector_off():
            while True:
                try:
                    self._feed()
                    break
                except (Unexpected, LayoutError) as error:
                    failure = self._failure(error)
                    errors.syntax_error(failure, self.report)
                    self._recover(failure)
            self._report_problems()
        items: list[Any] = self.machine.values[-1]
        if self.layout.longest > DEEPEST // 2:
            items = [item for item in items if not self._too_deep(item)]
        return items

    def condition(self) -> ast.Expr | None:
        before = len(self.report.diagnostics)
        with collector_off():
            try:
                self._feed()
            except (Unexpected, LayoutError) as error:
                errors.syntax_error(self._failure(error), self.report)
            self._report_problems()
        if len(self.report.diagnostics) > before:
            return None
        expr: ast.Expr = self.machine.values[-1]
        return None if self._too_deep(expr) else expr

    # ------------------------------------------------------------------------------------- running

    def _feed(self) -> None:
        """Read on to the end."""
        line, column = self.source.position(self.offset)
        feed = self.machine.feed
        for token in self.layout.tokens(lex(self.text, self.offset, line, column, self.machine.expects)):
            feed(token)
        feed(self._empty("$END", len(self.text)))

    def _empty(self, kind: str, offset: int) -> Word:
        line, column = self.source.position(offset)
        return word(kind, "", offset, line, column, line, column)

    def _failure(self, error: Unexpected | LayoutError) -> Failure:
        if isinstance(error, LayoutError):
            return Failure(self.source, error.token, frozenset(), self.layout, error)
        return Failure(self.source, error.word, self.machine.expected(), self.layout, None)

    def _report_problems(self) -> None:
        for problem in self.builder.problems:
            related = (Related(*problem.related),) if problem.related else ()
            self.report.add(problem.code, problem.message, problem.span, help=problem.help, related=related)

    def _too_deep(self, item: Any) -> bool:
        found = too_deep(item)
        if found is not None:
            start = found.span.start
            line_end = self.text.index("\n", start)
            span = self.source.span(start, min(line_end, found.span.end))
            errors.unreadable_file(f"nested too deep: more than {DEEPEST} levels", span, self.report)
        return found is not None

    # ------------------------------------------------------------------------------------- recovery

    def _recover(self, failure: Failure) -> None:
        """Make ready to go on at the next declaration, or at the end.

        The anchors are keywords that only start an item of an agreement, or a declaration.
        """
        item = self.machine.standing("RECIPROCAL")
        if item is not None:
            after = self._drop(item, failure)
            body = re.compile(rf"^ {{{self.layout.body}}}(?=(?P<item>{_ITEM}))|^(?=[^\s#])", re.MULTILINE)
            found = body.search(self.text, after)
            if found is not None and found["item"] is not None:
                self._go_on(found.end(), 1)
                return
            self.machine.feed(self._empty("_DEDENT", failure.word.start_pos))
        else:
            top = self.machine.standing("ENUM")
            assert top is not None, "a declaration may come first"
            after = self._drop(top, failure)
        starts = (KNOWN if self.layout.brackets else LIKELY).finditer(self.text, after)
        self._go_on(next((s.start() for s in starts if not s[0].startswith('"')), len(self.text)), 0)

    def _drop(self, keep: int, failure: Failure) -> int:
        """Cut the stack back; where to look from for what comes next: past the start of what was dropped."""
        dropped = self.machine.cut(keep)
        begun = next((start for value in dropped if (start := _start(value)) is not None), failure.word.start_pos)
        named = _NAMED.match(self.text, begun)
        if named is not None:
            self.broken.append(ast.Name(named["name"], span=self.source.span(*named.span("name"))))
        return max(self.text.rfind("\n", 0, failure.word.start_pos) + 1, begun + 1)

    def _go_on(self, offset: int, blocks: int) -> None:
        self.offset = offset
        self.layout.restart(blocks)


def _start(value: Any) -> int | None:
    """Where something on the parser's stack starts."""
    if isinstance(value, Word):
        return value.start_pos
    if isinstance(value, list):
        return next((start for child in value if (start := _start(child)) is not None), None)
    begun: int = value.span.start
    return begun
