"""A `prove` with a counterexample.

The witness is facts for which `given` holds for certain and the outcome is another. The policy is wrong, or the
statement is.

Fires on:

    rule listed for licensing:
        when any p in parties: p.listed
        unless value < 100 USD
        then license_required

    prove listed_never_free for licensing:  # L210
        given any p in parties: p.listed
        then outcome == license_required

Quiet on:

    rule listed for licensing:
        when any p in parties: p.listed
        then license_required

    prove listed_never_free for licensing:
        given any p in parties: p.listed
        then outcome == license_required
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.questions.change import Change
from comity.analysis.questions.gap import undecided_input
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.nearby import Nearby
from comity.analysis.questions.outcomes import given, possible
from comity.analysis.questions.question import DecisionQuestion
from comity.analysis.questions.solve import answer_of, any_of
from comity.analysis.space.boxes import Box, disjoint, meet
from comity.analysis.space.formulas import TRUE, Formula, Tri, all_of
from comity.analysis.space.symbols import Known, just
from comity.core.ast import Prove
from comity.runtime.answer import Answer
from comity.runtime.light import dataclass
from comity.terms import Field, IsKnown, Term, children


@dataclass(frozen=True, slots=True)
class Proof:
    """A `prove`, translated: where `given` holds, and for each outcome where `then` holds."""

    prove: Prove
    given: Formula
    then: dict[str, Tri]


class RefutedProof(DecisionQuestion[str]):
    """Is there an input on which `given` holds, and the answer is outside what `then` says? Asked of each `prove` by
    its qualified name.
    """

    code = "L210"
    words = "the proof {}"

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        proves = model.study.translator.program.proves.values()
        self.proofs = {each.qname: self._translate(each) for each in proves if each.decision == model.name}

    def _translate(self, prove: Prove) -> Proof:
        translator, env = self.model.study.translator, self.model.study.env
        holds = TRUE if prove.given is None else translator.truth(prove.given, env).true
        then = {
            outcome: translator.truth(prove.then, {**env, "outcome": just(Known(outcome))})
            for outcome in self.model.decision.outcomes.members
        }
        return Proof(prove, holds, then)

    def seal(self) -> None:
        for proof in self.proofs.values():
            self._boxes(proof.given)
            for then in proof.then.values():
                self._boxes(all_of((proof.given, then.false)))
                self._boxes(all_of((proof.given, then.doubtful)))

    def subjects(self) -> Iterable[str]:
        return self.proofs

    def ask(self, subject: str) -> None:
        """Where no answer is in doubt, the claim is proved; else a counterexample is searched."""
        model, proof = self.model, self.proofs[subject]
        prove = proof.prove
        doubt = answer_of(lambda: model.study.shown_by(lambda: self._doubted(proof)))
        if doubt is None:
            return
        # Where the first search gave up, the next one takes long too.
        tried = self._tried(proof) if isinstance(doubt, Undecided) else None
        found = tried or answer_of(lambda: model.study.shown_by(lambda: self._refuted(proof)))
        if tried is None and (isinstance(found, Undecided) or (found is not None and not self._shows(prove, found))):
            near = found.facts if isinstance(found, Witness) else None
            tried = None if near is None and isinstance(doubt, Undecided) else self._tried(proof, near)
            found = tried or found
        if tried is not None:
            self._report_refuted(prove, tried, days=None)
        elif isinstance(found, Witness):
            self._report_refuted(prove, found, days=model.days(lambda within: self._refuted(proof, [within])))
        elif found is None and isinstance(doubt, Witness):
            self._report_doubted(prove, doubt)
        else:
            undecided = found if isinstance(found, Undecided) else doubt
            assert isinstance(undecided, Undecided)
            self.findings.undecided(f"whether `{prove.name}` holds", undecided, prove.span, (prove.name,))

    def _tried(self, proof: Proof, near: Mapping[str, object] | None = None) -> Witness | None:
        """A counterexample among the inputs of tests, or near them; or ``near`` facts that should have been one."""
        seen = self._seen_to_refute(proof)
        if seen is not None:
            return seen
        model, study = self.model, self.model.study
        regions = [box for then in proof.then.values() for box in self._boxes(all_of((proof.given, then.false)))]
        nearby = Nearby(study, model.name, proof.prove, regions)
        facts = study.shown_by(lambda: nearby.counterexample(study.test_inputs, near))
        return None if facts is None else Witness({}, facts)

    def _shows(self, prove: Prove, found: Witness) -> bool:
        """The answer to the input is outside what is claimed: the reference interpreter says so."""
        answer = self.findings.answer(self.model.decision, found)
        outcome = None if answer is None else answer.outcome
        return outcome is not None and self.findings.truth(prove.then, found, outcome) is False

    def _seen_to_refute(self, proof: Proof) -> Witness | None:
        """The input of a test on which the answer is outside what is claimed."""
        points = self.model.study.test_points
        refuted = {outcome: points.holds(all_of((proof.given, then.false))) for outcome, then in proof.then.items()}
        for each in self.model.seen:
            if each.outcome is None or not refuted.get(each.outcome, 0) >> each.place & 1:
                continue
            if self.model.is_borne_out(each):
                return Witness({}, points.points[each.place].facts)
        return None

    def _refuted(self, proof: Proof, within: Sequence[Box] = ({},)) -> Witness | None:
        for outcome, then in proof.then.items():
            outside = self._boxes(all_of((proof.given, then.false)), within)
            found = given(self.model.search, outcome, outside, facts=True)
            if found is not None:
                return found
        return None

    def _doubted(self, proof: Proof, within: Sequence[Box] = ({},)) -> Witness | None:
        """An input that no rule decides, or on which an outcome is possible of which it is not certain that it is as
        claimed. Where there is none, the claim is proved.
        """
        search = self.model.search

        def asks() -> Iterator[Callable[[], Witness | None]]:
            yield lambda: undecided_input(search, self._boxes(proof.given, within), facts=True)
            for outcome, then in proof.then.items():
                regions = self._boxes(all_of((proof.given, then.doubtful)), within)
                yield partial(possible, search, outcome, regions, facts=True)

        return any_of(asks())

    def _boxes(self, formula: Formula, within: Sequence[Box] = ({},)) -> list[Box]:
        met = (meet(box, each) for box in self.model.study.space.boxes(formula) for each in within)
        return list({frozenset(box.items()): box for box in met if box is not None}.values())

    # ------------------------------------------------------------------------------------- reporting

    def _report_refuted(self, prove: Prove, found: Witness, **details: object) -> None:
        answer = self.findings.answer(self.model.decision, found)
        outcome = None if answer is None else answer.outcome
        self.report_shown(
            f"`{prove.name}` does not hold: the answer to this input is `{outcome}`",
            prove.span,
            (prove.name,),
            found,
            lambda _: self._shows(prove, found),
            str(outcome),
            help="correct the rules that decide it, or the `given`",
            **details,
        )

    def _report_doubted(self, prove: Prove, found: Witness) -> None:
        """L200: an answer that is neither as claimed nor refutes the claim."""
        decision = self.model.decision
        why, help_, expect = _in_the_way(self.findings.answer(decision, found), _asked_about(prove.given))

        def shows(answer: Answer) -> bool:
            claimed = [self.findings.truth(prove.then, found, outcome) for outcome in answer.possible]
            return answer.error == "gap" or any(truth is not True for truth in claimed)

        message = f"it is not settled whether `{prove.name}` holds: {why}"
        self.findings.show("L200", message, prove.span, (prove.name,), decision, found, shows, expect, help=help_)

    # ------------------------------------------------------------------------------------- after an edit

    def to_ask_again(self, change: Change) -> Iterable[str]:
        return [name for name in self.proofs if change.moved and not self._is_as_before(name, change)]

    def _is_as_before(self, name: str, change: Change) -> bool:
        """`given` holds nowhere near the change; or it was proved, and nothing is in doubt where rules have moved."""
        proof = self.proofs[name]
        claimed = self.model.study.space.boxes(proof.given)
        if all(disjoint(box, each) for box in change.own for each in claimed):
            return True
        return not self.found(name) and not change.finds(lambda boxes: self._doubted(proof, boxes))

    def translate_again(self, reads: Callable[[Term], bool]) -> Iterable[str]:
        asked = []
        for name, proof in self.proofs.items():
            prove = proof.prove
            if any(reads(term) for term in (prove.given, prove.then) if term is not None):
                self.proofs[name] = self._translate(prove)
                asked.append(name)
        return asked


QUESTIONS = (RefutedProof,)


def _asked_about(term: Term | None) -> frozenset[str]:
    """The facts of which a condition asks if they are known."""
    if term is None:
        return frozenset()
    found = frozenset[str]().union(*map(_asked_about, children(term)))
    return found | {_path(term.operand)} if isinstance(term, IsKnown) else found


def _path(term: Term) -> str:
    """The path of a fact as `needs` names it; "" for anything else."""
    if not isinstance(term, Field):
        return ""
    base = _path(term.base)
    return f"{base}.{term.name}" if base else term.name


def _in_the_way(answer: Answer | None, asked: frozenset[str]) -> tuple[str, str, str]:
    """Why an answer neither proves nor refutes what is claimed, what would settle it, and what a test expects of it.

    ``asked``: facts of which `given` says already if they are known.
    """
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
    needs = [need for need in answer.needs if need not in asked]
    needed = " or ".join(f"`{need}`" for need in needs[:3])
    known = f"ask in `given` that {needed or 'what the answer needs'} is known, or "
    return (
        f"the answer to this input is undetermined, {outcomes}",
        f"{'' if answer.needs and not needs else known}allow these outcomes in `then`",
        "undetermined",
    )
