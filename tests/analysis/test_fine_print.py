"""The fine print of the language (section 10), sentence by sentence: where each L-code fires, where it is quiet."""

from __future__ import annotations

import pytest

from comity.analysis import analyse
from comity.base.diagnostics import Diagnostic
from comity.core.interpret import Interpreter
from comity.tools.testing import run_tests

from .written import compiled

RECORD = """\
use std.countries: *

record Case as of day:
    a: Bool
    b: Bool
    c: Bool?
    n: Int
    to: Country
    day: Date

table listed(of: Country) -> Bool:
    US: false

"""
DECISION = """\
decision permit for Case:
    outcomes:
        ban
        ask
        free
{grounds}    otherwise free

"""


def program(rules: str, grounds: str = "", head: str = RECORD, decision: str = DECISION) -> str:
    return head + decision.format(grounds="".join(f"    {ground}\n" for ground in grounds.splitlines())) + rules


def found(text: str) -> list[Diagnostic]:
    made, errors = compiled(text, {})
    assert made is not None, [error.message for error in errors]
    return analyse(made)


def told(text: str, *codes: str) -> list[tuple[str, tuple[str, ...]]]:
    """Code and subjects of the findings, of these codes."""
    return [(each.code, each.subjects) for each in found(text) if each.code in codes]


def rule(name: str, *lines: str) -> str:
    return "\n".join((f"rule {name} for permit:", *(f"    {line}" for line in lines))) + "\n\n"


def test_what_given_asks_already_is_not_advised() -> None:
    """That a fact be known, where the claim is about its being unknown."""
    text = program(
        rule("r", "when a and c", "then ban")
        + "prove p for permit:\n    given a and c is unknown\n    then outcome == free\n"
    )
    assert [each.help for each in found(text) if each.code == "L200"] == ["allow these outcomes in `then`"]


ALONE = ("L202", "L203", "L204", "L211")
"""Of these, one is told of a rule."""

