"""What names mean where they stand: variables, fields, definitions, members, places, tables, calls."""

from __future__ import annotations

from collections.abc import Sequence

from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import errors
from comity.checked.advice import in_quotes
from comity.checked.context import Context, root_name
from comity.checked.literals import no_eccn
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
from comity.runtime.values import article, suggest_eccn
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


# ------------------------------------------------------------------------------------ bare names


def bare_name(context: Context, expr: surface.NameExpr, hint: Type | None) -> Term:
    """A bare name: a variable, a member of the type expected, what reads like a field, a declaration, a member."""
    name, span = expr.name, expr.span
    if name in context.locals:
        return Local(name, context.locals[name], span=span)
    expected = members_of(hint)
    is_member = expected is not None and context.world.is_member(expected, name)
    if context.this is not None and name in context.fields:
        field = context.fields[name]
        if not (is_member and hint is not None and not fits(field.type, hint)):
            return _field(context, Local(THIS, context.this, span=span), context.this, field, span)
    if is_member and expected is not None:
        return _member(context, expected, name, span)
    if context.this is not None:
        attached = context.world.attached_to(context.this, name, context.scope)
        if attached:
            return _attached(context, Local(THIS, context.this, span=span), attached, span)
    found = context.scope.find(name)
    if found is None:
        found = next((s for s in context.agreement.parties if s.name == name), None)
    if found is None or isinstance(found, Lost):
        enums = context.world.enums_with(context.scope, name)
        if len(enums) > 1 and not isinstance(hint, ErrorType):
            errors.ambiguous_name(
                context.report,
                f"`{name}` is a member of " + " and of ".join(f"`{enum.name}`" for enum in enums),
                span,
                related=tuple(Related(f"`{enum.name}`", enum.span) for enum in enums),
                help="write " + " or ".join(f"`{enum.name}.{name}`" for enum in enums),
            )
            return context.failed(span)
        if enums:
            found = Member(enums[0], name)
        elif name == COUNTRY:
            found = context.world.country_symbol()
    if found is None or isinstance(found, Lost):
        inside = members_of(element_of(hint)) if hint is not None else None
        if inside is not None and context.world.is_member(inside, name):
            return _member(context, inside, name, span)
        # What it stands beside may have been reported, and might have known it.
        if found is None and not isinstance(hint, ErrorType):
            _unknown_name(context, name, span, expected, in_quotes(name, hint))
        return context.failed(span)
    return declared(context, found, name, span)


def is_bare(context: Context, expr: surface.Expr) -> bool:
    """Whether ``expr`` takes its type from its surroundings: the other side of a comparison is read first."""
    match expr:
        case surface.NameExpr(name=name):
            if name in context.locals or name in context.fields:
                return False
            return isinstance(context.scope.find(name), Member | Lost | None) or bool(context.scope.enums_with(name))
        case surface.SetLit(elements=elements) | surface.ListLit(elements=elements):
            return all(is_bare(context, element) for element in elements)
        case surface.AbsentLit() | surface.UnknownLit() | surface.MapLit():
            return True
        case _:
            return False


def is_member_of(context: Context, expr: surface.Expr, type: Type | None) -> bool:
    enum = members_of(type)
    return enum is not None and isinstance(expr, surface.NameExpr) and context.world.is_member(enum, expr.name)


def plain_members(
    context: Context, elements: Sequence[surface.Expr], type: EnumType | PlaceType
) -> tuple[Const, ...] | None:
    """What `bare_name` makes of members of the type expected, where no variable or field is called like one of them;
    None if there is anything else among them.
    """
    named = [each for each in elements if isinstance(each, surface.NameExpr)]
    names = {each.name for each in named}
    if len(named) < len(elements) or not names <= context.world.members_by_name(type):
        return None
    if not (names.isdisjoint(context.locals) and names.isdisjoint(context.fields)):
        return None
    if isinstance(type, EnumType):
        context.refer_members(type, named)
        return tuple(Const(each.name, type, span=each.span) for each in named)
    return tuple(_member(context, type, each.name, each.span) for each in named)


def _member(context: Context, type: EnumType | PlaceType, name: str, span: Span) -> Const:
    if isinstance(type, EnumType):
        context.refer_member(type, name, span)
    elif name in type.countries:
        country = context.world.country_symbol()
        assert country is not None  # a place is a country only where there is an enum of them
        context.refer_member(context.world.enum(country), name, span)
    else:
        for scope in context.world.scopes.values():
            zone = scope.own.get(name)
            if zone is not None and zone.kind == "zone":
                context.world.refer(zone.qname, span)
    return Const(name, type, span=span)


