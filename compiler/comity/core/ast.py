"""Core: the small, sugar-free program that interpreter, analysis and backends read. Read this page first.

`lower` makes it from the checked tree: families are expanded to one rule per enum member, precedence clauses
are edges between rule numbers, windows are intervals, dated sets are terms, `exception to` and `disapplies` are
kept as edges because answers name them. Expressions are `comity.terms`, and what is made of them alone `comity.parts`.

    rule chart_control for licensing:            rules 0 to 2: chart_control[NS1], chart_control[NS2], …
        for each r in {NS1, NS2, CB1}            each with its condition: chart[destination, NS1], …
        when chart[destination, r]
        then license_required
    rule gbs for licensing:                      rule 3: gbs, with the edges
        exception to chart_control[NS2]          Edge("exception", 1, …) and Edge("prevails", 1, …)
        when destination in GROUP_B
        then exception_available

A declaration has what was declared and spans, but no node of another tree. A built package carries this file and a
program made of it.

INVARIANT (rules are numbered): edges are indices into ``Decision.rules``.
INVARIANT (precedence is acyclic): no cycle over prevails/exception/disapplies edges (E110, checked by `lower`).
INVARIANT (positional fields decide): no answer follows from a keyword-only field. Those say where something is
written, what people read about it, and what only the analysis asks; a package is built without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

from comity.base.source import NOWHERE, Span
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

if TYPE_CHECKING:  # of tests alone
    from comity.expectations import Example, Expectation, Given, GivenAct, GivenEvent


@dataclass(frozen=True, slots=True)
class Declared:
    """What has a qualified name, `module.name` (in agreements `module.agreement.name`).

    ``doc`` is "" where none is written; ``span`` is that of the name where it is declared.
    """

    qname: str
    doc: str = field(default="", kw_only=True)
    cites: tuple[str, ...] = field(default=(), kw_only=True)
    span: Span = field(default=NOWHERE, kw_only=True)

    @property
    def name(self) -> str:
        return self.qname.rpartition(".")[2]

    @property
    def module(self) -> str:
        return self.qname.rpartition(".")[0]


# ------------------------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class Enum(Declared):
    """``member_docs``: the text of each member of the type, "" where none is written."""

    type: EnumType
    member_docs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record(Declared):
    """A record of facts, or of acts: ``acts`` are the verbs that agreements may use of it."""

    type: RecordType
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table(Declared):
    """``parameters``: (name, type). ``otherwise``: the run-time value, if ``has_otherwise``.

    A record-valued row is a dict by field name; unknown cells None, absent cells ABSENT. ``file`` and ``sha256`` of
    the CSV (None, None for inline rows).
    """

    parameters: tuple[tuple[str, Type], ...]
    result: Type
    rows: tuple[Row, ...]
    has_otherwise: bool
    otherwise: object
    file: str | None = field(default=None, kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class SetDefinition(Declared):
    """A named set as one set-typed term (windows are `When(InWindow(…), …)`)."""

    type: SetType
    body: Term


@dataclass(frozen=True, slots=True)
class Define(Declared):
    """A function of its parameters and the day. A record's definition has the parameter `this`."""

    record: RecordType | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Term


