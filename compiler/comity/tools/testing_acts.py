"""Running the tests of agreements and responses: `given conduct Exercise by RUSSIA …`, `given Event on …`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from comity import expectations
from comity.core import ast as core
from comity.core.agreements import first_day
from comity.core.given import Unfit, completed
from comity.core.log import Breach, Event
from comity.core.responses import Unfolding
from comity.core.standing import Standing
from comity.runtime.kleene import Truth
from comity.runtime.types import RecordType
from comity.tools.testing import Bench, Runner, Verdict

FIRST_DAY = date(2000, 1, 1)
"""The day of an event that names none, which is a day like any other."""


def run_agreement(test: core.Test, bench: Bench) -> Verdict:
    """Acts, judged as if every party had accepted from the first day.

    `no breach` is asked by the day the test is `as of`, or that of the last act, so that duties whose time runs out
    later do not count; a breach that is expected may also come when time runs on and nothing more happens.
    """
    interpreter = bench.interpreter
    agreement = interpreter.program.agreements[test.target]
    undated = test.as_of or first_day(interpreter.program, agreement)
    events = [
        Event(
            id=f"{number:06}",
            day=act.on or undated,
            kind="act",
            party=_name(act.party),
            other=None if act.toward is None else _name(act.toward),
            verb=act.verb,
            record=act.record.name,
            facts=_facts(test, act.record, act.assignments, bench),
            count=act.count,
        )
        for number, act in enumerate(test.acts)
    ]
    standing = Standing(interpreter, agreement, events, as_if=True)
    standing.run(test.as_of)
    told = test.as_of or max((event.day for event in events), default=date.max)
    holds = all(_breached(expect, standing, told) for expect in test.expects)
    return holds, _said(standing)


def _breached(expect: expectations.Expectation, standing: Standing, told: date) -> bool:
    match expect:
        case expectations.ExpectBreach(none=True, commitment=commitment, party=party):
            found = (*standing.breaches, *standing.undetermined)
            return not any(_is(breach, commitment, party) and breach.since <= told for breach in found)
        case expectations.ExpectBreach(commitment=commitment, party=party):
            return any(_is(breach, commitment, party) for breach in standing.breaches)
        case expectations.ExpectUndetermined(needing=()):
            return not standing.breaches and bool(standing.undetermined)
        case _:
            raise Unfit("of an agreement a test expects `breach of …`, `no breach` or `undetermined`")


def _is(breach: Breach, commitment: str | None, party: str | None) -> bool:
    return commitment in (None, breach.commitment) and (party is None or _name(party) in (breach.party, breach.side))


def _said(standing: Standing) -> str:
    said = [f"breach of {b.commitment} by {b.party}" for b in standing.breaches]
    said += [f"undetermined: {b.commitment} by {b.party}" for b in standing.undetermined]
    return "; ".join(dict.fromkeys(said)) or "no breach"


def run_response(test: core.Test, bench: Bench) -> Verdict:
    """Events, then what is imposed on a day counted from the first of them."""
    interpreter = bench.interpreter
    response = interpreter.program.responses[test.target]
    events = [
        Event(
            id=str(number),
            day=event.on or test.as_of or FIRST_DAY,
            kind="trigger",
            record=event.record.name,
            facts=_facts(test, event.record, event.assignments, bench),
        )
        for number, event in enumerate(test.events)
    ]
    unfolding = Unfolding(interpreter, response, events)
    start = unfolding.on_day(0) or min((event.day for event in events), default=test.as_of or FIRST_DAY)
    day = start + timedelta(days=test.on_day or 0) if test.as_of is None else test.as_of
    export: Mapping[str, object] | None = None
    if test.facts and response.record is not None:
        export = _facts(test, response.record, test.facts, bench)
    imposed = {(i.measure, i.sector, i.member): i.truth for i in unfolding.imposed(day, export)}
    said = "; ".join(
        f"{m} on {s} by {by}" + ("" if truth else " (undetermined)") for (m, s, by), truth in imposed.items()
    )
    doubtful = bool(unfolding.doubtful(day))
    members = [_name(m) for m in response.members]
    holds = all(_imposed(expect, imposed, members, None if doubtful else False) for expect in test.expects)
    whether = "; whether more is triggered is undetermined" if doubtful else ""
    return holds, (f"imposed {said}" if said else "nothing imposed") + whether


def _imposed(
    expect: expectations.Expectation,
    imposed: Mapping[tuple[str, str, str], bool | None],
    members: list[str],
    else_: Truth,
) -> bool:
    """`imposed`: by all that are named (or, of nobody named, by each member); `not imposed`: by none of them.

    ``else_``: what is to be said of measures that are not among those ``imposed``.
    """
    if not isinstance(expect, expectations.ExpectImposed):
        raise Unfit("of a response a test expects `imposed MEASURE on SECTOR` or `not imposed …`")
    found = [
        imposed.get((expect.measure, expect.sector, member), else_)
        for member in ([_name(m) for m in expect.members] or members)
    ]
    return all(truth is False for truth in found) if expect.negated else all(truth is True for truth in found)


def _facts(
    test: core.Test, record: RecordType, given: tuple[expectations.Given, ...], bench: Bench
) -> dict[str, object]:
    return completed(test, record, given, bench.interpreter)[0]


def _name(qname: str) -> str:
    return qname.rpartition(".")[2]


RUNNERS: dict[str, Runner] = {"agreement": run_agreement, "response": run_response}
"""By kind of target, beside the ones for decisions and definitions."""
