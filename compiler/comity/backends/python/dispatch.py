"""The axes of a plan as data of a package, and the function that looks facts up in them.

Example: the axis of `destination`, with rules 0 and 1 about RU and rule 2 about DE, is a dict
`{'RU': (0, 1), 'DE': (2,)}` in the file of the decision; the function looks each fact up in its axis,
and gives the rules that all of them leave.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from comity import terms
from comity.backends.python import trees
from comity.backends.python.blocks import Located
from comity.backends.python.bodies import body
from comity.backends.python.literals import NotExpressible, optional
from comity.backends.python.module import DAY, FINDINGS, Emission, File
from comity.backends.python.names import Names
from comity.backends.python.nullability import SURE, Context
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import call, const, name
from comity.core.ast import Decision, Rule
from comity.plan.ast import Axis, DecisionPlan
from comity.terms import THIS

_CLASSES = {"members": "Axis", "codes": "CodeAxis", "steps": "StepAxis", "sets": "SetAxis"}


LONG = 200
"""Data of more items than these are kept as JSON."""

RARE = 7
"""A fact that at most one of so many rules reads is looked up only where one of them is left."""


class Dispatch:
    """What a decision's file has of a plan. ``statements`` are those of the module, ``body`` those of `_holding`."""

    def __init__(self, file: File, emission: Emission, decision: Decision, plan: DecisionPlan, public: Names) -> None:
        self.file = file
        self.emission = emission
        self.decision = decision
        self.size = len(decision.rules)
        self.statements: list[ast.stmt] = []
        self.body: list[ast.stmt] = []
        self.located: list[Located] = []
        """The axes, as the file has them."""
        expressions = Expressions(file, Names((*public.taken, "possible", "doubtful", "here", "unsure")))
        expressions.variables[THIS] = THIS
        self.coded = {rule.number: rule.rest for rule in plan.rules if rule.coded}
        self.parts = file.parts
        rows: list[tuple[Axis, ast.expr]] = []
        for axis in plan.axes:
            try:
                value = name("day") if axis.fact is None else expressions.value(axis.fact, Context({THIS: SURE}))
            except NotExpressible:
                self.coded |= dict.fromkeys(axis.asked, ())
                continue
            self.located.append(Located(self._axis(axis, public), value, axis))
            rows.append((axis, trees.subscript(self.located[-1].target, value)))
        # What most rules read comes first: it leaves few rules, of which others perhaps read nothing more.
        rows.sort(key=lambda each: -len(each[0].asked))
        for place, (axis, row) in enumerate(rows):
            self.body += _next(row, self._readers(axis, public)) if place else _first(row)
        if not rows:
            every = const(0)
            if self.size:
                power = ast.BinOp(const(1), ast.LShift(), const(self.size))
                every = ast.BinOp(power, ast.Sub(), const(1))
            self.body.append(_unpack(("possible", "doubtful"), trees.tuple_of([every, const(0)])))
        masks = [name("possible"), name("doubtful")]
        if self.coded:
            self.statements += self._conditions()
            given = map(name, emission.parameters(decision.qname))
            kind = trees.subscript("tuple", trees.tuple_of((name("Mask"), name("Mask"))))
            found = call("ask", *masks, name("_CODED"), call("_conditions"), *given)
            self.body += [trees.assign("found", found, kind), trees.returns(name("found"))]
        else:
            self.body.append(trees.returns(call("truths", *masks)))

    def _readers(self, axis: Axis, public: Names) -> ast.expr | None:
        """The mask of the rules that read a fact, if they are so few that maybe none of them is left."""
        if len(axis.asked) * RARE > self.size:
            return None
        target = public.claim("_" + "".join(c if c.isalnum() else "_" for c in axis.name).upper() + "_READERS")
        self._assign(target, call("mask_of", trees.data(axis.asked)))
        return name(target)

    def _axis(self, axis: Axis, public: Names) -> str:
        target = public.claim("_" + "".join(c if c.isalnum() else "_" for c in axis.name).upper())
        arguments = [const(self.size), self._numbers(f"{target}_ASKED", axis.asked)]
        arguments.append(self._numbers(f"{target}_HELD", axis.held))
        keywords: dict[str, ast.expr] = {}
        if axis.kind == "steps":
            steps = trees.tuple_of(self.file.number(step) for step in axis.steps)
            self._assign(f"{target}_STEPS", steps)
            arguments += [name(f"{target}_STEPS"), self._cells(f"{target}_CHANGES", axis.changes)]
        for key, cells in (("true", axis.true), ("false", axis.false), ("unknown", axis.unknown)):
            if cells:
                keywords[key] = self._cells(f"{target}_{key.upper()}", cells)
        if axis.blank_true or axis.blank_false:
            blank = (
                self._numbers(f"{target}_BLANK_TRUE", axis.blank_true),
                self._numbers(f"{target}_BLANK_FALSE", axis.blank_false),
            )
            keywords["blank"] = trees.tuple_of(blank)
        self._assign(target, call(_CLASSES[axis.kind], *arguments, **keywords))
        return target

    def _assign(self, target: str, value: ast.expr) -> None:
        self.statements.append(trees.assign(target, value))

    def _numbers(self, target: str, numbers: Sequence[int]) -> ast.expr:
        if len(numbers) > 1 and numbers[-1] - numbers[0] + 1 == len(numbers):
            return call("range", const(numbers[0]), const(numbers[-1] + 1))
        if len(numbers) <= 20:
            return trees.data(tuple(numbers))
        self._assign(target, listed(numbers))
        return name(target)

    def _cells(self, target: str, cells: Mapping[object, Sequence[int]] | Mapping[int, Sequence[int]]) -> ast.expr:
        rows = sorted({tuple(numbers) for numbers in cells.values()})
        if len(cells) > LONG and all(isinstance(cell, str) for cell in cells):
            place = {row: number for number, row in enumerate(rows)}
            numbered_cells = {cell: place[tuple(numbers)] for cell, numbers in cells.items()}
            self._assign(f"{target}_ROWS", trees.long_data(rows))
            self._assign(target, trees.long_data(numbered_cells))
            return call("cells_of", name(target), name(f"{target}_ROWS"))
        if 4 * len(rows) > 3 * len(cells):
            pairs = [(trees.data(cell), trees.data(tuple(numbers))) for cell, numbers in cells.items()]
            self._assign(target, trees.dict_of(pairs))
            return name(target)
        # Many cells say the same: each has the number of its row.
        place = {row: number for number, row in enumerate(rows)}
        numbered = [(trees.data(cell), const(place[tuple(numbers)])) for cell, numbers in cells.items()]
        self._assign(f"{target}_ROWS", trees.tuple_of(map(trees.data, rows)))
        self._assign(target, trees.dict_of(numbered))
        return call("cells_of", name(target), name(f"{target}_ROWS"))

    def _conditions(self) -> list[ast.stmt]:
        """The conditions that are code, the quickest first. They are imported where they are first asked: many inputs
        ask none.
        """
        pairs: list[tuple[ast.expr, ast.expr]] = []
        functions: list[ast.stmt] = []
        for number in sorted(self.coded, key=lambda number: (self._costs(number), number)):
            rule = self.decision.rules[number]
            left = self._left(rule, f"_left_of_{number}")
            functions += left
            if left:
                pairs.append((const(number), name(f"_left_of_{number}")))
            else:
                self.emission.asked.add((self.decision.qname, number))
                pairs.append((const(number), self.file.at(self.emission.plan.rules[self.decision.qname, number])))
        found = trees.returns(trees.dict_of(pairs))
        result = trees.subscript("Mapping", trees.tuple_of((name("int"), name("Any"))))
        body = [*self.parts.functions, *functions, found]
        title = trees.doc("What facts looked up do not settle, by the number of the rule.")
        function = trees.function("_conditions", [], result, [*title, *self.file.local_imports(body), *body])
        assert isinstance(function, ast.FunctionDef)
        function.decorator_list = [name("cache")]
        mask = call("mask_of", self._numbers("_CODED_RULES", sorted(self.coded)))
        return [function, trees.assign("_CODED", mask)]

    def _costs(self, number: int) -> int:
        """About how long the condition of a rule takes, as far as no axis says it."""
        rest = self.coded[number] or (self.decision.rules[number].condition,)
        return sum(map(self.file.nullability.costs, rest))

    def _left(self, rule: Rule, target: str) -> list[ast.stmt]:
        """A function of the lines of a rule that no axis says; none where the condition is asked as a whole."""
        rest = self.coded[rule.number]
        if not rest or self.file.nullability.raises(rule.condition):
            return []
        context = Context({THIS: SURE})
        nullability = self.file.nullability
        expressions = self.file.expressions([(THIS, THIS)])
        ordered = sorted(rest, key=nullability.costs)
        term = terms.And(tuple(ordered))
        try:
            self.parts.remember(expressions, term, {THIS: self.decision.record}, context)
            statements = body(expressions, term, context)
        except NotExpressible:
            return []
        returned = optional(name("bool"), nullability.of(term, context).null)
        parameters: list[trees.Parameter] = [(THIS, self.file.record(self.decision.record), None), DAY]
        if self.emission.asks(self.decision.qname):
            parameters.append(FINDINGS)
        return [trees.function(target, parameters, returned, statements)]


def listed(numbers: Sequence[int]) -> ast.expr:
    """Numbers as data."""
    return trees.long_data(numbers) if len(numbers) > LONG else trees.data(tuple(numbers))


def _unpack(targets: Sequence[str], value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Tuple([ast.Name(each, ast.Store()) for each in targets], ast.Store())], value)


def _first(row: ast.expr) -> list[ast.stmt]:
    return [_unpack(("possible", "doubtful"), row)]


def _next(row: ast.expr, readers: ast.expr | None) -> list[ast.stmt]:
    """``here, unsure = AXIS[…]; possible &= here``, and doubt where there is some: most facts are known."""
    unsure = ast.AugAssign(ast.Name("doubtful", ast.Store()), ast.BitOr(), name("unsure"))
    statements: list[ast.stmt] = [
        _unpack(("here", "unsure"), row),
        ast.AugAssign(ast.Name("possible", ast.Store()), ast.BitAnd(), name("here")),
        ast.If(name("unsure"), [unsure], []),
    ]
    if readers is None:
        return statements
    return [ast.If(ast.BinOp(name("possible"), ast.BitAnd(), readers), statements, [])]
