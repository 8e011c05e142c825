"""The second pass over a recorded live session replaces its texts whole, or not at all."""

from __future__ import annotations

import errno
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stslocal.cli.live_second_pass import translate_recording_again
from stslocal.cli.output import Printer
from stslocal.cli.signals import Stopped
from stslocal.errors import OutputError, StageError
from stslocal.live.half_duplex import HalfDuplex
from stslocal.live.recording import LiveRecording, RecordingFiles
from stslocal.metrics import Notice, from_json
from stslocal.results.session import Session, is_complete, read_session
from stslocal.second_pass import translate_again
from stslocal.settings import Settings
from stslocal.translation.request import TranslationRequest
from stslocal.types import Recognition, Samples
from tests.fake_engines import fake_engines
from tests.fakes import Cost, FakeRecognizer, FakeTranslator, Lexicon
from tests.live.recording.test_recorder import about
from tests.live_helpers import EchoingInput, FakeLive

pytestmark = pytest.mark.unit

REQUEST = TranslationRequest("pt", "en")
SETTINGS = Settings(source="en", target="pt")
TOGETHER = "good morning everybody, let us begin."


class Hasty(FakeRecognizer):
    """Recognizes the first word of an utterance alone, as in haste."""

    def transcribe(self, audio: Samples, **options: Any) -> Recognition:
        found = super().transcribe(audio, **options)
        return replace(found, words=found.words[:1], text=" ".join(found.text.split()[:1]))


def recorded(folder: Path, *, hasty: bool = True, **options: Any) -> tuple[FakeLive, LiveRecording]:
    """A live session of two phrases with a second between them, which is recorded."""
    live = FakeLive()
    if hasty:
        live.recognizer = Hasty(lexicon=live.lexicon)
    recording = LiveRecording(RecordingFiles(folder, "talk", "pt"), 24_000, about)
    said = live.lexicon.script((0.5, "good morning everybody,"), (3.0, "let us begin."))
    with recording:
        live.run(said, record=recording, **options)
    return live, recording


def again(live: FakeLive, recording: LiveRecording, **engines: Any) -> Session | None:
    loaded = fake_engines(live.lexicon, models=MODELS, **engines)
    try:
        return translate_again(loaded, REQUEST, recording.files, recording.recognized_sound)
    finally:
        recording.forget_sound()


MODELS: dict[str, Any] = {"fake-recognizer": (), "words": (), "fake-synthesizer": ()}


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_texts_are_those_of_the_whole_recording_and_what_was_spoken_stays(
    tmp_path: Path,
) -> None:
    live, recording = recorded(tmp_path)
    spoken, before = read_session(recording.files.session), files_of(tmp_path)
    assert [row.text for row in spoken.segments] == ["good", "let"]
    again(live, recording)
    session = read_session(recording.files.session)
    assert [row.text for row in session.segments] == [TOGETHER]
    assert [row.target for row in session.segments] == [None], "nothing is spoken again"
    assert list(session.spoken_live) == spoken.segments
    assert all(row.target for row in session.spoken_live)
    assert TOGETHER in recording.files.source_subtitles("srt").read_text()
    assert "pt:begin" in recording.files.subtitles("vtt").read_text()
    assert is_complete(session, tmp_path)
    after = files_of(tmp_path)
    assert after.keys() == before.keys(), "no other file is made or left"
    for kept in ("talk.source.wav", "talk.pt.wav", "talk.pt.events.jsonl"):
        assert after[kept] == before[kept]


def test_the_subtitles_have_the_times_of_the_source(tmp_path: Path) -> None:
    live, recording = recorded(tmp_path)
    session = again(live, recording)
    assert session is not None
    (row,) = session.segments
    begins = f"00:00:00.{round(row.source.start_s * 1000):03}"
    assert f"{begins} -->" in recording.files.subtitles("vtt").read_text()
    assert f"{begins} -->" in recording.files.source_subtitles("vtt").read_text()


def test_our_own_voice_is_not_in_what_is_recognized_again(tmp_path: Path) -> None:
    """In half duplex the recognizer did not get it, and the recording of the microphone has it."""
    live = FakeLive(translation=Cost(3.0))
    said = live.lexicon.script((0.5, "good morning."), (16.0, "and end."))
    microphone = EchoingInput(said, live.clock)

    class InRoom(HalfDuplex):
        def played(
            self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
        ) -> None:
            microphone.add_echo(samples, sample_rate, at_s)
            super().played(samples, sample_rate, at_s, position)

    recording = LiveRecording(RecordingFiles(tmp_path, "talk", "pt"), 24_000, about)
    with recording:
        live.run(said, record=recording, input=microphone, duplex=InRoom())
    session = again(live, recording)
    assert session is not None
    assert [row.text for row in session.segments] == ["good morning.", "and end."]
    captured = translate_again(
        fake_engines(live.lexicon, models=MODELS),
        REQUEST, recording.files, recording.files.source_audio,
    )  # fmt: skip
    assert captured is not None
    assert [row.text for row in captured.segments] == ["good morning.", "and end."], "by its text"


