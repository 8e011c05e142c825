"""The page in the browser: static files that ship in the wheel, with a strict policy."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent
"""Where the files of the page are."""

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # A new release of stslocal shows its own page at once; an unchanged file costs one 304.
    "Cache-Control": "no-cache",
}
"""Every file of the page is sent with these. No script or style stands in a page itself, and
nothing comes from another server."""
_SUFFIXES = frozenset((".css", ".html", ".js", ".svg"))
_MEDIA_TYPES = {".js": "text/javascript"}
"""Windows may have another type in its registry, and browsers then refuse the module."""


class _PageFiles(StaticFiles):
    """The files of the page and nothing else in this folder, such as Python's."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        if Path(path).suffix not in _SUFFIXES:
            return Response("there is no such file", 404, HEADERS, "text/plain")
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        if kind := _MEDIA_TYPES.get(Path(path).suffix):
            response.headers["Content-Type"] = f"{kind}; charset=utf-8"
        return response


async def _index(request: object) -> Response:
    """The page in the browser."""
    return FileResponse(FOLDER / "index.html", headers=HEADERS, media_type="text/html")


async def _icon(request: object) -> Response:
    """The sign of the page in the browser's tab."""
    return FileResponse(FOLDER / "icon.svg", headers=HEADERS, media_type="image/svg+xml")


def routes(state: object) -> list[BaseRoute]:
    """`/` and the files under `/page`. They hold no secret, so they need no token."""
    return [
        Route("/", _index, methods=["GET"]),
        Route("/favicon.ico", _icon, methods=["GET"]),
        Mount("/page", _PageFiles(directory=FOLDER)),
    ]
