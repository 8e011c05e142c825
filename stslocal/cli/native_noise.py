"""Keeps off the terminal what C libraries write to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def native_noise_hidden() -> Iterator[None]:
    """Hide what C libraries write to standard error, and show what Python writes there.

    When a device is pulled out, PortAudio's threads print lines of their own, which would destroy
    the screen of a live session. An event reports the loss of the device.
    """
    try:
        kept = os.dup(2)
    except OSError:  # no standard error at all
        yield
        return
    python = sys.stderr
    if _is_descriptor_2(python):
        sys.stderr = open(  # noqa: SIM115 - closed below
            kept, "w", buffering=1, encoding=python.encoding, errors=python.errors, closefd=False
        )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = python
        os.dup2(kept, 2)
        os.close(kept)


def _is_descriptor_2(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except (AttributeError, OSError):  # None under pythonw; a test's stand-in has no descriptor
        return False
