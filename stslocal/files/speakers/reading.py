"""Reads a recording into utterances, each with its speaker where speakers are distinguished."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from stslocal.audio.decode import SoundChoice, read_blocks
from stslocal.audio.opening import name_of_source
from stslocal.audio.pipes import PipeReader, waiting_pipe
from stslocal.engines.protocols import SpeakerDiarizer, VoiceActivityDetector
from stslocal.errors import SettingsError
from stslocal.files.checks import check_length
from stslocal.files.levels import RecordingLevels
from stslocal.files.speakers.channels import (
    SharedStream,
    SpeakerChannels,
    count_channels,
    in_step,
)
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.speakers.turns import DivideBySpeaker, Speakers
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.types import RECOGNITION_RATE, Samples, Turn, Utterance

_log = logging.getLogger(__name__)

REFERENCE_S = 24.0
"""Seconds of a speaker's speech from which a voice is made."""


@dataclass(slots=True)
class Reading:
    """The reading of one recording. Call `find_speakers` first, then iterate `utterances()`."""

    source: Path | BinaryIO
    vad: VoiceActivityDetector
    sound: SoundChoice
    on_warning: Callable[[str], None]
    longest_s: float | None = None
    """A longer recording is refused while it is read; None takes any length."""
    choice: SpeakerChoice | None = None
    """How speakers are distinguished; None where they are not."""
    load_diarizer: Callable[[], SpeakerDiarizer] | None = None
    levels: RecordingLevels | None = None
    """Measures how loud the recording is; None where that is not needed."""
    duration_s: float = 0.0
    """Seconds of the recording that are read so far."""
    turns: tuple[Turn, ...] = ()
    """Who speaks when; empty where that is not known."""
    references: dict[str, Samples] = field(default_factory=dict)
    """By speaker, in the order in which they begin, up to REFERENCE_S of their speech at 16 kHz."""
    _pipe: PipeReader | None = None

    def find_speakers(self) -> None:
        """Find who speaks when, and how each of them sounds: the recording is read for it.

        Raises SettingsError for a recording that cannot be read twice or has one channel, and
        what reading and the diarizer raise.
        """
        if self.choice is None:
            return
        self._check_can_be_read_twice()
        if self.choice.by_channel:
            self._count_channels()
            found = ((one.speaker, one.samples) for one in self._by_channel(lambda _: None))
            self.references = _gathered(found)
            return
        self.turns = self.choice.turns
        if self.choice.is_found:
            assert self.load_diarizer is not None
            self.turns = self.load_diarizer().diarize(
                self._blocks(lambda _: None), speakers=self.choice.count
            )
            _log.info("%d speakers in %d turns", len(Speakers(self.turns).names), len(self.turns))
        self.turns = tuple(_rounded(turn) for turn in self.turns)
        if self.turns:
            speakers = Speakers(self.turns)
            self.references = _gathered(self._said_alone(speakers), speakers.names)
            for warning in speakers.warnings():
                self.on_warning(warning)

    def utterances(self) -> Generator[Utterance, None, None]:
        """Yield the utterances in the order of their starts."""
        self.duration_s = 0.0
        if self.choice is not None and self.choice.by_channel:
            yield from self._by_channel(self.on_warning, self.levels)
            return
        stage = SegmentSpeech(self.vad, UtteranceCutter())
        cut = (utterance for block in self._measured() for utterance in stage.process(block))
        if not self.turns:
            yield from cut
            yield from stage.finish()
            return
        divide = DivideBySpeaker(Speakers(self.turns))
        for utterance in cut:
            yield from divide.process(utterance)
        for utterance in stage.finish():
            yield from divide.process(utterance)

    def _measured(self) -> Iterator[Samples]:
        if self.levels is None:
            yield from self._blocks(self.on_warning)
            return
        for block in self._blocks(self.on_warning, measured=True):
            mono = block[:, 0].copy()
            self.levels.push(mono, block[:, 1:])
            yield mono
        self.levels.finish()

    def stop(self) -> None:
        """End the wait for a pipe. Another thread may call it."""
        if self._pipe is not None:
            self._pipe.stop()

    def _blocks(
        self, on_warning: Callable[[str], None], *, measured: bool = False
    ) -> Iterator[Samples]:
        source = self.source
        if not isinstance(source, Path):
            if self.choice is not None:
                source.seek(0)
            else:
                self._pipe = waiting_pipe(source)
                source = cast("BinaryIO", self._pipe or source)
        self.duration_s = 0.0
        for block in read_blocks(
            source, choice=self.sound, measured=measured, on_warning=on_warning
        ):
            self._count(block)
            yield block

    def _count(self, block: Samples) -> None:
        self.duration_s += len(block) / RECOGNITION_RATE
        check_length(self.duration_s, self.longest_s)

    def _by_channel(
        self, on_warning: Callable[[str], None], levels: RecordingLevels | None = None
    ) -> Iterator[Utterance]:
        self.duration_s = 0.0
        count = self._count_channels()
        stage = SpeakerChannels(self.vad, count)
        readers = [self._channel(number, on_warning) for number in range(1, count + 1)]
        for blocks in in_step(readers):
            self._count(blocks[0])
            if levels is not None:
                levels.push(np.mean(blocks, axis=0), np.stack(blocks, axis=1))
            yield from stage.process(blocks)
        if levels is not None:
            levels.finish()
        yield from stage.finish()

    def _channel(self, number: int, on_warning: Callable[[str], None]) -> Iterator[Samples]:
        source = self.source
        reader = source if isinstance(source, Path) else cast("BinaryIO", SharedStream(source))
        sound = SoundChoice(self.sound.track, number, self.sound.language)
        # What is wrong with the recording is said once, not for each channel.
        warn = on_warning if number == 1 else lambda _: None
        return read_blocks(reader, choice=sound, on_warning=warn)

    def _count_channels(self) -> int:
        source = self.source
        reader = source if isinstance(source, Path) else cast("BinaryIO", SharedStream(source))
        return count_channels(reader, self.sound)

    def _check_can_be_read_twice(self) -> None:
        source = self.source
        if not isinstance(source, Path) and not source.seekable():
            raise SettingsError(
                f"the speakers of {name_of_source(source)} cannot be found, because it can be read "
                "once only: write it to a file first"
            )

    def _said_alone(self, speakers: Speakers) -> Iterator[tuple[str, Samples]]:
        """The speech of each speaker while nobody else speaks, as it comes."""
        spans = sorted(
            (start_s, end_s, name)
            for name, alone in speakers.alone().items()
            for start_s, end_s in alone
        )
        block_s, first = 0.0, 0
        for block in self._blocks(lambda _: None):
            end_s = block_s + len(block) / RECOGNITION_RATE
            while first < len(spans) and spans[first][1] <= block_s:
                first += 1
            for begins_s, ends_s, name in spans[first:]:
                if begins_s >= end_s:
                    break
                start = max(0, round((begins_s - block_s) * RECOGNITION_RATE))
                piece = block[start : max(start, round((ends_s - block_s) * RECOGNITION_RATE))]
                if len(piece):
                    yield name, piece
            block_s = end_s


def _rounded(turn: Turn) -> Turn:
    """The turn as a session file has it, so that a voice can be made again in the same way."""
    return replace(turn, start_s=round(turn.start_s, 3), end_s=round(turn.end_s, 3))


def _gathered(
    pieces: Iterator[tuple[str, Samples]], names: tuple[str, ...] = ()
) -> dict[str, Samples]:
    """Join the speech of each speaker, up to REFERENCE_S; with `names` until all have so much."""
    most = round(REFERENCE_S * RECOGNITION_RATE)
    found: defaultdict[str, list[Samples]] = defaultdict(list)
    lengths: defaultdict[str, int] = defaultdict(int)
    for name, piece in pieces:
        if lengths[name] < most:
            found[name].append(piece[: most - lengths[name]])
            lengths[name] += len(found[name][-1])
        if names and all(lengths[one] >= most for one in names):
            break
    ordered = [name for name in names if name in found] or sorted(found)
    return {name: np.concatenate(found[name]) for name in ordered}
