"""The rules of a decision on one input, and each line of their conditions with its value.

Values come from the interpreter's own evaluator, so a tree cannot disagree with the answer it explains. A line that
the evaluation did not have to look at (because the line above it decided) is evaluated all the same: the reader wants
to see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from datetime import date
from typing import TypeAlias

from comity import terms
from comity.base.source import NOWHERE, Span
from comity.core import ast as core
from comity.core.closures import EvaluationContext
from comity.core.interpret import Interpreter
from comity.core.needs import row_name
from comity.core.walk import children
from comity.runtime.answer import Answer, PolicyError, RuleStatus
from comity.runtime.inputs import Findings
from comity.runtime.kleene import KleeneSet, elements
from comity.runtime.light import dataclass
from comity.runtime.types import BoolType, RecordType
from comity.runtime.values import ABSENT, format_value
from comity.terms import THIS, Term

Words: TypeAlias = Callable[[Span], str]
"""The source text of a span."""

DEEPEST = 6
"""Definitions shown within definitions; what lies deeper is shown by its value alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a condition: as written, its value in words, the facts it reads, and the lines it consists of."""

    text: str
    value: str
    facts: tuple[str, ...] = ()
    below: tuple[Line, ...] = ()

    def to_json(self) -> dict[str, object]:
        found: dict[str, object] = {"text": self.text, "value": self.value}
        if self.facts:
            found["facts"] = list(self.facts)
        if self.below:
            found["below"] = [line.to_json() for line in self.below]
        return found


@dataclass(frozen=True, slots=True)
class RuleTree:
    """One rule: what became of it in words (``status``), and the lines of its condition."""

    name: str
    module: str
    doc: str
    citations: tuple[str, ...]
    outcome: str | None
    value: str
    status: str
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "module": self.module,
            "outcome": self.outcome,
            "citations": list(self.citations),
            "condition": self.value,
            "status": self.status,
            "lines": [line.to_json() for line in self.lines],
        }


def rule_trees(
    interpreter: Interpreter,
    decision: core.Decision,
    facts: Mapping[str, object],
    as_of: date | None,
    findings: Findings,
    answer: Answer,
    words: Words,
) -> list[RuleTree]:
    """Every rule of a decision on these facts: first those that had a say, in the answer's order."""
    context = interpreter.context(decision.record, facts, as_of, findings)
    said = {(status.module, status.name): status for status in answer.rules}
    order = {key: number for number, key in enumerate(said)}
    reader = _Reader(interpreter, context, words)
    rules = sorted(decision.rules, key=lambda rule: order.get((rule.module, rule.name), len(order)))
    return [reader.rule(rule, facts, said.get((rule.module, rule.name)), findings) for rule in rules]


@dataclass(slots=True)
class _Locals:
    """The locals in force: their values, and the paths of the facts that they stand for."""

    env: Mapping[str, object]
    paths: Mapping[str, str | None]
    depth: int = 0

    def bind(self, name: str, value: object, path: str | None) -> _Locals:
        return _Locals({**self.env, name: value}, {**self.paths, name: path}, self.depth)


