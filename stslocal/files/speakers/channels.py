"""A recording with a speaker in each channel: every channel is cut into utterances by itself.

A microphone also captures the other speakers, more quietly. What is much quieter in a channel than
in another one, where somebody speaks, is theirs and is silenced.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.decode import SoundChoice, Source, probe
from stslocal.audio.opening import name_of_source
from stslocal.engines.protocols import VadState, VoiceActivityDetector
from stslocal.errors import SettingsError
from stslocal.files.utterances import FILE_LIMITS, UtteranceCutter
from stslocal.types import RECOGNITION_RATE, Samples, Utterance

MOST_CHANNELS = 8
QUIETER_DB = 12.0
"""What is quieter than in another channel by so much comes from there."""
_SPEECH = 0.5
_NEAR = 5
"""Windows on either side whose loudest one counts as the level: speech has gaps of 100 ms."""
_EARLIEST_S = FILE_LIMITS.longest_s + FILE_LIMITS.silence_s + FILE_LIMITS.margin_s + 1.0
"""An utterance that begins later than this before the end of what is read is not cut yet."""


def name_of_channel(number: int) -> str:
    """The name of the speaker of a channel, counted from 1."""
    return f"S{number}"


class SpeakerChannels:
    """Cuts the channels of a recording into utterances, which leave in the order of their starts.

    Keeps about 25 s of each channel.
    """

    def __init__(self, vad: VoiceActivityDetector, count: int) -> None:
        """`count` is the number of channels."""
        self._vad = vad
        self._states: list[VadState] = [vad.initial_state() for _ in range(count)]
        self._cutters = [UtteranceCutter() for _ in range(count)]
        self._waiting: list[Utterance] = []
        self._rest: NDArray[np.float32] = np.zeros((count, 0), np.float32)
        """Samples that do not fill a window yet."""
        self._index = 0
        self._read_s = 0.0

    def process(self, blocks: Sequence[Samples]) -> Iterator[Utterance]:
        """Take a block of each channel, all of one length, at 16 kHz."""
        sound = np.concatenate([self._rest, np.stack(blocks)], axis=1)
        whole = sound.shape[1] - sound.shape[1] % self._vad.window
        sound, self._rest = sound[:, :whole], sound[:, whole:]
        probabilities = np.zeros((len(sound), whole // self._vad.window), np.float32)
        for number, channel in enumerate(sound):
            probabilities[number], self._states[number] = self._vad.probabilities(
                channel, self._states[number]
            )
        theirs = crosstalk(sound, probabilities)
        kept = np.where(np.repeat(theirs, self._vad.window, axis=1), np.float32(0.0), sound)
        probabilities[theirs] = 0.0
        for number, cutter in enumerate(self._cutters):
            self._wait(number, cutter.push(kept[number], probabilities[number]))
        self._read_s += whole / RECOGNITION_RATE
        yield from self._leaving(self._read_s - _EARLIEST_S)

    def finish(self) -> Iterator[Utterance]:
        """Yield the utterances that are left."""
        missing = -self._rest.shape[1] % self._vad.window
        if missing:
            yield from self.process([np.zeros(missing, np.float32)] * len(self._cutters))
        for number, cutter in enumerate(self._cutters):
            self._wait(number, cutter.flush())
        yield from self._leaving(float("inf"))

    def _wait(self, number: int, utterances: Iterable[Utterance]) -> None:
        speaker = name_of_channel(number + 1)
        self._waiting += [replace(one, speaker=speaker) for one in utterances]

    def _leaving(self, before_s: float) -> Iterator[Utterance]:
        self._waiting.sort(key=lambda one: one.start_s)
        while self._waiting and self._waiting[0].start_s < before_s:
            yield replace(self._waiting.pop(0), index=self._index)
            self._index += 1


def count_channels(source: Source, sound: SoundChoice) -> int:
    """The number of channels of a recording. Raises SettingsError for one that has too few."""
    count, name = probe(source, sound).channels, name_of_source(source)
    if count < 2:
        raise SettingsError(
            f"{name} has one channel, and `--channels speakers` needs one for each speaker: take "
            "`--speakers auto`"
        )
    if count > MOST_CHANNELS:
        raise SettingsError(
            f"{name} has {count} channels, and `--channels speakers` takes {MOST_CHANNELS} at "
            "most: choose one with --channel"
        )
    return count


def crosstalk(sound: NDArray[np.float32], probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which windows of a channel hold what is said in another one; shape (channels, windows).

    `sound` has the shape (channels, windows * n), `probabilities` (channels, windows).
    """
    channels, windows = probabilities.shape
    if not windows:
        return np.zeros((channels, 0), np.bool_)
    framed = sound.reshape(channels, windows, -1)
    levels = np.sqrt(np.mean(np.square(framed, dtype=np.float64), axis=2))
    padded = np.pad(levels, ((0, 0), (_NEAR, _NEAR)))
    level = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR + 1, axis=1).max(axis=2)
    speaking = np.where(probabilities >= _SPEECH, level, 0.0)
    near = np.pad(speaking, ((0, 0), (_NEAR, _NEAR)))
    spoken = np.lib.stride_tricks.sliding_window_view(near, 2 * _NEAR + 1, axis=1).max(axis=2)
    louder = spoken.max(axis=0) * 10 ** (-QUIETER_DB / 20)
    return np.asarray(level < louder, np.bool_)


def in_step(channels: Sequence[Iterable[Samples]]) -> Generator[list[Samples], None, None]:
    """Take a block of each channel at a time. One that ends earlier goes on with silence."""
    for blocks in zip_longest(*channels):
        length = max(len(block) for block in blocks if block is not None)
        yield [
            np.zeros(length, np.float32)
            if block is None
            else np.pad(block, (0, length - len(block)))
            for block in blocks
        ]


class SharedStream(io.RawIOBase):
    """A place of its own in a stream that several readers read in turn, in one thread."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._position = 0
        self.name = getattr(stream, "name", "the input")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        if start is None:
            self._position = self._stream.seek(offset, whence)
        else:
            self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        self._stream.seek(self._position)
        data = self._stream.read(-1 if size is None else size)
        self._position += len(data)
        return data
