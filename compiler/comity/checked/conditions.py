"""Conditions: connectives, blocks, quantifiers, states, windows; and what a condition says about absence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import errors, operators
from comity.checked.context import Context, root_name
from comity.checked.literals import day_of, intervals
from comity.checked.scope import ModuleScope, Symbol, choose_rule
from comity.checked.types import can_be_summed, describe
from comity.runtime.suggest import nearest
from comity.runtime.types import PARTY, AbsentType, EnumType, ErrorType, SetType, Type
from comity.surface import ast as surface
from comity.terms import (
    THIS,
    TRUE,
    And,
    Case,
    Cases,
    CommitmentState,
    Const,
    Count,
    Filter,
    InWindow,
    IsKnown,
    IsPresent,
    Line,
    Local,
    Not,
    Or,
    Quantifier,
    RuleHolds,
    Sum,
    Term,
)

STATES = ("accepted", "binding", "breached", "suspended", "performed", "ended")
VALUE_STATES = ("known", "unknown", "present", "absent")


def present_where(term: Term, truth: bool) -> list[Term]:
    """The terms that are certainly present where the condition ``term`` is true (or false)."""
    match term:
        case IsPresent(operand=operand):
            return [operand] if truth else []
        case Not(operand=operand):
            return present_where(operand, not truth)
        case Line(condition=condition):
            return present_where(condition, truth)
        case And(operands=operands) | Or(operands=operands):
            found = [present_where(operand, truth) for operand in operands]
            if isinstance(term, And) == truth:
                return [each for part in found for each in part]
            first, *others = found or [[]]
            return [each for each in first if all(each in other for other in others)]
        case _:
            return []


# ------------------------------------------------------------------------------------ connectives


def in_order(context: Context, exprs: Sequence[surface.Expr | surface.Line], truth: bool) -> tuple[Term, ...]:
    """Conditions one after the other, each read where those before it are all ``truth``."""
    mark = len(context.present)
    result: list[Term] = []
    for expr in exprs:
        asked = context.asked
        term = line(context, expr) if isinstance(expr, surface.Line) else context.condition(expr)
        result.append(term)
        if context.asked > asked:
            context.present += present_where(term, truth)
    del context.present[mark:]
    return tuple(result)


def conjunction(context: Context, expr: surface.And) -> Term:
    return And(in_order(context, expr.operands, True), span=expr.span)


def disjunction(context: Context, expr: surface.Or) -> Term:
    outer, context.alternative = context.alternative, expr
    operands = in_order(context, expr.operands, False)
    context.alternative = outer
    return Or(operands, span=expr.span)


def implication(context: Context, expr: surface.Implies) -> Term:
    premise, conclusion = in_order(context, (expr.left, expr.right), True)
    return Or((Not(premise, span=expr.left.span), conclusion), span=expr.span)


def after(context: Context, before: Term | None, expr: surface.Expr, *, inline: bool = False) -> Term:
    """The condition ``expr``, read where ``before`` holds; ``inline``: a whole clause, so a line of its own."""
    mark = len(context.present)
    if before is not None and context.asked:
        context.present += present_where(before, True)
    term = clause(context, expr) if inline else context.condition(expr)
    del context.present[mark:]
    return term


# ------------------------------------------------------------------------------------ blocks


def clause(context: Context, expr: surface.Expr) -> Term:
    """A whole `when` or `unless`: written inline, it is one line."""
    term = context.condition(expr)
    return term if isinstance(expr, surface.Block | surface.QuantifiedBlock) else Line(term, span=expr.span)


def line(context: Context, line: surface.Line) -> Term:
    """A line of a block. The head of a block inside it is not a line: it says nothing of its own."""
    term = dated(context, context.condition(line.condition), line.window, line.span)
    if isinstance(line.condition, surface.Block | surface.QuantifiedBlock):
        return term
    return Line(term, span=line.span)


def dated(context: Context, term: Term, window: surface.Window, span: Span) -> Term:
    """``term``, and false outside its window."""
    days = intervals(window, context.report) if window else None
    return term if days is None else And((InWindow(days, span=window[0].span.to(window[-1].span)), term), span=span)


def block(context: Context, block: surface.Block) -> Term:
    match block.kind:
        case "all":
            return And(in_order(context, block.lines, True), span=block.span)
        case "any":
            return Or(in_order(context, block.lines, False), span=block.span)
        case "none":
            return Not(Or(in_order(context, block.lines, False), span=block.span), span=block.span)


# ------------------------------------------------------------------------------------ quantifiers


def quantified(context: Context, expr: surface.Quantified | surface.QuantifiedBlock) -> Term:
    source, element = context.source(expr.source)
    with context.bound(expr.variable, element):
        if isinstance(expr, surface.Quantified):
            body = context.condition(expr.body)
        else:
            span = expr.lines[0].span.to(expr.lines[-1].span) if expr.lines else expr.span
            body = And(in_order(context, expr.lines, True), span=span)
    variable = expr.variable.text
    if expr.kind == "all":
        return Quantifier("all", variable, source, body, span=expr.span)
    any_of = Quantifier("any", variable, source, body, span=expr.span)
    return Not(any_of, span=expr.span) if expr.kind == "no" else any_of


def comprehension(context: Context, expr: surface.Comprehension) -> Term:
    source, element = context.source(expr.source)
    with context.bound(expr.variable, element):
        where = context.condition(expr.where)
    return Filter(expr.variable.text, source, where, SetType(element), span=expr.span)


def count(context: Context, expr: surface.Count) -> Term:
    source, element = context.source(expr.source)
    with context.bound(expr.variable, element):
        where = context.condition(expr.where) if expr.where is not None else TRUE
    return Count(expr.variable.text, source, where, span=expr.span)


def add_up(context: Context, expr: surface.Sum) -> Term:
    source, element = context.source(expr.source)
    with context.bound(expr.variable, element):
        where: Term = TRUE
        if expr.where is not None:
            where = context.condition(expr.where)
            context.present += present_where(where, True)
        value = context.value(expr.value)
        if not can_be_summed(value.type):
            errors.type_mismatch(
                context.report,
                f"only numbers and amounts can be summed, but {context.quote(expr.value)} is {describe(value.type)}",
                expr.value.span,
            )
            value = context.failed(expr.value.span)
    return Sum(value, expr.variable.text, source, where, value.type, span=expr.span)


# ------------------------------------------------------------------------------------ cases


def cases(context: Context, cases: surface.Cases, result: Type, name: str, span: Span, origin: Related) -> Term:
    """A value by cases. A case's value is read where its condition holds; `otherwise` where none of them does."""
    made: list[Case] = []
    start = len(context.present)
    excluded: list[Term] = []
    for case in cases.cases:
        condition: Term | None = None
        mark = len(context.present)
        if case.condition is None:
            context.present += excluded
        else:
            condition = context.condition(case.condition)
            excluded += present_where(condition, False)
            context.present += present_where(condition, True)
        made.append(Case(condition, context.check(case.value, result, origin), span=case.span))
        del context.present[mark:]
        if condition is not None and cases.first_match:
            context.present += present_where(condition, False)
    del context.present[start:]
    return Cases(tuple(made), cases.first_match, name, result, span=span)


