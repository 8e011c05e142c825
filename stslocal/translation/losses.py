"""Finds what a translation has lost of its source, or says again, by rules for all languages.

Measured on FLORES-200 dev, 997 sentences in the 30 pairs of six European languages: of the
translations by people, 9 of 10 000 are as short as one that lacks a part; of those without their
second half 92 % are. 8 of 1000 lose a number (most of them by a mistake of the person), and 3 of
1000 a name, since some names are translated ("Station Wagon").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby, pairwise

from stslocal.text.repeats import repeats
from stslocal.text.sentences import split_quoted, split_sentences
from stslocal.translation.numbers_held import Texts, hold
from stslocal.translation.proportion import out_of_proportion, weight
from stslocal.translation.scripts import in_wrong_script

OUT_OF_PROPORTION = "the translation is out of proportion"
LACKS_A_PART = "a part of it may be missing"
REPEATS = "the translation repeats itself"
LOST_NUMBER = "a number is missing"
LOST_NAME = "a name is missing"
WRONG_SCRIPT = "it is not in the script of the language"
DOUBTS = (WRONG_SCRIPT, OUT_OF_PROPORTION, LACKS_A_PART, REPEATS, LOST_NUMBER, LOST_NAME)
"""Why a translation is doubtful, the worst first."""

_LETTERS = {"en": 1.0, "pt": 1.09, "es": 1.19, "fr": 1.19, "de": 1.17, "it": 1.17}
"""Letters for one of English, measured as above."""
_SHORT, _SHORT_UNMEASURED = 0.6, 0.5
"""A translation with a smaller share of the letters expected may lack a part."""
_SHORT_OF_SENTENCES = 0.75
"""The same for one with fewer sentences than its source."""
_WORTH_A_TRY = 0.7
"""The same, where another way of translating is only tried."""
_SHORTEST_FROM = 30
"""Letters of the shortest source whose translation can lack a part."""
_WORD_AGAIN = 4
"""A word so often in a row, and at least twice as often as in the source, is a loop."""
_PHRASE_TWICE = range(5, 40)
"""A phrase of so many words that follows itself was not meant twice."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)
"""Letters of scripts without spaces between words."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CAPITALIZES_NOUNS = frozenset({"de", "lb"})
_LEAST_NAME = 4
_LONGEST_SMALL = 4
"""Letters of the longest word that has no capital in a headline."""
_SAME_NAME = 0.6
"""Names as similar as this are the same in two languages (Prag, Prague)."""


def doubt(texts: Texts) -> str:
    """Why a translation is doubtful, one of DOUBTS; empty where nothing is known against it."""
    source, translation = texts.source, texts.translation
    if in_wrong_script(translation, texts.target_language):
        return WRONG_SCRIPT
    if out_of_proportion(source, translation):
        return OUT_OF_PROPORTION
    if says_again(source, translation):
        return REPEATS
    if lacks_a_part(texts):
        return LACKS_A_PART
    if lost_numbers(texts):
        return LOST_NUMBER
    return LOST_NAME if lost_names(texts) else ""


def lacks_a_part(texts: Texts) -> bool:
    """Whether a translation is so short that a part of its source is missing."""
    if weight(texts.source) < _SHORTEST_FROM:
        return False
    measured = {texts.source_language, texts.target_language} <= _LETTERS.keys()
    share = _share(texts)
    return share < (_SHORT if measured else _SHORT_UNMEASURED) or (
        share < _SHORT_OF_SENTENCES
        and _sentences(texts.translation, texts.target_language)
        < _sentences(texts.source, texts.source_language)
    )


def may_lack_a_part(texts: Texts) -> bool:
    """Whether another way of translating is worth a try, because a translation is short."""
    if weight(texts.source) < _SHORTEST_FROM:
        return False
    return _share(texts) < _WORTH_A_TRY or has_fewer_sentences(texts)


def has_fewer_sentences(texts: Texts) -> bool:
    """Whether a translation has fewer sentences than its source, those in quotation marks too."""
    ours = split_quoted(texts.source, texts.source_language)
    if len(ours) < 2:
        return False
    return len(split_quoted(texts.translation, texts.target_language)) < len(ours)


def says_again(source: str, translation: str) -> bool:
    """Whether a translation has a loop, or a phrase twice in a row, that its source has not."""
    ours, theirs = _units(source), _units(translation)
    if _longest_run(theirs) >= max(_WORD_AGAIN, 2 * _longest_run(ours)):
        return True
    return _loops(theirs) and not _loops(ours)


def lost_numbers(texts: Texts) -> list[str]:
    """The numbers in digits whose value and whose digits are not in the translation."""
    written = _digits(texts.translation)
    return [
        number.text
        for number in hold(texts).missing
        if _digits(number.text) and _digits(number.text) not in written
    ]


def lost_names(texts: Texts) -> list[str]:
    """The names of two words, such as Ana Silva, of which the translation has no word, and no
    other name in their place. Single words are not looked at: Monday is no name elsewhere.
    """
    words = [word[0] for word in _WORD.finditer(texts.source)]
    capitals = [word for word in words if word[0].isupper()]
    if texts.source_language in _CAPITALIZES_NOUNS or _is_headline(words, capitals):
        return []
    theirs = list(_WORD.finditer(texts.translation))
    if not any(letter.isupper() or letter.islower() for letter in texts.translation):
        return []  # a script without capitals
    # "États-Unis" has the words of "Estados Unidos".
    other = [_plain(part) for word in theirs for part in (word[0], *word[0].split("-")[1:])]
    ours = [_plain(word) for word in words]
    if any(
        word.start() > 1 and word[0][0].isupper() and not _is_among(_plain(word[0]), ours)
        for word in theirs
    ):
        return []
    return [
        f"{first} {last}"
        for first, last in _pairs(texts.source)
        if not _is_among(_plain(first), other) and not _is_among(_plain(last), other)
    ]


def _is_headline(words: Sequence[str], capitals: Sequence[str]) -> bool:
    """Whether most words have a capital, and only short ones have none."""
    longest = max((len(word) for word in words if word[0].islower()), default=0)
    return 2 * len(capitals) > len(words) and longest <= _LONGEST_SMALL


def _pairs(text: str) -> list[tuple[str, str]]:
    """Words with a capital that stand together, and do not begin a sentence."""
    found = [
        word
        for word in _WORD.finditer(text)
        if word[0][0].isupper()
        and len(word[0]) >= _LEAST_NAME
        and text[: word.start()].rstrip(" \"'“”«»(")[-1:] not in ("", *".!?:…")
    ]
    return [
        (one[0], other[0])
        for one, other in pairwise(found)
        if text[one.end() : other.start()] == " "
    ]


def _is_among(name: str, words: Sequence[str]) -> bool:
    return any(
        name[:3] == word[:3] or SequenceMatcher(None, name, word).ratio() >= _SAME_NAME
        for word in words
        if len(word) >= _LEAST_NAME
    )


def _plain(word: str) -> str:
    """A word without accents and capitals."""
    letters = unicodedata.normalize("NFKD", word)
    return "".join(each for each in letters if not unicodedata.combining(each)).casefold()


def _share(texts: Texts) -> float:
    """The length of a translation for the length that is expected of it."""
    ours = weight(texts.source) / _LETTERS.get(texts.source_language, 1.0)
    return weight(texts.translation) / _LETTERS.get(texts.target_language, 1.0) / max(ours, 1.0)


def _sentences(text: str, language: str) -> int:
    return len(split_sentences(text, language))


def _units(text: str) -> list[str]:
    """The words of a text; the letters of a script without spaces."""
    return [
        unit
        for word in re.findall(r"\w+", text)
        for unit in (list(word) if _UNSPACED.search(word) else [word.casefold()])
    ]


def _loops(units: Sequence[str]) -> bool:
    return repeats(units) or any(
        units[at : at + count] == units[at + count : at + 2 * count]
        for count in _PHRASE_TWICE
        for at in range(len(units) - 2 * count + 1)
    )


def _longest_run(units: Sequence[str]) -> int:
    """How often one word of letters is said in a row."""
    return max((len(list(run)) for unit, run in groupby(units) if len(unit) > 1), default=0)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
