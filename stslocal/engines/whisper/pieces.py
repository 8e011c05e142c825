"""Reads an utterance in as many decodings as it needs, and judges what each one gave.

A doubted text is decoded again, with more silence after the sound. If it is still doubted and
somebody speaks, the sound is cut at a pause and each part is recognized alone: a part gives what
was said in it, so no more is dropped than what is doubted there too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stslocal.engines.whisper import guards
from stslocal.engines.whisper.decoding import TAIL_S, Decoder, Decoding
from stslocal.engines.whisper.voice import Voice
from stslocal.text.repeats import find_loop
from stslocal.types import RECOGNITION_RATE, Dropped, Samples, Word

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from faster_whisper.tokenizer import Tokenizer

_log = logging.getLogger(__name__)

_RETRY_S = 20.0
"""Seconds of audio and silence together in the second decoding of doubted text."""
_BEAM = 5
"""Beam of a thorough recognition. A live utterance is recognized many times, each time greedily."""
_RETRY_BELOW_LOGPROB = -0.5
"""Text with a lower mean log probability of a token is decoded again."""
_SHORTEST_PARTED_S = 2.0
"""Seconds. Shorter sound is not cut into parts."""
_LEAST_VOICE_S = 1.0
"""Seconds of voice in sound that is cut into parts."""
_LEAST_VOICE_IN_PART_S = 0.2
_PARTED_TIMES = 3
"""How often sound is halved: 20 s to 2.5 s."""
_MARGIN_S = 0.15


@dataclass(frozen=True, slots=True)
class Piece:
    """A decoding of a stretch of sound, with its words; times count from the sound's start."""

    decoding: Decoding
    words: tuple[Word, ...]
    start_s: float
    end_s: float

    @property
    def dropped(self) -> Dropped | None:
        """What is dropped of this piece: all of it when a guard doubts it."""
        if not self.decoding.doubt:
            return None
        return Dropped(self.start_s, self.end_s, self.decoding.doubt, self.decoding.text)

    def later(self, by_s: float) -> Piece:
        """The same piece with all times `by_s` later."""
        if not by_s:
            return self
        words = tuple(
            replace(word, start_s=round(word.start_s + by_s, 3), end_s=round(word.end_s + by_s, 3))
            for word in self.words
        )
        return replace(self, words=words, start_s=self.start_s + by_s, end_s=self.end_s + by_s)


