"""A file appears under its name whole and right, or not at all."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from stslocal.errors import OutputError
from stslocal.models.download.arrival import (
    Arrival,
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


def test_a_file_is_renamed_only_when_it_is_right(tmp_path: Path) -> None:
    target = tmp_path / FILE.name
    with Arrival(tmp_path, FILE) as arrival:
        arrival.write(DATA)
        assert not target.exists()
        assert arrival.finish() == FILE.sha256
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == ["model.bin"]


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with Arrival(tmp_path, FILE) as arrival:
        arrival.write(DATA[:7])
    with Arrival(tmp_path, FILE) as arrival:
        assert arrival.size == 7
        arrival.write(DATA[7:])
        arrival.finish()
    assert (tmp_path / FILE.name).read_bytes() == DATA


def test_it_does_not_go_on_from_another_file(tmp_path: Path) -> None:
    with Arrival(tmp_path, UNKNOWN, origin="commit 1") as arrival:
        arrival.write(DATA[:7])
    with Arrival(tmp_path, UNKNOWN, origin="commit 2") as arrival:
        assert arrival.size == 0


@pytest.mark.parametrize("data", [DATA[:-1], DATA[:-1] + b"L"])
def test_wrong_bytes_are_thrown_away(tmp_path: Path, data: bytes) -> None:
    with Arrival(tmp_path, FILE) as arrival:
        arrival.write(data)
        with pytest.raises(WrongBytesError):
            arrival.finish()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_too_many_bytes_are_refused_at_once(tmp_path: Path) -> None:
    with Arrival(tmp_path, FILE) as arrival, pytest.raises(WrongBytesError, match="longer than 20"):
        arrival.write(DATA + b"!")


def test_an_unfinished_file_that_is_too_long_starts_over(tmp_path: Path) -> None:
    with Arrival(tmp_path, FILE) as arrival:
        arrival.write(DATA[:7])
    part = next(path for path in tmp_path.rglob("*") if path.is_file())
    part.write_bytes(DATA * 2)
    with Arrival(tmp_path, FILE) as arrival:
        assert arrival.size == 0
        arrival.write(DATA)
        arrival.finish()


def test_a_file_of_unknown_size_is_taken_as_it_comes(tmp_path: Path) -> None:
    with Arrival(tmp_path, UNKNOWN) as arrival:
        arrival.write(DATA)
        assert arrival.finish() == FILE.sha256


def test_parts_are_cleaned_up(tmp_path: Path) -> None:
    with Arrival(tmp_path, FILE) as arrival:
        arrival.write(DATA[:7])
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
def test_the_disk_says_what_is_wrong_with_it(tmp_path: Path, code: int, message: str) -> None:
    with pytest.raises(OutputError, match=message), disk_errors(tmp_path, 12_000_000):
        raise OSError(code, "reason")


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="reason"), disk_errors(tmp_path, 1):
        raise OSError(errno.EIO, "reason")


class TestCache:
    @pytest.fixture
    def kept(self, tmp_path: Path) -> DownloadCache:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        cache = DownloadCache(tmp_path / "cache")
        cache.keep(source, FILE.sha256 or "")
        return cache

    def test_a_file_is_linked_out_of_it(self, kept: DownloadCache, tmp_path: Path) -> None:
        assert kept.has(FILE)
        assert kept.take(FILE, tmp_path / "models")
        target = tmp_path / "models" / FILE.name
        assert target.samefile(tmp_path / "source.bin")
        assert [path.name for path in target.parent.iterdir()] == ["model.bin"]

    def test_without_links_it_is_copied(
        self, kept: DownloadCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refuse_links(monkeypatch)
        assert kept.take(FILE, tmp_path / "models")
        assert (tmp_path / "models" / FILE.name).read_bytes() == DATA

    def test_damage_is_noticed_and_dropped(self, kept: DownloadCache, tmp_path: Path) -> None:
        (tmp_path / "source.bin").write_bytes(DATA[::-1])  # the very file, by its other name
        assert not kept.take(FILE, tmp_path / "models")
        assert not kept.has(FILE)

    def test_it_forgets(self, kept: DownloadCache) -> None:
        kept.forget(FILE.sha256 or "")
        assert not kept.has(FILE)

    def test_across_disks_it_copies_only_where_asked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        refuse_links(monkeypatch)
        shy = DownloadCache(tmp_path / "shy")
        shy.keep(source, FILE.sha256 or "")
        assert not shy.has(FILE)
        willing = DownloadCache(tmp_path / "willing", may_copy=True)
        willing.keep(source, FILE.sha256 or "")
        assert willing.has(FILE)
        assert not list(tmp_path.rglob("*.tmp"))

    def test_one_that_cannot_be_written_is_none(self, tmp_path: Path) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(DATA)
        cache = DownloadCache(source / "below a file")
        cache.keep(source, FILE.sha256 or "")
        assert not cache.has(FILE)

    def test_it_can_be_switched_off(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STSLOCAL_CACHE", "")
        off = DownloadCache.discover()
        off.keep(tmp_path, FILE.sha256 or "")
        assert not off.has(FILE)
        assert not off.take(FILE, tmp_path)

    def test_the_environment_chooses_it(
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
