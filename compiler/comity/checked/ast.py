"""The checked tree: every name is a symbol (a qualified name), every expression a typed term.

`check` makes it from surface modules. Declarations keep their surface node for spans and house lints.
A qualified name is ``module.name``. Families of rules, `every rule in …`, windows of sets and the bodies of
agreements are still as written; `lower` expands them into core.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Literal

from comity.base.source import SourceFile, Span
from comity.expectations import Example, Expectation, Given, GivenAct, GivenEvent
from comity.parts import (
    Allowing,
    AlwaysLine,
    Ground,
    Per,
    RemedyAnswer,
    RemedyTrigger,
    Reservation,
    Row,
    Step,
    TimeSpan,
    ToleranceValue,
    Who,
)
from comity.runtime.light import dataclass
from comity.runtime.types import EnumType, PlaceType, RecordType, SetType, Type
from comity.surface import ast as surface
from comity.terms import Interval, Term


@dataclass(frozen=True, slots=True)
class Cited:
    """What every declaration of substance has. ``doc`` is "" where none is written."""

    qname: str
    doc: str
    cites: tuple[str, ...]
    span: Span
    """The span of the name where it is declared."""

    @property
    def name(self) -> str:
        return self.qname.rpartition(".")[2]

    @property
    def module(self) -> str:
        return self.qname.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Enum(Cited):
    type: EnumType
    member_docs: tuple[str, ...]
    node: surface.EnumDecl


@dataclass(frozen=True, slots=True)
class Record(Cited):
    type: RecordType
    acts: tuple[str, ...]
    always: tuple[AlwaysLine, ...]
    node: surface.RecordDecl


@dataclass(frozen=True, slots=True)
class SetPart:
    sign: Literal["+", "-"]
    value: Term
    intervals: tuple[Interval, ...] | None
    """None: always."""
    span: Span


@dataclass(frozen=True, slots=True)
class NamedSet(Cited):
    type: SetType
    parts: tuple[SetPart, ...]
    node: surface.SetDecl


@dataclass(frozen=True, slots=True)
class Zone(Cited):
    country: str
    node: surface.ZoneDecl


@dataclass(frozen=True, slots=True)
class Table(Cited):
    """``parameters``: (name, type). ``otherwise``: the run-time value, if ``has_otherwise``.

    ``file`` and ``sha256`` of the CSV (None, None for inline rows). A record-valued row is a dict by field name;
    unknown cells None, absent cells ABSENT.
    """

    parameters: tuple[tuple[str, Type], ...]
    result: Type
    rows: tuple[Row, ...]
    has_otherwise: bool
    otherwise: object
    file: str | None
    sha256: str | None
    node: surface.TableDecl


@dataclass(frozen=True, slots=True)
class Define(Cited):
    """A definition; for a record ``record`` is set and its one parameter is `this`."""

    record: RecordType | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Term
    node: surface.DefineDecl


@dataclass(frozen=True, slots=True)
class Decision(Cited):
    record: RecordType
    outcomes: EnumType
    outcome_docs: tuple[str, ...]
    grounds: tuple[Ground, ...]
    otherwise: str | None
    node: surface.DecisionDecl


@dataclass(frozen=True, slots=True)
class RuleTarget:
    """A named target of a precedence clause: rule (or family) ``rule`` of the same decision.

    ``key`` is a term of the family's key type, or None (every member of the family).
    """

    rule: str
    key: Term | None
    span: Span


@dataclass(frozen=True, slots=True)
class EveryRuleTarget:
    """`every rule in MODULE except …` (``module`` set) or `every other rule except …`."""

    module: str | None
    excepted: tuple[RuleTarget, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PrecedenceClause:
    kind: Literal["notwithstanding", "subject to", "exception to", "disapplies"]
    targets: tuple[RuleTarget | EveryRuleTarget, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Rule(Cited):
    """A rule as written. ``rule.qname`` is ``module.rule``; rules of one decision have unique qnames.

    ``for_each``: (variable, source term, member type) of a family. ``when`` / ``unless`` may use the variable
    as a Local. ``window`` None: always. ``rank``: statute, regulation, order, guidance, or None.
    """

    decision: str
    window: tuple[Interval, ...] | None
    for_each: tuple[str, Term, EnumType] | None
    precedence: tuple[PrecedenceClause, ...]
    refer: str | None
    when: Term | None
    unless: Term | None
    then: str | None
    rank: str | None
    node: surface.RuleDecl


@dataclass(frozen=True, slots=True)
class Prove(Cited):
    """``then`` speaks of ``Local('outcome')`` with the decision's outcome type, and of the facts."""

    decision: str
    given: Term | None
    then: Term
    node: surface.ProveDecl


@dataclass(frozen=True, slots=True)
class Test:
    """``target_kind`` says what ``target`` (a qname) is. Facts merge the module's examples with ``given``."""

    title: str
    module: str
    target: str
    target_kind: Literal["decision", "define", "agreement", "response"]
    as_of: date | None
    facts: tuple[Given, ...]
    acts: tuple[GivenAct, ...]
    events: tuple[GivenEvent, ...]
    on_day: int | None
    expects: tuple[Expectation, ...]
    span: Span
    node: surface.TestDecl


# ------------------------------------------------------------------------------------------- agreements


@dataclass(frozen=True, slots=True)
class Party(Cited):
    """``members``: a set of Country. ``as_of``: frozen at that day. ``territory``: a set of Place, or None."""

    members: Term
    as_of: date | None
    territory: Term | None
    node: surface.PartyDecl


@dataclass(frozen=True, slots=True)
class Capability(Cited):
    """In ``when`` the act's record is `this`."""

    party: str
    can: bool
    verbs: tuple[str, ...]
    record: RecordType
    when: Term | None
    node: surface.Capability


