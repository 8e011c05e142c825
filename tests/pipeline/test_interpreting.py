from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from stslocal.pipeline.interpreting import Interpreting
from stslocal.types import RECOGNITION_RATE, Samples, Segment
from tests.fakes import FakeRecognizer, Lexicon

pytestmark = pytest.mark.unit


@dataclass
class Hears:
    """A listener that gives prepared segments once their end has been heard."""

    segments: list[Segment]
    heard_s: float = 0.0

    def feed(self, samples: Samples) -> Iterator[Segment]:
        self.heard_s += len(samples) / RECOGNITION_RATE
        while len(self.segments) > 1 and self.segments[0].end_s <= self.heard_s:
            yield self.segments.pop(0)

    def finish(self) -> Iterator[Segment]:
        yield from self.segments


def test_only_what_has_no_translator_is_heard_again_and_at_its_place() -> None:
    lexicon = Lexicon()
    said = lexicon.script((1.0, "guten Tag"), (3.0, "bom dia"), (5.0, "bis bald"))
    listener = Interpreting(
        Hears(
            [
                Segment(0, 1.0, 1.54, "guten Tag", "de", recognition_s=0.5),
                Segment(1, 3.0, 3.54, "bom dia", "pt"),
                Segment(2, 5.0, 5.54, "bis bald", "de"),
            ]
        ),
        FakeRecognizer(lexicon=lexicon),
        lambda language: language == "de",
    )
    heard: list[Segment] = []
    for start in range(0, len(said), 4_000):
        heard += listener.feed(said[start : start + 4_000])
    heard += listener.finish()
    assert [segment.translation for segment in heard] == ["en:guten en:Tag", None, "en:bis en:bald"]
    assert heard[0].recognition_s >= 0.5
