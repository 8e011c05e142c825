"""What is lost and what comes back when a translation plays on a loudspeaker in the room.

    python scripts/bench/room.py [--modes full half aec] [--echo-db 0 6] [--delay-ms 80]
                                 [--seconds 40] [--code CHECKOUT] [--data FOLDER] [--out DIR]

A reading without long pauses is played into a virtual microphone, and `stslocal live` translates
it on virtual sound cards, in real time. The loudspeaker comes back into the microphone after
`--delay-ms`, `--echo-db` louder than the reader (`none`: not at all, as with headphones). Each mode
of --duplex is one row: how many of the reader's words were translated, how many words were that
nobody said, what the program itself dropped as its own voice, for how long the microphone was off,
and the lag. `--code` runs another checkout, such as an older one. Needs PulseAudio.

Writes room.json, room.md and the events of each run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import numpy as np
from corpus import CHECKOUT, add_data_option, normalized

from stslocal.audio.resample import resample
from stslocal.live.capture import LEVEL_EVERY_S
from stslocal.metrics import (
    Event,
    InputLevel,
    SegmentCommitted,
    SegmentDropped,
    SegmentTranslated,
    summarize,
    to_json,
)
from stslocal.storage import models_folder
from stslocal.types import RECOGNITION_RATE, Samples

sys.path.insert(0, str(CHECKOUT))

from tests.device.conftest import LOUDSPEAKER, MICROPHONE, SoundServer
from tests.live_program import running_stslocal, wait_until

PLAY_RATE = 48_000
VOICE_RMS = 0.076
"""The loudness of the translated speech where it is not silent, as the starter pack's voice has it.
The reader is played as loud as that, so that an echo of 0 dB is as loud as the reader."""


@dataclass(frozen=True)
class Row:
    """The figures of one session."""

    duplex: str
    echo_db: float | None
    words: int
    kept: int
    """Words of the reader in segments that were translated."""
    invented: int
    """Words in such segments that the reader did not say."""
    dropped_as_own: int
    """Segments that were dropped as our own voice."""
    muted_s: float
    lag_s: float | None
    worst_lag_s: float | None
    latency_s: float | None
    """Median end-of-speech latency."""


def main() -> None:
    arguments = _arguments()
    reading, text = arguments.data.passage("en", seconds=arguments.seconds)
    reading = _as_loud_as(reading, VOICE_RMS)
    rows = []
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        os.environ.update(server.environment)
        server.start()
        try:
            for echo_db in arguments.echo_db:
                for mode in arguments.modes:
                    row = _session(server, mode, echo_db, reading, text, arguments)
                    rows.append(row)
                    print(_line(row), flush=True)
        finally:
            server.end_clients()
            server.kill()
    (arguments.out / "room.json").write_text(json.dumps([asdict(row) for row in rows], indent=2))
    (arguments.out / "room.md").write_text("\n".join([*_HEAD, *map(_line, rows)]) + "\n")


def _session(
    server: SoundServer,
    mode: str,
    echo_db: float | None,
    reading: Samples,
    text: str,
    arguments: argparse.Namespace,
) -> Row:
    name = f"{mode}-{'none' if echo_db is None else f'{echo_db:g}'}"
    command = [
        "live", "--from", "en", "--to", "pt", "--input-device", MICROPHONE,
        "--output-device", LOUDSPEAKER, "--duplex", mode, "--json", *arguments.option,
    ]  # fmt: skip
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stslocal(Path(folder), arguments.models, *command, code=arguments.code) as program,
    ):
        wait_until(program.is_ready, "the program is ready", seconds=120)
        if echo_db is None:
            _talk(server, reading)
        else:
            with server.echoing(delay_ms=arguments.delay_ms, gain_db=echo_db):
                _talk(server, reading)
                _wait_until_silent(program.out)
        program.interrupt()
        events = program.events()
    server.end_clients()
    lines = "\n".join(map(to_json, events))
    (arguments.out / f"{name}.jsonl").write_text(lines + "\n", encoding="utf-8")
    return judge(mode, echo_db, events, text)


def _talk(server: SoundServer, reading: Samples) -> None:
    server.play_into(resample(reading, RECOGNITION_RATE, PLAY_RATE), PLAY_RATE)
    time.sleep(len(reading) / RECOGNITION_RATE + 1.0)


def _wait_until_silent(out: Path) -> None:
    """Wait until the program has had nothing to play for some seconds, at most a minute."""
    for _ in range(20):
        before = _playbacks(out)
        time.sleep(4.0)
        started, ended = _playbacks(out)
        if started == ended and (started, ended) == before:
            return


def _playbacks(out: Path) -> tuple[int, int]:
    written = out.read_text(encoding="utf-8")
    started, ended = (f'"event": "playback_{end}"' for end in ("started", "ended"))
    return written.count(started), written.count(ended)


def judge(mode: str, echo_db: float | None, events: list[Event], text: str) -> Row:
    """Compare the segments that were translated with what was read."""
    dropped = [event for event in events if isinstance(event, SegmentDropped)]
    translated = {event.segment for event in events if isinstance(event, SegmentTranslated)}
    recognized = " ".join(
        event.text
        for event in events
        if isinstance(event, SegmentCommitted) and event.segment in translated
    )
    words = jiwer.process_words(normalized(text), normalized(recognized) or "-")
    summary = summarize(events)
    muted = [event for event in events if isinstance(event, InputLevel) and event.muted]
    return Row(
        duplex=mode,
        echo_db=echo_db,
        words=len(normalized(text).split()),
        kept=words.hits,
        invented=words.insertions,
        dropped_as_own=sum(event.reason == "echo" for event in dropped),
        muted_s=LEVEL_EVERY_S * len(muted),
        lag_s=summary.lag.p50 if summary.lag else None,
        worst_lag_s=summary.lag.maximum if summary.lag else None,
        latency_s=summary.end_of_speech_latency.p50 if summary.end_of_speech_latency else None,
    )


_HEAD = (
    "| duplex | echo | words translated | invented | dropped as our own | microphone off |"
    " lag, median / worst |",
    "|---|---|---|---|---|---|---|",
)


def _line(row: Row) -> str:
    echo = "none" if row.echo_db is None else f"{row.echo_db:+g} dB"
    lag = "-" if row.lag_s is None else f"{row.lag_s:.1f} / {row.worst_lag_s:.1f} s"
    return (
        f"| {row.duplex} | {echo} | {row.kept} of {row.words} | {row.invented} |"
        f" {row.dropped_as_own} | {row.muted_s:.0f} s | {lag} |"
    )


def _as_loud_as(samples: Samples, rms: float) -> Samples:
    """The samples with this RMS over the blocks of 50 ms that are not silent."""
    block = RECOGNITION_RATE // 20
    blocks = samples[: len(samples) // block * block].reshape(-1, block)
    loudness = np.sqrt(np.square(blocks).mean(axis=1))
    active = loudness[loudness > 0.1 * loudness.max()]
    scaled: Samples = (samples * (rms / np.sqrt(np.square(active).mean()))).astype(np.float32)
    return np.clip(scaled, -1.0, 1.0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--modes", nargs="+", default=["full", "half", "aec"])
    parser.add_argument("--echo-db", nargs="+", type=_gain, default=[0.0, 6.0])
    parser.add_argument("--delay-ms", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--code", type=Path, default=CHECKOUT)
    parser.add_argument("--option", action="append", default=[], help="another option of live")
    parser.add_argument("--models", type=Path, default=models_folder())
    parser.add_argument("--out", type=Path, default=Path("room"))
    add_data_option(parser)
    return parser.parse_args()


def _gain(text: str) -> float | None:
    return None if text == "none" else float(text)


if __name__ == "__main__":
    main()
