"""From the conditions of a decision's rules, as columns, to what the decision says of every row.

The meaning is that of `runtime.resolve`. Applying and remaining are Kleene formulas, computed for all rows at once:

    applies(r) = own(r) and (some rule that r is an exception to applies) and not (a rule that disapplies r applies)
    remains(r) = applies(r) and not (a rule that prevails over r applies)

Rules that show the same and stand in the same relations to all others are one *class*: what its members do together
one rule does whose condition is their disjunction. What a row says follows from the *shows* (outcome and rank) of the
classes that remain. Where a class may or may not remain, and that can matter, what is said depends on the unknown
conditions that this depends on; rows that agree in these are worked out once, by trying every way to settle them, or,
where there are too many, by `runtime.resolve` itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from random import Random
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.columns import FALSE, TRUE, UNKNOWN, Codes, Domain, Index, Truths
from comity.backends.batch.nodes import Chunk, Frame, Node
from comity.runtime.resolve import resolve_masks
from comity.runtime.rules import Ruleset, bits, mask_of, union

TRIED: Final = 16
"""Unknown conditions of which all ways to settle them are tried at once."""

FEW: Final = 10
"""Unknown conditions up to which all ways are tried at once, and none picked first."""

SAMPLED: Final = 512
"""Ways picked at random."""

SPLIT: Final = 8
"""How often conditions that are too many are split into those where one is true and those where it is false."""

REMEMBERED: Final = 100_000
"""Patterns of conditions of which it is remembered what they say."""

Says = tuple[str, ...]


class Said(NamedTuple):
    """What a decision says of a row, as in `Resolution`."""

    outcome: str | None
    possible: Says
    error: Literal["gap", "contradiction"] | None


@dataclass(frozen=True, slots=True)
class Class:
    """Rules that show the same (``show``: a number, None for nothing) and stand in the same relations to all others.

    The other fields are classes by number. ``reach``: those that it depends on whether this one remains, as a mask.
    """

    members: tuple[int, ...]
    show: int | None
    exception_to: tuple[int, ...]
    disapplied_by: tuple[int, ...]
    prevailed_by: tuple[int, ...]
    reach: int


class Classes:
    """The rules of a decision by class, in an order in which each class comes after those it depends on to apply."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        groups: dict[object, list[int]] = {}
        for number, rule in enumerate(ruleset.rules):
            groups.setdefault((ruleset.relations[number], rule.outcome, rule.rank), []).append(number)
        depth = _depths(ruleset)
        members = sorted(groups.values(), key=lambda each: (depth[each[0]], each[0]))
        self.of_rule = {rule: place for place, each in enumerate(members) for rule in each}
        shows: dict[tuple[str, str | None], int] = {}
        self.classes: list[Class] = []
        for each in members:
            first = each[0]
            rule = ruleset.rules[first]
            show = None if rule.outcome is None else shows.setdefault((rule.outcome, rule.rank), len(shows))
            self.classes.append(
                Class(
                    tuple(each),
                    show,
                    self._of(ruleset.exception_to[first]),
                    self._of(ruleset.disapplied_by[first]),
                    self._of(ruleset.prevailed_by[first]),
                    mask_of(self._of(ruleset.reach[first])),
                )
            )
        self.shows = list(shows)
        faces = ruleset.faces(None)
        first_with = {
            show: next(c.members[0] for c in self.classes if c.show == place) for show, place in shows.items()
        }
        self._faces = [1 << first_with[show] for show in self.shows]
        """For each show, the face of some rule that has it."""
        self.faces = faces
        self._settled: dict[int, Says] = {}
        by_restriction = bool(ruleset.grounds) and ruleset.grounds[0].kind == "restriction"
        order = {outcome: place for place, outcome in enumerate(ruleset.outcomes)}
        self.restriction = [order[outcome] for outcome, _ in self.shows] if by_restriction else None
        """Where the first ground is restriction, how far down the outcomes each show is."""

    def _of(self, rules: int) -> tuple[int, ...]:
        return tuple(sorted({self.of_rule[rule] for rule in bits(rules)}))

    def says(self, shown: int) -> Says:
        """The outcomes that the grounds leave of the shows in a mask."""
        found = self._settled.get(shown)
        if found is None:
            kept, _ = self.faces.settle(self._faces_of(shown))
            found = self._settled[shown] = self.faces.outcomes(kept)
        return found

    def _faces_of(self, shown: int) -> int:
        return sum(self._faces[show] for show in bits(shown))

    def said(self, results: Iterable[Says]) -> Said:
        """What is said where each of the results comes of some way; as in `runtime.resolve`."""
        fallback = () if self.ruleset.otherwise is None else (self.ruleset.otherwise,)
        says = {outcomes or fallback for outcomes in results}
        named = {outcome for outcomes in says for outcome in outcomes}
        possible = tuple([outcome for outcome in self.ruleset.outcomes if outcome in named])
        if not named:
            return Said(None, possible, "gap")
        if all(len(outcomes) > 1 for outcomes in says):
            return Said(None, possible, "contradiction")
        return Said(possible[0] if len(says) == 1 else None, possible, None)

    def decides(self, show: int, shown: int, is_open: bool, said: Said) -> tuple[int, int]:
        """What `RULE decides` is, of a rule with that show that remains, and of one that may remain."""
        outcome = self.shows[show][0]
        if outcome not in said.possible:
            return FALSE, FALSE
        if said.error or said.outcome is None:
            return UNKNOWN, UNKNOWN
        every, own = self._faces_of(shown), self._faces[show]
        if is_open:
            steady = self.faces.stands(own.bit_length() - 1, every)
        else:
            steady = bool(self.faces.settle(every)[0] & own)
        return TRUE if steady else UNKNOWN, UNKNOWN


