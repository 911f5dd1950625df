"""A name in another style than its kind is written in.

Rules, definitions, decisions, fields, commitments and their like are written `snake_case`, types `PascalCase`, so
that a reader tells them apart at sight. Members of enums, sets, parties and zones are written as the law writes
them. A file is a module: its name is written `snake_case` too.

Fires on:

    enum review_policy:  # H504
        approval
        denial

    define IsCostly for Export:  # H504
        value > 5_000 USD

    rule ListedParty for licensing:  # H504
        when any p in parties: p.listed
        then prohibited

    record Shipment:
        Weight: Mass  # H504

Quiet on:

    enum ReviewPolicy:
        approval
        DENIAL

    record Shipment:
        weight_2: Mass
        from_: Text  # `from` is a reserved word
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from comity.base.source import Span
from comity.linter.context import Context, Finding
from comity.linter.tree import KINDS, declarations
from comity.surface import ast as surface
from comity.surface.words import RESERVED

LOCAL = True

WORDS = re.compile(r"_?[^\W\d_][^\W_]*(_[^\W_]+)*")


def is_snake_case(name: str) -> bool:
    return WORDS.fullmatch(name) is not None and name == name.lower()


def is_pascal_case(name: str) -> bool:
    """Letters of a script without capitals begin a type as well."""
    bare = name.removeprefix("_")
    return WORDS.fullmatch(name) is not None and "_" not in bare and not bare[0].islower()


def snake_case(name: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", r"\1\3_\2", name)
    return re.sub(r"__+", "_", words).strip("_").lower()


def pascal_case(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def check(context: Context) -> Iterator[Finding]:
    for module in context.modules:
        last = module.name.rpartition(".")[2]
        if not is_snake_case(last) and module.source.path != "-":
            start = module.source.span(0, 0)
            yield _finding("module", surface.Name(last, span=start), "snake_case", snake_case(last))
        for declaration in declarations(module.surface):
            match declaration:
                case surface.EnumDecl() | surface.RecordDecl():
                    name = declaration.name
                    if not is_pascal_case(name.text):
                        yield _finding(KINDS[declaration.__class__], name, "PascalCase", pascal_case(name.text))
                case (
                    surface.DefineDecl()
                    | surface.DecisionDecl()
                    | surface.RuleDecl()
                    | surface.TableDecl()
                    | surface.ProveDecl()
                    | surface.AgreementDecl()
                    | surface.CommitmentDecl()
                    | surface.RedLineDecl()
                    | surface.WithdrawalDecl()
                    | surface.RemedyDecl()
                    | surface.ResponseDecl()
                ):
                    yield from _snake(KINDS[declaration.__class__], declaration.name)
                case _:
                    pass
            match declaration:
                case surface.RecordDecl():
                    for item in declaration.items:
                        if isinstance(item, surface.FieldDecl):
                            yield from _snake("field", item.name)
                case surface.DefineDecl() | surface.TableDecl():
                    for parameter in declaration.parameters:
                        yield from _snake("parameter", parameter.name)
                case _:
                    pass


def _snake(kind: str, name: surface.Name) -> Iterator[Finding]:
    if not is_snake_case(name.text) and name.text.removesuffix("_") not in RESERVED:
        yield _finding(kind, name, "snake_case", snake_case(name.text))


def _finding(kind: str, name: surface.Name, style: str, better: str) -> Finding:
    span: Span = name.span
    help = f"write `{better}`" if better and better != name.text and better not in RESERVED else None
    return Finding(f"{kind} `{name.text}` is not written in {style}", span, {"subjects": (name.text,), "help": help})
