"""Embed recordings with the original speaker encoder, as a reference for tests/engines.

    python scripts/build_ge2e_reference.py RESEMBLYZER_WHEEL

Runs the code and weights of Resemblyzer 0.1.4 from its wheel in PyTorch (needs torch, librosa
and scipy, which stslocal does not need). Its voice activity detection is left out, because ours
differs. Writes tests/data/ge2e_reference.npz: for each recording of stslocal.samples, and for its
first second alone, the embedding and the first frames of the mel spectrogram.
"""

from __future__ import annotations

import sys
import tempfile
import types
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

CHECKOUT = Path(__file__).resolve().parent.parent
MEL_FRAMES = 40


def main(wheel: Path) -> int:
    """Write the reference."""
    sys.path.insert(0, str(CHECKOUT))
    from stslocal.audio.decode import read_audio
    from stslocal.samples import bundled_clips

    original = _resemblyzer(wheel)
    encoder = original.VoiceEncoder("cpu", verbose=False)
    found: dict[str, Any] = {}
    for clip in bundled_clips():
        speech = read_audio(clip.path)
        for name, audio in ((clip.language, speech), (f"{clip.language}-1s", speech[:16000])):
            levelled = original.audio.normalize_volume(audio, -30, increase_only=True)
            found[f"{name}/embedding"] = encoder.embed_utterance(levelled)
            mel = original.audio.wav_to_mel_spectrogram(levelled)
            found[f"{name}/mel"] = mel[:MEL_FRAMES]
    output = CHECKOUT / "tests" / "data" / "ge2e_reference.npz"
    output.parent.mkdir(exist_ok=True)
    np.savez_compressed(output, **found)
    print(output)
    return 0


def _resemblyzer(wheel: Path) -> Any:
    """Import the package from its wheel, with empty modules for what embedding does not need."""
    sys.modules["webrtcvad"] = types.ModuleType("webrtcvad")
    moved = types.ModuleType("scipy.ndimage.morphology")  # scipy 2 does not have it any more
    moved.__dict__["binary_dilation"] = import_module("scipy.ndimage").binary_dilation
    sys.modules["scipy.ndimage.morphology"] = moved
    torch: Any = import_module("torch")
    load = torch.load
    # The weights have the format of torch before 1.6, which torch now refuses by default.
    torch.load = lambda *args, **kw: load(*args, **{**kw, "weights_only": False})
    folder = tempfile.mkdtemp()
    zipfile.ZipFile(wheel).extractall(folder)
    sys.path.insert(0, folder)
    import_module("resemblyzer.audio")
    return import_module("resemblyzer")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
