"""The Python interface of a live session, on fakes and in real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from stslocal.api import SpeechTranslator
from stslocal.errors import ModelNotFoundError, StageError
from stslocal.metrics import (
    Notice,
    PlaybackEnded,
    SegmentDropped,
    SegmentTranslated,
    SpeechStarted,
)
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fake_engines import fake_engines
from tests.fakes import (
    FakeRecognizer,
    FakeTranslator,
    Lexicon,
)

pytestmark = pytest.mark.unit


def translator(lexicon: Lexicon, *, fails_at: int | None = None) -> SpeechTranslator:
    engines = fake_engines(lexicon, translators={"words": FakeTranslator(fails_at=fails_at)})
    return SpeechTranslator(engines, Settings(source="en", target="pt"))


def spoken(samples: Samples) -> Iterator[Samples]:
    """Chunks of 0.1 s in real time."""
    began = time.perf_counter()
    step = RECOGNITION_RATE // 10
    for start in range(0, len(samples), step):
        due = began + (start + step) / RECOGNITION_RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        yield samples[start : start + step]


def test_chunks_become_events_and_speech() -> None:
    lexicon = Lexicon()
    said = lexicon.script((0.2, "Good morning."), (1.8, "Good night."))
    speech: list[Samples] = []
    events = list(translator(lexicon).stream(spoken(said), on_audio=speech.append))
    texts = [event.text for event in events if isinstance(event, SegmentTranslated)]
    assert texts == ["pt:Good pt:morning.", "pt:Good pt:night."]
    assert sum(isinstance(event, PlaybackEnded) for event in events) == 2
    words = [word.text for word in lexicon.recognize(np.concatenate(speech), 24_000)]
    # The first word of each text is faded in: its level changes, so it is not recognized.
    assert words == ["pt:morning.", "pt:night."]


def test_a_failure_is_raised_where_the_events_are_read() -> None:
    lexicon = Lexicon()
    said = lexicon.script((0.2, "Good morning."))
    with pytest.raises(StageError, match="translate"):
        list(translator(lexicon, fails_at=0).stream(spoken(said)))


def test_closing_the_events_early_ends_the_session() -> None:
    lexicon = Lexicon()
    said = lexicon.script((0.2, "Good morning."), (5.0, "Never captured."))
    events = translator(lexicon).stream(spoken(said))
    for event in events:
        if isinstance(event, SpeechStarted):
            break
    events.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("live")]


def test_a_language_that_nothing_translates_is_reported_once_with_the_command() -> None:
    def lacks(source: str, target: str) -> None:
        raise ModelNotFoundError(f"{source} into {target} needs a model: run `pull it`")

    lexicon = Lexicon()
    engines = fake_engines(
        lexicon, recognizer=FakeRecognizer(lexicon=lexicon, language="de"), check_needs=lacks
    )
    said = lexicon.script((0.2, "Guten Morgen."), (1.8, "Gute Nacht."))
    events = list(SpeechTranslator(engines, Settings(target="pt")).stream(spoken(said)))
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert notices == [
        "German (de) was detected in the sound (--from names another language), and de into pt "
        "needs a model: run `pull it`"
    ]
    dropped = [event.reason for event in events if isinstance(event, SegmentDropped)]
    assert dropped == ["no translator", "no translator"]


def test_a_failure_of_on_audio_is_raised_where_the_events_are_read() -> None:
    lexicon = Lexicon()
    said = lexicon.script((0.2, "Good morning."))

    def fail(samples: Samples) -> None:
        raise OSError("the loudspeaker has gone")

    with pytest.raises((StageError, OSError), match="the loudspeaker has gone"):
        list(translator(lexicon).stream(spoken(said), on_audio=fail))


def test_a_failure_of_the_chunks_is_raised_where_the_events_are_read() -> None:
    lexicon = Lexicon()

    def chunks() -> Iterator[Samples]:
        yield lexicon.script((0.2, "Good morning."))
        raise OSError("the microphone has gone")

    with pytest.raises(StageError, match="the microphone has gone"):
        list(translator(lexicon).stream(chunks()))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("live")]
