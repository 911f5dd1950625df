"""Packages built again after edits, of which the files that follow from the same are taken from the build before."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from random import Random

from comity.backends.python import emit
from comity.backends.python.package import emit_after
from comity.backends.python.units import Before, Unit, decoded_units, encoded_units
from comity.core.ast import Program
from comity.core.digests import Digests
from comity.pipeline.driver import build
from comity.pipeline.parsing import Parser
from comity.workspace.project import select_one

from ..session import edits as texts_edited

PACKAGE = "rebuilt"


class Rebuilding:
    """A package that is built again and again. ``ways``: how many of its units were taken as they were, or made."""

    def __init__(self, ways: Counter[str]) -> None:
        self.ways = ways
        self.files: dict[str, str] = {}
        self.units: Mapping[str, Unit] = {}

    def differing(self, program: Program) -> list[str]:
        """The files that are not what a build of its own makes of a program."""
        before = Before(Digests(program), decoded_units(encoded_units("key", self.units), "key"), self._read)
        files, units = emit_after(program, PACKAGE, before)
        wanted = emit(program, PACKAGE)
        self.ways.update("taken" if self.units.get(name) == unit else "made" for name, unit in units.items())
        self.files, self.units = files, units
        return [path for path in {**files, **wanted} if files.get(path) != wanted.get(path)]

    def _read(self, path: str, digest: str) -> str | None:
        text = self.files.get(path)
        return text if text is not None and sha256(text.encode()).hexdigest() == digest else None


def differing(folder: Path, texts: Mapping[str, str], seed: int, edits: int, ways: Counter[str]) -> str | None:
    """What is not built after one of so many edits as by a build of its own; None if nothing is."""
    typist = texts_edited.Typist(Random(seed), texts)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    rebuilding, mistaken = Rebuilding(ways), False
    for number in range(edits + 1):
        if number:
            name = typist.edit(mistaken)
            (folder / name).write_text(typist.texts[name], "utf-8")
        made = build(select_one([folder]))
        mistaken = bool(made.errors)
        wrong = None if mistaken else rebuilding.differing(made.program)
        if wrong:
            return f"after {number} edits: {', '.join(wrong)}"
    return None


def differing_law(place: Path, seed: int, edits: int, ways: Counter[str]) -> str | None:
    """The same of ordinary edits of the export control regulations, every third of which is one of a text alone."""
    law = place / "policies"
    left_out = shutil.ignore_patterns("raw", "geneva", "responses", "treaties")
    shutil.copytree(texts_edited.POLICIES, law, ignore=left_out)
    texts = {file: file.read_text("utf-8") for file in sorted((law / "ear").glob("*.comity"))}
    random, rebuilding, parse = Random(seed), Rebuilding(ways), Parser(None).parse
    for number, what in enumerate(_edits(random, texts, edits)):
        made = build(select_one([law]), parsed_by=parse)
        wrong = [] if made.errors else rebuilding.differing(made.program)
        if wrong:
            return f"after {number} edits, {what}: {', '.join(wrong)}"
    return None


def _edits(random: Random, texts: dict[Path, str], edits: int) -> Iterator[str]:
    yield "nothing"
    for number in range(edits):
        edit = _edit_text if number % 3 == 0 else texts_edited.edit_ordinarily
        file, what = edit(random, texts)
        file.write_text(texts[file], "utf-8")
        yield what


def _edit_text(random: Random, texts: dict[Path, str]) -> tuple[Path, str]:
    """Put a word into what people read of a declaration; the file, and what was done."""
    while True:
        file = random.choice(list(texts))
        places = [
            n for n, line in enumerate(texts[file].splitlines()) if line.startswith('    "') and line.endswith('"')
        ]
        if places:
            lines = texts[file].splitlines(keepends=True)
            place = random.choice(places)
            lines[place] = lines[place].replace('    "', '    "Namely ', 1)
            texts[file] = "".join(lines)
            return file, f"a word in line {place + 1} of {file.name}"


__all__ = ["Rebuilding", "differing", "differing_law"]
