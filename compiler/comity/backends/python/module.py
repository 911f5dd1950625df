"""The file of one policy module: its sets and tables as data, each definition and each rule's condition a function.

For example:

    set EMBARGOED: Country = {BY, RU}            EMBARGOED = frozenset({'BY', 'RU'})
    define risky for Export:                     def risky(this: records.Export) -> bool | None:
        destination in EMBARGOED                     return this.destination in EMBARGOED
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from comity import terms
from comity.backends.python import trees
from comity.backends.python.bodies import body
from comity.backends.python.imports import header
from comity.backends.python.literals import NotExpressible, annotation, literal, optional
from comity.backends.python.names import Names
from comity.backends.python.nullability import ANY, SURE, Context, NullabilityAnalysis, plain
from comity.backends.python.plan import Place, Plan, qname
from comity.backends.python.remembered import WORTH, WORTH_WIDE, Parts, is_wide, recalled, remember
from comity.backends.python.sets import SetKind, Stretch, stretches
from comity.backends.python.slots import share_slots
from comity.backends.python.stubs import stub
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import attribute, call, const, name
from comity.backends.python.types import type_tree
from comity.core.agreements import region_of
from comity.core.ast import Commitment, Define, Program, Rule, SetDefinition, Table
from comity.core.interpret import Interpreter
from comity.core.walk import BINDERS
from comity.plan.reads import Reader
from comity.runtime.kleene import KleeneSet, elements
from comity.runtime.types import (
    AbsentType,
    EccnType,
    EnumType,
    HsCodeType,
    ListType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.terms import THIS, Term

SIDES = {"self": "owner", "other": "other"}
"""What clauses call whose act it is and the side it is owed to, and what Python calls them."""

MEMBER = "member"
"""The parameter of a set's membership function that stands for the value asked about."""


class Emission:
    """What the emitters of one package share: the program, the plan, what is known of terms, the values of sets."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.plan = Plan(program)
        self.nullability = NullabilityAnalysis(program)
        self.interpreter = Interpreter(program)
        self.reader = Reader(program)
        self._sets: dict[str, tuple[list[Stretch], SetKind]] = {}
        self._asking: dict[str, bool] = {}
        self.always_ask = any(
            self.nullability.asks(line.condition) for lines in program.always.values() for line in lines
        )
        """Some `always` line asks what a decision says."""
        self.always_parameters = _parameters(self.always_ask)
        self.readers: dict[str, str] = {}
        """By record, the function that reads it from a dict."""
        self.looked_up: set[str] = set()
        """Decisions that look facts up in tables, because they have many rules."""
        self.asked: set[tuple[str, int]] = set()
        """Their rules whose condition is asked as a whole, by decision and number."""
        self.unspeakable: set[str] = set()
        """Definitions that are left to the reference semantics."""
        self.stubs: dict[str, str] = {}
        """By dotted name below the package, the stubs of the files whose conditions are code."""

    def asks(self, decision: str) -> bool:
        """Whether some rule of a decision asks what another decision says."""
        if decision not in self._asking:
            rules = self.program.decisions[decision].rules
            self._asking[decision] = any(self.nullability.asks(rule.condition) for rule in rules)
        return self._asking[decision]

    def is_asked(self, decision: str, rule: int) -> bool:
        """Whether a rule's own condition needs a function."""
        return decision not in self.looked_up or (decision, rule) in self.asked

    def parameters(self, decision: str) -> list[str]:
        """The parameters of the functions of a decision's conditions."""
        return _parameters(self.asks(decision))

    def set_over_time(self, set_name: str) -> tuple[list[Stretch], SetKind]:
        if set_name not in self._sets:
            declared = self.program.sets[set_name]
            self._sets[set_name] = stretches(self.program, self.interpreter, declared.body, declared.type)
        return self._sets[set_name]


def _parameters(asks: bool) -> list[str]:
    return [THIS, "day", *(["findings"] if asks else [])]


DAY: trees.Parameter = ("day", name("date"), None)
FINDINGS: trees.Parameter = ("findings", name("Findings"), None)


