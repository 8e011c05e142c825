"""Runs every example of docs/server.md against a server on loopback, with fake engines."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from stslocal.audio.decode import read_audio
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import Served, served
from tests.server.realtime_kit import wire

pytestmark = [
    pytest.mark.contract,
    pytest.mark.enable_socket,
    pytest.mark.skipif(sys.platform == "win32", reason="the examples are run by a POSIX shell"),
]

PAGE = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8790"


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def block(heading: str, kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", section(heading), re.MULTILINE | re.DOTALL)
    assert isinstance(found, str)
    return found


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture(scope="module")
def server(lexicon: Lexicon) -> Iterator[Served]:
    engines = fake_engines(lexicon, models=defaultdict(list))
    with served(engines, settings=Settings(target="pt")) as one:
        yield one


@pytest.fixture
def desk(tmp_path: Path, lexicon: Lexicon) -> Path:
    """A folder with the recordings that the examples name: sound is known by its bytes."""
    for name in ("talk.mp3", "more.mp3"):
        recording = lexicon.script((0.2, "good day to you."), (4.0, "it rains and rains."))
        soundfile.write(tmp_path / name, recording, RECOGNITION_RATE, subtype="FLOAT", format="WAV")
    said = wire(lexicon.script((0.2, "good day to you.")))
    soundfile.write(tmp_path / "talk.wav", said, WIRE_RATE, subtype="PCM_16")
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return tmp_path


def run(kind: str, code: str, server: Served, desk: Path) -> str:
    code = code.replace(ADDRESS, f"http://127.0.0.1:{server.port}")
    if kind == "sh":
        code = f'PATH="{desk / "bin"}:$PATH"\n{code}'
    command = ["sh", "-e", "-u", "-c", code] if kind == "sh" else [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=desk, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[dict[str, object]]:
    """The JSON objects that were printed one behind the other."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        document, end = decoder.raw_decode(text, at)
        found.append(document)
        at = end
    return found


def test_no_example_is_left_out() -> None:
    kinds = re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)
    headings = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    mine = [len(re.findall(r"^```\w+$", section(one), re.MULTILINE)) for one in headings]
    assert kinds
    assert sum(mine) == len(kinds)


def test_health_and_figures_with_curl(server: Served, desk: Path) -> None:
    health = json.loads(run("sh", block("Who may use it", "sh"), server, desk))
    assert health["status"] == "ok"
    assert health["sessions"] == {"open": 0, "capacity": 8}
    shown = run("sh", block("Figures", "sh"), server, desk)
    table = re.findall(r"`(\w+)(?:\{(\w+)\})?`", section("Figures").partition("|---|---|")[2])
    kept = [name for name, _ in table if name not in ("finished", "failed")]
    assert len(kept) >= 16
    assert [name for name in kept if f"\nstslocal_{name}" not in shown.replace("# TYPE ", "")] == []


def test_a_live_session_with_python(server: Served, desk: Path) -> None:
    out = run("python", block("Live sessions", "python"), server, desk).splitlines()
    assert [line for line in out if line.startswith("said:")] == ["said: good day to you."]
    assert "translated: pt:good pt:day pt:to pt:you." in out
    assert (desk / "said.pcm").stat().st_size > 20_000


def test_recordings_and_texts_with_curl(server: Served, desk: Path) -> None:
    lines = block("Recordings and texts", "sh").splitlines()
    said, subtitles, translated, spoken, models = (run("sh", x, server, desk) for x in lines)
    assert json.loads(said)["text"] == "good day to you. it rains and rains."
    assert subtitles.startswith("1\n00:00:00,200 --> ")
    assert json.loads(translated)["text"].startswith("pt:good pt:day")
    assert spoken == ""
    assert len(read_audio(desk / "said.mp3")) > RECOGNITION_RATE
    assert json.loads(models)["object"] == "list"


def test_recordings_and_texts_with_python(server: Served, desk: Path) -> None:
    out = run("python", block("Recordings and texts", "python"), server, desk).splitlines()
    assert out[0].startswith("english 6.")
    assert [line.split(" ", 2)[2] for line in out[1:]] == [
        "good day to you.",
        "it rains and rains.",
    ]
    assert (desk / "said.pcm").stat().st_size > 20_000


def test_a_job_with_curl_and_python(server: Served, desk: Path) -> None:
    code = block("File jobs", "sh")
    whole, _, ending = code.partition("curl -s -X POST")
    out = run("sh", whole, server, desk)
    listed, _, rest = out.partition("event: job\n")
    assert json.loads(listed)["data"][0]["to"] == "pt"
    *events, job = [line for line in rest.splitlines() if line.startswith(("data: ", "{"))]
    *_, (last) = [line for line in events if line.startswith("data: ")]
    assert json.loads(last[6:])["state"] == "done"
    shown = objects(job[job.index("{") :])[0]
    assert shown["state"] == "done"
    assert len(read_audio(desk / "talk.pt.wav")) > 6 * RECOGNITION_RATE
    table = run("python", block("File jobs", "python"), server, desk)
    assert f"{shown['id']} done ['talk.pt.wav'," in table
    corrected = run("sh", f"JOB={shown['id']}\n{block('Correcting the sentences of a job', 'sh')}",
                    server, desk)  # fmt: skip
    lines, queued = objects(corrected.partition("event: job\n")[0])
    assert lines["name"] == "talk.mp3"
    assert queued["id"] == shown["id"]
    assert len(read_audio(desk / "second.wav")) > RECOGNITION_RATE
    assert '"state": "done"' in corrected.rpartition("event: job\n")[2]
    after = json.loads(server.get(f"/v1/jobs/{shown['id']}/recordings/1/lines").body)
    assert after["data"][1]["translation"] == "Chove muito."
    cancelled, deleted = objects(
        run("sh", f"JOB={shown['id']}\ncurl -s -X POST{ending}", server, desk)
    )
    assert cancelled["state"] == "done"
    assert deleted["deleted"] is True
    assert run("python", block("File jobs", "python"), server, desk) == ""
