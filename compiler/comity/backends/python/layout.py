"""Line breaks for what `ast.unparse` writes on one line.

Only white space between tokens is added, inside brackets or inside a pair of brackets that is put around a whole
expression; so the text means what it meant. Statements stay apart as people keep them.

For example:

    RULES = (('ban', 'prohibited', ('1',)), ('ease', 'free', ()))      longer than a line, it becomes

    RULES = (
        ('ban', 'prohibited', ('1',)),
        ('ease', 'free', ()),
    )
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

WIDTH = 110
_SHORT = 16
"""Items up to so long stand many to a line."""

_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[()\[\]{},:]|\w+|[^\w\s'"()\[\]{},:]+|\s+""",
)
_CLOSE = {"(": ")", "[": "]", "{": "}"}


@dataclass(slots=True)
class Group:
    """A pair of brackets; ``items`` are what stands between its commas, ``flat`` its text on one line."""

    open: str
    items: list[Nodes]
    trailing: bool
    flat: str


Nodes: TypeAlias = "list[str | Group]"
"""A run of tokens (white space included) and groups."""


def module(body: Sequence[ast.stmt]) -> str:
    """The text of a module: `ast.unparse` of its statements, with line breaks."""
    pieces: list[str] = []
    previous: ast.stmt | None = None
    for statement in body:
        pieces.append("\n" * (_blank_lines(previous, statement) + (previous is not None)))
        if (data := _data(statement)) is not None:
            pieces.append(data)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            pieces.append(ast.unparse(ast.Module([statement], [])))  # at the head of a module it is written as text
        else:
            pieces.append("\n".join(_lines(ast.unparse(statement))))
        previous = statement
    return "".join(pieces) + "\n"


def _data(statement: ast.stmt) -> str | None:
    """The text of an assignment of constants: as many to a line as fit, or a row or entry to each line.

    None for any other statement. Tables are long, and there is nothing to break in them but between their items.
    """
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=tuple() as items)):
            return _constants(target, [repr(item) for item in items], "(", ")") if len(items) > 1 else None
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Tuple(elts=elements)) if len(elements) > 1:
            if all(isinstance(each, ast.Constant) and isinstance(each.value, tuple) for each in elements):
                rows = [f"    {each.value!r}," for each in elements]  # type: ignore[attr-defined]
                return "\n".join([f"{target} = (", *rows, ")"])
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Dict(keys=keys, values=values)) if keys:
            if all(isinstance(each, ast.Constant) for each in (*keys, *values)):
                pairs = zip(keys, values, strict=True)
                rows = [f"    {key.value!r}: {value.value!r}," for key, value in pairs]  # type: ignore[union-attr, attr-defined]
                return "\n".join([f"{target} = {{", *rows, "}"])
    return None


def _constants(target: str, items: Sequence[str], open_: str, close: str) -> str:
    flat = f"{target} = {open_}{', '.join(items)}{close}"
    if len(flat) <= WIDTH:
        return flat
    return "\n".join([f"{target} = {open_}", *(f"    {line}" for line in _filled(items, 4)), close])


