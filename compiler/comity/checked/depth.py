"""How deep declarations rest on each other, and where that ends (E015).

The passes, the interpreter and compiled packages go from a name into what it means, and from there into the next, each
time some calls deeper, while Python allows a thousand of them in all, those of whoever called included. So a chain
that is too long is refused where it is declared, alike for every command; none of them can run out of calls later.

What counts is not the number of declarations but what lies between them: from `d1 and x > 2` it takes an `and` and a
name to come to what `d1` means. `COSTS` says how many calls each term takes in the pass that takes most (as measured:
mostly the translation for proofs); `MOST_CALLS` leaves a fifth of Python's thousand to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Protocol, TypeAlias

from comity import terms
from comity.base.source import Span
from comity.checked import ast
from comity.runtime.light import dataclass
from comity.surface import ast as surface
from comity.terms import Term

MOST_CALLS = 800
"""Maximum depth of calls between declarations."""

COSTS: dict[type, int] = {
    terms.Call: 5,
    terms.NamedSet: 4,
    terms.OutcomeOf: 8,
    terms.RuleHolds: 8,
    terms.Quantifier: 10,
    terms.Count: 10,
    terms.Sum: 10,
    terms.Filter: 10,
    terms.Line: 1,
}
COST = 2
"""What any other term takes."""

Place: TypeAlias = tuple[str, str]
"""What is declared: its space of names (rules and proofs have their own, the rest has ""), and its qualified name."""


Conditions: TypeAlias = Mapping[Place, Iterable[tuple[int, Term]]]
"""By what is declared, its terms, each with what stands around it anyway."""


class Declared(Protocol):
    """A program, or one in the making."""

    @property
    def defines(self) -> Mapping[str, ast.Define]: ...
    @property
    def sets(self) -> Mapping[str, ast.NamedSet]: ...
    @property
    def rules(self) -> Mapping[str, ast.Rule]: ...
    @property
    def decisions(self) -> Mapping[str, ast.Decision]: ...
    @property
    def records(self) -> Mapping[str, ast.Record]: ...
    @property
    def parties(self) -> Mapping[str, ast.Party]: ...
    @property
    def agreements(self) -> Mapping[str, ast.Agreement]: ...
    @property
    def responses(self) -> Mapping[str, ast.Response]: ...
    @property
    def proves(self) -> Mapping[str, ast.Prove]: ...
    @property
    def capabilities(self) -> Sequence[ast.Capability]: ...


@dataclass(frozen=True, slots=True)
class Deep:
    """A declaration that is too deep, with all that it uses. ``follows``: it rests on one that is."""

    place: Place
    through: int
    follows: bool


class Depths:
    """How deep each declaration is. ``rules``: what a decision comes to without a term."""

    def __init__(self, conditions: Conditions, rules: Mapping[Place, Iterable[Place]]) -> None:
        self._conditions = conditions
        self._rules = rules
        self._profiles: dict[Place, tuple[int, dict[Place, int]]] = {}
        self._of: dict[Place, tuple[int, int]] = {}
        """How deep, and through how many others."""

    def too_deep(self) -> Iterator[Deep]:
        """Declarations that are too deep; from there on each counts as if it said nothing, as it will."""
        found: set[Place] = set()
        for place in self._conditions:
            for each in self._below_first(place):
                depth, through = self._measured(each)
                follows = not found.isdisjoint(self._profile(each)[1])
                if follows or depth > MOST_CALLS:
                    found.add(each)
                if depth > MOST_CALLS:
                    yield Deep(each, through, follows)
                    depth = through = 0
                self._of[each] = depth, through

    def _below_first(self, place: Place) -> Iterator[Place]:
        """``place`` and all below it that is not known yet, what is rested on first. Nothing goes in a circle."""
        waiting = [place]
        while waiting:
            each = waiting[-1]
            below = [other for other in self._profile(each)[1] if other not in self._of]
            if each in self._of:
                waiting.pop()
            elif below:
                waiting += below
            else:
                waiting.pop()
                yield each

    def _measured(self, place: Place) -> tuple[int, int]:
        own, below = self._profile(place)
        return max([(own, 0), *((at + self._of[other][0], 1 + self._of[other][1]) for other, at in below.items())])

    def _profile(self, place: Place) -> tuple[int, dict[Place, int]]:
        known = self._profiles.get(place)
        if known is None:
            own, named = profile(self._conditions.get(place, ()))
            known = self._profiles[place] = own, {**dict.fromkeys(self._rules.get(place, ()), 0), **named}
        return known


def profile(conditions: Iterable[tuple[int, Term]]) -> tuple[int, dict[Place, int]]:
    """How deep what is declared nests by itself; and how deep in it each other declaration is named."""
    deepest, named = 0, dict[Place, int]()
    waiting = list(conditions)
    while waiting:
        around, term = waiting.pop()
        at = around + COSTS.get(type(term), COST)
        deepest = max(deepest, at)
        match term:
            case (
                terms.Call(define=name)
                | terms.NamedSet(name=name)
                | terms.OutcomeOf(decision=name)
                | terms.RuleHolds(decision=name)
            ):
                named["", name] = max(at, named.get(("", name), 0))
            case _:
                pass
        constants = False  # many, in sets
        for child in terms.children(term):
            if isinstance(child, terms.Const):
                constants = True
            else:
                waiting.append((at, child))
        if constants:
            deepest = max(deepest, at + COST)
    return deepest, named


def deeper(old: ast.Cited, new: ast.Cited) -> bool:
    """Whether a declaration, which has no more parts than it had, may be deeper than it was."""
    (own, named), (own_now, named_now) = (profile(_around(terms_in(each))) for each in (old, new))
    return own_now > own or any(at > named.get(place, -1) for place, at in named_now.items())


def _around(conditions: Iterable[Term]) -> list[tuple[int, Term]]:
    """Conditions that become parts of one: windows, membership and `unless` stand beside them."""
    return [(2 * COST, term) for term in conditions]


def depths(program: Declared, *beside: Term) -> Depths:
    """How deep the declarations of a program are, and conditions that stand beside it."""
    conditions: dict[Place, Iterable[tuple[int, Term]]] = {}
    rules: dict[Place, list[Place]] = {("", name): [] for name in program.decisions}
    for define in program.defines.values():
        conditions["", define.qname] = [(0, define.body)]
    for named in program.sets.values():  # its parts become one operation within the other
        last = len(named.parts)
        conditions["", named.qname] = [
            (COST * (last - n + (part.intervals is not None)), part.value) for n, part in enumerate(named.parts)
        ]
    for rule in program.rules.values():
        conditions["rule", rule.qname] = _around(terms_in(rule))
        rules.setdefault(("", rule.decision), []).append(("rule", rule.qname))
    for others in (program.records, program.parties, program.agreements, program.responses):
        conditions.update({("", each.qname): _around(terms_in(each)) for each in others.values()})
    for prove in program.proves.values():
        conditions["proof", prove.qname] = _around(terms_in(prove))
    for number, capability in enumerate(program.capabilities):
        conditions["capability", str(number)] = _around(terms_in(capability))
    conditions["condition", ""] = _around(beside)
    return Depths({**conditions, **dict.fromkeys(rules, ())}, rules)


def terms_in(declared: object) -> Iterator[Term]:
    """The outermost terms anywhere in a checked declaration."""
    waiting = [declared]
    while waiting:
        match waiting.pop():
            case terms.Node() as term:
                yield term  # type: ignore[misc]  # a Case occurs in a term only
            case surface.Node() | Span():
                pass
            case tuple() as items:
                waiting += items
            case value if is_dataclass(value):
                waiting += [getattr(value, field.name) for field in fields(value) if field.name != "type"]
            case _:
                pass
