"""Subtitles that a person has of a recording: their texts are taken, and nothing is recognized."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from stslocal.errors import SettingsError
from stslocal.languages import is_code, name_of
from stslocal.results.line_times import written_time
from stslocal.results.srt_reading import cues_of_file, texts_by_span
from stslocal.results.subtitles import Cue
from stslocal.translation.coverage import Coverage
from stslocal.translation.segmentation import Segmenter
from stslocal.types import Segment, Utterance, Word

_BEHIND_S = 30.0
"""Subtitles that end so long after the recording are those of another one: without this limit, a
wrong hour would make an hour of silence."""


@dataclass(frozen=True, slots=True)
class GivenSubtitles:
    """What was said in a recording, and its translation, as a person has it."""

    segments: Sequence[Segment]
    """Sentences with their times, in order; with a translation where that is given."""
    digest: str
    """Of the texts and times; a rerun compares it."""
    is_translated: bool
    """Whether all translations are given, so that nothing is translated."""

    @classmethod
    def read(
        cls, source: Path | None, translation: Path | None, *, language: str, target: str
    ) -> GivenSubtitles:
        """Read the subtitles of what was said, in `language`, of its translation, or both.

        With both, each cue of the translation goes to the sentence at whose time it is. Without
        those of what was said, that stays empty. Raises SettingsError for what is no SubRip.
        """
        said = [] if source is None else _sentences(cues_of_file(source), language)
        if translation is None:
            return cls(said, _digest(said), is_translated=False)
        cues = cues_of_file(translation)
        if source is None:
            spoken = _sentences(cues, target)
            said = [replace(one, text="", words=(), translation=one.text, language=language)
                    for one in spoken]  # fmt: skip
        else:
            spans = [(one.start_s, one.end_s) for one in said]
            texts, left = texts_by_span(cues, spans, nearest=True)
            if left:
                raise SettingsError(f"{source} has no text, so nothing is there to translate")
            said = [replace(one, translation=text) for one, text in zip(said, texts, strict=True)]
        return cls(said, _digest(said), is_translated=True)

    def check(self, coverage: Coverage, source: str, target: str) -> None:
        """Raise SettingsError where the texts have to be translated and no translator can."""
        if not self.is_translated and not coverage.has_translator(source, target):
            raise SettingsError(
                f"nothing here translates text from {name_of(source)} into {name_of(target)} "
                "(Whisper translates sound only): name a translator with --mt, or give the "
                "translation with --target-srt"
            )


class TakeSubtitles:
    """Gives the sentences of subtitles as the recording passes them."""

    name = "take subtitles"

    def __init__(self, segments: Sequence[Segment], length_s: Callable[[], float]) -> None:
        """`length_s` gives the length of the recording so far."""
        self._left = list(segments)
        self._last_s = max((segment.end_s for segment in segments), default=0.0)
        self._length_s = length_s

    def process(self, utterance: Utterance) -> Iterator[Segment]:
        while self._left and self._left[0].start_s < utterance.end_s:
            yield self._left.pop(0)

    def finish(self) -> Iterator[Segment]:
        """Give those behind the last speech. Raises SettingsError where they are far behind it."""
        length_s = self._length_s()
        if self._last_s > length_s + _BEHIND_S:
            raise SettingsError(
                f"the subtitles go on until {written_time(self._last_s)}, and the recording ends "
                f"at {written_time(length_s)}: give those of this recording, or correct their times"
            )
        while self._left:
            yield self._left.pop(0)


def language_of_name(path: Path | None) -> str | None:
    """The language in the name of subtitles, such as `talk.en.srt`; None where there is none."""
    code = "" if path is None else Path(path.stem).suffix[1:].lower()
    return code if is_code(code) else None


def _sentences(cues: Sequence[Cue], language: str) -> list[Segment]:
    """The sentences in cues, which may have parts of sentences. Times are divided by letters."""
    segmenter = Segmenter(language)
    found = [segment for cue in cues for segment in segmenter.push(list(_words(cue)))]
    return [*found, *segmenter.flush()]


def _words(cue: Cue) -> Iterator[Word]:
    words = cue.text.split()
    total = sum(len(word) for word in words)
    at_s = cue.start_s
    for word in words:
        end_s = at_s + (cue.end_s - cue.start_s) * len(word) / total
        yield Word(word, at_s, end_s, 1.0)
        at_s = end_s


def _digest(segments: Sequence[Segment]) -> str:
    rows = [
        f"{one.start_s:.3f}\t{one.end_s:.3f}\t{one.text}\t{one.translation}" for one in segments
    ]
    return sha256("\n".join(rows).encode()).hexdigest()
