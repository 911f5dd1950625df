"""Clients that misbehave: they die, send nonsense, or edit much at once. The server goes on, or ends when they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

from tests.lsp.conftest import project
from tests.lsp.test_server import ALLIES


class Client:
    """The two pipes of a server, with nothing in between."""

    def __init__(self, folder: Path, log: int | IO[str] = subprocess.DEVNULL) -> None:
        command = [sys.executable, "-m", "comity", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=folder)
        self.folder = folder

    def write(self, body: bytes, header: bytes | None = None) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((header or f"Content-Length: {len(body)}\r\n\r\n".encode()) + body)
        self.process.stdin.flush()

    def send(self, method: str, params: object, id: object = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.write(json.dumps(message if id is None else {**message, "id": id}).encode())

    def answer(self, id: object) -> dict[str, Any]:
        """The answer to a request; what comes before it is dropped."""
        out = self.process.stdout
        assert out is not None
        while True:
            size = 0
            while (line := out.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            assert size, "the server has ended"
            message: dict[str, Any] = json.loads(out.read(size))
            if message.get("id") == id and "method" not in message:
                return message

    def initialize(self) -> None:
        folders = [{"uri": self.folder.as_uri(), "name": "p"}]
        self.send("initialize", {"processId": None, "capabilities": {}, "workspaceFolders": folders}, 1)
        self.answer(1)
        self.send("initialized", {})

    def open(self, file: Path, text: str) -> None:
        item = {"uri": file.as_uri(), "languageId": "comity", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": item})

    def symbols(self, file: Path, id: object) -> list[str]:
        self.send("textDocument/documentSymbol", {"textDocument": {"uri": file.as_uri()}}, id)
        return [each["name"] for each in self.answer(id)["result"] or ()]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    client = Client(project(tmp_path))
    yield client
    client.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_nonsense_is_survived(client: Client) -> None:
    before = contents(client.folder)
    client.initialize()
    client.write(b"this is not JSON")
    client.write(b"[1, 2]")
    client.write(b"null")
    client.write(b"\xff\xfe\x00")
    client.write(b'{"jsonrpc": "1.0", "method": "x"}')
    client.write(b"", header=b"Content-Length: not a number\r\n\r\n")
    client.send("no/suchMethod", {}, 2)
    assert "error" in client.answer(2)
    client.send("textDocument/hover", {"textDocument": 7, "position": "nowhere"})
    never_opened = {"uri": "file:///never/opened.comity", "version": 9}
    client.send("textDocument/didChange", {"textDocument": never_opened, "contentChanges": [{"text": "x"}]})
    for number, uri in enumerate(
        ("", "file:", "file:///\x00.comity", "file:///dev/zero.comity", "http://a/b.comity", "ſ")
    ):
        client.send(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "c", "version": 1, "text": "(("}}
        )
        client.send(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}, 10 + number
        )
        assert client.answer(10 + number)["result"] is None
    client.send("$/cancelRequest", {"id": 12345})
    client.send("workspace/executeCommand", {"command": "comity.explainTest", "arguments": [1, {}, None]}, 30)
    assert client.answer(30)["result"] is None
    file = client.folder / "policies" / "licensing.comity"
    client.open(file, file.read_text(encoding="utf-8"))
    assert "russia" in client.symbols(file, 40)
    assert contents(client.folder) == before


def test_ten_thousand_lines_at_once_and_deep_nesting(client: Client) -> None:
    client.initialize()
    file = client.folder / "policies" / "licensing.comity"
    text = file.read_text(encoding="utf-8")
    client.open(file, text)
    for version, added in enumerate(("# a\n" * 10_000, "rule " * 10_000, "(" * 10_000, "\x00\ud800", "x" * 10**6), 2):
        document = {"uri": file.as_uri(), "version": version}
        client.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text + added}]})
    document = {"uri": file.as_uri(), "version": 99}
    client.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text + ALLIES}]})
    for number in range(2, 40):
        if "allies" in client.symbols(file, number):
            break
        time.sleep(0.2)
    else:
        pytest.fail("the server does not answer about the last text")
    assert file.read_text(encoding="utf-8") == text


def test_a_request_is_cancelled(client: Client) -> None:
    client.initialize()
    file = client.folder / "policies" / "licensing.comity"
    client.open(file, file.read_text(encoding="utf-8"))
    client.send(
        "textDocument/hover", {"textDocument": {"uri": file.as_uri()}, "position": {"line": 0, "character": 0}}, 5
    )
    client.send("$/cancelRequest", {"id": 5})
    assert client.answer(5)["error"]["message"].endswith("canceled")


@pytest.mark.parametrize("last_words", [b"", b"Content-Length: 1000\r\n\r\n{"], ids=["silent", "in a message"])
def test_the_server_ends_with_its_client(client: Client, last_words: bytes) -> None:
    client.initialize()
    file = client.folder / "policies" / "licensing.comity"
    client.open(file, file.read_text(encoding="utf-8") + ALLIES)
    assert client.process.stdin is not None and client.process.stdout is not None
    if last_words:
        os.write(client.process.stdin.fileno(), last_words)
    client.process.stdin.close()
    client.process.stdout.close()
    client.process.wait(timeout=60)


def test_files_that_cannot_be_read(client: Client, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What lies beside a policy and cannot be read is reported there; the policy is answered about as always."""
    folder = client.folder / "policies"
    (folder / "latin.comity").write_bytes("rule é for licensing:".encode("latin-1"))
    (folder / "nul.comity").write_bytes(b"a\x00b")
    (folder / "gone.comity").symlink_to(folder / "nowhere.comity")
    (folder / "loop.comity").symlink_to(folder / "loop.comity")
    (folder / "folder.comity").mkdir()
    os.mkfifo(folder / "pipe.comity")
    locked = folder / "locked.comity"
    locked.write_text("rule r")
    locked.chmod(0)
    before = sorted(each.name for each in folder.iterdir())
    client.initialize()
    file = folder / "licensing.comity"
    client.open(file, file.read_text(encoding="utf-8"))
    assert "russia" in client.symbols(file, 10)
    outside = tmp_path_factory.mktemp("outside") / "alone.comity"
    outside.write_bytes(b"\xff\xfe")
    client.open(outside, "define x for Nothing:\n    true\n")
    for number, name in enumerate(("latin", "nul", "gone", "loop", "folder", "pipe", "locked"), 20):
        each = folder / f"{name}.comity"
        for method, extra in (
            ("hover", {"position": {"line": 0, "character": 0}}),
            ("formatting", {"options": {"tabSize": 4, "insertSpaces": True}}),
            ("documentSymbol", {}),
        ):
            client.send(
                f"textDocument/{method}", {"textDocument": {"uri": each.as_uri()}, **extra}, f"{number} {method}"
            )
            assert "error" not in client.answer(f"{number} {method}"), f"{name}: {method}"
    client.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": (folder / "gone.comity").as_uri(), "type": 1}]})
    assert "russia" in client.symbols(file, 90)
    assert sorted(each.name for each in folder.iterdir()) == before


def test_a_file_becomes_readable_and_goes(client: Client) -> None:
    """On disk, under an editor that has it open."""
    client.initialize()
    file = client.folder / "policies" / "licensing.comity"
    text = file.read_text(encoding="utf-8")
    client.open(file, text)
    assert "russia" in client.symbols(file, 10)
    file.unlink()
    client.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 3}]})
    assert "russia" in client.symbols(file, 11), "its text is in the editor"
    client.send("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
    assert client.symbols(file, 12) == []
    file.write_text(text, encoding="utf-8")
    client.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 1}]})
    client.open(file, text)
    assert "russia" in client.symbols(file, 13)
