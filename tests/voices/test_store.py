"""Voice profiles on disk."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from stslocal.errors import OutputError, SettingsError
from stslocal.models.store import ModelStore
from stslocal.types import VoiceProfile
from stslocal.voices.store import VoiceStore

pytestmark = pytest.mark.unit


def profile(name: str = "Maria") -> VoiceProfile:
    style = np.random.default_rng(1).standard_normal((510, 256)).astype(np.float32)
    return VoiceProfile(
        name=name,
        engine="kokoro",
        arrays={"style": style},
        provenance={"reference": "maria ção.wav", "consent": "given"},
        pitch_semitones=-1.25,
    )


def test_a_voice_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store = VoiceStore(tmp_path / "new folder")
    path = store.save(profile())
    assert path.name == "Maria.safetensors"

    loaded = store.load("Maria")

    assert loaded.name == "Maria"
    assert loaded.engine == "kokoro"
    assert loaded.pitch_semitones == -1.25
    assert dict(loaded.provenance) == {"reference": "maria ção.wav", "consent": "given"}
    np.testing.assert_array_equal(loaded.arrays["style"], profile().arrays["style"])
    assert loaded.arrays["style"].dtype == np.float32


def test_a_taken_name_is_refused_unless_overwriting(tmp_path: Path) -> None:
    store = VoiceStore(tmp_path)
    store.save(profile())
    with pytest.raises(SettingsError, match="already a voice 'Maria'"):
        store.save(profile())
    store.save(profile(), overwrite=True)
    assert [voice.name for voice in store.voices()] == ["Maria"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Maria.safetensors"]


def test_the_list_shows_voices_and_leaves_other_files_out(tmp_path: Path) -> None:
    store = VoiceStore(tmp_path)
    assert store.voices() == []
    store.save(profile("b"))
    store.save(profile("a"))
    (tmp_path / "broken.safetensors").write_bytes(b"no")
    save_file({"x": np.zeros(1, np.float32)}, tmp_path / "foreign.safetensors")

    assert [(voice.name, voice.engine) for voice in store.voices()] == [
        ("a", "kokoro"),
        ("b", "kokoro"),
    ]
    assert store.voices()[0].provenance["consent"] == "given"


@pytest.mark.parametrize("content", ["broken", "foreign", "truncated"])
def test_a_file_that_is_not_a_voice_is_refused(tmp_path: Path, content: str) -> None:
    store = VoiceStore(tmp_path)
    path = store.save(profile("x"))
    if content == "broken":
        path.write_bytes(b"not a voice")
    elif content == "foreign":
        save_file({"x": np.zeros(1, np.float32)}, path)
    else:
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(SettingsError, match="is not a voice that stslocal has saved"):
        store.load("x")


@pytest.mark.parametrize("kind", ["float64", "float16", "int64", "complex64", "bool", "none"])
def test_a_voice_of_other_numbers_is_refused(tmp_path: Path, kind: str) -> None:
    store = VoiceStore(tmp_path)
    path = store.save(profile("x"))
    with safe_open(path, framework="numpy") as file:
        about = file.metadata()
    arrays = {} if kind == "none" else {"style": np.ones(4, kind)}
    save_file(arrays, path, about)
    with pytest.raises(SettingsError, match=r"x\.safetensors .*: it has "):
        store.load("x")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (np.nan, "has values that are no numbers"),
        (np.inf, "has values that are no numbers"),
        (-np.inf, "has values that are no numbers"),
        (1e30, "has values above 10000"),
        (-2e4, "has values above 10000"),
    ],
)
def test_a_voice_that_would_give_no_sound_is_refused(
    tmp_path: Path, value: float, fault: str
) -> None:
    """On its way in and out: an engine would give silence, and nobody would know why."""
    store = VoiceStore(tmp_path / "voices")
    style = np.array(profile().arrays["style"])
    style[3, 3] = value
    with pytest.raises(SettingsError, match=f"the voice Maria {fault}: make it anew"):
        store.save(replace(profile(), arrays={"style": style}))
    assert store.voices() == []
    path = store.save(profile())
    with safe_open(path, framework="numpy") as file:
        about = file.metadata()
    save_file({"style": style}, path, about)
    foreign = tmp_path / "from somebody.voice"
    path.rename(foreign)
    with pytest.raises(SettingsError, match=f"is damaged: it {fault}: make it anew"):
        store.import_file(foreign)
    assert store.voices() == []
    foreign.rename(path)
    with pytest.raises(SettingsError, match=f"is damaged: it {fault}: make it anew"):
        store.load("Maria")


@pytest.mark.parametrize("pitch", ["nan", "inf", "-inf", "1e308", "48.1", "-50"])
def test_a_pitch_that_no_voice_has_is_refused(tmp_path: Path, pitch: str) -> None:
    store = VoiceStore(tmp_path)
    path = store.save(profile())
    with safe_open(path, framework="numpy") as file:
        about = file.metadata()
    save_file(dict(profile().arrays), path, {**about, "pitch_semitones": pitch})
    with pytest.raises(SettingsError, match="its pitch is"):
        store.load("Maria")
    with pytest.raises(SettingsError, match="a pitch of"):
        store.save(replace(profile("other"), pitch_semitones=float(pitch)))


def test_removing(tmp_path: Path) -> None:
    store = VoiceStore(tmp_path)
    store.save(profile())
    assert "Maria" in store
    store.remove("Maria")
    assert "Maria" not in store
    with pytest.raises(SettingsError, match="there is no saved voice 'Maria'"):
        store.remove("Maria")


def test_a_missing_voice_names_near_ones(tmp_path: Path) -> None:
    store = VoiceStore(tmp_path)
    with pytest.raises(SettingsError, match="has none"):
        store.load("Maria")
    store.save(profile())
    with pytest.raises(SettingsError, match="did you mean Maria"):
        store.load("maria")


@pytest.mark.parametrize(
    "name",
    ["", "..", ".hidden", "a/b", "a\\b", "../x", "match", "NUL", "nul.1", "x" * 65, "a\n", "end."],
)
def test_names_that_would_leave_the_folder_or_mean_something_else(
    tmp_path: Path, name: str
) -> None:
    store = VoiceStore(tmp_path)
    with pytest.raises(SettingsError):
        store.save(profile(name))
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=70))
def test_any_name_is_refused_or_stays_in_the_folder(name: str) -> None:
    store = VoiceStore(Path("/voices"))
    try:
        path = store._path(name)
    except SettingsError:
        return
    assert path.parent == Path("/voices")
    assert path.name == f"{name}.safetensors"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        VoiceStore(tmp_path / "file").save(profile())


def test_the_environment_chooses_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path))
    assert VoiceStore().folder == tmp_path


class TestExportAndImport:
    def test_an_exported_voice_can_be_imported_elsewhere(self, tmp_path: Path) -> None:
        here, there = VoiceStore(tmp_path / "here"), VoiceStore(tmp_path / "there")
        here.save(profile())
        copy = here.export("Maria", tmp_path)
        assert copy == tmp_path / "Maria.safetensors"
        renamed = copy.rename(tmp_path / "some file")

        assert there.import_file(renamed).name == "Maria"
        assert there.import_file(renamed, name="Ana").name == "Ana"
        for name in ("Maria", "Ana"):
            loaded = there.load(name)
            assert dict(loaded.provenance) == dict(profile().provenance)
            np.testing.assert_array_equal(loaded.arrays["style"], profile().arrays["style"])

    def test_nothing_is_replaced_without_overwrite(self, tmp_path: Path) -> None:
        store = VoiceStore(tmp_path / "voices")
        store.save(profile())
        path = store.export("Maria", tmp_path / "copy")
        with pytest.raises(OutputError, match="exists already"):
            store.export("Maria", path)
        with pytest.raises(SettingsError, match="already a voice 'Maria'"):
            store.import_file(path)
        store.import_file(path, overwrite=True)

    def test_a_file_that_is_not_a_voice_cannot_be_imported(self, tmp_path: Path) -> None:
        store = VoiceStore(tmp_path / "voices")
        with pytest.raises(SettingsError, match="does not exist: check the name"):
            store.import_file(tmp_path / "nothing")
        (tmp_path / "text").write_text("no")
        with pytest.raises(SettingsError, match="is not a voice"):
            store.import_file(tmp_path / "text")
        with pytest.raises(SettingsError, match="has none"):
            store.export("Maria", tmp_path)
        assert not store.folder.exists()

    def test_a_name_inside_the_file_cannot_leave_the_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "evil.safetensors"
        about = {
            "format": "stslocal-voice-1", "name": "../evil", "engine": "kokoro",
            "pitch_semitones": "0.0", "provenance": "{}",
        }  # fmt: skip
        save_file({"style": np.zeros(1, np.float32)}, path, about)
        with pytest.raises(SettingsError, match="cannot be the name of a voice"):
            VoiceStore(tmp_path / "voices").import_file(path)


def test_the_path_for_a_new_voice_is_given_for_a_free_name(tmp_path: Path) -> None:
    store = VoiceStore(tmp_path)
    assert store.path_for_new("Maria") == tmp_path / "Maria.safetensors"
    store.save(profile())
    with pytest.raises(SettingsError, match="already a voice 'Maria'"):
        store.path_for_new("Maria")
    assert store.path_for_new("Maria", overwrite=True) == store.path("Maria")
    assert store.names() == ["Maria"]


@pytest.mark.parametrize("variable", ["STSLOCAL_VOICES", "STSLOCAL_MODELS"])
def test_a_folder_that_may_not_be_entered_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    def forbidden(path: object, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setenv(variable, str(tmp_path / "theirs"))
    with monkeypatch.context() as patch:
        patch.setattr("stslocal.foreign_files.os.stat", forbidden)
        with pytest.raises(SettingsError, match=f"may not be entered: .* {variable}"):
            VoiceStore().voices() if variable == "STSLOCAL_VOICES" else ModelStore.discover()
    assert VoiceStore().voices() == []  # a folder that is not there has none
