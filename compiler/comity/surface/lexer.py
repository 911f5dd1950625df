"""Lark's lexer, with keywords that are keywords only where the grammar expects them.

Lark's `BasicLexer` reads words with one pattern made from all terminals, keywords as names. `PolicyLexer` then looks
at the state of Lark's parser, as Lark's contextual lexer does. So

- a reserved word is itself everywhere, and never a name;
- any other keyword is a keyword where the parser can go on with it, and else a name (`notice` is a keyword in a
  withdrawal clause and an ordinary field name in a condition);
- a text that ends its line is documentation (`DOC`) where documentation may stand;
- a name has one spelling: `ﬁ` with a ligature is not a name, as Python, which imports compiled policies, would
  read it as the name `fi`.

Lark's own contextual lexer would build one pattern for each of several hundred parser states, and would go by the
LALR(1) table alone, which has an action for some words that turn out not to fit after the reductions it asks for.

What nothing accepts still comes as one whole word (`INVALID`, `UNCLOSED`, `STRAY`), so that the message can say what
was expected in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import cast
from unicodedata import normalize

from lark import Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedToken
from lark.lexer import BasicLexer, LexerState
from lark.parsers.lalr_parser_state import ParserState

from comity.runtime.texts import is_canonical_text
from comity.surface.words import RESERVED, Word


class PolicyLexer(BasicLexer):
    """Lark's lexer for policies; its state is Lark's. Pass the class to `Lark(lexer=…)`."""

    __future_interface__ = 2  # `lex` takes Lark's own lexer state and parser state

    def __init__(self, conf: LexerConf) -> None:
        super().__init__(conf)
        words = ((terminal.pattern, terminal.name) for terminal in conf.terminals)
        self._keywords = {p.value: name for p, name in words if p.type == "str" and p.value.isidentifier()}

    def lex(self, state: LexerState, parser_state: ParserState[int] | None) -> Iterator[Word]:
        """The words from where ``state`` is. Without a parser's state, soft keywords are names and no text is `DOC`."""
        keywords = self._keywords
        for token in cast(Iterator[Word], super().lex(state, parser_state)):
            kind = token.type
            if kind == "NAME":
                keyword = keywords.get(token)
                if keyword is not None:
                    if token in RESERVED or _is_keyword(parser_state, keyword):
                        token.type = keyword
                elif not token.isascii() and not _is_name(token):
                    token.type = "STRAY"
            elif kind == "STRING" and _ends_line(state) and parser_state is not None and expects(parser_state, "DOC"):
                token.type = "DOC"
            yield token


def expects(state: ParserState[int], kind: str) -> bool:
    """Whether the parser may go on with a terminal.

    An action in the table is not enough: in an LALR(1) table the reduction it asks for may lead to a state that does
    not take the terminal. So the reductions are tried, on a copy of the stacks.
    """
    if kind not in state.parse_conf.states[state.position]:
        return False
    trial = state.copy(deepcopy_values=False)
    trial.parse_conf = copy(state.parse_conf)
    trial.parse_conf.callbacks = {}  # the tree is not built
    try:
        trial.feed_token(Token(kind, ""), kind == "$END")
    except UnexpectedToken:
        return False
    return True


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
