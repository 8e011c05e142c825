"""Videos with translated sound: what is kept, what is added, and how well all of it is in time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stslocal.audio import video
from stslocal.audio.decode import SoundChoice, read_blocks
from stslocal.audio.encode import AudioWriter
from stslocal.audio.new_tracks import NewTracks, TextTrack
from stslocal.audio.video import write_video
from stslocal.errors import AudioDecodeError, OutputError
from stslocal.storage import UnfinishedFile
from stslocal.types import Samples
from tests.audio import videos
from tests.audio.videos import Track, clicks, flash_times, make_video, offset_s, packets_of

pytestmark = pytest.mark.unit

FLASHES = (0.4, 2.2, 5.6, 8.4)
LENGTH_S = 10.0
RATE = 16_000
TOLERANCE_S = 0.04
TEXTS = (
    TextTrack("por", "Portuguese", [(0.5, 1.0, "olá & <tu>"), (1.2, 2.0, "duas\nlinhas")]),
    TextTrack("eng", "English", [(0.5, 1.0, "hello")]),
)


def read(path: Path, track: int = 1) -> Samples:
    blocks = read_blocks(
        path, sample_rate=RATE, choice=SoundChoice(track), on_warning=lambda text: None
    )
    return np.concatenate(list(blocks))


def plain(path: Path, **options: Any) -> Path:
    """A video whose flashes and clicks are at FLASHES."""
    return make_video(
        path, FLASHES, LENGTH_S, [Track(clicks(FLASHES, LENGTH_S), "eng", disposition=1)], **options
    )


def dubbed(source: Path, form: str, sound: Samples | None = None, **changes: Any) -> Path:
    """The video of a translation whose sound is the recording's own, as `read_blocks` gives it."""
    warnings: list[str] = changes.pop("warnings", [])
    wav = source.with_name("sound.wav")
    with AudioWriter(wav, RATE) as writer:
        writer.write(read(source) if sound is None else sound)
    target = UnfinishedFile(source.with_name(f"out.{form}"))
    try:
        new = NewTracks(wav, "por", "Portuguese (translation)", **changes)
        warnings += write_video(source, target, form, new)
        target.publish()
    finally:
        target.discard()
    return target.path


def streams_of(path: Path) -> list[tuple[str, str]]:
    with closing(av.open(path)) as container:
        return [
            (one.type, one.codec_context.codec.canonical_name if one.codec_context else "")
            for one in container.streams
        ]


def text_of(path: Path, number: int) -> list[tuple[float, str]]:
    """The subtitles of a stream: when each starts, and its text."""
    found = []
    with closing(av.open(path)) as container:
        stream = container.streams.subtitles[number]
        for packet in container.demux(stream):
            data = bytes(packet)
            if stream.codec_context.name == "mov_text":
                data = data[2:]
            if data and packet.pts is not None and packet.time_base:
                found.append((float(packet.pts * packet.time_base), data.decode()))
    return found


def assert_in_time(path: Path, sound: Samples, flashes: Sequence[float]) -> None:
    """The new sound, the old one and the picture agree at the start and at the end."""
    new, old = read(path, 1), read(path, 2)
    middle = round(RATE * LENGTH_S / 2)
    for part in (slice(0, middle), slice(middle, None)):
        assert abs(offset_s(old[part], new[part], RATE)) <= TOLERANCE_S
        assert abs(offset_s(sound[part], new[part], RATE)) <= TOLERANCE_S
    assert flash_times(path) == pytest.approx(list(flashes), abs=TOLERANCE_S)


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ("talk.mp4", "mp4"), ("talk.mp4", "mkv"), ("talk.mov", "mov"), ("talk.mkv", "mkv"),
        ("talk.mkv", "mp4"), ("talk.webm", "webm"), ("talk.webm", "mkv"), ("talk.ts", "mp4"),
        ("talk.ts", "mkv"), ("talk.avi", "mkv"),
    ],
)  # fmt: skip
def test_sound_and_pictures_stay_together(tmp_path: Path, given: str, form: str) -> None:
    source = plain(tmp_path / given)
    out = dubbed(source, form, texts=TEXTS)
    assert_in_time(out, read(source), flash_times(source))
    is_text = "webvtt" if form == "webm" else "subrip" if form == "mkv" else "mov_text"
    kinds = [kind for kind, _ in streams_of(out)]
    assert kinds == ["video", "audio", "audio", "subtitle", "subtitle"]
    assert streams_of(out)[1][1] == ("opus" if form == "webm" else "aac")
    assert [codec for kind, codec in streams_of(out) if kind == "subtitle"] == [is_text, is_text]


