"""Modules, imports, and what a name means where it stands."""

from __future__ import annotations

import pytest

from comity.terms import Call, Const, Equal, Field, Local, MemberOf, NamedSet, OutcomeOf

from .support import Checked, expect, message

LIBRARY = """
    use std.countries: Country

    enum Colour:
        red
        green

    record Car:
        colour: Colour
        wheels: Int
        made_in: Country

    set FAST: Colour = {red}

    define is_fast for Car:
        colour in FAST

    define worth(c: Colour) -> Int:
        7

    decision road for Car:
        outcomes:
            stop
            go
        otherwise go
"""


def checked(text: str) -> Checked:
    return Checked(text, modules={"lib.cars": LIBRARY}, facts=False)


# ------------------------------------------------------------------------------------------- use


@pytest.mark.parametrize("use", ["use lib.cars", "use lib.cars: *", "use lib.cars: Car, FAST, is_fast, road, red"])
def test_names_come_with_any_use(use: str) -> None:
    text = f"""
        {use}
        define a for Car:
            colour in FAST and is_fast and road == go and colour == red
    """
    assert checked(text).found == []


def test_a_qualified_name() -> None:
    text = """
        use lib.cars
        define a for lib.cars.Car:
            lib.cars.road == go and colour in lib.cars.FAST and colour == lib.cars.Colour.red
        test "x" for lib.cars.road:
            given:
                wheels = 4
            expect go
    """
    # A record is named bare in a definition; its decision, sets and enums may be qualified.
    assert checked(text.replace("for lib.cars.Car", "for Car")).found == []


def test_a_member_may_be_imported() -> None:
    assert checked("use lib.cars: red\ndefine a(n: Int):\n    any c in {red}: c == red").found == []


def test_unknown_imports() -> None:
    expect("use lib.crs: *  # E010", facts=False, modules={"lib.cars": LIBRARY})
    expect("use lib.cars: Cra  # E013", facts=False, modules={"lib.cars": LIBRARY})
    assert message("use lib.crs", modules={"lib.cars": LIBRARY}, facts=False) == (
        "E010 there is no module `lib.crs`",
        "lib.crs",
        "did you mean `lib.cars`?",
    )


def test_modules_may_use_each_other() -> None:
    a = "use b: *\nset X: Colour = {red} | Y\nenum Colour:\n    red\n    blue\n"
    b = "use a: *\nset Y: Colour = {blue}\n"
    assert Checked("use a: *", modules={"a": a, "b": b}, facts=False).found == []


def test_star_names_give_way_to_own_ones() -> None:
    text = """
        use lib.cars: *
        set FAST: Colour = {green}
        enum Colour:
            green
            grey
    """
    assert checked(text).found == []


def test_own_types_hide_built_in_ones() -> None:
    text = """
        enum Length:
            short
            long
        record Rope:
            length: Length
        define is_long for Rope:
            length == long
    """
    assert Checked(text, facts=False).found == []


def test_two_used_modules_with_one_name() -> None:
    modules = {
        "a": "enum A:\n    x\ndecision d for R:\n    outcomes:\n        yes\n    otherwise yes\nrecord R:\n    n: Int\n"
    }
    modules["b"] = modules["a"]
    assert message('use a\nuse b\ntest "t" for d:\n    expect yes', modules=modules, facts=False) == (
        "E014 `d` is declared in `a` and in `b`",
        "d",
        "write `a.d` or `b.d`",
    )
    good = 'use a\nuse b\ntest "t" for a.d:\n    given:\n        n = 1\n    expect yes'
    assert Checked(good, modules=modules, facts=False).found == []


def test_an_imported_name_clashes_with_an_own_one() -> None:
    expect(
        """
        use lib.cars: FAST
        use std.countries: Country
        set FAST: Country = {US}  # E012
        """,
        modules={"lib.cars": LIBRARY},
        facts=False,
    )


# ------------------------------------------------------------------------------------------- duplicates, shadowing


def test_duplicates() -> None:
    expect("""
        enum Mood:
            glad
            glad  # E012
        record R:
            a: Int
            a: Bool  # E012
        define f(a: Int, a: Int):  # E012
            true
        set S: Country = {US}
        set S: Country = {CA}  # E012
        decision d for Export:
            outcomes:
                yes
                yes  # E012
            otherwise yes
        rule r for d:
            then yes
        rule r for d:  # E012
            then yes
    """)


