"""From the conditions of a decision's rules, as columns, to what the decision says of every row.

The meaning is that of `runtime.resolve`. Applying and remaining are Kleene formulas, computed for all rows at once:

    applies(r) = own(r) and (some rule that r is an exception to applies) and not (a rule that disapplies r applies)
    remains(r) = applies(r) and not (a rule that prevails over r applies)

Rules are taken by *class* (`classes`). Where few rules have a say their own conditions are bits of one word per row
(`packed`), and what a word says is worked out once. Where a class may or may not remain, and that can matter, what is
said depends on the unknown conditions that this depends on; rows that agree in these are worked out once, too (`ways`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.classes import Classes, Said
from comity.backends.batch.columns import FALSE, TRUE, UNKNOWN, Codes, Domain, Index, Truths
from comity.backends.batch.completions import Completions
from comity.backends.batch.nodes import Chunk, Frame, Node
from comity.backends.batch.packed import MOST_RULES, Packed, Patterns
from comity.runtime.resolve import resolve_masks
from comity.runtime.rules import Ruleset, mask_of

REMEMBERED: Final = 100_000
"""Patterns of conditions of which it is remembered what they say."""


@dataclass(slots=True)
class Standing:
    """What became of the classes in one chunk. Truths by class; None: false in all rows.

    ``shown``, ``maybe``: by row, the masks of the shows that remain, that may remain. ``said``: codes of `Said`.
    """

    applies: list[Truths | None]
    remains: list[Truths | None]
    shown: NDArray[Any]
    maybe: NDArray[Any]
    said: Codes
    is_open: NDArray[np.bool_] | None = None
    """Whether of some rule it is open if it remains; found out when it is asked for."""


class Deciding(Node):
    """A decision on the records of a frame: what is shared by the ways to find out what it says."""

    def __init__(self, frame: Frame, ruleset: Ruleset) -> None:
        super().__init__(frame)
        self.ruleset = ruleset
        self.classes = Classes(ruleset)
        self._completions = Completions(self.classes)

    def clear(self) -> None:
        self.domain = Domain()
        self._closed: dict[int, int] = {}
        self._completions.clear()

    def said(self, chunk: Chunk) -> Codes:
        """What is said of each row."""
        raise NotImplementedError

    def _undecided(self, shown: NDArray[Any], maybe: NDArray[Any]) -> NDArray[Any]:
        """By row, the shows of which it is open whether they remain, and where that matters."""
        undecided: NDArray[Any] = maybe & ~shown
        if self.classes.restriction is not None and undecided.any():
            undecided &= self._alive(shown)
        return undecided

    def _masks(self, rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Masks of shows by row, as narrow as can be: all that follows goes over every row."""
        kind: Any = np.uint8 if len(self.classes.shows) <= 8 else np.uint32
        return np.zeros(rows, kind), np.zeros(rows, kind)

    def _alive(self, shown: NDArray[Any]) -> NDArray[Any]:
        """Where restriction prevails, the shows that something more restrictive, or as much so, does not hide."""
        assert self.classes.restriction is not None
        kind = shown.dtype.type
        full = (1 << 8 * shown.itemsize) - 1
        alive = np.full(len(shown), full, kind)
        for show, place in enumerate(self.classes.restriction):
            below = mask_of(other for other, at in enumerate(self.classes.restriction) if at >= place)
            hides = (shown & kind(1 << show)) != 0
            alive[hides] &= kind(~below & full)
        return alive

    def _of_shown(self, shown: NDArray[Any]) -> Index:
        """What rows say of which nothing is open that matters."""
        width = len(self.classes.shows)
        if width <= 12:
            table = np.full(1 << width, -1, np.int64)
            for mask in np.flatnonzero(np.bincount(shown)).tolist():
                table[mask] = self._code_of_shown(mask)
            return table.take(shown)
        distinct, index = np.unique(shown, return_inverse=True)
        return np.array([self._code_of_shown(int(mask)) for mask in distinct] or [0], np.int64).take(index)

    def _code_of_shown(self, mask: int) -> int:
        code = self._closed.get(mask)
        if code is None:
            code = self._closed[mask] = self.domain.code(self.classes.said([self.classes.says(mask)]))
        return code

    def _resolve(self, true: int, unknown: int) -> Said:
        found = resolve_masks(self.ruleset, true, unknown, None, None, needs=False, statuses=False)
        return Said(found.outcome, found.possible, found.error)