class PieceReader:
    """Reads audio with a decoder, in one language and for one task."""

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer, *, thorough: bool) -> None:
        """Unless it is `thorough`, text is decoded once and greedily."""
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._thorough = thorough

    def read(
        self,
        audio: Samples,
        encoded: StorageView | None = None,
        decoding: Decoding | None = None,
        *,
        parted: int = 0,
    ) -> Iterator[Piece]:
        """Yield the pieces of audio, shape (n,) at 16 kHz.

        `encoded` and `decoding` are those of the audio, where they were made before.
        """
        start_s = 0.0
        while True:
            if encoded is None:
                encoded = self._decoder.encode(audio)
            voice = Voice(audio)
            piece = self._judged(audio, encoded, voice, decoding)
            if piece.decoding.doubt and self._can_be_parted(audio, voice, parted):
                parts = self._in_parts(audio, voice.pause_s(), parted + 1)
                yield from (part.later(start_s) for part in parts)
                return
            yield piece.later(start_s)
            rest_s = piece.decoding.rest_starts_s
            if piece.decoding.doubt or rest_s is None:
                return
            start_s += rest_s
            audio, encoded, decoding = audio[round(rest_s * RECOGNITION_RATE) :], None, None

    def _can_be_parted(self, audio: Samples, voice: Voice, parted: int) -> bool:
        return (
            self._thorough
            and parted < _PARTED_TIMES
            and len(audio) >= _SHORTEST_PARTED_S * RECOGNITION_RATE
            and voice.seconds() >= _LEAST_VOICE_S
        )

    def _in_parts(self, audio: Samples, at_s: float, parted: int) -> Iterator[Piece]:
        at = round(at_s * RECOGNITION_RATE)
        for start_s, part in ((0.0, audio[:at]), (at_s, audio[at:])):
            if Voice(part).seconds() >= _LEAST_VOICE_IN_PART_S:
                for piece in self.read(part, parted=parted):
                    yield piece.later(start_s)

    def _judged(
        self, audio: Samples, encoded: StorageView, voice: Voice, decoding: Decoding | None
    ) -> Piece:
        """Decode the audio, and decide what is kept of the text."""
        duration_s = len(audio) / RECOGNITION_RATE
        beam = _BEAM if self._thorough else 1
        if decoding is None:
            decoding = self._decoder.decode(encoded, self._tokenizer, duration_s, beam_size=beam)
        is_sure = not decoding.doubt and decoding.avg_logprob >= _RETRY_BELOW_LOGPROB
        if self._thorough and not is_sure and duration_s + TAIL_S < _RETRY_S:
            encoded, decoding = self._decode_again(audio, encoded, decoding)
        words = self._decoder.words(encoded, self._tokenizer, decoding.tokens, duration_s)
        doubt, kept = decoding.doubt, len(words)
        if guards.improbable(word.probability for word in words):
            doubt = guards.IMPROBABLE
        elif guards.too_fast(words, voice):
            doubt = guards.TOO_FAST
        elif invented := guards.invented_ending(words, voice):
            kept -= invented
            doubt = doubt if kept else guards.STOCK
        if doubt and self._is_spoken(doubt, decoding, words, audio, voice):
            doubt, kept = "", len(words)
        if kept and kept < len(words):
            _log.debug(
                "the last %d words of %r are dropped: nobody said them",
                len(words) - kept, decoding.text,
            )  # fmt: skip
            decoding, words = _without_ending(decoding, words, len(words) - kept)
        decoding = replace(decoding, doubt=doubt)
        if doubt:
            _log_dropped(decoding, words)
        return Piece(decoding, words, 0.0, duration_s)

    def _is_spoken(
        self,
        doubt: str,
        decoding: Decoding,
        words: Sequence[Word],
        audio: Samples,
        voice: Voice,
    ) -> bool:
        """Whether doubted words are in the sound all the same."""
        if doubt == guards.LOOP:
            return (
                not decoding.capped
                and guards.loop_is_spoken(words, voice)
                and (not self._thorough or self._is_in_second_half(words, audio))
            )
        return (
            self._thorough
            and doubt != guards.TOO_FAST
            and guards.is_short_answer(
                words,
                voice,
                avg_logprob=decoding.avg_logprob,
                no_speech_probability=decoding.no_speech_probability,
            )
        )

    def _is_in_second_half(self, words: Sequence[Word], audio: Samples) -> bool:
        """Whether the second half of a loop, recognized alone, has the loop's phrase too.

        A loop that Whisper invented runs on from its own words, not from the sound.
        """
        loop = find_loop([guards.plain(word.text) for word in words])
        assert loop is not None
        first, behind, size = loop
        middle = first + (behind - first) // size // 2 * size
        phrase = guards.plain(" ".join(word.text for word in words[middle : middle + size]))
        start_s = max(0.0, words[middle].start_s - _MARGIN_S)
        end_s = words[behind - 1].end_s + _MARGIN_S
        half = audio[round(start_s * RECOGNITION_RATE) : round(end_s * RECOGNITION_RATE)]
        again = self._decoder.decode(
            self._decoder.encode(half),
            self._tokenizer,
            len(half) / RECOGNITION_RATE,
            beam_size=_BEAM,
        )
        return f" {phrase} " in f" {guards.plain(again.text)} "

    def _decode_again(
        self, audio: Samples, encoded: StorageView, first: Decoding
    ) -> tuple[StorageView, Decoding]:
        """Decode with more silence; give the better of the two decodings."""
        duration_s = len(audio) / RECOGNITION_RATE
        longer = self._decoder.encode(audio, at_least_s=_RETRY_S)
        second = self._decoder.decode(longer, self._tokenizer, duration_s, beam_size=_BEAM)
        _log.debug(
            "%r (log probability %.2f, %s) is recognized again with more silence: %r (%.2f, %s)",
            first.text, first.avg_logprob, first.doubt or "no doubt",
            second.text, second.avg_logprob, second.doubt or "no doubt",
        )  # fmt: skip
        if (bool(second.doubt), -second.avg_logprob) < (bool(first.doubt), -first.avg_logprob):
            return longer, second
        return encoded, first


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
    """The text without its last `count` words."""
    text = decoding.text
    for word in reversed(words[-count:]):
        text = text.removesuffix(word.text).rstrip()
    return replace(decoding, text=text), words[:-count]
