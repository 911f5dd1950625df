"""Questions one after another: which of them found the study patient.

All questions of a study together may take so many steps in vain (`boxes.Patience`): those after the first that took
them are given few. So what a question finds hangs on its place. Asked again by itself, it is given what it would be
given in its turn; and if then it leaves the study to the others in another state than they were asked in, all are to be
asked anew.
"""

from __future__ import annotations

from typing import TypeAlias

from comity.analysis.revisable import Anew
from comity.analysis.study import Study

PHASES = ("rule", "pair", "clause", "unless", "lines", "gap", "days", "outcome", "overreach")
"""The kinds of questions in the order in which they are asked."""

Place: TypeAlias = tuple[int, ...]
"""Where a question stands among all: the kind's place, and its own in the kind."""

BEFORE_ALL: Place = (-1,)


class Turns:
    """The turns of the questions of one decision. ``last_patient``: the first one that took too many steps, if any."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.last_patient = BEFORE_ALL if study.lost_patience else None
        self.again = False
        """All have had their turn, and some are asked again."""
        self._place: Place | None = None
        """Where the question stands that is being asked."""

    def begin(self, place: Place) -> None:
        """It is the turn of the question at a place."""
        self.end()
        self._place = place
        if self.again:
            self.study.be_patient(self._finds_patience(place))

    def end(self) -> None:
        """The question has had its turn. Raises `Anew` if others were asked in another state than it leaves."""
        place, self._place = self._place, None
        if place is None:
            return
        lost = self.study.lost_patience
        if self.again:
            if self._finds_patience(place) and lost is not (place == self.last_patient):
                raise Anew
        elif lost and self.last_patient is None:
            self.last_patient = place

    def _finds_patience(self, place: Place) -> bool:
        return self.last_patient is None or place <= self.last_patient
