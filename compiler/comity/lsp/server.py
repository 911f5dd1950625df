"""The server: documents, what is published about them, and what a request sees of a project.

Requests are answered by `requests`, in the thread that speaks the protocol, from the last program that was made; the
`worker` makes the next one. A request waits a moment for a program of the present text (`PATIENCE`), and is otherwise
answered from the one before, with places moved over; only edits (a rename, a code action) insist on the present one.
Nothing is ever written: edits are handed to the editor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from comity._version import __version__
from comity.base.diagnostics import Diagnostic, Edit, Severity
from comity.base.source import SourceFile
from comity.linter.render import flat
from comity.lsp.index import Index
from comity.lsp.places import Move, Places, path_of, shown, uri
from comity.lsp.projects import Findings, OpenProject, Projects, Snapshot
from comity.lsp.work_done import WorkDone
from comity.lsp.worker import Worker
from comity.pipeline.driver import Build
from comity.runtime.light import dataclass
from comity.workspace.project import UsageError

PATIENCE = 0.15
"""Seconds that a request waits for a program of the present text before it is answered from the one before."""

LONGEST_WAIT = 30.0
"""Seconds that a request for edits waits for a program of the present text before it is refused."""

SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}
UNNECESSARY = frozenset({"H503", "L202", "L205", "L208"})
"""Codes of findings about what changes nothing: editors show it faded."""


@dataclass(frozen=True)
class View:
    """What a request sees: a project, its last program, one file, and how places in the program's texts are shown."""

    project: OpenProject
    snapshot: Snapshot
    path: str
    source: SourceFile
    places: Places
    move: Move | None
    """How places moved in the file since the program was made, if its text is another by now."""

    @property
    def made(self) -> Build:
        return self.snapshot.build

    @property
    def index(self) -> Index:
        return self.snapshot.index

    @property
    def sources(self) -> dict[str, SourceFile]:
        return dict(self.index.sources)

    def offset(self, position: lsp.Position) -> int:
        """The offset of a position in the text that the program was made of; -1 where that text has nothing."""
        here = self.places.offset(position, self.source.text)
        if self.move is None:
            return here
        moved = self.move.back(here)
        return -1 if moved is None else moved

    def edits(self, edits: Mapping[str, Iterable[Edit]]) -> lsp.WorkspaceEdit:
        sources = self.sources
        return lsp.WorkspaceEdit(
            {
                uri(path): [lsp.TextEdit(self.places.range(each.span, sources), each.text) for each in found]
                for path, found in edits.items()
            }
        )


