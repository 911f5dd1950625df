"""Decisions made small: families become rules, precedence clauses become edges between rule numbers.

    rule chart_control for licensing:            rule 0: chart_control[NS1]   membership: NS1 in ccl[item.eccn].columns
        for each r in ccl[item.eccn].columns                                  when: chart[destination, NS1]
        when chart[destination, r]               rule 1: chart_control[NS2]   membership: NS2 in …
        then license_required

Where the members of the set depend on neither facts nor day, there is a rule for each of them and no membership.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Literal, TypeAlias

from comity import terms
from comity.base.diagnostics import Report
from comity.base.interruption import check_interrupted
from comity.base.late import is_late, late
from comity.base.source import Span
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.evaluate import Evaluator
from comity.core.lower.facts import lower_define, lower_set
from comity.core.precedence import acyclic_rules, check_grounds
from comity.core.walk import BINDERS, children, substitute
from comity.runtime.types import EnumType
from comity.terms import FALSE, Term


def lower_decision(
    decision: checked.Decision,
    declared: Sequence[checked.Rule],
    sources: tuple[tuple[str, int], ...],
    constants: Constants,
    report: Report,
) -> core.Decision:
    """A decision with the rules ``declared`` about it."""
    instances = [instance for rule in declared for instance in _instances(rule, constants)]
    check_interrupted()
    edges = _edges(instances, constants)
    rules = _questions([_rule(number, instance, edges[number]) for number, instance in enumerate(instances)])
    return core.Decision(
        decision.qname,
        decision.record,
        decision.outcomes,
        check_grounds(decision.grounds, report),
        decision.otherwise,
        acyclic_rules(rules, report),
        sources,
        outcome_docs=decision.outcome_docs,
        doc=decision.doc,
        cites=decision.cites,
        span=decision.span,
    )


def sources_of(modules: Mapping[str, checked.Module], names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The latest source of each of these modules that names a day, and that day's ordinal."""
    found: dict[tuple[str, int], None] = {}
    for name in dict.fromkeys(names):
        if sources := modules[name].sources:
            day, text = max(sources)
            found[text, day.toordinal()] = None
    return tuple(found)


_Instance = tuple[checked.Rule, str | None, Term | None]
"""A rule as declared, the family's member it stands for, and the condition that the member is in the set."""


def _instances(rule: checked.Rule, constants: Constants) -> list[_Instance]:
    if rule.for_each is None:
        return [(rule, None, None)]
    _, source, member_type = rule.for_each
    members = constants.members(source, member_type)
    # A family over an empty set keeps its rules, none of which can apply, so that the linter can say so (L202).
    return [(rule, key, condition) for key, condition in members] or [(rule, key, FALSE) for key in member_type.members]


_late_when = late(core.Rule, "when")
_late_conditions = late(core.Rule, "when", "unless")


def _rule(number: int, instance: _Instance, edges: tuple[core.Edge, ...]) -> core.Rule:
    declared, key, membership = instance
    if any(clause.kind == "exception to" for clause in declared.precedence) and not any(
        edge.kind == "exception" for edge in edges
    ):
        membership = FALSE  # An exception to rules that are not there reaches nothing; else it would reach everything.
    values = _key_value(declared, key)
    make: Callable[..., core.Rule] = core.Rule
    when = unless = None
    if key is None and is_late(declared, "unless"):
        make = partial(_late_conditions, partial(_conditions, declared))
    elif key is None and is_late(declared, "when"):
        make = partial(_late_when, partial(_conditions, declared))
    else:
        when, unless = declared.when, declared.unless
    return make(
        number=number,
        name=declared.name if key is None else f"{declared.name}[{key}]",
        family=declared.name,
        key=key,
        module=declared.module,
        doc=declared.doc,
        cites=declared.cites,
        span=declared.span,
        window=declared.window,
        membership=membership,
        when=None if when is None else substitute(when, values),
        unless=None if unless is None else substitute(unless, values),
        refer=declared.refer,
        outcome=declared.then,
        edges=edges,
        rank=declared.rank,
        alike=False,
    )


def _conditions(declared: checked.Rule) -> dict[str, Term | None]:
    """`when` and `unless` of a rule that is not of a family."""
    found = {"when": declared.when, "unless": declared.unless}
    return {name: None if term is None else substitute(term, {}) for name, term in found.items()}


