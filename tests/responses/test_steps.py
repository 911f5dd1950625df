"""Steps of a response have a text and citations, like every block that says something."""

from __future__ import annotations

from comity.backends.python import emit
from comity.base.diagnostics import Report
from comity.base.source import SourceFile
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
