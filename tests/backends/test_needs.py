"""What an open answer of a package needs, where a package differs from the interpreter in what is one object."""

from __future__ import annotations

from tests.backends.loading import imported
from tests.core import text

POLICY = """
record Owner:
    name: Text
    listed: Bool?
    state: Bool?

record Deal:
    owners: list of Owner

decision permit for Deal:
    outcomes:
        license
        free
    otherwise free

rule controlled for permit:
    when any p in owners: p.listed
    unless any q in owners: q.state
    then license
"""


def test_two_variables_go_through_one_collection() -> None:
    """In a package equal terms are one object, so both quantifiers have the same source."""
    interpreter = text.interpreter(POLICY)
    facts = {"owners": [{"name": "A", "listed": None, "state": None}, {"name": "B", "listed": False, "state": None}]}
    wanted = interpreter.decide_json("m.permit", facts)
    assert wanted.needs == ("owners[0].listed", "owners[0].state", "owners[1].state")
    with imported(interpreter.program) as package:
        assert package.permit.answer(facts).needs == wanted.needs
