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

from comity.analysis import limits
from comity.analysis.decision.study import Study
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.questions.moving import Facts, Mover, facts_of, is_plain, read
from comity.analysis.space.boxes import Box
from comity.analysis.witness.render import day_of, parted
from comity.base.interruption import check_interrupted
from comity.core.ast import Prove
from comity.core.given import replaced
from comity.runtime.answer import Answer, FactsError, PolicyError
from comity.runtime.types import RecordType, SetType
from comity.terms import THIS, Term


class _Enough(Exception):
    """As many inputs have been tried as may be."""


class Nearby:
    """The inputs near ``test_inputs`` on which a statement is tried. ``regions``: boxes of which it speaks."""

    def __init__(self, study: Study, decision: str, prove: Prove, regions: Sequence[Box]) -> None:
        self.study = study
        self.mover = Mover(study)
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
                facts = facts_of(test_input)
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
            moved = self.mover.into(facts, region)
            if moved is not facts:
                yield moved

    def _changed(self, facts: Facts) -> Iterator[Facts]:
        """The facts, one of them changed: first lists that nobody knows to empty ones, then the day, on which all that
        is dated depends.
        """
        for collection in self.study.space.collections:
            if collection.owner is None and read(facts, collection.path) is None:
                yield replaced(facts, collection.path, frozenset() if isinstance(collection.type, SetType) else ())
        root = self.study.root
        as_of = root.as_of if isinstance(root, RecordType) else None
        facts_of_their_own = [axis for axis in self.study.space.axes if axis.owner is None and self.mover.is_fact(axis)]
        for axis in sorted(facts_of_their_own, key=lambda axis: axis.path != (as_of,)):
            value = read(facts, axis.path)
            if not is_plain(value):
                continue
            own = axis.cell_of(value)
            others = (each for cell, each in axis.choices(axis.full & ~own))
            for other in others if axis.path == (as_of,) else islice(others, limits.current.nearby_values):
                yield replaced(facts, axis.path, other)


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
