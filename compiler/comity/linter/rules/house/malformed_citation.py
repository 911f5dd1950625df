"""A citation is not written as any of the project's patterns say.

`citation-patterns` in `comity.toml` lists regular expressions, one of which must be found in every `cite` (anchor
them with `^` and `$` to match the whole); without them nothing is checked. Citations written alike can be searched,
linked and counted.

Settings: citation-patterns = ['^[0-9]+ CFR [0-9]+([.][0-9]+)?([(][a-z0-9]+[)])*$']

Fires on:

    rule listed for licensing:
        cite "§ 744.11"  # H508
        when any p in parties: p.listed
        then prohibited

Quiet on:

    rule listed for licensing:
        cite "15 CFR 744.11(a)"
        when any p in parties: p.listed
        then prohibited
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.linter.context import Context, Finding
from comity.linter.tree import declarations, descend, name_of
from comity.surface import ast as surface

LOCAL = True


def check(context: Context) -> Iterator[Finding]:
    patterns = context.config.citation_patterns
    if not patterns:
        return
    for module in context.modules:
        for declaration in declarations(module.surface):
            name = name_of(declaration)
            for cite in _cites(declaration):
                if not any(pattern.search(cite.value) for pattern in patterns):
                    yield Finding(
                        f'citation "{cite.value}" matches none of the patterns of this project',
                        cite.span,
                        {"subjects": (name.text,) if name else (), "help": f"patterns: {_listed(context)}"},
                    )


def _cites(declaration: object) -> Iterator[surface.Text]:
    """All citations of a declaration, those of its parts too; an agreement's items come by themselves."""
    if isinstance(declaration, surface.AgreementDecl):
        yield from declaration.cites
        return
    for node in descend(declaration, surface.Node):
        yield from getattr(node, "cites", ())


def _listed(context: Context) -> str:
    return ", ".join(f"`{pattern.pattern}`" for pattern in context.config.citation_patterns)
