"""Look-ups in tables of the policy, as joins.

A node of a look-up names the table, which of its keys are fixed in the policy and which are columns, and what of the
row it wants. Look-ups that share the columns share one join: `chart[destination, NS1]` and `chart[destination, MT1]`
are two columns of one table by country. A code is located first: the longest entry of the table that it is within.

What a row says is asked of the interpreter's own index (`core.tables`), so dated rows and wider codes are as there: a
table with dated rows has the period that the day falls in as one more key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from math import lcm
from typing import Any, TypeAlias

from comity.backends.sql.columns import Columns, Kind, Node
from comity.backends.sql.constants import Constants, Unknown, is_number, plain_kind
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.shapes import Amount, Chosen, Maybe, Members, Plain, Record, Shape
from comity.core.tables import Missing, TableIndex
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import AbsentType, EccnType, EnumType, HsCodeType, RecordType, SetType, Type
from comity.runtime.values import ABSENT

Keys: TypeAlias = tuple[object, ...]
Part: TypeAlias = tuple[str, ...]
"""What is wanted of a row: the field, and what of it (`value`, `present`, `mask` with its number); `row`: that it
is."""

Choose: TypeAlias = Callable[[Sequence[tuple[Node, Shape]], Shape, Type], Shape]
"""The shape of the first branch that holds, which takes shapes apart."""

BITS = 60
"""Members that one column of a set holds."""

MASK = "mask "

UNKNOWN_DAY = -1


@dataclass(slots=True)
class Wanted:
    """The join of a table by some of its keys. ``places``: which. ``columns``: for fixed keys, the parts wanted."""

    table: str
    places: tuple[int, ...]
    columns: dict[tuple[Keys, Part], Kind] = field(default_factory=dict)


@dataclass(slots=True)
class Lookups:
    columns: Columns
    constants: Constants
    tables: dict[str, TableIndex]
    day: Node
    choose: Choose
    wanted: dict[tuple[str, tuple[int, ...]], Wanted] = field(default_factory=dict)
    _periods: dict[str, list[date]] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------ shapes

    def row(self, table: str, keys: Sequence[Node]) -> Shape:
        """The value that a table has for some keys: unknown where one is, or where there is no row and no
        `otherwise`.
        """
        columns, declared = self.columns, self.tables[table].table
        unknown = self.constants.shape(None, declared.result)
        if any(key.is_constant and key.value is None for key in keys):
            return unknown
        fixed = tuple(key.value if key.is_constant else None for key in keys)
        if all(key.is_constant for key in keys) and not self._dates(table):
            row = self.tables[table].find(fixed, None)
            if row is Missing.NO_ROW and declared.has_otherwise:
                return self.constants.shape(declared.otherwise, declared.result)
            return unknown if isinstance(row, Missing) else self.constants.shape(row.value, declared.result)
        if not declared.rows:
            otherwise = self.constants.shape(declared.otherwise, declared.result) if declared.has_otherwise else unknown
            return self.choose([(columns.every(map(columns.is_known, keys)), otherwise)], unknown, declared.result)
        places = tuple(place for place, key in enumerate(keys) if not key.is_constant)
        asked = [self._located(table, place, keys[place]) for place in places]
        if self._dates(table):
            asked.append(self._period(table))

        def cell(part: Part, kind: Kind, null: bool = True) -> Node:
            wanted = self.wanted.setdefault((table, places), Wanted(table, places))
            wanted.columns[fixed, part] = kind
            return columns.make("lookup", (table, places, fixed, part, *asked), kind, null)

        here = columns.is_known(cell(("row",), "bool"))
        found = self._shape(declared.result, (), cell, here, table)
        if not declared.has_otherwise:
            return found
        otherwise = self.constants.shape(declared.otherwise, declared.result)
        known = columns.every(columns.is_known(keys[place]) for place in places)
        settled = not self._dates(table) and all(row.value is not None for row in declared.rows)
        if settled and isinstance(found, Plain) and isinstance(otherwise, Plain):
            rest = columns.only_where(known, otherwise.node)
            return Plain(columns.make("coalesce", (found.node, rest), rest.kind, rest.null))
        return self.choose([(here, found), (known, otherwise)], unknown, declared.result)

    def _shape(self, type: Type, path: Part, cell: Callable[[Part, Kind], Node], known: Node, table: str) -> Shape:
        columns = self.columns
        match type:
            case AbsentType(element=element):
                return Maybe(cell((*path, "present"), "bool"), self._shape(element, path, cell, known, table))
            case RecordType(fields=fields):
                declared = {each.name: each.type for each in fields}
                return Record(
                    lambda name: self._shape(declared[name], (*path, name), cell, known, table),
                    known,
                    known.home,
                    False,
                )
            case SetType(element=element) if not is_number(element) and not isinstance(element, RecordType):
                names = self.members(table, path, element)
                masks = [cell((*path, f"{MASK}{number}"), "int") for number in range(len(names) // BITS + 1)]
                truths = {
                    name: columns.make("bit", (masks[place // BITS], place % BITS), "bool", True)
                    for place, name in enumerate(names)
                }
                known = columns.is_known(masks[0])
                if not isinstance(element, EnumType):
                    whole = Members(columns, truths, columns.true)
                    return Chosen(columns, ((known, whole),), Unknown(columns, columns.false), known)
                # A member that no row has is not in a set, but may be in one that is unknown.
                rest = columns.only_where(known, columns.false)
                return Members(columns, {name: truths.get(name, rest) for name in element.members}, known)
            case _ if is_number(type):
                top = cell((*path, "value"), "int")
                return Amount(top, Fraction(1, self.denominator(table, path)))
            case SetType():
                raise Inexpressible(f"the table `{table}` holds sets, which are not columns in SQL")
            case _:
                return Plain(cell((*path, "value"), plain_kind(type)))

    def _located(self, table: str, place: int, key: Node) -> Node:
        _, type = self.tables[table].table.parameters[place]
        if not isinstance(type, EccnType | HsCodeType):
            return key
        return self.columns.make("located", (table, place, key), "text", True)

    # ------------------------------------------------------------------------------------------ dated rows

    def _dates(self, table: str) -> list[date]:
        """The days on which what the table says may change."""
        if table not in self._periods:
            found: set[date] = set()
            for row in self.tables[table].table.rows:
                first, last = row.interval or (None, None)
                if first is not None:
                    found.add(first)
                if last is not None and last < date.max:
                    found.add(last + timedelta(1))
            self._periods[table] = sorted(found)
        return self._periods[table]

    def _period(self, table: str) -> Node:
        columns, number = self.columns, self.columns.constant
        dates = self._dates(table)
        branches = [
            (columns.less(self.day, columns.constant(day, "date")), number(n, "int")) for n, day in enumerate(dates)
        ]
        return columns.case(
            [(columns.negate(columns.is_known(self.day)), number(UNKNOWN_DAY, "int")), *branches],
            number(len(dates), "int"),
        )

    def _day_in(self, table: str, period: int) -> date | None:
        dates = self._dates(table)
        if period == UNKNOWN_DAY:
            return None
        return dates[period - 1] if period else dates[0] - timedelta(1)

    # ------------------------------------------------------------------------------------------ rows

    def entries(self, table: str, place: int) -> list[str]:
        """The codes of a table, among which a code is located."""
        return sorted({str(row.keys[place]) for row in self.tables[table].table.rows})

    def separator(self, table: str, place: int) -> str:
        """What a code continues an entry with."""
        _, type = self.tables[table].table.parameters[place]
        return "." if isinstance(type, EccnType) else ""

    def key_kinds(self, wanted: Wanted) -> list[Kind]:
        """What the keys of a join are; the last one is the period, if the table has dated rows."""
        parameters = self.tables[wanted.table].table.parameters
        kinds = [parameters[place][1] for place in wanted.places]
        found: list[Kind] = ["int" if is_number(kind) else plain_kind(kind) for kind in kinds]
        return [*found, "int"] if self._dates(wanted.table) else found

    def rows(self, wanted: Wanted) -> list[tuple[Keys, list[Any]]]:
        """The rows of a join: its keys, and the columns in their order. Keys without any row are left out."""
        index = self.tables[wanted.table]
        types = [type for _, type in index.table.parameters]
        codes = [place for place in wanted.places if isinstance(types[place], EccnType | HsCodeType)]
        if sum(isinstance(type, EccnType | HsCodeType) for type in types) > 1:
            raise Inexpressible(f"the table `{wanted.table}` is looked up by two codes")
        own = {tuple(row.keys[place] for place in wanted.places) for row in index.table.rows}
        if codes:
            others = [sorted({key[n] for key in own}, key=str) for n in range(len(wanted.places))]
            own = set(product(*others))
        periods: Iterable[tuple[int, ...]] = [()]
        if dates := self._dates(wanted.table):
            periods = [(period,) for period in range(UNKNOWN_DAY, len(dates) + 1)]
        found = []
        for keys in sorted(own, key=str):
            for period in periods:
                day = self._day_in(wanted.table, *period) if period else None
                cells = [self._cell(wanted, keys, fixed, part, day) for fixed, part in wanted.columns]
                if any(each is not None for each in cells):
                    found.append(((*keys, *period), cells))
        return found

    def cell(self, table: str, places: tuple[int, ...], fixed: Keys, part: Part, keys: Keys) -> Any:
        """What a look-up gives for known keys, the period among them; no code is one of these."""
        if None in keys:
            return None
        wanted, day = Wanted(table, places), None
        if self._dates(table):
            *keys, period = keys  # type: ignore[assignment]
            day = self._day_in(table, period)  # type: ignore[arg-type]
        return self._cell(wanted, keys, fixed, part, day)

    def _cell(self, wanted: Wanted, keys: Sequence[object], fixed: Keys, part: Part, day: date | None) -> Any:
        whole = list(fixed)
        for place, key in zip(wanted.places, keys, strict=True):
            whole[place] = key
        found = self.tables[wanted.table].find(tuple(whole), day)
        if found is Missing.NO_ROW:
            return None
        if part == ("row",):
            return True
        value: Any = None if isinstance(found, Missing) else found.value
        return self._part(wanted.table, part, value)

    def _part(self, table: str, part: Part, value: Any) -> Any:
        path, what = part[:-1], part[-1]
        value = _at(value, path)
        if what == "present":
            return None if value is None else value is not ABSENT
        if value is None or value is ABSENT:
            return None
        if what.startswith(MASK):
            first = BITS * int(what.removeprefix(MASK))
            names = self._names[table, path][first : first + BITS]
            return sum(1 << place for place, name in enumerate(names) if name in value)
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            return int(value * self.denominator(table, path))
        return value

    def _values(self, table: str, path: Part) -> Iterable[Any]:
        return (_at(row.value, path) for row in self.tables[table].table.rows)

    def denominator(self, table: str, path: Part) -> int:
        """What all numbers of a column are whole multiples of one in."""
        numbers = [each for each in self._values(table, path) if isinstance(each, int | Fraction)]
        return lcm(*(Fraction(each).denominator for each in numbers))

    _names: dict[tuple[str, Part], list[str]] = field(default_factory=dict)

    def members(self, table: str, path: Part, element: Type) -> list[str]:
        """The members of the sets of a column, in the order of their bits."""
        key = (table, path)
        if key not in self._names:
            found: set[str] = set()
            for value in self._values(table, path):
                if isinstance(value, KleeneSet):
                    raise Inexpressible(f"the table `{table}` holds sets that are known in part")
                if isinstance(value, frozenset):
                    found |= {str(each) for each in value}
            order = element.members if isinstance(element, EnumType) else sorted(found)
            self._names[key] = [name for name in order if name in found]
        return self._names[key]


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if value is None or value is ABSENT:
            return None
        value = value.get(name)
    return value
