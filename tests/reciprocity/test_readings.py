"""What agreements mean in small cases: readings.md has each, and all that is found in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comity.base.diagnostics import Diagnostic, Severity
from comity.linter.formats import to_json
from tests.reciprocity.support import findings, load

HEAD, *SECTIONS = re.split(r"^## ", (Path(__file__).parent / "readings.md").read_text("utf-8"), flags=re.MULTILINE)
CODE = re.compile(r"```\n(.*?)```\n", re.DOTALL)
SHOWN = {"verb", "party", "other", "date"}
"""What every witness of an agreement says, beside the act, count, cycle or events that show it."""


def code(text: str) -> str:
    return CODE.findall(text)[0]  # type: ignore[no-any-return]


def told(found: Diagnostic) -> str:
    info = " info" if found.severity is Severity.INFO and found.code != "R307" else ""
    parts = [f"{found.code}{info} {', '.join(found.subjects)}", ", ".join(found.fields or ())]
    parts += [f"gains {found.gains}"] if found.gains is not None else []
    return "; ".join(filter(None, parts))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_reading(section: str) -> None:
    text = code(section)
    program = load(text if "use std.countries" in text else f"{code(HEAD)}\n{text}", "")
    found = [d for d in findings(program) if d.code != "R307" or re.search(r" (can|cannot) ", text)]
    assert [told(d) for d in found] == [line.removeprefix("- ") for line in section.splitlines() if line[:2] == "- "]
    for each in found:
        if each.witness is not None and "cycle" not in each.witness:
            assert set(each.witness) >= SHOWN - {"verb"} and ({"act", "count", "events"} & set(each.witness))
            assert to_json(each.witness)
