"""Random policies whose rules look countries up in named sets and definitions, as regulations do: for edits of these.

Two decisions, of which one reads the other; sets made of sets, some dated; definitions that read sets, definitions and
a decision; a family, tests, and statements to prove.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

COUNTRIES = ("DE", "FR", "RU", "BY", "IR", "IN", "CN", "US")
GROUPS = ("ALLIES", "EMBARGOED", "WATCHED", "LISTED")
USES = ("civil", "military", "nuclear")
OUTCOMES = ("prohibited", "license_required", "free")

HEAD = """\
use std.countries

enum Use:
    civil
    military
    nuclear

record Export as of day:
    destination: Country
    origin: Country?
    use: Use?
    value: Int
    day: Date

"""


def named(seed: int) -> str:
    """The text of a policy, the same for the same seed."""
    random = Random(f"named {seed}")
    parts = [_set(random, number, name) for number, name in enumerate(GROUPS)]
    parts.append(f"set SENSITIVE: Use = {_of(random, USES, 2)}\n")
    parts.append(f"define embargoed for Export: destination in {random.choice(GROUPS)} or {_place(random)}\n")
    parts.append(f"define sensitive for Export:\n    all:\n        use in SENSITIVE\n        {_place(random)}\n")
    parts.append(f"define watched(to: Country): to in {random.choice(GROUPS)}\n")
    if random.random() < 0.3:
        parts.append(
            "define tier for Export -> Int:\n    first match\n"
            f"    2 when {_place(random)}\n    1 when embargoed\n    0 otherwise\n"
        )
    parts.append(_decision("licensing", random))
    parts += [_rule(random, "licensing", f"r{number}", number) for number in range(random.randint(4, 9))]
    parts.append("define exported for Export: licensing == free\n")
    parts.append(_decision("review", random))
    parts += [_rule(random, "review", f"s{number}", number) for number in range(random.randint(2, 4))]
    parts += [_test(random, number) for number in range(random.randint(0, 4))]
    if random.random() < 0.6:
        outcome = random.choice(OUTCOMES)
        parts.append(f"prove safe for licensing:\n    given {_place(random)}\n    then outcome != {outcome}\n")
    return HEAD + "\n".join(parts)


def _of(random: Random, members: Sequence[str], most: int) -> str:
    return "{" + ", ".join(random.sample(members, random.randint(1, most))) + "}"


def _set(random: Random, number: int, name: str) -> str:
    before = GROUPS[:number]
    if before and random.random() < 0.4:
        sign = random.choice("+-")
        return f"set {name}: Country =\n    {random.choice(before)}\n    {sign} {_of(random, COUNTRIES, 3)}\n"
    if random.random() < 0.4:
        added = f"    + {_of(random, COUNTRIES, 2)} from 2023-01-01\n"
        return f"set {name}: Country =\n    {_of(random, COUNTRIES, 4)} until 2024-12-31\n{added}"
    return f"set {name}: Country = {_of(random, COUNTRIES, 4)}\n"


def _place(random: Random) -> str:
    return random.choice(
        (
            f"destination in {random.choice(GROUPS)}",
            f"destination in {random.choice(GROUPS)}",
            f"origin in {random.choice(GROUPS)}",
            f"destination in {_of(random, COUNTRIES, 3)}",
            f"destination not in {random.choice(GROUPS)}",
            f"destination == {random.choice(COUNTRIES)}",
        )
    )


def _line(random: Random, decision: str) -> str:
    others = ["embargoed", "sensitive", "watched(origin)", "use in SENSITIVE", f"use == {random.choice(USES)}"]
    others += [f"value > {random.choice((100, 500))}", f"any c in {random.choice(GROUPS)}: c == destination"]
    if decision == "review":
        others += ["exported", "exported", f"licensing == {random.choice(OUTCOMES)}"]
    return _place(random) if random.random() < 0.5 else random.choice(others)


def _decision(name: str, random: Random) -> str:
    lines = [f"decision {name} for Export:", "    outcomes:", *(f"        {each}" for each in OUTCOMES)]
    if random.random() < 0.5:
        lines.append("    prevail by restriction")
    lines.append(f"    otherwise {random.choice(OUTCOMES)}")
    return "\n".join(lines) + "\n"


def _rule(random: Random, decision: str, name: str, number: int) -> str:
    lines = [f"rule {name} for {decision}:"]
    prefix = name[0]
    if random.random() < 0.15:
        lines.append("    for each c in " + random.choice(GROUPS))
        lines.append("    when destination == c")
        lines.append(f"    then {random.choice(OUTCOMES)}")
        return "\n".join(lines) + "\n"
    if random.random() < 0.2:
        lines.append("    from 2023-06-01")
    if number and random.random() < 0.4:
        clause = random.choice(("notwithstanding", "exception to"))
        lines.append(f"    {clause} {prefix}{random.randrange(number)}")
    conditions = [_line(random, decision) for _ in range(random.randint(1, 3))]
    lines.append("    when " + random.choice((" and ", " and ", " or ")).join(f"({each})" for each in conditions))
    if random.random() < 0.2:
        lines.append(f"    unless {_line(random, decision)}")
    lines.append(f"    then {random.choice(OUTCOMES)}")
    return "\n".join(lines) + "\n"


def _test(random: Random, number: int) -> str:
    given = [f"destination = {random.choice(COUNTRIES)}", f"origin = {random.choice(COUNTRIES)}"]
    given += [f"use = {random.choice(USES)}", f"value = {random.choice((50, 300, 900))}"]
    given.append(f"day = {random.choice(('2022-05-01', '2025-05-01'))}")
    lines = [f'test "t{number}" for licensing:', "    given:", *(f"        {each}" for each in given)]
    return "\n".join([*lines, f"    expect {random.choice(OUTCOMES)}"]) + "\n"
