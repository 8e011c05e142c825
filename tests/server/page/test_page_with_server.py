"""The page and the whole server together, on fake engines: rooms, jobs, the token."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import soundfile
from playwright.sync_api import Browser, Page, expect

from stslocal.server import page_api
from stslocal.server.options import ServerOptions
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import TOKEN, Served, served
from tests.server.page.conftest import PATIENCE_MS
from tests.server.realtime_kit import frames, wire
from tests.server.test_rooms_api import joined

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def real_server(
    lexicon: Lexicon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """The whole application, with a token; English and Portuguese are there."""
    monkeypatch.setattr(page_api, "_pairs", lambda settings: {"en": ["pt"], "pt": ["en"]})
    options = ServerOptions(token=TOKEN, max_sessions=4, folder=tmp_path)
    with served(fake_engines(lexicon, models=defaultdict(list)), options=options) as running:
        yield running


def opened(browser: Browser, server: Served, fragment: str) -> Page:
    """The page in a browser profile of its own."""
    page = browser.new_context(permissions=["microphone"]).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"http://127.0.0.1:{server.port}/{fragment}")
    page.locator("html[data-ready]").wait_for()
    return page


def test_a_room_is_opened_joined_by_its_address_and_left(
    browser: Browser, real_server: Served, lexicon: Lexicon
) -> None:
    ana = opened(browser, real_server, f"#token={TOKEN}")
    ana.get_by_role("tab", name="Rooms").click()
    ana.get_by_label("Your name").fill("Ana")
    ana.get_by_label("Your language").select_option("pt")
    ana.get_by_role("button", name="Open a room").click()
    expect(ana.get_by_role("img", name="QR code")).to_be_visible()
    assert ana.get_by_role("img", name="QR code").evaluate("(it) => it.naturalWidth") > 50
    expect(ana.locator("#room-state")).to_contain_text("Others cannot reach this address")
    address = ana.locator("#room-address").get_attribute("href") or ""

    guest = opened(browser, real_server, f"#{urlsplit(address).fragment}")
    expect(guest.get_by_role("tab", name="Rooms")).to_have_attribute("aria-selected", "true")
    assert guest.url.endswith("/")
    guest.get_by_label("Your name").fill("Gil")
    guest.get_by_label("Your language").select_option("en")
    guest.get_by_role("button", name="Join the room").click()
    expect(guest.locator("#room-members li")).to_have_text(
        ["Ana, Portuguese", "Gil, English (you)"]
    )
    expect(guest.locator("#room-code")).to_be_hidden()
    expect(guest.get_by_role("tab")).to_have_text(["Rooms"])
    expect(ana.get_by_role("tab")).to_have_count(5)
    guest.reload()
    guest.get_by_role("button", name="Join the room").click()
    expect(ana.locator("#room-members li")).to_have_text(["Ana, Portuguese (you)", "Gil, English"])

    invitation = parse_qs(urlsplit(address).fragment)
    room = {"id": invitation["room"][0], "key": invitation["key"][0]}
    with joined(real_server, room, "Bob", "en") as bob:
        expect(ana.locator("#room-members li")).to_have_count(3)
        said = wire(lexicon.script((0.2, "Good morning."), (3.0, "Good night.")))
        for frame in frames(said):
            bob.send(f'{{"type": "session.input_audio_buffer.append", "audio": "{frame}"}}')
        expect(ana.locator("#room-said")).to_contain_text("pt:Good pt:morning.")
        expect(ana.locator("#room-said .speaker")).to_have_text("Bob")
        expect(guest.locator("#room-said")).to_contain_text("Good morning.")
    expect(ana.locator("#room-members li")).to_have_count(2)
    guest.get_by_role("button", name="Switch my microphone on").click()
    expect(guest.get_by_role("button", name="Switch my microphone off")).to_be_visible()
    guest.get_by_role("button", name="Leave").click()
    expect(guest.locator("#room-state")).to_have_text("You have left the room.")
    expect(ana.locator("#room-members li")).to_have_count(1)


def test_a_wrong_invitation_is_one_sentence(browser: Browser, real_server: Served) -> None:
    page = opened(browser, real_server, "#room=nothing&key=wrong")
    expect(page.locator("#page-fault")).to_contain_text("the invitation is wrong")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_recording_becomes_files_to_save(
    browser: Browser, real_server: Served, lexicon: Lexicon, tmp_path: Path
) -> None:
    page = opened(browser, real_server, f"#token={TOKEN}")
    page.get_by_role("tab", name="Files").click()
    page.locator("#file-source").select_option("en")
    recording = io.BytesIO()
    samples = lexicon.script((0.2, "Good morning."), (3.0, "Good night."))
    soundfile.write(recording, samples, RECOGNITION_RATE, format="WAV", subtype="FLOAT")
    page.locator("#file-input").set_input_files(
        {"name": "talk.wav", "mimeType": "audio/wav", "buffer": recording.getvalue()}
    )
    row = page.locator("#job-list li")
    expect(row).to_contain_text("to Portuguese: is translated")
    with page.expect_download() as download:
        row.get_by_role("button", name="Save talk.pt.srt").click()
    download.value.save_as(tmp_path / "saved.srt")
    assert "pt:Good pt:morning." in (tmp_path / "saved.srt").read_text(encoding="utf-8")
    page.reload()
    expect(row).to_contain_text("is translated")
    row.get_by_role("button", name="Delete talk.wav").click()
    expect(row).to_have_count(0)


def test_a_live_session_at_the_whole_server(browser: Browser, real_server: Served) -> None:
    page = opened(browser, real_server, f"#token={TOKEN}")
    page.get_by_label("Spoken language").select_option("en")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#live-state")).to_contain_text("Speak")
    page.wait_for_function("() => document.getElementById('level').value > 0")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped")
    expect(page.locator("#live-fault")).to_be_hidden()
