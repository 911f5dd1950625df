"""Diagnostics in each output format: one function per format, from findings to text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from comity._version import __version__
from comity.base.diagnostics import CODES, Diagnostic, Edit, Fix, Severity
from comity.base.source import SourceFile, Span
from comity.linter import markdown
from comity.linter.marks import fingerprints
from comity.linter.render import Palette, concise, full
from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True)
class RuleHelp:
    """The page of a code: what it is about, all of it as text and as Markdown, and its address."""

    about: str
    text: str
    markdown: str
    uri: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be written: sorted diagnostics, the texts they point into, how many files were named.

    ``width``: columns of the terminal that it is for. ``in_repository``: the path under which services that show a
    repository know a file. ``help``: the page of a code. ``home``: the address of Comity.
    ``analysed``: no errors kept the analysis from running; without it, no finding does not mean that there is none.
    """

    diagnostics: Sequence[Diagnostic] = ()
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    files: int = 0
    analysed: bool = True
    width: int | None = None
    in_repository: Callable[[str], str] = lambda path: path
    help: Callable[[str], RuleHelp] | None = None
    home: Callable[[], str] | None = None

    @property
    def summary(self) -> dict[str, int]:
        return {s.value: sum(d.severity is s for d in self.diagnostics) for s in Severity}


def place(span: Span) -> dict[str, object]:
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def as_json(d: Diagnostic, fingerprint: str) -> dict[str, object]:
    """One diagnostic as `lint --format json` gives it."""
    return {
        "code": d.code,
        "name": d.name,
        "severity": d.severity.value,
        "message": d.message,
        **place(d.span),
        "related": [{"message": r.message, **place(r.span)} for r in d.related],
        "subjects": list(d.subjects),
        "witness": d.witness,
        "days": None if d.days is None else [list(days) for days in d.days],
        "fields": None if d.fields is None else list(d.fields),
        "gains": d.gains,
        "help": d.help,
        "fix": None if d.fix is None else [_as_json(edit, d.fix) for edit in d.fix.edits],
        "fingerprint": fingerprint,
    }


def _as_json(edit: Edit, fix: Fix) -> dict[str, object]:
    return {**place(edit.span), "text": edit.text, "applicability": fix.applicability.value}


def _records(findings: Findings) -> list[dict[str, object]]:
    marks = fingerprints(findings.diagnostics, findings.sources)
    return [as_json(d, mark) for d, mark in zip(findings.diagnostics, marks, strict=True)]


def to_json(value: object, indent: int | None = 2) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False, default=str)


def format_full(findings: Findings, colour: bool = False) -> str:
    lines = full(findings.diagnostics, findings.sources, Palette(colour), findings.width)
    return "".join(f"{line}\n" for line in lines)


def format_concise(findings: Findings, colour: bool = False) -> str:
    return "".join(f"{line}\n" for line in concise(findings.diagnostics, Palette(colour)))


def format_json(findings: Findings, colour: bool = False) -> str:
    document = {
        "version": 1,
        "files": findings.files,
        **({} if findings.analysed else {"analysed": False}),
        "summary": findings.summary,
        "diagnostics": _records(findings),
    }
    return to_json(document) + "\n"


def format_json_lines(findings: Findings, colour: bool = False) -> str:
    return "".join(to_json(record, None) + "\n" for record in _records(findings))


def _with_help(d: Diagnostic) -> str:
    """For formats that have no place of its own for what to do."""
    return d.message if d.help is None else f"{d.message}\nhelp: {d.help}"


_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def _sarif_location(path: str, span: Span, message: str | None = None) -> dict[str, object]:
    from urllib.parse import quote

    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path)},
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }
    return location if message is None else {**location, "message": {"text": message}}


def _sarif_help(findings: Findings, code: str) -> dict[str, object]:
    if findings.help is None:
        return {}
    page = findings.help(code)
    return {
        "fullDescription": {"text": page.about},
        "help": {"text": page.text, "markdown": page.markdown},
        "helpUri": page.uri,
    }


