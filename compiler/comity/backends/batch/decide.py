"""A decision over tables: facts are read, conditions computed and rules resolved, some ten thousand rows at a time.

Of 100,000 exports, for example, the first chunk is read as columns of facts, `value > 5000 USD` is one column of truths
for it, as every other line is, and rows that agree in what the rules say of them are resolved once. Then the next chunk
is read, so memory does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from comity import terms
from comity.backends.batch import raw
from comity.backends.batch.columns import FALSE, UNKNOWN, Codes, Domain
from comity.backends.batch.facts import RecordReader, needs_spelling, spelled
from comity.backends.batch.gathered import NotKnown
from comity.backends.batch.graph import Unsupported
from comity.backends.batch.nodes import AsOf, Chunk, Distinct, Fact, Finding, Frame, Node
from comity.backends.batch.raw import Integers, Raw, Structs
from comity.backends.batch.result import Answers, Row, refuse_kept
from comity.backends.batch.rules import Decided, Deciding, Holds, Resolved, Saying
from comity.backends.batch.sources import Table, slices, table_of
from comity.backends.batch.sparse import MANY_RULES, Sparse
from comity.backends.batch.translate import Translator
from comity.backends.batch.values import OPAQUE, Env, Value
from comity.core.interpret import Interpreter
from comity.plan.make import plan_decision
from comity.runtime.answer import Answer
from comity.runtime.errors import FactsError, Problem
from comity.runtime.facts import Decoder, read_day, read_findings
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type
from comity.terms import THIS, Term

ROWS: Final = 65_536
"""Rows in a chunk: what is computed of them fits into the processor's cache."""

FEW_CODED: Final = 4
"""A large decision is worked out by its axes if at most one rule of so many has lines that axes do not say."""

REMEMBERED: Final = 500_000
"""Values met, after which all that was kept is forgotten: tables of any length are decided in the same memory."""

Progress = Callable[[int, int], object]
"""Told how many rows are decided, and of how many."""


