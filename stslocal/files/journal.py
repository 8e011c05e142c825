"""Keeps what the engines answered while a recording is translated, so that a killed job goes on.

The journal is a file beside the result. It begins with the identity of the work (recording,
request, models), and then has a record for each answer of an engine: the hash of what was asked,
and the answer. A later run with the same identity asks the same again, and takes each answer from
here in place of the engine. So whatever the stages keep in mind is built again as it was, and the
result is the one that an uninterrupted run would have made.

The file may hold anything, as any file in a person's folder: sizes are bounded, each record has
checksums, and what does not fit them is not used. A process may be killed at any moment; then the
last record is cut, and the next run writes over it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import struct
import threading
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

from stslocal.files.plan import FileTask
from stslocal.foreign_files import UnreadableFileError, open_file, parse_json

_log = logging.getLogger(__name__)

SYNC_EVERY_S = 2.0
"""Seconds after which the system is asked to write what it holds back to the disk. As long as the
machine runs, nothing is lost, whatever becomes of the process."""
MOST_BYTES = 64 << 20
"""Largest answer: 12 minutes of speech at 24 kHz."""
_MOST_RECORDS = 1_000_000
_MOST_IDENTITY_BYTES = 1 << 20
_MAGIC = b"stslocal journal 1\n"
_KEY_BYTES = 16
_HEAD = struct.Struct("<16sI16sI")
"""Of a record: key, length of the answer, its checksum, and a checksum of all that."""

TEXT, TRANSLATION, SOUND = b"t", b"r", b"s"
"""What an answer is; its first byte. A translation is one into the language of the result."""


def journal_path(task: FileTask) -> Path:
    """The journal of a result. Its name has one length, whatever the recording's name is."""
    key = hashlib.sha256(os.fsencode(task.session.name)).hexdigest()[:16]
    return task.folder / f".stslocal-{key}.journal"


def key_of(question: object, data: bytes = b"") -> bytes:
    """The hash of what an engine is asked: JSON values, and bytes such as those of a sound."""
    digest = hashlib.blake2b(data, digest_size=_KEY_BYTES)
    digest.update(b"\0" + json.dumps(question, sort_keys=True).encode())
    return digest.digest()


