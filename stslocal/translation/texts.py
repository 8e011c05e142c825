"""Translates text that a program has, line by line."""

from __future__ import annotations

from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.text.sentences import UNSPACED, split_sentences
from stslocal.translation.translators import Translators


def translate_text(translators: Translators, text: str, *, source: str, target: str) -> str:
    """Translate a text of any length, sentence by sentence. Its lines stay lines.

    Raises SettingsError for a pair that no translator has, and EngineError.
    """
    if source == target:
        raise SettingsError(
            f"the text is already in {name_of(target)}: give one in another language"
        )
    translator = translators.for_pair(source, target)
    if translator is None:
        raise SettingsError(
            f"text in {name_of(source)} is not translated into {name_of(target)}: only the "
            "recognizer translates this pair, from speech; name a translator with `mt`"
        )
    lines = [split_sentences(line, source) for line in text.splitlines()]
    sentences = [sentence for line in lines for sentence in line]
    found = iter(translator.translate(sentences, source=source, target=target) if sentences else [])
    between = "" if target in UNSPACED else " "
    return "\n".join(between.join(next(found) for _ in line) for line in lines)
