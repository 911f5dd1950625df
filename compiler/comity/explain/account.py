"""An answer with all that explains it."""

from __future__ import annotations

from datetime import date

from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.explain.changes import Changes, smallest_changes
from comity.explain.text import changes_text, tree_text
from comity.explain.tree import RuleTree, Words, rule_trees
from comity.runtime.answer import Answer
from comity.runtime.inputs import read_input
from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An answer, the rules line by line, and what would give another answer."""

    answer: Answer
    rules: tuple[RuleTree, ...]
    changes: Changes

    def to_json(self) -> dict[str, object]:
        """The answer's keys, with `tree` and `changes`."""
        tree = [rule.to_json() for rule in self.rules]
        return {**self.answer.to_json(), "tree": tree, "changes": self.changes.to_json()}

    def text(self, width: int, defaults: bool = False) -> str:
        """In words: the short explanation, then the tree, then the changes; ``defaults`` as in `Answer.explain`."""
        changes = changes_text(self.changes, width, settled=self.answer.determined)
        return "\n".join([self.answer.explain(defaults), *tree_text(self.rules, width), *changes])


def explain(
    interpreter: Interpreter,
    decision: core.Decision,
    value: object,
    as_of: date | None,
    words: Words,
    partial: bool = False,
) -> Account:
    """The answer to facts in their JSON form, explained; ``partial`` and errors as in `Interpreter.decide_json`."""
    record = decision.record
    read = read_input(value, record, interpreter.decoder(record, partial), interpreter.referring_rules, as_of)
    answer = interpreter.decide(decision.qname, read.facts, as_of, read.findings, defaults=read.defaults)
    trees = rule_trees(interpreter, decision, read.facts, as_of, read.findings, answer, words)
    changes = smallest_changes(interpreter, decision, read.facts, as_of, read.findings, answer)
    return Account(answer, tuple(trees), changes)
