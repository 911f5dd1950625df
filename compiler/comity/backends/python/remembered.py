"""Functions whose values are kept by the few facts that they read.

What the regulations say of an item follows from its code, and maybe from what somebody has confirmed of it; the next
input is likely to have the same. A definition or a line of a condition that goes to some length, and reads at most
three facts, becomes a function of just those, whose values are remembered:

    def series_600(this: records.Item) -> bool | None:
        return _series_600(this.eccn)

    @remembered
    def _series_600(eccn: str | None) -> bool | None:
        …

Facts are compared as values, so it makes no difference where they come from. What may raise an error, asks other
decisions or reads parts that are themselves records is not remembered.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from comity import terms
from comity.backends.python import trees
from comity.backends.python.bodies import body
from comity.backends.python.literals import NotExpressible, Shelf, annotation, optional
from comity.backends.python.nullability import SURE, Context, NullabilityAnalysis, free_locals, key, plain
from comity.backends.python.plan import Plan
from comity.backends.python.substitution import captures
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import call, name
from comity.core.walk import BINDERS, children, rewrite, substitute
from comity.plan.reads import Path, Reader
from comity.runtime.light import dataclass
from comity.runtime.types import BoolType, EnumType, PlaceType, RecordType, SetType, Type
from comity.terms import Term

MOST_FACTS = 3
"""The most facts by which values are remembered."""

MOST_WIDE = 2
"""The most of them that may have very many values (codes, amounts, days, sets)."""

MOST_SIEVED = 2
"""The most facts, none of them with very many values, by which elements are sieved."""

FEWEST = 4
"""The fewest elements that are."""

LARGEST = 300
"""The most terms that a function has when the definitions that it asks about records are put into it."""

WORTH = 12
"""What an expression costs at least (`NullabilityAnalysis.costs`) before its values are
remembered: below that, working them out is quicker."""

WORTH_WIDE = 50
"""The same for what reads two facts with very many values: most inputs have a pair that is new."""


class Page(Shelf, Protocol):
    """The file in which the functions are (`module.File`)."""

    plan: Plan
    nullability: NullabilityAnalysis

    def expressions(self, parameters: Iterable[tuple[str, str]]) -> Expressions: ...
    def always_the_same(self, term: Term) -> frozenset[object] | None: ...


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a function reads: the term of it, its type, and what it is called as a parameter."""

    term: Term
    type: Type
    parameter: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """A function of facts: what it is called, its parameters, and whether the day comes after them."""

    target: str
    function: ast.stmt
    facts: tuple[Fact, ...]
    dated: bool


def remember(
    file: Page,
    reader: Reader,
    target: str,
    term: Term,
    parameters: Mapping[str, Type],
    context: Context,
    doc: str = "",
) -> Remembered | None:
    """A function with the value of ``term``, of the facts that it reads of its ``parameters``; None if there is none.

    ``parameters``: locals of the policy that are records, or facts themselves.
    """
    if file.nullability.of(term, context).inner or file.nullability.costs(term) < WORTH:
        return None
    closed = _close(file, reader, term, parameters, context, MOST_FACTS, MOST_WIDE)
    if closed is None:
        return None
    if sum(is_wide(fact.type) for fact in closed.facts) > 1 and file.nullability.costs(term) < WORTH_WIDE:
        return None
    try:
        statements = body(closed.expressions, closed.term, context)
    except NotExpressible:
        return None
    returned = optional(annotation(term.type, file), file.nullability.of(closed.term, context).null)
    return closed.function(target, returned, [*(trees.doc(doc) if doc else []), *statements])


