"""Codes that a line cannot tell apart are asked once; what is said of each is what asking each says."""

from __future__ import annotations

import pytest

from comity.core.closures import context_of
from comity.plan.lines import Lines
from comity.plan.tabulate import Tabulator
from comity.terms import THIS
from tests.core import text

POLICY = """
enum Column:
    NS2
    MT1

record Row:
    code: Eccn
    columns: set of Column
    heir: Eccn or absent

record Goods:
    eccn: Eccn
    confirmed: set of Eccn
    ready: Bool?

table columns(eccn: Eccn) -> Column:
    1E002: MT1
    1E002.g: NS2
    1E101: MT1
    3A001: NS2
    3A001.a.5: MT1
    3B001: MT1
    3B002: MT1
    3B993: NS2

table rows(eccn: Eccn) -> Row:
    1E002: Row(code = 1E002, columns = {MT1}, heir = absent)
    1E002.g: Row(code = 1E002, columns = {NS2}, heir = absent)
    3A001: Row(code = 3A001, columns = {NS2, MT1}, heir = 3A002)
    3A001.a: Row(code = 3A001.a, columns = {NS2, MT1}, heir = 3A001.a)
    3B001: Row(code = 3B001, columns = {NS2}, heir = 3A001)
    3B002: Row(code = 3B002, columns = {NS2}, heir = 3B001)
    3B003: Row(code = 3B001, columns = {NS2}, heir = 3B001)

table heirs(eccn: Eccn) -> Eccn:
    1E002: 1E002
    3B001: 3B001
    3B002: 3B001
    3B003: 3B001.c

set CHIPS: Eccn =
    cite "1"
    {3A001.a, 3B001.c, EAR99}

decision licensing for Goods:
    outcomes:
        prohibited
        free
    otherwise free

rule r for licensing:
    cite "1"
    when CONDITION and ready
    then prohibited
"""
LINES = (
    "columns[eccn] == NS2",
    "columns[eccn] == NS2 or eccn within 3B001",
    "columns[eccn] == NS2 and eccn != 3A001.a.5",
    "columns[eccn] == MT1 and eccn != EAR99 and eccn.category == 3",
    "columns[eccn] == MT1 and eccn != EAR99 and eccn.group == \"B\" and eccn.number >= 2",
    "columns[eccn] == MT1 and any c in CHIPS: eccn within c",
    "columns[eccn] == NS2 and eccn not in CHIPS",
    "columns[eccn] == NS2 and any c in CHIPS: c within eccn",
    "NS2 in rows[eccn].columns",
    "rows[eccn].code == eccn and MT1 in rows[eccn].columns",
    "rows[eccn].code != eccn and columns[eccn] == MT1",
    "rows[eccn].code in CHIPS",
    "rows[eccn].code within 3B001 and eccn != 3B002",
    "rows[eccn].heir is present and eccn within rows[eccn].heir",
    "heirs[eccn] == eccn",
    "eccn within heirs[eccn]",
    "heirs[eccn].category == 3 and heirs[eccn].number == 1",
    "heirs[eccn] within 3B001 and heirs[eccn] != 3B001",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_codes_that_a_line_cannot_tell_apart_are_told_alike(line: str) -> None:
    interpreter = text.interpreter(POLICY.replace("CONDITION", line if " or " not in line else f"({line})"))
    program = interpreter.program
    decision = program.decisions["m.licensing"]
    lines = Lines(decision.record, program)
    fact = lines.fact(("eccn",))
    assert fact is not None
    tabulator = Tabulator(interpreter.evaluator)
    shown = 0
    for each in lines.of(decision.rules[0].condition):
        column = tabulator.dead_codes(fact, each.term)
        code = interpreter.evaluator.code(each.term)
        for key in [*(str(row.keys[0]) for table in program.tables.values() for row in table.rows), "EAR99"]:
            for cell, value in ((key, key), (f"{key}.", f"{key}.?")):
                if key == "EAR99" and value != key:
                    continue
                expected = code({THIS: {"eccn": value}}, context_of(None)) is not False
                if column is not None and cell in column.cells:
                    shown += 1
                    assert column.cells[cell] is expected, (value, each.term)
                elif column is None:
                    shown += not expected and key in _keys(tabulator, each.term)
                    assert expected or key not in _keys(tabulator, each.term)
    assert shown


def _keys(tabulator: Tabulator, line: object) -> set[str]:
    told = tabulator._codes_of(line)  # type: ignore[arg-type]
    return told.keys | told.named if told.keys else set()
