"""Every L-code has one file, and is asked after what its answer rests on."""

from __future__ import annotations

import pytest

from comity.analysis.questions.runner import codes_to_ask, file_of, questions
from comity.base.diagnostics import LOGIC

READ_OFF = {"L200", "L211"}
"""Reported beside questions: what is left open, and windows, for which nothing is searched."""


@pytest.mark.parametrize("code", LOGIC)
def test_a_file_asks_its_own_code(code: str) -> None:
    asked = {question.code for question in getattr(file_of(code), "QUESTIONS", ())}
    assert asked == (set() if code in READ_OFF else {code})


def test_a_question_comes_after_those_it_rests_on() -> None:
    seen: set[str] = set()
    for question in questions():
        assert seen.issuperset(question.rests_on), question
        seen.add(question.code)


def test_what_an_answer_rests_on_is_asked_too() -> None:
    assert codes_to_ask(["L212"]) == {"L202", "L203", "L204", "L212"}
    assert codes_to_ask(["L207", "L208"]) == {"L202", "L207", "L208"}
    assert codes_to_ask(None) == set(LOGIC)
