"""The canonical layout, and that finding it changes nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.surface.format import WIDTH
from tests.strategies import examples
from tests.surface.sentences import sentence
from tests.surface.support import formatted, read

ROOT = Path(__file__).parents[2]
FILES = sorted(
    file for folder in ("tests/corpus/language", "stdlib", "policies") for file in (ROOT / folder).rglob("*.comity")
)
TEXTS = [file.read_text(encoding="utf-8") for file in FILES]
SHORT = [text for text in TEXTS if len(text) < 6000]


def check(text: str) -> str:
    """Format a text without errors; what must hold of every such text."""
    _, before, problems = read(text)
    assert not problems
    once = formatted(text)
    _, after, problems = read(once)
    assert not problems, [f"{d.span.line}:{d.span.column} {d.message}" for d in problems]
    assert after == before
    assert sorted(c.text for c in after.comments) == sorted(c.text for c in before.comments)
    assert formatted(once) == once
    return once


LAYOUTS = {
    "spaces": (
        """
        define   f(a:Int,b  :Int)->Int:a*( b+1 )-  -2
        record R   :
          f : Text  or absent   =   "x"    "doc"   # why
          g:Bool ?
        define g for R:
             chart [ a , b ] in 1 ..3 or a in x .. y+1 or b in 200km..3 m and count( p in s ) > - 3
        """,
        """
        define f(a: Int, b: Int) -> Int: a * (b + 1) - -2

        record R:
            f: Text or absent = "x" "doc"  # why
            g: Bool?

        define g for R:
            chart[a, b] in 1..3 or a in x .. y + 1 or b in 200 km .. 3 m and count(p in s) > -3
        """,
    ),
    "blank lines": (
        '''


        """Doc."""
        instrument "x"


        use a

        use b
        set A: C = {X}
        set B: C = {Y}
        enum E:

            a


            b
        # about F
        enum F:
            a

            # at the end of F
        # about c
        set C: C = {Z}
        ''',
        '''
        """Doc."""
        instrument "x"

        use a

        use b
        set A: C = {X}
        set B: C = {Y}

        enum E:
            a

            b

        # about F
        enum F:
            a

            # at the end of F

        # about c
        set C: C = {Z}
        ''',
    ),
    "agreements": (
        """
        agreement g between A, B:
            status proposed
            # about c
            commitment c by each party:
                may x Y

                when a
            mirror c with d
            mirror d with e:
                within 10%
            reciprocal
        """,
        """
        agreement g between A, B:
            status proposed

            # about c
            commitment c by each party:
                may x Y

                when a

            mirror c with d

            mirror d with e:
                within 10%

            reciprocal
        """,
    ),
    "depth of comments": (
        """
        rule r for d:
          # first
          when all:
              a   # of a
                # deeper than anything
              # of the block
            # between
          # of the rule
          then x
          # last
         # no
        # level
        """,
        """
        rule r for d:
            # first
            when all:
                a  # of a
                # deeper than anything
                # of the block
            # between
            # of the rule
            then x
            # last

        # no
        # level
        """,
    ),
    "long lists fill": (
        "set S: Country = {" + ", ".join(["AA"] * 40) + ",}\n",
        """
        set S: Country = {
            AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA,
            AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA, AA
        }
        """,
    ),
    "elements with brackets stand alone": (
        """
        example E:
            parties = [Person(role = consignee, country = RU, listed = true), Person(role = end_user, country = CN)]
        """,
        """
        example E:
            parties = [
                Person(role = consignee, country = RU, listed = true),
                Person(role = end_user, country = CN),
            ]
        """,
    ),
    "conditions break before connectives": (
        """
        define f for R:
            (item.eccn.category in 3..5 and destination in EMBARGOED or item.eccn.category == 9 and shipped_from == US)
        """,
        """
        define f for R:
            (
                item.eccn.category in 3..5 and destination in EMBARGOED
                or item.eccn.category == 9 and shipped_from == US
            )
        """,
    ),
    "comprehensions break before where": (
        """
        set S: Country = {c in Country where group[c, E1] or group[c, E2] or group[c, D1] or group[c, D2] or c == X}
        """,
        """
        set S: Country = {
            c in Country
            where group[c, E1] or group[c, E2] or group[c, D1] or group[c, D2] or c == X
        }
        """,
    ),
    "short lists are joined": (
        """
        set S: Country = {
            RU,
            BY,
        }
        """,
        """
        set S: Country = {RU, BY}
        """,
    ),
    "comments inside brackets break them": (
        """
        set S: Country = {RU,  # at war
            # both sides
            BY, CN
            # no more
            }
        define f for R: (a and # why a
            b) or c
        """,
        """
        set S: Country = {
            RU,  # at war
            # both sides
            BY, CN
            # no more
        }
        define f for R: (
            a and b  # why a
        ) or c
        """,
    ),
    "long texts move with their block": (
        '''
        enum E:
          """First,
             second
               deeper.

          """
          a
        ''',
        '''
        enum E:
            """First,
            second
              deeper.

            """
            a
        ''',
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name: str) -> None:
    before, after = (dedent(text).removeprefix("\n") for text in LAYOUTS[name])
    assert check(before) == after


def test_line_ends_stay() -> None:
    assert check("enum A:\r\n  b  # c\r\n") == "enum A:\r\n    b  # c\r\n"
    assert check('enum A:\r\n  """b\r\n  c"""\r\n  d') == 'enum A:\r\n    """b\r\n    c"""\r\n    d\r\n'


def test_nothing_is_left_of_nothing() -> None:
    assert check("") == check("\n\n") == check("  \n") == ""
    assert check("\n\n# a") == "# a\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files(file: Path) -> None:
    once = check(file.read_text(encoding="utf-8"))
    assert once.endswith("\n") and "\n\n\n" not in once
    assert all(line == line.rstrip() for line in once.split("\n"))


def test_long_lines_are_only_those_without_wide_brackets() -> None:
    text = "set S: Country = {" + ", ".join(f"c in {{{x}}}" for x in ("A", "B")) + "}\n"
    assert max(map(len, check(f"set S: T = [{', '.join(['f(a, b)'] * 60)}]\n").split("\n"))) <= WIDTH
    assert read(text)[2]  # `in` is no part of an element


@given(st.integers(0, 2**32), st.integers(8, 22), st.integers(1, 4))
@examples(60)
def test_any_sentence(seed: int, budget: int, count: int) -> None:
    random = Random(seed)
    texts = [sentence(random, "_declaration", budget) for _ in range(count)]
    text = "\n".join(text.rstrip("\n") for text in texts if not read(text)[2]) + "\n"
    if not read(text)[2]:
        check(text)


@given(st.sampled_from(SHORT), st.integers(0, 2**32), st.integers(1, 6))
@examples(50)
def test_comments_anywhere(text: str, seed: int, count: int) -> None:
    """Comments put in wherever they break nothing."""
    random = Random(seed)
    for number in range(count):
        at = random.randrange(len(text) + 1)
        changed = text[:at] + " " * random.randrange(9) + f"# c{number}\n" + " " * random.randrange(9) + text[at:]
        if not read(changed)[2]:
            text = changed
    check(text)


@given(st.integers(0, 2**32), st.integers(10, 22))
@examples(50)
def test_comments_anywhere_in_any_sentence(seed: int, budget: int) -> None:
    random = Random(seed)
    text = sentence(random, "_declaration", budget)
    if read(text)[2]:
        return
    for number in range(4):
        places = [at for at, c in enumerate(text) if c in " \n"]
        at = random.choice(places) if places else 0
        changed = f"{text[:at]} # c{number}\n{' ' * random.randrange(9)}{text[at:]}"
        if not read(changed)[2]:
            text = changed
    check(text)
