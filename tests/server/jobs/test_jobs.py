"""File jobs at a real server on loopback, with fake engines."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from stslocal.engines.protocols import VadState
from stslocal.loading.engines import Engines
from stslocal.types import Samples
from tests.fakes import FakeVad, Lexicon
from tests.server.jobs_kit import (
    HeldSynthesizer,
    begun,
    ended,
    followed,
    server_at,
    shown,
    submitted,
    wav,
)
from tests.server.kit import Served, eventually

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


@dataclass(slots=True)
class HeldVad(FakeVad):
    """Waits at its second block until the test lets it go on."""

    blocks: int = 0
    holding: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def probabilities(
        self, samples: Samples, state: VadState
    ) -> tuple[NDArray[np.float32], VadState]:
        self.blocks += 1
        if self.blocks == 2:
            self.holding.set()
            assert self.may_go_on.wait(60)
        return FakeVad.probabilities(self, samples, state)


@pytest.fixture
def talk(lexicon: Lexicon) -> bytes:
    return wav(lexicon, (0.2, "good day to you."), (4.0, "it rains and rains."))


@pytest.mark.usefixtures("kept_levels")
def test_a_job_from_submission_to_its_results(
    server: Served, talk: bytes, lexicon: Lexicon
) -> None:
    job = begun(server, ("My talk.wav", talk))
    assert (job["from"], job["to"], job["object"]) == ("auto", "pt", "job")
    with followed(server, job["id"]) as events:
        states = list(events)
    assert states[-1]["state"] == "done"
    assert [one["recordings"][0]["done_s"] for one in states] == sorted(
        one["recordings"][0]["done_s"] for one in states
    )
    (recording,) = states[-1]["recordings"]
    assert recording["name"] == "My talk.wav"
    assert recording["done_s"] == recording["total_s"] == pytest.approx(6.2, abs=0.1)
    assert states[-1]["sentence"]["translation"] == "pt:it pt:rains pt:and pt:rains."
    files = {file["name"]: file for file in states[-1]["files"]}
    assert {name: file["kind"] for name, file in files.items()} == {
        "My talk.pt.wav": "audio",
        "My talk.en.srt": "subtitles",
        "My talk.pt.srt": "subtitles",
        "My talk.en.vtt": "subtitles",
        "My talk.pt.vtt": "subtitles",
        "My talk.pt.session.json": "session",
    }
    audio = server.get(files["My talk.pt.wav"]["url"])
    assert audio.headers["content-type"] == "audio/wav"
    assert "attachment" in audio.headers["content-disposition"]
    assert audio.headers["x-content-type-options"] == "nosniff"
    assert len(audio.body) == files["My talk.pt.wav"]["bytes"]
    samples, rate = soundfile.read(io.BytesIO(audio.body), dtype="float32")
    said = " ".join(word.text for word in lexicon.recognize(samples, rate))
    assert said == "pt:good pt:day pt:to pt:you. pt:it pt:rains pt:and pt:rains."
    part = server.get(files["My talk.pt.wav"]["url"], range="bytes=0-3")
    assert (part.status, part.body) == (206, b"RIFF")
    assert b"pt:rains" in server.get(files["My talk.pt.srt"]["url"]).body
    session = json.loads(server.get(files["My talk.pt.session.json"]["url"]).body)
    assert session["schema"] == "stslocal.session"
    listed = json.loads(server.get("/v1/jobs").body)
    assert [one["id"] for one in listed["data"]] == [job["id"]]


def test_several_recordings_in_one_job(server: Served, lexicon: Lexicon) -> None:
    english = wav(lexicon, (0.2, "good day."))
    silence = io.BytesIO()
    soundfile.write(silence, [0.0] * 16_000, 16_000, format="WAV")
    job = begun(
        server, ("a.wav", english), ("a.wav", english), ("A.mp3", silence.getvalue()),
        output_format="flac", subtitles="srt", voice="pt_bass",
    )  # fmt: skip
    done = ended(server, job["id"])
    assert [one["state"] for one in done["recordings"]] == ["done", "done", "done"]
    assert done["recordings"][2]["warnings"] == [
        "nobody speaks in this recording: its translation is silent"
    ]
    audio = [file["name"] for file in done["files"] if file["kind"] == "audio"]
    assert audio == ["a.pt.flac", "a (2).pt.flac", "A (3).pt.flac"]
    assert not [file for file in done["files"] if file["name"].endswith(".vtt")]


def test_a_voice_that_does_not_exist_fails_the_job(server: Served, talk: bytes) -> None:
    done = ended(server, begun(server, ("talk.wav", talk), voice="klaus")["id"])
    assert done["state"] == "failed"
    assert "there is no voice 'klaus'" in done["recordings"][0]["error"]
    assert done["files"] == []


def test_a_bug_is_a_sentence_without_a_path(
    engines: Engines, talk: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"secret {tmp_path}")

    monkeypatch.setattr("stslocal.server.jobs.worker.translate_to_files", broken)
    with server_at(tmp_path, engines) as server:
        done = ended(server, begun(server, ("talk.wav", talk))["id"])
    assert (
        done["recordings"][0]["error"] == "talk.wav failed by a fault of the server (RuntimeError)"
    )


def test_one_job_at_a_time_and_a_waiting_one_is_cancelled_at_once(
    server: Served, talk: bytes, synthesizer: HeldSynthesizer
) -> None:
    synthesizer.holds_at = 0
    first, second = (begun(server, ("talk.wav", talk))["id"] for _ in range(2))
    assert synthesizer.holding.wait(60)
    assert shown(server, first)["state"] == "running"
    assert shown(server, second)["state"] == "queued"
    cancelled = json.loads(server.request("POST", f"/v1/jobs/{second}/cancel").body)
    assert cancelled["state"] == "cancelled"
    synthesizer.may_go_on.set()
    assert ended(server, first)["state"] == "done"
    assert shown(server, second)["files"] == []


def test_a_job_in_work_is_cancelled_at_its_next_sentence(
    server: Served, lexicon: Lexicon, synthesizer: HeldSynthesizer
) -> None:
    synthesizer.holds_at = 0
    lines = [(0.2 + 30 * number, f"sentence number {number}.") for number in range(20)]
    job = begun(server, ("long.wav", wav(lexicon, *lines)))["id"]
    assert synthesizer.holding.wait(60)
    assert server.request("POST", f"/v1/jobs/{job}/cancel").status == 200
    synthesizer.may_go_on.set()
    assert ended(server, job)["state"] == "cancelled"
    assert len(synthesizer.sentences) < 20
    assert json.loads(server.request("POST", f"/v1/jobs/{job}/cancel").body)["state"] == "cancelled"


@pytest.mark.parametrize("by", ["cancel", "stop"])
def test_a_job_stops_also_while_nobody_speaks(
    by: str, lexicon: Lexicon, engines: Engines, tmp_path: Path
) -> None:
    vad = HeldVad()
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(600 * 16_000, np.int16), 16_000, format="FLAC")
    with server_at(tmp_path, replace(engines, vad=vad)) as server:
        job = begun(server, ("silence.flac", silence.getvalue()))["id"]
        assert vad.holding.wait(60)
        if by == "cancel":
            server.request("POST", f"/v1/jobs/{job}/cancel")
        else:
            server.server.stop()
        vad.may_go_on.set()
        if by == "cancel":
            assert ended(server, job)["state"] == "cancelled"
    kept = json.loads((tmp_path / "jobs" / job / "job.json").read_text(encoding="utf-8"))
    assert kept["state"] == {"cancel": "cancelled", "stop": "queued"}[by]
    assert vad.blocks < 100


def test_a_deleted_job_leaves_nothing(
    server: Served, talk: bytes, synthesizer: HeldSynthesizer, tmp_path: Path
) -> None:
    done = begun(server, ("talk.wav", talk))["id"]
    assert ended(server, done)["state"] == "done"
    synthesizer.holds_at = len(synthesizer.sentences)
    running = begun(server, ("talk.wav", talk))["id"]
    assert synthesizer.holding.wait(60)
    with followed(server, running) as events:
        next(events)
        for job in (done, running):
            answer = json.loads(server.request("DELETE", f"/v1/jobs/{job}").body)
            assert answer == {"id": job, "object": "job.deleted", "deleted": True}
            assert server.get(f"/v1/jobs/{job}").error["code"] == "job_not_found"
            assert server.request("DELETE", f"/v1/jobs/{job}").status == 404
        assert json.loads(server.get("/v1/jobs").body)["data"] == []
        synthesizer.may_go_on.set()
        *_, last = events
    assert last["state"] == "cancelled"
    assert list((tmp_path / "server" / "jobs").iterdir()) == []


def test_a_job_goes_on_after_a_restart(
    engines: Engines, lexicon: Lexicon, synthesizer: HeldSynthesizer, tmp_path: Path
) -> None:
    """The first recording is done before the end, and not done again."""
    first, second = (wav(lexicon, (0.2, f"recording number {name}.")) for name in ("one", "two"))
    synthesizer.holds_at = 1
    with server_at(tmp_path, engines) as server:
        job = begun(server, ("one.wav", first), ("two.wav", second))["id"]
        assert synthesizer.holding.wait(60)
        with followed(server, job) as events:
            next(events)
            server.server.stop()
            synthesizer.may_go_on.set()
            list(events)  # the stream ends though the job has not
    kept = json.loads((tmp_path / "jobs" / job / "job.json").read_text(encoding="utf-8"))
    assert kept["state"] == "queued"
    assert [one["state"] for one in kept["recordings"]] == ["done", "queued"]
    (tmp_path / "jobs" / ".new-0123456789abcdef").mkdir()
    (tmp_path / "uploads" / "upload-left").mkdir()
    synthesizer.sentences.clear()
    synthesizer.holds_at = None
    with server_at(tmp_path, engines) as server:
        done = ended(server, job)
        assert done["state"] == "done"
        assert [one["state"] for one in done["recordings"]] == ["done", "done"]
        assert len(done["files"]) == 12
        assert all(server.get(file["url"]).status == 200 for file in done["files"])
    assert synthesizer.sentences == []  # what was spoken until the end was kept
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == [job]
    assert list((tmp_path / "uploads").iterdir()) == []


def test_results_that_are_there_are_not_made_again(
    engines: Engines, talk: bytes, synthesizer: HeldSynthesizer, tmp_path: Path
) -> None:
    """As after a process that was killed between the last result and the job's file."""
    with server_at(tmp_path, engines) as server:
        job = begun(server, ("talk.wav", talk))["id"]
        before = ended(server, job)
    path = tmp_path / "jobs" / job / "job.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["state"] = "running"
    document["recordings"][0] |= {"state": "running", "files": []}
    path.write_text(json.dumps(document), encoding="utf-8")
    synthesizer.sentences.clear()
    with server_at(tmp_path, engines) as server:
        after = ended(server, job)
    assert synthesizer.sentences == []
    assert sorted(after["files"], key=str) == sorted(before["files"], key=str)


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"{", b"[]", b'{"schema": "stslocal.job", "version": 2}', b"[" * 5000,
        b'{"schema": "stslocal.job", "version": 1, "id": 1}',
    ],
)  # fmt: skip
def test_a_damaged_job_is_left_out_and_kept(
    damage: bytes, engines: Engines, tmp_path: Path
) -> None:
    folder = tmp_path / "jobs" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "job.json").write_bytes(damage)
    with server_at(tmp_path, engines) as server:
        assert json.loads(server.get("/v1/jobs").body)["data"] == []
    assert (folder / "job.json").read_bytes() == damage


