"""What is wrong with names, and with what depends on what; each function's docstring is the page of its code."""

from __future__ import annotations

from collections.abc import Sequence

from comity.base.diagnostics import Diagnostic, Related, Report
from comity.base.source import Span
from comity.checked.errors.spelling import Relateds, spelling, suggested


def unknown_module(report: Report, module: str, span: Span, close: str | None, itself: bool = False) -> None:
    """A `use` names a module that is not there.

    A module is a file: its name is its path below the project's `source` folder, with dots for slashes and without
    `.comity`. Modules of the standard library begin with `std.`.

    Fires on:

        use prelud: Export  # E010

    Fires on:

        use std.contries: *  # E010

    Quiet on:

        use prelude: Export
        use std.countries: Country, US
    """
    message = f"`{module}` uses itself" if itself else f"there is no module `{module}`"
    report.add("E010", message, span, help=suggested(close), fix=spelling(span, close))


def circular(report: Report, message: str, span: Span, related: Relateds = (), subjects: tuple[str, ...] = ()) -> None:
    """Definitions, decisions or sets rest on themselves.

    What a word means may not depend on what it means. The message names the way round; take one of its steps out,
    or say the condition that both need in a definition of its own. Modules may use each other freely: only
    declarations may not go in a circle. A record may not hold itself either.

    Fires on:

        define sensitive for Export:  # E011
            item.eccn within 3A001 or watched

        define watched for Export:
            sensitive and destination in EMBARGOED

    Fires on:

        set ALLIES: Country = NATO | FRIENDS  # E011
        set FRIENDS: Country = ALLIES - {TR}

    Fires on:

        decision review for Export:  # E011
            outcomes:
                denial
                approval
            otherwise approval

        rule strict for review:
            when review == approval
            then denial

    Quiet on:

        define sensitive for Export:
            item.eccn within 3A001

        define watched for Export:
            sensitive and destination in EMBARGOED

        decision review for Export:
            outcomes:
                denial
                approval
            otherwise approval

        rule strict for review:
            when licensing == prohibited
            then denial
    """
    report.add("E011", message, span, related=related, subjects=subjects)


def duplicate_name(
    report: Report, message: str, span: Span, related: Relateds = (), subjects: tuple[str, ...] = ()
) -> None:
    """A name stands twice in one scope, hides another, or is swapped twice.

    A reader must be able to tell what a name means from where it stands. A field may not have the name of a member of
    an enum that is declared in the file or named in a `use`, a variable not that of any member in sight, nor of a field
    or variable around it. Names that come with `use m: *` give way to a module's own declarations. In a mirror, each
    name is swapped with one other name: a swap done twice must give back the text.

    Fires on:

        define costly for Export:
            value > 5_000 USD

        define costly for Export:  # E012
            value > 9_000 USD

    Fires on:

        enum Mood:
            glad
            listed

        record Visit:
            listed: Bool  # E012

    Fires on:

        define any_listed for Export:
            any value in parties: value.listed  # E012

    Fires on:

        record Exercise:
            acts conduct
            troops: Int
            location: Place

        party EAST = {RU}
        party WEST = {US}

        agreement quiet_border between EAST, WEST:
            commitment east by EAST:
                shall not conduct Exercise
                when location within UA
            commitment west by WEST:
                shall not conduct Exercise
                when location within BY
            mirror east with west:
                swapping UA with BY
                swapping UA with RU  # E012

    Quiet on:

        record Item:
            "Hides the `Item` of the prelude, which came with a star"
            eccn: Eccn

        define costly for Export:
            value > 5_000 USD

        rule costly for licensing:
            when costly
            then license_required
    """
    report.add("E012", message, span, related=related, subjects=subjects)