def _questions(rules: list[core.Rule]) -> list[core.Rule]:
    """The rules; those of a family that refers to counsel know whether all its members ask the same of the facts."""
    families: dict[tuple[str, str], list[core.Rule]] = {}
    for rule in rules:
        if rule.refer is not None and rule.key is not None:
            families.setdefault((rule.module, rule.family), []).append(rule)
    for first, *others in families.values():
        own = (first.membership, first.when, first.unless)
        if all((each.membership, each.when, each.unless) == own for each in others):
            for rule in (first, *others):
                rules[rule.number] = replace(rule, alike=True)
    return rules


def _key_value(declared: checked.Rule, key: str | None) -> dict[str, Term]:
    if declared.for_each is None or key is None:
        return {}
    variable, source, member_type = declared.for_each
    return {variable: terms.Const(key, member_type, span=source.span)}


# ------------------------------------------------------------------------------------------- edges


def _edges(instances: Sequence[_Instance], constants: Constants) -> list[tuple[core.Edge, ...]]:
    """For each rule, the edges that belong on it, whichever rule's clause declares them."""
    targets = _Targets(instances, constants)
    edges: list[list[core.Edge]] = [[] for _ in instances]
    for number, (declared, key, _) in enumerate(instances):
        for clause in declared.precedence:
            written, span = clause.kind, clause.span
            every = any(isinstance(target, checked.EveryRuleTarget) and not target.module for target in clause.targets)
            for target in dict.fromkeys(targets.of(clause, declared, key)):
                holder, other = (target, number) if written == "subject to" else (number, target)
                for kind in _KINDS[written]:
                    displaces = every and written == "notwithstanding"
                    edge = core.Edge(
                        kind, other, written=written, declared_by=number, every_other=displaces, clause=span
                    )
                    edges[holder].append(edge)
    return [tuple(own) for own in edges]


_KINDS: Mapping[str, tuple[Literal["prevails", "exception", "disapplies"], ...]] = {
    "notwithstanding": ("prevails",),
    "subject to": ("prevails",),
    "exception to": ("exception", "prevails"),
    "disapplies": ("disapplies",),
}
"""The edges that a clause makes for each rule that it names. `subject to` puts its edge on the rule that it names."""


class _Targets:
    """Finds the rules that a precedence clause speaks of."""

    def __init__(self, instances: Sequence[_Instance], constants: Constants) -> None:
        self.constants = constants
        self.all = range(len(instances))
        self.families: dict[str, list[int]] = {}
        self.modules: dict[str, list[int]] = {}
        self.keyed: dict[tuple[str, object], int] = {}
        for number, (declared, key, _) in enumerate(instances):
            self.families.setdefault(declared.qname, []).append(number)
            self.modules.setdefault(declared.module, []).append(number)
            self.keyed[declared.qname, key] = number

    def of(self, clause: checked.PrecedenceClause, declared: checked.Rule, key: str | None) -> Iterable[int]:
        return chain.from_iterable(self._of(target, declared, key) for target in clause.targets)

    def _of(
        self, target: checked.RuleTarget | checked.EveryRuleTarget, declared: checked.Rule, key: str | None
    ) -> Sequence[int]:
        match target:
            case checked.RuleTarget(rule=rule, key=None):
                return self.families.get(rule, ())
            case checked.RuleTarget(rule=rule, key=written) if written is not None:
                member = self.constants.value(substitute(written, _key_value(declared, key)))
                return [self.keyed[rule, member]] if (rule, member) in self.keyed else ()
            case checked.EveryRuleTarget(module=module, excepted=excepted):
                # A rule that speaks of every rule does not speak of itself, nor a family of its own members.
                left_out = set(self.families[declared.qname])
                for exception in excepted:
                    left_out.update(self._of(exception, declared, key))
                every = self.all if module is None else self.modules.get(module, ())
                return [number for number in every if number not in left_out]
        raise AssertionError(target)


# ------------------------------------------------------------------------------------------- constants


