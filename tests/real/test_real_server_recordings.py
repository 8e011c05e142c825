"""OpenAI's own client with the starter pack: recognized, translated, spoken, recognized again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from stslocal.loading.engines import Engines
from stslocal.samples import BundledClip
from stslocal.server.options import ServerOptions
from stslocal.settings import Settings
from tests.server.kit import served

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]


@pytest.fixture
def client(engines: Engines, tmp_path: Path) -> Iterator[openai.OpenAI]:
    options = ServerOptions(folder=tmp_path, max_sessions=1)
    with (
        served(engines, options=options, settings=Settings(target="pt")) as server,
        openai.OpenAI(
            base_url=f"http://127.0.0.1:{server.port}/v1", api_key="unused", max_retries=0
        ) as one,
    ):
        yield one


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_a_recording_is_recognized_translated_and_spoken(
    client: openai.OpenAI, bundled_clip: BundledClip
) -> None:
    recording = bundled_clip.path.read_bytes()
    said = client.audio.transcriptions.create(
        model="whisper-1", file=("clip.ogg", recording), response_format="verbose_json"
    )
    assert said.language == "english"
    assert "president" in said.text.lower()
    translation = client.audio.translations.create(
        model="whisper-1", file=("clip.ogg", recording), extra_body={"to": "pt"}
    )
    assert "presidente" in translation.text.lower()
    sentence = "O presidente chegou à cidade. A reunião começa amanhã."
    speech = client.audio.speech.create(
        model="tts-1", voice="alloy", input=sentence, response_format="mp3"
    ).read()
    again = client.audio.transcriptions.create(
        model="whisper-1", file=("said.mp3", io.BytesIO(speech)), language="pt"
    )
    assert "presidente" in again.text.lower()
    assert "cidade" in again.text.lower()


def test_the_installed_models_are_listed(
    client: openai.OpenAI, starter_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(starter_models))
    models = {model.id: model for model in client.models.list()}
    assert {"whisper-base", "kokoro-82m-int8"} <= set(models)
    assert models["whisper-base"].owned_by == "faster_whisper"
    assert models["whisper-base"].created > 1_500_000_000
    assert client.models.retrieve("whisper-base").object == "model"
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-7' is installed"):
        client.models.retrieve("gpt-7")
