"""The OpenAPI document of a server, made from its routes, and a page that shows it.

Each route is in it. The docstring of its handler is its description; what else a client should
know is said by `described` at the handler.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import BaseRoute, Mount, Route

from stslocal import __version__

Handler = TypeVar("Handler", bound=Callable[..., Any])
Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
FILE: Schema = {"type": "string", "format": "binary"}
JSON, FORM = "application/json", "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client should know of a route, besides its path and description."""

    tag: str = "server"
    body: str = ""
    """Media type of the request's body; empty where it has none."""
    fields: Mapping[str, tuple[Schema, str]] = field(default_factory=dict)
    """The body's fields: schema, and meaning."""
    required: Sequence[str] = ()
    answers: Sequence[str] = (JSON,)
    """Media types of the response."""


def choice_of(values: Sequence[str]) -> Schema:
    """The schema of a field that has one of these values."""
    return {"type": "string", "enum": list(values)}


def described(
    *,
    tag: str,
    body: str = "",
    fields: Mapping[str, tuple[Schema, str]] | None = None,
    required: Sequence[str] = (),
    answers: Sequence[str] = (JSON,),
) -> Callable[[Handler], Handler]:
    """Say at a handler what its route takes and gives."""

    def mark(handler: Handler) -> Handler:
        handler.operation = Operation(tag, body, fields or {}, required, answers)  # type: ignore[attr-defined]
        return handler

    return mark


def openapi_routes(all_routes: Callable[[], Sequence[BaseRoute]]) -> list[BaseRoute]:
    """The routes of the document and of its page. `all_routes` gives those of the application."""

    async def document(request: Request) -> JSONResponse:
        """Describe all of the server's HTTP interface, as OpenAPI 3.1."""
        return JSONResponse(openapi_document(all_routes()))

    async def page(request: Request) -> HTMLResponse:
        """Show the OpenAPI document to a person."""
        return HTMLResponse(openapi_page(openapi_document(all_routes())))

    described(tag="server", answers=("text/html",))(page)
    return [Route("/openapi.json", document), Route("/docs", page)]


def openapi_document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The OpenAPI document of these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler in _operations(routes):
        paths.setdefault(_plain(path), {})[method.lower()] = _operation(path, handler)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "stslocal",
            "version": __version__,
            "description": "Speech in one language to speech in another, on this machine. Live "
            "translation is a WebSocket, `/v1/realtime/translations`, which OpenAPI does not "
            "describe: docs/server.md does.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": _ERROR},
        },
        "security": [{"token": []}, {}],
    }


_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "description": "One sentence for a person."},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"], "description": "A word for programs."},
            },
        }
    },
}


def _operations(routes: Sequence[BaseRoute], before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each HTTP operation: path, method and handler. Static files are one operation."""
    for route in routes:
        if isinstance(route, Mount):
            if route.routes:
                yield from _operations(route.routes, before + route.path)
            else:
                yield f"{before}{route.path}/{{path}}", "GET", route.app
        elif isinstance(route, Route):
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield before + route.path, method, route.endpoint


def _plain(path: str) -> str:
    """A path without Starlette's converters: `{id}` for `{id:int}`."""
    return re.sub(r"{(\w+):\w+}", r"{\1}", path)


def _operation(path: str, handler: Any) -> dict[str, Any]:
    while isinstance(handler, partial):
        handler = handler.func
    known: Operation = getattr(handler, "operation", Operation())
    text = inspect.getdoc(handler) if inspect.isroutine(handler) else "A file of the page."
    summary, _, more = (text or "").partition("\n\n")
    operation: dict[str, Any] = {"tags": [known.tag], "summary": " ".join(summary.split())}
    if more:
        operation["description"] = more
    names = re.findall(r"{(\w+)}", _plain(path))
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": TEXT} for name in names
        ]
    if known.body:
        properties = {
            name: {**schema, "description": meaning}
            for name, (schema, meaning) in known.fields.items()
        }
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if known.required:
            schema["required"] = list(known.required)
        operation["requestBody"] = {"required": True, "content": {known.body: {"schema": schema}}}
    failure = {"$ref": "#/components/schemas/Error"}
    operation["responses"] = {
        "200": {"description": "Done.", "content": {media: {} for media in known.answers}},
        "default": {
            "description": "Refused or failed.",
            "content": {JSON: {"schema": failure}},
        },
    }
    return operation


def openapi_page(document: Mapping[str, Any]) -> str:
    """A page of plain HTML that shows the document: no script, nothing from elsewhere."""
    parts = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(_section(path, method.upper(), operation))
    info = document["info"]
    return _PAGE.format(
        title=f"{escape(info['title'])} {escape(info['version'])}",
        about=escape(info["description"]),
        parts="\n".join(parts),
    )


def _section(path: str, method: str, operation: Mapping[str, Any]) -> str:
    rows = []
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        rows.append(f"<p>Body: {escape(media)}</p>")
        for name, about in schema["properties"].items():
            needed = " (required)" if name in schema.get("required", ()) else ""
            values = ", ".join(map(str, about.get("enum", ())))
            meaning = " ".join(filter(None, [about["description"], values and f"One of {values}."]))
            rows.append(f"<dt>{escape(name)}{needed}</dt><dd>{escape(meaning)}</dd>")
    answers = ", ".join(operation["responses"]["200"]["content"])
    text = f"<p>{escape(operation['description'])}</p>" if "description" in operation else ""
    return (
        f"<section><h2><code>{method} {escape(path)}</code></h2>"
        f"<p>{escape(operation['summary'])}</p>{text}<dl>{''.join(rows)}</dl>"
        f"<p>Answer: {escape(answers)}</p></section>"
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}: HTTP interface</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
</head><body><main><h1>{title}</h1><p>{about} <a href="/openapi.json">openapi.json</a></p>
{parts}
</main></body></html>
"""
