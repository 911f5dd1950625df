"""Declarations as bytes that give them back: so that a text that was parsed before is not parsed again.

A module is cut before every declaration. The nodes of each part are kept by the digest of its text, with places that
count from where the part begins; so that a part is known again wherever it stands, and whatever stands around it.

    rule a …     part 1    digest 3f…   ──▶  RuleDecl(a) at 0..80
    rule b …     part 2    digest 91…   ──▶  RuleDecl(b) at 0..66: in this file at 81..147

The bytes are made by `pickle`, but what reads them makes nodes of the surface tree, numbers and days, and nothing else:
bytes that name anything else are refused, and the part is parsed.
"""

from __future__ import annotations

import copyreg
import pickle
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from hashlib import blake2b
from io import BytesIO
from itertools import pairwise
from operator import attrgetter
from typing import Any

from comity.base.diagnostics import Report
from comity.base.late import NotAsKept, late
from comity.base.source import SourceFile, Span
from comity.surface import ast
from comity.surface.anchors import starts
from comity.surface.comments import check_suppressions, comments
from comity.surface.parse import parse, parse_part

DIGEST = 16
"""Bytes of a digest."""

_HEAD = re.compile(r"(?:instrument|source|use)\b")
"""How what stands before all declarations begins."""

_TESTING = re.compile(r"(?:test|example)\b")
_ANY_TESTING = re.compile(rf"^{_TESTING.pattern}", re.MULTILINE)
_AFTER = re.compile(r"(?:\n[ \t]*(?:#[^\n]*)?)+\Z")
"""Blank lines and comments at the end of a part, which may belong to what follows."""

_KINDS: dict[str, type[ast.Node]] = {
    name: kind
    for name, kind in vars(ast).items()
    if isinstance(kind, type) and is_dataclass(kind) and issubclass(kind, ast.Node)
}
_FIELDS = {kind: tuple(each.name for each in fields(kind) if each.name != "span") for kind in _KINDS.values()}

_UNREADABLE = (pickle.UnpicklingError, ValueError, TypeError, KeyError, AttributeError, IndexError, EOFError)
"""What comes of bytes that somebody else may have written."""


class PackedModule:
    """The parts of one module, as they were when it was last parsed. ``data``: what `bytes` gave; None: nothing.

    ``late``: of rules that are read back, the conditions are read when they are asked for. ``tests``: without, tests
    and examples that are known are left out.
    """

    def __init__(self, data: bytes | None = None, late: bool = False, tests: bool = True) -> None:
        self._late = late
        self._tests = tests
        self._known = _unframed(data) if data else {}
        self._now: dict[bytes, bytes] = {}
        """The parts of the text that was parsed last."""
        self._ready: dict[int, tuple[ast.Declaration, bytes]] = {}
        """What has been parsed elsewhere of the text to be parsed next, by where it starts."""

    def parse(self, source: SourceFile, report: Report) -> ast.Module:
        """As `surface.parse.parse`, with the parts that are known taken from what is known of them."""
        places = _places(source.text)
        if places is None or not (self._known or self._ready):
            return self._parsed(source, report, places or [])
        declarations: list[ast.Declaration] = []
        silent = Report()
        reader, packer = _Reader(source, self._late), _Packer(source)
        for start, end in pairwise(places):
            if not self._tests and self._is_known_test(source.text, start, end):
                continue
            known = self._part(start, end, reader, packer, silent)
            if known is None:
                self._now = {}
                return parse(source, report)
            declarations.append(known)
        found = tuple(comments(source))
        check_suppressions(found, report)
        head = self._head(places[0], reader, packer, silent)
        if head is None:
            return parse(source, report)
        return replace(
            head,
            name=source.module,
            declarations=tuple(declarations),
            comments=found,
            span=source.span(0, len(source.text)),
        )

    def _is_known_test(self, text: str, start: int, end: int) -> bool:
        """Whether a part is a test or an example that is known, and stays so."""
        if _TESTING.match(text, start) is None:
            return False
        digest = _digest(text[start:end])
        packed = self._known.get(digest)
        if packed is not None:
            self._now[digest] = packed
        return packed is not None

    def _head(self, end: int, reader: _Reader, packer: _Packer, silent: Report) -> ast.Module | None:
        """What stands before all declarations, as a module without any; None if there is a mistake in it."""
        source = reader.source
        digest = _digest_of_head(source.text[:end])
        packed = self._known.get(digest)
        head = None if packed is None else reader.read_head(packed)
        if head is None:
            head = parse(SourceFile(source.path, source.module, source.text[:end]), silent)
            if silent.diagnostics:
                return None
            packed = packer.packed_head(head, end)
        if packed is not None:
            self._now[digest] = packed
        return head

    def unknown(self, text: str) -> list[tuple[int, int]]:
        """The parts of a text that would have to be parsed: where they start and end."""
        places = _places(text)
        known = self._known
        return [(s, e) for s, e in pairwise(places or ()) if not known or _digest(text[s:e]) not in known]

    def receive(self, source: SourceFile, parts: Iterable[tuple[int, bytes]]) -> None:
        """Know what `packed_parts` has made of a text that is to be parsed next."""
        reader = _Reader(source)
        for start, packed in parts:
            made = reader.read(packed, start)
            if made is not None:
                self._ready[start] = made, packed

    @property
    def is_changed(self) -> bool:
        """The text that was parsed last has other parts than are known."""
        return bool(self._now) and self._now.keys() != self._known.keys()

    def bytes(self) -> bytes:
        """The parts of the text that was parsed last."""
        return zlib.compress(b"".join(each for part in self._now.items() for each in _framed(*part)), 1)

    def _parsed(self, source: SourceFile, report: Report, places: Sequence[int]) -> ast.Module:
        """All of it parsed; the parts are kept, if it has no mistakes, and if the parser sees them as parts too."""
        own = Report()
        module = parse(source, own)
        report.diagnostics += own.diagnostics
        if not own.diagnostics and [each.span.start for each in module.declarations] == [*places[:-1]]:
            packer = _Packer(source)
            if places and (packed := packer.packed_head(module, places[0])) is not None:
                self._now[_digest_of_head(source.text[: places[0]])] = packed
            for node, (start, end) in zip(module.declarations, pairwise(places), strict=True):
                packed = packer.packed(node, start, end)
                if packed is not None:
                    self._now[_digest(source.text[start:end])] = packed
        return module

    def _part(self, start: int, end: int, reader: _Reader, packer: _Packer, silent: Report) -> ast.Declaration | None:
        """The declaration in a part; None if there is anything else to it."""
        source = reader.source
        digest = _digest(source.text[start:end])
        if start in self._ready:
            received, self._now[digest] = self._ready.pop(start)
            return received
        packed = self._known.get(digest)
        if packed is not None:
            made = reader.read(packed, start)
            if made is not None:
                self._now[digest] = packed
                return made
        parsed = parse_part(source, start, end, silent)
        if silent.diagnostics or len(parsed) != 1 or parsed[0].span.start != start:
            return None
        packed = packer.packed(parsed[0], start, end)
        if packed is not None:
            self._now[digest] = packed
        return parsed[0]


