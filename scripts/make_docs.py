"""Writes the pages of diagnostics to docs/diagnostics/ from where they are kept: `make docs`."""

from __future__ import annotations

from pathlib import Path

from comity.linter.pages import as_index, as_markdown, pages

FOLDER = Path(__file__).parent.parent / "docs" / "diagnostics"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = {f"{page.code.code}.md": as_markdown(page) for page in pages()} | {"index.md": as_index()}
    for stale in {file.name for file in FOLDER.iterdir()} - set(files):
        (FOLDER / stale).unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} files in {FOLDER}")


if __name__ == "__main__":
    main()
