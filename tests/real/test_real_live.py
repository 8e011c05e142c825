"""`stslocal live --simulate` with real engines: a session that is killed, and languages."""

from __future__ import annotations

import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import soundfile
from corpus import Clip, Corpus, word_error_rate

from stslocal.audio.decode import read_audio
from stslocal.live.recording.recorder import UNFINISHED
from stslocal.metrics import (
    Notice,
    PlaybackEnded,
    SegmentCommitted,
    SegmentDropped,
    SegmentTranslated,
    read_json_lines,
    to_json,
)
from stslocal.results.session import SessionFormatError, is_complete, read_session
from stslocal.samples import BundledClip
from stslocal.types import RECOGNITION_RATE
from tests.live_program import Program, running_stslocal, wait_until

pytestmark = pytest.mark.real

LATE_S = 10.0
"""A busy machine shows the last event later than it writes the sound."""
THREADS = 8
"""More than there are that emit events."""
UNHURRIED = "--max-lag 60"
"""However far a busy machine is behind, no segment is left unspoken."""


E = TypeVar("E", SegmentCommitted, SegmentDropped, SegmentTranslated, PlaybackEnded)


def by_segment(program: Program, kind: type[E]) -> dict[int, E]:
    """The events of one kind, by segment."""
    return {event.segment: event for event in program.events() if isinstance(event, kind)}


def last_s(program: Program) -> float:
    """The time of the last event."""
    return max(getattr(event, "at_s", 0.0) for event in program.events())


def subtitled(path: Path) -> str:
    """The text of subtitles, without cues."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in lines if line and not re.match(r"\d+$|\d\d:", line))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_session_that_is_killed_leaves_files_that_open_and_agree(
    starter_models: Path, bundled_clip: BundledClip, tmp_path: Path
) -> None:
    clip = read_audio(bundled_clip.path)
    soundfile.write(tmp_path / "talk.wav", np.tile(clip, 3), RECOGNITION_RATE)
    command = f"live --from en --to pt --simulate talk.wav --record kept --json {UNHURRIED}"

    def kept(ending: str) -> Path:
        (path,) = (tmp_path / "kept").glob(f"*.{ending}")
        return path

    with running_stslocal(tmp_path, starter_models, *command.split()) as program:

        def is_under_way() -> bool:
            """The files, and not the events: a busy machine writes them later."""
            assert program.process.poll() is None, program.reported()
            if not by_segment(program, PlaybackEnded):
                return False
            with suppress(SessionFormatError):  # while it is written
                return any(row.target for row in read_session(kept("session.json")).segments)
            return False

        wait_until(is_under_way, "a segment was played, and that is written")
        program.process.send_signal(signal.SIGKILL)
        program.process.wait()

    session = read_session(kept("session.json"))
    assert UNFINISHED in session.warnings
    captured_s = len(read_audio(kept("source.wav"))) / RECOGNITION_RATE
    spoken = read_audio(kept("pt.wav"))
    assert captured_s <= last_s(program) + LATE_S
    complete_s = max(row.source.end_s for row in session.segments if row.target)
    assert complete_s <= session.source.duration_s <= captured_s
    assert len(spoken) / RECOGNITION_RATE >= captured_s - 1.0

    # What was played is written, and so is what was said before it. What comes behind is written by
    # and by, however late on a busy machine: only what is there already must agree.
    rows = {segment.index: segment for segment in session.segments}
    played = [index for index, row in rows.items() if row.target]
    committed = by_segment(program, SegmentCommitted)
    translated = by_segment(program, SegmentTranslated)
    assert committed.keys() & translated.keys() & set(played)
    for index, event in committed.items():
        if index <= max(played) or index in rows:
            assert rows[index].text == event.text
        if index <= max(played):
            assert rows[index].text in subtitled(kept("source.srt"))
            assert rows[index].text in subtitled(kept("source.vtt"))
    for index, meant in translated.items():
        if index <= max(played) or (index in rows and rows[index].translation):
            assert rows[index].translation == meant.text
    for index in played:
        target = rows[index].target
        assert target is not None
        first, last = (round(at_s * RECOGNITION_RATE) for at_s in (target.start_s, target.end_s))
        assert np.abs(spoken[first:last]).max() > 0.1, "the speech is where the session has it"
        assert rows[index].translation in subtitled(kept("pt.srt"))
    written = [to_json(event) for event in read_json_lines(kept("events.jsonl"))]
    assert to_json(translated[played[0]]) in written
    # A thread that was about to write its event, and was not given a processor, misses that one.
    seen = [to_json(event) for event in program.events()]
    until = max(seen.index(line) for line in written if line in seen)
    assert len(set(seen[:until]) - set(written)) <= THREADS


def test_a_recorded_session_has_the_texts_of_a_file_at_its_end(
    starter_models: Path, bundled_clip: BundledClip, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "talk.wav", read_audio(bundled_clip.path), RECOGNITION_RATE)
    command = f"live --from en --to pt --simulate talk.wav --record kept --json {UNHURRIED}"
    with running_stslocal(tmp_path, starter_models, *command.split()) as program:
        program.wait()
    (path,) = (tmp_path / "kept").glob("*.session.json")
    session = read_session(path)
    assert is_complete(session, path.parent)
    committed = [event for event in program.events() if isinstance(event, SegmentCommitted)]
    assert [row.text for row in session.spoken_live] == [event.text for event in committed]
    assert any(row.target for row in session.spoken_live)
    live, again = (
        word_error_rate([bundled_clip.transcript], [" ".join(row.text for row in rows)])
        for rows in (session.spoken_live, session.segments)
    )
    assert again <= max(live, 8)  # a word is 2.6
    shown = subtitled(path.with_name(path.name.replace("session.json", "srt")))
    assert all(line in shown for row in session.segments for line in row.translation.split()[:1])
    last = program.events()[-1]
    assert isinstance(last, Notice)
    assert "recognized and translated again" in last.text


@pytest.mark.parametrize(
    ("clip", "word"),
    [("own/common-voice-es", "financial"), ("larger/fleurs-es-003", "movement")],
    indirect=["clip"],
)
def test_speech_without_a_translator_is_translated_by_ear(
    starter_models: Path, tmp_path: Path, clip: Clip, word: str
) -> None:
    command = f"live --from es --to en --mt whisper --simulate {clip.path} --json {UNHURRIED}"
    with running_stslocal(tmp_path, starter_models, *command.split()) as program:
        program.wait()
    translated = by_segment(program, SegmentTranslated)
    text = " ".join(event.text for event in translated.values())
    assert word in text, text
    played, dropped = by_segment(program, PlaybackEnded), by_segment(program, SegmentDropped)
    assert played
    assert translated.keys() == played.keys() | dropped.keys()
    # A few words at the end may be too short to be translated; then they are reported as dropped.
    assert {translated[index].text for index in dropped} <= {""}


def test_a_language_without_a_translator_is_reported_and_does_not_end_the_session(
    starter_models: Path, tmp_path: Path, recordings: Corpus
) -> None:
    (clip,) = recordings.named("common-voice-es")
    command = f"live --to pt --mt bergamot --simulate {clip.path} --json {UNHURRIED}"
    with running_stslocal(tmp_path, starter_models, *command.split()) as program:
        program.wait()
    committed = by_segment(program, SegmentCommitted)
    dropped = by_segment(program, SegmentDropped)
    assert committed
    assert dropped.keys() == committed.keys()
    assert {event.reason for event in dropped.values()} == {"no translator"}
