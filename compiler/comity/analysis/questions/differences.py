"""What L204 and L205 ask: does the answer change without some rules, or without a clause?

For example, without `rule chips` an input that `rule russia` also decides, with the same outcome, gets the same
answer: `makes_no_difference` sees that from the boxes alone, since `russia` is true throughout and stands in for
`chips`. Where it takes the solver, `require_difference` makes two readings of the rules, with `chips` and without, and
requires that some outcome is possible by one of them and impossible by the other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from comity.analysis.decision.deduction import Deduction, Outcomes, Side, several
from comity.analysis.decision.extents import Dropped, Standing
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.propositional.gates import FALSE, Gates
from comity.analysis.questions.solve import first, outcomes_left
from comity.analysis.space.axes import bits
from comity.runtime.rules import mask_of


def require_difference(deduction: Deduction, other: Side) -> None:
    """Require that another reading of the rules gives another answer.

    An answer is known by which outcomes there are in some way, whether there is a way without any, and whether there
    is one in which they do not contradict each other. So answers differ iff one of these is so in some way by one
    reading, and in no way by the other. That way says something else by the other reading.
    """
    gates = deduction.gates
    way = deduction.some_way()
    said = [
        deduction.whole.outcomes(gates, way),
        other.outcomes(gates, deduction.in_same_way(way, other)),
    ]
    features: list[Callable[[Gates, Outcomes], int]] = [partial(_says, outcome=outcome) for outcome in said[0]]
    features.append(lambda gates, said: several(gates, said) ^ 1)
    options: list[int] = []
    for feature in features:
        one, two = (feature(gates, each) for each in said)
        for here, there, reading in ((one, two, other), (two, one, deduction.whole)):
            if FALSE in (here, there ^ 1):
                continue
            option = gates.solver.new()
            gates.require(option ^ 1, here)
            gates.require(option ^ 1, there ^ 1)
            deduction.always(reading, feature, option)
            options.append(option)
    gates.require(*options)


def _says(gates: Gates, said: Outcomes, outcome: str | None) -> int:
    return said[outcome]


def makes_no_difference(search: DecisionSearch, dropped: Dropped, standing: Standing) -> bool:
    """Seen without settling what is open: what is dropped changes nothing in the whole region."""
    may, sure = outcomes_left(search, standing)
    without = Standing(standing.region, *(mask & ~dropped.rules for mask in standing.masks))
    if not dropped.clauses:
        may_without, sure_without = outcomes_left(search, without)
        if sure and sure_without and may == may_without and len(may) == 1:
            return True
        alive = standing.true | standing.unknown | standing.open
        return all(_stood_in_for(search, number, dropped, standing) for number in bits(dropped.rules & alive))
    return False


def _stood_in_for(search: DecisionSearch, rule: int, dropped: Dropped, standing: Standing) -> bool:
    """Another rule, whose own condition is true throughout, does all that this one does wherever this one applies."""
    return any(_stands_in(search, other, rule) for other in bits(standing.true & ~dropped.rules))


def _stands_in(search: DecisionSearch, other: int, rule: int) -> bool:
    """Where both own conditions hold and ``rule`` applies, ``other`` applies, says the same, defeats and disapplies
    no less, and is itself defeated or disapplied by nothing else.
    """
    rules = search.ruleset
    one, two = rules.rules[other], rules.rules[rule]
    if two.outcome is not None and one.outcome != two.outcome:
        return False
    if two.refers or one.refers:
        return False
    if any(ground.kind in ("rank", "later") for ground in rules.grounds) and (one.rank, one.begins) != (
        two.rank,
        two.begins,
    ):
        return False
    excepted, own_excepted = rules.exception_to[other], rules.exception_to[rule]
    if excepted and (not own_excepted or own_excepted & ~excepted):
        return False
    return not (
        rules.disapplied_by[other] & ~rules.disapplied_by[rule]
        or (two.outcome is not None and rules.prevailed_by[other] & ~rules.prevailed_by[rule])
        or rules.prevails_over[rule] & ~rules.prevails_over[other]
        or mask_of(two.disapplies) & ~mask_of(one.disapplies)
        or rules.excepted_by[rule] & ~rules.excepted_by[other]
    )


def open_rule_for_difference(search: DecisionSearch, dropped: Dropped, standing: Standing) -> int:
    """The open rule to settle next: what is dropped, then what may stand in for it, then any."""
    own = standing.open & dropped.rules
    if own:
        return first(own)
    for rule in bits(dropped.rules):
        for other in bits(standing.open):
            if _stands_in(search, other, rule):
                return other
    return first(standing.open)
