"""Facts of tests and questions: what they say themselves, over the examples of the file, over the fields' defaults.

All evaluators decide by one rule where a fact comes from (`runtime.inputs`); `complete` applies it with examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from comity import expectations
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.answer import FactsError, PolicyError
from comity.runtime.facts import read_findings
from comity.runtime.inputs import FINDINGS
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import RecordType
from comity.terms import Term

Facts: TypeAlias = dict[str, object]


class Unfit(Exception):
    """A test that cannot be run; the message says why."""


def facts_of(test: core.Test, record: RecordType, interpreter: Interpreter) -> tuple[dict[str, object], list[str]]:
    """The facts of a test about ``record``, complete, and the fields whose default was used; raises Unfit."""
    return completed(test, record, (each for each in test.facts if not _is_finding(each, record)), interpreter)


def completed(
    test: core.Test, record: RecordType, assignments: Iterable[expectations.Given], interpreter: Interpreter
) -> tuple[dict[str, object], list[str]]:
    """``assignments`` over the examples of the test's file, complete; raises Unfit where a required fact is missing."""
    given: dict[str, object] = {}
    assign(given, assignments, test.as_of, interpreter)
    if test.as_of is not None and record.as_of is not None:
        given[record.as_of] = test.as_of
    missing: list[str] = []
    defaults: list[str] = []
    example = example_of(test.module, record, interpreter, test.as_of)
    facts = complete(record, given, example, missing, defaults)
    if missing:
        raise Unfit("missing facts: " + ", ".join(f"`{path}`" for path in missing))
    return facts, defaults


def example_of(
    module: str, record: RecordType | None, interpreter: Interpreter, day: date | None = None
) -> dict[str, object]:
    """What the examples of a module say of a record; what they leave out is left out."""
    facts: dict[str, object] = {}
    for example in interpreter.program.examples:
        if example.module == module and example.record == record:
            assign(facts, example.assignments, day, interpreter)
    return facts


def _is_finding(given: expectations.Given, record: RecordType) -> bool:
    return given.path[0] == FINDINGS and record.field(FINDINGS) is None


def findings_of(test: core.Test, record: RecordType, interpreter: Interpreter) -> dict[str, bool | str]:
    """What counsel finds, `findings.RULE = true` or an outcome."""
    given = {
        each.path[1]: value_of(each.value, test.as_of, interpreter) for each in test.facts if _is_finding(each, record)
    }
    try:
        return read_findings(given, interpreter.referring_rules)
    except FactsError as error:
        raise Unfit(str(error)) from None


def assign(
    facts: dict[str, object], assignments: Iterable[expectations.Given], day: date | None, interpreter: Interpreter
) -> None:
    """Put assigned facts into ``facts``; records on the way are made where they are not there yet."""
    for assignment in assignments:
        *way, last = assignment.path
        place = facts
        for name in way:
            inner = place.get(name)
            place[name] = inner = dict(inner) if isinstance(inner, Mapping) else {}
            place = inner
        place[last] = value_of(assignment.value, day, interpreter)


def value_of(term: Term, day: date | None, interpreter: Interpreter) -> object:
    """The value of a term that stands for facts; raises Unfit."""
    try:
        return as_facts(interpreter.evaluate(term, {}, day))
    except PolicyError as error:
        raise Unfit(str(error)) from None


def as_facts(value: object) -> object:
    """A value with its records as records among the facts, which the `always` lines hold for."""
    match value:
        case Mapping():
            return {name: as_facts(part) for name, part in value.items()}
        case tuple():
            return tuple(map(as_facts, value))
        case KleeneSet(members=members):
            return KleeneSet(tuple((as_facts(member), sure) for member, sure in members))
        case _:
            return value


def complete(
    record: RecordType,
    given: Mapping[str, object],
    example: Mapping[str, object],
    missing: list[str],
    defaults: list[str],
    prefix: str = "",
) -> dict[str, object]:
    """The facts ``given``, over those of an ``example``, over defaults; what nothing says is unknown.

    A fact that is given counts, also if it is unknown. A record of which only parts are given is completed part by
    part. ``missing`` collects the paths of required facts that are unknown, ``defaults`` those of defaults used.
    """
    facts: dict[str, object] = {}
    for declared in record.fields:
        name, path = declared.name, prefix + declared.name
        said = name in given or name in example
        value = given[name] if name in given else example.get(name)
        if isinstance(declared.type, RecordType) and (
            isinstance(value, Mapping) or not (said or declared.optional or declared.has_default)
        ):
            own, shown = given.get(name), example.get(name)
            own, shown = (each if isinstance(each, Mapping) else {} for each in (own, shown))
            value = complete(declared.type, own, shown, missing, defaults, f"{path}.")
        elif value is None:
            match declared.source(said):
                case "default":
                    value = declared.default
                    defaults.append(path)
                case "missing":
                    missing.append(path)
                case "unknown":
                    pass
        facts[name] = value
    return facts


def replaced(facts: Mapping[str, object], path: Sequence[str | int], value: object, make: bool = False) -> Facts:
    """The facts with another one at a path of fields, parties and places in lists.

    Where a record on the way is unknown or absent: ``make`` one of this fact alone, else the facts stay as they are.
    """
    changed = _replaced(facts, tuple(path), value, make)
    assert isinstance(changed, dict)
    return changed


def _replaced(inside: object, path: tuple[str | int, ...], value: object, make: bool) -> object:
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        if not isinstance(inside, tuple) or step >= len(inside):
            return inside
        return (*inside[:step], _replaced(inside[step], tuple(rest), value, make), *inside[step + 1 :])
    if not isinstance(inside, Mapping):
        if not make:
            return inside
        inside = {}
    return {**inside, step: _replaced(inside.get(step), tuple(rest), value, make)}
