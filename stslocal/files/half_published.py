"""Finishes what a process that was killed left of a result: files that lack their names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from stslocal.foreign_files import PathKind, UnreadableFileError, kind_of, open_file, read_bytes
from stslocal.results.session import OutputFile, Session, SessionFormatError, is_untouched
from stslocal.storage import sha256_of, temporary_files_of


def finish_publication(path: Path) -> bool:
    """Give the files of a result their names where a process was killed while it did that.

    The session file at `path` is the last one that gets its name. So where it names other files
    than are there, and its successor is whole under temporary names, the successor takes its
    place. Nothing that anybody changed is replaced. Returns whether something was done. The
    caller must be the result's `only_writer`.
    """
    parts = temporary_files_of(path.parent, path.name)
    if not parts:
        return False
    try:
        before = read_bytes(path)
        known = Session.from_json(before.decode()).output
    except (UnreadableFileError, UnicodeDecodeError, SessionFormatError):
        return False
    for part in parts:
        data = _session_data(part)
        if not data or data == before or not is_untouched(data):
            continue
        with suppress(SessionFormatError, UnicodeDecodeError, OSError):
            wanted = Session.from_json(data.decode()).output
            moves = _moves(path.parent, wanted, known, parts)
            if moves is None:
                continue
            for source, target in moves.items():
                source.replace(target)
            part.replace(path)
            for left in temporary_files_of(path.parent, path.name):
                left.unlink(missing_ok=True)
            return True
    return False


def _moves(
    folder: Path,
    wanted: Mapping[str, OutputFile],
    known: Mapping[str, OutputFile],
    parts: list[Path],
) -> dict[Path, Path] | None:
    """The temporary files that become the wanted files; None where one is lost or not ours."""
    moves: dict[Path, Path] = {}
    for name, file in wanted.items():
        path = folder / name
        if is_same(path, file):
            continue
        if kind_of(path) is not PathKind.MISSING and not (
            name in known and is_same(path, known[name])
        ):
            return None
        found = next((part for part in parts if is_same(part, file)), None)
        if found is None:
            return None
        moves[found] = path
    return moves


def _session_data(part: Path) -> bytes:
    """The bytes of a temporary file that may be a session; empty for others, which may be large."""
    with suppress(OSError, UnreadableFileError), open_file(part) as file:
        start = file.read(1)
        return start + file.read() if start == b"{" else b""
    return b""


def is_same(path: Path, file: OutputFile) -> bool:
    """Whether the file at `path` has the bytes that a session names."""
    try:
        return path.stat().st_size == file.bytes and sha256_of(path) == file.sha256
    except OSError:
        return False