def _depths(ruleset: Ruleset) -> list[int]:
    """How many levels of rules each rule depends on to apply."""
    depth = [0] * len(ruleset.rules)
    for level, mask in enumerate(ruleset.dependent, 1):
        for rule in bits(mask):
            depth[rule] = level
    return depth


class _TooMany(Exception):
    """There are too many ways to try."""


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


class Decided(Node):
    """A decision on the records of a frame. Its column holds `Said`."""

    def __init__(self, frame: Frame, ruleset: Ruleset, own: Sequence[Node]) -> None:
        super().__init__(frame)
        self.ruleset = ruleset
        self.classes = Classes(ruleset)
        self.own = tuple(own)
        self.clear()

    def clear(self) -> None:
        self.domain = Domain()
        self._closed: dict[int, int] = {}
        self._opened: dict[bytes, int] = {}
        self._parts: dict[object, frozenset[int]] = {}
        self._samples: dict[int, tuple[list[int], int]] = {}

    def compute(self, chunk: Chunk) -> Any:
        rows = self.frame.rows(chunk)
        own = [each.column(chunk) for each in self.own]
        applies, remains = self._stand(own)
        # As narrow as can be: all that follows goes over every row.
        kind: Any = np.uint8 if len(self.classes.shows) <= 8 else np.uint32
        shown: NDArray[Any] = np.zeros(rows, kind)
        maybe: NDArray[Any] = np.zeros(rows, kind)
        for show in range(len(self.classes.shows)):
            of_show = [r for each, r in zip(self.classes.classes, remains, strict=True) if each.show == show]
            truths = _some(of_show)
            if truths is not None:
                shown |= (truths >> np.uint8(1)).astype(kind, copy=False) << kind(show)
                maybe |= ((truths + np.uint8(1)) >> np.uint8(1)).astype(kind, copy=False) << kind(show)
        undecided = maybe & ~shown
        if self.classes.restriction is not None and undecided.any():
            undecided &= self._alive(shown)
        index = self._of_shown(shown)
        rows_open = np.flatnonzero(undecided)
        if len(rows_open):
            index[rows_open] = self._of_open(rows_open, own, remains, shown, undecided)
        return Standing(applies, remains, shown, maybe, Codes(index, self.domain))

    def is_open(self, chunk: Chunk) -> NDArray[np.bool_]:
        """The rows in which of some rule it is open whether it remains, though another of its class may remain."""
        found: Standing = self.column(chunk)
        if found.is_open is None:
            found.is_open = np.zeros(self.frame.rows(chunk), np.bool_)
            for rule in range(len(self.own)):
                truths = self.rule_remains(rule, chunk)
                if truths is not None:
                    found.is_open |= truths == UNKNOWN
        return found.is_open

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
            self._parts.clear()
        for place in range(len(rows)):
            key = whole[place * size : (place + 1) * size]
            code = kept.get(key)
            if code is None:
                code = kept[key] = self.domain.code(self._ways(key, int(rows[place]), own))
            found[place] = code
        return found

    def _ways(self, key: bytes, row: int, own: Sequence[Truths]) -> Said:
        """What is said over all ways to settle the unknown conditions. Classes that share none of them are independent:
        what they show together is every union of what each may show.
        """
        classes = self.classes.classes
        width = len(classes)
        truths = {number: each & 3 for number, each in enumerate(key[:width]) if each & 3}
        asked = [number for number, each in enumerate(key[:width]) if each & 4]
        shown = int.from_bytes(key[width:], "little")
        unknown = [number for number, truth in truths.items() if truth == UNKNOWN]
        if len(unknown) > FEW:
            said = self._sampled(asked, truths, unknown, shown)
            if said is not None:
                return said
        try:
            masks = self._shown(asked, truths, SPLIT)
        except _TooMany:
            return self._resolved(row, own)
        return self.classes.said({self.classes.says(shown | mask) for mask in masks})

    def _sampled(
        self, asked: Sequence[int], truths: Mapping[int, int], unknown: Sequence[int], shown: int
    ) -> Said | None:
        """What is said if some ways already say all that could be: whatever any of the classes may show."""
        classes = self.classes.classes
        shows = sorted({show for number in asked if (show := classes[number].show) is not None})
        most = {self.classes.says(shown | mask) for mask in _subsets(shows)}
        ways, every = self._some_ways(len(unknown))
        masks = self._tried(asked, truths, dict(zip(unknown, ways, strict=True)), every)
        return self.classes.said(most) if {self.classes.says(shown | mask) for mask in masks} == most else None

    def _some_ways(self, count: int) -> tuple[list[int], int]:
        """Some ways to settle conditions (one alone true, one alone false, and at random): for each condition those in
        which it holds, and all.
        """
        found = self._samples.get(count)
        if found is None:
            random = Random(0)
            ways = [1 << place | (((1 << count) - 1) ^ (1 << place)) << count for place in range(count)]
            for part in range(SAMPLED // 64):  # rare ones, even ones, frequent ones
                at = 2 * count + 64 * part
                for place in range(count):
                    one, two, three = (random.getrandbits(64) for _ in range(3))
                    ways[place] |= (one & two & three, one, one | two | three, one & two)[part % 4] << at
            found = self._samples[count] = ways, (1 << 2 * count + SAMPLED) - 1
        return found

    def _shown(self, asked: Sequence[int], truths: Mapping[int, int], splits: int) -> frozenset[int]:
        """The masks of what some classes show, over all ways to settle the conditions that are unknown."""
        classes = self.classes.classes
        unknown = mask_of(number for number, truth in truths.items() if truth == UNKNOWN)
        found = frozenset({0})
        for members in _sharing({number: classes[number].reach & unknown for number in asked}):
            reach = union(classes[number].reach for number in members)
            own = {number: truth for number, truth in truths.items() if reach >> number & 1}
            part = (members, *own.items())
            shown = self._parts.get(part)
            if shown is None:
                if (reach & unknown).bit_count() <= TRIED:
                    shown = self._every_way(members, own)
                elif not splits:
                    raise _TooMany
                else:
                    # On the condition that most of them depend on: what is left then falls apart.
                    conditions = [bits(classes[number].reach & unknown) for number in members]
                    most, _ = Counter(chain.from_iterable(conditions)).most_common(1)[0]
                    without = {number: truth for number, truth in own.items() if number != most}
                    shown = self._shown(members, {**own, most: TRUE}, splits - 1)
                    shown |= self._shown(members, without, splits - 1)
                self._parts[part] = shown
            found = frozenset([one | other for one in found for other in shown])
        return found

    def _every_way(self, asked: Sequence[int], truths: Mapping[int, int]) -> frozenset[int]:
        """The masks of what some classes show, all ways tried."""
        unknown = [number for number, truth in truths.items() if truth == UNKNOWN]
        ways, every = _all_ways(len(unknown))
        return self._tried(asked, truths, dict(zip(unknown, ways, strict=True)), every)

    def _tried(
        self, asked: Sequence[int], truths: Mapping[int, int], settled: Mapping[int, int], every: int
    ) -> frozenset[int]:
        """The masks of what some classes show in each way. ``truths``: of the conditions that it depends on;
        ``settled``: for those that are unknown, the ways in which they hold. Bit i of such an integer is way i.
        """
        classes = self.classes.classes
        applies: dict[int, int] = {}
        for number in sorted(truths):
            each = classes[number]
            holds = settled.get(number, every)
            if each.exception_to:
                holds &= union(applies.get(other, 0) for other in each.exception_to)
            for other in each.disapplied_by:
                holds &= ~applies.get(other, 0)
            applies[number] = holds
        shows: dict[int, int] = {}
        for number in asked:
            holds, show = applies.get(number, 0), classes[number].show
            assert show is not None
            for other in classes[number].prevailed_by:
                holds &= ~applies.get(other, 0)
            shows[show] = shows.get(show, 0) | holds
        # The ways by what is shown in them: parted show by show.
        parted = {0: every}
        for show, holds in shows.items():
            apart = [(mask | bit, ways) for mask, those in parted.items()
                     for bit, ways in ((1 << show, those & holds), (0, those & ~holds)) if ways]  # fmt: skip
            parted = dict(apart)
        return frozenset(parted)

    def _resolved(self, row: int, own: Sequence[Truths]) -> Said:
        true = mask_of(number for number, each in enumerate(own) if each[row] == TRUE)
        unknown = mask_of(number for number, each in enumerate(own) if each[row] == UNKNOWN)
        found = resolve_masks(self.ruleset, true, unknown, None, None, needs=False, statuses=False)
        return Said(found.outcome, found.possible, found.error)


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
        own = [each.column(chunk) for each in self.own]
        day = self.day.column(chunk)
        named = {rule: node.column(chunk) for rule, node in self.named.items()}
        table = np.empty((rows, len(own) + 4 * (1 + len(named))), np.uint8)
        for number, truths in enumerate(own):
            table[:, number] = truths
        for place, each in enumerate((day, *named.values())):
            at = len(own) + 4 * place
            table[:, at : at + 4] = each.index.astype(np.uint32).view(np.uint8).reshape(-1, 4)
        size = table.shape[1]
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
                    if isinstance(finding := codes.domain.values[codes.index[row]], str)
                }
                at = day.domain.values[day.index[row]]
                code = seen[key] = self.domain.code(_Kept(self._resolution(key, at, chosen)))
            index[row] = code
        return Codes(index, self.domain)

    def _resolution(self, key: bytes, day: date | None, chosen: Mapping[int, str]) -> Any:
        truths = key[: len(self.own)]
        true = mask_of(number for number, truth in enumerate(truths) if truth == TRUE)
        unknown = mask_of(number for number, truth in enumerate(truths) if truth == UNKNOWN)
        return resolve_masks(self.ruleset, true, unknown, day, chosen, needs=False, statuses=False)


