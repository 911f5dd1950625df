"""From bytes to text."""

from __future__ import annotations

from comity.base.diagnostics import Report
from comity.base.source import Span
from comity.surface.errors import unreadable_file

LARGEST = 8 * 1024 * 1024
"""Bytes of one file."""


def decode(data: bytes, path: str, report: Report) -> str | None:
    """The text of a file, without a byte order mark; None if it is not text, which is reported (E002)."""
    if len(data) > LARGEST:
        unreadable_file(f"larger than {LARGEST // 1024 // 1024} MiB", _at(data, 0, path), report)
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        unreadable_file("the file is UTF-16", _at(data, 0, path), report, "save it as UTF-8")
    elif (nul := data.find(0)) >= 0:
        unreadable_file("a NUL byte: this is not text", _at(data, nul, path), report)
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # The decoder counts from behind a byte order mark.
            offset = error.start + (len(data) - len(error.object))
            message = f"not UTF-8: byte {data[offset]:#04x} does not fit here"
            unreadable_file(message, _at(data, offset, path), report, "save it as UTF-8")
    return None


def _at(data: bytes, offset: int, path: str) -> Span:
    """The place of a byte in a text that does not decode: the line, and the column as far as it does."""
    before = data[:offset].decode("utf-8-sig", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Span(path, len(before), len(before), line, column, line, column)
