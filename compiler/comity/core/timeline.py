"""One object per change of state, from a log of events: what `comity monitor` writes.

`Standing` and `Unfolding` give a state for each day on which something may change. States that look the same are one;
each lasts until the day before the next.

The example of `core.standing`, in which A is in breach of `report` from 06-06 until it reports on 06-09, gives

    {"from": "2024-06-06", "until": "2024-06-06", "bound": […], "breaches": [{"commitment": "report", "party": "A", …}]}
    {"from": "2024-06-07", "until": "2024-06-08", …}  and B's `flights` is suspended
    {"from": "2024-06-09", "until": "2024-07-01", "bound": […], "breaches": []}
"""

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
    """The agreement or response under a log of events."""
    if isinstance(target, Agreement):
        return Standing(interpreter, target, events)
    return Unfolding(interpreter, target, events)


def states_of(log: Standing | Unfolding, until: date | None = None) -> list[dict[str, object]]:
    """As `timeline`, of a log that has been read."""
    if isinstance(log, Standing):
        states = [(p.day, _bound(p)) for p in log.run(until)]
    else:
        states = list(_imposed(log, until))
    # Not every day changes the state: a further breach of a commitment that is breached already does not.
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
    """The states of a response: one per day on which what is imposed changes, or on which a trigger is undetermined."""
    for day in unfolding.turning_days():
        if until is not None and day > until:
            return
        imposed = unfolding.imposed(day)
        yield (
            day,
            {
                "bound": [],
                "breaches": [],
                "measures": [_measure(each) for each in imposed if each.truth],
                "undetermined": [_measure(each) for each in imposed if each.truth is None]
                + [{"event": event.id} for event in unfolding.doubtful(day)],
            },
        )


def _measure(imposed: Imposed) -> dict[str, str]:
    return {"measure": imposed.measure, "sector": imposed.sector, "member": imposed.member}
