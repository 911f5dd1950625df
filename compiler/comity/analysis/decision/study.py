"""A study: one root (a record, or the parameters of a function), its space, and what is asked of it.

First everything is translated, then `settle` fixes the cells, then questions are asked. They all end in `find`: an
input in a region, outside some covers. The answer is a `Witness`, None (proved: there is none), or `Undecided` raised.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from math import inf
from typing import TypeVar

from comity.analysis import limits
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.propositional.cases import cases
from comity.analysis.propositional.holes import Holes
from comity.analysis.space.assignments import PointSet
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, disjoint, meet, narrowed, outside
from comity.analysis.space.facts import AS_OF
from comity.analysis.space.formulas import NO, Axis, Formula, Tri, not_, or_
from comity.analysis.space.models import models
from comity.analysis.space.symbols import Choice, PartyFacts, RecordFact, Symbol, just
from comity.analysis.translate.translate import Reads, Translator
from comity.analysis.witness.build import WitnessBuilder
from comity.analysis.witness.conflicts import Conflict, Unsure
from comity.base.interruption import check_interrupted
from comity.core.interpret import Interpreter
from comity.runtime.light import dataclass
from comity.runtime.types import AbsentType, Field, ListType, PerPartyType, RecordType, SetType, Type
from comity.terms import THIS

Found = TypeVar("Found")

SIMPLER = "write the condition more simply"


class Undecided(Exception):
    """A question was not settled; ``why`` in the author's terms, and what would help."""

    def __init__(self, why: str, help: str = SIMPLER) -> None:
        self.why = why
        self.help = help


class Anew(Exception):
    """What was made of the rules before does not serve for the changed ones."""


class OutOfSteps(Undecided):
    """The search took too long."""

    def __init__(self) -> None:
        super().__init__("the search took too many steps", "split the rule, or write its condition more simply")


class Exhausted(OutOfSteps):
    """The whole question took too long: it is not to be tried in another way."""


@dataclass(frozen=True, slots=True)
class Witness:
    """An input, and the box around it in which what was asked holds. ``facts`` is None where nobody wanted them.

    ``assumed``: what nothing is known of and the input was supposed to be, so that it shows something only if that is
    seen when it is decided.
    """

    region: Box
    facts: Mapping[str, object] | None = None
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class _Built:
    """What came of turning a region into facts, what was ``learnt`` by it, and how many ``steps`` it took."""

    region: Box
    made: Mapping[str, object] | Conflict | Unsure
    learnt: tuple[Box, ...]
    steps: int


