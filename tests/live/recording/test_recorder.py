"""The files of a recording while a session goes on, after its end, and after it was killed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import wave
from contextlib import suppress
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stslocal.audio.growing_wav import GrowingWav
from stslocal.errors import OutputError
from stslocal.live.recording import LiveRecording, RecordingFiles
from stslocal.live.recording.growing import GrowingSubtitles, GrowingText
from stslocal.live.recording.recorder import UNFINISHED
from stslocal.metrics import Notice, PlaybackEnded, SpeechDropped, read_json_lines
from stslocal.results.session import (
    Session,
    SessionFormatError,
    SessionSource,
    is_complete,
    read_session,
)
from stslocal.results.session_speakers import SessionVoice
from stslocal.results.subtitles import Cue, to_srt, to_vtt
from stslocal.types import Dropped, Segment
from tests.live_helpers import FakeLive
from tests.live_program import wait_until

pytestmark = pytest.mark.unit


def about() -> Session:
    return Session(
        program="test",
        source=SessionSource("microphone", 0.0),
        source_language="en",
        source_probability=1.0,
        target_language="pt",
        models=[],
        voice=SessionVoice("alto"),
        settings={},
        output={},
        sample_rate=24_000,
        duration_s=0.0,
        segments=[],
    )


def read_wav(path: Path) -> tuple[int, NDArray[np.int16]]:
    with wave.open(str(path)) as file:
        return file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_a_wav_opens_after_every_write(tmp_path: Path) -> None:
    wav = GrowingWav(tmp_path / "a.wav", 16_000)
    assert read_wav(tmp_path / "a.wav")[1].size == 0
    for count in (1, 100, 7, 16_000):
        wav.write(np.full(count, 0.5, np.float32))
        rate, samples = read_wav(tmp_path / "a.wav")
        assert (rate, len(samples)) == (16_000, wav.position)
        assert (samples == 16_384).all()
    wav.close()


def test_a_wav_beyond_four_gigabytes_has_an_rf64_header(tmp_path: Path) -> None:
    wav = GrowingWav(tmp_path / "a.wav", 16_000)
    wav.position = 3_000_000_000
    header = wav._header()
    assert header[:4] == b"RF64"
    assert header[12:16] == b"ds64"
    assert int.from_bytes(header[28:36], "little") == 6_000_000_000
    wav.close()


def test_a_text_is_complete_after_every_write(tmp_path: Path) -> None:
    text = GrowingText(tmp_path / "a.txt")
    for final, ending, whole in [
        ("[", "]", "[]"),
        ("1", ", 2, 3]", "[1, 2, 3]"),
        (", 2", "]", "[1, 2]"),
        ("", ", 3]", "[1, 2, 3]"),
    ]:
        text.write(final, ending)
        assert json.loads((tmp_path / "a.txt").read_text()) == json.loads(whole)
    text.close()


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_growing_subtitles_are_equal_to_subtitles_written_at_once(
    tmp_path: Path, kind: str
) -> None:
    cues = [
        Cue(0.5, 2.0, "Good morning."),
        Cue(2.0, 2.3, "Yes."),
        Cue(2.4, 9.0, "A longer sentence, one that takes two lines, and that is divided at commas, "
            "where it can be divided, because a cue has room for no more than two lines."),
        Cue(12.0, 12.5, "End."),
    ]  # fmt: skip
    subtitles = GrowingSubtitles(tmp_path / "a", kind)
    for count, cue in enumerate(cues, 1):
        subtitles.add(cue)
        whole = (to_vtt if kind == "vtt" else to_srt)(cues[:count])
        assert (tmp_path / "a").read_text().rstrip() == whole.rstrip()
    subtitles.close()


def record(folder: Path, live: FakeLive) -> LiveRecording:
    files = RecordingFiles(folder, "talk", "pt")
    recording = LiveRecording(files, 24_000, about, emit=live.events.append)
    said = live.lexicon.script(
        (0.5, "good morning everybody."), (4.0, "let us begin."), (8.0, "and end.")
    )
    with recording:
        list(live.session(said, record=recording))
    return recording


def test_a_session_leaves_files_that_agree(tmp_path: Path) -> None:
    live = FakeLive()
    files = record(tmp_path, live).files
    session = read_session(files.session)
    assert is_complete(session, tmp_path)
    assert set(session.output) == {
        "talk.source.wav", "talk.pt.wav", "talk.source.srt", "talk.source.vtt", "talk.pt.srt",
        "talk.pt.vtt",
    }  # fmt: skip
    assert session.warnings == []
    assert [segment.text for segment in session.segments] == [
        "good morning everybody.", "let us begin.", "and end.",
    ]  # fmt: skip
    rate, captured = read_wav(files.source_audio)
    assert len(captured) / rate == pytest.approx(session.source.duration_s, abs=1e-3)
    rate, spoken = read_wav(files.audio)
    assert len(spoken) / rate == pytest.approx(session.duration_s, abs=1e-3)
    for segment in session.segments:
        assert segment.target is not None
        words = live.lexicon.recognize(
            spoken[round(segment.target.start_s * rate) : round(segment.target.end_s * rate)]
            .astype(np.float32) / np.float32(32_768), rate,
        )  # fmt: skip
        assert words, "the speech lies where the session says"
    silence = spoken[: round(session.segments[0].target.start_s * rate) - 10]  # type: ignore[union-attr]
    assert not silence.any()


def test_dropped_speech_is_in_the_session_while_it_goes_on_and_at_its_end(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "talk", "pt")
    dropped = SpeechDropped(4.0, 0, 1.5, 3.5, "repetition", "no no no")
    with LiveRecording(files, 24_000, about) as recording:
        recording.emit(dropped)
        recording.recognized(Segment(0, 5.0, 6.0, "good morning", "en"))
        deadline = time.perf_counter() + 60
        session = about()
        while not session.segments:
            assert time.perf_counter() < deadline, "the segment was not written in 60 s"
            with suppress(SessionFormatError):  # while it is written
                session = read_session(files.session)
        assert session.dropped == [Dropped(1.5, 3.5, "repetition", "no no no")]
        assert UNFINISHED in session.warnings
    ended = read_session(files.session)
    assert ended.dropped == session.dropped
    assert ended.warnings == []


def test_recognized_segments_are_kept_when_a_later_stage_fails(tmp_path: Path) -> None:
    for engine in ("recognizer", "translator", "synthesizer"):
        live = FakeLive(fails={engine: 1})
        folder = tmp_path / engine
        with pytest.raises(Exception, match="failed"):
            record(folder, live)
        session = read_session(RecordingFiles(folder, "talk", "pt").session)
        texts = [(segment.text, segment.translation) for segment in session.segments]
        assert texts[0] == ("good morning everybody.", "pt:good pt:morning pt:everybody.")
        assert len(texts) == {"recognizer": 1, "translator": 2, "synthesizer": 2}[engine]
        if engine == "synthesizer":
            assert texts[1] == ("let us begin.", "pt:let pt:us pt:begin.")
            assert session.segments[1].target is None


def test_a_full_disk_ends_the_recording_and_not_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = FakeLive()
    written = 0

    class SmallDisk(FileIO):
        def write(self, data: object) -> int:
            nonlocal written
            written += len(data)  # type: ignore[arg-type]
            if written > 150_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]

    monkeypatch.setattr("stslocal.audio.growing_wav.FileIO", SmallDisk)
    recording = record(tmp_path, live)
    assert isinstance(recording.failure, OutputError)
    (notice,) = live.seen(Notice)
    assert "the disk is full" in notice.text
    session = read_session(recording.files.session)
    assert UNFINISHED in session.warnings
    assert [segment.text for segment in session.segments] == ["good morning everybody."]
    rate, captured = read_wav(recording.files.source_audio)
    assert len(captured) > rate
    assert len(live.seen(PlaybackEnded)) == 3, "the session went on"


def test_any_error_ends_the_recording_and_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that ends with an error would say nothing, and the exit code would be 0."""

    def fail(*_: object) -> None:
        raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")

    live = FakeLive()
    monkeypatch.setattr("stslocal.live.recording.growing.GrowingSubtitles.add", fail)
    recording = record(tmp_path, live)
    assert isinstance(recording.failure, OutputError)
    assert "surrogates not allowed" in str(recording.failure)
    assert len(live.seen(PlaybackEnded)) == 3, "the session went on"