class ComityServer(LanguageServer):
    """A language server over `Projects`."""

    def __init__(self) -> None:
        # Whole texts, because policies are small, and because changes to parts are made by pygls, which also takes a
        # form feed or U+2028 for the end of a line.
        super().__init__("comity", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.projects = Projects()
        self.worker = Worker(self._published, self._progressed, self._told)
        self.explained: dict[str, list[lsp.InlayHint]] = {}
        """By URI, the values that the last explained test gave to lines."""
        self.pulls = False
        """The editor asks for findings when it is told that there are new ones; else they are sent to it."""
        self._number = 0
        """How many findings have been published."""
        self._working = WorkDone(self)
        self._sent: set[str] = set()
        """The files with findings on the editor's screen."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._progress = asyncio.Event()

    @property
    def places(self) -> Places:
        return Places(self.workspace.position_codec)

    # ------------------------------------------------------------------------------------- documents

    def take(self, where: str, text: str | None) -> None:
        """A document has another text, or (None) was closed."""
        file = path_of(where)
        if file is None or file.suffix != ".comity":
            return
        self._loop = asyncio.get_running_loop()
        self.explained.pop(where, None)
        project = self.projects.of(file)
        project.edit(shown(file), text)
        if project.texts and text is None and not file.is_file():
            self.reopen()
        elif project.texts:
            self.worker.edited(project, shown(file))
        else:
            self.projects.close(project)
            self.worker.forget(project)
            self._clear(project)

    def reopen(self) -> None:
        """Something changed on disk."""
        for project in self.projects.reopen():
            self.worker.edited(project, None)

    # ------------------------------------------------------------------------------------- findings

    def _published(self, project: OpenProject, found: Findings) -> None:
        """In the worker's thread."""
        self._call(lambda: self._show(project, found))

    def _progressed(self, project: OpenProject) -> None:
        """In the worker's thread."""
        self._call(self._wake)

    def _told(self, project: OpenProject, stage: str | None) -> None:
        """In the worker's thread."""
        self._call(lambda: self._working.tell(project.project.root.name, stage))

    def _call(self, function: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def _wake(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()

    def _show(self, project: OpenProject, found: Findings) -> None:
        """Publish findings, unless the text has changed since."""
        if found.version != project.version:
            return
        before = project.shown
        if before is not None:
            others = before.by_path if found.stage in ("edited", "syntax") else dict.fromkeys(before.by_path, ())
            found = replace(found, by_path={**others, **found.by_path}, sources={**before.sources, **found.sources})
        self._number += 1
        project.shown = found = replace(found, number=self._number)
        self._wake()
        if self.pulls:
            self.workspace_diagnostic_refresh(None)
            return
        places = self.places
        for path, diagnostics in found.by_path.items():
            where = uri(path)
            if diagnostics or where in self._sent:
                self._send(where, [self.diagnostic(each, places, found.sources) for each in diagnostics])

    def _send(self, where: str, diagnostics: list[lsp.Diagnostic]) -> None:
        document = self.workspace.text_documents.get(where)
        version = document.version if document is not None else None
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(where, diagnostics, version=version))
        (self._sent.add if diagnostics else self._sent.discard)(where)

    def _clear(self, project: OpenProject) -> None:
        for path in project.shown.by_path if project.shown is not None else ():
            if uri(path) in self._sent:
                self._send(uri(path), [])

    def diagnostic(self, found: Diagnostic, places: Places, sources: Mapping[str, SourceFile]) -> lsp.Diagnostic:
        message = found.message
        if found.witness is not None:
            message += "\nwitness: " + ", ".join(flat(found.witness))
        if found.help:
            message += f"\nhelp: {found.help}"
        return lsp.Diagnostic(
            range=places.range(found.span, sources),
            message=message,
            severity=SEVERITIES[found.severity],
            code=found.code,
            source="comity",
            related_information=[
                lsp.DiagnosticRelatedInformation(places.location(each.span, sources), each.message)
                for each in found.related
                if each.span.path
            ],
            tags=[lsp.DiagnosticTag.Unnecessary] if found.code in UNNECESSARY else None,
        )

    # ------------------------------------------------------------------------------------- requests

    def project_of(self, where: str) -> tuple[OpenProject, str]:
        """The project of a document and the document's display path. Raises UsageError for what is not a file."""
        file = path_of(where)
        if file is None:
            raise UsageError("only files on disk belong to a project")
        self._loop = asyncio.get_running_loop()
        return self.projects.of(file), shown(file)

    async def view(self, where: str, present: bool = False) -> View:
        """What a request about a document sees. ``present``: only a program of the present text will do.

        Raises UsageError where there is none.
        """
        project, path = self.project_of(where)
        await self.wait(project, LONGEST_WAIT if present or project.snapshot is None else PATIENCE)
        snapshot = project.snapshot
        if snapshot is None or (present and not project.is_current):
            raise UsageError("the policies are still being read; try again in a moment")
        moves: dict[str, Move] = {}
        if not project.is_current:
            for each, old in snapshot.index.sources.items():
                if each in project.texts and (new := project.source(each)).text != old.text:
                    moves[each] = Move(old, new)
        places = Places(self.workspace.position_codec, moves)
        return View(project, snapshot, path, project.source(path), places, moves.get(path))

    async def wait(self, project: OpenProject, seconds: float) -> None:
        """Wait until the program of a project is of the present text, but no longer than ``seconds``."""
        if project.snapshot is None and not project.texts:
            self.worker.edited(project, None)  # a request about a file that was never opened
        end = asyncio.get_running_loop().time() + seconds
        while not project.is_current:
            left = end - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._progress.wait(), left)
            except TimeoutError:
                return

    async def findings(self, where: str) -> Findings:
        """What is known of the present text of a document's project, as soon as that is its syntax or types."""
        project, _ = self.project_of(where)
        while project.shown is None or project.shown.version != project.version:
            if project.snapshot is None and not project.texts:
                self.worker.edited(project, None)
            await self._progress.wait()
        return project.shown


server = ComityServer()
