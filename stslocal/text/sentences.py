"""Finds the ends of sentences and clauses in running text.

The library sentencex knows the marks and abbreviations of about 240 languages. What it cuts is kept
together where a rule of ours knows better: abbreviations that it lacks ("M. Dupont", "pág. 5"),
German ordinals before a noun ("im 20. Jahrhundert"), and a full stop before a small letter.
tests/text/test_sentences.py has the cases. ICU4X, which knows no abbreviations, cuts after "Dr.".
"""

from __future__ import annotations

import re
from itertools import pairwise

import sentencex

SENTENCE_END = ".!?…。！？؟।॥۔։።။។"
CLAUSE_END = ",;:，；：、،"
UNSPACED = frozenset({"zh", "zh-Hant", "yue", "ja", "th", "lo", "km", "my", "bo", "dz"})
"""Languages without spaces between sentences and words."""
_CLOSING = "\"'”’»)]}」』"
_SURE_ENDS = SENTENCE_END.replace(".", "").replace("…", "")
_GREEK_QUESTION = ";\u037e"
_UNSPACED_CLAUSE_END = "，；：、"
_NEVER_CUT = re.compile("(?<=។)\\s*")
"""Where sentencex does not cut, though a sentence ends: after the Khmer stop."""

_ABBREVIATIONS = {
    "en": "ms approx",
    "pt": "profa exma av r pág págs d ltda cia cel cap min máx aprox séc a.c d.c",
    "es": "d dña aprox",
    "fr": "m mme mlle dr prof st ste av.j.-c",
    "de": "inkl abb jh bspw frl",
    "it": "sigra pag a.c d.c on l'on",
    "nl": "mevr",
    "pl": "godz ok",
    "hu": "kb",
    "fi": "tri",
    "sv": "kl",
    "ar": "د",
    "ro": "dl dna str nr",
    "vi": "ts ths gs pgs bs",
    "hi": "डॉ श्री प्रो",
}
"""Those that sentencex 1.0.32 does not know."""
_TITLES = frozenset({"mr", "mrs", "dr", "prof", "st"})
"""Before a name in any language: St. Louis."""
_ROMAN = re.compile("[ivxl]{2,}")
_ROMAN_BEFORE_NAMES = frozenset({"hu", "tr"})
"""Languages in which a Roman numeral with a full stop stands before a king's name."""
_MAY_END = frozenset({"etc", "a.m", "p.m", "usw", "ecc"})
"""Abbreviations with which a sentence ends where nothing follows."""
_BEFORE_NUMBERS = frozenset({"no", "nos", "nr", "nº", "n", "p", "pp", "s", "vol", "cap"})
"""Abbreviations if a number follows, else words ("No.")."""
_NONE: frozenset[str] = frozenset()
_ABBREVIATION_SETS = {code: frozenset(words.split()) for code, words in _ABBREVIATIONS.items()}
_NEVER_LAST = {
    "en": "a an the my your our their of and or but because",
    "pt": "o a os as um uma uns umas de do da dos das num numa e ou mas",
    "es": "el la los las un una unos unas de del al y o pero",
    "fr": "le la les un une des du de et ou mais au aux",
    "de": "ein eine einen einem einer dem den des und oder aber",
    "it": "il lo la i gli le un uno una di del dello della dei degli delle e o ma",
}
"""Words after which a sentence goes on, also behind a full stop: a recognizer that gets a part of
a sentence may end it with one."""
_NEVER_LAST_SETS = {code: frozenset(words.split()) for code, words in _NEVER_LAST.items()}


def ends_sentence(word: str, following: str | None, language: str) -> bool:
    """Whether a sentence ends after `word`. `following` is the next word, None if not known.

    Abbreviations, initials, ordinals such as "3." in German and an ellipsis before a
    lower-case word do not end a sentence.
    """
    core = word.rstrip(_CLOSING)
    if language == "el" and core[-1:] in tuple(_GREEK_QUESTION):
        return True
    if not core or core[-1] not in SENTENCE_END:
        return False
    if core[-1] in _SURE_ENDS:
        return True
    if _goes_on(word, following, language):
        return False
    if core.endswith(("…", "...")):
        return True
    if following is None and _stem(word) in _MAY_END | _BEFORE_NUMBERS:
        return True
    begun = ""
    for cut in _segments(f"{word} {following or 'A'}", language):
        if begun.strip() == word:
            return True
        begun += cut
    return False


