"""What built packages are made of besides their own code: records that check themselves, decisions, definitions.

Compiled conditions answer true, false or unknown, and the rules' outcomes follow from that. What depends on how the
clauses are built (what is still needed, which `always` line is broken, on which unknown fact a rule relied) is asked of
the reference semantics, which the package carries along with the clauses, and only when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from types import MappingProxyType, SimpleNamespace
from typing import Any, Generic, Literal, Protocol, TypeVar

from .answer import Answer
from .errors import FactsError, PolicyError, Undetermined
from .facts import Decoder, read_day, read_findings
from .inputs import FINDINGS, Findings, read_input
from .kleene import KleeneSet, Truth, elements, set_of
from .late import OPEN, Account, Given, Verdict, late_answer, verdict_of
from .moot import Moot
from .quick import UNUSUAL
from .resolve import Resolution, Ruleset, finding_on, resolve_masks
from .rules import Claims, Mask, bits, mask_of, union
from .standing import Standing, looking_up
from .texts import is_canonical_text
from .trials import shown_open
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
        return self.attribute_of(type(record), field)

    def attribute_of(self, record: type, field: str) -> str:
        """The attribute in which objects of a class keep a field."""
        names: tuple[str, ...] = record.__match_args__  # type: ignore[attr-defined]
        return names[[f.name for f in self.types[record].fields].index(field)]

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
    def needs(
        self, decision: str, facts: Mapping[str, object], day: date | None, findings: Findings,
        own: Sequence[Truth], resolution: Resolution,
    ) -> tuple[str, ...]: ...  # fmt: skip
    def relied(
        self, decision: str, facts: Mapping[str, object], day: date | None, findings: Findings
    ) -> tuple[str, ...]: ...
    def call(self, define: str, arguments: Sequence[object], day: date | None) -> Any: ...
    def call_needs(self, define: str, arguments: Sequence[object], day: date | None) -> tuple[str, ...]: ...


# ----------------------------------------------------------------------------------------- decisions


class Decision(Generic[R]):
    """One decision of a built package.

    ``parts``: loads the two functions that follow. ``holding``: from a record, a day and findings to the rules whose
    own condition is true, and unknown (what counsel must find is not looked at yet). ``rules``: the rules as data.
    ``keeps``: whether the facts keep every `always` line (None: there is none). ``questions``: by number, the name and
    the question of each rule that refers to counsel. ``referring``: the findings that there may be (all decisions').
    ``asks_known``: some rule asks whether a fact is known. ``dated``: some rule reads the day. ``sources``: what the
    law was compared with, and the ordinal of that day. ``settled``: the outcome by a short way without findings, False
    where the answer is open, None where that does not tell. ``reader``: loads the function that reads a dict.
    ``chooses``: the first of the two functions may be told as ``ask`` which conditions are evaluated (`Moot.ask`).
    """

    def __init__(
        self,
        qname: str,
        records: Records,
        record: type[R],
        parts: Callable[[], tuple[Callable[..., tuple[Mask, Mask]], Callable[[], Ruleset]]],
        *,
        version: str,
        keeps: Callable[[R, Any, Findings], bool] | None,
        questions: Mapping[int, tuple[str, str]],
        referring: Mapping[str, Sequence[str]],
        asks_known: bool,
        dated: bool,
        interpreter: Callable[[], Interpreter],
        sources: Sequence[tuple[str, int]] = (),
        settled: Callable[[R, Any, Findings], str | Literal[False] | None] | None = None,
        reader: Callable[[], Callable[[Any, str, list[str]], R]] | None = None,
        own: Callable[[], Sequence[Callable[..., Truth]]] | None = None,
        asks: bool = False,
        chooses: bool = False,
    ) -> None:
        self.qname = qname
        self.name = qname.rpartition(".")[2]
        self.records = records
        self.record = record
        self.type = records.types[record]
        self.parts = parts
        self.version = version
        self.keeps = keeps
        self.questions = dict(questions)
        self.referring = dict(referring)
        self.asks_known = asks_known
        self.dated = dated
        self.interpreter = interpreter
        self.sources = tuple(sources)
        self.settled = settled
        self.reader = reader
        self.own = own
        self.asks = asks
        self.chooses = chooses
        self._has_no_findings = self.type.field(FINDINGS) is None
        self._refers = mask_of(self.questions)
        self._day_field = None if self.type.as_of is None else records.attribute_of(record, self.type.as_of)
        self._settled: dict[object, tuple[Verdict, Resolution]] = {}
        self._last: tuple[R, date | None, Findings, Resolution] | None = None
        self._asked: tuple[R, date | None, Findings, Standing] | None = None
        self._masks: dict[tuple[int, ...], Mask] = {}
        self._moot: dict[Claims, Moot] = {}

    @cached_property
    def holding(self) -> Callable[..., tuple[Mask, Mask]]:
        return self.parts()[0]

    @cached_property
    def quick_reader(self) -> Callable[[Any, str, list[str]], R] | None:
        return None if self.reader is None else self.reader()

    @cached_property
    def rules(self) -> Callable[[], Ruleset]:
        return self.parts()[1]

    @cached_property
    def _alone(self) -> Mask:
        """The rules that apply where their own condition holds, whatever others do."""
        return self.rules().free & ~self._refers

    def answer(self, facts: R | Mapping[str, object], as_of: date | str | None, findings: Findings | None) -> Answer:
        """The answer; raises FactsError for facts that cannot be read or break an `always` line."""
        defaults: tuple[str, ...] = ()
        if type(facts) is self.record and as_of is None and findings is None:
            record, found, day = facts, _NO_FINDINGS, None
        else:
            day = None if as_of is None else day_of(as_of)
            record, found, defaults = self.read(facts, day, findings)
        if day is None and self._day_field is not None:
            day = getattr(record, self._day_field)
        if day is not None or not self.dated:
            try:
                if self.keeps is None or self.keeps(record, day, found):
                    if self.settled is not None:  # it does not tell where a rule that refers to counsel may apply
                        outcome = self.settled(record, day, found)
                        if outcome is not None:
                            verdict = verdict_of(outcome) if outcome else OPEN
                            return late_answer((self, verdict, record, day, found, defaults))
                    return late_answer((self, self.verdict(record, day, found), record, day, found, defaults))
            except PolicyError:
                pass  # which is an answer too; the reference semantics words it
        return self.reference(record, day, found, defaults)

    def reference(self, record: R, day: date | None, findings: Findings, defaults: tuple[str, ...] = ()) -> Answer:
        """The answer of the reference semantics, which has everything to say about what facts lack or break."""
        return self.interpreter().decide(self.qname, plain(self.type, record), day, findings, None, defaults)

    def read(
        self, facts: R | Mapping[str, object], day: date | None, findings: Findings | None
    ) -> tuple[R, Findings, tuple[str, ...]]:
        """The record, counsel's findings, and the fields whose default was used."""
        if isinstance(facts, self.record):
            found = read_findings(findings, self.referring)
            if day is not None and self.type.as_of is not None:
                facts = replace(facts, **{self.records.attribute(facts, self.type.as_of): day})  # type: ignore[type-var]
            return facts, found, ()  # pyright: ignore[reportReturnType]  # `replace` gives what it is given
        quick = self._read_quickly(facts, day, findings)
        if quick is not None:
            return quick
        read = read_input(facts, self.type, self.records.decoder(self.type), self.referring, day, findings)
        return read.facts, read.findings, read.defaults

    def _read_quickly(
        self, facts: object, day: date | None, findings: Findings | None
    ) -> tuple[R, Findings, tuple[str, ...]] | None:
        """The same of a dict in its usual form; None for any other."""
        read = self.quick_reader
        if read is None or type(facts) is not dict or findings is not None:
            return None
        defaults: list[str] = []
        found = _NO_FINDINGS
        try:
            if FINDINGS in facts and self._has_no_findings:
                found = read_findings(facts[FINDINGS], self.referring)
                facts = {**facts}
                del facts[FINDINGS]
            if day is not None and self.type.as_of is not None:
                facts = {**facts, self.type.as_of: day}
            return read(facts, "", defaults), found, tuple(defaults)
        except (*UNUSUAL, FactsError):
            return None

    def quick_record(self, facts: object) -> R | None:
        """The record in facts that come without findings, if it is quickly read."""
        if type(facts) is not dict or self.quick_reader is None or FINDINGS in facts:
            return None
        try:
            return self.quick_reader(facts, "", [])
        except UNUSUAL:
            return None

    def given(self, facts: R | Mapping[str, object], outcome: str) -> Given:
        """What an answer follows from that was settled by the short way."""
        record, findings, defaults = self.read(facts, None, None)
        return self, verdict_of(outcome), record, self.day(record, None), findings, defaults

    def day(self, record: R, as_of: date | None) -> date | None:
        return as_of if as_of is not None or self._day_field is None else getattr(record, self._day_field)

    def conditions(self, record: R, day: date | None, findings: Findings | None = None) -> list[Truth]:
        """Whether each rule's own condition holds, in the order of the rules."""
        true, unknown = self.holding(record, day, findings or _NO_FINDINGS)
        return _truths(true, unknown, len(self.rules().rules))

    def verdict(self, record: R, day: date | None, findings: Findings) -> Verdict:
        """What the rules say together, without those that make no difference."""
        if not self.chooses:
            return self.settle(record, day, findings)[0]
        moot = self._moot_on(day)
        found: Any = self.holding(record, day, findings, partial(moot.ask, *self._counselled(findings)))
        return self._concluded(found, moot, day, findings)

    def _moot_on(self, day: date | None) -> Moot:
        """Which rules make no difference on a day."""
        claims = self.rules().claims(day)
        moot = self._moot.get(claims)
        if moot is None:
            moot = self._moot[claims] = Moot(self.rules(), claims)
        return moot

    def _concluded(
        self, found: Verdict | tuple[Mask, Mask], moot: Moot, day: date | None, findings: Findings
    ) -> Verdict:
        """What follows from an answer of `Moot.ask`."""
        if isinstance(found, Verdict):
            return found
        true, unknown = found
        if shown_open(moot.ruleset, moot.claims, true, unknown):  # what it may be, nobody has asked yet
            return OPEN
        return self._settle(true, unknown, day, findings)[0]

    def _counselled(self, findings: Findings) -> tuple[Mask, Mask]:
        """The rules that a finding says do not hold, and those that want one and have none."""
        decided = refuted = 0
        named = self._named
        for name, finding in findings.items():
            if name in named:
                decided |= named[name]
                if finding is False:
                    refuted |= named[name]
                continue
            for bit, rule in self._concerned.get(name, ()):
                if rule not in findings:
                    decided |= bit
                    refuted |= bit if finding is False else 0
        return refuted, self._refers & ~decided

    @cached_property
    def _named(self) -> dict[str, Mask]:
        """The rules that a finding is on, of findings that no other goes before."""
        concerned = self._concerned.items()
        return {name: union(bit for bit, _ in on) for name, on in concerned if all(rule is None for _, rule in on)}

    @cached_property
    def _concerned(self) -> dict[str, list[tuple[Mask, str | None]]]:
        """The rules that a finding may be on, by what it is called; and the name that goes before that of the question,
        which other rules ask too.
        """
        found: dict[str, list[tuple[Mask, str | None]]] = {}
        for number, (rule, question) in self.questions.items():
            found.setdefault(rule, []).append((1 << number, None))
            if question != rule:
                found.setdefault(question, []).append((1 << number, rule))
        return found

    def settle(self, record: R, day: date | None, findings: Findings) -> tuple[Verdict, Resolution]:
        """What the rules say."""
        return self._settle(*self.holding(record, day, findings), day, findings)

    def _settle(self, true: Mask, unknown: Mask, day: date | None, findings: Findings) -> tuple[Verdict, Resolution]:
        """What rules say of which these hold; kept by that, which is much the same from input to input."""
        named: dict[int, str] = {}
        if self._refers:
            true, unknown, named = self._referred(true, unknown, findings)
        rules = self.rules()
        key: object = (true, unknown)
        if named or rules.by_day:
            key = (true, unknown, *named.items(), rules.claims(day))
        kept = self._settled.get(key)
        if kept is None:
            if len(self._settled) >= _MOST_KEPT:
                self._settled.clear()
            said = resolve_masks(rules, true, unknown, day, named, needs=False, statuses=False)
            kept = self._settled[key] = (Verdict(said.outcome, said.possible, said.error), said)
        return kept

    def _referred(self, true: Mask, unknown: Mask, findings: Findings) -> tuple[Mask, Mask, dict[int, str]]:
        """The same after what counsel found: a rule that refers holds only where a finding says so."""
        if not findings:
            doubtful = (true | unknown) & self._refers
            return true & ~doubtful, unknown | doubtful, {}
        named: dict[int, str] = {}
        for number in bits((true | unknown) & self._refers):
            rule, question = self.questions[number]
            bit, finding = 1 << number, finding_on(rule, question, findings)
            if finding is False:
                true, unknown = true & ~bit, unknown & ~bit
            elif finding is None:
                unknown |= true & bit
                true &= ~bit
            elif isinstance(finding, str):
                named[number] = finding
        return true, unknown, named

    def possible(self, given: Given) -> tuple[str, ...]:
        """The outcomes that an open answer leaves possible."""
        _, _, record, day, findings, _ = given
        return self.settle(record, day, findings)[0].possible

    def account(self, given: Given) -> Account:
        """Why an answer is what it is."""
        _, _, record, day, findings, _ = given
        true, unknown, named = self._referred(*self.holding(record, day, findings), findings)
        said = resolve_masks(self.rules(), true, unknown, day, named)
        needs: tuple[str, ...] = ()
        if said.outcome is None and said.error is None:
            own = _truths(true, unknown, len(self.rules().rules))
            needs = self.interpreter().needs(self.qname, plain(self.type, record), day, findings, own, said)
        return Account(said.rules, said.grounds, needs)

    def relied(self, given: Given) -> tuple[str, ...]:
        """The facts whose being unknown some rule asked for."""
        _, _, record, day, findings, _ = given
        if not self.asks_known:
            return ()
        return self.interpreter().relied(self.qname, plain(self.type, record), day, findings)

    def said(self, record: R, day: date | None, findings: Findings) -> Resolution:
        """What the rules say, for other decisions, which ask for one record several times over."""
        last = self._last
        if last is None or last[0] is not record or last[1] != day or last[2] is not findings:
            last = self._last = (record, day, findings, self.settle(record, day, findings)[1])
        return last[3]

    def _standing(self, record: R, day: date | None, findings: Findings) -> Standing:
        """What other decisions know of the rules, kept while they ask for one record; of a decision that `chooses`."""
        last = self._asked
        if last is None or last[0] is not record or last[1] != day or last[2] is not findings:
            looked_up = self.holding(record, day, findings, looking_up)
            standing = Standing(self.rules(), looked_up, *self._counselled(findings))
            last = self._asked = (record, day, findings, standing)
        return last[3]

    def _is_last(self, record: R) -> bool:
        """Whether the rules have been resolved for this record just before."""
        return self._last is not None and self._last[0] is record

    def determined(self, record: R, day: date | None, findings: Findings) -> str | None:
        """The outcome for other decisions: None unless determined."""
        if self.own is not None and self.settled is not None and not self._is_last(record):
            outcome = self.settled(record, day, findings)
            if outcome is not None:
                return outcome or None
            true, unknown, named = self._referred(*self.holding(record, day, findings), findings)
            if not named and shown_open(self.rules(), self.rules().claims(day), true, unknown):
                return None
        if self.chooses:
            standing = self._standing(record, day, findings)
            if standing.outcome is None:
                moot = self._moot_on(day)
                standing.outcome = (self._concluded(standing.ask(moot), moot, day, findings).outcome,)
            return standing.outcome[0]
        return self.said(record, day, findings).outcome

    def applies(self, record: R, day: date | None, findings: Findings, *rules: int) -> Truth:
        """Whether any of these rules applies."""
        if self.own is not None and not self._mask(rules) & ~self._alone and not self._is_last(record):
            own = self.own()
            given = (record, day, findings) if self.asks else (record, day)
            truths = [own[number](*given) for number in rules]
            return True if True in truths else None if None in truths else False
        if self.chooses:
            return self._standing(record, day, findings).applies(self._mask(rules))
        said = self.said(record, day, findings)
        asked = self._mask(rules)
        return True if said.certain & asked else None if said.perhaps & asked else False

    def decides(self, record: R, day: date | None, findings: Findings, *rules: int) -> Truth:
        """Whether any of these rules decides; unknown of rules that contradict each other."""
        said = self.said(record, day, findings)
        asked = self._mask(rules)
        return True if said.deciding & asked and not said.error else None if said.candidates & asked else False

    def _mask(self, rules: tuple[int, ...]) -> Mask:
        mask = self._masks.get(rules)
        if mask is None:
            mask = self._masks[rules] = mask_of(rules)
        return mask

    def outcome(self, facts: R | Mapping[str, object], as_of: date | str | None, findings: Findings | None) -> Any:
        """The outcome; raises Undetermined, GapError or ContradictionError where there is none."""
        return self.answer(facts, as_of, findings).require()


def _truths(true: Mask, unknown: Mask, size: int) -> list[Truth]:
    return [None if unknown >> number & 1 else bool(true >> number & 1) for number in range(size)]


_NO_FINDINGS: Findings = MappingProxyType({})
_MOST_KEPT = 10_000
"""The most combinations of rules that hold for which a decision remembers what they say."""


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
    "verdict_of",
]
