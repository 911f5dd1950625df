"""Shapes of any kind: whether they are known, and one of several by a condition.

A record is chosen field by field, a set of members member by member, and numbers over one denominator.

Example: of `20 USD when listed` and `otherwise 7.50 USD` the column is `case when listed then 40 else 15 end`,
in units of half a dollar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comity.backends.sql.columns import Columns, Node
from comity.backends.sql.constants import Constants, amount, is_number, plain_kind, value_of
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.numbers import unit
from comity.backends.sql.shapes import (
    Amount,
    Chosen,
    Collection,
    Elements,
    Maybe,
    Members,
    PerParty,
    Plain,
    Record,
    Shape,
    collection,
    plain,
    possible,
)
from comity.runtime.light import dataclass
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type


@dataclass(frozen=True, slots=True)
class Choosing:
    columns: Columns
    constants: Constants

    def is_known(self, shape: Shape) -> Node:
        match shape:
            case Plain(node=node):
                return self.columns.is_known(node)
            case Amount():
                return self.constants.numbers.known(shape)
            case Maybe(present=present):
                return self.columns.is_known(present)
            case Record(known=known):
                return known
            case Members(truths=truths, known=known):
                return self.columns.every([known, *map(self.columns.is_known, truths.values())])
            case Elements(members=members, known=known, is_list=is_list):
                if is_list:
                    return known
                each = [self.is_known(element) for element, _ in members]
                return self.columns.every([known, *each, *(self.columns.is_known(sure) for _, sure in members)])
            case _:
                source = getattr(shape, "source", None)
                if isinstance(source, Node) and not getattr(shape, "of_records", True):
                    return self.columns.is_known(source)
                raise Inexpressible("whether a value of this kind is known cannot be asked in SQL")

    def is_present(self, shape: Shape) -> Node:
        if isinstance(shape, Maybe):
            return shape.present
        known = self.is_known(shape)
        return self.columns.only_where(known, self.columns.true)

    def chosen(self, branches: Sequence[tuple[Node, Shape]], otherwise: Shape, type: Type) -> Shape:
        """The shape of the first branch whose condition is true, taken apart where it has parts."""
        columns = self.columns
        shapes = [shape for _, shape in branches] + [otherwise]

        def each(part: Callable[[Shape], Node]) -> Node:
            return columns.case([(condition, part(shape)) for condition, shape in branches], part(otherwise))

        match type:
            case AbsentType(element=element):
                maybe = [shape if isinstance(shape, Maybe) else Maybe(columns.true, shape) for shape in shapes]
                inner = [(condition, one.value) for (condition, _), one in zip(branches, maybe, strict=False)]
                present = columns.case(
                    [(condition, self._presence(one)) for (condition, _), one in zip(branches, maybe, strict=False)],
                    self._presence(maybe[-1]),
                )
                return Maybe(present, self.chosen(inner, maybe[-1].value, element))
            case RecordType():
                records = [value_of(shape) for shape in shapes]
                if not all(isinstance(record, Record) for record in records):
                    raise Inexpressible("records of this kind cannot be chosen among in SQL")
                declared = {field.name: field.type for field in type.fields}
                conditions = [condition for condition, _ in branches]

                def make(name: str) -> Shape:
                    found = [record.field(name) for record in records]  # type: ignore[attr-defined]
                    pairs = list(zip(conditions, found, strict=False))
                    return self.chosen(pairs, found[-1], declared[name])

                home = columns.deepest([*(c.home for c in conditions), *(r.home(columns) for r in records)])
                return Record(make, each(lambda shape: value_of(shape).known), home, False)  # type: ignore[attr-defined]
            case SetType() | ListType():
                return self._chosen_collection([(c, collection(s)) for c, s in branches], collection(otherwise))
            case PerPartyType(element=element):
                parties = [value_of(shape) for shape in shapes]
                if not all(isinstance(each, PerParty) for each in parties):
                    raise Inexpressible("facts for each party of this kind cannot be chosen among in SQL")
                none = self.constants.shape(None, element)
                names = dict.fromkeys(name for one in parties for name in one.parties)  # type: ignore[attr-defined]
                made = {}
                for name in names:
                    found = [one.parties.get(name, none) for one in parties]  # type: ignore[attr-defined]
                    pairs = [(condition, shape) for (condition, _), shape in zip(branches, found, strict=False)]
                    made[name] = self.chosen(pairs, found[-1], element)
                return PerParty(made)
            case _ if is_number(type):
                return self._chosen_amount(branches, otherwise)
            case _:
                plain_kind(type)
                return Plain(each(lambda shape: plain(value_of(shape))))

    def _chosen_collection(self, branches: list[tuple[Node, Collection]], otherwise: Collection) -> Shape:
        columns = self.columns
        known = columns.case([(condition, each.known) for condition, each in branches], otherwise.known)
        if not (isinstance(otherwise, Members) and all(isinstance(each, Members) for _, each in branches)):
            return Chosen(columns, tuple(branches), otherwise, known)
        sides = [each.truths for _, each in branches if isinstance(each, Members)] + [otherwise.truths]
        truths = {}
        for name in dict.fromkeys(name for side in sides for name in side):
            found = [side.get(name, columns.false) for side in sides]
            pairs = [(condition, truth) for (condition, _), truth in zip(branches, found, strict=False)]
            truths[name] = columns.case(pairs, found[-1])
        return Members(columns, possible(truths), known)

    def _presence(self, maybe: Maybe) -> Node:
        """Whether it is present; for a value that is not among those that may be absent, if it is known."""
        columns = self.columns
        if maybe.present is columns.true:
            return columns.only_where(self.is_known(maybe.value), columns.true)
        return maybe.present

    def _chosen_amount(self, branches: Sequence[tuple[Node, Shape]], otherwise: Shape) -> Shape:
        """One of several numbers: over one denominator, since a column holds the top alone."""
        numbers, columns = self.constants.numbers, self.columns
        amounts = [amount(shape) for _, shape in branches] + [amount(otherwise)]
        below: Node | None = None
        for one in amounts:
            below = (
                one.below if below is None else below if one.below in (None, below) else numbers.times(below, one.below)
            )
        if below is not None and any(one.below is not None and one.below is not below for one in amounts):
            raise Inexpressible("quotients of several divisors cannot be chosen among in SQL")
        if below is not None:
            amounts = [
                one if one.below is not None else Amount(numbers.times(one.top, below), one.factor) for one in amounts
            ]
        if any(one.top.kind == "number" for one in amounts) or len({one.factor for one in amounts}) > 1:
            amounts = [numbers.whole(one) for one in amounts]
        each = amounts[0].factor
        for one in amounts[1:]:
            each = unit(each, one.factor)
        tops = [numbers.times(one.top, int(one.factor / each)) for one in amounts]
        pairs = [(condition, top) for (condition, _), top in zip(branches, tops, strict=False)]
        return Amount(columns.case(pairs, tops[-1]), each, below)
