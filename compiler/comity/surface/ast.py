"""The surface tree: what the author wrote, nothing resolved. Read this page first.

`parse` makes it, `format` prints it, house lints read it, `check` elaborates it.
Spans take no part in equality: equal clauses mean the same. Comments are not in the tree; they are kept
beside it (`Module.comments`) with their positions, for the formatter and for `comity: ignore[...]`.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.base.source import NOWHERE, Span
from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    span: Span = field(compare=False, default=NOWHERE, kw_only=True, repr=False)


# ------------------------------------------------------------------------------------------- small parts


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A plain name where it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A dotted name: a module (`ear.scope`) or `module.decision`."""

    parts: tuple[Name, ...]

    @property
    def text(self) -> str:
        return ".".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string literal used as documentation, citation or reason (escapes resolved)."""

    value: str


@dataclass(frozen=True, slots=True)
class WindowMark(Node):
    """`from D` opens a window; `until D` closes the one open (both inclusive)."""

    kind: Literal["from", "until"]
    day: DateLit


Window: TypeAlias = tuple[WindowMark, ...]


# ------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class BoolLit(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class NumberLit(Node):
    """`9_000` (``is_int``) or `0.25`; ``text`` as written."""

    value: Fraction
    is_int: bool
    text: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class PercentLit(Node):
    """`25%`: ``value`` is 25/100."""

    value: Fraction
    text: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class MoneyLit(Node):
    amount: Fraction
    currency: str
    text: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class QuantityLit(Node):
    """`200 km`; ``unit`` one of km nmi mi m kg g t hours days weeks months years."""

    amount: Fraction
    unit: str
    text: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class DateLit(Node):
    """``value`` is None for a date that does not exist (`2022-02-30`; the checker says E106)."""

    text: str
    value: date | None


@dataclass(frozen=True, slots=True)
class TextLit(Node):
    value: str


@dataclass(frozen=True, slots=True)
class EccnLit(Node):
    """`3A001.c`, `EAR99`; as written. The checker validates it (E106)."""

    text: str


@dataclass(frozen=True, slots=True)
class HsLit(Node):
    """`HS 8542.31`; ``text`` without the `HS`."""

    text: str


@dataclass(frozen=True, slots=True)
class UnknownLit(Node):
    """`unknown`, in tests and examples only."""


@dataclass(frozen=True, slots=True)
class AbsentLit(Node):
    """`absent`."""


@dataclass(frozen=True, slots=True)
class NameExpr(Node):
    """A bare name: field, local, definition, member, set, decision, party, zone, commitment …"""

    name: str


@dataclass(frozen=True, slots=True)
class This(Node):
    """`this`: the whole record."""


@dataclass(frozen=True, slots=True)
class FieldExpr(Node):
    """`item.eccn`, `Column.AT1`, `item.series_600`, `module.decision`."""

    base: Expr
    name: Name


@dataclass(frozen=True, slots=True)
class IndexExpr(Node):
    """`chart[to, r]`, `distance_to[other]`, `ccl[code]`."""

    base: Expr
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """`listed = true` (named) or a positional argument (name None)."""

    name: Name | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`controlled_to(code, RU)`, `Person(listed = true)`, `round_up(x)`, `round_down(x)`."""

    function: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Count(Node):
    """`count(x in s where cond)`; ``where`` may be left out."""

    variable: Name
    source: Expr
    where: Expr | None


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """`sum(x.value for x in s where cond)`."""

    value: Expr
    variable: Name
    source: Expr
    where: Expr | None


@dataclass(frozen=True, slots=True)
class CodeRange(Node):
    """`3B001.k to 3B001.n`, inclusive: an element of a set that stands for several codes."""

    first: Expr
    last: Expr


@dataclass(frozen=True, slots=True)
class SetLit(Node):
    elements: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """`{c in Country where group[c, D5]}`."""

    variable: Name
    source: Expr
    where: Expr


