"""Formulas: two-valued conditions on axes, and the pair of them that is a three-valued truth.

A condition of the language may be true, false or unknown. `Tri` keeps apart the formula of being true and the formula
of being false; what is in neither is unknown. That is strong Kleene logic exactly: `and` meets the truths and joins
the falsehoods, `not` swaps. A formula has no unknown, and its negation is a formula again, because the complement of
a set of cells is a set of cells.

Example: of `a and b`, true is `a.true and b.true`, and false is `a.false or b.false`. With `a` unknown and `b` false
the first does not hold and the second does, so `a and b` is false.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_ as or_bits
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar

from comity.analysis import limits
from comity.analysis.space.elements import Collection, Variable
from comity.runtime import values
from comity.runtime.types import Type


class Node:
    """``negation`` is found once and remembered; the space remembers the boxes (`Space.boxes`).

    ``above``: the formulas of which this is the first part. What is made of the same parts is the same object.
    """

    __slots__ = ("above", "boxes", "negation")

    above: dict[Hashable, Any] | None
    negation: Formula | None
    boxes: Any

    def __init__(self) -> None:
        self.above = None
        self.negation = None
        self.boxes = None


class Leaf(Node):
    """The cells of one axis that answer ``question`` as ``flip`` says (`Axis.leaf`). Interned by the axis."""

    __slots__ = ("axis", "flip", "known_mask", "question")

    def __init__(self, axis: Axis, question: Hashable, flip: int) -> None:
        super().__init__()
        self.axis = axis
        self.question = question
        self.flip = flip
        self.known_mask: int | None = None

    @property
    def mask(self) -> int:
        """The cells; settles the axis."""
        if self.known_mask is None:
            self.known_mask = self.axis.mask(self.question, self.flip)
        return self.known_mask

    def __repr__(self) -> str:
        return f"{'!' * bool(self.flip)}{self.axis.name}?{self.question}"


class Cells(Node):
    """Given cells of one axis, once the cells are settled."""

    __slots__ = ("axis", "mask")

    def __init__(self, axis: Axis, mask: int) -> None:
        super().__init__()
        self.axis = axis
        self.mask = mask


class All(Node):
    """Conjunction. Empty: true."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Formula, ...]) -> None:
        super().__init__()
        self.parts = parts

    def __repr__(self) -> str:
        return f"({' & '.join(map(repr, self.parts)) or 'true'})"


