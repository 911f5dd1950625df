"""The grammar and its tables: no conflicts, a method for each rule, a cache that may fail."""

from __future__ import annotations

import functools
import json
import logging
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.runtime.values import CURRENCIES, UNITS
from comity.surface import grammar
from comity.surface.build_agreements import Builder
from comity.surface.grammar import keywords, load, make, parser
from comity.surface.layout import Layout
from comity.surface.parse import parse
from comity.surface.words import RESERVED
from comity.workspace import resources


@functools.cache
def made() -> dict[str, Any]:
    return make(resources.grammar())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, not there yet; working out the tables costs nothing."""
    folder = tmp_path / "cache"
    tables = made()
    monkeypatch.setattr(grammar, "make", lambda text: tables)
    monkeypatch.setenv("COMITY_CACHE_DIR", str(folder))
    return folder


def reads_policies() -> bool:
    """Whether a parser loaded now takes a policy."""
    lark = load(Layout(), Builder())
    return len(lark.parse("enum A:\n    b\n", start="module")) == 1


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
        Lark(resources.grammar(), parser="lalr", lexer="basic", start=list(grammar.STARTS), debug=True)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert [message for message in messages if "onflict" in message] == []


def test_each_rule_has_its_method() -> None:
    """Lark would make a tree of its own for a rule without one; rules that only choose between others need none."""
    builder = parser().builder
    for rule in parser().lark.rules:
        name = rule.alias or rule.origin.name
        passed_on = rule.options.expand1 and not rule.alias and len(rule.expansion) == 1
        assert name.startswith("_") or passed_on or hasattr(builder, name), name


def test_reserved_words_are_keywords_and_documented() -> None:
    assert set(keywords()) >= RESERVED
    listed = (resources.grammar().partition("Reserved everywhere")[2]).partition("NAME.1:")[0]
    assert set(listed.replace("//", " ").partition(":")[2].split()) == RESERVED


def test_every_character_is_a_word() -> None:
    """The lexer never stops, whatever it reads. (Brackets and line ends are the layout's, comments are passed over.)"""
    for start in range(0, 0x11000, 0x100):
        signs = [chr(c) for c in range(start, start + 0x100) if not 0xD800 <= c < 0xE000 and chr(c) not in "()[]{}#\n"]
        text = f"x {' '.join(signs)} x\n"
        *_, last, _ = parser().words(text)
        assert last.end_pos == len(text) - 1


def test_a_keyword_is_a_name_where_no_keyword_can_stand() -> None:
    """`territory` and `notice` begin lines of agreements, and are ordinary names of fields."""
    text = "record Event:\n    territory: Place\n    notice: Bool\n    always notice or territory within RU\n"
    report = Report()
    (record,) = parse(SourceFile("x", "x", text), report).declarations
    assert not report.diagnostics and record.span.end_line == 4


def test_tables_come_from_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reads_policies()
    (file,) = cache.iterdir()
    monkeypatch.setattr(grammar, "make", lambda text: pytest.fail("made again"))
    assert reads_policies()
    assert json.loads(file.read_bytes()) == made()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"data": {}}', b'{"data": {"options": {}}, "memo": {"x": 1}}']
)
def test_a_damaged_cache_is_replaced(cache: Path, damage: bytes) -> None:
    assert reads_policies()
    (file,) = cache.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage)
    assert reads_policies()
    assert file.read_bytes() == good


def test_the_cache_cannot_carry_code(cache: Path) -> None:
    """A pickle in its place is damage like any other: nothing of it runs."""

    class Attack:
        def __reduce__(self) -> tuple[Any, ...]:
            return pytest.fail, ("the cache file was unpickled",)

    assert reads_policies()
    (file,) = cache.iterdir()
    file.write_bytes(pickle.dumps(Attack()))
    assert reads_policies()


def test_no_place_for_a_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_text("a file where the folder should be")
    assert reads_policies()

    def homeless(path: Path) -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("COMITY_CACHE_DIR")
    monkeypatch.setattr(Path, "expanduser", homeless)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert reads_policies()


def test_another_grammar_has_another_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reads_policies()
    text = resources.grammar()
    monkeypatch.setattr(resources, "grammar", lambda: text + "\n// changed\n")
    assert reads_policies()
    assert len(list(cache.iterdir())) == 2


def test_threads_parse_at_the_same_time() -> None:
    """Each has a parser of its own: problems of one text never show up in another."""
    found: list[tuple[int, list[str]]] = []

    def read(number: int) -> None:
        for _ in range(20):
            report = Report()
            parse(SourceFile(f"m{number}", f"m{number}", f"enum A{number}:\n    b\nenum:\n" + "#\n" * number), report)
            found.append((number, [d.span.path for d in report.diagnostics]))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(files == [f"m{number}"] for number, files in found)


def test_units_and_currencies_are_those_of_the_values() -> None:
    names = {"km", "h", "XYZ", "ANG", *CURRENCIES, *UNITS}
    for name in names:
        (word, *_) = parser().words(f"5 {name}\n")
        expected = "AMOUNT" if name in CURRENCIES else "QUANTITY" if name in UNITS else "NUMBER"
        assert word.type == expected, name
