"""A paragraph compared with a code that may be given less exactly.

An item classified as `3B001` is not `within {3B001.c, 3B001.d}`, so a rule about these paragraphs does not reach it,
and the answer is as determined as if somebody had looked. But it may well be `3B001.c`. Comity cannot guess that: the
author says what happens to such a code, by `less_exact` of `std.codes` (`less_exact_hs` for codes of the Harmonized
System). There are three ways:

- refer it to counsel: a rule of the decision whose condition is `less_exact(item.eccn, {3B001.c, 3B001.d})`, and which
  gives the same outcome;
- treat it as if it were meant: `item.eccn within PARAGRAPHS or less_exact(item.eccn, PARAGRAPHS)`;
- refuse it: `always not less_exact(eccn, PARAGRAPHS)` in the record says that codes are given exactly enough.

Reported are comparisons of a fact with paragraphs of an entry, or with subheadings (more than four digits), which make
an answer milder if they fail, unless rules of the same decision or an `always` line ask whether the code is less exact
than each of these paragraphs. To compare the same fact with the entry itself, by `==`, is to ask it too.

Fires on:

    rule tools for licensing:
        when item.eccn within {3B001.c, 3B001.d}  # H512
        then license_required

Quiet on:

    use std.codes: less_exact

    set TOOLS: Eccn = {3B001.c, 3B001.d}

    rule tools for licensing:
        when item.eccn within TOOLS
        then license_required

    rule which_paragraph for licensing:
        refer to counsel "Is it of 3B001.c or 3B001.d?"
        when less_exact(item.eccn, TOOLS)
        then license_required

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from comity.base.source import Span
from comity.linter.codes import AskedAbout, Comparison, Comparisons, wider
from comity.linter.context import Context, Finding
from comity.linter.restriction import Restrictions

WHOLE = True


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    comparisons = Comparisons(program)
    in_rules = [
        (rule, context.remember(("H512", rule.qname), rule, comparisons.in_rule)) for rule in program.rules.values()
    ]
    used = {name for _, found in in_rules for name in found.used}
    in_defines = [
        comparisons.in_define(define)
        for define in program.defines.values()
        if define.record is not None and define.qname not in used
    ]
    decisions = {rule.decision for rule, found in in_rules if found.compared}
    if not decisions and not any(found.compared for found in in_defines):
        return
    always = [
        asked
        for record in program.records.values()
        for line in record.always
        for asked in comparisons.in_condition(line.condition).asked
    ]
    left_out: dict[Span, tuple[Comparison, str]] = {}
    restrictions = Restrictions(program)
    for decision in sorted(decisions):
        of_decision = [(rule, found) for rule, found in in_rules if rule.decision == decision]
        asked_about = AskedAbout((*always, *(asked for _, found in of_decision for asked in found.asked)))
        for rule, found in of_decision:
            for comparison, paragraph in asked_about.left_out(found.compared):
                if comparison.positive is None or restrictions.is_milder(rule, not comparison.positive):
                    left_out.setdefault(comparison.span, (comparison, paragraph))
    for found in in_defines:
        for comparison, paragraph in AskedAbout((*always, *found.asked)).left_out(found.compared):
            left_out.setdefault(comparison.span, (comparison, paragraph))
    texts = {module.source.path: module.source.text for module in program.modules.values()}
    for comparison, paragraph in left_out.values():
        span = comparison.span
        key = "H512", span.path, span.start, paragraph
        yield context.remember(key, comparison, partial(_finding, texts[span.path], paragraph))


def _finding(text: str, paragraph: str, comparison: Comparison) -> Finding:
    code, container = (text[span.start : span.end] for span in (comparison.code_span, comparison.container_span))
    if comparison.is_single:
        container = "{" + container + "}"
    container = " ".join(container.split())
    prefix = "HS " if comparison.is_hs else ""
    coarse = wider(paragraph, comparison.is_hs)[-1]
    function = "less_exact_hs" if comparison.is_hs else "less_exact"
    message = (
        f"`{code}` may be given as `{prefix}{coarse}`, which is not `{prefix}{paragraph}` but may turn out to be it"
    )
    help = (
        f"refer to counsel, or refuse the facts by an `always` line, where `{function}({code}, {container})` "
        f"(`use std.codes: {function}`)"
    )
    return Finding(message, comparison.span, {"help": help})
