"""Facts that were spoilt, and what evaluators say to them: the interpreter and the built package, held to each other.

`differing(random, count)` makes a random program and ``count`` inputs with mistakes of every kind, some in JSON text
(each evaluator reads it by itself: numbers without end, keys twice, halves of characters), some as Python objects. Both
evaluators must say the same: the answer, or every problem with its path.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np

from comity.core.interpret import Interpreter
from comity.runtime.facts import loads_json
from tests.backends import generate
from tests.backends.loading import imported
from tests.runtime.pandas_like import NA, NAT, Timedelta, Timestamp


@dataclass(frozen=True, slots=True)
class Both:
    """An interpreter and the package of the same program."""

    interpreter: Interpreter
    package: Any

    def said(self, decision: str, facts: object, as_of: date | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the interpreter says and what the package says: the answer as JSON, or all problems as text."""
        module = getattr(self.package, decision.rpartition(".")[2])
        read = self.package._runtime.facts.loads_json if isinstance(facts, bytes) else lambda value: value
        by_interpreter = _said(
            lambda: self.interpreter.decide_json(
                decision, loads_json(facts) if isinstance(facts, bytes) else facts, as_of
            )
        )
        return by_interpreter, _said(lambda: module.answer(read(facts), as_of=as_of))

    def say(self, decision: str, facts: object, as_of: date | None = None) -> Mapping[str, Any]:
        """What both say; it must be the same."""
        by_interpreter, by_package = self.said(decision, facts, as_of)
        assert by_package == by_interpreter, (by_package, by_interpreter)
        return by_interpreter


