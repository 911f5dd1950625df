"""The files of a package in units, so that a build need not make again what an earlier one has made.

A unit is some files that are made together, and a key: the digest of all that they follow from. While a unit has the
key that it had, its files are those that were written then. Of these only digests are kept, so a file counts only if
it is still there, byte for byte:

    unit `policy.ear.scope`     key 5d…     policy/ear/scope.py 81…, policy/ear/scope.pyi 30…     told: remembered f, g

What the emitters share says of some definitions how files ask them. A unit notes what it has told, and where it is not
made again that is told in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from comity.backends.python.module import Emission
from comity.backends.python.nullability import Nullability
from comity.backends.python.plan import Place
from comity.core.digests import Digests, Key, joined, rule_key
from comity.runtime.light import dataclass

Files: TypeAlias = dict[str, str]
"""Texts by path below the package."""

TELLING = ("asked", "unspeakable", "remembered", "members_remembered")
"""What units tell each other: sets that only grow."""

Told: TypeAlias = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Unit:
    """``key``: of what it follows from. ``files``: the SHA-256 of each, by path. ``told``: what it has told others."""

    key: str
    files: Mapping[str, str]
    told: Told


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier builds have made. ``units``: by name. ``read``: the text of a file, if it is there with a digest."""

    digests: Digests
    units: Mapping[str, Unit]
    read: Callable[[str, str], str | None]


class Units:
    """The units of one package in the making. Without ``before``, all are made.

    ``made``: what is to be kept of them.
    """

    def __init__(self, emission: Emission, before: Before | None) -> None:
        self.emission = emission
        self.before = before
        self.made: dict[str, Unit] = {}
        self.outline = b"" if before is None else _outline(emission, before.digests)

    def files(self, name: str, key: Callable[[], bytes], make: Callable[[], Files]) -> Files:
        """The files of a unit. ``key``: the digest of what they follow from besides the outline of the program."""
        self.emission.nullability.forget_costs()
        if self.before is None:
            return make()
        hashed = self._key(name, key)
        known = self._known(name, hashed)
        texts = None if known is None else self._texts(self.before, known)
        if known is not None and texts is not None:
            self._tell(known)
            self.made[name] = known
            return texts
        with self._noting() as told:
            texts = make()
        self.made[name] = Unit(hashed, {path: _digest(text) for path, text in texts.items()}, told)
        return texts

    def told(self, name: str, key: Callable[[], bytes], make: Callable[[], None]) -> bool:
        """Have a unit without files told what it tells. True if it was made for that."""
        self.emission.nullability.forget_costs()
        if self.before is None:
            make()
            return True
        hashed = self._key(name, key)
        known = self._known(name, hashed)
        if known is not None:
            self._tell(known)
            self.made[name] = known
            return False
        with self._noting() as told:
            make()
        self.made[name] = Unit(hashed, {}, told)
        return True

    def state(self) -> dict[str, set[Any]]:
        """What has been told so far."""
        return {name: set(found) for name, found in self._sets().items()}

    @contextmanager
    def at(self, state: Mapping[str, set[Any]]) -> Iterator[None]:
        """Make something as if no more had been told than ``state``."""
        now = self.state()
        self._set(state)
        try:
            yield
        finally:
            self._set(now)

    # ------------------------------------------------------------------------------------- keys

    def texts(self, keys: Iterable[Key]) -> bytes:
        """The digest of what people read of declarations."""
        return b"" if self.before is None else self.before.digests.texts(keys)

    def closure(self, keys: Iterable[Key]) -> bytes:
        """The digest of declarations, in this order, and of all that they read."""
        keys = list(keys)
        return b"" if self.before is None else joined((_bytes(keys), self.before.digests.closure(keys)))

    def whole(self) -> bytes:
        """The digest of all that answers follow from."""
        return b"" if self.before is None else self.before.digests.whole(but=("proves",))

    def decisions(self, keys: Iterable[Key]) -> bytes:
        """The digest of decisions, with what people read of them."""
        keys = list(keys)
        return joined((self.closure(keys), self.texts(keys)))

    def rules(self, keys: Iterable[tuple[str, int]]) -> bytes:
        """The digest of rules that are asked as a whole, and of their decisions as far as that matters to them."""
        if self.before is None:
            return b""
        keys = list(keys)
        decisions = sorted({decision for decision, _ in keys})
        own = [rule_key(*key) for key in keys]
        heads = [self.before.digests.parts["decisions", each].meaning for each in decisions]
        asking = [self.emission.asks(each) for each in decisions]
        return joined((*heads, _bytes(asking), self.closure(own), self.texts(own)))

    # ------------------------------------------------------------------------------------- units

    def _key(self, name: str, key: Callable[[], bytes]) -> str:
        return joined((self.outline, name.encode("utf-8", "surrogatepass"), key())).hex()

    def _known(self, name: str, key: str) -> Unit | None:
        known = None if self.before is None else self.before.units.get(name)
        return known if known is not None and known.key == key else None

    @staticmethod
    def _texts(before: Before, unit: Unit) -> Files | None:
        texts: Files = {}
        for path, digest in unit.files.items():
            text = before.read(path, digest)
            if text is None:
                return None
            texts[path] = text
        return texts

    def _sets(self) -> dict[str, set[Any]]:
        emission, nullability = self.emission, self.emission.nullability
        held = (emission.asked, emission.unspeakable, nullability.remembered, nullability.members_remembered)
        return dict(zip(TELLING, held, strict=True))

    def _set(self, state: Mapping[str, set[Any]]) -> None:
        self.emission.nullability.forget_costs()
        for name, found in self._sets().items():
            found.clear()
            found |= state[name]

    def _tell(self, unit: Unit) -> None:
        for name, found in self._sets().items():
            found.update(unit.told.get(name, ()))

    @contextmanager
    def _noting(self) -> Iterator[Told]:
        before, told = self.state(), Told()
        yield told
        for name, found in self._sets().items():
            if new := found - before[name]:
                told[name] = sorted(new)


