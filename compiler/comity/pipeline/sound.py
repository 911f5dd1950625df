"""Programs that are known to have no errors, by what they mean, so that nothing is proved again after a text is edited.

Whether a proof finds an error follows from the program without its texts and without its places in files. A build,
which asks for errors alone, looks here before it lints:

    rule cuba for licensing:
        "Cuba: all items"            another text: the same meaning, so what was proved holds still
        when destination == CU       another country: another meaning, so the program is linted

Where anything but the meaning may tell whether a finding is an error (a `[[severity]]` that makes errors of findings, a
comment that hides some), nothing is said. An entry counts only if it is this user's own file, and names its key itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.base.diagnostics import CODES, Severity
from comity.core.digests import Digests, joined
from comity.linter.runner import read_suppressions
from comity.pipeline.driver import Build
from comity.pipeline.found import key_of
from comity.surface.packed import tests_of
from comity.workspace import cache as kept
from comity.workspace.project import Selection, display


class Soundness:
    """What is known of a build, whose passes found no errors: whether a lint of all its files finds some.

    ``digests``: those of its program; without them nothing is known.
    """

    def __init__(self, made: Build, selection: Selection, store: kept.Store | None, digests: Digests | None) -> None:
        self.store = store
        told = store is not None and digests is not None and _is_told_by_meaning(made)
        self.key = _key(made, selection, digests) if told and digests is not None else None

    @property
    def known(self) -> bool:
        """Whether a program of this meaning was linted, and no error was found."""
        if self.store is None or self.key is None:
            return False
        return self.store.get(self.key, own=True) == self.key.encode()

    def keep(self) -> None:
        """Keep that a lint has found no error."""
        if self.store is not None and self.key is not None and kept.intact():
            self.store.put(self.key, self.key.encode())


def _is_told_by_meaning(made: Build) -> bool:
    """Whether errors follow from the meaning: house rules, which read texts, give none, and no comment hides one."""
    if any(section.level is Severity.ERROR for section in made.project.config.severity):
        return False
    hidden = {code for comment in read_suppressions(made.checked.modules.values()) for code, _ in comment.codes}
    return not any(code not in CODES or CODES[code].severity is Severity.ERROR for code in hidden)


def _key(made: Build, selection: Selection, digests: Digests) -> str:
    files = {name: display(file) for name, file in selection.project.files.items()}
    meaning = joined((digests.whole(), digests.places)).hex()
    return kept.key("sound", key_of(selection, {}, None), files, meaning, list(_tests(made)))


def _tests(made: Build) -> Iterator[str]:
    """The texts of tests and examples, whose facts are tried as witnesses, and of what names them."""
    for module in made.checked.modules.values():
        text = module.source.text
        tests = tests_of(text)
        uses = [text[node.span.start : node.span.end] for node in module.surface.uses] if tests else []
        for each in (*uses, *tests):
            yield kept.digest(each.encode())


__all__ = ["Soundness"]
