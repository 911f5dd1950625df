"""How diagnostics look: for people, and for other tools."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from comity.base.diagnostics import Diagnostic, Edit, Related, Severity, diagnostic
from comity.base.source import SourceFile
from comity.linter.fixes import edited
from comity.linter.formats import FORMATS, Findings
from comity.linter.marks import fingerprints
from comity.linter.render import columns, flat, printable

CHIPS = SourceFile(
    "policies/chips.comity",
    "chips",
    "rule chips for licensing:\n    then license\n\n\nrule allies for licensing:\n    then free\n",
)
OTHER = SourceFile("policies/other.comity", "other", "# über\nset É: Country = {RU}\n")
SOURCES = {CHIPS.path: CHIPS, OTHER.path: OTHER}


def at(source: SourceFile, word: str) -> Diagnostic:
    start = source.text.index(word)
    return diagnostic(
        "L204", f"without `{word}` nothing changes", source.span(start, start + len(word)), subjects=(word,)
    )


def contradiction() -> Diagnostic:
    return diagnostic(
        "L201",
        "`allies` and `chips` decide the same export differently",
        at(CHIPS, "allies").span,
        related=(Related("the other rule", at(CHIPS, "chips").span), Related("the set", at(OTHER, "É").span)),
        subjects=("allies", "chips"),
        witness={
            "item": {"eccn": "3A001.a"},
            "destination": "NO",
            "parties": [{"listed": None}],
            "note": {"absent": True},
        },
        days=(("2022-02-24", "2022-03-01"), ("2023-01-01", None)),
        test='test "both" for licensing:\n    expect contradiction',
        help="say which prevails: `notwithstanding chips`",
    )


def render(name: str, *diagnostics: Diagnostic, colour: bool = False) -> str:
    return FORMATS[name](Findings(diagnostics, SOURCES, 2), colour)


def test_full_shows_lines_marks_witness_test_and_help() -> None:
    assert render("full", contradiction()) == (
        "error[L201]: `allies` and `chips` decide the same export differently\n"
        "  --> policies/chips.comity:5:6\n"
        "5 | rule allies for licensing:\n"
        "  |      ^^^^^^\n"
        "1 | rule chips for licensing:\n"
        "  |      ----- the other rule\n"
        "  ::: policies/other.comity:2:5\n"
        "2 | set É: Country = {RU}\n"
        "  |     - the set\n"
        "days: from 2022-02-24 until 2022-03-01, from 2023-01-01\n"
        "witness: item.eccn = 3A001.a, destination = NO, parties = [(listed = unknown)], note = absent\n"
        "as a test:\n"
        '    test "both" for licensing:\n'
        "        expect contradiction\n"
        "help: say which prevails: `notwithstanding chips`\n"
    )


def test_concise_is_one_line() -> None:
    assert render("concise", at(CHIPS, "allies")) == (
        "policies/chips.comity:5:6: L204 without `allies` nothing changes\n"
    )


def test_colour_only_adds_colour() -> None:
    import re

    coloured = render("full", contradiction(), colour=True)
    assert coloured != render("full", contradiction())
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render("full", contradiction())


def test_no_text_steers_a_terminal() -> None:
    assert printable("a\x1b[2Jb\tc\u202ed") == "a\N{REPLACEMENT CHARACTER}[2Jb c\N{REPLACEMENT CHARACTER}d"
    evil = SourceFile("x.comity", "x", "rule \x1b]0;owned\x07 for\n")
    shown = FORMATS["full"](Findings([diagnostic("E001", "no \x1b", evil.span(5, 10))], {"x.comity": evil}, 1), False)
    assert "\x1b" not in shown and "\x07" not in shown


def test_marks_stand_under_wide_characters() -> None:
    wide = SourceFile("x.comity", "x", 'enum 国家: "é" bad\n')
    start = wide.text.index("bad")
    lines = FORMATS["full"](
        Findings([diagnostic("E001", "m", wide.span(start, start + 3))], {"x.comity": wide}, 1), False
    )
    text, under = lines.splitlines()[2:4]
    assert columns(text[: text.index("bad")]) == under.index("^^^")


def test_a_line_of_five_megabytes_is_cut_around_its_mark() -> None:
    text = "a" * 5_000_000 + "!" + "b" * 100
    source = SourceFile("x.comity", "x", text)
    shown = FORMATS["full"](
        Findings([diagnostic("E001", "m", source.span(5_000_000, 5_000_001))], {"x.comity": source}, 1), False
    )
    line, under = shown.splitlines()[2:4]
    assert len(line) < 200 and line[under.index("^")] == "!"


def test_json_has_the_documented_keys() -> None:
    document = json.loads(render("json", contradiction(), at(CHIPS, "chips")))
    assert list(document) == ["version", "files", "summary", "diagnostics"]
    assert document["version"] == 1 and document["files"] == 2
    assert document["summary"] == {"error": 1, "warning": 1, "info": 0}
    first = document["diagnostics"][0]
    keys = "code name severity message path line column end_line end_column related subjects witness days fields gains"
    assert list(first) == [*keys.split(), "help", "fix", "fingerprint"]
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (5, 6, 5, 12)
    assert first["related"][1] == {
        "message": "the set", "path": "policies/other.comity", "line": 2, "column": 5, "end_line": 2, "end_column": 6
    }  # fmt: skip
    assert first["days"] == [["2022-02-24", "2022-03-01"], ["2023-01-01", None]]
    assert document["diagnostics"][1]["days"] is None and document["diagnostics"][1]["fix"] is None


def test_json_lines_is_one_record_a_line() -> None:
    records = [json.loads(line) for line in render("json-lines", contradiction(), at(CHIPS, "chips")).splitlines()]
    assert records == json.loads(render("json", contradiction(), at(CHIPS, "chips")))["diagnostics"]


def test_sarif_points_at_rules_and_regions() -> None:
    run = json.loads(render("sarif", contradiction(), at(CHIPS, "chips")))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 5, "startColumn": 6, "endLine": 5, "endColumn": 12}


def test_github_escapes_what_would_end_a_command() -> None:
    d = diagnostic("H502", "a%b\nc", at(CHIPS, "chips").span)
    assert render("github", d) == (
        "::warning file=policies/chips.comity,line=1,col=6,endLine=1,endColumn=11,title=H502 missing-doc::a%25b%0Ac\n"
    )


def test_paths_in_sarif_are_uri_references() -> None:
    odd = SourceFile("a b/c:d%e.comity", "x", "rule chips\n")
    (result,) = json.loads(render("sarif", at(odd, "chips")))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "a%20b/c%3Ad%25e.comity"}


@pytest.mark.parametrize("name", ["full", "json", "json-lines", "sarif", "github", "junit"])
def test_help_goes_wherever_there_is_room(name: str) -> None:
    assert "say which prevails: `notwithstanding chips`" in render(name, contradiction())


def test_gitlab_and_junit_are_well_formed() -> None:
    report = json.loads(render("gitlab", contradiction()))
    assert report[0]["severity"] == "major" and report[0]["location"]["lines"] == {"begin": 5, "end": 5}
    d = diagnostic("R307", '<&\x00"', at(CHIPS, "chips").span)
    suite = ElementTree.fromstring(render("junit", contradiction(), d)).find("testsuite")
    assert suite is not None and suite.get("tests") == "2" and suite.get("failures") == "1"
    assert ElementTree.fromstring(render("junit")).find("testsuite/testcase/failure") is None


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_can_say_nothing(name: str) -> None:
    assert isinstance(render(name), str)


def test_fingerprints_outlive_lines_that_come_and_go() -> None:
    before = fingerprints([at(CHIPS, "chips"), at(CHIPS, "allies")], SOURCES)
    moved = SourceFile("elsewhere/chips.comity", "chips", "# a new line\n\n" + CHIPS.text)
    after = fingerprints([at(moved, "chips"), at(moved, "allies")], {moved.path: moved})
    assert before == after and len(set(before)) == 2


def test_fingerprints_tell_equal_findings_apart() -> None:
    one = at(CHIPS, "chips")
    assert len(set(fingerprints([one, one], SOURCES))) == 2


def test_edits_are_made_once_and_blank_lines_go() -> None:
    text = "use a: B, C\n# note\nrule r\n"
    source = SourceFile("x", "x", text)
    both = Edit(source.span(0, 11), "use a: C")
    assert edited(text, [both, both]) == "use a: C\n# note\nrule r\n"
    assert edited(text, [Edit(source.span(12, 18), "")]) == "use a: B, C\nrule r\n"
    assert edited(text, [Edit(source.span(0, 11), "x"), Edit(source.span(4, 6), "y")]) == "x\n# note\nrule r\n"
    assert edited("# last", [Edit(SourceFile("x", "x", "# last").span(0, 6), "")]) == ""


def test_flat_facts() -> None:
    facts = {"a": {"b": True, "c": {}}, "d": [1, "x"], "e": None, "f": {"absent": True}}
    assert list(flat(facts)) == ["a.b = true", "a.c = {}", "d = [1, x]", "e = unknown", "f = absent"]


def test_severity_names_the_line() -> None:
    info = diagnostic("R307", "m", at(CHIPS, "chips").span)
    assert info.severity is Severity.INFO and render("full", info).startswith("info[R307]: m\n")
