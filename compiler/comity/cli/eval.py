"""`comity eval`: decides facts given as JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeVar

import click

from comity.api import Decision, Program
from comity.base.diagnostics import DiagnosticsError
from comity.base.watching import doing
from comity.cli.output import (
    cache_option,
    color_option,
    fit,
    program_paths,
    project_option,
    quiet_option,
    read_day,
    terminal_width,
    verbose_option,
    write_atomically,
)
from comity.cli.progress import progress
from comity.cli.streams import is_one_stream, note
from comity.linter.formats import to_json
from comity.pipeline.programs import find, load_for_answers, load_whole
from comity.runtime.answer import Answer
from comity.runtime.errors import FactsError, Missing, Problem, Unreadable
from comity.runtime.facts import loads_json
from comity.workspace.cache import store
from comity.workspace.project import UsageError

if TYPE_CHECKING:  # what is not asked for one answer should not wait for them
    from comity.base.source import Span
    from comity.cli.receipt import Receipt
    from comity.core import ast as core
    from comity.explain.account import Account
    from comity.pipeline.driver import Build
    from comity.runtime.package import Decision as PackageDecision

T = TypeVar("T")


class Refused:
    """An input that is not JSON; it is answered in its place, beside the others of a stream."""

    def __init__(self, error: FactsError) -> None:
        self.error = error


class Inputs:
    """The inputs of a run, read as they are needed. ``shape``: what they came as, and answers go as."""

    def __init__(self, stream: BinaryIO) -> None:
        self.shape = "lines"
        self._items = self._read(stream)

    def __iter__(self) -> Iterator[object]:
        return self._items

    def _read(self, stream: BinaryIO) -> Iterator[object]:
        """One object, an array, or JSON lines. Only where the first line is not JSON by itself is all of it read."""
        lines: Iterator[bytes] = (line for line in stream if line.strip())
        first = next(lines, b"")
        try:
            head = loads_json(first)
        except FactsError as error:
            rest = list(lines)
            try:
                head, lines = loads_json(b"".join([first, *rest])), iter(())
            except FactsError as whole:
                stream_of_lines = any(map(_is_object, rest))
                yield Refused(error if stream_of_lines else whole)
                yield from _lines(rest if stream_of_lines else ())
                return
        if isinstance(head, list):
            self.shape = "array"
            yield from head
            head = next(lines, None)
            if head is not None:
                raise click.UsageError("there is more after the array of facts")
            return
        yield head
        yield from _lines(lines)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(loads_json(line), dict)
    except FactsError:
        return False


def _lines(lines: Iterable[bytes]) -> Iterator[object]:
    for line in lines:
        try:
            yield loads_json(line)
        except FactsError as error:
            yield Refused(error)


@contextmanager
def opened(facts: str | None) -> Iterator[BinaryIO]:
    if facts not in (None, "-"):
        with Path(str(facts)).open("rb") as file:
            yield file
        return
    if facts is None and sys.stdin.isatty():
        raise click.UsageError("name the facts: --facts FILE, or - for standard input")
    yield sys.stdin.buffer


class _Command(click.Command):
    """`--explain` takes its value only after `=`, so that `--explain licensing` still names a decision."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, ["--explain=short" if each == "--explain" else each for each in args])


