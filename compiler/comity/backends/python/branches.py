"""A decision as one tree of tests, each asked at most once on the way to an outcome.

What each outcome depends on is a formula over *tests*, parts of conditions that are not `and`, `or` or `not`. A tree
begins with the test that leaves least to ask on either side, thinks it away, and goes on with what is left:

    destination = this.destination
    if destination in PARTNERS:
        if this.listed_party:
            return 'license_required'
        …
    use = this.use
    if use in {'nuclear', 'missile'} or destination in EMBARGOED and not this.deemed:
        return 'prohibited'

Of a fact with few values it is remembered which are left, so that no partner is asked whether it is under embargo.
Asked for one outcome alone, the tree is shorter: it need not tell the others apart (`only`).

Everything is three-valued. A test that may be unknown has a third branch; where what is left does not settle the
outcome, the tree gives None, and the masks of rules say what follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import combinations
from typing import Any, TypeAlias

from comity import terms
from comity.backends.python.nullability import SURE, Context, NullabilityAnalysis, plain
from comity.core.ast import Decision
from comity.core.closures import context_of
from comity.core.evaluate import Evaluator
from comity.core.walk import children, rewrite
from comity.runtime import rules as resolution
from comity.runtime.kleene import Truth
from comity.runtime.light import dataclass
from comity.runtime.resolve import resolve
from comity.runtime.rules import Ruleset
from comity.runtime.types import BoolType, EnumType, NumberType, PercentType, SetType
from comity.terms import THIS, Term

MOST_TESTS = 32
"""The most tests that a tree is made of; a decision with more has no tree."""

MOST_NODES = 120
"""The most places in a tree where something is asked. What is left after a test is written out on either side."""

WIDTH, MOST_STATES = 2, 500
"""How many tests are tried at each place, and the number of places after which the likeliest is taken."""

LENGTH = 0.2
"""How much time a place in the tree is worth, so that a tree is not much longer for being hardly quicker."""

MOST_SPELLED = 16
"""The most members that a named set has if they are written out where it is asked."""

SELDOM = 0.15
"""What is true of few of the values of a fact is held to be so often: policies name what matters."""

MOST_OUTCOMES = 6
"""The most outcomes of which every combination is looked at."""

OUTSIDE = Context({THIS: SURE})
"""What is known before anything is asked: the record."""


def outcome_left(ruleset: Ruleset, left: Set[str]) -> str | None:
    """The outcome if rules with just these outcomes are left; None if that is for the rules to say."""
    if len(left) > 1 and any(ground.kind in ("rank", "later") for ground in ruleset.grounds):
        return None
    rules = [resolution.Rule(outcome, outcome=outcome) for outcome in ruleset.outcomes]
    plain_ruleset = Ruleset(ruleset.outcomes, ruleset.otherwise, rules, ruleset.grounds)
    return resolve(plain_ruleset, [outcome in left for outcome in ruleset.outcomes]).outcome


# ------------------------------------------------------------------------------------------- formulas

Formula: TypeAlias = "Truth | tuple[Any, ...]"
"""True, false or unknown; ``("test", number)``; ``("not", formula)``; ``("and", …)`` and ``("or", …)``."""


def _joined(deciding: bool, operands: Sequence[Formula]) -> Formula:
    """`or` (``deciding`` True) or `and` of formulas. Kleene: what is unknown stays unless the others decide."""
    word = "or" if deciding else "and"
    left: dict[Formula, None] = {}
    for operand in operands:
        if operand is deciding:
            return deciding
        if operand is (not deciding):
            continue
        same = isinstance(operand, tuple) and operand[0] == word
        left.update(dict.fromkeys(operand[1:] if same else (operand,)))  # type: ignore[index]
    if not left:
        return not deciding
    if len(left) == 1:
        return next(iter(left))
    return (word, *left)


def _negated(formula: Formula) -> Formula:
    if isinstance(formula, tuple):
        return formula[1] if formula[0] == "not" else ("not", formula)
    return None if formula is None else not formula


@dataclass(frozen=True, slots=True)
class Test:
    """A part of a condition. ``null``: it may be unknown. ``likely``: how often it may be true, as a guess.

    ``facts``: the facts that it reads. ``whole``: it reads the day, or the record otherwise. ``only_day``: it reads
    nothing but the day. ``fact``: the only fact, if it has few values; ``true``: those for which the test holds.
    """

    __test__ = False  # pytest takes it for one of its own

    term: Term
    null: bool
    cost: int
    likely: float
    facts: tuple[Term, ...]
    whole: bool
    only_day: bool
    fact: Term | None = None
    true: frozenset[object] = frozenset()


@dataclass(frozen=True, slots=True)
class Leaf:
    """The outcome; in a tree that asks for one outcome, whether it is that; None where the tree does not tell."""

    value: str | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    test: Test
    then: Tree
    otherwise: Tree
    unknown: Tree


Tree: TypeAlias = "Leaf | Node"
_BAIL = Leaf(None)


@dataclass(frozen=True, slots=True)
class _State:
    """What is left to ask: the formula of each outcome, and the values that facts may still have."""

    formulas: tuple[Formula, ...]
    left: tuple[tuple[Term, frozenset[object]], ...]


@dataclass(frozen=True, slots=True)
class _Grown:
    """A tree, what it takes to come to a leaf of it, as a guess, and the number of its places."""

    tree: Tree
    cost: float
    nodes: int

    @property
    def worth(self) -> float:
        """Less is better: what takes little time, and little text."""
        return self.cost + LENGTH * self.nodes


# ------------------------------------------------------------------------------------------- making trees


class Branches:
    """Makes the trees of one decision. ``tests``: all there are, by number."""

    def __init__(
        self, decision: Decision, ruleset: Ruleset, nullability: NullabilityAnalysis, evaluator: Evaluator
    ) -> None:
        self.decision = decision
        self.ruleset = ruleset
        self.nullability = nullability
        self.evaluator = evaluator
        self.tests: list[Test] = []
        self._numbers: dict[Term, int] = {}
        self._assigned: dict[tuple[Formula, int, Truth], Formula] = {}
        self._sizes: dict[Formula, int] = {}
        self._results: dict[frozenset[str], str | None] = {}
        self.outcomes = [o for o in decision.outcomes.members if any(r.outcome == o for r in decision.rules)]
        self.formulas: tuple[Formula, ...] | None = self._formulas()
        self.tree = self._tree()
        """The tree of the decision; None where it would be too large."""

    def _tree(self) -> Tree | None:
        if self.formulas is None:
            return None
        left = {test.fact: _values(test.fact) for test in self.tests if test.fact is not None}
        start = _State(self.formulas, tuple(left.items()))
        for thirds in (True, False) if any(test.null for test in self.tests) else (False,):
            grown = _Growing(self, thirds).grow(start)
            if grown.nodes <= MOST_NODES:
                return grown.tree
        return None

    # ------------------------------------------------------------------------------- from rules to formulas

    def _formulas(self) -> tuple[Formula, ...] | None:
        """For each outcome, that a rule with it applies and none that applies prevails over it."""
        rules = self.decision.rules
        if len(self.outcomes) > MOST_OUTCOMES:
            return None
        if any(rule.refer is not None or self.nullability.raises(rule.condition) for rule in rules):
            return None  # counsel, or an error, comes before any outcome
        conditions = [self._formula(rule.condition) for rule in rules]
        if len(self.tests) > MOST_TESTS or any(self.nullability.asks(test.term) for test in self.tests):
            return None
        applying: dict[int, Formula] = {}

        def applies(number: int) -> Formula:
            if number not in applying:
                rule = rules[number]
                excepted = rule.targets("exception")
                parts = [conditions[number]]
                if excepted:
                    parts.append(_joined(True, [applies(target) for target in excepted]))
                parts += [_negated(applies(other.number)) for other in rules if number in other.targets("disapplies")]
                applying[number] = _joined(False, parts)
            return applying[number]

        def remains(number: int) -> Formula:
            winners = [other.number for other in rules if number in other.targets("prevails")]
            return _joined(False, [applies(number), *(_negated(applies(winner)) for winner in winners)])

        return tuple(
            _joined(True, [remains(rule.number) for rule in rules if rule.outcome == outcome])
            for outcome in self.outcomes
        )

    def _formula(self, term: Term) -> Formula:
        match term:
            case terms.Line(condition=condition):
                return self._formula(condition)
            case terms.And(operands=operands) | terms.Or(operands=operands):
                deciding = isinstance(term, terms.Or)
                return _joined(deciding, self._together(operands, deciding))
            case terms.Not(operand=operand):
                return _negated(self._formula(operand))
            case terms.Const(value=bool() as value):
                return value
            case terms.Unknown():
                return None
            case _:
                return self._asked(term)

    def _together(self, operands: Iterable[Term], deciding: bool) -> list[Formula]:
        """The formulas of operands. Those that read one fact, and nothing else, are one test: `x == RU or x == BY`."""
        found: dict[object, list[Term]] = {}
        for number, operand in enumerate(operands):
            while isinstance(operand, terms.Line):
                operand = operand.condition
            facts = set(facts_of(operand))
            alone = isinstance(operand, _SIMPLE) and len(facts) == 1 and not self._reads_more(operand)
            found.setdefault(facts.pop() if alone else number, []).append(operand)
        joined = terms.Or if deciding else terms.And
        return [
            self._formula(group[0]) if len(group) == 1 else self._asked(joined(tuple(group)))
            for group in found.values()
        ]

    def _asked(self, term: Term) -> Formula:
        term = rewrite(term, self._spelled)
        if term not in self._numbers:
            self._numbers[term] = len(self.tests)
            self.tests.append(self._test(term))
        return ("test", self._numbers[term])

    def _spelled(self, term: Term) -> Term | None:
        """A named set that is small and always the same, as its members: Python keeps these as a constant."""
        if not isinstance(term, terms.NamedSet) or not isinstance(term.type, SetType) or self.nullability.dated(term):
            return None
        members = self.evaluator.code(term)({}, context_of(None))
        if not isinstance(members, frozenset) or not 0 < len(members) <= MOST_SPELLED or not plain(term.type.element):
            return None
        ordered = sorted(members, key=str)
        return terms.SetOf(tuple(terms.Const(each, term.type.element) for each in ordered), term.type)

    def _cost(self, term: Term) -> int:
        """About how long a test takes, beside a flag."""
        dear = 0
        match term:
            case terms.NamedSet():
                dear = 3
            case terms.Lookup(keys=keys):
                dear = 4 * len(keys)
            case terms.Compare(operand_type=NumberType() | PercentType()):
                dear = 10
            case terms.EccnWithin() | terms.InWindow():
                dear = 5
        return (
            dear
            + self.nullability.costs(term)
            - sum(map(self.nullability.costs, children(term)))
            + sum(map(self._cost, children(term)))
        )

    def _test(self, term: Term) -> Test:
        null, cost = self.nullability.of(term, OUTSIDE).null, self._cost(term)
        facts = tuple(dict.fromkeys(facts_of(term)))
        whole, day = self._reads_more(term), isinstance(term, terms.InWindow)
        if len(facts) == 1 and self._has_few(facts[0]) and not null and not whole:
            members = _values(facts[0])
            true = frozenset(member for member in members if self.truth(term, {facts[0]: member}) is True)
            return Test(term, null, cost, 0.0, facts, whole, day, facts[0], true)
        return Test(term, null, cost, _guess(term), facts, whole, day)

    def truth(self, term: Term, values: Mapping[Term, object]) -> Truth:
        """What a test says where these facts are all there is."""
        facts = {fact.name: value for fact, value in values.items() if isinstance(fact, terms.Field)}
        truth: Truth = self.evaluator.code(term)({THIS: facts}, context_of(None))
        return truth

    def _has_few(self, fact: Term) -> bool:
        """Whether a fact is always one of few values."""
        return isinstance(fact.type, EnumType) and not self.nullability.maybe(fact, OUTSIDE)

    def _reads_more(self, term: Term) -> bool:
        """Whether ``term`` reads the day, or the record as a whole."""
        whole = isinstance(term, terms.Local) and term.name == THIS
        if isinstance(term, terms.Field) and isinstance(term.base, terms.Local) and term.base.name == THIS:
            return False
        return whole or self.nullability.dated(term) or any(map(self._reads_more, children(term)))

    # ------------------------------------------------------------------------------- thinking with formulas

    def size(self, formula: Formula) -> int:
        """How many tests a formula has, counted each time."""
        if not isinstance(formula, tuple):
            return 0
        if formula[0] == "test":
            return 1
        if formula not in self._sizes:
            self._sizes[formula] = sum(map(self.size, formula[1:]))
        return self._sizes[formula]

    def assign(self, formula: Formula, number: int, truth: Truth) -> Formula:
        """The formula where a test is known to be true, false or unknown."""
        if not isinstance(formula, tuple):
            return formula
        if formula[0] == "test":
            return truth if formula[1] == number else formula
        key = (formula, number, truth)
        if key not in self._assigned:
            parts = [self.assign(part, number, truth) for part in formula[1:]]
            if formula[0] == "not":
                self._assigned[key] = _negated(parts[0])
            else:
                self._assigned[key] = _joined(formula[0] == "or", parts)
        return self._assigned[key]

    def after(self, state: _State, number: int, truth: Truth) -> _State:
        """What is left to ask when a test has been asked."""
        formulas = tuple(self.assign(formula, number, truth) for formula in state.formulas)
        test = self.tests[number]
        if test.fact is None or truth is None:
            return _State(formulas, state.left)
        left = dict(state.left)
        left[test.fact] = values = left[test.fact] & test.true if truth else left[test.fact] - test.true
        for other, each in enumerate(self.tests):
            if each.fact == test.fact:
                if values <= each.true:
                    formulas = tuple(self.assign(formula, other, True) for formula in formulas)
                elif values.isdisjoint(each.true):
                    formulas = tuple(self.assign(formula, other, False) for formula in formulas)
        return _State(formulas, tuple(left.items()))

    def result(self, left: frozenset[str]) -> str | None:
        """The outcome if rules with just these outcomes are left; None if that is for the rules to say."""
        if left not in self._results:
            self._results[left] = outcome_left(self.ruleset, left)
        return self._results[left]


class _Growing:
    """One tree in the making. ``thirds``: whether what is unknown is followed further; else the tree does not tell."""

    def __init__(self, branches: Branches, thirds: bool) -> None:
        self.branches = branches
        self.thirds = thirds
        self._grown: dict[_State, _Grown] = {}
        self._open: dict[tuple[Truth | str, ...], tuple[Leaf | None, frozenset[int]]] = {}

    def grow(self, state: _State) -> _Grown:
        """The best tree of what is left to ask, as far as a few tests to begin with are tried at each place."""
        if state not in self._grown:
            leaf, relevant = self.judge(state)
            if leaf is not None:
                return _Grown(leaf, 0.0, 0)
            best: _Grown | None = None
            chosen = self._choose(state, relevant)
            for number in chosen[: WIDTH if len(self._grown) < MOST_STATES else 1]:
                found = self._begin(state, number)
                if best is None or found.worth < best.worth:
                    best = found
            assert best is not None
            self._grown[state] = best
        return self._grown[state]

    def _begin(self, state: _State, number: int) -> _Grown:
        """The tree that begins with a test."""
        branches, test = self.branches, self.branches.tests[number]
        then = self.grow(branches.after(state, number, True))
        otherwise = self.grow(branches.after(state, number, False))
        unknown = _Grown(_BAIL, 0.0, 0)
        if test.null and self.thirds:
            unknown = self.grow(branches.after(state, number, None))
        if isinstance(then.tree, Leaf) and then.tree == otherwise.tree and (not test.null or then.tree == unknown.tree):
            return then
        likely = self._likely(state, test)
        nodes = 1 + then.nodes + otherwise.nodes + unknown.nodes
        cost = test.cost + likely * then.cost + (1 - likely) * otherwise.cost
        return _Grown(Node(test, then.tree, otherwise.tree, unknown.tree), cost, nodes)

    @staticmethod
    def _likely(state: _State, test: Test) -> float:
        """How often a test may be true: not hardly ever, since policies name what matters."""
        if test.fact is None:
            return test.likely
        values = dict(state.left)[test.fact]
        return min(max(len(values & test.true) / len(values), SELDOM), 1 - SELDOM)

    def judge(self, state: _State) -> tuple[Leaf | None, frozenset[int]]:
        """What follows already, if anything does; and the outcomes on which it still depends, by place."""
        key = tuple("open" if isinstance(formula, tuple) else formula for formula in state.formulas)
        if key not in self._open:
            self._open[key] = self._judge(key)
        return self._open[key]

    def _judge(self, standing: tuple[Truth | str, ...]) -> tuple[Leaf | None, frozenset[int]]:
        outcomes = self.branches.outcomes
        held = frozenset(o for o, stands in zip(outcomes, standing, strict=True) if stands is True)
        free = [place for place, stands in enumerate(standing) if stands is None or stands == "open"]
        values = {
            frozenset(some): self.branches.result(held | {outcomes[place] for place in some}) for some in _subsets(free)
        }
        first = values[frozenset()]
        if first is not None and all(value == first for value in values.values()):
            return Leaf(first), frozenset()
        relevant = frozenset(
            place
            for place in free
            if standing[place] == "open"
            and any(values[some] != values[some | {place}] for some in values if place not in some)
        )
        return None if relevant else _BAIL, relevant

    def _choose(self, state: _State, relevant: frozenset[int]) -> list[int]:
        """The tests that may be asked next, those first that leave little to ask, whatever they say."""
        numbers = {number for place in relevant for number in _numbers(state.formulas[place])}
        return sorted(numbers, key=lambda number: (self._left(state, number), number))

    def _left(self, state: _State, number: int) -> float:
        """What a test costs, and what it leaves to ask; a little more counts where that is much on both sides."""
        branches, test = self.branches, self.branches.tests[number]
        likely = self._likely(state, test)
        then = self._size(branches.after(state, number, True))
        otherwise = self._size(branches.after(state, number, False))
        return test.cost / 2 + likely * then + (1 - likely) * otherwise + (then + otherwise) / 4

    def _size(self, state: _State) -> int:
        _, relevant = self.judge(state)
        return sum(self.branches.size(state.formulas[place]) for place in relevant)


_SIMPLE = (terms.Equal, terms.MemberOf, terms.EccnWithin, terms.HsWithin, terms.PlaceWithin)
"""Tests that are quick to ask one after another."""


def _numbers(formula: Formula) -> Iterator[int]:
    if isinstance(formula, tuple):
        if formula[0] == "test":
            yield formula[1]
        else:
            for part in formula[1:]:
                yield from _numbers(part)


def _subsets(places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(places) + 1):
        yield from combinations(places, size)


def _guess(term: Term) -> float:
    """How often a test may hold: flags and equalities hold seldom, comparisons as often as not."""
    match term:
        case terms.Field(type=BoolType()):
            return 0.3
        case terms.Equal() | terms.EccnWithin() | terms.MemberOf():
            return 0.2
        case _:
            return 0.5


def _values(fact: Term) -> frozenset[object]:
    return frozenset(fact.type.members) if isinstance(fact.type, EnumType) else frozenset()


def facts_of(term: Term) -> Iterator[Term]:
    """The fields of the record decided about that ``term`` reads."""
    if isinstance(term, terms.Field) and isinstance(term.base, terms.Local) and term.base.name == THIS:
        yield term
    else:
        for child in children(term):
            yield from facts_of(child)


def only(tree: Tree, outcome: str) -> Tree:
    """The tree that says whether the outcome is this one."""
    if isinstance(tree, Leaf):
        return _BAIL if tree.value is None else Leaf(tree.value == outcome)
    then, otherwise, unknown = (only(each, outcome) for each in (tree.then, tree.otherwise, tree.unknown))
    if isinstance(then, Leaf) and then == otherwise and (not tree.test.null or then == unknown):
        return then
    return Node(tree.test, then, otherwise, unknown)


__all__ = ["Branches", "Leaf", "Node", "Test", "Tree", "facts_of", "only"]
