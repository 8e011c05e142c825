"""Recordings that ended the process: many channels, damage, an unusual order of channels."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
import pytest

from stslocal.audio.decode import read_audio, read_blocks
from tests.audio.recordings import caf, encoded, tone

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("container", "codec", "layout", "channels"),
    [
        ("mp4", "aac", "7.1", 8),
        ("matroska", "libopus", "7.1", 8),
        ("matroska", "flac", "7.1", 8),
        ("matroska", "alac", "7.1(wide)", 8),
        ("wv", "wavpack", "hexadecagonal", 16),
        ("matroska", "wavpack", "hexadecagonal", 16),
        ("matroska", "wavpack", "24 channels", 24),
        ("wav", "pcm_s16le", "16 channels", 16),
        ("caf", "pcm_f32be", "16 channels", 16),
        ("matroska", "eac3", "5.1", 6),
        ("mp4", "aac", "6.1", 7),
    ],
)
def test_every_count_of_channels_is_mixed(
    container: str, codec: str, layout: str, channels: int
) -> None:
    loud = np.tile(tone(1.0), (channels, 1))
    data = encoded([loud], container=container, codec=codec, layout=layout)
    for _ in range(3):  # memory that is freed twice is not found at once
        decoded = read_audio(io.BytesIO(data), sample_rate=48_000)
    assert len(decoded) == pytest.approx(48_000, abs=3000)
    middle = decoded[16_000:32_000]
    shares = {"5.1": 2.41, "7.1": 3.12, "7.1(wide)": 3.41}  # of BS.775, together
    assert np.abs(middle).max() == pytest.approx(0.5 * shares.get(layout, 1.0), rel=0.1)


@pytest.mark.parametrize("labels", [(2, 1), (3, 1, 2), (1, 1), (4, 3, 2, 1), (1, 2)])
def test_channels_in_an_order_of_their_own_are_read(labels: tuple[int, ...]) -> None:
    data = caf(labels, np.tile(tone(0.5, 16_000), (len(labels), 1)))
    for _ in range(10):
        decoded = read_audio(io.BytesIO(data))
    assert len(decoded) == 8000
    assert np.abs(decoded).max() == pytest.approx(0.5, rel=0.01)


def many_channels() -> bytes:
    """An AAC program config element that announces 29 channels, in front of a frame."""
    head = "1010000010011111100000000000000000000"
    bits = head + "00000" + "".join(f"1{tag:04b}" for tag in range(14))
    bits += "0" * (-len(bits) % 8) + "0" * 8
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def test_after_damage_that_makes_aac_announce_many_channels_the_rest_is_read() -> None:
    """One damaged frame changes what the decoder thinks of the channels of all later ones."""
    sound = np.concatenate([tone(3.0), np.zeros(24_000, np.float32), tone(2.5)])
    whole = encoded([sound[None]], container="mp4", codec="aac", layout="mono")
    spoilt = io.BytesIO()
    with av.open(io.BytesIO(whole)) as source, av.open(spoilt, "w", format="mp4") as output:
        stream = output.add_stream_from_template(source.streams.audio[0])
        assert isinstance(source, av.container.InputContainer)
        for number, packet in enumerate(source.demux(audio=0)):
            if packet.dts is None:
                continue
            copy: av.Packet[Any] = av.Packet(many_channels() * (number == 40) + bytes(packet))
            copy.pts, copy.dts = packet.pts, packet.dts
            copy.time_base, copy.stream = packet.time_base, stream
            output.mux(copy)
    warnings: list[str] = []
    blocks = list(read_blocks(io.BytesIO(spoilt.getvalue()), on_warning=warnings.append))
    decoded = np.concatenate(blocks)
    assert len(decoded) / 16_000 == pytest.approx(6.0, abs=0.1)
    assert np.abs(decoded[-16_000:-3000]).max() == pytest.approx(0.5, rel=0.1)
    assert warnings == ["the input: damaged packets left out: 1"]


def test_a_real_change_of_the_channels_is_followed() -> None:
    mono = encoded([tone(1.0)[None]], container="ac3", codec="ac3", layout="mono")
    wide = encoded([np.tile(tone(1.0), (6, 1))], container="ac3", codec="ac3", layout="5.1")
    decoded = read_audio(io.BytesIO(mono + wide + mono))
    assert len(decoded) / 16_000 == pytest.approx(3.0, abs=0.15)
    for second in range(3):
        part = decoded[16_000 * second + 4000 : 16_000 * second + 12_000]
        assert np.abs(part).max() > 0.2


def test_tags_that_are_not_utf_8_are_no_reason_to_refuse_a_recording() -> None:
    for container, codec in [
        ("mp3", "libmp3lame"), ("flac", "flac"), ("ipod", "alac"), ("matroska", "flac"),
        ("wav", "pcm_s16le"), ("aiff", "pcm_s16be"), ("avi", "mp2"),
    ]:  # fmt: skip
        data = encoded(
            [tone(0.5)[None]], container=container, codec=codec, layout="mono",
            tags={"title": "Sao XYZZY Joao"},
        )  # fmt: skip
        spoilt = data.replace(b"XYZZY", b"\xe3\xff\xfe\xe3\xc0")
        assert len(read_audio(io.BytesIO(spoilt))) > 7000, container
