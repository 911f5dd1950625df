"""Random small programs as an author writes them, with everything the language has for conditions and rules.

Each fact has few values, and an `always` line that keeps it to them, so that brute force can go through all inputs. No
condition tells apart two values between which there is none in the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from random import Random

from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.checked.check import check
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.runtime.errors import FactsError
from comity.surface import ast as surface
from comity.surface.parse import parse
from comity.tools.testing import run_tests
from comity.workspace.resources import stdlib

from .brute import Subject
from .phrases import DAYS, Fact, Phrases, facts

HEAD = """\
use std.countries: *

enum Colour:
    red
    green
    blue

enum Grade ordered:
    low
    mid
    high

enum Kind:
    maker
    user

record Person:
    kind: Kind
    listed: Bool?

record Entry:
    colours: set of Colour
    limit: Int or absent
    gbs: Bool?
"""
MOST_INPUTS = 1_500
AROUND = (date(2021, 12, 31), *DAYS, date(2022, 1, 6))


@dataclass(frozen=True)
class Written(Subject):
    """A program from text. ``files``: its tables."""

    text: str
    files: Mapping[str, str]

    def bad_witnesses(self, found: Sequence[Diagnostic]) -> Iterator[str]:
        """What is wrong with witnesses: as facts in JSON for `comity eval`, and as a `test` to paste."""
        interpreter = Interpreter(self.program)
        for each in found:
            if each.witness is not None:
                yield from self._bad_facts(interpreter, each)
        blocks = [each.test for each in found if each.test is not None]
        if blocks:
            program, errors = compiled("\n".join((self.text, *blocks)), self.files)
            if errors or program is None:
                yield f"the test blocks have errors: {errors[0].message}"
                return
            yield from (
                f"{result.name}: expected {result.expected}, got {result.got}"
                for result in run_tests(Interpreter(program)).results
                if result.status != "passed"
            )

    def _bad_facts(self, interpreter: Interpreter, found: Diagnostic) -> Iterator[str]:
        decision = next(
            (
                d
                for d in self.program.decisions.values()
                if found.subjects[0] == d.name
                or any(found.subjects[0] == rule.family for rule in d.rules)
                or any(p.name == found.subjects[0] and p.decision == d.qname for p in self.program.proves.values())
            ),
            None,
        )
        if decision is None or found.witness is None:
            return
        as_of = None if decision.record.as_of else _day_in(found)
        if as_of is None and decision.record.as_of is None and not found.test:
            return  # on which day is told by `days`, if it matters
        try:
            answer = interpreter.decide_json(decision.qname, found.witness, as_of)
        except FactsError as error:
            yield f"{found.code} {found.subjects}: the witness is refused: {error}"
            return
        deciding = {rule.name.partition("[")[0] for rule in answer.rules if rule.status == "decides"}
        match found.code:
            case "L201":
                shows = answer.error == "contradiction" and set(found.subjects) <= deciding
            case "L207":
                shows = answer.error == "gap"
            case "L200":
                named = all(f"`{outcome}`" in found.message for outcome in answer.possible)
                shows = named and (answer.outcome is None or "unknown" in found.message)
            case "L210":
                shows = answer.outcome is not None and f"`{answer.outcome}`" in found.message
            case "L212":
                shows = found.subjects[0] in deciding
            case "L213":
                shows = answer.outcome == decision.otherwise and not deciding
            case _:
                shows = False
        if not shows:
            yield f"{found.code} {found.subjects}: the witness {found.witness} does not show it"


def _day_in(found: Diagnostic) -> date | None:
    """The day of a witness whose record has none among its fields, as its `test` block says it."""
    head = (found.test or "").partition("\n")[0]
    _, marker, day = head.rpartition(" as of ")
    return date.fromisoformat(day.rstrip(":")) if marker else None


@lru_cache(maxsize=1)
def _countries() -> tuple[SourceFile, surface.Module]:
    text = (stdlib() / "countries.comity").read_text(encoding="utf-8")
    source = SourceFile("<std>/countries.comity", "std.countries", text)
    return source, parse(source, Report())


def compiled(text: str, files: Mapping[str, str]) -> tuple[Program | None, list[Diagnostic]]:
    """A program of one module `m` and the countries."""
    report = Report()
    source = SourceFile("m.comity", "m", text)
    module = parse(source, report)
    checked = check([(source, module), _countries()], report, lambda path: files[path].encode())
    program = lower(checked, report)
    errors = [each for each in report.sorted() if each.code.startswith("E")]
    return (None, errors) if errors else (program, [])


def written(seed: int) -> Written:
    """A random program. One that has errors (a cycle of precedence, say) is not used: another is made."""
    for attempt in range(50):
        made = _Author(Random(f"{seed}.{attempt}")).program()
        if made is not None:
            return made
    raise AssertionError(f"no program for seed {seed}")


def written_of(random: Random) -> Written | None:
    """A program from a source of randomness; None if what came out has errors."""
    return _Author(random).program()


class _Author:
    """Writes one program."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.parts: list[str] = []
        self.dated = random.random() < 0.75
        self.facts = self._chosen()
        self.phrases = Phrases(random, self.facts, self.dated)

    def _chosen(self) -> list[Fact]:
        """A few facts with not too many inputs together."""
        random = self.random
        found: list[Fact] = []
        size = len(AROUND)
        for fact in random.sample(facts(), len(facts())):
            optional = fact.may_be_unknown and random.random() < 0.35
            values = (*fact.values, None) if optional else fact.values
            if size * len(values) <= MOST_INPUTS and len(found) < 4:
                found.append(replace(fact, values=values, optional=optional))
                size *= len(values)
        return found

    def program(self) -> Written | None:
        random = self.random
        self.parts.append(self._record())
        if random.random() < 0.5:
            self.phrases.helpers = self._helpers()
        if random.random() < 0.3:
            self.parts.append(self._decision("review", ("strict", "mild"), "s", random.randint(1, 3)))
            self.phrases.reviewed = True
        self.parts.append(self._decision("permit", ("ban", "ask", "free"), "r", random.randint(2, 5)))
        self.parts += self._proofs()
        text = "\n".join((HEAD, *self.phrases.declarations, *self.parts))
        program, errors = compiled(text, self.phrases.files)
        if program is None:
            unexpected = [e for e in errors if e.code not in ("E110", "E011")]
            assert not unexpected, (unexpected[0].message, unexpected[0].span, text)
            return None
        days: tuple[date | None, ...] = AROUND if self.dated else (*AROUND, None)
        return Written(program, {f.name: f.values for f in self.facts}, days, text, self.phrases.files)

    def _record(self) -> str:
        lines = ["record Case as of day:" if self.dated else "record Case:"]
        for fact in self.facts:
            lines.append(f"    {fact.name}: {fact.type}{'?' if fact.optional else ''}")
        if self.dated:
            lines.append("    day: Date")
            lines.append(f"    always day >= {AROUND[0]} and day <= {AROUND[-1]}")
        lines += [f"    always {fact.always}" for fact in self.facts if fact.always]
        if self.random.random() < 0.25:
            lines.append(f"    always {self.phrases.condition(1)}")
        return "\n".join(lines) + "\n"

    # --------------------------------------------------------------------------------- definitions

    def _helpers(self) -> tuple[str, str]:
        """A condition and a number that others use, and a number by cases that may overlap or leave gaps.

        What rules use has a value for every input: elsewhere an answer is an error, which is told of the definition.
        """
        condition = "\n".join(self._block("", 1))
        self.parts.append(f"define holds for Case{condition}\n")
        self.parts.append(self._cases("level", first_match=True, otherwise=True))
        if self.random.random() < 0.5:
            self.parts.append(self._cases("rate", self.random.random() < 0.3, self.random.random() < 0.6))
        return "holds", "level"

    def _cases(self, name: str, first_match: bool, otherwise: bool) -> str:
        random = self.random
        lines = [f"define {name} for Case -> Int:"]
        if first_match:
            lines.append("    first match")
        for _ in range(random.randint(1, 3)):
            lines.append(f"    {random.randint(0, 2)} when {self.phrases.condition(1)}")
        if otherwise:
            lines.append(f"    {random.randint(0, 2)} otherwise")
        return "\n".join(lines) + "\n"

    # --------------------------------------------------------------------------------------- rules

    def _decision(self, name: str, outcomes: Sequence[str], prefix: str, count: int) -> str:
        random = self.random
        lines = [f"decision {name} for Case:", "    outcomes:", *(f"        {o}" for o in outcomes)]
        if random.random() < 0.3:
            winner, loser = random.sample(list(outcomes), 2)
            lines.append(f"    prevail {winner} over {loser}")
        lines += [f"    prevail by {kind}" for kind in ("later", "restriction") if random.random() < 0.12]
        if random.random() < 0.75:
            lines.append(f"    otherwise {random.choice((outcomes[-1], outcomes[-1], outcomes[0]))}")
        rules = [f"{prefix}{n}" for n in range(count)]
        families: dict[str, str] = {}
        text = "\n".join(lines) + "\n"
        for number, rule in enumerate(rules):
            text += "\n" + self._rule(rule, name, outcomes, rules[:number], rules[number + 1 :], families)
        self.phrases.rules += [r for r in rules if prefix == "s"]
        return text

    def _rule(
        self,
        name: str,
        decision: str,
        outcomes: Sequence[str],
        before: Sequence[str],
        after: Sequence[str],
        families: dict[str, str],
    ) -> str:
        random, phrases = self.random, self.phrases
        lines = [f"rule {name} for {decision}:"]
        bound = None
        if random.random() < 0.15:
            source = phrases.colours()
            lines.append(f"    for each key in {source}")
            families[name] = source
            bound = "key"
        if random.random() < 0.35:
            lines.append(f"    {phrases.window(allow_empty=True)}")
        clauses = False
        for kind, likely in (("notwithstanding", 0.25), ("exception to", 0.15), ("disapplies", 0.15)):
            if before and random.random() < likely:
                targets = random.sample(list(before), random.choice((1, 1, min(2, len(before)))))
                target = ", ".join(f"{t}[key]" if bound and families.get(t) == families[name] else t for t in targets)
                if kind == "notwithstanding" and random.random() < 0.15:
                    target = "every other rule"
                lines.append(f"    {kind} {target}")
                clauses = clauses or kind == "disapplies"
        if after and random.random() < 0.15:
            lines.append(f"    subject to {random.choice(list(after))}")
        refers = random.random() < 0.1
        if refers:
            lines.append('    refer to counsel "why"')
        if random.random() < 0.9:
            lines += [f"    {line}" for line in self._block("when", 2, bound)]
        if random.random() < 0.25:
            lines.append(f"    unless {phrases.condition(1, bound)}")
        if not (clauses or refers) or random.random() < 0.7:
            lines.append(f"    then {random.choice(list(outcomes))}")
        elif any("notwithstanding" in line or "subject to" in line for line in lines):
            lines.append(f"    then {outcomes[0]}")
        return "\n".join(lines) + "\n"

    def _block(self, word: str, depth: int, bound: str | None = None) -> list[str]:
        """A condition: inline, or a block nested like sub-paragraphs."""
        random = self.random
        if random.random() < 0.4:
            return [f"{word} {self.phrases.condition(1, bound)}" if word else f": {self.phrases.condition(1)}"]
        head = self._header()
        if not word:
            return [":", *(f"    {line}" for line in [head[0], *self._lines(head[1], depth, bound)])]
        return [f"{word} {head[0]}", *self._lines(head[1], depth, bound)]

    def _header(self) -> tuple[str, str | None]:
        """`all:`, or a quantifier and what it binds."""
        random = self.random
        people = [f for f in self.facts if f.name == "p" and not f.optional]
        if people and random.random() < 0.35:
            return f"{random.choice(('any', 'all', 'no'))} y in p:", "y"
        return random.choice(("all:", "all:", "any:", "none:")), None

    def _lines(self, person: str | None, depth: int, bound: str | None) -> list[str]:
        random, phrases = self.random, self.phrases
        lines: list[str] = []
        for _ in range(random.randint(2, 3)):
            if depth > 0 and person is None and random.random() < 0.25:
                head = self._header()
                lines += [f"    {line}" for line in (head[0], *self._lines(head[1], depth - 1, bound))]
                continue
            said = phrases.of_person(person) if person and random.random() < 0.75 else phrases.condition(1, bound)
            dated = random.random() < 0.1  # in parentheses: a window says which part of a condition it dates
            lines.append(f"    ({said}) {phrases.window()}" if dated else f"    {said}")
        return lines

    def _proofs(self) -> list[str]:
        random, phrases = self.random, self.phrases
        if random.random() < 0.5:
            return []
        chosen = ", ".join(random.sample(("ban", "ask", "free"), random.randint(1, 2)))
        then = f"outcome in {{{chosen}}}"
        if random.random() < 0.3:
            then += f" or {phrases.atom()}"
        given = f"    given {phrases.condition(1)}\n" if random.random() < 0.8 else ""
        return [f"prove claim for permit:\n{given}    then {then}\n"]
