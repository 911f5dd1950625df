"""`_readers.py` of a package: for each record that a decision is about, a function that reads it from a dict.

    def read_export(given, path, defaults):
        if given.__class__ is not dict:
            raise Unusual
        if len(given) != 36:
            given = {**EXPORT_ABSENT, **given}
            if len(given) != 36:
                raise Unusual
        date = DATE_VALUES[given['date']]
        …
        record = Export.__new__(Export)
        record.date = date
        …
        record.__class__ = records.Export
        return record

The values are checked one by one, so the record is made by a class of the same layout that does not check them again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.literals import NotExpressible, literal
from comity.backends.python.module import Emission, File
from comity.backends.python.names import Names
from comity.backends.python.plan import READERS, qname
from comity.backends.python.trees import NONE, attribute, call, const, name
from comity.backends.python.types import type_tree
from comity.runtime.light import dataclass
from comity.runtime.types import (
    AbsentType,
    BoolType,
    ErrorType,
    ListType,
    PerPartyType,
    RecordType,
    SetType,
    Type,
)


@dataclass(frozen=True, slots=True)
class Row:
    """How facts are read by rows: the table in which they are looked up, one after the other, and the locals that a row
    is taken apart into.
    """

    table: str
    fields: tuple[str, ...]
    targets: tuple[str, ...]


class ReadersFile(File):
    """The file in the making. ``functions``: by record, the name of its reader; records without one are decoded."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, READERS)
        self.names = Names(
            ("records", "schema", "Memo", "Unusual", "Any", "unusual", "given", "path", "defaults", "each", "number",
             "record", "MISSING", "ABSENT", "UNUSUAL", "EMPTY", "Sets", "frozenset", "tuple", "len", "enumerate",
             *emission.plan.aliases.values()),
        )  # fmt: skip
        self.memos: dict[str, str] = {}
        self._sets: dict[str, str] = {}
        self.memo_statements: list[ast.stmt] = []
        self.functions: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        """By record, the constant that has the names of its fields."""
        self.noting: set[str] = set()
        """Records in which the default of some field may be used."""
        self.statements: list[ast.stmt] = []
        wanted = [decision.record for decision in emission.program.decisions.values()]
        for record in dict.fromkeys(wanted):
            self._reader(record)

    def emit(self) -> str:
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        every = [*constants, *self.memo_statements, *self.statements]
        title = trees.doc(_TITLE)
        return self.source([*title, *header(self.plan, self.module, every), *every])

    def _reader(self, record: RecordType) -> str | None:
        """The name of the function that reads a record, made with those of its parts; None where none can be made."""
        key = qname(record)
        if key in self.functions:
            return self.functions[key] or None
        self.functions[key] = ""
        try:
            body = list(self._fields(record))
        except NotExpressible:
            return None
        self.functions[key] = function = self.names.claim(f"read_{record.name.lower()}")
        attributes = [self.attribute(record, field.name) for field in record.fields]
        new = name("record")
        cls = self.names.claim(f"_{self.plan.records[key]}")
        spared = [field for field in record.fields if field.optional or field.has_default]
        if spared:
            absent = self.names.claim(f"{record.name.upper()}_ABSENT")
            left_out = ((const(field.name), name("MISSING") if field.has_default else NONE) for field in spared)
            self.statements.append(trees.assign(absent, trees.dict_of(left_out)))
        usual = self._completed(len(record.fields), absent) if spared else [self._usual(record)]
        self.statements += [
            self._class(cls, record),
            trees.function(
                function,
                [("given", name("Any"), None), ("path", name("str"), None), ("defaults", _texts(), None)],
                name("Any"),
                [
                    *usual,
                    *body,
                    trees.assign("record", call(f"{cls}.__new__", name(cls)), name("Any")),
                    *(ast.Assign([ast.Attribute(new, attr, ast.Store())], name(local(attr))) for attr in attributes),
                    ast.Assign([ast.Attribute(new, "__class__", ast.Store())], self.record(record)),
                    trees.returns(new),
                ],
            ),
        ]
        return function

    def reading(self, record: RecordType, rows: Mapping[str, Row] = {}) -> list[ast.stmt]:
        """Statements that read a record whose reader there is into locals; which defaults were used is not noted.

        ``rows``: by field, the facts that are read by rows.
        """
        flags: list[ast.expr] = []
        statements = [self._usual(record), *self._fields(record, noting=False, flags=flags, rows=rows)]
        if flags:
            statements.append(ast.If(trees.negation(trees.both(flags)), [ast.Raise(name("Unusual"), None)], []))
        return statements

    def _usual(self, record: RecordType) -> ast.stmt:
        """Raise Unusual for what is not a dict, or has other keys than the record has fields."""
        is_other = trees.compare(call("type", name("given")), ast.IsNot(), name("dict"))
        return ast.If(trees.either([is_other, self._has_others(record)]), [ast.Raise(name("Unusual"), None)], [])

    def _has_others(self, record: RecordType) -> ast.expr:
        """Whether a dict has other keys than fields; where each field must be there, it has as many then."""
        if not any(field.optional or field.has_default for field in record.fields):
            return trees.compare(call("len", name("given")), ast.NotEq(), const(len(record.fields)))
        key = qname(record)
        if key not in self.fields:
            self.fields[key] = self.names.claim(f"{record.name.upper()}_FIELDS")
            names_of_fields = ast.Set([const(field.name) for field in record.fields])
            self.statements.append(trees.assign(self.fields[key], call("frozenset", names_of_fields)))
        return trees.negation(trees.compare(call("given.keys"), ast.LtE(), name(self.fields[key])))

    @staticmethod
    def _completed(fields: int, absent: str) -> list[ast.stmt]:
        """Statements that put in what is left out, and raise Unusual for what is not a dict or has other keys."""
        unusual: list[ast.stmt] = [ast.Raise(name("Unusual"), None)]
        is_other = trees.compare(call("len", name("given")), ast.NotEq(), const(fields))
        completed = ast.Dict([None, None], [name(absent), name("given")])
        return [
            ast.If(trees.compare(call("type", name("given")), ast.IsNot(), name("dict")), unusual, []),
            ast.If(is_other, [trees.assign("given", completed), ast.If(is_other, unusual, [])], []),
        ]

    def _class(self, cls: str, record: RecordType) -> ast.stmt:
        body: list[ast.stmt] = [
            trees.assign("__slots__", trees.tuple_of(())),
            trees.assign("__setattr__", trees.dotted("object.__setattr__")),
            trees.assign("__delattr__", trees.dotted("object.__delattr__")),  # or Python would not store quickly
        ]
        return trees.class_of(cls, body, bases=[self.record(record)])

    def _fields(
        self,
        record: RecordType,
        noting: bool = True,
        flags: list[ast.expr] | None = None,
        rows: Mapping[str, Row] = {},
    ) -> Iterator[ast.stmt]:
        """Statements that read each field. ``flags``: takes the checks of truth values, to make them together; without,
        what is left out has been put in.
        """
        whole = flags is None
        for field in record.fields:
            if field.name in rows:
                row = rows[field.name]
                names: list[ast.expr] = [ast.Name(each, ast.Store()) for each in row.targets]
                if field.name != row.fields[0]:
                    continue  # which is looked up with the first
                found = name(row.table)
                for each in row.fields:
                    found = trees.subscript(found, trees.subscript("given", const(each)))
                yield ast.Assign([names[0] if len(names) == 1 else ast.Tuple(names, ast.Store())], found)
                continue
            target = local(self.attribute(record, field.name))
            value = name(target)
            if flags is not None and isinstance(field.type, BoolType) and not (field.optional or field.has_default):
                yield trees.assign(target, trees.subscript("given", const(field.name)))
                flags.append(_is_flag(value))
                continue
            read = self._value(value, field.type, _path(field.name) if noting else const(f"{field.name}."))
            if not (field.optional or field.has_default):
                first = trees.subscript("given", const(field.name))
                if isinstance(read, ast.Subscript) and isinstance(read.slice, ast.Name):
                    yield trees.assign(target, trees.subscript(read.value, first))
                    continue
                yield trees.assign(target, first)
                yield from _store(target, read)
                continue
            found = call("given.get", const(field.name), *([name("MISSING")] if field.has_default else []))
            yield trees.assign(target, trees.subscript("given", const(field.name)) if whole else found)
            convert = _store(target, read)
            if whole and isinstance(field.type, BoolType):
                is_other = trees.both([trees.compare(value, ast.IsNot(), const(each)) for each in (False, True)])
                convert = [ast.If(is_other, [ast.Raise(name("Unusual"), None)], [])]
            if not field.has_default:
                if convert:
                    yield ast.If(trees.is_not_none(value), convert, [])
                continue
            absent = [trees.assign(target, literal(field.default, field.type, self))]
            if noting:
                self.noting.add(qname(record))
                absent.append(ast.Expr(call("defaults.append", ast.BinOp(name("path"), ast.Add(), const(field.name)))))
            other: list[ast.stmt] = convert or [ast.Pass()]
            if field.optional:
                other = [ast.If(trees.is_not_none(value), other, [])]
            yield ast.If(trees.compare(value, ast.Is(), name("MISSING")), absent, other)

    def _value(self, value: ast.expr, type: Type, path: ast.expr) -> ast.expr:
        """The expression that checks and converts ``value``; raises NotExpressible."""
        match type:
            case BoolType():
                return trees.choose(_is_flag(value), value, call("unusual"))
            case RecordType():
                function = self._reader(type)
                if function is None:
                    raise NotExpressible(f"a record without a reader: {type.name}")
                prefix = path if qname(type) in self.noting else const("")
                return call(function, value, prefix, name("defaults"))
            case ListType(element=RecordType() as element):
                function = self._reader(element)
                if function is None or qname(element) in self.noting:
                    raise NotExpressible("a list of records with defaults, whose paths have numbers")
                each = call(function, name("each"), const(""), name("defaults"))
                return self._collection(value, "tuple", each)
            case ListType(element=element) if _is_plain(element):
                return self._collection(value, "tuple", self._value(name("each"), element, path))
            case SetType(element=element) if _is_plain(element):
                if isinstance(element, BoolType):
                    return self._collection(value, "frozenset", self._value(name("each"), element, path))
                made = trees.subscript(self.sets(element), call("tuple", value))
                return self._if_list(value, trees.choose(value, made, name("EMPTY")))
            case AbsentType(element=element) if not _is_plain(element):
                raise NotExpressible("parts that may be absent")
            case RecordType() | ListType() | SetType() | PerPartyType() | ErrorType():
                raise NotExpressible(f"a fact of type {type}")
            case _:
                return trees.subscript(self.memo(type), value)

    def _collection(self, value: ast.expr, kind: str, each: ast.expr) -> ast.expr:
        target = ast.comprehension(ast.Name("each", ast.Store()), value, [], 0)
        return self._if_list(value, call(kind, ast.ListComp(each, [target])))

    @staticmethod
    def _if_list(value: ast.expr, made: ast.expr) -> ast.expr:
        return trees.choose(trees.compare(attribute(value, "__class__"), ast.Is(), name("list")), made, call("unusual"))

    @staticmethod
    def is_plain(type: Type) -> bool:
        """Whether a fact of a type is one value, without parts."""
        return _is_plain(type)

    def memo(self, type: Type) -> str:
        """The `Memo` of the values of a type."""
        described = type_tree(type, self)
        shown = ast.unparse(described)
        if shown not in self.memos:
            wanted = "".join(c if c.isalnum() else "_" for c in str(type)).upper()
            self.memos[shown] = self.names.claim(f"{wanted}_VALUES")
            self.memo_statements.append(trees.assign(self.memos[shown], call("Memo", described)))
        return self.memos[shown]

    def sets(self, type: Type) -> str:
        """The `Sets` of values of a type."""
        memo = self.memo(type)
        if memo not in self._sets:
            self._sets[memo] = self.names.claim(memo.replace("_VALUES", "_SETS"))
            self.memo_statements.append(trees.assign(self._sets[memo], call("Sets", name(memo))))
        return self._sets[memo]


_TITLE = """How records are read from a dict in its usual form; whatever is unusual is left to the decoder."""


def _is_flag(value: ast.expr) -> ast.expr:
    return trees.either([trees.compare(value, ast.Is(), const(each)) for each in (False, True)])


def local(attribute: str) -> str:
    """The local that a field is read into: no function of the file has such a name."""
    return f"{attribute}_"


def _store(target: str, read: ast.expr) -> list[ast.stmt]:
    return [trees.assign(target, read)]


def _path(field: str) -> ast.expr:
    return ast.BinOp(name("path"), ast.Add(), const(f"{field}."))


def _texts() -> ast.expr:
    return trees.subscript("list", name("str"))


def _is_plain(type: Type) -> bool:
    return not isinstance(type, RecordType | ListType | SetType | PerPartyType | AbsentType | ErrorType)


__all__ = ["ReadersFile", "local"]
