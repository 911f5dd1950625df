"""Text as it is read: texts that look the same are one value.

A name copied from a web page, a PDF or a spreadsheet brings along spaces that cannot be told from others, signs that
do not show, and letters of another script. Compared character by character it would be another name, and a rule about
it would silently not apply. So every text, whether it comes from a policy, a table or a fact, is brought into one form
where it enters (`canonical_text`), and from then on `==` is enough:

- Characters that stand for others without looking different give way to these: `ﬁ` is `fi`, `…` is `...`, and a letter
  with its accent is one character (canonical equivalence, and most compatible ones: Unicode Standard Annex 15).
  What shows a difference keeps it: `x²` is not `x2`.
- A run of spaces of any kind, tabs included, is one space; there are none at the ends of a line, and no empty lines at
  the ends of the text.
- A letter that looks like one of another script is that of its word: `АСМЕ` in Cyrillic is `ACME`. A word is Latin if
  all its letters can be, else Cyrillic, else Greek (after the confusables of Unicode Technical Standard 39).
- A sign that does not show (a zero-width space, a mark of direction, a control) is refused: nobody can have meant it,
  and it would not be seen in a receipt. Joiners are kept where a script needs them (Unicode Annex 31, 2.3).

Upper and lower case look different and are different.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from unicodedata import bidirectional, category, combining, decomposition, name, normalize


class InvisibleSign(ValueError):
    """A text holds a character that does not show; the message is its number, `U+200B`."""


def canonical_text(text: str) -> str:
    """The one form of all texts that look like ``text``; raises InvisibleSign."""
    if text.isascii() and text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return _canonical(text)


def is_canonical_text(text: str) -> bool:
    """Whether ``text`` is in that one form already."""
    try:
        return canonical_text(text) == text
    except InvisibleSign:
        return False


def invisible_sign(text: str) -> str | None:
    """The first sign in ``text`` that does not show and means nothing, as `U+200B`; None if there is none."""
    for position, char in enumerate(text):
        if _is_invisible(char) and not _joins(text, position):
            return f"U+{ord(char):04X}"
    return None


_LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SPACES: Final = re.compile(r"[^\S\n\x0b\x0c\x1c-\x1f]+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")


@lru_cache(maxsize=65_536)
def _canonical(text: str) -> str:
    sign = invisible_sign(text)
    if sign is not None:
        raise InvisibleSign(sign)
    text = _VARIANTS.sub("", text)
    text = _LINE_END.sub("\n", text)
    lines = [_SPACES.sub(" ", line).strip(" ") for line in text.split("\n")]
    text = "\n".join(lines).strip("\n")
    if text.isascii():
        return text
    text = normalize("NFD", "".join(map(_plain, text)))
    text = normalize("NFC", _WORD.sub(lambda word: _in_one_script(word[0]), text))
    return text


# ------------------------------------------------------------------------------------ signs that do not show

_VARIANTS: Final = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they choose among the shapes of one character."""

_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Blank although Unicode counts them among letters, marks or symbols: fillers, the empty Braille pattern."""


def _is_invisible(char: str) -> bool:
    if char.isascii():
        return not char.isprintable() and char not in "\t\n\r"
    kind = category(char)
    return (kind in ("Cf", "Cc", "Cs") and char != "\x85") or char in _BLANKS


def _joins(text: str, position: int) -> bool:
    """Whether a zero-width (non-)joiner changes how its neighbours are written.

    It does between Arabic letters, and after the virama of an Indic script.
    """
    if text[position] not in "\u200c\u200d" or not 0 < position < len(text) - 1:
        return False
    before, after = text[position - 1], text[position + 1]
    return combining(before) == 9 or bidirectional(before) == bidirectional(after) == "AL"


# ------------------------------------------------------------------------------------ characters for others

_SAME_LOOK: Final = tuple(f"<{tag}>" for tag in "compat noBreak font wide narrow initial medial final isolated".split())
"""Tags of decompositions that keep the look; those that do not are super, sub, fraction, circle, square, vertical."""


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """``char``, or the characters that it stands for without looking different."""
    if char == "\u2010":  # the hyphen that is only that
        return "-"
    if not decomposition(char).startswith(_SAME_LOOK):
        return char
    plain = normalize("NFKC", char).replace("\u2010", "-")
    return char if plain.startswith(" ") else plain  # a free-standing accent is not a space with an accent


# ------------------------------------------------------------------------------------------ scripts

_CYRILLIC: Final = dict(zip("АВСЕНІЈКМОРЅТХУԚԜасеһіјорѕхуԛԝԁӏ", "ABCEHIJKMOPSTXYQWacehijopsxyqwdl", strict=True))
_GREEK: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον", "ABEZHIKMNOPTYXov", strict=True))
"""Letters that cannot be told from Latin ones: confusables.txt of Unicode Technical Standard 39, upright type."""

_TO_LATIN: Final = str.maketrans(_CYRILLIC | _GREEK)
_TO_CYRILLIC: Final = str.maketrans({latin: own for own, latin in _CYRILLIC.items()})
_TO_GREEK: Final = str.maketrans({latin: own for own, latin in _GREEK.items()})


def _in_one_script(word: str) -> str:
    """``word`` (letters, accents by themselves) in the first script that has all of it; else in Latin where it can be.

    Which one that is depends on the shapes alone, so all spellings that look the same end up as one.
    """
    latin = word.translate(_TO_LATIN)
    spellings = {"LATIN": latin, "CYRILLIC": latin.translate(_TO_CYRILLIC), "GREEK": latin.translate(_TO_GREEK)}
    return next((spelt for script, spelt in spellings.items() if _is_of(script, spelt)), latin)


def _is_of(script: str, word: str) -> bool:
    return all(combining(char) or _script(char) == script for char in word)


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    """The first word of the character's name: LATIN, CYRILLIC, GREEK, …"""
    return name(char, "").partition(" ")[0]
