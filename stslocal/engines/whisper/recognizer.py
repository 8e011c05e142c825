"""Whisper through CTranslate2: speech in about a hundred languages to text with word times.

`decoding` runs one decoding, `guards` finds text that was never spoken, and `pieces` combines
them. This module loads the model and gives the recognizer its face.

Sources: https://github.com/SYSTRAN/faster-whisper, https://arxiv.org/abs/2212.04356.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stslocal.engines.cuda import device_for
from stslocal.engines.failures import as_engine_error
from stslocal.engines.model_json import how_to_get, read_object
from stslocal.engines.protocols import Capabilities, Task
from stslocal.engines.whisper.decoding import Decoder
from stslocal.engines.whisper.entry import multilingual
from stslocal.engines.whisper.pieces import Piece, PieceReader
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.languages import name_of
from stslocal.types import RECOGNITION_RATE, Recognition, Samples

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from faster_whisper import WhisperModel

_log = logging.getLogger(__name__)

FILES = ("config.json", "model.bin", "tokenizer.json")
"""Files of a model folder, besides one of the vocabularies."""
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
"""A JSON list of tokens (CTranslate2 since version 3.17), or text with one token a line."""
LONGEST_S = 30.0
"""Seconds of audio that Whisper takes at once."""
SILENCE_PEAK = 5e-4
"""Audio below this amplitude (-66 dBFS) is not recognized: Whisper's features have no absolute
level, so the noise of a converter would be as loud as a voice."""

_TOGETHER = 2
"""The most hypotheses in one batch on a processor: four gain no more (docs/benchmarks.md)."""
_TOGETHER_GPU = 8


class FasterWhisperRecognizer:
    """A `SpeechRecognizer`, safe to share between threads."""

    def __init__(self, model: WhisperModel, capabilities: Capabilities) -> None:
        """Use `load`. `model` comes from a folder that was checked."""
        self._decoder = Decoder(model)
        self.capabilities = capabilities

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
        capabilities: Capabilities | None = None,
    ) -> FasterWhisperRecognizer:
        """Load a model in faster-whisper's layout.

        `compute_type` "auto" is int8 on a CPU and float16 on CUDA. `threads` 0 leaves the
        number to CTranslate2. `capabilities` are those that it was trained for, which its files do
        not say; None means those of Whisper's multilingual models. Raises ModelNotFoundError when
        a file is missing, ModelIntegrityError when config.json holds no object, EngineError when
        the model cannot be used on the device.
        """
        # WhisperModel would download a missing file, so all files are checked here.
        missing = [name for name in FILES if not (folder / name).is_file()]
        if not any((folder / name).is_file() for name in VOCABULARIES):
            missing.append(VOCABULARIES[0])
        if missing:
            raise ModelNotFoundError(
                f"The recognition model in {folder} lacks {', '.join(missing)}: "
                f"{how_to_get(folder)}"
            )
        read_object(folder / "config.json")  # CTranslate2 accepts any JSON
        from faster_whisper import WhisperModel

        device = device_for(device)
        if compute_type == "auto":
            compute_type = "float16" if device == "cuda" else "int8"
        try:
            model = WhisperModel(
                str(folder),
                device=device,
                compute_type=compute_type,
                cpu_threads=threads,
                local_files_only=True,
            )
        except Exception as exc:  # CTranslate2 and tokenizers raise unrelated types
            raise EngineError(
                f"The recognition model in {folder} cannot be loaded ({exc}): "
                f"if it is damaged, {how_to_get(folder)}"
            ) from exc
        used = model.model.compute_type
        _log.info(
            "%s computes on %s in %s, threads %s", folder.name, device, used, threads or "all"
        )
        together = _TOGETHER_GPU if device == "cuda" else _TOGETHER
        return cls(model, replace(capabilities or multilingual(), together=together))

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None = None,
        task: Task = "transcribe",
    ) -> Recognition:
        """Recognize up to 30 s of audio; `language=None` detects it first.

        `task="translate"` gives English. The text is empty when a guard rejected all of it;
        `rejected` names the guard, and `dropped` the stretches that were rejected.
        """
        return self._recognize(audio, language, task, retry=True)

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        """Recognize an utterance that still goes on: one greedy decoding, never a second one."""
        return self._recognize(audio, language, "transcribe", retry=False)

    def hypothesize_together(self, sounds: Sequence[tuple[Samples, str]]) -> list[Recognition]:
        """As a TogetherRecognizer: one batch of the encoder and the decoder."""
        found = [_silent(audio, code) for audio, code in sounds]
        voiced = [number for number, each in enumerate(found) if each is None]
        if voiced:
            with as_engine_error("Recognition failed"):
                audios = [sounds[number][0] for number in voiced]
                tokenizers = [
                    self._decoder.tokenizer(self._known(sounds[number][1]), "transcribe")
                    for number in voiced
                ]
                begun = self._decoder.begin_together(audios, tokenizers)
                for number, audio, tokenizer, (encoded, decoding) in zip(
                    voiced, audios, tokenizers, begun, strict=True
                ):
                    reader = PieceReader(self._decoder, tokenizer, thorough=False)
                    pieces = reader.read(audio, encoded, decoding)
                    found[number] = _joined(pieces, sounds[number][1], 1.0)
        return [each for each in found if each is not None]

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """The language of the first 30 s of audio, and its probability."""
        with as_engine_error("Recognition failed"):
            beginning = audio[: round(LONGEST_S * RECOGNITION_RATE)]
            return self._language(self._decoder.encode(beginning), None)

    def _recognize(
        self, audio: Samples, language: str | None, task: Task, *, retry: bool
    ) -> Recognition:
        if (silent := _silent(audio, language)) is not None:
            return silent
        with as_engine_error("Recognition failed"):
            encoded = self._decoder.encode(audio)
            code, probability = self._language(encoded, language)
            tokenizer = self._decoder.tokenizer(code, task)
            pieces = PieceReader(self._decoder, tokenizer, thorough=retry).read(audio, encoded)
            return _joined(pieces, code, probability)

    def _language(self, encoded: StorageView, wanted: str | None) -> tuple[str, float]:
        if wanted is not None:
            return self._known(wanted), 1.0
        if len(self.capabilities.languages) == 1:
            return next(iter(self.capabilities.languages)), 1.0
        return self._decoder.language(encoded)

    def _known(self, language: str) -> str:
        if language not in self.capabilities.languages:
            raise SettingsError(f"Whisper does not know {name_of(language)}")
        return language


def _silent(audio: Samples, language: str | None) -> Recognition | None:
    """What is recognized in silence; None for sound. Raises EngineError where it is too long."""
    if len(audio) > LONGEST_S * RECOGNITION_RATE:
        raise EngineError(
            f"Whisper takes {LONGEST_S:.0f} s at once, not {len(audio) / RECOGNITION_RATE:.1f} s"
        )
    if not len(audio) or float(np.abs(audio).max()) < SILENCE_PEAK:
        return Recognition("", language or "", 0.0, rejected="silence")
    return None


def _joined(pieces: Iterable[Piece], language: str, probability: float) -> Recognition:
    found = Recognition("", language, probability)
    for piece in pieces:
        found = _appended(found, piece)
    return found


def _appended(found: Recognition, piece: Piece) -> Recognition:
    decoding = piece.decoding
    if dropped := piece.dropped:
        found = replace(found, dropped=(*found.dropped, dropped))
        return found if found.words else replace(found, rejected=decoding.doubt)
    return replace(
        found,
        text=f"{found.text} {decoding.text}".strip(),
        words=(*found.words, *piece.words),
        avg_logprob=min(found.avg_logprob, decoding.avg_logprob),
        no_speech_probability=max(found.no_speech_probability, decoding.no_speech_probability),
        rejected="" if piece.words else found.rejected,
    )