def _unknown_name(
    context: Context, name: str, span: Span, expected: EnumType | PlaceType | None, help: str | None = None
) -> None:
    """Report a misspelt member where one is expected (E104), else, or where a fact is nearer, a name (E013)."""
    known = _known_names(context)
    near = nearest(name, member_names(expected)) if expected is not None else None
    if expected is not None and (near or not nearest(name, known)):
        match expected:
            case PlaceType():
                what = "a country or zone"
            case EnumType(module=module, name=owner):
                decided = context.world.scopes[module].own.get(owner)
                of_decision = decided is not None and decided.kind == "decision"
                what = f"{'an outcome' if of_decision else 'a member'} of `{owner}`"
        errors.unknown_value(
            context.report, f"`{name}` is not {what}", span, near or _member_called(context, name, expected)
        )
        return
    if context.this is not None and name.casefold() == context.this.name.casefold():
        help = f"the `{context.this.name}` is `this`, and its fields are named by themselves"
    elif help is None and (code := suggest_eccn(name)):
        help = f"write `{code}`"
    if help is not None:
        errors.unknown_name(context.report, f"there is no `{name}` here", span, None, help)
        return
    known = known if nearest(name, known) else [member for module in _modules(context) for member in module.members]
    context.world.unknown_name(f"there is no `{name}` here", name, span, known, members=True)


def _member_called(context: Context, name: str, expected: EnumType | PlaceType) -> str | None:
    """The member whose text is, or begins with, a name: `Germany` is `DE`."""
    if isinstance(expected, PlaceType):
        declared = context.world.country_symbol()
    else:
        declared = context.world.scopes[expected.module].own.get(expected.name)
    if declared is None or not isinstance(declared.node, surface.EnumDecl):
        return None
    if OTHER_CODES.get(name) in member_names(expected):
        return OTHER_CODES[name]
    wanted = name.replace("_", " ").casefold()
    texts = {m.name.text: m.doc.value.casefold() for m in declared.node.members if m.doc is not None}
    same = [member for member, text in texts.items() if text == wanted]
    begun = same or [member for member, text in texts.items() if text.startswith(wanted) and len(wanted) > 3]
    return begun[0] if len(begun) == 1 else None


def _modules(context: Context) -> list[ModuleScope]:
    return [context.scope, *context.scope.starred, *context.scope.whole]


def _known_names(context: Context) -> list[str]:
    known = [*context.locals, *context.scope.visible()]
    if context.this is not None:
        known += [*context.fields, *context.world.attached.get(f"{context.this.module}.{context.this.name}", ())]
    return known


# ------------------------------------------------------------------------------------ declarations as values


def declared(context: Context, found: Found, name: str, span: Span) -> Term:
    match found:
        case Member(enum=enum, name=member):
            return _member(context, context.world.enum(enum), member, span)
        case Ambiguous(symbols=symbols):
            errors.ambiguous_name(
                context.report,
                f"`{name}` is declared in " + " and in ".join(f"`{s.module}`" for s in symbols),
                span,
                related=tuple(Related(f"in `{s.module}`", s.span) for s in symbols),
                help="write " + " or ".join(f"`{s.qname}`" for s in symbols),
            )
            return context.failed(span)
        case Symbol():
            return declaration(context, found, span)
        case Lost():
            return context.failed(span)
        case None:
            raise AssertionError(name)


def declaration(context: Context, symbol: Symbol, span: Span) -> Term:
    """The value that a declaration's name stands for."""
    match symbol.kind:
        case "set":
            context.use(symbol, span)
            return NamedSet(symbol.qname, context.world.set_type(symbol), span=span)
        case "enum":
            context.world.refer(symbol.qname, span)
            type = context.world.enum(symbol)
            return Const(frozenset(type.members), SetType(type), span=span)
        case "zone":
            context.world.refer(symbol.qname, span)
            return Const(symbol.name, context.world.place, span=span)
        case "party":
            context.world.refer(symbol.qname, span)
            return Const(symbol.name, PARTY, span=span)
        case "decision":
            return _of_record(context, symbol, context.world.decision(symbol).record, span)
        case "definition":
            signature = context.world.define(symbol)
            node = symbol.node
            if isinstance(node, surface.DefineDecl) and node.record is not None:
                return _of_record(context, symbol, signature.record, span)
            if signature.parameters:
                context.wrong_count(symbol, span, 0, signature.parameters)
                return context.failed(span)
            context.use(symbol, span)
            return Call(symbol.qname, (), signature.result, span=span)
        case "table":
            errors.wrong_arguments(
                context.report,
                f"`{symbol.name}` is a table: say which row",
                span,
                help=f"write `{symbol.name}[…]`",
                related=(Related("the table", symbol.span),),
            )
            return context.failed(span)
        case _:
            errors.type_mismatch(
                context.report,
                f"`{symbol.name}` is {article(symbol.kind)}, not a value",
                span,
                related=(Related("declared here", symbol.span),),
            )
            return context.failed(span)