CASES = {
    # Undetermined answers
    "a contradiction is one every way, not where a condition is unknown": (
        rule("r", "when listed[to]", "then ban") + rule("s", "when a", "then free"),
        ("L201",),
        [],
    ),
    "a condition that is unknown in one rule does not make two others agree": (
        rule("r", "when a", "then ban") + rule("s", "when a", "then ask") + rule("t", "when c", "then free"),
        ("L201",),
        [("L201", ("s", "r")), ("L201", ("t", "r")), ("L201", ("t", "s"))],
    ),
    # One finding per cause
    "an empty window, and nothing else": (
        rule("r", "from 2022-02-01 until 2022-01-01", "when a and not a", "then ban"),
        ALONE,
        [("L211", ("r",))],
    ),
    "never applies, so it is not redundant too": (rule("r", "when a and not a", "then ban"), ALONE, [("L202", ("r",))]),
    "never applies: the `unless` counts": (rule("r", "when a", "unless a", "then ban"), ALONE, [("L202", ("r",))]),
    "never applies: what it is an exception to counts": (
        rule("r", "when a", "then ban") + rule("x", "exception to r", "when not a", "then free"),
        ALONE,
        [("L202", ("x",))],
    ),
    "never applies: being disapplied counts": (
        rule("r", "when a and b", "then ban") + rule("d", "disapplies r", "when a"),
        ALONE,
        [("L202", ("r",))],
    ),
    "never decides: several rules together displace it": (
        rule("r", "when a", "then ban")
        + rule("low", "notwithstanding r", "when n <= 5", "then ask")
        + rule("high", "notwithstanding r", "when n > 5", "then ask"),
        ("L203",),
        [("L203", ("r", "low", "high"))],
    ),
    "what applies only where it is unknown never applies": (
        rule("r", "when listed[to] and to == RU", "then ban"),
        ALONE,
        [("L202", ("r",))],
    ),
    "a rule that loses by a ground is redundant": (
        rule("r", "when a", "then ask") + rule("s", "when a", "then ban"),
        ALONE,
        [("L204", ("r",))],
        "prevail ban over ask",
    ),
    "both of two identical rules are redundant": (
        rule("r", "when a", "then ban") + rule("s", "when a", "then ban"),
        ALONE,
        [("L204", ("r",)), ("L204", ("s",))],
    ),
    "without a rule its exceptions have nothing to reach": (
        rule("r", "when a", "then free") + rule("x", "exception to r", "when b", "then ban"),
        ALONE,
        [],
    ),
    "without a rule its precedence is gone": (
        rule("r", "when a", "then ban") + rule("s", "notwithstanding r", "when a and b", "then free"),
        ALONE,
        [],
    ),
    "which rule an answer names is no change": (
        rule("r", "when a", "then ban") + rule("s", "when a and b", "then ban"),
        ALONE,
        [("L204", ("s",))],
    ),
    "an answer that is undetermined without a rule is another answer": (
        rule("r", "when c", "then ban") + rule("s", "when not c", "then ban"),
        ALONE,
        [],
    ),
    # L201
    "a family counts as one rule of a pair": (
        rule("f", "for each k in {RU, BY}", "when a", "then ban") + rule("s", "when b", "then free"),
        ("L201",),
        [("L201", ("s", "f"))],
    ),
    "a contradiction masked everywhere by a third rule is none": (
        rule("r", "when a", "then ban")
        + rule("s", "when a", "then ask")
        + rule("over", "notwithstanding r, s", "when a", "then free"),
        ("L201",),
        [],
    ),
    "a defeated rule still defeats": (
        rule("r", "when a", "then ban")
        + rule("s", "notwithstanding r", "when a", "then ask")
        + rule("t", "notwithstanding s", "when a", "then free"),
        ("L201", "L203"),
        [("L203", ("r", "s")), ("L203", ("s", "t"))],
    ),
    # L205
    "an `unless` without which nothing changes": (
        rule("r", "when a and b", "unless not a", "then ban"),
        ("L205",),
        [("L205", ("r",))],
    ),
    "a `notwithstanding` between rules that say the same": (
        rule("r", "when a", "then ban") + rule("s", "notwithstanding r", "when b", "then ban"),
        ("L205",),
        [("L205", ("s", "r"))],
    ),
    "silent where what it names never applies": (
        rule("r", "when a and not a", "then ban") + rule("s", "notwithstanding r", "when b", "then ban"),
        ("L205",),
        [],
    ),
    "silent where the rule has an empty window": (
        rule("r", "when a", "then ban")
        + rule("s", "from 2022-02-01 until 2022-01-01", "notwithstanding r", "when b", "then ban"),
        ("L205",),
        [],
    ),
    # L212
    "overreach: less restrictive than what else would be said": (
        rule("all_", "then ask") + rule("r", "when a", "then ban")
        + rule("s", "notwithstanding r, all_", "when b", "then free"),
        ("L212",),
        [],
    ),
    "overreach where what it displaces does not apply": (
        rule("base", "subject to s", "when not a", "then ask")
        + rule("r", "when a", "then ban")
        + rule("s", "notwithstanding r", "when b", "then free"),
        ("L212",),
        [("L212", ("s", "r"))],
    ),
    "a more restrictive rule does not overreach": (
        rule("base", "subject to s", "when not a", "then ask")
        + rule("r", "when a", "then free")
        + rule("s", "notwithstanding r", "when b", "then ban"),
        ("L212",),
        [],
    ),
    # L209
    "an outcome that is only ever possible is never given": (
        rule("r", "when listed[to]", "then ban") + rule("s", "when a", "then ask"),
        ("L209",),
        [("L209", ("permit", "ban"))],
    ),
    # The world
    "an input breaks an `always` line only if it is false": (
        rule("r", "when c is unknown", "then ban") + rule("s", "when c is known and not c", "then ask"),
        ("L202",),
        [("L202", ("s",))],
        "",
        RECORD.replace("    day: Date\n", "    day: Date\n    always c\n"),
    ),
    # Grounds
    "by later: the later window prevails": (
        rule("r", "from 2022-01-01", "when a", "then ban") + rule("s", "from 2022-02-01", "when a", "then free"),
        ("L201",),
        [],
        "prevail by later",
    ),
    "by later: equal days settle nothing": (
        rule("r", "from 2022-01-01", "when a", "then ban") + rule("s", "from 2022-01-01", "when a", "then free"),
        ("L201",),
        [("L201", ("s", "r"))],
        "prevail by later",
    ),
    "by later: a rule without a window is earliest": (
        rule("r", "when a", "then ban") + rule("s", "from 2022-01-01", "when a", "then free"),
        ("L201",),
        [],
        "prevail by later",
    ),
    "by restriction no contradiction is left": (
        rule("r", "when a", "then ban") + rule("s", "when b", "then free") + rule("t", "when c", "then ask"),
        ("L201",),
        [],
        "prevail by restriction",
    ),
    "a ground of outcomes leaves the others to contradict": (
        rule("r", "when a", "then ban") + rule("s", "when b", "then free") + rule("t", "when c", "then ask"),
        ("L201",),
        [("L201", ("s", "r")), ("L201", ("t", "s"))],
        "prevail ban over ask",
    ),
    # L210 and L200
    "refuted where `given` holds for certain": (
        rule("r", "when a", "then ban") + "prove p for permit:\n    given b\n    then outcome == ban\n",
        ("L210", "L200"),
        [("L210", ("p",))],
    ),
    "not settled where only an undetermined answer stands in the way": (
        rule("r", "when a", "then ban")
        + rule("s", "when a and c", "notwithstanding r", "then ask")
        + "prove p for permit:\n    given a and c is unknown\n    then outcome == ban\n",
        ("L210", "L200"),
        [("L200", ("p",))],
    ),
    "not settled where only a contradiction stands in the way": (
        rule("r", "when a", "then ban")
        + rule("s", "when a", "then ask")
        + "prove p for permit:\n    given a\n    then outcome == ban\n",
        ("L210", "L200"),
        [("L200", ("p",))],
    ),
    "a `given` that no input meets proves nothing": (
        rule("r", "when a", "then ban")
        + "prove p for permit:\n    given a and n > 3 and n < 4\n    then outcome == ban\n"
        + "prove q for permit:\n    given a and n > 3 and n < 5\n    then outcome == ban\n"
        + "prove s for permit:\n    given b and not b\n    then outcome == free\n",
        ("L202", "L210", "L200"),
        [("L202", ("p",)), ("L202", ("s",))],
    ),
    "it holds, and an unknown `given` is none": (
        rule("r", "when c", "then ban") + "prove p for permit:\n    given c\n    then outcome == ban\n",
        ("L210", "L200"),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_rules(name: str) -> None:
    rules, codes, expected, *rest = CASES[name]
    assert told(program(rules, *rest), *codes) == expected


def lines_told(*lines: str, head: str = RECORD, window: str = "") -> list[tuple[str, bool]]:
    """Which lines of a rule's `when` are idle, and what they always are."""
    rules = rule("r", *([window] if window else []), "when all:", *(f"    {line}" for line in lines), "then ban")
    text = program(rules, head=head)
    source = text.splitlines()
    return [
        (source[each.span.line - 1].strip(), "always true" in each.message)
        for each in found(text)
        if each.code == "L208"
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("a", "a or b"), [("a or b", True)]),
        (("a", "b"), []),
        (("any:", "    a", "    not a", "    b"), [("not a", True)]),  # nothing reaches b
        (("a", "not a", "b"), []),  # the rule never applies, which says it
        (("any:", "    a", "    not a"), [("not a", True)]),
        (("none:", "    a", "    not a"), [("not a", True)]),
        (("a", "c or not c"), []),  # unknown where c is
        (("c", "c or b"), [("c or b", True)]),  # c is true where the line stands
        (("n >= 3", "any:", "    n >= 2", "    b"), [("n >= 2", True)]),  # and b is not reached
        (("day >= 2022-01-01", "a from 2021-01-01"), []),
        (("day >= 2022-01-01", "day >= 2021-06-01"), [("day >= 2021-06-01", True)]),
    ],
)
def test_idle_lines(lines: tuple[str, ...], expected: list[tuple[str, bool]]) -> None:
    assert lines_told(*lines) == expected


