"""Declarations of facts and rules: enums, records, sets, zones, definitions, decisions, rules, proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import assert_never

from comity import parts
from comity.base.diagnostics import Related
from comity.base.late import is_late, late
from comity.base.source import Span
from comity.checked import ast as checked
from comity.checked import conditions, errors
from comity.checked.context import Context, is_error
from comity.checked.expressions import open_context
from comity.checked.literals import intervals
from comity.checked.scope import Symbol, choose_rule
from comity.checked.signatures import COUNTRIES, World
from comity.checked.types import describe
from comity.runtime.suggest import nearest
from comity.runtime.types import BOOL, ERROR, EnumType
from comity.surface import ast as surface
from comity.terms import THIS, Term, Unknown

RANKS = ("statute", "regulation", "order", "guidance")


def doc(text: surface.Text | None) -> str:
    return text.value if text is not None else ""


def cites(texts: Iterable[surface.Text]) -> tuple[str, ...]:
    return tuple(text.value for text in texts)


def no_duplicates(world: World, names: Sequence[surface.Name], what: str) -> None:
    """Report a name that stands twice in a list (E012)."""
    first: dict[str, Span] = {}
    for name in names:
        if first.setdefault(name.text, name.span) is not name.span:
            errors.duplicate_name(
                world.report,
                f"the {what} `{name.text}` is named twice",
                name.span,
                related=(Related("the first", first[name.text]),),
            )


def module(world: World, name: str) -> checked.Module:
    scope = world.scopes[name]
    instrument = scope.node.instrument
    rank: str | None = None
    if instrument is not None and instrument.rank is not None:
        rank = instrument.rank.text
        if rank not in RANKS:
            errors.unknown_name(
                world.report,
                f"there is no rank `{rank}`: an instrument is a statute, regulation, order or guidance",
                instrument.rank.span,
                nearest(rank, RANKS),
            )
            rank = None
    sources = tuple(
        (note.as_of.value, note.name.value)
        for note in scope.node.sources
        if note.as_of is not None and note.as_of.value is not None
    )
    return checked.Module(name, scope.source, scope.node, instrument.name.value if instrument else None, rank, sources)


# ------------------------------------------------------------------------------------------- facts


def enum(world: World, symbol: Symbol, node: surface.EnumDecl) -> checked.Enum:
    no_duplicates(world, [member.name for member in node.members], "member")
    docs = {member.name.text: doc(member.doc) for member in reversed(node.members)}
    type = world.enum(symbol)
    return checked.Enum(
        symbol.qname, doc(node.doc), (), symbol.span, type, tuple(docs[member] for member in type.members), node
    )


def record(world: World, symbol: Symbol, node: surface.RecordDecl) -> checked.Record:
    type = world.record(symbol)
    no_duplicates(world, node.acts, "verb")
    scope = world.scopes[symbol.module]
    always: list[parts.AlwaysLine] = []
    for item in node.items:
        if isinstance(item, surface.Always):
            span = item.condition.span
            text = " ".join(scope.source.text[span.start : span.end].split())
            always.append(
                parts.AlwaysLine(open_context(world, scope, type).condition(item.condition), text, span=item.span)
            )
    verbs = tuple(dict.fromkeys(verb.text for verb in node.acts))
    return checked.Record(symbol.qname, doc(node.doc), (), symbol.span, type, verbs, tuple(always), node)


def named_set(world: World, symbol: Symbol, node: surface.SetDecl) -> checked.NamedSet:
    type = world.set_type(symbol)
    context = open_context(world, world.scopes[symbol.module])
    origin = Related(f"`{symbol.name}` is {describe(type)}", node.element.span)
    parts: list[checked.SetPart] = []
    for part in node.parts:
        value = context.check(part.value, type, origin)
        days = intervals(part.window, world.report)
        if not is_error(value.type):
            parts.append(checked.SetPart("-" if part.sign == "-" else "+", value, days, part.span))
    world.depend(symbol, context.uses)
    return checked.NamedSet(symbol.qname, doc(node.doc), cites(node.cites), symbol.span, type, tuple(parts), node)


def zone(world: World, symbol: Symbol, node: surface.ZoneDecl) -> checked.Zone:
    country = node.country.text
    declared = world.country_symbol()
    if country in world.place.countries and declared is not None:
        world.refer(declared.qname, node.country.span)
        world.refer(f"{declared.module}.{country}", node.country.span)
    else:
        close = nearest(country, world.place.countries)
        help = COUNTRIES if declared is None else None
        errors.unknown_value(world.report, f"`{country}` is not a country", node.country.span, close, help)
    if symbol.name in world.place.countries:
        errors.duplicate_name(world.report, f"the zone `{symbol.name}` has the name of a country", symbol.span)
    return checked.Zone(symbol.qname, doc(node.doc), (), symbol.span, country, node)


# ------------------------------------------------------------------------------------------- definitions


def define(world: World, symbol: Symbol, node: surface.DefineDecl) -> checked.Define:
    signature = world.define(symbol)
    record = signature.record
    scope = world.scopes[symbol.module]
    if record is not None and symbol.name in world.fields_of(record):
        field = world.field_span(record, symbol.name)
        errors.duplicate_name(
            world.report,
            f"`{record.name}` has a field `{symbol.name}` already",
            symbol.span,
            related=(Related("the field", field),) if field else (),
        )
    context = open_context(world, scope, record)
    for parameter, (name, type) in zip(node.parameters, signature.parameters, strict=False):
        context.check_shadowing(parameter.name)
        context.locals[name] = type
    result = signature.result
    wanted = node.result.span if node.result is not None else symbol.span
    origin = Related(f"`{symbol.name}` is {describe(result)}", wanted)
    body: Term
    if node.record is not None and record is None:
        body = Unknown(ERROR, span=node.span)  # the record was reported; its fields are not known
    elif isinstance(node.body, surface.Cases):
        body = conditions.cases(context, node.body, result, symbol.name, node.body.span, origin)
    else:
        body = context.check(node.body, result, origin)
    world.depend(symbol, context.uses)
    parameters = signature.parameters
    if node.record is not None:
        parameters = ((THIS, record if record is not None else ERROR),)
    return checked.Define(
        symbol.qname,
        doc(node.doc),
        cites(node.cites),
        symbol.span,
        record,
        parameters,
        result,
        body,
        node,
    )


# ------------------------------------------------------------------------------------------- decisions


def outcome(world: World, type: EnumType, name: surface.Name) -> str | None:
    """The outcome of this name; reported if the decision has none (E105)."""
    if name.text in type.members:
        return name.text
    outcomes = ", ".join(f"`{member}`" for member in type.members)
    errors.unknown_outcome(
        world.report,
        f"`{name.text}` is not an outcome of `{type.name}`; its outcomes are {outcomes}",
        name.span,
        nearest(name.text, type.members),
    )
    return None


def decision(world: World, symbol: Symbol, node: surface.DecisionDecl) -> checked.Decision | None:
    signature = world.decision(symbol)
    type = signature.outcomes
    no_duplicates(world, [each.name for each in node.outcomes], "outcome")
    otherwise = outcome(world, type, node.otherwise) if node.otherwise is not None else None
    grounds = [ground for each in node.prevails if (ground := _ground(world, type, each)) is not None]
    world.depend(symbol, {})
    if signature.record is None:
        return None
    if symbol.name in world.fields_of(signature.record):
        errors.duplicate_name(
            world.report, f"`{signature.record.name}` has a field `{symbol.name}` already", symbol.span
        )
    docs = {each.name.text: doc(each.doc) for each in reversed(node.outcomes)}
    return checked.Decision(
        symbol.qname,
        doc(node.doc),
        cites(node.cites),
        symbol.span,
        signature.record,
        type,
        tuple(docs[member] for member in type.members),
        tuple(grounds),
        otherwise,
        node,
    )


def _ground(world: World, type: EnumType, node: surface.Prevail) -> parts.Ground | None:
    if node.by is not None:
        return parts.Ground(node.by, None, None, cites(node.cites), span=node.span)
    assert node.winner is not None and node.loser is not None
    winner, loser = outcome(world, type, node.winner), outcome(world, type, node.loser)
    if winner is None or loser is None:
        return None
    return parts.Ground("over", winner, loser, cites(node.cites), span=node.span)


# ------------------------------------------------------------------------------------------- rules


_late_when = late(checked.Rule, "when")
_late_conditions = late(checked.Rule, "when", "unless")


def rule(
    world: World,
    symbol: Symbol,
    node: surface.RuleDecl,
    rank: str | None,
    later: Callable[[], Mapping[str, Term | None]] | None = None,
) -> checked.Rule | None:
    """The rule; None if what it decides is not known (reported). ``later``: makes `when` and `unless` when they are
    asked for, which are not checked now; not for a family.
    """
    signature = world.rule(symbol)
    decided = signature.decision
    if decided is None:
        return None
    decision = world.decision(decided)
    if decision.record is None:
        return None
    context = open_context(world, world.scopes[symbol.module], decision.record)
    context.decided = decided
    if node.for_each is not None:
        variable = node.for_each.variable.text
        context.locals[variable] = signature.keys if signature.keys is not None else ERROR
    when = unless = None
    if later is None:
        when = conditions.clause(context, node.when) if node.when is not None else None
        unless = conditions.after(context, when, node.unless, inline=True) if node.unless is not None else None
    precedence = tuple(
        checked.PrecedenceClause(
            clause.kind,
            tuple(t for target in clause.targets if (t := _target(context, decided, target)) is not None),
            clause.span,
        )
        for clause in node.precedence
    )
    then = outcome(world, decision.outcomes, node.then) if node.then is not None else None
    if node.then is None and node.refer is None and all(c.kind != "disapplies" for c in node.precedence):
        errors.unknown_outcome(
            world.report,
            f"the rule `{symbol.name}` gives no outcome",
            symbol.span,
            None,
            related=(Related("the outcomes are declared here", decided.span),),
            help=f"end it with a line `then {decision.outcomes.members[0]}`, or another outcome",
        )
    if node.for_each is not None and signature.for_each is None:
        # Members of no known set: whatever speaks of the variable is unknown.
        when, unless, precedence = Unknown(BOOL, span=symbol.span), None, ()
    world.depend(decided, context.uses)
    make: Callable[..., checked.Rule] = checked.Rule
    if later is not None:
        has_unless = is_late(node, "unless") or node.unless is not None
        make = partial(_late_conditions if has_unless else _late_when, later)
    return make(
        qname=symbol.qname,
        doc=doc(node.doc),
        cites=cites(node.cites),
        span=symbol.span,
        decision=decided.qname,
        window=intervals(node.window, world.report),
        for_each=signature.for_each,
        precedence=precedence,
        refer=doc(node.refer.reason) if node.refer is not None else None,
        when=when,
        unless=unless,
        then=then,
        rank=rank,
        node=node,
    )


def _target(
    context: Context, decision: Symbol, node: surface.RuleRef | surface.EveryRule
) -> checked.RuleTarget | checked.EveryRuleTarget | None:
    world = context.world
    match node:
        case surface.RuleRef():
            return rule_target(context, decision, node)
        case surface.EveryRule(module=path):
            excepted = tuple(t for r in node.excepted if (t := rule_target(context, decision, r)) is not None)
            if path is not None and path.text not in world.scopes:
                if context.scope.is_lost(path.parts[0].text):
                    return None
                errors.unknown_name(
                    world.report, f"there is no module `{path.text}`", path.span, nearest(path.text, world.scopes)
                )
                return None
            return checked.EveryRuleTarget(path.text if path is not None else None, excepted, node.span)
        case _:
            assert_never(node)


def rule_target(context: Context, decision: Symbol, ref: surface.RuleRef) -> checked.RuleTarget | None:
    """A rule of ``decision`` by name, in whatever module; own ones first."""
    found = rule_of(context, decision, ref.path)
    if found is None:
        return None
    context.world.refer(found.qname, ref.path.span)
    return checked.RuleTarget(found.qname, conditions.rule_key(context, found, ref), ref.span)


def rule_of(context: Context, decision: Symbol, path: surface.Path) -> Symbol | None:
    """A rule of ``decision`` by name: of this module, or the only one of all."""
    world = context.world
    rules = world.rules_of(decision)
    name = path.parts[-1].text
    module = ".".join(part.text for part in path.parts[:-1])
    candidates = [r for r in rules.get(name, ()) if not module or r.module == module]
    own = [r for r in candidates if r.module == context.scope.name]
    known = [r.qname for each in rules.values() for r in each] if module else rules
    unknown = f"`{decision.name}` has no rule `{path.text}`"
    return choose_rule(world.report, path, context.scope, (own, candidates), unknown, known, world.scopes.values())


# ------------------------------------------------------------------------------------------- proofs


def proof(world: World, symbol: Symbol, node: surface.ProveDecl) -> checked.Prove | None:
    scope = world.scopes[symbol.module]
    target = world.resolve_path(scope, node.target, "decision")
    if target is None:
        return None
    decision = world.decision(target)
    if decision.record is None:
        return None
    context = open_context(world, scope, decision.record)
    given = context.condition(node.given) if node.given is not None else None
    context.locals["outcome"] = decision.outcomes
    then = conditions.after(context, given, node.then)
    return checked.Prove(symbol.qname, doc(node.doc), cites(node.cites), symbol.span, target.qname, given, then, node)
