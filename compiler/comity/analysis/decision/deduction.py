"""Questions about the rules of a decision, put to a SAT solver: where a search by boxes takes too many steps.

What rules say on an input is defined in two steps (`runtime.resolve`). A *way* settles every unknown condition; then
rules apply, prevail, and grounds are tried. The answer sums up all ways. So a question is of the form "on some input,
in some way this, and in every way that". *Some way* is a variable for each unknown condition. *Every way* starts with
two of them, all unknown conditions false and all true; where a model is refuted by another way, that way is added and
the solver goes on (counterexample-guided expansion). Mostly the first two are enough.

Example: `a` says x, `b` says y and prevails over `a`. Is there an input on which x is certain? Required is that x is
what is said if all that is unknown is false, and if it is true. A model may have `b` false, `a` true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from itertools import chain
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.extents import Mask, Standing
from comity.analysis.decision.search import DecisionSearch, Judge
from comity.analysis.decision.study import Exhausted, OutOfSteps, Undecided, Witness
from comity.analysis.propositional.gates import FALSE, TRUE, Encoding, Gates
from comity.analysis.propositional.sat import OutOfConflicts
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import Tri
from comity.runtime.light import dataclass
from comity.runtime.rules import RANKS, Ruleset, mask_of, union

Outcomes = dict[str | None, int]
"""For each outcome, the literal that it is said; for None, that nothing is."""


Region: TypeAlias = tuple[Box, Sequence[Box]]
"""A box without some others."""


def are_many(rules: Mask) -> bool:
    """There are too many rules for the solver."""
    return rules.bit_count() > limits.current.solver_rules


@dataclass(frozen=True, slots=True)
class Way:
    """What is settled on an input: own conditions by rule, and what else grounds ask for, as literals.

    ``named``: what counsel's finding names, by rule and outcome, for rules that refer for any outcome. ``days``: for
    each period between openings of windows, that the day lies in it.
    """

    own: Mapping[int, int]
    named: Mapping[int, Mapping[str, int]]
    days: Sequence[tuple[date | None, int]]


@dataclass(frozen=True, slots=True)
class Side:
    """One reading of the rules: ``without`` some of them, perhaps with fewer clauses, or with other own conditions."""

    ruleset: Ruleset
    without: Mask = 0
    replaced: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Literals of where own conditions are true, and not false."""

    def applying(self, gates: Gates, lower: Mapping[int, int], upper: Mapping[int, int]) -> tuple[dict[int, int], ...]:
        """The rules that certainly apply, and those that perhaps do, as `Ruleset.applying`."""
        rules = self.ruleset
        certain: dict[int, int] = {}
        perhaps: dict[int, int] = {}
        for level in (rules.free, *rules.dependent):
            for rule in bits(level):
                if upper.get(rule, FALSE) == FALSE or self.without >> rule & 1:
                    continue
                excepted, by = rules.exception_to[rule], list(bits(rules.disapplied_by[rule]))
                for found, own, targets, others in (
                    (certain, lower, certain, perhaps),
                    (perhaps, upper, perhaps, certain),
                ):
                    reached = gates.any_of(targets.get(t, FALSE) for t in bits(excepted)) if excepted else TRUE
                    found[rule] = gates.all_of((own[rule], reached, *(others.get(other, FALSE) ^ 1 for other in by)))
        return certain, perhaps

    def remaining(
        self, gates: Gates, certain: Mapping[int, int], perhaps: Mapping[int, int]
    ) -> tuple[dict[int, int], ...]:
        """Of the rules that apply, those that certainly and those that perhaps remain, as `Ruleset.remaining`."""
        by = self.ruleset.prevailed_by

        def remains(rule: int, applies: int, winners: Mapping[int, int]) -> int:
            return gates.all_of((applies, *(winners.get(other, FALSE) ^ 1 for other in bits(by[rule]))))

        return (
            {rule: remains(rule, applies, perhaps) for rule, applies in certain.items()},
            {rule: remains(rule, applies, certain) for rule, applies in perhaps.items()},
        )

    def left(self, gates: Gates, own: Mapping[int, int]) -> dict[int, int]:
        """The rules that remain where every own condition is settled."""
        applies = self.applying(gates, own, own)[0]
        return self.remaining(gates, applies, applies)[0]

    def outcomes(self, gates: Gates, way: Way) -> Outcomes:
        """What is said in a way, with `otherwise`."""
        rules = self.ruleset
        shown: list[tuple[str, int, int, int]] = []  # outcome, rank, day of effect, literal
        for rule, remains in self.left(gates, way.own).items():
            declared = rules.rules[rule]
            rank = RANKS.index(declared.rank) + 1 if declared.rank else 0
            named = {declared.outcome: TRUE} if declared.outcome else way.named.get(rule, {})
            for outcome, literal in named.items():
                for since, begun in _begun(gates, declared.begins, way.days):
                    shown.append((outcome, rank, since, gates.all_of((remains, literal, begun))))
        shown = [each for each in shown if each[3] != FALSE]
        for ground in rules.grounds:
            match ground.kind:
                case "over":
                    keys = [{ground.winner: 2, ground.loser: 1}.get(outcome, 0) for outcome, *_ in shown]
                case "restriction":
                    keys = [len(rules.outcomes) - rules.outcomes.index(outcome) for outcome, *_ in shown]
                case "rank":
                    keys = [rank + 1 for _, rank, *_ in shown]
                case "later":
                    keys = [since + 1 for *_, since, _ in shown]
            shown = _after_ground(gates, shown, keys)
        found: Outcomes = {
            outcome: gates.any_of(literal for said, *_, literal in shown if said == outcome)
            for outcome in rules.outcomes
        }
        nothing = gates.all_of(literal ^ 1 for literal in found.values())
        if rules.otherwise is not None:
            found[rules.otherwise] = gates.any_of((found[rules.otherwise], nothing))
            nothing = FALSE
        return {**found, None: nothing}


