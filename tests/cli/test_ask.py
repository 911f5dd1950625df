"""`comity eval DECISION --ask`: one question at a time, on a pipe and on a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from comity.cli import main
from comity.core.interpret import Interpreter
from comity.runtime.errors import FactsError
from comity.tools.interview import Interview, Unfit
from tests.backends import generate
from tests.strategies import examples

POLICY = """\
use std.countries: *

enum Role:
    buyer "Who pays"
    user

record Box:
    heavy: Bool? "Is it heavy?"
    weight: Mass?

record Person:
    role: Role
    listed: Bool = false "On the list?"
    box: Box

record Case as of day:
    people: list of Person
    box: Box
    spare: Box or absent
    uses: set of Role
    share: Percent = 10%
    reach: Length per Party
    note: Text or absent
    idle: Int
    day: Date
    always count(p in people where p.role == buyer) <= 1

party A = {US}
party B = {RU}

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule b for permit:
    "Who pays and is listed"
    cite "X 1"
    when any p in people: p.role == buyer and p.listed and p.box.weight > 3 kg
    then license

rule c for permit:
    when all:
        spare is present and spare.heavy
        box.weight > 2 kg
        uses == {buyer}
        share > 5%
        reach[A] > 3 km
        note is absent
    then license

rule d for permit:
    when box.heavy
    refer to counsel "Is it odd?"
    then license
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "permit.comity").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*replies: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    stdin = "".join(f"{reply}\n" for reply in replies)
    done = CliRunner().invoke(main, ["eval", "permit", "--ask", *options], input=stdin, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def test_only_what_matters_is_asked(folder: Path) -> None:
    code, out, err = ask("0", "no", "1 kg")
    assert code == 0 and json.loads(out)["outcome"] == "free"
    assert [line for line in err.splitlines() if line[:1].isdigit()] == [
        "1. people",
        "2. box.heavy: Is it heavy?",
        "3. box.weight",
    ]


def test_every_kind_of_fact(folder: Path) -> None:
    replies = ["2", "buyer", "", "user", "no", "4 kg", "yes", "yes", "1", "", "5 km", "absent"]
    code, out, err = ask(*replies, options=("--receipt", "receipt.json"))
    assert code == 0, err
    assert json.loads(out)["outcome"] == "license"
    (facts,) = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))["facts"]
    assert [person["role"] for person in facts["people"]] == ["buyer", "user"]
    assert facts["uses"] == ["buyer"] and facts["share"] == "10%" and facts["reach"] == {"A": "5 km"}
    assert facts["note"] == {"absent": True} and "idle" not in facts
    replayed = CliRunner().invoke(main, ["eval", "--replay", "receipt.json"])
    assert replayed.exit_code == 0 and json.loads(replayed.stdout)["same"] is True


def test_replies_are_refused_with_the_messages_of_facts(folder: Path) -> None:
    code, _, err = ask("-1", "many", "1", "byer", "buyer", "perhaps", "yes", "heavy", "4 kg")
    assert code == 0
    assert "expected a whole number from 0 to 50, got many" in err
    assert '`people[0].role`: expected a Role (buyer, user), got "byer"; did you mean `buyer`?' in err
    assert '`people[0].listed`: expected true or false, got "perhaps"' in err
    assert '`people[0].box.weight`: expected a mass such as "300 kg", got "heavy"' in err


def test_facts_that_break_an_always_line_are_not_taken(folder: Path) -> None:
    code, out, err = ask("2", "buyer", "yes", "1 kg", "buyer", "user", "no", "1 kg")
    assert code == 0 and json.loads(out)["outcome"] == "free"
    assert err.count("facts that keep `always") == 1


def test_unknown_is_a_reply_and_what_it_leaves_open_is_said(folder: Path) -> None:
    code, out, _ = ask("unknown", "no", "1 kg")
    answer = json.loads(out)
    assert code == 0 and answer["outcome"] is None and answer["needs"] == ["people"]


