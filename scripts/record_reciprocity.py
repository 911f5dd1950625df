"""Records what is derived: the findings on examples/flagged, and the log of sanctions made from the timeline.

    python scripts/record_reciprocity.py

The diff is to be read: a changed finding is a changed verdict. Tests compare both files with what this would write.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from comity.linter.formats import to_json
from comity.pipeline.linting import lint

ROOT = Path(__file__).parents[1]
FLAGGED = ROOT / "examples" / "flagged"
EXPECTED = FLAGGED / "expected.json"
TIMELINE = ROOT / "policies" / "responses" / "data" / "timeline.csv"
SANCTIONS = ROOT / "examples" / "events" / "sanctions.jsonl"

MEMBERS = {"US": "US", "UK": "GB", "EU": "EU_SIDE", "CA": "CA", "CH": "CH", "KR": "KR", "JP": "JP"}
"""Who imposes, by the timeline's names; a group such as `G7+` is not a single member."""

SEVERITIES = ("persons_listed", "some_entities", "large_part", "whole_sector", "whole_sector_at_once")


def findings() -> list[dict[str, object]]:
    """Everything the linter says of the flagged examples, without what only renders it."""
    return [
        {
            "code": d.code,
            "severity": d.severity.value,
            "path": Path(d.span.path).name,
            "line": d.span.line,
            "message": d.message,
            "subjects": list(d.subjects),
            "fields": None if d.fields is None else list(d.fields),
            "gains": d.gains,
            "witness": d.witness,
        }
        for d in lint([FLAGGED]).diagnostics
    ]


def rows(target: str) -> Iterator[dict[str, str]]:
    """The rows of the timeline about a target that have an exact day, a single named member, and impose something."""
    with TIMELINE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            exact = len(row["effective"]) == len("2022-02-24")
            if exact and row["imposer"] in MEMBERS and row["severity"] != "0" and target in row["target"].split("/"):
                yield row


def imposed(row: dict[str, str]) -> tuple[str, str, str]:
    """(measure, sector, member) that a row says is imposed from its effective day on."""
    return SEVERITIES[int(row["severity"]) - 1], row["sector"], MEMBERS[row["imposer"]]


def events() -> Iterator[dict[str, object]]:
    """Each row against Russia as an act of the member who imposes."""
    for row in rows("RU"):
        measure, sector, member = imposed(row)
        yield {
            "id": row["id"],
            "date": row["effective"],
            "kind": "act",
            "party": member,
            "verb": "impose",
            "facts": {"measure": measure, "sector": sector},
        }


def main() -> None:
    EXPECTED.write_text(to_json(findings(), indent=1) + "\n", encoding="utf-8")
    SANCTIONS.write_text("".join(json.dumps(event) + "\n" for event in events()), encoding="utf-8")


if __name__ == "__main__":
    main()
