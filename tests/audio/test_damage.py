"""Damaged recordings of every container give sound or one error, and never end the process.

`scripts/fuzz/recordings.py` does the same with thousands of mutations.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.decode import read_blocks
from tests.audio.videos import RATE, Track, clicks, make_video

pytestmark = pytest.mark.unit

FUZZ = Path(__file__).parents[2] / "scripts" / "fuzz" / "recordings.py"


def test_a_few_mutations_of_every_format() -> None:
    done = subprocess.run(
        [sys.executable, str(FUZZ), "--once", "6", "--seed", "600"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, "\n".join(lines[-5:])
    assert lines[-1].startswith("all: ")
    assert int(lines[-1].split()[1]) > 150


@pytest.mark.parametrize("form", ["mkv", "webm"])
def test_a_video_that_was_cut_off_is_reported(tmp_path: Path, form: str) -> None:
    sound = clicks([0.5 * number for number in range(20)], 10.0)
    whole = make_video(tmp_path / f"whole.{form}", (0.2,), 10.0, [Track(sound)])
    data = whole.read_bytes()
    cut = tmp_path / f"cut.{form}"
    cut.write_bytes(data[: len(data) * 6 // 10])
    for path, has_all in ((whole, True), (cut, False)):
        warnings: list[str] = []
        read = np.concatenate(list(read_blocks(path, sample_rate=RATE, on_warning=warnings.append)))
        assert (len(read) > 9.9 * RATE) is has_all
        assert ["it may have been cut off" in one for one in warnings] == [True] * (not has_all)


def test_sound_that_ends_before_the_pictures_is_no_damage(tmp_path: Path) -> None:
    sound = clicks([0.5 * number for number in range(8)], 4.0)
    path = make_video(tmp_path / "talk.mkv", (0.2,), 10.0, [Track(sound)])
    warnings: list[str] = []
    assert list(read_blocks(path, on_warning=warnings.append))
    assert warnings == []
