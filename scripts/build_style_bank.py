"""Measure Kokoro's built-in styles in each language that they can speak.

    python scripts/build_style_bank.py [--models FOLDER] [--output FILE] [--languages en,pt]

For each language and each of the 54 built-in styles, three sentences are synthesized. The bank
keeps their mean speaker embedding (GE2E), median F0, and the character error rate when
whisper-base recognizes them. Voice matching uses the bank. It takes about an hour on two cores. Run
it again when the phonemes, the graph or the speaker encoder change.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from pathlib import Path

import jiwer
import numpy as np
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stslocal.engines.kokoro.synthesizer import SAMPLE_RATE, KokoroSynthesizer
from stslocal.engines.process import prepare_process
from stslocal.engines.speaker.ge2e import Ge2eEncoder
from stslocal.engines.speaker.pitch import measure_pitch
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.storage import models_folder
from stslocal.types import RECOGNITION_RATE

SENTENCES = {
    "en": (
        "The morning train was late again, so we walked along the river and talked.",
        "Could you please tell her that the meeting has moved to the larger room upstairs?",
        "Three young children were playing with a yellow ball near the old stone bridge.",
    ),
    "pt": (
        "O trem da manhã atrasou de novo, então caminhamos pelo rio e conversamos.",
        "Você poderia avisar que a reunião mudou para a sala maior, no andar de cima?",
        "Três crianças brincavam com uma bola amarela perto da velha ponte de pedra.",
    ),
    "es": (
        "El tren de la mañana llegó tarde otra vez, así que paseamos junto al río y hablamos.",
        "¿Podría decirle que la reunión se ha cambiado a la sala grande del piso de arriba?",
        "Tres niños jugaban con una pelota amarilla cerca del viejo puente de piedra.",
    ),
    "fr": (
        "Le train du matin était encore en retard, alors nous avons marché le long du fleuve.",
        "Pourriez-vous lui dire que la réunion se tient dans la grande salle à l'étage ?",
        "Trois enfants jouaient avec un ballon jaune près du vieux pont de pierre.",
    ),
    "it": (
        "Il treno del mattino era di nuovo in ritardo, così abbiamo camminato lungo il fiume.",
        "Potrebbe dirle che la riunione si tiene nella sala grande al piano di sopra?",
        "Tre bambini giocavano con una palla gialla vicino al vecchio ponte di pietra.",
    ),
    "hi": (
        "सुबह की ट्रेन फिर देर से आई, इसलिए हम नदी के किनारे टहलते रहे।",
        "क्या आप उन्हें बता सकते हैं कि बैठक ऊपर वाले बड़े कमरे में होगी?",
        "तीन बच्चे पुराने पुल के पास पीली गेंद से खेल रहे थे।",
    ),
}


def main() -> int:
    """Measure the chosen languages and write the bank; other languages stay as they are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, default=models_folder())
    parser.add_argument("--output", type=Path, default=default_output())
    parser.add_argument("--languages", default=",".join(SENTENCES))
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    prepare_process()
    models: Path = options.models

    voices = models / "kokoro-voices"
    synthesizer = KokoroSynthesizer.load(
        models / "kokoro-82m-int8", voices, threads=options.threads
    )
    encoder = Ge2eEncoder.load(models / "ge2e")
    recognizer = FasterWhisperRecognizer.load(models / "whisper-base", threads=options.threads)

    styles = sorted(path.stem for path in voices.glob("*.bin"))
    bank: dict[str, np.ndarray] = {}
    if options.output.is_file():
        with np.load(options.output) as before:
            bank = dict(before)
    bank["styles"] = np.array(styles)
    for language in options.languages.split(","):
        rows = []
        for style in styles:
            row = measure(style, language, synthesizer, encoder, recognizer)
            rows.append(row)
            print(f"{language} {style}: {row[1]:.0f} Hz, {row[2]:.1%} errors", flush=True)
        bank[f"{language}/embedding"] = np.stack([row[0] for row in rows]).astype(np.float16)
        bank[f"{language}/pitch_hz"] = np.array([row[1] for row in rows], np.float32)
        rates = np.array([row[2] for row in rows], np.float32)
        bank[f"{language}/character_error_rate"] = rates
        np.savez_compressed(options.output, allow_pickle=False, **bank)
    return 0


def measure(
    style: str,
    language: str,
    synthesizer: KokoroSynthesizer,
    encoder: Ge2eEncoder,
    recognizer: FasterWhisperRecognizer,
) -> tuple[np.ndarray, float, float]:
    """The embedding, median F0 in hertz and character error rate of one style."""
    voice = synthesizer.voice(style)
    embeddings, pitches, references, recognized = [], [], [], []
    for sentence in SENTENCES[language]:
        spoken = np.concatenate(
            list(synthesizer.synthesize(sentence, language=language, voice=voice))
        )
        speech = soxr.resample(spoken, SAMPLE_RATE, RECOGNITION_RATE)
        embeddings.append(encoder.embed(speech))
        pitches.append(measure_pitch(speech, RECOGNITION_RATE).median_hz)
        references.append(letters(sentence))
        recognized.append(letters(recognizer.transcribe(speech, language=language).text) or "-")
    mean = np.mean(embeddings, axis=0)
    error_rate = jiwer.cer(references, recognized)
    return mean / np.linalg.norm(mean), float(np.median(pitches)), error_rate


def letters(text: str) -> str:
    """Letters, marks and digits of `text` in lower case, without spaces."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LMN")


def default_output() -> Path:
    """The file from which the package reads the bank."""
    return Path(__file__).resolve().parent.parent / "stslocal/engines/kokoro/style_bank.npz"


if __name__ == "__main__":
    raise SystemExit(main())
