"""Responses: measures on sectors, imposed in steps by members after an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from comity import parts
from comity.checked import ast as checked
from comity.checked import conditions, errors
from comity.checked.agreements import member_name, time_span
from comity.checked.constants import constant
from comity.checked.context import Context
from comity.checked.declarations import cites, doc, no_duplicates
from comity.checked.expressions import open_context
from comity.checked.literals import day_of
from comity.checked.scope import ModuleScope, Symbol
from comity.checked.signatures import World
from comity.checked.types import describe, fits
from comity.runtime.suggest import nearest
from comity.runtime.types import EnumType, ErrorType, RecordType, SetType
from comity.surface import ast as surface
from comity.terms import Term

Posture: TypeAlias = Literal["start_high_stay_high", "escalating", "ratchet", "none"]
POSTURES: tuple[Posture, ...] = ("start_high_stay_high", "escalating", "ratchet", "none")


def response(world: World, symbol: Symbol, node: surface.ResponseDecl) -> checked.Response | None:
    return _Response(world, symbol, node).check()


def whole_number(world: World, node: surface.NumberLit | None, of: str = "") -> int | None:
    """`hold 701 Warhead`, `day 31`: a whole number (``of`` days)."""
    if node is None:
        return None
    if not node.is_int:
        errors.invalid_literal(world.report, f"`{node.text}` is not a whole number{of}", node.span)
        return None
    return int(node.value)


def whole_days(world: World, node: surface.NumberLit | None) -> int | None:
    return whole_number(world, node, " of days")


class _Response:
    """Checks one response, whose measures and sectors its lines share."""

    def __init__(self, world: World, symbol: Symbol, node: surface.ResponseDecl) -> None:
        self.world, self.symbol, self.node = world, symbol, node
        self.report = world.report
        self.scope: ModuleScope = world.scopes[symbol.module]
        self.record = world.record_named(self.scope, node.record) if node.record is not None else None
        self.event = world.record_named(self.scope, node.trigger.record) if node.trigger is not None else None
        self.measures = self._enum(node.measure_enum)
        self.sectors = self._enum(node.sector_enum)

    def _enum(self, name: surface.Name | None) -> EnumType | None:
        symbol = self.world.resolve(self.scope, name, "enum") if name is not None else None
        return self.world.enum(symbol) if symbol is not None else None

    def check(self) -> checked.Response | None:
        node = self.node
        no_duplicates(self.world, node.members, "member")
        members = self._members(node.members)
        target = member_name(self.world, self.scope, node.target)
        posture, on = self._posture()
        allowing = tuple(
            parts.Allowing(self._of_export(each.condition), whole_days(self.world, each.until_day), span=each.span)
            for each in node.allowing
        )
        cannot = tuple(
            (member, self._names(each.sectors, self.sectors))
            for each in node.cannot_supply
            if (member := self._member(each.member)) is not None
        )
        steps = tuple(self._step(step) for step in node.steps)
        reaches = self._reaches()
        trigger = self._of_event(node.trigger.when if node.trigger is not None else None)
        lift_when = self._of_event(node.lift_when)
        if self.measures is None or self.sectors is None:
            if node.measure_enum is None or node.sector_enum is None:
                errors.unknown_name(
                    self.report,
                    f"`{self.symbol.name}` does not say what it imposes",
                    self.symbol.span,
                    None,
                    help="write `imposes MEASURE on SECTOR` with two enums",
                )
            return None
        return checked.Response(
            qname=self.symbol.qname,
            doc=doc(node.doc),
            cites=cites(node.cites),
            span=self.symbol.span,
            record=self.record,
            members=members,
            target=target or node.target.text,
            measures=self.measures,
            sectors=self.sectors,
            reaches=reaches,
            event=self.event,
            trigger=trigger,
            trigger_on=day_of(node.trigger.on, self.report) if node.trigger and node.trigger.on else None,
            posture=posture,
            posture_sectors=on,
            aligned=node.aligned,
            aligned_within=time_span(self.world, node.aligned_within),
            allowing=allowing,
            cannot_supply=cannot,
            steps=steps,
            lift_when=lift_when,
            node=node,
        )

    # ------------------------------------------------------------------------------------ parts

    def _context(self, record: RecordType | None) -> Context:
        return open_context(self.world, self.scope, record)

    def _of_event(self, expr: surface.Expr | None) -> Term | None:
        """A condition about the event; without a known event its names would only be reported again."""
        if expr is None or (self.event is None and self.node.trigger is not None):
            return None
        return conditions.clause(self._context(self.event), expr)

    def _of_export(self, expr: surface.Expr) -> Term:
        return self._context(self.record).condition(expr)

    def _members(self, names: Iterable[surface.Name]) -> tuple[str, ...]:
        found = (member_name(self.world, self.scope, name) for name in names)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def _member(self, name: surface.Name) -> str | None:
        """A member of this response."""
        members = [each.text for each in self.node.members]
        if name.text in members:
            member_name(self.world, self.scope, name)
            return name.text
        errors.unknown_name(
            self.report,
            f"`{name.text}` is not a member of `{self.symbol.name}`",
            name.span,
            nearest(name.text, members),
        )
        return None

    def _names(self, expr: surface.Expr, type: EnumType | None) -> tuple[str, ...]:
        """The members that ``expr`` names: one, or a set written out, or the whole enum."""
        if type is None:
            return ()
        context = self._context(None)
        term = context.synth(expr, SetType(type) if isinstance(expr, surface.SetLit) else type)
        if isinstance(term.type, ErrorType):
            return ()
        if not fits(term.type, type):
            term = context.fit(term, SetType(type), expr)
        value = constant(term)
        if value is None:
            if not isinstance(term.type, ErrorType):
                errors.type_mismatch(self.report, f"{context.quote(expr)} must be written out: `{{…}}`", expr.span)
            return ()
        if isinstance(value.value, frozenset):
            return tuple(member for member in type.members if member in value.value)
        return (str(value.value),)

    def _posture(self) -> tuple[Posture, tuple[str, ...] | None]:
        posture = self.node.posture
        if posture is None:
            return "none", None
        sectors = self._names(posture.sectors, self.sectors) if posture.sectors is not None else None
        for known in POSTURES:
            if posture.name.text == known:
                return known, sectors
        errors.unknown_name(
            self.report,
            f"there is no posture `{posture.name.text}`; it is one of " + ", ".join(f"`{each}`" for each in POSTURES),
            posture.name.span,
            nearest(posture.name.text, POSTURES),
        )
        return "none", sectors

    def _reaches(self) -> Term | None:
        """The field that holds the sectors of an export: one, or a set of them."""
        expr = self.node.reaches
        if expr is None or (self.record is None and self.node.record is not None):
            return None
        context = self._context(self.record)
        term = context.value(expr)
        if self.sectors is not None and not (fits(term.type, self.sectors) or fits(term.type, SetType(self.sectors))):
            errors.type_mismatch(
                self.report,
                f"{context.quote(expr)} is {describe(term.type)}, but `reaches` wants "
                f"{describe(self.sectors)} or {describe(SetType(self.sectors))}",
                expr.span,
            )
        return term

    def _step(self, node: surface.Step) -> parts.Step:
        lines = tuple(self._line(line) for line in node.lines)
        on = day_of(node.on, self.report) if node.on is not None else None
        return parts.Step(
            time_span(self.world, node.after), on, lines, doc=doc(node.doc), cites=cites(node.cites), span=node.span
        )

    def _line(self, node: surface.Impose) -> parts.Impose:
        when: Term | None = None
        if node.when is not None and not (self.record is None and self.node.record is not None):
            when = conditions.clause(self._context(self.record), node.when)
        by = (self._member(name) for name in node.by)
        return parts.Impose(
            node.lift,
            self._names(node.measure, self.measures),
            self._names(node.sectors, self.sectors),
            when,
            tuple(name for name in by if name is not None),
            time_span(self.world, node.duration),
            span=node.span,
        )