# ------------------------------------------------------------------------------------ states


def state(context: Context, expr: surface.StateTest) -> Term:
    """`x is known`, `x is absent`, `missiles_nato is accepted by 2022-03-01`."""
    state = expr.state.text
    if state in VALUE_STATES:
        return _value_state(context, expr, state)
    if state not in STATES:
        errors.unknown_name(
            context.report, f"there is no state `{state}`", expr.state.span, nearest(state, [*VALUE_STATES, *STATES])
        )
        return context.failed(expr.span)
    subject = _commitment(context, expr.subject)
    of = _party(context, expr.of) if expr.of is not None else None
    by = day_of(expr.by, context.report) if expr.by is not None else None
    if subject is None:
        return context.failed(expr.span)
    return CommitmentState(subject, state, of, by, span=expr.span)


def _value_state(context: Context, expr: surface.StateTest, state: str) -> Term:
    mark = len(context.parts)
    operand = context.synth(expr.subject)
    if isinstance(operand.type, ErrorType):
        return context.failed(expr.span)
    test: Term
    if state in ("known", "unknown"):
        test = IsKnown(operand, span=expr.span)
    else:
        if not isinstance(operand.type, AbsentType):
            errors.type_mismatch(
                context.report,
                f"{context.quote(expr.subject)} is {describe(operand.type)}, which is never absent",
                expr.span,
            )
            return context.failed(expr.span)
        test = IsPresent(operand, span=expr.span)
        context.asked += 1
    if state in ("unknown", "absent"):
        test = Not(test, span=expr.span)
    return operators.tested(context, mark, test)


