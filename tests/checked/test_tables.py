"""Tables: CSV files and inline rows, and what is said about those that cannot be read (E107)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from comity.checked.ast import Table
from comity.parts import Row
from comity.runtime.values import ABSENT

from ..counting import calls
from .support import Checked, expect

ENTRY = """
    record Entry:
        columns: set of Column
        limit: Money in USD or absent
        gbs: Bool?
        strict: Bool
        note: Text
        share: Percent?
        since: Date?
        rank: Int = 7
"""


def table(declaration: str, csv: str | bytes, name: str = "t") -> Table:
    checked = Checked(declaration, files={"data/t.csv": csv})
    assert checked.found == [], checked.found
    return checked.program.tables[f"m.{name}"]


def problems(declaration: str, csv: str | bytes) -> list[str]:
    checked = Checked(declaration, files={"data/t.csv": csv})
    assert all(d.code == "E107" and checked.underlined(d) == '"data/t.csv"' for d in checked.found), checked.found
    return [d.message for d in checked.found]


def values(rows: tuple[Row, ...]) -> dict[object, object]:
    return {row.keys if len(row.keys) > 1 else row.keys[0]: row.value for row in rows}


# ------------------------------------------------------------------------------------------- shapes


def test_one_value_column() -> None:
    found = table(
        'table t(country "iso2": Country) -> Money in USD from "data/t.csv" otherwise 0 USD ignoring name',
        "name,iso2,value\nBelgium,BE,5_000 USD\nFrance,FR,0.50 USD\n",
    )
    assert values(found.rows) == {"BE": 5000, "FR": Fraction(1, 2)}
    assert found.has_otherwise and found.otherwise == 0
    assert (found.file, len(found.sha256 or "")) == ("data/t.csv", 64)
    assert [row.place for row in found.rows] == ["data/t.csv:2", "data/t.csv:3"]


def test_columns_that_are_not_names_are_ignored_in_quotes() -> None:
    found = table(
        'table t(country: Country) -> Int from "data/t.csv" ignoring "Country Name", any_name, "from here", "\\"x\\""',
        'country,value,Country Name,any_name,from here,"""x"""\nBE,1,Belgium,,,\n',
    )
    assert values(found.rows) == {"BE": 1}


def test_a_column_for_each_member() -> None:
    found = table(
        'table t(country: Country, column: Column) -> Bool from "data/t.csv"',
        "country,MT1,NS1,NS2\nBE,X,,true\nFR,false,x,\n",
    )
    assert values(found.rows) == {
        ("BE", "NS1"): False,
        ("BE", "NS2"): True,
        ("BE", "MT1"): True,
        ("FR", "NS1"): True,
        ("FR", "NS2"): False,
        ("FR", "MT1"): False,
    }


def test_a_key_column_for_the_last_parameter() -> None:
    found = table(
        'table t(country: Country, column: Column) -> Bool from "data/t.csv"', "country,column,value\nBE,NS1,X\n"
    )
    assert values(found.rows) == {("BE", "NS1"): True}


def test_the_fields_of_a_record() -> None:
    found = table(
        ENTRY + '    table t(code: Eccn) -> Entry from "data/t.csv"\n',
        "code,columns,limit,gbs,strict,note,share,since\n"
        '3A001.a,NS1; NS2,"5_000 USD",X,,"a, ""b""",25%,2022-03-01\n'
        "EAR99,,,,true,,,\n"
        "4A003,MT1,absent,unknown,,x,unknown,\n",
    )
    rows = values(found.rows)
    assert rows["3A001.a"] == {
        "columns": frozenset({"NS1", "NS2"}),
        "limit": 5000,
        "gbs": True,
        "strict": False,
        "note": 'a, "b"',
        "share": Fraction(1, 4),
        "since": date(2022, 3, 1),
        "rank": 7,
    }
    ear99 = rows["EAR99"]
    assert isinstance(ear99, dict)
    assert (ear99["columns"], ear99["limit"], ear99["gbs"], ear99["strict"]) == (frozenset(), ABSENT, None, True)
    other = rows["4A003"]
    assert isinstance(other, dict) and other["limit"] is ABSENT and other["gbs"] is None and other["share"] is None


