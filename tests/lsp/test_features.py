"""What requests answer, as functions of a program and a place: tables, sets, codes, several files, places in texts."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from lsprotocol import types as lsp
from pygls.workspace import PositionCodec

from comity.base.source import SourceFile
from comity.lsp.features import calls, complete, hints, hover, lenses, rename, tokens
from comity.lsp.features.layout import formatted
from comity.lsp.index import Index
from comity.lsp.places import Move, Places
from comity.lsp.projects import OpenProject, Snapshot
from comity.pipeline.driver import build, select_one
from comity.workspace.project import display, select
from comity.workspace.reading import read_bytes

FACTS = """use std.countries: Country

enum Colour:
    red "The colour of stop"
    blue

enum Column:
    NS1
    NS2
    OTHER

record Case as of day:
    colour: Colour
    code: Eccn
    to: Country
    day: Date

define is_red for Case:
    "It is red"
    colour == red

table chart(colour: Colour, column: Column) -> Bool from "chart.csv":
    "Is the cell marked?"

table ccl(code: Eccn) -> Bool from "ccl.csv" ignoring heading:
    "The list"
"""

RULES = """source "Gazette" as of 2026-07-01
use facts: *
use std.countries: Country, DE, FR

set friends: Country =
    {DE}
    + {FR} from 2020-01-01

decision permit for Case:
    outcomes:
        needed
        free
    otherwise free

rule stop for permit:
    "Red ones may not"
    cite "Gazette 7"
    when all:
        is_red
        chart[colour, NS1]
        chart[blue, NS2]
    then needed

rule listed for permit:
    when all:
        code == 3A001.a
        to in friends
    then needed

rule idle for permit:
    when colour == blue
    then needed

test "a red thing" for permit:
    given:
        colour = red
        code = EAR99
        to = FR
        day = 2026-01-01
    expect needed

test "a chip to France" for permit:
    given:
        colour = red
        code = 3A001.a
        to = FR
        day = 2026-01-01
    expect needed by listed
