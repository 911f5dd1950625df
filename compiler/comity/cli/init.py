"""`comity init`: a starter project."""

from __future__ import annotations

import json
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from shlex import quote

import click

from comity._version import __version__
from comity.cli.output import quiet_option, verbose_option
from comity.workspace.project import UsageError, absolute, display, repository_of

STARTER = Path(__file__).parent.parent / "starter"
WHEELS = "wheels/comity-*.whl"
"""Where the workflow finds Comity if nothing says where else it can be had."""

ABOUT_WHEEL = """\
The workflow installs Comity from a wheel in `wheels`, which is kept with the project. Make it from a checkout of
Comity, or copy the one you installed:

    pip wheel --no-deps -w wheels PATH_OF_THE_CHECKOUT
"""


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@quiet_option
@verbose_option
def command(directory: Path, quiet: bool, verbose: bool) -> int:
    """Make a starter project in DIR: a small policy with tests that lints clean, settings, CI and pre-commit files.

    Inside a git repository the workflow and the hooks go to the repository's root, where they are read. No file that
    is already there is changed.
    """
    folder = absolute(directory)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{directory} is not a folder")
    root = repository_of(folder) or folder
    source = source_of_comity()
    files = starter_files(folder, root, source)
    hooks = root / ".pre-commit-config.yaml"
    kept = hooks.exists() and root != folder
    if kept:  # one file for the whole repository, which is not ours to change
        files[folder / ".pre-commit-config.yaml"] = files.pop(hooks)
    if taken := [file for file in files if file.exists()]:
        raise UsageError(f"{directory} already has {_names(taken, folder)}; nothing was written")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    if not quiet:
        click.echo(f"made {_names(list(files), folder)} in {display(folder)}")
        if kept:
            click.echo(f"pre-commit reads {display(hooks)} alone: add the hooks of the new file to it")
        if source is None:
            click.echo("CI installs Comity from a wheel in `wheels`: README.md says how to put it there")
        click.echo(f"next: cd {quote(str(directory))} && comity lint && comity test")
    return 0


def starter_files(folder: Path, root: Path, source: str | None) -> dict[Path, str]:
    """The files of a project in ``folder`` of the repository ``root``, with their text.

    ``source``: the requirement that installs Comity; None if it is to come from a wheel in the project.
    """
    inside = folder.relative_to(root).as_posix()
    name = "policies" if inside == "." else folder.name
    below, named = ("", "") if inside == "." else (f"^{re.escape(inside)}/.*", f" {quote(inside)}")
    values = {
        "NAME": name,
        "FOLDER": inside,
        "INSTALL": f"python -m pip install {WHEELS if source is None else quote(source)}",
        "LINT": f"comity lint --fail-on warning{named}",
        "TEST": f"comity test{named}",
        "POLICIES": rf"{below}\.comity$",
        "ALL": rf"{below}(\.comity|\.csv|comity\.toml)$",
        "TESTED": rf"{below}(\.comity|\.csv)$",
    }
    values = {key: _scalar(value) for key, value in values.items()}
    values["WHEEL"] = ABOUT_WHEEL if source is None else ""
    templates = {
        folder / "comity.toml": "comity.toml",
        folder / "policies" / "licensing.comity": "licensing.comity",
        root / ".github" / "workflows" / f"{name}.yml": "workflow.yml",
        root / ".pre-commit-config.yaml": "pre-commit.yaml",
        folder / "README.md": "readme.md",
    }
    return {file: _filled(STARTER / template, values) for file, template in templates.items()}


def _scalar(text: str) -> str:
    """A text as YAML reads it back: plain where that is safe."""
    return text if re.fullmatch(r"[\w^\\(.][\w ^\\()|.*/$-]*", text) and text == text.strip() else json.dumps(text)


def _filled(template: Path, values: dict[str, str]) -> str:
    text = template.read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], text).rstrip("\n") + "\n"


def _names(files: list[Path], folder: Path) -> str:
    """Files as their project's author names them: from its folder, or from the working directory."""
    return ", ".join(f.relative_to(folder).as_posix() if f.is_relative_to(folder) else display(f) for f in files)


def source_of_comity() -> str | None:
    """The requirement by which pip installs this Comity on another machine; None if nothing says where it can be had.

    A git or web address that it was installed from here (PEP 610), else the `Source` of its metadata.
    """
    try:
        installed = distribution("comity")
    except PackageNotFoundError:
        return None
    return _installed_from(installed) or _published_at(installed)


def _installed_from(installed: Distribution) -> str | None:
    try:
        origin = json.loads(installed.read_text("direct_url.json") or "{}")
        url, repository = str(origin.get("url", "")), origin.get("vcs_info")
        if repository is not None and not url.startswith("file:"):
            return f"comity @ {repository['vcs']}+{url}@{repository['commit_id']}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return f"comity @ {url}" if url.startswith("https:") else None


def _published_at(installed: Distribution) -> str | None:
    for entry in installed.metadata.get_all("Project-URL") or ():
        label, _, url = entry.partition(",")
        if label.strip().lower() in ("source", "repository"):
            return f"comity @ git+{url.strip()}@v{__version__}"
    return None