def _commitment(context: Context, expr: surface.Expr) -> str | None:
    """The qualified name of the commitment that ``expr`` names."""
    match expr:
        case surface.NameExpr(name=name) if name in context.agreement.commitments:
            qname = context.agreement.commitments[name]
            context.world.refer(qname, expr.span)
            return qname
        case surface.FieldExpr(base=surface.NameExpr(name=name), name=part):
            agreement = context.scope.find(name)
            if isinstance(agreement, Symbol) and isinstance(agreement.node, surface.AgreementDecl):
                known = [i.name.text for i in agreement.node.items if isinstance(i, surface.CommitmentDecl)]
                if part.text in known:
                    context.world.refer(f"{agreement.qname}.{part.text}", expr.span)
                    return f"{agreement.qname}.{part.text}"
                if context.world.scopes[agreement.module].is_lost(part.text):
                    return None
                errors.unknown_name(
                    context.report, f"`{name}` has no commitment `{part.text}`", part.span, nearest(part.text, known)
                )
                return None
        case surface.ErrorExpr():
            return None
        case _:
            pass
    root = root_name(expr)
    if root is not None and context.scope.is_lost(root):
        return None
    text = context.quote(expr)
    errors.unknown_name(
        context.report,
        f"there is no commitment {text} here",
        expr.span,
        nearest(text.strip("`"), context.agreement.commitments),
    )
    return None


def _party(context: Context, name: surface.Name) -> Term:
    return context.check(surface.NameExpr(name.text, span=name.span), PARTY)


def consent(context: Context, expr: surface.Consents) -> Term:
    """`CL consents`: a third state."""
    country = context.check(expr.subject, context.country_type())
    if isinstance(country, Const) and isinstance(country.value, str):
        return CommitmentState(country.value, "consents", None, None, span=expr.span)
    if not isinstance(country.type, ErrorType):
        errors.type_mismatch(context.report, f"{context.quote(expr.subject)} must name one state", expr.subject.span)
    return context.failed(expr.span)


# ------------------------------------------------------------------------------------ rules


def rule_test(context: Context, expr: surface.RuleTest) -> Term:
    """`russia_ccl applies`: about a rule of another decision on the same record."""
    path, span = expr.rule.path, expr.span
    rule = find_rule(context, path)
    if rule is None:
        if expr.rule.key is not None:
            context.synth(expr.rule.key)
        return context.failed(span)
    node = rule.node
    assert isinstance(node, surface.RuleDecl)
    context.world.refer(rule.qname, path.span)
    decision = context.world.rule(rule).decision
    if decision is None:
        return context.failed(span)
    context.uses.setdefault(decision.qname, span)
    record = context.world.decision(decision).record
    if record is None:
        return context.failed(span)
    if context.this is None or context.this != record:
        errors.type_mismatch(
            context.report,
            f"`{path.text}` is a rule about {describe(record)}, and there is none here",
            span,
            related=(Related("the rule", rule.span),),
        )
        return context.failed(span)
    key = rule_key(context, rule, expr.rule)
    this = Local(THIS, context.this, span=span)
    return RuleHolds(decision.qname, rule.qname, key, expr.verb, this, span=span)


def find_rule(context: Context, path: surface.Path) -> Symbol | None:
    """A rule by name: of this module, of those it uses, or the only one of the program.

    Rules of the same decision come last: a rule asks about other decisions (its own would be E011).
    """
    name, every = path.parts[-1].text, list(context.world.scopes.values())
    unknown = f"there is no rule `{path.text}`"
    if len(path.parts) > 1:
        module = context.world.scopes.get(path.text.rpartition(".")[0])
        modules = [] if module is None else [module]
        found = [scope.rules[name] for scope in modules if name in scope.rules]
        known = (rule.qname for scope in every for rule in scope.rules.values())
        return choose_rule(context.report, path, context.scope, [found], unknown, known, modules)
    own = context.world.rules_of(context.decided).get(name, []) if context.decided is not None else []

    def others(scopes: Iterable[ModuleScope]) -> list[Symbol]:
        rules = (scope.rules.get(name) for scope in scopes)
        return list(dict.fromkeys(rule for rule in rules if rule is not None and rule not in own))

    tiers = chain(map(others, ([context.scope], context.scope.used(), every)), [own[:1]])
    known = (rule for scope in every for rule in scope.rules)
    return choose_rule(context.report, path, context.scope, tiers, unknown, known, every)


def rule_key(context: Context, rule: Symbol, ref: surface.RuleRef) -> Term | None:
    """The key of `chart_control[r]`, of the type that the family goes through."""
    if ref.key is None:
        return None
    keys = context.world.rule(rule).keys
    if keys is None:
        errors.wrong_arguments(
            context.report,
            f"`{rule.name}` is one rule, not a family: it has no `[ ]`",
            ref.span,
            related=(Related("the rule", rule.span),),
            help=f"write `{rule.name}`",
        )
        context.synth(ref.key)
        return None
    if not isinstance(keys, EnumType):
        return context.failed(ref.span)
    origin = Related(f"`{rule.name}` has one rule for each `{keys.name}`", rule.span)
    return context.check(ref.key, keys, origin)
