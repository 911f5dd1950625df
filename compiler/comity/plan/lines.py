"""Conditions taken apart into lines, each with the facts that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from functools import total_ordering

from comity import terms
from comity.core.ast import Program
from comity.core.walk import substitute
from comity.plan.ast import Kind
from comity.plan.reads import Path, Reader, Reads, path_of
from comity.runtime.light import dataclass
from comity.runtime.types import (
    BoolType,
    DateType,
    EccnType,
    EnumType,
    IntType,
    MoneyType,
    MonthsType,
    NumberType,
    PercentType,
    PlaceType,
    QuantityType,
    RecordType,
    SetType,
    TextType,
    Type,
)
from comity.terms import THIS, Term

DAY = "as of"
"""What the day is called among the facts."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that rules are told apart by: a path, a ``part`` of the code at a path, or the day (``term`` None)."""

    name: str
    kind: Kind
    type: Type | None = field(compare=False)
    term: Term | None = field(compare=False)
    path: Path = field(compare=False)
    part: str = field(default="", compare=False)

    def __lt__(self, other: Fact) -> bool:
        return self.name < other.name


@dataclass(frozen=True, slots=True)
class Line:
    """``fact``: the only one that the line reads. Else ``others``: those of its facts that alone may make it false."""

    term: Term
    fact: Fact | None
    others: tuple[Fact, ...] = ()


class Lines:
    """Takes conditions on one record apart."""

    def __init__(self, record: RecordType, program: Program) -> None:
        self.record = record
        self.program = program
        self.reader = Reader(program)
        self._facts: dict[Path, Fact | None] = {}
        self._parts: dict[tuple[Path, str], Fact] = {}
        self.day = Fact(DAY, "steps", None, None, ())

    def of(self, condition: Term) -> Iterator[Line]:
        for line in self._conjuncts(condition):
            yield self._line(line)

    def _conjuncts(self, term: Term) -> Iterator[Term]:
        match term:
            case terms.Line(condition=condition):
                yield from self._conjuncts(condition)
            case terms.And(operands=operands):
                for operand in operands:
                    yield from self._conjuncts(operand)
            case terms.Call(define=define, arguments=arguments) if all(
                path_of(argument, {THIS: ()}) is not None for argument in arguments
            ):
                declared = self.program.defines[define]
                body = declared.body
                while isinstance(body, terms.Line):
                    body = body.condition
                if isinstance(body, terms.And):
                    names = [name for name, _ in declared.parameters]
                    yield from self._conjuncts(substitute(body, dict(zip(names, arguments, strict=True))))
                else:
                    yield term
            case _:
                yield term

    def _line(self, term: Term) -> Line:
        reads = self.reader.of(term)
        if reads.others:
            return Line(term, None)
        if not reads.paths and reads.day:
            return Line(term, self.day if _reads_windows_only(term) else None)
        if len(reads.paths) == 1 and not reads.day:
            (path,) = reads.paths
            fact = self._part_of(term, path) or self.fact(path)
            return Line(term, fact)
        return Line(term, None, () if reads.known else self._told_apart_by(reads))

    def _told_apart_by(self, reads: Reads) -> tuple[Fact, ...]:
        facts = [self.fact(path) for path in sorted(reads.paths)]
        return tuple(fact for fact in facts if fact is not None and fact.kind in ("members", "codes"))

    def fact(self, path: Path) -> Fact | None:
        """The fact at ``path``, if rules can be told apart by it."""
        if path not in self._facts:
            self._facts[path] = self._find(path)
        return self._facts[path]

    def _find(self, path: Path) -> Fact | None:
        term: Term = terms.Local(THIS, self.record)
        type: Type = self.record
        for name in path:
            declared = type.field(name) if isinstance(type, RecordType) else None
            if declared is None:
                return None
            type = declared.type
            term = terms.Field(term, name, type)
        kind = _kind(type)
        return None if kind is None else Fact(".".join(path), kind, type, term, path)

    def _part_of(self, term: Term, path: Path) -> Fact | None:
        """The part of the code at ``path``, where the line reads one part and nothing else of it."""
        found = set(_parts(term, path))
        if len(found) != 1:
            return None
        (part,) = found
        fact = self.fact(path)
        if fact is None or fact.term is None or part is None:
            return None
        if (path, part) not in self._parts:
            of_part = terms.EccnPart(fact.term, part)  # type: ignore[arg-type]
            kind: Kind = "steps" if part in ("category", "number") else "members"
            type: Type = IntType() if kind == "steps" else TextType()
            self._parts[path, part] = Fact(f"{fact.name}.{part}", kind, type, of_part, path, part)
        return self._parts[path, part]


def _parts(term: Term, path: Path) -> Iterator[str | None]:
    """The parts that ``term`` reads of the code at ``path``, and None where it reads anything else."""
    match term:
        case terms.EccnPart(code=code, part=part):
            yield part if path_of(code, {THIS: ()}) == path else None
        case terms.Field() | terms.Local() | terms.Call() | terms.Lookup():
            yield None
        case _:
            for child in terms.children(term):
                yield from _parts(child, path)


def _kind(type: Type) -> Kind | None:
    match type:
        case BoolType() | EnumType() | PlaceType() | TextType():
            return "members"
        case EccnType():
            return "codes"
        case SetType(element=EnumType() | PlaceType()):
            return "sets"
        case (
            DateType() | IntType() | NumberType() | PercentType() | MoneyType() | QuantityType() | MonthsType()
        ):  # fmt: skip
            return "steps"
        case _:
            return None


def _reads_windows_only(term: Term) -> bool:
    match term:
        case terms.InWindow() | terms.Const():
            return True
        case terms.And() | terms.Or() | terms.Not() | terms.Line():
            return all(map(_reads_windows_only, terms.children(term)))
        case _:
            return False


__all__ = ["DAY", "Fact", "Line", "Lines"]
