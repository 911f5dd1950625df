"""`comity lint`: everything to be said about policies."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.base.gc import collector_off
from comity.cli.baseline import Baseline, coverage
from comity.cli.output import (
    FAIL_ON,
    allow_empty_option,
    cache_option,
    color_option,
    fails,
    nothing_to_check,
    paths_argument,
    plural,
    processors,
    quiet_option,
    read_stdin,
    verbose_option,
    wants_colour,
    width_of,
)
from comity.cli.output import write_atomically as write
from comity.cli.progress import progress
from comity.cli.streams import note
from comity.linter.formats import FORMATS, STATISTICS, Findings, RuleHelp, job_summary
from comity.pipeline.found import STDIN, Lint
from comity.pipeline.linting import lint
from comity.workspace.cache import store
from comity.workspace.config import Config, changeable_codes, known_codes
from comity.workspace.project import nothing_found

if TYPE_CHECKING:
    from comity.cli.revision import Base


def _codes(texts: tuple[str, ...]) -> list[str]:
    return [code.strip() for text in texts for code in text.split(",") if code.strip()]


def _output_file(text: str) -> tuple[str, Path]:
    name, found, path = text.partition("=")
    if not found or not path or name not in FORMATS:
        raise click.BadParameter(f"write FORMAT=FILE, with a format of {', '.join(FORMATS)}")
    return name, Path(path)


@click.command("lint")
@paths_argument
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--output-file",
    "outputs",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Also write the findings to FILE; repeatable.",
)
@click.option("--select", multiple=True, metavar="CODES", help="Check only CODES; errors (E) are always reported.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave out CODES.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="error",
    show_default=True,
    help="Least severity that makes the exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--statistics", is_flag=True, help="Count findings by code instead of showing them.")
@click.option("--baseline", "baseline_file", metavar="FILE", help="Report only findings that FILE does not accept.")
@click.option("--write-baseline", is_flag=True, help="Accept all present findings: write them to the --baseline file.")
@click.option("--prune", is_flag=True, help="Remove fixed findings from the --baseline file.")
@click.option("--diff-base", metavar="REF", help="Report only findings that are new since the git revision REF.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, which leave every answer as it was.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change an answer.")
@click.option("--diff", is_flag=True, help="Show fixes as a diff and write nothing; exit 1 if there are any.")
@click.option("--stdin-filename", metavar="PATH", help="The file that standard input (`-`) stands for.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="How many processes may work at a time, on several projects or on one that is large (that on Linux only); by "
    "default, as many as there are processors. What is found does not depend on it.",
)
@allow_empty_option
@cache_option
@quiet_option
@color_option
@verbose_option
@collector_off()
def command(
    paths: tuple[str, ...],
    format_name: str,
    outputs: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    exit_zero: bool,
    statistics: bool,
    baseline_file: str | None,
    write_baseline: bool,
    prune: bool,
    diff_base: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    stdin_filename: str | None,
    jobs: int | None,
    allow_empty: bool,
    use_cache: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Check syntax, types, logic, reciprocity, responses, proofs and house rules.

    PATHS are files and folders, by default those that comity.toml names; - is standard input. --select replaces what
    comity.toml selects and ignores; --ignore adds to what it ignores. CODES are codes or prefixes separated by commas,
    such as L201,H. Exit code 0: nothing found; 1: findings at or above --fail-on; 2: wrong use, or input that cannot
    be read.
    """
    files = [_output_file(text) for text in outputs]
    try:
        chosen, left_out = known_codes(_codes(select)), changeable_codes(_codes(ignore))
    except ValueError as error:
        raise click.UsageError(str(error)) from None

    def adjust(config: Config) -> Config:
        if chosen:
            return replace(config, select=chosen, ignore=left_out)
        return replace(config, ignore=(*config.ignore, *left_out))

    if stdin_filename is not None and STDIN not in paths:
        raise click.UsageError("--stdin-filename says what standard input stands for: name `-` too")
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff")
    if (fix or diff) and STDIN in paths:
        raise click.UsageError("--fix changes files, and standard input (`-`) is not a file")
    if diff_base is not None and STDIN in paths:
        raise click.UsageError("--diff-base compares files, and standard input (`-`) is not a file")
    if statistics and format_name not in STATISTICS:
        raise click.UsageError(f"--statistics has the formats {', '.join(STATISTICS)}")
    baseline = _baseline(baseline_file, write_baseline, prune)
    named = tuple(path for path in paths if path != STDIN)
    stdin = (stdin_filename or STDIN, read_stdin()) if STDIN in paths else None
    kept, jobs = store() if use_cache else None, jobs or processors()
    with progress(quiet):
        base = None
        if diff_base is not None:
            from comity.cli.revision import findings_at  # it runs git

            base = findings_at(diff_base, named, jobs, adjust)

        def only_new(found: Lint) -> Lint:
            return _only_new(found, baseline, base)

        everything = lint(named, stdin, kept, jobs, adjust)
        if fix or diff:
            from comity.cli import fixing  # it compares programs, which a lint does not wait for

            fixed = fixing.fix(named, unsafe_fixes, everything, adjust, only_new)
            if diff:
                return fixing.show(fixed, quiet)
            fixing.write(fixed, quiet)
            everything = fixed.result
        result = only_new(everything)
    if baseline is not None:
        gone = baseline.update(everything, coverage(named, adjust, baseline), write_baseline, prune)
        if write_baseline:
            result = _only_new(everything, baseline, base)
        elif not quiet:
            baseline.say_gone(gone, prune)
    findings = Findings(
        result.diagnostics, result.sources, result.files, result.analysed, None, _in_repository, _rule_help, _home
    )
    known = len(everything.diagnostics) - len(result.diagnostics)
    for name, path in files:
        write(path, FORMATS[name](findings, False).encode())
    if statistics:
        sys.stdout.write(STATISTICS[format_name](result.diagnostics))
    else:
        shown = replace(findings, width=width_of(sys.stdout))
        sys.stdout.write(FORMATS[format_name](shown, wants_colour(sys.stdout)))
    if format_name == "github" and (page := os.environ.get("GITHUB_STEP_SUMMARY")):
        _add_to_job_summary(Path(page), job_summary(findings, known))
    if verbose:
        for source in sorted(result.read):
            note(f"read {source}")
    if not (result.files or allow_empty):
        return nothing_to_check(nothing_found(named))
    if not quiet and format_name in ("full", "concise"):
        if not fix:
            _hint_at_fixes(result)
        _summary(result, findings, known)
    if result.unreadable:
        return 2
    return int(not exit_zero and fails(result.diagnostics, fail_on))


