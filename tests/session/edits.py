"""Random edits of the texts of a project, as they are typed: mostly one token for another, sometimes much else."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

from comity.pipeline import resuming
from comity.pipeline.driver import ParseModule
from comity.pipeline.found import Lint
from comity.pipeline.linting import lint
from comity.pipeline.session import Session
from comity.workspace.cache import Store
from comity.workspace.project import Selection
from comity.workspace.reading import Inputs

from ..analysis.edits import ended
from ..analysis.written import written
from .named import named

POLICIES = Path(__file__).parents[2] / "policies"

TOKEN = re.compile(r'"[^"\n]*"|#[^\n]*|\d{4}-\d\d-\d\d|\d[\d_.]*|\w+|[<>=!]=?|[{}():,]')
COUNTRY = re.compile(r"\b[A-Z]{2}\b(?=[,}]|$)", re.MULTILINE)
OUTCOME = re.compile(r"(?m)(?<=^    then )\w+$")
RULE = re.compile(r"(?m)^(?=rule )")
DECLARATION = re.compile(r"(?m)^(?=(?:rule|define|set|enum|record|decision|test|prove|example|table)\b)")


def sources(kind: str, seed: int, folder: Path) -> dict[str, str]:
    """The texts of a project of some kind by file; its tables are put into the folder."""
    if kind == "written":
        made = written(seed)
        for name, text in made.files.items():
            (folder / name).write_text(text, "utf-8")
        return {"m.comity": made.text}
    if kind == "named":
        return {"m.comity": named(seed)}
    data = POLICIES / kind / "data"
    if data.exists():
        shutil.copytree(data, folder / "data")
    return {file.name: file.read_text("utf-8") for file in sorted((POLICIES / kind).glob("*.comity"))}


class Typist:
    """Edits files, ``texts`` by name. Tokens come from all of them."""

    def __init__(self, random: Random, texts: Mapping[str, str]) -> None:
        self.random = random
        self.texts = dict(texts)
        self._sound = dict(texts)
        tokens = {token for text in texts.values() for token in TOKEN.findall(text)}
        self._tokens = sorted(token for token in tokens if not token.startswith("#"))

    def edit(self, mistaken: bool) -> str:
        """Edit one file; its name. ``mistaken``: as it is now there are mistakes, which mostly are taken back."""
        random = self.random
        changed = [name for name in self.texts if self._sound[name] != self.texts[name]]
        if not mistaken:
            self._sound = dict(self.texts)
        elif changed and random.random() < 0.7:
            name = random.choice(changed)
            self.texts[name] = self._sound[name]
            return name
        name = random.choice(sorted(self.texts))
        parts = DECLARATION.split(self.texts[name])
        place = random.randrange(len(parts))
        if random.random() < 0.7:
            revisable = [n for n, part in enumerate(parts) if part.startswith(("rule", "set", "define"))]
            place = random.choice(revisable) if revisable else place
        self._change(parts, place)
        self.texts[name] = "".join(parts)
        return name

    def edit_rule(self) -> str:
        """Another token in a rule, as ordinary edits have it; the name of the file."""
        names = [name for name, text in sorted(self.texts.items()) if RULE.search(text)]
        if not names:
            return self.edit(mistaken=False)
        name = self.random.choice(names)
        parts = DECLARATION.split(self.texts[name])
        place = self.random.choice([n for n, part in enumerate(parts) if part.startswith("rule")])
        head, _, rest = parts[place].partition("\n")
        parts[place] = f"{head}\n{self._with_another_token(rest)}"
        self.texts[name] = "".join(parts)
        return name

    def add_rule(self) -> str:
        """A rule like another one, mostly with another token, somewhere in its file; the name of the file."""
        names = [name for name, text in sorted(self.texts.items()) if RULE.search(text)]
        if not names:
            return self.edit(mistaken=False)
        name = self.random.choice(names)
        parts = DECLARATION.split(self.texts[name])
        head, _, rest = self.random.choice([part for part in parts if part.startswith("rule")]).partition("\n")
        used = {found[1] for text in self.texts.values() for found in re.finditer(r"\bmore_(\d+)\b", text)}
        new = re.sub(r"^rule \w+", f"rule more_{len(used)}", head)
        rest = self._with_another_token(rest) if self.random.random() < 0.7 else rest
        place = self.random.randrange(1, len(parts) + 1)
        before = parts[place - 1] if parts[place - 1].endswith("\n") else f"{parts[place - 1]}\n"
        self.texts[name] = "".join([*parts[: place - 1], before, f"{new}\n{rest.rstrip()}\n\n", *parts[place:]])
        return name

    def _change(self, parts: list[str], place: int) -> None:
        random, part = self.random, parts[place]
        lines = part.splitlines(keepends=True)
        line = random.randrange(len(lines)) if lines else 0
        match random.randrange(14):
            case 0:
                lines.insert(line, "    # a comment\n")
                parts[place] = "".join(lines)
            case 1:
                lines.insert(line, random.choice(("\n", "\n\n")))
                parts[place] = "".join(lines)
            case 2 if len(lines) > 1:
                del lines[line]
                parts[place] = "".join(lines)
            case 3:
                del parts[place]
            case 4:
                other = random.randrange(len(parts))
                parts[place], parts[other] = parts[other], part
            case 5:
                lines.insert(0, "# comity: ignore[L202] it is meant so\n")
                parts[place] = "".join(lines)
            case 6:
                parts[place] = re.sub(r"\n+\Z", "", part) + random.choice(("", "\n", "\n\n"))
            case _:
                parts[place] = self._with_another_token(part)

    def _with_another_token(self, part: str) -> str:
        """One token is another, mostly of its kind; a country more often than others."""
        random = self.random
        found = list(TOKEN.finditer(part))
        countries = [token for token in found if _kind(token[0]) == "a country"]
        if not found:
            return part
        token = random.choice(countries if countries and random.random() < 0.5 else found)
        alike = [each for each in self._tokens if _kind(each) == _kind(token[0])]
        new = random.choice(alike if alike and random.random() < 0.9 else self._tokens)
        return part[: token.start()] + new + part[token.end() :]


def _kind(token: str) -> str:
    if re.fullmatch("[A-Z]{2}", token):
        return "a country"
    return re.sub(r"[a-z]\w*", "a", re.sub(r"[A-Z]\w*", "A", re.sub(r"\d[\d_.]*", "0", token)))[:2]


def differing(folder: Path, texts: Mapping[str, str], seed: int, edits: int, ways: Counter[str]) -> str | None:
    """What a session says after one of so many edits that a run of its own does not, or the other way round.

    ``ways``: how often the session went on with what it had, and how often there were mistakes.
    """
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    typist, session = Typist(Random(seed), texts), Session([folder])
    mistaken = False
    for number in range(edits):
        if number % 3 == 1 and not mistaken:
            before = dict(typist.texts)
            _give(session, folder, typist, typist.edit_rule())
            ways["ended"] += ended(typist.random, session.lint)
            if any(d.code.startswith("E") for d in lint([folder]).diagnostics):
                typist.texts = before
                for name in before:
                    _give(session, folder, typist, name)
        kept = session.kept
        name = typist.edit(mistaken)
        _give(session, folder, typist, name)
        said, wanted = session.lint(), lint([folder])
        mistaken = any(d.code.startswith("E") for d in wanted.diagnostics)
        ways["with mistakes" if mistaken else "in place" if kept == session.kept else "anew"] += 1
        if said != wanted:
            return f"after {number + 1} edits, of {name}: {_difference(said, wanted)}"
    return None


def _give(session: Session, folder: Path, typist: Typist, name: str) -> None:
    """A file is as the typist has it."""
    (folder / name).write_bytes(typist.texts[name].encode())
    session.edit(folder / name, typist.texts[name])


def differing_kept(folder: Path, texts: Mapping[str, str], seed: int, edits: int, ways: Counter[str]) -> str | None:
    """As `differing`, of commands that go on from what the last one kept in a store, and commands that keep nothing."""
    store, typist = Store(folder.parent / f"{folder.name}-store"), Typist(Random(seed), texts)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    mistaken = False
    lint([folder], store=store)
    for number in range(edits):
        if number % 2:
            before = dict(typist.texts)
            name = typist.add_rule() if number % 4 == 3 else typist.edit_rule()
            (folder / name).write_bytes(typist.texts[name].encode())
            if any(d.code.startswith("E") for d in lint([folder]).diagnostics):
                typist.texts = before
                (folder / name).write_bytes(before[name].encode())
        else:
            name = typist.edit(mistaken)
        (folder / name).write_bytes(typist.texts[name].encode())
        said, wanted = _kept_lint(folder, store, ways), lint([folder])
        mistaken = any(d.code.startswith("E") for d in wanted.diagnostics)
        if _shown(said) != _shown(wanted):
            return f"after {number + 1} edits, of {name}: {_difference(said, wanted)}"
    return None


def _shown(found: Lint) -> Lint:
    """As the cache gives it back: without the texts that no finding points into, and witnesses as JSON has them."""
    pointed = {span.path for d in found.diagnostics for span in d.spans}
    sources = {path: text for path, text in found.sources.items() if path in pointed}
    plain = (replace(d, witness=json.loads(json.dumps(d.witness))) for d in found.diagnostics)
    return replace(found, sources=sources, diagnostics=tuple(plain))


def _kept_lint(folder: Path, store: Store, ways: Counter[str]) -> Lint:
    """What a command with a store says; how it came to it is counted."""
    before = resuming.resume
    way = ["anew, or as before"]

    def resume(selection: Selection, data: bytes, inputs: Inputs, parsed_by: ParseModule) -> Lint | None:
        found = before(selection, data, inputs, parsed_by)
        way[0] = "anew, or as before" if found is None else "gone on"
        return found

    resuming.resume = resume
    try:
        return lint([folder], store=store)
    finally:
        resuming.resume = before
        ways[way[0]] += 1


def differing_law(place: Path, seed: int, edits: int, ways: Counter[str]) -> str | None:
    """As `differing`, of ordinary edits of the export control regulations."""
    law = place / "policies"
    shutil.copytree(POLICIES, law, ignore=shutil.ignore_patterns("raw", "geneva", "responses", "treaties"))
    texts = {file: file.read_text("utf-8") for file in sorted((law / "ear").glob("*.comity"))}
    random, session = Random(seed), Session([law])
    session.lint()
    for number in range(edits):
        file, what = edit_ordinarily(random, texts)
        kept = session.kept
        file.write_text(texts[file], "utf-8")
        session.edit(file, texts[file])
        said, wanted = session.lint(), lint([law])
        ways["in place" if kept == session.kept else "anew"] += 1
        if said != wanted:
            return f"after {number + 1} edits, {what}: {_difference(said, wanted)}"
    return None


def edit_ordinarily(random: Random, texts: dict[Path, str]) -> tuple[Path, str]:
    """Put another country, or another outcome that occurs in the file, into a rule, set or definition; the file, and
    what was done.
    """
    while True:
        file = random.choice(list(texts))
        pattern = random.choice((COUNTRY, COUNTRY, OUTCOME))
        parts = DECLARATION.split(texts[file])
        revisable = [n for n, part in enumerate(parts) if part.startswith(("rule", "set", "define"))]
        places = [(n, found) for n in revisable for found in pattern.finditer(parts[n])]
        if places:
            number, found = random.choice(places)
            new = random.choice(sorted({each[0] for each in pattern.finditer("".join(texts.values()))}))
            if pattern is OUTCOME:
                new = random.choice(sorted({each[0] for each in pattern.finditer(texts[file])}))
            part = parts[number]
            parts[number] = part[: found.start()] + new + part[found.end() :]
            texts[file] = "".join(parts)
            return file, f"{found[0]} -> {new} in {part.partition(chr(10))[0]} of {file.name}"


def _difference(said: Lint, wanted: Lint) -> str:
    lost = [each for each in wanted.diagnostics if each not in said.diagnostics]
    more = [each for each in said.diagnostics if each not in wanted.diagnostics]
    if not lost and not more:
        return "the order, or what was read"
    return f"lost {lost}, too many {more}"
