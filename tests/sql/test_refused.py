"""A row that holds what is no fact is refused, on every engine, and nothing else is."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from comity.backends.sql.statement import statement
from comity.runtime.texts import InvisibleSign, canonical_text
from comity.runtime.values import is_eccn, parse_date, parse_hs
from tests.core import text
from tests.sql.engines import ENGINES, Engine, Rows

EACH = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)

POLICY = """
enum Use:
    "What for"
    civil
    military

record Party:
    use: Use
    shares: set of Use?

record Case:
    code: Eccn?
    goods: HsCode?
    name: Text?
    day: Date?
    use: Use?
    parties: list of Party?

decision permit for Case:
    "May it go?"
    outcomes:
        stop
        go
    otherwise go
"""
NAMES = ("code", "goods", "name", "day", "use", "parties")


def statuses(engine: Engine, rows: list[dict[str, Any]]) -> list[str]:
    """The status of each row; what a row leaves out is NULL."""
    program = text.interpreter(POLICY).program
    decision = program.decisions["m.permit"]
    columns = Rows(engine.name, decision.record, (), ()).columns
    given = [[number, *(row.get(name) for name in NAMES)] for number, row in enumerate(rows)]
    assert [name for name, _ in columns] == ["id", *NAMES]
    answers = sorted(engine.run(columns, given, statement(program, "m.permit", engine.name, "facts_given")))
    assert [number for number, *_ in answers] == list(range(len(rows)))
    assert all((outcome == "go") is (status == "determined") for _, outcome, status, _ in answers)
    return [status for _, _, status, _ in answers]


def is_text(value: str) -> bool:
    """Whether SQL takes a text: plain ASCII in the one form of texts."""
    try:
        return value.isascii() and canonical_text(value) == value
    except InvisibleSign:
        return False


def spelt(random: Random, signs: str, starts: list[str]) -> str:
    return random.choice(starts) + "".join(random.choice(signs) for _ in range(random.randint(0, 5)))


@EACH
@pytest.mark.parametrize(
    ("column", "signs", "starts"),
    [
        ("code", "aAz019.", ["", "3A001", "3A001.", "3A001.a", "3A001.a.", "EAR99", "9E999.x.1"]),
        ("goods", "0159. ", ["", "85", "8542", "8542.", "8542.31", "HS 8542"]),
        ("name", "ab ~!\t", ["", "name", " name"]),
    ],
)
def test_how_codes_and_texts_are_spelt(engine: Engine, column: str, signs: str, starts: list[str]) -> None:
    random = Random(1)
    values = [spelt(random, signs, starts) for _ in range(500)] + starts
    is_fact = {"code": is_eccn, "goods": lambda value: parse_hs(value) == value, "name": is_text}[column]
    expected = ["determined" if is_fact(value) else "refused" for value in values]
    got = statuses(engine, [{column: value} for value in values])
    assert [(v, g) for v, g, e in zip(values, got, expected, strict=True) if g != e] == []
    assert {"determined", "refused"} == set(expected)


def test_days_on_sqlite() -> None:
    """SQLite has no type for days: they are text."""
    (engine,) = [each for each in ENGINES if each.name == "sqlite"]
    random = Random(2)
    values = [f"{spelt(random, '0129-', ['2024-02-', '2023-02-', '0000-', '2024-13-', ''])}" for _ in range(500)]
    values += ["2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "now", "2024-02-29 12:00", ""]
    expected = ["refused" if parse_date(value) is None else "determined" for value in values]
    assert statuses(engine, [{"day": value} for value in values]) == expected


@EACH
def test_members_and_elements_of_lists(engine: Engine) -> None:
    def party(use: Any, shares: Any = None) -> Any:
        found = [{"use": use, "shares": shares}]
        if engine.name == "duckdb":
            return found
        import json

        return json.dumps(found)

    rows: list[dict[str, Any]] = [
        {"use": "civil"},
        {"use": "naval"},
        {"use": "Civil"},
        {"parties": party("civil")},
        {"parties": party("naval")},
        {"parties": party(None)},
        {"parties": party("civil", ["civil", "military", "civil"])},
        {"parties": party("civil", ["civil", "naval"])},
        {"parties": party("civil", ["civil", None])},
        {"parties": party("civil", [])},
        {},
    ]
    expected = "determined refused refused determined refused refused determined refused refused determined determined"
    assert statuses(engine, rows) == expected.split()


def test_json_that_is_no_list_of_records() -> None:
    """Where lists are JSON, anything may stand in their place: the row is refused, and the others are decided."""
    (engine,) = [each for each in ENGINES if each.name == "sqlite"]
    bad = ["{", '{"use": "civil"}', '"civil"', "7", '["civil"]', "[null]", '[["civil"]]', '[{"use": 1}]']
    rows = [{"parties": '[{"use": "civil"}]'}, *({"parties": each} for each in bad)]
    assert statuses(engine, rows) == ["determined", *["refused"] * len(bad)]


ABSENT = """
record Limit:
    size: Int?
    fixed: Bool?

record Case:
    limit: Limit or absent?
    small: Int or absent?

decision permit for Case:
    "May it go?"
    outcomes:
        stop
        go
    otherwise go

rule limited for permit:
    when limit is present
    then stop
"""


@EACH
def test_a_record_that_is_there_though_nothing_of_it_is_known(engine: Engine) -> None:
    """As with `{"limit": {}}`. Of a fact of one column that is neither absent nor known, there is no such thing."""
    program = text.interpreter(ABSENT).program
    decision = program.decisions["m.permit"]
    columns = Rows(engine.name, decision.record, (), ()).columns
    given: list[dict[str, Any]] = [
        {"limit.absent": False},
        {},
        {"limit.absent": True, "small.absent": False, "small": 7},
        {"limit.absent": True, "limit.size": 7},
        {"small.absent": False},
    ]
    rows = [[number, *(row.get(name) for name, _ in columns[1:])] for number, row in enumerate(given)]
    answers = engine.run(columns, rows, statement(program, "m.permit", engine.name, "facts_given"))
    assert sorted(answers) == [
        (0, "stop", "determined", "stop"),
        (1, None, "undetermined", "stop,go"),
        (2, "go", "determined", "go"),
        (3, None, "refused", None),
        (4, None, "refused", None),
    ]
