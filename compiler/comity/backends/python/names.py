"""Python names for the names of a policy.

A policy's names are free text to us: a name that Python could not read, would read as a keyword, or would confuse
with something the generated code needs, is changed; two names never become one.

For example:

    claim("chart control")       chart_control
    claim("class")               class_, as Python has `class` for itself
    claim("chart_control")       chart_control_, as the first has the name
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

from comity import terms
from comity.terms import Term

BUILTINS = frozenset(
    {
        "all",
        "any",
        "bool",
        "dict",
        "frozenset",
        "int",
        "isinstance",
        "object",
        "property",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
    }
)
"""The built-in names that emitted code uses. (Those of the running Python would differ from version to version.)"""

RESERVED = frozenset(keyword.kwlist) | BUILTINS | {"this", "day", "findings", "self"}
"""Never given to a declaration: Python's own words, and the parameters of every condition."""


def identifier(name: str) -> str:
    """``name`` as an identifier: what Python reads as a name stays, any other character becomes `_`.

    Leading underscores go: Python gives them a meaning (private, mangled, special).
    """
    text = unicodedata.normalize("NFKC", name)
    text = "".join(c if ("a" + c).isidentifier() else "_" for c in text).strip("_") or "x"
    return text if text.isidentifier() else f"x_{text}"


def hint(term: Term) -> str:
    """A name that reminds of ``term``."""
    match term:
        case terms.Field(name=name) | terms.Local(name=name):
            return name
        case terms.Call(define=qname) | terms.Lookup(table=qname) | terms.NamedSet(name=qname):
            return qname.rpartition(".")[2]
        case terms.RuleHolds(rule=rule):
            return rule.rpartition(".")[2]
        case terms.Line(condition=part) | terms.Not(operand=part) | terms.IsPresent(operand=part):
            return hint(part)
        case terms.Compare(left=terms.Const(), right=part) | terms.Compare(left=part):
            return hint(part)
        case terms.Equal(left=part) | terms.MemberOf(value=terms.Const(), collection=part) | terms.MemberOf(value=part):
            return hint(part)
        case terms.EccnWithin(code=part) | terms.HsWithin(code=part) | terms.PlaceWithin(place=part):
            return hint(part)
        case terms.Quantifier(source=part) | terms.Count(source=part) | terms.Sum(source=part):
            return hint(part)
        case _:
            return "part"


class Names:
    """Hands out names, each once. The order of asking decides who keeps a contested name.

    ``outer``: names of the file around a function, which the function's own must not hide.
    """

    def __init__(
        self, reserved: Iterable[str] = (), *, fold_case: bool = False, outer: frozenset[str] = frozenset()
    ) -> None:
        self._fold = str.casefold if fold_case else str
        self._outer = outer
        self._taken = {self._fold(name) for name in (*RESERVED, *reserved)}

    @property
    def taken(self) -> frozenset[str]:
        return frozenset(self._taken)

    def claim(self, wanted: str) -> str:
        """An identifier like ``wanted`` that nobody has yet."""
        base = identifier(wanted)
        candidate, number = base, 1
        while (folded := self._fold(candidate)) in self._taken or folded in self._outer:
            number += 1
            candidate = f"{base}_" if number == 2 else f"{base}_{number - 1}"
        self._taken.add(self._fold(candidate))
        return candidate


def field_names(names: Iterable[str]) -> dict[str, str]:
    """Attribute names of a record's fields (a builtin's name is harmless there, a keyword is not)."""
    taken: set[str] = set(keyword.kwlist)
    result: dict[str, str] = {}
    for name in names:
        attribute = identifier(name)
        while attribute in taken:
            attribute += "_"
        taken.add(attribute)
        result[name] = attribute
    return result
