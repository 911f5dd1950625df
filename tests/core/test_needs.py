"""What an undetermined answer says it depends on: by path, in the order of the record, and nothing that is settled."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from comity.base.diagnostics import Report
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.runtime.answer import Answer
from tests.checked.support import Checked

POLICY = """
use std.countries: *

party EAST = {RU}
party WEST = {US}

enum Column:
    NS1
    NS2

record Owner:
    name: Text?
    blocked: Bool?
    home: Country?
    rank: Int?

record Item:
    weight: Int?
    code: Int?
    maker: Owner or absent?

record Deal as of day:
    zeal: Bool?
    item: Item
    owners: list of Owner?
    spare: Owner or absent?
    sole: Owner?
    limit: Int? per Party
    holder: Party?
    columns: set of Column?
    column: Column?
    homes: set of Country?
    alias: Bool?
    day: Date?

table tax(country: Country) -> Int:
    US: 1
    RU: 2

table groups(column: Column) -> set of Country:
    NS1: {US}

set FRIENDS: Country =
    {US}
    + {RU} from 2022-01-01

define heavy for Item:
    weight > 5 and code > 5

define same(b: Bool):
    b

define blind for Item:
    code is unknown

define seen(b: Bool) -> set of Country:
    {c in {US} where b}

define columns_of(first_one: Bool, other_one: Bool) -> set of Column:
    {c in Column where (c == NS1 and first_one) or (c == NS2 and other_one)}

set ODD: Country = {c in {US, RU} where homes_of[c] is unknown}

define dim for Deal -> Bool:
    first match
    false when zeal
    alias is unknown otherwise

define above(n: Int): n > 3

define in_the_dark for Deal -> Int:
    first match
    3 when zeal is unknown
    2 when alias is unknown
    1 otherwise

define near(c: Country) -> set of Country:
    {c} | homes_of[c]

table homes_of(country: Country) -> set of Country:
    US: {US}

define price for Deal -> Int:
    first match
    1 when zeal
    item.weight when alias
    item.code otherwise

define partly for Deal -> Int:
    3 when alias

define at(column: Column) -> Item:
    Item(weight = 3, code = 4, maker = absent)

decision other for Deal:
    outcomes:
        stop
        go
    otherwise go

decision vetting for Owner:
    outcomes:
        bad
        fine
    otherwise fine

rule dear for vetting:
    when tax[US] > 1
    then bad

define vetted for Owner:
    vetting == fine

define caught for Owner:
    dear applies

decision third for Deal:
    outcomes:
        stop
        go
    otherwise stop

rule first_rule for other:
    when zeal
    then stop

rule asked for third:
    refer to counsel "is it?"
    then go

rule counselled for third:
    when zeal is unknown
    then go

rule second_rule for other:
    when alias
    then go
    subject to first_rule
"""

DECISION = """
decision deal{number} for Deal:
    outcomes:
        stop
        go
    otherwise go

rule it{number} for deal{number}:
    when {condition}
    then stop
