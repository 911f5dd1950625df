"""Boundary tests for `comity test --generate`: written, tried where they are to be pasted, and shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.base.source import Span
from comity.core.interpret import Interpreter
from comity.pipeline.driver import Build, build
from comity.runtime.light import dataclass
from comity.tools.generate import Pair, generate
from comity.tools.testing import run_tests
from comity.workspace.project import Selection


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Pairs with the path of the file they belong into. ``missed``: lines for which none was found. ``left``: how many
    were not looked at, after many inputs.
    """

    pairs: Sequence[tuple[str, Pair]]
    missed: Sequence[Span]
    left: int = 0

    def to_json(self) -> dict[str, object]:
        return {
            "generated": [
                {
                    "path": pair.span.path,
                    "line": pair.span.line,
                    "target": pair.target,
                    "into": path,
                    "tests": [pair.holds, pair.fails],
                }
                for path, pair in self.pairs
            ],
            "missed": [{"path": span.path, "line": span.line} for span in self.missed],
            "left": self.left,
        }

    def lines(self) -> Iterator[str]:
        """The blocks, by the file that each is to be pasted into; then what is missed, as comments."""
        by_file: dict[str, list[Pair]] = {}
        for path, pair in self.pairs:
            by_file.setdefault(path, []).append(pair)
        for path, pairs in by_file.items():
            yield f"# {path}"
            for pair in pairs:
                yield ""
                yield from pair.text.rstrip("\n").split("\n")
            yield ""
        for span in self.missed:
            yield f"# {span.path}:{span.line}: no two inputs were found of which this line makes the difference"


def boundaries(selection: Selection, made: Build) -> Boundaries:
    """The pairs that are missing in the files shown; each passes where it is to be pasted."""
    interpreter = Interpreter(made.program)
    found = generate(interpreter, made.shown, lambda span: _words(made, span))
    paths = {source.module: path for path, source in made.sources.items()}
    by_module: dict[str, list[Pair]] = {}
    for pair in found.pairs:
        by_module.setdefault(pair.module, []).append(pair)
    passed: list[tuple[str, Pair]] = []
    missed = list(found.missed)
    for module, pairs in by_module.items():
        good = _passing(selection, made, paths[module], module, pairs)
        passed += [(paths[module], pair) for pair in pairs if pair in good]
        missed += [pair.span for pair in pairs if pair not in good]
    return Boundaries(passed, sorted(missed), found.left)


def _words(made: Build, span: Span) -> str:
    return made.sources[span.path].text[span.start : span.end]


def _passing(selection: Selection, made: Build, path: str, module: str, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that pass at the end of their file. Where one cannot stand there, each is tried by itself."""
    text = "\n\n".join([made.sources[path].text.rstrip(), *(pair.text for pair in pairs)])
    again = build(selection, {module: (path, text.encode())})
    if again.errors:
        if len(pairs) == 1:
            return []
        middle = len(pairs) // 2
        halves = pairs[:middle], pairs[middle:]
        return [pair for half in halves for pair in _passing(selection, made, path, module, half)]
    first = made.sources[path].text.rstrip().count("\n") + 1
    tests = [test for test in again.program.tests if test.span.path == path and test.span.line > first]
    results = run_tests(Interpreter(again.program), tests).results
    return [
        pair
        for number, pair in enumerate(pairs)
        if all(result.status == "passed" for result in results[2 * number : 2 * number + 2])
    ]