def format_sarif(findings: Findings, colour: bool = False) -> str:
    """SARIF 2.1.0. Columns count code points; paths are URI references, in which `%`, `:` and blanks are escaped."""
    codes = sorted({d.code for d in findings.diagnostics})
    marks = fingerprints(findings.diagnostics, findings.sources)
    run = {
        "tool": {
            "driver": {
                "name": "comity",
                "version": __version__,
                **({} if findings.home is None else {"informationUri": findings.home()}),
                "rules": [
                    {
                        "id": code,
                        "name": CODES[code].name,
                        "shortDescription": {"text": CODES[code].summary},
                        **_sarif_help(findings, code),
                        "defaultConfiguration": {"level": _SARIF_LEVEL[CODES[code].severity]},
                    }
                    for code in codes
                ],
            }
        },
        "invocations": [{"executionSuccessful": findings.analysed}],
        "columnKind": "unicodeCodePoints",
        "results": [
            {
                "ruleId": d.code,
                "ruleIndex": codes.index(d.code),
                "level": _SARIF_LEVEL[d.severity],
                "message": {"text": _with_help(d)},
                "locations": [_sarif_location(findings.in_repository(d.span.path), d.span)],
                "relatedLocations": [
                    _sarif_location(findings.in_repository(r.span.path), r.span, r.message) for r in d.related
                ],
                "partialFingerprints": {"comity/v1": mark},
                **({} if d.witness is None else {"properties": {"witness": d.witness}}),
            }
            for d, mark in zip(findings.diagnostics, marks, strict=True)
        ],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return to_json({"$schema": schema, "version": "2.1.0", "runs": [run]}) + "\n"


_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: object) -> str:
    return _github_data(str(text)).replace(":", "%3A").replace(",", "%2C")


MOST_ANNOTATIONS = 10
"""How many annotations of each level GitHub shows of one step; it drops the others without a word."""


def format_github(findings: Findings, colour: bool = False) -> str:
    """Workflow commands of GitHub Actions, which become annotations: as many as GitHub shows, then how many more."""
    lines = []
    written: Counter[Severity] = Counter()
    for d in findings.diagnostics:
        written[d.severity] += 1
        if written[d.severity] > MOST_ANNOTATIONS:
            continue
        path = findings.in_repository(d.span.path)
        properties = {"file": path, "line": d.span.line, "col": d.span.column, "endLine": d.span.end_line}
        if d.span.end_line == d.span.line:
            properties["endColumn"] = d.span.end_column
        properties["title"] = f"{d.code} {d.name}"
        listed = ",".join(f"{key}={_github_property(value)}" for key, value in properties.items())
        lines.append(f"::{_GITHUB[d.severity]} {listed}::{_github_data(_with_help(d))}\n")
    more = {severity: number - MOST_ANNOTATIONS for severity, number in written.items() if number > MOST_ANNOTATIONS}
    if more:
        listed = ", ".join(f"{more[severity]} {severity.value}" for severity in Severity if severity in more)
        lines.append(f"+{sum(more.values())} more ({listed}): `comity lint` shows all\n")
    return "".join(lines)


MOST_ROWS = 100
"""How many findings a job summary lists, so that it stays far below GitHub's limit of 1 MiB."""


