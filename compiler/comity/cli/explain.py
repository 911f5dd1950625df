"""`comity explain CODE`: the page of a diagnostic."""

from __future__ import annotations

import click

from comity.base.diagnostics import CODES
from comity.linter.pages import page
from comity.runtime.suggest import nearest
from comity.workspace.config import nearest_code


@click.command("explain")
@click.argument("code")
def command(code: str) -> int:
    """Print what the diagnostic CODE (or its name) means, why it matters, and what to do."""
    wanted = next((c for c in CODES.values() if code.upper() == c.code or code.lower() == c.name), None)
    if wanted is None:
        near = nearest_code(code) or nearest(code, [c.name for c in CODES.values()])
        hint = f"did you mean `{near}`?" if near else f"codes are {', '.join(CODES)}"
        raise click.UsageError(f"`{code}` is not a diagnostic; {hint}")
    text = page(wanted.code)
    click.echo(f"{wanted.code} {wanted.name} ({wanted.severity.value})\n")
    click.echo(text.text if text is not None else f"{wanted.summary[:1].upper()}{wanted.summary[1:]}.")
    return 0