def test_a_definition_is_like_a_field() -> None:
    expect("""
        define value for Export:  # E012
            true
    """)


def test_variables_hide_nothing() -> None:
    expect("""
        enum Mood:
            glad
            sad
        define a for Export:
            any glad in parties: glad.listed  # E012
        define b for Export:
            any value in parties: value.listed  # E012
        define c for Export:
            any p in parties: any p in parties: p.listed  # E012
        define d(sad: Int):  # E012
            sad == 1
        define e for Export:
            (any p in parties: p.listed) and (any p in parties: p.role == end_user)
        define f for Export:
            any consignee in parties: consignee.listed  # E012
        define g(US: Country):  # E012
            US in NATO
    """)


def test_a_field_hides_a_member_of_the_file_but_not_one_that_came_with_a_star() -> None:
    expect("""
        enum Mood:
            glad
        record R:
            glad: Bool  # E012
            consignee: Bool
    """)


# ------------------------------------------------------------------------------------------- resolution


def test_members_by_the_type_expected() -> None:
    body = Checked("define a for Person:\n    role == end_user").define("a")
    match body:
        case Equal(left=Field(name="role"), right=Const(value="end_user", type=type)):
            assert str(type) == "Role"
        case _:
            raise AssertionError(body)


@pytest.mark.parametrize(
    "condition", ["end_user == role", "role in {end_user}", "end_user in {role}", "role == Role.end_user"]
)
def test_members_on_either_side(condition: str) -> None:
    assert Checked(f"define a for Person:\n    {condition}").found == []


def test_a_set_may_have_the_name_of_a_member() -> None:
    text = """
        enum Group:
            A5
            E1
        table group(country: Country, member_of: Group) -> Bool:
            BE, A5: true
        set A5: Country = {c in Country where group[c, A5]}
        define ally for Export:
            destination in A5
    """
    checked = Checked(text)
    match checked.define("ally"):
        case MemberOf(collection=NamedSet(name=name)):
            assert name == "m.A5"
        case other:
            raise AssertionError(other)


def test_ambiguous_members() -> None:
    text = """
        enum Colour:
            orange
        enum Fruit:
            orange
        define a(n: Int):
            any x in {orange}: true
    """
    assert message(text) == (
        "E014 `orange` is a member of `Colour` and of `Fruit`",
        "orange",
        "write `Colour.orange` or `Fruit.orange`",
    )
    assert Checked(text.replace("{orange}", "{Fruit.orange}")).found == []


def test_unknown_names() -> None:
    assert message("define a for Export:\n    vlaue > 5 USD") == (
        "E013 there is no `vlaue` here",
        "vlaue",
        "did you mean `value`?",
    )
    assert message("define a for Export:\n    destination == UK")[0] == "E104 `UK` is not a member of `Country`"
    assert message("define a for Person:\n    role in {end_usr}") == (
        "E104 `end_usr` is not a member of `Role`",
        "end_usr",
        "did you mean `end_user`?",
    )
    assert message("define a for Export:\n    item.ecnn == 3A001")[2] == "did you mean `eccn`?"
    assert message("define a for Export:\n    place == KALININGRD") == (
        "E104 `KALININGRD` is not a country or zone",
        "KALININGRD",
        "did you mean `KALININGRAD`?",
    )


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("destinaton == RU", "E013"),
        ("destinaton in {RU, BY}", "E013"),
        ("bogus in {RU, BY}", "E013"),
        ("bogus in NATO", "E104"),
        ("UKK in NATO", "E104"),
        ("UKK == destination", "E104"),
        ("destination == UKK", "E104"),
        ("destination in {RU, UKK}", "E104"),
        ("destination == destinaton", "E013"),
        ("chart[destinaton, NS1]", "E013"),
        ("chart[destination, NS9]", "E104"),
        ("licensing == licence_required", "E104"),
        ("review < denail", "E104"),
        ("bogus", "E013"),
    ],
)
def test_a_misspelt_member_or_a_misspelt_fact(condition: str, code: str) -> None:
    checked = Checked(f"define a for Export:\n    {condition}")
    assert [d.code for d in checked.found] == [code]


