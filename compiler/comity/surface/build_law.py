"""From the parser's reductions to the surface tree: facts, definitions, decisions, rules, proofs and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comity.surface import ast
from comity.surface.build import Expressions, Part, Problem, is_token, part, words

if TYPE_CHECKING:
    from comity.surface.build import Children

PRECEDENCES = {
    "NOTWITHSTANDING": "notwithstanding",
    "SUBJECT": "subject to",
    "EXCEPTION": "exception to",
    "DISAPPLIES": "disapplies",
}


class Law(Expressions):
    """Sections 3, 4 and 7 of the language: facts, rules, proofs and tests."""

    # ------------------------------------------------------------------------------------- modules

    def module(self, c: Children) -> list[Any]:
        """What stands at the top level, in order; `parse` makes the module of it."""
        return list(c)

    def instrument(self, c: Children) -> ast.Instrument:
        rank = self.a_name(c[3]) if len(c) > 3 else None
        return ast.Instrument(self.a_text(c[1]), rank, span=self.span(c))

    def source(self, c: Children) -> ast.SourceNote:
        return ast.SourceNote(self.a_text(c[1]), self.date_in(c), span=self.span(c))

    def use(self, c: Children) -> ast.Use:
        star = any(is_token(child, "STAR") for child in c)
        names = self.names(c)
        return ast.Use(c[1], names or None, star, span=self.span(c))

    def condition_alone(self, c: Children) -> ast.Expr:
        expr: ast.Expr = c[0]
        return expr

    # ------------------------------------------------------------------------------------- facts

    def enum(self, c: Children) -> ast.EnumDecl:
        parts = self.parts(c)
        members = tuple(child for child in c if type(child) is ast.Member)
        ordered = is_token(c[2], "ORDERED")
        return ast.EnumDecl(
            self.a_name(c[1]), ordered, parts.first("doc"), members, cites=parts.all("cite"), span=self.span(c)
        )

    def member_line(self, c: Children) -> ast.Member:
        return ast.Member(self.a_name(c[0]), self.text_in(c), span=self.span(c))

    def record(self, c: Children) -> ast.RecordDecl:
        parts = self.parts(c)
        return ast.RecordDecl(
            name=self.a_name(c[1]),
            as_of=self.name_after(c, "OF"),
            doc=parts.first("doc"),
            acts=parts.joined("acts"),
            items=tuple(child for child in c if isinstance(child, ast.FieldDecl | ast.Always)),
            cites=parts.all("cite"),
            span=self.span(c),
        )

    def acts(self, c: Children) -> Part:
        return Part("acts", self.names(c), self.span(c))

    def field_line(self, c: Children) -> ast.FieldDecl:
        default = c[4] if is_token(c[3], "EQUAL") else None
        disclosure = any(is_token(child, "DISCLOSURE") for child in c)
        return ast.FieldDecl(self.a_name(c[0]), c[2], default, disclosure, self.text_in(c), span=self.span(c))

    def always(self, c: Children) -> ast.Always:
        return ast.Always(c[1], span=self.span(c))

    def set(self, c: Children) -> ast.SetDecl:
        parts = self.parts(c)
        return ast.SetDecl(
            name=self.a_name(c[1]),
            element=c[3],
            doc=self.text_in(c) or parts.first("doc"),
            cites=parts.all("cite"),
            parts=tuple(child for child in c if type(child) is ast.SetPart),
            span=self.span(c),
        )

    def set_part(self, c: Children) -> ast.SetPart:
        sign = str(c[0]) if isinstance(c[0], str) else None
        window = c[-1].value if type(c[-1]) is Part else ()
        value = c[1 if sign else 0]
        if window and sign is None and (operator := _changes(value)):
            message = f"it is not clear what is dated: all that stands before, or what stands behind the `{operator}`"
            help = "put what is dated in brackets, or what is added or taken away on a line of its own, with its window"
            self.problems.append(Problem("E001", message, c[-1].span, help))
            value = ast.ErrorExpr(span=value.span)
        return ast.SetPart(sign, value, window, span=self.span(c))  # type: ignore[arg-type]

    def zone(self, c: Children) -> ast.ZoneDecl:
        cites = self.parts(c).all("cite")
        return ast.ZoneDecl(self.a_name(c[1]), self.a_name(c[3]), self.text_in(c), cites=cites, span=self.span(c))

    def table(self, c: Children) -> ast.TableDecl:
        parts = self.parts(c)
        arrow = next(i for i, child in enumerate(c) if is_token(child, "ARROW"))
        return ast.TableDecl(
            name=self.a_name(c[1]),
            parameters=tuple(child for child in c if type(child) is ast.Parameter),
            result=c[arrow + 1],
            file=parts.first("from"),
            otherwise=parts.first("otherwise"),
            ignoring=parts.joined("ignoring"),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            rows=tuple(child for child in c if type(child) is ast.TableRow),
            span=self.span(c),
        )

    def parameter(self, c: Children) -> ast.Parameter:
        return ast.Parameter(self.a_name(c[0]), c[-1], self.text_in(c), span=self.span(c))

    table_file = part("from")
    otherwise_value = part("otherwise")

    def ignoring(self, c: Children) -> Part:
        written = (child for child in c if is_token(child, "STRING") or is_token(child, "NAME"))
        columns = (self.a_text(child) if is_token(child, "STRING") else self.a_name(child) for child in written)
        return Part("ignoring", tuple(columns), self.span(c))

    def row(self, c: Children) -> ast.TableRow:
        colon = next(i for i, child in enumerate(c) if is_token(child, "COLON"))
        return ast.TableRow(self.items_in(c[:colon]), c[colon + 1], span=self.span(c))

    # ------------------------------------------------------------------------------------- definitions

    def define(self, c: Children) -> ast.DefineDecl:
        parts = self.parts(c)
        doc = parts.first("doc")
        named = is_token(c[2], "FOR")
        start = next(i for i, child in enumerate(c) if is_token(child, "COLON"))  # a parameter's own colon is within it
        arrow = next((i for i in range(start) if is_token(c[i], "ARROW")), None)
        body = next((x for x in c[start + 1 :] if isinstance(x, ast.Node)), None)
        if body is None and doc is not None:
            body, doc = ast.TextLit(doc.value, span=doc.span), None  # a block of one text is that text
        elif body is None:
            self.problems.append(Problem("E001", "expected what the definition says", self.span(c)))
            body = ast.ErrorExpr(span=self.span(c))
        return ast.DefineDecl(
            name=self.a_name(c[1]),
            record=self.a_name(c[3]) if named else None,
            parameters=tuple(child for child in c if type(child) is ast.Parameter),
            result=c[arrow + 1] if arrow else None,
            doc=doc,
            cites=parts.all("cite"),
            body=body,  # type: ignore[arg-type]
            span=self.span(c),
        )

    def cases(self, c: Children) -> ast.Cases:
        cases = tuple(child for child in c if type(child) is ast.Case)
        for case in cases[:-1]:
            if case.condition is None:
                self.problems.append(Problem("E001", "`otherwise` stands last", case.span))
        return ast.Cases(cases, is_token(c[0], "FIRST"), span=self.span(c))

    def case(self, c: Children) -> ast.Case:
        return ast.Case(c[0], None if is_token(c[1], "OTHERWISE") else c[2], span=self.span(c))

    # ------------------------------------------------------------------------------------- decisions

    def decision(self, c: Children) -> ast.DecisionDecl:
        parts = self.parts(c)
        outcomes = parts.first("outcomes")
        if outcomes is None:
            self.problems.append(
                Problem("E001", f"expected the `outcomes` of `{c[1]}`", self.at(c[1]), "list them, the strictest first")
            )
        return ast.DecisionDecl(
            name=self.a_name(c[1]),
            record=self.a_name(c[3]),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            outcomes=outcomes or (),
            prevails=tuple(child for child in c if type(child) is ast.Prevail),
            otherwise=parts.first("otherwise"),
            span=self.span(c),
        )

    def outcomes(self, c: Children) -> Part:
        return Part("outcomes", tuple(child for child in c if type(child) is ast.OutcomeDecl), self.span(c))

    def outcome(self, c: Children) -> ast.OutcomeDecl:
        return ast.OutcomeDecl(self.a_name(c[0]), self.text_in(c), span=self.span(c))

    def prevail(self, c: Children) -> ast.Prevail:
        cites = self.parts(c).all("cite")
        if is_token(c[1], "BY"):
            return ast.Prevail(None, None, str(c[2]), cites, span=self.span(c))  # type: ignore[arg-type]
        return ast.Prevail(self.a_name(c[1]), self.a_name(c[3]), None, cites, span=self.span(c))

    otherwise_outcome = part("otherwise")

    # ------------------------------------------------------------------------------------- rules

    def rule(self, c: Children) -> ast.RuleDecl:
        parts = self.parts(c)
        return ast.RuleDecl(
            name=self.a_name(c[1]),
            decision=c[3],
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            window=parts.joined("window"),
            for_each=parts.first("for each"),
            precedence=tuple(child for child in c if type(child) is ast.Precedence),
            refer=parts.first("refer to counsel"),
            when=parts.first("when"),
            unless=parts.first("unless"),
            then=parts.first("then"),
            span=self.span(c),
        )

    when = part("when")
    unless = part("unless")
    then = part("then")

    def for_each(self, c: Children) -> Part:
        each = ast.ForEach(self.a_name(c[2]), c[4], span=self.span(c))
        return Part("for each", each, each.span)

    def precedence(self, c: Children) -> ast.Precedence:
        targets = tuple(child for child in c if isinstance(child, ast.RuleRef | ast.EveryRule))
        return ast.Precedence(PRECEDENCES[c[0].type], targets, span=self.span(c))  # type: ignore[arg-type]

    def rule_ref(self, c: Children) -> ast.RuleRef:
        return ast.RuleRef(c[0], c[2] if len(c) > 1 else None, span=self.span(c))

    def every_rule(self, c: Children) -> ast.EveryRule:
        module = next((child for child in c if type(child) is ast.Path), None)
        excepted = tuple(child for child in c if type(child) is ast.RuleRef)
        return ast.EveryRule(module, excepted, span=self.span(c))

    def refer(self, c: Children) -> Part:
        refer = ast.Refer(self.a_text(c[3]), span=self.span(c))
        return Part("refer to counsel", refer, refer.span)

    # ------------------------------------------------------------------------------------- proofs, tests

    def prove(self, c: Children) -> ast.ProveDecl:
        parts = self.parts(c)
        then = parts.first("then")
        if then is None:
            self.problems.append(
                Problem(
                    "E001", f"expected `then` and what `{c[1]}` proves", self.at(c[1]), "say `then outcome in { … }`"
                )
            )
            then = ast.ErrorExpr(span=self.at(c[1]))
        return ast.ProveDecl(
            self.a_name(c[1]),
            c[3],
            parts.first("doc"),
            parts.all("cite"),
            parts.first("given"),
            then,
            span=self.span(c),
        )

    prove_given = part("given")
    prove_then = part("then")

    def example(self, c: Children) -> ast.ExampleDecl:
        parts = self.parts(c)
        return ast.ExampleDecl(
            self.a_name(c[1]),
            self.assignments_in(c),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            span=self.span(c),
        )

    def assignment(self, c: Children) -> ast.Assignment:
        return ast.Assignment(c[0], c[-2], c[2] if is_token(c[1], "LSQB") else None, span=self.span(c))

    def assignments_in(self, c: Children) -> tuple[ast.Assignment, ...]:
        return tuple(child for child in c if type(child) is ast.Assignment)

    def test(self, c: Children) -> ast.TestDecl:
        parts = self.parts(c)
        expects = tuple(child for child in c if isinstance(child, ast.Expectation))
        if not expects:  # it would pass whatever the rules say
            help = "say `expect OUTCOME`, `expect VALUE`, `expect breach of …` or the like"
            self.problems.append(Problem("E001", "expected `expect` and what the test expects", self.at(c[1]), help))
        return ast.TestDecl(
            title=self.a_text(c[1]),
            target=c[3],
            as_of=parts.first("as of"),
            given=tuple(child for child in c if isinstance(child, ast.GivenFacts | ast.GivenAct | ast.GivenEvent)),
            on_day=parts.first("on day"),
            expects=expects,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            span=self.span(c),
        )

    as_of = part("as of", 2)

    def on_day(self, c: Children) -> Part:
        return Part("on day", self.number(c[2:3]), self.span(c))

    def given_facts(self, c: Children) -> ast.GivenFacts:
        return ast.GivenFacts(self.assignments_in(c), span=self.span(c))

    def given_act(self, c: Children) -> ast.GivenAct:
        verb, record, party, *_ = self.names(c)
        return ast.GivenAct(
            verb=verb,
            record=record,
            party=party,
            toward=self.name_after(c, "TOWARD"),
            on=self.date_in(c),
            assignments=self.assignments_in(c),
            count=self.number(c[2:3]) if is_token(c[2], "NUMBER") else None,
            span=self.span(c),
        )

    def given_event(self, c: Children) -> ast.GivenEvent:
        return ast.GivenEvent(self.a_name(c[1]), self.date_in(c), self.assignments_in(c), span=self.span(c))

    def expect_value(self, c: Children) -> ast.ExpectValue:
        by = tuple(child for child in c if type(child) is ast.RuleRef)
        return ast.ExpectValue(c[1], by, span=self.span(c))

    def expect_undetermined(self, c: Children) -> ast.ExpectUndetermined:
        needing = tuple(child for child in c[2:] if isinstance(child, ast.Node))
        return ast.ExpectUndetermined(needing, span=self.span(c))  # type: ignore[arg-type]

    def expect_failure(self, c: Children) -> ast.ExpectFailure:
        return ast.ExpectFailure(str(c[1]), span=self.span(c))  # type: ignore[arg-type]

    def expect_breach(self, c: Children) -> ast.ExpectBreach:
        none = "no" in words(c[:2])
        return ast.ExpectBreach(none, self.name_after(c, "OF"), self.name_after(c, "BY"), span=self.span(c))

    def expect_imposed(self, c: Children) -> ast.ExpectImposed:
        measure, sector, *members = self.names(c)
        return ast.ExpectImposed("not" in words(c[:2]), measure, sector, tuple(members), span=self.span(c))


def _changes(expr: ast.Expr) -> str | None:
    """The `+` or `-` outside brackets in an expression, which reads like a change of the set; None if there is none."""
    if not isinstance(expr, ast.Binary) or expr.span.start < expr.left.span.start:
        return None
    return expr.operator if expr.operator in "+-" else _changes(expr.left) or _changes(expr.right)
