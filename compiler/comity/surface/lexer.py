"""Lark's lexer, with keywords that are keywords only where the grammar expects them.

`PolicyLexer` reads the words that Lark's `BasicLexer` would read with one pattern made from all terminals, keywords as
names. Then it looks at the state of Lark's parser, as Lark's contextual lexer does. So

- a reserved word is itself everywhere, and never a name;
- any other keyword is a keyword where the parser can go on with it, and else a name (`notice` is a keyword in a
  withdrawal clause and an ordinary field name in a condition);
- a text that ends its line is documentation (`DOC`) where documentation may stand;
- a set of plain names (`{RU, BY}`) is one word (`NAMES`) where a set may stand: sets are half of what many policies are
  made of, and so their members take one step of the parser together;
- a name has one spelling: `ﬁ` with a ligature is not a name, as Python, which imports compiled policies, would
  read it as the name `fi`.

Lark's own contextual lexer would build one pattern for each of several hundred parser states, and would go by the
LALR(1) table alone, which has an action for some words that turn out not to fit after the reductions it asks for.

What nothing accepts still comes as one whole word (`INVALID`, `UNCLOSED`, `STRAY`), so that the message can say what
was expected in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias
from unicodedata import normalize

from lark.common import LexerConf
from lark.lexer import BasicLexer, LexerState
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParserState

from comity.runtime.texts import is_canonical_text
from comity.surface.words import RESERVED, Word


class PolicyLexer(BasicLexer):
    """Lark's lexer for policies; its state is Lark's. Pass the class to `Lark(lexer=…)`.

    It finds the words that `BasicLexer` would, in a third of the time: of the terminals only those are tried that may
    begin with the character that comes (`_FIRST`), and blanks and signs need no pattern.
    """

    __future_interface__ = 2  # `lex` takes Lark's own lexer state and parser state

    def __init__(self, conf: LexerConf) -> None:
        super().__init__(conf)
        words = ((terminal.pattern, terminal.name) for terminal in conf.terminals)
        self._keywords = {p.value: name for p, name in words if p.type == "str" and p.value.isidentifier()}
        self._tried = [terminal for terminal in self.terminals if terminal.pattern.value not in self._keywords]
        """In Lark's order. Keywords are read as names."""
        self._over_lines = self.newline_types - {"NAME"}
        self._scanners: dict[str, _Scanner] = {}
        """By the character that comes."""

    def lex(self, state: LexerState, parser_state: ParserState[int] | None) -> Iterator[Word]:
        """The words from where ``state`` is. Without a parser's state, soft keywords are names and no text is `DOC`."""
        keywords, scanners, over_lines = self._keywords, self._scanners, self._over_lines
        text, end, place = state.text.text, state.text.end, state.line_ctr
        at, line, line_start = place.char_pos, place.line, place.line_start_pos
        make = str.__new__
        while at < end:
            character = text[at]
            if character == " " or character == "\t":
                at += 1
                continue
            start, begins = at, line
            column = start - line_start + 1
            scanner = scanners.get(character)
            if scanner is None:
                scanner = scanners[character] = self._scanner_for(character)
            kind, match = scanner
            if match is None:
                at += 1
                value = character
                if character == "{" and parser_state is not None:
                    names = _names(parser_state, text, start)
                    if names is not None:
                        kind, value, at = "NAMES", names, start + len(names)
                        if "\n" in names:
                            line += names.count("\n")
                            line_start = start + names.rindex("\n") + 1
            else:
                found = match(text, start, end)
                assert found is not None and found.lastgroup is not None, "STRAY takes what nothing else does"
                kind, value, at = found.lastgroup, found[0], found.end()
                if kind == "NAME":
                    keyword = keywords.get(value)
                    if keyword is not None:
                        if value in RESERVED or _is_keyword(parser_state, keyword):
                            kind = keyword
                    elif not value.isascii() and not _is_name(value):
                        kind = "STRAY"
                elif kind in over_lines and "\n" in value:
                    line += value.count("\n")
                    line_start = start + value.rindex("\n") + 1
            end_column = at - line_start + 1
            place.char_pos, place.line, place.line_start_pos, place.column = at, line, line_start, end_column
            if kind == "STRING" and parser_state is not None and _ends_line(state) and expects(parser_state, "DOC"):
                kind = "DOC"
            token = make(Word, value)
            token.type, token.value = kind, value
            token.start_pos, token.line, token.column = start, begins, column
            token.end_pos, token.end_line, token.end_column = at, line, end_column
            yield token

    def _scanner_for(self, character: str) -> _Scanner:
        """What finds the word that begins with a character."""
        tried: list[tuple[str, str]] = []
        for terminal in self._tried:
            pattern = terminal.pattern.to_regexp()
            if re.match(_FIRST.get(terminal.name, pattern), character):
                tried.append((terminal.name, pattern))
                if terminal.name in _SURE or terminal.pattern.value == character:
                    break  # it matches
        if tried[0][1] == re.escape(character):
            return tried[0][0], None
        return "", re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in tried)).match


