"""A definition, set, enum or import that nothing uses.

What nothing uses misleads: a reader takes it for part of the law. Tests and proofs count as use. The fix takes an
import away; a declaration is for the author to delete, or to use.

Fires on:

    use std.ear: Group  # H503

    define costly for Export:  # H503
        value > 5_000 USD

    set ALLIES: Country = {BE, CA}  # H503

    enum Mood:  # H503
        good
        bad

Quiet on:

    define costly for Export:
        value > 5_000 USD

    rule dear for licensing:
        when costly
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from comity.base.diagnostics import replacement
from comity.base.source import Span
from comity.checked import ast as checked
from comity.linter.context import Context, Finding
from comity.linter.tree import KINDS
from comity.surface import ast as surface

BY_REFERENCES = True
WHOLE = True
"""With errors about, what looks unused may be used by what could not be read."""


def check(context: Context) -> Iterator[Finding]:
    uses: dict[str, list[Span]] = {}
    for reference in context.program.references:
        uses.setdefault(reference.qname, []).append(reference.span)
    imports = {
        (span.path, span.start)
        for module in context.program.modules.values()
        for use in module.surface.uses
        for span in (use.span, *(name.span for name in use.names or ()))
    }
    used: dict[str, set[str]] = {}  # qualified names by the file that uses them
    for reference in context.program.references:
        if (reference.span.path, reference.span.start) not in imports:
            used.setdefault(reference.span.path, set()).add(reference.qname)
    for module in context.modules:
        for declaration in module.surface.declarations:
            match declaration:
                case surface.DefineDecl() | surface.SetDecl() | surface.EnumDecl():
                    name, inside = declaration.name, declaration.span
                    spans = uses.get(f"{module.name}.{name.text}", [])
                    if all(span.within(inside) or (span.path, span.start) in imports for span in spans):
                        kind = KINDS[declaration.__class__]
                        yield Finding(f"nothing uses {kind} `{name.text}`", name.span, {"subjects": (name.text,)})
                case _:
                    pass
        yield from _imports(module, used.get(module.source.path, set()))


def _imports(module: checked.Module, used: AbstractSet[str]) -> Iterator[Finding]:
    """Imports of ``module`` that it does not use. ``used``: what it uses, by qualified name."""
    for use in module.surface.uses:
        source = use.module.text
        if use.names is None:
            if not any(qname.startswith(source + ".") for qname in used):
                fix = replacement(use.span, "")
                yield Finding(f"nothing of `{source}` is used", use.span, {"subjects": (source,), "fix": fix})
            continue
        unused = [name for name in use.names if f"{source}.{name.text}" not in used]
        kept = ", ".join(name.text for name in use.names if name not in unused)
        fix = replacement(use.span, f"use {source}: {kept}" if kept else "")
        for name in unused:
            yield Finding(f"import `{name.text}` is not used", name.span, {"subjects": (name.text,), "fix": fix})
