"""The page in Chromium with real engines: a recording is the microphone, and what comes out of the
loudspeaker is recognized again.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from corpus import word_error_rate
from playwright.sync_api import Page, expect
from sacrebleu import sentence_chrf

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import from_pcm16, resample
from stslocal.loading.engines import Engines
from stslocal.samples import BundledClip
from stslocal.server.options import ServerOptions
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.server.kit import served
from tests.server.page.browser import chromium

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

MICROPHONE_RATE = 48_000
PATIENCE_MS = 300_000
TAP = """() => {
  const { player } = globalThis.stslocal;
  globalThis.played = [];
  const open = player.open.bind(player);
  player.open = async () => { await open(); player.tap((block) => globalThis.played.push(block)); };
}"""
PLAYED_SO_FAR = """(seconds) => globalThis.played.reduce(
  (sum, block) => sum + block.length, 0) >= seconds * globalThis.stslocal.player.rate"""
PLAYED = """async () => {
  const { toBase64, toInt16 } = await import('/page/pcm.js');
  const whole = new Float32Array(globalThis.played.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of globalThis.played) { whole.set(block, at); at += block.length; }
  return [globalThis.stslocal.player.rate, toBase64(toInt16(whole))];
}"""


UNHURRIED = Settings(max_lag_s=300.0)
"""However far the machine is behind, no sentence is left unspoken, and none is spoken in haste."""
AGREE_S = 0.1


class Sent:
    """What the server sent."""

    def __init__(self) -> None:
        self.sound: list[str] = []
        self.texts: dict[int, str] = {}
        self.started: list[int] = []
        self.dropped: list[dict[str, object]] = []

    def take(self, frame: str | bytes) -> None:
        event = json.loads(frame)
        if event["type"] == "session.output_audio.delta":
            self.sound.append(event["delta"])
        live = event.get("event", {})
        if live.get("name") == "segment_translated":
            self.texts[live["segment"]] = live["text"]
        if live.get("name") == "playback_started":
            self.started.append(live["segment"])
        if live.get("name") == "segment_dropped":
            self.dropped.append(live)

    @property
    def samples(self) -> Samples:
        """The sound of all segments, shape (n,), at 24 kHz."""
        return from_pcm16(b"".join(base64.b64decode(piece) for piece in self.sound))

    @property
    def spoken(self) -> list[str]:
        """The texts of the segments that were spoken."""
        return [self.texts[segment] for segment in self.started]


def played(page: Page) -> Samples:
    """What the page has played, shape (n,), at 16 kHz."""
    rate, text = page.evaluate(PLAYED)
    samples = from_pcm16(base64.b64decode(text))
    return resample(samples, rate, RECOGNITION_RATE)


def test_a_speaker_at_the_page_is_translated(
    engines: Engines,
    starter_models: Path,
    bundled_clip: BundledClip,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(starter_models))
    speech = read_audio(bundled_clip.path, sample_rate=MICROPHONE_RATE)
    around = np.zeros(MICROPHONE_RATE, np.float32)
    soundfile.write(tmp_path / "speech.wav", np.concatenate([around, speech, around]),
                    MICROPHONE_RATE, subtype="PCM_16")  # fmt: skip
    sent = Sent()
    microphone = Path(f"{tmp_path / 'speech.wav'}%noloop")
    options = ServerOptions(max_sessions=1)
    with (
        served(engines, options=options, settings=UNHURRIED) as server,
        chromium(microphone) as browser,
    ):
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("websocket", lambda socket: socket.on("framereceived", sent.take))
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.locator("html[data-ready]").wait_for()
        page.evaluate(TAP)
        page.locator("#target").select_option("pt")
        page.locator("#source").select_option("en")
        page.locator("#live summary").click()
        page.get_by_label("Cancel the echo").uncheck()
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#live-state")).to_contain_text("Speak", timeout=PATIENCE_MS)
        page.wait_for_timeout(1000 * (len(speech) / MICROPHONE_RATE + 3.0))
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#live-state")).to_contain_text("Stopped", timeout=PATIENCE_MS)
        sent_s = len(sent.samples) / WIRE_RATE
        page.wait_for_function(PLAYED_SO_FAR, arg=sent_s - AGREE_S)
        page.wait_for_timeout(1000)  # in which no more is played
        said = page.locator("#spoken .committed").inner_text()
        shown = page.locator("#translated .committed").inner_text()
        sound = played(page)
    assert word_error_rate([bundled_clip.transcript], [said]) < 30
    assert sentence_chrf(shown, [bundled_clip.translations["pt"]]).score > 40
    given = resample(sent.samples, WIRE_RATE, RECOGNITION_RATE)
    assert len(sound) == pytest.approx(len(given), abs=AGREE_S * RECOGNITION_RATE)
    assert sorted(sent.started) == sorted(sent.texts), sent.dropped
    # A busy machine cuts other sentences and says them faster, so the voice is recognized again
    # more or less well: the page is held to what it was given.
    spoken = [" ".join(sent.spoken)]
    best = word_error_rate(spoken, [engines.recognizer.transcribe(given, language="pt").text])
    again = word_error_rate(spoken, [engines.recognizer.transcribe(sound, language="pt").text])
    assert again < best + 10
    assert best < 65
