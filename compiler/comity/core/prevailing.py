"""What `prevails over` excuses: acts that a clause forbids or counts, and a clause that prevails over it covers.

    agreement law_of_the_sea between A, B:       agreement sanctions between A, B:
        status in_force from 1994-11-16              status in_force from 2030-01-01
        commitment passage by each party:            prevails over law_of_the_sea
            shall not board Ship                     commitment inspection by each party:
                                                         may board Ship

From 2030-01-01 boarding a ship does not breach `passage`. Readings that the language leaves open:

- A number that must be reached (`at least 3`, `exactly 3`) excuses as a duty does, whatever was done before.
- A permission or duty excuses towards those alone whom it binds: `may board Ship` by A toward B excuses nothing that A
  owes C, and an agreement between A and B excuses nothing owed to a country that is not a party to it.
- Where each of two prevails over the other, neither does.
- A log speaks of one agreement. Of another one only what is in force counts, from its day and in its windows; whether
  a clause of it that depends on states (`binding when`, `suspended while`) excuses is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from comity.core.agreements import Clause, clauses, in_force, in_window
from comity.core.ast import Agreement
from comity.core.interpret import Interpreter
from comity.core.log import Event
from comity.core.membership import Membership, members_on
from comity.runtime import kleene
from comity.runtime.kleene import Truth
from comity.runtime.light import dataclass
from comity.runtime.values import Number
from comity.terms import THIS

EXCUSES = ("permission", "duty")


@dataclass(frozen=True, slots=True)
class _Other:
    """Another agreement that says what prevails over this one."""

    agreement: Agreement
    clauses: tuple[Clause, ...]


class Prevailing:
    """The clauses of other agreements that prevail over those of one agreement."""

    def __init__(self, interpreter: Interpreter, agreement: Agreement) -> None:
        self.interpreter = interpreter
        self.agreement = agreement
        self._others = tuple(self._find())

    def _find(self) -> Iterator[_Other]:
        own = {self.agreement.qname, *(each.qname for each in self.agreement.commitments)}
        for other in self.interpreter.program.agreements.values():
            named = {*other.prevails_over, *(name for each in other.commitments for name in each.prevails_over)}
            if other is not self.agreement and not own.isdisjoint(named):
                ever = Membership(self.interpreter, other).countries
                yield _Other(other, clauses(other, {party: tuple(sorted(each)) for party, each in ever.items()}))

    def excuses(self, clause: Clause, event: Event, members: Mapping[str, tuple[str, ...]]) -> Truth:
        """Whether another agreement excuses an act from a clause. ``members``: of this agreement's parties that day."""
        actors = members.get(str(event.party), (str(event.party),))
        owed = members[clause.other]
        if not self._others or not actors or not owed:
            return False
        covering = [
            (covers, self._members(other.agreement, event.day)[each.other])
            for other in self._others
            if in_force(other.agreement, event.day)
            for each in other.clauses
            if self._over(other.agreement, each, clause)
            and (covers := self._covers(other.agreement, each, clause, event, actors)) is not False
        ]
        # Towards each country that it is owed to, as one agreement may bind some of them.
        return kleene.all_of(kleene.any_of(truth for truth, bound in covering if one in bound) for one in owed)

    def _over(self, other: Agreement, each: Clause, clause: Clause) -> bool:
        above = {*other.prevails_over, *each.commitment.prevails_over}
        below = {*self.agreement.prevails_over, *clause.commitment.prevails_over}
        over = not above.isdisjoint({self.agreement.qname, clause.commitment.qname})
        return over and below.isdisjoint({other.qname, each.commitment.qname})

    def _covers(self, other: Agreement, each: Clause, clause: Clause, event: Event, actors: tuple[str, ...]) -> Truth:
        """Whether a clause of another agreement permits or demands the act of those who do it."""
        excusing = may_excuse(self.interpreter, each, event.day)
        if excusing is False or each.commitment.record != clause.commitment.record:
            return False
        owners = self._members(other, event.day)[each.owner] if each.member is None else (each.member,)
        if event.verb not in each.commitment.verbs or not set(actors) <= set(owners):
            return False
        if not in_window(each.commitment.window, event.day):
            return False
        depends = each.binding is not None or each.suspended is not None
        sides = {THIS: event.facts, "self": each.owner, "other": each.other}
        covered: Truth = self.interpreter.evaluate(each.region, sides, event.day)
        return kleene.all_of((excusing, covered, None if depends else True))

    def _members(self, agreement: Agreement, day: date) -> dict[str, tuple[str, ...]]:
        return members_on(self.interpreter, agreement, day)


def may_excuse(interpreter: Interpreter, clause: Clause, day: date) -> Truth:
    """Whether a clause permits or demands acts on a day: a permission, a duty, a number that must be reached."""
    if clause.kind != "quantity":
        return clause.kind in EXCUSES
    number = clause.commitment.limit_number
    if number is None or clause.commitment.limit not in ("at least", "exactly"):
        return False
    least: Number | None = interpreter.evaluate(number, {"self": clause.owner, "other": clause.other}, day)
    return None if least is None else least > 0


def yields_to(clause: Clause, other: Clause) -> bool:
    """Whether another clause of the same agreement prevails over this one; it binds towards the same side alone."""
    return (
        (other.owner, other.other) == (clause.owner, clause.other)
        and clause.commitment.qname in other.commitment.prevails_over
        and other.commitment.qname not in clause.commitment.prevails_over
    )
