"""Two cases hold together and give different values.

Cases are exclusive unless `first match` puts them in order. Make the conditions exclude each other, or write
`first match` above them if the order is meant.

Fires on:

    define limit for Export -> Percent:
        0% when destination in EMBARGOED
        10% when value > 1_000 USD  # L206
        25% otherwise

Quiet on:

    define limit for Export -> Percent:
        first match
        0% when destination in EMBARGOED
        10% when value > 1_000 USD
        25% otherwise
"""

from __future__ import annotations

from comity.analysis.questions.question import DefinitionQuestion
from comity.base.diagnostics import Related
from comity.runtime.errors import ContradictionError


class OverlappingCases(DefinitionQuestion):
    """Do two cases hold on some input, with different values, the first true one found? Asked of each pair."""

    code = "L206"
    words = "cases that overlap"

    def applies(self) -> bool:
        return self.model.cases is not None

    def ask(self, subject: str) -> None:
        model = self.model
        for overlap in model.cases.overlaps if model.cases is not None else ():
            found = model.find(overlap.formula, "whether two cases overlap")
            if found is not None:
                self.report_raised(
                    f"two cases of `{model.define.name}` hold together with different values",
                    overlap.two.span,
                    found,
                    ContradictionError,
                    days=model.days(overlap.formula),
                    related=(Related("the other case", overlap.one.span),),
                    help="make the cases exclusive, or begin them with `first match`",
                )


QUESTIONS = (OverlappingCases,)
