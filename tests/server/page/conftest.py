"""One Chromium and one scripted server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import pytest_socket
from playwright.sync_api import Browser, Page, expect

from tests.server.page.browser import chromium
from tests.server.page.scripted_server import ScriptedServer, scripted_server

PATIENCE_MS = 120_000
"""A busy machine takes half a minute to show the page."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    pytest_socket.enable_socket()
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def _server() -> Iterator[ScriptedServer]:
    pytest_socket.enable_socket()
    with scripted_server() as found:
        yield found


@pytest.fixture
def server(_server: ScriptedServer) -> ScriptedServer:
    """The scripted server, which knows nothing of earlier tests."""
    _server.reset()
    return _server


@pytest.fixture
def page(browser: Browser, server: ScriptedServer) -> Iterator[Page]:
    """The page, ready, in a browser profile of its own. An error in its code fails the test."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.grant_permissions(["microphone"], origin=server.address)
    errors: list[str] = []
    found = context.new_page()
    found.on("pageerror", lambda error: errors.append(str(error)))
    open_page(found, server)
    yield found
    context.close()
    assert errors == []


def open_page(page: Page, server: ScriptedServer, fragment: str = "") -> None:
    """Open the page and wait until it has asked the server for everything."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.address}/{fragment}")
    page.locator("html[data-ready]").wait_for()
