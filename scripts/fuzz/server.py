"""Sends 10 000 wrong messages to a server: events, frames and requests at random.

    python scripts/fuzz/server.py [--messages 10000] [--seed 1]

Starts `stslocal serve` and looks after each batch whether it still answers. Eight in ten messages
are damaged events, sent over WebSockets; one in ten is a frame and one a request of damaged bytes,
each over a connection of its own. Prints what was answered, and how the server's memory and
descriptors have changed; the exit code is 1 where it has ended, gave a status of 500, or did not
answer. What it wrote itself is shown too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import IO

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

BATCH = 50
"""Messages of a connection: a server closes one after as many wrong ones."""
PAUSE_S = 0.03
"""Between two connections: one address may open 50 in a second."""
PATH = "/v1/realtime/translations"
HEAD = (
    f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
).encode()
EVENTS = (
    {"type": "session.input_audio_buffer.append", "audio": "AAAAAAAA", "event_id": "e"},
    {"type": "session.update", "session": {"audio": {"output": {"language": "xx"}}}},
    {"type": "session.update", "session": {"audio": {"input": {"transcription": {"model": "m"}}}}},
)
VALUES = ("null", "true", "[]", "{}", "-1", "1e999", '"\\ud800"', '""', "[" * 50, "9" * 400)


def damaged_event(dice: random.Random) -> str | bytes:
    """An event in which a value or some bytes are others."""
    text = json.dumps(dice.choice(EVENTS))
    if dice.random() < 0.5:
        spans = [match.span(1) for match in re.finditer(r': ("[^"]*"|\{[^{}]*\})', text)]
        start, end = dice.choice(spans)
        return text[:start] + dice.choice(VALUES) + text[end:]
    return damaged(text.encode(), dice)


def damaged(whole: bytes, dice: random.Random) -> bytes:
    """The bytes with some of them changed, doubled or left out."""
    data = bytearray(whole)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(data))
        match dice.randrange(3):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                data[at:at] = data[at : at + dice.randrange(1, 200)]
            case _:
                del data[at : at + dice.randrange(1, 4)]
        if not data:
            return b"x"
    return bytes(data)


async def send_events(port: int, dice: random.Random, seen: Counter[str]) -> None:
    """Send a batch of events over one WebSocket, and count what is answered."""
    try:
        async with connect(f"ws://127.0.0.1:{port}{PATH}", proxy=None, max_queue=None) as client:
            for _ in range(BATCH):
                await client.send(damaged_event(dice))
            await client.send('{"type": "session.close"}')
            async for message in client:
                event = json.loads(message)
                code = event["error"]["code"] if event["type"] == "error" else event["type"]
                seen[f"event {code}"] += 1
    except ConnectionClosed as closed:
        seen[f"closed {closed.rcvd.code if closed.rcvd else 'without a code'}"] += 1


async def send_bytes(port: int, messages: list[bytes], seen: Counter[str]) -> None:
    """Send bytes over one connection, and count the status that is answered, if there is one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for message in messages:
            writer.write(message)
        await writer.drain()
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(64), 15)
        seen[answer[:12].decode("latin-1") or "closed"] += 1
    except (OSError, asyncio.TimeoutError) as error:
        seen[type(error).__name__] += 1
    finally:
        writer.close()


def noise(dice: random.Random) -> bytes:
    """A frame of a WebSocket with a wrong head, length or mask."""
    length = dice.choice([0, 5, 125, 126, 127])
    head = bytes([dice.randrange(256), dice.choice([0, 0x80]) | length])
    return head + struct.pack(">Q", dice.getrandbits(64)) + dice.randbytes(dice.randrange(64))


async def fuzz(port: int, count: int, dice: random.Random, process: subprocess.Popen[bytes]) -> int:
    seen: Counter[str] = Counter()
    before = state(process)
    for number in range(0, count, BATCH):
        match number // BATCH % 10:
            case 8:
                for _ in range(BATCH):
                    await send_bytes(port, [HEAD, noise(dice)], seen)
                    await asyncio.sleep(PAUSE_S)
            case 9:
                for _ in range(BATCH):
                    await send_bytes(port, [damaged(HEAD, dice)], seen)
                    await asyncio.sleep(PAUSE_S)
            case _:
                await send_events(port, dice, seen)
        await asyncio.sleep(PAUSE_S)
        alive: Counter[str] = Counter()
        await send_bytes(port, [b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"], alive)
        if "HTTP/1.1 200" not in alive and "HTTP/1.1 429" not in alive:
            print(f"after {number + BATCH} messages the server does not answer: {dict(alive)}")
            return 1
    await asyncio.sleep(2.0)
    for what, times in seen.most_common():
        print(f"{times:7}  {what}")
    for name, first, last in zip(
        ("MB", "descriptors", "threads"), before, state(process), strict=True
    ):
        print(f"{name}: {first} before, {last} after")
    return int(process.poll() is not None or any(" 50" in what for what in seen))


def state(process: subprocess.Popen[bytes]) -> tuple[int, int, int]:
    """Memory in MB, descriptors and threads of the server, where the system says so."""
    folder = Path(f"/proc/{process.pid}")
    if not folder.is_dir():
        return 0, 0, 0
    status = (folder / "status").read_text()
    values = dict(re.findall(r"^(\w+):\s+(\d+)", status, re.MULTILINE))
    descriptors = len(list((folder / "fd").iterdir()))
    return int(values["VmRSS"]) // 1024, descriptors, int(values["Threads"])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryFile("w+") as log:
        command = [sys.executable, "-m", "stslocal", "serve", "--port", "0", "--max-sessions", "4"]
        process = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            port = wait_for_port(process, log)
            return asyncio.run(
                fuzz(port, arguments.messages, random.Random(arguments.seed), process)
            )
        finally:
            process.terminate()
            code = process.wait(60)
            log.seek(0)
            print(f"the server ended with {code}, and wrote:\n{log.read()[-2000:]}")


def wait_for_port(process: subprocess.Popen[bytes], log: IO[str]) -> int:
    """The port that the server says it listens at."""
    while process.poll() is None:
        log.seek(0)
        found = re.search(r"serving at http://127\.0\.0\.1:(\d+)", log.read())
        if found:
            return int(found[1])
        time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    raise SystemExit(main())
