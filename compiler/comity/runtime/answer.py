"""Answers: what a decision says about one set of facts, why, and what it would still need to know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from .errors import ContradictionError, FactsError, GapError, PolicyError, Problem, Undetermined
from .light import dataclass

__all__ = [
    "Answer",
    "ContradictionError",
    "FactsError",
    "GapError",
    "PolicyError",
    "Problem",
    "RuleStatus",
    "Status",
    "Undetermined",
    "older_sources",
]

Status = Literal["decides", "defeated", "disapplied", "possible"]


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """What happened to one rule (``chart_control[NS2]`` for a member of a family) that had a part in the answer.

    ``outcome`` is None for a rule that only disapplies or refers. ``by``: the rules that defeated or disapplied it,
    or the ground that did.
    """

    name: str
    module: str
    outcome: str | None
    citations: tuple[str, ...]
    status: Status
    by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        entry: dict[str, object] = {
            "name": self.name,
            "module": self.module,
            "outcome": self.outcome,
            "citations": list(self.citations),
            "status": self.status,
        }
        if self.by:
            entry["by"] = list(self.by)
        return entry


@dataclass(frozen=True, slots=True)
class Answer:
    """One decision on one set of facts.

    ``outcome`` is None unless ``determined``; then ``possible`` lists the outcomes there may still be, most restrictive
    first, and ``needs`` the facts, table rows and findings that would settle it. ``error`` is "gap" or
    "contradiction" where the rules certainly give none, ``reason`` what it lies in if not in the rules named.
    ``defaults``: fields whose default was used. ``relied_on_unknown``: facts whose being unknown a rule asked for.
    ``grounds``: what settled a disagreement. ``version``: hash of the sources and the compiler's version.
    ``after_sources``: where ``as_of`` is later than what the rules were compared with, the sources that are older.
    """

    decision: str
    outcome: str | None
    determined: bool
    possible: tuple[str, ...]
    needs: tuple[str, ...] = ()
    as_of: date | None = None
    rules: tuple[RuleStatus, ...] = ()
    defaults: tuple[str, ...] = ()
    relied_on_unknown: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    error: Literal["gap", "contradiction"] | None = None
    version: str = ""
    reason: str = ""
    after_sources: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The answer as plain values, the same as `to_json`."""
        return self.to_json()

    def to_json(self) -> dict[str, object]:
        """The answer as plain JSON values, keys in the documented order."""
        result: dict[str, object] = {
            "decision": self.decision,
            "outcome": self.outcome,
            "determined": self.determined,
            "possible": list(self.possible),
            "needs": list(self.needs),
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "rules": [rule.to_json() for rule in self.rules],
            "defaults": list(self.defaults),
            "relied_on_unknown": list(self.relied_on_unknown),
            "grounds": list(self.grounds),
            "version": self.version,
        }
        if self.error is not None:
            result["error"] = self.error
        if self.reason:
            result["reason"] = self.reason
        if self.after_sources:
            result["after_sources"] = list(self.after_sources)
        return result

    def explain(self, defaults: bool = False) -> str:
        """The answer in words: what was decided, by which rules and citations, and what is still needed.

        ``defaults``: name also the facts that were not given, for which the default of their field was taken.
        """
        lines = [f"{self.decision}: {self._headline()}"]
        lines += [f"  {_sentence(rule)}" for rule in self.rules]
        if self.determined and not any(rule.status == "decides" for rule in self.rules):
            lines.append("  no rule decides; this is what holds otherwise")
        for title, items in (
            ("settled by", self.grounds),
            ("needed", self.needs),
            ("defaults used", self.defaults if defaults else ()),
            ("relied on being unknown", self.relied_on_unknown),
        ):
            if items:
                lines.append(f"  {title}: {', '.join(items)}")
        if self.after_sources:  # their names have commas
            lines.append(f"  later than the sources: {'; '.join(self.after_sources)}")
        return "\n".join(lines)

    def _headline(self) -> str:
        day = "" if self.as_of is None else f" on {self.as_of.isoformat()}"
        if self.outcome is not None:
            return f"{self.outcome}{day}"
        if self.reason:
            return f"{self.reason}{day}"
        if self.error == "gap":
            return f"no rule decides{day}"
        if self.error == "contradiction":
            return f"the rules contradict each other{day}"
        return f"undetermined{day}; possible: {', '.join(self.possible)}"

    def or_raise(self) -> Answer:
        """This answer, unless the rules certainly give none: raises GapError or ContradictionError."""
        if self.error == "gap":
            raise GapError(self.reason or f"no rule of `{self.decision}` decides these facts", self)
        if self.error == "contradiction":
            sides = [rule for rule in self.rules if rule.status in ("decides", "possible")]
            named = " and ".join(f"`{rule.name}` ({rule.outcome})" for rule in sides)
            raise ContradictionError(self.reason or f"{named} contradict each other in `{self.decision}`", self)
        return self

    def require(self) -> str:
        """The outcome; raises Undetermined, GapError or ContradictionError where there is none."""
        if self.or_raise().outcome is None:
            needed = ", ".join(self.needs) or "more facts"
            raise Undetermined(f"`{self.decision}` is undetermined; needed: {needed}", self)
        assert self.outcome is not None
        return self.outcome


def older_sources(sources: Iterable[tuple[str, int]], day: date | None) -> tuple[str, ...]:
    """The sources, each with the ordinal of the day it was read, that are older than ``day``."""
    if day is None:
        return ()
    ordinal = day.toordinal()
    return tuple(f"{name} as of {date.fromordinal(read)}" for name, read in sources if read < ordinal)


def _sentence(rule: RuleStatus) -> str:
    says = f" {rule.outcome}" if rule.outcome is not None else ""
    cited = f" ({'; '.join(rule.citations)})" if rule.citations else ""
    by = f" by {', '.join(rule.by)}" if rule.by else ""
    match rule.status:
        case "decides":
            return f"{rule.name}{cited}:{says}"
        case "possible":
            return f"{rule.name}{cited}: perhaps{says}"
        case "defeated" | "disapplied":
            return f"{rule.name}{cited}:{says}, {rule.status}{by}"
