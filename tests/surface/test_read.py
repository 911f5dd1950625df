"""From bytes to text."""

from __future__ import annotations

import pytest

from comity.base.diagnostics import Report
from comity.surface.read import LARGEST, decode


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), ("é𝔘\r\n".encode(), "é𝔘\r\n"), (b"\xef\xbb\xbfenum", "enum"), (b"a" * LARGEST, "a" * LARGEST)],
)
def test_text(data: bytes, text: str) -> None:
    report = Report()
    assert decode(data, "x", report) == text
    assert not report.diagnostics


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"ab\nc\x00d", "a NUL byte: this is not text", 2, 2),
        ("ab\n\u00e9\u00e9\u00e9".encode("latin-1"), "not UTF-8: byte 0xe9 does not fit here", 2, 1),
        ("é\n".encode() + b"\xff", "not UTF-8: byte 0xff does not fit here", 2, 1),
        (b"\xef\xbb\xbfab\xff", "not UTF-8: byte 0xff does not fit here", 1, 3),
        ("enum".encode("utf-16"), "the file is UTF-16", 1, 1),
        ("enum".encode("utf-16-be"), "a NUL byte: this is not text", 1, 1),
        (b"\xfe\xff\x00e", "the file is UTF-16", 1, 1),
        (b"a" * (LARGEST + 1), "larger than 8 MiB", 1, 1),
    ],
)
def test_no_text(data: bytes, message: str, line: int, column: int) -> None:
    report = Report()
    assert decode(data, "x", report) is None
    (found,) = report.diagnostics
    assert (found.code, found.message, found.span.line, found.span.column) == ("E002", message, line, column)
