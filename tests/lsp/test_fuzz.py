"""Requests of every kind, at random places of the shipped law, with the text edited in between: none ends in an error
of the server's own, which would be in its log, and none is left without an answer.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.lsp.test_misuse import Client, contents

POLICIES = Path(__file__).parents[2] / "policies"
AT_A_PLACE = (
    "hover", "definition", "documentHighlight", "completion", "signatureHelp", "prepareRename", "prepareCallHierarchy",
    "references", "rename", "selectionRange",
)  # fmt: skip
OF_A_FILE = ("documentSymbol", "foldingRange", "semanticTokens/full", "formatting", "codeLens")
OF_A_STRETCH = ("inlayHint", "codeAction", "rangeFormatting")
NAMES = ("", "x", "licensing", "rule", "a b", "ключ", "é", "RU", "3A001", "\x00", "a.b", "x" * 300)
TOKENS = (
    "(",
    '"',
    '"""',
    "rule r for licensing:\n",
    "}",
    "\t",
    "\r",
    "\u2028",
    "# comity: ignore[",
    "when",
    "é",
    "💥",
    "",
)


class Fuzz:
    """An editor with one file open in which it clicks about."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client, self.random = client, Random(seed)
        self.number = 100
        self.files = sorted((client.folder / "policies").rglob("*.comity"))
        self.open()

    def open(self) -> None:
        self.file = self.random.choice(self.files)
        self.sound = self.text = self.file.read_text("utf-8")
        self.version = 1
        self.client.open(self.file, self.text)

    @property
    def document(self) -> dict[str, Any]:
        return {"uri": self.file.as_uri()}

    def place(self) -> dict[str, int]:
        """Mostly in the text; sometimes far outside."""
        random = self.random
        lines = self.text.split("\n")
        if random.random() < 0.05:
            return {"line": random.choice((0, len(lines), 2**31 - 1)), "character": random.choice((0, 2**31 - 1))}
        line = random.randrange(len(lines))
        return {"line": line, "character": random.randint(0, len(lines[line]) + 2)}

    def edit(self) -> None:
        random = self.random
        at = random.randrange(len(self.text) + 1)
        gone = random.choice((0, 0, 1, 10, 400))
        self.text = self.text[:at] + random.choice(TOKENS) + self.text[at + gone :]
        if random.random() < 0.4:
            self.text = self.sound
        self.version += 1
        document = {**self.document, "version": self.version}
        self.client.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": self.text}]})

    def request(self) -> None:
        """Send one request, and have its answer."""
        random = self.random
        params: dict[str, Any] = {"textDocument": self.document}
        kind = random.choice((*AT_A_PLACE, *AT_A_PLACE, *OF_A_FILE, *OF_A_STRETCH, "symbol", "command"))
        method = f"textDocument/{kind}"
        if kind in AT_A_PLACE:
            params["position"] = self.place()
        if kind in OF_A_STRETCH:
            params["range"] = {"start": self.place(), "end": self.place()}
        if kind == "references":
            params["context"] = {"includeDeclaration": random.random() < 0.5}
        elif kind == "codeAction":
            params["context"] = {"diagnostics": []}
        elif kind == "selectionRange":
            params = {"textDocument": self.document, "positions": [self.place(), self.place()]}
        elif kind == "rename":
            params["newName"] = random.choice(NAMES)
        elif kind.lower().endswith("formatting"):
            params["options"] = {"tabSize": 4, "insertSpaces": True}
        elif kind == "symbol":
            method, params = "workspace/symbol", {"query": random.choice(NAMES)}
        elif kind == "command":
            method = "workspace/executeCommand"
            command = random.choice(("runTest", "explainTest", "showCase"))
            params = {"command": f"comity.{command}", "arguments": [self.document["uri"], random.choice(NAMES)]}
        self.number += 1
        self.client.send(method, params, self.number)
        answer = self.client.answer(self.number)
        said = json.dumps(answer.get("error", {}))
        assert "error" not in answer or "rename" in kind.lower(), f"{kind}: {said}"
        assert "Traceback" not in said and "internal" not in said.lower(), f"{kind}: {said}"
        result = answer.get("result")
        if kind == "codeLens":
            for lens in random.sample(result or [], min(2, len(result or []))):
                self.number += 1
                self.client.send("codeLens/resolve", lens, self.number)
                assert "result" in self.client.answer(self.number)
        if kind == "prepareCallHierarchy":
            for item in result or ():
                for direction in ("incomingCalls", "outgoingCalls"):
                    self.number += 1
                    self.client.send(f"callHierarchy/{direction}", {"item": item}, self.number)
                    assert "result" in self.client.answer(self.number)


@pytest.mark.parametrize(
    ("seed", "requests", "without"),
    [(1, 80, "ear"), *(pytest.param(seed, 1500, "raw", marks=pytest.mark.slow) for seed in range(2, 6))],
)
def test_random_requests(tmp_path: Path, seed: int, requests: int, without: str) -> None:
    """``without``: the folder of policies that is left out."""
    shutil.copytree(POLICIES, tmp_path / "policies", ignore=shutil.ignore_patterns(without))
    before = contents(tmp_path)
    log = tmp_path.parent / f"{tmp_path.name}.log"
    with log.open("w") as stream:
        client = Client(tmp_path, stream)
        try:
            client.initialize()
            fuzz = Fuzz(client, seed)
            for _ in range(requests):
                if fuzz.random.random() < 0.25:
                    fuzz.edit()
                if fuzz.random.random() < 0.02:
                    client.send("textDocument/didClose", {"textDocument": fuzz.document})
                    fuzz.open()
                fuzz.request()
            client.send("shutdown", None, 1)
            client.answer(1)
        finally:
            client.close()
    said = log.read_text()
    assert "Traceback" not in said, said[said.index("Traceback") - 300 :][:3000]
    assert contents(tmp_path) == before