@dataclass(frozen=True, eq=False, slots=True)
class _Kept:
    """A resolution as a value of a domain: by identity."""

    resolution: Any


class Saying(Node):
    """What a decision says of each record, as codes of `Said`."""

    def __init__(self, decided: Decided | Resolved) -> None:
        super().__init__(decided.frame)
        self.decided = decided
        self.domain = Domain()

    def clear(self) -> None:
        self.domain = Domain()

    def compute(self, chunk: Chunk) -> Any:
        found = self.decided.column(chunk)
        if isinstance(found, Standing):
            return found.said
        kept = [each.resolution for each in found.domain.values]
        codes = [self.domain.code(Said(each.outcome, each.possible, each.error)) for each in kept]
        return Codes(np.array(codes or [0], np.int64).take(found.index), self.domain)


class Holds(Node):
    """Whether some of the rules apply, or decide, on each record."""

    def __init__(self, decided: Decided | Resolved, rules: Sequence[int], decides: bool) -> None:
        super().__init__(decided.frame)
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


def _sharing(conditions: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Classes, each with the mask of the unknown conditions that it depends on, in groups that share none of them."""
    groups: list[tuple[int, tuple[int, ...]]] = []
    for number, mask in conditions.items():
        members: tuple[int, ...] = (number,)
        apart = []
        for other, those in groups:
            if other & mask:
                mask |= other
                members = (*those, *members)
            else:
                apart.append((other, those))
        groups = [*apart, (mask, members)]
    return [members for _, members in groups]


@cache
def _all_ways(count: int) -> tuple[list[int], int]:
    """All ways to settle conditions: for each condition those in which it holds, and all. Condition 0 holds in every
    second way, condition 1 in every second pair of ways, and so on: 0b1010, 0b1100.
    """
    every = (1 << (1 << count)) - 1
    return [every // ((1 << (1 << place)) + 1) << (1 << place) for place in range(count)], every


def _subsets(shows: Sequence[int]) -> list[int]:
    """The masks of all subsets."""
    found = [0]
    for show in shows:
        found += [mask | 1 << show for mask in found]
    return found
