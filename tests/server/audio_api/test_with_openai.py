"""Recordings and texts with OpenAI's own client, at a real server on loopback with fake engines."""

from __future__ import annotations

import io
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

import numpy as np
import openai
import pytest
import soundfile
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive

from stslocal.audio.decode import read_audio
from stslocal.errors import SettingsError
from stslocal.files.transcription import FileTranscription
from stslocal.loading.engines import Engines
from stslocal.loading.selection import Use
from stslocal.server import work
from stslocal.server.options import ServerOptions
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples, Segment, VoiceProfile
from tests.fake_engines import fake_engines
from tests.fakes import FakeRecognizer, FakeSynthesizer, Lexicon
from tests.server.kit import Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


@dataclass(slots=True)
class SteppedSynthesizer(FakeSynthesizer):
    """Waits, where it is asked to, before the second sentence, until the test lets it go on."""

    waits: bool = False
    may_go_on: threading.Event = field(default_factory=threading.Event)
    sentences: list[str] = field(default_factory=list)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        self.sentences.append(f"{voice.name if voice else 'default'}: {text}")
        if not text.isascii():  # as Kokoro leaves out words in another script
            return
        if self.waits and len(self.sentences) > 1:
            assert self.may_go_on.wait(60)
        # A class with slots has no `super()` without arguments in Python 3.10.
        yield from FakeSynthesizer.synthesize(
            self, text, language=language, voice=voice, speed=speed
        )


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture(scope="module")
def synthesizer(lexicon: Lexicon) -> SteppedSynthesizer:
    return SteppedSynthesizer(lexicon=lexicon)


@pytest.fixture(scope="module")
def engines(lexicon: Lexicon, synthesizer: SteppedSynthesizer) -> Engines:
    return fake_engines(lexicon, synthesizer=synthesizer, models=defaultdict(list))


@pytest.fixture(scope="module")
def server(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("server")
    options = ServerOptions(folder=folder, max_sessions=8)
    with served(engines, options=options, settings=Settings(target="pt")) as one:
        yield one
    assert not list(folder.glob("uploads/*")), "uploads are left"


@pytest.fixture
def client(server: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"http://127.0.0.1:{server.port}/v1", api_key="unused", max_retries=0
    ) as one:
        yield one


@pytest.fixture(scope="module")
def talk(lexicon: Lexicon) -> bytes:
    recording = lexicon.script((0.2, "good day to you."), (4.0, "it rains and rains."))
    stream = io.BytesIO()
    soundfile.write(stream, recording, RECOGNITION_RATE, subtype="FLOAT", format="WAV")
    return stream.getvalue()


def test_a_transcription(client: openai.OpenAI, talk: bytes) -> None:
    result = client.audio.transcriptions.create(model="whisper-1", file=("talk.wav", talk))
    assert result.text == "good day to you. it rains and rains."
    assert result.usage is not None
    assert result.usage.type == "duration"
    assert result.usage.seconds == pytest.approx(6.1, abs=0.1)


def test_a_transcription_with_times(client: openai.OpenAI, talk: bytes) -> None:
    result = client.audio.transcriptions.create(
        model="gpt-4o-transcribe",
        file=("talk.wav", talk),
        language="English",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        temperature=0.0,
        prompt="weather",
    )
    assert result.language == "english"
    assert result.duration == pytest.approx(6.1, abs=0.1)
    assert result.segments is not None
    assert [(one.id, one.text) for one in result.segments] == [
        (0, "good day to you."),
        (1, "it rains and rains."),
    ]
    assert result.segments[1].start == pytest.approx(4.0, abs=0.02)
    assert result.segments[0].avg_logprob == pytest.approx(-0.01, abs=0.001)
    assert result.words is not None
    assert [word.word for word in result.words][:2] == ["good", "day"]
    assert result.words[4].start == pytest.approx(4.0, abs=0.02)


def test_a_transcription_as_events(client: openai.OpenAI, talk: bytes) -> None:
    events = client.audio.transcriptions.create(
        model="gpt-4o-transcribe", file=("talk.wav", talk), stream=True
    )
    deltas, done = [], ""
    for one in events:
        if one.type == "transcript.text.delta":
            deltas.append(one.delta)
        elif one.type == "transcript.text.done":
            done = one.text
    assert deltas == ["good day to you.", " it rains and rains."]
    assert done == "good day to you. it rains and rains."
    with pytest.raises(openai.BadRequestError, match="is not a recording that"):
        client.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=("talk.wav", b"nothing"), stream=True
        )


