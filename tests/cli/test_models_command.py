"""`stslocal models`: its output and its exit codes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from stslocal.cli import main
from stslocal.models import store as model_store
from stslocal.models.manifest_file import load_manifest
from tests.models.download.kit import (
    content,
    file_line,
    make_tarball,
    model_text,
    npm,
    use_npm_shelf,
    write_manifest,
)

pytestmark = pytest.mark.unit

FILES = {"model.bin": content(1, 30_000), "config.json": b"{}"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, whose models can be fetched."""
    shelf = use_npm_shelf(tmp_path / "shelf", monkeypatch)
    make_tarball(shelf / "tiny-1.0.tgz", {f"package/{n}": data for n, data in FILES.items()})
    make_tarball(shelf / "voices-1.0.tgz", {"package/v.bin": b"voice"})
    manifest = load_manifest(
        write_manifest(
            tmp_path / "m.toml",
            model_text("tiny", FILES, npm("tiny@1.0")),
            model_text(
                "voices", {"v.bin": b"voice"}, npm("voices@1.0"), extra="commercial = false"
            ),
            model_text("gone", {"g.bin": b"gone"}, npm("gone@1.0")),
            model_text("packaged", {"x/y": b"x"}, extra='package = "no-such-package==1"'),
            packs={"basic": ["tiny"], "all": ["tiny", "voices"], "mixed": ["tiny", "packaged"]},
        )
    )
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("STSLOCAL_CACHE", "")
    return tmp_path / "models"


class Run:
    """One command line, its output and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(["models", *arguments])
        self.out, self.err = capsys.readouterr()


def test_list_shows_each_model(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "list")
    assert done.code == 0
    assert done.err == ""
    line = done.out.splitlines()[0].split()
    assert " ".join(line) == "tiny recognition 30 kB MIT basic, all, mixed not installed"


def test_list_with_files_shows_their_sizes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "list", "--files")
    assert "      30000  model.bin" in done.out


def test_list_as_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(Run(capsys, "list", "--json").out)
    assert document["root"] == str(root)
    tiny, voices, _, packaged = document["models"]
    assert tiny["bytes"] == 30_002
    assert not tiny["installed"]
    assert tiny["packs"] == ["basic", "all", "mixed"]
    assert voices["commercial"] is False
    assert packaged["sources"] == ["package no-such-package==1"]


def test_pull_verify_path_and_remove(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pulled = Run(capsys, "pull", "basic")
    assert pulled.code == 0
    assert pulled.out.startswith("tiny: 30 kB from npm tiny@1.0 in ")
    assert "tiny: tiny, for tests, 30 kB, MIT (https://example.org/licence)" in pulled.err
    assert Run(capsys, "pull", "tiny").out == "tiny: already installed\n"
    assert Run(capsys, "verify").out == "tiny: 2 files are right\n"
    assert Run(capsys, "path", "tiny").out == f"{root / 'tiny'}\n"
    assert "installed" in Run(capsys, "list").out.splitlines()[0]
    assert Run(capsys, "remove", "tiny").out == "tiny: removed\n"
    again = Run(capsys, "remove", "tiny")
    assert (again.code, again.err) == (2, f"stslocal: tiny is not installed in {root}\n")


def test_pull_as_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "pull", "tiny", "--json")
    (result,) = json.loads(done.out)
    assert result["model"] == "tiny"
    assert result["origin"] == "npm tiny@1.0"
    assert result["bytes"] == 30_002
    assert result["seconds"] > 0


def test_a_licence_must_be_accepted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Run(capsys, "pull", "all")
    assert refused.code == 2
    assert "not for commercial use: voices is licensed MIT" in refused.err
    assert "`stslocal models pull all --accept-licence`" in refused.err
    assert not root.exists()
    assert Run(capsys, "pull", "all", "--accept_licence").code == 0


def test_all_licences_are_shown_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The full pack as it is shipped."""
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    refused = Run(capsys, "pull", "full")
    assert refused.code == 2
    assert "nllb-200-distilled-600m is licensed CC-BY-NC-4.0 (https://creative" in refused.err
    assert "; xtts-v2 is licensed CPML-1.0 (https://" in refused.err
    assert refused.err.endswith("run `stslocal models pull full --accept-licence`\n")
    assert not (tmp_path / "models").exists()


