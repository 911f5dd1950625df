"""That there is nothing has no witness: on policies of some dozens of rules the solver confirms it, finding no more."""

from __future__ import annotations

import pytest

from comity.analysis import analyse, limits

from . import shaped
from .compare import key
from .midsize import expected, policy

CODES = ("L200", "L201", "L202", "L203", "L204")


def slow(seed: int, size: int) -> object:
    return pytest.param(seed, size, marks=pytest.mark.slow)


@pytest.mark.parametrize(("seed", "size"), [(1, 25), slow(2, 30), slow(3, 25), slow(4, 40)])
def test_findings_equal_the_solver(seed: int, size: int) -> None:
    z3 = pytest.importorskip("z3")
    program, rules = policy(seed, size)
    found = {key(each) for each in analyse(program) if each.code in CODES}
    wanted = expected(rules, z3)
    assert sum(code == "L201" for code, _ in wanted) < limits.current.shown_contradictions
    assert found == wanted
    assert {code for code, _ in wanted} >= {"L201", "L202"}


def test_findings_on_a_policy_shaped_like_real_ones_equal_the_solver() -> None:
    """Entries, windows, clauses, grounds and unknown facts; `scripts/fuzz_analysis.py --rules` has more of them."""
    z3 = pytest.importorskip("z3")
    difference = shaped.compare(60, 6, z3)
    assert not difference.wrong, difference
    assert {code for code, _ in difference.found} == {"L201", "L202", "L203", "L204"}
    assert shaped.Encoding(shaped.policy(60, 6), z3).uncertain > 10
