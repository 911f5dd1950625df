"""Runs the lint rules: adds code and severity to their findings, applies settings and suppressions."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from comity.config import Config, matches
from comity.diagnostics import Diagnostic, diagnostic
from comity.linter.context import Context
from comity.linter.rules import RULES
from comity.linter.suppressions import hide
from comity.source import SourceFile

__all__ = ["Context", "fingerprints", "order", "run"]


def wanted(code: str, config: Config, opt_in: bool = False) -> bool:
    """Do the settings ask for ``code``? An ``opt_in`` rule they must name. E-codes are always asked for."""
    if code.startswith("E"):
        return True
    asked = code in config.select if opt_in else not config.select or matches(code, config.select)
    return asked and not matches(code, config.ignore)


def run(context: Context, diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings about the modules of ``context``, with those ``diagnostics`` that the passes gave.

    A rule that the settings do not ask for is not run, so that it costs nothing.
    """
    paths = {module.source.path for module in context.modules}
    found = list(diagnostics)
    ran = set()
    for rule in RULES:
        if wanted(rule.code, context.config, rule.opt_in) and (context.core is not None or not rule.whole):
            ran.add(rule.code)
            found += [d for d in rule.find(context) if d.span.path in paths]
    found, idle = hide(found, context, ran)
    if wanted("H507", context.config):
        found += [diagnostic("H507", finding.message, finding.span, **finding.details) for finding in idle]
    return sorted(leveled(found, context), key=order)


def leveled(diagnostics: Iterable[Diagnostic], context: Context) -> Iterator[Diagnostic]:
    """With the severity that `[[severity]]` gives each; the last section that speaks of a finding wins."""
    for d in diagnostics:
        if d.code.startswith("E"):
            yield d
            continue
        path = PurePosixPath(d.span.path)
        inside = str(path.relative_to(context.root)) if path.is_relative_to(context.root) else d.span.path
        level = next((s.level for s in reversed(context.config.severity) if s.covers(inside, d.code)), d.severity)
        if level is not None:
            yield d if level is d.severity else replace(d, severity=level)


def order(d: Diagnostic) -> tuple[object, ...]:
    """By path and position, then code; the order in which findings are shown."""
    return d.span.path, d.span.start, d.span.end, d.code, d.message


def fingerprints(diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile]) -> list[str]:
    """One stable mark per finding: unchanged while lines above it come and go, or the project moves.

    Made of code, module, subjects, and the text of the line it stands on; equal ones are numbered in order.
    """
    seen: Counter[str] = Counter()
    marks = []
    for d in diagnostics:
        source = sources.get(d.span.path)
        place = source.module if source else d.span.path
        line = source.line(d.span.line).strip() if source else ""
        key = "\n".join((d.code, place, *d.subjects, line))
        seen[key] += 1
        marks.append(hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest()[:16])
    return marks
