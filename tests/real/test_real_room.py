"""A room in two browsers with real engines: each speaks a language, reads the other's words in its
own, and gets them as speech.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile
from corpus import word_error_rate
from playwright.sync_api import Page, WebSocket, expect
from sacrebleu import sentence_chrf

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import from_pcm16, resample
from stslocal.samples import BundledClip, bundled_clips
from stslocal.server.options import ServerOptions
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.server.state import SharedEngines
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.server.kit import Served, served
from tests.server.page.browser import chromiums

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

MICROPHONE_RATE = 48_000
SPOKEN_S = 9.0
"""Of the English recording: its first sentence."""
SLOW_S = 600
"""Far longer than a translation takes, where the machine has much else to do."""
QUIET_S = 3
GOOD = 40.0
"""chrF from which a sentence is a translation of another one, names aside."""


@dataclass
class Person:
    """Somebody in a room, and the speech that their page was sent."""

    page: Page
    sound: list[str] = field(default_factory=list)

    def watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def _take(self, frame: str | bytes) -> None:
        event = json.loads(frame)
        if event["type"] == "session.output_audio.delta":
            self.sound.append(event["delta"])

    @property
    def shown(self) -> str:
        """All that the page shows of what was said."""
        return self.page.locator("#room-said .committed").inner_text()

    @property
    def samples(self) -> Samples:
        """The speech that came, shape (n,), at 16 kHz."""
        sound = from_pcm16(b"".join(base64.b64decode(piece) for piece in self.sound))
        return resample(sound, WIRE_RATE, RECOGNITION_RATE)

    def switch_microphone(self, state: str) -> None:
        switch = self.page.get_by_role("button", name="Switch my microphone")
        switch.click()
        expect(switch).to_have_text(f"Switch my microphone {state}", timeout=1000 * SLOW_S)

    def reads(self, reference: str) -> bool:
        """Whether the page shows the translation by now, and all of its speech has come.

        It has come when nothing more comes for as long as it took: a slow machine pauses longer.
        """
        before, known, last = self.shown, ("", 0), 0
        for second in range(1, SLOW_S):
            self.page.wait_for_timeout(1000)
            new = self.shown.removeprefix(before)
            if known != (new, len(self.sound)):
                known, last = (new, len(self.sound)), second
            good = sentence_chrf(new, [reference]).score > GOOD
            if good and self.sound and second >= max(last + QUIET_S, 2 * last):
                return True
        return False


def captured(clip: BundledClip, folder: Path) -> Path:
    """What a browser's microphone plays once, when it is opened."""
    speech = read_audio(clip.path, sample_rate=MICROPHONE_RATE)
    around = np.zeros(MICROPHONE_RATE, np.float32)
    whole = np.concatenate([around, speech[: round(SPOKEN_S * MICROPHONE_RATE)], around])
    path = folder / f"{clip.language}.wav"
    soundfile.write(path, whole, MICROPHONE_RATE, subtype="PCM_16")
    return Path(f"{path}%noloop")


@contextmanager
def in_a_room(server: Served, clips: list[BundledClip], folder: Path) -> Iterator[list[Person]]:
    """One person for each recording, in one room. The first one opens it."""
    with chromiums(*(captured(clip, folder) for clip in clips)) as browsers:
        fragment, people = "", []
        for clip, browser in zip(clips, browsers, strict=True):
            page = browser.new_context(permissions=["microphone"]).new_page()
            page.set_default_timeout(1000 * SLOW_S)
            person = Person(page)
            page.on("websocket", person.watch)
            page.goto(f"http://127.0.0.1:{server.port}/{fragment}")
            page.locator("html[data-ready]").wait_for()
            page.get_by_role("tab", name="Rooms").click()
            page.get_by_label("Your name").fill(clip.language)
            page.get_by_label("Your language").select_option(clip.language)
            page.locator("#room-join").click()
            page.locator("#room-inside").wait_for()
            if not fragment:
                address = page.locator("#room-address").get_attribute("href") or ""
                fragment = f"#{urlsplit(address).fragment}"
            people.append(person)
        yield people


def test_each_reads_and_gets_the_others_words_in_their_own_language(
    starter_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(starter_models))
    english, portuguese = bundled_clips()[:2]
    options = ServerOptions(max_sessions=2, folder=tmp_path / "server")
    with (
        # A machine that falls behind still speaks all.
        served(load=SharedEngines(), options=options, settings=Settings(max_lag_s=300.0)) as server,
        in_a_room(server, [english, portuguese], tmp_path) as (ann, rui),
    ):
        ann.switch_microphone("off")
        assert rui.reads(english.translations["pt"].partition(". ")[0]), rui.shown
        ann.switch_microphone("on")
        assert ann.sound == [], "nobody gets their own voice"
        assert word_error_rate([english.transcript.partition(". ")[0]], [ann.shown]) < 35
        count = len(rui.sound)
        rui.switch_microphone("off")
        assert ann.reads(portuguese.translations["en"]), ann.shown
        assert len(rui.sound) == count
        recognizer = server.state.engines_for("en", "pt").recognizer
        for person, language, shown in ((rui, "pt", rui.shown), (ann, "en", ann.shown)):
            again = recognizer.transcribe(person.samples, language=language).text
            # A busy machine falls behind and speaks faster. The page shows one's own words too.
            matched = words_in_common(shown, again)
            assert matched > 0.5, (shown, again)


def words_in_common(shown: str, again: str) -> float:
    """The share of the recognized words that the page shows, in order."""
    found, wanted = (
        ["".join(filter(str.isalnum, word.lower())) for word in text.split()]
        for text in (again, shown)
    )
    blocks = SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(1, len(found))