def test_dated_rows() -> None:
    found = table(
        'table t(country: Country) -> Int from "data/t.csv"',
        "country,from,until,value\nBE,,2021-12-31,1\nBE,2022-01-01,,2\nFR,,,3\n",
    )
    assert [row.interval for row in found.rows] == [(None, date(2021, 12, 31)), (date(2022, 1, 1), None), None]


def test_cells_of_every_type() -> None:
    for type, cell, value in [
        ("Int", "-9_000", -9000),
        ("Number", "0.25", Fraction(1, 4)),
        ("Length", "12 nmi", 22224),
        ("Duration", "2 weeks", 336),
        ("Eccn", "9A610.x", "9A610.x"),
        ("HsCode", "HS 8542.31", "8542.31"),
        ("HsCode", "8542.31", "8542.31"),
        ("Country", "US", "US"),
        ("Place", "KALININGRAD", "KALININGRAD"),
        ("Text", "plain text", "plain text"),
        ("Text", "", ""),
        ("list of Int", "1;2", (1, 2)),
        ("set of Country", "", frozenset()),
        ("Money in EUR", "5 EUR", 5),
    ]:
        found = table(f'table t(c: Country) -> {type} from "data/t.csv"', f"c,value\nBE,{cell}\n")
        assert values(found.rows) == {"BE": value}


def test_a_byte_order_mark_blank_lines_and_line_ends() -> None:
    found = table('table t(c: Country) -> Int from "data/t.csv"', "\ufeffc,value\r\n\r\nBE,1\r\n\r\nFR,2")
    assert [row.place for row in found.rows] == ["data/t.csv:3", "data/t.csv:5"]


def test_the_path_is_beside_the_module() -> None:
    checked = Checked(
        "use lib.a: *",
        modules={"lib.a": 'use std.countries: *\ntable t(c: Country) -> Int from "../data/t.csv"\n'},
        files={"data/t.csv": "c,value\nBE,1\n"},
    )
    # the module's own path here is `lib.a.comity`, so `..` leaves the folder
    assert [d.code for d in checked.found] == ["E107"]


def test_inline_rows() -> None:
    checked = Checked("""
        table level(country: Country) -> Int:
            BE: 7_000
            FR: 9_000
        table pair(country: Country, column: Column) -> Money in USD or absent:
            BE, NS1: 5 USD
            BE, NS2: absent
        table entry(code: Eccn) -> Person:
            3A001.a: Person(role = end_user, country = US)
    """)
    assert checked.found == []
    tables = checked.program.tables
    assert values(tables["m.level"].rows) == {"BE": 7000, "FR": 9000}
    assert values(tables["m.pair"].rows) == {("BE", "NS1"): 5, ("BE", "NS2"): ABSENT}
    assert values(tables["m.entry"].rows) == {"3A001.a": {"role": "end_user", "country": "US", "listed": False}}


def test_bad_inline_rows() -> None:
    expect("""
        table level(country: Country) -> Int:
            BE: 7_000
            BE: 7_000  # E107
            XX: 7_000  # E104
            FR: 5 km  # E101
            DE, NS1: 5  # E107
    """)


# ------------------------------------------------------------------------------------------- mistakes

