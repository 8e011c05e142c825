"""Every error that stslocal raises on purpose.

    StslocalError
    |- SettingsError                 wrong option, unsupported language pair
    |  `- NotSpokenError             no voice speaks the language: text alone can be made
    |- ModelError
    |  |- ModelNotFoundError         ends with the command that fetches it
    |  |- ModelIntegrityError        size or sha256 differs from the manifest
    |  `- ModelDownloadError         every source tried, and why each failed
    |- AudioError
    |  |- AudioDeviceError           lists the devices
    |  `- AudioDecodeError           names the file and what is wrong with it
    |- OutputError                   a result cannot be written (full disk, no permission)
    |- EngineError                   adapters raise it `from` the vendor's exception
    `- StageError(stage, segment)    raised by the runner; __cause__ is the original

A message is one sentence for a person, and it ends with the next step where there is one.
Errors are caught in two places only: engine adapters turn a vendor's exception into
EngineError, and `stslocal.cli` turns a StslocalError into a sentence and an exit code.
"""

from __future__ import annotations

import errno
import os
import shlex
from subprocess import list2cmdline


class StslocalError(Exception):
    """Base of all errors whose message is for a person."""


class SettingsError(StslocalError):
    """An option, a language or a pair of languages that cannot be used."""


class NotSpokenError(SettingsError):
    """No engine speaks the language that a translation is to be spoken in."""


class ModelError(StslocalError):
    """A model is missing, damaged or cannot be fetched."""


class ModelNotFoundError(ModelError):
    """A model is not installed. The message ends with the command that fetches it."""


class ModelIntegrityError(ModelError):
    """A model's file differs from the manifest in size or sha256."""


class ModelDownloadError(ModelError):
    """No source has given the model. The message names each source and the reason."""


class AudioError(StslocalError):
    """Sound cannot be captured, played or read."""


class AudioDeviceError(AudioError):
    """A sound card cannot be opened. The message lists those that can."""


class AudioDecodeError(AudioError):
    """A file cannot be read as audio. The message names it and says why."""


class OutputError(StslocalError):
    """A result cannot be written. The message names the path and says why."""


_WRITE_FAULTS = {
    errno.ENOSPC: "the disk is full: free some space or choose another folder",
    errno.EDQUOT: "your quota is used up: free some space or choose another folder",
    errno.EFBIG: "this disk takes no file as large as that: choose another folder",
    errno.EACCES: "permission denied: choose another folder",
    errno.EPERM: "permission denied: choose another folder",
    errno.EROFS: "the disk is read-only: choose another folder",
    errno.ENOENT: "its folder does not exist: create it first",
    errno.ENOTDIR: "its folder is a file: choose another folder",
    errno.ELOOP: "its folder is a loop of links: choose another folder",
    errno.EISDIR: "a folder has this name: choose another name",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
    errno.EPIPE: "the program that reads it has ended",
}


def output_error(path: object, error: OSError) -> OutputError:
    """Make an OutputError that says why `path` cannot be written; raise it `from` the OSError."""
    fault = _WRITE_FAULTS.get(error.errno or 0, error.strerror or str(error))
    return OutputError(f"cannot write {path}: {fault}")


class EngineError(StslocalError):
    """An engine failed. `__cause__` is the vendor's exception."""


class StageError(StslocalError):
    """A stage of the pipeline failed. `__cause__` is the original exception."""

    def __init__(self, stage: str, segment: int | None, cause: BaseException) -> None:
        where = stage if segment is None else f"{stage} (segment {segment})"
        super().__init__(f"{where} failed: {cause}")
        self.stage = stage
        self.segment = segment


def command(*words: str | os.PathLike[str]) -> str:
    """A command of stslocal for a person to type: in a shell, a name stays one word."""
    line = ["stslocal", *(word if isinstance(word, str) else _typed_path(word) for word in words)]
    return f"`{shlex.join(line) if os.name == 'posix' else list2cmdline(line)}`"


def _typed_path(path: os.PathLike[str]) -> str:
    name = os.fspath(path)
    return f".{os.sep}{name}" if name.startswith("-") else name  # else it is an option


def root_cause(error: StslocalError) -> StslocalError:
    """The error to report to a person: for a StageError, the StslocalError that caused it."""
    while isinstance(error, StageError) and isinstance(error.__cause__, StslocalError):
        error = error.__cause__
    return error
