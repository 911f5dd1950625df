"""The proof engine, asked for inputs on which an answer depends on one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from comity.analysis.decision.extents import Dropped
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Study, Undecided, Witness
from comity.analysis.program import examples
from comity.analysis.questions.dead_exception import differs
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import Formula, Tri, all_of, some_of
from comity.analysis.translate.decisions import own_condition
from comity.analysis.versions.size import too_large
from comity.base.source import Span
from comity.runtime.types import BOOL
from comity.terms import Term
from comity.tools.generate.lines import DecisionTarget, DefineTarget, Facts, Line, Target

MOST_PARTS = 12
"""Maximum number of boxes in which inputs are searched for, of those where a condition depends on a line."""

MOST_WITNESSES = 3
"""Maximum number of inputs generated for one side of a line."""

Ask = Callable[[Box], Witness | None]


class Engine:
    """One target in one study."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.sides: dict[Span, list[tuple[Formula, Ask]]] = {}

    def witnesses(self, line: Line) -> list[Facts]:
        """Some inputs on either side of a line, from different parts of where the answer depends on it."""
        return [facts for side in self.sides.get(line.span, ()) for facts in self._of(*side)]

    def _of(self, region: Formula, ask: Ask) -> Iterator[Facts]:
        made = 0
        for box in self.study.space.boxes(region)[:MOST_PARTS]:
            try:
                witness = ask(box)
            except Undecided:
                continue
            if witness is not None and witness.facts is not None:
                made += 1
                yield witness.facts
            if made == MOST_WITNESSES:
                return


def _where(own: Mapping[int, Tri], yes: Mapping[int, Tri], no: Mapping[int, Tri]) -> tuple[Formula, Formula]:
    """Where conditions depend on a line: on the side on which they are as if it held, and on the other."""
    holds: list[Formula] = []
    fails: list[Formula] = []
    for number, one in yes.items():
        truth, two = own[number], no[number]
        holds += [all_of((one.true, two.false, truth.true)), all_of((one.false, two.true, truth.false))]
        fails += [all_of((one.true, two.false, truth.false)), all_of((one.false, two.true, truth.true))]
    return some_of(holds), some_of(fails)


def engine(target: Target) -> Engine | None:
    """None where the conditions are too large, or no truths."""
    match target:
        case DecisionTarget():
            return _of_decision(target)
        case DefineTarget() if target.define.result == BOOL:
            return _of_define(target)
        case _:
            return None


def _of_define(target: DefineTarget) -> Engine | None:
    define = target.define
    if define.record is not None:
        told = examples(target.interpreter.program, target.interpreter, define.record)
        study = Study(target.interpreter, define.record, told)
    else:
        study = Study(target.interpreter, define.parameters)
    made = Engine(study)

    def truth(term: Term) -> dict[int, Tri]:
        return {0: study.translator.truth(term, study.env)}

    found = {line.span: [truth(t) for t in (define.body, *line.forced[0])] for line in target.lines}
    if too_large(each[0] for truths in found.values() for each in truths):
        return None
    for span, (own, yes, no) in found.items():
        made.sides[span] = [(side, lambda box: study.find(box, facts=True)) for side in _where(own, yes, no)]
    study.settle()
    return made


def _of_decision(target: DecisionTarget) -> Engine | None:
    decision, interpreter = target.decision, target.interpreter
    study = Study(interpreter, decision.record, examples(interpreter.program, interpreter, decision.record))
    made = Engine(study)

    def truth(number: int, condition: Term) -> Tri:
        # The forced condition stands for all parts of the rule's own.
        rule = replace(decision.rules[number], window=None, membership=None, when=condition, unless=None)
        return own_condition(study.translator, decision, rule, study.env)[0]

    own = {rule.number: truth(rule.number, rule.condition) for rule in decision.rules}
    if too_large(own.values()):
        return None
    search = DecisionSearch(study, decision)
    asked: dict[Span, tuple[dict[int, Tri], dict[int, Tri]]] = {}
    for line in target.lines:
        yes = {number: truth(number, forced[0]) for number, forced in line.forced.items()}
        no = {number: truth(number, forced[1]) for number, forced in line.forced.items()}
        asked[line.span] = yes, no

    def asking(replaced: Mapping[int, Tri]) -> Ask:
        def ask(box: Box) -> Witness | None:
            return differs(search, Dropped(), [box], replaced, facts=True)

        return ask

    for span, (yes, no) in asked.items():
        holds, fails = _where(own, yes, no)
        # On either side the answer is to be another one if the line is taken to be what it is not.
        made.sides[span] = [(holds, asking(no)), (fails, asking(yes))]
    study.settle()
    return made
