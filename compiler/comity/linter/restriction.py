"""Which rules make an answer more restrictive and which make it milder, by the declared order of outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from comity.checked import ast as checked


class Restrictions:
    """Which rules make an answer more restrictive, and which make it milder."""

    def __init__(self, program: checked.Program) -> None:
        self.program = program

    @cached_property
    def _rules(self) -> Mapping[str, Sequence[checked.Rule]]:
        """The rules of each decision."""
        rules: dict[str, list[checked.Rule]] = {}
        for rule in self.program.rules.values():
            rules.setdefault(rule.decision, []).append(rule)
        return rules

    @cached_property
    def _displaced(self) -> Mapping[str, Sequence[checked.Rule]]:
        """By the name of a rule: the rules over which it prevails."""
        displaced: dict[str, list[checked.Rule]] = {}
        for rule in self.program.rules.values():
            for kind in ("notwithstanding", "exception to", "subject to"):
                for other in self._targets(rule, kind):
                    winner, loser = (other, rule) if kind == "subject to" else (rule, other)
                    displaced.setdefault(winner.qname, []).append(loser)
        return displaced

    def is_milder(self, rule: checked.Rule, applies: bool) -> bool:
        """Whether an answer may be milder because ``rule`` applies, or does not."""
        if applies:
            return self._loosens(rule) or any(map(self._tightens, self._targets(rule, "disapplies")))
        return self._tightens(rule) or any(map(self._loosens, self._targets(rule, "disapplies")))

    def is_replaced(self, rule: checked.Rule, applies: bool, concerned: Iterable[tuple[checked.Rule, bool]]) -> bool:
        """Whether, where ``rule`` does not apply for a default, another one at least as restrictive applies for it."""
        own = self._restriction(rule)
        others = [
            self._restriction(other)
            for other, other_applies in concerned
            if other_applies and other.decision == rule.decision
        ]
        return not applies and own is not None and any(each is not None and each <= own for each in others)

    def _tightens(self, rule: checked.Rule) -> bool:
        """It gives an outcome more restrictive than what is left without it."""
        own = self._restriction(rule)
        if own is None:
            return False
        decision = self.program.decisions[rule.decision]
        left: Iterable[checked.Rule] = self._rules[rule.decision]
        if decision.otherwise is not None:
            if own < decision.outcomes.members.index(decision.otherwise) and not self._targets(rule, "exception to"):
                return True
            left = self._displaced.get(rule.qname, ())
        return any(each is not None and own < each for each in map(self._restriction, left))

    def _loosens(self, rule: checked.Rule) -> bool:
        """It gives a milder outcome than what it displaces, or than what is left without it."""
        own = self._restriction(rule)
        if own is None:
            return False
        decision = self.program.decisions[rule.decision]
        members = decision.outcomes.members
        without = [self._restriction(other) for other in self._displaced.get(rule.qname, ())]
        without += [members.index(g.loser) for g in decision.grounds if g.loser is not None and g.winner == rule.then]
        if decision.otherwise is not None:
            without.append(members.index(decision.otherwise))
        return any(each is not None and each < own for each in without)

    def _restriction(self, rule: checked.Rule) -> int | None:
        """The place of its outcome, from the most restrictive; what counsel decides may be that. None: no outcome."""
        if rule.then is not None:
            return self.program.decisions[rule.decision].outcomes.members.index(rule.then)
        return 0 if rule.refer is not None else None

    def _targets(self, rule: checked.Rule, kind: str) -> list[checked.Rule]:
        found: list[checked.Rule] = []
        for clause in rule.precedence:
            for target in clause.targets if clause.kind == kind else ():
                match target:
                    case checked.RuleTarget(rule=name):
                        found.append(self.program.rules[name])
                    case checked.EveryRuleTarget(module=module, excepted=excepted):
                        names = {each.rule for each in excepted} | ({rule.qname} if module is None else set())
                        found += [
                            other
                            for other in self._rules[rule.decision]
                            if other.qname not in names and module in (None, other.module)
                        ]
        return found
