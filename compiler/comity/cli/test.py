"""`comity test`: runs the tests in policies."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from comity.base.diagnostics import DiagnosticsError
from comity.base.watching import doing
from comity.cli.output import (
    allow_empty_option,
    color_option,
    fit,
    nothing_to_check,
    paths_argument,
    plural,
    quiet_option,
    verbose_option,
    wants_colour,
)
from comity.cli.progress import progress
from comity.cli.streams import note
from comity.core.interpret import Interpreter
from comity.linter.formats import to_json
from comity.linter.render import Palette, printable
from comity.pipeline.driver import Build, build
from comity.tools.testing import Result, Run, run_tests
from comity.tools.testing_acts import RUNNERS
from comity.workspace.project import Selection, nothing_found, select

if TYPE_CHECKING:
    from comity.cli.boundaries import Boundaries


def run_project(made: Build, text: str) -> Run:
    """Run the tests in the files that a build shows, those with ``text`` in their title or file."""
    tests = [
        test
        for test in made.program.tests
        if test.span.path in made.shown and (text.lower() in test.title.lower() or text in test.span.path)
    ]
    return run_tests(Interpreter(made.program), tests, RUNNERS, made.shown)


def joined(runs: Sequence[Run]) -> Run:
    """The runs of several projects as one."""
    return Run(
        tuple(result for run in runs for result in run.results),
        tuple(rule for run in runs for rule in run.rules),
        tuple(line for run in runs for line in run.lines),
    )


@click.command("test")
@paths_argument
@click.option("-k", "text", default="", metavar="TEXT", help="Run only tests with TEXT in their title or file.")
@click.option(
    "--coverage", is_flag=True, help="Show which rules (H505) and which sides of condition lines no test exercises."
)
@click.option(
    "--generate",
    "generating",
    is_flag=True,
    help="Print boundary tests that are missing, ready to paste.",
)
@click.option(
    "--format", "format_name", type=click.Choice(["full", "concise", "json"]), default="full", help="Output format."
)
@allow_empty_option
@quiet_option
@color_option
@verbose_option
def command(
    paths: tuple[str, ...],
    text: str,
    coverage: bool,
    generating: bool,
    format_name: str,
    allow_empty: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Run the tests of the files that PATHS name. Exit 1 if one fails, 2 if there is nothing to test."""
    with progress(quiet):
        selections = select(paths)
        builds = [build(selection) for selection in selections]
        errors = [d for made in builds for d in made.errors]
        if errors:
            raise DiagnosticsError(errors, {path: text for made in builds for path, text in made.sources.items()})
        doing("running the tests")
        run = joined([run_project(made, text) for made in builds])
        written = _generated(selections, builds) if generating else None
    idle = None if run.results or allow_empty or generating else _why_nothing(paths, builds, text)
    if format_name == "json":
        sys.stdout.write(to_json(run.to_json() | (written.to_json() if written is not None else {})) + "\n")
        return int(run.failed > 0) if idle is None else nothing_to_check(idle)
    palette = Palette(wants_colour(sys.stdout))
    for line in _report(run, palette, verbose, format_name == "concise"):
        sys.stdout.write(fit(line, sys.stdout) + "\n")
    if coverage:
        for line in _coverage(run, palette):
            sys.stdout.write(fit(line, sys.stdout) + "\n")
    if written is not None:
        for line in written.lines():
            sys.stdout.write(line + "\n")
    if idle is not None:
        return nothing_to_check(idle)
    if not quiet:
        note(_summary(run))
        if written is not None:
            said = [f"{len(written.pairs)} pairs of boundary tests"]
            said += [f"none found for {len(written.missed)} lines"] if written.missed else []
            said += [f"{written.left} lines not looked at; paste these and ask again"] if written.left else []
            note(", ".join(said))
    return int(run.failed > 0)


def _why_nothing(paths: tuple[str, ...], builds: Sequence[Build], text: str) -> str:
    """Why no test was run."""
    files = sum(len(made.shown) for made in builds)
    if not files:
        return nothing_found(paths)
    tests = sum(test.span.path in made.shown for made in builds for test in made.program.tests)
    if tests:
        return f"none of {plural(tests, 'test')} has `{text}` in its title or file"
    return f"there are no tests in {plural(files, 'file')}; `comity test --generate` writes some"


def _generated(selections: Sequence[Selection], builds: Sequence[Build]) -> Boundaries:
    from comity.cli.boundaries import Boundaries, boundaries

    found = list(map(boundaries, selections, builds))
    pairs, missed = [p for each in found for p in each.pairs], [span for each in found for span in each.missed]
    return Boundaries(pairs, missed, sum(each.left for each in found))


def _report(run: Run, palette: Palette, verbose: bool, concise: bool) -> Iterator[str]:
    """The tests that did not pass; with ``verbose`` all."""
    styles = {"passed": "32", "failed": "1;31", "error": "1;31", "skipped": "33"}
    for result in run.results:
        if result.status == "passed" and not verbose:
            continue
        status = palette.paint(f"{result.status:7}", styles[result.status])
        yield f"{status} {result.path}:{result.line} {printable(result.name)}"
        if result.status != "passed" and not concise:
            yield from _difference(result)


def _difference(result: Result) -> Iterator[str]:
    if result.status != "skipped":
        yield f"    expected {printable(result.expected)}"
    yield f"    got      {printable(result.got)}"


def _coverage(run: Run, palette: Palette) -> Iterator[str]:
    """Rules that no test makes decide, and condition lines that were seen on one side only."""
    for rule in run.rules:
        if not rule.decides:
            code = palette.paint("H505", "1;33")
            yield f"{rule.path}:{rule.line}: {code} no test makes `{rule.name}` decide"
    for line in run.lines:
        if not (line.seen_true and line.seen_false):
            sides = [side for side, seen in (("true", line.seen_true), ("false", line.seen_false)) if not seen]
            yield f"{line.path}:{line.line}: never seen {' or '.join(sides)}"
    decided = sum(rule.decides > 0 for rule in run.rules)
    both = sum(line.seen_true and line.seen_false for line in run.lines)
    yield f"coverage: {decided} of {len(run.rules)} rules decide, {both} of {len(run.lines)} lines seen true and false"


def _summary(run: Run) -> str:
    skipped = run.count("skipped")
    counts = [f"{run.passed} passed", *([f"{run.failed} failed"] if run.failed else [])]
    return ", ".join([*counts, *([f"{skipped} skipped"] if skipped else [])])
