"""Terms as nodes over columns.

Boolean structure, comparisons of numbers, and quantifiers over lists are computed for all rows at once. What is left
(a look-up in a table, membership in a set of codes, a definition by cases) is a function of few distinct values: it is
evaluated by the interpreter once for each of them, so its meaning is written down only there.

Example: `value > 5000 USD` is one comparison of a column of numbers. `chart[item.eccn, destination] == denied` is asked
of the interpreter once for each pair of code and destination that the rows have: a few
thousand times in a million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from comity import terms
from comity.backends.batch.comparisons import Comparisons
from comity.backends.batch.days import first_days
from comity.backends.batch.gathered import NotKnown, Quantified, Total
from comity.backends.batch.graph import Graph, Unsupported
from comity.backends.batch.nodes import (
    Both,
    Cells,
    Constant,
    Distinct,
    Either,
    Element,
    Empty,
    Fact,
    Frame,
    Known,
    Lifted,
    Node,
    Sure,
    Truth,
)
from comity.backends.batch.numeric import Calculation, Negative
from comity.backends.batch.values import NUMBERS, OPAQUE, Built, Env, Leaves, Opaque, Source, Value
from comity.core import ast as core
from comity.core.closures import EvaluationContext, context_of
from comity.core.evaluate import Evaluator
from comity.core.tables import InPlace
from comity.core.walk import children, rewrite
from comity.plan.reads import Reader
from comity.runtime import kleene
from comity.runtime.answer import PolicyError
from comity.runtime.kleene import PLAIN
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    ListType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.terms import Term


class Translator:
    """Makes nodes for the terms of one program, about the facts of one table."""

    def __init__(self, program: core.Program, evaluator: Evaluator, day: Node, root: Frame) -> None:
        self.program = program
        self.evaluator = evaluator
        self.graph = Graph(root)
        self.comparisons = Comparisons(self)
        self.cells = Cells(root, day, first_days(program))
        self.outcome_of: Callable[[str, Value], Node] = _unsupported
        self.rule_holds: Callable[[terms.RuleHolds, Value, Node | None], Node] = _unsupported
        self.unasked: dict[int, Node] = {}
        """Arguments that may fail: they are evaluated even where a definition does not ask for them."""
        self._reader = Reader(program)
        self._terms: dict[object, Node] = {}
        self._leaves: dict[object, tuple[Leaves, bool]] = {}
        self._kept: list[object] = []
        self._worlds: dict[object, dict[tuple[Any, ...], tuple[dict[str, object], EvaluationContext]]] = {}
        self._types: dict[int, Type] = {}

    def clear(self) -> None:
        """Forget what was kept from chunk to chunk."""
        for node in self.nodes():
            node.clear()
            node.frame.clear()
        for worlds in self._worlds.values():
            worlds.clear()

    def nodes(self) -> list[Node]:
        """Each node once."""
        return list({id(node): node for node in (*self.graph.nodes(), *self._terms.values(), self.cells)}.values())

    def elements(self, fact: Fact, kind: Type) -> Node:
        """The elements of a list of facts."""
        return self.elements_of(fact, kind).element

    # -------------------------------------------------------------------------------------- reading

    def resolve(self, term: Term, env: Env) -> Value | None:
        """What a term is that only names a local, or a fact in one."""
        match term:
            case terms.Local(name=name):
                return env.get(name)
            case terms.Field(base=base, name=name):
                below = self.resolve(base, env)
                if isinstance(below, Built):
                    return below.fields.get(name)
                if isinstance(below, Fact) and isinstance(base.type, RecordType):
                    return self.graph.fact(below, name)
                return below if isinstance(below, Opaque) else None
            case terms.RecordOf(fields=fields, type=type):
                return Built(type, {name: self._argument(each, env) for name, each in fields})
            case _:
                return None

    def _argument(self, term: Term, env: Env) -> Value:
        """An argument of a call: what it names, or its value."""
        found = self.resolve(term, env)
        if found is not None:
            return found
        node = self.of(term, env)
        if self._reader.of(term, {}).raises:
            self.unasked[id(node)] = node
        return node

    def inside(self, term: terms.Call, env: Env) -> tuple[Term, Env]:
        """The body of a definition, and the locals that it sees."""
        declared = self.program.defines[term.define]
        names = [name for name, _ in declared.parameters]
        return declared.body, dict(zip(names, [self._argument(each, env) for each in term.arguments], strict=True))

    def leaves(self, term: Term, env: Env) -> tuple[Leaves, bool]:
        """The facts that a term reads; and whether it asks other decisions."""
        key = (id(term), *((name, id(value)) for name, value in env.items()))
        found = self._leaves.get(key)
        if found is None:
            self._kept += [term, *env.values()]  # so that their identities are not given away again
            found = self._leaves[key] = self._read(term, env)
        return found

    def _read(self, term: Term, env: Env) -> tuple[Leaves, bool]:
        found = self.resolve(term, env) if not isinstance(term, terms.RecordOf) else None
        if found is not None:
            return self._leaves_of(found, term), False
        match term:
            case terms.Call(define=define, arguments=arguments):
                declared = self.program.defines[define]
                inner: dict[str, Value] = {}
                every: list[tuple[Leaves, bool]] = []
                for (name, _), argument in zip(declared.parameters, arguments, strict=True):
                    value = None if isinstance(argument, terms.RecordOf) else self.resolve(argument, env)
                    if value is None:
                        every.append(self.leaves(argument, env))
                    inner[name] = OPAQUE if value is None else value
                every.append(self.leaves(declared.body, inner))
                return _union(every)
            case terms.NamedSet(name=name):
                return self.leaves(self.program.sets[name].body, {})
            case terms.InWindow():
                return frozenset({self.cells}), False
            case terms.OutcomeOf() | terms.RuleHolds():
                leaves, _ = _union([self.leaves(each, env) for each in children(term)])
                return leaves, True
            case terms.Filter() | terms.Quantifier() | terms.Count() | terms.Sum():
                inside = {**env, term.variable: OPAQUE}
                parts = [self.leaves(each, env if each is term.source else inside) for each in children(term)]
                return _union(parts)
            case _:
                leaves, others = _union([self.leaves(each, env) for each in children(term)])
                if isinstance(term, terms.Lookup) and self._is_dated(term.table):
                    leaves |= {self.cells}
                return leaves, others

    def _leaves_of(self, value: Value, term: Term) -> Leaves:
        match value:
            case Node():
                self._types.setdefault(id(value), term.type)
                return frozenset() if isinstance(value, Constant) else frozenset({value})
            case Built(fields=fields):
                return frozenset().union(*(self._leaves_of(each, term) for each in fields.values()))
            case _:
                return frozenset()

    def _is_dated(self, table: str) -> bool:
        return any(row.interval is not None for row in self.program.tables[table].rows)

    # ------------------------------------------------------------------- by distinct values of facts

    def whole(self, term: Term, env: Env) -> Distinct:
        """A term evaluated by the interpreter for each distinct combination of the facts that it reads."""
        leaves, others = self.leaves(term, env)
        if others or any(isinstance(value, Opaque) for value in env.values()):
            raise Unsupported
        inputs = sorted(leaves, key=lambda node: node.number)
        # A record that is read whole has its fields with it.
        inputs = [each for each in inputs if not any(above in leaves for above in _above(each))]
        places = {id(node): place for place, node in enumerate(inputs)}
        code = self.evaluator.code(term)
        makers = {name: self._maker(value, places) for name, value in env.items()}
        cell = places.get(id(self.cells))

        self._kept.append(term)
        named = tuple((name, id(value)) for name, value in env.items())
        worlds = self._worlds.setdefault((named, *map(id, inputs)), {})

        def function(values: tuple[Any, ...]) -> object:
            world = worlds.get(values) if len(values) == 1 and isinstance(values[0], PLAIN) else None
            if world is None:
                context = context_of(None if cell is None else values[cell])
                world = {name: make(values) for name, make in makers.items()}, context
                if len(values) == 1 and isinstance(values[0], PLAIN):
                    context.values = {}  # what definitions say of these facts is found once, for all terms about them
                    worlds[values] = world
            return code(*world)

        return self.graph.distinct(("whole", id(term), named), inputs, function, isinstance(term.type, BoolType))

    def _maker(self, value: Value, places: Mapping[int, int]) -> Callable[[tuple[Any, ...]], object]:
        """Puts a local together from the values of the facts that are read of it."""
        match value:
            case Built(fields=fields):
                makers = {name: self._maker(each, places) for name, each in fields.items()}
                return lambda values: InPlace({name: make(values) for name, make in makers.items()})
            case Constant(value=constant):
                return lambda values: constant
            case Node() if id(value) in places:
                place = places[id(value)]
                return lambda values: values[place]
            case Fact():
                below = {
                    node.name: self._maker(node, places)
                    for node in self.graph.fields.get(id(value), ())
                    if self._reaches(node, places)
                }
                return lambda values: {name: make(values) for name, make in below.items()}
            case _:
                return lambda values: None

    def _reaches(self, node: Fact, places: Mapping[int, int]) -> bool:
        """Whether one of the facts at ``places`` is this one, or in it."""
        return id(node) in places or any(self._reaches(each, places) for each in self.graph.fields.get(id(node), ()))

    # --------------------------------------------------------------------- by distinct values of parts

    def parted(self, term: Term, env: Env, days: bool = False) -> Distinct:
        """A term evaluated for each distinct combination of the values of its direct parts."""
        below = list(dict.fromkeys(map(id, children(term))))
        by_id = {id(each): each for each in children(term)}
        inputs = [self.of(by_id[each], env) for each in below]
        locals_ = {each: terms.Local(f" {place}", by_id[each].type) for place, each in enumerate(below)}
        code = self.evaluator.code(rewrite(term, lambda each: locals_.get(id(each))))
        names = [each.name for each in locals_.values()]
        if days:
            inputs.append(self.cells)

        def function(values: tuple[Any, ...]) -> object:
            return code(dict(zip(names, values, strict=False)), context_of(values[-1] if days else None))

        self._kept.append(term)
        return self.graph.distinct(("parted", id(term)), inputs, function, isinstance(term.type, BoolType))

    # ---------------------------------------------------------------------------------------- terms

    def of(self, term: Term, env: Env) -> Node:
        """The node of a term, in the outermost frame that it can be computed in."""
        key = (id(term), *((name, id(value)) for name, value in env.items()))
        found = self._terms.get(key)
        if found is None:
            self._kept += [term, *env.values()]
            found = self._terms[key] = self._of(term, env)
        return found

    def holds(self, term: Term, env: Env) -> Node:
        """The node of a condition."""
        node = self.of(term, env)
        return node if isinstance(term.type, BoolType) else self._truth(node)

    def _truth(self, node: Node) -> Node:
        return self.graph.node((Truth, id(node)), lambda: Truth(node.frame, node))

    def _of(self, term: Term, env: Env) -> Node:
        match term:
            case terms.Line(condition=condition):
                return self.holds(condition, env)
            case terms.Const(value=value):
                return self.graph.constant(value, isinstance(term.type, BoolType))
            case terms.Unknown() | terms.CommitmentState():
                return self.graph.constant(None, isinstance(term.type, BoolType))
        named = self.resolve(term, env)
        if isinstance(named, Node):
            return self._truth(named) if isinstance(term.type, BoolType) else named
        leaves, others = self.leaves(term, env)
        if not others and not leaves and not isinstance(named, Built):
            return self._evaluated(term, env)
        few = not others and all(map(self._has_few, leaves))
        if isinstance(named, Built) or (few and (len(leaves) == 1 or self._is_short(term, leaves))):
            return self.whole(term, env)
        try:
            return self._composed(term, env)
        except Unsupported:
            return self.whole(term, env)

    def _evaluated(self, term: Term, env: Env) -> Node:
        """A term that depends on nothing."""
        whole = self.whole(term, env)
        try:
            value = whole.function(())
        except PolicyError:
            return whole
        return self.graph.constant(value, isinstance(term.type, BoolType))

    def _is_short(self, term: Term, leaves: Leaves) -> bool:
        """A quantifier of which trying all elements beside all values would cost more than two values together."""
        if not isinstance(term, terms.Quantifier) or len(leaves) > 2:
            return False
        return not any(isinstance(self._types.get(id(each)), SetType) for each in leaves if isinstance(each, Fact))

    def _has_few(self, node: Node) -> bool:
        """Whether a fact has few enough values for all conditions on it to be looked up by it."""
        if isinstance(node, Distinct | Cells):
            return True
        kind = self._types.get(id(node))
        if isinstance(kind, AbsentType):
            kind = kind.element
        return kind is not None and not isinstance(kind, NUMBERS | DateType | RecordType | ListType)

    def _composed(self, term: Term, env: Env) -> Node:
        match term:
            case terms.Call():
                return self.of(*self.inside(term, env))
            case terms.And(operands=operands):
                return self.graph.joined(Both, [self.holds(each, env) for each in operands])
            case terms.Or(operands=operands):
                return self.graph.joined(Either, [self.holds(each, env) for each in operands])
            case terms.Not(operand=operand):
                return self.graph.opposite(self.holds(operand, env))
            case terms.Compare(operator=operator, operand_type=operand_type):
                return self.comparisons.of(term, operator, operand_type, env)
            case (
                terms.Equal(left=some, right=terms.ListOf(elements=()))
                | terms.Equal(left=terms.ListOf(elements=()), right=some)
            ):
                of_list = self.of(some, env)
                each = self.graph.distinct((_is_empty,), [of_list], _is_empty, True)
                return self.graph.node((Empty, id(of_list)), lambda: Empty(of_list.frame, of_list, each))
            case terms.Equal(operand_type=operand_type):
                return self.comparisons.of(term, "==", operand_type, env)
            case terms.IsKnown(operand=operand) | terms.IsPresent(operand=operand):
                of_operand = self.of(operand, env)
                present = isinstance(term, terms.IsPresent)
                test = _is_present if present else _is_known
                by_value = self.graph.distinct((test,), [of_operand], test, True)
                key = (Known, present, id(of_operand))
                return self.graph.node(key, lambda: Known(of_operand.frame, of_operand, present, by_value))
            case terms.MemberOf(value=value, collection=collection):
                return self.membership(self._not_absent(self.of(value, env), value.type), collection, env)
            case terms.SubsetOf(left=left, right=right):
                reads = self.leaves(right, env)[0]
                return self._quantified(left, env, reads, lambda each: self.membership(each, right, env), every=True)
            case terms.Quantifier(kind=kind, variable=variable, source=source, body=body):
                reads = self.leaves(body, {**env, variable: OPAQUE})[0]
                return self._quantified(
                    source, env, reads, lambda each: self.holds(body, {**env, variable: each}), every=kind == "all"
                )
            case terms.Count() | terms.Sum():
                return self._total(term, env)
            case terms.Negate(operand=operand):
                negated = self.of(operand, env)
                return self.graph.node((Negative, id(negated)), lambda: Negative(negated.frame, negated))
            case terms.Arithmetic(operator="/", left=left, right=terms.Const(value=int() | Fraction() as divisor)) if (
                divisor != 0
            ):
                factor = self.graph.constant(Fraction(1) / divisor, False)
                return self.calculation("*", self.of(left, env), factor)
            case terms.Arithmetic(operator="+" | "-" | "*" as operator, left=left, right=right):
                return self.calculation(operator, self.of(left, env), self.of(right, env))
            case terms.DateDifference(left=left, right=right):
                return self.calculation("days", self.of(left, env), self.of(right, env))
            case terms.OutcomeOf(decision=decision, record=record):
                return self.outcome_of(decision, self._record(record, env))
            case terms.RuleHolds(key=key, record=record):
                of_key = None if key is None else self.of(key, env)
                return self.rule_holds(term, self._record(record, env), of_key)
            case terms.Lookup(table=table):
                return self.parted(term, env, days=self._is_dated(table))
            case terms.NamedSet(name=name):
                return self.of(self.program.sets[name].body, {})
            case terms.Filter():
                return self.whole(term, env)
            case _:
                return self.parted(term, env)

    def _record(self, term: Term, env: Env) -> Value:
        found = self.resolve(term, env)
        if not isinstance(found, Fact | Built):
            raise Unsupported
        return found

    def _not_absent(self, node: Node, kind: Type) -> Node:
        """A value that is sought in a collection: one that is absent is unknown."""
        if not isinstance(kind, AbsentType):
            return node
        return self.graph.distinct(
            ("present",), [node], lambda values: None if values[0] is ABSENT else values[0], False
        )

    def calculation(self, operator: str, left: Node, right: Node) -> Node:
        frame, (one, two) = self.graph.together([left, right])
        key = (Calculation, operator, id(one), id(two))
        return self.graph.node(key, lambda: Calculation(frame, operator, one, two))

    # -------------------------------------------------------------------------------- sets and lists

    def membership(self, value: Node, collection: Term, env: Env) -> Node:
        """Whether a value is in a set or list, read off its structure as the interpreter does."""
        match collection:
            case terms.NamedSet(name=name):
                body = self.program.sets[name].body
                if not self.leaves(body, {})[0]:
                    return self._member(value, self.of(collection, {}))
                return self.membership(value, body, {})
            case terms.Call():
                return self.membership(value, *self.inside(collection, env))
            case terms.Filter(variable=variable, source=source, where=where):
                return self.graph.both(self.membership(value, source, env), self.holds(where, {**env, variable: value}))
            case terms.When(condition=condition, value=inner):
                return self.graph.both(self.holds(condition, env), self.membership(value, inner, env))
            case terms.SetOperation(operator=operator, left=left, right=right):
                one, two = self.membership(value, left, env), self.membership(value, right, env)
                if operator == "|":
                    return self.graph.joined(Either, [one, two])
                return self.graph.both(one, two if operator == "&" else self.graph.opposite(two))
            case _ if isinstance(collection.type, ListType) and isinstance(self.resolve(collection, env), Fact):
                reads = frozenset({value})
                return self._quantified(collection, env, reads, lambda each: self._equal(value, each), every=False)
            case _:
                return self._member(value, self.of(collection, env))

    def _member(self, value: Node, collection: Node) -> Node:
        if isinstance(collection, Constant):
            inside = collection.value
            return self.graph.distinct(
                ("in", id(collection)), [value], lambda given: _is_member(given[0], inside), True
            )
        return self.graph.distinct(("in",), [value, collection], lambda given: _is_member(*given), True)

    def _equal(self, value: Node, element: Node) -> Node:
        return self.graph.distinct(("equal",), [value, element], lambda given: kleene.equal(*given), True)

    def _quantified(self, source: Term, env: Env, reads: Leaves, test: Callable[[Node], Node], every: bool) -> Node:
        """Whether some element, or each, passes a test that reads ``reads`` besides the element."""
        around, _ = self.graph.together([*reads, *self.leaves(source, env)[0]])
        parts: list[tuple[Frame, Node]] = []
        unknowns: list[Node] = []
        for each in self.sources(source, env, around):
            body = test(each.element)
            tested = self.graph.both(each.sure, self.graph.opposite(body) if every else body)
            parts.append((each.frame, self.graph.lifted(tested, each.frame)))
            unknowns += each.unknowns
        unknowns = [self.graph.lifted(each, around) for each in dict.fromkeys(unknowns)]
        key = (Quantified, every, *((id(part), id(tested)) for part, tested in parts), *map(id, unknowns))
        return self.graph.node(key, lambda: Quantified(around, parts, unknowns, every))

    def sources(self, term: Term, env: Env, around: Frame) -> list[Source]:
        """The elements of a set or list, for the rows of ``around``; several where it is a union."""
        match term:
            case terms.Call():
                return self.sources(*self.inside(term, env), around)
            case terms.Filter(variable=variable, source=source, where=where):
                return [self._limited(each, self.holds(where, {**env, variable: each.element}))
                        for each in self.sources(source, env, around)]  # fmt: skip
            case terms.When(condition=condition, value=value):
                holds = self.holds(condition, env)
                found = []
                for each in self.sources(value, env, around):
                    unknowns = tuple(self.graph.both(holds, unknown) for unknown in each.unknowns)
                    found.append(self._limited(Source(each.frame, each.element, each.sure, unknowns), holds))
                return found
            case terms.SetOperation(operator="|", left=left, right=right):
                return [*self.sources(left, env, around), *self.sources(right, env, around)]
            case terms.SetOperation(operator=operator, left=left, right=right):
                others = self.of(right, env)
                found = []
                for each in self.sources(left, env, around):
                    inside = self._member(each.element, others)
                    unknowns = (*each.unknowns, self._not_known(others))
                    kept = Source(each.frame, each.element, each.sure, unknowns)
                    found.append(self._limited(kept, inside if operator == "&" else self.graph.opposite(inside)))
                return found
            case _:
                return [self.elements_of(self.graph.lifted(self.of(term, env), around), term.type)]

    def _limited(self, source: Source, condition: Node) -> Source:
        sure = self.graph.both(source.sure, self.graph.lifted(condition, source.frame))
        return Source(source.frame, source.element, sure, source.unknowns)

    def elements_of(self, node: Node, kind: Type) -> Source:
        element = self.graph.node(("element", id(node)), lambda: _element_of(node, kind))
        if isinstance(kind, AbsentType):
            kind = kind.element
        sure = self.graph.node(("sure", id(node)), lambda: Sure(element.frame)) if isinstance(kind, SetType) else None
        inner = kind.element if isinstance(kind, SetType | ListType) else None
        if inner is not None:
            self._types.setdefault(id(element), inner)
        return Source(element.frame, element, sure, (self._not_known(node),))

    def _not_known(self, node: Node) -> Node:
        return self.graph.node((NotKnown, id(node)), lambda: NotKnown(node.frame, node))

    def _total(self, term: terms.Count | terms.Sum, env: Env) -> Node:
        of_list = self.resolve(term.source, env)
        if not isinstance(of_list, Fact) or not isinstance(term.source.type, ListType):
            return self.whole(term, env)
        frame, _ = self.graph.together(list(self.leaves(term, env)[0]))
        source = self.elements_of(self.graph.lifted(of_list, frame), term.source.type)
        inside = {**env, term.variable: source.element}
        test = self.graph.lifted(self.holds(term.where, inside), source.frame)
        value = self.graph.lifted(self.of(term.value, inside), source.frame) if isinstance(term, terms.Sum) else None
        return self.graph.node((Total, id(test), id(value)), lambda: Total(frame, source.frame, test, value))


# ------------------------------------------------------------------------------------------ helpers


def _element_of(node: Node, kind: Type) -> Node:
    """The elements of a collection: columns of their own in a list among the facts, else values."""
    frame = Frame(node.frame, node)
    if isinstance(kind, AbsentType):
        kind = kind.element
    below = node
    while isinstance(below, Lifted):
        below = below.node
    return Fact(frame, None, None) if isinstance(below, Fact) and isinstance(kind, ListType) else Element(frame)


def _above(node: Node) -> list[Node]:
    """The records that a fact is in."""
    found: list[Node] = []
    while isinstance(node, Fact) and node.base is not None:
        node = node.base
        found.append(node)
    return found


def _union(parts: Sequence[tuple[Leaves, bool]]) -> tuple[Leaves, bool]:
    return frozenset().union(*(leaves for leaves, _ in parts)), any(others for _, others in parts)


def _is_known(values: tuple[Any, ...]) -> bool:
    return values[0] is not None and not isinstance(values[0], kleene.KleeneSet)


def _is_empty(values: tuple[Any, ...]) -> bool | None:
    return kleene.equal(values[0], ())


def _is_present(values: tuple[Any, ...]) -> bool | None:
    return None if values[0] is None else values[0] is not ABSENT


def _is_member(value: Any, collection: Any) -> bool | None:
    return kleene.member(None if value is ABSENT else value, None if collection is ABSENT else collection)


def _unsupported(*_: object) -> Node:
    raise Unsupported