def test_a_name_declared_elsewhere_says_where() -> None:
    message_, _, help = message(
        "use facts: *\ndefine a for Export:\n    colourful", modules={"z": "define colourful(a: Int):\n    true"}
    )
    assert help == "`colourful` is declared in `z`: `use z: colourful`" and message_.startswith("E013")
    library = {"z": "define worth(a: Int):\n    true\nrecord Exports:\n    a: Int\n"}
    asked = "use facts: *\ndefine wort(a: Int):\n    worth(a)"  # also where a name is near that can be seen
    assert message(asked, modules=library)[2] == "`worth` is declared in `z`: `use z: worth`"
    asked = "use facts: *\ndefine b(a: Exports):\n    true"
    assert message(asked, modules=library)[2] == "`Exports` is declared in `z`: `use z: Exports`"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("set A: Country = {}", "Country"),
        ("party A = {RU}", "A"),
        ("zone K in RU", "RU"),
        ("body B = {RU} by consensus", "RU"),
        ("define a(b: Country):\n    true", "Country"),
    ],
)
def test_where_countries_come_from(text: str, name: str) -> None:
    said, place, help = message(text, facts=False)
    assert said[:4] in ("E013", "E104") and place == name
    assert help == "countries are declared in `std.countries`: `use std.countries: *`"


def test_definitions_read_like_fields() -> None:
    text = """
        define series_600 for Item:
            eccn.number in 600..699
        define twice for Item:
            series_600 and this.series_600
        define a for Export:
            item.series_600 and not item.twice
        define b for Export:
            licensing == license_required
    """
    checked = Checked(text)
    assert checked.program.defines["m.series_600"].parameters[0][0] == "this"
    match checked.define("b"):
        case Equal(left=OutcomeOf(decision="facts.licensing", record=Local(name="this")), right=Const(value=value)):
            assert value == "license_required"
        case other:
            raise AssertionError(other)


def test_a_definition_of_another_record() -> None:
    assert message("""
        define odd for Item:
            origin == US
        define a for Export:
            odd
    """) == ("E101 the definition `odd` speaks of an `Item`, not of an `Export`", "odd", "write `item.odd`")


def test_calls() -> None:
    body = Checked("""
        define near(code: Eccn, to: Country):
            code within 3A001 and to in NATO
        define a for Export:
            near(item.eccn, destination)
    """).define("a")
    assert isinstance(body, Call) and body.define == "m.near" and len(body.arguments) == 2
    expect("""
        define near(code: Eccn, to: Country):
            code within 3A001 and to in NATO
        define a for Export:
            near(item.eccn)  # E108
        define b for Export:
            near(item.eccn, item.eccn)  # E101
        define c for Export:
            neer(item.eccn, destination)  # E013
        define d for Export:
            near  # E108
        define e for Export:
            Person(country = US) in parties  # E108
        define f for Export:
            Person(role = end_user, contry = US) in parties  # E108 E108
        define g for Export:
            a(item)  # E108
        define h for Export:
            chart(destination, NS1)  # E108
        define i for Export:
            chart[destination]  # E108
        define j for Export:
            chart  # E108
    """)


def test_circles() -> None:
    expect("""
        define a for Export:
            b
        define b for Export:
            any p in parties: c(p.country)
        define c(x: Country):  # E011
            x in S
        set S: Country = {c in Country where d(c)}
        define d(x: Country):
            c(x)
        define fine for Export:
            a
        record R:  # E011
            r: Q
        record Q:
            many: list of R
    """)


def test_a_circle_names_the_way_round() -> None:
    text = "define a for Export:\n    b\ndefine b for Export:\n    not a"
    assert message(text)[0] == "E011 the definition `a` depends on itself: `a` → `b` → `a`"


def test_a_rule_asks_about_rules_of_other_decisions() -> None:
    other = """
        use facts: *
        rule chips for licensing:
            then prohibited
    """
    text = """
        decision policy for Export:
            outcomes:
                denied
                approved
            otherwise approved
        rule chips for policy:
            then denied
        rule strict for policy:
            when chips applies
            then denied
    """
    checked = Checked(text, modules={"other": other})
    assert checked.found == []
    assert "other.chips" in repr(checked.program.rules["m.strict"].when)


