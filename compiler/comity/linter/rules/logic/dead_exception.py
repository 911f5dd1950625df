"""An exception that never makes a difference.

An `unless`, `notwithstanding`, `subject to` or `disapplies` without which every decision would be the same. Either it
is not needed, or it does not reach what it was meant for. The fix takes it out.

Fires on:

    rule chips for licensing:
        when item.eccn within 3A001
        unless item.eccn.category == 5  # L205
        then license_required

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        unless destination in NATO
        then license_required
"""

from __future__ import annotations

from comity.base.diagnostics import Diagnostic, Fix
from comity.base.source import Span
from comity.linter.context import Context
from comity.linter.rules.repair import declaration_of, module_of, removal, with_keyword
from comity.surface import ast as surface


def fix(context: Context, d: Diagnostic) -> Fix | None:
    """Take the clause out. Of several in one decision only one at a time: another may be needed then."""
    module = module_of(context, d)
    if module is None:
        return None
    declared = declaration_of(module, d.span)
    clause: Span | None = None
    match declared:
        case surface.RuleDecl(precedence=precedence, unless=unless, decision=decision):
            group = decision.parts[-1].text
            clause = next((each.span for each in precedence if each.span == d.span), None)
            if clause is None and unless is not None and d.span.within(unless.span):
                clause = with_keyword(module, unless, "unless")
        case surface.DecisionDecl(prevails=prevails, name=name):
            group = name.text
            clause = next((each.span for each in prevails if each.span == d.span and not each.cites), None)
        case _:
            return None
    return None if clause is None else removal(module, clause, f"L205 {group}")
