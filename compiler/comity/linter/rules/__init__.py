"""The lint rules, in the order of their codes. A rule is one line in `CODES` and one file; its docstring is its page.

The file is called after the code's name, in the folder of its family (`file_of`). For example, H503 `unused` is
`linter/rules/house/unused.py`, and L204 `redundant-rule` is `analysis/questions/redundant_rule.py`. A house rule's
file has a function `check`. The codes of the other families are found by the analysis, all of a family in one go. Where
findings can be fixed, the file has a function `fix`, which makes the `Fix` of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from comity.base.diagnostics import CODES, Diagnostic, Fix, diagnostic
from comity.runtime.light import dataclass

if TYPE_CHECKING:  # pages are found without what rules look at
    from comity.linter.context import Context
    from comity.linter.rules.repair import TextRepairs

FOLDERS = {
    "L": "analysis/questions",
    "R": "analysis/reciprocity",
    "S": "analysis/responses",
    "H": "linter/rules/house",
}
"""Where the files of a family are, below the package."""

AFTERWARDS = "H507"
"""The code that the runner finds itself, when it knows which comments have hidden something."""


def file_of(code: str) -> str:
    """The file of a rule, below the package, without `.py`."""
    return f"{FOLDERS[code[0]]}/{CODES[code].name.replace('-', '_')}"


@dataclass(frozen=True)
class Rule:
    """One lint rule.

    ``whole``: it judges the program as a whole, and is not run while there are errors anywhere, for what it sees
    would not be the program. ``opt_in``: it is run only where its code is selected by name. ``local``: what it says of
    a module follows from the text of that module (``by_references``: from what is used where, too).
    """

    code: str

    @cached_property
    def module(self) -> ModuleType:
        """Its file, imported when it is needed."""
        return import_module(f"comity.{file_of(self.code).replace('/', '.')}")

    @property
    def is_proved(self) -> bool:
        """It is found by the analysis."""
        return not self.code.startswith("H")

    @property
    def whole(self) -> bool:
        return self.is_proved or getattr(self.module, "WHOLE", False)

    @property
    def opt_in(self) -> bool:
        return not self.is_proved and getattr(self.module, "OPT_IN", False)

    @property
    def local(self) -> bool:
        return not self.is_proved and getattr(self.module, "LOCAL", False)

    @property
    def by_references(self) -> bool:
        return not self.is_proved and getattr(self.module, "BY_REFERENCES", False)

    def find(self, context: Context) -> Iterator[Diagnostic]:
        """Everything the rule has to say, about whatever file."""
        if not self.is_proved:
            for finding in self.module.check(context):
                yield diagnostic(self.code, finding.message, finding.span, **finding.details)
            return
        found = context.proved(self.code)
        fix: Callable[[TextRepairs, Diagnostic], Fix | None] | None = getattr(self.module, "fix", None)
        if fix is None or not found:
            yield from found
            return
        from comity.linter.rules.repair import TextRepairs

        repairs = TextRepairs(context)
        for d in found:
            yield replace(d, fix=fix(repairs, d))


RULES: tuple[Rule, ...] = tuple(Rule(code) for code in CODES if code[0] in FOLDERS and code != AFTERWARDS)