def _in_repository(path: str) -> str:
    from comity.cli.places import in_repository  # only formats for other services ask

    return in_repository(path)


def _home() -> str:
    from comity.cli.places import home

    return home()


def _add_to_job_summary(page: Path, text: str) -> None:
    """Append to the page that GitHub Actions shows of a run. The findings do not depend on it: a page that cannot be
    written is reported, and the exit code stays that of the findings.
    """
    try:
        with page.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        note(f"cannot write the job summary {page}: {error.strerror}")


def _rule_help(code: str) -> RuleHelp:
    from comity.cli.places import rule_help

    return rule_help(code)


def _hint_at_fixes(result: Lint) -> None:
    """Say how many of the findings `--fix` would fix."""
    safe = sum(d.fix is not None and d.fix.is_safe for d in result.diagnostics)
    if safe:
        note(f"{plural(safe, 'finding')} can be fixed with --fix (--diff shows how)")


def _only_new(result: Lint, baseline: Baseline | None, base: Base | None) -> Lint:
    """The findings that neither the baseline nor the earlier revision has."""
    if base is not None:
        result = replace(result, diagnostics=base.new(result))
    if baseline is not None:
        result = replace(result, diagnostics=baseline.new(result))
    return result


def _baseline(file: str | None, rewrite: bool, prune: bool) -> Baseline | None:
    if file is None:
        if rewrite or prune:
            raise click.UsageError(f"--{'write-baseline' if rewrite else 'prune'} needs --baseline FILE")
        return None
    if rewrite and prune:
        raise click.UsageError("--write-baseline leaves out what has been fixed by itself: do without --prune")
    return Baseline(file, rewrite)


def _summary(result: Lint, findings: Findings, known: int) -> None:
    """One line on standard error: how many findings, in how many files. ``known``: how many are not new."""
    counts = [plural(n, name) for name, n in findings.summary.items() if n and name != "info"]
    counts += [f"{findings.summary['info']} for information"] if findings.summary["info"] else []
    none = "no new findings" if known else "no findings"
    older = f"; {known} known before" if known else ""
    note(f"{', '.join(counts) or none} in {plural(result.files, 'file')}{older}")
