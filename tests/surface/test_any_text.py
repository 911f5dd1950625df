"""Whatever the text, parsing ends, says where, and raises nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.surface import ast
from comity.surface.depth import DEEPEST
from comity.surface.parse import parse, parse_condition
from comity.surface.read import decode
from tests.strategies import examples
from tests.surface.support import read

CORPUS = Path(__file__).parents[1] / "corpus" / "language"
TEXTS = [file.read_text(encoding="utf-8") for file in sorted(CORPUS.glob("*.comity"))]
FRAGMENTS = sorted(set(re.findall(r'"[^"\n]*"|\w+|[^\w\s]|\n +|\n', "\n".join(TEXTS))))


def check(text: str) -> None:
    """What holds of the findings for any text."""
    source, _, problems = read(text)
    for d in problems:
        assert d.code in ("E001", "E002", "E106")
        assert 0 <= d.span.start <= d.span.end <= len(text)
        assert source.position(d.span.start) == (d.span.line, d.span.column)
        assert source.position(d.span.end) == (d.span.end_line, d.span.end_column)
        own_words = re.sub(r"`[^`]*`|ISO|ECCN|U\+[0-9A-F]{4,6}", "", d.message)
        assert not re.search(r"[A-Z]{2,}|\$END|_[A-Z]", own_words), d.message
        assert "\n" not in own_words and len(d.message) < 400
    starts = [d.span.start for d in problems if d.code == "E001"]
    assert len(starts) == len(set(starts))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check(text)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    report = Report()
    text = decode(data, "x", report)
    assert (text is None) == report.has_errors
    if text is not None:
        check(text)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60))
def test_any_words(words: list[str]) -> None:
    check(" ".join(words))
    report = Report()
    found = parse_condition(SourceFile("x", "x", " ".join(words[:8])), report)
    assert (found is None) == report.has_errors


edits = st.tuples(
    st.integers(0, 10_000), st.integers(0, 40), st.sampled_from([*FRAGMENTS, "", "\t", "\r", "\x00", "“"])
)


@given(st.sampled_from(TEXTS), st.lists(edits, min_size=1, max_size=4))
@examples(100)
def test_changed_files(text: str, changes: list[tuple[int, int, str]]) -> None:
    for at, length, instead in changes:
        at %= len(text) + 1
        text = text[:at] + instead + text[at + length :]
    check(text)


@given(st.sampled_from(TEXTS), st.integers(0, 10_000))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_files_cut_short(text: str, at: int) -> None:
    check(text[: at % len(text)])


DEFINE = "define f for X:\n    "
DEEP = {
    "brackets": DEFINE + "(" * 10_000 + "x" + ")" * 10_000,
    "open brackets": DEFINE + "[" * 10_000,
    "not": DEFINE + "not " * 10_000 + "x",
    "minus": DEFINE + "- " * 10_000 + "x",
    "plus": DEFINE + "x" + " + x" * 10_000,
    "implies": DEFINE + "x" + " implies x" * 10_000,
    "fields": DEFINE + "x" + ".y" * 10_000,
    "indexes": DEFINE + "x" + "[1]" * 10_000,
    "quantifiers": DEFINE + "any p in s: " * 10_000 + "x",
    "types": "record X:\n    a: " + "set of " * 10_000 + "Int",
    "blocks": "define f for X:\n" + "".join("    " * (i + 1) + "all:\n" for i in range(300)) + "    " * 301 + "x\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_nested_too_deep(name: str) -> None:
    _, module, problems = read(DEEP[name] + "\nenum A:\n    b\n")
    assert [(d.code, d.message) for d in problems] == [("E002", f"nested too deep: more than {DEEPEST} levels")]
    assert [type(d) for d in module.declarations] == [ast.EnumDecl]


@pytest.mark.parametrize(
    "text",
    [
        DEFINE + "(" * DEEPEST + "x" + ")" * DEEPEST,
        DEFINE + "not " * (DEEPEST - 2) + "x",
        DEFINE + "x" + " and x" * 5_000,
        "set S: T = {" + "RU, " * 20_000 + "BY}",
    ],
    ids=["brackets", "not", "and", "set"],
)
def test_as_deep_or_long_as_may_be(text: str) -> None:
    assert read(text)[2] == []


LARGE = {
    "one name": "a" * 5_000_000,
    "one line": "x " * 2_500_000,
    "quotes": '"' * 5_000_000,
    "comment": "#" * 5_000_000,
    "brackets": "(" * 5_000_000,
    "empty lines": "\n" * 1_000_000,
    "backslashes": 'instrument "' + "\\" * 1_000_001,
    "digits": DEFINE + "9" * 100_000,
    "a long text": '"""' + "a\n" * 1_000_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_large(name: str) -> None:
    report = Report()
    parse(SourceFile("x", "x", LARGE[name]), report)
    assert len(report.diagnostics) <= 1 and all(len(d.message) < 200 for d in report.diagnostics)


def test_many_mistakes_take_no_longer_each() -> None:
    _, _, problems = read("rule x for y:\n    when = 3\n" * 500)
    assert len(problems) == 500
