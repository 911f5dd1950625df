"""What agreements owe to reciprocity: the R-codes, each a question about acts, states or numbers.

`analyse_agreements` asks them all. The patterns of treaty practice behind each code are in docs/reciprocity.md.
"""

from __future__ import annotations

from comity.analysis.reciprocity.allotment import over_allotted
from comity.analysis.reciprocity.capability import vacuous
from comity.analysis.reciprocity.conflict import conflicts
from comity.analysis.reciprocity.mirror import asymmetries
from comity.analysis.reciprocity.redline import crossed
from comity.analysis.reciprocity.remedies import improper
from comity.analysis.reciprocity.structure import never_applies, one_sided, third_parties
from comity.analysis.reciprocity.view import Search, View
from comity.analysis.reciprocity.waiting import mutual_waits
from comity.core.interpret import Interpreter
from comity.diagnostics import Diagnostic


def analyse_agreements(interpreter: Interpreter, search: Search) -> list[Diagnostic]:
    """All findings about the agreements of a program, in the order of the questions."""
    views = [View(interpreter, search, agreement) for agreement in interpreter.program.agreements.values()]
    found: list[Diagnostic] = []
    for view in views:
        found += never_applies(view)
        uneven = list(asymmetries(view))
        found += uneven
        found += one_sided(view)
        found += vacuous(view, {name for d in uneven for name in d.subjects})
        found += crossed(view)
        found += mutual_waits(view)
        found += improper(view)
        found += over_allotted(view)
        found += third_parties(view)
    found += conflicts(views)
    return found


__all__ = ["Search", "View", "analyse_agreements"]
