"""A remedy that reaches too far, has no end, or grows.

It touches a `protected` duty, lasts after the breach has ended (or waits for a prohibition to be performed, which
never comes about), or two sides' answers to each other's answers grow with every turn. Answers of one party to one act
that count as the same act add up, whether one remedy gives them or several.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        commitment inspections by each party:
            shall accept at least 3 Inspection per calendar year
            protected

        remedy answer by each party:  # R308
            on breach of exercises
            may suspend inspections
            until breach ends

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        remedy answer by each party:
            on breach of exercises
            may suspend exercises
            until breach ends
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import TypeAlias

from comity.analysis.reciprocity.states import can_hold, never_performed
from comity.analysis.reciprocity.view import View
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.agreements import plain
from comity.core.ast import Remedy
from comity.parts import RemedyAnswer
from comity.runtime.errors import PolicyError
from comity.runtime.light import dataclass


def improper(view: View) -> Iterator[Diagnostic]:
    """R308 holds of a remedy iff it reaches a protected duty, has no end, or answers grow."""
    for remedy in view.agreement.remedies:
        protected = [name for name in remedy.suspends if name in view.commitments and view.commitments[name].protected]
        owner = view.parties[0] if remedy.who.party is None else plain(remedy.who.party)
        shown = breached(view, remedy, next((party for party in view.parties if party != owner), owner))
        for name in protected:
            message = f"`{remedy.name}` suspends `{name}`, which is protected"
            yield _improper(remedy, message, "leave it out", shown, (name,))
        if not remedy.until_breach_ends:
            yield from _endless(view, remedy, shown)
    yield from _growing(view)


def _endless(view: View, remedy: Remedy, shown: dict[str, object]) -> Iterator[Diagnostic]:
    """No end is said, or one that cannot come about."""
    help = "end it with the breach: `until breach ends`"
    if remedy.until is None:
        yield _improper(remedy, f"`{remedy.name}` has no end", help, shown)
    elif not can_hold(view, remedy.until):
        waits = " and ".join(f"`{name}`" for name in never_performed(view, remedy.until))
        what = f": {waits} is not a duty, so it is never performed" if waits else ""
        yield _improper(remedy, f"`{remedy.name}` never ends{what}", help, shown)


def _improper(
    remedy: Remedy, message: str, help: str, witness: dict[str, object], more: tuple[str, ...] = ()
) -> Diagnostic:
    return diagnostic("R308", message, remedy.span, subjects=(remedy.name, *more), help=help, witness=witness)


def breached(view: View, remedy: Remedy, party: str) -> dict[str, object]:
    """That ``party`` has given the other side a ground for the remedy: a breach, or an act that it answers."""
    owner = None if remedy.who.party is None else plain(remedy.who.party)
    other = owner or next((each for each in view.parties if each != party), party)
    event: dict[str, object] = {"id": "1", "date": view.day.isoformat(), "kind": "breach", "party": party}
    for trigger in remedy.triggers:
        if trigger.commitment is not None:
            event["commitment"] = trigger.commitment
        elif trigger.verb is not None and trigger.record is not None:
            event |= {"kind": "act", "verb": trigger.verb, "record": trigger.record}
        break
    return {"party": party, "other": other, "date": view.day.isoformat(), "events": [event]}


# ------------------------------------------------------------------------------------------- growing answers


def _growing(view: View) -> Iterator[Diagnostic]:
    """Answers that come back as more than what they answer: along one cycle, or along several that share an act.

    Answers of one party to one act that count as the same act add up, in one remedy or in several: 60% and 60% are
    120%. How much comes back is then a matrix of gains from act to act, and nothing grows iff its spectral radius is
    at most one.
    """
    told: set[str] = set()
    answers = _added_up(_answers(view))
    for answer in answers:
        for cycle in _loops(answers, answer, (answer,)):
            names = [name for each in cycle for name in each.remedies]
            gains = [each.gain for each in cycle]
            product = prod(gain for gain in gains if gain is not None)
            if told & set(names) or (None not in gains and product <= 1):
                continue
            told |= set(names)
            if None in gains:
                message = f"each answer of {_listed(answer.remedies)} may be answered again, and nothing bounds it"
                yield _grows(view, answer, names, message, "bound it: `up to 100%`")
            else:
                message = (
                    f"each answer of {_listed(answer.remedies)} may come back {float(product):g} times as strongly"
                )
                yield _grows(view, answer, names, message, "let no answer exceed what it answers: `up to 100%`")
    # Of three parties, each answers what it is done to itself: only what goes to and fro between two adds up.
    for one, two in combinations(view.parties, 2):
        between = [each for each in answers if {each.answers[0], each.counts[0]} == {one, two}]
        yield from _adding_up(view, between, told)


def _adding_up(view: View, answers: list[_Answer], told: set[str]) -> Iterator[Diagnostic]:
    for together in _entangled(answers):
        names = list(dict.fromkeys(name for each in together for name in each.remedies))
        if not told & set(names) and _radius_exceeds_one(together):
            told |= set(names)
            message = f"the answers of {_listed(names)} add up to more than what they answer"
            yield _grows(view, together[0], names, message, "let them be 100% together")


def _grows(view: View, answer: _Answer, names: list[str], message: str, help: str) -> Diagnostic:
    other, verb, _ = answer.answers
    shown: dict[str, object] = {"party": answer.counts[0], "other": other, "verb": verb}
    shown |= {"date": view.day.isoformat(), "cycle": names}
    return _improper(answer.remedy, message, help, shown, answer.remedies[1:])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


Act: TypeAlias = tuple[str, str, str]
"""Who does it, the verb, the record."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """A party's answer to an act of another, which counts as an act of its own; ``gain`` None: nothing bounds it.

    ``remedy``: the first that gives it; ``remedies``: the names of all that do.
    """

    remedy: Remedy
    remedies: tuple[str, ...]
    answers: Act
    counts: Act
    gain: Fraction | None


def _answers(view: View) -> Iterator[_Answer]:
    """The answers to acts that are acts themselves, by party that gives them and party answered."""
    for remedy in view.agreement.remedies:
        owners = view.parties if remedy.who.party is None else (plain(remedy.who.party),)
        for owner in owners:
            for other in view.parties:
                if other == owner or (remedy.who.toward is not None and plain(remedy.who.toward) != other):
                    continue
                triggers = ((t.verb, t.record) for t in remedy.triggers)
                acts = dict.fromkeys((verb, record) for verb, record in triggers if verb and record)
                for act in acts:
                    for answer in remedy.answers:
                        counted = _counted(answer)
                        if counted is not None:
                            gain = _gain(view, answer, owner, other)
                            yield _Answer(remedy, (remedy.name,), (other, *act), (owner, *counted), gain)


def _added_up(answers: Iterable[_Answer]) -> list[_Answer]:
    """All answers to one act that count as the same act, as one."""
    found: dict[tuple[Act, Act], _Answer] = {}
    for answer in answers:
        key = answer.answers, answer.counts
        if (known := found.get(key)) is not None:
            gain = None if known.gain is None or answer.gain is None else known.gain + answer.gain
            names = tuple(dict.fromkeys((*known.remedies, *answer.remedies)))
            answer = replace(known, remedies=names, gain=gain)
        found[key] = answer
    return list(found.values())


def _entangled(answers: list[_Answer]) -> Iterator[list[_Answer]]:
    """Answers that come back to each other, in groups: those between acts of one strongly connected component."""
    reached = {answer.answers: _reach(answers, answer.answers) for answer in answers}
    left = list(answers)
    while left:
        act = left[0].answers
        mutual = {other for other in reached[act] if act in reached.get(other, ())}
        group = [each for each in left if each.answers in mutual and each.counts in mutual]
        if group:
            yield group
        left = [each for each in left if each.answers != act and each not in group]


def _reach(answers: list[_Answer], act: Act) -> set[Act]:
    """The acts that an act may lead to, by one answer or more."""
    found: set[Act] = set()
    waiting = [act]
    while waiting:
        here = waiting.pop()
        following = {each.counts for each in answers if each.answers == here} - found
        found |= following
        waiting += following
    return found


def _radius_exceeds_one(answers: list[_Answer]) -> bool:
    """Whether the spectral radius of the gains between acts that all lead to each other is more than one.

    For a matrix G of this kind it is at most one iff I - G has positive leading principal minors, the last perhaps
    zero: iff elimination without exchanges meets positive pivots (Berman and Plemmons, Nonnegative Matrices, ch. 6).
    """
    if any(each.gain is None for each in answers):
        return True
    acts = list(dict.fromkeys(each.answers for each in answers))
    place = {act: number for number, act in enumerate(acts)}
    rows = [[Fraction(int(row == column)) for column in range(len(acts))] for row in range(len(acts))]
    for each in answers:
        rows[place[each.answers]][place[each.counts]] -= each.gain or 0
    for step, pivot in enumerate(rows):
        if pivot[step] <= 0:
            return pivot[step] < 0 or step < len(rows) - 1
        for row in rows[step + 1 :]:
            factor = row[step] / pivot[step]
            for column in range(step, len(rows)):
                row[column] -= factor * pivot[column]
    return False


def _counted(answer: RemedyAnswer) -> tuple[str, str] | None:
    """The act an answer counts as: what it says, else the act that it is."""
    if answer.counting_as is not None:
        return answer.counting_as
    if answer.verb is not None and answer.record is not None:
        return answer.verb, answer.record
    return None


def _gain(view: View, answer: RemedyAnswer, owner: str, other: str) -> Fraction | None:
    """How strong an answer may be, where that is the same on all days; None if nothing bounds it."""
    if answer.up_to is None:
        return None
    try:
        value = view.interpreter.evaluate(answer.up_to, {"self": owner, "other": other}, None)
    except PolicyError:
        return None
    return Fraction(value) if isinstance(value, int | Fraction) else None


def _loops(answers: list[_Answer], first: _Answer, path: tuple[_Answer, ...]) -> Iterator[tuple[_Answer, ...]]:
    """The ways on from the last answer of a path, each answering the one before, until the first is answered again."""
    last = path[-1]
    if last.counts == first.answers:
        yield path
        return
    for answer in answers:
        if answer.answers == last.counts and answer not in path:
            yield from _loops(answers, first, (*path, answer))