@pytest.mark.parametrize(
    ("form", "begins", "has"),
    [
        ("text", "good day to you. it rains", "and rains.\n"),
        ("srt", "1\n00:00:00,200 --> ", "\n2\n00:00:04,000 --> "),
        ("vtt", "WEBVTT\n\n00:00:00.200 --> ", "good day to you."),
    ],
)
def test_the_forms_of_text(
    form: str, begins: str, has: str, client: openai.OpenAI, talk: bytes
) -> None:
    result = str(
        client.audio.transcriptions.create(
            model="whisper-1",
            file=("talk.wav", talk),
            response_format=form,  # type: ignore[call-overload]
        )
    )
    assert result.startswith(begins)
    assert has in result


# OpenAI calls its own interface for translations deprecated.
@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_a_translation_into_any_language(client: openai.OpenAI, talk: bytes) -> None:
    result = client.audio.translations.create(
        model="whisper-1", file=("talk.wav", talk), extra_body={"to": "Portuguese"}
    )
    assert result.text == "pt:good pt:day pt:to pt:you. pt:it pt:rains pt:and pt:rains."
    verbose = client.audio.translations.create(
        model="whisper-1",
        file=("talk.wav", talk),
        response_format="verbose_json",
        extra_body={"to": "pt", "language": "en"},
    )
    assert verbose.language == "portuguese"
    assert verbose.segments is not None
    assert verbose.segments[1].text == "pt:it pt:rains pt:and pt:rains."


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
@pytest.mark.parametrize("given", [{}, {"language": "en"}])
def test_english_translated_into_english_is_what_was_said(
    given: dict[str, str], client: openai.OpenAI, talk: bytes
) -> None:
    result = client.audio.translations.create(
        model="whisper-1", file=("talk.wav", talk), extra_body=given
    )
    assert result.text == "good day to you. it rains and rains."


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_in_each_format(
    form: str, client: openai.OpenAI, lexicon: Lexicon, tmp_path: Path
) -> None:
    text = "Good morning to you. It rains again."
    speech = client.audio.speech.create(
        model="tts-1",
        voice="alloy",
        input=text,
        response_format=form,  # type: ignore[arg-type]
        extra_body={"language": "en"},
    ).read()
    if form == "pcm":
        samples = np.frombuffer(speech, "<i2").astype(np.float32) / np.float32(32768)
    else:
        path = tmp_path / f"said.{form}"
        path.write_bytes(speech)
        samples = read_audio(path, sample_rate=24_000)
    assert len(samples) / 24_000 == pytest.approx(7 * 0.3 - 2 * 0.06 + 0.4, abs=0.1)
    if form in ("flac", "wav", "pcm"):
        assert " ".join(word.text for word in lexicon.recognize(samples, 24_000)) == text


def test_bytes_leave_while_later_sentences_are_spoken(
    client: openai.OpenAI, synthesizer: SteppedSynthesizer
) -> None:
    synthesizer.sentences.clear()
    synthesizer.waits = True
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="en_bass", input="First one. Second one.", response_format="pcm"
    ) as response:
        pieces = response.iter_bytes(1000)
        first = next(pieces)
        assert not synthesizer.may_go_on.is_set()
        synthesizer.may_go_on.set()
        rest = b"".join(pieces)
    synthesizer.waits = False
    synthesizer.may_go_on.clear()
    assert synthesizer.sentences == ["en_bass: First one.", "en_bass: Second one."]
    assert len(first) == 1000
    assert len(rest) > 24_000


def test_speech_ends_when_its_client_goes(
    client: openai.OpenAI, synthesizer: SteppedSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesizer.sentences.clear()
    synthesizer.waits = True
    text = " ".join(f"Sentence {number}." for number in range(100))
    gone = threading.Event()
    listens = StreamingResponse.listen_for_disconnect

    async def seen(response: StreamingResponse, receive: Receive) -> None:
        await listens(response, receive)
        gone.set()

    monkeypatch.setattr(StreamingResponse, "listen_for_disconnect", seen)
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="en_alto", input=text, response_format="pcm"
    ) as response:
        next(response.iter_bytes(1000))
    assert gone.wait(60), "the server has not seen that its client has gone"
    synthesizer.may_go_on.set()
    said = client.audio.speech.create(model="tts-1", voice="en_alto", input="Still here.").read()
    synthesizer.waits = False
    synthesizer.may_go_on.clear()
    assert len(said) > 1000
    sleep(0.5)  # all sentences would be spoken by now
    assert len(synthesizer.sentences) < 50


