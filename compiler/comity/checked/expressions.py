"""Elaboration: from an expression as written to a term in which every name is resolved and everything has a type.

It goes both ways. Most expressions tell their type (`synth`); bare members, `{}`, lists and numbers take theirs
from where they stand (`check`, and the ``hint`` of `synth`), so `destination in {RU, BY}` needs no `Country.RU`.
A mistake is reported once, where it was made, and becomes a term of the error type, which fits everywhere.

`Names` resolves names, `Operators` knows what may be computed and compared, `Conditions` what may be asked; here
is the one `match` over all expressions, and the literals of sets, lists and maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from comity.base.diagnostics import Related
from comity.checked import errors
from comity.checked.conditions import Conditions
from comity.checked.context import is_error
from comity.checked.literals import codes_of, literal
from comity.checked.names import Names
from comity.checked.operators import Operators
from comity.checked.types import describe, join
from comity.runtime.suggest import nearest
from comity.runtime.types import (
    ERROR,
    AbsentType,
    ErrorType,
    ListType,
    PerPartyType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.surface import ast as surface
from comity.terms import THIS, Const, ListOf, Local, Not, PerPartyOf, SetOf, Term, Unknown


class Elaborator(Names, Operators, Conditions):
    """Elaborates the expressions of one declaration."""

    def synth(self, expr: surface.Expr, hint: Type | None = None, origin: Related | None = None) -> Term:
        match expr:
            case surface.NameExpr():
                return self.name(expr, hint)
            case surface.FieldExpr():
                return self.dotted(expr, hint)
            case surface.Compare():
                return self.compare(expr)
            case surface.In():
                return self.membership(expr)
            case surface.Within():
                return self.within(expr)
            case surface.And():
                return self.conjunction(expr)
            case surface.Or():
                return self.disjunction(expr)
            case surface.Not():
                return self.negation(expr)
            case surface.Windowed():
                return self.dated(self.condition(expr.condition), expr.window, expr.span)
            case surface.Block():
                return self.block(expr)
            case surface.Quantified() | surface.QuantifiedBlock():
                return self.quantified(expr)
            case surface.Implies():
                return self.implication(expr)
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
                return literal(expr, self.report) or self.failed(expr.span)
            case surface.This():
                return self._this(expr)
            case surface.IndexExpr():
                return self.index(expr)
            case surface.Call():
                return self.call(expr)
            case surface.Count():
                return self.count(expr)
            case surface.Sum():
                return self.sum(expr)
            case surface.SetLit(elements=elements):
                return self._set(expr, elements, hint, origin)
            case surface.ListLit(elements=elements):
                return self._list(expr, elements, hint, origin)
            case surface.MapLit():
                return self._map(expr, hint)
            case surface.Comprehension():
                return self.comprehension(expr)
            case surface.Negate():
                return self.negate(expr)
            case surface.Binary():
                return self.binary(expr, hint)
            case surface.StateTest():
                return self.state(expr)
            case surface.Consents():
                return self.consent(expr)
            case surface.RuleTest():
                return self.rule_test(expr)
            case surface.UnknownLit():
                return self._unknown(expr, hint)
            case surface.AbsentLit():
                return self._absent(expr, hint)
            case surface.Range():
                errors.type_mismatch(self.report, "a range stands only after `in`", expr.span)
                return self.failed(expr.span)
            case surface.CodeRange():
                errors.type_mismatch(self.report, "a range of codes stands only in a set of codes", expr.span)
                return self.failed(expr.span)
            case surface.ErrorExpr():
                return self.failed(expr.span)
            case _:
                assert_never(expr)

    def _this(self, expr: surface.This) -> Term:
        if self.this is None:
            errors.unknown_name(self.report, "there is no `this` here: no record is spoken of", expr.span, None)
            return self.failed(expr.span)
        return Local(THIS, self.this, span=expr.span)

    def negation(self, expr: surface.Not) -> Term:
        return Not(self.condition(expr.operand), span=expr.span)

    # ------------------------------------------------------------------------------------ unknown and absent

    def _unknown(self, expr: surface.UnknownLit, hint: Type | None) -> Term:
        if not self.facts:
            errors.type_mismatch(
                self.report, "`unknown` is written in tests and examples only", expr.span, help="ask `is unknown`"
            )
            return self.failed(expr.span)
        return Unknown(ERROR if hint is None else hint, span=expr.span)

    def _absent(self, expr: surface.AbsentLit, hint: Type | None) -> Term:
        if isinstance(hint, AbsentType):
            return Const(ABSENT, hint, span=expr.span)
        return Const(ABSENT, AbsentType(ERROR if hint is None else hint), span=expr.span)

    # ------------------------------------------------------------------------------------ collections

    def _set(
        self, expr: surface.SetLit, elements: Sequence[surface.Expr], hint: Type | None, origin: Related | None
    ) -> Term:
        wanted = _inside(hint)
        if isinstance(wanted, PerPartyType) and not elements:
            return PerPartyOf((), wanted, span=expr.span)
        inner = wanted.element if isinstance(wanted, SetType) else _unless_known(wanted)
        elements = [code for each in elements for code in codes_of(each, self.report)]
        terms, element = self._elements(expr, elements, inner, origin)
        return SetOf(terms, SetType(element), span=expr.span) if element is not None else self.failed(expr.span)

    def _list(
        self, expr: surface.ListLit, elements: Sequence[surface.Expr], hint: Type | None, origin: Related | None
    ) -> Term:
        wanted = _inside(hint)
        inner = wanted.element if isinstance(wanted, ListType) else _unless_known(wanted)
        terms, element = self._elements(expr, elements, inner, origin)
        return ListOf(terms, ListType(element), span=expr.span) if element is not None else self.failed(expr.span)

    def _elements(
        self, whole: surface.Expr, elements: Sequence[surface.Expr], wanted: Type | None, origin: Related | None
    ) -> tuple[tuple[Term, ...], Type | None]:
        """The elements and their common type; None if there is none (reported)."""
        if not elements and wanted is None:
            errors.type_mismatch(self.report, f"nothing says what {self.quote(whole)} holds", whole.span)
            return (), None
        if wanted is None:
            # The first element whose type is known by itself gives the type of the bare ones.
            speaker = next((e for e in elements if not self.is_bare(e)), elements[0])
            first = self.value(speaker)
            if is_error(first.type):
                return (), None
            wanted = first.type
            origin = self.says(speaker, wanted)
            terms = tuple(first if e is speaker else self.value(e, wanted) for e in elements)
        else:
            terms = tuple(self.value(e, wanted) for e in elements)
        common = wanted
        for expr, term in zip(elements, terms, strict=True):
            both = join(common, term.type)
            if both is None:
                self.mismatch(expr, term.type, common, origin)
                return (), None
            common = both
        return terms, None if any(is_error(term.type) for term in terms) else common

    def _map(self, expr: surface.MapLit, hint: Type | None) -> Term:
        wanted = _inside(hint)
        if not isinstance(wanted, PerPartyType):
            if not isinstance(wanted, ErrorType):
                here = "" if wanted is None else f", but {describe(wanted)} is wanted here"
                errors.type_mismatch(self.report, f"this is a value for each party{here}", expr.span)
            return self.failed(expr.span)
        entries: dict[str, Term] = {}
        for entry in expr.entries:
            name = entry.key.text
            party = self.party_symbol(name)
            if party is None:
                every = (s for scope in self.world.scopes.values() for s in scope.own.values())
                known = [s.name for s in every if s.kind == "party"]
                errors.unknown_name(self.report, f"there is no party `{name}`", entry.key.span, nearest(name, known))
            else:
                self.world.refer(party.qname, entry.key.span)
            if name in entries:
                errors.duplicate_name(self.report, f"`{name}` is given twice", entry.key.span)
            entries[name] = self.check(entry.value, wanted.element)
        if any(is_error(value.type) for value in entries.values()):
            return self.failed(expr.span)
        return PerPartyOf(tuple(entries.items()), wanted, span=expr.span)


def _unless_known(type: Type | None) -> Type | None:
    """The error type stays: beside what was reported, nothing more is asked."""
    return type if isinstance(type, ErrorType) else None


def _inside(type: Type | None) -> Type | None:
    """``type`` without `or absent`."""
    return type.element if isinstance(type, AbsentType) else type
