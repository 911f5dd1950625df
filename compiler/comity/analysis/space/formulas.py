"""Formulas: two-valued conditions on axes, and the pair of them that is a three-valued truth.

A condition of the language may be true, false or unknown. `Tri` keeps apart the formula of being true and the formula
of being false; what is in neither is unknown. That is strong Kleene logic exactly: `and` meets the truths and joins
the falsehoods, `not` swaps. A formula has no unknown, and its negation is a formula again, because the complement of
a set of cells is a set of cells.

Example: of `a and b`, true is `a.true and b.true`, and false is `a.false or b.false`. With `a` unknown and `b` false
the first does not hold and the second does, so `a and b` is false.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import reduce
from operator import or_ as or_bits
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from comity.analysis.space.axes import Axis
    from comity.analysis.space.space import Collection, Variable

from comity.analysis import limits


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
