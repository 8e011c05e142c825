"""Who speaks when, found by a speaker encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import pytest

from stslocal.types import RECOGNITION_RATE, Embedding, Samples, Turn
from stslocal.voices.diarization import CountingDiarizer, EncoderDiarizer, find_persons
from tests.fakes import FakeVad

pytestmark = pytest.mark.unit

LEVELS = (0.2, 0.4, 0.6, 0.8)
"""The level of each person's speech, by which the encoder below knows them."""


class LevelEncoder:
    """Embeds by the shares of the persons in the loud samples."""

    def embed(self, audio: Samples) -> Embedding:
        shares = np.array([np.isclose(np.abs(audio), level).sum() for level in LEVELS], np.float32)
        return np.asarray(shares / np.linalg.norm(shares), np.float32)


def speech(*parts: tuple[int | None, float]) -> Samples:
    """Persons (None is silence), and for how many seconds each speaks."""
    return np.concatenate(
        [
            np.full(round(length_s * RECOGNITION_RATE), 0.0 if who is None else LEVELS[who])
            for who, length_s in parts
        ]
    ).astype(np.float32)


def found(sound: Samples, *, speakers: int | None = None, block: int = 16_000) -> tuple[Turn, ...]:
    blocks = [sound[start : start + block] for start in range(0, len(sound), block)]
    return EncoderDiarizer(FakeVad(), LevelEncoder()).diarize(blocks, speakers=speakers)


DIALOGUE = speech((None, 1.0), (2, 5.0), (None, 0.5), (0, 4.0), (2, 3.0), (None, 1.0), (1, 4.0))


def test_persons_are_found_and_named_as_they_begin() -> None:
    turns = found(DIALOGUE)
    assert [turn.speaker for turn in turns] == ["S1", "S2", "S1", "S3"]
    expected = [(1.0, 6.0), (6.5, 10.5), (10.5, 13.5), (14.5, 18.5)]
    for turn, (start_s, end_s) in zip(turns, expected, strict=True):
        assert turn.start_s == pytest.approx(start_s, abs=0.3)
        assert turn.end_s == pytest.approx(end_s, abs=0.3)
    assert all(before.end_s <= after.start_s for before, after in pairwise(turns))


@pytest.mark.parametrize("block", [1000, 4096, 10**9])
def test_the_turns_do_not_depend_on_the_blocks(block: int) -> None:
    assert found(DIALOGUE, block=block) == found(DIALOGUE)


def test_the_number_of_persons_can_be_given() -> None:
    for count in (1, 2, 3):
        assert len({turn.speaker for turn in found(DIALOGUE, speakers=count)}) == count


def test_more_persons_than_windows_are_not_found() -> None:
    turns = found(speech((0, 2.0)), speakers=9)
    assert {turn.speaker for turn in turns} <= {f"S{n}" for n in range(1, 10)}
    assert turns[0].start_s == 0.0


def test_a_person_who_hardly_speaks_is_no_person() -> None:
    turns = found(speech((0, 20.0), (None, 0.4), (1, 0.8), (None, 0.4), (0, 20.0)))
    assert {turn.speaker for turn in turns} == {"S1"}


def test_silence_has_no_turns() -> None:
    assert found(np.zeros(48_000, np.float32)) == ()
    assert found(np.zeros(0, np.float32)) == ()


def test_a_pause_ends_a_turn() -> None:
    turns = found(speech((0, 3.0), (None, 0.1), (0, 3.0), (None, 2.0), (0, 3.0)))
    assert [(round(t.start_s), round(t.end_s)) for t in turns] == [(0, 6), (8, 11)]


def test_a_long_recording_is_compared_in_evenly_spread_windows() -> None:
    rng = np.random.default_rng(0)
    directions = np.eye(4, 32, dtype=np.float32)
    windows = directions[np.repeat([0, 1, 2, 1], 1000)] + rng.normal(0, 0.05, (4000, 32))
    windows /= np.linalg.norm(windows, axis=1, keepdims=True)
    centres = find_persons(windows.astype(np.float32))
    assert len(centres) == 3
    assert sorted(np.argmax(centres @ directions.T, axis=1)) == [0, 1, 2]


class Counted:
    """Finds as many persons as it is said that there are, one after the other."""

    def __init__(self) -> None:
        self.samples = 0

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | Callable[[], int] | None = None
    ) -> tuple[Turn, ...]:
        self.samples = sum(len(block) for block in blocks)
        assert speakers is not None
        count = speakers() if callable(speakers) else speakers
        return tuple(Turn(at, at + 1.0, f"S{at + 1}") for at in range(count))


@pytest.mark.parametrize(("sound", "count"), [(DIALOGUE, 3), (speech((None, 3.0)), 1)])
def test_persons_are_counted_for_another_diarizer(sound: Samples, count: int) -> None:
    counted = Counted()
    diarizer = CountingDiarizer(counted, FakeVad(), LevelEncoder())
    blocks = [sound[start : start + 5000] for start in range(0, len(sound), 5000)]
    assert len(diarizer.diarize(blocks)) == count
    assert counted.samples == len(sound)
    assert len(diarizer.diarize(blocks, speakers=5)) == 5, "a number that is given is taken"
