"""Codes of goods and of places: what lies within what, and the parts of a code.

For example:

    code within 3A001           code == '3A001' or code.startswith('3A001.')
    code.category               int(code[0]), if the code is known to be listed
    place within UA             place in {'UA', 'UA-43'}, with the zones that the policy declares
"""

from __future__ import annotations

import ast

from comity import terms
from comity.backends.python.nullability import Context
from comity.backends.python.strict import StrictExpressions
from comity.backends.python.trees import attribute, call, compare, const, either, is_simple, subscript


class Codes:
    """Those among the terms that ``expressions`` has."""

    def __init__(self, expressions: StrictExpressions) -> None:
        self.expressions = expressions
        self.around = expressions.around
        self.nullability = expressions.nullability

    def within_entry(self, code: ast.expr, entry: ast.expr) -> ast.expr:
        """Whether an ECCN is an entry or one of its paragraphs; both are known."""
        if not (isinstance(entry, ast.Constant) and isinstance(entry.value, str)) or not is_simple(code):
            return call(self.around.runtime("eccn_within"), code, entry)
        paragraph = call(attribute(code, "startswith"), const(entry.value + "."))
        return either([compare(code, ast.Eq(), entry), paragraph])

    def within_area(self, place: ast.expr, area: ast.expr) -> ast.expr:
        """Whether a country or zone is an area or lies in it; both are known."""
        zones = dict(self.nullability.program.place.zones)
        if isinstance(area, ast.Constant):
            inside = [area.value, *sorted(zone for zone, country in zones.items() if country == area.value)]
            if len(inside) == 1:
                return compare(place, ast.Eq(), area)
            return compare(place, ast.In(), ast.Set([const(str(each)) for each in inside]))
        if not is_simple(place) or not is_simple(area):
            return call(self.around.runtime("place_within"), place, area, self.around.zones())
        country = call(attribute(self.around.zones(), "get"), place)
        return either([compare(place, ast.Eq(), area), compare(country, ast.Eq(), area)])

    def part(self, term: terms.EccnPart, context: Context) -> ast.expr:
        """Category, group, number or paragraph of an ECCN."""
        if self.expressions.maybe(term.code, context) or not context.assures("listed", term.code):
            return call(self.around.runtime("eccn_part"), self.expressions.value(term.code, context), const(term.part))
        code = self.expressions.value(term.code, context)
        match term.part:
            case "category":
                return call("int", subscript(code, const(0)))
            case "group":
                return subscript(code, const(1))
            case "number":
                return call("int", subscript(code, ast.Slice(const(2), const(5))))
            case "paragraph":
                return subscript(code, ast.Slice(const(6), const(7)))
