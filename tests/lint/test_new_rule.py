"""A stranger adds lint rules by CONTRIBUTING alone: each is one file and one line, in a copy of the compiler.

One is found by looking at what is written (H), the other by proof (L). Nothing else is touched, and both are explained,
reported, suppressed, and found again after an edit.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import cache_with_grammar

ROOT = Path(__file__).parents[2]

LINES = {
    "L": ("L999", '("L999", "same-outcome", _W, "a decision whose rules all give the same outcome"),'),
    "H": ("H999", '("H999", "long-name", _W, "a rule with a name that is hard to read"),'),
}

PROVED = '''\
"""All rules of a decision give the same outcome.

It does not depend on which of them applies: say it once, or check what the others were meant to say.

Fires on:

    decision review for Export:  # L999
        outcomes:
            denial
            approval
        otherwise approval

    rule embargo for review:
        when destination in EMBARGOED
        then denial

    rule russia for review:
        when destination == RU
        then denial

Quiet on:

    decision review for Export:
        outcomes:
            denial
            approval
        otherwise approval

    rule embargo for review:
        when destination in EMBARGOED
        then denial

    rule allies for review:
        when destination in NATO
        then approval
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.analysis.questions.change import Change
from comity.analysis.questions.question import DecisionQuestion


class SameOutcome(DecisionQuestion[str]):
    """Is there a second outcome among the rules? Asked of decisions with several."""

    code = "L999"
    words = "whether the rules of {} differ"

    def subjects(self) -> Iterable[str]:
        return (self.model.name,) if len(self.model.units) > 1 else ()

    def ask(self, subject: str) -> None:
        decision = self.model.decision
        outcomes = {rule.outcome for rule in decision.rules}
        if len(outcomes) == 1:
            message = f"all rules of `{decision.name}` say `{outcomes.pop()}`"
            self.report(message, decision.span, (decision.name,), help="say it once")

    def to_ask_again(self, change: Change) -> Iterable[str]:
        moved = any(rule.outcome != change.before[number].outcome for number, rule in change.changed.items())
        return self.subjects() if moved else ()


QUESTIONS = (SameOutcome,)
'''

WRITTEN = '''\
"""A rule with a name that is hard to read.

Twenty letters are enough to say what it is about.

Fires on:

    rule whatever_goes_to_embargoed_places for licensing:  # H999
        when destination in EMBARGOED
        then prohibited

Quiet on:

    rule embargo for licensing:
        when destination in EMBARGOED
        then prohibited
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.linter.context import Context, Finding
from comity.linter.tree import declarations
from comity.surface import ast as surface

LOCAL = True


def check(context: Context) -> Iterator[Finding]:
    for module in context.modules:
        for declared in declarations(module.surface):
            if isinstance(declared, surface.RuleDecl) and len(declared.name.text) > 20:
                yield Finding(f"`{declared.name.text}` is long", declared.name.span)
'''

FILES = {"L": ("analysis/questions/same_outcome.py", PROVED), "H": ("linter/rules/house/long_name.py", WRITTEN)}

POLICY = """\
use std.countries: *

record Export:
    destination: Country

decision review for Export:
    outcomes:
        denial
        approval
    otherwise approval

rule cuba for review:
    when destination == CU
    then denial

rule russia for review:
    when destination == RU
    then denial

rule allies_of_the_nation for review:
    when destination == CA
    then approval
"""
SAME = POLICY.replace("== CA\n    then approval", "== CA\n    then denial")

SESSION = """
import json, sys
from comity.analysis.questions.runner import DecisionRunner
from comity.pipeline.session import Session

first, *others = json.loads(sys.argv[2])
asked = []
ask_again = DecisionRunner.ask_again
DecisionRunner.ask_again = lambda runner, change: (asked.append(sorted(change.changed)), ask_again(runner, change))
session = Session([sys.argv[1]])
found = [[d.code for d in session.lint().diagnostics]]
for text in others:
    session.edit(sys.argv[1], text)
    found.append([d.code for d in session.lint().diagnostics])
