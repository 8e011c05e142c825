"""Make the clips of tests/data/recordings from their original recordings, without loss.

    python scripts/build_recordings.py [--from ../shared/data]

Each line of tests/data/recordings/manifest.jsonl names under `cut` the recordings of its clip: a
whole recording, a part of one, or several joined with `gap_s` seconds of silence. A whole MP3 is
copied; a part of an MP3 is decoded first.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import to_int16

CHECKOUT = Path(__file__).resolve().parent.parent
RECORDINGS = CHECKOUT / "tests" / "data" / "recordings"


def main() -> int:
    """Write every clip of the manifest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--from", dest="origin", type=Path, default=CHECKOUT.parent / "shared" / "data"
    )
    origin: Path = parser.parse_args().origin
    for line in (RECORDINGS / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        path = RECORDINGS / row["path"]
        parts = [origin / part for part in row["cut"]["parts"]]
        if path.suffix == parts[0].suffix == ".mp3":
            shutil.copyfile(parts[0], path)
        else:
            samples = cut(origin, row)
            soundfile.write(path, samples, row["sample_rate"], compression_level=1.0)
            print(f"{path.name}: {len(samples) / row['sample_rate']:.3f} s")
    return 0


def cut(origin: Path, row: dict[str, Any]) -> NDArray[np.int16]:
    """The samples of a clip, shape (n,), at the row's `sample_rate`."""
    rate, how = row["sample_rate"], row["cut"]
    gap = np.zeros(round(how.get("gap_s", 0.0) * rate), np.int16)
    joined: list[NDArray[np.int16]] = []
    for part in how["parts"]:
        joined += [to_int16(read_audio(origin / part, sample_rate=rate)), gap]
    whole = np.concatenate(joined[:-1])
    end_s = how.get("end_s", len(whole) / rate)
    return whole[round(how.get("start_s", 0.0) * rate) : round(end_s * rate)]


if __name__ == "__main__":
    raise SystemExit(main())
