from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from stslocal.errors import EngineError
from stslocal.files.lateness import Lateness
from stslocal.files.placement import (
    COMFORTABLE_SPEED,
    MAX_FILE_LAG_S,
    PAUSE_S,
    USUAL_PLACEMENT,
    PlacementLimits,
)
from stslocal.files.speak import LOOKAHEAD_S, PlacedSegment, Synthesize
from stslocal.pipeline.inline import run_inline
from stslocal.pipeline.stage import chain
from stslocal.types import Samples, Segment, TranslatedSegment, VoiceProfile
from tests.fakes import FakeSynthesizer

pytestmark = pytest.mark.unit

VOICE = VoiceProfile("alto", "fake", {})
WORD_S = 0.3
"""Seconds that the fake synthesizer takes for a word."""


def translated(index: int, start_s: float, end_s: float, text: str) -> TranslatedSegment:
    return TranslatedSegment(Segment(index, start_s, end_s, text, "en"), text, "pt", 0.0)


def words(count: int) -> str:
    return " ".join(["word"] * count)


def fast_speaker(count: int, load: float) -> list[TranslatedSegment]:
    """Sentences of 6 s without a pause, whose speech takes `load` times as long."""
    text = words(round(6.0 * load / WORD_S))
    return [translated(n, n * 6.0, (n + 1) * 6.0, text) for n in range(count)]


def synthesize(
    *items: TranslatedSegment,
    workers: int = 1,
    synthesizer: FakeSynthesizer | None = None,
    limits: PlacementLimits = USUAL_PLACEMENT,
) -> list[PlacedSegment]:
    stage = Synthesize(synthesizer or FakeSynthesizer(), VOICE, limits=limits, workers=workers)
    return list(run_inline(iter(items), chain(stage)))


def lags(placed: list[PlacedSegment]) -> list[float]:
    return [one.start_s - one.spoken.translated.segment.start_s for one in placed]


def speeds(placed: list[PlacedSegment]) -> list[float]:
    return [one.spoken.speed for one in placed]


def test_speech_is_only_as_fast_as_its_room_requires() -> None:
    roomy = synthesize(translated(0, 1.0, 4.0, words(10)), translated(1, 10.0, 13.0, words(10)))
    assert speeds(roomy) == [1.0, 1.0]
    tight = synthesize(translated(0, 0.0, 2.7, words(10)), translated(1, 2.8, 5.0, words(10)))
    assert speeds(tight)[0] == pytest.approx(3.0 / 2.68, abs=0.01)
    assert tight[1].start_s == pytest.approx(2.8, abs=0.05)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("load", [1.3, 1.4])
def test_a_fast_speaker_is_followed_within_the_lag(load: float, workers: int) -> None:
    placed = synthesize(*fast_speaker(30, load), workers=workers)
    assert max(lags(placed)) <= MAX_FILE_LAG_S
    assert COMFORTABLE_SPEED < max(speeds(placed)) <= load + 0.05
    for before, after in pairwise(placed):
        assert after.start_s >= before.end_s + PAUSE_S - 1e-6


def test_speech_above_the_comfortable_speed_is_as_short_as_its_speed_says() -> None:
    (hurried, _) = synthesize(
        translated(0, 0.0, 6.0, words(30)), translated(1, 6.0, 7.0, words(3)),
        limits=PlacementLimits(max_lag_s=0.5),
    )  # fmt: skip
    speed = hurried.spoken.speed
    assert speed == pytest.approx(9.0 / (6.0 + 0.45 - PAUSE_S))
    (calm,) = synthesize(translated(0, 0.0, 6.0, words(30)))
    assert hurried.spoken.duration_s == pytest.approx(calm.spoken.duration_s / speed, abs=0.05)


def test_the_voice_alone_is_asked_for_no_more_than_the_comfortable_speed() -> None:
    asked = _Asked()
    synthesize(*fast_speaker(8, 1.8), synthesizer=asked)
    assert max(asked.speeds) == COMFORTABLE_SPEED


@dataclass(slots=True)
class _Asked(FakeSynthesizer):
    speeds: list[float] = field(default_factory=list)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        self.speeds.append(speed)
        return FakeSynthesizer.synthesize(self, text, language=language, voice=voice, speed=speed)


class _Underestimates(FakeSynthesizer):
    """Speaks for a third longer than it says before."""

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        spoken_s = super().estimate_s(text, language=language, voice=voice, speed=speed)
        return 0.75 * spoken_s


def test_what_an_engine_estimates_is_corrected_by_what_it_speaks() -> None:
    placed = synthesize(*fast_speaker(40, 1.35), synthesizer=_Underestimates())
    assert max(lags(placed)[12:]) <= MAX_FILE_LAG_S


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_segments_leave_in_order_with_any_number_of_workers(workers: int) -> None:
    items = [translated(n, n * 2.0, n * 2.0 + 1, "a few words " * (n % 3 + 1)) for n in range(12)]
    placed = synthesize(*items, workers=workers)
    assert [one.spoken.index for one in placed] == list(range(12))
    assert all(one.spoken.voice == "alto" and one.spoken.duration_s > 0 for one in placed)


