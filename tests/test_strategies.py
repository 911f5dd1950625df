"""What is drawn shrinks: the example of a failure is a policy that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import find, given, settings

from comity import terms
from comity.core.walk import children
from tests.analysis.brute import Subject
from tests.strategies import draws, examples, small_policies

EVER = settings(max_examples=300, deadline=None, database=None, derandomize=True)


def throws(random: Random) -> list[tuple[int, bool]]:
    """Dice, and with some of them a coin: made as makers of policies make their parts."""
    return [(random.randint(1, 6), random.random() < 0.3) for _ in range(random.choice([2, 3, 9]))]


def test_draws_shrink_to_the_fewest_and_plainest_parts() -> None:
    found = find(draws().map(throws), lambda made: any(number > 3 for number, _ in made), settings=EVER)
    assert sorted(found) == [(1, False), (4, False)]


def test_a_draw_is_what_a_random_could_have_given() -> None:
    @examples(50)
    @given(draws())
    def check(random: Random) -> None:
        assert 0 <= random.random() < 1
        assert random.randrange(2, 9, 3) in {2, 5, 8}
        assert len(set(random.sample("abcd", 3))) == 3
        assert random.choices("ab", [0, 2], k=2) == ["b", "b"]
        shuffled = [1, 2, 3]
        random.shuffle(shuffled)
        assert sorted(shuffled) == [1, 2, 3]

    check()


def every(term: terms.Term) -> Iterator[terms.Term]:
    yield term
    for child in children(term):
        yield from every(child)


def size(subject: Subject) -> int:
    """The number of nodes in the conditions of a policy's rules."""
    (about,) = subject.program.decisions.values()
    return sum(1 for rule in about.rules for _ in every(rule.condition))


@pytest.mark.slow
def test_a_policy_with_a_negation_shrinks_to_little_else() -> None:
    def negates(subject: Subject) -> bool:
        (about,) = subject.program.decisions.values()
        return any(isinstance(part, terms.Not) for rule in about.rules for part in every(rule.condition))

    found = find(small_policies(), negates, settings=EVER)
    (about,) = found.program.decisions.values()
    assert len(about.rules) == 2, "as few as the maker makes"
    assert size(found) <= 25
