"""Which clauses of a commitment go together.

The grammar takes them in any combination. Some would say nothing, so that a ceiling or a day that the author wrote
bound nobody: `may deploy at most 3 Missile`, `shall not deploy Missile by 2030-01-01`. These are E111.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.base.source import Span
from comity.surface import ast as surface

_KINDS = {"shall not": "prohibition", "may": "permission"}


def unfit(node: surface.CommitmentDecl) -> Iterator[tuple[str, Span, str]]:
    """The clauses of a commitment that mean nothing beside its others: what is wrong, where, and what to write."""
    said = node.modality
    counts = said.limit is not None
    plain = said.kind == "shall" and not counts
    act = f"{said.verbs[0].text} {{}}{said.record.text}" if said.verbs else "{}"
    if said.limit is not None and said.kind != "shall":
        help = f"a ceiling is `shall {act.format('at most N ')}`, a minimum `at least N`; or leave the number out"
        yield f"a {_KINDS[said.kind]} has no number", said.limit.span, help
    if said.per is not None and not counts:
        help = f"say how many, as in `shall {act.format('at least 1 ')} per calendar year`"
        yield "a period without a number that is counted in it", said.per.span, help
    if said.deadline is not None and not (plain and node.ensure is None):
        if said.deadline.day is None:
            help = "say when it binds: `binding when …`"
        else:
            day = said.deadline.day.value
            help = f"say on which days it holds: `from {day}`, or `until {day}`"
        wrong = f"only a duty has a deadline: `shall {act.format('')}`, without a number or `ensure`"
        yield wrong, said.deadline.span, help
    if node.ensure is not None and not plain:
        if counts:
            yield "`ensure` says nothing of acts that are counted", node.ensure.span, "make it a commitment of its own"
        else:
            help = "write `unless` for `ensure`" if said.kind == "shall not" else "say in `when` what is permitted"
            yield f"`ensure` says nothing in a {_KINDS[said.kind]}", node.ensure.span, help
    if node.parity is not None and not counts:
        help = f"leave `parity per {node.parity}` out"
        yield "`parity` is about numbers, and this has none", said.span, help
