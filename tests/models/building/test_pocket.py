"""Pocket TTS as it is built: what is refused, what int8 changes, what a person types."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file

from stslocal.cli import main
from stslocal.engines.pocket.synthesizer import PocketSynthesizer
from stslocal.errors import ModelIntegrityError, ModelNotFoundError, SettingsError
from stslocal.models.building.pocket.product import GRAPHS, build_pocket
from stslocal.models.building.steps import STEPS
from stslocal.models.manifest_file import load_manifest
from tests.tiny_pocket import TINY, VOICE, write_checkpoint

pytestmark = pytest.mark.contract


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    write_checkpoint(tmp_path / "checkpoint", TINY, ends=False)
    return tmp_path / "checkpoint"


def built(checkpoint: Path, quantization: str) -> Path:
    target = checkpoint.with_name(quantization)
    target.mkdir()
    build_pocket(checkpoint, target, language="en", quantization=quantization)
    return target


def test_every_graph_is_one_that_onnx_accepts(checkpoint: Path) -> None:
    for quantization in ("int8", "float32"):
        for name in GRAPHS:
            onnx.checker.check_model(onnx.load(built_file(checkpoint, quantization, name)))


def built_file(checkpoint: Path, quantization: str, name: str) -> Path:
    folder = checkpoint.with_name(quantization)
    return (folder if folder.exists() else built(checkpoint, quantization)) / name


def test_int8_is_a_quarter_of_the_size_and_nearly_the_same(checkpoint: Path) -> None:
    folders = [built(checkpoint, quantization) for quantization in ("int8", "float32")]
    small, large = ((folder / "language_model.onnx").stat().st_size for folder in folders)
    engines = [PocketSynthesizer.load(folder, threads=1) for folder in folders]
    for array in ("keys", "values"):
        rows = np.random.default_rng(1).standard_normal((1, 9, TINY.width)).astype(np.float32)
        states = [getattr(engine._read_voice(rows.tobytes()), array) for engine in engines]
        difference = np.abs(states[0] - states[1]).max()
        assert 0 < difference < 0.05 * np.abs(states[1]).max()
    assert small < large


def test_the_same_checkpoint_gives_the_same_bytes(checkpoint: Path) -> None:
    first = built(checkpoint, "int8").rename(checkpoint.with_name("first"))
    second = built(checkpoint, "int8")
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes(), file.name


def test_every_language_of_the_engine_has_its_step_and_model() -> None:
    from stslocal.engines.pocket.languages import LANGUAGES

    models = load_manifest().models
    for code in LANGUAGES:
        build = models[f"pocket-{code}"].build
        assert build is not None
        assert build.step == f"pocket-{code}"
        assert build.step in STEPS


class TestRefused:
    def test_a_folder_without_a_checkpoint(self, tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError, match=r"holds no model\.safetensors"):
            build_pocket(tmp_path, tmp_path, language="en")

    def test_the_weights_without_voice_cloning(self, checkpoint: Path) -> None:
        arrays = load_file(checkpoint / "model.safetensors")
        arrays["flow_lm.speaker_proj_weight"][:] = 0
        save_file(arrays, checkpoint / "model.safetensors")
        with pytest.raises(ModelIntegrityError, match="it is the one without voice cloning"):
            built(checkpoint, "int8")

    def test_another_model(self, checkpoint: Path) -> None:
        save_file({"x": np.zeros(3, np.float32)}, checkpoint / "model.safetensors")
        with pytest.raises(ModelIntegrityError, match="does not hold Pocket TTS"):
            built(checkpoint, "int8")

    def test_a_voice_that_is_none(self, checkpoint: Path) -> None:
        voice = checkpoint / "embeddings" / f"{VOICE}.safetensors"
        save_file({"x": np.zeros(3, np.float32)}, voice)
        with pytest.raises(ModelIntegrityError, match="is not a voice of Pocket TTS"):
            built(checkpoint, "int8")

    def test_another_quantization(self, checkpoint: Path) -> None:
        with pytest.raises(SettingsError, match=r"int4.* choose one of int8, float32"):
            built(checkpoint, "int4")


class TestCommand:
    def test_installs_the_model(
        self,
        checkpoint: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
        assert main(["models", "build", "pocket-pt", "--from", str(checkpoint)]) == 0
        engine = PocketSynthesizer.load(tmp_path / "models" / "pocket-pt", threads=1)
        assert engine.language == "pt"
        assert main(["models", "verify", "pocket-pt"]) == 0
        capsys.readouterr()

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (["pocket"], "has a model for each language: name one of pocket-en, pocket-fr"),
            (["pocket-fr", "--languages", "fr,en"], "cannot be trimmed"),
            (["kokoro"], "run `stslocal models pull kokoro-82m-int8`"),
        ],
    )
    def test_what_cannot_be_built_is_one_sentence(
        self,
        arguments: list[str],
        why: str,
        checkpoint: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
        assert main(["models", "build", *arguments, "--from", str(checkpoint)]) == 2
        assert why in capsys.readouterr().err
