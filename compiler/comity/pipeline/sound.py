"""Programs that are known to have no errors, by what they mean, so that nothing is proved again after a text is edited.

Whether a proof finds an error follows from the program without its texts and without its places in files. A build,
which asks for errors alone, looks here before it lints:

    rule cuba for licensing:
        "Cuba: all items"            another text: the same meaning, so what was proved holds still
        when destination == CU       another country: another meaning, so the program is linted

Where anything but the meaning may tell whether a finding is an error (a `[[severity]]` that makes errors of findings, a
comment that hides some), nothing is said. An entry counts only if it is this user's own file, and names its key itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from typing import Any

from comity.base.diagnostics import CODES, Severity
from comity.base.gc import collector_off
from comity.base.source import Span
from comity.core import ast as core
from comity.core.rows import in_order
from comity.linter.runner import read_suppressions
from comity.pipeline.driver import Build
from comity.pipeline.linting import key_of
from comity.runtime.values import Absent
from comity.workspace import cache as kept
from comity.workspace.project import Selection, display

_TEXTS = {"doc", "source_hash"}
"""Fields that no proof reads: what people read, and the hash of all text."""


class Soundness:
    """What is known of a build, whose passes found no errors: whether a lint of all its files finds some."""

    def __init__(self, made: Build, selection: Selection, store: kept.Store | None) -> None:
        self.store = store
        self.key = None if store is None or not _is_told_by_meaning(made) else _key(made, selection)

    @property
    def known(self) -> bool:
        """Whether a program of this meaning was linted, and no error was found."""
        if self.store is None or self.key is None:
            return False
        return self.store.get(self.key, own=True) == self.key.encode()

    def keep(self) -> None:
        """Keep that a lint has found no error."""
        if self.store is not None and self.key is not None and kept.intact():
            self.store.put(self.key, self.key.encode())


def _is_told_by_meaning(made: Build) -> bool:
    """Whether errors follow from the meaning: house rules, which read texts, give none, and no comment hides one."""
    if any(section.level is Severity.ERROR for section in made.project.config.severity):
        return False
    hidden = {code for comment in read_suppressions(made.checked.modules.values()) for code, _ in comment.codes}
    return not any(code not in CODES or CODES[code].severity is Severity.ERROR for code in hidden)


def _key(made: Build, selection: Selection) -> str | None:
    try:
        with collector_off():
            meaning = _Meaning().digest(made.program)
    except (RecursionError, TypeError):  # nested very deeply
        return None
    files = {name: display(file) for name, file in selection.project.files.items()}
    return kept.key("sound", key_of(selection, {}, None), files, meaning)


class _Meaning:
    """Numbers everything in a program that proofs may read, equal things alike. Places in files are told apart, no
    more: two clauses written as one are not the same as two.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[int, tuple[object, int]] = {}
        self._places: dict[Span, int] = {}

    def digest(self, program: core.Program) -> str:
        """The SHA-256 of the program's meaning: that of what each number stands for, in their order."""
        self._number(program)
        return sha256("\n".join(map(repr, self._numbers)).encode("utf-8", "surrogatepass")).hexdigest()

    def _number(self, value: object) -> int:
        kind = type(value)
        if kind in _PLAIN:  # True and 1 are the same to Python
            return self._numbers.setdefault((kind.__name__, value), len(self._numbers))
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = value, self._composed(kind, value)
        return known[1]

    def _composed(self, kind: type, value: Any) -> int:
        parts: Iterable[object]
        if kind is Span:
            place = self._places.setdefault(value, len(self._places))
            return self._numbers.setdefault(("place", place), len(self._numbers))
        if issubclass(kind, Mapping):
            parts = chain.from_iterable(value.items())
        elif issubclass(kind, tuple):
            parts = value
        elif issubclass(kind, frozenset):
            parts = in_order(value)
        elif is_dataclass(kind):
            parts = _reader_of(kind)(value)
        elif issubclass(kind, date | Fraction | Absent):
            return self._numbers.setdefault((kind.__name__, str(value)), len(self._numbers))
        else:
            raise TypeError(f"a program has {value!r}")
        row = (kind.__module__, kind.__qualname__, *map(self._number, parts))
        return self._numbers.setdefault(row, len(self._numbers))


_PLAIN = {str, int, bool, type(None)}


@cache
def _reader_of(kind: type) -> Callable[[Any], Iterable[object]]:
    """What gives the fields that a proof may read. What takes no part in equality is the place of an expression."""
    names = [field.name for field in fields(kind) if field.compare and field.name not in _TEXTS]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: [getattr(value, name) for name in names]


__all__ = ["Soundness"]
