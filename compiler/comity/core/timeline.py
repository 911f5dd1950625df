"""One object per change of state, from a log of events: what `comity monitor` writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from comity.core.ast import Agreement, Response
from comity.core.interpret import Interpreter
from comity.core.log import Breach, Event
from comity.core.responses import Imposed, Unfolding
from comity.core.standing import Period, Standing


def timeline(
    interpreter: Interpreter, target: Agreement | Response, events: Iterable[Event], until: date | None = None
) -> list[dict[str, object]]:
    """The states of an agreement or response in order of days, each in the JSON form of the interface.

    ``from`` and ``until`` are inclusive ISO dates; the last state has no ``until``.
    """
    return states_of(read_log(interpreter, target, events), until)


def read_log(interpreter: Interpreter, target: Agreement | Response, events: Iterable[Event]) -> Standing | Unfolding:
    """The agreement or response, to be read against a log."""
    if isinstance(target, Agreement):
        return Standing(interpreter, target, events)
    return Unfolding(interpreter, target, events)


def states_of(log: Standing | Unfolding, until: date | None = None) -> list[dict[str, object]]:
    """What `timeline` gives, of a log that is read already."""
    if isinstance(log, Standing):
        states = [(p.day, _bound(p)) for p in log.run(until)]
    else:
        states = list(_imposed(log, until))
    # Another breach of what is breached already shows in no state.
    states = [each for n, each in enumerate(states) if n == 0 or each[1] != states[n - 1][1]]
    ends: list[date | None] = [day - timedelta(days=1) for day, _ in states[1:]]
    return [
        {"from": day.isoformat(), "until": None if end is None else end.isoformat(), **state}
        for (day, state), end in zip(states, [*ends, None], strict=False)  # no states, no end
    ]


def _bound(period: Period) -> dict[str, object]:
    return {
        "bound": [{"commitment": name, "party": party, "state": state} for name, party, state in period.bound],
        "breaches": _breaches(period.breaches),
        "measures": [],
        "undetermined": _breaches(period.undetermined),
    }


def _breaches(found: Iterable[Breach]) -> list[dict[str, object]]:
    """``event`` is the act's id; null where a time ran out. An act against several others is one breach."""
    told = dict.fromkeys((breach.commitment, breach.party, breach.event) for breach in found)
    return [{"commitment": name, "party": party, "event": event} for name, party, event in told]


def _imposed(unfolding: Unfolding, until: date | None) -> Iterator[tuple[date, dict[str, object]]]:
    """The states of a response: one per day on which what is imposed changes, or a doubtful trigger stands."""
    doubtful = [{"event": event.id} for event in unfolding.undetermined]
    days = sorted({*unfolding.turning_days(), *(event.day for event in unfolding.undetermined)})
    last: tuple[Imposed, ...] | None = None
    for day in days:
        if until is not None and day > until:
            return
        imposed = unfolding.imposed(day)
        if imposed == last and not doubtful:
            continue
        last = imposed
        yield (
            day,
            {
                "bound": [],
                "breaches": [],
                "measures": [_measure(each) for each in imposed if each.truth],
                "undetermined": [_measure(each) for each in imposed if each.truth is None]
                + [d for d, e in zip(doubtful, unfolding.undetermined, strict=True) if e.day <= day],
            },
        )


def _measure(imposed: Imposed) -> dict[str, str]:
    return {"measure": imposed.measure, "sector": imposed.sector, "member": imposed.member}
