"""Text files that are whole at every moment while they grow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment, segment_line
from stslocal.results.subtitles import VTT_HEAD, Cue, arrange, srt_blocks, vtt_blocks

_SPARE = 4096
"""Bytes kept free at the front of a session file, for what is learnt while it grows."""


class GrowingText:
    """A file of which the front is settled and the end may still change.

    Each change is one write, which leaves a file that ends as it should: the new end covers the
    old one, with blanks where it is shorter.
    """

    def __init__(self, path: Path) -> None:
        """Create `path`. Raises OSError, FileExistsError among them."""
        self._file = FileIO(path, "x")
        self._settled = 0
        self._length = 0

    def write(self, settled: str, ending: str) -> None:
        """Append what stays, and after it what will be replaced by the next call."""
        front = settled.encode()
        data = front + ending.encode()
        data += b"\n" * (self._length - self._settled - len(data))
        self.overwrite(self._settled, data)
        self._length = self._settled + len(data)
        self._settled += len(front)

    def overwrite(self, offset: int, data: bytes) -> None:
        """Replace bytes of the settled front, as many as there were."""
        self._file.seek(offset)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    def sync(self) -> None:
        """Have the system put it on the disk, so that it outlives a loss of power."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class GrowingSubtitles:
    """Subtitles of one kind, `srt` or `vtt`, a cue at a time, in the order of their starts."""

    def __init__(self, path: Path, kind: str) -> None:
        self._text = GrowingText(path)
        self._is_vtt = kind == "vtt"
        self._settled = 0
        """Arranged cues that do not change any more."""
        self._open: Cue | None = None
        if self._is_vtt:
            self._text.write(VTT_HEAD, "")

    def add(self, cue: Cue) -> None:
        """Append a cue. How long it stays is settled when the next one comes."""
        settled: Sequence[Cue] = ()
        if self._open is not None:
            both = arrange([self._open, cue])
            settled = both[: len(both) - len(arrange([cue]))]
            if settled and settled[-1].end_s > cue.start_s:
                end_s = settled[-1].end_s
                cue = Cue(end_s, max(end_s, cue.end_s), cue.text)
        front = self._blocks(settled)
        self._settled += len(settled)
        self._open = cue
        self._text.write(front, self._blocks(arrange([cue])))

    def sync(self) -> None:
        self._text.sync()

    def close(self) -> None:
        self._text.close()

    def _blocks(self, cues: Sequence[Cue]) -> str:
        return vtt_blocks(cues) if self._is_vtt else srt_blocks(cues, self._settled + 1)


class GrowingSession:
    """A session file to which segments are added, in order, and which is valid in between."""

    def __init__(self, path: Path, about: Session) -> None:
        """`about` is the session without segments, as far as it is known."""
        self._path = path
        self._text = GrowingText(path)
        self._front, self._end = self._around(about)
        self._text.write(self._front, self._end)
        self._rows = 0

    def update(self, about: Session) -> None:
        """Write anew what is known of the session as a whole."""
        head, _ = about.around_segments()
        spare = len(self._front.encode()) - len(head.encode())
        if spare >= 0:
            self._front = _padded(head, spare)
            self._text.overwrite(0, self._front.encode())

    def write(self, settled: Sequence[SessionSegment], unsettled: Sequence[SessionSegment]) -> None:
        """Append segments that are done, and after them those that are still on their way."""
        front = self._lines(settled, self._rows)
        self._rows += len(settled)
        self._text.write(front, self._lines(unsettled, self._rows) + self._end)

    def sync(self) -> None:
        self._text.sync()

    def close(self) -> None:
        self._text.close()

    def finished(self, about: Session) -> str:
        """The text of the finished session: all that was written, with `about` around it."""
        head, end = about.around_segments()
        written = self._path.read_bytes()[len(self._front.encode()) :].decode()
        return head + written[: written.rindex(self._end)] + end

    def _around(self, about: Session) -> tuple[str, str]:
        head, end = about.around_segments()
        return _padded(head, _SPARE), end

    def _lines(self, segments: Sequence[SessionSegment], before: int) -> str:
        lines = [segment_line(segment) for segment in segments]
        return "".join(("," if before + number else "") + line for number, line in enumerate(lines))


def _padded(head: str, spare: int) -> str:
    """A head with blanks after its opening brace."""
    return head[:1] + " " * spare + head[1:]
