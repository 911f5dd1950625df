"""Which declaration a place in a text speaks of, and where else it is spoken of.

    define series_600 for Item:                 # declared here
        eccn.number in 600..699
    rule missiles for licensing:
        when item.series_600                    # a reference: `facts.series_600`

The checker records every use of a name with its span; declarations carry the span of their own name. `Index` sorts
both by file, so that a lookup is one scan of one file's names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from comity.base.source import SourceFile, Span
from comity.checked import ast as checked
from comity.runtime.light import dataclass
from comity.surface import ast as surface


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration that can be pointed at.

    ``kind``: `rule`, `field`, `member` … ``name``, ``whole``: the span of its name, and of all that belongs to it.
    ``container``: qualified name of what it is declared in (a record, an enum, an agreement), or "".
    """

    qname: str
    kind: str
    name: Span
    whole: Span
    doc: str = ""
    cites: tuple[str, ...] = ()
    container: str = ""

    @property
    def short(self) -> str:
        return self.qname.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Use:
    """A name where it is written, and the declaration that it means."""

    span: Span
    qname: str


class Index:
    """The names of one checked program. ``declared``: by qualified name."""

    def __init__(self, program: checked.Program, sources: Mapping[str, SourceFile]) -> None:
        self.program = program
        self.sources = sources
        self.declared = {found.qname: found for found in _declarations(program)}
        self._uses: dict[str, list[Use]] = {}
        for reference in program.references:
            self._uses.setdefault(reference.span.path, []).append(Use(reference.span, reference.qname))
        self._names: dict[str, list[Declared]] = {}
        for found in self.declared.values():
            self._names.setdefault(found.name.path, []).append(found)

    def at(self, path: str, offset: int) -> Use | None:
        """The name at an offset, be it used or declared there. The closest one, where several spans hold the place."""
        names = (Use(found.name, found.qname) for found in self._names.get(path, ()))
        around = [use for use in chain(self._uses.get(path, ()), names) if use.span.start <= offset <= use.span.end]
        known = [use for use in around if use.qname in self.declared]
        return min(known, key=lambda use: (use.span.end - use.span.start, not self._is_called_so(use)), default=None)

    def _is_called_so(self, use: Use) -> bool:
        """A member is referred to as its enum too: the one that is written is meant."""
        return self._text(use.span).endswith(self.declared[use.qname].short)

    def _text(self, span: Span) -> str:
        source = self.sources.get(span.path)
        return source.text[span.start : span.end] if source is not None else ""

    def uses(self, qname: str) -> list[Span]:
        """Every place that uses a declaration by its name, by path and place; the declaration itself is not one."""
        short = qname.rpartition(".")[2]
        found: set[Span] = set()
        for use in chain.from_iterable(self._uses.values()):
            if use.qname == qname:
                span = self._last_part(use.span)
                if self._text(span) == short:
                    found.add(span)
        return sorted(found, key=lambda span: (span.path, span.start))

    def _last_part(self, span: Span) -> Span:
        """The span of the last name in `module.decision`."""
        source = self.sources.get(span.path)
        text = self._text(span)
        return span if source is None or "." not in text else source.span(span.start + text.rindex(".") + 1, span.end)

    def uses_in(self, path: str) -> list[Use]:
        """The uses in one file, in order."""
        return sorted(self._uses.get(path, ()), key=lambda use: use.span.start)

    def around(self, path: str, offset: int) -> Declared | None:
        """The innermost declaration that an offset lies in."""
        found = [d for d in self.declared.values() if d.whole.path == path and d.whole.start <= offset <= d.whole.end]
        return min(found, key=lambda d: d.whole.end - d.whole.start, default=None)


def _declarations(program: checked.Program) -> Iterator[Declared]:
    kinds: tuple[tuple[str, Mapping[str, checked.Cited]], ...] = (
        ("enum", program.enums),
        ("record", program.records),
        ("set", program.sets),
        ("zone", program.zones),
        ("table", program.tables),
        ("define", program.defines),
        ("decision", program.decisions),
        ("rule", program.rules),
        ("party", program.parties),
        ("body", program.bodies),
        ("agreement", program.agreements),
        ("response", program.responses),
        ("prove", program.proves),
    )
    for kind, found in kinds:
        for qname, declaration in found.items():
            node: surface.Node = declaration.node  # type: ignore[attr-defined]
            yield Declared(qname, kind, declaration.span, node.span, declaration.doc, declaration.cites)
            yield from _inside(declaration, node)


def _inside(declaration: checked.Cited, node: surface.Node) -> Iterator[Declared]:
    """What is declared within a declaration, and named elsewhere: fields, members, outcomes, commitments."""
    qname, module = declaration.qname, declaration.module
    match node:
        case surface.RecordDecl(items=items):
            for item in items:
                if isinstance(item, surface.FieldDecl):
                    doc = item.doc.value if item.doc else ""
                    name = f"{qname}.{item.name.text}"
                    yield Declared(name, "field", item.name.span, item.span, doc, container=qname)
        case surface.EnumDecl(members=members):
            for member in members:
                doc = member.doc.value if member.doc else ""
                name = f"{module}.{member.name.text}"
                yield Declared(name, "member", member.name.span, member.span, doc, container=qname)
        case surface.AgreementDecl(items=parts):
            for part in parts:
                name_node = getattr(part, "name", None)
                if isinstance(name_node, surface.Name):
                    yield Declared(
                        f"{qname}.{name_node.text}", "commitment", name_node.span, part.span, container=qname
                    )
        case _:
            return
