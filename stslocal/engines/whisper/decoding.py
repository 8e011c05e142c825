"""One decoding of one piece of audio by Whisper: tokens, text, word times and scores.

faster-whisper's own `transcribe` pads every piece of audio to 30 s; for a short utterance the
padding costs more than the speech. This module calls faster-whisper's feature extractor, encoder,
decoder and aligner itself, on the audio and a short tail of silence. Whisper then needs its
timestamps to know where to stop: without them it repeats its last words in the tail.

Sources: https://github.com/SYSTRAN/faster-whisper, https://arxiv.org/abs/2212.04356.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stslocal.engines.protocols import Task
from stslocal.engines.whisper import guards
from stslocal.engines.whisper.languages import from_whisper, to_whisper
from stslocal.engines.whisper.words import join_subwords, with_times
from stslocal.types import RECOGNITION_RATE, Samples, Word

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from ctranslate2.models import WhisperGenerationResult
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

TAIL_S = 3.0
"""Seconds of silence after the audio."""
LENGTH_STEP_S = 0.5
"""Seconds. Audio and tail together are a multiple of this. oneDNN keeps code and memory for each
length that it computed, up to 1000 lengths: after 300 recognitions of any length it kept 330 MB, of
lengths in these steps 70 MB."""

_TIMESTAMP_S = 0.02
_SHORTEST_S = 0.3
"""Seconds. Shorter audio holds no word."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """The text that Whisper wrote for a piece of audio, with its scores."""

    tokens: list[int]
    """Tokens of the text, without timestamps."""
    text: str
    avg_logprob: float
    no_speech_probability: float
    rest_starts_s: float | None
    """Where the rest starts that Whisper did not write, in seconds; None when it wrote all."""
    doubt: str
    """The guard that doubts the text; empty when none does."""
    capped: bool = False
    """Whether the decoder was stopped at the most tokens that the audio can hold."""


class Decoder:
    """An open model. Safe to share between threads."""

    def __init__(self, model: WhisperModel) -> None:
        self.model = model
        self._tokenizers: dict[tuple[str, Task], Tokenizer] = {}

    def tokenizer(self, code: str, task: Task) -> Tokenizer:
        """The tokenizer of a task in a language; `code` is one of `whisper.languages.LANGUAGES`."""
        from faster_whisper.tokenizer import Tokenizer

        key = (code, task)
        if key not in self._tokenizers:
            self._tokenizers[key] = Tokenizer(
                self.model.hf_tokenizer,
                self.model.model.is_multilingual,
                task=task,
                language=to_whisper(code),
            )
        return self._tokenizers[key]

    def encode(self, audio: Samples, *, at_least_s: float = 0.0) -> StorageView:
        """Encode audio, shape (n,) at 16 kHz, and `TAIL_S` of silence after it, or more silence to
        reach `at_least_s` together. Audio beyond 30 s is left out.
        """
        return self.model.encode(self._features(audio, at_least_s))

    def begin_together(
        self, sounds: Sequence[Samples], tokenizers: Sequence[Tokenizer]
    ) -> list[tuple[StorageView, Decoding]]:
        """Encode several sounds, and decode each greedily with its tokenizer, in one batch.

        All get as much silence as brings them to the length of the longest one.
        """
        from ctranslate2 import StorageView

        durations_s = [len(audio) / RECOGNITION_RATE for audio in sounds]
        at_least_s = max(durations_s) + TAIL_S
        features = np.stack([self._features(audio, at_least_s) for audio in sounds])
        encoded = self.model.model.encode(StorageView.from_array(features), to_cpu=True)
        results = self._generate(encoded, tokenizers, max(durations_s), beam_size=1)
        rows = np.asarray(encoded)
        return [
            (
                StorageView.from_array(np.ascontiguousarray(rows[number : number + 1])),
                _decoding(result, tokenizer, duration_s),
            )
            for number, (result, tokenizer, duration_s) in enumerate(
                zip(results, tokenizers, durations_s, strict=True)
            )
        ]

    def _features(self, audio: Samples, at_least_s: float) -> NDArray[np.float32]:
        """The features of audio and its silence, shape (bins, frames)."""
        duration_s = max(len(audio) / RECOGNITION_RATE + TAIL_S, at_least_s)
        samples = round(math.ceil(duration_s / LENGTH_STEP_S) * LENGTH_STEP_S * RECOGNITION_RATE)
        padded = np.pad(audio, (0, samples - len(audio)))
        features = self.model.feature_extractor(padded, padding=0)
        longest = self.model.feature_extractor.nb_max_frames
        # The encoder halves the frames, so their number must be even.
        frames = min(features.shape[-1] // 2 * 2, longest)
        return np.ascontiguousarray(features[:, :frames])

    def language(self, encoded: StorageView) -> tuple[str, float]:
        """The likeliest language, as a code of `stslocal.languages`, and its probability."""
        token, probability = self.model.model.detect_language(encoded)[0][0]
        return from_whisper(token[2:-2]), float(probability)

    def decode(
        self, encoded: StorageView, tokenizer: Tokenizer, duration_s: float, *, beam_size: int
    ) -> Decoding:
        """Recognize the speech in `duration_s` seconds of audio; the tail is not counted."""
        results = self._generate(encoded, [tokenizer], duration_s, beam_size=beam_size)
        return _decoding(results[0], tokenizer, duration_s)

    def _generate(
        self,
        encoded: StorageView,
        tokenizers: Sequence[Tokenizer],
        duration_s: float,
        *,
        beam_size: int,
    ) -> list[WhisperGenerationResult]:
        """Write the tokens of each row of `encoded`, at most those of `duration_s` of speech."""
        contexts = [tokenizer.sot_sequence for tokenizer in tokenizers]
        longest = max(map(len, contexts)) + guards.token_cap(duration_s)
        results: list[WhisperGenerationResult] = self.model.model.generate(
            encoded,
            contexts,
            beam_size=beam_size,
            max_length=min(self.model.max_length, longest),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return results

    def words(
        self, encoded: StorageView, tokenizer: Tokenizer, tokens: list[int], duration_s: float
    ) -> tuple[Word, ...]:
        """The words of a decoding with their times in the audio."""
        if not tokens:
            return ()
        frames = round(duration_s * self.model.frames_per_second)
        aligned = self.model.model.align(
            encoded, tokenizer.sot_sequence, [tokens], min(frames, encoded.shape[1] * 2)
        )[0]
        subwords = zip(*tokenizer.split_tokens_on_unicode(tokens), strict=True)
        pieces = join_subwords(subwords, tokenizer.language_code)
        return with_times(pieces, aligned.alignments, aligned.text_token_probs, duration_s)


def _decoding(result: WhisperGenerationResult, tokenizer: Tokenizer, duration_s: float) -> Decoding:
    """What the decoder wrote for `duration_s` of speech. In a batch it may have gone on longer."""
    cap = guards.token_cap(duration_s)
    generated = result.sequences_ids[0]
    tokens, rest_starts_s = text_tokens(generated[:cap], tokenizer, duration_s)
    text = tokenizer.decode(tokens).strip()
    # The score is the sum over the tokens and the end of text, divided by the tokens alone.
    avg_logprob = result.scores[0] * len(generated) / (len(generated) + 1)
    capped = len(generated) >= cap
    return Decoding(
        tokens=tokens,
        text=text,
        avg_logprob=avg_logprob,
        no_speech_probability=result.no_speech_prob,
        rest_starts_s=rest_starts_s,
        doubt=guards.doubt(
            text,
            avg_logprob=avg_logprob,
            no_speech_probability=result.no_speech_prob,
            capped=capped,
        ),
        capped=capped,
    )


def text_tokens(
    generated: list[int], tokenizer: Tokenizer, duration_s: float
) -> tuple[list[int], float | None]:
    """The text's tokens up to the end of the audio, and where the rest starts, in seconds.

    Whisper writes a start time, text, an end time, and so on. Text that starts at the end of
    the audio was never spoken. A last start time without text means that more speech follows there.
    """
    latest_s = duration_s - _SHORTEST_S
    tokens: list[int] = []
    rest_starts_s: float | None = None
    after_text = False
    for token in generated:
        if token < tokenizer.timestamp_begin:
            tokens.append(token)
            after_text = True
            rest_starts_s = None
            continue
        at_s = (token - tokenizer.timestamp_begin) * _TIMESTAMP_S
        if after_text:
            after_text = False  # an end time
        elif at_s >= latest_s:
            break
        elif tokens:
            rest_starts_s = at_s
    return tokens, rest_starts_s