def _said(ask: Callable[[], Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = ask().to_json()
    except Exception as error:
        if type(error).__name__ in ("ContradictionError", "GapError"):
            return {"raised": f"{type(error).__name__}: {error}"}
        if type(error).__name__ != "FactsError":
            raise
        return {"problems": [str(problem) for problem in error.problems]}  # type: ignore[attr-defined]
    return answer


@dataclass(frozen=True, slots=True)
class Difference:
    """An input that two evaluators do not take alike."""

    decision: str
    facts: object
    as_of: date | None
    by_interpreter: object
    by_package: object


def differing(random: Random, count: int, seen: Counter[str]) -> Iterator[Difference]:
    """The inputs of one random program on which evaluators differ; ``seen`` counts refusals and answers."""
    program = generate.program(random)
    decisions = list(program.decisions.values())
    with imported(program) as package:
        both = Both(Interpreter(program), package)
        for _ in range(count):
            decision = random.choice(decisions)
            facts: dict[str, object] = generate.facts(random, decision.record)
            if random.random() < 0.4:
                facts["findings"] = generate.findings(random, program)
            spoilt = spoil(random, facts)
            as_of = random.choice([None, None, random.choice(generate.DAYS)])
            try:
                one, other = both.said(decision.qname, spoilt, as_of)
            except Exception as error:
                yield Difference(decision.qname, spoilt, as_of, None, repr(error))
                continue
            seen["refused" if "problems" in one else "accepted"] += 1
            if one != other:
                yield Difference(decision.qname, spoilt, as_of, one, other)


def spoil(random: Random, facts: Mapping[str, object]) -> object:
    """``facts`` with one to three mistakes: JSON text, or Python objects."""
    in_json = random.random() < 0.6
    made: object = facts
    for _ in range(random.choice([1, 1, 2, 3])):
        made = _spoil(random, made, in_json)
    if not in_json:
        return made
    text = json.dumps(made, default=lambda raw: f"\0{raw.text}\0", ensure_ascii=random.random() < 0.5)
    for raw in RAW:
        text = text.replace(json.dumps(f"\0{raw.text}\0"), raw.text)
    return text.encode("utf-8", "surrogatepass")


def _spoil(random: Random, value: object, in_json: bool) -> object:
    """``value`` with one mistake somewhere in it."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        match random.randrange(12):
            case 0:
                return {k: v for k, v in value.items() if k != key}
            case 1:
                return {**value, _misspelt(random, key): value[key]}
            case 2:
                return {_misspelt(random, k) if k == key else k: v for k, v in value.items()}
            case 3:
                return {**value, key: value[random.choice(list(value))]}
            case 4:
                return {**value, "findings": random.choice(FINDINGS)}
            case 5 if not in_json:
                return {**value, random.choice([1, None, True, 10**5000, ("a",), 1.5]): 1}
            case _:
                return {**value, key: _spoil(random, value[key], in_json)}
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        return [_spoil(random, each, in_json) if n == place else each for n, each in enumerate(value)]
    if random.random() < 0.15:
        return random.choice([[value], [value, value], {"absent": value}, {"value": value}, [[value]]])
    if isinstance(value, str) and random.random() < 0.4:
        return _rewritten(random, value)
    return random.choice([*PLAIN, *RAW] if in_json else [*PLAIN, *PYTHON])


def _misspelt(random: Random, key: object) -> str:
    name = key if isinstance(key, str) else "odd"
    return random.choice([f"{name}s", f" {name}", f"{name}\u200b", name.upper(), "", "absent", "findings", "\ud800"])


def _rewritten(random: Random, text: str) -> str:
    place = random.randrange(len(text) + 1)
    sign = random.choice(["\u200b", "\u00a0", " ", "0", "\u0660", "\ud800", "\x00", "_", "-", "е", "."])
    return random.choice([text[:place] + sign + text[place:], text.lower(), text.upper(), f" {text} ", text[:place]])


@dataclass(frozen=True, slots=True)
class Raw:
    """JSON text that no Python value stands for."""

    text: str


RAW = [
    *map(Raw, ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e999999999", "1e-999999999", "0.1", "1.0", "1.50"]),
    Raw("9" * 401),
    Raw("9" * 5000),
    Raw("0." + "1" * 500),
    Raw('{"a": 1, "a": 2}'),
    Raw('[{"a": 1, "a": 1}]'),
    Raw("[" * 60 + "]" * 60),
    Raw("[" * 100_000 + "]" * 100_000),
]
PLAIN: list[object] = [
    None, True, False, 0, 1, -1, 2, 25, 10**30, "", " ", "x", "x" * 5000, "\x00", "\ud800", "a\nb", "absent", "unknown",
    "null", "true", "1", "1_000", "1/3", "1/0", "-0", "25%", "25 %", "%", "5000 USD", "5000 EUR", "5_000USD", "0.5 USD",
    "200 km", "200 KM", "1/0 km", "36 hours", "1 months", "0.5 months", "2022-02-24", "2022-02-30", "2022-2-24",
    "٢٠٢٢-٠٢-٢٤", "20220224", "0000-01-01", "3A001", "3A001.a.05", "3a001", "3A001 ", "EAR99", "ear99", "HS 8542.31",
    "8542.3", "854231", "RU", "ru", "RU ", "R\u200bU", "KALININGRAD", "low", "EAST", "АСМЕ", "GEO-7", "GEO-7\u00a0",
    {"absent": True}, {"absent": 1}, {"absent": False}, {"absent": True, "x": 1}, {"absent": None},
    {"amount": "5", "currency": "USD"}, {"amount": 5, "currency": "EUR"}, {"amount": True, "currency": "USD"},
    {"amount": None, "currency": "USD"}, {"amount": "5"}, [], [None], [[]], {}, {"": 1}, [1] * 50, {"EAST": None},
    {"EAST": "200 km", "NORTH": "1 km"}, {"country": "RU"},
]  # fmt: skip


class Small(IntEnum):
    """An integer that is not quite one."""

    ONE = 1


class Words(str):
    """A text that is not quite one."""


class Day(date):
    """A day that is not quite one."""


class Ratio(Fraction):
    """A fraction that is not quite one."""


PYTHON: list[object] = [
    0.1, 2.0, float("nan"), float("inf"), 1e300, Decimal("0.5"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"),
    Decimal("1e500"), Decimal("1e-500"), Fraction(1, 3), Fraction(10**3000, 7), Fraction(4, 2), 10**399, 10**401,
    10**5000, -(10**5000), date(2022, 2, 24), datetime(2022, 2, 24, 12), timedelta(hours=36), timedelta.max, b"RU",
    {"RU"}, frozenset({"RU", "BY"}), ("RU", "RU"), object(), Small.ONE, Words("RU"), Words("3A001"), Words("GEO-7"),
    Words("2022-02-24"), Words("8542.31"), Day(2022, 2, 24), Ratio(1, 3), Ratio(4, 2),
    MappingProxyType({"absent": True}), MappingProxyType({"eccn": "3A001"}), range(3), 1j, ..., int,
    np.bool_(True), np.int64(5), np.float64(2), np.float32(2), np.float64("nan"), np.str_("RU"), np.array([1, 2]),
    np.datetime64("2022-02-24"), np.datetime64("2022-02-24T12"), np.datetime64("NaT"), np.timedelta64(36, "h"),
    NA, NAT, Timestamp(2022, 2, 24), Timestamp(2022, 2, 24, 12), Timedelta(hours=36), datetime(2022, 2, 24),
]  # fmt: skip
FINDINGS: list[object] = [
    None, True, [], {}, "yes", {"rule0": None}, {"rule0": True}, {"rule0": 1}, {"": True}, {"rule0": "nothing"},
    {"rule0": {"a": True}}, {"\ud800": False}, [["rule0", True]], 0,
]  # fmt: skip
