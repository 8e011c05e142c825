"""How many live sessions one server serves: latency, lag, processor time and memory by number.

    python scripts/bench/server.py [--language en] [--to pt] [--most N] [--seconds S]
                                   [--data FOLDER] [--out DIR] [--max-sessions N]

Starts `stslocal serve`, and then 1, 2, 3 ... clients at once say the long recording of a language
at the pace of its speech, each from another place, until the server refuses one or `--most` were
served. So the last row is the number that the server itself foretold, unless --max-sessions says
otherwise.

A row has, over all sessions of a number: end-of-speech latency and lag (p50 and p95, as the live
session measures them), the words that were translated of those that were recognized, the processor
time of the server a second, its memory, and the most sound that waited for a recognizer.

Writes server.json and server.md.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from corpus import Corpus, add_data_option
from websockets.asyncio.client import ClientConnection, connect

from stslocal.audio.resample import Resampler, to_int16
from stslocal.types import RECOGNITION_RATE, Samples

WIRE_RATE = 24_000
FRAME_S = 0.2
TAIL_S = 60.0
"""Longest wait for the rest of the translation after the recording has ended."""


@dataclass
class Received:
    """What one client got."""

    refused: str = ""
    latencies_s: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    recognized_words: int = 0
    dropped_words: int = 0
    spoken_s: float = 0.0
    errors: list[str] = field(default_factory=list)


@dataclass
class Row:
    """What a number of sessions got, all together."""

    sessions: int
    latency_p50_s: float
    latency_p95_s: float
    lag_p50_s: float
    lag_p95_s: float
    translated: float
    """Share of the recognized words that were spoken in translation."""
    cores: float
    """Processor seconds a second."""
    memory_mb: int
    waiting_s: float
    errors: int


async def say(address: str, speech: Samples, language: str) -> Received:
    """Say samples, shape (n,), at WIRE_RATE, at their pace, and wait for the session's end."""
    got = Received()
    async with connect(f"{address}?events=all", proxy=None, max_queue=None) as client:
        first = json.loads(await client.recv())
        if first["type"] == "error":
            got.refused = first["error"]["message"]
            return got
        update = {
            "type": "session.update",
            "session": {"audio": {"output": {"language": language}}},
        }
        await client.send(json.dumps(update))
        receiving = asyncio.create_task(receive(client, got))
        began = time.perf_counter()
        step = round(FRAME_S * WIRE_RATE)
        for number, start in enumerate(range(0, len(speech), step), 1):
            pcm = to_int16(speech[start : start + step]).astype("<i2").tobytes()
            audio = base64.b64encode(pcm).decode()
            event = {"type": "session.input_audio_buffer.append", "audio": audio}
            await client.send(json.dumps(event))
            await asyncio.sleep(max(0.0, began + number * FRAME_S - time.perf_counter()))
        await client.send('{"type": "session.close"}')
        await asyncio.wait_for(receiving, TAIL_S)
    return got


async def receive(client: ClientConnection, got: Received) -> None:
    """Take the events of a session until it is closed."""
    async for message in client:
        event = json.loads(message)
        if event["type"] == "error":
            got.errors.append(event["error"]["message"])
        elif event["type"] == "session.output_audio.delta":
            got.spoken_s += len(event["delta"]) * 3 / 4 / 2 / WIRE_RATE
        elif event["type"] == "stslocal.event":
            take(event["event"], got)


def take(event: dict[str, Any], got: Received) -> None:
    """Take an event of the live session."""
    match event["name"]:
        case "playback_started":
            got.latencies_s.append(event["at_s"] - event["source_end_s"])
        case "lag_measured":
            got.lags_s.append(event["spoken_s"] - event["played_s"])
        case "segment_committed":
            got.recognized_words += len(event["text"].split())
        case "segment_dropped":
            got.dropped_words += len(event["text"].split())


