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

from comity import terms
from comity.backends.python import trees
from comity.backends.python.literals import NotExpressible
from comity.backends.python.nullability import SURE, Context
from comity.backends.python.plan import qname
from comity.backends.python.readers import ReadersFile, local
from comity.backends.python.settle import Settling, parts
from comity.backends.python.trees import NONE, name
from comity.core.ast import Decision
from comity.core.interpret import ruleset
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import RecordType
from comity.terms import THIS, Term

_DOC = "The outcome for facts in a dict; None leaves it to the slower way."


def add_shortcut(readers: ReadersFile, decision: Decision) -> str | None:
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
    facts: dict[Term, str] = {
        term: local(readers.attribute(record, term.name)) for each in asked for term in _facts(each)
    }
    attributes = [local(readers.attribute(record, field.name)) for field in record.fields]
    taken = (*readers.names.taken, *attributes, "day", THIS)
    settling = Settling(readers, emission, decision, ruleset(decision), taken, facts)
    try:
        reading = readers.reading(record)
        inner = settling.body()
        kept = [settling.expressions.value(line, Context({THIS: SURE})) for line in lines]
    except NotExpressible:
        return None
    body = _dated(readers, record)
    for line, value in zip(lines, kept, strict=True):
        null = nullability.of(line, Context({THIS: SURE})).null
        broken = trees.is_false(value) if null else trees.negation(value)
        body.append(ast.If(broken, [trees.returns(NONE)], []))
    body += inner
    used = {node.id for each in body for node in ast.walk(each) if isinstance(node, ast.Name)}
    if THIS in used:
        return None
    if "defaults" in {node.id for each in reading for node in ast.walk(each) if isinstance(node, ast.Name)}:
        reading.insert(0, trees.assign("defaults", ast.List([], ast.Load()), trees.subscript("list", name("str"))))
    handler = ast.ExceptHandler(name("UNUSUAL"), None, [trees.returns(NONE)])
    function = readers.names.claim(f"settle_{decision.name}")
    statements = [*trees.doc(_DOC), ast.Try(reading, [handler], [], []), *body]
    readers.statements.append(trees.function(function, [("given", name("Any"), None)], name("Any"), statements))
    return function


def _dated(readers: ReadersFile, record: RecordType) -> list[ast.stmt]:
    """The day of the facts, without which there is no short way."""
    if record.as_of is None:
        return []
    day, field = local(readers.attribute(record, record.as_of)), record.field(record.as_of)
    body: list[ast.stmt] = [trees.assign("day", name(day))]
    if field is None or field.optional:
        body.append(ast.If(trees.is_none(name("day")), [trees.returns(NONE)], []))
    return body


def _facts(term: Term) -> list[terms.Field]:
    """The fields of the record decided about that ``term`` reads."""
    return [
        part
        for part in parts(term)
        if isinstance(part, terms.Field) and isinstance(part.base, terms.Local) and part.base.name == THIS
    ]


__all__ = ["add_shortcut"]
