"""Elaboration: from an expression as written to a term in which every name is resolved and everything has a type.

It goes both ways. Most expressions tell their type (`synth`); bare members, `{}`, lists and numbers take theirs
from where they stand (`check`, and the ``hint`` of `synth`), so `destination in {RU, BY}` needs no `Country.RU`.
A mistake is reported once, where it was made, and becomes a term of the error type, which fits everywhere.

`names` resolves names, `calls` reads what has arguments, `operators` knows what may be computed and compared,
`conditions` what may be asked; here is the one `match` over all expressions, and the literals of sets, lists and maps.
All are functions of a `Context`; where they need the term of a part, they ask that for it (`Context.synth`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import assert_never

from comity.base.diagnostics import Related
from comity.checked import calls, conditions, errors, names, operators
from comity.checked.context import Context, is_error
from comity.checked.literals import codes_of, literal
from comity.checked.types import describe, join
from comity.runtime.suggest import nearest
from comity.runtime.types import (
    ERROR,
    AbsentType,
    EnumType,
    ErrorType,
    ListType,
    PerPartyType,
    PlaceType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.surface import ast as surface
from comity.terms import THIS, Const, ListOf, Local, Not, PerPartyOf, SetOf, Term, Unknown


def synth(context: Context, expr: surface.Expr, hint: Type | None, origin: Related | None) -> Term:
    """The term of ``expr``: see `Context.synth`, by which it is called."""
    match expr:
        case surface.NameExpr():
            return names.bare_name(context, expr, hint)
        case surface.FieldExpr():
            return names.dotted(context, expr, hint)
        case surface.Compare():
            return operators.compare(context, expr)
        case surface.In():
            return operators.membership(context, expr)
        case surface.Within():
            return operators.within(context, expr)
        case surface.And():
            return conditions.conjunction(context, expr)
        case surface.Or():
            return conditions.disjunction(context, expr)
        case surface.Not():
            return negation(context, expr)
        case surface.Windowed():
            return conditions.dated(context, context.condition(expr.condition), expr.window, expr.span)
        case surface.Block():
            return conditions.block(context, expr)
        case surface.Quantified() | surface.QuantifiedBlock():
            return conditions.quantified(context, expr)
        case surface.Implies():
            return conditions.implication(context, expr)
        case (
            surface.BoolLit()
            | surface.NumberLit()
            | surface.PercentLit()
            | surface.MoneyLit()
            | surface.QuantityLit()
            | surface.DateLit()
            | surface.TextLit()
            | surface.EccnLit()
            | surface.HsLit()
        ):
            return literal(expr, context.report) or context.failed(expr.span)
        case surface.This():
            return _this(context, expr)
        case surface.IndexExpr():
            return names.index(context, expr)
        case surface.Call():
            return calls.call(context, expr)
        case surface.Count():
            return conditions.count(context, expr)
        case surface.Sum():
            return conditions.add_up(context, expr)
        case surface.SetLit(elements=elements):
            return _set(context, expr, elements, hint, origin)
        case surface.ListLit(elements=elements):
            return _list(context, expr, elements, hint, origin)
        case surface.MapLit():
            return _map(context, expr, hint)
        case surface.Comprehension():
            return conditions.comprehension(context, expr)
        case surface.Negate():
            return operators.negate(context, expr)
        case surface.Binary():
            return operators.binary(context, expr, hint)
        case surface.StateTest():
            return conditions.state(context, expr)
        case surface.Consents():
            return conditions.consent(context, expr)
        case surface.RuleTest():
            return conditions.rule_test(context, expr)
        case surface.UnknownLit():
            return _unknown(context, expr, hint)
        case surface.AbsentLit():
            return _absent(context, expr, hint)
        case surface.Range():
            errors.type_mismatch(context.report, "a range stands only after `in`", expr.span)
            return context.failed(expr.span)
        case surface.CodeRange():
            errors.type_mismatch(context.report, "a range of codes stands only in a set of codes", expr.span)
            return context.failed(expr.span)
        case surface.ErrorExpr():
            return context.failed(expr.span)
        case _:
            assert_never(expr)


def _this(context: Context, expr: surface.This) -> Term:
    if context.this is None:
        errors.unknown_name(context.report, "there is no `this` here: no record is spoken of", expr.span, None)
        return context.failed(expr.span)
    return Local(THIS, context.this, span=expr.span)


def negation(context: Context, expr: surface.Not) -> Term:
    return Not(context.condition(expr.operand), span=expr.span)


# ------------------------------------------------------------------------------------ unknown and absent


def _unknown(context: Context, expr: surface.UnknownLit, hint: Type | None) -> Term:
    if not context.facts:
        errors.type_mismatch(
            context.report, "`unknown` is written in tests and examples only", expr.span, help="ask `is unknown`"
        )
        return context.failed(expr.span)
    return Unknown(ERROR if hint is None else hint, span=expr.span)


def _absent(context: Context, expr: surface.AbsentLit, hint: Type | None) -> Term:
    if isinstance(hint, AbsentType):
        return Const(ABSENT, hint, span=expr.span)
    return Const(ABSENT, AbsentType(ERROR if hint is None else hint), span=expr.span)


# ------------------------------------------------------------------------------------ collections


def _set(
    context: Context, expr: surface.SetLit, elements: Sequence[surface.Expr], hint: Type | None, origin: Related | None
) -> Term:
    wanted = _inside(hint)
    if isinstance(wanted, PerPartyType) and not elements:
        return PerPartyOf((), wanted, span=expr.span)
    inner = wanted.element if isinstance(wanted, SetType) else _unless_known(wanted)
    if any(isinstance(each, surface.CodeRange) for each in elements):
        elements = [code for each in elements for code in codes_of(each, context.report)]
    terms, element = _elements(context, expr, elements, inner, origin)
    return SetOf(terms, SetType(element), span=expr.span) if element is not None else context.failed(expr.span)


def _list(
    context: Context, expr: surface.ListLit, elements: Sequence[surface.Expr], hint: Type | None, origin: Related | None
) -> Term:
    wanted = _inside(hint)
    inner = wanted.element if isinstance(wanted, ListType) else _unless_known(wanted)
    terms, element = _elements(context, expr, elements, inner, origin)
    return ListOf(terms, ListType(element), span=expr.span) if element is not None else context.failed(expr.span)


def _elements(
    context: Context, whole: surface.Expr, elements: Sequence[surface.Expr], wanted: Type | None, origin: Related | None
) -> tuple[tuple[Term, ...], Type | None]:
    """The elements and their common type; None if there is none (reported)."""
    if not elements and wanted is None:
        errors.type_mismatch(context.report, f"nothing says what {context.quote(whole)} holds", whole.span)
        return (), None
    if wanted is None:
        # The first element whose type is known by itself gives the type of the bare ones.
        speaker = next((e for e in elements if not names.is_bare(context, e)), elements[0])
        first = context.value(speaker)
        if is_error(first.type):
            return (), None
        wanted = first.type
        origin = context.says(speaker, wanted)
        terms = tuple(first if e is speaker else context.value(e, wanted) for e in elements)
    elif isinstance(wanted, EnumType | PlaceType):  # mostly members by their names, and many of them
        members = names.plain_members(context, elements, wanted)
        if members is not None:
            return members, wanted
        terms = tuple(context.value(e, wanted) for e in elements)
    else:
        terms = tuple(context.value(e, wanted) for e in elements)
    common = wanted
    for expr, term in zip(elements, terms, strict=True):
        both = join(common, term.type)
        if both is None:
            context.mismatch(expr, term.type, common, origin)
            return (), None
        common = both
    return terms, None if any(is_error(term.type) for term in terms) else common


def _map(context: Context, expr: surface.MapLit, hint: Type | None) -> Term:
    wanted = _inside(hint)
    if not isinstance(wanted, PerPartyType):
        if not isinstance(wanted, ErrorType):
            here = "" if wanted is None else f", but {describe(wanted)} is wanted here"
            errors.type_mismatch(context.report, f"this is a value for each party{here}", expr.span)
        return context.failed(expr.span)
    entries: dict[str, Term] = {}
    for entry in expr.entries:
        name = entry.key.text
        party = context.party_symbol(name)
        if party is None:
            every = (s for scope in context.world.scopes.values() for s in scope.own.values())
            known = [s.name for s in every if s.kind == "party"]
            errors.unknown_name(context.report, f"there is no party `{name}`", entry.key.span, nearest(name, known))
        else:
            context.world.refer(party.qname, entry.key.span)
        if name in entries:
            errors.duplicate_name(context.report, f"`{name}` is given twice", entry.key.span)
        entries[name] = context.check(entry.value, wanted.element)
    if any(is_error(value.type) for value in entries.values()):
        return context.failed(expr.span)
    return PerPartyOf(tuple(entries.items()), wanted, span=expr.span)


open_context = partial(Context, synth)
"""What the expressions of a declaration are read in; see `Context` for the parameters."""


def _unless_known(type: Type | None) -> Type | None:
    """The error type stays: beside what was reported, nothing more is asked."""
    return type if isinstance(type, ErrorType) else None


def _inside(type: Type | None) -> Type | None:
    """``type`` without `or absent`."""
    return type.element if isinstance(type, AbsentType) else type
