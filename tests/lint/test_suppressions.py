"""What a suppressing comment hides: its codes, in the declaration right below it, and nothing else."""

from __future__ import annotations

from pathlib import Path

from comity.base.diagnostics import Diagnostic, diagnostic
from comity.linter.suppressions import hide, suppressions
from comity.pipeline.driver import build_one
from comity.pipeline.linting import lint

HEAD = """\
use std.countries: *

record Sale:
    to: Country

decision permit for Sale:
    outcomes:
        ban
        free
    otherwise free
"""
RULE = "rule {}{} for permit:\n    when to == RU\n    then ban\n"


def findings(folder: Path, **texts: str) -> list[Diagnostic]:
    (folder / "comity.toml").write_text('select = ["H501", "H502", "H503", "H507"]\n', encoding="utf-8")
    for name, text in texts.items():
        (folder / f"{name}.comity").write_text(text, encoding="utf-8")
    return list(lint([folder]).diagnostics)


def idle(found: list[Diagnostic], text: str) -> list[tuple[str, str]]:
    """The codes that H507 underlines, each with what it says of them."""
    lines = text.splitlines()
    return [
        (lines[each.span.line - 1][each.span.column - 1 : each.span.end_column - 1], each.message)
        for each in found
        if each.code == "H507"
    ]


def about(found: list[Diagnostic], *subjects: str) -> list[tuple[str, str]]:
    return [(each.code, each.subjects[0]) for each in found if each.subjects and each.subjects[0] in subjects]


def test_only_the_named_code_is_hidden_and_only_below(tmp_path: Path) -> None:
    text = HEAD + "\n# comity: ignore[H501] our own\n" + RULE.format("a", "") + "\n" + RULE.format("b", "")
    found = findings(tmp_path, m=text)
    assert about(found, "a", "b") == [("H502", "a"), ("H501", "b"), ("H502", "b")]
    assert not [each for each in found if each.code == "H507"]


def test_other_comments_may_come_between(tmp_path: Path) -> None:
    text = HEAD + "\n# comity: ignore[H501] our own\n# About the rule.\n\n" + RULE.format("a", "")
    assert about(findings(tmp_path, m=text), "a") == [("H502", "a")]


def test_inside_a_declaration_it_does_not_reach_the_next_one(tmp_path: Path) -> None:
    inner = RULE.format("a", "").replace("    then", "    # comity: ignore[H501] in the wrong place\n    then")
    found = findings(tmp_path, m=HEAD + "\n" + inner + "\n" + RULE.format("b", ""))
    assert about(found, "a", "b") == [("H501", "a"), ("H502", "a"), ("H501", "b"), ("H502", "b")]
    assert [each.message for each in found if each.code == "H507"] == [
        "the comment stands above no declaration, so it hides nothing"
    ]


def test_a_finding_about_the_whole_declaration_is_hidden(tmp_path: Path) -> None:
    """It begins where the declaration begins."""
    found = findings(tmp_path, m="# comity: ignore[H503] for later\nuse std.ear\n" + HEAD)
    assert not [each for each in found if each.code in ("H503", "H507")]
    found = findings(tmp_path, m="# comity: ignore[H501] for later\nuse std.ear\n" + HEAD)
    assert [(each.code, each.subjects) for each in found if each.code == "H507"] == [("H507", ())]


def test_an_error_is_not_hidden(tmp_path: Path) -> None:
    wrong = RULE.format("a", "").replace("RU", "RUX")
    found = findings(tmp_path, m=HEAD + "\n# comity: ignore[E104] not now\n" + wrong)
    assert [each.code for each in found] == ["E104"]
    text = HEAD + "\n# comity: ignore[E104, H501] not now\n" + RULE.format("a", "")
    found = findings(tmp_path, m=text)
    assert idle(found, text) == [("E104", "`E104` cannot be hidden: E-codes are always errors")]
    assert about(found, "a") == [("H507", "a"), ("H502", "a")]


def test_an_error_is_not_hidden_wherever_it_comes_from(tmp_path: Path) -> None:
    """Files with errors are not linted, so that no comment of theirs is read; `hide` does not rest on that."""
    (tmp_path / "m.comity").write_text(HEAD + "\n# comity: ignore[E104, H501] not now\n" + RULE.format("a", ""))
    (module,) = (m for m in build_one([tmp_path]).checked.modules.values() if m.name == "m")
    inside = module.surface.declarations[-1].span
    both = [diagnostic("E104", "no", inside), diagnostic("H501", "no", inside)]
    left, _ = hide(both, suppressions(module), {"E104", "H501"})
    assert left == both[:1]


