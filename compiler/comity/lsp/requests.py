"""What the server answers: each request is a few lines between the protocol and a function of `features`.

A request that fails is logged and answered with nothing; none ends the server. One that is refused (a rename that would
change meaning) is answered with the reason.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import wraps
from typing import Any, BinaryIO, Protocol, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from comity.base.diagnostics import DiagnosticsError, Edit
from comity.base.interruption import Interrupted, interruptible
from comity.base.source import SourceFile, Span
from comity.core.interpret import Interpreter
from comity.lsp.features import actions, calls, complete, hints, hover, lenses, outline, rename, tokens
from comity.lsp.features.layout import formatted
from comity.lsp.index import Declared, Use
from comity.lsp.places import Places, path_of, uri
from comity.lsp.server import ComityServer, View, server
from comity.tools.testing import trace_test
from comity.tools.testing_acts import RUNNERS
from comity.workspace.project import UsageError

log = logging.getLogger(__name__)
T = TypeVar("T")


class HasPosition(Protocol):
    """A request about a place in a document."""

    @property
    def text_document(self) -> lsp.TextDocumentIdentifier: ...

    @property
    def position(self) -> lsp.Position: ...


def answers(request: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T | None]]:
    """A request that is answered with nothing where it fails."""

    @wraps(request)
    async def answer(*arguments: Any) -> T | None:
        try:
            return await request(*arguments)
        except JsonRpcException:
            raise
        except (UsageError, DiagnosticsError, OSError) as error:
            log.info("%s: %s", request.__name__, error)
        except Exception:
            log.exception("%s", request.__name__)
        return None

    return answer


def notified(notification: Callable[..., None]) -> Callable[..., None]:
    """A notification that changes nothing where it fails. Unlike requests these run at once, in the order they come."""

    @wraps(notification)
    def take(*arguments: Any) -> None:
        try:
            notification(*arguments)
        except Exception:
            log.exception("%s", notification.__name__)

    return take


# ------------------------------------------------------------------------------------------- documents


@server.feature(lsp.INITIALIZE)
@notified
def initialize(ls: ComityServer, params: lsp.InitializeParams) -> None:
    """An editor that can be told of new findings asks for them; only to such a one is it offered to ask, since one
    that asks once would miss the proofs, and one that is both sent findings and asks for them shows each twice.
    """
    folders = [each.uri for each in params.workspace_folders or ()] or [params.root_uri or ""]
    ls.projects.folders = [file for each in folders if (file := path_of(each)) is not None]
    capabilities = params.capabilities
    refresh = capabilities.workspace and capabilities.workspace.diagnostics
    asks = capabilities.text_document and capabilities.text_document.diagnostic
    if asks and refresh and refresh.refresh_support:
        ls.pulls = True
        options = lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="comity")
        ls.feature(lsp.TEXT_DOCUMENT_DIAGNOSTIC, options)(diagnostics)


@server.feature(lsp.INITIALIZED)
@answers
async def initialized(ls: ComityServer, params: lsp.InitializedParams) -> None:
    """Ask to be told of files that change on disk: policies of other editors, tables, settings."""
    workspace = ls.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace is not None else None
    if watching is not None and watching.dynamic_registration:
        watched = [
            lsp.FileSystemWatcher(f"**/{each}") for each in ("*.comity", "*.csv", "comity.toml", "pyproject.toml")
        ]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watched)
        registration = lsp.Registration("comity-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(lsp.RegistrationParams([registration]))


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
@notified
def did_open(ls: ComityServer, params: lsp.DidOpenTextDocumentParams) -> None:
    ls.take(params.text_document.uri, params.text_document.text)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
@notified
def did_change(ls: ComityServer, params: lsp.DidChangeTextDocumentParams) -> None:
    ls.take(params.text_document.uri, ls.workspace.get_text_document(params.text_document.uri).source)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
@notified
def did_close(ls: ComityServer, params: lsp.DidCloseTextDocumentParams) -> None:
    ls.take(params.text_document.uri, None)


@server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
@notified
def did_change_files(ls: ComityServer, params: lsp.DidChangeWatchedFilesParams) -> None:
    ls.reopen()


@server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
@notified
def did_change_folders(ls: ComityServer, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    gone = {path_of(each.uri) for each in params.event.removed}
    more = [file for each in params.event.added if (file := path_of(each.uri)) is not None]
    ls.projects.folders = [each for each in ls.projects.folders if each not in gone] + more


@answers
async def diagnostics(
    ls: ComityServer, params: lsp.DocumentDiagnosticParams
) -> lsp.RelatedFullDocumentDiagnosticReport | lsp.RelatedUnchangedDocumentDiagnosticReport:
    """The findings about the present text, for editors that ask; when more is proved they are told to ask again."""
    found = await ls.findings(params.text_document.uri)
    result = f"{found.number}:{found.stage}"
    if result == params.previous_result_id:
        return lsp.RelatedUnchangedDocumentDiagnosticReport(result)
    _, path = ls.project_of(params.text_document.uri)
    items = [ls.diagnostic(each, ls.places, found.sources) for each in found.by_path.get(path, ())]
    return lsp.RelatedFullDocumentDiagnosticReport(items, result_id=result)


# ------------------------------------------------------------------------------------------- names


async def _name_at(ls: ComityServer, params: HasPosition) -> tuple[View, Use | None]:
    """The name at a place, and what the request sees."""
    view = await ls.view(params.text_document.uri)
    return view, view.index.at(view.path, view.offset(params.position))


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
@answers
async def on_hover(ls: ComityServer, params: lsp.HoverParams) -> lsp.Hover | None:
    view = await ls.view(params.text_document.uri)
    found = hover.hover(view.snapshot, view.project.read, view.path, view.offset(params.position))
    if found is None:
        return None
    text, span = found
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), view.places.range(span, view.sources))


@server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
@answers
async def definition(ls: ComityServer, params: lsp.DefinitionParams) -> lsp.Location | None:
    view, use = await _name_at(ls, params)
    return None if use is None else view.places.location(view.index.declared[use.qname].name, view.sources)


@server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
@answers
async def references(ls: ComityServer, params: lsp.ReferenceParams) -> list[lsp.Location]:
    view, use = await _name_at(ls, params)
    if use is None:
        return []
    spans = view.index.uses(use.qname)
    if params.context.include_declaration:
        spans = [view.index.declared[use.qname].name, *spans]
    return [view.places.location(span, view.sources) for span in spans]


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
@answers
async def highlight(ls: ComityServer, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
    view, use = await _name_at(ls, params)
    if use is None:
        return []
    name = view.index.declared[use.qname].name
    found = [(span, lsp.DocumentHighlightKind.Read) for span in view.index.uses(use.qname) if span.path == view.path]
    if name.path == view.path:
        found.append((name, lsp.DocumentHighlightKind.Write))
    return [lsp.DocumentHighlight(view.places.range(span, view.sources), kind) for span, kind in found]


@server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
async def prepare_rename(ls: ComityServer, params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
    try:
        view = await ls.view(params.text_document.uri, present=True)
        found, span = rename.renamable(view.index, view.path, view.offset(params.position))
    except (rename.Refused, UsageError, OSError) as refusal:
        raise JsonRpcException(str(refusal)) from refusal
    return lsp.PrepareRenamePlaceholder(view.places.range(span, view.sources), found.short)


@server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
async def on_rename(ls: ComityServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit:
    try:
        view = await ls.view(params.text_document.uri, present=True)
        project, version = view.project, view.project.version
        work = (view.made, view.index, project.selection, project.read, view.path, view.offset(params.position))
        edits = await asyncio.to_thread(rename.rename, *work, params.new_name)
        if project.version != version:
            raise UsageError("the text has changed meanwhile; try again")
    except (rename.Refused, UsageError, OSError) as refusal:
        raise JsonRpcException(str(refusal)) from refusal
    return view.edits(edits)


@server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", " "]))
@answers
async def completion(ls: ComityServer, params: lsp.CompletionParams) -> lsp.CompletionList:
    view = await ls.view(params.text_document.uri)
    offset = view.places.offset(params.position, view.source.text)
    found = complete.complete(view.snapshot, view.project.read, view.source.text, offset)
    return lsp.CompletionList(is_incomplete=len(found) == complete.MOST, items=found)


@server.feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", "[", ","]))
@answers
async def signature_help(ls: ComityServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    view = await ls.view(params.text_document.uri)
    offset = view.places.offset(params.position, view.source.text)
    found = hover.signature(view.made, view.source.text, offset)
    if found is None:
        return None
    label, parameters, active = found
    listed = [lsp.ParameterInformation(each) for each in parameters]
    return lsp.SignatureHelp([lsp.SignatureInformation(label, parameters=listed)], 0, active)


# ------------------------------------------------------------------------------------------- shape


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
@answers
async def document_symbols(ls: ComityServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    view = await ls.view(params.text_document.uri)
    return outline.document_symbols(view.index, view.path, view.places)


@server.feature(lsp.WORKSPACE_SYMBOL)
@answers
async def workspace_symbols(ls: ComityServer, params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
    made = [project.snapshot for project in ls.projects if project.snapshot is not None]
    return [each for one in made for each in outline.workspace_symbols(one.index, params.query, ls.places)]


@server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
@answers
async def folding(ls: ComityServer, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    project, path = ls.project_of(params.text_document.uri)
    source, module, _ = project.parsed(path)
    return list(outline.folding(module, source, ls.places))


@server.feature(lsp.TEXT_DOCUMENT_SELECTION_RANGE)
@answers
async def selection(ls: ComityServer, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange]:
    project, path = ls.project_of(params.text_document.uri)
    source, module, _ = project.parsed(path)
    offsets = [ls.places.offset(position, source.text) for position in params.positions]
    return [outline.selection(module, source, offset, ls.places) for offset in offsets]


@server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, tokens.LEGEND)
@answers
async def semantic_tokens(ls: ComityServer, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    view = await ls.view(params.text_document.uri)
    return tokens.semantic_tokens(view.index, view.path, view.places)


@server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
@answers
async def inlay_hints(ls: ComityServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    view = await ls.view(params.text_document.uri)
    explained = ls.explained.get(params.text_document.uri, [])
    found = hints.inlay_hints(view.snapshot, view.project.read, view.path, view.places) + explained
    return [hint for hint in found if params.range.start <= hint.position <= params.range.end]


@server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
@answers
async def formatting(ls: ComityServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    project, path = ls.project_of(params.text_document.uri)
    return formatted(*project.parsed(path), ls.places, None)


@server.feature(lsp.TEXT_DOCUMENT_RANGE_FORMATTING)
@answers
async def range_formatting(ls: ComityServer, params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit]:
    project, path = ls.project_of(params.text_document.uri)
    return formatted(*project.parsed(path), ls.places, params.range)


# ------------------------------------------------------------------------------------------- readers


def _item(view: View, found: Declared) -> lsp.CallHierarchyItem:
    return lsp.CallHierarchyItem(
        name=found.short,
        kind=outline.KINDS[found.kind],
        uri=uri(found.name.path),
        range=view.places.range(found.whole, view.sources),
        selection_range=view.places.range(found.name, view.sources),
        detail=found.qname,
    )


@server.feature(lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
@answers
async def prepare_calls(ls: ComityServer, params: lsp.CallHierarchyPrepareParams) -> list[lsp.CallHierarchyItem]:
    view, use = await _name_at(ls, params)
    return [] if use is None else [_item(view, view.index.declared[use.qname])]


async def _called(
    ls: ComityServer,
    item: lsp.CallHierarchyItem,
    find: Callable[..., Iterator[tuple[Declared, list[Span]]]],
) -> list[tuple[lsp.CallHierarchyItem, list[lsp.Range]]]:
    view = await ls.view(item.uri)
    about = view.index.declared.get(item.detail or "")
    if about is None:
        return []
    return [
        (_item(view, each), [view.places.range(span, view.sources) for span in spans])
        for each, spans in find(view.index, about)
    ]


@server.feature(lsp.CALL_HIERARCHY_INCOMING_CALLS)
@answers
async def incoming(
    ls: ComityServer, params: lsp.CallHierarchyIncomingCallsParams
) -> list[lsp.CallHierarchyIncomingCall]:
    found = await _called(ls, params.item, calls.readers)
    return [lsp.CallHierarchyIncomingCall(item, ranges) for item, ranges in found]


@server.feature(lsp.CALL_HIERARCHY_OUTGOING_CALLS)
@answers
async def outgoing(
    ls: ComityServer, params: lsp.CallHierarchyOutgoingCallsParams
) -> list[lsp.CallHierarchyOutgoingCall]:
    found = await _called(ls, params.item, calls.read_by)
    return [lsp.CallHierarchyOutgoingCall(item, ranges) for item, ranges in found]


# ------------------------------------------------------------------------------------------- actions


@server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
@answers
async def code_actions(ls: ComityServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    view = await ls.view(params.text_document.uri, present=True)
    known, places, sources = view.project.shown, view.places, view.sources
    if known is None or known.version != view.project.version:
        return []
    here = [
        each for each in known.by_path.get(view.path, ()) if _overlap(places.range(each.span, sources), params.range)
    ]
    result = []
    for action in actions.actions(here, view.index, sources):
        by_path: dict[str, list[Edit]] = {}
        for edit in action.edits:
            by_path.setdefault(edit.span.path, []).append(edit)
        result.append(
            lsp.CodeAction(
                title=action.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[ls.diagnostic(action.diagnostic, places, sources)],
                is_preferred=action.preferred,
                edit=view.edits(by_path),
            )
        )
    return result


def _overlap(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


@server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=True))
@answers
async def code_lenses(ls: ComityServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    where = params.text_document.uri
    view = await ls.view(where)
    known = view.project.shown
    is_current = known is not None and known.version == view.project.version
    found = known.by_path.get(view.path, ()) if known is not None and is_current else ()
    sources = {**view.sources, **(known.sources if known is not None else {})}
    return [
        lsp.CodeLens(
            view.places.range(each.span, sources),
            command=lsp.Command(each.title, each.command, arguments=[where, each.about]) if each.title else None,
            data={"uri": where, "rule": each.about},
        )
        for each in lenses.lenses(view.made, found, view.path)
    ]


@server.feature(lsp.CODE_LENS_RESOLVE)
@answers
async def resolve_lens(ls: ComityServer, params: lsp.CodeLens) -> lsp.CodeLens:
    data = params.data if isinstance(params.data, dict) else {}
    params.command = lsp.Command("rule", "")
    view = await ls.view(str(data.get("uri", "")))
    project, version = view.project, view.project.version

    def count() -> str | None:
        try:
            with interruptible(lambda: project.version != version):
                return lenses.decided(view.snapshot, str(data.get("rule", "")))
        except Interrupted:
            return None  # the editor asks again about the text that has come

    title = await asyncio.to_thread(count)
    params.command = lsp.Command(title or "rule", "")
    return params


@server.command("comity.showCase")
@answers
async def show_case(ls: ComityServer, *arguments: str) -> dict[str, object]:
    """Show the case in which two rules contradict each other: the message and, if there is one, the witness."""
    if len(arguments) != 2:
        raise UsageError("a contradiction is named by the URI of its file and its message")
    where, message = arguments
    found = await ls.findings(where)
    _, path = ls.project_of(where)
    for each in found.by_path.get(path, ()):
        if each.code == "L201" and each.message == message:
            text = ls.diagnostic(each, ls.places, found.sources).message
            ls.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, text))
            return {"message": each.message, "witness": each.witness, "test": each.test}
    raise UsageError("there is no such contradiction any more")


@server.command("comity.runTest")
@answers
async def run_test(ls: ComityServer, *arguments: str) -> dict[str, object]:
    """Run a test; the result, which is also shown."""
    result, _, _ = await _traced(ls, arguments)
    ls.window_show_message(lsp.ShowMessageParams(_level(result), f"{result['name']}: {result['status']}"))
    return result


@server.command("comity.explainTest")
@answers
async def explain_test(ls: ComityServer, *arguments: str) -> dict[str, object]:
    """Run a test, and show beside each line of a condition what it was: true, false or unknown."""
    result, lines, sources = await _traced(ls, arguments)
    places, values_of_lines = ls.places, []
    hints_by_uri: dict[str, list[lsp.InlayHint]] = {}
    for span, values in sorted(lines.items(), key=lambda each: (each[0].path, each[0].start)):
        text = " and ".join(sorted({True: "true", False: "false", None: "unknown"}[value] for value in values))
        values_of_lines.append({"uri": uri(span.path), "line": span.line, "value": text})
        end = _line_end(places.range(span, sources).start.line, places, sources.get(span.path))
        hints_by_uri.setdefault(uri(span.path), []).append(lsp.InlayHint(end, f"  ⟵ {text}", padding_left=True))
    ls.explained = hints_by_uri
    workspace = ls.client_capabilities.workspace
    if workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
        ls.workspace_inlay_hint_refresh(None)
    return {**result, "lines": values_of_lines}


def _line_end(line: int, places: Places, source: SourceFile | None) -> lsp.Position:
    if source is None:
        return lsp.Position(line, 0)
    return places.position(places.offset(lsp.Position(line, 2**31 - 1), source.text), source.text)


async def _traced(
    ls: ComityServer, arguments: Sequence[str]
) -> tuple[dict[str, object], dict[Span, set[bool | None]], dict[str, SourceFile]]:
    """The test that a command names by its file's URI and its title, run."""
    if len(arguments) != 2:
        raise UsageError("a test is named by the URI of its file and its title")
    where, title = arguments
    view = await ls.view(where, present=True)
    made = view.made
    if made.errors:
        raise DiagnosticsError(made.errors, made.sources)
    test = next((t for t in made.program.tests if t.span.path == view.path and t.title == title), None)
    if test is None:
        raise UsageError(f"there is no test {title!r} in {view.path}")
    result, lines = await asyncio.to_thread(trace_test, Interpreter(made.program), test, RUNNERS)
    return result.to_json(), lines, view.sources


def _level(result: dict[str, object]) -> lsp.MessageType:
    return lsp.MessageType.Info if result["status"] == "passed" else lsp.MessageType.Error


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether a record of the log is about a fault of the server.

    A request that is refused (a rename that would change meaning) is answered with the reason; pygls logs it as an
    error all the same.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Serve one editor until it goes."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_fault)
    # Proofs run in a thread of their own; requests are to get their turn in less than Python's usual 5 ms.
    sys.setswitchinterval(0.001)
    server.start_io(requests, replies)
