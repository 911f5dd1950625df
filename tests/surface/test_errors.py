"""Syntax errors: what is said, what is underlined, what is helped with, and what goes on after them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.surface import ast
from comity.surface.parse import parse_condition
from tests.surface.support import read, underlined

RULE = "rule x for y:\n    "
DEFINE = "define f for X:\n    "

# The text, what is underlined in it (None: nothing, the place is all), the message, and the help.
MISTAKES: list[tuple[str, str | None, str, str | None]] = [
    ("rul x for y:\n    then z\n", "rul", "expected a declaration, found `rul`", "did you mean `rule`?"),
    ("commitment a by each party:\n    may b C\n", "commitment", "expected a declaration, found `commitment`", None),
    ("if a\n", "if", "expected a declaration, found `if`", None),
    ("when a\n", "when", "expected a declaration, found `when`", None),
    ("rule x for y\n    then z\n", "", "expected `:` before the block", "end the line with `:`"),
    ("rule x for y:\nthen z\n", "", "expected an indented block after `:`", None),
    ("rule x for y\n", "", "expected `:`, but the line ends", None),
    ("rule\n", "", "expected a name, but the line ends", None),
    (RULE + "when a == b\n    then\n", "", "expected an outcome after `then`, but the line ends",
     "name one of the outcomes of the decision"),
    (RULE + "wen a == b\n", "wen", "expected a clause of the rule, such as `when` or `then`, found `wen`",
     "did you mean `when`?"),
    (RULE + "if a == b\n", "if", "expected a clause of the rule, such as `when` or `then`, found `if`", "say `when`"),
    (RULE + "when\n", "", "expected a condition, but the line ends", None),
    (RULE + "when a and\n", "", "expected a condition, but the line ends", None),
    (RULE + "when a ==\n", "", "expected a value, but the line ends", None),
    (RULE + "when all\n        a\n", "", "expected `:` before the block", "end the line with `:`"),
    (RULE + "cite 15 CFR\n", "15", "expected a text in quotes, found `15`",
     'a text is written in quotes: `"15 CFR"`'),
    (RULE + "cite EAR part 746\n", "EAR", "expected a text in quotes, found `EAR`",
     'a text is written in quotes: `"EAR part 746"`'),
    (RULE + "Items on the list\n", "Items", "expected a clause of the rule, such as `when` or `then`, found `Items`",
     'a text is written in quotes: `"Items on the list"`'),
    (RULE + "when a == hello world\n", "world",
     "expected a clause of the rule, such as `when` or `then`, found `world`",
     'a text is written in quotes: `"hello world"`'),
    (RULE + "when a\n    free\n", "free", "expected a clause of the rule, such as `when` or `then`, found `free`",
     "an outcome comes after `then`: `then free`"),
    (RULE + "from 24.2.2022\n", "24.2.2022", "expected a date such as `2022-02-24`, found `24.2.2022`",
     "a date is written year-month-day: `2022-02-24`"),
    (RULE + "from 2/24/2022\n", "2", "expected a date such as `2022-02-24`, found `2`",
     "a date is written year-month-day: `2022-02-24`"),
    (RULE + "from 2/3/2022\n", "2", "expected a date such as `2022-02-24`, found `2`",
     "a date is written year-month-day: `2022-02-03` or `2022-03-02`"),
    ("define f(x) for R:\n    a\n", ")", "expected a text in quotes or `:`, found `)`",
     "a parameter has a type: `x: Country`; facts of a record are there without, by `for` and its name"),
    ("define f(x: T) for R:\n    a\n", "for", "expected `->` or `:`, found `for`",
     "a definition has parameters, or is `for` a record: give the record a parameter of its own"),
    (RULE + "exception a\n", "a", "expected `to`, found `a`", None),
    (RULE + "from 2022-01-01 to 2023-01-01\n", "to", "expected `from`, `until` or the end of the line, found `to`",
     "say `until`"),
    (RULE + "then z\n    then w\n", "then w", "`then` is given twice, and may stand once", None),
    (RULE + "when a\n    when all:\n        b\n", "when all:\n        b",
     "`when` is given twice, and may stand once", None),
    ("define all for X:\n    a\n", "all", "`all` is a reserved word and cannot be a name", "choose another name"),
    ("enum E:\n    none\n", "none", "`none` is a reserved word and cannot be a name", "choose another name"),
    ("record X:\n    acts: Bool\n", "acts", "`acts` is a keyword here and cannot be a name", "choose another name"),
    ("record X:\n    b Bool\n", "Bool", "expected `:`, found `Bool`", None),
    ("record X:\n    b: 3\n", "3", "expected a type, found `3`", None),
    ("instrument \"x\" rank foo\n", "foo",
     "expected `guidance`, `order`, `regulation` or `statute`, found `foo`", None),
    ("use std.countries: A,\n", "", "expected a name, but the line ends", None),
    # signs
    (RULE + "when a = b\n", "=", "`=` does not compare", "write `==`"),
    ("test \"t\" for y:\n    given:\n        a == 3\n", "==", "`==` compares; a value is given with `=`", "write `=`"),
    (DEFINE + "0 < a < 5\n", "<", "comparisons do not chain", "join two of them with `and`, or say `x in a..b`"),
    (DEFINE + "a && b\n", "&&", "`&&` means nothing here", "write `and`"),
    (DEFINE + "a || b\n", "||", "`||` means nothing here", "write `or`"),
    (DEFINE + "!a\n", "!", "`!` means nothing here", "write `not`"),
    (DEFINE + "a ≥ 3\n", "≥", "`≥` means nothing here", "write `>=`"),
    (DEFINE + "a;\n", ";", "`;` means nothing here", "write each clause on a line of its own"),
    (DEFINE + "a ==\u00a03\n", "\u00a0", "a space that is not an ordinary one", "write an ordinary space"),
    (DEFINE + "a\u200b\n", "\u200b", "a character that does not show (U+200B)", "delete it"),
    (DEFINE + "a\rb\r", "\r", "a carriage return that ends no line", "save the file with line ends LF or CRLF"),
    (DEFINE + "ﬁ > 3\n", "ﬁ", "`ﬁ` is spelt with characters that stand for others", "write `fi`"),
    (DEFINE + "a_x² > 3\n", "a_x²", "`a_x²` is spelt with characters that stand for others", "write `a_x2`"),
    (DEFINE + "Сrimea > 3\n", "Сrimea", "`Сrimea` is not what it looks like: its `С` is a Cyrillic letter (U+0421)",
     "write `Crimea`"),
    (DEFINE + "СССР > 3\n", "СССР", "`СССР` is not what it looks like: its `С` is a Cyrillic letter (U+0421)",
     "write `CCCP`"),
    (DEFINE + "Teхмаш > 3\n", "Teхмаш", "`Teхмаш` is not what it looks like: its `T` is a Latin letter (U+0054)",
     "write `Техмаш`"),
    (DEFINE + "a৴ > 3\n", "a৴", "`৴` cannot be part of a name", None),
    (DEFINE + "\u0e33 > 3\n", "\u0e33", "`\u0e33` cannot be part of a name", None),
    (DEFINE + "caf" + "e\u0301 > 3\n", "\u0301", "the accent U+0301 is a character by itself",
     "write `caf\u00e9` with one character for both"),
    (DEFINE + "a == “b”\n", "“", "`“` means nothing here", "write `\"`"),
    (DEFINE + "a == \"b\n", "\"b", "this text is not closed", "end it with `\"`"),
    ("\"\"\"a\nb\n", "\"\"\"a", "this text is not closed", "end it with `\"\"\"`"),
    (DEFINE + "a is not known\n", "not", "`is not` means nothing",
     "say `is unknown`, or put `not` before the whole: `not x is known`"),
    (DEFINE + "a == \"b\u202ec\"\n", "\"b\u202ec\"",
     "a character (U+202E) that shows the text in another order than it is read in", "delete it"),
    ("enum A: # \u2066\n    b\n", "# \u2066",
     "a character (U+2066) that shows the text in another order than it is read in", "delete it"),
    # numbers
    (DEFINE + "a > $5\n", "$", "`$` means nothing here", "write an amount of money as `5_000 USD`"),
    (DEFINE + "a > 5,000 USD\n", ",", "a `,` inside a number", "group digits with `_`: `5_000`"),
    (DEFINE + "a > 5 XYZ\n", "XYZ", "`XYZ` is not a unit",
     "units are km nmi mi m kg g t hours days weeks months years and the currency codes of ISO 4217"),
    (DEFINE + "a > 5 %\n", "%", "a blank inside a percentage", "write `5%`"),
    (DEFINE + "a > 5 usd\n", "usd", "`usd` is not a unit", "write `5 USD`"),
    (DEFINE + "a > 5 day\n", "day", "`day` is not a unit", "write `5 days`"),
    (DEFINE + "a > .5\n", ".", "a number begins with a digit", "write `0.5` for a half"),
    (DEFINE + "a in 1...5\n", "...", "`...` means nothing here", "write `..`"),
    (DEFINE + "a => 5\n", "=>", "`=>` means nothing here", "write `>=`"),
    (DEFINE + "a <> 5\n", "<>", "`<>` means nothing here", "write `!=`"),
    (DEFINE + "a is true\n", "is", "`is` does not compare", "write `==`"),
    (DEFINE + "a is RU\n", "is", "`is` does not compare", "write `==`"),
    (DEFINE + "a is unkown\n", "unkown",
     "expected `absent`, `accepted`, `binding`, `breached`, `ended`, `known`, `performed` or something else, "
     "found `unkown`", "did you mean `unknown`?"),
    # brackets
    ("set X: Country = {RU, BY\nrule x for y:\n    then z\n", "{", "`{` is never closed", "close it with `}`"),
    (RULE + "when (a\n    then c\n", "(", "`(` is never closed", "close it with `)`"),
    ("set X: Country = {RU, BY", "{", "`{` is never closed", "close it with `}`"),
    ("set X: Country = {RU, BY]\n", "]", "expected `}`, found `]`", None),
    (DEFINE + "(a))\n", ")", "`)` closes nothing", None),
    ("set X: Country = {RU\n    BY}\n", "BY", "expected `,`, `}` or `:`, found `BY`", None),
    # layout
    ("  enum A:\n    b\n", "enum", "expected no indentation before a declaration", None),
    ("enum A:\n\tb\n", "\t", "a tab in the indentation", "indent with spaces"),
    ("enum A:\n    b\n  \tc\n", "\t", "a tab in the indentation", "indent with spaces"),
    ("enum A:\n    b\n   c\n", "c", "this line is indented like no line above it",
     "give it the indentation of the lines it belongs to"),
    ("enum A:\n    b\n      c\n", "", "this line opens no block, but the next one is indented", None),
    (DEFINE + "a\n    b\n", "b", "expected the end of the definition, which says one thing",
     "put `all:` or `any:` above lines that belong together, or `when` between a value and its condition"),
    # what the grammar lets through
    (DEFINE + "a + b applies\n", "a + b", "expected the name of a rule before `applies`", None),
    (DEFINE + "count(a where b)\n", "a", "expected `x in S` inside `count( )`",
     "write `count(x in S)` or `count(x in S where C)`"),
    (DEFINE + "min(a for b in c)\n", "min(a for b in c)", "`min( … for … )` means nothing",
     "only `sum(V for x in S where C)` takes `for`"),
    ("decision d for E:\n    otherwise a\n", "d", "expected the `outcomes` of `d`", "list them, the strictest first"),
    ("prove p for d:\n    given a\n", "p", "expected `then` and what `p` proves", "say `then outcome in { … }`"),
    ("test \"t\" for d:\n    given:\n        a = 3\n", "\"t\"", "expected `expect` and what the test expects",
     "say `expect OUTCOME`, `expect VALUE`, `expect breach of …` or the like"),
    ("define f for X:\n    1 otherwise\n    2 when a\n", "1 otherwise", "`otherwise` stands last", None),
    ("instrument \"a\"\ninstrument \"b\"\n", "instrument \"b\"",
     "`instrument` is given twice, and may stand once", None),
    # sets
    ("set X: Country = {RU}\n    + {BY} from 2022-03-02\n", "",
     "this line opens no block, but the next one is indented", "begin with the first part on a line below the `=`"),
    ("set X: Country = {RU, GB} - {GB} from 2020-02-01\n", "from 2020-02-01",
     "it is not clear what is dated: all that stands before, or what stands behind the `-`",
     "put what is dated in brackets, or what is added or taken away on a line of its own, with its window"),
    ("set X: Country = A | B - C from 2020-02-01\n", "from 2020-02-01",
     "it is not clear what is dated: all that stands before, or what stands behind the `-`",
     "put what is dated in brackets, or what is added or taken away on a line of its own, with its window"),
    ("set X: Country = A from 2020-02-01 - B\n", "",
     "expected `|`, `from` or `until`, but the line ends", None),
    # windows
    (DEFINE + "a or b from 2024-03-15\n", "from 2024-03-15",
     "it is not clear what is dated: all of the condition, or only what comes after the `or`",
     "write `(a or b) from 2024-03-15` to date all of it, or `a or (b from 2024-03-15)` to date the last part"),
    (DEFINE + "all:\n        (a) and not (b or c) from 2024-03-15  until 2025-01-01\n",
     "from 2024-03-15  until 2025-01-01",
     "it is not clear what is dated: all of the condition, or only what comes after the `and`",
     "write `((a) and not (b or c)) from 2024-03-15 until 2025-01-01` to date all of it, "
     "or `(a) and (not (b or c) from 2024-03-15 until 2025-01-01)` to date the last part"),
    (DEFINE + "any p in ps: p.a implies p.b until 2024-03-15\n", "until 2024-03-15",
     "it is not clear what is dated: all of the condition, or only what comes after the `implies`",
     "write `(any p in ps: p.a implies p.b) until 2024-03-15` to date all of it, "
     "or `any p in ps: p.a implies (p.b until 2024-03-15)` to date the last part"),
    (DEFINE + "(a or (b or\n        c) or d from 2024-03-15)\n", "from 2024-03-15",
     "it is not clear what is dated: all of the condition, or only what comes after the `or`",
     "write `(A or B) from 2024-03-15` to date all of it, or `A or (B from 2024-03-15)` to date the last part"),
    # ranges of codes
    (DEFINE + "a within 3B001.k to 3B001.n\n", "to",
     "expected `from`, `otherwise`, `until`, `when` or the end of the line, found `to`",
     "write a range of codes in braces: `{3B001.k to 3B001.n}`"),
    # suppressions
    ("# comity: ignore[L204]\n", "# comity: ignore[L204]", "expected the reason why `L204` is ignored",
     "write `# comity: ignore[L204] why it may stay`"),
    ("# comity: ignore[ , ] because\n", "# comity: ignore[ , ] because", "expected the codes to ignore in `[ ]`",
     "write `# comity: ignore[L204] why it may stay`"),
    ("# comity: ignore because\n", "# comity: ignore because", "expected the codes to ignore in `[ ]`",
     "write `# comity: ignore[L204] why it may stay`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message", "help"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_mistake(text: str, place: str | None, message: str, help: str | None) -> None:
    source, _, problems = read(text)
    assert [(d.code, d.message, d.help) for d in problems] == [("E001", message, help)]
    assert underlined(source, problems[0]) == place


@pytest.mark.parametrize(
    "text", ["25%%", "3a001", "1.2.3", "12abc", "1__000", "9" * 401, "9" * 401 + "%", "9" * 401 + " USD"]
)
def test_literals_that_mean_nothing(text: str) -> None:
    source, module, problems = read(f"{DEFINE}a > {text}\n")
    assert [(d.code, underlined(source, d)) for d in problems] == [("E106", text)]
    (define,) = module.declarations
    assert isinstance(define, ast.DefineDecl) and isinstance(define.body, ast.Compare)
    assert isinstance(define.body.right, ast.ErrorExpr)


def test_an_unknown_escape() -> None:
    _, _, problems = read(r'instrument "a\q"')
    assert [(d.code, d.message) for d in problems] == [("E106", r"`\q` means nothing in a text")]


def test_related_places() -> None:
    source, _, (problem,) = read(RULE + "then z\n    then w\n")
    ((related),) = problem.related
    assert related.message == "first given here" and (related.span.line, related.span.column) == (2, 5)
    source, _, (problem,) = read("set X: Country = {RU, BY]\n")
    assert source.text[problem.related[0].span.start] == "{"


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (RULE + "when a = b\n", RULE + "when a == b\n"),
        (RULE + "when a && b\n", RULE + "when a and b\n"),
        ("enum A\n    b\n", "enum A:\n    b\n"),
    ],
)
def test_fixes(text: str, fixed: str) -> None:
    _, _, (problem,) = read(text)
    assert problem.fix is not None
    (edit,) = problem.fix.edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == fixed


def test_three_mistakes_are_three_errors_and_the_rest_is_read() -> None:
    _, module, problems = read(
        dedent("""
        enum A:
            a

        rul first for d:
            when a
            then b

        rule second for d:
            then c

        rule third for d:
            when (a == b
            then c

        rule fourth for d:
            then d

        record R:
            x Int
            y Int

        enum B:
            b
        """)
    )
    assert [d.span.line for d in problems] == [5, 13, 20]
    assert [d.name.text for d in module.declarations if hasattr(d, "name")] == ["A", "second", "fourth", "B"]
    assert [name.text for name in module.broken] == ["third", "R"]


def test_in_an_agreement_reading_goes_on_at_the_next_item() -> None:
    _, module, problems = read(
        dedent("""
        agreement g between A, B:
            status propsed
            commitment one by each party:
                shall not deploy Missile whn a
                unless b
            commitment second by each party:
                may deploy Missile
            mirror one wth second
            commitment third by each party:
                shall
        enum E:
            a
        """)
    )
    assert [(d.span.line, d.message) for d in problems] == [
        (3, "expected `in_force`, `proposed`, `signed`, `suspended` or `terminated`, found `propsed`"),
        (5, "expected a clause of the commitment, such as `shall` or `when`, found `whn`"),
        (9, "expected `with`, found `wth`"),
        (11, "expected a name or `not`, but the line ends"),
    ]
    agreement, enum = module.declarations
    assert isinstance(agreement, ast.AgreementDecl) and isinstance(enum, ast.EnumDecl)
    assert [i.name.text for i in agreement.items if isinstance(i, ast.CommitmentDecl)] == ["second"]
    assert [name.text for name in module.broken] == ["one", "third"]


def test_an_unclosed_text_does_not_take_the_rest_with_it() -> None:
    _, module, problems = read('rule a for d:\n    cite "x\n    then b\n\nenum E:\n    c\n')
    assert [(d.span.line, d.span.column) for d in problems] == [(2, 10)]
    assert [type(d) for d in module.declarations] == [ast.EnumDecl]


def test_messages_do_not_repeat_a_file() -> None:
    _, _, (problem,) = read("a" * 100_000)
    assert len(problem.message) < 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a value or a condition, but the text ends"),
        ("a ==", "expected a value, but the text ends"),
        ("a = b", "`=` does not compare"),
        ("a\n b", "expected `from`, `until` or the end of the text, found `b`"),
        ("(a", "`(` is never closed"),
    ],
)
def test_conditions_alone(text: str, message: str) -> None:
    report = Report()
    assert parse_condition(SourceFile("--where", "where", text), report) is None
    assert [d.message for d in report.diagnostics][:1] == [message]
    assert len(report.diagnostics) == 1
