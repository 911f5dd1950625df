"""The language server, spoken to as an editor does: findings, names, edits, and clients that misbehave."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.lsp.conftest import Editor

pytestmark = pytest.mark.asyncio

FILE = "licensing.comity"
ALLIES = """
rule allies for licensing:
    "Nothing to these allies needs a license"
    cite "15 CFR 740.1"
    when destination in {CA, DE}
    then no_license_required
"""

OPEN = {"L201", "L200"}
"""What is found with `ALLIES`: the contradiction, and the claim that it leaves open."""


def contradiction(editor: Editor) -> lsp.Diagnostic:
    return next(each for each in editor.client.diagnostics[editor.uri(FILE)] if each.code == "L201")


def applied(text: str, edits: list[lsp.TextEdit]) -> str:
    """A text with edits made (all ASCII here)."""
    lines = text.split("\n")

    def offset(place: lsp.Position) -> int:
        return sum(len(line) + 1 for line in lines[: place.line]) + place.character

    for edit in sorted(edits, key=lambda each: (each.range.start.line, each.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


# ------------------------------------------------------------------------------------------- findings


async def test_findings_follow_the_text(editor: Editor) -> None:
    text = editor.open(FILE)
    assert await editor.codes(FILE, set()) == set()
    editor.change(FILE, text + ALLIES)
    assert await editor.codes(FILE, OPEN) == OPEN
    found = contradiction(editor)
    assert "witness: eccn = EAR99" in found.message and "notwithstanding entity_list" in found.message
    assert found.related_information and found.related_information[0].message == "the other rule"
    editor.change(FILE, text, 3)
    assert await editor.codes(FILE, set()) == set()


async def test_syntax_first_and_alone(editor: Editor) -> None:
    text = editor.open(FILE)
    editor.change(FILE, text + ALLIES.replace("when destination", "when destination ="))
    assert await editor.codes(FILE, {"E001"}) == {"E001"}


async def test_an_editor_that_asks_gets_types_then_proofs(pulling_client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(pulling_client, tmp_path / "policies")
    document = lsp.TextDocumentIdentifier(editor.uri(FILE))

    async def ask(previous: str | None = None) -> tuple[set[str], str | None]:
        report = await editor.client.text_document_diagnostic_async(
            lsp.DocumentDiagnosticParams(document, previous_result_id=previous)
        )
        if isinstance(report, lsp.RelatedUnchangedDocumentDiagnosticReport):
            return {"unchanged"}, report.result_id
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        return {str(each.code) for each in report.items}, report.result_id

    text = editor.open(FILE)
    editor.change(FILE, text.replace("destination == RU", "destination == km"))
    codes, result = await ask()
    assert codes == {"E104"}
    editor.change(FILE, text + ALLIES, 3)
    for _ in range(200):
        codes, result = await ask()
        if codes == OPEN:
            break
        await asyncio.sleep(0.05)
    assert codes == OPEN
    for _ in range(200):  # a slow server has more to prove, of which it finds the same
        codes, answered = await ask(result)
        if codes == {"unchanged"}:
            break
        assert codes == OPEN
        result = answered
        await asyncio.sleep(0.05)
    assert (codes, answered) == ({"unchanged"}, result)
    assert not editor.client.diagnostics.get(editor.uri(FILE)), "nothing is sent to an editor that asks"


async def test_a_contradiction_is_mended_by_its_action(editor: Editor) -> None:
    text = editor.open(FILE) + ALLIES
    editor.change(FILE, text)
    await editor.codes(FILE, OPEN)
    found = contradiction(editor)
    offered = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(editor.uri(FILE)), found.range, lsp.CodeActionContext(diagnostics=[found])
        )
    )
    actions = {each.title: each for each in offered or () if isinstance(each, lsp.CodeAction)}
    assert set(actions) == {
        "add the case as a test", "`allies` prevails", "`entity_list` prevails", "keep it, with a reason (L201)",
    }  # fmt: skip

    def after(title: str) -> str:
        edit = actions[title].edit
        assert edit is not None and edit.changes is not None
        return applied(text, list(edit.changes[editor.uri(FILE)]))

    mended = after("`entity_list` prevails")
    assert "    notwithstanding allies\n    when listed\n" in mended
    editor.change(FILE, mended, 3)
    assert "L201" not in await editor.codes(FILE, set())
    assert "expect contradiction" in after("add the case as a test")
    assert "# comity: ignore[L201] TODO: why it may stay\nrule allies" in after("keep it, with a reason (L201)")


# ------------------------------------------------------------------------------------------- names


async def test_hover_tells_what_a_name_means(editor: Editor) -> None:
    text = editor.open(FILE)

    async def hover(word: str, number: int = 1) -> str:
        found = await editor.client.text_document_hover_async(lsp.HoverParams(**editor.at(FILE, text, word, number)))
        assert found is not None and isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    assert "Russian Federation" in await hover("RU", 3)
    assert "listed: Bool?" in await hover("listed", 2)
    russia = await hover("russia", 2)
    assert "rule russia for licensing" in russia and "15 CFR 746.8(a)(1)" in russia and "2026-07-01" in russia


async def test_definition_references_and_highlights(editor: Editor) -> None:
    text = editor.open(FILE)
    place = editor.at(FILE, text, "listed", 4)
    found = await editor.client.text_document_definition_async(lsp.DefinitionParams(**place))
    assert isinstance(found, lsp.Location)
    assert text.split("\n")[found.range.start.line].strip().startswith("listed: Bool?")
    uses = await editor.client.text_document_references_async(
        lsp.ReferenceParams(context=lsp.ReferenceContext(True), **place)
    )
    lines = [text.split("\n")[each.range.start.line].strip() for each in uses or ()]
    assert lines == [
        'listed: Bool? "Is a party to it on the Entity List?"', "when listed", "listed = false", "listed = unknown",
        "expect undetermined needing listed", "given listed",
    ]  # fmt: skip
    marks = await editor.client.text_document_document_highlight_async(lsp.DocumentHighlightParams(**place))
    assert len(marks or ()) == len(lines)
    library = await editor.client.text_document_definition_async(
        lsp.DefinitionParams(**editor.at(FILE, text, "Country"))
    )
    assert isinstance(library, lsp.Location) and library.uri.endswith("stdlib/countries.comity")


async def test_rename_everywhere_or_not_at_all(editor: Editor) -> None:
    text = editor.open(FILE)
    place = editor.at(FILE, text, "listed", 4)

    async def rename(name: str) -> str:
        edit = await editor.client.text_document_rename_async(lsp.RenameParams(new_name=name, **place))
        assert edit is not None and edit.changes is not None
        return applied(text, list(edit.changes[editor.uri(FILE)]))

    renamed = await rename("on_entity_list")
    assert renamed.count("on_entity_list") == 6 and "when on_entity_list\n" in renamed
    editor.change(FILE, renamed)
    assert await editor.codes(FILE, set()) == set()
    editor.change(FILE, text, 3)
    for name, why in {
        "when": "a reserved word",
        "not a name": "is not a name",
        "value": "two fields",
        "RU": "shadow|member|then",
    }.items():
        with pytest.raises(JsonRpcException, match=why):
            await rename(name)
    with pytest.raises(JsonRpcException, match="standard library"):
        await editor.client.text_document_rename_async(
            lsp.RenameParams(new_name="Land", **editor.at(FILE, text, "Country"))
        )


@pytest.mark.parametrize(
    ("line", "wanted", "unwanted"),
    [
        ("    when destination == ", {"RU", "DE"}, {"listed"}),
        ("    when eccn.", {"category", "paragraph"}, {"RU"}),
        ("    when lis", {"listed"}, {"destination"}),
        ("    then ", {"license_required", "no_license_required"}, {"listed"}),
        ("    exception to ", {"russia", "entity_list"}, {"listed"}),
        ("    # when des", set(), {"destination"}),
    ],
)
async def test_completion(editor: Editor, line: str, wanted: set[str], unwanted: set[str]) -> None:
    text = editor.open(FILE) + f"\nrule new for licensing:\n{line}"
    editor.change(FILE, text)
    rows = text.split("\n")
    found = await editor.client.text_document_completion_async(
        lsp.CompletionParams(lsp.TextDocumentIdentifier(editor.uri(FILE)), lsp.Position(len(rows) - 1, len(rows[-1])))
    )
    items = found.items if isinstance(found, lsp.CompletionList) else found or []
    labels = {each.label for each in items}
    assert wanted <= labels and not unwanted & labels
    if "RU" in wanted:
        assert next(each for each in items if each.label == "RU").detail == "Russian Federation"


# ------------------------------------------------------------------------------------------- shape


async def test_symbols_folding_and_selection(editor: Editor) -> None:
    text = editor.open(FILE)
    document = lsp.TextDocumentIdentifier(editor.uri(FILE))
    symbols = await editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    names = [each.name for each in symbols or ()]
    assert names == ["Export", "licensing", "russia", "entity_list", "listed_never_free"]
    record = (symbols or [])[0]
    assert isinstance(record, lsp.DocumentSymbol) and (record.children or [])[0].name == "eccn"
    found = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("rusia"))
    assert "russia" in [each.name for each in found or ()]
    folds = await editor.client.text_document_folding_range_async(lsp.FoldingRangeParams(document))
    lines = text.split("\n")
    assert {lines[each.start_line].partition(" ")[0] for each in folds or ()} >= {"record", "decision", "rule", "test"}
    place = editor.at(FILE, text, "RU", 3)["position"]
    (selected,) = await editor.client.text_document_selection_range_async(
        lsp.SelectionRangeParams(document, [place])  # type: ignore[list-item]
    ) or ()  # fmt: skip
    assert selected.parent is not None and selected.range.start.line == selected.parent.range.start.line


async def test_formatting_touches_only_what_changes(editor: Editor) -> None:
    text = editor.open(FILE)
    untidy = text.replace("destination == RU", "destination   ==  RU").replace("value = 5_000 USD", "value=5_000 USD")
    editor.change(FILE, untidy)
    document = lsp.TextDocumentIdentifier(editor.uri(FILE))
    options = lsp.FormattingOptions(4, True)
    edits = await editor.client.text_document_formatting_async(lsp.DocumentFormattingParams(document, options))
    assert len(edits or ()) == 2 and applied(untidy, list(edits or ())) == text
    line = untidy[: untidy.index("destination   ==")].count("\n")
    where = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 4))
    some = await editor.client.text_document_range_formatting_async(
        lsp.DocumentRangeFormattingParams(document, where, options)
    )
    assert applied(untidy, list(some or ())) == untidy.replace("destination   ==  RU", "destination == RU")


async def test_tokens_hints_and_callers(editor: Editor) -> None:
    text = editor.open(FILE)
    document = lsp.TextDocumentIdentifier(editor.uri(FILE))
    tokens = await editor.client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document))
    assert tokens is not None and len(tokens.data) % 5 == 0 and len(tokens.data) > 100
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(200, 0))
    hints = await editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(document, whole))
    assert " Russian Federation" in [each.label for each in hints or ()]
    items = await editor.client.text_document_prepare_call_hierarchy_async(
        lsp.CallHierarchyPrepareParams(**editor.at(FILE, text, "licensing", 2))
    )
    (item,) = items or ()
    readers = await editor.client.call_hierarchy_incoming_calls_async(lsp.CallHierarchyIncomingCallsParams(item))
    assert {each.from_.name for each in readers or ()} == {"russia", "entity_list", "listed_never_free"}


async def test_lenses_and_an_explained_test(editor: Editor) -> None:
    text = editor.open(FILE)
    document = lsp.TextDocumentIdentifier(editor.uri(FILE))
    lenses = list(await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document)) or ())
    assert sum(each.command is not None and each.command.title == "run test" for each in lenses) == 5
    (rule, _) = (each for each in lenses if each.command is None)
    resolved = await editor.client.code_lens_resolve_async(rule)
    assert resolved.command is not None and resolved.command.title.startswith("decides ")
    title = "a chip to Belarus, a few days later"
    answer: Any = await editor.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams("comity.explainTest", [editor.uri(FILE), title])
    )
    rows = text.split("\n")
    lines = {rows[each["line"] - 1].strip(): each["value"] for each in answer["lines"]}
    assert answer["status"] == "passed"
    assert lines["destination == RU"] == "false" and lines["destination == BY from 2022-03-02"] == "true"


# ------------------------------------------------------------------------------------------- misuse


async def test_nothing_ends_the_server(editor: Editor, tmp_path: Path) -> None:
    text = editor.open(FILE)
    outside = tmp_path / "elsewhere.comity"
    outside.write_text("enum A:\n    b\n", encoding="utf-8")
    for uri in ("untitled:Untitled-1", outside.as_uri(), (tmp_path / "not there.comity").as_uri(), "nonsense"):
        editor.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "comity", 1, "(("))
        )
        await editor.client.text_document_hover_async(
            lsp.HoverParams(lsp.TextDocumentIdentifier(uri), lsp.Position(7, 7))
        )
    await editor.client.text_document_hover_async(
        lsp.HoverParams(lsp.TextDocumentIdentifier(editor.uri(FILE)), lsp.Position(10**6, 10**6))
    )
    editor.change(FILE, text + "#\n" * 10_000)
    editor.change(FILE, text + ALLIES + "# \U0001f9ea ÄÖ\n", 3)
    assert await editor.codes(FILE, OPEN) == OPEN
    answer = await editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams("comity.runTest", []))
    assert answer is None
    assert outside.read_text(encoding="utf-8") == "enum A:\n    b\n" and (editor.folder / FILE).read_text() == text
