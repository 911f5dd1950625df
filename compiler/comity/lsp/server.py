"""The protocol: requests in, answers of `features` out; findings are published by a thread of their own.

A request that fails says so in the editor's log and answers nothing; no request ends the server. Texts outside a
project's folder are projects of their own, and nothing is ever written: edits are handed to the editor.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from comity._version import __version__
from comity.core.interpret import Interpreter
from comity.diagnostics import Diagnostic, DiagnosticsError, Edit, Severity
from comity.driver import Build
from comity.linter.render import flat
from comity.lsp.features import actions, calls, complete, hints, hover, lenses, outline, rename, tokens
from comity.lsp.features.layout import formatted
from comity.lsp.index import Declared, Index
from comity.lsp.places import Places, path_of, shown, uri
from comity.lsp.projects import Findings, Open, Projects, Stopped
from comity.project import UsageError
from comity.source import SourceFile, Span
from comity.testing import trace_test
from comity.testing_acts import RUNNERS

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 0.03
"""Seconds without an edit before work on the findings begins: between two key strokes there is none."""

SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}


class HasPosition(Protocol):
    """A request about a place in a text."""

    @property
    def position(self) -> lsp.Position: ...


@dataclass
class _State:
    """What is published, by URI, and what the last findings were of."""

    found: dict[str, list[Diagnostic]] = field(default_factory=dict)
    sources: dict[str, SourceFile] = field(default_factory=dict)
    explained: dict[str, list[lsp.InlayHint]] = field(default_factory=dict)


class ComityServer(LanguageServer):
    """A language server over `Projects`. ``lock`` is held by whoever works on a project."""

    def __init__(self) -> None:
        super().__init__("comity", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental)
        self.projects = Projects()
        self.lock = threading.RLock()
        self.state = _State()
        self.changed = threading.Condition()
        self.generation = 0
        self._edited: Path | None = None
        self._worker: threading.Thread | None = None

    @property
    def places(self) -> Places:
        return Places(self.workspace.position_codec)

    # ------------------------------------------------------------------------------------- findings

    def edited(self, file: Path) -> None:
        """Ask for findings; whatever is being worked out for an older text is given up."""
        with self.changed:
            self.generation += 1
            self._edited = file
            self.changed.notify_all()
        if self._worker is None:
            self._worker = threading.Thread(target=self._publish_for_ever, name="findings", daemon=True)
            self._worker.start()

    def _publish_for_ever(self) -> None:
        done = 0
        while True:
            with self.changed:
                while self.generation == done:
                    self.changed.wait()
                done = self.generation
                while self.changed.wait(PATIENCE):
                    done = self.generation
                file = self._edited
            if file is None:
                continue
            current = done

            def stale(of: int = current) -> bool:
                return self.generation != of

            try:
                self._publish(file, stale)
            except Stopped:
                continue
            except Exception:
                log.exception("the findings of %s", file)

    def _publish(self, file: Path, stale: Callable[[], bool]) -> None:
        with self.lock:
            project = self.projects.of(file)
            steps = project.findings(shown(file), stale)
        while True:
            with self.lock:
                found = next(steps, None)
            if found is None or stale():
                return
            self._show(found)

    def _show(self, found: Findings) -> None:
        places = self.places
        self.state.sources |= found.sources
        for path, diagnostics in found.by_path.items():
            where = uri(path)
            if self.state.found.get(where, []) != diagnostics or diagnostics:
                self.state.found[where] = diagnostics
                document = self.workspace.text_documents.get(where)
                self.text_document_publish_diagnostics(
                    lsp.PublishDiagnosticsParams(
                        where,
                        [self.diagnostic(each, places) for each in diagnostics],
                        version=document.version if document is not None else None,
                    )
                )

    def diagnostic(self, found: Diagnostic, places: Places) -> lsp.Diagnostic:
        message = found.message
        if found.witness is not None:
            message += "\nwitness: " + ", ".join(flat(found.witness))
        if found.help:
            message += f"\nhelp: {found.help}"
        return lsp.Diagnostic(
            range=places.range(found.span, self.state.sources),
            message=message,
            severity=SEVERITIES[found.severity],
            code=found.code,
            source="comity",
            related_information=[
                lsp.DiagnosticRelatedInformation(places.location(each.span, self.state.sources), each.message)
                for each in found.related
                if each.span.path
            ],
            tags=[lsp.DiagnosticTag.Unnecessary] if found.code in ("H503", "L202", "L205", "L208") else None,
        )

    # ------------------------------------------------------------------------------------- requests

    @contextmanager
    def at(self, uri: str) -> Iterator[tuple[Open, str]]:
        """The project of a document and the document's display path. Raises UsageError for what is not a file."""
        file = path_of(uri)
        if file is None:
            raise UsageError("only files on disk belong to a project")
        with self.lock:
            yield self.projects.of(file), shown(file)

    def place(self, params: HasPosition, project: Open, path: str) -> tuple[Build, Index, int]:
        """The program, its names, and the offset that a request speaks of."""
        made, index = project.built(), project.index()
        source = made.sources.get(path)
        if source is None:
            raise UsageError(f"`{path}` cannot be read")
        return made, index, self.places.offset(params.position, source)

    def edits(self, edits: dict[str, list[Edit]], sources: dict[str, SourceFile]) -> lsp.WorkspaceEdit:
        places = self.places
        return lsp.WorkspaceEdit(
            {uri(p): [lsp.TextEdit(places.range(e.span, sources), e.text) for e in each] for p, each in edits.items()}
        )


