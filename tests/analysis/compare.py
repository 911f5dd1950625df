"""The engine's findings beside those of brute force, and what is wrong with its witnesses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from comity.analysis import analyse
from comity.base.diagnostics import Diagnostic

from .brute import Key, Subject, expected
from .policies import policy
from .reading import reading
from .written import Written, written

KINDS: Mapping[str, Callable[[int], Subject]] = {"trees": policy, "text": written, "reading": reading}
"""How random policies are made: of core trees, or of text."""


@dataclass(frozen=True)
class Difference:
    """What comparing one policy showed. ``open``: questions that the engine says it did not settle."""

    found: frozenset[Key]
    missed: frozenset[Key]
    false: frozenset[Key]
    bad_witnesses: tuple[str, ...]
    open: tuple[str, ...]

    def __str__(self) -> str:
        parts = {
            "missed": sorted(map(str, self.missed)),
            "false alarms": sorted(map(str, self.false)),
            "bad witnesses": self.bad_witnesses,
            "left open": self.open,
        }
        return "; ".join(f"{what}: {', '.join(each)}" for what, each in parts.items() if each)

    @property
    def wrong(self) -> bool:
        return bool(self.missed or self.false or self.bad_witnesses or self.open)


def key(found: Diagnostic) -> Key:
    """A finding as brute force names it."""
    match found.code:
        case "L201":
            return found.code, frozenset(found.subjects)
        case "L205" | "L208":
            return found.code, found.span
        case "L202" if found.message.startswith("this case"):
            return found.code, found.span
        case "L206":
            return found.code, (found.related[0].span, found.span)
        case "L209":
            return found.code, found.subjects
        case _:
            return found.code, found.subjects[0]


def compare(subject: Subject) -> Difference:
    """The engine and brute force on one policy."""
    wanted = expected(subject)
    diagnostics = analyse(subject.program)
    got = {key(each): each for each in diagnostics}
    # A proof that depends on undetermined answers is L200 by definition; any other L200 is a question given up.
    open_ = tuple(each.message for k, each in got.items() if k[0] == "L200" and k not in wanted)
    false = frozenset(k for k in got if k not in wanted and k[0] != "L200")
    missed = frozenset(wanted - got.keys())
    bad = tuple(subject.bad_witnesses(diagnostics)) if isinstance(subject, Written) else ()
    return Difference(frozenset(got), missed, false, bad, open_)


@dataclass
class Tally:
    """Many comparisons, by code."""

    policies: int = 0
    differing: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    bad_witnesses: int = 0
    open: int = 0

    def add(self, difference: Difference) -> None:
        self.policies += 1
        self.differing += difference.wrong
        self.findings.update(code for code, _ in difference.found)
        self.missed.update(code for code, _ in difference.missed)
        self.false.update(code for code, _ in difference.false)
        self.bad_witnesses += len(difference.bad_witnesses)
        self.open += len(difference.open)

    def table(self) -> str:
        """One line for each code."""
        lines = [f"{'code':6}{'found':>8}{'missed':>8}{'false':>8}"]
        for code in sorted({*self.findings, *self.missed, *self.false}):
            lines.append(f"{code:6}{self.findings[code]:>8}{self.missed[code]:>8}{self.false[code]:>8}")
        lines.append(
            f"{self.policies} policies, {self.differing} with a difference; {self.bad_witnesses} bad witnesses, "
            f"{self.open} questions left open"
        )
        return "\n".join(lines)
