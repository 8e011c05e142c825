"""Text files that are complete and valid at every moment while they grow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from io import FileIO
from pathlib import Path

from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment, segment_line
from stslocal.results.subtitles import VTT_HEAD, Cue, arrange, srt_blocks, vtt_blocks

_SPARE = 4096
"""Bytes kept free at the front of a session file, for values that become known while it grows."""


class GrowingText:
    """A file with a final front and an ending that may still change.

    Each change is one write, after which the file is complete: the new ending covers the old one,
    and line breaks fill the rest where it is shorter.
    """

    def __init__(self, path: Path) -> None:
        """Create `path`. Raises OSError; FileExistsError if the file exists."""
        self._file = FileIO(path, "x")
        self._final = 0
        """Bytes of the final front."""
        self._length = 0

    def write(self, final: str, ending: str) -> None:
        """Append text that stays, and after it an ending that the next call replaces."""
        front = final.encode()
        data = front + ending.encode()
        data += b"\n" * (self._length - self._final - len(data))
        self.overwrite(self._final, data)
        self._length = self._final + len(data)
        self._final += len(front)

    def overwrite(self, offset: int, data: bytes) -> None:
        """Replace as many bytes of the final front as `data` has."""
        self._file.seek(offset)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    def sync(self) -> None:
        """Have the system write the file to the disk, so that a loss of power does not harm it."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class GrowingSubtitles:
    """Subtitles of one kind, `srt` or `vtt`, added cue by cue in the order of their starts."""

    def __init__(self, path: Path, kind: str) -> None:
        self._text = GrowingText(path)
        self._is_vtt = kind == "vtt"
        self._final = 0
        """Number of arranged cues that do not change any more."""
        self._open: Cue | None = None
        if self._is_vtt:
            self._text.write(VTT_HEAD, "")

    def add(self, cue: Cue) -> None:
        """Append a cue. Its end is final when the next one comes."""
        final: Sequence[Cue] = ()
        if self._open is not None:
            both = arrange([self._open, cue])
            final = both[: len(both) - len(arrange([cue]))]
            if final and final[-1].end_s > cue.start_s:
                end_s = final[-1].end_s
                cue = replace(cue, start_s=end_s, end_s=max(end_s, cue.end_s))
        front = self._blocks(final)
        self._final += len(final)
        self._open = cue
        self._text.write(front, self._blocks(arrange([cue])))

    def sync(self) -> None:
        self._text.sync()

    def close(self) -> None:
        self._text.close()

    def _blocks(self, cues: Sequence[Cue]) -> str:
        return vtt_blocks(cues) if self._is_vtt else srt_blocks(cues, self._final + 1)


class GrowingSession:
    """A session file that is valid while segments are added to it in order."""

    def __init__(self, path: Path, about: Session) -> None:
        """`about` is the session without segments, as far as it is known."""
        self._path = path
        self._text = GrowingText(path)
        self._front, self._end = self._around(about)
        self._text.write(self._front, self._end)
        self._rows = 0

    def update(self, about: Session) -> None:
        """Replace the description of the session as a whole."""
        head, _ = about.around_segments()
        spare = len(self._front.encode()) - len(head.encode())
        if spare >= 0:
            self._front = _padded(head, spare)
            self._text.overwrite(0, self._front.encode())

    def write(self, final: Sequence[SessionSegment], open: Sequence[SessionSegment]) -> None:
        """Append segments that are final, and after them those that may still change."""
        front = self._lines(final, self._rows)
        self._rows += len(final)
        self._text.write(front, self._lines(open, self._rows) + self._end)

    def replace_end(self, about: Session, open: Sequence[SessionSegment]) -> None:
        """Replace what is said behind the segments, such as the dropped speech."""
        _, self._end = about.around_segments()
        self.write((), open)

    def sync(self) -> None:
        self._text.sync()

    def close(self) -> None:
        self._text.close()

    def finished(self, about: Session) -> str:
        """The text of the finished session: all written segments, with `about` around them."""
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
    """A head with `spare` blanks after its opening brace."""
    return head[:1] + " " * spare + head[1:]
