"""Spleeter's separation, on networks with the inputs and outputs of the published files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from stslocal.engines.spleeter.frames import HOP, LAP, SIZE
from stslocal.engines.spleeter.separator import FILES, PIECE, SEEN, SpleeterSeparator
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.types import Samples
from tests.tiny_spleeter import build, build_known

pytestmark = pytest.mark.unit

RATE = SpleeterSeparator.sample_rate
BIN_HZ = RATE / SIZE
PIECE_COUNT = PIECE * HOP


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> SpleeterSeparator:
    """For it the voice is what is from 215 to 646 Hz."""
    return SpleeterSeparator.load(build_known(tmp_path_factory.mktemp("known"), 20, 60), threads=1)


@pytest.fixture(scope="module")
def random(tmp_path_factory: pytest.TempPathFactory) -> SpleeterSeparator:
    return SpleeterSeparator.load(build(tmp_path_factory.mktemp("random")), threads=1)


def tone(hertz: float, count: int, level: float = 0.1) -> Samples:
    return (level * np.sin(2 * np.pi * hertz * np.arange(count) / RATE)).astype(np.float32)


def noise(count: int, *channels: int) -> Samples:
    return (0.1 * np.random.default_rng(3).standard_normal((count, *channels))).astype(np.float32)


def voice_of(separator: SpleeterSeparator, *blocks: Samples) -> Samples:
    return np.concatenate(list(separator.voices(blocks)))


def inside(samples: Samples) -> Samples:
    """Without the first and the last half second, where a tone that starts is more than a tone."""
    return samples[RATE // 2 : -RATE // 2]


def test_the_voice_is_found_and_the_music_is_not(known: SpleeterSeparator) -> None:
    voice, music = tone(400.0, 30 * RATE), tone(2000.0, 30 * RATE)
    found = voice_of(known, voice + music)
    np.testing.assert_allclose(inside(found), inside(voice), atol=1e-5)


def test_each_channel_has_its_own_voice(known: SpleeterSeparator) -> None:
    left, right = tone(300.0, 14 * RATE), tone(500.0, 14 * RATE, 0.02)
    found = voice_of(known, np.stack([left, right], axis=1) + tone(3000.0, 14 * RATE)[:, None])
    assert found.shape == (14 * RATE, 2)
    np.testing.assert_allclose(inside(found[:, 0]), inside(left), atol=1e-5)
    np.testing.assert_allclose(inside(found[:, 1]), inside(right), atol=1e-5)


@pytest.mark.parametrize("channels", [(), (2,)], ids=["mono", "stereo"])
def test_pieces_give_the_same_as_the_whole(
    random: SpleeterSeparator, channels: tuple[int, ...]
) -> None:
    recording = noise(2 * PIECE_COUNT + 90_000, *channels)
    whole = voice_of(random, recording)
    np.testing.assert_array_equal(
        voice_of(random, *np.array_split(recording, 97)), whole, "any division into blocks"
    )
    expected = at_once(random, recording.reshape(len(recording), -1).T).T
    np.testing.assert_allclose(whole, expected.reshape(whole.shape), atol=2e-6)


def at_once(separator: SpleeterSeparator, recording: Samples) -> Samples:
    """The voice by the definition: all frames, one run of each network, and all frames again."""
    channels, count = recording.shape
    pieces = -(-(count + LAP) // PIECE_COUNT)
    padded = np.zeros((channels, (pieces * PIECE - 1) * HOP + SIZE))
    padded[:, LAP : LAP + count] = recording
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
    starts = range(0, pieces * PIECE * HOP, HOP)
    frames = np.stack([padded[:, at : at + SIZE] * window for at in starts], axis=1)
    spectra = np.fft.rfft(frames, axis=2)
    seen = np.abs(spectra[:, :, :SEEN]).reshape(channels, pieces, PIECE, SEEN)
    given = np.broadcast_to(seen, (2, *seen.shape[1:])).astype(np.float32)
    voice, rest = (net.run(None, {"x": given})[0] ** 2 for net in separator._networks)
    voice, rest = (each.reshape(2, -1, SEEN) for each in (voice, rest))
    if channels == 1:
        voice, rest = (each.mean(axis=0, keepdims=True) for each in (voice, rest))
    share = (voice + 5e-11) / (voice + rest + 1e-10)
    high, low = (each[:, :, -256:].sum(axis=2, keepdims=True) for each in (voice, rest))
    above = (high + 5e-11) / (high + low + 1e-10)
    share = np.concatenate([share, np.repeat(above, SIZE // 2 + 1 - SEEN, axis=2)], axis=2)
    made, weight = np.zeros(padded.shape), np.zeros(padded.shape[1])
    for at, frame in zip(starts, np.fft.irfft(spectra * share).swapaxes(0, 1), strict=True):
        made[:, at : at + SIZE] += frame * window
        weight[at : at + SIZE] += window**2
    found: Samples = (made[:, LAP : LAP + count] / weight[LAP : LAP + count]).astype(np.float32)
    return found


@pytest.mark.parametrize(
    "count",
    [1, 5000, PIECE_COUNT - LAP, PIECE_COUNT - 1, PIECE_COUNT, PIECE_COUNT + LAP, PIECE_COUNT + 1],
)
def test_the_voice_is_as_long_as_the_recording(known: SpleeterSeparator, count: int) -> None:
    assert voice_of(known, noise(count, 2)).shape == (count, 2)
    assert len(voice_of(known, noise(count))) == count


def test_nothing_gives_nothing(known: SpleeterSeparator) -> None:
    assert list(known.voices([])) == []
    assert not voice_of(known, np.zeros(RATE, np.float32)).any()


def test_a_long_recording_is_not_kept_in_memory(known: SpleeterSeparator) -> None:
    """What is read and not given again is never more than a piece and a block."""
    read = given = most = 0

    def blocks() -> Iterator[Samples]:
        nonlocal read
        for _ in range(60):
            read += RATE
            yield np.zeros(RATE, np.float32)

    for voice in known.voices(blocks()):
        most = max(most, read - given)
        given += len(voice)
    assert given == read == 60 * RATE
    assert most <= PIECE_COUNT + LAP + RATE


def test_above_what_the_networks_see_the_voice_goes_on(tmp_path: Path) -> None:
    """An s has most of its sound there; of music, nothing of the voice may be found there."""
    high = noise(20 * RATE)
    spectrum = np.fft.rfft(high)
    spectrum[: (20 * 11_500)] = 0
    high = np.fft.irfft(spectrum, len(high)).astype(np.float32)
    of_voice = SpleeterSeparator.load(build_known(tmp_path / "all", 0, SEEN), threads=1)
    of_music = SpleeterSeparator.load(build_known(tmp_path / "low", 0, 700), threads=1)
    recording = high + tone(9000.0, len(high))  # in the networks' highest frequencies
    assert inside(voice_of(of_voice, recording)).std() > 0.9 * inside(recording).std()
    assert inside(voice_of(of_music, recording)).std() < 0.01 * inside(recording).std()


def test_missing_files_are_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="run `stslocal models pull spleeter-2stems`"):
        SpleeterSeparator.load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"no network", b"\0" * 4096])
def test_a_file_that_is_no_network_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (build_known(tmp_path, 20, 60) / FILES[1]).write_bytes(data)
    with pytest.raises(EngineError, match="cannot be loaded") as raised:
        SpleeterSeparator.load(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("shape", [[2, "splits", 512, 1536], [1, "splits", 512, 1024], [2, 7]])
def test_another_network_is_refused(tmp_path: Path, shape: list[int | str]) -> None:
    build_known(tmp_path, 20, 60)
    tensors = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in ("x", "y")]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])], "other", tensors[:1], tensors[1:]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, tmp_path / FILES[0])
    with pytest.raises(EngineError, match="is not a network of Spleeter with two stems: `stslocal"):
        SpleeterSeparator.load(tmp_path)
