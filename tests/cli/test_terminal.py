"""What every command writes on terminals: narrow ones, ones without colour, pipes; and nothing that needs a picture."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from comity.cli import COMMANDS, main
from comity.cli.tables import table
from comity.linter.render import ANSI, columns, wrapped
from tests.shared import cache_with_grammar

STARTER = Path(__file__).parents[2] / "compiler" / "comity" / "starter" / "licensing.comity"
ALLIES = """
rule long_name_for_allies_of_ours for licensing:
    "Exports to allies need no license whatever the item is, says a sentence that is longer than forty columns"
    cite "A long citation"
    when destination in {DE, FR, IT, ES, PT, NL, BE, LU, AT, FI, SE, DK, PL, CZ, SK, SI, HR, HU, RO, BG, GR, CN}
    then no_license_required
"""
BOXES = re.compile("[\u2500-\u257f]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects: one whose rules contradict each other, and one that does not parse."""
    folder = tmp_path_factory.mktemp("terminal")
    text = STARTER.read_text("utf-8")
    for name, shown in (("good", text + ALLIES), ("wrong", text + "\nrule r for licensing:\n    when ((\n")):
        (folder / name).mkdir()
        (folder / name / "comity.toml").write_text('source = "."\n')
        (folder / name / "licensing.comity").write_text(shown, "utf-8")
    facts = {"eccn": "3A001.a", "destination": "CN", "value": "0 USD", "listed": None, "date": "2026-01-01"}
    (folder / "good" / "facts.json").write_text(json.dumps(facts))
    (folder / "before").mkdir()
    shutil.copy(STARTER, folder / "before" / "licensing.comity")
    return folder


GOOD = {
    "lint": ["lint"],
    "test": ["test", "-v"],
    "diff": ["diff", "../before", "."],
    "query": ["query", "licensing", "--by", "destination", "--where", "eccn == 3A001.a", "--as-of", "2026-01-01"],
    "eval": ["eval", "licensing", "--facts", "facts.json", "--explain"],
    "explain": ["explain", "L201"],
    "fmt": ["fmt", "--check"],
}
"""Commands that have something to say about the good project."""

WRONG = {
    "lint": ["lint"],
    "test": ["test"],
    "fmt": ["fmt", "--check"],
    "build": ["build", "-o", "out"],
    "eval": ["eval", "licensing"],
    "diff": ["diff", "../before", "."],
    "query": ["query", "licensing", "--by", "destination"],
    "monitor": ["monitor", "licensing", "--events", "-"],
}
"""Commands that show the error of the project that does not parse."""


def environment(**variables: str) -> dict[str, str]:
    left = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**left, "TERM": "xterm-256color", **variables}


