"""Chromium for the tests of the page: one browser, with a microphone that plays a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


def chromium_path() -> str:
    """The program; skips the test where there is none."""
    found = shutil.which(os.environ.get("CHROMIUM", "chromium")) or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no chromium: install it, or name it in CHROMIUM")
    return found


@contextmanager
def chromium(captured: Path | None = None) -> Iterator[Browser]:
    """A browser. Its microphone plays `captured` again and again; without one, it beeps."""
    with chromiums(captured) as (browser,):
        yield browser


@contextmanager
def chromiums(*captured: Path | None) -> Iterator[list[Browser]]:
    """A browser for each microphone: see `chromium`."""
    program = chromium_path()
    with sync_playwright() as playwright, ExitStack() as stack:
        browsers = []
        for path in captured:
            arguments = list(_ARGUMENTS)
            if path is not None:
                arguments.append(f"--use-file-for-fake-audio-capture={path}")
            browser = playwright.chromium.launch(
                executable_path=program, args=arguments, headless=True, chromium_sandbox=False
            )
            stack.callback(browser.close)
            browsers.append(browser)
        yield browsers
