"""Steps of a response have a text and citations, like every block that says something."""

from __future__ import annotations

from datetime import date

from comity.backends.python import emit
from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.core.log import Event
from comity.core.timeline import timeline
from comity.surface.format import format_module
from comity.surface.parse import parse
from tests.reciprocity.support import load

TEXT = """use std.countries: *

enum Measure ordered:
    watch
    ban

enum Sector:
    energy
    banks

record Event:
    invades: Bool

response costs by US, JP against RU:
    "What it costs"
    cite "announced 2021-12-07"
    imposes Measure on Sector
    trigger Event when invades
    posture none
    at once:
        "The first wave"
        cite "87 FR 12226"
        cite "87 FR 13048"
        impose ban on {energy}
        cite "87 FR 13048"
        impose watch on {banks}
    after 30 days:
        "The second"
        impose ban on {banks}
    on 2022-06-01:
        cite "87 FR 33039"
        lift ban on {banks}
"""


def test_text_and_citations() -> None:
    program = load(TEXT, "").program
    (response,) = program.responses.values()
    assert [(step.doc, step.cites, len(step.lines)) for step in response.steps] == [
        ("The first wave", ("87 FR 12226", "87 FR 13048", "87 FR 13048"), 2),
        ("The second", (), 1),
        ("", ("87 FR 33039",), 1),
    ]
    module = emit(program, "package")["costs.py"]
    for said in ("At once: The first wave", "After 30 days: The second", "announced 2021-12-07", "87 FR 33039"):
        assert said in module


def test_layout() -> None:
    source = SourceFile("m.comity", "m", TEXT)
    report = Report()
    assert format_module(source, parse(source, report)) == TEXT and not report.sorted()


def test_a_step_imposes_something() -> None:
    report = Report()
    text = TEXT.replace("        lift ban on {banks}\n", "")
    parse(SourceFile("m.comity", "m", text), report)
    assert [d.code for d in report.sorted()] == ["E001"]


def test_a_trigger_in_doubt_imposes_nothing_and_is_named_from_its_day_on() -> None:
    """Beside what a trigger without doubt imposes; a day on which nothing else is so makes no state of its own."""
    interpreter = load(TEXT.replace("invades: Bool", "invades: Bool?"), "")
    (response,) = interpreter.program.responses.values()

    def happened(name: str, day: date, invades: bool | None) -> Event:
        return Event(name, day, "trigger", record="Event", facts={"invades": invades})

    events = [happened("sure", date(2022, 2, 1), True), happened("doubtful", date(2022, 2, 10), None)]
    first = {"measure": "ban", "sector": "energy"}
    found = timeline(interpreter, response, events)
    assert [(each["from"], each["until"], each["undetermined"]) for each in found] == [
        ("2022-02-01", "2022-02-09", []),
        ("2022-02-10", "2022-03-02", [{"event": "doubtful"}]),
        ("2022-03-03", "2022-05-31", [{"event": "doubtful"}]),
        ("2022-06-01", None, [{"event": "doubtful"}]),
    ]
    shape = {"from", "until", "bound", "breaches", "measures", "undetermined"}
    assert all(set(each) == shape and each["bound"] == each["breaches"] == [] for each in found)
    measures = [each["measures"] for each in found]
    assert isinstance(measures[0], list) and {**first, "member": "JP"} in measures[0]
    assert measures[0] == measures[1] != measures[2] != measures[3]
    assert timeline(interpreter, response, events, date(2022, 2, 15)) == [found[0], {**found[1], "until": None}]
    alone = timeline(interpreter, response, events[1:])
    assert [(each["from"], each["measures"], each["undetermined"]) for each in alone] == [
        ("2022-02-10", [], [{"event": "doubtful"}])
    ]
