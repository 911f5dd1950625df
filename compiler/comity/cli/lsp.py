"""`comity lsp`: the language server, on standard input and output."""

from __future__ import annotations

import logging
import os
import sys
from importlib.util import find_spec

import click

from comity.cli.output import verbose_option


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak on standard input and output (the default; editors pass it).")
@verbose_option
def command(stdio: bool, verbose: bool) -> int:
    """Start the language server that editors talk to, on standard input and output.

    Needs the extra `comity[lsp]`. How to set up VS Code, Neovim, Emacs and others: docs/editors.md.
    """
    if find_spec("pygls") is None:
        click.echo("the language server needs pygls: pip install 'comity[lsp]'", err=True)
        return 2
    from comity.lsp.requests import serve

    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    # The server's own copies: it closes them, and nothing else that prints may end up among its messages.
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as replies:
        os.dup2(2, 1)
        serve(requests, replies)
    return 0
