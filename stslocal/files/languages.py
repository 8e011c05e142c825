"""Finds the language of each utterance of a recording.

Whisper detects the language of a few seconds of speech almost without error, and names one for all
that it is given. So an utterance is looked at in parts; where they differ, it is divided at a pause
between the languages. Measured with whisper-base: in 243 recordings of one language (32 minutes in
six languages) it never changed; in 24 pairs of an English and a Portuguese recording that were
joined without a pause, 3 % of the speech got the wrong language. The detections take about 3 % of
the recording's length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from stslocal.engines.protocols import SpeechRecognizer
from stslocal.languages import name_of
from stslocal.translation.dropped import places_of
from stslocal.translation.spoken_language import CHANGE_PROBABILITY, likeliest_languages
from stslocal.types import RECOGNITION_RATE, Samples, Utterance

_PART_S = 3.0
"""Seconds of speech in a part of an utterance that is looked at first."""
_CERTAIN = 0.95
"""With less, a part may hold two languages and is looked at phrase by phrase."""
_PHRASE_S = 1.5
"""Seconds of speech in a phrase."""
_SHORTEST_S = 1.0
"""Seconds of speech that may change the language. In a shorter answer it is often wrong."""
_PAUSE_S = 0.06
"""The shortest pause at which an utterance is divided: two windows of the detector."""
_LONG_PAUSE_S = 0.8
"""At a pause of this length one language often ends, so no part reaches over it."""
_MARGIN_S = 0.25
"""Sound around the speech in which a language is detected. With 0.4 s, a phrase of Portuguese was
taken for Spanish, though the whole recording was Portuguese with 0.96."""
_CHECK_EVERY_S = 60.0
"""Where the language is given, one utterance in this time is looked at: it costs next to nothing
and finds a recording in another language."""
_CHECKED_S = 3.0
"""Seconds of speech in such an utterance."""
_LEAST_OTHER_S = 3.0
"""Seconds of speech in another language from which a warning says so."""

_BEGINNING_S = 24.0
"""Whisper detects the language of up to 30 s at once, and a voice needs no more."""


def beginning(utterances: Sequence[Utterance]) -> Samples:
    """The sound of the first utterances, up to 24 s."""
    samples = [one.samples for one in utterances]
    return np.concatenate(samples)[: round(_BEGINNING_S * RECOGNITION_RATE)]


def first_language(
    recognizer: SpeechRecognizer,
    opening: Sequence[Utterance],
    is_usable: Callable[[str], bool],
) -> tuple[str, float]:
    """The language of the first utterances, and its probability.

    Where that cannot be used, the first one that can be and is detected for certain.
    """
    detected = recognizer.detect_language(beginning(opening))
    if is_usable(detected[0]):
        return detected
    for utterance in opening:
        code, probability = recognizer.detect_language(utterance.samples)
        if is_usable(code) and probability >= CHANGE_PROBABILITY:
            return code, probability
    return detected


_Place: TypeAlias = tuple[float, float, float]
"""Start, end and seconds of speech."""


class IdentifyLanguages:
    """Gives each utterance its language, and divides those in which the language changes."""

    name = "identify languages"

    def __init__(
        self,
        recognizer: SpeechRecognizer,
        known: str,
        *,
        given: bool = False,
        is_usable: Callable[[str], bool] = lambda code: True,
        languages: Sequence[str] = (),
    ) -> None:
        """`known` is the language at the start; if it is `given`, all utterances get it.

        `is_usable` says whether a result can be made of speech in a language. Other languages are
        taken for the known one. `languages` are those that a person named, if there are several.
        """
        self._languages = languages
        self._recognizer = recognizer
        self._known = known
        self._is_given = given
        self._is_usable = is_usable
        self._next_check_s = 0.0
        self._others: defaultdict[tuple[str, str], list[_Place]] = defaultdict(list)
        """Speech by its language, which was not used, and the one that was."""
        self._probabilities: dict[str, float] = {}

    def probability(self, code: str) -> float:
        """The highest probability with which a language was detected; 0 if it was not."""
        return self._probabilities.get(code, 0.0)

    def process(self, utterance: Utterance) -> Iterator[Utterance]:
        if self._is_given:
            yield self._checked(utterance)
            return
        parts = _parts(utterance, _PART_S)
        if all(self._is_known(*self._detect(part)) for part in parts):
            yield replace(utterance, language=self._known)
        else:
            yield from self._divided(utterance)

    def finish(self) -> Iterator[Utterance]:
        yield from ()

    def warnings(self) -> Iterator[str]:
        """Say which speech seems to be in a language that was not used."""
        remedy = (
            "leave --from out to have each language recognized as it is"
            if self._is_given
            else "nothing here translates it"
        )
        unnamed = "add it to --from to have it recognized as it is"
        for (code, used), found in self._others.items():
            if sum(speech_s for *_, speech_s in found) >= _LEAST_OTHER_S:
                advice = unnamed if self._languages and code not in self._languages else remedy
                places = places_of((start_s, end_s) for start_s, end_s, _ in found)
                yield (
                    f"the speech at {places} seems to be in {name_of(code)}, and was recognized "
                    f"as {name_of(used)}: {advice}"
                )

    def _checked(self, utterance: Utterance) -> Utterance:
        """The utterance in the given language; some are looked at."""
        named = replace(utterance, language=self._known)
        if utterance.start_s >= self._next_check_s and seconds_of_speech(utterance) >= _CHECKED_S:
            self._next_check_s = utterance.start_s + _CHECK_EVERY_S
            code, probability = self._detect(named)
            if code != named.language and probability >= CHANGE_PROBABILITY:
                self._note_other(code, named)
        return named

    def _is_known(self, code: str, probability: float) -> bool:
        return code == self._known and probability >= _CERTAIN

    def _divided(self, utterance: Utterance) -> Iterator[Utterance]:
        """Divide an utterance where the language changes between two phrases."""
        phrases = _parts(utterance, _PHRASE_S)
        languages = likeliest_languages(
            [self._usable(one) for one in phrases],
            self._known,
            is_first=utterance.index == 0,  # whose language is known from its own sound
        )
        found: list[Utterance] = []
        for phrase, language in zip(phrases, languages, strict=True):
            if found and found[-1].language == language:
                found[-1] = part_of(utterance, found[-1].start_s, phrase.end_s, language)
            else:
                found.append(replace(phrase, language=language))
        self._known = languages[-1]
        yield from found

    def _usable(self, phrase: Utterance) -> tuple[str, float] | None:
        """The language detected in a phrase; None if it is short or nothing translates it."""
        if seconds_of_speech(phrase) < _SHORTEST_S:
            return None
        code, probability = self._detect(phrase)
        if code == self._known or self._is_usable(code):
            return code, probability
        if probability >= CHANGE_PROBABILITY:
            self._note_other(code, phrase)
        return None

    def _note_other(self, code: str, part: Utterance) -> None:
        self._others[code, self._known].append((part.start_s, part.end_s, seconds_of_speech(part)))

    def _detect(self, part: Utterance) -> tuple[str, float]:
        code, probability = self._recognizer.detect_language(_with_narrow_margins(part))
        self._probabilities[code] = max(probability, self.probability(code))
        return code, probability


def _parts(utterance: Utterance, least_s: float) -> Sequence[Utterance]:
    """Divide an utterance in pauses, so that a part has `least_s` seconds of speech or more.

    It has less before a long pause and at the end. Where nobody pauses for twice as long, it is
    divided without a pause.
    """
    bounds = [utterance.start_s]
    speech_s, last_s = 0.0, utterance.start_s
    for start_s, end_s in utterance.speech:
        pause_s = start_s - last_s
        is_long = pause_s >= _LONG_PAUSE_S and speech_s >= _SHORTEST_S
        if is_long or (pause_s >= _PAUSE_S and speech_s >= least_s):
            bounds.append((last_s + start_s) / 2)
            speech_s = 0.0
        speech_s, last_s = speech_s + end_s - start_s, end_s
        while speech_s > 2 * least_s:
            speech_s -= least_s
            bounds.append(end_s - speech_s)
    if speech_s < _SHORTEST_S and len(bounds) > 1:
        bounds.pop()
    bounds.append(utterance.end_s)
    return [
        part_of(utterance, start_s, end_s, utterance.language)
        for start_s, end_s in pairwise(bounds)
    ]


def part_of(utterance: Utterance, start_s: float, end_s: float, language: str) -> Utterance:
    """The part of an utterance between two times of the stream."""
    first = round((start_s - utterance.start_s) * RECOGNITION_RATE)
    behind = round((end_s - utterance.start_s) * RECOGNITION_RATE)
    speech = tuple(
        (max(begins_s, start_s), min(ends_s, end_s))
        for begins_s, ends_s in utterance.speech
        if begins_s < end_s and ends_s > start_s
    )
    return replace(
        utterance,
        start_s=start_s,
        samples=utterance.samples[first:behind],
        speech=speech,
        language=language,
    )


def _with_narrow_margins(part: Utterance) -> Samples:
    """The sound of a part with less silence around its speech than a recognizer needs."""
    if not part.speech:
        return part.samples
    start_s = part.speech[0][0] - _MARGIN_S - part.start_s
    end_s = part.speech[-1][1] + _MARGIN_S - part.start_s
    first = max(0, round(start_s * RECOGNITION_RATE))
    return part.samples[first : round(end_s * RECOGNITION_RATE)]


def seconds_of_speech(utterance: Utterance) -> float:
    """Seconds of speech in an utterance."""
    return sum(end_s - start_s for start_s, end_s in utterance.speech)
