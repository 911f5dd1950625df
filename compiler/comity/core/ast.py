"""Core: the small, sugar-free program that interpreter, analysis and backends read. Read this page first.

`lower` makes it from the checked tree: families are expanded to one rule per enum member, precedence clauses
are edges between rule numbers, windows are intervals, dated sets are terms, `exception to` and `disapplies` are
kept as edges because answers name them. Expressions are `comity.terms`.

INVARIANT (rules are numbered): edges are indices into ``Decision.rules``.
INVARIANT (precedence is acyclic): no cycle over prevails/exception/disapplies edges (E110, checked by `lower`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from comity.base.source import Span
from comity.checked.ast import (
    Agreement,
    Body,
    Capability,
    Enum,
    Module,
    Party,
    Prove,
    Record,
    Response,
    Table,
    Test,
    Zone,
)
from comity.parts import AlwaysLine, Example, Ground
from comity.runtime.types import (
    AbsentType,
    EnumType,
    ListType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.terms import And, Interval, InWindow, Not, Term


@dataclass(frozen=True, slots=True)
class Define:
    """A function of its parameters and the day. A record's definition has the parameter `this`."""

    qname: str
    doc: str
    cites: tuple[str, ...]
    span: Span
    record: RecordType | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Term

    @property
    def name(self) -> str:
        return self.qname.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class SetDefinition:
    """A named set as one set-typed term (windows are `When(InWindow(…), …)`)."""

    qname: str
    doc: str
    cites: tuple[str, ...]
    span: Span
    type: SetType
    body: Term


@dataclass(frozen=True, slots=True)
class Edge:
    """One precedence edge from this rule to rule number ``target``.

    ``kind`` "prevails": this rule prevails over target. (`notwithstanding t` puts it here, `subject to c` puts it on
    c with ``declared_by`` this rule's number, `exception to t` adds one beside "exception".)
    "exception": this reaches only where (any of) its exception targets applies. "disapplies": while this applies,
    target does not. ``clause`` is the span of the clause as written, shared by all edges it made. ``every_other``: it
    speaks of `every other rule`, so it displaces whatever the decision would say.
    """

    kind: Literal["prevails", "exception", "disapplies"]
    target: int
    clause: Span
    written: Literal["notwithstanding", "subject to", "exception to", "disapplies"]
    declared_by: int
    every_other: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, or one member of a family.

    ``name`` is what answers show (`chart_control[NS2]`), ``family`` the declared name, ``key`` the member.
    ``membership``: for a family whose set depends on facts, the condition that the key is in it.
    ``alike``: all members of the family have the same condition, so counsel is asked one question about them.
    """

    number: int
    name: str
    family: str
    key: str | None
    module: str
    doc: str
    cites: tuple[str, ...]
    span: Span
    window: tuple[Interval, ...] | None
    membership: Term | None
    when: Term | None
    unless: Term | None
    refer: str | None
    outcome: str | None
    edges: tuple[Edge, ...]
    rank: str | None
    alike: bool = False

    @property
    def question(self) -> str:
        """What `needs` calls counsel's finding on this rule, where it refers to counsel."""
        return self.family if self.alike else self.name

    @property
    def condition(self) -> Term:
        """The rule's own condition: window, membership, `when`, not `unless`."""
        parts: list[Term] = []
        if self.window is not None:
            parts.append(InWindow(self.window, span=self.span))
        if self.membership is not None:
            parts.append(self.membership)
        if self.when is not None:
            parts.append(self.when)
        if self.unless is not None:
            parts.append(Not(self.unless, span=self.unless.span))
        return parts[0] if len(parts) == 1 else And(tuple(parts), span=self.span)

    def targets(self, kind: Literal["prevails", "exception", "disapplies"]) -> tuple[int, ...]:
        """Rule numbers that edges of ``kind`` point at, each once, ascending."""
        return tuple(sorted({edge.target for edge in self.edges if edge.kind == kind}))


@dataclass(frozen=True, slots=True)
class Decision:
    """``outcomes.members`` run from most to least restrictive."""

    qname: str
    doc: str
    cites: tuple[str, ...]
    span: Span
    record: RecordType
    outcomes: EnumType
    outcome_docs: tuple[str, ...]
    grounds: tuple[Ground, ...]
    otherwise: str | None
    rules: tuple[Rule, ...]
    sources: tuple[tuple[str, int], ...] = ()
    """The latest source of each module with a rule of the decision, and the ordinal of the day it was read."""

    @property
    def name(self) -> str:
        return self.qname.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Program:
    """A whole program. Mappings are by qualified name and iterate in a fixed order.

    ``always``: by record qualified name, facts of the world about `this`.
    ``source_hash``: hex SHA-256 over all sources and tables, the same on every machine.
    """

    modules: Mapping[str, Module]
    place: PlaceType
    enums: Mapping[str, Enum] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    always: Mapping[str, tuple[AlwaysLine, ...]] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    sets: Mapping[str, SetDefinition] = field(default_factory=dict)
    defines: Mapping[str, Define] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    proves: Mapping[str, Prove] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    tests: tuple[Test, ...] = ()
    parties: Mapping[str, Party] = field(default_factory=dict)
    bodies: Mapping[str, Body] = field(default_factory=dict)
    capabilities: tuple[Capability, ...] = ()
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    source_hash: str = ""

    @property
    def party_names(self) -> tuple[str, ...]:
        """The names of all parties; those that several modules declare once."""
        return tuple(dict.fromkeys(party.name for party in self.parties.values()))

    def has_always(self, type: Type) -> bool:
        """Whether facts of ``type`` have `always` lines to keep, themselves or in their parts."""
        match type:
            case RecordType(module=module, name=name, fields=fields):
                return f"{module}.{name}" in self.always or any(self.has_always(each.type) for each in fields)
            case (
                AbsentType(element=element)
                | ListType(element=element)
                | SetType(element=element)
                | PerPartyType(element=element)
            ):
                return self.has_always(element)
            case _:
                return False