def packed_parts(source: SourceFile, starts: Sequence[int], end: int) -> list[tuple[int, bytes]] | None:
    """The declarations that begin at ``starts``, one after another up to ``end``, as bytes for `PackedModule.receive`.

    None if there is any mistake in them, or the parser sees other parts: the module is to be parsed as a whole then.
    """
    silent = Report()
    declarations = parse_part(source, starts[0], end, silent)
    if silent.diagnostics or [each.span.start for each in declarations] != [*starts]:
        return None
    packer = _Packer(source)
    found = []
    for node, (start, after) in zip(declarations, pairwise((*starts, end)), strict=True):
        packed = packer.packed(node, start, after)
        if packed is not None:
            found.append((start, packed))
    return found


def tests_of(text: str) -> list[str]:
    """The texts of tests and examples, without what stands after them; all of it, where it has no clear parts."""
    places = _places(text)
    if places is None:
        return [text] if _ANY_TESTING.search(text) else []
    parts = [text[start:end] for start, end in pairwise(places) if _TESTING.match(text, start)]
    return [_AFTER.sub("", part) for part in parts]


def _digest(part: str) -> bytes:
    """Blank lines after a declaration mean nothing."""
    return blake2b(part.rstrip().encode("utf-8", "surrogatepass"), digest_size=DIGEST).digest()


def _digest_of_head(text: str) -> bytes:
    """That of no declaration: none begins with these words."""
    return _digest(f"before all declarations:\n{text}")


def _places(text: str) -> list[int] | None:
    """Where declarations start, and the end; None if what belongs before them stands among them, or there are none."""
    found = starts(text)
    heads = [start for start in found if _HEAD.match(text, start)]
    rest = found[len(heads) :]
    return [*rest, len(text)] if rest and found[: len(heads)] == heads else None


# ------------------------------------------------------------------------------------------- bytes


def place(start: int, end: int, line: int, column: int, end_line: int, end_column: int) -> Span:
    """Stands for the place of something in bytes; `_Reader` has its own."""
    return Span("", start, end, line, column, end_line, end_column)


def rule(*parts: Any) -> ast.RuleDecl:
    """Stands for a rule in bytes, with bytes of its conditions in it; `_Reader` has its own."""
    raise NotImplementedError


class _NotPacked(Exception):
    """Something reaches beyond its part."""


