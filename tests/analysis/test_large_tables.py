"""Tables of very many rows, each by a code and a place: the value that one gives is a fact of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

import pytest

from comity.analysis import analyse, limits
from comity.base.diagnostics import Diagnostic
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.tools.testing import run_tests

from .compare import compare
from .written import compiled, written

VALUES = ("denied", "license", "open")
COUNTRIES = "US DE JP GB FR CA CN RU IN BR AU NO".split()


def cells(codes: int, seed: int) -> dict[tuple[str, str], str]:
    """A value for each code and each country, at random."""
    random = Random(seed)
    return {
        (f"{number % 10}A{number // 10:03}", country): random.choice(VALUES)
        for number in range(codes)
        for country in COUNTRIES
    }


def policy(table: Mapping[tuple[str, str], str], rules: str) -> str:
    rows = "".join(f"    {code}, {country}: {value}\n" for (code, country), value in table.items())
    return (
        "use std.countries: *\nenum Treatment:\n    denied\n    license\n    open\n"
        "record Case:\n    code: Eccn\n    destination: Country\n    civil: Bool?\n"
        f"table chart(code: Eccn, country: Country) -> Treatment otherwise open:\n{rows}"
        "decision verdict for Case:\n    outcomes:\n        deny\n        ask\n        free\n    otherwise free\n"
        "rule d for verdict:\n    when chart[code, destination] == denied\n    then deny\n"
        f"rule l for verdict:\n    when chart[code, destination] == license\n    then ask\n{rules}"
    )


def checked(text: str) -> Program:
    program, errors = compiled(text, {})
    assert program is not None, [each.message for each in errors]
    return program


def replayed(text: str, found: list[Diagnostic]) -> Iterator[str]:
    for each in run_tests(Interpreter(checked(text + "".join(each.test or "" for each in found)))).results:
        yield each.status


def test_values_of_one_table_exclude_each_other() -> None:
    assert analyse(checked(policy(cells(200, 1), ""))) == []


def test_a_contradiction_of_a_row_and_a_rule_is_shown_by_such_a_row() -> None:
    table = cells(200, 2)
    rule = "rule r for verdict:\n    when destination == RU and code.category == 3 and not civil\n    then free\n"
    text = policy(table, rule)
    found = analyse(checked(text))
    assert [(each.code, each.subjects) for each in found] == [("L201", ("r", "d")), ("L201", ("r", "l"))]
    for each, value in zip(found, ("denied", "license"), strict=True):
        assert each.witness is not None and each.witness["destination"] == "RU"
        assert table[str(each.witness["code"]), "RU"] == value
    assert list(replayed(text, found)) == ["passed", "passed"]


def test_a_rule_that_no_row_meets_never_applies() -> None:
    table = {key: "open" if key[0][:2] == "3A" and key[1] == "RU" else value for key, value in cells(200, 3).items()}
    rule = (
        "rule r for verdict:\n    notwithstanding d\n"
        "    when destination == RU and code.category == 3 and chart[code, destination] == denied\n    then free\n"
    )
    found = analyse(checked(policy(table, rule)))
    assert [(each.code, each.subjects) for each in found] == [("L202", ("r",))]
    table["3A010", "RU"] = "denied"
    assert analyse(checked(policy(table, rule))) == []


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 100), marks=pytest.mark.slow)], ids=str)
def test_small_tables_as_facts_say_what_brute_force_says(seeds: range) -> None:
    with limits.changed(rows_of_a_value=1):
        for seed in seeds:
            difference = compare(written(seed))
            assert not difference.wrong, f"{seed}: {difference}"
