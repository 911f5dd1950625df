"""Days that programs give: a date or its text; anything else is refused as a bad fact is, here and in packages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import comity
from tests.backends.loading import imported

POLICY = """
use std.countries: *

record Act:
    acts do
    a: Bool

party EAST = {RU}
party WEST = {US}

agreement pact between EAST, WEST:
    status in_force from 2022-01-01
    commitment ban by each party:
        shall not do Act when a

decision permit for Act:
    outcomes:
        license
        free
    otherwise free

rule r for permit:
    when a
    then license
"""
FACTS = {"a": True}


@pytest.mark.parametrize("day", ["2022-02-30", "20220301", "2022-W09-2", "", 3, datetime(2022, 3, 1, 12)])
def test_what_is_no_day_is_refused(tmp_path: Path, day: Any) -> None:
    (tmp_path / "m.comity").write_text(POLICY, encoding="utf-8")
    program = comity.load(tmp_path)
    with imported(program.core) as package:
        asked = [
            lambda: program.decision("permit").decide(FACTS, as_of=day),
            lambda: package.permit.decide(FACTS, as_of=day),
            lambda: program.agreement("pact").in_force("ban", day),
            lambda: package.pact.in_force("ban", day),
        ]
        for ask in asked:
            with pytest.raises(ValueError, match='expected a day such as "2022-02-24"') as error:
                ask()
            assert type(error.value).__name__ == "FactsError"
    assert program.decision("permit").decide(FACTS, as_of="2022-02-28").as_of is not None


def test_what_is_no_act_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.comity").write_text(POLICY, encoding="utf-8")
    act: Any = None
    with pytest.raises(comity.FactsError, match="`act`: expected an object"):
        comity.load(tmp_path).agreement("pact").breaches(act)