LEVEL = 'table t(country: Country) -> Int from "data/t.csv"'


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("", ["row 1 of `data/t.csv`: the file is empty: its first row names the columns"]),
        ("country,value\nXX,1\n", ["row 2, column 1 of `data/t.csv`: `XX` is not a member of `Country` (`country`)"]),
        ("country,value\nBE,one\n", ["row 2, column 2 of `data/t.csv`: `one` is not an integer (`value`)"]),
        ("country,value\nBE,\n", ["row 2, column 2 of `data/t.csv`: an empty cell is not an integer (`value`)"]),
        ("country,value\nBE,1\nBE,2\n", ["row 3, column 1 of `data/t.csv`: a second row for `BE`; the first is row 2"]),
        ("country,value\nBE\n", ["row 2 of `data/t.csv`: 1 cells, but the header names 2 columns"]),
        ("country,value\nBE,1,2\n", ["row 2 of `data/t.csv`: 3 cells, but the header names 2 columns"]),
        ("country,worth\nBE,1\n", [
            "row 1 of `data/t.csv`: there is no column `value` for what the table gives",
            "row 1, column 2 of `data/t.csv`: nothing uses the column `worth`: name it after `ignoring`",
        ]),
        ("county,value\nBE,1\n", [
            "row 1 of `data/t.csv`: there is no column `country` for the key `country`; did you mean `county`?",
            "row 1, column 1 of `data/t.csv`: nothing uses the column `county`: name it after `ignoring`",
        ]),
        ("country,value,value\nBE,1,2\n", ["row 1, column 3 of `data/t.csv`: there are two columns `value`"]),
        ("country,value,name\nBE,1,x\n", [
            "row 1, column 3 of `data/t.csv`: nothing uses the column `name`: name it after `ignoring`"
        ]),
        ("country,value,from\nBE,1,2022-02-30\n", [
            "row 2, column 3 of `data/t.csv`: `2022-02-30` is not a day (`from`)"
        ]),
        ("country,value,Country Name\nBE,1,x\n", [
            "row 1, column 3 of `data/t.csv`: nothing uses the column `Country Name`: name it after `ignoring`, "
            'in quotes: `"Country Name"`'
        ]),
        ('country,value,any,"a ""b"" \\"\nBE,1,x,y\n', [
            "row 1, column 3 of `data/t.csv`: nothing uses the column `any`: name it after `ignoring`, "
            'in quotes: `"any"`',
            "row 1, column 4 of `data/t.csv`: nothing uses the column `a \"b\" \\`: name it after `ignoring`, "
            r'in quotes: `"a \"b\" \\"`',
        ]),
        ("country,value,\nBE,1,\n", [
            "row 1, column 3 of `data/t.csv`: the column has no name: delete it, or the comma at the end of each row"
        ]),
        ("country\tvalue\nBE\t1\n", [
            "row 1 of `data/t.csv`: the cells are separated by tabs: save the file with commas between them"
        ]),
        ("country;value\nBE;1\n", [
            "row 1 of `data/t.csv`: the cells are separated by semicolons: save the file with commas between them"
        ]),
        ("sep=,\ncountry,value\nBE,1\n", [
            "row 1 of `data/t.csv`: `sep=,` is a line for spreadsheet programs: delete it, and separate the cells by "
            "commas"
        ]),
        ("country,value\nBEL,1\nBelgium,1\n", [
            "row 2, column 1 of `data/t.csv`: `BEL` is not a member of `Country`; did you mean `BE`? (`country`)",
            "row 3, column 1 of `data/t.csv`: `Belgium` is not a member of `Country`; did you mean `BE`? (`country`)",
        ]),
        (b"country,value\nBE,\xff\n", ["row 2 of `data/t.csv`: the file is not UTF-8"]),
        ("country,value\nBE,1\x00\n", ["row 2 of `data/t.csv`: the file holds a NUL character"]),
        ('country,value\nBE,"1\n', ["row 2 of `data/t.csv`: this is not CSV: unexpected end of data"]),
        (
            'country,value\n"B\nE",1\nXX,1\n',
            [
                "row 2, column 1 of `data/t.csv`: `B E` is not a member of `Country`; did you mean `BE`? (`country`)",
                "row 4, column 1 of `data/t.csv`: `XX` is not a member of `Country` (`country`)",
            ],
        ),
    ],
)  # fmt: skip
def test_mistakes(csv: str | bytes, said: list[str]) -> None:
    assert problems(LEVEL, csv) == sorted(said)


def test_overlapping_windows_are_duplicates() -> None:
    head = "country,from,until,value\n"
    assert problems(LEVEL, head + "BE,,2022-01-01,1\nBE,2022-01-01,,2\n")
    assert not problems(LEVEL, head + "BE,,2022-01-01,1\nBE,2022-01-02,,2\n")


def test_many_mistakes_are_counted() -> None:
    said = problems(LEVEL, "country,value\n" + "".join(f"X{n},1\n" for n in range(30)))
    assert len(said) == 10 and sum("(and 20 more)" in message for message in said) == 1


