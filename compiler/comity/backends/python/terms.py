"""Terms as Python expressions: one total match over terms, with facts, tables, calls and cases.

An expression built here has the value that the reference semantics (`core.evaluate`) gives the term, for facts that
keep their types and a known day. Where nothing in a term can be unknown it is what a person would write; where
something can, None is looked for first:

    this.item.origin == "US"
    None if (content := this.item.us_content) is None else content > QUARTER
    False if (a := …) is False or (b := …) is False else a and b

What straight Python cannot say (a set with uncertain members as a value, the states of commitments) is
`NotExpressible`; whoever asked leaves that condition to the reference semantics, which built packages carry along.

What takes more than a line is in a module by its kind: `codes`, `comparisons`, `connectives`, `membership` and
`quantifiers`, all made with what `strict` has.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from datetime import date
from typing import assert_never

from comity import terms
from comity.backends.python.codes import Codes
from comity.backends.python.comparisons import Comparisons
from comity.backends.python.connectives import AnyHolds, Connectives
from comity.backends.python.literals import NotExpressible, literal
from comity.backends.python.membership import Membership
from comity.backends.python.names import Names
from comity.backends.python.nullability import Context, key, when_true
from comity.backends.python.quantifiers import Quantifiers
from comity.backends.python.strict import StrictExpressions
from comity.backends.python.surroundings import Surroundings
from comity.backends.python.trees import (
    NONE,
    attribute,
    call,
    choose,
    compare,
    const,
    either,
    is_not_none,
    lambda_of,
    name,
    subscript,
    tuple_of,
)
from comity.runtime.types import AbsentType, IntType, MonthsType, RecordType
from comity.terms import Term

_SET_OPERATORS: dict[str, ast.operator] = {"|": ast.BitOr(), "&": ast.BitAnd(), "-": ast.Sub()}
_ARITHMETIC: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
_LIFTED = {"+": "add", "-": "subtract", "*": "multiply"}


class Expressions(StrictExpressions):
    """Builds the expressions of one function. ``temporaries`` hands out its local names."""

    def __init__(self, around: Surroundings, temporaries: Names) -> None:
        super().__init__(around, temporaries)
        self.membership = Membership(self)
        self.comparisons = Comparisons(self)
        self.codes = Codes(self)
        self.connectives = Connectives(self)
        self.quantifiers = Quantifiers(self)

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
                return self.membership.set_of(term, elements, context)
            case terms.ListOf(elements=elements):
                self.settled(term, context)
                return tuple_of(self.value(element, context) for element in elements)
            case terms.NamedSet(name=qname):
                return self.membership.named_set(qname)
            case terms.Filter(variable=variable, source=source, where=where):
                return self.membership.filter(term, variable, source, where, context)
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
                return self.comparisons.order(term, context)
            case terms.Equal():
                return self.comparisons.equal(term, context)
            case terms.MemberOf(value=sought, collection=collection):
                return self.membership.of(sought, collection, context)
            case terms.SubsetOf(left=left, right=right):
                self.settled(left, context)
                self.settled(right, context)
                if self.maybe(right, context) or self.nullability.raises(right):
                    raise NotExpressible("a set that nothing may ask about")  # nothing at all is within any set
                return self.strict((left, right), context, lambda a, b: compare(a, ast.LtE(), b))
            case terms.EccnWithin(code=code, entry=entry):
                return self.strict((code, entry), context, self.codes.within_entry, "eccn_within")
            case terms.HsWithin(code=code, heading=heading):
                return self.strict(
                    (code, heading), context, lambda a, b: call(attribute(a, "startswith"), b), "hs_within"
                )
            case terms.PlaceWithin(place=place, area=area):
                return self.strict((place, area), context, self.codes.within_area)
            case terms.EccnPart(code=code):
                return self.codes.part(term, context)
            case terms.IsKnown(operand=operand):
                self.settled(operand, context)
                if not self.null(operand, context) and not self.nullability.raises(operand):
                    return const(True)
                return is_not_none(self.value(operand, context))
            case terms.IsPresent(operand=operand):
                return self._is_present(operand, context)
            case terms.Not(operand=operand):
                return self.connectives.negated(operand, context)
            case terms.And(operands=operands) | terms.Or(operands=operands):
                return self.connectives.joined(operands, context, deciding=isinstance(term, terms.Or))
            case terms.InWindow(intervals=intervals):
                return either([self._interval(interval) for interval in intervals])
            case terms.Quantifier():
                return self.quantifiers.quantifier(term, context)
            case terms.Count() | terms.Sum():
                return self.quantifiers.total(term, context)
            case terms.Cases():
                return self._cases(term, context)
            case terms.Line(condition=condition):
                return self.value(condition, context)
            case _:
                assert_never(term)

    # ------------------------------------------------------------------------- facts, tables, calls

    def _is_present(self, operand: Term, context: Context) -> ast.expr:
        if not self.nullability.absent(operand, context):
            return self.strict((operand,), context, lambda _: const(True))
        value, absent = self.value(operand, context), self.around.runtime("ABSENT")
        if not self.null(operand, context):
            return compare(value, ast.IsNot(), absent)
        guard, known = self.known(operand, value)
        return choose(guard, NONE, compare(known, ast.IsNot(), absent))

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

    # ------------------------------------------------------------------------- numbers, dates

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
                guard, known = self.known(condition, test)
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
