"""The OpenAPI document has every route, and its page shows all of it and loads nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from stslocal.server.app import make_app
from stslocal.server.openapi import openapi_document, openapi_page
from stslocal.server.options import ServerOptions
from stslocal.server.state import ServerState
from stslocal.settings import Settings
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as one:
        yield one


def http_routes() -> Iterator[tuple[str, str]]:
    """Path and method of each route of the application but static files."""
    engines = fake_engines(Lexicon())
    state = ServerState(ServerOptions(), Settings(target="pt"), load=lambda s, use: engines)

    def walk(routes: list[BaseRoute], before: str) -> Iterator[tuple[str, str]]:
        for route in routes:
            if isinstance(route, Mount):
                yield from walk(list(route.routes), before + route.path)
            elif isinstance(route, Route):
                path = re.sub(r"{(\w+):\w+}", r"{\1}", before + route.path)
                yield from ((path, one.lower()) for one in route.methods or () if one != "HEAD")

    yield from walk(list(make_app(state).routes), "")


def test_every_route_of_the_application_is_described(server: Served) -> None:
    document: dict[str, Any] = json.loads(server.get("/openapi.json").body)
    assert document["openapi"].startswith("3.1")
    known = {(path, method) for path, one in document["paths"].items() for method in one}
    routes = set(http_routes())
    assert len(routes) >= 8
    assert routes <= known
    for path, method in sorted(routes):
        operation = document["paths"][path][method]
        assert operation["summary"].endswith("."), (path, method)
        assert operation["responses"]["200"]["content"]
        named = {one["name"] for one in operation.get("parameters", ())}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_the_form_of_a_transcription_is_described(server: Served) -> None:
    document = json.loads(server.get("/openapi.json").body)
    body = document["paths"]["/v1/audio/transcriptions"]["post"]["requestBody"]
    schema = body["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == ["file"]
    assert schema["properties"]["response_format"]["enum"] == [
        "json", "text", "srt", "verbose_json", "vtt",
    ]  # fmt: skip


def test_the_page_shows_every_route_and_loads_nothing(server: Served) -> None:
    page = server.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    text = page.body.decode()
    assert all(f"{method.upper()} {path}" in text for path, method in http_routes())
    assert not re.search(r"<script|<link|src=|https?://", text)


def test_foreign_text_in_a_description_is_text() -> None:
    async def handler() -> JSONResponse:
        """Take <script>alert(1)</script> & more."""
        return JSONResponse({})

    async def socket() -> None:
        """No HTTP."""

    routes: list[BaseRoute] = [
        Mount("/deep", routes=[Route("/{one:int}", handler, methods=["PUT"])]),
        WebSocketRoute("/socket", socket),
    ]
    document = openapi_document(routes)
    assert list(document["paths"]) == ["/deep/{one}"]
    page = openapi_page(document)
    assert "<script>" not in page
    assert "PUT /deep/{one}" in page
