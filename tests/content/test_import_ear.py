"""The import of the EAR: what a scope is read as, what is kept, and that the committed tables are what it makes."""

from __future__ import annotations

import csv
import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "policies" / "ear" / "data"
RAW = ROOT / "policies" / "ear" / "raw"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("import_ear", ROOT / "scripts" / "import_ear.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["import_ear"] = module
    spec.loader.exec_module(module)
    return module


import_ear = _load()
YES, PERHAPS, NO = import_ear.YES, import_ear.PERHAPS, import_ear.NO


def rows(name: str, folder: Path = DATA) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TERRITORIES = {row["iso2"]: row["follows"] for row in rows("territories.csv", RAW)}


def ccl() -> dict[str, dict[str, str]]:
    return {row["eccn"]: row for row in rows("ccl.csv")}


def cell(row: dict[str, str], name: str) -> set[str]:
    return set(filter(None, row[name].split("; ")))


# ------------------------------------------------------------------------------------------------ scopes


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        ("3A001", "3A001.z.1.a, z.2.a", ["z.1.a", "z.2.a"]),
        ("0B505", "paragraphs .a, .d, and .x", ["a", "d", "x"]),
        ("0A505", "0A505.a and .x", ["a", "x"]),
        (
            "3B001",
            "3B001.a.1 to a.3, b, f.2 to f.4, g to j",
            ["a.1", "a.2", "a.3", "b", "f.2", "f.3", "f.4", "g", "h", "i", "j"],
        ),
        ("9E003", "9E003.a.1 through a.3, .h, .i, and .l", ["a.1", "a.2", "a.3", "h", "i", "l"]),
        ("9A990", "9A990.a only", ["a"]),
        ("4A005", "items controlled by 4A005.z.1", ["z.1"]),
        ("9A004", "9A004 .g, .r, .u, and .w", ["g", "r", "u", "w"]),
        ("3A001", "3A001.a.1.a when usable in “missiles”", None),
        ("6E001", "6A002.a.1, .a.2", None),  # paragraphs of another entry
        ("1C216", "items that meet or exceed the parameters of 1C216", None),
    ],
)
def test_plain_lists_of_own_paragraphs_are_read_exactly(entry: str, text: str, expected: list[str] | None) -> None:
    found = import_ear.paragraph_list(entry, text)
    assert (found and [".".join(p) for p in found]) == expected


def test_a_scope_says_yes_no_or_perhaps_of_every_paragraph() -> None:
    reading = import_ear.read_scope("3A611", "NS:NS1", "entire entry except 3A611.y", {})
    assert [reading.at(p) for p in ((), ("a",), ("y",), ("y", "1"))] == [YES, YES, NO, NO]
    reading = import_ear.read_scope("3A001", "RS:special", "3A001.z.1.a, z.2.a", {})
    assert [reading.at(p) for p in (("a",), ("z",), ("z", "1", "a"))] == [NO, NO, YES]
    reading = import_ear.read_scope(
        "4A003", "CC:CC1", "“digital computers” for computerized finger-print equipment", {}
    )
    assert reading.at(("b",)) == PERHAPS


def test_a_reading_by_hand_counts_only_for_the_text_it_was_made_from() -> None:
    hand = {("4A001", "MT:MT1", "items in 4A001.a when …"): {"rest": "no", "yes": "", "perhaps": ".a", "no": ""}}
    reading = import_ear.read_scope("4A001", "MT:MT1", "items in 4A001.a when …", hand)
    assert [reading.at(p) for p in ((), ("a",), ("b",))] == [NO, PERHAPS, NO]
    other = import_ear.read_scope("4A001", "MT:MT1", "items in 4A001.a if …", hand)
    assert other.at(("b",)) == PERHAPS


def test_a_requirement_cell_that_nobody_has_read_stops_the_import() -> None:
    with pytest.raises(import_ear.ImportProblem, match="0 readings"):
        import_ear.requirement("RS", "To or within Atlantis.")


def test_words_outside_a_table_count_only_for_entries_that_have_them(tmp_path: Path) -> None:
    for path in RAW.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "texts.csv").open("a", encoding="utf-8") as file:
        file.write("3A001,at_north_korea,15 CFR 742.19,an entry with a table\n")
    with pytest.raises(import_ear.ImportProblem, match="3A001"):
        import_ear.tables(tmp_path)