def test_idle_lines_fall_in_the_window_and_keep_the_world() -> None:
    kept = RECORD.replace("    day: Date\n", "    day: Date\n    always n >= 0\n")
    assert lines_told("a", "n >= 0", head=kept) == [("n >= 0", True)]
    assert lines_told("a", "day > 2021-12-31", window="from 2022-01-01") == [("day > 2021-12-31", True)]


def test_a_table_read_with_an_unknown_key_is_unknown_also_where_no_row_could_be_meant() -> None:
    head = RECORD + "table wanted(n: Int, c: Bool) -> Bool otherwise false:\n    1, true: true\n\n"
    either = ("any:", "    wanted[2, c]", "    b")
    assert lines_told("a", *either, head=head) == []
    assert lines_told("c is known", *either, head=head) == [("wanted[2, c]", False)]
    assert lines_told("n >= 2", "any:", "    wanted[n, c]", "    b", head=head) == []


def test_what_is_not_judged_as_a_line() -> None:
    """`unless`, `given`, `always`, cases, and headers of blocks."""
    text = program(
        rule("r", "when a", "unless b and not b", "then ban")
        + "define x for Case -> Int:\n    1 when a or not a\n    0 otherwise\n\n"
        + "prove p for permit:\n    given b or not b\n    then outcome in {ban, free}\n",
        head=RECORD.replace("    day: Date\n", "    day: Date\n    always n >= 0 or n < 0\n"),
    )
    assert told(text, "L208") == []


