"""Runs the lint rules: adds code and severity to their findings, applies settings and suppressions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from comity.base.diagnostics import Diagnostic, diagnostic
from comity.base.workers import aside
from comity.checked.ast import Module
from comity.linter.context import Context
from comity.linter.kept import Plain, ToKeep, keep_memory
from comity.linter.marks import order
from comity.linter.rules import RULES, Rule
from comity.linter.suppressions import Suppression, hide, suppressions
from comity.workspace.config import Config, matches

__all__ = ["Context", "codes_run", "codes_to_ask", "conclude", "read_suppressions", "run", "select_rules"]

OPEN = "L200"
"""The code of questions that a proof left open."""


LEAST_BESIDE = 50_000
"""Characters of policies from which house rules are run by a copy of this process. They take a tenth of a second then,
and a copy some hundredths.
"""


def wanted(code: str, config: Config, opt_in: bool = False) -> bool:
    """Do the settings ask for ``code``? An ``opt_in`` rule they must name. E-codes are always asked for."""
    if code.startswith("E"):
        return True
    asked = code in config.select if opt_in else not config.select or matches(code, config.select)
    return asked and not matches(code, config.ignore)


def run(
    context: Context, diagnostics: Sequence[Diagnostic], house: ToKeep | None = None, jobs: int = 1
) -> list[Diagnostic]:
    """The findings about the modules of ``context``, with those ``diagnostics`` that the passes gave. ``house``: where
    to note what house rules find and remember. ``jobs``: how many processes may be at it.

    A rule that the settings do not ask for is not run, so that it costs nothing. House rules are run beside the proofs,
    of which they need nothing.
    """
    paths = {module.source.path for module in context.modules}
    rules = [rule for rule in select_rules(context.config) if context.core is not None or not rule.whole]
    context = replace(context, codes=codes_to_ask(context.config))

    def by_house_rules() -> tuple[dict[str, list[Diagnostic]], Plain]:
        found = {rule.code: list(rule.find(context)) for rule in rules if not rule.is_proved}
        return found, None if house is None else keep_memory(context.memory)

    proved = [rule for rule in rules if rule.is_proved]
    is_long = sum(len(module.source.text) for module in context.modules) >= LEAST_BESIDE
    with aside(by_house_rules, jobs if proved and is_long else 1) as result:
        found = {rule.code: list(rule.find(context)) for rule in proved}
        by_house, memory = result()
    if house is not None:
        house.found, house.memory = by_house, memory
    found |= by_house
    about = [*diagnostics, *(d for rule in rules for d in found[rule.code] if d.span.path in paths)]
    return conclude(about, context, codes_run(rules, context.config), read_suppressions(context.modules))


def select_rules(config: Config) -> list[Rule]:
    """The rules that the settings ask for. One that is found by proof brings L200 along: what was left open of it."""
    codes = {rule.code for rule in RULES if wanted(rule.code, config, rule.opt_in)}
    proved = any(rule.is_proved and rule.code in codes for rule in RULES)
    if proved and not matches(OPEN, config.ignore):
        codes.add(OPEN)
    return [rule for rule in RULES if rule.code in codes]


def codes_to_ask(config: Config) -> frozenset[str]:
    """The codes whose questions are asked: those that the settings ask for.

    Whoever selects L200 by name wants to know what is left open of any question, so that all are asked. Where other
    codes bring it along it is not among them.
    """
    chosen = [rule for rule in RULES if wanted(rule.code, config, rule.opt_in)]
    if config.select and wanted(OPEN, config):
        chosen += [rule for rule in RULES if rule.is_proved and not matches(rule.code, config.ignore)]
    return frozenset(rule.code for rule in chosen)


def codes_run(rules: Iterable[Rule], config: Config) -> frozenset[str]:
    """The codes of which ``rules`` that have been run find every case, so that a comment about one may be idle."""
    return codes_to_ask(config) & {rule.code for rule in rules}


def read_suppressions(modules: Iterable[Module]) -> list[Suppression]:
    """The suppressing comments of modules."""
    return [each for module in modules for each in suppressions(module)]


def conclude(
    found: Sequence[Diagnostic], context: Context, ran: Collection[str], comments: Sequence[Suppression]
) -> list[Diagnostic]:
    """What is left of the findings, in order, when suppressing ``comments`` and the settings have had their say.

    ``ran``: the codes that were looked for.
    """
    left, idle = hide(found, comments, ran)
    if wanted("H507", context.config):
        left += [diagnostic("H507", finding.message, finding.span, **finding.details) for finding in idle]
    return sorted(with_severities(left, context), key=order)


def with_severities(diagnostics: Iterable[Diagnostic], context: Context) -> Iterator[Diagnostic]:
    """With the severity that `[[severity]]` gives each; the last section that speaks of a finding wins."""
    if not context.config.severity:
        yield from diagnostics
        return
    for d in diagnostics:
        if d.code.startswith("E"):
            yield d
            continue
        path = PurePosixPath(d.span.path)
        inside = str(path.relative_to(context.root)) if path.is_relative_to(context.root) else d.span.path
        level = next((s.level for s in reversed(context.config.severity) if s.covers(inside, d.code)), d.severity)
        if level is not None:
            yield d if level is d.severity else replace(d, severity=level)
