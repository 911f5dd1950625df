"""The stub (`.pyi`) of a file whose conditions are code: what type checkers read in its place.

Conditions are long expressions of conditions within conditions. A type checker infers each part several times over,
so that it takes minutes where the regulations are long, and all that it finds are the types that the signatures give.

For example:

    @remembered
    def small(this: records.Export, limit: int=5) -> bool | None:       becomes
        return …

    def small(this: records.Export, limit: int=...) -> bool | None: ...
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from comity.backends.python import trees
from comity.backends.python.imports import used_names


def stub(statements: Sequence[ast.stmt]) -> str:
    """The text of the stub of a module: its public functions and constants, and the imports that their types need.

    Constants without an annotation are the module's own; so are functions whose names begin with an underscore.
    """
    statements = list(_flat(statements))
    kept = [each for statement in statements if (each := _declared(statement)) is not None]
    used = used_names(kept)
    aliases = [each for each in statements if _target(each) in used]
    used |= used_names(aliases)
    imports = [each for statement in statements if (each := _needed(statement, used)) is not None]
    return trees.source([*imports, *aliases, *kept])


def _declared(statement: ast.stmt) -> ast.stmt | None:
    """A function without its body, a constant without its value; None for what the module keeps to itself."""
    match statement:
        case ast.FunctionDef(name=function) if not function.startswith("_"):
            return _signature(statement)
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return statement
        case ast.AnnAssign(target=ast.Name(id=target)) if not target.startswith("_"):
            return ast.AnnAssign(statement.target, statement.annotation, None, simple=1)
    return None


def _signature(function: ast.FunctionDef) -> ast.stmt:
    given = function.args
    short = ast.arguments(
        given.posonlyargs,
        given.args,
        given.vararg,
        given.kwonlyargs,
        [None if each is None else ast.Constant(...) for each in given.kw_defaults],
        given.kwarg,
        [ast.Constant(...) for _ in given.defaults],
    )
    body: list[ast.stmt] = [ast.Expr(ast.Constant(...))]
    return ast.FunctionDef(function.name, short, body, [], function.returns, None)


def _flat(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, with those for type checkers like all others."""
    for statement in statements:
        match statement:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body):
                yield from body
            case _:
                yield statement


def _target(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)]):
            return target
    return None


def _needed(statement: ast.stmt, used: set[str]) -> ast.stmt | None:
    """What is left of an import: the names in ``used``, and those passed on (`small as small`)."""
    match statement:
        case ast.ImportFrom(module=module, names=names) if module != "__future__":
            left = [alias for alias in names if (alias.asname or alias.name) in used or alias.asname == alias.name]
            return ast.ImportFrom(module, left, statement.level) if left else None
    return None


__all__ = ["stub"]
