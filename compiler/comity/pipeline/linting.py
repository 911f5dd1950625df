"""Findings about paths: from the cache if everything that they follow from is unchanged, else by the passes.

Heavy modules are imported only if something has changed, so that a run without changes takes no time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from comity.base.diagnostics import Diagnostic, Severity
from comity.base.gc import collector_off, left_behind
from comity.base.source import SourceFile
from comity.base.stored import decoded, dumps, encoded, loads
from comity.base.watching import doing, work_for
from comity.pipeline.found import STDIN, Extra, Lint, key_of, merge, to_lint, with_settings
from comity.workspace import cache
from comity.workspace.config import Config
from comity.workspace.project import (
    Project,
    Selection,
    absolute,
    display,
    locate,
    module_name,
    open_project,
    select,
    select_one,
)
from comity.workspace.reading import Inputs, is_standard

if TYPE_CHECKING:
    from comity.core import ast as core
    from comity.core.digests import Digests
    from comity.pipeline.driver import Build
    from comity.pipeline.parsing import Parser


def lint(
    paths: Sequence[str | Path] = (),
    stdin: tuple[str, bytes] | None = None,
    store: cache.Store | None = None,
    jobs: int = 1,
    adjust: Callable[[Config], Config] = lambda config: config,
) -> Lint:
    """Everything to be said about ``paths``, whatever projects they belong to.

    ``stdin``: the path under which standard input is to be shown, and its bytes. It takes the place of the file of
    that name in its project; named `-` it stands alone. ``store``: where findings are kept from run to run. ``jobs``:
    how many processes may be at it: with several projects each looks at one, else they share what is long in one; what
    is found is the same. ``adjust``: makes a project's settings those of this run.
    """
    wanted: list[tuple[Selection, Extra]] = []
    if paths or stdin is None:
        wanted += [(selection, {}) for selection in select(paths)]
    if stdin is not None:
        wanted.append(_select_stdin(*stdin))
    wanted = [(with_settings(selection, adjust), extra) for selection, extra in wanted]
    found = {n: kept for n, (selection, extra) in enumerate(wanted) if (kept := _read_cache(selection, extra, store))}
    rest = [n for n in range(len(wanted)) if n not in found]
    if jobs > 1 and len(rest) > 1:
        found |= dict(zip(rest, _lint_in_parallel(jobs, [wanted[n] for n in rest], store), strict=True))
    else:
        for n in rest:
            selection, extra = wanted[n]
            with work_for(display(selection.project.root)) if len(wanted) > 1 else nullcontext():
                found[n] = lint_project(selection, extra, store, jobs)
    return merge([found[n] for n in range(len(wanted))])


def _lint_in_parallel(jobs: int, wanted: Sequence[tuple[Selection, Extra]], store: cache.Store | None) -> list[Lint]:
    """`lint_project` of each, in processes of their own."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(wanted)), get_context("spawn")) as pool:
        results = [pool.submit(lint_project, *one, store) for one in wanted]
        for done, (each, (selection, _)) in enumerate(zip(results, wanted, strict=True)):
            doing(f"{done} of {len(wanted)} projects done, waiting for {display(selection.project.root)}")
            each.result()
        return [each.result() for each in results]


def lint_project(selection: Selection, extra: Extra, store: cache.Store | None = None, jobs: int = 1) -> Lint:
    """The findings about what is named of one project."""
    inputs = Inputs()

    def make(parser: Parser) -> Build:
        from comity.pipeline.driver import build

        return build(selection, extra, inputs.read, parsed_by=parser.parse, prepared_by=parser.prepare)

    return _lint_or_cached(selection, extra, store, inputs, make, jobs)


def compilable(
    paths: Sequence[str | Path], store: cache.Store | None = None, inputs: Inputs | None = None
) -> tuple[Build, list[Diagnostic], Digests | None]:
    """The one program that ``paths`` belong to, the findings about any of its files that forbid compiling it, and the
    digests of its declarations (None without ``store``, or where conditions are nested very deeply).

    ``inputs``: what reads the files. Nothing is proved again while the program means what it did when nothing forbade
    that (`sound.py`). Raises as `driver.build_one`.
    """
    from comity.core.digests import digests_of
    from comity.pipeline.driver import build, require_no_errors
    from comity.pipeline.parsing import Parser
    from comity.pipeline.sound import Soundness

    chosen = select_one(paths)
    selection = replace(chosen, named=frozenset(chosen.project.files.values()))
    inputs = inputs or Inputs()

    def made_by(parser: Parser) -> Build:
        return build(selection, {}, inputs.read, parsed_by=parser.parse)

    parser = Parser(store, tests=False)  # nothing is compiled of these
    made = made_by(parser)
    if made.errors:  # which are to be told whole
        made = require_no_errors(made_by(Parser(store)))
    digests = None if store is None else digests_of(made.program)
    soundness = Soundness(made, selection, store, digests)
    errors: list[Diagnostic] = []
    if not soundness.known:
        found = _lint_or_cached(selection, {}, store, inputs, made_by if store is not None else lambda _: made)
        errors = [d for d in found.diagnostics if d.severity is Severity.ERROR]
        if errors:
            require_no_errors(made_by(Parser(store)))  # where the program itself has some, in tests
        else:
            soundness.keep()
    parser.keep()
    return made, errors, digests