@dataclass
class _Reader:
    interpreter: Interpreter
    context: EvaluationContext
    words: Words
    shown: set[tuple[str, int]] = field(default_factory=set)
    """Definitions whose lines are shown in the rule already, by name and the identity of the record."""

    def rule(
        self, rule: core.Rule, facts: Mapping[str, object], status: RuleStatus | None, findings: Findings
    ) -> RuleTree:
        self.shown.clear()
        here = _Locals({THIS: facts}, {THIS: ""})
        lines: list[Line] = []
        if rule.window is not None:
            window = terms.InWindow(rule.window)
            lines.append(Line(_window(rule.window), self._truth(window, here)))
        if rule.membership is not None:
            lines.append(Line(f"for each: {rule.key} is one", self._truth(rule.membership, here)))
        if rule.when is not None:
            lines.append(self._part("when", rule.when, here))
        if rule.unless is not None:
            lines.append(self._part("unless", rule.unless, here))
        if rule.refer is not None:
            found = findings.get(rule.name, findings.get(rule.question))
            said = "unknown" if found is None else str(found).lower() if isinstance(found, bool) else found
            lines.append(Line(f"counsel finds {rule.question}", said))
        value = self._truth(rule.condition, here)
        if rule.refer is not None and value != "false":
            value = {"true": value, "false": "false"}.get(lines[-1].value, "unknown")
        return RuleTree(
            rule.name, rule.module, rule.doc, rule.cites, rule.outcome, value, _became(status, value), tuple(lines)
        )

    # ------------------------------------------------------------------------------------- lines

    def _part(self, word: str, term: Term, here: _Locals) -> Line:
        """The condition after `when` or `unless`."""
        lines = self._lines(term, here)
        if len(lines) == 1:
            return replace(lines[0], text=f"{word} {lines[0].text}")
        return Line(word, self._truth(term, here), (), tuple(lines))

    def _lines(self, term: Term, here: _Locals) -> list[Line]:
        """The lines of a condition; a condition without any is one line, with no text of its own."""
        match term:
            case terms.Line(condition=condition, span=span) if not _has_lines(condition):
                text = self._text(span)
                facts = tuple(dict.fromkeys(self._facts(condition, here)))
                calls = tuple(self._calls(condition, here))
                if len(calls) == 1 and calls[0].text == text:  # the line is nothing but the definition's name
                    facts, calls = calls[0].facts, calls[0].below
                return [Line(text, self._truth(term, here), facts, calls)]
            case terms.Line(condition=condition, span=span):
                header = self.words(span).partition("\n")[0].strip()
                return [Line(header, self._truth(term, here), (), tuple(self._lines(condition, here)))]
            case terms.Quantifier(kind=kind, variable=variable, source=source, body=body) if _has_lines(body):
                below = tuple(self._elements(variable, source, body, here))
                text = self._header(term, f"{kind} {variable} in …:")
                return [Line(text, self._truth(term, here), (), below)]
            case terms.Or() if _has_lines(term):
                return [Line(self._header(term, "any:"), self._truth(term, here), (), self._below(term, here))]
            case terms.Not(operand=terms.Or() | terms.Quantifier() as block) if _has_lines(block):
                text = self._header(term, self._header(block, "none:"))
                inner = self._lines(block, here)[0]
                return [Line(text, self._truth(term, here), (), inner.below)]
            case terms.And() if _has_lines(term):
                return [Line(self._header(term, "all:"), self._truth(term, here), (), self._below(term, here))]
            case _:
                return list(self._below(term, here))

    def _below(self, block: Term, here: _Locals) -> tuple[Line, ...]:
        return tuple(line for child in children(block) if _has_lines(child) for line in self._lines(child, here))

    def _header(self, block: Term, otherwise: str) -> str:
        """The first line of a block as written, if its place is known and it has one."""
        first = self.words(block.span).partition("\n")[0].strip() if block.span != NOWHERE else ""
        return first if first.endswith(":") else otherwise

    def _elements(self, variable: str, source: Term, body: Term, here: _Locals) -> Iterator[Line]:
        collection = self._value(source, here)
        if collection is None or collection is ABSENT:
            yield Line(f"{self._path(source, here) or 'the collection'}", "unknown")
            return
        for number, (element, _) in enumerate(elements(collection)):  # type: ignore[arg-type]
            path = f"{self._path(source, here)}[{number}]" if self._path(source, here) else None
            inner = here.bind(variable, element, path)
            name = path or (element if isinstance(element, str) else f"element {number + 1}")
            below = self._below(body, inner) if isinstance(body, terms.And) else tuple(self._lines(body, inner))
            yield Line(f"{variable} = {name}", self._truth(body, inner), (), below)

    def _calls(self, term: Term, here: _Locals) -> Iterator[Line]:
        """The definitions that a line asks, each with its own lines; one that is shown already, without them."""
        if isinstance(term, terms.Call):
            define = self.interpreter.program.defines[term.define]
            inner = _Locals({}, {}, here.depth + 1)
            for (parameter, _), argument in zip(define.parameters, term.arguments, strict=True):
                inner = inner.bind(parameter, self._value(argument, here), self._path(argument, here))
            value = self._value(term, here)
            known = value is not None or not isinstance(define.result, BoolType)
            said = format_value(define.result, value) if known and not isinstance(value, KleeneSet) else "unknown"
            of = inner.env.get(THIS)
            key = (term.define, id(of))
            below: tuple[Line, ...] = ()
            facts: tuple[str, ...] = ()
            if here.depth < DEEPEST and (of is None or key not in self.shown):
                self.shown.add(key)
                below = tuple(self._lines(define.body, inner)) if _has_lines(define.body) else ()
                if not below:
                    facts = tuple(dict.fromkeys(self._facts(define.body, inner)))
                    below = tuple(self._calls(define.body, inner))
            yield Line(define.name, said, facts, below)
        if not isinstance(term, terms.Quantifier | terms.Count | terms.Sum | terms.Filter):  # their locals are many
            for child in children(term):
                yield from self._calls(child, here)

    # ------------------------------------------------------------------------------------- facts

    def _facts(self, term: Term, here: _Locals) -> Iterator[str]:
        """The facts, table rows and decisions that a term reads itself, each with its value."""
        path = self._path(term, here)
        if path and isinstance(term, terms.Field | terms.Local):
            yield f"{path} = {self._shown(term, here)}"
            return
        match term:
            case terms.Lookup(table=table, keys=keys):
                asked = [self._value(key, here) for key in keys]
                for key in keys:
                    yield from self._facts(key, here)
                if None not in asked and ABSENT not in asked:
                    row = row_name(self.interpreter.program.tables[table], asked)
                    if not isinstance(term.type, RecordType):
                        yield f"{row} = {self._shown(term, here)}"
            case terms.OutcomeOf(decision=decision):
                yield f"{decision.rpartition('.')[2]} = {self._value(term, here) or 'undetermined'}"
            case terms.Quantifier() | terms.Count() | terms.Sum() | terms.Filter():
                inner = here.bind(term.variable, None, None)  # what its elements are is said by the collection
                for child in children(term):
                    yield from self._facts(child, here if child is term.source else inner)
            case terms.Call(arguments=arguments):
                for argument in arguments:
                    if self._path(argument, here) != "" and not isinstance(argument.type, RecordType):
                        yield from self._facts(argument, here)
            case _:
                for child in children(term):
                    yield from self._facts(child, here)

    def _shown(self, term: Term, here: _Locals) -> str:
        value = self._value(term, here)
        if isinstance(value, KleeneSet):
            value = None if any(sure is None for _, sure in value.members) else tuple(each for each, _ in value.members)
        text = format_value(term.type, value)
        return text if len(text) <= 60 else f"{text[:57]}..."

    def _path(self, term: Term, here: _Locals) -> str | None:
        match term:
            case terms.Local(name=name):
                return here.paths.get(name)
            case terms.Field(base=base, name=name):
                above = self._path(base, here)
                return None if above is None else f"{above}.{name}" if above else name
            case _:
                return None

    # ------------------------------------------------------------------------------------- values

    def _value(self, term: Term, here: _Locals) -> object:
        """The value of a term; None too where the cases of a definition give none."""
        try:
            return self.interpreter.evaluator.code(term)(here.env, self.context)
        except PolicyError:
            return None

    def _truth(self, term: Term, here: _Locals) -> str:
        value = self._value(term, here)
        return "unknown" if value is None else str(value).lower()

    def _text(self, span: Span) -> str:
        return " ".join(self.words(span).split())


def _has_lines(term: Term) -> bool:
    return isinstance(term, terms.Line) or any(map(_has_lines, children(term)))


def _window(intervals: tuple[terms.Interval, ...]) -> str:
    return ", and ".join(
        " ".join(f"{word} {day}" for word, day in (("from", first), ("through", last)) if day is not None)
        for first, last in intervals
    )


def _became(status: RuleStatus | None, value: str) -> str:
    if status is not None:
        by = f" by {', '.join(status.by)}" if status.by else ""
        return f"{'may decide' if status.status == 'possible' else status.status}{by}"
    return {"false": "does not apply", "true": "applies, without effect"}.get(value, "unknown, without effect")
