"""Every use of a declared symbol is noted, with its place: for unused names, hovers and navigation."""

from __future__ import annotations

from .support import Checked


def references(text: str) -> set[tuple[str, str]]:
    """(qualified name, text) of every use in the module under test."""
    checked = Checked(text)
    assert checked.found == [], checked.found
    source = checked.sources["m"]
    spans = {(r.qname, r.span) for r in checked.program.references if r.span.path == source.path}
    return {(qname, source.text[span.start : span.end]) for qname, span in spans}


def test_uses() -> None:
    found = references("""
        use std.countries: Country, US, RU
        set HERE: Country = {US}
        define a for Export:
            destination in HERE and item.origin == RU and chart[destination, NS1]
        define b(c: Country, p: Person):
            c in Country
        rule r for licensing:
            for each k in Column
            when a and b(destination, Person(role = end_user, country = US))
            then prohibited
        rule s for licensing:
            exception to r[NS1]
            when parties == []
            then license_required
        test "t" for licensing:
            given:
                item.eccn = 3A001
            expect prohibited by r[NS1]
    """)
    for wanted in [
        ("std.countries.US", "US"),
        ("std.countries.RU", "RU"),
        ("std.countries.Country", "Country"),
        ("m.HERE", "HERE"),
        ("facts.Export", "Export"),
        ("facts.Export.destination", "destination"),
        ("facts.Item.origin", "item.origin"),
        ("facts.chart", "chart"),
        ("facts.NS1", "NS1"),
        ("facts.Column", "NS1"),
        ("facts.Column", "Column"),
        ("facts.Person", "Person"),
        ("facts.Person.role", "role"),
        ("facts.end_user", "end_user"),
        ("facts.licensing", "licensing"),
        ("m.a", "a"),
        ("m.b", "b"),
        ("m.r", "r"),
        ("facts.Item.eccn", "eccn"),
    ]:
        assert wanted in found, wanted


def test_imports_are_uses_too() -> None:
    checked = Checked("use std.countries: Country, US\nset S: Country = {}", facts=False)
    assert checked.found == []
    names = [r.qname for r in checked.program.references if r.span.line == 1]
    assert names == ["std.countries.Country", "std.countries.US"]
