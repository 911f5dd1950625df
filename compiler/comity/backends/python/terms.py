"""Terms as Python expressions: one total match.

An expression built here has the value that the reference semantics (`core.evaluate`) gives the term, for facts that
keep their types and a known day. Where nothing in a term can be unknown it is what a person would write; where
something can, None is looked for first:

    this.item.origin == "US"
    None if (content := this.item.us_content) is None else content > QUARTER
    False if (a := …) is False or (b := …) is False else a and b

What straight Python cannot say (a set with uncertain members as a value, the states of commitments) is
`NotExpressible`; whoever asked leaves that condition to the reference semantics, which built packages carry along.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Protocol, assert_never

from comity import terms
from comity.backends.python.literals import NotExpressible, Shelf, literal
from comity.backends.python.names import Names
from comity.backends.python.nullability import (
    Context,
    Nullability,
    NullabilityAnalysis,
    free_locals,
    key,
    plain,
    when_true,
)
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
    is_not_none,
    lambda_of,
    name,
    negation,
    subscript,
    tuple_of,
)
from comity.core.limits import Limits, has_total, limits_of, limits_of_elements
from comity.core.walk import BINDERS, children, substitute
from comity.runtime.bounds import UNBOUNDED, Bounds, any_number_of
from comity.runtime.bounds import both as both_bounds
from comity.runtime.light import dataclass
from comity.runtime.types import PERCENT, AbsentType, EnumType, IntType, ListType, MonthsType, RecordType, SetType, Type
from comity.runtime.values import Number
from comity.terms import Term

Build = Callable[..., ast.expr]

_SET_OPERATORS: dict[str, ast.operator] = {"|": ast.BitOr(), "&": ast.BitAnd(), "-": ast.Sub()}
_ARITHMETIC: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
_LIFTED = {"+": "add", "-": "subtract", "*": "multiply"}


@dataclass(frozen=True, slots=True)
class AnyHolds(terms.RuleHolds):
    """`a applies or b applies`: rules of one decision that are asked about together. ``others``: all but the first."""

    others: tuple[tuple[str, str | None], ...] = ()


class Surroundings(Shelf, Protocol):
    """What expressions of a module may name, besides its shelf of constants."""

    def constant_set(self, display: ast.expr) -> ast.expr:
        """A module-level name for a set that would else be made at every call."""

    nullability: NullabilityAnalysis

    def define(self, qname: str) -> ast.expr:
        """The function of a definition."""

    def table(self, qname: str) -> ast.expr:
        """The rows of a table."""

    def named_set(self, qname: str) -> tuple[ast.expr, SetKind]:
        """A named set, to be asked `.on(day)` if it is dated."""

    def always_the_same(self, term: Term) -> frozenset[object] | None:
        """The set that ``term`` is whatever the facts and the day; None if that depends on them."""

    def perhaps_in(self, qname: str) -> frozenset[object]:
        """Everything that may ever be in a named set."""

    def positions(self, type: EnumType) -> ast.expr:
        """The positions of an ordered enum's members."""

    def zones(self) -> ast.expr:
        """The country of each zone."""

    def outcome_of(self, decision: str) -> ast.expr:
        """A function of record, day and findings: another decision's outcome, None unless determined."""

    def rule_holds(self, decision: str, rule: str, key: str | None, verb: str) -> tuple[ast.expr, list[int]]:
        """A function of record, day, findings and rule numbers: whether a rule applies or decides; and the numbers."""

    def membership(self, define: str) -> ast.expr:
        """A function of a value and a definition's arguments: whether the set that it gives has the value."""


