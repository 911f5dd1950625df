"""Walking terms: substitution for their free locals, and rewriting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from comity import terms
from comity.terms import Node, Term, children, parts

__all__ = ["BINDERS", "children", "rewrite", "substitute"]

BINDERS = terms.Filter | terms.Quantifier | terms.Count | terms.Sum
"""Nodes whose ``variable`` is bound everywhere in them but in ``source``."""


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """``term`` with free locals replaced by closed terms. What does not change is shared, not copied."""
    return _substitute(term, values) if values else term  # type: ignore[return-value]


def _substitute(value: object, values: Mapping[str, Term]) -> object:
    match value:
        case terms.Local(name=name):
            return values.get(name, value)
        case terms.Filter() | terms.Quantifier() | terms.Count() | terms.Sum():  # the BINDERS
            inner = {name: new for name, new in values.items() if name != value.variable}
            return _changed(value, lambda name: values if name == "source" else inner)
        case Node():
            return _changed(value, lambda _: values)
        case tuple():
            items = tuple(_substitute(item, values) for item in value)
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        case _:
            return value


def _changed(node: Node, values_for: Callable[[str], Mapping[str, Term]]) -> Node:
    changes: dict[str, object] = {}
    for name in parts(node):
        old = getattr(node, name)
        new = _substitute(old, values_for(name))
        if new is not old:
            changes[name] = new
    return replace(node, **changes) if changes else node  # type: ignore[arg-type]


def rewrite(term: Term, change: Callable[[Term], Term | None]) -> Term:
    """``term`` with every node for which ``change`` gives another replaced by it, from the top down.

    What is put in is not visited again. What does not change is shared, not copied.
    """
    return _rewrite(term, change)  # type: ignore[return-value]


def _rewrite(value: object, change: Callable[[Term], Term | None]) -> object:
    match value:
        case Node():
            if not isinstance(value, terms.Case) and (new := change(value)) is not None:  # type: ignore[arg-type]
                return new
            changes: dict[str, object] = {}
            for name in parts(value):
                old = getattr(value, name)
                new_part = _rewrite(old, change)
                if new_part is not old:
                    changes[name] = new_part
            return replace(value, **changes) if changes else value  # type: ignore[arg-type]
        case tuple():
            items = tuple(_rewrite(item, change) for item in value)
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        case _:
            return value
