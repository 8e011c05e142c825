"""Joins the routes of all rooms to one application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from stslocal import __version__
from stslocal.errors import StslocalError
from stslocal.server import audio_api
from stslocal.server.errors import on_error, on_fault, on_missing
from stslocal.server.jobs import Jobs
from stslocal.server.openapi import openapi_routes
from stslocal.server.security import Security
from stslocal.server.state import ServerState


def make_app(state: ServerState) -> Starlette:
    """The application of a server, with all its routes behind the checks of `security`."""
    jobs = Jobs(state)
    routes: list[BaseRoute] = [
        Route("/health", _health),
        *audio_api.routes(state),
        *jobs.routes(),
        *openapi_routes(lambda: app.routes),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Security, state.options)],
        exception_handlers={
            StslocalError: on_error,
            HTTPException: on_missing,
            Exception: on_fault,
        },
        lifespan=lambda app: jobs.at_work(),
    )
    app.state.server = state
    return app


async def _health(request: Request) -> JSONResponse:
    """Say that the server works: for probes, which need no token."""
    return JSONResponse({"status": "ok", "version": __version__})