# ---------------------------------------------------------------------------------------- definitions


def of_define(*cases: str) -> list[tuple[str, tuple[str, ...]]]:
    text = RECORD + "define x for Case -> Int:\n" + "".join(f"    {case}\n" for case in cases)
    return told(text, "L202", "L206", "L207")


@pytest.mark.parametrize(
    ("cases", "codes"),
    [
        (("1 when a", "2 when b", "0 otherwise"), ["L206"]),
        (("1 when a", "1 when b", "0 otherwise"), []),  # the same value
        (("first match", "1 when a", "2 when b", "0 otherwise"), []),
        (("1 when a", "2 when not a"), []),
        (("1 when a", "2 when not a and b"), ["L207"]),
        (("1 when a", "2 when b", "3 when a and b", "0 otherwise"), ["L206", "L206", "L206"]),
        (("1 when a and not a", "0 otherwise"), ["L202"]),
        # Unknown is no gap and no overlap: the value is unknown then.
        (("1 when c", "2 when not c"), []),
        (("1 when c", "2 when c is unknown", "3 when not c"), []),
        (("first match", "1 when a", "2 when a and b", "0 otherwise"), []),  # its condition can hold all the same
    ],
)
def test_cases(cases: tuple[str, ...], codes: list[str]) -> None:
    assert of_define(*cases) == [(code, ("x",)) for code in codes]


def test_cases_that_fail_where_an_always_line_asks_them_are_told_all_the_same() -> None:
    """Facts on which such a line has no truth are not refused: the answer is that contradiction."""
    head = RECORD.replace("    day: Date\n", "    day: Date\n    always x >= 0 or n > 5\n")
    text = head + "define x for Case -> Int:\n    1 when a\n    2 when b\n    0 otherwise\n"
    assert told(text, "L200", "L206") == [("L206", ("x",))]


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("list of Owner", "any o in owners: o.share < 0"),
        ("set of Owner", "any o in owners: o.share < 0"),
        ("Owner per Party", "owners[EAST].share < 0"),
    ],
)
@pytest.mark.parametrize("always", ["    always share >= 0\n", ""])
def test_always_lines_hold_of_every_record_in_the_facts(kind: str, condition: str, always: str) -> None:
    parties = "party EAST = {RU}\nparty WEST = {US}\n\n"
    owner = f"record Owner:\n    share: Int\n{always}\n"
    head = RECORD.replace("record Case", f"{parties}{owner}record Case").replace(
        "    day: Date\n", f"    day: Date\n    owners: {kind}\n"
    )
    rule = f'rule negative for permit:\n    cite "1"\n    when {condition}\n    then ban\n'
    assert told(program(rule, head=head), "L200", "L202") == ([("L202", ("negative",))] if always else [])


# ------------------------------------------------------------------------------------- days, witnesses


def only(text: str, code: str) -> Diagnostic:
    (one,) = [each for each in found(text) if each.code == code]
    return one


FUNCTION_OVER_A_RECORD = """
enum Kind:
    one
    two

record Item:
    kind: Kind?

record Case:
    item: Item

define plain for Item:
    kind == one

define same(case: Case, kind: Kind):
    kind == one and not case.item.plain
"""


def test_a_function_may_call_a_definition_over_a_part_of_its_argument() -> None:
    """The function has no `this` of its own for the definition to be about."""
    assert found(FUNCTION_OVER_A_RECORD) == []


def shown(text: str, finding: Diagnostic) -> None:
    """The witness is read as `comity eval` reads it, and the test block is pasted and run."""
    made, _ = compiled(text, {})
    assert made is not None and finding.witness is not None and finding.test is not None
    Interpreter(made).decide_json("m.permit", finding.witness)
    pasted, errors = compiled(f"{text}\n{finding.test}", {})
    assert pasted is not None, [error.message for error in errors]
    (result,) = run_tests(Interpreter(pasted)).results
    assert result.status == "passed", result


def test_a_contradiction_on_some_days_says_on_which() -> None:
    text = program(
        rule("r", "from 2022-01-03 until 2022-03-31", "when to in {RU, BY}", "then ban")
        + rule("s", "from 2022-03-01", "when to in {BY, US} and n > 100", "then free")
    )
    one = only(text, "L201")
    assert one.days == (("2022-03-01", "2022-03-31"),)
    assert one.witness == {"a": False, "b": False, "n": 101, "to": "BY", "day": "2022-03-01"}
    assert one.subjects == ("s", "r") and one.related[0].span.line < one.span.line
    shown(text, one)


