"""Two rules give one input different outcomes, and nothing says which prevails.

A user who meets both would get an answer from neither: at run time this is an error, not a choice. The witness is
facts that both rules decide. Say which prevails, by `notwithstanding` or `subject to` on a rule, or by a `prevail`
line in the decision. The fix, which is unsafe, lets the stricter outcome prevail.

Fires on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:  # L201
        when destination in NATO
        then exception_available

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:
        notwithstanding chips
        when destination in NATO
        then exception_available
"""

from __future__ import annotations

from comity.base.diagnostics import Applicability, Diagnostic, Edit, Fix
from comity.core import ast as core
from comity.linter.context import Context
from comity.linter.rules.repair import clauses, declaration_of, module_of
from comity.surface import ast as surface


def fix(context: Context, d: Diagnostic) -> Fix | None:
    """Let the stricter outcome prevail. Unsafe: only the law can say which does."""
    module = module_of(context, d)
    declared = None if module is None else declaration_of(module, d.span)
    if module is None or not isinstance(declared, surface.RuleDecl) or context.core is None or not d.related:
        return None
    found = _rules(context.core, d)
    if found is None:
        return None
    decision, rule, other = found
    outcomes = decision.outcomes.members
    if rule.outcome not in outcomes or other.outcome not in outcomes:
        return None
    prevails = outcomes.index(rule.outcome) < outcomes.index(other.outcome)
    alike = {each.module for each in decision.rules if each.family == other.family}
    name = other.family if len(alike) == 1 else f"{other.module}.{other.family}"
    written = f"{'notwithstanding' if prevails else 'subject to'} {name}"
    first = min(clauses(declared), key=lambda node: node.span.start, default=None)
    if first is None:
        return None
    text = module.source.line(first.span.line)
    indentation = text[: len(text) - len(text.lstrip())]
    start = first.span.start - (first.span.column - 1) + len(indentation)
    edit = Edit(module.source.span(start, start), f"{written}\n{indentation}")
    return Fix((edit,), Applicability.UNSAFE, f"L201 {decision.qname}")


def _rules(program: core.Program, d: Diagnostic) -> tuple[core.Decision, core.Rule, core.Rule] | None:
    """The decision and the two rules that a finding is about."""
    for decision in program.decisions.values():
        rules = {rule.span: rule for rule in decision.rules}
        if d.span in rules and d.related[0].span in rules:
            return decision, rules[d.span], rules[d.related[0].span]
    return None
