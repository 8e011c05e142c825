"""Write pictures of the page, which docs/server.md shows.

    python scripts/page_pictures.py [--out FOLDER]

Chromium shows the page of a server with fake engines: what is said and its translation are those of
`PHRASES`. Chromium's own microphone is false too. Writes page-NAME.png for each picture.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "scripts" / "bench")]

import soundfile  # noqa: E402
from playwright.sync_api import Browser, Page, expect  # noqa: E402

from stslocal.server import page_api  # noqa: E402
from stslocal.server.options import ServerOptions  # noqa: E402
from stslocal.types import RECOGNITION_RATE  # noqa: E402
from tests.fake_engines import fake_engines  # noqa: E402
from tests.fakes import FakeTranslator, Lexicon  # noqa: E402
from tests.server.kit import Served, served  # noqa: E402
from tests.server.page.browser import chromium  # noqa: E402
from tests.server.page.scripted_server import (  # noqa: E402
    ScriptedServer,
    live_event,
    scripted_server,
    text_event,
)
from tests.server.realtime_kit import frames, wire  # noqa: E402
from tests.server.test_rooms_api import joined  # noqa: E402

FOLDER = CHECKOUT / "docs" / "pictures"
WIDE, PHONE = (1100, 720), (320, 640)
PHRASES = {
    "Good morning to all of you.": "Bom dia a todos.",
    "The train leaves at nine.": "O trem sai às nove.",
    "Please be there ten minutes before.": "Por favor, cheguem dez minutos antes.",
}


class Phrases(FakeTranslator):
    """Knows the phrases."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return [PHRASES.get(text, text) for text in texts]


def opened(browser: Browser, address: str, size: tuple[int, int] = WIDE) -> Page:
    """The page, ready."""
    page = browser.new_context(permissions=["microphone"]).new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    return page


def live(browser: Browser, server: ScriptedServer, folder: Path) -> None:
    """The live tab: idle, with text, dark, for an audience, on a phone."""
    page = opened(browser, server.address)
    page.screenshot(path=folder / "page-idle.png")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#live-state")).to_contain_text("Speak")
    for said, translated in PHRASES.items():
        server.send(text_event("input", f" {said}"))
        server.send(text_event("output", f" {translated}"))
    server.send(live_event("partial_text", utterance=1, text="And bring your"))
    server.send(live_event("lag_measured", at_s=9.0, spoken_s=8.9, played_s=7.1))
    server.send(live_event("playback_started", at_s=8.0, source_end_s=6.6))
    expect(page.locator("#spoken .partial")).to_have_text("And bring your")
    time.sleep(0.5)
    page.screenshot(path=folder / "page-live.png")
    page.get_by_label("Colours").select_option("dark")
    time.sleep(0.3)
    page.screenshot(path=folder / "page-dark.png")
    page.get_by_label("Colours").select_option("light")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.screenshot(path=folder / "page-phone.png", full_page=True)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.get_by_role("button", name="Audience view").click()
    time.sleep(0.3)
    page.screenshot(path=folder / "page-audience.png")


def room(browser: Browser, server: Served, lexicon: Lexicon, folder: Path) -> None:
    """A room in which somebody speaks."""
    page = opened(browser, f"http://127.0.0.1:{server.port}/")
    page.get_by_role("tab", name="Rooms").click()
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Your language").select_option("pt")
    page.get_by_role("button", name="Open a room").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    address = page.locator("#room-address").get_attribute("href") or ""
    found = parse_qs(urlsplit(address).fragment)
    said = [(4.0 * number, text) for number, text in enumerate(PHRASES)]
    with joined(server, {"id": found["room"][0], "key": found["key"][0]}, "Bob", "en") as bob:
        for frame in frames(wire(lexicon.script(*said))):
            bob.send(f'{{"type": "session.input_audio_buffer.append", "audio": "{frame}"}}')
        expect(page.locator("#room-said")).to_contain_text("O trem")
        page.screenshot(path=folder / "page-room.png")


def files(browser: Browser, server: Served, lexicon: Lexicon, folder: Path) -> None:
    """The files tab with a translation that is done."""
    page = opened(browser, f"http://127.0.0.1:{server.port}/")
    page.get_by_role("tab", name="Files").click()
    recording = io.BytesIO()
    samples = lexicon.script((0.2, next(iter(PHRASES))))
    soundfile.write(recording, samples, RECOGNITION_RATE, format="WAV", subtype="FLOAT")
    page.locator("#file-input").set_input_files(
        {"name": "talk.wav", "mimeType": "audio/wav", "buffer": recording.getvalue()}
    )
    expect(page.locator("#job-list li")).to_contain_text("is translated")
    page.screenshot(path=folder / "page-files.png")


def main() -> None:
    """Write all pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="default: docs/pictures")
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    page_api._pairs = lambda settings: {"en": ["pt"], "pt": ["en"]}
    lexicon = Lexicon()
    engines = fake_engines(lexicon, translators={"words": Phrases()}, models=defaultdict(list))
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["STSLOCAL_VOICES"] = str(work / "voices")
        browser = stack.enter_context(chromium())
        scripted = stack.enter_context(scripted_server())
        options = ServerOptions(max_sessions=4, folder=work / "server")
        server = stack.enter_context(served(engines, options=options))
        live(browser, scripted, folder)
        room(browser, server, lexicon, folder)
        files(browser, server, lexicon, folder)


if __name__ == "__main__":
    main()
