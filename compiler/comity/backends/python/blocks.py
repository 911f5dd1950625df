"""The function that decides by blocks of rules (`runtime.blocks`), where rules are many and facts alone matter.

def settled(this, day):
    destination = this.destination
    eccn = this.eccn
    of, ask, row, by_day, by_destination, … = ECCN_BLOCKS[eccn]
    row = row & by_day[day] & by_destination[destination] & …
    if row & ask:
        row = asked(of, row, _conditions(), this, day)
    …
    return OUTCOMES[of, row, …]
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from comity.backends.python import trees
from comity.backends.python.names import Names
from comity.backends.python.trees import call, const, name
from comity.plan.ast import Axis
from comity.runtime.light import dataclass
from comity.runtime.types import EnumType

MOST_HOMES = 3
"""The most axes on which rules are at home: each is a block to look at for every input."""

AT_HOME = 0.25
"""A rule is at home on an axis only if this share of its cells, or less, leave it possible."""


_MIDDLING = 0.5
"""How many cells of an axis of days or amounts are held to leave a rule possible that asks it."""


@dataclass(frozen=True, slots=True)
class Located:
    """An axis of a file: what it is called there, and the expression of its fact."""

    target: str
    value: ast.expr
    axis: Axis


def homes(axes: Sequence[Located], size: int) -> tuple[Mapping[int, Sequence[int]], Sequence[int]]:
    """By the place of an axis, the rules at home on it; and the rules that are at home nowhere."""
    best: dict[int, tuple[float, int]] = {}
    for place, located in enumerate(axes):
        for rule, share in _shares(located.axis).items():
            if share <= AT_HOME:
                best[rule] = min(best.get(rule, (share, place)), (share, place))
    found: dict[int, list[int]] = defaultdict(list)
    for rule, (_, place) in sorted(best.items()):
        found[place].append(rule)
    kept = sorted(sorted(found, key=lambda place: (-len(found[place]), place))[:MOST_HOMES])
    housed = {rule for place in kept for rule in found[place]}
    return {place: found[place] for place in kept}, [rule for rule in range(size) if rule not in housed]


def _shares(axis: Axis) -> dict[int, float]:
    """For each rule that asks a fact with many values, the share of its cells that leave the rule possible."""
    if axis.kind not in ("members", "codes"):
        return {}
    cells = {*axis.true, *axis.false, *axis.unknown}
    count = len(cells) + 1
    if axis.fact is not None and isinstance(axis.fact.type, EnumType):
        count = len(axis.fact.type.members)
    times: dict[int, int] = dict.fromkeys(axis.asked, 0)
    held = set(axis.held)
    times |= dict.fromkeys(axis.held, count)
    for numbers in (*axis.true.values(), *axis.unknown.values()):
        for rule in numbers:
            times[rule] += rule not in held or axis.kind == "codes"
    for numbers in axis.false.values():
        for rule in numbers:
            times[rule] -= 1
    return {rule: number / count for rule, number in times.items()}


def settled(
    axes: Sequence[Located],
    size: int,
    coded: bool,
    given: Sequence[str],
    names: Names,
    listed: Callable[[Sequence[int]], ast.expr],
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The blocks of a file, and the body of the function. ``coded``: some rules have conditions that are evaluated.
    ``given``: the parameters of these. ``names``: those of the file. ``listed``: how it has numbers.
    """
    inside = Names((*names.taken, *given, "this", "day"))
    values = [inside.claim(located.target.strip("_").lower()) for located in axes]
    body = [trees.assign(value, located.value) for value, located in zip(values, axes, strict=True)]
    statements: list[ast.stmt] = []
    mask = name("_CODED") if coded else const(0)
    key: list[ast.expr] = []

    shares = [_shares(located.axis) for located in axes]

    def ordered(rules: Sequence[int], besides: int | None) -> list[int]:
        """The axes that some of these rules ask, those first that leave fewest of them possible."""
        left = {
            place: sum(shares[place].get(rule, _MIDDLING) if rule in asked[place] else 1.0 for rule in rules)
            for place in range(len(axes))
            if place != besides and not asked[place].isdisjoint(rules)
        }
        return sorted(left, key=lambda place: (left[place], place))

    def look_up(found: ast.expr, places: Sequence[int], suffix: str) -> None:
        rows = {place: inside.claim(f"by_{values[place]}") for place in places}
        block, low, ask, row = (inside.claim(f"{each}_{suffix}") for each in ("rules", "possible", "coded", "row"))
        targets = [ast.Name(each, ast.Store()) for each in (block, low, ask, row, *rows.values())]
        body.append(ast.Assign([ast.Tuple(list(targets), ast.Store())], found))

        def narrowed(places: Sequence[int]) -> list[ast.stmt]:
            said: ast.expr = name(row)
            for place in places:
                said = ast.BinOp(said, ast.BitAnd(), trees.subscript(rows[place], name(values[place])))
            return [trees.assign(row, said)] if places else []

        body.extend(narrowed(places[:1]))
        inner = narrowed(places[1:])
        if coded:
            answered = call("asked", name(block), name(row), call("_conditions"), *map(name, given))
            inner.append(ast.If(ast.BinOp(name(row), ast.BitAnd(), name(ask)), [trees.assign(row, answered)], []))
        none = [trees.assign(block, trees.NONE), trees.assign(row, const(0))]
        body.append(ast.If(ast.BinOp(name(row), ast.BitAnd(), name(low)), inner or [ast.Pass()], none))
        key.extend((name(block), name(row)))

    asked = [set(located.axis.asked) for located in axes]
    housed, left = homes(axes, size)
    for place, rules in housed.items():
        others = ordered(rules, place)
        target = names.claim(f"{axes[place].target}_BLOCKS")
        at_home = names.claim(f"{axes[place].target}_HOME")
        statements.append(trees.assign(at_home, listed(rules)))
        read = trees.tuple_of(name(axes[other].target) for other in others)
        statements.append(trees.assign(target, call("Blocks", name(axes[place].target), name(at_home), read, mask)))
        look_up(trees.subscript(target, name(values[place])), others, values[place])
    if left:
        target, others = names.claim("OTHER_RULES"), ordered(left, None)
        read = trees.tuple_of(name(axes[other].target) for other in others)
        statements.append(trees.assign(target, call("homeless", listed(left), read, mask)))
        look_up(name(target), others, "others")
    outcomes = names.claim("OUTCOMES")
    statements.append(trees.assign(outcomes, call("Outcomes", name("ruleset"))))
    body.append(trees.returns(trees.subscript(outcomes, trees.tuple_of(key))))
    return statements, body


__all__ = ["Located", "homes", "settled"]
