"""Short spellings for the nodes of Python's `ast`, so that the emitters read like the code they build.

For example:

    call("frozenset", tuple_of([const("BY"), const("RU")]))       is the node of `frozenset(('BY', 'RU'))`
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.backends.python import layout


def name(identifier: str) -> ast.expr:
    return ast.Name(identifier, ast.Load())


def const(value: str | int | bool | None) -> ast.expr:
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


NONE = ast.Constant(None)


def attribute(base: ast.expr, *path: str) -> ast.expr:
    for part in path:
        base = ast.Attribute(base, part, ast.Load())
    return base


def dotted(path: str) -> ast.expr:
    first, *rest = path.split(".")
    return attribute(name(first), *rest)


def call(function: str | ast.expr, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
    target = dotted(function) if isinstance(function, str) else function
    return ast.Call(target, list(arguments), [ast.keyword(key, value) for key, value in keywords.items()])


def bind(variable: str, value: ast.expr) -> ast.expr:
    """``(variable := value)``."""
    return ast.NamedExpr(ast.Name(variable, ast.Store()), value)


def display(collection: ast.expr) -> ast.expr:
    """`frozenset({…})` as `{…}`, where it is only gone through."""
    match collection:
        case ast.Call(func=ast.Name(id="frozenset"), args=[ast.Set() as members]):
            return members
        case _:
            return collection


def is_simple(value: ast.expr) -> bool:
    """A name or a constant, or attributes of one: cheap enough to say twice."""
    return isinstance(value, (ast.Name, ast.Constant)) or (isinstance(value, ast.Attribute) and is_simple(value.value))


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [operator], [right])


def is_none(value: ast.expr) -> ast.expr:
    return _same(value, None)


def is_not_none(value: ast.expr) -> ast.expr:
    return negation(_same(value, None))


def is_false(value: ast.expr) -> ast.expr:
    return _same(value, False)


def _same(value: ast.expr, singleton: bool | None) -> ast.expr:
    """``value is singleton``; Python warns where that is plain to see, so then it is said."""
    if isinstance(value, ast.Constant):
        return ast.Constant(value.value is singleton)
    return compare(value, ast.Is(), ast.Constant(singleton))


def both(operands: Sequence[ast.expr]) -> ast.expr:
    """Python's `and`; true when empty."""
    return _boolean(ast.And(), operands, True)


def either(operands: Sequence[ast.expr]) -> ast.expr:
    """Python's `or`; false when empty."""
    return _boolean(ast.Or(), operands, False)


def _boolean(operator: ast.boolop, operands: Sequence[ast.expr], empty: bool) -> ast.expr:
    if not operands:
        return ast.Constant(empty)
    if len(operands) == 1:
        return operands[0]
    flat: list[ast.expr] = []
    for operand in operands:
        same = isinstance(operand, ast.BoolOp) and type(operand.op) is type(operator)
        flat.extend(operand.values if same else [operand])  # type: ignore[attr-defined]
    return ast.BoolOp(operator, flat)


def negation(operand: ast.expr) -> ast.expr:
    """``not operand``, in the form a person would write."""
    opposite: dict[type[ast.cmpop], ast.cmpop] = {
        ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq(), ast.In: ast.NotIn(), ast.NotIn: ast.In(),
        ast.Is: ast.IsNot(), ast.IsNot: ast.Is(),
    }  # fmt: skip
    match operand:
        case ast.Constant(value=bool() as value):
            return ast.Constant(not value)
        case ast.Compare(ops=[operator]) if type(operator) in opposite:
            return ast.Compare(operand.left, [opposite[type(operator)]], operand.comparators)
        case ast.UnaryOp(op=ast.Not()):
            return call("bool", operand.operand)
        case _:
            return ast.UnaryOp(ast.Not(), operand)