@click.command("eval", cls=_Command)
@click.argument("decision", required=False)
@click.option(
    "--facts",
    metavar="FILE",
    help="JSON: one object, an array, or objects on lines; - (also if not given) is standard input.",
)
@click.option("--as-of", callback=read_day, metavar="DATE", help="Decide as of DATE, whatever day the facts name.")
@click.option(
    "--explain",
    type=click.Choice(["short", "tree", "json"]),
    metavar="[=tree|json]",
    help="Say in words what was decided and why; -v also names the defaults that were used. "
    "=tree: also each rule line by line, and which facts would change the answer. =json: the tree as JSON.",
)
@click.option("--ask", is_flag=True, help="Ask for the facts that matter, one by one; --facts may give some already.")
@click.option(
    "--table",
    metavar="FILE",
    help="Decide each row of a .parquet, .csv or .jsonl file; columns are fields (`item.eccn`).",
)
@click.option("-o", "--output", metavar="FILE", help="With --table: the file for the answers, of one of these kinds.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="With --table: a column to keep, be it a fact or not.")
@click.option(
    "--unit", multiple=True, metavar="COLUMN=UNIT", help="With --table: the unit of a column of numbers (`value=USD`)."
)
@click.option(
    "--receipt", metavar="FILE", help="Also write a receipt: the answers, the facts, and hashes of the policy."
)
@click.option("--replay", metavar="FILE", help="Check that the policy still gives the answers of a receipt.")
@project_option
@cache_option
@quiet_option
@color_option
@verbose_option
def command(
    decision: str | None,
    facts: str | None,
    as_of: date | None,
    explain: str | None,
    ask: bool,
    table: str | None,
    output: str | None,
    keep: tuple[str, ...],
    unit: tuple[str, ...],
    receipt: str | None,
    replay: str | None,
    project: str | None,
    use_cache: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Decide DECISION for facts given as JSON. Where two modules have a decision of that name, write `module.decision`.

    There is one answer for each input, in the form of the inputs: an object, an array, or objects on lines. Exit code
    1: facts were refused, or the rules contradict each other or leave a gap; 2: wrong use.
    """
    plain = explain in (None, "short") and not (ask or receipt or replay or table)
    made = None if plain else _built(project)
    program = Program(_answering(project, use_cache) if made is None else made.program)
    if replay is not None:
        return _replay(program, Path(replay))
    if decision is None:
        raise click.UsageError("name the decision" + f": there is {', '.join(program.core.decisions) or 'none'}")
    chosen = Decision(program, find("decision", decision, program.core.decisions))
    if table is not None:
        return _table(chosen, table, output, as_of, explain, keep, unit, quiet, not (facts or ask or receipt))
    if ask and made is not None:
        if facts == "-":
            raise click.UsageError("--ask reads replies from standard input: name a file for --facts")
        return _ask(made, chosen, facts, as_of, explain, receipt)
    kept = None if receipt is None else _receipt(chosen, as_of)
    explainer = _explainer(made) if made is not None and explain in ("tree", "json") else None
    spoken = explain in ("short", "tree")
    failed = False
    in_words = not (quiet or is_one_stream())  # in JSON a refusal is there already
    with opened(facts) as stream, ExitStack() as stack:
        inputs = Inputs(stream)
        quicker = _Quicker(stack, lambda: load_whole(program_paths(project), store() if use_cache else None))
        stack.enter_context(progress(quiet or sys.stdout.isatty()))
        answers = _watched(answered(chosen, inputs, as_of, verbose, explainer or quicker))
        first = next(answers, None)
        separator = "[\n" if inputs.shape == "array" and not spoken else ""
        for given, answer in chain(() if first is None else (first,), answers):
            failed = failed or "error" in answer.document
            if kept is not None and not isinstance(given, Refused):
                kept.add(given, answer.answer)
            if spoken:
                sys.stdout.write(f"{separator}{answer.text}\n")
                separator = "\n"
                continue
            sys.stdout.write(separator + to_json(answer.document, 2 if sys.stdout.isatty() else None))
            separator = ",\n" if inputs.shape == "array" else ""
            sys.stdout.write("" if inputs.shape == "array" else "\n")
            if in_words and answer.refused:
                note(f"refused: {answer.text}")
        if inputs.shape == "array" and not spoken:
            sys.stdout.write("[]\n" if first is None else "\n]\n")
    if kept is not None:
        write_atomically(Path(str(receipt)), kept.to_bytes())
    return int(failed)


def _built(project: str | None) -> Build:
    """All that the passes make of the program."""
    from comity.pipeline.driver import build_one

    return build_one(program_paths(project))


def _answering(project: str | None, use_cache: bool) -> core.Program:
    """The program as far as answers follow from it, which nothing needs to be read again for."""
    return load_for_answers(program_paths(project), store() if use_cache else None)


def _receipt(chosen: Decision, as_of: date | None, partial: bool = False) -> Receipt:
    from comity.cli.receipt import Receipt

    return Receipt.of(chosen.program.core, chosen.core, as_of, partial)


def _table(
    chosen: Decision,
    table: str,
    output: str | None,
    as_of: date | None,
    explain: str | None,
    keep: tuple[str, ...],
    units: tuple[str, ...],
    quiet: bool,
    alone: bool,
) -> int:
    from comity.cli.eval_table import evaluate  # what is not asked for tables should not wait for them

    if not alone:
        raise click.UsageError("--table takes no --facts, --ask or --receipt")
    if explain not in (None, "short"):
        raise click.UsageError("--table explains in columns: --explain")
    path = None if output is None else Path(output)
    return evaluate(chosen, Path(table), path, as_of, explain is not None, keep, units, quiet)


class Said:
    """An answer to one input, or its refusal, as JSON and in words.

    ``document`` is what is shown, ``answer`` what a receipt keeps: the answer without what explains it.
    """

    def __init__(self, decision: Decision, answer: Answer | Account | FactsError, defaults: bool = False) -> None:
        """``defaults``: the words name the fields whose default was used."""
        self.refused = isinstance(answer, FactsError)
        self._given = decision, answer, defaults
        if isinstance(answer, FactsError):
            problems = list(map(_refused, answer.problems))
            self.document: dict[str, object] = {
                "decision": decision.name,
                "outcome": None,
                "determined": False,
                "possible": [],
                "needs": [],
                "error": "refused",
                "problems": problems,
            }
            self.answer = self.document
        elif isinstance(answer, Answer):
            self.document = self.answer = answer.to_json()
        else:
            self.document, self.answer = answer.to_json(), answer.answer.to_json()

    @property
    def text(self) -> str:
        """The words, which are put together where they are shown."""
        decision, answer, defaults = self._given
        if isinstance(answer, FactsError):
            return fit(f"{decision.name}: {answer}", sys.stdout)
        if isinstance(answer, Answer):
            return fit(answer.explain(defaults), sys.stdout)
        return fit(answer.text(terminal_width(sys.stdout), defaults), sys.stdout)


Explainer: TypeAlias = Callable[[Decision, object, date | None], "Answer | Account"]


MANY = 400
"""The input at which the decision is compiled; that takes as long as the interpreter takes for some hundreds more."""


class _Quicker:
    """Answers by the interpreter, which begins at once; after `MANY`, by the compiled decision, which says the same.

    The code is made here and now of the texts, if they are still those of the program: none is read from anywhere.
    ``stack``: until when. ``load``: gives the program with all its declarations.
    """

    def __init__(self, stack: ExitStack, load: Callable[[], core.Program]) -> None:
        self.stack = stack
        self.load = load
        self.asked = 0
        self.compiled: PackageDecision[Any] | None = None

    def __call__(self, decision: Decision, given: object, as_of: date | None) -> Answer:
        self.asked += 1
        try:
            if self.asked == MANY:
                self._compile(decision)
            if self.compiled is not None:
                return self.compiled.answer(given, as_of, None)
        except (RecursionError, SyntaxError):  # conditions nested more deeply than Python takes
            self.compiled = None
        return decision.answer(given, as_of)

    def _compile(self, decision: Decision) -> None:
        from comity.backends.python.memory import compiled  # few inputs need none of it

        doing("compiling the decision")
        program = decision.program
        try:
            whole = self.load()
        except (DiagnosticsError, UsageError):  # there is another text by now
            return
        if whole.source_hash == program.core.source_hash:
            self.compiled = self.stack.enter_context(compiled(whole, program.interpreter))(decision.core.qname)


def _watched(answers: Iterator[T]) -> Iterator[T]:
    """The same, saying how many there have been."""
    for number, answer in enumerate(answers):
        if number % 100 == 0 and number:
            doing(f"{number:,} inputs decided")
        yield answer


def _explainer(made: Build, partial: bool = False) -> Explainer:
    """Answers with their trees. ``partial``: to facts of which those that are left out are unknown."""
    from comity.explain.account import explain  # what is not asked for trees should not wait for them

    def words(span: Span) -> str:
        return made.sources[span.path].text[span.start : span.end]

    def explained(decision: Decision, given: object, as_of: date | None) -> Account:
        return explain(decision.program.interpreter, decision.core, given, as_of, words, partial)

    return explained


def _refused(problem: Problem) -> dict[str, object]:
    said = {"path": problem.path, "value": _plain(problem.value), "expected": problem.expected}
    return {**said, "hint": problem.hint} if problem.hint else said


def _plain(value: object) -> object:
    """A refused value as JSON: null if there is none; what is not JSON is shown as it was written."""
    match value:
        case Missing.MISSING:
            return None
        case Unreadable(text):
            return text
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)


def answered(
    decision: Decision,
    inputs: Iterable[object],
    as_of: date | None,
    defaults: bool = False,
    explainer: Explainer | None = None,
) -> Iterator[tuple[object, Said]]:
    """Each input with what is said to it. ``explainer``: answers in place of the decision's own `answer`."""
    answer = explainer or Decision.answer
    for given in inputs:
        if isinstance(given, Refused):
            yield given, Said(decision, given.error)
            continue
        try:
            yield given, Said(decision, answer(decision, given, as_of), defaults)
        except FactsError as error:
            yield given, Said(decision, error)


def _partial_answer(decision: Decision, given: object, as_of: date | None) -> Answer:
    return decision.program.interpreter.decide_json(decision.core.qname, given, as_of, partial=True)


def _ask(
    made: Build, chosen: Decision, facts: str | None, as_of: date | None, explain: str | None, receipt: str | None
) -> int:
    """The answer to facts that are asked for; ``facts``: a file with those that are known already."""
    from comity.cli.ask import Stopped, converse
    from comity.tools.interview import Interview

    known = {} if facts is None else loads_json(Path(facts).read_bytes())
    if not isinstance(known, dict):
        raise click.UsageError("--ask begins with the facts of one input: one JSON object")
    try:
        interview = Interview(chosen.program.interpreter, chosen.core, known, as_of)
    except FactsError as error:
        raise click.UsageError(f"the facts that --ask begins with are refused: {error}") from None
    try:
        converse(interview)
    except (Stopped, KeyboardInterrupt):
        note("")
        note("stopped before there was an answer; nothing was written")
        return 2
    given, day = interview.facts, interview.as_of
    explainer = _explainer(made, partial=True) if explain in ("tree", "json") else _partial_answer
    ((_, said),) = answered(chosen, [given], day, explainer=explainer)
    in_words = explain in ("short", "tree") or (explain is None and sys.stdout.isatty())
    sys.stdout.write(f"{said.text}\n" if in_words else to_json(said.document) + "\n")
    if receipt is not None:
        kept = _receipt(chosen, day, partial=True)
        kept.add(given, said.answer)
        write_atomically(Path(receipt), kept.to_bytes())
    return int("error" in said.document)


def _replay(program: Program, path: Path) -> int:
    """Whether the sources still give the answers of a receipt: exit 0 if so, 1 with the differences."""
    from comity.cli.receipt import Receipt

    kept = Receipt.read(path)
    chosen = Decision(program, find("decision", kept.decision, program.core.decisions))
    current = Receipt.of(program.core, chosen.core, kept.as_of, kept.partial)
    explainer = _partial_answer if kept.partial else None
    for given, answer in answered(chosen, kept.facts, kept.as_of, explainer=explainer):
        current.add(given, answer.answer)
    differences = kept.differences(current)
    report = {"replayed": len(kept.facts), "same": not differences, "differences": differences}
    sys.stdout.write(to_json(report) + "\n")
    return int(bool(differences))
