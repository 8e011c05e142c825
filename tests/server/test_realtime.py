"""The realtime translation protocol with OpenAI's own client, on fake engines, at a real server."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from openai import OpenAI
from openai.types.realtime import (
    RealtimeTranslationInputTranscriptDeltaEvent,
    RealtimeTranslationOutputAudioDeltaEvent,
    RealtimeTranslationOutputTranscriptDeltaEvent,
    RealtimeTranslationServerEvent,
    RealtimeTranslationSessionClosedEvent,
    RealtimeTranslationSessionCreatedEvent,
    RealtimeTranslationSessionUpdatedEvent,
)
from pydantic import TypeAdapter

from stslocal.server.options import ServerOptions
from stslocal.settings import Settings
from stslocal.types import Samples
from tests.fake_engines import fake_engines, text_alone
from tests.fakes import Lexicon
from tests.server.kit import TOKEN, served
from tests.server.realtime_kit import (
    choose,
    decoded,
    frames,
    openai_client,
    raw,
    receive,
    receive_until,
    send,
    text_of,
    wire,
)

pytestmark = [
    pytest.mark.contract,
    pytest.mark.enable_socket,
    # The client of OpenAI uses websockets as it was before 17.1.
    pytest.mark.filterwarnings("ignore:connect.. must be used as a context:DeprecationWarning"),
]

SHAPES = TypeAdapter(RealtimeTranslationServerEvent)


def talk(
    client: OpenAI, samples: Samples, *, language: str | None = "pt", transcript: bool = True
) -> list[RealtimeTranslationServerEvent]:
    """Say `samples`, and return all events of the session."""
    events: list[RealtimeTranslationServerEvent] = []
    with client.realtime.translations.connect(model="gpt-realtime-translate") as connection:
        if language is not None:
            session: Any = {"audio": {"output": {"language": language}}}
            if transcript:
                session["audio"]["input"] = {"transcription": {"model": "whisper-1"}}
            connection.session.update(session=session)
        for frame in frames(samples):
            connection.session.input_audio_buffer.append(audio=frame)
        connection.session.close()
        for event in connection:
            events.append(event)
            if event.type == "session.closed":
                break
    return events


def test_the_official_client_gets_transcripts_and_speech() -> None:
    lexicon = Lexicon()
    said = wire(lexicon.script((0.2, "Good morning."), (1.8, "Good night.")))
    with served(fake_engines(lexicon)) as server, openai_client(server) as client:
        events = talk(client, said)
    for event in events:  # every field as the package declares it
        SHAPES.validate_python(event.model_dump(), strict=True)
    created, updated = events[:2]
    assert isinstance(created, RealtimeTranslationSessionCreatedEvent)
    assert created.session.model == "gpt-realtime-translate"
    assert created.session.type == "translation"
    assert created.session.id.startswith("sess_")
    assert isinstance(updated, RealtimeTranslationSessionUpdatedEvent)
    assert updated.session.audio.output is not None
    assert updated.session.audio.output.language == "pt"
    assert isinstance(events[-1], RealtimeTranslationSessionClosedEvent)
    source = "".join(
        e.delta for e in events if isinstance(e, RealtimeTranslationInputTranscriptDeltaEvent)
    )
    target = "".join(
        e.delta for e in events if isinstance(e, RealtimeTranslationOutputTranscriptDeltaEvent)
    )
    assert source == "Good morning. Good night."
    assert target == "pt:Good pt:morning. pt:Good pt:night."
    speech = [e for e in events if isinstance(e, RealtimeTranslationOutputAudioDeltaEvent)]
    assert {(e.sample_rate, e.channels, e.format) for e in speech} == {(24_000, 1, "pcm16")}
    words = [word.text for word in lexicon.recognize(decoded([e.delta for e in speech]), 24_000)]
    assert words == ["pt:morning.", "pt:night."]
    assert len({event.event_id for event in events}) == len(events)


def test_without_transcription_the_source_is_not_sent() -> None:
    lexicon = Lexicon()
    with served(fake_engines(lexicon)) as server, openai_client(server) as client:
        events = talk(client, wire(lexicon.script((0.2, "Good day."))), transcript=False)
    kinds = {event.type for event in events}
    assert "session.input_transcript.delta" not in kinds
    assert "session.output_transcript.delta" in kinds


def test_a_client_secret_opens_a_session_with_its_language_and_nothing_else() -> None:
    lexicon = Lexicon()
    options = ServerOptions(token=TOKEN, max_sessions=2)
    with served(fake_engines(lexicon), options=options) as server:
        with openai_client(server, TOKEN) as client:
            made = client.realtime.translations.client_secrets.create(
                session={"model": "any", "audio": {"output": {"language": "pt"}}}
            )
        assert made.value.startswith("ek_")
        assert made.session.audio.output is not None
        assert made.session.audio.output.language == "pt"
        with openai_client(server, made.value) as client:
            events = talk(client, wire(lexicon.script((0.2, "Good day."))), language=None)
        assert "session.output_audio.delta" in {event.type for event in events}
        answer = server.get("/metrics", authorization=f"Bearer {made.value}")
        assert answer.status == 401


def test_an_empty_session_closes_at_once() -> None:
    with served() as server, raw(server) as connection:
        send(connection, "session.close")
        kinds = [event["type"] for event in receive_until(connection, "session.closed")]
    assert kinds == ["session.created", "session.closed"]


def test_sound_before_a_language_is_refused_with_what_to_send() -> None:
    with served(settings=Settings()) as server, raw(server) as connection:
        send(connection, "session.input_audio_buffer.append", audio="AAA=", event_id="mine")
        receive(connection)
        error = receive(connection)["error"]
        assert (error["code"], error["type"]) == ("missing_language", "invalid_request_error")
        assert "send session.update" in error["message"]


def test_a_language_that_cannot_be_spoken_is_refused_and_the_session_goes_on() -> None:
    lexicon = Lexicon()
    engines = fake_engines(lexicon)

    with served(engines) as server, raw(server) as connection:
        receive(connection)
        send(connection, "session.update", event_id="e1",
             session={"audio": {"output": {"language": "klingon"}}})  # fmt: skip
        error = receive(connection)["error"]
        assert (error["code"], error["event_id"]) == ("invalid_value", "e1")
        assert error["param"] == "session.audio.output.language"
        choose(connection, "pt")
        assert receive(connection)["type"] == "session.updated"


def test_the_language_may_change_in_the_middle_of_the_sound() -> None:
    lexicon = Lexicon()
    engines = fake_engines(lexicon)
    first = wire(lexicon.script((0.2, "Good day.")))
    second = wire(lexicon.script((0.2, "Bom dia.")))
    settings = Settings(source="auto", target="pt")
    with served(engines, settings=settings) as server, raw(server) as connection:
        for frame in frames(first):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        choose(connection, "de", transcript=False)
        for frame in frames(second):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        choose(connection, "pt", transcript=False)
        for frame in frames(first):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        events = receive_until(connection, "session.closed")
    assert text_of(events, "output").split() == ["pt:Good", "pt:day."] * 2
    errors = [event["error"] for event in events if event["type"] == "error"]
    assert [error["code"] for error in errors] == ["no_translator"]


def test_all_events_of_the_live_session_are_sent_where_they_are_wanted() -> None:
    lexicon = Lexicon()
    with (
        served(fake_engines(lexicon)) as server,
        raw(server, "?events=all") as connection,
    ):
        for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        events = receive_until(connection, "session.closed")
    names = {event["event"]["name"] for event in events if event["type"] == "stslocal.event"}
    assert {"segment_translated", "playback_started", "input_level"} <= names


def test_a_pause_of_the_client_is_silence() -> None:
    """A client that stops sending still gets the translation of its last words."""
    lexicon = Lexicon()
    with served(fake_engines(lexicon)) as server, raw(server) as connection:
        said = wire(lexicon.script((0.2, "Good day.")))
        for frame in frames(said[: -len(said) // 3]):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        receive_until(connection, "session.output_audio.delta")
        send(connection, "session.close")
        receive_until(connection, "session.closed")


def test_speech_is_sent_as_it_is_played() -> None:
    lexicon = Lexicon()
    with served(fake_engines(lexicon)) as server, raw(server) as connection:
        text = " ".join(f"word{number}" for number in range(20)) + "."
        for frame in frames(wire(lexicon.script((0.2, text)))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        events = receive_until(connection, "session.closed")
    pieces = [decoded([e["delta"]]) for e in events if e["type"] == "session.output_audio.delta"]
    assert max(map(len, pieces)) <= 4800
    assert len(np.concatenate(pieces)) > 24_000 * 4


def test_a_language_without_a_voice_is_translated_into_text() -> None:
    lexicon = Lexicon()
    said = wire(lexicon.script((0.2, "Good morning."), (1.8, "Good night.")))
    with served(text_alone(lexicon)) as server, openai_client(server) as client:
        events = talk(client, said)
    target = "".join(
        e.delta for e in events if isinstance(e, RealtimeTranslationOutputTranscriptDeltaEvent)
    )
    assert target == "pt:Good pt:morning. pt:Good pt:night."
    assert isinstance(events[-1], RealtimeTranslationSessionClosedEvent)
    assert not [e for e in events if isinstance(e, RealtimeTranslationOutputAudioDeltaEvent)]
