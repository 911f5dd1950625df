"""Parsing in tests."""

from __future__ import annotations

from textwrap import dedent

from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.surface import ast
from comity.surface.format import format_module
from comity.surface.parse import parse, parse_condition


def read(text: str) -> tuple[SourceFile, ast.Module, list[Diagnostic]]:
    report = Report()
    source = SourceFile("x.comity", "x", text)
    module = parse(source, report)
    return source, module, report.sorted()


def module(text: str) -> ast.Module:
    """The module of a text without errors, its common indentation taken off."""
    _, found, problems = read(dedent(text).lstrip("\n"))
    assert not problems, [f"{d.span.line}:{d.span.column} {d.message}" for d in problems]
    return found


def declaration(text: str) -> ast.Declaration:
    """The only declaration of a text."""
    (found,) = module(text).declarations
    return found


def expression(text: str) -> ast.Expr:
    report = Report()
    found = parse_condition(SourceFile("x.comity", "x", text), report)
    assert not report.diagnostics and found is not None, [d.message for d in report.diagnostics]
    return found


def formatted(text: str) -> str:
    source, found, problems = read(text)
    assert not problems, [f"{d.span.line}:{d.span.column} {d.message}" for d in problems]
    return format_module(source, found)


def underlined(source: SourceFile, d: Diagnostic) -> str:
    return source.text[d.span.start : d.span.end]
