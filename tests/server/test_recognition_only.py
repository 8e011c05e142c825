"""A server that can recognize, and neither translate nor speak; sessions that want no more."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openai
import pytest
import soundfile

from stslocal.clock import RealClock
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.loading.engines import Engines, RecognitionEngines
from stslocal.loading.selection import Use
from stslocal.loading.session_load import recognition_key, sessions_for
from stslocal.loading.speeds import Speeds
from stslocal.samples import BundledClip, bundled_clips
from stslocal.server.capacity import measure_recognition, measured_capacity
from stslocal.server.options import ServerOptions
from stslocal.server.state import ServerState, SharedEngines
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import Served, served
from tests.server.realtime_kit import (
    choose,
    frames,
    raw,
    receive,
    receive_until,
    send,
    text_of,
    wire,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

MISSING = "translation needs a voice, which is not installed: run `stslocal models pull starter`"


class OnlyRecognition(SharedEngines):
    """Engines of which nothing speaks."""

    def __init__(self, lexicon: Lexicon, *, is_here: bool = True) -> None:
        self._lexicon = lexicon
        self._is_here = is_here

    def __call__(self, settings: Settings, use: Use) -> Engines:
        raise ModelNotFoundError(MISSING)

    def recognition(self, settings: Settings, use: Use) -> RecognitionEngines:
        if not self._is_here:
            raise ModelNotFoundError("recognition needs a model")
        return fake_engines(self._lexicon).recognition


def words_alone(server: Served, said: Samples) -> list[dict[str, object]]:
    """The events of a session that asks for what is said, and for no language."""
    with raw(server, "?source=en") as connection:
        receive(connection)
        audio = {"output": {"language": None}, "input": {"transcription": {"model": "whisper"}}}
        send(connection, "session.update", session={"audio": audio})
        for frame in frames(wire(said)):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        return receive_until(connection, "session.closed")


def test_recordings_are_recognized_and_what_cannot_be_done_says_what_to_type(
    tmp_path: Path,
) -> None:
    lexicon = Lexicon()
    stream = io.BytesIO()
    speech = lexicon.script((0.2, "Good day."))
    soundfile.write(stream, speech, RECOGNITION_RATE, subtype="FLOAT", format="WAV")
    options = ServerOptions(max_sessions=2, folder=tmp_path)
    with served(load=OnlyRecognition(lexicon), options=options, settings=Settings()) as server:
        address = f"http://127.0.0.1:{server.port}/v1"
        with openai.OpenAI(base_url=address, api_key="unused", max_retries=0) as client:
            talk = ("talk.wav", stream.getvalue())
            found = client.audio.transcriptions.create(model="whisper-1", file=talk)
            assert found.text == "Good day."
            with pytest.raises(openai.NotFoundError, match="models pull starter"):
                client.audio.speech.create(model="tts-1", voice="alloy", input="Good day.")
        events = words_alone(server, speech)
        assert text_of(events, "input") == "Good day."
        assert not [event for event in events if "output" in str(event["type"])]
        assert not [event for event in events if event["type"] == "error"]
        with raw(server) as connection:
            choose(connection, "pt")
            events = receive_until(connection, "error")
            assert MISSING in json.dumps(events[-1])


def test_a_session_may_want_the_words_alone_where_more_is_installed() -> None:
    lexicon = Lexicon()
    with served(fake_engines(lexicon), settings=Settings(target="pt")) as server:
        events = words_alone(server, lexicon.script((0.2, "Good day."), (3.0, "Good night.")))
        assert text_of(events, "input") == "Good day. Good night."
        assert text_of(events, "output") == ""
        body = server.get("/metrics").body.decode()
        assert 'stslocal_stage_busy_seconds_total{stage="recognize"}' in body
        assert 'stslocal_sessions_total{how="finished"} 1.0' in body


def test_a_session_may_want_a_language_later() -> None:
    lexicon = Lexicon()
    engines = fake_engines(lexicon)
    with served(engines, settings=Settings(source="en")) as server, raw(server) as connection:
        transcription = {"input": {"transcription": {"model": "whisper"}}}
        send(connection, "session.update", session={"audio": transcription})
        for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        choose(connection, "pt")
        for frame in frames(wire(lexicon.script((0.2, "Good night.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        events = receive_until(connection, "session.closed")
    assert text_of(events, "input") == "Good day. Good night."
    assert text_of(events, "output") == "pt:Good pt:night."


def test_the_server_says_at_its_start_what_it_cannot_do_and_how_many_sessions_it_takes() -> None:
    speeds = Speeds(None, "this machine")
    speeds.keep(recognition_key("fake-recognizer", Settings()), 0.2)
    said: list[str] = []
    state = ServerState(ServerOptions(), Settings(), load=OnlyRecognition(Lexicon()))
    load = measured_capacity(state, said.append, speeds=speeds)
    assert sessions_for(load.real_time_factor) == 4
    (line,) = said
    assert line.startswith("live sessions and recordings are recognized, and not translated: ")
    assert line.endswith("run `stslocal models pull starter`")


@pytest.mark.parametrize(
    ("settings", "is_here"), [(Settings(target="pt"), True), (Settings(), False)]
)
def test_a_server_that_cannot_do_what_it_was_started_for_does_not_start(
    settings: Settings, is_here: bool
) -> None:
    state = ServerState(ServerOptions(), settings, load=OnlyRecognition(Lexicon(), is_here=is_here))
    with pytest.raises((ModelNotFoundError, SettingsError), match="models pull starter"):
        measured_capacity(state, lambda text: None, speeds=Speeds(None, "this machine"))


def test_a_session_that_is_only_recognized_is_measured(tmp_path: Path) -> None:
    lexicon = Lexicon()
    said = tmp_path / "said.wav"
    soundfile.write(said, lexicon.script((0.2, "Good day.")), RECOGNITION_RATE)
    first = bundled_clips()[0]
    clip = BundledClip(said, first.language, first.transcript, first.translations)
    load = measure_recognition(
        fake_engines(lexicon).recognition, Settings(source="en"), clip, RealClock()
    )
    assert 0 < load.share < 1
