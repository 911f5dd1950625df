"""From text to the surface tree.

`parse` always returns a module. An error is reported once; parsing then goes on at the next declaration (in an
agreement, at its next item), with the stack of the parser cut back to where that declaration may stand: what was
good before and after is in the module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from lark import Tree
from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser
from lark.parsers.lalr_parser_state import ParserState

from comity.base.diagnostics import Related, Report
from comity.base.gc import collector_off
from comity.base.source import SourceFile
from comity.surface import ast, errors
from comity.surface.anchors import KNOWN, LIKELY, WORDS
from comity.surface.comments import check_suppressions, comments
from comity.surface.depth import DEEPEST, too_deep
from comity.surface.grammar import parser
from comity.surface.layout import LayoutError
from comity.surface.lexer import expects
from comity.surface.wording import Failure
from comity.surface.words import Word

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
        self.source, self.report, self.start = source, report, start
        self.broken: list[ast.Name] = []
        self.offset = 0
        self.text = source.text if source.text.endswith("\n") else source.text + "\n"

    def _begin(self) -> None:
        made = parser()
        self.lark: InteractiveParser = made.begin(self.text, self.source.path, self.start)
        self.builder, self.layout, self.steps = made.builder, made.layout, made.steps(self.lark, self.start)
        self._move_to(self.offset)

    @property
    def state(self) -> ParserState[int]:
        """Lark's stacks: ``value_stack`` holds what is not yet part of a node; ``state_stack`` is one longer."""
        return self.lark.parser_state

    def module(self) -> list[Any]:
        items: list[Any] | None = None
        with collector_off():
            self._begin()
            while items is None:
                try:
                    items = self._parse()
                except (UnexpectedToken, LayoutError) as error:
                    failure = self._failure(error)
                    errors.syntax_error(failure, self.report)
                    self._recover(failure)
            self._report_problems()
        if self.layout.longest > DEEPEST // 2:
            items = [item for item in items if not self._too_deep(item)]
        return items

    def condition(self) -> ast.Expr | None:
        before = len(self.report.diagnostics)
        expr: ast.Expr | None = None
        with collector_off():
            self._begin()
            try:
                expr = self._parse()
            except (UnexpectedToken, LayoutError) as error:
                errors.syntax_error(self._failure(error), self.report)
            self._report_problems()
        return None if len(self.report.diagnostics) > before or self._too_deep(expr) else expr

    # ------------------------------------------------------------------------------------- running

    def _parse(self) -> Any:
        """Read on to the end; what the start rule's method made."""
        words: Iterator[Word] = self.lark.lexer_thread.lex(self.state)  # type: ignore[no-untyped-call]
        self.steps.take(self.state, words)
        return self.lark.feed_token(self._empty("$END", len(self.text)))

    def _move_to(self, offset: int) -> None:
        """Read on from ``offset``."""
        state = self.lark.lexer_thread.state
        assert state is not None, "a text has been begun"
        place = state.line_ctr
        place.char_pos = offset
        place.line, place.column = self.source.position(offset)
        place.line_start_pos = offset - place.column + 1

    def _empty(self, kind: str, offset: int) -> Word:
        line, column = self.source.position(offset)
        return Word(kind, "", offset, line, column, line, column, offset)

    def _failure(self, error: UnexpectedToken | LayoutError) -> Failure:
        if isinstance(error, LayoutError):
            return Failure(self.source, error.token, frozenset(), self.layout, error)
        expected = frozenset(self.lark.accepts()) - {"NAMES"}  # type: ignore[no-untyped-call]  # it stands where `{` may
        return Failure(self.source, cast(Word, error.token), expected, self.layout, None)

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
        item = self._values_before("RECIPROCAL")
        if item is not None:
            after = self._cut(item, failure)
            body = re.compile(rf"^ {{{self.layout.body}}}(?=(?P<item>{_ITEM}))|^(?=[^\s#])", re.MULTILINE)
            found = body.search(self.text, after)
            if found is not None and found["item"] is not None:
                self._go_on(found.end(), 1)
                return
            self.lark.feed_token(self._empty("_DEDENT", failure.word.start_pos))
        else:
            top = self._values_before("ENUM")
            assert top is not None, "a declaration may come first"
            after = self._cut(top, failure)
        starts = (KNOWN if self.layout.brackets else LIKELY).finditer(self.text, after)
        self._go_on(next((s.start() for s in starts if not s[0].startswith('"')), len(self.text)), 0)

    def _values_before(self, anchor: str) -> int | None:
        """How many values to keep so that the terminal ``anchor`` can come next; None if no number will do."""
        trial = self.state.copy(deepcopy_values=False)
        for count in range(len(trial.value_stack), -1, -1):
            del trial.value_stack[count:], trial.state_stack[count + 1 :]
            if expects(trial, anchor):
                return count
        return None

    def _cut(self, keep: int, failure: Failure) -> int:
        """Cut the stacks back; returns where to look from for what comes next: past the start of what was dropped."""
        dropped = self.state.value_stack[keep:]
        del self.state.value_stack[keep:], self.state.state_stack[keep + 1 :]
        begun = next((start for value in dropped if (start := _start(value)) is not None), failure.word.start_pos)
        named = _NAMED.match(self.text, begun)
        if named is not None:
            self.broken.append(ast.Name(named["name"], span=self.source.span(*named.span("name"))))
        return max(self.text.rfind("\n", 0, failure.word.start_pos) + 1, begun + 1)

    def _go_on(self, offset: int, blocks: int) -> None:
        self._move_to(offset)
        self.layout.restart(blocks)


def _start(value: Any) -> int | None:
    """Where something on the parser's stack starts."""
    if isinstance(value, Word):
        return value.start_pos
    if isinstance(value, Tree):  # the children of a rule that is inlined into the one around it
        return next((start for child in value.children if (start := _start(child)) is not None), None)
    begun: int = value.span.start
    return begun
