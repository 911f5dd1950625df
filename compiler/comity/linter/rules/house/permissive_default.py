"""A default that makes an answer milder than an unknown fact would.

With `listed: Bool = false` a party that nobody has screened counts as screened and not listed: the rule about listed
parties does not apply, and the answer is determined. With `listed: Bool?` it would be undetermined, and name the fact
to find out. Write `?`. Where the milder answer is right, since the law asks what somebody knows, say so in a comment
`# comity: ignore[H511] …` above the record.

Reported is a default by which a condition fails, and with it a rule that gives an outcome more restrictive than
`otherwise` (or than the rules that it excepts), or that disapplies an exception. So is one by which an exception to
such a rule applies. The order of the outcomes says which is more restrictive. Not reported is a default by which a
rule at least as restrictive applies instead. Not examined is what a default does to a number that is computed, or to
another decision that a condition asks about: the default is judged for that decision. A default in a record of the
standard library is reported at the first rule that it affects.

Fires on:

    record Carrier:
        listed: Bool = false  # H511
        flags: set of Country = {}  # H511

    record Voyage:
        carrier: Carrier
        cleared: Bool = true  # H511

    decision passage for Voyage:
        outcomes:
            refused
            free
        otherwise free

    rule listed_carrier for passage:
        when carrier.listed
        then refused

    rule flag for passage:
        when any f in carrier.flags: f in EMBARGOED
        then refused

    rule clearance for passage:
        exception to listed_carrier
        when cleared
        then free

Quiet on:

    record Carrier:
        listed: Bool?
        insured: Bool = false

    record Voyage:
        carrier: Carrier
        cleared: Bool = false

    decision passage for Voyage:
        outcomes:
            refused
            free
        otherwise free

    rule listed_carrier for passage:
        when carrier.listed or not carrier.insured
        then refused

    rule clearance for passage:
        exception to listed_carrier
        when cleared
        then free
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from comity import terms
from comity.checked import ast as checked
from comity.core.closures import context_of
from comity.core.evaluate import Evaluator
from comity.core.walk import rewrite
from comity.linter.context import Context, Finding
from comity.linter.restriction import Restrictions
from comity.linter.tree import STANDARD_PREFIX
from comity.runtime.answer import PolicyError
from comity.runtime.types import BOOL, Field, RecordType
from comity.runtime.values import format_value
from comity.surface import ast as surface
from comity.terms import Term

WHOLE = True

FieldName: TypeAlias = tuple[str, str]
"""A record's qualified name, and a field."""

Fixed: TypeAlias = frozenset[tuple[FieldName, bool]]
"""Defaults that decide a part of a condition, and whether they do so in favour of the condition."""


def check(context: Context) -> Iterator[Finding]:
    program = context.program
    defaults = {
        (record.qname, each.name): each
        for record in program.records.values()
        for each in record.type.fields
        if each.has_default
    }
    if not defaults:
        return
    conditions = _Conditions(context, defaults)
    rules: dict[FieldName, list[tuple[checked.Rule, bool]]] = {}
    for rule in program.rules.values():
        for name, applies in sorted(context.remember(("H511", rule.qname), rule, conditions.of_rule)):
            rules.setdefault(name, []).append((rule, applies))
    if not rules:
        return
    restrictions = Restrictions(program)
    affected = {
        name: (rule, applies)
        for name, concerned in rules.items()
        for rule, applies in reversed(concerned)  # so that the first in the text is named
        if restrictions.is_milder(rule, applies) and not restrictions.is_replaced(rule, applies, concerned)
    }
    for name, (rule, applies) in affected.items():
        yield _finding(program, program.records[name[0]], defaults[name], rule, applies)