def choose(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
    return ast.IfExp(test, then, otherwise)


def data(value: object) -> ast.expr:
    """A constant, or a tuple of constants, as one node: what is long is laid out many to a line."""
    return ast.Constant(value)  # type: ignore[arg-type]


def long_data(value: object) -> ast.expr:
    """The same for data by the thousand, which Python compiles slowly: as JSON, with lists for tuples."""
    return call("loads", ast.Constant(json.dumps(value, separators=(",", ":"))))


def tuple_of(elements: Iterable[ast.expr]) -> ast.expr:
    return ast.Tuple(list(elements), ast.Load())


def dict_of(items: Iterable[tuple[ast.expr, ast.expr]]) -> ast.expr:
    pairs = list(items)
    return ast.Dict([key for key, _ in pairs], [value for _, value in pairs])


def lambda_of(parameters: Sequence[str], body: ast.expr) -> ast.expr:
    return ast.Lambda(_arguments([(parameter, None, None) for parameter in parameters]), body)


def subscript(base: str | ast.expr, index: ast.expr) -> ast.expr:
    return ast.Subscript(name(base) if isinstance(base, str) else base, index, ast.Load())


def union(*options: ast.expr) -> ast.expr:
    """``A | B`` in an annotation."""
    first, *rest = options
    for option in rest:
        first = ast.BinOp(first, ast.BitOr(), option)
    return first


# ------------------------------------------------------------------------------------------- statements


def doc(text: str) -> list[ast.stmt]:
    """A docstring, or nothing. The text is a constant of the tree: it can never be read as code."""
    return [ast.Expr(ast.Constant(text))] if text else []


def assign(target: str, value: ast.expr, annotation: ast.expr | None = None) -> ast.stmt:
    if annotation is not None:
        return ast.AnnAssign(ast.Name(target, ast.Store()), annotation, value, simple=1)
    return ast.Assign([ast.Name(target, ast.Store())], value)


def returns(value: ast.expr) -> ast.stmt:
    return ast.Return(value)


Parameter = tuple[str, ast.expr | None, ast.expr | None]
"""Name, annotation, default."""


def _arguments(parameters: Sequence[Parameter], keyword_only: Sequence[Parameter] = ()) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(parameter, annotation) for parameter, annotation, _ in parameters],
        vararg=None,
        kwonlyargs=[ast.arg(parameter, annotation) for parameter, annotation, _ in keyword_only],
        kw_defaults=[default for *_, default in keyword_only],
        kwarg=None,
        defaults=[default for *_, default in parameters if default is not None],
    )


def function(
    identifier: str,
    parameters: Sequence[Parameter],
    result: ast.expr,
    body: Sequence[ast.stmt],
    *,
    keyword_only: Sequence[Parameter] = (),
) -> ast.stmt:
    node = ast.FunctionDef(identifier, _arguments(parameters, keyword_only), list(body), [], result)
    if hasattr(node, "type_params"):  # Python 3.12 and later print them
        node.type_params = []
    return node


def class_of(
    identifier: str, body: Sequence[ast.stmt], *, bases: Sequence[ast.expr] = (), decorators: Sequence[ast.expr] = ()
) -> ast.stmt:
    node = ast.ClassDef(identifier, list(bases), [], list(body), list(decorators))
    if hasattr(node, "type_params"):
        node.type_params = []
    return node


def import_from(level: int, module: str | None, names: Mapping[str, str | None] | Sequence[str]) -> ast.stmt:
    """``from ..module import names`` (a mapping gives aliases)."""
    aliases = names if isinstance(names, Mapping) else dict.fromkeys(names)
    return ast.ImportFrom(module, [ast.alias(n, a) for n, a in sorted(aliases.items())], level)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it that hold names: as `ast.walk`, without operators and contexts, in another order."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        waiting += parts(node)
        yield node


def parts(node: ast.AST) -> list[ast.AST]:
    """The children of a node, without operators and contexts."""
    kind = type(node)
    fields = _PARTS.get(kind)
    if fields is None:
        fields = _PARTS[kind] = tuple(each for each in kind._fields if each not in _PLAIN)
    found: list[ast.AST] = []
    for field in () if kind is ast.Constant else fields:
        value = getattr(node, field, None)
        if type(value) is list:
            found += [each for each in value if each is not None]
        elif value is not None:
            found.append(value)
    return found


_PARTS: dict[type[ast.AST], tuple[str, ...]] = {}
_PLAIN = frozenset(
    (
        "id", "attr", "arg", "ctx", "op", "ops", "name", "names", "module", "level", "kind", "simple", "is_async",
        "conversion", "type_comment", "type_params",
    )
)  # fmt: skip
"""Fields without expressions or statements in them."""

FUTURE = import_from(0, "__future__", ["annotations"])


def source(body: Sequence[ast.stmt]) -> str:
    """The text of a module."""
    _place(body)
    return layout.module(body)


def _place(body: Sequence[ast.stmt]) -> None:
    """`ast.unparse` asks every statement for its line, though it makes nothing of it."""
    for statement in body:
        statement.lineno = 1
        for part in ("body", "orelse", "finalbody"):
            _place(getattr(statement, part, ()))
        for handler in getattr(statement, "handlers", ()):
            _place(handler.body)
