"""Lowering: the checked tree made small. Families become rules, clauses become edges, dated sets become terms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from comity import terms
from comity.base.diagnostics import Report
from comity.base.interruption import check_interrupted
from comity.base.source import Span
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.evaluate import Evaluator, scene_of
from comity.core.precedence import acyclic_rules, check_grounds
from comity.core.walk import BINDERS, children, substitute
from comity.runtime.kleene import elements
from comity.runtime.types import BOOL, EnumType, SetType
from comity.terms import FALSE, THIS, Term


def lower(program: checked.Program, report: Report) -> core.Program:
    """The core program of a checked one; reports circles of precedence (E110)."""
    facts = core.Program(
        modules=program.modules,
        place=program.place,
        enums=program.enums,
        records=program.records,
        always={name: record.always for name, record in program.records.items() if record.always},
        zones=program.zones,
        tables=program.tables,
        sets={name: _set(declared) for name, declared in program.sets.items()},
        defines={name: _define(declared) for name, declared in program.defines.items()},
        proves=program.proves,
        examples=program.examples,
        tests=program.tests,
        parties=program.parties,
        bodies=program.bodies,
        capabilities=program.capabilities,
        agreements=program.agreements,
        responses=program.responses,
        source_hash=source_hash(program),
    )
    for party in program.parties.values():
        facts = replace(facts, sets={**facts.sets, party.qname: _party(party, facts)})
    constants = _Constants(facts)
    by_decision: dict[str, list[checked.Rule]] = {name: [] for name in program.decisions}
    for rule in program.rules.values():
        by_decision[rule.decision].append(rule)
    decisions = {
        name: replace(
            _decision(decision, by_decision[name], constants, report),
            sources=_sources(
                program.modules, [decision.qname.rpartition(".")[0], *(r.module for r in by_decision[name])]
            ),
        )
        for name, decision in program.decisions.items()
    }
    return replace(facts, decisions=decisions)


def lower_again(
    program: core.Program, checked_program: checked.Program, rules: Iterable[tuple[checked.Rule, checked.Rule]]
) -> core.Program:
    """The core program in which rules are others: pairs of one as it was and as it is now.

    None of them is a family, and each stands to the others as it did: of its clauses only the places may be others.
    """
    decisions = dict(program.decisions)
    for old, new in rules:
        decision = decisions[old.decision]
        clauses = {
            was.span: now.span for was, now in zip(old.precedence, new.precedence, strict=True) if was.span != now.span
        }
        made = list(decision.rules)
        if clauses:
            made = [_with_clauses(rule, clauses) for rule in made]
        number = next(rule.number for rule in made if rule.family == new.name and rule.module == new.module)
        made[number] = _rule(number, (new, None, None), made[number].edges)
        decisions[old.decision] = replace(decision, rules=tuple(made))
    return replace(program, modules=checked_program.modules, decisions=decisions)


def _with_clauses(rule: core.Rule, clauses: Mapping[Span, Span]) -> core.Rule:
    """The rule with other places of clauses; itself, if it has edges of none of them."""
    if not any(edge.clause in clauses for edge in rule.edges):
        return rule
    return replace(
        rule, edges=tuple(replace(edge, clause=clauses.get(edge.clause, edge.clause)) for edge in rule.edges)
    )


def source_hash(program: checked.Program) -> str:
    """Hex SHA-256 over module names, their texts (line ends as LF) and the hashes of the tables' files.

    No path takes part, so the hash is the same on every machine. Each piece is preceded by its length, so no two
    programs run together.
    """
    pieces: list[str] = []
    for name, module in sorted(program.modules.items()):
        pieces += ["module", name, module.source.text.replace("\r\n", "\n").replace("\r", "\n")]
    for name, table in sorted(program.tables.items()):
        if table.sha256 is not None:
            pieces += ["table", name, table.sha256]
    digest = hashlib.sha256()
    for piece in pieces:
        data = piece.encode("utf-8", "surrogatepass")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def _set(declared: checked.NamedSet) -> core.SetDefinition:
    body: Term = terms.Const(frozenset(), declared.type, span=declared.span)
    for number, part in enumerate(declared.parts):
        value = part.value
        if part.intervals is not None:
            in_window = terms.InWindow(part.intervals, span=part.span)
            value = terms.When(in_window, value, declared.type, span=part.span)
        if number == 0 and part.sign == "+":
            body = value
        else:
            body = terms.SetOperation("|" if part.sign == "+" else "-", body, value, declared.type, span=part.span)
    return core.SetDefinition(declared.qname, declared.doc, declared.cites, declared.span, declared.type, body)


def _party(party: checked.Party, facts: core.Program) -> core.SetDefinition:
    """A party's countries as a set of its name; frozen at its own day where it is written `as of` one."""
    body, kind = party.members, party.members.type
    assert isinstance(kind, SetType)
    if party.as_of is not None:
        scene = scene_of(party.as_of)
        frozen = Evaluator(facts).code(body)({}, scene)
        if frozen is None:
            unknown = terms.Unknown(kind, span=party.span)
            return core.SetDefinition(party.qname, party.doc, party.cites, party.span, kind, unknown)
        members = list(elements(frozen))
        certain = frozenset(country for country, sure in members if sure)
        body = terms.Const(certain, kind, span=party.span)
        if len(certain) < len(members):
            doubtful = tuple(terms.Const(country, kind.element) for country, sure in members if not sure)
            rest = terms.Filter("country", terms.SetOf(doubtful, kind), terms.Unknown(BOOL), kind)
            body = terms.SetOperation("|", body, rest, kind, span=party.span)
    return core.SetDefinition(party.qname, party.doc, party.cites, party.span, kind, body)


