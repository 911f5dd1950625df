"""A small SAT solver whose variables may also say in which cells the value of an axis lies.

It is conflict-driven clause learning (CDCL) as in MiniSat: two watched literals for each clause, the first unique
implication point, activities that decay, Luby restarts, saved phases. A literal is an int: variable v is 2v, its
negation 2v + 1.

An axis has one value, so of the literals "the value lies in these cells" not every combination is possible. Instead of
clauses for all of these, an axis keeps the cells that are left (its *domain*) and passes on what follows. Example:
an axis has cells {a, b, c}. The literals p = {a, b} and q = {b, c} are true, so {b} is left; then r = {b} becomes
true because of p and q, and s = {c} false because of p.

The limit is counted in conflicts, so that an answer is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

FALSE, TRUE = 1, 0
"""The literals of the constant truth values."""

DECAY = 1 / 0.95
RESTART = 64
"""Conflicts before the first restart."""

LARGEST_ACTIVITY = 1e100


class OutOfConflicts(Exception):
    """The limit was reached before it was known whether there is a model."""


class _Domain:
    """The cells that are left to an axis. ``questions``: masks of cells and the literal of each.

    ``trail``: the literals that have narrowed it, with the cells each allows and the cells left before.
    """

    __slots__ = ("cells", "full", "preferred", "questions", "trail")

    def __init__(self, full: int, preferred: int) -> None:
        self.cells = self.full = full
        self.preferred = preferred
        self.questions: dict[int, int] = {}
        self.trail: list[tuple[int, int, int]] = []

    def why(self, target: int) -> list[int]:
        """Some literals that together leave none of the cells in ``target``, negated."""
        found = []
        for literal, allowed, _ in reversed(self.trail):
            if target & ~allowed:
                target &= allowed
                found.append(literal ^ 1)
                if not target:
                    break
        return found


class Solver:
    """Clauses over variables and axes; after `solve`, a model of them."""

    def __init__(self, conflicts: int) -> None:
        self.left = conflicts
        self.values = [1, -1]
        """By literal: 1 true, -1 false, 0 open."""
        self._watches: list[list[list[int]]] = [[], []]
        self._reasons: list[Sequence[int] | None] = [None]
        self._levels = [0]
        self._activity = [0.0]
        self._phase = [TRUE]
        """By variable: the literal that is decided on."""
        self._domain_of: list[tuple[_Domain, int] | None] = [None]
        """By variable: the axis it asks about, and the mask."""
        self._domains: dict[int, _Domain] = {}
        self._trail: list[int] = []
        self._starts: list[int] = []
        """Where in the trail each level begins."""
        self._head = 0
        self._bump = 1.0
        self._heap: list[tuple[float, int]] = []
        self._is_inconsistent = False

    # ------------------------------------------------------------------------------------- problem

    def new(self) -> int:
        """A new variable, as a literal."""
        return self._new(None)

    def _new(self, asked: tuple[_Domain, int] | None) -> int:
        variable = len(self._reasons)
        self.values += [0, 0]
        self._watches += [[], []]
        self._reasons.append(None)
        self._levels.append(0)
        self._activity.append(0.0)
        self._phase.append(2 * variable + (asked is None or not asked[1] & asked[0].preferred))
        self._domain_of.append(asked)
        heappush(self._heap, (0.0, variable))
        return 2 * variable

    def within(self, axis: int, mask: int, full: int, preferred: int) -> int:
        """The literal that the value of an axis lies in ``mask``. ``full``: all its cells. ``preferred``: the cell that
        is tried first.
        """
        if not mask & full:
            return FALSE
        if not full & ~mask:
            return TRUE
        domain = self._domains.get(axis)
        if domain is None:
            domain = self._domains[axis] = _Domain(full, preferred)
        known = domain.questions.get(mask)
        if known is not None:
            return known
        contrary = domain.questions.get(full & ~mask)
        if contrary is not None:
            return contrary ^ 1
        self._backtrack(0)
        literal = domain.questions[mask] = self._new((domain, mask))
        if not domain.cells & mask:
            self._imply(literal ^ 1, ())
        elif not domain.cells & ~mask:
            self._imply(literal, ())
        return literal

    def add(self, literals: Iterable[int]) -> None:
        """Add a clause: one of the literals holds."""
        self._backtrack(0)
        clause: list[int] = []
        for literal in dict.fromkeys(literals):
            if self.values[literal] > 0 or literal ^ 1 in clause:
                return
            if not self.values[literal]:
                clause.append(literal)
        if not clause:
            self._is_inconsistent = True
        elif len(clause) == 1:
            self._imply(clause[0], ())
        else:
            self._watch(clause)

    def _watch(self, clause: list[int]) -> None:
        self._watches[clause[0]].append(clause)
        self._watches[clause[1]].append(clause)

    # -------------------------------------------------------------------------------------- answer

    def holds(self, literal: int) -> bool:
        """Whether a literal is true in the model."""
        return self.values[literal] > 0

    def region(self) -> dict[int, int]:
        """The cells that the model leaves to each axis, where these are not all: the model holds throughout."""
        return {axis: domain.cells for axis, domain in self._domains.items() if domain.cells != domain.full}

    def solve(self) -> bool:
        """Whether there is a model. Raises OutOfConflicts. More clauses may be added afterwards."""
        if self._is_inconsistent:
            return False
        restarts, until = 1, RESTART
        while True:
            conflict = self._propagate()
            if conflict is not None:
                if not self._starts:
                    self._is_inconsistent = True
                    return False
                self._learn(conflict)
                self.left -= 1
                until -= 1
                if self.left < 0:
                    self._backtrack(0)
                    raise OutOfConflicts
            elif until <= 0:
                restarts += 1
                until = RESTART * _luby(restarts)
                self._backtrack(0)
            else:
                literal = self._choose()
                if literal is None:
                    return True
                self._starts.append(len(self._trail))
                self._imply(literal, None)

    def _choose(self) -> int | None:
        heap, values = self._heap, self.values
        while heap:
            _, variable = heappop(heap)
            if not values[2 * variable]:
                return self._phase[variable]
        return None

    def _imply(self, literal: int, reason: Sequence[int] | None) -> None:
        """Make a literal true. ``reason``: a clause of it and of literals that are false."""
        variable = literal >> 1
        self.values[literal], self.values[literal ^ 1] = 1, -1
        self._reasons[variable] = reason
        self._levels[variable] = len(self._starts)
        self._trail.append(literal)

    def _propagate(self) -> Sequence[int] | None:
        """Draw all conclusions; a clause whose literals are all false, if there is one."""
        values, watches, trail = self.values, self._watches, self._trail
        while self._head < len(trail):
            literal = trail[self._head]
            self._head += 1
            asked = self._domain_of[literal >> 1]
            if asked is not None:
                conflict = self._narrow(literal, *asked)
                if conflict is not None:
                    return conflict
            false = literal ^ 1
            watching = watches[false]
            kept: list[list[int]] = []
            for place, clause in enumerate(watching):
                if clause[0] == false:
                    clause[0], clause[1] = clause[1], false
                first = clause[0]
                if values[first] > 0:
                    kept.append(clause)
                    continue
                for other in range(2, len(clause)):
                    if values[clause[other]] >= 0:
                        clause[1], clause[other] = clause[other], false
                        watches[clause[1]].append(clause)
                        break
                else:
                    kept.append(clause)
                    if values[first] < 0:
                        kept.extend(watching[place + 1 :])
                        watches[false] = kept
                        return clause
                    self._imply(first, clause)
            watches[false] = kept
        return None

    def _narrow(self, literal: int, domain: _Domain, mask: int) -> Sequence[int] | None:
        """Take over what a literal says of an axis, and conclude what follows for other literals of the axis."""
        before = domain.cells
        allowed = domain.full & ~mask if literal & 1 else mask
        cells = before & allowed
        domain.trail.append((literal, allowed, before))
        domain.cells = cells
        if not cells:
            return domain.why(domain.full)
        if cells != before:
            for other, asking in domain.questions.items():
                if not self.values[asking]:
                    if not cells & other:
                        self._imply(asking ^ 1, [asking ^ 1, *domain.why(other)])
                    elif not cells & ~other:
                        self._imply(asking, [asking, *domain.why(domain.full & ~other)])
        return None

    def _backtrack(self, level: int) -> None:
        if len(self._starts) <= level:
            return
        start = self._starts[level]
        for literal in reversed(self._trail[start:]):
            variable = literal >> 1
            self.values[literal] = self.values[literal ^ 1] = 0
            self._phase[variable] = literal
            heappush(self._heap, (-self._activity[variable], variable))
            asked = self._domain_of[variable]
            if asked is not None:
                domain = asked[0]
                if domain.trail and domain.trail[-1][0] == literal:
                    domain.cells = domain.trail.pop()[2]
        del self._trail[start:], self._starts[level:]
        self._head = start

    def _learn(self, conflict: Sequence[int]) -> None:
        """Add the clause that a conflict teaches, and go back to where it says something."""
        levels, reasons, level = self._levels, self._reasons, len(self._starts)
        seen: set[int] = set()
        learnt: list[int] = [0]
        open_, place = 0, len(self._trail)
        clause: Sequence[int] = conflict
        while True:
            for literal in clause:
                variable = literal >> 1
                if variable not in seen and levels[variable]:
                    seen.add(variable)
                    self._raise_activity(variable)
                    if levels[variable] == level:
                        open_ += 1
                    else:
                        learnt.append(literal)
            while True:
                place -= 1
                literal = self._trail[place]
                if literal >> 1 in seen:
                    break
            open_ -= 1
            if not open_:
                break
            clause = reasons[literal >> 1] or ()
        learnt[0] = literal ^ 1
        # A literal whose reason lies in the others adds nothing.
        learnt[1:] = [each for each in learnt[1:] if not self._follows(each, seen)]
        self._bump *= DECAY
        if len(learnt) == 1:
            self._backtrack(0)
            self._imply(learnt[0], ())
            return
        last = max(range(1, len(learnt)), key=lambda each: levels[learnt[each] >> 1])
        learnt[1], learnt[last] = learnt[last], learnt[1]
        self._backtrack(levels[learnt[1] >> 1])
        self._watch(learnt)
        self._imply(learnt[0], learnt)

    def _follows(self, literal: int, seen: set[int]) -> bool:
        reason = self._reasons[literal >> 1]
        return reason is not None and all(
            each >> 1 in seen or not self._levels[each >> 1] for each in reason if each != literal ^ 1
        )

    def _raise_activity(self, variable: int) -> None:
        self._activity[variable] += self._bump
        if self._activity[variable] > LARGEST_ACTIVITY:
            self._activity = [each / LARGEST_ACTIVITY for each in self._activity]
            self._bump /= LARGEST_ACTIVITY
            self._heap = [(-self._activity[v], v) for v in range(1, len(self._activity)) if not self.values[2 * v]]
            heapify(self._heap)


def _luby(number: int) -> int:
    """The sequence 1 1 2 1 1 2 4 1 1 2 …"""
    while True:
        bits = number.bit_length()
        if number == (1 << bits) - 1:
            return 1 << bits - 1
        number -= (1 << bits - 1) - 1
