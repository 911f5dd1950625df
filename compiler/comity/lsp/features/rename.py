"""Rename: every use of a name in every file, or a reason why not.

The new texts are built before anything is handed to the editor: a rename that would bring an error, or make any name
mean another declaration than before, is refused. So is one that would have to touch a CSV file or the standard
library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from comity.base.diagnostics import Edit
from comity.base.source import Span
from comity.linter.fixes import edited
from comity.lsp.index import Declared, Index
from comity.pipeline.driver import Build, build
from comity.surface.words import RESERVED
from comity.workspace.project import Selection
from comity.workspace.reading import is_standard


class Refused(Exception):
    """Why a name cannot be renamed, in a sentence for the author."""


def renamable(index: Index, path: str, offset: int) -> tuple[Declared, Span]:
    """The declaration to rename and the name at the place. Raises Refused."""
    use = index.at(path, offset)
    if use is None:
        raise Refused("there is no name here that could be renamed")
    found = index.declared[use.qname]
    if is_standard(found.name.path):
        raise Refused(f"`{found.short}` is declared in the standard library")
    _refuse_if_in_tables(index, found)
    return found, use.span


def _refuse_if_in_tables(index: Index, found: Declared) -> None:
    """Members are written in the cells of CSV files, fields and parameters in their headers."""
    program = index.program
    for table in program.tables.values():
        if table.file is None:
            continue
        types = [str(kind) for _, kind in table.parameters] + [str(table.result)]
        container = found.container.rpartition(".")[2]
        of_type = any(re.search(rf"\b{re.escape(container)}\b", each) for each in types)
        written = found.kind == "field" or any(
            found.short in re.findall(r"\w+", str(cell)) for row in table.rows for cell in (*row.keys, row.value)
        )
        if found.kind in ("member", "field") and of_type and written:
            raise Refused(f"`{found.short}` is written in `{table.file}`, which a rename does not touch")


def rename(
    made: Build, index: Index, selection: Selection, read: Callable[[str], bytes], path: str, offset: int, name: str
) -> dict[str, list[Edit]]:
    """The edits of a rename, by display path. Raises Refused."""
    found, _ = renamable(index, path, offset)
    if made.errors:
        first = made.errors[0]
        raise Refused(f"a rename might miss uses while there are errors: {first.span.path}:{first.span.line}")
    if not re.fullmatch(r"[^\W\d]\w*", name):
        raise Refused(f"`{name}` is not a name: letters, digits and `_`, beginning with a letter")
    if name in RESERVED:
        raise Refused(f"`{name}` is a reserved word")
    if name == found.short:
        return {}
    edits: dict[str, list[Edit]] = {}
    for span in [found.name, *index.uses(found.qname)]:
        if is_standard(span.path):
            raise Refused(f"`{found.short}` is used in the standard library")
        edits.setdefault(span.path, []).append(Edit(span, name))
    texts = {where: edited(index.sources[where].text, changes) for where, changes in edits.items()}
    _refuse_if_it_means_another(index, selection, read, texts, found, name)
    return edits


def _refuse_if_it_means_another(
    index: Index,
    selection: Selection,
    read: Callable[[str], bytes],
    texts: Mapping[str, str],
    found: Declared,
    name: str,
) -> None:
    def read_renamed(where: str) -> bytes:
        return texts[where].encode() if where in texts else read(where)

    after = build(selection, read=read_renamed)
    for error in after.errors:
        raise Refused(f"then {error.message} ({error.span.path}:{error.span.line})")
    renamed = _renamed(found.qname, name)
    before_uses = sorted((use.span.path, renamed(use.qname)) for where in index.sources for use in index.uses_in(where))
    after_index = Index(after.checked, after.sources)
    after_uses = sorted((use.span.path, use.qname) for where in after.sources for use in after_index.uses_in(where))
    if before_uses != after_uses:
        raise Refused(f"`{name}` would mean something else in some place")


def _renamed(old: str, name: str) -> Callable[[str], str]:
    """Qualified names after the rename; what is declared within the renamed declaration moves with it."""
    new = f"{old.rpartition('.')[0]}.{name}"

    def change(qname: str) -> str:
        if qname == old:
            return new
        return new + qname[len(old) :] if qname.startswith(f"{old}.") else qname

    return change
