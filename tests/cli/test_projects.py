"""Which files make up a program, and what of it is spoken of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import comity
from comity.cli import main
from comity.pipeline.linting import lint
from comity.workspace.project import module_name, select

FACTS = """
record Case:
    a: Bool

decision permit for Case:
    outcomes:
        license
        free
    otherwise free
"""
RULE = "use facts: *\n\nrule r for permit:\n    when a\n    then license\n"
BROKEN = "use facts: *\n\nrule s for permit:\n    when b\n    then license\n"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ("" if "." in name else ".comity"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def found(*arguments: str, stdin: str | bytes | None = None) -> dict[str, list[str]]:
    """Codes by path."""
    document: Any = json.loads(run("lint", "--format", "json", "--ignore", "H", *arguments, stdin=stdin)[1])
    by_path: dict[str, list[str]] = {}
    for d in document["diagnostics"]:
        by_path.setdefault(d["path"], []).append(d["code"])
    return by_path


def test_names_of_modules_are_paths_below_the_source_folder(folder: Path) -> None:
    assert module_name(folder / "ear" / "scope.comity", folder) == "ear.scope"
    write(folder, **{"comity.toml": 'source = "law"'}, law__ear__facts=FACTS, law__r=RULE.replace("facts", "ear.facts"))
    assert list(select()[0].project.files) == ["ear.facts", "r"]
    assert found() == {}


def test_the_program_is_whole_whatever_is_named(folder: Path) -> None:
    write(folder, facts=FACTS, r=RULE)
    program = comity.load("facts.comity")
    assert program.decision("permit").decide({"a": True}).outcome == "license"


def test_only_what_is_named_is_spoken_of(folder: Path) -> None:
    write(folder, facts=FACTS, r=RULE, s=BROKEN)
    assert found("s.comity") == {"s.comity": ["E013"]}
    assert found("r.comity") == {"r.comity": ["E016"]}
    with pytest.raises(comity.DiagnosticsError) as error:
        comity.load("r.comity")
    assert [d.code for d in error.value.diagnostics] == ["E013"]


def test_a_run_that_could_not_analyse_what_was_named_is_not_clean(folder: Path) -> None:
    """Whatever was selected, and in every format; from the cache too."""
    write(folder, facts=FACTS, r=RULE, s=BROKEN, t='"""Never closed')
    for _ in range(2):
        code, out, err = run("lint", "r.comity", "--select", "L,R", "--fail-on", "error")
        assert code == 1 and err == "1 error in 1 file\n"
    assert out.splitlines()[0] == "error[E016]: nothing was analysed, because `s.comity`, `t.comity` have errors"
    assert "  --> r.comity:3:1\n" in out and "  ::: s.comity:4:10\n" in out
    assert "without a comity.toml, all files below `.` are one program" in out
    for name in ("concise", "json-lines", "github", "gitlab", "junit"):
        code, out, _ = run("lint", "r.comity", "--format", name)
        assert code == 1 and "E016" in out, name
    document = json.loads(run("lint", "r.comity", "--format", "json")[1])
    assert document["analysed"] is False and document["summary"]["error"] == 1
    (sarif,) = json.loads(run("lint", "r.comity", "--format", "sarif")[1])["runs"]
    assert sarif["invocations"] == [{"executionSuccessful": False}]
    assert "E016" in [d.code for d in comity.lint("r.comity")]


def test_a_file_with_errors_of_its_own_was_not_analysed_either(folder: Path) -> None:
    write(folder, facts=FACTS, r=RULE, s=BROKEN)
    document = json.loads(run("lint", "--ignore", "H", "--format", "json")[1])
    assert document["analysed"] is False and [d["code"] for d in document["diagnostics"]] == ["E013"]
    (folder / "s.comity").unlink()
    assert json.loads(run("lint", "--format", "json")[1]).get("analysed") is None
    (sarif,) = json.loads(run("lint", "--format", "sarif")[1])["runs"]
    assert sarif["invocations"] == [{"executionSuccessful": True}]


