"""The words of a text are those that Lark's own lexer finds by the same terminals."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark.lexer import BasicLexer

from comity.surface import lexer
from comity.surface.grammar import parser
from comity.surface.lexer import PolicyLexer
from comity.surface.words import RESERVED, Word
from tests.surface.support import read
from tests.surface.test_any_text import FRAGMENTS

ROOT = Path(__file__).parents[2]
FILES = [file for folder in ("policies", "stdlib", "tests/corpus") for file in (ROOT / folder).rglob("*.comity")]
SIGNS = [*"\"'#_.,:;()[]{}=!<>+-*/%|&?\\~$@^`\t\n\r\f\v é٣²ªﬁ\u00a0\u2028\U0001d4d0", '"""', "HS 1", "by 2020-01-01"]
NUMBERS = ["0", "19_0", "1.5", "2020-01-01", "5 km", "3A001.b.2", "5 USD", "7%", "EAR99", "3x"]


def compare(text: str) -> None:
    ours, theirs = words(text, PolicyLexer.lex), words(text, BasicLexer.lex)
    assert [place(word) for word in ours] == [place(word) for word in theirs]
    for own, lark in zip(ours, theirs, strict=True):
        if lark.type != "NAME":
            assert own.type == lark.type
        elif own in RESERVED:
            assert own.type == own.upper()
        else:
            assert own.type in ("NAME", "STRAY")  # a soft keyword is a name where no parser says what may come


def words(text: str, lex: Any) -> list[Word]:
    thread = cast(Any, parser().lark.parse_interactive(f"{text}\n", start="module").lexer_thread)
    return list(lex(thread.lexer.lexer, thread.state, None))


def place(word: Word) -> tuple[object, ...]:
    return (
        str(word), word.value, word.start_pos, word.end_pos, word.line, word.column, word.end_line, word.end_column
    )  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_policies(file: Path) -> None:
    compare(file.read_bytes().decode("utf-8"))


@given(st.lists(st.sampled_from([*FRAGMENTS, *SIGNS, *NUMBERS]), max_size=30).map("".join))
def test_random_words(text: str) -> None:
    compare(text)


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    compare(text)


def test_what_any_character_may_begin() -> None:
    """No terminal begins with a character with which it is not tried."""
    for code in range(0x250):
        for more in ("", "0", "a", "\n", "=", ' x"', "00-01-01 ", "S 1", "AR99", "y 2020-01-01"):
            compare(chr(code) + more)


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("{RU, BY}", ["NAMES"]),
        ("{RU}", ["NAMES"]),
        ("{\n\tRU,\n    BY,\n  }", ["NAMES"]),
        ("{}", ["LBRACE", "RBRACE"]),
        ("{true}", ["LBRACE", "TRUE", "RBRACE"]),
        ("{this}", ["LBRACE", "NAME", "RBRACE"]),
        ("{EAR99}", ["LBRACE", "ECCN", "RBRACE"]),
        ("{RU,\n# why\nBY}", ["LBRACE", "NAME", "COMMA", "NAME", "RBRACE"]),
        ("{RU.x}", ["LBRACE", "NAME", "DOT", "NAME", "RBRACE"]),
        ("{RU: 1}", ["LBRACE", "NAME", "COLON", "NUMBER", "RBRACE"]),
        ("{Å}", ["LBRACE", "NAME", "RBRACE"]),
    ],
)
def test_a_set_of_plain_names_is_one_word(written: str, kinds: list[str]) -> None:
    state = parser().begin(f"set s: C = {written}\n", "x", "module")
    found = [word.type for word in state.iter_parse()]
    assert found[5:-1] == kinds


@given(
    st.lists(st.sampled_from(["RU", "b_1", "this", "EAR99", "{", "}", ",", " ", "\n", "\t", "#x\n", "is"]), max_size=12)
)
def test_a_set_of_plain_names_has_the_nodes_of_any_other(pieces: list[str]) -> None:
    text = f"set s: C = {{{''.join(pieces)}}}\n"
    _, module, problems = read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexer, "_names", lambda *_: None)
        _, same, alike = read(text)
    assert repr(module) == repr(same)  # spans too
    assert problems == alike


def test_a_set_where_none_may_stand_is_refused_at_its_sign() -> None:
    _, _, (problem, *_) = read("set {RU}: C = {RU}\n")
    assert problem.span.end - problem.span.start == 1
