"""The recordings of the benchmarks, and the measures of text quality.

There are two sets of recordings in the same format. OWN is part of the project
(tests/data/recordings): a few minutes in the public domain. LARGER may lie beside the checkout,
in ../shared/data, with more speakers and languages. The README.md of each set describes it.
"""

from __future__ import annotations

import argparse
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

CHECKOUT = Path(__file__).resolve().parents[2]
OWN = CHECKOUT / "tests" / "data" / "recordings"
LARGER = CHECKOUT.parent / "shared" / "data"
OWN_GROUP = OWN.name
"""The collection of every clip of OWN."""

FLORES = {"en": "eng_Latn", "pt": "por_Latn"}


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
    """References by language, written by people or for this project (see the README.md)."""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def group(self) -> str:
        """The collection of the clip."""
        return self.path.parent.name


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of recordings with their texts."""

    folder: Path
    clips: tuple[Clip, ...]

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """Read the manifest of a folder. Raises FileNotFoundError where there is none."""
        lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
        return cls(folder, tuple(_clip(folder, json.loads(line)) for line in lines))

    @property
    def title(self) -> str:
        """The name of the set, for the result of a benchmark."""
        names = {OWN: "tests/data/recordings", LARGER: "../shared/data"}
        return f"{names.get(self.folder, self.folder)}, {len(self.clips)} clips"

    def named(self, *names: str) -> list[Clip]:
        """The clips of these names. Raises KeyError for an unknown name."""
        clips = {clip.name: clip for clip in self.clips}
        return [clips[name] for name in names]

    def passage(self, language: str, *, seconds: float = np.inf) -> tuple[Samples, str]:
        """The long recording of a language, mono at 16 kHz, with its transcript.

        It is joined from parts, each whole: as many as it takes to have at least `seconds`.
        """
        rows = map(json.loads, (self.folder / "long.jsonl").read_text("utf-8").splitlines())
        row = next(row for row in rows if row["language"] == language)
        transcripts = {clip.path: clip.transcript or "" for clip in self.clips}
        gap = np.zeros(round(row["gap_s"] * RECOGNITION_RATE), np.float32)
        pieces: list[Samples] = []
        words: list[str] = []
        for part in row["parts"]:
            if sum(map(len, pieces)) >= seconds * RECOGNITION_RATE:
                break
            pieces += [read_audio(self.folder / part), gap]
            words.append(transcripts[self.folder / part])
        return np.concatenate(pieces), " ".join(words)

    def parallel(self, source: str, target: str) -> tuple[list[str], list[str]]:
        """The same sentences in two languages.

        They are those of FLORES-200 dev if the set has it, else those of the clips.
        """
        flores = [
            self.folder / "text" / "flores200" / f"{FLORES[language]}.dev"
            for language in (source, target)
        ]
        if all(path.is_file() for path in flores):
            one, other = (path.read_text(encoding="utf-8").splitlines() for path in flores)
            return one, other
        texts = [
            {clip.language: clip.transcript, **clip.translations}
            for clip in self.clips
            if clip.transcript and clip.language in (source, target)
        ]
        both = [text for text in texts if source in text and target in text]
        return [text[source] for text in both], [text[target] for text in both]


def _clip(folder: Path, row: dict[str, Any]) -> Clip:
    return Clip(
        path=folder / row["path"],
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


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add the option `--data FOLDER`, the set of recordings of a benchmark."""
    parser.add_argument(
        "--data", type=_corpus, metavar="FOLDER",
        default=str(LARGER if (LARGER / "manifest.jsonl").is_file() else OWN),
        help="recordings to measure on, a folder with a manifest.jsonl (default: ../shared/data "
        "beside the checkout where it is there, else tests/data/recordings)",
    )  # fmt: skip


def _corpus(folder: str) -> Corpus:
    try:
        return Corpus.read(Path(folder).resolve())
    except FileNotFoundError as error:
        raise argparse.ArgumentTypeError(f"{folder} has no manifest.jsonl") from error


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
