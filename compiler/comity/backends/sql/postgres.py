"""PostgreSQL: lists are JSONB, and other numbers than whole ones are `DECIMAL`.

Example: `any p in parties: p.listed` asks `JSONB_EXTRACT_PATH("element", 'listed')` of each element of `"parties"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from comity.backends.sql.columns import Kind
from comity.backends.sql.dialects import ELEMENT, Dialect, E, call, column, grouped, is_in, number, only_where, text


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
