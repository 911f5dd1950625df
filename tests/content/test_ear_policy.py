"""The EAR policy against the extracts it was made from, and on random transactions."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from scripts.one_more_in_e1 import GROUPS, with_one_more
from tests import shared
from tests.content.transactions import DECISIONS, EAR, Facts, Transactions, differences, imported

import comity
from comity import terms
from comity.core.walk import children

ROOT = EAR.parents[1]
RAW = EAR / "raw"
VARIANT = ROOT / "examples" / "variants" / "russia_in_e1"

# Optional facts of a transaction that no rule asks to be known or not.
OPTIONAL = (
    *("destination", "occupied_region", "personal_communications", "exempt_us_person", "uvl_statement", "value"),
    *("civil_partner_company", "value_this_year", "written_assurance", "uae_approved", "consignee_statement"),
    *("encryption_classified", "ofac_authorized", "hong_kong_evidence", "us_government", "grandfathered"),
    "transit_regions",
)

# From the most to the least restrictive.
FOOTINGS = ("prohibited", "license_required", "exception_available", "no_license_required", "not_subject")


@pytest.fixture(scope="module")
def ear() -> comity.Program:
    return shared.ear()


def chart() -> dict[str, dict[str, str]]:
    """The extract of the chart by country, pointer rows left out."""
    with (RAW / "country_chart.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: row for row in csv.DictReader(file) if row["row_kind"] != "pointer"}


def territories() -> dict[str, str]:
    """The places that have no row of their own, and the country that each follows."""
    with (RAW / "territories.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: row["follows"] for row in csv.DictReader(file)}


def sale(eccn: str, destination: str) -> Facts:
    """A sale from the United States in which nothing but the chart stands in the way."""
    return {
        "date": "2026-09-01",
        "item": {
            "origin": "US",
            "eccn": eccn,
            "confirmed_paragraphs": [],
            "confirmed_columns": [],
            "confirmed_requirements": [],
        },
        "shipped_from": "US",
        "destination": destination,
        "occupied_region": "rest_of_ukraine",
        "ofac_authorized": True,
        "transit": [],
        "parties": [{"role": "end_user", "country": destination, "headquarters": "US", "lists": []}],
        "vessel_of": [],
        "us_person_support": False,
    }


def rows_of_the_list() -> list[tuple[str, list[str]]]:
    """Every fortieth row of the Commerce Control List, with the columns that reach all of it."""
    with (EAR / "data" / "ccl.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::40]
    return [
        (
            row["eccn"],
            sorted(set(filter(None, row["columns"].split("; "))) - set(row["subdivided_columns"].split("; "))),
        )
        for row in rows
    ]


@pytest.mark.parametrize(("eccn", "columns"), rows_of_the_list())
def test_the_chart_decides_as_its_extract_says(ear: comity.Program, eccn: str, columns: list[str]) -> None:
    licensing = ear.decision("licensing")
    for country, cells in list(chart().items())[:: 1 if columns else 20]:
        answer = licensing.answer(sale(eccn, country))
        applied = {rule.name for rule in answer.rules if rule.name.startswith("chart_control")}
        marked = {f"chart_control[{c}]" for c in columns if cells[c] == "X"}
        assert marked == applied, (eccn, country)
        if marked:
            assert answer.outcome == "license_required", (eccn, country)


def test_destinations_without_a_row_are_never_free(ear: comity.Program) -> None:
    licensing = ear.decision("licensing")
    rows, following = chart(), territories()
    for country in Transactions(0).countries:
        if country not in rows and country not in following:
            assert licensing.answer(sale("3A991", country)).outcome != "no_license_required", country


def test_territories_are_answered_as_their_country(ear: comity.Program) -> None:
    licensing = ear.decision("licensing")
    for place, country in territories().items():
        for eccn in ("3A991", "3A001.a", "9E003.a.1", "0A506", "EAR99"):
            own, other = licensing.answer(sale(eccn, place)), licensing.answer(sale(eccn, country))
            assert (own.outcome, own.possible) == (other.outcome, other.possible), (eccn, place)


def test_the_query_of_3a001_agrees_with_the_chart() -> None:
    from comity.cli import main

    where = "item.eccn == 3A001"
    asked = ["query", "licensing", "--where", where, "--by", "destination", "--format", "csv", "--project", str(EAR)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.stderr
    table = {row["destination"]: row for row in csv.DictReader(result.stdout.splitlines())}
    rows = chart()
    assert set(table) == set(Transactions(0).countries)
    for country, row in table.items():
        if country in rows and rows[country]["NS2"] == "X":
            assert row["outcome"] == "license_required", country
            assert "chart_control[NS2]" in row["rules"]
        elif country in rows:
            # NS1, RS1 and MT1 reach parts of the entry: open, not free.
            assert row["outcome"] == "undetermined", country
            assert "chart_control[NS2]" not in row["rules"]


def test_whichever_paragraph_is_said_only_where_every_paragraph_needs_a_license(ear: comity.Program) -> None:
    licensing = ear.decision("licensing")
    with (EAR / "data" / "ccl.csv").open(encoding="utf-8", newline="") as file:
        divided = {row["eccn"]: row["paragraphs"].split("; ") for row in csv.DictReader(file) if row["paragraphs"]}
    met = 0
    for eccn, paragraphs in [*list(divided.items())[::3], ("3A611", divided["3A611"])]:
        for country in ("CN", "VE", "BR", "DE", "IN"):
            facts = sale(eccn, country)
            item = facts["item"]
            assert isinstance(item, dict)
            facts["item"] = {**item, "confirmed_columns": None, "confirmed_requirements": None}
            if "whichever_paragraph" not in {rule.name for rule in licensing.answer(facts).rules}:
                continue
            met += 1
            for paragraph in paragraphs[1:]:
                assert licensing.answer(sale(paragraph, country)).outcome == "license_required", (paragraph, country)
    assert met > 20


def rules_named(term: terms.Term) -> Iterator[str]:
    if isinstance(term, terms.RuleHolds):
        yield term.rule
    for child in children(term):
        yield from rules_named(child)


def test_every_rule_that_asks_for_a_license_is_a_reason_before_exceptions() -> None:
    decisions = shared.ear().core.decisions
    reasons = {
        name
        for rule in decisions["ear.requirement.requirement"].rules
        for condition in (rule.when, rule.unless)
        if condition is not None
        for name in rules_named(condition)
    }
    asking = {r.family for r in decisions["ear.decisions.licensing"].rules if r.outcome in FOOTINGS[:2]}
    # A statement of a party on the Unverified List is asked for where no license is needed (§ 744.15(b)).
    assert asking - {name.rpartition(".")[2] for name in reasons} == {"unverified_party"}


def weaker(before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and FOOTINGS.index(after) > FOOTINGS.index(before)


def test_a_fact_that_becomes_known_never_contradicts_what_was_settled_without_it(ear: comity.Program) -> None:
    draw = Transactions(11)
    for number in range(80):
        facts = draw.export()
        name = DECISIONS[number % len(DECISIONS)]
        decision = ear.decision(name)
        known = decision.answer(facts)
        hidden = decision.answer({**facts, draw.random.choice(OPTIONAL): None})
        assert set(known.possible) <= set(hidden.possible), (name, facts)
        if hidden.determined:
            assert known.outcome == hidden.outcome, (name, facts)


def test_interpreter_and_compiled_package_agree(ear: comity.Program) -> None:
    tally, wrong = differences(ear, imported(shared.ear_package(), "compiled_ear"), 80, seed=3)
    assert wrong == []
    assert sum(tally.values()) == 80


# ---------------------------------------------------------------------------------- Russia in Country Group E:1


def files(folder: Path) -> Iterator[tuple[Path, Path]]:
    """What both projects need: the policy without its tests and extracts."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] not in {"tests", "raw"} and path.suffix in {".comity", ".csv"}:
            yield inside, path


