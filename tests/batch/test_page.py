"""`docs/batch.md` says what happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from comity.backends.batch import result

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")


def test_the_example_prints_what_stands_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (expected,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue() == expected


def test_every_column_of_the_answers_is_named() -> None:
    for name in (*result.COLUMNS, *result.EXPLAINED, *result.STATUSES):
        assert f"`{name}`" in PAGE