def test_two_runs_with_two_workers_are_the_same() -> None:
    runs = [synthesize(*fast_speaker(12, 1.4), workers=2) for _ in range(2)]
    assert speeds(runs[0]) == speeds(runs[1])
    assert [one.start_s for one in runs[0]] == [one.start_s for one in runs[1]]


def test_a_segment_leaves_when_the_sentences_after_it_are_known() -> None:
    stage = Synthesize(FakeSynthesizer(), VOICE)
    came = [len(list(stage.process(item))) for item in fast_speaker(20, 1.0)]
    stage.close()
    assert sum(came) >= 20 - LOOKAHEAD_S / 6.0 - 3


def test_a_segment_without_words_is_silent() -> None:
    (one,) = synthesize(translated(0, 0.0, 1.0, ""))
    assert one.spoken.duration_s == 0.0


def test_the_error_of_an_engine_is_raised() -> None:
    stage = Synthesize(FakeSynthesizer(fails_at=1), VOICE)
    list(stage.process(translated(0, 0.0, 1.0, "one")))
    list(stage.process(translated(1, 2.0, 3.0, "two")))
    with pytest.raises(EngineError):
        list(stage.finish())
    stage.close()


def late_sentence(placed: list[PlacedSegment], limits: PlacementLimits = USUAL_PLACEMENT) -> str:
    lateness = Lateness(limits)
    for one in placed:
        lateness.add(one)
    return lateness.sentence()


def test_what_is_late_is_said_with_its_number_and_the_worst() -> None:
    placed = synthesize(*fast_speaker(12, 2.0))
    late = [lag for lag in lags(placed) if lag > MAX_FILE_LAG_S]
    assert 4 < len(late) < 12
    places = ", ".join(f"0:{n * 6:02}" for n in range(12 - len(late), 16 - len(late)))
    assert late_sentence(placed) == (
        f"{len(late)} sentences are spoken more than 4 s late (at {places} and {len(late) - 4} "
        f"more), the worst {late[-1]:.1f} s at 1:06: `--speed-cap 2` allows faster speech"
    )
    fastest = PlacementLimits(max_speed=2.0, max_lag_s=0.5)
    (*_, last) = placed = synthesize(
        translated(0, 0.0, 3.0, words(30)), translated(1, 3.0, 9.0, words(2)), limits=fastest
    )
    assert late_sentence(placed, fastest) == (
        f"1 sentence is spoken more than 0.5 s late, the worst {last.start_s - 3.0:.1f} s at 0:03"
    )


def shortening(
    *items: TranslatedSegment, ways: dict[int, list[str]]
) -> tuple[list[PlacedSegment], list[TranslatedSegment]]:
    taken: list[TranslatedSegment] = []
    stage = Synthesize(
        FakeSynthesizer(), VOICE,
        shorter=lambda item: ways.get(item.index, []), on_shortened=taken.append,
    )  # fmt: skip
    return list(run_inline(iter(items), chain(stage))), taken


TOO_LONG = (translated(0, 0.0, 3.0, words(20)), translated(1, 3.1, 6.0, words(8)))
"""6 s of speech in the place of 3 s, and a sentence that follows at once."""


def test_what_is_too_long_is_said_in_the_longest_way_that_fits() -> None:
    (first, second), taken = shortening(
        *TOO_LONG, ways={0: [words(16), words(12), words(11), words(4)]}
    )
    assert first.spoken.translated.text == words(12)
    assert first.spoken.translated.translation_s > 0.0
    assert first.spoken.speed <= COMFORTABLE_SPEED
    assert second.start_s - 3.1 <= 0.5
    assert [item.text for item in taken] == [words(12)]


def test_where_no_way_fits_the_shortest_is_said() -> None:
    (first, _), taken = shortening(*TOO_LONG, ways={0: [words(18), words(16)]})
    assert first.spoken.translated.text == words(16)
    assert len(taken) == 1


def test_a_way_that_takes_as_long_is_not_said() -> None:
    (first, _), taken = shortening(*TOO_LONG, ways={0: [words(20).replace("word", "wo")]})
    assert first.spoken.translated.text == words(20)
    assert taken == []


def test_what_fits_stays_as_it_is() -> None:
    fits = (translated(0, 0.0, 3.0, words(12)), translated(1, 3.1, 6.0, words(8)))
    every = {0: [words(2)], 1: [words(2)]}
    for items in (fits, (*fits[:1], translated(1, 9.0, 12.0, words(60)))):
        placed, taken = shortening(*items, ways=every)
        assert [one.spoken.translated.text for one in placed] == [item.text for item in items]
        assert taken == []


def test_nothing_is_said_where_nothing_is_late() -> None:
    assert late_sentence(synthesize(*fast_speaker(10, 1.1))) == ""
    silent = PlacedSegment(
        synthesize(translated(0, 0.0, 1.0, ""))[0].spoken, start_s=np.float64(60.0)
    )
    assert late_sentence([silent]) == ""