class Study:
    """One root. ``examples``: values that witnesses should rather have, by path. ``test_inputs``: inputs there are."""

    def __init__(
        self,
        interpreter: Interpreter,
        root: RecordType | Sequence[tuple[str, Type]],
        examples: Mapping[tuple[str, ...], object] | None = None,
        test_inputs: Sequence[TestInput] = (),
    ) -> None:
        self.test_inputs = test_inputs
        self.revised = False
        """Conditions have been revised: questions are asked again of what others have found out by now."""
        self.renumbered = False
        """Axes that are made for boxes are not in the order of a study that is made anew."""
        self.is_out_of_order = False
        """What is being asked has found something where a study that is made anew might find something else."""
        self.decided: Callable[[int, str], str | None] = lambda _place, _decision: None
        """What decisions about the record say of a test input, by its number."""
        self.interpreter = interpreter
        self.root = root
        self.translator = Translator(interpreter, root)
        self.space = self.translator.space
        self.env = self.translator.env
        self._built: dict[tuple[frozenset[tuple[int, int]], int], _Built] = {}
        self.lessons: dict[str, Callable[[], list[Box]]] = {}
        """What the questions about single rules have found to be impossible, by decision in their order."""
        self.depending: set[int] = set()
        """The axes whose meaning depends on decisions that have changed, and not all was asked again because of it."""
        self._steps_left = inf
        """Steps that are left to the question; without limit where none has begun."""
        self._deciding: tuple[int, set[int]] | None = None
        """How many axes there were, and those of them whose meaning depends on a decision."""
        self._examples = examples or {}
        for name, type in [(THIS, root)] if isinstance(root, RecordType) else root:
            self._keep_always(type, self.env[name])

    # ----------------------------------------------------------------------------------- background

    def _keep_always(self, type: Type, value: Choice) -> None:
        """No input breaks an `always` line, of the record or of one in it. A line that is unknown is not broken."""
        self.space.exclude(self._breaks(type, value).true)

    def _breaks(self, type: Type, value: Choice) -> Tri:
        """Whether a value breaks a line."""
        if not self.translator.program.has_always(type):
            return NO
        match type:
            case AbsentType(element=element):
                return self._breaks(element, value)
            case ListType(element=element) | SetType(element=element):
                return self.translator.sets.some(value, lambda each: self._breaks(element, each))
            case PerPartyType(element=element):
                return value.asks(lambda symbol: self._party_breaks(element, symbol))
            case RecordType():
                return value.asks(lambda symbol: self._record_breaks(type, symbol))
            case _:
                return NO

    def _party_breaks(self, element: Type, symbol: Symbol) -> Tri:
        if not isinstance(symbol, PartyFacts):
            return NO
        facts = self.translator.facts
        return or_([self._breaks(element, facts.of_party(symbol, party)) for party in facts.parties])

    def _record_breaks(self, type: RecordType, symbol: Symbol) -> Tri:
        translator = self.translator
        if not isinstance(symbol, RecordFact):
            return NO
        lines = translator.program.always.get(f"{type.module}.{type.name}", ())
        parts = [not_(translator.truth(line.condition, {THIS: just(symbol)})) for line in lines]
        parts += [self._breaks(declared.type, translator.field(symbol, declared.name)) for declared in type.fields]
        return or_(parts)

    def settle(self) -> None:
        """Fix the cells; nothing may be translated after this."""
        self.space.settle()
        special: list[Axis] = list(self.translator.findings.values())
        if self.translator.day.path == (AS_OF,):
            special.append(self.translator.day)
        if isinstance(self.root, RecordType):
            fields: Sequence[Field] = self.root.fields
        else:
            fields = [Field(name, type, optional=True) for name, type in self.root]
        parties = self.translator.program.party_names
        self._new_builder = partial(WitnessBuilder, self.translator.facts, fields, special, parties, self._examples)
        self.builder = self._new_builder()

    def revise(self, decisions: Mapping[str, Collection[int]], names: Collection[str], reads: Reads) -> None:
        """As `Translator.revise`."""
        self.translator.revise(decisions, names, reads)
        self._forget(decisions)
        self.builder = self._new_builder()

    def _forget(self, decisions: Collection[str]) -> None:
        """Forget what was made of regions whose meaning depends on decisions."""
        depending = self.space.depending(decisions)
        self.depending |= depending
        if depending:
            self._built = {
                key: known
                for key, known in self._built.items()
                if all(depending.isdisjoint(box) for box in (known.region, *known.learnt))
            }

    @property
    def deciding(self) -> set[int]:
        """The axes whose meaning depends on any decision."""
        axes = len(self.space.axes)
        if self._deciding is None or self._deciding[0] != axes:
            self._deciding = axes, self.space.depending(self.space.decided.values())
        return self._deciding[1]

    def forget_test_points(self) -> None:
        """A decision says something else of a test input."""
        if "test_points" in self.__dict__:
            self.test_points.forget(self.depending)

    def shown_by(self, ask: Callable[[], Found | None]) -> Found | None:
        """What a question finds that is shown to the author, or leaves open, as `require_order`."""
        try:
            found = ask()
        except Undecided:
            self.require_order()
            raise
        if found is not None:
            self.require_order()
        return found

    @property
    def keeps_order(self) -> bool:
        """What is found is what a study finds that is made anew."""
        return not (self.revised and self.renumbered)

    def require_order(self) -> None:
        """What is found now will be shown. Where a study that is made anew might find something else (another input
        that shows the same, as its axes have other numbers), that is noted: `Findings` keeps such a finding as
        provisional.
        """
        if not self.keeps_order:
            self.is_out_of_order = True

    # ------------------------------------------------------------------------------------- questions

    def find(self, region: Box, covers: Iterable[Box] = (), facts: bool = False) -> Witness | None:
        """An input in ``region`` and in none of ``covers``. With ``facts`` it is spelt out."""
        check_interrupted()
        space = self.space
        near = [box for box in covers if not disjoint(box, region)]
        unsure: Unsure | None = None
        budget = Budget(limits.current.outside_steps)
        holes: Holes | None = None
        for _ in range(limits.current.solver_models):
            found: Box | None = None
            if holes is None:
                try:
                    found = outside(region, chain(near, space.impossible), space.full, budget)
                except OutOfBudget:
                    holes = Holes(space, region, limits.current.solver_conflicts)
            if holes is not None:
                try:
                    found = holes.outside(chain(near, space.impossible))
                except OutOfBudget:
                    raise OutOfSteps from None
            if found is None:
                if unsure is not None:
                    raise Undecided(unsure.why, unsure.help or SIMPLER)
                return None
            if not facts and not self.depends_on_more(found):
                return Witness(found)
            try:
                return Witness(found, self._build(found))
            except Conflict as conflict:
                space.learn(conflict.box)
            except Unsure as caught:
                if facts and caught.facts is not None:
                    return Witness(found, caught.facts, caught.why)
                unsure = caught
                near.append(found)
        raise OutOfSteps

    def _build(self, region: Box) -> Mapping[str, object]:
        """As `WitnessBuilder.build`; remembered of the same region after the same lessons, with what was learnt."""
        space = self.space
        key = frozenset(region.items()), space.lesson
        known = self._built.get(key)
        self.spend(0)
        if known is None:
            learnt, before = len(space.learnt), self.builder.steps
            made: Mapping[str, object] | Conflict | Unsure
            try:
                made = self.builder.build(region)
            except (Conflict, Unsure) as caught:
                made = caught
            steps = self.builder.steps - before
            known = self._built[key] = _Built(region, made, tuple(space.learnt[learnt:]), steps)
        else:
            for box in known.learnt:
                space.learn(box)
        if isinstance(known.made, Conflict | Unsure):
            self.spend(known.steps + limits.current.vain_model)
            raise known.made
        self.spend(known.steps)
        return known.made

    def begin(self, lessons: Iterable[Box] = ()) -> None:
        """Another question is asked: it has taken no steps, and knows no more than ``lessons``."""
        self.space.start(lessons)
        self._steps_left = limits.current.question_steps

    def spend(self, steps: int) -> None:
        """Note steps that a question has taken. Raises `Exhausted`."""
        self._steps_left -= steps
        if self._steps_left < 0:
            raise Exhausted

    def narrowed(self, region: Box) -> Box | None:
        """The region without what is impossible, as far as that is seen at once; None if nothing is left."""
        left = narrowed(region, self.space.impossible, self.space.full)
        return None if left is None else left[0]

    def clear(self, region: Box, covers: Sequence[Box] = (), steps: int | None = None) -> Box | None:
        """A part of the region outside ``covers`` and all that is known to be impossible; None if there is none.

        Where that is not seen within ``steps`` (`limits.outside_steps`), the region itself.
        """
        return self.left_of(region, chain(covers, self.space.impossible), steps)

    def left_of(self, region: Box, covers: Iterable[Box], steps: int | None = None) -> Box | None:
        """As `clear`, outside ``covers`` alone."""
        check_interrupted()
        budget = Budget(limits.current.outside_steps if steps is None else steps)
        try:
            return outside(region, covers, self.space.full, budget)
        except OutOfBudget:
            return region

    def depends_on_more(self, region: Box) -> bool:
        """Some axis of the region is not a fact, so whether an input lies in it is still open."""
        space = self.space
        return any(
            n in space.recipes or n in space.element_atoms or n in space.opaque or n in space.named for n in region
        )

    def shown(self, formula: Formula) -> bool:
        """Some input that the author wrote down meets the formula."""
        return bool(self.test_points.holds(formula))

    @cached_property
    def test_points(self) -> PointSet:
        """The test inputs as points, by number."""
        points = [each.point(self.space, partial(self.decided, place)) for place, each in enumerate(self.test_inputs)]
        return PointSet(self.space, points)

    def satisfy(self, formula: Formula, facts: bool = False, within: Box | None = None) -> Witness | None:
        """An input that meets a formula."""
        within = within or {}
        try:
            return self._first(self._models(formula, within), facts)
        except OutOfBudget:
            pass
        try:
            return self._first(cases(self.space, within, [formula]), facts)
        except OutOfBudget:
            raise Undecided("the condition has too many cases") from None

    def _first(self, boxes: Iterable[Box], facts: bool) -> Witness | None:
        """An input in one of the boxes."""
        undecided: Undecided | None = None
        for box in boxes:
            try:
                found = self.find(box, facts=facts)
            except Exhausted:
                raise
            except Undecided as caught:
                undecided = caught
                continue
            if found is not None:
                return found
        if undecided is not None:
            raise undecided
        return None

    def _models(self, formula: Formula, within: Box) -> Iterator[Box]:
        """Its cases, one by one. Raises OutOfBudget where they are very many."""
        if formula.boxes is not None:
            yield from (met for box in formula.boxes if (met := meet(box, within)) is not None)
            return
        steps = int(min(limits.current.case_steps, self._steps_left / 2))
        budget = Budget(steps)
        try:
            yield from models(self.space, within, [formula], budget, limits.current.foresight)
        finally:
            self._steps_left -= steps - budget.left
