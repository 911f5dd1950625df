"""The TextMate grammar of policies, for VS Code and other editors that read one.

`editors/vscode/syntaxes/comity.tmLanguage.json` is this, written by `python -m comity.editor.textmate`; a test holds
the file to it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from comity.editor.highlight import PATTERNS, Pattern


def grammar() -> dict[str, Any]:
    """The grammar as plain data."""
    return {
        "name": "Comity",
        "scopeName": "source.comity",
        "fileTypes": ["comity"],
        "patterns": [
            {
                "begin": '"""',
                "end": '"""',
                "name": "string.quoted.docstring.comity",
                "patterns": [{"match": r"\\."}],
            },
            *map(_rule, PATTERNS),
        ],
    }


def _rule(pattern: Pattern) -> dict[str, Any]:
    if len(pattern.scopes) == 1:
        return {"match": pattern.regex, "name": pattern.scopes[0]}
    captures = {str(number): {"name": scope} for number, scope in enumerate(pattern.scopes, start=1) if scope}
    return {"match": pattern.regex, "captures": captures}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(grammar(), indent=2, ensure_ascii=False) + "\n")