async def measure(port: int, pid: int, speeches: list[Samples], language: str) -> Row | str:
    """Serve one client for each speech at once. A text says why one was refused."""
    address = f"ws://127.0.0.1:{port}/v1/realtime/translations"
    cpu_s, began = cpu_seconds(pid), time.perf_counter()
    waiting: list[float] = []
    watching = asyncio.create_task(watch(port, waiting))
    got = await asyncio.gather(*(say(address, speech, language) for speech in speeches))
    watching.cancel()
    for each in got:
        if each.refused:
            return each.refused
    elapsed = time.perf_counter() - began
    latencies = [value for each in got for value in each.latencies_s]
    lags = [value for each in got for value in each.lags_s]
    words = sum(each.recognized_words for each in got)
    dropped = sum(each.dropped_words for each in got)
    return Row(
        len(speeches),
        percentile(latencies, 50), percentile(latencies, 95),
        percentile(lags, 50), percentile(lags, 95),
        round(1 - dropped / words, 3) if words else 0.0,
        round((cpu_seconds(pid) - cpu_s) / elapsed, 2),
        memory_mb(pid),
        max(waiting, default=0.0),
        sum(len(each.errors) for each in got),
    )  # fmt: skip


async def watch(port: int, waiting: list[float]) -> None:
    """Ask for the figures of the server every second."""
    while True:
        await asyncio.sleep(1.0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        if found := re.search(r"^stslocal_waiting_seconds_max ([\d.e+-]+)", text, re.MULTILINE):
            waiting.append(round(float(found[1]), 1))


def percentile(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 2) if values else 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children so far, where the system says so."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.is_file():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children")
    below = children.read_text().split() if children.is_file() else []
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in below)


def memory_mb(pid: int) -> int:
    """Resident memory of a process now, where the system says so."""
    status = Path(f"/proc/{pid}/status")
    text = status.read_text() if status.is_file() else ""
    found = re.search(r"^VmRSS:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0


def speech_of(corpus: Corpus, language: str, seconds: float) -> Samples:
    """The long recording of a language, shape (n,), at WIRE_RATE."""
    whole, _ = corpus.passage(language, seconds=seconds)
    resampler = Resampler(RECOGNITION_RATE, WIRE_RATE)
    return np.concatenate([resampler.process(whole), resampler.flush()])


def turned(speech: Samples, share: float, seconds: float) -> Samples:
    """`seconds` of the speech from another place on, around its end."""
    start = round(share * len(speech))
    return np.concatenate([speech[start:], speech[:start]])[: round(seconds * WIRE_RATE)]


def table(rows: list[Row], refusal: str) -> str:
    lines = [
        "| sessions | latency p50 / p95 (s) | lag p50 / p95 (s) | translated | cores | MB | "
        "waiting (s) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row.sessions} | {row.latency_p50_s:.1f} / {row.latency_p95_s:.1f} | "
            f"{row.lag_p50_s:.1f} / {row.lag_p95_s:.1f} | {row.translated:.0%} | "
            f"{row.cores:.2f} | {row.memory_mb} | {row.waiting_s:.1f} |"
        )
    return "\n".join([*lines, "", refusal or "No session was refused."]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--language", default="en")
    parser.add_argument("--to", default="pt")
    parser.add_argument("--most", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--max-sessions", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    add_data_option(parser)
    arguments = parser.parse_args()
    speech = speech_of(arguments.data, arguments.language, 2 * arguments.seconds)
    command = [sys.executable, "-m", "stslocal", "serve", "--port", "0",
               "--from", arguments.language, "--to", arguments.to]  # fmt: skip
    if arguments.max_sessions:
        command += ["--max-sessions", str(arguments.max_sessions)]
    rows: list[Row] = []
    refusal = ""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            port = wait_for_port(process, log)
            for number in range(1, arguments.most + 1):
                speeches = [turned(speech, i / number, arguments.seconds) for i in range(number)]
                row = asyncio.run(measure(port, process.pid, speeches, arguments.to))
                if isinstance(row, str):
                    refusal = row
                    break
                rows.append(row)
                print(table([row], "").splitlines()[2])
        finally:
            process.terminate()
            process.wait(60)
    arguments.out.mkdir(parents=True, exist_ok=True)
    document = {"rows": [asdict(row) for row in rows], "refusal": refusal}
    (arguments.out / "server.json").write_text(json.dumps(document, indent=1) + "\n")
    (arguments.out / "server.md").write_text(table(rows, refusal))
    print(table(rows, refusal))
    return 0


def wait_for_port(process: subprocess.Popen[bytes], log: IO[str]) -> int:
    """The port that the server says it listens at."""
    while process.poll() is None:
        log.seek(0)
        if found := re.search(r"serving at http://127\.0\.0\.1:(\d+)", log.read()):
            return int(found[1])
        time.sleep(0.1)
    log.seek(0)
    raise SystemExit(f"the server did not start: {log.read()}")


if __name__ == "__main__":
    raise SystemExit(main())
