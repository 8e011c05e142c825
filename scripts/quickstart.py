"""Set up a fresh clone and translate a recording, in one command.

    python scripts/quickstart.py                           a bundled English clip, in Portuguese
    python scripts/quickstart.py --clip talk.mp3 --to en   a recording of yours

Runs from any folder. The first run makes .venv and fetches the starter pack; a later run takes
seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from environment import CHECKOUT, enter


def main() -> int:
    """Set up, translate, and print the text, the path of the result and the times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clip", type=Path, help="recording to translate (default: a bundled one)")
    parser.add_argument("--to", default="pt", help="language to speak (default: pt)")
    options = parser.parse_args()
    enter()

    from stslocal.cli import main as stslocal
    from stslocal.languages import find
    from stslocal.samples import bundled_clips

    clip = options.clip.resolve() if options.clip else bundled_clips()[0].path
    folder = CHECKOUT / "out"
    translate = ["translate", str(clip), "--to", options.to, "-o", str(folder), "--overwrite"]
    code, models_s = _timed(lambda: stslocal(["models", "pull", "starter"]))
    if code:
        return code
    code, translate_s = _timed(lambda: stslocal(translate))
    if code:
        return code
    stem = f"{clip.stem}.{find(options.to).code}"
    session = json.loads((folder / f"{stem}.session.json").read_text(encoding="utf-8"))
    _print_text(session)
    print(f"models checked in {models_s:.1f} s, clip translated in {translate_s:.1f} s")
    print(folder / f"{stem}.wav")
    return 0


def _print_text(session: dict[str, Any]) -> None:
    segments = session["segments"]
    print("\nsaid:  ", *(segment["source"]["text"] for segment in segments))
    print("spoken:", *(segment["translation"] for segment in segments))
    work = ("recognition", "translation", "synthesis")
    seconds = (sum(segment["timings"][f"{name}_s"] for segment in segments) for name in work)
    print("\nwork:  ", ", ".join(f"{n} {s:.1f} s" for n, s in zip(work, seconds, strict=True)))


def _timed(step: Callable[[], int]) -> tuple[int, float]:
    start = time.perf_counter()
    return step(), time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
