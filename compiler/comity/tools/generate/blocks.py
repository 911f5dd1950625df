"""A `test` block that says just these facts, in a file whose examples may say others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.analysis.space.facts import AS_OF
from comity.core.given import example_of
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import Field, RecordType
from comity.runtime.values import constant_text, format_value
from comity.tools.generate.lines import DefineTarget, Facts, Said, Target

MISSING = object()


def block(target: Target, title: str, facts: Facts, said: Said, family: str) -> str:
    """The test that this is what is said, by the rule in question if it is one of those that decide."""
    base = example_of(target.qname.rpartition(".")[0], target.record, target.interpreter)
    lines = [line for field in target.fields for line in _assignments(field, (field.name,), facts, base)]
    findings = facts.get(FINDINGS)
    if isinstance(findings, Mapping) and FINDINGS not in {field.name for field in target.fields}:
        lines += [f"{FINDINGS}.{rule} = {_finding(finding)}" for rule, finding in findings.items()]
    day = facts.get(AS_OF) if AS_OF not in {field.name for field in target.fields} else None
    as_of = f" as of {day}" if day is not None else ""
    text = [f'test "{title}" for {target.name}{as_of}:']
    if lines:
        text += ["    given:", *(f"        {line}" for line in lines)]
    return "\n".join([*text, f"    expect {_expected(target, said, family)}"]) + "\n"


def _finding(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _expected(target: Target, said: Said, family: str) -> str:
    if isinstance(target, DefineTarget):
        return format_value(target.define.result, said.value)
    if said.undetermined:
        return "undetermined"
    if not said.determined:
        return str(said.value)
    return f"{said.value} by {family}" if family in said.by else str(said.value)


def _assignments(
    field: Field, path: tuple[str, ...], facts: Mapping[str, object], base: Mapping[str, object]
) -> Iterator[str]:
    """Those of the facts that would be others if nothing were said."""
    value, told = facts.get(field.name), base.get(field.name, MISSING)
    if isinstance(field.type, RecordType) and isinstance(value, Mapping) and (told is MISSING or told is not None):
        below = told if isinstance(told, Mapping) else {}
        inner = [line for f in field.type.fields for line in _assignments(f, (*path, f.name), value, below)]
        if inner or told is not MISSING or not (field.optional or field.has_default):
            yield from inner
            return
    default = field.default if field.has_default else None
    before = default if told is MISSING else told
    if value is None and before is None and (field.optional or told is not MISSING):
        return
    if value is None or value != before or not (field.has_default or told is not MISSING):
        yield f"{'.'.join(path)} = {format_value(field.type, value, constant_text)}"
