"""From a dict straight to the outcome, without a record: a function in `_readers.py` for each small decision.

    def settle_licensing(given):
        try:
            if given.__class__ is not dict or len(given) != 13:
                return None
            date_ = DATE_VALUES[given['date']]
            …
        except UNUSUAL:
            return None
        if destination_ in EMBARGOED and not deemed_:
            return 'prohibited'
        …

Every fact is checked as it is read. None leaves the input to the decoder, which also says what is wrong with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TypeAlias

from comity import terms
from comity.backends.python import trees
from comity.backends.python.branches import OUTSIDE, Branches, facts_of
from comity.backends.python.folded import Folded
from comity.backends.python.literals import NotExpressible
from comity.backends.python.names import Names
from comity.backends.python.plan import qname
from comity.backends.python.readers import ReadersFile, local
from comity.backends.python.settle import Settling
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import NONE, const, name
from comity.backends.python.writing import Writing
from comity.core.ast import Decision
from comity.core.interpret import ruleset
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import RecordType
from comity.terms import THIS, Term

_DOC = "The outcome for facts in a dict; None leaves it to the slower way."


def add_shortcut(readers: ReadersFile, decision: Decision, branches: Branches) -> str | None:
    """Put the function of a decision into the file of the readers, and give its name; None where there is none.

    There is none where a condition needs the whole record (a definition with a function of its own), may raise, or
    where parts of the facts have `always` lines.
    """
    emission, nullability, record = readers.emission, readers.nullability, decision.record
    lines = [line.condition for line in emission.program.always.get(qname(record), ())]
    asked = [rule.condition for rule in decision.rules] + lines
    if (
        qname(record) not in emission.readers
        or record.field(FINDINGS) is not None
        or any(map(emission.plan.program.has_always, (field.type for field in record.fields)))
        or any(map(nullability.raises, asked))
        or (record.as_of is None and any(map(nullability.dated, asked)))
    ):
        return None
    attributes = [local(readers.attribute(record, field.name)) for field in record.fields]
    taken = (*readers.names.taken, *attributes, "day", THIS)
    started = len(readers.statements)
    way = _by_tests(readers, decision, branches, lines, taken) or _written_out(readers, decision, lines, taken)
    if way is None:
        return None
    function = readers.names.claim(f"settle_{decision.name}")
    reading, inner, kept, folded = way
    body: list[ast.stmt] = []
    for line, value in zip(lines, kept, strict=True):
        null = nullability.of(line, OUTSIDE).null
        broken = trees.is_false(value) if null else trees.negation(value)
        body.append(ast.If(broken, [trees.returns(NONE)], []))
    body += inner
    used = {node.id for each in body for node in ast.walk(each) if isinstance(node, ast.Name)}
    if THIS in used:
        del readers.statements[started:]
        return None
    if "day" in used:
        body = [*_dated(readers, record), *body]
    if "defaults" in {node.id for each in reading for node in ast.walk(each) if isinstance(node, ast.Name)}:
        reading.insert(0, trees.assign("defaults", ast.List([], ast.Load()), trees.subscript("list", name("str"))))
    refilled = [] if folded is None else folded.refilled(function)
    handler = ast.ExceptHandler(name("UNUSUAL"), None, [*refilled, trees.returns(NONE)])
    statements = [*trees.doc(_DOC), ast.Try(reading, [handler], [], []), *body]
    readers.statements.append(trees.function(function, [("given", name("Any"), None)], name("Any"), statements))
    return function


_Way: TypeAlias = tuple[list[ast.stmt], list[ast.stmt], list[ast.expr], Folded | None]
"""Statements that read the facts, and those that come to the outcome; whether each `always` line is kept; the rows."""


def _by_tests(
    readers: ReadersFile, decision: Decision, branches: Branches, lines: list[Term], taken: Iterable[str]
) -> _Way | None:
    """By a tree of tests, whose truth is looked up with the facts; None where there is no tree."""
    tree = branches.tree
    if tree is None:
        return None
    names = Names(taken)
    folded = Folded(readers, decision, tree, names)
    expressions = Expressions(readers, names)
    expressions.variables[THIS] = THIS
    started = len(readers.statements)
    try:
        folded.write({fact for line in lines for fact in facts_of(line)})
        expressions.shared.update(folded.names)
        reading = readers.reading(decision.record, folded.rows)
        inner = Writing(expressions, readers.nullability, const, naming=False).write(tree)
        kept = [expressions.value(line, OUTSIDE) for line in lines]
    except NotExpressible:
        del readers.statements[started:]
        return None
    return reading, inner, kept, folded


def _written_out(readers: ReadersFile, decision: Decision, lines: list[Term], taken: Iterable[str]) -> _Way | None:
    """Rule by rule; None where that cannot be said."""
    asked = [rule.condition for rule in decision.rules] + lines
    facts: dict[Term, str] = {
        term: local(readers.attribute(decision.record, term.name))
        for each in asked
        for term in facts_of(each)
        if isinstance(term, terms.Field)
    }
    settling = Settling(readers, readers.emission, decision, ruleset(decision), taken, facts)
    try:
        reading = readers.reading(decision.record)
        inner = settling.body()
        kept = [settling.expressions.value(line, OUTSIDE) for line in lines]
    except NotExpressible:
        return None
    return reading, inner, kept, None


def _dated(readers: ReadersFile, record: RecordType) -> list[ast.stmt]:
    """The day of the facts, without which there is no short way."""
    if record.as_of is None:
        return []
    day, field = local(readers.attribute(record, record.as_of)), record.field(record.as_of)
    body: list[ast.stmt] = [trees.assign("day", name(day))]
    if field is None or field.optional:
        body.append(ast.If(trees.is_none(name("day")), [trees.returns(NONE)], []))
    return body


__all__ = ["add_shortcut"]
