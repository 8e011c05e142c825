"""Records a live session into a folder: both sounds, subtitles, a session file and the events.

    NAME.source.wav         the captured sound, 16 kHz
    NAME.LANG.wav           the translated speech, each segment where it was played; it starts
                            together with the captured sound
    NAME.source.srt .vtt    the speaker's text
    NAME.LANG.srt .vtt      its translation
    NAME.LANG.session.json  as for a translated file (see `stslocal.results.session`)
    NAME.LANG.events.jsonl  every event (see `stslocal.metrics`)

All files are written while the session goes on, and can be opened at any moment, even after the
program was killed. They are written in a separate thread, so a slow disk does not hold up the
sound. When the disk is full, the recording ends with a notice, and the session goes on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from types import TracebackType
from typing import BinaryIO, cast

import numpy as np

from stslocal.audio.growing_wav import GrowingWav
from stslocal.errors import OutputError, output_error
from stslocal.live.ports import PlayedSegment
from stslocal.live.recording.files import RecordingFiles
from stslocal.live.recording.growing import GrowingSession, GrowingSubtitles
from stslocal.metrics import Emit, Event, JsonLines, Notice, SpeechDropped, ignore
from stslocal.results.session import OutputFile, Session
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.writing import (
    recognized_row,
    source_cue,
    spoken_row,
    target_cue,
    translated_row,
)
from stslocal.rings import MessageRing, RingClosed
from stslocal.storage import sha256_of, write_text
from stslocal.translation.dropped import doubtful
from stslocal.types import RECOGNITION_RATE, Dropped, Samples, Segment, TranslatedSegment

_log = logging.getLogger(__name__)

SYNC_EVERY_S = 2.0
"""Seconds between two moments at which the system is made to write all files to the disk."""
SILENCE_BEHIND_S = 0.5
"""The file of translated speech is at most this much shorter than the captured sound's."""
_QUEUE = 4096
"""Calls that may wait to be written: two minutes of sound."""
UNFINISHED = "the session was not ended: the last seconds may be missing"