class File:
    """A Python file in the making, for expressions that name things of the package. ``module``: dotted, below it."""

    def __init__(self, emission: Emission, module: str) -> None:
        self.emission = emission
        self.plan = emission.plan
        self.nullability = emission.nullability
        self.module = module
        self.constants: dict[str, ast.expr] = {}
        self._constant_sets: dict[str, str] = {}
        self._taken: frozenset[str] = frozenset()
        self.parts = Parts(self, emission.reader)

    # ------------------------------------------------------------------------------------- Surroundings

    def constant(self, value: date | Fraction) -> ast.expr:
        if isinstance(value, date):
            identifier = f"_{value.isoformat().replace('-', '_')}"
            build = call("date", const(value.year), const(value.month), const(value.day))
        else:
            sign = "minus_" if value < 0 else ""
            identifier = f"_{sign}{abs(value.numerator)}_{value.denominator}"
            build = call("Fraction", const(value.numerator), const(value.denominator))
        self.constants.setdefault(identifier, build)
        return name(identifier)

    def constant_set(self, display: ast.expr) -> ast.expr:
        shown = ast.unparse(display)
        if shown not in self._constant_sets:
            self._constant_sets[shown] = f"_members_{len(self._constant_sets) + 1}"
            self.constants[self._constant_sets[shown]] = display
        return name(self._constant_sets[shown])

    def record(self, type: RecordType) -> ast.expr:
        return self.in_records(self.plan.records[qname(type)])

    def attribute(self, type: RecordType, field: str) -> str:
        return self.plan.attributes[qname(type)][field]

    def enum(self, type: EnumType) -> ast.expr:
        known = self.plan.enums.get(qname(type))
        return name("str") if known is None else self.in_records(known)

    def runtime(self, function: str) -> ast.expr:
        return name(function)

    def define(self, define: str) -> ast.expr:
        return self.at(self.plan.defines[define])

    def table(self, table: str) -> ast.expr:
        return self.at(self.plan.tables[table])

    def named_set(self, set_name: str) -> tuple[ast.expr, SetKind]:
        kind = self.emission.set_over_time(set_name)[1]
        if kind.opaque:
            raise NotExpressible(f"what is unknown about {set_name} is more than members")
        return self.at(self.plan.sets[set_name]), kind

    def always_the_same(self, term: Term) -> frozenset[object] | None:
        match term:
            case terms.Const(value=frozenset() as value):
                return value
            case terms.SetOf(elements=members):
                known = [each.value for each in members if isinstance(each, terms.Const) and each.value is not None]
                return frozenset(known) if len(known) == len(members) else None
            case terms.NamedSet(name=set_name):
                over_time, kind = self.emission.set_over_time(set_name)
                if kind.opaque or kind.dated or kind.uncertain:
                    return None
                always = over_time[0][1]
                return always if isinstance(always, frozenset) else None
            case terms.SetOperation(operator=operator, left=left, right=right):
                one, two = self.always_the_same(left), self.always_the_same(right)
                if one is None or two is None or not (isinstance(left.type, SetType) and plain(left.type.element)):
                    return None
                return one | two if operator == "|" else one & two if operator == "&" else one - two
            case _:
                return None

    def perhaps_in(self, set_name: str) -> frozenset[object]:
        self.named_set(set_name)
        members: set[object] = set()
        for _, value in self.emission.set_over_time(set_name)[0]:
            members.update(element for element, _ in elements(value))  # type: ignore[arg-type]  # it is not opaque
        return frozenset(members)

    def positions(self, type: EnumType) -> ast.expr:
        known = self.plan.positions.get(qname(type))
        if known is None:
            return trees.dict_of((const(member), const(n)) for n, member in enumerate(type.members))
        return self.in_records(known)

    def zones(self) -> ast.expr:
        return self.in_records(self.plan.zones)

    def outcome_of(self, decision: str) -> ast.expr:
        return trees.dotted(f"{self.plan.aliases[self.plan.decisions[decision]]}.DECISION.determined")

    def described(self, type: RecordType | EnumType | PlaceType) -> ast.expr | None:
        if isinstance(type, PlaceType):
            known = "PLACE" if type == self.emission.program.place else None
        else:
            known = self.plan.schema.get(qname(type))
        return None if known is None else name(known) if self.module == "_schema" else trees.dotted(f"schema.{known}")

    def rule_holds(self, decision: str, rule: str, key: str | None, verb: str) -> tuple[ast.expr, list[int]]:
        rules = self.emission.program.decisions[decision].rules
        numbers = [
            r.number for r in rules if rule in (r.family, f"{r.module}.{r.family}") and (key is None or key == r.key)
        ]
        return trees.dotted(f"{self.plan.aliases[self.plan.decisions[decision]]}.DECISION.{verb}"), numbers

    def membership(self, define: str) -> ast.expr:
        if define not in self.plan.memberships:
            raise NotExpressible("a value with parts in a set")
        return self.at(self.plan.memberships[define])

    def in_facts(self, type: RecordType) -> ast.expr:
        """The `TypedDict` of a record."""
        return trees.dotted(f"_facts.{self.plan.facts[qname(type)]}")

    def in_records(self, identifier: str) -> ast.expr:
        return name(identifier) if self.module == "records" else trees.dotted(f"records.{identifier}")

    def number(self, value: object) -> ast.expr:
        """A number or a day."""
        return self.constant(value) if isinstance(value, date | Fraction) else trees.data(value)

    def local_imports(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Imports of other files of the package for statements of a function that is to load them itself."""
        return header(self.plan, self.module, statements)[1:]

    def source(self, statements: Sequence[ast.stmt]) -> str:
        """The text of the file; its stub is kept for the package."""
        self.emission.stubs[self.module] = stub(statements)
        share_slots(statements)
        return trees.source(statements)

    def plainly(self, value: ast.expr, type: Type) -> ast.expr:
        """A value as the reference semantics takes it."""
        if not _has_records(type):
            return value
        return call("plain", type_tree(type, self), value)

    def at(self, place: Place) -> ast.expr:
        """A name of another file, through that file."""
        if place.module == self.module:
            return name(place.name)
        return attribute(name(self.plan.aliases[place.module]), place.name)

    # ------------------------------------------------------------------------------------- functions

    def expressions(self, parameters: Iterable[tuple[str, str]]) -> Expressions:
        """A builder for one function; ``parameters``: locals of the policy and their Python names."""
        outer = self._taken = self._taken or self.plan.taken(self.module)
        expressions = Expressions(self, Names([python for _, python in parameters], outer=outer))
        expressions.variables.update(parameters)
        return expressions

    def body(
        self, term: Term, context: Context, parameters: Sequence[tuple[str, str]], types: Mapping[str, Type] = {}
    ) -> list[ast.stmt]:
        """Statements that return the value of ``term``; raises NotExpressible.

        ``types``: those of parameters, where parts of the term are to be remembered.
        """
        expressions = self.expressions(parameters)
        if types:
            self.parts.remember(expressions, term, types, context)
        return body(expressions, term, context)


def docstring(doc: str, cites: Sequence[str], more: Sequence[str] = (), indent: int = 4) -> list[ast.stmt]:
    """The text of a declaration, with its citations below."""
    lines = [*doc.splitlines(), *([""] if doc and (cites or more) else []), *cites, *more]
    text = ("\n" + " " * indent).join(line.rstrip() for line in lines).replace(f"\n{' ' * indent}\n", "\n\n")
    return trees.doc(text + ("\n" + " " * indent if len(lines) > 1 else ""))


def _is_remembered(define: Define) -> bool:
    """Whether values of a definition are kept by its arguments: it goes through a collection, and takes plain values
    and sets of them, such as a code and the paragraphs of a rule, which are much the same from input to input.
    """

    def is_plain(type: Type) -> bool:
        return plain(type.element if isinstance(type, SetType) else type)

    waiting: list[Term] = [define.body]
    while waiting:
        term = waiting.pop()
        if isinstance(term, BINDERS):
            return bool(define.parameters) and all(is_plain(type) for _, type in define.parameters)
        waiting += terms.children(term)
    return False


class PolicyModule(File):
    """The file of one module of the policy."""

    def __init__(self, emission: Emission, policy_module: str) -> None:
        super().__init__(emission, emission.plan.modules[policy_module])
        self.policy_module = policy_module
        self.statements = self._declarations()

    def _owns(self, qualified: str) -> bool:
        return qualified.rpartition(".")[0] == self.policy_module

    def _declarations(self) -> list[ast.stmt]:
        program, own = self.emission.program, self._owns
        statements: list[ast.stmt] = []
        for set_name, declared in program.sets.items():
            if own(set_name):
                statements += self._set(set_name, declared)
        for table_name, table in program.tables.items():
            if own(table_name):
                statements += self._table(table_name, table)
        for define_name, define in program.defines.items():
            if own(define_name):
                statements += self._define(define_name, define)
        return statements

    def emit(self) -> str:
        """The text. Decisions are to be made before, which say which conditions they ask as a whole."""
        program, statements = self.emission.program, self.statements
        for decision_name, decision in program.decisions.items():
            for rule in decision.rules:
                if rule.module == self.policy_module and self.emission.is_asked(decision_name, rule.number):
                    statements.append(self._rule(decision_name, rule, decision.record))
        for agreement_name, agreement in program.agreements.items():
            if self._owns(agreement_name):
                for commitment in agreement.commitments:
                    statements += self._commitment(commitment)
        title = trees.doc(f"The module `{self.policy_module}` of the policy.")
        statements = [*self.parts.functions, *statements]
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        return self.source(
            [*title, *header(self.plan, self.module, [*constants, *statements]), *constants, *statements]
        )

    # ------------------------------------------------------------------------------------- data

    def _set(self, set_name: str, declared: SetDefinition) -> list[ast.stmt]:
        over_time, kind = self.emission.set_over_time(set_name)
        if kind.opaque:
            return []  # nothing compiled reads it
        target = self.plan.sets[set_name].name
        element = annotation(declared.type, self)
        if kind.uncertain:
            element = trees.subscript("Perhaps", annotation(declared.type.element, self))
        values = [self._members(value, declared.type, kind) for _, value in over_time]
        note = docstring(declared.doc, declared.cites, indent=0)
        if not kind.dated:
            return [trees.assign(target, values[0], trees.subscript("Final", element)), *note]
        changes = [
            trees.tuple_of([self.constant(start), value])
            for (start, _), value in zip(over_time[1:], values[1:], strict=True)
        ]
        kept = trees.subscript("Final", trees.subscript("Dated", element))
        return [trees.assign(target, call("Dated", values[0], *changes), kept), *note]

    def _members(self, value: object, type: SetType, kind: SetKind) -> ast.expr:
        if not kind.uncertain:
            return literal(value, type, self)
        assert isinstance(value, (frozenset, KleeneSet))
        sides = (frozenset(each for each, sure in elements(value) if bool(sure) is side) for side in (True, False))
        return call("Perhaps", *(literal(side, type, self) for side in sides))

    def _table(self, table_name: str, table: Table) -> list[ast.stmt]:
        codes = [_code_kind(type) for _, type in table.parameters]
        types = [type for _, type in table.parameters]
        doubt = self.nullability.table(table_name)
        key_type = annotation(types[0], self) if len(types) == 1 else trees.subscript(
            "tuple", trees.tuple_of(annotation(type, self) for type in types)
        )  # fmt: skip
        value_type = optional(annotation(table.result, self), doubt.null)
        otherwise = literal(table.otherwise if table.has_otherwise else None, table.result, self)
        dated = any(row.interval is not None for row in table.rows)
        rows: ast.expr
        if dated:
            rows = trees.tuple_of(
                trees.tuple_of((self._key(row.keys, types), self._window(row.interval), self._cell(row.value, table)))
                for row in table.rows
            )
        else:
            first = {row.keys: row for row in reversed(table.rows)}
            unique = [row for row in table.rows if first[row.keys] is row]
            rows = trees.dict_of((self._key(row.keys, types), self._cell(row.value, table)) for row in unique)
        keywords = {}
        if any(codes):
            keywords["codes"] = trees.tuple_of(const(code) for code in codes)
        build = call("DatedTable" if dated else "Table", rows, otherwise, **keywords)
        kept = trees.subscript("DatedTable" if dated else "Table", trees.tuple_of((key_type, value_type)))
        target = self.plan.tables[table_name].name
        return [
            trees.assign(target, build, trees.subscript("Final", kept)),
            *docstring(table.doc, table.cites, indent=0),
        ]

    def _key(self, keys: Sequence[object], types: Sequence[Type]) -> ast.expr:
        values = [literal(key, type, self) for key, type in zip(keys, types, strict=True)]
        return values[0] if len(values) == 1 else trees.tuple_of(values)

    def _cell(self, value: object, table: Table) -> ast.expr:
        return literal(value, table.result, self)

    def _window(self, interval: terms.Interval | None) -> ast.expr:
        if interval is None:
            return trees.NONE
        return trees.tuple_of(trees.NONE if edge is None else self.constant(edge) for edge in interval)

    # ------------------------------------------------------------------------------------- functions

    def _define(self, define_name: str, define: Define) -> list[ast.stmt]:
        names = Names(outer=self.plan.taken(self.module))
        parameters = [
            (local, THIS if define.record is not None else names.claim(local), type)
            for local, type in define.parameters
        ]
        context = self.nullability.parameters(define_name)
        dated = self.nullability.dated_in(define_name, define.body)
        signature: list[trees.Parameter] = [
            (python, optional(annotation(type, self), context.locals.get(local, ANY).null), None)
            for local, python, type in parameters
        ]
        if dated:
            signature.append(("day", name("date"), None))
        asks = self.nullability.asks_in(define_name)
        if asks:
            signature.append(FINDINGS)
        wide = sum(is_wide(type) for _, type in define.parameters) > 1
        worth = self.nullability.costs(define.body) >= (WORTH_WIDE if wide else WORTH)
        keeps = not asks and worth and _is_remembered(define)
        result = self.nullability.result(define_name)
        python_names = [(local, python) for local, python, _ in parameters]
        try:
            if result.inner or any(doubt.inner for doubt in context.locals.values()):
                raise NotExpressible("uncertain members")
            # Of a definition that is kept as a whole no parts are.
            types = {} if keeps else {local: type for local, _, type in parameters}
            body = self.body(define.body, context, python_names, types)
        except NotExpressible:
            self.emission.unspeakable.add(define_name)
            given = trees.tuple_of(self.plainly(name(python), type) for _, python, type in parameters)
            day = name("day") if dated else trees.NONE
            found = [name("findings")] if asks else []
            body = [trees.returns(call("call", const(define_name), given, day, *found))]
            returned: ast.expr = name("Any")
        else:
            returned = optional(annotation(define.result, self), result.null)
        notes = docstring(define.doc, define.cites)
        functions: list[ast.stmt] = []
        if define_name not in self.emission.unspeakable and not _is_remembered(define):
            kept = self._remembered(self.plan.defines[define_name].name, define.body, context, python_names, parameters)
            if kept is not None:
                first, body = kept
                functions.append(first)
                self.nullability.remembered.add(define_name)
        function = trees.function(self.plan.defines[define_name].name, signature, returned, [*notes, *body])
        if define_name not in self.emission.unspeakable and keeps:
            assert isinstance(function, ast.FunctionDef)
            function.decorator_list = [name("remembered")]
            self.nullability.remembered.add(define_name)
        functions.append(function)
        if define_name in self.plan.memberships:
            functions += self._membership(define_name, define, context, signature, python_names)
        return functions

    def _remembered(
        self,
        function: str,
        term: Term,
        context: Context,
        python_names: Sequence[tuple[str, str]],
        parameters: Sequence[tuple[str, str, Type]],
    ) -> tuple[ast.stmt, list[ast.stmt]] | None:
        """A function of the few facts that a term reads, and the body that asks it; None if it reads more."""
        types = {local: type for local, _, type in parameters}
        if not any(isinstance(type, RecordType) for type in types.values()):
            return None
        target = f"_{function}_of_facts"
        while target in self.plan.aliases.values():
            target += "_"
        remembered = remember(self, self.emission.reader, target, term, types, context)
        if remembered is None:
            return None
        return remembered.function, [trees.returns(recalled(remembered, self.expressions(python_names), context))]

    def _membership(
        self,
        define_name: str,
        define: Define,
        context: Context,
        signature: Sequence[trees.Parameter],
        python_names: Sequence[tuple[str, str]],
    ) -> list[ast.stmt]:
        """Whether a known value is in the set that a definition gives, without making the set."""
        assert isinstance(define.result, SetType)
        test = terms.MemberOf(terms.Local(MEMBER, define.result.element), define.body)
        inside, names = context.bind(MEMBER, SURE), [*python_names, (MEMBER, MEMBER)]
        target = self.plan.memberships[define_name].name
        functions: list[ast.stmt] = []
        try:
            body = self.body(test, inside, names)
            types = {**dict(define.parameters), MEMBER: define.result.element}
            given = [(local, python, types[local]) for local, python in names]
            kept = self._remembered(target, test, inside, names, given)
            if kept is not None:
                first, body = kept
                functions.append(first)
                self.nullability.members_remembered.add(define_name)
        except NotExpressible:
            declared = dict(define.parameters)
            whole = trees.tuple_of(self.plainly(name(python), declared[local]) for local, python in python_names)
            day = name("day") if self.nullability.dated_in(define_name, define.body) else trees.NONE
            found = [name("findings")] if self.nullability.asks_in(define_name) else []
            body = [trees.returns(call("includes", const(define_name), whole, name(MEMBER), day, *found))]
        function = trees.function(
            target,
            [(MEMBER, annotation(define.result.element, self), None), *signature],
            optional(name("bool")),
            [*trees.doc(f"Whether `member` is in `{define.name}`."), *body],
        )
        return [*functions, function]

    def _rule(self, decision: str, rule: Rule, record: RecordType) -> ast.stmt:
        context = Context({THIS: SURE})
        doubt = self.nullability.of(rule.condition, context)
        returned = optional(name("bool"), doubt.null)
        try:
            body = self.body(rule.condition, context, [(THIS, THIS)], {THIS: record})
        except NotExpressible:
            facts = self.plainly(name(THIS), record)
            given = [const(decision), const(rule.number), facts, *map(name, self.emission.parameters(decision)[1:])]
            body = [trees.returns(call("own", *given))]
            returned = optional(name("bool"))
        more = [f"Refers to counsel: {rule.refer}"] if rule.refer is not None else []
        return trees.function(
            self.plan.rules[decision, rule.number].name,
            [(THIS, self.record(record), None), DAY, *([FINDINGS] if self.emission.asks(decision) else [])],
            returned,
            [*docstring(rule.doc, rule.cites, more), *body],
        )

    def _commitment(self, commitment: Commitment) -> list[ast.stmt]:
        """Whether a commitment speaks of an act; the parties are called by name."""
        context = Context(dict.fromkeys((THIS, *SIDES), SURE))
        region = region_of(commitment)
        try:
            if self.nullability.asks(region):
                raise NotExpressible("what decisions say of an act")
            body = self.body(region, context, [(THIS, THIS), *SIDES.items()])
        except NotExpressible:
            self.emission.unspeakable.add(commitment.qname)
            return []  # left to the reference semantics
        parameters: list[trees.Parameter] = [(THIS, self.record(commitment.record), None)]
        parameters += [(python, name("str"), None) for python in SIDES.values()]
        return [
            trees.function(
                self.plan.commitments[commitment.qname].name,
                [*parameters, ("day", name("date"), None)],
                optional(name("bool"), self.nullability.of(region, context).null),
                [*docstring(commitment.doc, commitment.cites), *body],
            )
        ]


def _has_records(type: Type) -> bool:
    match type:
        case RecordType():
            return True
        case SetType(element=element) | ListType(element=element) | AbsentType(element=element):
            return _has_records(element)
        case _:
            return False


def _code_kind(type: Type) -> str | None:
    return "eccn" if isinstance(type, EccnType) else "hs" if isinstance(type, HsCodeType) else None
