"""The recordings of the benchmarks, and the measures of text quality.

The recordings lie beside the checkout, in ../shared/data; their README.md describes them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import sacrebleu

from stslocal.audio.decode import read_audio
from stslocal.types import RECOGNITION_RATE, Samples

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Clip:
    """One line of the manifest."""

    path: Path
    language: str
    """ISO 639-1."""
    speaker: str
    duration_s: float
    transcript: str | None
    translations: dict[str, str]
    """Reference translations by people, by language."""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def group(self) -> str:
        """The collection of the clip."""
        return self.path.parent.name


def clips(data: Path = DATA) -> list[Clip]:
    """All clips of the manifest."""
    lines = (data / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [_clip(data, json.loads(line)) for line in lines]


def _clip(data: Path, row: dict[str, Any]) -> Clip:
    return Clip(
        path=data / row["path"],
        language=str(row["language"]).partition("-")[0],
        speaker=str(row.get("speaker", "")),
        duration_s=float(row["duration_s"]),
        transcript=row.get("transcript_cased") or row.get("transcript"),
        translations={
            key.removeprefix("translation_"): text
            for key, text in row.items()
            if key.startswith("translation_")
        },
    )


def long_recording(
    language: str, *, seconds: float = np.inf, data: Path = DATA
) -> tuple[Samples, str]:
    """The long recording of a language, mono at 16 kHz, with its transcript.

    It is joined from parts, each whole: as many as it takes to have at least `seconds`.
    """
    rows = map(json.loads, (data / "long.jsonl").read_text(encoding="utf-8").splitlines())
    row = next(row for row in rows if row["language"] == language)
    transcripts = {clip.path: clip.transcript or "" for clip in clips(data)}
    gap = np.zeros(round(row["gap_s"] * RECOGNITION_RATE), np.float32)
    pieces: list[Samples] = []
    words: list[str] = []
    for part in row["parts"]:
        if sum(map(len, pieces)) >= seconds * RECOGNITION_RATE:
            break
        pieces += [read_audio(data / part), gap]
        words.append(transcripts[data / part])
    return np.concatenate(pieces), " ".join(words)


def normalized(text: str) -> str:
    """Normalize text for the word error rate: lower case, no punctuation, single spaces.

    Digits and spellings stay as they are, so "2" for "two" counts as an error.
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return " ".join(re.sub(r"[^\w'\s]|_", " ", text).split())


def word_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """The word error rate over all references together, in per cent."""
    return 100 * float(
        jiwer.wer([normalized(text) for text in references], [normalized(t) for t in hypotheses])
    )


def bleu(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """SacreBLEU over the corpus (13a tokens, case kept)."""
    return float(sacrebleu.corpus_bleu(list(hypotheses), [list(references)]).score)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """The chrF2 score over the corpus."""
    return float(sacrebleu.corpus_chrf(list(hypotheses), [list(references)]).score)
