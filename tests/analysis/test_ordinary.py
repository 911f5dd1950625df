"""Nothing is left open of ordinary policies of ten rules, and boxes and solver find the same."""

from __future__ import annotations

import pytest

from comity.analysis.program import analyse

from .ordinary import wrong
from .written import compiled


@pytest.mark.parametrize("start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in range(4, 200, 4))])
def test_nothing_is_left_open_of_ten_ordinary_rules(start: int) -> None:
    for seed in range(start, start + 4):
        assert wrong(seed) is None, seed


def test_many_exceptions_to_one_rule() -> None:
    """Exceptions are the commonest shape of law: 64 of them, each on an unknown fact and a member of a set."""
    count = 64
    goods = "\n".join(f"    g{number}" for number in range(count))
    facts = "\n".join(f"    q{number}: Bool?" for number in range(count))
    rules = "\n".join(
        f"rule e{number} for verdict:\n    exception to base\n    when q{number} and g{number} in got\n    then license"
        for number in range(count)
    )
    text = f"""enum Good:
{goods}
record Case as of date:
    date: Date
    listed: Bool
    got: set of Good
{facts}
decision verdict for Case:
    outcomes:
        denied
        license
        free
    otherwise free
rule base for verdict:
    when listed
    then denied
{rules}
rule suspended for verdict:
    from 2024-01-01
    disapplies e0, e1
    when listed and q2
prove never_free for verdict:
    given listed
    then outcome != free
"""
    program, errors = compiled(text, {})
    assert program is not None and not errors
    assert not analyse(program)


def test_a_text_of_elements_that_differs_from_one_of_the_whole() -> None:
    """The element is chosen to suit the value that the fact outside has got."""
    program, errors = compiled(
        """record Approval:
    amount: Int
    name: Text
record Case:
    amount: Int
    requester: Text
    approvals: list of Approval
    offers: Int
    always offers >= 0
decision verdict for Case:
    outcomes:
        refused
        allowed
    otherwise refused
rule approved for verdict:
    when any a in approvals: amount <= a.amount and a.name != requester
    then allowed
""",
        {},
    )
    assert program is not None and not errors
    assert not analyse(program)