class Expressions:
    """Builds the expressions of one function. ``temporaries`` hands out its local names."""

    def __init__(self, around: Surroundings, temporaries: Names) -> None:
        self.around = around
        self.nullability = around.nullability
        self.temporaries = temporaries
        self.variables: dict[str, str] = {}
        self.hoisted: dict[str | None, str] = {}
        self.shared: dict[Term, str] = {}
        """Terms that have been given a name, wherever they occur."""
        self.calls: dict[int, ast.expr] = {}
        """Terms, by their identity, for which there is a function, and how it is asked."""
        self.spelled: dict[int, Term] = {}
        """Quantifiers over sets with uncertain members, by their identity, as ones over sure members."""
        self.sieves: dict[int, ast.expr] = {}
        """Quantifiers, by their identity, and the elements that they have to go through."""
        self.last = ""
        """The temporary handed out last."""

    # --------------------------------------------------------------------------------------- asking

    def null(self, term: Term, context: Context) -> bool:
        return self.nullability.of(term, context).null

    def maybe(self, term: Term, context: Context) -> bool:
        return self.nullability.maybe(term, context)

    def settled(self, term: Term, context: Context) -> None:
        """A collection must have only certain members here."""
        if self.nullability.of(term, context).inner:
            raise NotExpressible(f"uncertain members in {term}")

    # --------------------------------------------------------------------------------------- values

    def truth(self, term: Term, context: Context) -> ast.expr:
        """The expression of a condition. (An absent truth value is unknown, which Python would not see.)"""
        if self.nullability.absent(term, context):
            raise NotExpressible("a condition that may be absent")
        return self.value(term, context)

    def value(self, term: Term, context: Context) -> ast.expr:
        """The expression of ``term`` where ``context`` holds."""
        if self.hoisted and (read := key(term)) in self.hoisted:
            return name(self.hoisted[read])
        if self.shared and term in self.shared:
            return name(self.shared[term])
        if self.calls and id(term) in self.calls:
            return self.calls[id(term)]
        match term:
            case terms.Const(value=value, type=type):
                if isinstance(value, frozenset) and value:
                    return self.around.constant_set(literal(value, type, self.around))
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
                says = self.around.outcome_of(decision)
                return self.strict((record,), context, lambda of: call(says, of, name("day"), name("findings")))
            case terms.RuleHolds(decision=decision, rule=rule, key=member, verb=verb, record=record):
                if not (member is None or isinstance(member, terms.Const)):
                    raise NotExpressible("a member of a family known only with the facts")
                chosen = None if member is None else str(member.value)
                holds, numbers = self.around.rule_holds(decision, rule, chosen, verb)
                for other, key_of_other in term.others if isinstance(term, AnyHolds) else ():
                    numbers += self.around.rule_holds(decision, other, key_of_other, verb)[1]
                return self.strict(
                    (record,), context, lambda of: call(holds, of, name("day"), name("findings"), *map(const, numbers))
                )
            case terms.CommitmentState():
                raise NotExpressible("the state of a commitment")
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
                test = self.truth(condition, context)
                return choose(test, self.value(value, context), call("frozenset"))
            case terms.SetOperation(operator=operator, left=left, right=right):
                self.settled(term, context)
                known = self.around.always_the_same(term)
                if known:
                    return self.around.constant_set(literal(known, term.type, self.around))
                return self.strict((left, right), context, lambda a, b: ast.BinOp(a, _SET_OPERATORS[operator], b))
            case terms.Negate(operand=operand):
                return self.strict((operand,), context, lambda x: ast.UnaryOp(ast.USub(), x), "negate")
            case terms.Arithmetic():
                return self._arithmetic(term, context)
            case terms.Round(direction=direction, operand=operand):
                rounded = self.around.runtime("ceil" if direction == "up" else "floor")
                return self.strict((operand,), context, lambda x: call(rounded, x), f"round_{direction}")
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
            case terms.Equal(left=left, right=right) if self._needs_bounds(left, right, context):
                return self._by_bounds("surely_equal", left, right, context)
            case terms.Equal(left=left, right=right, operand_type=operand_type):
                same = (lambda a, b: compare(a, ast.Eq(), b)) if plain(operand_type) else None
                return self.strict((left, right), context, same, "equal")
            case terms.MemberOf(value=sought, collection=collection):
                return self._member_of(sought, collection, context)
            case terms.SubsetOf(left=left, right=right):
                self.settled(left, context)
                self.settled(right, context)
                if self.maybe(right, context) or self.nullability.raises(right):
                    raise NotExpressible("a set that nothing may ask about")  # nothing at all is within any set
                return self.strict((left, right), context, lambda a, b: compare(a, ast.LtE(), b))
            case terms.EccnWithin(code=code, entry=entry):
                return self.strict((code, entry), context, self._within_entry, "eccn_within")
            case terms.HsWithin(code=code, heading=heading):
                return self.strict(
                    (code, heading), context, lambda a, b: call(attribute(a, "startswith"), b), "hs_within"
                )
            case terms.PlaceWithin(place=place, area=area):
                return self.strict((place, area), context, self._within_area)
            case terms.EccnPart(code=code):
                return self._eccn_part(term, context)
            case terms.IsKnown(operand=operand):
                self.settled(operand, context)
                if not self.null(operand, context) and not self.nullability.raises(operand):
                    return const(True)
                return is_not_none(self.value(operand, context))
            case terms.IsPresent(operand=operand):
                return self._is_present(operand, context)
            case terms.Not(operand=operand):
                return self._not(operand, context)
            case terms.And(operands=operands) | terms.Or(operands=operands):
                return self._connective(operands, context, deciding=isinstance(term, terms.Or))
            case terms.InWindow(intervals=intervals):
                return either([self._interval(interval) for interval in intervals])
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
        absent = any(self.nullability.absent(operand, context) for operand in operands)
        skips = len(operands) > 1 and any(doubtful) and any(map(self.nullability.raises, operands))
        if build is None or absent or skips:
            if lifted is None:
                raise NotExpressible(f"doubtful operands: {operands}")
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
        return choose(either(guards), NONE, result) if guards else result

    def _known(self, term: Term, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A test whether ``value`` is unknown, and a way to say it again where it is not."""
        if isinstance(value, ast.Name):
            return is_none(value), value
        temporary = self.temporary(term)
        return is_none(bind(temporary, value)), name(temporary)

    def temporary(self, term: Term) -> str:
        """A fresh local name that reminds of ``term``."""
        self.last = self.temporaries.claim(self.hint(term))
        return self.last

    @staticmethod
    def hint(term: Term) -> str:
        """A name that reminds of ``term``."""
        return _hint(term)

    def _is_present(self, operand: Term, context: Context) -> ast.expr:
        if not self.nullability.absent(operand, context):
            return self.strict((operand,), context, lambda _: const(True))
        value, absent = self.value(operand, context), self.around.runtime("ABSENT")
        if not self.null(operand, context):
            return compare(value, ast.IsNot(), absent)
        guard, known = self._known(operand, value)
        return choose(guard, NONE, compare(known, ast.IsNot(), absent))

    # ------------------------------------------------------------------------- facts, tables, calls

    def _field(self, base: Term, field: str, context: Context) -> ast.expr:
        if not isinstance(base.type, RecordType):
            raise NotExpressible(f"a field of {base.type}")
        attr = self.around.attribute(base.type, field)
        return self.strict((base,), context, lambda record: attribute(record, attr))

    def _lookup(self, table: str, keys: Sequence[Term], context: Context) -> ast.expr:
        rows = self.around.table(table)
        dated = self.nullability.dated_table(table)

        def build(*known: ast.expr) -> ast.expr:
            key = known[0] if len(known) == 1 else tuple_of(known)
            return call(attribute(rows, "on"), name("day"), key) if dated else subscript(rows, key)

        return self.strict(keys, context, build)

    def _call(self, define: str, arguments: Sequence[Term], context: Context) -> ast.expr:
        if any(self.nullability.absent(a, context) and not isinstance(a.type, AbsentType) for a in arguments):
            raise NotExpressible("an argument that may be absent")
        given = [self.value(argument, context) for argument in arguments]
        body = self.nullability.program.defines[define].body
        if self.nullability.dated_in(define, body):
            given.append(name("day"))
        if self.nullability.asks_in(define):
            given.append(name("findings"))
        return call(self.around.define(define), *given)

    def _record_of(self, term: terms.RecordOf, context: Context) -> ast.expr:
        keywords = {}
        for field, value in term.fields:
            declared = term.type.field(field)
            if self.null(value, context) and (declared is None or not declared.optional):
                raise NotExpressible(f"an unknown required field: {field}")  # the class refuses it
            keywords[self.around.attribute(term.type, field)] = self.value(value, context)
        return ast.Call(self.around.record(term.type), [], [ast.keyword(key, v) for key, v in keywords.items()])

    # ------------------------------------------------------------------------- sets

    def _set_of(self, term: Term, elements: Sequence[Term], context: Context) -> ast.expr:
        self.settled(term, context)
        if not elements:
            return call("frozenset")
        display = call("frozenset", self._elements(elements, context))
        return self.around.constant_set(display) if _all_constant(elements) else display

    def _elements(self, elements: Sequence[Term], context: Context) -> ast.expr:
        return ast.Set([self.value(element, context) for element in elements])

    def _named_set(self, qname: str) -> ast.expr:
        base, kind = self.around.named_set(qname)
        if kind.uncertain:
            raise NotExpressible(f"uncertain members in {qname}")
        return call(attribute(base, "on"), name("day")) if kind.dated else base

    def _filter(self, term: Term, variable: str, source: Term, where: Term, context: Context) -> ast.expr:
        self.settled(term, context)
        if self.nullability.raises(where):
            raise NotExpressible("the order of errors in a set")

        def build(collection: ast.expr) -> ast.expr:
            inner = self.inside(context, variable, source)
            test = self.truth(where, inner)
            return call("frozenset", self._generator(name(self.variables[variable]), variable, collection, test))

        return self.strict((source,), context, build)

    def inside(self, context: Context, variable: str, source: Term) -> Context:
        """The context in a binder's body; gives the variable its Python name."""
        self.variables[variable] = self.temporaries.claim(variable)
        return context.bind(variable, Nullability(null=self.nullability.of(source, context).inner))

    def _generator(
        self, element: ast.expr, variable: str, collection: ast.expr, test: ast.expr | None = None
    ) -> ast.expr:
        """``(element for variable in collection if test)``."""
        if any(isinstance(node, ast.NamedExpr) for node in ast.walk(collection)):
            raise NotExpressible("an assignment in what a comprehension goes over")
        target = ast.Name(self.variables[variable], ast.Store())
        conditions = [] if test is None or _is_true(test) else [test]
        return ast.GeneratorExp(element, [ast.comprehension(target, collection, conditions, 0)])

    def _member_of(self, sought: Term, collection: Term, context: Context) -> ast.expr:
        """`in`, read off the structure of the set where it has one, as the reference does."""
        if isinstance(sought, (terms.Local, terms.Const)) or is_path(sought):
            structure = _structure(sought, collection)
            if structure is not None:
                return self.value(structure, context)
        if isinstance(collection, terms.NamedSet):
            return self._in_named_set(sought, collection.name, context)
        if isinstance(collection, terms.Call) and not self.maybe(sought, context):
            return self._in_call(sought, collection, context)
        self.settled(collection, context)
        if isinstance(collection, (terms.Filter, terms.When, terms.SetOperation, terms.Call)) and (
            self.maybe(sought, context) or self.nullability.raises(collection)
        ):
            raise NotExpressible("membership that only the structure of the set tells")
        if not plain(sought.type):
            raise NotExpressible("a value with parts in a set")
        elements = self._listed(collection, context)
        skips = self.maybe(sought, context) and self.nullability.raises(collection)
        if elements is not None and not self.nullability.absent(sought, context) and not skips:
            return self.strict((sought,), context, lambda value: compare(value, ast.In(), elements))
        skips = self.maybe(collection, context) and self.nullability.raises(sought)
        if not self.maybe(sought, context) and not self.nullability.absent(collection, context) and not skips:
            value = self.value(sought, context)
            return self.strict((collection,), context, lambda members: compare(value, ast.In(), members))
        member = self.around.runtime("member")
        return call(member, self.value(sought, context), self.value(collection, context))

    def _listed(self, collection: Term, context: Context) -> ast.expr | None:
        """The members of a set written out, as what `in` looks into; None if it is not, or there are none."""
        match collection:
            case terms.Const(value=frozenset() as value, type=type) if value:
                return _display(literal(value, type, self.around))
            case terms.SetOf(elements=elements) | terms.ListOf(elements=elements) if elements:
                return self._elements(elements, context)
            case _:
                return None

    def _in_call(self, sought: Term, collection: terms.Call, context: Context) -> ast.expr:
        define = self.nullability.program.defines[collection.define]
        given = [self.value(argument, context) for argument in collection.arguments]
        if self.nullability.dated_in(collection.define, define.body):
            given.append(name("day"))
        if self.nullability.asks_in(collection.define):
            given.append(name("findings"))
        return call(self.around.membership(collection.define), self.value(sought, context), *given)

    def _in_named_set(self, sought: Term, qname: str, context: Context) -> ast.expr:
        base, kind = self.around.named_set(qname)
        members = call(attribute(base, "on"), name("day")) if kind.dated else base
        value = self.value(sought, context)
        if self.nullability.absent(sought, context):
            raise NotExpressible("perhaps absent")

        def holds(value: ast.expr) -> ast.expr:
            return subscript(members, value) if kind.uncertain else compare(value, ast.In(), members)

        if not self.null(sought, context):
            return holds(value)
        if kind.blank == "unknown":
            guard, known = self._known(sought, value)
            return choose(guard, NONE, holds(known))
        if kind.blank == "unless empty" and not kind.uncertain:
            return call(self.around.runtime("member"), value, members)
        raise NotExpressible("what an unknown value is in this set depends on the day")

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
        if self._needs_bounds(term.left, term.right, context):
            compared = "surely_less" if term.operator == "<" else "surely_less_equal"
            return self._by_bounds(compared, term.left, term.right, context)
        if not isinstance(kind, EnumType):
            lifted = "less" if term.operator == "<" else "less_equal"
            return self.strict((term.left, term.right), context, lambda a, b: _ordered(term, a, operator, b), lifted)

        def position(value: ast.expr) -> ast.expr:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return const(kind.members.index(value.value))
            return subscript(self.around.positions(kind), value)

        return self.strict((term.left, term.right), context, lambda a, b: compare(position(a), operator, position(b)))

    def _within_entry(self, code: ast.expr, entry: ast.expr) -> ast.expr:
        if not (isinstance(entry, ast.Constant) and isinstance(entry.value, str)) or not _is_simple(code):
            return call(self.around.runtime("eccn_within"), code, entry)
        paragraph = call(attribute(code, "startswith"), const(entry.value + "."))
        return either([compare(code, ast.Eq(), entry), paragraph])

    def _within_area(self, place: ast.expr, area: ast.expr) -> ast.expr:
        zones = dict(self.nullability.program.place.zones)
        if isinstance(area, ast.Constant):
            inside = [area.value, *sorted(zone for zone, country in zones.items() if country == area.value)]
            if len(inside) == 1:
                return compare(place, ast.Eq(), area)
            return compare(place, ast.In(), ast.Set([const(str(each)) for each in inside]))
        if not _is_simple(place) or not _is_simple(area):
            return call(self.around.runtime("place_within"), place, area, self.around.zones())
        country = call(attribute(self.around.zones(), "get"), place)
        return either([compare(place, ast.Eq(), area), compare(country, ast.Eq(), area)])

    def _eccn_part(self, term: terms.EccnPart, context: Context) -> ast.expr:
        if self.maybe(term.code, context) or not context.assures("listed", term.code):
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
        value = self.truth(operand, context)
        if not self.null(operand, context):
            return negation(value)
        guard, known = self._known(operand, value)
        return choose(guard, NONE, negation(known))

    def placed(self, operands: Sequence[Term], context: Context, deciding: bool) -> list[tuple[Term, Context, bool]]:
        """The operands of `or` (``deciding``) or `and`, where each stands, and whether it may be unknown.

        Certain ones come first, unless one may raise an error; then all stay in their order.
        """
        operands = list(_flattened(operands, terms.Or if deciding else terms.And, self.calls))
        if deciding:
            operands = _gathered(operands)
        contexts = (self.nullability.disjuncts if deciding else self.nullability.conjuncts)(operands, context)
        placed = [(operand, inner, doubtful) for operand, (inner, doubtful) in zip(operands, contexts, strict=True)]
        if any(self.nullability.raises(operand) for operand in operands):
            return placed
        # None of the doubtful ones assures anything for those after it, so what is cheap may come first.
        return sorted(placed, key=lambda each: (each[2], self.nullability.costs(each[0]) if each[2] else 0))

    def _connective(self, operands: Sequence[Term], context: Context, deciding: bool) -> ast.expr:
        """`and` or `or`: one doubtful operand at the end needs no care, of several each is named on the way."""
        join = either if deciding else _conjunction
        placed = self.placed(operands, context, deciding)
        if not any(doubtful for _, _, doubtful in placed[:-1]):
            return join([self.truth(operand, inner) for operand, inner, _ in placed])
        tests: list[ast.expr] = []
        names: list[ast.expr] = []
        sure: list[ast.expr] = []
        for operand, inner, doubtful in placed:
            value = self.truth(operand, inner)
            if not doubtful and not names:
                sure.append(value)
                continue
            if doubtful and not isinstance(value, ast.Name):
                value = bind(self.temporary(operand), value)
            if doubtful:
                names.append(value.target if isinstance(value, ast.NamedExpr) else value)
            tests.append(value if deciding else is_false(value) if doubtful else negation(value))
        names = [name(each.id) for each in names if isinstance(each, ast.Name)]
        if deciding:
            return either([*sure, *tests, choose(either([is_none(each) for each in names]), NONE, const(False))])
        return _conjunction([*sure, choose(either(tests), const(False), both(names))])

    # ------------------------------------------------------------------------- binders

    def _quantifier(self, term: terms.Quantifier, context: Context) -> ast.expr:
        if self.nullability.of(term.source, context).inner:
            return self.value(self.spelled.get(id(term)) or self.spell(term, context), context)
        if self.nullability.raises(term.body) and isinstance(term.source.type, SetType):
            raise NotExpressible("the order of errors in a set")
        code = _within_the_variable(term)
        if code is not None and (self.nullability.absent(code, context) or not isinstance(term.source.type, SetType)):
            code = None

        def build(collection: ast.expr) -> ast.expr:
            if code is not None and (_is_simple(collection) or not self.null(code, context)):
                return self._within_any(code, collection, context)
            inner = self.inside(context, term.variable, term.source)
            body = self.truth(term.body, inner)
            function = name(term.kind)
            if self.null(term.body, inner):
                function = self.around.runtime(f"{term.kind}_of")
            return ast.Call(function, [self._generator(body, term.variable, _display(collection))], [])

        if id(term) in self.sieves:
            code = None
            return build(self.sieves[id(term)])
        return self.strict((term.source,), context, build)

    def _within_any(self, code: Term, collection: ast.expr, context: Context) -> ast.expr:
        value = self.value(code, context)
        within = self.around.runtime("within_any")
        if not self.null(code, context):
            return call(within, value, collection)
        guard, known = self._known(code, value)  # an unknown code is within none of no entries
        return choose(guard, choose(collection, NONE, const(False)), call(within, known, collection))

    def spell(self, term: terms.Quantifier, context: Context) -> Term:
        """A quantifier over a set with uncertain members, as one over sure ones that asks for membership first."""
        source, variable = term.source, term.variable

        def over(source: Term, member: Term) -> Term:
            inside = (member, term.body) if term.kind == "any" else (terms.Not(member), term.body)
            return replace(term, source=source, body=(terms.And if term.kind == "any" else terms.Or)(inside))

        match source:
            case terms.Filter(variable=inner, source=wider, where=where):
                element = terms.Local(variable, _element_of(source))
                if self.null(wider, context) or _captures(where, element):
                    raise NotExpressible("a set that may be unknown")
                return over(wider, substitute(where, {inner: element}))
            case terms.When(condition=condition, value=value):
                inner_term = replace(term, source=value)
                if term.kind == "any":
                    return terms.And((condition, inner_term))
                return terms.Or((terms.Not(condition), inner_term))
            case terms.NamedSet(name=qname):
                everything = self.around.perhaps_in(qname)
                element = terms.Local(variable, _element_of(source))
                return over(terms.Const(everything, source.type), terms.MemberOf(element, source))
            case terms.Call(define=define, arguments=arguments) if all(map(is_path, arguments)):
                body = self.nullability.program.defines[define].body
                names = [parameter for parameter, _ in self.nullability.program.defines[define].parameters]
                if not any(_captures(body, argument) for argument in arguments):
                    return replace(term, source=substitute(body, dict(zip(names, arguments, strict=True))))
            case terms.SetOperation(operator="|", left=left, right=right):
                if not (self.null(left, context) or self.null(right, context)):
                    sides = (replace(term, source=left), replace(term, source=right))
                    return terms.Or(sides) if term.kind == "any" else terms.And(sides)
        raise NotExpressible(f"uncertain members in {source}")

    def _total(self, term: terms.Count | terms.Sum, context: Context) -> ast.expr:
        self.settled(term.source, context)
        if self.nullability.raises(term.where) or (isinstance(term, terms.Sum) and self.nullability.raises(term.value)):
            raise NotExpressible("the order of errors in a sum")

        def build(collection: ast.expr) -> ast.expr:
            collection = _display(collection)
            inner = self.inside(context, term.variable, term.source)
            test = self.truth(term.where, inner)
            doubtful = self.null(term.where, inner)
            if isinstance(term, terms.Count):
                if doubtful:
                    counted = self._generator(test, term.variable, collection)
                    return call(self.around.runtime("count_of"), counted)
                return call("sum", self._generator(const(1), term.variable, collection, test))
            if doubtful or self.maybe(term.value, inner.knowing(when_true(term.where))):
                pair = tuple_of((test, self.value(term.value, inner)))
                return call(self.around.runtime("total_of"), self._generator(pair, term.variable, collection))
            value = self.value(term.value, inner.knowing(when_true(term.where)))
            total = call("sum", self._generator(value, term.variable, collection, test))
            return total if isinstance(term.type, IntType) else call(self.around.runtime("exact"), total)

        return self.strict((term.source,), context, build)

    # ------------------------------------------------------------------------- bounds

    def _needs_bounds(self, left: Term, right: Term, context: Context) -> bool:
        """Counts or sums are compared that may be partly unknown."""
        program = self.nullability.program
        return (has_total(left, program) or has_total(right, program)) and (
            self.maybe(left, context) or self.maybe(right, context)
        )

    def _by_bounds(self, function: str, left: Term, right: Term, context: Context) -> ast.expr:
        sides = (self._bounds(side, context, {}) for side in (left, right))
        return call(self.around.runtime(function), *sides)

    def _bounds(self, term: Term, context: Context, limits: Limits) -> ast.expr:
        """The bounds of a number (`runtime.bounds`), where they are plain to see."""
        program = self.nullability.program
        match term:
            case terms.Count() | terms.Sum():
                return self._total_bounds(term, context, limits)
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                sides = (self._bounds(side, context, limits) for side in (left, right))
                return call(self.around.runtime("plus" if operator == "+" else "minus"), *sides)
            case terms.Call(define=define, arguments=arguments) if has_total(term, program):
                body = program.defines[define].body
                if not all(map(is_path, arguments)) or any(_captures(body, each) for each in arguments):
                    raise NotExpressible(f"the bounds of {define}")
                parameters = [parameter for parameter, _ in program.defines[define].parameters]
                return self._bounds(substitute(body, dict(zip(parameters, arguments, strict=True))), context, {})
            case _ if has_total(term, program):
                raise NotExpressible("the bounds of a sum in a formula")
            case terms.Field(base=base, name=field):
                limit = limits_of(term, program)
                if isinstance(base, terms.Local):
                    limit = both_bounds(limit, limits.get((base.name, field), UNBOUNDED))
                if limit != UNBOUNDED and _qname(base.type) in self.nullability.in_place:
                    raise NotExpressible("a record that may have been built in place")
                return self._exactly(term, context, limit)
            case _:
                return self._exactly(term, context, UNBOUNDED)

    def _exactly(self, term: Term, context: Context, limit: Bounds) -> ast.expr:
        limits = [] if limit == UNBOUNDED else [tuple_of(self._end(end, term.type) for end in limit)]
        return call(self.around.runtime("exactly"), self.value(term, context), *limits)

    def _end(self, end: Number | None, type: Type) -> ast.expr:
        return NONE if end is None else literal(end, type, self.around)

    def _total_bounds(self, term: terms.Count | terms.Sum, context: Context, limits: Limits) -> ast.expr:
        self.settled(term.source, context)
        if any(map(self.nullability.raises, children(term))):
            raise NotExpressible("the order of errors in a sum")
        within = {**limits, **limits_of_elements(term, self.nullability.program)}
        collection = self.value(term.source, context)
        guards = []
        if self.maybe(term.source, context):
            guard, collection = self._known(term.source, collection)
            guards.append(guard)
            if self.nullability.absent(term.source, context):
                raise NotExpressible("a list that may be absent")
        inner = self.inside(context, term.variable, term.source)
        test = self.truth(term.where, inner)
        if isinstance(term, terms.Count):
            function, part, rest = "count_bounds", test, tuple_of((const(0), NONE))
        else:
            value = self._bounds(term.value, inner, within)
            function, part, rest = "sum_bounds", tuple_of((test, value)), self._bounds_of_any(term, within)
        bounds = call(self.around.runtime(function), self._generator(part, term.variable, _display(collection)))
        return choose(guards[0], rest, bounds) if guards else bounds

    def _bounds_of_any(self, term: terms.Sum, limits: Limits) -> ast.expr:
        """The bounds of a sum over a list of which nothing is known."""
        match term.value:
            case terms.Field(base=terms.Local(name=local), name=field) if local == term.variable:
                limit = both_bounds(
                    limits_of(term.value, self.nullability.program), limits.get((local, field), UNBOUNDED)
                )
            case terms.Const(value=int() | Fraction() as value):
                limit = (value, value)
            case _:
                raise NotExpressible("the bounds of a sum of formulas")
        return tuple_of(self._end(end, term.type) for end in any_number_of(limit))

    # ------------------------------------------------------------------------- cases

    def unchecked(self, term: terms.Cases, context: Context) -> bool:
        """Whether the first case that holds is the answer, whatever the others are."""
        conditional = [(case.condition, case.value) for case in term.cases if case.condition is not None]
        if len(conditional) == len(term.cases):
            return False  # there may be a gap
        if not term.first_match and any(value != conditional[0][1] for _, value in conditional[1:]):
            return False  # two may clash
        may_raise = any(self.nullability.raises(condition) for condition, _ in conditional)
        return not (may_raise and any(self.null(condition, context) for condition, _ in conditional))

    def _cases(self, term: terms.Cases, context: Context) -> ast.expr:
        conditional = [(case.condition, case.value) for case in term.cases if case.condition is not None]
        otherwise = next((case.value for case in term.cases if case.condition is None), None)
        if otherwise is None or not self.unchecked(term, context):
            return self._checked_cases(term, conditional, otherwise, context)
        result = self.value(otherwise, context)
        for condition, value in reversed(conditional):
            test = self.truth(condition, context)
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
        lazily = any(self.nullability.raises(part) for part in parts)
        wrap: Callable[[ast.expr], ast.expr] = (lambda e: lambda_of((), e)) if lazily else (lambda e: e)
        function = "first_case" if term.first_match else "only_case"
        arguments = [const(term.name)]
        arguments += [
            tuple_of((wrap(self.truth(condition, context)), wrap(self.value(value, context))))
            for condition, value in conditional
        ]
        keywords = {} if otherwise is None else {"otherwise": wrap(self.value(otherwise, context))}
        return call(self.around.runtime(function + "_lazily" * lazily), *arguments, **keywords)


def _gathered(operands: Sequence[Term]) -> list[Term]:
    """The operands of `or`, in which rules of one decision are asked about together, where the first stood."""
    found: list[Term] = []
    place: dict[tuple[str, str, Term], int] = {}
    for operand in operands:
        plain_operand = operand.condition if isinstance(operand, terms.Line) else operand
        if not isinstance(plain_operand, terms.RuleHolds) or not (
            plain_operand.key is None or isinstance(plain_operand.key, terms.Const)
        ):
            found.append(operand)
            continue
        asked = plain_operand
        member = None if asked.key is None else str(asked.key.value)  # type: ignore[union-attr]
        group = (asked.decision, asked.verb, asked.record)
        if group not in place:
            place[group] = len(found)
            found.append(AnyHolds(asked.decision, asked.rule, asked.key, asked.verb, asked.record, asked.type))
        else:
            first = found[place[group]]
            assert isinstance(first, AnyHolds)
            found[place[group]] = replace(first, others=(*first.others, (asked.rule, member)))
    return found


def _flattened(
    operands: Sequence[Term], kind: type[terms.And] | type[terms.Or], whole: Container[int]
) -> Iterator[Term]:
    """The operands of a connective, those of its like inside it among them but for what is ``whole``."""
    for operand in operands:
        inner = operand
        while isinstance(inner, terms.Line) and id(inner) not in whole:
            inner = inner.condition
        if isinstance(inner, kind) and id(inner) not in whole:
            yield from _flattened(inner.operands, kind, whole)
        else:
            yield operand


def _hint(term: Term) -> str:
    match term:
        case terms.Field(name=hint) | terms.Local(name=hint):
            return hint
        case terms.Call(define=qname) | terms.Lookup(table=qname) | terms.NamedSet(name=qname):
            return qname.rpartition(".")[2]
        case terms.RuleHolds(rule=rule):
            return rule.rpartition(".")[2]
        case terms.Line(condition=part) | terms.Not(operand=part) | terms.IsPresent(operand=part):
            return _hint(part)
        case terms.Compare(left=terms.Const(), right=part) | terms.Compare(left=part):
            return _hint(part)
        case terms.Equal(left=part) | terms.MemberOf(value=terms.Const(), collection=part) | terms.MemberOf(value=part):
            return _hint(part)
        case terms.EccnWithin(code=part) | terms.HsWithin(code=part) | terms.PlaceWithin(place=part):
            return _hint(part)
        case terms.Quantifier(source=part) | terms.Count(source=part) | terms.Sum(source=part):
            return _hint(part)
        case _:
            return "part"


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


def _within_the_variable(term: terms.Quantifier) -> Term | None:
    """The code of `any e in …: code within e`."""
    body = term.body
    while isinstance(body, terms.Line):
        body = body.condition
    match term.kind, body:
        case "any", terms.EccnWithin(code=code, entry=terms.Local(name=entry)) if entry == term.variable:
            return None if entry in free_locals(code) else code
        case _:
            return None


def _element_of(source: Term) -> Type:
    return source.type.element if isinstance(source.type, (SetType, ListType)) else source.type


def _display(collection: ast.expr) -> ast.expr:
    """`frozenset({…})` as `{…}`, where it is only gone through."""
    match collection:
        case ast.Call(func=ast.Name(id="frozenset"), args=[ast.Set() as display]):
            return display
        case _:
            return collection


def _all_constant(elements: Sequence[Term]) -> bool:
    return all(isinstance(element, terms.Const) and isinstance(element.value, (str, int)) for element in elements)


def _captures(body: Term, value: Term) -> bool:
    """Whether a binder in ``body`` would catch a local of ``value`` put there."""
    mine = isinstance(body, BINDERS) and body.variable in free_locals(value)
    return mine or any(_captures(child, value) for child in children(body))


def _qname(type: Type) -> tuple[str, str] | None:
    return (type.module, type.name) if isinstance(type, RecordType) else None


def is_path(term: Term) -> bool:
    """A fact read by its path, cheap enough to read twice."""
    return isinstance(term, terms.Local) or (isinstance(term, terms.Field) and is_path(term.base))


def _is_simple(value: ast.expr) -> bool:
    return isinstance(value, (ast.Name, ast.Constant)) or (isinstance(value, ast.Attribute) and _is_simple(value.value))


def _ordered(term: terms.Compare, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """``left < right``; with a fraction as `1 * share.denominator < 4 * share.numerator`.

    Python compares two fractions in a microsecond, which is longer than most rules take, and two products of whole
    numbers in a tenth of it. Shares are mostly fractions; of other amounts few are, so a whole limit stays as it is.
    """
    for limit, other in ((term.left, right), (term.right, left)):
        if not isinstance(limit, terms.Const) or not isinstance(limit.value, int | Fraction) or not _is_simple(other):
            continue
        if isinstance(other, ast.Constant) or not (isinstance(limit.value, Fraction) or term.operand_type == PERCENT):
            continue
        fixed = _times(limit.value.numerator, attribute(other, "denominator"))
        given = _times(limit.value.denominator, attribute(other, "numerator"))
        return compare(fixed, operator, given) if limit is term.left else compare(given, operator, fixed)
    return compare(left, operator, right)


def _times(factor: int, value: ast.expr) -> ast.expr:
    return const(0) if factor == 0 else value if factor == 1 else ast.BinOp(const(factor), ast.Mult(), value)


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
    return both(merged)
