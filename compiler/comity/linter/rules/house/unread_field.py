"""A field that no rule, definition or `always` line reads.

Whoever asks for a decision has to give it, or believes that it matters, and it changes no answer: either a rule is
missing, or the field is. Agreements and responses read fields too. Tests, examples and proofs do not: they only say
what a field is. Comparing two records reads every field of both, and the field that gives
a record's day is always read.

Judged are the records about which something is decided, defined, agreed or imposed, and the records in them. A field
inside one that is not read itself is not reported besides. Fields of the standard library are reported at the decision
or response that makes its users give them; those that may be left out are not reported.

Fires on:

    record Courier:
        name: Text  # H510
        licensed: Bool

    record Parcel as of day:
        day: Date
        sender: Courier
        weight: Mass  # H510

    decision carriage for Parcel:
        outcomes:
            refused
            carried
        otherwise carried

    rule unlicensed for carriage:
        when not sender.licensed
        then refused

    test "heavy" for carriage:
        given:
            day = 2026-01-01
            sender = Courier(name = "A", licensed = false)
            weight = 2 kg
        expect refused

Quiet on:

    record Parcel as of day:
        day: Date
        weight: Mass
        fragile: Bool?
        always weight > 0 kg

    decision carriage for Parcel:
        outcomes:
            refused
            carried
        otherwise carried

    rule broken for carriage:
        when fragile
        then refused
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from comity.base.source import Span
from comity.checked import ast as checked
from comity.checked.types import records_in
from comity.linter.context import Context, Finding
from comity.linter.tree import STANDARD_PREFIX
from comity.runtime.types import Field, RecordType
from comity.surface import ast as surface

BY_REFERENCES = True
WHOLE = True
"""With errors about, what looks unread may be read by what could not be checked."""


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    read = _fields_read(program)
    spans = _places_of_fields(program)
    reported: set[str] = set()
    for asking, record in _asked_about(program):
        for holder, field in _fields(record, read):
            name = f"{holder.module}.{holder.name}.{field.name}"
            if name in read or name in reported or field.name == holder.as_of:
                continue
            shown = f"{holder.name}.{field.name}"
            if not holder.module.startswith(STANDARD_PREFIX):
                reported.add(name)
                optional = field.optional or field.has_default
                message = f"no rule reads `{shown}`, so it changes no answer" + (
                    "" if optional else ", but must be given"
                )
                help = "write the rule that needs it, or delete the field"
                yield Finding(message, spans[name], {"subjects": (shown,), "help": help})
            elif isinstance(asking, (checked.Decision, checked.Response)) and not (field.optional or field.has_default):
                reported.add(name)
                message = f"`{asking.name}` makes its users give `{shown}`, which no rule reads"
                help = f"write the rule that needs it, or use a record of your own in place of `{holder.name}`"
                yield Finding(message, asking.span, {"subjects": (shown,), "help": help})


def _fields_read(program: checked.Program) -> AbstractSet[str]:
    """Qualified names of the fields that something other than tests, examples and proofs refers to."""
    outside = {module.source.path: _outside_of_tests(module.surface) for module in program.modules.values()}
    return {
        each.qname for each in program.references if each.span.path in outside and outside[each.span.path](each.span)
    }


def _outside_of_tests(module: surface.Module) -> Callable[[Span], bool]:
    tests = [
        each.span
        for each in module.declarations
        if isinstance(each, (surface.TestDecl, surface.ExampleDecl, surface.ProveDecl))
    ]
    starts = [span.start for span in tests]

    def is_outside(span: Span) -> bool:
        before = bisect_right(starts, span.start) - 1
        return before < 0 or not span.within(tests[before])

    return is_outside


def _places_of_fields(program: checked.Program) -> Mapping[str, Span]:
    return {
        f"{record.qname}.{item.name.text}": item.name.span
        for record in program.records.values()
        for item in record.node.items
        if isinstance(item, surface.FieldDecl)
    }


def _asked_about(program: checked.Program) -> Iterator[tuple[checked.Cited, RecordType]]:
    """What asks for facts, with the record that it asks for; decisions first, for they are what users call."""
    for decision in program.decisions.values():
        yield decision, decision.record
    for response in program.responses.values():
        for record in (response.record, response.event):
            if record is not None:
                yield response, record
    for agreement in program.agreements.values():
        for commitment in agreement.commitments:
            yield commitment, commitment.record
        for red_line in agreement.red_lines:
            for reservation in red_line.reservations:
                yield red_line, reservation.record
    for define in program.defines.values():
        for _, type in define.parameters:
            for record in records_in(type):
                yield define, record


def _fields(record: RecordType, read: AbstractSet[str]) -> Iterator[tuple[RecordType, Field]]:
    """The fields of a record, and of the records in its fields that are read."""
    waiting, seen = [record], {record}
    while waiting:
        holder = waiting.pop(0)
        for field in holder.fields:
            yield holder, field
            if f"{holder.module}.{holder.name}.{field.name}" in read:
                inner = [each for each in records_in(field.type) if each not in seen]
                seen.update(inner)
                waiting += inner
