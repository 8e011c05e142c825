from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.live.lag import (
    MAX_LIVE_SPEED,
    MAX_SPEED_FOR_LOAD,
    RELIEFS,
    LagController,
    Pace,
    Relief,
    lag_limits_for,
)
from stslocal.types import Segment

pytestmark = pytest.mark.unit


def segment(index: int, start_s: float, end_s: float) -> Segment:
    return Segment(index, start_s, end_s, "text", "en")


@dataclass
class Talk:
    """A speaker, a synthesizer and a loudspeaker, made of arithmetic."""

    controller: LagController
    length_s: float = 3.0
    """Seconds of each source segment."""
    expansion: float = 1.0
    """Seconds of translated speech at speed 1 for each second of source."""
    cost: float = 0.5
    """Seconds of work for each second of speech."""
    overhead_s: float = 0.6
    """From the end of a segment to the start of its synthesis."""
    pause_s: float = 0.3
    now_s: float = 0.0
    free_s: float = 0.0

    def run(self, duration_s: float, *, silence_s: float = 0.0) -> list[Pace]:
        """Speak for `duration_s`, with silence after each segment, and return their paces."""
        paces = []
        at_s = self.now_s
        for index in range(int(duration_s / (self.length_s + silence_s))):
            piece = segment(index, at_s, at_s + self.length_s)
            at_s = piece.end_s + silence_s
            self.now_s = max(self.now_s, piece.end_s + self.overhead_s)
            expected_s = self.length_s * self.expansion
            # Playback starts when the first second of speech is ready and the rest will be in time.
            wait_s = self.cost * 1.0 + max(0.0, (self.cost - 1) * expected_s)
            pace = self.controller.pace(
                piece,
                expected_s=expected_s,
                ready_s=self.now_s + wait_s,
                free_s=self.free_s,
            )
            paces.append(pace)
            if pace.spoken:
                start_s = max(self.now_s + wait_s, self.free_s + self.pause_s * pace.pause_scale)
                self.free_s = start_s + expected_s / pace.speed
                self.now_s += self.cost * expected_s / pace.speed
        return paces


def test_slow_talk_is_spoken_at_the_usual_pace() -> None:
    paces = Talk(LagController()).run(120, silence_s=1.5)
    assert {pace.speed for pace in paces} == {1.0}
    assert {pace.pause_scale for pace in paces} == {1.0}
    assert all(pace.spoken for pace in paces)


def test_speech_longer_than_its_source_is_made_faster_before_lag_has_grown() -> None:
    paces = Talk(LagController(), expansion=1.1).run(600)
    assert max(pace.behind_s for pace in paces) < 3.0
    assert paces[-1].behind_s < paces[20].behind_s + 0.3, "no growth over ten minutes"
    assert max(pace.speed for pace in paces) <= MAX_SPEED_FOR_LOAD + 0.05


def test_lag_stays_within_its_bound_as_long_as_speech_can_be_fast_enough() -> None:
    paces = Talk(LagController(), expansion=1.2).run(600)
    assert max(pace.behind_s for pace in paces) < 4.0
    assert all(pace.spoken for pace in paces)


def test_who_chose_quick_has_speech_a_little_faster_and_less_late() -> None:
    behind_s, first = {}, {}
    for patience in ("quick", "balanced"):
        limits = lag_limits_for(patience, 4.0)
        paces = Talk(LagController(limits), expansion=1.3, cost=0.3).run(300)
        behind_s[patience] = sorted(pace.behind_s for pace in paces)
        first[patience] = Talk(LagController(limits)).run(3)[0].speed
        assert max(pace.speed for pace in paces) <= MAX_LIVE_SPEED
    assert sum(behind_s["quick"]) < 0.9 * sum(behind_s["balanced"])
    assert behind_s["quick"][-1] < behind_s["balanced"][-1]
    assert first["quick"] > first["balanced"] == 1.0, "as if a queue were to grow"


def test_quick_leaves_out_as_little_as_the_others() -> None:
    left_out = []
    for patience in ("quick", "balanced"):
        controller = LagController(lag_limits_for(patience, 4.0))
        Talk(controller, cost=3.0).run(600)
        left_out.append(controller.counts["text"])
    assert left_out[0] <= left_out[1]


def test_dense_speech_is_spoken_fast_enough_to_stay_within_the_bound() -> None:
    controller = LagController()
    paces = Talk(controller, expansion=1.4, cost=0.3).run(600)
    assert max(pace.behind_s for pace in paces) <= 4.0
    assert MAX_SPEED_FOR_LOAD < max(pace.speed for pace in paces) <= MAX_LIVE_SPEED
    assert controller.counts["text"] == 0


def test_reliefs_are_taken_in_order_and_given_up_again() -> None:
    changes: list[tuple[Relief, bool]] = []
    controller = LagController(on_change=lambda relief, taken, _: changes.append((relief, taken)))
    talk = Talk(controller, expansion=2.0)
    talk.run(120)
    first_taken = list(dict.fromkeys(relief for relief, taken in changes if taken))
    assert first_taken == [relief for relief in RELIEFS if relief in first_taken]
    assert "text" in first_taken
    talk.expansion = 0.8
    talk.run(240, silence_s=2.0)
    assert controller.active == frozenset()
    assert [taken for relief, taken in changes if relief == "hop"][-1] is False


def test_with_a_far_too_slow_synthesizer_some_segments_stay_text_and_lag_is_bounded() -> None:
    controller = LagController()
    paces = Talk(controller, cost=3.0).run(600)
    spoken = [pace for pace in paces if pace.spoken]
    assert max(pace.behind_s for pace in spoken) <= 3 * controller.limits.max_lag_s
    assert controller.counts["text"] == len(paces) - len(spoken), "unspoken segments are counted"
    assert len(spoken) > len(paces) / 5


def test_a_relief_that_is_not_available_is_not_taken() -> None:
    controller = LagController(available=("pauses", "speed"))
    paces = Talk(controller, cost=3.0).run(300)
    assert all(pace.spoken for pace in paces)
    assert set(controller.counts) == {"pauses", "speed"}


@given(
    st.lists(
        st.tuples(st.floats(0.2, 12), st.floats(0, 5), st.floats(0, 20), st.floats(0, 30)),
        max_size=40,
    )
)
def test_speed_is_bounded_and_changes_little_between_segments(
    talk: list[tuple[float, float, float, float]],
) -> None:
    controller = LagController()
    at_s = before = 0.0
    for index, (length_s, silence_s, expected_s, behind_s) in enumerate(talk):
        piece = segment(index, at_s, at_s + length_s)
        at_s += length_s + silence_s
        pace = controller.pace(
            piece,
            expected_s=expected_s,
            ready_s=piece.end_s + 0.5,
            free_s=piece.end_s + behind_s,
        )
        assert 1.0 <= pace.speed <= MAX_LIVE_SPEED
        assert abs(pace.speed - (before or 1.0)) <= 0.16 + 1e-9
        assert 0.25 <= pace.pause_scale <= 1.0
        before = pace.speed
