"""The thread that makes programs and findings, so that the thread that speaks the protocol never waits for them.

An edit ends work that it makes useless: the passes ask now and then whether they are still wanted (`interruption`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from comity.base.interruption import Interrupted, check_interrupted, interruptible
from comity.lsp.projects import Findings, OpenProject

log = logging.getLogger(__name__)

GRACE = 0.1
"""Seconds for which work goes on although its text is no longer the last: an ordinary edit takes less, and what it
finds is kept for the next. Anything longer is given up."""

SOON = 0.2
"""Seconds within which proofs are worth waiting for: until then the findings about the text before stay on the screen
rather than go and come back."""

PAUSE = 0.2
"""Seconds without an edit after which a program is made for requests where findings did not need one."""


class Worker:
    """``publish``: called with each stage of findings. ``progressed``: called when a project has a new snapshot."""

    def __init__(
        self, publish: Callable[[OpenProject, Findings], None], progressed: Callable[[OpenProject], None]
    ) -> None:
        self._publish = publish
        self._progressed = progressed
        self._waiting: dict[OpenProject, str | None] = {}
        """Projects to work on, with the file edited last. The last project comes first."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def edited(self, project: OpenProject, path: str | None) -> None:
        """Ask for the findings about a project; whatever is being worked out for its older texts is given up."""
        with self._changed:
            self._waiting.pop(project, None)
            self._waiting[project] = path
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="findings", daemon=True)
            self._thread.start()

    def forget(self, project: OpenProject) -> None:
        """Nobody asks about a project any more."""
        with self._changed:
            self._waiting.pop(project, None)
        project.version += 1  # so that work on it is given up

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                project, path = self._waiting.popitem()
            try:
                self._work(project, path)
            except Interrupted:
                with self._changed:  # by an edit of this project, which waits already, or of another
                    if project not in self._waiting:
                        self._waiting = {project: path, **self._waiting}
            except Exception:
                log.exception("the findings of %s", project.project.root)

    def _work(self, project: OpenProject, path: str | None) -> None:
        version, began = project.version, time.monotonic()
        held: Findings | None = None
        done = False

        def publish_held() -> None:
            nonlocal held
            if held is not None:
                self._publish(project, held)
                held = None

        def unwanted() -> bool:
            worked = time.monotonic() - began
            if held is not None and worked > SOON:
                publish_held()
            return (done or worked > GRACE) and bool(self._waiting)

        with interruptible(unwanted):
            snapshot = project.snapshot
            for found in project.findings(path):
                if project.snapshot is not snapshot:
                    snapshot = project.snapshot
                    self._progressed(project)
                errors_shown = project.shown is None or project.shown.has_errors
                if found.stage == "proofs":
                    project.proofs_took = time.monotonic() - began
                if found.stage == "types" and not found.has_errors and not errors_shown and project.proofs_took < SOON:
                    held = found
                else:
                    held = None
                    self._publish(project, found)
                if project.version != version:
                    return  # an edit has come, and waits
                if found.stage == "proofs" and not project.is_current:
                    # What is left is a program for requests, which the next key stroke would make useless.
                    done = True
                    with self._changed:
                        if not self._waiting:
                            self._changed.wait(PAUSE)
                check_interrupted()
        if project.snapshot is not snapshot:
            self._progressed(project)
