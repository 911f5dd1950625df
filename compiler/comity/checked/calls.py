"""Calls: functions, records built in place, rounding; and what is said where the arguments do not fit."""

from __future__ import annotations

from collections.abc import Iterable

from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import errors, names
from comity.checked.context import Context, is_error
from comity.checked.scope import Ambiguous, Lost, Member, Symbol
from comity.checked.types import describe, is_number
from comity.runtime.suggest import nearest
from comity.runtime.types import NUMBER, Type
from comity.runtime.types import Field as RecordField
from comity.runtime.values import article
from comity.surface import ast as surface
from comity.terms import Call, Const, RecordOf, Round, Term, Unknown


def call(context: Context, expr: surface.Call) -> Term:
    """`controlled_to(code, RU)`, `Person(listed = true)`, `round_up(x)`."""
    name = expr.function.text
    if name in ("round_up", "round_down") and not isinstance(context.scope.own.get(name), Symbol):
        return _round(context, expr, name)
    found = context.scope.find(name)
    match found:
        case Symbol(kind="record"):
            context.world.refer(found.qname, expr.function.span)
            return _build(context, found, expr)
        case Symbol(kind="definition", node=surface.DefineDecl(record=None)):
            context.use(found, expr.function.span)
            signature = context.world.define(found)
            values = _arguments(context, found, signature.parameters, expr)
            if values is None:
                return context.failed(expr.span)
            return Call(found.qname, values, signature.result, span=expr.span)
        case Symbol(kind="definition"):
            context.world.refer(found.qname, expr.function.span)
            errors.wrong_arguments(
                context.report,
                f"`{name}` reads like a field and takes no arguments",
                expr.span,
                help=f"write `x.{name}`",
                related=(Related("declared here", found.span),),
            )
        case Symbol(kind="table"):
            context.world.refer(found.qname, expr.function.span)
            errors.wrong_arguments(
                context.report,
                f"`{name}` is a table: its keys are written in `[ ]`",
                expr.span,
                help=f"write `{name}[…]`",
                related=(Related("declared here", found.span),),
            )
        case Ambiguous() | Member() | Lost():
            names.declared(context, found, name, expr.function.span)
        case Symbol():
            errors.type_mismatch(
                context.report,
                f"`{name}` is {article(found.kind)}, not a definition",
                expr.function.span,
                related=(Related("declared here", found.span),),
            )
        case None:
            modules = [context.scope, *context.scope.starred, *context.scope.whole]
            symbols = (symbol for module in modules for symbol in module.own.values())
            known = [s.name for s in symbols if s.kind in ("definition", "record")]
            context.world.unknown_name(
                f"there is no definition `{name}`",
                name,
                expr.function.span,
                [*known, "round_up", "round_down"],
                ("definition", "record"),
            )
    return context.failed(expr.span)


def _round(context: Context, expr: surface.Call, name: str) -> Term:
    if len(expr.arguments) != 1 or expr.arguments[0].name is not None:
        errors.wrong_arguments(context.report, f"`{name}` takes one number", expr.span)
        return context.failed(expr.span)
    argument = expr.arguments[0].value
    operand = context.value(argument)
    if not is_number(operand.type):
        operand = context.fit(operand, NUMBER, argument)
    return Round("up" if name == "round_up" else "down", operand, span=expr.span)


def _arguments(
    context: Context, symbol: Symbol, parameters: tuple[tuple[str, Type], ...], expr: surface.Call
) -> tuple[Term, ...] | None:
    given = expr.arguments
    if len(given) != len(parameters):
        context.wrong_count(symbol, expr.span, len(given), parameters)
        return None
    named = {argument.name.text: argument for argument in given if argument.name is not None}
    positional = iter(argument for argument in given if argument.name is None)
    values: list[Term] = []
    for name, type in parameters:
        argument = named.pop(name, None) or next(positional, None)
        if argument is None:
            break
        origin = Related(f"`{symbol.name}` takes `{name}`, {describe(type)}", symbol.span)
        values.append(context.check(argument.value, type, origin))
    if named:
        wrong = next(iter(named.values()))
        assert wrong.name is not None
        _wrong_name(context, symbol, wrong.name, [name for name, _ in parameters])
        return None
    return tuple(values)


def _build(context: Context, symbol: Symbol, expr: surface.Call) -> Term:
    record = context.world.record(symbol)
    fields = context.world.fields[symbol.qname]
    given: dict[str, Term] = {}
    for argument in expr.arguments:
        if argument.name is None:
            errors.wrong_arguments(
                context.report,
                f"the fields of {describe(record)} are given by name",
                argument.value.span,
                help=f"write `{symbol.name}({record.fields[0].name} = …)`" if fields else None,
            )
            return context.failed(expr.span)
        name = argument.name.text
        field = fields.get(name)
        if field is None:
            _wrong_name(context, symbol, argument.name, fields)
            continue
        context.world.refer(f"{symbol.qname}.{name}", argument.name.span)
        if name in given:
            errors.wrong_arguments(context.report, f"`{name}` is given twice", argument.name.span)
        span = context.world.field_span(record, name)
        origin = Related(f"the field is of type `{field.type}`", span) if span else None
        given[name] = context.check(argument.value, field.type, origin)
    missing = [f.name for f in record.fields if f.name not in given and not f.has_default and not f.optional]
    if missing:
        errors.wrong_arguments(
            context.report,
            f"`{symbol.name}` also needs " + ", ".join(f"`{name}`" for name in missing),
            expr.span,
            related=(Related("the record", symbol.span),),
        )
        return context.failed(expr.span)
    if any(is_error(value.type) for value in given.values()):
        return context.failed(expr.span)
    return RecordOf(
        tuple((f.name, given.get(f.name) or _left_out(context, f, expr.span)) for f in record.fields),
        record,
        span=expr.span,
    )


def _left_out(context: Context, field: RecordField, span: Span) -> Term:
    if field.has_default:
        return Const(field.default, field.type, span=span)
    return Unknown(field.type, span=span)


def _wrong_name(context: Context, symbol: Symbol, name: surface.Name, known: Iterable[str]) -> None:
    names = list(known)
    close = nearest(name.text, names)
    errors.wrong_arguments(
        context.report,
        f"`{symbol.name}` takes no `{name.text}`, only " + ", ".join(f"`{each}`" for each in names),
        name.span,
        related=(Related("declared here", symbol.span),),
        close=close,
    )
