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


ELEMENT = "element"


class DuckDB(Dialect):
    name = "duckdb"
    fences = False

    def rows(self, kinds: Sequence[Kind], rows: Sequence[Sequence[object]], heads: Sequence[str] = ()) -> exp.Select:
        """As a list for each column, which DuckDB plans as one constant; rows of VALUES it plans cell by cell."""
        made = []
        for place, kind in enumerate(kinds):
            cells = [exp.Null() if row[place] is None else self.constant(row[place], kind) for row in rows]
            made.append(exp.Explode(this=exp.cast(exp.Array(expressions=cells), f"{self.types(kind)}[]")))
        return exp.select(*made, copy=False)

    def starts_with(self, code: E, start: E, length: int) -> E:
        return exp.StartsWith(this=code, expression=start)

    def constant(self, value: object, kind: Kind) -> E:
        if kind != "names":
            return super().constant(value, kind)
        return exp.cast(self._list(str(value)) if value is not None else exp.Null(), "TEXT[]")

    def _list(self, joined: str) -> E:
        return exp.Array(expressions=[text(name) for name in joined.split(",") if name])

    def listed(self, names: Sequence[str], conditions: Sequence[E]) -> E:
        """Of few names every list is written once, and one taken by its number, the conditions being its bits."""
        if len(names) > MOST_NAMES:
            return call("LIST_WHERE", exp.Array(expressions=[*map(text, names)]), exp.Array(expressions=[*conditions]))
        lists = [
            exp.Array(expressions=[text(name) for place, name in enumerate(names) if number_of >> place & 1])
            for number_of in range(1 << len(names))
        ]
        total: E = number(1)
        for place, condition in enumerate(conditions):
            bit = exp.Case(ifs=[exp.If(this=condition, true=number(1 << place))], default=number(0))
            total = exp.Add(this=total, expression=bit)
        return call("LIST_EXTRACT", exp.cast(exp.Array(expressions=lists), "TEXT[][]"), total)

    def names(self, single: E, joined: E) -> E:
        if isinstance(single, exp.Cast):
            return joined
        known = exp.Not(this=exp.Is(this=grouped(single), expression=exp.Null()))
        one = exp.If(this=known, true=exp.Array(expressions=[single.copy()]))
        return exp.Case(ifs=[one], default=None if isinstance(joined, exp.Cast) else joined)

    def wide(self, operand: E) -> E:
        return exp.cast(operand, "INT128")

    def quotient(self, top: E, below: E) -> E:
        return exp.IntDiv(this=top, expression=below)

    def is_exact(self, operand: E, digits: int, kind: Kind) -> E:
        """Of the types of `CREATE TABLE` at a glance; of others, by whether the value is the same as a decimal."""
        own = ["DECIMAL(18,4)"] if kind == "number" else []
        kinds = [text(each) for each in [*own, "BIGINT", "INTEGER", "SMALLINT", "TINYINT"]]
        plain = is_in(call("TYPEOF", operand.copy()), kinds)
        return exp.Or(this=exp.Paren(this=plain), expression=exp.Paren(this=super().is_exact(operand, digits, kind)))

    def add_days(self, day: E, days: E) -> E:
        days = exp.cast(days, "INT")
        return self._within(exp.Add(this=grouped(day), expression=days))

    def add_months(self, day: E, months: E) -> E:
        moved = exp.Add(this=grouped(day), expression=call("TO_MONTHS", exp.cast(months, "INT")))
        return self._within(exp.cast(exp.Paren(this=moved), "DATE"))

    def _within(self, day: E) -> E:
        return exp.Case(ifs=[exp.If(this=self.is_day(grouped(day)), true=day.copy())])

    def days_between(self, left: E, right: E) -> E:
        return self.wide(exp.Paren(this=exp.Sub(this=grouped(left), expression=grouped(right))))

    def matches(self, operand: E, pattern: str) -> E:
        return call("REGEXP_FULL_MATCH", operand, text(pattern))

    def has(self, source: E, member: str) -> E:
        return call("LIST_CONTAINS", source, text(member))

    def all_among(self, source: E, members: Sequence[str]) -> E:
        """`list_has_all` passes over NULL among the elements, so they are counted beside."""
        among = call("LIST_HAS_ALL", exp.Array(expressions=[text(member) for member in members]), source)
        known = exp.EQ(this=call("LEN", source), expression=call("LIST_COUNT", source))
        return exp.And(this=among, expression=exp.Paren(this=known))

    def or_empty(self, source: E) -> E:
        return exp.Coalesce(this=source, expressions=[exp.Array(expressions=[])])

    def unnest(self, stage: exp.Table, keys: Sequence[E], source: E, distinct: bool, records: bool) -> exp.Select:
        source = call("LIST_DISTINCT", source) if distinct else source
        return exp.select(*keys, exp.alias_(call("UNNEST", source), ELEMENT, quoted=True)).from_(stage)

    def element(self, path: Sequence[str], kind: Kind) -> E:
        made: E = exp.column(ELEMENT, quoted=True)
        for name in path:
            made = call("STRUCT_EXTRACT", made, text(name))
        return made