class BatchDecision:
    """A decision made ready for tables. It keeps what it has worked out, so hold it where there are several."""

    def __init__(self, interpreter: Interpreter, decision: str) -> None:
        self.interpreter = interpreter
        self.qname = decision
        self.decision = interpreter.program.decisions[decision]
        self.record: RecordType = self.decision.record
        self.parties = interpreter.program.party_names or None
        self.reader = RecordReader(self.record, self.parties)
        self.root = Frame()
        this = Fact(self.root, None, None)
        as_of = self.record.as_of
        self.translator = Translator(
            interpreter.program,
            interpreter.evaluator,
            AsOf(self.root) if as_of is None else Fact(self.root, this, as_of),
            self.root,
        )
        if as_of is not None:
            day = self.translator.cells.day
            assert isinstance(day, Fact)
            self.translator.graph.adopt(this, as_of, day)
        self.translator.outcome_of = self._outcome_of
        self.translator.rule_holds = self._rule_holds
        self._decided: dict[tuple[str, int, bool], Deciding | Resolved] = {}
        self._built: list[Value] = []
        self.always = list(self._always(self.record, this))
        self.saying = Saying(self._deciding(decision, this))
        self._findings: dict[str, _FindingReader] = {}

    # -------------------------------------------------------------------------------- putting together

    def _deciding(self, decision: str, record: Value) -> Deciding | Resolved:
        """A decision on the records of a frame, of which only that is asked what it says."""
        rules = self.interpreter.program.decisions[decision].rules
        if len(rules) < MANY_RULES or not isinstance(record, Fact):
            return self._standing(decision, record)
        key = (decision, id(record), True)
        if key not in self._decided:
            self._built.append(record)
            self._decided[key] = self._sparse(decision, record) or self._standing(decision, record)
        return self._decided[key]

    def _sparse(self, decision: str, record: Fact) -> Sparse | None:
        """A decision whose many rules the axes of a plan tell apart; None where they tell too few."""
        prepared = self.interpreter.prepared(decision)
        rules, ruleset = prepared.decision.rules, prepared.ruleset
        if ruleset.by_day or any(rule.refer is not None for rule in rules):
            return None
        plan = plan_decision(prepared.decision, self.interpreter.evaluator)
        if not plan.axes or FEW_CODED * len(plan.coded) > len(rules):
            return None
        env: Env = {THIS: record}
        cells = self.translator.cells
        nodes = [cells if axis.fact is None else self.translator.of(axis.fact, env) for axis in plan.axes]
        rest: dict[int, list[Node]] = {}
        for rule in plan.rules:
            for line in rule.rest:
                try:
                    node = self.translator.holds(line, env)
                except Unsupported:
                    node = _Doubtful(record.frame)
                rest.setdefault(rule.number, []).append(node)
        every = list(dict.fromkeys(node for lines in rest.values() for node in lines))
        frame, given = self.translator.graph.together(
            [*nodes, *every, self.translator.graph.constant(True, True, record.frame)]
        )
        lifted = dict(zip(every, given[len(nodes) :], strict=False))
        axes = list(zip(given[: len(nodes)], plan.axes, strict=True))
        lines = {rule: [lifted[node] for node in nodes] for rule, nodes in rest.items()}
        return Sparse(frame, ruleset, axes, lines)

    def _standing(self, decision: str, record: Value) -> Decided | Resolved:
        """A decision on the records of a frame, of which it may be asked what becomes of each rule."""
        key = (decision, id(record), False)
        if key not in self._decided:
            self._built.append(record)  # so that its identity is not given away again
            prepared = self.interpreter.prepared(decision)
            own = [
                self._own(rule.name, rule.question, rule.refer is not None, condition, record)
                for rule, condition in zip(prepared.decision.rules, prepared.terms, strict=True)
            ]
            base = record.frame if isinstance(record, Fact) else self.root
            frame, own = self.translator.graph.together([*own, self.translator.graph.constant(True, True, base)])
            own.pop()
            ruleset = prepared.ruleset
            named = {
                rule.number: self.translator.graph.lifted(self._finding(rule.name, rule.question), frame)
                for rule in prepared.decision.rules
                if rule.refer is not None and rule.outcome is None
            }
            if named or ruleset.by_day:
                day = self.translator.graph.lifted(self.translator.cells, frame)
                self._decided[key] = Resolved(frame, ruleset, own, day, named)
            else:
                self._decided[key] = Decided(frame, ruleset, own)
        found = self._decided[key]
        assert isinstance(found, Decided | Resolved)
        return found

    def _own(self, name: str, question: str, refers: bool, condition: Term, record: Value) -> Node:
        """A rule's own condition; where a human must judge, only a finding makes it hold."""
        try:
            node = self.translator.holds(condition, {THIS: record})
        except Unsupported:
            node = _Doubtful(record.frame if isinstance(record, Fact) else self.root)
        if not refers:
            return node
        found = self._finding(name, question)
        return self.translator.graph.both(node, self.translator.graph.distinct(("found",), [found], _found, True))

    def _finding(self, name: str, question: str) -> Node:
        return self.translator.graph.node((Finding, name, question), lambda: Finding(self.root, name, question))

    def _outcome_of(self, decision: str, record: Value) -> Node:
        saying = Saying(self._deciding(decision, record))
        key = (Saying, decision, id(record))
        said = self.translator.graph.node(key, lambda: saying)
        outcome = self.translator.graph.distinct(("outcome",), [said], lambda values: values[0].outcome, False)
        unknown = self._unknown(record)
        if unknown is None:
            return outcome
        return self.translator.graph.distinct(
            ("outcome of",), [outcome, unknown], lambda values: values[0] if values[1] is False else None, False
        )

    def _rule_holds(self, term: terms.RuleHolds, record: Value, key: Node | None) -> Node:
        decided = self._standing(term.decision, record)
        numbers = self.interpreter.prepared(term.decision).numbers
        decides = term.verb == "decides"
        translator = self.translator
        unknown = self._unknown(record)

        def holds(member: object) -> Node:
            rules = tuple(numbers.get((term.rule, member), ()))
            return translator.graph.node((Holds, id(decided), rules, decides), lambda: Holds(decided, rules, decides))

        if key is None:
            found = holds(None)
        elif isinstance(term.key, terms.Const):
            found = holds(term.key.value)
        else:
            members = sorted({each for name, each in numbers if name == term.rule and each is not None}, key=str)
            inputs = [key, *map(holds, members)]

            def of_key(values: tuple[Any, ...]) -> object:
                if values[0] is None:
                    return None
                return values[1 + members.index(values[0])] if values[0] in members else False

            found = translator.graph.distinct(("holds", id(decided), term.rule, decides), inputs, of_key, True)
        if unknown is None:
            return found
        return translator.graph.distinct(
            ("holds of",), [found, unknown], lambda values: values[0] if values[1] is False else None, True
        )

    def _unknown(self, record: Value) -> Node | None:
        """`FALSE` where there is such a record; None if there always is."""
        if not isinstance(record, Fact) or record.base is None:
            return None
        return self.translator.graph.node((NotKnown, id(record)), lambda: NotKnown(record.frame, record))

    def _always(self, kind: Type, fact: Fact) -> Iterator[Node]:
        """What must not be false of the facts, also of records in records and in collections."""
        match kind:
            case AbsentType(element=element):
                yield from self._always(element, fact)
            case ListType(element=element) if self._lines(element):
                inner = self.translator.elements(fact, kind)
                if isinstance(inner, Fact):
                    yield from self._always(element, inner)
            case SetType() | PerPartyType() if lines := self._lines(kind):
                if any(self.translator.leaves(line, {THIS: OPAQUE})[1] for line in lines):
                    yield _Doubtful(fact.frame)  # what another decision says may depend on findings
                else:
                    breaks = self.interpreter.breaks
                    cells = self.translator.cells
                    yield self.translator.graph.distinct(
                        ("keeps", kind), [fact, cells], lambda values: not breaks(kind, values[0], values[1]), True
                    )
            case RecordType():
                env: Env = {THIS: fact}
                for line in self.interpreter.program.always.get(f"{kind.module}.{kind.name}", ()):
                    try:
                        yield self.translator.holds(line.condition, env)
                    except Unsupported:
                        yield _Doubtful(fact.frame)
                for field in kind.fields:
                    yield from self._always(field.type, self.translator.graph.fact(fact, field.name))

    def _lines(self, kind: Type) -> list[Term]:
        """The conditions that facts of a type must keep."""
        match kind:
            case AbsentType(element=element) | ListType(element=element):
                return self._lines(element)
            case SetType(element=element) | PerPartyType(element=element):
                return self._lines(element)
            case RecordType():
                own = [line.condition for line in self.interpreter.program.always.get(f"{kind.module}.{kind.name}", ())]
                return own + [line for field in kind.fields for line in self._lines(field.type)]
            case _:
                return []

    # --------------------------------------------------------------------------------------- deciding

    def decide(
        self,
        table: object,
        as_of: date | str | None = None,
        explain: bool = False,
        progress: Progress | None = None,
        keep: Collection[str] = (),
        units: Mapping[str, str] | None = None,
        text: bool = False,
        rows: int = ROWS,
    ) -> Answers:
        """What the decision says of every row. See `Decision.decide_batch`."""
        refuse_kept(keep, explain)
        whole = table_of(table)
        day = read_day(as_of, "as_of")
        beside = not_facts(self.record, keep)
        given = Table({n: part for n, part in whole.columns.items() if n not in beside}, whole.rows)
        refused_columns(self.record, given.columns, units or {})
        answers = Answers(self.decision.outcomes.members, explain)
        for start, stop in slices(given.rows, rows):
            self._decide(given.part(start, stop), day, answers, units or {}, text, start)
            if progress is not None:
                progress(stop, given.rows)
        return answers

    def _decide(
        self, given: Structs, day: date | None, answers: Answers, units: Mapping[str, str], text: bool, start: int
    ) -> None:
        """Decide the rows of a chunk, and add what is said of them to the answers."""
        rows = given.rows
        given = self._spelled(given, day, units, text)
        doubtful = np.zeros(rows, np.bool_)
        facts = dict(given.fields)
        beside = facts.pop(FINDINGS, None) if self.record.field(FINDINGS) is None else None
        findings = {} if beside is None else self._read_findings(beside, rows, doubtful)
        read = self.reader.read(Structs(facts, rows), None, doubtful)
        chunk = Chunk(read, findings, day, rows, doubtful)
        for line in self.always:
            broken = line.column(chunk) == FALSE
            if broken.any():
                chunk.doubt(line.frame, broken)
        for node in self.translator.unasked.values():
            node.column(chunk)
        said: Codes = self.saying.column(chunk)
        answers.add(said, np.flatnonzero(doubtful), lambda row: self._row(given.at(row), day))
        if answers.explained is not None:
            for row in range(rows):
                answers.explained.append(self._answer(given.at(row), day))
        if self._met() > REMEMBERED:
            self.clear()

    def _met(self) -> int:
        kept = sum(node.met() for node in self.translator.nodes() if isinstance(node, Distinct))
        return kept + self.reader.met()

    def clear(self) -> None:
        """Forget all values that were met."""
        self.reader.clear()
        self.translator.clear()
        self.saying.clear()
        self._findings.clear()
        for decided in self._decided.values():
            decided.clear()

    def _answer(self, facts: object, day: date | None) -> Answer | FactsError:
        """What the interpreter says of one row."""
        try:
            return self.interpreter.decide_json(self.qname, facts, day)
        except FactsError as error:
            return error

    def _row(self, facts: object, day: date | None) -> Row:
        return Row.of(self._answer(facts, day))

    # ---------------------------------------------------------------------------------------- columns

    def _spelled(self, given: Structs, day: date | None, units: Mapping[str, str], text: bool) -> Structs:
        fields = {name: _with_units(each, name, units) for name, each in given.fields.items()}
        for field in self.record.fields:
            if field.name in fields and needs_spelling(field.type, text):
                fields[field.name] = spelled(fields[field.name], field.type, text)
        if text and FINDINGS in fields:
            fields[FINDINGS] = _spelled_findings(fields[FINDINGS])
        if day is not None and self.record.as_of is not None:
            fields[self.record.as_of] = raw.Distinct(np.zeros(given.rows, np.int64), [day])
        return Structs(fields, given.rows)

    def _read_findings(self, given: Raw, rows: int, doubtful: NDArray[np.bool_]) -> dict[str, Codes]:
        """Counsel's findings by rule."""
        referring = self.interpreter.referring_rules
        if isinstance(given, Structs):
            found = {}
            for name, column in given.fields.items():
                reader = self._findings.setdefault(name, _FindingReader(name, referring))
                codes = reader.read(column, rows)
                wrong = codes.index < 0
                if wrong.any():
                    doubtful |= wrong
                    codes = Codes(np.where(wrong, 0, codes.index), codes.domain)
                found[name] = codes
            return found
        columns: dict[str, list[bool | str | None]] = {}
        for row in range(rows):
            try:
                read = read_findings(None if (each := given.at(row)) is raw.LEFT_OUT else each, referring)
            except FactsError:
                doubtful[row] = True
                continue
            for name, finding in read.items():
                columns.setdefault(name, [None] * rows)[row] = finding
        domain = Domain([None])
        return {
            name: Codes(np.array([domain.code(each) for each in values], np.int64), domain)
            for name, values in columns.items()
        }