# ------------------------------------------------------------------------------------------- decisions


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
    written: Literal["notwithstanding", "subject to", "exception to", "disapplies"] = field(kw_only=True)
    declared_by: int = field(kw_only=True)
    every_other: bool = field(default=False, kw_only=True)
    clause: Span = field(default=NOWHERE, kw_only=True)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, or one member of a family.

    ``name`` is what answers show (`chart_control[NS2]`), ``family`` the declared name, ``key`` the member.
    ``membership``: for a family whose set depends on facts, the condition that the key is in it.
    ``alike``: all members of the family have the same condition, so counsel is asked one question about them.
    ``rank``: statute, regulation, order, guidance, or None.
    """

    number: int
    name: str
    family: str
    key: str | None
    module: str
    cites: tuple[str, ...]
    window: tuple[Interval, ...] | None
    membership: Term | None
    when: Term | None
    unless: Term | None
    refer: str | None
    outcome: str | None
    edges: tuple[Edge, ...]
    rank: str | None
    alike: bool = False
    doc: str = field(default="", kw_only=True)
    span: Span = field(default=NOWHERE, kw_only=True)

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
class Decision(Declared):
    """``outcomes.members`` run from most to least restrictive, ``outcome_docs`` likewise.

    ``sources``: the latest source of each module with a rule of the decision, and the ordinal of the day it was read.
    """

    record: RecordType
    outcomes: EnumType
    grounds: tuple[Ground, ...]
    otherwise: str | None
    rules: tuple[Rule, ...]
    sources: tuple[tuple[str, int], ...] = ()
    outcome_docs: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Prove(Declared):
    """``then`` speaks of ``Local('outcome')`` with the decision's outcome type, and of the facts."""

    decision: str
    given: Term | None
    then: Term


@dataclass(frozen=True, slots=True)
class Test:
    """``target_kind`` says what ``target`` (a qname) is. Facts merge the module's examples with ``facts``."""

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


# ------------------------------------------------------------------------------------------- agreements


@dataclass(frozen=True, slots=True)
class Party(Declared):
    """``members``: a set of Country. ``as_of``: frozen at that day. ``territory``: a set of Place, or None."""

    members: Term
    as_of: date | None
    territory: Term | None


@dataclass(frozen=True, slots=True)
class Capability(Declared):
    """What a party can or cannot do, as a stated fact. In ``when`` the act's record is `this`."""

    party: str
    can: bool
    verbs: tuple[str, ...]
    record: RecordType
    when: Term | None


@dataclass(frozen=True, slots=True)
class Body(Declared):
    """A body that decides. ``members``: names of parties or countries."""

    members: tuple[str, ...]
    by: Literal["consensus", "majority"]


@dataclass(frozen=True, slots=True)
class Commitment(Declared):
    """Conditions speak of the act's record as `this`, of the owner as `self`, of the other side as `other`
    (PartyType locals). ``limit`` is what kind of number ``limit_number`` is, over ``per`` or at any one time.

    ``parity``: whether the numbers of two sides are equal for each party or for each member. ``asymmetric``: the
    reason stated for its having no mirror, or an unequal one.
    """

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
    parity: Literal["party", "member"] | None = field(default=None, kw_only=True)
    asymmetric: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Mirror(Declared):
    """``left`` and ``right``: names of commitments that are each other's mirror image.

    ``swaps``: pairs of names (countries, zones, parties) exchanged besides the parties.
    """

    left: str
    right: str
    swaps: tuple[tuple[str, str], ...]
    tolerances: tuple[ToleranceValue, ...]
    asymmetric: str | None


@dataclass(frozen=True, slots=True)
class RedLine(Declared):
    """What ``party`` will never have limited, or be committed to."""

    party: str
    reservations: tuple[Reservation, ...]


@dataclass(frozen=True, slots=True)
class Withdrawal(Declared):
    """``notice`` before it takes effect. ``found_by``: who finds that ``when`` holds; None where nothing is said."""

    who: Who
    notice: TimeSpan | None
    when: Term | None
    found_by: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Remedy(Declared):
    """What a party may do in answer to a breach or an act, until the breach ends or ``until`` a condition.

    ``notice`` before it. ``found_by``: who finds the breach; None where nothing is said.
    """

    who: Who
    triggers: tuple[RemedyTrigger, ...]
    answers: tuple[RemedyAnswer, ...]
    until_breach_ends: bool
    until: Term | None = None
    notice: TimeSpan | None = None
    found_by: str | None = field(default=None, kw_only=True)

    @property
    def breached(self) -> tuple[str, ...]:
        """The commitments, by name, whose breach it answers."""
        return tuple(trigger.commitment for trigger in self.triggers if trigger.commitment is not None)

    @property
    def suspends(self) -> tuple[str, ...]:
        """The commitments, by name, that it lets a party suspend."""
        return tuple(answer.commitment for answer in self.answers if answer.commitment is not None)


