"""Finds the ends of sentences and clauses in running text, by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

SENTENCE_END = ".!?…。！？؟।"
CLAUSE_END = ",;:，；：、،"
_CLOSING = "\"'”’»)]}」』"
_UNSPACED = "。！？"
_UNSPACED_CLAUSE_END = "，；：、"

_ABBREVIATIONS = {
    "en": "mr mrs ms dr prof st jr sr vs etc fig gen col capt lt sgt rev hon gov sen rep "
    "ave blvd mt inc ltd co corp dept univ approx a.m p.m e.g i.e u.s u.k jan feb aug "
    "sept oct nov dec",
    "pt": "sr sra srs sras dr dra prof profa exmo exma av r pág págs etc ex p.ex d lda ltda "
    "cia eng gen cel cap min máx aprox séc a.c d.c",
    "es": "sr sra srta dr dra prof av pág etc ej p.ej d dña gral cap ee.uu ee uu aprox a.c d.c ud "
    "uds",
    "fr": "m mm mme mlle dr prof st ste av etc ex p.ex env apr av.j.-c cf éd",
    "de": "hr fr dr prof st str usw z.b bzw d.h ca ggf u.a evtl inkl abb jh v.chr n.chr bspw "
    "vgl frl",
    "it": "sig sigg sigra dott prof avv ing pag ecc es p.es ca a.c d.c",
}
_BEFORE_NUMBERS = frozenset({"no", "nos", "nr", "nº", "n", "p", "pp", "s", "vol", "cap"})
"""Abbreviations if a number follows, else words ("No.")."""
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
_TITLES = frozenset({"dr", "prof", "st", "mr", "mrs"})
"""Abbreviations in languages without a list."""


def ends_sentence(word: str, following: str | None, language: str) -> bool:
    """Whether a sentence ends after `word`. `following` is the next word, None if not known.

    Abbreviations, initials, ordinals such as "3." in German and an ellipsis before a
    lower-case word do not end a sentence.
    """
    core = word.rstrip(_CLOSING)
    if not core or core[-1] not in SENTENCE_END:
        return False
    if core[-1] in "!?。！？؟।":
        return True
    lower_follows = following is not None and following[:1].islower()
    if core[-1] == "…" or core.endswith("..."):
        return not lower_follows and not never_ends(word, language)
    stem = core.rstrip(".").lstrip("\"'“‘«([{").lower()
    if stem in _ABBREVIATION_SETS.get(language, _TITLES):
        return following is None and stem in {"etc", "a.m", "p.m", "usw", "ecc"}
    if stem in _BEFORE_NUMBERS and following is not None and following[:1].isdigit():
        return False
    if len(stem) == 1 and stem != stem.upper():  # J. S. Bach, z. B., p. ex.
        return False
    if stem.isdigit() and language == "de" and len(stem) <= 2:
        return False
    return not lower_follows and not never_ends(word, language)


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
    words = _words(text)
    sentences: list[str] = []
    start = 0
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else None
        if following is None or ends_sentence(word, following, language):
            sentences.append(_join(words[start : position + 1]))
            start = position + 1
    return sentences


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


def _words(text: str) -> list[str]:
    spaced = re.sub(f"([{_UNSPACED}][{re.escape(_CLOSING)}]*)(?=\\S)", r"\1 ", text)
    return spaced.split()


def _join(words: Sequence[str]) -> str:
    return " ".join(words)
