"""`# comity: ignore[L204, H501] reason` above a declaration hides those codes in that declaration.

The reason is obligatory. E-codes cannot be hidden. What hides nothing is H507 itself, so that no comment outlives
its cause. A malformed comment is E001, from the parser.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence

from comity.base.diagnostics import CODES, Diagnostic, replacement
from comity.base.source import Span
from comity.checked import ast as checked
from comity.linter.context import Finding
from comity.linter.tree import declarations, name_of
from comity.runtime.light import dataclass
from comity.surface import ast as surface
from comity.surface.comments import SUPPRESSION
from comity.workspace.config import nearest_code


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the codes it names with their spans, and the declaration it stands above (None: nothing)."""

    comment: surface.Comment
    codes: tuple[tuple[str, Span], ...]
    target: surface.Node | None

    def covers(self, d: Diagnostic) -> bool:
        if self.target is None or d.span.path != self.comment.span.path:
            return False
        return self.target.span.start <= d.span.start < self.target.span.end

    @property
    def subjects(self) -> tuple[str, ...]:
        name = name_of(self.target)
        return (name.text,) if name else ()


def suppressions(module: checked.Module) -> Iterator[Suppression]:
    """The suppressing comments of a module. Each speaks of the first declaration that begins after it."""
    written = module.surface
    head = [node for node in (written.instrument, *written.sources, *written.uses) if node is not None]
    targets: list[surface.Node] = sorted([*head, *declarations(written)], key=lambda node: node.span.start)
    starts = [node.span.start for node in targets]
    for comment in written.comments:
        found = SUPPRESSION.match(comment.text)
        if found is None or not (found["codes"] or "").endswith("]"):
            continue
        codes = []
        for code in re.finditer(r"[^\s,\[\]]+", found["codes"]):
            start = comment.span.start + found.start("codes") + code.start()
            codes.append((code[0], module.source.span(start, start + len(code[0]))))
        after = bisect_left(starts, comment.span.end)
        target = targets[after] if comment.own_line and after < len(targets) else None
        if target is not None:
            between = map(str.strip, module.source.text[comment.span.end : target.span.start].splitlines())
            if any(line and not line.startswith("#") for line in between):
                target = None  # inside a declaration: there is nothing right below it that could be meant
        yield Suppression(comment, tuple(codes), target)


def hide(
    found: Sequence[Diagnostic], comments: Iterable[Suppression], ran: Collection[str]
) -> tuple[list[Diagnostic], list[Finding]]:
    """What is left of ``found``, and the findings of H507 about comments that hide nothing.

    ``ran``: the codes that were looked for; a comment about another is not called unused.
    """
    left = list(found)
    idle: list[Finding] = []
    for suppression in comments:
        unused: list[tuple[str, Span, str]] = []
        for code, span in suppression.codes:
            kept = [d for d in left if d.code != code or code.startswith("E") or not suppression.covers(d)]
            if code not in CODES:
                close = nearest_code(code)
                hint = f"; did you mean `{close}`?" if close else ""
                unused.append((code, span, f"`{code}` is not a diagnostic code{hint}"))
            elif code.startswith("E"):
                unused.append((code, span, f"`{code}` cannot be hidden: E-codes are always errors"))
            elif suppression.target is None:
                idle.append(_misplaced(suppression, span))
            elif len(kept) == len(left) and code in ran:
                unused.append((code, span, f"nothing here is {code}, so the comment hides nothing"))
            left = kept
        idle += _idle(suppression, unused)
    return left, idle


def _misplaced(suppression: Suppression, span: Span) -> Finding:
    where = "above no declaration" if suppression.comment.own_line else "beside a line"
    help = "put it on a line of its own above the declaration that it speaks of"
    return Finding(f"the comment stands {where}, so it hides nothing", span, {"help": help})


def _idle(suppression: Suppression, unused: Sequence[tuple[str, Span, str]]) -> Iterator[Finding]:
    """The findings about codes of one comment, with a span and a message each. Their fix takes out all of them, with
    the comment itself if it names no other.
    """
    spans = {span for _, span, _ in unused}
    kept = [code for code, span in suppression.codes if span not in spans]
    if kept:
        first, last = suppression.codes[0][1], suppression.codes[-1][1]
        fix = replacement(first.to(last), ", ".join(kept))
    else:
        fix = replacement(suppression.comment.span, "")
    for code, span, message in unused:
        help = f"delete `{code}` from it" if kept else "delete it"
        yield Finding(message, span, {"subjects": suppression.subjects, "help": help, "fix": fix})
