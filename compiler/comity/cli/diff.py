"""`comity diff`: what changes between two versions of a program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import click

from comity.cli.eval import Inputs, Refused, opened
from comity.cli.guard import guarded
from comity.cli.output import quiet_option, verbose_option, wants_colour
from comity.core import ast as core
from comity.diagnostics import DiagnosticsError
from comity.diff import Change, Difference, diff
from comity.driver import Build, build
from comity.linter.formats import to_json
from comity.linter.render import Palette, printable
from comity.project import Selection, UsageError, select


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--decision", metavar="NAME", help="Only this decision.")
@click.option("--facts", metavar="FILE", help="Count over these facts instead: JSON, or JSON lines; - is stdin.")
@click.option("--format", "format_name", type=click.Choice(["full", "json"]), default="full", show_default=True)
@quiet_option
@verbose_option
def command(
    old: str, new: str, decision: str | None, facts: str | None, format_name: str, quiet: bool, verbose: bool
) -> int:
    """What answers change from OLD to NEW: projects, folders or files.

    Every change is shown with an input that both versions decided. Exit 0 if no answer changes, 1 if some do or it
    is not settled, 2 for wrong use or errors in a version.
    """
    before, after = (_program(selection) for selection in _versions(old, new))
    book = None
    if facts is not None:
        with opened(facts) as stream:
            book = [None if isinstance(each, Refused) else each for each in Inputs(stream)]
    found = diff(before, after, list(_pairs(before, after, decision)), book)
    if format_name == "json":
        sys.stdout.write(to_json(found.to_json()) + "\n")
    else:
        for line in _report(found, Palette(wants_colour(sys.stdout)), quiet):
            sys.stdout.write(line + "\n")
    return int(not found.same)


def _versions(old: str, new: str) -> tuple[Selection, Selection]:
    """The two versions. A file stands for the module of the other file's name, so that two versions of one file
    can lie side by side."""
    (one,), (two,) = select([old]), select([new])
    for selection, path in ((one, old), (two, new)):
        if selection.missing:
            raise UsageError(f"cannot read {path}: {selection.missing[0][1]}")
    singles = [
        {name: file for name, file in each.project.files.items() if file in each.named} for each in (one, two)
    ]
    if all(len(single) == 1 for single in singles) and one.project.root == two.project.root:
        (old_name, old_file), (new_name, new_file) = (next(iter(single.items())) for single in singles)
        if old_file != new_file:
            rest = {n: f for n, f in two.project.files.items() if n not in (old_name, new_name)}
            one, two = (
                replace(each, project=replace(each.project, files={**rest, new_name: file}))
                for each, file in ((one, old_file), (two, new_file))
            )
    return one, two


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
    names = {qname: None for qname in (*new.decisions, *old.decisions)}
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
        what = "there is no decision" if wanted is None else f"neither version has a decision `{wanted}`"
        raise UsageError(what)


def _alike(qname: str, among: Mapping[str, object], others: Mapping[str, object]) -> str | None:
    """The one decision of the same short name, which is not in the other version too."""
    fitting = [q for q in among if q.rpartition(".")[2] == qname.rpartition(".")[2] and q not in others]
    return fitting[0] if len(fitting) == 1 else None


def _report(found: Difference, palette: Palette, quiet: bool) -> Iterator[str]:
    """Changes in words, then what is to be known about them."""
    colours = {"tightens": "33", "loosens": "31", "other": "36"}
    for change in found.changes:
        named = ", ".join(change.subjects)
        head = palette.paint(change.direction, colours[change.direction])
        yield f"{change.decision}: {named} {head}: {_said(change.before)} -> {_said(change.after)}{_size(change, found)}"
        yield f"    {printable(to_json(change.witness))}"
    if not quiet:
        yield from _lines("note", found.notes)
    yield from _lines("not settled", found.open)
    if found.facts is not None and not quiet:
        total, refused = found.facts
        yield f"{total} inputs" + (f", {refused} of them refused" if refused else "")
    if found.same and not quiet:
        yield "no answer changes"


def _said(said: tuple[str, tuple[str, ...]]) -> str:
    label, possible = said
    return f"{label} ({' or '.join(possible)})" if label == "undetermined" else label


def _size(change: Change, found: Difference) -> str:
    if change.share is None:
        return ""
    percent = f"{float(change.share):.3%}"
    if change.count is not None:
        return f" [{change.count} {'inputs' if found.facts is None else 'of the facts'}, {percent}]"
    return f" [estimated: {percent} of the cases that the rules tell apart]"


def _lines(kind: str, texts: Iterable[str]) -> Iterator[str]:
    for text in dict.fromkeys(texts):
        yield f"{kind}: {text}"
