"""The licence policy in NumPy by hand: a table of Arrow in chunks, texts by their codes.

As `by_hand.py`, nobody checks the facts: nothing is unknown, and every value is what it should be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .by_hand import CHART, EMBARGOED, PARTNERS, is_within

OUTCOMES = ("prohibited", "license_required", "exception_available", "free")
CHUNK = 65_536
CHIPS_FROM = np.datetime64("2022-02-24")


def outcomes(table: Any) -> NDArray[np.uint8]:
    """The place in `OUTCOMES` of each row's outcome."""
    chunks = [table.slice(start, CHUNK) for start in range(0, table.num_rows, CHUNK)]
    return np.concatenate([_outcomes(chunk) for chunk in chunks])


def _outcomes(table: Any) -> NDArray[np.uint8]:
    def column(name: str) -> Any:
        return table.column(name).combine_chunks()

    def array(name: str) -> NDArray[Any]:
        found: NDArray[Any] = column(name).to_numpy(zero_copy_only=False)
        return found

    def codes(name: str) -> tuple[NDArray[Any], list[str]]:
        encoded = column(name)
        return encoded.indices.to_numpy(), encoded.dictionary.to_pylist()

    def where(pair: tuple[NDArray[Any], list[str]], holds: Any) -> NDArray[np.bool_]:
        index, values = pair
        found: NDArray[np.bool_] = np.array([holds(value) for value in values]).take(index)
        return found

    destination, eccn, use, reason = codes("destination"), codes("eccn"), codes("use"), codes("reason")
    partner = where(destination, PARTNERS.__contains__)
    missile_reason = where(reason, "missile_technology".__eq__)
    government = array("government")
    charted_pairs = np.array([[each in CHART.get(country, ()) for each in reason[1]] for country in destination[1]])
    charted = charted_pairs[destination[0], reason[0]] & where(eccn, lambda code: code != "EAR99")
    foreign = where(codes("origin"), lambda country: country != "US") & (array("us_content") > 25) & ~partner
    prohibited = where(destination, EMBARGOED.__contains__) & ~array("deemed")
    prohibited |= where(use, {"nuclear", "missile"}.__contains__) & ~partner
    chips = where(destination, {"RU", "BY"}.__contains__) & (array("date") >= CHIPS_FROM)
    chips &= where(eccn, lambda code: is_within(code, "3A001") or is_within(code, "4A003"))
    required = array("listed_party") | chips | (where(use, "military".__eq__) & ~partner)
    required |= foreign & ~(government & partner)
    excepted = ((array("value") <= 5_000) | government) & partner
    excepted |= array("temporary") & ~missile_reason
    excepted |= array("encryption") & where(eccn, lambda code: is_within(code, "5A002")) & where(use, "civil".__eq__)
    required |= charted & ~excepted
    found = np.full(len(partner), 3, np.uint8)
    found[charted | foreign] = 2
    found[required] = 1
    found[prohibited] = 0
    return found
