"""Whole documents: the facts of a decision with counsel's findings beside them, and its answer.

A decision `licensing` has two documents: `licensing.facts.schema.json`, an object with `destination`, `value`, … as
`comity eval licensing` reads it, and `licensing.answer.schema.json`, an object with `outcome`, `rules`, `needs`, ….
"""

from __future__ import annotations

import json
from collections import Counter
from typing import get_args

from comity.backends.schema.types import NULL, Definitions, Schema, closed, described, either, member_list
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.answer import Status
from comity.runtime.inputs import FINDINGS
from comity.runtime.types import DATE

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def emit(program: core.Program) -> dict[str, str]:
    """Relative path to text: `DECISION.facts.schema.json` and `DECISION.answer.schema.json`.

    The name is qualified where two modules have a decision of that name.
    """
    names = Counter(decision.name for decision in program.decisions.values())
    interpreter = Interpreter(program)
    files: dict[str, str] = {}
    for decision in program.decisions.values():
        name = decision.name if names[decision.name] == 1 else decision.qname
        files[f"{name}.facts.schema.json"] = _text(facts_schema(interpreter, decision))
        files[f"{name}.answer.schema.json"] = _text(answer_schema(program, decision))
    return files


def facts_schema(interpreter: Interpreter, decision: core.Decision) -> Schema:
    """What `decide` reads for a decision, in JSON.

    It accepts all that the decoder accepts. It cannot say everything that the decoder refuses: see
    `docs/compiled-api.md`.
    """
    program, record = interpreter.program, decision.record
    definitions = Definitions(program)
    beside = {FINDINGS: _findings(interpreter)} if record.field(FINDINGS) is None else {}
    return _document(decision, definitions.record(record, beside), definitions)


def answer_schema(program: core.Program, decision: core.Decision) -> Schema:
    """What `Answer.to_dict` gives for a decision."""
    definitions = Definitions(program)
    outcome: Schema = {"$ref": "#/$defs/Outcome"}
    texts: Schema = {"type": "array", "items": {"type": "string"}}
    day = either(definitions.of(DATE), NULL)
    rule: dict[str, Schema] = {
        "name": {"type": "string"},
        "module": {"type": "string"},
        "outcome": either(outcome, NULL),
        "citations": texts,
        "status": {"type": "string", "enum": list(get_args(Status))},
        "by": described(texts, "What defeated or disapplied the rule"),
    }
    definitions.made["Outcome"] = described(
        {"title": "Outcome", "type": "string", "enum": list(decision.outcomes.members)},
        member_list("", decision.outcomes.members, decision.outcome_docs),
    )
    definitions.made["RuleStatus"] = {"title": "RuleStatus", **closed(rule, [name for name in rule if name != "by"])}
    always: dict[str, Schema] = {
        "decision": {"const": decision.name},
        "outcome": described(either(outcome, NULL), "null unless the answer is determined"),
        "determined": {"type": "boolean"},
        "possible": {"type": "array", "items": outcome, "description": "Most restrictive first"},
        "needs": described(texts, "Facts, table rows and findings that would settle the answer"),
        "as_of": day,
        "rules": {"type": "array", "items": {"$ref": "#/$defs/RuleStatus"}},
        "defaults": described(texts, "Fields whose default was used"),
        "relied_on_unknown": described(texts, "Facts whose being unknown a rule asked for"),
        "grounds": described(texts, "What settled a disagreement"),
        "version": described({"type": "string"}, "Hash of the sources and the compiler's version"),
    }
    sometimes: dict[str, Schema] = {
        "error": {"type": "string", "enum": ["gap", "contradiction"]},
        "reason": described({"type": "string"}, "What the error lies in, if not in the rules named"),
        "after_sources": described(texts, "Sources that are older than the day"),
    }
    return _document(decision, {"title": "Answer", **closed(always | sometimes, always)}, definitions)


def _document(decision: core.Decision, schema: Schema, definitions: Definitions) -> Schema:
    title = f"{decision.name}: {schema['title']}"
    about = "\n\n".join(filter(None, (decision.doc, schema.get("description"))))  # type: ignore[arg-type]
    document = described({"$schema": DRAFT, **schema, "title": title}, about)
    return {**document, "$defs": definitions.made} if definitions.made else document


def _findings(interpreter: Interpreter) -> Schema:
    """Counsel's findings: on the questions of every decision, as the decoder takes them."""
    questions = {
        name: rule.refer
        for decision in interpreter.program.decisions.values()
        for rule in decision.rules
        if rule.refer is not None
        for name in (rule.question, rule.name)
    }
    properties: dict[str, Schema] = {}
    for name, outcomes in sorted(interpreter.referring_rules.items()):
        named: list[Schema] = [{"const": outcome} for outcome in outcomes]
        properties[name] = described(either({"type": "boolean"}, *named, NULL), questions[name])
    return described(either(closed(properties), NULL), "What counsel found, by rule")


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
