"""Sets, and what is in them.

Membership is read off the structure of a set where it has one, so that no set is made to be asked once. For example:

    country in {c in eu where c != HU}      this.country in EU and this.country != 'HU'
    country in {BY, RU}                     this.country in {'BY', 'RU'}
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from comity import terms
from comity.backends.python.literals import NotExpressible, literal
from comity.backends.python.nullability import Context, plain
from comity.backends.python.strict import StrictExpressions
from comity.backends.python.substitution import captures, is_path
from comity.backends.python.trees import NONE, call, choose, compare, display, name, subscript
from comity.core.walk import substitute
from comity.terms import Term


class Membership:
    """Sets, and `in`, among the terms that ``expressions`` has."""

    def __init__(self, expressions: StrictExpressions) -> None:
        self.expressions = expressions
        self.around = expressions.around
        self.nullability = expressions.nullability

    def set_of(self, term: Term, elements: Sequence[Term], context: Context) -> ast.expr:
        """A set written out; a constant of the module if its members are."""
        self.expressions.settled(term, context)
        if not elements:
            return call("frozenset")
        made = call("frozenset", self._elements(elements, context))
        return self.around.constant_set(made) if _all_constant(elements) else made

    def _elements(self, elements: Sequence[Term], context: Context) -> ast.expr:
        return ast.Set([self.expressions.value(element, context) for element in elements])

    def named_set(self, qname: str) -> ast.expr:
        """A named set as a value, on the day if it is dated."""
        base, kind = self.around.named_set(qname)
        if kind.uncertain:
            raise NotExpressible(f"uncertain members in {qname}")
        return subscript(base, name("day")) if kind.dated else base

    def filter(self, term: Term, variable: str, source: Term, where: Term, context: Context) -> ast.expr:
        """The set of what holds for ``where`` in another set."""
        self.expressions.settled(term, context)
        if self.nullability.raises(where):
            raise NotExpressible("the order of errors in a set")

        def build(collection: ast.expr) -> ast.expr:
            inner = self.expressions.inside(context, variable, source)
            test = self.expressions.truth(where, inner)
            return call(
                "frozenset",
                self.expressions.generator(name(self.expressions.variables[variable]), variable, collection, test),
            )

        return self.expressions.strict((source,), context, build)

    def of(self, sought: Term, collection: Term, context: Context) -> ast.expr:
        """`in`, read off the structure of the set where it has one, as the reference does."""
        if isinstance(sought, (terms.Local, terms.Const)) or is_path(sought):
            structure = _structure(sought, collection)
            if structure is not None:
                return self.expressions.value(structure, context)
        if isinstance(collection, terms.NamedSet):
            return self._in_named_set(sought, collection.name, context)
        if isinstance(collection, terms.Call) and not self.expressions.maybe(sought, context):
            return self._in_call(sought, collection, context)
        self.expressions.settled(collection, context)
        if isinstance(collection, (terms.Filter, terms.When, terms.SetOperation, terms.Call)) and (
            self.expressions.maybe(sought, context) or self.nullability.raises(collection)
        ):
            raise NotExpressible("membership that only the structure of the set tells")
        if not plain(sought.type):
            raise NotExpressible("a value with parts in a set")
        elements = self._listed(collection, context)
        skips = self.expressions.maybe(sought, context) and self.nullability.raises(collection)
        if elements is not None and not self.nullability.absent(sought, context) and not skips:
            return self.expressions.strict((sought,), context, lambda value: compare(value, ast.In(), elements))
        skips = self.expressions.maybe(collection, context) and self.nullability.raises(sought)
        if (
            not self.expressions.maybe(sought, context)
            and not self.nullability.absent(collection, context)
            and not skips
        ):
            value = self.expressions.value(sought, context)
            return self.expressions.strict((collection,), context, lambda members: compare(value, ast.In(), members))
        member = self.around.runtime("member")
        return call(member, self.expressions.value(sought, context), self.expressions.value(collection, context))

    def _listed(self, collection: Term, context: Context) -> ast.expr | None:
        """The members of a set written out, as what `in` looks into; None if it is not, or there are none."""
        match collection:
            case terms.Const(value=frozenset() as value, type=type) if value:
                return display(literal(value, type, self.around))
            case terms.SetOf(elements=elements) | terms.ListOf(elements=elements) if elements:
                return self._elements(elements, context)
            case _:
                return None

    def _in_call(self, sought: Term, collection: terms.Call, context: Context) -> ast.expr:
        define = self.nullability.program.defines[collection.define]
        given = [self.expressions.value(argument, context) for argument in collection.arguments]
        if self.nullability.dated_in(collection.define, define.body):
            given.append(name("day"))
        if self.nullability.asks_in(collection.define):
            given.append(name("findings"))
        return call(self.around.membership(collection.define), self.expressions.value(sought, context), *given)

    def _in_named_set(self, sought: Term, qname: str, context: Context) -> ast.expr:
        base, kind = self.around.named_set(qname)
        members = subscript(base, name("day")) if kind.dated else base
        value = self.expressions.value(sought, context)
        if self.nullability.absent(sought, context):
            raise NotExpressible("perhaps absent")

        def holds(value: ast.expr) -> ast.expr:
            return subscript(members, value) if kind.uncertain else compare(value, ast.In(), members)

        if not self.expressions.null(sought, context):
            return holds(value)
        if kind.blank == "unknown":
            guard, known = self.expressions.known(sought, value)
            return choose(guard, NONE, holds(known))
        if kind.blank == "unless empty" and not kind.uncertain:
            return call(self.around.runtime("member"), value, members)
        raise NotExpressible("what an unknown value is in this set depends on the day")


def _structure(sought: Term, collection: Term) -> Term | None:
    """``sought in collection`` in terms of the parts of the collection, if it is made of any."""
    match collection:
        case terms.Filter(variable=variable, source=source, where=where) if not captures(where, sought):
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


def _all_constant(elements: Sequence[Term]) -> bool:
    return all(isinstance(element, terms.Const) and isinstance(element.value, (str, int)) for element in elements)
