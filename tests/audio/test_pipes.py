"""Pipes: all bytes, whatever was buffered before, and an end while nothing comes."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from stslocal.audio.pipes import PipeReader, waiting_pipe

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot wait for a pipe"),
]

DATA = os.urandom(300_000)


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, int]]:
    end, start = os.pipe()
    with os.fdopen(end, "rb") as reader:
        yield reader, start


def read_all(reader: PipeReader, size: int) -> bytes:
    return b"".join(iter(lambda: reader.read(size), b""))


@pytest.mark.parametrize("size", [1000, 32_768, 1 << 20, -1])
@pytest.mark.parametrize("taken", [0, 3])
def test_all_bytes_are_read(pipe: tuple[BinaryIO, int], size: int, taken: int) -> None:
    stream, start = pipe

    def write() -> None:
        with os.fdopen(start, "wb") as writer:
            writer.write(DATA)

    thread = threading.Thread(target=write)
    thread.start()
    before = stream.read(taken)
    reader = waiting_pipe(stream)
    assert reader is not None
    assert before + read_all(reader, size) == DATA
    thread.join()


def test_a_read_ends_while_nothing_comes(pipe: tuple[BinaryIO, int]) -> None:
    stream, start = pipe
    os.write(start, b"abc")
    reader = PipeReader(stream)
    read: list[bytes] = []
    thread = threading.Thread(target=lambda: read.append(read_all(reader, 100)))
    thread.start()
    reader.stop()
    thread.join()
    assert read[0] in (b"", b"abc")
    os.close(start)


def test_files_and_memory_are_no_pipes(tmp_path: Path) -> None:
    assert waiting_pipe(io.BytesIO(b"abc")) is None
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    with path.open("rb") as file:
        assert waiting_pipe(file) is None

    class Plain:
        def read(self, size: int = -1) -> bytes:
            return b""

    assert waiting_pipe(Plain()) is None  # type: ignore[arg-type]