@pytest.mark.parametrize("form", ["mp4", "mkv"])
@pytest.mark.parametrize("given", ["talk.mp4", "talk.mkv", "talk.ts"])
def test_sound_that_starts_late_stays_in_time(tmp_path: Path, given: str, form: str) -> None:
    late = [time - 1.5 for time in FLASHES if time > 1.5]
    sound = Track(clicks(late, LENGTH_S - 1.5), "eng", start_s=1.5)
    source = make_video(tmp_path / given, FLASHES, LENGTH_S, [sound])
    out = dubbed(source, form)
    assert_in_time(out, read(source), FLASHES)


@pytest.mark.parametrize("form", ["mp4", "mkv"])
@pytest.mark.parametrize(("given", "offset"), [("talk.ts", 7.0), ("talk.mkv", 3.0)])
def test_a_recording_that_does_not_begin_at_0_does_in_the_video(
    tmp_path: Path, given: str, offset: float, form: str
) -> None:
    source = plain(tmp_path / given, offset_s=offset)
    out = dubbed(source, form, texts=TEXTS[:1])
    assert_in_time(out, read(source), flash_times(source))
    with closing(av.open(out)) as container:
        assert abs((container.start_time or 0) / av.time_base) <= TOLERANCE_S
    assert text_of(out, 0)[0][0] == pytest.approx(0.5, abs=TOLERANCE_S)


def test_what_an_edit_list_cuts_off_stays_cut_off(tmp_path: Path) -> None:
    source = plain(tmp_path / "talk.mp4", offset_s=-0.5)  # mp4 hides what is before 0
    assert len(flash_times(source)) == len(FLASHES) - 1
    out = dubbed(source, "mp4")
    assert_in_time(out, read(source), flash_times(source))


def test_pictures_at_uneven_times_keep_their_times(tmp_path: Path) -> None:
    times = [0.0, 0.4, 0.44, 1.0, 2.2, 2.24, 4.0, 5.6, 5.64, 6.0, 8.4, 8.44, 9.9]
    source = plain(tmp_path / "talk.mp4", frame_times_s=times)
    out = dubbed(source, "mkv")
    assert_in_time(out, read(source), FLASHES)


def test_the_end_of_a_long_video_is_in_time(tmp_path: Path) -> None:
    length_s, flashes = 300.0, (0.5, 2.0, 297.0, 299.0)
    times = [float(number) for number in range(300)]
    source = make_video(
        tmp_path / "talk.mp4",
        flashes,
        length_s,
        [Track(clicks(flashes, length_s))],
        frame_times_s=sorted({*times, *flashes}),
    )
    given = read(source)
    out = dubbed(source, "mp4", given)
    new, old = read(out, 1), read(out, 2)
    for part in (slice(0, 4 * RATE), slice(292 * RATE, None)):
        assert abs(offset_s(old[part], new[part], RATE)) <= 0.002
    assert len(new) == pytest.approx(len(given), abs=0.03 * RATE)


@pytest.mark.parametrize("name", ["talk.mp4", "talk.mkv", "talk.mov", "talk.webm"])
def test_packets_are_copied_and_not_encoded_again(tmp_path: Path, name: str) -> None:
    source = plain(tmp_path / name)
    out = dubbed(source, name.rpartition(".")[2])
    assert packets_of(out, "video") == packets_of(source, "video")
    assert packets_of(out, "audio", 1) == packets_of(source, "audio")