# ------------------------------------------------------------------------------------------- the real tables


def test_the_committed_tables_are_what_the_script_makes() -> None:
    for name, text in import_ear.tables(RAW).items():
        assert (DATA / name).read_text(encoding="utf-8") == text, name


def test_running_twice_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_ear.main(["--out", str(tmp_path / "a")]) == 0
    assert import_ear.main(["--out", str(tmp_path / "b")]) == 0
    assert "left out, no cells (read as unknown): CU, IR, KP, SY" in capsys.readouterr().out
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
        assert b"\r" not in path.read_bytes()


def test_check_says_which_table_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_ear.main(["--out", str(tmp_path)]) == 0
    assert import_ear.main(["--out", str(tmp_path), "--check"]) == 0
    (tmp_path / "ccl.csv").write_text("eccn\n", encoding="utf-8")
    assert import_ear.main(["--out", str(tmp_path), "--check"]) == 1
    assert "ccl.csv is not up to date" in capsys.readouterr().err


def test_bad_input_is_a_message_and_leaves_the_tables_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(RAW, raw)
    text = (raw / "country_chart.csv").read_text(encoding="utf-8").replace("Cuba,pointer,,", "Cuba,pointer,X,")
    (raw / "country_chart.csv").write_text(text, encoding="utf-8")
    assert import_ear.main(["--raw", str(raw), "--out", str(tmp_path / "out")]) == 2
    assert "pointer row CU has cells" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert import_ear.main(["--raw", str(tmp_path / "nowhere")]) == 2


def test_the_chart_has_no_row_for_the_embargoed_destinations() -> None:
    chart = {row["iso2"]: row for row in rows("country_chart.csv")}
    assert len(chart) == 198 + len(TERRITORIES)
    assert not {"CU", "IR", "KP", "SY", "US"} & set(chart)
    assert {code: row["inherits_from"] for code, row in chart.items() if row["inherits_from"]} == {
        "HK": "CN",
        "KY": "GB",
        **TERRITORIES,
    }


def test_territories_follow_their_country_in_every_table_and_set() -> None:
    """§ 738.3(b): the chart with its footnotes, the groups, and the sets by which rules name a country itself."""
    assert {"BM": "GB", "GL": "DK", "PF": "FR"}.items() <= TERRITORIES.items()
    # Associated states, places that another country claims, and territories of the United States follow nobody.
    assert not {"AQ", "CK", "FK", "GS", "GU", "IO", "NU", "PR"} & set(TERRITORIES)
    for name in ("country_chart.csv", "country_groups.csv"):
        table = {row["iso2"]: row for row in rows(name)}
        own = {"iso2", "name", "inherits_from"}
        for place, parent in TERRITORIES.items():
            assert all(table[place][column] == table[parent][column] for column in set(table[place]) - own), place
    source = (ROOT / "policies" / "ear" / "groups.comity").read_text(encoding="utf-8")
    sets = {block.split(":")[0]: set(re.findall(r"\b[A-Z]{2}\b", block)) for block in source.split("\nset ")[1:]}
    followers = {**TERRITORIES, "KY": "GB"}
    for name, country in (("AUSTRALIA", "AU"), ("UNITED_KINGDOM", "GB")):
        assert sets[name] == {country} | {place for place, parent in followers.items() if parent == country}
    close = {place for place, parent in followers.items() if parent in {"AU", "GB"}}
    assert sets["TERRITORIES"] - {"AU", "GB"} == set(followers) - close


def test_a_territory_with_a_row_of_its_own_stops_the_import(tmp_path: Path) -> None:
    for path in RAW.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "territories.csv").open("a", encoding="utf-8") as file:
        file.write("AW,Aruba,NL,country of the Kingdom of the Netherlands\n")
    with pytest.raises(import_ear.ImportProblem, match="AW has a row of its own"):
        import_ear.tables(tmp_path)


def marked(column: str) -> set[str]:
    return {row["iso2"] for row in rows("country_chart.csv") if row[column] == "X"}


def members(group: str) -> set[str]:
    return {row["iso2"] for row in rows("country_groups.csv") if row[group] == "X"}