def test_without_a_project_file_the_folder_of_the_named_path_is_the_root(folder: Path) -> None:
    write(folder, facts=FACTS, deep__facts=FACTS, deep__r=RULE, deep__deeper__s=BROKEN)
    assert found("deep/r.comity") == {"deep/r.comity": ["E016"]}
    assert found("deep") == {"deep/deeper/s.comity": ["E010"]} or "deep/deeper/s.comity" in found("deep")


def test_a_nested_project_is_another_project(folder: Path) -> None:
    write(folder, facts=FACTS, r=RULE, inner__s=BROKEN, **{"comity.toml": "", "inner/comity.toml": ""})
    assert found() == {}
    assert list(found("inner")) == ["inner/s.comity"]
    assert sorted(found("inner", ".")) == ["inner/s.comity"]


def test_hidden_folders_are_passed_over_unless_named(folder: Path) -> None:
    write(folder, facts=FACTS, r=RULE, **{".venv/s.comity": BROKEN})
    assert found() == {}
    assert list(found(".venv/s.comity")) == [".venv/s.comity"]


def test_the_lock_file_of_an_editor_is_not_a_policy(folder: Path) -> None:
    """Emacs marks a file being edited by a hidden link of nearly its name, which leads nowhere."""
    write(folder, facts=FACTS, r=RULE)
    (folder / ".#r.comity").symlink_to("someone@somewhere.1234:1")
    assert found() == {}


def test_paths_of_the_project_file_are_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, facts=FACTS, s=BROKEN, good__r=RULE, **{"comity.toml": 'paths = ["good"]'})
    assert found() == {"good/r.comity": ["E016"]}
    monkeypatch.chdir(folder / "good")
    assert found() == {"r.comity": ["E016"]}
    assert list(found("../s.comity")) == [str(folder / "s.comity")]


def test_what_cannot_be_read_is_said_and_exits_2(folder: Path) -> None:
    write(folder, facts=FACTS, **{"note.txt": "x"})
    (folder / "dir.comity").mkdir()
    for name in ("nowhere.comity", "note.txt", "dir.comity"):
        code, out, err = run("lint", name)
        assert code == 2 and "E002" in out and name in out and "Traceback" not in err
    (folder / "link.comity").symlink_to("nowhere")
    code, out, _ = run("lint", ".")
    assert code == 2 and "link.comity" in out and "E002" in out


def test_a_path_outside_the_source_folder_is_wrong_use(folder: Path) -> None:
    write(folder, law__facts=FACTS, elsewhere__r=RULE, **{"comity.toml": 'source = "law"'})
    for name in ("elsewhere/r.comity", "elsewhere"):
        code, _, err = run("lint", name)
        assert code == 2 and "outside the source folder law" in err


def test_a_broken_project_file_exits_2(folder: Path) -> None:
    write(folder, facts=FACTS, **{"comity.toml": "sorce = 1"})
    code, _, err = run("lint")
    assert code == 2 and "did you mean `source`?" in err


def test_one_program_is_needed_to_decide(folder: Path) -> None:
    write(folder, a__facts=FACTS, b__facts=FACTS)
    from comity.pipeline.driver import load_program

    with pytest.raises(comity.UsageError):
        load_program(["a", "b"])


def test_standard_input_stands_alone_or_for_a_file(folder: Path) -> None:
    write(folder, facts=FACTS, s=BROKEN, **{"comity.toml": ""})
    assert found("-", stdin=FACTS + RULE.partition("\n")[2]) == {}
    assert found("-", stdin=BROKEN)["-"][0] == "E010"
    assert found("-", "--stdin-filename", "s.comity", stdin=RULE) == {}
    assert found("-", "--stdin-filename", "s.comity", stdin=BROKEN) == {"s.comity": ["E013"]}


def test_lint_of_a_project_whose_folder_is_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, p__facts=FACTS, p__s=BROKEN, other__x="")
    monkeypatch.chdir(folder / "other")
    assert list(found(str(folder / "p"))) == [str(folder / "p" / "s.comity")]
    assert [d.code for d in comity.lint(folder / "p") if d.code.startswith("E")] == ["E013"]