def test_speech_as_events(client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts",
        voice="marin",
        input="One. Two.",
        response_format="pcm",
        stream_format="sse",
        instructions="Speak like a pirate.",
    ) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: ")]
    assert '"speech.audio.delta"' in lines[0]
    assert '"speech.audio.done"' in lines[-1]


def test_a_faster_voice_says_the_same_in_less_time(client: openai.OpenAI) -> None:
    def seconds(speed: float) -> float:
        said = client.audio.speech.create(
            model="tts-1", voice="nova", input="a b c d e f g h", response_format="pcm", speed=speed
        ).read()
        return len(said) / 48_000

    usual = seconds(1.0)
    assert seconds(2.0) == pytest.approx(usual / 2, rel=0.15)
    assert seconds(4.0) == pytest.approx(usual / 4, rel=0.25)
    assert seconds(0.5) == pytest.approx(usual * 2, rel=0.15)


def test_the_voice_says_which_language_it_speaks(
    client: openai.OpenAI, synthesizer: SteppedSynthesizer
) -> None:
    synthesizer.sentences.clear()
    client.audio.speech.create(model="tts-1", voice="en_alto", input="One.").read()
    client.audio.speech.create(model="tts-1", voice="echo", input="Um.").read()
    assert synthesizer.sentences == ["en_alto: One.", "pt_alto: Um."]


def test_a_language_is_spoken_into_which_nothing_translates(
    server: Served, client: openai.OpenAI, synthesizer: SteppedSynthesizer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real = server.state.engines_for

    def only_into_english(source: str, target: str, use: Use = "live", **_: str) -> Engines:
        if target != "en":
            raise SettingsError(f"nothing translates into {target}: pull a model")
        return real(source, target, use)

    monkeypatch.setattr(server.state, "engines_for", only_into_english)
    synthesizer.sentences.clear()
    client.audio.speech.create(
        model="tts-1", voice="alloy", input="Um.", extra_body={"language": "pt"}
    ).read()
    assert synthesizer.sentences == ["pt_alto: Um."]
    with pytest.raises(openai.BadRequestError, match="nothing translates into de: pull a model"):
        client.audio.speech.create(
            model="tts-1", voice="alloy", input="Eins.", extra_body={"language": "de"}
        )


def test_more_requests_than_may_wait_are_refused(
    engines: Engines, synthesizer: SteppedSynthesizer, tmp_path: Path
) -> None:
    options = ServerOptions(folder=tmp_path, max_sessions=8)
    synthesizer.sentences.clear()
    synthesizer.waits = True
    body = json.dumps({"input": "One. Two.", "language": "en"}).encode()
    with (
        served(engines, options=options, requests_at_once=1, requests_waiting=0) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(server.request, "POST", "/v1/audio/speech", body)
        try:
            while len(synthesizer.sentences) < 2:  # it speaks, and is held
                sleep(0.05)
            refused = server.request("POST", "/v1/audio/speech", body)
        finally:
            synthesizer.waits = False
            synthesizer.may_go_on.set()
        done = asked.result(60).status
        later = server.request("POST", "/v1/audio/speech", body).status
    synthesizer.may_go_on.clear()
    assert (refused.status, refused.error["code"]) == (503, "overloaded")
    assert (done, later) == (200, 200)


@pytest.mark.parametrize(
    ("given", "param", "says"),
    [
        ({"response_format": "diarized_json"}, "response_format", "take one of json, text, srt"),
        ({"extra_body": {"language": "klingon"}}, None, "'klingon' is not a language"),
        ({"extra_body": {"language": "ja"}}, "language", "does not recognize Japanese"),
        ({"model": "whisper-9"}, "model", "there is no recognizer 'whisper-9'"),
        ({"model": "whisper-small"}, "model", "it has fake-recognizer"),
        ({"extra_body": {"colour": "red"}}, "colour", "there is no parameter 'colour'"),
        ({"extra_body": {"stream": "soon"}}, "stream", "stream is true or false"),
        (
            {"stream": True, "response_format": "srt"},
            "stream",
            "leave out `response_format`",
        ),
        ({"file": ("talk.wav", b"RIFFnothing")}, None, "talk.wav is not a recording"),
        ({"file": ("../../etc/passwd", b"root:x:0")}, None, "passwd is not a recording"),
    ],
)
def test_a_wrong_request_for_text(
    given: dict[str, object], param: str | None, says: str, client: openai.OpenAI, talk: bytes
) -> None:
    asked = {"model": "whisper-1", "file": ("talk.wav", talk), **given}
    with pytest.raises(openai.APIStatusError) as caught:
        client.audio.transcriptions.create(**asked)  # type: ignore[call-overload]
    assert caught.value.status_code in (400, 404)
    assert says in caught.value.message
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"input": " "}, "there is nothing to speak"),
        ({"input": "... !"}, "a text with words"),
        ({"input": "早上好。 下雨了。"}, "can be spoken in Portuguese (pt): name the language"),
        ({"input": "a " * 20_000}, "more than 32768 characters"),
        ({"voice": "klaus"}, "there is no voice 'klaus'"),
        ({"response_format": "wma"}, "take one of mp3, opus, aac, flac, wav, pcm"),
        ({"speed": 9}, "speed is a number from 0.25 to 4"),
        ({"model": "tts-9000"}, "there is no synthesizer 'tts-9000'"),
        ({"extra_body": {"colour": "red"}}, "there is no parameter 'colour'"),
        ({"extra_body": {"language": ["pt"]}}, "language is no text"),
    ],
)
def test_a_wrong_request_for_speech(
    given: dict[str, object], says: str, client: openai.OpenAI
) -> None:
    asked = {"model": "tts-1", "input": "Hi.", "voice": "alloy", **given}
    with pytest.raises(openai.APIStatusError) as caught:
        client.audio.speech.create(**asked)  # type: ignore[arg-type]
    assert caught.value.status_code in (400, 404)
    assert says in caught.value.message


