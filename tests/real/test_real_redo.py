"""A line of a dubbed video is corrected with the starter pack, and nothing else changes."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from corpus import normalized

from stslocal.audio.decode import SoundChoice, read_audio, read_blocks
from stslocal.files.project import open_project
from stslocal.loading.engines import Engines
from stslocal.results.corrections import Correction
from stslocal.types import RECOGNITION_RATE
from tests.audio.videos import RATE, Track, make_video, packets_of
from tests.real.conftest import Command

pytestmark = pytest.mark.real

CLIP = Path(__file__).parents[2] / "stslocal" / "samples" / "protecting-the-president.en.ogg"
SAID = "Isto foi corrigido por uma pessoa em vinte minutos."
AROUND_S = 1.5
"""So far from a line the original may go down or come up."""


def outside(path: Path, spans: list[tuple[float, float]]) -> str:
    """The hash of the samples outside of some spans."""
    samples, rate = soundfile.read(path, dtype="int16")
    for start_s, end_s in spans:
        samples[max(0, round(start_s * rate)) : round(end_s * rate)] = 0
    return sha256(samples.tobytes()).hexdigest()


def test_a_line_of_a_video_is_corrected(
    stslocal: Command, engines: Engines, tmp_path: Path
) -> None:
    talk = read_audio(CLIP, sample_rate=RATE)
    video = make_video(tmp_path / "talk.mp4", (0.2,), len(talk) / RATE, [Track(talk, "eng")])
    ran = stslocal("translate", video, "--from", "en", "--to", "pt", "--report", "--json")
    project = open_project(Path(ran.recordings[0]["session"]))
    segments = list(project.session.segments)
    assert len(segments) >= 2
    segments[0] = replace(segments[0], correction=Correction(translation=SAID))
    project = project.with_session(replace(project.session, segments=segments))
    before = project.session.segments[0]
    speech, dubbed = project.task.speech, project.audio
    earlier = {path: path.read_bytes() for path in (speech, dubbed, project.task.report)}
    old = tmp_path / "old.flac"
    old.write_bytes(earlier[speech])

    done = stslocal("redo", project.path, "--check", "--json")
    assert done.code == 0, done.err
    report: dict[str, Any] = json.loads(done.out)
    assert [row["line"] for row in report["redone"]] == [1]
    assert report["warnings"] == []
    after = open_project(project.path).session.segments[0]
    assert after.check is not None
    assert after.check.fault == ""
    assert "corrigido por uma pessoa" in normalized(after.check.recognized)
    assert before.target is not None
    assert after.target is not None
    spans = [(one.start_s - 0.002, one.end_s + 0.002) for one in (before.target, after.target)]
    assert outside(speech, spans) == outside(old, spans)
    first, last = (
        round(one * RECOGNITION_RATE) for one in (after.target.start_s, after.target.end_s)
    )
    said = engines.recognizer.transcribe(read_audio(speech)[first:last], language="pt").text
    assert "corrigido por uma pessoa" in normalized(said)
    assert packets_of(dubbed, "video") == packets_of(video, "video")
    assert packets_of(dubbed, "audio", 1) == packets_of(video, "audio")
    assert any(b"corrigido" in one for one in packets_of(dubbed, "subtitle"))
    assert "corrigido" in project.task.report.read_text("utf-8")
    assert "corrigido" not in earlier[project.task.report].decode()

    old_video = tmp_path / "old.mp4"
    old_video.write_bytes(earlier[dubbed])
    tracks = [
        np.concatenate(list(read_blocks(path, choice=SoundChoice(1))))
        for path in (old_video, dubbed)
    ]
    behind = round((before.source.end_s + AROUND_S) * RECOGNITION_RATE)
    was, now = (track[behind:] for track in tracks)
    assert len(was) == len(now) > 3 * RECOGNITION_RATE
    assert np.abs(was).max() > 0.05
    assert np.abs(was - now).max() < 0.02, "the same samples, encoded behind other ones"
