"""Finds the speech of which nothing came: no word, no translation, no sound, or too much of it.

What a detector found to be speech is either translated or reported. Every engine may give nothing,
or a translation whose length says that it is not one, and each time the person has to know where.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from stslocal.text.figures import clock
from stslocal.translation.losses import DOUBTS, doubt
from stslocal.translation.numbers_held import Texts
from stslocal.types import Dropped, Samples, SpokenSegment, TranslatedSegment, Word

LEAST_SPEECH_S = 1.0
"""Seconds of speech without a word that are reported. Less is a breath or a filler."""
NO_WORDS = "no words"
NO_TRANSLATION = "no translation"
NO_SOUND = "no sound"

_NEAR_S = 0.5
"""Speech as near to a word as this belongs to the word: word times are narrow."""
_QUIETEST = 1e-5
"""Speech has a louder sample (-100 dBFS)."""
_LISTED = 4
_JOINED_S = 3.0


def without_words(
    speech: Sequence[tuple[float, float]], words: Sequence[Word], rejected: Sequence[Dropped] = ()
) -> list[Dropped]:
    """The stretches of `speech`, spans of a stream in order, that are longer than LEAST_SPEECH_S
    and have no word. `rejected` says what guards took away; a stretch takes its reason from there.
    """
    found: list[Dropped] = []
    open_spans: list[tuple[float, float]] = []
    for start_s, end_s, is_word in sorted(
        [(word.start_s - _NEAR_S, word.end_s + _NEAR_S, True) for word in words]
        + [(start_s, end_s, False) for start_s, end_s in _outside(speech, words)]
    ):
        if is_word:
            found += _dropped(open_spans, rejected)
            open_spans = []
        else:
            open_spans.append((start_s, end_s))
    return found + _dropped(open_spans, rejected)


def without_result(spoken: SpokenSegment) -> Dropped | None:
    """The segment as a dropped stretch if it has words and no translation, no sound, or a
    doubtful translation (which is spoken all the same).
    """
    translated = spoken.translated
    if has_words(translated.segment.text) and has_words(translated.text) and is_silent(spoken):
        segment = translated.segment
        return Dropped(segment.start_s, segment.end_s, NO_SOUND, translated.text)
    return without_translation(translated)


def without_translation(translated: TranslatedSegment) -> Dropped | None:
    """The segment as `without_result` gives it, where nothing is to be spoken."""
    segment = translated.segment
    if not has_words(segment.text):
        return None
    if not has_words(translated.text):
        return Dropped(segment.start_s, segment.end_s, NO_TRANSLATION, segment.text)
    return next(iter(doubtful(translated)), None)


def doubtful(translated: TranslatedSegment) -> list[Dropped]:
    """The segment as a dropped stretch if something is wrong with its translation; else nothing.

    Nothing is known of a part of a sentence: its words may stand in the segment before or after it.
    """
    segment, text = translated.segment, translated.text
    if translated.is_part:
        return []
    reason = doubt(Texts(segment.text, text, segment.language, translated.language))
    return [Dropped(segment.start_s, segment.end_s, reason, text)] if reason else []


def is_silent(spoken: SpokenSegment) -> bool:
    """Whether a synthesizer gave no samples, silence, or values that are no numbers."""
    return is_silence(spoken.samples)


def is_silence(samples: Samples) -> bool:
    """Whether samples hold nothing to listen to: none, silence, or values that are no numbers."""
    return not len(samples) or not float(np.abs(samples).max()) > _QUIETEST


def sentence(dropped: Sequence[Dropped]) -> str:
    """Say where something is missing, in one sentence for a person."""
    total_s = sum(one.end_s - one.start_s for one in dropped)
    places = listed([f"{between(one.start_s, one.end_s)} ({one.reason})" for one in dropped])
    is_doubtful = any(one.reason in DOUBTS for one in dropped)
    are = "are missing or doubtful" if is_doubtful else "are not"
    return (
        f"{total_s:.0f} s of speech {are} in the translation: {places}; "
        "listen to the recording there"
    )


def between(start_s: float, end_s: float) -> str:
    """Write a span of a recording for a person: `1:05 to 1:10`."""
    return f"{clock(int(start_s))} to {clock(int(end_s))}"


def places_of(spans: Iterable[tuple[float, float]]) -> str:
    """Write spans, in order, for a person. Those that nearly touch are written as one."""
    joined: list[tuple[float, float]] = []
    for start_s, end_s in spans:
        near = joined and start_s - joined[-1][1] < _JOINED_S
        joined.append((joined.pop()[0] if near else start_s, end_s))
    return listed([between(*span) for span in joined])


def listed(places: Sequence[str]) -> str:
    """Join the first few places, and count the others."""
    more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
    return ", ".join(places[:_LISTED]) + more


def notice(doubted: Dropped) -> str:
    """Say at once, in live translation, that a translation is doubtful."""
    place = between(doubted.start_s, doubted.end_s)
    return f"what was said from {place} may be translated wrongly: {doubted.reason}"


def _outside(
    speech: Iterable[tuple[float, float]], words: Sequence[Word]
) -> list[tuple[float, float]]:
    """The parts of `speech` that are not near a word."""
    parts = list(speech)
    for word in words:
        first_s, last_s = word.start_s - _NEAR_S, word.end_s + _NEAR_S
        parts = [
            part
            for start_s, end_s in parts
            for part in ((start_s, min(end_s, first_s)), (max(start_s, last_s), end_s))
            if part[1] > part[0]
        ]
    return parts


def _dropped(spans: Sequence[tuple[float, float]], rejected: Sequence[Dropped]) -> list[Dropped]:
    """One stretch from the first span to the last one, if they are long enough together."""
    if sum(end_s - start_s for start_s, end_s in spans) < LEAST_SPEECH_S:
        return []
    start_s, end_s = spans[0][0], spans[-1][1]
    why = [one for one in rejected if one.start_s < end_s and one.end_s > start_s]
    text = " ".join(one.text for one in why if one.text)
    return [Dropped(start_s, end_s, why[0].reason if why else NO_WORDS, text)]


def has_words(text: str) -> bool:
    """Whether anything in a text can be said."""
    return any(character.isalnum() for character in text)
