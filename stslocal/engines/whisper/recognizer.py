"""Whisper through CTranslate2: speech in about a hundred languages to text with word times.

faster-whisper's own `transcribe` pads every piece of audio to 30 s, which is most of what a
short utterance costs. This works one level below it, with its feature extractor, encoder,
decoder and aligner, on the audio and a short tail of silence. Whisper then needs its
timestamps to know where to stop: without them it repeats its last words into the tail.

Sources: https://github.com/SYSTRAN/faster-whisper, https://arxiv.org/abs/2212.04356.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stslocal import languages
from stslocal.engines import abilities
from stslocal.engines.model_json import how_to_get, read_object
from stslocal.engines.protocols import Capabilities, Task
from stslocal.engines.whisper import guards
from stslocal.engines.whisper.words import grouped, timed
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Word

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

FILES = ("config.json", "model.bin", "tokenizer.json")
"""What a model folder must hold, besides one of the vocabularies."""
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
"""A list of tokens, or one a line: CTranslate2 writes the former since version 3.17."""
LONGEST_S = 30.0
"""Seconds of audio that Whisper hears at once."""
TAIL_S = 3.0
"""Seconds of silence after the audio."""
LENGTH_STEP_S = 0.5
"""Audio and tail together are a multiple of this. oneDNN keeps code and memory for each length that
it has met, up to a thousand: 300 hearings of any length left 330 MB behind, those in steps 70."""
SILENCE_PEAK = 5e-4
"""Below this amplitude (-66 dBFS) nothing is recognized: Whisper's features have no absolute
level, so to it the rustle of a converter is as loud as a voice."""

_SECOND_LOOK_S = 20.0
"""Seconds of audio and silence together when a guard doubts what was heard with less."""
_BEAM = 2
"""Of what is heard once. Over ten read sentences, words wrong: 18 % with 1, 14 % with 2, 15 % with
5; a live utterance is heard again and again, greedily."""
_SECOND_LOOK_BEAM = 5
_SECOND_LOOK_LOGPROB = -0.5
"""A second look is worth its time below this mean log probability a token."""
_TIMESTAMP_S = 0.02
_SHORTEST_S = 0.3
"""Less audio than this holds no word."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """One decoding of one piece of audio."""

    tokens: list[int]
    """Of the text, without timestamps."""
    text: str
    avg_logprob: float
    no_speech_probability: float
    goes_on_s: float | None
    """Where Whisper said that text goes on which it did not write; None when it wrote all."""
    doubt: str
    """The guard that it trips; empty when none."""


class FasterWhisperRecognizer:
    """A `SpeechRecognizer`, safe to share between threads."""

    def __init__(self, model: WhisperModel, capabilities: Capabilities) -> None:
        """Use `load`. `model` is open, from a folder that was checked."""
        self._model = model
        self._tokenizers: dict[tuple[str, Task], Tokenizer] = {}
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
        return cls(model, capabilities or abilities.whisper())

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
        """Hear an utterance that still goes on: one greedy decoding, whatever comes of it."""
        return self._recognize(audio, language, "transcribe", second_look=False)

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """The language of up to 30 s of audio (of more, the first 30 s), and how sure that is."""
        with _engine_errors():
            heard = audio[: round(LONGEST_S * RECOGNITION_RATE)]
            return self._language(self._encode(heard), None)

    def _recognize(
        self, audio: Samples, language: str | None, task: Task, *, second_look: bool
    ) -> Recognition:
        if len(audio) > LONGEST_S * RECOGNITION_RATE:
            raise EngineError(
                f"Whisper hears {LONGEST_S:.0f} s at once, "
                f"not {len(audio) / RECOGNITION_RATE:.1f} s"
            )
        if not len(audio) or float(np.abs(audio).max()) < SILENCE_PEAK:
            return Recognition("", language or "", 0.0, rejected="silence")
        with _engine_errors():
            encoded = self._encode(audio)
            code, probability = self._language(encoded, language)
            tokenizer = self._tokenizer(code, task)
            found = Recognition("", code, probability)
            pieces = self._pieces(audio, encoded, tokenizer, second_look=second_look)
            for heard, words in pieces:
                found = _with(found, heard, words)
        return found

    def _pieces(
        self,
        audio: Samples,
        encoded: StorageView,
        tokenizer: Tokenizer,
        *,
        second_look: bool,
    ) -> Iterator[tuple[_Heard, tuple[Word, ...]]]:
        """What is heard in the audio, in as many decodings as Whisper needs for it."""
        start_s = 0.0
        while True:
            duration_s = len(audio) / RECOGNITION_RATE
            beam = _BEAM if second_look else 1
            heard = self._decode(encoded, tokenizer, duration_s, beam_size=beam)
            if second_look and (heard.doubt or heard.avg_logprob < _SECOND_LOOK_LOGPROB):
                encoded, heard = self._second_look(audio, encoded, heard, tokenizer)
            words = self._words(encoded, tokenizer, heard.tokens, duration_s)
            if guards.improbable(word.probability for word in words):
                heard = replace(heard, doubt=guards.IMPROBABLE)
            elif guards.crammed(words):
                heard = replace(heard, doubt=guards.CRAMMED)
            elif invented := guards.invented_ending(words, audio):
                heard, words = _without_ending(heard, words, invented)
            yield heard, _moved(words, start_s)
            if heard.doubt or heard.goes_on_s is None:
                return
            start_s += heard.goes_on_s
            audio = audio[round(heard.goes_on_s * RECOGNITION_RATE) :]
            encoded = self._encode(audio)

    def _second_look(
        self,
        audio: Samples,
        encoded: StorageView,
        first: _Heard,
        tokenizer: Tokenizer,
    ) -> tuple[StorageView, _Heard]:
        """Decode with more silence and a beam, and keep the better of the two."""
        duration_s = len(audio) / RECOGNITION_RATE
        longer = self._encode(audio, at_least_s=_SECOND_LOOK_S)
        second = self._decode(longer, tokenizer, duration_s, beam_size=_SECOND_LOOK_BEAM)
        if (bool(second.doubt), -second.avg_logprob) < (bool(first.doubt), -first.avg_logprob):
            return longer, second
        return encoded, first

    def _encode(self, audio: Samples, *, at_least_s: float = 0.0) -> StorageView:
        duration_s = max(len(audio) / RECOGNITION_RATE + TAIL_S, at_least_s)
        samples = round(math.ceil(duration_s / LENGTH_STEP_S) * LENGTH_STEP_S * RECOGNITION_RATE)
        padded = np.pad(audio, (0, samples - len(audio)))
        features = self._model.feature_extractor(padded, padding=0)
        longest = self._model.feature_extractor.nb_max_frames
        # The encoder halves the frames, so their number must be even.
        frames = min(features.shape[-1] // 2 * 2, longest)
        return self._model.encode(np.ascontiguousarray(features[:, :frames]))

    def _language(self, encoded: StorageView, wanted: str | None) -> tuple[str, float]:
        if wanted is not None:
            if wanted not in self.capabilities.languages:
                raise SettingsError(f"Whisper does not know {languages.name_of(wanted)}")
            return wanted, 1.0
        if len(self.capabilities.languages) == 1:
            return next(iter(self.capabilities.languages)), 1.0
        token, probability = self._model.model.detect_language(encoded)[0][0]
        return languages.from_whisper(token[2:-2]).code, float(probability)

    def _tokenizer(self, code: str, task: Task) -> Tokenizer:
        from faster_whisper.tokenizer import Tokenizer

        key = (code, task)
        if key not in self._tokenizers:
            self._tokenizers[key] = Tokenizer(
                self._model.hf_tokenizer,
                self._model.model.is_multilingual,
                task=task,
                language=languages.find(code).whisper,
            )
        return self._tokenizers[key]

    def _decode(
        self,
        encoded: StorageView,
        tokenizer: Tokenizer,
        duration_s: float,
        *,
        beam_size: int,
    ) -> _Heard:
        context = tokenizer.sot_sequence
        cap = guards.token_cap(duration_s)
        result = self._model.model.generate(
            encoded,
            [context],
            beam_size=beam_size,
            max_length=min(self._model.max_length, len(context) + cap),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        generated = result.sequences_ids[0]
        tokens, goes_on_s = _within(generated, tokenizer, duration_s)
        text = tokenizer.decode(tokens).strip()
        # The score is a mean over the tokens without the end of text, which was scored too.
        avg_logprob = result.scores[0] * len(generated) / (len(generated) + 1)
        return _Heard(
            tokens=tokens,
            text=text,
            avg_logprob=avg_logprob,
            no_speech_probability=result.no_speech_prob,
            goes_on_s=goes_on_s,
            doubt=guards.doubt(
                text,
                avg_logprob=avg_logprob,
                no_speech_probability=result.no_speech_prob,
                capped=len(generated) >= cap,
            ),
        )

    def _words(
        self, encoded: StorageView, tokenizer: Tokenizer, tokens: list[int], duration_s: float
    ) -> tuple[Word, ...]:
        if not tokens:
            return ()
        frames = round(duration_s * self._model.frames_per_second)
        aligned = self._model.model.align(
            encoded, tokenizer.sot_sequence, [tokens], min(frames, encoded.shape[1] * 2)
        )[0]
        subwords = zip(*tokenizer.split_tokens_on_unicode(tokens), strict=True)
        pieces = grouped(subwords, tokenizer.language_code)
        return timed(pieces, aligned.alignments, aligned.text_token_probs, duration_s)


def _within(
    generated: list[int], tokenizer: Tokenizer, duration_s: float
) -> tuple[list[int], float | None]:
    """The text's tokens up to the end of the audio, and where text goes on after them.

    Whisper writes a start time, text, an end time, and so on. Text that starts where the audio
    ends was never spoken; a last start time without text says that more follows there.
    """
    latest_s = duration_s - _SHORTEST_S
    tokens: list[int] = []
    goes_on_s: float | None = None
    after_text = False
    for token in generated:
        if token < tokenizer.timestamp_begin:
            tokens.append(token)
            after_text = True
            goes_on_s = None
            continue
        at_s = (token - tokenizer.timestamp_begin) * _TIMESTAMP_S
        if after_text:
            after_text = False  # an end time
        elif at_s >= latest_s:
            break
        elif tokens:
            goes_on_s = at_s
    return tokens, goes_on_s


def _with(found: Recognition, heard: _Heard, words: tuple[Word, ...]) -> Recognition:
    if heard.doubt:
        return found if found.words else replace(found, rejected=heard.doubt)
    return replace(
        found,
        text=f"{found.text} {heard.text}".strip(),
        words=(*found.words, *words),
        avg_logprob=min(found.avg_logprob, heard.avg_logprob),
        no_speech_probability=max(found.no_speech_probability, heard.no_speech_probability),
    )


def _without_ending(
    heard: _Heard, words: tuple[Word, ...], count: int
) -> tuple[_Heard, tuple[Word, ...]]:
    """The text without its last words, which is doubted where nothing is left of it."""
    kept, text = words[:-count], heard.text
    for word in reversed(words[-count:]):
        text = text.removesuffix(word.text).rstrip()
    return replace(heard, text=text, doubt=heard.doubt if kept else guards.STOCK), kept


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
