"""Translates through English with two translators, where no one alone has the pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from stslocal.engines.pairs import PIVOT
from stslocal.engines.protocols import Capabilities, SentenceTranslator, TextTranslator
from stslocal.text.sentences import split_sentences
from stslocal.translation.retranslation import joined


class ThroughEnglish:
    """A TextTranslator for one pair, made of a translator into English and one out of it.

    A text is split into sentences once, in its own language: the English between is not looked at
    for ends of sentences, which a translator may have written in the wrong place.
    """

    def __init__(
        self, into: TextTranslator, out_of: TextTranslator, *, source: str, target: str
    ) -> None:
        self.capabilities = Capabilities(pairs=frozenset({(source, target)}))
        self._into = into
        self._out_of = out_of

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text; raises what the translators raise."""
        split = [split_sentences(text, source) for text in texts]
        sentences = [sentence for text in split for sentence in text]
        english = self._into.translate(sentences, source=source, target=PIVOT, quick=quick)
        found = iter(self._sentences_out(english, target, quick=quick))
        return [joined([next(found) for _ in text], target) for text in split]

    def _sentences_out(self, sentences: Sequence[str], target: str, *, quick: bool) -> list[str]:
        """The translations of English sentences."""
        if not self._out_of.capabilities.takes_sentences:
            return self._out_of.translate(sentences, source=PIVOT, target=target, quick=quick)
        translator = cast("SentenceTranslator", self._out_of)
        return translator.translate_sentences(sentences, source=PIVOT, target=target, quick=quick)
