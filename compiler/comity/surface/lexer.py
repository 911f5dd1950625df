"""The lexer: text into words, with a keyword taken for one where the parser expects it.

Lark's own contextual lexer keeps a pattern for each of a thousand states; here is one pattern, made from the
terminals of the grammar, and the parser's state is asked about words only. So

- a reserved word is itself everywhere, and never a name;
- any other keyword is a keyword where the parser may go on with it, and else a name;
- a text that ends its line is documentation where documentation may stand.

What nothing accepts still comes as one whole word (`INVALID`, `UNCLOSED`, `STRAY`), so the parser says what was
expected in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark.common import LexerConf
from lark.lexer import Lexer, LexerState, PatternStr

from comity.surface.words import RESERVED, Word, word


class ContextualLexer(Lexer):
    """The lexer as Lark takes it."""

    __future_interface__ = 2

    def __init__(self, conf: LexerConf) -> None:
        name = next(t for t in conf.terminals if t.name == "NAME")
        is_name = re.compile(name.pattern.to_regexp()).fullmatch
        patterns, self.keywords = [], {}
        for terminal in conf.terminals:
            if isinstance(terminal.pattern, PatternStr) and is_name(terminal.pattern.value):
                self.keywords[terminal.pattern.value] = terminal.name
            else:
                patterns.append(terminal)
        patterns.sort(key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
        self.kinds = ["", *(t.name for t in patterns)]
        self.pattern = re.compile(rf"[ \t]*(?:{'|'.join(f'({t.pattern.to_regexp()})' for t in patterns)})")
        self.ends_line = re.compile(r"[ \t]*(?:#|\r?\n)")

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Word]:
        text: str = getattr(lexer_state.text, "text", lexer_state.text)  # Lark 1.3 wraps it
        counter = lexer_state.line_ctr
        position, line, line_start = counter.char_pos, counter.line, counter.line_start_pos
        states, stack = parser_state.parse_conf.states, parser_state.state_stack
        match, kinds, keywords, length = self.pattern.match, self.kinds, self.keywords, len(text)
        while position < length:
            found = match(text, position)
            assert found is not None and found.lastindex, "the terminal STRAY takes what no other does"
            kind = kinds[found.lastindex]
            start, position = found.span(found.lastindex)
            value = text[start:position]
            column = start - line_start + 1
            end_line, end_column = line, column + position - start
            if kind == "NAME":
                keyword = keywords.get(value)
                if keyword is not None and (value in RESERVED or keyword in states[stack[-1]]):
                    kind = keyword
            elif kind == "_NEWLINE" or (kind == "STRING" and "\n" in value):
                end_line += value.count("\n")
                line_start = start + value.rfind("\n") + 1
                end_column = position - line_start + 1
            if kind == "STRING" and "DOC" in states[stack[-1]] and self.ends_line.match(text, position):
                kind = "DOC"
            yield word(kind, value, start, line, column, end_line, end_column)
            line = end_line
