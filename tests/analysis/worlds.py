"""Random small worlds: a record with a few facts, and conditions about them, for comparison with brute force.

Domains are small enough to go through every input that a condition could tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from random import Random

from comity import parts, terms
from comity.base.source import Span
from comity.core import ast as core
from comity.runtime.types import (
    BOOL,
    DATE,
    ECCN,
    INT,
    MONTHS,
    NUMBER,
    TEXT,
    AbsentType,
    EnumType,
    Field,
    ListType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.terms import THIS, Term


def span(line: int, column: int = 1) -> Span:
    return Span("m.comity", line * 100 + column, line * 100 + column + 1, line, column, line, column + 1)


COLOUR = EnumType("m", "Colour", ("red", "green", "blue"))
GRADE = EnumType("m", "Grade", ("low", "mid", "high"), ordered=True)
PERSON = RecordType(
    "m", "Person", (Field("role", COLOUR), Field("listed", BOOL, optional=True), Field("age", INT)), None
)
DAYS = tuple(date(2022, 1, 1 + n) for n in range(5))

FIELDS = {
    "a": (BOOL, (False, True)),
    "b": (BOOL, (False, True)),
    "c": (COLOUR, COLOUR.members),
    "d": (COLOUR, COLOUR.members),
    "g": (GRADE, GRADE.members),
    "n": (INT, tuple(range(-1, 5))),
    "q": (NUMBER, (Fraction(-1), 0, Fraction(1, 2), 1, Fraction(3, 2), 2, 3)),
    "k": (ECCN, ("EAR99", "3A001", "3A001.a", "3A001.b.1", "3A002", "4D600", "4D601.y", "5E999")),
    "t": (AbsentType(TEXT), ("x", "y", "other", ABSENT)),
    "z": (AbsentType(INT), (0, 1, 2, 3, ABSENT)),
    "s": (
        SetType(COLOUR),
        tuple(frozenset(m for m, i in zip(COLOUR.members, c, strict=True) if i) for c in product((0, 1), repeat=3)),
    ),
    "p": (
        ListType(PERSON),
        tuple(
            tuple({"role": r, "listed": li, "age": ag} for r, li, ag in people)
            for people in (
                (),
                *(((r, li, ag),) for r in COLOUR.members for li in (False, True, None) for ag in (0, 2)),
                (("red", True, 0), ("green", False, 2)),
                (("blue", None, 0), ("green", True, 2)),
                (("red", False, 0), ("blue", False, 2)),
                (("red", None, 2), ("green", None, 0)),
            )
        ),
    ),
}  # fmt: skip


class World:
    """One record with a few of the fields, some of them optional, and sets and tables over it."""

    def __init__(self, random: Random, names: Sequence[str] | None = None, size: int = 3, dated: bool = True) -> None:
        self.random = random
        names = tuple(names) if names is not None else tuple(random.sample(sorted(FIELDS), size))
        self.names = names
        fields = [Field(n, FIELDS[n][0], optional=random.random() < 0.4) for n in names]
        self.dated = dated
        if dated:
            fields.append(Field("day", DATE, optional=random.random() < 0.15))
        self.record = RecordType("m", "Case", tuple(fields), "day" if dated else None)
        self.tables: dict[str, core.Table] = {}
        self.sets: dict[str, core.SetDefinition] = {}
        self.depth_of_binders = 0

    # ---------------------------------------------------------------------------------------- inputs

    def domain(self, name: str) -> tuple[object, ...]:
        declared = self.record.field(name)
        assert declared is not None
        values = DAYS if name == "day" else FIELDS[name][1]
        return (*values, None) if declared.optional else tuple(values)

    def inputs(self) -> Iterator[dict[str, object]]:
        """Every input."""
        names = [f.name for f in self.record.fields]
        for values in product(*map(self.domain, names)):
            yield dict(zip(names, values, strict=True))

    def some_inputs(self, count: int) -> Iterator[dict[str, object]]:
        for _ in range(count):
            yield {f.name: self.random.choice(self.domain(f.name)) for f in self.record.fields}

    # ----------------------------------------------------------------------------------------- terms

    @property
    def this(self) -> Term:
        return terms.Local(THIS, self.record)

    def read(self, name: str) -> Term:
        declared = self.record.field(name)
        assert declared is not None
        return terms.Field(self.this, name, declared.type)

    def of_type(self, *types: Type) -> list[str]:
        return [f.name for f in self.record.fields if f.type in types]

    def condition(self, depth: int = 2, lines: bool = False) -> Term:
        random = self.random
        if depth == 0 or random.random() < 0.25:
            made = self.atom()
        else:
            match random.randrange(5):
                case 0 | 1:
                    made = terms.And(tuple(self.condition(depth - 1, lines) for _ in range(random.randint(1, 3))))
                case 2 | 3:
                    made = terms.Or(tuple(self.condition(depth - 1, lines) for _ in range(random.randint(1, 3))))
                case _:
                    made = terms.Not(self.condition(depth - 1, lines))
        return made

    def atom(self) -> Term:
        makers: list[Callable[[], Term]] = []
        for declared in self.record.fields:
            makers += self.atoms_of(declared)
        if self.dated:
            makers.append(self.window)
        return self.random.choice(makers)()

    def window(self) -> Term:
        first, last = sorted(self.random.sample(DAYS, 2))
        return terms.InWindow(
            ((first if self.random.random() < 0.7 else None, last if self.random.random() < 0.5 else None),)
        )

    def atoms_of(self, declared: Field) -> list[Callable[[], Term]]:
        random, read = self.random, self.read(declared.name)
        kind = declared.type
        makers: list[Callable[[], Term]] = []
        if kind == BOOL:
            makers += [lambda: read, lambda: terms.Not(read)]
        if isinstance(kind, EnumType):
            makers += [lambda: terms.MemberOf(read, self.constants(kind)), lambda: self.equal(read, kind)]
            makers.append(lambda: terms.MemberOf(read, self.set_of(kind)))
            makers.append(lambda: self.lookup(declared.name, kind))
            if kind == GRADE:
                makers.append(lambda: self.order(read, terms.Const(random.choice(GRADE.members), GRADE), GRADE))
            others = [name for name in self.of_type(kind) if name != declared.name]
            if others:
                makers.append(lambda: terms.Equal(read, self.read(random.choice(others)), kind))
        if kind in (INT, NUMBER):
            makers += [lambda: self.numeric(read), lambda: self.order(self.sum(read), self.number(), NUMBER)]
            makers.append(lambda: terms.Equal(self.sum(read), self.number(), NUMBER))
            makers.append(
                lambda: self.order(terms.Round(random.choice(("up", "down")), self.scaled(read)), self.number(), NUMBER)
            )
        if kind == DATE:
            makers.append(lambda: self.order(self.later(read), terms.Const(random.choice(DAYS), DATE), DATE))
        if kind == ECCN:
            makers.append(lambda: self.code(read))
            makers.append(lambda: self.lookup(declared.name, kind))
        if isinstance(kind, AbsentType):
            makers.append(lambda: terms.IsPresent(read))
            guarded = (
                (lambda: terms.Equal(read, terms.Const(random.choice(("x", "y")), TEXT), TEXT))
                if kind.element == TEXT
                else (lambda: self.order(read, self.number(), INT))
            )
            makers.append(lambda: terms.And((terms.IsPresent(read), guarded())))
            makers.append(guarded)
        if isinstance(kind, SetType):
            makers.append(lambda: terms.MemberOf(terms.Const(random.choice(COLOUR.members), COLOUR), read))
            makers.append(lambda: terms.SubsetOf(read, self.set_of(COLOUR)))
            makers.append(lambda: terms.SubsetOf(self.constants(COLOUR), read))
            makers.append(lambda: terms.Equal(read, self.constants(COLOUR), kind))
            makers.append(lambda: self.quantifier(read, COLOUR))
            makers.append(lambda: self.order(self.count(read, COLOUR), self.number(), INT))
            for name in self.of_type(COLOUR):
                makers.append(lambda name=name: terms.MemberOf(self.read(name), read))  # type: ignore[misc]
        if isinstance(kind, ListType):
            makers.append(lambda: self.quantifier(read, PERSON))
            makers.append(lambda: self.quantifier(read, PERSON))
            makers.append(lambda: self.order(self.count(read, PERSON), self.number(), INT))
        if declared.optional:
            makers.append(lambda: terms.IsKnown(read))
        return makers

    def equal(self, read: Term, kind: EnumType) -> Term:
        return terms.Equal(read, terms.Const(self.random.choice(kind.members), kind), kind)

    def constants(self, kind: EnumType) -> Term:
        chosen = self.random.sample(kind.members, self.random.randint(0, len(kind.members) - 1))
        return terms.SetOf(tuple(terms.Const(m, kind) for m in chosen), SetType(kind))

    def set_of(self, kind: EnumType) -> Term:
        """A set: constants, dated parts, filters, and set algebra."""
        whole = terms.Const(frozenset(kind.members), SetType(kind))
        match self.random.randrange(5):
            case 0:
                return self.constants(kind)
            case 1:
                return terms.When(self.window(), self.constants(kind), SetType(kind))
            case 2:
                return terms.SetOperation(
                    self.random.choice(("|", "&", "-")), self.set_of(kind), self.set_of(kind), SetType(kind)
                )
            case 3:
                variable = self.fresh()
                local = terms.Local(variable, kind)
                where = terms.MemberOf(local, self.constants(kind)) if self.random.random() < 0.5 else self.shallow()
                return terms.Filter(variable, whole, where, SetType(kind))
            case _:
                return self.named_set(kind)

    def named_set(self, kind: EnumType) -> Term:
        """A declared set with dated lines."""
        name = f"S{len(self.sets)}"
        lines: list[Term] = [self.constants(kind)]
        for _ in range(self.random.randint(0, 2)):
            lines.append(terms.When(self.window(), self.constants(kind), SetType(kind)))
        body = lines[0]
        for line in lines[1:]:
            body = terms.SetOperation(self.random.choice(("|", "-")), body, line, SetType(kind))
        self.sets[f"m.{name}"] = core.SetDefinition(f"m.{name}", SetType(kind), body, span=span(5))
        return terms.NamedSet(f"m.{name}", SetType(kind))

    def fresh(self) -> str:
        self.depth_of_binders += 1
        return f"v{self.depth_of_binders}"

    def shallow(self) -> Term:
        """A condition of the record without binders."""
        simple = [f for f in self.record.fields if f.type in (BOOL, INT) or isinstance(f.type, EnumType)]
        if not simple:
            return terms.TRUE
        declared = self.random.choice(simple)
        read = self.read(declared.name)
        if declared.type == BOOL:
            return read
        if declared.type == INT:
            return self.order(read, self.number(), INT)
        assert isinstance(declared.type, EnumType)
        return terms.MemberOf(read, self.constants(declared.type))

    def lookup(self, name: str, kind: Type) -> Term:
        random = self.random
        table = f"T{len(self.tables)}"
        keys: Sequence[object]
        if kind == ECCN:
            keys = random.sample(("EAR99", "3A001", "3A001.a", "3A001.b", "4D601", "5E001"), 3)
        else:
            assert isinstance(kind, EnumType)
            keys = random.sample(kind.members, random.randint(1, 3))
        rows = []
        for key in keys:
            if random.random() < 0.3:
                middle = random.choice(DAYS[1:4])
                rows.append(parts.Row((key,), random.random() < 0.5, (None, middle), place="rows.csv:2"))
                if random.random() < 0.5:
                    after = date.fromordinal(middle.toordinal() + 1)
                    rows.append(parts.Row((key,), random.random() < 0.5, (after, None), place="rows.csv:2"))
            else:
                rows.append(parts.Row((key,), random.choice((True, False, None)), None, place="rows.csv:2"))
        has = random.random() < 0.5
        self.tables[f"m.{table}"] = core.Table(
            f"m.{table}", (("key", kind),), BOOL, tuple(rows), has, False if has else None, span=span(7)
        )
        return terms.Lookup(f"m.{table}", (self.read(name),), BOOL)

    def order(self, left: Term, right: Term, kind: Type) -> Term:
        if self.random.random() < 0.5:
            left, right = right, left
        return terms.Compare(self.random.choice(("<", "<=")), left, right, kind)

    def number(self) -> Term:
        return terms.Const(self.random.randint(-1, 4), INT)

    def numeric(self, read: Term) -> Term:
        return self.order(read, self.number(), NUMBER)

    def scaled(self, read: Term) -> Term:
        factor = terms.Const(self.random.choice((Fraction(1, 2), -1, 2)), NUMBER)
        return terms.Arithmetic("*", read, factor, NUMBER)

    def sum(self, read: Term) -> Term:
        """A value that depends on cases."""
        match self.random.randrange(3):
            case 0:
                return terms.Arithmetic(self.random.choice(("+", "-")), self.scaled(read), self.number(), NUMBER)
            case 1:
                return terms.Cases(
                    (
                        terms.Case(self.shallow(), read),
                        terms.Case(self.shallow(), self.number()),
                        terms.Case(None, terms.Negate(read, NUMBER)),
                    ),
                    True,
                    "cases",
                    NUMBER,
                )
            case _:
                return terms.Arithmetic("-", read, terms.Arithmetic("*", self.number(), read, NUMBER), NUMBER)

    def later(self, read: Term) -> Term:
        if self.random.random() < 0.3:
            return read
        if self.random.random() < 0.5:
            return terms.AddDuration(read, terms.Const(1, MONTHS), self.random.random() < 0.5)
        from comity.runtime.types import DURATION

        return terms.AddDuration(read, terms.Const(24 * self.random.randint(0, 2), DURATION))

    def code(self, read: Term) -> Term:
        random = self.random
        no_parts = terms.Not(terms.Equal(read, terms.Const("EAR99", ECCN), ECCN))
        match random.randrange(4):
            case 0:
                entry = random.choice(("3A001", "3A001.a", "4D601", "3A001.b", "5E001"))
                return terms.EccnWithin(read, terms.Const(entry, ECCN))
            case 1:
                return terms.Equal(read, terms.Const(random.choice(("EAR99", "3A001", "4D601.y")), ECCN), ECCN)
            case 2:
                category = terms.EccnPart(read, "category", INT)
                return terms.And((no_parts, self.order(category, self.number(), INT)))
            case _:
                part = random.choice(("group", "paragraph"))
                text = random.choice(("A", "D", "a", "", "y"))
                test = terms.Equal(terms.EccnPart(read, part), terms.Const(text, TEXT), TEXT)
                return terms.And((no_parts, terms.Not(test) if random.random() < 0.5 else test))

    def quantifier(self, source: Term, element: Type) -> Term:
        variable = self.fresh()
        body = self.about(terms.Local(variable, element), element)
        if self.random.random() < 0.5:
            join = terms.And if self.random.random() < 0.6 else terms.Or
            body = join((body, self.about(terms.Local(variable, element), element)))
        kind = self.random.choice(("any", "all"))
        if self.random.random() < 0.2:
            inner = self.fresh()
            source = terms.Filter(inner, source, self.about(terms.Local(inner, element), element), SetType(element))
        return terms.Quantifier(kind, variable, source, body)

    def about(self, local: Term, element: Type) -> Term:
        """A condition of an element, perhaps of other facts too."""
        random = self.random
        if isinstance(element, EnumType):
            colours = self.of_type(COLOUR)
            if colours and random.random() < 0.4:
                return terms.Equal(local, self.read(random.choice(colours)), COLOUR)
            return terms.MemberOf(local, self.constants(element))
        match random.randrange(5):
            case 0:
                return terms.Field(local, "listed", BOOL)
            case 1:
                return self.order(terms.Field(local, "age", INT), self.number(), INT)
            case 2:
                colours = self.of_type(COLOUR)
                if colours:
                    return terms.Equal(terms.Field(local, "role", COLOUR), self.read(random.choice(colours)), COLOUR)
                return self.shallow()
            case 3:
                return terms.Not(terms.MemberOf(terms.Field(local, "role", COLOUR), self.set_of(COLOUR)))
            case _:
                return terms.MemberOf(terms.Field(local, "role", COLOUR), self.constants(COLOUR))

    def count(self, source: Term, element: Type) -> Term:
        variable = self.fresh()
        return terms.Count(variable, source, self.about(terms.Local(variable, element), element))
