"""Terms as Python expressions: one total match.

An expression built here has the value that the reference semantics (`core.evaluate`) gives the term, for facts that
keep their types and a known day. Where nothing in a term can be unknown it is what a person would write; where something can,
None is looked for first:

    this.item.origin == "US"
    None if (content := this.item.us_content) is None else content > QUARTER
    False if (a := …) is False or (b := …) is False else a and b

What straight Python cannot say (sets whose members are uncertain, the states of commitments) is `Unspeakable`; whoever asked
leaves that condition to the reference semantics, which built packages carry along.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol, assert_never

from comity import terms
from comity.backends.python.doubt import Context, Doubt, Doubts, free_locals, plain, when_true
from comity.backends.python.literals import Shelf, Unspeakable, literal
from comity.backends.python.names import Names
from comity.backends.python.sets import SetKind
from comity.backends.python.trees import (
    NONE,
    attribute,
    bind,
    both,
    call,
    choose,
    compare,
    const,
    either,
    is_false,
    is_none,
    lambda_of,
    name,
    negation,
    subscript,
    tuple_of,
)
from comity.core.walk import BINDERS, children, substitute
from comity.runtime.types import EnumType, IntType, MonthsType, RecordType, SetType
from comity.runtime.values import EAR99
from comity.terms import Term

Build = Callable[..., ast.expr]

_SET_OPERATORS: dict[str, ast.operator] = {"|": ast.BitOr(), "&": ast.BitAnd(), "-": ast.Sub()}
_ARITHMETIC: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
_LIFTED = {"+": "add", "-": "subtract", "*": "multiply"}


class Surroundings(Shelf, Protocol):
    """What expressions of a module may name, besides its shelf of constants."""

    doubts: Doubts

    def define(self, qname: str) -> ast.expr:
        """The function of a definition."""

    def table(self, qname: str) -> ast.expr:
        """The rows of a table."""

    def named_set(self, qname: str) -> tuple[ast.expr, SetKind]:
        """A named set, to be asked `.on(day)` if it is dated."""

    def positions(self, type: EnumType) -> ast.expr:
        """The positions of an ordered enum's members."""

    def zones(self) -> ast.expr:
        """The country of each zone."""

    def outcome_of(self, decision: str) -> ast.expr:
        """A function of record and day: another decision's outcome, None unless determined."""


