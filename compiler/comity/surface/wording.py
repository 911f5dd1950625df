"""Syntax errors in the language's own words.

`in_words` asks the known mistakes in turn, and if it is none of them says what was expected. Terminals of the grammar
never show: they are written as the author would write them, or named by what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from unicodedata import category, normalize
from unicodedata import name as character_name

from comity.base.diagnostics import Fix, Related, replacement
from comity.base.source import SourceFile, Span
from comity.runtime.light import dataclass
from comity.runtime.suggest import did_you_mean
from comity.runtime.texts import InvisibleSign, canonical_text
from comity.runtime.values import CURRENCIES, UNITS
from comity.surface.grammar import keywords
from comity.surface.layout import DEEPEST, Layout, LayoutError
from comity.surface.words import RESERVED, Word, iso_date


@dataclass(frozen=True, slots=True)
class Failure:
    """Where parsing stopped: the word that did not fit, the terminals that would have, and why, if the layout knows."""

    source: SourceFile
    word: Word
    expected: frozenset[str]
    layout: Layout
    cause: LayoutError | None = None

    @property
    def last(self) -> Word | None:
        """The last word before."""
        return self.layout.last if self.layout.last is not self.word else self.layout.before

    @property
    def span(self) -> Span:
        return self.source.span(self.word.start_pos, self.word.end_pos)

    def at(self, word: Word) -> Span:
        return self.source.span(word.start_pos, word.end_pos)


@dataclass(frozen=True, slots=True)
class Said:
    message: str
    span: Span
    help: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    too_deep: bool = False


def in_words(failure: Failure) -> Said:
    """The message for a failure."""
    if failure.cause is not None:
        return _layout(failure, failure.cause)
    for mistake in MISTAKES:
        said = mistake(failure)
        if said is not None:
            return said
    advice = (_then, _range_of_codes, _spelling, _date, _in_quotes, _typeless)
    help = next(filter(None, (each(failure) for each in advice)), None)
    return Said(f"expected {_expected(failure)}, {_found(failure.word)}", failure.span, help)


# ------------------------------------------------------------------------------------------- layout

CLOSING = {"(": ")", "[": "]", "{": "}"}


def _layout(failure: Failure, cause: LayoutError) -> Said:
    source, word = failure.source, failure.word
    after = source.span(word.end_pos, word.end_pos + 1)  # the first character of the line behind a line end
    match cause.kind:
        case "indented":
            return Said("expected no indentation before a declaration", failure.span)
        case "tab":
            tab = source.text.index("\t", word.start_pos + word.rindex("\n"))
            return Said("a tab in the indentation", source.span(tab, tab + 1), "indent with spaces")
        case "misaligned":
            return Said(
                "this line is indented like no line above it",
                after,
                "give it the indentation of the lines it belongs to",
            )
        case "unopened":
            return Said(f"`{word}` closes nothing", failure.span)
        case "mismatched" if cause.opener is not None:
            related = (Related("opened here", failure.at(cause.opener)),)
            return Said(f"expected `{CLOSING[cause.opener]}`, found `{word}`", failure.span, None, related)
        case "deep":
            span = after if word.type == "_NEWLINE" else failure.span
            return Said(f"nested too deep: more than {DEEPEST} levels", span, too_deep=True)
    return _unclosed(failure, word)


def _unclosed(failure: Failure, opener: Word) -> Said:
    return Said(f"`{opener}` is never closed", failure.at(opener), f"close it with `{CLOSING[opener]}`")


# ------------------------------------------------------------------------------------------- known mistakes


def _text_not_closed(failure: Failure) -> Said | None:
    if failure.word.type != "UNCLOSED":
        return None
    quotes = '"""' if failure.word.startswith('"""') else '"'
    return Said("this text is not closed", failure.span, f"end it with `{quotes}`")


INSTEAD = {
    "“": '`"`', "”": '`"`', "„": '`"`', "«": '`"`', "»": '`"`', "'": '`"`', "‘": '`"`', "’": '`"`',
    "≥": "`>=`", "≤": "`<=`", "≠": "`!=`", "−": "`-`", "–": "`-`", "—": "`-`", "×": "`*`", "÷": "`/`",
    "!": "`not`", "∧": "`and`", "∨": "`or`", "¬": "`not`", "∈": "`in`", "…": "`..`", "\\": "nothing: inside brackets "
    "a line goes on by itself", ";": "each clause on a line of its own", "`": '`"`',
}  # fmt: skip


def _stray(failure: Failure) -> Said | None:
    if failure.word.type != "STRAY":
        return None
    character = failure.word[0]
    help: str | None
    if character.isalnum():
        return _not_a_name(failure.word, failure.span)
    if category(character).startswith("M"):
        return _not_a_name(failure.last or "", failure.span, character)
    if character in "$€£¥":
        help = "write an amount of money as `5_000 USD`"
    elif character == "\r":
        return Said("a carriage return that ends no line", failure.span, "save the file with line ends LF or CRLF")
    elif character.isspace():
        return Said("a space that is not an ordinary one", failure.span, "write an ordinary space")
    elif not character.isprintable():
        return Said(f"a character that does not show (U+{ord(character):04X})", failure.span, "delete it")
    else:
        help = f"write {INSTEAD[character]}" if character in INSTEAD else None
    return Said(f"`{character}` means nothing here", failure.span, help)


def _not_a_name(name: str, span: Span, mark: str = "") -> Said:
    """A name with characters that stand for others (`ﬁ`, an accent by itself), or that names do not have."""
    plain = normalize("NFKC", name + mark)
    if mark:
        shown = f"the accent U+{ord(mark):04X} is a character by itself"
        return Said(shown, span, f"write `{plain}` with one character for both" if len(plain) == len(name) else None)
    if plain == name and (other := _look_alike(name)):
        look, letter = other
        script = character_name(letter).partition(" ")[0].title()
        shown = f"`{name}` is not what it looks like: its `{letter}` is a {script} letter (U+{ord(letter):04X})"
        return Said(shown, span, f"write `{look}`", fix=replacement(span, look))
    if plain.isidentifier():
        return Said(
            f"`{name}` is spelt with characters that stand for others",
            span,
            f"write `{plain}`",
            fix=replacement(span, plain),
        )
    wrong = next((c for c in name if not f"a{c}".isidentifier()), name)
    return Said(f"`{wrong}` cannot be part of a name", span)


def _look_alike(name: str) -> tuple[str, str] | None:
    """The name that ``name`` looks like and is not, and the first letter that makes the difference; None if none."""
    try:
        look = canonical_text(name)
    except InvisibleSign:
        return None
    return next(((look, letter) for letter, shown in zip(name, look, strict=False) if letter != shown), None)


def _bracket_left_open(failure: Failure) -> Said | None:
    """The next clause or declaration begins, and a bracket is open."""
    brackets, word = failure.layout.brackets, failure.word
    if not brackets:
        return None
    opener = brackets[-1]
    if word.line == opener.line or failure.source.line(word.line)[: word.column - 1].strip():
        return None
    line = failure.source.line(opener.line)
    indentation = len(line) - len(line.lstrip())
    return _unclosed(failure, opener) if word.column - 1 <= indentation else None


def _equals(failure: Failure) -> Said | None:
    word, span = failure.word, failure.span
    if word.type == "EQUAL" and failure.source.text[word.end_pos : word.end_pos + 1] == ">":  # `=>`
        span = failure.source.span(word.start_pos, word.end_pos + 1)
        return Said("`=>` means nothing here", span, "write `>=`", fix=replacement(span, ">="))
    if word == ">" and failure.last == "<" and failure.last.end_pos == word.start_pos:
        span = failure.at(failure.last).to(span)
        return Said("`<>` means nothing here", span, "write `!=`", fix=replacement(span, "!="))
    if word.type == "EQUAL" and "COMPARE" in failure.expected:
        return Said("`=` does not compare", span, "write `==`", fix=replacement(span, "=="))
    if word == "==" and "EQUAL" in failure.expected:
        return Said("`==` compares; a value is given with `=`", span, "write `=`", fix=replacement(span, "="))
    if word.type == "COMPARE" and "AND" in failure.expected:
        return Said("comparisons do not chain", span, "join two of them with `and`, or say `x in a..b`")
    return None


def _doubled(failure: Failure) -> Said | None:
    """`&&`, `||`."""
    last, word = failure.last, failure.word
    if last is not None and word in ("&", "|") and last == word and last.end_pos == word.start_pos:
        span = failure.at(last).to(failure.span)
        meant = "and" if word == "&" else "or"
        return Said(f"`{last}{word}` means nothing here", span, f"write `{meant}`", fix=replacement(span, meant))
    return None


def _name_taken(failure: Failure) -> Said | None:
    """A reserved word for a name, or a keyword where it is one."""
    word, last, expected = failure.word, failure.last, failure.expected
    if word in RESERVED and "NAME" in expected and not expected & {"NUMBER", "ENUM"}:
        return Said(f"`{word}` is a reserved word and cannot be a name", failure.span, "choose another name")
    if last is not None and word.type in ("COLON", "EQUAL") and last in keywords() and last not in RESERVED:
        return Said(f"`{last}` is a keyword here and cannot be a name", failure.at(last), "choose another name")
    return None


def _block(failure: Failure) -> Said | None:
    """Something wrong about where a block starts or ends."""
    word, expected, last = failure.word, failure.expected, failure.last
    if word.type == "_INDENT":
        if "COLON" in expected:
            return Said(
                "expected `:` before the block",
                failure.span,
                "end the line with `:`",
                fix=replacement(failure.span, ":"),
            )
        first = failure.source.line(word.line + 1)
        parts = "begin with the first part on a line below the `=`" if first.lstrip()[:1] in ("+", "-") else None
        return Said("this line opens no block, but the next one is indented", failure.span, parts) if first else None
    if last is not None and last.type == "COLON" and "_INDENT" in expected and _is_layout(word):
        return Said("expected an indented block after `:`", failure.span)
    if expected == {"CITE", "_DEDENT"} and not _is_layout(word):
        help = "put `all:` or `any:` above lines that belong together, or `when` between a value and its condition"
        return Said("expected the end of the definition, which says one thing", failure.span, help)
    return None


def _outcome_missing(failure: Failure) -> Said | None:
    last = failure.last
    if last is None or last.type != "THEN" or "NUMBER" in failure.expected:
        return None
    help = "name one of the outcomes of the decision"
    return Said(f"expected an outcome after `then`, {_found(failure.word)}", failure.span, help)


def _number_in_parts(failure: Failure) -> Said | None:
    """`5,000`, `5_000 XYZ`, `.5`, `5 %`, `1...5`."""
    last, word = failure.last, failure.word
    text, end = failure.source.text, word.end_pos
    if word == "." and last is not None and last.type == "RANGE" and last.end_pos == word.start_pos:
        return Said("`...` means nothing here", failure.at(last).to(failure.span), "write `..`")
    if word == "." and text[end : end + 1].isdigit() and "NUMBER" in failure.expected:
        return Said("a number begins with a digit", failure.span, "write `0.5` for a half")
    if last is None or last.type != "NUMBER":
        return None
    if word == "%":
        return Said("a blank inside a percentage", failure.span, f"write `{last}%`")
    rest = failure.source.text[word.end_pos : word.end_pos + 4]
    if word.type == "COMMA" and rest[:3].isdigit() and not rest[3:].isdigit():
        return Said("a `,` inside a number", failure.span, f"group digits with `_`: `{last}_{rest[:3]}`")
    if word.type == "NAME" and word.isascii():
        known = next((u for u in (*UNITS, *CURRENCIES) if u.lower() in (word.lower(), f"{word.lower()}s")), None)
        if known is not None:
            return Said(f"`{_short(word)}` is not a unit", failure.span, f"write `{last} {known}`")
        help = "units are km nmi mi m kg g t hours days weeks months years and the currency codes of ISO 4217"
        return Said(f"`{_short(word)}` is not a unit", failure.span, help)
    return None


def _state_denied(failure: Failure) -> Said | None:
    word = failure.word
    if failure.last == "is" and "KNOWN" in failure.expected and word.type in VALUE and not _spelling(failure):
        return Said("`is` does not compare", failure.at(failure.last), "write `==`")
    if failure.word.type == "NOT" and "KNOWN" in failure.expected:
        return Said(
            "`is not` means nothing", failure.span, "say `is unknown`, or put `not` before the whole: `not x is known`"
        )
    return None


FOREIGN = {
    "if": "when", "else": "otherwise", "elif": "when", "import": "use", "def": "define", "function": "define",
    "struct": "record", "class": "record", "type": "record", "assert": "prove", "return": "then", "null": "absent",
    "policy": "rule", "permit": "rule", "treaty": "agreement", "foreach": "for each", "except": "unless", "to": "until",
}  # fmt: skip


def _no_declaration(failure: Failure) -> Said | None:
    """A line that starts with a word that starts nothing: the grammar took it for a party that can or cannot."""
    last = failure.last
    if last is None or last.type != "NAME" or not failure.expected or not failure.expected <= {"CAN", "CANNOT"}:
        return None
    known: tuple[str, ...]
    if failure.layout.indents == [0]:
        what, known = "a declaration", DECLARATIONS
    elif failure.expected == {"CANNOT"}:
        what, known = "a line of the response", RESPONSE
    else:
        what, known = "a line of the agreement", AGREEMENT
    return Said(f"expected {what}, found `{_short(last)}`", failure.at(last), _nearest(last, known))


MISTAKES: tuple[Callable[[Failure], Said | None], ...] = (
    _text_not_closed,
    _bracket_left_open,
    _number_in_parts,
    _stray,
    _doubled,
    _equals,
    _outcome_missing,
    _name_taken,
    _block,
    _state_denied,
    _no_declaration,
)


# ------------------------------------------------------------------------------------------- what was expected

DECLARATIONS = (
    "enum", "record", "set", "zone", "table", "define", "decision", "rule", "party", "body", "agreement", "response",
    "prove", "example", "test", "use", "instrument", "source",
)  # fmt: skip
AGREEMENT = ("commitment", "mirror", "red line", "withdrawal", "remedy", "body", "status", "reciprocal")
RESPONSE = ("imposes", "reaches", "trigger", "posture", "aligned", "allowing", "at once", "after", "on", "lift")

VALUE = frozenset(
    {
        "NAME", "NUMBER", "PERCENT", "AMOUNT", "QUANTITY", "DATE", "STRING", "ECCN", "HS", "INVALID", "TRUE", "FALSE",
        "UNKNOWN", "ABSENT", "LPAR", "LBRACE", "LSQB", "MINUS",
    }
)  # fmt: skip
CONDITION = VALUE | {"NOT", "ANY", "ALL", "NO"}
TYPE = frozenset({"NAME", "SET", "LIST"})
AFTER_VALUE = frozenset(
    {
        "PLUS", "MINUS", "STAR", "SLASH", "VBAR", "AMPERSAND", "COMPARE", "IN", "NOT", "WITHIN", "IS", "OF", "APPLIES",
        "DECIDES", "CONSENTS", "AND", "OR", "IMPLIES", "DOT", "LSQB", "LPAR", "TO",
    }
)  # fmt: skip
AFTER_TYPE = frozenset({"QMARK", "PER", "OR"})

GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"ENUM", "RULE", "DEFINE"}), "a declaration"),
    (frozenset({"DISAPPLIES", "REFER", "UNLESS"}), "a clause of the rule, such as `when` or `then`"),
    (frozenset({"SHALL", "PARITY"}), "a clause of the commitment, such as `shall` or `when`"),
    (frozenset({"COMMITMENT", "MIRROR"}), "a line of the agreement, such as `commitment` or `mirror`"),
    (frozenset({"IMPOSES", "REACHES"}), "a line of the response, such as `trigger` or `at once`"),
    (frozenset({"GIVEN", "EXPECT"}), "`given`, `expect` or another line of the test"),
    (frozenset({"ACTS", "ALWAYS"}), "a field, `always`, `acts` or `cite`"),
)
"""Terminals that are only expected together, and what to call all that is expected there."""

CALLED = {
    "NAME": "a name", "STRING": "a text in quotes", "DOC": "a text in quotes", "NUMBER": "a number",
    "PERCENT": "a percentage", "AMOUNT": "an amount of money", "QUANTITY": "a quantity such as `30 days`",
    "DATE": "a date such as `2022-02-24`", "ECCN": "an ECCN", "HS": "a code of the Harmonized System",
    "COMPARE": "a comparison", "ARROW": "`->`", "RANGE": "`..`", "BY_DAY": "`by` and a date", "PER_PARTY": "`Party`",
    "_NEWLINE": "the end of the line", "_INDENT": "an indented block", "_DEDENT": "the end of the block",
    "$END": "the end of the text", "COMMA": "`,`", "RPAR": "`)`", "RSQB": "`]`", "RBRACE": "`}`", "COLON": "`:`",
    "DOT": "`.`", "EQUAL": "`=`", "PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`", "VBAR": "`|`",
    "AMPERSAND": "`&`", "QMARK": "`?`", "LPAR": "`(`", "LSQB": "`[`", "LBRACE": "`{`",
}  # fmt: skip

PHRASES = {
    "SUBJECT": "`subject to`", "EXCEPTION": "`exception to`", "REFER": "`refer to counsel`", "RED": "`red line`",
    "FIRST": "`first match`", "FOUND": "`found by`", "ASYMMETRIC": "`asymmetric because`",
    "COUNTING": "`counting as`", "PREVAILS": "`prevails over`",
}  # fmt: skip
"""Keywords better known with what always follows them."""

ASK_A_CONDITION = frozenset(
    {"WHEN", "UNLESS", "ENSURE", "ALWAYS", "WHILE", "WHERE", "AND", "OR", "NOT", "IMPLIES", "GIVEN", "ALLOWING"}
)
MOST = 8
"""Alternatives in one message."""


def _expected(failure: Failure) -> str:
    expected, said = set(failure.expected), []
    for together, name in GROUPS:
        if together <= expected:
            return name
    if expected >= CONDITION:
        asks = failure.last is not None and failure.last.type in ASK_A_CONDITION
        said.append("a condition" if asks else "a value or a condition")
        expected -= CONDITION | {"NONE"}
    elif expected >= VALUE:
        said.append("a value")
        expected -= VALUE
    elif expected >= TYPE:
        return "a type"
    elif {"PLUS", "VBAR"} <= expected:
        if expected <= AFTER_VALUE:
            return "an operator"
        expected -= AFTER_VALUE
    elif {"QMARK", "PER"} <= expected and expected - AFTER_TYPE:
        expected -= AFTER_TYPE
    if "_NEWLINE" in expected:
        expected.discard("$END")
    expected.discard("INVALID")  # a broken literal is accepted for a better message, not asked for
    said += [_called(kind) for kind in sorted(expected, key=_order)]
    said = list(dict.fromkeys(said))
    if len(said) > MOST:
        said = [*said[: MOST - 1], "something else"]
    return " or ".join(filter(None, (", ".join(said[:-1]), said[-1]))) if said else "nothing more"


def _order(kind: str) -> tuple[bool, bool, int, str]:
    """Signs and kinds of words as in `CALLED`, then keywords by name, then what ends a line or block."""
    layout = kind.startswith(("_", "$"))
    return layout, kind not in CALLED, list(CALLED).index(kind) if kind in CALLED else 0, kind


def _called(kind: str) -> str:
    return PHRASES.get(kind) or CALLED.get(kind) or f"`{_keywords()[kind]}`"


def _keywords() -> dict[str, str]:
    """The word of each terminal that is a keyword."""
    return {terminal: text for text, terminal in keywords().items()}


def _is_layout(word: Word) -> bool:
    return word.type.startswith(("_", "$"))


def _found(word: Word) -> str:
    if word.type == "$END":
        return "but the text ends"
    if word.type == "_DEDENT":
        return "but the block ends"
    if _is_layout(word):
        return "but the line ends"
    return f"found `{_short(word)}`"


def _short(text: str) -> str:
    line = text.partition("\n")[0]
    return text if len(text) <= 40 and line == text else f"{line[:40]}…"


def _spelling(failure: Failure) -> str | None:
    """A keyword that an unexpected word may have been meant to be."""
    if failure.word.type != "NAME":
        return None
    keywords = _keywords()
    return _nearest(failure.word, [keywords[kind] for kind in failure.expected if kind in keywords])


def _then(failure: Failure) -> str | None:
    """A word alone on a line of a rule."""
    word = failure.word
    if word.type != "NAME" or not {"THEN", "UNLESS"} <= failure.expected:
        return None
    alone = failure.source.line(word.line).partition("#")[0].strip() == word
    return f"an outcome comes after `then`: `then {_short(word)}`" if alone else None


def _date(failure: Failure) -> str | None:
    """A day that is written as people write it where a date is expected."""
    if "DATE" not in failure.expected:
        return None
    return iso_date(failure.source.line(failure.word.line)[failure.word.column - 1 :])


_LAST_CODE = re.compile(r"\s*([\w.]+)")


def _range_of_codes(failure: Failure) -> str | None:
    """`within 3B001.k to 3B001.n`, without braces."""
    last = failure.last
    if failure.word != "to" or last is None or last.type not in ("ECCN", "HS"):
        return None
    end = _LAST_CODE.match(failure.source.text, failure.word.end_pos)
    return f"write a range of codes in braces: `{{{last} to {end[1] if end else '…'}}}`"


_WORDS = re.compile(r"[^\W\d][\w'’-]*(?: [\w'’-]+)+[.]?$")


def _in_quotes(failure: Failure) -> str | None:
    """A text without its quotes: a citation, or a sentence on a line of its own or after a comparison."""
    word, expected = failure.word, failure.expected
    if _is_layout(word):
        return None
    rest = failure.source.line(word.line)[word.column - 1 :].partition("#")[0].strip()
    if "STRING" in expected and not expected & {"NUMBER", "COLON"}:
        return f'a text is written in quotes: `"{_short(rest)}"`'
    if not any(together <= expected for together, _ in GROUPS[1:]):
        return None
    last = failure.last
    if word.type == "NAME" and last is not None and last.type == "NAME" and last.line == word.line:
        rest = failure.source.line(word.line)[last.column - 1 :].partition("#")[0].strip()
    return f'a text is written in quotes: `"{_short(rest)}"`' if _WORDS.match(rest) else None


def _typeless(failure: Failure) -> str | None:
    """`define f(x)`, `define f(x) for R`."""
    last, word = failure.last, failure.word
    if word.type in ("RPAR", "COMMA") and last is not None and last.type == "NAME" and "COLON" in failure.expected:
        return f"a parameter has a type: `{last}: Country`; facts of a record are there without, by `for` and its name"
    if word == "for" and last is not None and last.type == "RPAR":
        return "a definition has parameters, or is `for` a record: give the record a parameter of its own"
    return None


def _nearest(word: str, known: Iterable[str]) -> str | None:
    if len(word) > 40:
        return None
    known = sorted(known)
    if word.lower() in FOREIGN and (meant := FOREIGN[word.lower()]).split()[0] in {k.split()[0] for k in known}:
        return f"say `{meant}`"
    return did_you_mean(word, known)
