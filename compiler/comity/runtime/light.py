"""Dataclasses that are quick to make: their methods are written when they are first called.

The standard decorator compiles six functions for every class, which takes half a millisecond; programs of hundreds of
classes spend most of their start on functions that are never called. The classes of this one are the same to whoever
uses them (`fields`, `replace`, patterns, copies, pickles, signatures):

    @dataclass(frozen=True, slots=True)
    class Edge:
        kind: str
        target: int = 0

    Edge("prevails")      # compiles __init__
    fields(Edge)          # makes the standard description of the fields

It is for frozen classes; any other goes to the standard decorator.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, kw_only=False, **more):
        """As `dataclasses.dataclass`."""

        def made(cls):
            notes = cls.__annotations__
            if not frozen or more or any(_is_special(note, cls.__dict__.get(name)) for name, note in notes.items()):
                return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only, **more)(cls)
            return _made(cls, notes, slots, kw_only)

        return made if cls is None else made(cls)


def _is_special(note: object, default: object) -> bool:
    """Whether an annotation is not that of an ordinary field."""
    if isinstance(default, dataclasses.Field) and not default.init:
        return True
    return any(word in str(note) for word in ("ClassVar", "InitVar", "KW_ONLY"))


def _made(cls: Any, notes: Mapping[str, Any], slots: bool, kw_only: bool) -> Any:
    space = dict(cls.__dict__)
    defaults = {name: space[name] for name in notes if name in space}
    for name, default in defaults.items():
        if slots or (isinstance(default, dataclasses.Field) and default.default is dataclasses.MISSING):
            del space[name]
        elif isinstance(default, dataclasses.Field):
            space[name] = default.default
    if slots:
        inherited = {name for base in cls.__mro__[1:] for name in _slots_of(base)}
        space.pop("__dict__", None)
        space.pop("__weakref__", None)
        space["__slots__"] = tuple(name for name in notes if name not in inherited)
        space.setdefault("__getstate__", _getstate)
        space.setdefault("__setstate__", _setstate)
    space.setdefault("__match_args__", _positional(cls, notes, defaults, kw_only))
    space["__dataclass_fields__"] = _Fields(notes, defaults, kw_only)
    space["__dataclass_params__"] = _PARAMS
    space["__signature__"] = _SIGNATURE
    made: list[Any] = []
    methods = _methods(made, frozenset(notes))
    for name, method in methods.items():
        space.setdefault(name, method)
    if space["__hash__"] is None:  # Python's own, for there is an `__eq__`
        space["__hash__"] = methods["__hash__"]
    if slots:
        result = type(cls)(cls.__name__, cls.__bases__, space)
        result.__qualname__ = cls.__qualname__
    else:
        result = cls
        for name in defaults.keys() - space.keys():
            delattr(cls, name)
        for name, value in space.items():
            if cls.__dict__.get(name) is not value:
                setattr(cls, name, value)
    made.append(result)
    return result


def _slots_of(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _positional(cls: type, notes: Mapping[str, Any], defaults: Mapping[str, Any], kw_only: bool) -> tuple[str, ...]:
    """The fields that may be given by position, those of base classes first."""
    found = {name: None for base in reversed(cls.__mro__[1:]) for name in base.__dict__.get("__match_args__", ())}
    for name in notes:
        default = defaults.get(name)
        apart = default.kw_only if isinstance(default, dataclasses.Field) else dataclasses.MISSING
        if kw_only if apart is dataclasses.MISSING else apart:
            found.pop(name, None)
        else:
            found[name] = None
    return tuple(found)


# ------------------------------------------------------------------------------------------- methods


def _methods(made: list[Any], own: frozenset[str]) -> dict[str, Any]:
    """The methods of a class that is going to be the one of ``made``, with the fields ``own``."""

    def __setattr__(self: Any, name: str, value: object) -> None:
        if type(self) is made[0] or name in own:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(made[0], self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is made[0] or name in own:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(made[0], self).__delattr__(name)

    late = {name: _late(made, name, write) for name, write in _WRITE.items()}
    return {"__repr__": _repr, "__replace__": _replace, "__setattr__": __setattr__, "__delattr__": __delattr__, **late}


def _late(made: list[Any], name: str, write: Callable[[Any], Any]) -> Any:
    """A method that is written when it is first called, and then takes its place itself."""
    written: Any = None

    def method(self: Any, *values: Any, **named: Any) -> Any:
        nonlocal written
        (cls,) = made
        if written is None:
            written = write(cls)
        if cls.__dict__[name] is method:
            setattr(cls, name, written)
        return written(self, *values, **named)

    method.__name__ = name
    method.written_late = True  # type: ignore[attr-defined]
    return method


def _write_eq(cls: Any) -> Any:
    values = _getter([field.name for field in dataclasses.fields(cls) if field.compare])

    def __eq__(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return _named(cls, __eq__)


def _write_hash(cls: Any) -> Any:
    fields = dataclasses.fields(cls)
    values = _getter([each.name for each in fields if (each.compare if each.hash is None else each.hash)])

    def __hash__(self: Any) -> int:
        return hash(values(self))

    return _named(cls, __hash__)


def _getter(names: list[str]) -> Callable[[Any], Any]:
    """Gives the values of the fields that are called so."""
    return attrgetter(*names) if names else lambda _: ()


def _named(cls: Any, method: Any) -> Any:
    """A function that is a method of ``cls`` now."""
    method.__qualname__ = f"{cls.__qualname__}.{method.__name__}"
    method.__module__ = cls.__module__
    method.written_late = True
    return method


def _write_init(cls: Any) -> Any:
    """``__init__`` of a class, compiled. Values are stored by the slots themselves, where there are some."""
    names: dict[str, Any] = {"_store": object.__setattr__, "_made": _MADE}
    shown = ast.arguments(
        posonlyargs=[], args=[ast.arg("_self")], kwonlyargs=[], kw_defaults=[], defaults=[], vararg=None, kwarg=None
    )
    body: list[ast.stmt] = []
    fields = cls.__dataclass_fields__.values()
    for field in fields:
        name = field.name
        value: ast.expr = _load(name)
        default: ast.expr | None = None
        if field.default_factory is not dataclasses.MISSING:
            names[f"_factory_{name}"] = field.default_factory
            default = _load("_made")
            is_made = ast.Compare(_load(name), [ast.Is()], [_load("_made")])
            value = ast.IfExp(is_made, ast.Call(_load(f"_factory_{name}"), [], []), _load(name))
        elif field.default is not dataclasses.MISSING:
            names[f"_default_{name}"] = field.default
            default = _load(f"_default_{name}")
        if field.kw_only:
            shown.kwonlyargs.append(ast.arg(name))
            shown.kw_defaults.append(default)
        else:
            shown.args.append(ast.arg(name))
            shown.defaults += [] if default is None else [default]
        slot: Any = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
        if hasattr(slot, "__set__"):
            names[f"_slot_{name}"] = slot.__set__
            stored = ast.Call(_load(f"_slot_{name}"), [_load("_self"), value], [])
        else:
            stored = ast.Call(_load("_store"), [_load("_self"), ast.Constant(name), value], [])
        body.append(ast.Expr(stored))
    if hasattr(cls, "__post_init__"):
        body.append(ast.Expr(ast.Call(ast.Attribute(_load("_self"), "__post_init__", ast.Load()), [], [])))
    init = ast.parse("def __init__(): pass")
    function = init.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.args, function.body = shown, body or [ast.Pass()]
    exec(compile(ast.fix_missing_locations(init), f"<{cls.__qualname__}>", "exec"), names)
    method = _named(cls, names["__init__"])
    method.__annotations__ = {**{field.name: field.type for field in fields}, "return": None}
    return method


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


_WRITE: Mapping[str, Callable[[Any], Any]] = {"__init__": _write_init, "__eq__": _write_eq, "__hash__": _write_hash}

_MADE = object()
"""Stands for a default that is made anew for each object."""

_shown: set[int] = set()
"""Objects that are being shown, in which a shorter text stands for themselves."""


def _repr(self: Any) -> str:
    if id(self) in _shown:
        return "..."
    _shown.add(id(self))
    try:
        said = (f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self) if each.repr)
        return f"{self.__class__.__qualname__}({', '.join(said)})"
    finally:
        _shown.discard(id(self))


def _replace(self: Any, /, **changes: Any) -> Any:
    return dataclasses.replace(self, **changes)


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


# ------------------------------------------------------------------------------------------- descriptions


class _Fields:
    """``__dataclass_fields__`` of a class, made when it is first asked for."""

    def __init__(self, notes: Mapping[str, Any], defaults: Mapping[str, Any], kw_only: bool) -> None:
        self.given = notes, defaults, kw_only

    def __get__(self, instance: object, owner: Any) -> dict[str, dataclasses.Field[Any]]:
        cls = next(each for each in owner.__mro__ if each.__dict__.get("__dataclass_fields__") is self)
        notes, defaults, kw_only = self.given
        space = {"__annotations__": dict(notes), "__module__": cls.__module__, "__doc__": "made", **defaults}
        bare: Any = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only, match_args=False)(
            type(cls.__name__, (), space)
        )
        found: dict[str, dataclasses.Field[Any]] = {}
        for base in reversed(cls.__mro__[1:]):
            found.update(getattr(base, "__dataclass_fields__", {}))
        found.update(bare.__dataclass_fields__)
        cls.__dataclass_fields__ = found
        return found


class _Signature:
    """``__signature__`` of a class: that of its ``__init__``, which is written for it."""

    def __get__(self, instance: object, owner: Any) -> Any:
        if owner.__dict__.get("__signature__") is not self or not hasattr(owner.__dict__["__init__"], "written_late"):
            raise AttributeError("__signature__")  # of a class with an `__init__` of another origin
        from inspect import signature

        whole = signature(_write_init(owner))
        return whole.replace(parameters=list(whole.parameters.values())[1:])


_SIGNATURE = _Signature()


@dataclasses.dataclass(frozen=True)
class _Frozen:
    """Has the parameters of all classes made here."""


_PARAMS = _Frozen.__dataclass_params__  # type: ignore[attr-defined]

__all__ = ["dataclass"]