def test_the_source_hash_does_not_tell_where_a_project_lies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, a__facts=FACTS, b__c__facts=FACTS)
    one = comity.load("a").core.source_hash
    monkeypatch.chdir(folder / "b")
    assert one == comity.load("c").core.source_hash != ""


def test_an_empty_folder_may_be_meant(folder: Path) -> None:
    assert lint([folder]).files == 0 and run("lint")[0] == 2
    assert run("lint", "--allow-empty") == (0, "", "no findings in 0 files\n")


# ------------------------------------------------------------------------------------------- bad input of every kind


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", []),
        (b"\xef\xbb\xbf# only a comment", []),
        (b"rule\tr for permit:\n", ["E001"]),
        (b"record R:\n\ta: Bool\n", ["E001"]),
        (b"record R:\n    a: Bool\x00\n", ["E002"]),
        (b"\xff\xfer\x00", ["E002"]),
        (b"# caf\xe9\n", ["E002"]),
        (b"(" * 10_000, ["E001", "E002"]),
        (b"define d(x: Int):\n    " + b"(" * 10_000 + b"x == 1" + b")" * 10_000 + b"\n", ["E002"]),
        (b"define d(x: Int):\n    " + b"not " * 10_000 + b"x == 1\n", ["E002"]),
        (b'"' + b"a" * 500_000, ["E001"]),
        pytest.param(b'"' + b"a" * 5_000_000, ["E001"], marks=pytest.mark.slow),
        (b'"""' + b'\\"' * 200_000, ["E001"]),
        pytest.param(b'"""' + b'\\"' * 2_000_000, ["E001"], marks=pytest.mark.slow),
        (b"9" * 500_000, ["E001"]),
        pytest.param(b"9" * 5_000_000, ["E001"], marks=pytest.mark.slow),
        (b"\n" * 100_000, []),
        pytest.param(b"\n" * 500_000, [], marks=pytest.mark.slow),
        (b'table t(c: Int) -> Bool from "no.csv"\n', ["E107"]),
        (b'table t(c: Int) -> Bool from "it.comity"\n', ["E107"]),
        (b"a" * 500_000, ["E001"]),
        pytest.param(b"a" * 5_000_000, ["E001"], marks=pytest.mark.slow),
        (b"#" + b"a" * 9_000_000, ["E002"]),
        (b"use x\n", ["E010"]),
        (b"use it: *\n", ["E010", "E011"]),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_no_file_of_any_kind_ends_in_a_traceback(folder: Path, data: bytes, codes: list[str]) -> None:
    (folder / "it.comity").write_bytes(data)
    for arguments in (
        ["lint", "--ignore", "H"],
        ["test"],
        ["fmt", "--check"],
        ["eval", "d"],
        ["build", "-o", "out"],
        ["query", "d", "--by", "a"],
        ["diff", ".", "it.comity"],
        ["monitor", "a", "--events", "-"],
    ):
        code, out, err = run(*arguments, stdin="{}")
        assert "Traceback" not in err and "internal error" not in err, arguments
        assert code in (0, 1, 2)
        assert code == 0 or out or err
        if arguments[0] == "lint":
            assert (code == 0) == (not codes)
            assert not codes or any(c in out for c in codes)
    assert not (folder / "out").exists() or not codes


def test_fmt_needs_no_project(folder: Path) -> None:
    write(folder, elsewhere__x="set  A : Country={RU}\n", **{"comity.toml": 'source = "law"'})
    assert run("fmt", "--check", "elsewhere")[0] == 1
    code, out, err = run("fmt", "elsewhere/x.comity")
    assert (code, out) == (0, "") and "changed elsewhere/x.comity" in err
    assert (folder / "elsewhere" / "x.comity").read_text(encoding="utf-8") == "set A: Country = {RU}\n"
    assert run("fmt", "--check", "--diff", "elsewhere") == (0, "", "0 of 1 file would change\n")
    assert run("fmt", "-", "-q", stdin="set  A : Country={RU}\n") == (0, "set A: Country = {RU}\n", "")


