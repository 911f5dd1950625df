"""The types of Comity values, as plain data.

One set of descriptors serves the checker, core, the reader of facts and generated code.

How each type is represented at run time (in every evaluator):

=================  ==========================================================================
type               Python value
=================  ==========================================================================
Bool               ``True`` / ``False``
Int                ``int``
Number, Percent    ``int`` or ``fractions.Fraction``; 25% is ``Fraction(1, 4)``
Money              ``int`` or ``Fraction``: the amount; the currency is static
Quantity           ``int`` or ``Fraction`` in the base unit: metre, gram, hour
Months             ``int``: calendar months (``2 years`` is 24); only adds to dates
Date               ``datetime.date``
Text               ``str``
Eccn               ``str``: canonical text, ``"3A001.a"``, ``"EAR99"``
HsCode             ``str``: canonical text with a dot after four digits, ``"8542.31"``
Enum, Place        ``str``: the member, country or zone by bare name
Record             ``dict`` by field name (interpreter) or a frozen dataclass (generated code)
Set                ``frozenset``; List: ``tuple``
PerParty           ``dict`` by party name
unknown            ``None``, for every type
absent             ``ABSENT`` (`values.ABSENT`), for ``T or absent``
=================  ==========================================================================
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from .light import dataclass


@dataclass(frozen=True, slots=True)
class BoolType:
    def __str__(self) -> str:
        return "Bool"


@dataclass(frozen=True, slots=True)
class IntType:
    def __str__(self) -> str:
        return "Int"


@dataclass(frozen=True, slots=True)
class NumberType:
    """Exact rational; written as a decimal."""

    def __str__(self) -> str:
        return "Number"


@dataclass(frozen=True, slots=True)
class PercentType:
    def __str__(self) -> str:
        return "Percent"


@dataclass(frozen=True, slots=True)
class MoneyType:
    currency: str

    def __str__(self) -> str:
        return f"Money in {self.currency}"


@dataclass(frozen=True, slots=True)
class QuantityType:
    """`Length`, `Mass` or `Duration`; ``dimension`` is that word."""

    dimension: str

    def __str__(self) -> str:
        return self.dimension


@dataclass(frozen=True, slots=True)
class MonthsType:
    """Calendar durations (`months`, `years`): they only add to dates."""

    def __str__(self) -> str:
        return "months"


@dataclass(frozen=True, slots=True)
class DateType:
    def __str__(self) -> str:
        return "Date"


@dataclass(frozen=True, slots=True)
class TextType:
    def __str__(self) -> str:
        return "Text"


@dataclass(frozen=True, slots=True)
class EccnType:
    def __str__(self) -> str:
        return "Eccn"


@dataclass(frozen=True, slots=True)
class HsCodeType:
    def __str__(self) -> str:
        return "HsCode"


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enumeration: ``module`` and ``name`` identify it; ``members`` in declared order."""

    module: str
    name: str
    members: tuple[str, ...]
    ordered: bool = False

    def __str__(self) -> str:
        return self.name

    def __hash__(self) -> int:  # every term has a type: going through all of it would take most of the time
        return hash(self.name)


@dataclass(frozen=True, slots=True)
class PlaceType:
    """A country (member of `std.countries.Country`) or a zone.

    ``countries`` and ``zones`` (zone, its country) are the places of the program.
    """

    countries: tuple[str, ...] = ()
    zones: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "Place"

    def __hash__(self) -> int:
        return len(self.zones)


@dataclass(frozen=True, slots=True)
class PartyType:
    """A party to an agreement, by name (`self`, `other`)."""

    def __str__(self) -> str:
        return "Party"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record.

    ``optional``: declared with `?`, so the fact may be unknown.
    ``default``: the declared default as a run-time value, if ``has_default``.
    """

    name: str
    type: Type
    doc: str = ""
    optional: bool = False
    disclosure: bool = False
    has_default: bool = False
    default: object = None

    def source(self, said: bool) -> Literal["default", "unknown", "missing"]:
        """Where a fact without a value comes from: it was ``said`` to be unknown, or not mentioned.

        All readers of facts use this one rule: see `runtime.inputs`.
        """
        if self.has_default and not said:
            return "default"
        return "unknown" if self.optional else "missing"


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record; equal to another iff module and name are (``fields`` follow from them)."""

    module: str
    name: str
    fields: tuple[Field, ...]
    as_of: str | None = None
    doc: str = ""

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)

    def __str__(self) -> str:
        return self.name

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, slots=True)
class SetType:
    element: Type

    def __str__(self) -> str:
        return f"set of {self.element}"


@dataclass(frozen=True, slots=True)
class ListType:
    element: Type

    def __str__(self) -> str:
        return f"list of {self.element}"


@dataclass(frozen=True, slots=True)
class PerPartyType:
    element: Type

    def __str__(self) -> str:
        return f"{self.element} per Party"


@dataclass(frozen=True, slots=True)
class AbsentType:
    """`T or absent`: there may be no such thing. `absent` is a value, and known."""

    element: Type

    def __str__(self) -> str:
        return f"{self.element} or absent"


@dataclass(frozen=True, slots=True)
class ErrorType:
    """The type of an expression with a reported error; it fits everywhere, so that one mistake gives one message."""

    def __str__(self) -> str:
        return "?"


Type: TypeAlias = (
    BoolType
    | IntType
    | NumberType
    | PercentType
    | MoneyType
    | QuantityType
    | MonthsType
    | DateType
    | TextType
    | EccnType
    | HsCodeType
    | EnumType
    | PlaceType
    | PartyType
    | RecordType
    | SetType
    | ListType
    | PerPartyType
    | AbsentType
    | ErrorType
)

BOOL = BoolType()
INT = IntType()
NUMBER = NumberType()
PERCENT = PercentType()
LENGTH = QuantityType("Length")
MASS = QuantityType("Mass")
DURATION = QuantityType("Duration")
MONTHS = MonthsType()
DATE = DateType()
TEXT = TextType()
ECCN = EccnType()
HS_CODE = HsCodeType()
PARTY = PartyType()
ERROR = ErrorType()
