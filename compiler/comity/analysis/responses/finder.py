"""One search for facts of a record of which a term is true: what questions about acts and exports end in.

Of the record `Export` and the term `item.sector == quantum and value > 0 USD` it gives an export that the interpreter
has found to be so, or None, which is a proof that there is none. What is not settled raises `Undecided`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from comity.analysis.decision.study import Study
from comity.analysis.decision.study import Undecided as Unsettled
from comity.analysis.reciprocity.view import Found, Search, Undecided
from comity.analysis.space.facts import AS_OF
from comity.core.interpret import Interpreter
from comity.runtime.types import RecordType
from comity.terms import THIS, Term


def search_of(interpreter: Interpreter) -> Search:
    """The search over one program. What it finds has been judged by the interpreter."""

    def find(record: RecordType, wanted: Term, parties: Sequence[str]) -> Found | None:
        study = Study(interpreter, record)
        truth = study.translator.truth(wanted, study.env)
        study.settle()
        try:
            witness = study.satisfy(truth.true, facts=True)
        except Unsettled as unsettled:
            raise Undecided(unsettled.why) from None
        if witness is None:
            return None
        assert witness.facts is not None
        facts = {name: value for name, value in witness.facts.items() if name != AS_OF}
        day = witness.facts.get(AS_OF if record.as_of is None else record.as_of)
        on = day if isinstance(day, date) else None
        if interpreter.evaluate(wanted, {THIS: facts}, on) is not True:
            raise Undecided("what was found does not bear it out; please report this")
        return Found(facts, on)

    return find
