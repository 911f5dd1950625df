"""What responses owe to their posture: the S-codes, each a question about one export on one day.

For example, `posture start_high_stay_high` with a ban that lapses after 90 days: an export of the sector on the 91st
day shows that the response lets up (S402). Each S-code has a file with its page and its question.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from comity.analysis.reciprocity.view import Search, Undecided
from comity.analysis.responses.coalition_gap import coalition_gaps
from comity.analysis.responses.lets_up import lets_up
from comity.analysis.responses.never_triggered import never_triggered
from comity.analysis.responses.starts_low import starts_low
from comity.analysis.responses.study import ResponseStudy
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.interpret import Interpreter


def analyse_responses(
    interpreter: Interpreter, search: Search, codes: Collection[str] | None = None
) -> list[Diagnostic]:
    """The findings about the responses of a program, in the order of the questions.

    ``codes``: only questions that one of them answers are asked (None: all). L200 comes with each that is left open.
    """
    found: list[Diagnostic] = []
    for response in interpreter.program.responses.values():
        found += _findings(ResponseStudy(interpreter, search, response), codes)
    return found


def _findings(study: ResponseStudy, codes: Collection[str] | None) -> Iterator[Diagnostic]:
    response = study.response

    def asked(
        answers: str, question: Callable[[ResponseStudy], Iterator[Diagnostic]], words: str
    ) -> Iterator[Diagnostic]:
        """The findings of a question, if one of the codes ``answers`` is asked for; L200 if it is left open."""
        if codes is not None and not set(answers.split()) & set(codes):
            return
        try:
            yield from question(study)
        except Undecided as why:
            message = f"it was not settled for `{response.name}` whether {words}: {why}"
            yield diagnostic("L200", message, response.span, subjects=(response.name,))

    # The others show the event that is found here.
    yield from asked("S404 S401 S402 S403", never_triggered, "its trigger is ever met")
    yield from asked("L202", idle_lines, "its steps ever apply")
    if response.posture == "start_high_stay_high":
        yield from asked("S401", starts_low, "a later step exceeds the first day")
    if response.posture != "none":
        yield from asked("S402", lets_up, "a measure lapses before the lift")
    if response.aligned:
        yield from asked("S403", coalition_gaps, "its members are aligned")


def idle_lines(study: ResponseStudy) -> Iterator[Diagnostic]:
    """L202 holds of a line iff no export meets its condition."""
    for step in study.response.steps:
        for line in step.lines:
            if line.when is not None and study.find(line.when) is None:
                yield diagnostic(
                    "L202",
                    f"no export meets the condition of this line of `{study.response.name}`",
                    line.span,
                    subjects=(study.response.name,),
                )
