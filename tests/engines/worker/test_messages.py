"""The messages between us and a process that works, and the process's answers to them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from stslocal.engines.worker.messages import (
    MOST_BYTES,
    Message,
    RefusedError,
    read_message,
    write_message,
)
from stslocal.engines.worker.serving import serve

pytestmark = pytest.mark.unit


def written(*messages: Message) -> io.BytesIO:
    pipe = io.BytesIO()
    for message in messages:
        write_message(pipe, message)
    pipe.seek(0)
    return pipe


def raw(document: bytes, behind: bytes = b"") -> io.BytesIO:
    return io.BytesIO(len(document).to_bytes(4, "big") + document + behind)


@pytest.mark.parametrize("fields", [{}, {"text": "ação 日本 😀 \x00"}, {"a": [1, None]}])
def test_are_read_as_they_were_written(fields: dict[str, Any]) -> None:
    arrays = (np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((3, 0), np.float32))
    pipe = written(Message(fields, arrays), Message({"next": 1}))
    first, second, third = (read_message(pipe) for _ in range(3))
    assert first is not None
    assert first.fields == fields
    assert [array.tolist() for array in first.arrays] == [[[0, 1, 2], [3, 4, 5]], [[], [], []]]
    first.arrays[0][0] = 7  # may be changed
    assert second is not None
    assert (second.fields, second.arrays) == ({"next": 1}, ())
    assert third is None


@pytest.mark.parametrize("cut", [1, 4, 6, 50, 60])
def test_a_pipe_that_ends_within_one_has_ended(cut: int) -> None:
    whole = written(Message({"text": "abc"}, (np.zeros(8, np.float32),))).getvalue()
    assert cut < len(whole) == 4 + len('{"fields": {"text": "abc"}, "shapes": [[8]]}') + 32
    assert read_message(io.BytesIO(whole[:cut])) is None


@pytest.mark.parametrize(
    "pipe",
    [
        io.BytesIO(b"HTTP/1.1 200 OK"),
        raw(b"[]"),
        raw(b"{x"),
        raw(b"\xff"),
        raw(b"{}"),
        raw(b'{"fields": 1}'),
        raw(b'{"fields": {}, "shapes": [[-1]]}'),
        raw(b'{"fields": {}, "shapes": [[true]]}', bytes(4)),
        raw(b'{"fields": {}, "shapes": [8]}'),
        raw(b'{"fields": {}, "shapes": [[99999999, 2]]}'),
        raw(b'{"fields": {}, "shapes": [[40000000], [40000000]]}'),
    ],
)
def test_others_are_refused(pipe: io.BytesIO) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_message(pipe)


def test_one_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        write_message(io.BytesIO(), Message({"text": "x" * MOST_BYTES}))


def test_requests_are_answered_until_they_end() -> None:
    def answer(request: Message) -> Message:
        if not request.fields["text"]:
            raise RefusedError("no text")
        return Message({"text": request.fields["text"].upper()})

    answers = io.BytesIO()
    serve(written(*(Message({"text": text}) for text in ("x", "", "y"))), answers, answer)
    answers.seek(0)
    replies = [read_message(answers) for _ in range(3)]
    assert [reply.fields for reply in replies if reply] == [
        {"text": "X"},
        {"refused": "no text"},
        {"text": "Y"},
    ]
