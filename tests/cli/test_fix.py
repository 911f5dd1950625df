"""`comity lint --fix`: each kind of fix, shown as a diff, leaves every answer as it was and nothing else touched."""

from __future__ import annotations

import codecs
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.base.diagnostics import Edit, Fix, replacement
from comity.base.source import Span
from comity.cli import fixing, main
from comity.linter.rules.repair import TextRepairs, module_of
from comity.runtime.suggest import is_slip, nearest

HEAD = """\
use std.countries: Country, CA, DE, RU

record Case:
    "A case"
    country: Country
    a: Bool
    b: Bool
    c: Bool?

decision permit for Case:
    "May it go?"
    outcomes:
        prohibited
        license
        free
    otherwise free
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "comity.toml").write_text('ignore = ["H501", "H502", "H505", "H510"]\n')
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def fixed(folder: Path, text: str, *options: str) -> str:
    """The text of a policy after its fixes; `--diff` shows the same change before, and writes nothing."""
    law = folder / "law.comity"
    law.write_text(text)
    code, shown, _ = run("lint", "--diff", *options)
    assert law.read_text() == text
    run("lint", "--fix", *options)
    after = law.read_text()
    assert code == int(after != text)
    added = [line[1:] for line in shown.splitlines() if line.startswith("+") and not line.startswith("+++")]
    removed = [line[1:] for line in shown.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert all(line in after.splitlines() for line in added)
    assert all(line in text.splitlines() for line in removed)
    return after


def same(folder: Path, before: str, after: str) -> bool:
    """Whether `comity diff` says that two versions of a policy answer alike."""
    (folder / "versions").mkdir(exist_ok=True)
    for name, text in (("old", before), ("new", after)):
        (folder / "versions" / f"{name}.comity").write_text(text)
    code, out, _ = run("diff", "versions/old.comity", "versions/new.comity")
    for name in ("old", "new"):
        (folder / "versions" / f"{name}.comity").unlink()
    return code == 0 and "no answer changes" in out


IDLE = """
rule r for permit:
    when all:
        country in {CA, DE}
        country != RU
        a
    then license
