"""Frozen objects of which some fields are made when they are first read.

Of ten thousand rules a command that goes on from an earlier one reads the conditions of a few. All others have their
names and places at once, and would have their conditions if they were asked:

    late_rule = late(Rule, "when", "unless")
    rule = late_rule(lambda: check(…), name="chips", span=…)      # a Rule, for all who ask
    rule.name                                                     # nothing is checked
    rule.when                                                     # `check` says {"when": …, "unless": …}

From then on the object is an ordinary one. Not for objects that several threads share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


class NotAsKept(BaseException):
    """What was to be made is not what it must be, so that what was kept of it does not serve. Not an `Exception`:
    nothing that survives failures may survive this.
    """


def late(kind: type[T], *names: str) -> Callable[..., T]:
    """What makes objects of a frozen class with slots: of a function that makes the fields called ``names``, and the
    others by keyword. Whatever is given for one of ``names`` is ignored, and whatever is made for another.
    """
    slots: dict[str, Any] = {each.name: getattr(kind, each.name) for each in fields(kind)}  # type: ignore[arg-type]
    maker = slots[names[0]]  # holds the function as long as there is nothing else to hold
    as_class: Any = object.__dict__["__class__"]

    def settle(self: T) -> None:
        values = maker.__get__(self)()
        as_class.__set__(self, kind)
        for name in names:
            slots[name].__set__(self, values[name])

    def read(name: str) -> property:
        def get(self: T) -> object:
            settle(self)
            return getattr(self, name)

        return property(get)

    def reduce(self: T, protocol: Any) -> Any:
        settle(self)
        return self.__reduce_ex__(protocol)

    space = {
        "__slots__": (),
        "__class__": property(lambda self: kind),
        "__reduce_ex__": reduce,
        _MARK: names,
        **{name: read(name) for name in names},
    }
    made = type(kind.__name__, (kind,), space)
    rest = [slots[name].__set__ for name in slots if name not in names]
    order = [name for name in slots if name not in names]

    def make(later: Callable[[], Mapping[str, object]], **values: object) -> T:
        found: Any = object.__new__(made)
        maker.__set__(found, later)
        for store, name in zip(rest, order, strict=True):
            store(found, values[name])
        return found  # type: ignore[no-any-return]

    return make


_MARK = "_comity_is_late"


def is_late(each: object, name: str) -> bool:
    """Whether a field of an object is not made yet."""
    return name in getattr(type(each), _MARK, ())
