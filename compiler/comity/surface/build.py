"""From the parser's reductions to the surface tree: the shared parts, expressions and types.

Lark calls one method per rule of the grammar, by its name or alias, with everything in it: tokens
(keywords too) and what the methods returned for the rules within. So the span of a node is from the first of these
to the last. Clauses become a `Part`; a declaration sorts its parts by kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from comity.base.source import Span
from comity.runtime.values import MAX_DIGITS
from comity.surface import ast
from comity.surface.words import Word, iso_date, long_text, turned

if TYPE_CHECKING:
    Children = list[Any]

T = TypeVar("T")


class Part(NamedTuple):
    """A clause of a declaration: what kind it is and what it says."""

    kind: str
    value: Any
    span: Span


class Problem(NamedTuple):
    """Something the grammar accepts and the language does not."""

    code: str
    message: str
    span: Span
    help: str | None = None
    related: tuple[str, Span] | None = None


@dataclass(slots=True)
class Parts:
    """The clauses of one declaration. Reports one that is given twice where it may stand once."""

    parts: list[Part]
    problems: list[Problem]

    def all(self, kind: str) -> tuple[Any, ...]:
        return tuple(part.value for part in self.parts if part.kind == kind)

    def first(self, kind: str) -> Any:
        """The value of the only part of a kind, or None."""
        found = [part for part in self.parts if part.kind == kind]
        for more in found[1:]:
            message = f"`{kind}` is given twice, and may stand once"
            self.problems.append(Problem("E001", message, more.span, None, ("first given here", found[0].span)))
        return found[0].value if found else None

    def joined(self, kind: str) -> tuple[Any, ...]:
        """The values of all parts of a kind whose values are tuples, one after the other."""
        return tuple(item for values in self.all(kind) for item in values)

    def has(self, kind: str) -> bool:
        return self.first(kind) is not None


def part(kind: str, index: int = 1) -> Callable[[Expressions, Children], Part]:
    """A clause whose value is the child at ``index``, as it is (a name or text if it is a token)."""

    def method(self: Expressions, c: Children) -> Part:
        return Part(kind, self.plain(c[index]), self.span(c))

    return method


def flag(kind: str) -> Callable[[Expressions, Children], Part]:
    """A clause that says all by being there."""

    def method(self: Expressions, c: Children) -> Part:
        return Part(kind, True, self.span(c))

    return method


def is_token(child: object, kind: str) -> bool:
    return getattr(child, "type", None) == kind


def words(c: Iterable[object]) -> list[str]:
    """The keywords and signs among the children, as written."""
    return [str(child) for child in c if isinstance(child, str)]


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

    def span(self, c: Children) -> Span:
        """From the first child to the last, each a token or something with a span."""
        first, last = c[0], c[-1]
        if isinstance(first, str):
            start, line, column = first.start_pos, first.line, first.column  # type: ignore[attr-defined]
        else:
            span = first.span
            start, line, column = span.start, span.line, span.column
        if isinstance(last, str):
            return Span(self.file, start, last.end_pos, line, column, last.end_line, last.end_column)  # type: ignore[attr-defined]
        span = last.span
        return Span(self.file, start, span.end, line, column, span.end_line, span.end_column)

    def at(self, token: Word) -> Span:
        t: Any = token
        return Span(self.file, t.start_pos, t.end_pos, t.line, t.column, t.end_line, t.end_column)

    def a_name(self, token: Word) -> ast.Name:
        return ast.Name(str(token), span=self.at(token))

    def names(self, c: Iterable[object]) -> tuple[ast.Name, ...]:
        """All children that are names."""
        return tuple(self.a_name(child) for child in c if is_token(child, "NAME"))  # type: ignore[arg-type]

    def a_text(self, token: Word) -> ast.Text:
        return ast.Text(self.unquoted(token), span=self.at(token))

    def text_in(self, c: Iterable[object]) -> ast.Text | None:
        return next((self.a_text(child) for child in c if is_token(child, "STRING")), None)  # type: ignore[arg-type]

    def date_in(self, c: Iterable[object]) -> ast.DateLit | None:
        return next((self.date([child]) for child in c if is_token(child, "DATE")), None)

    def name_after(self, c: Children, keyword: str) -> ast.Name | None:
        """The name that follows a keyword, if that is there."""
        for child, following in pairwise(c):
            if is_token(child, keyword) and is_token(following, "NAME"):
                return self.a_name(following)
        return None

    def quantity_in(self, c: Iterable[object]) -> ast.QuantityLit | None:
        return next((self.quantity([child]) for child in c if is_token(child, "QUANTITY")), None)

    def plain(self, child: Any) -> Any:
        """A token as the node it stands for; anything else as it is."""
        kind = getattr(child, "type", None)
        if not isinstance(child, str) or kind is None:
            return child
        makers: dict[str, Callable[[Word], object]] = {
            "STRING": self.a_text,
            "DOC": self.a_text,
            "DATE": lambda token: self.date([token]),
            "QUANTITY": lambda token: self.quantity([token]),
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

    def parts(self, c: Children) -> Parts:
        return Parts([child for child in c if type(child) is Part], self.problems)

    def doc(self, c: Children) -> Part:
        return Part("doc", self.a_text(c[0]), self.at(c[0]))

    cite = part("cite")

    def path(self, c: Children) -> ast.Path:
        return ast.Path(self.names(c), span=self.span(c))

    def mark(self, c: Children) -> ast.WindowMark:
        kind: Literal["from", "until"] = "from" if is_token(c[0], "FROM") else "until"
        return ast.WindowMark(kind, self.date(c[1:]), span=self.span(c))

    def window(self, c: Children) -> Part:
        return Part("window", tuple(c), self.span(c))

    # ------------------------------------------------------------------------------------- conditions

    def line(self, c: Children) -> ast.Line:
        if len(c) > 1 and type(c[1]) is Part:
            return ast.Line(self._dated(c[0], c[1]), c[1].value, span=self.span(c))
        return ast.Line(c[0], span=self.span(c))

    def windowed(self, c: Children) -> ast.Block:
        line = self.line(c)
        return ast.Block("all", (line,), span=line.span)

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

    def block(self, c: Children) -> ast.Block:
        return ast.Block(str(c[0]), tuple(x for x in c if type(x) is ast.Line), span=self.span(c))  # type: ignore[arg-type]

    def quantified_block(self, c: Children) -> ast.QuantifiedBlock:
        lines = tuple(x for x in c if type(x) is ast.Line)
        return ast.QuantifiedBlock(str(c[0]), self.a_name(c[1]), c[3], lines, span=self.span(c))  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------- operators

    def implies(self, c: Children) -> ast.Implies:
        return ast.Implies(c[0], c[2], span=self.span(c))

    def either(self, c: Children) -> ast.Or:
        return ast.Or(tuple(c[::2]), span=self.span(c))

    def both(self, c: Children) -> ast.And:
        return ast.And(tuple(c[::2]), span=self.span(c))

    def negation(self, c: Children) -> ast.Not:
        return ast.Not(c[1], span=self.span(c))

    def quantified(self, c: Children) -> ast.Quantified:
        return ast.Quantified(str(c[0]), self.a_name(c[1]), c[3], c[5], span=self.span(c))  # type: ignore[arg-type]

    def compare(self, c: Children) -> ast.Compare:
        return ast.Compare(str(c[1]), c[0], c[2], span=self.span(c))  # type: ignore[arg-type]

    def member(self, c: Children) -> ast.In:
        return ast.In(c[0], c[-1], len(c) == 4, span=self.span(c))

    def within(self, c: Children) -> ast.Within:
        return ast.Within(c[0], c[-1], len(c) == 4, span=self.span(c))

    def range(self, c: Children) -> ast.Range:
        return ast.Range(c[0], c[2], span=self.span(c))

    def state_test(self, c: Children) -> ast.StateTest:
        state = next(c[i + 1] for i, child in enumerate(c) if is_token(child, "IS"))
        return ast.StateTest(c[0], self.a_name(state), self.name_after(c, "OF"), self.date_in(c), span=self.span(c))

    def rule_test(self, c: Children) -> ast.RuleTest | ast.ErrorExpr:
        rule = self._as_rule(c[0])
        if rule is None:
            message = f"expected the name of a rule before `{c[1]}`"
            self.problems.append(Problem("E001", message, c[0].span))
            return ast.ErrorExpr(span=self.span(c))
        return ast.RuleTest(rule, str(c[1]), span=self.span(c))  # type: ignore[arg-type]

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

    def consents(self, c: Children) -> ast.Consents:
        return ast.Consents(c[0], span=self.span(c))

    def binary(self, c: Children) -> ast.Binary:
        return ast.Binary(str(c[1]), c[0], c[2], span=self.span(c))  # type: ignore[arg-type]

    def negate(self, c: Children) -> ast.Negate:
        return ast.Negate(c[1], span=self.span(c))

    def field(self, c: Children) -> ast.FieldExpr:
        return ast.FieldExpr(c[0], self.a_name(c[2]), span=self.span(c))

    def index(self, c: Children) -> ast.IndexExpr:
        return ast.IndexExpr(c[0], self.items_in(c[2:-1]), span=self.span(c))

    def items_in(self, c: Children) -> tuple[Any, ...]:
        """What stands between the commas of a list."""
        return tuple(child for child in c if not is_token(child, "COMMA"))

    # ------------------------------------------------------------------------------------- atoms

    def name(self, c: Children) -> ast.NameExpr | ast.This:
        text = str(c[0])
        return ast.This(span=self.at(c[0])) if text == "this" else ast.NameExpr(text, span=self.at(c[0]))

    def parenthesised(self, c: Children) -> ast.Expr:
        """Parentheses without a window leave no node; what they hold spans them."""
        if type(c[2]) is Part:
            return ast.Windowed(self._dated(c[1], c[2]), c[2].value, span=self.span(c))
        inner: ast.Expr = replace(c[1], span=self.span(c))
        return inner

    def measured(self, c: Children, make: Callable[[Fraction, str, str, Span], T]) -> T | ast.ErrorExpr:
        """A number with what follows it: ``make`` gets the value, what follows, the text and the span."""
        token = c[0]
        text, span = str(token), self.at(token)
        digits = text.rstrip("%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \t")
        if len(digits) > MAX_DIGITS:
            self.problems.append(Problem("E106", f"a number may have at most {MAX_DIGITS} digits", span))
            return ast.ErrorExpr(span=span)
        return make(number(digits), text[len(digits) :].strip(), text, span)

    def number(self, c: Children) -> Any:
        return self.measured(c, lambda value, _, text, span: ast.NumberLit(value, "." not in text, text, span=span))

    def percent(self, c: Children) -> Any:
        return self.measured(c, lambda value, _, text, span: ast.PercentLit(value / 100, text, span=span))

    def money(self, c: Children) -> Any:
        return self.measured(c, lambda value, unit, text, span: ast.MoneyLit(value, unit, text, span=span))

    def quantity(self, c: Children) -> Any:
        return self.measured(c, lambda value, unit, text, span: ast.QuantityLit(value, unit, text, span=span))

    def date(self, c: Children) -> ast.DateLit:
        text = str(c[0])
        try:
            value = date.fromisoformat(text)
        except ValueError:
            value = None
        return ast.DateLit(text, value, span=self.at(c[0]))

    def text(self, c: Children) -> ast.TextLit:
        return ast.TextLit(self.unquoted(c[0]), span=self.at(c[0]))

    def eccn(self, c: Children) -> ast.EccnLit:
        return ast.EccnLit(str(c[0]), span=self.at(c[0]))

    def hs(self, c: Children) -> ast.HsLit:
        return ast.HsLit(str(c[0])[2:].strip(), span=self.at(c[0]))

    def invalid(self, c: Children) -> ast.ErrorExpr:
        span = self.at(c[0])
        text = str(c[0])
        shown = text if len(text) <= 30 else text[:30] + "…"
        self.problems.append(Problem("E106", f"`{shown}` is not a number, code or date", span, iso_date(text)))
        return ast.ErrorExpr(span=span)

    def boolean(self, c: Children) -> ast.BoolLit:
        return ast.BoolLit(is_token(c[0], "TRUE"), span=self.at(c[0]))

    def unknown(self, c: Children) -> ast.UnknownLit:
        return ast.UnknownLit(span=self.at(c[0]))

    def absent(self, c: Children) -> ast.AbsentLit:
        return ast.AbsentLit(span=self.at(c[0]))

    def set_of(self, c: Children) -> ast.SetLit:
        return ast.SetLit(self.items_in(c[1:-1]), span=self.span(c))

    def code_range(self, c: Children) -> ast.CodeRange:
        return ast.CodeRange(c[0], c[2], span=self.span(c))

    def comprehension(self, c: Children) -> ast.Comprehension:
        return ast.Comprehension(self.a_name(c[1]), c[3], c[5], span=self.span(c))

    def map_of(self, c: Children) -> ast.MapLit:
        return ast.MapLit(self.items_in(c[1:-1]), span=self.span(c))

    def map_entry(self, c: Children) -> ast.MapEntry:
        return ast.MapEntry(self.a_name(c[0]), c[2], span=self.span(c))

    def list_of(self, c: Children) -> ast.ListLit:
        return ast.ListLit(self.items_in(c[1:-1]), span=self.span(c))

    def argument(self, c: Children) -> ast.Argument:
        name = self.a_name(c[0]) if len(c) == 3 else None
        return ast.Argument(name, c[-1], span=self.span(c))

    def call(self, c: Children) -> ast.Expr:
        arguments = self.items_in(c[2:-1])
        function = self.a_name(c[0])
        if function.text == "count" and len(arguments) == 1 and arguments[0].name is None:
            return self.counted(function, arguments[0].value, None, self.span(c))
        return ast.Call(function, arguments, span=self.span(c))

    def count_where(self, c: Children) -> ast.Expr:
        return self.counted(self.a_name(c[0]), c[2], c[4], self.span(c))

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

    def sum_for(self, c: Children) -> ast.Expr:
        if str(c[0]) != "sum":
            self.problems.append(
                Problem(
                    "E001",
                    f"`{c[0]}( … for … )` means nothing",
                    self.span(c),
                    "only `sum(V for x in S where C)` takes `for`",
                )
            )
            return ast.ErrorExpr(span=self.span(c))
        where = c[8] if len(c) > 8 else None
        return ast.Sum(c[2], self.a_name(c[4]), c[6], where, span=self.span(c))

    # ------------------------------------------------------------------------------------- types

    def type(self, c: Children) -> ast.TypeExpr:
        made: ast.TypeExpr
        if is_token(c[0], "NAME"):
            made, rest = ast.NamedType(self.a_name(c[0]), span=self.at(c[0])), 1
        elif str(c[0]) == "Money":
            made, rest = ast.MoneyIn(self.a_name(c[2]), span=self.span(c[:3])), 3
        else:
            made, rest = ast.CollectionOf(str(c[0]), c[2], span=self.span(c[:3])), 3  # type: ignore[arg-type]
        while rest < len(c):
            length = 1 if is_token(c[rest], "QMARK") else 2
            span = self.span(c[: rest + length])
            if length == 1:
                made = ast.MayBeUnknown(made, span=span)
            elif is_token(c[rest], "PER"):
                made = ast.PerParty(made, span=span)
            else:
                made = ast.OrAbsent(made, span=span)
            rest += length
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
