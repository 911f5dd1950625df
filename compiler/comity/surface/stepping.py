"""Lark's parser, stepping through its tables without asking about each step what can be known beforehand.

Lark looks up for each reduction, by a key that compares whole rules, what to call and how long the rule is; and it
hands each word on through three functions. `Steps` writes a state's actions down as they are done:

    on a word        5                               go to state 5
    on a word        (3, build, "either")            take three, let `build` make one of them, go where `either` leads
    on a symbol      8                               the state that a reduction leads to

The stacks are those of Lark's own state, so what looks at them while words come (`lexer.py`), or cuts them back after
an error (`parse.py`), need not know; and a word that does not fit goes to Lark, which refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

from lark.grammar import Rule
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParseConf, ParserState

from comity.surface.words import Word

Reduction: TypeAlias = tuple[int, Callable[[list[Any]], Any], str]
"""How many values a rule takes, what makes one of them, and the symbol that this is."""

Row: TypeAlias = dict[str, Any]
"""What a state does on the word or symbol that comes: a number to go to, or a Reduction."""


class Steps:
    """The steps of a parser, which are those of all texts that begin with the same symbol."""

    def __init__(self, conf: ParseConf[int]) -> None:
        self._states = conf.states
        self._callbacks = cast(dict[Rule, Callable[[list[Any]], Any]], conf.callbacks)
        assert not any(isinstance(each, str) for each in self._callbacks), "words are taken as they are"
        self._reductions: dict[Rule, Reduction] = {}
        self._rows: dict[int, Row] = {}
        """Those of the states that were reached so far."""

    def take(self, state: ParserState[int], words: Iterator[Word]) -> None:
        """Read words to their end. Raises UnexpectedToken for one that does not fit; the stacks are as before it."""
        states, values, rows = state.state_stack, state.value_stack, self._rows
        row = rows.get(states[-1]) or self._row(states[-1])
        for word in words:
            kind = word.type
            while True:
                action = row.get(kind)
                if action.__class__ is int:
                    states.append(action)
                    values.append(word)
                    row = rows.get(action) or self._row(action)
                    break
                if action is None:
                    state.feed_token(word)  # raises UnexpectedToken
                    raise AssertionError("Lark takes a word that its table refuses")
                size, build, symbol = action
                if size:
                    children = values[-size:]
                    del values[-size:], states[-size:]
                else:
                    children = []
                values.append(build(children))
                below = rows.get(states[-1]) or self._row(states[-1])
                action = below[symbol]
                states.append(action)
                row = rows.get(action) or self._row(action)

    def _row(self, state: int) -> Row:
        """The actions of a state that is reached for the first time."""
        actions = self._states[state]
        row = self._rows[state] = {
            name: argument if action is Shift else self._reduction(argument)
            for name, (action, argument) in actions.items()
        }
        return row

    def _reduction(self, rule: Rule) -> Reduction:
        if rule not in self._reductions:
            self._reductions[rule] = len(rule.expansion), self._callbacks[rule], rule.origin.name
        return self._reductions[rule]