@dataclass(frozen=True, slots=True)
class Body(Cited):
    """``members``: names of parties or countries."""

    members: tuple[str, ...]
    by: Literal["consensus", "majority"]
    node: surface.BodyDecl


@dataclass(frozen=True, slots=True)
class Commitment(Cited):
    """Conditions speak of the act's record as `this`, of the owner as `self`, of the other side as `other`
    (PartyType locals). ``limit`` is what kind of number ``limit_number`` is, over ``per`` or at any one time.
    """

    agreement: str
    who: Who
    modality: Literal["shall", "shall not", "may"]
    record: RecordType
    verbs: tuple[str, ...]
    limit: Literal["at most", "at least", "exactly"] | None
    per: Per | None
    protected: bool
    when: Term | None
    unless: Term | None
    ensure: Term | None
    window: tuple[Interval, ...] | None
    limit_number: Term | None
    deadline_day: date | None
    deadline_within: TimeSpan | None
    deadline_after: Term | None
    binding: Term | None
    suspended: Term | None
    prevails_over: tuple[str, ...]
    node: surface.CommitmentDecl


@dataclass(frozen=True, slots=True)
class Mirror(Cited):
    """``swaps``: pairs of names (countries, zones, parties) exchanged besides the parties."""

    left: str
    right: str
    swaps: tuple[tuple[str, str], ...]
    tolerances: tuple[ToleranceValue, ...]
    asymmetric: str | None
    node: surface.MirrorDecl


@dataclass(frozen=True, slots=True)
class RedLine(Cited):
    party: str
    reservations: tuple[Reservation, ...]
    node: surface.RedLineDecl


@dataclass(frozen=True, slots=True)
class Withdrawal(Cited):
    who: Who
    notice: TimeSpan | None
    found_by: str | None
    when: Term | None
    node: surface.WithdrawalDecl


@dataclass(frozen=True, slots=True)
class Remedy(Cited):
    """Until the breach ends (``until_breach_ends``), or ``until`` a condition; else it has no end."""

    who: Who
    triggers: tuple[RemedyTrigger, ...]
    answers: tuple[RemedyAnswer, ...]
    until_breach_ends: bool
    found_by: str | None
    notice: TimeSpan | None
    until: Term | None
    node: surface.RemedyDecl


@dataclass(frozen=True, slots=True)
class Agreement(Cited):
    """``parties``: qualified names. ``status``: proposed, signed, in_force, suspended, terminated, or "" if unsaid."""

    parties: tuple[str, ...]
    status: str
    since: date | None
    reciprocal: bool
    prevails_over: tuple[str, ...]
    commitments: tuple[Commitment, ...]
    mirrors: tuple[Mirror, ...]
    red_lines: tuple[RedLine, ...]
    withdrawals: tuple[Withdrawal, ...]
    remedies: tuple[Remedy, ...]
    bodies: tuple[Body, ...]
    capabilities: tuple[Capability, ...]
    node: surface.AgreementDecl


# ------------------------------------------------------------------------------------------- responses


@dataclass(frozen=True, slots=True)
class Response(Cited):
    """``members``: names of countries or parties, as written; ``target`` likewise.

    ``trigger`` and ``lift_when`` speak of the event's record as `this`. ``reaches``: a set of sectors or one, of
    the export as `this`.
    """

    record: RecordType | None
    members: tuple[str, ...]
    target: str
    measures: EnumType
    sectors: EnumType
    reaches: Term | None
    event: RecordType | None
    trigger: Term | None
    trigger_on: date | None
    posture: Literal["start_high_stay_high", "escalating", "ratchet", "none"]
    posture_sectors: tuple[str, ...] | None
    aligned: bool
    aligned_within: TimeSpan | None
    allowing: tuple[Allowing, ...]
    cannot_supply: tuple[tuple[str, tuple[str, ...]], ...]
    steps: tuple[Step, ...]
    lift_when: Term | None
    node: surface.ResponseDecl


# ------------------------------------------------------------------------------------------- program


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a symbol: for H503, hovers and navigation.

    Fields are `module.Record.field`, commitments `module.agreement.name`; a member is referred to both as its enum and
    as `module.member`, the way a `use` names it.
    """

    qname: str
    span: Span


@dataclass(frozen=True, slots=True)
class Module:
    """``sources``: day and name of each source with a day (`source "eCFR title 15" as of 2026-07-23`)."""

    name: str
    source: SourceFile
    surface: surface.Module
    instrument: str | None
    rank: str | None
    sources: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """Everything resolved, by qualified name, in source order (modules sorted by name).

    ``references``: every use of a declared symbol (`use` items included, with their own span, marked by the
    module they are in through the span's path). ``used``: each path with the qualified names that it refers to.
    ``uses``: how often the rules, sets and definitions of each path do, when all was checked. ``rests_on``: by
    qualified name of a definition, set or decision, those that its meaning uses.
    """

    modules: Mapping[str, Module]
    place: PlaceType
    enums: Mapping[str, Enum] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    sets: Mapping[str, NamedSet] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    defines: Mapping[str, Define] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    parties: Mapping[str, Party] = field(default_factory=dict)
    bodies: Mapping[str, Body] = field(default_factory=dict)
    capabilities: tuple[Capability, ...] = ()
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    proves: Mapping[str, Prove] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    tests: tuple[Test, ...] = ()
    references: Sequence[Reference] = ()
    used: Collection[tuple[str, str]] = frozenset()
    uses: Mapping[tuple[str, str], int] = field(default_factory=dict)
    rests_on: Mapping[str, Collection[str]] = field(default_factory=dict)
