"""`comity eval`: shapes of input and output, refusals, receipts."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import main
from comity.cli.receipt import Receipt, digest, exact_json
from tests.content.transactions import Transactions

POLICY = """
record Case as of day:
    a: Bool
    share: Number?
    day: Date

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule r for permit:
    cite "X 1"
    from 2022-01-01
    when a or share > 0.25
    then license
"""
ROOT = Path(__file__).parents[2]
GOOD = {"a": True, "day": "2022-03-01"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "permit.comity").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | bytes = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["eval", *arguments], input=stdin, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_one_object_gives_one_object(folder: Path) -> None:
    code, out, err = run("permit", "--facts", "-", stdin=json.dumps(GOOD, indent=4))
    assert code == 0 and err == ""
    answer = json.loads(out)
    assert answer["outcome"] == "license" and answer["rules"][0]["citations"] == ["X 1"]


def test_standard_input_is_read_where_no_file_is_named(folder: Path) -> None:
    assert json.loads(run("permit", stdin=json.dumps(GOOD))[1])["outcome"] == "license"


def test_an_array_gives_an_array(folder: Path) -> None:
    code, out, _ = run("permit", "--facts", "-", stdin=json.dumps([GOOD, {**GOOD, "a": False}], indent=1))
    assert code == 0
    assert [answer["outcome"] for answer in json.loads(out)] == ["license", None]
    assert json.loads(run("permit", stdin="[]")[1]) == []


def test_lines_give_lines_and_refusals_stand_among_them(folder: Path) -> None:
    lines = [json.dumps(GOOD), "", "{broken", json.dumps({"a": 1}), json.dumps(GOOD)]
    code, out, err = run("permit", stdin="\n".join(lines))
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [answer.get("error") for answer in answers] == [None, "refused", "refused", None]
    assert [problem["path"] for problem in answers[2]["problems"]] == ["a", "day"]
    assert "expected" in err and "Traceback" not in err


def test_facts_that_break_an_always_line_are_shown_as_they_are_written(folder: Path) -> None:
    """Not as they are kept: grams, fractions, frozen sets."""
    policy = (
        POLICY.replace("    a: Bool\n", "    a: Bool\n    item: Item\n")
        + """
enum EndUse:
    civil
    military

record Item:
    price: Money in EUR
    weight: Mass
    uses: set of EndUse
    parts: list of Length
    name: Text or absent
    always weight >= 1 kg
