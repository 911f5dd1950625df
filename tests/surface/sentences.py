"""Random texts that the grammar derives, for properties that hold of every text."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from comity.workspace import resources

SAMPLES = {
    "NAME": ["a", "b", "item", "RU", "NS1", "Country", "date", "x_1", "this", "count", "sum", "Å"],
    "STRING": ['"a"', '"# b"', '"say \\"c\\""', '"""d"""'],
    "DOC": ['"Doc"', '"""One\n\n     two.\n   three\n"""'],
    "NUMBER": ["0", "9_000", "0.25"],
    "PERCENT": ["25%", "0.5%"],
    "QUANTITY": ["200 km", "42   days", "6months"],
    "AMOUNT": ["5_000 USD", "1EUR"],
    "DATE": ["2022-02-24", "1999-12-31"],
    "ECCN": ["3A001", "EAR99", "9A610.x", "3A001.b.2"],
    "HS": ["HS 8542.31", "HS  85"],
    "COMPARE": ["==", "!=", "<", "<=", ">", ">="],
    "NAMES": ["{a}", "{RU, BY}", "{ a,\n  b , }"],
    "ARROW": ["->"],
    "RANGE": [".."],
    "BY_DAY": ["by"],
    "PER_PARTY": ["Party"],
    "INVALID": ["3A001"],  # what it stands for is reported; not here
}
LAYOUT = {"_NEWLINE", "_INDENT", "_DEDENT"}


@cache
def _grammar() -> tuple[dict[str, list[list[Any]]], dict[str, str], dict[str, int]]:
    """The ways to write each rule, the text of each sign and keyword, and how deep each rule must at least nest."""
    from lark import Lark
    from lark.lexer import PatternStr

    lark = Lark(resources.grammar(), parser="lalr", lexer="basic", start=["module"], keep_all_tokens=True)
    rules: dict[str, list[list[Any]]] = {}
    for rule in lark.rules:
        rules.setdefault(str(rule.origin.name), []).append(rule.expansion)
    texts = {t.name: t.pattern.value for t in lark.terminals if isinstance(t.pattern, PatternStr)}
    least: dict[str, int] = {}
    while len(least) < len(rules):
        for name, ways in rules.items():
            depths = [_depth(way, least) for way in ways]
            known = [depth for depth in depths if depth is not None]
            if known and name not in least:
                least[name] = 1 + min(known)
    return rules, texts, least


def _depth(way: list[Any], least: dict[str, int]) -> int | None:
    depths = [0 if symbol.is_term else least.get(symbol.name) for symbol in way]
    return None if None in depths else max((d for d in depths if d is not None), default=0)


def sentence(random: Random, start: str = "module", budget: int = 14) -> str:
    """A text that ``start`` derives. Not every one is free of errors: some say a clause twice."""
    rules, texts, least = _grammar()
    words: list[str] = []
    depth = 0

    def derive(name: str, budget: int) -> None:
        nonlocal depth
        ways = rules[name]
        costs = [_depth(way, least) or 0 for way in ways]
        affordable = [way for way, cost in zip(ways, costs, strict=True) if cost <= budget]
        if not affordable:
            affordable = [ways[costs.index(min(costs))]]
        for symbol in random.choice(affordable):
            if not symbol.is_term:
                derive(symbol.name, budget - 1)
            elif symbol.name in LAYOUT:
                depth += {"_INDENT": 1, "_DEDENT": -1}.get(symbol.name, 0)
                if symbol.name == "_DEDENT":
                    words.pop()
                words.append("\n" + "   " * depth)
            else:
                words.append(random.choice(SAMPLES.get(symbol.name) or [texts[symbol.name]]))

    derive(start, budget)
    pieces: list[str] = []
    for word in words:
        if pieces and not (pieces[-1].startswith("\n") or word.startswith("\n")):
            pieces.append(" ")
        pieces.append(word)
    return "".join(pieces)
