"""Whether a term may be put where a local is.

Example: with `define risky(p) = p.listed and p.country in high_risk`, `risky(end_user)` may be written with the body,
in which `p` is now `end_user`: reading that twice costs nothing. It may not where a binder of the body has a variable
by the name of a local in the argument: with `any p in parties: p == q` for a body, and `p.owner` for `q`, the `p` of
the argument would become that of the quantifier.
"""

from __future__ import annotations

from comity import terms
from comity.backends.python.nullability import free_locals
from comity.core.walk import BINDERS, children
from comity.terms import Term


def is_path(term: Term) -> bool:
    """A fact read by its path, cheap enough to read twice."""
    return isinstance(term, terms.Local) or (isinstance(term, terms.Field) and is_path(term.base))


def captures(body: Term, value: Term) -> bool:
    """Whether a binder in ``body`` would catch a local of ``value`` put there."""
    mine = isinstance(body, BINDERS) and body.variable in free_locals(value)
    return mine or any(captures(child, value) for child in children(body))
