"""From the parser's reductions to the surface tree: the shared parts, expressions and types.

Lark calls one method per rule of the grammar, by its name or alias, with everything in it: tokens
(keywords too) and what the methods returned for the rules within. So the span of a node is from the first of these
to the last. A method names and types the children that are always in the same place, and takes the others as
``rest``, from which it picks by kind (`shaped`):

    map_entry: NAME ":" union

    @shaped
    def map_entry(self, span: Span, name: Word, _colon: Word, value: ast.Expr) -> ast.MapEntry: ...

A test (tests/surface/test_build.py) holds these types to what the grammar delivers. Clauses become a `Part`; a
declaration sorts its parts by kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache, wraps
from typing import Any, Concatenate, Literal, TypeVar

from comity.base.source import Span
from comity.runtime.values import MAX_DIGITS, suggest_eccn
from comity.surface import ast
from comity.surface.lexer import PLAIN_NAME
from comity.surface.parts import Child, Children, Part, Parts, Problem, after, every, has, is_token, listed, only
from comity.surface.words import Word, iso_date, long_text, turned

T = TypeVar("T")
Built = TypeVar("Built", bound="Expressions")


def shaped(method: Callable[Concatenate[Built, Span, ...], T]) -> Callable[[Built, Children], T]:
    """A method that gets the span of all children, then each child as an argument of its own."""

    @wraps(method)
    def build(self: Built, children: Children) -> T:
        return method(self, self.span(children), *children)

    return build


def part(kind: str, keywords: int = 1) -> Callable[[Expressions, Children], Part]:
    """A clause whose value comes after so many keywords, as it is (a name or text if it is a token)."""

    @shaped
    def method(self: Expressions, span: Span, *children: Child) -> Part:
        return Part(kind, self.plain(children[keywords]), span)

    return method


def flag(kind: str) -> Callable[[Expressions, Children], Part]:
    """A clause that says all by being there."""

    @shaped
    def method(self: Expressions, span: Span, *children: Child) -> Part:
        return Part(kind, True, span)

    return method


@lru_cache(maxsize=4096)
def number(text: str) -> Fraction:
    """The exact value of `9_000` or `0.25`."""
    return Fraction(text.replace("_", ""))


ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Expressions:
    """Builds expressions and types; ``problems`` collects what is wrong with the text begun last."""

    def __init__(self) -> None:
        self.begin("", "")

    def begin(self, file: str, written: str) -> None:
        """Start on a text as ``written``; ``file`` is its display path."""
        self.file = file
        self.written = written
        self.problems: list[Problem] = []

    # ------------------------------------------------------------------------------------- shared parts

    def span(self, children: Children) -> Span:
        """From the first child to the last, each a token or something with a span."""
        first, last = children[0], children[-1]
        if isinstance(first, str):
            start, line, column = first.start_pos, first.line, first.column  # type: ignore[attr-defined]
        else:
            span = first.span
            start, line, column = span.start, span.line, span.column
        if isinstance(last, str):
            return Span(self.file, start, last.end_pos, line, column, last.end_line, last.end_column)  # type: ignore[attr-defined]
        span = last.span
        return Span(self.file, start, span.end, line, column, span.end_line, span.end_column)

    def at(self, word: Word) -> Span:
        return Span(self.file, word.start_pos, word.end_pos, word.line, word.column, word.end_line, word.end_column)

    def a_name(self, token: Word) -> ast.Name:
        return ast.Name(str(token), span=self.at(token))

    def names(self, children: Children) -> tuple[ast.Name, ...]:
        """All children that are names."""
        return tuple(self.a_name(child) for child in children if is_token(child, "NAME"))

    def name_after(self, children: Children, keyword: str) -> ast.Name | None:
        """The name that follows a keyword, if that is there."""
        name = after(children, keyword)
        return self.a_name(name) if is_token(name, "NAME") else None

    def a_text(self, token: Word) -> ast.Text:
        return ast.Text(self.unquoted(token), span=self.at(token))

    def text_in(self, children: Children) -> ast.Text | None:
        return next((self.a_text(child) for child in children if is_token(child, "STRING")), None)

    def a_date(self, token: Word) -> ast.DateLit:
        text = str(token)
        try:
            value = date.fromisoformat(text)
        except ValueError:
            value = None
        return ast.DateLit(text, value, span=self.at(token))

    def date_in(self, children: Children) -> ast.DateLit | None:
        return next((self.a_date(child) for child in children if is_token(child, "DATE")), None)

    def measured(self, token: Word, make: Callable[[Fraction, str, str, Span], T]) -> T | ast.ErrorExpr:
        """A number with what follows it: ``make`` gets the value, what follows, the text and the span."""
        text, span = str(token), self.at(token)
        digits = text.rstrip("%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \t")
        if len(digits) > MAX_DIGITS:
            self.problems.append(Problem("E106", f"a number may have at most {MAX_DIGITS} digits", span))
            return ast.ErrorExpr(span=span)
        return make(number(digits), text[len(digits) :].strip(), text, span)

    # A number that is too long is an error, and then no reader of the tree sees the node that stands for it.

    def a_number(self, token: Word) -> Any:
        return self.measured(token, lambda value, _, text, span: ast.NumberLit(value, "." not in text, text, span=span))

    def a_quantity(self, token: Word) -> Any:
        return self.measured(token, lambda value, unit, text, span: ast.QuantityLit(value, unit, text, span=span))

    def quantity_in(self, children: Children) -> ast.QuantityLit | None:
        return next((self.a_quantity(child) for child in children if is_token(child, "QUANTITY")), None)

    def plain(self, child: Child) -> Any:
        """A token as the node it stands for; anything else as it is."""
        kind = getattr(child, "type", None)
        if not isinstance(child, str) or kind is None:
            return child
        makers: dict[str, Callable[[Word], object]] = {
            "STRING": self.a_text,
            "DOC": self.a_text,
            "DATE": self.a_date,
            "QUANTITY": self.a_quantity,
        }
        return makers.get(kind, self.a_name)(child)  # type: ignore[arg-type]

    def unquoted(self, token: Word) -> str:
        """What a text says: quotes off, the lines of a long one without their indentation, escapes resolved."""
        raw = str(token)
        if not raw.isascii() and (wrong := turned(raw)):
            self.problems.append(Problem("E001", wrong, self.at(token), "delete it"))
        raw = "\n".join(long_text(raw))[3:-3].strip() if raw.startswith('"""') else raw[1:-1]
        if "\\" not in raw:
            return raw
        pieces: list[str] = []
        index = 0
        while (slash := raw.find("\\", index)) >= 0:
            meant = ESCAPES.get(raw[slash + 1])
            if meant is None:
                message = f"`{raw[slash : slash + 2]}` means nothing in a text".replace("\n", "")
                self.problems.append(Problem("E106", message, self.at(token), 'write `\\\\`, `\\"`, `\\n` or `\\t`'))
                meant = raw[slash + 1]
            pieces += raw[index:slash], meant
            index = slash + 2
        return "".join((*pieces, raw[index:]))

    def parts(self, children: Children) -> Parts:
        return Parts([child for child in children if type(child) is Part], self.problems)

    @shaped
    def doc(self, span: Span, text: Word, _end: Word) -> Part:
        return Part("doc", self.a_text(text), self.at(text))

    cite = part("cite")

    @shaped
    def path(self, span: Span, *children: Child) -> ast.Path:
        return ast.Path(self.names(children), span=span)

    @shaped
    def mark(self, span: Span, keyword: Word, day: Word) -> ast.WindowMark:
        kind: Literal["from", "until"] = "from" if is_token(keyword, "FROM") else "until"
        return ast.WindowMark(kind, self.a_date(day), span=span)

    @shaped
    def window(self, span: Span, *marks: ast.WindowMark) -> Part:
        return Part("window", marks, span)

    # ------------------------------------------------------------------------------------- conditions

    @shaped
    def line(self, span: Span, condition: ast.Expr, *rest: Child) -> ast.Line:
        return self._line(span, condition, rest)

    @shaped
    def windowed(self, span: Span, condition: ast.Expr, window: Part) -> ast.Block:
        return ast.Block("all", (self._line(span, condition, (window,)),), span=span)

    def _line(self, span: Span, condition: ast.Expr, rest: Children) -> ast.Line:
        window = only(rest, Part)
        if window is None:
            return ast.Line(condition, span=span)
        return ast.Line(self._dated(condition, window), window.value, span=span)

    def _dated(self, condition: ast.Expr, window: Part) -> ast.Expr:
        """The condition before a window; an error where it can be read as the last part's window alone."""
        last, operator = _last_part(condition)
        if operator is None:
            return condition
        whole, days = condition.span, " ".join(self.written[window.span.start : window.span.end].split())
        before, part = self.written[whole.start : last.start], self.written[last.start : last.end]
        if "\n" in before + part:
            before, part = f"A {operator} ", "B"
        self.problems.append(
            Problem(
                "E001",
                f"it is not clear what is dated: all of the condition, or only what comes after the `{operator}`",
                window.span,
                f"write `({before}{part}) {days}` to date all of it, "
                f"or `{before}({part} {days})` to date the last part",
            )
        )
        return ast.ErrorExpr(span=whole)

    @shaped
    def block(self, span: Span, quantifier: Word, *rest: Child) -> ast.Block:
        return ast.Block(str(quantifier), every(rest, ast.Line), span=span)  # type: ignore[arg-type]

    @shaped
    def quantified_block(
        self, span: Span, quantifier: Word, variable: Word, _in: Word, collection: ast.Expr, *rest: Child
    ) -> ast.QuantifiedBlock:
        lines = every(rest, ast.Line)
        return ast.QuantifiedBlock(str(quantifier), self.a_name(variable), collection, lines, span=span)  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------- operators

    @shaped
    def implies(self, span: Span, left: ast.Expr, _implies: Word, right: ast.Expr) -> ast.Implies:
        return ast.Implies(left, right, span=span)

    @shaped
    def either(self, span: Span, *children: Child) -> ast.Or:
        return ast.Or(children[::2], span=span)

    @shaped
    def both(self, span: Span, *children: Child) -> ast.And:
        return ast.And(children[::2], span=span)

    @shaped
    def negation(self, span: Span, _not: Word, operand: ast.Expr) -> ast.Not:
        return ast.Not(operand, span=span)

    @shaped
    def quantified(
        self, span: Span, quantifier: Word, name: Word, _in: Word, collection: ast.Expr, _colon: Word, body: ast.Expr
    ) -> ast.Quantified:
        return ast.Quantified(str(quantifier), self.a_name(name), collection, body, span=span)  # type: ignore[arg-type]

    @shaped
    def compare(self, span: Span, left: ast.Expr, operator: Word, right: ast.Expr) -> ast.Compare:
        return ast.Compare(str(operator), left, right, span=span)  # type: ignore[arg-type]

    @shaped
    def member(self, span: Span, value: ast.Expr, *rest: Child) -> ast.In:
        return ast.In(value, rest[-1], has(rest, "NOT"), span=span)

    @shaped
    def within(self, span: Span, value: ast.Expr, *rest: Child) -> ast.Within:
        return ast.Within(value, rest[-1], has(rest, "NOT"), span=span)

    @shaped
    def range(self, span: Span, low: ast.Expr, _range: Word, high: ast.Expr) -> ast.Range:
        return ast.Range(low, high, span=span)

    @shaped
    def state_test(self, span: Span, subject: ast.Expr, *rest: Child) -> ast.StateTest:
        state = self.a_name(after(rest, "IS"))
        return ast.StateTest(subject, state, self.name_after(rest, "OF"), self.date_in(rest), span=span)

    @shaped
    def rule_test(self, span: Span, subject: ast.Expr, verb: Word) -> ast.RuleTest | ast.ErrorExpr:
        rule = self._as_rule(subject)
        if rule is None:
            self.problems.append(Problem("E001", f"expected the name of a rule before `{verb}`", subject.span))
            return ast.ErrorExpr(span=span)
        return ast.RuleTest(rule, str(verb), span=span)  # type: ignore[arg-type]

    def _as_rule(self, expr: ast.Expr) -> ast.RuleRef | None:
        span = expr.span
        key: ast.Expr | None = None
        if isinstance(expr, ast.IndexExpr):
            if len(expr.keys) != 1:
                return None
            key = expr.keys[0]
            expr = expr.base
        parts: list[ast.Name] = []
        while isinstance(expr, ast.FieldExpr):
            parts.append(expr.name)
            expr = expr.base
        if not isinstance(expr, ast.NameExpr):
            return None
        parts.append(ast.Name(expr.name, span=expr.span))
        parts.reverse()
        return ast.RuleRef(ast.Path(tuple(parts), span=parts[0].span.to(parts[-1].span)), key, span=span)

    @shaped
    def consents(self, span: Span, body: ast.Expr, _consents: Word) -> ast.Consents:
        return ast.Consents(body, span=span)

    @shaped
    def binary(self, span: Span, left: ast.Expr, operator: Word, right: ast.Expr) -> ast.Binary:
        return ast.Binary(str(operator), left, right, span=span)  # type: ignore[arg-type]

    @shaped
    def negate(self, span: Span, _minus: Word, operand: ast.Expr) -> ast.Negate:
        return ast.Negate(operand, span=span)

    @shaped
    def field(self, span: Span, base: ast.Expr, _dot: Word, name: Word) -> ast.FieldExpr:
        return ast.FieldExpr(base, self.a_name(name), span=span)

    @shaped
    def index(self, span: Span, base: ast.Expr, _open: Word, *rest: Child) -> ast.IndexExpr:
        return ast.IndexExpr(base, listed(rest[:-1]), span=span)

    # ------------------------------------------------------------------------------------- atoms

    @shaped
    def name(self, span: Span, name: Word) -> ast.NameExpr | ast.This:
        text = str(name)
        return ast.This(span=span) if text == "this" else ast.NameExpr(text, span=span)

    @shaped
    def parenthesised(self, span: Span, _open: Word, condition: ast.Expr, *rest: Child) -> ast.Expr:
        """Parentheses without a window leave no node; what they hold spans them."""
        window = only(rest, Part)
        if window is not None:
            return ast.Windowed(self._dated(condition, window), window.value, span=span)
        return replace(condition, span=span)

    @shaped
    def number(self, span: Span, token: Word) -> Any:
        return self.a_number(token)

    @shaped
    def percent(self, span: Span, token: Word) -> Any:
        return self.measured(token, lambda value, _, text, span: ast.PercentLit(value / 100, text, span=span))

    @shaped
    def money(self, span: Span, token: Word) -> Any:
        return self.measured(token, lambda value, unit, text, span: ast.MoneyLit(value, unit, text, span=span))

    @shaped
    def quantity(self, span: Span, token: Word) -> Any:
        return self.a_quantity(token)

    @shaped
    def date(self, span: Span, token: Word) -> ast.DateLit:
        return self.a_date(token)

    @shaped
    def text(self, span: Span, token: Word) -> ast.TextLit:
        return ast.TextLit(self.unquoted(token), span=span)

    @shaped
    def eccn(self, span: Span, code: Word) -> ast.EccnLit:
        return ast.EccnLit(str(code), span=span)

    @shaped
    def hs(self, span: Span, code: Word) -> ast.HsLit:
        return ast.HsLit(str(code)[2:].strip(), span=span)

    @shaped
    def invalid(self, span: Span, token: Word) -> ast.ErrorExpr:
        text = str(token)
        shown = text if len(text) <= 30 else text[:30] + "…"
        code = suggest_eccn(text)
        help = f"write `{code}`" if code else iso_date(text)
        self.problems.append(Problem("E106", f"`{shown}` is not a number, code or date", span, help))
        return ast.ErrorExpr(span=span)

    @shaped
    def boolean(self, span: Span, value: Word) -> ast.BoolLit:
        return ast.BoolLit(is_token(value, "TRUE"), span=span)

    @shaped
    def unknown(self, span: Span, _unknown: Word) -> ast.UnknownLit:
        return ast.UnknownLit(span=span)

    @shaped
    def absent(self, span: Span, _absent: Word) -> ast.AbsentLit:
        return ast.AbsentLit(span=span)

    @shaped
    def set_of(self, span: Span, _open: Word, *rest: Child) -> ast.SetLit:
        return ast.SetLit(listed(rest[:-1]), span=span)

    @shaped
    def set_of_names(self, span: Span, word: Word) -> ast.SetLit:
        elements: list[ast.Expr] = []
        line, before, at = word.line, word.column, 0
        for found in PLAIN_NAME.finditer(word):
            start, end = found.span()
            if line != word.end_line and (passed := word.count("\n", at, start)):
                line, before, at = line + passed, -word.rindex("\n", at, start), start
            begins = word.start_pos + start
            place = Span(self.file, begins, begins + end - start, line, before + start, line, before + end)
            elements.append(ast.NameExpr(found[0], span=place))
        return ast.SetLit(tuple(elements), span=span)

    @shaped
    def code_range(self, span: Span, first: ast.Expr, _to: Word, last: ast.Expr) -> ast.CodeRange:
        return ast.CodeRange(first, last, span=span)

    @shaped
    def comprehension(
        self,
        span: Span,
        _open: Word,
        name: Word,
        _in: Word,
        drawn: ast.Expr,
        _where: Word,
        where: ast.Expr,
        _close: Word,
    ) -> ast.Comprehension:
        return ast.Comprehension(self.a_name(name), drawn, where, span=span)

    @shaped
    def map_of(self, span: Span, _open: Word, *rest: Child) -> ast.MapLit:
        return ast.MapLit(listed(rest[:-1]), span=span)

    @shaped
    def map_entry(self, span: Span, name: Word, _colon: Word, value: ast.Expr) -> ast.MapEntry:
        return ast.MapEntry(self.a_name(name), value, span=span)

    @shaped
    def list_of(self, span: Span, _open: Word, *rest: Child) -> ast.ListLit:
        return ast.ListLit(listed(rest[:-1]), span=span)

    @shaped
    def argument(self, span: Span, *children: Child) -> ast.Argument:
        name = self.a_name(children[0]) if has(children, "EQUAL") else None
        return ast.Argument(name, children[-1], span=span)

    @shaped
    def call(self, span: Span, name: Word, _open: Word, *rest: Child) -> ast.Expr:
        arguments: tuple[ast.Argument, ...] = listed(rest[:-1])
        function = self.a_name(name)
        if function.text == "count" and len(arguments) == 1 and arguments[0].name is None:
            return self.counted(function, arguments[0].value, None, span)
        return ast.Call(function, arguments, span=span)

    @shaped
    def count_where(
        self, span: Span, name: Word, _open: Word, drawn: ast.Expr, _where: Word, where: ast.Expr, _close: Word
    ) -> ast.Expr:
        return self.counted(self.a_name(name), drawn, where, span)

    def counted(self, function: ast.Name, drawn: ast.Expr, where: ast.Expr | None, span: Span) -> ast.Expr:
        if function.text != "count":
            self.problems.append(
                Problem(
                    "E001",
                    f"`{function.text}( … where … )` means nothing",
                    span,
                    "only `count(x in S where C)` and `sum(V for x in S where C)` take `where`",
                )
            )
        elif isinstance(drawn, ast.In) and isinstance(drawn.value, ast.NameExpr) and not drawn.negated:
            variable = ast.Name(drawn.value.name, span=drawn.value.span)
            return ast.Count(variable, drawn.collection, where, span=span)
        else:
            self.problems.append(
                Problem(
                    "E001",
                    "expected `x in S` inside `count( )`",
                    drawn.span,
                    "write `count(x in S)` or `count(x in S where C)`",
                )
            )
        return ast.ErrorExpr(span=span)

    @shaped
    def sum_for(
        self,
        span: Span,
        function: Word,
        _open: Word,
        value: ast.Expr,
        _for: Word,
        name: Word,
        _in: Word,
        drawn: ast.Expr,
        *rest: Child,
    ) -> ast.Expr:
        if str(function) != "sum":
            message = f"`{function}( … for … )` means nothing"
            self.problems.append(Problem("E001", message, span, "only `sum(V for x in S where C)` takes `for`"))
            return ast.ErrorExpr(span=span)
        return ast.Sum(value, self.a_name(name), drawn, after(rest, "WHERE"), span=span)

    # ------------------------------------------------------------------------------------- types

    @shaped
    def type(self, span: Span, core: Word, *rest: Child) -> ast.TypeExpr:
        """The words of a type, from left to right: `set of G? or absent` is `(set of G)?`, which may be absent."""
        made: ast.TypeExpr
        if is_token(core, "NAME"):
            made = ast.NamedType(self.a_name(core), span=self.at(core))
        elif str(core) == "Money":
            _in, currency, *rest = rest  # type: ignore[assignment]
            made = ast.MoneyIn(self.a_name(currency), span=self.span((core, currency)))
        else:
            _of, element, *rest = rest  # type: ignore[assignment]
            made = ast.CollectionOf(str(core), element, span=self.span((core, element)))  # type: ignore[arg-type]
        for word in rest:
            if is_token(word, "QMARK"):
                made = ast.MayBeUnknown(made, span=self.span((core, word)))
            elif is_token(word, "PER_PARTY"):
                made = ast.PerParty(made, span=self.span((core, word)))
            elif is_token(word, "ABSENT"):
                made = ast.OrAbsent(made, span=self.span((core, word)))
        return made


def _last_part(condition: ast.Expr) -> tuple[Span, str | None]:
    """What comes after the last `or`, `and` or `implies` outside parentheses, and the first of them; None if none is.

    `a or any p in parties: p.b and not p.c` gives `not p.c` and `or`.
    """
    part = condition
    operator: str | None = None
    while True:
        match condition:
            case ast.Or(operands=(*_, last)):
                here: str | None = "or"
            case ast.And(operands=(*_, last)):
                here = "and"
            case ast.Implies(right=last):
                here = "implies"
            case ast.Not(operand=last) | ast.Quantified(body=last):
                here = None
            case _:
                return part.span, operator
        # A closing parenthesis stands behind the last operand.
        if condition.span.end > last.span.end:
            return part.span, operator
        condition = last
        if here is not None:
            part, operator = last, operator or here