def test_a_finding_on_all_days_names_none() -> None:
    text = program(rule("r", "when a", "then ban") + rule("s", "when b", "then free"))
    one = only(text, "L201")
    assert one.days is None
    assert one.witness == {"a": True, "b": True, "n": 0, "to": "US", "day": one.witness["day"] if one.witness else ""}
    shown(text, one)


def test_a_witness_with_what_counsel_finds() -> None:
    text = program(
        'rule r for permit:\n    refer to counsel "Is it?"\n    then ban\n' + rule("s", "when a", "then ask"),
    )
    one = only(text, "L201")
    assert one.test is not None and "findings.r = true" in one.test
    shown(text, one)


def test_unknown_is_left_out_of_a_witness_unless_it_matters() -> None:
    text = program(rule("r", "when c", "then ban") + rule("s", "when b", "then free"))
    one = only(text, "L201")
    assert one.witness is not None and one.witness["c"] is True
    text = program(rule("r", "when a", "then ban") + rule("s", "when b", "then free"))
    one = only(text, "L201")
    assert one.witness is not None and "c" not in one.witness


def test_a_gap_with_its_days() -> None:
    """Without `otherwise`, days left out are a gap."""
    text = program(
        rule("r", "until 2022-01-31", "then ban") + rule("s", "from 2022-02-02", "then ask"),
        decision=DECISION.replace("    otherwise free\n", ""),
    )
    one = only(text, "L207")
    assert one.days == (("2022-02-01", "2022-02-01"),)
    assert one.witness is not None and one.witness["day"] == "2022-02-01"
    assert told(text, "L213") == []
    shown(text, one)


def test_days_left_to_otherwise() -> None:
    text = program(
        rule("r", "until 2022-01-31", "when a", "then ban") + rule("s", "from 2022-02-03", "when a", "then ask")
    )
    one = only(text, "L213")
    assert one.subjects == ("r", "s")
    assert one.days == (("2022-02-01", "2022-02-02"),)
    shown(text, one)
    closed = text.replace("2022-02-03", "2022-02-01")
    assert told(closed, "L213") == []


def test_days_left_out_are_told_once() -> None:
    """At the rule that decides before, with the first of those that decide again."""
    text = program(
        rule("r", "until 2022-01-31", "when a", "then ban")
        + rule("t", "from 2022-03-01", "when a and b", "then ask")
        + rule("s", "from 2022-02-03", "when a and not b", "then ask")
    )
    one = only(text, "L213")
    assert one.subjects == ("r", "s") and one.days == (("2022-02-01", "2022-02-02"),)
    assert text.splitlines()[one.span.line - 1].startswith("rule r ")
    shown(text, one)


def test_days_left_out_around_another_date() -> None:
    """Within two days after filing nobody decides; the days depend on that date."""
    head = RECORD.replace("    day: Date\n", "    filed: Date\n    day: Date\n")
    text = program(
        rule("r", "when day < filed", "then ban") + rule("s", "when day > filed + 2 days", "then ask"), head=head
    )
    one = only(text, "L213")
    assert one.subjects == ("r", "s") and one.witness is not None
    assert one.days is not None and one.days[0][0] == one.witness["filed"] == one.witness["day"]
    shown(text, one)
    closed = text.replace("day > filed + 2 days", "day >= filed")
    assert told(closed, "L213") == []


def test_a_day_left_out_by_another_date_in_the_midst_of_a_window() -> None:
    head = RECORD.replace("    day: Date\n", "    filed: Date\n    day: Date\n")
    text = program(rule("r", "from 2022-01-04", "when filed + 2 days != day", "then ban"), head=head)
    one = only(text, "L213")
    assert one.subjects == ("r",) and one.witness is not None and one.days is not None
    assert one.days == ((one.witness["day"], one.witness["day"]),) and str(one.witness["day"]) > "2022-01-04"
    shown(text, one)


