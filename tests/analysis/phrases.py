"""The facts, sets, tables and conditions that random programs are written with.

For each fact the list of its values is complete: whatever a condition here asks, each answer is given by one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, count, product
from random import Random

from comity.runtime.values import ABSENT

COLOURS = ("red", "green", "blue")
GRADES = ("low", "mid", "high")
PLACES = ("US", "DE", "RU", "BY")
CODES = ("EAR99", "3A001.a", "3A001.b.1", "4D601.y")
DAYS = tuple(date(2022, 1, 1 + n) for n in range(5))
NMI = Fraction(1852, 1000)


@dataclass(frozen=True)
class Fact:
    """One field: its type as written, all its values, and the `always` line that keeps inputs to them."""

    name: str
    type: str
    values: tuple[object, ...]
    always: str | None = None
    may_be_unknown: bool = True
    optional: bool = False


def _subsets(values: Sequence[object]) -> list[tuple[object, ...]]:
    return list(chain.from_iterable(combinations(values, size) for size in range(len(values) + 1)))


@cache
def facts() -> tuple[Fact, ...]:
    people = [{"kind": kind, "listed": listed} for kind, listed in product(("maker", "user"), (True, False, None))]
    halves = tuple(Fraction(n, 2) for n in range(7))
    metres = tuple(1000 * Fraction(n) for n in (100, 150, 100 * NMI, 190, 200, 250, 300, 400))
    return (
        Fact("a", "Bool", (False, True)),
        Fact("b", "Bool", (False, True)),
        Fact("c", "Colour", COLOURS),
        Fact("d", "Colour", COLOURS),
        Fact("g", "Grade", GRADES),
        Fact("h", "Grade", GRADES),
        Fact("to", "Country", PLACES, f"to in {{{', '.join(PLACES)}}}"),
        Fact("n", "Int", (0, 1, 2, 3), "n in 0..3"),
        Fact("m", "Int", (0, 1, 2, 3), "m in 0..3"),
        Fact("v", "Money in USD", halves, "v >= 0 USD and v <= 3 USD"),
        Fact("share", "Percent", tuple(Fraction(n, 20) for n in range(7)), "share in 0% .. 30%"),
        Fact("far", "Length", metres, "far in 100 km .. 400 km"),
        Fact("k", "Eccn", CODES, f"k in {{{', '.join(CODES)}}}"),
        Fact("t", "Text or absent", ("x", "y", "other", ABSENT), None, may_be_unknown=False),
        Fact("z", "Int or absent", (0, 1, 2, ABSENT), "z is absent or z in 0..2", may_be_unknown=False),
        Fact("s", "set of Colour", tuple(frozenset(each) for each in _subsets(COLOURS))),
        Fact("p", "list of Person", tuple(_subsets(people)), None, may_be_unknown=False),
        Fact("who", "Person", tuple(people), None, may_be_unknown=False),
        Fact("e", "Date", DAYS, f"e >= {DAYS[0]} and e <= {DAYS[-1]}"),
    )


@dataclass
class Phrases:
    """Conditions over some facts. ``declarations``, ``files``: the sets and tables they stand on."""

    random: Random
    facts: Sequence[Fact]
    dated: bool
    helpers: tuple[str, str] | None = None
    reviewed: bool = False
    rules: list[str] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    variables: Iterator[int] = field(default_factory=lambda: count(1))

    # ----------------------------------------------------------------------------------- conditions

    def condition(self, depth: int, bound: str | None = None) -> str:
        random = self.random
        if depth == 0 or random.random() < 0.4:
            return self.atom(bound)
        parts = [self.condition(depth - 1, bound) for _ in range(2)]
        match random.randrange(6):
            case 0 | 1:
                return f"({parts[0]}) and ({parts[1]})"
            case 2 | 3:
                return f"({parts[0]}) or ({parts[1]})"
            case 4:
                return f"not ({parts[0]})"
            case _:
                return f"({parts[0]}) implies ({parts[1]})"

    def atom(self, bound: str | None = None) -> str:
        """A condition without and, or, not. ``bound``: a colour of `for each`."""
        makers: list[Callable[[], str]] = []
        for fact in self.facts:
            makers += self._about(fact)
            if fact.optional:
                makers.append(lambda fact=fact: f"{fact.name} is {self.one('known', 'unknown')}")  # type: ignore[misc]
            if bound and fact.name in ("c", "d"):
                makers += [lambda fact=fact: f"{fact.name} == {bound}"] * 3  # type: ignore[misc]
        if self.helpers:
            holds, level = self.helpers
            makers += [lambda: holds, lambda: f"{level} {self.compare()} {self.random.randint(0, 2)}"]
        if self.reviewed:
            makers += [lambda: f"review {self.one('==', '!=')} {self.one('strict', 'mild')}"] * 2
            makers += [lambda: f"{self.random.choice(self.rules)} {self.one('applies', 'decides')}"] * 2
        if bound:
            makers.append(lambda: f"{bound} in {self.colours()}")
        return self.random.choice(makers)()

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def fresh(self) -> str:
        """A variable that no other shadows."""
        return f"x{next(self.variables)}"

    def some(self, options: Sequence[str]) -> str:
        """A set of a few constants."""
        return "{" + ", ".join(self.random.sample(options, self.random.randint(1, len(options) - 1))) + "}"

    def compare(self) -> str:
        return self.one("<", "<=", ">", ">=", "==", "!=")

    def window(self, allow_empty: bool = False) -> str:
        first, last = sorted(self.random.sample(DAYS, 2))
        if allow_empty and self.random.random() < 0.04:
            first, last = last, first
        return self.one(f"from {first}", f"until {last}", f"from {first} until {last}", f"from {first} until {last}")

    def has(self, name: str) -> bool:
        return any(fact.name == name for fact in self.facts)

    # ---------------------------------------------------------------------------------- about facts

    def _about(self, fact: Fact) -> list[Callable[[], str]]:
        name, random = fact.name, self.random

        def number() -> int:
            return random.randint(0, 3)

        match name:
            case "a" | "b":
                return [lambda: name, lambda: f"not {name}"]
            case "c" | "d":
                return self._about_colour(name)
            case "g" | "h":
                found = [
                    lambda: f"{name} {self.compare()} {self.one(*GRADES)}",
                    lambda: f"{name} in {self.some(GRADES)}",
                ]
                other = "h" if name == "g" else "g"
                return [*found, lambda: f"{name} {self.compare()} {other}"] if self.has(other) else found
            case "to":
                return [
                    lambda: f"to == {self.one(*PLACES)}",
                    lambda: f"to {self.one('in', 'not in')} {self.some(PLACES)}",
                    lambda: f"to {self.one('in', 'not in')} {self._allies()}",
                    self._grouped,
                ]
            case "n" | "m":
                found = [
                    lambda: f"{name} {self.compare()} {number()}",
                    lambda: f"{name} in {random.randint(0, 1)}..{random.randint(1, 3)}",
                    lambda: f"{self.one('round_up', 'round_down')}({name} / 2) {self.compare()} {number()}",
                ]
                other = "m" if name == "n" else "n"
                if self.has(other):
                    found += [
                        lambda: f"{name} {self.one('+', '-')} {other} {self.compare()} {number()}",
                        lambda: f"2 * {name} {self.compare()} {other} + {number()}",
                        lambda: f"{name} * {other} {self.compare()} {number()}",
                        lambda: f"round_up(({name} + {other}) / 2) {self.compare()} {number()}",
                        lambda: f"{name} + round_down({other} / 2) {self.compare()} {number()}",
                    ]
                if self.helpers:
                    level = self.helpers[1]
                    found.append(lambda: f"{name} {self.compare()} {level}")
                return found
            case "v":
                return [
                    lambda: f"v {self.compare()} {number()} USD",
                    lambda: f"v in 1 USD .. {self.one('1', '2')} USD",
                    lambda: f"v * 50% {self.one('<', '<=', '>')} 1 USD",
                    lambda: f"v / 2 USD {self.one('<', '<=', '>', '==')} 1",
                ]
            case "share":
                return [lambda: f"share {self.compare()} {self.one('10', '20')}%", lambda: "share in 10% .. 20%"]
            case "far":
                return [
                    lambda: f"far {self.compare()} {self.one('200 km', '100 nmi', '300_000 m')}",
                    lambda: "far in 100 nmi .. 300 km",
                ]
            case "k":
                return self._about_code()
            case "t":
                return [
                    lambda: f"t is {self.one('present', 'absent')}",
                    lambda: f't is present and t {self.one("==", "!=")} "{self.one("x", "y")}"',
                    lambda: 't is absent or t in {"x", "y"}',
                ]
            case "z":
                return [
                    lambda: f"z is {self.one('present', 'absent')}",
                    lambda: f"z is present and z {self.compare()} {random.randint(0, 2)}",
                ]
            case "s":
                return self._about_set()
            case "p":
                return [self._people] * 3
            case "who":
                return [lambda: self.of_person("who")]
            case "e":
                found = [lambda: f"e {self.compare()} {random.choice(DAYS)}"]
                if self.dated:
                    found += [
                        lambda: f"e {self.compare()} day",
                        lambda: f"e + {random.randint(1, 2)} days {self.compare()} day",
                        lambda: f"day - e {self.one('<', '<=', '>')} {random.choice((24, 48))} hours",
                    ]
                return found
            case _:
                raise AssertionError(name)

    def _about_colour(self, name: str) -> list[Callable[[], str]]:
        found = [
            lambda: f"{name} {self.one('==', '!=')} {self.one(*COLOURS)}",
            lambda: f"{name} {self.one('in', 'not in')} {self.some(COLOURS)}",
            lambda: f"{name} {self.one('in', 'not in')} {self.colours()}",
            lambda: f"{self._heavy()}[{name}] {self.compare()} {self.random.randint(0, 2)}",
        ]
        other = "d" if name == "c" else "c"
        return [*found, lambda: f"{name} {self.one('==', '!=')} {other}"] if self.has(other) else found

    def _about_code(self) -> list[Callable[[], str]]:
        found = [
            lambda: f"k within {self.one('3A001', '3A001.b', '4D601')}",
            lambda: f"k {self.one('==', '!=')} {self.one('EAR99', '3A001.a', '4D601.y')}",
            lambda: "k within {3A001.a, 4D601}",
            lambda: f"k.category {self.one('==', '<', '>=')} {self.one('3', '4')}",
            lambda: f"k.number in {self.one('1..99', '600..699')}",
            lambda: f'k.group == "{self.one("A", "D")}"',
            lambda: f'k.paragraph {self.one("==", "!=")} "{self.one("a", "b", "y")}"',
            lambda: f"{self._ccl()}[k].gbs",
        ]
        if self.has("c"):
            found += [lambda: f"c in {self._ccl()}[k].colours"]
        if self.has("n"):
            found.append(lambda: f"{(ccl := self._ccl())}[k].limit is present and n <= {ccl}[k].limit")
        found.append(lambda: f"(any {(x := self.fresh())} in {self._ccl()}[k].colours: {x} in {self.colours()})")
        return found

    def _about_set(self) -> list[Callable[[], str]]:
        found = [
            lambda: f"{self.one(*COLOURS)} {self.one('in', 'not in')} s",
            lambda: f"s within {self.colours()}",
            lambda: f"{self.some(COLOURS)} within s",
            self._count,
            lambda: f"({self.one('any', 'all', 'no')} {(x := self.fresh())} in s: {x} in {self.colours()})",
            lambda: f"s & {self.some(COLOURS)} {self.one('==', '!=')} {self.some(COLOURS)}",
        ]
        for name in ("c", "d"):
            if self.has(name):
                found.append(lambda name=name: f"{name} in s")  # type: ignore[misc]
                found.append(lambda name=name: f"(any {(x := self.fresh())} in s - {{{name}}}: {x} != red)")  # type: ignore[misc]
        return found

    def _count(self) -> str:
        x = self.fresh()
        return f"count({x} in s where {x} in {self.some(COLOURS)}) {self.compare()} {self.random.randint(0, 2)}"

    def of_person(self, person: str) -> str:
        simple = [
            f"{person}.listed",
            f"not {person}.listed",
            f"{person}.kind == {self.one('maker', 'user')}",
            f"{person}.listed is {self.one('known', 'unknown')}",
            f"{person}.kind == user implies {person}.listed",
        ]
        if self.has("a"):
            simple.append(f"{person}.listed == a")
        return self.random.choice(simple)

    def _people(self) -> str:
        x, y = self.fresh(), self.fresh()
        head = f"{self.one('any', 'all', 'no')} {x} in"
        match self.random.randrange(6):
            case 0:
                return f"({head} p: {self.of_person(x)})"
            case 5:
                return f"p {self.one('==', '!=')} []"
            case 1:
                return f"({head} {{{y} in p where {self.of_person(y)}}}: {self.of_person(x)})"
            case 2:
                return f"({head} p: ({self.of_person(x)}) and ({self.atom_outside()}))"
            case _:
                return f"({head} p: ({self.of_person(x)}) {self.one('and', 'or')} ({self.of_person(x)}))"

    def atom_outside(self) -> str:
        """A condition of another fact than the list of people."""
        others = [fact for fact in self.facts if fact.name != "p"]
        return replace(self, facts=others, helpers=None, reviewed=False).atom() if others else "true"

    # --------------------------------------------------------------------------------- declarations

    def declare(self, prefix: str, make: Callable[[str], str]) -> str:
        """A set or table with a name of its own; one that is there already, half of the time."""
        names = [n for d in self.declarations for n in (d.split()[1].partition("(")[0].rstrip(":"),)]
        same = [name for name in names if name.rstrip("0123456789") == prefix]
        if same and self.random.random() < 0.5:
            return self.random.choice(same)
        name = f"{prefix}{len(self.declarations)}"
        self.declarations.append(make(name))
        return name

    def colours(self) -> str:
        """A set of colours: constants, or a declared one with its windows."""
        if self.random.random() < 0.4:
            return self.some(COLOURS)
        return self.declare("WARM", lambda name: self._dated_set(name, "Colour", COLOURS))

    def _allies(self) -> str:
        return self.declare("ALLIES", lambda name: self._dated_set(name, "Country", PLACES))

    def _dated_set(self, name: str, element: str, values: Sequence[str]) -> str:
        lines = [f"    {self.some(values)}{f' {self.window()}' if self.random.random() < 0.5 else ''}"]
        for _ in range(self.random.randint(0, 2)):
            window = f" {self.window()}" if self.random.random() < 0.6 else ""
            lines.append(f"    {self.one('+', '-')} {self.some(values)}{window}")
        return "\n".join((f"set {name}: {element} =", *lines, ""))

    def _heavy(self) -> str:
        """A table of numbers, perhaps with a missing row, perhaps with `otherwise`."""

        def make(name: str) -> str:
            keys = self.random.sample(COLOURS, self.random.randint(1, 3))
            end = self.one("", " otherwise 1")
            rows = (f"    {key}: {self.random.randint(0, 2)}" for key in keys)
            return "\n".join((f"table {name}(of: Colour) -> Int{end}:", *rows, ""))

        return self.declare("heavy", make)

    def _grouped(self) -> str:
        """A table of countries by grade, from a file with dated rows; read by a constant or by a fact."""

        def make(name: str) -> str:
            rows = [f"country,{','.join(GRADES)},from,until"]
            for place in self.random.sample(PLACES, self.random.randint(1, 4)):
                cells = [self.one("X", "", "true", "false") for _ in GRADES]
                if self.random.random() < 0.4:
                    middle = self.random.randint(0, 3)
                    rows.append(f"{place},{','.join(cells)},,{DAYS[middle]}")
                    if self.random.random() < 0.6:
                        cells = [self.one("X", "") for _ in GRADES]
                        rows.append(f"{place},{','.join(cells)},{DAYS[middle + 1]},")
                else:
                    rows.append(f"{place},{','.join(cells)},,")
            self.files[f"{name}.csv"] = "\n".join(rows) + "\n"
            end = self.one("", " otherwise false")
            return f'table {name}(country: Country, grade: Grade) -> Bool from "{name}.csv"{end}\n'

        table = self.declare("grouped", make)
        grade = self.one(*(f.name for f in self.facts if f.name in ("g", "h")), *GRADES)
        if self.random.random() < 0.3:
            return f"to in {{{(x := self.fresh())} in Country where {table}[{x}, {grade}]}}"
        return f"{table}[to, {grade}]"

    def _ccl(self) -> str:
        """A table of codes, whose rows are records; the longest row counts."""

        def make(name: str) -> str:
            rows = ["eccn,colours,limit,gbs"]
            for code in self.random.sample(("EAR99", "3A001", "3A001.b", "4D601"), self.random.randint(2, 4)):
                colours = ";".join(self.random.sample(COLOURS, self.random.randint(0, 2)))
                rows.append(f"{code},{colours},{self.one('', '1', '2')},{self.one('X', '', 'unknown')}")
            self.files[f"{name}.csv"] = "\n".join(rows) + "\n"
            return f'table {name}(eccn: Eccn) -> Entry from "{name}.csv"\n'

        return self.declare("ccl", make)