def unknown_name(report: Report, message: str, span: Span, close: str | None, help: str | None = None) -> None:
    """A name that nothing declares.

    The nearest spelling is offered where there is one. A name of another module wants a `use`. Verbs are those
    that the record `acts`; a misspelt member beside a value of its enum is E104.

    Fires on:

        define costly for Export:
            vlaue > 5_000 USD  # E013

    Fires on:

        rule chips for licencing:  # E013
            when item.eccn within 3A001
            then license_required

    Fires on:

        rule chips for licensing:
            subject to allies  # E013
            when item.eccn within 3A001
            then license_required

    Fires on:

        record Exercise:
            acts conduct
            troops: Int

        party EAST = {RU}
        party WEST = {US}

        agreement calm between EAST, WEST:
            commitment exercises by each party:
                shall not hold Exercise  # E013
                when troops >= 9_000

    Quiet on:

        define costly for Export:
            value > 5_000 USD

        rule chips for licensing:
            when item.eccn within 3A001 and costly
            then license_required
    """
    report.add("E013", message, span, help=suggested(close, help), fix=spelling(span, close))


def ambiguous_name(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    """A bare name that fits two enums (or two modules) where nothing decides between them.

    A bare member takes its enum from its surroundings: beside `==`, in a set that is compared, as an argument.
    Where nothing is expected and two visible enums have it, write its enum before it. A declaration that two used
    modules share is written with its module.

    Fires on:

        enum Colour:
            orange
            red

        enum Fruit:
            apple
            orange

        define plenty for Export:
            count(x in {orange} where true) > 0  # E014

    Quiet on:

        enum Colour:
            orange
            red

        enum Fruit:
            apple
            orange

        record Basket:
            fruit: Fruit
            colour: Colour

        define plenty for Basket:
            all:
                fruit == orange
                colour in {orange, red}
                count(x in {Fruit.orange} where x == fruit) > 0
    """
    report.add("E014", message, span, related=related, help=help)


def not_analysed(report: Report, elsewhere: Sequence[Diagnostic], span: Span, root: str, marked: bool) -> None:
    """Errors in files that were not named keep the program from being analysed.

    The rules of a program answer one question together, so nothing is proved about the files that were named while
    another file of the same project has errors: there may be contradictions and gaps that nobody has looked for.
    The finding is placed at the first declaration that was to be analysed, and names the errors. Correct them, or
    move a file that does not belong to the program out of the project's folder.

    File broken.comity:

        define sensitive(:

    Fires on:

        define watched for Export:  # E016
            destination in EMBARGOED

    Quiet on:

        define watched for Export:
            destination in EMBARGOED
    """
    files = sorted({d.span.path for d in elsewhere})
    shown = ", ".join(f"`{path}`" for path in files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    whole = "the files of a project" if marked else f"without a comity.toml, all files below `{root}`"
    report.add(
        "E016",
        f"nothing was analysed, because {shown} {'has' if len(files) == 1 else 'have'} errors",
        span,
        related=tuple(Related(d.message, d.span) for d in elsewhere[:3]),
        help=f"correct them first: {whole} are one program",
    )


def too_deep(report: Report, what: str, through: int, span: Span, subjects: tuple[str, ...] = ()) -> None:
    """A declaration rests on others, those on others, and so on, to too great a depth.

    Whoever reads it, a person or a program, must go all the way down to know what it means. About a hundred steps
    (`define d2 for R: d1 and …`) are allowed, about fifty where each asks `any p in …`. State together what belongs
    together, in one definition of several lines. (In the example each minus sign is a step, so that it needs no
    hundred declarations.)

    Fires on:

        define d1 for Export -> Money in USD:
            ------------------------------------------------------------------------------------- value

        define d2 for Export -> Money in USD:
            ------------------------------------------------------------------------------------- d1

        define d3 for Export -> Money in USD:
            ------------------------------------------------------------------------------------- d2

        define d4 for Export -> Money in USD:
            ------------------------------------------------------------------------------------- d3

        define d5 for Export -> Money in USD:  # E015
            ------------------------------------------------------------------------------------- d4

    Quiet on:

        define costly for Export:
            value > 5_000 USD

        define watched for Export:
            costly and destination in EMBARGOED

        define sensitive for Export:
            watched or item.eccn within 3A001
    """
    how = f"rests on {through} others, one on the other" if through else "is one condition within the other"
    report.add(
        "E015",
        f"{what} {how}: that is too deep",
        span,
        subjects=subjects,
        help="state in one declaration what belongs together, instead of one after the other",
    )
