"""Random policies of the ordinary kind: a base rule, exceptions to it and to each other, rules that disapply some,
facts that may be unknown, sets, lists of records and dates. They are far too large for brute force, so what is found
by boxes first is held to what the solver finds alone, and nothing may be left open.
"""

from __future__ import annotations

from random import Random

from comity.analysis import limits
from comity.analysis.limits import SOLVER_ALONE
from comity.analysis.program import analyse
from comity.base.diagnostics import Diagnostic
from comity.core import ast as core

from .written import compiled

COUNTRIES = ("US", "DE", "RU", "BY", "CN", "KP")
OUTCOMES = ("denied", "license", "free")

HEAD = """use std.countries: *

enum Good:
    chips
    lasers
    drones
    engines
    pumps

enum Role:
    buyer
    user

record Party:
    role: Role
    country: Country
    listed: Bool?

record Case as of date:
    date: Date
    goods: set of Good
    parties: list of Party
    to: Country
    value: Int
    always value >= 0
"""


def policy(seed: int, rules: int = 10) -> str:
    """The text of one policy, the same for its seed everywhere."""
    random = Random(seed)
    facts = [f"q{number}" for number in range(rules)]
    text = [HEAD + "".join(f"    {fact}: Bool?\n" for fact in facts), "decision verdict for Case:\n    outcomes:"]
    text += [f"        {outcome}" for outcome in OUTCOMES]
    text += random.choice([[], ["    prevail denied over license"], ["    prevail by restriction"]])
    text.append("    otherwise free")
    for number in range(rules):
        text += ["", f"rule r{number} for verdict:", *_window(random), *_relation(random, number)]
        lines = [_line(random, facts) for _ in range(random.randint(1, 3))]
        text += ["    when all:", *(f"        {line}" for line in lines)]
        if random.random() < 0.2:
            text.append(f"    unless {_line(random, facts)}")
        text.append(f"    then {random.choice(OUTCOMES)}")
    text += ["", "prove claim for verdict:", f"    given {_line(random, facts)}", "    then outcome != free"]
    return "\n".join(text) + "\n"


def _window(random: Random) -> list[str]:
    return [f"    from 20{random.randint(20, 24)}-01-01"] if random.random() < 0.2 else []


def _relation(random: Random, number: int) -> list[str]:
    """How a rule stands to earlier ones."""
    if not number or random.random() < 0.2:
        return []
    others = sorted(random.sample(range(number), min(number, random.randint(1, 2))))
    named = ", ".join(f"r{other}" for other in others)
    return [f"    {random.choice(('exception to', 'exception to', 'notwithstanding', 'disapplies'))} {named}"]


def _line(random: Random, facts: list[str]) -> str:
    fact = random.choice(facts)
    good = random.choice(("chips", "lasers", "drones", "engines", "pumps"))
    among = ", ".join(sorted(random.sample(COUNTRIES, 3)))
    return random.choice(
        (
            fact,
            f"not {fact}",
            f"{fact} or {random.choice(facts)}",
            f"{fact} is known",
            f"{good} in goods",
            f"{fact} and {good} in goods",
            f"to in {{{among}}}",
            f"value > {random.randint(1, 4)}_000",
            f"any p in parties: p.country in {{{among}}} and p.listed",
            f"no p in parties: p.role == user and p.country in {{{among}}}",
        )
    )


def wrong(seed: int, rules: int = 10) -> str | None:
    """What is wrong with the findings about a policy, if anything is."""
    program, errors = compiled(policy(seed, rules), {})
    if errors or program is None:
        return f"the policy has errors: {errors[0].message}"
    found = analyse(program)
    left_open = [each.message for each in found if each.code == "L200" and each.witness is None]
    if left_open:
        return left_open[0]
    alone = by_solver_alone(program)
    differing = _keys(found) ^ _keys(alone)
    return f"boxes and solver differ: {sorted(differing)}" if differing else None


def by_solver_alone(program: core.Program) -> list[Diagnostic]:
    """The findings if no question is put to the search by boxes."""
    with limits.changed(**SOLVER_ALONE):
        return analyse(program)


def _keys(found: list[Diagnostic]) -> set[tuple[str, int, tuple[str, ...]]]:
    """What is found where. Which answer is in the way of a claim may be another one."""
    return {(each.code, each.span.start, each.subjects) for each in found}
