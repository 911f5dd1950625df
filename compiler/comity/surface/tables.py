"""The grammar's LALR(1) tables: made by Lark, kept in the user's cache as JSON.

Making them takes Lark the better part of a second, reading them a few hundredths, without Lark even being imported.
The cache file is named after all that it depends on, written aside and moved into place: a reader sees a whole file
or none. Where the folder cannot be written, or the file is damaged, the tables are made anew.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from comity import resources

STARTS = ("module", "condition_alone")
FORMAT = "1"
"""To be changed with the meaning of `Tables`."""


class Production(NamedTuple):
    """A rule of the grammar with one way to write it.

    ``size``: how many symbols it is made of. ``builds``: the method of the builder that makes its node, or None for
    a rule whose name starts with `_`, whose children become those of the rule around it. ``single``: one child alone
    stands for the whole (Lark's `?rule`). ``unit``: it is one symbol that always does.
    """

    origin: str
    size: int
    builds: str | None
    single: bool
    unit: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """What the parser runs on.

    ``actions``: for each state and terminal, the state to shift to, or the complement (`~`) of the production to
    reduce by. ``gotos``: for each state and rule, where to go on. ``starts``: for each start, the first state and
    the last. ``terminals``: names and patterns, in the order to try them; ``keywords``: words and their terminals.
    ``leaps`` is the parser's, which fills it (see `machine`).
    """

    actions: list[dict[str, int]]
    gotos: list[dict[str, int]]
    productions: list[Production]
    starts: dict[str, tuple[int, int]]
    terminals: list[tuple[str, str]]
    keywords: dict[str, str]
    leaps: dict[tuple[int, int, str], int] = field(default_factory=dict, compare=False)


@cache
def tables() -> Tables:
    """The tables of the grammar, from the cache if they are there."""
    file = _cache_file()
    if file is not None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            return _from_json(json.loads(file.read_bytes()))
    made = make(resources.grammar())
    if file is not None:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = file.with_suffix(f".{os.getpid()}")
            aside.write_text(json.dumps(_to_json(made)), encoding="utf-8")
            aside.replace(file)
    return made


def make(grammar: str) -> Tables:
    """Let Lark read a grammar and work out its tables. Raises lark.exceptions.GrammarError if they would conflict."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    class Kept:
        """Terminals that no rule has and the lexer needs; Lark would drop them."""

        always_accept = ("UNCLOSED", "STRAY")

        def process(self, stream: Any) -> Any:
            return stream

    lark = Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=list(STARTS),
        keep_all_tokens=True,
        maybe_placeholders=False,
        postlex=Kept(),
    )
    starts = {start: lark.parse_interactive("", start=start).parser_state.parse_conf for start in STARTS}
    states = starts["module"].states
    numbers = {rule: index for index, rule in enumerate(lark.rules)}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in range(len(states)):
        moves = states[state].items()
        actions.append({k: arg if act is Shift else ~numbers[arg] for k, (act, arg) in moves if _is_terminal(k)})
        gotos.append({k: arg for k, (_, arg) in moves if not _is_terminal(k)})

    is_word = {t.name: isinstance(t.pattern, PatternStr) and t.pattern.value.isidentifier() for t in lark.terminals}
    in_order = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    return Tables(
        actions=actions,
        gotos=gotos,
        productions=[_production(rule) for rule in lark.rules],
        starts={start: (conf.start_state, conf.end_state) for start, conf in starts.items()},
        terminals=[(t.name, t.pattern.to_regexp()) for t in in_order if not is_word[t.name]],
        keywords={t.pattern.value: t.name for t in in_order if is_word[t.name]},
    )


def _is_terminal(name: str) -> bool:
    return name.lstrip("_").isupper() or name == "$END"


def _production(rule: Any) -> Production:
    origin, size = str(rule.origin.name), len(rule.expansion)
    inlined = origin.startswith("_")
    single = bool(rule.options.expand1) and not rule.alias
    within = [symbol.name for symbol in rule.expansion if not symbol.is_term and symbol.name.startswith("_")]
    return Production(
        origin=origin,
        size=size,
        builds=None if inlined else str(rule.alias or origin),
        single=single,
        unit=single and size == 1 and not within,
    )


# ------------------------------------------------------------------------------------------- the cache


def _to_json(made: Tables) -> dict[str, Any]:
    return {f.name: getattr(made, f.name) for f in fields(made) if f.name != "leaps"}


def _from_json(data: dict[str, Any]) -> Tables:
    return Tables(
        actions=data["actions"],
        gotos=data["gotos"],
        productions=[Production(*production) for production in data["productions"]],
        starts={start: (first, last) for start, (first, last) in data["starts"].items()},
        terminals=[(name, pattern) for name, pattern in data["terminals"]],
        keywords=data["keywords"],
    )


def _cache_file() -> Path | None:
    """Where the tables are kept; None if there is no place for them."""
    key = "\0".join((FORMAT, resources.grammar(), version("lark"), sys.version))
    folder = resources.cache_folder()
    return None if folder is None else folder / f"grammar-{sha256(key.encode()).hexdigest()[:32]}.json"
