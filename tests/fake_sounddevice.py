"""A fake of the sounddevice module: a test connects its cards, runs their callbacks and
disconnects them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray


class PortAudioError(Exception):
    """Like sounddevice's: a message, and perhaps a code and a host error."""


@dataclass
class FakeCard:
    """A device that can be connected."""

    name: str
    inputs: int = 0
    outputs: int = 0
    rate: float = 48_000.0
    api: int = 0
    refuses: str = ""
    """Why it cannot be opened; empty if it can."""

    def listed(self, index: int) -> dict[str, Any]:
        return {
            "index": index,
            "name": self.name,
            "hostapi": self.api,
            "max_input_channels": self.inputs,
            "max_output_channels": self.outputs,
            "default_samplerate": self.rate,
        }


class FakeStream:
    """A stream whose callback runs when the test calls `capture` or `play`."""

    def __init__(self, card: FakeCard, options: dict[str, Any]) -> None:
        self.card = card
        self.channels: int = options["channels"]
        self.samplerate = float(options["samplerate"])
        self.latency = 0.25
        self.running = False
        self.closed = False
        self._callback: Callable[..., None] = options["callback"]
        self._finished: Callable[[], None] = options["finished_callback"]

    def start(self) -> None:
        if self.card.refuses:
            raise PortAudioError(f"Error starting stream: {self.card.refuses}")
        self.running = True

    def capture(
        self, frames: NDArray[np.float32], *, delay_s: float = 0.0, lost: bool = False
    ) -> None:
        """Run an input's callback with frames, shape (n, channels)."""
        assert self.running
        times = SimpleNamespace(currentTime=100.0, inputBufferAdcTime=100.0 - delay_s)
        self._callback(frames, len(frames), times, SimpleNamespace(input_overflow=lost))

    def play(
        self, count: int, *, delay_s: float = 0.0, missing: bool = False
    ) -> NDArray[np.float32]:
        """Run an output's callback for `count` frames and return them, shape (n, channels)."""
        assert self.running
        out = np.full((count, self.channels), np.nan, np.float32)
        times = SimpleNamespace(currentTime=100.0, outputBufferDacTime=100.0 + delay_s)
        self._callback(out, count, times, SimpleNamespace(output_underflow=missing))
        return out

    def vanish(self) -> None:
        """End the stream as when the card is disconnected."""
        self.running = False
        self._finished()

    def abort(self, ignore_errors: bool = False) -> None:
        if self.running:
            self.vanish()

    def close(self, ignore_errors: bool = False) -> None:
        self.running = False
        self.closed = True


@dataclass
class FakeSoundDevice:
    """The module. PortAudio lists the cards that are `plugged` when it starts or restarts."""

    plugged: list[FakeCard]
    default_input: str = ""
    default_output: str = ""
    apis: tuple[str, ...] = ("ALSA", "OSS")
    streams: list[FakeStream] = field(default_factory=list)
    """All streams that were opened, in order."""
    restarts: int = 0
    PortAudioError = PortAudioError

    def __post_init__(self) -> None:
        self._known = list(self.plugged)

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": name} for name in self.apis]

    def query_devices(self, kind: str | None = None) -> Any:
        listed = [card.listed(index) for index, card in enumerate(self._known)]
        if kind is None:
            return listed
        wanted = self.default_input if kind == "input" else self.default_output
        for device in listed:
            if device["name"] == wanted and device[f"max_{kind}_channels"]:
                return device
        raise PortAudioError(f"Error querying device -1 for {kind}")

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        return self._open(options)

    OutputStream = InputStream

    def _open(self, options: dict[str, Any]) -> FakeStream:
        card = self._known[options["device"]]
        if card not in self.plugged:
            raise PortAudioError("Error opening stream: Device unavailable", -9985)
        self.streams.append(FakeStream(card, options))
        return self.streams[-1]

    def _terminate(self) -> None:
        assert all(stream.closed for stream in self.streams), "PortAudio would close open streams"

    def _initialize(self) -> None:
        self.restarts += 1
        self._known = list(self.plugged)