class Expressions:
    """Builds the expressions of one function. ``temporaries`` hands out its local names."""

    def __init__(self, around: Surroundings, temporaries: Names) -> None:
        self.around = around
        self.doubts = around.doubts
        self.temporaries = temporaries
        self.variables: dict[str, str] = {}
        self.hoisted: dict[Term, str] = {}

    # --------------------------------------------------------------------------------------- asking

    def null(self, term: Term, context: Context) -> bool:
        return self.doubts.of(term, context).null

    def maybe(self, term: Term, context: Context) -> bool:
        return self.doubts.maybe(term, context)

    def settled(self, term: Term, context: Context) -> None:
        """A collection must have only certain members here."""
        if self.doubts.of(term, context).inner:
            raise Unspeakable(f"uncertain members in {term}")

    # --------------------------------------------------------------------------------------- values

    def value(self, term: Term, context: Context) -> ast.expr:
        """The expression of ``term`` where ``context`` holds."""
        if term in self.hoisted:
            return name(self.hoisted[term])
        match term:
            case terms.Const(value=value, type=type):
                return literal(value, type, self.around)
            case terms.Unknown():
                return NONE
            case terms.Local(name=local):
                return name(self.variables[local])
            case terms.Field(base=base, name=field):
                return self._field(base, field, context)
            case terms.AtParty(base=base, party=party):
                return self.strict((base, party), context, lambda by, who: call(attribute(by, "get"), who))
            case terms.Lookup(table=table, keys=keys):
                return self._lookup(table, keys, context)
            case terms.Call(define=define, arguments=arguments):
                return self._call(define, arguments, context)
            case terms.OutcomeOf(decision=decision, record=record):
                return self.strict(
                    (record,), context, lambda of: call(self.around.outcome_of(decision), of, name("day"))
                )
            case terms.RuleHolds() | terms.CommitmentState():
                raise Unspeakable(str(term))
            case terms.RecordOf():
                return self._record_of(term, context)
            case terms.PerPartyOf(entries=entries):
                return ast.Dict([const(key) for key, _ in entries], [self.value(v, context) for _, v in entries])
            case terms.SetOf(elements=elements):
                return self._set_of(term, elements, context)
            case terms.ListOf(elements=elements):
                self.settled(term, context)
                return tuple_of(self.value(element, context) for element in elements)
            case terms.NamedSet(name=qname):
                return self._named_set(qname)
            case terms.Filter(variable=variable, source=source, where=where):
                return self._filter(term, variable, source, where, context)
            case terms.When(condition=condition, value=value):
                self.settled(term, context)
                test = self.value(condition, context)
                return choose(test, self.value(value, context), call("frozenset"))
            case terms.SetOperation(operator=operator, left=left, right=right):
                self.settled(term, context)
                return self.strict((left, right), context, lambda a, b: ast.BinOp(a, _SET_OPERATORS[operator], b))
            case terms.Negate(operand=operand):
                return self.strict((operand,), context, lambda x: ast.UnaryOp(ast.USub(), x), "negate")
            case terms.Arithmetic():
                return self._arithmetic(term, context)
            case terms.Round(direction=direction, operand=operand):
                function = "ceil" if direction == "up" else "floor"
                build = lambda x: call(self.around.runtime(function), x)  # noqa: E731
                return self.strict((operand,), context, build, f"round_{direction}")
            case terms.AddDuration(day=day, amount=amount, negative=negative):
                lifted = "add_months" if isinstance(amount.type, MonthsType) else "add_hours"
                operands = [self.value(day, context), self.value(amount, context)]
                return call(self.around.runtime(lifted), *operands, *([const(True)] if negative else []))
            case terms.DateDifference(left=left, right=right):
                return call(
                    self.around.runtime("date_difference"), self.value(left, context), self.value(right, context)
                )  # fmt: skip
            case terms.Compare():
                return self._compare(term, context)
            case terms.Equal(left=left, right=right, operand_type=operand_type):
                build = None
                if plain(operand_type):
                    build = lambda a, b: compare(a, ast.Eq(), b)  # noqa: E731
                return self.strict((left, right), context, build, "equal")
            case terms.MemberOf(value=sought, collection=collection):
                return self._member_of(sought, collection, context)
            case terms.SubsetOf(left=left, right=right):
                self.settled(left, context)
                self.settled(right, context)
                return self.strict((left, right), context, lambda a, b: compare(a, ast.LtE(), b))
            case terms.EccnWithin(code=code, entry=entry):
                return self.strict((code, entry), context, self._within_entry, "eccn_within")
            case terms.HsWithin(code=code, heading=heading):
                build = lambda a, b: call(attribute(a, "startswith"), b)  # noqa: E731
                return self.strict((code, heading), context, build, "hs_within")
            case terms.PlaceWithin(place=place, area=area):
                return self.strict((place, area), context, self._within_area)
            case terms.EccnPart(code=code):
                return self._eccn_part(term, context)
            case terms.IsKnown(operand=operand):
                self.settled(operand, context)
                test = self.value(operand, context)
                return compare(test, ast.IsNot(), NONE)
            case terms.IsPresent(operand=operand):
                absent = self.around.runtime("ABSENT")
                test = self.value(operand, context)
                if not self.null(operand, context):
                    return compare(test, ast.IsNot(), absent)
                guard, known = self._known(operand, test)
                return choose(guard, NONE, compare(known, ast.IsNot(), absent))
            case terms.Not(operand=operand):
                return self._not(operand, context)
            case terms.And(operands=operands):
                return self._and(operands, context)
            case terms.Or(operands=operands):
                return self._or(operands, context)
            case terms.InWindow(intervals=intervals):
                return either(*(self._interval(interval) for interval in intervals))
            case terms.Quantifier():
                return self._quantifier(term, context)
            case terms.Count() | terms.Sum():
                return self._total(term, context)
            case terms.Cases():
                return self._cases(term, context)
            case terms.Line(condition=condition):
                return self.value(condition, context)
            case _:
                assert_never(term)

    # ------------------------------------------------------------------------- strict operators

    def strict(
        self, operands: Sequence[Term], context: Context, build: Build | None, lifted: str | None = None
    ) -> ast.expr:
        """An operator that is unknown if an operand is.

        ``build`` puts known operands together; ``lifted`` is the run-time function that takes any.
        """
        doubtful = [self.maybe(operand, context) for operand in operands]
        absent = any(self.doubts.absent(operand, context) for operand in operands)
        skips = any(doubtful) and any(self.doubts.raises(operand) for operand in operands[1:])
        if build is None or absent or skips:
            if lifted is None:
                raise Unspeakable(f"doubtful operands: {operands}")
            return call(self.around.runtime(lifted), *(self.value(operand, context) for operand in operands))
        guards: list[ast.expr] = []
        known: list[ast.expr] = []
        for operand, doubt in zip(operands, doubtful, strict=True):
            value = self.value(operand, context)
            if doubt:
                guard, value = self._known(operand, value)
                guards.append(guard)
            known.append(value)
        result = build(*known)
        return choose(either(*guards), NONE, result) if guards else result

    def _known(self, term: Term, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A test whether ``value`` is unknown, and a way to say it again where it is not."""
        if isinstance(value, ast.Name):
            return is_none(value), value
        temporary = self.temporary(term)
        return is_none(bind(temporary, value)), name(temporary)

    def temporary(self, term: Term) -> str:
        """A fresh local name that reminds of ``term``."""
        match term:
            case terms.Field(name=hint) | terms.Local(name=hint):
                return self.temporaries.claim(hint)
            case terms.Call(define=qname) | terms.Lookup(table=qname) | terms.NamedSet(name=qname):
                return self.temporaries.claim(qname.rpartition(".")[2])
            case terms.Line(condition=condition) | terms.Not(operand=condition):
                return self.temporary(condition)
            case terms.Compare(left=operand) | terms.Equal(left=operand) | terms.MemberOf(value=operand):
                return self.temporary(operand)
            case _:
                return self.temporaries.claim("known" if not hasattr(term, "operands") else "part")

    # ------------------------------------------------------------------------- facts, tables, calls

    def _field(self, base: Term, field: str, context: Context) -> ast.expr:
        if not isinstance(base.type, RecordType):
            raise Unspeakable(f"a field of {base.type}")
        attr = self.around.attribute(base.type, field)
        return self.strict((base,), context, lambda record: attribute(record, attr))

    def _lookup(self, table: str, keys: Sequence[Term], context: Context) -> ast.expr:
        rows = self.around.table(table)
        dated = self.doubts.dated(terms.Lookup(table, (), terms.BOOL))

        def build(*known: ast.expr) -> ast.expr:
            key = known[0] if len(known) == 1 else tuple_of(known)
            return call(attribute(rows, "on"), name("day"), key) if dated else subscript(rows, key)

        return self.strict(keys, context, build)

    def _call(self, define: str, arguments: Sequence[Term], context: Context) -> ast.expr:
        given = [self.value(argument, context) for argument in arguments]
        body = self.doubts.program.defines[define].body
        if self.doubts.dated_in(define, body):
            given.append(name("day"))
        return call(self.around.define(define), *given)

    def _record_of(self, term: terms.RecordOf, context: Context) -> ast.expr:
        keywords = {}
        for field, value in term.fields:
            declared = term.type.field(field)
            if self.null(value, context) and (declared is None or not declared.optional):
                raise Unspeakable(f"an unknown required field: {field}")  # the class refuses it
            keywords[self.around.attribute(term.type, field)] = self.value(value, context)
        return ast.Call(self.around.record(term.type), [], [ast.keyword(key, v) for key, v in keywords.items()])

    # ------------------------------------------------------------------------- sets

    def _set_of(self, term: Term, elements: Sequence[Term], context: Context) -> ast.expr:
        self.settled(term, context)
        if not elements:
            return call("frozenset")
        return call("frozenset", self._display(elements, context))

    def _display(self, elements: Sequence[Term], context: Context) -> ast.expr:
        return ast.Set([self.value(element, context) for element in elements])

    def _named_set(self, qname: str) -> ast.expr:
        base, kind = self.around.named_set(qname)
        if kind.uncertain:
            raise Unspeakable(f"uncertain members in {qname}")
        return call(attribute(base, "on"), name("day")) if kind.dated else base

    def _filter(self, term: Term, variable: str, source: Term, where: Term, context: Context) -> ast.expr:
        self.settled(term, context)
        if self.doubts.raises(where):
            raise Unspeakable("the order of errors in a set")

        def build(collection: ast.expr) -> ast.expr:
            inner = self.inside(context, variable, source)
            test = self.value(where, inner)
            return call("frozenset", self._generator(name(self.variables[variable]), variable, collection, test))

        return self.strict((source,), context, build)

    def inside(self, context: Context, variable: str, source: Term) -> Context:
        """The context in a binder's body; gives the variable its Python name."""
        self.variables[variable] = self.temporaries.claim(variable)
        return context.bind(variable, Doubt(null=self.doubts.of(source, context).inner))

    def _generator(
        self, element: ast.expr, variable: str, collection: ast.expr, test: ast.expr | None = None
    ) -> ast.expr:
        """``(element for variable in collection if test)``."""
        if any(isinstance(node, ast.NamedExpr) for node in ast.walk(collection)):
            raise Unspeakable("an assignment in what a comprehension goes over")
        target = ast.Name(self.variables[variable], ast.Store())
        conditions = [] if test is None or _is_true(test) else [test]
        return ast.GeneratorExp(element, [ast.comprehension(target, collection, conditions, 0)])

    def _member_of(self, sought: Term, collection: Term, context: Context) -> ast.expr:
        """`in`, read off the structure of the set where it has one, as the reference does."""
        if isinstance(sought, (terms.Local, terms.Const)) or _is_path(sought):
            structure = _structure(sought, collection)
            if structure is not None:
                return self.value(structure, context)
        if isinstance(collection, terms.NamedSet):
            return self._in_named_set(sought, collection.name, context)
        self.settled(collection, context)
        if self.maybe(sought, context) and not isinstance(
            collection, (terms.Const, terms.SetOf, terms.ListOf, terms.Field, terms.Local)
        ):
            raise Unspeakable("an unknown value in a set with structure")
        if not plain(sought.type):
            raise Unspeakable("a value with parts in a set")
        elements = collection.elements if isinstance(collection, (terms.SetOf, terms.ListOf)) else ()
        if elements and not self.maybe(sought, context):
            return compare(self.value(sought, context), ast.In(), self._display(elements, context))
        if isinstance(collection, terms.Const) and isinstance(collection.value, frozenset) and collection.value:
            shown = self.value(collection, context)
            assert isinstance(shown, ast.Call)
            if self.null(sought, context):
                guard, known = self._known(sought, self.value(sought, context))
                return choose(guard, NONE, compare(known, ast.In(), shown.args[0]))
            if not self.maybe(sought, context):
                return compare(self.value(sought, context), ast.In(), shown.args[0])
        if self.maybe(sought, context) or self.maybe(collection, context):
            member = self.around.runtime("member")
            return call(member, self.value(sought, context), self.value(collection, context))
        return compare(self.value(sought, context), ast.In(), self.value(collection, context))

    def _in_named_set(self, sought: Term, qname: str, context: Context) -> ast.expr:
        _, kind = self.around.named_set(qname)
        members = self._named_set(qname)
        value = self.value(sought, context)
        if self.doubts.absent(sought, context):
            raise Unspeakable("perhaps absent")
        if not self.null(sought, context):
            return compare(value, ast.In(), members)
        if kind.blank == "unknown":
            guard, known = self._known(sought, value)
            return choose(guard, NONE, compare(known, ast.In(), members))
        if kind.blank == "unless empty":
            return call(self.around.runtime("member"), value, members)
        raise Unspeakable("what an unknown value is in this set hangs on the day")

    # ------------------------------------------------------------------------- numbers, dates, codes

    def _arithmetic(self, term: terms.Arithmetic, context: Context) -> ast.expr:
        if term.operator == "/":
            # Division by zero is unknown, so it can never be Python's.
            operands = (self.value(term.left, context), self.value(term.right, context))
            return call(self.around.runtime("divide"), *operands)
        whole = all(isinstance(side.type, IntType) for side in (term.left, term.right))

        def build(left: ast.expr, right: ast.expr) -> ast.expr:
            result = ast.BinOp(left, _ARITHMETIC[term.operator], right)
            return result if whole else call(self.around.runtime("exact"), result)

        return self.strict((term.left, term.right), context, build, _LIFTED[term.operator])

    def _compare(self, term: terms.Compare, context: Context) -> ast.expr:
        operator: ast.cmpop = ast.Lt() if term.operator == "<" else ast.LtE()
        kind = term.operand_type
        if not isinstance(kind, EnumType):
            lifted = "less" if term.operator == "<" else "less_equal"
            return self.strict((term.left, term.right), context, lambda a, b: compare(a, operator, b), lifted)

        def position(value: ast.expr) -> ast.expr:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return const(kind.members.index(value.value))
            return subscript(self.around.positions(kind), value)

        build = lambda a, b: compare(position(a), operator, position(b))  # noqa: E731
        return self.strict((term.left, term.right), context, build)

    def _within_entry(self, code: ast.expr, entry: ast.expr) -> ast.expr:
        if not (isinstance(entry, ast.Constant) and isinstance(entry.value, str)) or not _is_simple(code):
            return call(self.around.runtime("eccn_within"), code, entry)
        paragraph = call(attribute(code, "startswith"), const(entry.value + "."))
        return either(compare(code, ast.Eq(), entry), paragraph)

    def _within_area(self, place: ast.expr, area: ast.expr) -> ast.expr:
        zones = dict(self.doubts.program.place.zones)
        if isinstance(area, ast.Constant):
            inside = [area.value, *sorted(zone for zone, country in zones.items() if country == area.value)]
            if len(inside) == 1:
                return compare(place, ast.Eq(), area)
            return compare(place, ast.In(), ast.Set([const(str(each)) for each in inside]))
        if not _is_simple(place) or not _is_simple(area):
            return call(self.around.runtime("place_within"), place, area, self.around.zones())
        country = call(attribute(self.around.zones(), "get"), place)
        return either(compare(place, ast.Eq(), area), compare(country, ast.Eq(), area))

    def _eccn_part(self, term: terms.EccnPart, context: Context) -> ast.expr:
        not_ear99 = terms.Not(terms.Equal(term.code, terms.Const(EAR99, term.code.type), term.code.type))
        if not_ear99 not in context.holds or self.maybe(term.code, context):
            return call(self.around.runtime("eccn_part"), self.value(term.code, context), const(term.part))
        code = self.value(term.code, context)
        match term.part:
            case "category":
                return call("int", subscript(code, const(0)))
            case "group":
                return subscript(code, const(1))
            case "number":
                return call("int", subscript(code, ast.Slice(const(2), const(5))))
            case "paragraph":
                return subscript(code, ast.Slice(const(6), const(7)))

    def _interval(self, interval: terms.Interval) -> ast.expr:
        first, last = interval
        day = name("day")
        if first is None or last is None:
            if first is not None:
                return compare(day, ast.GtE(), self._day(first))
            return const(True) if last is None else compare(day, ast.LtE(), self._day(last))
        return ast.Compare(self._day(first), [ast.LtE(), ast.LtE()], [day, self._day(last)])

    def _day(self, day: date) -> ast.expr:
        return self.around.constant(day)

    # ------------------------------------------------------------------------- logic

    def _not(self, operand: Term, context: Context) -> ast.expr:
        value = self.value(operand, context)
        if not self.null(operand, context):
            return negation(value)
        guard, known = self._known(operand, value)
        return choose(guard, NONE, negation(known))

    def _and(self, operands: Sequence[Term], context: Context) -> ast.expr:
        """Certain operands first (where nothing can raise), then one doubtful one, or all of them by name."""
        certain, doubtful = self._sorted(operands, self.doubts.conjuncts(operands, context))
        if doubtful is None:
            return self._in_order(operands, self.doubts.conjuncts(operands, context), deciding=False)
        if len(doubtful) > 1:
            names = [self.temporary(operand) for operand, _ in doubtful]
            tests = [is_false(bind(n, self.value(t, c))) for n, (t, c) in zip(names, doubtful, strict=True)]
            rest = [choose(either(*tests), const(False), both(*map(name, names)))]
        else:
            rest = [self.value(operand, inner) for operand, inner in doubtful]
        return _conjunction([self.value(operand, inner) for operand, inner in certain] + rest)

    def _or(self, operands: Sequence[Term], context: Context) -> ast.expr:
        certain, doubtful = self._sorted(operands, self.doubts.disjuncts(operands, context))
        if doubtful is None:
            return self._in_order(operands, self.doubts.disjuncts(operands, context), deciding=True)
        if len(doubtful) > 1:
            names = [self.temporary(operand) for operand, _ in doubtful]
            tests = [bind(n, self.value(t, c)) for n, (t, c) in zip(names, doubtful, strict=True)]
            rest = [*tests, choose(either(*(is_none(name(n)) for n in names)), NONE, const(False))]
        else:
            rest = [self.value(operand, inner) for operand, inner in doubtful]
        return either(*(self.value(operand, inner) for operand, inner in certain), *rest)

    def _sorted(
        self, operands: Sequence[Term], contexts: Sequence[tuple[Context, object]]
    ) -> tuple[list[tuple[Term, Context]], list[tuple[Term, Context]] | None]:
        placed = [(operand, inner) for operand, (inner, _) in zip(operands, contexts, strict=True)]
        certain = [(operand, inner) for operand, inner in placed if not self.null(operand, inner)]
        doubtful = [(operand, inner) for operand, inner in placed if self.null(operand, inner)]
        ordered = doubtful == placed[len(certain) :]
        if doubtful and not ordered and any(self.doubts.raises(operand) for operand in operands):
            return certain, None
        return certain, doubtful

    def _in_order(
        self, operands: Sequence[Term], contexts: Sequence[tuple[Context, object]], deciding: bool
    ) -> ast.expr:
        """A connective whose operands may raise and so must be asked in their order."""
        tests: list[ast.expr] = []
        names: list[str] = []
        for operand, (inner, _) in zip(operands, contexts, strict=True):
            value = self.value(operand, inner)
            if not self.null(operand, inner):
                tests.append(value if deciding else negation(value))
                continue
            names.append(self.temporary(operand))
            bound = bind(names[-1], value)
            tests.append(bound if deciding else is_false(bound))
        unknown = either(*(is_none(name(n)) for n in names))
        return choose(either(*tests), const(deciding), choose(unknown, NONE, const(not deciding)))

    # ------------------------------------------------------------------------- binders

    def _quantifier(self, term: terms.Quantifier, context: Context) -> ast.expr:
        self.settled(term.source, context)
        if self.doubts.raises(term.body) and isinstance(term.source.type, SetType):
            raise Unspeakable("the order of errors in a set")

        def build(collection: ast.expr) -> ast.expr:
            inner = self.inside(context, term.variable, term.source)
            body = self.value(term.body, inner)
            function = name(term.kind)
            if self.null(term.body, inner):
                function = self.around.runtime(f"{term.kind}_of")
            return ast.Call(function, [self._generator(body, term.variable, collection)], [])

        return self.strict((term.source,), context, build)

    def _total(self, term: terms.Count | terms.Sum, context: Context) -> ast.expr:
        """`count` and `sum`; where a test or value may be unknown, the reference decides."""
        self.settled(term.source, context)
        if self.doubts.raises(term.where) or (isinstance(term, terms.Sum) and self.doubts.raises(term.value)):
            raise Unspeakable("the order of errors in a sum")

        def build(collection: ast.expr) -> ast.expr:
            inner = self.inside(context, term.variable, term.source)
            if self.null(term.where, inner):
                raise Unspeakable("a count of what may be unknown")
            test = self.value(term.where, inner)
            if isinstance(term, terms.Count):
                return call("sum", self._generator(const(1), term.variable, collection, test))
            inner = inner.knowing(when_true(term.where))
            if self.maybe(term.value, inner):
                raise Unspeakable("a sum of what may be unknown")
            value = self.value(term.value, inner)
            total = call("sum", self._generator(value, term.variable, collection, test))
            return total if isinstance(term.type, IntType) else call(self.around.runtime("exact"), total)

        return self.strict((term.source,), context, build)

    # ------------------------------------------------------------------------- cases

    def _cases(self, term: terms.Cases, context: Context) -> ast.expr:
        conditional = [(case.condition, case.value) for case in term.cases if case.condition is not None]
        otherwise = next((case.value for case in term.cases if case.condition is None), None)
        may_clash = not term.first_match and any(value != conditional[0][1] for _, value in conditional[1:])
        if otherwise is None or may_clash:
            return self._checked_cases(term, conditional, otherwise, context)
        if any(self.null(c, context) for c, _ in conditional) and any(self.doubts.raises(c) for c, _ in conditional):
            raise Unspeakable("the order of errors in cases")
        result = self.value(otherwise, context)
        for condition, value in reversed(conditional):
            test = self.value(condition, context)
            if self.null(condition, context):
                guard, known = self._known(condition, test)
                result = choose(guard, NONE, choose(known, self.value(value, context), result))
            else:
                result = choose(test, self.value(value, context.knowing(when_true(condition))), result)
        return result

    def _checked_cases(
        self, term: terms.Cases, conditional: Sequence[tuple[Term, Term]], otherwise: Term | None, context: Context
    ) -> ast.expr:
        """Cases that may clash or leave a gap: a run-time function goes through them as the reference does."""
        parts = [part for pair in conditional for part in pair] + ([] if otherwise is None else [otherwise])
        lazily = any(self.doubts.raises(part) for part in parts)
        wrap: Callable[[ast.expr], ast.expr] = (lambda e: lambda_of((), e)) if lazily else (lambda e: e)
        function = "first_case" if term.first_match else "only_case"
        arguments = [const(term.name)]
        arguments += [
            tuple_of((wrap(self.value(condition, context)), wrap(self.value(value, context))))
            for condition, value in conditional
        ]
        keywords = {} if otherwise is None else {"otherwise": wrap(self.value(otherwise, context))}
        return call(self.around.runtime(function + "_lazily" * lazily), *arguments, **keywords)


def _structure(sought: Term, collection: Term) -> Term | None:
    """``sought in collection`` in terms of the parts of the collection, if it is made of any."""
    match collection:
        case terms.Filter(variable=variable, source=source, where=where) if not _captures(where, sought):
            inside = terms.MemberOf(sought, source)
            return terms.And((inside, substitute(where, {variable: sought})))
        case terms.When(condition=condition, value=value):
            return terms.And((condition, terms.MemberOf(sought, value)))
        case terms.SetOperation(operator=operator, left=left, right=right):
            one, two = terms.MemberOf(sought, left), terms.MemberOf(sought, right)
            match operator:
                case "|":
                    return terms.Or((one, two))
                case "&":
                    return terms.And((one, two))
                case "-":
                    return terms.And((one, terms.Not(two)))
    return None


def _captures(body: Term, value: Term) -> bool:
    """Whether a binder in ``body`` would catch a local of ``value`` put there."""
    mine = isinstance(body, BINDERS) and body.variable in free_locals(value)
    return mine or any(_captures(child, value) for child in children(body))


def _is_path(term: Term) -> bool:
    """A fact read by its path, cheap enough to read twice."""
    return isinstance(term, terms.Local) or (isinstance(term, terms.Field) and _is_path(term.base))


def _is_simple(value: ast.expr) -> bool:
    return isinstance(value, (ast.Name, ast.Constant)) or (isinstance(value, ast.Attribute) and _is_simple(value.value))


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _conjunction(operands: Sequence[ast.expr]) -> ast.expr:
    """`and`, with `a <= b and b <= c` written `a <= b <= c`."""
    merged: list[ast.expr] = []
    for operand in operands:
        previous = merged[-1] if merged else None
        if (
            isinstance(previous, ast.Compare)
            and isinstance(operand, ast.Compare)
            and isinstance(operand.ops[0], (ast.Lt, ast.LtE))
            and isinstance(previous.ops[-1], (ast.Lt, ast.LtE))
            and ast.dump(previous.comparators[-1]) == ast.dump(operand.left)
        ):
            merged[-1] = ast.Compare(
                previous.left, [*previous.ops, *operand.ops], [*previous.comparators, *operand.comparators]
            )
        else:
            merged.append(operand)
    return both(*merged)
