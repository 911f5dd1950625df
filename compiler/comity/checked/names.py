"""What names mean where they stand: variables, fields, definitions, members, places, tables, calls."""

from __future__ import annotations

from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import errors
from comity.checked.advice import in_quotes
from comity.checked.calls import Calls
from comity.checked.context import root_name
from comity.checked.literals import ECCN_HELP
from comity.checked.scope import Ambiguous, Found, Lost, Member, ModuleScope, Symbol
from comity.checked.types import COUNTRY, describe, element_of, fits, member_names, members_of
from comity.runtime.suggest import nearest
from comity.runtime.types import (
    INT,
    PARTY,
    TEXT,
    EccnType,
    EnumType,
    ErrorType,
    ListType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.types import Field as RecordField
from comity.runtime.values import article
from comity.surface import ast as surface
from comity.terms import (
    THIS,
    AtParty,
    Call,
    Const,
    EccnPart,
    Field,
    Local,
    Lookup,
    NamedSet,
    OutcomeOf,
    Term,
)

OTHER_CODES = {"UK": "GB", "EL": "GR"}
"""Codes in use beside those of ISO 3166-1, in the European Union among others."""

ECCN_PARTS = ("category", "group", "number", "paragraph")


class Names(Calls):
    """Resolves names. See `scope` for the order of modules; within a declaration variables come first, then fields."""

    # ------------------------------------------------------------------------------------ bare names

    def name(self, expr: surface.NameExpr, hint: Type | None) -> Term:
        """A bare name: a variable, a member of the type expected, what reads like a field, a declaration, a member."""
        name, span = expr.name, expr.span
        if name in self.locals:
            return Local(name, self.locals[name], span=span)
        expected = members_of(hint)
        is_member = expected is not None and self.world.is_member(expected, name)
        if self.this is not None and name in self.fields:
            field = self.fields[name]
            if not (is_member and hint is not None and not fits(field.type, hint)):
                return self._field(Local(THIS, self.this, span=span), self.this, field, span)
        if is_member and expected is not None:
            return self._member(expected, name, span)
        if self.this is not None:
            attached = self.world.attached_to(self.this, name, self.scope)
            if attached:
                return self._attached(Local(THIS, self.this, span=span), attached, span)
        found = self.scope.find(name)
        if found is None:
            found = next((s for s in self.agreement.parties if s.name == name), None)
        if found is None or isinstance(found, Lost):
            enums = self.world.enums_with(self.scope, name)
            if len(enums) > 1 and not isinstance(hint, ErrorType):
                errors.ambiguous_name(
                    self.report,
                    f"`{name}` is a member of " + " and of ".join(f"`{enum.name}`" for enum in enums),
                    span,
                    related=tuple(Related(f"`{enum.name}`", enum.span) for enum in enums),
                    help="write " + " or ".join(f"`{enum.name}.{name}`" for enum in enums),
                )
                return self.failed(span)
            if enums:
                found = Member(enums[0], name)
            elif name == COUNTRY:
                found = self.world.country_symbol()
        if found is None or isinstance(found, Lost):
            inside = members_of(element_of(hint)) if hint is not None else None
            if inside is not None and self.world.is_member(inside, name):
                return self._member(inside, name, span)
            # What it stands beside may have been reported, and might have known it.
            if found is None and not isinstance(hint, ErrorType):
                self._unknown_name(name, span, expected, in_quotes(name, hint))
            return self.failed(span)
        return self.declared(found, name, span)

    def is_bare(self, expr: surface.Expr) -> bool:
        """Whether ``expr`` takes its type from its surroundings: the other side of a comparison is read first."""
        match expr:
            case surface.NameExpr(name=name):
                if name in self.locals or name in self.fields:
                    return False
                return isinstance(self.scope.find(name), Member | Lost | None) or bool(self.scope.enums_with(name))
            case surface.SetLit(elements=elements) | surface.ListLit(elements=elements):
                return all(self.is_bare(element) for element in elements)
            case surface.AbsentLit() | surface.UnknownLit() | surface.MapLit():
                return True
            case _:
                return False

    def is_member_of(self, expr: surface.Expr, type: Type | None) -> bool:
        enum = members_of(type)
        return enum is not None and isinstance(expr, surface.NameExpr) and self.world.is_member(enum, expr.name)

    def _member(self, type: EnumType | PlaceType, name: str, span: Span) -> Const:
        if isinstance(type, EnumType):
            self.refer_member(type, name, span)
        elif name in type.countries:
            country = self.world.country_symbol()
            assert country is not None  # a place is a country only where there is an enum of them
            self.refer_member(self.world.enum(country), name, span)
        else:
            for scope in self.world.scopes.values():
                zone = scope.own.get(name)
                if zone is not None and zone.kind == "zone":
                    self.world.refer(zone.qname, span)
        return Const(name, type, span=span)

    def _unknown_name(
        self, name: str, span: Span, expected: EnumType | PlaceType | None, help: str | None = None
    ) -> None:
        """Report a misspelt member where one is expected (E104), else, or where a fact is nearer, a name (E013)."""
        known = self._known_names()
        near = nearest(name, member_names(expected)) if expected is not None else None
        if expected is not None and (near or not nearest(name, known)):
            match expected:
                case PlaceType():
                    what = "a country or zone"
                case EnumType(module=module, name=owner):
                    decided = self.world.scopes[module].own.get(owner)
                    of_decision = decided is not None and decided.kind == "decision"
                    what = f"{'an outcome' if of_decision else 'a member'} of `{owner}`"
            errors.unknown_value(
                self.report, f"`{name}` is not {what}", span, near or self._member_called(name, expected)
            )
            return
        if self.this is not None and name.casefold() == self.this.name.casefold():
            help = f"the `{self.this.name}` is `this`, and its fields are named by themselves"
        if help is not None:
            errors.unknown_name(self.report, f"there is no `{name}` here", span, None, help)
            return
        known = known if nearest(name, known) else [member for module in self._modules() for member in module.members]
        self.world.unknown_name(f"there is no `{name}` here", name, span, known, members=True)

    def _member_called(self, name: str, expected: EnumType | PlaceType) -> str | None:
        """The member whose text is, or begins with, a name: `Germany` is `DE`."""
        if isinstance(expected, PlaceType):
            declared = self.world.country_symbol()
        else:
            declared = self.world.scopes[expected.module].own.get(expected.name)
        if declared is None or not isinstance(declared.node, surface.EnumDecl):
            return None
        if OTHER_CODES.get(name) in member_names(expected):
            return OTHER_CODES[name]
        wanted = name.replace("_", " ").casefold()
        texts = {m.name.text: m.doc.value.casefold() for m in declared.node.members if m.doc is not None}
        same = [member for member, text in texts.items() if text == wanted]
        begun = same or [member for member, text in texts.items() if text.startswith(wanted) and len(wanted) > 3]
        return begun[0] if len(begun) == 1 else None

    def _modules(self) -> list[ModuleScope]:
        return [self.scope, *self.scope.starred, *self.scope.whole]

    def _known_names(self) -> list[str]:
        known = [*self.locals, *self.scope.visible()]
        if self.this is not None:
            known += [*self.fields, *self.world.attached.get(f"{self.this.module}.{self.this.name}", ())]
        return known

    # ------------------------------------------------------------------------------------ declarations as values

    def declared(self, found: Found, name: str, span: Span) -> Term:
        match found:
            case Member(enum=enum, name=member):
                return self._member(self.world.enum(enum), member, span)
            case Ambiguous(symbols=symbols):
                errors.ambiguous_name(
                    self.report,
                    f"`{name}` is declared in " + " and in ".join(f"`{s.module}`" for s in symbols),
                    span,
                    related=tuple(Related(f"in `{s.module}`", s.span) for s in symbols),
                    help="write " + " or ".join(f"`{s.qname}`" for s in symbols),
                )
                return self.failed(span)
            case Symbol():
                return self.symbol(found, span)
            case Lost():
                return self.failed(span)
            case None:
                raise AssertionError(name)

    def symbol(self, symbol: Symbol, span: Span) -> Term:
        """The value that a declaration's name stands for."""
        match symbol.kind:
            case "set":
                self.use(symbol, span)
                return NamedSet(symbol.qname, self.world.set_type(symbol), span=span)
            case "enum":
                self.world.refer(symbol.qname, span)
                type = self.world.enum(symbol)
                return Const(frozenset(type.members), SetType(type), span=span)
            case "zone":
                self.world.refer(symbol.qname, span)
                return Const(symbol.name, self.world.place, span=span)
            case "party":
                self.world.refer(symbol.qname, span)
                return Const(symbol.name, PARTY, span=span)
            case "decision":
                return self._of_record(symbol, self.world.decision(symbol).record, span)
            case "definition":
                signature = self.world.define(symbol)
                node = symbol.node
                if isinstance(node, surface.DefineDecl) and node.record is not None:
                    return self._of_record(symbol, signature.record, span)
                if signature.parameters:
                    self.wrong_count(symbol, span, 0, signature.parameters)
                    return self.failed(span)
                self.use(symbol, span)
                return Call(symbol.qname, (), signature.result, span=span)
            case "table":
                errors.wrong_arguments(
                    self.report,
                    f"`{symbol.name}` is a table: say which row",
                    span,
                    help=f"write `{symbol.name}[…]`",
                    related=(Related("the table", symbol.span),),
                )
                return self.failed(span)
            case _:
                errors.type_mismatch(
                    self.report,
                    f"`{symbol.name}` is {article(symbol.kind)}, not a value",
                    span,
                    related=(Related("declared here", symbol.span),),
                )
                return self.failed(span)

    def _of_record(self, symbol: Symbol, record: RecordType | None, span: Span) -> Term:
        """A record's definition or decision, on `this`."""
        if record is None:
            self.world.refer(symbol.qname, span)
            return self.failed(span)
        if self.this is None or not fits(self.this, record):
            field = next((f.name for f in self.this.fields if fits(f.type, record)), None) if self.this else None
            base = field or record.name.lower()
            self.world.refer(symbol.qname, span)
            errors.type_mismatch(
                self.report,
                f"{symbol} speaks of {describe(record)}, and there is none here"
                if self.this is None
                else f"{symbol} speaks of {describe(record)}, not of {describe(self.this)}",
                span,
                related=(Related("declared here", symbol.span),),
                help=f"write `{base}.{symbol.name}`",
            )
            return self.failed(span)
        return self._attached(Local(THIS, self.this, span=span), [symbol], span)

    def _attached(self, base: Term, symbols: list[Symbol], span: Span) -> Term:
        """What reads like a field: a definition or decision of the record ``base``."""
        if len(symbols) > 1:
            return self.declared(Ambiguous(tuple(symbols)), symbols[0].name, span)
        symbol = symbols[0]
        self.use(symbol, span)
        if symbol.kind == "decision":
            return OutcomeOf(symbol.qname, base, self.world.decision(symbol).outcomes, span=span)
        return Call(symbol.qname, (base,), self.world.define(symbol).result, span=span)

    def _field(self, base: Term, record: RecordType, field: RecordField, span: Span) -> Term:
        self.world.refer(f"{record.module}.{record.name}.{field.name}", span)
        return Field(base, field.name, field.type, span=span)

    # ------------------------------------------------------------------------------------ dotted names

    def dotted(self, expr: surface.FieldExpr, hint: Type | None) -> Term:
        """`item.eccn`, `item.series_600`, `Column.AT1`, `ear.scope.licensing`."""
        qualified = self._qualified(expr)
        if qualified is not None:
            return qualified
        base = self.value(expr.base)
        name, span = expr.name.text, expr.span
        match base.type:
            case ErrorType():
                return base
            case RecordType() as record:
                fields = self.world.fields_of(record)
                field = fields.get(name)
                if field is not None:
                    return self._field(base, record, field, span)
                attached = self.world.attached_to(record, name, self.scope)
                if attached:
                    return self._attached(base, attached, span)
                out_of_reach = self.world.attached.get(f"{record.module}.{record.name}", {})
                errors.unknown_field(
                    self.report,
                    f"`{record.name}` has no field `{name}`",
                    expr.name.span,
                    fields,
                    nearest(name, [*fields, *out_of_reach]),
                    help=next((f"`use {s.module}: {name}`" for s in out_of_reach.get(name, ())), None),
                )
            case EccnType():
                for part in ECCN_PARTS:
                    if part == name:
                        return self._eccn_part(base, expr)
                if isinstance(expr.base, surface.EccnLit):
                    errors.invalid_literal(self.report, f"{self.quote(expr)} is not an ECCN", span, help=ECCN_HELP)
                    return self.failed(span)
                errors.unknown_field(
                    self.report, f"an ECCN has no part `{name}`", expr.name.span, ECCN_PARTS, nearest(name, ECCN_PARTS)
                )
            case SetType() | ListType() as collection:
                errors.unknown_field(
                    self.report,
                    f"{self.quote(expr.base)} is {describe(collection)}, which has no fields",
                    expr.name.span,
                    (),
                    None,
                    help=f"speak of its elements: `any x in …: x.{name}`",
                )
            case type:
                errors.unknown_field(
                    self.report,
                    f"{self.quote(expr.base)} is {describe(type)}, which has no fields",
                    expr.name.span,
                    (),
                    None,
                )
        return self.failed(span)

    def _eccn_part(self, code: Term, expr: surface.FieldExpr) -> Term:
        if not isinstance(code, Const) or code.value == "EAR99":
            self.parts.append(code)
        match expr.name.text:
            case "category":
                return EccnPart(code, "category", INT, span=expr.span)
            case "number":
                return EccnPart(code, "number", INT, span=expr.span)
            case "group":
                return EccnPart(code, "group", TEXT, span=expr.span)
            case _:
                return EccnPart(code, "paragraph", TEXT, span=expr.span)

    def _qualified(self, expr: surface.FieldExpr) -> Term | None:
        """`Column.AT1`, `licensing.prohibited`, `ear.scope.licensing`; None where the base is a value."""
        root = root_name(expr)
        if root is None or root in self.locals or root in self.fields:
            return None
        parts = _dotted(expr)
        if parts is None:
            return None
        for end in range(len(parts) - 1, 0, -1):
            module = self.world.scopes.get(".".join(parts[:end]))
            if module is not None and (module is self.scope or module in self.scope.used()):
                return self._in_module(module, parts[end:], expr)
        found = self.scope.find(parts[0])
        if isinstance(found, Symbol) and found.kind in ("enum", "decision") and len(parts) == 2:
            self.world.refer(found.qname, expr.base.span)
            return self._member_of(found, parts[1], expr)
        return None

    def _in_module(self, module: ModuleScope, parts: list[str], expr: surface.FieldExpr) -> Term | None:
        symbol = module.own.get(parts[0])
        if symbol is None:
            if len(parts) == 1 and module.is_lost(parts[0]):
                return self.failed(expr.span)
            if len(parts) == 1:
                close = nearest(parts[0], module.own)
                errors.unknown_name(self.report, f"`{module.name}` declares no `{parts[0]}`", expr.name.span, close)
                return self.failed(expr.span)
            return None
        if len(parts) == 1:
            return self.symbol(symbol, expr.span)
        if len(parts) == 2 and symbol.kind in ("enum", "decision"):
            return self._member_of(symbol, parts[1], expr)
        return None

    def _member_of(self, symbol: Symbol, member: str, expr: surface.FieldExpr) -> Term:
        type = self.world.enum(symbol) if symbol.kind == "enum" else self.world.decision(symbol).outcomes
        if member in type.members:
            if symbol.kind == "enum":
                return self._member(type, member, expr.span)
            return Const(member, type, span=expr.span)
        what = "a member" if symbol.kind == "enum" else "an outcome"
        errors.unknown_value(
            self.report, f"`{member}` is not {what} of `{symbol.name}`", expr.name.span, nearest(member, type.members)
        )
        return self.failed(expr.span)

    # ------------------------------------------------------------------------------------ tables and parties

    def index(self, expr: surface.IndexExpr) -> Term:
        """`chart[to, r]`, `distance_to[other]`."""
        table = self._table(expr.base)
        if table is not None:
            self.world.refer(table.qname, expr.base.span)
            signature = self.world.table(table)
            if len(expr.keys) != len(signature.parameters):
                self.wrong_count(table, expr.span, len(expr.keys), signature.parameters)
                return self.failed(expr.span)
            keys = tuple(
                self.check(key, type, Related(f"`{table.name}` is read by `{name}`, {describe(type)}", table.span))
                for key, (name, type) in zip(expr.keys, signature.parameters, strict=True)
            )
            return Lookup(table.qname, keys, signature.result, span=expr.span)
        base = self.value(expr.base)
        if isinstance(base.type, ErrorType):
            return base
        if not isinstance(base.type, PerPartyType):
            errors.type_mismatch(
                self.report,
                f"{self.quote(expr.base)} is {describe(base.type)}: only tables and facts "
                "`per Party` are read with `[ ]`",
                expr.span,
            )
            return self.failed(expr.span)
        if len(expr.keys) != 1:
            errors.wrong_arguments(
                self.report, f"{self.quote(expr.base)} is read by one party, but here are {len(expr.keys)}", expr.span
            )
            return self.failed(expr.span)
        party = self.check(expr.keys[0], PARTY)
        return AtParty(base, party, base.type.element, span=expr.span)

    def _table(self, expr: surface.Expr) -> Symbol | None:
        match expr:
            case surface.NameExpr(name=name) if name not in self.locals:
                found: Found = self.scope.find(name)
            case surface.FieldExpr():
                parts = _dotted(expr)
                module = self.world.scopes.get(".".join(parts[:-1])) if parts else None
                found = module.own.get(expr.name.text) if module else None
            case _:
                return None
        return found if isinstance(found, Symbol) and found.kind == "table" else None


def _dotted(expr: surface.Expr) -> list[str] | None:
    """The parts of a plain dotted name; None for anything else."""
    match expr:
        case surface.NameExpr(name=name):
            return [name]
        case surface.FieldExpr(base=base, name=name):
            parts = _dotted(base)
            return None if parts is None else [*parts, name.text]
        case _:
            return None
