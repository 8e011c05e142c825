"""Translates segments that are parts of sentences: each as what its sentence still lacks.

Live translation cuts long sentences. A part that is translated alone reads like a sentence of its
own, so each part is translated as the continuation of its sentence: with all of its source so far,
after the words of its translation that were spoken. Where a sentence has no good continuation, or
one that loses or repeats a number, an address or a term, the part is translated alone.

Words that the next part may still change are held, and go out with it. They are only held while
the words of the next part are already being recognized.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stslocal.engines.protocols import Continuation
from stslocal.text.cuts import continued, continued_translation, joined_parts, unended
from stslocal.text.phrases import leans_on_next
from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.translation.retranslation import joined, units
from stslocal.translation.segmentation import SegmentLimits
from stslocal.translation.translators import Translators
from stslocal.types import Segment

_LONGEST = 400
"""Characters. The part after a longer one begins a sentence: translators fail on long ones."""


@dataclass(frozen=True, slots=True)
class PartTranslation:
    """The words to speak for a segment."""

    text: str
    is_part: bool = False
    """Whether words of a sentence may stand in the segment before or after it."""
    sentences: tuple[tuple[str, str], ...] = ()
    """(source, translation) of each cut sentence that ended."""


@dataclass(slots=True)
class _OpenSentence:
    """A sentence of which a part was translated, and which goes on."""

    source: list[str] = field(default_factory=list)
    """Its words so far."""
    spoken: str = ""
    """What was spoken of its translation."""
    held: str = ""
    """What is translated and waits."""


class CutSentences:
    """Translates the segments of one stream, in order."""

    def __init__(self, translators: Translators, *, target: str) -> None:
        self._translators = translators
        self._target = target
        self._language = ""
        self._open: _OpenSentence | None = None
        self._end_s = 0.0
        """Where the last segment ends."""

    def translate(self, segment: Segment) -> PartTranslation:
        """Translate a segment. Raises what the translators raise, and ValueError where the
        recognizer translates.
        """
        texts: list[str] = []
        ended: list[tuple[str, str]] = []
        is_part = self._open is not None or not segment.complete
        is_new = segment.start_s - self._end_s >= SegmentLimits().ending_s
        if is_new or segment.language != self._language:
            texts.append(self.end())
        self._language, self._end_s = segment.language, segment.end_s
        for words, complete in _sentences(segment):
            texts.append(self._next(words, complete, complete or not segment.followed, ended))
        return PartTranslation(joined(texts, self._target), is_part, tuple(ended))

    def end(self) -> str:
        """End the open sentence, and return the words that were held."""
        opened, self._open = self._open, None
        return opened.held if opened else ""

    def _next(
        self, words: Sequence[str], complete: bool, all_out: bool, ended: list[tuple[str, str]]
    ) -> str:
        """Translate the next words of a sentence."""
        if self._open is None and complete:
            return self._translated(" ".join(words)) if words else ""
        opened = self._open = self._open or _OpenSentence()
        if not words:
            text, opened.held = opened.held, ""
            opened.spoken = joined([opened.spoken, text], self._target)
        else:
            text = self._continued(opened, words, complete, all_out)
        if complete:
            source = " ".join(joined_parts(opened.source, self._language, complete=True))
            self._translators.report_lost(source, opened.spoken)
            ended.append((source, opened.spoken))
            self._open = None
        return text

    def _continued(
        self, opened: _OpenSentence, words: Sequence[str], complete: bool, all_out: bool
    ) -> str:
        """Translate the next words of an open sentence."""
        before = ""
        is_first = not opened.source
        if len(" ".join(opened.source)) > _LONGEST:
            before, opened.held, opened.spoken = opened.held, "", ""
            opened.source.clear()
        part = list(words) if is_first else continued(words, self._language)
        opened.source += part
        sentence = " ".join(joined_parts(opened.source, self._language, complete=complete))
        may_hold = not all_out and not ends_clause(sentence)
        found = self._continuation(opened, sentence, part, complete, may_hold=may_hold)
        text = found.text
        if not is_first and len(opened.source) == len(part):
            text = continued_translation(text, " ".join(part), self._target)
        if not complete and not found.held:
            text = unended(text, sentence)
        opened.spoken = joined([opened.spoken, text], self._target)
        opened.held = found.held
        return joined([before, text], self._target)

    def _continuation(
        self,
        opened: _OpenSentence,
        sentence: str,
        part: Sequence[str],
        complete: bool,
        *,
        may_hold: bool,
    ) -> Continuation:
        """The best continuation of a sentence by `part`, its last words."""
        source, target = self._language, self._target
        translator, continuer = self._translators.for_parts(source, target)
        found = continuer.continue_translation(
            sentence, opened.spoken, source=source, target=target, may_hold=may_hold
        )

        def faults(new: Continuation) -> int:
            translation = joined([opened.spoken, new.text, new.held], target)
            return self._translators.faults(sentence, translation, source, target)

        if found is not None:
            found = _behind_a_phrase(found, target)
            if not faults(found):
                return found
        words = " ".join(joined_parts(part, source, complete=complete))
        (alone,) = translator.translate([words], source=source, target=target, quick=True)
        if opened.spoken or opened.held:
            alone = continued_translation(alone, words, target)
        piece = Continuation(joined([opened.held, alone], target))
        return piece if found is None or faults(piece) < faults(found) else found

    def _translated(self, text: str) -> str:
        translator = self._translators.for_pair(self._language, self._target)
        if translator is None:
            raise ValueError("a segment that the recognizer translates comes with its translation")
        (translation,) = translator.translate(
            [text], source=self._language, target=self._target, quick=True
        )
        return translation


def _behind_a_phrase(found: Continuation, language: str) -> Continuation:
    """Hold the last words to speak too, where they belong to the held ones: "a casa do"."""
    words = units(found.text, language)
    end = len(words)
    while found.held and end and leans_on_next(words[end - 1], language):
        end -= 1
    if end == len(words):
        return found
    held = joined([joined(words[end:], language), found.held], language)
    return Continuation(joined(words[:end], language), held)


def _sentences(segment: Segment) -> Iterator[tuple[list[str], bool]]:
    """The words of each sentence in a segment, and whether the sentence ends with them."""
    words = segment.text.split() if segment.has_words else []
    begin = 0
    for end in range(1, len(words)):
        if ends_sentence(words[end - 1], words[end], segment.language):
            yield words[begin:end], True
            begin = end
    yield words[begin:], segment.complete
