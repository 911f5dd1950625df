"""The pairs of boundary tests that are missing, and how they are found.

Facts that stand on one side of a line come from the tests there are, or from the proof engine; then as few as possible
of the facts that the line reads are changed, to values that tests, the line or the engine name, until the other side
is reached and the answer is another one. Everything is decided by the interpreter, so a pair that is found is right;
where none is found, that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, islice

from comity.analysis.versions.values import around, constants
from comity.base.source import Span
from comity.base.watching import doing
from comity.core.given import replaced
from comity.core.interpret import Interpreter
from comity.runtime.light import dataclass
from comity.runtime.types import AbsentType, Field, RecordType, Type
from comity.terms import THIS
from comity.tools.generate.blocks import block
from comity.tools.generate.engine import Engine, engine
from comity.tools.generate.lines import Facts, Line, Reads, Standing, Target, free, targets
from comity.tools.generate.values import MOST_VALUES, domain, get

MOST_SEEDS = 8
MOST_TRIED = 900
"""Inputs tried, starting from one on a known side of a condition line."""

MOST_DECIDED = 40_000
"""Inputs decided in search of pairs, for all lines together; lines left after that are skipped."""

MOST_FOR_ONE = 1_200
"""Inputs decided for one line."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The tests of one line, ready to paste into the module of the target."""

    module: str
    target: str
    span: Span
    holds: str
    fails: str

    @property
    def text(self) -> str:
        return f"{self.holds}\n{self.fails}"


@dataclass(frozen=True, slots=True)
class Generated:
    """``missed``: lines for which no pair was found. ``left``: how many were not looked at any more."""

    pairs: tuple[Pair, ...]
    missed: tuple[Span, ...]
    left: int = 0


def generate(
    interpreter: Interpreter,
    paths: Iterable[str],
    words: Callable[[Span], str],
    most: int = MOST_DECIDED,
) -> Generated:
    """The missing pairs for the lines in some files. ``words``: the text of a line."""
    shown = {*paths}
    pairs: list[Pair] = []
    missed: list[Span] = []
    left = spent = 0
    for target in targets(interpreter):
        lines = [line for line in target.lines if line.span.path in shown]
        search = _Search(target) if lines else None
        for line in lines:
            doing(f"tests of line {line.span.line} of {line.span.path}")
            assert search is not None
            sides = search.tested(line)
            if all(sides):
                continue
            if spent > most:
                left += 1
                continue
            before = target.spent
            found = search.missing(line, [*sides[0], *sides[1]])
            spent += target.spent - before
            if found is None:
                missed.append(line.span)
            else:
                pairs.append(_written(target, line, *found, words(line.span)))
    return Generated(tuple(pairs), tuple(missed), left)


Stood = tuple[Facts, Standing]


def _written(target: Target, line: Line, holds: Stood, fails: Stood, words: str) -> Pair:
    quoted = " ".join(words.replace("\\", "/").replace('"', "'").split())
    at = f"{line.family} (line {line.span.line})"
    tests = [
        block(target, f"{at}: {verb}: {quoted}", facts, standing.said, line.family)
        for verb, (facts, standing) in (("holds", holds), ("does not hold", fails))
    ]
    return Pair(target.qname.rpartition(".")[0], target.name, line.span, *tests)


