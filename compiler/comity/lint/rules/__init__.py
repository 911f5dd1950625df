"""The lint rules in the order in which they run. A rule is one file; its docstring is its page."""

from __future__ import annotations

from types import ModuleType

from comity.diagnostics import CODES
from comity.lint.context import Rule
from comity.lint.rules.house import (
    expired,
    malformed_citation,
    missing_citation,
    missing_doc,
    naming,
    stale_source,
    unused,
)


def _rule(module: ModuleType) -> Rule:
    """The rule of a module; its file is called after the code's name."""
    name = module.__name__.rpartition(".")[2].replace("_", "-")
    code = next(code for code in CODES.values() if code.name == name)
    return Rule(code.code, module.check, getattr(module, "WHOLE", False))


RULES: tuple[Rule, ...] = tuple(
    _rule(module)
    for module in (
        missing_citation,
        missing_doc,
        unused,
        naming,
        expired,
        malformed_citation,
        stale_source,
    )
)
