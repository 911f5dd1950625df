"""Witnesses for people: facts in JSON, and a `test` block ready to paste.

The facts `{"eccn": "3A001", "destination": "RU", "end_user": None}` become

    test "…" for licensing:
        given:
            eccn = 3A001
            destination = RU
        expect license_required

An end user that nobody knows is left out, unless its default would say something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from comity.analysis.space.facts import AS_OF
from comity.runtime import facts as reading
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import Field, RecordType, Type
from comity.runtime.values import constant_text, format_value

Facts = Mapping[str, object]


def parted(
    root: RecordType | Sequence[tuple[str, Type]], facts: Facts
) -> tuple[dict[str, object], date | None, dict[str, bool | str]]:
    """The facts of the root alone, the day (if it is not a fact), and findings."""
    names = [f.name for f in root.fields] if isinstance(root, RecordType) else [name for name, _ in root]
    own = {name: facts.get(name) for name in names}
    day = facts.get(AS_OF) if AS_OF not in names else None
    findings = facts.get(FINDINGS) if FINDINGS not in names else None
    return own, day if isinstance(day, date) else None, dict(findings) if isinstance(findings, Mapping) else {}


def day_of(root: RecordType | Sequence[tuple[str, Type]], facts: Facts) -> date | None:
    """The day on which everything dated is read."""
    if isinstance(root, RecordType) and root.as_of is not None:
        day = facts.get(root.as_of)
        return day if isinstance(day, date) else None
    return parted(root, facts)[1]


def to_json(root: RecordType | Sequence[tuple[str, Type]], facts: Facts) -> dict[str, object]:
    """The facts as `comity eval` reads them. What is unknown, or as its default says, is left out."""
    own, _, findings = parted(root, facts)
    fields = root.fields if isinstance(root, RecordType) else [Field(name, type) for name, type in root]
    found = {f.name: reading.encode(f.type, own[f.name]) for f in fields if _is_told(f, own[f.name])}
    return {**found, FINDINGS: findings} if findings else found


def test_block(
    root: RecordType | Sequence[tuple[str, Type]], target: str, title: str, facts: Facts, expect: str
) -> str:
    """A `test` of ``target`` with these facts."""
    own, day, findings = parted(root, facts)
    fields = root.fields if isinstance(root, RecordType) else [Field(name, type) for name, type in root]
    lines = [line for f in fields for line in _assignments(f, (f.name,), own[f.name])]
    for rule, finding in findings.items():
        lines.append(f"{FINDINGS}.{rule} = {str(finding).lower() if isinstance(finding, bool) else finding}")
    as_of = f" as of {day.isoformat()}" if day is not None else ""
    text = [f'test "{title}" for {target}{as_of}:']
    if lines:
        text += ["    given:", *(f"        {line}" for line in lines)]
    return "\n".join([*text, f"    expect {expect}"]) + "\n"


def _assignments(field: Field, path: tuple[str, ...], value: object) -> Iterator[str]:
    if isinstance(field.type, RecordType) and isinstance(value, Mapping):
        for inner in field.type.fields:
            yield from _assignments(inner, (*path, inner.name), value.get(inner.name))
    elif _is_told(field, value):
        yield f"{'.'.join(path)} = {format_value(field.type, value, constant_text)}"


def _is_told(field: Field, value: object) -> bool:
    """A fact worth stating: not what holds anyway, the default of its field or else unknown."""
    if value is None:
        return field.has_default and field.optional
    return not (field.has_default and value == field.default)
