"""Advice can be followed: what a finding says to write is accepted in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.diagnostics import Diagnostic
from comity.linter.pages import Example, pages
from comity.pipeline.linting import lint

PRELUDE = (Path(__file__).parents[1] / "pages" / "prelude.comity").read_text(encoding="utf-8")
HEADER = "use prelude: *\n"
IN_PLACE = re.compile(r"^(?:did you mean|write|say) `([^`]+)`(?:\?|, without quotes)?$")
"""Advice to write something in place of what the finding underlines."""

EXAMPLES = [
    pytest.param(example, found.settings, id=f"{found.code.code}-{number}")
    for found in pages()
    for number, example in enumerate(found.examples, 1)
    if example.kind == "fires"
]


def findings(folder: Path, text: str, others: dict[str, str], settings: tuple[str, ...] = ()) -> list[Diagnostic]:
    (folder / "comity.toml").write_text("".join(f"{line}\n" for line in settings), encoding="utf-8")
    for name, other in {"prelude.comity": PRELUDE, **others}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(other, encoding="utf-8")
    (folder / "example.comity").write_text(HEADER + text, encoding="utf-8")
    return list(lint([folder / "example.comity"]).diagnostics)


def followed(found: list[Diagnostic], text: str) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding with a fix, or with advice to write something in its place; and the text in which that is done."""
    for each in found:
        edits = [(edit.span, edit.text) for edit in (each.fix.edits if each.fix else ())]
        if each.help and (advice := IN_PLACE.match(each.help)):
            edits = [(each.span, advice[1])]
        if not edits or each.span.start < len(HEADER):
            continue
        changed = HEADER + text
        for span, written in sorted(edits, key=lambda edit: -edit[0].start):
            changed = changed[: span.start] + written + changed[span.end :]
        yield each, changed.removeprefix(HEADER)


@pytest.mark.parametrize(("example", "settings"), EXAMPLES)
def test_what_is_advised_is_accepted(example: Example, settings: tuple[str, ...], tmp_path: Path) -> None:
    """The finding is gone, and no error has come."""
    others = dict(example.files)
    before = findings(tmp_path, example.text, others, settings)
    errors = sum(each.code.startswith("E") for each in before)
    for each, changed in followed(before, example.text):
        after = findings(tmp_path, changed, others, settings)
        assert (each.code, each.message) not in {(other.code, other.message) for other in after}, each
        assert sum(other.code.startswith("E") for other in after) <= errors - each.code.startswith("E"), each


def test_enough_advice_is_tried(tmp_path: Path) -> None:
    tried = 0
    for number, parameters in enumerate(EXAMPLES):
        example, settings = parameters.values
        folder = tmp_path / str(number)
        folder.mkdir()
        tried += len(list(followed(findings(folder, example.text, dict(example.files), settings), example.text)))
    assert tried >= 20


DECISION = """
decision passage for Voyage:
    outcomes:
        refused
        free
    otherwise free

rule stopped for passage:
    when {condition}
    then refused
"""


def test_a_default_is_written_as_unknown(tmp_path: Path) -> None:
    text = "record Voyage:\n    flags: set of Country = {}\n" + DECISION.format(condition="any f in flags: f == RU")
    (found,) = (each for each in findings(tmp_path, text, {}) if each.code == "H511")
    assert found.help == "write `flags: set of Country?`, without a default"
    changed = text.replace("flags: set of Country = {}", "flags: set of Country?")
    assert not [each for each in findings(tmp_path, changed, {}) if each.code[0] == "E" or each.code == "H511"]


@pytest.mark.parametrize(
    ("type", "condition", "meant"),
    [
        ("Eccn", "fact == 3a001", "fact == 3A001"),
        ("Eccn", "fact within 3A001.A", "fact within 3A001.a"),
        ("Eccn", "fact within 3A001.a.05", "fact within 3A001.a.5"),
        ("Eccn", "fact == ear99", "fact == EAR99"),
        ("Eccn", "fact within 3B001.k to 3B001.n", "fact within {3B001.k to 3B001.n}"),
        ("Date", "fact > 2022-2-24", "fact > 2022-02-24"),
        ("Date", "fact > 20220224", "fact > 2022-02-24"),
        ("Date", "fact > 24/2/2022", "fact > 2022-02-24"),
        ("Date", "fact > 24.2.2022", "fact > 2022-02-24"),
    ],
)
def test_another_spelling_of_a_value(type: str, condition: str, meant: str, tmp_path: Path) -> None:
    """The message names the one spelling, and that is accepted."""
    record = f"record Voyage:\n    fact: {type}\n"
    before = findings(tmp_path, record + DECISION.format(condition=condition), {})
    (found,) = (each for each in before if each.code[0] == "E")
    assert found.help is not None and f"`{meant.split(maxsplit=2)[2]}`" in found.help
    after = findings(tmp_path, record + DECISION.format(condition=meant), {})
    assert not [each for each in after if each.code[0] == "E"]


