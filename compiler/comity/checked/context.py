"""What every part of elaboration shares: where it stands, what it may name, and how it reports a misfit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from typing import TypeAlias

from comity.base.diagnostics import Related, Report
from comity.base.source import Span
from comity.checked import errors
from comity.checked.advice import advice
from comity.checked.ast import Reference
from comity.checked.scope import ModuleScope, Symbol
from comity.checked.signatures import World
from comity.checked.types import describe, element_of, fits, is_measured, records_in
from comity.runtime.light import dataclass
from comity.runtime.types import (
    BOOL,
    ERROR,
    PARTY,
    PERCENT,
    AbsentType,
    EnumType,
    ErrorType,
    ListType,
    MoneyType,
    NumberType,
    PartyType,
    PercentType,
    PerPartyType,
    QuantityType,
    RecordType,
    SetType,
    Type,
)
from comity.surface import ast as surface
from comity.terms import Arithmetic, Const, Equal, Local, NamedSet, SetOf, SetOperation, Term, Unknown, When

QUOTE = 60
"""Longer text is cut where a message quotes it."""


@dataclass(frozen=True, slots=True)
class AgreementScope:
    """The names that only an agreement knows: its parties, and its commitments by name (qualified names)."""

    parties: tuple[Symbol, ...] = ()
    commitments: Mapping[str, str] = field(default_factory=dict)


Elaborate: TypeAlias = Callable[["Context", surface.Expr, "Type | None", "Related | None"], Term]
"""What turns an expression into a term (`expressions.synth`)."""


class Context:
    """What the expressions of one declaration are read in, and what reading them has found out.

    ``elaborate``: reads any expression; passed in, as what it calls for each kind of expression needs it too.
    ``this``: the record whose ``fields`` are in scope bare. ``present``: terms known to be present where we stand;
    ``asked``: how often presence has been asked about, so that nobody looks for answers where nobody asked.
    ``uses``: definitions, sets and decisions used so far. ``parts``: codes whose parts (`.category`) have been
    read and not yet been put behind `!= EAR99`. ``facts``: `unknown` may be written (tests and examples).
    ``decided``: the decision whose rule this is. ``alternative``: the `or` whose operands are read.
    """

    def __init__(
        self,
        elaborate: Elaborate,
        world: World,
        scope: ModuleScope,
        this: RecordType | None = None,
        variables: Mapping[str, Type] | None = None,
        agreement: AgreementScope | None = None,
        facts: bool = False,
    ) -> None:
        self.elaborate = elaborate
        self.world = world
        self.scope = scope
        self.this = this
        self.fields = world.fields_of(this) if this is not None else {}
        self.locals: dict[str, Type] = dict(variables or {})
        self.agreement = agreement or AgreementScope()
        self.facts = facts
        self.present: list[Term] = []
        self.asked = 0
        self.parts: list[Term] = []
        self.uses: dict[str, Span] = {}
        self.decided: Symbol | None = None
        self.alternative: surface.Or | None = None

    @property
    def report(self) -> Report:
        return self.world.report

    # ------------------------------------------------------------------------------------ elaboration

    def synth(self, expr: surface.Expr, hint: Type | None = None, origin: Related | None = None) -> Term:
        """The term of ``expr``.

        ``hint``: the type wanted, which helps to resolve names but is not enforced; ``origin``: what wants it.
        """
        return self.elaborate(self, expr, hint, origin)

    def check(self, expr: surface.Expr, expected: Type, origin: Related | None = None) -> Term:
        """The term of ``expr``, which must fit ``expected``; ``origin`` says what wants it so."""
        return self.fit(self.synth(expr, expected, origin), expected, expr, origin)

    def condition(self, expr: surface.Expr, origin: Related | None = None) -> Term:
        return self.check(expr, BOOL, origin)

    def value(self, expr: surface.Expr, hint: Type | None = None, origin: Related | None = None) -> Term:
        """The term of ``expr``, which must be present (E109)."""
        return self.plain(self.synth(expr, hint, origin), expr)

    def source(self, expr: surface.Expr) -> tuple[Term, Type]:
        """A set or list to go through, and the type of its elements."""
        source = self.value(expr)
        if isinstance(source.type, PartyType):
            source = self.countries_of(source)
        element = element_of(source.type)
        if element is None:
            if not isinstance(source.type, ErrorType):
                errors.type_mismatch(
                    self.report,
                    f"a set or list is wanted here, but {self.quote(expr)} is {describe(source.type)}",
                    expr.span,
                )
            return self.failed(expr.span), ERROR
        return source, element

    def fit(self, term: Term, expected: Type, expr: surface.Expr, origin: Related | None = None) -> Term:
        """``term`` as a value of ``expected``, or a report and an error term."""
        actual = term.type
        if actual is expected or fits(actual, expected):
            return term
        if isinstance(actual, AbsentType) and not isinstance(expected, AbsentType):
            return self.fit(self.plain(term, expr), expected, expr, origin)
        if isinstance(expected, PercentType) and is_ratio(term):
            return retyped(term, PERCENT)
        if isinstance(actual, PartyType) and isinstance(expected, SetType):
            term = self.countries_of(term)
            if fits(term.type, expected):
                return term
        self.mismatch(expr, actual, expected, origin)
        return self.failed(expr.span)

    def mismatch(self, expr: surface.Expr, actual: Type, expected: Type, origin: Related | None) -> None:
        related = (origin,) if origin is not None else ()
        say = errors.unit_mismatch if is_measured(actual) and is_measured(expected) else errors.type_mismatch
        text = self.quote(expr)
        say(
            self.report,
            f"{text} is {describe(actual)}, but {describe(expected)} is wanted here",
            expr.span,
            related=related,
            help=self.instead(expr) or advice(expr, actual, expected),
        )

    def instead(self, expr: surface.Expr) -> str | None:
        """What an operand of `or` was meant to be, if it is a value: `colour == red or green`."""
        first = self.alternative
        if first is None or not any(operand is expr for operand in first.operands[1:]):
            return None
        match first.operands[0]:
            case surface.Compare(operator="==", left=left, right=right):
                return f"say `{self.quote(left)[1:-1]} in {{{self.quote(right)[1:-1]}, {self.quote(expr)[1:-1]}}}`"
            case _:
                return None

    def plain(self, term: Term, expr: surface.Expr) -> Term:
        """``term`` with its own type, if it is known to be present here; else E109."""
        if not isinstance(term.type, AbsentType):
            return term
        if isinstance(term, Const):
            errors.unguarded_absent(
                self.report,
                "`absent` is not a value to compute or compare with",
                expr.span,
                help="ask `is absent` or `is present`",
            )
            return self.failed(expr.span)
        if term not in self.present:
            text = self.quote(expr)
            help = f"put it behind {text[:-1]} is present` or in a case of its own" if text[0] == "`" else None
            errors.unguarded_absent(self.report, f"{text} may be absent here", expr.span, help=help)
        return retyped(term, term.type.element)

    def failed(self, span: Span) -> Term:
        """What stands for an expression that was reported."""
        return Unknown(ERROR, span=span)

    # ------------------------------------------------------------------------------------ names

    def use(self, symbol: Symbol, span: Span) -> None:
        """Note a use of a declaration whose meaning this one depends on."""
        self.world.refer(symbol.qname, span)
        self.uses.setdefault(symbol.qname, span)

    def refer_member(self, type: EnumType, member: str, span: Span) -> None:
        """Note a use of a member, which is one of its enum as well."""
        self.world.refer(f"{type.module}.{type.name}", span)
        self.world.refer(f"{type.module}.{member}", span)

    def refer_members(self, type: EnumType, members: Iterable[surface.NameExpr]) -> None:
        """Note a use of each of some members, in their order."""
        module, enum = type.module, f"{type.module}.{type.name}"
        for each in members:
            self.world.references += Reference(enum, each.span), Reference(f"{module}.{each.name}", each.span)

    def refer_compared(self, type: Type, span: Span) -> None:
        """Note that comparing values of ``type`` uses every field of the records in them."""
        for record in records_in(type):
            for each in record.fields:
                self.world.refer(f"{record.module}.{record.name}.{each.name}", span)
                self.refer_compared(each.type, span)

    @contextmanager
    def bound(self, variable: surface.Name, type: Type) -> Iterator[None]:
        """``variable`` in scope; reports one that shadows a member, a field or another variable (E012)."""
        name = variable.text
        self.check_shadowing(variable)
        before = self.locals.get(name)
        marks = len(self.present), len(self.parts)
        self.locals[name] = type
        yield
        # What holds of one element, and the codes read of it, are not to be spoken of outside.
        del self.present[marks[0] :], self.parts[marks[1] :]
        if before is None:
            del self.locals[name]
        else:
            self.locals[name] = before

    def check_shadowing(self, variable: surface.Name) -> None:
        name = variable.text
        hidden: tuple[str, Span | None] | None = None
        enums = self.world.enums_with(self.scope, name)
        if name in self.locals:
            hidden = "another variable of that name", None
        elif self.this is not None and name in self.fields:
            hidden = f"a field of `{self.this.name}`", self.world.field_span(self.this, name)
        elif enums:
            hidden = f"a member of `{enums[0].name}`", enums[0].span
        if hidden is not None:
            what, span = hidden
            errors.duplicate_name(
                self.report,
                f"`{name}` shadows {what}",
                variable.span,
                related=(Related("declared here", span),) if span else (),
            )

    # ------------------------------------------------------------------------------------ parties

    def countries_of(self, party: Term) -> Term:
        """The set of countries a party is made of."""
        return self.for_each_party(party, lambda symbol: self.members_of(symbol, party.span))

    def members_of(self, symbol: Symbol, span: Span) -> Term:
        """A party's countries: the named set of the party's own name."""
        self.uses.setdefault(symbol.qname, span)
        return NamedSet(symbol.qname, SetType(self.country_type()), span=span)

    def country_type(self) -> Type:
        symbol = self.world.country_symbol()
        return ERROR if symbol is None else self.world.enum(symbol)

    def for_each_party(self, party: Term, set_of: Callable[[Symbol], Term]) -> Term:
        """``set_of`` the party; of one that is only known with the facts or the arguments, of whichever it is.

        `self` and `other` are among the agreement's own parties; a field or a parameter may be any of the program.
        """
        span = party.span
        if isinstance(party, Const):
            symbol = self.party_symbol(str(party.value))
            return self.failed(span) if symbol is None else set_of(symbol)
        own: Mapping[str, Symbol | None] = {symbol.name: symbol for symbol in self.agreement.parties}
        is_side = isinstance(party, Local) and party.name in ("self", "other") and bool(own)
        parts: list[Term] = []
        for name, symbol in (own if is_side else {**self._parties(), **own}).items():
            value = Unknown(SetType(self.country_type()), span=span) if symbol is None else set_of(symbol)
            it_is = Equal(party, Const(name, PARTY, span=span), PARTY, span=span)
            parts.append(When(it_is, value, value.type, span=span))
        return self._union(parts, span) if parts else SetOf((), SetType(self.country_type()), span=span)

    def _union(self, parts: Sequence[Term], span: Span) -> Term:
        """Sets of one type or of countries and places, as one; balanced, so that many do not nest deeply."""
        if len(parts) == 1:
            return parts[0]
        half = len(parts) // 2
        left, right = self._union(parts[:half], span), self._union(parts[half:], span)
        type = left.type if fits(right.type, left.type) else right.type
        return SetOperation("|", left, right, type, span=span)

    def _parties(self) -> dict[str, Symbol | None]:
        """The parties of the program by name: the one that the name means in this module, else the only one.

        None for a name that means nothing here and that several modules give to different parties.
        """
        found: dict[str, Symbol | None] = {}
        for symbol in self.world.parties:
            name = symbol.name
            here = self.scope.find(name)
            if isinstance(here, Symbol) and here.kind == "party":
                found[name] = here
            else:
                found[name] = None if name in found else symbol
        return found

    def party_symbol(self, name: str) -> Symbol | None:
        for symbol in self.agreement.parties:
            if symbol.name == name:
                return symbol
        found = self.scope.find(name)
        return found if isinstance(found, Symbol) and found.kind == "party" else None

    # ------------------------------------------------------------------------------------ quoting

    def quote(self, node: surface.Node) -> str:
        """The author's words for ``node`` in backticks, on one line."""
        span = node.span
        text = " ".join(self.scope.source.text[span.start : span.end].split())
        if span.path != self.scope.source.path or not text:
            return "this"
        if len(text) > QUOTE:
            text = text[: QUOTE - 1].rstrip() + "…"
        return f"`{text}`"

    def says(self, node: surface.Node, type: Type) -> Related:
        """A note on the other side of a mismatch."""
        return Related(f"{self.quote(node)} is {describe(type)}", node.span)

    def wrong_count(self, symbol: Symbol, span: Span, count: int, parameters: tuple[tuple[str, Type], ...]) -> None:
        wanted = ", ".join(f"`{name}: {type}`" for name, type in parameters) or "nothing"
        errors.wrong_arguments(
            self.report,
            f"`{symbol.name}` takes {wanted}, but here {'is' if count == 1 else 'are'} {count or 'none'}",
            span,
            related=(Related("declared here", symbol.span),),
        )


def root_name(expr: surface.Expr) -> str | None:
    """The name that a dotted name begins with."""
    while isinstance(expr, surface.FieldExpr):
        expr = expr.base
    return expr.name if isinstance(expr, surface.NameExpr) else None


def retyped(term: Term, type: Type) -> Term:
    """The same term, seen as of ``type``."""
    return replace(term, type=type)  # type: ignore[arg-type]  # terms of such types have the field


def is_ratio(term: Term) -> bool:
    """Whether ``term`` is one amount divided by another of its kind, and so usable as a Percent."""
    match term:
        case Arithmetic(operator="/", left=left, right=right, type=NumberType()):
            return isinstance(left.type, MoneyType | QuantityType) and left.type == right.type
        case _:
            return False


def is_error(type: Type) -> bool:
    """Whether ``type``, or what it is a collection of, was reported."""
    while isinstance(type, SetType | ListType | AbsentType | PerPartyType):
        type = type.element
    return isinstance(type, ErrorType)
