"""The file of one decision: its predicates for users, its rules as data, and how they settle when nothing is open."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations
from types import UnionType

from comity import terms
from comity.backends.python import trees
from comity.backends.python.doubt import SURE, Context
from comity.backends.python.imports import header
from comity.backends.python.literals import optional
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.names import Names
from comity.backends.python.plan import qname
from comity.backends.python.trees import NONE, attribute, call, const, name
from comity.core.ast import Decision, Rule
from comity.core.interpret import ruleset as resolved
from comity.core.interpret import version
from comity.core.walk import children
from comity.runtime import rules as resolution
from comity.runtime.resolve import resolve
from comity.runtime.rules import Ruleset
from comity.terms import THIS, Term

_WORDS = (
    "records", "decide", "answer", "outcome", "RULES", "DECISION", "Answer", "Decision", "Ground", "Mapping", "Rule",
    "Ruleset", "PolicyError", "Truth", "date", "interpreter",
)  # fmt: skip
_MOST_TABLED = 6
"""Up to so many outcomes that grounds must choose between, the choice is a table of what stands."""


class DecisionFile(File):
    """The file in the making."""

    def __init__(self, emission: Emission, decision: Decision) -> None:
        super().__init__(emission, emission.plan.decisions[decision.qname])
        self.decision = decision
        self.ruleset = resolved(decision)
        self.context = Context({THIS: SURE})
        self.conditions = [
            call(self.at(emission.plan.rules[decision.qname, rule.number]), name(THIS), name("day"))
            for rule in decision.rules
        ]

    def emit(self) -> str:
        decision, plan = self.decision, self.plan
        public = Names(_WORDS)
        names = {outcome: public.claim(outcome) for outcome in decision.outcomes.members}
        definitions = {shown: public.claim(shown) for shown in plan.public.values()}
        statements: list[ast.stmt] = [
            self._decide("decide", "The answer, with the rules that decided and what is still needed.", "answer"),
            self._decide("answer", "As `decide`, but a certain gap or contradiction is an answer too.", "answer"),
            self._outcome(),
            *(
                self._predicate(names[outcome], outcome, doc)
                for outcome, doc in zip(decision.outcomes.members, decision.outcome_docs, strict=True)
            ),
            self._settled(),
            self._determined(),
            self._conditions(),
            trees.assign("RULES", self._rules()),
            trees.assign("DECISION", self._facade()),
        ]
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        title = docstring(decision.doc, decision.cites, list(self._title()), indent=0)
        imports = header(plan, self.module, [*constants, *statements])
        if definitions:
            imports.append(trees.import_from(1, "definitions", definitions))
        return trees.source([*title, *imports, *constants, *statements])

    def _title(self) -> Iterator[str]:
        decision = self.decision
        yield "Outcomes, most restrictive first:"
        for outcome, doc in zip(decision.outcomes.members, decision.outcome_docs, strict=True):
            yield f"    {outcome}{': ' if doc else ''}{doc}"
        if decision.otherwise is not None:
            yield f"Where no rule decides: {decision.otherwise}."

    # ------------------------------------------------------------------------------------- for users

    def _signature(self) -> tuple[list[trees.Parameter], list[trees.Parameter]]:
        mapping = trees.subscript("Mapping", trees.tuple_of((name("str"), name("object"))))
        found = trees.subscript("Mapping", trees.tuple_of((name("str"), trees.union(name("bool"), name("str")))))
        facts = trees.union(self.record(self.decision.record), mapping)
        return (
            [("facts", facts, None)],
            [
                ("as_of", trees.union(name("date"), name("str"), NONE), NONE),
                ("findings", trees.union(found, NONE), NONE),
            ],
        )

    def _decide(self, function: str, doc: str, method: str) -> ast.stmt:
        given, keywords = self._signature()
        value = call(f"DECISION.{method}", name("facts"), name("as_of"), name("findings"))
        if function == "decide":
            value = call(attribute(value, "or_raise"))
        return trees.function(
            function, given, name("Answer"), [*trees.doc(doc), trees.returns(value)], keyword_only=keywords
        )

    def _outcome(self) -> ast.stmt:
        """The hot path: a record that has checked itself, on a day, with nothing unknown that matters."""
        record = self.decision.record
        facts, settled = name("facts"), name("settled")
        tests = [trees.compare(call("type", facts), ast.Is(), self.record(record)), trees.is_none(name("findings"))]
        day: ast.expr = name("as_of")
        if record.as_of is None:
            tests.append(call("isinstance", day, name("date")))
        else:
            tests.append(trees.is_none(name("as_of")))
            day = attribute(facts, self.attribute(record, record.as_of))
            field = record.field(record.as_of)
            if field is None or field.optional:
                tests.append(trees.is_not_none(day))
        value = call("_settled", facts, day)
        kept = self.plan.always.get(qname(record))
        if kept is not None:
            value = trees.choose(call(self.at(kept), facts, day), value, NONE)
        quick: list[ast.stmt] = [
            trees.assign("settled", value),
            ast.If(trees.is_not_none(settled), [trees.returns(settled)], []),
        ]
        if self._raises():
            handler = ast.ExceptHandler(name("PolicyError"), None, [ast.Pass()])
            quick = [ast.Try(quick, [handler], [], [])]
        given, keywords = self._signature()
        return trees.function(
            "outcome",
            [*given, *((n, a, NONE) for n, a, _ in keywords)],
            name("str"),
            [
                *trees.doc("The outcome; raises Undetermined, ContradictionError or GapError where there is none."),
                ast.If(trees.both(tests), quick, []),
                trees.returns(call("DECISION.outcome", facts, name("as_of"), name("findings"))),
            ],
        )

    def _predicate(self, function: str, outcome: str, doc: str) -> ast.stmt:
        given, keywords = self._signature()
        value = trees.compare(call("outcome", name("facts"), name("as_of"), name("findings")), ast.Eq(), const(outcome))
        said = doc or f"Whether the outcome is `{outcome}`."
        return trees.function(
            function, given, name("bool"), [*docstring(said, ()), trees.returns(value)], keyword_only=keywords
        )

    # ------------------------------------------------------------------------------------- as data

    def _rules(self) -> ast.expr:
        ruleset = self.ruleset
        rules = []
        for rule in ruleset.rules:
            keywords: dict[str, ast.expr] = {}
            if rule.refers:
                keywords["refers"] = const(True)
            for key in ("exception_to", "disapplies", "prevails_over"):
                if numbers := getattr(rule, key):
                    keywords[key] = trees.tuple_of(map(const, numbers))
            if rule.rank is not None:
                keywords["rank"] = const(rule.rank)
            if rule.begins:
                keywords["begins"] = trees.tuple_of(map(self.constant, rule.begins))
            cites = trees.tuple_of(map(const, rule.citations))
            rules.append(call("Rule", const(rule.name), const(rule.module), const(rule.outcome), cites, **keywords))
        grounds = [
            call("Ground", const(g.kind), const(g.winner), const(g.loser), trees.tuple_of(map(const, g.citations)))
            for g in ruleset.grounds
        ]
        outcomes = trees.tuple_of(map(const, ruleset.outcomes))
        return call("Ruleset", outcomes, const(ruleset.otherwise), trees.tuple_of(rules), trees.tuple_of(grounds))

    def _facade(self) -> ast.expr:
        program = self.emission.program
        record = self.decision.record
        questions = {rule.number: rule.question for rule in self.decision.rules if rule.refer is not None}
        referring = self.emission.interpreter.referring_rules
        return call(
            "Decision",
            const(self.decision.qname),
            trees.dotted("records.facts"),
            self.record(record),
            name("RULES"),
            version=const(version(program)),
            conditions=name("_conditions"),
            keeps=self._keeps(),
            questions=trees.dict_of((const(number), const(question)) for number, question in questions.items()),
            referring=trees.dict_of(
                (const(finding), trees.tuple_of(map(const, outcomes)))
                for finding, outcomes in sorted(referring.items())
            ),
            plain=const(not self._asks_for(terms.IsKnown)),
            alone=const(not self._asks_for(terms.OutcomeOf | terms.RuleHolds)),
            interpreter=name("interpreter"),
        )

    def _keeps(self) -> ast.expr:
        """Asked through the module, which may still be loading when this file is: policies may use each other."""
        kept = self.plan.always.get(qname(self.decision.record))
        if kept is None:
            return trees.NONE
        return trees.lambda_of((THIS, "day"), call(self.at(kept), name(THIS), name("day")))

    def _conditions(self) -> ast.stmt:
        return trees.function(
            "_conditions",
            [(THIS, self.record(self.decision.record), None), ("day", name("date"), None)],
            trees.subscript("list", name("Truth")),
            [
                *trees.doc("Each rule's own condition, in the order of `RULES`."),
                trees.returns(ast.List(self.conditions, ast.Load())),
            ],
        )

    # ------------------------------------------------------------------------------------- settling

    def _determined(self) -> ast.stmt:
        """What the rules alone say: `always` lines are asked once, of the facts that came in."""
        quick: ast.expr = call("_settled", name(THIS), name("day"))
        full = attribute(call("DECISION.said", name(THIS), name("day")), "outcome")
        statements: list[ast.stmt] = []
        if any(map(self._may_raise, self.decision.rules)):
            # `_settled` asks rules in an order of its own; the error to raise is that of the first rule.
            handler = ast.ExceptHandler(name("PolicyError"), None, [trees.assign("settled", NONE)])
            statements.append(ast.Try([trees.assign("settled", quick)], [handler], [], []))
            quick = name("settled")
        return trees.function(
            "_determined",
            [(THIS, self.record(self.decision.record), None), ("day", name("date"), None)],
            optional(name("str")),
            [
                *trees.doc("The outcome for other decisions: None unless determined."),
                *statements,
                trees.returns(trees.either([quick, full])),
            ],
        )

    def _settled(self) -> ast.stmt:
        """Straight from conditions to outcome, each asked only where it can matter."""
        temporaries = Names((*_WORDS, *self.plan.aliases.values(), "_settled"))
        statements: list[ast.stmt] = []
        bail: list[ast.stmt] = [trees.returns(NONE)]
        holds: dict[int, ast.expr] = {}
        for rule in self._entangled():
            guards, condition = self._guards(rule, holds), self.conditions[rule.number]
            parts = [condition, *guards] if self._may_raise(rule) else [*guards, condition]
            if rule.refer is not None:
                parts = [trees.compare(p, ast.IsNot(), const(False)) if p is condition else p for p in parts]
                statements.append(ast.If(trees.both(parts), bail, []))
                holds[rule.number] = const(False)
                continue
            variable = temporaries.claim(self._variable(rule))
            statements.append(trees.assign(variable, trees.both(parts)))
            if self._null(rule):
                statements.append(ast.If(trees.is_none(name(variable)), bail, []))
            holds[rule.number] = name(variable)
        statements += self._choose(holds, temporaries, bail)
        return trees.function(
            "_settled",
            [(THIS, self.record(self.decision.record), None), ("day", name("date"), None)],
            optional(name("str")),
            [*trees.doc("The outcome where conditions settle it at once; None leaves it to `RULES`."), *statements],
        )

    @staticmethod
    def _variable(rule: Rule) -> str:
        return rule.family if rule.key is None else f"{rule.family}_{rule.key}"

    def _entangled(self) -> list[Rule]:
        """Rules on which others hang, or which may raise or refer, those on which they hang before them."""
        rules = self.decision.rules
        excepted = {target for rule in rules for target in rule.targets("exception")}
        waiting = [
            rule
            for rule in rules
            if rule.targets("disapplies")
            or rule.targets("prevails")
            or rule.number in excepted
            or rule.refer is not None
            or self._may_raise(rule)
        ]
        placed: list[Rule] = []
        numbers: set[int] = set()
        entangled = {rule.number for rule in waiting}
        while waiting:
            ready = [rule for rule in waiting if self._hangs_on(rule) & entangled <= numbers]
            placed += ready
            numbers.update(rule.number for rule in ready)
            waiting = [rule for rule in waiting if rule.number not in numbers]
        return placed

    def _hangs_on(self, rule: Rule) -> set[int]:
        disablers = {other.number for other in self.decision.rules if rule.number in other.targets("disapplies")}
        return set(rule.targets("exception")) | disablers

    def _guards(self, rule: Rule, holds: dict[int, ast.expr]) -> list[ast.expr]:
        """What must hold of other rules for ``rule`` to apply."""
        excepted = rule.targets("exception")
        guards = [trees.either([holds[target] for target in excepted])] if excepted else []
        disablers = sorted(self._hangs_on(rule) - set(excepted))
        both_ways = [n for n in excepted if rule.number in self.decision.rules[n].targets("disapplies")]
        return [*guards, *self._none_of([*disablers, *both_ways], holds)]

    def _none_of(self, numbers: Sequence[int], holds: dict[int, ast.expr]) -> list[ast.expr]:
        return [trees.negation(holds[n]) for n in numbers if not isinstance(holds[n], ast.Constant)]

    def _choose(self, holds: dict[int, ast.expr], temporaries: Names, bail: list[ast.stmt]) -> list[ast.stmt]:
        """From what applies to the outcome: which outcomes stand, and what follows if they do."""
        standing = [o for o in self.decision.outcomes.members if any(r.outcome == o for r in self.decision.rules)]
        statements: list[ast.stmt] = []
        open_: list[tuple[str, ast.expr]] = []
        for position, outcome in enumerate(standing):
            test, null = self._stands(outcome, holds, temporaries)
            variable = temporaries.claim(outcome)
            statements.append(trees.assign(variable, test))
            if null:
                statements.append(ast.If(trees.is_none(name(variable)), bail, []))
            later = standing[position + 1 :]
            others = [*(o for o, _ in open_), *later]
            if len(others) > _MOST_TABLED:
                results: set[str | None] = {None}
            else:
                results = {self._result({outcome, *also}) for also in _subsets(others)}
            if len(results) == 1 and None not in results:
                statements.append(ast.If(name(variable), [trees.returns(const(results.pop()))], []))
            else:
                open_.append((outcome, name(variable)))
        return [*statements, *self._pick(open_, bail)]

    def _pick(self, open_: list[tuple[str, ast.expr]], bail: list[ast.stmt]) -> list[ast.stmt]:
        outcomes = [outcome for outcome, _ in open_]
        several = [set(some) for some in _subsets(outcomes) if len(some) > 1] if len(outcomes) <= _MOST_TABLED else []
        tests = [test for _, test in open_]
        if any(self._result(some) is not None for some in several):
            flags = ((set(some), [const(outcome in some) for outcome in outcomes]) for some in _subsets(outcomes))
            table = trees.dict_of((trees.tuple_of(flag), const(self._result(some))) for some, flag in flags)
            return [trees.returns(trees.subscript(table, trees.tuple_of(tests)))]
        statements: list[ast.stmt] = []
        for position, test in enumerate(tests[:-1]):
            clash = trees.both([test, trees.either(tests[position + 1 :])])
            statements.append(ast.If(clash, bail, []))
        result: ast.expr = const(self.decision.otherwise)
        for outcome, test in reversed(open_):
            result = trees.choose(test, const(outcome), result)
        return [*statements, trees.returns(result)]

    def _stands(self, outcome: str, holds: dict[int, ast.expr], temporaries: Names) -> tuple[ast.expr, bool]:
        """Whether a rule with ``outcome`` applies and none that applies prevails over it; if that may be unknown."""
        sure: list[ast.expr] = []
        doubtful: list[tuple[str, ast.expr]] = []
        for rule in self.decision.rules:
            if rule.outcome != outcome or isinstance(holds.get(rule.number), ast.Constant):
                continue
            winners = [other.number for other in self.decision.rules if rule.number in other.targets("prevails")]
            undefeated = self._none_of(winners, holds)
            if rule.number in holds:
                sure.insert(0, trees.both([holds[rule.number], *undefeated]))
                continue
            test = trees.both([*self._guards(rule, holds), *undefeated, self.conditions[rule.number]])
            if self._null(rule):
                doubtful.append((self._variable(rule), test))
            else:
                sure.append(test)
        if len(doubtful) < 2:
            return trees.either([*sure, *(test for _, test in doubtful)]), bool(doubtful)
        names = [temporaries.claim(wanted) for wanted, _ in doubtful]
        tests = [trees.bind(variable, test) for variable, (_, test) in zip(names, doubtful, strict=True)]
        unknown = trees.either([trees.is_none(name(variable)) for variable in names])
        return trees.either([*sure, *tests, trees.choose(unknown, NONE, const(False))]), True

    def _result(self, standing: set[str]) -> str | None:
        """The outcome if rules with just these outcomes are left; None if that is for the rules to say."""
        if len(standing) > 1 and any(ground.kind in ("rank", "later") for ground in self.ruleset.grounds):
            return None
        rules = [resolution.Rule(outcome, outcome=outcome) for outcome in self.ruleset.outcomes]
        ruleset = Ruleset(self.ruleset.outcomes, self.ruleset.otherwise, rules, self.ruleset.grounds)
        return resolve(ruleset, [outcome in standing for outcome in self.ruleset.outcomes]).outcome

    # ------------------------------------------------------------------------------------- asking

    def _null(self, rule: Rule) -> bool:
        return self.doubts.of(rule.condition, self.context).null

    def _may_raise(self, rule: Rule) -> bool:
        return self.doubts.raises(rule.condition)

    def _raises(self) -> bool:
        lines = self.emission.program.always.values()
        return any(map(self._may_raise, self.decision.rules)) or any(
            self.doubts.raises(line.condition) for group in lines for line in group
        )

    def _asks_for(self, kind: type[Term] | UnionType) -> bool:
        """Whether evaluating the rules may come to a term of this kind."""
        program = self.emission.program
        seen: set[str] = set()
        waiting = [rule.condition for rule in self.decision.rules]
        while waiting:  # without recursion: chains of definitions may be long
            term = waiting.pop()
            if isinstance(term, kind):
                return True
            waiting += children(term)
            match term:
                case terms.Call(define=key) if key not in seen:
                    seen.add(key)
                    waiting.append(program.defines[key].body)
                case terms.NamedSet(name=key) if key not in seen:
                    seen.add(key)
                    waiting.append(program.sets[key].body)
                case terms.OutcomeOf(decision=key) | terms.RuleHolds(decision=key) if key not in seen:
                    seen.add(key)
                    waiting += [rule.condition for rule in program.decisions[key].rules]
        return False


def _subsets(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(items) + 1):
        yield from combinations(items, size)