@pytest.mark.parametrize(
    ("type", "condition", "guard"),
    [
        ("Eccn", "code within {3B001.c, 3B001.d}", "less_exact(code, {3B001.c, 3B001.d})"),
        ("Eccn", "code == 3A001.a", "less_exact(code, {3A001.a})"),
        ("HsCode", "code within HS 8542.31", "less_exact_hs(code, {HS 8542.31})"),
    ],
)
def test_a_guard_is_accepted(type: str, condition: str, guard: str, tmp_path: Path) -> None:
    function = guard.partition("(")[0]
    text = f"record Voyage:\n    code: {type}\n" + DECISION.format(condition=condition)
    (found,) = (each for each in findings(tmp_path, text, {}) if each.code == "H512")
    assert found.help is not None and f"`{guard}`" in found.help and f"`use std.codes: {function}`" in found.help
    counsel = f'\nrule which_code for passage:\n    refer to counsel "Which?"\n    when {guard}\n    then refused\n'
    always = text.replace(f"    code: {type}\n", f"    code: {type}\n    always not {guard}\n")
    for guarded in (text + counsel, always):
        after = findings(tmp_path, f"use std.codes: {function}\n{guarded}", {})
        assert not [each for each in after if each.code[0] == "E" or each.code in ("H512", "L200", "L202")]


def test_a_row_that_closes_before_it_opens(tmp_path: Path) -> None:
    csv = "country,value,from,until\nBE,1,2022-01-02,2022-01-01\nRU,2,2022-01-01,2022-01-01\n"
    spread = "country,consignee,end_user,from,until\nBE,X,,2022-01-02,2022-01-01\n"
    text = (
        'table limit(country: Country) -> Int from "limit.csv"\n\n'
        'table roles(country: Country, role: Role) -> Bool from "roles.csv"\n'
    )
    found = [each for each in findings(tmp_path, text, {"limit.csv": csv, "roles.csv": spread}) if each.code == "L211"]
    assert [each.message for each in found] == [
        "this window of `limit` closes on 2022-01-01 before it opens on 2022-01-02, in row 2 of its file",
        "this window of `roles` closes on 2022-01-01 before it opens on 2022-01-02, in row 2 of its file",
    ]
    assert [(each.span.line, each.related[0].span.line) for each in found] == [(2, 2), (4, 2)]


WINDOWS = """use std.countries: *

party A = {US}
party B = {RU}

record Flight:
    acts fly
    size: Int
    day: Date
    always (size > 0) from 2024-01-01 until 2023-01-01

record Case as of day:
    sizes: list of Int
    day: Date

decision v for Case:
    outcomes:
        ban
        free
    otherwise free

rule r for v:
    when 1 in sizes implies ((2 in sizes) from 2024-01-01 until 2023-01-01)
    then ban

prove p for v:
    given (sizes != []) from 2024-01-01 until 2023-01-01
    then outcome == free

agreement g between A, B:
    status in_force from 2020-01-01

    commitment c by each party:
        from 2024-01-01 until 2023-01-01
        shall not fly Flight when size > 3

    commitment d by each party:
        shall not fly Flight when (size > 4) from 2024-01-01 until 2023-01-01
"""


def test_a_window_that_closes_before_it_opens_is_found_wherever_it_stands(tmp_path: Path) -> None:
    found = findings(tmp_path, WINDOWS, {})
    assert {each.subjects for each in found if each.code == "L211"} == {("Flight",), ("r",), ("p",), ("c",), ("d",)}
    assert ("c",) not in {each.subjects for each in found if each.code == "L202"}, "one cause is one finding"
