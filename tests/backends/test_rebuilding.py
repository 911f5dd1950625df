"""What is taken from the build before is what a build of its own makes, and nothing else is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.backends.python.package import emit_after
from comity.backends.python.units import Before, decoded_units, encoded_units
from comity.core.digests import Digests
from comity.pipeline.driver import load_program

from ..session import edits as texts_edited
from ..session.named import named
from .rebuilding import Rebuilding, differing

POLICY = """\
use std.countries

record Export as of day:
    destination: Country
    value: Int
    day: Date

set EMBARGOED: Country = {RU, BY}

define embargoed for Export:
    "Goes to a country under embargo"
    destination in EMBARGOED

define large for Export: value > 1_000

decision licensing for Export:
    outcomes:
        prohibited
        free
    otherwise free

rule ban for licensing:
    "Nothing goes there"
    when embargoed
    then prohibited
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "m.comity").write_text(POLICY, "utf-8")
    return tmp_path


def edited(place: Path, old: str, new: str) -> None:
    text = (place / "m.comity").read_text("utf-8")
    assert old in text
    (place / "m.comity").write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("kind", "seed"), [("named", 1), ("named", 2), ("written", 3), ("responses", 4), ("treaties", 5)]
)
def test_after_random_edits_a_package_is_as_if_built_alone(kind: str, seed: int, tmp_path: Path) -> None:
    texts = texts_edited.sources(kind, seed, tmp_path)
    ways: Counter[str] = Counter()
    assert differing(tmp_path, texts, seed, 6, ways) is None
    assert ways["taken"] and ways["made"]


def test_an_edited_text_is_written_anew_only_where_it_stands(place: Path) -> None:
    again = Rebuilding(Counter())
    assert again.differing(load_program([place])) == []
    before, again.ways = dict(again.files), Counter()
    edited(place, "Goes to a country under embargo", "Goes where nothing may go")
    assert again.differing(load_program([place])) == []
    changed = {path for path in before if before[path] != again.files[path]}
    assert changed == {"__init__.py", "definitions.py", "policy/m.py"}
    assert again.ways["taken"] > again.ways["made"]


def test_an_edited_condition_is_written_anew_wherever_it_is_read(place: Path) -> None:
    again = Rebuilding(Counter())
    assert again.differing(load_program([place])) == []
    before = dict(again.files)
    edited(place, "{RU, BY}", "{RU, BY, IR}")
    assert again.differing(load_program([place])) == []
    assert {"policy/m.py", "_clauses.py"} <= {path for path in before if before[path] != again.files[path]}


def test_a_file_that_is_not_as_it_was_written_is_made_again(place: Path) -> None:
    program = load_program([place])
    again = Rebuilding(Counter())
    again.differing(program)
    again.files = {**again.files, "policy/m.py": "raise SystemExit\n"}
    del again.files["records.py"]
    assert again.differing(program) == []


def _with_told(told: object) -> Callable[[Any], Any]:
    def spoilt(said: Any) -> Any:
        units = {name: [key, files, told] for name, (key, files, _) in said["units"].items()}
        return {**said, "units": units}

    return spoilt


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: [],
        lambda said: {**said, "key": "another"},
        lambda said: {**said, "units": {"types": ["key"]}},
        _with_told({"remembered": [1]}),
        _with_told({"asked": [["d"]]}),
        _with_told({"more": ["d"]}),
    ],
)
def test_units_that_are_not_as_they_were_kept_are_none(spoil: Callable[[Any], Any], place: Path) -> None:
    program = load_program([place])
    _, units = emit_after(program, "p", Before(Digests(program), {}, lambda path, digest: None))
    data = encoded_units("key", units)
    assert decoded_units(data, "key") == units
    assert decoded_units(json.dumps(spoil(json.loads(data))).encode(), "key") == {}
    assert decoded_units(data[:-1], "key") == {}


def test_digests_are_the_same_in_every_process(tmp_path: Path) -> None:
    (tmp_path / "m.comity").write_text(named(7), "utf-8")
    script = (
        "import sys; from comity.core.digests import Digests; from comity.pipeline.driver import load_program\n"
        "made = Digests(load_program([sys.argv[1]])); print(made.whole().hex(), made.places.hex())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            env={"PYTHONHASHSEED": str(seed)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in (1, 2)
    }
    assert len(said) == 1
