#!/usr/bin/env python3
"""Turn the extracts of the EAR in `policies/ear/raw/` into the tables that the policy reads.

    python scripts/import_ear.py [--raw DIR] [--out DIR] [--check]

Reads the Commerce Country Chart, the Country Groups and the Commerce Control List as they were extracted from
eCFR XML (see `policies/ear/raw/README.md`) and writes `country_chart.csv`, `country_groups.csv`, `ccl.csv` and
`import_report.txt`. The same input gives the same bytes. `--check` writes nothing and exits 1 if a file differs.

Three principles:

* **Silence never permits.** The `pointer` rows of the chart (Cuba, Iran, North Korea, Syria) have no cells: they are
  left out, so that the policy reads them as unknown and not as "no X". A requirement that names no chart column
  is kept as a field of its own.
* **A scope is attached to paragraphs only where that is exact.** "entire entry" and plain lists of paragraphs of the
  entry itself are read by grammar; the rest by `readings.csv`, where every reading stands beside the text it was made
  from; what neither covers *may* reach any part of the entry. Controls that an entry states in words instead of a table
  are read by `texts.csv`, with the words and where they stand; the others are a requirement `stated_in_text`.
* **Nothing is dropped silently.** What was read, kept, left out and flagged is counted in the report.

An entry becomes several rows where its paragraphs are treated differently: the row of a paragraph speaks of every code
in it that has no row of its own. An item classified at the code of such a row *itself* may lie in any of its
paragraphs: columns (requirements) that differ between them are listed as `subdivided`, and its rows, its own included,
as `paragraphs`.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "policies" / "ear" / "raw"
OUT = ROOT / "policies" / "ear" / "data"

COLUMNS = [
    *("CB1", "CB2", "CB3", "NP1", "NP2", "NS1", "NS2", "MT1"),
    *("RS1", "RS2", "FC1", "CC1", "CC2", "CC3", "AT1", "AT2"),
]
GROUPS = ["A1", "A2", "A3", "A4", "A5", "A6", "B", "D1", "D2", "D3", "D4", "D5", "E1", "E2"]

# 15 CFR 738.3(b): "the EAR accords your destination the same licensing treatment as the country of which it is a
# territory"; note 5 to the chart sends Liechtenstein to Switzerland. The chart has these rows; the groups have none.
GROUPS_FOLLOW = {"KY": "GB", "LI": "CH"}
# The section names the Cayman Islands; the other territories, which have no row anywhere, are in `territories.csv`.

Row = dict[str, str]
Paragraph = tuple[str, ...]
"""The parts of a paragraph: `3A001.a.1` is ("a", "1"); the entry itself is ()."""


class ImportProblem(Exception):
    """The raw files do not say what this script was written for; nothing is written."""


# ------------------------------------------------------------------------------------------------- scopes

NO, PERHAPS, YES = 0, 1, 2


@dataclass(frozen=True)
class Reading:
    """Where a control applies: the status of the longest paragraph here that a code lies in."""

    status: Mapping[Paragraph, int]
    how: str

    def at(self, paragraph: Paragraph) -> int:
        """The status of ``paragraph``, leaving aside what is said of parts of it."""
        for length in range(len(paragraph), -1, -1):
            if paragraph[:length] in self.status:
                return self.status[paragraph[:length]]
        raise AssertionError("a reading speaks of the whole entry")


_PARAGRAPH = r"\.?[a-z](?:\.(?:\d{1,2}|[a-z]))*"
_LIST = re.compile(rf"{_PARAGRAPH}(?:(?:, and |, or |, | and | or | to | through ){_PARAGRAPH})*")
_TOKEN = re.compile(rf"(?P<range>to|through)\b|and\b|or\b|,|(?P<paragraph>{_PARAGRAPH})")
_LEAD = re.compile(r"(?:paragraphs? |items controlled by |“software” controlled by )")
_TAIL = re.compile(r"(?: of this entry| only|\.)$")


def parts(text: str) -> Paragraph:
    return tuple(text.removeprefix(".").split("."))


def paragraph_list(entry: str, text: str) -> list[Paragraph] | None:
    """The paragraphs that ``text`` lists ("3A001.z.1.a, z.2.a", ".b to .d"), or None if it says anything more."""
    text = _TAIL.sub("", _LEAD.sub("", text, count=1))
    text = re.sub(rf"{entry} ?", "", text)
    if not _LIST.fullmatch(text):
        return None
    found: list[Paragraph] = []
    up_to = False
    for token in _TOKEN.finditer(text):
        if token["range"]:
            up_to = True
        elif token["paragraph"]:
            last = parts(token["paragraph"])
            found.extend(_between(found[-1], last) if up_to else [last])
            up_to = False
    return found


def _between(first: Paragraph, last: Paragraph) -> list[Paragraph]:
    """The paragraphs after ``first`` up to ``last``, which differ in their last part: k to n, a.1 to a.3."""
    if first[:-1] != last[:-1]:
        raise ImportProblem(f"no range from {first} to {last}")
    stem, low, high = first[:-1], first[-1], last[-1]
    if low.isdigit() and high.isdigit():
        return [(*stem, str(number)) for number in range(int(low) + 1, int(high) + 1)]
    return [(*stem, chr(letter)) for letter in range(ord(low) + 1, ord(high) + 1)]


def read_scope(entry: str, control: str, scope: str, by_hand: Mapping[tuple[str, str, str], Row]) -> Reading:
    """How ``scope`` of a control is attached to the paragraphs of its entry."""
    if scope == "entire entry":
        return Reading({(): YES}, "entire entry")
    hand = by_hand.get((entry, control, scope))
    if hand is not None:
        rest = {"yes": YES, "perhaps": PERHAPS, "no": NO}[hand["rest"]]
        status: dict[Paragraph, int] = {(): rest}
        for column, value in (("yes", YES), ("perhaps", PERHAPS), ("no", NO)):
            status.update({parts(text): value for text in hand[column].split()})
        return Reading(status, "read by hand")
    excepted = re.fullmatch(r"entire entry,? except:? (.*)", scope)
    listed = paragraph_list(entry, excepted[1] if excepted else scope)
    if listed is None:
        return Reading({(): PERHAPS}, "in words")
    if excepted:
        return Reading({(): YES, **dict.fromkeys(listed, NO)}, "entire entry except paragraphs")
    return Reading({(): NO, **dict.fromkeys(listed, YES)}, "listed paragraphs")


# --------------------------------------------------------------------------------------------- requirements

# What the requirement cell says where it names no chart column, by the reason and a pattern that its text must match.
# The members are those of `Requirement` in `stdlib/ear.comity`, which cites the section of each.
_MACAU_D5 = r"To or within Macau or a destination specified in Country Group D:5 .* "
REQUIREMENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("UN", r"See § (746|764)\.1(\(b\))?( of the EAR)? for UN controls\.?$", ("un_arms_embargo",)),
    ("RS", r"China, Russia,? or Venezuela \(see § 742\.6\(a\)\(7\)\)\.?$", ("china_russia_venezuela",)),
    ("NS", r"Worldwide control\. See § 742\.4\(a\)\(5\)", ("ns_worldwide",)),
    ("RS", r"Worldwide control\. See § 742\.6\(a\)\(10\)", ("rs_worldwide",)),
    ("NS", _MACAU_D5 + r"§ 742\.4\(a\)\(4\)", ("ns_macau_d5",)),
    (
        "RS",
        _MACAU_D5 + r"§ 742\.6\(a\)\((6|12|13)\)(\(i\)(\(B\))?)? ",
        ("rs_macau_d5",),
    ),
    (
        "RS",
        r"To or within any destination worldwide(\.|,) [Ss]ee § 742\.6\(a\)\(6\)\(iii\)\(A\)",
        ("computing_worldwide",),
    ),
    (
        "RS",
        r"To or within (the United Arab Emirates or )?destinations specified in Country Groups D:1, D:4, and D:5 .*"
        r"excluding any destination also specified in Country Groups A:5 or A:6\. See § 742\.6\(a\)\(6\)\(iii\)",
        ("computing_d_groups",),
    ),
    ("RS", r"Worldwide \(see § 742\.6\(a\)\(6\)\(ii\)\)\.$", ("computing_technology_from_d5",)),
    ("RS", r"To or within any destination worldwide\. See § 742\.6\(a\)\(13\)\.$", ("model_weights_worldwide",)),
    ("RS", r"See § 742\.6\(a\)\(11\) of the EAR\.$", ("rs_742_6_a_11",)),
    ("RS", r"RS Column 1, See § 742\.6\(a\)\(3\) for license requirements\.$", ()),  # names its column after all
    (
        "RS",
        r"A license is required .* to Iraq or Pakistan or transfer within Iraq or Pakistan",
        ("rs_iraq", "rs_pakistan"),
    ),
    ("RS", r"A license is required .* to Iraq (or|and) transfer within Iraq", ("rs_iraq",)),
    ("RS", r"A license is required .* to Pakistan or transfer within Pakistan", ("rs_pakistan",)),
    ("AT", r"A license is required .* to North Korea for anti-terrorism reasons", ("at_north_korea",)),
    ("AT", r"Column 1\.$", ()),  # 1C351: the prefix "AT" is missing in the CFR; the control is read as AT1
    ("CC", r".*A license is required for ALL destinations, except Canada", ("cc_all_but_canada",)),
    ("CW", r"CW applies to entire entry\. A license is required for CW reasons", ("chemical_weapons",)),
    ("EI", r"Refer to § 742\.15 of the EAR\.", ("encryption",)),
    ("SI", r"See § 742\.14 of the EAR", ("significant_items",)),
    ("SL", r"A license is required for all destinations, as specified in § 742\.13", ("surreptitious_listening",)),
    ("?", r"See § 746\.8 for specific license requirements", ("russian_industry",)),
    ("MT", r"MT applies to “software”", ("cell_unreadable",)),  # 1D018: the requirement cell is empty in the CFR
    ("NP", r"N/A\.$", ("cell_unreadable",)),  # 4A001: the cell is garbled
)

# What an entry requires by words that are in no control table.
ENTRY_NOTES: tuple[tuple[str, str], ...] = (
    (r"738\.3\(a\)\(1\): a license is required for all destinations; no license exc", "every_destination"),
    (r"738\.3\(a\)\(1\): a license is required for all destinations; License Exc", "every_destination_or_gov"),
    (r"Control stated as text in the CFR entry, not in a table", "stated_in_text"),
)


def requirement(reason: str, text: str) -> tuple[str, ...]:
    """The members of `Requirement` that the cell ``text`` of ``reason`` says; exactly one pattern must fit."""
    hits = [members for code, pattern, members in REQUIREMENTS if code == reason and re.match(pattern, text)]
    if len(hits) != 1:
        raise ImportProblem(f"{len(hits)} readings of the requirement cell {reason} {text!r}")
    return hits[0]


@dataclass
class Notes:
    """The `notes` of an entry: the texts of requirement cells by (reason, scope), and words of the whole entry."""

    cells: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str, special: Iterable[tuple[str, str]]) -> Notes:
        notes = cls()
        scopes = sorted(set(special), key=lambda pair: -len(pair[1]))
        for note in filter(None, text.split(" || ")):
            for reason, scope in scopes:
                prefix = f"{reason} [{scope}]: "
                if note.startswith(prefix):
                    notes.cells.setdefault((reason, scope), []).append(note.removeprefix(prefix))
                    break
            else:
                notes.loose.append(note)
        return notes


# -------------------------------------------------------------------------------------------------- entries


@dataclass(frozen=True)
class Control:
    """One control of an entry: a chart column or a requirement, where it applies, and the text of its scope."""

    name: str
    reading: Reading
    is_column: bool


@dataclass(frozen=True)
class Entry:
    """One ECCN as the policy needs it. ``exceptions``: granted outright, ``conditional``: granted to a part."""

    eccn: str
    heading: str
    controls: tuple[Control, ...]
    exceptions: tuple[str, ...]
    conditional: tuple[str, ...]
    lvs_limit: str
    flags: str


def read_entry(
    raw: Row, by_hand: Mapping[tuple[str, str, str], Row], texts_by_hand: Mapping[str, str], tally: Counter[str]
) -> Entry:
    """One row of the raw list; counts what it finds in ``tally``."""
    eccn = raw["eccn"]
    names = raw["controls"].split(";") if raw["controls"] else []
    scopes = raw["scopes"].split(" || ") if raw["scopes"] else []
    if len(names) != len(scopes):
        raise ImportProblem(f"{eccn}: {len(names)} controls but {len(scopes)} scopes")
    pairs = [(name.partition(":")[0], scope) for name, scope in zip(names, scopes, strict=True)]
    # Cells of chart columns may carry a note too (0A919, 1C351), so every pair may have one.
    notes = Notes.parse(raw["notes"], pairs)
    controls: list[Control] = []
    for name, (reason, scope) in zip(names, pairs, strict=True):
        reading = read_scope(eccn, name, scope, by_hand)
        tally[f"scope: {reading.how}"] += 1
        code = name.partition(":")[2]
        if code != "special":
            tally["controls that name a chart column"] += 1
            controls.append(Control(code, reading, is_column=True))
            continue
        tally["controls that name no chart column"] += 1
        texts = notes.cells.get((reason, scope), [])
        if not texts:
            raise ImportProblem(f"{eccn}: no text for the requirement {name} [{scope}]")
        members = requirement(reason, texts.pop(0))
        if not members:
            raise ImportProblem(f"{eccn}: {name} is read as naming a column")
        for member in members:
            tally[f"requirement {member}"] += 1
            controls.append(Control(member, reading, is_column=False))
    for (reason, _), texts in notes.cells.items():
        for text in texts:
            if requirement(reason, text):
                raise ImportProblem(f"{eccn}: the note {text!r} belongs to no control")
    for member in _of_whole_entry(raw, notes.loose, texts_by_hand):
        tally[f"requirement {member}"] += 1
        controls.append(Control(member, Reading({(): YES}, "entire entry"), is_column=False))
    granted, conditional, limit = _exceptions(raw, tally)
    for flag in filter(None, raw["flags"].split(";")):
        tally[f"flag {flag.partition(':')[0]}"] += 1
    return Entry(eccn, raw["heading"], tuple(controls), granted, conditional, limit, raw["flags"])


def _of_whole_entry(raw: Row, loose: Sequence[str], texts_by_hand: Mapping[str, str]) -> list[str]:
    """Requirements of the entry that are in no control table, and doubts about the table itself."""
    found: list[str] = []
    for note in loose:
        hits = [member for pattern, member in ENTRY_NOTES if re.match(pattern, note)]
        if len(hits) != 1:
            raise ImportProblem(f"{raw['eccn']}: {len(hits)} readings of the note {note!r}")
        found.append(texts_by_hand.get(raw["eccn"], hits[0]) if hits == ["stated_in_text"] else hits[0])
    flags = raw["flags"].split(";")
    if "other_agency_or_itar" in flags and "no_control_table" in flags:
        found.append("controlled_elsewhere")
    if any(flag.startswith("reason_line_vs_table") for flag in flags):
        # The entry's "Reason for Control" line names a reason that its table lacks: the table is not complete.
        found.append("reason_line_differs")
    return found


def _exceptions(raw: Row, tally: Counter[str]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """License exceptions that the entry grants outright, those it grants to a part, and the LVS limit in dollars."""
    granted: list[str] = []
    conditional: list[str] = []
    limit = ""
    if raw["lvs_usd"] == "":
        if raw["lvs_text"]:
            conditional.append("LVS")
        tally["LVS " + ("conditional" if raw["lvs_text"] else "not stated")] += 1
    elif raw["lvs_usd"] == "0":
        tally["LVS not available"] += 1
    else:
        granted.append("LVS")
        limit = f"{raw['lvs_usd']} USD"
        tally["LVS up to a limit"] += 1
    gbs = raw["gbs"] or "not stated"
    tally[f"GBS {gbs}"] += 1
    if gbs == "yes":
        granted.append("GBS")
    elif gbs != "no":
        conditional.append("GBS")
    texts = dict(text.split(": ", 1) for text in raw["other_exceptions_text"].split(" || ") if text)
    for name in filter(None, raw["other_exceptions"].split(";")):
        if name not in texts:
            raise ImportProblem(f"{raw['eccn']}: no text for License Exception {name}")
        outright = texts[name].rstrip(".") == "Yes"
        (granted if outright else conditional).append(name)
        tally[f"{name} {'yes' if outright else 'conditional'}"] += 1
    # STA needs no line in the entry (§ 740.20(c)); where the entry has one, it limits the exception.
    if raw["controls"]:
        (conditional if raw["sta_conditions"] else granted).append("STA")
        tally[f"STA {'conditional' if raw['sta_conditions'] else 'not limited by the entry'}"] += 1
    return tuple(granted), tuple(conditional), limit


def code_of(eccn: str, paragraph: Paragraph) -> str:
    return ".".join((eccn, *paragraph))


def paragraphs_of(entry: Entry) -> list[Paragraph]:
    """The paragraphs of an entry that its controls single out, with the paragraphs they lie in."""
    found: set[Paragraph] = {()}
    for control in entry.controls:
        for paragraph in control.reading.status:
            found.update(paragraph[:length] for length in range(len(paragraph) + 1))
    return sorted(found, key=lambda paragraph: [(len(p), p) for p in paragraph])


def statuses_of(entry: Entry, paragraphs: Sequence[Paragraph]) -> dict[tuple[str, bool], dict[Paragraph, int]]:
    """By column (True) or requirement (False): how it applies to each paragraph, parts aside.

    A paragraph that no control reaches has the requirement `no_control_stated`: the list is silent on it, and silence
    is not a permission.
    """
    found: dict[tuple[str, bool], dict[Paragraph, int]] = {}
    for control in entry.controls:
        status = found.setdefault((control.name, control.is_column), dict.fromkeys(paragraphs, NO))
        for paragraph in paragraphs:
            # Two lines of one column: the wider one counts.
            status[paragraph] = max(status[paragraph], control.reading.at(paragraph))
    silent = {p: NO if any(status[p] for status in found.values()) else YES for p in paragraphs}
    if YES in silent.values():
        found["no_control_stated", False] = silent
    return found


def rows_of(entry: Entry) -> list[Row]:
    """The table rows of an entry: one for the entry and one for each paragraph that its controls single out."""
    paragraphs = paragraphs_of(entry)
    statuses = statuses_of(entry, paragraphs)
    rows: list[Row] = []
    for paragraph in paragraphs:
        cells: dict[str, list[str]] = {name: [] for name in _FIELDS}
        inside = [p for p in paragraphs if p[: len(paragraph)] == paragraph]
        for (name, is_column), status in statuses.items():
            kind = "columns" if is_column else "requirements"
            if status[paragraph] == YES:
                cells[kind].append(name)
            elif status[paragraph] == PERHAPS:
                cells[f"partial_{kind}"].append(name)
            if len({status[p] for p in inside}) > 1:
                cells[f"subdivided_{kind}"].append(name)
        divided = any(cells[f"subdivided_{kind}"] for kind in ("columns", "requirements"))
        rows.append(
            {
                "eccn": code_of(entry.eccn, paragraph),
                "code": code_of(entry.eccn, paragraph),
                **{name: "; ".join(sorted(values, key=_order)) for name, values in cells.items()},
                "paragraphs": "; ".join(code_of(entry.eccn, p) for p in inside) if divided else "",
                "exceptions": "; ".join(entry.exceptions),
                "partial_exceptions": "; ".join(entry.conditional),
                "lvs_limit": entry.lvs_limit,
                "heading": "" if paragraph else entry.heading,
                "flags": "" if paragraph else entry.flags,
            }
        )
    return rows


_FIELDS = (
    "columns",
    "partial_columns",
    "subdivided_columns",
    "requirements",
    "partial_requirements",
    "subdivided_requirements",
)
CCL_HEADER = (
    *("eccn", "code", *_FIELDS, "paragraphs"),
    *("exceptions", "partial_exceptions", "lvs_limit", "heading", "flags"),
)


def _order(name: str) -> tuple[int, str]:
    """Chart columns in the chart's order, requirements by name."""
    return (COLUMNS.index(name) if name in COLUMNS else len(COLUMNS), name)


