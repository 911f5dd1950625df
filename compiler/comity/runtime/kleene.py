"""Three-valued logic (strong Kleene) over truth values, values and sets.

A truth value is True, False, or None for unknown. Unknown is never false: a deciding operand decides, and else an
unknown operand makes the whole unknown (S. C. Kleene, *Introduction to Metamathematics*, § 64).

A set is a frozenset where that can say it: plain elements, all known, all certainly in it. Else it is a `KleeneSet`.
A list is a tuple. An unknown collection is None; quantifiers, counts and memberships over it are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from .light import dataclass
from .values import ABSENT, Number, add

Truth: TypeAlias = bool | None

PLAIN = (str, int, Fraction, date)
"""Values without parts: two of them are equal or not."""


def not_(operand: Truth) -> Truth:
    return None if operand is None else not operand


def all_of(operands: Iterable[Truth]) -> Truth:
    """Conjunction, left to right; what follows a false operand is not evaluated. Empty: true."""
    result: Truth = True
    for operand in operands:
        if operand is False:
            return False
        if operand is None:
            result = None
    return result


def any_of(operands: Iterable[Truth]) -> Truth:
    """Disjunction, left to right; what follows a true operand is not evaluated. Empty: false."""
    result: Truth = False
    for operand in operands:
        if operand is True:
            return True
        if operand is None:
            result = None
    return result


# -------------------------------------------------------------------------------------------- values


def equal(left: object, right: object) -> Truth:
    """Equality of two values of one type; records, lists and sets element by element."""
    if left is ABSENT or right is ABSENT:
        return None  # outside a guard; inside records it is a value like any other
    return _same(left, right)


def _same(left: object, right: object) -> Truth:
    if left is None or right is None:
        return None
    if isinstance(left, PLAIN):
        return left == right
    if isinstance(left, Mapping):
        assert isinstance(right, Mapping)
        return all_of(_same(left.get(name), right.get(name)) for name in {**left, **right})
    if isinstance(left, (frozenset, KleeneSet)):
        assert isinstance(right, (frozenset, KleeneSet))
        return all_of((subset(left, right), subset(right, left)))
    if isinstance(left, tuple):
        assert isinstance(right, tuple)
        return len(left) == len(right) and all_of(map(_same, left, right))
    fields: tuple[str, ...] | None = getattr(left, "__match_args__", None)
    if fields:
        return all_of(_same(getattr(left, name), getattr(right, name)) for name in fields)
    return left == right


# ---------------------------------------------------------------------------------------------- sets


@dataclass(frozen=True, slots=True)
class KleeneSet:
    """Elements with how surely each is in the set: True, or None for perhaps.

    An element None is in the set, but which one it is is unknown. No plain element stands twice.
    """

    members: tuple[tuple[object, Truth], ...]


Set: TypeAlias = frozenset[object] | KleeneSet
Collection: TypeAlias = frozenset[object] | KleeneSet | tuple[object, ...]


def set_of(members: Iterable[tuple[object, Truth]]) -> Set:
    """The set with these elements, each as surely as said (False: not)."""
    plain: dict[object, Truth] = {}
    others: list[tuple[object, Truth]] = []
    for element, sure in members:
        if sure is False:
            continue
        if isinstance(element, PLAIN):
            plain[element] = True if sure else plain.get(element)
        elif not (sure and any(known and _same(element, other) for other, known in others)):
            others.append((element, sure))
    if not others and None not in plain.values():
        return frozenset(plain)
    return KleeneSet((*plain.items(), *others))


def elements(collection: Collection) -> Iterator[tuple[object, Truth]]:
    """Each element with how surely it is in, in a fixed order: text hashes differently in every process."""
    if isinstance(collection, KleeneSet):
        yield from collection.members
    else:
        for element in collection if isinstance(collection, tuple) else sorted(collection):  # type: ignore[type-var]
            yield element, True


def member(value: object, collection: Collection | None) -> Truth:
    """``value in collection``: the disjunction of its equalities with the elements."""
    if collection is None:
        return None
    if value is None:  # it may equal any element, and there is none to equal in an empty collection
        return None if (collection.members if isinstance(collection, KleeneSet) else collection) else False
    if isinstance(collection, frozenset) and isinstance(value, PLAIN):
        return value in collection
    return any_in(collection, lambda element: equal(value, element))


def subset(left: Set | None, right: Set | None) -> Truth:
    """Every element of ``left`` is in ``right``."""
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return left <= right
    return all_in(left, lambda element: member(element, right))


def any_in(collection: Collection | None, test: Callable[[object], Truth]) -> Truth:
    """Some element is in the collection and passes the test."""
    if collection is None:
        return None
    if not isinstance(collection, KleeneSet):
        return any_of(test(element) for element, _ in elements(collection))
    return any_of(all_of((sure, test(element))) for element, sure in collection.members)


def all_in(collection: Collection | None, test: Callable[[object], Truth]) -> Truth:
    """Every element that is in the collection passes the test."""
    return not_(any_in(collection, lambda element: not_(test(element))))


def sieve(collection: Collection | None, test: Callable[[object], Truth]) -> Set | None:
    """`{v in collection where test}`: an element is in it as surely as it is in the collection and passes."""
    if collection is None:
        return None
    return set_of((element, all_of((sure, test(element)))) for element, sure in elements(collection))


def limited(condition: Truth, collection: Set | None) -> Set | None:
    """The set while the condition holds, else none of it."""
    if condition is None:
        return sieve(collection, lambda _: None)
    return collection if condition else frozenset()


def union(left: Set | None, right: Set | None) -> Set | None:
    if left is None or right is None:
        return None
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return left | right
    return set_of((*elements(left), *elements(right)))


def intersection(left: Set | None, right: Set | None) -> Set | None:
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return left & right
    return None if right is None else sieve(left, lambda element: member(element, right))


def difference(left: Set | None, right: Set | None) -> Set | None:
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return left - right
    return None if right is None else sieve(left, lambda element: not_(member(element, right)))


def surely(collection: Collection, test: Callable[[object], Truth]) -> Iterator[tuple[object, Truth]]:
    """Each element, and how surely it is in the collection and passes, as one that is counted only once.

    Elements of a set of which something is unknown may turn out to be the same: none of them is sure.
    """
    is_set = isinstance(collection, KleeneSet)
    for element, sure in elements(collection):
        truth = all_of((sure, test(element)))
        yield element, None if truth and is_set and equal(element, element) is None else truth


def chosen(collection: Collection | None, test: Callable[[object], Truth]) -> list[object] | None:
    """The elements that pass, for `count` and `sum`; unknown if that of any of them is."""
    if collection is None:
        return None
    passed: list[object] = []
    for element, sure in elements(collection):
        truth = all_of((sure, test(element)))
        if truth is None or (truth and element is None and isinstance(collection, KleeneSet)):
            return None  # an unknown element may be one that is counted already
        if truth:
            passed.append(element)
    return passed


def count(collection: Collection | None, test: Callable[[object], Truth]) -> int | None:
    """How many elements pass."""
    passed = chosen(collection, test)
    return None if passed is None else len(passed)


def total(
    collection: Collection | None, test: Callable[[object], Truth], value: Callable[[object], Number | None]
) -> Number | None:
    """The sum of ``value`` over the elements that pass."""
    passed = chosen(collection, test)
    if passed is None:
        return None
    result: Number | None = 0
    for element in passed:
        result = add(result, value(element))
    return result
