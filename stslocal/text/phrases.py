"""Words that begin clauses and phrases: good places to cut a sentence.

A cut before such a word leaves whole phrases on both sides. A cut after it separates it from its
phrase.
"""

from __future__ import annotations


def _sets(lists: dict[str, str]) -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in lists.items()}


_NONE: frozenset[str] = frozenset()
_CONJUNCTIONS = _sets(
    {
        "en": "and but or so because although while which who when where if since that than",
        "pt": "e mas ou porque embora enquanto que quando onde se pois portanto porém",
        "es": "y pero o porque aunque mientras que cuando donde si pues",
        "fr": "et mais ou car parce quoique pendant qui que quand où si donc",
        "de": "und aber oder denn weil obwohl während dass wenn wo da sondern",
        "it": "e ma o perché benché mentre che quando dove se quindi",
    }
)
_PREPOSITIONS = _sets(
    {
        "en": "to in on at for with from by as into about after before during through under "
        "over between against without within",
        "pt": "para em com por sem sobre até entre durante após no na nos nas ao à aos "
        "às pelo pela pelos pelas",
        "es": "para en con por sin sobre hasta entre durante tras a al",
        "fr": "pour en avec par sans sur dans entre pendant après à au aux",
        "de": "für mit von zu in an auf aus bei nach über vor durch gegen ohne zwischen als",
        "it": "per in con su da tra fra dopo durante a al alla nel nella",
    }
)
_LEANING = _sets(
    {
        "en": "of a an the my your his her its our their this these those any each every some "
        "no not is are was were be been has have had will would can could should may "
        "might must do does did very more most",
        "pt": "de do da dos das num numa o a os as um uma uns umas meu minha seu sua nosso "
        "nossa este esta esse essa é são era foi ser não muito mais tão cada",
        "es": "de del el la los las un una unos unas mi tu su este esta ese esa es son era "
        "fue ser no muy más tan se lo le cada",
        "fr": "de du des d' l' le la les un une mon ma mes ton ta son sa notre votre leur ce "
        "cet cette ces est sont était être ne pas très plus se je tu il elle nous vous "
        "on",
        "de": "der die das dem den des ein eine einen einem einer mein dein sein ihr unser "
        "euer dieser diese dieses ist sind war waren nicht sehr kein keine zum zur im "
        "am",
        "it": "di del dello della dei degli delle il lo la i gli le un uno una mio tuo suo "
        "questo questa è sono era essere non molto più ogni",
    }
)


def opens_clause(word: str, language: str) -> bool:
    """Whether a clause begins with `word`: a conjunction or a relative pronoun."""
    return _plain(word) in _CONJUNCTIONS.get(language, _NONE)


def opens_phrase(word: str, language: str) -> bool:
    """Whether a phrase begins with `word`: a preposition, or a word that opens a clause."""
    return opens_clause(word, language) or _plain(word) in _PREPOSITIONS.get(language, _NONE)


def leans_on_next(word: str, language: str) -> bool:
    """Whether `word` belongs to the word after it: an article, an auxiliary, or an opening word."""
    return opens_phrase(word, language) or _plain(word) in _LEANING.get(language, _NONE)


def _plain(word: str) -> str:
    return word.strip("\"'“”«»()").lower()
