"""Texts with room mean what they meant, and every place leads back to where it was."""

from __future__ import annotations

from random import Random

import pytest

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.pipeline.padding import pad, parts
from comity.surface.parse import parse

from ..analysis.written import written


def parsed(source: SourceFile) -> object:
    report = Report()
    found = parse(source, report)
    assert not report.diagnostics
    return found


@pytest.mark.parametrize("seed", range(10))
def test_a_text_with_room_is_the_same_module(seed: int) -> None:
    source = SourceFile("m.comity", "m", written(seed).text)
    text = pad(source)
    assert "".join(parts(source.text)) == source.text
    assert parsed(text.source) == parsed(source)


@pytest.mark.parametrize("seed", range(10))
def test_places_lead_back(seed: int) -> None:
    random = Random(seed)
    source = SourceFile("m.comity", "m", written(seed).text)
    text = pad(source)
    for _ in range(100):
        number = random.randrange(len(text.blocks))
        block, begins = text.blocks[number], sum(map(len, text.blocks[:number]))
        start, end = sorted(random.choices(range(len(block) + 1), k=2))
        if start == len(block):
            continue
        place = text.places[number]
        assert text.real_span(text.source.span(place + start, place + end)) == source.span(begins + start, begins + end)
    whole = text.real_span(text.source.span(0, len(text.text)))
    assert whole == source.span(0, len(source.text))


def test_what_fits_stays_in_its_place() -> None:
    text = pad(SourceFile("m.comity", "m", "rule a for b:\n    then c\n\nrule d for b:\n    then c\n"))
    edited = text.edit('rule a for b:\n    "More"\n    then c\n\nrule d for b:\n    then c\n')
    assert edited is not None
    assert edited.places == text.places
    assert edited.changed(text) == [0]
    assert text.edit("rule a for b:\n    then c\n") is None
    assert text.edit("rule a for b:\n" + 40 * "    # long\n" + "    then c\n\nrule d for b:\n    then c\n") is None
