"""From text to the surface tree.

`parse` always returns a module. An error is reported once; parsing then goes on at the next declaration (in an
agreement, at its next item), with the stack of the parser cut back to where that declaration may stand: what was
good before and after is in the module.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any

from comity.diagnostics import Related, Report
from comity.source import SourceFile
from comity.surface import ast, errors
from comity.surface.build_agreements import Builder
from comity.surface.comments import check_suppressions, comments
from comity.surface.depth import DEEPEST, too_deep
from comity.surface.grammar import load
from comity.surface.layout import Layout, LayoutError
from comity.surface.words import Word, word

if TYPE_CHECKING:
    from lark import Lark

# How the lines start at which parsing can go on: texts in three quotes are stepped over.
_TEXT = r'"""(?:[^\\]|\\(?:.|\n))*?"""'
_WORDS = (
    "instrument|source|use|enum|record|set|zone|table|define|decision|rule|party|body|agreement|response|prove"
    "|example|test"
)
_KNOWN = re.compile(rf"{_TEXT}|^(?P<start>)(?:(?:{_WORDS})\b|\w+[ \t]+can(?:not)?\b)", re.MULTILINE)
_LIKELY = re.compile(rf"{_KNOWN.pattern}|^(?P<like>)[^\W\d]\w*\b[^\n#\"]*:[ \t]*(?:#|\r?$)", re.MULTILINE)
_ITEM = r"(?:commitment|mirror|red|withdrawal|remedy|body|status|reciprocal|prevails)\b|\w+[ \t]+can(?:not)?\b"
_NAMED = re.compile(rf"(?:{_WORDS}|commitment|red[ \t]+line|withdrawal|remedy)[ \t]+(?P<name>[^\W\d]\w*)")


def parse(source: SourceFile, report: Report) -> ast.Module:
    """The module of a file. Errors are reported; what they spoil is left out."""
    found = tuple(comments(source))
    check_suppressions(found, report)
    run = _Run(source, report)
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


def parse_condition(source: SourceFile, report: Report) -> ast.Expr | None:
    """The one expression that a text is (`comity query --where`); None if it is none, which is reported."""
    return _Run(source, report).condition()


# ------------------------------------------------------------------------------------------- the parser


@cache
def _parser() -> tuple[Lark, Builder]:
    builder = Builder()
    return load(builder), builder


_lock = RLock()
"""The parser builds nodes for one text at a time."""


@contextmanager
def _collector_off() -> Iterator[None]:
    """Nodes are made by the thousand and kept; looking for garbage among them costs more than parsing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Run:
    """One text going through the parser."""

    def __init__(self, source: SourceFile, report: Report) -> None:
        self.source, self.report = source, report
        self.broken: list[ast.Name] = []
        self.text = source.text if source.text.endswith("\n") else source.text + "\n"

    def module(self) -> list[Any]:
        with _lock, _collector_off():
            self._begin("module")
            while True:
                try:
                    self._feed()
                    items: list[Any] = self._end()
                    break
                except Exception as error:
                    failure = self._failure(error)
                    if failure is None:
                        raise
                    errors.syntax_error(failure, self.report)
                    self._recover(failure)
            self._report_problems()
        if self.layout.longest > DEEPEST // 2:
            items = [item for item in items if not self._too_deep(item)]
        return items

    def condition(self) -> ast.Expr | None:
        with _lock, _collector_off():
            self._begin("condition_alone")
            before = len(self.report.diagnostics)
            try:
                self._feed()
                expr: ast.Expr = self._end()
            except Exception as error:
                failure = self._failure(error)
                if failure is None:
                    raise
                errors.syntax_error(failure, self.report)
                return None
            finally:
                self._report_problems()
        if len(self.report.diagnostics) > before or self._too_deep(expr):
            return None
        return expr

    # ------------------------------------------------------------------------------------- running

    def _begin(self, start: str) -> None:
        lark, builder = _parser()
        builder.file, builder.problems = self.source.path, []
        self.builder = builder
        self.interactive = lark.parse_interactive(self.text, start=start)
        self.state = self.interactive.parser_state
        self.lexer = self.interactive.lexer_thread
        self.layout = Layout()

    def _feed(self) -> None:
        feed = self.state.feed_token
        for token in self.layout.tokens(self.lexer.lex(self.state)):
            feed(token)

    def _end(self) -> Any:
        return self.state.feed_token(self._token("$END", len(self.text)), True)

    def _token(self, kind: str, offset: int) -> Word:
        line, column = self.source.position(offset)
        return word(kind, "", offset, line, column, line, column)

    def _failure(self, error: Exception) -> errors.Failure | None:
        """What went wrong, for the messages; None if the error is not the text's fault."""
        from lark.exceptions import UnexpectedToken

        if isinstance(error, LayoutError):
            return errors.Failure(self.source, error.token, frozenset(), self.layout, error)
        if isinstance(error, UnexpectedToken):
            return errors.Failure(self.source, error.token, frozenset(self.interactive.accepts()), self.layout, None)
        return None

    def _report_problems(self) -> None:
        for problem in self.builder.problems:
            related = (Related(*problem.related),) if problem.related else ()
            self.report.add(problem.code, problem.message, problem.span, help=problem.help, related=related)
        self.builder.problems = []

    def _too_deep(self, item: Any) -> bool:
        found = too_deep(item)
        if found is not None:
            errors.unreadable_file("nested too deep", found.span, self.report)
        return found is not None

    # ------------------------------------------------------------------------------------- recovery

    def _recover(self, failure: errors.Failure) -> None:
        """Make ready to go on at the next declaration, or at the end."""
        item = self._cut("RECIPROCAL")
        if item is not None:
            offset = self._drop(item, failure)
            indent = self.layout.body
            found = re.compile(rf"^ {{{indent}}}(?=(?P<start>{_ITEM}))|^(?=[^\s#])", re.MULTILINE).search(
                self.text, offset
            )
            if found is not None and found["start"] is not None:
                self._go_on(found.end(), 1)
                return
            self.state.feed_token(self._token("_DEDENT", failure.position))
        else:
            top = self._cut("ENUM")
            assert top is not None
            offset = self._drop(top, failure)
        pattern = _KNOWN if self.layout.brackets else _LIKELY
        where = next(
            (m.start() for m in pattern.finditer(self.text, offset) if not m[0].startswith('"')), len(self.text)
        )
        self._go_on(where, 0)

    def _cut(self, anchor: str) -> int | None:
        """How much of the stack to keep so that ``anchor`` may come next; None if nothing would do.

        The anchors are keywords that only start a declaration, or an item of an agreement.
        """
        states = self.state.parse_conf.states
        stack = self.state.state_stack
        return next((i for i in range(len(stack) - 1, -1, -1) if anchor in states[stack[i]]), None)

    def _drop(self, keep: int, failure: errors.Failure) -> int:
        """Cut the stack back; where to look from for what comes next: past the start of what was dropped."""
        position = failure.position
        begun = next((s for value in self.state.value_stack[keep:] if (s := _start(value)) is not None), position)
        named = _NAMED.match(self.text, begun)
        if named is not None:
            self.broken.append(ast.Name(named["name"], span=self.source.span(*named.span("name"))))
        del self.state.state_stack[keep + 1 :], self.state.value_stack[keep:]
        return max(self.text.rfind("\n", 0, position) + 1, begun + 1)

    def _go_on(self, where: int, blocks: int) -> None:
        """Read on from the offset ``where``, at the start of a line, ``blocks`` blocks deep."""
        self.layout.restart(blocks)
        counter = self.lexer.state.line_ctr
        counter.char_pos = where
        counter.line, counter.column = self.source.position(where)
        counter.line_start_pos = where - counter.column + 1
        self.lexer.state.last_token = None


def _start(value: Any) -> int | None:
    """Where something on the parser's stack starts."""
    if isinstance(value, str):
        return value.start_pos  # type: ignore[attr-defined, no-any-return]
    if hasattr(value, "span"):
        return value.span.start  # type: ignore[no-any-return]
    return next((s for child in value.children if (s := _start(child)) is not None), None)
