"""Everyday utterances that the student models translate wrongly, with their translations.

The models were trained on sentences of web pages, where "Thank you." stands in front of "for
submitting an edit". everyday.tsv has an utterance a line: its language, its text, its translation.
It was made by reading what the models write for 2 900 utterances of one to four words. A text that
ends with a comma also opens a longer sentence ("Thank you, doctor."). A text with a mark at its
end ("Sorry?") stands before the same text without one. Translations avoid the speaker's and the
listener's gender where the language has a usual way to.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_MARKS = ".!?,;:… \"'”’»"
_OPENING_MARKS = "\"'“‘«"

_REWORDED = {
    "en": (("thank you for ", "Thanks for "), ("thank you to ", "Many thanks to ")),
    "pt": (
        ("muito obrigad[oa] (?=por |pel[oa]s? )", "Agradeço muito "),
        ("obrigad[oa] (?=por |pel[oa]s? )", "Agradecemos "),
    ),
}
"""Beginnings of sentences that the models know in other words only."""


def reworded(sentence: str, source: str) -> str:
    """The sentence in words of the same language that the models know."""
    for pattern, words in _REWORDED.get(source, ()):
        sentence = re.sub(f"^{pattern}", words, sentence, flags=re.IGNORECASE)
    return sentence


def utterance(sentence: str, source: str) -> str | None:
    """The translation of a whole everyday sentence, with its punctuation; None for others."""
    core = sentence.strip().lstrip(_OPENING_MARKS)
    quote = sentence.strip()[: -len(core)] if core else ""
    bare = core.rstrip(_MARKS)
    whole, _ = _tables(source)
    for key, ending in ((core.replace("…", "..."), ""), (bare, core[len(bare) :])):
        if found := whole.get(_plain(key)):
            return quote + _in_case(found, bare) + ending
    return None


def opening(sentence: str, source: str) -> tuple[str, str] | None:
    """An everyday opening's translation with its comma, and the rest; None without an opening."""
    _, openings = _tables(source)
    at = sentence.find(", ")
    while at > 0:
        begin, rest = sentence[:at], sentence[at + 2 :].strip()
        if rest and (found := openings.get(_plain(begin))):
            return _in_case(found, begin) + ",", rest
        at = sentence.find(", ", at + 1)
    return None


@cache
def _tables(source: str) -> tuple[dict[str, str], dict[str, str]]:
    """The translations of whole sentences, and of those that also open longer ones."""
    whole: dict[str, str] = {}
    openings: dict[str, str] = {}
    table = resources.files(__package__).joinpath("everyday.tsv").read_text("utf-8")
    for line in table.splitlines():
        language, text, translation = line.split("\t")
        if language != source:
            continue
        key = _plain(text.removesuffix(","))
        whole[key] = translation
        if text.endswith(","):
            openings[key] = translation
    return whole, openings


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _in_case(translation: str, like: str) -> str:
    """The translation in the case of the source: all in capitals, or a small first letter."""
    if len(like) > 2 and like.isupper():
        return translation.upper()
    is_pronoun = translation[:2] in ("I ", "I'")
    if like[:1].islower() and not is_pronoun and not translation[:2].isupper():
        return translation[0].lower() + translation[1:]
    return translation
