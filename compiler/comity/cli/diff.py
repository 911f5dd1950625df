"""`comity diff`: what changes between two versions of a program."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import click

from comity.base.diagnostics import DiagnosticsError
from comity.cli.diff_comment import Comment
from comity.cli.eval import Inputs, Refused, opened
from comity.cli.guard import guarded
from comity.cli.output import (
    color_option,
    fit,
    plural,
    quiet_option,
    verbose_option,
    wants_colour,
)
from comity.cli.progress import progress
from comity.core import ast as core
from comity.linter.formats import to_json
from comity.linter.render import Palette, printable
from comity.pipeline.driver import Build, build
from comity.runtime.suggest import nearest
from comity.tools.diff import Change, Difference, diff
from comity.workspace.project import Selection, UsageError, absolute, module_name, select_one

FORMATS = ("full", "json", "markdown", "github")
MOST_NAMED = 8
MOST_LISTED = 12
CODE = re.compile(r"EAR99|[0-9][A-E][0-9]{3}")


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--decision", metavar="NAME", help="Compare only this decision.")
@click.option(
    "--facts", metavar="FILE", help="Count changes over these facts (JSON or JSON lines); - is standard input."
)
@click.option(
    "--format", "format_name", type=click.Choice(FORMATS), default="full", show_default=True, help="Output format."
)
@quiet_option
@color_option
@verbose_option
def command(
    old: str, new: str, decision: str | None, facts: str | None, format_name: str, quiet: bool, verbose: bool
) -> int:
    """Show which answers change from OLD to NEW: projects, folders or files.

    Every change is shown with an input that both versions decided. The formats markdown and github say it in words,
    for a comment on a pull request. Exit 0 if no answer changes, 1 if some do or it
    is not settled, 2 for wrong use or errors in a version.
    """
    with progress(quiet):
        before, after = (_program(selection) for selection in _versions(old, new))
        pairs = list(_pairs(before, after, decision))
        if facts is None:
            found = diff(before, after, pairs)
        else:
            with opened(facts) as stream:
                found = diff(before, after, pairs, (None if isinstance(e, Refused) else e for e in Inputs(stream)))
    if format_name == "json":
        sys.stdout.write(to_json(found.to_json()) + "\n")
    elif format_name in ("markdown", "github"):
        sys.stdout.write(Comment(found, before, after, github=format_name == "github").text())
    else:
        for line in _report(found, Palette(wants_colour(sys.stdout)), quiet):
            sys.stdout.write(fit(line, sys.stdout) + "\n")
    if not found.compared:
        total, _ = found.facts or (0, 0)
        why = f"a version refuses {'it' if total == 1 else f'all {total}'}" if total else "it holds none"
        raise UsageError(f"no input of {facts} was compared: {why}")
    return int(not found.same)


def _versions(old: str, new: str) -> tuple[Selection, Selection]:
    """The two versions. What lies in one project is two versions of a part of it, side by side: of two files, each
    stands for the module of the later one's name; two folders are each a program by itself.
    """
    one, two = select_one([old]), select_one([new])
    for selection, path in ((one, old), (two, new)):
        if selection.missing:
            raise UsageError(f"cannot read {path}: {selection.missing[0][1]}")
        if not selection.named:
            raise UsageError(f"there is no policy in {path}")
    if one.project.root != two.project.root or one.named == two.named:
        return one, two
    files = [{name: file for name, file in each.project.files.items() if file in each.named} for each in (one, two)]
    if Path(old).is_dir() or Path(new).is_dir():
        return _alone(one, old), _alone(two, new)
    (old_name, old_file), (new_name, new_file) = (next(iter(single.items())) for single in files)
    rest = {name: file for name, file in two.project.files.items() if name not in (old_name, new_name)}
    return _with(one, {**rest, new_name: old_file}), _with(two, {**rest, new_name: new_file})


def _alone(selection: Selection, path: str) -> Selection:
    """A folder or file as a program by itself, its modules named from there."""
    here = absolute(path)
    source = here if here.is_dir() else here.parent
    return _with(selection, {module_name(file, source): file for file in sorted(selection.named)})


def _with(selection: Selection, files: dict[str, Path]) -> Selection:
    return replace(selection, project=replace(selection.project, files=files))


def _program(selection: Selection) -> core.Program:
    made: Build = build(selection)
    if made.errors:
        guarded(lambda: _raise(made), verbose=False)
        raise click.exceptions.Exit(2)
    return made.program


def _raise(made: Build) -> None:
    raise DiagnosticsError(made.errors, made.sources)


def _pairs(old: core.Program, new: core.Program, wanted: str | None) -> Iterator[tuple[str | None, str | None]]:
    """The decisions of one name; by their short names, where each version has just one of that name."""
    names = dict.fromkeys((*new.decisions, *old.decisions))
    told = False
    for qname in names:
        if wanted is not None and wanted not in (qname, qname.rpartition(".")[2]):
            continue
        one = qname if qname in old.decisions else _alike(qname, old.decisions, new.decisions)
        two = qname if qname in new.decisions else _alike(qname, new.decisions, old.decisions)
        told = True
        if qname == two or two is None:
            yield one, two
    if not told:
        close = None if wanted is None else nearest(wanted, (name.rpartition(".")[2] for name in names))
        hint = f"; did you mean `{close}`?" if close else f"; there is {', '.join(names)}" if names else ""
        what = "there is no decision" if wanted is None else f"neither version has a decision `{wanted}`"
        raise UsageError(what + hint)


def _alike(qname: str, among: Mapping[str, object], others: Mapping[str, object]) -> str | None:
    """The one decision of the same short name, which is not in the other version too."""
    fitting = [q for q in among if q.rpartition(".")[2] == qname.rpartition(".")[2] and q not in others]
    return fitting[0] if len(fitting) == 1 else None


def _report(found: Difference, palette: Palette, quiet: bool) -> Iterator[str]:
    """Changes in words, then what is to be known about them."""
    colours = {"tightens": "33", "loosens": "31", "other": "36"}
    for change in found.changes:
        head = palette.paint(change.direction, colours[change.direction])
        said = f"{_said(change.before)} -> {_said(change.after)}"
        yield f"{change.decision}: {_named(change.subjects)} {head}: {said}{_size(change, found)}"
        for path, values in change.among.items():
            yield f"    {path}: {_listed(values)}"
        yield f"    {printable(to_json(change.witness, None))}"
    if not quiet:
        yield from _lines("note", found.notes)
    yield from _lines("not settled", found.open)
    if found.facts is not None and not quiet:
        total, refused = found.facts
        yield plural(total, "input") + (f", {refused} of them refused" if refused else "")
    if found.same and not quiet:
        yield "no answer changes"


def _named(subjects: Sequence[str]) -> str:
    more = len(subjects) - MOST_NAMED
    return ", ".join(subjects[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _listed(values: Sequence[object]) -> str:
    """A few values one by one; many codes by category and group."""
    shown = ["unknown" if each is None else "absent" if isinstance(each, dict) else _text(each) for each in values]
    if len(shown) > MOST_LISTED and all(CODE.match(each) for each in shown):
        groups = Counter("EAR99" if each == "EAR99" else each[:2] for each in shown)
        return ", ".join(f"{group} ({count})" for group, count in sorted(groups.items()))
    more = len(shown) - MOST_LISTED
    return ", ".join(shown[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _said(said: tuple[str, tuple[str, ...]]) -> str:
    label, possible = said
    return f"{label} ({' or '.join(possible)})" if label == "undetermined" else label


def _size(change: Change, found: Difference) -> str:
    if found.facts is not None:
        return f" [{change.count} of the facts, {_percent(change.share)}]"
    if change.exact:
        parts = [] if change.count is None else [f"{change.count:_} inputs"]
        parts += [] if change.share is None else [_percent(change.share)]
        return f" [{', '.join(parts)}]"
    if change.share is None:
        return ""
    of = (
        "cases that the rules tell apart"
        if change.tried is None
        else f"{change.tried:_} inputs tried around the change"
    )
    return f" [estimated: {_percent(change.share)} of the {of}]"


def _percent(share: Fraction | None) -> str:
    percent = 0.0 if share is None else float(share * 100)
    return f"{percent:.3g}%"


def _lines(kind: str, texts: Iterable[str]) -> Iterator[str]:
    for text in dict.fromkeys(texts):
        yield f"{kind}: {text}"