@pytest.mark.parametrize("form", ["mp4", "mkv"])
def test_the_translation_is_what_players_choose(tmp_path: Path, form: str) -> None:
    out = dubbed(plain(tmp_path / "talk.mp4"), form, texts=TEXTS)
    with closing(av.open(out)) as container:
        new, old = container.streams.audio
        assert new.metadata["language"] == "por"
        assert "Portuguese (translation)" in new.metadata.values()
        assert int(new.disposition) & 1
        assert not int(old.disposition) & 1
        assert old.metadata["language"] == "eng"
        assert [text.metadata["language"] for text in container.streams.subtitles] == ["por", "eng"]
    times, words = zip(*text_of(out, 0), strict=True)
    assert times == pytest.approx((0.5, 1.2), abs=0.025)
    assert words == ("olá & <tu>", "duas\nlinhas")


def test_subtitles_of_a_webm_have_their_signs_escaped(tmp_path: Path) -> None:
    out = dubbed(plain(tmp_path / "talk.webm"), "webm", texts=TEXTS)
    assert text_of(out, 0)[0][1] == "olá &amp; &lt;tu&gt;"


def test_a_track_without_a_tag_gets_the_language_that_was_recognized(tmp_path: Path) -> None:
    source = make_video(
        tmp_path / "talk.mkv", FLASHES, LENGTH_S, [Track(clicks(FLASHES, LENGTH_S))]
    )
    out = dubbed(source, "mkv", source_language="eng")
    with closing(av.open(out)) as container:
        assert container.streams.audio[1].metadata["language"] == "eng"


def test_only_the_translated_track_is_replaced(tmp_path: Path) -> None:
    sounds = [Track(clicks(FLASHES, LENGTH_S), language) for language in ("deu", "eng")]
    source = make_video(tmp_path / "talk.mkv", FLASHES, LENGTH_S, sounds)
    kept = dubbed(source, "mkv", source_track=2)
    with closing(av.open(kept)) as container:
        tags = [track.metadata["language"] for track in container.streams.audio]
    assert tags == ["por", "deu", "eng"]
    replaced = dubbed(source, "mkv", source_track=2, replaces_source=True)
    with closing(av.open(replaced)) as container:
        tags = [track.metadata["language"] for track in container.streams.audio]
    assert tags == ["por", "deu"]


def test_tags_chapters_subtitles_and_attachments_are_kept(tmp_path: Path) -> None:
    source = plain(
        tmp_path / "talk.mkv",
        tags={"title": "A talk", "artist": "Somebody"},
        chapters=[(0.0, 4.0, "One"), (4.0, 10.0, "Two")],
        texts=[(1.0, 2.0, "by hand")],
        attachment=b"letters",
        offset_s=2.0,
    )
    out = dubbed(source, "mkv", texts=TEXTS)
    with closing(av.open(out)) as container:
        assert container.metadata["title"] == "A talk"
        assert container.metadata["ARTIST"] == "Somebody"
        titles = [(one["start"], one["metadata"]["title"]) for one in container.chapters()]
        assert [title for _, title in titles] == ["One", "Two"]
        attachments: list[Any] = [one for one in container.streams if one.type == "attachment"]
        assert [one.data for one in attachments] == [b"letters"]
    ((start_s, words),) = text_of(out, 0)
    assert start_s == pytest.approx(1.0, abs=0.001)
    assert words == "by hand"


@pytest.mark.parametrize("form", ["mp4", "mov", "mkv"])
def test_chapters_of_an_mp4_are_kept(tmp_path: Path, form: str) -> None:
    source = plain(tmp_path / "talk.mp4", chapters=[(0.0, 4.0, "One"), (4.0, 10.0, "Two")])
    warnings: list[str] = []
    out = dubbed(source, form, texts=TEXTS, warnings=warnings)
    with closing(av.open(out)) as container:
        titles = [one["metadata"]["title"] for one in container.chapters()]
    assert titles == ["One", "Two"]
    assert warnings == []
    assert_in_time(out, read(source), FLASHES)


def test_a_turned_picture_stays_turned(tmp_path: Path) -> None:
    source = plain(tmp_path / "talk.mp4")
    source.write_bytes(videos.rotated(source.read_bytes()))
    turned = []
    for path in (source, dubbed(source, "mp4"), dubbed(source, "mov")):
        with closing(av.open(path)) as container:
            turned.append(next(container.decode(container.streams.video[0])).rotation)
    assert turned[0] in (90, -90)
    assert turned == [turned[0]] * 3


