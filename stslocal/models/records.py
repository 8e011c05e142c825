"""What is remembered of an installed model: `.records/MODEL.json` beside the models.

What each file was when its sha256 was last found right, the version of the build step that made
them, and the commit of each repository that the first pull met where the manifest has none. A
record that cannot be read is as good as none, and where none can be written, every load hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from stslocal.models.manifest import ModelFile
from stslocal.storage import read_cache_json, write_cache_json


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The state of a file when its sha256 was last computed."""

    bytes: int
    mtime_ns: int
    sha256: str
    built: bool = False
    """Whether it was built on this machine: then it must have this hash, not the manifest's."""


class ModelRecords:
    """The records of one model's files and commits."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def files(self) -> dict[str, FileRecord]:
        """The files' records by name; empty if they cannot be read."""
        try:
            files = read_cache_json(self._path)["files"].items()
            return {name: FileRecord(**values) for name, values in files}
        except (LookupError, TypeError, AttributeError):
            return {}

    def keep_files(self, files: Mapping[str, FileRecord], build_version: int | None = None) -> None:
        """Remember these and no others; and by which version of a build step they were made."""
        rows = {name: asdict(record) for name, record in files.items()}
        made = {} if build_version is None else {"build_version": build_version}
        write_cache_json(self._path, {**read_cache_json(self._path), "files": rows, **made})

    def build_version(self) -> int | None:
        """The version of the build step that made the files; None where nothing is remembered.

        Records from before there were versions do not tell it: theirs is 1.
        """
        document = read_cache_json(self._path)
        version = document.get("build_version", 1)
        return version if document and isinstance(version, int) else None

    def commits(self) -> dict[str, str]:
        """The commits of the first pull, by repository."""
        commits = read_cache_json(self._path).get("commits")
        return commits if isinstance(commits, dict) else {}

    def keep_commit(self, repo: str, commit: str) -> None:
        commits = {**self.commits(), repo: commit}
        write_cache_json(self._path, {**read_cache_json(self._path), "commits": commits})

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def expected_sha256(file: ModelFile, records: Mapping[str, FileRecord]) -> str | None:
    """The hash that a file must have: the manifest's, else the recorded one."""
    known = records.get(file.name)
    if known and (known.built or file.sha256 is None):
        return known.sha256
    return file.sha256


def expected_bytes(
    file: ModelFile, records: Mapping[str, FileRecord], otherwise: int | None = None
) -> int | None:
    """The size that a file must have: the manifest's, else the recorded one, else `otherwise`."""
    known = records.get(file.name)
    if known and (known.built or file.bytes is None):
        return known.bytes
    return otherwise if file.bytes is None else file.bytes
