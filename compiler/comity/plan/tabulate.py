"""Lines that read one fact, worked out for every cell of it by the reference semantics.

A line is a function of its fact with few different values. Where they change is read off the line: at the members of
an enum, at the codes and amounts that the line names. In between it is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

from comity import terms
from comity.core.closures import EvaluationContext, context_of
from comity.core.evaluate import Evaluator
from comity.core.walk import rewrite
from comity.plan.ast import Cell
from comity.plan.codes import KindsOfCodes, Said, Told, within
from comity.plan.lines import Fact
from comity.runtime.errors import PolicyError
from comity.runtime.kleene import KleeneSet, Truth, all_of
from comity.runtime.light import dataclass
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    EccnType,
    EnumType,
    ListType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import exact
from comity.terms import THIS, Term

_VALUE = "value of the fact"
"""The local that stands for a part of a code; no name of a policy has spaces."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where lines are true, by one fact.

    ``default``: for values without a cell, true or false. ``cells``: where they are otherwise. ``blank``: where the
    fact is unknown. Of "steps" instead: ``truths`` below the first step (which is ``default``), at it, above it, and so
    on.
    """

    default: bool
    cells: Mapping[Cell, Truth] = field(default_factory=dict)
    blank: Truth = None
    steps: tuple[Any, ...] = ()
    truths: tuple[bool, ...] = ()

    def both(self, other: Column) -> Column:
        """Where the lines of both columns are true; they are columns of members."""
        default = self.default and other.default
        cells: dict[Cell, Truth] = {}
        for cell in {**self.cells, **other.cells}:
            truth = all_of((self.cells.get(cell, self.default), other.cells.get(cell, other.default)))
            if truth is not default:
                cells[cell] = truth
        return Column(default, cells, all_of((self.blank, other.blank)))


def both_of_codes(left: Column, right: Column) -> Column:
    """Where the lines of both columns are true; they are columns of codes."""
    cells: dict[Cell, Truth] = {}
    for cell in {**left.cells, **right.cells}:
        cells[cell] = all_of((_at(left, str(cell)), _at(right, str(cell))))
    return Column(left.default and right.default, cells, all_of((left.blank, right.blank)))


def _at(column: Column, cell: str) -> Truth:
    return next((column.cells[each] for each in within(cell) if each in column.cells), column.default)


def _value_of(part: terms.EccnPart) -> Term:
    return terms.Local(_VALUE, part.type)


_Shown: TypeAlias = tuple[str | None, bool, Any]
"""A field of a row (None: the row has none), whether it holds a code, and that code, or what else it holds."""

_ON_NO_DAY = context_of(None)


class _NotKnown:
    """Stands for a column that was not worked out yet."""


_NOT_KNOWN = _NotKnown()

_ENDS = {"category": 1, "group": 2, "number": 5}
"""Where a part of a code ends."""


class Tabulator:
    """Works out columns, each once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._exact: dict[tuple[Fact, tuple[Term, ...]], Column | None] = {}
        self._dead: dict[tuple[Fact, Term], Column | None] = {}
        self._kinds: dict[tuple[tuple[str, ...], frozenset[str], int], KindsOfCodes] = {}
        self._rows: dict[tuple[str, str], list[_Shown]] = {}
        self._lookups: dict[str, Any] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._worlds: dict[tuple[Fact, object], tuple[dict[str, object], EvaluationContext]] = {}

    def exact(self, fact: Fact, lines: Sequence[Term]) -> Column | None:
        """The column of lines that read ``fact`` alone; None where that cannot be told."""
        key = (fact, tuple(lines))
        known = self._exact.get(key, _NOT_KNOWN)
        if isinstance(known, _NotKnown):
            known = self._exact[key] = self._column(fact, lines[0] if len(lines) == 1 else terms.And(tuple(lines)))
        return known

    def dead(self, fact: Fact, line: Term) -> Column | None:
        """The column of a line that reads other facts too: false where it is false whatever those are, else true.

        Logic is monotone in what is known, so a line that is false while all other facts are unknown stays false.
        None where the fact alone never makes it false.
        """
        known = self._dead.get((fact, line), _NOT_KNOWN)
        if isinstance(known, _NotKnown):
            known = self._dead[fact, line] = self._where_dead(fact, line)
        return known

    def _where_dead(self, fact: Fact, line: Term) -> Column | None:
        ask = self._asked(fact, line)
        members = _members(fact) or ()
        false = dict.fromkeys([member for member in members if ask(member) is False], False)
        if not false:
            return None
        if 2 * len(false) > len(members):
            return Column(False, {member: True for member in members if member not in false}, True)
        return Column(True, false, True)

    def dead_codes(self, fact: Fact, line: Term) -> Column | None:
        """The same for a code that keys tables: false for the codes of their rows for which the line is false.

        Nothing is said for codes that are in no table. None where the line is never false.
        """
        known = self._dead.get((fact, line), _NOT_KNOWN)
        if isinstance(known, _NotKnown):
            truths = self._false_or_not(fact, line)
            known = self._dead[fact, line] = Column(True, truths, True) if False in truths.values() else None
        return known

    def _false_or_not(self, fact: Fact, line: Term) -> dict[Cell, Truth]:
        """By code, and for the paragraphs below each: false where the line is, else true.

        A control list has thousands of codes and few kinds of rows. Codes that the line does not name, and that have
        the same rows in the tables that it reads, are the same to it, so one of each kind is asked.
        """
        told = self._codes_of(line)
        if not told.keys:
            return {}
        code = self.evaluator.code(line)
        return self._kinds_of(told).tell(told.named, lambda value: code(*self._world(fact, value)) is not False)

    def _kinds_of(self, told: Told) -> KindsOfCodes:
        key = told.tables, told.fields, told.length
        if key not in self._kinds:
            self._kinds[key] = KindsOfCodes(told.keys, told.length, lambda value: self._said(told, value))
        return self._kinds[key]

    def _said(self, told: Told, value: str) -> Said:
        codes: list[str] = []
        others: list[object] = []
        for table in told.tables:
            for name, is_code, said in self._row_of(table, value):
                if name is None or name in told.fields:
                    (codes if is_code else others).append(said)
        return self._numbers.setdefault(tuple(others), len(self._numbers)), tuple(codes)

    def _row_of(self, table: str, value: str) -> list[_Shown]:
        found = self._rows.get((table, value))
        if found is None:
            declared = self.evaluator.program.tables[table]
            if table not in self._lookups:
                lookup = terms.Lookup(table, (terms.Local(_VALUE, EccnType()),), declared.result)
                self._lookups[table] = self.evaluator.code(lookup)
            row = self._lookups[table]({_VALUE: value}, _ON_NO_DAY)
            cells: list[tuple[str | None, Type, object]] = [(None, declared.result, row)]
            if isinstance(declared.result, RecordType) and isinstance(row, Mapping):
                cells = [(each.name, each.type, row[each.name]) for each in declared.result.fields]
            found = self._rows[table, value] = [(name, *_shown(type, cell, value)) for name, type, cell in cells]
        return found

    def _world(self, fact: Fact, value: object) -> tuple[dict[str, object], EvaluationContext]:
        """Facts of which only this one is known. What definitions are worth there is remembered between lines."""
        key = (fact, value)
        if key not in self._worlds:
            facts: dict[str, object] = {}
            inner = facts
            for name in fact.path[:-1]:
                inner[name] = inner = {}
            inner[fact.path[-1]] = value
            context = context_of(None)
            context.values = {}
            self._worlds[key] = ({THIS: facts}, context)
        return self._worlds[key]

    def _codes_of(self, line: Term) -> Told:
        """There are no codes where it reads the paragraph of a code, which may be any."""
        keys: set[str] = set()
        named: set[str] = set()
        tables: set[str] = set()
        fields: set[str] = set()
        length = 0
        waiting = [line]
        visited: set[str] = set()
        program = self.evaluator.program
        while waiting:
            term = waiting.pop()
            match term:
                case terms.EccnPart(part="paragraph"):
                    return Told(set(), set(), (), frozenset(), 0)
                case terms.EccnPart(part=part):
                    length = max(length, _ENDS[part])
                case terms.Lookup(table=table):
                    declared = program.tables[table]
                    if [type for _, type in declared.parameters] == [EccnType()]:
                        tables.add(table)
                        keys |= {str(row.keys[0]) for row in declared.rows}
                case terms.Field(name=name):
                    fields.add(name)
                case terms.Call(define=name) if name not in visited:
                    visited.add(name)
                    waiting.append(program.defines[name].body)
                case terms.NamedSet(name=name) if name not in visited:
                    visited.add(name)
                    waiting.append(program.sets[name].body)
                case terms.Const(value=str() as value, type=EccnType()):
                    named.add(value)
                case terms.Const(value=frozenset() as values, type=SetType(element=EccnType())):
                    named |= {str(value) for value in values}
            waiting += terms.children(term)
        return Told(keys, named, tuple(sorted(tables)), frozenset(fields), length)

    def _column(self, fact: Fact, line: Term) -> Column | None:
        if fact.part:
            line = rewrite(line, lambda term: _value_of(term) if isinstance(term, terms.EccnPart) else None)
        try:
            match fact.kind:
                case "members":
                    return self._of_members(fact, line)
                case "codes":
                    return self._of_codes(fact, line)
                case "steps":
                    return self._of_steps(fact, line)
                case "sets":
                    return self._of_sets(fact, line)
        except PolicyError:  # not of lines that cannot raise, which are all that come here
            return None

    def _asked(self, fact: Fact, line: Term) -> Callable[[object], Truth]:
        """A function from a value of ``fact`` to what ``line`` is worth where it is all that is known."""
        code = self.evaluator.code(line)
        if fact.part:
            return lambda value: code({_VALUE: value, THIS: {}}, _ON_NO_DAY)
        if fact.term is None:
            return lambda value: code({THIS: {}}, context_of(value))  # type: ignore[arg-type]
        return lambda value: code(*self._world(fact, value))

    def _of_members(self, fact: Fact, line: Term) -> Column | None:
        listed = _listed(fact, line)
        if listed is not None:
            return listed
        ask = self._asked(fact, line)
        members = _members(fact)
        if members is None:  # text: what the line names, and all else
            if not _is_transparent(line, _SAME):
                return None
            named = sorted({value for value in _constants(self.evaluator, line) if isinstance(value, str)})
            other = ask("".join(named) + "?")
            if other is None:
                return None
            truths, members = list(map(ask, named)), tuple(named)
        else:
            truths = list(map(ask, members))
            other = 2 * truths.count(True) > len(truths)
        cells = {member: truth for member, truth in zip(members, truths, strict=True) if truth is not other}
        return Column(other, cells, ask(None))

    def _of_codes(self, fact: Fact, line: Term) -> Column | None:
        if not _is_transparent(line, _WITHIN):
            return None
        ask = self._asked(fact, line)
        other = ask("?")
        if other is None:
            return None
        cells: dict[Cell, Truth] = {}
        for code in {value for value in _constants(self.evaluator, line) if isinstance(value, str)}:
            for cell, value in ((code, code), (f"{code}.", f"{code}.?")):
                cells[cell] = ask(value)
        return Column(other, cells, ask(None))

    def _of_sets(self, fact: Fact, line: Term) -> Column | None:
        """Lines that ask whether a set has one of some elements, or that it has none of them."""
        negated = isinstance(line, terms.Not)
        if not _asks_for_one(line.operand if isinstance(line, terms.Not) else line, fact.term):
            return None
        ask = self._asked(fact, line)
        empty = ask(frozenset())
        if empty is not negated:
            return None
        cells = {member: truth for member in _members(fact) or () if (truth := ask(frozenset({member}))) is not empty}
        return None if None in cells.values() else Column(negated, cells, ask(None))

    def _of_steps(self, fact: Fact, line: Term) -> Column | None:
        if fact.term is not None and not _is_transparent(line, _ORDER):
            return None
        steps = tuple(sorted(_edges(line) if fact.term is None else self._amounts(fact, line)))
        if not steps:
            return None
        ask = self._asked(fact, line)
        truths: list[Truth] = []
        for place, step in enumerate(steps):
            truths += [ask(_between(steps[place - 1] if place else None, step)), ask(step)]
        truths.append(ask(_between(steps[-1], None)))
        if None in truths:
            return None
        sure = tuple(bool(truth) for truth in truths)
        return Column(sure[0], {}, ask(None), steps, sure)

    def _amounts(self, fact: Fact, line: Term) -> set[Any]:
        """The values that the line may compare the fact with.

        What is compared beside it (`1 == 1 and share > 5%`) may be of other types: such a number does no harm among
        these, while a text or a day has no place in their order.
        """
        ordered = date if isinstance(fact.type, DateType) else int | Fraction
        values = _constants(self.evaluator, line)
        return {value for value in values if isinstance(value, ordered) and not isinstance(value, bool)}


