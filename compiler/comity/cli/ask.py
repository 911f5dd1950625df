"""`comity eval DECISION --ask`: the conversation on the terminal.

Questions go to standard error and replies come from standard input, so that the answer alone goes to standard output.
"""

from __future__ import annotations

import sys
import textwrap

from comity.cli.output import terminal_width
from comity.cli.streams import note
from comity.tools.interview import MOST_LISTED, Interview, Question, Unfit


class Stopped(Exception):
    """The user went away before there was an answer."""


def converse(interview: Interview) -> None:
    """Ask until the answer is settled or nothing is left to ask; raises Stopped at the end of input."""
    _say("Reply to each question; `unknown` if it is not known, `?` for more, `back` to change the last reply.")
    number = 1
    while (question := interview.question()) is not None:
        _say("")
        _say(f"{number}. {_title(question)}", "", "   ")
        _choices(question, MOST_LISTED)
        while True:
            words = _read(question)
            if words == "?":
                _help(interview, question)
            elif words.lower() == "back":
                if interview.back():
                    number -= 2
                    break
                _say("There is no reply to go back to.", "   ")
            else:
                try:
                    interview.reply(words)
                except Unfit as unfit:
                    _say(str(unfit), "   ")
                else:
                    break
        number += 1
    _say("")


def _title(question: Question) -> str:
    return f"{question.path}: {question.text}" if question.text else question.path


def _read(question: Question) -> str:
    default = "" if question.default is None else f" [{question.default}]"
    _say(f"{question.expected}{default}", "   ")
    note("   > ", newline=False)
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        return "\ufffd"  # is refused as any other word that means nothing
    if not line:
        raise Stopped
    return line.strip()


def _choices(question: Question, most: int) -> None:
    if len(question.choices) > most:
        return
    for number, (word, doc) in enumerate(question.choices, 1):
        _say(f"{number:>2}  {word}{f': {doc}' if doc else ''}", "     ", "         ")


def _help(interview: Interview, question: Question) -> None:
    """What is asked, all words that may be said, and the rules that the answer is still open for."""
    _say(_title(question), "   ")
    _say(f"Reply with {question.expected}, or unknown.", "   ")
    if len(question.choices) > MOST_LISTED:
        _say(", ".join(f"{word} ({doc})" if doc else word for word, doc in question.choices), "     ")
    else:
        _choices(question, MOST_LISTED)
    answer = interview.answer
    _say(f"Still possible: {', '.join(answer.possible)}.", "   ")
    docs = {(rule.module, rule.name): rule.doc for rule in interview.decision.rules}
    open_rules = [rule for rule in answer.rules if rule.status == "possible"]
    for rule in open_rules[:MOST_LISTED]:
        cited = f" ({'; '.join(rule.citations)})" if rule.citations else ""
        doc = docs.get((rule.module, rule.name), "")
        _say(f"may apply: {rule.name}{cited}{f': {doc}' if doc else ''}", "     ", "       ")
    if len(open_rules) > MOST_LISTED:
        _say(f"and {len(open_rules) - MOST_LISTED} more rules", "     ")
    _say("`back` changes the last reply; Ctrl-D stops, and nothing is written.", "   ")


def _say(text: str, indent: str = "", further: str | None = None) -> None:
    width = terminal_width(sys.stderr)
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines or [""]:
        note(line)
