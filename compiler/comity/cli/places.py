"""What other services need to know beside the findings: where a file lies in its repository, and a code's page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from comity.base.diagnostics import CODES
from comity.linter.formats import RuleHelp
from comity.linter.pages import as_markdown, page
from comity.workspace.project import absolute, repository_of
from comity.workspace.reading import is_standard


def in_repository(path: str) -> str:
    """A display path, relative to the root of the git repository that the file is in; as it is if it is in none.

    Code scanning and annotations find a file by this path, from whatever folder the command was run.
    """
    if path == "-" or is_standard(path):
        return path
    file = absolute(path)
    root = _root_of(file.parent)
    return path if root is None else file.relative_to(root).as_posix()


@cache
def _root_of(folder: Path) -> Path | None:
    return repository_of(folder)


def rule_help(code: str) -> RuleHelp:
    """The page of a code: its first paragraphs, all of it, and where it is to be read."""
    found = page(code)
    home = documentation()
    uri = f"urn:comity:diagnostic:{code}" if home is None else f"{home.rstrip('/')}/docs/diagnostics/{code}.md"
    if found is None:
        summary = f"{CODES[code].summary[:1].upper()}{CODES[code].summary[1:]}."
        return RuleHelp(summary, summary, f"# {code} {CODES[code].name}\n\n{summary}\n", uri)
    prose = re.split(r"^(?:Fires on|Quiet on|File \S+|Settings):", found.text, maxsplit=1, flags=re.MULTILINE)[0]
    return RuleHelp(" ".join(prose.split()), found.text, as_markdown(found), uri)


def home() -> str:
    """The web address of Comity; a name for it if the installed package has none, since SARIF asks for one."""
    return documentation() or "urn:comity"


@cache
def documentation() -> str | None:
    """The web address of Comity's sources and pages, if the installed package names one."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("comity").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    named = {label.strip().lower(): url.strip() for label, _, url in (entry.partition(",") for entry in urls)}
    return named.get("documentation") or named.get("source") or named.get("repository")