def _shown(type: Type, cell: object, key: str) -> tuple[bool, Any]:
    """Whether a cell of a row is a code, and what tells it from the cells of other rows."""
    plain = type.element if isinstance(type, AbsentType) else type
    if isinstance(plain, EccnType) and isinstance(cell, str):
        return True, cell
    if isinstance(plain, RecordType | ListType) or (isinstance(plain, SetType) and plain.element == EccnType()):
        return False, (key, repr(cell))  # codes may be inside: it is like no other
    return False, repr(cell)


def _asks_for_one(line: Term, fact: Term | None) -> bool:
    """Whether ``line`` is true of a set exactly if it is true of one of its elements."""
    match line:
        case terms.Line(condition=condition):
            return _asks_for_one(condition, fact)
        case terms.Or(operands=operands):
            return all(_asks_for_one(operand, fact) for operand in operands)
        case terms.MemberOf(value=terms.Const(value=str()), collection=collection):
            return collection == fact
        case terms.Quantifier(kind="any", source=source, variable=variable, body=body):
            return source == fact and _is_transparent(body, _SAME) and free_locals(body) <= {variable}
        case _:
            return False


def free_locals(term: Term) -> set[str]:
    """The names of all locals in ``term``, which binds none."""
    found = {term.name} if isinstance(term, terms.Local) else set()
    return found.union(*map(free_locals, terms.children(term)))


