"""Guards against text that Whisper invented.

Whisper was trained on subtitles. On silence, music and noise it tends to write what subtitles
have there ("Thank you."), and sometimes it repeats itself without end. Each guard tests for one
sign of such text. The first three are those of the reference decoder
(https://github.com/openai/whisper).

These guards judge a whole text. Its end alone may be invented too: a phrase with which subtitles
end. `invented_ending` judges the end by its words and by whether there is a voice.
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
reference decoder has 0.6. On the audio alone, without 30 s of padding, music and noise are
sometimes below 0.6, and speech is below 0.32."""
LOW_LOGPROB = -1.0
"""Mean log probability of a token below which text is doubted."""
SURELY_NO_SPEECH = 0.6
"""A probability of the no-speech token that speech never comes near. whisper-base translated the
breaths of a reader to "Thank you very much." with 0.66 to 0.9, and a log probability of -1.0 to
-0.86, which translations of speech may have too."""
FAIR_LOGPROB = -0.5
"""The same where there is surely no speech."""
COMPRESSION_RATIO = 2.4
"""Text that zlib compresses by more than this factor repeats itself."""
IMPROBABLE_BELOW = 0.35
"""Words whose mean probability is lower are invented."""
MOST_WORDS_PER_S = 12.0
"""Nobody speaks more words a second. Text that is nowhere in the audio is aligned to one place:
text of whisper-base for noise then has 20 and more. In 790 decodings of speech, of whole clips and
of cut ones, all text with more than 9.6 was invented."""
FEWEST_WORDS_TIMED = 4
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
"""Sentences with which subtitles end, in lower case and without punctuation. People say some of
them too, so they are kept where there is a voice."""
_VOICE_LEVEL = 0.1
"""Share of the loudness of speech (-20 dB). Quieter sound is breath or room noise."""
_VOICE_FRAME = round(0.02 * RECOGNITION_RATE)


SILENT = "no speech"
LOOP = "repetition"
IMPROBABLE = "improbable words"
TOO_FAST = "too many words"
STOCK = "stock phrase"


def doubt(text: str, *, avg_logprob: float, no_speech_probability: float, capped: bool) -> str:
    """The guard that doubts a decoding, or an empty string.

    `capped` says that `token_cap` stopped the decoder.
    """
    if no_speech_probability > NO_SPEECH and avg_logprob < LOW_LOGPROB:
        return SILENT
    if no_speech_probability > SURELY_NO_SPEECH and avg_logprob < FAIR_LOGPROB:
        return SILENT
    if capped or compression_ratio(text) > COMPRESSION_RATIO or repeats(_WORD.findall(text)):
        return LOOP
    return ""


def improbable(word_probabilities: Iterable[float]) -> bool:
    """Whether the mean probability of the words, given the audio, is too low.

    Over 164 short clips of speech in six languages the lowest mean was 0.47. For music and
    noise, text of whisper-base stays below 0.3.
    """
    values = list(word_probabilities)
    return bool(values) and sum(values) / len(values) < IMPROBABLE_BELOW


def too_fast(words: Sequence[Word]) -> bool:
    """Whether the words are faster than anybody speaks, so that they are not in the audio."""
    return len(words) >= FEWEST_WORDS_TIMED and len(words) > MOST_WORDS_PER_S * (
        words[-1].end_s - words[0].start_s
    )


def invented_ending(words: Sequence[Word], audio: Samples) -> int:
    """How many of the last words are stock phrases that nobody said: they are improbable, or begin
    after the last voice.

    Their probability is the geometric mean, because most words of a phrase are easily guessed
    (for breaths whisper-base wrote `Thank you very much.` with 0.03, 0.97, 0.07 and 0.84).
    The times of the words are seconds in `audio`, shape (n,) at 16 kHz.
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
    """End of the last sound that is about as loud as speech, in seconds; 0 if there is none."""
    count = len(audio) // _VOICE_FRAME
    if not count:
        return 0.0
    frames = audio[: count * _VOICE_FRAME].reshape(count, _VOICE_FRAME)
    loudness = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    loud = np.flatnonzero(loudness > _VOICE_LEVEL * np.percentile(loudness, 95))
    return float(loud[-1] + 1) * _VOICE_FRAME / RECOGNITION_RATE if len(loud) else 0.0


def _stock_ending(words: Sequence[Word]) -> int:
    """The number of words in the last sentence if it is a stock phrase, else 0."""
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
    """Bytes of the text over its compressed bytes: higher where the text repeats itself."""
    raw = text.encode("utf-8")
    return len(raw) / len(zlib.compress(raw))
