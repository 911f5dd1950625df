"""All completions of the unknown own conditions of a decision's rules, as a diagram: where each gives one outcome.

Each rule's own condition is a variable, and they are settled independently of each other; so are the outcome of a rule
that refers to counsel for any, and (for `prevail by later`, where the day is unknown) since when a rule is in effect.

Example: `ban` when x; `ask` when y; `ask`, notwithstanding both, when z. With x false, y true and z unknown the answer
is `ask` in both completions, and with x true it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from comity.analysis import limits
from comity.analysis.space.formulas import Formula, Tri, or_
from comity.analysis.translate.diagrams import ALWAYS, NEVER, Diagram, Diagrams, TooLarge, Variable
from comity.analysis.translate.resolution import Claim, EdgeKind, Logic, after_grounds, applying, by_target, remaining
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.runtime.rules import RANKS

EDGES: tuple[EdgeKind, ...] = ("exception", "prevails", "disapplies")


Value = TypeVar("Value")


class Completions:
    """The completions of a decision on one record. Raises TooLarge.

    ``own``: where each rule's own condition is true and false. ``outcomes``: for a rule that may have any outcome,
    where counsel has certainly found each. ``since``: for a rule, the days (ordinals) since when it may be in effect,
    and where it certainly is since then.
    """

    def __init__(
        self,
        decision: core.Decision,
        own: Sequence[Tri],
        outcomes: Callable[[core.Rule], Mapping[str, Formula]],
        since: Callable[[core.Rule], Mapping[int, Formula]],
    ) -> None:
        variables: list[Variable] = []
        own_of: dict[int, int] = {}
        choices: dict[int, tuple[_Choice[str], _Choice[int]]] = {}
        for group in _in_order(decision):
            rule = decision.rules[group[0]]
            truth = or_(own[number] for number in group)
            own_of[rule.number] = len(variables)
            variables.append(Variable((truth.false, truth.true), not truth.never_unknown))
            choices[rule.number] = _choice(outcomes(rule), variables), _choice(since(rule), variables)
        if len(variables) > limits.current.diagram_variables:
            raise TooLarge
        diagrams = self.diagrams = Diagrams(variables, limits.current.diagram_nodes)
        logic = Logic(diagrams.all_of, diagrams.some_of, diagrams.negate)
        conditions = [
            diagrams.is_value(own_of[rule.number], 1) if rule.number in own_of else NEVER for rule in decision.rules
        ]
        remains = remaining(decision, applying(decision, conditions, logic), logic)
        claims = [
            Claim(number, outcome, rank_of(decision.rules[number]), day, diagrams.all_of((remains[number], a, b)))
            for number, (said, begun) in choices.items()
            for outcome, a in said.each(diagrams)
            for day, b in begun.each(diagrams)
        ]
        left = after_grounds(decision, claims, logic)
        present = {
            outcome: diagrams.some_of(claim.holds for claim in left if claim.outcome == outcome)
            for outcome in decision.outcomes.members
        }
        if decision.otherwise is not None:
            none = diagrams.negate(diagrams.some_of(present.values()))
            present[decision.otherwise] = diagrams.some_of((present[decision.otherwise], none))
        self._says = present

    def determined(self, outcome: str) -> Formula:
        """Where every completion gives the outcome."""
        others = [self.diagrams.negate(says) for other, says in self._says.items() if other != outcome]
        return self.diagrams.surely(self.diagrams.all_of((self._says[outcome], *others)))

    def excluded(self, outcome: str) -> Formula:
        """Where no completion gives the outcome, nor has it in a contradiction."""
        return self.diagrams.surely(self.diagrams.negate(self._says[outcome]))


class _Choice(NamedTuple, Generic[Value]):
    """Values of which a rule has one: which, if they are several, a variable tells."""

    values: tuple[Value, ...]
    variable: int

    def each(self, diagrams: Diagrams) -> list[tuple[Value, Diagram]]:
        """The values, and in which completions each is the one."""
        if len(self.values) == 1:
            return [(self.values[0], ALWAYS)]
        return [(value, diagrams.is_value(self.variable, place)) for place, value in enumerate(self.values)]


def _choice(certain: Mapping[Value, Formula], variables: list[Variable]) -> _Choice[Value]:
    """One of some values, with a variable of its own if they are several. ``certain``: where it surely is each."""
    if len(certain) > 1:
        variables.append(Variable(tuple(certain.values()), True))
    return _Choice(tuple(certain), len(variables) - 1)


def rank_of(rule: core.Rule) -> int:
    return 0 if rule.rank is None else RANKS.index(rule.rank) + 1


def _in_order(decision: core.Decision) -> list[list[int]]:
    """The rules in the order in which they are asked, those that only differ in their condition as one.

    What takes many rules away comes first, and what else takes a rule away just before that rule: so little of what was
    asked before must be remembered.
    """
    groups = _alike(decision)
    taken_by: list[list[int]] = [[] for _ in decision.rules]
    for kind in EDGES:
        for number, others in enumerate(by_target(decision.rules, kind)):
            taken_by[number] += others
    targets = {number: len({edge.target for edge in decision.rules[number].edges} & groups.keys()) for number in groups}
    placed = dict.fromkeys(number for number in groups if targets[number] > limits.current.early_targets)
    open_ = set(placed)
    for root in groups:
        waiting = [root]
        while waiting:
            number = waiting[-1]
            before = [other for other in taken_by[number] if other in groups and other not in open_]
            if number in open_ or not before:
                open_.add(number)
                placed.setdefault(waiting.pop())
            else:
                open_.add(number)
                waiting += reversed(before)
    return [groups[number] for number in placed]


def _alike(decision: core.Decision) -> dict[int, list[int]]:
    """The rules that have the same relations to others and show the same, each such group by its first."""
    rules = ruleset(decision)
    firsts: dict[object, int] = {}
    groups: dict[int, list[int]] = {}
    for rule in decision.rules:
        any_outcome = rule.refer is not None and rule.outcome is None
        begins = rules.rules[rule.number].begins if rules.by_day else ()
        key = (rules.relations[rule.number], rule.outcome, rule.rank, begins, rule.number if any_outcome else None)
        groups.setdefault(firsts.setdefault(key, rule.number), []).append(rule.number)
    return groups
