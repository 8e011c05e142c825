"""Damages recordings of every container and codec that PyAV can write, and decodes them.

    python scripts/fuzz/recordings.py --mutations 10000 --seed 1

Each batch of mutations runs in a process of its own, so a crash or a hang is counted and the rest
goes on. What is found is printed with its seed, which makes the same bytes again. The only outcome
that counts as right is sound or an AudioDecodeError.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np

from stslocal.audio.decode import read_blocks
from stslocal.errors import AudioDecodeError

RECORDINGS: Sequence[tuple[str, str, str]] = (
    ("wav", "pcm_s16le", "mono"), ("wav", "pcm_f32le", "16 channels"),
    ("wav", "adpcm_ms", "stereo"), ("wav", "adpcm_ima_wav", "mono"),
    ("w64", "pcm_s24le", "stereo"), ("caf", "pcm_s16be", "stereo"),
    ("caf", "alac", "7.1(wide)"), ("aiff", "pcm_s16be", "stereo"), ("au", "pcm_mulaw", "mono"),
    ("flac", "flac", "stereo"), ("flac", "flac", "7.1"), ("mp3", "libmp3lame", "stereo"),
    ("mp2", "mp2", "stereo"), ("adts", "aac", "mono"), ("mp4", "aac", "mono"),
    ("mp4", "aac", "7.1"), ("ipod", "alac", "stereo"), ("mov", "pcm_s16le", "stereo"),
    ("mp4", "ac3", "5.1"), ("latm", "aac", "mono"), ("matroska", "libopus", "7.1"),
    ("matroska", "flac", "stereo"), ("matroska", "wavpack", "hexadecagonal"),
    ("matroska", "eac3", "5.1"), ("webm", "libopus", "stereo"), ("ogg", "libopus", "mono"),
    ("ogg", "flac", "stereo"), ("ac3", "ac3", "5.1"), ("eac3", "eac3", "5.1"),
    ("dts", "dca", "5.1"), ("truehd", "truehd", "5.1"), ("mlp", "mlp", "stereo"),
    ("wv", "wavpack", "stereo"), ("tta", "tta", "stereo"), ("asf", "wmav2", "stereo"),
    ("asf", "wmav1", "mono"), ("avi", "mp2", "stereo"), ("avi", "pcm_s16le", "stereo"),
    ("mpegts", "aac", "stereo"), ("mpegts", "mp2", "mono"), ("mpeg", "mp2", "stereo"),
    ("flv", "aac", "stereo"), ("nut", "pcm_s16le", "stereo"), ("mxf", "pcm_s16le", "mono"),
    ("voc", "pcm_u8", "mono"), ("adx", "adpcm_adx", "mono"), ("g722", "g722", "mono"),
)  # fmt: skip
"""Container, codec and layout. Those that this FFmpeg cannot write are left out."""

SECONDS = 0.6
BATCH = 100
MOST_BLOCKS = 2000
"""Blocks of a second: a recording of 0.6 s that gives more has become unbounded work."""


def make(container: str, codec: str, layout: str) -> bytes:
    """A recording of speech-like sound. Raises whatever PyAV raises for what it cannot write."""
    file = io.BytesIO()
    channels = av.AudioLayout(layout).nb_channels
    rate = 16_000 if codec == "g722" else 48_000
    with av.open(file, "w", format=container) as output:
        options: dict[str, str] = {"strict": "experimental"}
        stream: Any = output.add_stream(codec, rate=rate, layout=layout, options=options)
        noise = np.random.default_rng(0).normal(0, 0.1, (round(SECONDS * rate), channels))
        for at in range(0, len(noise), 960):
            packed = np.ascontiguousarray(noise[at : at + 960], np.float32).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def recordings() -> Iterator[tuple[str, bytes]]:
    """Every recording that can be written here, with its name."""
    for container, codec, layout in RECORDINGS:
        try:
            data = make(container, codec, layout)
        except Exception:  # noqa: BLE001 - this FFmpeg has no such encoder or muxer
            continue
        yield f"{container}/{codec}/{layout}", data


def mutate(data: bytes, seed: int) -> bytes:
    """Damage bytes in one of six ways, the same for the same seed."""
    generator = np.random.default_rng(seed)
    damaged = bytearray(data)
    header = min(len(data), 1024)
    kind = seed % 6
    if kind == 0:  # a few bytes of the header
        for at in generator.integers(0, header, 4):
            damaged[at] = generator.integers(0, 256)
    elif kind == 1:  # bytes anywhere
        for at in generator.integers(0, len(data), 1 + len(data) // 200):
            damaged[at] = generator.integers(0, 256)
    elif kind == 2:  # a stretch of junk
        at = int(generator.integers(0, len(data)))
        junk = generator.bytes(int(generator.integers(1, 2000)))
        damaged[at : at + len(junk)] = junk
    elif kind == 3:  # cut off, or its start missing
        at = int(generator.integers(1, len(data)))
        damaged = damaged[:at] if generator.random() < 0.7 else damaged[at:]
    elif kind == 4:  # a part twice, or a part removed
        at, length = int(generator.integers(0, len(data))), int(generator.integers(1, 4000))
        part = damaged[at : at + length] if generator.random() < 0.5 else bytearray()
        damaged[at : at + (0 if part else length)] = part
    else:  # single bits of the header, and numbers that are extreme
        for at in generator.integers(0, header, 2):
            damaged[at] ^= 1 << int(generator.integers(0, 8))
        at = int(generator.integers(0, header))
        damaged[at : at + 4] = generator.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"])
    return bytes(damaged)


def outcome(data: bytes) -> str:
    """Decode damaged bytes: `sound`, `refused`, or the fault."""
    try:
        blocks = read_blocks(io.BytesIO(data), on_warning=lambda _: None)
        for number, block in enumerate(blocks):
            if number > MOST_BLOCKS:
                return "unbounded"
            if not np.isfinite(block).all():
                return "not finite"
    except AudioDecodeError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__}: {error}"
    return "sound"


def _batch(name: str, first: int, count: int) -> None:
    """Print each seed before it is tried, so that the parent knows which one ended the process."""
    data = make(*name.split("/"))
    for seed in range(first, first + count):
        print(f"try {seed}", flush=True)
        print(f"end {outcome(mutate(data, seed))}", flush=True)


def _run_batch(name: str, first: int, count: int) -> tuple[Counter[str], list[str]]:
    command = [sys.executable, __file__, "--batch", name, str(first), str(count)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        output, code = done.stdout, str(done.returncode)
    except subprocess.TimeoutExpired as stuck:
        raw = stuck.stdout or b""
        output, code = raw.decode() if isinstance(raw, bytes) else raw, "hang"
    lines = output.splitlines()
    counts = Counter(line[4:] for line in lines if line.startswith("end "))
    faults = [
        f"{name} seed {lines[index - 1][4:]}: {line[4:]}"
        for index, line in enumerate(lines)
        if line.startswith("end ") and line not in ("end sound", "end refused")
    ]
    if code != "0":
        counts["crash or hang"] += 1
        faults.append(f"{name} {lines[-1] if lines else 'start'}: ended with {code}")
    return counts, faults


def _once(each: int, seed: int) -> int:
    """Try a few mutations of each format in this process; a crash shows in its exit code."""
    faults = []
    tried = 0
    for name, data in recordings():
        for number in range(seed, seed + each):
            print(f"{name} seed {number}", flush=True)
            found = outcome(mutate(data, number))
            tried += 1
            if found not in ("sound", "refused"):
                faults.append(f"{name} seed {number}: {found}")
    print("\n".join(faults))
    print(f"all: {tried}")
    return 1 if faults else 0


def main() -> int:
    """Run the batches; 1 when anything but sound or a refusal was found."""
    parser = argparse.ArgumentParser(description=__doc__, usage="recordings.py [options]")
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", type=int, metavar="N", help="only N a format, in this process")
    parser.add_argument("--batch", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        return _once(arguments.once, arguments.seed)
    if arguments.batch:
        _batch(arguments.batch[0], int(arguments.batch[1]), int(arguments.batch[2]))
        return 0
    names = [name for name, _ in recordings()]
    each = -(-arguments.mutations // len(names))
    print(f"{len(names)} formats, {each} mutations each, seeds from {arguments.seed}", flush=True)
    found: list[str] = []
    total: Counter[str] = Counter()
    for name in names:
        counts: Counter[str] = Counter()
        for first in range(0, each, BATCH):
            more, faults = _run_batch(name, arguments.seed + first, min(BATCH, each - first))
            counts += more
            found += faults
        total += counts
        print(f"{name}: {dict(counts)}", flush=True)
    print(f"all: {dict(total)}")
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
