"""Compare `diff` with brute force on many pairs of random policies: `python tests/diff/compare.py --count 2000`.

The second policy of a pair is the first with something changed. Brute force decides every input in both versions; a
change that diff misses, one it makes up, a wrong direction and a wrong exact count are failures, and so is a question
left open (no small policy needs that).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.policies import OUTCOMES, policy
from analysis.worlds import DAYS, FIELDS, World
from comity import terms
from comity.analysis.versions.merge import Said
from comity.core import ast as core
from comity.core.interpret import Interpreter, ruleset
from comity.runtime.errors import FactsError
from comity.runtime.rules import Ruleset
from comity.tools.diff import Change, Difference, diff

Transition = tuple[Said, Said]
FIRST, LAST = date(2021, 12, 31), date(2022, 1, 6)
"""`always` lines keep the days of the random policies between these."""


@dataclass(frozen=True)
class Version:
    """One of two policies, and the world that its new conditions come from."""

    program: core.Program
    world: World

    @property
    def decision(self) -> core.Decision:
        return self.program.decisions["m.permit"]


def pair(seed: int) -> tuple[Version, Version]:
    """A random policy, and the same with one or two things changed."""
    random = Random(seed * 7 + 1)
    program = policy(seed).program
    record = program.decisions["m.permit"].record
    names = [declared.name for declared in record.fields if declared.name != "day"]
    world = World(random, names, dated=record.as_of is not None)
    world.record, world.tables, world.sets = record, dict(program.tables), dict(program.sets)  # type: ignore[arg-type]
    one = two = Version(program, world)
    for _ in range(random.choice((1, 1, 2))):
        two = _changed(random, two)
    return one, two


def _changed(random: Random, subject: Version) -> Version:
    for _ in range(50):
        made = _mutation(random, subject)
        if made is None:
            continue
        try:
            Ruleset(OUTCOMES.members, None, ruleset(made.decision).rules)
        except ValueError:
            continue
        return made
    return subject


def _mutation(random: Random, subject: Version) -> Version | None:
    decision, program = subject.decision, subject.program
    number = random.randrange(len(decision.rules))
    rule = decision.rules[number]
    match random.choice(("condition", "unless", "outcome", "drop", "edge", "window", "otherwise", "table", "set")):
        case "condition":
            return _with_rule(subject, number, replace(rule, when=subject.world.condition(1)))
        case "unless":
            unless = None if rule.unless is not None else subject.world.condition(1)
            return _with_rule(subject, number, replace(rule, unless=unless))
        case "outcome" if rule.outcome is not None:
            return _with_rule(subject, number, replace(rule, outcome=random.choice(OUTCOMES.members)))
        case "drop" if len(decision.rules) > 1:
            return _without(subject, number)
        case "edge" if rule.edges:
            dropped = random.choice(rule.edges)
            kept = tuple(e for e in rule.edges if (e.clause, e.target) != (dropped.clause, dropped.target))
            if rule.outcome is None and rule.refer is None and not any(e.kind == "disapplies" for e in kept):
                return None
            return _with_rule(subject, number, replace(rule, edges=kept))
        case "window" if subject.world.dated:
            window = subject.world.window()
            assert isinstance(window, terms.InWindow)
            return _with_rule(subject, number, replace(rule, window=window.intervals))
        case "otherwise":
            return _with_decision(subject, replace(decision, otherwise=random.choice((*OUTCOMES.members, None))))
        case "table" if program.tables:
            name = random.choice(sorted(program.tables))
            table = program.tables[name]
            at = random.randrange(len(table.rows))
            row = table.rows[at]
            changed = replace(row, value=random.choice((True, False, None)))
            rows = (*table.rows[:at], changed, *table.rows[at + 1 :])
            return replace(
                subject, program=replace(program, tables={**program.tables, name: replace(table, rows=rows)})
            )
        case "set" if program.sets:
            name = random.choice(sorted(program.sets))
            declared = program.sets[name]
            kind = declared.type.element
            body = terms.SetOperation("|", declared.body, subject.world.constants(kind), declared.type)  # type: ignore[arg-type]
            return replace(subject, program=replace(program, sets={**program.sets, name: replace(declared, body=body)}))
        case _:
            return None


def _with_rule(subject: Version, number: int, rule: core.Rule) -> Version:
    rules = subject.decision.rules
    return _with_decision(subject, replace(subject.decision, rules=(*rules[:number], rule, *rules[number + 1 :])))


def _without(subject: Version, number: int) -> Version | None:
    place = {n: at for at, n in enumerate(n for n in range(len(subject.decision.rules)) if n != number)}
    rules = []
    for rule in subject.decision.rules:
        if rule.number == number:
            continue
        edges = tuple(
            replace(e, target=place[e.target], declared_by=place[e.declared_by])
            for e in rule.edges
            if e.target in place and e.declared_by in place
        )
        if rule.outcome is None and rule.refer is None and not any(e.kind == "disapplies" for e in edges):
            return None
        rules.append(replace(rule, number=place[rule.number], edges=edges))
    return _with_decision(subject, replace(subject.decision, rules=tuple(rules)))


def _with_decision(subject: Version, decision: core.Decision) -> Version:
    # What the worlds made meanwhile (sets, tables of new conditions) belongs to the program too.
    world = subject.world
    program = replace(
        subject.program,
        decisions={"m.permit": decision},
        sets={**world.sets, **subject.program.sets},  # type: ignore[dict-item]
        tables={**world.tables, **subject.program.tables},
    )
    return replace(subject, program=program)


# ------------------------------------------------------------------------------------------- brute force


def brute(one: Version, two: Version) -> dict[Transition, int]:
    """By transition, the number of inputs on which it happens. Findings of counsel, and the day of a record without
    one, are gone through too, though they are no facts.
    """
    sides = [(Interpreter(version.program), version.decision.qname) for version in (one, two)]
    found: Counter[Transition] = Counter()
    for facts, day, findings in _inputs(two):
        try:
            answers = [side.decide(qname, facts, day, findings) for side, qname in sides]
        except FactsError:
            continue
        before, after = ((a.outcome or a.error or "undetermined", a.possible) for a in answers)
        if before != after:
            found[before, after] += 1
    return found


def _inputs(version: Version) -> Iterator[tuple[dict[str, object], date | None, dict[str, bool | str]]]:
    record = version.decision.record
    days: tuple[date | None, ...] = (FIRST, *DAYS, LAST)
    domains = [
        (*(days if declared.name == "day" else FIELDS[declared.name][1]), *([None] if declared.optional else []))
        for declared in record.fields
    ]
    options = {
        rule.family: (None, True, False, *(OUTCOMES.members if rule.outcome is None else ()))
        for rule in version.decision.rules
        if rule.refer is not None
    }
    for values in product(*domains):
        facts = dict(zip((declared.name for declared in record.fields), values, strict=True))
        for day in (None,) if record.as_of else (None, *days):
            for given in product(*options.values()):
                told = {name: each for name, each in zip(options, given, strict=True) if each is not None}
                yield facts, day, told


def expected_direction(before: Said, after: Said) -> str:
    if {"gap", "contradiction"} & {before[0], after[0]}:
        return "other"
    order = OUTCOMES.members.index
    one, two = sorted(map(order, before[1])), sorted(map(order, after[1]))
    if one[0] >= two[0] and one[-1] >= two[-1] and (one[0], one[-1]) != (two[0], two[-1]):
        return "tightens"
    if one[0] <= two[0] and one[-1] <= two[-1] and (one[0], one[-1]) != (two[0], two[-1]):
        return "loosens"
    return "other"


def found_by_diff(one: Version, two: Version) -> Difference:
    return diff(one.program, two.program, [("m.permit", "m.permit")])


def compare(seed: int) -> list[str]:
    """What is wrong with diff on one pair."""
    one, two = pair(seed)
    if _findings(one) != _findings(two):
        return []  # brute force counts inputs with the findings that both versions may have
    expected = brute(one, two)
    got = found_by_diff(one, two)
    wrong = [f"open: {text}" for text in got.open]
    seen: dict[Transition, list[Change]] = {}
    for change in got.changes:
        seen.setdefault((change.before, change.after), []).append(change)
    wrong += [f"missed {t}" for t in expected if t not in seen]
    wrong += [f"made up {t}" for t in seen if t not in expected]
    # Brute force counts findings, and the day of an undated record, as if they were facts.
    counted = not _findings(one) and two.decision.record.as_of is not None
    for transition, changes in seen.items():
        count = expected.get(transition, 0)
        for change in changes:
            if change.direction != expected_direction(*transition):
                wrong.append(f"direction {change.direction} of {transition}")
            # One input may change for two causes at once, so each counts at most all, and together at least all.
            if change.exact and change.count is not None and counted and change.count > count:
                wrong.append(f"count {change.count} of {transition} by {change.subjects}, not {count}")
        if counted and all(c.exact and c.count is not None for c in changes):
            total = sum(c.count or 0 for c in changes)
            if total < count or (len(changes) == 1 and total != count):
                wrong.append(f"counts {total} of {transition}, not {count}")
    return wrong


def _findings(subject: Version) -> set[tuple[str, bool]]:
    return {(rule.family, rule.outcome is None) for rule in subject.decision.rules if rule.refer is not None}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--start", type=int, default=0)
    options = arguments.parse_args()
    failures = 0
    for seed in range(options.start, options.start + options.count):
        wrong = compare(seed)
        if wrong:
            failures += 1
            print(f"seed {seed}: {'; '.join(wrong)}")
    print(f"{options.count} pairs, {failures} with a difference")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
