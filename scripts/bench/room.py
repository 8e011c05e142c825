"""What is lost and what comes back when a translation plays on a loudspeaker in the room.

    python scripts/bench/room.py [--modes full half aec] [--echo-db 0 6] [--delay-ms 80]
                                 [--seconds 40] [--virtual [--uncorrected] | --code CHECKOUT]
                                 [--data FOLDER] [--out DIR]

A reading without long pauses is played into a virtual microphone, and `stslocal live` translates
it on virtual sound cards, in real time. The loudspeaker comes back into the microphone after
`--delay-ms`, `--echo-db` louder than the reader (`none`: not at all, as with headphones). Each mode
of --duplex is one row: how many of the reader's words were translated, how many words were that
nobody said, what the program itself dropped as its own voice, for how long the microphone was off,
and the lag. `--code` runs another checkout, such as an older one. Needs PulseAudio.

With --virtual, the room is simulated, with 0.25 s of reverberation, and each stage has a processor
of its own (see lanes.py): other programs on the machine change nothing. Only `half` cannot be
measured so, because there the loudspeaker waits for what is captured meanwhile. With --uncorrected
nothing is done about the sound that was captured before the echo was found.

Writes room.json, room.md and the events of each run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from unittest import mock

import jiwer
import numpy as np
from corpus import CHECKOUT, add_data_option, normalized
from echoing_room import RoomInput, RoomOutput
from lanes import Lanes
from live import timed_engines

from stslocal.audio.echo_canceller import EchoCanceller
from stslocal.audio.resample import resample
from stslocal.engines.process import prepare_process
from stslocal.live.capture import LEVEL_EVERY_S
from stslocal.live.options import LiveOptions
from stslocal.live.translation import LiveTranslation
from stslocal.loading.load import load_engines
from stslocal.metrics import (
    Event,
    InputLevel,
    SegmentCommitted,
    SegmentDropped,
    SegmentTranslated,
    summarize,
    to_json,
)
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.storage import models_folder
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples

sys.path.insert(0, str(CHECKOUT))

from tests.device.conftest import LOUDSPEAKER, MICROPHONE, SoundServer
from tests.live_program import running_stslocal, wait_until

PLAY_RATE = 48_000
_AFTER_S = 30.0
"""Silence after the reading, in which a loop would go on."""
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
    if arguments.virtual:
        with _uncorrected() if arguments.uncorrected else nullcontext():
            rows = list(_simulated(reading, text, arguments))
        _write(rows, arguments.out)
        return
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
    _write(rows, arguments.out)


def _uncorrected() -> AbstractContextManager[object]:
    """Take the canceller's corrections of earlier sound away."""
    nothing = np.zeros(0, np.float32)
    return mock.patch.object(EchoCanceller, "take_corrected", return_value=nothing)


def _write(rows: list[Row], folder: Path) -> None:
    (folder / "room.json").write_text(json.dumps([asdict(row) for row in rows], indent=2))
    (folder / "room.md").write_text("\n".join([*_HEAD, *map(_line, rows)]) + "\n")


def _simulated(reading: Samples, text: str, arguments: argparse.Namespace) -> Iterator[Row]:
    """The sessions on virtual time."""
    prepare_process()
    settings = replace(Settings.load({"source": "en", "target": "pt"}), threads=1)
    engines = load_engines(settings, ModelStore.discover(), use="live")
    engines.warm_up("en", "pt")
    silence = np.zeros(round(_AFTER_S * RECOGNITION_RATE), np.float32)
    sound = np.concatenate([reading, silence])
    for echo_db in arguments.echo_db:
        for mode in arguments.modes:
            lanes = Lanes()
            events: list[Event] = []
            output = RoomOutput(
                engines.synthesizer.sample_rate,
                lanes,
                longest_s=4 * len(sound) / RECOGNITION_RATE,
            )
            room = RoomInput(
                sound, lanes, output, gain_db=echo_db, delay_s=arguments.delay_ms / 1000
            )
            options = LiveOptions(
                TranslationRequest("pt", "en"),
                duplex="aec" if mode == "auto" else mode,
                duplex_is_auto=mode == "auto",
            )
            with LiveTranslation(
                timed_engines(engines, lanes, 1.0),
                options,
                room,
                output,
                clock=lanes,
                emit=events.append,
                run=lanes.run,
            ) as live:
                for _ in live.session:
                    pass
            _keep(events, mode, echo_db, arguments.out)
            row = judge(mode, echo_db, events, text)
            print(_line(row), flush=True)
            yield row


def _keep(events: list[Event], mode: str, echo_db: float | None, folder: Path) -> None:
    name = f"{mode}-{'none' if echo_db is None else f'{echo_db:g}'}.jsonl"
    lines = "\n".join(map(to_json, events))
    (folder / name).write_text(lines + "\n", encoding="utf-8")


def _session(
    server: SoundServer,
    mode: str,
    echo_db: float | None,
    reading: Samples,
    text: str,
    arguments: argparse.Namespace,
) -> Row:
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
    _keep(events, mode, echo_db, arguments.out)
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
    parser.add_argument("--virtual", action="store_true", help="in a simulated room")
    parser.add_argument("--uncorrected", action="store_true", help="with --virtual: see above")
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
