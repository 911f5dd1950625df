"""R301: mirrored commitments that bind differently, seen from one side with the other's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from comity.analysis.reciprocity.align import bare, places, same, thresholds, tolerated
from comity.analysis.reciprocity.structure import as_info
from comity.analysis.reciprocity.terms import uneven_terms
from comity.analysis.reciprocity.view import Undecided, View
from comity.checked.ast import Commitment, Mirror, ToleranceValue
from comity.core.agreements import Clause, Exchange, plain
from comity.core.walk import substitute
from comity.diagnostics import Diagnostic, Related, diagnostic
from comity.runtime.types import PARTY, Type
from comity.terms import TRUE, And, CommitmentState, Const, Not, Term


@dataclass(slots=True)
class Difference:
    """Which fields differ, who gains by it, and an act that one side may do and the other may not."""

    fields: list[str] = field(default_factory=list)
    gains: str | None = None
    witness: dict[str, object] | None = None

    def add(self, name: str, gains: str | None = None) -> None:
        if name not in self.fields:
            self.fields.append(name)
        if self.gains is None:
            self.gains = gains


def asymmetries(view: View) -> Iterator[Diagnostic]:
    """R301 holds of a mirrored pair iff some act (day, count, …) is treated differently after the exchange of sides."""
    seen: set[tuple[str, str]] = set()
    for left, right, mirror in view.mirrored_pairs():
        key = (left.name, right.name)
        if key in seen:
            continue
        try:
            difference = _compare(view, left, right, mirror)
        except Undecided as why:
            seen.add(key)
            span = mirror.span if mirror is not None else left.commitment.span
            yield view.undecided(f"`{left.name}` and `{right.name}` bind alike", span, why, key)
            continue
        if difference.fields:
            seen.add(key)
            yield _finding(view, left, right, mirror, difference)
    yield from uneven_terms(view)


def _finding(view: View, left: Clause, right: Clause, mirror: Mirror | None, difference: Difference) -> Diagnostic:
    what = " and ".join(difference.fields)
    gain = f"; {difference.gains} gains" if difference.gains else ""
    if mirror is None:
        message = f"`{left.name}` binds {left.owner} and {right.owner} differently in {what}{gain}"
    else:
        message = f"`{left.name}` and `{right.name}` are mirrored but differ in {what}{gain}"
    related = () if mirror is None else (Related("the mirror", mirror.span),)
    found = diagnostic(
        "R301",
        message,
        right.commitment.span if mirror is not None else left.commitment.span,
        related=(*related, *(() if mirror is None else (Related("its mirror", left.commitment.span),))),
        subjects=tuple(dict.fromkeys((left.name, right.name))),
        witness=difference.witness,
        fields=tuple(difference.fields),
        gains=difference.gains,
        help='make both sides say the same, or say why not: `asymmetric because "…"`',
    )
    reasons = [mirror.asymmetric if mirror is not None else None]
    reasons += [c.commitment.node.asymmetric.value for c in (left, right) if c.commitment.node.asymmetric is not None]
    reason = next((reason for reason in reasons if reason), None)
    return found if reason is None else as_info(found, reason)


# ------------------------------------------------------------------------------------------- one pair


def _compare(view: View, left: Clause, right: Clause, mirror: Mirror | None) -> Difference:
    swaps = mirror.swaps if mirror is not None else ()
    tolerances = mirror.tolerances if mirror is not None else ()
    how = view.exchange(left.owner, right.owner, swaps)
    difference = Difference()
    _acts(view, left, right, how, tolerances, difference)
    one, two = left.commitment, right.commitment
    _quantity(view, left, right, how, tolerances, difference)
    if one.window != two.window:
        difference.add("window", _longer(left, right))
    if _deadline(one) != _deadline(two) or not same(one.deadline_after, two.deadline_after, _names(view)):
        difference.add("deadline")
    if not _same_states(view, left, right, how, "binding"):
        difference.add("binding")
    if not _same_states(view, left, right, how, "suspended"):
        difference.add("suspension")
    return difference


def _deadline(commitment: Commitment) -> tuple[object, ...]:
    return commitment.deadline_day, commitment.deadline_within, commitment.deadline_after is None


def _longer(left: Clause, right: Clause) -> str | None:
    """Whose clause is bound on fewer days, where one window lies in the other."""
    if left.commitment.window is None:
        return right.owner
    return left.owner if right.commitment.window is None else None


def _same_states(view: View, left: Clause, right: Clause, how: Exchange, name: str) -> bool:
    one, two = _own_states(getattr(left, name)), _own_states(getattr(right, name))
    return same(None if one is None else view.swapped(one, how), two, _names(view))


def _own_states(condition: Term | None) -> Term | None:
    """A condition over states without the consents of third states that it also waits for: those are R311's."""
    if condition is None:
        return None
    term = bare(condition)
    parts = term.operands if isinstance(term, And) else (term,)
    own = tuple(part for part in parts if not (isinstance(part, CommitmentState) and part.state == "consents"))
    return And(own) if len(own) > 1 else own[0] if own else None


