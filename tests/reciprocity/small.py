"""Random small agreements, as text and as plain data, with an evaluation of their own to compare against.

Conditions are over a record of few values, so that every act there is can be listed. Truth is strong Kleene: None is
not known. Nothing here uses the compiler but to read the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from hypothesis import strategies as st

Truth: TypeAlias = bool | None
Facts: TypeAlias = Mapping[str, object]

RECORD = """
zone EXCLAVE in RU "A part of B"
zone ISLAND in US "A part of A"

record Act:
    acts do, undo
    size: Int?
    place: Place?
    open: Bool? disclosure
    near: Int per Party
    keeper: Party
    always size >= 0 and size <= 3
    always place in {US, RU, UA, EXCLAVE, ISLAND}
    always near[A] >= 0 and near[A] <= 2
    always near[B] >= 0 and near[B] <= 2

define inside(spot: Place, side: Party): spot within side

"""

SIZES = (None, 0, 1, 2, 3)
PLACES = (None, "US", "RU", "UA", "EXCLAVE", "ISLAND")
OPEN = (None, True, False)
NEAR = (0, 1, 2)
KEEPERS = ("A", "B")
WITHIN = {"US": {"US", "ISLAND"}, "RU": {"RU", "EXCLAVE"}, "UA": {"UA"}, "EXCLAVE": {"EXCLAVE"}, "ISLAND": {"ISLAND"}}
OWN = {"A": "US", "B": "RU"}
SIDE = {"A": "A", "B": "B", "US": "A", "CA": "A", "RU": "B"}
"""Whose events those of a party or country are."""
PLACES_OF = {"A": ("US", "ISLAND"), "B": ("RU", "EXCLAVE")}


def every_act() -> Iterator[Facts]:
    """All the acts there are, as run-time facts."""
    for size, place, open_, near_a, near_b, keeper in product(SIZES, PLACES, OPEN, NEAR, NEAR, KEEPERS):
        yield {"size": size, "place": place, "open": open_, "near": {"A": near_a, "B": near_b}, "keeper": keeper}


# ------------------------------------------------------------------------------------------- conditions


@dataclass(frozen=True)
class Atom:
    """``field`` op ``value``; of `near` the value is (whose, number)."""

    field: str
    op: str
    value: object

    def text(self) -> str:
        match self.field:
            case "open":
                return "open" if self.value else "not open"
            case "near":
                whose, number = self.value  # type: ignore[misc]
                return f"near[{whose}] {self.op} {number}"
            case "place" if self.op == "inside":
                return f"inside(place, {self.value})"
            case _:
                return f"{self.field} {self.op} {self.value}"

    def holds(self, facts: Facts, me: str, other: str) -> Truth:
        match self.field:
            case "open":
                given = facts["open"]
                return None if given is None else given is self.value
            case "near":
                whose, number = self.value  # type: ignore[misc]
                party = {"self": me, "other": other}.get(whose, whose)
                return compared(facts["near"][party], self.op, number)  # type: ignore[index]
            case "keeper":
                party = {"self": me, "other": other}.get(str(self.value), self.value)
                return compared(facts["keeper"], self.op, party)
            case "size":
                return compared(facts["size"], self.op, self.value)
            case _:
                place = facts["place"]
                if place is None:
                    return None
                if self.op in ("within", "inside"):
                    sides = {"self": me, "other": other, "keeper": str(facts["keeper"])}
                    party = sides.get(str(self.value), str(self.value))
                    return place in WITHIN[OWN.get(party, party)]
                return compared(place, self.op, self.value)

    def places(self) -> Iterator[str]:
        if self.field == "place":
            yield str(self.value)

    def swapped(self, names: Mapping[str, str]) -> Atom:
        if self.field == "near":
            whose, number = self.value  # type: ignore[misc]
            return Atom(self.field, self.op, (names.get(whose, whose), number))
        if self.field in ("place", "keeper"):
            return Atom(self.field, self.op, names.get(str(self.value), self.value))
        return self


@dataclass(frozen=True)
class Some:
    """Parts joined by `and` (``every``) or `or`, perhaps negated as a whole."""

    every: bool
    parts: tuple[Condition, ...]
    negated: bool = False

    def text(self) -> str:
        inner = (" and " if self.every else " or ").join(f"({part.text()})" for part in self.parts)
        return f"not ({inner})" if self.negated else inner

    def holds(self, facts: Facts, me: str, other: str) -> Truth:
        truths = [part.holds(facts, me, other) for part in self.parts]
        found = all_of(truths) if self.every else not_(all_of([not_(truth) for truth in truths]))
        return not_(found) if self.negated else found

    def places(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.places()

    def swapped(self, names: Mapping[str, str]) -> Some:
        return Some(self.every, tuple(part.swapped(names) for part in self.parts), self.negated)


Condition: TypeAlias = Atom | Some


def compared(one: object, op: str, two: object) -> Truth:
    if one is None:
        return None
    if op in ("==", "!="):
        return (one == two) is (op == "==")
    assert isinstance(one, int) and isinstance(two, int)
    return {"<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[op]


def all_of(truths: list[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def not_(truth: Truth) -> Truth:
    return None if truth is None else not truth


# ------------------------------------------------------------------------------------------- strategies

atoms = st.one_of(
    st.builds(Atom, st.just("size"), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(0, 3)),
    st.builds(Atom, st.just("place"), st.sampled_from(["==", "!="]), st.sampled_from(["US", "RU", "UA", "EXCLAVE"])),
    st.builds(
        Atom, st.just("place"), st.just("within"), st.sampled_from(["US", "RU", "A", "B", "self", "other", "EXCLAVE"])
    ),
    st.builds(
        Atom, st.just("place"), st.sampled_from(["within", "inside"]), st.sampled_from(["keeper", "self", "other", "B"])
    ),
    st.builds(Atom, st.just("keeper"), st.sampled_from(["==", "!="]), st.sampled_from(["A", "B", "self", "other"])),
    st.builds(Atom, st.just("open"), st.just("is"), st.booleans()),
    st.builds(
        Atom,
        st.just("near"),
        st.sampled_from(["<", ">="]),
        st.tuples(st.sampled_from(["A", "B", "self", "other"]), st.integers(0, 2)),
    ),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.builds(
        Some, st.booleans(), st.lists(inner, min_size=2, max_size=3).map(tuple), st.sampled_from([False, False, True])
    ),
    max_leaves=4,
)
