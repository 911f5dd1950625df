"""How policies are coloured: one ordered list of patterns, from which Pygments and TextMate grammars are both made.

An editor colours a line without parsing the file, so a soft keyword is coloured where it starts a line, or is in
a phrase that nothing else can be (`subject to`); everywhere else it is a name. The patterns are written in what
Python's `re` and Oniguruma (TextMate) have in common. At each place the first pattern that matches wins.

Example: in `rule party for licensing:` the first word is a keyword that declares, `party` is the declared name, `for`
is a keyword in its phrase, and `licensing` a name.
"""

from __future__ import annotations

from typing import NamedTuple

from comity.runtime.values import CURRENCIES, UNITS

DECLARING = (
    "enum", "record", "set", "zone", "table", "define", "decision", "rule", "party", "body", "agreement", "response",
    "prove", "commitment", "mirror", "withdrawal", "remedy",
)  # fmt: skip
"""Keywords that a declared name follows."""

LEADING = (
    "instrument", "source", "use", "example", "test", "acts", "outcomes", "prevail", "disapplies", "notwithstanding",
    "given", "expect", "on", "status", "reciprocal", "prevails", "may", "shall", "ensure", "binding", "suspended",
    "parity", "protected", "asymmetric", "swapping", "notice", "found", "imposes", "reaches", "trigger", "posture",
    "aligned", "allowing", "impose", "lift", "at", "after", "territory", "by", "against",
)  # fmt: skip
"""Soft keywords that start a line."""

PHRASES = (
    "subject to", "exception to", "refer to counsel", "red line", "no limit on", "no commitment on", "for each",
    "first match", "as of", "is known", "is unknown", "is present", "is absent", "found by", "shall not", "at most",
    "at least", "at once", "every rule in", "every other rule", "in force from", "suspended while", "binding when",
    "counting as", "prevails over", "asymmetric because", "per calendar year", "per calendar month", "breach of",
    "no breach", "set of", "list of", "per Party", "Money in",
)  # fmt: skip
"""Keywords that are told from names by the words beside them."""

RESERVED_CLAUSES = (
    "always", "cite", "each", "every", "first", "from", "otherwise", "then", "unless", "until", "when", "where",
)  # fmt: skip
RESERVED_OPERATORS = (
    "all", "and", "any", "applies", "decides", "implies", "in", "is", "no", "none", "not", "or", "within",
)  # fmt: skip
RESERVED_VALUES = ("absent", "false", "true", "unknown")


class Pattern(NamedTuple):
    """``scopes``: TextMate's name of the whole, or of each group; ``tokens``: the same for Pygments."""

    regex: str
    scopes: tuple[str, ...]
    tokens: tuple[str, ...]


def _words(*words: str) -> str:
    """Alternatives, the longest first, so that none hides one that it begins."""
    return "|".join(word.replace(" ", "[ \\t]+") for word in sorted(words, key=lambda word: (-len(word), word)))


_NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?"

PATTERNS = (
    Pattern(r"#[ \t]*comity:[ \t]*ignore\b.*", ("comment.line.directive.comity",), ("Comment.Preproc",)),
    Pattern(r"#.*", ("comment.line.number-sign.comity",), ("Comment.Single",)),
    Pattern(r'"(?!"")(?:[^"\\\n]|\\.)*"?', ("string.quoted.double.comity",), ("String.Double",)),
    Pattern(
        rf"^([ \t]*)({_words(*DECLARING)})([ \t]+)(?!(?:{_words(*RESERVED_OPERATORS)})\b)(\w+)\b",
        ("", "keyword.declaration.comity", "", "entity.name.comity"),
        ("Text", "Keyword.Declaration", "Text", "Name.Class"),
    ),
    Pattern(rf"\b(?:{_words(*PHRASES)})\b", ("keyword.control.comity",), ("Keyword",)),
    Pattern(
        rf"^([ \t]*)({_words(*LEADING)})\b(?![ \t]*[:=.(\[<>!])",
        ("", "keyword.control.comity"),
        ("Text", "Keyword"),
    ),
    Pattern(
        r"^([ \t]*)(outcomes|given|binding|ensure|suspended)(?=[ \t]*:[ \t]*(?:#.*)?$)",
        ("", "keyword.control.comity"),
        ("Text", "Keyword"),
    ),
    Pattern(rf"\b(?:{_words(*RESERVED_CLAUSES)})\b", ("keyword.control.comity",), ("Keyword",)),
    Pattern(rf"\b(?:{_words(*RESERVED_OPERATORS)})\b", ("keyword.operator.comity",), ("Operator.Word",)),
    Pattern(rf"\b(?:{_words(*RESERVED_VALUES)})\b", ("constant.language.comity",), ("Keyword.Constant",)),
    Pattern(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", ("constant.other.date.comity",), ("Literal.Date",)),
    Pattern(
        r"\b(?:EAR99|[0-9][A-E][0-9]{3}(?:\.(?:[a-z]|[0-9]{1,2}))*)\b",
        ("constant.other.eccn.comity",),
        ("Literal",),
    ),
    Pattern(r"\bHS[ \t]+[0-9][0-9.]*[0-9]\b", ("constant.other.hs.comity",), ("Literal",)),
    Pattern(
        rf"\b{_NUMBER}(?:%|[ \t]*(?:{_words(*UNITS)}|{_words(*CURRENCIES)})\b)",
        ("constant.numeric.quantity.comity",),
        ("Number",),
    ),
    Pattern(rf"\b{_NUMBER}\b", ("constant.numeric.comity",), ("Number",)),
    Pattern(r"==|!=|<=|>=|<|>|->|\.\.|[|&+*/=?-]", ("keyword.operator.comity",), ("Operator",)),
    Pattern(r"\b[A-Z][A-Z0-9_]*\b", ("variable.other.constant.comity",), ("Name.Constant",)),
    Pattern(r"\b[A-Z]\w*\b", ("entity.name.type.comity",), ("Name.Class",)),
    Pattern(r"\w+", ("variable.other.comity",), ("Name",)),
    Pattern(r"[()\[\]{},:.]", ("punctuation.comity",), ("Punctuation",)),
)
"""In the order in which they are tried. Texts in three quotes, which span lines, come before all of them."""