def only_where(condition: E, value: E) -> E:
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


class SQLite(Dialect):
    name = "sqlite"
    scaled = True
    lists_are_json = True

    def types(self, kind: Kind) -> str:
        return {
            "bool": "INTEGER",
            "text": "TEXT",
            "date": "TEXT",
            "int": "INTEGER",
            "number": "INTEGER",
            "list": "TEXT",
            "names": "TEXT",
        }[kind]

    def constant(self, value: object, kind: Kind) -> E:
        return exp.Null() if value is None else super().constant(value, kind)

    def day(self, value: date) -> E:
        return text(value.isoformat())

    def wide(self, operand: E) -> E:
        return operand

    def quotient(self, top: E, below: E) -> E:
        return exp.Div(this=top, expression=below, typed=True, safe=True)

    def comparison(self, made: E, sides: Sequence[E], computed: bool) -> E:
        """SQLite goes over to floats where 64 bits do not hold a result; a comparison of one is an error, not a guess.

        `abs` of the least integer is the one expression that SQLite refuses to evaluate.
        """
        if not computed:
            return made
        inexact = exp.Or(
            this=exp.Paren(this=exp.EQ(this=call("TYPEOF", sides[0].copy()), expression=text("real"))),
            expression=exp.Paren(this=exp.EQ(this=call("TYPEOF", sides[1].copy()), expression=text("real"))),
        )
        fail = call("ABS", exp.Sub(this=number(-(2**63 - 1)), expression=exp.Paren(this=inexact.copy())))
        return exp.Case(ifs=[exp.If(this=inexact, true=fail)], default=made)

    def is_exact(self, operand: E, digits: int, kind: Kind) -> E:
        return is_in(call("TYPEOF", operand), [text("integer"), text("null")])

    def is_day(self, operand: E) -> E:
        # `date` gives NULL for what is not a day, and takes the 30th of February for one until days are added to it.
        day = exp.Coalesce(this=call("DATE", operand, text("+0 days")), expressions=[text("")])
        real = exp.EQ(this=day, expression=operand.copy())
        return exp.And(
            this=exp.Paren(this=real),
            expression=exp.Paren(this=exp.GTE(this=operand.copy(), expression=text("0001-01-01"))),
        )

    def _moved(self, day: E, *by: E) -> E:
        """SQLite's `date` gives a negative year, or NULL, beyond the years that it knows."""
        moved = call("DATE", day, *by)
        inside = exp.Between(this=moved, low=text("0001-01-01"), high=text("9999-12-31"))
        return exp.Case(ifs=[exp.If(this=inside, true=moved.copy())])

    def add_days(self, day: E, days: E) -> E:
        return self._moved(day, self.concat([days, text(" days")]))

    def add_months(self, day: E, months: E) -> E:
        """SQLite runs over the end of a month; the day is cut to it."""
        step = self.concat([months, text(" months")])
        first = [text("start of month"), step]
        days = exp.Sub(this=exp.cast(call("STRFTIME", text("%d"), day.copy()), "INT"), expression=number(1))
        there = call("DATE", day.copy(), *first, self.concat([exp.Paren(this=days), text(" days")]))
        last = call("DATE", day.copy(), *[each.copy() for each in first], text("+1 month"), text("-1 day"))
        moved = call("MIN", there, last)
        inside = exp.Between(this=moved, low=text("0001-01-01"), high=text("9999-12-31"))
        return exp.Case(ifs=[exp.If(this=inside, true=moved.copy())])

    def days_between(self, left: E, right: E) -> E:
        def seconds(day: E) -> E:
            return exp.cast(call("STRFTIME", text("%s"), day), "INT")

        return self.quotient(exp.Paren(this=exp.Sub(this=seconds(left), expression=seconds(right))), number(86_400))

    def _glob(self, operand: E, pattern: str) -> E:
        return exp.Paren(this=exp.Glob(this=operand.copy(), expression=text(pattern)))

    def _globs(self, operand: E, wanted: Sequence[str], unwanted: Sequence[str]) -> E:
        """It fits one of some patterns, and none of others."""
        fits = exp.Paren(this=exp.or_(*[self._glob(operand, each) for each in wanted], wrap=False))
        return exp.and_(fits, *[exp.Not(this=self._glob(operand, each)) for each in unwanted], wrap=False)

    def is_eccn(self, operand: E) -> E:
        entry = "[0-9][A-E][0-9][0-9][0-9]"
        wanted = ["EAR99", entry, f"{entry}.[a-z]", f"{entry}.[a-z].*"]
        bad = [
            "*[^0-9A-Za-z.]*",
            "?????*[A-Z]*",
            "*[a-z][a-z]*",
            "*[a-z][0-9]*",
            "?????*[0-9][a-z]*",
            "*..*",
            "*.",
            "*.0*",
            "*.[0-9][0-9][0-9]*",
        ]
        tail = self._globs(operand, wanted, bad)
        return exp.Or(
            this=exp.Paren(this=exp.EQ(this=operand, expression=text("EAR99"))), expression=exp.Paren(this=tail)
        )

    def is_hs(self, operand: E) -> E:
        pair = "[0-9][0-9]"
        return self._globs(operand, [pair, pair * 2, *(f"{pair * 2}.{pair * n}" for n in (1, 2, 3))], [])

    def is_plain_text(self, operand: E) -> E:
        return self._globs(operand, ["*"], ["*[^ -~]*", "*  *", " *", "* "])

    def is_list(self, source: E) -> E:
        kind = only_where(call("JSON_VALID", source.copy()), call("JSON_TYPE", source.copy()))
        found = exp.Coalesce(this=kind, expressions=[text("")])
        known = exp.Not(this=exp.Is(this=source, expression=exp.Null()))
        return only_where(known, exp.EQ(this=found, expression=text("array")))

    def _list(self, source: E) -> E:
        """What is not JSON is not a list; the row is refused, and the statement must not fail for it."""
        return only_where(call("JSON_VALID", source), source.copy())

    def _each(self, source: E, condition: E) -> E:
        each = exp.Table(this=call("JSON_EACH", self._list(source)))
        found = exp.select(number(1)).from_(each).where(condition)
        return exp.Exists(this=found)

    def has(self, source: E, member: str) -> E:
        found = self._each(source, exp.EQ(this=exp.column("value"), expression=text(member)))
        return exp.Case(ifs=[exp.If(this=exp.Not(this=exp.Is(this=source.copy(), expression=exp.Null())), true=found)])

    def all_among(self, source: E, members: Sequence[str]) -> E:
        value = exp.column("value")
        bad = exp.or_(
            exp.Is(this=value, expression=exp.Null()),
            exp.Not(this=is_in(value.copy(), [text(each) for each in members])),
        )
        return exp.Not(this=self._each(source, bad))

    def or_empty(self, source: E) -> E:
        return exp.Coalesce(this=source, expressions=[text("[]")])

    def unnest(self, stage: exp.Table, keys: Sequence[E], source: E, distinct: bool, records: bool) -> exp.Select:
        each = exp.Table(
            this=call("JSON_EACH", self._list(source)),
            alias=exp.TableAlias(this=exp.to_identifier("each", quoted=True)),
        )
        value: E = column("value", "each")
        if records:
            value = only_where(exp.EQ(this=column("type", "each"), expression=text("object")), value)
        element = exp.alias_(value, ELEMENT, quoted=True)
        found = exp.select(*keys, element).from_(stage).join(each, join_type="cross")
        return found.distinct() if distinct else found

    def element(self, path: Sequence[str], kind: Kind) -> E:
        made: E = exp.column(ELEMENT, quoted=True)
        if path:
            steps = "".join(f'."{name}"' for name in path)
            made = call("JSON_EXTRACT", made, text(f"${steps}"))
        return made


