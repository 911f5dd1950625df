"""`always.py` of a package: whether facts keep what is always so, by record.

The line `always value >= 0 USD` of a record `Export` becomes

    def export(this: records.Export, day: date) -> bool:
        return 0 <= this.value

Facts that do not keep a line, or of which that is not known, are looked at by the reference semantics.
"""

from __future__ import annotations

import ast

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.literals import NotExpressible
from comity.backends.python.module import DAY, FINDINGS, Emission, File
from comity.backends.python.nullability import SURE, Context, Nullability
from comity.backends.python.plan import ALWAYS, qname
from comity.backends.python.trees import attribute, call, const, name
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type
from comity.terms import THIS


class AlwaysFile(File):
    """The file in the making."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, ALWAYS)

    def emit(self) -> str:
        statements = [self._always(self.plan.record_types[record]) for record in self.plan.always]
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        title = trees.doc("Whether facts keep what is always so, by record.")
        return self.source(
            [*title, *header(self.plan, self.module, [*constants, *statements]), *constants, *statements]
        )

    def _always(self, record: RecordType) -> ast.stmt:
        """Whether facts keep what is always so, in their parts too; unknown keeps it."""
        context = Context({THIS: SURE})
        tests: list[ast.expr] = []
        lines = self.emission.program.always.get(qname(record), ())
        try:
            for line in lines:
                value = self.expressions([(THIS, THIS)]).value(line.condition, context)
                null = self.nullability.of(line.condition, context).null
                tests.append(trees.compare(value, ast.IsNot(), const(False)) if null else value)
        except NotExpressible:
            given = map(name, self.emission.always_parameters[1:])
            tests = [call("keeps", const(qname(record)), self.plainly(name(THIS), record), *given)]
        for field in record.fields:
            fact = attribute(name(THIS), self.attribute(record, field.name))
            tests += self._keeps(fact, field.type, self.nullability.field(record, field.name))
        return trees.function(
            self.plan.always[qname(record)].name,
            [(THIS, self.record(record), None), DAY, *([FINDINGS] if self.emission.always_ask else [])],
            name("bool"),
            [*trees.doc("Whether the facts keep every `always` line."), trees.returns(trees.both(tests))],
        )

    def _keeps(self, fact: ast.expr, type: Type, doubt: Nullability) -> list[ast.expr]:
        if not self.plan.program.has_always(type):
            return []
        match type:
            case RecordType():
                given = map(name, self.emission.always_parameters[1:])
                test = call(self.at(self.plan.always[qname(type)]), fact, *given)
            case ListType(element=element):
                (inner,) = self._keeps(name("_each"), element, SURE)
                each = ast.comprehension(ast.Name("_each", ast.Store()), fact, [], 0)
                test = call("all", ast.GeneratorExp(inner, [each]))
            case SetType(element=element):
                (inner,) = self._keeps(name("_each"), element, SURE)
                each = ast.comprehension(
                    ast.Tuple([ast.Name("_each", ast.Store()), ast.Name("_", ast.Store())], ast.Store()),
                    call("elements", fact), [], 0,
                )  # fmt: skip
                test = call("all", ast.GeneratorExp(inner, [each]))
            case PerPartyType(element=element):
                (inner,) = self._keeps(name("_each"), element, SURE)
                each = ast.comprehension(ast.Name("_each", ast.Store()), call(attribute(fact, "values")), [], 0)
                test = call("all", ast.GeneratorExp(inner, [each]))
            case AbsentType(element=element):
                (inner,) = self._keeps(fact, element, SURE)
                test = trees.either([trees.compare(fact, ast.Is(), name("ABSENT")), inner])
            case _:
                return []
        return [trees.either([trees.is_none(fact), test]) if doubt.null else test]
