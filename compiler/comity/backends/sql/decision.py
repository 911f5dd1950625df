"""What a decision says, as nodes: `runtime.resolve` for every row at once.

Whether a rule applies is a Kleene formula over the rules' own conditions, as certain and as possible as these are.
What is said in the end is asked of every way to settle the unknown conditions, which `completions` writes as one
expression:

- for each outcome, is it alone in some way what the rules say; do several outcomes remain in some way; does none?
- one of these only, and it is a single outcome: determined. No outcome ever: a gap. Several in all ways: a
  contradiction.

Example: `ban` (prohibited) prevails over `large` (license_required). `ban` remains where its condition is true; `large`
remains where its own is and that of `ban` is false. The outcome is `license_required` where only that remains in every
way to settle what is unknown, which is: `large` is surely true, and `ban` is surely false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date

from comity import terms
from comity.backends.sql.columns import Columns, Node
from comity.backends.sql.completions import ENTANGLED, Completions, Formula, Formulas, Variable
from comity.backends.sql.deciding import Deciding
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.shapes import Record
from comity.backends.sql.terms import Translator
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.runtime.light import dataclass
from comity.runtime.rules import Claim, Claims, Ruleset, bits
from comity.terms import THIS


@dataclass(frozen=True, slots=True)
class Said:
    """``outcome``: NULL unless determined. ``possible``: the names of all there may be, with commas between.

    ``rules``: the names of those that decide or may, likewise, where it was asked for. ``each``: by outcome, whether it
    is possible, where no day decides what prevails.
    """

    outcome: Node
    status: Node
    possible: Node
    rules: Node
    each: Mapping[str, Node] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """One decision about one record. ``own``: each rule's own condition; ``applies``: whether it applies."""

    rules: Ruleset
    own: list[Node]
    applies: list[Node]
    found: dict[int, Node]
    said: Said | None = None
    deciding: list[Node] | None = None


@dataclass(slots=True)
class Decisions:
    """Decisions on records. ``findings``: the columns of counsel's findings, by what they are called."""

    program: core.Program
    translator: Translator
    findings: Mapping[str, Node]
    _asked: dict[tuple[str, object], Asked] = field(default_factory=dict)

    @property
    def columns(self) -> Columns:
        return self.translator.columns

    # ------------------------------------------------------------------------------------------ asked by terms

    def outcome_of(self, decision: str, record: Record) -> Node:
        return self.said(decision, record).outcome

    def rule_holds(self, term: terms.RuleHolds, key: Node | None, record: Record) -> Node:
        asked, decision = self.asked(term.decision, record), self.program.decisions[term.decision]
        columns = self.columns
        holds = asked.applies if term.verb == "applies" else self._deciding(term.decision, record)
        numbers = [rule.number for rule in decision.rules if term.rule in (rule.family, f"{rule.module}.{rule.family}")]
        if key is None:
            return columns.some(holds[number] for number in numbers)
        found = []
        for number in numbers:
            member = decision.rules[number].key
            if member is not None:
                chosen = columns.equal(key, columns.constant(member, "text"))
                found.append(columns.every([chosen, holds[number]]))
        return columns.only_where(columns.is_known(key), columns.some(found))

    def with_rules(self, decision: str, record: Record) -> Said:
        """What is said, and of which rules that comes."""
        found = [self.columns.perhaps(node) for node in self._deciding(decision, record)]
        names = tuple(rule.name for rule in self.program.decisions[decision].rules)
        listed = self.columns.make("listed", (names, *found), "names", False)
        return replace(self.said(decision, record), rules=listed if names else self.columns.constant("", "names"))

    def _deciding(self, decision: str, record: Record) -> list[Node]:
        asked, said = self.asked(decision, record), self.said(decision, record)
        if asked.deciding is None:
            determined = self.columns.is_known(said.outcome)
            asked.deciding = Deciding(self.columns, asked.rules, asked.applies, determined, said.each).nodes()
        return asked.deciding

    # ------------------------------------------------------------------------------------------ rules

    def asked(self, decision: str, record: Record) -> Asked:
        key = (decision, record.key)
        if key not in self._asked:
            declared = self.program.decisions[decision]
            rules = ruleset(declared)
            own, found = [], {}
            for rule in declared.rules:
                truth = self.translator.truth(rule.condition, {THIS: record})
                if rule.refer is not None:
                    finding = self._finding(rule)
                    found[rule.number] = finding
                    truth = self._referred(truth, finding)
                own.append(truth)
            self._asked[key] = Asked(rules, own, self._applying(rules, own), found)
        return self._asked[key]

    def _finding(self, rule: core.Rule) -> Node:
        """What counsel found of a rule: `true`, `false`, an outcome, or nothing yet."""
        columns = self.columns
        nodes = [self.findings[name] for name in dict.fromkeys((rule.name, rule.question)) if name in self.findings]
        if not nodes:
            return columns.unknown("text")
        return nodes[0] if len(nodes) == 1 else columns.make("coalesce", nodes, "text", True)

    def _referred(self, own: Node, finding: Node) -> Node:
        """Where a human must judge, only a finding makes a condition hold (`runtime.resolve.referred`)."""
        columns = self.columns
        denied = columns.equal(finding, columns.constant("false", "text"))
        return columns.every([own, columns.negate(denied)])

    def _applying(self, rules: Ruleset, own: Sequence[Node]) -> list[Node]:
        columns = self.columns
        found: dict[int, Node] = {number: own[number] for number in bits(rules.free)}
        for level in rules.dependent:
            for number in bits(level):
                parts = [own[number]]
                if rules.exception_to[number]:
                    parts.append(columns.some(found[target] for target in bits(rules.exception_to[number])))
                parts += [columns.negate(found[other]) for other in bits(rules.disapplied_by[number])]
                found[number] = columns.every(parts)
        return [found[number] for number in range(len(own))]

    # ------------------------------------------------------------------------------------------ what is said

    def said(self, decision: str, record: Record) -> Said:
        asked = self.asked(decision, record)
        if asked.said is None:
            asked.said = self._said(self.program.decisions[decision], asked)
        return asked.said

    def _said(self, decision: core.Decision, asked: Asked) -> Said:
        rules, columns, day = asked.rules, self.columns, self.translator.day
        starts = sorted({begin for rule in rules.rules for begin in rule.begins}) if rules.by_day else []
        if not starts:
            return self._said_on(decision, asked, None)
        # `prevail by later` looks at when windows opened, which the day decides.
        unknown = self._said_on(decision, asked, None)
        periods = [self._said_on(decision, asked, date.min), *(self._said_on(decision, asked, each) for each in starts)]
        branches = [(columns.negate(columns.is_known(day)), unknown)]
        branches += [
            (columns.less(day, columns.constant(start, "date")), said)
            for start, said in zip(starts, periods, strict=False)
        ]
        last = periods[-1]
        return Said(
            columns.case([(condition, said.outcome) for condition, said in branches], last.outcome),
            columns.case([(condition, said.status) for condition, said in branches], last.status),
            columns.case([(condition, said.possible) for condition, said in branches], last.possible),
            columns.unknown("names"),
        )

    def _said_on(self, decision: core.Decision, asked: Asked, day: date | None) -> Said:
        try:
            return _Resolution(self.columns, decision, asked, asked.rules.claims(day)).said()
        except Inexpressible as error:
            raise Inexpressible(f"`{decision.name}`: {error.message}", decision.span) from None
        except RecursionError:
            raise Inexpressible(f"`{decision.name}`: {ENTANGLED}", decision.span) from None