server = ComityServer()


def answers(request: Callable[..., T]) -> Callable[..., T | None]:
    """A request of which nothing ends the server: what it fails at is logged, and answered with nothing."""

    @wraps(request)
    def answer(*arguments: Any) -> T | None:
        try:
            return request(*arguments)
        except JsonRpcException:
            raise
        except (UsageError, DiagnosticsError, OSError) as error:
            log.info("%s: %s", request.__name__, error)
        except Exception:
            log.exception("%s", request.__name__)
        return None

    return answer


# ------------------------------------------------------------------------------------------- texts


def _take(ls: ComityServer, where: str, text: str | None) -> None:
    file = path_of(where)
    if file is None or file.suffix != ".comity":
        return
    with ls.lock:
        ls.projects.of(file).edit(shown(file), text)
    ls.state.explained.pop(where, None)
    ls.edited(file)


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
@answers
def did_open(ls: ComityServer, params: lsp.DidOpenTextDocumentParams) -> None:
    _take(ls, params.text_document.uri, params.text_document.text)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
@answers
def did_change(ls: ComityServer, params: lsp.DidChangeTextDocumentParams) -> None:
    _take(ls, params.text_document.uri, ls.workspace.get_text_document(params.text_document.uri).source)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
@answers
def did_close(ls: ComityServer, params: lsp.DidCloseTextDocumentParams) -> None:
    _take(ls, params.text_document.uri, None)


@server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
@answers
def did_change_files(ls: ComityServer, params: lsp.DidChangeWatchedFilesParams) -> None:
    with ls.lock:
        ls.projects.reopen()
    for change in params.changes:
        file = path_of(change.uri)
        if file is not None:
            ls.edited(file if file.suffix == ".comity" else file.parent / "x.comity")
            return


@server.feature(
    lsp.TEXT_DOCUMENT_DIAGNOSTIC,
    lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="comity"),
)
@answers
def diagnostics(ls: ComityServer, params: lsp.DocumentDiagnosticParams) -> lsp.RelatedFullDocumentDiagnosticReport:
    """For editors that ask: mistakes in syntax and types now; what is proved comes as it is ready."""
    with ls.at(params.text_document.uri) as (project, path):
        _, _, wrong = project.module(path)
        made = project.built()
        found = wrong or [d for d in made.diagnostics if d.span.path == path]
        ls.state.sources |= made.sources
        return lsp.RelatedFullDocumentDiagnosticReport([ls.diagnostic(each, ls.places) for each in found])


