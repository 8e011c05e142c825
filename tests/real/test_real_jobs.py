"""A job outlives the death of its server: `stslocal serve`, killed in the middle, goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import read_audio
from stslocal.samples import BundledClip
from stslocal.types import RECOGNITION_RATE

pytestmark = [pytest.mark.real, pytest.mark.enable_socket]

CHECKOUT = Path(__file__).parents[2]


class ServerProcess:
    """`stslocal serve` as a program."""

    def __init__(self, folder: Path, models: Path) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "STSLOCAL_MODELS": str(models),
            "STSLOCAL_SERVER": str(folder),
        }
        command = [sys.executable, "-m", "stslocal", "serve", "--to", "pt", "--port", "0"]
        command += ["--max-sessions", "1"]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if " http://" in line:
                self.address = f"http://{line.partition('http://')[2].split()[0]}"
                return
        raise AssertionError("the server has not begun")

    def ask(
        self, path: str, body: bytes | None = None, kind: str = "", method: str | None = None
    ) -> Any:
        headers = {"content-type": kind} if kind else {}
        request = Request(self.address + path, body, headers, method=method)
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def wait_for(self, job: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = time.monotonic() + 300
        while time.monotonic() < until:
            shown: dict[str, Any] = self.ask(f"/v1/jobs/{job}")
            if condition(shown):
                return shown
            time.sleep(0.2)
        raise AssertionError(f"it takes too long: {shown}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


def _correct(server: ServerProcess, job: str, lines: str) -> dict[str, Any]:
    """Give the second sentence another translation, and wait until it is spoken."""
    body = json.dumps({"lines": [{"number": 2, "translation": "Isto foi corrigido."}]}).encode()
    server.ask(lines, body, "application/json", "PATCH")
    return server.wait_for(job, lambda shown: bool(shown["state"] == "done"))


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed")
def test_a_killed_server_goes_on_with_its_job_and_corrects_a_sentence(
    tmp_path: Path, starter_models: Path, bundled_clip: BundledClip
) -> None:
    recording = bundled_clip.path.read_bytes()
    parts = [b'--x\r\nContent-Disposition: form-data; name="from"\r\n\r\nen\r\n']
    for name in ("one.ogg", "two.ogg"):
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + recording + b"\r\n")
    body = b"".join(parts) + b"--x--\r\n"
    server = ServerProcess(tmp_path, starter_models)
    try:
        job = server.ask("/v1/jobs", body, "multipart/form-data; boundary=x")["id"]
        server.wait_for(job, lambda shown: bool(shown["recordings"][1]["state"] == "running"))
    finally:
        server.kill()
    results = tmp_path / "jobs" / job / "results"
    before = {path.name: path.stat().st_mtime_ns for path in results.glob("1.*")}
    assert "1.pt.wav" in before
    assert not (results / "2.pt.session.json").exists()

    server = ServerProcess(tmp_path, starter_models)
    try:
        done = server.wait_for(job, lambda shown: shown["state"] in ("done", "failed"))
        with urlopen(server.address + done["files"][0]["url"], timeout=60) as answer:
            (tmp_path / "one.wav").write_bytes(answer.read())
        first_files = {path.name: path.stat().st_mtime_ns for path in results.glob("1.*")}
        second, rate = soundfile.read(results / "2.pt.wav", dtype="int16")
        corrected = _correct(server, job, done["recordings"][1]["lines"])
    finally:
        server.kill()
    assert corrected["state"] == "done"
    assert "error" not in corrected["recordings"][1]
    lines = json.loads((results / "2.pt.session.json").read_text(encoding="utf-8"))["segments"]
    assert lines[1]["translation"] == "Isto foi corrigido."
    after, _ = soundfile.read(results / "2.pt.wav", dtype="int16")
    same = round(lines[0]["target"]["end_s"] * rate)
    assert np.array_equal(second[:same], after[:same]), "the first sentence is as it was"
    assert not np.array_equal(second[same:], after[same:])
    assert first_files == before
    assert [part["state"] for part in done["recordings"]] == ["done", "done"]
    assert {file["name"] for file in done["files"]} >= {"one.pt.wav", "two.pt.wav", "two.en.srt"}
    assert list(results.glob(".stslocal-*")) == []
    assert len(read_audio(tmp_path / "one.wav")) > 5 * RECOGNITION_RATE
