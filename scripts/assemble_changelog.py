"""Turns the fragments of `changelog.d/` into a section of CHANGELOG.md, and removes them.

    python scripts/assemble_changelog.py 0.2.0 --date 2026-12-01

The paragraphs of a fragment become one item of a list, in the order of the fragments' names. A fragment that is a list
stays the items it has.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def item(text: str) -> str:
    """A fragment as an item of a list: what follows its first line is indented below it. A list is itself."""
    if text.startswith("- "):
        return text.strip()
    first, *others = text.strip().split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" if line.strip() else "" for line in others)])


def assembled(changelog: str, version: str, day: str, fragments: list[str]) -> str:
    """The changelog with a section for a version before those there are. Raises ValueError if it has one."""
    if re.search(rf"^## {re.escape(version)}\b", changelog, re.MULTILINE):
        raise ValueError(f"CHANGELOG.md has a section {version} already")
    section = f"## {version} ({day})\n\n" + "\n".join(map(item, fragments)) + "\n\n"
    start = re.search(r"^## ", changelog, re.MULTILINE)
    at = start.start() if start is not None else len(changelog)
    return changelog[:at] + section + changelog[at:]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """0 if the section was written; 2 if there is nothing to write, or it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version")
    parser.add_argument("--date", default=date.today().isoformat())
    options = parser.parse_args(arguments)
    files = sorted(file for file in (root / "changelog.d").glob("*.md") if file.name != "README.md")
    changelog = root / "CHANGELOG.md"
    if not files:
        print("changelog.d has no fragments", file=sys.stderr)
        return 2
    try:
        text = assembled(
            changelog.read_text(encoding="utf-8"),
            options.version,
            options.date,
            [file.read_text(encoding="utf-8") for file in files],
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    changelog.write_text(text, encoding="utf-8")
    for file in files:
        file.unlink()
    print(f"{len(files)} fragments are now in CHANGELOG.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
