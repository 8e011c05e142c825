"""A machine that stood still: more sound has arrived than a recognizer takes at once."""

from __future__ import annotations

import pytest

from tests.fakes import Cost, Lexicon
from tests.live.test_listener import SimulatedListener

pytestmark = pytest.mark.unit

WORDS = [f"word{number}" for number in range(300)]
"""90 s without a pause."""


@pytest.mark.parametrize("language", ["en", None])
def test_what_arrived_meanwhile_is_recognized_part_by_part(language: str | None) -> None:
    live = SimulatedListener(language=language)
    sound = live.lexicon.script((0.5, " ".join(WORDS)))
    live.segments += [(0.0, segment) for segment in live.listener.feed(sound)]
    live.play(sound[:0])
    assert_all_words(live)


@pytest.mark.parametrize("call_s", [5.0, 20.0, 35.0])
def test_a_machine_on_which_each_recognition_takes_that_long_loses_nothing(call_s: float) -> None:
    live = SimulatedListener(lexicon=Lexicon(), cost=Cost(call_s))
    live.play(live.lexicon.script((0.5, " ".join(WORDS))))
    assert_all_words(live)


def assert_all_words(live: SimulatedListener) -> None:
    """Each word once, in order; but for one at each seam, which may be cut in two."""
    found = " ".join(segment.text for _, segment in live.segments).split()
    assert found == sorted(set(found), key=WORDS.index)
    assert len(found) >= len(WORDS) - 4
