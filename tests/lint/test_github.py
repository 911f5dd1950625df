"""What GitHub is shown: annotations as many as it shows, a page of the run with a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.base.diagnostics import Diagnostic, diagnostic
from comity.base.source import SourceFile
from comity.cli import main
from comity.linter.formats import FORMATS, Findings, job_summary
from comity.linter.markdown import code, inline, table

SOURCE = SourceFile("policies/law.comity", "law", "rule r\n" * 200)


def found(code: str, number: int, message: str = "a `finding`") -> list[Diagnostic]:
    return [diagnostic(code, f"{message} {n}", SOURCE.span(7 * n, 7 * n + 4)) for n in range(number)]


def test_annotations_are_as_many_as_github_shows_and_the_rest_is_counted() -> None:
    lines = FORMATS["github"](Findings([*found("L201", 12), *found("H501", 11), *found("R307", 3)]), False).splitlines()
    assert [sum(line.startswith(f"::{level} ") for line in lines) for level in ("error", "warning", "notice")] == [
        10,
        10,
        3,
    ]
    assert lines[-1] == "+3 more (2 error, 1 warning): `comity lint` shows all"
    assert "more" not in FORMATS["github"](Findings(found("L201", 10)), False)


def test_the_job_summary_has_a_table_with_errors_first() -> None:
    text = job_summary(Findings([*found("H501", 1), *found("L201", 1)], {}, 2), known=1)
    assert text == (
        "### Comity: 1 error, 1 warning in 2 files\n"
        "\n1 known before is not shown.\n"
        "\n|  | code | place | finding |\n| --- | --- | --- | --- |\n"
        "| error | L201 contradiction | `policies/law.comity:1` | a `finding` 0 |\n"
        "| warning | H501 missing-citation | `policies/law.comity:1` | a `finding` 0 |\n"
    )
    assert job_summary(Findings(files=1)) == "### Comity: no findings in 1 file\n"
    assert "nothing was proved" in job_summary(Findings(found("E001", 1), {}, 1, analysed=False))


def test_a_job_summary_stays_below_the_limit() -> None:
    text = job_summary(Findings(found("H501", 180, "x" * 5000), {}, 1))
    assert text.endswith("\n+80 more\n") and len(text.encode()) < 2**20 / 10


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("`a|b` <b>", "`a|b` &lt;b&gt;"),
        ("one ` alone", "one \\` alone"),
        ("a\nb", "a b"),
        ("[x](y) *z* `*`", "\\[x\\](y) \\*z\\* `*`"),
    ],
)
def test_messages_cannot_become_markup(text: str, written: str) -> None:
    assert inline(text) == written


def test_code_spans_hold_backticks() -> None:
    assert code("a") == "`a`" and code("a`b") == "``a`b``" and code("`") == "`` ` ``"
    assert table(("a", "b"), [("x|y", "z")]) == "| a | b |\n| --- | --- |\n| x\\|y | z |\n"


def test_the_page_of_the_run_is_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "law.comity").write_text("set A\n")
    page = tmp_path / "page.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    CliRunner().invoke(main, ["lint", "law.comity"])
    assert page.read_text() == "before\n"
    CliRunner().invoke(main, ["lint", "law.comity", "--format", "github"])
    assert page.read_text().startswith("before\n### Comity: ") and "| `law.comity:1` |" in page.read_text()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "page.md"))
    result = CliRunner().invoke(main, ["lint", "law.comity", "--format", "github"])
    assert result.exit_code == 1 and "cannot write the job summary" in result.stderr
