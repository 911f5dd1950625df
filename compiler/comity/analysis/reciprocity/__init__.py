"""What agreements owe to reciprocity: the R-codes, each a question about acts, states or numbers.

`analyse_agreements` asks them all. The patterns of treaty practice behind each code are in docs/reciprocity.md.
"""

from __future__ import annotations

from collections.abc import Collection

from comity.analysis.reciprocity.asymmetric_mirror import asymmetries
from comity.analysis.reciprocity.deontic_conflict import conflicts
from comity.analysis.reciprocity.improper_remedy import improper
from comity.analysis.reciprocity.mutual_wait import mutual_waits
from comity.analysis.reciprocity.never_binds import never_applies, never_bind
from comity.analysis.reciprocity.one_sided import one_sided
from comity.analysis.reciprocity.over_allotted import over_allotted
from comity.analysis.reciprocity.own_judge import own_judges
from comity.analysis.reciprocity.red_line_crossed import crossed
from comity.analysis.reciprocity.third_party import third_parties
from comity.analysis.reciprocity.vacuous_reciprocity import vacuous
from comity.analysis.reciprocity.view import Search, View
from comity.base.diagnostics import Diagnostic
from comity.core.interpret import Interpreter


def analyse_agreements(
    interpreter: Interpreter, search: Search, codes: Collection[str] | None = None
) -> list[Diagnostic]:
    """The findings about the agreements of a program, in the order of the questions.

    ``codes``: only questions that one of them answers are asked (None: all). L200 comes with each that is left open.
    """

    def asks(*answers: str) -> bool:
        return codes is None or not set(answers).isdisjoint(codes)

    views = [View(interpreter, search, agreement) for agreement in interpreter.program.agreements.values()]
    found: list[Diagnostic] = []
    for view in views:
        if asks("L202"):
            found += never_applies(view)
        uneven = list(asymmetries(view)) if asks("L202", "R301", "R302", "R307") else []
        found += uneven
        differing = {name for d in uneven for name in d.subjects}
        if asks("L202"):
            found += never_bind(view, differing)
        if asks("R306"):
            found += one_sided(view)
        if asks("R302", "R307"):
            found += vacuous(view, differing)
        if asks("R303"):
            found += crossed(view)
        if asks("R305"):
            found += mutual_waits(view)
        if asks("R308"):
            found += improper(view)
        if asks("R310"):
            found += own_judges(view)
        if asks("R309"):
            found += over_allotted(view)
        if asks("R311"):
            found += third_parties(view)
    if asks("R304"):
        found += conflicts(views)
    return found


__all__ = ["Search", "View", "analyse_agreements"]