def test_fmt_leaves_what_it_cannot_read(folder: Path) -> None:
    write(folder, x="set A Country\n")
    code, _, err = run("fmt")
    assert code == 2 and "E001" in err and (folder / "x.comity").read_text(encoding="utf-8") == "set A Country\n"
    assert run("fmt", "nowhere.comity")[0] == 2


def test_fix_deletes_what_is_not_needed(folder: Path) -> None:
    write(
        folder,
        facts=FACTS,
        r="use facts: Case, permit\n\n# comity: ignore[H504] nothing\n" + RULE.partition("\n\n")[2],
    )
    assert run("lint", "--fix", "--select", "H", "r.comity")[0] == 0
    assert (folder / "r.comity").read_text(encoding="utf-8") == (
        "use facts: permit\n\nrule r for permit:\n    when a\n    then license\n"
    )


def test_fix_goes_on_until_nothing_is_left_to_fix(folder: Path) -> None:
    """A syntax error hides the others in its declaration."""
    broken = RULE.replace("for permit:", "for permit").replace("when a", "when a = true && a = true")
    write(folder, facts=FACTS, r=broken)
    assert run("lint", "--fix", "--select", "E", "r.comity")[0] == 0
    fixed = RULE.replace("when a", "when a == true and a == true")
    assert (folder / "r.comity").read_text(encoding="utf-8") == fixed


def test_a_name_for_standard_input_needs_standard_input(folder: Path) -> None:
    write(folder, facts=FACTS)
    code, _, err = run("lint", "--stdin-filename", "facts.comity")
    assert code == 2 and "name `-` too" in err


def test_fix_changes_files_only(folder: Path) -> None:
    """What an editor holds unsaved is not written over its file."""
    write(folder, facts=FACTS, r=RULE)
    code, out, err = run(
        "lint", "--fix", "-", "--stdin-filename", "r.comity", stdin=RULE.replace("when a", "when a = a")
    )
    assert (code, out) == (2, "") and "--fix changes files" in err
    assert (folder / "r.comity").read_text(encoding="utf-8") == RULE


def test_a_path_that_is_not_there_is_not_looked_for_in_its_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`comity lint /plicies` must not go through the whole disk."""

    def walk(place: Path) -> list[tuple[Path, list[str], list[str]]]:
        raise AssertionError(place)

    monkeypatch.setattr("comity.workspace.project.os.walk", walk)
    for path in ("/nowhere", "nowhere.comity", "nowhere/x.comity"):
        assert "there is no such file" in run("lint", "--format", "concise", path)[1]


def test_files_not_named_are_named_up_to_a_few(folder: Path) -> None:
    write(folder, facts=FACTS, **{f"s{n}": BROKEN for n in range(8)})
    out = run("lint", "facts.comity", "--ignore", "H")[1]
    assert "because `s0.comity`, `s1.comity`, `s2.comity` and 5 more have errors" in out
    assert out.count("there is no `b` here") == 3


def test_output_files_beside_the_terminal(folder: Path) -> None:
    write(folder, facts=FACTS, s=BROKEN)
    code, out, _ = run("lint", "--format", "concise", "--output-file", "sarif=a.sarif", "--output-file", "json=b.json")
    assert code == 1 and "E013" in out
    assert json.loads((folder / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert json.loads((folder / "b.json").read_text(encoding="utf-8"))["summary"]["error"] == 1
    assert run("lint", "--output-file", "sarif")[0] == 2 and run("lint", "--output-file", "xml=a")[0] == 2


def test_the_command_line_has_the_last_word_on_codes(folder: Path) -> None:
    """--select takes the place of what the file selects and ignores; --ignore adds to what it ignores."""
    write(folder, facts=FACTS, r=RULE)
    (folder / "comity.toml").write_text('ignore = ["H501", "H502"]\n')

    def codes(*arguments: str) -> set[str]:
        document: Any = json.loads(run("lint", "--format", "json", *arguments)[1])
        return {d["code"] for d in document["diagnostics"]}

    assert not codes()
    assert codes("--select", "H5") >= {"H501", "H502"}
    assert codes("--select", "H5", "--ignore", "H502") & {"H501", "H502"} == {"H501"}
    assert not codes("--ignore", "H504") and codes("--select", "H") >= {"H501", "H502"}
    (folder / "comity.toml").write_text('select = ["H501"]\n')
    assert codes() == {"H501"} and codes("--ignore", "H50") == set() and codes("--select", "H502") == {"H502"}


def test_severity_select_and_ignore(folder: Path) -> None:
    write(folder, facts=FACTS, r=RULE)
    assert run("lint", "--fail-on", "warning")[0] == 1
    assert run("lint", "--fail-on", "warning", "--ignore", "H")[0] == 0
    assert run("lint", "--fail-on", "warning", "--select", "L")[0] == 0
    (folder / "comity.toml").write_text('[[severity]]\ncodes = ["H501"]\nlevel = "error"\npath = "r.comity"\n')
    assert run("lint", "--format", "concise")[0] == 1
    document: Any = json.loads(run("lint", "--format", "json")[1])
    assert {d["severity"] for d in document["diagnostics"] if d["code"] == "H501"} == {"error"}
    (folder / "comity.toml").write_text('[[severity]]\ncodes = ["H"]\nlevel = "off"\n')
    assert json.loads(run("lint", "--format", "json")[1])["diagnostics"] == []
    assert run("lint", "--ignore", "E101")[0] == 2 and run("lint", "--select", "Q")[0] == 2


def test_what_the_standard_library_declares_says_where(folder: Path) -> None:
    """As other modules do, also if the program uses none of it; what else is wrong there is not this program's."""
    write(folder, facts=FACTS, r=RULE.replace("when a", "when NATO"), s="define f(p: CclEntry):\n    true\n")
    helped = [d.help for d in lint(["."]).diagnostics if d.code == "E013"]
    assert helped == [
        "`NATO` is declared in `std.groups`: `use std.groups: NATO`",
        "`CclEntry` is declared in `std.ear`: `use std.ear: CclEntry`",
    ]
    assert [d.help for d in comity.Session(["."]).lint().diagnostics if d.code == "E013"] == helped


