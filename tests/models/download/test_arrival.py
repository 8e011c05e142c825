"""A file gets its name only when it is complete and right."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from stslocal.errors import OutputError
from stslocal.models.download.arrival import (
    IncomingFile,
    WrongBytesError,
    disk_errors,
    remove_parts,
)
from stslocal.models.download.cache import DownloadCache
from stslocal.models.manifest import ModelFile

pytestmark = pytest.mark.unit

DATA = b"the bytes of a model"
FILE = ModelFile("sub/model.bin", len(DATA), hashlib.sha256(DATA).hexdigest())
UNKNOWN = ModelFile("model.bin", None, None)


def test_a_file_gets_its_name_only_when_it_is_right(tmp_path: Path) -> None:
    target = tmp_path / FILE.name
    with IncomingFile(tmp_path, FILE) as incoming:
        incoming.write(DATA)
        assert not target.exists()
        assert incoming.finish() == FILE.sha256
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == ["model.bin"]


def test_an_unfinished_file_is_continued(tmp_path: Path) -> None:
    with IncomingFile(tmp_path, FILE) as incoming:
        incoming.write(DATA[:7])
    with IncomingFile(tmp_path, FILE) as incoming:
        assert incoming.size == 7
        incoming.write(DATA[7:])
        incoming.finish()
    assert (tmp_path / FILE.name).read_bytes() == DATA


def test_an_unfinished_file_of_another_origin_is_not_continued(tmp_path: Path) -> None:
    with IncomingFile(tmp_path, UNKNOWN, origin="commit 1") as incoming:
        incoming.write(DATA[:7])
    with IncomingFile(tmp_path, UNKNOWN, origin="commit 2") as incoming:
        assert incoming.size == 0


@pytest.mark.parametrize("data", [DATA[:-1], DATA[:-1] + b"L"])
def test_wrong_bytes_are_deleted(tmp_path: Path, data: bytes) -> None:
    with IncomingFile(tmp_path, FILE) as incoming:
        incoming.write(data)
        with pytest.raises(WrongBytesError):
            incoming.finish()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_too_many_bytes_are_refused_at_once(tmp_path: Path) -> None:
    with (
        IncomingFile(tmp_path, FILE) as incoming,
        pytest.raises(WrongBytesError, match="longer than 20"),
    ):
        incoming.write(DATA + b"!")


def test_an_unfinished_file_that_is_too_long_starts_over(tmp_path: Path) -> None:
    with IncomingFile(tmp_path, FILE) as incoming:
        incoming.write(DATA[:7])
    part = next(path for path in tmp_path.rglob("*") if path.is_file())
    part.write_bytes(DATA * 2)
    with IncomingFile(tmp_path, FILE) as incoming:
        assert incoming.size == 0
        incoming.write(DATA)
        incoming.finish()


def test_a_file_of_unknown_size_and_hash_is_accepted(tmp_path: Path) -> None:
    with IncomingFile(tmp_path, UNKNOWN) as incoming:
        incoming.write(DATA)
        assert incoming.finish() == FILE.sha256


def test_unfinished_files_are_deleted(tmp_path: Path) -> None:
    with IncomingFile(tmp_path, FILE) as incoming:
        incoming.write(DATA[:7])
    (tmp_path / "whole.bin").touch()
    remove_parts(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["whole.bin"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "the disk of .* is full: 12 MB are needed; free some space"),
        (errno.EDQUOT, "the disk of .* is full"),
        (errno.EACCES, "cannot be written .*: set STSLOCAL_MODELS"),
        (errno.EROFS, "cannot be written .*: set STSLOCAL_MODELS"),
    ],
)
def test_errors_of_the_disk_become_messages_with_a_remedy(
    tmp_path: Path, code: int, message: str
) -> None:
    with pytest.raises(OutputError, match=message), disk_errors(tmp_path, 12_000_000):
        raise OSError(code, "reason")


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EIO])
def test_other_errors_of_the_disk_name_the_place(tmp_path: Path, number: int) -> None:
    """Somebody has removed the folder, or put a file in its place."""
    message = rf"config.json cannot be used .*: check {tmp_path}, then"
    with pytest.raises(OutputError, match=message), disk_errors(tmp_path, 1):
        raise OSError(number, os.strerror(number), str(tmp_path / "config.json"))


class TestCache:
    @pytest.fixture
    def kept(self, tmp_path: Path) -> DownloadCache:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        cache = DownloadCache(tmp_path / "cache")
        cache.keep(source, FILE.sha256 or "")
        return cache

    def test_a_file_is_linked_from_the_cache(self, kept: DownloadCache, tmp_path: Path) -> None:
        assert kept.has(FILE)
        assert kept.take(FILE, tmp_path / "models")
        target = tmp_path / "models" / FILE.name
        assert target.samefile(tmp_path / "source.bin")
        assert [path.name for path in target.parent.iterdir()] == ["model.bin"]

    def test_without_links_a_file_is_copied_from_the_cache(
        self, kept: DownloadCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refuse_links(monkeypatch)
        assert kept.take(FILE, tmp_path / "models")
        assert (tmp_path / "models" / FILE.name).read_bytes() == DATA

    def test_a_damaged_file_is_detected_and_deleted(
        self, kept: DownloadCache, tmp_path: Path
    ) -> None:
        (tmp_path / "source.bin").write_bytes(DATA[::-1])  # a hard link to the file in the cache
        assert not kept.take(FILE, tmp_path / "models")
        assert not kept.has(FILE)

    def test_forget_deletes_a_file(self, kept: DownloadCache) -> None:
        kept.forget(FILE.sha256 or "")
        assert not kept.has(FILE)

    def test_across_disks_a_file_is_copied_only_with_may_copy(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        refuse_links(monkeypatch)
        linking = DownloadCache(tmp_path / "linking")
        linking.keep(source, FILE.sha256 or "")
        assert not linking.has(FILE)
        copying = DownloadCache(tmp_path / "copying", may_copy=True)
        copying.keep(source, FILE.sha256 or "")
        assert copying.has(FILE)
        assert not list(tmp_path.rglob("*.tmp"))

    def test_a_cache_that_cannot_be_written_keeps_nothing(self, tmp_path: Path) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        cache = DownloadCache(source / "below a file")
        cache.keep(source, FILE.sha256 or "")
        assert not cache.has(FILE)

    def test_an_empty_variable_disables_the_cache(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STSLOCAL_CACHE", "")
        off = DownloadCache.discover()
        off.keep(tmp_path, FILE.sha256 or "")
        assert not off.has(FILE)
        assert not off.take(FILE, tmp_path)

    def test_the_environment_variable_sets_the_folder_of_the_cache(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "chosen"))
        DownloadCache.discover().keep(source, FILE.sha256 or "")
        assert (tmp_path / "chosen").is_dir()


def refuse_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("os.link", link)
