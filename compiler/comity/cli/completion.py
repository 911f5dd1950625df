"""`comity completion SHELL`: the script by which a shell completes commands, options and their values."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

VARIABLE = "_COMITY_COMPLETE"
"""The environment variable by which the script asks `comity` for words."""

SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> int:
    """Print the script that completes `comity` in SHELL.

    \b
    bash  in ~/.bashrc: eval "$(comity completion bash)"
    zsh   in ~/.zshrc:  eval "$(comity completion zsh)"
    fish  comity completion fish > ~/.config/fish/completions/comity.fish
    """  # noqa: D301  (click knows the paragraph that is not to be wrapped by a real backspace)
    from comity.cli import main

    complete = SHELLS[shell](main, {}, "comity", VARIABLE)
    # What click's `source` gives, but for its check of the installed bash: who prints may not be who runs it.
    click.echo(complete.source_template % complete.source_vars())
    return 0
