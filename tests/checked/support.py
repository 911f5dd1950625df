"""Checking small programs written in the test, and reading what was said about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent

from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.checked.ast import Program
from comity.checked.check import check
from comity.surface.parse import parse
from comity.terms import Term
from comity.workspace import resources

FACTS = """
use std.countries: *

enum Role:
    consignee
    end_user

enum Column:
    NS1
    NS2
    MT1

enum Review ordered:
    approval
    case_by_case
    denial

record Person:
    role: Role
    country: Country
    listed: Bool = false

record Item:
    eccn: Eccn
    hs: HsCode?
    origin: Country
    share: Percent?
    columns: set of Column
    limit: Money in USD or absent
    made_with_us_equipment: Bool?

record Export as of date:
    item: Item
    destination: Country
    place: Place
    value: Money in USD
    count_of_items: Int
    weight: Mass
    distance: Length
    notice: Duration
    parties: list of Person
    date: Date
    begins: Date?
    purpose: Text or absent
    review: Review

zone KALININGRAD in RU

set NATO: Country =
    {BE, CA, US} from 1949-04-04
    + {FI} from 2023-04-04

table chart(country: Country, column: Column) -> Bool:
    BE, NS1: true
    CN, NS1: false

decision licensing for Export:
    outcomes:
        prohibited
        license_required
        no_license_required
    otherwise no_license_required
"""
"""What most tests speak of; a module `facts`, which the module under test uses with a `*`."""


class Checked:
    """A checked program and the report on it. ``module``: the name of the module under test."""

    def __init__(
        self,
        text: str,
        modules: Mapping[str, str] | None = None,
        files: Mapping[str, str | bytes] | None = None,
        facts: bool = True,
    ) -> None:
        self.report = Report()
        texts = {name: dedent(other) for name, other in (modules or {}).items()}
        text = dedent(text).strip("\n") + "\n"
        if facts:
            texts["facts"] = FACTS
            text = "use facts: *\n" + text
        texts["m"] = text
        self.lines_before = 1 if facts else 0
        self.sources = {name: SourceFile(f"{name}.comity", name, other) for name, other in texts.items()}
        waiting = list(self.sources.values())
        parsed = []
        while waiting:
            source = waiting.pop()
            parsed.append((source, parse(source, self.report)))
            for use in parsed[-1][1].uses:
                name = use.module.text
                file = resources.stdlib() / f"{name.removeprefix('std.')}.comity"
                if name.startswith("std.") and name not in self.sources and file.is_file():
                    self.sources[name] = SourceFile(f"{name}.comity", name, file.read_text(encoding="utf-8"))
                    waiting.append(self.sources[name])
        self.files = {path: data.encode() if isinstance(data, str) else data for path, data in (files or {}).items()}
        self.program: Program = check(parsed, self.report, self._read)

    def _read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.files[path]

    @property
    def found(self) -> list[Diagnostic]:
        return self.report.sorted()

    def underlined(self, diagnostic: Diagnostic) -> str:
        source = next(s for s in self.sources.values() if s.path == diagnostic.span.path)
        return source.text[diagnostic.span.start : diagnostic.span.end]

    def define(self, name: str) -> Term:
        assert not self.found, self.found
        return self.program.defines[f"m.{name}"].body


def codes(text: str, **more: object) -> list[tuple[int, str]]:
    """(line, code) of everything found, as the author counts lines."""
    checked = Checked(text, **more)  # type: ignore[arg-type]
    return [(d.span.line - checked.lines_before, d.code) for d in checked.found]


def marked(text: str) -> list[tuple[int, str]]:
    """The expectations in ``text``: (line, code) for every code in a comment at the end of a line."""
    lines = dedent(text).strip("\n").splitlines()
    return [(n, code) for n, line in enumerate(lines, 1) for code in re.findall(r"[EL]\d{3}", line.partition("# ")[2])]


def expect(text: str, **more: object) -> None:
    """What is found is exactly what is marked: nothing missing, nothing besides."""
    assert codes(text, **more) == marked(text)


def message(text: str, **more: object) -> tuple[str, str, str | None]:
    """Of the one finding: its code and message, the text it underlines, its help."""
    checked = Checked(text, **more)  # type: ignore[arg-type]
    assert len(checked.found) == 1, checked.found
    found = checked.found[0]
    return f"{found.code} {found.message}", checked.underlined(found), found.help