def _begun(gates: Gates, begins: Sequence[date], days: Sequence[tuple[date | None, int]]) -> list[tuple[int, int]]:
    """Since when a rule is in effect (0: ever), and where that is so."""
    found: dict[int, list[int]] = {}
    for day, literal in days if begins else ():
        begun = begins if day is None else [begin for begin in begins if begin <= day]
        found.setdefault(max((begin.toordinal() for begin in begun), default=0), []).append(literal)
    return [(since, gates.any_of(literals)) for since, literals in found.items()] or [(0, TRUE)]


def _after_ground(
    gates: Gates, shown: Sequence[tuple[str, int, int, int]], keys: Sequence[int]
) -> list[tuple[str, int, int, int]]:
    """What a ground leaves: among several outcomes, what no greater key is beside. A key of 0 loses to none."""
    found = []
    for (outcome, rank, since, literal), key in zip(shown, keys, strict=True):
        losses = []
        greater = [(other, each) for (other, *_, each), k in zip(shown, keys, strict=True) if k > key > 0]
        rivals = [each for other, each in greater if other != outcome]
        allies = [each for other, each in greater if other == outcome]
        if rivals:
            losses.append(gates.any_of(rivals))
        if allies:
            dispute = gates.any_of(each for other, *_, each in shown if other != outcome)
            losses.append(gates.all_of((gates.any_of(allies), dispute)))
        found.append((outcome, rank, since, gates.all_of((literal, *(loss ^ 1 for loss in losses)))))
    return found


def several(gates: Gates, said: Outcomes) -> int:
    """Two outcomes or more are said: a contradiction."""
    literals = [literal for outcome, literal in said.items() if outcome is not None and literal != FALSE]
    return gates.any_of(gates.all_of((one, two)) for number, one in enumerate(literals) for two in literals[:number])


def only(gates: Gates, said: Outcomes, outcome: str) -> int:
    """Just this outcome is said."""
    return gates.all_of(literal if each == outcome else literal ^ 1 for each, literal in said.items())


@dataclass(frozen=True, slots=True)
class _Always:
    """Where ``when`` holds, ``never`` is said in no way."""

    when: int
    side: Side
    never: Callable[[Gates, Outcomes], int]


