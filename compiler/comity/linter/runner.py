"""Runs the lint rules: adds code and severity to their findings, applies settings and suppressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from comity.config import Config, matches
from comity.diagnostics import Diagnostic, diagnostic
from comity.linter.context import Context
from comity.linter.marks import order
from comity.linter.rules import RULES
from comity.linter.suppressions import hide

__all__ = ["Context", "run"]


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
    asked = [rule for rule in RULES if wanted(rule.code, context.config, rule.opt_in)]
    context = replace(context, codes=frozenset(rule.code for rule in asked))
    ran = set()
    for rule in asked:
        if context.core is not None or not rule.whole:
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
