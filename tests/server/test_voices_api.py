"""Voices over HTTP: consent first, names that are no paths, bounds on what is sent."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stslocal.voices.store import VoiceStore
from tests.server.kit import Answer, Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

SPEECH = Path(__file__).resolve().parents[1] / "data" / "recordings" / "jfk.flac"
FIELDS = {"name": "jo", "language": "pt", "consent": "Jo: for this test", "agreed": "true"}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> VoiceStore:
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    return VoiceStore()


def send(server: Served, clips: list[bytes], **changes: str) -> Answer:
    """Send the form with the fields of a person who agreed, changed by the test."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in {**FIELDS, **changes}.items()
    ]
    head = (
        '--x\r\nContent-Disposition: form-data; name="file"; filename="../../jo.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    parts += [head.encode() + clip + b"\r\n" for clip in clips]
    body = b"".join(parts) + b"--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return server.request("POST", "/v1/voices", body, headers)


def quiet_wav(duration_s: float) -> bytes:
    """A WAV file of silence at 8 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(np.full(round(8000 * duration_s), 128, np.uint8).tobytes())
    return file.getvalue()


def test_a_voice_is_made_listed_and_deleted(server: Served, store: VoiceStore) -> None:
    made = send(server, [SPEECH.read_bytes()])
    assert made.status == 201, made.body
    row = json.loads(made.body)
    assert (row["name"], row["consent"]) == ("jo", "Jo: for this test")
    listed = json.loads(server.get("/v1/voices").body)["data"]
    assert [voice["name"] for voice in listed] == ["jo"]
    assert store.load("jo").provenance["made_from"] == "recording 1"
    assert send(server, [SPEECH.read_bytes()]).error["message"].startswith("there is already")
    assert server.request("DELETE", "/v1/voices/jo").status == 204
    assert store.names() == []
    gone = server.request("DELETE", "/v1/voices/jo")
    assert (gone.status, gone.error["code"]) == (404, "voice_not_found")


@pytest.mark.parametrize("changes", [{"agreed": "false"}, {"agreed": ""}, {"consent": "  "}])
def test_no_voice_is_made_without_consent(
    server: Served, store: VoiceStore, changes: dict[str, str]
) -> None:
    refused = send(server, [SPEECH.read_bytes()], **changes)
    assert (refused.status, refused.error["code"]) == (400, "consent_required")
    assert store.names() == []


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".", "con", "en_alto", "x" * 80])
def test_a_name_that_cannot_be_used_is_refused(
    server: Served, store: VoiceStore, tmp_path: Path, name: str
) -> None:
    refused = send(server, [SPEECH.read_bytes()], name=name)
    assert refused.status == 400
    assert refused.error["message"]
    assert store.names() == []
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]


@pytest.mark.parametrize("path", ["/v1/voices/..%2F..%2Fetc", "/v1/voices/nobody"])
def test_what_is_no_voice_is_not_deleted(server: Served, path: str) -> None:
    assert server.request("DELETE", path).status == 404


def test_what_is_no_recording_of_a_voice_is_refused(server: Served) -> None:
    for clip, words in ((b"not sound", "recording 1"), (quiet_wav(8.0), "too quiet")):
        refused = send(server, [clip])
        assert refused.status == 400
        assert words in refused.error["message"]
    assert send(server, []).error["param"] == "file"


def test_endless_recordings_are_refused(server: Served) -> None:
    refused = send(server, [quiet_wav(605.0)])
    assert (refused.status, refused.error["code"]) == (400, "too_long")
    assert send(server, [SPEECH.read_bytes()[:100]] * 9).status == 400
