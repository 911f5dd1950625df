"""What tests draw at random, in a form that hypothesis can shrink: a failure is a small policy, not a hundred lines.

The makers of random policies, facts and texts take a `random.Random`, so that `scripts/fuzz_*.py` can give them a seed.
`draws` gives them one whose every draw hypothesis makes and may make simpler, so that it is the parts of a policy that
shrink. What is simplest here is what gives less: no optional part, the fewest repetitions, the first of a choice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, MutableSequence, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from comity.core.ast import Program
from tests.analysis.brute import Subject
from tests.analysis.policies import policy_of
from tests.analysis.written import written_of
from tests.backends import generate

T = TypeVar("T")

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
"""What is said of examples because they are whole policies, and compiled."""

STEPS = 256
"""A chance is drawn as one of so many steps: one byte, of which hypothesis has some thousands for an example."""


class Draws(Random):
    """A source of randomness that asks hypothesis for each draw, and prefers what makes less."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        super().__init__(0)
        self._draw = draw

    def _below(self, count: int) -> int:
        number = self._draw(st.integers(0, count - 1))
        assert isinstance(number, int)
        return number

    def random(self) -> float:
        """From 0 up to 1; simplest just below 1, as makers write `random() < chance` of what may be left out."""
        return (STEPS - 1 - self._below(STEPS)) / STEPS

    def getrandbits(self, k: int, /) -> int:
        return self._below(1 << k)

    def randint(self, a: int, b: int) -> int:
        return a + self._below(b - a + 1)

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        numbers = range(start) if stop is None else range(start, stop, step)
        return numbers[self._below(len(numbers))]

    def choice(self, seq: Any) -> Any:
        return seq[self._below(len(seq))]

    def sample(self, population: Any, k: int, *, counts: Iterable[int] | None = None) -> list[Any]:
        assert counts is None
        left = list(population)
        return [left.pop(self._below(len(left))) for _ in range(k)]

    def shuffle(self, x: MutableSequence[Any]) -> None:
        x[:] = self.sample(x, len(x))

    def choices(
        self,
        population: Sequence[T],
        weights: Any = None,
        *,
        cum_weights: Any = None,
        k: int = 1,
    ) -> list[T]:
        assert cum_weights is None
        repeated = population if weights is None else self._by_weight(population, weights)
        return [self.choice(repeated) for _ in range(k)]

    @staticmethod
    def _by_weight(population: Sequence[T], weights: Sequence[int]) -> list[T]:
        return [each for each, weight in zip(population, weights, strict=True) for _ in range(weight)]


@st.composite
def draws(draw: st.DrawFn) -> Random:
    """A `Random` for makers of policies, facts and texts, whose draws shrink."""
    return Draws(draw)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Core programs with everything that core has (`tests/backends/generate.py`)."""
    return generate.program(Draws(draw))


@st.composite
def small_policies(draw: st.DrawFn) -> Subject:
    """Policies whose every input can be gone through: of core trees, or written as text."""
    make: Callable[[Random], Subject | None] = draw(st.sampled_from([policy_of, written_of]))
    made = make(Draws(draw))
    assume(made is not None)
    assert made is not None
    return made


def examples(usual: int) -> settings:
    """How many examples a property is tried on: ``usual``, or as many as `COMITY_EXAMPLES` asks for."""
    count = int(os.environ.get("COMITY_EXAMPLES", "0")) or usual
    return settings(max_examples=count, deadline=None, suppress_health_check=SLOW)