class LiveRecording:
    """A Record that writes to files, in the order of the calls. For a `with` block.

    No call waits for the disk. The first one that cannot be written ends the recording: `failure`
    says why, and the files stay as they were before it.
    """

    def __init__(
        self,
        files: RecordingFiles,
        sample_rate: int,
        about: Callable[[], Session],
        *,
        subtitles: tuple[str, ...] = ("srt", "vtt"),
        emit: Emit = ignore,
    ) -> None:
        """`sample_rate` is that of the translated speech; 0 where there is none.

        `about` returns the session without segments, as far as it is known.

        Raises OutputError when the folder or a file in it cannot be created.
        """
        self.files = files
        self.failure: OutputError | None = None
        self._about = about
        self._emit = emit
        self._work: MessageRing[Callable[[], None]] = MessageRing(_QUEUE)
        self._kept: GrowingWav | None = None
        """The sound that was recognized, where the duplex changed what was captured."""
        self._kept_file: FileIO | None = None
        self._dropped: list[Dropped] = []
        self._unspoken: dict[int, SessionSegment] = {}
        """Segments that are recognized and not yet played, by index."""
        try:
            files.folder.mkdir(parents=True, exist_ok=True)
            self._source = GrowingWav(files.source_audio, RECOGNITION_RATE)
            self._speech = GrowingWav(files.audio, sample_rate) if sample_rate else None
            self._source_subtitles = [
                GrowingSubtitles(files.source_subtitles(k), k) for k in subtitles
            ]
            self._target_subtitles = [GrowingSubtitles(files.subtitles(k), k) for k in subtitles]
            self._session = GrowingSession(files.session, self._unfinished())
        except OSError as error:
            raise output_error(files.folder / files.name, error) from error
        self._events = JsonLines(files.events)
        self._subtitles = subtitles
        self._synced_at = perf_counter()
        self._thread = threading.Thread(target=self._write, name="recording")

    def __enter__(self) -> LiveRecording:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        if error is not None:
            self.forget_sound()

    def emit(self, event: Event) -> None:
        """Write an event: an Emit."""
        self._enqueue(lambda: self._add_event(event))

    def captured(self, samples: Samples, kept: Samples) -> None:
        self._enqueue(lambda: self._add_source(samples, kept))

    def recognized(self, segment: Segment) -> None:
        self._enqueue(lambda: self._add_recognized(segment))

    def translated(self, item: TranslatedSegment) -> None:
        self._enqueue(lambda: self._add_translated(item))

    def played(self, samples: Samples, at_s: float) -> None:
        self._enqueue(lambda: self._add_speech(samples, at_s))

    def segment_played(self, segment: PlayedSegment) -> None:
        self._enqueue(lambda: self._add_played(segment))

    def close(self) -> None:
        """Write all waiting calls, then the final session file. Closing again does nothing."""
        self._work.close()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def recognized_sound(self) -> Path | BinaryIO:
        """The sound of the closed recording as it was recognized: without our own voice."""
        if self._kept_file is None:
            return self.files.source_audio
        self._kept_file.seek(0)
        return cast("BinaryIO", self._kept_file)

    def forget_sound(self) -> None:
        """Delete the sound that has no file of its own: after this it is not recognized again."""
        if self._kept_file is not None:
            self._kept_file.close()

    def _enqueue(self, work: Callable[[], None]) -> None:
        if self.failure is not None:
            return
        try:
            self._work.put(work, timeout=0)
        except TimeoutError:
            slow = f"{self.files.folder} is too slow to write to"
            self._fail(OutputError(f"{slow}: record to another disk with --record FOLDER"))
        except RingClosed:
            pass  # the session is over

    def _write(self) -> None:
        """The body of the thread."""
        try:
            for work in self._work:
                work()
                self._sync_now_and_then()
            self._finish()
        except OSError as error:
            self._fail(output_error(self.files.folder / self.files.name, error))
        except Exception as error:  # noqa: BLE001 - the thread would end without a word
            unknown = OutputError(f"cannot write {self.files.session}: {error}")
            self._fail(error if isinstance(error, OutputError) else unknown)
        finally:
            self._work.abort()
            self._close_files()

    def _fail(self, failure: OutputError) -> None:
        if self.failure is None:
            self.failure = failure
            _log.warning("the recording ends: %s", failure)
            at_s = self._source.position / RECOGNITION_RATE
            self._emit(Notice(at_s, f"the recording ends here: {failure}"))

    def _add_event(self, event: Event) -> None:
        self._events(event)
        if isinstance(event, SpeechDropped):
            self._dropped.append(Dropped(event.start_s, event.end_s, event.reason, event.text))
            self._session.replace_end(self._unfinished(), list(self._unspoken.values()))

    def _add_source(self, samples: Samples, kept: Samples) -> None:
        if kept is not samples and self._kept is None:
            self._kept_file = _nameless_file(self.files.folder)
            self._kept = self._source.copied_to(self._kept_file)
        if self._kept is not None:
            self._kept.write(kept)
        self._source.write(samples)
        now_s, speech = self._source.position / RECOGNITION_RATE, self._speech
        if speech and speech.position < (now_s - SILENCE_BEHIND_S) * speech.sample_rate:
            self._silence_until(now_s)

    def _add_speech(self, samples: Samples, at_s: float) -> None:
        self._silence_until(at_s)
        if self._speech is not None:
            self._speech.write(samples)

    def _silence_until(self, at_s: float) -> None:
        if (speech := self._speech) is None:
            return
        missing = round(at_s * speech.sample_rate) - speech.position
        if missing > 0:
            speech.write(np.zeros(missing, np.float32))

    def _add_recognized(self, segment: Segment) -> None:
        row = self._unspoken[segment.index] = recognized_row(segment)
        for subtitles in self._source_subtitles:
            subtitles.add(source_cue(row))
        self._session.write((), list(self._unspoken.values()))

    def _add_translated(self, item: TranslatedSegment) -> None:
        self._dropped += doubtful(item)
        self._unspoken[item.index] = translated_row(self._unspoken[item.index], item)
        self._session.write((), list(self._unspoken.values()))

    def _add_played(self, segment: PlayedSegment) -> None:
        span = None if segment.start_s is None else Span(segment.start_s, segment.end_s)
        row = self._unspoken[segment.index] = spoken_row(
            self._unspoken[segment.index],
            span,
            voice=segment.voice,
            speed=segment.speed,
            synthesis_s=segment.synthesis_s,
        )
        # Segments before it that were not spoken, such as our own voice, stay as they are.
        done = [index for index in self._unspoken if index <= segment.index]
        final = [self._unspoken.pop(index) for index in done]
        self._session.update(self._unfinished())
        self._session.write(final, list(self._unspoken.values()))
        for subtitles in self._target_subtitles:
            subtitles.add(target_cue(row, self.files.target))

    def _sync_now_and_then(self) -> None:
        if perf_counter() - self._synced_at < SYNC_EVERY_S:
            return
        self._session.update(self._unfinished())
        for file in self._files():
            file.sync()
        self._synced_at = perf_counter()

    def _finish(self) -> None:
        self._silence_until(self._source.position / RECOGNITION_RATE)
        paths = [self.files.source_audio, *([self.files.audio] if self._speech else [])]
        for kind in self._subtitles:
            paths += [self.files.source_subtitles(kind), self.files.subtitles(kind)]
        output = {path.name: OutputFile(path.stat().st_size, sha256_of(path)) for path in paths}
        about = replace(self._about_now(), output=output)
        write_text(self.files.session, self._session.finished(about))

    def _unfinished(self) -> Session:
        about = self._about_now()
        return replace(about, warnings=[*about.warnings, UNFINISHED])

    def _about_now(self) -> Session:
        about = self._about()
        source = replace(about.source, duration_s=self._source.position / RECOGNITION_RATE)
        about = replace(about, source=source, dropped=tuple(self._dropped))
        if (speech := self._speech) is None:
            return about
        rate = speech.sample_rate
        return replace(about, sample_rate=rate, duration_s=speech.position / rate)

    def _files(self) -> list[GrowingWav | GrowingSubtitles | GrowingSession]:
        subtitles = [*self._source_subtitles, *self._target_subtitles]
        speech = [] if self._speech is None else [self._speech]
        return [self._source, *speech, *subtitles, self._session]

    def _close_files(self) -> None:
        for file in self._files():
            with suppress(OSError):
                file.close()
        self._events.close()


def _nameless_file(folder: Path) -> FileIO:
    """An empty file in a folder that is gone when it is closed, and when the program is killed."""
    return TemporaryFile(dir=folder, buffering=0)
