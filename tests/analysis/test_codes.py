"""Every code lies in a cell that answers as the code itself does, whatever is asked of the axis."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.analysis.space.codes import CodeAxis, Entries, Exactly, Longest, Part, Within, passes
from comity.core.tables import widenings
from comity.runtime.types import EccnType
from comity.runtime.values import EAR99, eccn_part

ENTRIES = st.builds("{}{}{:03}".format, st.integers(0, 9), st.sampled_from("ABCDE"), st.integers(0, 999))
CODES = st.one_of(
    st.just(EAR99),
    ENTRIES,
    st.builds("{}.{}".format, ENTRIES, st.sampled_from("abxyz")),
    st.builds("{}.{}.{}".format, ENTRIES, st.sampled_from("ab"), st.integers(1, 4)),
)


def stretches(most: int) -> st.SearchStrategy[tuple[object, ...]]:
    cut = st.none() | st.tuples(st.integers(0, most), st.integers(0, 1))
    return st.tuples(st.tuples(cut, cut))


def _parts() -> st.SearchStrategy[Part]:
    return st.one_of(
        st.builds(Part, st.just("category"), stretches(9)),
        st.builds(Part, st.just("number"), stretches(999)),
        st.builds(Part, st.just("group"), st.frozensets(st.sampled_from("ABCDE"), min_size=1)),
        st.builds(Part, st.just("paragraph"), st.frozensets(st.sampled_from(["", "a", "x", "y"]), min_size=1)),
    )


QUESTIONS = st.one_of(
    st.builds(Within, CODES),
    st.builds(Exactly, CODES),
    _parts(),
    st.builds(
        lambda codes, chosen: Longest(Entries(codes), frozenset(sorted(codes)[:chosen])),
        st.frozensets(CODES, min_size=1, max_size=5),
        st.integers(1, 3),
    ),
)


def _says(question: object, code: str) -> bool:
    kind = EccnType()
    match question:
        case Within(entry=entry):
            return entry in map(str, widenings(kind, code))
        case Exactly(code=exact):
            return code == exact
        case Longest(entries=entries, chosen=chosen):
            return next((str(e) for e in widenings(kind, code) if e in entries.codes), None) in chosen
        case Part(part=part, test=test):
            return passes(eccn_part(code, part), test)
    raise AssertionError(question)


@given(st.lists(QUESTIONS, min_size=1, max_size=6), st.lists(CODES, min_size=1, max_size=20))
def test_a_code_lies_in_a_cell_that_answers_as_it_does(questions: list[object], codes: list[str]) -> None:
    axis = CodeAxis("item.eccn", EccnType(), optional=False)
    for question in questions:
        axis.leaf(question)
    for code in codes:
        cell = axis.cell_of(code)
        assert cell & axis.values
        for question in questions:
            assert bool(axis.mask(question, 0) & cell) == _says(question, code), (question, code)
