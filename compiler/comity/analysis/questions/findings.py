"""Findings in words: what the answers to the questions mean for the author.

Every witness is replayed through the reference interpreter before it is shown. If it does not show there what the
analysis saw, the finding is not shown; that the question is open then is (L200).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias

from comity import terms
from comity.analysis.decision.study import Study, Undecided, Witness
from comity.analysis.questions.dates import Days
from comity.analysis.witness.render import day_of, parted, test_block, to_json
from comity.base import watching
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.base.source import Span
from comity.checked.ast import Prove
from comity.core import ast as core
from comity.runtime.answer import Answer
from comity.runtime.errors import ContradictionError, FactsError, GapError, PolicyError
from comity.terms import THIS

DAY = timedelta(days=1)

MOST_GROUNDS = 3
"""Maximum number of grounds that are proposed for rules that contradict each other."""

Named: TypeAlias = Sequence[tuple[str, Span]]
Shows: TypeAlias = Callable[[Answer], bool]


Question: TypeAlias = tuple[Hashable, ...]
"""What a finding is an answer to: a kind of question, and what it is asked of."""


KINDS = {
    "rule": "whether {} applies, decides and changes anything",
    "pair": "contradictions",
    "pairs": "contradictions",
    "clause": "clauses of precedence",
    "unless": "the `unless` of {}",
    "lines": "the lines of {}",
    "gap": "inputs that no rule decides",
    "days": "days that no rule decides",
    "outcome": "whether {} is ever given",
    "overreach": "whether {} reaches too far",
    "proof": "the proof {}",
    "definition": "cases and lines",
    "failure": "what went wrong",
}
"""What is asked, by the kind of question; {}: of what."""


def in_words(question: Question) -> str:
    """What a question asks, for those who watch."""
    kind, *about = question
    name = about[-1] if about else ""
    short = getattr(name, "name", None) or str(name).rpartition(".")[2]
    return KINDS[str(kind)].format(f"`{short}`")


class Findings:
    """What was found in one study, as diagnostics, by the question that is being asked (``question``)."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.whom = ""
        """The decision or definition that questions are asked about."""
        self.question: Question = ()
        self._by: dict[Question, list[Diagnostic]] = {}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [each for found in self._by.values() for each in found]

    def about(self, *question: Hashable) -> None:
        """Ask a question, of which nothing is known so far: what was found before is forgotten."""
        watching.found(self.to(*self.question))
        self.question = question
        self._by.pop(question, None)
        if watching.is_watched():
            watching.doing(f"{self.whom}: {in_words(question)}")

    def close(self) -> None:
        """No more is asked for now."""
        watching.found(self.to(*self.question))
        self.question = ()

    def to(self, *question: Hashable) -> Sequence[Diagnostic]:
        """What was found about a question."""
        return self._by.get(question, ())

    def _add(self, code: str, message: str, span: Span, subjects: Sequence[str], **details: object) -> None:
        found = diagnostic(code, message, span, subjects=tuple(subjects), **details)
        self._by.setdefault(self.question, []).append(found)

    def undecided(self, question: str, undecided: Undecided, span: Span, subjects: Sequence[str]) -> None:
        """L200. What is left open of several rules of a family is told once."""
        message = f"it is not settled {question}: {undecided.why}"
        if any(each.message == message for each in self._by.get(self.question, ())):
            return
        self._add(
            "L200",
            message,
            span,
            subjects,
            help=undecided.help,
        )

    # ---------------------------------------------------------------------------------- without witness

    def never_applies(self, name: str, span: Span) -> None:
        """L202."""
        self._add(
            "L202",
            f"`{name}` never applies",
            span,
            (name,),
            help="no input meets its condition: correct it, or remove it",
        )

    def never_applies_case(self, name: str, span: Span) -> None:
        self._add("L202", f"this case of `{name}` never holds", span, (name,), help="no input meets its condition")

    def never_decides(self, name: str, span: Span, winners: Named) -> None:
        """L203."""
        others = " or ".join(f"`{other}`" for other, _ in winners) or "another rule"
        self._add(
            "L203",
            f"`{name}` never decides: wherever it applies {others} prevails over it",
            span,
            (name, *(other for other, _ in winners)),
            related=_related("prevails over it", winners),
            help="restrict what prevails, or remove the rule",
        )

    def redundant(self, name: str, span: Span, alike: Named) -> None:
        """L204."""
        said = f": `{alike[0][0]}` says the same wherever it applies" if alike else ""
        self._add(
            "L204",
            f"without `{name}` no decision changes{said}",
            span,
            (name,),
            related=_related("says the same there", alike),
            help="remove it, or narrow what makes it superfluous (of two such rules only one may go)",
        )

    def dead_exception(self, name: str, written: str, span: Span, named: Sequence[str]) -> None:
        """L205."""
        targets = " ".join(("", ", ".join(f"`{target}`" for target in named[:3]))) if named else ""
        self._add(
            "L205",
            f"`{written}`{targets} of `{name}` never makes a difference",
            span,
            (name, *named),
            help="remove it, or check what it was meant to reach",
        )

    def idle(self, name: str, span: Span, value: bool) -> None:
        """L208."""
        told = "true" if value else "false"
        self._add("L208", f"this line is always {told} where it stands", span, (name,), help="remove it, or correct it")

    def never_given(self, decision: core.Decision, outcome: str) -> None:
        """L209."""
        self._add(
            "L209",
            f"no input of `{decision.name}` leads to `{outcome}`",
            decision.span,
            (decision.name, outcome),
            help="add the rule that gives it, or remove the outcome",
        )

    # ------------------------------------------------------------------------------------ with witness

    def contradiction(
        self, decision: core.Decision, one: core.Rule, two: core.Rule, found: Witness, days: Days | None
    ) -> None:
        """L201."""

        def shows(answer: Answer) -> bool:
            sides = {rule.name for rule in answer.rules if rule.status == "decides"}
            return answer.error == "contradiction" and {one.name, two.name} <= sides

        first, second = sorted((one, two), key=lambda rule: (rule.span.path, rule.span.start), reverse=True)
        self._shown(
            "L201",
            f"`{first.family}` and `{second.family}` decide the same {decision.record.name.lower()} differently",
            first.span,
            (first.family, second.family),
            decision,
            found,
            shows,
            "contradiction",
            related=(Related("the other rule", second.span),),
            days=days,
            help=f"say which prevails: `notwithstanding {second.family}`, or `subject to {second.family}`",
        )

    def more_contradictions(
        self,
        decision: core.Decision,
        told: Sequence[tuple[int, int]],
        more: Sequence[tuple[int, int]],
        left_open: int,
    ) -> None:
        """L201: how many there are beside those that are told, and which order of outcomes would settle how many."""
        by_outcomes: Counter[tuple[str, str]] = Counter()
        for pair in (*told, *more):
            said = {decision.rules[number].outcome for number in pair} - {None}
            named = [outcome for outcome in decision.outcomes.members if outcome in said]
            by_outcomes.update([(named[0], named[1])] if len(named) == 2 else [])
        lines = [
            f"`prevail {winner} over {loser}` ({number} of {len(told) + len(more)})"
            for (winner, loser), number in by_outcomes.most_common(MOST_GROUNDS)
        ]
        kind = decision.record.name.lower()
        count = f"{len(more)} more pairs of rules" if len(more) != 1 else "1 more pair of rules"
        perhaps = f"; of {left_open} more it is not known" if left_open else ""
        self._add(
            "L201",
            f"{count} of `{decision.name}` decide{'s' if len(more) == 1 else ''} the same {kind} differently{perhaps}",
            decision.span,
            (decision.name,),
            help=f"say which outcomes prevail, for example {', '.join(lines)}" if lines else "order the rules",
        )

    def gap(self, decision: core.Decision, found: Witness, days: Days | None) -> None:
        """L207."""
        self._shown(
            "L207",
            f"no rule of `{decision.name}` decides this input",
            decision.span,
            (decision.name,),
            decision,
            found,
            lambda answer: answer.error == "gap",
            "gap",
            days=days,
            help="add a rule that covers it, or an `otherwise`",
        )

    def refuted(self, decision: core.Decision, prove: Prove, found: Witness, days: Days | None) -> None:
        """L210."""
        answer = self._answer(decision, found)
        outcome = None if answer is None else answer.outcome

        def shows(answer: Answer) -> bool:
            return outcome is not None and self._truth(prove.then, found, outcome) is False

        self._shown(
            "L210",
            f"`{prove.name}` does not hold: the answer to this input is `{outcome}`",
            prove.span,
            (prove.name,),
            decision,
            found,
            shows,
            str(outcome),
            days=days,
            help="correct the rules that decide it, or the `given`",
        )

    def unproved(self, decision: core.Decision, prove: Prove, found: Witness) -> None:
        """L200: an answer that is neither as claimed nor refutes the claim."""
        answer = self._answer(decision, found)
        why, help, expect = _in_the_way(answer)

        def shows(answer: Answer) -> bool:
            claimed = [self._truth(prove.then, found, outcome) for outcome in answer.possible]
            return answer.error == "gap" or any(truth is not True for truth in claimed)

        self._shown(
            "L200",
            f"it is not settled whether `{prove.name}` holds: {why}",
            prove.span,
            (prove.name,),
            decision,
            found,
            shows,
            expect,
            help=help,
        )

    def overreach(self, decision: core.Decision, rule: core.Rule, clause: Span, found: Witness) -> None:
        """L212."""
        targets = list(
            dict.fromkeys(decision.rules[e.target].family for e in rule.edges if e.written == "notwithstanding")
        )

        def shows(answer: Answer) -> bool:
            return answer.outcome == rule.outcome and any(
                r.name == rule.name and r.status == "decides" for r in answer.rules
            )

        named = ", ".join(f"`{target}`" for target in targets[:3])
        self._shown(
            "L212",
            f"`{rule.family}` also decides where {named} does not apply",
            rule.span,
            (rule.family, *targets),
            decision,
            found,
            shows,
            str(rule.outcome),
            related=(Related("what it displaces", clause),),
            help=f"if it is meant as an exception, write `exception to {targets[0]}`",
        )

    def date_gap(
        self, decision: core.Decision, before: core.Rule, after: core.Rule, found: Witness, days: Days
    ) -> None:
        """L213."""
        first, last = days[0][0], days[-1][1]
        assert first is not None and last is not None, "there is a day before, and one after"
        next_to_it = (date.fromisoformat(first) - DAY, date.fromisoformat(last) + DAY)

        def shows(answer: Answer) -> bool:
            return answer.outcome == decision.otherwise and not _decided(answer) and all(map(decides_on, next_to_it))

        def decides_on(day: date) -> bool:
            facts = {**(found.facts or {}), str(decision.record.as_of): day}
            answer = self._answer(decision, Witness(found.region, facts))
            return answer is not None and _decided(answer)

        told = f"on {first}" if first == last else f"from {first} to {last}"
        subjects = tuple(dict.fromkeys((before.family, after.family)))
        named = " and ".join(f"`{name}`" for name in subjects)
        self._shown(
            "L213",
            f"{told} an input that {named} decide{'s' if len(subjects) == 1 else ''} before and after is left to "
            f"`{decision.otherwise}`",
            before.span,
            subjects,
            decision,
            found,
            shows,
            str(decision.otherwise),
            related=() if before is after else (Related("decides after", after.span),),
            days=days,
            help="close the gap between the windows",
        )

    # -------------------------------------------------------------------------------------- definitions

    def overlapping_cases(self, define: core.Define, one: Span, two: Span, found: Witness, days: Days | None) -> None:
        """L206."""
        self._shown_by_call(
            "L206", f"two cases of `{define.name}` hold together with different values", two, define, found,
            ContradictionError, days, related=(Related("the other case", one),),
            help="make the cases exclusive, or begin them with `first match`",
        )  # fmt: skip

    def case_gap(self, define: core.Define, found: Witness, days: Days | None) -> None:
        """L207."""
        self._shown_by_call(
            "L207", f"no case of `{define.name}` holds for this input", define.span, define, found, GapError, days,
            help="add a case, or an `otherwise`",
        )  # fmt: skip

    def _shown_by_call(
        self, code: str, message: str, span: Span, define: core.Define, found: Witness, error: type[PolicyError],
        days: Days | None, **details: object,
    ) -> None:  # fmt: skip
        facts = found.facts or {}
        own, _, _ = parted(self.study.root, facts)
        arguments = [own] if define.record is not None else list(own.values())
        try:
            self.study.interpreter.call(define.qname, arguments, day_of(self.study.root, facts))
            raised = False
        except error:
            raised = True
        except PolicyError:
            raised = False
        if not raised or self._broken(facts):
            self._mismatch(code, span, (define.name,))
            return
        expect = "contradiction" if error is ContradictionError else "gap"
        block = test_block(self.study.root, define.name, message.replace("`", ""), facts, expect)
        self._add(
            code,
            message,
            span,
            (define.name,),
            witness=to_json(self.study.root, facts),
            days=days,
            test=block,
            **details,
        )

    # -------------------------------------------------------------------------------------- replaying

    def _shown(
        self,
        code: str,
        message: str,
        span: Span,
        subjects: Sequence[str],
        decision: core.Decision,
        found: Witness,
        shows: Shows,
        expect: str,
        **details: object,
    ) -> None:
        """The finding, if its witness shows it."""
        facts = found.facts or {}
        answer = self._answer(decision, found)
        if answer is None or not shows(answer):
            self._mismatch(code, span, subjects)
            return
        block = test_block(self.study.root, decision.name, message.replace("`", ""), facts, expect)
        self._add(code, message, span, subjects, witness=to_json(self.study.root, facts), test=block, **details)

    def _answer(self, decision: core.Decision, found: Witness) -> Answer | None:
        own, day, findings = parted(self.study.root, found.facts or {})
        try:
            return self.study.interpreter.decide(decision.qname, own, day, findings)
        except FactsError:
            return None

    def _truth(self, term: terms.Term, found: Witness, outcome: str) -> object:
        own, _, findings = parted(self.study.root, found.facts or {})
        env = {THIS: own, "outcome": outcome}
        day = day_of(self.study.root, found.facts or {})
        return self.study.interpreter.evaluate(term, env, day, findings=findings)

    def _broken(self, facts: Mapping[str, object]) -> bool:
        """The facts break an `always` line of the record, or of one in it."""
        root = self.study.root
        if isinstance(root, Sequence):
            return False
        own, _, _ = parted(root, facts)
        try:
            return bool(self.study.interpreter.broken(root, own, day_of(root, facts)))
        except PolicyError:  # cases that a line asks fail, so that it refuses nothing
            return False

    def _mismatch(self, code: str, span: Span, subjects: Sequence[str]) -> None:
        self.undecided(
            f"whether this is {code}",
            Undecided(
                "the input that the analysis found does not show it when it is decided (a fault of the analysis)",
                "please report this",
            ),
            span,
            subjects,
        )