# ------------------------------------------------------------------------------------------- names


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
@answers
def on_hover(ls: ComityServer, params: lsp.HoverParams) -> lsp.Hover | None:
    with ls.at(params.text_document.uri) as (project, path):
        made, index, offset = ls.place(params, project, path)
        found = hover.hover(made, index, project.read, path, offset)
        if found is None:
            return None
        text, span = found
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), ls.places.range(span, index.sources))


@server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
@answers
def definition(ls: ComityServer, params: lsp.DefinitionParams) -> lsp.Location | None:
    with ls.at(params.text_document.uri) as (project, path):
        _, index, offset = ls.place(params, project, path)
        use = index.at(path, offset)
        return None if use is None else ls.places.location(index.declared[use.qname].name, index.sources)


@server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
@answers
def references(ls: ComityServer, params: lsp.ReferenceParams) -> list[lsp.Location]:
    with ls.at(params.text_document.uri) as (project, path):
        _, index, offset = ls.place(params, project, path)
        use = index.at(path, offset)
        if use is None:
            return []
        spans = index.uses(use.qname)
        if params.context.include_declaration:
            spans = [index.declared[use.qname].name, *spans]
        return [ls.places.location(span, index.sources) for span in spans]


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
@answers
def highlight(ls: ComityServer, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
    with ls.at(params.text_document.uri) as (project, path):
        _, index, offset = ls.place(params, project, path)
        use = index.at(path, offset)
        if use is None:
            return []
        name = index.declared[use.qname].name
        found = [(span, lsp.DocumentHighlightKind.Read) for span in index.uses(use.qname) if span.path == path]
        if name.path == path:
            found.append((name, lsp.DocumentHighlightKind.Write))
        return [lsp.DocumentHighlight(ls.places.range(span, index.sources), kind) for span, kind in found]


@server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(ls: ComityServer, params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
    with ls.at(params.text_document.uri) as (project, path):
        _, index, offset = ls.place(params, project, path)
        try:
            found, span = rename.renamable(index, path, offset)
        except rename.Refused as refusal:
            raise JsonRpcException(str(refusal)) from refusal
        return lsp.PrepareRenamePlaceholder(ls.places.range(span, index.sources), found.short)


@server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
def on_rename(ls: ComityServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit:
    with ls.at(params.text_document.uri) as (project, path):
        made = project.built()
        index = project.index()
        offset = ls.places.offset(params.position, made.sources[path])
        try:
            edits = rename.rename(made, index, project.selection, project.read, path, offset, params.new_name)
        except rename.Refused as refusal:
            raise JsonRpcException(str(refusal)) from refusal
        return ls.edits(edits, dict(index.sources))


@server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", " "]))
@answers
def completion(ls: ComityServer, params: lsp.CompletionParams) -> lsp.CompletionList:
    with ls.at(params.text_document.uri) as (project, path):
        source, _, _ = project.module(path)
        offset = ls.places.offset(params.position, source)
        found = complete.complete(project.built(), project.index(), project.read, path, source.text, offset)
        return lsp.CompletionList(is_incomplete=len(found) == complete.MOST, items=found)


@server.feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", "[", ","]))
@answers
def signature_help(ls: ComityServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    with ls.at(params.text_document.uri) as (project, path):
        source, _, _ = project.module(path)
        offset = ls.places.offset(params.position, source)
        found = hover.signature(project.built(), source.text, offset)
        if found is None:
            return None
        label, parameters, active = found
        shown_parameters = [lsp.ParameterInformation(each) for each in parameters]
        return lsp.SignatureHelp([lsp.SignatureInformation(label, parameters=shown_parameters)], 0, active)


# ------------------------------------------------------------------------------------------- shape


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
@answers
def document_symbols(ls: ComityServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    with ls.at(params.text_document.uri) as (project, path):
        return outline.document_symbols(project.index(), path, ls.places)


@server.feature(lsp.WORKSPACE_SYMBOL)
@answers
def workspace_symbols(ls: ComityServer, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    with ls.lock:
        return [each for p in ls.projects for each in outline.workspace_symbols(p.index(), params.query, ls.places)]


@server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
@answers
def folding(ls: ComityServer, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    with ls.at(params.text_document.uri) as (project, path):
        return list(outline.folding(project.module(path)[1]))


@server.feature(lsp.TEXT_DOCUMENT_SELECTION_RANGE)
@answers
def selection(ls: ComityServer, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange]:
    with ls.at(params.text_document.uri) as (project, path):
        source, module, _ = project.module(path)
        offsets = [ls.places.offset(position, source) for position in params.positions]
        return [outline.selection(module, source, offset, ls.places) for offset in offsets]


@server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, tokens.LEGEND)
@answers
def semantic_tokens(ls: ComityServer, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    with ls.at(params.text_document.uri) as (project, path):
        return tokens.semantic_tokens(project.index(), path, ls.places)


@server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
@answers
def inlay_hints(ls: ComityServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    with ls.at(params.text_document.uri) as (project, path):
        first, last = params.range.start.line, params.range.end.line
        found = hints.inlay_hints(project.built(), project.index(), path, first, last, ls.places)
        explained = ls.state.explained.get(params.text_document.uri, [])
        return found + [hint for hint in explained if first <= hint.position.line <= last]


@server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
@answers
def formatting(ls: ComityServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    with ls.at(params.text_document.uri) as (project, path):
        return formatted(project, path, None)


@server.feature(lsp.TEXT_DOCUMENT_RANGE_FORMATTING)
@answers
def range_formatting(ls: ComityServer, params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit]:
    with ls.at(params.text_document.uri) as (project, path):
        return formatted(project, path, (params.range.start.line, params.range.end.line))


# ------------------------------------------------------------------------------------------- readers


def _item(ls: ComityServer, found: Declared, index: Index) -> lsp.CallHierarchyItem:
    return lsp.CallHierarchyItem(
        name=found.short,
        kind=outline.KINDS[found.kind],
        uri=uri(found.name.path),
        range=ls.places.range(found.whole, index.sources),
        selection_range=ls.places.range(found.name, index.sources),
        detail=found.qname,
    )


@server.feature(lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
@answers
def prepare_calls(ls: ComityServer, params: lsp.CallHierarchyPrepareParams) -> list[lsp.CallHierarchyItem]:
    with ls.at(params.text_document.uri) as (project, path):
        _, index, offset = ls.place(params, project, path)
        use = index.at(path, offset)
        return [] if use is None else [_item(ls, index.declared[use.qname], index)]


@server.feature(lsp.CALL_HIERARCHY_INCOMING_CALLS)
@answers
def incoming(ls: ComityServer, params: lsp.CallHierarchyIncomingCallsParams) -> list[lsp.CallHierarchyIncomingCall]:
    with ls.at(params.item.uri) as (project, _):
        index = project.index()
        found = index.declared.get(params.item.detail or "")
        return [] if found is None else [
            lsp.CallHierarchyIncomingCall(_item(ls, each, index), [ls.places.range(s, index.sources) for s in spans])
            for each, spans in calls.readers(index, found)
        ]  # fmt: skip


@server.feature(lsp.CALL_HIERARCHY_OUTGOING_CALLS)
@answers
def outgoing(ls: ComityServer, params: lsp.CallHierarchyOutgoingCallsParams) -> list[lsp.CallHierarchyOutgoingCall]:
    with ls.at(params.item.uri) as (project, _):
        index = project.index()
        found = index.declared.get(params.item.detail or "")
        return [] if found is None else [
            lsp.CallHierarchyOutgoingCall(_item(ls, each, index), [ls.places.range(s, index.sources) for s in spans])
            for each, spans in calls.read_by(index, found)
        ]  # fmt: skip


# ------------------------------------------------------------------------------------------- actions


@server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
@answers
def code_actions(ls: ComityServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    with ls.at(params.text_document.uri) as (project, _):
        index, places = project.index(), ls.places
        sources = dict(index.sources)
        found = [
            each
            for each in ls.state.found.get(params.text_document.uri, [])
            if _meets(places.range(each.span, sources), params.range)
        ]
        result = []
        for action in actions.actions(found, index, sources):
            by_path: dict[str, list[Edit]] = {}
            for edit in action.edits:
                by_path.setdefault(edit.span.path, []).append(edit)
            result.append(
                lsp.CodeAction(
                    title=action.title,
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=[ls.diagnostic(action.diagnostic, places)],
                    is_preferred=action.preferred,
                    edit=ls.edits(by_path, sources),
                )
            )
        return result


def _meets(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


@server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=True))
@answers
def code_lenses(ls: ComityServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    where = params.text_document.uri
    with ls.at(where) as (project, path):
        made = project.built()
        return [
            lsp.CodeLens(
                ls.places.range(each.span, made.sources),
                command=lsp.Command(each.title, each.command, arguments=[where, each.about]) if each.title else None,
                data={"uri": where, "rule": each.about},
            )
            for each in lenses.lenses(made, ls.state.found.get(where, []), path)
        ]


@server.feature(lsp.CODE_LENS_RESOLVE)
@answers
def resolve_lens(ls: ComityServer, params: lsp.CodeLens) -> lsp.CodeLens:
    data = params.data if isinstance(params.data, dict) else {}
    with ls.at(str(data.get("uri", ""))) as (project, _):
        made = project.built()
        title = lenses.decided(made, Interpreter(made.program), str(data.get("rule", "")))
        params.command = lsp.Command(title or "rule", "")
        return params


@server.command("comity.runTest")
@answers
def run_test(ls: ComityServer, *arguments: str) -> dict[str, object]:
    result, _, _ = _traced(ls, arguments)
    ls.window_show_message(lsp.ShowMessageParams(_level(result), f"{result['name']}: {result['status']}"))
    return result


@server.command("comity.explainTest")
@answers
def explain_test(ls: ComityServer, *arguments: str) -> dict[str, object]:
    """Evaluate a test, and show each line of a condition with what it was: true, false or unknown."""
    result, lines, sources = _traced(ls, arguments)
    places, shown_lines = ls.places, []
    hints_by_uri: dict[str, list[lsp.InlayHint]] = {}
    for span, values in sorted(lines.items(), key=lambda each: (each[0].path, each[0].start)):
        text = " and ".join(sorted({True: "true", False: "false", None: "unknown"}[value] for value in values))
        where = places.range(span, sources)
        shown_lines.append({"uri": uri(span.path), "line": span.line, "value": text})
        end = lsp.Position(where.start.line, 10_000)
        hints_by_uri.setdefault(uri(span.path), []).append(lsp.InlayHint(end, f"  ⟵ {text}", padding_left=True))
    ls.state.explained = hints_by_uri
    workspace = ls.client_capabilities.workspace
    if workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
        ls.workspace_inlay_hint_refresh(None)
    return {**result, "lines": shown_lines}


def _traced(
    ls: ComityServer, arguments: Sequence[str]
) -> tuple[dict[str, object], dict[Span, set[bool | None]], dict[str, SourceFile]]:
    """The test that a command names by its file's URI and its title, run."""
    if len(arguments) != 2:
        raise UsageError("a test is named by the URI of its file and its title")
    where, title = arguments
    with ls.at(where) as (project, path):
        made = project.built()
        if made.errors:
            raise DiagnosticsError(made.errors, made.sources)
        test = next((t for t in made.program.tests if t.span.path == path and t.title == title), None)
        if test is None:
            raise UsageError(f"there is no test {title!r} in {path}")
        result, lines = trace_test(Interpreter(made.program), test, RUNNERS)
        return result.to_json(), lines, dict(made.sources)


def _level(result: dict[str, object]) -> lsp.MessageType:
    return lsp.MessageType.Info if result["status"] == "passed" else lsp.MessageType.Error
