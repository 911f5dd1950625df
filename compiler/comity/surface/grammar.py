"""Lark's parser for the grammar, and its LALR(1) tables in the user's cache.

Working out the tables takes Lark over a second; loading them takes a tenth of one. The cache file is JSON, not
Lark's pickle, so that a cache folder cannot carry code. It is named after all that it depends on, written aside and
moved into place: a reader sees a whole file or none. Where the folder cannot be written, or the file is damaged, the
tables are worked out anew.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from lark import Lark
from lark import __version__ as lark_version
from lark.grammar import Rule
from lark.lexer import TerminalDef
from lark.parsers.lalr_interactive_parser import InteractiveParser

from comity.base.gc import collector_off
from comity.surface.build_agreements import Builder
from comity.surface.chains import shortened
from comity.surface.layout import Layout
from comity.surface.lexer import PolicyLexer
from comity.surface.stepping import Steps
from comity.surface.words import Word
from comity.workspace import resources

STARTS = ("module", "condition_alone")
FORMAT = "3"
"""To be changed with what the cache file holds."""


class Parser:
    """Lark with the layout between its lexer and its parser, and the builder of surface nodes.

    Layout and builder hold the state of one parse, so a parser serves one text at a time: each thread has its own.
    """

    def __init__(self) -> None:
        self.builder = Builder()
        self.layout = Layout()
        self.lark = load(self.layout, self.builder)
        self._steps: dict[str, Steps] = {}

    def begin(self, text: str, file: str, start: str) -> InteractiveParser:
        """Start on a text, which ends with a line end; ``file`` is its display path."""
        self.builder.begin(file, text)
        self.layout.begin(lines=start == "module")
        return self.lark.parse_interactive(text, start=start)

    def steps(self, begun: InteractiveParser, start: str) -> Steps:
        """The steps of texts that begin with ``start``, as the one does that has been ``begun``."""
        if start not in self._steps:
            self._steps[start] = Steps(begun.parser_state.parse_conf)
        return self._steps[start]

    def words(self, text: str) -> Iterator[Word]:
        """The words of a text in its layout, with every soft keyword taken for a name."""
        self.layout.begin(lines=True)
        return cast(Iterator[Word], self.lark.parse_interactive(text, start=STARTS[0]).lexer_thread.lex(None))  # type: ignore[no-untyped-call]


def parser() -> Parser:
    """The parser of this thread."""
    made: Parser | None = getattr(_PARSERS, "parser", None)
    if made is None:
        with collector_off():
            made = _PARSERS.parser = Parser()
    return made


@cache
def keywords() -> dict[str, str]:
    """Each keyword and its terminal."""
    found = ((t.pattern.value, t.name) for t in parser().lark.terminals if t.pattern.type == "str")
    return {word: name for word, name in found if word.isidentifier()}


_PARSERS = threading.local()


# ------------------------------------------------------------------------------------------- tables


class _NoLayout:
    """Stands for the layout while tables are made: Lark drops terminals that neither a rule nor a layout takes."""

    always_accept = Layout.always_accept

    def process(self, stream: Any) -> Any:
        return stream


def make(grammar: str) -> dict[str, Any]:
    """Let Lark read a grammar and work out its tables. Raises `lark.exceptions.GrammarError` if they would conflict."""
    lark = Lark(
        grammar,
        parser="lalr",
        lexer=PolicyLexer,
        start=list(STARTS),
        keep_all_tokens=True,
        maybe_placeholders=False,
        postlex=_NoLayout(),
    )
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    for option in _OBJECTS:
        del data["options"][option]
    del data["parser"]["lexer_conf"]["lexer_type"]
    return shortened(json.loads(json.dumps({"data": data, "memo": memo})))  # as it will come from the cache


_OBJECTS = ("postlex", "transformer", "lexer", "lexer_callbacks", "tree_class", "edit_terminals", "_plugins")
"""Options of Lark that are not plain data: put back when tables are loaded."""


def _load(saved: dict[str, Any], layout: Layout, builder: Builder) -> Lark:
    """A parser from its tables. Raises KeyError, TypeError, ValueError or AttributeError for damaged ones.

    JSON has no numbers as keys, which Lark's tables have.
    """
    data, memo = saved["data"], {int(number): value for number, value in saved["memo"].items()}
    table = data["parser"]["parser"]
    table = {
        **table,
        "tokens": {int(number): token for number, token in table["tokens"].items()},
        "states": {
            int(state): {int(token): action for token, action in actions.items()}
            for state, actions in table["states"].items()
        },
    }
    frontend = data["parser"]
    frontend = {**frontend, "parser": table, "lexer_conf": {**frontend["lexer_conf"], "lexer_type": PolicyLexer}}
    options = {
        **data["options"],
        "postlex": layout,
        "transformer": builder,
        "lexer": PolicyLexer,
        "lexer_callbacks": {},
        "tree_class": None,
        "edit_terminals": None,
        "_plugins": {},
    }
    return Lark.load({"data": {**data, "parser": frontend, "options": options}, "memo": memo})


def load(layout: Layout, builder: Builder) -> Lark:
    """Lark with the grammar's tables, from the cache if they are there, and with these two around its parser."""
    file = _cache_file()
    if file is not None:
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            return _load(json.loads(file.read_bytes()), layout, builder)
    made = make(resources.grammar())
    if file is not None:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = file.with_suffix(f".{os.getpid()}")
            aside.write_text(json.dumps(made), encoding="utf-8")
            aside.replace(file)
    return _load(made, layout, builder)


def _cache_file() -> Path | None:
    """Where the tables are kept; None if there is no place for them."""
    key = "\0".join((FORMAT, resources.grammar(), lark_version, sys.version))
    folder = resources.cache_folder()
    return None if folder is None else folder / f"grammar-{sha256(key.encode()).hexdigest()[:32]}.json"