def _members(fact: Fact) -> tuple[object, ...] | None:
    """All values of a fact that has few; the elements that a set of such may have."""
    match fact.type.element if isinstance(fact.type, SetType) else fact.type:
        case BoolType():
            return (False, True)
        case EnumType(members=members):
            return members
        case PlaceType(countries=countries, zones=zones):
            return (*countries, *(zone for zone, _ in zones))
        case _:
            return None


def _listed(fact: Fact, line: Term) -> Column | None:
    """The column of `FACT == X` and `FACT in {X, Y}`, which are most lines of most policies."""
    match line:
        case terms.Line(condition=condition):
            return _listed(fact, condition)
        case terms.Equal(left=left, right=terms.Const(value=str() as value)) if left == fact.term:
            return Column(False, {value: True})
        case terms.MemberOf(value=value, collection=terms.SetOf(elements=elements)) if (
            value == fact.term
            and elements
            and all(isinstance(e, terms.Const) and e.value is not None for e in elements)
        ):
            return Column(False, {each.value: True for each in elements})  # type: ignore[union-attr]
        case _:
            return None


# ------------------------------------------------------------------------------------ what a line names

_LOGIC = (terms.Line, terms.And, terms.Or, terms.Not, terms.Const, terms.Local, terms.Field)
_SAME = (*_LOGIC, terms.Equal, terms.MemberOf, terms.SetOf, terms.NamedSet)
_WITHIN = (*_SAME, terms.EccnWithin, terms.Quantifier)
_ORDER = (*_LOGIC, terms.Equal, terms.Compare, terms.InWindow)


