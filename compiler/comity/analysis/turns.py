"""Questions one after another: which of them find the study patient.

All questions of a study together may take so many steps in vain (`boxes.Patience`): those after the first that took
them are given few. So what a question finds may hang on its place. Asked again by itself, it is given what it would be
given in its turn; and if then it leaves the study to others in another state than they were asked in, those of them
are to be asked again that took more than a few steps: to all others it is the same.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from comity.analysis.findings import Question
from comity.analysis.study import Study

PHASES = ("rule", "pair", "clause", "unless", "lines", "gap", "days", "outcome", "overreach")
"""The kinds of questions in the order in which they are asked."""

Place: TypeAlias = tuple[int, ...]
"""Where a question stands among all: the kind's place, and its own in the kind."""

BEFORE_ALL: Place = (-1,)


class _Turn(NamedTuple):
    """A question that took more than a few steps. ``patient``: in which state it found the study. ``in_vain``: it took
    all the steps there were."""

    question: Question
    patient: bool
    in_vain: bool


class Turns:
    """The turns of the questions of one decision. ``last_patient``: the first one that took too many steps, if any."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._others_took_it = study.lost_patience
        self._turns: dict[Place, _Turn] = {}
        self._asked: tuple[Place, Question] | None = None
        """What is being asked."""
        self.last_patient = self._last_patient()

    def begin(self, place: Place, question: Question) -> None:
        """It is the turn of the question at a place."""
        self.end()
        self._asked = place, question
        self.study.be_patient(self._finds_patience(place))

    def end(self) -> None:
        """The question has had its turn. What is asked from now on has none."""
        if self._asked is not None:
            (place, question), self._asked = self._asked, None
            self.forget(place)
            if self.study.patience.is_tried:
                patient = self._finds_patience(place)
                self._turns[place] = _Turn(question, patient, in_vain=patient and self.study.lost_patience)
                self.last_patient = self._last_patient()
        self.study.be_patient(self.last_patient is None)

    def forget(self, place: Place) -> None:
        """The question is asked no more, or again."""
        if self._turns.pop(place, None) is not None:
            self.last_patient = self._last_patient()

    def out_of_turn(self) -> list[Question]:
        """The questions that would find the study in another state now, and perhaps something else."""
        turns = sorted(self._turns.items())
        return [turn.question for place, turn in turns if turn.patient is not self._finds_patience(place)]

    def _finds_patience(self, place: Place) -> bool:
        return self.last_patient is None or place <= self.last_patient

    def _last_patient(self) -> Place | None:
        if self._others_took_it:
            return BEFORE_ALL
        return min((place for place, turn in self._turns.items() if turn.in_vain), default=None)