def test_counsel_is_asked(folder: Path) -> None:
    code, out, err = ask("0", "yes", "1 kg", "perhaps", "yes")
    assert code == 0 and json.loads(out)["outcome"] == "license"
    assert "findings.d: For counsel: Is it odd?" in err and "`findings.d`: expected true, false or an outcome" in err


def test_help_says_what_is_open_and_back_goes_back(folder: Path) -> None:
    code, out, err = ask("back", "1", "?", "2", "back", "buyer", "no", "no", "1 kg")
    assert code == 0 and json.loads(out)["outcome"] == "free"
    assert "There is no reply to go back to." in err
    assert "may apply: b (X 1): Who pays and is listed" in err and "Still possible: license, free." in err
    assert "1  buyer: Who pays" in err


def test_known_facts_are_not_asked_for(folder: Path) -> None:
    (folder / "known.json").write_text('{"people": [], "box": {"heavy": false}}', encoding="utf-8")
    code, out, err = ask("1 kg", options=("--facts", "known.json", "--explain"))
    assert code == 0 and out.startswith("permit: free") and "1. box.weight" in err
    for text, message in (('{"people": 3}', "`people`: expected an array"), ("[]", "one JSON object"), ("{", "JSON")):
        (folder / "known.json").write_text(text, encoding="utf-8")
        code, out, err = ask(options=("--facts", "known.json"))
        assert code == 2 and message in err and not out
    assert ask(options=("--facts", "-"))[0] == 2


def test_the_end_of_input_writes_nothing(folder: Path) -> None:
    code, out, err = ask("0", options=("--receipt", "receipt.json"))
    assert (code, out) == (2, "") and err.endswith("stopped before there was an answer; nothing was written\n")
    assert not (folder / "receipt.json").exists()


def on_terminal(folder: Path, typed: bytes) -> tuple[int, str]:
    """The exit code, and all that is shown on a terminal of 40 columns, after these keys."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "comity", "eval", "permit", "--ask"]
    environment = {**os.environ, "COLUMNS": "40", "TERM": "dumb"}
    process = subprocess.Popen(
        command, cwd=folder, stdin=follower, stdout=follower, stderr=follower, env=environment, start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - one thread
    )  # fmt: skip
    os.close(follower)
    shown = b""
    keys = typed.split(b"|")
    try:
        while select.select([leader], [], [], 30)[0] and (piece := os.read(leader, 1024)):
            shown += piece
            if keys and shown.endswith(b"> "):
                os.write(leader, keys.pop(0))
    except OSError:  # what Linux says where the other end is closed
        pass
    os.close(leader)
    return process.wait(20), shown.decode()


def test_a_terminal_shows_words_that_fit(folder: Path) -> None:
    code, shown = on_terminal(folder, b"0\n|no\n|1 kg\n")
    assert code == 0 and "permit: free" in shown and "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 40


@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_keys_that_stop(folder: Path, key: bytes) -> None:
    code, shown = on_terminal(folder, b"0\n|" + key)
    assert code == 2 and "nothing was written" in shown and "Traceback" not in shown


@examples(30)
@given(st.integers(0, 2**32))
def test_every_conversation_ends_with_an_answer_that_its_facts_give(seed: int) -> None:
    """On random policies, with random replies, right and wrong."""
    random = Random(seed)
    made = Interpreter(generate.program(random))
    for decision in made.program.decisions.values():
        try:
            interview = Interview(made, decision, {}, None)
        except FactsError:  # an `always` line that nothing keeps, or that asks whether a fact is known
            continue
        refused = 0
        for _ in range(400):
            question = interview.question()
            if question is None:
                break
            words = [word for word, _ in question.choices]
            usual = ["yes", "no", "1", "2", "none", "absent", "2022-02-24", "3A001", "5 USD", "3%", "2 km", "x"]
            try:
                interview.reply(random.choice([*words, *usual, *(["unknown"] * (1 + refused))]))
                refused = 0
            except Unfit:
                refused += 1
        else:
            raise AssertionError("it goes on asking")
        again = made.decide_json(decision.qname, interview.facts, interview.as_of, partial=True)
        assert again == interview.answer