"""


class Policy:
    """A program of two files with two tables."""

    def __init__(self, folder: Path) -> None:
        (folder / "facts.comity").write_text(FACTS, encoding="utf-8")
        (folder / "rules.comity").write_text(RULES, encoding="utf-8")
        (folder / "chart.csv").write_text("colour,NS1,NS2,OTHER\nred,X,,\nblue,,X,\n", encoding="utf-8")
        (folder / "ccl.csv").write_text("code,value,heading\n3A001,true,Electronic items\n", encoding="utf-8")
        self.selection = select_one([folder])
        made = build(self.selection)
        assert not made.errors, made.errors
        self.snapshot = Snapshot(0, made, Index(made.checked, made.sources))
        self.paths = {file.name: display(file) for file in self.selection.project.files.values()}

    def hover(self, word: str, name: str = "rules.comity") -> str:
        text = {"rules.comity": RULES, "facts.comity": FACTS}[name]
        found = hover.hover(self.snapshot, read_bytes, self.paths[name], text.index(word) + 1)
        return found[0] if found else ""

    def rename(self, word: str, new: str, name: str = "facts.comity") -> dict[str, int]:
        """How many edits a rename makes, by file."""
        text = {"rules.comity": RULES, "facts.comity": FACTS}[name]
        edits = rename.rename(
            self.snapshot.build, self.snapshot.index, self.selection, read_bytes, self.paths[name],
            text.index(word) + 1, new,
        )  # fmt: skip
        return {Path(path).name: len(each) for path, each in edits.items()}


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return Policy(tmp_path)


def test_hover_shows_cells_sets_codes_and_types(policy: Policy) -> None:
    assert "`chart[blue, NS2]` is true" in policy.hover("NS2]")
    cell = policy.hover("NS1]")
    assert "`chart[…, NS1]`" in cell and "(red)" in cell and "(blue)" in cell
    assert "On 2026-07-01: DE, FR" in policy.hover("friends:")
    assert "**3A001.a** Electronic items" in policy.hover("3A001.a")
    assert "type `Bool`" in policy.hover("is_red")
    assert "Gazette as of 2026-07-01" in policy.hover("stop for") and "Gazette 7" in policy.hover("stop for")


def test_hints_name_countries_headings_and_days(policy: Policy) -> None:
    places = Places(PositionCodec())
    found = hints.inlay_hints(policy.snapshot, read_bytes, policy.paths["rules.comity"], places)
    labels = [str(each.label) for each in found]
    assert " Germany" in labels and " Electronic items" in labels and " on day" in labels


def test_rename_across_files_and_its_refusals(policy: Policy) -> None:
    assert policy.rename("is_red", "is_scarlet") == {"facts.comity": 1, "rules.comity": 1}
    assert policy.rename("Case", "Matter") == {"facts.comity": 2, "rules.comity": 1}
    with pytest.raises(rename.Refused, match=r"is written in `chart\.csv`"):
        policy.rename("red", "scarlet")
    with pytest.raises(rename.Refused, match="reserved word"):
        policy.rename("is_red", "when")
    with pytest.raises(rename.Refused):
        policy.rename("is_red", "colour")


def test_rename_is_refused_while_there_are_errors(tmp_path: Path) -> None:
    """A declaration that does not parse may use the name."""
    policy = Policy(tmp_path)
    (tmp_path / "rules.comity").write_text(RULES + "\nrule broken for permit:\n    when is_red ==\n", encoding="utf-8")
    made = build(policy.selection)
    policy.snapshot = Snapshot(1, made, Index(made.checked, made.sources))
    with pytest.raises(rename.Refused, match="while there are errors"):
        policy.rename("is_red", "is_scarlet")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("use std.", {"std.countries", "facts"}),
        ("use facts: ", {"Case", "is_red", "Colour"}),
        ("    when colour == ", {"red", "blue"}),
        ("    when code == ", {"3A001"}),
        ("    when to in {", {"DE", "FR"}),
        ("    exception to ", {"stop", "listed"}),
        ("    then ", {"needed", "free"}),
    ],
)
def test_completion_by_type(policy: Policy, line: str, wanted: set[str]) -> None:
    text = RULES + ("" if line.startswith("use") else "\nrule new for permit:\n") + line
    found = {each.label: each for each in complete.complete(policy.snapshot, read_bytes, text, len(text))}
    if line == "use std.":
        text = RULES + "use "
        found = {each.label: each for each in complete.complete(policy.snapshot, read_bytes, text, len(text))}
    assert wanted <= set(found)
    details = {"red": "The colour of stop", "3A001": "Electronic items", "DE": "Germany"}
    for label, detail in details.items():
        if label in wanted:
            assert found[label].detail == detail


def test_signatures_of_tables(policy: Policy) -> None:
    text = "    chart[red, "
    found = hover.signature(policy.snapshot.build, text, len(text))
    assert found == ("chart[colour: Colour, column: Column] -> Bool", ["colour: Colour", "column: Column"], 1)


def test_readers_and_what_a_rule_reads(policy: Policy) -> None:
    index = policy.snapshot.index
    readers = {each.short for each, _ in calls.readers(index, index.declared["facts.is_red"])}
    assert readers == {"stop"}
    read = {each.short for each, _ in calls.read_by(index, index.declared["rules.stop"])}
    assert {"is_red", "chart"} <= read


def test_lenses_count_what_a_rule_decides(policy: Policy) -> None:
    """In the case of a test that names the rule, or of one in which it decides."""
    assert lenses.decided(policy.snapshot, "rules.listed") == (
        'decides 2 of 250 values of `to` in the case "a chip to France"'
    )
    assert lenses.decided(policy.snapshot, "rules.stop") == (
        'decides 250 of 250 values of `to` in the case "a red thing"'
    )
    assert lenses.decided(policy.snapshot, "rules.idle") == "no test shows what it decides"
    assert lenses.decided(policy.snapshot, "rules.no_such_rule") is None


def test_every_rule_of_the_law_that_a_test_names_decides_something() -> None:
    made = build(select_one([Path(__file__).parents[2] / "policies"]))
    snapshot = Snapshot(0, made, Index(made.checked, made.sources))
    named = sorted(
        rule
        for rule, declared in made.checked.rules.items()
        if rule.startswith("ear.") and lenses._named_by(made.program, declared.decision, rule)
    )
    assert len(named) > 50
    for rule in Random(1).sample(named, 5):
        title = lenses.decided(snapshot, rule)
        found = re.fullmatch(r'decides (\d+) of (\d+) destinations in the case ".*"', title or "")
        assert found and 1 <= int(found[1]) <= int(found[2]) and int(found[2]) > 200, f"{rule}: {title}"


# ------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_where_the_protocol_ends_them(end: str) -> None:
    text = f'one "a\u2028b\x0b\x0cc\x85d"{end}two \U0001f9ea x{end}'
    places = Places(PositionCodec())
    x = text.index(" x") + 1
    assert places.position(x, text) == lsp.Position(1, 7)  # the test tube takes two units
    assert places.offset(lsp.Position(1, 7), text) == x
    assert places.position(text.index("d"), text) == lsp.Position(0, 12)
    assert places.offset(lsp.Position(0, 10_000), text) == text.index(end)
    assert places.offset(lsp.Position(9, 0), text) == len(text)
    for offset in range(len(text)):
        if text[offset] != "\n" or end != "\r\n":
            assert places.offset(places.position(offset, text), text) == offset


def test_places_move_with_an_edit() -> None:
    old, new = "rule a\nwhen x\nrule b\n", "rule a\nwhen x and y\nrule b\n"
    move = Move(SourceFile("p", "p", old), SourceFile("p", "p", new))
    assert move.forward(old.index("b")) == new.index("b") and move.back(new.index("b")) == old.index("b")
    assert move.forward(old.index("a")) == old.index("a")
    assert move.back(new.index("y")) is None


def test_tokens_of_an_older_program_do_not_overlap(policy: Policy) -> None:
    """Every token begins after the one before, whatever was edited since the program was made."""
    path = policy.paths["rules.comity"]
    old = policy.snapshot.index.sources[path]
    for start in range(0, len(RULES) - 40, 17):
        new = SourceFile(path, "rules", RULES[:start] + "\n\n" + RULES[start + 30 :])
        places = Places(PositionCodec(), {path: Move(old, new)})
        data = tokens.semantic_tokens(policy.snapshot.index, path, places).data
        assert all(length > 0 for length in data[2::5]) and all(by >= 0 for by in (*data[0::5], *data[1::5]))


def test_a_file_with_carriage_returns_is_formatted_line_by_line(tmp_path: Path) -> None:
    text = "enum A:\r\n    b\r\n    c\r\n\r\nrecord R:\r\n    a:   A\r\n"
    file = tmp_path / "a.comity"
    file.write_bytes(text.encode())
    project = OpenProject(select([file])[0].project)
    edits = formatted(*project.parsed(display(file)), Places(PositionCodec()), None)
    lines = text.split("\r\n")
    for edit in edits:
        assert edit.range.end.line <= len(lines)
    assert any("a: A" in edit.new_text for edit in edits)
