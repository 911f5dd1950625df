"""The command line: one file per command, each imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

import click

from comity._version import __version__

COMMANDS: dict[str, str] = {
    "init": "Make a starter project that lints clean and tests green.",
    "lint": "Check syntax, types, logic and house rules.",
    "fmt": "Bring files into the one canonical layout.",
    "test": "Run the tests of policies.",
    "build": "Compile policies to a Python package or to SQL.",
    "eval": "Decide facts given as JSON.",
    "diff": "Show which answers change between two versions.",
    "query": "Ask a decision about every value of a fact.",
    "monitor": "Follow an agreement or response through a log of events.",
    "explain": "Print the page of a diagnostic.",
    "lsp": "Start the language server that editors talk to.",
    "completion": "Print the script that completes commands in bash, zsh or fish.",
}
"""Each command and what it does; its module is `comity.cli.NAME`, its function `command`."""


class _Commands(click.Group):
    """Lists commands without importing them (`comity --help` must answer at once); fails without tracebacks."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(f"comity.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from comity.runtime.suggest import nearest

            close = nearest(name, COMMANDS)
            hint = f"did you mean `{close}`?" if close else f"there is {', '.join(COMMANDS)}"
            ctx.fail(f"there is no command `{name}`; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        from comity.cli.guard import readers_may_leave

        with readers_may_leave():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        from comity.cli.guard import readers_may_leave

        with readers_may_leave():
            return super().invoke(ctx)

    def main(self, args: Sequence[str] | None = None, *_: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run and exit: 0 well, 1 findings, 2 wrong use or input that cannot be read."""
        arguments = sys.argv[1:] if args is None else list(args)
        extra["prog_name"] = "comity"
        run = partial(super().main, arguments, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        from comity.cli.guard import guarded

        sys.exit(guarded(run, verbose=not {"-v", "--verbose"}.isdisjoint(arguments)))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="comity %(version)s")
def main() -> None:
    """Policy as code for export controls and reciprocity.

    `comity init DIR` starts a project; `comity COMMAND --help` says more about a command.
    """
