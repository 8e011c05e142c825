from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from stslocal.live.by_ear import Interpreting
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Segment
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


class HardOfHearing(FakeRecognizer):
    """Makes nothing of a single word."""

    def transcribe(self, audio: Samples, **options: Any) -> Recognition:
        heard = FakeRecognizer.transcribe(self, audio, **options)
        if len(heard.words) < 2:
            return Recognition("", heard.language, 1.0, rejected="no speech")
        return heard


def translations(*said: tuple[float, str, str]) -> list[str | None]:
    """What a recognizer that makes nothing of a word makes of (start, text, language)."""
    lexicon = Lexicon()
    sound = lexicon.script(*((start_s, text) for start_s, text, _ in said))
    segments = [
        Segment(index, start_s, start_s + 0.3 * len(text.split()) - 0.06, text, language)
        for index, (start_s, text, language) in enumerate(said)
    ]
    listener = Interpreting(
        Hears(segments), HardOfHearing(lexicon=lexicon), lambda language: language != "pt"
    )
    heard = [*listener.feed(sound), *listener.finish()]
    return [segment.translation for segment in heard]


def test_what_is_too_little_alone_is_heard_with_what_follows() -> None:
    assert translations((1.0, "bis", "de"), (2.0, "morgen", "de"), (3.0, "dann", "de")) == [
        "",
        "en:bis en:morgen",
        "",
    ]


@pytest.mark.parametrize(
    "follows", [(14.0, "morgen früh", "de"), (2.0, "morgen früh", "en")], ids=["far", "foreign"]
)
def test_what_does_not_belong_together_is_heard_alone(follows: tuple[float, str, str]) -> None:
    assert translations((1.0, "bis", "de"), follows) == ["", "en:morgen en:früh"]