def _finding(
    program: checked.Program, record: checked.Record, each: Field, rule: checked.Rule, applies: bool
) -> Finding:
    shown = f"{record.name}.{each.name}"
    value = format_value(each.type, each.default)
    effect = "applies" if applies else "does not apply"
    decision = program.decisions[rule.decision].name
    message = f"left out, `{shown}` is `{value}`, so `{rule.name}` {effect}; unknown, it would leave `{decision}` open"
    details: dict[str, object] = {"subjects": (shown, rule.name)}
    if record.qname.startswith(STANDARD_PREFIX):
        details["help"] = "give `null` in the facts for what nobody has found out"
        return Finding(message, rule.span, details)
    node = next(
        item for item in record.node.items if isinstance(item, surface.FieldDecl) and item.name.text == each.name
    )
    written = program.modules[record.module].source.text[node.type.span.start : node.type.span.end]
    details["help"] = f"write `{each.name}: {written}?`, without a default"
    return Finding(message, node.name.span, details)


@dataclass(slots=True)
class _Conditions:
    """Which parts of conditions are decided by a default, while everything else is unknown."""

    context: Context
    defaults: dict[FieldName, Field]
    _of_define: dict[str, Fixed] = field(default_factory=dict)
    _evaluator: Evaluator | None = None

    def of_rule(self, rule: checked.Rule) -> Fixed:
        """For the condition of a rule: does it hold less often for the default (False) or more often (True)?"""
        found: set[tuple[FieldName, bool]] = set()
        if rule.for_each is not None and rule.for_each[1] is not None:
            found |= self._of_source(rule.for_each[1])
        if rule.when is not None:
            found |= self._of(rule.when)
        if rule.unless is not None:
            found |= _negated(self._of(rule.unless))
        return frozenset(found)

    def _of(self, term: Term) -> Fixed:
        match term:
            case terms.Line(condition=condition):
                return self._of(condition)
            case terms.And(operands=operands) | terms.Or(operands=operands):
                return frozenset[tuple[FieldName, bool]]().union(*map(self._of, operands))
            case terms.Not(operand=operand):
                return _negated(self._of(operand))
            case terms.Quantifier(source=source, body=body):
                return self._of_part(term, source) | self._of(body)
            case terms.Call(define=name, type=type) if type == BOOL:
                return self._of_called(name)
            case terms.IsKnown():
                return frozenset()
            case _:
                return self._of_part(term, term)

    def _of_called(self, name: str) -> Fixed:
        if name not in self._of_define:
            self._of_define[name] = self._of(self.context.program.defines[name].body)
        return self._of_define[name]

    def _of_source(self, source: Term) -> Fixed:
        """For the set of a family: with `{}` none of its rules applies."""
        return frozenset(
            (name, False) for name in self._fields(source) if self._value(source, name) in (frozenset(), ())
        )

    def _of_part(self, term: Term, reading: Term) -> Fixed:
        """For a truth that is not a combination of others: what it is by the default of a field in ``reading``."""
        found = ((name, self._value(term, name)) for name in self._fields(reading))
        return frozenset((name, value) for name, value in found if isinstance(value, bool))

    def _fields(self, term: Term) -> Iterator[FieldName]:
        """The fields with a default that ``term`` itself reads, not through definitions."""
        waiting: list[Term] = [term]
        while waiting:
            here = waiting.pop()
            waiting += terms.children(here)
            name = _field_name(here)
            if name in self.defaults:
                yield name

    def _value(self, term: Term, name: FieldName) -> object:
        """The value of ``term`` where the field has its default and all else is unknown."""
        each = self.defaults[name]

        def put_default(here: Term) -> Term | None:
            return terms.Const(each.default, each.type) if _field_name(here) == name else None

        if self._evaluator is None:
            assert self.context.core is not None
            self._evaluator = Evaluator(self.context.core)
        code = self._evaluator.code(rewrite(term, put_default))
        try:
            return code(dict.fromkeys(_locals(term)), context_of(None))
        except PolicyError:
            return None  # cases that overlap or leave a gap: L206 and L207


def _negated(found: Fixed) -> Fixed:
    return frozenset((name, not value) for name, value in found)


def _field_name(term: Term) -> FieldName | None:
    if isinstance(term, terms.Field) and isinstance(term.base.type, RecordType):
        return f"{term.base.type.module}.{term.base.type.name}", term.name
    return None


def _locals(term: Term) -> Iterator[str]:
    waiting: list[Term] = [term]
    while waiting:
        here = waiting.pop()
        waiting += terms.children(here)
        if isinstance(here, terms.Local):
            yield here.name