def test_days_left_out_between_two_other_dates() -> None:
    """Whichever of them is earlier is a matter of the input."""
    head = RECORD.replace("    day: Date\n", "    filed: Date\n    sent: Date\n    day: Date\n")
    text = program(
        rule("r", "when day < filed + 5 days", "then ban") + rule("s", "when day > sent + 9 days", "then ask"),
        head=head,
    )
    one = only(text, "L213")
    assert one.subjects == ("r", "s")
    shown(text, one)
    # Out of the calendar a line is unknown, and refuses nothing.
    lines = "always sent < filed - 4 days", "always filed in 2000-01-01 .. 2100-01-01"
    ordered = text.replace("    day: Date\n", "    day: Date\n" + "".join(f"    {line}\n" for line in lines))
    assert told(ordered, "L213", "L200") == []


def reviewed(count: int, otherwise: bool = True) -> str:
    """A decision `prior` of so many rules, each for a month of 2022 and an `n` of its own."""
    head = RECORD.replace("    day: Date\n", "    due: Date\n    day: Date\n")
    lines = ["decision prior for Case:", "    outcomes:", "        bad", "        good"]
    lines += ["    otherwise bad"] * otherwise
    for n in range(count):
        window = f"from 2022-{n % 12 + 1:02d}-01 until 2022-{n % 12 + 1:02d}-20"
        lines += ["", f"rule p{n} for prior:", f"    {window}", f"    when n == {n}", "    then good"]
    return head + "\n".join(lines) + "\n\n"


def test_a_day_left_out_where_another_decision_may_be_undetermined() -> None:
    """`prior` decides early days only, so what it says there is a sum of two dates, of which nobody asks where it is
    not certain.
    """
    head = RECORD.replace("    day: Date\n", "    due: Date\n    day: Date\n")
    head += "decision prior for Case:\n    outcomes:\n        bad\n        good\n\n"
    head += "rule early for prior:\n    when day < due\n    then good\n\n"
    text = program(rule("r", "when day != 2022-02-28 and prior == good", "then ban"), head=head)
    one = only(text, "L213")
    assert one.subjects == ("r",) and one.witness is not None and one.days == (("2022-02-28", "2022-02-28"),)
    assert str(one.witness["due"]) > "2022-03-01" and told(text, "L200") == []
    shown(text, one)


@pytest.mark.parametrize("count", [3, 12])
def test_days_left_out_by_another_decision(count: int) -> None:
    """What it says of the same facts changes with the day, in few rules or so many that it is an axis of its own."""
    text = program(rule("r", "when prior == good or day > 2022-02-25", "then ban"), head=reviewed(count))
    one = only(text, "L213")
    assert one.days == (("2022-01-21", "2022-02-25"),) and one.witness is not None and one.witness["n"] == 0
    shown(text, one)
    closed = text.replace("day > 2022-02-25", "day > 2022-01-20 and n == 0").replace("n == 1\n", "n == 0\n")
    assert told(closed, "L200") == []


def test_days_left_out_by_a_sum_over_those_in_a_dated_set() -> None:
    """How much is added up changes with the day, too."""
    head = "set LISTED: Country =\n    {RU} until 2022-01-31\n    + {RU} from 2022-03-01\n\n"
    head += "record Owner:\n    share: Percent\n    seat: Country\n\n"
    head = RECORD.replace("record Case", head + "record Case")
    head = head.replace("    day: Date\n", "    owners: list of Owner\n    day: Date\n")
    held = "sum(o.share for o in owners where o.seat in LISTED)"
    text = program(rule("r", f"when {held} >= 50%", "then ban"), head=head)
    one = only(text, "L213")
    assert one.days == (("2022-02-01", "2022-02-28"),)
    shown(text, one)


def test_a_refuted_proof_is_shown() -> None:
    text = program(
        rule("r", "when to in {RU, BY}", "unless n < 100", "then ban")
        + "prove p for permit:\n    given to == RU\n    then outcome == ban\n"
    )
    one = only(text, "L210")
    assert one.witness is not None and one.witness["to"] == "RU" and one.witness["n"] == 0
    shown(text, one)


# ------------------------------------------------------------------------------- decisions on decisions


def test_an_unknown_condition_that_cancels_out_of_another_decision() -> None:
    """`review` is strict whether or not `c` holds, so `r` applies also where `c` is unknown."""
    review = (
        "decision review for Case:\n    outcomes:\n        strict\n        mild\n    otherwise mild\n\n"
        "rule s for review:\n    then strict\n\n"
        "rule t for review:\n    notwithstanding s\n    when c\n    then strict\n\n"
    )
    text = program(review + rule("r", "when c is unknown and review == strict", "then ban"))
    assert told(text, "L202") == []
    assert told(program(review + rule("r", "when review == mild", "then ban")), "L202") == [("L202", ("r",))]
