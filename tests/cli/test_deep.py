"""As far as declarations may rest on each other, no pass and no package runs out of calls, whoever calls them."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.cli import main

HEAD = """
record P:
    z: Bool

record R:
    x: Int?
    b: Bool
    ps: list of P

decision go for R:
    outcomes:
        yes
        nay
    otherwise nay

rule top for go:
    when {last}
    then yes

"""
LINKS = {
    "and": "define d{n} for R:\n    d{m} and x != {n}\n",
    "blocks": "define d{n} for R:\n    all:\n        d{m}\n        x != {n}\n",
    "or": "define d{n} for R:\n    x == {n} or (d{m} and x != {n})\n",
    "quantifiers": "define d{n} for R:\n    any p in ps: p.z and d{m}\n",
    "cases": "define d{n} for R -> Bool:\n    x != {n} when d{m}\n    false otherwise\n",
    "parameters": "define d{n}(b: Bool):\n    d{m}(b and b)\n",
    "decisions": "decision d{n} for R:\n    outcomes:\n        y{n}\n        n{n}\n    otherwise n{n}\n\n"
    "rule r{n} for d{n}:\n    when d{m} == y{m}\n    then y{n}\n",
}
LAST = {"parameters": "d{m}(b)", "decisions": "d{m} == y{m}"}
FACTS = {"x": -1, "b": True, "ps": [{"z": True}]}
LONGEST = {
    "and": 113, "blocks": 99, "or": 88, "quantifiers": 47, "cases": 113, "parameters": 158, "decisions": 52,
}  # fmt: skip
"""As long as a chain may be, last time it was looked for: where the search begins."""
CALLER = 150
"""So many calls a program may stand in when it calls ours; the tests' own come on top."""


def written(kind: str, length: int) -> str:
    first = (
        LINKS["decisions"].format(n=0, m="").replace("d == y", "b")
        if kind == "decisions"
        else "define d0 for R:\n    b\n"
    )
    if kind == "parameters":
        first = "define d0(b: Bool):\n    b\n"
    links = [first, *(LINKS[kind].format(n=n, m=n - 1) for n in range(1, length))]
    return HEAD.replace("{last}", LAST.get(kind, "d{m}").format(m=length - 1)) + "\n".join(links)


def run(*arguments: str, stdin: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)
    return result.exit_code, result.stdout + result.stderr


def deep(calls: int, ask: Callable[[], object]) -> object:
    return deep(calls - 1, ask) if calls else ask()


@pytest.mark.parametrize("kind", LINKS)
def test_the_longest_chain_there_may_be(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    policy = tmp_path / "m.comity"

    def accepted(length: int) -> bool:
        policy.write_text(written(kind, length), encoding="utf-8")
        code, said = run("eval", "go", stdin=json.dumps(FACTS))
        assert code == 0 or "E015" in said
        return code == 0

    fine, wrong = LONGEST[kind], LONGEST[kind] + 1
    if not accepted(fine) or accepted(wrong):  # the limit has been moved
        fine, wrong = 40, 400
        assert accepted(fine) and not accepted(wrong)
    while wrong - fine > 1:
        middle = (fine + wrong) // 2
        fine, wrong = (middle, wrong) if accepted(middle) else (fine, middle)
    policy.write_text(written(kind, wrong), encoding="utf-8")
    for command in (["lint"], ["build", "-o", "out"], ["test"], ["query", "go", "--by", "b"]):
        code, said = run(*command)
        assert code == 1 and "E015" in said and "internal" not in said, command

    policy.write_text(written(kind, fine), encoding="utf-8")
    package = f"deep_{kind}"
    for command in (["lint", "--no-cache", "--fail-on", "error", "--ignore", "L2"], ["build", "-o", package]):
        code, said = deep(CALLER, lambda command=command: run(*command))  # type: ignore[misc]
        assert code == 0, said
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    made = importlib.import_module(package).go
    unknown = {**FACTS, "x": None}
    for facts in (FACTS, unknown):
        interpreted = deep(CALLER, lambda facts=facts: run("eval", "go", stdin=json.dumps(facts)))  # type: ignore[misc]
        answer = deep(CALLER, lambda facts=facts: made.decide(facts))  # type: ignore[misc]
        assert json.loads(interpreted[1])["outcome"] == answer.outcome  # type: ignore[index, attr-defined]
    assert sys.getrecursionlimit() == 1000
