"""`stslocal models`: its output and its exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from stslocal.cli import main
from stslocal.cli.models import _ModelBars
from stslocal.cli.output import Printer
from stslocal.engines import registry
from stslocal.engines.registry import EngineEntry, Weights
from stslocal.models import store as model_store
from stslocal.models.download import BUILDING
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


def test_list_shows_each_model_by_role(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Run(capsys, "pull", "tiny")
    done = Run(capsys, "list")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "  model        size  licence",
        "",
        "recognition, --asr",
        "✓ tiny        30 kB  MIT",
        "  voices        5 B  MIT *",
        "  gone          4 B  MIT",
        "  packaged      1 B  MIT",
        "",
        "packs: models that work together",
        "✓ basic       30 kB",
        "    basic",
        "  all         30 kB  1 of 2 installed",
        "    all",
        "  mixed       30 kB",
        "    mixed",
        "",
        f"✓ installed: 1 of 4 models, 30 kB, in {root}",
        "* not for commercial use: `stslocal models pull` shows the licence first",
    ]


def test_the_list_of_what_is_shipped_fits_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "m"))
    lines = Run(capsys, "list").out.replace(str(tmp_path), "").splitlines()
    assert len(lines) > 30
    assert max(map(len, lines)) <= 80
    assert next(line for line in lines if "starter" in line).split() == ["starter", "288", "MB"]
    assert "firefox-en-XX and firefox-XX-en: 106 more, 11.3 MB to 38.3 MB each" in " ".join(lines)
    assert "as firefox-sl-en-tiny, are the smaller and quicker of two." in " ".join(lines)
    assert "opus-XX-YY: 34 more, about 300 MB to fetch" in " ".join(lines)
    assert next(line for line in lines if " open " in line).endswith("and its translators")


def test_an_installed_firefox_model_has_a_line_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path))
    folder = tmp_path / "firefox-fr-en"
    folder.mkdir()
    for name, size in (("model.bin", 17_140_961), ("vocab.spm", 1_000_000), ("lex.bin", 1_000_000)):
        (folder / name).touch()
        os.truncate(folder / name, size)
    out = Run(capsys, "list").out
    assert re.search(r"✓ firefox-fr-en +17.8 MB  MPL-2.0", out)
    assert "firefox-en-XX and firefox-XX-en: 105 more" in out
    rows = json.loads(Run(capsys, "list", "--json").out)["models"]
    assert next(row["bytes"] for row in rows if row["id"] == "firefox-fr-en") == 19_140_961
    assert "firefox-en-fr" in Run(capsys, "list", "--files").out


def test_the_open_pack_asks_for_languages(capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "pull", "open")
    assert done.code == 2
    assert done.err.endswith("run `stslocal models pull open --languages en,fr`\n")
    unknown = Run(capsys, "pull", "open", "--languages", "en,frensh")
    assert (unknown.code, "did you mean" in unknown.err) == (2, True)


def test_the_list_marks_what_auto_takes(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = EngineEntry("tiny", registry.RECOGNIZER, "x:X", weights=(Weights(("tiny",)),))
    others = (
        EngineEntry("speaks", registry.SYNTHESIZER, "x:X", weights=(Weights(("voices",)),)),
        EngineEntry("words", registry.TRANSLATOR, "x:X", weights=(Weights(("gone",)),)),
    )
    monkeypatch.setattr(registry, "ENGINES", (entry, *others))
    Run(capsys, "pull", "tiny")
    out = Run(capsys, "list").out
    assert "✓ tiny        30 kB  MIT             taken by auto\n" in out
    assert out.count("taken by auto") == 2, "and the line that explains it"
    tiny, voices, *_ = json.loads(Run(capsys, "list", "--json").out)["models"]
    assert (tiny["auto"], tiny["installed"]) == (True, True)
    assert not voices["installed"]


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
    assert "✓ tiny " in Run(capsys, "list").out
    assert Run(capsys, "remove", "tiny").out == "tiny: removed\n"
    again = Run(capsys, "remove", "tiny")
    assert (again.code, again.err) == (2, f"stslocal: tiny is not installed in {root}\n")


def test_pull_as_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "pull", "tiny", "--json")
    (result,) = json.loads(done.out)["pulled"]
    assert result["model"] == "tiny"
    assert result["origin"] == "npm tiny@1.0"
    assert result["bytes"] == 30_002
    assert result["seconds"] > 0


def test_a_licence_must_be_accepted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Run(capsys, "pull", "all")
    assert refused.code == 2
    assert "not for commercial use: voices (5 B) is licensed MIT" in refused.err
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
    assert (
        "nllb-200-distilled-600m (633 MB) is licensed CC-BY-NC-4.0 (https://creative" in refused.err
    )
    assert "; xtts-v2 (1.88 GB) is licensed CPML-1.0 (https://" in refused.err
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
    assert before.out.endswith("the sha256 of the first pull: new (1).\n")
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
    tiny, gone = json.loads(done.out)["verified"]
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
    again = Run(capsys, "import", str(folder), "tiny", "--json")
    assert json.loads(again.out) == {"imported": ["tiny"]}
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


def test_remove_leaves_the_cache_alone_unless_asked(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))

    def cached() -> list[Path]:
        return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]

    Run(capsys, "pull", "tiny")
    done = Run(capsys, "remove", "tiny")
    assert (done.code, done.out) == (0, "tiny: removed\n")
    assert len(cached()) == 2
    assert done.err == (
        "the download cache keeps 30 kB of these files, so that the next pull is quick: `stslocal "
        "models remove tiny --cache` deletes that\n"
    )
    done = Run(capsys, "remove", "tiny", "--cache")
    assert (done.code, done.out, done.err) == (0, "tiny: removed\n", "")
    assert not cached()
    assert Run(capsys, "remove", "tiny", "--cache").code == 2


def test_a_pack_with_a_missing_part_is_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(capsys, "pull", "voices", "--accept-licence")
    done = Run(capsys, "remove", "all")
    assert (done.code, done.out) == (0, "voices: removed\n")
    assert done.err == f"tiny is not installed in {root}\n"
    again = Run(capsys, "remove", "all")
    assert again.code == 2
    assert again.err == f"stslocal: tiny, voices are not installed in {root}\n"


def test_a_model_that_another_pack_needs_stays(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [model_text(name, FILES, npm("tiny@1.0")) for name in ("tiny", "large", "encoder")]
    packs = {"small-pack": ["tiny", "encoder"], "large-pack": ["large", "encoder"]}
    manifest = load_manifest(write_manifest(tmp_path / "m.toml", *models, packs=packs))
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    Run(capsys, "pull", "small-pack", "large-pack")
    done = Run(capsys, "remove", "large-pack")
    assert (done.code, done.out) == (0, "large: removed\n")
    assert "encoder stays: the pack small-pack needs it" in done.err
    assert Run(capsys, "remove", "small-pack").out == "tiny: removed\nencoder: removed\n"


def test_pull_without_a_name(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = Run(capsys, "pull")
    assert done.code == 2
    assert "name what to fetch: `stslocal models pull basic` for a start" in done.err


def test_what_is_built_and_from_what(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = f'[models.b.build]\nstep = "none"\ninputs = [{file_line("in.bin", b"input")}]'
    text = model_text("b", {"out.bin": b"made"}, npm("gone@1.0"), build=build)
    manifest = load_manifest(write_manifest(tmp_path / "m.toml", text))
    monkeypatch.setattr(model_store, "load_manifest", lambda: manifest)
    listed = Run(capsys, "list", "--files").out.splitlines()[3:]
    assert listed[0] == "  b      4 B  MIT"
    assert listed[1].endswith("         4  out.bin")
    assert listed[2].endswith("         5  in.bin, from which these are built")
    (model,) = json.loads(Run(capsys, "list", "--json").out)["models"]
    assert [file["name"] for file in model["built_from"]] == ["in.bin"]
    (root / "b").mkdir(parents=True)
    (root / "b" / "in.bin").write_bytes(b"input")
    assert "b      4 B  MIT             to be built again\n" in Run(capsys, "list").out
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
    assert Run(capsys, "remove", "b", "--cache").code == 0
    assert not kept.exists()


def test_an_engine_names_its_models(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = (Weights(("tiny",)), Weights(("gone",)))
    entry = EngineEntry("small_one", registry.RECOGNIZER, "x:X", weights=weights)
    monkeypatch.setattr(registry, "ENGINES", (entry,))
    assert Run(capsys, "path", "small-one").err.startswith("stslocal: gone is not installed: ")
    Run(capsys, "pull", "tiny")
    assert Run(capsys, "path", "small-one").out == f"{root / 'tiny'}\n"
    assert Run(capsys, "verify", "small_one").out == "tiny: 2 files are right\n"
    assert Run(capsys, "pull", "small-one").out == "tiny: already installed\n"
    assert Run(capsys, "remove", "one").out == "tiny: removed\n"


def test_a_model_that_is_built_shows_its_bytes_as_arrived(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where nothing was to be fetched, 0 bytes of it said nothing."""
    model = load_manifest().model("kokoro-82m-int8")
    with _ModelBars(Printer(), [model]) as bars:
        bars.update(model.id, 0, BUILDING)
    shown = capsys.readouterr().err
    assert shown.startswith("kokoro-82m-int8: 92.4 MB / 92.4 MB, building the model from it")
    with _ModelBars(Printer(), [model]) as bars:
        bars.update(model.id, 92_500_000, "from cache")
    assert capsys.readouterr().err == "kokoro-82m-int8: 92.5 MB / 92.5 MB, from cache\n"
