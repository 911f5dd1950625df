"""`comity explain CODE`: the page of a diagnostic."""

from __future__ import annotations

from difflib import get_close_matches

import click

from comity.diagnostics import CODES
from comity.pages import page


@click.command("explain")
@click.argument("code")
def command(code: str) -> int:
    """Print what the diagnostic CODE (or its name) means, why it matters, and what to do."""
    wanted = next((c for c in CODES.values() if code.upper() == c.code or code.lower() == c.name), None)
    if wanted is None:
        near = get_close_matches(code.upper(), CODES, 1) or get_close_matches(code, [c.name for c in CODES.values()], 1)
        raise click.UsageError(f"`{code}` is no diagnostic" + (f"; did you mean `{near[0]}`?" if near else ""))
    text = page(wanted.code)
    click.echo(f"{wanted.code} {wanted.name} ({wanted.severity.value})\n")
    click.echo(text.text if text is not None else f"{wanted.summary[:1].upper()}{wanted.summary[1:]}.")
    return 0
