"""Diarization by the real sherpa-onnx in its process, with tiny networks of tones."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stslocal.engines.sherpa import diarizer as engine
from stslocal.engines.sherpa.diarizer import SherpaDiarizer
from stslocal.engines.worker.process import WorkerProcess
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.files.speakers.turns import Speakers
from stslocal.types import RECOGNITION_RATE, Samples, Turn
from tests.extras import need

need("onnx")
need("sherpa_onnx")
from tests.tiny_sherpa import (  # noqa: E402
    EMBEDDING,
    HIGH,
    LOW,
    SEGMENTATION,
    make_tiny_embedding,
    make_tiny_segmentation,
    persons,
)

pytestmark = pytest.mark.unit

EXACT_S = 0.1
TALK = persons((1, 8, LOW), (9, 16, HIGH), (15, 22, LOW), (24, 30, HIGH), (31, 33, LOW), seconds=35)
"""Two persons, who speak at once from 15 to 16 s."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    return make_tiny_segmentation(folder, "segmentation"), make_tiny_embedding(folder, "embedding")


@pytest.fixture
def diarizer(models: tuple[Path, Path]) -> SherpaDiarizer:
    return SherpaDiarizer.load(*models, threads=1)


def blocks(sound: Samples, seconds: float = 3.3) -> Iterator[Samples]:
    step = round(seconds * RECOGNITION_RATE)
    return (sound[start : start + step] for start in range(0, len(sound), step))


def rounded(turns: tuple[Turn, ...]) -> list[tuple[int, int, str]]:
    """The turns in whole seconds, after a check that they are that exact."""
    for turn in turns:
        assert turn.start_s == pytest.approx(round(turn.start_s), abs=EXACT_S)
        assert turn.end_s == pytest.approx(round(turn.end_s), abs=EXACT_S)
    return [(round(turn.start_s), round(turn.end_s), turn.speaker) for turn in turns]


def test_who_speaks_when_and_who_at_once(diarizer: SherpaDiarizer) -> None:
    turns = diarizer.diarize(blocks(TALK))
    assert rounded(turns) == [
        (1, 8, "S1"),
        (9, 16, "S2"),
        (15, 22, "S1"),
        (24, 30, "S2"),
        (31, 33, "S1"),
    ]
    ((start_s, end_s),) = Speakers(turns).overlaps()
    assert (start_s, end_s) == pytest.approx((15, 16), abs=EXACT_S)
    (warning,) = Speakers(turns).warnings()
    assert "at the same time at 0:1" in warning


