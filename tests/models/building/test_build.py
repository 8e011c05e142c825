"""`stslocal models build`: its results, its refusals, and that no incomplete model is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from stslocal.cli import main
from stslocal.cli.output import format_amount
from stslocal.engines.nllb.entry import capabilities_of
from stslocal.engines.nllb.translator import NllbTranslator
from stslocal.errors import ModelIntegrityError, OutputError
from stslocal.languages import find
from stslocal.models import store as model_store
from stslocal.models.building import build as build_module
from stslocal.models.building.build import Recipe, install_built
from stslocal.models.building.steps import run_build
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of
from tests.models.building.nllb_kit import Translator, sentences

pytestmark = pytest.mark.unit

FILES = ("config.json", "model.bin", "sentencepiece.bpe.model", "shared_vocabulary.json")
MODEL = """
[models.{id}]
title = "NLLB, for tests"
role = "translation"
engine = "{engine}"
licence = "MIT"
licence_url = "https://example.org/licence"
files = [{files}]
{build}
[[models.{id}.sources]]
kind = "npm"
packages = ["nllb@1.0"]
"""
STEP = """
[models.made.build]
step = "nllb"
inputs = [{ name = "config.json" }, { name = "model.safetensors" }]
"""


@pytest.fixture
def store(tmp_path: Path, whole_model: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store with an installed model whose hashes are in the manifest, and two other models."""
    published = ", ".join(
        f'{{ name = "{name}", bytes = {(whole_model / name).stat().st_size}, '
        f'sha256 = "{sha256_of(whole_model / name)}" }}'
        for name in FILES
    )
    unknown = ", ".join(f'{{ name = "{name}" }}' for name in FILES)
    path = tmp_path / "manifest.toml"
    path.write_text(
        "format = 1\n"
        + MODEL.format(id="nllb", engine="nllb", files=published, build="")
        + MODEL.format(id="made", engine="nllb", files=unknown, build=STEP)
        + MODEL.format(id="other", engine="kokoro", files=unknown, build="")
    )
    manifest = load_manifest(path)
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    shutil.copytree(whole_model, tmp_path / "models" / "nllb")
    return ModelStore(tmp_path / "models", manifest)