def never_ends(word: str, language: str) -> bool:
    """Whether no sentence ends with this word, such as an article, though it has a full stop."""
    stem = word.strip(_CLOSING + "“‘«([{.…")
    return stem in _NEVER_LAST_SETS.get(language, frozenset())


def ends_clause(word: str) -> bool:
    """Whether the punctuation of `word` ends a clause."""
    core = word.rstrip(_CLOSING)
    return bool(core) and core[-1] in CLAUSE_END


def split_sentences(text: str, language: str) -> list[str]:
    """Cut running text into sentences, each with its punctuation, without outer spaces."""
    found = [part for cut in _segments(text, language) for part in _NEVER_CUT.split(cut)]
    sentences: list[str] = []
    apart = True
    for cut in found:
        words = cut.split()
        if not words:
            continue
        apart = apart or cut[0].isspace()
        if sentences and _goes_on(sentences[-1].rpartition(" ")[2], words[0], language):
            sentences[-1] += " " * apart + " ".join(words)  # "a.C." stays one word
        else:
            sentences.append(" ".join(words))
        apart = cut[-1].isspace()
    return sentences


def split_quoted(text: str, language: str) -> list[str]:
    """As `split_sentences`, and also between the sentences inside quotation marks or brackets."""
    parts: list[str] = []
    for sentence in split_sentences(text, language):
        words = sentence.split()
        begun = 0
        for at, (word, following) in enumerate(pairwise(words), 1):
            begins = following.lstrip("\"'“‘«([{„¿¡")[:1].isupper()
            if begins and len(_stem(word)) > 2 and ends_sentence(word, following, language):
                parts.append(" ".join(words[begun:at]))
                begun = at
        parts.append(" ".join(words[begun:]))
    return parts


def break_before(text: str, limit: int) -> int:
    """The character position, from 1 to `limit`, at which to cut a text that is too long.

    It is the last end of a clause, else the last space between words, in the second half of the
    first `limit` characters; else `limit`.
    """
    for pattern in (f"[{CLAUSE_END}](?=\\s)|[{_UNSPACED_CLAUSE_END}]", r"(?=\s)"):
        ends = [found.end() for found in re.finditer(pattern, text[: limit + 1])]
        fitting = [end for end in ends if limit / 2 <= end <= limit]
        if fitting:
            return fitting[-1]
    return limit


def _segments(text: str, language: str) -> list[str]:
    """The sentences that sentencex finds. It refuses half a surrogate pair, which becomes "?"."""
    return list(sentencex.segment(language, text.encode(errors="replace").decode()))


def _goes_on(word: str, following: str | None, language: str) -> bool:
    """Whether a sentence surely goes on after `word`, though it has a full stop."""
    core = word.rstrip(_CLOSING)
    if core[-1:] not in (".", "…"):
        return False
    if (following is not None and following[:1].islower()) or never_ends(word, language):
        return True
    stem = _stem(word)
    if core.endswith(("…", "...")):
        return False
    if stem in _ABBREVIATION_SETS.get(language, _NONE):
        return True
    if following is not None and following[:1].isupper():
        if stem in _TITLES:
            return True
        if language in _ROMAN_BEFORE_NAMES and _ROMAN.fullmatch(stem) and core[0].isupper():
            return True
    if stem in _BEFORE_NUMBERS and following is not None and following[:1].isdigit():
        return True
    if len(stem) == 1 and stem != stem.upper():  # J. S. Bach, z. B., p. ex.
        return True
    return stem.isdigit() and language == "de" and len(stem) <= 2


def _stem(word: str) -> str:
    """A word without the marks around it, in small letters."""
    return word.rstrip(_CLOSING).rstrip(".").lstrip("\"'“‘«([{").lower()
