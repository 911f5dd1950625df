"""The synthetic policies of `analysis_policies.py` as files, for measuring everything from text on.

    python benchmarks/policy_text.py 10000 FOLDER

writes a project of that many rules, 250 to a module, each rule with its text and citation.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

from analysis_policies import COUNTRIES, OUTCOMES, policy

from comity import terms
from comity.core import ast as core
from comity.runtime.types import ECCN, PERCENT, MoneyType, PlaceType, Type
from comity.terms import Term
from comity.workspace import resources

PER_MODULE = 250

FACTS = '''"""What the rules decide, and about what."""
source "generated" as of 2026-01-01
use std.countries: Country

record Export as of date:
    "An export"
    eccn: Eccn
    destination: Country
    origin: Country
    value: Money in USD
    us_content: Percent?
    us_technology: Bool?
    military: Bool?
    date: Date
    always value >= 0 USD

decision licensing for Export:
    "Does this export need a license?"
    outcomes:
        {outcomes}
    {grounds}
    otherwise free
'''


def project(size: int, seed: int = 1) -> dict[str, str]:
    """The files of a project of ``size`` rules, by path."""
    program = policy(size, seed)
    rules = program.decisions["bench.licensing"].rules
    parts = [rules[n : n + PER_MODULE] for n in range(0, len(rules), PER_MODULE)]
    place = {rule.number: number for number, part in enumerate(parts) for rule in part}
    codes = re.findall(
        r"^    ([A-Z]{2}) \"", (resources.stdlib() / "countries.comity").read_text("utf-8"), re.MULTILINE
    )
    writer = Writer(dict(zip(COUNTRIES, codes, strict=True)), rules)
    grounds = [f"prevail {a} over {b}" for n, a in enumerate(OUTCOMES.members) for b in OUTCOMES.members[n + 1 :]]
    facts = FACTS.format(outcomes="\n        ".join(OUTCOMES.members), grounds="\n    ".join(grounds))
    files = {"facts.comity": facts}
    for number, part in enumerate(parts):
        used = sorted({place[edge.target] for rule in part for edge in rule.edges} - {number})
        uses = [
            "use std.countries: *",
            "use facts: licensing",
            *(f"use part_{other:03}: *" for other in used),
        ]
        head = ['"""Generated."""', 'source "generated" as of 2026-01-01', *uses, ""]
        files[f"part_{number:03}.comity"] = "\n".join([*head, *(line for rule in part for line in writer.rule(rule))])
    return files


class Writer:
    """Rules as text."""

    def __init__(self, countries: Mapping[str, str], rules: tuple[core.Rule, ...]) -> None:
        self.countries = countries
        self.rules = rules

    def rule(self, rule: core.Rule) -> Iterator[str]:
        yield f"rule {rule.name} for licensing:"
        yield f'    "Generated rule {rule.number}"'
        yield f'    cite "Part {rule.number // PER_MODULE}, paragraph {rule.number}"'
        for first, last in rule.window or ():
            assert first is not None and last is None
            yield f"    from {first}"
        targets: dict[str, list[str]] = {}
        for edge in rule.edges:
            if edge.kind == "prevails" and edge.written != "exception to":
                targets.setdefault(edge.written, []).append(self.rules[edge.target].name)
            elif edge.kind == "exception":
                targets.setdefault("exception to", []).append(self.rules[edge.target].name)
        for written, names in targets.items():
            yield f"    {written} {', '.join(names)}"
        assert isinstance(rule.when, terms.And)
        yield "    when all:"
        yield from (f"        {self.term(line)}" for line in rule.when.operands)
        if rule.unless is not None:
            yield f"    unless {self.term(rule.unless)}"
        yield f"    then {rule.outcome}"
        yield ""

    def term(self, term: Term) -> str:
        match term:
            case terms.Line(body):
                return self.term(body)
            case terms.And(parts):
                return " and ".join(self.term(part) for part in parts)
            case terms.Or(parts):
                return " or ".join(self.term(part) for part in parts)
            case terms.Not(body):
                return f"not {self.term(body)}"
            case terms.Equal(left, right):
                return f"{self.term(left)} == {self.term(right)}"
            case terms.Compare(op, left, right):
                return f"{self.term(left)} {op} {self.term(right)}"
            case terms.EccnWithin(code, entry):
                return f"{self.term(code)} within {self.term(entry)}"
            case terms.MemberOf(value, terms.SetOf(members)):
                return f"{self.term(value)} in {{{', '.join(map(self.term, members))}}}"
            case terms.EccnPart(code, part):
                return f"{self.term(code)}.{part}"
            case terms.Field(_, name):
                return name
            case terms.Const(value, type_):
                return self.literal(value, type_)
            case _:
                raise NotImplementedError(type(term).__name__)

    def literal(self, value: object, type_: Type) -> str:
        match type_:
            case PlaceType():
                return self.countries[str(value)]
            case MoneyType(currency):
                return f"{value} {currency}"
            case _ if type_ == PERCENT:
                assert isinstance(value, Fraction)
                return f"{value * 100}%"
            case _ if type_ == ECCN or isinstance(value, int | date):
                return str(value)
            case _:
                raise NotImplementedError(str(type_))


def write(size: int, folder: Path, seed: int = 1) -> None:
    """Write a project of ``size`` rules into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in project(size, seed).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
