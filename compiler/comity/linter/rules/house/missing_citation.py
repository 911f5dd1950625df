"""A rule, definition or commitment names no source.

Whoever acts on an outcome must be able to check it against the text it comes from: the citation follows the
outcome to the user. Write `cite "…"` below the declaration's text; several are allowed.

Fires on:

    rule listed for licensing:  # H501
        "Nothing goes to a listed party"
        when any p in parties: p.listed
        then prohibited

    define costly for Export:  # H501
        "Worth more than the limit"
        value > 5_000 USD

Quiet on:

    rule listed for licensing:
        "Nothing goes to a listed party"
        cite "15 CFR 744.11(a)"
        when any p in parties: p.listed
        then prohibited
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.linter.context import Context, Finding
from comity.linter.tree import KINDS, declarations
from comity.surface import ast as surface

LOCAL = True


def check(context: Context) -> Iterator[Finding]:
    for module in context.modules:
        for declaration in declarations(module.surface):
            match declaration:
                case surface.RuleDecl() | surface.DefineDecl() | surface.CommitmentDecl() if not declaration.cites:
                    name = declaration.name
                    yield Finding(
                        f"{KINDS[declaration.__class__]} `{name.text}` cites no source",
                        name.span,
                        {"subjects": (name.text,), "help": 'name the clause it comes from: `cite "…"`'},
                    )
                case _:
                    pass
