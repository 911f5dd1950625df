"""Fewer locals in a function: names of values that are done with are given to later ones.

A doubtful `and` or `or` names its operands on the way (`connectives`). So a function of many conditions has a hundred
names, of which two or three are needed at any time. CPython keeps room for all of them whenever it calls the function,
and makes a cell for each that a generator sets. Its stack grows by blocks of 16 KB: a call whose frame does not fit
into the last block asks the system for another one and gives it back, which takes longer than most conditions.

    (a := f(x)) and (b := g(x)) or (c := h(x)) and (d := k(x))
    (a := f(x)) and (b := g(x)) or (a := h(x)) and (b := k(x))
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from copy import deepcopy

from comity.backends.python import trees

MANY = 16
"""A function of fewer locals is left as it is."""

Span = tuple[int, int]


def share_slots(statements: Sequence[ast.stmt]) -> None:
    """Rename the locals of long functions among ``statements``, in place."""
    for function in _functions(statements):
        if _is_long(function):
            function.body = deepcopy(function.body)  # other functions may have parts of it too
            _Function(function).rename()


def _functions(statements: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """The functions among statements and in them; what is in one is looked through before it is given."""
    waiting: list[ast.AST] = [*statements]
    for node in waiting:
        for field in ("body", "orelse", "finalbody", "handlers"):
            inner = getattr(node, field, ())
            if isinstance(inner, list):
                waiting += inner
        if isinstance(node, ast.FunctionDef):
            yield node


def _is_long(function: ast.FunctionDef) -> bool:
    waiting: list[ast.AST] = [*function.body]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        if not isinstance(node, ast.FunctionDef):
            waiting += trees.parts(node)
    return len(found) >= MANY


class _Function:
    """One function, and what is known of its names."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.function = function
        self.place = 0
        self.nodes: dict[str, list[ast.Name]] = {}
        self.places: dict[str, list[tuple[int, tuple[int, ...], bool]]] = {}
        """By name, its uses: the place in the order of evaluation, the loops around it, whether in a comprehension."""
        self.ends: dict[int, int] = {}
        """By loop, named by the place where it begins, the place of its end."""
        self.set_by: set[str] = set()
        arguments = function.args
        given = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        self.fixed = {each.arg for each in given}
        """Names that stay as they are: parameters, those of loops and comprehensions, what inner functions read."""

    def rename(self) -> None:
        for statement in self.function.body:
            self._visit(statement, (), False)
        names = [name for name in self.nodes if name in self.set_by and name not in self.fixed]
        spans = sorted((*self._span(name), name) for name in names)
        free: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
        for start, end, name in spans:
            shared = any(inside for _, _, inside in self.places[name])
            slots = free[shared]
            found = next((number for number, (until, _) in enumerate(slots) if until < start), None)
            if found is None:
                slots.append((end, name))
                continue
            slot = slots[found][1]
            slots[found] = end, slot
            for node in self.nodes[name]:
                node.id = slot

    def _span(self, name: str) -> Span:
        """From where it is first set to where it is last read; all of a loop, if it is not at home there."""
        uses = self.places[name]
        start, end = min(place for place, _, _ in uses), max(place for place, _, _ in uses)
        changed = True
        while changed:
            changed = False
            for _, loops, _ in uses:
                for loop in loops:
                    inside = loop <= start and end <= self.ends[loop]
                    if not inside and (loop < start or self.ends[loop] > end):
                        start, end, changed = min(start, loop), max(end, self.ends[loop]), True
        return start, end

    def _visit(self, node: ast.AST, loops: tuple[int, ...], shared: bool) -> None:
        match node:
            case ast.Name(id=name):
                self.place += 1
                self.nodes.setdefault(name, []).append(node)
                self.places.setdefault(name, []).append((self.place, loops, shared))
                if not isinstance(node.ctx, ast.Load):
                    self.set_by.add(name)
            case ast.Lambda() | ast.FunctionDef():
                self.fixed |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                inner = self._loop(loops)
                for generator in node.generators:
                    self._visit(generator.iter, inner, True)
                    self.fixed |= {each.id for each in ast.walk(generator.target) if isinstance(each, ast.Name)}
                    self._all((generator.target, *generator.ifs), inner, True)
                parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
                self._all(parts, inner, True)
                self._close(inner)
            case ast.For():
                self._visit(node.iter, loops, shared)
                inner = self._loop(loops)
                self.fixed |= {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
                self._all((node.target, *node.body), inner, shared)
                self._close(inner)
                self._all(node.orelse, loops, shared)
            case ast.While():
                inner = self._loop(loops)
                self._all((node.test, *node.body), inner, shared)
                self._close(inner)
                self._all(node.orelse, loops, shared)
            case ast.NamedExpr(target=target, value=value):
                self._all((value, target), loops, shared)
            case ast.Assign(targets=targets, value=value):
                self._all((value, *targets), loops, shared)
            case ast.AnnAssign(target=target, value=value):
                if isinstance(target, ast.Name):
                    self.fixed.add(target.id)  # it may have a type of its own once only
                self._all((*([] if value is None else [value]), target), loops, shared)
            case ast.Try() | ast.With() | ast.Global() | ast.Nonlocal() | ast.Delete() | ast.AugAssign():
                self.fixed |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            case _:
                self._all(list(ast.iter_child_nodes(node)), loops, shared)

    def _all(self, nodes: Sequence[ast.AST], loops: tuple[int, ...], shared: bool) -> None:
        for node in nodes:
            self._visit(node, loops, shared)

    def _loop(self, loops: tuple[int, ...]) -> tuple[int, ...]:
        self.place += 1
        return *loops, self.place

    def _close(self, loops: tuple[int, ...]) -> None:
        self.place += 1
        self.ends[loops[-1]] = self.place


__all__ = ["share_slots"]
