"""Random policies in which decisions read others: their outcomes, and which of their rules apply or decide.

The first has more rules than are spelt out where it is read, related to each other in every way, with conditions that
may be unknown; so what it says is often determined although it is unknown which of its rules apply. Brute force goes
through all inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from .written import Written, compiled

FACTS = ("a", "b", "c", "d", "e")
LIKELY = {"exception to": 0.3, "notwithstanding": 0.35, "disapplies": 0.15}


def reading(seed: int) -> Written:
    """The policy of a seed. One that has errors (a circle of precedence, say) is not used: another is made."""
    for attempt in range(50):
        text = _Author(Random(f"reading {seed}.{attempt}")).text()
        program, errors = compiled(text, {})
        if program is not None:
            values = dict.fromkeys(FACTS, (False, True, None))
            return Written(program, values, (None,), text, {})
        unexpected = [each for each in errors if each.code not in ("E110", "E011")]
        assert not unexpected, (unexpected[0].code, unexpected[0].message, text)
    raise AssertionError(f"no program for seed {seed}")


class _Author:
    """Writes one program."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.said: list[str] = []
        """Conditions on the decisions so far."""

    def text(self) -> str:
        random = self.random
        parts = ["record Case:\n" + "".join(f"    {fact}: Bool?\n" for fact in FACTS)]
        sizes = [random.choice((6, 11, 12, 14)), random.randint(1, 4), random.randint(1, 3)]
        for number, count in enumerate(sizes[: random.choice((2, 2, 3))]):
            parts.append(self._decision(f"d{number}", count))
        chosen = random.choice(("ban", "ask", "ban, ask"))
        parts.append(f"prove claim for d1:\n    given {self._condition()}\n    then outcome in {{{chosen}}}\n")
        return "\n".join(parts)

    def _decision(self, name: str, count: int) -> str:
        random = self.random
        outcomes = ("ban", "ask", "free")[: random.choice((2, 3, 3))]
        lines = [f"decision {name} for Case:", "    outcomes:", *(f"        {each}" for each in outcomes)]
        if random.random() < 0.3:
            lines.append(f"    prevail {' over '.join(random.sample(outcomes, 2))}")
        if random.random() < 0.3:
            lines.append("    prevail by restriction")
        if random.random() < 0.8:
            lines.append(f"    otherwise {random.choice(outcomes)}")
        rules = [f"{name}_{number}" for number in range(count)]
        found = ["\n".join(lines) + "\n"]
        found += [self._rule(rule, name, outcomes, rules[:number]) for number, rule in enumerate(rules)]
        self.said += [f"{name} == {outcome}" for outcome in outcomes] * 2
        self.said += [f"{rule} {verb}" for rule in rules for verb in ("applies", "decides") if random.random() < 0.2]
        return "\n".join(found)

    def _rule(self, name: str, decision: str, outcomes: Sequence[str], before: Sequence[str]) -> str:
        random = self.random
        lines = [f"rule {name} for {decision}:"]
        others = random.sample(before, len(before))
        for clause, likely in LIKELY.items():
            if others and random.random() < likely:
                targets = [others.pop() for _ in range(random.randint(1, min(3, len(others))))]
                everything = clause == "notwithstanding" and random.random() < 0.15
                lines.append(f"    {clause} {'every other rule' if everything else ', '.join(sorted(targets))}")
        if random.random() < 0.9:
            lines.append(f"    when {self._condition()}")
        if random.random() < 0.2:
            lines.append(f"    unless {self._condition()}")
        return "\n".join((*lines, f"    then {random.choice(outcomes)}")) + "\n"

    def _condition(self) -> str:
        random = self.random
        said = [random.choice(self.said) if self.said and random.random() < 0.6 else random.choice(FACTS)]
        if random.random() < 0.4:
            said.append(random.choice(FACTS))
        said = [f"not ({each})" if random.random() < 0.25 else f"({each})" for each in said]
        return f" {random.choice(('and', 'or'))} ".join(said)
