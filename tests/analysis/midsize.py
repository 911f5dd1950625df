"""Random policies of some dozens of rules, and what z3 says of them: an encoding that shares nothing with the engine.

All facts are known and numbers here. A rule is a conjunction of tests; later rules may prevail over or disapply earlier
ones. Whether some input makes a formula true is then one question to the solver.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any

from comity.core.ast import Program

from .brute import Key
from .written import compiled

OUTCOMES = ("ban", "ask", "free")
COLOURS = tuple(f"c{n}" for n in range(8))
HEAD = f"""\
use std.countries: *

enum Colour:
{"".join(f"    {colour}{chr(10)}" for colour in COLOURS)}
record Case as of day:
    c: Colour
    d: Colour
    n: Int
    m: Int
    a: Bool
    day: Date
    always n >= 0

decision permit for Case:
    outcomes:
        ban
        ask
        free
    otherwise free

"""


@dataclass(frozen=True)
class Test:
    """One test as written, and as the solver has it: of the facts by name."""

    text: str
    meaning: Callable[[Any, dict[str, Any]], Any]


@dataclass
class Rule:
    tests: list[Test]
    outcome: str
    subject_to: list[int] = field(default_factory=list)
    disapplies: list[int] = field(default_factory=list)

    def text(self, number: int) -> str:
        lines = [f"rule r{number} for permit:"]
        for clause, targets in (("subject to", self.subject_to), ("disapplies", self.disapplies)):
            if targets:
                lines.append(f"    {clause} {', '.join(f'r{target}' for target in targets)}")
        lines += ["    when all:", *(f"        {test.text}" for test in self.tests), f"    then {self.outcome}"]
        return "\n".join(lines) + "\n\n"


def policy(seed: int, size: int) -> tuple[Program, list[Rule]]:
    random = Random(seed)
    rules: list[Rule] = []
    for number in range(size):
        made = Rule([_test(random) for _ in range(random.randint(2, 4))], random.choice(OUTCOMES))
        for each in random.sample(range(number), min(number, random.randint(0, 6))):
            if random.random() < 0.1:
                made.disapplies.append(each)
            else:
                rules[each].subject_to.append(number)
        rules.append(made)
    program, errors = compiled(HEAD + "".join(rule.text(n) for n, rule in enumerate(rules)), {})
    assert program is not None, errors[0].message
    return program, rules


def _test(random: Random) -> Test:
    match random.randrange(6):
        case 0 | 1:
            name, chosen = random.choice("cd"), random.sample(range(len(COLOURS)), random.randint(1, 5))
            text = f"{name} in {{{', '.join(COLOURS[n] for n in chosen)}}}"
            return Test(text, lambda z3, facts: z3.Or([facts[name] == n for n in chosen]))
        case 2:
            name, low = random.choice("nm"), random.randint(-5, 40)
            high = low + random.randint(0, 30)
            return Test(f"{name} in {low}..{high}", lambda z3, facts: z3.And(facts[name] >= low, facts[name] <= high))
        case 3:
            bound = random.randint(-10, 60)
            if random.random() < 0.5:
                return Test(f"n + 2 * m <= {bound}", lambda z3, facts: facts["n"] + 2 * facts["m"] <= bound)
            return Test(f"n - m > {bound}", lambda z3, facts: facts["n"] - facts["m"] > bound)
        case 4:
            if random.random() < 0.5:
                return Test("a", lambda z3, facts: facts["a"] == 1)
            return Test("c == d", lambda z3, facts: facts["c"] == facts["d"])
        case _:
            day = random.randint(1, 28)
            return Test(f"day >= 2022-03-{day:02}", lambda z3, facts: facts["day"] >= day)


def expected(rules: Sequence[Rule], z3: Any) -> set[Key]:
    """L201, L202, L203 and L204, from one question to the solver each."""
    facts = {name: z3.Int(name) for name in ("c", "d", "n", "m", "a", "day")}
    solver = z3.Solver()
    for name in "cd":
        solver.add(facts[name] >= 0, facts[name] < len(COLOURS))
    solver.add(facts["n"] >= 0, facts["a"] >= 0, facts["a"] <= 1)
    own = [z3.And([test.meaning(z3, facts) for test in rule.tests]) for rule in rules]

    def possible(formula: Any) -> bool:
        solver.push()
        solver.add(formula)
        answer = solver.check()
        solver.pop()
        assert answer != z3.unknown
        return bool(answer == z3.sat)

    def remaining(without: int | None) -> tuple[list[Any], list[Any]]:
        applies = [z3.BoolVal(False)] * len(rules)
        for number in reversed(range(len(rules))):
            if number != without:
                by = [applies[n] for n, rule in enumerate(rules) if number in rule.disapplies and n != without]
                applies[number] = z3.And(own[number], z3.Not(z3.Or(by)))
        return [
            z3.And(here, z3.Not(z3.Or([applies[n] for n in rules[number].subject_to])))
            for number, here in enumerate(applies)
        ], applies

    def said(remains: Sequence[Any]) -> list[Any]:
        """Which outcomes stand; where no rule remains, `free` does."""
        by = [z3.Or([here for here, rule in zip(remains, rules, strict=True) if rule.outcome == o]) for o in OUTCOMES]
        return [by[0], by[1], z3.Or(by[2], z3.Not(z3.Or(by)))]

    found: set[Key] = set()
    remains, applies = remaining(None)
    answer = said(remains)
    for number in range(len(rules)):
        name = f"r{number}"
        if not possible(applies[number]):
            found.add(("L202", name))
        elif not possible(remains[number]):
            found.add(("L203", name))
        else:
            other = said(remaining(number)[0])
            if not possible(z3.Or([one != two for one, two in zip(answer, other, strict=True)])):
                found.add(("L204", name))
    for one, two in combinations(range(len(rules)), 2):
        if rules[one].outcome != rules[two].outcome and possible(z3.And(remains[one], remains[two])):
            found.add(("L201", frozenset((f"r{one}", f"r{two}"))))
    return found
