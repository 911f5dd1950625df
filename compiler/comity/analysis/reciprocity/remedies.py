"""R308 and R310: answers to a breach that reach too far, never end or grow; and who finds the breach."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from comity.analysis.reciprocity.view import View
from comity.checked.ast import Remedy
from comity.core.agreements import plain
from comity.diagnostics import Diagnostic, diagnostic
from comity.surface import ast as surface


def improper(view: View) -> Iterator[Diagnostic]:
    """R308 holds of a remedy iff it reaches a protected duty, has no end, or answers grow; R310 of its judge."""
    for remedy in view.agreement.remedies:
        protected = [
            answer.commitment.text
            for answer in remedy.node.answers
            if answer.commitment is not None
            and answer.commitment.text in view.commitments
            and view.commitments[answer.commitment.text].node.protected
        ]
        for name in protected:
            yield _improper(remedy, f"`{remedy.name}` suspends `{name}`, which is protected", "leave it out", (name,))
        if not remedy.node.until_breach_ends and remedy.until is None:
            yield _improper(remedy, f"`{remedy.name}` has no end", "end it with the breach: `until breach ends`")
        yield from _own_judge(view, remedy)
    yield from _growing(view)


def _improper(remedy: Remedy, message: str, help: str, more: tuple[str, ...] = ()) -> Diagnostic:
    return diagnostic("R308", message, remedy.span, subjects=(remedy.name, *more), help=help)


# ------------------------------------------------------------------------------------------- growing answers


def _growing(view: View) -> Iterator[Diagnostic]:
    """A cycle of answers, each of which counts as what another answers, whose gains multiply to more than one."""
    told: set[str] = set()
    answers = list(_answers(view))
    for remedy, trigger, counted, _gain in answers:
        for path in _loops(answers, trigger, counted):
            names = {remedy.name, *(each.name for each, _ in path)}
            gains = [_gain, *(gain for _, gain in path)]
            if names & told:
                continue
            if any(gain is None for gain in gains):
                told |= names
                message = f"each answer of `{remedy.name}` may be answered again, and nothing bounds it"
                yield _improper(remedy, message, "bound it: `up to 100%`")
            else:
                product = Fraction(1)
                for gain in gains:
                    product *= gain or 0
                if product > 1:
                    told |= names
                    message = f"each answer of `{remedy.name}` may be answered {float(product):g} times as strongly"
                    yield _improper(remedy, message, "let no answer exceed what it answers: `up to 100%`")


Act: TypeAlias = tuple[str, str]
Answer: TypeAlias = tuple[Remedy, Act, Act, Fraction | None]
Way: TypeAlias = tuple[tuple[Remedy, Fraction | None], ...]


def _answers(view: View) -> Iterator[Answer]:
    """(remedy, the act it answers, the act its answer counts as, its gain), where answers are acts that count."""
    for remedy in view.agreement.remedies:
        for trigger in remedy.node.triggers:
            if trigger.verb is None or trigger.record is None:
                continue
            for answer in remedy.node.answers:
                counted = _counted(answer)
                if counted is not None:
                    yield remedy, (trigger.verb.text, trigger.record.text), counted, _gain(answer)


def _counted(answer: surface.RemedyAnswer) -> Act | None:
    """The act an answer counts as: what it says, else the act that it is."""
    if answer.counting_as is not None:
        return answer.counting_as[0].text, answer.counting_as[1].text
    if answer.verb is not None and answer.record is not None:
        return answer.verb.text, answer.record.text
    return None


def _gain(answer: surface.RemedyAnswer) -> Fraction | None:
    match answer.up_to:
        case surface.PercentLit(value=value) | surface.NumberLit(value=value):
            return value
        case _:
            return None


def _loops(answers: list[Answer], start: Act, at: Act, path: Way = ()) -> Iterator[Way]:
    """The ways from an act, by answers to it, back to the act that began."""
    if at == start:
        yield path
        return
    for remedy, trigger, counted, gain in answers:
        if trigger == at and all(remedy is not used for used, _ in path):
            yield from _loops(answers, start, counted, (*path, (remedy, gain)))


# ------------------------------------------------------------------------------------------- judges


def _own_judge(view: View, remedy: Remedy) -> Iterator[Diagnostic]:
    """R310 holds of a remedy iff a party that may be in breach finds the breach, or can veto its finding."""
    if remedy.found_by is None:
        return
    judge = plain(remedy.found_by)
    owner = None if remedy.who.party is None else plain(remedy.who.party)
    in_breach = [party for party in view.parties if party != owner]
    bodies = {plain(name): body for name, body in view.program.bodies.items()}
    bodies |= {plain(body.qname): body for body in view.agreement.bodies}
    deciding: list[str] = []
    if judge in view.parties:
        deciding = [judge] if judge in in_breach else []
        how = "finds"
    elif judge in bodies:
        body = bodies[judge]
        members = [plain(member) for member in body.members]
        # Alone against a majority only where no majority is left without it.
        vetoes = body.by == "consensus" or len(members) <= 2
        deciding = [party for party in in_breach if vetoes and _sits(view, party, members)]
        how = "can veto the finding of"
    else:
        return
    if deciding:
        yield diagnostic(
            "R310",
            f"{' or '.join(deciding)}, if in breach, {how} its own breach under `{remedy.name}`",
            remedy.span,
            subjects=(remedy.name, judge),
            witness={"party": deciding[0]},
            help="let a body find it that the party in breach does not hold up",
        )


def _sits(view: View, party: str, members: list[str]) -> bool:
    return party in members or bool(set(view.members[party]) & set(members))
