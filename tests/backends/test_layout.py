"""Generated code that is too long for a line is broken over several, and stays the same program."""

from __future__ import annotations

import ast

import pytest

from comity.backends.python.layout import WIDTH, module

LONG = "a_name_of_some_length_in_a_law"
ELSE = f"({LONG} if {LONG} == 'A' else {LONG})"
CALL = f"{LONG}({LONG}, other={LONG}, third={LONG} or {LONG})"
OR = " or ".join([LONG] * 5)
GENERATOR = f"any({LONG} and {LONG} for {LONG} in x for {LONG}_1, {LONG}_2 in {LONG} if {LONG})"

STATEMENTS = {
    "for": f"for {LONG} in {ELSE} | {ELSE}:\n    pass",
    "for or": f"for a, b in {OR}:\n    pass",
    "for comprehension": f"for a in {GENERATOR}:\n    pass",
    "while": f"while {OR}:\n    pass",
    "if": f"if {GENERATOR}:\n    pass\nelif {OR}:\n    pass",
    "if ellipsis": f"if {OR} or x is ...:\n    pass",
    "with": f"with {CALL} or {CALL} as a, {CALL} as b:\n    pass",
    "try": f"try:\n    pass\nexcept ({LONG}, {LONG}, {LONG}, {LONG}) as error:\n    pass",
    "match": f"match {CALL}:\n    case ({LONG}, {LONG}_1) if {OR} or f({OR}):\n        pass",
    "def": f"def f(a: {LONG}, b: {LONG}, c: {LONG}) -> dict[{LONG}, {LONG}]:\n    return {OR}",
    "return": f"def f():\n    return {CALL} if {OR} else {CALL}",
    "assign": f"a = {OR}",
    "assign twice": f"a = b = {OR}",
    "assign pair": f"a, b = {OR}, {CALL}",
    "augment": f"a |= {OR}",
    "annotate": f"a: dict[{LONG}, {LONG}] = {OR}",
    "annotate only": f"a: {ELSE} if {CALL} else {LONG}",
    "lambda": f"a = lambda b, c=1: {OR}",
    "lambda of lambda": f"f(lambda a, b: {OR}, lambda c, d=1: {OR})",
    "comprehension": f"a = {GENERATOR}",
    "assert": f"assert {CALL} or {CALL}, {CALL}",
    "raise": f"raise {CALL} or {CALL} from {LONG}",
    "del": f"del a[{OR}], b[{OR}]",
    "call": f"{CALL} or {CALL}",
    "import": f"from m import {LONG}_1, {LONG}_2, {LONG}_3, {LONG}_4",
    "import all": f"from {LONG}.{LONG}.{LONG}.{LONG} import *",
}


@pytest.mark.parametrize("text", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_what_is_broken_means_the_same(text: str) -> None:
    tree = ast.parse(text)
    flat = ast.unparse(tree)
    assert max(map(len, flat.split("\n"))) > WIDTH
    broken = module(tree.body)
    assert ast.dump(ast.parse(broken)) == ast.dump(tree)
    assert broken != f"{flat}\n" or "import *" in text
