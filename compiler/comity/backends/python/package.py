"""All files of a package.

A module `trade` with a decision `licensing` over `Export` becomes `licensing.py` (the decision), `policy/trade.py` (its
sets, definitions and conditions), `records.py`, `facts.py` and `_schema.py` (the classes and types of facts),
`definitions.py`, `always.py`, `_readers.py`, `_clauses.py`, and the copied `_runtime/` and `_reference/`.
Beside files of conditions stand their stubs (`licensing.pyi`).
"""

from __future__ import annotations

import ast

from comity._version import __version__
from comity.backends.python import trees
from comity.backends.python.always import AlwaysFile
from comity.backends.python.clauses import Clauses
from comity.backends.python.decision import DecisionFile, is_looked_up
from comity.backends.python.definitions import Definitions
from comity.backends.python.module import Emission, PolicyModule, docstring
from comity.backends.python.pacts import AgreementFile, ResponseFile
from comity.backends.python.plan import RULES
from comity.backends.python.readers import ReadersFile
from comity.backends.python.records import records, schema
from comity.backends.python.reference import carried, runtime
from comity.backends.python.trees import const, name
from comity.backends.python.typed import FactsFile
from comity.base.gc import collector_off
from comity.core.ast import Program

_ERRORS = ("Answer", "ContradictionError", "FactsError", "GapError", "RuleStatus", "Undetermined")


def emit(program: Program, package: str) -> dict[str, str]:
    """The files of the package, by path relative to its folder; ``package`` is the name that its own text gives it.

    The same program gives the same text on every machine: nothing depends on the order of sets, on paths or the time.
    """
    with collector_off():  # trees by the hundred thousand, none of which points back at what it is in
        return _emit(program, package)


def _emit(program: Program, package: str) -> dict[str, str]:
    emission = Emission(program)
    emission.looked_up |= {name for name, decision in program.decisions.items() if is_looked_up(decision)}
    plan = emission.plan
    files = {"_schema.py": schema(emission), "records.py": records(emission)}
    modules = {path: PolicyModule(emission, module) for module, path in plan.modules.items()}
    for folder in sorted({plan_folder for path in plan.modules.values() for plan_folder in _folders(path)}):
        files.setdefault(_path(folder, True), "")
    readers = ReadersFile(emission)
    emission.readers |= {record: function for record, function in readers.functions.items() if function}
    for decision in program.decisions.values():
        files |= {_path(module): text for module, text in DecisionFile(emission, decision, readers).emit().items()}
    files |= {_path(path, path in plan.packages): module.emit() for path, module in modules.items()}
    files["_readers.py"] = readers.emit()
    for agreement in program.agreements.values():
        files[_path(plan.agreements[agreement.qname])] = AgreementFile(emission, agreement).emit()
    for response in program.responses.values():
        files[_path(plan.responses[response.qname])] = ResponseFile(emission, response).emit()
    if any(path.startswith(f"{RULES}/") for path in files):  # a folder of modules
        files[f"{RULES}/__init__.py"] = ""
    files["facts.py"] = FactsFile(emission).emit()
    files["always.py"] = AlwaysFile(emission).emit()
    files["definitions.py"] = Definitions(emission).emit()
    files["_clauses.py"] = Clauses(emission).emit()
    files |= {f"{_path(path, path in plan.packages)}i": text for path, text in emission.stubs.items()}
    files["__init__.py"] = _package(emission, package)
    files["py.typed"] = ""
    files |= {f"_runtime/{name}": text for name, text in runtime().items()}
    files |= {f"_reference/{name}": text for name, text in carried().items()}
    files["_reference/__init__.py"] = _reference()
    return dict(sorted(files.items()))


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
