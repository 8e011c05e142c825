"""Translate a video, and measure what comes out: its streams, how well it is in time, its cost.

    python scripts/bench/video.py [-o out/bench] [--data FOLDER] [--minutes 5] [--format mp4]

The video has the long English recording as its sound, and a test pattern with the time burnt in.
Half a second after its start and a second before its end the picture flashes and a burst of noise
sounds. The same video is translated twice, to a video and to a WAV, in processes of their own.
Writes video.json and video.md, and the video and its translation to video/ of the output folder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from sys import executable
from typing import Any

import av
import numpy as np
from corpus import Corpus, add_data_option
from files import Cost, measure
from numpy.typing import NDArray

from stslocal.audio.decode import SoundChoice, read_blocks
from stslocal.audio.resample import resample
from stslocal.types import RECOGNITION_RATE, Samples

WIDTH, HEIGHT, PICTURES_A_SECOND = 640, 360, 25
RATE = 48_000
LEAD_S, TAIL_S = 1.5, 2.0
"""Silence around the speech, in which the bursts are."""
BURST_S = 0.02
DIGITS = {
    "0": "111101101101111", "1": "010110010010111", "2": "111001111100111",
    "3": "111001111001111", "4": "101101111001001", "5": "111100111001111",
    "6": "111100111101111", "7": "111001010010010", "8": "111101111101111",
    "9": "111101111001111", ":": "000010000010000", ".": "000000000000010",
}  # fmt: skip
"""The pixels of each sign, three in a row and five rows."""
SCALE = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--format", default="mp4", choices=("mp4", "mkv", "mov"))
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    folder: Path = arguments.output_dir / "video"
    folder.mkdir(parents=True, exist_ok=True)
    speech = data.passage("en")[0][: round(60 * arguments.minutes * RECOGNITION_RATE)]
    source = folder / f"talk.{arguments.format}"
    length_s, marks = make(source, resample(speech, RECOGNITION_RATE, RATE))
    costs: list[Cost] = []
    for name, form in (("video", arguments.format), ("sound alone", "wav")):
        command = [executable, "-m", "stslocal", "translate", str(source), "--from", "en", "--to",
                   "pt", "-o", str(folder / name.replace(" ", "-")), "--output-format", form, "-q",
                   "--overwrite"]  # fmt: skip
        costs.append(measure(name, command, round(length_s * RECOGNITION_RATE)))
    translated = folder / "video" / f"talk.pt.{arguments.format}"
    errors = sync_errors(translated, marks)
    streams = [*streams_of(translated)]
    loudness = {"source": level_db(read(translated, 2)), "translation": level_db(read(translated))}
    lines = [*streams, ""]
    for mark, (sound, picture) in errors.items():
        lines.append(
            f"sync error at {mark:.1f} s: new sound after the old one {1000 * sound:+.1f} ms, "
            f"after the picture {1000 * picture:+.1f} ms"
        )
    levels = ", ".join(f"{name} {level:.1f} dBFS" for name, level in loudness.items())
    lines.append(f"level (RMS): {levels}")
    for one in costs:
        lines.append(
            f"{one.name}: {one.wall_s:.0f} s, {one.cpu_s:.0f} s of processor time, "
            f"{one.peak_mb:.0f} MB at most"
        )
    report = "\n".join([*lines, f"Measured on {data.title}, {length_s:.0f} s.", ""])
    document = {
        "streams": streams, "sync_errors_s": errors, "level_db": loudness,
        "costs": [asdict(cost) for cost in costs],
    }  # fmt: skip
    (arguments.output_dir / "video.json").write_text(json.dumps(document, indent=1) + "\n")
    (arguments.output_dir / "video.md").write_text(report)
    print(report)
    return 0


def make(path: Path, speech: Samples) -> tuple[float, list[float]]:
    """Write the video; returns its seconds, and when it flashes and bursts."""
    lead, tail = np.zeros(round(LEAD_S * RATE), np.float32), np.zeros(round(TAIL_S * RATE))
    sound = np.concatenate([lead, speech, tail]).astype(np.float32)
    length_s = len(sound) / RATE
    last_s = int(length_s - 1.0)
    marks = [0.6, float(last_s)]
    for number, mark in enumerate(marks):
        burst = np.random.default_rng(number).standard_normal(round(BURST_S * RATE))
        sound[round(mark * RATE) :][: len(burst)] = np.clip(0.4 * burst, -1, 1)
    with av.open(path, "w") as output:
        pictures: Any = output.add_stream(
            "libx264", rate=PICTURES_A_SECOND, options={"preset": "ultrafast"}
        )
        pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track: Any = output.add_stream("aac", rate=RATE, layout="mono")
        track.metadata["language"] = "eng"
        ahead = iter(packets_of_pictures(pictures, length_s, marks))
        waiting = next(ahead, None)
        for at in range(0, len(sound), RATE // 10):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound[np.newaxis, at : at + RATE // 10]), "flt", "mono"
            )
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), at
            while waiting is not None and float(waiting.dts * waiting.time_base) <= at / RATE:
                output.mux(waiting)
                waiting = next(ahead, None)
            output.mux(track.encode(frame))
        for packet in ([waiting] if waiting else []) + [*ahead] + track.encode(None):
            output.mux(packet)
    return length_s, marks


def packets_of_pictures(stream: Any, length_s: float, marks: Sequence[float]) -> Iterator[Any]:
    bars = np.repeat(
        np.array([[180, 180, 180], [180, 180, 16], [16, 180, 180], [16, 180, 16],
                  [180, 16, 180], [180, 16, 16], [16, 16, 180], [16, 16, 16]], np.uint8),
        WIDTH // 8, axis=0,
    )  # fmt: skip
    pattern = np.ascontiguousarray(np.broadcast_to(bars, (HEIGHT, WIDTH, 3)))
    for number in range(round(length_s * PICTURES_A_SECOND)):
        time_s = number / PICTURES_A_SECOND
        shown = pattern.copy()
        if any(abs(time_s - mark) < 0.5 / PICTURES_A_SECOND for mark in marks):
            shown[:] = 255
        write_time(shown, f"{int(time_s) // 60}:{time_s % 60:05.2f}")
        frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, PICTURES_A_SECOND)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def write_time(picture: NDArray[np.uint8], text: str) -> None:
    """Burn a time into a picture, white on black."""
    for place, sign in enumerate(text):
        rows = np.array([int(bit) for bit in DIGITS[sign]], np.uint8).reshape(5, 3)
        box = np.pad(255 * rows, 1).repeat(SCALE, 0).repeat(SCALE, 1)
        x, y = 40 + place * 4 * SCALE, HEIGHT - 90
        picture[y : y + box.shape[0], x : x + box.shape[1]] = box[:, :, np.newaxis]


def streams_of(path: Path) -> Iterator[str]:
    """A line for each stream."""
    with closing(av.open(path)) as container:
        for stream in container.streams:
            codec: Any = stream.codec_context
            size = f"{codec.width}x{codec.height}" if stream.type == "video" else ""
            rate = f"{codec.sample_rate} Hz, {codec.layout.name}" if stream.type == "audio" else ""
            tags = {key: stream.metadata[key] for key in ("language",) if key in stream.metadata}
            title = stream.metadata.get("title") or stream.metadata.get("handler_name", "")
            flags = "default" if int(stream.disposition) & 1 else ""
            parts = (stream.type, codec.name, size, rate, *tags.values(), title, flags)
            yield f"{stream.index}: {', '.join(part for part in parts if part)}"


def sync_errors(path: Path, marks: Sequence[float]) -> dict[float, tuple[float, float]]:
    """How much later the new sound is than the old one and than the picture, at each mark."""
    new, old = read(path, 1), read(path, 2)
    flashes = flash_times(path)
    errors = {}
    for number, mark in enumerate(marks):
        burst = np.random.default_rng(number).standard_normal(round(BURST_S * RATE))
        expected = np.clip(0.4 * burst, -1, 1).astype(np.float32)
        places = [place_s(sound, expected, mark) for sound in (new, old)]
        errors[mark] = (places[0] - places[1], places[0] - flashes[number])
    return errors


def place_s(sound: Samples, burst: Samples, near_s: float) -> float:
    """Where a burst is in a sound, by cross-correlation, within half a second."""
    first = max(0, round((near_s - 0.5) * RATE))
    part = sound[first : round((near_s + 0.5) * RATE)]
    return (first + int(np.argmax(np.correlate(part, burst, "valid")))) / RATE


def flash_times(path: Path) -> list[float]:
    with closing(av.open(path)) as container:
        return [
            float(frame.time)
            for frame in container.decode(container.streams.video[0])
            if frame.time is not None and frame.to_ndarray(format="gray")[:100].mean() > 240
        ]


def read(path: Path, track: int = 1) -> Samples:
    blocks = read_blocks(path, sample_rate=RATE, choice=SoundChoice(track))
    return np.concatenate(list(blocks))


def level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-12))


if __name__ == "__main__":
    raise SystemExit(main())
