"""`comity diff --format markdown` and `github`: what a change does, in words for people who read law."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from comity.core import ast as core
from comity.linter.markdown import code, inline
from comity.linter.render import flat
from comity.tools.diff import Change, Difference

MARK = "<!-- comity diff -->"
"""Begins a comment on GitHub, so that a later run finds the comment that it is to replace."""

LONGEST = 60_000
"""Maximum number of characters, since GitHub refuses comments of more than 65,536."""

MOST_FACTS = 12
"""Maximum number of facts of an example that are written in its sentence."""

DIRECTIONS = {
    "loosens": ("Freer", "freer"),
    "tightens": ("Stricter", "stricter"),
    "other": ("Otherwise different", "otherwise different"),
}
"""Headings in the order in which they are read: what becomes freer is what nobody should miss."""


class Comment:
    """What differs between two versions as Markdown. ``github``: with folded details and an alert."""

    def __init__(self, found: Difference, old: core.Program, new: core.Program, github: bool) -> None:
        self.found = found
        self.programs = new, old
        self.github = github

    def text(self) -> str:
        """The whole comment; changes that would make it too long are counted."""
        head = [*([MARK] if self.github else []), "### What this change does", "", *self._overview()]
        tail = list(self._remarks())
        room = LONGEST - sum(len(line) + 1 for line in (*head, *tail))
        lines: list[str] = []
        left = 0
        for heading, change in self._in_order():
            block = [*heading, *self._change(change)]
            size = sum(len(line) + 1 for line in block)
            if left or size > room:
                left += 1
                continue
            room -= size
            lines += block
        if left:
            lines += ["", f"+{left} more; `comity diff` shows all."]
        return "\n".join([*head, *lines, *tail]) + "\n"

    def _overview(self) -> Iterator[str]:
        found = self.found
        if found.same or not found.changes:
            yield "No answer changes." if found.same else "No answer is known to change; see what is not settled."
            return
        numbers = {name: sum(change.direction == name for change in found.changes) for name in DIRECTIONS}
        parts = [f"{number} {DIRECTIONS[name][1]}" for name, number in numbers.items() if number]
        total = len(found.changes)
        yield f"Answers change in {total} way{'' if total == 1 else 's'}: {', '.join(parts)}."
        if found.facts is not None:
            given, refused = found.facts
            yield f"Compared over {given:,} real inputs" + (f", of which {refused:,} were refused." if refused else ".")
        if self.github and numbers["loosens"]:
            yield ""
            yield "> [!WARNING]"
            yield "> Something that was restricted becomes freer."

    def _in_order(self) -> Iterator[tuple[list[str], Change]]:
        """Changes by decision and direction, each with the headings that come before it."""
        for decision in dict.fromkeys(change.decision for change in self.found.changes):
            heading = ["", f"#### {self._title(decision)}"]
            for direction, (title, _) in DIRECTIONS.items():
                chosen = [c for c in self.found.changes if (c.decision, c.direction) == (decision, direction)]
                heading += ["", f"**{title}**", ""] if chosen else []
                for change in sorted(chosen, key=lambda c: -(c.share or 0)):
                    yield heading, change
                    heading = []

    def _change(self, change: Change) -> Iterator[str]:
        kinds = self._plural(change.decision)
        size = self._size(change, kinds)
        before, after = self._answer(change, change.before), self._answer(change, change.after)
        yield f"- Because of {self._causes(change)}: {before} becomes {after}{size}."
        if change.among:
            yield f"  - Only where {'; '.join(_among(path, values) for path, values in sorted(change.among.items()))}."
        facts = list(flat(change.witness))
        shown = ", ".join(code(fact) for fact in facts[:MOST_FACTS])
        more = len(facts) - MOST_FACTS
        yield f"  - For example: {shown}{f', and {more} more facts' if more > 0 else ''}."
        if self.github:
            yield "    <details><summary>all facts of the example, as JSON</summary>"
            yield ""
            yield "    ```json"
            yield from (f"    {line}" for line in json.dumps(change.witness, indent=2, ensure_ascii=False).splitlines())
            yield "    ```"
            yield "    </details>"

    def _remarks(self) -> Iterator[str]:
        for title, texts in (("Not compared, or not alike", self.found.notes), ("Not settled", self.found.open)):
            if texts:
                yield from ("", f"**{title}**", "")
                yield from (f"- {inline(text)}" for text in dict.fromkeys(texts))

    # ------------------------------------------------------------------------------------------- words

    def _decision(self, name: str) -> core.Decision | None:
        found = (d for program in self.programs for d in program.decisions.values() if d.name == name)
        return next(found, None)

    def _title(self, name: str) -> str:
        decision = self._decision(name)
        return f"{code(name)}: {inline(decision.doc)}" if decision is not None and decision.doc else code(name)

    def _plural(self, name: str) -> str:
        """What a decision is about, in the plural: `exports`."""
        decision = self._decision(name)
        word = "input" if decision is None else decision.record.name.lower()
        if word.endswith("y") and word[-2:-1] not in "aeiou":
            return f"{word[:-1]}ies"
        return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"

    def _causes(self, change: Change) -> str:
        """What was changed, then the rules through which it acts, with their citations."""
        cites: dict[str, str] = {}
        for program in reversed(self.programs):
            for decision in program.decisions.values():
                for rule in decision.rules:
                    if rule.cites:
                        cites[rule.family] = f"{code(rule.family)} ({inline('; '.join(rule.cites))})"
        return ", ".join(cites.get(each.partition("[")[0], code(each)) for each in change.subjects)

    def _answer(self, change: Change, said: tuple[str, tuple[str, ...]]) -> str:
        """An answer in the words of its outcome."""
        label, possible = said
        if label == "undetermined":
            return f"undetermined ({' or '.join(self._outcome(change, each) for each in possible)})"
        return self._outcome(change, label)

    def _outcome(self, change: Change, name: str) -> str:
        for program in self.programs:
            for decision in program.decisions.values():
                if decision.name == change.decision and name in decision.outcomes.members:
                    doc = decision.outcome_docs[decision.outcomes.members.index(name)]
                    return f"“{inline(doc or name.replace('_', ' '))}”"
        return {"gap": "no answer (a gap)", "contradiction": "no answer (a contradiction)"}.get(name, code(name))

    def _size(self, change: Change, kinds: str) -> str:
        share = "" if change.share is None else f"{float(change.share * 100):.3g}%"
        if self.found.facts is not None:
            return f", for {change.count:,} of these {kinds} ({share})"
        if change.exact and change.count is not None:
            return f", for {change.count:,} {kinds}{f' ({share} of all)' if share else ''}"
        if change.exact and share:
            return f", for {share} of all {kinds}"
        if not share:
            return ""
        tried = "the cases that the rules tell apart" if change.tried is None else f"{change.tried:,} {kinds} tried"
        return f", for about {share} of {tried}"


def _among(path: str, values: Sequence[object]) -> str:
    shown = [_value(each) for each in values[:MOST_FACTS]]
    more = f" and {len(values) - MOST_FACTS} more" if len(values) > MOST_FACTS else ""
    return f"{code(path)} is {', '.join(shown)}{more}"


def _value(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "absent"
        case _:
            return code(str(value))
