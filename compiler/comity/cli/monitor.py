"""`comity monitor`: who is bound to what, who is in breach, what is imposed, from a log of events."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from comity.api import Program
from comity.cli.output import color_option, program_paths, project_option, quiet_option, read_day, verbose_option
from comity.cli.streams import note
from comity.core.ast import Agreement, Response
from comity.core.events import EventReader
from comity.core.idle import idle_events
from comity.core.timeline import read_log, states_of
from comity.linter.formats import to_json
from comity.pipeline.driver import build_one
from comity.pipeline.programs import find
from comity.runtime.errors import FactsError, Problem
from comity.runtime.facts import loads_json


@click.command("monitor")
@click.argument("name")
@click.option(
    "--events", required=True, metavar="FILE", help="Events as JSON lines or one JSON array; - is standard input."
)
@click.option("--until", callback=read_day, metavar="DATE", help="Stop after this day.")
@project_option
@quiet_option
@color_option
@verbose_option
def command(name: str, events: str, until: date | None, project: str | None, quiet: bool, verbose: bool) -> int:
    """Follow the agreement or response NAME: one JSON object per change of state.

    Events may come in any order and more than once. Bad ones are named on standard error and left out, and the exit
    code is then 2. Declarations that change nothing are named there too, with the reason. Exit 1 if somebody is in
    breach at some time.
    """
    program = Program(build_one(program_paths(project)).program)
    targets: Mapping[str, Agreement | Response] = {**program.core.agreements, **program.core.responses}
    target = find("agreement or response", name, targets)
    data = sys.stdin.buffer.read() if events == "-" else Path(events).read_bytes()
    values, problems = _values(data)
    good, refused = EventReader(program.interpreter, target).read_all(values.values(), values)
    problems += refused
    for problem in problems:
        note(f"error: {problem}")
    log = read_log(program.interpreter, target, good)
    states = states_of(log, until)
    for event, why in idle_events(log, until):
        click.echo(f"note: event `{event.id}` ({event.kind} on {event.day}) changes nothing: {why}", err=True)
    for state in states:
        sys.stdout.write(to_json(state, indent=None) + "\n")
    if problems:
        return 2
    return int(any(state["breaches"] for state in states))


def _values(data: bytes) -> tuple[dict[int, Any], list[Problem]]:
    """The events in a file, by number: a JSON array, or an object per line. Other lines are problems."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.lstrip().startswith(b"["):
        try:
            whole = loads_json(data)
        except FactsError as error:
            return {}, list(error.problems)
        assert isinstance(whole, list)
        return dict(enumerate(whole, 1)), []
    values: dict[int, Any] = {}
    problems: list[Problem] = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                values[number] = loads_json(line)
            except FactsError as error:
                problems += [Problem(f"line {number}", p.value, p.expected, p.hint) for p in error.problems]
    return values, problems
