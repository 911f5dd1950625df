"""What is proved is shown as it is proved, and the editor's user is told what is being done."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types as lsp

from comity.base.diagnostics import Diagnostic
from comity.base.watching import doing, found, found_as, settled, watched, work_for
from comity.lsp import worker
from comity.lsp.projects import Findings, OpenProject, Projects
from comity.lsp.work_done import WorkDone
from comity.lsp.worker import Worker
from comity.workspace.project import display

TEXT = """\
use std.countries: *

record Export as of date:
    destination: Country
    date: Date

decision permit for Export:
    outcomes:
        ban
        free
        ask
    otherwise free

rule a for permit:
    when destination in {DE, FR}
    then ban

rule b for permit:
    when destination in {FR, IT}
    then ask

# comity: ignore[L201] to be settled by the ministries
rule c for permit:
    when destination in {IT, SE}
    then ban

rule d for permit:
    when destination == DE
    then ban

decision review for Export:
    outcomes:
        deny
        grant
    otherwise grant

rule e for review:
    when destination == NO
    then deny

rule f for review:
    when destination == NO
    then grant
"""


def bare(diagnostic: Diagnostic) -> Diagnostic:
    return replace(diagnostic, fix=None)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Findings], list[str | None], Any]:
    """What is published about a project, what its user is told, and what edits it and waits for the end."""
    monkeypatch.setattr(worker, "EVERY", -1.0)
    monkeypatch.setattr(worker, "LONG", -1.0)
    monkeypatch.setattr(worker, "SOON", 0.0)
    file = tmp_path / "m.comity"
    file.write_text(TEXT, encoding="utf-8")
    project = Projects().of(file)
    shown: list[Findings] = []
    told: list[str | None] = []
    ended = Event()

    def publish(_: OpenProject, each: Findings) -> None:
        shown.append(each)
        project.shown = each

    def tell(_: OpenProject, stage: str | None) -> None:
        told.append(stage)
        if stage is None:
            ended.set()

    work = Worker(publish, lambda _: None, tell)

    def edit(text: str) -> None:
        ended.clear()
        shown.clear()
        project.edit(display(file), text)
        work.edited(project, display(file))
        assert ended.wait(60)

    return shown, told, edit


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("{IT, SE}", "{IT, FI}")], ids=["opened", "edited"])
def test_what_is_proved_is_shown_by_and_by(published: tuple[list[Findings], list[str | None], Any], text: str) -> None:
    shown, told, edit = published
    edit(TEXT)
    if text != TEXT:
        edit(text)
    stages = [each.stage for each in shown]
    assert stages[0] == "types" and stages[-1] == "proofs" and stages[1:-1] == ["proving"] * (len(stages) - 2)
    (path,) = shown[-1].by_path
    final = [bare(each) for each in shown[-1].by_path[path]]
    assert {each.code for each in final} >= {"L201", "L204"}
    before: list[Diagnostic] = []
    for each in shown[1:-1]:
        now = [bare(one) for one in each.by_path[path]]
        assert now[: len(before)] == before, "what has been shown stays"
        assert all(one in final for one in now), "nothing is shown that is not so, in its place, and not suppressed"
        before = now
    if text == TEXT:
        assert before == sorted((one for one in final if one.code.startswith("L")), key=before.index), (
            "all proofs have been shown before the end"
        )
        assert len(stages) >= 4
    assert "permit: contradictions" in told or text != TEXT
    assert told[-1] is None


def test_watchers_are_nested() -> None:
    heard: list[object] = []
    doing("nobody hears it")
    told = watched(heard.append, heard.append, lambda known: heard.append(("settled", known())))
    with told, work_for("policies"), found_as(lambda each: [*each, *each], lambda each: [*each, "y"]):  # type: ignore[list-item]
        doing("reading")
        found([])
        found(["x"])  # type: ignore[list-item]
        settled(lambda: ["z"])  # type: ignore[list-item]
    assert heard == ["policies: reading", ["x", "x"], ("settled", ["z", "y"])]


class Bars:
    """An editor that is asked for progress bars, and agrees when `agree` is set."""

    def __init__(self) -> None:
        self.agree = asyncio.Event()
        self.tokens: dict[str, object] = {}
        self.said: list[tuple[str, str | None]] = []

    async def create_async(self, token: str) -> None:
        await self.agree.wait()
        self.tokens[token] = None

    def begin(self, token: str, value: lsp.WorkDoneProgressBegin) -> None:
        self.said.append((value.title, value.message))

    def report(self, token: str, value: lsp.WorkDoneProgressReport) -> None:
        self.said.append(("report", value.message))

    def end(self, token: str, value: lsp.WorkDoneProgressEnd) -> None:
        self.said.append(("end", None))


@pytest.mark.asyncio
@pytest.mark.parametrize("shows", [True, False])
async def test_an_editor_shows_a_bar_if_it_can(shows: bool) -> None:
    bars = Bars()
    window = lsp.WindowClientCapabilities(work_done_progress=shows)
    server: Any = SimpleNamespace(client_capabilities=lsp.ClientCapabilities(window=window), work_done_progress=bars)
    work = WorkDone(server)
    work.tell("policies", "a")
    work.tell("policies", None)  # over before the editor has agreed
    bars.agree.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not bars.said and not bars.tokens
    work.tell("policies", "b")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.tell("policies", "c")
    work.tell("policies", None)
    assert bars.said == ([("proving policies", "b"), ("report", "c"), ("end", None)] if shows else [])
    assert not bars.tokens


def test_two_projects_do_not_end_each_others_work_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes longer than the time for which work goes on that is not the last; both come to their end."""
    monkeypatch.setattr(worker, "GRACE", -1.0)
    projects: list[OpenProject] = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "m.comity"
        file.write_text(TEXT, encoding="utf-8")
        projects.append(Projects().of(file))
    proved: set[OpenProject] = set()
    ended = Event()

    def publish(project: OpenProject, each: Findings) -> None:
        if each.stage == "proofs":
            proved.add(project)
            if proved >= {projects[0], projects[2]}:
                ended.set()

    work = Worker(publish, lambda _: None, lambda _project, _stage: None)
    for project in projects:
        (file,) = project.project.files.values()
        project.edit(display(file), TEXT)
        work.edited(project, display(file))
    work.forget(projects[1])
    assert ended.wait(60), [each.project.root.name for each in proved]