"""
    )
    (folder / "permit.comity").write_text(policy, encoding="utf-8")
    item = {"price": "0.5 EUR", "weight": "500 g", "uses": ["civil"], "parts": ["2 km"], "name": {"absent": True}}
    code, out, _ = run("permit", stdin=json.dumps({**GOOD, "item": item}))
    (problem,) = json.loads(out)["problems"]
    assert (code, problem["path"], problem["value"]) == (1, "item", item)
    bad = json.loads(run("permit", stdin=json.dumps({**GOOD, "item": {**item, "uses": 3}}))[1])["problems"][0]
    assert bad["expected"] == "an array, each an EndUse (civil, military)"


def test_a_stream_may_begin_with_a_broken_line(folder: Path) -> None:
    code, out, _ = run("permit", stdin="{broken\n" + json.dumps(GOOD) + "\n")
    assert code == 1 and [json.loads(line)["outcome"] for line in out.splitlines()] == [None, "license"]


@pytest.mark.parametrize(
    "facts",
    [
        "",
        "{",
        "nonsense",
        "3",
        "null",
        '"x"',
        "[1]",
        "[" * 100_000,
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        b"\xff\xfe{",
        "\ufeff{}",
    ],
)
def test_no_facts_of_any_kind_end_in_a_traceback(folder: Path, facts: str | bytes) -> None:
    code, out, err = run("permit", "--facts", "-", stdin=facts)
    assert code == 1 and "Traceback" not in err and "internal error" not in err
    assert json.loads(out)


def test_numbers_are_exact(folder: Path) -> None:
    for share, outcome in (("0.25", "free"), ("0.250000000000000000000000001", "license")):
        code, out, _ = run("permit", stdin=f'{{"a": false, "day": "2022-03-01", "share": {share}}}')
        assert code == 0 and json.loads(out)["outcome"] == outcome


def test_the_day_can_be_replaced(folder: Path) -> None:
    assert json.loads(run("permit", "--as-of", "2021-12-31", stdin=json.dumps(GOOD))[1])["outcome"] == "free"
    code, _, err = run("permit", "--as-of", "2021-02-31", stdin=json.dumps(GOOD))
    assert code == 2 and "2021-02-31" in err


def test_explain_says_it_in_words(folder: Path) -> None:
    code, out, _ = run("permit", "--explain", stdin=json.dumps(GOOD))
    assert code == 0 and "license" in out and "X 1" in out and not out.startswith("{")


def test_wrong_use(folder: Path) -> None:
    for arguments in ((), ("nothing",), ("permit", "--facts", "nowhere.json"), ("permit", "--project", "nowhere")):
        code, out, err = run(*arguments, stdin="{}")
        assert code == 2 and not out and err and "Traceback" not in err


def test_a_decision_of_one_name_in_two_modules_needs_its_module(folder: Path) -> None:
    (folder / "other.comity").write_text(POLICY, encoding="utf-8")
    code, _, err = run("permit", stdin=json.dumps(GOOD))
    assert code == 2 and "other.permit" in err and "permit.permit" in err
    assert json.loads(run("other.permit", stdin=json.dumps(GOOD))[1])["outcome"] == "license"


def test_errors_in_the_program_are_shown(folder: Path) -> None:
    (folder / "permit.comity").write_text(POLICY.replace("then license", "then freee"), encoding="utf-8")
    code, out, err = run("permit", stdin=json.dumps(GOOD))
    assert code == 1 and not out and "E105" in err


# ------------------------------------------------------------------------------------------- receipts


def receipt(folder: Path, *inputs: Any) -> dict[str, Any]:
    lines = "\n".join(json.dumps(given) for given in inputs)
    assert run("permit", "--receipt", "receipt.json", stdin=lines)[0] in (0, 1)
    document: dict[str, Any] = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    return document


def test_a_receipt_says_what_the_answers_rest_on(folder: Path) -> None:
    document = receipt(folder, GOOD, {"a": 3})
    assert document["decision"] == "permit.permit" and document["as_of"] is None
    assert document["facts"] == [GOOD, {"a": 3}] and document["facts_hash"] == digest([GOOD, {"a": 3}])
    assert len(document["source_hash"]) == 64 and document["compiler_version"] and document["tables"] == {}
    assert [answer["outcome"] for answer in document["answers"]] == ["license", None]


def test_a_receipt_replays(folder: Path) -> None:
    receipt(folder, GOOD, {**GOOD, "a": False, "share": 0.1}, {"a": 3})
    code, out, _ = run("--replay", "receipt.json")
    assert code == 0 and json.loads(out) == {"replayed": 3, "same": True, "differences": []}


def test_a_replay_names_what_changed(folder: Path) -> None:
    receipt(folder, GOOD)
    (folder / "permit.comity").write_text(POLICY.replace("2022-01-01", "2023-01-01"), encoding="utf-8")
    code, out, _ = run("--replay", "receipt.json")
    report = json.loads(out)
    assert code == 1 and not report["same"]
    assert [difference["what"] for difference in report["differences"]] == ["source_hash", "answer"]


def test_a_receipt_that_was_tampered_with_is_refused(folder: Path) -> None:
    document = receipt(folder, GOOD)
    document["facts"][0]["a"] = False
    (folder / "receipt.json").write_text(json.dumps(document), encoding="utf-8")
    code, _, err = run("--replay", "receipt.json")
    assert code == 2 and "its facts are not those it was made from" in err


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"receipt": 9}', '{"receipt": 1, "as_of": "x"}'])
def test_what_is_no_receipt_is_refused(folder: Path, text: str) -> None:
    (folder / "receipt.json").write_text(text, encoding="utf-8")
    code, _, err = run("--replay", "receipt.json")
    assert code == 2 and "receipt" in err and "Traceback" not in err


def test_a_receipt_has_all_its_parts(folder: Path) -> None:
    (folder / "r.json").write_text('{"receipt": 1}', encoding="utf-8")
    assert run("--replay", "r.json") == (2, "", "error: r.json is not a receipt: it has no `as_of`\n")


def test_a_receipt_needs_a_folder(folder: Path) -> None:
    code, _, err = run("permit", "--receipt", "no/r.json", stdin=json.dumps(GOOD))
    assert code == 2 and err == f"error: {folder / 'no'}: there is no such folder\n"


def test_receipts_keep_decimals_digit_by_digit() -> None:
    assert exact_json({"b": Decimal("0.10"), "a": [1, None, True, "é"]}) == '{"a":[1,null,true,"é"],"b":0.10}'
    made = Receipt("d", None, "s", {})
    made.add({"x": Decimal("0.1000000000000000000001")}, {})
    assert b"0.1000000000000000000001" in made.to_bytes()


def test_a_program_without_decisions_says_so(folder: Path) -> None:
    (folder / "permit.comity").write_text("", encoding="utf-8")
    code, _, err = run("permit", stdin="{}")
    assert code == 2 and "the program has no decisions" in err


def test_refused_values_are_shown_as_they_were_given(folder: Path) -> None:
    """JSON as JSON, what is none as it was written, and null where nothing was given."""
    facts = '{"a": [1.50, NaN, {"b": null}], "share": "x", "extra": {"c": 1e3}}'
    problems = {p["path"]: p["value"] for p in json.loads(run("permit", stdin=facts)[1])["problems"]}
    assert problems == {"a": ["1.50", "NaN", {"b": None}], "share": "x", "day": None, "extra": {"c": "1E+3"}}


def test_a_refusal_hints_at_what_was_meant(folder: Path) -> None:
    """In JSON as in words; where there is nothing to say, nothing is said."""
    policy = "enum Kind:\n    civil\n    military\n" + POLICY.replace("    a: Bool\n", "    a: Bool\n    kind: Kind\n")
    (folder / "permit.comity").write_text(policy, encoding="utf-8")
    code, out, err = run("permit", stdin=json.dumps({**GOOD, "kind": "mlitary", "a": 3}))
    problems = {p["path"]: p.get("hint", "") for p in json.loads(out)["problems"]}
    assert code == 1 and problems == {"a": "", "kind": "did you mean `military`?"}
    assert "did you mean `military`?" in err


MIXED = [
    GOOD,
    {"a": False, "share": None, "day": "2022-03-01"},
    {"a": False, "share": 0.5, "day": "2021-12-31"},
    {"a": False, "share": "1/3", "day": "2022-03-01"},
    {"a": "yes", "day": "2022-03-01"},
    {"a": True},
    {"a": True, "day": "2022-03-01", "colour": "red"},
    [1, 2],
    7,
    None,
]


@pytest.mark.parametrize("shape", ["lines", "array"])
@pytest.mark.parametrize("more", [(), ("--as-of", "2021-06-01"), ("--explain",)])
def test_many_inputs_are_answered_alike_by_the_compiled_decision(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shape: str, more: tuple[str, ...]
) -> None:
    texts = [json.dumps(each) for each in MIXED] * 3
    stdin = "\n".join([*texts, '{"a": tru', *texts]) if shape == "lines" else f"[{', '.join(texts)}]"
    plain = run("permit", "--no-cache", *more, stdin=stdin)
    compiled = counted(monkeypatch)
    monkeypatch.setattr("comity.cli.eval.MANY", 2)
    assert run("permit", "--no-cache", *more, stdin=stdin) == plain
    assert run("permit", *more, stdin=stdin) == plain  # the program is kept then, without its texts
    assert run("permit", *more, stdin=stdin) == plain
    assert len(compiled) == 3 and not [name for name in sys.modules if name.startswith("_comity_compiled")]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One for each time that a decision is compiled from now on."""
    from comity.backends.python import memory

    made: list[object] = []
    emit = memory.emit
    monkeypatch.setattr(memory, "emit", lambda program, package: made.append(package) or emit(program, package))
    return made


