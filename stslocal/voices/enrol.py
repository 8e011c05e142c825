"""Makes a voice to keep from recordings of a speaker who agreed to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from stslocal.audio.decode import read_audio
from stslocal.engines.speaker.reference import ReferenceQuality, judge_reference
from stslocal.errors import SettingsError
from stslocal.types import Samples, VoiceProfile
from stslocal.voices.choose import REFERENCE_RATE, VoiceEngines

_BETWEEN_S = 0.3
"""Silence between two recordings."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Recordings of one speaker, and how good they are to make a voice from."""

    clips: tuple[tuple[Path, ReferenceQuality], ...]
    samples: Samples
    """All of them, one after the other, at REFERENCE_RATE."""
    quality: ReferenceQuality
    """Of all of them together."""

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Reference:
        """Read and judge recordings.

        Raises AudioDecodeError for one that cannot be read, SettingsError where no voice can be
        made of them, with the reason.
        """
        audio = [read_audio(path, sample_rate=REFERENCE_RATE) for path in paths]
        clips = [
            (path, judge_reference(samples, REFERENCE_RATE))
            for path, samples in zip(paths, audio, strict=True)
        ]
        gap = np.zeros(round(_BETWEEN_S * REFERENCE_RATE), np.float32)
        samples = np.concatenate([part for one in audio for part in (one, gap)][:-1])
        quality = clips[0][1] if len(clips) == 1 else judge_reference(samples, REFERENCE_RATE)
        if not quality.usable:
            names = ", ".join(path.name for path in paths)
            raise SettingsError(f"no voice can be made from {names}: {quality.verdict}")
        return cls(tuple(clips), samples, quality)


def enrol(
    engines: VoiceEngines, reference: Reference, *, name: str, language: str, consent: str
) -> VoiceProfile:
    """Make the voice `name` and write down where it comes from.

    `language` is the one it shall speak where voices differ by language; `consent` says who
    agreed to its use, in their words.
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