class Some(Node):
    """Disjunction. Empty: false."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Formula, ...]) -> None:
        super().__init__()
        self.parts = parts

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.parts)) or 'false'})"


class Switch(Node):
    """``then`` of the arm whose guard holds; where none does, ``rest`` holds and the whole is ``otherwise``.

    INVARIANT (guards partition): exactly one of the guards and ``rest`` holds anywhere. So the negation negates every
    arm and stays as small, where De Morgan's laws would multiply the arms out.
    """

    __slots__ = ("arms", "otherwise", "rest")

    def __init__(self, arms: tuple[tuple[Formula, Formula], ...], rest: Formula, otherwise: bool = False) -> None:
        super().__init__()
        self.arms = arms
        self.rest = rest
        self.otherwise = otherwise


class Exists(Node):
    """Some element of the collection ``source`` (named by the axes of its elements) meets ``body``.

    ``body`` speaks of the element through axes whose owner is ``variable``.
    """

    __slots__ = ("body", "holds", "source", "variable")

    def __init__(self, source: Collection, variable: Variable, body: Formula, holds: bool = True) -> None:
        super().__init__()
        self.source = source
        self.variable = variable
        self.body = body
        self.holds = holds


Formula: TypeAlias = Leaf | Cells | All | Some | Switch | Exists

Made = TypeVar("Made", bound=Node)

TRUE: Formula = All(())
FALSE: Formula = Some(())
TRUE.negation, FALSE.negation = FALSE, TRUE


def parts_of(formula: Formula) -> Sequence[Formula]:
    """The formulas that a formula is directly made of; none where it speaks of one axis."""
    match formula:
        case Leaf() | Cells():
            return ()
        case All(parts=parts) | Some(parts=parts):
            return parts
        case Switch(arms=arms, rest=rest):
            return (rest, *(part for arm in arms for part in arm))
        case Exists(body=body):
            return (body,)


def all_of(parts: Iterable[Formula]) -> Formula:
    kept: list[Formula] = []
    for part in parts:
        if part is FALSE:
            return FALSE
        if type(part) is All:
            kept.extend(part.parts)
        else:
            kept.append(part)
    if len(kept) < 2:
        return kept[0] if kept else TRUE
    return _the(All, tuple(dict.fromkeys(kept)))


def some_of(parts: Iterable[Formula]) -> Formula:
    kept: list[Formula] = []
    for part in parts:
        if part is TRUE:
            return TRUE
        if type(part) is Some:
            kept.extend(part.parts)
        else:
            kept.append(part)
    if len(kept) < 2:
        return kept[0] if kept else FALSE
    return _the(Some, tuple(dict.fromkeys(kept)))


def _the(kind: type[All | Some], parts: tuple[Formula, ...]) -> Formula:
    """The one formula of these parts."""
    return parts[0] if len(parts) == 1 else _interned(parts[0], (kind, parts), lambda: kind(parts))


def _interned(first: Formula, key: Hashable, make: Callable[[], Made]) -> Made:
    """What has been made of this first part and the others that ``key`` names, or is made now."""
    if first.above is None:
        first.above = {}
    known: Made | None = first.above.get(key)
    if known is None:
        known = first.above[key] = make()
    return known


def negate(formula: Formula) -> Formula:
    """What holds exactly where ``formula`` does not. The negation of the negation is the same object."""
    known = formula.negation
    if known is None:
        known = formula.negation = _negate(formula)
        if known.negation is None:
            known.negation = formula
    return known


def _negate(formula: Formula) -> Formula:
    match formula:
        case Leaf(axis=axis, question=question, flip=flip):
            return axis.leaf(question, flip ^ 2)
        case Cells(axis=axis, mask=mask):
            return Cells(axis, axis.full & ~mask)
        case All(parts=parts):
            return some_of(map(negate, parts))
        case Some(parts=parts):
            return all_of(map(negate, parts))
        case Switch(arms=arms, rest=rest, otherwise=otherwise):
            return switch_of(((guard, negate(then)) for guard, then in arms), rest, not otherwise)
        case Exists(source=source, variable=variable, body=body, holds=holds):
            return Exists(source, variable, body, not holds)


def switch(arms: Sequence[tuple[Formula, Formula]], rest: Formula) -> Formula:
    """The `Switch`, or something simpler that means the same.

    Where the arms are constant, the guards of those that are false, and ``rest``, are the negation: De Morgan's laws
    would make a product of it. Of a table of ten thousand rows each of its values is then a union of rows, and so is
    what it is not.
    """
    live = [(guard, then) for guard, then in arms if guard is not FALSE]
    if len(live) == 1 and live[0][0] is TRUE:
        return live[0][1]
    if all(then is FALSE for _, then in live):
        return FALSE
    if all(then is TRUE or then is FALSE for _, then in live):
        found = _either([guard for guard, then in live if then is TRUE])
        others = _either([*(guard for guard, then in live if then is FALSE), rest])
        if found.negation is None and others.negation is None and _are_like(found, others):
            found.negation, others.negation = others, found
        return found
    return switch_of(live, rest)


def _are_like(one: Formula, two: Formula) -> bool:
    """Each serves as the negation of the other: De Morgan's laws would not give a smaller one."""
    if type(one) is Some and type(two) is Some:
        return min(len(one.parts), len(two.parts)) > limits.current.negated_guards
    return type(one) is type(two) is Leaf and one.axis is two.axis