def _is_transparent(line: Term, nodes: tuple[type, ...]) -> bool:
    """Whether the line's value changes only at the constants that it names, since it is made of such nodes only."""
    if isinstance(line, terms.Compare) and isinstance(line.operand_type, EnumType):
        return False
    if isinstance(line, terms.Quantifier) and not isinstance(line.source, terms.Const | terms.SetOf | terms.NamedSet):
        return False
    return isinstance(line, nodes) and all(_is_transparent(child, nodes) for child in terms.children(line))


def _constants(evaluator: Evaluator, line: Term) -> Iterator[Any]:
    match line:
        case terms.Const(value=value):
            yield from value if isinstance(value, frozenset | tuple) else (value,)
        case terms.NamedSet():
            members = evaluator.code(line)({}, context_of(None))
            yield from _elements(members)
        case _:
            for child in terms.children(line):
                yield from _constants(evaluator, child)


def _elements(members: object) -> Iterable[object]:
    match members:
        case frozenset():
            return members
        case KleeneSet(members=pairs):
            return [element for element, _ in pairs]
        case _:
            return ()


def _edges(line: Term) -> set[date]:
    """Days on which a window of the line opens, or on which one was last open."""
    match line:
        case terms.InWindow(intervals=intervals):
            return {day for interval in intervals for day in interval if day is not None}
        case _:
            return {day for child in terms.children(line) for day in _edges(child)}


def _between(low: Any, high: Any) -> Any:
    """A value above ``low`` and below ``high``; where there is no such day, one that no input reaches."""
    if isinstance(low, date) or isinstance(high, date):
        if low is None:
            return high - timedelta(1) if high > date.min else high
        return low + timedelta(1) if low < date.max else low
    if low is None:
        return high - 1
    return low + 1 if high is None else exact(Fraction(low + high) / 2)


__all__ = ["Column", "Tabulator", "both_of_codes"]