class Postgres(Dialect):
    name = "postgres"
    lists_are_json = True

    def types(self, kind: Kind) -> str:
        return {"list": "JSONB", "text": "TEXT"}.get(kind) or super().types(kind)

    def wide(self, operand: E) -> E:
        return exp.cast(operand, "DECIMAL")

    def scaled_integer(self, operand: E, digits: int) -> E:
        return exp.Mul(this=grouped(self.wide(operand)), expression=number(10**digits))

    def quotient(self, top: E, below: E) -> E:
        return call("DIV", top, below)

    def names(self, single: E, joined: E) -> E:
        return call("STRING_TO_ARRAY", super().names(single, joined), text(","))

    def is_exact(self, operand: E, digits: int, kind: Kind) -> E:
        whole = call("ROUND", exp.cast(operand, "DECIMAL"), number(digits if kind == "number" else 0))
        return exp.EQ(this=whole, expression=operand.copy())

    def add_days(self, day: E, days: E) -> E:
        """Days are counted from the first that there is, so that no sum is beyond what PostgreSQL can hold."""
        number_of = exp.Add(
            this=exp.cast(self.days_between(day, self.day(date.min)), "DECIMAL"), expression=grouped(days)
        )
        inside = exp.Between(this=exp.Paren(this=number_of), low=number(0), high=number((date.max - date.min).days))
        moved = exp.Add(this=grouped(day.copy()), expression=exp.cast(days.copy(), "INT"))
        return exp.Case(ifs=[exp.If(this=inside, true=moved)])

    def add_months(self, day: E, months: E) -> E:
        made = call("MAKE_INTERVAL", number(0), exp.cast(months, "INT"))
        moved = exp.cast(exp.Paren(this=exp.Add(this=grouped(day), expression=made)), "DATE")
        return exp.Case(ifs=[exp.If(this=self.is_day(moved), true=moved.copy())])

    def days_between(self, left: E, right: E) -> E:
        return exp.cast(exp.Paren(this=exp.Sub(this=grouped(left), expression=grouped(right))), "DECIMAL")

    def is_list(self, source: E) -> E:
        return exp.EQ(this=call("JSONB_TYPEOF", source), expression=text("array"))

    def _list(self, source: E) -> E:
        """What is not a list is refused, and the statement must not fail for it."""
        return only_where(self.is_list(source), source.copy())

    def has(self, source: E, member: str) -> E:
        return call("JSONB_EXISTS", source, text(member))

    def all_among(self, source: E, members: Sequence[str]) -> E:
        value = exp.column("value")
        bad = exp.or_(
            exp.Is(this=value, expression=exp.Null()),
            exp.Not(this=is_in(value.copy(), [text(each) for each in members])),
        )
        each = exp.Table(
            this=call("JSONB_ARRAY_ELEMENTS_TEXT", self._list(source)),
            alias=exp.TableAlias(this=exp.to_identifier("each"), columns=[exp.to_identifier("value")]),
        )
        return exp.Not(this=exp.Exists(this=exp.select(number(1)).from_(each).where(bad)))

    def or_empty(self, source: E) -> E:
        return exp.Coalesce(this=source, expressions=[exp.cast(text("[]"), "JSONB")])

    def unnest(self, stage: exp.Table, keys: Sequence[E], source: E, distinct: bool, records: bool) -> exp.Select:
        alias = exp.TableAlias(
            this=exp.to_identifier("each", quoted=True), columns=[exp.to_identifier("value", quoted=True)]
        )
        each = exp.Table(this=call("JSONB_ARRAY_ELEMENTS", self._list(source)), alias=alias)
        value: E = column("value", "each")
        if records:
            is_record = exp.EQ(this=call("JSONB_TYPEOF", value), expression=text("object"))
            value = only_where(is_record, value.copy())
        element = exp.alias_(value, ELEMENT, quoted=True)
        found = exp.select(*keys, element).from_(stage).join(each, join_type="cross")
        return found.distinct() if distinct else found

    def element(self, path: Sequence[str], kind: Kind) -> E:
        element = column(ELEMENT)
        names = [text(name) for name in path]
        if kind == "list":
            return call("NULLIF", call("JSONB_EXTRACT_PATH", element, *names), exp.cast(text("null"), "JSONB"))
        if path:
            found: E = call("JSONB_EXTRACT_PATH_TEXT", element, *names)
        else:
            found = exp.JSONBExtractScalar(this=element, expression=text("{}"))
        return found if kind == "text" else exp.cast(found, self.types(kind) if kind in ("bool", "date") else "DECIMAL")


class Emitted(Dialect):
    """A dialect that is written but not run by tests: facts without sets and lists, and no arithmetic on days."""

    lists = False
    says_materialized = False
    heads_outside = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.separator = "__" if name == "bigquery" else "."

    def types(self, kind: Kind) -> str:
        return "TEXT" if kind == "text" else super().types(kind)

    def wide(self, operand: E) -> E:
        return exp.cast(operand, "DECIMAL(38, 0)")

    def quotient(self, top: E, below: E) -> E:
        raise Inexpressible(f"rounding is not written for {self.name}")

    def matches(self, operand: E, pattern: str) -> E:
        """To Java, `$` is also before a line break at the end."""
        ending = r"\z" if self.name == "spark" else "$"
        return exp.RegexpLike(this=operand, expression=text(f"^({pattern}){ending}"))


DIALECTS: dict[str, Dialect] = {
    each.name: each
    for each in (DuckDB(), SQLite(), Postgres(), *(Emitted(name) for name in ("snowflake", "bigquery", "spark")))
}
