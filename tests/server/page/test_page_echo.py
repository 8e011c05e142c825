"""What the loudspeaker plays is sent beside what the microphone captures of the same moments."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from stslocal.types import Samples
from tests.server.page.scripted_server import RATE, TONE_HZ, ScriptedServer

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


def tone_of(server: ScriptedServer) -> Samples:
    """What was to be taken out, shape (n,), int16; silent where nothing was sent."""
    silent = np.zeros(RATE // 10, np.int16)
    pieces = [
        silent if piece is None else np.frombuffer(base64.b64decode(piece), "<i2")
        for piece in server.played
    ]
    return np.concatenate([silent, *pieces])


def speak(page: Page, server: ScriptedServer) -> None:
    """Run a session in which the server speaks for a second."""
    server.tone_s = 1.0
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#live-state")).to_contain_text("Speak")
    page.wait_for_function("() => document.getElementById('level').value > 0")
    for _ in range(200):
        page.wait_for_timeout(100)
        if len(server.played) > 30:
            break
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#live-state")).to_contain_text("Stopped")


def test_the_voice_is_sent_as_it_was_played(page: Page, server: ScriptedServer) -> None:
    speak(page, server)
    played = tone_of(server)
    loud = np.flatnonzero(np.abs(played) > 1000)
    whole = played[loud[0] : loud[-1] + 1]
    assert len(whole) == pytest.approx(RATE, abs=0.02 * RATE)
    spectrum = np.abs(np.fft.rfft(whole * np.hanning(len(whole))))
    assert np.argmax(spectrum) * RATE / len(whole) == pytest.approx(TONE_HZ, abs=2)
    assert None in server.played, "silence is not sent"


def test_a_microphone_that_is_opened_again_is_the_same(page: Page, server: ScriptedServer) -> None:
    speak(page, server)
    server.played.clear()
    speak(page, server)
    assert np.abs(tone_of(server)).max() > 1000


def test_with_the_canceller_off_nothing_is_sent(page: Page, server: ScriptedServer) -> None:
    page.locator("#live summary").click()
    page.get_by_label("Cancel the echo").uncheck()
    speak(page, server)
    assert server.played
    assert set(server.played) == {None}


@pytest.mark.parametrize("cancels", [True, False])
def test_the_browser_leaves_the_sound_as_it_is(
    cancels: bool, page: Page, server: ScriptedServer
) -> None:
    """Its canceller costs words, and its level control those of ours (docs/benchmarks.md)."""
    page.locator("#live summary").click()
    page.get_by_label("Cancel the echo").set_checked(cancels)
    page.evaluate(
        """() => { const devices = navigator.mediaDevices;
           const ask = devices.getUserMedia.bind(devices);
           devices.getUserMedia = (wanted) => { globalThis.wanted = wanted; return ask(wanted); };
        }"""
    )
    speak(page, server)
    wanted = page.evaluate("() => globalThis.wanted.audio")
    assert wanted["echoCancellation"] is False
    assert wanted["noiseSuppression"] is False
    assert wanted["autoGainControl"] is not cancels
