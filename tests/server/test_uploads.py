"""Uploads: bounded while they arrive, read as any recording, and their names never paths."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from stslocal.server.options import ServerOptions
from stslocal.server.uploads import shown_name
from tests.server.kit import Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

BOUNDARY = "xx-boundary-xx"
HEADERS = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
PATH = "/v1/audio/transcriptions"


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + data + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def silence(seconds: int, form: str = "FLAC") -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, np.zeros(seconds * 16_000, np.int16), 16_000, format=form)
    return stream.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Served]:
    with served(
        options=ServerOptions(folder=folder, max_sessions=8), upload_bytes=300_000, recording_s=60.0
    ) as one:
        yield one


@pytest.fixture(autouse=True)
def _nothing_is_left(folder: Path) -> Iterator[None]:
    yield
    assert [path for path in folder.rglob("*") if path.is_file() and "upload" in str(path)] == []


def test_silence_is_an_empty_text(server: Served) -> None:
    answer = server.request("POST", PATH, part("file", silence(3), "a.flac") + END, HEADERS)
    assert answer.status == 200
    assert json.loads(answer.body)["text"] == ""


def test_a_small_file_with_hours_of_sound_is_refused(server: Served) -> None:
    bomb = silence(3600)
    assert len(bomb) < 200_000
    answer = server.request("POST", PATH, part("file", bomb, "bomb.flac") + END, HEADERS)
    assert answer.status == 400
    assert answer.error["message"] == (
        "the recording is longer than 1 min, which is the most here: cut it into parts"
    )


def test_a_body_that_is_too_large_is_refused_before_and_while_it_arrives(server: Served) -> None:
    body = part("file", bytes(400_000), "a.wav") + END
    assert server.request("POST", PATH, body, HEADERS).status == 413

    def pieces() -> Iterator[bytes]:  # without a declared length
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    answer = server.request("POST", PATH, pieces(), HEADERS)
    assert answer.status == 413
    assert answer.error["code"] == "too_large"


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"", "invalid_form", "the form"),
        (b"nonsense", "invalid_form", "the form"),
        (part("file", b"x", "a.wav"), "invalid_form", "the form ends before its last boundary"),
        (part("file", b"", "a.wav") + END, "invalid_audio", "a.wav"),
        (part("file", b"x", "a") + part("file", b"x", "b") + END, "too_many_files", "at most 1"),
        (part("language", b"en") + END, "missing", "send it in the field `file`"),
        (part("language", b"e" * 70_000) + END, "invalid_value", "longer than 64 KB"),
        (b"".join(part(f"f{n}", b"") for n in range(70)) + END, "invalid_form", "64 fields"),
        (
            part("model", b"a") + part("model", b"b") + part("file", b"x", "a.wav") + END,
            "invalid_value",
            "model is given 2 times",
        ),
        (part("file", b"PK\x03\x04" + bytes(99), "a.zip") + END, "invalid_audio", "a.zip is not"),
        (
            part("file", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a.m3u8") + END,
            "invalid_audio",
            "a.m3u8 is not a recording",
        ),
    ],
)
def test_a_wrong_form(body: bytes, code: str, says: str, server: Served) -> None:
    answer = server.request("POST", PATH, body, HEADERS)
    assert answer.status == 400
    assert answer.error["code"] == code
    assert says in answer.error["message"]


@pytest.mark.parametrize(
    "kind", ["", "application/json", "multipart/form-data", "text/plain; a=\xe4"]
)
def test_a_body_that_is_no_form(kind: str, server: Served) -> None:
    answer = server.request("POST", PATH, b"{}", {"content-type": kind} if kind else {})
    assert answer.status == 400
    assert answer.error["code"] == "invalid_form"


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\x", ".", "..", "", "a\x00b",
     "~/x", "a" * 5000, "\u202eexe.wav", "con", "-rf", "x\r\ny"],
)  # fmt: skip
def test_a_name_of_a_file_is_never_a_path(name: str, server: Served, folder: Path) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 110
    assert not set(shown) & set('/\\\x00\r\n:"<>|?*')
    assert shown not in (".", "..")
    before = set(folder.parent.rglob("*"))
    body = part("file", b"no sound", name.replace("\r\n", "%0D%0A")) + END
    assert server.request("POST", PATH, body, HEADERS).status == 400
    assert set(folder.parent.rglob("*")) - before <= {folder / "uploads"}


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_can_be_shown(name: str) -> None:
    shown = shown_name(name)
    assert shown
    assert shown == Path(shown).name
    assert shown.isprintable()
    shown.encode()


def test_a_full_disk_is_said_before_and_while_an_upload_arrives(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = part("file", silence(1), "a.flac") + END
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
        answer = server.request("POST", PATH, body, HEADERS)
    assert (answer.status, answer.error["code"]) == (507, "disk_full")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("stslocal.server.uploads._FormReader._on_data", full)
        answer = server.request("POST", PATH, body, HEADERS)
    assert (answer.status, answer.error["code"]) == (507, "disk_full")
    assert server.request("POST", PATH, body, HEADERS).status == 200


def test_random_bytes_are_refused_and_nothing_falls_over(server: Served) -> None:
    rng = np.random.default_rng(1)
    whole = part("file", silence(1), "a.flac") + END
    for _ in range(60):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(damaged), 12):
            damaged[at] = int(rng.integers(0, 256))
        answer = server.request("POST", PATH, bytes(damaged[: int(rng.integers(1, len(whole)))]),
                                HEADERS)  # fmt: skip
        assert answer.status in (200, 400)
    assert server.get("/health").status == 200


def test_a_damaged_form_is_refused_and_writes_nothing_on_the_servers_screen(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.request("POST", PATH, b"no form", HEADERS)
    assert (answer.status, answer.error["code"]) == (400, "invalid_form")
    assert [record.getMessage() for record in caplog.records if "boundary" in record.msg] == []