"""


def owner(**facts: object) -> dict[str, object]:
    return {"name": "A", "blocked": False, "home": "US", "rank": 1, **facts}


KNOWN: dict[str, Any] = {
    "zeal": False,
    "item": {"weight": 9, "code": 9, "maker": None},
    "owners": [],
    "spare": None,
    "sole": owner(),
    "limit": {"EAST": 1, "WEST": 1},
    "columns": ["NS1"],
    "column": "NS1",
    "homes": ["US"],
    "alias": False,
    "day": "2022-03-01",
}


U = None
ITEM = {"weight": None, "code": None, "maker": None}
MADE = "Item(weight = item.weight, code = item.code, maker = absent)"
FIRST = 'Owner(name = "B", blocked = zeal, home = US, rank = 1)'
PAIR = f'[{FIRST}, Owner(name = "B", blocked = alias, home = RU, rank = 2)]'

NEEDS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    # In the order of the record, whichever is read first; elements by number, not as text.
    ("alias and zeal", {"zeal": U, "alias": U}, ("zeal", "alias")),
    (
        "alias and item.code > 1 and item.weight > 1 and zeal",
        {"zeal": U, "alias": U, "item": ITEM},
        ("zeal", "item.weight", "item.code", "alias"),
    ),
    (
        "any o in owners: o.blocked",
        {"owners": [owner(blocked=U if number in (2, 10) else False) for number in range(11)]},
        ("owners[2].blocked", "owners[10].blocked"),
    ),
    ("spare is present and spare.blocked and zeal", {"spare": owner(blocked=U), "zeal": U}, ("zeal", "spare.blocked")),
    ("tax[BY] > 1 and zeal", {"zeal": U}, ("zeal", "tax[BY]")),
    # A fact that is missing as a whole is named as a whole.
    ("any o in owners: o.blocked", {"owners": U}, ("owners",)),
    ("item.maker is present and item.maker.blocked", {"item": ITEM}, ("item.maker",)),
    ("limit[EAST] > 3 and zeal", {"limit": U, "zeal": U}, ("zeal", "limit")),
    ("RU in homes", {"homes": U}, ("homes",)),
    ("{NS2} == columns", {"columns": U}, ("columns",)),
    # Nothing that makes no difference.
    ("any o in owners: o.blocked and o.home == RU", {"owners": [owner(blocked=U), owner(blocked=U, home="RU")]},
     ("owners[1].blocked",)),
    ("all o in owners: o.blocked or o.home == US", {"owners": [owner(blocked=U), owner(blocked=U, home="RU")]},
     ("owners[1].blocked",)),
    ("count(o in owners where o.blocked) > 1", {"owners": [owner(blocked=U), owner(blocked=True), owner(name=U)]},
     ("owners[0].blocked",)),
    ("sum(o.rank for o in owners where o.blocked) > 4",
     {"owners": [owner(blocked=U), owner(rank=U), owner(blocked=True, rank=U), owner(blocked=True)]},
     ("owners[0].blocked", "owners[2].rank")),
    ("item.code in {item.weight, 7}", {"item": {**ITEM, "code": 9}}, ("item.weight",)),
    ("item.code in {item.weight, 7}", {"item": ITEM}, ("item.weight", "item.code")),
    # Through definitions, sets, tables, and what is built in place.
    ("item.heavy", {"item": ITEM}, ("item.weight", "item.code")),
    ("same(alias and zeal)", {"zeal": U, "alias": U}, ("zeal", "alias")),
    (f"{MADE}.heavy", {"item": ITEM}, ("item.weight", "item.code")),
    (f"{MADE}.heavy", {"item": {**ITEM, "code": 9}}, ("item.weight",)),
    (f"any i in [{MADE}]: i.code > 7", {"item": ITEM}, ("item.code",)),
    ("any n in [item.weight, item.code]: n > 7", {"item": ITEM}, ("item.weight", "item.code")),
    ("any n in [item.weight, item.code]: n > 7", {"item": {**ITEM, "weight": 1}}, ("item.code",)),
    (f"any o in {PAIR}: o.blocked and o.home == RU", {"zeal": U, "alias": U}, ("alias",)),
    ("RU in FRIENDS and zeal", {"day": U, "zeal": U}, ("zeal", "day")),
    ("any o in owners: o.home in FRIENDS", {"day": U, "owners": [owner(home="RU"), owner(home="BY")]}, ("day",)),
    ("any o in owners: o.home in FRIENDS", {"owners": [owner(home="BY"), owner(home=U)]}, ("owners[1].home",)),
    ("any c in FRIENDS: c == RU", {"day": U}, ("day",)),
    ("RU in {h in homes where zeal}", {"homes": ["RU"], "zeal": U}, ("zeal",)),
    ("RU in {h in homes where zeal}", {"homes": U, "zeal": U}, ("zeal", "homes")),
    ("RU in {h in homes where h == US and zeal or alias}", {"homes": ["US", "RU"], "zeal": U, "alias": U}, ("alias",)),
    ("{RU} == {h in homes where zeal}", {"homes": ["RU"], "zeal": U}, ("zeal",)),
    ("any c in {h in homes where zeal}: c == RU", {"homes": ["RU", "US"], "zeal": U}, ("zeal",)),
    ("US in near(RU)", {}, ("homes_of[RU]",)),
    ("column in columns_of(zeal, alias)", {"zeal": U, "alias": U}, ("zeal",)),
    ("any c in {h in homes where zeal}: c == RU", {"homes": U, "zeal": U}, ("homes",)),
    (
        "all c in {h in homes where h == RU and zeal or h == US and alias}: c == RU or item.code > 30",
        {"homes": ["RU", "US"], "zeal": U, "alias": U},
        ("alias",),
    ),
    ("homes within {RU, BY}", {"homes": U}, ("homes",)),
    ("homes within {c in {RU, BY} where zeal}", {"homes": ["RU"], "zeal": U}, ("zeal",)),
    ("{c in homes where alias} within {c in {RU, BY} where zeal}", {"homes": ["RU"], "zeal": U, "alias": U},
     ("zeal", "alias")),
    ("alias and spare is present and spare.blocked", {"spare": owner(blocked=U), "alias": U},
     ("spare.blocked", "alias")),
    ("asked applies and tax[BY] > 1 and zeal", {"zeal": U}, ("zeal", "tax[BY]", "findings.asked")),
    ("US in groups[column]", {"column": U}, ("column",)),
    ("US in groups[column]", {"column": "NS2"}, ("groups[NS2]",)),
    # Whether one may be in a set is asked only when it is known who.
    ("column in {c in Column where zeal}", {"column": U, "zeal": U}, ("column",)),
    # A definition is asked of each part of a record for itself.
    ("above(item.weight) and above(item.code)", {"item": {"weight": U, "code": U, "maker": None}},
     ("item.weight", "item.code")),
    ("(any o in owners: o.blocked) or (any p in owners: p.rank > 1)", {"owners": [owner(blocked=U, rank=U)]},
     ("owners[0].blocked", "owners[0].rank")),
    ("limit[holder] > 3", {"holder": U}, ("holder",)),
    ("limit[holder] > 3", {"limit": U, "holder": U}, ("holder",)),
    ("limit[holder] > 3", {"limit": U, "holder": "EAST"}, ("limit",)),
    # A case's value only where nothing before it is open.
    ("price > 3", {"zeal": U, "alias": U, "item": ITEM}, ("zeal", "alias")),
    ("price > 3", {"zeal": U, "alias": True, "item": ITEM}, ("zeal",)),
    ("price > 3", {"alias": U, "item": ITEM}, ("alias",)),
    ("price > 3", {"alias": True, "item": ITEM}, ("item.weight",)),
    ("price > 3", {"item": ITEM}, ("item.code",)),
    # Through other decisions, of which only the rules that matter are asked.
    ("other == stop", {"zeal": U, "alias": U}, ("zeal",)),
    ("second_rule decides", {"zeal": U, "alias": U}, ("zeal", "alias")),
    ("second_rule decides", {"zeal": U, "alias": True}, ("zeal",)),
    ("first_rule applies and second_rule applies", {"zeal": U, "alias": U}, ("zeal", "alias")),
    ("other == stop or other != go", {"zeal": U}, ("zeal",)),
    # Of a record that is unknown as a whole nothing is settled, even if its facts would make no difference.
    ("sole.vetted", {"sole": U}, ("sole",)),
    ("not sole.caught", {"sole": U}, ("sole",)),
]  # fmt: skip

RELIED: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("zeal is unknown and item.code is unknown", {"zeal": U, "item": ITEM}, ("zeal", "item.code")),
    ("not (zeal is known) or item.code is unknown", {"zeal": U, "item": ITEM}, ("zeal",)),
    ("alias and zeal is unknown", {"zeal": U}, ()),
    ("any o in owners: o.blocked is unknown", {"owners": [owner(), owner(blocked=U), owner(blocked=U)]},
     ("owners[1].blocked",)),
    ("all o in owners: o.blocked is known", {"owners": [owner(), owner(blocked=U), owner(blocked=U)]},
     ("owners[1].blocked",)),
    ("count(o in owners where o.blocked is unknown) > 0", {"owners": [owner(blocked=U), owner(), owner(blocked=U)]},
     ("owners[0].blocked", "owners[2].blocked")),
    ("US in {h in homes where zeal is unknown}", {"zeal": U}, ("zeal",)),
    ("US in {h in seen(zeal is unknown) where alias is unknown}", {"zeal": U, "alias": U}, ("zeal", "alias")),
    ("same(zeal is unknown)", {"zeal": U}, ("zeal",)),
    ("RU in ODD and not (US in ODD)", {}, ("homes_of[RU]",)),
    ("counselled applies", {"zeal": U}, ("zeal",)),
    ("item.blind", {"item": ITEM}, ("item.code",)),
    ("in_the_dark > 1", {"zeal": U, "alias": U}, ("zeal",)),
    ("in_the_dark > 1", {"zeal": True, "alias": U}, ("alias",)),
    # After a case that is unknown the value is unknown, and no later one is asked.
    ("dim or item.code is unknown", {"zeal": U, "alias": U, "item": ITEM}, ("item.code",)),
    ("dim or item.code is unknown", {"zeal": False, "alias": U}, ("alias",)),
    # Of an element that may not be there nothing is decided, so the next one is asked as well.
    ("any c in {h in homes where h == US or zeal}: c == RU or alias is unknown",
     {"homes": ["RU", "US"], "zeal": U, "alias": U}, ("alias",)),
    # No column asks for the set, so that `partly` has no value does not matter.
    ("zeal is unknown and columns within {c in Column where partly is known}",
     {"zeal": U, "alias": False, "columns": []}, ("zeal",)),
]  # fmt: skip


@cache
def interpreter() -> Interpreter:
    """A decision for each condition."""
    conditions = [condition for condition, _, _ in (*NEEDS, *RELIED)]
    decisions = [DECISION.format(number=number, condition=condition) for number, condition in enumerate(conditions)]
    checked = Checked(POLICY + "".join(decisions), facts=False)
    assert checked.found == [], [(d.message, d.span.line) for d in checked.found]
    return Interpreter(lower(checked.program, Report()))


def answer(number: int, facts: Mapping[str, Any]) -> Answer:
    return interpreter().decide_json(f"m.deal{number}", {**KNOWN, **facts})


@pytest.mark.parametrize("number", range(len(NEEDS)), ids=[f"{c} {list(f)}" for c, f, _ in NEEDS])
def test_needs(number: int) -> None:
    _, facts, needed = NEEDS[number]
    found = answer(number, facts)
    assert (found.outcome, found.needs) == (None, needed)


@pytest.mark.parametrize("number", range(len(RELIED)), ids=[f"{c} {list(f)}" for c, f, _ in RELIED])
def test_relied_on_unknown(number: int) -> None:
    _, facts, relied = RELIED[number]
    found = answer(len(NEEDS) + number, facts)
    assert found.determined and found.relied_on_unknown == relied


APPLIES = """
record Case:
    a: Bool?
    b: Bool?
    c: Bool?
    d: Bool?

decision scope for Case:
    outcomes:
        subject
        out
    otherwise out

rule base for scope:
    when a
    then subject

rule spared for scope:
    exception to base
    when b
    then out

rule limit for scope:
    disapplies spared
    when c

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule strict for permit:
    when {condition}
    then license
"""


@pytest.mark.parametrize(
    ("condition", "facts", "needs"),
    [
        ("base applies", {}, ("a",)),
        ("limit applies", {}, ("c",)),
        ("spared applies", {}, ("a", "b", "c")),
        ("spared applies", {"a": True}, ("b", "c")),
        ("spared applies", {"a": True, "b": True}, ("c",)),
        ("base applies and spared applies", {"c": False}, ("a", "b")),
        ("base decides", {}, ("a", "b", "c")),
    ],
)
def test_whether_a_rule_applies_depends_on_the_rules_that_it_needs(
    condition: str, facts: dict[str, bool], needs: tuple[str, ...]
) -> None:
    """What only prevails over it, or is an exception to it, takes no part."""
    program = lower(Checked(APPLIES.format(condition=condition)).program, Report())
    assert Interpreter(program).decide_json("m.permit", facts, None).needs == needs