def test_each_code_is_judged_by_itself(tmp_path: Path) -> None:
    """Two hide something, one nothing, one was not looked for, and two are none."""
    text = HEAD + "\n# comity: ignore[H501, H503,  H5O2 , L201, X999, H502] our own\n" + RULE.format("a", "")
    found = findings(tmp_path, m=text)
    assert about(found, "a") == [("H507", "a")] * 3
    assert idle(found, text) == [
        ("H503", "nothing here is H503, so the comment hides nothing"),
        ("H5O2", "`H5O2` is not a diagnostic code; did you mean `H502`?"),
        ("X999", "`X999` is not a diagnostic code"),
    ]
    assert [each.help for each in found if each.code == "H507"] == [
        "delete `H503` from it",
        "delete `H5O2` from it",
        "delete `X999` from it",
    ]
    for each in found:
        if each.code == "H507":
            assert each.fix is not None and [edit.text for edit in each.fix.edits] == ["H501, L201, H502"]
            (edit,) = each.fix.edits
            assert text[edit.span.start : edit.span.end] == "H501, H503,  H5O2 , L201, X999, H502"


def test_beside_a_line_it_hides_nothing_below(tmp_path: Path) -> None:
    """Also at the end of a declaration, right above the next."""
    rule = RULE.format("a", "").removesuffix("\n") + "  # comity: ignore[H501] our own\n"
    text = HEAD + "\n" + rule + RULE.format("b", "")
    found = findings(tmp_path, m=text)
    assert about(found, "a", "b") == [("H501", "a"), ("H502", "a"), ("H501", "b"), ("H502", "b")]
    assert idle(found, text) == [("H501", "the comment stands beside a line, so it hides nothing")]


def test_at_the_end_of_a_file_it_hides_nothing(tmp_path: Path) -> None:
    text = HEAD + "\n" + RULE.format("a", "") + "# comity: ignore[H501, H502] our own\n"
    message = "the comment stands above no declaration, so it hides nothing"
    assert idle(findings(tmp_path, m=text), text) == [("H501", message), ("H502", message)]


def test_a_comment_that_is_not_whole_is_an_error_and_no_more(tmp_path: Path) -> None:
    for comment in ("# comity: ignore[H501 our own", "# comity: ignore H501 our own", "# comity: ignore[H501]"):
        found = findings(tmp_path, m=HEAD + f"\n{comment}\n" + RULE.format("a", ""))
        assert [each.code for each in found] == ["E001"]


def test_the_same_place_in_another_file_is_not_hidden(tmp_path: Path) -> None:
    comment = "# comity: ignore[H501] our own\n"
    one = HEAD + "\n" + comment + RULE.format("a", "")
    other = HEAD.replace("permit", "review") + "\n#" + "-" * (len(comment) - 2) + "\n" + RULE.format("b", "")
    found = findings(tmp_path, m=one, n=other.replace("for permit", "for review"))
    assert ("H501", "b") in about(found, "b") and ("H501", "a") not in about(found, "a")


def test_a_fix_deletes_codes_and_a_comment_that_names_no_other(tmp_path: Path) -> None:
    cited = '    "A"\n    cite "B"\n'
    rule = RULE.format("a", "").replace("    when", cited + "    when")
    (found,) = findings(tmp_path, m=HEAD + "\n# comity: ignore[H501] our own\n" + rule)[-1:]
    assert found.code == "H507" and found.fix is not None and found.help == "delete it"
    assert [edit.text for edit in found.fix.edits] == [""]
    (edit,) = found.fix.edits
    assert (edit.span.column, edit.span.end_column) == (1, 31)
    rule = rule.replace('    "A"\n', "")
    (found,) = (
        d for d in findings(tmp_path, m=HEAD + "\n# comity: ignore[H501, H502] our own\n" + rule) if d.code == "H507"
    )
    assert found.fix is not None and [edit.text for edit in found.fix.edits] == ["H502"]


def test_an_ignored_code_that_is_not_one_is_named(tmp_path: Path) -> None:
    found = findings(tmp_path, m=HEAD + "\n# comity: ignore[X999] our own\n" + RULE.format("a", ""))
    assert any("`X999` is not a diagnostic code" in each.message for each in found if each.code == "H507")
