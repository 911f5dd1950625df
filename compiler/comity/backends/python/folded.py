"""What conditions say of facts, worked out once for each of their values: the look-up of a fact is its check too.

    def destination_row_of_licensing(destination_, reason_):
        return destination_ in PARTNERS, destination_ in EMBARGOED, CHART[destination_, reason_]

    DESTINATION_ROWS_OF_LICENSING: dict[str, Any] = {}       # by destination, then by reason

A function that decides about a dict then reads
`partners, embargoed, chart = DESTINATION_ROWS_OF_LICENSING[given['destination']][given['reason']]`, and its tree of
tests asks names: `if partners:`. Facts with few values share one table, whose rows are filled in when one is first
missed; a fact with very many values has `Rows` of its own, which are made as values are met.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from comity import terms
from comity.backends.python import trees
from comity.backends.python.branches import OUTSIDE, Node, Test, Tree
from comity.backends.python.names import Names, hint
from comity.backends.python.plan import qname
from comity.backends.python.readers import ReadersFile, Row, local
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import call, name
from comity.core.ast import Decision
from comity.runtime.types import DATE, BoolType, EnumType, Field
from comity.terms import THIS, Term

MOST_INNER = 16
"""The most values of a fact whose rows are told apart below those of another fact."""

MOST_ROWS = 5_000
"""The most rows of a table of several facts. Those that say the same are one object."""


@dataclass(slots=True)
class _Table:
    """Rows in the making, by one fact or by several one below the other; and the tests that read no other fact."""

    facts: list[tuple[Field, Term]]
    tests: list[Test] = field(default_factory=list)


class Folded:
    """The rows of a decision's facts. ``rows``: by field, how it is read. ``names``: of the tests and facts that have
    one then.
    """

    def __init__(self, readers: ReadersFile, decision: Decision, tree: Tree, taken: Names) -> None:
        """``taken``: hands out the locals of the function."""
        self.readers = readers
        self.record = decision.record
        self.taken = taken
        self.title = decision.name
        self.rows: dict[str, Row] = {}
        self.names: dict[Term, str] = {}
        self._valued: set[Term] = set()
        """Facts whose value is needed, since something else than rows asks for it."""
        self._filling: list[tuple[str, ast.stmt]] = []
        """The tables of facts with few values, and what fills each."""
        self._tables = self._grouped(_tests(tree))
        for test in _tests(tree):
            self._place(test)

    def _grouped(self, tests: Sequence[Test]) -> list[_Table]:
        """A table for each fact, but one for all facts with few values, as far as it is not too long."""
        asked = {fact for test in tests for fact in test.facts}
        all_facts: list[tuple[Field, Term]] = [
            (each, terms.Field(terms.Local(THIS, self.record), each.name, each.type)) for each in self.record.fields
        ]
        few = [(each, fact) for each, fact in all_facts if fact in asked and _count(each) and _is_folded(each)]
        times = Counter(
            fact for test in tests for fact in test.facts for _ in test.facts
        )  # twice if asked with another
        few.sort(key=lambda pair: (_count(pair[0]) <= MOST_INNER, -times[pair[1]]))
        shared: list[tuple[Field, Term]] = []
        rows = 1
        for each, fact in few:
            if not shared or (_count(each) <= MOST_INNER and rows * _count(each) <= MOST_ROWS):
                shared.append((each, fact))
                rows *= _count(each)
        others = [_Table([pair]) for pair in all_facts if pair not in shared and _is_folded(pair[0])]
        return [*([_Table(shared)] if shared else []), *others]

    def _place(self, test: Test) -> None:
        """Put a test into the table that has all its facts, if there is one."""
        facts = set(test.facts)
        if test.only_day and self.record.as_of is not None:
            facts = {terms.Field(terms.Local(THIS, self.record), self.record.as_of, DATE)}
        elif test.whole:
            facts = set()
        for table in self._tables:
            if facts and facts <= {fact for _, fact in table.facts}:
                table.tests.append(test)
                return
        self._valued.update(test.facts)

    def write(self, needed: set[Term]) -> None:
        """Make the rows. ``needed``: facts whose values are asked for elsewhere; raises NotExpressible."""
        self._valued |= needed
        for declared in self.record.fields:
            fact = terms.Field(terms.Local(THIS, self.record), declared.name, declared.type)
            self.names[fact] = local(self.readers.attribute(self.record, declared.name))
        for table in self._tables:
            if table.tests:
                self._write(table)

    def _write(self, table: _Table) -> None:
        readers = self.readers
        parameters = [self.names[fact] for _, fact in table.facts]
        expressions = Expressions(readers, Names((*readers.names.taken, *parameters, "day")))
        expressions.shared.update(zip([fact for _, fact in table.facts], parameters, strict=True))
        targets = [self.names[fact] for _, fact in table.facts if fact in self._valued]
        values = [name(target) for target in targets]
        for test in table.tests:
            values.append(expressions.truth(test.term, OUTSIDE))
            targets.append(self.taken.claim(hint(test.term)))
            self.names[test.term] = targets[-1]
        first, _ = table.facts[0]
        function = readers.names.claim(f"{first.name}_row_of_{self.title}")
        rows = readers.names.claim(f"{first.name}_rows_of_{self.title}".upper())
        body: list[ast.stmt] = [trees.returns(values[0] if len(values) == 1 else trees.tuple_of(values))]
        if "day" in {node.id for value in values for node in ast.walk(value) if isinstance(node, ast.Name)}:
            body.insert(0, trees.assign("day", name(parameters[0])))
        given: list[trees.Parameter] = [(parameter, name("Any"), None) for parameter in parameters]
        readers.statements.append(trees.function(function, given, name("Any"), body))
        if isinstance(first.type, EnumType):
            kept = trees.subscript("dict", trees.tuple_of((name("str"), name("Any"))))
            readers.statements.append(trees.assign(rows, trees.dict_of(()), kept))
            members = [self._members(each) for each, _ in table.facts]
            every = call("rows_by", name(function), *members)
            self._filling.append((rows, ast.Expr(call(f"{rows}.update", every))))
        else:
            made = call("Rows", name(readers.memo(first.type)), name(function))
            readers.statements.append(trees.assign(rows, made))
        names = tuple(each.name for each, _ in table.facts)
        self.rows |= dict.fromkeys(names, Row(rows, names, tuple(targets)))

    def _members(self, declared: Field) -> ast.expr:
        assert isinstance(declared.type, EnumType)
        return self.readers.in_records(self.readers.plan.members[qname(declared.type)])

    def refilled(self, function: str) -> list[ast.stmt]:
        """Statements for a value without a row: they fill the tables, if these are empty yet, and ask again.

        Tables are not filled when the module is loaded, for their rows ask modules that may be loading still.
        """
        if not self._filling:
            return []
        fill = self.readers.names.claim(f"fill_rows_of_{self.title}")
        body = [statement for _, statement in self._filling]
        self.readers.statements.append(trees.function(fill, [], trees.NONE, body))
        again = [ast.Expr(call(fill)), trees.returns(call(function, name("given")))]
        return [ast.If(trees.negation(name(self._filling[-1][0])), again, [])]


def _tests(tree: Tree) -> Sequence[Test]:
    """The tests of a tree, in the order in which they first come."""
    found: dict[int, Test] = {}

    def visit(tree: Tree) -> None:
        if isinstance(tree, Node):
            found.setdefault(id(tree.test), tree.test)
            for each in (tree.then, tree.otherwise, tree.unknown):
                visit(each)

    visit(tree)
    return list(found.values())


def _is_folded(declared: Field) -> bool:
    """Whether a fact has rows: it is there, and has no parts; a truth value says all there is to say by itself."""
    usual = not (declared.optional or declared.has_default)
    return usual and ReadersFile.is_plain(declared.type) and not isinstance(declared.type, BoolType)


def _count(declared: Field) -> int:
    return len(declared.type.members) if isinstance(declared.type, EnumType) else 0


__all__ = ["Folded"]