def _of_record(context: Context, symbol: Symbol, record: RecordType | None, span: Span) -> Term:
    """A record's definition or decision, on `this`."""
    if record is None:
        context.world.refer(symbol.qname, span)
        return context.failed(span)
    if context.this is None or not fits(context.this, record):
        field = next((f.name for f in context.this.fields if fits(f.type, record)), None) if context.this else None
        base = field or record.name.lower()
        context.world.refer(symbol.qname, span)
        errors.type_mismatch(
            context.report,
            f"{symbol} speaks of {describe(record)}, and there is none here"
            if context.this is None
            else f"{symbol} speaks of {describe(record)}, not of {describe(context.this)}",
            span,
            related=(Related("declared here", symbol.span),),
            help=f"write `{base}.{symbol.name}`",
        )
        return context.failed(span)
    return _attached(context, Local(THIS, context.this, span=span), [symbol], span)


def _attached(context: Context, base: Term, symbols: list[Symbol], span: Span) -> Term:
    """What reads like a field: a definition or decision of the record ``base``."""
    if len(symbols) > 1:
        return declared(context, Ambiguous(tuple(symbols)), symbols[0].name, span)
    symbol = symbols[0]
    context.use(symbol, span)
    if symbol.kind == "decision":
        return OutcomeOf(symbol.qname, base, context.world.decision(symbol).outcomes, span=span)
    return Call(symbol.qname, (base,), context.world.define(symbol).result, span=span)


def _field(context: Context, base: Term, record: RecordType, field: RecordField, span: Span) -> Term:
    context.world.refer(f"{record.module}.{record.name}.{field.name}", span)
    return Field(base, field.name, field.type, span=span)


# ------------------------------------------------------------------------------------ dotted names


def dotted(context: Context, expr: surface.FieldExpr, hint: Type | None) -> Term:
    """`item.eccn`, `item.series_600`, `Column.AT1`, `ear.scope.licensing`."""
    qualified = _qualified(context, expr)
    if qualified is not None:
        return qualified
    base = context.value(expr.base)
    name, span = expr.name.text, expr.span
    match base.type:
        case ErrorType():
            return base
        case RecordType() as record:
            fields = context.world.fields_of(record)
            field = fields.get(name)
            if field is not None:
                return _field(context, base, record, field, span)
            attached = context.world.attached_to(record, name, context.scope)
            if attached:
                return _attached(context, base, attached, span)
            out_of_reach = context.world.attached.get(f"{record.module}.{record.name}", {})
            errors.unknown_field(
                context.report,
                f"`{record.name}` has no field `{name}`",
                expr.name.span,
                fields,
                nearest(name, [*fields, *out_of_reach]),
                help=next((f"`use {s.module}: {name}`" for s in out_of_reach.get(name, ())), None),
            )
        case EccnType():
            for part in ECCN_PARTS:
                if part == name:
                    return _eccn_part(context, base, expr)
            if isinstance(expr.base, surface.EccnLit):
                no_eccn(context.quote(expr)[1:-1], span, context.report)
                return context.failed(span)
            errors.unknown_field(
                context.report, f"an ECCN has no part `{name}`", expr.name.span, ECCN_PARTS, nearest(name, ECCN_PARTS)
            )
        case SetType() | ListType() as collection:
            errors.unknown_field(
                context.report,
                f"{context.quote(expr.base)} is {describe(collection)}, which has no fields",
                expr.name.span,
                (),
                None,
                help=f"speak of its elements: `any x in …: x.{name}`",
            )
        case type:
            errors.unknown_field(
                context.report,
                f"{context.quote(expr.base)} is {describe(type)}, which has no fields",
                expr.name.span,
                (),
                None,
            )
    return context.failed(span)