@pytest.mark.parametrize(
    ("module", "close"),
    [("std.contries", "std.countries"), ("countries", "std.countries"), ("fact", "facts"), ("scope", "ear.scope")],
)
def test_a_misspelt_module_offers_the_nearest(folder: Path, module: str, close: str) -> None:
    """Modules of the standard library that nothing uses yet are among those offered."""
    write(folder, facts=FACTS, ear__scope="", r=f"use {module}: *\n")
    (finding,) = [d for d in lint([folder]).diagnostics if d.code == "E010"]
    assert finding.help == f"did you mean `{close}`?"


def test_services_are_told_paths_from_the_root_of_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever folder a command runs in, and however its paths are written."""
    (folder / ".git").mkdir()
    write(folder, law__facts=FACTS, law__s=BROKEN, **{"law/comity.toml": ""})

    def sarif(*arguments: str) -> Any:
        return json.loads(run("lint", "--ignore", "H", "--format", "sarif", *arguments)[1])["runs"][0]

    for place, arguments in ((".", ["law"]), ("law", []), ("law", [str(folder / "law")]), ("/", [str(folder / "law")])):
        monkeypatch.chdir(folder / place)
        (result,) = sarif(*arguments)["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "law/s.comity"}
        github = run("lint", "--ignore", "H", "--format", "github", *arguments)[1]
        assert github.startswith("::error file=law/s.comity,line=4,")
        (gitlab,) = json.loads(run("lint", "--ignore", "H", "--format", "gitlab", *arguments)[1])
        assert gitlab["location"]["path"] == "law/s.comity"
    monkeypatch.chdir(folder / "law")
    (concise,) = run("lint", "--ignore", "H", "--format", "concise")[1].splitlines()
    assert concise.startswith("s.comity:4:10: ")  # a person's terminal is where the command runs


def test_rules_in_sarif_bring_their_page(folder: Path) -> None:
    write(folder, s=BROKEN, facts=FACTS)
    driver = json.loads(run("lint", "--format", "sarif")[1])["runs"][0]["tool"]["driver"]
    assert {rule["id"] for rule in driver["rules"]} >= {"E013", "H502"}
    for rule in driver["rules"]:
        assert rule["fullDescription"]["text"].endswith(".") and "Fires on" not in rule["fullDescription"]["text"]
        assert "Fires on:" in rule["help"]["text"] and rule["help"]["markdown"].startswith(f"# {rule['id']} ")
        assert rule["helpUri"].endswith(rule["id"]) or rule["helpUri"].endswith(f"{rule['id']}.md")


def test_a_table_with_another_separator_names_it_and_the_line(folder: Path) -> None:
    policy = 'enum G:\n    x\n    y\ntable t(g: G) -> Bool from "t.csv"\n'
    for separator, named in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        write(folder, a=policy, **{"t.csv": f"g{separator}value\nx{separator}true\n"})
        out = run("lint", "--ignore", "H")[1]
        assert f"row 1 of `t.csv`: the cells are separated by {named}: save the file with commas" in out
        assert out.count("error[E107]") == 1 and "note: row 1: t.csv:1\n" in out
    write(folder, **{"t.csv": "g,value\nx,true\ny,perhaps\n"})
    assert "note: row 3, column 2: t.csv:3\n" in run("lint", "--ignore", "H")[1]


RECORD = """use std.countries: *

