"""The messages between us and the process that translates, over two pipes.

A message is its length in bytes (4, big-endian), and a JSON object in UTF-8. Both sides refuse a
message of more than 1 MiB, so that no fault of one fills the memory of the other.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

MOST_BYTES = 1 << 20
"""The longest message."""
_LENGTH_BYTES = 4


def write_message(pipe: BinaryIO, message: dict[str, Any]) -> None:
    """Write a message. Raises ValueError for one that is too long, OSError for a broken pipe."""
    body = json.dumps(message).encode()
    if len(body) > MOST_BYTES:
        raise ValueError(f"a message of {len(body)} bytes is too long")
    pipe.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    pipe.flush()


def read_message(pipe: BinaryIO) -> dict[str, Any] | None:
    """The next message; None where the pipe has ended. Raises ValueError for what is no message."""
    length = _read_exactly(pipe, _LENGTH_BYTES)
    if length is None:
        return None
    size = int.from_bytes(length, "big")
    if size > MOST_BYTES:
        raise ValueError(f"a message of {size} bytes is too long")
    body = _read_exactly(pipe, size)
    if body is None:
        return None
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("a message must be an object")
    return message


def _read_exactly(pipe: BinaryIO, count: int) -> bytes | None:
    """So many bytes; None where the pipe ends before."""
    parts = bytearray()
    while len(parts) < count:
        part = pipe.read(count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
