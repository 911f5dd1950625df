"""A language server in a process of its own, and an editor that speaks to it, as pytest-lsp has them."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient

POLICY = Path(__file__).parents[2] / "compiler" / "comity" / "starter" / "licensing.comity"


@dataclass
class Editor:
    """An editor with one project open. ``texts`` are its buffers, by file name."""

    client: LanguageClient
    folder: Path

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        """Open a file; with a text, one that is not what lies on disk."""
        text = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri(name), "comity", 1, text))
        )
        return text

    def change(self, name: str, text: str, version: int = 2) -> None:
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version, self.uri(name)),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def at(self, name: str, text: str, word: str, number: int = 1) -> dict[str, object]:
        """Where the ``number``-th ``word`` of a text is, in its middle, as arguments of a request."""
        offset = -1
        for _ in range(number):
            offset = text.index(word, offset + 1)
        before = text[: offset + len(word) // 2]
        line = before.count("\n")
        column = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
        return {"text_document": lsp.TextDocumentIdentifier(self.uri(name)), "position": lsp.Position(line, column)}

    async def codes(self, name: str, wanted: set[str]) -> set[str]:
        """Wait until the codes of a file's findings are ``wanted``, for ten seconds at most; what they are then."""
        for _ in range(200):
            found = {str(each.code) for each in self.client.diagnostics.get(self.uri(name), ())}
            if found == wanted and self.uri(name) in self.client.diagnostics:
                return found
            await asyncio.sleep(0.05)
        return {str(each.code) for each in self.client.diagnostics.get(self.uri(name), ())}


def project(folder: Path) -> Path:
    """A project with one policy."""
    (folder / "policies").mkdir()
    (folder / "comity.toml").write_text('source = "policies"\n', encoding="utf-8")
    shutil.copy(POLICY, folder / "policies" / "licensing.comity")
    return folder


async def initialize(client: LanguageClient, folder: Path, capabilities: lsp.ClientCapabilities) -> None:
    await client.initialize_session(
        lsp.InitializeParams(
            capabilities=capabilities,
            root_uri=folder.as_uri(),
            workspace_folders=[lsp.WorkspaceFolder(folder.as_uri(), "p")],
        )
    )


SERVER = ClientServerConfig(server_command=[sys.executable, "-m", "comity", "lsp", "--stdio"])


@pytest_lsp.fixture(config=SERVER)
async def client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    await initialize(lsp_client, project(tmp_path), lsp.ClientCapabilities())
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def editor(client: LanguageClient, tmp_path: Path) -> Editor:
    return Editor(client, tmp_path / "policies")


@pytest_lsp.fixture(config=SERVER)
async def pulling_client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    """An editor that asks for findings when it is told that there are new ones."""
    capabilities = lsp.ClientCapabilities(
        text_document=lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities()),
        workspace=lsp.WorkspaceClientCapabilities(
            diagnostics=lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        ),
    )
    await initialize(lsp_client, project(tmp_path), capabilities)
    yield
    await lsp_client.shutdown_session()
