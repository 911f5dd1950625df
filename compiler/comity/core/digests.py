"""What each declaration of a program means, as a digest: two of one digest are alike to whatever reads a program.

    define risky for Export:            meaning 3f…   reads `EMBARGOED`
        "Needs a second look"           texts 91…     what people read, apart
        destination in EMBARGOED

So what was made of declarations can be used again while they, and what they read, have the digests that they had
(`Digests.closure`). Places in files are told apart, no more: two clauses written as one are not the same as two.
Tests and examples, which say nothing of the law, are left out.

A digest is that of the bytes that `pickle` makes of a declaration. They are never read.
"""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from io import BytesIO
from operator import attrgetter
from typing import Any, TypeAlias

from comity import parts, terms
from comity.base.gc import collector_off
from comity.base.source import Span
from comity.core import ast as core
from comity.core.rows import in_order
from comity.runtime import types
from comity.runtime.kleene import KleeneSet
from comity.runtime.light import dataclass
from comity.runtime.values import Absent

SIZE = 16
"""Bytes of a digest."""

Key: TypeAlias = tuple[str, str]
"""A part of a program: the name of the field, and of the declaration ("" for a field that is not a mapping)."""

Reducer: TypeAlias = Callable[[Any], tuple[Any, ...]]
"""What `pickle` makes of a thing: a function of a module, and the arguments that stand for its parts."""

TEXTS = frozenset({"doc", "member_docs", "outcome_docs", "source_hash"})
"""Fields from which no answer and no proof follows: what people read, and the hash of all text."""


@dataclass(frozen=True, slots=True)
class Digest:
    """``meaning``: of everything but texts; ``texts``: of these alone. ``reads``: declarations that it names."""

    meaning: bytes
    texts: bytes
    reads: frozenset[Key]


class Digests:
    """The digests of one program. Raises RecursionError for conditions nested very deeply."""

    def __init__(self, program: core.Program) -> None:
        self.parts: dict[Key, Digest] = {}
        """In the order of the program."""
        maker = _Maker()
        with collector_off():
            for key, value in _parts(program):
                self.parts[key] = maker.digest(value)
        self.places = joined(maker.places)
        """Which of all places are the same."""

    def whole(self, but: Iterable[str] = ()) -> bytes:
        """The digest of the program's meaning. ``but``: fields that are left out."""
        left_out = frozenset(but)
        return joined(
            part for key, each in self.parts.items() if key[0] not in left_out for part in (*_named(key), each.meaning)
        )

    def texts(self, keys: Iterable[Key]) -> bytes:
        """The digest of what people read of some declarations."""
        return joined(self.parts[key].texts for key in keys)

    def closure(self, keys: Iterable[Key]) -> bytes:
        """The digest of what declarations mean, with all that they read, and what these read."""
        seen: set[Key] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key in seen or key not in self.parts:
                continue
            seen.add(key)
            waiting += self.parts[key].reads
        return joined(part for key in sorted(seen) for part in (*_named(key), self.parts[key].meaning))


def digests_of(program: core.Program) -> Digests | None:
    """The digests of a program; None where its conditions are nested too deeply for that."""
    try:
        return Digests(program)
    except (RecursionError, pickle.PicklingError, TypeError):
        return None


def rule_key(decision: str, number: int) -> Key:
    """The key of a rule: its decision, which has a digest of its own, reads it."""
    return "rules", f"{decision} {number}"


def joined(parts: Iterable[bytes]) -> bytes:
    """The digest of several byte strings, one after another."""
    total = blake2b(digest_size=SIZE)
    for part in parts:
        total.update(len(part).to_bytes(4, "little"))
        total.update(part)
    return total.digest()


def _named(key: Key) -> tuple[bytes, bytes]:
    return key[0].encode(), key[1].encode("utf-8", "surrogatepass")


def _parts(program: core.Program) -> Iterator[tuple[Key, object]]:
    for field in fields(program):
        value = getattr(program, field.name)
        if isinstance(value, Mapping):
            for name, declared in value.items():
                yield (field.name, name), declared
                if isinstance(declared, core.Decision):
                    yield from ((rule_key(name, rule.number), rule) for rule in declared.rules)
        elif field.name not in (*TEXTS, "tests", "examples"):
            yield (field.name, ""), value


# ------------------------------------------------------------------------------------------- bytes


def place(number: int) -> Span:
    """Stands for a place in bytes, by the order in which a declaration comes to it."""
    raise NotImplementedError


def digest(value: bytes) -> object:
    """Stands in bytes for what has this digest."""
    raise NotImplementedError


def others(kind: str, *parts: object) -> object:
    """Stands in bytes for a value of another kind."""
    raise NotImplementedError