class Run:
    """Runs a command line and records its output and exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> None:
        self.code = main(["models", "build", *map(str, arguments)])
        self.out, self.err = capsys.readouterr()


def files_left_by_builds(root: Path) -> list[str]:
    """Temporary files and folders of builds that are still in the store."""
    return [str(p) for p in (root / ".incoming").rglob("*") if p.is_file() or p.name == "built"]


def test_an_installed_model_is_trimmed_in_the_store(
    store: ModelStore, corpus_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (store.root / "nllb" / "model.bin").stat().st_size
    done = Run(
        capsys, "nllb", "--from", "installed", "--languages", "en,Portuguese",
        "--corpus", corpus_file, "--json",
    )  # fmt: skip
    assert (done.code, done.err.count("kept ")) == (0, 1)
    result = json.loads(done.out)["built"]
    assert result["folder"] == str(store.root / "nllb")
    assert result["languages"] == ["en", "pt"]
    assert (store.folder("nllb") / "model.bin").stat().st_size < before
    assert files_left_by_builds(store.root) == []
    store.verify("nllb")
    engine = NllbTranslator.load(store.folder("nllb"), threads=1)
    assert engine.capabilities.pairs == {("en", "pt"), ("pt", "en")}
    assert capabilities_of(store.folder("nllb")) == engine.capabilities
    assert engine.translate(sentences("eng_Latn", 2), source="en", target="pt")


def test_if_a_file_of_a_built_model_is_damaged_all_its_files_are_fetched(
    store: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(capsys, "nllb", "--from", "installed", "--languages", "en,pt")
    model = store.manifest.model("nllb")
    assert store.faulty(model) == []
    with (store.root / "nllb" / "model.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelIntegrityError, match="models pull nllb"):
        store.folder("nllb")
    assert store.faulty(model) == list(model.files)


def test_a_checkpoint_is_converted_into_a_new_folder(
    store: ModelStore, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new" / "nllb"
    done = Run(capsys, "nllb", "--from", checkpoint, "--output", output, "--quantization", "int8")
    assert done.code == 0
    size = format_amount(sum(path.stat().st_size for path in output.iterdir()), "bytes")
    assert done.out == f"nllb: {size} in {output}\n"
    assert "nllb: MIT (https://example.org/licence)\n" in done.err
    assert sorted(path.name for path in output.iterdir()) == list(FILES)
    assert [path.name for path in output.parent.iterdir()] == ["nllb"]
    assert Translator(output).translate(["no."], "eng_Latn", "por_Latn", beam=1)
    again = Run(capsys, "nllb", "--from", checkpoint, "--output", output)
    assert again.code == 2
    assert again.err.endswith(f"stslocal: {output} is there already: name a new folder\n")


def test_the_build_step_of_a_pull_gives_the_same_files(
    store: ModelStore, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = store.manifest.model("made")
    run_build(made, checkpoint, tmp_path / "scratch", store.location(made))
    Run(capsys, "nllb", "--from", checkpoint)
    for name in FILES:
        assert (store.root / "made" / name).read_bytes() == (
            store.root / "nllb" / name
        ).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nlb", "--from", "installed"], "there is no pack or model 'nlb': did you mean 'nllb'?"),
        (
            ["other", "--from", "installed"],
            "other is not made from a checkpoint of yours: run `stslocal models pull other`; there",
        ),
        (["made", "--from", "installed"], "made is not installed: run `stslocal models pull made`"),
        (["nllb", "--from", "/no/such"], "there is no folder /no/such"),
        (["nllb", "--from", "installed"], "is built already: name --languages to trim it"),
        (["nllb", "--from", "installed", "--languages", "en"], "English (en) alone translates"),
        (["nllb", "--from", "installed", "--languages", "en,en"], "English (en) alone translates"),
        (
            ["nllb", "--from", "installed", "--languages", "en,portugese"],
            "'portugese' is not a language that stslocal knows: did you mean Portuguese (pt)?",
        ),
        (
            ["nllb", "--from", "installed", "--languages", "en,br"],
            "the model does not translate Breton (br)",
        ),
        (
            ["nllb", "--from", "installed", "--languages", "en,pt", "--quantization", "int8"],
            "is converted already and keeps its quantization",
        ),
        (["nllb", "--from", "{checkpoint}", "--quantization", "int4"], "no quantization 'int4'"),
        (
            ["nllb", "--from", "{checkpoint}", "--corpus", "x.txt"],
            "a corpus is for trimming: name the languages with --languages",
        ),
        (
            ["nllb", "--from", "installed", "--languages", "en,pt", "--corpus", "/no/x.txt"],
            "name a text file in UTF-8",
        ),
    ],
)
def test_a_build_that_is_not_possible_is_refused(
    store: ModelStore,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    done = Run(capsys, *(each.format(checkpoint=checkpoint) for each in arguments))
    assert done.code == 2
    assert message in done.err
    assert done.err.count("stslocal:") == 1
    assert files_left_by_builds(store.root) == []
    store.verify("nllb")


def test_a_folder_without_a_model_is_refused(
    store: ModelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    done = Run(capsys, "made", "--from", tmp_path / "empty")
    assert done.code == 2
    assert "lacks config.json: give the folder of a checkpoint as it is published" in done.err
    assert not (store.root / "made").exists()


@pytest.mark.parametrize("how", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_build_that_fails_leaves_the_old_model(
    store: ModelStore, checkpoint: Path, monkeypatch: pytest.MonkeyPatch, how: BaseException
) -> None:
    def fail(*arguments: object) -> None:
        raise how

    monkeypatch.setattr(build_module, "trim", fail)
    recipe = Recipe("int8", (find("en"), find("pt")))
    for model_id in ("nllb", "made"):
        expected = OutputError if isinstance(how, OSError) else KeyboardInterrupt
        with pytest.raises(expected):
            install_built(store, store.manifest.model(model_id), checkpoint, recipe)
    assert files_left_by_builds(store.root) == []
    assert not (store.root / "made").exists()
    store.verify("nllb")


KILLED = """
import os, signal, sys
from pathlib import Path
from stslocal.models.building import build
from stslocal.languages import find
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore

build.trim = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
store = ModelStore(Path(sys.argv[1]), load_manifest(Path(sys.argv[2])))
recipe = build.Recipe("int8", (find("en"), find("pt")))
build.install_built(store, store.manifest.model("nllb"), Path(sys.argv[3]), recipe)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_build_leaves_the_old_model_and_the_next_build_deletes_its_files(
    store: ModelStore, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        sys.executable,
        "-c",
        KILLED,
        *map(str, (store.root, tmp_path / "manifest.toml", checkpoint)),
    ]
    done = subprocess.run(command, check=False, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL
    assert files_left_by_builds(store.root)
    store.verify("nllb")
    assert Run(capsys, "nllb", "--from", "installed", "--languages", "en,pt").code == 0
    assert files_left_by_builds(store.root) == []


def test_a_disk_with_too_little_space_is_refused_before_anything_is_written(
    store: ModelStore, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 5, 5))
    monkeypatch.setattr(build_module, "convert", None)
    with pytest.raises(OutputError, match=r"0 MB free, and up to 50 MB are needed"):
        install_built(store, store.manifest.model("made"), checkpoint, Recipe())