"""

USED = "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n"

KEEPING = {
    "unused import": (
        HEAD + USED,
        HEAD.replace(", RU", "") + USED,
    ),
    "unused suppression": (
        HEAD.replace(", RU", "") + "\n# comity: ignore[L201] no longer\n" + USED.lstrip(),
        HEAD.replace(", RU", "") + USED,
    ),
    "one of two suppressed codes": (
        HEAD + "\n# comity: ignore[L201, L202] never true\n"
        "rule r for permit:\n    when country == CA and country == DE and country == RU\n    then license\n",
        HEAD + "\n# comity: ignore[L202] never true\n"
        "rule r for permit:\n    when country == CA and country == DE and country == RU\n    then license\n",
    ),
    "precedence that makes no difference": (
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n"
        "\nrule s for permit:\n    notwithstanding r\n    when country == RU\n    then prohibited\n",
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n"
        "\nrule s for permit:\n    when country == RU\n    then prohibited\n",
    ),
    "precedence beside another clause": (
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n"
        '\nrule s for permit:\n    cite "1 CFR 1" notwithstanding r\n    when country == RU\n    then prohibited\n',
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n"
        '\nrule s for permit:\n    cite "1 CFR 1"\n    when country == RU\n    then prohibited\n',
    ),
    "exception that makes no difference": (
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    unless country == RU\n    then license\n",
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n",
    ),
    "exception in a block": (
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    unless all:\n        country == RU\n        b\n"
        "    then license\n",
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n",
    ),
    "line that is always true": (
        HEAD + "\nrule r for permit:\n    when all:\n        country in {CA, DE}\n        country != RU  # not there\n"
        "        a\n    then license\n",
        HEAD + "\nrule r for permit:\n    when all:\n        country in {CA, DE}\n        # not there\n"
        "        a\n    then license\n",
    ),
    "line that is always false": (
        HEAD + "\nrule r for permit:\n    when any:\n        country in {CA, DE}\n        country == DE\n"
        "        country == RU\n"
        "    then license\n",
        HEAD + "\nrule r for permit:\n    when any:\n        country in {CA, DE}\n        country == RU\n"
        "    then license\n",
    ),
}


@pytest.mark.parametrize("name", KEEPING)
def test_a_fix_leaves_every_answer_as_it_was(name: str, folder: Path) -> None:
    before, after = KEEPING[name]
    after = after if "RU" in after.removeprefix(HEAD) else after.replace(", RU\n", "\n")
    assert fixed(folder, before) == after
    assert same(folder, before, after)
    assert run("fmt", "--check", "law.comity")[0] == 0
    assert fixed(folder, after) == after


def test_exceptions_that_replace_each_other_do_not_both_go(folder: Path) -> None:
    """Each makes no difference as long as the other is there."""
    text = (
        HEAD + "\nrule r for permit:\n    when a\n    then license\n"
        "\nrule s for permit:\n    notwithstanding r\n    notwithstanding r\n"
        "    when country in {CA, DE, RU}\n    then free\n"
    )
    after = fixed(folder, text)
    assert after.count("notwithstanding r") == 1 and same(folder, text, after)


def test_lines_that_imply_each_other_do_not_all_go(folder: Path) -> None:
    text = (
        HEAD + "\nrule r for permit:\n    when all:\n        country in {CA, DE}\n        country in {CA, DE, RU}\n"
        "        country != RU\n    then license\n"
    )
    after = fixed(folder, text)
    assert after.count("country in {CA, DE}") == 1 and "!= RU" not in after and same(folder, text, after)


def test_a_comment_is_never_lost(folder: Path) -> None:
    text = (
        HEAD + "\nrule r for permit:\n    when country in {CA, DE}\n    unless all:\n        # counsel, 3 May\n"
        "        country == RU\n        b\n    then license\n"
    )
    assert fixed(folder, text) == text
    assert "L205" in run("lint", "--format", "concise")[1]


def test_what_is_accepted_by_a_baseline_is_not_fixed(folder: Path) -> None:
    (folder / "law.comity").write_text(HEAD + USED)
    run("lint", "--baseline", "old.json", "--write-baseline")
    run("lint", "--baseline", "old.json", "--fix")
    assert (folder / "law.comity").read_text() == HEAD + USED
    assert len(json.loads((folder / "old.json").read_text())["findings"]) > 0


def test_only_what_was_touched_is_formatted(folder: Path) -> None:
    """Where the file is not in the canonical layout, what the fixes leave alone keeps its own."""
    untouched = "\nrule  s  for permit:\n    when   country==RU\n    then prohibited\n"
    loose = IDLE.replace("when all", "when    all").replace("{CA, DE}", "{CA,DE}")
    after = IDLE.replace("        country != RU\n", "")
    assert fixed(folder, HEAD + untouched + loose) == HEAD + untouched + after


def test_line_ends_and_byte_order_marks_stay(folder: Path) -> None:
    text = (HEAD + USED).replace("\n", "\r\n")
    (folder / "law.comity").write_bytes(codecs.BOM_UTF8 + text.encode())
    assert run("lint", "--fix")[0] == 0
    after = (folder / "law.comity").read_bytes()
    assert after == codecs.BOM_UTF8 + text.replace(", RU", "").encode()


MISSPELT = {
    "destination that is a country by name": ("country in {CA, DE}", "country in {Canada, DE}"),
    "field": ("country in {CA, DE}", "cuontry in {CA, DE}"),
    "outcome": ("then license", "then licence"),
    "case": ("then license", "then License"),
}


@pytest.mark.parametrize("name", MISSPELT)
def test_a_slip_is_put_right(name: str, folder: Path) -> None:
    right, wrong = MISSPELT[name]
    good = HEAD.replace(", RU", "") + USED
    assert right in good
    assert fixed(folder, good.replace(right, wrong)) == good


def test_a_name_that_may_be_another_is_put_right_only_on_demand(folder: Path) -> None:
    good = (
        HEAD.replace(", RU", "")
        + "\nrule r for permit:\n    when a\n    unless country in {CA, DE}\n    then license\n"
    )
    bad = good.replace("{CA, DE}", "{CA, DEE}")
    assert fixed(folder, bad) == bad
    assert fixed(folder, bad, "--unsafe-fixes") != bad


@pytest.mark.parametrize(
    ("written", "known", "close", "sure"),
    [
        ("destinaton", ["destination", "origin"], "destination", True),
        ("LicenseRequired", ["license_required"], "license_required", True),
        ("licence_required", ["license_required", "no_license_required"], "license_required", True),
        ("exportes", ["exporter", "exported"], "exporter", False),
        ("chart_3", ["chart_2"], "chart_2", False),
        ("annex_c", ["annex_a"], "annex_a", False),
        ("RO", ["RU"], None, None),
        ("Russia", ["RU", "RO"], "RU", True),
    ],
)
def test_only_a_slip_is_sure(written: str, known: list[str], close: str | None, sure: bool | None) -> None:
    found = nearest(written, known)
    assert found == close
    assert found is None or (found.sure, found.written) == (sure, written)


def test_swapped_letters_are_one_slip() -> None:
    assert is_slip("licnese", "license") and is_slip("licens", "license") and is_slip("licensee", "license")
    assert not is_slip("licnees", "license") and not is_slip("house", "mouse_trap") and not is_slip("cat", "car")


CONTRADICTING = (
    HEAD.replace(", RU", "") + "\nrule r for permit:\n    when country in {CA, DE}\n    then license\n"
    "\nrule s for permit:\n    when a\n    then prohibited\n"
    "\nrule t for permit:\n    when b\n    then free\n"
)


def test_the_stricter_outcome_prevails_only_on_demand(folder: Path) -> None:
    assert fixed(folder, CONTRADICTING) == CONTRADICTING
    after = fixed(folder, CONTRADICTING, "--unsafe-fixes")
    assert "rule s for permit:\n    notwithstanding r\n    when a\n" in after
    assert "rule t for permit:\n    subject to s\n    subject to r\n    when b\n" in after or (
        "rule t for permit:\n    subject to r\n    subject to s\n    when b\n" in after
    )
    assert run("lint", "--select", "L201")[0] == 0 and not same(folder, CONTRADICTING, after)


def test_json_says_whether_a_fix_is_safe(folder: Path) -> None:
    (folder / "law.comity").write_text(CONTRADICTING.replace("CA, DE\n", "CA, DE, RU\n", 1))
    found = json.loads(run("lint", "--format", "json")[1])["diagnostics"]
    by_code = {d["code"]: {edit["applicability"] for edit in d["fix"]} for d in found if d["fix"]}
    assert by_code == {"H503": {"safe"}, "L201": {"unsafe"}}


def test_a_file_that_changes_meanwhile_is_not_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    law = folder / "law.comity"
    law.write_text(HEAD + USED)
    made = fixing.fix

    def meanwhile(*arguments: object) -> fixing.Fixed:
        found = made(*arguments)  # type: ignore[arg-type]
        law.write_text(HEAD + USED + "# mine\n")
        return found

    monkeypatch.setattr(fixing, "fix", meanwhile)
    code, _, err = run("lint", "--fix")
    assert code == 2 and "law.comity has been changed meanwhile" in err
    assert law.read_text() == HEAD + USED + "# mine\n"


take_out_line = TextRepairs.take_out_line


def too_much(repairs: TextRepairs, line: Span, value: bool) -> Fix | None:
    """A wrong `take_out_line`, which takes the line `a` out as well."""
    found = take_out_line(repairs, line, value)
    module = module_of(repairs.context, line)
    assert module is not None
    end = module.source.text.index("        a\n") + len("        a")
    return found and replace(found, edits=(Edit(module.source.span(line.start, end), ""),))


def test_a_fix_that_would_change_an_answer_is_not_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the analysis says: the programs are compared before anything is written."""
    monkeypatch.setattr(TextRepairs, "take_out_line", too_much)
    law = folder / "law.comity"
    law.write_text("use std.ear: Group\n" + HEAD + IDLE)
    _code, _, err = run("lint", "--fix")
    assert "fixed 1 finding (H503 1) in 1 file\nleft L205, L208 alone: an answer would change\n" in err
    assert law.read_text() == HEAD + IDLE


def test_answers_are_compared_from_where_the_errors_are_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name keeps the program from being compared at first, which must not let a wrong fix through."""
    monkeypatch.setattr(TextRepairs, "take_out_line", too_much)
    law = folder / "law.comity"
    law.write_text(HEAD + IDLE.replace("then license", "then licence"))
    assert "left L205, L208 alone: an answer would change\n" in run("lint", "--fix")[2]
    assert law.read_text() == HEAD + IDLE


def test_a_fix_that_would_break_the_policy_is_not_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nonsense(repairs: TextRepairs, line: Span, value: bool) -> Fix:
        return replacement(line, "== ==")

    monkeypatch.setattr(TextRepairs, "take_out_line", nonsense)
    law = folder / "law.comity"
    law.write_text(HEAD + IDLE)
    assert "left L205, L208 alone" in run("lint", "--fix")[2] and law.read_text() == HEAD + IDLE


def test_options_that_do_not_go_together(folder: Path) -> None:
    assert "--unsafe-fixes needs --fix or --diff" in run("lint", "--unsafe-fixes")[2]
