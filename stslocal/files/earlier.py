"""What earlier runs left beside a result, and which of it is still as they wrote it.

A session file names the files of its result with their hashes. Only a file that has such a hash is
stslocal's to replace. Every other one belongs to the person, who made it or corrected it, and so
do a link, and a session file that is damaged or was changed.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from glob import escape
from pathlib import Path

from stslocal.errors import OutputError, command
from stslocal.files.finding import SESSION_SUFFIX
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.foreign_files import UnreadableFileError, open_file
from stslocal.loading.selection import EngineSelection
from stslocal.results.session import OutputFile, Session, SessionFormatError, is_untouched
from stslocal.storage import sha256_of


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """The result of an earlier run with the same request on the same recording."""

    session: Session
    changed: Sequence[str]
    """Names of its files that somebody changed since. They are kept."""


class EarlierFiles:
    """The files beside a result that stslocal wrote, as the session files there say."""

    def __init__(self, task: FileTask) -> None:
        """Read the task's own session file, where there is one."""
        self._task = task
        self._data = _read(task.session)
        self.session = _parse(self._data)
        """None when there is no session file that can be read."""

    @property
    def is_corrected(self) -> bool:
        """Whether the session file holds a person's corrections, which are theirs."""
        return self.session is not None and any(one.correction for one in self.session.segments)

    def wrote(self, path: Path) -> bool:
        """Whether stslocal wrote `path`, and it is as it was written."""
        if not stat.S_ISREG(_mode(path)):
            return False
        if path == self._task.session:
            return self.session is not None and is_untouched(self._data) and not self.is_corrected
        return _is_one_of(path, self._versions) or _is_one_of(path, self._unfinished)

    def refuse_to_replace(self, paths: Sequence[Path], name: str = "") -> None:
        """Raise OutputError when one of the files is there and stslocal did not write it, and where
        they are of a recording of another name. `name` is that of the recording for people.
        """
        name = name or self._task.source.name
        other, own = self.session, self._task.session
        if other is not None and is_untouched(self._data) and other.source.name != name:
            raise OutputError(
                f"{own} is of another recording, {other.source.name}, whose results have the same "
                "names: -o chooses another folder, --overwrite replaces them"
            )
        for path in paths:
            if not _mode(path) or self.wrote(path):
                continue
            if path == self._task.session and self.is_corrected and is_untouched(self._data):
                raise OutputError(
                    f"{path} holds your corrections: {command('redo', path)} does them, "
                    "--overwrite translates anew without them, -o chooses another folder"
                )
            raise OutputError(
                f"{path} is there already, and stslocal did not write it or somebody changed it "
                "since: --overwrite replaces it, -o chooses another folder"
            )

    def free_path(self, path: Path) -> Path:
        """`path`, or a name beside it where a person's file has it: `talk.en.new.srt`."""
        candidates = [path]
        while _mode(candidates[-1]) and not self.wrote(candidates[-1]):
            number = "" if len(candidates) == 1 else len(candidates)
            candidates.append(path.with_name(f"{path.stem}.new{number}{path.suffix}"))
        return candidates[-1]

    def result(self, options: FileOptions, engines: EngineSelection) -> EarlierResult | None:
        """The result of an earlier run with the same request on the same recording.

        None when there is no such run, or one of its files is missing.
        """
        session, task = self.session, self._task
        if session is None or (task.media and task.media.name not in session.output):
            return None
        fingerprint = options.in_format(task.output_format).fingerprint(engines)
        paths = [task.folder / name for name in session.output]
        # Who corrects nothing may delete the speech alone.
        paths = [path for path in paths if path != task.speech or _mode(path)]
        if session.settings != fingerprint or not all(stat.S_ISREG(_mode(p, True)) for p in paths):
            return None
        if not _is_file(task.source, session.source.bytes, session.source.sha256):
            return None
        differing = [path for path in paths if not _is_one_of(path, self._versions)]
        if any(_is_one_of(path, self._unfinished) for path in differing):
            return None
        changed = [path.name for path in differing]
        if not is_untouched(self._data):
            changed.append(task.session.name)
        return EarlierResult(session, changed)

    def left_over(self, written: Sequence[Path]) -> dict[str, OutputFile]:
        """Files of the session that its successor, with other files, does not replace."""
        session = self.session
        if session is None:
            return {}
        names = {path.name for path in written}
        return {
            name: file
            for name, file in {**session.earlier_output, **session.output}.items()
            if name not in names
            and Path(name).name == name
            and _is_file(self._task.folder / name, file.bytes, file.sha256)
        }

    @cached_property
    def _versions(self) -> dict[str, list[OutputFile]]:
        """The states in which stslocal wrote each file, by its name.

        Translations of one recording into several languages share the source's subtitles, so the
        other session files of the recording count too.
        """
        return _versions(
            [self.session, *self._sessions(f"{escape(self._task.name)}.*{SESSION_SUFFIX}")]
        )

    @cached_property
    def _unfinished(self) -> dict[str, list[OutputFile]]:
        """The states of files to which a process gave their names before it was killed.

        It has left its session file under the temporary name.
        """
        return _versions(list(self._sessions(".stslocal-*.part")))

    def _sessions(self, pattern: str) -> Iterator[Session]:
        """Other sessions, but for those of `talk.mp4` where this recording is `talk.wav`."""
        own = self._task.source
        for path in sorted(self._task.folder.glob(pattern)):
            found = None if path == self._task.session else _parse(_read(path))
            if found is not None:
                name = Path(found.source.name)
                if name.name == own.name or name.stem != own.stem:
                    yield found


def _versions(sessions: Sequence[Session | None]) -> dict[str, list[OutputFile]]:
    versions: dict[str, list[OutputFile]] = {}
    for session in sessions:
        if session is not None:
            for files in (session.output, session.earlier_output):
                for name, file in files.items():
                    versions.setdefault(name, []).append(file)
    return versions


def _is_one_of(path: Path, versions: Mapping[str, Sequence[OutputFile]]) -> bool:
    """Whether the file has bytes that a session names for it. Links are followed."""
    return any(_is_file(path, file.bytes, file.sha256) for file in versions.get(path.name, ()))


def _mode(path: Path, follow_links: bool = False) -> int:
    """The file's mode; 0 when there is none, or none that can be looked at."""
    try:
        return path.stat(follow_symlinks=follow_links).st_mode
    except (OSError, ValueError):
        return 0


def _is_file(path: Path, size: int | None, sha256: str | None) -> bool:
    try:
        return path.stat().st_size == size and sha256_of(path) == sha256
    except OSError:
        return False


def _read(path: Path) -> bytes:
    """The bytes of a session file; empty when it cannot be read."""
    try:
        with open_file(path) as file:  # an unfinished file may be large, and no session
            start = file.read(1)
            return start + file.read() if start == b"{" else b""
    except (OSError, UnreadableFileError):
        return b""


def _parse(data: bytes) -> Session | None:
    try:
        return Session.from_json(data.decode())
    except (UnicodeDecodeError, SessionFormatError):
        return None