def _eccn_part(context: Context, code: Term, expr: surface.FieldExpr) -> Term:
    if not isinstance(code, Const) or code.value == "EAR99":
        context.parts.append(code)
    match expr.name.text:
        case "category":
            return EccnPart(code, "category", INT, span=expr.span)
        case "number":
            return EccnPart(code, "number", INT, span=expr.span)
        case "group":
            return EccnPart(code, "group", TEXT, span=expr.span)
        case _:
            return EccnPart(code, "paragraph", TEXT, span=expr.span)


def _qualified(context: Context, expr: surface.FieldExpr) -> Term | None:
    """`Column.AT1`, `licensing.prohibited`, `ear.scope.licensing`; None where the base is a value."""
    root = root_name(expr)
    if root is None or root in context.locals or root in context.fields:
        return None
    parts = _dotted(expr)
    if parts is None:
        return None
    for end in range(len(parts) - 1, 0, -1):
        module = context.world.scopes.get(".".join(parts[:end]))
        if module is not None and (module is context.scope or module in context.scope.used()):
            return _in_module(context, module, parts[end:], expr)
    found = context.scope.find(parts[0])
    if isinstance(found, Symbol) and found.kind in ("enum", "decision") and len(parts) == 2:
        context.world.refer(found.qname, expr.base.span)
        return _member_of(context, found, parts[1], expr)
    return None


def _in_module(context: Context, module: ModuleScope, parts: list[str], expr: surface.FieldExpr) -> Term | None:
    symbol = module.own.get(parts[0])
    if symbol is None:
        if len(parts) == 1 and module.is_lost(parts[0]):
            return context.failed(expr.span)
        if len(parts) == 1:
            close = nearest(parts[0], module.own)
            errors.unknown_name(context.report, f"`{module.name}` declares no `{parts[0]}`", expr.name.span, close)
            return context.failed(expr.span)
        return None
    if len(parts) == 1:
        return declaration(context, symbol, expr.span)
    if len(parts) == 2 and symbol.kind in ("enum", "decision"):
        return _member_of(context, symbol, parts[1], expr)
    return None


def _member_of(context: Context, symbol: Symbol, member: str, expr: surface.FieldExpr) -> Term:
    type = context.world.enum(symbol) if symbol.kind == "enum" else context.world.decision(symbol).outcomes
    if member in type.members:
        if symbol.kind == "enum":
            return _member(context, type, member, expr.span)
        return Const(member, type, span=expr.span)
    what = "a member" if symbol.kind == "enum" else "an outcome"
    errors.unknown_value(
        context.report, f"`{member}` is not {what} of `{symbol.name}`", expr.name.span, nearest(member, type.members)
    )
    return context.failed(expr.span)


# ------------------------------------------------------------------------------------ tables and parties


def index(context: Context, expr: surface.IndexExpr) -> Term:
    """`chart[to, r]`, `distance_to[other]`."""
    table = _table(context, expr.base)
    if table is not None:
        context.world.refer(table.qname, expr.base.span)
        signature = context.world.table(table)
        if len(expr.keys) != len(signature.parameters):
            context.wrong_count(table, expr.span, len(expr.keys), signature.parameters)
            return context.failed(expr.span)
        keys = tuple(
            context.check(key, type, Related(f"`{table.name}` is read by `{name}`, {describe(type)}", table.span))
            for key, (name, type) in zip(expr.keys, signature.parameters, strict=True)
        )
        return Lookup(table.qname, keys, signature.result, span=expr.span)
    base = context.value(expr.base)
    if isinstance(base.type, ErrorType):
        return base
    if not isinstance(base.type, PerPartyType):
        errors.type_mismatch(
            context.report,
            f"{context.quote(expr.base)} is {describe(base.type)}: only tables and facts "
            "`per Party` are read with `[ ]`",
            expr.span,
        )
        return context.failed(expr.span)
    if len(expr.keys) != 1:
        errors.wrong_arguments(
            context.report, f"{context.quote(expr.base)} is read by one party, but here are {len(expr.keys)}", expr.span
        )
        return context.failed(expr.span)
    party = context.check(expr.keys[0], PARTY)
    return AtParty(base, party, base.type.element, span=expr.span)


def _table(context: Context, expr: surface.Expr) -> Symbol | None:
    match expr:
        case surface.NameExpr(name=name) if name not in context.locals:
            found: Found = context.scope.find(name)
        case surface.FieldExpr():
            parts = _dotted(expr)
            module = context.world.scopes.get(".".join(parts[:-1])) if parts else None
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
