"""Types of facts, tables, named sets and definitions in core.

A named set whose parts are dated becomes one term:

    set NATO: Country =                     SetOperation("|",
        {BE, CA, US} from 1949-04-04            When(InWindow(1949-04-04 …), {BE, CA, US}),
        + {FI} from 2023-04-04                  When(InWindow(2023-04-04 …), {FI}))
"""

from __future__ import annotations

from comity import terms
from comity.checked import ast as checked
from comity.core import ast as core
from comity.terms import THIS, Term


def lower_enum(enum: checked.Enum) -> core.Enum:
    return core.Enum(enum.qname, enum.type, enum.member_docs, doc=enum.doc, cites=enum.cites, span=enum.span)


def lower_record(record: checked.Record) -> core.Record:
    return core.Record(record.qname, record.type, record.acts, doc=record.doc, cites=record.cites, span=record.span)


def lower_table(table: checked.Table) -> core.Table:
    return core.Table(
        table.qname,
        table.parameters,
        table.result,
        table.rows,
        table.has_otherwise,
        table.otherwise,
        file=table.file,
        sha256=table.sha256,
        doc=table.doc,
        cites=table.cites,
        span=table.span,
    )


def lower_set(declared: checked.NamedSet) -> core.SetDefinition:
    """A named set as one term: its parts in order, each within its window."""
    body: Term = terms.Const(frozenset(), declared.type, span=declared.span)
    for number, part in enumerate(declared.parts):
        value = part.value
        if part.intervals is not None:
            in_window = terms.InWindow(part.intervals, span=part.span)
            value = terms.When(in_window, value, declared.type, span=part.span)
        if number == 0 and part.sign == "+":
            body = value
        else:
            body = terms.SetOperation("|" if part.sign == "+" else "-", body, value, declared.type, span=part.span)
    return core.SetDefinition(
        declared.qname, declared.type, body, doc=declared.doc, cites=declared.cites, span=declared.span
    )


def lower_define(define: checked.Define) -> core.Define:
    return core.Define(
        define.qname,
        define.record,
        ((THIS, define.record),) if define.record is not None else define.parameters,
        define.result,
        define.body,
        doc=define.doc,
        cites=define.cites,
        span=define.span,
    )
