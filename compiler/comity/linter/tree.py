"""Walks over surface trees, for rules that look at what is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TypeAlias, TypeVar

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
    surface.EnumDecl: "enum",
    surface.RecordDecl: "record",
    surface.SetDecl: "set",
    surface.ZoneDecl: "zone",
    surface.TableDecl: "table",
    surface.DefineDecl: "definition",
    surface.DecisionDecl: "decision",
    surface.RuleDecl: "rule",
    surface.PartyDecl: "party",
    surface.BodyDecl: "body",
    surface.AgreementDecl: "agreement",
    surface.ResponseDecl: "response",
    surface.ProveDecl: "proof",
    surface.CommitmentDecl: "commitment",
    surface.RedLineDecl: "red line",
    surface.WithdrawalDecl: "withdrawal",
    surface.RemedyDecl: "remedy",
}
"""What declarations with a name of their own are called in messages."""


def name_of(declaration: Declared) -> surface.Name | None:
    """The name that a declaration gives; None for tests, examples, capabilities and mirrors."""
    name = getattr(declaration, "name", None)
    return name if isinstance(name, surface.Name) else None


def cites_of(declaration: Declared) -> tuple[surface.Text, ...]:
    cites: tuple[surface.Text, ...] = getattr(declaration, "cites", ())
    return cites