def _names(view: View) -> dict[str, str]:
    """Commitments by qualified name, each with the one that mirrors it."""
    names: dict[str, str] = {}
    for mirror in view.agreement.mirrors:
        left, right = (view.commitments.get(plain(name)) for name in (mirror.left, mirror.right))
        if left is not None and right is not None:
            names[left.qname], names[right.qname] = right.qname, left.qname
    return names


# ------------------------------------------------------------------------------------------- acts


def _acts(
    view: View,
    left: Clause,
    right: Clause,
    how: Exchange,
    tolerances: tuple[ToleranceValue, ...],
    difference: Difference,
) -> None:
    one, two = left.commitment, right.commitment
    if left.kind != right.kind or one.record != two.record:
        difference.add("condition")
        return
    extra = [v for v in (*one.verbs, *two.verbs) if (v in one.verbs) != (v in two.verbs)]
    if extra:
        bound, free = (left, right) if extra[0] in one.verbs else (right, left)
        difference.add("condition", _gainer(bound, free))
        found = view.find(bound.commitment.record, bound.region)
        if found is not None:
            difference.witness = view.witness(found, bound.commitment.record, extra[0], free.owner, free.other)
        return
    unified, exceeds = _within_tolerance(view.swapped(left.region, how), right.region, tolerances)
    if bare(unified) == bare(right.region):
        return
    back, _ = _within_tolerance(view.swapped(right.region, how), left.region, tolerances)
    # Asked from both sides: places that the mirror leaves where they are look different from each.
    left_more = view.find_more(right, unified, right.region)
    right_more = view.find_more(left, back, left.region)
    left_bound = left_more or view.find_more(left, left.region, back)
    right_bound = right_more or view.find_more(right, right.region, unified)
    if left_bound is None and right_bound is None:
        return
    gains = None
    if left_bound is None or right_bound is None:
        bound, free = (left, right) if right_bound is None else (right, left)
        gains = _gainer(bound, free)
    for name in _why(view, left, right, how, tolerances, exceeds):
        difference.add(name, gains)
    difference.gains = gains
    verb = one.verbs[0]
    for found, doer in ((left_more, right), (right_more, left), (left_bound, left), (right_bound, right)):
        if found is not None:
            difference.witness = view.witness(found, one.record, verb, doer.owner, doer.other)
            break


def _gainer(bound: Clause, free: Clause) -> str:
    """Who is better off if ``bound`` speaks of more acts than ``free``: who is forbidden less, or may more.

    Of what is due, more acts are more ways to do it.
    """
    limit = bound.commitment.node.modality.limit
    eased = bound.kind in ("permission", "duty") or (limit is not None and limit.kind == "at least")
    return bound.owner if eased else free.owner


def _within_tolerance(left: Term, right: Term, tolerances: tuple[ToleranceValue, ...]) -> tuple[Term, bool]:
    """``left`` with thresholds that the tolerance allows made those of ``right``; and whether others exceed it."""
    pairs = thresholds(left, right) if tolerances else None
    if not pairs:
        return left, False
    for one, two in pairs:
        assert isinstance(one.value, int | Fraction) and isinstance(two.value, int | Fraction)
        if one.type != two.type or not tolerated(one.value, two.value, one.type, tolerances):
            return left, True
    return right, False