def _either(guards: Sequence[Formula]) -> Formula:
    """Some guard holds; those that ask for members of the same fact, as one question."""
    asked = [guard for guard in guards if guard is not FALSE]
    axes = {
        guard.axis if type(guard) is Leaf and type(guard.question) is int and not guard.flip else None
        for guard in asked
    }
    axis = axes.pop() if len(axes) == 1 else None
    if axis is None:
        return some_of(asked)
    return axis.leaf(reduce(or_bits, (guard.question for guard in asked if type(guard) is Leaf)))


def switch_of(arms: Iterable[tuple[Formula, Formula]], rest: Formula, otherwise: bool = False) -> Switch:
    """The one `Switch` of these arms."""
    arms = tuple(arms)
    key = arms, rest, otherwise
    return _interned(arms[0][0] if arms else rest, key, lambda: Switch(arms, rest, otherwise))


# ---------------------------------------------------------------------------------------- three values


class Tri(NamedTuple):
    """Where a condition is true, and where it is false."""

    true: Formula
    false: Formula

    @property
    def maybe(self) -> Formula:
        """Where it is not false."""
        return negate(self.false)

    @property
    def doubtful(self) -> Formula:
        """Where it is not true."""
        return negate(self.true)

    @property
    def unknown(self) -> Formula:
        return all_of((negate(self.true), negate(self.false)))

    @property
    def never_unknown(self) -> bool:
        return self.true.negation is self.false


YES = Tri(TRUE, FALSE)
NO = Tri(FALSE, TRUE)
UNKNOWN = Tri(FALSE, FALSE)


def settled(formula: Formula) -> Tri:
    """The truth of a formula: never unknown."""
    return Tri(formula, negate(formula))


def not_(truth: Tri) -> Tri:
    return Tri(truth.false, truth.true)


def and_(truths: Iterable[Tri]) -> Tri:
    listed = [truth for truth in truths if truth is not YES]
    if len(listed) == 1:
        return listed[0]
    if any(truth.true is FALSE and truth.false is TRUE for truth in listed):
        return NO
    true = all_of(truth.true for truth in listed)
    if all(truth.never_unknown for truth in listed):
        return Tri(true, negate(true))
    return Tri(true, some_of(truth.false for truth in listed))


def or_(truths: Iterable[Tri]) -> Tri:
    return not_(and_(map(not_, truths)))


# ---------------------------------------------------------------------------------------- axes


