"""Every source separator through the same assertions."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.engines.protocols import SourceSeparator
from stslocal.engines.spleeter.separator import SpleeterSeparator
from stslocal.types import Samples
from tests.fake_separator import FakeSeparator
from tests.tiny_spleeter import build

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module", params=["fake", "tiny spleeter"])
def separator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> SourceSeparator:
    if request.param == "fake":
        return FakeSeparator()
    return SpleeterSeparator.load(build(tmp_path_factory.mktemp("spleeter")), threads=1)


def recording(count: int, *channels: int) -> Samples:
    return (0.1 * np.random.default_rng(5).standard_normal((count, *channels))).astype(np.float32)


@pytest.mark.parametrize("channels", [(), (2,)], ids=["mono", "stereo"])
def test_the_voice_has_the_form_of_the_recording_for_any_blocks(
    separator: SourceSeparator, channels: tuple[int, ...]
) -> None:
    samples = recording(separator.sample_rate * 5 + 123, *channels)
    whole = np.concatenate(list(separator.voices([samples])))
    assert whole.shape == samples.shape
    assert whole.dtype == np.float32
    blocks = [samples[:0], *np.array_split(samples, 11), samples[:0]]
    in_blocks = np.concatenate(list(separator.voices(blocks)))
    np.testing.assert_allclose(in_blocks, whole, atol=1e-5)


def test_two_recordings_at_once_do_not_mix(separator: SourceSeparator) -> None:
    samples = recording(separator.sample_rate * 2)
    (alone,) = [np.concatenate(list(separator.voices([samples])))]
    first, second = separator.voices([samples]), separator.voices([-samples])
    pairs = zip(first, second, strict=True)
    one, other = (np.concatenate(each) for each in zip(*pairs, strict=True))
    np.testing.assert_array_equal(one, alone)
    np.testing.assert_allclose(other, -alone, atol=1e-5)


def test_no_recording_has_no_voice(separator: SourceSeparator) -> None:
    assert not list(separator.voices([]))
    assert not np.concatenate(list(separator.voices([recording(9000) * 0]))).any()
