"""The folders of a person's files, and files that are written whole or not at all.

A file is written under a temporary name in its own folder and gets its name at the end. So a
program that opens it, at any moment and also after a crash, finds the old file or the new one,
never a part of one. Temporary files that nobody deleted, because a signal came at a bad moment, are
deleted when the process ends.
"""

from __future__ import annotations

import atexit
import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, BinaryIO

import platformdirs

from stslocal.errors import OutputError, SettingsError, output_error
from stslocal.foreign_files import PathKind, UnreadableFileError, kind_of, read_json

CONFIG_VARIABLE = "STSLOCAL_CONFIG"
MODELS_VARIABLE = "STSLOCAL_MODELS"
VOICES_VARIABLE = "STSLOCAL_VOICES"
CACHE_VARIABLE = "STSLOCAL_CACHE"
SERVER_VARIABLE = "STSLOCAL_SERVER"

PLACE_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        CONFIG_VARIABLE: "The settings file; else `config.toml` in your configuration folder.",
        MODELS_VARIABLE: "The folder of the models; else the `models/` of a checkout, else "
        "`models` in your data folder.",
        VOICES_VARIABLE: "The folder of the saved voices; else `voices` in your data folder.",
        CACHE_VARIABLE: "The folder of downloads and of measured speeds, which may be deleted at "
        "any time; else your cache folder. Set and empty: nothing is kept.",
        SERVER_VARIABLE: "The folder of a server's jobs; else `server` in your data folder.",
    }
)
"""Environment variables for the places of files, each with its meaning. They are no settings."""

_BLOCK_BYTES = 1 << 20
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_NEW_FILE |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Flags to create a new file: never another program's file, and never the target of a link."""
_ATTEMPTS = 100
"""Temporary names to try. They are random, so the first one is nearly always free."""
open_files: set[tuple[Path, bytes]] = set()
"""The temporary files and the claims (`files/claims.py`) of this process, which go with it at the
latest: one with a content only if it still has it."""


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """The path of the settings file, which need not exist.

    `environ` is `os.environ` by default.
    """
    chosen = _chosen(CONFIG_VARIABLE, environ)
    folder = platformdirs.user_config_path("stslocal", appauthor=False)
    return chosen or folder / "config.toml"


def data_folder() -> Path:
    """The folder of a person's models and voices, unless the environment names others."""
    return platformdirs.user_data_path("stslocal", appauthor=False)


def models_folder() -> Path:
    """The folder of models: STSLOCAL_MODELS, else that of a checkout, else of the data folder."""
    if chosen := _chosen(MODELS_VARIABLE):
        return chosen
    checkout = Path(__file__).resolve().parents[1]
    marks = (checkout / "pyproject.toml", checkout / "models/manifest.toml")
    if all(kind_of(mark) is PathKind.FILE for mark in marks):
        return checkout / "models"
    return data_folder() / "models"


def voices_folder() -> Path:
    """The folder of saved voices: STSLOCAL_VOICES, else `voices` in the data folder."""
    return _chosen(VOICES_VARIABLE) or data_folder() / "voices"


def server_folder() -> Path:
    """The folder of a server: STSLOCAL_SERVER, else `server` in the data folder."""
    return _chosen(SERVER_VARIABLE) or data_folder() / "server"


def cache_folder() -> Path | None:
    """The folder of files that may be deleted; None when STSLOCAL_CACHE is set and empty."""
    if os.environ.get(CACHE_VARIABLE) == "":
        return None
    return _chosen(CACHE_VARIABLE) or platformdirs.user_cache_path("stslocal", appauthor=False)


def _chosen(variable: str, environ: Mapping[str, str] | None = None) -> Path | None:
    value = (os.environ if environ is None else environ).get(variable)
    return expanded(value, variable) if value else None


def expanded(text: str, origin: str) -> Path:
    """The path that a person wrote, with `~` and `~user` replaced. `origin` is for messages.

    Raises SettingsError where the person or the home folder is not known.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{origin}: the home folder in {text} is not known: write the whole path"
        ) from error


def sha256_of(path: Path) -> str:
    """Compute a file's sha256 as lower-case hex."""
    with path.open("rb", buffering=0) as stream:
        return sha256_of_stream(stream)


def sha256_of_stream(stream: IO[bytes]) -> str:
    """Compute the sha256 of the rest of `stream` as lower-case hex."""
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


def temporary_path(path: Path, result: str = "") -> Path:
    """Return an unused path in the folder of `path`: a random name, of one length for every file.

    So a file can also be written if its own name has the longest length that the disk allows.
    `result` is the name of what the file belongs to, for `temporary_files_of`.
    """
    return path.with_name(f".stslocal-{_short_hash(result)}-{os.urandom(8).hex()}.part")


