"""What a session says after edits is what a run of its own says of the same texts.

`scripts/fuzz_session.py` does the same on as many as one likes.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from comity.analysis import Analysis, limits
from comity.analysis.incremental.answers import Told
from comity.analysis.studies import StudyChecks
from comity.base.watching import watched
from comity.pipeline.linting import lint
from comity.pipeline.session import Kept, Session

from .edits import differing, sources

FACTS = """\
use std.countries: Country

record Export as of date:
    "An export"
    destination: Country
    value: Money in USD
    date: Date
    always value >= 0 USD

decision licensing for Export:
    "Is a license needed?"
    outcomes:
        license_required
        free
    otherwise free
"""
RULES = """\
use std.countries: *
use facts: licensing

# comity: ignore[H501] there is nothing to cite
rule norway for licensing:
    "To Norway"
    when destination == NO
    then license_required

rule dear for licensing:
    "Worth much"
    cite "nowhere"
    when all:
        value > 500 USD
        destination in {NO, SE}
    then license_required
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "facts.comity").write_text(FACTS, "utf-8")
    (tmp_path / "rules.comity").write_text(RULES, "utf-8")
    return tmp_path


EDITS = {
    "another country": ("{NO, SE}", "{FI, SE}"),
    "another text": ('"Worth much"', '"Worth very much"'),
    "no citation": ('    cite "nowhere"\n', ""),
    "another outcome": ("{NO, SE}\n    then license_required", "{NO, SE}\n    then free"),
    "blank lines": ("\nrule dear", "\n\n\nrule dear"),
    "a comment that hides nothing": ("rule dear", "# comity: ignore[L204] perhaps\nrule dear"),
    "a window": ('    cite "nowhere"\n', '    cite "nowhere"\n    from 2024-01-01\n'),
    "another constant": ("500 USD", "900 USD"),
    "another name": ("rule dear", "rule costly"),
    "a syntax error": ("when all:", "when all"),
    "an unknown name": ("{NO, SE}", "{NO, SX_}"),
    "the last use": ("destination == NO", "value > 1 USD"),
    "no rule": (RULES[RULES.index("rule dear") :], ""),
    "another import": ("use facts: licensing", "use facts: *"),
    "no line end": ("{NO, SE}\n    then license_required\n", "{NO, SE}\n    then license_required"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_and_back(name: str, folder: Path) -> None:
    old, new = EDITS[name]
    assert old in RULES
    session = Session([folder])
    assert session.lint() == lint([folder])
    for text in (RULES.replace(old, new), RULES):
        (folder / "rules.comity").write_text(text, "utf-8")
        session.edit(folder / "rules.comity", text)
        assert session.lint() == lint([folder])


ORDINARY = ("another country", "another text", "no citation", "another outcome", "blank lines")


@pytest.mark.parametrize("name", ORDINARY)
def test_after_an_ordinary_edit_nothing_is_made_anew(name: str, folder: Path) -> None:
    session = Session([folder])
    session.lint()
    kept = session.kept
    session.edit(folder / "rules.comity", RULES.replace(*EDITS[name]))
    session.lint()
    assert session.kept == kept


def test_a_mistake_does_not_lose_what_is_kept(folder: Path) -> None:
    session = Session([folder])
    session.lint()
    kept = session.kept
    for text in (RULES.replace("when all:", "when all"), RULES.replace("{NO, SE}", "{NO, SX_}"), RULES):
        session.edit(folder / "rules.comity", text)
        session.lint()
    assert session.kept == kept


def test_an_edit_that_goes_too_deep(folder: Path) -> None:
    """The rule rests on the same names as before, but nests deeper itself."""
    chain = "\n".join(f"define d{n} for Export:\n    d{n - 1}\n" for n in range(1, 150))
    (folder / "facts.comity").write_text(f"{FACTS}\ndefine d0 for Export:\n    value > 1 USD\n\n{chain}", "utf-8")
    rules = RULES.replace("use facts: licensing", "use facts: *").replace("destination == NO", "d149")
    (folder / "rules.comity").write_text(rules, "utf-8")
    session = Session([folder])
    assert not [d for d in session.lint().diagnostics if d.code[0] == "E"]
    for nots, codes in ((2, []), (80, ["E015"]), (4, [])):
        session.edit(folder / "rules.comity", rules.replace("d149", "not " * nots + "d149"))
        assert [d.code for d in session.lint().diagnostics if d.code[0] == "E"] == codes


def test_edits_of_several_files_at_once(folder: Path) -> None:
    (folder / "more.comity").write_text(RULES.replace("rule norway", "rule more").replace("rule dear", "rule dearer"))
    session = Session([folder])
    session.lint()
    kept = session.kept
    for name in ("rules.comity", "more.comity"):
        text = (folder / name).read_text("utf-8").replace("{NO, SE}", "{NO, FI}")
        (folder / name).write_text(text, "utf-8")
        session.edit(folder / name, text)
    assert session.lint() == lint([folder])
    assert session.kept == kept


def test_an_edit_shows_unsaved_text(folder: Path) -> None:
    session = Session([folder])
    text = RULES.replace("destination == NO", "destination == NO and destination == SE")
    session.edit(folder / "rules.comity", text)
    found = session.lint()
    assert [each.code for each in found.diagnostics if each.subjects == ("norway",)] == ["L202"]
    assert next(source.text for path, source in found.sources.items() if path.endswith("rules.comity")) == text


def test_a_file_of_no_project_is_refused(folder: Path) -> None:
    with pytest.raises(KeyError):
        Session([folder]).edit(folder / "other.comity", "")


@pytest.mark.parametrize(
    "settings",
    [
        'select = ["L", "H"]\n\n[[severity]]\ncodes = ["H501"]\nlevel = "error"\n',
        'select = ["L200", "H507"]\n',  # every question is asked, but a comment about L204 cannot be called idle
        'select = ["L204", "H507"]\n',
        'select = ["H"]\nignore = ["H507"]\n',
    ],
)
def test_settings_count(settings: str, folder: Path) -> None:
    (folder / "comity.toml").write_text(settings, "utf-8")
    rules = RULES.replace("rule dear", "# comity: ignore[L204, H502] perhaps\nrule dear")
    (folder / "rules.comity").write_text(rules, "utf-8")
    session = Session([folder])
    assert session.lint() == lint([folder])
    text = rules.replace(*EDITS["no citation"])
    (folder / "rules.comity").write_text(text, "utf-8")
    session.edit(folder / "rules.comity", text)
    assert session.lint() == lint([folder])


@pytest.mark.parametrize(
    ("kind", "seeds", "edits"),
    [
        ("written", range(2), 15),
        ("named", range(1), 15),
        ("treaties", range(1), 6),
        pytest.param("written", range(2, 40), 15, marks=pytest.mark.slow),
        pytest.param("named", range(1, 60), 20, marks=pytest.mark.slow),
        pytest.param("treaties", range(1), 12, marks=pytest.mark.slow),
        pytest.param("treaties", range(1, 8), 12, marks=pytest.mark.slow),
    ],
)
def test_random_edits(kind: str, seeds: range, edits: int, tmp_path: Path) -> None:
    ways: Counter[str] = Counter()
    for seed in seeds:
        folder = tmp_path / str(seed)
        folder.mkdir()
        wrong = differing(folder, sources(kind, seed, folder), seed, edits, ways)
        assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > edits * len(seeds) / 10, ways


NAMED = """\
use std.countries

record Export as of day:
    destination: Country
    origin: Country?
    day: Date

decision licensing for Export:
    outcomes:
        prohibited
        free
    otherwise free

decision review for Export:
    outcomes:
        strict
        mild
    otherwise mild

set EMBARGOED: Country = {RU, BY}
set WATCHED: Country =
    EMBARGOED
    + {CN} from 2024-01-01
set EU: Country = {DE, FR}

define watched for Export:
    all:
        destination in WATCHED
        origin in EU

rule embargo for licensing:
    when destination in EMBARGOED
    then prohibited

rule transit for licensing:
    when watched
    then prohibited

rule first_look for review:
    when licensing == prohibited and destination == RU
    then strict

rule second_look for review:
    when origin in {DE, IR}
    then strict

rule each_of_them for review:
    when any c in EU: c == destination and c == origin
    then strict

prove none_to_russia for licensing:
    given destination == RU
    then outcome == prohibited

test "to Belarus" for licensing:
    given:
        destination = BY
        origin = DE
        day = 2025-01-01
    expect prohibited
"""

EDITS_OF_NAMES = {
    "a country more": ("EMBARGOED: Country = {RU, BY}", "EMBARGOED: Country = {RU, BY, IR}", True),
    "another country": ("EMBARGOED: Country = {RU, BY}", "EMBARGOED: Country = {IR, BY}", True),
    "another part": ("+ {CN} from", "+ {BY} from", True),
    "another definition": ("        origin in EU\n", "        origin in EMBARGOED\n", False),
    "the text of a definition": ("for Export:\n    all:", 'for Export:\n    "Watched"\n    all:', True),
    "a condition more": ("        origin in EU\n", "        origin in EU\n        origin == DE\n", False),
    "another day": ("from 2024-01-01", "from 2024-06-01", False),
    "a set gone through": ("EU: Country = {DE, FR}", "EU: Country = {DE, IT}", False),
    "nothing in it": ("EU: Country = {DE, FR}", "EU: Country = {}", False),
}


@pytest.mark.parametrize("name", EDITS_OF_NAMES)
def test_an_edit_of_a_set_or_definition(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found is what a lint of its own finds; and what names other members only is not analysed anew."""
    old, new, in_place = EDITS_OF_NAMES[name]
    assert NAMED.count(old) == 1
    file = tmp_path / "law.comity"
    file.write_text(NAMED, "utf-8")
    session = Session([tmp_path])
    session.lint()
    wanted = {}
    for text in (NAMED.replace(old, new), NAMED):
        file.write_text(text, "utf-8")
        wanted[text] = lint([tmp_path])
    starts = []
    start = Analysis._start

    def note(analysis: Analysis, told: Told | None = None) -> None:
        starts.append(analysis)
        start(analysis, told)

    monkeypatch.setattr(Analysis, "_start", note)
    for text, found in wanted.items():
        session.edit(file, text)
        assert session.lint() == found
    assert not starts if in_place else starts


CLAUSES = (
    "notwithstanding norway",
    "subject to norway",
    "subject to swedes\n    notwithstanding norway",
    "disapplies norway",
)


@pytest.mark.parametrize("edited", ["dear", "elsewhere"])
@pytest.mark.parametrize("clause", CLAUSES)
def test_a_precedence_clause_that_moves(clause: str, edited: str, folder: Path) -> None:
    """Findings about a clause are shown where the clause is after the edit, whichever rule they are kept with.

    Rules of another module have the same names, and come first.
    """
    clause = clause.replace("norway", "rules.norway").replace("swedes", "rules.swedes")
    swedes = "\nrule swedes for licensing:\n    when destination == SE\n    then license_required\n"
    path, other = folder / "rules.comity", folder / "also.comity"
    path.write_text(RULES.replace("    when all:", f"    {clause}\n    when all:") + swedes, "utf-8")
    other.write_text(RULES.replace("{NO, SE}", "{DK, FI}").replace("== NO", "== DK") + swedes.replace("SE", "DE"))
    session = Session([folder])
    session.lint()
    kept = session.kept
    place = path if edited == "dear" else other
    before = place.read_text("utf-8")
    for said in ('"Worth very much, and then some"', '"Worth"', '"Worth"\n    cite "somewhere else"'):
        place.write_text(before.replace('"Worth much"', said), "utf-8")
        session.edit(place, place.read_text("utf-8"))
        after, alone = session.lint(), lint([folder])
        assert after == alone
    assert session.kept[0] is kept[0]
    marked = {(d.code, d.span.line) for d in alone.diagnostics if d.span.path.endswith(path.name)}
    line = path.read_text("utf-8").splitlines().index(f"    {clause.splitlines()[0]}") + 1
    assert ("L205", line) in marked, marked


def test_what_moves_is_said_of_the_rule_that_was_edited(folder: Path) -> None:
    """Two modules have a rule `dear`; the edit of one makes that one useless."""
    other = folder / "also.comity"
    other.write_text(RULES.replace("{NO, SE}", "{DK, FI}").replace("== NO", "== DK"), "utf-8")
    session = Session([folder])
    assert not [d for d in session.lint().diagnostics if d.code == "L202"]
    kept = session.kept
    text = RULES.replace("        destination in {NO, SE}\n", "        value < 0 USD\n")
    (folder / "rules.comity").write_text(text, "utf-8")
    session.edit(folder / "rules.comity", text)
    found = session.lint()
    assert found == lint([folder])
    assert session.kept == kept
    assert [(d.subjects, Path(d.span.path).name) for d in found.diagnostics if d.code == "L202"] == [
        (("dear",), "rules.comity")
    ]


def test_what_a_file_no_longer_uses_is_said_of_another(folder: Path) -> None:
    """And no longer, once it is used again: who looks for what is unused looks at all files."""
    special = "\ndefine special for Export:\n    value > 9 USD\n"
    (folder / "facts.comity").write_text(FACTS + special, "utf-8")
    used = RULES.replace("use facts: licensing", "use facts: *").replace("value > 500 USD", "special")
    unused = used.replace("special", "value > 500 USD")
    (folder / "rules.comity").write_text(used, "utf-8")
    session = Session([folder])
    session.lint()
    kept = session.kept
    for text, told in (
        (used, []),
        (unused, ["special"]),
        (unused + "\n", ["special"]),
        (used, []),
        (unused, ["special"]),
    ):
        (folder / "rules.comity").write_text(text, "utf-8")
        session.edit(folder / "rules.comity", text)
        found = session.lint()
        assert found == lint([folder])
        assert [name for d in found.diagnostics for name in d.subjects if (d.code, name) == ("H503", "special")] == told
    assert session.kept == kept


def test_places_in_two_files_move_one_by_one(folder: Path) -> None:
    """A contradiction between rules of two files, which move down as a rule above them grows, first in one file. The
    rule that grows is of another decision, so that nothing is asked again.
    """
    review = "\ndecision review for Export:\n    outcomes:\n        hold\n        pass_on\n    otherwise pass_on\n"
    (folder / "facts.comity").write_text(FACTS + review, "utf-8")
    head = RULES.replace("use facts: licensing", "use facts: *")
    one = head + "\nrule german for review:\n    when destination == DE\n    then hold\n"
    one += "\nrule again for review:\n    when destination == DE and value > 1 USD\n    then hold\n"
    two = head.replace("rule norway", "rule more").replace("rule dear", "rule dearer")
    two += "\nrule worthy for review:\n    when value > 5 USD\n    then pass_on\n"
    for name, text in (("rules.comity", one), ("more.comity", two)):
        (folder / name).write_text(text, "utf-8")
    session = Session([folder])
    assert any(d.code == "L201" and len({span.path for span in d.spans}) == 2 for d in session.lint().diagnostics)
    kept = session.kept
    for name, text in (("rules.comity", one), ("more.comity", two), ("more.comity", two + "\n")):
        moved = text.replace('"To Norway"\n', '"To Norway"\n    cite "a line more"\n')
        (folder / name).write_text(moved, "utf-8")
        session.edit(folder / name, moved)
        assert session.lint() == lint([folder])
    assert session.kept == kept


def test_what_tests_reach_is_asked_of_the_rules_as_they_are(folder: Path) -> None:
    given = "destination = NO\n        value = 5 USD\n        date = 2024-01-01"
    test = f'\ntest "north" for licensing:\n    given:\n        {given}\n    expect license_required\n'
    rules = RULES + test
    settings = 'select = ["H505"]\n'
    (folder / "comity.toml").write_text(settings, "utf-8")
    (folder / "rules.comity").write_text(rules, "utf-8")
    session = Session([folder])
    session.lint()
    kept = session.kept
    for text in (rules, rules.replace("== NO", "== SE"), rules.replace("500 USD", "1 USD"), rules):
        (folder / "rules.comity").write_text(text, "utf-8")
        session.edit(folder / "rules.comity", text)
        assert session.lint() == lint([folder])
    assert session.kept == kept
    assert [d.subjects for d in session.lint().diagnostics] == [("dear",)]


def test_what_was_edited_is_judged_first(folder: Path) -> None:
    """The findings about an edited rule are told before questions about others are asked."""
    edited = RULES.replace("        value > 500 USD\n", "        value > 500 USD\n        value > 500 USD\n", 1)
    edited = edited.replace("when destination == NO\n", "when destination == NO or destination == SE\n")
    session = Session([folder])
    session.lint()
    told: list[str] = []
    for name in ("norway", "dear"):
        text = edited if name == "dear" else edited.replace("        value > 500 USD\n", "", 1)
        session.edit(folder / "rules.comity", text)
        with watched(found=lambda found: told.extend(d.code for d in found), settled=lambda _: told.append("settled")):
            session.lint()
        told.append("all")
    assert told == ["settled", "L204", "all", "L204", "L208", "settled", "all"]


def test_the_given_of_a_proof_that_reads_an_edited_decision(folder: Path) -> None:
    """Whether any input meets it depends on rules of another decision."""
    reading = """\
use facts: *

decision review for Export:
    "What then?"
    outcomes:
        denied
        granted
    otherwise granted

rule refused for review:
    "Refused"
    cite "nowhere"
    when licensing == license_required and value > 9 USD
    then denied

prove never_free for review:
    "Nothing is free"
    given licensing == license_required and destination == FI
    then outcome == denied or value <= 9 USD
"""
    (folder / "reading.comity").write_text(reading, "utf-8")
    session = Session([folder])
    told = []
    for countries in ("{NO, SE}", "{FI, SE}", "{NO, DK}", "{FI, DK}"):
        text = RULES.replace("{NO, SE}", countries)
        (folder / "rules.comity").write_text(text, "utf-8")
        session.edit(folder / "rules.comity", text)
        found = session.lint()
        assert found == lint([folder])
        told.append("L202" in {each.code for each in found.diagnostics})
    assert told == [True, False, True, False]


def test_what_is_meant_so_may_be_shown_by_another_input(folder: Path) -> None:
    """After an edit a finding may be shown by another input than in a lint of its own, where its conditions are axes of
    their own. While a comment hides it, nothing is made anew for that; when the comment goes, it is as in that lint.
    """
    comment = "# comity: ignore[L213] that day was free\n"
    either = "        destination == NO and value > 500 USD\n        destination == SE\n"
    when = f"when any:\n{either}    then license_required\n"
    rules = (
        "use std.countries: *\nuse facts: licensing\n\n"
        f"{comment}rule interim for licensing:\n    from 2022-02-24 until 2022-06-29\n    {when}\n"
        f"rule final for licensing:\n    from 2022-07-01\n    {when}"
    )
    (folder / "rules.comity").write_text(rules, "utf-8")
    with limits.changed(opaque_boxes=1):
        session = Session([folder])
        assert not any(d.code == "L213" for d in session.lint().diagnostics)
        (kept,) = session.kept
        assert isinstance(kept, Kept) and kept.analysis is not None
        studies = list(kept.analysis.studies)
        for text, is_hidden in ((rules.replace("NO", "DK", 1), True), (rules.replace("NO", "DK", 1), False)):
            text = text if is_hidden else text.replace(comment, "")
            (folder / "rules.comity").write_text(text, "utf-8")
            session.edit(folder / "rules.comity", text)
            said = session.lint()
            assert said == lint([folder])
            assert any(d.code == "L213" for d in said.diagnostics) is not is_hidden
            if is_hidden:
                assert kept.analysis.studies == studies
                assert any(study.findings.provisional for study in studies if isinstance(study, StudyChecks))
