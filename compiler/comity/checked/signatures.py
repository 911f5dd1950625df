"""What is known of a declaration before its body is read: its type, its record, its parameters.

Signatures are made on demand and once, so declarations may be in any order and in any module. A declaration
that is broken still has a signature, with `ERROR` where the mistake is: it is reported where it was made and
nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Protocol, TypeVar

from comity.base.diagnostics import Related, Report
from comity.base.source import Span
from comity.checked import errors, literals
from comity.checked.ast import Reference
from comity.checked.constants import constant
from comity.checked.scope import Ambiguous, Kind, Library, Lost, Member, ModuleScope, Symbol, declare, nearest_module
from comity.checked.types import BUILT_IN, COUNTRY, COUNTRY_MODULE, describe, member_names
from comity.runtime.light import dataclass
from comity.runtime.suggest import nearest
from comity.runtime.types import (
    BOOL,
    DATE,
    ERROR,
    AbsentType,
    EnumType,
    ErrorType,
    Field,
    ListType,
    MoneyType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import article
from comity.surface import ast as surface
from comity.terms import Term

T = TypeVar("T")


COUNTRIES = f"countries are declared in `{COUNTRY_MODULE}`: `use {COUNTRY_MODULE}: *`"


@dataclass(frozen=True, slots=True)
class DefineSignature:
    record: RecordType | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type


@dataclass(frozen=True, slots=True)
class DecisionSignature:
    record: RecordType | None
    outcomes: EnumType


@dataclass(frozen=True, slots=True)
class TableSignature:
    parameters: tuple[tuple[str, Type], ...]
    result: Type


@dataclass(frozen=True, slots=True)
class RuleSignature:
    """``for_each``: variable, source and member type of a family. ``keys``: that type, `ERROR` if it is broken."""

    decision: Symbol | None
    for_each: tuple[str, Term, EnumType] | None = None
    keys: EnumType | ErrorType | None = None


class Elaborates(Protocol):
    """What a signature needs of a `Context` to read the expressions in it."""

    uses: dict[str, Span]

    def check(self, expr: surface.Expr, expected: Type, origin: Related | None = None) -> Term: ...
    def source(self, expr: surface.Expr) -> tuple[Term, Type]: ...
    def check_shadowing(self, variable: surface.Name) -> None: ...
    def quote(self, node: surface.Node) -> str: ...


@dataclass(slots=True, eq=False)
class World:
    """All modules of a program, their signatures, and what the passes have found out so far.

    ``edges``: by qualified name of a definition, set or decision, those it uses and where (for E011).
    ``elaborator``: makes what reads expressions in a module (`expressions.open_context`); passed in, as it imports
    this. ``library``: the modules of the standard library that the program does not use, read when a name is found
    nowhere else.
    """

    scopes: Mapping[str, ModuleScope]
    report: Report
    elaborator: Callable[..., Elaborates]
    library: Library = tuple
    references: list[Reference] = field(default_factory=list)
    edges: dict[str, dict[str, Span]] = field(default_factory=dict)
    place: PlaceType = field(default_factory=PlaceType)
    attached: dict[str, dict[str, list[Symbol]]] = field(default_factory=dict)
    fields: dict[str, dict[str, Field]] = field(default_factory=dict)
    _made: dict[tuple[str, str], object] = field(default_factory=dict)
    _making: list[Symbol] = field(default_factory=list)
    _field_spans: dict[str, dict[str, Span]] = field(default_factory=dict)
    _members: dict[int, tuple[EnumType | PlaceType, frozenset[str]]] = field(default_factory=dict)
    """By identity of the type, which is kept so that no other takes its place."""
    _rules: dict[str, dict[str, list[Symbol]]] | None = None
    _library: Mapping[str, ModuleScope] | None = None

    def __post_init__(self) -> None:
        self.place = self._places()
        self._attach()
        self._refer_imports()

    # ------------------------------------------------------------------------------------ finding names

    def refer(self, qname: str, span: Span) -> None:
        self.references.append(Reference(qname, span))

    def resolve(self, scope: ModuleScope, name: surface.Name, *kinds: Kind) -> Symbol | None:
        """The declaration that ``name`` means, which must be of one of ``kinds``; else reports and gives None."""
        found = scope.find(name.text)
        if isinstance(found, Symbol) and found.kind in kinds:
            self.refer(found.qname, name.span)
            return found
        self._not_found(scope, name.text, name.span, found, kinds)
        return None

    def resolve_path(self, scope: ModuleScope, path: surface.Path, *kinds: Kind) -> Symbol | None:
        """As `resolve`, for `licensing` or `ear.scope.licensing`."""
        if len(path.parts) == 1:
            return self.resolve(scope, path.parts[0], *kinds)
        module = self.scopes.get(".".join(part.text for part in path.parts[:-1]))
        last = path.parts[-1]
        if module is None and scope.is_lost(path.parts[0].text):
            return None
        if module is None:
            errors.unknown_name(
                self.report,
                f"there is no module of the name in `{path.text}`",
                path.span,
                nearest_module(path.text.rpartition(".")[0], self.scopes, self.library),
            )
            return None
        found = module.own.get(last.text)
        if found is None and module.is_lost(last.text):
            return None
        if found is None or found.kind not in kinds:
            known = [s.name for s in module.own.values() if s.kind in kinds]
            errors.unknown_name(
                self.report,
                f"`{module.name}` declares no {_one_of(kinds)} `{last.text}`",
                last.span,
                nearest(last.text, known),
            )
            return None
        self.refer(found.qname, path.span)
        return found

    def _not_found(self, scope: ModuleScope, text: str, span: Span, found: object, kinds: tuple[Kind, ...]) -> None:
        wanted = article(_one_of(kinds))
        match found:
            case Ambiguous(symbols=symbols):
                errors.ambiguous_name(
                    self.report,
                    _declared_in(text, symbols),
                    span,
                    help=f"write `{symbols[0].qname}` or `{symbols[1].qname}`",
                )
            case Symbol():
                errors.type_mismatch(
                    self.report,
                    f"`{text}` is {article(found.kind)}, but {wanted} is wanted here",
                    span,
                    related=(Related(f"declared here as {article(found.kind)}", found.span),),
                )
            case Member(enum=enum):
                errors.type_mismatch(
                    self.report, f"`{text}` is a member of `{enum.name}`, but {wanted} is wanted here", span
                )
            case Lost():
                pass
            case _:
                known = [s.name for m in self._reach(scope) for s in m.own.values() if s.kind in kinds]
                self.unknown_name(f"there is no {_one_of(kinds)} `{text}`", text, span, known, kinds)

    def _reach(self, scope: ModuleScope) -> list[ModuleScope]:
        return [scope, *scope.used()]

    def unknown_name(
        self,
        message: str,
        name: str,
        span: Span,
        known: Iterable[str],
        kinds: tuple[Kind, ...] = (),
        members: bool = False,
    ) -> None:
        """Report E013, with how to bring ``name`` in if some module declares it, else with the nearest of ``known``."""
        where = self._where(name, kinds, members)
        errors.unknown_name(self.report, message, span, None if where else nearest(name, known), help=where)

    def _where(self, name: str, kinds: tuple[Kind, ...], members: bool) -> str | None:
        for module in self.scopes.values():
            found = module.own.get(name)
            if (found is not None and (not kinds or found.kind in kinds)) or (members and name in module.members):
                return _brought_by(name, module)
        if self.country_symbol() is None and (
            name == COUNTRY or ((members or "party" in kinds) and re.fullmatch("[A-Z]{2}", name))
        ):
            return COUNTRIES
        if self._library is None:
            self._library = declare(self.library(), Report())
        for module in self._library.values():
            found = module.own.get(name)
            if found is not None and (not kinds or found.kind in kinds):
                return _brought_by(name, module)
        return None

    def _refer_imports(self) -> None:
        for scope in self.scopes.values():
            for use in scope.node.uses:
                for name in use.names or ():
                    found = scope.imported.get(name.text)
                    if isinstance(found, Symbol):
                        self.refer(found.qname, name.span)
                    elif isinstance(found, Member):
                        self.refer(f"{found.enum.module}.{found.name}", name.span)

    # ------------------------------------------------------------------------------------ places

    def country_symbol(self) -> Symbol | None:
        """The enum of countries: that of the standard library, else any `Country` of the program."""
        standard = self.scopes.get(COUNTRY_MODULE)
        for scope in [standard] if standard is not None else self.scopes.values():
            found = scope.own.get(COUNTRY)
            if found is not None and found.kind == "enum":
                return found
        return None

    def _places(self) -> PlaceType:
        country = self.country_symbol()
        countries = self.enum(country).members if country is not None else ()
        zones = {
            symbol.name: symbol.node.country.text
            for scope in self.scopes.values()
            for symbol in scope.own.values()
            if isinstance(symbol.node, surface.ZoneDecl)
        }
        return PlaceType(countries, tuple(zones.items()))

    # ------------------------------------------------------------------------------------ signatures

    def _once(self, what: str, symbol: Symbol, make: Callable[[], T]) -> T:
        key = (what, symbol.qname)
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]  # type: ignore[return-value]

    def enum(self, symbol: Symbol) -> EnumType:
        def make() -> EnumType:
            assert isinstance(symbol.node, surface.EnumDecl)
            members = tuple(dict.fromkeys(member.name.text for member in symbol.node.members))
            return EnumType(symbol.module, symbol.name, members, symbol.node.ordered)

        return self._once("enum", symbol, make)

    def record(self, symbol: Symbol) -> RecordType:
        """The record with its fields; a record that holds itself is reported (E011), the field is then `ERROR`."""
        key = ("record", symbol.qname)
        if symbol in self._making:
            self._report_cycle(symbol, symbol.span)
            self.fields.setdefault(symbol.qname, {})
            return RecordType(symbol.module, symbol.name, ())
        if key not in self._made:
            self._making.append(symbol)
            made = self._record(symbol)
            self._making.pop()
            self._made[key] = made
            self.fields[symbol.qname] = {f.name: f for f in made.fields}
        return self._made[key]  # type: ignore[return-value]

    def _record(self, symbol: Symbol) -> RecordType:
        node = symbol.node
        assert isinstance(node, surface.RecordDecl)
        scope = self.scopes[symbol.module]
        fields: dict[str, Field] = {}
        spans: dict[str, Span] = {}
        for item in node.items:
            if not isinstance(item, surface.FieldDecl):
                continue
            name = item.name.text
            if name in fields:
                errors.duplicate_name(
                    self.report,
                    f"`{symbol.name}` has two fields `{name}`",
                    item.name.span,
                    related=(Related("the first", spans[name]),),
                    subjects=(symbol.qname,),
                )
                continue
            fields[name], spans[name] = self._field(scope, item), item.name.span
        self._field_spans[symbol.qname] = spans
        if node.as_of is not None:
            self._check_as_of(symbol, node.as_of, fields)
        return RecordType(
            symbol.module,
            symbol.name,
            tuple(fields.values()),
            None if node.as_of is None else node.as_of.text,
            node.doc.value if node.doc else "",
        )

    def _check_as_of(self, symbol: Symbol, name: surface.Name, fields: Mapping[str, Field]) -> None:
        found = fields.get(name.text)
        if found is None:
            errors.unknown_field(
                self.report,
                f"`{symbol.name}` has no field `{name.text}` to be read as its day",
                name.span,
                fields,
                nearest(name.text, fields),
            )
        elif found.type != DATE and not isinstance(found.type, ErrorType):
            errors.type_mismatch(
                self.report,
                f"`as of {name.text}` needs a `Date`, but the field `{name.text}` is of type `{found.type}`",
                name.span,
            )

    def _field(self, scope: ModuleScope, item: surface.FieldDecl) -> Field:
        enums = self.near_enums(scope, item.name.text)
        if enums:
            errors.duplicate_name(
                self.report,
                f"the field `{item.name.text}` shadows a member of `{enums[0].name}`",
                item.name.span,
                related=(Related("the enum", enums[0].span),),
            )
        type, optional = self.type(scope, item.type, may_be_unknown=True)
        default: object = None
        has_default = False
        if item.default is not None:
            origin = Related(f"the field is of type `{type}`", item.type.span)
            term = self.elaborator(self, scope).check(item.default, type, origin)
            value = constant(term)
            if value is not None:
                default, has_default = value.value, True
            elif not isinstance(term.type, ErrorType):
                errors.type_mismatch(
                    self.report, "a default must be a constant: it cannot depend on facts", item.default.span
                )
        doc = item.doc.value if item.doc else ""
        return Field(item.name.text, type, doc, optional, item.disclosure, has_default, default)

    def enums_with(self, scope: ModuleScope, name: str) -> Sequence[Symbol]:
        """The visible enums with the member ``name``; countries can be seen from everywhere."""
        enums = scope.enums_with(name)
        country = self.country_symbol()
        if enums or country is None or not self.is_member(self.enum(country), name):
            return enums
        return [country]

    def near_enums(self, scope: ModuleScope, name: str) -> list[Symbol]:
        """Enums that have the member ``name``, declared here or named (or the member is) in a `use`."""
        imported = scope.imported.values()
        brought = isinstance(scope.imported.get(name), Member)
        return [e for e in scope.enums_with(name) if brought or e.module == scope.name or e in imported]

    def fields_of(self, record: RecordType) -> dict[str, Field]:
        """The fields of a record by name."""
        return self.fields[f"{record.module}.{record.name}"]

    def is_member(self, type: EnumType | PlaceType, name: str) -> bool:
        """Whether ``name`` is a member of ``type``: a country or zone, for places."""
        return name in self.members_by_name(type)

    def members_by_name(self, type: EnumType | PlaceType) -> frozenset[str]:
        """The names of the members of ``type``."""
        known = self._members.get(id(type))
        if known is None:
            known = self._members[id(type)] = (type, frozenset(member_names(type)))
        return known[1]

    def field_span(self, record: RecordType, name: str) -> Span | None:
        """Where a field is declared."""
        return self._field_spans.get(f"{record.module}.{record.name}", {}).get(name)

    def set_type(self, symbol: Symbol) -> SetType:
        def make() -> SetType:
            assert isinstance(symbol.node, surface.SetDecl)
            return SetType(self.type(self.scopes[symbol.module], symbol.node.element)[0])

        return self._once("set", symbol, make)

    def define(self, symbol: Symbol) -> DefineSignature:
        def make() -> DefineSignature:
            node = symbol.node
            assert isinstance(node, surface.DefineDecl)
            scope = self.scopes[symbol.module]
            record = self.record_named(scope, node.record) if node.record else None
            result = BOOL if node.result is None else self.type(scope, node.result)[0]
            return DefineSignature(record, self.parameters(scope, node.parameters), result)

        return self._once("define", symbol, make)

    def parameters(self, scope: ModuleScope, nodes: tuple[surface.Parameter, ...]) -> tuple[tuple[str, Type], ...]:
        result: dict[str, Type] = {}
        for node in nodes:
            if node.name.text in result:
                errors.duplicate_name(self.report, f"there are two parameters `{node.name.text}`", node.name.span)
            result[node.name.text] = self.type(scope, node.type)[0]
        return tuple(result.items())

    def decision(self, symbol: Symbol) -> DecisionSignature:
        def make() -> DecisionSignature:
            node = symbol.node
            assert isinstance(node, surface.DecisionDecl)
            outcomes = tuple(dict.fromkeys(outcome.name.text for outcome in node.outcomes))
            record = self.record_named(self.scopes[symbol.module], node.record)
            return DecisionSignature(record, EnumType(symbol.module, symbol.name, outcomes))

        return self._once("decision", symbol, make)

    def table(self, symbol: Symbol) -> TableSignature:
        def make() -> TableSignature:
            node = symbol.node
            assert isinstance(node, surface.TableDecl)
            scope = self.scopes[symbol.module]
            return TableSignature(self.parameters(scope, node.parameters), self.type(scope, node.result)[0])

        return self._once("table", symbol, make)

    def rule(self, symbol: Symbol) -> RuleSignature:
        def make() -> RuleSignature:
            node = symbol.node
            assert isinstance(node, surface.RuleDecl)
            scope = self.scopes[symbol.module]
            decision = self.resolve_path(scope, node.decision, "decision")
            if node.for_each is None:
                return RuleSignature(decision)
            record = self.decision(decision).record if decision is not None else None
            if decision is None or record is None:
                return RuleSignature(decision, None, ERROR)
            each = node.for_each
            elaborator = self.elaborator(self, scope, record)
            source, element = elaborator.source(each.source)
            elaborator.check_shadowing(each.variable)
            self.depend(decision, elaborator.uses)
            if isinstance(element, EnumType):
                return RuleSignature(decision, (each.variable.text, source, element), element)
            if not isinstance(element, ErrorType):
                text = f"{elaborator.quote(each.source)} is {describe(source.type)}"
                errors.type_mismatch(
                    self.report, f"`for each` goes through members of an enum, but {text}", each.source.span
                )
            return RuleSignature(decision, None, ERROR)

        return self._once("rule", symbol, make)

    def rules_of(self, decision: Symbol) -> Mapping[str, list[Symbol]]:
        """The rules of a decision in all modules, by name."""
        if self._rules is None:
            self._rules = {}
            for scope in self.scopes.values():
                for symbol in scope.rules.values():
                    decided = self.rule(symbol).decision
                    if decided is not None:
                        self._rules.setdefault(decided.qname, {}).setdefault(symbol.name, []).append(symbol)
        return self._rules.get(decision.qname, {})

    def depend(self, user: Symbol, uses: Mapping[str, Span]) -> None:
        """Note that the meaning of ``user`` rests on ``uses`` (E011)."""
        edges = self.edges.setdefault(user.qname, {})
        for qname, span in uses.items():
            edges.setdefault(qname, span)

    @property
    def parties(self) -> Iterator[Symbol]:
        """Every party of the program, module by module."""
        return (s for scope in self.scopes.values() for s in scope.own.values() if s.kind == "party")

    def territory(self, symbol: Symbol) -> Term | None:
        """The places a party names as its territory: a set of Place."""

        def make() -> Term | None:
            node = symbol.node
            assert isinstance(node, surface.PartyDecl)
            if node.territory is None:
                return None
            return self.elaborator(self, self.scopes[symbol.module]).check(node.territory, SetType(self.place))

        return self._once("territory", symbol, make)

    def record_named(self, scope: ModuleScope, name: surface.Name) -> RecordType | None:
        """The record of this name; reported if there is none."""
        symbol = self.resolve(scope, name, "record")
        return None if symbol is None else self.record(symbol)

    # ------------------------------------------------------------------------------------ written types

    def type(self, scope: ModuleScope, node: surface.TypeExpr, *, may_be_unknown: bool = False) -> tuple[Type, bool]:
        """The type that is written, and whether it ends in `?`.

        `list of Person?` is a list that may be unknown, `set of Column or absent` a set that may be absent: both
        marks speak of the whole, wherever the grammar has put them.
        """
        marks: set[str] = set()
        type = self._type(scope, node, marks)
        if "absent" in marks and not isinstance(type, ErrorType):
            type = AbsentType(type)
        if "?" in marks and not may_be_unknown:
            errors.type_mismatch(
                self.report,
                "only a field may be marked `?`",
                node.span,
                help="leave the `?` out: any value may turn out unknown where a fact it rests on is",
            )
        return type, "?" in marks

    def _type(self, scope: ModuleScope, node: surface.TypeExpr, marks: set[str]) -> Type:
        match node:
            case surface.MayBeUnknown(element=element):
                marks.add("?")
                return self._type(scope, element, marks)
            case surface.OrAbsent(element=element):
                marks.add("absent")
                return self._type(scope, element, marks)
            case surface.CollectionOf(kind=kind, element=element):
                inner = self._type(scope, element, marks)
                if isinstance(inner, ErrorType):
                    return inner
                return SetType(inner) if kind == "set" else ListType(inner)
            case surface.PerParty(element=element):
                inner = self._type(scope, element, marks)
                return inner if isinstance(inner, ErrorType) else PerPartyType(inner)
            case surface.MoneyIn(currency=currency):
                if literals.currency_exists(currency.text, currency, self.report):
                    return MoneyType(currency.text)
                return ERROR
            case surface.NamedType(name=name):
                return self._named_type(scope, name)

    def _named_type(self, scope: ModuleScope, name: surface.Name) -> Type:
        found = scope.find(name.text)
        if isinstance(found, Symbol) and found.kind in ("enum", "record"):
            self.refer(found.qname, name.span)
            if found.kind == "enum":
                return self.enum(found)
            if found in self._making:
                self._report_cycle(found, name.span)
                return ERROR
            return self.record(found)
        if name.text in BUILT_IN:
            return BUILT_IN[name.text]
        if name.text == "Place":
            return self.place
        if name.text == COUNTRY and found is None:
            country = self.country_symbol()
            if country is not None:
                self.refer(country.qname, name.span)
                return self.enum(country)
        if name.text == "Money":
            errors.invalid_literal(self.report, "`Money` needs its currency", name.span, help="write `Money in USD`")
            return ERROR
        if isinstance(found, Ambiguous | Lost):
            self._not_found(scope, name.text, name.span, found, ("enum",))
        elif found is not None:
            what = "a member" if isinstance(found, Member) else article(found.kind)
            errors.type_mismatch(self.report, f"`{name.text}` is {what}, not a type", name.span)
        else:
            types = [s.name for m in self._reach(scope) for s in m.own.values() if s.kind in ("enum", "record")]
            known = [*types, *BUILT_IN, "Place", "Money", COUNTRY]
            self.unknown_name(f"there is no type `{name.text}`", name.text, name.span, known, ("enum", "record"))
        return ERROR

    def _report_cycle(self, symbol: Symbol, span: Span) -> None:
        cycle = self._making[self._making.index(symbol) :]
        path = " → ".join(f"`{s.name}`" for s in [*cycle, symbol])
        errors.circular(
            self.report,
            f"the record `{symbol.name}` would hold itself: {path}",
            symbol.span,
            related=(Related("here", span),),
            subjects=tuple(s.qname for s in cycle),
        )

    # ------------------------------------------------------------------------------------ attached to records

    def _attach(self) -> None:
        """Index definitions and decisions by the record they read like a field of."""
        for scope in self.scopes.values():
            for symbol in scope.own.values():
                node = symbol.node
                if isinstance(node, surface.DefineDecl | surface.DecisionDecl) and node.record is not None:
                    record = scope.find(node.record.text)
                    if isinstance(record, Symbol):
                        self.attached.setdefault(record.qname, {}).setdefault(symbol.name, []).append(symbol)

    def attached_to(self, record: RecordType, name: str, scope: ModuleScope) -> list[Symbol]:
        """The visible definitions and decisions ``name`` of ``record``: own ones first, then those in reach.

        What belongs to a record is in reach in the record's own module and in every module that is used in any
        form; elsewhere it must be named in a `use`.
        """
        every = self.attached.get(f"{record.module}.{record.name}", {}).get(name, [])
        if not every:
            return []
        own = [s for s in every if s.module == scope.name] or [s for s in every if scope.imported.get(name) is s]
        if own:
            return own
        near = {record.module, *(module.name for module in scope.used())}
        return [s for s in every if s.module in near]


def _one_of(kinds: Sequence[Kind]) -> str:
    """`decision, definition or agreement`."""
    *others, last = kinds
    return f"{', '.join(others)} or {last}" if others else last


def _brought_by(name: str, module: ModuleScope) -> str:
    return f"`{name}` is declared in `{module.name}`: `use {module.name}: {name}`"


def _declared_in(name: str, symbols: tuple[Symbol, ...]) -> str:
    return f"`{name}` is declared in " + " and in ".join(f"`{symbol.module}`" for symbol in symbols)