class _Resolution:
    """One decision on days on which its rules show the same claims."""

    def __init__(self, columns: Columns, decision: core.Decision, asked: Asked, claims: Claims) -> None:
        self.columns = columns
        self.decision = decision
        self.asked = asked
        self.rules = asked.rules
        self.claims = claims
        self.formulas = Formulas()
        self.out = Formulas()
        self.bounds: dict[Variable, tuple[Node, Node]] = {}
        """For each variable, whether it may be true, and whether it may be false."""
        self.variable_of: dict[int, Variable] = {}
        self.applying: dict[int, Formula] = {}
        self.nodes: dict[Formula, Node] = {}
        self._name_variables()

    # ------------------------------------------------------------------------------------------ variables

    def _name_variables(self) -> None:
        """Rules that show the same and relate to others in the same way are one: some of them holds."""
        twins: dict[object, list[int]] = {}
        for number in range(len(self.rules.rules)):
            own: list[Claim] = [self.claims.claims[each] for each in self.claims.of_rule[number]]
            shown: object = number if len(own) > 1 else [(f.outcome, f.rank, f.later) for f in own]
            twins.setdefault((self.rules.relations[number], str(shown)), []).append(number)
        for numbers in twins.values():
            variable = len(self.bounds)
            own_truths = [self.asked.own[number] for number in numbers]
            either = self.columns.some(own_truths)
            self._bound(variable, self.columns.perhaps(either), self.columns.negate(self.columns.surely(either)))
            self.variable_of |= dict.fromkeys(numbers, variable)
        self.first = sorted(numbers[0] for numbers in twins.values())
        self.twin = {number: numbers[0] for numbers in twins.values() for number in numbers}

    def _bound(self, variable: Variable, may_hold: Node, may_fail: Node) -> None:
        self.bounds[variable] = (may_hold, may_fail)

    def _limit(self, variable: Variable, holds: bool) -> Formula:
        """Whether a condition may be true (or false), as a formula of the expression that is made."""
        may_hold, may_fail = self.bounds[variable]
        node = may_hold if holds else may_fail
        if node.is_constant:
            return self.out.true if node.value else self.out.false
        if may_fail is self.columns.negate(may_hold):
            return self.out.variable(2 * variable, holds)  # it is known: one is the denial of the other
        return self.out.variable(2 * variable + (not holds))

    # ------------------------------------------------------------------------------------------ formulas

    def _applies(self, number: int) -> Formula:
        number = self.twin[number]
        if number not in self.applying:
            every, some = self.formulas.every, self.formulas.some
            parts = [self._own(number), *self._not_disapplied(number)]
            if self.rules.exception_to[number]:
                parts.append(some([self._applies(target) for target in bits(self.rules.exception_to[number])]))
            self.applying[number] = every(parts)
        return self.applying[number]

    def _own(self, number: int) -> Formula:
        return self.formulas.variable(self.variable_of[number])

    def _not_disapplied(self, number: int) -> list[Formula]:
        return [self.formulas.negate(self._applies(other)) for other in self._apart(self.rules.disapplied_by[number])]

    def _apart(self, mask: int) -> list[int]:
        """The rules of a mask, of twins one."""
        return list(dict.fromkeys(self.twin[number] for number in bits(mask)))

    def _remaining(self) -> dict[tuple[str, int, int], Formula]:
        """For each kind of claim (outcome, rank, day), whether one remains.

        An exception remains beside a rule that it displaces: it is taken apart by these.
        """
        every, some, negate = self.formulas.every, self.formulas.some, self.formulas.negate
        found: dict[tuple[str, int, int], list[Formula]] = {}
        beside: dict[tuple[str, int, int], dict[int, list[Formula]]] = {}
        for number in self.first:
            undefeated = [negate(self._applies(other)) for other in self._apart(self.rules.prevailed_by[number])]
            for kind, chosen in self._claims_of(number):
                if self.rules.exception_to[number]:
                    rest = every([self._own(number), *self._not_disapplied(number), *undefeated, chosen])
                    for target in self._apart(self.rules.exception_to[number]):
                        beside.setdefault(kind, {}).setdefault(target, []).append(rest)
                else:
                    found.setdefault(kind, []).append(every([self._applies(number), *undefeated, chosen]))
        for kind, targets in beside.items():
            for target, rests in targets.items():
                found.setdefault(kind, []).append(every([self._applies(target), some(rests)]))
        return {kind: some(parts) for kind, parts in found.items()}

    def _claims_of(self, number: int) -> list[tuple[tuple[str, int, int], Formula]]:
        """What a rule shows, and when: of several claims one, which a finding may have named."""
        claims = [self.claims.claims[each] for each in self.claims.of_rule[number]]
        kinds = [(claim.outcome, claim.rank, claim.later) for claim in claims]
        if len(claims) < 2:
            return [(kind, self.formulas.true) for kind in kinds]
        columns, finding = self.columns, self.asked.found.get(number)
        allowed = []
        for claim in claims:
            if finding is None:
                allowed.append(columns.true)
                continue
            others = [outcome for outcome in self.rules.outcomes if outcome != claim.outcome]
            allowed.append(columns.negate(columns.surely(columns.among(finding, others))))
        found = []
        before: list[Formula] = []
        for place, kind in enumerate(kinds[:-1]):
            variable = len(self.bounds)
            self._bound(variable, allowed[place], columns.some(allowed[place + 1 :]))
            choice = self.formulas.variable(variable)
            found.append((kind, self.formulas.every([*before, choice])))
            before.append(self.formulas.negate(choice))
        return [*found, (kinds[-1], self.formulas.every(before))]

    def _left(self, remaining: Mapping[tuple[str, int, int], Formula]) -> dict[str, Formula]:
        """For each outcome, whether the grounds leave it."""
        every, some, negate = self.formulas.every, self.formulas.some, self.formulas.negate
        left = dict(remaining)
        for ground in self.rules.grounds:
            before = dict(left)
            if ground.kind == "over":
                winners = some([formula for kind, formula in before.items() if kind[0] == ground.winner])
                for kind in before:
                    if kind[0] == ground.loser:
                        left[kind] = every([before[kind], negate(winners)])
                continue
            place = {"restriction": 0, "rank": 1, "later": 2}[ground.kind]
            order = {outcome: -number for number, outcome in enumerate(self.rules.outcomes)}
            weight = {kind: order[kind[0]] if place == 0 else int(kind[place]) for kind in before}
            for kind in before:
                higher = some([before[other] for other in before if weight[other] > weight[kind]])
                left[kind] = every([before[kind], negate(higher)])
        return {
            outcome: some([formula for kind, formula in left.items() if kind[0] == outcome])
            for outcome in self.rules.outcomes
        }

    # ------------------------------------------------------------------------------------------ the answer

    def said(self) -> Said:
        every, some, negate = self.formulas.every, self.formulas.some, self.formulas.negate
        remaining = self._remaining()
        left = self._left(remaining)
        completions = Completions(
            self.formulas,
            lambda variable: self._limit(variable, True),
            lambda variable: self._limit(variable, False),
            self.out,
            len(self.bounds),
        )

        def in_some_way(formula: Formula) -> Node:
            return self._node(completions.some_way(formula))

        settles = any(ground.kind == "restriction" for ground in self.rules.grounds)
        outcomes = [outcome for outcome in self.rules.outcomes if left[outcome].op != "false"]
        alone: dict[str, Node] = {}
        for outcome in outcomes:
            others = [] if settles else [negate(left[other]) for other in outcomes if other != outcome]
            alone[outcome] = in_some_way(every([left[outcome], *others]))
        columns = self.columns
        several, together = columns.false, dict.fromkeys(outcomes, columns.false)
        if not settles:
            for outcome in outcomes:
                rest = some([left[other] for other in outcomes if other != outcome])
                together[outcome] = in_some_way(every([left[outcome], rest]))
            several = columns.some(together.values())
        nothing = in_some_way(negate(some(list(remaining.values()))))
        remain = {
            outcome: in_some_way(some([formula for kind, formula in remaining.items() if kind[0] == outcome]))
            for outcome in self.rules.outcomes
        }
        if self.rules.otherwise is not None:
            fallback = self.rules.otherwise
            alone[fallback] = columns.some([alone.get(fallback, columns.false), nothing])
            remain[fallback] = columns.some([remain[fallback], nothing])
            nothing = columns.false
        return self._answer(alone, remain, several, together, nothing)

    def _answer(
        self,
        alone: dict[str, Node],
        remain: Mapping[str, Node],
        several: Node,
        together: Mapping[str, Node],
        nothing: Node,
    ) -> Said:
        """From what is said in some way to the answer. ``remain``: by outcome, whether in some way a rule remains that
        shows it, or none at all where it is the one of `otherwise`. ``nothing``: in some way there is no outcome.
        """
        columns = self.columns
        order = [outcome for outcome in self.rules.outcomes if outcome in alone]
        first = alone
        possible = {outcome: columns.some([alone[outcome], together.get(outcome, columns.false)]) for outcome in order}
        none = columns.negate(columns.some(possible.values()))
        gap = columns.every([none, nothing]) if nothing is not columns.false else columns.false
        single = columns.some(alone.values())
        contradiction = columns.every([several, columns.negate(single), columns.negate(nothing)])
        if any(node.null for node in self.asked.own) or len(self.bounds) > len(self.first):
            ways = [node for node in (*alone.values(), several, nothing) if not (node.is_constant and not node.value)]
            determined = columns.make("ones", ways, "bool", False) if len(ways) > 1 else columns.true
            determined = columns.every([determined, columns.negate(several), columns.negate(nothing)])
        else:
            # All conditions are known, so there is one way.
            determined = columns.negate(columns.some([gap, contradiction]))
            if self.rules.grounds and self.rules.grounds[0].kind == "restriction":
                # The first outcome that remains is the one: nothing need be said of those before it.
                first = {outcome: remain[outcome] for outcome in order[:-1]}
        text = columns.constant
        status = columns.case(
            [
                (determined, text("determined", "text")),
                (gap, text("gap", "text")),
                (contradiction, text("contradiction", "text")),
            ],
            text("undetermined", "text"),
        )
        unknown, none = columns.unknown("text"), columns.unknown("names")
        if not order:  # no rule shows an outcome, and there is no `otherwise`
            return Said(unknown, status, text("", "names"), none)
        outcome = columns.case(
            [
                (columns.negate(determined), unknown),
                *((first[outcome], text(outcome, "text")) for outcome in order[:-1]),
            ],
            text(order[-1], "text"),
        )
        names = tuple(order)
        listed = columns.make("listed", (names, *(possible[name] for name in order)), "names", False)
        return Said(outcome, status, listed, none, possible)

    def _node(self, formula: Formula) -> Node:
        """The expression of a formula over limits."""
        found = self.nodes.get(formula)
        if found is None:
            match formula.op:
                case "true":
                    found = self.columns.true
                case "false":
                    found = self.columns.false
                case "is":
                    ((variable, holds),) = formula.literals
                    may_hold, may_fail = self.bounds[variable // 2]
                    found = may_fail if variable % 2 else may_hold
                    found = found if holds else self.columns.negate(found)
                case _:
                    parts = [self._node(part) for part in formula.parts]
                    found = self.columns.every(parts) if formula.op == "and" else self.columns.some(parts)
            self.nodes[formula] = found
        return found