class _Packer:
    """Packs the parts of one text."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.start = self.end = self.line = 0
        self._table = copyreg.dispatch_table.copy()
        self._table[Span] = lambda span: (place, self._place(span))
        for kind, names in _FIELDS.items():
            self._table[kind] = self._reducer(kind, names)
        early = attrgetter(*_EARLY)
        self._table[ast.RuleDecl] = lambda node: (
            rule,
            (self._place(node.span), self._dumped((node.when, node.unless)), node.unless is not None, *early(node)),
        )

    def packed(self, node: ast.Declaration, start: int, end: int) -> bytes | None:
        """A declaration in the part from ``start`` to ``end``; None if it reaches beyond."""
        self.start, (self.line, _) = start, self.source.position(start)
        self.end = start + len(self.source.text[start:end].rstrip())
        try:
            return self._dumped(node)
        except (_NotPacked, pickle.PicklingError, RecursionError):
            return None

    def packed_head(self, module: ast.Module, end: int) -> bytes | None:
        """What stands before all declarations, up to ``end``; None if it cannot be kept."""
        self.start, self.line, self.end = 0, 1, end
        try:
            return self._dumped((module.doc, module.instrument, module.sources, module.uses))
        except (_NotPacked, pickle.PicklingError, RecursionError):
            return None

    def _dumped(self, value: object) -> bytes:
        file = BytesIO()
        pickler = pickle.Pickler(file, 5)
        pickler.dispatch_table = self._table
        pickler.dump(value)
        return file.getvalue()

    def _place(self, span: Span) -> tuple[int, ...]:
        at, above = self.start, self.line
        if span.start < at or span.end > self.end:
            raise _NotPacked
        return span.start - at, span.end - at, span.line - above, span.column, span.end_line - above, span.end_column

    def _reducer(self, kind: type[ast.Node], names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
        match names:
            case ():
                return lambda node: (kind, self._place(node.span))
            case (name,):
                one = attrgetter(name)
                return lambda node: (kind, (*self._place(node.span), one(node)))
            case _:
                several = attrgetter(*names)
                return lambda node: (kind, self._place(node.span) + several(node))


_EARLY = tuple(name for name in _FIELDS[ast.RuleDecl] if name not in ("when", "unless"))
"""The fields of a rule that are read at once."""

_late_when = late(ast.RuleDecl, "when")
_late_conditions = late(ast.RuleDecl, "when", "unless")


class _Reader:
    """Reads the parts of one text. ``late``: conditions of rules when they are asked for."""

    def __init__(self, source: SourceFile, late: bool = False) -> None:
        self.source = source
        self.late = late
        self.start = self.line = 0
        self._makers: dict[str, Callable[..., Any]] = {name: self._maker(kind) for name, kind in _KINDS.items()}
        self._makers |= {"place": self._place, "rule": self._rule, "Fraction": Fraction, "date": date}

    def read(self, packed: bytes, start: int) -> ast.Declaration | None:
        """The declaration that begins at ``start``; None if the bytes are not those of one."""
        self.start, (self.line, _) = start, self.source.position(start)
        try:
            made = _Unpickler(packed, self._makers).load()
        except _UNREADABLE:
            return None
        return made if isinstance(made, ast.Declaration) else None

    def read_head(self, packed: bytes) -> ast.Module | None:
        """What stands before all declarations; None if the bytes are not that."""
        self.start, self.line = 0, 1
        try:
            doc, instrument, sources, uses = _Unpickler(packed, self._makers).load()
        except _UNREADABLE:
            return None
        return ast.Module("", doc, instrument, sources, uses, ())

    def _rule(self, place: tuple[int, ...], conditions: bytes, has_unless: bool, *parts: Any) -> ast.RuleDecl:
        values: dict[str, Any] = {**dict(zip(_EARLY, parts, strict=True)), "span": self._place(*place)}
        start, line = self.start, self.line

        def later() -> dict[str, ast.Expr | None]:
            self.start, self.line = start, line
            try:
                when, unless = _Unpickler(conditions, self._makers).load()
            except _UNREADABLE as error:
                raise NotAsKept from error
            return {"when": when, "unless": unless}

        if self.late:
            return _late_conditions(later, **values) if has_unless else _late_when(later, unless=None, **values)
        when, unless = _Unpickler(conditions, self._makers).load()
        return ast.RuleDecl(**values, when=when, unless=unless)

    def _place(self, start: int, end: int, line: int, column: int, end_line: int, end_column: int) -> Span:
        at, above = self.start, self.line
        return Span(self.source.path, start + at, end + at, line + above, column, end_line + above, end_column)

    def _maker(self, kind: type[ast.Node]) -> Callable[..., ast.Node]:
        path = self.source.path

        def make(start: int, end: int, line: int, column: int, end_line: int, end_column: int, *parts: Any) -> ast.Node:
            at, above = self.start, self.line
            span = Span(path, start + at, end + at, line + above, column, end_line + above, end_column)
            return kind(*parts, span=span)

        return make


class _Unpickler(pickle.Unpickler):
    """Makes what ``makers`` name, and nothing else."""

    def __init__(self, packed: bytes, makers: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(BytesIO(packed))
        self._makers = makers

    def find_class(self, module: str, name: str) -> Any:
        return self._makers[name]


def _framed(digest: bytes, packed: bytes) -> Iterator[bytes]:
    yield digest
    yield len(packed).to_bytes(4, "big")
    yield packed


def _unframed(data: bytes) -> dict[bytes, bytes]:
    try:
        whole = zlib.decompress(data)
    except zlib.error:
        return {}
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(whole):
        begins = at + DIGEST + 4
        ends = begins + int.from_bytes(whole[at + DIGEST : begins], "big")
        found[whole[at : at + DIGEST]] = whole[begins:ends]
        at = ends
    return found
