"""What expressions of a module may name, and where they find it.

Example: for `destination in embargoed` an expression asks for the named set `embargoed`. A file of a package answers
with the name of a constant and notes that it has to be imported:

    this.destination in EMBARGOED
"""

from __future__ import annotations

import ast
from typing import Protocol

from comity.backends.python.literals import Shelf
from comity.backends.python.nullability import NullabilityAnalysis
from comity.backends.python.sets import SetKind
from comity.runtime.types import EnumType
from comity.terms import Term


class Surroundings(Shelf, Protocol):
    """What expressions of a module may name, besides its shelf of constants."""

    def constant_set(self, display: ast.expr) -> ast.expr:
        """A module-level name for a set that would else be made at every call."""

    nullability: NullabilityAnalysis

    def define(self, qname: str) -> ast.expr:
        """The function of a definition."""

    def table(self, qname: str) -> ast.expr:
        """The rows of a table."""

    def named_set(self, qname: str) -> tuple[ast.expr, SetKind]:
        """A named set, to be subscripted with the day if it is dated."""

    def always_the_same(self, term: Term) -> frozenset[object] | None:
        """The set that ``term`` is whatever the facts and the day; None if that depends on them."""

    def perhaps_in(self, qname: str) -> frozenset[object]:
        """Everything that may ever be in a named set."""

    def positions(self, type: EnumType) -> ast.expr:
        """The positions of an ordered enum's members."""

    def zones(self) -> ast.expr:
        """The country of each zone."""

    def outcome_of(self, decision: str) -> ast.expr:
        """A function of record, day and findings: another decision's outcome, None unless determined."""

    def rule_holds(self, decision: str, rule: str, key: str | None, verb: str) -> tuple[ast.expr, list[int]]:
        """A function of record, day, findings and rule numbers: whether a rule applies or decides; and the numbers."""

    def membership(self, define: str) -> ast.expr:
        """A function of a value and a definition's arguments: whether the set that it gives has the value."""
