"""The sound that an utterance keeps around its speech."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.files.utterances import FILE_LIMITS, UtteranceCutter
from stslocal.types import WINDOW, WINDOW_S, Utterance

pytestmark = pytest.mark.unit


def cut(scores: list[float]) -> list[Utterance]:
    cutter = UtteranceCutter()
    ended = cutter.push(np.zeros(len(scores) * WINDOW, np.float32), scores)
    return [*ended, *cutter.flush()]


@pytest.mark.parametrize(
    ("spoken", "margin_s"),
    [(10, FILE_LIMITS.answer_margin_s), (100, FILE_LIMITS.margin_s)],
)
def test_a_short_answer_keeps_less_sound_around_it(spoken: int, margin_s: float) -> None:
    (utterance,) = cut([0.0] * 100 + [0.9] * spoken + [0.0] * 100)
    starts_s, ends_s = 100 * WINDOW_S, (100 + spoken) * WINDOW_S
    assert starts_s - utterance.start_s == pytest.approx(margin_s, abs=WINDOW_S)
    assert utterance.end_s - ends_s == pytest.approx(margin_s, abs=WINDOW_S)
    assert utterance.speech[0] == pytest.approx((starts_s, ends_s))


def test_the_weak_rest_of_a_long_utterance_may_be_short() -> None:
    ended = cut([0.9] * 500 + [0.1] * 5 + [0.4] * 135 + [0.0] * 100)
    assert ended
    assert sum(len(one.samples) for one in ended) <= 740 * WINDOW
