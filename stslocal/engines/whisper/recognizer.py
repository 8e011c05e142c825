"""Whisper through CTranslate2: speech in about a hundred languages to text with word times.

What one decoding gives is in `decoding`, the marks of text that was never spoken are in `guards`.
Here is what is made of both: text that a guard doubts is decoded again with a wider search, and
what is still doubted is dropped.

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
"""What a model folder must hold, besides one of the vocabularies."""
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
"""A list of tokens, or one a line: CTranslate2 writes the former since version 3.17."""
LONGEST_S = 30.0
"""Seconds of audio that Whisper takes at once."""
SILENCE_PEAK = 5e-4
"""Below this amplitude (-66 dBFS) nothing is recognized: Whisper's features have no absolute
level, so to it the rustle of a converter is as loud as a voice."""

_SECOND_LOOK_S = 20.0
"""Seconds of audio and silence together when a guard doubts a recognition with less."""
_BEAM = 2
"""Beam of `transcribe`. Over ten read sentences, words wrong: 18 % with 1, 14 % with 2, 15 % with
5. A live utterance is recognized many times (`hypothesize`), each time greedily."""
_SECOND_LOOK_BEAM = 5
_SECOND_LOOK_LOGPROB = -0.5
"""A second look is worth its time below this mean log probability a token."""


class FasterWhisperRecognizer:
    """A `SpeechRecognizer`, safe to share between threads."""

    def __init__(self, model: WhisperModel, capabilities: Capabilities) -> None:
        """Use `load`. `model` is open, from a folder that was checked."""
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
        number to CTranslate2. `capabilities` are what it was trained for, which its files do not
        tell; None are those of Whisper's multilingual models. Raises ModelNotFoundError when a
        file is missing, ModelIntegrityError when its configuration is none, EngineError when the
        model cannot be used on the device.
        """
        # WhisperModel downloads a model or a tokenizer that it does not find: here they are found.
        missing = [name for name in FILES if not (folder / name).is_file()]
        if not any((folder / name).is_file() for name in VOCABULARIES):
            missing.append(VOCABULARIES[0])
        if missing:
            raise ModelNotFoundError(
                f"The recognition model in {folder} lacks {', '.join(missing)}: "
                f"{how_to_get(folder)}"
            )
        read_object(folder / "config.json")  # CTranslate2 takes any JSON for a configuration
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

        `task="translate"` gives English. The text is empty when a guard dropped it, and
        `rejected` says which one.
        """
        return self._recognize(audio, language, task, second_look=True)

    def hypothesize(self, audio: Samples, *, language: str) -> Recognition:
        """Recognize an utterance that still goes on: one greedy decoding, without a second look."""
        return self._recognize(audio, language, "transcribe", second_look=False)

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """The language of up to 30 s of audio (of more, the first 30 s), and how sure that is."""
        with _engine_errors():
            beginning = audio[: round(LONGEST_S * RECOGNITION_RATE)]
            return self._language(self._decoder.encode(beginning), None)

    def _recognize(
        self, audio: Samples, language: str | None, task: Task, *, second_look: bool
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
            pieces = self._pieces(audio, encoded, tokenizer, second_look=second_look)
            for decoding, words in pieces:
                found = _with(found, decoding, words)
        return found

    def _pieces(
        self,
        audio: Samples,
        encoded: StorageView,
        tokenizer: Tokenizer,
        *,
        second_look: bool,
    ) -> Iterator[tuple[Decoding, tuple[Word, ...]]]:
        """Yield the decodings of the audio with their words, as many as Whisper needs for it."""
        start_s = 0.0
        while True:
            duration_s = len(audio) / RECOGNITION_RATE
            beam = _BEAM if second_look else 1
            decoding = self._decoder.decode(encoded, tokenizer, duration_s, beam_size=beam)
            if second_look and (decoding.doubt or decoding.avg_logprob < _SECOND_LOOK_LOGPROB):
                encoded, decoding = self._second_look(audio, encoded, decoding, tokenizer)
            words = self._decoder.words(encoded, tokenizer, decoding.tokens, duration_s)
            if guards.improbable(word.probability for word in words):
                decoding = replace(decoding, doubt=guards.IMPROBABLE)
            elif guards.crammed(words):
                decoding = replace(decoding, doubt=guards.CRAMMED)
            elif invented := guards.invented_ending(words, audio):
                _log.debug(
                    "the last %d words of %r are dropped: nobody said them", invented, decoding.text
                )
                decoding, words = _without_ending(decoding, words, invented)
            if decoding.doubt:
                _log_dropped(decoding, words)
            yield decoding, _moved(words, start_s)
            if decoding.doubt or decoding.goes_on_s is None:
                return
            start_s += decoding.goes_on_s
            audio = audio[round(decoding.goes_on_s * RECOGNITION_RATE) :]
            encoded = self._decoder.encode(audio)

    def _second_look(
        self,
        audio: Samples,
        encoded: StorageView,
        first: Decoding,
        tokenizer: Tokenizer,
    ) -> tuple[StorageView, Decoding]:
        """Decode with more silence and a beam, and keep the better of the two."""
        duration_s = len(audio) / RECOGNITION_RATE
        longer = self._decoder.encode(audio, at_least_s=_SECOND_LOOK_S)
        second = self._decoder.decode(longer, tokenizer, duration_s, beam_size=_SECOND_LOOK_BEAM)
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


def _with(found: Recognition, decoding: Decoding, words: tuple[Word, ...]) -> Recognition:
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
    """The text without its last words, which is doubted where nothing is left of it."""
    kept, text = words[:-count], decoding.text
    for word in reversed(words[-count:]):
        text = text.removesuffix(word.text).rstrip()
    return replace(decoding, text=text, doubt=decoding.doubt if kept else guards.STOCK), kept


def _moved(words: tuple[Word, ...], by_s: float) -> tuple[Word, ...]:
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