class Journal:
    """The journal of one result. Several threads may use it.

    Use it as a context manager. At the end the file is deleted, but after an exception it stays if
    a sentence was done.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, Any],
        on_warning: Callable[[str], None],
        *,
        last: bytes = SOUND,
    ) -> None:
        """Open the journal at `path`, or begin it anew where it is of other work, or damaged.

        Never raises: where there can be none, the work is done without. `on_warning` gets a
        sentence where a journal is not used, and where none can be written. `last` is the answer
        with which a sentence is done.
        """
        self._path = path
        self._warn = on_warning
        self._last = last
        self._lock = threading.Lock()
        self._answers: defaultdict[bytes, deque[int]] = defaultdict(deque)
        """Where the answers of earlier runs are in the file, in the order in which they came."""
        self.sentences = 0
        """Sentences that earlier runs have done."""
        self._has_sentence = False
        self._is_damaged = False
        self._file: FileIO | None = None
        self._synced_at = perf_counter()
        first = _MAGIC + json.dumps(identity, sort_keys=True).encode() + b"\n"
        try:
            whole = self._read(first)
            self._file = _opened(path, whole)
            if not whole:
                self._append(first)
        except OSError as error:
            self._give_up(error)

    def take(self, key: bytes) -> bytes | None:
        """The next answer to a question that an earlier run has asked, or None."""
        with self._lock:
            if self._file is None or not self._answers[key]:
                return None
            at = self._answers[key].popleft()
            try:
                answer = self._answer_at(at)
            except (OSError, UnreadableFileError):
                answer = None
        if answer is None:
            self._warn_of_damage()
        return answer

    def add(self, key: bytes, answer: bytes) -> None:
        """Keep an answer. Where the disk takes no more, the journal is given up."""
        with self._lock:
            if self._file is None or len(answer) > MOST_BYTES:
                return
            head = key + struct.pack("<I", len(answer)) + _checksum(answer)
            try:
                self._append(head + struct.pack("<I", zlib.crc32(head)) + answer)
                if perf_counter() - self._synced_at >= SYNC_EVERY_S:
                    os.fsync(self._file.fileno())
                    self._synced_at = perf_counter()
            except OSError as error:
                self._give_up(error)
            else:
                self._has_sentence |= answer[:1] == self._last

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            if self._file is None:
                return
            stays = error is not None and self._has_sentence
            if stays:
                with suppress(OSError):
                    os.fsync(self._file.fileno())
            self._close()
            if not stays:
                with suppress(OSError):
                    self._path.unlink()

    def _close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = None

    def _warn_of_damage(self) -> None:
        if not self._is_damaged:
            self._is_damaged = True
            self._warn(f"{self._path.name} is damaged: a part of the earlier run is done again")

    def _give_up(self, error: OSError) -> None:
        """Work without a journal: it must not take the room that the result needs."""
        _log.debug("no journal", exc_info=error)
        self._close()
        with suppress(OSError):
            self._path.unlink()
        reason = error.strerror or str(error)
        self._warn(f"what is done cannot be kept ({reason}): if this run is ended, it begins anew")

    def _read(self, first: bytes) -> int:
        """Find the answers of earlier runs. Returns the number of bytes that can be used."""
        try:
            if not stat.S_ISREG(self._path.lstat().st_mode):
                raise UnreadableFileError("is no file")
            with open_file(self._path) as file:
                size = os.fstat(file.fileno()).st_size
                if file.read(len(first)) != first:
                    file.seek(0)
                    self._warn(f"{self._path.name} {_fault(file.read(_MOST_IDENTITY_BYTES))}")
                    return 0
                at = len(first)
                for _ in range(_MOST_RECORDS):
                    file.seek(at)
                    head = file.read(_HEAD.size)
                    length = _length(head)
                    if length is None or at + _HEAD.size + length > size:
                        if length is None and len(head) == _HEAD.size:
                            self._warn_of_damage()  # a killed process leaves a part of a record
                        break
                    self._answers[head[:_KEY_BYTES]].append(at)
                    self.sentences += file.read(1) == self._last
                    at += _HEAD.size + length
        except FileNotFoundError:
            return 0
        except UnreadableFileError as error:
            self._warn(f"{self._path.name} {error}: the work begins anew")
            return 0
        self._has_sentence = self.sentences > 0
        return at

    def _answer_at(self, at: int) -> bytes | None:
        """The answer whose record begins at `at`; None when it is damaged."""
        with open_file(self._path) as file:
            file.seek(at)
            head = file.read(_HEAD.size)
            length = _length(head)
            if length is None:
                return None
            answer = file.read(length)
        return answer if _checksum(answer) == _HEAD.unpack(head)[2] else None

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]


def _opened(path: Path, whole: int) -> FileIO:
    """Open a journal to append to its first `whole` bytes; with 0 a new one. Raises OSError."""
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    if not whole:
        path.unlink(missing_ok=True)
        flags |= os.O_CREAT | os.O_EXCL
    file = FileIO(os.open(path, flags, 0o666), "ab")
    if whole:
        file.truncate(whole)
    return file


def _fault(start: bytes) -> str:
    """Why the journal that begins so is not used, for a person."""
    try:
        identity = parse_json(start.removeprefix(_MAGIC).partition(b"\n")[0])
    except UnreadableFileError:
        identity = None
    if start.startswith(_MAGIC) and isinstance(identity, dict):
        return "is of an earlier run with other options: the work begins anew"
    return "is no journal of this version: the work begins anew"


def _length(head: bytes) -> int | None:
    """The length of a record's answer, from its head; None when the head is damaged."""
    if len(head) < _HEAD.size:
        return None
    _, length, _, checksum = _HEAD.unpack(head)
    is_whole = zlib.crc32(head[:-4]) == checksum and 0 < length <= MOST_BYTES
    return int(length) if is_whole else None


def _checksum(answer: bytes) -> bytes:
    return hashlib.blake2b(answer, digest_size=16).digest()
