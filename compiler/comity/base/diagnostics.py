"""Diagnostics are values: code, message, labelled spans, witness, help. Renderers live in `linter.render`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from enum import Enum

from comity.base.source import SourceFile, Span
from comity.runtime.light import dataclass


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place the message speaks of."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text under ``span`` by ``text``."""

    span: Span
    text: str


class Applicability(Enum):
    """Whether a fix may be made unseen: a ``SAFE`` one leaves every answer as it was, or repairs what gave none."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Fix:
    """What fixes a finding: edits that are made together or not at all.

    ``group``: of the fixes of one group only one is made before the policies are linted again, since the others may
    not be right any more (of two rules that say the same, only one can go).
    """

    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE
    group: str | None = None

    @property
    def is_safe(self) -> bool:
        return self.applicability is Applicability.SAFE


def replacement(span: Span, text: str, applicability: Applicability = Applicability.SAFE) -> Fix:
    """The fix that puts ``text`` in one place."""
    return Fix((Edit(span, text),), applicability)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    ``message``: one lower-case sentence without a final period, the author's words in backticks.
    ``subjects``: the declarations it is about. ``witness``: facts in JSON form (see the facts format).
    ``days``: list of (from, until) ISO dates where it holds on some days only; None is open.
    ``fields`` and ``gains`` belong to R301. ``test``: a `test` block, ready to paste, that shows it.
    """

    code: str
    message: str
    span: Span
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()
    subjects: tuple[str, ...] = ()
    witness: Mapping[str, object] | None = None
    days: tuple[tuple[str | None, str | None], ...] | None = None
    fields: tuple[str, ...] | None = None
    gains: str | None = None
    help: str | None = None
    fix: Fix | None = None
    test: str | None = None

    @property
    def name(self) -> str:
        return CODES[self.code].name

    @property
    def spans(self) -> Iterator[Span]:
        """Every place that it speaks of."""
        yield self.span
        yield from (each.span for each in self.related)
        yield from (edit.span for edit in (self.fix.edits if self.fix else ()))

    def with_spans(self, change: Callable[[Span], Span]) -> Diagnostic:
        """A copy with every span replaced by `change(span)`."""
        return replace(
            self,
            span=change(self.span),
            related=tuple(replace(each, span=change(each.span)) for each in self.related),
            fix=None
            if self.fix is None
            else replace(self.fix, edits=tuple(replace(each, span=change(each.span)) for each in self.fix.edits)),
        )


@dataclass(frozen=True, slots=True)
class Code:
    """A diagnostic code: its stable name, default severity and one-line meaning."""

    code: str
    name: str
    severity: Severity
    summary: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