def _why(
    view: View,
    left: Clause,
    right: Clause,
    how: Exchange,
    tolerances: tuple[ToleranceValue, ...],
    exceeds: bool,
) -> list[str]:
    """The fields that make two regions differ."""
    if exceeds:
        return ["tolerance"]
    swapped = view.swapped(left.region, how)
    if places(swapped, right.region):
        return ["map"]
    found: list[str] = []
    for name, part in (("condition", _condition), ("exception", _exception)):
        one, two = view.swapped(part(left), how), part(right)
        one, _ = _within_tolerance(one, two, tolerances)
        if bare(one) != bare(two) and (view.find_more(right, one, two) or view.find_more(right, two, one)):
            found.append(name)
    return found or ["condition"]


def _condition(clause: Clause) -> Term:
    return _sided(clause, clause.commitment.when)


def _exception(clause: Clause) -> Term:
    """Where the clause does not bind although its condition holds: `unless`, and what `ensure` asks for."""
    unless, ensure = clause.commitment.unless, clause.commitment.ensure
    if unless is None and ensure is None:
        return Not(TRUE)
    parts = [_sided(clause, part) for part in (unless, ensure) if part is not None]
    return parts[0] if len(parts) == 1 else Not(And(tuple(Not(part) for part in parts)))


def _sided(clause: Clause, term: Term | None) -> Term:
    if term is None:
        return TRUE
    return substitute(term, {"self": Const(clause.owner, PARTY), "other": Const(clause.other, PARTY)})


# ------------------------------------------------------------------------------------------- numbers


def _quantity(
    view: View,
    left: Clause,
    right: Clause,
    how: Exchange,
    tolerances: tuple[ToleranceValue, ...],
    difference: Difference,
) -> None:
    one, two = left.commitment.node.modality, right.commitment.node.modality
    if one.limit is None or two.limit is None:
        return
    sizes = {clause.owner: len(view.members[clause.owner]) for clause in (left, right)}
    parity, other_parity = left.commitment.node.parity, right.commitment.node.parity
    if parity != other_parity or (
        parity is None and len(set(sizes.values())) > 1 and left.commitment.who.kind != "each member"
    ):
        difference.add("parity")
    numbers = [_number(view, clause) for clause in (left, right)]
    if None in numbers:
        same_number = left.commitment.limit_number == right.commitment.limit_number
    else:
        a, b = (number for number in numbers if number is not None)
        if parity == "member":
            a, b = Fraction(a) / sizes[left.owner], Fraction(b) / sizes[right.owner]
        kind = _number_type(left)
        same_number = a == b or (kind is not None and tolerated(a, b, kind, tolerances))
        if not same_number:
            higher, lower = (left, right) if a > b else (right, left)
            least = one.limit.kind == "at least"
            eased = lower if least else higher
            difference.add("quantity", eased.owner)
            if difference.witness is None:
                found = view.find(left.commitment.record, higher.region)
                if found is not None:
                    # So many are enough for one side only, or still allowed to one side only.
                    count = int(min(n for n in numbers if n is not None)) + (0 if least else 1)
                    verb = left.commitment.verbs[0]
                    shown = view.witness(found, left.commitment.record, verb, eased.owner, eased.other)
                    difference.witness = {**shown, "count": count}
    if one.limit.kind != two.limit.kind or one.per != two.per or not same_number:
        difference.add("quantity")


def _number(view: View, clause: Clause) -> Fraction | int | None:
    number = clause.commitment.limit_number
    if number is None:
        return None
    sides = {"self": clause.owner, "other": clause.other}
    value = view.interpreter.evaluate(number, sides, view.agreement.since)
    return value if isinstance(value, int | Fraction) else None


def _number_type(clause: Clause) -> Type | None:
    number = clause.commitment.limit_number
    return None if number is None else getattr(number, "type", None)
