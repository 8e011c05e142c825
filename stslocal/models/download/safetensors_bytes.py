"""Write float32 arrays in the safetensors format, always as the same bytes.

The safetensors package does not promise the order of its header between versions, and a
built file is held to a sha256. The format is small enough to be written out: an int64 header
length, a JSON header padded with spaces to a multiple of eight, then the arrays.

Source: the format's description in the safetensors repository, README.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def safetensors_bytes(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """The content of a `.safetensors` file with `tensors` in the order of their names.

    Every array is stored as little-endian float32 in C order, whatever it was.
    """
    header: dict[str, object] = {}
    chunks: list[bytes] = []
    position = 0
    for name in sorted(tensors):
        data = tensors[name].astype("<f4", order="C", copy=False)
        chunk = data.tobytes()
        end = position + len(chunk)
        header[name] = {
            "dtype": "F32",
            "shape": data.shape,
            "data_offsets": [position, end],
        }
        chunks.append(chunk)
        position = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((np.array(len(text), "<i8").tobytes(), text, *chunks))