@dataclass(frozen=True, slots=True)
class Agreement(Declared):
    """``parties``: qualified names. ``status``: proposed, signed, in_force, suspended, terminated, or "" if unsaid;
    ``since`` when.

    ``reciprocal``: both sides are to be bound alike (R306). ``capabilities``: those stated in the agreement itself.
    """

    parties: tuple[str, ...]
    status: str
    since: date | None
    commitments: tuple[Commitment, ...]
    withdrawals: tuple[Withdrawal, ...]
    remedies: tuple[Remedy, ...]
    prevails_over: tuple[str, ...] = ()
    reciprocal: bool = field(kw_only=True, default=False)
    mirrors: tuple[Mirror, ...] = field(kw_only=True, default=())
    red_lines: tuple[RedLine, ...] = field(kw_only=True, default=())
    bodies: tuple[Body, ...] = field(kw_only=True, default=())
    capabilities: tuple[Capability, ...] = field(kw_only=True, default=())


# ------------------------------------------------------------------------------------------- responses


Posture: TypeAlias = Literal["start_high_stay_high", "escalating", "ratchet", "none"]


@dataclass(frozen=True, slots=True)
class Response(Declared):
    """``members``: names of countries or parties, as written; ``target`` likewise.

    ``trigger`` and ``lift_when`` speak of the event's record as `this`. ``reaches``: a set of sectors or one, of
    the export as `this`.

    ``posture``: what is promised of the course of the measures, on ``posture_sectors`` (None: all). ``aligned``: its
    members impose the same (``aligned_within`` a time), but for the sectors that a member ``cannot_supply``.
    """

    record: RecordType | None
    members: tuple[str, ...]
    measures: EnumType
    sectors: EnumType
    reaches: Term | None
    event: RecordType | None
    trigger: Term | None
    trigger_on: date | None
    allowing: tuple[Allowing, ...]
    steps: tuple[Step, ...]
    lift_when: Term | None
    target: str = field(default="", kw_only=True)
    posture: Posture = field(default="none", kw_only=True)
    posture_sectors: tuple[str, ...] | None = field(default=None, kw_only=True)
    aligned: bool = field(default=False, kw_only=True)
    aligned_within: TimeSpan | None = field(default=None, kw_only=True)
    cannot_supply: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), kw_only=True)
    trigger_span: Span = field(default=NOWHERE, kw_only=True)
    """The clause `trigger`; the name, where there is none."""
    posture_span: Span = field(default=NOWHERE, kw_only=True)
    """The clause `posture`; the name, where there is none."""


# ------------------------------------------------------------------------------------------- program


@dataclass(frozen=True, slots=True)
class Program:
    """A whole program. Mappings are by qualified name and iterate in a fixed order.

    ``always``: by record qualified name, facts of the world about `this`.
    ``source_hash``: hex SHA-256 over all sources and tables, the same on every machine.
    ``modules``: their names, sorted. ``capabilities``: those stated outside of agreements.
    """

    place: PlaceType
    tables: Mapping[str, Table] = field(default_factory=dict)
    sets: Mapping[str, SetDefinition] = field(default_factory=dict)
    defines: Mapping[str, Define] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    always: Mapping[str, tuple[AlwaysLine, ...]] = field(default_factory=dict)
    parties: Mapping[str, Party] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    source_hash: str = ""
    modules: tuple[str, ...] = field(default=(), kw_only=True)
    enums: Mapping[str, Enum] = field(default_factory=dict, kw_only=True)
    records: Mapping[str, Record] = field(default_factory=dict, kw_only=True)
    proves: Mapping[str, Prove] = field(default_factory=dict, kw_only=True)
    examples: tuple[Example, ...] = field(default=(), kw_only=True)
    tests: tuple[Test, ...] = field(default=(), kw_only=True)
    bodies: Mapping[str, Body] = field(default_factory=dict, kw_only=True)
    capabilities: tuple[Capability, ...] = field(default=(), kw_only=True)

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
