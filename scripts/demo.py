"""Shows what Comity does: some exports before and after 24 February 2022, and one answer explained.

.venv/bin/python scripts/demo.py
"""

from __future__ import annotations

from pathlib import Path

import comity
from comity.runtime.answer import Answer

ROOT = Path(__file__).resolve().parent.parent
BEFORE, AFTER = "2022-02-23", "2022-02-25"

EXPORTS = [
    ("3A001.a", "hardened chip", "RU", BEFORE),
    ("3A001.a", "hardened chip", "RU", AFTER),
    ("3A991", "ordinary chip", "RU", BEFORE),
    ("3A991", "ordinary chip", "RU", AFTER),
    ("3A991", "ordinary chip", "DE", AFTER),
    ("3A991", "ordinary chip", None, AFTER),
]
"""Items by their Export Control Classification Number, with their destination (None: not known yet) and day."""

EXPLAINED = 3


def facts(eccn: str, destination: str | None, day: str) -> dict[str, object]:
    """A direct export from the United States to an end user in the country of destination, who is on no list."""
    return {
        "date": day,
        "item": {"origin": "US", "eccn": eccn},
        "shipped_from": "US",
        "destination": destination,
        "transit": [],
        "parties": [{"role": "end_user", "country": destination or "DE", "lists": []}],
        "vessel_of": [],
        "us_person_support": False,
    }


def why(answer: Answer) -> str:
    """The first citation of each rule that decides, or what is still needed."""
    if not answer.determined:
        return f"needed: {', '.join(answer.needs[:2])}, …"
    return "; ".join(rule.citations[0] for rule in answer.rules if rule.status == "decides" and rule.citations)


def main() -> None:
    licensing = comity.load(ROOT / "policies" / "ear").decision("licensing")
    answers = [licensing.decide(facts(eccn, destination, day)) for eccn, _, destination, day in EXPORTS]
    print("May this leave the United States? Export Administration Regulations, 15 CFR 730-774, in policies/ear\n")
    row = "{:8} {:14} {:4} {:11} {:20} {}"
    print(row.format("item", "", "to", "on", "answer", "because of"))
    for (eccn, name, destination, day), answer in zip(EXPORTS, answers, strict=True):
        outcome = answer.outcome or "undetermined"
        print(row.format(eccn, name, destination or "?", day, outcome, why(answer)).rstrip())
    eccn, name, destination, _ = EXPORTS[EXPLAINED]
    print(f"\nThe {name} ({eccn}) to {destination}, explained:\n\n{answers[EXPLAINED].explain()}")


if __name__ == "__main__":
    main()
