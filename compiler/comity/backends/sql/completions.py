"""Whether some way to settle unknown conditions makes a formula true: worked out while the policy is compiled.

`runtime.completions` answers this for one input at a time. SQL needs it as an expression, over two truths for each
condition: whether it is surely true, and whether it is perhaps. There are 2^n ways; these laws keep the expression
small:

- A condition that a formula only ever wants true is true in the best way if it perhaps is; likewise false. So a formula
  that wants each condition one way only (it is *unate*) is true in some way iff it is true of these bounds.
- A disjunction is true in some way iff one of its parts is. So is a conjunction of parts that want no condition both
  ways between them iff all are.
- Of a conjunction with many alternatives (one of a thousand exceptions, and no control remains), each alternative is
  asked beside those of the other parts that it shares a condition with.
- Else one condition that is wanted both ways is settled, once true and once false.

Formulas are kept in negation normal form, equal ones once, and simplified so that exceptions to many rules stay small:

    a control remains:       c and not (e1 or e2)
    an exception remains:    (c or d) and e1           is taken apart by controls: c and e1, d and e1
    neither remains:         not c, since c and x, or c and not x, is c
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from comity.backends.sql.errors import Inexpressible

Variable: TypeAlias = int
Literals: TypeAlias = frozenset[tuple[Variable, bool]]

MOST_STEPS = 20_000
STEPS_A_CONDITION = 50
"""Formulas asked about before a decision is called too entangled: so many, and so many more for each condition."""

ENTANGLED = "its rules and exceptions are too entangled for SQL"

FEW_ALTERNATIVES = 4
SETTLED_EACH = 4
"""Few alternatives are taken apart where each settles so many conditions for each of them."""

MOST_BESIDE = 8
"""Alternatives are taken apart unless more parts than so many times all of them would be asked beside them."""


@dataclass(eq=False, slots=True)
class Formula:
    """``op`` "true", "false", "is" (one literal), "and" or "or". ``literals``: what it wants, of which variables.

    ``parts``: in the order in which they were made; ``members``: the same.
    """

    op: Literal["true", "false", "is", "and", "or"]
    parts: tuple[Formula, ...]
    literals: Literals
    number: int
    binate: frozenset[Variable] = frozenset()
    members: frozenset[Formula] = frozenset()


@dataclass(slots=True)
class Formulas:
    _known: dict[object, Formula] = field(default_factory=dict)
    _denied: dict[Formula, Formula] = field(default_factory=dict)

    @property
    def true(self) -> Formula:
        return self._make("true", ())

    @property
    def false(self) -> Formula:
        return self._make("false", ())

    def variable(self, variable: Variable, wanted: bool = True) -> Formula:
        key = (variable, wanted)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Formula("is", (), frozenset([key]), len(self._known))
        return found

    def _make(self, op: Literal["true", "false", "and", "or"], parts: Iterable[Formula]) -> Formula:
        members = frozenset(parts)
        key = (op, members)
        found = self._known.get(key)
        if found is None:
            literals: Literals = frozenset().union(*(part.literals for part in members))
            binate = frozenset(variable for variable, wanted in literals if wanted and (variable, False) in literals)
            ordered = tuple(sorted(members, key=_number))
            found = self._known[key] = Formula(op, ordered, literals, len(self._known), binate, members)
        return found

    def negate(self, formula: Formula) -> Formula:
        found = self._denied.get(formula)
        if found is None:
            match formula.op:
                case "true":
                    found = self.false
                case "false":
                    found = self.true
                case "is":
                    ((variable, wanted),) = formula.literals
                    found = self.variable(variable, not wanted)
                case "and":
                    found = self._make("or", map(self.negate, formula.parts))
                case "or":
                    found = self._make("and", map(self.negate, formula.parts))
            self._denied[formula], self._denied[found] = found, formula
        return found

    def every(self, parts: Iterable[Formula]) -> Formula:
        return self._junction("and", parts)

    def some(self, parts: Iterable[Formula]) -> Formula:
        return self._junction("or", parts)

    def _junction(self, op: Literal["and", "or"], parts: Iterable[Formula]) -> Formula:
        neutral, deciding = (self.true, self.false) if op == "and" else (self.false, self.true)
        literals: dict[Variable, bool] = {}
        kept = _Kept(self, op)
        waiting = list(parts)
        while waiting:
            fresh: dict[Variable, bool] = {}
            others: dict[Formula, None] = {}
            while waiting:
                part = waiting.pop()
                if part is deciding:
                    return deciding
                if part.op == op:
                    waiting += part.parts
                elif part.op == "is":
                    ((variable, wanted),) = part.literals
                    if literals.get(variable, wanted) is not wanted:
                        return deciding
                    if variable not in literals:
                        literals[variable] = fresh[variable] = wanted
                elif part is not neutral:
                    others[part] = None
            # What one literal settles, the other parts need not ask again: a and (a or b) is a.
            others |= dict.fromkeys(kept.without(fresh))
            for part in sorted(others, key=_number):
                values = {v: literals[v] is (op == "and") for v, _ in part.literals if v in literals}
                if values:
                    waiting.append(self.settle(part, values))
                elif (merged := kept.add(part)) is not None:
                    waiting.append(merged)
            if not waiting:
                waiting = kept.simpler()
        made = [*(self.variable(variable, wanted) for variable, wanted in sorted(literals.items())), *kept.parts]
        if not made:
            return neutral
        return made[0] if len(made) == 1 else self._make(op, made)

    def settle(self, formula: Formula, values: Mapping[Variable, bool]) -> Formula:
        """The formula where some conditions are true, or false."""
        settled: dict[Formula, Formula] = {}

        def of(each: Formula) -> Formula:
            found = settled.get(each)
            if found is None:
                if each.op == "is":
                    ((variable, wanted),) = each.literals
                    value = values.get(variable)
                    found = each if value is None else self.true if wanted is value else self.false
                elif any(variable in values for variable, _ in each.literals):
                    found = (self.every if each.op == "and" else self.some)(map(of, each.parts))
                else:
                    found = each
                settled[each] = found
            return found

        return of(formula)


class _Kept:
    """The parts of a junction that are not literals: none of them idle beside another, and no two that make one.

    Each is of the other operation. Two make one where they differ in one part and its denial, which is what an
    exception and the rule that it displaces say of it: c and x, or c and not x. Parts are filed by what they are made
    of, so that a part is compared with few others.
    """

    def __init__(self, formulas: Formulas, op: Literal["and", "or"]) -> None:
        self.formulas = formulas
        self.op = op
        self.inner = "or" if op == "and" else "and"
        self.parts: dict[Formula, None] = {}
        self.having: dict[Formula, dict[Formula, None]] = defaultdict(dict)
        """By piece, the parts that have it."""
        self.rarest: dict[Formula, dict[Formula, None]] = defaultdict(dict)
        """By piece, parts that have it, each under one of its pieces."""
        self.denied: dict[Formula, dict[tuple[Formula, Formula], None]] = defaultdict(dict)
        """By one part of the denial of a piece: the part that has the piece, and the piece."""
        self.wanting: dict[Variable, dict[Formula, None]] = defaultdict(dict)
        """By variable, the parts that depend on it."""

    def without(self, literals: Mapping[Variable, bool]) -> list[Formula]:
        """Takes out the parts that depend on these."""
        found = list(dict.fromkeys(part for variable in literals for part in self.wanting.get(variable, ())))
        for part in found:
            self._drop(part)
        return found

    def add(self, part: Formula) -> Formula | None:
        """Keeps a part, unless another one makes it idle; or what it makes with another one, which is taken out."""
        for piece in part.parts:
            if any(other.members <= part.members for other in self.rarest.get(piece, ())):
                return None
        for other in [other for other in self._with_fewest(part.parts) if other.members > part.members]:
            self._drop(other)
        for piece in part.parts:
            if (apart := self._apart_in(part, piece)) is not None:
                self._drop(apart)
                return self._junction(part.members - {piece})
        for piece in part.parts:
            for other, denied in self.denied.get(piece, ()):
                if self._without(other, denied) == part.members:
                    self._drop(other)
                    return self._junction(other.members - {denied})
        self._keep(part)
        return None

    def simpler(self) -> list[Formula]:
        """Parts without the pieces that other parts deny, in place of those that have such pieces, which are taken out.

        (a and b, or c) and (not a, or not b) is c and (not a, or not b).
        """
        found = []
        for part in list(self.parts):
            idle = {piece for piece in part.parts if piece.op == self.op and self.formulas.negate(piece) in self.parts}
            if idle:
                found.append((part, part.members - idle))
        for part, _ in found:
            self._drop(part)
        return [self._junction(pieces) for _, pieces in found]

    def _junction(self, pieces: Iterable[Formula]) -> Formula:
        ordered = sorted(pieces, key=_number)
        return self.formulas.some(ordered) if self.inner == "or" else self.formulas.every(ordered)

    def _with_fewest(self, pieces: Iterable[Formula]) -> Iterable[Formula]:
        """The parts that have one of these: that which fewest have."""
        return min((self.having.get(piece, {}) for piece in pieces), key=len)

    def _denial(self, piece: Formula) -> Sequence[Formula]:
        """The denial of a piece, as it would stand flattened in a part."""
        denial = self.formulas.negate(piece)
        return denial.parts if denial.op == self.inner else (denial,)

    def _without(self, part: Formula, piece: Formula) -> frozenset[Formula]:
        """The pieces of the part that has the denial of a piece instead of it."""
        return (part.members - {piece}).union(self._denial(piece))

    def _apart_in(self, part: Formula, piece: Formula) -> Formula | None:
        """The part that differs from one in a piece, of which it has the denial."""
        denial = self._denial(piece)
        for other in self._with_fewest(denial):
            if len(other.members) < len(part.members) + len(denial) and self._without(part, piece) == other.members:
                return other
        return None

    def _keep(self, part: Formula) -> None:
        self.parts[part] = None
        for piece in part.parts:
            self.having[piece][part] = None
            if piece.op == self.op:
                self.denied[self._denial(piece)[0]][part, piece] = None
        self.rarest[min(part.parts, key=lambda piece: len(self.having[piece]))][part] = None
        for variable, _ in part.literals:
            self.wanting[variable][part] = None

    def _drop(self, part: Formula) -> None:
        if part not in self.parts:
            return
        del self.parts[part]
        for piece in part.parts:
            del self.having[piece][part]
            self.rarest[piece].pop(part, None)
            if piece.op == self.op:
                del self.denied[self._denial(piece)[0]][part, piece]
        for variable in {variable for variable, _ in part.literals}:
            del self.wanting[variable][part]


def _number(formula: Formula) -> int:
    return formula.number


@dataclass(slots=True)
class Completions:
    """Writes "true in some way" as expressions of any kind ``T``.

    ``perhaps``, ``not_surely``: whether a condition may be true, and whether it may be false. ``conditions``: how many
    there are.
    """

    formulas: Formulas
    perhaps: Callable[[Variable], Formula]
    not_surely: Callable[[Variable], Formula]
    out: Formulas
    conditions: int
    _found: dict[Formula, Formula] = field(default_factory=dict)
    _bounded: dict[Formula, Formula] = field(default_factory=dict)
    steps: int = 0

    def some_way(self, formula: Formula) -> Formula:
        found = self._found.get(formula)
        if found is None:
            self.steps += 1
            if self.steps > MOST_STEPS + STEPS_A_CONDITION * self.conditions:
                raise Inexpressible(ENTANGLED)
            found = self._found[formula] = self._some_way(formula)
        return found

    def _some_way(self, formula: Formula) -> Formula:
        if not formula.binate:
            return self.bounded(formula)
        if formula.op == "or":
            return self.out.some([self.some_way(part) for part in formula.parts])
        groups = _sharing(formula.parts, formula.binate)
        if len(groups) > 1:
            return self.out.every([self.some_way(self.formulas.every(group)) for group in groups])
        taken_apart = self._settled_by_alternatives(formula) or self._alternatives(formula)
        if taken_apart is not None:
            return taken_apart
        shared = Counter(
            variable for part in formula.parts for variable in {v for v, _ in part.literals} & formula.binate
        )
        variable = min(shared, key=lambda each: (-shared[each], each))
        return self.out.some(
            self.out.every([may, self.some_way(self.formulas.settle(formula, {variable: value}))])
            for value, may in ((True, self.perhaps(variable)), (False, self.not_surely(variable)))
        )

    def _settled_by_alternatives(self, formula: Formula) -> Formula | None:
        """The alternatives of a disjunction that has few of them, where each settles many conditions of other parts.

        "Some ban, and a licence or an exception where there is no ban" is such: to settle bans one by one takes long.
        """
        counts = Counter(variable for part in formula.parts for variable in {v for v, _ in part.literals})
        for wide in formula.parts:
            if wide.op != "or" or len(wide.parts) > FEW_ALTERNATIVES:
                continue
            settled = [
                sum(counts[variable] > 1 for each in part.parts if each.op == "is" for variable, _ in each.literals)
                for part in wide.parts
            ]
            if min(settled) >= SETTLED_EACH * len(wide.parts):
                rest = [part for part in formula.parts if part is not wide]
                return self.out.some([self.some_way(self.formulas.every([part, *rest])) for part in wide.parts])
        return None

    def _alternatives(self, formula: Formula) -> Formula | None:
        """The alternatives of a disjunction, each beside those of the other parts that it shares a condition with.

        The parts that it shares none with are asked once for all alternatives, and so may be all: what is true in some
        way of an alternative and a part is true in some way of the part.
        """
        wide = max(
            (part for part in formula.parts if part.op == "or"),
            key=lambda part: (len(part.literals), -part.number),
            default=None,
        )
        if wide is None:
            return None
        groups = _sharing([part for part in formula.parts if part is not wide], formula.binate)
        if len(groups) < 2:
            return None
        group_of = {
            variable: place
            for place, group in enumerate(groups)
            for part in group
            for variable, _ in part.literals
            if variable in formula.binate
        }
        meeting = [
            sorted({group_of[variable] for variable, _ in part.literals if variable in group_of}) for part in wide.parts
        ]
        beside = sum(len(groups[place]) for places in meeting for place in places)
        if beside > MOST_BESIDE * (len(wide.parts) + len(formula.parts)):
            return None
        every = self.formulas.every
        apart = [
            self.some_way(every([part, *(each for place in places for each in groups[place])]))
            for part, places in zip(wide.parts, meeting, strict=True)
        ]
        return self.out.every([self.out.some(apart), *(self.some_way(every(group)) for group in groups)])

    def bounded(self, formula: Formula) -> Formula:
        """A formula that wants each condition one way only, on the bounds."""
        found = self._bounded.get(formula)
        if found is None:
            match formula.op:
                case "true":
                    found = self.out.true
                case "false":
                    found = self.out.false
                case "is":
                    ((variable, wanted),) = formula.literals
                    found = self.perhaps(variable) if wanted else self.not_surely(variable)
                case "and":
                    found = self.out.every([self.bounded(part) for part in formula.parts])
                case "or":
                    found = self.out.some([self.bounded(part) for part in formula.parts])
            self._bounded[formula] = found
        return found


def _sharing(parts: Iterable[Formula], binate: frozenset[Variable]) -> list[list[Formula]]:
    """The parts in groups that want no condition both ways between them."""
    parts = sorted(parts, key=_number)
    having: dict[Variable, list[Formula]] = defaultdict(list)
    for part in parts:
        for variable in {variable for variable, _ in part.literals} & binate:
            having[variable].append(part)
    groups: list[list[Formula]] = []
    seen: set[Formula] = set()
    for first in parts:
        if first in seen:
            continue
        seen.add(first)
        group = [first]
        for part in group:  # which grows
            for variable in {variable for variable, _ in part.literals} & binate:
                for other in having.pop(variable, ()):
                    if other not in seen:
                        seen.add(other)
                        group.append(other)
        groups.append(sorted(group, key=_number))
    return groups