_BLOCKS = (ast.FunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


def _blank_lines(previous: ast.stmt | None, statement: ast.stmt) -> int:
    if previous is None or (isinstance(statement, ast.Expr) and not isinstance(previous, _BLOCKS)):
        return 0
    if isinstance(previous, _BLOCKS) or isinstance(statement, _BLOCKS):
        return 2
    if isinstance(previous, ast.Expr):
        return 1
    return int(isinstance(previous, _IMPORTS) != isinstance(statement, _IMPORTS))


def _lines(text: str) -> Iterator[str]:
    """The lines of one statement, long ones broken."""
    quoted = False
    for line in text.split("\n"):
        if quoted or line.count('"""') == 1:  # inside a docstring, which keeps its lines
            quoted ^= line.count('"""') % 2 == 1
            yield line
        elif len(line) <= WIDTH or line.lstrip().startswith(('"', "'")):
            yield line
        else:
            yield _broken(line)


def _broken(line: str) -> str:
    """A line that is too long, over several."""
    body = line.lstrip()
    indent = len(line) - len(body)
    nodes = _parse(body)
    head, value, tail = _parts(nodes)
    if not value or value == ["*"]:  # nothing to break: `from module import *`
        return line
    start = indent + len(_flat(head))
    if _operators(value) or head[:1] == ["from"]:
        value = [Group("(", _items(value) if head[:1] == ["from"] else [value], False, f"({_flat(value)})")]
    return " " * indent + _flat(head) + _render(value, indent, start, len(_flat(tail))) + _flat(tail)


def _parse(text: str) -> Nodes:
    """Tokens and groups of one line."""
    stack: list[tuple[str, list[Nodes], int]] = [("", [[]], 0)]
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _CLOSE:
            stack.append((token, [[]], match.start()))
        elif token in (")", "]", "}"):
            open_, items, start = stack.pop()
            trailing = len(items) > 1 and not _flat(items[-1]).strip()
            kept = [_stripped(item) for item in (items[:-1] if trailing else items)]
            stack[-1][1][-1].append(Group(open_, kept, trailing, text[start : match.end()]))
        elif token == "," and len(stack) > 1 and not _inner_comma(stack[-1][1][-1]):
            stack[-1][1].append([])
        else:
            stack[-1][1][-1].append(token)
    return stack[0][1][0]


def _inner_comma(nodes: Nodes) -> bool:
    """Whether a comma after these nodes belongs to what a comprehension or lambda binds."""
    words = [node for node in nodes if isinstance(node, str)]
    for binds, ends in (("for", "in"), ("lambda", ":")):
        if binds in words and ends not in words[_last(words, binds) :]:
            return True
    return False


def _last(words: Sequence[str], word: str) -> int:
    return len(words) - 1 - words[::-1].index(word)


def _stripped(nodes: Nodes) -> Nodes:
    start, end = 0, len(nodes)
    while start < end and isinstance(nodes[start], str) and not str(nodes[start]).strip():
        start += 1
    while end > start and isinstance(nodes[end - 1], str) and not str(nodes[end - 1]).strip():
        end -= 1
    return nodes[start:end]


def _flat(nodes: Nodes) -> str:
    return "".join(node if isinstance(node, str) else node.flat for node in nodes)


def _items(nodes: Nodes) -> list[Nodes]:
    """What stands between the commas of a run that has no brackets around it."""
    items: list[Nodes] = [[]]
    for node in nodes:
        if node == ",":
            items.append([])
        else:
            items[-1].append(node)
    return [_stripped(item) for item in items]


def _parts(nodes: Nodes) -> tuple[Nodes, Nodes, Nodes]:
    """What opens a statement, the expression in it that brackets may be put around, and what closes it (`:`).

    A statement that has no one such expression (`with`, `assert`) is broken in a pair of brackets that it has.
    """
    tail: Nodes = []
    if nodes[-1] == ":":
        nodes, tail = nodes[:-1], [":"]
    at = _expression(nodes, bool(tail))
    if at is not None:
        return nodes[:at], nodes[at:], tail
    groups = [(n, node) for n, node in enumerate(nodes) if isinstance(node, Group)]
    if not groups:
        return [], [], []
    at, _ = groups[0] if nodes[0] in ("def", "class") else max(groups, key=lambda pair: len(pair[1].flat))
    return nodes[:at], nodes[at : at + 1], nodes[at + 1 :] + tail


_HEADS = {"return": "return", "if": "if", "elif": "elif", "while": "while", "for": "in", "from": "import"}
"""By the word a statement begins with, the word before its expression."""
_WHOLE = frozenset({"@", "assert", "del", "global", "import", "nonlocal", "raise"})
"""What begins a line of which brackets around the rest would change the meaning, or be an error."""
_ASSIGNS = re.compile(r"(?![=!<>]=)[^\w\s:]*=")


def _expression(nodes: Nodes, opens: bool) -> int | None:
    """Where the expression of a statement begins that brackets may be put around; None if there is none.

    ``opens`` tells a statement that a block follows.
    """
    first = nodes[0] if isinstance(nodes[0], str) else ""
    if first in _HEADS:
        return nodes.index(_HEADS[first]) + 2
    if opens or first in _WHOLE:
        return None
    words = list(takewhile(lambda node: node != "lambda", nodes))  # the parameters of a lambda have `=` and `:` too
    assigned = [n for n, node in enumerate(words) if isinstance(node, str) and _ASSIGNS.fullmatch(node)]
    if assigned:
        return assigned[-1] + 2
    return None if ":" in words else 0


_WEAKEST = (("if", "else"), ("for",), ("or",), ("and",))
"""Operators that lines begin with, those that bind least first."""


def _operators(nodes: Nodes) -> tuple[str, ...]:
    """The weakest of the operators between these nodes."""
    words = {node for node in nodes if isinstance(node, str)}
    if "for" in words:
        return ("for", "if") if "else" not in words else ("for",)
    return next((operators for operators in _WEAKEST if words & set(operators)), ())


def _render(nodes: Nodes, indent: int, column: int, after: int) -> str:
    """The text of nodes that begin at ``column`` in a line indented by ``indent``, with ``after`` to follow them."""
    flat = _flat(nodes)
    if column + len(flat) + after <= WIDTH:
        return flat
    operators = _operators(nodes)
    if operators:
        return _by_operators(nodes, operators, indent, column)
    groups = [n for n, node in enumerate(nodes) if isinstance(node, Group) and node.items != [[]]]
    if not groups:
        return flat
    last = max(groups, key=lambda n: len(nodes[n].flat))  # type: ignore[union-attr]
    group = nodes[last]
    assert isinstance(group, Group)
    head, tail = _flat(nodes[:last]), _flat(nodes[last + 1 :])
    return head + _group(group, indent, column + len(head), len(tail) + after) + tail


def _by_operators(nodes: Nodes, operators: tuple[str, ...], indent: int, column: int) -> str:
    """An expression broken before its weakest operators; what is too long between them is broken further in."""
    parts: list[tuple[str, Nodes]] = [("", [])]
    for node in nodes:
        if isinstance(node, str) and node in operators:
            parts.append((f"{node} ", []))
        else:
            parts[-1][1].append(node)
    lines = []
    for operator, part in parts:
        start = indent + len(operator) if operator else column
        part = _stripped(part)
        lines.append(operator + _render(part, indent + (4 if _operators(part) else 0), start, 0))
    return ("\n" + " " * indent).join(lines)


def _group(group: Group, indent: int, column: int, after: int) -> str:
    if column + len(group.flat) + after <= WIDTH:
        return group.flat
    close = _CLOSE[group.open]
    if len(group.items) == 1 and not group.trailing:
        (only,) = group.items
        if isinstance(only[-1], Group) and not _operators(only) and all(isinstance(node, str) for node in only[:-1]):
            return group.open + _render(only, indent, column + 1, after + 1) + close
    inner = indent + 4
    if len(group.items) > 3 and all(len(_flat(item)) <= _SHORT for item in group.items):
        lines = _filled([_flat(item) for item in group.items], inner)
    else:
        lines = [_render(item, inner, inner, 1) for item in group.items]
        comma = "," if len(group.items) > 1 or group.trailing else ""
        lines = [f"{line}," for line in lines[:-1]] + [lines[-1] + comma]
    pad = " " * inner
    return group.open + "\n" + "\n".join(pad + line for line in lines) + "\n" + " " * indent + close


def _filled(items: Sequence[str], indent: int) -> list[str]:
    """Short items, as many to a line as fit."""
    lines: list[str] = [""]
    for item in items:
        if lines[-1] and indent + len(lines[-1]) + len(item) + 2 > WIDTH:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{item},"
    return lines
