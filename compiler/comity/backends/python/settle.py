"""Straight from facts to outcome: the function of a decision with so few rules that they are written out.

What another rule depends on is named first, then each outcome, the one that settles most at the top:

    charted = eccn != 'EAR99' and CHART[destination, this.reason]
    if destination in EMBARGOED and not this.deemed:
        return 'prohibited'
    if this.listed_party or charted and not …:
        return 'license_required'
    …
    return 'free'

Where something is unknown that matters, the function gives None, and the masks of rules say what follows; or False,
where that is an open answer in any case.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from comity import terms
from comity.backends.python import trees
from comity.backends.python.branches import outcome_left
from comity.backends.python.literals import NotExpressible
from comity.backends.python.module import Emission, File
from comity.backends.python.names import Names
from comity.backends.python.nullability import SURE, Context, free_locals
from comity.backends.python.substitution import is_path
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import NONE, call, const, name
from comity.core.ast import Decision, Rule
from comity.core.walk import children
from comity.runtime.rules import Ruleset
from comity.terms import THIS, Term

_MOST_TABLED = 6
"""The most outcomes that grounds choose between for which the choice is a table of what applies."""

_SEVERAL = 2
"""The fewest exceptions that are worth a test whether any rule that they are exceptions to applies."""

_OFTEN = 3
"""A test that conditions share is named once this many of them ask it."""


class Settling:
    """The body of the function in the making."""

    def __init__(
        self,
        file: File,
        emission: Emission,
        decision: Decision,
        ruleset: Ruleset,
        taken: Iterable[str],
        facts: Mapping[Term, str] = {},
    ) -> None:
        """``facts``: those that locals have already, instead of the record."""
        self.file = file
        self.emission = emission
        self.nullability = emission.nullability
        self.decision = decision
        self.ruleset = ruleset
        self.context = Context({THIS: SURE})
        self.temporaries = Names(taken)
        self.expressions = Expressions(file, self.temporaries)
        self.expressions.variables[THIS] = THIS
        self.expressions.shared.update(facts)
        self.bail: list[ast.stmt] = [trees.returns(NONE)]
        self.tells_open = False
        """Whether the function gives False where the answer is certainly open."""
        self.holds: dict[int, ast.expr] = {}
        """By number, what says whether a rule that others depend on applies."""
        self.statements: list[ast.stmt] = []
        self.prevailed_by: dict[int, list[int]] = defaultdict(list)
        self.disapplied_by: dict[int, list[int]] = defaultdict(list)
        for rule in decision.rules:
            for target in rule.targets("prevails"):
                self.prevailed_by[target].append(rule.number)
            for target in rule.targets("disapplies"):
                self.disapplied_by[target].append(rule.number)

    def body(self) -> list[ast.stmt]:
        inner = self._choose()
        return [*self.shared, *self.statements, *inner]

    # ------------------------------------------------------------------------------- what is shared

    def name_shared(self) -> None:
        """Name the facts that conditions read more than once, and the tests that many of them share."""
        self.shared: list[ast.stmt] = []
        times: Counter[Term] = Counter()
        for rule in self.decision.rules:
            times.update(parts(rule.condition))
        found = [term for term, number in times.items() if self._is_shared(term, number)]
        for term in sorted(found, key=_depth):
            value = self.expressions.value(term, self.context)
            if isinstance(value, ast.Constant):
                continue
            variable = self.expressions.temporary(term)
            self.expressions.shared[term] = variable
            self.shared.append(trees.assign(variable, value))

    def _is_shared(self, term: Term, times: int) -> bool:
        if term in self.expressions.shared:
            return False
        if free_locals(term) - {THIS} or isinstance(term, terms.Local | terms.Const) or self.nullability.raises(term):
            return False
        if isinstance(term, terms.Field):
            return times > 1 and is_path(term)
        if not isinstance(term, terms.MemberOf | terms.Lookup | terms.Equal | terms.EccnWithin) or times < _OFTEN:
            return False
        try:
            self.expressions.value(term, self.context)
        except NotExpressible:
            return False
        return not self.nullability.of(term, self.context).null

    # ------------------------------------------------------------------------------- what applies

    def _condition(self, rule: Rule) -> ast.expr:
        """The rule's own condition, written out unless only the reference semantics can say it."""
        if not self.nullability.raises(rule.condition) and not self.nullability.asks(rule.condition):
            try:
                return self.expressions.truth(rule.condition, self.context)
            except NotExpressible:
                pass
        given = map(name, self.emission.parameters(self.decision.qname))
        return call(self.file.at(self.emission.plan.rules[self.decision.qname, rule.number]), *given)

    def _name_rules(self, rules: Iterable[Rule]) -> None:
        """Say of rules that others depend on whether they apply, those on which they depend before them."""
        for rule in rules:
            if rule.number in self.holds:
                continue
            self._name_rules(self.decision.rules[n] for n in sorted(self._depends_on(rule)))
            guards, condition = self._guards(rule), self._condition(rule)
            parts = [condition, *guards] if self._may_raise(rule) else [*guards, condition]
            if rule.refer is not None:
                parts = [trees.compare(p, ast.IsNot(), const(False)) if p is condition else p for p in parts]
                self.statements.append(ast.If(trees.both(parts), self.bail, []))
                self.holds[rule.number] = const(False)
                continue
            variable = self.temporaries.claim(_variable(rule))
            self.statements.append(trees.assign(variable, trees.both(parts)))
            if self._null(rule):
                self.statements.append(ast.If(trees.is_none(name(variable)), self.bail, []))
            self.holds[rule.number] = name(variable)

    def _entangled(self) -> set[int]:
        """Rules on which others depend, or which may raise or refer."""
        rules = self.decision.rules
        excepted = {target for rule in rules for target in rule.targets("exception")}
        return excepted | {
            rule.number
            for rule in rules
            if rule.targets("disapplies") or rule.targets("prevails") or rule.refer is not None or self._may_raise(rule)
        }

    def _depends_on(self, rule: Rule) -> set[int]:
        return {*rule.targets("exception"), *self.disapplied_by[rule.number]}

    def _guards(self, rule: Rule) -> list[ast.expr]:
        """What must hold of other rules for ``rule`` to apply."""
        excepted = rule.targets("exception")
        guards = [trees.either([self.holds[target] for target in excepted])] if excepted else []
        return [*guards, *self._none_of(self.disapplied_by[rule.number])]

    def _none_of(self, numbers: Sequence[int]) -> list[ast.expr]:
        return [trees.negation(self.holds[n]) for n in numbers if not isinstance(self.holds[n], ast.Constant)]

    # ------------------------------------------------------------------------------- what prevails

    def _choose(self) -> list[ast.stmt]:
        """From what applies to the outcome: which outcomes are left, and what follows if they are."""
        rules = self.decision.rules
        self.name_shared()
        entangled = self._entangled()
        eager = [rule for rule in rules if rule.refer is not None or self._may_raise(rule)]
        if eager:  # an error or a question to counsel may be anywhere, and comes before any outcome
            self._name_rules(rule for rule in rules if rule.number in entangled)
        left = [outcome for outcome in self.decision.outcomes.members if any(r.outcome == outcome for r in rules)]
        open_: list[tuple[str, ast.expr]] = []
        none_left = False
        for position, outcome in enumerate(left):
            others = [*(o for o, _ in open_), *left[position + 1 :]]
            result = self._settled_by(outcome, others)
            done = self._free(outcome, entangled) if result is not None else []
            if done:  # what depends on no other rule is asked before others are named
                tests = trees.either([self._condition(rule) for rule in done])
                self.statements.append(ast.If(tests, [trees.returns(const(result))], []))
            if not open_ and not none_left:
                none_left = self._end_without_exceptions(left[position:], {rule.number for rule in done})
            test, null = self._is_left(outcome, entangled, {rule.number for rule in done})
            if isinstance(test, ast.Constant):  # a condition that no fact changes, as of a rule without one
                if test.value is None:
                    self.statements += self.bail
                    return []
                if test.value and result is not None:
                    self.statements.append(trees.returns(const(result)))
                    return []
                if test.value:
                    open_.append((outcome, test))
                continue
            if result is not None and not null:
                self.statements.append(ast.If(test, [trees.returns(const(result))], []))
                continue
            variable = self.temporaries.claim(outcome)
            self.statements.append(trees.assign(variable, test))
            if result is not None:
                self.statements.append(ast.If(name(variable), [trees.returns(const(result))], []))
            else:
                open_.append((outcome, name(variable)))
            if null:
                is_open = self.tells_open and self._is_open(outcome, others)
                left_open = [trees.returns(const(False))] if is_open else self.bail
                self.statements.append(ast.If(trees.is_none(name(variable)), left_open, []))
        return self._pick(open_)

    def _is_open(self, outcome: str, others: Sequence[str]) -> bool:
        """Whether the answer is open where it is unknown if ``outcome`` is left, whichever ``others`` are.

        What other rules depend on is known by then, so it is left for some conditions, and not for others: the outcome
        is another then, or of two contradictions one at most remains.
        """
        otherwise = self.decision.otherwise
        if otherwise in (None, outcome) or len(others) > _MOST_TABLED:
            return False
        if any(ground.kind in ("rank", "later") for ground in self.ruleset.grounds):
            return False
        for also in map(set, _subsets(others)):
            found, without = outcome_left(self.ruleset, {outcome, *also}), outcome_left(self.ruleset, also)
            if found not in (None, outcome) or found == without:
                return False
        return True

    def _end_without_exceptions(self, outcomes: Sequence[str], done: set[int]) -> bool:
        """Return what holds otherwise where no rule is left to which there may be exceptions: these need no look then.

        ``outcomes``: those that are still open. ``done``: rules that do not apply, or the function would have returned.
        Gives whether there is such a test.
        """
        rules = self.decision.rules
        exceptions = [rule for rule in rules if rule.targets("exception")]
        excepted = {number for rule in exceptions for number in rule.targets("exception")}
        roots = [
            rule
            for rule in rules
            if not rule.targets("exception")
            and rule.number not in done
            and (rule.outcome in outcomes or rule.number in excepted)
        ]
        if len(exceptions) < _SEVERAL or self.decision.otherwise is None:
            return False
        if any(rule.number not in excepted for rule in roots):
            return False  # of an outcome that comes later, and is asked about by itself
        if any(rule.refer is not None or self._may_raise(rule) or self._null(rule) for rule in (*roots, *exceptions)):
            return False
        self._name_rules(roots)
        test = trees.either([self.holds[rule.number] for rule in roots])
        self.statements.append(ast.If(trees.negation(test), [trees.returns(const(self.decision.otherwise))], []))
        return True

    def _free(self, outcome: str, entangled: set[int]) -> list[Rule]:
        """Rules with ``outcome`` that depend on no other, no other depends on, and that are never unknown."""
        return [
            rule
            for rule in self.decision.rules
            if rule.outcome == outcome
            and rule.number not in entangled
            and not (self.prevailed_by[rule.number] or self._depends_on(rule) or self._null(rule))
        ]

    def _settled_by(self, outcome: str, others: Sequence[str]) -> str | None:
        """The outcome of the decision where ``outcome`` is left, if that is the same whichever others are."""
        if len(others) > _MOST_TABLED:
            return None
        results = {outcome_left(self.ruleset, {outcome, *also}) for also in _subsets(others)}
        return results.pop() if len(results) == 1 else None

    def _pick(self, open_: list[tuple[str, ast.expr]]) -> list[ast.stmt]:
        outcomes = [outcome for outcome, _ in open_]
        several = [set(some) for some in _subsets(outcomes) if len(some) > 1] if len(outcomes) <= _MOST_TABLED else []
        tests = [test for _, test in open_]
        if any(outcome_left(self.ruleset, some) is not None for some in several):
            flags = ((set(some), [const(outcome in some) for outcome in outcomes]) for some in _subsets(outcomes))
            table = trees.dict_of(
                (trees.tuple_of(flag), const(outcome_left(self.ruleset, some))) for some, flag in flags
            )
            return [trees.returns(trees.subscript(table, trees.tuple_of(call("bool", test) for test in tests)))]
        statements: list[ast.stmt] = []
        for position, test in enumerate(tests[:-1]):
            clash = trees.both([test, trees.either(tests[position + 1 :])])
            statements.append(ast.If(clash, self.bail, []))
        result: ast.expr = const(self.decision.otherwise)
        for outcome, test in reversed(open_):
            result = trees.choose(test, const(outcome), result)
        return [*statements, trees.returns(result)]

    def _is_left(self, outcome: str, entangled: set[int], done: set[int]) -> tuple[ast.expr, bool]:
        """Whether a rule with ``outcome``, none of ``done``, applies and none that applies prevails over it; and
        whether that may be unknown.
        """
        sure: list[ast.expr] = []
        doubtful: list[tuple[str, ast.expr]] = []
        for rule in self.decision.rules:
            if rule.outcome != outcome or rule.refer is not None or rule.number in done:
                continue
            winners = self.prevailed_by[rule.number]
            needed = {*winners, *self._depends_on(rule), *({rule.number} & entangled)}
            self._name_rules(self.decision.rules[number] for number in sorted(needed))
            undefeated = self._none_of(winners)
            if rule.number in self.holds:
                sure.insert(0, trees.both([self.holds[rule.number], *undefeated]))
                continue
            test = trees.both([*self._guards(rule), *undefeated, self._condition(rule)])
            if self._null(rule):
                doubtful.append((_variable(rule), test))
            else:
                sure.append(test)
        if len(doubtful) < 2:
            return trees.either([*sure, *(test for _, test in doubtful)]), bool(doubtful)
        names = [self.temporaries.claim(wanted) for wanted, _ in doubtful]
        tests = [trees.bind(variable, test) for variable, (_, test) in zip(names, doubtful, strict=True)]
        unknown = trees.either([trees.is_none(name(variable)) for variable in names])
        return trees.either([*sure, *tests, trees.choose(unknown, NONE, const(False))]), True

    def _null(self, rule: Rule) -> bool:
        return self.nullability.of(rule.condition, self.context).null

    def _may_raise(self, rule: Rule) -> bool:
        return self.nullability.raises(rule.condition)


def _variable(rule: Rule) -> str:
    return rule.family if rule.key is None else f"{rule.family}_{rule.key}"


def parts(term: Term) -> Iterator[Term]:
    """``term`` and everything below it."""
    yield term
    for child in children(term):
        yield from parts(child)


def _depth(term: Term) -> int:
    return 1 + max(map(_depth, children(term)), default=0)


def _subsets(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(items) + 1):
        yield from combinations(items, size)
