"""Whisper through CTranslate2: speech in about a hundred languages to text with word times.

`decoding` runs one decoding, and `guards` finds text that was never spoken. This module combines
them: text that a guard doubts is decoded again with a wider search, and text that is still
doubted is dropped.

Sources: https://github.com/SYSTRAN/faster-whisper, https://arxiv.org/abs/2212.04356.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stslocal.engines.model_json import how_to_get, read_object
from stslocal.engines.protocols import Capabilities, Task
from stslocal.engines.whisper import guards
from stslocal.engines.whisper.decoding import Decoder, Decoding
from stslocal.engines.whisper.entry import multilingual
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.languages import name_of
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Word

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

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

_RETRY_S = 20.0
"""Seconds of audio and silence together in the second decoding of doubted text."""
_BEAM = 2
"""Beam of `transcribe`. Over ten read sentences, words wrong: 18 % with 1, 14 % with 2, 15 % with
5. A live utterance is recognized many times (`hypothesize`), each time greedily."""
_RETRY_BEAM = 5
_RETRY_BELOW_LOGPROB = -0.5
"""Text with a lower mean log probability of a token is decoded again."""


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
        import ctranslate2
        from faster_whisper import WhisperModel

        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
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
        return cls(model, capabilities or multilingual())

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None = None,
        task: Task = "transcribe",
    ) -> Recognition:
        """Recognize up to 30 s of audio; `language=None` detects it first.

        `task="translate"` gives English. The text is empty when a guard rejected it; `rejected`
        names the guard.
        """
        return self._recognize(audio, language, task, retry=True)

    def hypothesize(self, audio: Samples, *, language: str) -> Recognition:
        """Recognize an utterance that still goes on: one greedy decoding, never a second one."""
        return self._recognize(audio, language, "transcribe", retry=False)

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """The language of the first 30 s of audio, and its probability."""
        with _engine_errors():
            beginning = audio[: round(LONGEST_S * RECOGNITION_RATE)]
            return self._language(self._decoder.encode(beginning), None)

    def _recognize(
        self, audio: Samples, language: str | None, task: Task, *, retry: bool
    ) -> Recognition:
        if len(audio) > LONGEST_S * RECOGNITION_RATE:
            raise EngineError(
                f"Whisper takes {LONGEST_S:.0f} s at once, "
                f"not {len(audio) / RECOGNITION_RATE:.1f} s"
            )
        if not len(audio) or float(np.abs(audio).max()) < SILENCE_PEAK:
            return Recognition("", language or "", 0.0, rejected="silence")
        with _engine_errors():
            encoded = self._decoder.encode(audio)
            code, probability = self._language(encoded, language)
            tokenizer = self._decoder.tokenizer(code, task)
            found = Recognition("", code, probability)
            pieces = self._pieces(audio, encoded, tokenizer, retry=retry)
            for decoding, words in pieces:
                found = _appended(found, decoding, words)
        return found

    def _pieces(
        self,
        audio: Samples,
        encoded: StorageView,
        tokenizer: Tokenizer,
        *,
        retry: bool,
    ) -> Iterator[tuple[Decoding, tuple[Word, ...]]]:
        """Yield the decodings of the audio with their words, as many as Whisper needs for it."""
        start_s = 0.0
        while True:
            duration_s = len(audio) / RECOGNITION_RATE
            beam = _BEAM if retry else 1
            decoding = self._decoder.decode(encoded, tokenizer, duration_s, beam_size=beam)
            if retry and (decoding.doubt or decoding.avg_logprob < _RETRY_BELOW_LOGPROB):
                encoded, decoding = self._decode_again(audio, encoded, decoding, tokenizer)
            words = self._decoder.words(encoded, tokenizer, decoding.tokens, duration_s)
            if guards.improbable(word.probability for word in words):
                decoding = replace(decoding, doubt=guards.IMPROBABLE)
            elif guards.too_fast(words):
                decoding = replace(decoding, doubt=guards.TOO_FAST)
            elif invented := guards.invented_ending(words, audio):
                _log.debug(
                    "the last %d words of %r are dropped: nobody said them", invented, decoding.text
                )
                decoding, words = _without_ending(decoding, words, invented)
            if decoding.doubt:
                _log_dropped(decoding, words)
            yield decoding, _shifted(words, start_s)
            if decoding.doubt or decoding.rest_starts_s is None:
                return
            start_s += decoding.rest_starts_s
            audio = audio[round(decoding.rest_starts_s * RECOGNITION_RATE) :]
            encoded = self._decoder.encode(audio)

    def _decode_again(
        self,
        audio: Samples,
        encoded: StorageView,
        first: Decoding,
        tokenizer: Tokenizer,
    ) -> tuple[StorageView, Decoding]:
        """Decode with more silence and a wider beam; give the better of the two decodings."""
        duration_s = len(audio) / RECOGNITION_RATE
        longer = self._decoder.encode(audio, at_least_s=_RETRY_S)
        second = self._decoder.decode(longer, tokenizer, duration_s, beam_size=_RETRY_BEAM)
        _log.debug(
            "%r (log probability %.2f, %s) is recognized again with more silence: %r (%.2f, %s)",
            first.text, first.avg_logprob, first.doubt or "no doubt",
            second.text, second.avg_logprob, second.doubt or "no doubt",
        )  # fmt: skip
        if (bool(second.doubt), -second.avg_logprob) < (bool(first.doubt), -first.avg_logprob):
            return longer, second
        return encoded, first

    def _language(self, encoded: StorageView, wanted: str | None) -> tuple[str, float]:
        if wanted is not None:
            if wanted not in self.capabilities.languages:
                raise SettingsError(f"Whisper does not know {name_of(wanted)}")
            return wanted, 1.0
        if len(self.capabilities.languages) == 1:
            return next(iter(self.capabilities.languages)), 1.0
        return self._decoder.language(encoded)


def _appended(found: Recognition, decoding: Decoding, words: tuple[Word, ...]) -> Recognition:
    if decoding.doubt:
        return found if found.words else replace(found, rejected=decoding.doubt)
    return replace(
        found,
        text=f"{found.text} {decoding.text}".strip(),
        words=(*found.words, *words),
        avg_logprob=min(found.avg_logprob, decoding.avg_logprob),
        no_speech_probability=max(found.no_speech_probability, decoding.no_speech_probability),
    )


def _log_dropped(decoding: Decoding, words: Sequence[Word]) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug(
            "%r is dropped (%s): log probability %.2f, no speech %.2f, compression %.2f, words %s",
            decoding.text, decoding.doubt, decoding.avg_logprob, decoding.no_speech_probability,
            guards.compression_ratio(decoding.text), [round(word.probability, 2) for word in words],
        )  # fmt: skip


def _without_ending(
    decoding: Decoding, words: tuple[Word, ...], count: int
) -> tuple[Decoding, tuple[Word, ...]]:
    """The text without its last `count` words; it is doubted if no word is left."""
    kept, text = words[:-count], decoding.text
    for word in reversed(words[-count:]):
        text = text.removesuffix(word.text).rstrip()
    return replace(decoding, text=text, doubt=decoding.doubt if kept else guards.STOCK), kept


def _shifted(words: tuple[Word, ...], by_s: float) -> tuple[Word, ...]:
    if not by_s:
        return words
    return tuple(
        replace(word, start_s=round(word.start_s + by_s, 3), end_s=round(word.end_s + by_s, 3))
        for word in words
    )


@contextmanager
def _engine_errors() -> Iterator[None]:
    # CTranslate2 and tokenizers raise RuntimeError, ValueError and bare Exception alike.
    try:
        yield
    except (EngineError, SettingsError):
        raise
    except Exception as exc:
        raise EngineError(f"Recognition failed: {exc}") from exc
