"""`definitions.py` of a package: every public definition as a predicate that users may ask.

`define risky for Export: …` becomes a function of an export that raises where the answer is unknown:

    def risky(export: records.Export | Mapping[str, object], *, as_of: date | str | None=None) -> bool: ...
"""

from __future__ import annotations

import ast

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.literals import annotation
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.names import Names
from comity.backends.python.records import exact_test
from comity.backends.python.trees import NONE, attribute, call, const, name
from comity.backends.python.types import type_tree
from comity.core.ast import Define
from comity.runtime.types import RecordType

_WORDS = ("records", "schema", "Mapping", "date", "Definition", "interpreter", "parameters", "as_of", "known")

_TITLE = """The definitions of the policy, as predicates and values.

Each raises Undetermined rather than guess, and ContradictionError or GapError where its cases give no value.
"""


class Definitions(File):
    """The file in the making."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, "definitions")

    def emit(self) -> str:
        statements: list[ast.stmt] = []
        asked: list[ast.stmt] = []
        for qualified, shown in self.plan.public.items():
            define = self.emission.program.defines[qualified]
            private = f"_{shown}"
            fields = [trees.tuple_of((const(n), type_tree(type, self))) for n, type in define.parameters]
            build = call(
                "Definition",
                const(qualified),
                trees.dotted("records.facts"),
                call("parameters", *fields),
                name("interpreter"),
            )
            asked.append(trees.assign(private, build))
            statements.append(self._function(qualified, shown, private, define))
        title = docstring(_TITLE, (), indent=0)
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        every = [*constants, *asked, *statements]
        imports = header(self.plan, self.module, every)
        # Last come the files of the policy: they may lead to decisions, which want every definition to be here.
        late = [each for each in imports if isinstance(each, ast.ImportFrom) and self._of_policy(each)]
        return trees.source([*title, *(each for each in imports if each not in late), *every, *late])

    def _of_policy(self, node: ast.ImportFrom) -> bool:
        return any(alias.asname in self.plan.aliases.values() for alias in node.names)

    def _function(self, qualified: str, shown: str, private: str, define: Define) -> ast.stmt:
        names = Names(_WORDS)
        record = define.record
        given: list[trees.Parameter] = []
        tests: list[ast.expr] = []
        values: list[ast.expr] = []
        keywords: dict[str, ast.expr] = {}
        mapping = trees.subscript("Mapping", trees.tuple_of((name("str"), name("object"))))
        for local, type in define.parameters:
            python = names.claim(type.name.lower() if record is not None and isinstance(type, RecordType) else local)
            kept = annotation(type, self)
            given.append((python, trees.union(kept, mapping) if isinstance(type, RecordType) else kept, None))
            tests.append(exact_test(name(python), type, self))
            values.append(name(python))
            keywords[local] = name(python)
        body: list[ast.stmt] = docstring(define.doc or f"`{define.name}` of the policy.", define.cites)
        if qualified not in self.emission.unspeakable:
            day: ast.expr = name("as_of")
            if record is not None and record.as_of is not None:
                tests.append(trees.is_none(name("as_of")))
                day = attribute(name(given[0][0]), self.attribute(record, record.as_of))
                field = record.field(record.as_of)
                if field is None or field.optional:
                    tests.append(trees.is_not_none(day))
            elif self.nullability.dated_in(qualified, define.body):
                tests.append(call("isinstance", day, name("date")))
            if self.nullability.dated_in(qualified, define.body):
                values.append(day)
            if self.nullability.asks_in(qualified):
                values.append(trees.dict_of(()))
            quick: list[ast.stmt] = [
                trees.assign("known", call(self.define(qualified), *values)),
                ast.If(trees.is_not_none(name("known")), [trees.returns(name("known"))], []),
            ]
            if not self.nullability.result(qualified).null:
                quick = [trees.returns(call(self.define(qualified), *values))]
            body.append(ast.If(trees.both(tests), quick, []))
        asked = ast.Call(
            attribute(name(private), "value"),
            [name("as_of"), trees.dict_of((const(local), value) for local, value in keywords.items())],
            [],
        )
        result = trees.assign("value", asked, annotation(define.result, self))
        body += [result, trees.returns(name("value"))]
        return trees.function(
            shown,
            given,
            annotation(define.result, self),
            body,
            keyword_only=[("as_of", trees.union(name("date"), name("str"), NONE), NONE)],
        )
