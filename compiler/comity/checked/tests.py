"""Tests and examples: facts given, acts and events that happened, and what is expected of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from comity import expectations
from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import ast as checked
from comity.checked import conditions, errors, names
from comity.checked.agreements import member_name, verbs_of
from comity.checked.context import AgreementScope, Context
from comity.checked.declarations import outcome, rule_of
from comity.checked.expressions import open_context
from comity.checked.literals import day_of
from comity.checked.responses import whole_days, whole_number
from comity.checked.scope import ModuleScope, Symbol
from comity.checked.signatures import World
from comity.checked.types import describe
from comity.runtime.suggest import nearest
from comity.runtime.types import BOOL, AbsentType, EnumType, ErrorType, RecordType, Type
from comity.runtime.values import format_value
from comity.surface import ast as surface
from comity.terms import Const, Lookup

TargetKind = Literal["decision", "define", "agreement", "response"]
FINDINGS = "findings"

LITERALS = (
    surface.NumberLit | surface.PercentLit | surface.MoneyLit | surface.QuantityLit | surface.DateLit | surface.EccnLit
    | surface.HsLit
)  # fmt: skip


def example(world: World, scope: ModuleScope, node: surface.ExampleDecl) -> expectations.Example | None:
    record = world.record_named(scope, node.record)
    if record is None:
        return None
    facts = _Facts(world, scope, {f.name: f.type for f in record.fields}, describe(record), record)
    return expectations.Example(scope.name, record, facts.given(node.assignments), node.span)


def test(
    world: World, scope: ModuleScope, node: surface.TestDecl, examples: Iterable[expectations.Example]
) -> checked.Test | None:
    symbol = world.resolve_path(scope, node.target, "decision", "definition", "agreement", "response")
    if symbol is None:
        return None
    return _Test(world, scope, node, symbol, [e for e in examples if e.module == scope.name]).check()


class _Facts:
    """Checks assignments to paths below ``roots``: a record's fields, or a function's parameters."""

    def __init__(
        self,
        world: World,
        scope: ModuleScope,
        roots: Mapping[str, Type],
        owner: str,
        record: RecordType | None = None,
        decision: Symbol | None = None,
        agreement: AgreementScope | None = None,
    ) -> None:
        self.world, self.scope, self.roots, self.owner = world, scope, roots, owner
        self.record, self.decision = record, decision
        self.context = open_context(world, scope, agreement=agreement, facts=True)

    def given(self, nodes: Iterable[surface.Assignment]) -> tuple[expectations.Given, ...]:
        result: list[expectations.Given] = []
        first: dict[tuple[str, ...], Span] = {}
        for node in nodes:
            path = tuple(part.text for part in node.path.parts)
            member = "" if node.key is None else f"[{self.context.quote(node.key).strip('`')}]"
            if first.setdefault((*path, member), node.path.span) is not node.path.span:
                errors.duplicate_name(
                    self.world.report,
                    f"`{node.path.text}{member}` is given twice",
                    node.path.span,
                    related=(Related("the first", first[*path, member]),),
                )
                continue
            if path[0] == FINDINGS and FINDINGS not in self.roots and len(path) > 1 and self.decision is not None:
                given = self._finding(node)
            elif node.key is not None:
                message = f"`{node.path.text}` is not a finding on a rule: it has no `[ ]`"
                errors.type_mismatch(self.world.report, message, node.key.span, help="give the whole fact a value")
                given = None
            else:
                given = self._fact(node, path)
            if given is not None:
                result.append(given)
        return tuple(result)

    def _fact(self, node: surface.Assignment, path: tuple[str, ...]) -> expectations.Given | None:
        found = self.field(node.path)
        if found is None:
            self._only_report(node.value)
            return None
        type, span = found
        origin = Related(f"`{node.path.text}` is {describe(type)}", span) if span is not None else None
        value = self.context.check(node.value, type, origin)
        return None if isinstance(value.type, ErrorType) else expectations.Given(path, value, node.span)

    def _only_report(self, expr: surface.Expr) -> None:
        """With an unknown path nothing is known of the value but that literals must be right; names stay unread."""
        if isinstance(expr, LITERALS):
            self.context.synth(expr)

    def field(self, path: surface.Path) -> tuple[Type, Span | None] | None:
        """The type of the fact at ``path`` and where it is declared; reported if there is none (E103)."""
        known: Mapping[str, Type] = self.roots
        owner, record = self.owner, self.record
        type: Type | None = None
        span: Span | None = None
        for part in path.parts:
            if type is not None:
                inner = type.element if isinstance(type, AbsentType) else type
                if isinstance(inner, ErrorType):
                    return None
                owner = describe(inner)
                record = inner if isinstance(inner, RecordType) else None
                known = {f.name: f.type for f in record.fields} if record is not None else {}
            type = known.get(part.text)
            if type is None:
                errors.unknown_field(
                    self.world.report,
                    f"{owner} has no field `{part.text}`",
                    part.span,
                    known,
                    nearest(part.text, known),
                )
                return None
            if record is not None:
                self.world.refer(f"{record.module}.{record.name}.{part.text}", part.span)
                span = self.world.field_span(record, part.text)
        assert type is not None
        return None if isinstance(type, ErrorType) else (type, span)

    def _finding(self, node: surface.Assignment) -> expectations.Given | None:
        """`findings.RULE = true`, or the outcome that counsel finds."""
        assert self.decision is not None
        rule = _found(self.context, self.decision, surface.Path(node.path.parts[1:], span=node.path.span))
        if rule is None:
            return None
        name = _member_named(self.context, rule, node.path, node.key)
        if name is None:
            return None
        outcomes = self.world.decision(self.world.rule(rule).decision or self.decision).outcomes
        if isinstance(node.value, surface.NameExpr) and node.value.name in outcomes.members:
            value: Const = Const(node.value.name, outcomes, span=node.value.span)
            return expectations.Given((FINDINGS, name), value, node.span)
        term = self.context.check(node.value, BOOL)
        return None if isinstance(term.type, ErrorType) else expectations.Given((FINDINGS, name), term, node.span)


def _member_named(context: Context, rule: Symbol, path: surface.Path, key: surface.Expr | None) -> str | None:
    """A rule as answers name it, `chart_control[NS2]` for a member of a family; None where the member is reported."""
    context.world.refer(rule.qname, path.span)
    if key is None:
        return rule.name
    term = conditions.rule_key(context, rule, surface.RuleRef(path, key, span=path.span.to(key.span)))
    return f"{rule.name}[{term.value}]" if isinstance(term, Const) else None


def _found(context: Context, decision: Symbol, path: surface.Path) -> Symbol | None:
    """The rule that a finding speaks of: of ``decision``, or of another one over the same facts."""
    world = context.world
    name = path.parts[-1].text
    if len(path.parts) == 1 and name not in world.rules_of(decision):
        record = world.decision(decision).record
        for scope in world.scopes.values():
            symbol = scope.rules.get(name)
            other = world.rule(symbol).decision if symbol is not None else None
            if symbol is not None and other is not None and world.decision(other).record == record:
                return symbol
    return rule_of(context, decision, path)


class _Test:
    """Checks one test against what it is for."""

    def __init__(
        self,
        world: World,
        scope: ModuleScope,
        node: surface.TestDecl,
        symbol: Symbol,
        examples: list[expectations.Example],
    ) -> None:
        self.world, self.scope, self.node, self.symbol, self.examples = world, scope, node, symbol, examples
        self.report = world.report
        self.roots: Mapping[str, Type] = {}
        self.record: RecordType | None = None
        self.owner = f"`{symbol.name}`"
        self.result: Type = BOOL
        self.outcomes: EnumType | None = None
        self.agreement = AgreementScope()
        match symbol.kind:
            case "decision":
                self.record = world.decision(symbol).record
                self.outcomes = world.decision(symbol).outcomes
            case "definition":
                signature = world.define(symbol)
                self.record, self.result = signature.record, signature.result
                self.roots = dict(signature.parameters)
            case "response":
                assert isinstance(symbol.node, surface.ResponseDecl)
                record = symbol.node.record
                found = world.scopes[symbol.module].find(record.text) if record is not None else None
                if isinstance(found, Symbol) and found.kind == "record":
                    self.record = world.record(found)
            case _:
                assert isinstance(symbol.node, surface.AgreementDecl)
                home = world.scopes[symbol.module]
                parties = (home.find(name.text) for name in symbol.node.parties)
                self.agreement = AgreementScope(tuple(p for p in parties if isinstance(p, Symbol)))
        # What the facts are about is not known where the record is not: that was reported.
        about = getattr(symbol.node, "record", None)
        self.lost = self.record is None and about is not None
        if self.record is not None:
            self.roots = {f.name: f.type for f in self.record.fields}
            self.owner = describe(self.record)

    def check(self) -> checked.Test:
        node = self.node
        facts: list[expectations.Given] = []
        acts: list[expectations.GivenAct] = []
        events: list[expectations.GivenEvent] = []
        for given in node.given:
            match given:
                case surface.GivenFacts(assignments=assignments):
                    if self.symbol.kind == "agreement":
                        errors.type_mismatch(
                            self.report,
                            "an agreement is tested by acts, not by facts",
                            given.span,
                            help="write `given VERB RECORD by PARTY:`",
                        )
                    elif not self.lost:
                        facts += self._facts().given(assignments)
                case surface.GivenAct():
                    act = self._act(given)
                    if act is not None:
                        acts.append(act)
                case surface.GivenEvent(record=name, on=on, assignments=assignments):
                    record = self.world.record_named(self.scope, name)
                    if record is not None:
                        day = day_of(on, self.report) if on is not None else None
                        events.append(expectations.GivenEvent(record, day, self._of(record, assignments), given.span))
        kinds: dict[str, TargetKind] = {"definition": "define", "agreement": "agreement", "response": "response"}
        expects = (self._expect(each) for each in node.expects)
        return checked.Test(
            title=node.title.value,
            module=self.scope.name,
            target=self.symbol.qname,
            target_kind=kinds.get(self.symbol.kind, "decision"),
            as_of=day_of(node.as_of, self.report) if node.as_of is not None else None,
            facts=tuple(self._with_examples(facts)),
            acts=tuple(acts),
            events=tuple(events),
            on_day=whole_days(self.world, node.on_day),
            expects=tuple(each for each in expects if each is not None),
            span=node.title.span,
            node=node,
        )

    def _with_examples(self, facts: list[expectations.Given]) -> list[expectations.Given]:
        """The module's examples for the record, and after them the test's own facts, which replace them."""
        given = {fact.path for fact in facts}
        before: dict[tuple[str, ...], expectations.Given] = {}
        for each in self.examples:
            if self.record is not None and each.record == self.record:
                before.update({fact.path: fact for fact in each.assignments})
        kept = [f for path, f in before.items() if not any(path[:n] in given for n in range(1, len(path) + 1))]
        return kept + facts

    def _facts(self) -> _Facts:
        decision = self.symbol if self.symbol.kind == "decision" else None
        return _Facts(self.world, self.scope, self.roots, self.owner, self.record, decision)

    def _of(self, record: RecordType, assignments: Iterable[surface.Assignment]) -> tuple[expectations.Given, ...]:
        roots = {f.name: f.type for f in record.fields}
        facts = _Facts(self.world, self.scope, roots, describe(record), record, agreement=self.agreement)
        return facts.given(assignments)

    def _act(self, node: surface.GivenAct) -> expectations.GivenAct | None:
        verbs, record = verbs_of(self.world, self.scope, (node.verb,), node.record)
        party = self._party(node.party, or_country=True)
        toward = self._party(node.toward, or_country=True) if node.toward is not None else None
        if record is None:
            return None
        day = day_of(node.on, self.report) if node.on is not None else None
        assignments = self._of(record, node.assignments)
        if not verbs or party is None:
            return None
        count = whole_number(self.world, node.count)
        return expectations.GivenAct(verbs[0], record, party, toward, day, assignments, node.span, count)

    def _party(self, name: surface.Name, or_country: bool = False) -> str | None:
        """A party to the agreement; with ``or_country`` also one of the countries, whose acts are its party's."""
        if self.symbol.kind != "agreement":
            errors.type_mismatch(
                self.report, f"acts are given in tests of agreements, and this is a test of {self.symbol}", name.span
            )
            return None
        for party in self.agreement.parties:
            if party.name == name.text:
                self.world.refer(party.qname, name.span)
                return name.text
        if or_country and name.text in self.world.place.countries:
            return member_name(self.world, self.scope, name)
        errors.unknown_name(
            self.report,
            f"`{name.text}` is not a party to `{self.symbol.name}`",
            name.span,
            nearest(name.text, [party.name for party in self.agreement.parties]),
        )
        return None

    # ------------------------------------------------------------------------------------ expectations

    def _expect(self, node: surface.Expectation) -> expectations.Expectation | None:
        kind = self.symbol.kind
        match node:
            case surface.ExpectValue():
                if kind == "decision":
                    return self._expect_outcome(node)
                if kind == "definition" and not node.by:
                    return self._expect_value(node)
            case surface.ExpectUndetermined(needing=needing):
                if kind in ("decision", "definition") or (kind == "agreement" and not needing):
                    paths = (self._needed(expr) for expr in needing)
                    return expectations.ExpectUndetermined(tuple(p for p in paths if p is not None), node.span)
            case surface.ExpectFailure(kind=failure):
                if kind in ("decision", "definition"):
                    return expectations.ExpectFailure(failure, node.span)
            case surface.ExpectBreach():
                if kind == "agreement":
                    return self._expect_breach(node)
            case surface.ExpectImposed():
                if kind == "response":
                    return self._expect_imposed(node)
        expected = {
            "decision": "an outcome, `undetermined`, `contradiction`, `gap` or `refused`",
            "definition": "a value, `undetermined`, `contradiction`, `gap` or `refused`",
            "agreement": "`breach of …`, `no breach` or `undetermined`",
            "response": "`imposed …` or `not imposed …`",
        }[kind]
        errors.type_mismatch(self.report, f"a test of {self.symbol} expects {expected}", node.span)
        return None

    def _expect_value(self, node: surface.ExpectValue) -> expectations.Expectation | None:
        context = open_context(self.world, self.scope, facts=True)
        origin = Related(f"`{self.symbol.name}` is {describe(self.result)}", self.symbol.span)
        value = context.check(node.value, self.result, origin)
        return None if isinstance(value.type, ErrorType) else expectations.ExpectValue(value, node.span)

    def _expect_outcome(self, node: surface.ExpectValue) -> expectations.Expectation | None:
        assert self.outcomes is not None
        context = open_context(self.world, self.scope)
        by = tuple(name for ref in node.by if (name := self._rule_name(context, ref)) is not None)
        match node.value:
            case surface.NameExpr(name=name, span=span):
                found = outcome(self.world, self.outcomes, surface.Name(name, span=span))
                return expectations.ExpectOutcome(found, by, node.span) if found is not None else None
            case surface.ErrorExpr():
                return None
            case value:
                errors.type_mismatch(
                    self.report, f"{context.quote(value)} is not an outcome of `{self.symbol.name}`", value.span
                )
                return None

    def _rule_name(self, context: Context, ref: surface.RuleRef) -> str | None:
        """A rule as answers name it: `chart_control[NS2]`."""
        rule = rule_of(context, self.symbol, ref.path)
        if rule is None:
            return None
        return _member_named(context, rule, ref.path, ref.key) or rule.name

    def _needed(self, expr: surface.Expr) -> str | None:
        """A path as `needs` lists it: `item.us_content`, `chart[CU, NS1]`, `findings.RULE`."""
        match expr:
            case surface.IndexExpr(base=base, keys=(key,)) if (path := self._finding_path(base)) is not None:
                return self._needed_finding(path, key)
            case surface.FieldExpr() if (path := self._finding_path(expr)) is not None:
                return self._needed_finding(path, None)
            case surface.IndexExpr(base=surface.NameExpr(name=name)) if name not in self.roots:
                context = open_context(self.world, self.scope)
                term = names.index(context, expr)
                if isinstance(term.type, ErrorType) or not isinstance(term, Lookup):
                    return None
                keys = ", ".join(
                    format_value(key.type, key.value).strip('"') if isinstance(key, Const) else "?" for key in term.keys
                )
                return f"{name}[{keys}]"
            case surface.NameExpr() | surface.FieldExpr() | surface.IndexExpr():
                return self._needed_fact(expr)
            case surface.ErrorExpr():
                return None
            case _:
                errors.type_mismatch(self.report, "only facts, table rows and findings can be needed", expr.span)
                return None

    def _finding_path(self, expr: surface.Expr) -> surface.Path | None:
        """The path of the rule in `findings.RULE`; None for other facts, and where the record has such a field."""
        parts: list[surface.Name] = []
        span = expr.span
        while isinstance(expr, surface.FieldExpr):
            parts.insert(0, expr.name)
            expr = expr.base
        is_finding = expr == surface.NameExpr(FINDINGS) and FINDINGS not in self.roots
        return (
            surface.Path(tuple(parts), span=span) if parts and is_finding and self.symbol.kind == "decision" else None
        )

    def _needed_finding(self, path: surface.Path, key: surface.Expr | None) -> str | None:
        """`findings.RULE`, or `findings.RULE[MEMBER]` of a family."""
        context = open_context(self.world, self.scope)
        rule = _found(context, self.symbol, path)
        name = None if rule is None else _member_named(context, rule, path, key)
        return None if name is None else f"{FINDINGS}.{name}"

    def _needed_fact(self, expr: surface.Expr) -> str | None:
        parts: list[surface.Name] = []
        text = ""
        base = expr
        while not isinstance(base, surface.NameExpr):
            match base:
                case surface.FieldExpr(base=inner, name=name):
                    parts.insert(0, name)
                    text = f".{name.text}{text}"
                case surface.IndexExpr(base=inner, keys=(surface.NumberLit(value=number),)):
                    text = f"[{int(number)}]{text}"
                case surface.IndexExpr(base=inner, keys=(surface.NameExpr(name=key),)):
                    text = f".{key}{text}"
                case _:
                    errors.type_mismatch(self.report, "only facts, table rows and findings can be needed", expr.span)
                    return None
            base = inner
        parts.insert(0, surface.Name(base.name, span=base.span))
        dayless = self.record is None or self.record.as_of is None
        if expr == surface.NameExpr("as_of") and dayless and "as_of" not in self.roots:
            return "as_of"
        if (
            "[" not in text
            and not self.lost
            and self._facts().field(surface.Path(tuple(parts), span=expr.span)) is None
        ):
            return None
        return base.name + text

    def _expect_breach(self, node: surface.ExpectBreach) -> expectations.Expectation | None:
        assert isinstance(self.symbol.node, surface.AgreementDecl)
        commitment = node.commitment
        if commitment is not None:
            known = [i.name.text for i in self.symbol.node.items if isinstance(i, surface.CommitmentDecl)]
            if commitment.text not in known:
                if self.world.scopes[self.symbol.module].is_lost(commitment.text):
                    return None
                errors.unknown_name(
                    self.report,
                    f"`{self.symbol.name}` has no commitment `{commitment.text}`",
                    commitment.span,
                    nearest(commitment.text, known),
                )
                return None
            self.world.refer(f"{self.symbol.qname}.{commitment.text}", commitment.span)
        party = self._party(node.party, or_country=True) if node.party is not None else None
        return expectations.ExpectBreach(node.none, commitment.text if commitment else None, party, node.span)

    def _expect_imposed(self, node: surface.ExpectImposed) -> expectations.Expectation | None:
        response = self.symbol.node
        assert isinstance(response, surface.ResponseDecl)
        found = [
            self._enum_member(response.measure_enum, node.measure),
            self._enum_member(response.sector_enum, node.sector),
        ]
        members = [name.text for name in response.members]
        for name in node.members:
            if name.text not in members:
                errors.unknown_name(
                    self.report,
                    f"`{name.text}` is not a member of `{self.symbol.name}`",
                    name.span,
                    nearest(name.text, members),
                )
                return None
        if not all(found):
            return None
        named = tuple(name.text for name in node.members)
        return expectations.ExpectImposed(node.negated, node.measure.text, node.sector.text, named, node.span)

    def _enum_member(self, enum: surface.Name | None, name: surface.Name) -> bool:
        found = self.world.scopes[self.symbol.module].find(enum.text) if enum is not None else None
        if not isinstance(found, Symbol) or found.kind != "enum":
            return False  # reported at the response
        type = self.world.enum(found)
        if name.text not in type.members:
            errors.unknown_value(
                self.report,
                f"`{name.text}` is not a member of `{type.name}`",
                name.span,
                nearest(name.text, type.members),
            )
            return False
        self.world.refer(found.qname, name.span)
        self.world.refer(f"{found.module}.{name.text}", name.span)
        return True
