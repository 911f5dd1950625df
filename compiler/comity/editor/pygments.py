"""A Pygments lexer for policies: documents, `rich` and `pygmentize` show them in colour (`comity[editor]`)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import String, Text, string_to_tokentype

from comity.editor.highlight import PATTERNS, Pattern


def _rule(pattern: Pattern) -> tuple[Any, ...]:
    tokens = [string_to_tokentype(name) for name in pattern.tokens]
    return (pattern.regex, tokens[0] if len(tokens) == 1 else bygroups(*tokens))


class ComityLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """Colours for `.comity` files."""

    name = "Comity"
    aliases: ClassVar = ["comity"]
    filenames: ClassVar = ["*.comity"]
    mimetypes: ClassVar = ["text/x-comity"]
    flags = re.MULTILINE

    tokens: ClassVar = {
        "root": [
            (r'"""(?:[^"\\]|\\.|\\\n|"(?!""))*(?:""")?', String.Doc),
            *(_rule(pattern) for pattern in PATTERNS),
            (r"\n|[^\S\n]+|.", Text),
        ]
    }