def test_list_shows_which_files_are_compared_with_the_first_pull(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = model_text("new", {}, npm("tiny@1.0")).replace(
        "files = [", 'files = [{ name = "model.bin" }'
    )
    manifest = load_manifest(write_manifest(tmp_path / "m.toml", text))
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    before = Run(capsys, "list", "--files")
    assert "sha256 will be kept from the first pull" in before.out
    assert before.out.endswith(
        "compared with the sha256 of the first pull: new (1). --files shows which.\n"
    )
    Run(capsys, "pull", "new")
    after = Run(capsys, "list", "--files").out
    assert (
        f"{hashlib.sha256(FILES['model.bin']).hexdigest()}           ?  model.bin, as first pulled"
        in after
    )
    (model,) = json.loads(Run(capsys, "list", "--json").out)["models"]
    assert model["files"][0]["pinned"] is False


def test_a_model_that_cannot_be_fetched(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "pull", "gone")
    assert done.code == 1
    assert "stslocal: gone could not be fetched from npm gone@1.0: 404" in done.err
    assert "Traceback" not in done.err


def test_a_mistyped_name(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "pull", "tinny")
    assert (done.code, done.out) == (2, "")
    assert done.err == "stslocal: there is no pack or model 'tinny': did you mean 'tiny'?\n"


def test_damage_is_reported_with_the_remedy_and_the_remedy_works(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(capsys, "pull", "tiny")
    path = root / "tiny" / "model.bin"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    verified = Run(capsys, "verify", "tiny")
    assert verified.code == 1
    assert verified.out.startswith(f"{path} is damaged, its sha256 is ")
    assert verified.out.endswith("run `stslocal models pull tiny`\n")
    loaded = Run(capsys, "path", "tiny")
    assert (loaded.code, loaded.out) == (1, "")
    assert loaded.err.endswith("run `stslocal models pull tiny`\n")
    Run(capsys, "pull", "tiny")
    assert Run(capsys, "verify", "tiny").code == 0


def test_verify_as_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Run(capsys, "pull", "tiny")
    done = Run(capsys, "verify", "tiny", "gone", "--json")
    assert done.code == 2
    tiny, gone = json.loads(done.out)
    assert tiny == {"model": "tiny", "ok": True, "problem": ""}
    assert gone["problem"] == "gone is not installed: run `stslocal models pull gone`"


def test_verify_with_nothing_installed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "verify")
    assert done.code == 2
    assert "no model is installed: run `stslocal models pull" in done.err


def test_path_of_all_and_of_a_missing_one(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Run(capsys, "path").out == f"{root}\n"
    missing = Run(capsys, "path", "tiny")
    assert missing.code == 2
    assert missing.err == "stslocal: tiny is not installed: run `stslocal models pull basic`\n"


def test_import(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "carried"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    done = Run(capsys, "import", str(folder))
    assert done.code == 0
    assert done.out == "tiny: installed, MIT (https://example.org/licence)\n"
    assert json.loads(Run(capsys, "import", str(folder), "tiny", "--json").out) == ["tiny"]
    nothing = Run(capsys, "import", str(folder), "voices")
    assert nothing.code == 2
    assert "does not contain all files of any of voices" in nothing.err
    assert Run(capsys, "import", "/no/such/place").code == 2


def test_remove_of_a_pack_leaves_packages_alone(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(capsys, "pull", "tiny")
    done = Run(capsys, "remove", "mixed")
    assert done.code == 0
    assert done.out == "tiny: removed\n"
    assert "packaged stays: it is part of the Python package no-such-package==1" in done.err
    assert Run(capsys, "remove", "packaged").code == 2


def test_remove_takes_it_from_the_cache_too(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
    Run(capsys, "pull", "tiny")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    Run(capsys, "remove", "tiny")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_what_is_built_and_from_what(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = f'[models.b.build]\nstep = "none"\ninputs = [{file_line("in.bin", b"input")}]'
    text = model_text("b", {"out.bin": b"made"}, npm("gone@1.0"), build=build)
    manifest = load_manifest(write_manifest(tmp_path / "m.toml", text))
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    listed = Run(capsys, "list", "--files").out.splitlines()
    assert listed[0].endswith("not installed")
    assert listed[1].endswith("         4  out.bin")
    assert listed[2].endswith("         5  in.bin, from which these are built")
    (model,) = json.loads(Run(capsys, "list", "--json").out)["models"]
    assert [file["name"] for file in model["built_from"]] == ["in.bin"]
    (root / "b").mkdir(parents=True)
    (root / "b" / "in.bin").write_bytes(b"input")
    assert Run(capsys, "list").out.splitlines()[0].endswith("to be built again")
    verified = Run(capsys, "verify")
    assert (verified.code, verified.out) == (
        2, "b must be built again for this version of stslocal: run `stslocal models pull b`\n"
    )  # fmt: skip


def test_remove_takes_what_it_was_built_from_out_of_the_cache(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
    build = f'[models.b.build]\nstep = "none"\ninputs = [{file_line("in.bin", b"input")}]'
    text = model_text("b", {"out.bin": b"made"}, npm("gone@1.0"), build=build)
    manifest = load_manifest(write_manifest(tmp_path / "m.toml", text))
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    sha256 = hashlib.sha256(b"input").hexdigest()
    kept = tmp_path / "cache" / sha256[:2] / sha256
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"input")
    (root / "b").mkdir(parents=True)
    (root / "b" / "out.bin").write_bytes(b"made")
    assert Run(capsys, "remove", "b").code == 0
    assert not kept.exists()
