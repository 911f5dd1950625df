"""What every checked program keeps, whatever was reported: closed terms, names that lead somewhere, no circles."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from comity import terms
from comity.checked.ast import Program
from comity.core.walk import BINDERS, children
from comity.runtime.types import ErrorType
from comity.terms import THIS, Term

from . import test_agreements, test_responses, test_tests
from .support import FACTS, Checked

SIDES = frozenset({THIS, "self", "other"})


def bodies(program: Program) -> Iterator[tuple[str, frozenset[str], Term]]:
    """Every term of a program: where it stands, the variables bound there, and the term."""
    this = frozenset({THIS})
    for record in program.records.values():
        yield from ((record.qname, this, line.condition) for line in record.always)
    for named in program.sets.values():
        yield from ((named.qname, frozenset(), part.value) for part in named.parts)
    for define in program.defines.values():
        yield define.qname, frozenset(name for name, _ in define.parameters), define.body
    for rule in program.rules.values():
        bound = this | ({rule.for_each[0]} if rule.for_each else set())
        if rule.for_each is not None:
            yield rule.qname, this, rule.for_each[1]
        yield from ((rule.qname, bound, term) for term in (rule.when, rule.unless) if term is not None)
        for clause in rule.precedence:
            for target in clause.targets:
                key = getattr(target, "key", None)
                if key is not None:
                    yield rule.qname, bound, key
    for proof in program.proves.values():
        yield from ((proof.qname, this | {"outcome"}, t) for t in (proof.given, proof.then) if t is not None)
    for party in program.parties.values():
        yield from ((party.qname, frozenset(), t) for t in (party.members, party.territory) if t is not None)
    for capability in program.capabilities:
        if capability.when is not None:
            yield capability.qname, SIDES, capability.when
    for agreement in program.agreements.values():
        for c in agreement.commitments:
            parts = (c.when, c.unless, c.ensure, c.binding, c.suspended, c.deadline_after, c.limit_number)
            yield from ((c.qname, SIDES, term) for term in parts if term is not None)
    for response in program.responses.values():
        parts = (response.trigger, response.lift_when, response.reaches)
        yield from ((response.qname, this, term) for term in parts if term is not None)
    for test in program.tests:
        yield from ((test.title, frozenset(), given.value) for given in test.facts)


def broken(program: Program, sound: bool) -> Iterator[str]:
    """What a program does not keep. ``sound``: nothing was reported, so nothing may be of the error type."""
    calls: dict[str, set[str]] = {}
    for where, bound, term in bodies(program):
        yield from (f"{where}: {problem}" for problem in _broken_term(program, term, bound, sound))
        if where in program.defines or where in program.sets:
            calls.setdefault(where, set()).update(_names(term))
    seen: set[str] = set()

    def reaches_itself(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path:
            yield f"{name} reaches itself"
        elif name not in seen:
            for other in calls.get(name, ()):
                yield from reaches_itself(other, (*path, name))
            seen.add(name)

    for name in calls:
        yield from reaches_itself(name, ())


def _names(term: Term) -> Iterator[str]:
    match term:
        case terms.Call(define=name) | terms.NamedSet(name=name):
            yield name
        case _:
            pass
    for child in children(term):
        yield from _names(child)


def _broken_term(program: Program, term: Term, bound: frozenset[str], sound: bool) -> Iterator[str]:
    """INVARIANT (terms are closed), and that every name in a term is in the program."""
    match term:
        case terms.Local(name=name) if name not in bound:
            yield f"`{name}` is bound nowhere"
        case terms.Call(define=name) if name not in program.defines:
            yield f"no definition {name}"
        case terms.NamedSet(name=name) if name not in program.sets and name not in program.parties:
            yield f"no set {name}"
        case terms.Lookup(table=name) if name not in program.tables:
            yield f"no table {name}"
        case terms.OutcomeOf(decision=name) if name not in program.decisions:
            yield f"no decision {name}"
        case terms.RuleHolds(rule=name) if name not in program.rules:
            yield f"no rule {name}"
        case _:
            pass
    if sound and isinstance(term.type, ErrorType):
        yield f"{term} is of no type"
    inner = bound
    if isinstance(term, BINDERS):
        yield from _broken_term(program, term.source, bound, sound)
        inner = bound | {term.variable}
    for child in children(term):
        if not (isinstance(term, BINDERS) and child is term.source):
            yield from _broken_term(program, child, inner, sound)


TEXTS = [
    FACTS,
    test_agreements.agreement("""
commitment a by EAST:
    shall not conduct Exercise
    when troops > 3 and location within other
    binding when b is accepted
commitment b by WEST:
    shall not conduct Exercise
mirror a with b:
    swapping UA with KALININGRAD
    within 10%
"""),
    test_responses.GOOD,
    test_tests.RULES
    + """
    define near(c: Country) -> Percent:
        first match
        10% when c in NATO
        value_of(c) otherwise
    define value_of(c: Country) -> Percent:
        5% when c == US
        0% otherwise
    set HERE: Country = {c in NATO where near(c) > 5%}
    define close for Export:
        any p in parties: p.country in HERE and (purpose is absent or purpose == "x")
    rule last for licensing:
        exception to chart_control[NS1]
        when close and item.eccn.category in 3..5
        then no_license_required
    prove safe for licensing:
        given close
        then outcome != prohibited
    """,
]


@pytest.mark.parametrize("text", TEXTS)
def test_sound_programs(text: str) -> None:
    checked = Checked(text, facts=text is not FACTS)
    assert checked.found == []
    assert list(broken(checked.program, sound=True)) == []


TOKEN = re.compile(r'\s+|"[^"]*"|[\w.%]+|.')
WORDS = sorted({token for text in TEXTS for token in TOKEN.findall(text) if token.strip() and token[0] != '"'})


def mutated(text: str, chance: random.Random) -> str:
    """``text`` with a few words replaced, dropped or added."""
    tokens = TOKEN.findall(text)
    for _ in range(chance.randint(1, 3)):
        place = chance.choice([n for n, token in enumerate(tokens) if token.strip()])
        kind = chance.random()
        if kind < 0.7:
            tokens[place] = chance.choice(WORDS)
        elif kind < 0.85:
            tokens[place] = ""
        else:
            tokens.insert(place, f" {chance.choice(WORDS)} ")
    return "".join(tokens)


@pytest.mark.parametrize("seed", [*range(40), 1036, 3102])
def test_broken_programs(seed: int) -> None:
    """No mutation breaks the checker, nor leaves a program with loose ends."""
    chance = random.Random(seed)
    text = chance.choice(TEXTS)
    checked = Checked(mutated(text, chance), facts=text is not FACTS)
    assert list(broken(checked.program, sound=not checked.found)) == []
