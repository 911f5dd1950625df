"""What the public face of a built package stands on: records that check themselves, decisions, definitions.

A compiled condition answers true, false or unknown, and that settles most inputs. Where it does not (what is still
needed? which `always` line is broken? on which unknown fact did a rule rely?) the answer hangs on how the clauses are
built; then the reference semantics, which the package carries along with the clauses themselves, is asked. Both give
the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Generic, Protocol, TypeVar

from .answer import Answer
from .errors import PolicyError, Undetermined
from .facts import Decoder, read_day, read_findings
from .inputs import Findings, read_input
from .kleene import KleeneSet, Truth, any_of, elements, set_of
from .resolve import Resolution, Ruleset, finding_on, referred, resolve
from .texts import is_canonical_text
from .types import AbsentType, Field, ListType, PerPartyType, RecordType, SetType, Type
from .values import ABSENT, is_eccn, parse_hs, record_field

R = TypeVar("R")


# ------------------------------------------------------------------------------------------- records


class Records:
    """The classes that stand for records, and how facts are read into them.

    ``parties``: the names that `per Party` facts may use, if there are any.
    """

    def __init__(self, parties: Sequence[str] = ()) -> None:
        self.parties = tuple(parties) or None
        self.classes: dict[str, type] = {}
        self.types: dict[type, RecordType] = {}
        self._decoders: dict[str, Decoder] = {}

    def of(self, type: RecordType, **names: str) -> Callable[[type[R]], type[R]]:
        """Decorates the class of a record. ``names``: attributes not called like their field, with the field's name."""

        def register(cls: Any) -> Any:
            fields = {field.name: field.name for field in type.fields} | {field: attr for attr, field in names.items()}
            setattr(cls, "__match_args__", tuple(fields.values()))  # noqa: B010 - mypy knows it as final
            if names:
                _also_named(cls, names)
            self.classes[f"{type.module}.{type.name}"] = cls
            self.types[cls] = type
            return cls

        return register

    def decoder(self, type: RecordType) -> Decoder:
        name = f"{type.module}.{type.name}"
        if name not in self._decoders:
            self._decoders[name] = Decoder(type, self.classes, parties=self.parties)
        return self._decoders[name]

    def refine(self, record: object) -> None:
        """Give a new record's fields their exact form (`5000 USD` is 5000, a list is a tuple); raises FactsError."""
        type_ = self.types[type(record)]
        refined = self.decoder(type_)(record).value
        for field in type_.fields:
            attribute = self.attribute(record, field.name)
            object.__setattr__(record, attribute, getattr(refined, attribute))

    def attribute(self, record: object, field: str) -> str:
        names: tuple[str, ...] = type(record).__match_args__  # type: ignore[attr-defined]
        return names[[f.name for f in self.types[type(record)].fields].index(field)]

    def arguments(self, type: RecordType, values: Mapping[str, object]) -> list[object]:
        """The arguments of a function in their exact form; raises FactsError."""
        decoder = Decoder(type, {**self.classes, f"{type.module}.{type.name}": SimpleNamespace}, parties=self.parties)
        read = decoder(SimpleNamespace(**values)).value
        return [getattr(read, field.name) for field in type.fields]


def _also_named(cls: Any, names: Mapping[str, str]) -> None:
    """Let ``cls`` be read and built by its fields' own names too, where Python does not allow them as attributes."""
    attributes = {field: attribute for attribute, field in names.items()}
    build = cls.__init__

    def __init__(self: object, **values: object) -> None:
        build(self, **{attributes.get(name, name): value for name, value in values.items()})

    cls.__init__ = __init__
    for attribute, field in names.items():
        setattr(cls, field, getattr(cls, attribute))


is_code = lru_cache(maxsize=65_536)(is_eccn)
"""`is_eccn` of a text, remembered."""


@lru_cache(maxsize=65_536)
def is_heading(text: str) -> bool:
    """Whether a text is an HS code in canonical form."""
    return parse_hs(text) == text


def is_number(value: object) -> bool:
    """Whether ``value`` is an exact number in the form that every evaluator keeps: an int where it is whole."""
    return type(value) is int or (type(value) is Fraction and value.denominator != 1)


