"""The messages between us and a process that works for us, over two pipes.

A message is the length in bytes (4, big-endian) of a JSON object in UTF-8, that object, and behind
it the arrays whose shapes it names, as little-endian float32. Both sides refuse an object of more
than 1 MiB and arrays of more than 256 MiB, so that no fault of one fills the memory of the other.

numpy is imported where there are arrays: a process that takes none does without it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]

MOST_BYTES = 1 << 20
"""The longest object."""
MOST_ARRAY_BYTES = 1 << 28
"""All arrays of a message: 70 min of sound at 16 kHz, 12 min in stereo at 44.1 kHz."""
_LENGTH_BYTES = 4
_ITEM_BYTES = 4


class RefusedError(Exception):
    """What was requested cannot be done. The message says why, for a person, without a next step.

    Raised in the process that works, and by our side of it.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A request or its answer."""

    fields: dict[str, Any]
    """What JSON can write."""
    arrays: tuple[Array, ...] = ()
    """Sound and other rows of numbers: float32, any shape."""


def write_message(pipe: BinaryIO, message: Message) -> None:
    """Write a message. Raises ValueError for one that is too long, OSError for a broken pipe."""
    arrays = [array.astype("<f4", order="C", copy=False) for array in message.arrays]
    document = {"fields": message.fields, "shapes": [array.shape for array in arrays]}
    body = json.dumps(document).encode()
    if len(body) > MOST_BYTES:
        raise ValueError(f"a message of {len(body)} bytes is too long")
    _check_size(sum(array.nbytes for array in arrays))
    pipe.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    for array in arrays:
        pipe.write(array.data)
    pipe.flush()


def read_message(pipe: BinaryIO) -> Message | None:
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
    document = json.loads(body)
    if not isinstance(document, dict) or not isinstance(document.get("fields"), dict):
        raise ValueError("a message must be an object with fields")
    shapes = [_shape(value) for value in document.get("shapes", ())]
    _check_size(_ITEM_BYTES * sum(map(prod, shapes)))
    arrays = []
    for shape in shapes:
        array = _read_array(pipe, shape)
        if array is None:
            return None
        arrays.append(array)
    return Message(document["fields"], tuple(arrays))


def _check_size(count: int) -> None:
    if count > MOST_ARRAY_BYTES:
        raise ValueError(f"arrays of {count} bytes are too long for a message")


def _shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, list) and all(type(one) is int and one >= 0 for one in value):
        return tuple(value)
    raise ValueError("a message must name the shapes of its arrays")


def _read_array(pipe: BinaryIO, shape: tuple[int, ...]) -> Array | None:
    import numpy as np

    body = _read_exactly(pipe, _ITEM_BYTES * prod(shape))
    if body is None:
        return None
    return np.frombuffer(body, "<f4").reshape(shape).astype(np.float32, copy=False)


def _read_exactly(pipe: BinaryIO, count: int) -> bytearray | None:
    """So many bytes; None where the pipe ends before."""
    parts = bytearray(count)
    view, done = memoryview(parts), 0
    while done < count:
        read = pipe.readinto(view[done:])  # type: ignore[attr-defined]
        if not read:
            return None
        done += read
    return parts
