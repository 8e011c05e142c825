"""The files of one result get their names together, or none of them does."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from stslocal.errors import OutputError, output_error
from stslocal.storage import UnfinishedFile, temporary_files_of, temporary_path

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a network disk says that has no locks (NFS without a lock server)."""


class ResultFiles:
    """The unfinished files of the result whose session file is `session`.

    Use it as a context manager. Before `publish`, and after an error or a signal, none of the
    files has its name, and older files of these names are untouched.
    """

    def __init__(self, session: Path) -> None:
        self._session = session
        self._files: dict[Path, UnfinishedFile] = {}
        self._scratch: list[UnfinishedFile] = []
        self._older: dict[Path, Path] = {}
        """Where the older file of a name is while `publish` may still fail."""

    def create(self, path: Path) -> UnfinishedFile:
        """Create the temporary file of `path`, once. Raises OutputError if it cannot be written."""
        if path not in self._files:
            self._files[path] = UnfinishedFile(path, self._session.name)
        return self._files[path]

    def scratch(self, path: Path) -> UnfinishedFile:
        """Create a file beside `path` that is needed until the end and is no result."""
        self._scratch.append(UnfinishedFile(path, self._session.name))
        return self._scratch[-1]

    def write(self, path: Path, data: bytes) -> UnfinishedFile:
        """Write all of a file. Raises OutputError."""
        file = self.create(path)
        try:
            file.stream.write(data)
        except OSError as error:
            raise output_error(path, error) from error
        file.seal()
        return file

    def publish(self) -> None:
        """Give all files their names, the session file after the others. Raises OutputError.

        Then delete what processes that were killed have left of this result. The caller must be
        its `only_writer`.
        """
        files = sorted(self._files.values(), key=lambda file: file.path == self._session)
        for file in files:
            file.seal()
        try:
            for file in files:
                self._keep_older(file.path)
                file.publish()
        except BaseException:
            for file in files:
                _take_back(file, self._older.pop(file.path, None))
            raise
        for part in temporary_files_of(self._session.parent, self._session.name):
            with suppress(OSError):
                part.unlink()

    def __enter__(self) -> ResultFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in (*self._files.values(), *self._scratch):
            file.discard()
        for older in self._older.values():
            with suppress(OSError):
                older.unlink()

    def _keep_older(self, path: Path) -> None:
        """Give the file at `path`, if there is one, a second name."""
        if not os.path.lexists(path):
            return
        aside = temporary_path(path, self._session.name)
        self._older[path] = aside
        try:
            if path.is_dir() and not path.is_symlink():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            try:
                os.link(path, aside, follow_symlinks=False)
            except (OSError, NotImplementedError):  # a disk without hard links
                path.rename(aside)
        except OSError as error:
            raise output_error(path, error) from error


def make_folder(folder: Path) -> None:
    """Make the folder of a result. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"{folder} is no folder: choose another place with -o") from error
    except OSError as error:
        raise output_error(folder, error) from error


@contextmanager
def only_writer(path: Path, shown: Path) -> Iterator[None]:
    """Keep other processes, and threads, from writing the result whose session file is `path`.

    The lock is a file beside the result, and gone at the end. One that a killed process left is
    free. A disk that has no locks is used without. Raises OutputError, with the name `shown`, when
    another one is at work.
    """
    from filelock import FileLock, Timeout

    key = sha256(os.fsencode(path.name)).hexdigest()[:16]
    lock = FileLock(path.with_name(f".stslocal-{key}.lock"))
    has_locks = True
    try:  # a signal may come while the lock is taken
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise OutputError(
                f"{shown} is being written by another stslocal: wait until it is "
                "done, or choose another folder with -o"
            ) from None
        except NotImplementedError:
            has_locks = False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise output_error(path, error) from error
            has_locks = False
        yield
    finally:
        if lock.is_locked or not has_locks:
            with suppress(OSError):  # Windows deletes no open file
                Path(lock.lock_file).unlink()
            lock.release()


def _take_back(file: UnfinishedFile, older: Path | None) -> None:
    """Undo `publish`: the older file gets its name again."""
    with suppress(OSError):
        if older is not None and os.path.lexists(older):
            older.replace(file.path)
            with suppress(FileNotFoundError):  # two names of one file stay when one is renamed
                older.unlink()
        elif older is None and not os.path.lexists(file.part):
            file.path.unlink()
