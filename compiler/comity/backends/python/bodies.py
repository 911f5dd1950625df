"""The body of a function that gives a term's value: names first for what is read often, then line by line.

Inside an expression a doubtful `and` has to name its operands on the way; at the top of a function it is said in lines:

    destination = this.destination
    if not day >= _2022_09_15:
        return False
    russian = None if destination is None else destination == "RU"
    if russian is False:
        return False
    …
    return russian and listed
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container, Iterator, Sequence

from comity import terms
from comity.backends.python import trees
from comity.backends.python.nullability import Context, free_locals, key, when_false, when_true
from comity.backends.python.substitution import is_path
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import NONE, const, name
from comity.core.walk import children
from comity.terms import Term


def body(expressions: Expressions, term: Term, context: Context) -> list[ast.stmt]:
    """Statements that return the value of ``term``; raises NotExpressible. Its locals have their names already."""
    parameters = frozenset(expressions.variables)
    statements: list[ast.stmt] = []
    for shared in _shared(expressions, term, context, parameters):
        value = expressions.value(shared, context)
        expressions.hoisted[key(shared)] = variable = expressions.temporary(shared)
        statements.append(trees.assign(variable, value))
    return [*statements, *_returning(expressions, term, context)]


def _shared(expressions: Expressions, term: Term, context: Context, parameters: frozenset[str]) -> list[Term]:
    """What is better read once, before anything else.

    Look-ups and definitions asked more than once, and facts that may be unknown, because they are looked at twice:
    are they known, and what are they.
    """
    times: Counter[str] = Counter()
    found: dict[str, Term] = {}
    for part in _parts(term, expressions.calls):
        if isinstance(part, _READINGS) and (read := key(part)) is not None and free_locals(part) <= parameters:
            times[read] += 1
            found.setdefault(read, part)
    nullability = expressions.nullability
    shared = []
    for read, part in found.items():
        if read in expressions.hoisted:
            continue
        match part:
            case terms.Field(base=base) if is_path(part):
                wanted = nullability.of(part, context).null and not nullability.of(base, context).null
            case terms.Call(define=define) if define in nullability.remembered:
                wanted = False  # asking again costs little, and what comes before may decide
            case terms.Lookup() | terms.Call() | terms.OutcomeOf() | terms.RuleHolds():
                wanted = times[read] > 1 and not nullability.raises(part) and not nullability.of(part, context).inner
            case _:
                wanted = False
        if wanted:
            shared.append(part)
    return shared


_READINGS = (terms.Field, terms.Lookup, terms.Call, terms.OutcomeOf, terms.RuleHolds)


def _parts(term: Term, whole: Container[int]) -> Iterator[Term]:
    """``term`` and everything below it, parts before wholes; nothing of what is ``whole``."""
    if id(term) in whole:
        return
    for child in children(term):
        yield from _parts(child, whole)
    yield term


def _returning(expressions: Expressions, term: Term, context: Context) -> list[ast.stmt]:
    if id(term) in expressions.calls:
        return [trees.returns(expressions.value(term, context))]
    match term:
        case terms.Line(condition=condition):
            return _returning(expressions, condition, context)
        case terms.And(operands=operands) | terms.Or(operands=operands):
            deciding = isinstance(term, terms.Or)
            placed = expressions.connectives.placed(operands, context, deciding)
            if len(placed) == 1:
                return _returning(expressions, placed[0][0], placed[0][1])
            loops = any(isinstance(_inside(expressions, operand), terms.Quantifier) for operand, _, _ in placed)
            if loops or sum(doubt for _, _, doubt in placed) > 1:
                return _one_by_one(expressions, placed, deciding)
        case terms.Cases(cases=cases) if expressions.unchecked(term, context):
            return _cases(expressions, cases, context)
        case terms.Quantifier():
            result, loop = _loop(expressions, term, context, returns=True)
            if loop:
                return [*loop, trees.returns(name(result))]
        case _:
            pass
    return [trees.returns(expressions.value(term, context))]


def _inside(expressions: Expressions, term: Term) -> Term | None:
    """A term without its lines; None if it has a name, or a function, already."""
    while isinstance(term, terms.Line) and id(term) not in expressions.calls:
        term = term.condition
    named = id(term) in expressions.calls or term in expressions.shared or key(term) in expressions.hoisted
    return None if named else term


def _loop(
    expressions: Expressions, term: terms.Quantifier, context: Context, returns: bool
) -> tuple[str, list[ast.stmt]]:
    """A local that is the answer of a quantifier after these statements; none if it is better said as an expression.

    ``returns``: where one element is enough for the answer, it is returned.
    """
    result, enough = expressions.temporary(term), const(term.kind == "any")
    decided = [trees.returns(enough)] if returns else [trees.assign(result, enough), ast.Break()]
    return result, expressions.quantifiers.loop(term, context, decided, result)


def _one_by_one(
    expressions: Expressions, placed: Sequence[tuple[Term, Context, bool]], deciding: bool
) -> list[ast.stmt]:
    """A connective, operand after operand, each ready to end it."""
    statements: list[ast.stmt] = []
    done: list[ast.stmt] = [trees.returns(const(deciding))]
    certain: list[ast.expr] = []
    names: list[ast.expr] = []

    def end_on_certain() -> None:
        if certain:
            test = trees.either(certain) if deciding else trees.negation(trees.both(certain))
            statements.append(ast.If(test, done, []))
            certain.clear()

    for operand, inner, doubtful in placed:
        quantifier = _inside(expressions, operand)
        if isinstance(quantifier, terms.Quantifier):
            ends = (quantifier.kind == "any") is deciding
            variable, loop = _loop(expressions, quantifier, inner, returns=ends)
            if loop:
                end_on_certain()
                statements += loop
                if doubtful:
                    names.append(name(variable))
                if not ends:
                    over = name(variable) if deciding else trees.is_false(name(variable))
                    statements.append(ast.If(over, done, []))
                continue
        value = expressions.truth(operand, inner)
        if not doubtful:
            certain.append(value)
            continue
        end_on_certain()
        if not isinstance(value, ast.Name):
            statements.append(trees.assign(expressions.temporary(operand), value))
            value = name(expressions.last)
        names.append(value)
        statements.append(ast.If(value if deciding else trees.is_false(value), done, []))
    end_on_certain()
    if deciding:
        result = trees.choose(trees.either([trees.is_none(each) for each in names]), NONE, const(False))
    else:
        result = trees.both(names)
    return [*statements, trees.returns(result)]


def _cases(expressions: Expressions, cases: Sequence[terms.Case], context: Context) -> list[ast.stmt]:
    """Cases in their order, of which the first that holds gives the value."""
    statements: list[ast.stmt] = []
    for case in cases:
        if case.condition is None:
            statements += _returning(expressions, case.value, context)
            break
        test = expressions.truth(case.condition, context)
        inside = context
        if expressions.null(case.condition, context):
            if not isinstance(test, ast.Name):
                statements.append(trees.assign(expressions.temporary(case.condition), test))
                test = name(expressions.last)
            statements.append(ast.If(trees.is_none(test), [trees.returns(NONE)], []))
        else:
            inside = context.knowing(when_true(case.condition))
            context = context.knowing(when_false(case.condition))
        statements.append(ast.If(test, _returning(expressions, case.value, inside), []))
    return statements
