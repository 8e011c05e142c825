"""The echo of the loudspeaker is taken out of the input, in simulated rooms."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from corpus import OWN, Corpus
from rooms import Room, decibels, reading, speechlike

from stslocal.audio.echo_canceller import EchoCanceller
from stslocal.audio.kalman_filter import HOP
from stslocal.audio.resample import resample
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit

BLOCK = 800
SECONDS = 24.0


@cache
def speaker() -> Samples:
    return reading(Corpus.read(OWN), "en", SECONDS)


@cache
def voice() -> Samples:
    """What the loudspeaker plays."""
    return reading(Corpus.read(OWN), "pt", SECONDS)


def cancelled(
    canceller: EchoCanceller,
    captured: Samples,
    played: Samples,
    *,
    jitter_s: float = 0.0,
    with_positions: bool = True,
    block: int = BLOCK,
) -> Samples:
    """What the recognizer has in the end, aligned with the input; the last hop is missing."""
    rng = np.random.default_rng(0)
    given = np.zeros(0, np.float32)
    sent, piece = 0, 3200
    for start in range(0, len(captured), block):
        while sent < min(len(played), start + block + 6400):
            at_s = sent / RECOGNITION_RATE + rng.uniform(-jitter_s, jitter_s)
            position = sent if with_positions else None
            canceller.played(played[sent : sent + piece], RECOGNITION_RATE, at_s, position)
            sent += piece
        samples, _ = canceller.process(captured[start : start + block], start / RECOGNITION_RATE)
        assert len(samples) == len(captured[start : start + block])
        corrected = canceller.take_corrected()
        given = np.concatenate([given[: len(given) - len(corrected)], corrected, samples])
    return given[HOP:]


def part(samples: Samples, from_s: float, until_s: float) -> Samples:
    return samples[round(from_s * RECOGNITION_RATE) : round(until_s * RECOGNITION_RATE)]


def less_echo_db(left: Samples, echo: Samples, from_s: float, until_s: float) -> float:
    """By how much less of the echo there is in this time."""
    return decibels(part(echo, from_s, until_s)) - decibels(part(left, from_s, until_s))


@pytest.mark.parametrize(
    ("room", "least_db"),
    [
        (Room(), 12),
        (Room(echo_db=10), 15),
        (Room(echo_db=-10), 6),
        (Room(delay_s=0.02, reverberation_s=0.15), 12),
        (Room(delay_s=0.6, reverberation_s=0.4), 12),
        (Room(drift_ppm=-200, echo_db=6), 11),
        (Room(distortion=1.0), 6),
    ],
)
def test_the_echo_is_taken_out_while_somebody_speaks_all_the_time(
    room: Room, least_db: float
) -> None:
    canceller = EchoCanceller()
    given = cancelled(canceller, room.captured(voice(), speaker()), voice(), jitter_s=0.004)
    left = given - speaker()[:-HOP]
    assert less_echo_db(left, room.echo(voice()), 16, 23) >= least_db
    assert canceller.state.is_audible
    assert canceller.state.works


@pytest.mark.parametrize("echo_db", [-6, 0])
def test_a_speaker_is_not_silenced_while_the_loudspeaker_plays(echo_db: float) -> None:
    room = Room(echo_db=echo_db)
    given = cancelled(EchoCanceller(), room.captured(voice(), speaker()), voice())
    wanted = speaker()[:-HOP].reshape(-1, HOP)
    loud = np.square(wanted).mean(axis=1) > 10**-4.6
    silent = np.square(given.reshape(-1, HOP)).mean(axis=1) < 1e-10
    assert np.count_nonzero(loud & silent) < 0.01 * np.count_nonzero(loud)


@pytest.mark.parametrize(
    ("room", "least_db", "muted_s"),
    [
        (Room(), 30, 10),
        (Room(echo_db=-20), 15, 5),
        (Room(drift_ppm=-200), 12, 5),
        (Room(distortion=1.0), 12, 5),
    ],
)
def test_while_only_the_echo_is_there_the_recognizer_gets_silence(
    room: Room, least_db: float, muted_s: float
) -> None:
    canceller = EchoCanceller()
    given = cancelled(canceller, room.captured(voice()), voice(), jitter_s=0.004)
    assert less_echo_db(given, room.echo(voice()), 10, 23) >= least_db
    assert canceller.muted_s > muted_s
    assert canceller.state.reduction_db > 9
    assert canceller.state.works


def test_within_two_seconds_little_of_our_own_voice_is_left() -> None:
    room = Room(delay_s=0.15)
    played = part(voice(), 0, 5.5)
    given = cancelled(EchoCanceller(), room.captured(played), played)
    assert less_echo_db(given, room.echo(played), 2, 5) >= 10


def test_another_room_is_learnt_again() -> None:
    room = Room(changes_at_s=12.0)
    canceller = EchoCanceller()
    given = cancelled(canceller, room.captured(voice(), speaker()), voice())
    left = given - speaker()[:-HOP]
    assert less_echo_db(left, room.echo(voice()), 8, 12) >= 10
    assert less_echo_db(left, room.echo(voice()), 18, 23) >= 10
    assert canceller.state.works


def test_pauses_between_sentences_do_not_shift_the_played_sound() -> None:
    """The device plays silence of its own, and reports each beginning a little wrong."""
    canceller, rng = EchoCanceller(), np.random.default_rng(1)
    played = np.zeros_like(voice())
    starts = [round(second * RECOGNITION_RATE) for second in (0.0, 5.3, 11.1, 16.4, 20.2)]
    sentence = round(4.0 * RECOGNITION_RATE)
    for start in starts:
        played[start : start + sentence] = voice()[start : start + sentence]
    room = Room()
    captured = room.captured(played)
    left = []
    for begin in range(0, len(captured), BLOCK):
        for start in starts:
            if begin <= max(0, start - 2 * BLOCK) < begin + BLOCK:
                at_s = start / RECOGNITION_RATE + rng.uniform(-0.01, 0.01)
                canceller.played(
                    played[start : start + sentence], RECOGNITION_RATE, at_s, start + 0.3
                )
        left.append(canceller.process(captured[begin : begin + BLOCK], begin / RECOGNITION_RATE)[0])
    # The first half second of the fourth sentence.
    assert less_echo_db(np.concatenate(left)[HOP:], room.echo(played), 16.5, 17.0) > 15


def test_sound_of_another_rate_is_played_at_the_same_time() -> None:
    canceller = EchoCanceller()
    room = Room()
    sound = part(voice(), 0, 14)
    captured = room.captured(sound)
    rate = 24_000
    played = resample(sound, RECOGNITION_RATE, rate)
    given = []
    for begin in range(0, len(captured), BLOCK):
        piece = slice(begin * 3 // 2, (begin + BLOCK) * 3 // 2)
        canceller.played(played[piece], rate, begin / RECOGNITION_RATE, piece.start)
        given.append(
            canceller.process(captured[begin : begin + BLOCK], begin / RECOGNITION_RATE)[0]
        )
    left = np.concatenate(given)[HOP:]
    assert less_echo_db(left, room.echo(sound), 8, 13) > 25


def test_of_100_sessions_without_an_echo_none_is_gated() -> None:
    played = [speechlike(seed, 3.0) for seed in range(7)]
    played += [part(voice(), start, start + 3) for start in (1, 7, 13)]
    said = [speechlike(50 + seed, 3.0) for seed in range(4)]
    said += [part(speaker(), start, start + 3) for start in (0, 4, 8, 12, 16)]
    said.append(np.asarray(0.01 * np.random.default_rng(99).standard_normal(48_000), np.float32))
    changed, gated_s = 0, 0.0
    for first, sound in enumerate(played):
        for second, speech in enumerate(said):
            canceller = EchoCanceller()
            loud = speech * np.float32(10 ** ((first - second) / 20))
            given = cancelled(canceller, loud, sound)
            gated_s += canceller.muted_s
            changed += not np.array_equal(given, loud[:-HOP])
    assert gated_s == 0.0
    assert changed <= 5, "two voices that are alike may look like an echo, for a while"


def test_without_an_echo_it_is_known_after_some_seconds() -> None:
    canceller = EchoCanceller()
    cancelled(canceller, part(speaker(), 0, 8), part(voice(), 0, 8))
    assert canceller.state.is_audible is False


@pytest.mark.parametrize("block", [1, 100, 5 * RECOGNITION_RATE])
def test_blocks_may_have_any_length(block: int) -> None:
    room = Room()
    seconds = 2.0 if block == 1 else 6.0
    played = part(voice(), 0, seconds)
    captured = room.captured(played)
    usual = cancelled(EchoCanceller(), captured, played)
    given = cancelled(EchoCanceller(), captured, played, block=block)
    assert np.allclose(given, usual, atol=1e-6)


def test_numbers_that_are_none_do_not_last() -> None:
    played = part(voice(), 0, 14).copy()
    echo = Room().echo(played)
    captured = Room().captured(played)
    played[80_000:80_100] = np.nan
    captured[96_000:96_050] = np.inf
    captured[97_000:97_050] = np.nan
    given = cancelled(EchoCanceller(), captured, played)
    assert np.isfinite(given).all()
    assert less_echo_db(given, echo, 9, 13) > 20


@pytest.mark.parametrize("moved_s", [-3600.0, 0.2])
def test_a_device_that_begins_anew_is_followed(moved_s: float) -> None:
    """The count of its samples begins anew, and so does what it reports."""
    canceller = EchoCanceller()
    room = Room()
    captured = room.captured(voice())
    given = []
    for begin in range(0, len(captured), BLOCK):
        position = begin + (moved_s * RECOGNITION_RATE if begin > 160_000 else 0.0)
        at_s = begin / RECOGNITION_RATE
        canceller.played(voice()[begin : begin + BLOCK], RECOGNITION_RATE, at_s, position)
        given.append(canceller.process(captured[begin : begin + BLOCK], at_s)[0])
    left = np.concatenate(given)[HOP:]
    assert less_echo_db(left, room.echo(voice()), 16, 23) > 20


def test_times_alone_are_enough_if_they_are_exact() -> None:
    room = replace(Room(), echo_db=6)
    played = part(voice(), 0, 14)
    given = cancelled(EchoCanceller(), room.captured(played), played, with_positions=False)
    assert less_echo_db(given, room.echo(played), 8, 13) > 20


def rattling(samples: Samples) -> Samples:
    """A loudspeaker that adds noise twice as loud as the sound, and that comes and goes with it."""
    window = np.hanning(400)
    loudness = np.sqrt(np.convolve(np.square(samples), window / window.sum(), "same"))
    noise = np.random.default_rng(5).standard_normal(len(samples))
    return np.asarray(samples + 2.0 * loudness * noise, np.float32)


def test_a_loudspeaker_that_no_filter_predicts_is_noticed() -> None:
    canceller = EchoCanceller()
    played = part(np.tile(voice(), 2), 0, 36)
    cancelled(canceller, Room().captured(rattling(played)), played)
    assert canceller.state.is_audible
    assert canceller.state.works is False


def test_headphones_that_nobody_reported_are_noticed() -> None:
    """The echo is gone from one moment to the next; half a minute later it is there again."""
    canceller = EchoCanceller()
    played = part(np.tile(voice(), 3), 0, 56)
    captured = part(np.tile(speaker(), 3), 0, 56)
    echo = Room().echo(played)
    echo[8 * RECOGNITION_RATE : 42 * RECOGNITION_RATE] = 0.0
    states = []
    search = canceller._search

    def observed(searched_s: float) -> None:
        search(searched_s)
        states.append((canceller._count / RECOGNITION_RATE, canceller.state))

    canceller._search = observed  # type: ignore[method-assign]
    given = cancelled(canceller, captured + echo, played)
    assert all(state.is_audible for at_s, state in states if 4 < at_s < 28)
    assert all(state.is_audible is False for at_s, state in states if 38 < at_s < 42)
    assert canceller.state.is_audible
    assert np.array_equal(part(given, 38, 42), part(captured, 38, 42))


def test_a_weak_echo_that_is_seldom_found_is_not_gone() -> None:
    canceller = EchoCanceller()
    played, said = np.tile(voice(), 2), np.tile(speaker(), 2)
    given = cancelled(canceller, Room(echo_db=-10).captured(played, said), played)
    assert canceller.state.is_audible
    left = given - said[:-HOP]
    assert less_echo_db(left, Room(echo_db=-10).echo(played), 40, 47) >= 6


@pytest.mark.parametrize("block", [100, 800, 5000])
def test_what_was_said_before_the_echo_was_found_is_cleaned_once_it_is(block: int) -> None:
    room = Room()
    near, echo = speaker()[: 6 * RECOGNITION_RATE], room.echo(voice())[: 6 * RECOGNITION_RATE]
    canceller = EchoCanceller()
    canceller.played(voice(), RECOGNITION_RATE, 0.0, 0)
    given = np.zeros(0, np.float32)
    for start in range(0, len(near), block):
        captured = (near + echo)[start : start + block]
        samples, _ = canceller.process(captured, start / RECOGNITION_RATE)
        corrected = canceller.take_corrected()
        if len(corrected):
            break
        given = np.concatenate([given, samples])
    assert len(corrected)
    assert not len(canceller.take_corrected()), "only once"
    behind = len(given)
    corrected = np.concatenate([given[: behind - len(corrected)], corrected, samples])[HOP:]
    said = near[: len(corrected)]
    until_s = len(corrected) / RECOGNITION_RATE
    assert until_s > 0.4
    # The filter is not good yet, and there is little sound to learn from.
    assert less_echo_db(corrected - said, echo, 0.2, until_s) > 6
