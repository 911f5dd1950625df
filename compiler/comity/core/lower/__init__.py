"""Lowering: the checked tree made small. Families become rules, clauses become edges, dated sets become terms."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from comity.base.diagnostics import Report
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.lower.agreements import (
    countries_of,
    lower_agreement,
    lower_body,
    lower_capability,
    lower_party,
    lower_response,
)
from comity.core.lower.decisions import Constants, lower_again, lower_decision, sources_of
from comity.core.lower.facts import lower_define, lower_enum, lower_record, lower_set, lower_table

__all__ = ["lower", "lower_again", "source_hash"]


def lower(program: checked.Program, report: Report) -> core.Program:
    """The core program of a checked one; reports circles of precedence (E110)."""
    facts = core.Program(
        program.place,
        tables={name: lower_table(table) for name, table in program.tables.items()},
        sets={name: lower_set(declared) for name, declared in program.sets.items()},
        defines={name: lower_define(define) for name, define in program.defines.items()},
        always={name: record.always for name, record in program.records.items() if record.always},
        parties={name: lower_party(party) for name, party in program.parties.items()},
        agreements={name: lower_agreement(agreement) for name, agreement in program.agreements.items()},
        responses={name: lower_response(response) for name, response in program.responses.items()},
        source_hash=source_hash(program),
        modules=tuple(program.modules),
        enums={name: lower_enum(enum) for name, enum in program.enums.items()},
        records={name: lower_record(record) for name, record in program.records.items()},
        proves={name: _prove(prove) for name, prove in program.proves.items()},
        examples=program.examples,
        tests=tuple(map(_test, program.tests)),
        bodies={name: lower_body(body) for name, body in program.bodies.items()},
        capabilities=tuple(map(lower_capability, program.capabilities)),
    )
    for party in facts.parties.values():
        facts = replace(facts, sets={**facts.sets, party.qname: countries_of(party, facts)})
    constants = Constants(facts)
    by_decision: dict[str, list[checked.Rule]] = {name: [] for name in program.decisions}
    for rule in program.rules.values():
        by_decision[rule.decision].append(rule)
    decisions = {}
    for name, decision in program.decisions.items():
        rules = by_decision[name]
        sources = sources_of(program.modules, [decision.module, *(rule.module for rule in rules)])
        decisions[name] = lower_decision(decision, rules, sources, constants, report)
    return replace(facts, decisions=decisions)


def _prove(prove: checked.Prove) -> core.Prove:
    return core.Prove(
        prove.qname, prove.decision, prove.given, prove.then, doc=prove.doc, cites=prove.cites, span=prove.span
    )


def _test(test: checked.Test) -> core.Test:
    return core.Test(
        test.title,
        test.module,
        test.target,
        test.target_kind,
        test.as_of,
        test.facts,
        test.acts,
        test.events,
        test.on_day,
        test.expects,
        test.span,
    )


def source_hash(program: checked.Program) -> str:
    """Hex SHA-256 over module names, their texts (line ends as LF) and the hashes of the tables' files.

    No path takes part, so the hash is the same on every machine. Each piece is preceded by its length, so no two
    programs run together.
    """
    pieces: list[str] = []
    for name, module in sorted(program.modules.items()):
        pieces += ["module", name, module.source.text.replace("\r\n", "\n").replace("\r", "\n")]
    for name, table in sorted(program.tables.items()):
        if table.sha256 is not None:
            pieces += ["table", name, table.sha256]
    digest = hashlib.sha256()
    for piece in pieces:
        data = piece.encode("utf-8", "surrogatepass")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()
