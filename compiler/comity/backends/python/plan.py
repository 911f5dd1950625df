"""Where everything of a program goes in the package, and what it is called there.

    __init__.py          re-exports, source hash, compiler version
    licensing.py         a decision: its predicates, its rules, how they settle
    geneva.py            an agreement or response: what may be asked of it
    definitions.py       every public definition as a predicate
    records.py           the records of facts
    facts.py             the same facts as dicts, for type checkers
    always.py            whether facts keep what is always so
    _rules/licensing.py  the rules of a decision that has many of them, and the tables in which they are looked up
    policy/ear/scope.py  a module of the policy: its definitions, tables and sets, conditions that are asked as a whole
    _readers.py          how records are read from a dict in its usual form
    _schema.py           the types of facts, for their reader
    _clauses.py          the clauses themselves, for the reference semantics
    _reference/          the reference semantics, and what decides tables
    _runtime/            exact values, three-valued logic, resolution

Names are handed out in one fixed order, so the same program gets the same names everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.backends.python.library import RUNTIME
from comity.backends.python.names import Names, field_names
from comity.backends.python.nullability import plain
from comity.core.ast import Program, Rule
from comity.runtime.light import dataclass
from comity.runtime.types import (
    AbsentType,
    EnumType,
    ListType,
    PerPartyType,
    RecordType,
    SetType,
    Type,
)

POLICY = "policy"
ALWAYS = "always"
RULES = "_rules"
READERS = "_readers"
FACTS = "facts"
VERSION = "_VERSION"
"""What the package calls its version, which is that of its answers: no name of a policy begins so."""
TOP_LEVEL = (
    "definitions",
    "facts",
    "records",
    POLICY,
    ALWAYS,
    "decide",
    "answer",
    "SOURCE_HASH",
    "COMPILER",
    "Answer",
    "FactsError",
)
"""Names at the top of a package that no decision may take."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name in a file: ``module`` is dotted, below the package."""

    module: str
    name: str


def qname(type: RecordType | EnumType) -> str:
    return f"{type.module}.{type.name}"


