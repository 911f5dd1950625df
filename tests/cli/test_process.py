"""How the process of a command ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = 'record Shipment:\n    "What is shipped"\n    heavy: Bool\n'
COMITY = [sys.executable, "-m", "comity"]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "exports.comity"
    path.write_text(POLICY)
    return path


def test_what_was_written_is_there_and_the_exit_code_is_the_commands(policy: Path, tmp_path: Path) -> None:
    """The process ends without taking its objects apart: nothing that is still to be written may be lost by it."""
    for argument, code in ((policy, 0), (tmp_path / "none.comity", 2)):
        done = subprocess.run([*COMITY, "lint", "--format", "json", argument], capture_output=True, text=True)
        assert done.returncode == code
        assert done.stdout.rstrip().endswith("}")


def test_what_others_want_done_at_the_end_is_done(policy: Path, tmp_path: Path) -> None:
    """Such as writing down what was covered."""
    script = (
        "import atexit, sys; from comity.__main__ import run\n"
        "atexit.register(lambda: print('at the end'))\nsys.argv = ['comity', 'lint', *sys.argv[1:]]\nrun()"
    )
    done = subprocess.run([sys.executable, "-c", script, policy], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "at the end\n"


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")
def test_closed_streams_are_no_fault(policy: Path) -> None:
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        line = f'"$0" -m comity lint "$1" {closed}'
        done = subprocess.run(["sh", "-c", line, sys.executable, str(policy)], capture_output=True, text=True)
        assert done.returncode == 0, (closed, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes")
def test_a_reader_who_leaves_ends_the_command(policy: Path, tmp_path: Path) -> None:
    """As any other program that writes to a pipe ends: quietly, with 128 + SIGPIPE; whatever was being written."""
    many = tmp_path / "many.comity"
    many.write_text("".join(f"define d{n}(x: Int): y{n}\n" for n in range(500)))
    for arguments in (["lint", many], ["explain", "L201"], ["--help"], ["--version"], ["lint", "--help"]):
        process = subprocess.Popen([*COMITY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.close()
        _, told = process.communicate()
        assert (process.returncode, told) == (141, b""), arguments
    errors = subprocess.Popen([*COMITY, "lint", "--bad"], stderr=subprocess.PIPE)
    assert errors.stderr is not None
    errors.stderr.close()
    assert errors.wait() == 141


def test_what_is_said_last_comes_last_in_a_pipe(tmp_path: Path) -> None:
    """Standard output is buffered in a pipe: a summary on standard error waits for it."""
    record = 'record  R:\n    "R"\n    x: Bool\n'
    decision = 'decision d for R:\n    "D"\n    outcomes:\n        yes "Y"\n        nay "N"\n    otherwise nay\n'
    test = 'test "t" for d:\n    given:\n        x = true\n    expect yes\n'
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for number, (arguments, text, last) in enumerate(
        (
            (["lint"], 'record R:\n    "R"\n    x: Nothing\n', "1 error in 1 file\n"),
            (["fmt", "--diff"], record, "1 of 1 file would change\n"),
            (["test"], record + decision + test, "0 passed, 1 failed\n"),
        )
    ):
        file = tmp_path / str(number) / "policy.comity"
        file.parent.mkdir()
        file.write_text(text)
        done = subprocess.run(
            [*COMITY, *arguments, file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        assert done.stdout.endswith(f"\n{last}"), done.stdout


def test_a_refusal_is_told_once_to_whoever_reads_both_streams(tmp_path: Path) -> None:
    (tmp_path / "p.comity").write_text(
        'record R:\n    "R"\n    x: Bool\ndecision d for R:\n    outcomes:\n'
        "        yes\n        nay\n    otherwise nay\n"
    )
    command = [*COMITY, "eval", "d"]
    one = subprocess.run(
        command, cwd=tmp_path, input='{"x": 3}', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert one.returncode == 1 and one.stdout.count("`x`") + one.stdout.count('"x"') == 1
    two = subprocess.run(command, cwd=tmp_path, input='{"x": 3}', capture_output=True, text=True)
    assert '"path": "x"' in two.stdout and two.stderr == "refused: d: `x`: expected true or false, got 3\n"
