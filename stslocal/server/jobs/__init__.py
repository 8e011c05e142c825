"""File jobs: recordings that are translated one after the other, kept on disk over a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from starlette.routing import BaseRoute

from stslocal.server.jobs.lines import LineRoutes
from stslocal.server.jobs.routes import JobRoutes
from stslocal.server.jobs.store import JobStore
from stslocal.server.jobs.worker import JobWorker
from stslocal.server.state import ServerState


class Jobs:
    """The jobs of a server: its routes, and the work while it runs."""

    def __init__(self, state: ServerState) -> None:
        self._store = JobStore(state.options.folder, state.options.limits)
        self._worker = JobWorker(self._store, state)
        self._routes = JobRoutes(state, self._store)
        self._lines = LineRoutes(state, self._store)

    def routes(self) -> list[BaseRoute]:
        """The routes of this room."""
        return [*self._routes.routes(), *self._lines.routes()]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Work on the jobs as long as the application runs."""
        await to_thread.run_sync(self._store.open)
        self._worker.start()
        try:
            yield
        finally:
            await to_thread.run_sync(self._worker.end)
