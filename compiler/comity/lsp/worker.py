"""The thread that makes programs and findings, so that the thread that speaks the protocol never waits for them.

An edit ends work that it makes useless: the passes ask now and then whether they are still wanted (`interruption`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from comity.base.diagnostics import Diagnostic
from comity.base.interruption import Interrupted, check_interrupted, interruptible
from comity.base.watching import Known, watched
from comity.lsp.projects import Findings, OpenProject

log = logging.getLogger(__name__)

GRACE = 0.1
"""Seconds for which work goes on although its text is no longer the last: an ordinary edit takes less, and what it
finds is kept for the next. Anything longer is given up."""

SOON = 0.2
"""Seconds within which proofs are worth waiting for: until then the findings about the text before stay on the screen
rather than go and come back."""

EVERY = 0.5
"""Seconds between two publications of what has been proved so far."""

LONG = 1.0
"""Seconds after which the editor's user is told what is being done."""

PAUSE = 0.2
"""Seconds without an edit after which a program is made for requests where findings did not need one."""


class Worker:
    """``publish``: called with each stage of findings. ``progressed``: called when a project has a new snapshot.
    ``told``: called with what is being done where it takes long, and with None when that is over.
    """

    def __init__(
        self,
        publish: Callable[[OpenProject, Findings], None],
        progressed: Callable[[OpenProject], None],
        told: Callable[[OpenProject, str | None], None],
    ) -> None:
        self.publish = publish
        self.progressed = progressed
        self.told = told
        self._waiting: dict[OpenProject, str | None] = {}
        """Projects that were edited, with the file edited last. The last project comes first."""
        self._put_off: dict[OpenProject, str | None] = {}
        """Projects that were being worked on when another one was edited. They end no work on others, or two would
        end each other's for ever.
        """
        self._forgotten: set[OpenProject] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def edited(self, project: OpenProject, path: str | None) -> None:
        """Ask for the findings about a project; whatever is being worked out for its older texts is given up."""
        with self._changed:
            self._waiting.pop(project, None)
            self._put_off.pop(project, None)
            self._forgotten.discard(project)
            self._waiting[project] = path
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="findings", daemon=True)
            self._thread.start()

    def forget(self, project: OpenProject) -> None:
        """Nobody asks about a project any more."""
        with self._changed:
            self._waiting.pop(project, None)
            self._put_off.pop(project, None)
            self._forgotten.add(project)
        project.version += 1

    def is_to_leave(self, project: OpenProject) -> bool:
        """Work on a project is to end: it, or another one, has been edited, or nobody asks about it any more."""
        return bool(self._waiting) or project in self._forgotten

    def pause(self) -> None:
        """Wait a moment, or until there is something else to work on."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(PAUSE)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._put_off:
                    self._changed.wait()
                project, path = (self._waiting or self._put_off).popitem()
            try:
                _Work(self, project).run(path)
            except Interrupted:
                with self._changed:  # by an edit of this project, which waits already, or of another
                    if project not in self._waiting and project not in self._forgotten:
                        self._put_off[project] = path
            except Exception:
                log.exception("the findings of %s", project.project.root)
            finally:
                self._forgotten.discard(project)
                self.told(project, None)


class _Work:
    """The findings about a project as it is when this is made. An edit ends it."""

    def __init__(self, worker: Worker, project: OpenProject) -> None:
        self.worker, self.project, self.version = worker, project, project.version
        self.began = self.published = self.told = time.monotonic()
        self.held: Findings | None = None
        """What is not published yet, as more is soon to come."""
        self.proved: list[Diagnostic] = []
        self.known: Known = lambda: self.proved
        """What is known now, what was found before included."""
        self.shown: list[Diagnostic] = []
        """What of this was published last."""
        self.is_settled = False
        """What the author has edited is judged."""
        self.done = False

    def run(self, path: str | None) -> None:
        project = self.project
        with interruptible(self._is_unwanted), watched(self._doing, self._found, self._settled):
            snapshot = project.snapshot
            for found in project.findings(path):
                if project.snapshot is not snapshot:
                    snapshot = project.snapshot
                    self.worker.progressed(project)
                errors_shown = project.shown is None or project.shown.has_errors
                if found.stage == "proofs":
                    project.proofs_took = time.monotonic() - self.began
                if found.stage == "types" and not found.has_errors and not errors_shown and project.proofs_took < SOON:
                    self.held = found
                else:
                    self.held = None
                    self.worker.publish(project, found)
                if project.version != self.version:
                    return  # an edit has come, and waits
                if found.stage == "proofs" and not project.is_current:
                    # What is left is a program for requests, which the next key stroke would make useless.
                    self.done = True
                    self.worker.pause()
                check_interrupted()
        if project.snapshot is not snapshot:
            self.worker.progressed(project)

    def _is_unwanted(self) -> bool:
        worked = time.monotonic() - self.began
        if self.held is not None and worked > SOON:
            held, self.held = self.held, None
            if self.is_settled:
                self._publish(time.monotonic())
            else:
                self.worker.publish(self.project, held)
        return (self.done or worked > GRACE) and self.worker.is_to_leave(self.project)

    def _doing(self, stage: str) -> None:
        now = time.monotonic()
        if now - self.began > LONG and now - self.told > EVERY:
            self.told = now
            self.worker.told(self.project, stage)
        self._publish_proved()

    def _found(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.proved.extend(diagnostics)
        self._publish_proved()

    def _settled(self, known: Known) -> None:
        """What the author has edited is judged: that is shown at once, whatever else is still to be asked."""
        self.known, self.is_settled = known, True
        if self.held is None:
            self._publish(time.monotonic())

    def _publish_proved(self) -> None:
        now = time.monotonic()
        if now - self.published > EVERY and self.held is None:
            self._publish(now, again=False)

    def _publish(self, now: float, again: bool = True) -> None:
        """Publish what is known; what was published last only if it is to be said ``again``."""
        if self.project.version == self.version:
            known, self.published = list(self.known()), now
            if again or known != self.shown:
                self.shown = known
                self.worker.publish(self.project, self.project.known(self.version, "proving", known))
