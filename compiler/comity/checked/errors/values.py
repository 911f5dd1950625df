"""What is wrong with types, values and clauses; each function's docstring is the page of its code."""

from __future__ import annotations

from collections.abc import Iterable

from comity.base.diagnostics import Report
from comity.base.source import Span
from comity.checked.errors.spelling import Relateds, spelling, suggested


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
    report.add("E103", message + known, span, help=suggested(close, help), fix=spelling(span, close))


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
    report.add("E104", message, span, help=suggested(close, help), fix=spelling(span, close))


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
    report.add("E105", message, span, related=related, help=suggested(close, help), fix=spelling(span, close))


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
    report.add("E108", message, span, related=related, help=suggested(close, help), fix=spelling(span, close))


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