def _in_the_way(answer: Answer | None) -> tuple[str, str, str]:
    """Why an answer neither proves nor refutes what is claimed, what would settle it, and what a test expects of it."""
    if answer is None or answer.error == "gap":
        return "no rule decides this input", "add a rule that covers it, or an `otherwise`", "gap"
    outcomes = " or ".join(f"`{outcome}`" for outcome in answer.possible)
    if answer.error is not None:
        names = [rule.name for rule in answer.rules if rule.status == "decides"]
        named = " and ".join(f"`{name}`" for name in names)
        order = f"`notwithstanding {names[-1]}`" if names else "`notwithstanding`"
        return (
            f"{named} contradict each other on this input, {outcomes}",
            f"say which prevails ({order}), or allow both outcomes in `then`",
            "contradiction",
        )
    if answer.outcome is not None:
        return (
            f"the answer to this input is {outcomes}, and whether that is as claimed is unknown",
            "ask in `given` that what `then` speaks of is known",
            answer.outcome,
        )
    needed = " or ".join(f"`{need}`" for need in answer.needs[:3])
    return (
        f"the answer to this input is undetermined, {outcomes}",
        f"ask in `given` that {needed or 'what the answer needs'} is known, or allow these outcomes in `then`",
        "undetermined",
    )


def _decided(answer: Answer) -> bool:
    return any(rule.status == "decides" for rule in answer.rules)


def _related(message: str, named: Named) -> tuple[Related, ...]:
    return tuple(Related(message, span) for _, span in named)
