"""The command line as its users meet it: help, exit codes, what is said when things go wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from comity.base.diagnostics import CODES, diagnostic
from comity.base.source import NOWHERE
from comity.cli import COMMANDS, main
from comity.cli.guard import guarded
from comity.cli.output import fails, wants_colour, write_atomically


def run(*arguments: str, stdin: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_help_lists_every_command() -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name, text in COMMANDS.items():
        assert name in out and text in out


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_that_agrees_with_the_list(name: str) -> None:
    code, out, _ = run(name, "--help")
    assert code == 0 and f"Usage: comity {name}" in out


def test_help_imports_no_compiler() -> None:
    """What makes `comity --help` fast: neither the parser nor any pass is loaded for it."""
    script = (
        "import sys; from comity.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "loaded = [m for m in sys.modules if m.startswith('comity')]; print(sorted(loaded), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "lark" not in done.stderr
    for part in ("surface", "checked", "core", "lint", "driver"):
        assert f"comity.{part}" not in done.stderr


def test_wrong_use_exits_2() -> None:
    for arguments in (
        ["lnt"],
        ["lint", "--format", "xml"],
        ["lint", "--fail-on", "x"],
        ["explain"],
        ["explain", "L999"],
    ):
        code, out, err = run(*arguments)
        assert code == 2 and not out and "Traceback" not in err and err


@pytest.mark.parametrize("name", ["H501", "h501", "missing-citation"])
def test_explain_prints_the_page(name: str) -> None:
    code, out, _ = run("explain", name)
    assert code == 0 and out.startswith("H501 missing-citation (warning)\n") and "Fires on:" in out


@pytest.mark.parametrize("code", list(CODES))
def test_explain_knows_every_code(code: str) -> None:
    status, out, _ = run("explain", code)
    assert status == 0 and code in out and len(out.splitlines()) >= 3


def test_an_internal_error_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> object:
        raise RuntimeError("the moon is down\nand more")

    assert guarded(broken, verbose=False) == 2
    err = capsys.readouterr().err
    assert "internal error: RuntimeError: the moon is down" in err and "Traceback" not in err and "-v" in err
    assert guarded(broken, verbose=True) == 2
    assert "Traceback" in capsys.readouterr().err


def test_errors_of_the_system_name_the_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def missing() -> object:
        return (tmp_path / "nowhere").read_text()

    assert guarded(missing, verbose=False) == 2
    assert f"{tmp_path / 'nowhere'}: No such file" in capsys.readouterr().err


def test_interrupts_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> object:
        raise KeyboardInterrupt

    assert guarded(interrupted, verbose=False) == 130
    assert guarded(lambda: (_ for _ in ()).throw(click.Abort()), verbose=False) == 130
    assert capsys.readouterr().err == ""


def test_colour_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with Path("/dev/null").open("w") as stream:
        assert not wants_colour(stream)
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert wants_colour(stream)
        monkeypatch.setenv("NO_COLOR", "1")
        assert not wants_colour(stream)


def test_fail_on() -> None:
    error, warning, info = (diagnostic(code, "m", NOWHERE) for code in ("L201", "L204", "R307"))
    assert [fails([d], "error") for d in (error, warning, info)] == [True, False, False]
    assert [fails([d], "warning") for d in (error, warning, info)] == [True, True, False]
    assert not fails([error, warning, info], "never")


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"old")
    file.chmod(0o640)
    write_atomically(file, b"new")
    assert file.read_bytes() == b"new" and file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "no" / "b", b"x")


def test_links_are_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["lnt"], "there is no command `lnt`; did you mean `lint`?"),
        (["Lint"], "there is no command `Lint`; did you mean `lint`?"),
        (["frobnicate"], "there is no command `frobnicate`; there is init, lint, "),
        (["explain", "L20"], "`L20` is not a diagnostic; did you mean `L200`?"),
        (["explain", "l2o1"], "`l2o1` is not a diagnostic; did you mean `L201`?"),
        (["explain", "contradicton"], "`contradicton` is not a diagnostic; did you mean `contradiction`?"),
        (["explain", "wrong"], "`wrong` is not a diagnostic; codes are E001, "),
        (["lint", "--select", "L2O1"], "did you mean `L201`?"),
    ],
)
def test_what_is_misspelt_offers_the_nearest(arguments: list[str], hint: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2 and hint in err


def test_a_dumb_terminal_has_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for term, colour in (("xterm", True), ("dumb", False)):
        monkeypatch.setenv("TERM", term)
        assert wants_colour(sys.stdout) is colour
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_colour(sys.stdout)
