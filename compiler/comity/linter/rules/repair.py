"""How fixes of proved findings edit the text: the clause that a finding is about is found, put in or taken out.

For example, L205 underlines `unless item.eccn.category == 5`; `take_out_clause` finds the rule around it, and the fix
deletes the clause with its keyword, unless a comment inside would be lost with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from comity.base.diagnostics import Applicability, Edit, Fix
from comity.base.source import Span
from comity.checked import ast as checked
from comity.core import ast as core
from comity.linter.context import Context
from comity.linter.tree import Declared, declarations, descend, name_of
from comity.runtime.light import dataclass
from comity.surface import ast as surface


@dataclass(frozen=True, slots=True)
class TextRepairs:
    """The texts under lint, as `analysis.questions.question.Repairs`."""

    context: Context

    @property
    def core(self) -> core.Program | None:
        return self.context.core

    def put_clause(self, rule: Span, clause: str, applicability: Applicability, group: str) -> Fix | None:
        module = module_of(self.context, rule)
        declared = None if module is None else declaration_of(module, rule)
        if module is None or not isinstance(declared, surface.RuleDecl):
            return None
        first = min(clauses(declared), key=lambda node: node.span.start, default=None)
        if first is None:
            return None
        text = module.source.line(first.span.line)
        indentation = text[: len(text) - len(text.lstrip())]
        start = first.span.start - (first.span.column - 1) + len(indentation)
        edit = Edit(module.source.span(start, start), f"{clause}\n{indentation}")
        return Fix((edit,), applicability, group)

    def take_out_clause(self, clause: Span) -> Fix | None:
        module = module_of(self.context, clause)
        if module is None:
            return None
        found: Span | None = None
        match declaration_of(module, clause):
            case surface.RuleDecl(precedence=precedence, unless=unless, decision=decision):
                group = decision.parts[-1].text
                found = next((each.span for each in precedence if each.span == clause), None)
                if found is None and unless is not None and clause.within(unless.span):
                    found = with_keyword(module, unless, "unless")
            case surface.DecisionDecl(prevails=prevails, name=name):
                group = name.text
                found = next((each.span for each in prevails if each.span == clause and not each.cites), None)
            case _:
                return None
        return None if found is None else removal(module, found, f"L205 {group}")

    def take_out_line(self, line: Span, value: bool) -> Fix | None:
        """Unsafe in a definition with parameters, where what holds was shown for known arguments only."""
        module = module_of(self.context, line)
        declared = None if module is None else declaration_of(module, line)
        name = None if declared is None else name_of(declared)
        if module is None or declared is None or name is None:
            return None
        for block in descend(declared, surface.Block):
            for each in block.lines:
                if line in (each.span, each.condition.span) and len(block.lines) > 1:
                    if value != (block.kind == "all"):
                        return None
                    found = removal(module, each.span, f"L208 {module.name}.{name.text}")
                    if found is not None and isinstance(declared, surface.DefineDecl) and declared.parameters:
                        return replace(found, applicability=Applicability.UNSAFE)
                    return found
        return None


def module_of(context: Context, span: Span) -> checked.Module | None:
    """The module of a place; None if it is not one to speak of."""
    return next((module for module in context.modules if module.source.path == span.path), None)


def declaration_of(module: checked.Module, span: Span) -> Declared | None:
    """The innermost declaration around a place."""
    start, end = span.start, span.end
    around = [
        each
        for each in declarations(module.surface)
        if each.span.start <= start and end <= each.span.end and each.span.path == span.path
    ]
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