def test_a_missing_member_column() -> None:
    said = problems('table t(c: Country, column: Column) -> Bool from "data/t.csv"', "c,NS1,NS2\nBE,X,X\n")
    assert said == ["row 1 of `data/t.csv`: there is no column `MT1` for `Column`"]


def test_a_missing_field_column() -> None:
    said = problems(
        ENTRY + '    table t(code: Eccn) -> Entry from "data/t.csv"\n', "code,limit,strict,note\n3A001,,,\n"
    )
    assert said == ["row 1 of `data/t.csv`: there is no column `columns` for the field of `Entry`"]


def test_a_missing_file() -> None:
    checked = Checked(LEVEL)
    assert [d.message for d in checked.found] == ["`data/t.csv` cannot be read: no such file or directory"]


def test_the_place_in_the_file_is_related() -> None:
    checked = Checked(LEVEL, files={"data/t.csv": "country,value\nBE,1\nXX,1\n"})
    (place,) = checked.found[0].related
    assert (place.span.path, place.span.line, place.message) == ("data/t.csv", 3, "row 3, column 1")


def test_reading_is_fast() -> None:
    """640 rows of 16 columns: the Commerce Control List. Only a parser per cell would make more calls for each."""
    fields = "\n".join(f"        f{n}: Money in USD or absent" for n in range(16))
    declaration = f'record Row:\n{fields}\ntable t(code: Eccn) -> Row from "data/t.csv"'
    csv = "code," + ",".join(f"f{n}" for n in range(16)) + "\n"
    csv += "".join(
        f"{n // 1000}A{n % 1000:03d}," + ",".join(f"{n}{m} USD" for m in range(16)) + "\n" for n in range(640)
    )
    program = Checked(declaration, files={"data/t.csv": csv})
    assert program.found == [] and len(program.program.tables["m.t"].rows) == 640
    with_rows = calls(lambda: Checked(declaration, files={"data/t.csv": csv}))
    without = calls(lambda: Checked(declaration, files={"data/t.csv": csv.partition("\n")[0]}))
    assert (with_rows - without) / (640 * 17) < 40, "calls for one cell"


def test_a_cell_has_one_spelling() -> None:
    codes = "table t(entry: Eccn) -> Int from 'data/t.csv'".replace("'", '"')
    assert problems(codes, "entry,value\n4A003.c.1,1\n4A003.c.01,2\n") == [
        "row 3, column 1 of `data/t.csv`: `4A003.c.01` is not an ECCN: write `4A003.c.1` (`entry`)"
    ]
    names = codes.replace("Eccn", "Text")
    assert problems(names, "entry,value\nACME GmbH,1\nACME\u00a0GmbH ,2\n") == [
        "row 3, column 1 of `data/t.csv`: a second row for `ACME GmbH`; the first is row 2"
    ]
    assert problems(names, "entry,value\nAC\u200bME,1\n") == [
        "row 2, column 1 of `data/t.csv`: `AC\u200bME` holds a sign that does not show (U+200B): delete it (`entry`)"
    ]


def test_a_set_of_codes_may_hold_ranges() -> None:
    made = table(
        'table t(entry: Country) -> set of Eccn from "data/t.csv"',
        "entry,value\nBE,3A001.a; 3B001.k to 3B001.m\nDE,\n",
    )
    values = [row.value for row in made.rows]
    assert values == [frozenset({"3A001.a", "3B001.k", "3B001.l", "3B001.m"}), frozenset()]
    made = table('table t(entry: Country) -> set of HsCode from "data/t.csv"', "entry,value\nBE,8541 to HS 8542\n")
    assert made.rows[0].value == frozenset({"8541", "8542"})
    wrong = 'table t(entry: Country) -> set of Eccn from "data/t.csv"'
    found = problems(wrong, "entry,value\nBE,3B001.m to 3B001.k\nDE,3B001 to x\n")
    assert [message.split(": ", 1)[1] for message in found] == [
        "`3B001.m to 3B001.k` ends before it begins: write `3B001.k to 3B001.m` (`value`)",
        "`x` is not an ECCN (`value`)",
    ]
