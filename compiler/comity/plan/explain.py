"""A plan in words: what `comity build --explain-plan` prints."""

from __future__ import annotations

from collections.abc import Iterator

from comity.plan.ast import Axis, DecisionPlan


def explain(plan: DecisionPlan) -> str:
    """The facts that a decision looks up, how many rules each tells apart, and the rules that are evaluated as code."""
    return "\n".join(_lines(plan))


def _lines(plan: DecisionPlan) -> Iterator[str]:
    yield f"{plan.decision}: {len(plan.rules)} rules, {len(plan.coded)} of them evaluated as code"
    for axis in plan.axes:
        yield f"  look up {axis.name}: tells {len(axis.asked)} rules apart, in {_cells(axis)} cells ({axis.kind})"
    for number in plan.coded:
        rule = plan.rules[number]
        after = ", ".join(plan.axes[place].name for place in rule.axes)
        yield f"  evaluate {rule.name}{f', where {after} leave it possible' if after else ''}"


def _cells(axis: Axis) -> int:
    if axis.kind == "steps":
        return 2 * len(axis.steps) + 1
    return len({*axis.true, *axis.false, *axis.unknown}) + 1