record R:
    code: Eccn
    to: Country
    day: Date
    note: Text

decision d for R:
    outcomes:
        yes
        nay
    otherwise nay

"""


@pytest.mark.parametrize(
    ("text", "code", "help"),
    [
        ("rule a for d:\n    when to == Germany\n    then yes\n", "E104", "did you mean `DE`?"),
        ("rule a for d:\n    when to in {UK}\n    then yes\n", "E104", "did you mean `GB`?"),
        ("rule a for d:\n    when to == United_Kingdom\n    then yes\n", "E104", "did you mean `GB`?"),
        ("set S: Country = [RU, BY]\n", "E101", "a set is written in braces: `{…}`"),
        ("rule a for d:\n    when to == RU\n", "E105", "end it with a line `then yes`, or another outcome"),
        (
            "rule a for d:\n    when day >= 09.09.2021\n    then yes\n",
            "E106",
            "a date is written year-month-day: `2021-09-09`",
        ),
    ],
)
def test_what_a_newcomer_writes_has_a_help_line(folder: Path, text: str, code: str, help: str) -> None:
    write(folder, r=RECORD + text)
    (finding,) = [d for d in lint([folder]).diagnostics if d.code.startswith("E")]
    assert (finding.code, finding.help) == (code, help)


def test_a_given_fact_may_stand_in_the_line(folder: Path) -> None:
    rule = "rule a for d:\n    when code == 3A001 and to == RU\n    then yes\n\n"
    test = (
        'test "one" for d:\n    given code = 3A001\n    given:\n        to = RU\n        day = 2022-01-01\n'
        '    given note = "n"\n    expect yes by a\n'
    )
    write(folder, r=RECORD + rule + test)
    assert run("test") == (0, "", "1 passed\n")
    assert run("fmt", "--check") == (0, "", "0 of 1 file would change\n")


def test_what_is_there_is_read_beside_a_path_that_is_not(folder: Path) -> None:
    write(folder, facts=FACTS, r=BROKEN)
    code, out, _ = run("lint", "--format", "concise", "--ignore", "H", "r.comity", "nowhere.comity")
    assert code == 2 and "there is no such file" in out and "there is no `b` here" in out
    assert "there is no `a`" not in out, "the rest of the program is read too"


def test_the_root_of_a_project_without_policies_is_not_outside_it(folder: Path) -> None:
    (folder / "comity.toml").write_text('source = "law"\n', encoding="utf-8")
    (folder / "law").mkdir()
    (folder / "elsewhere").mkdir()
    code, _, err = run("lint", ".")
    assert code == 2 and "there are no .comity files" in err and "outside" not in err
    code, _, err = run("lint", "elsewhere")
    assert code == 2 and "elsewhere lies outside the source folder law" in err
