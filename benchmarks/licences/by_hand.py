"""The licence policy as a Python programmer would write it, twice: to be read, and to be fast.

Facts are a dict of plain Python values that nobody checks: days as ISO text, amounts and percentages as whole numbers.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

EMBARGOED = {"CU", "IR", "KP", "SY"}
PARTNERS = {"AU", "CA", "GB", "JP", "NZ", "US"}


def _chart() -> dict[str, set[str]]:
    """For each country, the reasons for control that reach it."""
    with (Path(__file__).parent / "chart.csv").open(encoding="utf-8", newline="") as file:
        return {row["country"]: {reason for reason, cell in row.items() if cell == "X"} for row in csv.DictReader(file)}


CHART = _chart()


def is_within(code: str, entry: str) -> bool:
    return code == entry or code.startswith(entry + ".")


# ------------------------------------------------------------------------------------------- to be read


def is_charted(facts: dict[str, Any]) -> bool:
    reasons = CHART.get(facts["destination"], set())
    return facts["eccn"] != "EAR99" and facts["reason"] in reasons


def is_foreign_made(facts: dict[str, Any]) -> bool:
    return facts["origin"] != "US" and facts["us_content"] > 25 and facts["destination"] not in PARTNERS


def has_exception_to_chart(facts: dict[str, Any]) -> bool:
    to_partner = facts["destination"] in PARTNERS
    return (
        (facts["value"] <= 5_000 and to_partner)
        or (facts["temporary"] and facts["reason"] != "missile_technology")
        or (facts["government"] and to_partner)
        or (facts["encryption"] and is_within(facts["eccn"], "5A002") and facts["use"] == "civil")
    )


def outcome(facts: dict[str, Any]) -> str:
    destination = facts["destination"]
    if destination in EMBARGOED and not facts["deemed"]:
        return "prohibited"
    if facts["use"] in {"nuclear", "missile"} and destination not in PARTNERS:
        return "prohibited"
    if facts["listed_party"]:
        return "license_required"
    if (
        facts["date"] >= "2022-02-24"
        and destination in {"RU", "BY"}
        and (is_within(facts["eccn"], "3A001") or is_within(facts["eccn"], "4A003"))
    ):
        return "license_required"
    if facts["use"] == "military" and destination not in PARTNERS:
        return "license_required"
    foreign_made = is_foreign_made(facts)
    if foreign_made and not (facts["government"] and destination in PARTNERS):
        return "license_required"
    if is_charted(facts):
        return "exception_available" if has_exception_to_chart(facts) else "license_required"
    return "exception_available" if foreign_made else "free"


def license_required(facts: dict[str, Any]) -> bool:
    return outcome(facts) == "license_required"


# ------------------------------------------------------------------------------------------- to be fast

_EMBARGOED = frozenset(EMBARGOED)
_PARTNERS = frozenset(PARTNERS)
_CHARTED = frozenset((country, reason) for country, reasons in CHART.items() for reason in reasons)


def fast_license_required(facts: dict[str, Any]) -> bool:
    destination = facts["destination"]
    if destination in _PARTNERS:
        if facts["listed_party"]:
            return True
        reason = facts["reason"]
        if (destination, reason) not in _CHARTED or facts["value"] <= 5_000 or facts["government"]:
            return False
        eccn = facts["eccn"]
        if eccn == "EAR99" or (facts["temporary"] and reason != "missile_technology"):
            return False
        return not (facts["encryption"] and facts["use"] == "civil" and (eccn == "5A002" or eccn[:6] == "5A002."))
    use = facts["use"]
    if use == "nuclear" or use == "missile" or (destination in _EMBARGOED and not facts["deemed"]):
        return False
    if use == "military" or facts["listed_party"] or (facts["us_content"] > 25 and facts["origin"] != "US"):
        return True
    eccn = facts["eccn"]
    if eccn[:5] in {"3A001", "4A003"} and destination in {"RU", "BY"} and facts["date"] >= "2022-02-24":
        return True
    reason = facts["reason"]
    if (destination, reason) not in _CHARTED or eccn == "EAR99":
        return False
    if facts["temporary"] and reason != "missile_technology":
        return False
    return not (facts["encryption"] and use == "civil" and (eccn == "5A002" or eccn[:6] == "5A002."))