class _FindingReader:
    """Reads counsel's findings on one rule."""

    def __init__(self, name: str, referring: Mapping[str, Any]) -> None:
        self.name = name
        self.referring = referring
        self.domain = Domain([None])

    def read(self, given: Raw, rows: int) -> Codes:
        if isinstance(given, raw.Distinct):
            codes = np.array([self._code(each) for each in given.values] or [0], np.int64)
            return Codes(codes.take(given.index), self.domain)
        return Codes(np.array([self._code(given.at(row)) for row in range(rows)], np.int64), self.domain)

    def _code(self, value: object) -> int:
        if value is raw.LEFT_OUT:
            return 0
        try:
            return self.domain.code(read_findings({self.name: value}, self.referring).get(self.name))
        except FactsError:
            return -1


class _Doubtful(Node):
    """A condition of which columns say nothing: the interpreter decides every row."""

    def compute(self, chunk: Chunk) -> Any:
        rows = self.frame.rows(chunk)
        chunk.doubt(self.frame, np.ones(rows, np.bool_))
        return np.full(rows, UNKNOWN, np.uint8)


def _found(values: tuple[Any, ...]) -> bool | None:
    """What a finding makes of the condition of a rule that refers to counsel."""
    return None if values[0] is None else values[0] is not False


def refused_columns(record: RecordType, columns: Collection[str], units: Mapping[str, str]) -> None:
    """Raise FactsError for columns that are not facts, and for units of columns that there are not."""
    problems: list[Problem] = []
    for name in columns:
        if not _is_finding(record, name):
            problems += _no_fact(record, name, "")
    known = {name.partition(".")[0] for name in columns}
    for name, unit in units.items():
        if name not in columns and name.partition(".")[0] not in known:
            problems.append(Problem(name, unit, "the name of a column"))
    if problems:
        raise FactsError(problems)


