"""Pieces of a finished sound are replaced; what is not replaced keeps its samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.files.redo.patching import Piece, patched
from stslocal.results.session_segment import Span
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATE = 1000
SPANS = (Span(0.5, 1.0), Span(1.5, 2.0), Span(2.5, 3.0))


def old_sound(length: int = 3600) -> Samples:
    """Noise in three sentences, a quiet hum in the pauses, and silence at the end."""
    random = np.random.default_rng(1)
    sound = np.full(length, 0.001, np.float32)
    for span in SPANS:
        first, behind = round(span.start_s * RATE), round(span.end_s * RATE)
        sound[first:behind] = random.uniform(0.1, 1, behind - first)
    sound[3200:] = 0
    return sound


def blocks(sound: Samples, size: int = 700) -> Iterator[Samples]:
    for start in range(0, len(sound), size):
        yield sound[start : start + size].copy()


def silent(start: int, end: int) -> Samples:
    return np.zeros(end - start, np.float32)


def new_sound(*pieces: Piece, size: int = 700, length: int = 3600) -> Samples:
    old = old_sound(length)
    return np.concatenate(
        list(patched(blocks(old, size), RATE, pieces, least_s=3.0, last_s=3.0, beneath=silent))
    )


KEPT = tuple(Piece(span.start_s, old=span) for span in SPANS)


@pytest.mark.parametrize("size", [1, 64, 700, 5000])
def test_what_is_not_replaced_is_the_same_with_its_pauses(size: int) -> None:
    assert np.array_equal(new_sound(*KEPT, size=size), old_sound())


def test_a_recording_whose_length_was_rounded_up_makes_the_sound_no_longer() -> None:
    old = old_sound()[:2999]
    same = patched(blocks(old), RATE, KEPT, least_s=3.0, last_s=3.0, beneath=silent)
    assert np.array_equal(np.concatenate(list(same)), old)


def test_a_piece_is_replaced_and_the_pauses_beside_it_are_silent() -> None:
    said = np.ones(300, np.float32)
    sound = new_sound(KEPT[0], Piece(1.5, samples=said), KEPT[2])
    old = old_sound()
    assert np.array_equal(sound[1500:1800], said)
    assert np.array_equal(sound[:1001], old[:1001])
    assert not sound[1001:1500].any()
    assert not sound[1800:2499].any()
    assert np.array_equal(sound[2499:], old[2499:])


def test_a_piece_moves_with_all_its_samples() -> None:
    sound = new_sound(KEPT[0], Piece(1.7, old=SPANS[1]), KEPT[2])
    old = old_sound()
    assert np.array_equal(sound[1700:2200], old[1500:2000])
    assert np.array_equal(sound[2499:], old[2499:])
    assert len(sound) == len(old)


def test_a_piece_is_left_out_and_nothing_of_it_stays() -> None:
    sound, old = new_sound(KEPT[0], Piece(0.0), KEPT[2]), old_sound()
    assert not sound[1001:2499].any()
    assert np.array_equal(sound[2499:], old[2499:])
    assert not new_sound(Piece(0.0), Piece(0.0), Piece(0.0)).any()


def test_the_end_of_the_sound() -> None:
    longer = new_sound(*KEPT[:2], Piece(2.5, samples=np.ones(2000, np.float32)))
    assert len(longer) == 4500
    shorter = new_sound(*KEPT[:2], Piece(2.5, samples=np.ones(100, np.float32)))
    assert len(shorter) == 3600
    assert not shorter[2600:].any()
    cut = new_sound(*KEPT[:2], Piece(2.5, samples=np.ones(100, np.float32)), length=3000)
    assert len(cut) == 3000, "the recording is 3 s long"


@given(st.lists(st.sampled_from(["kept", "new", "moved", "out"]), min_size=3, max_size=3),
       st.integers(1, 4000))  # fmt: skip
def test_each_piece_is_where_it_is_to_be(kinds: list[str], size: int) -> None:
    said = np.full(200, 0.5, np.float32)
    pieces, old = [], old_sound()
    for kind, span in zip(kinds, SPANS, strict=True):
        pieces.append(
            {
                "kept": Piece(span.start_s, old=span),
                "new": Piece(span.start_s, samples=said),
                "moved": Piece(span.start_s + 0.1, old=span),
                "out": Piece(0.0),
            }[kind]
        )
    sound = new_sound(*pieces, size=size)
    for kind, span in zip(kinds, SPANS, strict=True):
        first, behind = round(span.start_s * RATE), round(span.end_s * RATE)
        if kind == "kept":
            assert np.array_equal(sound[first:behind], old[first:behind])
        elif kind == "new":
            assert np.array_equal(sound[first : first + 200], said)
        elif kind == "moved":
            assert np.array_equal(sound[first + 100 : behind + 100], old[first:behind])
        else:
            assert not sound[first:behind].any()