class Constants:
    """What terms are worth by the program alone, whatever the facts and the day."""

    def __init__(self, facts: core.Program) -> None:
        self.program = facts
        self.evaluator = Evaluator(facts)
        self.fixed_names: dict[str, bool] = {}

    def value(self, term: Term) -> object:
        """The value of a term that does not depend on facts; unknown (None) for any other."""
        return self.evaluator.constant(term) if self.is_fixed(term) else None

    def members(self, source: Term, member_type: EnumType) -> list[tuple[str, Term | None]]:
        """The members that ``source`` may hold, each with the condition that it does (None: always)."""
        fixed = self.is_fixed(source)
        at_most = self.at_most(source)
        result: list[tuple[str, Term | None]] = []
        for member in member_type.members:
            if at_most is not None and member not in at_most:
                continue
            condition = terms.MemberOf(terms.Const(member, member_type), source, span=source.span)
            held = self.evaluator.constant(condition) if fixed else None
            if held is not False:
                result.append((member, None if held else condition))
        return result

    def at_most(self, term: Term) -> frozenset[object] | None:
        """Members that a set cannot go beyond on any facts and day; None where nothing is known."""
        match term:
            case terms.Const(value=frozenset() as value):
                return value
            case terms.SetOf(elements=elements) if all(isinstance(e, terms.Const) for e in elements):
                return frozenset(e.value for e in elements if isinstance(e, terms.Const))
            case terms.NamedSet(name=name):
                return self.at_most(self.program.sets[name].body)
            case terms.Filter(source=source):
                return self.at_most(source)
            case terms.When(value=value):
                return self.at_most(value)
            case terms.SetOperation(operator=operator, left=left, right=right):
                low, high = self.at_most(left), self.at_most(right)
                match operator:
                    case "|":
                        return None if low is None or high is None else low | high
                    case "&":
                        return high if low is None else low if high is None else low & high
                    case "-":
                        return low
            case _:
                return None

    def is_fixed(self, term: Term, bound: frozenset[str] = frozenset()) -> bool:
        """Whether the value depends on neither facts nor the day."""
        match term:
            case terms.Local(name=name):
                return name in bound
            case terms.InWindow() | terms.OutcomeOf() | terms.RuleHolds() | terms.CommitmentState():
                return False
            case terms.NamedSet(name=name):
                if not self._fixed_name(name, self.program.sets[name].body, frozenset()):
                    return False
            case terms.Call(define=name):
                define = self.program.defines[name]
                if not self._fixed_name(name, define.body, frozenset(p for p, _ in define.parameters)):
                    return False
            case terms.Lookup(table=name):
                if any(row.interval is not None for row in self.program.tables[name].rows):
                    return False
            case _:
                pass
        if isinstance(term, BINDERS):
            bound |= {term.variable}  # also over `source`, where the checker allows no free local of that name
        return all(self.is_fixed(child, bound) for child in children(term))

    def _fixed_name(self, name: str, body: Term, parameters: frozenset[str]) -> bool:
        if name not in self.fixed_names:
            self.fixed_names[name] = self.is_fixed(body, parameters)
        return self.fixed_names[name]


# ------------------------------------------------------------------------------------------- after an edit

Again: TypeAlias = checked.Rule | checked.NamedSet | checked.Define
"""What can be lowered again by itself."""


def lower_again(program: core.Program, edited: Iterable[tuple[Again, Again]]) -> core.Program:
    """The program after an edit of some rules, sets and definitions, given as pairs: each as it was and as it is now.

    None of the rules is a family, and their relations to other rules are as they were: clauses may only have moved.
    No family, and no precedence clause, reads one of the sets and definitions.
    """
    for old, new in edited:
        match old, new:
            case checked.Rule(), checked.Rule():
                decisions = {**program.decisions, old.decision: _with_rule(program.decisions[old.decision], old, new)}
                program = replace(program, decisions=decisions)
            case _, checked.NamedSet():
                program = replace(program, sets={**program.sets, new.qname: lower_set(new)})
            case _, checked.Define():
                program = replace(program, defines={**program.defines, new.qname: lower_define(new)})
    return program


def _with_rule(decision: core.Decision, old: checked.Rule, new: checked.Rule) -> core.Decision:
    clauses = {
        was.span: now.span for was, now in zip(old.precedence, new.precedence, strict=True) if was.span != now.span
    }
    made = list(decision.rules)
    if clauses:
        made = [_with_clauses(rule, clauses) for rule in made]
    number = next(rule.number for rule in made if rule.family == new.name and rule.module == new.module)
    made[number] = _rule(number, (new, None, None), made[number].edges)
    return replace(decision, rules=tuple(made))


def _with_clauses(rule: core.Rule, clauses: Mapping[Span, Span]) -> core.Rule:
    """The rule with its clauses where they are now; itself, if it has edges of none of them."""
    if not any(edge.clause in clauses for edge in rule.edges):
        return rule
    return replace(
        rule, edges=tuple(replace(edge, clause=clauses.get(edge.clause, edge.clause)) for edge in rule.edges)
    )