def temporary_files_of(folder: Path, result: str) -> list[Path]:
    """The temporary files of a result in `folder`, of all processes."""
    return sorted(folder.glob(f".stslocal-{_short_hash(result)}-*.part"))


def _short_hash(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:8]


@atexit.register
def delete_open_parts() -> None:
    """Delete the temporary files that this process has not published, and its claims.

    Files that are still written must not be published after that.
    """
    for path, content in list(open_files):
        with suppress(OSError):
            if not content or path.read_bytes() == content:
                path.unlink()


if hasattr(os, "register_at_fork"):  # a child's end must not delete the files of its parent
    os.register_at_fork(after_in_child=open_files.clear)


class UnfinishedFile:
    """A file under a temporary name, until `publish` gives it the name of `path`.

    The caller must call `publish` or `discard` at the end, also after an error; `whole_file` does
    that for a block. To publish several files together, `seal` all of them first: then only the
    renaming can still fail.
    """

    def __init__(self, path: Path, result: str = "") -> None:
        """Create the temporary file. Raises OutputError where `path` cannot be written.

        `result` is the name of what the file belongs to, for `temporary_files_of`.
        """
        self.path = path
        try:
            _refuse_folder(path)
            self.part, descriptor = _create_beside(path, result)
        except OSError as error:
            raise output_error(path, error) from error
        self.stream: BinaryIO = os.fdopen(descriptor, "wb")
        """The stream to write to; it can seek. `part` is the file under its temporary name."""

    def seal(self) -> None:
        """Write all bytes to the disk and close the stream. Raises OutputError as `publish`."""
        with self._as_output_error():
            if not self.stream.closed:
                self.stream.flush()
                os.fsync(self.stream.fileno())
                self.stream.close()

    def publish(self) -> None:
        """Seal the file and give it its name, in place of an older file of that name.

        Raises OutputError; the temporary file is then gone, and an older file is untouched.
        """
        self.seal()
        with self._as_output_error():
            self.part.replace(self.path)
            open_files.discard((self.part, b""))

    def discard(self) -> None:
        """Delete the temporary file. Does nothing after `publish`."""
        with suppress(OSError):  # closing flushes, which fails again on a full disk
            self.stream.close()
        with suppress(OSError):
            self.part.unlink()
        open_files.discard((self.part, b""))

    @contextmanager
    def _as_output_error(self) -> Iterator[None]:
        """Raise an OSError of the block as OutputError, after deleting the temporary file."""
        try:
            yield
        except OSError as error:
            self.discard()
            raise output_error(self.path, error) from error


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a stream; its file gets the name `path` when the block ends without an exception.

    After an exception the file is deleted, and an older file of that name is untouched. Raises
    OutputError when the file cannot be written, and for an OSError of the block that names no
    other file.
    """
    file = UnfinishedFile(path)
    try:
        yield file.stream
        file.publish()
    except OSError as error:
        if error.filename is None:
            raise output_error(path, error) from error
        raise
    finally:
        file.discard()


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all. Raises OutputError."""
    with whole_file(path) as stream:
        stream.write(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, whole or not at all. Raises OutputError.

    The bytes of a file's name that are no UTF-8 are surrogates in `text`; they are written as
    escapes, which JSON reads back as they were.
    """
    write_bytes(path, text.encode(errors="backslashreplace"))


def write_cache_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document to the cache. Where that is not possible, do nothing."""
    with suppress(OSError, OutputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(document, indent=1, ensure_ascii=False))


def read_cache_json(path: Path) -> dict[str, Any]:
    """Read a document of `write_cache_json`; empty when it is missing or cannot be read."""
    try:
        document = read_json(path)
    except UnreadableFileError:
        return {}
    return document if isinstance(document, dict) else {}


def _refuse_folder(path: Path) -> None:
    """Raise now the OSError that renaming would raise at the end: a folder, a name too long."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def _create_beside(path: Path, result: str) -> tuple[Path, int]:
    """Create an empty file in the folder of `path`. Returns its path and its descriptor."""
    for _ in range(_ATTEMPTS):
        part = temporary_path(path, result)
        open_files.add((part, b""))  # before it is there: a signal may come at any moment
        try:
            return part, os.open(part, _NEW_FILE, 0o666)
        except FileExistsError:
            open_files.discard((part, b""))
    raise FileExistsError(errno.EEXIST, "no temporary name is free", str(path.parent))