# --------------------------------------------------------------------------------------------------- tables


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(header: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def of_territories(territories: Sequence[Row], rows: Mapping[str, Row], columns: Sequence[str]) -> list[Row]:
    """A row for each territory (§ 738.3(b)), with the cells of the country that it follows."""
    found: list[Row] = []
    for territory in territories:
        code, parent = territory["iso2"], territory["follows"]
        if code in rows or parent not in rows:
            raise ImportProblem(f"the territory {code} has a row of its own, or {parent} has none")
        cells = {name: rows[parent][name] for name in columns}
        found.append({"iso2": code, "name": territory["name"], **cells, "inherits_from": parent})
    return found


def chart(rows: Sequence[Row], territories: Sequence[Row], report: list[str]) -> str:
    """The chart: rows with cells and rows that follow another; pointer rows are left out."""
    kinds = Counter(row["row_kind"] for row in rows)
    unknown = sorted(set(kinds) - {"chart", "pointer", "inherited"})
    if unknown:
        raise ImportProblem(f"rows of unknown kind in the chart: {unknown}")
    by_code = {row["iso2"]: row for row in rows}
    for row in rows:
        if row["row_kind"] == "inherited" and any(row[c] != by_code[row["inherits_from"]][c] for c in COLUMNS):
            raise ImportProblem(f"{row['iso2']} does not follow {row['inherits_from']}")
        if row["row_kind"] == "pointer" and any(row[c] for c in COLUMNS):
            raise ImportProblem(f"the pointer row {row['iso2']} has cells")
    kept = [row for row in rows if row["row_kind"] != "pointer"]
    left_out = [row["iso2"] for row in rows if row["row_kind"] == "pointer"]
    added = of_territories(territories, by_code, [*COLUMNS, "footnotes"])
    report += [
        "Commerce Country Chart",
        f"  read: {len(rows)} rows ({_counts(kinds)})",
        f"  kept: {len(kept)} rows, {sum(row[c] == 'X' for row in kept for c in COLUMNS)} cells marked X",
        f"  added: {len(added)} territories that have no row",
        f"  left out, no cells (read as unknown): {', '.join(left_out)}",
        f"  follow another row: {_follow((r['iso2'], r['inherits_from']) for r in [*kept, *added])}",
        "",
    ]
    return write_csv(["iso2", "name", *COLUMNS, "footnotes", "inherits_from"], [_only(row) for row in [*kept, *added]])


def _only(row: Row) -> Row:
    return {name: row[name] for name in ("iso2", "name", *COLUMNS, "footnotes", "inherits_from")}


def groups(rows: Sequence[Row], territories: Sequence[Row], report: list[str]) -> str:
    """The Country Groups, with the territories that follow another country (§ 738.3(b))."""
    by_code = {row["iso2"]: row for row in rows}
    result: list[Row] = []
    for row in rows:
        if row["iso2"] in GROUPS_FOLLOW and any(row[g] for g in GROUPS):
            raise ImportProblem(f"{row['iso2']} has groups of its own")
        if row["iso2"] not in GROUPS_FOLLOW:
            result.append({name: row[name] for name in ("iso2", "name", *GROUPS, "inherits_from")})
    names = {"KY": "Cayman Islands", "LI": "Liechtenstein"}
    for code, parent in GROUPS_FOLLOW.items():
        cells = {g: by_code[parent][g] for g in GROUPS}
        result.append({"iso2": code, "name": names[code], **cells, "inherits_from": parent})
    result += of_territories(territories, by_code, GROUPS)
    result.sort(key=lambda row: row["iso2"])
    members = {g: sum(row[g] == "X" for row in result) for g in GROUPS}
    report += [
        "Country Groups",
        f"  read: {len(rows)} rows",
        f"  kept: {len(result)} rows; members: {', '.join(f'{g} {members[g]}' for g in GROUPS)}",
        f"  follow another row: {_follow((r['iso2'], r['inherits_from']) for r in result)}",
        "",
    ]
    return write_csv(["iso2", "name", *GROUPS, "inherits_from"], result)


def control_list(rows: Sequence[Row], readings: Sequence[Row], texts: Sequence[Row], report: list[str]) -> str:
    """The Commerce Control List, one row per entry and per paragraph that is treated differently, and EAR99."""
    by_hand = {(row["eccn"], row["control"], row["scope"]): row for row in readings}
    texts_by_hand = {row["eccn"]: row["requirement"] for row in texts}
    tally: Counter[str] = Counter()
    entries = [read_entry(row, by_hand, texts_by_hand, tally) for row in rows]
    used = {
        (raw["eccn"], name, scope)
        for raw in rows
        if raw["controls"]
        for name, scope in zip(raw["controls"].split(";"), raw["scopes"].split(" || "), strict=True)
    }
    stale = sorted(key[0] for key in by_hand if key not in used)
    in_words = {row["eccn"] for row in rows if "Control stated as text" in row["notes"]}
    stale += sorted(set(texts_by_hand) - in_words)
    if stale:
        raise ImportProblem(f"readings whose text is not in the list: {', '.join(stale)}")
    result = [row for entry in entries for row in rows_of(entry)]
    # EAR99 is subject to the EAR and not on the list (§ 734.3(c)): no column, no requirement, no exception by entry.
    result.append(dict.fromkeys(CCL_HEADER, "") | {"eccn": "EAR99", "code": "EAR99", "heading": "Not on the list"})
    codes = Counter(row["eccn"] for row in result)
    twice = sorted(code for code, count in codes.items() if count > 1)
    if twice:
        raise ImportProblem(f"codes with two rows: {', '.join(twice)}")
    flagged = sum(bool(row["flags"]) for row in rows)
    special = sum(":special" in row["controls"] for row in rows)
    silent = sum("no_control_stated" in row["requirements"] for row in result)
    report += [
        "Commerce Control List",
        f"  read: {len(rows)} entries, {len(readings)} readings by hand and {len(texts)} of words (all used)",
        f"  kept: {len(entries)} entries in {len(result) - 1} rows, and EAR99",
        f"  entries with a control that names no chart column: {special}",
        f"  rows that no control reaches (requirement no_control_stated): {silent}",
        f"  flagged by the extraction: {flagged} entries (the flags are a column of the table)",
        *(f"  {name}: {count}" for name, count in sorted(tally.items())),
        "",
    ]
    return write_csv(CCL_HEADER, result)


def _counts(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))


