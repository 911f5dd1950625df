"""Packages as type checkers see them: `mypy --strict` and pyright over a program that imports one."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from comity.backends.python import emit
from comity.pipeline.driver import load_program

ROOT = Path(__file__).parents[2]
LICENCES = "benchmarks/licences"

CONSUMER = """\
from typing import Literal

from package import licensing
from package.facts import ExportFacts
from package.records import Export


def license_needed(facts: ExportFacts | Export) -> bool:
    return licensing.license_required(facts)


def outcome(facts: ExportFacts) -> Literal["free", "closed"]:
    found = licensing.outcome(facts)
    if found == "prohibited" or found == "license_required" or found == "exception_available":
        return "closed"
    return found


def reasons(facts: ExportFacts, day: str) -> list[str]:
    answer = licensing.decide(facts, as_of=day)
    return [rule.name for rule in answer.rules] + list(answer.needs)
"""
"""Correct as it is. What is left of an outcome after three comparisons is one literal."""

EAR_CONSUMER = """\
from typing import Literal

from package import jurisdiction, licensing
from package.facts import ExportFacts


def outcome(facts: ExportFacts) -> Literal["subject", "not_subject_to_ear"]:
    found = jurisdiction.outcome(facts)
    return "subject" if found == "subject_to_ear" else found


def free(facts: ExportFacts) -> bool:
    return licensing.no_license_required(facts)
"""

MISTAKES = {
    'facts: ExportFacts = {"destinaton": "RU"}': "destinaton",
    'licensing.outcome({}) == "perhaps"': "perhaps",
    "licensing.license_requierd({})": "license_requierd",
    "licensing.decide({}, as_of=2022)": "as_of",
}
"""Lines that are wrong, each with what the type checker must name."""


def program(consumer: str) -> str:
    return consumer + "\n\n" + "\n".join(MISTAKES) + "\n"


def write(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def licences() -> dict[str, str]:
    return emit(load_program([ROOT / LICENCES]), "package")


@pytest.mark.parametrize("policy", [LICENCES, pytest.param("policies/ear", marks=pytest.mark.slow)])
def test_a_stub_declares_what_its_file_has(policy: str) -> None:
    files = emit(load_program([ROOT / policy]), "package")
    stubs = [name for name in files if name.endswith(".pyi")]
    assert {"licensing.pyi", "always.pyi"} <= set(stubs)
    for stub in stubs:
        ours, theirs = (ast.parse(files[name]) for name in (stub, stub.removesuffix("i")))
        assert {name: each for name, each in declared(theirs).items() if not name.startswith("_")} == declared(ours)
        assert not any(isinstance(node, (ast.IfExp, ast.BoolOp, ast.Call)) for node in ast.walk(ours)), stub


def declared(module: ast.Module) -> dict[str, str]:
    """Functions and annotated constants by name, with their types."""
    found: dict[str, str] = {}
    for statement in module.body:
        match statement:
            case ast.FunctionDef(name=name, args=arguments, returns=returns):
                given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                types = [f"{each.arg}: {ast.unparse(each.annotation)}" for each in given if each.annotation]
                optional = len(arguments.defaults) + sum(each is not None for each in arguments.kw_defaults)
                found[name] = f"{types} {optional} {ast.unparse(returns) if returns else ''}"
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                found[name] = ast.unparse(annotation)
    return found


def run(command: list[str], folder: Path) -> tuple[int, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1800)
    return done.returncode, done.stdout + done.stderr


def mypy(*what: str) -> list[str]:
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    return [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "--config-file", "", *what]


def pyright(*what: str) -> list[str]:
    if shutil.which("pyright") is None:
        pytest.skip("pyright is not installed")
    return ["pyright", "--pythonpath", sys.executable, *what]


@pytest.mark.slow
def test_mypy_accepts_the_licences_and_who_uses_them(licences: dict[str, str], tmp_path: Path) -> None:
    write(licences, tmp_path)
    (tmp_path / "good.py").write_text(CONSUMER, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(program(CONSUMER), encoding="utf-8")
    assert run(mypy("-p", "package", "-m", "good"), tmp_path) == (0, run_of(tmp_path))
    refuses(run(mypy("-m", "wrong"), tmp_path), MISTAKES)


def run_of(folder: Path) -> str:
    """What mypy says where there is nothing to say."""
    count = len({*(folder / "package").rglob("*.py")}) + 1
    return f"Success: no issues found in {count} source files\n"


def refuses(said: tuple[int, str], mistakes: dict[str, str]) -> None:
    code, text = said
    assert code == 1 and text.count("error:") >= len(mistakes), text
    for line, named in mistakes.items():  # pyright says it on lines below that of the error
        assert named in text, (line, text)


@pytest.mark.slow
def test_mypy_reads_the_bodies_of_the_licences_too(licences: dict[str, str], tmp_path: Path) -> None:
    """Without the stubs, so that what is generated is checked and not only declared."""
    write({name: text for name, text in licences.items() if not name.endswith(".pyi")}, tmp_path)
    assert run(mypy("-p", "package"), tmp_path)[0] == 0


@pytest.mark.slow
def test_pyright_accepts_the_licences_and_who_uses_them(licences: dict[str, str], tmp_path: Path) -> None:
    write(licences, tmp_path)
    (tmp_path / "good.py").write_text(CONSUMER, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(program(CONSUMER), encoding="utf-8")
    code, text = run(pyright("package", "good.py"), tmp_path)
    assert code == 0, text
    compared = 'licensing.outcome({}) == "perhaps"'  # a comparison that is always false is not an error to it
    refuses(run(pyright("wrong.py"), tmp_path), {k: v for k, v in MISTAKES.items() if k != compared})


@pytest.mark.slow
def test_mypy_accepts_the_regulations_and_who_uses_them(tmp_path: Path) -> None:
    write(emit(load_program([ROOT / "policies" / "ear"]), "package"), tmp_path)
    (tmp_path / "good.py").write_text(EAR_CONSUMER, encoding="utf-8")
    code, text = run(mypy("-p", "package", "-m", "good"), tmp_path)
    assert code == 0, text
