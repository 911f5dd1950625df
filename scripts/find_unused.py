"""Names that nothing uses, by vulture; it fails if there are any.

What only looks unused is left out: methods named like rules of the grammar, which Lark calls; names in texts of
`backends/`, which compiled packages call; handlers of the language server; and the few of `KNOWN`.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("compiler", "scripts", "benchmarks", "tests")
DECORATORS = ["@server.feature", "@server.command", "@pytest.*", "@pytest_lsp.*"]
KNOWN = {
    "__getattr__": "a module's, which Python calls",
    "callbacks": "an attribute that Lark's lexer reads",
    "line_start_pos": "an attribute that Lark's parser reads",
    "decorator_list": "a field of Python's syntax trees",
    "fast": "the writer of pickles reads it",
    "filenames": "Pygments reads it",
    "find_class": "the reader of pickles calls it",
    "format_commands": "click calls it",
    "get_command": "click calls it",
    "list_commands": "click calls it",
    "mimetypes": "Pygments reads it",
    "persistent_id": "the writer of pickles calls it",
    "persistent_load": "the reader of pickles calls it",
    "secret": "a field that a test leaves out of texts",
    "stdio": "the option that editors give to every server",
    "to_dict": "for callers in Python",
    "to_polars": "for callers in Python",
    "_logic": "read by its name, in `_of_all`",
    "_past": "keeps objects whose `id` is a key alive",
    "pytest*": "pytest reads it",
}
"""Names, and who uses them."""


def grammar_rules() -> set[str]:
    """The names of the grammar's rules and of their alternatives."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "grammar").glob("*.lark")))
    return set(re.findall(r"^[?!]*([a-z_]+)(?:\.\d+)?:", text, re.MULTILINE)) | set(re.findall(r"-> (\w+)", text))


def names_in_texts(folder: Path) -> set[str]:
    """Every word of the string constants of the modules below ``folder``, docstrings left out."""
    found: set[str] = set()
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in loose:
                found |= set(re.findall(r"\w+", node.value))
    return found


def main() -> int:
    """Print what is unused; 1 if anything is."""
    called = names_in_texts(ROOT / "compiler" / "comity" / "backends")
    search = Vulture(ignore_names=sorted({*KNOWN, *grammar_rules(), *called}), ignore_decorators=DECORATORS)
    search.scavenge([str(ROOT / folder) for folder in FOLDERS])
    unused = search.get_unused_code()
    for item in unused:
        print(item.get_report())
    return 1 if unused else 0


if __name__ == "__main__":
    sys.exit(main())
