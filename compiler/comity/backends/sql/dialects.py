"""What differs between engines, as trees of sqlglot. What an engine cannot say raises Inexpressible.

Example: facts that are lists are columns `TEXT[]` or `STRUCT(…)[]` in DuckDB. For a dialect that is not taught lists
the policy is refused, with the place of the field, and no statement is written that only seems to work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from sqlglot import exp

from comity.backends.sql.columns import Kind
from comity.backends.sql.errors import Inexpressible
from comity.runtime.values import ECCN_PATTERN

E = exp.Expr

ELEMENT = "element"
"""The column of a list's elements, where a statement has one row for each."""

MOST_NAMES = 6
"""Of more names than these not every list is written."""

MOST_IN_A_ROW = 30
"""Operands in a row; engines nest as deep as there are, and SQLite takes a thousand levels."""


def text(value: str) -> E:
    return exp.Literal.string(value)


def number(value: int) -> E:
    literal = exp.Literal.number(abs(value))
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


def named(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def column(name: str, table: str = "") -> exp.Column:
    return exp.Column(this=named(name), table=named(table) if table else None)


def call(name: str, *args: E) -> E:
    """A function that every dialect writes by this name."""
    return exp.Anonymous(this=name, expressions=list(args))


def grouped(expression: E) -> E:
    """In parentheses, unless it holds together by itself."""
    alone = (
        exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Null, exp.Boolean, exp.Case, exp.Dot, exp.Cast, exp.Subquery
    )  # fmt: skip
    return (
        expression
        if isinstance(expression, alone) and not isinstance(expression, exp.Connector)
        else exp.Paren(this=expression)
    )


def prefix(code: E, length: int) -> E:
    return exp.Substring(this=code, start=number(1), length=number(length))


def only_where(condition: E, value: E) -> E:
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def is_in(operand: E, members: Sequence[E]) -> E:
    return exp.In(this=grouped(operand), expressions=list(members))


class Dialect:
    """An engine. ``name``: sqlglot's. ``scaled``: it has no decimals, so columns of numbers hold scaled integers.

    ``fences``: common table expressions are written so that no engine copies their expressions into where they are
    read, ``says_materialized``: by a word that the dialect has. ``heads_outside``: a common table expression may
    name its columns. ``separator``: between the parts of the path of a fact, in the name of its column.
    """

    name = ""
    scaled = False
    fences = True
    says_materialized = True
    heads_outside = True
    lists = True
    lists_are_json = False
    separator = "."

    def types(self, kind: Kind) -> str:
        """The type of a column, as this engine writes it."""
        kinds = {"bool": "BOOLEAN", "date": "DATE", "int": "BIGINT", "number": "DECIMAL(18, 4)"}
        return kinds.get(kind, "VARCHAR")

    # ------------------------------------------------------------------------------------------ constants

    def rows(self, kinds: Sequence[Kind], rows: Sequence[Sequence[object]], heads: Sequence[str] = ()) -> exp.Select:
        """The rows of a table of the policy. ``heads``: the names of its columns, which it has by itself unless
        ``heads_outside``.
        """
        written = [
            exp.Tuple(expressions=[self.constant(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
            for row in rows
        ]
        inside = [] if self.heads_outside else [*map(named, heads)]
        values = exp.Values(expressions=written, alias=exp.TableAlias(this=named("rows"), columns=inside))
        return exp.select(*(map(column, heads) if inside else "*"), copy=False).from_(values, copy=False)

    def constant(self, value: object, kind: Kind) -> E:
        match value:
            case None:
                return exp.Null() if kind == "list" else exp.cast(exp.Null(), self.types(kind))
            case bool():
                return exp.Boolean(this=value)
            case int():
                return number(value)
            case Fraction():
                return exp.Paren(this=exp.Div(this=number(value.numerator), expression=number(value.denominator)))
            case date():
                return self.day(value)
            case _:
                return text(str(value))

    def day(self, value: date) -> E:
        return exp.cast(text(value.isoformat()), "DATE")

    # ------------------------------------------------------------------------------------------ numbers

    def wide(self, operand: E) -> E:
        """An integer that products and sums do not outgrow unseen."""
        raise NotImplementedError

    def scaled_integer(self, operand: E, digits: int) -> E:
        return self.wide(exp.Mul(this=grouped(operand), expression=number(10**digits)))

    def floor(self, top: E, below: E) -> E:
        """The integer at or below a quotient; ``below`` is above zero."""
        top, below = grouped(top), grouped(below)
        rest = exp.Mod(
            this=exp.Paren(this=exp.Add(this=exp.Paren(this=exp.Mod(this=top, expression=below)), expression=below)),
            expression=below,
        )
        return self.quotient(exp.Paren(this=exp.Sub(this=top, expression=exp.Paren(this=rest))), below)

    def quotient(self, top: E, below: E) -> E:
        """Of a multiple of ``below``."""
        raise NotImplementedError

    def comparison(self, made: E, sides: Sequence[E], computed: bool) -> E:
        """A comparison. ``computed``: of results of arithmetic, which must have been exact."""
        return made

    def is_exact(self, operand: E, digits: int, kind: Kind) -> E:
        cast = exp.TryCast(this=operand, to=exp.DataType.build(f"DECIMAL(38, {digits if kind == 'number' else 0})"))
        return exp.EQ(this=cast, expression=operand)

    # ------------------------------------------------------------------------------------------ days

    def is_day(self, operand: E) -> E:
        first, last = self.day(date.min), self.day(date.max)
        return exp.Between(this=operand, low=first, high=last)

    def add_days(self, day: E, days: E) -> E:
        raise Inexpressible(f"{self.name} is not taught to add days")

    def add_months(self, day: E, months: E) -> E:
        raise Inexpressible(f"{self.name} is not taught to add months")

    def days_between(self, left: E, right: E) -> E:
        raise Inexpressible(f"{self.name} is not taught to subtract days")

    # ------------------------------------------------------------------------------------------ text

    def matches(self, operand: E, pattern: str) -> E:
        return exp.RegexpLike(this=operand, expression=text(f"^({pattern})$"))

    def is_eccn(self, operand: E) -> E:
        return self.matches(operand, f"EAR99|{ECCN_PATTERN}")

    def is_hs(self, operand: E) -> E:
        return self.matches(operand, r"[0-9][0-9]|[0-9]{4}(\.[0-9]{2}([0-9]{2}){0,2})?")

    def is_plain_text(self, operand: E) -> E:
        return self.matches(operand, "([!-~]+( [!-~]+)*)?")

    def concat(self, parts: Sequence[E]) -> E:
        """Texts one after the other; in groups where there are many, as engines nest only so deep."""
        if len(parts) > MOST_IN_A_ROW:
            size = -(-len(parts) // MOST_IN_A_ROW)
            groups = [parts[place : place + size] for place in range(0, len(parts), size)]
            return self.concat([self.concat(group) for group in groups])
        made = parts[0]
        for part in parts[1:]:
            made = exp.DPipe(this=grouped(made), expression=grouped(part))
        return made

    def starts_with(self, code: E, start: E, length: int) -> E:
        """Whether a text starts with another one of that length."""
        return exp.EQ(this=prefix(code, length), expression=start)

    # ------------------------------------------------------------------------------------------ lists

    def listed(self, names: Sequence[str], conditions: Sequence[E]) -> E:
        """The names whose condition is true; none is unknown."""
        parts = [
            exp.Case(ifs=[exp.If(this=condition, true=text(f",{name}"))], default=text(""))
            for name, condition in zip(names, conditions, strict=True)
        ]
        return exp.Substring(this=self.concat(parts), start=number(2))

    def names(self, single: E, joined: E) -> E:
        """One name or, where that is NULL, several: as a list, where answers can hold one."""
        return joined if isinstance(single, exp.Cast) else exp.Coalesce(this=single, expressions=[joined])

    def no_lists(self) -> Inexpressible:
        return Inexpressible(f"facts that are sets or lists are not written for {self.name}")

    def has(self, source: E, member: str) -> E:
        raise self.no_lists()

    def all_among(self, source: E, members: Sequence[str]) -> E:
        raise self.no_lists()

    def is_list(self, source: E) -> E:
        """Whether JSON is a list."""
        raise self.no_lists()

    def or_empty(self, source: E) -> E:
        raise self.no_lists()

    def unnest(self, stage: exp.Table, keys: Sequence[E], source: E, distinct: bool, records: bool) -> exp.Select:
        """Each row's keys with each element of its list, as the column `element`; NULL for one that is not a record
        though the list is of ``records``.
        """
        raise self.no_lists()

    def element(self, path: Sequence[str], kind: Kind) -> E:
        """A field of an element, or (no path) the element."""
        raise self.no_lists()