class Deduction:
    """One question about the points of some regions, and about the rules ``among`` that meet these.

    Of more than `limits.exception_boxes` regions only that is taken: then what is required must say in which points
    there are.

    ``is_exact``: what is required is the whole question; if not, the judge looks at every model.
    """

    def __init__(self, search: DecisionSearch, regions: Sequence[Region], among: Mask) -> None:
        self.search = search
        self.near = union(search.meeting(region) & among for region, _ in regions)
        self._periods = search.day_periods
        self._open_ended = [rule for rule in search.open_ended if self.near >> rule & 1]
        windows = max((len(search.ruleset.rules[rule].begins) for rule in bits(self.near)), default=0)
        if are_many(self.near) or (windows > 1 and any(day is None for day, _ in self._periods)):
            raise OutOfSteps
        self.gates = Encoding(search.space, limits.current.solver_conflicts)
        self.whole = Side(search.ruleset)
        self.is_exact = True
        if len(regions) <= limits.current.exception_boxes:
            self.gates.require(*map(self._within, regions))
        self.bounds = {rule: self.encode(search.own(rule)) for rule in bits(self.near)}
        """For each rule, where its own condition is true, and where it is not false."""
        self._days = [(day, self.gates.cells(search.study.translator.day.number, mask)) for day, mask in self._periods]
        self._findings = {rule: self._finding(rule) for rule in self._open_ended}
        self._always: list[_Always] = []

    def _within(self, region: Region) -> int:
        box, holes = region
        return self.gates.all_of((self.gates.box(box), *(self.gates.box(hole) ^ 1 for hole in holes)))

    def encode(self, truth: Tri) -> tuple[int, int]:
        """Where a condition is true, and where it is not false."""
        true = self.gates.literal(truth.true)
        return true, true if truth.never_unknown else self.gates.literal(truth.false) ^ 1

    def _finding(self, rule: int) -> dict[str, int]:
        """That counsel's finding names an outcome, for a rule that may have any."""
        axis = self.search.finding(rule)
        return {o: self.gates.cells(axis.number, axis.cell_of(o)) for o in self.search.ruleset.outcomes}

    # ---------------------------------------------------------------------------------------- asking

    def applying(self) -> tuple[dict[int, int], ...]:
        """The rules that certainly apply, and those that perhaps do."""
        lower, upper = ({rule: pair[n] for rule, pair in self.bounds.items()} for n in (0, 1))
        return self.whole.applying(self.gates, lower, upper)

    def remaining(self) -> tuple[dict[int, int], ...]:
        """The rules that certainly apply without being prevailed over, and those that perhaps do."""
        return self.whole.remaining(self.gates, *self.applying())

    def decides_beside_others(self, rule: int) -> int:
        """The rule certainly remains, and whichever others do, grounds leave it: as `Claims.stands`."""
        gates, rules = self.gates, self.search.ruleset
        remains, may_remain = self.remaining()
        own = rules.rules[rule].outcome
        if own is None or self._open_ended or any(ground.kind in ("rank", "later") for ground in rules.grounds):
            self.is_exact = False
            return remains.get(rule, FALSE)
        rivals = {
            outcome: gates.any_of(literal for n, literal in may_remain.items() if rules.rules[n].outcome == outcome)
            for outcome in rules.outcomes
        }
        losses: list[int] = []
        for ground in rules.grounds:
            if ground.kind == "over":
                stronger = [ground.winner] if ground.loser == own else []
                weaker = [ground.loser] if ground.winner == own else []
            else:
                place = rules.outcomes.index(own)
                stronger, weaker = list(rules.outcomes[:place]), list(rules.outcomes[place + 1 :])
            losses += [rivals[outcome] for outcome in stronger]
            rivals.update(dict.fromkeys(weaker, FALSE))
        return gates.all_of((remains.get(rule, FALSE), *(loss ^ 1 for loss in losses)))

    def some_way(self) -> Way:
        """A way to settle everything."""
        gates = self.gates
        own = {rule: self._settle(*pair) for rule, pair in self.bounds.items()}
        options = {}
        for rule, findings in self._findings.items():
            options[rule] = {outcome: gates.solver.new() for outcome in findings}
            for clause in _exactly_one(list(options[rule].values())):
                gates.solver.add(clause)
        return self._way(own, options)

    def _settle(self, true: int, maybe: int) -> int:
        if true == maybe:
            return true
        return self.gates.any_of((true, self.gates.all_of((maybe, self.gates.solver.new()))))

    def in_same_way(self, way: Way, side: Side) -> Way:
        """The way for another reading of the rules: own conditions that are replaced there are settled as before
        where they are as certain as before.
        """
        gates, own = self.gates, dict(way.own)
        for rule, (true, maybe) in side.replaced.items():
            old_true, old_maybe = self.bounds[rule]
            same = gates.all_of((gates.differ(true, old_true) ^ 1, gates.differ(maybe, old_maybe) ^ 1))
            settled = self._settle(true, maybe)
            own[rule] = gates.any_of((gates.all_of((same, own[rule])), gates.all_of((same ^ 1, settled))))
        return Way(own, way.named, way.days)

    def _way(self, own: Mapping[int, int], options: Mapping[int, Mapping[str, int]]) -> Way:
        """``options``: which outcome a rule that may have any has, where no finding names it."""
        gates, named = self.gates, {}
        for rule, findings in self._findings.items():
            is_open = gates.all_of(literal ^ 1 for literal in findings.values())
            named[rule] = {
                outcome: gates.any_of((literal, gates.all_of((is_open, options[rule][outcome]))))
                for outcome, literal in findings.items()
            }
        return Way(own, named, self._days)

    def always(self, side: Side, never: Callable[[Gates, Outcomes], int], when: int = TRUE) -> None:
        """Require that in no way ``never`` is said, where ``when`` holds."""
        always = _Always(when, side, never)
        self._always.append(always)
        for unknown in (0, -1):
            self._expand(always, unknown, dict.fromkeys(self._open_ended, self.search.ruleset.outcomes[0]))

    def _expand(self, always: _Always, unknown: Mask, chosen: Mapping[int, str]) -> None:
        """Require it of the way in which these of the unknown conditions are true."""
        pairs = self.bounds | dict(always.side.replaced)
        own = {rule: pair[unknown >> rule & 1] for rule, pair in pairs.items()}
        options = {
            rule: {outcome: TRUE if outcome == chosen[rule] else FALSE for outcome in findings}
            for rule, findings in self._findings.items()
        }
        said = always.side.outcomes(self.gates, self._way(own, options))
        self.gates.require(always.when ^ 1, always.never(self.gates, said) ^ 1)

    # --------------------------------------------------------------------------------------- answering

    def find(self, judge: Judge, facts: bool) -> Witness | None:
        """An input that meets all that is required, and of which ``judge`` says yes. Raises Undecided."""
        gates, study = self.gates, self.search.study
        undecided: Undecided | None = None
        gates.exclude_impossible()
        try:
            for vain in range(limits.current.solver_models):
                if vain:
                    study.spend(limits.current.vain_model)
                if not gates.solver.solve():
                    if undecided is not None:
                        raise undecided
                    return None
                if self._is_refuted():
                    continue
                if judge(self._standing()) is not True:
                    self.is_exact = False
                    gates.solver.add([literal ^ 1 for literal in self._statuses()])
                    continue
                region = gates.region(self._statuses())
                try:
                    found = study.find(region, facts=facts)
                    if found is not None:
                        return found
                except Exhausted:
                    raise
                except Undecided as caught:
                    undecided = caught
                gates.exclude_impossible()
                gates.forbid(region)
        except OutOfConflicts:
            pass
        raise OutOfSteps

    def _statuses(self) -> list[int]:
        """What a model says of everything that it has been judged by, beyond what is required."""
        asked: list[int] = []
        for true, maybe in self.bounds.values():
            if not self.is_exact or (self._always and true != maybe):
                asked += (true, maybe)
        if not self.is_exact or self._always:
            asked += chain((literal for _, literal in self._days), *(f.values() for f in self._findings.values()))
            asked += chain(*(pair for always in self._always for pair in always.side.replaced.values()))
        return [literal if self.gates.solver.holds(literal) else literal ^ 1 for literal in asked]

    def _standing(self) -> Standing:
        """The status of each rule in the model."""
        holds = self.gates.solver.holds
        true = mask_of(rule for rule, pair in self.bounds.items() if holds(pair[0]))
        unknown = mask_of(rule for rule, pair in self.bounds.items() if holds(pair[1])) & ~true
        return Standing(self.gates.solver.region(), true, unknown, 0)

    def _is_refuted(self) -> bool:
        """In some way, which from now on is required to be none, something is said that never should be."""
        ways = [
            (each, way) for each in self._always if self.gates.solver.holds(each.when) for way in self._against(each)
        ]
        for always, (unknown, chosen) in ways:
            self._expand(always, unknown, chosen)
        return bool(ways)

    def _against(self, always: _Always) -> Iterator[tuple[Mask, dict[int, str]]]:
        """A way in which on the input of the model ``never`` is said, if there is one."""
        holds, gates = self.gates.solver.holds, Gates(limits.current.solver_conflicts)

        def constant(literal: int) -> int:
            return TRUE if holds(literal) else FALSE

        own = {
            rule: gates.solver.new() if holds(maybe) and not holds(true) else constant(true)
            for rule, (true, maybe) in (self.bounds | dict(always.side.replaced)).items()
        }
        named = {}
        for rule, findings in self._findings.items():
            named[rule] = {outcome: constant(literal) for outcome, literal in findings.items()}
            if TRUE not in named[rule].values():
                named[rule] = {outcome: gates.solver.new() for outcome in findings}
                for clause in _exactly_one(list(named[rule].values())):
                    gates.solver.add(clause)
        days = [(day, constant(literal)) for day, literal in self._days]
        gates.require(always.never(gates, always.side.outcomes(gates, Way(own, named, days))))
        if gates.solver.solve():
            chosen = {r: next(o for o, each in said.items() if gates.solver.holds(each)) for r, said in named.items()}
            yield mask_of(rule for rule, literal in own.items() if gates.solver.holds(literal)), chosen


def _exactly_one(literals: Sequence[int]) -> Iterator[Sequence[int]]:
    """The clauses of it."""
    yield literals
    for number, one in enumerate(literals):
        for two in literals[:number]:
            yield one ^ 1, two ^ 1
