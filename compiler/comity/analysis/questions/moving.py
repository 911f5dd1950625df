"""Inputs of tests moved to where a question is about: into a region, as far as plain facts keep them out of it.

A test shows a policy at work, and an input like it mostly shows what no test does. Example: an edit puts Honduras in
the place of Pakistan in a condition. No test is about Honduras; but one about Pakistan, bound for Honduras instead,
shows that the rule applies, and that its clauses matter. To decide such an input takes milliseconds, where a proof that
there is one looks at all rules near. If no input shows anything, nothing is known. Only the reference interpreter
decides here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple, TypeAlias

from comity.analysis import limits
from comity.analysis.decision.study import Study
from comity.analysis.decision.test_inputs import Standing, TestInput
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box
from comity.analysis.space.elements import Collection
from comity.analysis.space.facts import AS_OF, THERE
from comity.analysis.space.formulas import Axis
from comity.analysis.space.points import Point
from comity.analysis.witness.render import parted
from comity.base.interruption import check_interrupted
from comity.core.given import replaced
from comity.runtime.inputs import FINDINGS
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import RecordType

Facts: TypeAlias = Mapping[str, object]


class Moved(NamedTuple):
    """The input of a test in another place, with the ``standing`` of the rules there, and as a point of the space."""

    standing: Standing
    point: Point


class Mover:
    """Moves facts into regions of one study."""

    def __init__(self, study: Study) -> None:
        self.study = study

    def into(self, facts: Facts, region: Box) -> Facts:
        """The facts as they would be in a region, if nothing but plain facts keeps them out of it."""
        for number, mask in region.items():
            facts = self._along(facts, number, mask)
        return facts

    def inputs(self, decision: str, regions: Iterable[Box]) -> Iterator[Moved]:
        """Inputs in ``regions``, or nearly there, that no `always` line refuses: those first that few facts keep out.

        The tests themselves are not among them. Each is decided when it is asked for.
        """
        study, root = self.study, self.study.root
        assert isinstance(root, RecordType)
        tried: set[str] = set()
        for _, _, _, place, region in nsmallest(
            limits.current.moved_inputs, self._ways(regions), key=lambda way: way[:4]
        ):
            check_interrupted()
            facts = self.into(facts_of(study.test_inputs[place]), region)
            name = repr(facts)
            if name in tried:
                continue
            tried.add(name)
            own, day, findings = parted(root, facts)
            if study.interpreter.accepts(root, own, day):
                standing = TestInput(study.interpreter, root, own, findings, day).standing(decision)
                if standing is not None:
                    yield Moved(standing, Point(study.space, facts))

    def _ways(self, regions: Iterable[Box]) -> Iterator[tuple[int, int, int, int, Box]]:
        """For each region the tests that are nearest: how far they are, and their number."""
        study, points = self.study, self.study.test_points
        looked_at = list(islice(regions, limits.current.moved_regions))
        few = max(limits.current.moved_into_each, limits.current.moved_inputs // (len(looked_at) or 1))
        for number, region in enumerate(looked_at):
            distances = [0] * len(study.test_inputs)
            for axis, mask in region.items():
                step = 1 if self.is_fact(study.space.axes[axis]) else limits.current.moved_far
                for place in bits(points.all & ~points.inside([{axis: mask}])[0]):
                    distances[place] += step
            near = nsmallest(few, ((far, place) for place, far in enumerate(distances) if far))
            for rank, (far, place) in enumerate(near):
                yield far, rank, number, place, region

    def _along(self, facts: Facts, number: int, mask: int) -> Facts:
        """The facts with a value in ``mask`` on an axis, as far as it is known how to get there."""
        space = self.study.space
        axis, collection = space.axes[number], space.element_atoms.get(number)
        if collection is not None and axis.owner is None:
            return self._with_elements(facts, collection, number, wanted=mask == 2)
        if axis.owner is not None or not self.is_fact(axis):
            return facts
        value = read(facts, axis.path)
        if not is_plain(value) or axis.cell_of(value) & mask:
            return facts
        return replaced(facts, axis.path, next(each for _, each in axis.choices(mask)))

    def _with_elements(self, facts: Facts, collection: Collection, number: int, wanted: bool) -> Facts:
        """The facts, or those of an element, where some element of a list or set in them lies in a region, or (not
        ``wanted``) none does.
        """
        elements = read(facts, collection.path)
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
            made = self._element(collection, listed, region)
            if made is not None:
                kept = listed[1:] if isinstance(elements, tuple) else listed
                return replaced(facts, collection.path, type(elements)([made, *kept]))
        return facts

    def _element(self, collection: Collection, elements: Sequence[object], region: Box) -> object | None:
        """An element in a region: the first one with other facts, or a value."""
        axes = [(self.study.space.axes[number], mask) for number, mask in region.items()]
        first = elements[0] if elements else None
        if isinstance(first, Mapping):
            made: Facts = first
            for axis, mask in axes:
                inner = self.study.space.element_atoms.get(axis.number)
                if inner is not None:
                    made = self._with_elements(made, inner, axis.number, wanted=mask == 2)
                elif self.is_fact(axis) and is_plain(read(made, axis.path)):
                    made = replaced(made, axis.path, next(each for _, each in axis.choices(mask)))
            return made
        if len(axes) == 1 and not isinstance(collection.element, RecordType):
            return next((each for _, each in axes[0][0].choices(axes[0][1])), None)
        return None

    def is_fact(self, axis: Axis) -> bool:
        """The axis is a fact of its own, and stands for nothing that is made of others."""
        space, number = self.study.space, axis.number
        made = (
            number in space.recipes or number in space.element_atoms or number in space.opaque or number in space.named
        )
        return not made and bool(axis.path) and axis.path[0] != FINDINGS and THERE not in getattr(axis, "members", ())


_NOWHERE = object()


def facts_of(test_input: TestInput) -> Facts:
    """All about an input in one mapping, with the day and what counsel found."""
    day = {} if test_input.record.as_of is not None else {AS_OF: test_input.day}
    return {**test_input.facts, **day, FINDINGS: test_input.findings}


def read(facts: object, path: Sequence[str]) -> object:
    """The fact of a path; something that `is_plain` says no of, if there is none."""
    for step in path:
        if not isinstance(facts, Mapping) or step not in facts:
            return _NOWHERE
        facts = facts[step]
    return facts


def is_plain(value: object) -> bool:
    """There is such a fact, and it is neither a record nor a collection."""
    return value is not _NOWHERE and not isinstance(value, Mapping | tuple | frozenset | KleeneSet)
