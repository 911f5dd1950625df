"""SQLite: lists are JSON, days are texts, and whole numbers stand for scaled ones.

Example: `date + 30 days` is `DATE("date", 30 || ' days')`, where that is a day of the years 0001 to 9999.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from comity.backends.sql.columns import Kind
from comity.backends.sql.dialects import ELEMENT, Dialect, E, call, column, is_in, number, only_where, text


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
