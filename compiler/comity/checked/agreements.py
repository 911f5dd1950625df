"""Agreements: parties, commitments, mirrors, red lines, remedies, and what parties can and cannot do.

A condition in an agreement speaks of an act: the fields of the act's record stand bare, `self` is whose act it
is, `other` the side it is owed to. A party's name is a set of countries where one is wanted, and a key of facts
`per Party`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import TypeVar

from comity import parts
from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import ast as checked
from comity.checked import conditions, errors
from comity.checked.context import AgreementScope, Context
from comity.checked.declarations import cites, doc, no_duplicates
from comity.checked.expressions import open_context
from comity.checked.fitting import unfit
from comity.checked.literals import day_of, intervals, literal, quantity
from comity.checked.scope import Lost, ModuleScope, Symbol
from comity.checked.signatures import COUNTRIES, World
from comity.checked.types import describe, fits, is_number, member_names
from comity.runtime.suggest import nearest
from comity.runtime.types import (
    DURATION,
    ERROR,
    NUMBER,
    PARTY,
    PERCENT,
    ErrorType,
    MonthsType,
    PercentType,
    RecordType,
    SetType,
    Type,
)
from comity.surface import ast as surface
from comity.terms import And, CommitmentState, Const, Line, Not, Or, Term, Unknown

T = TypeVar("T")

STATUSES = ("proposed", "signed", "in_force", "suspended", "terminated")
SIDES = {"self": PARTY, "other": PARTY}


def time_span(world: World, node: surface.QuantityLit | None) -> parts.TimeSpan | None:
    """A length of time; anything else that has a unit is E102."""
    if node is None:
        return None
    term = quantity(node, world.report)
    if term is None:
        return None
    assert isinstance(term.value, int | Fraction)
    if isinstance(term.type, MonthsType):
        return parts.TimeSpan(int(term.value), None)
    if term.type != DURATION:
        text = f"`{node.text or node.unit}` is {describe(term.type)}"
        errors.unit_mismatch(world.report, f"{text}, but a length of time is wanted here", node.span)
        return None
    return parts.TimeSpan(None, Fraction(term.value))


def verbs_of(
    world: World, scope: ModuleScope, verbs: Iterable[surface.Name], name: surface.Name
) -> tuple[tuple[str, ...], RecordType | None]:
    """The verbs and the record of an act; a verb that the record does not `act` is E013."""
    symbol = world.resolve(scope, name, "record")
    if symbol is None:
        return (), None
    assert isinstance(symbol.node, surface.RecordDecl)
    acts = [verb.text for verb in symbol.node.acts]
    known: list[str] = []
    for verb in verbs:
        if verb.text in acts:
            known.append(verb.text)
        else:
            errors.unknown_name(
                world.report,
                f"`{symbol.name}` does not act `{verb.text}`",
                verb.span,
                nearest(verb.text, acts),
                help=f"its verbs are {', '.join(f'`{a}`' for a in acts)}"
                if acts
                else f"say which verbs it has: `acts {verb.text}`",
            )
    return tuple(known), world.record(symbol)


# ------------------------------------------------------------------------------------------- parties


def party(world: World, symbol: Symbol, node: surface.PartyDecl) -> checked.Party:
    scope = world.scopes[symbol.module]
    if world.country_symbol() is None and not scope.all_lost:
        message = f"`{symbol.name}` is made of countries, and no module here declares them"
        errors.unknown_name(world.report, message, symbol.span, None, COUNTRIES)
    context = open_context(world, scope)
    countries = SetType(context.country_type())
    members = context.check(node.members, countries)
    if isinstance(members.type, ErrorType):
        members = Unknown(countries, span=members.span)
    world.depend(symbol, context.uses)
    as_of = day_of(node.as_of, world.report) if node.as_of is not None else None
    return checked.Party(
        symbol.qname,
        doc(node.doc),
        cites(node.cites),
        symbol.span,
        members,
        as_of,
        world.territory(symbol),
        node,
    )


def body(world: World, scope: ModuleScope, qname: str, node: surface.BodyDecl) -> checked.Body:
    """A body's members: names of parties or countries, written out as a set."""
    members: list[str] = []
    elements = node.members.elements if isinstance(node.members, surface.SetLit) else (node.members,)
    for element in elements:
        if isinstance(element, surface.NameExpr):
            name = surface.Name(element.name, span=element.span)
            found = member_name(world, scope, name)
            if found is not None:
                members.append(found)
        elif not isinstance(element, surface.ErrorExpr):
            errors.type_mismatch(
                world.report,
                "a body's members are named one by one",
                element.span,
                help="write `{A, B}` with the names of parties or countries",
            )
    return checked.Body(qname, "", (), node.name.span, tuple(dict.fromkeys(members)), node.by, node)


