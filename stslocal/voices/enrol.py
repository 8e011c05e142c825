"""Enrols a voice: makes it from recordings of a speaker who agreed to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import resample
from stslocal.engines.protocols import SpeakerEncoder, VoiceActivityDetector
from stslocal.engines.speaker.reference import ReferenceQuality, judge_reference
from stslocal.errors import SettingsError
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import REFERENCE_RATE, VoiceEngines
from stslocal.voices.speakers import MEASURED_S, judge_speakers

_BETWEEN_S = 0.3
"""Seconds of silence between two recordings."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Recordings of one speaker, with their quality as a reference."""

    clips: tuple[tuple[Path, ReferenceQuality], ...]
    """Each recording and its quality."""
    samples: Samples
    """All recordings one after the other, shape (n,), at REFERENCE_RATE."""
    quality: ReferenceQuality
    """The quality of all recordings together."""
    beginnings: Samples
    """The beginning of each recording, in which speakers are compared, shape (n,)."""

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Reference:
        """Read and judge recordings.

        Raises AudioDecodeError for a recording that cannot be read, and SettingsError with the
        reason when no voice can be made from them.
        """
        audio = [read_audio(path, sample_rate=REFERENCE_RATE) for path in paths]
        clips = [
            (path, judge_reference(samples, REFERENCE_RATE))
            for path, samples in zip(paths, audio, strict=True)
        ]
        gap = np.zeros(round(_BETWEEN_S * REFERENCE_RATE), np.float32)
        samples = np.concatenate([part for one in audio for part in (one, gap)][:-1])
        share = round(MEASURED_S / len(audio) * REFERENCE_RATE)
        beginnings = np.concatenate([one[:share] for one in audio])
        quality = clips[0][1] if len(clips) == 1 else judge_reference(samples, REFERENCE_RATE)
        if not quality.usable:
            names = ", ".join(path.name for path in paths)
            raise SettingsError(f"no voice can be made from {names}: {quality.verdict}")
        return cls(tuple(clips), samples, quality, beginnings)


def check_speakers(
    reference: Reference,
    detector: VoiceActivityDetector,
    encoder: SpeakerEncoder | None,
    *,
    way_out: str,
) -> None:
    """Raise SettingsError for music, noise or two speakers; the message ends with `way_out`."""
    speech = resample(reference.beginnings, REFERENCE_RATE, RECOGNITION_RATE)
    if fault := judge_speakers(speech, detector, encoder).fault:
        names = ", ".join(path.name for path, _ in reference.clips)
        raise SettingsError(f"no voice is made from {names}: {fault}; {way_out}")


def enrol(
    engines: VoiceEngines, reference: Reference, *, name: str, language: str, consent: str
) -> VoiceProfile:
    """Make the voice `name`, with its origin in its provenance.

    `language` is the language that it is to speak, for engines whose voices differ by language.
    `consent` says in the person's words who agreed to the use of the voice.
    """
    profile = engines.like(reference.samples, REFERENCE_RATE, language=language, name=name)
    made_from = ", ".join(path.name for path, _ in reference.clips)
    about = {
        **profile.provenance,
        "reference": reference.quality.verdict,
        "model": engines.name,
        "made_from": made_from,
        "made_on": date.today().isoformat(),
        "speech_s": f"{reference.quality.speech_s:.1f}",
        "consent": consent,
    }
    return replace(profile, provenance=about)
