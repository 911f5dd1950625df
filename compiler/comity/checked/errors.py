"""The diagnostics of checking; each function's docstring is the page of its code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.base.diagnostics import Applicability, Diagnostic, Fix, Related, Report, replacement
from comity.base.source import Span
from comity.runtime.suggest import Suggestion

Relateds = tuple[Related, ...]


def _spelling(span: Span, close: str | None) -> Fix | None:
    """The fix that writes the name that was probably meant. It is safe only where nothing else can have been meant."""
    if not isinstance(close, Suggestion) or span.end - span.start != len(close.written):
        return None  # the span is not that of the name
    return replacement(span, close, Applicability.SAFE if close.sure else Applicability.UNSAFE)


def _help(close: str | None, help: str | None = None) -> str | None:
    return f"did you mean `{close}`?" if close else help


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
    report.add("E010", message, span, help=_help(close), fix=_spelling(span, close))


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
    report.add("E013", message, span, help=_help(close, help), fix=_spelling(span, close))


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


def type_mismatch(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    """A value of one type stands where another is needed.

    The message names both types, and the second mark shows the other side. Numbers do not turn into percentages
    (`0.25` is not `25%`) nor amounts, and a country is never a column of the chart. An Int is a Number, and a country
    is a Place; money divided by money may be used as a percentage.

    Fires on:

        define odd for Export:
            destination == 300 kg  # E101

    Fires on:

        define odd for Item:
            us_content > 0.25  # E101

    Fires on:

        define worth for Export -> Money in USD:
            cases_of_chips  # E101

        define cases_of_chips for Export -> Int:
            3

    Fires on:

        rule chips for licensing:
            when all:
                item.eccn within 3A001
                value  # E101
            then license_required

    Quiet on:

        define fine for Export:
            all:
                destination in {RU, BY}
                item.us_content > 25%
                value / 2 > 5_000 USD
                100 USD / value > 10%
                round_up(value / 300 USD) in 1..9
    """
    report.add("E101", message, span, related=related, help=help)


def unit_mismatch(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    """Quantities of different dimension, or amounts in different currencies, meet.

    Lengths compare with lengths and dollars with dollars; there is no rate of exchange in the law. Months and years
    have no fixed length: they only add to dates, so a Duration is written in hours, days or weeks.

    Fires on:

        define costly for Export:
            value > 5_000 EUR  # E102

    Fires on:

        record Exercise:
            distance: Length
            notified: Duration

        define near for Exercise:
            distance < 3 days  # E102

        define late for Exercise:
            notified < 6 months  # E102

    Quiet on:

        record Exercise:
            distance: Length
            notified: Duration
            begins: Date
            told: Date

        define near for Exercise:
            all:
                distance < 12 nmi + 500 m
                notified >= 6 weeks
                told + 6 months <= begins
    """
    report.add("E102", message, span, related=related, help=help)


def unknown_field(
    report: Report, message: str, span: Span, fields: Iterable[str], close: str | None, help: str | None = None
) -> None:
    """A record has no field of that name, or a value has no fields.

    The message lists the record's fields. A definition of a record reads like one of its fields where its module is
    used.

    Fires on:

        define chips for Export:
            item.ecnn within 3A001  # E103

    Fires on:

        define chips for Export:
            destination.region == "Europe"  # E103

    Fires on:

        test "chips" for licensing:
            given:
                item.ecn = 3A001  # E103
            expect no_license_required

    Quiet on:

        define chip for Item:
            eccn within 3A001 and eccn.paragraph == "a"

        define chips for Export:
            item.chip and item.eccn.category == 3
    """
    names = ", ".join(f"`{name}`" for name in fields)
    known = f"; its fields are {names}" if names else ""
    report.add("E103", message + known, span, help=_help(close, help), fix=_spelling(span, close))


def unknown_value(report: Report, message: str, span: Span, close: str | None, help: str | None = None) -> None:
    """A name beside a value of an enum is not a member of it.

    The nearest member is offered. Countries are written by their code of ISO 3166-1: the United Kingdom is `GB`.

    Fires on:

        define british for Export:
            destination == UK  # E104

    Fires on:

        define to_user for Export:
            any p in parties: p.role in {end_usr, consignee}  # E104

    Fires on:

        zone KALININGRAD in RUS  # E104

    Quiet on:

        zone KALININGRAD in RU

        define british for Export:
            destination == GB or any p in parties: p.role == end_user
    """
    report.add("E104", message, span, help=_help(close, help), fix=_spelling(span, close))


def unknown_outcome(
    report: Report, message: str, span: Span, close: str | None, related: Relateds = (), help: str | None = None
) -> None:
    """A rule, an `otherwise` or a test names no outcome of its decision.

    Outcomes are those that the decision lists. A rule that names none may only disapply other rules, or refer to
    counsel.

    Fires on:

        rule chips for licensing:
            when item.eccn within 3A001
            then licence_required  # E105

    Fires on:

        decision review for Export:
            outcomes:
                denial
                approval
            otherwise approve  # E105

    Fires on:

        rule idle for licensing:  # E105
            when destination in EMBARGOED

    Quiet on:

        rule chips for licensing:
            when item.eccn within 3A001
            then license_required

        rule allies for licensing:
            disapplies chips
            when destination in NATO

        rule doubtful for licensing:
            refer to counsel "Is it the kind of chip that is meant?"
            when item.eccn within 3A090
    """
    report.add("E105", message, span, related=related, help=_help(close, help), fix=_spelling(span, close))


def invalid_literal(report: Report, message: str, span: Span, help: str | None = None) -> None:
    """A literal that is written well but means nothing.

    A day that no calendar has, a classification number outside the Commerce Control List's scheme (category 0–9, group
    A–E, three digits, then paragraphs: a letter, or a number of one or two digits without a leading zero), a currency
    that ISO 4217 does not know, a text with a sign that does not show, a range of codes whose ends are not of one
    series.

    Fires on:

        define leap for Export:
            date == 2022-02-30  # E106

    Fires on:

        define chips for Export:
            item.eccn within 3Z999  # E106

    Fires on:

        define fifth_paragraph for Export:
            item.eccn within 3A001.a.05  # E106

    Fires on:

        define lithography for Export:
            item.eccn within {3B001.n to 3B001.k}  # E106

    Fires on:

        define local for Item:
            us_content > 25%%  # E106

    Fires on:

        record Parcel:
            price: Money in USX  # E106

    Quiet on:

        define fine for Export:
            all:
                date == 2024-02-29
                item.eccn within 3A001.b.2
                item.eccn within {3B001.k to 3B001.n}
                item.us_content > 25%
                value > 5_000 USD
    """
    report.add("E106", message, span, help=help)


def bad_table(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    """A table's rows cannot be read.

    The message gives row and column of the file, both counted from 1, the header included. Every column is a key, a
    value, `from` or `until`, or is named after `ignoring`; a row has as many cells as the header; keys are
    members of their type and stand once for any day. A blank Bool cell is false, `X` is true.

    File data/limits.csv:

        country,value
        BE,5_000 USD
        XX,5_000 USD

    Fires on:

        table limit(country: Country) -> Money in USD from "data/limits.csv"  # E107

    File data/doubled.csv:

        country,value
        BE,5_000 USD
        BE,6_000 USD

    Fires on:

        table limit(country: Country) -> Money in USD from "data/doubled.csv"  # E107

    File data/ragged.csv:

        country,value,name
        BE,5_000 USD

    Fires on:

        table limit(country: Country) -> Money in USD from "data/ragged.csv" ignoring name  # E107

    Fires on:

        table limit(country: Country) -> Money in USD from "data/missing.csv"  # E107

    File data/good.csv:

        iso2,name,value,from,until
        BE,Belgium,5_000 USD,,2021-12-31
        BE,Belgium,6_000 USD,2022-01-01,

    Quiet on:

        table limit(country "iso2": Country) -> Money in USD from "data/good.csv" ignoring name

        table troops(country: Country) -> Int:
            BE: 7_000
            FR: 9_000
    """
    report.add("E107", message, span, related=related, help=help)


def wrong_arguments(
    report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None, close: str | None = None
) -> None:
    """Arguments of the wrong number, or by a name that is not there.

    A definition with parameters takes as many arguments as it declares, a table as many keys; a record is built by the
    names of its fields, of which those with a default or a `?` may be left out.

    Fires on:

        define near(code: Eccn, to: Country):
            code within 3A001 and to in NATO

        define chips for Export:
            near(item.eccn)  # E108

    Fires on:

        define someone for Export:
            Person(role = end_user) in parties  # E108

    Fires on:

        table limit(country: Country, role: Role) -> Money in USD:
            BE, end_user: 5_000 USD

        define low for Export:
            value <= limit[destination]  # E108

    Quiet on:

        define near(code: Eccn, to: Country):
            code within 3A001 and to in NATO

        define chips for Export:
            near(item.eccn, destination)

        define someone for Export:
            Person(role = end_user, country = RU) in parties
    """
    report.add("E108", message, span, related=related, help=_help(close, help), fix=_spelling(span, close))


def unguarded_absent(report: Report, message: str, span: Span, help: str | None = None) -> None:
    """A value that may be absent is used where nothing says that it is present.

    An entry without a limit has no limit to compare with: the law then says nothing, and neither zero nor unknown
    would say that. Ask first: `x is present and …`, in a line after it of an `all:` block, after `x is absent or`, in
    the conclusion of `x is present implies`, or in a case with that condition.

    Fires on:

        define military for Export:
            purpose == "military"  # E109

    Fires on:

        define military for Export:
            any:
                purpose is present
                purpose == "military"  # E109

    Quiet on:

        define military for Export:
            purpose is present and purpose == "military"

        define civil for Export:
            all:
                purpose is present
                purpose != "military"

        define stated for Export -> Text:
            purpose when purpose is present
            "none stated" otherwise
    """
    report.add("E109", message, span, help=help)


def unfit_clause(report: Report, message: str, span: Span, help: str | None = None) -> None:
    """A clause of a commitment means nothing beside another of its clauses.

    A prohibition and a permission have no number, and do not run out by a day; only a duty (`shall`, without a number
    or `ensure`) does. A period is one of a number, and so is `parity`. `ensure` says how acts are to be done that are
    not counted. What a clause cannot mean would bind nobody, or the other way round: `shall not deploy at least 3
    Missile` reads like a ban of the third, and would oblige to three.

    Fires on:

        agreement talks between NORTH, SOUTH:
            status proposed

            commitment missiles by each party:
                may deploy at most 3 Missile  # E111

    Fires on:

        agreement talks between NORTH, SOUTH:
            status proposed

            commitment missiles by each party:
                shall not deploy Missile by 2030-01-01  # E111

    Quiet on:

        agreement talks between NORTH, SOUTH:
            status proposed

            commitment missiles by each party:
                shall deploy at most 3 Missile

            commitment silence by each party:
                shall not deploy Missile until 2030-01-01
                when reach > 500 km
    """
    report.add("E111", message, span, help=help)
