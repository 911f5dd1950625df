"""A line that is always true, or always false, where it stands.

Judged over the inputs that keep the `always` lines, fall in the window and pass the lines above it; in a definition
with parameters, where these are known. It can go, or it does not say what was meant. A line that is the reason why its
rule never applies is not reported beside that (L202), but any other line of such a rule is. The fix takes the line out
where the other lines of its block say the same without it.

Fires on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            item.eccn.category == 3  # L208
            destination == RU
        then license_required

    define is_chip for Export:
        item.eccn within 3A001 and item.eccn.category == 4  # L208

Quiet on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            destination == RU
        then license_required
"""

from __future__ import annotations

from dataclasses import replace

from comity.base.diagnostics import Applicability, Diagnostic, Fix
from comity.linter.context import Context
from comity.linter.rules.repair import declaration_of, module_of, removal
from comity.linter.tree import descend, name_of
from comity.surface import ast as surface


def fix(context: Context, d: Diagnostic) -> Fix | None:
    """Take the line out where its block says the same without it: always true in `all:`, always false elsewhere.

    Unsafe in a definition with parameters, where what holds was shown for known arguments only.
    """
    module = module_of(context, d)
    declared = None if module is None else declaration_of(module, d.span)
    name = None if declared is None else name_of(declared)
    if module is None or declared is None or name is None:
        return None
    is_true = d.message.startswith("this line is always true")
    for block in descend(declared, surface.Block):
        for line in block.lines:
            if d.span in (line.span, line.condition.span) and len(block.lines) > 1:
                if is_true != (block.kind == "all"):
                    return None
                found = removal(module, line.span, f"L208 {module.name}.{name.text}")
                if found is not None and isinstance(declared, surface.DefineDecl) and declared.parameters:
                    return replace(found, applicability=Applicability.UNSAFE)
                return found
    return None