class Decided(Deciding):
    """A decision whose conditions are columns. Its column is its `Standing`."""

    def __init__(self, frame: Frame, ruleset: Ruleset, own: Sequence[Node]) -> None:
        super().__init__(frame, ruleset)
        self.own = tuple(own)
        self.of_rules = False
        """Whether more is asked than what is said of each row: which rules apply, or decide."""
        self.packed = Packed(own) if 0 < len(own) <= MOST_RULES else None
        self.clear()

    def clear(self) -> None:
        super().clear()
        self._opened: dict[bytes, int] = {}
        self._patterns = Patterns(len(self.own), self._code_of_pattern)
        if self.packed is not None:
            self.packed.clear()

    def said(self, chunk: Chunk) -> Codes:
        """What is said of each row."""
        if self.packed is None or self.of_rules:
            found: Standing = self.column(chunk)
            return found.said
        true, maybe = self.packed.masks(chunk, self.frame.rows(chunk))
        rows_open = np.zeros(0, np.int64) if maybe is None else np.flatnonzero(true != maybe)
        if maybe is None or not len(rows_open):
            return Codes(self._patterns.codes(true), self.domain)
        own = self.packed.truths(true.take(rows_open), maybe.take(rows_open))
        true[rows_open] = 0  # which pattern these have does not matter
        index = self._patterns.codes(true)
        index[rows_open] = self._standing(own, len(rows_open)).said.index
        return Codes(index, self.domain)

    def _code_of_pattern(self, true: int) -> int:
        """What is said where the own conditions of these rules hold, and those of no others."""
        applies, _ = self.ruleset.applying(true, 0)
        remains, _ = self.ruleset.remaining(applies, applies)
        return self._code_of_shown(self.classes.shown(remains))

    def compute(self, chunk: Chunk) -> Any:
        return self._standing([each.column(chunk) for each in self.own], self.frame.rows(chunk))

    def _standing(self, own: Sequence[Truths], rows: int) -> Standing:
        """What becomes of the classes. ``own``: the rules' own conditions."""
        applies, remains = self._stand(own)
        shown, maybe = self._masks(rows)
        kind = shown.dtype.type
        for show in range(len(self.classes.shows)):
            of_show = [r for each, r in zip(self.classes.classes, remains, strict=True) if each.show == show]
            truths = _some(of_show)
            if truths is not None:
                shown |= (truths >> np.uint8(1)).astype(kind, copy=False) << kind(show)
                maybe |= ((truths + np.uint8(1)) >> np.uint8(1)).astype(kind, copy=False) << kind(show)
        undecided = self._undecided(shown, maybe)
        index = self._of_shown(shown)
        rows_open = np.flatnonzero(undecided)
        if len(rows_open):
            index[rows_open] = self._of_open(rows_open, own, remains, shown, undecided)
        return Standing(applies, remains, shown, maybe, Codes(index, self.domain))

    def is_open(self, chunk: Chunk) -> NDArray[np.bool_]:
        """The rows in which of some rule it is open whether it remains, though another of its class may remain."""
        found: Standing = self.column(chunk)
        is_open = found.is_open
        if is_open is None:
            is_open = found.is_open = np.zeros(self.frame.rows(chunk), np.bool_)
            for rule in range(len(self.own)):
                truths = self.rule_remains(rule, chunk)
                if truths is not None:
                    is_open |= truths == UNKNOWN
        return is_open

    def rule_applies(self, rule: int, chunk: Chunk) -> Truths | None:
        """Whether one rule applies: as its class does, but for its own condition."""
        found: Standing = self.column(chunk)
        each = self.classes.classes[self.classes.of_rule[rule]]
        truths: Truths | None = self.own[rule].column(chunk)
        if truths is None or not truths.any():
            return None
        if each.exception_to:
            truths = _and(truths, _some([found.applies[other] for other in each.exception_to]))
        if truths is not None:
            truths = _and_not(truths, _some([found.applies[other] for other in each.disapplied_by]))
        return truths

    def rule_remains(self, rule: int, chunk: Chunk) -> Truths | None:
        """Whether one rule applies and none that applies prevails over it."""
        found: Standing = self.column(chunk)
        each = self.classes.classes[self.classes.of_rule[rule]]
        applies = self.rule_applies(rule, chunk)
        return None if applies is None else _and_not(applies, _some([found.applies[n] for n in each.prevailed_by]))

    def _stand(self, own: Sequence[Truths]) -> tuple[list[Truths | None], list[Truths | None]]:
        """Which classes apply, and which remain."""
        active = [truths if truths.any() else None for truths in own]
        applies: list[Truths | None] = []
        for each in self.classes.classes:
            truths = _some([active[rule] for rule in each.members])
            if truths is not None and each.exception_to:
                truths = _and(truths, _some([applies[other] for other in each.exception_to]))
            if truths is not None:
                truths = _and_not(truths, _some([applies[other] for other in each.disapplied_by]))
            applies.append(truths)
        remains = [
            None if truths is None else _and_not(truths, _some([applies[other] for other in each.prevailed_by]))
            for each, truths in zip(self.classes.classes, applies, strict=True)
        ]
        return applies, remains

    # ------------------------------------------------------------------------------------ open rows

    def _of_open(
        self,
        rows: Index,
        own: Sequence[Truths],
        remains: Sequence[Truths | None],
        shown: NDArray[Any],
        undecided: NDArray[Any],
    ) -> Index:
        """What rows say in which it is open what remains: by the conditions that it depends on."""
        classes = self.classes.classes
        words = (len(classes) + 63) // 64
        reach = np.zeros((words, len(rows)), np.uint64)
        asked = np.zeros((len(classes), len(rows)), np.uint8)
        of_rows = undecided[rows].astype(np.uint32)
        for number, (each, truths) in enumerate(zip(classes, remains, strict=True)):
            if truths is None or each.show is None:
                continue
            is_open = (truths[rows] == UNKNOWN) & ((of_rows >> np.uint32(each.show)) & np.uint32(1) != 0)
            if is_open.any():
                asked[number][is_open] = 4
                for word in range(words):
                    bits_ = np.uint64(each.reach >> 64 * word & 0xFFFFFFFFFFFFFFFF)
                    if bits_:
                        reach[word] |= np.where(is_open, bits_, np.uint64(0))
        for number, each in enumerate(classes):
            truths = _some([own[rule][rows] if own[rule].any() else None for rule in each.members])
            if truths is not None:
                within = (reach[number // 64] >> np.uint64(number % 64)) & np.uint64(1)
                asked[number] |= truths * within.astype(np.uint8)
        width = len(classes)
        table = np.empty((len(rows), width + 4), np.uint8)
        table[:, :width] = asked.T
        table[:, width:] = shown[rows].astype(np.uint32).view(np.uint8).reshape(-1, 4)
        whole = table.tobytes()
        size = width + 4
        found = np.empty(len(rows), np.int64)
        kept = self._opened
        if len(kept) > REMEMBERED:
            kept.clear()
            self._completions.clear()
        for place in range(len(rows)):
            key = whole[place * size : (place + 1) * size]
            code = kept.get(key)
            if code is None:
                code = kept[key] = self.domain.code(self._said_of(key, int(rows[place]), own))
            found[place] = code
        return found

    def _said_of(self, key: bytes, row: int, own: Sequence[Truths]) -> Said:
        """What is said of rows in which the classes' conditions are so. ``key``: see `_of_open`."""
        width = len(self.classes.classes)
        truths = {number: each & 3 for number, each in enumerate(key[:width]) if each & 3}
        asked = [number for number, each in enumerate(key[:width]) if each & 4]
        shown = int.from_bytes(key[width:], "little")
        return self._completions.said(truths, asked, shown, lambda: self._resolved(row, own))

    def _resolved(self, row: int, own: Sequence[Truths]) -> Said:
        true = mask_of(number for number, each in enumerate(own) if each[row] == TRUE)
        unknown = mask_of(number for number, each in enumerate(own) if each[row] == UNKNOWN)
        return self._resolve(true, unknown)


class Resolved(Node):
    """A decision in which what rules show depends on the day, or on findings: row by distinct row."""

    def __init__(
        self, frame: Frame, ruleset: Ruleset, own: Sequence[Node], day: Node, named: Mapping[int, Node]
    ) -> None:
        super().__init__(frame)
        self.ruleset = ruleset
        self.own = tuple(own)
        self.day = day
        self.named = dict(named)
        self.domain = Domain()

    def clear(self) -> None:
        self.domain = Domain()

    def compute(self, chunk: Chunk) -> Any:
        """Codes of resolutions. ``day``: codes of days; ``named``: by rule, codes of findings."""
        rows = self.frame.rows(chunk)
        own = np.empty((rows, len(self.own)), np.uint8)
        for number, each in enumerate(self.own):
            own[:, number] = each.column(chunk)
        named = {rule: node.column(chunk) for rule, node in self.named.items()}
        # A finding on a rule that does not hold makes no difference, nor does the day where no ground looks at it.
        told = [np.where(own[:, rule] == FALSE, 0, codes.index) for rule, codes in named.items()]
        day = self.day.column(chunk) if self.ruleset.by_day else None
        if day is not None:
            told.append(day.index)
        width = (len(self.own) + 7) // 8
        size = 2 * width + 4 * len(told)
        table = np.empty((rows, size), np.uint8)
        for place, truth in enumerate((TRUE, UNKNOWN)):
            table[:, place * width : (place + 1) * width] = np.packbits(own == truth, axis=1, bitorder="little")
        for place, codes in enumerate(told):
            at = 2 * width + 4 * place
            table[:, at : at + 4] = codes.astype(np.uint32).view(np.uint8).reshape(-1, 4)
        whole = table.tobytes()
        seen: dict[bytes, int] = {}
        index = np.empty(rows, np.int64)
        for row in range(rows):
            key = whole[row * size : (row + 1) * size]
            code = seen.get(key)
            if code is None:
                chosen = {
                    rule: finding
                    for rule, codes in named.items()
                    if own[row, rule] != FALSE and isinstance(finding := codes.domain.values[codes.index[row]], str)
                }
                on: Any = None if day is None else day.domain.values[day.index[row]]
                true, unknown = (int.from_bytes(key[start : start + width], "little") for start in (0, width))
                said = resolve_masks(self.ruleset, true, unknown, on, chosen, needs=False, statuses=False)
                code = seen[key] = self.domain.code(_Kept(said))
            index[row] = code
        return Codes(index, self.domain)


@dataclass(frozen=True, eq=False, slots=True)
class _Kept:
    """A resolution as a value of a domain: by identity."""

    resolution: Any


class Saying(Node):
    """What a decision says of each record, as codes of `Said`."""

    def __init__(self, decided: Deciding | Resolved) -> None:
        super().__init__(decided.frame)
        self.decided = decided
        self.clear()

    def clear(self) -> None:
        self.domain = Domain()
        self._met: dict[Said, int] = {}
        self._resolved: Domain | None = None
        self._codes: list[int] = []
        """Of the resolutions of a domain, which grows, in its order."""

    def compute(self, chunk: Chunk) -> Any:
        if isinstance(self.decided, Deciding):
            return self.decided.said(chunk)
        found = self.decided.column(chunk)
        if self._resolved is not found.domain:
            self._resolved, self._codes = found.domain, []
        for kept in found.domain.values[len(self._codes) :]:
            each = kept.resolution
            said = Said(each.outcome, each.possible, each.error)
            code = self._met.get(said)
            if code is None:
                code = self._met[said] = self.domain.code(said)
            self._codes.append(code)
        return Codes(np.array(self._codes or [0], np.int64).take(found.index), self.domain)


class Holds(Node):
    """Whether some of the rules apply, or decide, on each record."""

    def __init__(self, decided: Decided | Resolved, rules: Sequence[int], decides: bool) -> None:
        super().__init__(decided.frame)
        if isinstance(decided, Decided):
            decided.of_rules = True
        self.decided = decided
        self.rules = tuple(rules)
        self.decides = decides

    def compute(self, chunk: Chunk) -> Any:
        found = self.decided.column(chunk)
        truths: Truths = np.full(self.frame.rows(chunk), FALSE, np.uint8)
        for rule in self.rules:
            if isinstance(found, Standing):
                decided = self.decided
                assert isinstance(decided, Decided)
                decides = self.decides
                each = self._decides(decided, rule, found, chunk) if decides else decided.rule_applies(rule, chunk)
            else:
                each = self._kept(rule, found)
            if each is not None:
                np.maximum(truths, each, out=truths)
        return truths

    def _kept(self, rule: int, found: Codes) -> Truths:
        table = []
        for kept in found.domain.values:
            resolution = kept.resolution  # type: ignore[attr-defined]
            truth = resolution.decides(rule) if self.decides else resolution.applies(rule)
            table.append(TRUE if truth else UNKNOWN if truth is None else FALSE)
        return np.array(table or [FALSE], np.uint8).take(found.index)

    def _decides(self, decided: Decided, rule: int, found: Standing, chunk: Chunk) -> Truths | None:
        classes = decided.classes
        show = classes.classes[classes.of_rule[rule]].show
        remains = decided.rule_remains(rule, chunk)
        if remains is None or show is None:
            return None
        places = np.flatnonzero(remains)
        truths = np.zeros(len(remains), np.uint8)
        is_open = decided.is_open(chunk)[places]
        key = (found.maybe[places].astype(np.int64) << 32) | (found.said.index[places] << 1) | is_open
        distinct, index = np.unique(key, return_inverse=True)
        table = np.zeros((len(distinct), 2), np.uint8)
        for place, one in enumerate(distinct.tolist()):
            said = found.said.domain.values[(one & 0xFFFFFFFF) >> 1]
            assert isinstance(said, Said)
            table[place] = classes.decides(show, one >> 32, bool(one & 1), said)
        truths[places] = table[index, np.where(remains[places] == TRUE, 0, 1)]
        return truths


# ------------------------------------------------------------------------------------------ helpers


def _some(truths: Sequence[Truths | None]) -> Truths | None:
    """The disjunction; None is false."""
    found: Truths | None = None
    own = False
    for each in truths:
        if each is None:
            continue
        if found is None:
            found = each
        else:
            found = np.maximum(found, each, out=found if own else None)
            own = True
    return found


def _and(truths: Truths, others: Truths | None) -> Truths | None:
    return None if others is None else np.minimum(truths, others)


def _and_not(truths: Truths, others: Truths | None) -> Truths:
    return truths if others is None else np.minimum(truths, np.subtract(np.uint8(2), others))