def _define(declared: checked.Define) -> core.Define:
    return core.Define(
        qname=declared.qname,
        doc=declared.doc,
        cites=declared.cites,
        span=declared.span,
        record=declared.record,
        parameters=((THIS, declared.record),) if declared.record is not None else declared.parameters,
        result=declared.result,
        body=declared.body,
    )


# ------------------------------------------------------------------------------------------- decisions


def _decision(
    decision: checked.Decision, declared: Sequence[checked.Rule], constants: _Constants, report: Report
) -> core.Decision:
    instances = [instance for rule in declared for instance in _instances(rule, constants)]
    check_interrupted()
    edges = _edges(instances, constants)
    rules = _questions([_rule(number, instance, edges[number]) for number, instance in enumerate(instances)])
    return core.Decision(
        qname=decision.qname,
        doc=decision.doc,
        cites=decision.cites,
        span=decision.span,
        record=decision.record,
        outcomes=decision.outcomes,
        outcome_docs=decision.outcome_docs,
        grounds=check_grounds(decision.grounds, report),
        otherwise=decision.otherwise,
        rules=acyclic_rules(rules, report),
    )


def _sources(modules: Mapping[str, checked.Module], names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """The latest source of each of these modules that names a day, and that day's ordinal."""
    found: dict[tuple[str, int], None] = {}
    for name in dict.fromkeys(names):
        if sources := modules[name].sources:
            day, text = max(sources)
            found[text, day.toordinal()] = None
    return tuple(found)


_Instance = tuple[checked.Rule, str | None, Term | None]
"""A rule as declared, the family's member it stands for, and the condition that the member is in the set."""


def _instances(rule: checked.Rule, constants: _Constants) -> list[_Instance]:
    if rule.for_each is None:
        return [(rule, None, None)]
    _, source, member_type = rule.for_each
    members = constants.members(source, member_type)
    # A family over an empty set keeps its rules, none of which can apply, so that the linter can say so (L202).
    return [(rule, key, condition) for key, condition in members] or [(rule, key, FALSE) for key in member_type.members]


def _rule(number: int, instance: _Instance, edges: tuple[core.Edge, ...]) -> core.Rule:
    declared, key, membership = instance
    if any(clause.kind == "exception to" for clause in declared.precedence) and not any(
        edge.kind == "exception" for edge in edges
    ):
        membership = FALSE  # An exception to rules that are not there reaches nothing; else it would reach everything.
    values = _key_value(declared, key)
    return core.Rule(
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
        when=None if declared.when is None else substitute(declared.when, values),
        unless=None if declared.unless is None else substitute(declared.unless, values),
        refer=declared.refer,
        outcome=declared.then,
        edges=edges,
        rank=declared.rank,
    )


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


def _edges(instances: Sequence[_Instance], constants: _Constants) -> list[tuple[core.Edge, ...]]:
    """For each rule, the edges that belong on it, whichever rule's clause declares them."""
    targets = _Targets(instances, constants)
    edges: list[list[core.Edge]] = [[] for _ in instances]
    for number, (declared, key, _) in enumerate(instances):
        for clause in declared.precedence:
            for target in dict.fromkeys(targets.of(clause, declared, key)):
                match clause.kind:
                    case "notwithstanding":
                        every = any(isinstance(t, checked.EveryRuleTarget) and not t.module for t in clause.targets)
                        edges[number].append(core.Edge("prevails", target, clause.span, clause.kind, number, every))
                    case "subject to":
                        edges[target].append(core.Edge("prevails", number, clause.span, clause.kind, number))
                    case "exception to":
                        edges[number].append(core.Edge("exception", target, clause.span, clause.kind, number))
                        edges[number].append(core.Edge("prevails", target, clause.span, clause.kind, number))
                    case "disapplies":
                        edges[number].append(core.Edge("disapplies", target, clause.span, clause.kind, number))
    return [tuple(own) for own in edges]


class _Targets:
    """Finds the rules that a precedence clause speaks of."""

    def __init__(self, instances: Sequence[_Instance], constants: _Constants) -> None:
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


class _Constants:
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
