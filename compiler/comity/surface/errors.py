"""What the surface reports, and the pages of its codes. The wording of syntax errors is in `wording`."""

from __future__ import annotations

from comity.base.diagnostics import Related, Report
from comity.base.source import Span
from comity.surface.wording import Failure, in_words


def syntax_error(failure: Failure, report: Report) -> None:
    """The text is not what the language expects here.

    The message says what was expected instead, and the caret stands under the first word that does not fit. Reading
    goes on at the next declaration (in an agreement, at its next item), so each mistake is reported once; what was
    spoilt by it is left out, and its names are taken for known.

    Common causes: a `:` missing before a block, a tab among the spaces of the indentation, a bracket or a text that
    is not closed, a reserved word used as a name, `=` where values are compared with `==`, a clause given twice
    that may stand once, a `# comity: ignore[...]` that does not say why, a window behind `or`, `and` or `implies`
    without parentheses (does it date the whole line, or the last part?).

    Fires on:

        rule one for licensing  # E001
            then license_required

        rule two for licensing:
            when destination = RU  # E001
            then license_required

        rule three for licensing:
            when destination == RU
            then  # E001

        rule four for licensing:
            when destination == RU
            when destination == BY  # E001
            then license_required

    Fires on:

        define all for Export:  # E001
            value > 5 USD

        set FRIENDS: Country = {NO, SE  # E001

        define cheap for Export:
            value < 5 USD

    Fires on:

        rule one for licensing:
            when destination == RU or destination == BY from 2022-03-02  # E001
            then license_required

    Quiet on:

        rule one for licensing:
            when destination == RU or (destination == BY from 2022-03-02)
            then license_required

        set FRIENDS: Country = {
            NO,
            SE,
        }

        # comity: ignore[H501] an example needs no citation
        define cheap for Export:
            value < 5 USD
    """
    said = in_words(failure)
    if said.too_deep:
        unreadable_file(said.message, said.span, report, said.help)
    else:
        report.add("E001", said.message, said.span, related=said.related, help=said.help, fix=said.fix)


def twice(clause: str, span: Span, first: Span, report: Report) -> None:
    """A clause given twice that may stand once (E001)."""
    related = (Related("first given here", first),)
    report.add("E001", f"`{clause}` is given twice, and may stand once", span, related=related)


def unreadable_file(message: str, span: Span, report: Report, help: str | None = None) -> None:
    """A file is not there, is not text, or is nested too deep.

    A file of Comity is UTF-8 text (a byte order mark is accepted) of at most 8 MiB, and no part of it is nested in
    more than 200 others. UTF-16, which some editors call "Unicode", a NUL byte and a folder in place of a file are
    refused too. Save the file as UTF-8, or give parts of what is nested too deep names of their own.

    Fires on:

        define deep for Export:
            value > ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((
                ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((
                (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((( 5 USD  # E002
                ))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
                ))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
                ))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))

    Quiet on:

        define shallow for Export:
            value > (((5 USD)))
    """
    report.add("E002", message, span, help=help)
