"""Says where Comity's repository is: `python scripts/set_source.py https://HOST/OWNER/NAME`; alone, shows what is set.

`[project.urls]` in pyproject.toml is where the address is kept. An installed Comity reads it from its own metadata:
the workflow of `comity init` installs from there, and SARIF names it. Files that no installation reads follow it, and
this script writes them: docs/ci.md and the VS Code extension. Until an address is set they say `example-org/comity`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"https://(?P<host>[\w-]+(?:\.[\w-]+)+)/(?P<path>[\w.-]+(?:/[\w.-]+)+)")
COPY = "example-org/comity"


def source(root: Path) -> str | None:
    """The address that is set."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = project.get("urls", {}).get("Source")
    return None if found is None else str(found)


def changes(root: Path, url: str) -> dict[Path, str]:
    """The files that speak of the repository, with their texts once it is at ``url``. Raises ValueError."""
    url = url.rstrip("/").removesuffix(".git")
    found = ADDRESS.fullmatch(url)
    if found is None:
        raise ValueError(f"{url} is not an address such as https://HOST/OWNER/NAME")
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    section = f'[project.urls]\nSource = "{url}"\n'
    if source(root) is None:
        project = project.replace("[project.scripts]\n", f"{section}\n[project.scripts]\n", 1)
    else:
        project = re.sub(r'\[project\.urls\]\nSource = ".*"\n', lambda _: section, project)
    page = (root / "docs" / "ci.md").read_text(encoding="utf-8")
    page = page.replace(f"uses: {_on_github(source(root))}@", f"uses: {_on_github(url)}@")
    page = re.sub(r"(git\+|- repo: )https://[^\s@]+", lambda found: found[1] + url, page)
    page = re.sub(r"(?<=of this page\.\n).*?(?=\n\n)", lambda _: _explained(url), page, count=1, flags=re.DOTALL)
    manifest = json.loads((root / "editors" / "vscode" / "package.json").read_text(encoding="utf-8"))
    extension = (root / "editors" / "vscode" / "package.json").read_text(encoding="utf-8")
    line = f'  "repository": {{ "type": "git", "url": {json.dumps(url)} }},\n'
    if "repository" in manifest:
        extension = re.sub(r'  "repository": .*\n', lambda _: line, extension)
    else:
        extension = extension.replace('  "license"', f'{line}  "license"', 1)
    return {
        root / "pyproject.toml": project,
        root / "docs" / "ci.md": page,
        root / "editors" / "vscode" / "package.json": extension,
    }


def _on_github(url: str | None) -> str:
    """What the action is called. GitHub takes actions from itself alone."""
    return url.removeprefix("https://github.com/") if url and url.startswith("https://github.com/") else COPY


def _explained(url: str) -> str:
    """The lines of docs/ci.md about names in its examples."""
    github = "" if _on_github(url) != COPY else " on GitHub or"
    return (
        f"Comity's repository is <{url}>.\n"
        f"In the examples, `v0.1.0` stands for one of its tags, and `{COPY}` for a copy of it{github} on your GitLab."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout")
    options = parser.parse_args()
    if options.url is None:
        print(source(options.root) or "no address is set")
        return 0
    try:
        made = changes(options.root, options.url)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for file, text in made.items():
        file.write_text(text, encoding="utf-8")
        print(f"wrote {file.relative_to(options.root)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
