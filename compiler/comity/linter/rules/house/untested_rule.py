"""No test makes a rule decide.

A rule that no test exercises says something nobody has tried. Looked for by `comity test --coverage`, and by
`comity lint` where H505 is selected by name, for the tests are run for it. Rules without an outcome of their own are
not judged: they never decide.

Settings: select = ["H505"]

Fires on:

    rule listed for licensing:  # H505
        when any p in parties: p.listed
        then prohibited

Quiet on:

    rule russia for licensing:
        when destination == RU
        then license_required

    test "to Russia" for licensing:
        given:
            item.eccn = EAR99
            item.origin = US
            item.us_content = unknown
            destination = RU
            value = 5 USD
            parties = []
            licensed = false
            purpose = absent
            date = 2026-01-01
        expect license_required by russia
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.core.interpret import Interpreter
from comity.linter.context import Context, Finding
from comity.tools.testing import run_tests

WHOLE = True
OPT_IN = True


def check(context: Context) -> Iterator[Finding]:
    assert context.core is not None
    covered = {
        (rule.decision, rule.module, rule.name): rule.decides for rule in run_tests(Interpreter(context.core)).rules
    }
    for decision in context.core.decisions.values():
        seen = set()
        for rule in decision.rules:
            key = (decision.name, rule.module, rule.family)
            if rule.outcome is not None and key not in seen and not covered.get(key):
                seen.add(key)
                yield Finding(f"no test makes `{rule.family}` decide", rule.span, {"subjects": (rule.family,)})
