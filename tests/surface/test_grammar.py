"""The grammar and its tables: no conflicts, a method for each rule, a cache that may fail."""

from __future__ import annotations

import functools
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import resources
from comity.runtime.values import CURRENCIES, UNITS
from comity.surface import tables as module
from comity.surface.build_agreements import Builder
from comity.surface.lexer import lex
from comity.surface.tables import Tables, make, tables
from comity.surface.words import RESERVED


@functools.cache
def made() -> Tables:
    return make(resources.grammar())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of this test's own, not there yet; making tables costs nothing."""
    folder = tmp_path / "cache"
    tables_made = made()
    monkeypatch.setattr(module, "make", lambda grammar: tables_made)
    monkeypatch.setenv("COMITY_CACHE_DIR", str(folder))
    tables.cache_clear()
    yield folder
    tables.cache_clear()


def test_no_conflicts() -> None:
    """Lark settles shift/reduce conflicts in silence; the grammar has none to settle."""
    from lark import Lark, logger

    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark(resources.grammar(), parser="lalr", lexer="basic", start=list(module.STARTS), debug=True)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert [message for message in messages if "onflict" in message] == []


def test_each_rule_has_its_method() -> None:
    builder = Builder("x", "")
    missing = {p.builds for p in tables().productions if p.builds and not p.unit and not hasattr(builder, p.builds)}
    # Rules that only choose between others, or hold one, are passed through.
    assert missing == {p.builds for p in tables().productions if p.builds in missing and p.single}


def test_reserved_words_are_keywords_and_documented() -> None:
    assert set(tables().keywords) >= RESERVED
    listed = (resources.grammar().partition("Reserved everywhere")[2]).partition("NAME:")[0]
    assert set(listed.replace("//", " ").partition(":")[2].split()) == RESERVED


def test_every_character_is_a_word() -> None:
    """The lexer never stops, whatever it reads."""
    for start in range(0, 0x11000, 0x100):
        text = "".join(f"{chr(c)} " for c in range(start, start + 0x100) if not 0xD800 <= c < 0xE000) + "\n"
        words = list(lex(text, 0, 1, 1, lambda kind: False))
        assert words[-1].end_pos == len(text)


def test_tables_come_from_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables()
    (file,) = cache.iterdir()
    tables.cache_clear()
    monkeypatch.setattr(module, "make", lambda grammar: pytest.fail("made again"))
    assert tables() == made()
    assert json.loads(file.read_bytes())["keywords"] == made().keywords


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"actions": []}', b'{"productions": [1]}']
)
def test_a_damaged_cache_is_replaced(cache: Path, damage: bytes) -> None:
    tables()
    (file,) = cache.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage)
    tables.cache_clear()
    assert tables() == made()
    assert file.read_bytes() == good


def test_no_place_for_a_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_text("a file where the folder should be")
    assert tables() == made()
    tables.cache_clear()

    def homeless(path: Path) -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("COMITY_CACHE_DIR")
    monkeypatch.setattr(Path, "expanduser", homeless)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert tables() == made()


def test_another_grammar_has_another_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables()
    tables.cache_clear()
    grammar = resources.grammar()
    monkeypatch.setattr(resources, "grammar", lambda: grammar + "\n// changed\n")
    tables()
    assert len(list(cache.iterdir())) == 2


def test_lark_is_not_imported_when_the_tables_are_cached(cache: Path) -> None:
    tables()
    code = (
        "import sys\n"
        "from comity.surface.parse import parse\n"
        "from comity.source import SourceFile\n"
        "from comity.diagnostics import Report\n"
        "assert parse(SourceFile('x', 'x', 'enum A:\\n    b\\n'), Report()).declarations\n"
        "assert 'lark' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_units_and_currencies_are_those_of_the_values() -> None:
    names = {"km", "h", "XYZ", "ANG", *CURRENCIES, *UNITS}
    for name in names:
        (word, *_) = lex(f"5 {name}\n", 0, 1, 1, lambda kind: False)
        expected = "AMOUNT" if name in CURRENCIES else "QUANTITY" if name in UNITS else "NUMBER"
        assert word.type == expected, name
