"""The one canonical layout of a file: `comity fmt`.

Only the space between words changes (and the commas behind a last element), so the meaning cannot. The words come
from the lexer, the rows and their depth from the layout; the tree is asked about the few signs that stand differently
by what they are part of: a minus, a bracket, `..`.

- Four spaces a level, one between words, none inside brackets; two before a comment that ends a line.
- A declaration with a block has an empty line on both sides, as has an item of an agreement. Elsewhere one empty
  line stays where there were some.
- A row longer than 100 columns is broken inside its widest brackets. Elements without brackets of their own fill the
  lines; others get one each, with a comma behind the last. A condition is broken before its connectives. What a
  comment is in is always broken. Outside brackets nothing is: a line end would mean something.

The layout of a row depends on its words and comments alone, not on how it was broken before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import TypeAlias

from comity.base.source import SourceFile
from comity.runtime.light import dataclass
from comity.surface import ast
from comity.surface.depth import children
from comity.surface.grammar import parser
from comity.surface.layout import CLOSERS, OPENERS
from comity.surface.words import Word, long_text

WIDTH = 100
INDENT = "    "


def format_module(source: SourceFile, module: ast.Module) -> str:
    """The text of a file in canonical layout. ``module`` is what `parse` made of it, without errors.

    Line ends stay as they are: CRLF if the first one is.
    """
    rows = list(_rows(source, module.comments))
    spacing = Spacing.of(module)
    lines: list[str] = []
    for row, blank in zip(rows, _blanks(rows), strict=True):
        if blank:
            lines.append("")
        lines.extend(f"{INDENT * row.depth}{line}" if line else "" for line in _row_lines(row, spacing))
    newline = "\r\n" if re.match(r"[^\n]*\r\n", source.text) else "\n"
    return "".join(line + newline for line in lines)


# ------------------------------------------------------------------------------------------- rows


@dataclass(slots=True)
class Group:
    """Brackets and what they hold."""

    opener: Word
    closer: Word
    items: list[Node] = field(default_factory=list)


Node: TypeAlias = Word | Group | ast.Comment


@dataclass(slots=True)
class Row:
    """A line of the program with the comments behind it, or a comment on a line of its own.

    ``gap``: an empty line stood before it. ``opens``: its block follows.
    """

    depth: int
    nodes: list[Node]
    gap: bool = False
    opens: bool = False
    behind: list[ast.Comment] = field(default_factory=list)

    @property
    def is_comment(self) -> bool:
        return isinstance(self.nodes[0], ast.Comment)

    @property
    def keyword(self) -> str:
        return str(self.nodes[0]) if isinstance(self.nodes[0], Word) else ""


def _rows(source: SourceFile, comments: Iterable[ast.Comment]) -> Iterator[Row]:
    """The rows of a file, in order."""
    text = source.text if source.text.endswith("\n") else source.text + "\n"
    waiting = list(reversed(list(comments)))
    columns = [0]  # of the open blocks, in the source
    last_line = 0  # of the source, that something has come from
    row: Row | None = None
    open_groups: list[Group] = []

    def comments_before(offset: int, depth: int) -> Iterator[Row]:
        """Those on lines of their own, as rows; they stand where they stood, but no deeper than what is open."""
        nonlocal last_line
        while waiting and waiting[-1].span.start < offset:
            comment = waiting.pop()
            level = depth
            while level + 1 < len(columns) and columns[level + 1] < comment.span.column:
                level += 1
            yield Row(level, [comment], comment.span.line > last_line + 1)
            last_line = comment.span.line

    made = parser()
    layout = made.layout
    for word in made.words(text):
        if word.type == "_INDENT":
            assert row is not None
            row.opens = True
        if word.type in ("_NEWLINE", "_INDENT") and row is not None:
            line = last_line
            while waiting and waiting[-1].span.line == line and not waiting[-1].own_line:
                row.behind.append(waiting.pop())
            yield row
            row = None
            continue
        if word.type == "_DEDENT":
            continue
        if row is None:
            depth = len(layout.indents) - 1
            if depth >= len(columns):
                columns.append(layout.indents[-1])
            yield from comments_before(word.start_pos, depth)
            del columns[depth + 1 :]
            row = Row(depth, [], word.line > last_line + 1)
            open_groups.clear()
        here = open_groups[-1].items if open_groups else row.nodes
        while waiting and waiting[-1].span.start < word.start_pos:
            here.append(waiting.pop())
        if word.type in OPENERS:
            group = Group(word, word)  # until it is closed
            here.append(group)
            open_groups.append(group)
        elif word.type in CLOSERS:
            group = open_groups.pop()
            group.closer = word
            _drop_last_comma(group.items)
        else:
            here.append(word)
        last_line = word.end_line
    yield from comments_before(len(text), 0)


def _drop_last_comma(items: list[Node]) -> None:
    words = [index for index, item in enumerate(items) if not isinstance(item, ast.Comment)]
    if words and items[words[-1]] == ",":
        del items[words[-1]]


def _blanks(rows: list[Row]) -> Iterator[bool]:
    """For each row, whether an empty line comes before it."""
    apart = _apart(rows)
    siblings: dict[int, int] = {}  # the last row of each depth, within the blocks that are open
    for index, row in enumerate(rows):
        before = rows[index - 1] if index else None
        sibling = siblings.get(row.depth)
        if before is None or (before.opens and before.depth < row.depth):
            yield False
        elif before.is_comment and before.depth == row.depth:
            yield row.gap
        else:
            yield row.gap or apart[index] or (sibling is not None and apart[sibling])
        siblings = {depth: last for depth, last in siblings.items() if depth < row.depth} | {row.depth: index}


def _apart(rows: list[Row]) -> list[bool]:
    """For each row, whether it heads something that stands apart, or is a comment right above such a row."""
    found, agreement = [], False
    for row in rows:
        if row.depth == 0:
            agreement = row.keyword == "agreement"
        found.append(row.opens and row.depth <= agreement)
    for index in range(len(rows) - 2, -1, -1):
        below = rows[index + 1]
        if rows[index].is_comment and rows[index].depth == below.depth and not below.gap:
            found[index] = found[index + 1]
    return found


# ------------------------------------------------------------------------------------------- words


@dataclass(frozen=True, slots=True)
class Spacing:
    """What the space between two words depends on, besides the words.

    ``tight``: offsets at which a bracket belongs to what ends there (`chart[`, `count(`), or a `..` stands between
    plain numbers (`3..5`). ``signs``: offsets of the minus signs that belong to what follows them. ``loose``: offsets
    before dots that would otherwise begin the paragraph of an ECCN.
    """

    tight: frozenset[int]
    signs: frozenset[int]
    loose: frozenset[int]

    @classmethod
    def of(cls, module: ast.Module) -> Spacing:
        tight: set[int] = set()
        signs: set[int] = set()
        loose: set[int] = set()
        waiting: list[ast.Node] = [module]
        while waiting:
            node = waiting.pop()
            match node:
                case ast.Call():
                    tight.add(node.function.span.end)
                case ast.Count() | ast.Sum():
                    tight.add(node.span.start + len("sum" if isinstance(node, ast.Sum) else "count"))
                case ast.IndexExpr():
                    tight.add(node.base.span.end)
                case ast.RuleRef() | ast.Assignment():
                    tight.add(node.path.span.end)
                case ast.DefineDecl() | ast.TableDecl():
                    tight.add(node.name.span.end)
                case ast.Range(low=low, high=high) if _is_plain(low) and _is_plain(high):
                    tight |= {low.span.end, high.span.start}
                case ast.FieldExpr(base=ast.EccnLit() as base, name=name) if len(name.text) == 1:
                    loose.add(base.span.end)
                case ast.Negate():
                    signs.add(node.span.start)
            waiting.extend(children(node))
        return cls(frozenset(tight), frozenset(signs), frozenset(loose))

    def between(self, left: Word, right: Word) -> str:
        """The space between two words of a row."""
        if right == "." and left.end_pos in self.loose:
            return " "
        if left in ("(", "[", "{", ".") or right in (")", "]", "}", ".", ",", ":", "?"):
            return ""
        if right in ("(", "[") and left.end_pos in self.tight:
            return ""
        if (right == ".." and left.end_pos in self.tight) or (left == ".." and right.start_pos in self.tight):
            return ""
        return "" if left == "-" and left.start_pos in self.signs else " "


def _is_plain(expr: ast.Expr) -> bool:
    return isinstance(expr, ast.NumberLit | ast.PercentLit | ast.NameExpr)


def _word(word: Word) -> str:
    """A word in its canonical form; a long text with its lines as far in as they are within it."""
    if word.type in ("QUANTITY", "AMOUNT"):
        return re.sub(r"[ \t]*([A-Za-z]+)$", r" \1", word)
    if word.type == "HS":
        return re.sub(r"[ \t]+", " ", word)
    return "\n".join(long_text(word)) if "\n" in word else str(word)


def _words(nodes: Iterable[Node]) -> Iterator[Word | ast.Comment]:
    for node in nodes:
        if isinstance(node, Group):
            yield node.opener
            yield from _words(node.items)
            yield node.closer
        else:
            yield node


# ------------------------------------------------------------------------------------------- one row


def _row_lines(row: Row, spacing: Spacing) -> list[str]:
    """The lines of a row, without the indentation of its block."""
    if isinstance(row.nodes[0], ast.Comment):
        return [row.nodes[0].text]
    lines = Breaker(spacing, WIDTH - len(INDENT) * row.depth).lines(row.nodes)
    lines[-1] += "".join(f"  {comment.text}" for comment in row.behind)
    return lines


@dataclass(slots=True)
class Piece:
    """An element of a list, or an operand with the connective before it, and the comments at it."""

    nodes: list[Node] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    behind: str = ""


CONNECTIVES = (("where", "for"), ("implies",), ("or",), ("and",), ("|", "&"), ("+", "-"))
"""Before these a row without commas is broken, the first first and the others as needed."""

NARROW = 48
"""Brackets that hold less are not broken: that would help little."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """Lays nodes out in lines of at most ``width``, where that can be."""

    spacing: Spacing
    width: int

    def flat(self, nodes: Iterable[Node]) -> str | None:
        """Nodes in one line (but for long texts); None if a comment is among them."""
        pieces: list[str] = []
        last: Word | None = None
        for word in _words(nodes):
            if isinstance(word, ast.Comment):
                return None
            if last is not None:
                pieces.append(self.spacing.between(last, word))
            pieces.append(_word(word))
            last = word
        return "".join(pieces)

    def fits(self, nodes: Iterable[Node], reserve: int = 0) -> bool:
        """Do they fit in one line? What holds a comment does not."""
        flat = self.flat(nodes)
        return flat is not None and all(len(line) + reserve <= self.width for line in flat.split("\n"))

    def lines(self, nodes: list[Node], reserve: int = 0) -> list[str]:
        """The lines of some nodes, leaving ``reserve`` columns at the end of the last."""
        index = None if self.fits(nodes, reserve) else self._to_break(nodes)
        if index is None:
            return (self.flat(nodes) or "").split("\n")
        group = nodes[index]
        assert isinstance(group, Group)
        head = self.lines([*nodes[:index], group.opener])
        body = Breaker(self.spacing, self.width - len(INDENT)).body(group.items)
        tail = self.lines([group.closer, *nodes[index + 1 :]], reserve)
        return [*head, *(INDENT + line if line else "" for line in body), *tail]

    def _to_break(self, nodes: list[Node]) -> int | None:
        """Which brackets to break: the first that hold a comment, else the widest, unless there is no room inside."""
        best, widest = None, NARROW
        for index, node in enumerate(nodes):
            if isinstance(node, Group):
                flat = self.flat([node])
                if flat is None:
                    return index
                if len(flat) > widest:
                    best, widest = index, len(flat)
        return best if self.width > NARROW else None

    def body(self, items: list[Node]) -> list[str]:
        """The lines between broken brackets."""
        commas = any(isinstance(item, Word) and item == "," for item in items)
        pieces, dangling = self._pieces(items, {","} if commas else set())
        if not commas:
            before: set[str] = set()
            for tier in CONNECTIVES:
                if all(self.flat(piece.nodes) is None or self.fits(piece.nodes) for piece in pieces) and before:
                    break
                before |= set(tier)
                pieces, dangling = self._pieces(items, before)
        fill = commas and all(self.fits(piece.nodes, 1) for piece in pieces) and not any(_nests(p) for p in pieces)
        lines: list[str] = []
        room = False  # for another element in the last line
        for piece in pieces:
            comma = "," if commas and not (fill and piece is pieces[-1]) else ""
            made = self.lines(piece.nodes, len(comma))
            made[-1] += comma
            if room and not piece.above and len(lines[-1]) + 1 + len(made[0]) <= self.width:
                lines[-1] += f" {made[0]}"
            else:
                lines += piece.above
                lines += made
            room = fill and not piece.behind
            if piece.behind:
                lines[-1] += f"  {piece.behind}"
        return lines + dangling

    def _pieces(self, items: list[Node], splits: set[str]) -> tuple[list[Piece], list[str]]:
        """Items split at commas, which go, or before connectives; and the comments behind them all."""
        pieces: list[Piece] = []
        piece, above_next = Piece(), list[str]()
        for item in items:
            if isinstance(item, ast.Comment):
                at = piece if piece.nodes or item.own_line or not pieces else pieces[-1]
                if item.own_line or not at.nodes or at.behind:
                    (above_next if piece.nodes else piece.above).append(item.text)
                else:
                    at.behind = item.text
                continue
            parts = isinstance(item, Word) and item in splits and item.start_pos not in self.spacing.signs
            if parts and piece.nodes:
                pieces.append(piece)
                piece, above_next = Piece(above=above_next), []
            if not (parts and item == ","):
                piece.nodes.append(item)
        if piece.nodes:
            pieces.append(piece)
            return pieces, above_next
        return pieces, piece.above + above_next


def _nests(piece: Piece) -> bool:
    return any(isinstance(node, Group) for node in piece.nodes) or any(
        isinstance(node, Word) and "\n" in node for node in piece.nodes
    )
