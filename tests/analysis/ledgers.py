"""Random programs about lists of records: counts, sums and quantifiers, money, percentages, ECCNs, tables, modules.

They have too many inputs to go through, so inputs are drawn at random, and what the interpreter says of them is held
against the findings: a contradiction, gap or broken proof that is met must be reported, a rule or outcome that is met
must not be called dead, and no question may be left open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from random import Random

from comity.analysis import analyse
from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.checked.check import check
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.runtime.answer import ContradictionError, GapError
from comity.runtime.errors import FactsError
from comity.runtime.types import (
    BOOL,
    DATE,
    ECCN,
    PERCENT,
    EnumType,
    ListType,
    MoneyType,
    RecordType,
    Type,
)
from comity.surface import ast as surface
from comity.surface.parse import parse
from comity.terms import THIS
from comity.tools.testing import run_tests
from comity.workspace.resources import stdlib

PLACES = ("RU", "BY", "DE", "FR", "NO", "CN", "UA")
CODES = ("EAR99", "3A001", "3A001.a", "3A001.b", "5A992", "5A992.c")
DAYS = tuple(date(2022, 1, 1) + timedelta(days) for days in (-800, -1, 0, 28, 29, 59, 60, 90, 400))
SHARES = ("0%", "10%", "25%", "50%", "100%")
AMOUNTS = ("0 USD", "1 USD", "999.50 USD", "1_000 USD", "5_000 USD")

FILES = {
    "chart.csv": "country,NS1,NS2,AT1\nRU,X,X,X\nBY,X,,X\nDE,,,\nNO,,X,\nCN,X,X,\n",
    "quota.csv": "country,value,from,until\nRU,3,,2022-01-29\nRU,5,2022-01-30,\nDE,10,2021-01-01,\nNO,0,,\n",
    "level.csv": "country,value\nRU,0 USD\nDE,5000 USD\nFR,2500.50 USD\n",
    "ccl.csv": (
        "eccn,columns,limit,open\n3A001,NS1;AT1,5000 USD,true\n3A001.a,NS1;NS2,absent,\n5A992,AT1,,false\nEAR99,,,\n"
    ),
}

FACTS = '''\
"""Facts"""
use std.countries: *

enum Colour:
    red
    green

enum Grade ordered:
    low
    mid
    high

enum Column:
    NS1
    NS2
    AT1

set BLOC: Country =
    {DE, FR} from 2020-01-01
    + {NO} from 2022-01-29
    - {FR} from 2022-03-01

record Entry:
    columns: set of Column
    limit: Money in USD or absent
    open: Bool?

table chart(country: Country, column: Column) -> Bool from "chart.csv"
table quota(country: Country) -> Int from "quota.csv"
table level(country: Country) -> Money in USD from "level.csv" otherwise 1_000 USD
table ccl(eccn: Eccn) -> Entry from "ccl.csv"

define controlled(code: Eccn, to: Country):
    any r in ccl[code].columns: chart[to, r]
'''

OF_PERSON = {
    "country": "Country",
    "listed": "Bool",
    "share": "Percent",
    "amount": "Money in USD",
    "grade": "Grade",
    "units": "Int",
}
OF_CASE = {
    "tone": "Colour",
    "grade": "Grade",
    "via": "Country",
    "value": "Money in USD",
    "code": "Eccn",
    "due": "Date",
    "holders": "list of Person",
    "crew": "list of Person",
}
ALWAYS_OF_PERSON = {
    "share": ("share >= 0%", "share in 0%..100%", "not (share < 0%)"),
    "amount": ("amount >= 0 USD",),
    "units": ("units in 0..5", "units >= 1"),
}


@dataclass(frozen=True)
class Ledger:
    """A random program. ``texts``: its modules by name."""

    program: Program
    texts: Mapping[str, str]

    def show(self) -> str:
        return "\n".join(f"# {name}.comity\n{text}" for name, text in self.texts.items())


@lru_cache(maxsize=1)
def _countries() -> tuple[SourceFile, surface.Module]:
    text = (stdlib() / "countries.comity").read_text(encoding="utf-8")
    source = SourceFile("<std>/countries.comity", "std.countries", text)
    return source, parse(source, Report())


def ledger(seed: int) -> Ledger:
    """A random program. One with errors (a cycle of precedence, say) is not used: another is made."""
    for attempt in range(50):
        texts = _Author(Random(f"{seed}.{attempt}"), compares=seed % 5 == 3).texts()
        program, errors = _built(texts)
        if not errors:
            return Ledger(program, texts)
        unexpected = [each for each in errors if each.code != "E110"]
        assert not unexpected, (unexpected[0].message, unexpected[0].span, texts)
    raise AssertionError(f"no program for seed {seed}")


def _built(texts: Mapping[str, str]) -> tuple[Program, list[Diagnostic]]:
    """The program of some modules, and what is wrong with it."""
    report = Report()
    sources = [SourceFile(f"{name}.comity", name, text) for name, text in texts.items()]
    modules = [(source, parse(source, report)) for source in sources]
    program = lower(check([*modules, _countries()], report, lambda path: FILES[path].encode()), report)
    return program, [each for each in report.sorted() if each.code.startswith("E")]


class _Author:
    """Writes one program. ``compares``: elements with facts of the input, too."""

    def __init__(self, random: Random, compares: bool) -> None:
        self.random = random
        self.compares = compares
        self.person = self._some(OF_PERSON, random.randint(2, 4), always=("share",))
        self.case = self._some(OF_CASE, random.randint(2, 4), always=("holders",))
        self.lists = [name for name in ("holders", "crew") if name in self.case]
        self.helpers: list[str] = []

    def _some(self, fields: Mapping[str, str], count: int, always: Sequence[str]) -> dict[str, str]:
        """Some of the fields with their types, some of which may be unknown."""
        others = [name for name in fields if name not in always]
        chosen = {*always, *self.random.sample(others, min(count, len(others)))}
        return {name: type + "?" * (self.random.random() < 0.35) for name, type in fields.items() if name in chosen}

    def texts(self) -> dict[str, str]:
        random = self.random
        uses = "use facts: *\nuse std.countries: *\n"
        facts = "\n".join((FACTS, self._person(), self._case()))
        more = "\n".join(('"""Definitions"""', uses, *self._defines()))
        rules = [f"r{number}" for number in range(random.randint(2, 4))]
        written = [self._rule(rule, rules[:number]) for number, rule in enumerate(rules)]
        half = random.randint(1, len(written))
        law = "\n".join(
            ('"""Law"""', "use facts: *\nuse more: *\nuse std.countries: *\n", self._decision(), *written[:half])
        )
        others = "use facts: *\nuse more: *\nuse law: *\nuse std.countries: *\n"
        law2 = "\n".join(('"""More law"""', others, *written[half:], *self._proofs()))
        return {"facts": facts, "more": more, "law": law, "law2": law2}

    # ------------------------------------------------------------------------------- declarations

    def _person(self) -> str:
        lines = ["record Person:", *(f"    {name}: {type}" for name, type in self.person.items())]
        for name, said in ALWAYS_OF_PERSON.items():
            if name in self.person and self.random.random() < 0.5:
                lines.append(f"    always {self.random.choice(said)}")
        return "\n".join(lines) + "\n"

    def _case(self) -> str:
        random = self.random
        lines = [
            "record Case as of date:",
            *(f"    {name}: {type}" for name, type in self.case.items()),
            "    date: Date",
        ]
        said = [
            "sum(p.share for p in holders) <= 100%",
            "all p in holders: p.share <= 50%",
            "count(p in holders) <= 3",
            "any p in holders: p.share > 0%",
        ]
        if "value" in self.case:
            said.append("value >= 0 USD")
        lines += [f"    always {each}" for each in random.sample(said, random.choice((0, 0, 1, 2)))]
        return "\n".join(lines) + "\n"

    def _defines(self) -> Iterator[str]:
        random = self.random
        yield f"define held for Case -> Percent:\n    {self._total('share')}\n"
        yield f"define plain for Case:\n    {self.condition(1)}\n"
        cases = [f"    {random.randint(0, 2)} when {self.condition(1)}" for _ in range(random.randint(1, 2))]
        last = [f"    {random.choice((0, 3))} otherwise"] if random.random() < 0.7 else []
        head = ["define rating for Case -> Int:", *(["    first match"] if random.random() < 0.5 else [])]
        yield "\n".join((*head, *cases, *last)) + "\n"
        self.helpers = ["held", "plain", *(["rating"] if last and len(head) > 1 else [])]

    def _decision(self) -> str:
        random = self.random
        lines = ["decision permit for Case:", "    outcomes:", *(f"        {each}" for each in ("ban", "ask", "free"))]
        if random.random() < 0.15:
            lines.append("    prevail by restriction")
        if random.random() < 0.75:
            lines.append(f"    otherwise {random.choice(('free', 'ask'))}")
        return "\n".join(lines) + "\n"

    def _rule(self, name: str, before: Sequence[str]) -> str:
        random = self.random
        lines = [f"rule {name} for permit:"]
        if random.random() < 0.3:
            first, last = sorted(random.sample(DAYS, 2))
            lines.append(f"    from {first}" + (f" until {last}" if random.random() < 0.5 else ""))
        for clause in ("notwithstanding", "exception to", "disapplies"):
            if before and random.random() < 0.15:
                lines.append(f"    {clause} {random.choice(list(before))}")
        if "code" in self.case and random.random() < 0.2:
            lines.insert(1, "    for each r in ccl[code].columns")
        lines += (
            self._block(random.choice(("all", "all", "any", "none")))
            if random.random() < 0.6
            else [f"    when {self.condition(1)}"]
        )
        if random.random() < 0.2:
            lines.append(f"    unless {self.condition(0)}")
        return "\n".join((*lines, f"    then {random.choice(('ban', 'ask', 'free'))}")) + "\n"

    def _block(self, kind: str) -> list[str]:
        random = self.random
        lines = [f"    when {kind}:"]
        for _ in range(random.randint(1, 3)):
            if random.random() < 0.2:
                lines += [f"        {random.choice(('any', 'all', 'no'))} q in {random.choice(self.lists)}:"]
                lines += [f"            {self._of('q')}" for _ in range(random.randint(1, 2))]
            else:
                lines.append(f"        {self.condition(1)}")
        return lines

    def _proofs(self) -> Iterator[str]:
        random = self.random
        for number in range(random.choice((0, 1, 1, 2))):
            outcomes = ", ".join(random.sample(("ban", "ask", "free"), random.randint(1, 2)))
            given = f"    given {self.condition(1)}\n" if random.random() < 0.7 else ""
            yield f"prove p{number} for permit:\n{given}    then outcome in {{{outcomes}}}\n"

    # -------------------------------------------------------------------------------- conditions

    def condition(self, depth: int) -> str:
        random = self.random
        if depth and random.random() < 0.45:
            joint = random.choice(("and", "or", "implies"))
            return f"({self.condition(depth - 1)}) {joint} ({self.condition(depth - 1)})"
        said = self._atom()
        return f"not ({said})" if random.random() < 0.12 else said

    def _atom(self) -> str:
        random = self.random
        kinds = [self._counted, self._summed, self._summed, self._quantified, self._of_case]
        if self.helpers:
            kinds.append(self._helped)
        return random.choice(kinds)()

    def _operator(self) -> str:
        return self.random.choice(("<", "<=", "==", "!=", ">", ">=", ">="))

    def _where(self) -> str:
        return f" where {self._of('p')}" if self.random.random() < 0.7 else ""

    def _total(self, field: str) -> str:
        return f"sum(p.{field} for p in {self.random.choice(self.lists)}{self._where()})"

    def _counted(self) -> str:
        random = self.random
        count = f"count(p in {random.choice(self.lists)}{self._where()})"
        match random.randint(0, 4):
            case 0:
                return f"{count} in {random.choice(('0..1', '1..2', '{0, 2}', '{1}'))}"
            case 1:
                return f"{count} {self._operator()} count(p in {random.choice(self.lists)}{self._where()})"
            case _:
                return f"{count} {self._operator()} {random.randint(0, 3)}"

    def _summed(self) -> str:
        random = self.random
        field = random.choice([name for name in ("share", "amount", "units") if name in self.person])
        total, limit = self._total(field), self._number(field)
        match random.randint(0, 7):
            case 0:
                return f"{total} {self._operator()} {self._total(field)}"
            case 1:
                return f"{total} + {self._total(field)} {self._operator()} {limit}"
            case 2:
                return f"{total} - {self._total(field)} {self._operator()} {limit}"
            case 3 if field == "amount" and "value" in self.case:
                return f"{total} {self._operator()} value"
            case 4 if field != "share":
                return f"{total} * 2 {self._operator()} {limit}"
            case 5:
                return f"{limit} {self._operator()} {total}"
            case _:
                return f"{total} {self._operator()} {limit}"

    def _number(self, field: str) -> str:
        stock = {"share": SHARES, "amount": AMOUNTS, "units": ("0", "1", "2", "4")}
        return self.random.choice(stock[field])

    def _quantified(self) -> str:
        random = self.random
        return f"({random.choice(('any', 'all', 'no'))} p in {random.choice(self.lists)}: {self._of('p')})"

    def _helped(self) -> str:
        helper = self.random.choice(self.helpers)
        if helper == "plain":
            return "plain"
        limit = self.random.choice(SHARES) if helper == "held" else str(self.random.randint(0, 3))
        return f"{helper} {self._operator()} {limit}"

    def _of(self, person: str) -> str:
        """A condition on an element."""
        random = self.random
        said = [self._of_field(f"{person}.{field}", type) for field, type in self.person.items()]
        said += self._compared(person)
        first, second = random.choice(said), random.choice(said)
        return random.choice((first, first, f"not {first}", f"{first} and {second}"))

    def _compared(self, person: str) -> list[str]:
        """Conditions on an element and the input."""
        if not self.compares or "country" not in self.person or "via" not in self.case:
            return []
        return [f"({person}.country {self.random.choice(('==', '==', '!='))} via)"]

    def _of_case(self) -> str:
        fields = [(name, type) for name, type in self.case.items() if name not in self.lists]
        name, type = self.random.choice([*fields, ("date", "Date")])
        return self._of_field(name, type)

    def _of_field(self, path: str, type: str) -> str:
        random, operator = self.random, self._operator()
        if type.endswith("?") and random.random() < 0.12:
            return f"({path} is {random.choice(('known', 'unknown'))})"
        match type.removesuffix("?"):
            case "Bool":
                return path
            case "Percent":
                return f"({path} {operator} {random.choice(SHARES)})"
            case "Money in USD":
                return f"({path} {operator} {random.choice(AMOUNTS)})"
            case "Int":
                return f"({path} {operator} {random.randint(0, 4)})"
            case "Grade":
                return f"({path} {operator} {random.choice(('low', 'mid', 'high'))})"
            case "Colour":
                return f"({path} == {random.choice(('red', 'green'))})"
            case "Date":
                other = "due" if "due" in self.case and path == "date" else path
                said = [f"({path} {operator} {random.choice(DAYS)})"]
                if other != path:
                    said += [
                        f"({path} - {other} < {random.choice((0, 30))} days)",
                        f"({path} {operator} {other} + 1 months)",
                    ]
                return random.choice(said)
            case "Eccn":
                return random.choice(
                    (
                        f"({path} within 3A001)",
                        f"({path} == {random.choice(CODES)})",
                        f"({path}.category in 3..4)",
                        f'({path}.paragraph == "a")',
                        f"ccl[{path}].open",
                        f"(NS1 in ccl[{path}].columns)",
                        *([f"controlled({path}, via)"] if "via" in self.case else []),
                        *(
                            [f"(ccl[{path}].limit is present and value <= ccl[{path}].limit)"]
                            if "value" in self.case
                            else []
                        ),
                    )
                )
            case _:
                places = ", ".join(random.sample(PLACES, 2))
                return random.choice(
                    (
                        f"({path} in {{{places}}})",
                        f"({path} in BLOC)",
                        f"(level[{path}] {operator} 2_500.50 USD)",
                        f"(quota[{path}] {operator} {random.choice((3, 5))})",
                        f"chart[{path}, NS1]",
                    )
                )


# ----------------------------------------------------------------------------------------- sampling


class Sampler:
    """Draws inputs of a record that keep its `always` lines."""

    def __init__(self, random: Random, unknown: float = 0.25) -> None:
        self.random = random
        self.unknown = unknown

    def record(self, type: RecordType) -> dict[str, object]:
        return {
            each.name: None if each.optional and self.random.random() < self.unknown else self.value(each.type)
            for each in type.fields
        }

    def value(self, type: Type) -> object:
        random = self.random
        match type:
            case RecordType():
                return self.record(type)
            case ListType(element=element):
                return tuple(self.value(element) for _ in range(random.choice((0, 1, 1, 2, 2, 3))))
            case EnumType(name="Country"):
                return random.choice(PLACES)
            case EnumType(members=members):
                return random.choice(members)
            case MoneyType():
                return random.choice((0, 1, 500, Fraction(1999, 2), 1000, Fraction(5001, 2), 5000, 6000))
        if type == BOOL:
            return random.random() < 0.5
        if type == DATE:
            return random.choice(DAYS) + timedelta(random.choice((0, 0, 1, -1, 31)))
        if type == ECCN:
            return random.choice(CODES)
        if type == PERCENT:
            return Fraction(random.choice((0, 0, 5, 10, 25, 30, 50, 60, 100)), 100)
        return random.randint(0, 5)


def _is_shown(program: Program, found: Diagnostic) -> bool:
    """An L200 that says of a proof which answer is in its way, and whose witness has that answer."""
    prove = next((each for each in program.proves.values() if each.name == found.subjects[0]), None)
    if prove is None or found.witness is None:
        return False
    interpreter = Interpreter(program)
    answer = interpreter.decide_json(prove.decision, found.witness)
    if answer.error == "gap":
        return "no rule decides this input" in found.message
    if not all(f"`{outcome}`" in found.message for outcome in answer.possible):
        return False
    facts = interpreter.decoder(program.decisions[prove.decision].record)(found.witness).value
    assert isinstance(facts, dict)
    env = {THIS: facts}
    claimed = [
        interpreter.evaluate(prove.then, {**env, "outcome": outcome}, facts["date"]) for outcome in answer.possible
    ]
    return claimed != [False] and any(truth is not True for truth in claimed)


def differences(made: Ledger, found: Sequence[Diagnostic], seed: int, samples: int = 150) -> Iterator[str]:
    """What is wrong with the findings: questions left open, and what inputs drawn at random show otherwise."""
    yield from (
        f"left open: {each.subjects} {each.message}"
        for each in found
        if each.code == "L200" and not _is_shown(made.program, each)
    )
    said = {(each.code, frozenset(each.subjects)) for each in found}
    named = {(each.code, each.subjects[0]) for each in found}
    interpreter = Interpreter(made.program)
    decision = made.program.decisions["law.permit"]
    sampler = Sampler(Random(seed))
    wrong: set[str] = set()
    for _ in range(samples):
        facts = sampler.record(decision.record)
        try:
            answer = interpreter.decide(decision.qname, facts)
        except FactsError:
            continue
        except (ContradictionError, GapError):
            continue  # the cases of a definition, whose findings are its own
        name = answer.outcome
        if answer.error == "gap" and ("L207", "permit") not in named and not {"L207", "L206"} & {c for c, _ in named}:
            wrong.add(f"missed L207: {facts}")
        if answer.error == "contradiction":
            sides = [rule for rule in answer.rules if rule.status == "decides"]
            for one in sides:
                for two in sides:
                    pair = frozenset((one.name.partition("[")[0], two.name.partition("[")[0]))
                    if one.outcome != two.outcome and len(pair) == 2 and ("L201", pair) not in said:
                        wrong.add(f"missed L201 of {sorted(pair)}: {facts}")
        for rule in answer.rules:
            family = rule.name.partition("[")[0]
            if rule.status == "decides" and {("L202", family), ("L203", family)} & named:
                wrong.add(f"false L202 or L203 of {family}: {facts}")
        if name is not None and ("L209", frozenset((decision.name, name))) in said:
            wrong.add(f"false L209 of {name}: {facts}")
        for prove in made.program.proves.values():
            env = {THIS: facts}
            day = facts["date"]
            assert isinstance(day, date)
            if prove.given is not None and interpreter.evaluate(prove.given, env, day) is not True:
                continue
            holds = name is None or interpreter.evaluate(prove.then, {**env, "outcome": name}, day)
            if holds is False and ("L210", prove.name) not in named:
                wrong.add(f"missed L210 of {prove.name}: {facts}")
    yield from sorted(wrong)


def failing_tests(made: Ledger, found: Sequence[Diagnostic]) -> Iterator[str]:
    """Of the tests that findings show, pasted as they are, those that are not read or do not pass."""
    blocks = dict.fromkeys(each.test for each in found if each.test is not None)
    last = list(made.texts)[-1]
    program, errors = _built({**made.texts, last: "\n\n".join((made.texts[last], *blocks))})
    if errors:
        yield f"tests that are not read: {errors[0].message}"
        return
    results = run_tests(Interpreter(program)).results
    assert len(results) == len(blocks)
    yield from (f"a test that fails: {each}" for each in results if each.status != "passed")


def compare(seed: int) -> tuple[Ledger, list[Diagnostic], list[str]]:
    """A program, its findings, and what is wrong with them."""
    made = ledger(seed)
    found = analyse(made.program)
    return made, found, [*differences(made, found, seed), *failing_tests(made, found)]
