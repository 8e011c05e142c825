"""A translation that was ended goes on, and its result is that of one that was not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stslocal.errors import StslocalError
from stslocal.files import journal
from stslocal.files.journal import Journal, journal_path
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.resume import remembering
from stslocal.files.speak import PlacedSegment
from stslocal.files.write import TranslatedSpeech, translate_to_files
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import fake_engines
from tests.fakes import FakeRecognizer, FakeSynthesizer, FakeTranslator, Lexicon

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt"))
SENTENCES = 12


class Ended(BaseException):
    """As Ctrl-C: no Exception."""


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def recording(tmp_path: Path, lexicon: Lexicon) -> Path:
    """Sentences, some of which are the same, and some too long for their time."""
    lines = [
        (7.0 * at, f"sentence {at % 5} goes " + "on and " * (at % 4 * 6) + "ends.")
        for at in range(SENTENCES)
    ]
    for at in range(len(lines) - 1):  # no two overlap
        start_s, text = lines[at + 1]
        lines[at + 1] = (max(start_s, lines[at][0] + 0.3 * len(lines[at][1].split()) + 3.0), text)
    source = tmp_path / "talk.wav"
    soundfile.write(source, lexicon.script(*lines), RECOGNITION_RATE, subtype="FLOAT")
    return source


def task_in(folder: Path, recording: Path) -> FileTask:
    return FileTask(recording, folder / "talk.pt.wav", "talk.pt", "pt")


def engines_of(lexicon: Lexicon) -> Engines:
    return fake_engines(
        lexicon,
        models=dict.fromkeys(("fake-recognizer", "words", "fake-synthesizer"), ()),
    )


def result(task: FileTask) -> dict[str, Any]:
    """All files of a result; of the session without what says how long the work took."""
    found: dict[str, Any] = {}
    for path in sorted(task.folder.iterdir()):
        found[path.name] = path.read_bytes()
    session = json.loads(found.pop(task.session.name))
    del session["seal"]
    for segment in session["segments"]:
        del segment["timings"]
    found["session"] = session
    return found


def end_after(count: int) -> Callable[[PlacedSegment], None]:
    seen: list[PlacedSegment] = []

    def show(placed: PlacedSegment) -> None:
        seen.append(placed)
        if len(seen) == count:
            raise Ended

    return show


def ended_after(
    count: int, engines: Engines, task: FileTask, options: FileOptions = OPTIONS
) -> None:
    with pytest.raises(Ended):
        translate_to_files(engines, task, options, on_segment=end_after(count))


def calls(engines: Engines) -> tuple[int, int, int]:
    recognizer, synthesizer = engines.recognizer, engines.synthesizer
    translator = engines.translators["words"]
    assert isinstance(recognizer, FakeRecognizer)
    assert isinstance(synthesizer, FakeSynthesizer)
    assert isinstance(translator, FakeTranslator)
    return recognizer.calls, translator.calls, synthesizer.calls


@pytest.fixture
def whole(tmp_path: Path, recording: Path, lexicon: Lexicon) -> dict[str, Any]:
    """The result of a run that nobody ended."""
    task = task_in(tmp_path / "whole", recording)
    translate_to_files(engines_of(lexicon), task, OPTIONS)
    assert len(result(task)["session"]["segments"]) == SENTENCES
    return result(task)


@pytest.mark.parametrize("moment", [1, 6, SENTENCES])
def test_the_result_is_that_of_a_run_that_was_not_ended(
    moment: int, tmp_path: Path, recording: Path, lexicon: Lexicon, whole: dict[str, Any]
) -> None:
    task = task_in(tmp_path / "out", recording)
    ended_after(moment, engines_of(lexicon), task)
    assert [path.name for path in task.folder.iterdir()] == [journal_path(task).name]
    kept: list[int] = []
    translate_to_files(engines_of(lexicon), task, OPTIONS, on_resumed=kept.append)
    assert kept
    assert kept[0] >= moment
    assert result(task) == whole


def test_what_was_done_is_not_done_again(tmp_path: Path, recording: Path, lexicon: Lexicon) -> None:
    complete = engines_of(lexicon)
    translate_to_files(complete, task_in(tmp_path / "whole", recording), OPTIONS)
    task = task_in(tmp_path / "out", recording)
    first, second, third = (engines_of(lexicon) for _ in range(3))
    ended_after(4, first, task)
    ended_after(8, second, task)
    translate_to_files(third, task, OPTIONS)
    sums = [sum(each) for each in zip(*map(calls, (first, second, third)), strict=True)]
    assert sums == list(calls(complete))
    assert calls(third)[2] < calls(complete)[2] / 2


def test_a_run_that_is_done_leaves_no_journal(engines: Engines, task: FileTask) -> None:
    done = translate_to_files(engines, task, OPTIONS)
    assert sorted(task.folder.iterdir()) == sorted(done.files)


@pytest.mark.parametrize("failing", ["recognizer", "translator", "synthesizer"])
def test_an_engine_that_failed_is_asked_again(
    failing: str, tmp_path: Path, recording: Path, lexicon: Lexicon, whole: dict[str, Any]
) -> None:
    broken = engines_of(lexicon)
    if failing == "recognizer":
        broken.recognizer = FakeRecognizer(lexicon=lexicon, fails_at=22)
    elif failing == "translator":
        broken.translators = {"words": FakeTranslator(fails_at=7)}
    else:
        broken.synthesizer = FakeSynthesizer(lexicon=lexicon, fails_at=14)
    task = task_in(tmp_path / "out", recording)
    with pytest.raises(StslocalError):
        translate_to_files(broken, task, OPTIONS)
    translate_to_files(engines_of(lexicon), task, OPTIONS)
    assert result(task) == whole


def test_other_ways_to_say_a_sentence_are_kept(tmp_path: Path) -> None:
    class Wordy(FakeTranslator):
        def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
            self.work()
            return [f"{text} {target}", text]

    path = tmp_path / "one.journal"
    asked: list[str] = []

    def ways(translator: Wordy, journal: Journal) -> list[str]:
        engines = remembering(fake_engines(Lexicon(), translators={"w": translator}), journal, "pt")
        found = cast("Wordy", engines.translators["w"])
        return found.alternatives("hm", source="en", target="pt")

    ended = Journal(path, {}, asked.append)
    ended.add(b"k" * 16, b"s")  # a sentence is spoken
    assert ways(Wordy(), ended) == ["hm pt", "hm"]
    ended.__exit__(Ended, Ended(), None)
    with Journal(path, {}, asked.append) as journal:
        assert ways(Wordy(fails_at=0), journal) == ["hm pt", "hm"]
    assert not asked
    assert not path.exists()


def other_voice(engines: Engines, recording: Path) -> FileOptions:
    return replace(OPTIONS, request=TranslationRequest("pt", voice="pt_bass"))


def other_recording(engines: Engines, recording: Path) -> FileOptions:
    samples, rate = soundfile.read(recording, dtype="float32")
    soundfile.write(recording, np.concatenate([samples, samples[:100]]), rate, subtype="FLOAT")
    return OPTIONS


def other_model(engines: Engines, recording: Path) -> FileOptions:
    engines.models = {**engines.models, "another": ()}
    return OPTIONS


@pytest.mark.parametrize("change", [other_voice, other_recording, other_model])
def test_the_journal_of_other_work_is_not_used(
    change: Callable[[Engines, Path], FileOptions],
    tmp_path: Path,
    recording: Path,
    lexicon: Lexicon,
) -> None:
    task = task_in(tmp_path / "out", recording)
    ended_after(5, engines_of(lexicon), task)
    engines = engines_of(lexicon)
    options = change(engines, recording)
    kept: list[int] = []
    speech = translate_to_files(engines, task, options, on_resumed=kept.append)
    assert not kept
    assert any("other options" in warning for warning in speech.session.warnings)
    assert not journal_path(task).exists()


def test_other_kinds_of_results_go_on_too(
    tmp_path: Path, recording: Path, lexicon: Lexicon
) -> None:
    task = task_in(tmp_path / "out", recording)
    ended_after(5, engines_of(lexicon), task)
    kept: list[int] = []
    options = replace(OPTIONS, subtitles=("ass",), bilingual=True)
    translate_to_files(engines_of(lexicon), task, options, on_resumed=kept.append)
    assert kept


@pytest.mark.parametrize("kind", ["text", "magic", "link", "folder", "empty"])
def test_what_is_no_journal_is_not_used(kind: str, engines: Engines, task: FileTask) -> None:
    path = journal_path(task)
    task.folder.mkdir()
    elsewhere = task.folder.parent / "precious.txt"
    elsewhere.write_text("mine")
    if kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "folder":
        path.mkdir()
    else:
        data = {"text": b"{}", "magic": b"stslocal journal 1\n[[[[\n", "empty": b""}
        path.write_bytes(data[kind])
    speech = translate_to_files(engines, task, OPTIONS)
    assert len(speech.session.segments) == 2
    assert any(".journal" in warning or "be kept" in warning for warning in speech.session.warnings)
    assert elsewhere.read_text() == "mine"
    assert kind == "folder" or not path.exists()


@pytest.fixture(scope="module")
def kept_journal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lexicon, bytes, bytes]:
    """A recording, its lexicon, the journal of a run that was ended, and the right sound."""
    folder, lexicon = tmp_path_factory.mktemp("kept"), Lexicon()
    source = folder / "talk.wav"
    said = lexicon.script(*((4.0 * at, f"number {at}.") for at in range(4)))
    soundfile.write(source, said, RECOGNITION_RATE, subtype="FLOAT")
    whole = task_in(folder / "whole", source)
    translate_to_files(engines_of(lexicon), whole, OPTIONS)
    task = task_in(folder / "out", source)
    ended_after(3, engines_of(lexicon), task)
    return source, lexicon, journal_path(task).read_bytes(), whole.audio.read_bytes()


@given(st.data())
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_journal_never_harms_the_result(
    kept_journal: tuple[Path, Lexicon, bytes, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    source, lexicon, content, sound = kept_journal
    damaged = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        damaged[at] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    task = task_in(tmp_path / "out", source)
    task.folder.mkdir(exist_ok=True)
    journal_path(task).write_bytes(bytes(damaged[:cut]))
    speech = translate_to_files(engines_of(lexicon), task, OPTIONS, overwrite=True)
    assert task.audio.read_bytes() == sound
    assert len(speech.session.segments) == 4
    assert not journal_path(task).exists()


def test_a_damaged_answer_is_asked_for_again_with_a_warning(
    kept_journal: tuple[Path, Lexicon, bytes, bytes], tmp_path: Path
) -> None:
    source, lexicon, content, sound = kept_journal
    task = task_in(tmp_path / "out", source)
    task.folder.mkdir()
    first = content.index(b'"rejected"')
    for at in (first, first + 4):
        journal_path(task).write_bytes(content[:at] + b"\0" + content[at + 1 :])
        speech = translate_to_files(engines_of(lexicon), task, OPTIONS, overwrite=True)
        assert [w for w in speech.session.warnings if "is damaged" in w]
        assert task.audio.read_bytes() == sound


@pytest.mark.parametrize("strange", [b"t[]", b"tnull", b't{"text": 3}', b"s\0\0\xc0\x7f", b"s\0"])
def test_an_answer_of_the_wrong_form_is_asked_for_again(
    strange: bytes,
    kept_journal: tuple[Path, Lexicon, bytes, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All checksums are right, as somebody may make them who wishes us harm."""
    source, lexicon, content, sound = kept_journal
    task = task_in(tmp_path / "out", source)
    task.folder.mkdir()
    journal_path(task).write_bytes(content)
    monkeypatch.setattr(journal.Journal, "take", lambda *_: strange)
    translate_to_files(engines_of(lexicon), task, OPTIONS)
    assert task.audio.read_bytes() == sound


def test_a_disk_without_room_for_the_journal_does_not_end_the_work(
    engines: Engines, task: FileTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: journal.Journal, data: bytes) -> None:
        if len(data) > 5000:  # the first speech
            raise OSError(28, "No space left on device")
        real(self, data)

    real = journal.Journal._append
    monkeypatch.setattr(journal.Journal, "_append", full)

    def check(placed: PlacedSegment) -> None:
        assert not journal_path(task).exists()

    speech: TranslatedSpeech = translate_to_files(engines, task, OPTIONS, on_segment=check)
    (warning,) = [one for one in speech.session.warnings if "cannot be kept" in one]
    assert "No space left on device" in warning
