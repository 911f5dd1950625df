"""Classes that are quick to make are the standard ones to whoever uses them."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from comity.runtime.light import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point:
    """A point."""

    x: int
    y: int = 0
    named: dict[str, int] = field(default_factory=dict, kw_only=True)
    place: str = field(default="here", compare=False, kw_only=True)

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class Deep(Point):
    z: int = 1
    y: int = 7


@dataclass(frozen=True)
class Loose:
    x: int
    items: tuple[int, ...] = field(default=(1,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    amount: int
    unit: str = "USD"

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("negative")


@dataclass(frozen=True, slots=True)
class Shown:
    x: int
    secret: int = field(default=1, repr=False, hash=False)

    def __repr__(self) -> str:
        return "shown"

    def __hash__(self) -> int:
        return 5


@dataclass(frozen=True, slots=True)
class Box(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True)
class Counted:
    limit: ClassVar[int] = 3
    x: int = 0


@dataclass(slots=True)
class Mutable:
    x: int = 0


def standard(cls: Any) -> Any:
    """The same class made by the standard decorator."""
    return getattr(_Standard, cls.__name__)


class _Standard:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 0
        named: dict[str, int] = field(default_factory=dict, kw_only=True)
        place: str = field(default="here", compare=False, kw_only=True)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Deep(Point):
        z: int = 1
        y: int = 7

    @dataclasses.dataclass(frozen=True)
    class Loose:
        x: int
        items: tuple[int, ...] = field(default=(1,))

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Checked:
        amount: int
        unit: str = "USD"

        def __post_init__(self) -> None:
            if self.amount < 0:
                raise ValueError("negative")

    @dataclasses.dataclass(frozen=True, slots=True)
    class Nothing:
        pass


PAIRS = [(cls, standard(cls)) for cls in (Point, Deep, Loose, Checked, Nothing)]
GIVEN: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}), ((1,), {}), ((1, 2), {}), ((1, 2, 3), {}), ((1, 2, 3, 4), {}), ((), {"x": 1}), ((1,), {"x": 1}),
    ((1,), {"place": "there"}), ((1,), {"named": {"a": 1}}), ((), {"amount": 1}), ((), {"amount": -1}),
    ((1,), {"nothing": 1}), ((1,), {"items": ()}), ((), {"amount": 1, "unit": "EUR"}), ((1,), {"z": 0}),
]  # fmt: skip


def attempt(make: Any) -> Any:
    try:
        return make()
    except (TypeError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize(("values", "named"), GIVEN)
def test_they_are_made_alike(ours: Any, theirs: Any, values: tuple[Any, ...], named: dict[str, Any]) -> None:
    one, other = attempt(lambda: ours(*values, **named)), attempt(lambda: theirs(*values, **named))
    if isinstance(other, type):
        assert one is other
        return
    assert repr(one) == repr(other).replace("_Standard.", "")
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert dataclasses.astuple(one) == dataclasses.astuple(other)
    assert attempt(lambda: hash(one)) == attempt(lambda: hash(other))
    again = ours(*values, **named)
    assert one == again
    assert one != other


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_they_are_described_alike(ours: Any, theirs: Any) -> None:
    assert dataclasses.is_dataclass(ours)
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__dataclass_params__.frozen
    names = ("name", "type", "default", "init", "repr", "compare", "hash", "kw_only")
    described = [
        [[getattr(each, name) for name in names] for each in dataclasses.fields(cls)] for cls in (ours, theirs)
    ]
    assert described[0] == described[1]
    signatures = [
        [(p.name, p.kind, p.default is p.empty, p.annotation) for p in inspect.signature(cls).parameters.values()]
        for cls in (ours, theirs)
    ]
    assert signatures[0] == signatures[1]
    assert getattr(ours, "__slots__", None) == getattr(theirs, "__slots__", None)


@pytest.mark.parametrize("thing", [Point(1, 2), Deep(3), Loose(1), Checked(amount=2), Shown(1), Box("a"), Nothing()])
def test_copies_are_equal(thing: Any) -> None:
    assert pickle.loads(pickle.dumps(thing)) == thing
    assert copy.copy(thing) == copy.deepcopy(thing) == dataclasses.replace(thing) == thing
    assert attempt(lambda: hash(thing)) == attempt(lambda: hash(copy.copy(thing)))


def test_they_are_frozen() -> None:
    for thing in (Point(1), Deep(1), Loose(1)):
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
            thing.x = 2  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
            del thing.x


def test_a_changed_copy() -> None:
    assert dataclasses.replace(Deep(1, named={"a": 1}), z=5) == Deep(1, z=5, named={"a": 1})
    with pytest.raises(ValueError, match="negative"):
        dataclasses.replace(Checked(amount=1), amount=-1)


def test_what_does_not_compare_does_not_tell_apart() -> None:
    assert Point(1, place="here") == Point(1, place="there") != Point(2)
    assert Shown(1, 2) != Shown(1, 3) and hash(Shown(1)) == 5 and repr(Shown(1)) == "shown"
    assert Point(1) != Deep(1)


def test_patterns() -> None:
    match Deep(1, 2, 3):
        case Point(x, y, named=named, place="here"):
            assert (x, y, named) == (1, 2, {})
        case _:
            pytest.fail("no match")


def test_a_default_is_made_for_each() -> None:
    assert Point(1).named is not Point(1).named


def test_special_classes_are_standard() -> None:
    assert Counted.limit == 3 and Counted(4).x == 4
    thing = Mutable()
    thing.x = 3
    assert thing == Mutable(3)


def test_a_class_below_is_one_of_its_own() -> None:
    class Named(Point):
        __slots__ = ("extra",)

        def __init__(self, x: int) -> None:
            super().__init__(x, 5)
            object.__setattr__(self, "extra", x)

    class Fresh(Loose):
        pass

    assert Named(3).y == 5 and repr(Named(3)).endswith("Named(x=3, y=5, named={}, place='here')")
    fresh = Fresh(1)
    fresh.more = 1  # type: ignore[attr-defined]  # as in the standard's: only fields are frozen below
    assert fresh == Fresh(1) != Loose(1)


def test_an_init_put_in_its_place_stays() -> None:
    @dataclass(frozen=True, slots=True)
    class Renamed:
        class_: int

    build = Renamed.__init__

    def __init__(self: Any, **values: int) -> None:
        build(self, class_=values["class"])

    Renamed.__init__ = __init__  # type: ignore[method-assign]
    for _ in range(2):
        assert Renamed(**{"class": 1}).class_ == 1
    assert Renamed.__init__ is __init__


def test_something_within_itself_is_shown() -> None:
    inside: list[Any] = []
    box = Box(inside)
    inside.append(box)
    assert repr(box) == "Box(value=[...])"
