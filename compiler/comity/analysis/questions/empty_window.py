"""A window that closes before it opens.

`from` and `until` name inclusive days; written this way round they leave none. So do the columns of these names in a
table's file: the row would say nothing on any day.

Fires on:

    rule russia for licensing:  # L211
        from 2023-03-01 until 2022-02-24
        when destination == RU
        then license_required

Quiet on:

    rule russia for licensing:
        from 2022-02-24 until 2022-02-24
        when destination == RU
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from comity import terms
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.base.source import NOWHERE, Span
from comity.core import ast as core
from comity.terms import Term


def in_rule(decision: core.Decision, rule: core.Rule) -> list[Diagnostic]:
    """The findings about the windows of a rule, or of the first of a family. They are read off, without a search."""
    if rule.key is not None and rule.number and decision.rules[rule.number - 1].family == rule.family:
        return []
    found = list(_empty(rule.family, rule.span, rule.window or ()))
    for condition in (rule.when, rule.unless):
        found += _empty_in(rule.family, rule.span, condition)
    return found


def in_others(program: core.Program) -> Iterator[Diagnostic]:
    """The findings about windows elsewhere: of lines, sets, commitments and rows of tables."""
    for name, span, term in _conditions(program):
        yield from _empty_in(name, span, term)
    for agreement in program.agreements.values():
        for commitment in agreement.commitments:
            yield from _empty(commitment.name, commitment.span, commitment.window or ())
    for table in program.tables.values():
        for place, interval in dict.fromkeys((row.place, row.interval) for row in table.rows if row.interval):
            file, _, line = place.rpartition(":")
            for each in _empty(table.name, table.span, (interval,)):
                at = Related("the row", Span(file, 0, 0, int(line), 1, int(line), 1))
                yield replace(each, message=f"{each.message}, in row {line} of its file", related=(at,))


def _conditions(program: core.Program) -> Iterator[tuple[str, Span, Term | None]]:
    """All terms outside of rules, each with the declaration that it is in."""
    for define in program.defines.values():
        yield define.name, define.span, define.body
    for declared in program.sets.values():
        yield declared.qname.rpartition(".")[2], declared.span, declared.body
    for record, lines in program.always.items():
        for line in lines:
            yield record.rpartition(".")[2], line.condition.span, line.condition
    for prove in program.proves.values():
        for term in (prove.given, prove.then):
            yield prove.name, prove.span, term
    for agreement in program.agreements.values():
        for each in agreement.commitments:
            for term in (each.when, each.unless, each.ensure, each.limit_number, each.binding, each.suspended):
                yield each.name, each.span, term


def _empty_in(name: str, span: Span, term: Term | None) -> Iterator[Diagnostic]:
    waiting = [] if term is None else [term]
    while waiting:
        here = waiting.pop()
        if isinstance(here, terms.InWindow):
            yield from _empty(name, span if here.span == NOWHERE else here.span, here.intervals)
        waiting += reversed(terms.children(here))


def _empty(name: str, span: Span, intervals: Sequence[terms.Interval]) -> Iterator[Diagnostic]:
    for first, last in intervals:
        if terms.is_empty((first, last)):
            yield diagnostic(
                "L211",
                f"this window of `{name}` closes on {last} before it opens on {first}",
                span,
                subjects=(name,),
                help="exchange the days, or correct one of them",
            )
