"""Colours: every keyword has its place, nothing is lost, and VS Code's engine and Pygments agree on real policies."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from comity.editor import highlight, textmate
from comity.editor.pygments import ComityLexer
from comity.surface.grammar import keywords, parser
from comity.surface.words import RESERVED

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
POLICIES = sorted([*(ROOT / "policies").rglob("*.comity"), *(ROOT / "stdlib").rglob("*.comity")])

ONLY_INSIDE_LINES = {
    "Money", "Party", "accepted", "as", "because", "between", "breached", "calendar", "can", "cannot", "consensus",
    "consents", "contradiction", "counsel", "counting", "day", "disclosure", "ended", "ends", "escalating", "exactly",
    "except", "gap", "guidance", "ignoring", "imposed", "in_force", "known", "later", "least", "limit", "line", "list",
    "majority", "match", "member", "month", "most", "needing", "of", "once", "order", "ordered", "other", "over", "per",
    "performed", "present", "proposed", "rank", "ratchet", "refer", "refused", "regulation", "restriction", "red",
    "signed", "start_high_stay_high", "statute", "subject", "supply", "suspend", "terminated", "to", "toward",
    "undetermined", "up", "with", "year", "exception", "while", "breach", "for",
}  # fmt: skip
"""Soft keywords that start no line: they have a colour in their phrases at most."""


def test_every_keyword_has_its_place() -> None:
    """A keyword added to the grammar must be given a colour, or be listed as one that starts no line."""
    reserved = {*highlight.RESERVED_CLAUSES, *highlight.RESERVED_OPERATORS, *highlight.RESERVED_VALUES}
    assert reserved == RESERVED
    placed = {*highlight.DECLARING, *highlight.LEADING}
    assert placed | ONLY_INSIDE_LINES == set(keywords()) - RESERVED
    assert not placed & ONLY_INSIDE_LINES


@pytest.mark.parametrize("file", POLICIES, ids=lambda file: file.name)
def test_pygments_agrees_with_the_parser(file: Path) -> None:
    """Whatever the parser takes for a text, a reserved word or a literal has that colour, and no sign is lost."""
    text = file.read_text(encoding="utf-8")
    colours = [str(kind) for kind, value in ComityLexer(stripnl=False, ensurenl=False).get_tokens(text) for _ in value]
    assert len(colours) == len(text)
    reserved = {keywords()[word] for word in RESERVED}
    wanted = {
        "STRING": "String", "DOC": "String", "DATE": "Date", "ECCN": "Literal", "QUANTITY": "Number",
        "AMOUNT": "Number", "PERCENT": "Number", "NUMBER": "Number",
    }  # fmt: skip
    checked = 0
    for word in parser().words(text):
        if word.type in wanted:
            assert wanted[word.type] in colours[word.start_pos], word
            checked += 1
        elif word.type in reserved:
            assert "Name" not in colours[word.start_pos], word
            checked += 1
    assert checked > 5


def test_the_grammar_file_is_up_to_date() -> None:
    file = EXTENSION / "syntaxes" / "comity.tmLanguage.json"
    assert json.loads(file.read_text(encoding="utf-8")) == textmate.grammar(), (
        "write it again: python -m comity.editor.textmate > editors/vscode/syntaxes/comity.tmLanguage.json"
    )


def test_vs_code_shows_the_same_colours() -> None:
    """VS Code's engine on the grammar file, and Pygments, on all shipped policies."""
    node = shutil.which("node")
    if node is None or not (EXTENSION / "node_modules" / "vscode-textmate").is_dir():
        pytest.skip("vscode-textmate is not installed: run `npm install` in editors/vscode")
    command = [node, str(EXTENSION / "test" / "grammar.mjs"), *map(str, POLICIES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for file, line in zip(POLICIES, done.stdout.splitlines(), strict=True):
        text = file.read_text(encoding="utf-8")
        theirs = [scope for value, scope in json.loads(line) for _ in value]
        ours = [str(kind) for kind, value in ComityLexer(stripnl=False, ensurenl=False).get_tokens(text) for _ in value]
        for offset, (scope, token) in enumerate(zip(theirs, ours, strict=False)):
            if text[offset].isspace():
                continue
            assert scope in SCOPES[token.removeprefix("Token.")], (file.name, text[offset : offset + 20], scope, token)


SCOPES: dict[str, set[str]] = {"Literal.String.Doc": {"string.quoted.docstring.comity"}}
for each in highlight.PATTERNS:
    for name, token in zip(each.scopes, each.tokens, strict=True):
        for known in (token, f"Literal.{token}"):
            SCOPES.setdefault(known, set()).add(name)
