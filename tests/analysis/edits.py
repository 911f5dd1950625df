"""Random changes of a program's rules, as an author edits them; most are ordinary, some move cuts or relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from comity import terms
from comity.analysis.program import Analysis
from comity.base.interruption import Interrupted, interruptible
from comity.base.watching import watched
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.core.walk import children, rewrite
from comity.runtime.types import EnumType
from comity.terms import Line, Term

from .compare import KINDS
from .worlds import span


class Editor:
    """Edits one program after another, from the parts that are there already."""

    def __init__(self, random: Random, program: core.Program) -> None:
        self.random = random
        self.lines = 10_000
        self.conditions = {
            qname: [
                part for rule in decision.rules for term in (rule.when, rule.unless) if term for part in _truths(term)
            ]
            for qname, decision in program.decisions.items()
        }

    def edit(self, program: core.Program) -> core.Program:
        """One rule or family, seldom several, is another one."""
        random = self.random
        qname = random.choice([name for name, each in program.decisions.items() if each.rules])
        decision = program.decisions[qname]
        rules = list(decision.rules)
        for _ in range(random.choice((1, 1, 1, 2))):
            family = random.choice(rules).family
            change = self._changes(qname, decision)
            rules = [change(rule) if rule.family == family else rule for rule in rules]
        made = replace(decision, rules=tuple(rules))
        try:
            ruleset(made)
        except ValueError:
            return program
        return replace(program, decisions={**program.decisions, qname: made})

    def _changes(self, qname: str, decision: core.Decision) -> Callable[[core.Rule], core.Rule]:
        random = self.random
        conditions = self.conditions[qname]
        match random.randrange(12):
            case 0 | 1 | 2:
                part = self._line(random.choice(conditions)) if conditions else None
                return lambda rule: replace(rule, when=part)
            case 3 | 4:
                part = self._line(random.choice(conditions)) if conditions and random.random() < 0.7 else None
                return lambda rule: replace(rule, unless=part)
            case 5 | 6:
                outcome = random.choice(decision.outcomes.members)
                return lambda rule: replace(rule, outcome=rule.outcome and outcome)
            case 7:
                days = timedelta(random.choice((-1, 1)))
                return lambda rule: replace(rule, window=rule.window and _moved(rule.window, days))
            case 8:
                return lambda rule: replace(rule, window=None)
            case 9:
                step = random.choice((-1, 1))
                return lambda rule: replace(rule, when=rule.when and _shifted(rule.when, step))
            case 10:
                return lambda rule: replace(rule, doc="other", cites=("another",))
            case _:
                return lambda rule: replace(rule, edges=rule.edges[1:])

    def _line(self, condition: Term) -> Term:
        """A condition as one written here: its lines are others than those that it was copied from."""
        if self.random.random() < 0.3:
            condition = terms.Not(condition)
        return self._respanned(Line(condition))

    def _respanned(self, term: Term) -> Term:
        def change(part: Term) -> Term | None:
            if not isinstance(part, Line):
                return None
            self.lines += 1
            return Line(self._respanned(part.condition), span=span(self.lines))

        return rewrite(term, change)


def _moved(window: tuple[terms.Interval, ...], days: timedelta) -> tuple[terms.Interval, ...]:
    return tuple((first and first + days, last and last + days) for first, last in window)


def _shifted(term: Term, step: int) -> Term:
    """With other constants."""

    def change(part: Term) -> Term | None:
        match part:
            case terms.Const(value=int() as value) if not isinstance(value, bool):
                return replace(part, value=value + step)
            case terms.Const(value=str() as value, type=EnumType(members=members)):
                return replace(part, value=members[(members.index(value) + step) % len(members)])
            case _:
                return None

    return rewrite(term, change)


def _truths(term: Term) -> list[Term]:
    """The parts of a condition that are conditions themselves, outside quantifiers."""
    match term:
        case Line() | terms.And() | terms.Or() | terms.Not():
            return [term, *(part for each in children(term) for part in _truths(each))]
        case _:
            return [term]


def ended(random: Random, work: Callable[[], object]) -> bool:
    """Work is ended somewhere, as by the next key that is struck; False if it was over before."""
    left = int(10 ** random.uniform(0, 3))

    def is_unwanted() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    try:
        with interruptible(is_unwanted):
            work()
    except Interrupted:
        return True
    return False


def differing(kind: str, seed: int, edits: int, ways: Counter[str]) -> str | None:
    """What is wrong after one of so many edits of a random policy. ``ways``: how often it was gone on, and anew."""
    program = KINDS[kind](seed).program
    editor = Editor(Random(seed), program)
    analysis = Analysis(program)
    for number in range(edits):
        before = list(analysis.studies)
        program = editor.edit(program)
        # Whoever watches is shown what is provisional, so more is gone on with.
        with watched() if number % 2 else nullcontext():
            if number % 3 == 1 and ended(editor.random, partial(analysis.revise, program)):
                ways["ended"] += 1
                if analysis.is_broken:
                    analysis = Analysis(program)
                program = editor.edit(program)
            analysis.revise(program)
        ways["in place" if analysis.studies == before else "anew"] += 1
        kept, fresh = analysis.findings, Analysis(program).findings
        if kept != fresh:
            lost = [f"{each.code} {each.message} {each.witness}" for each in fresh if each not in kept]
            more = [f"{each.code} {each.message} {each.witness}" for each in kept if each not in fresh]
            return f"after {number + 1} edits: lost {lost}, too many {more}"
    return None