def test_a_rule_that_is_asked_about_is_named_by_its_module() -> None:
    chips = "use facts: *\nrule chips for licensing:\n    then prohibited\n"
    policy = """
        decision policy for Export:
            outcomes:
                denied
                approved
            otherwise approved
        rule strict for policy:
            when {} applies
            then denied
    """
    modules = {"law.one": chips, "law.two": chips, "law.ones": "use facts: *\n"}
    for name in ("law.one", "law.two"):
        checked = Checked(policy.format(f"{name}.chips"), modules=modules)
        assert checked.found == []
        assert f"'{name}.chips'" in repr(checked.program.rules["m.strict"].when)
    assert message(policy.format("chips"), modules=modules) == (
        "E014 `chips` is a rule of `law.one` and of `law.two`",
        "chips",
        "write `law.one.chips` or `law.two.chips`",
    )
    for name in ("law.ones", "law.on"):  # a module without such a rule, and one that is not there
        assert message(policy.format(f"{name}.chips"), modules=modules) == (
            f"E013 there is no rule `{name}.chips`",
            f"{name}.chips",
            "did you mean `law.one.chips`?",
        )


def test_a_rule_that_asks_about_its_own_decision_goes_in_a_circle_whichever_rule_is_meant() -> None:
    other = "use facts: *\nrule chips for licensing:\n    when {}\n    then prohibited\n"
    modules = {"one": other.format("value > 5 USD"), "two": other.format("value > 6 USD")}
    checked = Checked("rule a for licensing:\n    when chips applies\n    then prohibited", modules=modules)
    assert [d.code for d in checked.found] == ["E011"]


def test_keys_of_rules_that_are_asked_about() -> None:
    text = """
        decision policy for Export:
            outcomes:
                denied
                approved
            otherwise approved
        rule plain for licensing:
            then prohibited
        rule chart_control for licensing:
            for each r in item.columns
            when chart[destination, r]
            then license_required
        rule strict for policy:
            when {} applies
            then denied
    """
    checked = Checked(text.format("plain[NS1]"))
    assert [(d.message, d.help) for d in checked.found] == [
        ("`plain` is one rule, not a family: it has no `[ ]`", "write `plain`")
    ]
    assert [(r.message, r.span.line) for r in checked.found[0].related] == [("the rule", 6 + checked.lines_before)]
    checked = Checked(text.format("chart_control[US]"))
    assert [(d.code, checked.underlined(d)) for d in checked.found] == [("E101", "US")]
    assert [r.message for r in checked.found[0].related] == ["`chart_control` has one rule for each `Column`"]
    # A key is read, whatever is wrong with the rule.
    for rule in ("plain[NS7]", "palin[NS7]"):
        checked = Checked(text.format(rule))
        assert [checked.underlined(d) for d in checked.found][-1:] == ["NS7"]


def test_a_decision_that_asks_for_itself() -> None:
    checked = Checked("rule a for licensing:\n    when a applies\n    then prohibited")
    assert [d.code for d in checked.found] == ["E011"]
    other = Checked("""
        decision policy for Export:
            outcomes:
                denied
                approved
            otherwise approved
        rule strict for policy:
            when x applies and licensing != prohibited
            then denied
        rule x for licensing:
            then prohibited
    """)
    assert other.found == []


def test_a_test_may_be_of_several_kinds_of_declarations() -> None:
    kinds = "decision, definition, agreement or response"
    library = "define heavy(n: Int):\n    n > 5\n"
    for target, said, near in (
        ("nope", f"E013 there is no {kinds} `nope`", None),
        ("havy", f"E013 there is no {kinds} `havy`", "did you mean `heavy`?"),
        ("z.havy", f"E013 `z` declares no {kinds} `havy`", "did you mean `heavy`?"),
        ("R", f"E101 `R` is a record, but a {kinds} is wanted here", None),
    ):
        text = f'use z\nrecord R:\n    n: Int\n\ntest "t" for {target}:\n    expect true'
        told = message(text, modules={"z": library}, facts=False)
        assert (told[0], told[2]) == (said, near)
