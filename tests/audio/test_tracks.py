"""Which track of a recording is read, and how much of it there is by its own header."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from stslocal.audio.decode import SoundChoice, probe, read_blocks
from stslocal.errors import AudioDecodeError
from stslocal.types import Samples
from tests.audio.recordings import caf, encoded, tone

pytestmark = pytest.mark.unit

QUIET, LOUD = 0.2 * tone(1.0), tone(1.0)
SILENT = np.zeros(48_000, np.float32)


def recording(
    *tracks: Samples, languages: tuple[str, ...] = (), default: int | None = None
) -> bytes:
    return encoded(
        [track[None] for track in tracks],
        container="matroska", codec="flac", layout="mono", format="s16",
        languages=languages, default=default,
    )  # fmt: skip


def read(data: bytes, choice: SoundChoice = SoundChoice()) -> tuple[float, list[str]]:  # noqa: B008
    """The peak of what is read, and the warnings."""
    warnings: list[str] = []
    blocks = list(read_blocks(io.BytesIO(data), choice=choice, on_warning=warnings.append))
    return round(float(np.abs(np.concatenate(blocks)).max()), 2), warnings


def test_the_default_track_is_read_and_the_others_are_mentioned() -> None:
    data = recording(QUIET, LOUD, languages=("por", "eng"), default=1)
    peak, warnings = read(data)
    assert peak == 0.5
    said = "it has 2 audio tracks, and track 2 (eng) was read: --audio-track chooses another"
    assert warnings == [f"the input: {said}"]


def test_the_track_in_the_source_language_comes_before_the_default_one() -> None:
    data = recording(QUIET, LOUD, languages=("por", "eng"), default=1)
    assert read(data, SoundChoice(language="pt"))[0] == 0.1
    assert read(data, SoundChoice(language="en"))[0] == 0.5
    assert read(data, SoundChoice(language="de"))[0] == 0.5


def test_without_flags_and_tags_the_first_track_is_read() -> None:
    assert read(recording(QUIET, LOUD))[0] == 0.1


def test_a_silent_track_gives_way_to_one_with_sound() -> None:
    assert read(recording(SILENT, SILENT, LOUD))[0] == 0.5
    data = recording(LOUD, SILENT, languages=("por", "eng"), default=1)
    assert read(data, SoundChoice(language="en"))[0] == 0.5


def test_a_track_that_is_silent_for_hours_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small file may hold days of silence in each of its tracks."""
    late = np.concatenate([SILENT] * 10 + [LOUD])
    assert read(recording(late, QUIET))[0] == 0.5
    monkeypatch.setattr("stslocal.audio.decode._SILENT_S", 5.0)
    assert read(recording(late, QUIET))[0] == 0.1


def test_a_track_can_be_chosen() -> None:
    data = recording(LOUD, QUIET, default=0)
    assert read(data, SoundChoice(track=2)) == (0.1, [])
    assert read(recording(LOUD, SILENT), SoundChoice(track=2))[0] == 0.0
    with pytest.raises(AudioDecodeError, match="no audio track 3: name one of 1, 2 with"):
        read(data, SoundChoice(track=3))
    with pytest.raises(AudioDecodeError, match="no audio track 0"):
        probe(io.BytesIO(data), SoundChoice(track=0))


def test_a_channel_can_be_chosen() -> None:
    data = encoded(
        [np.stack([LOUD, QUIET, LOUD])], container="wav", codec="pcm_s16le", layout="3 channels",
        format="s16",
    )  # fmt: skip
    assert read(data, SoundChoice(channel=2))[0] == 0.1
    with pytest.raises(AudioDecodeError, match="no channel 4: name one from 1 to 3"):
        read(data, SoundChoice(channel=4))


def wav_of(container: str) -> bytes:
    return encoded(
        [tone(10.0, 16_000)[None]], container=container, codec="pcm_s16le", layout="mono",
        rate=16_000, format="s16",
    )  # fmt: skip


@pytest.mark.parametrize("container", ["wav", "w64", "rf64", "caf"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_cut_off_recording_is_reported(container: str, share: float) -> None:
    whole = caf((1,), tone(10.0, 16_000)[None]) if container == "caf" else b""
    if container == "rf64":
        plain = wav_of("wav")
        at = plain.index(b"data") + 8
        pcm = plain[at:]
        sizes = struct.pack("<QQQI", len(pcm) + 100, len(pcm), len(pcm) // 2, 0)
        form = plain[plain.index(b"fmt ") :][:24]
        whole = b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<I", 28) + sizes + form
        whole += b"data\xff\xff\xff\xff" + pcm
    whole = whole or wav_of(container)
    assert read(whole)[1] == []
    warnings = read(whole[: round(share * len(whole))])[1]
    assert len(warnings) == 1
    assert f"it ends at {10 * share:.1f} s but declares 10.0 s" in warnings[0]


def test_a_wav_of_unknown_length_is_whole() -> None:
    whole = bytearray(wav_of("wav"))
    at = whole.index(b"data") + 4
    for size in (0, 0x7FFF_FFFF, 0x7FFF_FFFF - 36, 0xFFFF_FFFF):
        whole[at : at + 4] = struct.pack("<I", size)
        assert read(bytes(whole))[1] == []
