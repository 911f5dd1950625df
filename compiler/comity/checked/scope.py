"""Names: what a module declares, what it brings in with `use`, and what a name means where it is written.

A module has three namespaces. Types and values share one (sets, tables, definitions, decisions, parties …); rules
have one of their own, because they are only ever named where a rule is expected; so have proofs. The members of
enums are found through their enum.

A name is looked for in the module's own declarations, then in those it names in a `use`, then in modules used
with `*`, then in modules used whole (`use ear.scope`): own names hide what a `*` brings, so that a new name in a
library breaks nobody. Where two modules of one tier have it, the name is ambiguous and wants its module before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from comity.base.diagnostics import Related, Report
from comity.base.source import SourceFile, Span
from comity.checked import errors
from comity.runtime.light import dataclass
from comity.runtime.suggest import nearest
from comity.surface import ast as surface

Library: TypeAlias = Callable[[], Sequence[tuple[SourceFile, surface.Module]]]
"""Reads the modules of the standard library that the program does not use."""

Kind: TypeAlias = Literal[
    "enum", "record", "set", "zone", "table", "definition", "decision", "rule",
    "party", "body", "agreement", "response", "proof",
]  # fmt: skip

Named: TypeAlias = (
    surface.EnumDecl
    | surface.RecordDecl
    | surface.SetDecl
    | surface.ZoneDecl
    | surface.TableDecl
    | surface.DefineDecl
    | surface.DecisionDecl
    | surface.RuleDecl
    | surface.PartyDecl
    | surface.BodyDecl
    | surface.AgreementDecl
    | surface.ResponseDecl
    | surface.ProveDecl
)

KINDS: dict[type, Kind] = {
    surface.EnumDecl: "enum",
    surface.RecordDecl: "record",
    surface.SetDecl: "set",
    surface.ZoneDecl: "zone",
    surface.TableDecl: "table",
    surface.DefineDecl: "definition",
    surface.DecisionDecl: "decision",
    surface.RuleDecl: "rule",
    surface.PartyDecl: "party",
    surface.BodyDecl: "body",
    surface.AgreementDecl: "agreement",
    surface.ResponseDecl: "response",
    surface.ProveDecl: "proof",
}


@dataclass(slots=True, eq=False)
class Symbol:
    """A declaration by name. Two symbols are the same only if they are one object.

    ``node`` may be exchanged for another of the same signature (`check.Checking`).
    """

    kind: Kind
    module: str
    name: str
    qname: str
    node: Named

    @property
    def span(self) -> Span:
        return self.node.name.span

    def __str__(self) -> str:
        return f"the {self.kind} `{self.name}`"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enum, named in a `use`."""

    enum: Symbol
    name: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A name that several used modules declare."""

    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """A name that is declared where something is broken, which was reported: its use is not a second mistake."""


LOST = Lost()

Found: TypeAlias = Symbol | Member | Ambiguous | Lost | None


@dataclass(slots=True, eq=False)
class ModuleScope:
    """The names of one module.

    ``members``: by name, the enums declared here that have it. ``lost``: names whose declaration or `use` is broken;
    ``all_lost``: a whole module that is used is not there, and it might have declared anything.
    """

    source: SourceFile
    node: surface.Module
    own: dict[str, Symbol] = field(default_factory=dict)
    rules: dict[str, Symbol] = field(default_factory=dict)
    proofs: dict[str, Symbol] = field(default_factory=dict)
    members: dict[str, list[Symbol]] = field(default_factory=dict)
    imported: dict[str, Symbol | Member] = field(default_factory=dict)
    starred: list[ModuleScope] = field(default_factory=list)
    whole: list[ModuleScope] = field(default_factory=list)
    partly: list[ModuleScope] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    all_lost: bool = False

    @property
    def name(self) -> str:
        return self.node.name

    def symbols(self) -> Iterator[Symbol]:
        """The own symbols in source order, duplicates left out."""
        for table in (self.own, self.rules, self.proofs):
            yield from table.values()

    def find(self, name: str) -> Found:
        """What ``name`` means here, members of enums aside (unless one is named in a `use`)."""
        found = self.own.get(name) or self.imported.get(name)
        if found is not None:
            return found
        if name in self.lost:
            return LOST
        for tier in (self.starred, self.whole):
            symbols = {id(s): s for s in (module.own.get(name) for module in tier) if s is not None}
            if symbols:
                first, *others = symbols.values()
                return Ambiguous((first, *others)) if others else first
        return LOST if self.is_lost(name) else None

    def is_lost(self, name: str) -> bool:
        """Whether ``name``, which is nowhere to be found, may have been declared by what is broken."""
        return self.all_lost or name in self.lost or any(name in m.lost for m in (*self.starred, *self.whole))

    def enums_with(self, member: str) -> Sequence[Symbol]:
        """The visible enums that have ``member``: of the nearest tier that has any."""
        near = list(self.members.get(member, ()))
        for found in self.imported.values():
            if isinstance(found, Member):
                if found.name == member and found.enum not in near:
                    near.append(found.enum)
            elif found not in near and _has_member(found.node, member):
                near.append(found)
        if near:
            return near
        for tier in (self.starred, self.whole):
            far = [enum for module in tier for enum in module.members.get(member, ())]
            if far:
                return list(dict.fromkeys(far))
        return ()

    def used(self) -> list[ModuleScope]:
        """The modules used in whatever form."""
        return [*self.starred, *self.whole, *self.partly]

    def visible(self) -> Iterator[str]:
        """Every name that `find` knows: for the nearest spelling."""
        yield from self.own
        yield from self.imported
        for module in (*self.starred, *self.whole):
            yield from module.own


def _has_member(node: Named, member: str) -> bool:
    return isinstance(node, surface.EnumDecl) and any(each.name.text == member for each in node.members)


def declare(
    modules: Iterable[tuple[SourceFile, surface.Module]], report: Report, library: Library = tuple
) -> dict[str, ModuleScope]:
    """The scopes of all modules, with their own names and what they use, by module name in order of name.

    ``library``: the modules of the standard library that none of them uses; read where a module is not found.
    """
    scopes = {
        node.name: _own_names(source, node, report) for source, node in sorted(modules, key=lambda pair: pair[1].name)
    }
    for scope in scopes.values():
        _use(scope, scopes, report, library)
    return scopes


def nearest_module(name: str, known: Iterable[str], library: Library) -> str | None:
    """The module that is most likely meant: one called so below a folder or `std`, else the nearest spelling."""
    names = [*known, *(source.module for source, _ in library())]
    below = [each for each in names if each.endswith(f".{name}")]
    return below[0] if len(below) == 1 else nearest(name, names)


def _own_names(source: SourceFile, node: surface.Module, report: Report) -> ModuleScope:
    scope = ModuleScope(source, node)
    scope.lost.update(name.text for name in node.broken)
    for declaration in _named(node.declarations):
        kind = KINDS[declaration.__class__]
        name = declaration.name.text
        symbol = Symbol(kind, node.name, name, f"{node.name}.{name}", declaration)
        space = scope.rules if kind == "rule" else scope.proofs if kind == "proof" else scope.own
        first = space.setdefault(name, symbol)
        if first is not symbol:
            errors.duplicate_name(
                report,
                f"`{name}` is declared twice",
                symbol.span,
                related=(Related(f"the first `{name}`", first.span),),
                subjects=(symbol.qname,),
            )
        elif isinstance(declaration, surface.EnumDecl):
            for member in dict.fromkeys(m.name.text for m in declaration.members):
                scope.members.setdefault(member, []).append(symbol)
    return scope


def _named(declarations: Iterable[surface.Declaration]) -> Iterator[Named]:
    for declaration in declarations:
        if not isinstance(declaration, surface.Capability | surface.ExampleDecl | surface.TestDecl):
            yield declaration


def _use(scope: ModuleScope, scopes: dict[str, ModuleScope], report: Report, library: Library) -> None:
    for use in scope.node.uses:
        target = scopes.get(use.module.text)
        if target is None:
            close = nearest_module(use.module.text, scopes, library)
            errors.unknown_module(report, use.module.text, use.module.span, close)
            scope.lost.update(name.text for name in use.names or ())
            scope.lost.add(use.module.parts[0].text)
            scope.all_lost |= use.names is None
            continue
        if target is scope:
            errors.unknown_module(report, use.module.text, use.module.span, None, itself=True)
        elif use.star:
            if target not in scope.starred:
                scope.starred.append(target)
        else:
            if target not in scope.whole and use.names is None:
                scope.whole.append(target)
            if use.names is not None and target not in scope.partly:
                scope.partly.append(target)
            for name in use.names or ():
                _import(scope, target, name, report)


def _import(scope: ModuleScope, target: ModuleScope, name: surface.Name, report: Report) -> None:
    found = exported(target, name.text)
    if found is None:
        scope.lost.add(name.text)
        if target.is_lost(name.text):
            return
        known = [*target.own, *target.rules, *target.members]
        errors.unknown_name(report, f"`{target.name}` declares no `{name.text}`", name.span, nearest(name.text, known))
        return
    if isinstance(found, Ambiguous):
        enums = " and ".join(f"`{enum.name}`" for enum in found.symbols)
        errors.ambiguous_name(report, f"`{name.text}` is a member of {enums} in `{target.name}`", name.span)
        return
    own = scope.own.get(name.text)
    other = scope.imported.get(name.text)
    if own is not None:
        errors.duplicate_name(
            report,
            f"`{name.text}` is declared here and brought in from `{target.name}`",
            own.span,
            related=(Related("brought in here", name.span),),
        )
    elif other is not None and other != found:
        module = other.enum.module if isinstance(other, Member) else other.module
        errors.duplicate_name(
            report, f"`{name.text}` is brought in from `{module}` and from `{target.name}`", name.span
        )
    else:
        scope.imported[name.text] = found


def exported(target: ModuleScope, name: str) -> Symbol | Member | Ambiguous | None:
    """What `use target: name` brings: a declaration, a rule, or a member of one of its enums."""
    found = target.own.get(name) or target.rules.get(name)
    if found is not None:
        return found
    enums = target.members.get(name, [])
    if len(enums) > 1:
        return Ambiguous(tuple(enums))
    return Member(enums[0], name) if enums else None


def choose_rule(
    report: Report,
    path: surface.Path,
    here: ModuleScope,
    tiers: Iterable[Sequence[Symbol]],
    unknown: str,
    known: Iterable[str],
    scopes: Iterable[ModuleScope],
) -> Symbol | None:
    """The only rule in the first of ``tiers`` that has any.

    Reports E014 if there are several, and E013 with the message ``unknown`` if there is none, unless it may be among
    what is broken in ``scopes``, or in a module that is missing ``here``. ``known``: names that may have been meant.
    """
    for rules in tiers:
        if len(rules) > 1:
            modules = " and of ".join(f"`{rule.module}`" for rule in rules)
            help = "write " + " or ".join(f"`{rule.qname}`" for rule in rules)
            message = f"`{path.parts[-1].text}` is a rule of {modules}"
            errors.ambiguous_name(report, message, path.span, help=help)
            return None
        if rules:
            return rules[0]
    missing = len(path.parts) > 1 and here.is_lost(path.parts[0].text)
    if not missing and not any(scope.is_lost(path.parts[-1].text) for scope in scopes):
        errors.unknown_name(report, unknown, path.span, nearest(path.text, known))
    return None
