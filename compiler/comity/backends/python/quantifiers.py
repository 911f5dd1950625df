"""Quantifiers, counts and sums over sets and lists, as Python's comprehensions.

For example:

    any p in parties: p.listed              any(p.listed for p in this.parties)
    the same, `listed` perhaps unknown      any_of(p.listed for p in this.parties)
    count(p in parties where p.listed)      sum(1 for p in this.parties if p.listed)
    sum(i.value for i in items)             exact(sum(i.value for i in this.items))
"""

from __future__ import annotations

import ast
from dataclasses import replace

from comity import terms
from comity.backends.python import trees
from comity.backends.python.literals import NotExpressible
from comity.backends.python.nullability import Context, around_the_variable, when_true, within_the_variable
from comity.backends.python.strict import StrictExpressions
from comity.backends.python.substitution import captures, is_path
from comity.backends.python.trees import NONE, call, choose, compare, const, display, is_simple, name, tuple_of
from comity.core.walk import substitute
from comity.runtime.types import IntType, ListType, SetType, Type
from comity.terms import Term


class Quantifiers:
    """Those among the terms that ``expressions`` has."""

    def __init__(self, expressions: StrictExpressions) -> None:
        self.expressions = expressions
        self.around = expressions.around
        self.nullability = expressions.nullability
        self.spelled: dict[int, Term] = {}
        """Quantifiers over sets with uncertain members, by their identity, as ones over sure members."""
        self.sieves: dict[int, ast.expr] = {}
        """Quantifiers, by their identity, and the elements that they have to go through."""

    def quantifier(self, term: terms.Quantifier, context: Context) -> ast.expr:
        """`any` or `all`."""
        if self.nullability.of(term.source, context).inner:
            return self.expressions.value(self.spelled.get(id(term)) or self.spell(term, context), context)
        if self.nullability.raises(term.body) and isinstance(term.source.type, SetType):
            raise NotExpressible("the order of errors in a set")
        code, covered = within_the_variable(term), False
        if code is None:
            code, covered = around_the_variable(term), True
        if code is not None and (self.nullability.absent(code, context) or not isinstance(term.source.type, SetType)):
            code = None

        def build(collection: ast.expr) -> ast.expr:
            if code is not None and (is_simple(collection) or not self.expressions.null(code, context)):
                return self._within_any(code, collection, context, covered)
            inner = self.expressions.inside(context, term.variable, term.source)
            body = self.expressions.truth(term.body, inner)
            function = name(term.kind)
            if self.expressions.null(term.body, inner):
                function = self.around.runtime(f"{term.kind}_of")
            return ast.Call(function, [self.expressions.generator(body, term.variable, display(collection))], [])

        if id(term) in self.sieves:
            code = None
            return build(self.sieves[id(term)])
        return self.expressions.strict((term.source,), context, build)

    def loop(self, term: terms.Quantifier, context: Context, decided: list[ast.stmt], result: str) -> list[ast.stmt]:
        """The same as statements, which take less time: none where there is no need of a loop.

        They do ``decided`` at an element for which the answer is certain, true of `any` and false of `all`; after the
        loop ``result`` is the answer otherwise.

            found: bool | None = False
            for p in this.parties:
                if (listed := p.listed):
                    return True
                elif listed is None:
                    found = None
        """
        while self.nullability.of(term.source, context).inner:
            spelled = self.spelled.get(id(term)) or self.spell(term, context)
            if not isinstance(spelled, terms.Quantifier) or id(term) in self.sieves:
                return []
            term = spelled
        source = term.source
        if self.nullability.raises(term.body) or self.nullability.raises(source):
            return []
        if within_the_variable(term) or around_the_variable(term) or self.nullability.absent(source, context):
            return []
        doubt = id(term) not in self.sieves and self.expressions.maybe(source, context)
        collection = self.sieves.get(id(term)) or self.expressions.value(source, context)
        statements: list[ast.stmt] = []
        if doubt and not isinstance(collection, ast.Name):
            statements.append(trees.assign(self.expressions.temporary(source), collection))
            collection = name(self.expressions.last)
        inner = self.expressions.inside(context, term.variable, source)
        variable = ast.Name(self.expressions.variables[term.variable], ast.Store())
        test = self.expressions.truth(term.body, inner)
        unknown: list[ast.stmt] = []
        doubtful = self.expressions.null(term.body, inner)
        if doubtful:
            if not isinstance(test, ast.Name):
                test = trees.bind(self.expressions.temporary(term.body), test)
            asked = test.target if isinstance(test, ast.NamedExpr) else test
            assert isinstance(asked, ast.Name)
            unknown = [ast.If(trees.is_none(name(asked.id)), [trees.assign(result, NONE)], [])]
            test = test if term.kind == "any" else trees.is_false(test)
        elif term.kind == "all":
            test = trees.negation(test)
        loop = ast.For(variable, display(collection), [ast.If(test, decided, unknown)], [], lineno=0)
        start, truth = const(term.kind == "all"), trees.union(name("bool"), NONE)
        if doubt:
            going = ast.If(trees.is_not_none(collection), [trees.assign(result, start), loop], [])
            return [*statements, trees.assign(result, NONE, truth), going]
        return [trees.assign(result, start, truth if doubtful else None), loop]

    def _within_any(self, code: Term, collection: ast.expr, context: Context, covered: bool) -> ast.expr:
        """Whether ``code`` is within an element of the collection or, if ``covered``, an element is within ``code``."""
        value = self.expressions.value(code, context)

        def within(known: ast.expr) -> ast.expr:
            if covered:
                return compare(known, ast.In(), call(self.around.runtime("coverings"), collection))
            return call(self.around.runtime("within_any"), known, collection)

        if not self.expressions.null(code, context):
            return within(value)
        guard, known = self.expressions.known(code, value)  # an unknown code is within none of no entries
        return choose(guard, choose(collection, NONE, const(False)), within(known))

    def spell(self, term: terms.Quantifier, context: Context) -> Term:
        """A quantifier over a set with uncertain members, as one over sure ones that asks for membership first."""
        source, variable = term.source, term.variable

        def over(source: Term, member: Term) -> Term:
            inside = (member, term.body) if term.kind == "any" else (terms.Not(member), term.body)
            return replace(term, source=source, body=(terms.And if term.kind == "any" else terms.Or)(inside))

        match source:
            case terms.Filter(variable=inner, source=wider, where=where):
                element = terms.Local(variable, _element_of(source))
                if self.expressions.null(wider, context) or captures(where, element):
                    raise NotExpressible("a set that may be unknown")
                return over(wider, substitute(where, {inner: element}))
            case terms.When(condition=condition, value=value):
                inner_term = replace(term, source=value)
                if term.kind == "any":
                    return terms.And((condition, inner_term))
                return terms.Or((terms.Not(condition), inner_term))
            case terms.NamedSet(name=qname):
                perhaps = terms.Const(self.around.perhaps_in(qname), source.type)
                return over(perhaps, terms.MemberOf(terms.Local(variable, _element_of(source)), source))
            case terms.Call(define=define, arguments=arguments) if all(map(is_path, arguments)):
                body = self.nullability.program.defines[define].body
                names = [parameter for parameter, _ in self.nullability.program.defines[define].parameters]
                if define in self.nullability.members_remembered and isinstance(body, terms.Filter):
                    everything = body.source
                    if isinstance(everything, terms.Const):
                        return over(everything, terms.MemberOf(terms.Local(variable, _element_of(source)), source))
                if not any(captures(body, argument) for argument in arguments):
                    return replace(term, source=substitute(body, dict(zip(names, arguments, strict=True))))
            case terms.SetOperation(operator="|", left=left, right=right):
                if not (self.expressions.null(left, context) or self.expressions.null(right, context)):
                    sides = (replace(term, source=left), replace(term, source=right))
                    return terms.Or(sides) if term.kind == "any" else terms.And(sides)
        raise NotExpressible(f"uncertain members in {source}")

    def total(self, term: terms.Count | terms.Sum, context: Context) -> ast.expr:
        """A count or sum as a number; `comparisons` has those that are known only between bounds."""
        self.expressions.settled(term.source, context)
        if self.nullability.raises(term.where) or (isinstance(term, terms.Sum) and self.nullability.raises(term.value)):
            raise NotExpressible("the order of errors in a sum")

        def build(collection: ast.expr) -> ast.expr:
            collection = display(collection)
            inner = self.expressions.inside(context, term.variable, term.source)
            test = self.expressions.truth(term.where, inner)
            doubtful = self.expressions.null(term.where, inner)
            if isinstance(term, terms.Count):
                if doubtful:
                    counted = self.expressions.generator(test, term.variable, collection)
                    return call(self.around.runtime("count_of"), counted)
                return call("sum", self.expressions.generator(const(1), term.variable, collection, test))
            if doubtful or self.expressions.maybe(term.value, inner.knowing(when_true(term.where))):
                pair = tuple_of((test, self.expressions.value(term.value, inner)))
                return call(
                    self.around.runtime("total_of"), self.expressions.generator(pair, term.variable, collection)
                )
            value = self.expressions.value(term.value, inner.knowing(when_true(term.where)))
            total = call("sum", self.expressions.generator(value, term.variable, collection, test))
            return total if isinstance(term.type, IntType) else call(self.around.runtime("exact"), total)

        return self.expressions.strict((term.source,), context, build)


def _element_of(source: Term) -> Type:
    return source.type.element if isinstance(source.type, (SetType, ListType)) else source.type
