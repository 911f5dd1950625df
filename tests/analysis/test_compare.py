"""The engine's findings are exactly those of brute force, on random small policies; every code occurs among them.

`scripts/fuzz_analysis.py` does the same on as many as one likes.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given

from comity.analysis import limits
from comity.analysis.limits import SOLVER_ALONE
from comity.base.diagnostics import CODES
from tests.strategies import examples, small_policies

from .brute import Subject
from .compare import KINDS, Difference, compare

LONG = {"trees": {14, 29, 36}, "text": {20, 22, 25, 29, 33, 37, 38}}
"""Seeds whose policies take as long as all others together."""
USUAL = {
    ("trees", 0): [seed for seed in range(20) if seed not in LONG["trees"]],
    ("trees", 20): [seed for seed in range(20, 40) if seed not in LONG["trees"]],
    ("text", 20): [seed for seed in range(20, 40) if seed not in LONG["text"]],
}
"""By kind of policy and first seed, the seeds that are compared in every run; each code is found among them."""
NIGHTLY = {
    ("trees", 14): sorted(LONG["trees"]),
    ("trees", 40): list(range(40, 80)),
    ("text", 0): list(range(20)),
    ("text", 20): sorted(LONG["text"]),
    ("text", 40): list(range(40, 60)),
}


@cache
def compared(kind: str, seed: int) -> Difference:
    return compare(KINDS[kind](seed))


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        *(pytest.param(kind, seeds, id=f"{kind}-{start}") for (kind, start), seeds in USUAL.items()),
        *(
            pytest.param(kind, seeds, id=f"{kind}-{start}-nightly", marks=pytest.mark.slow)
            for (kind, start), seeds in NIGHTLY.items()
        ),
    ],
)
def test_findings_equal_brute_force(kind: str, seeds: list[int]) -> None:
    for seed in seeds:
        difference = compared(kind, seed)
        assert not difference.wrong, f"{kind} {seed}: {difference}"


@examples(5)
@given(small_policies())
def test_findings_on_drawn_policies_equal_brute_force(subject: Subject) -> None:
    """As above, where hypothesis draws the parts of the policy: what fails is made as small as it may be."""
    difference = compare(subject)
    assert not difference.wrong, difference


@pytest.mark.parametrize("start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in (20, 40, 60))])
def test_findings_on_decisions_that_read_others_equal_brute_force(start: int) -> None:
    for seed in range(start, start + (20 if start else 6)):
        difference = compared("reading", seed)
        assert not difference.wrong, f"reading {seed}: {difference}"


def test_what_is_too_large_to_settle_is_left_open() -> None:
    """Without diagrams of other decisions it is not known what they say where conditions cancel out: an input that was
    found by supposing it is none.
    """
    with limits.changed(diagram_nodes=0):
        difference = compare(KINDS["reading"](8))
    assert difference.missed == {("L210", "claim")}
    assert [why for why in difference.open if "`claim`" in why or "L210" in why]
    assert all("whichever way unknown conditions turn out" in why for why in difference.open)
    assert not difference.false and not difference.bad_witnesses


def test_a_clause_of_what_may_never_apply_is_no_alarm() -> None:
    """Whether a rule ever applies is left open without diagrams; so is then what its clauses are for."""
    with limits.changed(diagram_nodes=0):
        difference = compare(KINDS["reading"](9))
    assert {("L202", "d1_1"), ("L202", "d1_2")} <= difference.missed
    assert {("L200", "d1_1"), ("L200", "d1_2")} <= difference.found
    assert not difference.false and not difference.bad_witnesses


@pytest.mark.parametrize(
    "seeds", [range(1_000, 1_005), pytest.param(range(1_005, 1_015), marks=pytest.mark.slow)], ids=str
)
@pytest.mark.parametrize("kind", ["trees", "text"])
def test_findings_by_the_solver_alone_equal_brute_force(kind: str, seeds: range) -> None:
    """Small policies are settled by boxes: so that the solver is asked, boxes are given up at once."""
    with limits.changed(**SOLVER_ALONE):
        for seed in seeds:
            difference = compare(KINDS[kind](seed))
            assert not difference.wrong, f"{kind} {seed}: {difference}"


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("L")])
def test_every_code_is_among_them(code: str) -> None:
    """So that none is only ever compared with its absence."""
    found = (compared(kind, seed) for (kind, _), seeds in USUAL.items() for seed in seeds)
    assert any(code == each for difference in found for each, _ in difference.found)
