"""Checks the produced speech: it is recognized again, and compared with its text.

What is doubtful is said again in other ways, at most `_MOST_WAYS`, and the best one is kept.

Not every sentence needs to be recognized: those with a number, and those with a pace that is not
the voice's, are likely to be wrong. Whether there is speech at all, and whether the text is
translated, costs nothing and is looked at in every sentence. Measured with whisper-base and Kokoro
on a busy machine, in processor time: 1 % more for the likely ones (86 s of English into
Portuguese), 11 % more for all of them, and 43 % in the other direction. Sentences are recognized
one by one: joined into windows of 12 or 27 s they took as long, because most of the work is the
decoding, and one that is not recognized moves into the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace

from stslocal.audio.resample import resample
from stslocal.engines.protocols import SpeechRecognizer, SpeechSynthesizer
from stslocal.files.placement import PAUSE_S
from stslocal.files.speak import PlacedSegment, speech_of
from stslocal.results.session_segment import SessionSegment, SpeechCheck
from stslocal.text.chunks import clauses, within_limit
from stslocal.text.figures import clock
from stslocal.text.spoken.text import spoken_text
from stslocal.translation.dropped import has_words, listed
from stslocal.translation.speech_faults import (
    FAULTS,
    LOST_NUMBER,
    NO_SPEECH,
    UNTRANSLATED,
    fault_in,
    has_numbers,
    is_untranslated,
)
from stslocal.types import RECOGNITION_RATE, SpokenSegment, TranslatedSegment, VoiceProfile

_log = logging.getLogger(__name__)

LONGEST_S = 30.0
"""Seconds that a recognizer takes at once. Longer speech is not recognized again."""
_MOST_WAYS = 2
_FEWEST_CUT = 4
"""Words of the shortest text without clauses that is cut into halves."""
_SLOWER = 0.9
"""Numbers in words are said at this share of the speed."""
_SHORT, _LONG = 0.8, 1.25
"""Length of speech for the length that its text and the voice's pace let expect. In 80 sentences of
Kokoro it is 0.88 to 1.04, but for one word alone."""
_SLOWEST = 0.5
"""The engines speak no slower than this."""
_PRIOR_S = 10.0
"""Seconds of speech after which what was measured counts as much as the engine's estimate."""