def is_text(value: object) -> bool:
    """Whether ``value`` is text in the one form in which texts compare."""
    return type(value) is str and is_canonical_text(value)


def plain(type: Type, value: object) -> Any:
    """A value with its records as mappings, as the reference semantics takes them."""
    if value is None or value is ABSENT:
        return value
    match type:
        case AbsentType(element):
            return plain(element, value)
        case RecordType(fields=fields):
            return {field.name: plain(field.type, record_field(value, field.name)) for field in fields}
        case ListType(element):
            return tuple(plain(element, each) for each in value)  # type: ignore[attr-defined]
        case SetType(element) if isinstance(value, KleeneSet):
            return set_of((plain(element, each), sure) for each, sure in elements(value))
        case PerPartyType(element):
            return {party: plain(element, each) for party, each in value.items()}  # type: ignore[attr-defined]
        case _:
            return value


class Interpreter(Protocol):
    """The reference semantics."""

    def decide(
        self, decision: str, facts: Mapping[str, object], as_of: date | None, findings: Findings | None,
        trace: None = None, defaults: Sequence[str] = (),
    ) -> Answer: ...  # fmt: skip
    def decide_json(self, decision: str, value: object, as_of: date | None) -> Answer: ...
    def call(self, define: str, arguments: Sequence[object], day: date | None) -> Any: ...
    def call_needs(self, define: str, arguments: Sequence[object], day: date | None) -> tuple[str, ...]: ...


# ----------------------------------------------------------------------------------------- decisions


class Decision(Generic[R]):
    """One decision of a built package.

    ``conditions``: each rule's own condition on a record and a day. ``keeps``: whether the facts keep every `always`
    line (None: there is none). ``questions``: what each rule that refers asks counsel, by number.
    ``referring``: the findings that there may be (all decisions'). ``plain``: no rule asks whether a fact is known.
    ``alone``: no rule asks what another decision says.
    """

    def __init__(
        self,
        qname: str,
        records: Records,
        record: type[R],
        ruleset: Ruleset,
        *,
        version: str,
        conditions: Callable[[R, date], list[Truth]],
        keeps: Callable[[R, date], bool] | None,
        questions: Mapping[int, str],
        referring: Mapping[str, Sequence[str]],
        plain: bool,
        alone: bool,
        interpreter: Callable[[], Interpreter],
    ) -> None:
        self.qname = qname
        self.name = qname.rpartition(".")[2]
        self.records = records
        self.record = record
        self.type = records.types[record]
        self.ruleset = ruleset
        self.version = version
        self.conditions = conditions
        self.keeps = keeps
        self.questions = dict(questions)
        self.referring = dict(referring)
        self.plain = plain
        self.alone = alone
        self.interpreter = interpreter
        self._resolutions: dict[tuple[object, ...], Resolution] = {}
        self._last: tuple[R, date, Resolution] | None = None

    def answer(self, facts: R | Mapping[str, object], as_of: date | str | None, findings: Findings | None) -> Answer:
        """The answer; raises FactsError for facts that cannot be read or break an `always` line."""
        day = day_of(as_of)
        record, found, defaults = self.read(facts, day, findings)
        answer = self._settled(record, day, found, defaults)
        if answer is None:
            given = plain(self.type, record)
            answer = self.interpreter().decide(self.qname, given, day, found, None, defaults)
        return answer

    def read(
        self, facts: R | Mapping[str, object], day: date | None, findings: Findings | None
    ) -> tuple[R, Findings, tuple[str, ...]]:
        """The record, counsel's findings, and the fields whose default was used."""
        if isinstance(facts, self.record):
            found = read_findings(findings, self.referring)
            if day is not None and self.type.as_of is not None:
                facts = replace(facts, **{self.records.attribute(facts, self.type.as_of): day})  # type: ignore[type-var]
            return facts, found, ()
        read = read_input(facts, self.type, self.records.decoder(self.type), self.referring, day, findings)
        return read.facts, read.findings, read.defaults

    def _settled(self, record: R, as_of: date | None, findings: Findings, defaults: tuple[str, ...]) -> Answer | None:
        """The answer where the compiled conditions determine it, else None."""
        day = self.day(record, as_of)
        if day is None or not self.plain or (findings and not self.alone):
            return None
        try:
            if self.keeps is not None and not self.keeps(record, day):
                return None
            resolution = self.resolution(record, day, findings)
        except PolicyError:
            return None
        if not resolution.determined:
            return None
        return Answer(
            decision=self.name,
            outcome=resolution.outcome,
            determined=True,
            possible=resolution.possible,
            as_of=day,
            rules=resolution.rules,
            defaults=defaults,
            grounds=resolution.grounds,
            version=self.version,
        )

    def day(self, record: R, as_of: date | None) -> date | None:
        if as_of is not None or self.type.as_of is None:
            return as_of
        day = record_field(record, self.type.as_of)
        return day if isinstance(day, date) else None

    def resolution(self, record: R, day: date, findings: Findings = {}) -> Resolution:  # noqa: B006 - only read
        """What the rules say; kept by what their conditions are, which is much the same from input to input."""
        own = self.conditions(record, day)
        named: dict[int, str] = {}
        for number, question in self.questions.items():
            finding = finding_on(self.ruleset.rules[number].name, question, findings)
            own[number] = referred(own[number], finding)
            if isinstance(finding, str):
                named[number] = finding
        key = (*own, *named.items(), self.ruleset.faces(day))
        kept = self._resolutions.get(key)
        if kept is None:
            if len(self._resolutions) > 50_000:
                self._resolutions.clear()
            kept = self._resolutions[key] = resolve(self.ruleset, own, day, named)
        return kept

    def said(self, record: R, day: date) -> Resolution:
        """What the rules say without findings, for other decisions, which ask for one record several times over."""
        last = self._last
        if last is None or last[0] is not record or last[1] != day:
            last = self._last = (record, day, self.resolution(record, day))
        return last[2]

    def applies(self, record: R, day: date, *rules: int) -> Truth:
        """Whether any of these rules applies."""
        said = self.said(record, day)
        return any_of(said.applies(rule) for rule in rules)

    def decides(self, record: R, day: date, *rules: int) -> Truth:
        """Whether any of these rules decides."""
        said = self.said(record, day)
        return any_of(said.decides(rule) for rule in rules)

    def outcome(self, facts: R | Mapping[str, object], as_of: date | str | None, findings: Findings | None) -> str:
        """The outcome; raises Undetermined, GapError or ContradictionError where there is none."""
        return self.answer(facts, as_of, findings).require()