def sieve(
    file: Page,
    reader: Reader,
    target: str,
    term: terms.Quantifier,
    parameters: Mapping[str, Type],
    context: Context,
) -> Remembered | None:
    """For `any e in SET: one and another`, a function of the elements for which those of its tests that read very few
    facts are not false; None if there is none.

        any r in Column: r in item.columns and chart[destination, r]      # those marked for the destination
    """
    members = file.always_the_same(term.source)
    if term.kind != "any" or not members or len(members) < FEWEST or file.nullability.raises(term):
        return None
    inside = context.bind(term.variable, SURE)
    tests: list[tuple[int, frozenset[Path], Term]] = []
    for test in _operands(term.body):
        reads = reader.of(test, {parameter: (parameter,) for parameter in parameters})
        if not reads.day and free_locals(test) <= {*parameters, term.variable}:
            tests.append((len(reads.paths), reads.paths, test))
    chosen: list[Term] = []
    paths: frozenset[Path] = frozenset()
    for _, more, test in sorted(tests, key=lambda each: (each[0], sorted(each[1]))):
        if len(paths | more) <= MOST_SIEVED and _close(file, reader, test, parameters, inside, MOST_SIEVED, 0):
            paths |= more
            chosen.append(test)
    if not paths:
        return None
    closed = _close(file, reader, terms.And(tuple(chosen)), parameters, inside, MOST_SIEVED, 0)
    if closed is None:
        return None
    expressions = closed.expressions
    variable = expressions.variables[term.variable] = expressions.temporaries.claim(term.variable)
    try:
        test_of = expressions.truth(closed.term, inside)
        every = expressions.value(term.source, context)
    except NotExpressible:
        return None
    left = trees.compare(test_of, ast.IsNot(), trees.const(False)) if expressions.null(closed.term, inside) else test_of
    kept = ast.comprehension(ast.Name(variable, ast.Store()), call("sorted", every), [left], 0)
    found = call("tuple", ast.ListComp(name(variable), [kept]))
    element = annotation(term.source.type.element, file) if isinstance(term.source.type, SetType) else name("Any")
    returned = trees.subscript("tuple", trees.tuple_of((element, ast.Constant(...))))
    return closed.function(target, returned, [trees.returns(found)])


def _operands(term: Term) -> Iterator[Term]:
    while isinstance(term, terms.Line):
        term = term.condition
    if isinstance(term, terms.And):
        for operand in term.operands:
            yield from _operands(operand)
    else:
        yield term


@dataclass(frozen=True, slots=True)
class _Closed:
    """A term in which facts are parameters, and no record is left."""

    term: Term
    expressions: Expressions
    facts: tuple[Fact, ...]
    dated: bool
    signature: list[trees.Parameter]

    def function(self, target: str, returned: ast.expr, statements: list[ast.stmt]) -> Remembered | None:
        if any(isinstance(node, ast.Name) and node.id == _MISSING for each in statements for node in ast.walk(each)):
            return None  # a record is needed whole
        function = trees.function(target, self.signature, returned, statements)
        assert isinstance(function, ast.FunctionDef)
        function.decorator_list = [name("remembered")]
        return Remembered(target, function, self.facts, self.dated)


def _close(
    file: Page,
    reader: Reader,
    term: Term,
    parameters: Mapping[str, Type],
    context: Context,
    most: int,
    wide: int,
) -> _Closed | None:
    nullability = file.nullability
    if (
        not free_locals(term) <= parameters.keys() | context.locals.keys()
        or nullability.raises(term)
        or nullability.asks(term)
    ):
        return None
    reads = reader.of(term, {parameter: (parameter,) for parameter in parameters})
    if reads.others or reads.raises or len(reads.paths) + reads.day > most or not reads.paths:
        return None
    expressions = file.expressions(())
    facts = _facts(sorted(reads.paths), parameters, expressions, context)
    if facts is None or sum(is_wide(fact.type) for fact in facts) + reads.day > wide:
        return None
    whole = _without_records(term, nullability)
    if whole is None:
        return None
    expressions.variables.update(dict.fromkeys(parameters, _MISSING))
    for fact in facts:
        if isinstance(fact.term, terms.Local):
            expressions.variables[fact.term.name] = fact.parameter
        else:
            expressions.hoisted[key(fact.term)] = fact.parameter
    signature: list[trees.Parameter] = [
        (fact.parameter, optional(annotation(fact.type, file), nullability.of(fact.term, context).null), None)
        for fact in facts
    ]
    dated = nullability.dated(whole)
    if dated:
        signature.append(("day", name("date"), None))
    return _Closed(whole, expressions, tuple(facts), dated, signature)


_MISSING = "_whole_"
"""Stands in the text of a function for a record that it should not need."""


def _facts(
    paths: Sequence[Path], parameters: Mapping[str, Type], expressions: Expressions, context: Context
) -> list[Fact] | None:
    """The facts at paths that begin with a parameter; None if one is a record or lies below what may be unknown."""
    nullability, found = expressions.nullability, []
    for path in paths:
        type = parameters[path[0]]
        term: Term = terms.Local(path[0], type)
        for field in path[1:]:
            declared = type.field(field) if isinstance(type, RecordType) else None
            if declared is None or nullability.maybe(term, context):
                return None
            type = declared.type
            term = terms.Field(term, field, type)
        if not plain(type.element if isinstance(type, SetType) else type) or nullability.of(term, context).inner:
            return None
        found.append(Fact(term, type, expressions.temporaries.claim(path[-1])))
    return found


def is_wide(type: Type) -> bool:
    return not isinstance(type, BoolType | EnumType | PlaceType)


