"""Programs from text, without files: parsed, checked and lowered."""

from __future__ import annotations

from textwrap import dedent

from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.checked.check import check
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.surface.parse import parse


def read_nothing(path: str) -> bytes:
    raise FileNotFoundError(path)


def compiled(modules: dict[str, str]) -> tuple[Interpreter, list[Diagnostic]]:
    report = Report()
    sources = [SourceFile(f"{name}.comity", name, dedent(text).lstrip("\n")) for name, text in modules.items()]
    checked = check([(source, parse(source, report)) for source in sources], report, read_nothing)
    return Interpreter(lower(checked, report)), report.sorted()


def interpreter(text: str, **modules: str) -> Interpreter:
    """A program whose main module is called `m`; it must have no errors."""
    made, diagnostics = compiled({"m": text, **modules})
    assert not diagnostics, [(d.code, d.message, d.span.line) for d in diagnostics]
    return made


def codes(text: str, **modules: str) -> list[tuple[int, str]]:
    """Lines and codes of what is reported, up to lowering."""
    return [(d.span.line, d.code) for d in compiled({"m": text, **modules})[1]]
