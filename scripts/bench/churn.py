"""Sessions come, go and die for some minutes: memory, threads and descriptors of the server.

    python scripts/bench/churn.py [--minutes M] [--clients N] [--language en] [--to pt]
                                  [--data FOLDER] [--out DIR]

Starts `stslocal serve` with the installed models. Each of N clients opens a session, says 2 to 6 s
of a recording faster than it is spoken, and then does one of these, drawn by chance: closes the
session and waits for its end; leaves with the code 1000; cuts the connection without a word; sends
nonsense; changes the language in the middle; asks for the words alone. Then it comes again.

Once in five seconds it reads what the server's process holds. The first third warms up the engines;
the slope of the rest is given for an hour. At the end no session may be open.

Writes churn.json and churn.md.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from corpus import add_data_option
from server import WIRE_RATE, cpu_seconds, memory_mb, speech_of, wait_for_port
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from stslocal.audio.resample import to_int16
from stslocal.types import Samples

ENDS = ("closes", "leaves", "is cut", "sends nonsense", "changes its language", "words alone")
LOOK_S = 5.0
FASTER = 3.0
"""Times the pace of speech. The server takes sound a few seconds early at most."""


@dataclass
class Held:
    """What the server's process holds at one moment."""

    at_s: float
    memory_mb: int
    threads: int
    descriptors: int
    sessions: int


async def client(address: str, speech: Samples, target: str, dice: random.Random,
                 done: Counter[str], until: float) -> None:  # fmt: skip
    while time.perf_counter() < until:
        how = dice.choice(ENDS)
        try:
            async with connect(address, proxy=None, max_queue=None) as connection:
                first = json.loads(await connection.recv())
                if first["type"] == "error":
                    done[first["error"]["code"]] += 1
                    await asyncio.sleep(1.0)
                    continue
                await session(connection, speech, target, dice, how)
                done[how] += 1
        except (OSError, WebSocketException, asyncio.TimeoutError) as error:
            done[f"{how}: {type(error).__name__}"] += 1


async def session(connection: ClientConnection, speech: Samples, target: str, dice: random.Random,
                  how: str) -> None:  # fmt: skip
    language = None if how == "words alone" else target
    await update(connection, language)
    seconds = dice.uniform(2.0, 6.0)
    start = dice.randrange(max(1, len(speech) - round(seconds * WIRE_RATE)))
    said = speech[start : start + round(seconds * WIRE_RATE)]
    reading = asyncio.create_task(read_to_end(connection))
    step = WIRE_RATE // 5
    for number, at in enumerate(range(0, len(said), step)):
        if how == "changes its language" and at >= len(said) // 2:
            await update(connection, None)
            how = "closes"
        pcm = to_int16(said[at : at + step]).astype("<i2").tobytes()
        event = {
            "type": "session.input_audio_buffer.append",
            "audio": base64.b64encode(pcm).decode(),
        }
        await connection.send(json.dumps(event))
        if how == "sends nonsense" and number % 3 == 0:
            await connection.send(dice.choice(["{", '{"type": 1}', '{"type": "x"}', "\0"]))
        await asyncio.sleep(0.2 / FASTER)
    if how == "is cut":
        connection.transport.abort()
    elif how != "leaves":
        await connection.send('{"type": "session.close"}')
        await asyncio.wait_for(reading, 120)
    reading.cancel()
    with suppress(asyncio.CancelledError, WebSocketException):
        await reading


async def update(connection: ClientConnection, language: str | None) -> None:
    audio = {"output": {"language": language}, "input": {"transcription": {"model": "whisper"}}}
    await connection.send(json.dumps({"type": "session.update", "session": {"audio": audio}}))


async def read_to_end(connection: ClientConnection) -> None:
    async for _ in connection:
        pass


async def watch(port: int, pid: int, seen: list[Held], began: float) -> None:
    while True:
        seen.append(await look(port, pid, began))
        await asyncio.sleep(LOOK_S)


async def look(port: int, pid: int, began: float) -> Held:
    """What the process holds now, and how many sessions it has open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    text = (await reader.read()).decode()
    writer.close()
    open_now = re.search(r"^stslocal_sessions_open ([\d.]+)", text, re.MULTILINE)
    process = Path(f"/proc/{pid}")
    return Held(
        round(time.perf_counter() - began, 1),
        memory_mb(pid),
        len(list((process / "task").iterdir())),
        len(list((process / "fd").iterdir())),
        round(float(open_now[1])) if open_now else -1,
    )


async def churn(port: int, pid: int, speech: Samples, target: str, clients: int, seconds: float
                ) -> tuple[list[Held], Counter[str]]:  # fmt: skip
    address = f"ws://127.0.0.1:{port}/v1/realtime/translations?source=auto"
    began, done, seen = time.perf_counter(), Counter[str](), list[Held]()
    watching = asyncio.create_task(watch(port, pid, seen, began))
    await asyncio.gather(
        *(
            client(address, speech, target, random.Random(number), done, began + seconds)
            for number in range(clients)
        )
    )
    watching.cancel()
    for _ in range(100):  # those that were cut wait half a minute for their clients
        seen.append(await look(port, pid, began))
        if not seen[-1].sessions:
            break
        await asyncio.sleep(0.5)
    return seen, done


def slope(seen: list[Held], of: str) -> float:
    """How much a figure grows in an hour, by the second two thirds."""
    kept = [each for each in seen if each.at_s >= seen[-1].at_s / 3]
    times = [each.at_s / 3600 for each in kept]
    return round(float(np.polyfit(times, [getattr(each, of) for each in kept], 1)[0]), 1)


def table(seen: list[Held], done: Counter[str], cpu_s: float) -> str:
    lines = ["| after s | MB | threads | descriptors | sessions open |", "|---|---|---|---|---|"]
    step = max(1, len(seen) // 10)
    for each in [*seen[:-1:step], seen[-1]]:
        lines.append(
            f"| {each.at_s:.0f} | {each.memory_mb} | {each.threads} | {each.descriptors} | "
            f"{each.sessions} |"
        )
    counts = ", ".join(f"{how} {number}" for how, number in sorted(done.items()))
    lines += ["", f"{done.total()} sessions in {cpu_s:.0f} s of processor time: {counts}.",
              f"In an hour: {slope(seen, 'memory_mb'):+.0f} MB, {slope(seen, 'threads'):+.0f} "
              f"threads, {slope(seen, 'descriptors'):+.0f} descriptors."]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--language", default="en")
    parser.add_argument("--to", default="pt")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    add_data_option(parser)
    arguments = parser.parse_args()
    speech = speech_of(arguments.data, arguments.language, 60.0)
    command = [sys.executable, "-m", "stslocal", "serve", "--port", "0", "--threads", "1",
               "--from", arguments.language, "--to", arguments.to,
               # Those that were cut keep their places for half a minute.
               "--max-sessions", str(3 * arguments.clients)]  # fmt: skip
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            port = wait_for_port(process, log)
            # The command line forks before it loads anything: its child is the server.
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            pid = max([process.pid, *map(int, children)], key=memory_mb)
            used_s = cpu_seconds(pid)
            seen, done = asyncio.run(
                churn(port, pid, speech, arguments.to, arguments.clients, 60 * arguments.minutes)
            )
            text = table(seen, done, cpu_seconds(pid) - used_s)
        finally:
            process.terminate()
            process.wait(60)
    arguments.out.mkdir(parents=True, exist_ok=True)
    document = {"held": [asdict(each) for each in seen], "sessions": done}
    (arguments.out / "churn.json").write_text(json.dumps(document, indent=1) + "\n")
    (arguments.out / "churn.md").write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