def _without_records(term: Term, nullability: NullabilityAnalysis) -> Term | None:
    """``term``, with the bodies of the definitions that it asks about records in place of these."""
    left = LARGEST

    def inlined(value: Term) -> Term | None:
        nonlocal left
        if not isinstance(value, terms.Call):
            return None
        define = nullability.program.defines[value.define]
        if not any(isinstance(type, RecordType) for _, type in define.parameters):
            return None
        if any(captures(define.body, argument) for argument in value.arguments):
            raise NotExpressible("a local of the same name")
        names = [parameter for parameter, _ in define.parameters]
        arguments = [rewritten(argument) for argument in value.arguments]
        left -= sum(1 for _ in _nodes(define.body))
        if left < 0:
            raise NotExpressible("a very long function")
        return rewritten(substitute(define.body, dict(zip(names, arguments, strict=True))))

    def rewritten(value: Term) -> Term:
        return rewrite(value, inlined)

    try:
        return rewritten(term)
    except NotExpressible:
        return None


def _nodes(term: Term) -> Iterator[Term]:
    yield term
    for child in children(term):
        yield from _nodes(child)


class Parts:
    """The functions of a file for parts of its conditions. What conditions have in common shares one."""

    def __init__(self, file: Page, reader: Reader) -> None:
        self.file = file
        self.reader = reader
        self.functions: list[ast.stmt] = []
        self._known: dict[object, tuple[Term, Remembered | None]] = {}

    def remember(self, expressions: Expressions, term: Term, types: Mapping[str, Type], context: Context) -> None:
        """Let expressions ask functions for the parts of ``term`` that are worth it, the largest of them.

        ``types``: those of the locals that have a name in Python.
        """
        nullability = self.file.nullability
        if nullability.costs(term) < WORTH:
            return
        found = self._function(term, types, context)
        if found is not None:
            expressions.calls[id(term)] = recalled(found, expressions, context)
            return
        if isinstance(term, terms.Quantifier):
            sure: Term = term
            while isinstance(sure, terms.Quantifier) and nullability.of(sure.source, context).inner:
                try:
                    expressions.quantifiers.spelled[id(sure)] = spelled = expressions.quantifiers.spell(sure, context)
                except NotExpressible:
                    return
                sure = spelled
            left = self._sieve(sure, types, context) if isinstance(sure, terms.Quantifier) else None
            if left is not None:
                expressions.quantifiers.sieves[id(sure)] = recalled(left, expressions, context)
                return
        if isinstance(term, BINDERS):
            self.remember(expressions, term.source, types, context)
            return  # the variable has no name yet
        for child in children(term):
            self.remember(expressions, child, types, context)

    def _function(self, term: Term, types: Mapping[str, Type], context: Context) -> Remembered | None:
        while isinstance(term, terms.Line):
            term = term.condition
        if isinstance(term, terms.Call) or not isinstance(term.type, BoolType):
            return None  # what a definition remembers it remembers itself
        mine = {local: types[local] for local in sorted(free_locals(term)) if local in types}
        known = self._key(term, mine, context)
        if known not in self._known:
            self._keep(known, term, remember(self.file, self.reader, self._target(), term, mine, context))
        return self._known[known][1]

    def _sieve(self, term: terms.Quantifier, types: Mapping[str, Type], context: Context) -> Remembered | None:
        mine = {local: types[local] for local in sorted(free_locals(term)) if local in types}
        known = ("sieve", *self._key(term, mine, context))
        if known not in self._known:
            self._keep(known, term, sieve(self.file, self.reader, self._target(), term, mine, context))
        return self._known[known][1]

    @staticmethod
    def _key(term: Term, mine: Mapping[str, Type], context: Context) -> tuple[object, ...]:
        """By identity: members of a family share what they have in common, and a term's hash takes long."""
        return id(term), *((local, context.locals.get(local)) for local in mine), context.assured

    def _target(self) -> str:
        target = f"_part_{len(self.functions) + 1}"
        while target in self.file.plan.aliases.values():
            target += "_"
        return target

    def _keep(self, known: object, term: Term, found: Remembered | None) -> None:
        self._known[known] = term, found
        if found is not None:
            self.functions.append(found.function)


def recalled(remembered: Remembered, expressions: Expressions, context: Context) -> ast.expr:
    """The call of a function with the facts, where its parameters are at hand."""
    values = [expressions.value(fact.term, context) for fact in remembered.facts]
    return call(remembered.target, *values, *([name("day")] if remembered.dated else []))


__all__ = ["WORTH", "WORTH_WIDE", "Fact", "Parts", "Remembered", "is_wide", "recalled", "remember", "sieve"]
