"""Where conditions compare codes (ECCNs, HS codes) with paragraphs, and where they ask how exactly a code is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import TypeAlias

from comity import terms
from comity.base.source import Span
from comity.checked import ast as checked
from comity.core.tables import widenings
from comity.runtime.light import dataclass
from comity.runtime.types import BOOL, ECCN, EccnType, HsCodeType, RecordType
from comity.terms import Term

FieldName: TypeAlias = tuple[str, str]
"""A record's qualified name, and a field of it that holds a code or several."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with codes, some of which are ``paragraphs`` of entries that are not among them.

    ``positive``: the condition asks for it to hold (True), or to fail (False); None where that is not clear.
    """

    fact: FieldName
    paragraphs: frozenset[str]
    is_hs: bool
    positive: bool | None
    span: Span
    code_span: Span
    container_span: Span
    is_single: bool
    """What the code is compared with is one code, not a set."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition asks whether a code is above one of ``paragraphs`` (None: of codes that depend on facts), or is
    ``exactly`` one of these codes.
    """

    fact: FieldName
    is_hs: bool
    paragraphs: frozenset[str] | None = frozenset()
    exactly: frozenset[str] = frozenset()


@dataclass(slots=True)
class Found:
    """What there is in a condition, in written order, and which definitions it uses."""

    compared: dict[Comparison, None] = field(default_factory=dict)
    asked: dict[Asked, None] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add(self, other: Found) -> None:
        self.compared |= other.compared
        self.asked |= other.asked
        self.used |= other.used


def wider(code: str, is_hs: bool) -> list[str]:
    """The codes above ``code``, the nearest first; of the Harmonized System from the heading (four digits) on."""
    above = [str(each) for each in widenings(HsCodeType() if is_hs else ECCN, code)[1:]]
    return [each for each in above if len(each) in (4, 7, 9)] if is_hs else above


class AskedAbout:
    """What conditions ask about how exactly codes are given, by fact."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self._whatever: set[FieldName] = set()
        self._above: dict[FieldName, set[str]] = {}
        """Codes for which it is asked whether a fact is above them."""
        self._exactly: dict[FieldName, set[str]] = {}
        for each in asked:
            if each.paragraphs is None:
                self._whatever.add(each.fact)
            above = self._above.setdefault(each.fact, set())
            for paragraph in each.paragraphs or ():
                above.update((paragraph, *wider(paragraph, each.is_hs)))
            self._exactly.setdefault(each.fact, set()).update(each.exactly)

    def left_out(self, compared: Iterable[Comparison]) -> Iterator[tuple[Comparison, str]]:
        """Comparisons with paragraphs above which a code may be, while nothing asks about it; and one of them."""
        for comparison in compared:
            fact, is_hs = comparison.fact, comparison.is_hs
            above = self._above.get(fact, set())
            exactly = self._exactly.get(fact, set())
            for each in sorted(comparison.paragraphs if fact not in self._whatever else ()):
                if each not in above and not exactly.issuperset(wider(each, is_hs)):
                    yield comparison, each
                    break


class Comparisons:
    """Finds comparisons in the conditions of one program, through the definitions that they use."""

    def __init__(self, program: checked.Program) -> None:
        self.program = program
        self._sets: dict[str, frozenset[str] | None] = {}
        self._defines: dict[tuple[str, bool | None], Found] = {}

    def in_rule(self, rule: checked.Rule) -> Found:
        walk = _Walk(self)
        if rule.when is not None:
            walk.condition(rule.when, True)
        if rule.unless is not None:
            walk.condition(rule.unless, False)
        if rule.for_each is not None:
            walk.condition(rule.for_each[1], None)
        return walk.found

    def in_condition(self, term: Term, positive: bool | None = True) -> Found:
        walk = _Walk(self)
        walk.condition(term, positive)
        return walk.found

    def in_define(self, define: checked.Define, positive: bool | None = None) -> Found:
        """In the body of a definition of a record, whose facts are the same wherever it is used."""
        key = define.qname, positive
        if key not in self._defines:
            self._defines[key] = self.in_condition(define.body, positive)
        return self._defines[key]

    def codes(self, term: Term) -> frozenset[str] | None:
        """All codes that a set may hold; None where it depends on facts."""
        match term:
            case terms.Const(value=str() as value):
                return frozenset({value})
            case terms.Const(value=frozenset() as value):
                return frozenset(map(str, value))
            case terms.SetOf(elements=elements) | terms.ListOf(elements=elements):
                return self._all(elements)
            case terms.SetOperation(operator="-", left=left):
                return self.codes(left)
            case terms.SetOperation(left=left, right=right):
                return self._all((left, right))
            case terms.NamedSet(name=name) if name in self.program.sets:
                if name not in self._sets:
                    parts = self.program.sets[name].parts
                    self._sets[name] = self._all(tuple(part.value for part in parts if part.sign == "+"))
                return self._sets[name]
            case terms.When(value=value):
                return self.codes(value)
            case _:
                return None

    def _all(self, items: tuple[Term, ...]) -> frozenset[str] | None:
        found = [self.codes(item) for item in items]
        known = [each for each in found if each is not None]
        return frozenset[str]().union(*known) if len(known) == len(found) else None