def _lint_or_cached(
    selection: Selection,
    extra: Extra,
    store: cache.Store | None,
    inputs: Inputs,
    make: Callable[[Parser], Build],
    jobs: int = 1,
) -> Lint:
    """The findings: cached ones, or those about what ``make`` builds from ``inputs``."""
    kept = _read_cache(selection, extra, store, inputs)
    if kept is not None:
        return kept
    from comity.pipeline.parsing import Parser

    parser = Parser(store, jobs)
    before = store.get(_key_of_last(selection)) if store is not None and not extra else None
    if before is not None:
        from comity.pipeline.resuming import resume

        kept = resume(selection, before, inputs, Parser(store, late=True).parse)
    result, later = (
        (kept, None)
        if kept is not None
        else _run_passes(selection, extra, store is not None, inputs, make, parser, jobs)
    )
    if store is not None:
        data = _encode_entry(result, selection, inputs)
        if data is not None and cache.intact():
            store.put(key_of(selection, extra, inputs), data)
            parser.keep()
            if later is not None:
                store.put(_key_of_last(selection), later)
    return result


def _run_passes(
    selection: Selection,
    extra: Extra,
    keep: bool,
    inputs: Inputs,
    make: Callable[[Parser], Build],
    parser: Parser,
    jobs: int,
) -> tuple[Lint, bytes | None]:
    """The findings about what ``make`` builds, and, to ``keep`` it, what to go on with after an edit."""
    from comity.analysis import Analysis
    from comity.linter.kept import ToKeep
    from comity.pipeline.driver import findings

    made: list[Analysis] = []

    def prove(program: core.Program, codes: frozenset[str] | None) -> list[Diagnostic]:
        made.append(Analysis(program, codes, jobs=jobs))
        return made[0].findings

    with collector_off():
        built = make(parser)
        house = ToKeep()
        result = to_lint(built, findings(built, prove, house if keep else None, jobs))
        left_behind.keep((built, made))
        if not (keep and made) or extra:
            return result, None
        from comity.pipeline.resuming import keep_for_later

        return result, keep_for_later(selection, inputs, built.checked, made[0], house)


def _read_cache(
    selection: Selection, extra: Extra, store: cache.Store | None, inputs: Inputs | None = None
) -> Lint | None:
    """The findings that ``store`` has; None if it has none."""
    if store is None:
        return None
    inputs = inputs or Inputs()
    return _decode_entry(store.get(key_of(selection, extra, inputs)), extra, inputs)


def _select_stdin(path: str, data: bytes) -> tuple[Selection, Extra]:
    """Standard input as the module at ``path``: in that file's place in its project, or (`-`) by itself."""
    if path == STDIN:
        alone = Project(absolute("."), Config(), {})
        return Selection(alone, frozenset()), {"stdin": (STDIN, data)}
    file = absolute(path)
    root, settings = locate(file)
    project = open_project(root, settings)
    return Selection(project, frozenset()), {module_name(file, project.source): (display(file), data)}


# ------------------------------------------------------------------------------------------- what is kept


def _key_of_last(selection: Selection) -> str:
    """The key of what the last lint has left behind (`resuming.py`), whatever the texts were."""
    return f"{key_of(selection, {}, None)}.last"


def _modules(project: Project) -> dict[str, str]:
    """The modules of a project, and where each is to be read."""
    return {name: display(file) for name, file in project.files.items()}


def _encode_entry(result: Lint, selection: Selection, inputs: Inputs) -> bytes | None:
    """An entry of the cache: the findings, and which other files were read for them."""
    pointed = {span.path for d in result.diagnostics for span in (d.span, *(related.span for related in d.related))}
    modules = {
        *_modules(selection.project).values(),
        *(path for path in result.read if is_standard(path)),
    }
    return dumps(
        {
            "inputs": {path: inputs.mark(path) for path in inputs.paths if path not in modules},
            "diagnostics": [encoded(d) for d in result.diagnostics],
            "analysed": result.analysed,
            "sources": {path: source.module for path, source in result.sources.items() if path in pointed},
            "files": result.files,
            "read": result.read,
        }
    )


def _decode_entry(data: bytes | None, extra: Extra, inputs: Inputs) -> Lint | None:
    """The cached findings, if every file that was read is unchanged."""
    if data is None:
        return None
    try:
        kept = loads(data)
        if any(inputs.mark(path) != mark for path, mark in kept["inputs"].items()):
            return None
        given = dict(extra.values())
        return Lint(
            diagnostics=tuple(map(decoded, kept["diagnostics"])),
            sources=dict(_sources(kept["sources"], given, inputs)),
            files=int(kept["files"]),
            analysed=bool(kept["analysed"]),
            read=tuple(map(str, kept["read"])),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OSError):
        return None


def _sources(
    modules: Mapping[str, str], given: Mapping[str, bytes], inputs: Inputs
) -> Iterator[tuple[str, SourceFile]]:
    for path, module in modules.items():
        data = given[path] if path in given else inputs.read(path)
        yield path, SourceFile(path, module, data.decode("utf-8-sig"))
