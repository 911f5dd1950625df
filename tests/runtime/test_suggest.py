"""What somebody may have meant: spellings, and countries by other codes and names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comity.runtime.countries import ISO_3166, OTHER_NAMES, code_of
from comity.runtime.suggest import did_you_mean, nearest

ROOT = Path(__file__).parents[2]
NAMES = dict(re.findall(r'^    ([A-Z]{2}) "(.*)"$', (ROOT / "stdlib" / "countries.comity").read_text("utf-8"), re.M))


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("destinaton", ["origin", "destination"], "destination"),
        ("ru", ["US", "RU"], "RU"),
        ("zzz", ["origin"], None),
        ("TO", ["NATO"], None),
        ("NATO", ["TO"], None),
        ("license", ["license_required"], None),
        ("allys", ["allies"], "allies"),
        ("whan", ["when", "then"], "when"),
        ("FOB", ["FOO"], "FOO"),
        ("commitment", ["instrument"], None),
    ],
)
def test_nearest_spelling(name: str, known: list[str], meant: str | None) -> None:
    assert nearest(name, known) == meant
    assert did_you_mean(name, known) == (meant and f"did you mean `{meant}`?")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("RUS", "RU"),
        ("CHN", "CN"),
        ("NOR", "NO"),
        ("usa", "US"),
        ("UK", "GB"),
        ("Russia", "RU"),
        ("Russian Federation", "RU"),
        ("russian_federation", "RU"),
        ("Iran", "IR"),
        ("Korea (Republic of)", "KR"),
        ("Cote d'Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("XKX", "XK"),
    ],
)
def test_countries_by_other_codes_and_names(written: str, code: str) -> None:
    assert nearest(written, NAMES) == code


def test_a_country_that_is_not_known_is_not_taken_for_another() -> None:
    assert nearest("RUS", ["US", "GB"]) is None
    assert nearest("CHN", ["HN", "CHNA"]) == "CHNA"
    assert nearest("NORD", ["NORTH", "NO"]) == "NORTH"


def test_the_countries_are_those_of_the_standard_library() -> None:
    rows = [line.split(" ", 2) for line in ISO_3166.splitlines()]
    assert {code: name for code, _, name in rows} == NAMES
    assert len({alpha_3 for _, alpha_3, _ in rows}) == len(rows) == 250
    assert all(re.fullmatch("[A-Z]{3}", alpha_3) for _, alpha_3, _ in rows)
    assert all(code_of(name) == code_of(alpha_3) == code for code, alpha_3, name in rows)
    assert set(OTHER_NAMES.values()) <= set(NAMES)
    assert all(code_of(name) == code for name, code in OTHER_NAMES.items())
