"""DuckDB: facts that are lists are `TEXT[]` and `STRUCT(…)[]`.

Example: `any p in parties: p.listed` asks `STRUCT_EXTRACT("element", 'listed')` of each row of `UNNEST("parties")`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from comity.backends.sql.columns import Kind
from comity.backends.sql.dialects import ELEMENT, MOST_NAMES, Dialect, E, call, grouped, is_in, number, text


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
