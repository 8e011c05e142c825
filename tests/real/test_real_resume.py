"""A real translation that was ended goes on, and gives what one that was not ended gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import read_audio
from stslocal.files.journal import journal_path
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.speak import PlacedSegment
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE

pytestmark = pytest.mark.real

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


def test_a_translation_that_was_ended_gives_the_same_sound(
    engines: Engines, tmp_path: Path
) -> None:
    pause = np.zeros(RECOGNITION_RATE // 2, np.float32)
    parts = [
        sound
        for number in (4, 8, 7)
        for sound in (
            read_audio(RECORDINGS / f"ljspeech-{number}.flac", sample_rate=RECOGNITION_RATE),
            pause,
        )
    ]
    source = tmp_path / "talk.wav"
    soundfile.write(source, np.concatenate(parts), RECOGNITION_RATE)
    options = FileOptions(TranslationRequest("pt"))
    whole, ended = (
        FileTask(source, tmp_path / folder / "talk.pt.wav", "talk.pt", "pt")
        for folder in ("whole", "ended")
    )
    translate_to_files(engines, whole, options)

    def end(placed: PlacedSegment) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        translate_to_files(engines, ended, options, on_segment=end)
    assert journal_path(ended).exists()
    kept: list[int] = []
    translate_to_files(engines, ended, options, on_resumed=kept.append)
    assert kept
    assert ended.audio.read_bytes() == whole.audio.read_bytes()
    assert ended.subtitles("srt").read_bytes() == whole.subtitles("srt").read_bytes()
    assert not journal_path(ended).exists()
