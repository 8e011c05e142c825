"""Measure what correcting one sentence of a translation takes, and show that nothing else changes.

    python scripts/bench/redo.py [-o out/bench] [--data FOLDER] [--minutes 10] [--folder FOLDER]
                                 [--video]

Translates the long English recording into Portuguese, then corrects one sentence in its middle in
several ways, each on the first result, with `stslocal redo` in a process of its own; loading the
models counts. All samples outside the sentence, in its old and its new place, are compared by their
sha256. With `--video` the recording is a video, and the samples are those of the speech alone, of
which the video is made again. Then `redo` is killed with SIGKILL at three moments and run again.
With `--folder`, the translation is kept there, and taken from there the next time. Writes redo.json
and redo.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import soundfile
import video
from corpus import Corpus, add_data_option
from files import measure

from stslocal.audio.resample import resample
from stslocal.files.project import Project, open_project
from stslocal.results.corrections import Correction
from stslocal.results.session_segment import Span
from stslocal.types import RECOGNITION_RATE

SHORT = "Isto foi corrigido por uma pessoa."
CASES = {
    "translation corrected": Correction(translation=SHORT),
    "recognized text corrected": Correction(text="This was corrected by a person."),
    "another speed": Correction(speed=1.4),
    "left out": Correction(skip=True),
}
KILLED_AFTER = (0.3, 0.6, 0.95)
"""Shares of the time that a redo takes."""
_MARGIN_S = 0.002


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="where the translation is kept")
    parser.add_argument("--video", action="store_true", help="correct a dubbed video")
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name, "whole") if arguments.folder is None else arguments.folder
        rows = [translated(whole, data, arguments.minutes, is_video=arguments.video)]
        one = Path(name, "one")
        for what, correction in CASES.items():
            rows.append(corrected(whole, one, what, correction))
        killed = [kill(whole, one, rows[1]["wall_s"] * share) for share in KILLED_AFTER]
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    report = {"rows": rows, "killed": killed, "data": data.title}
    (arguments.output_dir / "redo.json").write_text(json.dumps(report, indent=1) + "\n")
    text = f"{markdown(rows, killed)}\nMeasured on {data.title}.\n"
    (arguments.output_dir / "redo.md").write_text(text)
    print(text)
    return 0


def translated(folder: Path, data: Corpus, minutes: float, *, is_video: bool) -> dict[str, Any]:
    """Translate the recording, unless that was done."""
    session = folder / "talk.pt.session.json"
    row: dict[str, Any] = {"what": "the whole recording", "wall_s": None, "cpu_s": None}
    if not session.exists():
        folder.mkdir(parents=True, exist_ok=True)
        audio, _ = data.passage("en", seconds=60 * minutes)
        audio = audio[: round(60 * minutes * RECOGNITION_RATE)]
        recording = folder / ("talk.mp4" if is_video else "talk.wav")
        if is_video:
            video.make(recording, resample(audio, RECOGNITION_RATE, video.RATE))
        else:
            soundfile.write(recording, audio, RECOGNITION_RATE)
        command = [sys.executable, "-m", "stslocal", "translate", str(recording), "--from", "en",
                   "--to", "pt", "-q"]  # fmt: skip
        cost = measure("translate", command, len(audio))
        row |= {"wall_s": round(cost.wall_s, 1), "cpu_s": round(cost.cpu_s, 1)}
    segments = open_project(session).session.segments
    return row | {"audio_s": segments[-1].source.end_s, "sentences": len(segments)}


def prepared(whole: Path, one: Path, correction: Correction) -> tuple[Project, int]:
    """A copy of the result with one corrected sentence, and its number."""
    shutil.rmtree(one, ignore_errors=True)
    shutil.copytree(whole, one)
    project = open_project(one / "talk.pt.session.json")
    segments = list(project.session.segments)
    place = len(segments) // 2
    segments[place] = replace(segments[place], correction=correction)
    return project.with_session(replace(project.session, segments=segments)), place + 1


def redo_command(project: Project) -> list[str]:
    return [sys.executable, "-m", "stslocal", "redo", str(project.path), "-q"]


def corrected(whole: Path, one: Path, what: str, correction: Correction) -> dict[str, Any]:
    """Correct one sentence; the figures, and whether anything else changed."""
    project, number = prepared(whole, one, correction)
    before = project.session.segments
    old, _ = soundfile.read(project.speech, dtype="int16")
    cost = measure(what, redo_command(project), 0)
    new, rate = soundfile.read(project.speech, dtype="int16")
    after = open_project(project.path).session.segments
    changed = [at for row in (before[number - 1], after[number - 1]) if (at := row.target)]
    hashes = [hash_outside(sound, rate, changed) for sound in (old, new)]
    moved = sum(a.target != b.target for a, b in zip(before, after, strict=True) if a.target) - 1
    return {
        "what": what,
        "wall_s": round(cost.wall_s, 2),
        "cpu_s": round(cost.cpu_s, 2),
        "sentence": number,
        "others_moved": max(0, moved),
        "other_samples": len(old)
        - sum(round((at.end_s - at.start_s) * rate) for at in changed[:1]),
        "sha256_before": hashes[0],
        "sha256_after": hashes[1],
    }


def hash_outside(sound: Any, rate: int, spans: Sequence[Span]) -> str:
    """The sha256 of all samples outside the spans."""
    kept = sound.copy()
    for span in spans:
        first = max(0, round((span.start_s - _MARGIN_S) * rate))
        kept[first : round((span.end_s + _MARGIN_S) * rate)] = 0
    return sha256(kept.tobytes()).hexdigest()


def kill(whole: Path, one: Path, after_s: float) -> dict[str, Any]:
    """Kill a redo after so many seconds, and run it again."""
    project, number = prepared(whole, one, CASES["translation corrected"])
    process = subprocess.Popen(redo_command(project))
    time.sleep(after_s)
    process.kill()
    process.wait()
    found = open_project(project.path)  # this finishes what was whole
    is_whole = all(found.state(name) == "whole" for name in found.session.output)
    is_done = not found.session.segments[number - 1].is_changed
    cost = measure("redo again", redo_command(project), 0)
    last = open_project(project.path)
    return {
        "killed_after_s": round(after_s, 2),
        "left": "the new result" if is_done else "the old result",
        "whole": is_whole,
        "again_s": round(cost.wall_s, 2),
        "done": last.session.segments[number - 1].translation == SHORT,
    }


def markdown(rows: Sequence[dict[str, Any]], killed: Sequence[dict[str, Any]]) -> str:
    """The report as tables."""
    first = rows[0]
    lines = [
        f"One sentence of {first['sentences']} in {first['audio_s']:.0f} s of recording.", "",
        "| | wall | CPU | other sentences that moved | other samples are the same |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    for row in rows:
        same = ""
        if "sha256_before" in row:
            same = "yes" if row["sha256_before"] == row["sha256_after"] else "NO"
        moved = row.get("others_moved", "")
        lines.append(f"| {row['what']} | {row['wall_s']} s | {row['cpu_s']} s | {moved} | {same} |")
    lines += ["", "| killed after | left | whole | run again | done |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['killed_after_s']} s | {row['left']} | {'yes' if row['whole'] else 'NO'} "
        f"| {row['again_s']} s | {'yes' if row['done'] else 'NO'} |"
        for row in killed
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
