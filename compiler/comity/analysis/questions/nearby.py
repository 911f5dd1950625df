"""Counterexamples near the inputs of tests: the same input but for what a `prove` is given, and for one fact more.

A test shows a policy at work; where a statement is false, mostly something close to a test refutes it, and that is seen
by deciding a few hundred inputs, where proving that there is none goes through all of them. For example

    prove embargo_of_cuba:  given destination == CU    then outcome == license_required

and a test of a shipment of EAR99 items to France: bound for Cuba it is one that the statement speaks of, and if a rule
spares EAR99 it is free. If nothing is found, nothing is known. Only the reference interpreter decides here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.study import Study
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.space.axes import Axis
from comity.analysis.space.boxes import Box
from comity.analysis.space.facts import AS_OF, THERE
from comity.analysis.space.points import Point
from comity.analysis.space.space import Collection
from comity.analysis.witness.render import day_of, parted
from comity.base.interruption import check_interrupted
from comity.core.ast import Prove
from comity.core.given import replaced
from comity.runtime.answer import Answer, FactsError, PolicyError
from comity.runtime.inputs import FINDINGS
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import RecordType, SetType
from comity.terms import THIS, Term

Facts: TypeAlias = Mapping[str, object]


class _Enough(Exception):
    """As many inputs have been tried as may be."""


class Nearby:
    """The inputs near ``test_inputs`` on which a statement is tried. ``regions``: boxes of which it speaks."""

    def __init__(self, study: Study, decision: str, prove: Prove, regions: Sequence[Box]) -> None:
        self.study = study
        self.decision = decision
        self.prove = prove
        self.regions = regions
        self.decided = self.looked_at = 0
        self._seen: set[str] = set()

    def counterexample(self, test_inputs: Iterable[TestInput], first: Facts | None = None) -> Facts | None:
        """Facts on which `given` holds and the answer is determined and outside what is claimed. ``first``: facts near
        which there may be such.
        """
        try:
            starts: list[Facts] = []
            for moved in () if first is None else self._changed(first):
                if self._is_spoken_of(moved) and self._refutes(moved):
                    return moved
            for test_input in test_inputs:
                facts = _facts_of(test_input)
                for moved in (facts, *self._moved(facts)):
                    if self._is_spoken_of(moved):
                        if self._refutes(moved):
                            return moved
                        starts.append(moved)
            for moved in _in_turns([self._changed(facts) for facts in starts[: limits.current.nearby_starts]]):
                if self._is_spoken_of(moved) and self._refutes(moved):
                    return moved
        except _Enough:
            pass
        return None

    # --------------------------------------------------------------------------------------- judging

    def _is_spoken_of(self, facts: Facts) -> bool:
        """`given` holds. What has been asked before is not asked again."""
        name = repr(facts)
        if name in self._seen:
            return False
        self._seen.add(name)
        self.looked_at += 1
        if self.looked_at > limits.current.nearby_looked_at:
            raise _Enough
        check_interrupted()
        return self.prove.given is None or self._truth(self.prove.given, facts, {}) is True

    def _truth(self, term: Term, facts: Facts, env: Mapping[str, object]) -> object:
        own, day, findings = self._parted(facts)
        try:
            return self.study.interpreter.evaluate(term, {THIS: own, **env}, day, findings=findings)
        except PolicyError:
            return None

    def _refutes(self, facts: Facts) -> bool:
        answer = self._answer(facts)
        if answer is None or answer.outcome is None:
            return False
        return self._truth(self.prove.then, facts, {"outcome": answer.outcome}) is False

    def _answer(self, facts: Facts) -> Answer | None:
        self.decided += 1
        if self.decided > limits.current.nearby_decided:
            raise _Enough
        own, day, findings = self._parted(facts)
        try:
            return self.study.interpreter.decide(self.decision, own, day, findings)
        except FactsError:
            return None

    def _parted(self, facts: Facts) -> tuple[dict[str, object], date | None, dict[str, bool | str]]:
        own, day, findings = parted(self.study.root, facts)
        return own, day_of(self.study.root, facts) if day is None else day, findings

    # ---------------------------------------------------------------------------------------- moving

    def _moved(self, facts: Facts) -> Iterator[Facts]:
        """The facts as they would be in one of the regions, if nothing but plain facts keeps them out of it."""
        for region in self.regions[: limits.current.nearby_regions]:
            moved = facts
            for number, mask in region.items():
                moved = self._into(moved, number, mask)
            if moved is not facts:
                yield moved

    def _into(self, facts: Facts, number: int, mask: int) -> Facts:
        """The facts with a value in ``mask`` on an axis, as far as it is known how to get there."""
        space = self.study.space
        axis, collection = space.axes[number], space.element_atoms.get(number)
        if collection is not None and axis.owner is None:
            return self._with_elements(facts, collection, number, wanted=mask == 2)
        if axis.owner is not None or not self._is_fact(axis):
            return facts
        value = _read(facts, axis.path)
        if not _is_plain(value) or axis.cell_of(value) & mask:
            return facts
        return replaced(facts, axis.path, next(each for _, each in axis.choices(mask)))

    def _with_elements(self, facts: Facts, collection: Collection, number: int, wanted: bool) -> Facts:
        """The facts, or those of an element, where some element of a list or set in them lies in a region, or (not
        ``wanted``) none does.
        """
        elements = _read(facts, collection.path)
        if not isinstance(elements, tuple | frozenset):
            return facts
        point, variable = Point(self.study.space, facts), collection.first
        regions = collection.regions[number]
        listed = sorted(elements, key=str) if isinstance(elements, frozenset) else list(elements)
        near = [
            each for each in listed if any(point.with_element(variable, each).inside(r) is not False for r in regions)
        ]
        if not wanted:
            left = [each for each in listed if not any(each is other for other in near)]
            return replaced(facts, collection.path, type(elements)(left)) if near else facts
        if near:
            return facts
        for region in regions:
            made = self._element(listed, region)
            if made is not None:
                kept = listed[1:] if isinstance(elements, tuple) else listed
                return replaced(facts, collection.path, type(elements)([made, *kept]))
        return facts

    def _element(self, elements: Sequence[object], region: Box) -> object | None:
        """An element in a region: the first one with other facts, or a value."""
        axes = [(self.study.space.axes[number], mask) for number, mask in region.items()]
        first = elements[0] if elements else None
        if isinstance(first, Mapping):
            made: Facts = first
            for axis, mask in axes:
                inner = self.study.space.element_atoms.get(axis.number)
                if inner is not None:
                    made = self._with_elements(made, inner, axis.number, wanted=mask == 2)
                elif self._is_fact(axis) and _is_plain(_read(made, axis.path)):
                    made = replaced(made, axis.path, next(each for _, each in axis.choices(mask)))
            return made
        if len(axes) == 1:
            return next((each for _, each in axes[0][0].choices(axes[0][1])), None)
        return None

    def _is_fact(self, axis: Axis) -> bool:
        """The axis is a fact of its own, and stands for nothing that is made of others."""
        space, number = self.study.space, axis.number
        made = (
            number in space.recipes or number in space.element_atoms or number in space.opaque or number in space.named
        )
        return not made and bool(axis.path) and axis.path[0] != FINDINGS and THERE not in getattr(axis, "members", ())

    def _changed(self, facts: Facts) -> Iterator[Facts]:
        """The facts, one of them changed: first lists that nobody knows to empty ones, then the day, on which all that
        is dated depends.
        """
        for collection in self.study.space.collections:
            if collection.owner is None and _read(facts, collection.path) is None:
                yield replaced(facts, collection.path, frozenset() if isinstance(collection.type, SetType) else ())
        root = self.study.root
        as_of = root.as_of if isinstance(root, RecordType) else None
        facts_of_their_own = [axis for axis in self.study.space.axes if axis.owner is None and self._is_fact(axis)]
        for axis in sorted(facts_of_their_own, key=lambda axis: axis.path != (as_of,)):
            value = _read(facts, axis.path)
            if not _is_plain(value):
                continue
            own = axis.cell_of(value)
            others = (each for cell, each in axis.choices(axis.full & ~own))
            for other in others if axis.path == (as_of,) else islice(others, limits.current.nearby_values):
                yield replaced(facts, axis.path, other)


_NOWHERE = object()


def _is_plain(value: object) -> bool:
    """There is such a fact, and it is neither a record nor a collection."""
    return value is not _NOWHERE and not isinstance(value, Mapping | tuple | frozenset | KleeneSet)


def _facts_of(test_input: TestInput) -> Facts:
    day = {} if test_input.record.as_of is not None else {AS_OF: test_input.day}
    return {**test_input.facts, **day, FINDINGS: test_input.findings}


def _read(facts: object, path: Sequence[str]) -> object:
    for step in path:
        if not isinstance(facts, Mapping) or step not in facts:
            return _NOWHERE
        facts = facts[step]
    return facts


def _in_turns(each: Sequence[Iterator[Facts]]) -> Iterator[Facts]:
    """One of each, again and again."""
    left = list(each)
    while left:
        for one in list(left):
            following = next(one, None)
            if following is None:
                left.remove(one)
            else:
                yield following
