"""The parser: an LALR(1) machine on the tables that Lark made.

Lark could run them itself. We do, for three reasons: recovery from errors cuts the stacks back; the lexer asks what
may come next; and most reductions in a layered expression grammar only pass a value up a level, which here is one
step for a whole chain of them (twice the speed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from comity.surface.tables import tables
from comity.surface.words import Word


class Unexpected(Exception):
    """A word that the grammar does not take where it stands."""

    def __init__(self, word: Word) -> None:
        self.word = word
        super().__init__(word.type)


class Machine:
    """One parse. ``states`` is one longer than ``values``, the words and nodes that are not yet part of others."""

    def __init__(self, builder: object, start: str) -> None:
        self.tables = made = tables()
        first, self.last = made.starts[start]
        self.states = [first]
        self.values: list[Any] = []
        self._builders: list[Callable[[list[Any]], Any] | None] = [
            None if one.builds is None else getattr(builder, one.builds, _unbuilt) for one in made.productions
        ]

    def feed(self, word: Word) -> None:
        """Take the next word. Raises `Unexpected`, the stacks being as before but for reductions."""
        kind = word.type
        states, values, leaps = self.states, self.values, self.tables.leaps
        actions, gotos, productions = self.tables.actions, self.tables.gotos, self.tables.productions
        while True:
            state = states[-1]
            move = actions[state].get(kind)
            if move is None:
                raise Unexpected(word)
            if move >= 0:
                states.append(move)
                values.append(word)
                return
            origin, size, _, single, unit = productions[~move]
            if unit:
                key = (states[-2], state, kind)
                leap = leaps.get(key)
                if leap is None:
                    leap = leaps[key] = self._leap(*key)
                states[-1] = leap
                continue
            if size:
                children = values[-size:]
                del values[-size:], states[-size:]
                for child in children:
                    if type(child) is list:
                        children = _flat(children)
                        break
            else:
                children = []
            build = self._builders[~move]
            values.append(
                children if build is None else children[0] if single and len(children) == 1 else build(children)
            )
            states.append(gotos[states[-1]][origin])
            if states[-1] == self.last and kind == "$END":
                return

    def _leap(self, below: int, state: int, kind: str) -> int:
        """Where a chain of reductions ends that pass a value up, from ``state`` with ``below`` under it."""
        grammar = self.tables
        while (move := grammar.actions[state].get(kind, 0)) < 0 and grammar.productions[~move].unit:
            state = grammar.gotos[below][grammar.productions[~move].origin]
        return state

    def expects(self, kind: str, keep: int | None = None) -> bool:
        """May a terminal come next (if only the first ``keep`` values were there)?

        That the state has an action for it is not enough: in an LALR table what it would reduce by may then stand
        in a place that does not take it. So the reductions are made, on the states alone.
        """
        grammar = self.tables
        kept, made = len(self.states) if keep is None else keep + 1, list[int]()
        while True:
            move = grammar.actions[made[-1] if made else self.states[kept - 1]].get(kind)
            if move is None:
                return False
            if move >= 0:
                return True
            production = grammar.productions[~move]
            from_made = min(production.size, len(made))
            del made[len(made) - from_made :]
            kept -= production.size - from_made
            below = made[-1] if made else self.states[kept - 1]
            made.append(grammar.gotos[below][production.origin])
            if made[-1] == self.last and kind == "$END":
                return True

    def expected(self) -> frozenset[str]:
        """All terminals that may come next."""
        return frozenset(kind for kind in tables().actions[self.states[-1]] if self.expects(kind))

    def standing(self, anchor: str) -> int | None:
        """How many values to keep so that the terminal ``anchor`` can come next; None if no number will do."""
        return next((n for n in range(len(self.values), -1, -1) if self.expects(anchor, n)), None)

    def cut(self, keep: int) -> list[Any]:
        """Forget all but the first ``keep`` values; returns those forgotten."""
        dropped = self.values[keep:]
        del self.values[keep:], self.states[keep + 1 :]
        return dropped


def _flat(children: Iterable[Any]) -> list[Any]:
    """Children with those of inlined rules, which are lists, in their places. Reuses the first, which may be long."""
    flat: list[Any] | None = None
    for child in children:
        if type(child) is not list:
            if flat is None:
                flat = []
            flat.append(child)
        elif flat is None:
            flat = child
        else:
            flat += child
    return flat or []


def _unbuilt(children: list[Any]) -> Any:
    raise NotImplementedError("a rule of the grammar that no method of the builder is named after")
