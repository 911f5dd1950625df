"""Reductions that change nothing, taken out of the parser's tables.

The grammar has one rule for each level at which operators bind: `?sum: product | …`, `?product: unary | …`. So a name
in a set is a `postfix`, then a `unary`, a `product`, a `sum`, an `intersection`, a `union`: six reductions by rules
that hand on their only child, for each of which Lark would look up where to go on. Which of them are made follows from
the state below the child and the word that comes next, so the state that they end in can be worked out beforehand.

    below the child      …  `{` · union …
    state of a postfix      on `,`: it is a unary     on `.`: shift
    … of a union                    on `,`: shift
    state made of both      on `,`: shift             on `.`: shift

A state so made takes the place of the state of the `postfix` there; it does on each word what the last state of its
chain would have done. (This is the elimination of unit productions of Anderson, Eve and Horning, 1973.) What a text is
parsed to is the same, and so is where a word that does not fit is refused: chains that end in an error are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

SHIFT, REDUCE = 0, 1
"""Lark's numbers for what an action does."""

Action: TypeAlias = tuple[int, int]
"""Shift to a state, or reduce by a rule, which is a number in Lark's memo."""

Row: TypeAlias = dict[str, Action]
"""The actions of a state, by the name of the symbol that comes."""


def shortened(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Lark's saved data with other tables, which parse the same."""
    data = saved["data"]
    table = data["parser"]["parser"]
    tokens: dict[str, str] = {str(number): name for number, name in table["tokens"].items()}
    rows = {
        int(state): {
            tokens[str(token)]: (action, target["@"] if action == REDUCE else target)
            for token, (action, target) in actions.items()
        }
        for state, actions in table["states"].items()
    }
    numbers = {name: number for number, name in tokens.items()}
    made = _Chains(rows, _handing_on(saved["memo"]), set(table["start_states"].values())).made
    states = {
        str(state): {
            numbers[name]: [action, {"@": target} if action == REDUCE else target]
            for name, (action, target) in row.items()
        }
        for state, row in made.items()
    }
    return {**saved, "data": {**data, "parser": {**data["parser"], "parser": {**table, "states": states}}}}


def _handing_on(memo: Mapping[Any, Any]) -> dict[int, str]:
    """The rules that hand on their only child as it is, and what they make of it.

    Lark's transformer is not called for them (`?` in the grammar, and no alias). What a symbol that begins with `_`
    stands for is spread among its siblings.
    """
    found: dict[int, str] = {}
    for number, rule in memo.items():
        if rule["__type__"] == "Rule" and rule["options"]["expand1"] and not rule["alias"]:
            symbols = rule["expansion"]
            if len(symbols) == 1 and symbols[0]["__type__"] == "NonTerminal" and symbols[0]["name"][0] != "_":
                found[int(number)] = rule["origin"]["name"]
    return found


class _Chains:
    """``made``: the states that can be reached, with chains of ``handing_on`` rules made into states."""

    def __init__(self, rows: Mapping[int, Row], handing_on: Mapping[int, str], starts: Collection[int]) -> None:
        self._rows: dict[int, Row] = dict(rows)
        """As they are before chains are made into states: an action of any leads to a state that is in here."""
        self._handing_on = handing_on
        self._made_of_others = set(handing_on.values())
        self._known = {_content(row): state for state, row in sorted(rows.items(), reverse=True)}
        self.made: dict[int, Row] = {}
        waiting = sorted(starts)
        while waiting:
            state = waiting.pop()
            if state in self.made:
                continue
            self.made[state] = row = {
                name: (action, self._after(state, name, target) if action == SHIFT else target)
                for name, (action, target) in self._rows[state].items()
            }
            waiting.extend(target for action, target in row.values() if action == SHIFT)

    def _after(self, below: int, name: str, state: int) -> int:
        """The state to go on in where a child called ``name``, after which ``state`` comes, stands above ``below``."""
        if name.isupper() or name in self._made_of_others:
            return state
        row: Row = {}
        for word, first in self._rows[state].items():
            here, (action, target) = state, first
            while action == REDUCE and target in self._handing_on:
                _, here = self._rows[below][self._handing_on[target]]
                if word not in self._rows[here]:
                    row[word] = first  # an error: made out where it always was, so that the message is the same
                    break
                action, target = self._rows[here][word]
            else:
                row[word] = action, target
                for symbol, goto in self._rows[here].items():
                    if not symbol.isupper() and row.setdefault(symbol, goto) != goto:
                        return state  # two states of the chain go on differently: it stays
        return state if row == self._rows[state] else self._number(row)

    def _number(self, row: Row) -> int:
        content = _content(row)
        if content not in self._known:
            self._known[content] = len(self._rows)
            self._rows[len(self._rows)] = row
        return self._known[content]


def _content(row: Row) -> frozenset[tuple[str, Action]]:
    return frozenset(row.items())
