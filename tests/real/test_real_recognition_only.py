"""A server whose folder of models has the recognizer alone: OpenAI's client, and a live session."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from corpus import chrf, word_error_rate

from stslocal.audio.decode import read_audio
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.samples import BundledClip, bundled_clips
from stslocal.server.options import ServerOptions
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.server.state import SharedEngines
from stslocal.settings import Settings
from tests.server.kit import Served, served
from tests.server.realtime_kit import (
    choose,
    frames,
    openai_client,
    raw,
    receive_until,
    send,
    text_of,
)

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

RECOGNIZER = "whisper-base"
MISSING = "stslocal models pull"


@pytest.fixture(scope="module")
def server(starter_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("recognizer")
    shutil.copytree(starter_models / RECOGNIZER, folder / RECOGNIZER)
    store = ModelStore(folder, load_manifest())
    options = ServerOptions(max_sessions=1, folder=folder / "server")
    with served(load=SharedEngines(store), options=options, settings=Settings()) as one:
        yield one


def test_each_form_has_the_words(server: Served, bundled_clip: BundledClip) -> None:
    texts: dict[str, Any] = {}
    with openai_client(server) as client, bundled_clip.path.open("rb") as recording:
        for form in ("json", "text", "srt", "vtt", "verbose_json"):
            recording.seek(0)
            transcriptions: Any = client.audio.transcriptions
            texts[form] = transcriptions.create(
                model="whisper-1",
                file=recording,
                response_format=form,
                timestamp_granularities=["word", "segment"],
            )
    full = texts["verbose_json"]
    assert word_error_rate([bundled_clip.transcript], [full.text]) < 10
    assert full.language == "english"
    assert full.duration == pytest.approx(15.1, abs=0.1)
    assert [word.word for word in full.words] == full.text.split()
    assert full.segments[0].start < 0.5 < full.segments[-1].end <= full.duration
    assert texts["json"].text == full.text == texts["text"].strip()
    assert texts["vtt"].startswith("WEBVTT\n\n00:00:00.")
    assert texts["srt"].startswith("1\n00:00:00,")
    for form in ("srt", "vtt"):
        shown = [line for line in texts[form].splitlines() if line[:1].isalpha()]
        assert " ".join(shown).removeprefix("WEBVTT ") == full.text


def test_the_language_is_detected_and_segments_come_as_events(server: Served) -> None:
    portuguese = bundled_clips()[1]
    with openai_client(server) as client, portuguese.path.open("rb") as recording:
        transcriptions: Any = client.audio.transcriptions
        events = list(transcriptions.create(model="whisper-1", file=recording, stream=True))
    deltas = [each.delta for each in events if each.type == "transcript.text.delta"]
    assert events[-1].type == "transcript.text.done"
    assert "".join(deltas) == events[-1].text
    assert word_error_rate([portuguese.transcript], [events[-1].text]) < 40  # a word is 8


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_what_needs_more_says_what_to_type(server: Served, bundled_clip: BundledClip) -> None:
    with openai_client(server) as client, bundled_clip.path.open("rb") as recording:
        with pytest.raises(openai.NotFoundError, match=MISSING):
            client.audio.speech.create(model="tts-1", voice="alloy", input="Good day.")
        with pytest.raises(openai.NotFoundError, match=MISSING):
            client.audio.translations.create(
                model="whisper-1", file=recording, extra_body={"to": "fr"}
            )
    with raw(server) as connection:
        choose(connection, "pt")
        assert MISSING in receive_until(connection, "error")[-1]["error"]["message"]


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_a_translation_that_is_text_needs_no_voice(
    server: Served, bundled_clip: BundledClip
) -> None:
    with openai_client(server) as client, bundled_clip.path.open("rb") as recording:
        translated = client.audio.translations.create(
            model="whisper-1", file=recording, extra_body={"to": "pt"}
        )
    assert chrf([translated.text], [bundled_clip.translations["pt"]]) > 45, translated.text


def test_a_live_session_gives_the_words_alone(server: Served, bundled_clip: BundledClip) -> None:
    speech = read_audio(bundled_clip.path, sample_rate=WIRE_RATE)
    with raw(server, "?source=en") as connection:
        audio = {"output": {"language": None}, "input": {"transcription": {"model": "whisper"}}}
        send(connection, "session.update", session={"audio": audio})
        for frame in frames(speech):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        events = receive_until(connection, "session.closed")
    assert word_error_rate([bundled_clip.transcript], [text_of(events, "input")]) < 15
    assert text_of(events, "output") == ""
    assert not [event for event in events if event["type"] == "error"]
