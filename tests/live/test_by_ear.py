from __future__ import annotations

from typing import Any

import pytest

from stslocal.live.by_ear import LiveByEar
from stslocal.live.recent_audio import RecentAudio
from stslocal.types import ONLY_END, Recognition, Samples, Segment
from tests.fakes import FakeRecognizer, Lexicon

pytestmark = pytest.mark.unit


def translated(by_ear: LiveByEar, sound: Samples, segments: list[Segment]) -> list[Segment]:
    """The segments of a stream, each translated after all of the stream was captured."""
    recent = RecentAudio()
    recent.add(sound)
    return [by_ear.translate(segment, recent.between) for segment in segments]


def test_only_segments_without_a_translator_are_translated_by_ear_from_their_place() -> None:
    lexicon = Lexicon()
    sound = lexicon.script((1.0, "guten Tag"), (3.0, "bom dia"), (5.0, "bis bald"))
    by_ear = LiveByEar(FakeRecognizer(lexicon=lexicon), lambda language: language == "de")
    segments = [
        Segment(0, 1.0, 1.54, "guten Tag", "de", recognition_s=0.5),
        Segment(1, 3.0, 3.54, "bom dia", "pt"),
        Segment(2, 5.0, 5.54, "bis bald", "de"),
    ]
    made = translated(by_ear, sound, segments)
    assert [segment.translation for segment in made] == ["en:guten en:Tag", None, "en:bis en:bald"]
    assert made[0].recognition_s >= 0.5


class NeedsTwoWords(FakeRecognizer):
    """Rejects a single word."""

    def transcribe(self, audio: Samples, **options: Any) -> Recognition:
        recognition = FakeRecognizer.transcribe(self, audio, **options)
        if len(recognition.words) < 2:
            return Recognition("", recognition.language, 1.0, rejected="no speech")
        return recognition


def translations(*said: tuple[float, str, str]) -> list[str | None]:
    """Translations by a recognizer that rejects single words, of (start, text, language)."""
    lexicon = Lexicon()
    sound = lexicon.script(*((start_s, text) for start_s, text, _ in said))
    segments = [
        Segment(index, start_s, start_s + 0.3 * len(text.split()) - 0.06, text, language)
        for index, (start_s, text, language) in enumerate(said)
    ]
    by_ear = LiveByEar(NeedsTwoWords(lexicon=lexicon), lambda language: language != "pt")
    return [segment.translation for segment in translated(by_ear, sound, segments)]


def test_a_rejected_segment_is_translated_with_the_next_one() -> None:
    assert translations((1.0, "bis", "de"), (2.0, "morgen", "de"), (3.0, "dann", "de")) == [
        "",
        "en:bis en:morgen",
        "",
    ]


@pytest.mark.parametrize(
    "follows", [(14.0, "morgen früh", "de"), (2.0, "morgen früh", "en")], ids=["far", "foreign"]
)
def test_a_far_or_foreign_segment_is_translated_alone(
    follows: tuple[float, str, str],
) -> None:
    assert translations((1.0, "bis", "de"), follows) == ["", "en:morgen en:früh"]


def test_no_sound_is_translated_where_a_segment_only_ends_a_sentence() -> None:
    recognizer = FakeRecognizer()
    by_ear = LiveByEar(recognizer, lambda language: True)
    over = by_ear.translate(Segment(0, 1.0, 1.0, ONLY_END, "de"), RecentAudio().between)
    assert (over.translation, recognizer.calls) == ("", 0)
