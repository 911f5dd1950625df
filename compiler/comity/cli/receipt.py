"""Receipts: answers with all they rest on, so that anybody can check later that the same law gave them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from comity._version import __version__
from comity.core import ast as core
from comity.runtime.errors import FactsError
from comity.runtime.facts import loads_json
from comity.workspace.project import UsageError

VERSION = 1


def exact_json(value: object) -> str:
    """``value`` as the one JSON text of it: sorted keys, no blanks, decimals digit by digit as they were read."""
    match value:
        case Mapping():
            entries = sorted((json.dumps(str(key), ensure_ascii=False), item) for key, item in value.items())
            return "{" + ",".join(f"{key}:{exact_json(item)}" for key, item in entries) + "}"
        case list() | tuple():
            return "[" + ",".join(map(exact_json, value)) + "]"
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def digest(value: object) -> str:
    """Hex SHA-256 of `exact_json`."""
    return hashlib.sha256(exact_json(value).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Receipt:
    """What one run of `eval` answered, from which facts and sources, at which day (None: that of each input).

    ``partial``: the facts are those that were asked for; what is left out is unknown, also if the record requires it.
    """

    decision: str
    as_of: date | None
    source_hash: str
    tables: dict[str, str]
    compiler: str = __version__
    facts: list[object] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)
    partial: bool = False

    @classmethod
    def of(cls, program: core.Program, decision: core.Decision, as_of: date | None, partial: bool = False) -> Receipt:
        tables = {name: table.sha256 for name, table in program.tables.items() if table.sha256 is not None}
        return cls(decision.qname, as_of, program.source_hash, tables, partial=partial)

    def add(self, facts: object, answer: object) -> None:
        self.facts.append(facts)
        self.answers.append(answer)

    def document(self) -> dict[str, Any]:
        return {
            "receipt": VERSION,
            "decision": self.decision,
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "compiler_version": self.compiler,
            "source_hash": self.source_hash,
            "tables": self.tables,
            "facts_hash": digest(self.facts),
            "facts": self.facts,
            "answers": self.answers,
            **({"partial": True} if self.partial else {}),
        }

    def to_bytes(self) -> bytes:
        """One key a line."""
        lines = (f"  {json.dumps(key)}: {exact_json(value)}" for key, value in self.document().items())
        return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", "backslashreplace")

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """The receipt in a file. Raises UsageError if it is none, or its facts are not those it was made from."""
        try:
            document: Any = loads_json(path.read_bytes())
            if document["receipt"] != VERSION:
                raise UsageError(f"{path}: a receipt of version {document['receipt']}, not {VERSION}")
            day = document["as_of"]
            made = cls(
                document["decision"],
                None if day is None else date.fromisoformat(day),
                document["source_hash"],
                document["tables"],
                document["compiler_version"],
                list(document["facts"]),
                list(document["answers"]),
                document.get("partial") is True,
            )
            facts_hash = document["facts_hash"]
        except KeyError as error:
            raise UsageError(f"{path} is not a receipt: it has no `{error.args[0]}`") from None
        except (FactsError, TypeError, ValueError) as error:
            raise UsageError(f"{path} is not a receipt: {error}") from None
        if facts_hash != digest(made.facts):
            raise UsageError(f"{path}: its facts are not those it was made from")
        return made

    def differences(self, now: Receipt) -> list[dict[str, object]]:
        """What is no longer as in this receipt: sources, compiler, tables, and answers by their number (from 0)."""
        before, after = self.document(), now.document()
        found: list[dict[str, object]] = [
            {"what": key, "was": before[key], "is": after[key]}
            for key in ("source_hash", "compiler_version", "tables")
            if before[key] != after[key]
        ]
        for number, (was, given) in enumerate(zip(self.answers, now.answers, strict=True)):
            if exact_json(was) != exact_json(given):
                found.append({"what": "answer", "number": number, "was": was, "is": given})
        return found
