"""What a term reads, and what may come of evaluating it: followed through definitions and named sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from comity import terms
from comity.core.ast import Program
from comity.core.walk import children
from comity.runtime.light import dataclass
from comity.terms import THIS, Term

Path: TypeAlias = tuple[str, ...]
"""A fact of the record that is decided about: ``("item", "eccn")``."""


@dataclass(frozen=True, slots=True)
class Reads:
    """``paths``: facts. ``day``: the as-of day. ``known``: it asks whether something is known. ``others``: it asks
    other decisions or the states of commitments. ``raises``: cases of a definition may contradict or leave a gap.
    """

    paths: frozenset[Path] = frozenset()
    day: bool = False
    known: bool = False
    others: bool = False
    raises: bool = False

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.paths | other.paths,
            self.day or other.day,
            self.known or other.known,
            self.others or other.others,
            self.raises or other.raises,
        )


_NOTHING = Reads()
Paths: TypeAlias = Mapping[str, Path | None]
"""Locals: the fact that each is, None if it is anything else."""


@dataclass(slots=True)
class Reader:
    """Answers for the terms of one program."""

    program: Program
    _bodies: dict[tuple[str, tuple[Path | None, ...]], Reads] = field(default_factory=dict)
    _raising: dict[str, bool] = field(default_factory=dict)

    def of(self, term: Term, paths: Paths | None = None) -> Reads:
        """What ``term`` reads where its locals are ``paths`` (by default `this` is the record decided about)."""
        return self._of(term, {THIS: ()} if paths is None else paths)

    def _of(self, term: Term, paths: Paths) -> Reads:
        path = path_of(term, paths)
        if path is not None:
            return Reads(frozenset({path}))
        match term:
            case terms.Call(define=define, arguments=arguments):
                given = tuple(path_of(argument, paths) for argument in arguments)
                found = self._body(define, given)
                for argument, known in zip(arguments, given, strict=True):
                    if known is None:
                        found |= self._of(argument, paths)
                return found
            case terms.NamedSet(name=name):
                return self._set(name)
            case terms.Filter() | terms.Quantifier() | terms.Count() | terms.Sum():
                inside = {**paths, term.variable: None}
                found = self._of(term.source, paths)
                for child in children(term):
                    if child is not term.source:
                        found |= self._of(child, inside)
                return found
        found = _NOTHING
        match term:
            case terms.InWindow():
                found = Reads(day=True)
            case terms.OutcomeOf(decision=decision) | terms.RuleHolds(decision=decision):
                found = Reads(day=True, others=True, raises=self._decision_raises(decision))
            case terms.CommitmentState():
                found = Reads(day=True, others=True, raises=True)
            case terms.IsKnown():
                found = Reads(known=True)
            case terms.Lookup(table=table):
                found = Reads(day=any(row.interval is not None for row in self.program.tables[table].rows))
            case terms.Cases():
                found = Reads(raises=may_raise(term))
        for child in children(term):
            found |= self._of(child, paths)
        return found

    def _body(self, define: str, given: tuple[Path | None, ...]) -> Reads:
        key = (define, given)
        if key not in self._bodies:
            declared = self.program.defines[define]
            names = [name for name, _ in declared.parameters]
            self._bodies[key] = self._of(declared.body, dict(zip(names, given, strict=True)))
        return self._bodies[key]

    def _decision_raises(self, name: str) -> bool:
        """Whether asking another decision may raise an error: one of its conditions does. (That it contradicts itself
        or has a gap is not an error there; it only has no outcome.)
        """
        if name not in self._raising:
            rules = self.program.decisions[name].rules
            self._raising[name] = any(self.of(rule.condition).raises for rule in rules)
        return self._raising[name]

    def _set(self, name: str) -> Reads:
        key = (name, ())
        if key not in self._bodies:
            self._bodies[key] = self._of(self.program.sets[name].body, {})
        return self._bodies[key]


def path_of(term: Term, paths: Paths) -> Path | None:
    """The fact that ``term`` is; None for anything else, and for the record itself."""
    match term:
        case terms.Local(name=name):
            return paths.get(name)
        case terms.Field(base=base, name=name):
            below = path_of(base, paths)
            return None if below is None else (*below, name)
        case _:
            return None


def may_raise(term: terms.Cases) -> bool:
    """Whether no case may hold, or two that give different values."""
    conditional = [case.value for case in term.cases if case.condition is not None]
    if len(conditional) == len(term.cases):
        return True
    return not term.first_match and any(value != conditional[0] for value in conditional[1:])


__all__ = ["Path", "Reader", "Reads", "may_raise", "path_of"]
