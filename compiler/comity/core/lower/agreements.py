"""Parties, agreements and responses in core: what was declared, without the nodes it was read from.

Their conditions are terms already; `core.agreements` puts the parties of each clause in.
"""

from __future__ import annotations

from comity import terms
from comity.base.source import Span
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.closures import context_of
from comity.core.evaluate import Evaluator
from comity.runtime import kleene
from comity.runtime.types import BOOL, SetType
from comity.surface import ast as surface
from comity.terms import Term


def lower_party(party: checked.Party) -> core.Party:
    return core.Party(
        party.qname,
        party.members,
        party.as_of,
        party.territory,
        doc=party.doc,
        cites=party.cites,
        span=party.span,
    )


def countries_of(party: core.Party, facts: core.Program) -> core.SetDefinition:
    """A party's countries as a set of its name; frozen at its own day where it is written `as of` one."""
    body, kind = party.members, party.members.type
    assert isinstance(kind, SetType)
    if party.as_of is not None:
        body = _frozen(party, kind, Evaluator(facts).code(body)({}, context_of(party.as_of)))
    return core.SetDefinition(party.qname, kind, body, doc=party.doc, cites=party.cites, span=party.span)


def _frozen(party: core.Party, kind: SetType, members: kleene.Collection | None) -> Term:
    """The term of a set of countries: of those that are surely in it, and those that may be."""
    if members is None:
        return terms.Unknown(kind, span=party.span)
    countries = list(kleene.elements(members))
    certain = frozenset(country for country, sure in countries if sure)
    body: Term = terms.Const(certain, kind, span=party.span)
    if len(certain) < len(countries):
        doubtful = tuple(terms.Const(country, kind.element) for country, sure in countries if not sure)
        rest = terms.Filter("country", terms.SetOf(doubtful, kind), terms.Unknown(BOOL), kind)
        body = terms.SetOperation("|", body, rest, kind, span=party.span)
    return body


def lower_body(body: checked.Body) -> core.Body:
    return core.Body(body.qname, body.members, body.by, doc=body.doc, cites=body.cites, span=body.span)


def lower_capability(fact: checked.Capability) -> core.Capability:
    return core.Capability(
        fact.qname,
        fact.party,
        fact.can,
        fact.verbs,
        fact.record,
        fact.when,
        doc=fact.doc,
        cites=fact.cites,
        span=fact.span,
    )


def lower_agreement(agreement: checked.Agreement) -> core.Agreement:
    return core.Agreement(
        agreement.qname,
        agreement.parties,
        agreement.status,
        agreement.since,
        tuple(map(_commitment, agreement.commitments)),
        tuple(map(_withdrawal, agreement.withdrawals)),
        tuple(map(_remedy, agreement.remedies)),
        reciprocal=agreement.reciprocal,
        prevails_over=agreement.prevails_over,
        mirrors=tuple(map(_mirror, agreement.mirrors)),
        red_lines=tuple(map(_red_line, agreement.red_lines)),
        bodies=tuple(map(lower_body, agreement.bodies)),
        capabilities=tuple(map(lower_capability, agreement.capabilities)),
        doc=agreement.doc,
        cites=agreement.cites,
        span=agreement.span,
    )


def _commitment(commitment: checked.Commitment) -> core.Commitment:
    reason = commitment.node.asymmetric
    return core.Commitment(
        commitment.qname,
        commitment.who,
        commitment.modality,
        commitment.record,
        commitment.verbs,
        commitment.limit,
        commitment.per,
        commitment.protected,
        commitment.when,
        commitment.unless,
        commitment.ensure,
        commitment.window,
        commitment.limit_number,
        commitment.deadline_day,
        commitment.deadline_within,
        commitment.deadline_after,
        commitment.binding,
        commitment.suspended,
        commitment.prevails_over,
        parity=commitment.node.parity,
        asymmetric=None if reason is None else reason.value,
        doc=commitment.doc,
        cites=commitment.cites,
        span=commitment.span,
    )


def _mirror(mirror: checked.Mirror) -> core.Mirror:
    return core.Mirror(
        mirror.qname,
        mirror.left,
        mirror.right,
        mirror.swaps,
        mirror.tolerances,
        mirror.asymmetric,
        doc=mirror.doc,
        cites=mirror.cites,
        span=mirror.span,
    )


def _red_line(line: checked.RedLine) -> core.RedLine:
    return core.RedLine(line.qname, line.party, line.reservations, doc=line.doc, cites=line.cites, span=line.span)


def _withdrawal(withdrawal: checked.Withdrawal) -> core.Withdrawal:
    return core.Withdrawal(
        withdrawal.qname,
        withdrawal.who,
        withdrawal.notice,
        withdrawal.when,
        found_by=withdrawal.found_by,
        doc=withdrawal.doc,
        cites=withdrawal.cites,
        span=withdrawal.span,
    )


def _remedy(remedy: checked.Remedy) -> core.Remedy:
    return core.Remedy(
        remedy.qname,
        remedy.who,
        remedy.triggers,
        remedy.answers,
        remedy.until_breach_ends,
        until=remedy.until,
        notice=remedy.notice,
        found_by=remedy.found_by,
        doc=remedy.doc,
        cites=remedy.cites,
        span=remedy.span,
    )


def lower_response(response: checked.Response) -> core.Response:
    return core.Response(
        response.qname,
        response.record,
        response.members,
        response.measures,
        response.sectors,
        response.reaches,
        response.event,
        response.trigger,
        response.trigger_on,
        response.allowing,
        response.steps,
        response.lift_when,
        target=response.target,
        posture=response.posture,
        posture_sectors=response.posture_sectors,
        aligned=response.aligned,
        aligned_within=response.aligned_within,
        cannot_supply=response.cannot_supply,
        trigger_span=_place(response.node.trigger, response),
        posture_span=_place(response.node.posture, response),
        doc=response.doc,
        cites=response.cites,
        span=response.span,
    )


def _place(clause: surface.Node | None, response: checked.Response) -> Span:
    return response.span if clause is None else clause.span