def test_a_job_file_cannot_name_a_file_outside_its_folder(
    engines: Engines, talk: bytes, tmp_path: Path
) -> None:
    with server_at(tmp_path, engines) as server:
        job = begun(server, ("talk.wav", talk))["id"]
        ended(server, job)
    path = tmp_path / "jobs" / job / "job.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["recordings"][0]["files"][0]["stored"] = "../../../../etc/passwd"
    path.write_text(json.dumps(document), encoding="utf-8")
    with server_at(tmp_path, engines) as server:
        assert server.get(f"/v1/jobs/{job}").status == 404


@pytest.mark.parametrize(
    "name",
    ["../job.json", "..%2fjob.json", "%2e%2e/job.json", "%2fetc%2fpasswd", "..%5cjob.json",
     "1.pt.wav", "talk.pt.wav%00", ".", "..", "x" * 5000],
)  # fmt: skip
def test_only_results_are_served(name: str, server: Served, talk: bytes) -> None:
    job = begun(server, ("talk.wav", talk))["id"]
    assert ended(server, job)["state"] == "done"
    answer = server.get(f"/v1/jobs/{job}/files/{name}")
    assert answer.status in (404, 405)
    assert b"schema" not in answer.body
    assert b"root:" not in answer.body


def test_a_result_that_somebody_took_away_is_not_found(
    server: Served, talk: bytes, tmp_path: Path
) -> None:
    job = begun(server, ("talk.wav", talk))["id"]
    url = ended(server, job)["files"][0]["url"]
    (tmp_path / "server" / "jobs" / job / "results" / "1.pt.wav").unlink()
    assert server.get(url).error["code"] == "file_not_found"


