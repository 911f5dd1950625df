"""Indentation made into tokens, and brackets kept in balance, between Lark's lexer and its parser.

The lexer gives one `_NEWLINE` for line ends, comments and blank lines together, ending with the indentation of the
next line that has content. Inside brackets it means nothing; elsewhere it becomes

- `_NEWLINE`, at the end of the line before, where the next line stands at the same depth or further out;
- `_INDENT`, instead, where the next line stands deeper (so a block opens with `:` and `_INDENT`);
- then one `_DEDENT` for each block that ends.

These tokens are empty and stand at the end of the last word before them, so that a node which ends with one ends
there.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.surface.words import Word

OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
DEEPEST = 200


class LayoutError(Exception):
    """What the layout cannot make sense of, at ``token``: indentation or brackets."""

    def __init__(self, kind: str, token: Word, opener: Word | None = None) -> None:
        self.kind, self.token, self.opener = kind, token, opener
        super().__init__(kind)


class Layout:
    """The layout of one text; its state is what recovery from errors needs to know.

    ``lines``: whether line ends mean anything outside brackets; in an expression by itself they do not.
    ``indents``: the columns of the open blocks. ``brackets``: those open. ``longest``: the most words in a line
    (brackets joined, without commas and a word for each, as what they stand between is not nested) with the depth of
    its block: a bound that says when the tree must be measured. ``body``: the column of the last block of a
    declaration. ``last``, ``before``: the last word given to the parser, and the one before that.
    """

    always_accept = ("UNCLOSED", "STRAY")
    """Terminals that no rule of the grammar takes, and the lexer needs all the same (Lark would drop them)."""

    def __init__(self) -> None:
        self.begin(lines=True)

    def begin(self, lines: bool) -> None:
        """Start on another text."""
        self.lines = lines
        self.indents = [0]
        self.brackets: list[Word] = []
        self.longest = 0
        self.body = 0
        self.last: Word | None = None
        self.before: Word | None = None

    def restart(self, blocks: int) -> None:
        """Go on at the start of a line after an error, with ``blocks`` blocks open."""
        self.indents[1:] = [self.body][:blocks]
        self.brackets.clear()
        self.last = self.before = None

    def process(self, stream: Iterator[Word]) -> Iterator[Word]:
        words = 0
        for token in stream:
            kind = token.type
            if kind == "_NEWLINE":
                if self.lines and not self.brackets:
                    self.longest = max(self.longest, words + len(self.indents))
                    words = 0
                    yield from self._line_end(token)
                continue
            if self.lines and self.last is None and token.column != self.indents[-1] + 1:
                raise LayoutError("indented", token)
            words += -1 if kind == "COMMA" else 3 if kind == "NAMES" else 1
            if kind in OPENERS:
                self.brackets.append(token)
                if len(self.brackets) > DEEPEST:
                    raise LayoutError("deep", token)
            elif kind in CLOSERS:
                if not self.brackets:
                    raise LayoutError("unopened", token)
                if self.brackets[-1].type != CLOSERS[kind]:
                    raise LayoutError("mismatched", token, self.brackets[-1])
                self.brackets.pop()
            self.before, self.last = self.last, token
            yield token
        if self.brackets:
            raise LayoutError("unclosed", self.brackets[-1], self.brackets[-1])

    def _line_end(self, token: Word) -> Iterator[Word]:
        if self.last is None:
            return
        indentation = token.rpartition("\n")[2]
        if "\t" in indentation:
            raise LayoutError("tab", token)
        column = len(indentation)
        if column > self.indents[-1]:
            self.indents.append(column)
            if len(self.indents) == 2:
                self.body = column
            if len(self.indents) > DEEPEST:
                raise LayoutError("deep", token)
            yield self._here("_INDENT")
            return
        yield self._here("_NEWLINE")
        while column < self.indents[-1]:
            self.indents.pop()
            yield self._here("_DEDENT")
        if column != self.indents[-1]:
            raise LayoutError("misaligned", token)

    def _here(self, kind: str) -> Word:
        last = self.last
        assert last is not None
        line, column = last.end_line, last.end_column
        return Word(kind, "", last.end_pos, line, column, line, column, last.end_pos)