def test_chart_and_groups_agree_where_the_regulation_says_so() -> None:
    """Invariants of § 742.4 and § 742.6, e.g. RS2 for all but Country Group A:1 and India."""
    everyone = {row["iso2"] for row in rows("country_chart.csv")}
    close = {"AU", "CA", "GB", "KY"} | {place for place, parent in TERRITORIES.items() if parent in {"AU", "GB"}}
    assert everyone - marked("NS2") == everyone - marked("RS2") == (members("A1") | {"IN"}) & everyone
    assert everyone - marked("CB2") == members("A3") & everyone
    assert everyone - marked("NP1") == members("A4") & everyone
    for column in ("NS1", "RS1", "MT1"):
        assert everyone - marked(column) == close, column
    assert marked("CB1") == everyone
    assert marked("CB3") == (members("D3") & everyone) | {"AE"}
    assert marked("NP2") == (members("D2") & everyone) | {"CN", "HK", "MO"}
    assert len(marked("FC1")) == 33
    assert marked("AT1") == marked("AT2") == set()


def test_every_entry_is_kept_with_every_control() -> None:
    """Each column and each requirement of an entry is somewhere in its rows; each entry without any is marked."""
    table = ccl()
    raw = rows("ccl.csv", RAW)
    assert len(raw) == 639
    special = 0
    for entry in raw:
        own = [row for code, row in table.items() if code.split(".")[0] == entry["eccn"]]
        kept = {name for row in own for kind in ("columns", "partial_columns") for name in cell(row, kind)}
        named = {control.split(":")[1] for control in entry["controls"].split(";") if control}
        assert named - {"special"} == kept, entry["eccn"]
        requirements = {n for row in own for kind in ("requirements", "partial_requirements") for n in cell(row, kind)}
        if "special" in named:
            special += 1
            assert requirements - {"no_control_stated"}, entry["eccn"]
        assert kept or requirements, entry["eccn"]
    assert special == 181


def test_paragraphs_that_are_treated_differently_have_rows() -> None:
    table = ccl()
    assert cell(table["3A611"], "columns") == {"NS1", "RS1", "AT1"}
    assert cell(table["3A611"], "subdivided_columns") == {"NS1", "RS1"}
    assert cell(table["3A611"], "paragraphs") == {"3A611", "3A611.y"}
    assert cell(table["3A611.y"], "columns") == {"AT1"}
    assert cell(table["3A611.y"], "paragraphs") == set()
    assert cell(table["3A611.y"], "requirements") == {"china_russia_venezuela"}
    assert cell(table["3A001"], "columns") == {"NS2", "AT1"}
    assert cell(table["3A001"], "subdivided_columns") == {"NP1", "NS1", "MT1", "RS1"}
    assert cell(table["3A001.a.1.a"], "partial_columns") == {"MT1"}
    assert cell(table["3A001.z.2"], "columns") == {"NS2", "MT1", "AT1"}
    assert cell(table["7A005"], "requirements") == {"no_control_stated"}
    assert cell(table["9A515"], "exceptions") == {"LVS"} and table["9A515"]["lvs_limit"] == "1500 USD"


def test_every_row_speaks_of_its_own_code_and_ear99_has_no_control() -> None:
    table = ccl()
    assert all(row["code"] == code for code, row in table.items())
    ear99 = table["EAR99"]
    assert [name for name, value in ear99.items() if value] == ["eccn", "code", "heading"]


def test_gbs_that_is_conditional_or_not_stated_is_left_open() -> None:
    table = ccl()
    for entry in rows("ccl.csv", RAW):
        row = table[entry["eccn"]]
        granted = "GBS" in cell(row, "exceptions"), "GBS" in cell(row, "partial_exceptions")
        assert granted == {"yes": (True, False), "no": (False, False)}.get(entry["gbs"], (False, True)), entry["eccn"]


def test_requirements_are_those_of_the_standard_library() -> None:
    source = (ROOT / "stdlib" / "ear.comity").read_text(encoding="utf-8")
    block = source.split("enum Requirement:")[1].split("\nenum ")[0]
    declared = {line.split()[0] for line in block.splitlines()[2:] if line.strip()}
    used = {
        name for row in ccl().values() for kind in ("requirements", "partial_requirements") for name in cell(row, kind)
    }
    assert used == declared