def encoded_units(key: str, units: Mapping[str, Unit]) -> bytes:
    """Units as an entry of the cache, which names its ``key``."""
    listed = {name: [unit.key, dict(unit.files), unit.told] for name, unit in units.items()}
    return json.dumps({"key": key, "units": listed}, ensure_ascii=False).encode()


def decoded_units(data: bytes | None, key: str) -> dict[str, Unit]:
    """The units of an entry; none if it is not that of ``key``."""
    if data is None:
        return {}
    try:
        said = json.loads(data)
        if said["key"] != key:
            return {}
        return {
            str(name): Unit(str(own), {str(path): str(digest) for path, digest in files.items()}, _told_of(told))
            for name, (own, files, told) in said["units"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def reader(folder: Path) -> Callable[[str, str], str | None]:
    """What reads the files of a folder, if they are what they were."""

    def read(path: str, digest: str) -> str | None:
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts:
            return None
        try:
            data = folder.joinpath(*parts).read_bytes()
            return data.decode() if sha256(data).hexdigest() == digest else None
        except (OSError, ValueError):
            return None

    return read


def _told_of(plain: Mapping[str, Sequence[Any]]) -> Told:
    """What was told, from JSON; raises ValueError, TypeError or AttributeError for what is not that."""
    told: Told = {}
    for name, found in plain.items():
        told[name] = [(str(decision), int(rule)) for decision, rule in found] if name == "asked" else list(found)
        if name not in TELLING or any(not isinstance(each, str | tuple) for each in told[name]):
            raise TypeError("a definition has a name")
    return told


def _outline(emission: Emission, digests: Digests) -> bytes:
    """The digest of what any file may follow from: all but the bodies of declarations, the names of everything in the
    package, and what may be unknown.
    """
    bodies = ("tables", "sets", "defines", "decisions", "rules", "agreements", "responses", "proves")
    plan = {name: found for name, found in vars(emission.plan).items() if name in _PLANNED}
    unknown = {name: _doubts(found) for name, found in vars(emission.nullability).items() if name in _DOUBTED}
    more = (
        sorted(emission.nullability.in_place),
        sorted(emission.plan.packages),
        sorted(emission.looked_up),
        sorted(emission.interpreter.referring_rules.items()),
    )
    return joined((digests.whole(bodies), _bytes(_plainly(plan)), _bytes(unknown), _bytes(more)))


_PLANNED = frozenset(
    (
        "attributes", "records", "facts", "enums", "positions", "members", "zones", "places", "schema", "modules",
        "aliases", "sets", "tables", "defines", "memberships", "always", "commitments", "rules", "decisions",
        "agreements", "responses", "public",
    )
)  # fmt: skip
_DOUBTED = frozenset(("_results", "_parameters", "_sets", "_fields", "_tables"))


def _doubts(found: Mapping[Any, Nullability]) -> list[tuple[Any, bool, bool]]:
    return [(key, each.null, each.inner) for key, each in found.items()]


def _plainly(value: object) -> object:
    """Names and places as plain values, in their order."""
    if isinstance(value, Mapping):
        return [(key, _plainly(each)) for key, each in value.items()]
    return (value.module, value.name) if isinstance(value, Place) else value


def _bytes(value: object) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


__all__ = ["Before", "Files", "Unit", "Units", "decoded_units", "encoded_units", "reader"]
