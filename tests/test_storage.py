"""The folders of files, and writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from stslocal import storage
from stslocal.errors import OutputError
from stslocal.storage import (
    PLACE_VARIABLES,
    UnfinishedFile,
    cache_folder,
    config_path,
    data_folder,
    models_folder,
    read_cache_json,
    server_folder,
    sha256_of,
    temporary_path,
    voices_folder,
    whole_file,
    write_bytes,
    write_cache_json,
    write_text,
)

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parent.parent
posix_only = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have this")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestFolders:
    @pytest.fixture(autouse=True)
    def _nothing_chosen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in PLACE_VARIABLES:
            monkeypatch.delenv(variable, raising=False)

    @pytest.fixture
    def installed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The package lies outside a checkout."""
        monkeypatch.setattr(storage, "__file__", str(tmp_path / "stslocal" / "storage.py"))

    def test_a_person_has_own_folders(self, installed: None) -> None:
        assert config_path().parts[-2:] == ("stslocal", "config.toml")
        assert models_folder() == data_folder() / "models"
        assert voices_folder() == data_folder() / "voices"
        assert data_folder().name == "stslocal"
        assert "stslocal" in str(cache_folder())

    def test_a_checkout_has_its_own_models_folder(self) -> None:
        assert models_folder() == CHECKOUT / "models"

    def test_the_environment_can_name_each_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = {
            "STSLOCAL_CONFIG": config_path,
            "STSLOCAL_MODELS": models_folder,
            "STSLOCAL_VOICES": voices_folder,
            "STSLOCAL_CACHE": cache_folder,
            "STSLOCAL_SERVER": server_folder,
        }
        assert set(found) == set(PLACE_VARIABLES)
        for variable, find in found.items():
            monkeypatch.setenv(variable, f"/chosen/{variable}")
            assert find() == Path(f"/chosen/{variable}")

    @posix_only
    def test_a_tilde_stands_for_the_home_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/maria")
        monkeypatch.setenv("STSLOCAL_VOICES", "~/voices")
        assert voices_folder() == Path("/home/maria/voices")
        assert config_path({"STSLOCAL_CONFIG": "~/mine.toml"}) == Path("/home/maria/mine.toml")

    def test_an_empty_variable_switches_off_only_the_cache(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = [config_path(), models_folder(), voices_folder(), server_folder()]
        for variable in PLACE_VARIABLES:
            monkeypatch.setenv(variable, "")
        assert [config_path(), models_folder(), voices_folder(), server_folder()] == before
        assert cache_folder() is None


def test_the_sha256_is_that_of_all_bytes(tmp_path: Path) -> None:
    data = os.urandom((1 << 20) + 17)
    (tmp_path / "data").write_bytes(data)
    assert sha256_of(tmp_path / "data") == sha256(data).hexdigest()


class TestWholeFile:
    def test_text_and_bytes_are_written_unchanged(self, tmp_path: Path) -> None:
        write_text(tmp_path / "text", "ação\nline\r\n")
        write_bytes(tmp_path / "bytes", b"\r\n\0")
        assert (tmp_path / "text").read_bytes() == "ação\nline\r\n".encode()
        assert (tmp_path / "bytes").read_bytes() == b"\r\n\0"
        assert names(tmp_path) == ["bytes", "text"]

    def test_the_old_file_stays_until_the_end(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")
        with whole_file(path) as stream:
            stream.write(b"0123")
            stream.seek(1)
            stream.write(b"x")
            stream.flush()
            assert path.read_bytes() == b"old"
        assert path.read_bytes() == b"0x23"
        assert names(tmp_path) == ["file"]

    @pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, GeneratorExit])
    def test_an_exception_leaves_no_new_file_and_keeps_the_old_one(
        self, tmp_path: Path, failure: type[BaseException]
    ) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")
        with pytest.raises(failure), whole_file(path) as stream:  # noqa: PT012
            stream.write(b"new")
            raise failure
        assert path.read_bytes() == b"old"
        assert names(tmp_path) == ["file"]

    def test_an_error_about_another_file_is_not_changed(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="missing"), whole_file(tmp_path / "file"):
            (tmp_path / "missing").read_bytes()
        assert names(tmp_path) == []

    @posix_only
    def test_it_has_the_permissions_of_any_new_file(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            write_text(tmp_path / "file", "x")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640

    def test_a_name_may_be_as_long_as_the_disk_takes(self, tmp_path: Path) -> None:
        path = tmp_path / ("n" * 255)
        write_text(path, "x")
        assert names(tmp_path) == [path.name]
        assert len(temporary_path(path).name) == len(temporary_path(tmp_path / "n").name)

    def test_several_files_get_their_names_after_all_are_sealed(self, tmp_path: Path) -> None:
        files = [UnfinishedFile(tmp_path / name) for name in ("a", "b")]
        for file in files:
            file.stream.write(b"text")
            file.seal()
        assert not {"a", "b"} & set(names(tmp_path))
        for file in files:
            file.publish()
            file.discard()
        assert names(tmp_path) == ["a", "b"]

    @posix_only
    def test_a_link_of_the_temporary_name_is_not_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        victim = tmp_path / "victim"
        victim.write_bytes(b"precious")
        tokens = iter([b"\0" * 8, b"\0" * 8, b"\1" * 8])
        monkeypatch.setattr("os.urandom", lambda count: next(tokens))
        temporary = temporary_path(tmp_path / "file")
        temporary.symlink_to(victim)
        write_text(tmp_path / "file", "x")
        assert victim.read_bytes() == b"precious"
        assert (tmp_path / "file").read_text() == "x"
        assert not (tmp_path / "file").is_symlink()

    def test_another_programs_temporary_file_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.urandom", lambda count: b"\0" * count)
        other = temporary_path(tmp_path / "file")
        other.write_bytes(b"theirs")
        with pytest.raises(OutputError, match="no temporary name is free"):
            write_text(tmp_path / "file", "x")
        assert other.read_bytes() == b"theirs"
        assert names(tmp_path) == [other.name]

    @posix_only
    def test_a_link_in_the_files_place_is_replaced_and_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_text("precious")
        (tmp_path / "file").symlink_to(tmp_path / "victim")
        write_text(tmp_path / "file", "x")
        assert (tmp_path / "victim").read_text() == "precious"
        assert (tmp_path / "file").read_text() == "x"

    def test_concurrent_writers_leave_one_whole_file(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        texts = {letter * 200_000 for letter in "abcd"}
        path.write_text("a" * 200_000)
        torn: list[str] = []
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                text = path.read_text()
                if text not in texts:
                    torn.append(text)

        def write(text: str) -> None:
            for _ in range(20):
                write_text(path, text)

        reader = threading.Thread(target=read)
        writers = [threading.Thread(target=write, args=(text,)) for text in texts]
        for thread in [reader, *writers]:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        reader.join()
        assert not torn
        assert path.read_text() in texts
        assert names(tmp_path) == ["file"]


class TestRefused:
    """Every refusal is one sentence that names the file, and leaves no new file."""

    def refusal(self, path: Path) -> str:
        with pytest.raises(OutputError) as caught:
            write_text(path, "x")
        assert str(caught.value).startswith(f"cannot write {path}: ")
        assert isinstance(caught.value.__cause__, OSError)
        return str(caught.value)

    def test_no_such_folder(self, tmp_path: Path) -> None:
        assert "folder does not exist: create it" in self.refusal(tmp_path / "no" / "file")

    def test_a_folder_of_that_name(self, tmp_path: Path) -> None:
        (tmp_path / "file").mkdir()
        with pytest.raises(OutputError, match="a folder has this name"):
            UnfinishedFile(tmp_path / "file")
        assert names(tmp_path) == ["file"]

    @posix_only
    def test_a_loop_of_links_in_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        assert "loop of links: choose another" in self.refusal(tmp_path / "loop" / "file")

    def test_a_file_in_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "its folder is a file" in self.refusal(tmp_path / "file" / "x")

    @posix_only
    def test_a_name_too_long_is_found_before_anything_is_written(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="the name is too long"):
            UnfinishedFile(tmp_path / ("n" * 256))
        assert names(tmp_path) == []

    @posix_only
    @pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write")
    def test_a_folder_without_write_permission(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        try:
            assert "permission denied: choose another" in self.refusal(tmp_path / "file")
        finally:
            tmp_path.chmod(0o700)

    @pytest.mark.parametrize(
        ("call", "number", "sentence"),
        [
            ("os.open", errno.EACCES, "permission denied: choose another folder"),
            ("os.fsync", errno.EDQUOT, "your quota is used up"),
            ("pathlib.Path.replace", errno.EROFS, "the disk is read-only"),
        ],
    )
    def test_any_step_can_fail(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        call: str,
        number: int,
        sentence: str,
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        (tmp_path / "file").write_text("old")
        monkeypatch.setattr(call, refuse)
        assert sentence in self.refusal(tmp_path / "file")
        assert names(tmp_path) == ["file"]
        assert (tmp_path / "file").read_text() == "old"


LIMITED = """
import resource, sys
from pathlib import Path
from stslocal.errors import OutputError
from stslocal.storage import write_cache_json, write_text
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
path = Path(sys.argv[1])
write_cache_json(path, {"text": "x" * 200_000})
write_text(path, "x" * 200_000)
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from stslocal.storage import whole_file
with whole_file(Path(sys.argv[1])) as stream:
    stream.write(b"new" * 100_000)
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
INTERRUPTED = """
import os, sys
from pathlib import Path
from stslocal import storage
create = os.open
def interrupted(path, *flags):
    os.close(create(path, *flags))
    print("created", os.path.basename(path))
    raise KeyboardInterrupt
os.open = interrupted
storage.write_text(Path(sys.argv[1]), "x")
"""
FORKED = """
import os, sys
from pathlib import Path
from stslocal.storage import UnfinishedFile
file = UnfinishedFile(Path(sys.argv[1]))
file.stream.write(b"whole")
file.seal()
if not (child := os.fork()):
    sys.exit()
os.waitpid(child, 0)
file.publish()
"""


def run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@posix_only
@pytest.mark.parametrize("size", [1, 100_000])
def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"o" * size)
    done = run(LIMITED, tmp_path / "file")
    assert "OutputError: cannot write" in done.stderr
    assert "this disk takes no file as large as that" in done.stderr
    assert (tmp_path / "file").read_bytes() == b"o" * size
    assert names(tmp_path) == ["file"]


@posix_only
def test_a_signal_at_any_moment_leaves_no_temporary_file(tmp_path: Path) -> None:
    """The signal comes when the file is there, but nobody knows of it yet."""
    done = run(INTERRUPTED, tmp_path / "file")
    assert "KeyboardInterrupt" in done.stderr
    assert "created .stslocal-" in done.stdout
    assert names(tmp_path) == []


@posix_only
def test_the_end_of_a_forked_child_deletes_nothing_of_its_parent(tmp_path: Path) -> None:
    done = run(FORKED, tmp_path / "file")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "file").read_bytes() == b"whole"


@posix_only
def test_a_program_that_is_killed_leaves_the_old_file_and_the_next_one_writes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    assert run(KILLED, path).returncode == -9
    assert path.read_bytes() == b"old"
    left_over = [name for name in names(tmp_path) if name != "file"]
    assert [name.endswith(".part") for name in left_over] == [True]
    write_text(path, "next")
    assert path.read_text() == "next"
    assert names(tmp_path) == sorted(["file", *left_over])


class TestCacheJson:
    def test_a_document_that_is_written_is_read_back(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "folder" / "file.json"
        write_cache_json(path, {"é": [1, 2.5]})
        assert read_cache_json(path) == {"é": [1, 2.5]}

    def test_a_document_that_cannot_be_written_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        write_cache_json(tmp_path / "file" / "below.json", {})
        assert names(tmp_path) == ["file"]

    @pytest.mark.parametrize("content", [None, b"", b"[]", b"{", b"\xff", b'"text"'])
    def test_a_document_that_cannot_be_read_is_empty(
        self, tmp_path: Path, content: bytes | None
    ) -> None:
        if content is not None:
            (tmp_path / "file").write_bytes(content)
        assert read_cache_json(tmp_path / "file") == {}
