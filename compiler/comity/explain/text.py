"""A tree of rules and the changes as text.

Every value is a word (`true`, `false`, `unknown`) and depth is indentation, so nothing is said by colour or by lines
drawn. Text is broken at ``width`` columns, with what follows further in.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from comity.explain.changes import MOST_SHOWN, Change, Changes
from comity.explain.tree import Line, RuleTree

NARROWEST = 24
"""Columns that text has at least, however deep it stands."""


def tree_text(trees: Iterable[RuleTree], width: int) -> list[str]:
    """The rules, one paragraph each; members of a family that stand alike share one."""
    lines: list[str] = []
    for names, tree in _alike(trees):
        cited = f" ({'; '.join(tree.citations)})" if tree.citations else ""
        says = f": {tree.outcome}" if tree.outcome is not None else ""
        lines += ["", *_wrap(f"{names}{cited}{says}, {tree.status}", 0, width)]
        for line in tree.lines:
            lines += _line(line, 1, width)
    return lines


def _alike(trees: Iterable[RuleTree]) -> Iterator[tuple[str, RuleTree]]:
    """Rules with their names; neighbours of one family with the same lines are one."""
    groups: list[tuple[list[str], RuleTree]] = []
    for tree in trees:
        family = tree.name.partition("[")[0]
        if groups and "[" in tree.name:
            names, last = groups[-1]
            same = (last.outcome, last.status, last.lines) == (tree.outcome, tree.status, tree.lines)
            if same and last.module == tree.module and last.name.partition("[")[0] == family:
                names.append(tree.name)
                continue
        groups.append(([tree.name], tree))
    for names, tree in groups:
        family = tree.name.partition("[")[0]
        members = ", ".join(name.partition("[")[2].removesuffix("]") for name in names)
        yield (f"{family}[{members}]" if "[" in tree.name else tree.name), tree


def _line(line: Line, depth: int, width: int) -> Iterator[str]:
    facts = f"  [{'; '.join(line.facts)}]" if line.facts else ""
    value = line.value if line.value in ("true", "false", "unknown") else "is"
    text = line.text if value == line.value else f"{line.text} = {line.value}"
    yield from _wrap(f"{value:<7} {text}{facts}", depth, width)
    for each in line.below:
        yield from _line(each, depth + 1, width)


def changes_text(changes: Changes, width: int, settled: bool) -> list[str]:
    """What would give another answer, a change a line. ``settled``: the answer there is has an outcome."""
    lines = [""]
    if not changes.found:
        tried = f"{changes.tried} inputs tried" + ("" if changes.complete else ", not all there are to try")
        return [*lines, *_wrap(f"no single fact, and no two, would give another answer ({tried})", 0, width)]
    verb, result = ("give", "another answer") if settled else ("settle", "the answer")
    title = f"one fact alone would {verb} {result}:"
    if changes.size == 2:
        title = f"no single fact would {verb} {result}; two together would:"
    lines += _wrap(title, 0, width)
    for change in changes.found[:MOST_SHOWN]:
        lines += _wrap(_change(change), 1, width)
    more = len(changes.found) - MOST_SHOWN
    if more > 0:
        lines += _wrap(f"and {more} more", 1, width)
    if not changes.complete:
        lines += _wrap(f"the search ended after {changes.tried} inputs; there may be others", 1, width)
    return lines


def _change(change: Change) -> str:
    facts = " and ".join(f"{path} = {value} (is {was})" for path, was, value in change.facts)
    also = f", as would {change.also} other value{'' if change.also == 1 else 's'}" if change.also else ""
    said = {"gap": "no rule decides", "contradiction": "the rules contradict each other"}.get(change.outcome)
    return f"{facts}: {said or change.outcome}{also}"


def _wrap(text: str, depth: int, width: int) -> list[str]:
    indent = "  " * depth
    while indent and width - len(indent) < NARROWEST:
        indent = indent[2:]
    return textwrap.wrap(
        text,
        max(width, NARROWEST),
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
