"""Reading facts: the axis, record or collection that a path leads to.

Example: the path `item.eccn` of an export leads to the axis of codes, `item` to a record, `owners` to a collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comity.analysis.space.axes import DayAxis, FiniteAxis, LineAxis, TextAxis
from comity.analysis.space.codes import CodeAxis
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.formulas import TRUE, Axis, Exists, negate
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import (
    Choice,
    Fact,
    Form,
    Items,
    Known,
    Part,
    PartyFacts,
    Place,
    RecordFact,
    Symbol,
    Truth,
    just,
)
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    EccnType,
    EnumType,
    HsCodeType,
    IntType,
    ListType,
    MonthsType,
    PartyType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    TextType,
    Type,
)
from comity.runtime.values import ABSENT

THERE = "there"
"""The one value of the axis of a record or collection that may be unknown or absent."""

AS_OF = "as_of"
"""The name of the day where no field of the record gives it."""

PARTY_PATH = "[{}]"
"""The step of a path that picks one party's value of a `T per Party`."""


def key_of(step: str) -> str:
    """The field, or the party, under which facts have what a step of a path leads to."""
    return step[1:-1] if step.startswith("[") else step


class Facts:
    """The facts of one space, by path. ``place``: all countries and zones of the program; ``parties``: all parties."""

    def __init__(self, space: Space, place: PlaceType, parties: Sequence[str]) -> None:
        self.space = space
        self.place = place
        self.parties = parties
        self._known: dict[tuple[tuple[str, ...], Variable | None], Choice] = {}
        self._axes: dict[tuple[tuple[str, ...], Variable | None], Axis] = {}
        self._collections: dict[tuple[tuple[str, ...], Variable | None], Collection] = {}

    def field(self, place: Place, name: str, type: Type, optional: bool) -> Choice:
        """The field ``name`` of the record at ``place``; unknown where there is no such record."""
        return self._below(place, name, type, optional)

    def of_party(self, facts: PartyFacts, party: str) -> Choice:
        return self._below(facts.place, PARTY_PATH.format(party), facts.element, optional=False)

    def element(self, variable: Variable) -> Choice:
        """The element that a quantifier speaks of."""
        return self.value((), variable, variable.collection.element, optional=False)

    def axis(self, path: tuple[str, ...], owner: Variable | None) -> Axis | None:
        """The axis at ``path``, if anything is asked there."""
        return self._axes.get((path, owner))

    def collection(self, path: tuple[str, ...], owner: Variable | None) -> Collection | None:
        return self._collections.get((path, owner))

    def _below(self, place: Place, step: str, type: Type, optional: bool) -> Choice:
        value = self.value((*place.path, step), place.owner, type, optional)
        if place.state is None:
            return value
        present = place.state.present
        return Choice(((present, Known(None)),), negate(present)).then(lambda _: value)

    def value(self, path: tuple[str, ...], owner: Variable | None, type: Type, optional: bool) -> Choice:
        """The fact at ``path`` below ``owner``."""
        key = (path, owner)
        if key not in self._known:
            self._known[key] = self._read(path, owner, type, optional)
        return self._known[key]

    def _read(self, path: tuple[str, ...], owner: Variable | None, declared: Type, optional: bool) -> Choice:
        absentable = isinstance(declared, AbsentType)
        type = declared.element if isinstance(declared, AbsentType) else declared
        name = ".".join(path) or "element"

        def axis(make: Callable[[], Axis]) -> Axis:
            return self._axis(path, owner, make)

        def place() -> Place:
            if not optional and not absentable:
                return Place(path, owner)
            return Place(path, owner, axis(lambda: FiniteAxis(name, declared, (THERE,), optional, absentable)))

        match type:
            case BoolType():
                truth = axis(lambda: FiniteAxis(name, type, (False, True), optional, absentable))
                symbol = Truth(truth.asks(2))
                return _or_absent(truth, symbol) if absentable else just(symbol)
            case EnumType(members=members):
                return just(Fact(axis(lambda: FiniteAxis(name, type, members, optional, absentable))))
            case PlaceType():
                return just(Fact(axis(lambda: FiniteAxis(name, type, self.places, optional, absentable))))
            case EccnType() | HsCodeType():
                return just(Fact(axis(lambda: CodeAxis(name, type, optional, absentable))))
            case PartyType() if self.parties:
                return just(Fact(axis(lambda: FiniteAxis(name, type, self.parties, optional, absentable))))
            case TextType() | PartyType():
                return just(Fact(axis(lambda: TextAxis(name, type, optional, absentable))))
            case DateType():
                return _line(axis(lambda: DayAxis(name, type, optional, absentable)))
            case RecordType():
                return _there(place(), RecordFact(place(), type))
            case SetType(element=element) | ListType(element=element):
                collection = self._collection(path, owner, type, element)
                nothing = Exists(collection, collection.variable(0), TRUE, holds=False)
                return _there(place(), Items((Part(collection),), nothing))
            case PerPartyType(element=element):
                return _there(place(), PartyFacts(place(), element))
            case _:
                whole = isinstance(type, IntType | MonthsType)
                return _line(axis(lambda: LineAxis(name, type, optional, absentable, whole=whole)))

    @property
    def places(self) -> tuple[str, ...]:
        return (*self.place.countries, *(zone for zone, _ in self.place.zones))

    def _axis(self, path: tuple[str, ...], owner: Variable | None, make: Callable[[], Axis]) -> Axis:
        key = (path, owner)
        if key not in self._axes:
            base = base_of(owner)
            if base is None or owner is None:
                made = self.space.add(make(), owner)
            else:
                made = self.space.twin(self._axis(path, base, make), owner)
            made.path = path
            self._axes[key] = made
        return self._axes[key]

    def _collection(self, path: tuple[str, ...], owner: Variable | None, type: Type, element: Type) -> Collection:
        key = (path, owner)
        if key not in self._collections:
            made = Collection(path, type, element, owner)
            base = base_of(owner)
            if base is not None:
                made.base = self._collection(path, base, type, element)
            self.space.collections.append(made)
            self._collections[key] = made
        return self._collections[key]


def base_of(variable: Variable | None) -> Variable | None:
    """The variable whose axes stand for those of ``variable``; None if it is one of these itself."""
    if variable is None:
        return None
    if variable.depth:
        return variable.collection.variable(0)
    return None if variable.collection.base is None else variable.collection.base.variable(0)


def _line(axis: Axis) -> Choice:
    assert isinstance(axis, LineAxis)
    return just(Form(((axis, 1),), 0))


def _or_absent(axis: Axis, symbol: Symbol) -> Choice:
    """``symbol`` where there is such a thing; else absent, or unknown."""
    arms = [(axis.present, symbol)]
    if axis.absentable:
        arms.append((axis.is_absent, Known(ABSENT)))
    return Choice(tuple(arms), negate(axis.known))


def _there(place: Place, symbol: Symbol) -> Choice:
    return just(symbol) if place.state is None else _or_absent(place.state, symbol)