class CheckSpeech:
    """Passes placed segments on, each with its check, and says again what is doubtful."""

    name = "check speech"

    def __init__(
        self,
        recognizer: SpeechRecognizer,
        synthesizer: SpeechSynthesizer,
        voice: VoiceProfile,
        *,
        voices: Mapping[str, VoiceProfile] | None = None,
        thorough: bool = False,
        pace: float = 1.0,
    ) -> None:
        """`voices` are those of speakers who do not have `voice`. `thorough` recognizes every
        sentence again, and not only the ones likely to be wrong. `pace` is how many times longer
        the voice speaks than the engine estimates, where that is known.
        """
        self._recognizer = recognizer
        self._synthesizer = synthesizer
        self._voice = voice
        self._voices = voices or {}
        self._thorough = thorough
        self._estimated_s, self._measured_s = _PRIOR_S, pace * _PRIOR_S
        self._free_s = 0.0
        """Up to here the speech of a segment that was said again, and what it moved, goes."""

    def process(self, placed: PlacedSegment) -> Iterator[PlacedSegment]:
        spoken, check = self.checked(placed.spoken)
        start_s = max(placed.start_s, self._free_s)
        if spoken is not placed.spoken or start_s > placed.start_s:
            self._free_s = start_s + spoken.duration_s + PAUSE_S
        yield PlacedSegment(spoken, start_s, check)

    def finish(self) -> Iterator[PlacedSegment]:
        yield from ()

    def checked(
        self, spoken: SpokenSegment, *, by_person: bool = False
    ) -> tuple[SpokenSegment, SpeechCheck | None]:
        """The speech that is kept, and what was found in it; None where nothing is to be checked.

        `by_person` says that a person wrote the text, of which nothing is doubted.
        """
        item = spoken.translated
        if item.segment.original is not None or not has_words(item.text):
            return spoken, None
        if not by_person and is_untranslated(item.segment.text, item.text):
            return spoken, SpeechCheck(UNTRANSLATED)  # another way to say it does not help
        check = self._first_look(spoken)
        if not check.fault:
            return spoken, check
        for said_again, (parts, pace) in enumerate(_other_ways(item, check.fault), 1):
            speed = max(_SLOWEST, pace * spoken.speed)
            other = speech_of(self._synthesizer, self._voice_for(item), item, speed, parts)
            found = self._look(other)
            _log.info("segment %d: %s; said again: %s", item.index, check.fault, found.fault)
            if _badness(found) < _badness(check):
                spoken = replace(other, synthesis_s=spoken.synthesis_s + other.synthesis_s)
                check = found
            check = replace(check, said_again=said_again)
            if not check.fault:
                break
        return spoken, check

    def _first_look(self, spoken: SpokenSegment) -> SpeechCheck:
        """Check speech with a quick recognition, and with a thorough one where that has doubts."""
        if not len(spoken.samples):
            return SpeechCheck(NO_SPEECH)
        if not self._may_be_wrong(spoken) or not self._can_recognize(spoken):
            return SpeechCheck()
        check = self._look(spoken, quickly=True)
        return self._look(spoken) if check.fault else check

    def _look(self, spoken: SpokenSegment, *, quickly: bool = False) -> SpeechCheck:
        if not len(spoken.samples):
            return SpeechCheck(NO_SPEECH)
        if not self._can_recognize(spoken):
            return SpeechCheck()
        item = spoken.translated
        sound = resample(spoken.samples, spoken.sample_rate, RECOGNITION_RATE)
        recognize = self._recognizer.hypothesize if quickly else self._recognizer.transcribe
        text = recognize(sound, language=item.language).text
        return SpeechCheck(fault_in(item.text, text, item.language), text)

    def _voice_for(self, item: TranslatedSegment) -> VoiceProfile:
        return self._voices.get(item.segment.speaker, self._voice)

    def _can_recognize(self, spoken: SpokenSegment) -> bool:
        languages = self._recognizer.capabilities.languages
        return spoken.translated.language in languages and spoken.duration_s < LONGEST_S

    def _may_be_wrong(self, spoken: SpokenSegment) -> bool:
        item = spoken.translated
        estimated_s = self._synthesizer.estimate_s(
            item.text, language=item.language, voice=self._voice_for(item)
        )
        spoken_s = spoken.duration_s * spoken.speed
        expected_s = max(0.1, estimated_s * self._measured_s / self._estimated_s)
        is_off = not _SHORT <= spoken_s / expected_s <= _LONG
        if not is_off:
            self._estimated_s += estimated_s
            self._measured_s += spoken_s
        return self._thorough or is_off or has_numbers(item.text, item.language)


class DoubtfulSpeech:
    """Counts the sentences of one translation whose speech is doubtful."""

    def __init__(self) -> None:
        self._places: list[str] = []

    def add(self, placed: PlacedSegment) -> None:
        """Take the next sentence. One that is silent is reported as dropped, and not here."""
        check = placed.check
        if check is not None and check.fault and len(placed.spoken.samples):
            self._places.append(f"{clock(int(placed.start_s))} ({check.fault})")

    def add_row(self, row: SessionSegment) -> None:
        """Take the next sentence of a session, as `add` does."""
        if row.check is not None and row.check.fault and row.target is not None:
            self._places.append(f"{clock(int(row.target.start_s))} ({row.check.fault})")

    def sentence(self) -> str:
        """Where speech is doubtful, in one sentence for a person; empty where none is."""
        count = len(self._places)
        are = "1 sentence is" if count == 1 else f"{count} sentences are"
        return (
            f"{are} doubtful in the translated speech: at {listed(self._places)}; listen to it "
            "there" if count else ""
        )  # fmt: skip


def _badness(check: SpeechCheck) -> int:
    """How bad a fault is: 0 for none."""
    return len(FAULTS) - FAULTS.index(check.fault) if check.fault else 0


def _other_ways(item: TranslatedSegment, fault: str) -> list[tuple[list[str], float]]:
    """Other ways to speak a segment: the parts that are spoken one by one, and the pace.

    The same text gives the same speech every time, so each way has another text: in clauses or in
    halves, and with its numbers in words.
    """
    text = item.text
    in_words = spoken_text(text, item.language)
    parts = [part for part in clauses(text) if has_words(part)]
    if len(parts) < 2 and len(text.split()) >= _FEWEST_CUT:
        parts = within_limit(text, len(text) // 2 + 1)
    ways = [(parts, 1.0), ([in_words], _SLOWER)]
    if fault == LOST_NUMBER:
        ways.reverse()
    return [way for way in ways if all(map(has_words, way[0]))][:_MOST_WAYS]
