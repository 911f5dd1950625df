"""How long the analysis takes on shapes that are hard to settle: `python benchmarks/hard.py`.

Each shape is ordinary for some kind of law and needs exponentially many boxes, or very many. Times are processor time
of one core, of the analysis alone. Prints the Markdown table of docs/performance.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "compiler"))

from comity.analysis.program import analyse
from comity.pipeline.driver import load_program

COUNTRIES = "RU CN BY DE FR GB JP KP IR US".split()
ROLES = "seller buyer carrier user".split()


def decision(outcomes: str, facts: str, rules: list[str], prevail: str = "") -> str:
    listed = "".join(f"        {outcome}\n" for outcome in outcomes.split())
    return (
        f"use std.countries: *\n{facts}\ndecision verdict for Case:\n    outcomes:\n{listed}{prevail}"
        f"    otherwise {outcomes.rsplit(maxsplit=1)[-1]}\n\n" + "\n".join(rules)
    )


def booleans(count: int) -> str:
    return "record Case:\n" + "".join(f"    f{number}: Bool?\n" for number in range(count))


def exceptions(random: Random) -> str:
    """64 exceptions to one rule, each on an unknown fact and a member of a set; two disapplied from a day on."""
    numbers = range(64)
    facts = "enum Good:\n" + "".join(f"    g{n}\n" for n in numbers) + "record Case as of date:\n    date: Date\n"
    facts += "    listed: Bool\n    got: set of Good\n" + "".join(f"    f{n}: Bool?\n" for n in numbers)
    rules = ["rule base for verdict:\n    when listed\n    then denied\n"]
    rules += [
        f"rule e{n} for verdict:\n    exception to base\n    when f{n} and g{n} in got\n    then license\n"
        for n in numbers
    ]
    rules += ["rule d for verdict:\n    from 2024-01-01\n    disapplies e0, e1\n    when listed and f2\n"]
    rules += ["prove never_free for verdict:\n    given listed\n    then outcome != free\n"]
    return decision("denied license free", facts, rules)


def clauses(random: Random) -> str:
    """40 rules of six alternatives, each any of three unknown facts out of 40."""
    rules = []
    for number in range(40):
        blocks = "".join(
            "        any:\n"
            + "".join(f"            {'not ' * (random.random() < 0.3)}f{f}\n" for f in random.sample(range(40), 3))
            for _ in range(6)
        )
        outcome = random.choice(("denied", "license", "free"))
        rules.append(f"rule r{number} for verdict:\n    when all:\n{blocks}    then {outcome}\n")
    return decision("denied license free", booleans(40), rules, "    prevail by restriction\n")


def repeated(random: Random) -> str:
    """20 rules, and 20 that repeat what holds otherwise, each on four unknown facts out of 20."""
    rules = []
    for number in range(40):
        lines = "".join(f"        {'not ' * (random.random() < 0.4)}f{f}\n" for f in random.sample(range(20), 4))
        outcome = ("denied", "free")[number % 2]
        rules.append(f"rule r{number} for verdict:\n    when all:\n{lines}    then {outcome}\n")
    return decision("denied free", booleans(20), rules, "    prevail denied over free\n")


def parties(random: Random) -> str:
    """40 rules of one to three quantifiers over the parties: a role, some countries, listed or owned."""
    facts = "enum Role:\n" + "".join(f"    {role}\n" for role in ROLES)
    facts += "record Party:\n    role: Role\n    country: Country\n    listed: Bool?\n    owned: Percent?\n"
    facts += "record Case:\n    parties: list of Party\n    always any p in parties: p.role == user\n"
    rules = []
    for number in range(40):
        lines = ""
        for _ in range(random.randint(1, 3)):
            among = ", ".join(sorted(random.sample(COUNTRIES, 3)))
            body = f"p.role == {random.choice(ROLES)} and p.country in {{{among}}}"
            body += random.choice(("", " and p.listed", " and p.owned >= 50%"))
            lines += f"        {random.choice(('any', 'no', 'all'))} p in parties: {body}\n"
        outcome = random.choice(("denied", "license"))
        rules.append(f"rule r{number} for verdict:\n    when all:\n{lines}    then {outcome}\n")
    return decision("denied license free", facts, rules, "    prevail denied over license\n")


def unordered(random: Random) -> str:
    """40 rules, an outcome each and none before another, on any of three unknown facts out of 40."""
    rules = []
    for number in range(40):
        any_of = " or ".join(f"f{fact}" for fact in random.sample(range(40), 3))
        rules.append(f"rule r{number} for verdict:\n    when {any_of}\n    then o{number}\n")
    return decision(" ".join(f"o{number}" for number in range(40)) + " free", booleans(40), rules)


def table(random: Random) -> str:
    """A table of 10,000 rows, by code and country, that three rules read; one has an exception."""
    values = "denied license notify open".split()
    facts = "enum Treatment:\n" + "".join(f"    {value}\n" for value in values)
    facts += "record Case:\n    code: Eccn\n    to: Country\n    civil: Bool?\n"
    facts += "table chart(code: Eccn, country: Country) -> Treatment otherwise open:\n"
    for number in range(1_000):
        code = f"{number % 10}{'ABCDE'[number // 10 % 5]}{number // 50:03}"
        facts += "".join(f"    {code}, {country}: {random.choice(values)}\n" for country in COUNTRIES)
    rules = [
        f"rule r{number} for verdict:\n    when chart[code, to] == {value}\n    then o{number}\n"
        for number, value in enumerate(values[:3])
    ]
    rules.append("rule civil_use for verdict:\n    exception to r1\n    when civil\n    then free\n")
    return decision("o0 o1 o2 free", facts, rules)


SHAPES: tuple[Callable[[Random], str], ...] = (exceptions, clauses, repeated, parties, unordered, table)


def main() -> None:
    print("| Shape | Time | Left open |\n| --- | ---: | ---: |")
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as place:
            Path(place, "comity.toml").touch()
            Path(place, "m.comity").write_text(shape(Random(1)), encoding="utf-8")
            program = load_program([place])
        began = time.process_time()
        left_open = sum(each.code == "L200" for each in analyse(program))
        described = (shape.__doc__ or "").strip().removesuffix(".")
        print(f"| {described} | {time.process_time() - began:.1f} s | {left_open} |", flush=True)


if __name__ == "__main__":
    main()
