"""Completion: what may be written at a place, from the text before it and the last program that could be made.

The text around the cursor is rarely a program. So the line up to the cursor says what is asked for (`use `, `then `,
`x.`, `x == `), and the program says what there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lsprotocol import types as lsp

from comity.checked import ast as checked
from comity.lsp.features.hover import eccn_headings, heading_of
from comity.lsp.index import Declared, Index
from comity.lsp.projects import Snapshot
from comity.pipeline.driver import Build
from comity.runtime.types import ECCN, EnumType, ListType, PlaceType, RecordType, SetType, Type
from comity.surface.grammar import keywords

MOST = 400
"""Proposals in one answer; the editor asks again as more is typed."""

_KINDS = {
    "enum": lsp.CompletionItemKind.Enum, "member": lsp.CompletionItemKind.EnumMember,
    "record": lsp.CompletionItemKind.Struct, "field": lsp.CompletionItemKind.Field,
    "define": lsp.CompletionItemKind.Function, "table": lsp.CompletionItemKind.Function,
    "decision": lsp.CompletionItemKind.Class, "rule": lsp.CompletionItemKind.Method,
}  # fmt: skip
_DECLARES = re.compile(r"^(?:rule|define|prove|test|response)\b[^\n]*?\bfor[ \t]+([\w.]+)", re.MULTILINE)
_RECORD = re.compile(r"^record[ \t]+(\w+)", re.MULTILINE)
_BINDS = re.compile(r"\b(?:any|all|no)[ \t]+(\w+)[ \t]+in[ \t]+([\w.]+)|\b(\w+)[ \t]+in[ \t]+([\w.]+)[ \t]+where\b")
_COMPARES = re.compile(r"([\w.]+)[ \t]*(?:==|!=|<=|>=|<|>|(?:not[ \t]+)?in[ \t]*\{[^{}\n]*|=)[ \t]*$")
_NAMES_OUTCOME = re.compile(r"\b(?:then|expect|over|otherwise|prevail)[ \t]+(?:outcome[ \t]+in[ \t]+\{[^}]*)?$")
_PATH = re.compile(r"((?:\w+\.)+)$")


class Here(NamedTuple):
    """``before``: the text up to the word at the cursor; ``line``: the part of it in the cursor's line."""

    before: str
    line: str


def complete(snapshot: Snapshot, read: Callable[[str], bytes], text: str, offset: int) -> list[lsp.CompletionItem]:
    """Proposals for the word that ends at an offset."""
    start = offset
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    word = text[start:offset].lower()
    here = Here(text[:start], text[text.rfind("\n", 0, start) + 1 : start])
    if here.line.lstrip().startswith("#") or here.line.count('"') % 2:
        return []
    found = (item for item in _proposals(snapshot, read, here) if item.label.lower().startswith(word))
    by_label: dict[str, lsp.CompletionItem] = {}
    for item in found:
        by_label.setdefault(item.label, item)
        if len(by_label) == MOST:
            break
    return list(by_label.values())


def _proposals(snapshot: Snapshot, read: Callable[[str], bytes], here: Here) -> Iterator[lsp.CompletionItem]:
    made, index = snapshot.build, snapshot.index
    program, line = made.checked, here.line
    if re.match(r"use[ \t]+[\w.]*$", line):
        yield from (_item(name, lsp.CompletionItemKind.Module) for name in program.modules)
        return
    if used := re.match(r"use[ \t]+([\w.]+)[ \t]*:", line):
        for declared in index.declared.values():
            if declared.qname == f"{used[1]}.{declared.short}":
                yield _declared(declared)
        return
    decision, record = _context(made, here.before)
    if decision is not None and _NAMES_OUTCOME.search(line):
        for member in decision.outcomes.members:
            yield _item(member, lsp.CompletionItemKind.EnumMember, f"outcome of `{decision.name}`")
        return
    if re.search(r"\b(?:exception to|subject to|notwithstanding|disapplies)[ \t]+(?:[\w.]+,[ \t]*)*$", line):
        for rule in program.rules.values():
            if decision is None or rule.decision == decision.qname:
                yield _declared(index.declared[rule.qname])
        return
    if compared := _COMPARES.search(line):
        kind = _type_of(made, record, here.before, compared[1].split("."))
        yield from _values(snapshot, read, kind)
        if kind is not None:
            return
    if dotted := _PATH.search(line):
        yield from _fields(made, index, _type_of(made, record, here.before, dotted[1].rstrip(".").split(".")))
        return
    if record is not None:
        yield from _fields(made, index, record)
    for declared in index.declared.values():
        if declared.kind in ("define", "set", "table", "decision", "record", "enum", "zone", "party"):
            yield _declared(declared)
    yield from (_item(word, lsp.CompletionItemKind.Keyword) for word in keywords())