def test_few_inputs_are_not_compiled_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = counted(monkeypatch)
    assert run("permit", stdin="\n".join([json.dumps(GOOD)] * 20))[0] == 0
    assert compiled == []


def test_what_python_cannot_compile_is_left_to_the_interpreter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = "\n".join(json.dumps(each) for each in MIXED)
    plain = run("permit", stdin=stdin)
    monkeypatch.setattr("comity.cli.eval.MANY", 2)

    def emit(*_: object) -> dict[str, str]:
        raise RecursionError

    monkeypatch.setattr("comity.backends.python.memory.emit", emit)
    assert run("permit", stdin=stdin) == plain


@pytest.mark.slow
def test_the_regulations_are_answered_alike_by_the_compiled_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, chance = Transactions(11), Random(5)
    rows = [draw.export() for _ in range(2_000)]
    for row in chance.sample(rows, 100):  # which are refused
        row[chance.choice(list(row))] = chance.choice(["nonsense", 7, [], {}])
    stdin = "\n".join(map(json.dumps, rows))
    where = ("licensing", "--project", str(ROOT / "policies" / "ear"))
    monkeypatch.setattr("comity.cli.eval.MANY", 10_000)
    plain = run(*where, stdin=stdin)
    monkeypatch.setattr("comity.cli.eval.MANY", 1)
    assert run(*where, stdin=stdin) == plain
    assert plain[1].count('"refused"') >= 50