def member_name(world: World, scope: ModuleScope, name: surface.Name) -> str | None:
    """The name of a party or country; E013 for any other."""
    found = scope.find(name.text)
    if isinstance(found, Symbol) and found.kind == "party":
        world.refer(found.qname, name.span)
        return name.text
    country = world.country_symbol()
    if name.text in world.place.countries and country is not None:
        world.refer(country.qname, name.span)
        world.refer(f"{country.module}.{name.text}", name.span)
        return name.text
    if isinstance(found, Lost):
        return None
    parties = [s.name for each in (scope, *scope.used()) for s in each.own.values() if s.kind == "party"]
    known = [*parties, *world.place.countries]
    world.unknown_name(f"there is no party or country `{name.text}`", name.text, name.span, known, ("party",))
    return None


def capability(
    world: World, scope: ModuleScope, node: surface.Capability, agreement: AgreementScope | None = None
) -> checked.Capability | None:
    found = world.resolve(scope, node.party, "party")
    verbs, record = verbs_of(world, scope, node.verbs, node.record)
    when: Term | None = None
    if record is not None:
        context = open_context(world, scope, record, SIDES, agreement)
        when = conditions.clause(context, node.when) if node.when is not None else None
    if found is None or record is None:
        return None
    return checked.Capability(
        f"{scope.name}.{found.name}", "", cites(node.cites), node.span, found.name, node.can, verbs, record, when, node
    )


# ------------------------------------------------------------------------------------------- agreements


def agreement(world: World, symbol: Symbol, node: surface.AgreementDecl) -> checked.Agreement:
    return _Agreement(world, symbol, node).check()


