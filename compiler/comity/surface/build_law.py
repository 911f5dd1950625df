"""From the parser's reductions to the surface tree: facts, definitions, decisions, rules, proofs and tests."""

from __future__ import annotations

from typing import Any

from comity.base.source import Span
from comity.surface import ast
from comity.surface.build import Expressions, part, shaped
from comity.surface.parts import Child, Part, Problem, after, every, has, is_token, listed, only, words
from comity.surface.words import Word

PRECEDENCES = {
    "NOTWITHSTANDING": "notwithstanding",
    "SUBJECT": "subject to",
    "EXCEPTION": "exception to",
    "DISAPPLIES": "disapplies",
}


class Law(Expressions):
    """Sections 3, 4 and 7 of the language: facts, rules, proofs and tests."""

    # ------------------------------------------------------------------------------------- modules

    def module(self, items: list[Child]) -> list[Any]:
        """What stands at the top level, in order; `parse` makes the module of it."""
        return list(items)

    @shaped
    def instrument(self, span: Span, _instrument: Word, name: Word, *rest: Child) -> ast.Instrument:
        rank = after(rest, "RANK")
        return ast.Instrument(self.a_text(name), self.a_name(rank) if rank else None, span=span)

    @shaped
    def source(self, span: Span, _source: Word, text: Word, *rest: Child) -> ast.SourceNote:
        return ast.SourceNote(self.a_text(text), self.date_in(rest), span=span)

    @shaped
    def use(self, span: Span, _use: Word, path: ast.Path, *rest: Child) -> ast.Use:
        return ast.Use(path, self.names(rest) or None, has(rest, "STAR"), span=span)

    @shaped
    def condition_alone(self, span: Span, condition: ast.Expr) -> ast.Expr:
        return condition

    # ------------------------------------------------------------------------------------- facts

    @shaped
    def enum(self, span: Span, _enum: Word, name: Word, *rest: Child) -> ast.EnumDecl:
        parts = self.parts(rest)
        ordered = has(rest, "ORDERED")
        members = every(rest, ast.Member)
        return ast.EnumDecl(self.a_name(name), ordered, parts.first("doc"), members, cites=parts.all("cite"), span=span)

    @shaped
    def member_line(self, span: Span, name: Word, *rest: Child) -> ast.Member:
        return ast.Member(self.a_name(name), self.text_in(rest), span=span)

    @shaped
    def record(self, span: Span, _record: Word, name: Word, *rest: Child) -> ast.RecordDecl:
        parts = self.parts(rest)
        return ast.RecordDecl(
            name=self.a_name(name),
            as_of=self.name_after(rest, "OF"),
            doc=parts.first("doc"),
            acts=parts.joined("acts"),
            items=tuple(child for child in rest if isinstance(child, ast.FieldDecl | ast.Always)),
            cites=parts.all("cite"),
            span=span,
        )

    @shaped
    def acts(self, span: Span, *children: Child) -> Part:
        return Part("acts", self.names(children), span)

    @shaped
    def field_line(self, span: Span, name: Word, _colon: Word, type: ast.TypeExpr, *rest: Child) -> ast.FieldDecl:
        default, disclosure = after(rest, "EQUAL"), has(rest, "DISCLOSURE")
        return ast.FieldDecl(self.a_name(name), type, default, disclosure, self.text_in(rest), span=span)

    @shaped
    def always(self, span: Span, _always: Word, condition: ast.Expr, *_end: Word) -> ast.Always:
        return ast.Always(condition, span=span)

    @shaped
    def set(self, span: Span, _set: Word, name: Word, _colon: Word, element: ast.TypeExpr, *rest: Child) -> ast.SetDecl:
        parts = self.parts(rest)
        return ast.SetDecl(
            name=self.a_name(name),
            element=element,
            doc=self.text_in(rest) or parts.first("doc"),
            cites=parts.all("cite"),
            parts=every(rest, ast.SetPart),
            span=span,
        )

    @shaped
    def set_part(self, span: Span, *children: Child) -> ast.SetPart:
        sign = str(children[0]) if isinstance(children[0], str) else None
        value, dated = children[1 if sign else 0], only(children, Part)
        window = dated.value if dated else ()
        if dated and sign is None and (operator := _changes(value)):
            message = f"it is not clear what is dated: all that stands before, or what stands behind the `{operator}`"
            help = "put what is dated in brackets, or what is added or taken away on a line of its own, with its window"
            self.problems.append(Problem("E001", message, dated.span, help))
            value = ast.ErrorExpr(span=value.span)
        return ast.SetPart(sign, value, window, span=span)  # type: ignore[arg-type]

    @shaped
    def zone(self, span: Span, _zone: Word, name: Word, _in: Word, country: Word, *rest: Child) -> ast.ZoneDecl:
        cites = self.parts(rest).all("cite")
        return ast.ZoneDecl(self.a_name(name), self.a_name(country), self.text_in(rest), cites=cites, span=span)

    @shaped
    def table(self, span: Span, _table: Word, name: Word, *rest: Child) -> ast.TableDecl:
        parts = self.parts(rest)
        return ast.TableDecl(
            name=self.a_name(name),
            parameters=every(rest, ast.Parameter),
            result=after(rest, "ARROW"),
            file=parts.first("from"),
            otherwise=parts.first("otherwise"),
            ignoring=parts.joined("ignoring"),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            rows=every(rest, ast.TableRow),
            span=span,
        )

    @shaped
    def parameter(self, span: Span, name: Word, *rest: Child) -> ast.Parameter:
        return ast.Parameter(self.a_name(name), rest[-1], self.text_in(rest), span=span)

    table_file = part("from")
    otherwise_value = part("otherwise")

    @shaped
    def ignoring(self, span: Span, *children: Child) -> Part:
        written = (child for child in children if is_token(child, "STRING") or is_token(child, "NAME"))
        columns = (self.a_text(child) if is_token(child, "STRING") else self.a_name(child) for child in written)
        return Part("ignoring", tuple(columns), span)

    @shaped
    def row(self, span: Span, *children: Child) -> ast.TableRow:
        colon = next(i for i, child in enumerate(children) if is_token(child, "COLON"))
        return ast.TableRow(listed(children[:colon]), children[colon + 1], span=span)

    # ------------------------------------------------------------------------------------- definitions

    @shaped
    def define(self, span: Span, _define: Word, name: Word, *rest: Child) -> ast.DefineDecl:
        parts = self.parts(rest)
        doc = parts.first("doc")
        start = next(i for i, child in enumerate(rest) if is_token(child, "COLON"))  # a parameter's own is within it
        head, said = rest[:start], rest[start:]
        body = next((child for child in said if isinstance(child, ast.Node)), None)
        if body is None and doc is not None:
            body, doc = ast.TextLit(doc.value, span=doc.span), None  # a block of one text is that text
        elif body is None:
            self.problems.append(Problem("E001", "expected what the definition says", span))
            body = ast.ErrorExpr(span=span)
        return ast.DefineDecl(
            name=self.a_name(name),
            record=self.name_after(head, "FOR"),
            parameters=every(head, ast.Parameter),
            result=after(head, "ARROW"),
            doc=doc,
            cites=parts.all("cite"),
            body=body,  # type: ignore[arg-type]
            span=span,
        )

    @shaped
    def cases(self, span: Span, *children: Child) -> ast.Cases:
        cases = every(children, ast.Case)
        for case in cases[:-1]:
            if case.condition is None:
                self.problems.append(Problem("E001", "`otherwise` stands last", case.span))
        return ast.Cases(cases, has(children, "FIRST"), span=span)

    @shaped
    def case(self, span: Span, value: ast.Expr, *rest: Child) -> ast.Case:
        return ast.Case(value, after(rest, "WHEN"), span=span)

    # ------------------------------------------------------------------------------------- decisions

    @shaped
    def decision(
        self, span: Span, _decision: Word, name: Word, _for: Word, record: Word, *rest: Child
    ) -> ast.DecisionDecl:
        parts = self.parts(rest)
        outcomes = parts.first("outcomes")
        if outcomes is None:
            message = f"expected the `outcomes` of `{name}`"
            self.problems.append(Problem("E001", message, self.at(name), "list them, the strictest first"))
        return ast.DecisionDecl(
            name=self.a_name(name),
            record=self.a_name(record),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            outcomes=outcomes or (),
            prevails=every(rest, ast.Prevail),
            otherwise=parts.first("otherwise"),
            span=span,
        )

    @shaped
    def outcomes(self, span: Span, *children: Child) -> Part:
        return Part("outcomes", every(children, ast.OutcomeDecl), span)

    @shaped
    def outcome(self, span: Span, name: Word, *rest: Child) -> ast.OutcomeDecl:
        return ast.OutcomeDecl(self.a_name(name), self.text_in(rest), span=span)

    @shaped
    def prevail(self, span: Span, _prevail: Word, *rest: Child) -> ast.Prevail:
        cites = self.parts(rest).all("cite")
        criterion = after(rest, "BY")
        if criterion is not None:
            return ast.Prevail(None, None, str(criterion), cites, span=span)  # type: ignore[arg-type]
        stronger, weaker = self.names(rest)
        return ast.Prevail(stronger, weaker, None, cites, span=span)

    otherwise_outcome = part("otherwise")

    # ------------------------------------------------------------------------------------- rules

    @shaped
    def rule(self, span: Span, _rule: Word, name: Word, _for: Word, decision: ast.Path, *rest: Child) -> ast.RuleDecl:
        parts = self.parts(rest)
        return ast.RuleDecl(
            name=self.a_name(name),
            decision=decision,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            window=parts.joined("window"),
            for_each=parts.first("for each"),
            precedence=every(rest, ast.Precedence),
            refer=parts.first("refer to counsel"),
            when=parts.first("when"),
            unless=parts.first("unless"),
            then=parts.first("then"),
            span=span,
        )

    when = part("when")
    unless = part("unless")
    then = part("then")

    @shaped
    def for_each(self, span: Span, _for: Word, _each: Word, name: Word, _in: Word, members: ast.Expr) -> Part:
        return Part("for each", ast.ForEach(self.a_name(name), members, span=span), span)

    @shaped
    def precedence(self, span: Span, keyword: Word, *rest: Child) -> ast.Precedence:
        targets = tuple(child for child in rest if isinstance(child, ast.RuleRef | ast.EveryRule))
        return ast.Precedence(PRECEDENCES[keyword.type], targets, span=span)  # type: ignore[arg-type]

    @shaped
    def rule_ref(self, span: Span, path: ast.Path, *rest: Child) -> ast.RuleRef:
        return ast.RuleRef(path, after(rest, "LSQB"), span=span)

    @shaped
    def every_rule(self, span: Span, *children: Child) -> ast.EveryRule:
        return ast.EveryRule(only(children, ast.Path), every(children, ast.RuleRef), span=span)

    @shaped
    def refer(self, span: Span, _refer: Word, _to: Word, _counsel: Word, question: Word) -> Part:
        return Part("refer to counsel", ast.Refer(self.a_text(question), span=span), span)

    # ------------------------------------------------------------------------------------- proofs, tests

    @shaped
    def prove(
        self, span: Span, _prove: Word, name: Word, _for: Word, decision: ast.Path, *rest: Child
    ) -> ast.ProveDecl:
        parts = self.parts(rest)
        then = parts.first("then")
        if then is None:
            message = f"expected `then` and what `{name}` proves"
            self.problems.append(Problem("E001", message, self.at(name), "say `then outcome in { … }`"))
            then = ast.ErrorExpr(span=self.at(name))
        return ast.ProveDecl(
            self.a_name(name),
            decision,
            parts.first("doc"),
            parts.all("cite"),
            parts.first("given"),
            then,
            span=span,
        )

    prove_given = part("given")
    prove_then = part("then")

    @shaped
    def example(self, span: Span, _example: Word, name: Word, *rest: Child) -> ast.ExampleDecl:
        parts = self.parts(rest)
        return ast.ExampleDecl(
            self.a_name(name),
            every(rest, ast.Assignment),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            span=span,
        )

    @shaped
    def assignment(self, span: Span, field: ast.Path, *rest: Child) -> ast.Assignment:
        return ast.Assignment(field, after(rest, "EQUAL"), after(rest, "LSQB"), span=span)

    @shaped
    def test(self, span: Span, _test: Word, title: Word, _for: Word, target: ast.Path, *rest: Child) -> ast.TestDecl:
        parts = self.parts(rest)
        expects = tuple(child for child in rest if isinstance(child, ast.Expectation))
        if not expects:  # it would pass whatever the rules say
            help = "say `expect OUTCOME`, `expect VALUE`, `expect breach of …` or the like"
            self.problems.append(Problem("E001", "expected `expect` and what the test expects", self.at(title), help))
        return ast.TestDecl(
            title=self.a_text(title),
            target=target,
            as_of=parts.first("as of"),
            given=tuple(child for child in rest if isinstance(child, ast.GivenFacts | ast.GivenAct | ast.GivenEvent)),
            on_day=parts.first("on day"),
            expects=expects,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            span=span,
        )

    as_of = part("as of", keywords=2)

    @shaped
    def on_day(self, span: Span, _on: Word, _day: Word, day: Word, _end: Word) -> Part:
        return Part("on day", self.a_number(day), span)

    @shaped
    def given_facts(self, span: Span, *children: Child) -> ast.GivenFacts:
        return ast.GivenFacts(every(children, ast.Assignment), span=span)

    @shaped
    def given_act(self, span: Span, _given: Word, verb: Word, *rest: Child) -> ast.GivenAct:
        record, party, *_ = self.names(rest)
        count = rest[0] if is_token(rest[0], "NUMBER") else None
        return ast.GivenAct(
            verb=self.a_name(verb),
            record=record,
            party=party,
            toward=self.name_after(rest, "TOWARD"),
            on=self.date_in(rest),
            assignments=every(rest, ast.Assignment),
            count=self.a_number(count) if count else None,
            span=span,
        )

    @shaped
    def given_event(self, span: Span, _given: Word, event: Word, *rest: Child) -> ast.GivenEvent:
        return ast.GivenEvent(self.a_name(event), self.date_in(rest), every(rest, ast.Assignment), span=span)

    @shaped
    def expect_value(self, span: Span, _expect: Word, value: ast.Expr, *rest: Child) -> ast.ExpectValue:
        return ast.ExpectValue(value, every(rest, ast.RuleRef), span=span)

    @shaped
    def expect_undetermined(
        self, span: Span, _expect: Word, _undetermined: Word, *rest: Child
    ) -> ast.ExpectUndetermined:
        needing = tuple(child for child in rest if isinstance(child, ast.Node))
        return ast.ExpectUndetermined(needing, span=span)  # type: ignore[arg-type]

    @shaped
    def expect_failure(self, span: Span, _expect: Word, failure: Word, _end: Word) -> ast.ExpectFailure:
        return ast.ExpectFailure(str(failure), span=span)  # type: ignore[arg-type]

    @shaped
    def expect_breach(self, span: Span, _expect: Word, *rest: Child) -> ast.ExpectBreach:
        return ast.ExpectBreach(has(rest, "NO"), self.name_after(rest, "OF"), self.name_after(rest, "BY"), span=span)

    @shaped
    def expect_imposed(self, span: Span, _expect: Word, *rest: Child) -> ast.ExpectImposed:
        measure, sector, *members = self.names(rest)
        return ast.ExpectImposed("not" in words(rest[:1]), measure, sector, tuple(members), span=span)


def _changes(expr: ast.Expr) -> str | None:
    """The `+` or `-` outside brackets in an expression, which reads like a change of the set; None if there is none."""
    if not isinstance(expr, ast.Binary) or expr.span.start < expr.left.span.start:
        return None
    return expr.operator if expr.operator in "+-" else _changes(expr.left) or _changes(expr.right)
