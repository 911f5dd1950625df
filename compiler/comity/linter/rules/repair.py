"""What fixes of the lint rules have in common: finding the clause that a finding is about, and taking it out."""

from __future__ import annotations

from collections.abc import Iterator

from comity.base.diagnostics import Diagnostic, Edit, Fix
from comity.base.source import Span
from comity.checked import ast as checked
from comity.linter.context import Context
from comity.linter.tree import Declared, declarations
from comity.surface import ast as surface


def module_of(context: Context, d: Diagnostic) -> checked.Module | None:
    """The module that a finding is about; None if it is not one to speak of."""
    return next((module for module in context.modules if module.source.path == d.span.path), None)


def declaration_of(module: checked.Module, span: Span) -> Declared | None:
    """The innermost declaration around a place."""
    around = [each for each in declarations(module.surface) if span.within(each.span)]
    return min(around, key=lambda each: each.span.end - each.span.start, default=None)


def removal(module: checked.Module, span: Span, group: str) -> Fix | None:
    """The fix that takes a clause out; None if a comment inside would be lost. Line ends and a comment behind the
    clause are not part of it.
    """
    if any(span.start < comment.span.start < span.end for comment in module.surface.comments):
        return None
    return Fix((Edit(span, ""),), group=group)


def clauses(rule: surface.RuleDecl) -> Iterator[surface.Node]:
    """The clauses of a rule that may follow its text, citations and window."""
    for node in (rule.for_each, *rule.precedence, rule.refer, rule.when, rule.unless, rule.then):
        if node is not None:
            yield node


def with_keyword(module: checked.Module, node: surface.Node, keyword: str) -> Span | None:
    """The span of a clause of which ``node`` is what follows the keyword."""
    text = module.source.text
    before = text[: node.span.start].rstrip()
    if not before.endswith(keyword):
        return None
    return module.source.span(len(before) - len(keyword), node.span.end)
