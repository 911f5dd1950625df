"""Walks over trees, for rules that look at what is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TypeAlias, TypeVar

from comity.checked.scope import KINDS as NAMED_KINDS
from comity.surface import ast as surface

T = TypeVar("T")

Declared: TypeAlias = surface.Declaration | surface.AgreementItem
"""Whatever is declared: at the top of a file, or inside an agreement."""


def declarations(module: surface.Module) -> Iterator[Declared]:
    """Every declaration of a module in written order, an agreement before its items."""
    for declaration in module.declarations:
        yield declaration
        if isinstance(declaration, surface.AgreementDecl):
            yield from declaration.items


def descend(node: object, kind: type[T]) -> Iterator[T]:
    """``node`` and all nodes below it that are a ``kind``, in written order of fields."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, kind):
            yield here
        if isinstance(here, tuple):
            waiting.extend(reversed(here))
        elif is_dataclass(here):
            waiting.extend(getattr(here, f.name) for f in reversed(fields(here)) if f.name != "span")


KINDS: dict[type, str] = {
    **NAMED_KINDS,
    surface.CommitmentDecl: "commitment",
    surface.RedLineDecl: "red line",
    surface.WithdrawalDecl: "withdrawal",
    surface.RemedyDecl: "remedy",
}
"""What declarations with a name are called in messages."""


def name_of(declaration: surface.Node | None) -> surface.Name | None:
    """The name that a declaration gives; None for tests, examples, capabilities, mirrors and None."""
    name = getattr(declaration, "name", None)
    return name if isinstance(name, surface.Name) else None


STANDARD_PREFIX = "std."
"""Begins the names of modules of the standard library."""