def _follow(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{code} as {parent}" for code, parent in sorted(pairs) if parent)


def tables(raw: Path) -> dict[str, str]:
    """All files to write, by name."""
    report = ["What scripts/import_ear.py read, kept and flagged.", ""]
    territories = read_csv(raw / "territories.csv")
    files = {
        "country_chart.csv": chart(read_csv(raw / "country_chart.csv"), territories, report),
        "country_groups.csv": groups(read_csv(raw / "country_groups.csv"), territories, report),
        "ccl.csv": control_list(
            read_csv(raw / "ccl.csv"), read_csv(raw / "readings.csv"), read_csv(raw / "texts.csv"), report
        ),
    }
    files["import_report.txt"] = "\n".join(report).rstrip() + "\n"
    return files


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--raw", type=Path, default=RAW, help="folder of the extracts")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the policy tables")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a table is not up to date")
    options = parser.parse_args(arguments)
    try:
        files = tables(options.raw)
    except (ImportProblem, OSError, KeyError) as problem:
        print(f"import_ear: {problem}", file=sys.stderr)
        return 2
    if options.check:
        stale = [name for name, text in files.items() if not _holds(options.out / name, text)]
        for name in stale:
            print(f"import_ear: {options.out / name} is not up to date", file=sys.stderr)
        return 1 if stale else 0
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (options.out / name).write_text(text, encoding="utf-8", newline="\n")
    print(files["import_report.txt"], end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
