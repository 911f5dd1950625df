"""`comity diff --format markdown` and `github`: what a change does, in words."""

from __future__ import annotations

import json

import pytest

from comity.cli import diff_comment
from comity.cli.diff_comment import MARK
from tests.acceptance.conftest import Project, project
from tests.diff.test_command import POLICY, versions

__all__ = ["project"]

OLD = POLICY.replace("    outcomes:\n        license_required\n", (
    '    "Does it need a license?"\n    outcomes:\n        license_required "A license is required"\n'
)).replace("rule embargo for licensing:\n", 'rule embargo for licensing:\n    cite "15 CFR 746.8"\n')  # fmt: skip
STRICTER = OLD.replace("{RU}", "{RU, BY}")


def test_a_stricter_answer_in_words(project: Project) -> None:
    run = versions(project, OLD, STRICTER, "--format", "markdown")
    assert run.code == 1
    assert run.out == (
        "### What this change does\n"
        "\nAnswers change in 1 way: 1 stricter.\n"
        "\n#### `licensing`: Does it need a license?\n"
        "\n**Stricter**\n\n"
        "- Because of `EMBARGOED`, `embargo` (15 CFR 746.8): “no license required” becomes “A license is required”, "
        "for 2,913,850 exports (9.97% of all).\n"
        "  - Only where `destination` is `BY`; `licensed` is false.\n"
        "  - For example: `destination = BY`, `licensed = false`, `date = 2022-02-24`.\n"
    )


def test_what_becomes_freer_comes_first_with_an_alert(project: Project) -> None:
    new = STRICTER.replace("from 2022-02-24", "from 2022-03-01")
    run = versions(project, OLD, new, "--format", "github")
    assert run.out.startswith(f"{MARK}\n### What this change does\n\nAnswers change in 2 ways: 1 freer, 1 stricter.\n")
    assert "\n> [!WARNING]\n" in run.out
    assert run.out.index("**Freer**") < run.out.index("**Stricter**")
    examples = run.out.split("```json\n")[1:]
    assert len(examples) == 2
    for example in examples:
        facts = json.loads(example.partition("```")[0])
        decided = project.run("eval", "new.licensing", "--facts", "-", stdin=json.dumps(facts))
        assert decided.code == 0


def test_nothing_changes(project: Project) -> None:
    run = versions(project, OLD, OLD, "--format", "markdown")
    assert (run.code, run.out) == (0, "### What this change does\n\nNo answer changes.\n")


def test_counts_over_a_book_of_facts(project: Project) -> None:
    book = "".join(
        json.dumps({"destination": place, "licensed": False, "date": "2023-01-01"}) + "\n"
        for place in ("BY", "DE", "BY")
    )
    run = versions(project, OLD, STRICTER, "--format", "markdown", "--facts", "-", stdin=book + "{}\n")
    assert "Compared over 4 real inputs, of which 1 were refused.\n" in run.out
    assert "for 2 of these exports (50%)" in run.out


def test_what_is_not_settled_or_compared_is_said(project: Project) -> None:
    new = OLD.replace("    licensed: Bool\n", "    licensed: Bool\n    urgent: Bool\n")
    run = versions(project, OLD, new, "--format", "markdown")
    assert run.code == 1
    assert "**Not compared, or not alike**\n\n- `Export` differs: `urgent` as the later version has it" in run.out
    assert "No answer changes" not in run.out


def test_a_comment_is_no_longer_than_github_takes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_comment, "LONGEST", 700)
    new = STRICTER.replace("from 2022-02-24", "from 2022-03-01")
    run = versions(project, OLD, new, "--format", "github")
    assert len(run.out) <= 750 and "\n+1 more; `comity diff` shows all.\n" in run.out
    assert "**Freer**" in run.out


def test_what_authors_write_cannot_become_markup(project: Project) -> None:
    old = OLD.replace("A license is required", "<b>[license](x)</b> & more")
    new = old.replace("{RU}", "{RU, BY}")
    assert "“&lt;b&gt;\\[license\\](x)&lt;/b&gt; &amp; more”" in versions(project, old, new, "--format", "github").out