print(json.dumps([found, asked]))
"""


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the compiler with a file and a line for each of the two rules."""
    root = tmp_path_factory.mktemp("copy")
    package = root / "compiler" / "comity"
    shutil.copytree(ROOT / "compiler" / "comity", package)
    for name in ("grammar", "stdlib"):
        (root / name).symlink_to(ROOT / name)
    table = package / "base" / "diagnostics.py"
    for family, (path, text) in FILES.items():
        (package / path).write_text(text, "utf-8")
        lines = table.read_text("utf-8").splitlines(keepends=True)
        last = max(number for number, line in enumerate(lines) if line.lstrip().startswith(f'("{family}'))
        lines.insert(last + 1, f"        {LINES[family][1]}\n")
        table.write_text("".join(lines), "utf-8")
    cache_with_grammar(root / "compiler" / "cache")
    return root / "compiler"


def run(compiler: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What Python says that is run with the copy."""
    environment = {**os.environ, "PYTHONPATH": str(compiler), "COMITY_CACHE_DIR": str(compiler / "cache")}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)


def lint(compiler: Path, file: Path, *options: str) -> list[tuple[str, int]]:
    done = run(compiler, "-m", "comity", "lint", "--format", "json", *options, str(file))
    assert done.returncode in (0, 1), done.stderr
    return [(each["code"], each["line"]) for each in json.loads(done.stdout)["diagnostics"]]


@pytest.fixture
def law(tmp_path: Path) -> Path:
    (tmp_path / "law.comity").write_text(SAME, "utf-8")
    return tmp_path / "law.comity"


@pytest.mark.parametrize("family", FILES)
def test_it_is_explained(compiler: Path, family: str) -> None:
    code, _ = LINES[family]
    done = run(compiler, "-m", "comity", "explain", code)
    assert FILES[family][1].splitlines()[0].strip('"') in done.stdout


@pytest.mark.parametrize("family", FILES)
def test_the_examples_of_its_page_run(compiler: Path, family: str) -> None:
    script = """
import sys, tempfile
from pathlib import Path
from comity.linter.pages import page
from tests.pages.test_pages import test_example
found = page(sys.argv[1])
for example in found.examples:
    with tempfile.TemporaryDirectory() as folder:
        test_example(found, example, Path(folder))
print(len(found.examples))
"""
    environment = {"PYTHONPATH": os.pathsep.join((str(compiler), str(ROOT)))}
    done = subprocess.run(
        [sys.executable, "-c", script, LINES[family][0]],
        capture_output=True,
        text=True,
        env={**os.environ, **environment, "COMITY_CACHE_DIR": str(compiler / "cache")},
    )
    assert done.stdout == "2\n", done.stderr


def test_they_are_reported(compiler: Path, law: Path) -> None:
    assert ("L999", 6) in lint(compiler, law)
    assert lint(compiler, law, "--select", "L999") == [("L999", 6)]
    assert "L999" not in [code for code, _ in lint(compiler, law, "--ignore", "L999")]
    law.write_text(POLICY.replace("allies_of_the_nation", "allies_of_the_nations"), "utf-8")
    assert lint(compiler, law, "--select", "L999,H999") == [("H999", 20)]


def test_they_are_suppressed(compiler: Path, law: Path) -> None:
    text = SAME.replace("allies_of_the_nation", "allies_of_the_nations")
    law.write_text(
        text.replace("decision review", "# comity: ignore[L999] so it is\ndecision review").replace(
            "rule allies", "# comity: ignore[H999] it is called so\nrule allies"
        ),
        "utf-8",
    )
    assert not {"L999", "H999", "H507"} & {code for code, _ in lint(compiler, law)}


def test_a_session_asks_again(compiler: Path, law: Path) -> None:
    """After an edit of one outcome the proof is found, and gone again; an edit of a condition changes nothing."""
    texts = [SAME, POLICY, POLICY.replace("== RU", "== BY"), SAME]
    done = run(compiler, "-c", SESSION, str(law), json.dumps(texts))
    found, asked = json.loads(done.stdout)
    assert ["L999" in codes for codes in found] == [True, False, False, True]
    assert asked == [[2], [1], [1, 2]] and done.stderr == ""