def test_a_recording_is_not_read_on_when_its_client_goes(
    server: Served, lexicon: Lexicon, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour of silence and then words: nothing is recognized after the client has gone."""
    reading, gone, ended = threading.Event(), threading.Event(), threading.Event()
    read_s: list[float] = []
    real = FileTranscription.segments
    noticed = work._set_when_gone

    async def noticing(request: Request, stop: threading.Event) -> None:
        await noticed(request, stop)
        gone.set()

    monkeypatch.setattr(work, "_set_when_gone", noticing)

    def watched(running: FileTranscription) -> Iterator[Segment]:
        reading.set()
        assert gone.wait(60)
        try:
            yield from real(running)
        finally:
            read_s.append(running.duration_s)
            ended.set()

    monkeypatch.setattr(FileTranscription, "segments", watched)
    stream = io.BytesIO()
    sound = np.zeros(600 * RECOGNITION_RATE, np.int16)
    sound[-RECOGNITION_RATE:] = 9000
    soundfile.write(stream, sound, RECOGNITION_RATE, format="WAV")
    head = 'Content-Disposition: form-data; name="file"; filename="long.wav"\r\n\r\n'
    body = f"--x\r\n{head}".encode() + stream.getvalue() + b"\r\n--x--\r\n"
    connection = server.connect()
    connection.sendall(
        b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    connection.sendall(body)
    assert reading.wait(60)
    connection.close()
    assert ended.wait(60)
    assert read_s[0] < 600


def test_a_bug_is_a_sentence_without_its_text(
    client: openai.OpenAI, talk: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("stslocal.server.audio_api.recordings.answer", broken)
    with pytest.raises(openai.InternalServerError) as caught:
        client.audio.transcriptions.create(model="whisper-1", file=("talk.wav", talk))
    assert caught.value.code == "fault"
    assert "a fault of its own (RuntimeError)" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_long_body_for_speech_is_refused_while_it_arrives(server: Served) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"input": "'
        for _ in range(30):
            yield b"a" * 100_000

    answer = server.request("POST", "/v1/audio/speech", pieces())
    assert answer.status == 413
    assert answer.error["code"] == "too_large"
    for body in (b"", b"[1]", b'{"input":', b"\xff", b"[" * 100_000):
        answer = server.request("POST", "/v1/audio/speech", body)
        assert answer.status == 400
        assert answer.error["code"] == "invalid_json"


def test_an_engine_that_fails_is_an_error_of_the_server(
    talk: bytes, lexicon: Lexicon, tmp_path: Path
) -> None:
    engines = fake_engines(lexicon, recognizer=FakeRecognizer(lexicon=lexicon, fails_at=1))
    with (
        served(engines, options=ServerOptions(folder=tmp_path, max_sessions=8)) as server,
        openai.OpenAI(
            base_url=f"http://127.0.0.1:{server.port}/v1", api_key="unused", max_retries=0
        ) as client,
    ):
        with pytest.raises(openai.InternalServerError, match="the fake engine failed"):
            client.audio.transcriptions.create(model="whisper-1", file=("talk.wav", talk))
        again = client.audio.transcriptions.create(model="whisper-1", file=("talk.wav", talk))
    assert again.text == "good day to you. it rains and rains."
