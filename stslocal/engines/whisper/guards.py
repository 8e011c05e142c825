"""When not to believe Whisper: the marks of text that was never spoken.

Whisper was trained on subtitles, so on silence, music and noise it tends to write what
subtitles say there ("Thank you."), and when it loses its place it repeats itself. Each guard
here is one such mark. The first three are those of the reference decoder
(https://github.com/openai/whisper).

They look at all of a text, of which the end may be invented alone: what subtitles say when a talk
is over. Such an ending is judged by itself, by its words and by whether there is a voice.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from statistics import geometric_mean

import numpy as np

from stslocal.text.repeats import repeats
from stslocal.text.sentences import SENTENCE_END
from stslocal.types import RECOGNITION_RATE, Samples, Word

NO_SPEECH = 0.3
"""The no-speech token's probability above which text of low probability is dropped. The
reference decoder has 0.6; on the audio alone, without 30 s of padding, music and noise stay
below that now and then, and speech below 0.32."""
LOW_LOGPROB = -1.0
"""Mean log probability a token below which text is doubted."""
SURELY_NO_SPEECH = 0.6
"""The no-speech token's probability that no speech comes near. What whisper-base translated of a
reader's breaths ("Thank you very much.") had 0.66 to 0.9, and a log probability of -1.0 to -0.86,
which is as much as translations of speech may have."""
FAIR_LOGPROB = -0.5
"""Mean log probability a token below which text is doubted where there is surely no speech."""
COMPRESSION_RATIO = 2.4
"""Text that deflates by more than this repeats itself."""
IMPROBABLE_BELOW = 0.35
"""Mean probability of the words below which they are taken for invented."""
FASTEST = 12.0
"""Words a second that nobody says. Text that is nowhere in the audio is aligned to one place: what
whisper-base writes on noise then has 20 and more. Over 790 decodings of speech, whole clips and
cut ones, whatever had more than 9.6 was invented."""
FEWEST_TIMED = 4
"""The fewest words whose pace is judged."""

_WORD = re.compile(r"\w+")
_TOKENS_PER_SECOND = 14
"""Nobody speaks faster: fast speech is 6 words a second at 1.5 to 2 tokens a word."""
_TOKENS_AT_LEAST = 16

STOCK_ENDINGS = frozenset(
    {
        "thank you", "thank you very much", "thank you so much", "thank you all",
        "thanks", "thanks for watching", "thanks for listening", "thank you for watching",
        "thank you for listening", "thank you for your attention", "thanks for your attention",
        "bye", "bye bye", "goodbye", "see you", "see you next time", "see you in the next video",
        "please subscribe", "subscribe to my channel", "subtitles by the amara org community",
        "obrigado", "muito obrigado", "obrigado por assistir", "tchau",
        "legendas pela comunidade amara org",
        "gracias", "muchas gracias", "gracias por ver el video", "adiós",
        "subtítulos realizados por la comunidad de amara org",
        "merci", "merci beaucoup", "merci d avoir regardé cette vidéo", "au revoir",
        "sous titres réalisés par la communauté d amara org",
        "danke", "vielen dank", "vielen dank fürs zuschauen", "tschüss",
        "untertitel der amara org community", "untertitel im auftrag des zdf für funk",
        "grazie", "grazie mille", "grazie per la visione", "ciao",
        "sottotitoli creati dalla comunità amara org",
    }
)  # fmt: skip
"""Sentences with which subtitles end, in small letters and without punctuation. People say some of
them too: what Whisper made of a voice is kept."""
_VOICE_SHARE = 0.1
"""Of the loudness of speech: below it (-20 dB) there is breath or a room."""
_VOICE_FRAME = round(0.02 * RECOGNITION_RATE)


SILENT = "no speech"
LOOP = "repetition"
IMPROBABLE = "improbable words"
CRAMMED = "too many words"
STOCK = "stock phrase"


def doubt(text: str, *, avg_logprob: float, no_speech_probability: float, capped: bool) -> str:
    """The guard that a decoding trips, or an empty string.

    `capped` says that the decoder was stopped by `token_cap`.
    """
    if no_speech_probability > NO_SPEECH and avg_logprob < LOW_LOGPROB:
        return SILENT
    if no_speech_probability > SURELY_NO_SPEECH and avg_logprob < FAIR_LOGPROB:
        return SILENT
    if capped or compression_ratio(text) > COMPRESSION_RATIO or repeats(_WORD.findall(text)):
        return LOOP
    return ""


def improbable(word_probabilities: Iterable[float]) -> bool:
    """Whether the words are a guess: their mean probability, given the audio, is too low.

    Over 164 short clips of speech in six languages the lowest mean was 0.47; what
    whisper-base writes on music and noise stays below 0.3.
    """
    values = list(word_probabilities)
    return bool(values) and sum(values) / len(values) < IMPROBABLE_BELOW


def crammed(words: Sequence[Word]) -> bool:
    """Whether the words are said faster than anybody speaks: they are not in the audio."""
    return len(words) >= FEWEST_TIMED and len(words) > FASTEST * (
        words[-1].end_s - words[0].start_s
    )


def invented_ending(words: Sequence[Word], audio: Samples) -> int:
    """How many of the last words are stock phrases that nobody said: they are improbable, or begin
    after the last voice.

    Their probability is the geometric mean: of a phrase, all words but one are easily guessed
    (whisper-base made `Thank you very much.` of breaths with 0.03, 0.97, 0.07 and 0.84).
    `audio`, shape (n,) at 16 kHz, is what the words are timed in.
    """
    kept = len(words)
    while count := _stock_ending(words[:kept]):
        ending = words[kept - count : kept]
        probability = geometric_mean(max(word.probability, 1e-6) for word in ending)
        if probability >= IMPROBABLE_BELOW and ending[0].start_s < voice_end_s(audio):
            break
        kept -= count
    return len(words) - kept


def voice_end_s(audio: Samples) -> float:
    """Where the last sound that is about as loud as speech ends, in seconds; 0 without any."""
    count = len(audio) // _VOICE_FRAME
    if not count:
        return 0.0
    frames = audio[: count * _VOICE_FRAME].reshape(count, _VOICE_FRAME)
    loudness = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    loud = np.flatnonzero(loudness > _VOICE_SHARE * np.percentile(loudness, 95))
    return float(loud[-1] + 1) * _VOICE_FRAME / RECOGNITION_RATE if len(loud) else 0.0


def _stock_ending(words: Sequence[Word]) -> int:
    """How many words the last sentence has, if it is a stock phrase."""
    begins = len(words)
    while begins and (begins == len(words) or words[begins - 1].text[-1] not in SENTENCE_END):
        begins -= 1
    sentence = " ".join(word.text for word in words[begins:])
    plain = " ".join(_WORD.findall(sentence)).casefold()
    return len(words) - begins if plain in STOCK_ENDINGS else 0


def token_cap(duration_s: float) -> int:
    """The most tokens that speech of this duration can have."""
    return _TOKENS_AT_LEAST + int(duration_s * _TOKENS_PER_SECOND)


def compression_ratio(text: str) -> float:
    """How much of the text is repetition: bytes over deflated bytes."""
    raw = text.encode("utf-8")
    return len(raw) / len(zlib.compress(raw))
