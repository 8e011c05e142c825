"""Joins the routes of all rooms to one application."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from stslocal import __version__
from stslocal.errors import StslocalError
from stslocal.server import audio_api, page, page_api, rooms_api, voices_api
from stslocal.server.errors import on_error, on_fault, on_missing
from stslocal.server.interpretation import SessionInterpretation
from stslocal.server.jobs import Jobs
from stslocal.server.metrics import CONTENT_TYPE
from stslocal.server.openapi import openapi_routes
from stslocal.server.realtime import endpoint
from stslocal.server.rooms import Rooms
from stslocal.server.security import Security
from stslocal.server.state import ServerState


def make_app(state: ServerState) -> Starlette:
    """The application of a server, with all its routes behind the checks of `security`."""
    jobs = Jobs(state)
    rooms = Rooms(partial(SessionInterpretation, state), state.clock)
    routes: list[BaseRoute] = [
        Route("/health", partial(_health, state)),
        Route("/metrics", partial(_metrics, state)),
        *endpoint.routes(state),
        *page.routes(state),
        *page_api.routes(state),
        *voices_api.routes(state),
        *rooms_api.routes(state, rooms),
        *audio_api.routes(state),
        *jobs.routes(),
        *openapi_routes(lambda: app.routes),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Security, state.options, _accepts(state, rooms))],
        exception_handlers={
            StslocalError: on_error,
            HTTPException: on_missing,
            Exception: on_fault,
        },
        lifespan=lambda app: jobs.at_work(),
    )
    app.state.server = state
    return app


async def _health(state: ServerState, request: Request) -> JSONResponse:
    """Say that the server works, or that it is ending: for probes, which need no token."""
    sessions = state.sessions
    status = "draining" if sessions.draining else "ok"
    about = {
        "status": status,
        "version": __version__,
        "sessions": {"open": len(sessions), "capacity": sessions.capacity},
    }
    return JSONResponse(about, 503 if sessions.draining else 200)


async def _metrics(state: ServerState, request: Request) -> Response:
    """Figures of the server for Prometheus."""
    return Response(state.metrics.text(), media_type=CONTENT_TYPE)


def _accepts(state: ServerState, rooms: Rooms) -> Callable[[str, str], bool]:
    """A client secret opens sessions and nothing else, a room's key that room."""

    def accepts(token: str, path: str) -> bool:
        is_session = path == endpoint.PATH and state.secrets.accepts(token)
        return is_session or rooms.accepts(token, path)

    return accepts
