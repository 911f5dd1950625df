"""What the page about built packages shows is what they do: its policy is built, its sessions are run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import comity
from tests.backends.loading import imported
from tests.core import text

PAGE = (Path(__file__).parents[2] / "docs" / "compiled-api.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_sessions() -> None:
    (policy,) = blocks("comity")
    program = text.interpreter(policy).program
    names = {"decision": comity.Program(program).decision("licensing")}
    session = doctest.DocTestParser().get_doctest("".join(blocks("pycon")), names, "compiled-api.md", None, 0)
    with imported(program, "package"):
        result = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(session)
    assert result.failed == 0
    assert result.attempted > 20
