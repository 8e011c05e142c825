"""Guards against text that Whisper invented.

Whisper was trained on subtitles. On silence, music and noise it tends to write what subtitles
have there ("Thank you."), and sometimes it repeats itself without end. Each guard tests for one
sign of such text. The first three are those of the reference decoder
(https://github.com/openai/whisper).

These guards judge a whole text. Its end alone may be invented too: a phrase with which subtitles
end. `invented_ending` judges the end by its words and by whether there is a voice.

People say such things too: they repeat themselves on purpose, and answer with one word, which
Whisper can only guess at. What a guard doubts is therefore kept where the sound has it:
`loop_is_spoken`, `is_short_answer` and `too_fast` ask for a voice, at the time of the words.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from statistics import geometric_mean

from stslocal.engines.whisper.voice import Voice
from stslocal.text.repeats import find_loop, repeats
from stslocal.text.sentences import SENTENCE_END
from stslocal.types import Word

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
MOST_WORDS_CROWDED = 8
"""The most words that are kept although the alignment crowds them, where the voice has time for
them."""
MOST_LOOPED_WORDS_PER_S = 7.0
"""Words that are repeated on purpose are said clearly: 2 to 5 a second."""
SHORTEST_WORD_S = 0.06
LEAST_VOICE_SHARE = 0.2
"""Share of a repeated word's time in which there is a voice."""
SURE_WORDS = 0.5
"""Mean probability of words above which they are not a guess."""
MOST_WORDS_OF_AN_ANSWER = 3
LEAST_ANSWER_S = 0.2
"""Seconds of voice, as in a detector's shortest utterance."""
MOST_ANSWER_S = 2.0
LEAST_ANSWER_LOGPROB = -1.2
LEAST_ANSWER_PROBABILITY = 0.12

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


def too_fast(words: Sequence[Word], voice: Voice) -> bool:
    """Whether the words are faster than anybody speaks, so that they are not in the audio.

    The alignment may crowd the few words of a short utterance into a part of its time, so the
    words have the time of all the voice, where that is longer.
    """
    most_s = len(words) / MOST_WORDS_PER_S
    if len(words) < FEWEST_WORDS_TIMED or words[-1].end_s - words[0].start_s >= most_s:
        return False
    return len(words) > MOST_WORDS_CROWDED or voice.seconds() < most_s


def loop_is_spoken(words: Sequence[Word], voice: Voice) -> bool:
    """Whether somebody speaks where the words of a loop are, at the pace of speech.

    A loop that is nowhere in the audio is aligned to silence, or crowded into one place.
    """
    loop = find_loop([plain(word.text) for word in words])
    if loop is None:
        return False  # the loop is within a word
    looped = words[loop[0] : loop[1]]
    start_s, end_s = looped[0].start_s, looped[-1].end_s
    crowded = sum(word.end_s - word.start_s < SHORTEST_WORD_S for word in looped)
    silent = sum(voice.share(word.start_s, word.end_s) < LEAST_VOICE_SHARE for word in looped)
    return (
        len(looped) <= MOST_LOOPED_WORDS_PER_S * (end_s - start_s)
        and max(crowded, silent) <= len(looped) // 8
        and sum(word.probability for word in looped) / len(looped) >= SURE_WORDS
    )


def is_short_answer(
    words: Sequence[Word], voice: Voice, *, avg_logprob: float, no_speech_probability: float
) -> bool:
    """Whether doubted words are an answer of a few words that somebody speaks.

    One word alone is a guess, because nothing stands beside it: `Stop!`, `Help!` and `Ten.` have
    0.15 to 0.33. A stock phrase is what Whisper writes for a breath, so it needs more.
    """
    if not 0 < len(words) <= MOST_WORDS_OF_AN_ANSWER:
        return False
    spoken_s = voice.seconds()
    mean = sum(word.probability for word in words) / len(words)
    is_stock = plain(" ".join(word.text for word in words)) in STOCK_ENDINGS
    return (
        LEAST_ANSWER_S <= spoken_s <= MOST_ANSWER_S
        and avg_logprob > LEAST_ANSWER_LOGPROB
        and no_speech_probability <= SURELY_NO_SPEECH
        and mean >= (IMPROBABLE_BELOW if is_stock else LEAST_ANSWER_PROBABILITY)
    )


def invented_ending(words: Sequence[Word], voice: Voice) -> int:
    """How many of the last words are stock phrases that nobody said: they are improbable, or begin
    after the last voice.

    Their probability is the geometric mean, because most words of a phrase are easily guessed
    (for breaths whisper-base wrote `Thank you very much.` with 0.03, 0.97, 0.07 and 0.84).
    """
    kept = len(words)
    while count := _stock_ending(words[:kept]):
        ending = words[kept - count : kept]
        probability = geometric_mean(max(word.probability, 1e-6) for word in ending)
        if probability >= IMPROBABLE_BELOW and (
            ending[0].start_s < voice.end_s
            # A second speaker may be much quieter than the first.
            or voice.seconds(ending[0].start_s, ending[-1].end_s) >= LEAST_ANSWER_S
        ):
            break
        kept -= count
    return len(words) - kept


def plain(text: str) -> str:
    """The words of a text in lower case, without punctuation."""
    return " ".join(_WORD.findall(text)).casefold()


def _stock_ending(words: Sequence[Word]) -> int:
    """The number of words in the last sentence if it is a stock phrase, else 0."""
    begins = len(words)
    while begins and (begins == len(words) or words[begins - 1].text[-1] not in SENTENCE_END):
        begins -= 1
    sentence = " ".join(word.text for word in words[begins:])
    return len(words) - begins if plain(sentence) in STOCK_ENDINGS else 0


def token_cap(duration_s: float) -> int:
    """The most tokens that speech of this duration can have."""
    return _TOKENS_AT_LEAST + int(duration_s * _TOKENS_PER_SECOND)


def compression_ratio(text: str) -> float:
    """Bytes of the text over its compressed bytes: higher where the text repeats itself."""
    raw = text.encode("utf-8")
    return len(raw) / len(zlib.compress(raw))
