"""`stslocal serve` as a program: it connects to nobody, and ends in order at SIGTERM."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websockets.sync.client import connect

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import to_pcm16
from stslocal.samples import BundledClip
from stslocal.server.realtime.protocol import WIRE_RATE
from tests import without_sockets

pytestmark = pytest.mark.real

SPOKEN_S = 5


@contextmanager
def serving(models: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server that the kernel kills when it connects to anything, and its port."""
    command = [sys.executable, without_sockets.__file__, "--may-listen", "serve", "--port", "0",
               "--from", "en", "--to", "pt", "--max-sessions", "1"]  # fmt: skip
    environment = {**os.environ, "STSLOCAL_MODELS": str(models)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, stderr=file, stdout=file, env=environment)
    try:
        while "serving at " not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        address = log.read_text().partition("serving at http://127.0.0.1:")[2]
        yield process, int(address.split()[0])
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not without_sockets.supported(), reason="needs seccomp")
def test_it_connects_to_nobody_and_translates_what_was_said_before_it_ends(
    starter_models: Path, bundled_clip: BundledClip, tmp_path: Path
) -> None:
    speech = read_audio(bundled_clip.path, sample_rate=WIRE_RATE)[: SPOKEN_S * WIRE_RATE]
    log = tmp_path / "log.txt"
    with serving(starter_models, log) as (process, port):
        for path in ("/", "/health", "/metrics", "/v1/models", "/openapi.json"):
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            assert connection.getresponse().status < 500, path
            connection.close()
        address = f"ws://127.0.0.1:{port}/v1/realtime/translations?model=local"
        with connect(address, proxy=None, max_queue=None) as client:
            pcm = base64.b64encode(to_pcm16(speech)).decode()
            event = {"type": "session.input_audio_buffer.append", "audio": pcm}
            client.send(json.dumps(event))
            events = []
            for message in client:
                events.append(json.loads(message))
                if events[-1]["type"] == "session.output_transcript.delta":
                    break  # it is translated, and not spoken yet
            else:
                pytest.fail(f"the session ended before that: {[one['type'] for one in events]}")
            process.send_signal(signal.SIGTERM)
            events += [json.loads(message) for message in client]
        assert process.wait(300) == 0, log.read_text()
    kinds = {event["type"] for event in events}
    assert {"session.output_transcript.delta", "session.output_audio.delta"} <= kinds
    assert events[-1]["type"] == "session.closed"