class _Maker:
    """Makes the digests of one program, one after another."""

    def __init__(self) -> None:
        self.places: list[bytes] = []
        self._every_place: dict[Span, int] = {}
        self._own_places: dict[Span, int] = {}
        self._texts: list[object] = []
        self._reads: set[Key] = set()
        self._shared: dict[int, tuple[object, bytes, frozenset[Key]]] = {}
        """Types, and conditions that members of a family share, by identity."""
        self._table = _Table(self._reducer)

    def digest(self, value: object) -> Digest:
        """The digest of a declaration, or of several."""
        self._own_places, self._texts, self._reads = {}, [], set()
        meaning = _hashed(self._dumped(value))
        texts = _hashed(repr(self._texts).encode("utf-8", "surrogatepass"))
        return Digest(meaning, texts, frozenset(self._reads))

    def _dumped(self, value: object) -> bytes:
        file = BytesIO()
        pickler = pickle.Pickler(file, 5)
        pickler.fast = True  # what is the same twice is written twice, whether or not it is one object
        pickler.dispatch_table = self._table
        pickler.dump(value)
        return file.getvalue()

    def _place(self, span: Span) -> tuple[Any, ...]:
        number = self._every_place.setdefault(span, len(self._every_place))
        self.places.append(number.to_bytes(4, "little"))
        return place, (self._own_places.setdefault(span, len(self._own_places)),)

    def _reducer(self, kind: type) -> Reducer | None:
        """How things of a class are written; None where `pickle` knows better."""
        if kind is Span:
            return self._place
        if kind is KleeneSet:
            return lambda value: (others, ("members", value.members))
        if kind is Absent:
            return lambda _: (others, ("absent",))
        if not is_dataclass(kind):
            return None
        reducer = self._of_fields(kind)
        return self._sharing(reducer) if kind in _SHARED else reducer

    def _of_fields(self, kind: type) -> Reducer:
        names = [field.name for field in fields(kind) if field.compare and field.name not in TEXTS]
        texts = [field.name for field in fields(kind) if field.name in TEXTS]
        read = _read(names)
        if kind is core.Rule:
            return self._rule(names)
        if kind is core.Decision:
            names.remove("rules")
            return self._decision(_read(names))
        if kind in _NAMING:
            return self._naming(kind, read)
        if kind in _HOLDING:
            return lambda node: (kind, tuple([_plain(each) if type(each) in _SETS else each for each in read(node)]))
        if not texts:
            return lambda node: (kind, read(node))

        def with_texts(node: Any) -> tuple[Any, ...]:
            self._texts += [getattr(node, name) for name in texts]
            return kind, read(node)

        return with_texts

    def _rule(self, names: Iterable[str]) -> Reducer:
        own = ("membership", "when", "unless")
        conditions_of = attrgetter(*own)
        rest = _read([name for name in names if name not in own])

        def reduced(rule: core.Rule) -> tuple[Any, ...]:
            self._texts.append(rule.doc)
            conditions = [each and self._share(each, self._dumped) for each in conditions_of(rule)]
            return core.Rule, (*conditions, *rest(rule))

        return reduced

    def _decision(self, read: Callable[[Any], tuple[object, ...]]) -> Reducer:
        def reduced(decision: core.Decision) -> tuple[Any, ...]:
            self._texts += [decision.doc, *decision.outcome_docs]
            self._reads |= {rule_key(decision.qname, rule.number) for rule in decision.rules}
            return core.Decision, (*read(decision), len(decision.rules))

        return reduced

    def _sharing(self, reducer: Reducer) -> Reducer:
        def reduced(value: Any) -> tuple[Any, ...]:
            return digest, (self._share(value, lambda each: self._dumped(reducer(each)[1])),)

        return reduced

    def _share(self, value: object, dumped: Callable[[Any], bytes]) -> bytes:
        known = self._shared.get(id(value))
        if known is None:
            before, self._reads = self._reads, set()
            made = _hashed(dumped(value))
            known = self._shared[id(value)] = value, made, frozenset(self._reads)
            self._reads = before
        self._reads |= known[2]
        return known[1]

    def _naming(self, kind: type, read: Callable[[Any], Iterable[object]]) -> Reducer:
        field, name = _NAMING[kind]
        named = attrgetter(name)

        def reduced(node: Any) -> tuple[Any, ...]:
            self._reads.add((field, named(node)))
            return kind, read(node)

        return reduced


class _Table(dict[type, Reducer]):
    """How things are written, by their class: made for a class when it is first met."""

    def __init__(self, make: Callable[[type], Reducer | None]) -> None:
        super().__init__()
        self.update(copyreg.dispatch_table)  # type: ignore[arg-type]
        self.make = make

    def __missing__(self, kind: type) -> Reducer:
        found = self.make(kind)
        if found is None:
            raise KeyError(kind)
        self[kind] = found
        return found


_SHARED = {types.RecordType, types.EnumType, types.PlaceType}
"""What occurs in many places, as one object."""

_NAMING: Mapping[type, tuple[str, str]] = {
    terms.Call: ("defines", "define"),
    terms.NamedSet: ("sets", "name"),
    terms.Lookup: ("tables", "table"),
    terms.OutcomeOf: ("decisions", "decision"),
    terms.RuleHolds: ("decisions", "decision"),
}
"""Terms that name a declaration: the field of the program that has it, and that of the term that has its name."""

_HOLDING = {terms.Const, parts.Row, core.Table, types.Field}
"""What holds values that may be sets."""

_SETS = {frozenset, tuple, dict}
"""Values that are sets or hold some."""


def _plain(value: object) -> object:
    """A value of which `pickle` makes the same bytes in every process."""
    kind = type(value)
    if kind is frozenset:
        return others, tuple([_plain(each) for each in in_order(value)])  # type: ignore[arg-type]
    if kind is tuple:
        return tuple([_plain(each) if type(each) in _SETS else each for each in value])  # type: ignore[attr-defined]
    if kind is dict:
        return {key: _plain(each) if type(each) in _SETS else each for key, each in value.items()}  # type: ignore[attr-defined]
    return value


def _hashed(data: bytes) -> bytes:
    return blake2b(data, digest_size=SIZE).digest()


def _read(names: Iterable[str]) -> Callable[[Any], tuple[object, ...]]:
    names = tuple(names)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda node: tuple([getattr(node, name) for name in names])


__all__ = ["Digest", "Digests", "Key", "digests_of", "joined", "rule_key"]
