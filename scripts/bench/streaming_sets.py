"""The recordings of streaming.py: those that the limits were chosen on, and those kept apart.

The tuning set is the project's own reading (English 40 s, Portuguese 71 s), and from the larger set
short English phrases of two speakers and two Portuguese FLEURS sentences. The unseen set is all
from the larger one: in English phrases and sentences of other readers, in Portuguese the rest of
the novel and short sentences of another reader.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from corpus import OWN, Clip, Corpus

from stslocal.audio.decode import read_audio
from stslocal.types import RECOGNITION_RATE, Samples

GAP_S = 0.5
"""Silence between two clips."""
TUNING_S = 40.0
"""English reading in the tuning set; phrases of two other speakers follow it."""
_TUNED_UP_TO, _TUNED_UP_TO_S = "ao teatro.", 99.35
"""Where the part of the novel ends that is in the project's own recordings."""


def recording(data: Corpus, language: str, name: str, seconds: float) -> tuple[Samples, str]:
    """The recording of a set in a language, and its text.

    `seconds` are enough of the tuning set, in whole clips; 0 takes all.
    """
    english = language == "en"
    if name == "tuning":
        own = Corpus.read(OWN)
        passage = own.passage(language, seconds=seconds or (TUNING_S if english else np.inf))
        speakers = ("VCTK-p225", "VCTK-p234")
        others = [clip for clip in data.clips if clip.speaker in speakers]
        if not english:
            others = [clip for clip in _read(data, language) if clip.group == "fleurs"][:2]
        return passage if seconds else _joined([passage, _clips(others)])
    groups = ("hifi_tts_6097", "fleurs") if english else ("tts_portuguese_corpus",)
    others = [clip for clip in _read(data, language) if clip.group in groups]
    if english:
        readers = ("VCTK-p245", "LibriVox reader (Sense and Sensibility)")
        others += [clip for clip in data.clips if clip.speaker in readers]
        sentences = [f"LJ050-{number:04}" for number in range(161, 168)]
        return _joined([_clips(others), _clips(data.named(*sentences), gap_s=0.35)])
    (novel,) = (clip for clip in data.clips if clip.group == "librivox_dom_casmurro")
    _, _, said = (novel.transcript or "").partition(_TUNED_UP_TO)
    rest = read_audio(novel.path)[round(_TUNED_UP_TO_S * RECOGNITION_RATE) :]
    return _joined([(rest, said), _clips(others)])


def _read(data: Corpus, language: str) -> list[Clip]:
    """The clips of a language with a transcript."""
    return [clip for clip in data.clips if clip.language == language and clip.transcript]


def _clips(clips: Sequence[Clip], *, gap_s: float = GAP_S) -> tuple[Samples, str]:
    gap = np.zeros(round(gap_s * RECOGNITION_RATE), np.float32)
    sounds = [part for clip in clips for part in (read_audio(clip.path), gap)]
    return np.concatenate([gap, *sounds]), " ".join(clip.transcript or "" for clip in clips)


def _joined(parts: Sequence[tuple[Samples, str]]) -> tuple[Samples, str]:
    return np.concatenate([sound for sound, _ in parts]), " ".join(said for _, said in parts)