_TABLE = [
    Code(*row)
    for row in [
        ("E001", "syntax-error", _E, "the text is not what the grammar expects here"),
        ("E002", "unreadable-file", _E, "not UTF-8, NUL, missing, a directory, too large or nested too deep"),
        ("E010", "unknown-module", _E, "`use` of a module that is not there"),
        ("E011", "circular", _E, "declarations depend on themselves"),
        ("E012", "duplicate-name", _E, "a name twice in a scope, shadowing, or a swap that is not an involution"),
        ("E013", "unknown-name", _E, "a name that nothing declares"),
        ("E014", "ambiguous-name", _E, "a bare member that fits two enums where no type decides"),
        ("E015", "too-deep", _E, "a declaration that rests on others to too great a depth"),
        ("E016", "not-analysed", _E, "errors in files that were not named keep the program from being analysed"),
        ("E101", "type-mismatch", _E, "a value of one type where another is needed"),
        ("E102", "unit-mismatch", _E, "quantities of different dimension or currency"),
        ("E103", "unknown-field", _E, "a field the record does not have"),
        ("E104", "unknown-value", _E, "not a member of the enum"),
        ("E105", "unknown-outcome", _E, "not one of the decision's outcomes"),
        ("E106", "invalid-literal", _E, "a literal that means nothing"),
        ("E107", "bad-table", _E, "a table whose rows cannot be read"),
        ("E108", "wrong-arguments", _E, "number or names of arguments"),
        ("E109", "unguarded-absent", _E, "a value that may be absent, used outside a guard"),
        (
            "E110",
            "precedence-cycle",
            _E,
            "rules that prevail over, except or disapply each other in a circle",
        ),
        ("E111", "unfit-clause", _E, "a clause of a commitment that means nothing beside another of its clauses"),
        # What is proved, in the order in which it is asked: L204 looks at what L202 and L203 have found.
        ("L200", "undecided", _W, "a question that could not be settled"),
        ("L206", "overlapping-cases", _E, "two cases that hold together with different values"),
        ("L202", "never-applies", _W, "a condition that no input meets"),
        ("L203", "never-decides", _W, "a rule that applies but never prevails"),
        ("L204", "redundant-rule", _W, "a rule without which no decision changes"),
        ("L201", "contradiction", _E, "two rules with different outcomes decide one input"),
        ("L205", "dead-exception", _W, "an exception that never makes a difference"),
        ("L208", "idle-condition", _W, "a line that is always true or always false where it stands"),
        ("L207", "gap", _E, "an input that no rule or case decides"),
        ("L213", "date-gap", _W, "days on which rules that decide before and after do not"),
        ("L209", "outcome-never-given", _W, "an outcome that no input leads to"),
        (
            "L212",
            "overreach",
            _W,
            "a `notwithstanding` rule that also decides where what it displaces does not apply",
        ),
        ("L210", "refuted-proof", _E, "a `prove` with a counterexample"),
        ("L211", "empty-window", _E, "a window that closes before it opens"),
        ("R301", "asymmetric-mirror", _E, "mirrored commitments that bind differently"),
        ("R302", "vacuous-reciprocity", _W, "mirrored in words, but only one side can be bound"),
        ("R303", "red-line-crossed", _E, "a commitment binds a party on a reserved act"),
        ("R304", "deontic-conflict", _E, "an act both permitted or due and prohibited"),
        ("R305", "mutual-wait", _E, "commitments that wait for each other and never bind"),
        ("R306", "one-sided", _W, "a reciprocal agreement with a commitment that has no mirror"),
        ("R307", "not-decided", _I, "facts are missing to decide"),
        ("R308", "improper-remedy", _E, "a remedy that reaches too far, has no end, or grows"),
        ("R309", "over-allotted", _W, "members' maxima exceed the group's"),
        ("R310", "own-judge", _W, "the party in breach decides the finding"),
        ("R311", "third-party", _W, "one side waits for a third state's consent, the other does not"),
        ("S401", "starts-low", _E, "a later step exceeds the first day"),
        ("S402", "lets-up", _E, "a measure lapses before the lift"),
        ("S403", "coalition-gap", _E, "members are not aligned"),
        ("S404", "never-triggered", _E, "a trigger that no event meets"),
        ("H501", "missing-citation", _W, "no `cite`"),
        ("H502", "missing-doc", _W, "a public declaration without its text"),
        ("H503", "unused", _W, "a declaration nothing uses"),
        ("H504", "naming", _W, "style of names"),
        ("H505", "untested-rule", _W, "no test makes the rule decide"),
        ("H506", "expired", _W, "a window that ended before the configured day"),
        ("H507", "unused-suppression", _W, "an ignore comment that hides nothing"),
        ("H508", "malformed-citation", _W, "matches none of the configured patterns"),
        ("H509", "stale-source", _W, "a source older than the configured age"),
        ("H510", "unread-field", _W, "a field that no rule, definition or `always` line reads"),
        ("H511", "permissive-default", _W, "a default that makes an answer milder than unknown would"),
        ("H512", "coarser-code", _W, "a paragraph compared with a code that may be given less exactly"),
    ]
]

CODES: dict[str, Code] = {
    each.code: each for each in sorted(_TABLE, key=lambda each: ("ELRSH".index(each.code[0]), each.code))
}
"""All codes, by family and number."""

LOGIC = tuple(each.code for each in _TABLE if each.code[0] == "L")
"""The codes of what is proved of decisions and definitions, in the order in which that is asked."""


def diagnostic(code: str, message: str, span: Span, **details: object) -> Diagnostic:
    """A diagnostic with the default severity of its code."""
    return Diagnostic(code, message, span, CODES[code].severity, **details)  # type: ignore[arg-type]


@dataclass(slots=True)
class Report:
    """Collects diagnostics; every pass is given one and reports into it."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span, **details: object) -> None:
        self.diagnostics.append(diagnostic(code, message, span, **details))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics.extend(diagnostics)

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)

    def sorted(self) -> list[Diagnostic]:
        """By path, position and code; each finding once."""
        unique = {(d.span.path, d.span.start, d.span.end, d.code, d.message): d for d in self.diagnostics}
        return [unique[key] for key in sorted(unique)]


class DiagnosticsError(Exception):
    """Raised by `comity.load` when a program has errors; ``diagnostics`` holds them all.

    ``sources``: the texts they point into, by path, so that they can be shown with their lines.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, SourceFile] | None = None) -> None:
        self.diagnostics = list(diagnostics)
        self.sources = dict(sources or {})
        first = next((d for d in self.diagnostics if d.severity is Severity.ERROR), None)
        where = f"{first.span.path}:{first.span.line}: {first.code} {first.message}" if first else "no program"
        more = sum(d.severity is Severity.ERROR for d in self.diagnostics) - 1
        super().__init__(where + (f" (and {more} more)" if more > 0 else ""))


__all__ = [
    "CODES",
    "LOGIC",
    "Applicability",
    "Code",
    "Diagnostic",
    "DiagnosticsError",
    "Edit",
    "Fix",
    "Related",
    "Report",
    "Severity",
    "diagnostic",
    "replacement",
]