class Axis:
    """One fact. ``optional``: it may be unknown; ``absentable``: there may be no such thing.

    ``owner`` is the element of a collection that the fact belongs to (its `Variable`), or None for a fact of the
    input; ``path`` leads to it from there. ``base`` is the same fact of the collection's first variable.
    """

    def __init__(self, name: str, type: Type | None, optional: bool, absentable: bool = False) -> None:
        self.name = name
        self.type = type
        self.optional = optional
        self.absentable = absentable
        self.path: tuple[str, ...] = ()
        self.owner: Variable | None = None
        self.base: Axis | None = None
        self.number = -1
        self._leaves: dict[Hashable, Leaf] = {}
        self._settled = False
        self.cut_by: list[tuple[int, Hashable]] = []
        """The questions for which axes of the space are cut, each with the number of its axis, as they came."""

    # ------------------------------------------------------------------------------------ questions

    def leaf(self, question: Hashable, flip: int = 0) -> Formula:
        """The formula that the fact's value answers ``question`` with yes.

        ``flip`` 1: it is a value that answers no. 2: not (answers yes): a value that answers no, absent or unknown.
        3: not (answers no).
        """
        if not self.optional and not self.absentable and question not in ("known", "present", "absent"):
            flip = (flip & 1) ^ (flip >> 1)
        key = (question, flip)
        leaf = self._leaves.get(key)
        if leaf is None:
            trivial = self.trivial(question)
            if trivial is not None:
                everywhere = trivial is not bool(flip & 1)
                if not everywhere:
                    return TRUE if flip & 2 else FALSE
                if not self.optional and not self.absentable:
                    return FALSE if flip & 2 else TRUE
            if (question, 0) not in self._leaves and (question, 1) not in self._leaves:
                if self._settled:
                    assert not set(self.marks(question)).difference(self.marked()), f"{self.name} is settled"
                else:
                    self.collect(question)
                    if self.marks(question):
                        self.cut_by.append((self.number, question))
            leaf = self._leaves[key] = Leaf(self, question, flip)
        return leaf

    def asks(self, question: Hashable) -> Tri:
        """The three-valued truth of ``question``: unknown where the fact is unknown or absent."""
        true = self.leaf(question)
        if not self.optional and not self.absentable:
            return settled(true)
        return Tri(true, self.leaf(question, 1))

    @property
    def known(self) -> Formula:
        """It is known to be present or known to be absent."""
        return self.leaf("known") if self.optional else TRUE

    @property
    def present(self) -> Formula:
        """It is known, and there is such a thing."""
        return self.leaf("present") if self.optional or self.absentable else TRUE

    @property
    def is_absent(self) -> Formula:
        return self.leaf("absent") if self.absentable else FALSE

    # ---------------------------------------------------------------------------------------- cells

    def settle(self) -> None:
        """Fix the cells; called by the first mask."""
        self._settled = True
        size = self.cells()
        self.values = (1 << size) - 1
        self.absent = 1 << size if self.absentable else 0
        self.unknown = 1 << (size + self.absentable) if self.optional else 0
        self.full = self.values | self.absent | self.unknown

    def mask(self, question: Hashable, flip: int) -> int:
        """The cells where the leaf holds."""
        if not self._settled:
            self.settle()
        match question:
            case "known":
                yes = self.values | self.absent
            case "present":
                yes = self.values
            case "absent":
                yes = self.absent
            case _:
                yes = self.answer(question)
        if flip & 1:
            yes = self.values & ~yes
        return self.full & ~yes if flip & 2 else yes

    def collect(self, question: Hashable) -> None:
        """Note what ``question`` needs to be cut."""

    def marks(self, question: Hashable) -> Iterable[Hashable]:
        """What ``question`` needs to be cut; nothing where the cells are the same whatever is asked."""
        return ()

    def marked(self) -> Iterable[Hashable]:
        """What all questions so far need to be cut, in an order in which it makes a difference when each came."""
        return ()

    keeps_order: ClassVar[bool] = False
    """It makes a difference to its cells in which order they were asked for."""

    def trivial(self, question: Hashable) -> bool | None:
        """Whether all values answer yes, or none (where that is seen at once)."""
        return False if question in ((), frozenset()) else None

    def cells(self) -> int:
        """Make the cells of known values; return how many."""
        raise NotImplementedError

    def answer(self, question: Any) -> int:
        """The cells of known values that answer yes."""
        raise NotImplementedError

    def options(self, mask: int) -> Iterator[tuple[int, object]]:
        """Cells of ``mask`` with a value each, the most ordinary first."""
        raise NotImplementedError

    def choices(self, mask: int) -> Iterator[tuple[int, object]]:
        """Like `options`, with absent and unknown: absent is simplest, unknown comes last."""
        if not self._settled:
            self.settle()
        if mask & self.absent:
            yield self.absent, values.ABSENT
        yield from self.options(mask & self.values)
        if mask & self.unknown:
            yield self.unknown, None

    def cell_of(self, value: object) -> int:
        """The bit of the cell that ``value`` (absent and unknown included) lies in."""
        if not self._settled:
            self.settle()
        if value is None:
            return self.unknown
        if value is values.ABSENT:
            return self.absent
        return self.locate(value)

    def locate(self, value: Any) -> int:
        raise NotImplementedError

    def another(self, value: object) -> object | None:
        """A value of the same cell other than ``value``; None if the cell is that one value."""
        return None

    def unite(self, other: Axis) -> None:
        """Cut both axes where either is cut, so that the same value has the same cell on both."""

    def __repr__(self) -> str:
        return f"<{self.name}>"
