"""Our own voice in the microphone: muted, cancelled, or dropped after recognition."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.live.echo import Guard, HalfDuplex, OwnVoice
from stslocal.live.ports import FullDuplex
from stslocal.metrics import Event, SegmentDropped
from stslocal.types import RECOGNITION_RATE, Segment

pytestmark = pytest.mark.unit

SOUND = np.ones(RECOGNITION_RATE, np.float32)


def test_half_duplex_mutes_while_the_loudspeaker_plays_and_a_little_longer() -> None:
    duplex = HalfDuplex(tail_s=0.2)
    duplex.played(SOUND[:8000], RECOGNITION_RATE, at_s=2.5)
    duplex.played(SOUND[:8000], RECOGNITION_RATE, at_s=3.0)
    assert duplex.process(SOUND, 1.0) == (SOUND, False)
    parts = [duplex.process(SOUND, float(second)) for second in (2, 3, 4)]
    assert [is_muted for _, is_muted in parts] == [True, True, False]
    kept = np.concatenate([samples for samples, _ in parts])
    silent = np.flatnonzero(kept == 0) / RECOGNITION_RATE + 2.0
    assert silent[0] == pytest.approx(2.5)
    assert silent[-1] == pytest.approx(3.7, abs=1e-3)
    assert len(silent) == round(1.2 * RECOGNITION_RATE)
    assert duplex.muted_s == pytest.approx(1.2)
    assert duplex.process(SOUND, 5.0) == (SOUND, False)


def test_full_duplex_leaves_the_input_as_it_is() -> None:
    duplex = FullDuplex()
    duplex.played(SOUND, RECOGNITION_RATE, at_s=0.0)
    assert duplex.process(SOUND, 0.0) == (SOUND, False)


@pytest.mark.parametrize(
    ("recognized", "is_ours"),
    [
        ("Bom dia a todos, vamos começar.", True),
        ("bom dia a todos vamos", True),
        ("Bom dia para todos, vamos comer.", True),
        ("O tempo hoje está muito bom.", False),
        ("Bom.", False),
        ("", False),
    ],
)
def test_a_text_that_we_have_just_spoken_is_found(recognized: str, is_ours: bool) -> None:
    own = OwnVoice()
    own.remember("Isto foi antes.", 5.0)
    own.remember("Bom dia a todos, vamos começar.", 10.0)
    own.remember("E isto depois.", 12.0)
    assert own.is_ours(recognized, 14.0) is is_ours
    assert not own.is_ours(recognized, 60.0), "later, somebody may say the same"


def test_segments_that_are_not_to_be_translated_are_dropped_and_reported() -> None:
    events: list[Event] = []
    own = OwnVoice()
    guard = Guard(
        own,
        target="pt",
        clock=VirtualClock(),
        has_translator=lambda language: language == "en",
        emit=events.append,
    )
    own.remember("o tempo está bom", 1.0)
    segments = [
        Segment(0, 1.0, 2.0, "good day", "en"),
        Segment(1, 2.0, 3.0, "o tempo está bom", "pt"),
        Segment(2, 3.0, 4.0, "quem fala assim", "pt"),
        Segment(3, 4.0, 5.0, "wer so spricht", "de"),
        Segment(4, 5.0, 6.0, "guten Tag", "de", translation="bom dia"),
    ]
    assert [s.index for segment in segments for s in guard.process(segment)] == [0, 4]
    assert list(guard.finish()) == []
    assert [(e.segment, e.reason) for e in events if isinstance(e, SegmentDropped)] == [
        (1, "echo"),
        (2, "already translated"),
        (3, "no translator"),
    ]
