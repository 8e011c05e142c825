"""Correcting the sentences of a finished job, at a real server with fake engines."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from stslocal.audio.resample import resample
from stslocal.loading.engines import Engines
from stslocal.types import RECOGNITION_RATE
from tests.audio.videos import RATE as VIDEO_RATE
from tests.audio.videos import Track, make_video
from tests.fakes import Lexicon
from tests.server.jobs_kit import HeldSynthesizer, begun, ended, followed, server_at, shown, wav
from tests.server.kit import Answer, Served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."))
JSON_BODY = {"content-type": "application/json"}


def lines_of(server: Served, job: str, recording: int = 1) -> list[dict[str, Any]]:
    answer = server.get(f"/v1/jobs/{job}/recordings/{recording}/lines")
    assert answer.status == 200, answer.body
    lines: list[dict[str, Any]] = json.loads(answer.body)["data"]
    return lines


def corrected(server: Served, job: str, *lines: object, recording: str = "1") -> Answer:
    body = json.dumps({"lines": list(lines)}).encode()
    path = f"/v1/jobs/{job}/recordings/{recording}/lines"
    return server.request("PATCH", path, body, JSON_BODY)


def translated(server: Served, *files: tuple[str, bytes]) -> str:
    job: str = begun(server, *files)["id"]
    assert ended(server, job)["state"] == "done"
    return job


def words(data: bytes, lexicon: Lexicon) -> list[str]:
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    return [word.text for word in lexicon.recognize(samples, rate)]


@pytest.mark.usefixtures("kept_levels")
def test_lines_are_read_listened_to_corrected_and_spoken_again(
    server: Served, lexicon: Lexicon
) -> None:
    job = translated(
        server, ("a.wav", wav(lexicon, LINES[0])), ("My talk.wav", wav(lexicon, *LINES))
    )
    path = shown(server, job)["recordings"][1]["lines"]
    assert path == f"/v1/jobs/{job}/recordings/2/lines"
    document = json.loads(server.get(path).body)
    assert (document["name"], document["to"]) == ("My talk.wav", "pt")
    first, second = document["data"]
    assert (first["text"], second["translation"]) == (
        "good day to you.", "pt:it pt:rains pt:and pt:rains.",
    )  # fmt: skip
    assert (second["number"], second["is_changed"], second["skip"]) == (2, False, False)
    said = server.get(f"{path}/2/translation.wav")
    assert (said.status, said.headers["content-type"]) == (200, "audio/wav")
    assert words(said.body, lexicon) == ["pt:it", "pt:rains", "pt:and", "pt:rains."]
    original = server.get(f"{path}/2/original.wav")
    assert words(original.body, lexicon) == ["it", "rains", "and", "rains."]

    answer = corrected(
        server, job, {"number": 2, "translation": "chove muito."}, {"number": 1, "skip": True},
        recording="2",
    )  # fmt: skip
    assert answer.status == 202, answer.body
    done = ended(server, job)
    assert (done["state"], [one.get("error") for one in done["recordings"]]) == ("done", [None] * 2)
    assert "redo" not in done["recordings"][1]
    files = {file["name"]: file for file in done["files"]}
    audio = server.get(files["My talk.pt.wav"]["url"])
    assert len(audio.body) == files["My talk.pt.wav"]["bytes"]
    assert words(audio.body, lexicon) == ["chove", "muito."]
    assert b"chove muito." in server.get(files["My talk.pt.srt"]["url"]).body
    session = server.get(files["My talk.pt.session.json"]["url"]).body
    assert len(session) == files["My talk.pt.session.json"]["bytes"]
    after = lines_of(server, job, 2)
    assert [(one["skip"], one["is_changed"]) for one in after] == [(True, False), (False, False)]
    assert server.get(f"{path}/1/translation.wav").error["code"] == "no_sound"
    assert words(server.get(files["a.pt.wav"]["url"]).body, lexicon)[0] == "pt:good"

    assert corrected(server, job, {"number": 1, "skip": None}, recording="2").status == 202
    assert ended(server, job)["state"] == "done"
    assert lines_of(server, job, 2)[0]["has_sound"]


def test_a_line_is_spoken_again_as_it_is(
    server: Served, lexicon: Lexicon, synthesizer: HeldSynthesizer
) -> None:
    job = translated(server, ("talk.wav", wav(lexicon, *LINES)))
    synthesizer.sentences.clear()
    assert corrected(server, job, {"number": 2}).status == 202
    assert ended(server, job)["state"] == "done"
    assert synthesizer.sentences == ["pt:it pt:rains pt:and pt:rains."]


def test_lines_are_done_while_another_job_is_in_work(
    server: Served, lexicon: Lexicon, synthesizer: HeldSynthesizer
) -> None:
    talk = wav(lexicon, *LINES)
    first, second = translated(server, ("talk.wav", talk)), begun(server, ("b.wav", talk))["id"]
    ended(server, second)
    synthesizer.holds_at = len(synthesizer.sentences)
    long = begun(server, ("long.wav", talk))["id"]
    assert synthesizer.holding.wait(20)
    synthesizer.holds_at = None
    assert corrected(server, first, {"number": 1, "translation": "bom dia."}).status == 202
    assert ended(server, first)["state"] == "done"
    assert shown(server, long)["state"] == "running"
    synthesizer.may_go_on.set()
    assert ended(server, long)["state"] == "done"


def test_a_job_in_work_is_not_corrected_and_its_correction_is_cancelled(
    server: Served, lexicon: Lexicon, synthesizer: HeldSynthesizer
) -> None:
    job = translated(server, ("talk.wav", wav(lexicon, *LINES)))
    synthesizer.holds_at = len(synthesizer.sentences)
    wanted = [{"number": number, "translation": "outra coisa."} for number in (1, 2)]
    assert corrected(server, job, *wanted).status == 202
    assert synthesizer.holding.wait(20)
    assert shown(server, job)["recordings"][0]["redo"] == {"done": 0, "total": 2}
    again = corrected(server, job, {"number": 1, "translation": "nada."})
    assert (again.status, again.error["code"]) == (409, "job_in_work")
    assert server.request("POST", f"/v1/jobs/{job}/cancel").status == 200
    synthesizer.may_go_on.set()
    assert ended(server, job)["state"] == "done"
    lines = lines_of(server, job)
    assert [one["is_changed"] for one in lines] == [True, True], "stored, and not in the sound"
    synthesizer.holds_at = None
    assert corrected(server, job, {"number": 1}).status == 202
    assert ended(server, job)["state"] == "done"
    assert [one["is_changed"] for one in lines_of(server, job)] == [False, False]


def test_a_correction_goes_on_after_a_restart(
    engines: Engines, lexicon: Lexicon, synthesizer: HeldSynthesizer, tmp_path: Path
) -> None:
    with server_at(tmp_path, engines) as server:
        job = translated(server, ("talk.wav", wav(lexicon, *LINES)))
        synthesizer.holds_at = len(synthesizer.sentences)
        wanted = [{"number": number, "translation": "outra coisa."} for number in (1, 2)]
        assert corrected(server, job, *wanted).status == 202
        assert synthesizer.holding.wait(20)
        with followed(server, job) as events:
            next(events)
            server.server.stop()
            synthesizer.may_go_on.set()
            list(events)
    synthesizer.holds_at = None
    with server_at(tmp_path, engines) as server:
        assert ended(server, job)["state"] == "done"
        lines = lines_of(server, job)
    assert [(one["is_changed"], one["translation"]) for one in lines] == [
        (False, "outra coisa."), (False, "outra coisa."),
    ]  # fmt: skip


def test_what_cannot_be_done_again_is_said_and_the_results_stay(
    server: Served, lexicon: Lexicon, tmp_path: Path
) -> None:
    job = translated(server, ("My talk.wav", wav(lexicon, *LINES)))
    audio = tmp_path / "server" / "jobs" / job / "results" / "1.pt.wav"
    audio.write_bytes(audio.read_bytes() + b"more")
    assert corrected(server, job, {"number": 1, "translation": "bom dia."}).status == 202
    done = ended(server, job)
    assert done["state"] == "done"
    assert done["recordings"][0]["error"].startswith(
        "My talk.pt.wav was changed since stslocal wrote it"
    )
    assert str(tmp_path) not in json.dumps(done)


WRONG: list[tuple[bytes, str]] = [
    (b"", "the body"),
    (b"[" * 5000, "the body"),
    (b"[]", 'send {"lines"'),
    (b'{"lines": []}', "there is no line to correct"),
    (b'{"lines": [{}]}', "a line needs its `number`"),
    (b'{"lines": [{"number": true}]}', "a line needs its `number`"),
    (b'{"lines": [1]}', "a line needs its `number`"),
    (b'{"lines": [{"number": 3}]}', "the session has no line 3: it has lines 1 to 2"),
    (b'{"lines": [{"number": -1}]}', "no line -1"),
    (b'{"lines": [{"number": 1}, {"number": 1}]}', "a line is there twice"),
    (b'{"lines": [{"number": 1}], "redo": 1}', "there is no parameter 'redo'"),
    (b'{"lines": [{"number": 1, "path": "/etc/passwd"}]}', "there is no 'path' in a line"),
    (b'{"lines": [{"number": 1, "text": ["a"]}]}', "line 1: text is ['a']: give a text"),
    (b'{"lines": [{"number": 1, "text": "\\ud800"}]}', "a character that is none"),
    (b'{"lines": [{"number": 1, "speed": 1e999}]}', "the body has a number that is too large"),
    (b'{"lines": [{"number": 1, "speed": NaN}]}', ""),
    (b'{"lines": [{"number": 1, "voice": "../../voice"}]}', "../../voice"),
    (b'{"lines": [{"number": 1' + b"0" * 5000 + b"}]}", ""),
    (b'{"lines": [{"number": 1, "translation": "' + b"a" * 3000 + b'"}]}', "2000 characters"),
    (b'{"lines": [{"number": 1, "text": "' + b"a" * (2 << 20) + b'"}]}', "the body has more than"),
]


def test_a_wrong_correction_is_refused(server: Served, lexicon: Lexicon) -> None:
    job = translated(server, ("talk.wav", wav(lexicon, *LINES)))
    path = f"/v1/jobs/{job}/recordings/1/lines"
    for body, says in WRONG:
        answer = server.request("PATCH", path, body, JSON_BODY)
        assert answer.status == (413 if len(body) > 1 << 20 else 400), (body[:60], answer.body)
        assert says in answer.error["message"], body[:60]
        assert len(answer.error["message"]) < 500, body[:60]
    assert shown(server, job)["state"] == "done"
    assert not any(one["is_changed"] for one in lines_of(server, job))


def test_what_is_not_there(server: Served, lexicon: Lexicon) -> None:
    job = translated(server, ("talk.wav", wav(lexicon, *LINES)))
    for path in (
        "0/lines", "2/lines", "-1/lines", "a/lines", "%2e%2e/lines", "9" * 5000 + "/lines",
        "1/lines/0/translation.wav", "1/lines/3/translation.wav", "1/lines/x/original.wav",
        "1/lines/%D9%A1/original.wav", "1/lines/" + "9" * 5000 + "/original.wav",
    ):  # fmt: skip
        answer = server.get(f"/v1/jobs/{job}/recordings/{path}")
        assert answer.status == 404, path
        assert b"root:" not in answer.body


def test_another_sound_and_a_recording_that_is_not_translated_are_refused(
    server: Served, lexicon: Lexicon, synthesizer: HeldSynthesizer
) -> None:
    job = translated(server, ("talk.wav", wav(lexicon, *LINES)))
    other = server.get(f"/v1/jobs/{job}/recordings/1/lines/1/passwd.wav")
    assert (other.status, "there is no sound 'passwd'" in other.error["message"]) == (400, True)
    synthesizer.holds_at = len(synthesizer.sentences)
    waiting = begun(server, ("talk.wav", wav(lexicon, *LINES)))["id"]
    assert synthesizer.holding.wait(20)
    early = server.get(f"/v1/jobs/{waiting}/recordings/1/lines")
    assert (early.status, early.error["code"]) == (409, "not_translated")
    assert corrected(server, waiting, {"number": 1}).error["code"] == "not_translated"


def test_a_sentence_of_a_video_is_spoken_again(
    server: Served, lexicon: Lexicon, tmp_path: Path
) -> None:
    sound = resample(lexicon.script(*LINES), RECOGNITION_RATE, VIDEO_RATE)
    film = make_video(tmp_path / "film.mkv", (0.2,), len(sound) / VIDEO_RATE, [Track(sound)])
    job = begun(server, ("My film.mkv", film.read_bytes()), report="true")["id"]
    before = ended(server, job)
    assert before["state"] == "done", before
    assert corrected(server, job, {"number": 2, "translation": "chove muito."}).status == 202
    done = ended(server, job)
    assert [one.get("error") for one in done["recordings"]] == [None]
    files = {file["name"]: file for file in done["files"]}
    assert files.keys() == {file["name"] for file in before["files"]}
    assert len(server.get(files["My film.pt.mkv"]["url"]).body) == files["My film.pt.mkv"]["bytes"]
    assert b"chove muito." in server.get(files["My film.pt.srt"]["url"]).body
    page = server.get(files["My film.pt.report.html"]["url"]).body.decode()
    assert "chove muito." in page
    assert "My film.mkv" in page
    line = server.get(f"/v1/jobs/{job}/recordings/1/lines/2/translation.wav")
    assert line.status == 200
