"""From nodes to trees of sqlglot: one total match over operations.

Example: the node `and` of two truths becomes `a AND b`; one that the statement has given a column already becomes the
name of that column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from comity.backends.sql.columns import Node
from comity.backends.sql.dialects import MOST_IN_A_ROW, Dialect, E, call, grouped, is_in, number, prefix, text

COMPARISONS: dict[str, Any] = {"=": exp.EQ, "<": exp.LT, "<=": exp.LTE}


class Renderer:
    """``column``: the column that a node has already, None where it has to be written out."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def write(self, node: Node, column: Callable[[Node], E | None]) -> E:
        found = column(node)
        return found if found is not None else self.expression(node, column)

    def expression(self, node: Node, column: Callable[[Node], E | None]) -> E:
        """The node's own operation, its arguments as columns where they are."""
        dialect = self.dialect

        def at(number: int) -> E:
            return self.write(node.args[number], column)

        match node.op:
            case "constant":
                return dialect.constant(node.value, node.kind)
            case "sure":
                return at(0)
            case "not":
                (denied,) = node.parts
                if denied.op == "known" and column(denied) is None:
                    return exp.Is(this=grouped(self.write(denied.parts[0], column)), expression=exp.Null())
                return exp.Not(this=grouped(at(0)))
            case "and" | "or":
                kind: Any = exp.And if node.op == "and" else exp.Or
                return _joined(kind, [at(place) for place in range(len(node.args))])
            case "known":
                return exp.Not(this=exp.Is(this=grouped(at(0)), expression=exp.Null()))
            case "coalesce":
                return exp.Coalesce(this=at(0), expressions=[at(1)])
            case "=" | "<" | "<=":
                sides = [grouped(at(0)), grouped(at(1))]
                made = COMPARISONS[node.op](this=sides[0], expression=sides[1])
                return dialect.comparison(made, sides, any(map(_is_computed, node.parts)))
            case "in":
                kind_of = node.args[0].kind
                return is_in(at(0), [dialect.constant(member, kind_of) for member in node.args[1]])
            case "member":
                inside = is_in(at(0), [text(member) for member in node.args[1]])
                if not node.args[2]:
                    return inside
                return exp.Coalesce(this=inside, expressions=[exp.Boolean(this=False)])
            case "meets":
                both = at(0)
                for place in range(1, len(node.args)):
                    both = exp.BitwiseAnd(this=grouped(both), expression=grouped(at(place)))
                return exp.NEQ(this=exp.Paren(this=both), expression=number(0))
            case "cell":
                below = exp.DPipe(this=grouped(at(1)), expression=text("."))
                exact = exp.EQ(this=grouped(at(0)), expression=grouped(at(1)))
                return exp.Case(ifs=[exp.If(this=exact, true=at(1))], default=below)
            case "case":
                ifs = [exp.If(this=at(place), true=at(place + 1)) for place in range(0, len(node.args) - 1, 2)]
                default = node.args[-1]
                plain = (
                    default.is_constant
                    and default.value is None
                    and not all(each.is_constant and each.value is None for each in node.args[1::2])
                )
                return exp.Case(ifs=ifs, default=None if plain else at(len(node.args) - 1))
            case "wide":
                return dialect.wide(at(0))
            case "scaled":
                return dialect.scaled_integer(at(0), node.args[1])
            case "*":
                return exp.Mul(this=grouped(at(0)), expression=grouped(at(1)))
            case "+":
                return exp.Add(this=grouped(at(0)), expression=grouped(at(1)))
            case "floor":
                return dialect.floor(at(0), at(1))
            case "size":
                return call("NULLIF", call("ABS", at(0)), number(0))
            case "is_exact":
                return dialect.is_exact(at(0), node.args[1], node.args[0].kind)
            case "is_eccn":
                return dialect.is_eccn(at(0))
            case "is_hs":
                return dialect.is_hs(at(0))
            case "is_plain_text":
                return dialect.is_plain_text(at(0))
            case "is_day":
                return dialect.is_day(at(0))
            case "has":
                return dialect.has(at(0), node.args[1])
            case "all_among":
                return dialect.all_among(at(0), node.args[1])
            case "is_list":
                return dialect.is_list(at(0))
            case "or_empty":
                return dialect.or_empty(at(0))
            case "bit":
                bit = exp.BitwiseAnd(this=grouped(at(0)), expression=number(1 << node.args[1]))
                return exp.NEQ(this=exp.Paren(this=bit), expression=number(0))
            case "under":
                return self._under(at(0), node.args[1], node.args[2])
            case "under_column":
                return self._under_column(at(0), at(1), node.args[2])
            case "eccn_part":
                return self._eccn_part(at(0), node.args[1])
            case "add_days":
                return dialect.add_days(at(0), at(1))
            case "add_months":
                return dialect.add_months(at(0), at(1))
            case "days_between":
                return dialect.days_between(at(0), at(1))
            case "listed":
                conditions = [self.write(condition, column) for condition in node.args[1:]]
                return dialect.listed(node.args[0], conditions)
            case "names":
                return dialect.names(at(0), at(1))
            case "ones":
                total: E | None = None
                for part in node.parts:
                    one = exp.Case(ifs=[exp.If(this=self.write(part, column), true=number(1))], default=number(0))
                    total = one if total is None else exp.Add(this=total, expression=one)
                assert total is not None
                return exp.EQ(this=grouped(total), expression=number(1))
            case _:
                raise AssertionError(node.op)

    def _under(self, code: E, entries: tuple[str, ...], separator: str) -> E:
        """One of the entries or what continues it: compared by the length of the entry, which needs no pattern."""
        by_length: dict[int, list[E]] = {}
        for entry in entries:
            whole = entry + separator
            by_length.setdefault(len(whole), []).append(text(whole))
        found: list[E] = []
        if separator:
            members = [text(entry) for entry in entries]
            found.append(
                is_in(code.copy(), members) if len(members) > 1 else exp.EQ(this=code.copy(), expression=members[0])
            )
        for length, starts in sorted(by_length.items()):
            if len(starts) == 1:
                found.append(self.dialect.starts_with(code.copy(), starts[0], length))
            else:
                found.append(is_in(prefix(code.copy(), length), starts))
        made = found[0]
        for part in found[1:]:
            made = exp.Or(this=made if isinstance(made, exp.Or) else grouped(made), expression=grouped(part))
        return made

    def _under_column(self, code: E, entry: E, separator: str) -> E:
        whole = exp.DPipe(this=grouped(entry), expression=text(separator)) if separator else entry
        start = exp.Substring(this=code, start=number(1), length=exp.Length(this=whole))
        within = exp.EQ(this=start, expression=grouped(whole.copy()))
        if not separator:
            return within
        same = exp.EQ(this=grouped(code.copy()), expression=grouped(entry.copy()))
        return exp.Or(this=exp.Paren(this=same), expression=exp.Paren(this=within))

    def _eccn_part(self, code: E, part: str) -> E:
        start, length = {"category": (1, 1), "group": (2, 1), "number": (3, 3), "paragraph": (7, 1)}[part]
        found: E = exp.Substring(this=code, start=number(start), length=number(length))
        if part in ("category", "number"):
            # Only what is a code is cut up: the engine may look at a row before it is refused.
            found = exp.cast(call("NULLIF", call("LTRIM", exp.cast(found, "TEXT"), text("")), text("")), "INT")
        listed = exp.NEQ(this=grouped(code.copy()), expression=text("EAR99"))
        return exp.Case(ifs=[exp.If(this=listed, true=found)])


def _joined(kind: Any, operands: Sequence[E]) -> E:
    if len(operands) > MOST_IN_A_ROW:
        size = -(-len(operands) // MOST_IN_A_ROW)
        groups = [operands[place : place + size] for place in range(0, len(operands), size)]
        return _joined(kind, [_joined(kind, group) for group in groups])
    made = operands[0]
    for place, operand in enumerate(operands[1:]):
        made = kind(this=made if place else grouped(made), expression=grouped(operand))
    return made


def _is_computed(node: Node) -> bool:
    """Whether the node is a result of arithmetic."""
    return node.kind == "int" and node.op in ("*", "+", "floor", "sum", "case", "size", "coalesce", "scaled", "only")