class _Agreement:
    """Checks one agreement, whose names its items share."""

    def __init__(self, world: World, symbol: Symbol, node: surface.AgreementDecl) -> None:
        self.world, self.symbol, self.node = world, symbol, node
        self.report = world.report
        self.scope = world.scopes[symbol.module]
        parties = [world.resolve(self.scope, name, "party") for name in node.parties]
        self.parties = tuple(party for party in parties if party is not None)
        self.commitments = {i.name.text: i for i in node.items if isinstance(i, surface.CommitmentDecl)}
        self.names = AgreementScope(self.parties, {name: self.qname(name) for name in self.commitments})
        self.bodies = {i.name.text: i for i in node.items if isinstance(i, surface.BodyDecl)}

    def qname(self, name: str) -> str:
        return f"{self.symbol.qname}.{name}"

    def check(self) -> checked.Agreement:
        node, world = self.node, self.world
        no_duplicates(world, node.parties, "party")
        self._check_names()
        status, since = self._status()
        items = node.items
        return checked.Agreement(
            qname=self.symbol.qname,
            doc=doc(node.doc),
            cites=cites(node.cites),
            span=self.symbol.span,
            parties=tuple(party.qname for party in self.parties),
            status=status,
            since=since,
            reciprocal=node.reciprocal,
            prevails_over=self._prevails_over(node.prevails_over),
            commitments=_some(self._commitment(i) for i in items if isinstance(i, surface.CommitmentDecl)),
            mirrors=_some(self._mirror(i) for i in items if isinstance(i, surface.MirrorDecl)),
            red_lines=_some(self._red_line(i) for i in items if isinstance(i, surface.RedLineDecl)),
            withdrawals=_some(self._withdrawal(i) for i in items if isinstance(i, surface.WithdrawalDecl)),
            remedies=_some(self._remedy(i) for i in items if isinstance(i, surface.RemedyDecl)),
            bodies=tuple(
                body(world, self.scope, self.qname(i.name.text), i) for i in items if isinstance(i, surface.BodyDecl)
            ),
            capabilities=_some(
                capability(world, self.scope, i, self.names) for i in items if isinstance(i, surface.Capability)
            ),
            node=node,
        )

    def _check_names(self) -> None:
        names = [i.name for i in self.node.items if not isinstance(i, surface.MirrorDecl | surface.Capability)]
        no_duplicates(self.world, names, "part")

    def _status(self) -> tuple[str, date | None]:
        status = self.node.status
        if status is None:
            return "", None
        since = day_of(status.since, self.report) if status.since is not None else None
        if status.name.text not in STATUSES:
            errors.unknown_name(
                self.report,
                f"there is no status `{status.name.text}`; it is one of " + ", ".join(f"`{each}`" for each in STATUSES),
                status.name.span,
                nearest(status.name.text, STATUSES),
            )
            return "", since
        return status.name.text, since

    def _prevails_over(self, paths: Iterable[surface.Path]) -> tuple[str, ...]:
        """Qualified names of agreements, or of commitments of this or another agreement."""
        result: list[str] = []
        for path in paths:
            *front, last = path.parts
            if not front and last.text in self.commitments:
                result.append(self.qname(last.text))
            elif (found := self._commitment_elsewhere(front, last)) is not None:
                result.append(found)
            elif (agreement := self.world.resolve_path(self.scope, path, "agreement")) is not None:
                result.append(agreement.qname)
                continue
            else:
                continue
            self.world.refer(result[-1], path.span)
        return tuple(result)

    def _commitment_elsewhere(self, front: list[surface.Name], last: surface.Name) -> str | None:
        """`other_agreement.exercises`."""
        if not front:
            return None
        owner = self.scope.find(front[-1].text) if len(front) == 1 else None
        if len(front) > 1:
            module = self.world.scopes.get(".".join(part.text for part in front[:-1]))
            owner = module.own.get(front[-1].text) if module is not None else None
        if isinstance(owner, Symbol) and isinstance(owner.node, surface.AgreementDecl):
            names = [i.name.text for i in owner.node.items if isinstance(i, surface.CommitmentDecl)]
            return f"{owner.qname}.{last.text}" if last.text in names else None
        return None

    # ------------------------------------------------------------------------------------ names of the agreement

    def _own_party(self, name: surface.Name) -> str | None:
        """One of the agreement's parties."""
        for party in self.parties:
            if party.name == name.text:
                self.world.refer(party.qname, name.span)
                return name.text
        if name.text in {each.text for each in self.node.parties}:
            return None  # reported where the agreement names its parties
        errors.unknown_name(
            self.report,
            f"`{name.text}` is not a party to `{self.symbol.name}`",
            name.span,
            nearest(name.text, [party.name for party in self.parties]),
        )
        return None

    def _own_commitment(self, name: surface.Name) -> str | None:
        if name.text in self.commitments:
            self.world.refer(self.qname(name.text), name.span)
            return name.text
        if self.scope.is_lost(name.text):
            return None
        errors.unknown_name(
            self.report,
            f"`{self.symbol.name}` has no commitment `{name.text}`",
            name.span,
            nearest(name.text, self.commitments),
        )
        return None

    def _who(self, who: surface.Who) -> parts.Who:
        party = self._own_party(who.party) if who.party is not None else None
        toward = self._own_party(who.toward) if who.toward is not None else None
        return parts.Who(who.kind, party, toward)

    def _judge(self, found_by: surface.FoundBy | None) -> str | None:
        """`self`, `other`, a body, or a party."""
        if found_by is None:
            return None
        name = found_by.judge
        if name.text in SIDES:
            return name.text
        if name.text in self.bodies:
            self.world.refer(self.qname(name.text), name.span)
            return name.text
        found = self.scope.find(name.text)
        if isinstance(found, Symbol) and found.kind in ("body", "party"):
            self.world.refer(found.qname, name.span)
            return name.text
        if isinstance(found, Lost):
            return None
        known = [*SIDES, *self.bodies, *(party.name for party in self.parties)]
        errors.unknown_name(
            self.report, f"there is no body or party `{name.text}`", name.span, nearest(name.text, known)
        )
        return None

    def _context(self, record: RecordType | None) -> Context:
        return open_context(self.world, self.scope, record, SIDES, self.names)

    def _states(self, expr: surface.Expr | None, record: RecordType | None = None) -> Term | None:
        """A condition over states, which only ever come to hold: `not` has no meaning there."""
        if expr is None:
            return None
        term = self._context(record).condition(expr)
        for state in _negated_states(term, False):
            errors.type_mismatch(
                self.report,
                "`not` cannot stand over the state of a commitment: states only ever come to hold",
                state.span,
            )
        return term

    # ------------------------------------------------------------------------------------ commitments

    def _commitment(self, node: surface.CommitmentDecl) -> checked.Commitment | None:
        modality = node.modality
        verbs, record = verbs_of(self.world, self.scope, modality.verbs, modality.record)
        who = self._who(node.who)
        for message, span, help in unfit(node):
            errors.unfit_clause(self.report, message, span, help)
        if record is None:
            return None
        context = self._context(record)
        when = conditions.clause(context, node.when) if node.when is not None else None
        unless = conditions.after(context, when, node.unless, inline=True) if node.unless is not None else None
        ensure = conditions.after(context, when, node.ensure, inline=True) if node.ensure is not None else None
        limit = modality.limit
        deadline = modality.deadline
        number = context.check(limit.number, NUMBER) if limit is not None else None
        per = modality.per
        rolling = None if per is None else time_span(self.world, per.rolling)
        return checked.Commitment(
            qname=self.qname(node.name.text),
            doc=doc(node.doc),
            cites=cites(node.cites),
            span=node.name.span,
            agreement=self.symbol.qname,
            who=who,
            modality=modality.kind,
            record=record,
            verbs=verbs,
            limit=limit.kind if limit is not None else None,
            per=parts.Per(per.calendar, rolling) if per is not None else None,
            protected=node.protected,
            when=when,
            unless=unless,
            ensure=ensure,
            window=intervals(node.window, self.report),
            limit_number=number,
            deadline_day=day_of(deadline.day, self.report) if deadline and deadline.day else None,
            deadline_within=time_span(self.world, deadline.within) if deadline else None,
            deadline_after=self._states(deadline.after) if deadline else None,
            binding=self._states(node.binding),
            suspended=self._states(node.suspended),
            prevails_over=self._prevails_over(node.prevails_over),
            node=node,
        )

    def _red_line(self, node: surface.RedLineDecl) -> checked.RedLine | None:
        party = self._own_party(node.party)
        reservations: list[parts.Reservation] = []
        for each in node.reservations:
            verbs, record = verbs_of(self.world, self.scope, each.verbs, each.record)
            if record is None:
                continue
            when = conditions.clause(self._context(record), each.when) if each.when is not None else None
            reservations.append(parts.Reservation(each.kind, verbs, record, when, span=each.span))
        if party is None:
            return None
        return checked.RedLine(
            self.qname(node.name.text),
            doc(node.doc),
            cites(node.cites),
            node.name.span,
            party,
            tuple(reservations),
            node,
        )

    # ------------------------------------------------------------------------------------ mirrors

    def _mirror(self, node: surface.MirrorDecl) -> checked.Mirror | None:
        left, right = self._own_commitment(node.left), self._own_commitment(node.right)
        swaps = self._swaps(node.swaps)
        tolerances = _some(self._tolerance(each) for each in node.tolerances)
        if left is None or right is None:
            return None
        return checked.Mirror(
            self.qname(f"{left}_with_{right}"),
            doc(node.doc),
            (),
            node.left.span,
            left,
            right,
            swaps,
            tolerances,
            node.asymmetric.value if node.asymmetric is not None else None,
            node,
        )

    def _swaps(self, swaps: Iterable[surface.Swap]) -> tuple[tuple[str, str], ...]:
        """Pairs of names, each exchanged with one other: else going there and back changes the text (E012)."""
        partner: dict[str, tuple[str, Span]] = {}
        result: list[tuple[str, str]] = []
        for swap in swaps:
            names = [self._swapped(swap.left), self._swapped(swap.right)]
            if None in names:
                continue
            a, b = swap.left.text, swap.right.text
            clash = False
            for here, there in ((a, b), (b, a)):
                other, span = partner.setdefault(here, (there, swap.span))
                if other != there:
                    errors.duplicate_name(
                        self.report,
                        f"`{here}` is swapped with `{other}` and with `{there}`: a swap exchanges two names",
                        swap.span,
                        related=(Related("the other swap", span),),
                    )
                    clash = True
                    break
            if not clash:
                result.append((a, b))
        return tuple(result)

    def _swapped(self, name: surface.Name) -> str | None:
        """A place, a party, a member or a commitment: anything that a condition can name."""
        if name.text in member_names(self.world.place) or name.text in self.commitments:
            return name.text
        found = self.scope.find(name.text)
        if isinstance(found, Symbol):
            self.world.refer(found.qname, name.span)
            return name.text
        if found is not None or self.scope.enums_with(name.text):
            return None if isinstance(found, Lost) else name.text
        known = [*member_names(self.world.place), *self.scope.visible()]
        errors.unknown_name(self.report, f"there is no `{name.text}` to swap", name.span, nearest(name.text, known))
        return None

    def _tolerance(self, node: surface.Tolerance) -> parts.ToleranceValue | None:
        amount = literal(node.amount, self.report)
        if not isinstance(amount, Const):
            return None
        assert isinstance(amount.value, int | Fraction)
        share = Fraction(amount.value)
        reference: Fraction | None = None
        type: Type = amount.type
        if node.reference is not None:
            term = self._context(None).value(node.reference)
            if not isinstance(term, Const) or not isinstance(term.value, int | Fraction):
                if term.type != ERROR:
                    errors.type_mismatch(
                        self.report, "a tolerance is measured by a number or an amount", node.reference.span
                    )
                return None
            reference = Fraction(term.value)
            if not isinstance(type, PercentType) and not fits(term.type, type):
                errors.unit_mismatch(
                    self.report,
                    f"the tolerance is {describe(type)}, but {describe(term.type)} is its measure",
                    node.reference.span,
                )
                return None
            type = term.type
        if amount.type == PERCENT:
            return parts.ToleranceValue(share, None, type, reference)
        if is_number(amount.type):
            type = amount.type
        return parts.ToleranceValue(None, share, type, reference)

    # ------------------------------------------------------------------------------------ withdrawal and remedies

    def _withdrawal(self, node: surface.WithdrawalDecl) -> checked.Withdrawal:
        return checked.Withdrawal(
            self.qname(node.name.text),
            doc(node.doc),
            cites(node.cites),
            node.name.span,
            self._who(node.who),
            time_span(self.world, node.notice),
            self._judge(node.found_by),
            self._context(None).condition(node.when) if node.when is not None else None,
            node,
        )

    def _remedy(self, node: surface.RemedyDecl) -> checked.Remedy:
        referred: tuple[surface.RemedyTrigger | surface.RemedyAnswer, ...] = (*node.triggers, *node.answers)
        for each in referred:
            if each.commitment is not None:
                self._own_commitment(each.commitment)
            elif each.verb is not None and each.record is not None:
                verbs_of(self.world, self.scope, (each.verb,), each.record)
        return checked.Remedy(
            self.qname(node.name.text),
            doc(node.doc),
            cites(node.cites),
            node.name.span,
            self._who(node.who),
            tuple(parts.RemedyTrigger(*map(_text, (t.commitment, t.verb, t.record))) for t in node.triggers),
            tuple(map(self._answer, node.answers)),
            node.until_breach_ends,
            self._judge(node.found_by),
            time_span(self.world, node.notice),
            self._context(None).condition(node.until) if node.until is not None else None,
            node,
        )

    def _answer(self, node: surface.RemedyAnswer) -> parts.RemedyAnswer:
        up_to = None if node.up_to is None else self._up_to(node.up_to)
        counting_as = None
        if node.counting_as is not None:
            verb, record = node.counting_as
            verbs_of(self.world, self.scope, (verb,), record)
            counting_as = (verb.text, record.text)
        return parts.RemedyAnswer(_text(node.commitment), _text(node.verb), _text(node.record), up_to, counting_as)

    def _up_to(self, expr: surface.Expr) -> Term:
        """How much of the breach a remedy may answer with: a share or a number."""
        term = self._context(None).value(expr)
        if not (isinstance(term.type, PercentType) or is_number(term.type) or term.type == ERROR):
            errors.type_mismatch(
                self.report, f"`up to` takes a share or a number, but this is {describe(term.type)}", expr.span
            )
        return term


def _negated_states(term: Term, negated: bool) -> Iterator[CommitmentState]:
    match term:
        case CommitmentState() if negated:
            yield term
        case Not(operand=operand):
            yield from _negated_states(operand, not negated)
        case And(operands=operands) | Or(operands=operands):
            for operand in operands:
                yield from _negated_states(operand, negated)
        case Line(condition=condition):
            yield from _negated_states(condition, negated)
        case _:
            pass


def _text(name: surface.Name | None) -> str | None:
    return None if name is None else name.text


def _some(items: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(item for item in items if item is not None)