@pytest.mark.parametrize("engine", ["recognizer", "translators"])
def test_an_error_replaces_nothing(engine: str, tmp_path: Path) -> None:
    live, recording = recorded(tmp_path)
    before = files_of(tmp_path)
    failing: dict[str, Any] = {
        "recognizer": FakeRecognizer(fails_at=0, lexicon=live.lexicon),
        "translators": {"words": FakeTranslator(fails_at=0)},
    }
    with pytest.raises(StageError):
        again(live, recording, **{engine: failing[engine]})
    assert files_of(tmp_path) == before


def test_a_full_disk_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live, recording = recorded(tmp_path)
    before = files_of(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("stslocal.storage.os.fsync", full)
    with pytest.raises(OutputError, match="full"):
        again(live, recording)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("name", ["talk.source.srt", "talk.pt.vtt"])
def test_what_somebody_corrected_meanwhile_is_kept(name: str, tmp_path: Path) -> None:
    live, recording = recorded(tmp_path)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    before = files_of(tmp_path)
    with pytest.raises(OutputError, match=name):
        again(live, recording)
    assert files_of(tmp_path) == before


def test_a_correction_during_the_second_pass_is_kept(tmp_path: Path) -> None:
    live, recording = recorded(tmp_path)
    corrected = recording.files.subtitles("srt")

    class Slow(FakeTranslator):
        def translate(self, texts: Any, **options: Any) -> list[str]:
            corrected.write_text("mine", encoding="utf-8")
            return super().translate(texts, **options)

    with pytest.raises(OutputError, match=corrected.name):
        again(live, recording, translators={"words": Slow()})
    assert corrected.read_text(encoding="utf-8") == "mine"
    assert read_session(recording.files.session).spoken_live == ()


def test_where_nothing_is_recognized_the_live_texts_stay(tmp_path: Path) -> None:
    live, recording = recorded(tmp_path)
    before = files_of(tmp_path)
    assert again(live, recording, recognizer=FakeRecognizer(lexicon=Lexicon())) is None
    assert files_of(tmp_path) == before


def test_the_sound_that_was_recognized_is_kept_without_a_name(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "talk", "pt")
    tone = np.full(1600, 0.25, np.float32)
    recording = LiveRecording(files, 24_000, about)
    with recording:
        recording.captured(tone, tone)
        recording.captured(tone, np.zeros_like(tone))
        recording.captured(tone, tone)
    sound = recording.recognized_sound
    assert not isinstance(sound, Path)
    samples = np.frombuffer(sound.read(), "<i2")[-4800:].reshape(3, 1600)
    assert [int(part.max()) for part in samples] == [8192, 0, 8192]
    assert {path.name for path in tmp_path.iterdir()} >= {"talk.source.wav"}
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith("talk.")]
    recording.forget_sound()
    assert sound.closed


def test_in_full_duplex_the_recording_itself_is_recognized_again(tmp_path: Path) -> None:
    _, recording = recorded(tmp_path)
    assert recording.recognized_sound == recording.files.source_audio


@pytest.fixture(autouse=True)
def the_engines_of_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files take the same engines as live."""
    same = "stslocal.loading.load.engines_for_files"
    monkeypatch.setattr(same, lambda engines, *_, **__: engines)


def shown(folder: Path, *, json: bool = False) -> dict[str, bytes]:
    """Run the second pass of the command line; returns the files before it."""
    live, recording = recorded(folder)
    before = files_of(folder)
    options: Any = SimpleNamespace(request=REQUEST)
    engines = fake_engines(live.lexicon, models=MODELS)
    translate_recording_again(recording, engines, SETTINGS, options, Printer(json=json))
    return before


def raised_in_the_main_thread(fault: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise fault

    monkeypatch.setattr("stslocal.second_pass.row_of", fail)


def test_ctrl_c_keeps_the_live_texts_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raised_in_the_main_thread(Stopped(signal.SIGINT), monkeypatch)
    before = shown(tmp_path)
    assert files_of(tmp_path) == before
    assert "stopped: the texts stay" in capsys.readouterr().err


def test_sigterm_ends_the_program_and_keeps_the_live_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised_in_the_main_thread(Stopped(signal.SIGTERM), monkeypatch)
    with pytest.raises(Stopped):
        shown(tmp_path)
    assert read_session(tmp_path / "talk.pt.session.json").spoken_live == ()


def test_a_fault_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raised_in_the_main_thread(ValueError("odd"), monkeypatch)
    before = shown(tmp_path)
    assert files_of(tmp_path) == before
    assert "warning: the texts stay as they were live: " in capsys.readouterr().err


def test_with_json_the_end_is_a_notice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown(tmp_path, json=True)
    printed = capsys.readouterr()
    notice = from_json(printed.out)
    assert isinstance(notice, Notice)
    assert "recognized and translated again" in notice.text
    assert "Ctrl-C keeps the live texts" in printed.err
