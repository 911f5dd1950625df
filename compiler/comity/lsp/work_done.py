"""The editor's progress bar: what the server is proving, for editors that show such a thing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer


class WorkDone:
    """One bar at a time. To be used in the thread that speaks the protocol."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._numbers = count(1)
        self._token: str | None = None
        """Of the bar that the editor has been asked for."""
        self._is_shown = False
        self._asking: asyncio.Future[None] | None = None

    def tell(self, title: str, stage: str | None) -> None:
        """What is being done; None when it is over."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        bars = self._server.work_done_progress
        if stage is None:
            if self._token is not None and self._is_shown:
                bars.end(self._token, lsp.WorkDoneProgressEnd())
                bars.tokens.pop(self._token, None)
            self._token = None
        elif self._token is None:
            self._token, self._is_shown = f"comity-{next(self._numbers)}", False
            self._asking = asyncio.ensure_future(self._begin(self._token, title, stage))
        elif self._is_shown:
            bars.report(self._token, lsp.WorkDoneProgressReport(message=stage))

    async def _begin(self, token: str, title: str, stage: str) -> None:
        """Ask the editor for a bar, and show it if the work is not over when the editor has agreed."""
        bars = self._server.work_done_progress
        with suppress(JsonRpcException):
            await bars.create_async(token)
            if self._token == token:
                bars.begin(token, lsp.WorkDoneProgressBegin(title=f"proving {title}", message=stage))
                self._is_shown = True
            else:
                bars.tokens.pop(token, None)
