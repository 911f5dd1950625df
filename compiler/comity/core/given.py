"""Facts as tests give them: the examples of the file for the record, then what the test itself says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from comity.checked import ast as checked
from comity.core.interpret import Interpreter
from comity.runtime.answer import FactsError, PolicyError
from comity.runtime.facts import read_findings
from comity.runtime.types import RecordType
from comity.terms import Term

FINDINGS = "findings"
"""Under this path a test says what counsel found, unless the record has a field of that name."""


class Unfit(Exception):
    """A test that cannot be run as it stands; the message says why."""


def facts_of(test: checked.Test, record: RecordType, interpreter: Interpreter) -> tuple[dict[str, object], list[str]]:
    """The facts of a test about ``record``, complete, and the fields whose default was used; raises Unfit."""
    return completed(test, record, (each for each in test.facts if not _is_finding(each, record)), interpreter)


def completed(
    test: checked.Test, record: RecordType, assignments: Iterable[checked.Given], interpreter: Interpreter
) -> tuple[dict[str, object], list[str]]:
    """``assignments`` over the examples of the test's file, complete; raises Unfit where a required fact is missing."""
    given: dict[str, object] = {}
    for example in interpreter.program.examples:
        if example.module == test.module and example.record == record:
            assign(given, example.assignments, test.as_of, interpreter)
    assign(given, assignments, test.as_of, interpreter)
    if test.as_of is not None and record.as_of is not None:
        given[record.as_of] = test.as_of
    missing: list[str] = []
    defaults: list[str] = []
    facts = complete(record, given, "", missing, defaults)
    if missing:
        raise Unfit("missing facts: " + ", ".join(f"`{path}`" for path in missing))
    return facts, defaults


def _is_finding(given: checked.Given, record: RecordType) -> bool:
    return given.path[0] == FINDINGS and record.field(FINDINGS) is None


def findings_of(test: checked.Test, record: RecordType, interpreter: Interpreter) -> dict[str, bool | str]:
    """What counsel finds, `findings.RULE = true` or an outcome."""
    given = {
        each.path[1]: value_of(each.value, test.as_of, interpreter) for each in test.facts if _is_finding(each, record)
    }
    try:
        return read_findings(given, interpreter.referring_rules)
    except FactsError as error:
        raise Unfit(str(error)) from None


def assign(
    facts: dict[str, object], assignments: Iterable[checked.Given], day: date | None, interpreter: Interpreter
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
        return interpreter.evaluate(term, {}, day)
    except PolicyError as error:
        raise Unfit(str(error)) from None


def complete(
    record: RecordType, given: Mapping[str, object], prefix: str, missing: list[str], defaults: list[str]
) -> dict[str, object]:
    """``given`` by the record's fields; collects the paths of ``missing`` facts, and of ``defaults`` used."""
    facts: dict[str, object] = {}
    for declared in record.fields:
        path = prefix + declared.name
        value = given.get(declared.name)
        if isinstance(declared.type, RecordType) and (
            isinstance(value, Mapping) or not (declared.name in given or declared.optional or declared.has_default)
        ):
            inner = value if isinstance(value, Mapping) else {}
            value = complete(declared.type, inner, f"{path}.", missing, defaults)
        elif declared.name not in given and declared.has_default:
            value = declared.default
            defaults.append(path)
        elif value is None and not declared.optional:
            missing.append(path)
        facts[declared.name] = value
    return facts
