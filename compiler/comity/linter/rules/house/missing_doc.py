"""A declaration that others see says nothing about itself.

Decisions, rules, definitions, records, agreements, commitments and responses appear in answers, reports and
compiled packages; enums, sets and tables do where another module uses them. Their text is what a reader has
there: a string on the first line of the block. A file shows what it is about in the same way. A name that begins
with an underscore is the author's own affair.

Fires on:

    define costly for Export:  # H502
        cite "15 CFR 740.3"
        value > 5_000 USD

    decision review for Export:  # H502
        outcomes:
            denial
            approval
        otherwise approval

Quiet on:

    define costly for Export:
        "Worth more than the limit for shipments of limited value"
        cite "15 CFR 740.3"
        value > 5_000 USD

    define _cheap for Export:
        cite "15 CFR 740.3"
        value < 100 USD

    set MINE: Country = {BE, CA}
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.linter.context import Context, Finding
from comity.linter.tree import KINDS, declarations
from comity.surface import ast as surface

LOCAL = True
BY_REFERENCES = True


def check(context: Context) -> Iterator[Finding]:
    shared: frozenset[str] | None = None
    for module in context.modules:
        for declaration in declarations(module.surface):
            match declaration:
                case (
                    surface.DecisionDecl()
                    | surface.RuleDecl()
                    | surface.DefineDecl()
                    | surface.RecordDecl()
                    | surface.AgreementDecl()
                    | surface.CommitmentDecl()
                    | surface.ResponseDecl()
                ):
                    seen = True
                case surface.EnumDecl() | surface.SetDecl() | surface.TableDecl():
                    shared = _used_elsewhere(context) if shared is None else shared
                    seen = f"{module.name}.{declaration.name.text}" in shared
                case _:
                    continue
            name = declaration.name
            if seen and declaration.doc is None and not name.text.startswith("_"):
                yield Finding(
                    f"{KINDS[declaration.__class__]} `{name.text}` has no text that says what it is",
                    name.span,
                    {"subjects": (name.text,), "help": "describe it in a string on the first line of its block"},
                )


def _used_elsewhere(context: Context) -> frozenset[str]:
    """Qualified names that a module other than their own uses."""
    paths = {module.name: module.source.path for module in context.program.modules.values()}
    return frozenset(qname for path, qname in context.program.used if paths.get(qname.rpartition(".")[0]) != path)