class _Search:
    """For the lines of one target."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.program = target.interpreter.program
        self.seeds = target.seeds()
        self.others = self.seeds or self._kin()
        self._limit = 0

    def _kin(self) -> list[Facts]:
        """Facts of tests about the same record, where there are none about the target."""
        found: list[Facts] = []
        for other in targets(self.target.interpreter):
            if other.record is not None and other.record == self.target.record:
                found += other.seeds()
        return found

    def tested(self, line: Line) -> tuple[list[Stood], list[Stood]]:
        """The facts of tests that stand on either side of a line."""
        holds: list[Stood] = []
        fails: list[Stood] = []
        for facts, standing in self._standing(line, self.seeds):
            (holds if standing.side else fails).append((facts, standing))
            if holds and fails:
                break
        return holds, fails

    def missing(self, line: Line, sides: Sequence[Stood]) -> tuple[Stood, Stood] | None:
        """A pair for a line of which tests show at most one side."""
        self._limit = self.target.spent + MOST_FOR_ONE
        values = self._values(line)
        found = self._from(sides, line, values)
        if found is None:
            made = self._engine.witnesses(line) if self._engine is not None else []
            for facts in made:
                for path in values:
                    values[path].setdefault(repr(get(facts, path)), get(facts, path))
            found = self._from(self._standing(line, made), line, values)
        if found is None and not sides:
            found = self._from(self._led(line, values), line, values)
        return found

    def _standing(self, line: Line, inputs: Iterable[Facts]) -> Iterator[Stood]:
        for facts in inputs:
            standing = self.target.stands(line, facts)
            if standing is not None:
                yield facts, standing

    def _led(self, line: Line, values: Mapping[tuple[str, ...], Mapping[str, object]]) -> Iterator[Stood]:
        """From facts on which the answer does not depend on the line to some on which it does."""
        for facts in self.others[: 2 * MOST_SEEDS]:
            yield from islice(self._standing(line, _changed(facts, values, 1)), 1)

    def _from(
        self, stood: Iterable[Stood], line: Line, values: Mapping[tuple[str, ...], Mapping[str, object]]
    ) -> tuple[Stood, Stood] | None:
        """The first pair of one of these and what few changes make of it; both determined, if that can be had."""
        second: tuple[Stood, Stood] | None = None
        for facts, standing in islice(stood, MOST_SEEDS):
            for other in islice(_changed(facts, values, 2), MOST_TRIED):
                if self.target.spent > self._limit:
                    return second
                reached = self.target.stands(line, other)
                if reached is None or reached.side == standing.side or reached.said.value == standing.said.value:
                    continue
                if reached.said.undetermined and standing.said.undetermined:  # two tests that expect the same
                    continue
                ends = ((facts, standing), (other, reached))
                pair = ends if standing.side else (ends[1], ends[0])
                if standing.said.determined and reached.said.determined:
                    return pair
                second = second or pair
        return second

    # --------------------------------------------------------------------------------- values

    def _values(self, line: Line) -> dict[tuple[str, ...], dict[str, object]]:
        """The facts that a line reads, and values that each may take."""
        reads = Reads(self.program, self.target.record)
        root = () if self.target.record is not None else None
        env: dict[str, tuple[str, ...] | None] = {THIS: root}
        if root is None:
            env = {field.name: (field.name,) for field in self.target.fields}
        if free(line.term) <= {*env}:
            reads.of(line.term, env)
        else:  # a line about an element: whatever the condition reads, the collection among it
            for condition in self.target.conditions(line):
                reads.of(condition, env)
        spoken: dict[Type, dict[str, object]] = {}
        for kind, value in constants(line.term):
            for near in around(kind, value):
                spoken.setdefault(kind, {})[repr(near)] = near
        found: dict[tuple[str, ...], dict[str, object]] = {}
        for path in reads.found:
            field = _field(self.target.fields, path)
            if field is None or isinstance(field.type, RecordType):
                continue
            told = {repr(value): value for facts in self.others if (value := get(facts, path)) is not None}
            values = dict(islice(told.items(), MOST_VALUES))
            kind = field.type.element if isinstance(field.type, AbsentType) else field.type
            values |= spoken.get(kind, {})
            values |= {repr(value): value for value in domain(field)}
            found[path] = values
        return found

    @cached_property
    def _engine(self) -> Engine | None:
        return engine(self.target)


# ------------------------------------------------------------------------------------------- facts


def _changed(facts: Facts, values: Mapping[tuple[str, ...], Mapping[str, object]], most: int) -> Iterator[Facts]:
    """The facts with up to ``most`` of them (at most 2) changed."""
    moves = [(path, value) for path, of in values.items() for value in of.values() if value != get(facts, path)]
    for path, value in moves:
        yield replaced(facts, path, value)
    if most > 1:
        for (one, first), (two, second) in combinations(moves, 2):
            if one != two:
                yield replaced(replaced(facts, one, first), two, second)


def _field(fields: Iterable[Field], path: tuple[str, ...]) -> Field | None:
    found = next((field for field in fields if field.name == path[0]), None)
    if found is None or len(path) == 1:
        return found
    kind = found.type.element if isinstance(found.type, AbsentType) else found.type
    return _field(kind.fields, path[1:]) if isinstance(kind, RecordType) else None