def test_hevc_has_the_name_that_players_of_apple_read(tmp_path: Path) -> None:
    source = plain(tmp_path / "talk.mkv", codec="libx265")
    for form in ("mp4", "mov"):
        out = dubbed(source, form)
        assert b"hvc1" in out.read_bytes()
        assert_in_time(out, read(source), FLASHES)


@pytest.mark.parametrize("form", ["mp4", "mkv"])
def test_a_cover_stays_a_cover(tmp_path: Path, form: str) -> None:
    picture = videos.jpeg()
    source = plain(tmp_path / "talk.mp4", cover=picture)
    with closing(av.open(source)) as container:
        assert [int(one.disposition) & 0x400 for one in container.streams.video] == [0, 0x400]
    out = dubbed(source, form)
    with closing(av.open(out)) as container:
        covers = [one for one in container.streams.video if int(one.disposition) & 0x400]
        (cover,) = covers
        found = next(bytes(p) for p in container.demux(cover) if p.size)
    assert found == picture
    assert_in_time(out, read(source), FLASHES)


def test_a_cover_that_a_mov_cannot_carry_is_said(tmp_path: Path) -> None:
    source = plain(tmp_path / "talk.mp4", cover=videos.jpeg())
    warnings: list[str] = []
    out = dubbed(source, "mov", warnings=warnings)
    assert warnings == [
        f"{source}: mov cannot carry cover (mjpeg), so the video is without: --output-format mkv "
        "keeps it"
    ]
    assert [kind for kind, _ in streams_of(out)] == ["video", "audio", "audio"]


def test_what_a_container_cannot_carry_is_said(tmp_path: Path) -> None:
    source = plain(tmp_path / "talk.mkv", texts=[(1.0, 2.0, "by hand")], attachment=b"letters")
    warnings: list[str] = []
    out = dubbed(source, "mp4", warnings=warnings)
    assert warnings == [
        f"{source}: mp4 cannot carry subtitle track 1 (subrip), attachment (letters.ttf), so the "
        "video is without: --output-format mkv keeps them"
    ]
    assert [kind for kind, _ in streams_of(out)] == ["video", "audio", "audio"]


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = plain(tmp_path / "talk.mp4")
    before = set(tmp_path.iterdir())
    full = UnfinishedFile(tmp_path / "out.mp4")
    stream = full.stream
    written = 0

    class FullDisk:
        name = "out.mp4"

        def write(self, data: bytes) -> int:
            nonlocal written
            written += len(data)
            if written > 3000:
                raise OSError(28, "No space left on device")
            return stream.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(stream, name)

    monkeypatch.setattr(full, "stream", FullDisk())
    wav = tmp_path / "sound.wav"
    with AudioWriter(wav, RATE) as writer:
        writer.write(read(source))
    with pytest.raises(OutputError, match=r"out\.mp4.*full|out\.mp4.*space"):
        write_video(source, full, "mp4", NewTracks(wav, "por", "Portuguese"))
    wav.unlink()
    assert set(tmp_path.iterdir()) == before


def test_a_cut_off_recording_gives_the_part_that_is_there(tmp_path: Path) -> None:
    source = plain(tmp_path / "talk.mkv")
    data = source.read_bytes()
    source.write_bytes(data[: len(data) // 2])
    out = dubbed(source, "mkv")
    assert 0 < len(packets_of(out, "video")) < 250


def test_a_recording_whose_index_names_too_many_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = plain(tmp_path / "talk.mp4")
    data = bytearray(source.read_bytes())
    at = data.index(b"stsz")  # the sizes of the pictures: 4 bytes of flags, a size, a count
    count = int.from_bytes(data[at + 12 : at + 16], "big")
    for index in range(count):
        place = at + 16 + 4 * index
        data[place : place + 4] = (len(data) // 2).to_bytes(4, "big")
    source.write_bytes(data)
    monkeypatch.setattr(video, "_COPIES_BYTES", 1000)
    with pytest.raises(AudioDecodeError, match=r"damaged.*--output-format wav"):
        dubbed(source, "mp4", np.zeros(RATE, np.float32))
    assert not (tmp_path / "out.mp4").exists()
