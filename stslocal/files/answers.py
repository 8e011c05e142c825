"""The form in which a journal keeps the answers of engines: JSON values, and samples.

A reader raises TypeError, ValueError, KeyError or AttributeError for values of another form.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stslocal.files.journal import SOUND, key_of
from stslocal.types import Dropped, Recognition, Samples, VoiceProfile, Word


def text_of(value: Any) -> str:
    """A text of an answer. Raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def texts_of(value: Any) -> list[str]:
    """The texts of an answer."""
    if not isinstance(value, list):
        raise TypeError("no list")
    return [text_of(each) for each in value]


def detected_of(row: Any) -> tuple[str, float]:
    """A detected language and its probability, of an answer."""
    code, probability = row
    return text_of(code), float(probability)


def recognition_row(one: Recognition) -> dict[str, Any]:
    """A recognition as JSON values."""
    return {
        "text": one.text,
        "language": one.language,
        "language_probability": float(one.language_probability),
        "words": [
            [word.text, float(word.start_s), float(word.end_s), float(word.probability)]
            for word in one.words
        ],
        "avg_logprob": float(one.avg_logprob),
        "no_speech_probability": float(one.no_speech_probability),
        "rejected": one.rejected,
        "dropped": [
            [dropped.reason, float(dropped.start_s), float(dropped.end_s), dropped.text]
            for dropped in one.dropped
        ],
    }


def recognition_of(row: Any) -> Recognition:
    """The recognition of an answer."""
    return Recognition(
        text=text_of(row["text"]),
        language=text_of(row["language"]),
        language_probability=float(row["language_probability"]),
        words=tuple(
            Word(text_of(text), float(start_s), float(end_s), float(probability))
            for text, start_s, end_s, probability in row["words"]
        ),
        avg_logprob=float(row["avg_logprob"]),
        no_speech_probability=float(row["no_speech_probability"]),
        rejected=text_of(row["rejected"]),
        dropped=tuple(
            Dropped(float(start_s), float(end_s), text_of(reason), text_of(text))
            for reason, start_s, end_s, text in row["dropped"]
        ),
    )


def bytes_of(samples: Samples) -> bytes:
    """Samples as the bytes of a sound."""
    return samples.astype("<f4").tobytes()


def sound_of(answer: bytes) -> Samples | None:
    """The samples of an answer; None where it has none that can be played."""
    if answer[:1] != SOUND or len(answer) % 4 != 1:
        return None
    samples = np.frombuffer(answer, "<f4", offset=1).astype(np.float32)
    return samples if np.isfinite(samples).all() else None


def voice_hash(voice: VoiceProfile | None) -> str:
    """What tells one voice from another."""
    if voice is None:
        return ""
    arrays = b"".join(
        name.encode() + str(data.dtype).encode() + str(data.shape).encode() + data.tobytes()
        for name, data in sorted(voice.arrays.items())
    )
    about = [voice.name, voice.engine, voice.pitch_semitones, dict(voice.provenance)]
    return key_of(about, arrays).hex()
