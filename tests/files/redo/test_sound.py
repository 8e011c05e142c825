"""A replaced sentence is as loud as the one before, and the tone of the room goes on beneath it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from stslocal.audio.loudness import LoudnessMeter, blocks_of, integrated_lufs
from stslocal.audio.room_tone import TONE_S
from stslocal.files.redo.patching import Piece
from stslocal.files.redo.sound import OldSound
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATE = 16_000
SPANS = (Span(1.0, 3.0), Span(10.0, 12.0), Span(14.0, 15.0))
LEVELS = (0.2, 0.02, 0.1)


def tone(start: int, end: int) -> Samples:
    one = np.random.default_rng(3).normal(0, 0.001, round(TONE_S * RATE)).astype(np.float32)
    return one[np.arange(start, end) % len(one)]


def noise(seconds: float, level: float, seed: int = 1) -> Samples:
    random = np.random.default_rng(seed)
    return random.normal(0, level, round(seconds * RATE)).astype(np.float32)


def old_blocks() -> Iterator[Samples]:
    sound = tone(0, 20 * RATE)
    for span, level in zip(SPANS, LEVELS, strict=True):
        first, behind = round(span.start_s * RATE), round(span.end_s * RATE)
        sound[first:behind] += noise(span.end_s - span.start_s, level)
    yield from np.array_split(sound, 13)


def segments() -> list[SessionSegment]:
    one = SessionSegment(0, "en", SPANS[0], "a", (), "b", SPANS[0], "match", 1.0, {})
    return [replace(one, index=n, target=span) for n, span in enumerate(SPANS)]


def lufs(samples: Samples) -> float:
    meter = LoudnessMeter(RATE)
    meter.push(samples)
    meter.finish()
    return integrated_lufs(blocks_of(meter.powers))


def test_a_sentence_gets_the_loudness_of_the_one_that_it_replaces() -> None:
    old = OldSound.measure(old_blocks(), RATE, segments())
    for number, level in enumerate(LEVELS, 1):
        piece = old.levelled(number, Piece(1.0, samples=noise(1.5, 0.05, seed=9)))
        assert piece.samples is not None
        assert lufs(piece.samples) == pytest.approx(lufs(noise(2.0, level)), abs=0.5)
    others = old.levelled(4, Piece(1.0, samples=noise(1.5, 0.05)))
    assert others.samples is not None
    assert lufs(others.samples) == pytest.approx(lufs(noise(2.0, 0.1)), abs=0.5), "the median"


def test_what_keeps_its_sound_keeps_its_level() -> None:
    old = OldSound.measure(old_blocks(), RATE, segments())
    kept = Piece(1.0, old=SPANS[0])
    assert old.levelled(1, kept) is kept
    silent = OldSound.measure(iter([np.zeros(20 * RATE, np.float32)]), RATE, segments())
    new = Piece(1.0, samples=noise(1.0, 0.05))
    assert silent.levelled(1, new) is new


def test_no_peak_is_clipped() -> None:
    loud = segments()
    blocks = [noise(20.0, 0.4)]
    old = OldSound.measure(iter(blocks), RATE, loud)
    spiky = noise(1.5, 0.01)
    spiky[5000] = 0.5
    piece = old.levelled(1, Piece(1.0, samples=spiky))
    assert piece.samples is not None
    assert np.abs(piece.samples).max() <= 0.9


def test_the_tone_beneath_a_sentence_is_known_from_the_pauses_of_other_rounds() -> None:
    old = OldSound.measure(old_blocks(), RATE, segments())
    first, behind = round(10.1 * RATE), round(11.9 * RATE)  # a sentence; 2.1 to 3.9 s of the round
    at = np.arange(first, behind)
    in_pause = (at % round(TONE_S * RATE)) > round(3.02 * RATE)  # the first sentence is over then
    assert in_pause.any()
    found, wanted = old.beneath(first, behind), tone(first, behind)
    assert np.array_equal(found[in_pause], wanted[in_pause])
    assert found.std() == pytest.approx(wanted.std(), rel=0.2)


def test_a_sound_without_a_pause_has_no_tone() -> None:
    whole = [replace(one, target=Span(0.0, 20.0)) for one in segments()[:1]]
    old = OldSound.measure(old_blocks(), RATE, whole)
    assert not old.beneath(0, RATE).any()
