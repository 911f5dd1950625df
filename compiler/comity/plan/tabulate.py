"""Lines that read one fact, worked out for every cell of it by the reference semantics.

A line is a function of its fact with few different values. Where they change is read off the line: at the members of
an enum, at the codes and amounts that the line names. In between it is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from comity import terms
from comity.core.closures import EvaluationContext, context_of
from comity.core.evaluate import Evaluator
from comity.core.walk import rewrite
from comity.plan.ast import Cell
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
)
from comity.runtime.values import EAR99, exact
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


def within(cell: str) -> Iterator[str]:
    """The cell itself, and those of the entries that it is within, the longest first."""
    yield cell
    code = cell.removesuffix(".")
    while "." in code:
        code = code.rpartition(".")[0]
        yield f"{code}."


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


class _Told(NamedTuple):
    """What a line may tell codes apart by.

    ``keys``: those that key tables which it reads. ``named``: those that it names. ``tables``: by their rows in these,
    of which it reads at most ``fields``. ``length``: by how many of their first letters.
    """

    keys: set[str]
    named: set[str]
    tables: tuple[str, ...]
    fields: frozenset[str]
    length: int


_ENDS = {"category": 1, "group": 2, "number": 5}
"""Where a part of a code ends."""


class Tabulator:
    """Works out columns, each once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._exact: dict[tuple[Fact, tuple[Term, ...]], Column | None] = {}
        self._dead: dict[tuple[Fact, Term], Column | None] = {}
        self._rows: dict[tuple[tuple[str, ...], frozenset[str]], dict[str, tuple[int, tuple[str, ...]]]] = {}
        self._lookups: dict[str, Any] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._worlds: dict[tuple[Fact, str], tuple[dict[str, object], EvaluationContext]] = {}

    def exact(self, fact: Fact, lines: Sequence[Term]) -> Column | None:
        """The column of lines that read ``fact`` alone; None where that cannot be told."""
        key = (fact, tuple(lines))
        if key not in self._exact:
            self._exact[key] = self._column(fact, lines[0] if len(lines) == 1 else terms.And(tuple(lines)))
        return self._exact[key]

    def dead(self, fact: Fact, line: Term) -> Column | None:
        """The column of a line that reads other facts too: false where it is false whatever those are, else true.

        Logic is monotone in what is known, so a line that is false while all other facts are unknown stays false.
        None where the fact alone never makes it false.
        """
        key = (fact, line)
        if key not in self._dead:
            ask = self._asked(fact, line, None)
            members = _members(fact)
            false = [] if members is None else [member for member in members if ask(member) is False]
            most = members is not None and 2 * len(false) > len(members)
            if members is None or not false:
                self._dead[key] = None
            elif most:
                alive = {member: True for member in members if member not in set(false)}
                self._dead[key] = Column(False, alive, True)
            else:
                self._dead[key] = Column(True, dict.fromkeys(false, False), True)
        return self._dead[key]

    def dead_codes(self, fact: Fact, line: Term) -> Column | None:
        """The same for a code that keys tables: false for the codes of their rows for which the line is false.

        Nothing is said for codes that are in no table. None where the line is never false.
        """
        key = (fact, line)
        if key not in self._dead:
            truths = self._false_or_not(fact, line)
            self._dead[key] = Column(True, truths, True) if False in truths.values() else None
        return self._dead[key]

    def _false_or_not(self, fact: Fact, line: Term) -> dict[Cell, Truth]:
        """By code, and for the paragraphs below each: false where the line is, else true.

        A control list has thousands of codes and few kinds of rows. Codes that the line does not name, and that have
        the same rows in the tables that it reads, are the same to it, so one of each kind is asked.
        """
        told = self._codes_of(line)
        if not told.keys:
            return {}
        code = self.evaluator.code(line)
        wider = {entry for each in told.named for entry in _entries(each)}
        kinds: dict[object, bool] = {}
        cells: dict[Cell, Truth] = {}

        def is_named(each: str) -> bool:
            return each == EAR99 or each in wider or not told.named.isdisjoint(_entries(each))

        def seen(value: str, other: str) -> object:
            """A code in a row, as the line sees it: how it stands to this one, if the line does not name it."""
            if is_named(other):
                return other
            return other[: told.length], other == value, other in _entries(value), value in _entries(other)

        rows = self._rows.setdefault((told.tables, told.fields), {})
        for each in sorted(told.keys | told.named):
            below = () if each == EAR99 else ((f"{each}.", f"{each}.?"),)  # which has no paragraphs
            named = is_named(each)
            for cell, value in ((each, each), *below):
                kind: object = value
                if not named:
                    if value not in rows:
                        rows[value] = self._said(told, value)
                    number, codes = rows[value]
                    kind = (value[: told.length], number, *(seen(value, other) for other in codes))
                if kind not in kinds:
                    kinds[kind] = code(*self._world(fact, value)) is not False
                cells[cell] = kinds[kind]
        return cells

    def _said(self, told: _Told, value: str) -> tuple[int, tuple[str, ...]]:
        """What the tables say of a code in the fields that are read: the codes, and a number for all else."""
        codes: list[str] = []
        others: list[object] = []
        for table in told.tables:
            declared = self.evaluator.program.tables[table]
            if table not in self._lookups:
                lookup = terms.Lookup(table, (terms.Local(_VALUE, EccnType()),), declared.result)
                self._lookups[table] = self.evaluator.code(lookup)
            row = self._lookups[table]({_VALUE: value}, context_of(None))
            cells = [(declared.result, row)]
            if isinstance(declared.result, RecordType) and isinstance(row, Mapping):
                cells = [(field.type, row[field.name]) for field in declared.result.fields if field.name in told.fields]
            for type, cell in cells:
                plain = type.element if isinstance(type, AbsentType) else type
                if isinstance(plain, EccnType) and isinstance(cell, str):
                    codes.append(cell)
                elif isinstance(plain, RecordType | ListType) or plain == SetType(EccnType()):
                    others.append((value, repr(cell)))  # codes may be inside: it is like no other
                else:
                    others.append(repr(cell))
        return self._numbers.setdefault(tuple(others), len(self._numbers)), tuple(codes)

    def _world(self, fact: Fact, value: str) -> tuple[dict[str, object], EvaluationContext]:
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

    def _codes_of(self, line: Term) -> _Told:
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
                    return _Told(set(), set(), (), frozenset(), 0)
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
        return _Told(keys, named, tuple(sorted(tables)), frozenset(fields), length)

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

    def _asked(self, fact: Fact, line: Term, day: date | None) -> Any:
        """A function from a value of ``fact`` to what ``line`` is worth where it is all that is known."""
        code = self.evaluator.code(line)
        context = context_of(day)
        if fact.part:
            return lambda value: code({_VALUE: value, THIS: {}}, context)
        if fact.term is None:
            return lambda value: code({THIS: {}}, context_of(value))
        *way, last = fact.path

        def ask(value: object) -> Truth:
            facts: dict[str, object] = {last: value}
            for name in reversed(way):
                facts = {name: facts}
            truth: Truth = code({THIS: facts}, context)
            return truth

        return ask

    def _of_members(self, fact: Fact, line: Term) -> Column | None:
        listed = _listed(fact, line)
        if listed is not None:
            return listed
        ask = self._asked(fact, line, None)
        members = _members(fact)
        if members is None:  # text: what the line names, and all else
            if not _is_transparent(line, _SAME):
                return None
            named = sorted({value for value in _constants(self.evaluator, line) if isinstance(value, str)})
            other = ask("".join(named) + "?")
            members = tuple(named)
        else:
            truths = [ask(member) for member in members]
            other = 2 * truths.count(True) > len(truths)
        if other is None:
            return None
        cells = {member: truth for member in members if (truth := ask(member)) is not other}
        return Column(other, cells, ask(None))

    def _of_codes(self, fact: Fact, line: Term) -> Column | None:
        if not _is_transparent(line, _WITHIN):
            return None
        ask = self._asked(fact, line, None)
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
        ask = self._asked(fact, line, None)
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
        ask = self._asked(fact, line, None)
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


def _entries(code: str) -> Iterator[str]:
    """The code and the wider ones that it is within."""
    yield code
    while "." in code:
        code = code.rpartition(".")[0]
        yield code


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


__all__ = ["Column", "Tabulator", "both_of_codes", "within"]