def _item(label: str, kind: lsp.CompletionItemKind, detail: str = "", doc: str = "") -> lsp.CompletionItem:
    return lsp.CompletionItem(label, kind=kind, detail=detail or None, documentation=doc or None)


def _declared(found: Declared) -> lsp.CompletionItem:
    kind = _KINDS.get(found.kind, lsp.CompletionItemKind.Variable)
    return _item(found.short, kind, f"{found.kind} of {found.qname.rpartition('.')[0]}", found.doc)


def _context(made: Build, before: str) -> tuple[checked.Decision | None, RecordType | None]:
    """The decision and the record of the declaration that a text ends in."""
    program = made.checked
    heads = [*_DECLARES.finditer(before), *_RECORD.finditer(before)]
    last = max(heads, key=lambda head: head.start(), default=None)
    if last is None:
        return None, None
    name = last[1].rpartition(".")[2]
    decision = next((d for d in program.decisions.values() if d.name == name), None)
    if decision is not None and last.re is _DECLARES:
        return decision, decision.record
    return None, next((r.type for r in program.records.values() if r.name == name), None)


def _type_of(made: Build, record: RecordType | None, before: str, names: list[str]) -> Type | None:
    """The type of a dotted name: its first part is a bound variable, `this`, or a field of the record."""
    first, *rest = names
    here: Type | None = record if first == "this" else None
    for bound in _BINDS.finditer(before):
        variable, source = (bound[1], bound[2]) if bound[1] else (bound[3], bound[4])
        if variable == first:
            here = _element(_type_of(made, record, before[: bound.start()], source.split(".")))
    if here is None and record is not None:
        here = _field(made, record, first)
    for name in rest:
        here = _field(made, here, name) if isinstance(here, RecordType) else None
    return here


def _field(made: Build, record: RecordType, name: str) -> Type | None:
    found = next((field.type for field in record.fields if field.name == name), None)
    if found is not None:
        return found
    for define in made.checked.defines.values():
        if define.record == record and define.name == name:
            return define.result
    return None


def _element(kind: Type | None) -> Type | None:
    return kind.element if isinstance(kind, SetType | ListType) else None


def _fields(made: Build, index: Index, kind: Type | None) -> Iterator[lsp.CompletionItem]:
    if isinstance(kind, RecordType):
        for field in kind.fields:
            declared = index.declared.get(f"{kind.module}.{kind.name}.{field.name}")
            yield _item(
                field.name, lsp.CompletionItemKind.Field, str(field.type), declared.doc if declared is not None else ""
            )
        for define in made.checked.defines.values():
            if define.record == kind:
                yield _item(define.name, lsp.CompletionItemKind.Function, str(define.result), define.doc)
    elif kind == ECCN:
        for name, detail in (("category", "Int"), ("group", "Text"), ("number", "Int"), ("paragraph", "Text")):
            yield _item(name, lsp.CompletionItemKind.Field, detail)


def _values(snapshot: Snapshot, read: Callable[[str], bytes], kind: Type | None) -> Iterator[lsp.CompletionItem]:
    """Values that may be compared with one of a type: members with their texts, ECCNs with their headings."""
    made = snapshot.build
    while isinstance(kind, SetType | ListType):
        kind = kind.element
    if isinstance(kind, EnumType | PlaceType):
        for enum in made.checked.enums.values():
            if enum.type == kind or (isinstance(kind, PlaceType) and enum.name == "Country"):
                for member, doc in zip(enum.type.members, enum.member_docs, strict=False):
                    yield _item(member, lsp.CompletionItemKind.EnumMember, doc)
    elif kind == ECCN:
        headings = eccn_headings(snapshot, read)
        for table in made.checked.tables.values():
            if table.parameters and table.parameters[0][1] == ECCN:
                for row in table.rows:
                    code = str(row.keys[0])
                    yield _item(code, lsp.CompletionItemKind.Constant, (heading_of(code, headings) or "")[:80])