@pytest.mark.parametrize("job", ["..", "%2e%2e", "../uploads", "0" * 16, "*", "a" * 5000])
def test_a_job_that_does_not_exist(job: str, server: Served) -> None:
    for method, more in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/events")):
        assert server.request(method, f"/v1/jobs/{job}{more}").status in (404, 405)


@pytest.mark.parametrize(
    "name",
    ["../../../tmp/x.wav", "..\\x.wav", "/etc/cron.d/x.wav", "nul.wav", "ä \u202e.wav", ".wav"],
)
def test_a_name_of_a_recording_is_only_shown(
    name: str, server: Served, talk: bytes, tmp_path: Path
) -> None:
    job = begun(server, (name, talk))["id"]
    done = ended(server, job)
    assert done["state"] == "done"
    for file in done["files"]:
        assert file["url"] == f"/v1/jobs/{job}/files/{quote(file['name'])}"
        assert server.get(file["url"]).status == 200
    folder = tmp_path / "server" / "jobs" / job
    # The job's own file is written while it is read here.
    assert eventually(lambda: not list(folder.glob(".stslocal-*")))
    stored = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert stored <= {
        "job.json", "recordings/1.wav", "recordings/1", "results/1.pt.wav", "results/1.en.srt",
        "results/1.pt.srt", "results/1.en.vtt", "results/1.pt.vtt", "results/1.pt.session.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"to": "klingon"}, "'klingon' is not a language"),
        ({"to": "en", "from": "en"}, "nothing to translate"),
        ({"output_format": "exe"}, "take one of auto, wav, flac, mp3, ogg, m4a, mp4"),
        ({"subtitles": "srt,sub"}, "there is no subtitles 'sub'"),
        ({"speed": "9"}, "there is no parameter 'speed'"),
    ],
)
def test_a_wrong_request(
    fields: dict[str, str], says: str, server: Served, talk: bytes, tmp_path: Path
) -> None:
    answer = submitted(server, ("talk.wav", talk), **fields)
    assert answer.status == 400
    assert says in answer.error["message"]
    assert list((tmp_path / "server" / "jobs").iterdir()) == []


