"""What a job may choose, as the command line can: original, speakers, languages, subtitles."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.resample import resample
from stslocal.loading.engines import Engines
from stslocal.loading.selection import Use
from stslocal.server.options import ServerOptions
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples, Turn
from tests.audio.videos import RATE as VIDEO_RATE
from tests.audio.videos import Track, make_video
from tests.fake_engines import fake_engines, text_alone
from tests.fakes import Lexicon
from tests.server.jobs_kit import begun, ended, server_at, submitted, wav
from tests.server.kit import Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."))


class Diarizer:
    """Finds the same two speakers always."""

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        assert sum(map(len, blocks)) > 0
        return (Turn(0.0, 2.0, "S1"), Turn(3.8, 6.5, "S2"))


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def server(lexicon: Lexicon, tmp_path: Path) -> Iterator[Served]:
    engines = fake_engines(lexicon, models=defaultdict(list), load_diarizer=Diarizer)
    with server_at(tmp_path / "server", engines) as one:
        yield one


@pytest.fixture
def talk(lexicon: Lexicon) -> bytes:
    return wav(lexicon, *LINES)


def test_a_video_gives_a_video_and_a_report(
    server: Served, lexicon: Lexicon, tmp_path: Path
) -> None:
    sound = resample(lexicon.script(*LINES), RECOGNITION_RATE, VIDEO_RATE)
    film = make_video(tmp_path / "film.mp4", (0.2,), len(sound) / VIDEO_RATE, [Track(sound)])
    job = begun(
        server, ("My film.mp4", film.read_bytes()), report="true", subtitles="all",
        bilingual="true", original="-20dB", replace_audio="true", check="none",
    )  # fmt: skip
    assert job["choices"] == {
        "original": "-20dB", "check": "none", "replace_audio": True, "bilingual": True,
        "report": True,
    }  # fmt: skip
    files = {file["name"]: file for file in ended(server, job["id"])["files"]}
    kinds = {name: file["kind"] for name, file in files.items() if ".pt." in name}
    assert kinds == {
        "My film.pt.mp4": "video",
        **{f"My film.pt.{kind}": "subtitles" for kind in ("srt", "vtt", "ass", "txt", "tsv")},
        "My film.pt.json": "subtitles",
        "My film.pt.speech.flac": "speech",
        "My film.pt.report.html": "report",
        "My film.pt.session.json": "session",
    }
    video = server.get(files["My film.pt.mp4"]["url"])
    assert video.headers["content-type"] == "video/mp4"
    assert b"ftyp" in video.body[:12]
    page = server.get(files["My film.pt.report.html"]["url"])
    assert page.headers["content-type"].startswith("text/html")
    assert "attachment" in page.headers["content-disposition"]
    assert "My film.mp4" in page.body.decode()
    assert b"\nit rains" in server.get(files["My film.pt.srt"]["url"]).body


def test_a_session_that_was_fetched_names_the_files_that_were_fetched(
    server: Served, talk: bytes
) -> None:
    done = ended(server, begun(server, ("My talk.wav", talk))["id"])
    files = {file["name"]: file for file in done["files"]}
    fetched = server.get(files["My talk.pt.session.json"]["url"])
    assert len(fetched.body) == files["My talk.pt.session.json"]["bytes"]
    session = json.loads(fetched.body)
    assert session["source"]["name"] == "My talk.wav"
    assert set(session["output"]) == files.keys() - {"My talk.pt.session.json"}
    for name, written in session["output"].items():
        assert written["bytes"] == files[name]["bytes"]


@pytest.mark.parametrize("speakers", ["auto", "2"])
def test_each_speaker_is_named(server: Served, talk: bytes, speakers: str) -> None:
    done = ended(server, begun(server, ("talk.wav", talk), speakers=speakers)["id"])
    assert done["recordings"][0]["state"] == "done", done
    (session,) = (file["url"] for file in done["files"] if file["kind"] == "session")
    segments = json.loads(server.get(session).body)["segments"]
    assert [one["speaker"] for one in segments] == ["S1", "S2"]


def test_each_channel_has_a_speaker(server: Served, lexicon: Lexicon, talk: bytes) -> None:
    first, second = (lexicon.script(line) for line in LINES)
    both = np.zeros((len(second), 2), np.float32)
    both[: len(first), 0], both[:, 1] = first, second
    call = io.BytesIO()
    soundfile.write(call, both, RECOGNITION_RATE, subtype="FLOAT", format="WAV")
    job = begun(server, ("call.wav", call.getvalue()), channels="speakers")
    assert ended(server, job["id"])["state"] == "done"
    answer = submitted(server, ("talk.wav", talk), channels="speakers")
    assert (answer.status, "talk.wav has one channel" in answer.error["message"]) == (400, True)


def test_several_languages(server: Served, talk: bytes) -> None:
    job = begun(server, ("talk.wav", talk), **{"from": "English, pt"})
    assert job["from"] == "en,pt"
    assert ended(server, job["id"])["state"] == "done"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"speakers": "/etc/passwd"}, "speakers is '/etc/passwd': send auto or a number"),
        ({"speakers": "../job.json"}, "send auto or a number"),
        ({"speakers": "51"}, "from 1 to 50"),
        ({"speakers": "\u0662"}, "send auto or a number"),
        ({"speakers": "2", "channels": "speakers"}, "leave out speakers and channel"),
        ({"channels": "both"}, "take one of mix, speakers"),
        ({"original": "loud"}, "original: 'loud' is not one of"),
        ({"original": "-99dB"}, "from -1dB to -60dB"),
        ({"background": "drop"}, "background: 'drop' is not one of auto, keep"),
        ({"bilingual": "yes"}, "bilingual is 'yes': send true or false"),
        ({"report": "1"}, "report is '1': send true or false"),
        ({"channel": "0"}, "channel is '0': send a number from 1 on"),
        ({"channel": "7"}, "no channel 7"),
        ({"audio_track": "9"}, "audio track 9"),
        ({"audio_track": "9" * 60_000}, "send a number from 1 on"),
        ({"subtitle_times": "now"}, "subtitle_times: 'now' is not one of"),
        ({"check": "some"}, "check: 'some' is not one of"),
        ({"from": "en,klingon"}, "'klingon' is not a language"),
        ({"from": ","}, "is not a language"),
        ({"source_srt": "/etc/passwd"}, "there is no parameter 'source_srt'"),
    ],
)
def test_a_wrong_choice_is_refused_at_once(
    fields: dict[str, str], says: str, server: Served, talk: bytes, tmp_path: Path
) -> None:
    answer = submitted(server, ("talk.wav", talk), **fields)
    assert answer.status == 400, answer.body
    assert says in answer.error["message"]
    assert len(answer.error["message"]) < 400
    assert list((tmp_path / "server" / "jobs").iterdir()) == []


def test_the_choices_are_described(server: Served) -> None:
    document = json.loads(server.get("/openapi.json").body)
    form = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert {"original", "speakers", "channels", "report"} <= form["schema"]["properties"].keys()


def test_text_alone_for_a_language_that_no_voice_speaks(
    lexicon: Lexicon, talk: bytes, tmp_path: Path
) -> None:
    asked: list[str] = []

    def load(settings: Settings, use: Use) -> Engines:
        asked.append(settings.tts)
        return text_alone(lexicon, models=defaultdict(list))

    options = ServerOptions(folder=tmp_path / "server", max_sessions=8)
    with served(load=load, options=options, settings=Settings(target="pt")) as server:
        job = ended(server, begun(server, ("talk.wav", talk), tts="none")["id"])
        assert (asked, job["tts"]) == (["none"], "none")
        assert [file["name"] for file in job["files"]] == [
            "talk.en.srt", "talk.pt.srt", "talk.en.vtt", "talk.pt.vtt", "talk.pt.session.json",
        ]  # fmt: skip
        lines = f"/v1/jobs/{job['id']}/recordings/1/lines"
        body = json.dumps({"lines": [{"number": 1, "text": "good night to you."}]}).encode()
        kind = {"content-type": "application/json"}
        assert server.request("PATCH", lines, body, kind).status == 202
        done = ended(server, job["id"])
        assert not done["recordings"][0].get("error"), done
        url = next(file["url"] for file in done["files"] if file["name"] == "talk.pt.srt")
        assert b"pt:good pt:night" in server.get(url).body
        body = json.dumps({"lines": [{"number": 1, "speed": 1.2}]}).encode()
        refused = server.request("PATCH", lines, body, kind)
        assert (refused.status, refused.error["param"]) == (400, "lines")
        assert "text alone" in refused.error["message"]
        refused = submitted(server, ("talk.wav", talk), to="uk")
        assert (refused.status, refused.error["code"]) == (400, "not_spoken")
        assert refused.error["message"] == (
            "Ukrainian (uk) is not spoken by any engine: send `tts` as none for subtitles alone"
        )
        refused = submitted(server, ("talk.wav", talk), tts="none", replace_audio="true")
        assert "leave out replace_audio" in refused.error["message"]
        assert submitted(server, ("talk.wav", talk), tts="kokoro").error["param"] == "tts"