def run(folder: Path, arguments: list[str], **variables: str) -> str:
    """What a command writes into a pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            patch.delenv(name, raising=False)
        for name, value in {"COMITY_CACHE_DIR": "/nonexistent", "TERM": "xterm-256color", **variables}.items():
            patch.setenv(name, value)
        done = CliRunner().invoke(main, arguments, color=True, input="")
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr
    return done.stdout + done.stderr


def on_terminal(folder: Path, arguments: list[str], wide: int = 80, **variables: str) -> str:
    """What a command writes on a terminal so many columns wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, wide, 0, 0))
    with TemporaryDirectory() as empty:
        variables["COMITY_CACHE_DIR"] = str(cache_with_grammar(Path(empty)))
        process = subprocess.Popen(
            [sys.executable, "-m", "comity", *arguments],
            cwd=folder, env=environment(**variables), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        written = b"".join(_read(ours))
        process.wait(60)
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def _read(handle: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(handle, 65536)
        except OSError:  # Linux says so when the other side is closed
            return
        if not data:
            return
        yield data


def test_every_command_is_looked_at() -> None:
    assert {*GOOD, *WRONG} == COMMANDS.keys() - {"init", "lsp", "completion"}, "these write no colour: see below"


@pytest.mark.parametrize("command", WRONG)
def test_colour_of_errors(folder: Path, command: str) -> None:
    arguments = WRONG[command]
    plain = run(folder / "wrong", arguments)
    assert "E001" in plain and "\x1b" not in plain
    forced = run(folder / "wrong", arguments, FORCE_COLOR="1")
    assert "\x1b[1;31m" in forced and ANSI.sub("", forced) == plain, "colour adds nothing to the text"
    assert run(folder / "wrong", [*arguments, "--color", "always"]) == forced


@pytest.mark.parametrize(
    ("variables", "option", "colour"),
    [
        ({}, None, True),
        ({"NO_COLOR": "1"}, None, False),
        ({"NO_COLOR": ""}, None, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, None, False),
        ({"FORCE_COLOR": "0"}, None, False),
        ({"TERM": "dumb"}, None, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, None, True),
        ({}, "never", False),
        ({"NO_COLOR": "1", "TERM": "dumb"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_who_decides_on_colour(folder: Path, variables: dict[str, str], option: str | None, colour: bool) -> None:
    arguments = ["lint", *(["--color", option] if option else [])]
    assert ("\x1b[" in on_terminal(folder / "wrong", arguments, 80, **variables)) is colour


@pytest.mark.parametrize("command", GOOD)
def test_forty_columns_and_no_pictures(folder: Path, command: str) -> None:
    written = on_terminal(folder / "good", GOOD[command], 40, NO_COLOR="1")
    assert written.strip() and "\x1b" not in written and "error[E" not in written
    assert not BOXES.search(written) and "\t" not in written
    if command == "explain":  # a page of prose with code in it, laid out as in the docs
        return
    for line in written.splitlines():
        whole = len(line.split()) <= 2 or line.startswith(("    ", "  -->")) or "licensing.comity:" in line
        assert columns(line) <= 40 or whole, f"{columns(line)} columns: {line}"


def test_excerpts_are_cut_around_what_is_marked(folder: Path) -> None:
    wide = run(folder / "good", ["lint", "--select", "L201"])
    narrow = on_terminal(folder / "good", ["lint", "--select", "L201"], 40, NO_COLOR="1")
    shown, _, test = narrow.partition("as a test:\n")
    pasted, _, rest = test.partition("help:")
    assert max(map(columns, [*shown.splitlines(), *rest.splitlines()])) <= 40
    assert "".join(pasted.split()) in "".join(wide.split()), "a test stays as it is, to be pasted"
    joined, long = (" ".join(re.sub(r"^ *\|", "", line) for line in t.splitlines()) for t in (narrow, wide))
    assert "long_name_for_allies_of_ours" in joined and "the other rule" in " ".join(joined.split())
    assert [*re.findall(r"\w+\.comity:\d+:\d+", narrow)] == [*re.findall(r"\w+\.comity:\d+:\d+", wide)]
    assert re.findall(r"\d{4}-\d\d-\d\d", joined) == re.findall(r"\d{4}-\d\d-\d\d", long), "the witness is all there"


def test_a_table_that_is_too_wide_becomes_blocks(folder: Path) -> None:
    narrow = on_terminal(folder / "good", GOOD["query"], 30, NO_COLOR="1")
    assert re.search(r"(?m)^CN: undetermined|^destination|^CN", narrow)
    rows = [["to", "outcome", "rules"], ["RU", "denied", "one, two, three, four, five"], ["NO", "free", ""]]
    assert [*table(rows, 2, None)] == [
        "to  outcome  rules",
        "RU  denied   one, two, three, four, five",
        "NO  free",
    ]
    assert [*table(rows, 2, 30)] == [
        "to  outcome  rules",
        "RU  denied   one, two, three,",
        "             four, five",
        "NO  free",
    ]
    assert [*table(rows, 2, 20)] == [
        "to RU: denied",
        "    rules: one, two,",
        "        three, four,",
        "        five",
        "to NO: free",
    ]


@pytest.mark.parametrize("wide", [12, 20, 40])
def test_words_are_kept_whole_and_in_order(wide: int) -> None:
    text = "  when `a_long_name_that_does_not_fit` is \x1b[1mset\x1b[0m, 输出管制 applies to it"
    lines = [*wrapped(text, wide, "      ")]
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert lines[0].startswith("  when") and all(line.startswith("      ") for line in lines[1:])
    for line in lines:
        assert columns(ANSI.sub("", line)) <= wide or len(line.split()) == 1
    assert [*wrapped(text, None)] == [text]


@pytest.mark.parametrize("arguments", [["completion", "bash"], ["--help"], ["lint", "--help"]])
def test_help_and_scripts_have_no_colour(folder: Path, arguments: list[str]) -> None:
    assert not ANSI.search(on_terminal(folder, arguments, FORCE_COLOR="1"))