def test_the_variant_is_the_policy_but_for_one_cell() -> None:
    variant = dict(files(VARIANT / "ear"))
    for inside, path in files(EAR):
        if inside.name == "cases.comity":
            continue
        if inside.name != "country_groups.csv":
            assert variant[inside].samefile(path), f"{inside} is to be a link to policies/ear"
            continue
        with path.open(encoding="utf-8") as one, variant[inside].open(encoding="utf-8") as two:
            before, after = list(csv.DictReader(one)), list(csv.DictReader(two))
        changed = [
            (old["iso2"], column)
            for old, new in zip(before, after, strict=True)
            for column in old
            if old[column] != new[column]
        ]
        assert changed == [("RU", "E1")]


def moved(folder: Path, country: str) -> Path:
    """A variant of the policy in ``folder`` with one more country in group E:1."""
    for inside, path in files(EAR):
        target = folder / "ear" / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        if inside.name == "country_groups.csv":
            with path.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8") as file:
                rows = csv.DictReader(source)
                assert rows.fieldnames is not None
                writer = csv.DictWriter(file, rows.fieldnames, lineterminator="\n")
                writer.writeheader()
                for row in rows:
                    writer.writerow({**row, "E1": "X"} if row["iso2"] == country else row)
        elif inside.name != "cases.comity":
            target.symlink_to(path)
    (folder / "comity.toml").write_text('source = "."\n', encoding="utf-8")
    return folder


def there(facts: Mapping[str, object], country: str) -> Facts:
    return {**facts, "destination": country}


def test_a_german_chip_with_a_fifth_of_us_content_needs_a_license_to_russia_in_e1_only(ear: comity.Program) -> None:
    facts = json.loads((ROOT / "examples" / "exports" / "german_chip_to_russia.json").read_text(encoding="utf-8"))
    assert ear.decision("licensing").decide(facts).outcome == "not_subject"
    assert comity.load(VARIANT).decision("licensing").decide(facts).outcome == "license_required"


def test_the_table_with_one_more_country_is_the_policy_with_one_more(ear: comity.Program, tmp_path: Path) -> None:
    """So that a country may be added to the program, which need not be read and checked again for each."""
    written = comity.load(moved(tmp_path, "DE")).core.tables[GROUPS]
    added = with_one_more(ear.core, "DE").tables[GROUPS]
    cells, before, wanted = ({row.keys: row.value for row in t.rows} for t in (added, ear.core.tables[GROUPS], written))
    assert cells == wanted
    assert [key for key in cells if cells[key] != before[key]] == [("DE", "E1")]


@pytest.mark.parametrize("country", ["RU", "DE", "CN", "AE"])
def test_one_more_country_in_e1_only_tightens(ear: comity.Program, country: str) -> None:
    before = ear.decision("licensing")
    after = comity.Program(with_one_more(ear.core, country)).decision("licensing")
    draw = Transactions(sum(map(ord, country)))
    for _ in range(25):
        facts = there(draw.export(), country)
        old, new = before.answer(facts), after.answer(facts)
        assert not weaker(old.outcome, new.outcome), facts
