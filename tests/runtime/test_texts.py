"""Texts that look the same are one value; signs that do not show are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.runtime.texts import InvisibleSign, canonical_text, is_canonical_text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ACME GmbH", "ACME GmbH"),
        ("ACME GmbH ", "ACME GmbH"),
        ("ACME\u00a0GmbH", "ACME GmbH"),
        ("\tACME \u2009 GmbH\u3000", "ACME GmbH"),
        ("one \r\n two\u2028three\n\n", "one\ntwo\nthree"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("e\u0301te\u0301", "été"),
        ("Paci\ufb01c", "Pacific"),
        ("5 \u00b5m", "5 \u03bcm"),
        ("\uff21\uff22 \uff11", "AB 1"),
        ("non\u2011proliferation", "non-proliferation"),
        ("\u845b\U000e0100", "\u845b"),
        ("\u0410\u0421\u041c\u0415 GmbH", "ACME GmbH"),  # all in Cyrillic
        ("\u0421rimea", "Crimea"),  # a Cyrillic С
        ("\u0391.\u0395.", "A.E."),  # in Greek
        ("Te\u0445\u043c\u0430\u0448", "\u0422\u0435\u0445\u043c\u0430\u0448"),  # Latin T and e in a Russian word
        ("\u0420\u043e\u0441\u043d\u0435\u0444\u0442\u044c", "\u0420\u043e\u0441\u043d\u0435\u0444\u0442\u044c"),
        ("\u042f\u0441\u0430 \u042fcа", "\u042f\u0441\u0430 \u042f\u0441\u0430"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
    ],
)
def test_one_form(text: str, canonical: str) -> None:
    assert canonical_text(text) == canonical
    assert is_canonical_text(canonical)


@pytest.mark.parametrize(("one", "other"), [("x²", "x2"), ("½", "1⁄2"), ("Acme", "ACME"), ("a b", "ab"), ("①", "1")])
def test_what_looks_different_is_different(one: str, other: str) -> None:
    assert canonical_text(one) != canonical_text(other)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Cri\u200bmea", "U+200B"),
        ("Cri\u00admea", "U+00AD"),
        ("\ufeffCrimea", "U+FEFF"),
        ("Cri\u200dmea", "U+200D"),
        ("\u202eaemirC", "U+202E"),
        ("Crimea\x00", "U+0000"),
        ("Crimea\ud800", "U+D800"),
        ("Crimea\u3164", "U+3164"),
        ("Crimea\u2800", "U+2800"),
        ("Crimea\U000e0041", "U+E0041"),
    ],
)
def test_a_sign_that_does_not_show_is_refused(text: str, sign: str) -> None:
    with pytest.raises(InvisibleSign, match=sign.replace("+", r"\+")):
        canonical_text(text)
    assert not is_canonical_text(text)


@given(st.text(st.one_of(st.characters(), st.sampled_from("ACEOXaceopАСЕОХасеορΟ \u00a0\n\u0301\u200c\ufb01"))))
def test_the_one_form_has_itself_as_form(text: str) -> None:
    try:
        canonical = canonical_text(text)
    except InvisibleSign:
        return
    assert canonical_text(canonical) == canonical
