"""The server with the starter pack, and OpenAI's client: a recording at the pace of speech."""

from __future__ import annotations

import time

import pytest
from corpus import chrf, word_error_rate
from openai import OpenAI

from stslocal.audio.arrays import opened_recording
from stslocal.audio.decode import read_audio
from stslocal.files.transcription import transcribe
from stslocal.loading.engines import Engines
from stslocal.samples import BundledClip
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.settings import Settings
from tests.server.kit import served
from tests.server.realtime_kit import FRAME, decoded, frames

pytestmark = [
    pytest.mark.real,
    # The client of OpenAI uses websockets as it was before 17.1.
    pytest.mark.filterwarnings("ignore:connect.. must be used as a context:DeprecationWarning"),
]


def test_a_recording_comes_back_in_portuguese(engines: Engines, bundled_clip: BundledClip) -> None:
    speech = read_audio(bundled_clip.path, sample_rate=WIRE_RATE)
    said, translated = "", ""
    spoken: list[str] = []
    # However far a busy machine is behind, every sentence is spoken, and none in haste.
    settings = Settings(source="en", target="pt", max_lag_s=300.0)
    with (
        served(engines, settings=settings) as server,
        OpenAI(api_key="x", base_url=f"http://127.0.0.1:{server.port}/v1") as client,
        client.realtime.translations.connect(model="local") as connection,
    ):
        connection.session.update(
            session={"audio": {"input": {"transcription": {"model": "x"}}}},
        )
        began = time.perf_counter()
        for number, frame in enumerate(frames(speech), 1):
            connection.session.input_audio_buffer.append(audio=frame)
            time.sleep(max(0.0, began + number * FRAME / WIRE_RATE - time.perf_counter()))
        connection.session.close()
        for event in connection:
            if event.type == "session.input_transcript.delta":
                said += event.delta
            elif event.type == "session.output_transcript.delta":
                translated += event.delta
            elif event.type == "session.output_audio.delta":
                spoken.append(event.delta)
            elif event.type == "session.closed":
                break
            else:
                assert event.type != "error", event
    assert word_error_rate([bundled_clip.transcript], [said]) < 20
    assert chrf([translated], [bundled_clip.translations["pt"]]) > 45
    speech_back = opened_recording((decoded(spoken), WIRE_RATE), "the speech")
    again = transcribe(engines.vad, engines.recognizer, speech_back, "pt")
    assert word_error_rate([translated], [again.text]) < 65  # measured: 8; 41 with AVX2 alone
