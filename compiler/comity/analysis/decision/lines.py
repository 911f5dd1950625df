"""Condition lines, and the inputs that reach them (L208).

A line of an `all:` block is reached where the lines above it are true, one of an `any:` or `none:` block where they are
false. A line below `any p in parties:` is reached by an element; what is asked then is whether an input has such an
element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from comity import terms
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.formulas import FALSE, TRUE, Exists, Formula, all_of
from comity.analysis.space.symbols import Choice, Items
from comity.analysis.translate.translate import Translator
from comity.base.source import Span
from comity.runtime.light import dataclass
from comity.runtime.types import BoolType
from comity.terms import Term


@dataclass(frozen=True, slots=True)
class Reached:
    """One line: where an input reaches it and it is true, false, unknown there."""

    span: Span
    true: Formula
    false: Formula
    unknown: Formula
    fatal: frozenset[Span] | None
    """Lines, this one among them, that make the whole condition false if all of them are; None if it takes more."""


Wrap = Callable[[Formula], Formula]


def lines(
    translator: Translator,
    term: Term,
    env: Mapping[str, Choice],
    reach: Formula = TRUE,
    wrap: Wrap = lambda f: f,
    fatal: frozenset[Span] | None = frozenset(),
) -> Iterator[Reached]:
    """The lines of a condition that are judged: not the headers of blocks.

    ``fatal``: the other lines that must be false too for a false term to make the whole condition false.
    """
    match term:
        case terms.Line(condition=condition):
            if has_lines(condition):
                yield from lines(translator, condition, env, reach, wrap, fatal)
            else:
                truth = translator.truth(term, env)
                true, false, unknown = (
                    wrap(all_of((reach, part))) for part in (truth.true, truth.false, truth.unknown)
                )
                yield Reached(term.span, true, false, unknown, None if fatal is None else fatal | {term.span})
        case terms.And(operands=operands):
            for operand in operands:
                yield from lines(translator, operand, env, reach, wrap, fatal)
                reach = all_of((reach, translator.truth(operand, env).true))
        case terms.Or(operands=operands):
            simple = all(isinstance(operand, terms.Line) and not has_lines(operand.condition) for operand in operands)
            together = None if fatal is None or not simple else fatal | {operand.span for operand in operands}
            for operand in operands:
                yield from lines(translator, operand, env, reach, wrap, together)
                reach = all_of((reach, translator.truth(operand, env).false))
        case terms.Not(operand=operand):
            yield from lines(translator, operand, env, reach, wrap, None)
        case terms.Quantifier(variable=variable, source=source, body=body) if has_lines(body):
            within = fatal if term.kind == "any" else None
            for guard, symbol in translator.value(source, env).arms:
                if isinstance(symbol, Items):
                    inside = all_of((reach, guard))
                    yield from _elements(translator, symbol, variable, body, env, inside, wrap, within)
        case _:
            pass


def _elements(
    translator: Translator,
    items: Items,
    variable: str,
    body: Term,
    env: Mapping[str, Choice],
    reach: Formula,
    wrap: Wrap,
    fatal: frozenset[Span] | None,
) -> Iterator[Reached]:
    """The lines below a quantifier, for each element or for one that stands for all."""
    for part in items.parts:
        if not isinstance(part.elements, Collection):
            for each in part.elements:
                inside = all_of((reach, part.sure.true, *(test(each).true for test in part.tests)))
                yield from lines(translator, body, {**env, variable: each}, inside, wrap, fatal)
            continue
        collection = part.elements
        with translator.sets.element(collection) as (bound, element):

            def some(formula: Formula, bound: Variable = bound, collection: Collection = collection) -> Formula:
                return wrap(FALSE if formula is FALSE else Exists(collection, bound, formula))

            inside = all_of((reach, part.sure.true, *(test(element).true for test in part.tests)))
            yield from lines(translator, body, {**env, variable: element}, inside, some, fatal)


def in_lines(term: Term) -> Term:
    """A condition that is not a block as one line, like that of a rule. A constant is what it is on purpose."""
    if isinstance(term.type, BoolType) and not isinstance(term, terms.Const | terms.Cases) and not has_lines(term):
        return terms.Line(term, span=term.span)
    return term


def reads_elsewhere(term: Term) -> bool:
    """The term reads tables, definitions or decisions."""
    elsewhere = terms.Call | terms.Lookup | terms.OutcomeOf | terms.RuleHolds
    return isinstance(term, elsewhere) or any(map(reads_elsewhere, terms.children(term)))


def has_lines(term: Term) -> bool:
    """There are lines in it: it is a block, or the header of one."""
    match term:
        case terms.Line():
            return True
        case terms.And(operands=operands) | terms.Or(operands=operands):
            return any(map(has_lines, operands))
        case terms.Not(operand=inner) | terms.Quantifier(body=inner):
            return has_lines(inner)
        case _:
            return False
