"""A package in memory: the emitted code of a program, run by the very process that made it.

Nothing of it is read from a file or a cache. Its `_runtime` is Comity's own, so that answers and errors are of the
classes that the caller knows, and its reference semantics is the interpreter that it is given.

For example:

    with compiled(program, interpreter) as decision_of:
        decision_of("trade.licensing").answer({"destination": "RU"}, None, None).outcome
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from itertools import count
from types import CodeType, ModuleType
from typing import Any, TypeAlias

from comity.backends.python.package import emit
from comity.backends.python.plan import Plan
from comity.backends.python.reference import runtime
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.runtime.package import Decision

Decisions: TypeAlias = Callable[[str], Decision[Any]]

_number = count(1)


class Finder(MetaPathFinder, Loader):
    """Finds the modules of one package among its files: path below it to text."""

    def __init__(self, package: str, files: Mapping[str, str]) -> None:
        self.package = package
        self.files = files

    def _path(self, name: str) -> str | None:
        below = name.removeprefix(self.package).lstrip(".").replace(".", "/")
        paths = (f"{below}/__init__.py".lstrip("/"), f"{below}.py")
        return next((path for path in paths if path in self.files), None)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != self.package or (found := self._path(fullname)) is None:
            return None
        return ModuleSpec(fullname, self, is_package=found.endswith("__init__.py"))

    def exec_module(self, module: ModuleType) -> None:
        path = self._path(module.__name__)
        assert path is not None  # it was found
        exec(self.code(module.__name__, path), module.__dict__)

    def code(self, name: str, path: str) -> CodeType:
        """The code of the module of this name, whose text is at ``path``."""
        return compile(self.files[path], f"<{name}>", "exec", dont_inherit=True)


@contextmanager
def importable(finder: Finder) -> Iterator[None]:
    """Lets the modules of the finder's package be imported; afterwards they are gone."""
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == finder.package]:
            del sys.modules[name]


@contextmanager
def compiled(program: Program, interpreter: Interpreter) -> Iterator[Decisions]:
    """Gives the compiled decisions of a program, by qualified name; afterwards its modules are gone.

    ``program``: with all its declarations, as the passes make it. ``interpreter``: of the same program, asked where an
    answer says what facts lack.
    """
    package = f"_comity_compiled_{next(_number)}"
    paths = Plan(program).decisions
    with importable(Finder(package, emit(program, package))):
        importlib.import_module(package)
        sys.modules[f"{package}._runtime"] = importlib.import_module("comity.runtime")
        for name in runtime():
            if name != "__init__.py":
                module = name.removesuffix(".py")
                sys.modules[f"{package}._runtime.{module}"] = importlib.import_module(f"comity.runtime.{module}")
        sys.modules[f"{package}._reference.terms"] = importlib.import_module("comity.terms")
        door: Any = importlib.import_module(f"{package}._reference")
        door.interpreter = lambda: interpreter
        yield lambda qname: importlib.import_module(f"{package}.{paths[qname]}").DECISION


__all__ = ["Decisions", "Finder", "compiled", "importable"]
