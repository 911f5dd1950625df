"""`comity init`: a starter project."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from comity.cli.output import quiet_option, verbose_option
from comity.project import UsageError, display

STARTER = Path(__file__).parent.parent / "starter"
FILES = {
    "comity.toml": "comity.toml",
    "policies/licensing.comity": "licensing.comity",
    ".github/workflows/policies.yml": "workflow.yml",
    ".pre-commit-config.yaml": "pre-commit.yaml",
    "README.md": "readme.md",
}
"""What goes where, and the template it is made of."""


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@quiet_option
@verbose_option
def command(directory: Path, quiet: bool, verbose: bool) -> int:
    """Make a starter project in DIR: a small policy with tests that lints clean, settings, CI and pre-commit files.

    No file that is already there is changed.
    """
    files = {name: (STARTER / template).read_bytes() for name, template in FILES.items()}
    taken = [name for name in files if (directory / name).exists()]
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is no folder")
    if taken:
        raise UsageError(f"{directory} already has {', '.join(taken)}; nothing was written")
    for name, data in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    if not quiet:
        click.echo(f"made {', '.join(files)} in {display(directory.absolute())}")
        click.echo(f"next: cd {quote(str(directory))} && comity lint && comity test")
    return 0