@dataclass(frozen=True, slots=True)
class ListLit(Node):
    elements: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class MapEntry(Node):
    key: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class MapLit(Node):
    """`{NATO_SIDE: 40 km, RUSSIA: 0 km}`: a `T per Party` value, in tests, examples and defaults."""

    entries: tuple[MapEntry, ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`500 km .. 5_500 km`, inclusive; only after `in`."""

    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic and set operations."""

    operator: Literal["+", "-", "*", "/", "|", "&"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class In(Node):
    """`x in s`, `x not in s`, `x in a..b`."""

    value: Expr
    collection: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Within(Node):
    """`eccn within 3A001`, `hs within HS 8542`, `place within zone`, `set within set`."""

    value: Expr
    container: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class StateTest(Node):
    """`x is known`, `x is absent`, `missiles_nato is accepted by 2022-03-01`, `exercises of other is breached`.

    ``state`` is one of known unknown present absent, or accepted binding breached suspended performed ended.
    """

    subject: Expr
    state: Name
    of: Name | None = None
    by: DateLit | None = None


@dataclass(frozen=True, slots=True)
class Consents(Node):
    """`CL consents`: a third state."""

    subject: Expr


@dataclass(frozen=True, slots=True)
class RuleTest(Node):
    """`russia_ccl applies`, `chart_control[NS2] decides`: conditions in other decisions."""

    rule: RuleRef
    verb: Literal["applies", "decides"]


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Expr


@dataclass(frozen=True, slots=True)
class And(Node):
    """Flattened: `a and b and c` is one node."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Implies(Node):
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """Inline `any p in parties: p.listed and p.hq == CN`; the body reaches to the end of the expression."""

    kind: Literal["any", "all", "no"]
    variable: Name
    source: Expr
    body: Expr


@dataclass(frozen=True, slots=True)
class Line(Node):
    """One line of a condition block, with its own window, outside which it is false."""

    condition: Expr
    window: Window = ()


@dataclass(frozen=True, slots=True)
class Windowed(Node):
    """`(destination == BY from 2022-03-02)`: part of a line with a window of its own, outside which it is false."""

    condition: Expr
    window: Window


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`all:`, `any:`, `none:` and an indented block of lines. Only where a condition is expected."""

    kind: Literal["all", "any", "none"]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class QuantifiedBlock(Node):
    """`any p in parties:` (or `all`, `no`) and an indented block, whose lines must all hold for p."""

    kind: Literal["any", "all", "no"]
    variable: Name
    source: Expr
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ErrorExpr(Node):
    """What could not be parsed, already reported."""


Expr: TypeAlias = (
    BoolLit | NumberLit | PercentLit | MoneyLit | QuantityLit | DateLit | TextLit | EccnLit | HsLit
    | UnknownLit | AbsentLit | NameExpr | This | FieldExpr | IndexExpr | Call | Count | Sum
    | SetLit | CodeRange | Comprehension | ListLit | MapLit | Range | Negate | Binary | Compare | In | Within
    | StateTest | Consents | RuleTest | Not | And | Or | Implies | Quantified | Windowed | Block | QuantifiedBlock
    | ErrorExpr
)  # fmt: skip


# ------------------------------------------------------------------------------------------- types


@dataclass(frozen=True, slots=True)
class NamedType(Node):
    """`Bool`, `Country`, `Length` …"""

    name: Name


@dataclass(frozen=True, slots=True)
class MoneyIn(Node):
    """`Money in USD`."""

    currency: Name


@dataclass(frozen=True, slots=True)
class CollectionOf(Node):
    """`set of T`, `list of T`."""

    kind: Literal["set", "list"]
    element: TypeExpr


@dataclass(frozen=True, slots=True)
class PerParty(Node):
    """`T per Party`."""

    element: TypeExpr


@dataclass(frozen=True, slots=True)
class MayBeUnknown(Node):
    """`T?`."""

    element: TypeExpr


@dataclass(frozen=True, slots=True)
class OrAbsent(Node):
    """`T or absent`."""

    element: TypeExpr


TypeExpr: TypeAlias = NamedType | MoneyIn | CollectionOf | PerParty | MayBeUnknown | OrAbsent


# ------------------------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class Instrument(Node):
    """`instrument "15 CFR 734" rank regulation`; rank statute, regulation, order, guidance (or None)."""

    name: Text
    rank: Name | None


@dataclass(frozen=True, slots=True)
class SourceNote(Node):
    """`source "eCFR title 15" as of 2026-07-23`."""

    name: Text
    as_of: DateLit | None


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use m` (names None, star False), `use m: *`, `use m: A, B`."""

    module: Path
    names: tuple[Name, ...] | None
    star: bool = False


@dataclass(frozen=True, slots=True)
class Member(Node):
    name: Name
    doc: Text | None = None


@dataclass(frozen=True, slots=True)
class EnumDecl(Node):
    name: Name
    ordered: bool
    doc: Text | None
    members: tuple[Member, ...]
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldDecl(Node):
    """`denied: Bool = false "text"`, `notified: Duration? disclosure "text"`."""

    name: Name
    type: TypeExpr
    default: Expr | None = None
    disclosure: bool = False
    doc: Text | None = None


@dataclass(frozen=True, slots=True)
class Always(Node):
    """`always value >= 0 USD`: a fact of the world, kept by every input."""

    condition: Expr


@dataclass(frozen=True, slots=True)
class RecordDecl(Node):
    """`record Export as of date:`. ``items``: fields and always lines, in written order; ``acts``: verbs."""

    name: Name
    as_of: Name | None
    doc: Text | None
    acts: tuple[Name, ...]
    items: tuple[FieldDecl | Always, ...]
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SetPart(Node):
    """One line of a `set`: base line (sign None) or `+ S` / `- S`, each with its window."""

    sign: Literal["+", "-"] | None
    value: Expr
    window: Window = ()


@dataclass(frozen=True, slots=True)
class SetDecl(Node):
    """`set NATO: Country = {…}`; ``element`` is the element type."""

    name: Name
    element: TypeExpr
    doc: Text | None
    cites: tuple[Text, ...]
    parts: tuple[SetPart, ...]


@dataclass(frozen=True, slots=True)
class ZoneDecl(Node):
    """`zone KALININGRAD in RU "text"`."""

    name: Name
    country: Name
    doc: Text | None = None
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`to: Country`, in tables with a quoted CSV header: `country "iso2": Country`."""

    name: Name
    type: TypeExpr
    header: Text | None = None


@dataclass(frozen=True, slots=True)
class TableRow(Node):
    """An inline row `BE: 7_000`; several keys are separated by commas."""

    keys: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class TableDecl(Node):
    """`table chart(country "iso2": Country, column: Column) -> Bool from "x.csv" otherwise false ignoring name`."""

    name: Name
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    file: Text | None
    otherwise: Expr | None
    ignoring: tuple[Name | Text, ...]
    doc: Text | None
    cites: tuple[Text, ...]
    rows: tuple[TableRow, ...] = ()


# ------------------------------------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`10% when destination in EMBARGOED`; ``condition`` None is `otherwise`."""

    value: Expr
    condition: Expr | None


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A value by cases; ``first_match`` makes them ordered."""

    cases: tuple[Case, ...]
    first_match: bool


@dataclass(frozen=True, slots=True)
class DefineDecl(Node):
    """`define X for Record -> T:` (``record`` set) or `define f(x: T) -> U:` (``parameters`` set).

    ``result`` None means Bool. ``body`` is an expression, a block or cases.
    """

    name: Name
    record: Name | None
    parameters: tuple[Parameter, ...]
    result: TypeExpr | None
    doc: Text | None
    cites: tuple[Text, ...]
    body: Expr | Cases


@dataclass(frozen=True, slots=True)
class OutcomeDecl(Node):
    name: Name
    doc: Text | None = None


@dataclass(frozen=True, slots=True)
class Prevail(Node):
    """`prevail X over Y` (``over`` set) or `prevail by rank|later|restriction` (``by`` set)."""

    winner: Name | None
    loser: Name | None
    by: Literal["rank", "later", "restriction"] | None
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionDecl(Node):
    name: Name
    record: Name
    doc: Text | None
    cites: tuple[Text, ...]
    outcomes: tuple[OutcomeDecl, ...]
    prevails: tuple[Prevail, ...]
    otherwise: Name | None


@dataclass(frozen=True, slots=True)
class RuleRef(Node):
    """A rule by name (`ear.russia.russia_ccl` allowed), with a family key: `chart_control[r]`."""

    path: Path
    key: Expr | None = None


@dataclass(frozen=True, slots=True)
class EveryRule(Node):
    """`every rule in MODULE [except a, b]` (``module`` set) or `every other rule [except a]` (None)."""

    module: Path | None
    excepted: tuple[RuleRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ForEach(Node):
    """`for each r in SET`."""

    variable: Name
    source: Expr


@dataclass(frozen=True, slots=True)
class Precedence(Node):
    """`notwithstanding a, b` and its kin."""

    kind: Literal["notwithstanding", "subject to", "exception to", "disapplies"]
    targets: tuple[RuleRef | EveryRule, ...]


@dataclass(frozen=True, slots=True)
class Refer(Node):
    """`refer to counsel "why"`."""

    reason: Text


@dataclass(frozen=True, slots=True)
class RuleDecl(Node):
    """Clauses may be written in any order; their spans keep it."""

    name: Name
    decision: Path
    doc: Text | None
    cites: tuple[Text, ...]
    window: Window
    for_each: ForEach | None
    precedence: tuple[Precedence, ...]
    refer: Refer | None
    when: Expr | None
    unless: Expr | None
    then: Name | None


# ------------------------------------------------------------------------------------------- agreements


@dataclass(frozen=True, slots=True)
class PartyDecl(Node):
    """`party NATO_SIDE = NATO as of 2022-01-10`, optionally with `territory {…}` in a block."""

    name: Name
    members: Expr
    as_of: DateLit | None
    territory: Expr | None
    doc: Text | None = None
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Capability(Node):
    """`RUSSIA cannot deploy Missile when location not within RUSSIA cite "…"`."""

    party: Name
    can: bool
    verbs: tuple[Name, ...]
    record: Name
    when: Expr | None
    cites: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class BodyDecl(Node):
    """`body COMMISSION = {A, B} by consensus` (or `majority`)."""

    name: Name
    members: Expr
    by: Literal["consensus", "majority"]
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Status(Node):
    """`status in_force from 2022-01-01`."""

    name: Name
    since: DateLit | None = None


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """`at most 1_550`, `at least 3`, `exactly 2`."""

    kind: Literal["at most", "at least", "exactly"]
    number: Expr


@dataclass(frozen=True, slots=True)
class Per(Node):
    """`per calendar year` (``calendar`` "year" or "month"), `per 12 months` rolling (``rolling``)."""

    calendar: Literal["year", "month"] | None
    rolling: QuantityLit | None


@dataclass(frozen=True, slots=True)
class Deadline(Node):
    """`by 2028-03-01` (``day``), or `within 30 days after data_b is performed` (``within``, ``after``)."""

    day: DateLit | None
    within: QuantityLit | None
    after: Expr | None


@dataclass(frozen=True, slots=True)
class Modality(Node):
    """`shall not produce or test Missile`, `shall accept at least 3 Inspection per calendar year`.

    ``kind``: "shall not" forbids, "may" permits, "shall" obliges (a duty with ``deadline``, a quantity with
    ``limit``, or, with an `ensure` clause, a conditioned act).
    """

    kind: Literal["shall", "shall not", "may"]
    verbs: tuple[Name, ...]
    record: Name
    limit: Limit | None = None
    per: Per | None = None
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Who(Node):
    """`by each party`, `by RUSSIA`, `by each member of NATO_SIDE`; ``toward`` restricts the other side."""

    kind: Literal["each party", "party", "each member"]
    party: Name | None
    toward: Name | None = None


@dataclass(frozen=True, slots=True)
class CommitmentDecl(Node):
    """One commitment. ``parity``: "party" or "member". ``asymmetric``: the stated reason."""

    name: Name
    who: Who
    doc: Text | None
    cites: tuple[Text, ...]
    modality: Modality
    when: Expr | None
    unless: Expr | None
    ensure: Expr | None
    window: Window
    binding: Expr | None
    suspended: Expr | None
    parity: Literal["party", "member"] | None
    protected: bool
    asymmetric: Text | None
    prevails_over: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Swap(Node):
    """`swapping UA with KALININGRAD`."""

    left: Name
    right: Name


@dataclass(frozen=True, slots=True)
class Tolerance(Node):
    """`within 10%`, `within 1 km`, `within 10% of 9_000`."""

    amount: PercentLit | QuantityLit | MoneyLit | NumberLit
    reference: Expr | None


@dataclass(frozen=True, slots=True)
class MirrorDecl(Node):
    left: Name
    right: Name
    swaps: tuple[Swap, ...]
    tolerances: tuple[Tolerance, ...]
    asymmetric: Text | None
    doc: Text | None = None
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation(Node):
    """`no limit on deploy Troops when C` (kind "limit") or `no commitment on …`."""

    kind: Literal["limit", "commitment"]
    verbs: tuple[Name, ...]
    record: Name
    when: Expr | None


@dataclass(frozen=True, slots=True)
class RedLineDecl(Node):
    name: Name
    party: Name
    doc: Text | None
    cites: tuple[Text, ...]
    reservations: tuple[Reservation, ...]


@dataclass(frozen=True, slots=True)
class FoundBy(Node):
    """`found by COMMISSION` or `found by self`."""

    judge: Name


@dataclass(frozen=True, slots=True)
class WithdrawalDecl(Node):
    """`withdrawal leave by each party:` with `notice 6 months`, `found by self`, `when C`."""

    name: Name
    who: Who
    doc: Text | None
    cites: tuple[Text, ...]
    notice: QuantityLit | None
    found_by: FoundBy | None
    when: Expr | None


@dataclass(frozen=True, slots=True)
class RemedyTrigger(Node):
    """`on breach of exercises` (``commitment``) or `on expel Staff` (``verb`` and ``record``)."""

    commitment: Name | None
    verb: Name | None
    record: Name | None


@dataclass(frozen=True, slots=True)
class RemedyAnswer(Node):
    """`may suspend exercises` (``commitment``) or `may expel Staff up to 100% counting as expel Staff`."""

    commitment: Name | None
    verb: Name | None
    record: Name | None
    up_to: Expr | None = None
    counting_as: tuple[Name, Name] | None = None


@dataclass(frozen=True, slots=True)
class RemedyDecl(Node):
    """`remedy answer by each party:`; ``until_breach_ends`` or ``until`` a condition, else it has no end."""

    name: Name
    who: Who
    doc: Text | None
    cites: tuple[Text, ...]
    triggers: tuple[RemedyTrigger, ...]
    found_by: FoundBy | None
    notice: QuantityLit | None
    answers: tuple[RemedyAnswer, ...]
    until_breach_ends: bool
    until: Expr | None


AgreementItem: TypeAlias = (
    RedLineDecl | CommitmentDecl | MirrorDecl | WithdrawalDecl | RemedyDecl | BodyDecl | Capability
)


@dataclass(frozen=True, slots=True)
class AgreementDecl(Node):
    name: Name
    parties: tuple[Name, ...]
    doc: Text | None
    cites: tuple[Text, ...]
    status: Status | None
    reciprocal: bool
    prevails_over: tuple[Path, ...]
    items: tuple[AgreementItem, ...]


# ------------------------------------------------------------------------------------------- responses


@dataclass(frozen=True, slots=True)
class Impose(Node):
    """`impose M on S [when C] [by MEMBERS] [for N days]`, or `lift M on S …` (``lift`` True)."""

    lift: bool
    measure: Expr
    sectors: Expr
    when: Expr | None = None
    by: tuple[Name, ...] = ()
    duration: QuantityLit | None = None


@dataclass(frozen=True, slots=True)
class Step(Node):
    """`at once:`, `after 30 days:` (``after``), `on 2022-03-01:` (``on``)."""

    after: QuantityLit | None
    on: DateLit | None
    doc: Text | None
    cites: tuple[Text, ...]
    lines: tuple[Impose, ...]


@dataclass(frozen=True, slots=True)
class Trigger(Node):
    """`trigger Event [on DATE] when C`."""

    record: Name
    on: DateLit | None
    when: Expr | None


@dataclass(frozen=True, slots=True)
class Posture(Node):
    """`posture start_high_stay_high [on SECTORS]`."""

    name: Name
    sectors: Expr | None = None


@dataclass(frozen=True, slots=True)
class Allowing(Node):
    """`allowing CONDITION [until day 60]`: a wind-down exempted from the posture."""

    condition: Expr
    until_day: NumberLit | None = None


@dataclass(frozen=True, slots=True)
class CannotSupply(Node):
    """`JP cannot supply {microelectronics}`: excuses a coalition gap."""

    member: Name
    sectors: Expr
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseDecl(Node):
    """``record`` is the record its measures catch (`for Export`), None if left out.

    ``aligned``: declared or not; ``aligned_within``: the lag, if one is given.
    """

    name: Name
    record: Name | None
    members: tuple[Name, ...]
    target: Name
    doc: Text | None
    cites: tuple[Text, ...]
    measure_enum: Name | None
    sector_enum: Name | None
    reaches: Expr | None
    trigger: Trigger | None
    posture: Posture | None
    aligned: bool
    aligned_within: QuantityLit | None
    allowing: tuple[Allowing, ...]
    cannot_supply: tuple[CannotSupply, ...]
    steps: tuple[Step, ...]
    lift_when: Expr | None


# ------------------------------------------------------------------------------------------- proofs and tests


@dataclass(frozen=True, slots=True)
class ProveDecl(Node):
    """`prove N for DECISION: given C then P`. In ``then`` the name `outcome` is the decision's outcome."""

    name: Name
    target: Path
    doc: Text | None
    cites: tuple[Text, ...]
    given: Expr | None
    then: Expr


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """`item.eccn = 3A001.a`; ``path`` is the dotted field path, ``key`` the member in `findings.rule[TMP]`."""

    path: Path
    value: Expr
    key: Expr | None = None


@dataclass(frozen=True, slots=True)
class ExampleDecl(Node):
    record: Name
    assignments: tuple[Assignment, ...]
    doc: Text | None = None
    cites: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenAct(Node):
    """`given conduct Exercise by RUSSIA on 2022-02-10:` and assignments; ``count`` of `given hold 701 Warhead …`."""

    verb: Name
    record: Name
    party: Name
    toward: Name | None
    on: DateLit | None
    assignments: tuple[Assignment, ...]
    count: NumberLit | None = None


@dataclass(frozen=True, slots=True)
class GivenEvent(Node):
    """`given Event on 2022-02-24:` and assignments: a record that happened (responses, monitor)."""

    record: Name
    on: DateLit | None
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class GivenFacts(Node):
    """`given:` and assignments; for functions the paths are parameter names."""

    assignments: tuple[Assignment, ...]


Given: TypeAlias = GivenFacts | GivenAct | GivenEvent


@dataclass(frozen=True, slots=True)
class ExpectValue(Node):
    """`expect license_required by russia_ccl`, `expect 10%`, `expect true`."""

    value: Expr
    by: tuple[RuleRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectUndetermined(Node):
    """`expect undetermined needing item.us_content, chart[CU, NS1]`."""

    needing: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectFailure(Node):
    """`expect contradiction`, `expect gap`, `expect refused`."""

    kind: Literal["contradiction", "gap", "refused"]


@dataclass(frozen=True, slots=True)
class ExpectBreach(Node):
    """`expect breach of exercises by RUSSIA`, `expect no breach` (``none``)."""

    none: bool
    commitment: Name | None = None
    party: Name | None = None


@dataclass(frozen=True, slots=True)
class ExpectImposed(Node):
    """`expect imposed export_ban on defence by JP`, `expect not imposed …` (``negated``)."""

    negated: bool
    measure: Name
    sector: Name
    members: tuple[Name, ...] = ()


Expectation: TypeAlias = ExpectValue | ExpectUndetermined | ExpectFailure | ExpectBreach | ExpectImposed


@dataclass(frozen=True, slots=True)
class TestDecl(Node):
    """`test "…" for X:`; ``as_of`` from `as of D`; ``on_day`` from `on day 31` (responses)."""

    title: Text
    target: Path
    as_of: DateLit | None
    given: tuple[Given, ...]
    on_day: NumberLit | None
    expects: tuple[Expectation, ...]
    doc: Text | None = None
    cites: tuple[Text, ...] = ()


# ------------------------------------------------------------------------------------------- module

Declaration: TypeAlias = (
    EnumDecl | RecordDecl | SetDecl | ZoneDecl | TableDecl | DefineDecl | DecisionDecl | RuleDecl
    | PartyDecl | BodyDecl | Capability | AgreementDecl | ResponseDecl | ProveDecl | ExampleDecl | TestDecl
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """``text`` from the `#` on, without trailing blanks; ``own_line``: nothing but blanks before it."""

    text: str
    own_line: bool


@dataclass(frozen=True, slots=True)
class Module(Node):
    """One file. ``name`` is the dotted module name. ``comments`` in source order.

    ``broken``: names whose declaration has a syntax error and is not here, so that their use is not a second mistake.
    """

    name: str
    doc: Text | None
    instrument: Instrument | None
    sources: tuple[SourceNote, ...]
    uses: tuple[Use, ...]
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = field(compare=False, default=())
    broken: tuple[Name, ...] = field(compare=False, default=())