def test_the_same_however_it_is_divided(
    diarizer: SherpaDiarizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = diarizer.diarize([TALK])
    monkeypatch.setattr(engine, "_SENT_S", 1.0)
    assert diarizer.diarize(blocks(TALK, 0.37)) == whole


def test_the_number_of_persons_may_be_given(diarizer: SherpaDiarizer) -> None:
    alone = diarizer.diarize([TALK], speakers=1)
    assert {turn.speaker for turn in alone} == {"S1"}
    assert Speakers(alone).overlaps() == []
    assert len(Speakers(diarizer.diarize([TALK], speakers=2)).names) == 2


@pytest.mark.parametrize("seconds", [4.0, 9.9, 10.0, 10.5])
def test_a_short_recording(diarizer: SherpaDiarizer, seconds: float) -> None:
    """Of one chunk sherpa-onnx alone would not compare the voices."""
    sound = persons((0, 2, LOW), (3, 20, HIGH), seconds=seconds)
    assert {turn.speaker for turn in diarizer.diarize([sound], speakers=1)} == {"S1"}
    turns = diarizer.diarize([sound], speakers=2)
    assert [turn.speaker for turn in turns] == ["S1", "S2"]
    assert turns[-1].end_s == pytest.approx(seconds, abs=EXACT_S)
    assert turns[-1].end_s <= seconds


@pytest.mark.parametrize("seconds", [0.0, 0.01, 2.0, 25.0])
def test_where_nobody_speaks_there_are_no_turns(diarizer: SherpaDiarizer, seconds: float) -> None:
    silence = np.zeros(round(seconds * RECOGNITION_RATE), np.float32)
    assert diarizer.diarize([silence]) == ()
    assert diarizer.diarize([]) == ()


def test_the_number_may_be_asked_for_behind_the_recording(diarizer: SherpaDiarizer) -> None:
    order: list[str] = []

    def sound() -> Iterator[Samples]:
        yield TALK
        order.append("read")

    def count() -> int:
        order.append("counted")
        return 1

    assert {turn.speaker for turn in diarizer.diarize(sound(), speakers=count)} == {"S1"}
    assert order == ["read", "counted"]


def test_a_person_of_a_second_is_left_out_unless_the_number_is_given(
    diarizer: SherpaDiarizer,
) -> None:
    sound = persons((1, 9, LOW), (10, 11, HIGH), (12, 20, LOW), seconds=21)
    assert {turn.speaker for turn in diarizer.diarize([sound])} == {"S1"}
    assert {turn.speaker for turn in diarizer.diarize([sound], speakers=2)} == {"S1", "S2"}
    short = persons((1, 2, HIGH), seconds=12)
    assert rounded(diarizer.diarize([short])) == [(1, 2, "S1")], "somebody is left"


class TestBadModels:
    def test_a_folder_without_the_file(self, models: tuple[Path, Path], tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError, match="run `stslocal models pull speakers`"):
            SherpaDiarizer.load(tmp_path, models[1])

    @pytest.mark.parametrize("which", [0, 1])
    @pytest.mark.parametrize("content", [b"", b"no model", bytes(5000)])
    def test_a_file_that_is_no_model_is_one_sentence(
        self, models: tuple[Path, Path], tmp_path: Path, which: int, content: bytes
    ) -> None:
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad" / "model.onnx").write_bytes(content)
        chosen = [*models]
        chosen[which] = tmp_path / "bad"
        self.refused(SherpaDiarizer.load(*chosen))

    @pytest.mark.parametrize("missing", ["window_size", "num_classes"])
    def test_a_segmentation_without_its_metadata(
        self, models: tuple[Path, Path], tmp_path: Path, missing: str
    ) -> None:
        """sherpa-onnx ends the process then."""
        metadata = {key: value for key, value in SEGMENTATION.items() if key != missing}
        made = make_tiny_segmentation(tmp_path, "segmentation", metadata)
        self.refused(SherpaDiarizer.load(made, models[1]))

    @pytest.mark.parametrize("framework", ["", "somebody's"])
    def test_an_embedding_of_another_kind(
        self, models: tuple[Path, Path], tmp_path: Path, framework: str
    ) -> None:
        made = make_tiny_embedding(tmp_path, "embedding", {**EMBEDDING, "framework": framework})
        self.refused(SherpaDiarizer.load(models[0], made))

    def refused(self, diarizer: SherpaDiarizer) -> None:
        read: list[Samples] = []

        def sound() -> Iterator[Samples]:
            read.append(TALK)
            yield TALK

        with pytest.raises(EngineError) as caught:
            diarizer.diarize(sound())
        assert read == [], "the recording is not read where the models are wrong"
        text = str(caught.value)
        assert text.endswith("`stslocal models verify`")
        assert "model.onnx" in text
        assert "\n" not in text


class TestTheProcess:
    def test_is_gone_afterwards(
        self, diarizer: SherpaDiarizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workers: list[WorkerProcess] = []

        class Remembered(WorkerProcess):
            def __init__(self, module: str, does: str) -> None:
                super().__init__(module, does)
                workers.append(self)

        monkeypatch.setattr(engine, "WorkerProcess", Remembered)
        pids = []

        def watched() -> Iterator[Samples]:
            pids.append(workers[0].pid)
            yield TALK

        diarizer.diarize(watched())
        assert pids[0] not in (None, os.getpid())
        assert workers[0].pid is None

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
    def test_ctrl_c_ends_it(self, diarizer: SherpaDiarizer) -> None:
        """While sherpa-onnx computes, with Python's lock in its process."""
        hours = np.tile(TALK, 400)
        began = threading.Event()

        def sound() -> Iterator[Samples]:
            yield hours[: 3000 * RECOGNITION_RATE]
            began.set()

        def interrupt(number: int, frame: object) -> None:
            raise KeyboardInterrupt

        def press() -> None:
            began.wait()
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGALRM)

        before = signal.signal(signal.SIGALRM, interrupt)
        presser = threading.Thread(target=press)
        presser.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                diarizer.diarize(sound())
        finally:
            presser.join()
            signal.signal(signal.SIGALRM, before)
        assert len(Speakers(diarizer.diarize([TALK])).names) == 2, "the next one works"

    def test_what_it_prints_goes_to_the_log(
        self,
        models: tuple[Path, Path],
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG, "stslocal")
        made = make_tiny_embedding(tmp_path, "embedding", {**EMBEDDING, "framework": "other"})
        with pytest.raises(EngineError):
            SherpaDiarizer.load(models[0], made).diarize([TALK])
        assert any("Unsupported model_type: other" in record.message for record in caplog.records)
        assert capfd.readouterr() == ("", "")