def not_facts(record: RecordType, keep: Iterable[str]) -> set[str]:
    """Those of the columns kept that are not facts: a fact is read whether it is kept or not."""
    return {name for name in keep if not _is_finding(record, name) and _no_fact(record, name, "")}


def _is_finding(record: RecordType, name: str) -> bool:
    return record.field(FINDINGS) is None and (name == FINDINGS or name.startswith(f"{FINDINGS}."))


def _no_fact(record: RecordType, name: str, prefix: str) -> list[Problem]:
    """What is wrong with the name of a column."""
    first, _, rest = name.partition(".")
    field = record.field(first)
    kind = None if field is None else field.type.element if isinstance(field.type, AbsentType) else field.type
    if rest and isinstance(kind, RecordType):
        return _no_fact(kind, rest, f"{prefix}{first}.")
    if field is not None and not rest:
        return []
    asked = first if field is None else name
    try:
        Decoder(record, partial=True)({asked: None})
    except FactsError as error:
        return [
            Problem(
                prefix + name,
                "a column",
                f"{each.expected}; a column that is not a fact must be named in `keep`",
                each.hint,
            )
            for each in error.problems
        ]
    return []


def _with_units(given: Raw, path: str, units: Mapping[str, str]) -> Raw:
    if not units:
        return given
    match given:
        case Integers() if path in units and not given.is_day:
            return Integers(given.values, given.known, given.scale, False, units[path])
        case Structs(fields=fields):
            parts = {name: _with_units(each, f"{path}.{name}", units) for name, each in fields.items()}
            return Structs(parts, given.rows, given.known, given.dotted)
        case _:
            return given


def _spelled_findings(given: Raw) -> Raw:
    match given:
        case Structs(fields=fields):
            return Structs({n: _spelled_findings(each) for n, each in fields.items()}, given.rows, given.known)
        case raw.Distinct(index=index, values=values):
            table: dict[object, object] = {"true": True, "false": False, "": None}
            return raw.Distinct(index, [table.get(each, each) if isinstance(each, str) else each for each in values])
        case _:
            return given