_Scanner: TypeAlias = tuple[str, Callable[..., re.Match[str] | None] | None]
"""What a sign by itself is called; else nothing, and what matches a word."""

_FIRST = {
    "NAME": r"[^\W\d]", "STRING": '"', "UNCLOSED": '"', "_NEWLINE": r"[#\r\n]", "STRAY": r"[^\n]",
    "DATE": "[0-9]", "AMOUNT": "[0-9]", "QUANTITY": "[0-9]", "PERCENT": "[0-9]", "NUMBER": "[0-9]", "INVALID": "[0-9]",
    "ECCN": "[E0-9]", "HS": "H", "BY_DAY": "b", "COMPARE": "[=!<>]", "ARROW": "-", "RANGE": "[.]",
}  # fmt: skip
"""What terminals may begin with, if not all that they match is one character."""

_SURE = ("NAME", "STRAY")
"""Terminals that match whatever begins as they do."""


PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*+")
"""A name in a set of plain names."""

_GAP = r"[ \t\n]*+"
_NAMES = re.compile(rf"\{{{_GAP}{PLAIN_NAME.pattern}(?>(?:{_GAP},{_GAP}{PLAIN_NAME.pattern})*){_GAP},?{_GAP}\}}")
_NO_MEMBERS = RESERVED | {"EAR99", "this"}
"""What looks like a name, and is another word in a set."""


def _names(state: ParserState[int], text: str, start: int) -> str | None:
    """The set of plain names that begins here, if the parser goes on with a set at once."""
    action = state.parse_conf.states[state.position].get("NAMES")
    if action is None or action[0] is not Shift:
        return None
    found = _NAMES.match(text, start)
    return found[0] if found is not None and _NO_MEMBERS.isdisjoint(PLAIN_NAME.findall(found[0])) else None


def expects(state: ParserState[int], kind: str) -> bool:
    """Whether the parser may go on with a terminal.

    An action in the table is not enough: in an LALR(1) table the reduction it asks for may lead to a state that does
    not take the terminal. So the reductions are tried, on a copy of the stack.
    """
    rows, stack = state.parse_conf.states, state.state_stack
    while kind in (row := rows[stack[-1]]):
        action, target = row[kind]
        if action is Shift:
            return True
        if stack is state.state_stack:
            stack = stack.copy()
        del stack[len(stack) - len(target.expansion) :]
        stack.append(rows[stack[-1]][target.origin.name][1])
        if kind == "$END" and stack[-1] == state.parse_conf.end_state:
            return True
    return False


def _is_keyword(state: ParserState[int] | None, kind: str) -> bool:
    if state is None:
        return False
    actions = state.parse_conf.states[state.position]
    return kind in actions and ("NAME" not in actions or expects(state, kind))


def _ends_line(state: LexerState) -> bool:
    """Whether nothing but blanks and a comment stands before the end of the line."""
    text, offset = state.text.text, state.line_ctr.char_pos
    while text[offset] in " \t":
        offset += 1
    return text[offset] in "#\n" or text.startswith("\r\n", offset)


def _is_name(text: str) -> bool:
    """Whether a name is spelt in its one way: no letter stands for others, or looks like that of another script."""
    return text.isidentifier() and normalize("NFKC", text) == text and is_canonical_text(text)
