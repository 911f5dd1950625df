"""Random transactions drawn from the real Commerce Control List and all destinations, unknown facts included.

Run as a program it compares the compiled policy with the interpreter on as many as asked:

    python tests/content/transactions.py --count 100000 [--seed 1]
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import ModuleType

import comity
from comity.backends.python import emit

ROOT = Path(__file__).resolve().parents[2]
EAR = ROOT / "policies" / "ear"

OTHERS = ("TMP", "RPL", "GFT", "TSU", "BAG", "AVS", "CCD", "NAC")
"""License exceptions whose conditions are left to counsel; some of them."""

DECISIONS = ("jurisdiction", "licensing", "requirement", "review")

Facts = dict[str, object]


def column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def members(enum: str) -> list[str]:
    """The members of an enum of the standard library, in order."""
    module = "countries" if enum == "Country" else "ear"
    source = (ROOT / "stdlib" / f"{module}.comity").read_text(encoding="utf-8")
    block = source.split(f"enum {enum}:")[1].split("\nenum ")[0].split("\nrecord ")[0]
    return [line.split()[0] for line in block.splitlines()[2:] if line.startswith("    ")]


class Transactions:
    """Draws facts of an `Export` in their JSON form. The same seed gives the same transactions."""

    # Days around which the rules change, and today.
    DAYS = (
        *("2021-06-01", "2022-02-23", "2022-02-24", "2022-03-01", "2022-03-02", "2022-03-11", "2022-04-08"),
        *("2022-09-15", "2023-02-24", "2023-05-19", "2024-03-15", "2024-04-18", "2024-09-16", "2025-09-02"),
        *("2026-08-12", "2026-08-13", "2026-09-01"),
    )

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.codes = column(EAR / "data" / "ccl.csv", "eccn")
        self.countries = members("Country")
        # Destinations that rules name come up more often than their share of the world.
        self.named = ["RU", "BY", "CN", "HK", "MO", "CU", "IR", "KP", "SY", "UA", "IQ", "PK", "IN", "GB", "AE", "US"]
        self.enums = {
            name: members(name)
            for name in ("Column", "Requirement", "LicenseException", "Role", "PartyList", "EndUse", "Supplement")
        }
        self.enums |= {name: members(name) for name in ("Kind", "Region")}

    def some(self, enum: str, chance: float) -> list[str]:
        """A set of members: usually none."""
        if self.random.random() > chance:
            return []
        return self.random.sample(self.enums[enum], self.random.randint(1, 3))

    def maybe(self, value: object, unknown: float = 0.3) -> object:
        return None if self.random.random() < unknown else value

    def country(self) -> str:
        return self.random.choice(self.named if self.random.random() < 0.4 else self.countries)

    def code(self) -> str:
        """A row of the list, or a paragraph below one."""
        code = self.random.choice(self.codes)
        if code != "EAR99" and self.random.random() < 0.3:
            code += self.random.choice([".a", ".b", ".x", ".y", ".z"]) if "." not in code else ".1"
        return code

    def flag(self, unknown: float = 0.3) -> object:
        return self.maybe(self.random.random() < 0.4, unknown)

    def codes_set(self) -> object:
        inputs = ["3E001", "3D991", "3E991", "5D002", "5E002", "9E515", "9E610", "4D993", "3E992", "1E001", "4D090"]
        return self.maybe(self.random.sample(inputs, self.random.randint(0, 2)), 0.2)

    def item(self) -> Facts:
        pick = self.random
        content = [
            {
                "eccn": self.maybe(self.code(), 0.05),
                "value": f"{pick.choice([1, 9, 10, 11, 25, 26, 40])} USD",
                "needs_license": self.flag(0.7),
                "encryption_cleared": self.flag(),
            }
            for _ in range(pick.randint(0, 2))
        ]
        return {
            "origin": "US" if pick.random() < 0.5 else self.country(),
            "content": self.maybe(content, 0.2),
            "value": self.maybe("100 USD", 0.1),
            "direct_product_of": self.codes_set(),
            "plant_product_of": self.codes_set(),
            "contains_product_of": self.codes_set(),
            "plant_equipment": self.maybe(pick.sample(["4A090.a", "3A001.a"], pick.randint(0, 1)), 0.2),
            "eccn": self.maybe("EAR99" if pick.random() < 0.15 else self.code(), 0.05),
            "kind": self.maybe(pick.choice(self.enums["Kind"])),
            "confirmed_columns": self.maybe(self.some("Column", 0.5)),
            "confirmed_requirements": self.maybe(self.some("Requirement", 0.3)),
            "confirmed_exceptions": self.maybe(self.some("LicenseException", 0.5)),
            "confirmed_lvs_limit": self.maybe("5000 USD"),
            "major_defense_equipment": self.flag(),
            "detector_technology": self.flag(),
            "night_vision": self.flag(),
            "microprocessor": self.flag(),
            "listed_in": self.maybe(self.some("Supplement", 0.5)),
        }

    def person(self) -> Facts:
        return {
            "role": self.random.choice(self.enums["Role"]),
            "country": self.country(),
            "lists": self.maybe(self.some("PartyList", 0.2), 0.1),
            "headquarters": self.maybe(self.country()),
        }

    def export(self) -> Facts:
        pick = self.random
        item, considered = self.item(), self.some("LicenseException", 0.5)
        referring = [
            *("footnote_10_in_part", "not_in_the_table[stated_in_text]", "not_in_the_table[controlled_elsewhere]"),
            *("vessels_and_aircraft", "in_transit", *(f"other_exception[{each}]" for each in OTHERS)),
        ]
        findings = {rule: pick.random() < 0.5 for rule in referring if pick.random() < 0.2}
        if considered and pick.random() < 0.5:
            # The entry was read for the exceptions in question: else hardly one would be found available.
            item["confirmed_exceptions"] = considered
        facts: Facts = {
            "date": pick.choice(self.DAYS),
            "item": item,
            "shipped_from": "US" if pick.random() < 0.5 else self.country(),
            "published": pick.random() < 0.05,
            "other_agency": pick.random() < 0.05,
            "deemed": pick.random() < 0.1,
            "government_of_iraq": self.flag(),
            "grandfathered": self.flag(),
            "destination": self.maybe(self.country(), 0.1),
            "occupied_region": self.maybe(pick.choice(self.enums["Region"])),
            "personal_communications": self.flag(),
            "transit": self.maybe(pick.sample(["KZ", *self.named], 1) if pick.random() < 0.1 else [], 0.1),
            "transit_regions": self.maybe(pick.sample(self.enums["Region"], pick.randint(0, 2))),
            "onward": [self.country()] if pick.random() < 0.1 else [],
            "parties": [self.person() for _ in range(pick.randint(1, 2))],
            "serves": self.some("PartyList", 0.1),
            "known_uses": self.some("EndUse", 0.2),
            "civil_partner_company": self.flag(),
            "government_of_iran": pick.random() < 0.05,
            "us_person_support": self.maybe(pick.random() < 0.05, 0.1),
            "vessel_of": self.maybe([self.country()] if pick.random() < 0.05 else [], 0.1),
            "exempt_us_person": self.flag(),
            "uvl_statement": self.flag(),
            "case_by_case_class": pick.random() < 0.2,
            "violates_terms": pick.random() < 0.02,
            "knows_of_violation": pick.random() < 0.02,
            "value": self.maybe(f"{pick.choice([1000, 5000, 5001, 4_000_000, 14_000_000, 25_000_000])} USD"),
            "considered": considered,
            "value_this_year": self.maybe("60000 USD"),
            "written_assurance": self.flag(),
            "uae_approved": self.flag(),
            "consignee_statement": self.flag(),
            "encryption_classified": self.flag(),
            "ofac_authorized": self.flag(),
            "hong_kong_evidence": self.flag(),
            "us_government": self.flag(),
        }
        return {**facts, "findings": findings} if findings else facts


def compiled(program: comity.Program, folder: Path) -> ModuleType:
    """The policy compiled to a package in ``folder`` and imported from there."""
    name = "compiled_ear"
    for path, text in emit(program.core, name).items():
        file = folder / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return imported(folder, name)


def imported(folder: Path, name: str) -> ModuleType:
    """The package ``name`` in ``folder``."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def said(answer: object) -> Facts:
    """What two evaluators must agree on."""
    keys = ("outcome", "determined", "possible", "needs")
    return {key: getattr(answer, key) for key in keys}


def differences(
    program: comity.Program, package: ModuleType, count: int, seed: int
) -> tuple[Counter[str], list[Facts]]:
    """Outcomes counted over ``count`` transactions, and the transactions answered differently.

    Each transaction is put to one decision, in turn.
    """
    draw = Transactions(seed)
    tally: Counter[str] = Counter()
    wrong: list[Facts] = []
    for number in range(count):
        facts, name = draw.export(), DECISIONS[number % len(DECISIONS)]
        expected = said(program.decision(name).answer(facts))
        got = said(getattr(package, name).answer(facts))
        tally[f"{name}: {expected['outcome'] or 'undetermined'}"] += 1
        if expected != got:
            wrong.append({"decision": name, "facts": facts, "interpreted": expected, "compiled": got})
    return tally, wrong


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    program = comity.load(EAR)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        tally, wrong = differences(program, compiled(program, Path(folder)), options.count, options.seed)
    for name, number in sorted(tally.items()):
        print(f"{number:8d}  {name}")
    print(f"{options.count} transactions, {len(wrong)} differences, {time.perf_counter() - started:.0f} s")
    for each in wrong[:3]:
        print(json.dumps(each, default=str))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