def test_a_recording_does_not_replace_a_file(tmp_path: Path) -> None:
    (tmp_path / "talk.source.wav").write_text("older")
    with pytest.raises(OutputError, match="talk"):
        LiveRecording(RecordingFiles(tmp_path, "talk", "pt"), 24_000, about)
    assert (tmp_path / "talk.source.wav").read_text() == "older"


KILLED = """
    import sys
    from pathlib import Path
    from tests.live_helpers import FakeLive, ScriptedInput
    from tests.live.recording.test_recorder import about
    from stslocal.audio.simulated import SilentOutput
    from stslocal.clock import RealClock
    from stslocal.live.stream_clock import StreamClock
    from stslocal.live.recording import LiveRecording, RecordingFiles

    live = FakeLive()
    clock = StreamClock(RealClock())
    said = live.lexicon.script(*[(0.2 + n, f"Number {n}.") for n in range(60)])
    with LiveRecording(RecordingFiles(Path(sys.argv[1]), "talk", "pt"), 24_000, about) as recording:
        session = live.session(
            said, record=recording, run=None, clock=clock, input=ScriptedInput(said, clock),
            output=SilentOutput(24_000, clock), emit=recording.emit,
        )
        for _ in session:
            print("spoken", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_session_that_is_killed_leaves_files_that_open_and_agree(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "talk", "pt")
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        text=True,
    )
    assert program.stdout is not None
    with program:
        for _ in range(3):
            assert program.stdout.readline() == "spoken\n"
        wait_until(lambda: len(read_session(files.session).segments) >= 3, "three are written")
        program.send_signal(signal.SIGKILL)
    session = read_session(files.session)
    assert UNFINISHED in session.warnings
    assert len(session.segments) >= 3
    rate, captured = read_wav(files.source_audio)
    captured_s = len(captured) / rate
    rate, spoken = read_wav(files.audio)
    assert len(spoken) / rate == pytest.approx(captured_s, abs=1.0)
    assert captured_s - 2.0 <= session.segments[-1].source.end_s <= captured_s
    assert "Number 2." in files.source_subtitles("srt").read_text()
    assert "pt:Number pt:1." in files.subtitles("vtt").read_text()
    assert len(read_json_lines(files.events)) > 10
