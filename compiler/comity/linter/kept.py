"""What house rules have found, as plain values: so that another command need not run them on what is as it was.

Example: H501 has found that rules of two modules have no text. When a rule of one of them is edited, the other's
findings are what they were. H512 looks at all rules together; of each it remembers where it compares codes, so that
only the edited one is gone through again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from comity.base.diagnostics import Diagnostic
from comity.base.source import Span
from comity.base.stored import decoded, encoded
from comity.checked import ast as checked
from comity.linter.codes import Asked, Comparison, Found
from comity.linter.context import Key
from comity.runtime.light import dataclass

Plain: TypeAlias = Any
"""A JSON value."""


@dataclass(frozen=True)
class House:
    """``found``: the findings of house rules, by code. ``memory``: what they remember of declarations
    (`Context.remember`).
    """

    found: dict[str, list[Diagnostic]]
    memory: dict[Key, tuple[object, object]]


@dataclass
class ToKeep:
    """What house rules have found, by code; and of what they remember what is kept, as plain values."""

    found: dict[str, list[Diagnostic]] = field(default_factory=dict)
    memory: Plain = None


def keep_house(house: ToKeep) -> Plain:
    """House findings as plain values."""
    found = {code: list(map(encoded, found)) for code, found in house.found.items()}
    return {"found": found, "memory": house.memory}


def keep_memory(memory: Mapping[Key, tuple[object, object]]) -> Plain:
    """What house rules remember as plain values. What is remembered of anything but rules is found again."""
    return [[*key, _plain(value)] for key, (about, value) in memory.items() if isinstance(about, checked.Rule)]


def tell_house(kept: Plain, rules: Mapping[str, checked.Rule], places: Callable[[Span], Span]) -> House:
    """The opposite of `keep_house`. ``rules``: those of the program, which are as they were. ``places``: where each
    place is now.
    """
    return House(
        {code: [decoded(each).with_spans(places) for each in found] for code, found in kept["found"].items()},
        {(code, name): (rules[name], _value(value, places)) for code, name, value in kept["memory"]},
    )


def _plain(value: object) -> Plain:
    """What is remembered of a declaration; each value that JSON does not know is a list that begins with its kind."""
    match value:
        case None | bool() | str() | int():
            return value
        case Span():
            return ["span", value.path, value.start, value.end, value.line, value.column, value.end_line,
                    value.end_column]  # fmt: skip
        case Comparison():
            parts = (value.fact, value.paragraphs, value.is_hs, value.positive, value.span, value.code_span,
                     value.container_span, value.is_single)  # fmt: skip
            return ["comparison", *map(_plain, parts)]
        case Asked():
            return ["asked", *map(_plain, (value.fact, value.is_hs, value.paragraphs, value.exactly))]
        case Found():
            return ["found", *map(_plain, (tuple(value.compared), tuple(value.asked), frozenset(value.used)))]
        case tuple():
            return ["tuple", *map(_plain, value)]
        case frozenset():
            return ["set", *sorted(map(_plain, value))]
    raise TypeError(f"a value of a kind not known here: {type(value).__name__}")


def _value(plain: Plain, places: Callable[[Span], Span]) -> Any:
    """The opposite of `_plain`."""
    if not isinstance(plain, list):
        return plain
    kind, *rest = plain
    if kind == "span":
        return places(Span(*rest))
    parts = [_value(each, places) for each in rest]
    match kind:
        case "comparison":
            return Comparison(*parts)
        case "asked":
            return Asked(*parts)
        case "found":
            compared, asked, used = parts
            return Found(dict.fromkeys(compared), dict.fromkeys(asked), set(used))
        case "tuple":
            return tuple(parts)
        case "set":
            return frozenset(parts)
    raise ValueError(kind)