def day_of(as_of: date | str | None) -> date | None:
    return read_day(as_of, "as_of")


# --------------------------------------------------------------------------------------- definitions


class Definition:
    """A definition of a built package, asked from outside. ``parameters`` as a record; ``this`` if it is one's own."""

    def __init__(
        self, qname: str, records: Records, parameters: RecordType, interpreter: Callable[[], Interpreter]
    ) -> None:
        self.qname = qname
        self.records = records
        self.parameters = parameters
        self.interpreter = interpreter

    def value(self, as_of: date | str | None, arguments: Mapping[str, object]) -> Any:
        """The value by the reference semantics, for arguments in any form; raises Undetermined where unknown."""
        given = self.records.arguments(self.parameters, arguments)
        day = day_of(as_of)
        values = [plain(field.type, value) for field, value in zip(self.parameters.fields, given, strict=True)]
        (whole, *_) = self.parameters.fields
        if isinstance(whole.type, RecordType) and whole.type.as_of is not None and whole.name == "this":
            if day is None:
                day = values[0][whole.type.as_of]
            else:
                values[0][whole.type.as_of] = day
        value = self.interpreter().call(self.qname, values, day)
        if value is None or isinstance(value, KleeneSet):
            needs = self.interpreter().call_needs(self.qname, values, day)
            raise Undetermined(f"`{self.qname.rpartition('.')[2]}` is undetermined; needed: {', '.join(needs)}")
        return value


def parameters(*fields: tuple[str, Type]) -> RecordType:
    """The parameters of a function, as the record that they are read as."""
    return RecordType("", "arguments", tuple(Field(name, type) for name, type in fields))


__all__ = [
    "Decision",
    "Definition",
    "Findings",
    "Interpreter",
    "Records",
    "day_of",
    "is_code",
    "is_heading",
    "is_number",
    "is_text",
    "parameters",
    "plain",
]
