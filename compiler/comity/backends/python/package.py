"""All files of a package.

A module `trade` with a decision `licensing` over `Export` becomes `licensing.py` (the decision), `policy/trade.py` (its
sets, definitions and conditions), `records.py`, `facts.py` and `_schema.py` (the classes and types of facts),
`definitions.py`, `always.py`, `_readers.py`, `_clauses.py`, and the copied `_runtime/` and `_reference/`.
Beside files of conditions stand their stubs (`licensing.pyi`).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from comity._version import __version__
from comity.backends.python import trees
from comity.backends.python.always import AlwaysFile
from comity.backends.python.clauses import Clauses
from comity.backends.python.decision import DecisionFile, RulesFile, is_looked_up
from comity.backends.python.definitions import Definitions
from comity.backends.python.module import Emission, PolicyModule, docstring
from comity.backends.python.pacts import AgreementFile, ResponseFile
from comity.backends.python.plan import ALWAYS, READERS, RULES, VERSION
from comity.backends.python.readers import ReadersFile
from comity.backends.python.records import records, schema
from comity.backends.python.reference import carried, runtime
from comity.backends.python.trees import const, name
from comity.backends.python.typed import FactsFile
from comity.backends.python.units import Before, Files, Unit, Units
from comity.base.gc import collector_off
from comity.core.ast import Decision, Program
from comity.core.digests import Key, joined
from comity.core.interpret import version

_ERRORS = ("Answer", "ContradictionError", "FactsError", "GapError", "RuleStatus", "Undetermined")


def emit(program: Program, package: str) -> Files:
    """The files of the package, by path relative to its folder; ``package`` is the name that its own text gives it.

    The same program gives the same text on every machine: nothing depends on the order of sets, on paths or the time.
    """
    return emit_after(program, package, None)[0]


def emit_after(program: Program, package: str, before: Before | None) -> tuple[Files, dict[str, Unit]]:
    """The same files, of which those are not made again that ``before`` has; and what is to be known of them then."""
    with collector_off():  # trees by the hundred thousand, none of which points back at what it is in
        emission = Emission(program)
        emission.looked_up |= {name for name, decision in program.decisions.items() if is_looked_up(decision)}
        units = Units(emission, before)
        return dict(sorted(_Package(emission, units, package).files().items())), units.made


class _Package:
    """The package in the making."""

    def __init__(self, emission: Emission, units: Units, package: str) -> None:
        self.emission = emission
        self.program = emission.program
        self.plan = emission.plan
        self.units = units
        self.package = package

    def files(self) -> Files:
        policy = _Policy(self.emission, self.units)
        files = {_path(folder, True): "" for path in self.plan.modules.values() for folder in _folders(path)}
        files |= self._types()
        files |= self._decisions()
        files |= policy.files()
        files |= self._pacts()
        if any(path.startswith(f"{RULES}/") for path in files):  # a folder of modules
            files[f"{RULES}/__init__.py"] = ""
        files |= self._others()
        files["__init__.py"] = _package(self.emission, self.package)
        files["py.typed"] = ""
        files |= {f"_runtime/{name}": text for name, text in runtime().items()}
        files |= {f"_reference/{name}": text for name, text in carried().items()}
        files["_reference/__init__.py"] = _reference()
        return files

    def _types(self) -> Files:
        emission, units = self.emission, self.units

        def make() -> Files:
            return {
                "_schema.py": schema(emission),
                "records.py": records(emission),
                "facts.py": FactsFile(emission).emit(),
            }

        declared = [("records", each) for each in self.program.records] + [
            ("enums", each) for each in self.program.enums
        ]
        return units.files("types", lambda: units.texts(declared), make)

    def _decisions(self) -> Files:
        """The files of decisions. Those of few rules share the file of readers, so they are one unit."""
        emission, units = self.emission, self.units
        readers = ReadersFile(emission)
        emission.readers |= {record: function for record, function in readers.functions.items() if function}
        files: Files = {}
        small: list[Key] = []
        for qualified, decision in self.program.decisions.items():
            key = ("decisions", qualified)
            if qualified not in emission.looked_up:
                small.append(key)
                continue
            of_decision = partial(units.decisions, [key])
            rules = partial(self._rules, decision, readers)
            files |= units.files(f"rules of {qualified}", partial(units.closure, [key]), rules)
            files |= units.files(f"decision {qualified}", of_decision, partial(self._decision, decision, readers))

        def make() -> Files:
            made: Files = {}
            for _, qualified in small:
                made |= self._decision(self.program.decisions[qualified], readers)
            return made | self._file(READERS, readers.emit())

        return files | units.files("decisions", lambda: units.decisions(small), make)

    def _decision(self, decision: Decision, readers: ReadersFile) -> Files:
        file = DecisionFile(self.emission, decision, readers)
        return self._file(file.module, file.emit())

    def _rules(self, decision: Decision, readers: ReadersFile) -> Files:
        file = RulesFile(self.emission, DecisionFile(self.emission, decision, readers))
        return self._file(file.module, file.emit())

    def _pacts(self) -> Files:
        emission, units = self.emission, self.units
        files: Files = {}
        for qualified, agreement in self.program.agreements.items():
            make = partial(self._pact, self.plan.agreements[qualified], AgreementFile(emission, agreement))
            files |= units.files(f"agreement {qualified}", partial(self._of_all, [("agreements", qualified)]), make)
        for qualified, response in self.program.responses.items():
            make = partial(self._pact, self.plan.responses[qualified], ResponseFile(emission, response))
            files |= units.files(f"response {qualified}", partial(self._of_all, [("responses", qualified)]), make)
        return files

    def _pact(self, module: str, file: AgreementFile | ResponseFile) -> Files:
        return self._file(module, file.emit())

    def _others(self) -> Files:
        """The files that are about the whole policy."""
        emission, units = self.emission, self.units
        defines: list[Key] = [("defines", each) for each in self.program.defines]
        always: list[Key] = [("always", each) for each in self.program.always]

        def of_defines() -> bytes:
            return joined((units.closure(defines), units.texts(defines)))

        files = units.files(
            "always", lambda: units.closure(always), lambda: self._file(ALWAYS, AlwaysFile(emission).emit())
        )
        files |= units.files("definitions", of_defines, lambda: self._file("definitions", Definitions(emission).emit()))
        files |= units.files("clauses", units.whole, lambda: {"_clauses.py": Clauses(emission).emit()})
        return files

    def _of_all(self, keys: Sequence[Key]) -> bytes:
        return joined((self.units.whole(), self.units.texts(keys)))

    def _file(self, module: str, text: str) -> Files:
        return with_stub(self.emission, module, text)


class _Policy:
    """The files of the policy's modules. What their definitions tell other files is told at once."""

    def __init__(self, emission: Emission, units: Units) -> None:
        self.emission = emission
        self.units = units
        self.known: dict[str, PolicyModule] = {}
        self.told: dict[str, Mapping[str, set[Any]]] = {}
        """What had been told when it was a module's turn."""
        for module in emission.plan.modules:
            self.told[module] = units.state()
            units.told(f"definitions of {module}", partial(self._own, module), partial(self._declare, module))

    def _declare(self, module: str) -> None:
        self.known[module] = PolicyModule(self.emission, module)

    def _owned(self, module: str) -> list[Key]:
        program = self.emission.program
        fields = {"sets": program.sets, "tables": program.tables, "defines": program.defines}
        return [(kind, each) for kind, found in fields.items() for each in found if each.rpartition(".")[0] == module]

    def _own(self, module: str) -> bytes:
        return self.units.closure(self._owned(module))

    def _key(self, module: str) -> bytes:
        program, units, owned = self.emission.program, self.units, self._owned(module)
        asked = [
            (decision.qname, rule.number)
            for decision in program.decisions.values()
            for rule in decision.rules
            if rule.module == module and self.emission.is_asked(decision.qname, rule.number)
        ]
        pacts = [("agreements", each) for each in program.agreements if each.rpartition(".")[0] == module]
        of_pacts = [units.whole(), units.texts(pacts)] if pacts else []
        return joined((units.closure(owned), units.texts(owned), units.rules(asked), *of_pacts))

    def files(self) -> Files:
        """The files. Decisions are to be made before, which say which conditions they ask as a whole."""
        files: Files = {}
        for module, path in self.emission.plan.modules.items():
            name = f"module {module}"
            files |= self.units.files(name, partial(self._key, module), partial(self._file, module, path))
        return files

    def _file(self, module: str, path: str) -> Files:
        if module not in self.known:
            with self.units.at(self.told[module]):
                self._declare(module)
        return with_stub(self.emission, path, self.known[module].emit())