def test_what_is_no_recording_is_refused_at_once(server: Served, talk: bytes) -> None:
    answer = submitted(server, ("talk.wav", talk), ("notes.txt", b"hello"))
    assert answer.status == 400
    assert answer.error["code"] == "invalid_audio"
    assert answer.error["message"].startswith("notes.txt is not a recording")
    assert submitted(server).error["code"] == "missing"


def test_the_number_and_the_disk_of_jobs_are_bounded(
    engines: Engines, talk: bytes, tmp_path: Path
) -> None:
    with server_at(tmp_path, engines, jobs=2, jobs_bytes=5_000_000, recordings=2) as server:
        for _ in range(2):
            ended(server, begun(server, ("talk.wav", talk))["id"])
        answer = submitted(server, ("talk.wav", talk))
        assert (answer.status, answer.error["code"]) == (409, "too_many_jobs")
        job = json.loads(server.get("/v1/jobs").body)["data"][0]["id"]
        assert server.request("DELETE", f"/v1/jobs/{job}").status == 200
        many = submitted(server, *(("talk.wav", talk) for _ in range(3)))
        assert many.error["code"] == "too_many_files"
    with server_at(tmp_path, engines, jobs_bytes=900_000) as server:
        answer = submitted(server, ("talk.wav", talk))
        assert (answer.status, answer.error["code"]) == (507, "disk_full")


def test_two_servers_do_not_share_the_jobs_of_a_folder(
    engines: Engines, talk: bytes, tmp_path: Path
) -> None:
    with server_at(tmp_path, engines) as first:
        with server_at(tmp_path, engines) as second:
            answer = submitted(second, ("talk.wav", talk))
            assert answer.status == 503
            assert "another server has the jobs" in answer.error["message"]
            assert second.get("/health").status == 200
        assert ended(first, begun(first, ("talk.wav", talk))["id"])["state"] == "done"