@dataclass(slots=True)
class _Walk:
    """A walk through one condition, and through the functions that it calls.

    ``facts``: the fact that a variable or parameter stands for. ``values``: the term that a parameter stands for.
    """

    comparisons: Comparisons
    facts: dict[str, FieldName | None] = field(default_factory=dict)
    values: dict[str, Term] = field(default_factory=dict)
    found: Found = field(default_factory=Found)

    def condition(self, term: Term, positive: bool | None) -> None:
        match term:
            case terms.Not(operand=operand):
                self.condition(operand, None if positive is None else not positive)
                return
            case terms.Line() | terms.And() | terms.Or():
                pass
            case terms.EccnWithin(code=code, entry=entry) | terms.HsWithin(code=code, heading=entry):
                self._compare(term, code, entry, entry.span, positive)
            case terms.Equal(left=left, right=right, operand_type=EccnType() | HsCodeType()):
                for one, other in ((left, right), (right, left)):
                    self._compare(term, one, other, other.span, positive)
            case terms.MemberOf(value=value, collection=collection) if isinstance(value.type, EccnType | HsCodeType):
                self._compare(term, value, collection, collection.span, positive)
            case terms.Quantifier(variable=variable, source=source, body=body):
                self._quantifier(term, variable, source, body, positive)
                return
            case terms.Call(define=name, arguments=arguments):
                self._call(name, arguments, positive if term.type == BOOL else None)
                return
            case (
                terms.Filter(variable=variable, source=source, where=where)
                | terms.Count(variable=variable, source=source, where=where)
            ):
                self.condition(source, None)
                self._inside(variable, source, (where,), None)
                return
            case terms.Sum(variable=variable, source=source, where=where, value=value):
                self.condition(source, None)
                self._inside(variable, source, (where, value), None)
                return
            case _:
                positive = None
        for child in terms.children(term):
            self.condition(child, positive)

    def _quantifier(
        self, term: terms.Quantifier, variable: str, source: Term, body: Term, positive: bool | None
    ) -> None:
        within = body.operand if isinstance(body, terms.Not) else body
        if isinstance(within, terms.EccnWithin | terms.HsWithin):
            code, entry = (
                (within.code, within.entry) if isinstance(within, terms.EccnWithin) else (within.code, within.heading)
            )
            if isinstance(entry, terms.Local) and entry.name == variable:
                self._compare(within, code, source, source.span, positive)
                return
            if isinstance(code, terms.Local) and code.name == variable and (fact := self._fact(entry)) is not None:
                self.found.asked[Asked(fact, isinstance(entry.type, HsCodeType), self._codes(source))] = None
                return
        self.condition(source, None)
        self._inside(variable, source, (body,), positive)

    def _inside(self, variable: str, source: Term, bodies: tuple[Term, ...], positive: bool | None) -> None:
        before = self.facts.get(variable)
        self.facts[variable] = self._fact(source)
        for body in bodies:
            self.condition(body, positive)
        self.facts[variable] = before

    def _call(self, name: str, arguments: tuple[Term, ...], positive: bool | None) -> None:
        define = self.comparisons.program.defines[name]
        self.found.used.add(name)
        for argument in arguments:
            self.condition(argument, None)
        if define.record is not None:
            self.found.add(self.comparisons.in_define(define, positive))
            return
        parameters = [parameter for parameter, _ in define.parameters]
        facts = dict(zip(parameters, map(self._fact, arguments), strict=True))
        values = dict(zip(parameters, map(self._value, arguments), strict=True))
        inner = _Walk(self.comparisons, facts, values)
        inner.condition(define.body, positive)
        self.found.add(inner.found)

    def _compare(self, term: Term, code: Term, container: Term, place: Span, positive: bool | None) -> None:
        fact, codes = self._fact(code), self._codes(container)
        if fact is None:
            if (other := self._fact(container)) is not None and isinstance(term, terms.EccnWithin | terms.HsWithin):
                self.found.asked[Asked(other, isinstance(term, terms.HsWithin), self._codes(code))] = (
                    None  # `3B001.c within item.eccn`
                )
            return
        if codes is None:
            return
        is_hs = isinstance(code.type, HsCodeType)
        if not isinstance(term, terms.EccnWithin | terms.HsWithin):
            self.found.asked[Asked(fact, is_hs, exactly=codes)] = None
        paragraphs = {each for each in codes if wider(each, is_hs) and codes.isdisjoint(wider(each, is_hs))}
        if paragraphs:
            is_single = not hasattr(container.type, "element")
            self.found.compared[
                Comparison(fact, frozenset(paragraphs), is_hs, positive, term.span, code.span, place, is_single)
            ] = None

    def _codes(self, term: Term) -> frozenset[str] | None:
        return self.comparisons.codes(self._value(term))

    def _value(self, term: Term) -> Term:
        return self.values.get(term.name, term) if isinstance(term, terms.Local) else term

    def _fact(self, term: Term) -> FieldName | None:
        """The field that a code, or a collection of codes, is read from; None if it is not a fact."""
        match term:
            case terms.Local(name=name):
                return self.facts.get(name)
            case terms.Field(base=base, name=name) if isinstance(base.type, RecordType) and _is_fact(base):
                return f"{base.type.module}.{base.type.name}", name
            case _:
                return None


def _is_fact(term: Term) -> bool:
    while isinstance(term, terms.Field):
        term = term.base
    return isinstance(term, terms.Local)
