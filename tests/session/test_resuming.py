"""A lint goes on from what the last one has left behind, and finds what a lint finds that has nothing to go on with."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from pathlib import Path

import pytest

from comity.pipeline import driver
from comity.pipeline.found import Lint
from comity.pipeline.linting import lint
from comity.workspace.cache import Store

from . import edits

POLICY = """\
use std.countries: Country, RU, BY, IR

record Case as of date:
    to: Country
    value: Int
    date: Date

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule large for permit:
    when all:
        value > 1_000
        value > 10
    then license

rule russia for permit:
    when to in {RU, BY}
    then license

rule russia_again for permit:
    when to == RU
    then license

rule iran for permit:
    when to == IR and value > 50
    then license
"""


@pytest.fixture
def law(tmp_path: Path) -> Path:
    (tmp_path / "policy").mkdir()
    file = tmp_path / "policy" / "law.comity"
    file.write_text(POLICY)
    return file


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def edit(law: Path, old: str, new: str) -> None:
    text = law.read_text()
    assert old in text
    law.write_text(text.replace(old, new, 1))


def said(found: Lint) -> list[tuple[str, str, int]]:
    return [(d.code, d.message, d.span.line) for d in found.diagnostics]


def kept_entry(store: Store) -> Path:
    (entry,) = store.folder.glob("*.last")
    return entry


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("to in {RU, BY}", "to in {BY}"),
        ("value > 10\n", "value > 1_000\n"),
        ('rule iran for permit:\n', 'rule iran for permit:\n    "Its text"\n    cite "§ 1"\n'),
        ("to == IR", "to == BY"),
        ("to == RU\n    then license", "to == RU\n    then free"),
    ],
)  # fmt: skip
def test_an_ordinary_edit_is_gone_on_from(
    old: str, new: str, law: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint([law], store=store)
    edit(law, old, new)
    with monkeypatch.context() as patch:
        patch.setattr(driver, "findings", None)
        found = lint([law], store=store)
    assert said(found) == said(lint([law]))


MORE = "rule more for permit:\n    when to == IR and value > 50\n    then free\n\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rule russia_again", f"{MORE}rule russia_again"),
        ("rule large", f"{MORE}rule large"),
        ("value > 50\n    then license\n", f"value > 50\n    then license\n\n{MORE}"),
        ("rule russia_again", f"{MORE}{MORE.replace('more', 'most').replace('free', 'license')}rule russia_again"),
        ("rule russia_again", f"{MORE.replace('when', 'notwithstanding iran, large|    when')}rule russia_again"),
        ("rule russia_again", f"# why|{MORE.replace('when', 'from 2024-01-01|    when')}rule russia_again"),
    ],
)  # fmt: skip
def test_an_added_rule_is_gone_on_from(
    old: str, new: str, law: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint([law], store=store)
    edit(law, old, new.replace("|", "\n"))
    with monkeypatch.context() as patch:
        patch.setattr(driver, "findings", None)
        added = lint([law], store=store)
    assert said(added) == said(lint([law]))
    edit(law, "to in {RU, BY}", "to in {BY}")
    with monkeypatch.context() as patch:
        patch.setattr(driver, "findings", None)
        edited = lint([law], store=store)
    assert said(edited) == said(lint([law])) != said(added)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rule iran", "rule tehran"),
        ("    otherwise free", "    otherwise license"),
        ("    when to == IR", "    notwithstanding large\n    when to == IR"),
        ("rule iran", "rule russia_again for permit:\n    then free\n\nrule iran"),
        ("rule iran", "rule more for permit:\n    when to == nowhere\n    then free\n\nrule iran"),
        ("rule iran", "rule more for permit:\n    when value > 77\n    then free\n\nrule iran"),
        ("rule iran", 'rule more for permit:\n    refer to counsel "so?"\n    then free\n\nrule iran'),
        (
            "rule iran",
            "rule more for permit:\n    for each c in {RU, BY}\n    when to == c\n    then free\n\nrule iran",
        ),
        ("to == IR", "to == nowhere"),
    ],
)
def test_after_another_edit_everything_is_made_anew(old: str, new: str, law: Path, store: Store) -> None:
    lint([law], store=store)
    edit(law, old, new)
    assert said(lint([law], store=store)) == said(lint([law]))


def test_an_edit_of_what_others_read_is_gone_on_from(law: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with law.open("a") as file:
        file.write("\nrule refused for permit:\n    when permitted_once\n    then license\n")
        file.write(
            "\ndecision once for Case:\n    outcomes:\n        met\n        missed\n    otherwise missed\n"
            "\nrule small for once:\n    when to in {RU, IR} and value > 50\n    then met\n"
            "\ndefine permitted_once for Case:\n    once == met\n"
        )
    lint([law], store=store)
    edit(law, "to in {RU, IR} and value > 50", "to in {RU, BY, IR} and value > 50")
    with monkeypatch.context() as patch:
        patch.setattr(driver, "findings", None)
        found = lint([law], store=store)
    assert said(found) == said(lint([law]))
    assert "L204" in {d.code for d in found.diagnostics}


def test_one_edit_after_another(law: Path, store: Store) -> None:
    lint([law], store=store)
    entry = kept_entry(store).read_bytes()
    for old, new in [
        ("RU, BY", "BY"),
        ("value > 50", "value > 7"),
        ("== RU", "== BY"),
        ("value > 10\n", "value > 9\n"),
    ]:
        edit(law, old, new)
        assert said(lint([law], store=store)) == said(lint([law]))
    assert kept_entry(store).read_bytes() != entry, "9 has not been compared with before, so everything is made anew"


@pytest.mark.parametrize(
    "damage",
    [
        "cut",
        "no answers",
        "no windows",
        "no house",
        "a rule too many",
        "too few rules",
        "too few questions",
        "a list",
        "not packed",
    ],
)
def test_what_is_damaged_or_from_elsewhere_is_not_gone_on_from(damage: str, law: Path, store: Store) -> None:
    lint([law], store=store)
    entry = kept_entry(store)
    data = entry.read_bytes().partition(b"\n")[2]
    kept = json.loads(zlib.decompress(data))
    (answers,) = kept["answers"]["studies"].values()
    decision = answers["decisions"]["law.permit"]
    match damage:
        case "cut":
            entry.write_bytes(entry.read_bytes()[:-9])
        case "no answers":
            kept["answers"] = {"studies": {}, "windows": []}
        case "no windows":
            del kept["answers"]["windows"]
        case "no house":
            kept["house"] = {"found": {}, "memory": []}
        case "a rule too many":
            decision["conditions"]["rules"].append([99, [], None, []])
        case "too few rules":
            decision["units"].pop()
        case "too few questions":
            decision["questions"].pop()
        case "a list":
            kept = []
    if damage == "not packed":
        store.put(entry.name, json.dumps(kept).encode())
    elif damage != "cut":
        store.put(entry.name, zlib.compress(json.dumps(kept).encode()))
    edit(law, "RU, BY", "BY")
    assert said(lint([law], store=store)) == said(lint([law]))


def test_a_table_that_has_changed_is_read_again(law: Path, store: Store) -> None:
    edit(
        law, "decision permit", 'table listed(to: Country) -> Bool from "listed.csv" otherwise false\n\ndecision permit'
    )
    edit(law, "to == IR", "listed[to]")
    table = law.parent / "listed.csv"
    table.write_text("to,value\nIR,X\n")
    lint([law], store=store)
    table.write_text("to,value\nRU,X\n")
    edit(law, "RU, BY", "BY")
    assert said(lint([law], store=store)) == said(lint([law]))


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("written", 0),
        ("written", 2),
        ("treaties", 4),
        *(pytest.param("written", seed, marks=pytest.mark.slow) for seed in range(20, 40)),
    ],
)
def test_random_edits(kind: str, seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    folder.mkdir()
    made = edits.sources(kind, seed, folder)
    assert edits.differing_kept(folder, made, seed, 10, Counter()) is None