class Plan:
    """The places of one program's declarations."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.record_types = dict(_record_types(program))
        self.enum_types = dict(_enum_types(program))
        self.attributes = {
            name: field_names(field.name for field in type.fields) for name, type in self.record_types.items()
        }
        self._plan_types()
        self._plan_modules()
        self._plan_decisions()

    def _plan_types(self) -> None:
        names = Names((*RUNTIME, "facts"))
        self.records = {name: names.claim(type.name) for name, type in self.record_types.items()}
        shown = Names(("TypedDict", "Required", "NotRequired", "Fraction", "date", "records", "Literal"))
        self.facts = {name: shown.claim(f"{type.name}Facts") for name, type in self.record_types.items()}
        """The `TypedDict` of each record."""
        self.enums = {name: names.claim(type.name) for name, type in self.enum_types.items()}
        self.positions = {
            name: names.claim(f"{type.name.upper()}_POSITIONS")
            for name, type in self.enum_types.items()
            if type.ordered
        }
        self.members = {name: names.claim(f"{type.name.upper()}_MEMBERS") for name, type in self.enum_types.items()}
        self.zones = names.claim("ZONES")
        self.places = names.claim("PLACES")
        schema = Names(("PLACE", "Field"))
        every: list[tuple[str, RecordType | EnumType]] = [*self.record_types.items(), *self.enum_types.items()]
        self.schema = {name: schema.claim(type.name.upper()) for name, type in every}

    def _plan_modules(self) -> None:
        folders: dict[str, Names] = {}
        self.modules: dict[str, str] = {}
        """The file of each policy module, dotted, below the package."""
        paths: dict[str, str] = {"": POLICY}
        for name in sorted(_with_parents(self.program.modules)):
            parent, _, last = name.rpartition(".")
            paths[name] = f"{paths[parent]}.{folders.setdefault(parent, Names(fold_case=True)).claim(last)}"
            if name in self.program.modules:
                self.modules[name] = paths[name]
        self.packages = frozenset(path for name, path in paths.items() if any(n.startswith(f"{name}.") for n in paths))
        self.aliases: dict[str, str] = {}
        """What other files call a file of the package; no name of a policy begins with an underscore."""
        aliases = Names()
        for name, path in self.modules.items():
            self.aliases[path] = "_" + aliases.claim(name.replace(".", "_"))
        self._aliases = aliases
        self._names: dict[str, Names] = {name: Names(RUNTIME) for name in self.modules}
        self.sets = {name: self._declare(name, upper=True) for name in self.program.sets}
        self.tables = {name: self._declare(name, upper=True) for name in self.program.tables}
        self.defines = {name: self._declare(name) for name in self.program.defines}
        self.memberships = {
            name: self._declare(f"{name}_includes")
            for name, define in self.program.defines.items()
            if isinstance(define.result, SetType) and plain(define.result.element)
        }
        """Functions that say whether something is in the set that a definition gives."""
        kept = Names(RUNTIME)
        self.aliases[ALWAYS] = "_" + self._aliases.claim(ALWAYS)
        self.always = {
            name: Place(ALWAYS, kept.claim(type.name.lower()))
            for name, type in self.record_types.items()
            if type.module in self.modules and self.program.has_always(type)
        }
        self.commitments: dict[str, Place] = {}
        """Functions that say whether a commitment speaks of an act."""
        for name, agreement in self.program.agreements.items():
            module, _, last = name.rpartition(".")
            for commitment in agreement.commitments:
                place = Place(self.modules[module], self._names[module].claim(f"{last}_{commitment.name}"))
                self.commitments[commitment.qname] = place
        self.rules: dict[tuple[str, int], Place] = {}
        for name, decision in self.program.decisions.items():
            for rule in decision.rules:
                self.rules[name, rule.number] = Place(self.modules[rule.module], self._rule_name(rule))

    def _rule_name(self, rule: Rule) -> str:
        wanted = rule.family if rule.key is None else f"{rule.family}_{rule.key}"
        return self._names[rule.module].claim(wanted)

    def _declare(self, name: str, upper: bool = False) -> Place:
        module, _, last = name.rpartition(".")
        return Place(self.modules[module], self._names[module].claim(last.upper() if upper else last))

    def taken(self, file: str) -> frozenset[str]:
        """Every name at the top of a file."""
        of_policy = next((self._names[name] for name, path in self.modules.items() if path == file), None)
        if file == ALWAYS:
            return frozenset((*RUNTIME, *(place.name for place in self.always.values())))
        return frozenset(RUNTIME) if of_policy is None else of_policy.taken

    def _plan_decisions(self) -> None:
        names = Names(TOP_LEVEL, fold_case=True)
        self.decisions = {name: names.claim(decision.name) for name, decision in self.program.decisions.items()}
        self.agreements = {name: names.claim(name.rpartition(".")[2]) for name in self.program.agreements}
        self.responses = {name: names.claim(name.rpartition(".")[2]) for name in self.program.responses}
        for name, path in self.decisions.items():
            self.aliases[path] = "_" + self._aliases.claim(name.rpartition(".")[2])
        public = Names(("records", "decide", "answer", "outcome"))
        self.public: dict[str, str] = {}
        """Public definitions by the name that they have for users: with their module where two have one name."""
        candidates = [name for name in self.program.defines if not name.rpartition(".")[2].startswith("_")]
        short = [name.rpartition(".")[2] for name in candidates]
        for name, last in zip(candidates, short, strict=True):
            self.public[name] = public.claim(last if short.count(last) == 1 else name.replace(".", "_"))


def _with_parents(names: object) -> set[str]:
    result: set[str] = set()
    for name in names:  # type: ignore[attr-defined]
        parts = name.split(".")
        result.update(".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return result


def _record_types(program: Program) -> Iterator[tuple[str, RecordType]]:
    """Every record, those used by another before it."""
    seen: set[str] = set()

    def visit(type: Type) -> Iterator[tuple[str, RecordType]]:
        match type:
            case RecordType(fields=fields):
                if qname(type) not in seen:
                    seen.add(qname(type))
                    for field in fields:
                        yield from visit(field.type)
                    yield qname(type), type
            case SetType(element=element) | ListType(element=element) | PerPartyType(element=element):
                yield from visit(element)
            case AbsentType(element=element):
                yield from visit(element)

    for name in sorted(program.records):
        yield from visit(program.records[name].type)


def _enum_types(program: Program) -> Iterator[tuple[str, EnumType]]:
    for name in sorted(program.enums):
        yield name, program.enums[name].type
