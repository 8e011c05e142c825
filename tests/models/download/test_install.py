"""A pull ends with complete, right models, or with a reason and no incomplete model."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from stslocal.errors import ModelDownloadError, ModelNotFoundError, OutputError, SettingsError
from stslocal.models.building import steps as build_module
from stslocal.models.download import install as install_module
from stslocal.models.download.arrival import IncomingFile
from stslocal.models.store import ModelStore
from tests.models.download.kit import (
    RecordingDisplay,
    content,
    file_line,
    files_in,
    make_tarball,
    make_wheel,
    model_text,
    npm,
    open_store,
    pull_all,
    pypi,
    write_manifest,
)

pytestmark = pytest.mark.unit

FILES = {"model.bin": content(1, 30_000), "config.json": b"{}"}
VOICES = {"a.bin": content(2, 5_000), "b.bin": content(3, 5_000)}
MEMBERS = {f"package/{name}": data for name, data in VOICES.items()}
CHECKOUT = Path(__file__).resolve().parents[3]


def store_of(tmp_path: Path, *models: str, root: Path | None = None) -> ModelStore:
    return open_store(root or tmp_path / "models", write_manifest(tmp_path / "m.toml", *models))


@pytest.fixture
def voices(tmp_path: Path, npm_shelf: Path) -> ModelStore:
    """A store with one model, which npm can fetch."""
    make_tarball(npm_shelf / "voices-1.0.tgz", MEMBERS)
    return store_of(tmp_path, model_text("voices", VOICES, npm("voices@1.0")))


def installed_files(store: ModelStore, model_id: str) -> dict[str, bytes]:
    folder = store.folder(model_id)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_several_models_are_fetched_at_a_time(
    tmp_path: Path, wheelhouse: Path, npm_shelf: Path
) -> None:
    half = len(FILES["model.bin"]) // 2
    parts = FILES["model.bin"][:half], FILES["model.bin"][half:]
    make_wheel(wheelhouse, "one", "1.0", {"one/part1": parts[0]})
    make_wheel(wheelhouse, "two", "1.0", {"two/part2": parts[1], "two/config.json": b"{}"})
    make_tarball(npm_shelf / "voices-1.0.tgz", MEMBERS)
    members = 'members = { "model.bin" = ["one/part1", "two/part2"] }'
    store = store_of(
        tmp_path,
        model_text("tiny", FILES, pypi("one==1.0", "two==1.0", prefix="two/", members=members)),
        model_text("voices", VOICES, npm("voices@1.0")),
    )
    display = RecordingDisplay()
    results = pull_all(store, display=display)
    assert [(r.model, r.origin) for r in results] == [
        ("tiny", "pypi one==1.0 +1"),
        ("voices", "npm voices@1.0"),
    ]
    assert results[1].bytes == 10_000
    assert installed_files(store, "tiny") == FILES
    assert installed_files(store, "voices") == VOICES
    assert not (store.root / ".incoming" / "tiny").exists()
    assert {("tiny", 30_002), ("voices", 10_000)} <= {update[:2] for update in display.updates}


def test_a_second_pull_only_checks(voices: ModelStore, npm_shelf: Path) -> None:
    pull_all(voices)
    shutil.rmtree(npm_shelf)
    (result,) = pull_all(voices)
    assert (result.origin, result.bytes) == ("already installed", 0)


@pytest.mark.parametrize(
    ("below", "message"),
    [("", r"cannot be used \(File exists\): check"), ("below", r"\(Not a directory\): check")],
)
def test_a_file_in_place_of_the_models_folder_is_said(
    tmp_path: Path, npm_shelf: Path, below: str, message: str
) -> None:
    make_tarball(npm_shelf / "voices-1.0.tgz", MEMBERS)
    (tmp_path / "file").touch()
    text = model_text("voices", VOICES, npm("voices@1.0"))
    store = store_of(tmp_path, text, root=tmp_path / "file" / below)
    with pytest.raises(OutputError, match=message):
        pull_all(store)


def test_a_pull_replaces_damaged_files_and_keeps_the_others(voices: ModelStore) -> None:
    pull_all(voices)
    folder = voices.root / "voices"
    kept = (folder / "a.bin").stat()
    before = (folder / "b.bin").stat()
    (folder / "b.bin").write_bytes(b"x" * 5_000)
    os.utime(folder / "b.bin", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert pull_all(voices)[0].origin == "npm voices@1.0"
    assert installed_files(voices, "voices") == VOICES
    assert (folder / "a.bin").stat().st_ino == kept.st_ino


def test_missing_files_are_fetched_from_the_next_source(tmp_path: Path, npm_shelf: Path) -> None:
    make_tarball(npm_shelf / "old-1.0.tgz", {**MEMBERS, "package/b.bin": b"other bytes"})
    make_tarball(npm_shelf / "new-1.0.tgz", {"package/b.bin": VOICES["b.bin"]})
    text = model_text("voices", VOICES, npm("gone@1.0"), npm("old@1.0"), npm("new@1.0"))
    store = store_of(tmp_path, text)
    assert pull_all(store)[0].origin == "npm new@1.0"
    assert installed_files(store, "voices") == VOICES


def test_the_message_gives_every_source_and_the_reason_why_it_failed(
    tmp_path: Path, npm_shelf: Path, wheelhouse: Path
) -> None:
    make_tarball(npm_shelf / "wrong-1.0.tgz", {**MEMBERS, "package/b.bin": b"x" * 5_000})
    text = model_text("voices", VOICES, npm("gone@1.0"), npm("wrong@1.0"), pypi("gone==1.0"))
    store = store_of(tmp_path, text)
    with pytest.raises(ModelDownloadError) as caught:
        pull_all(store)
    message = str(caught.value)
    assert message.startswith("voices could not be fetched from npm gone@1.0: 404 Not Found")
    assert "; npm wrong@1.0: b.bin has sha256 " in message
    assert "; pypi gone==1.0: " in message
    assert message.endswith("run `stslocal models import PATH`")
    assert not store.installed("voices")


def test_a_model_that_cannot_be_fetched_does_not_stop_the_others(
    tmp_path: Path, npm_shelf: Path
) -> None:
    make_tarball(npm_shelf / "voices-1.0.tgz", MEMBERS)
    store = store_of(
        tmp_path,
        model_text("gone", FILES, npm("gone@1.0")),
        model_text("voices", VOICES, npm("voices@1.0")),
        model_text("gone-too", FILES, npm("gone@2.0")),
    )
    with pytest.raises(ModelDownloadError, match=r"^gone could(.|\n)*\n  gone-too could"):
        pull_all(store)
    assert store.installed("voices")


def test_a_model_is_built_from_fetched_files(
    tmp_path: Path, npm_shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def double(fetched: Path, target: Path) -> None:
        (target / "out.bin").write_bytes((fetched / "in.bin").read_bytes() * 2)

    monkeypatch.setattr(build_module, "STEPS", {"double": double})
    make_tarball(npm_shelf / "raw-1.0.tgz", {"package/in.bin": b"in"})
    build = f'[models.m.build]\nstep = "double"\ninputs = [{file_line("in.bin", b"in")}]'
    store = store_of(tmp_path, model_text("m", {"out.bin": b"inin"}, npm("raw@1.0"), build=build))
    pull_all(store)
    assert installed_files(store, "m") == {"out.bin": b"inin"}
    assert files_in(store.root) == ["m/out.bin"]


def test_a_file_of_unknown_hash_must_keep_its_first_hash(tmp_path: Path, npm_shelf: Path) -> None:
    make_tarball(npm_shelf / "voices-1.0.tgz", {**MEMBERS, "package/new.bin": b"some bytes"})
    text = model_text("voices", VOICES, npm("voices@1.0")).replace(
        "files = [", 'files = [ { name = "new.bin" },'
    )
    store = store_of(tmp_path, text)
    pull_all(store)
    assert len(store.hashes("voices")["new.bin"]) == 64
    (store.root / "voices" / "new.bin").write_bytes(b"some BYTES")
    assert [file.name for file in store.faulty(store.manifest.model("voices"))] == ["new.bin"]


class TestCache:
    def test_another_checkout_uses_it(
        self, voices: ModelStore, npm_shelf: Path, tmp_path: Path
    ) -> None:
        pull_all(voices, cache=tmp_path / "cache")
        shutil.rmtree(npm_shelf)
        other = store_of(
            tmp_path, model_text("voices", VOICES, npm("voices@1.0")), root=tmp_path / "2"
        )
        (result,) = pull_all(other, cache=tmp_path / "cache")
        assert result.origin == "cache"
        assert installed_files(other, "voices") == VOICES

    def test_a_damaged_file_in_it_is_fetched_again(
        self, voices: ModelStore, tmp_path: Path
    ) -> None:
        pull_all(voices, cache=tmp_path / "cache")
        (voices.root / "voices" / "a.bin").write_bytes(b"x" * 5_000)
        assert pull_all(voices, cache=tmp_path / "cache")[0].origin == "npm voices@1.0"
        assert installed_files(voices, "voices") == VOICES


class TestLicence:
    @pytest.fixture
    def restricted(self, tmp_path: Path, npm_shelf: Path) -> ModelStore:
        make_tarball(npm_shelf / "voices-1.0.tgz", MEMBERS)
        extra = "commercial = false"
        return store_of(tmp_path, model_text("voices", VOICES, npm("voices@1.0"), extra=extra))

    def test_it_must_be_accepted(self, restricted: ModelStore) -> None:
        with pytest.raises(SettingsError) as caught:
            pull_all(restricted)
        assert str(caught.value) == (
            "not for commercial use: voices (10 kB) is licensed MIT (https://example.org/licence). "
            "Read it, then run `stslocal models pull voices --accept-licence`"
        )
        assert not restricted.root.exists()

    def test_it_is_accepted_once(self, restricted: ModelStore) -> None:
        pull_all(restricted, accept_licence=True)
        assert pull_all(restricted)[0].origin == "already installed"


def test_a_model_in_a_package_is_only_checked(voices: ModelStore, tmp_path: Path) -> None:
    packaged = model_text("m", {"x/y": b"x"}, extra='package = "no-such==1"')
    store = store_of(tmp_path, packaged, model_text("voices", VOICES, npm("voices@1.0")))
    with pytest.raises(ModelNotFoundError, match="pip install no-such==1"):
        pull_all(store)
    assert store.installed("voices")


class TestFullDisk:
    def test_it_is_detected_before_the_pull(
        self, voices: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = shutil.disk_usage(CHECKOUT)
        small = type(usage)(usage.total, usage.used, 1000)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: small)
        with pytest.raises(OutputError, match=f"the disk of {voices.root} is full: 1 MB are need"):
            pull_all(voices)
        assert files_in(voices.root) == []

    def test_it_is_detected_during_the_pull_and_no_file_stays(
        self, voices: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = IncomingFile.write

        def write(self: IncomingFile, data: bytes) -> None:
            if self.file.name == "b.bin":
                raise OSError(errno.ENOSPC, "No space left on device")
            real(self, data)

        monkeypatch.setattr(IncomingFile, "write", write)
        with pytest.raises(OutputError, match=r"full: .* free some space or set STSLOCAL_MODELS"):
            pull_all(voices)
        assert files_in(voices.root) == []

    def test_a_small_file_system(
        self, tmp_path: Path, npm_shelf: Path, monkeypatch: pytest.MonkeyPatch, small_disk: Path
    ) -> None:
        files = {"a.bin": content(1, 700_000), "b.bin": content(2, 700_000)}
        make_tarball(npm_shelf / "big-1.0.tgz", {f"package/{n}": d for n, d in files.items()})
        text = model_text("big", files, npm("big@1.0"))
        store = store_of(tmp_path, text, root=small_disk / "models")
        with pytest.raises(OutputError, match="is full: 3 MB are needed"):
            pull_all(store)
        # The check before the pull works. Now without it, as if it had estimated too little.
        monkeypatch.setattr(install_module, "check_space", lambda *_: None)
        with pytest.raises(OutputError, match="is full"):
            pull_all(store)
        assert files_in(store.root) == []


class TestStopping:
    def test_ctrl_c_reaches_the_downloads(
        self, voices: ModelStore, npm_shelf: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = IncomingFile.write

        def slowly(self: IncomingFile, data: bytes) -> None:
            time.sleep(0.5)
            real(self, data)

        monkeypatch.setattr(IncomingFile, "write", slowly)
        main = threading.main_thread().ident
        assert main is not None
        threading.Timer(0.4, signal.pthread_kill, (main, signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            pull_all(voices)
        assert not voices.installed("voices")
        monkeypatch.undo()

    def test_a_killed_pull_is_continued(self, voices: ModelStore, npm_shelf: Path) -> None:
        """It is killed after the first file was finished and a part of the second one written."""
        program = f"""
import os, signal
from pathlib import Path
from stslocal.models.download.arrival import IncomingFile
from tests.models.download.kit import open_store, pull_all
real = IncomingFile.write
def write(self, data):
    if self.file.name == "b.bin":
        real(self, data[:100])
        self._stream.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, data)
IncomingFile.write = write
pull_all(open_store(Path({str(voices.root)!r}), Path({str(voices.root.parent / "m.toml")!r})))
"""
        killed = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert any(name.endswith(".part") for name in files_in(voices.root))
        with pytest.raises(ModelNotFoundError, match=r"incomplete, b.bin is missing"):
            voices.folder("voices")
        (npm_shelf / "voices-1.0.tgz").unlink()  # the fetched archive is still in the store
        assert pull_all(voices)[0].origin == "npm voices@1.0"
        assert files_in(voices.root) == ["voices/a.bin", "voices/b.bin"]


def test_two_pulls_at_the_same_time_fetch_once(voices: ModelStore) -> None:
    manifest = voices.root.parent / "m.toml"
    command = [sys.executable, "-m", "tests.models.download.kit", str(voices.root), str(manifest)]
    both = [
        subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    output = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert output == ["voices already installed", "voices npm voices@1.0"]
    assert installed_files(voices, "voices") == VOICES