def job_summary(findings: Findings, known: int = 0) -> str:
    """The findings as a table for the page of a GitHub workflow run. ``known``: how many are not new."""
    counts = [f"{number} {name}" for name, number in findings.summary.items() if number]
    new = "new " if known else ""
    files = f"{findings.files} file{'' if findings.files == 1 else 's'}"
    head = f"### Comity: {', '.join(counts) or f'no {new}findings'} in {files}\n"
    if known:
        head += f"\n{known} known before {'is' if known == 1 else 'are'} not shown.\n"
    if not findings.analysed:
        head += "\nThere are errors, so nothing was proved.\n"
    rows = [
        (
            d.severity.value,
            f"{d.code} {d.name}",
            markdown.code(f"{findings.in_repository(d.span.path)}:{d.span.line}"),
            markdown.inline(d.message),
        )
        for d in sorted(findings.diagnostics, key=lambda d: list(Severity).index(d.severity))
    ]
    if not rows:
        return head
    shown = markdown.table(("", "code", "place", "finding"), rows[:MOST_ROWS])
    more = f"\n+{len(rows) - MOST_ROWS} more\n" if len(rows) > MOST_ROWS else ""
    return f"{head}\n{shown}{more}"


_GITLAB = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def format_gitlab(findings: Findings, colour: bool = False) -> str:
    """GitLab's code quality report."""
    marks = fingerprints(findings.diagnostics, findings.sources)
    report = [
        {
            "description": d.message,
            "check_name": f"{d.code} {d.name}",
            "fingerprint": mark,
            "severity": _GITLAB[d.severity],
            "location": {
                "path": findings.in_repository(d.span.path),
                "lines": {"begin": d.span.line, "end": d.span.end_line},
            },
        }
        for d, mark in zip(findings.diagnostics, marks, strict=True)
    ]
    return to_json(report) + "\n"


def _xml(text: str) -> str:
    """``text`` as an XML attribute value with its quotes; characters XML cannot hold are replaced."""
    held = "".join(
        c if c in "\t\n" or " " <= c < "\ud800" or (c > "\udfff" and c not in "\ufffe\uffff") else "?" for c in text
    )
    from xml.sax.saxutils import quoteattr  # takes longer to import than all else that lint needs without changes

    return quoteattr(held, {"\n": "&#10;", "\t": "&#9;"})


def format_junit(findings: Findings, colour: bool = False) -> str:
    """JUnit XML: one test case per finding, failed unless it is only for information."""
    cases = []
    for d in findings.diagnostics:
        name = _xml(f"{d.code} {d.span.path}:{d.span.line}:{d.span.column}")
        inside = "" if d.severity is Severity.INFO else f"<failure type={_xml(d.name)} message={_xml(_with_help(d))}/>"
        cases.append(f"    <testcase classname={_xml(d.span.path)} name={name}>{inside}</testcase>\n")
    if not cases:
        cases.append('    <testcase classname="comity" name="lint"></testcase>\n')
    failures = sum(d.severity is not Severity.INFO for d in findings.diagnostics)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n'
        f'  <testsuite name="comity" tests="{len(cases)}" failures="{failures}" errors="0">\n'
        f"{''.join(cases)}  </testsuite>\n</testsuites>\n"
    )


FORMATS: dict[str, Callable[[Findings, bool], str]] = {
    "full": format_full,
    "concise": format_concise,
    "json": format_json,
    "json-lines": format_json_lines,
    "sarif": format_sarif,
    "github": format_github,
    "gitlab": format_gitlab,
    "junit": format_junit,
}


def count_by_code(diagnostics: Sequence[Diagnostic]) -> list[tuple[str, int]]:
    """How many findings each code has, the most frequent first."""
    counts = Counter(d.code for d in diagnostics)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def statistics_text(diagnostics: Sequence[Diagnostic]) -> str:
    counts = count_by_code(diagnostics)
    width = max((len(str(number)) for _, number in counts), default=0)
    return "".join(f"{number:>{width}}  {code} {CODES[code].name}\n" for code, number in counts)


def statistics_json(diagnostics: Sequence[Diagnostic]) -> str:
    counts = [{"code": code, "name": CODES[code].name, "count": n} for code, n in count_by_code(diagnostics)]
    return to_json({"version": 1, "statistics": counts}) + "\n"


STATISTICS: dict[str, Callable[[Sequence[Diagnostic]], str]] = {
    "full": statistics_text,
    "concise": statistics_text,
    "json": statistics_json,
}