def with_stub(emission: Emission, module: str, text: str) -> Files:
    """The file of a module, with the stub that was made beside it."""
    path = _path(module, module in emission.plan.packages)
    return {path: text} | ({f"{path}i": emission.stubs[module]} if module in emission.stubs else {})


def _path(module: str, is_package: bool = False) -> str:
    return module.replace(".", "/") + ("/__init__.py" if is_package else ".py")


def _folders(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _package(emission: Emission, package: str) -> str:
    program, plan = emission.program, emission.plan
    decisions = sorted(plan.decisions.values())
    pacts = sorted((*plan.agreements.values(), *plan.responses.values()))
    lines = [f"`{package}`: predicates compiled by Comity {__version__}.", ""]
    docs = {path: program.decisions[qualified].doc for qualified, path in plan.decisions.items()}
    docs |= {path: program.agreements[qualified].doc for qualified, path in plan.agreements.items()}
    docs |= {path: program.responses[qualified].doc for qualified, path in plan.responses.items()}
    for path, doc in sorted(docs.items()):
        first = doc.partition("\n")[0]
        lines.append(f"    {path}{': ' if first else ''}{first}")
    modules = sorted((*decisions, *pacts, "records", "facts", "definitions"))
    exported = sorted((*modules, *_ERRORS, "COMPILER", "SOURCE_HASH"))
    checking = [trees.import_from(1, None, modules)]
    statements = [
        *docstring("\n".join(lines), (), indent=0),
        trees.FUTURE,
        trees.import_from(0, "typing", ["TYPE_CHECKING", "Any"]),
        trees.import_from(1, "_runtime.answer", _ERRORS),
        ast.If(name("TYPE_CHECKING"), checking, []),
        trees.assign("SOURCE_HASH", const(program.source_hash)),
        trees.assign("COMPILER", const(f"comity {__version__}")),
        trees.assign(VERSION, const(version(program))),
        trees.assign("__all__", ast.List(list(map(const, exported)), ast.Load())),
        trees.assign("_MODULES", trees.data(tuple(modules))),
        *ast.parse(_LAZY).body,
    ]
    return trees.source(statements)


_LAZY = '''
if not TYPE_CHECKING:
    def __getattr__(name: str) -> Any:
        """A module of the package, loaded when it is first named."""
        if name not in _MODULES:
            raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
        from importlib import import_module
        return import_module(f'.{name}', __name__)

def __dir__() -> list[str]:
    return __all__
'''


def _reference() -> str:
    """The door to the reference semantics: opened only where it must be, since it reads all clauses."""
    statements = [
        *docstring("The reference semantics, asked where conditions alone do not say enough.", (), indent=0),
        *ast.parse(_DOOR).body,
    ]
    version = trees.assign("__version__", const(__version__))
    return trees.source([*statements[:1], statements[1], version, *statements[2:]])


_DOOR = '''
from __future__ import annotations
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any
if TYPE_CHECKING:
    from . import terms
    from .batch_decide import BatchDecision
    from .._runtime.package import Findings
    from .._runtime.types import RecordType
    from .interpret import Interpreter
    from .predicates import AgreementPredicates, ResponsePredicates

@cache
def interpreter() -> Interpreter:
    """The interpreter of this package's clauses."""
    from .._clauses import PROGRAM
    from .interpret import Interpreter
    return Interpreter(PROGRAM)

@cache
def in_columns(decision: str) -> BatchDecision:
    """A decision made ready for tables; raises ModuleNotFoundError where NumPy is not installed."""
    try:
        from .batch_decide import BatchDecision
    except ModuleNotFoundError as error:
        if error.name != 'numpy':
            raise
        raise ModuleNotFoundError('tables are decided with NumPy: `pip install numpy`', name='numpy') from None
    return BatchDecision(interpreter(), decision)

def call(define: str, arguments: Sequence[object], day: date | None, findings: Findings | None = None) -> Any:
    """The value of a definition."""
    body = interpreter().program.defines[define].body
    return interpreter().evaluate(body, _given(define, arguments), day, None, findings)

def _given(define: str, arguments: Sequence[object]) -> dict[str, object]:
    names = [name for name, _ in interpreter().program.defines[define].parameters]
    return dict(zip(names, arguments, strict=True))

@cache
def _membership(define: str) -> terms.Term:
    from . import terms
    declared = interpreter().program.defines[define]
    return terms.MemberOf(terms.Local('member', declared.result), declared.body)

def includes(
    define: str, arguments: Sequence[object], member: object, day: date | None, findings: Findings | None = None
) -> Any:
    """Whether a value is in the set that a definition gives."""
    given = {**_given(define, arguments), 'member': member}
    return interpreter().evaluate(_membership(define), given, day, None, findings)

def own(
    decision: str, rule: int, facts: Mapping[str, object], day: date | None, findings: Findings | None = None
) -> Any:
    """A rule's own condition."""
    condition = interpreter().prepared(decision).terms[rule]
    return interpreter().evaluate(condition, {'this': facts}, day, None, findings)

def keeps(record: str, facts: Mapping[str, object], day: date | None, findings: Findings | None = None) -> bool:
    """Whether facts keep the `always` lines of one record."""
    return not interpreter().broken_always(record, facts, day, findings)

@cache
def agreement(name: str) -> AgreementPredicates:
    """What may be asked of an agreement."""
    from .._clauses import COMPILED
    from ..records import facts
    from .._runtime.regions import regions
    from .predicates import AgreementPredicates
    return AgreementPredicates(interpreter(), interpreter().program.agreements[name], _made, regions(facts, COMPILED))

@cache
def response(name: str) -> ResponsePredicates:
    """What may be asked of a response."""
    from .predicates import ResponsePredicates
    return ResponsePredicates(interpreter(), interpreter().program.responses[name], _made)

def _made(type: RecordType, value: object) -> Mapping[str, object] | None:
    """The facts in a record of this package."""
    from .._runtime.package import plain
    from ..records import facts
    known = facts.classes[f'{type.module}.{type.name}']
    return plain(type, value) if isinstance(value, known) else None
'''
