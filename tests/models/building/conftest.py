"""Fixtures: a small NLLB checkpoint, models built from it, and transformers as reference."""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stslocal.engines.xtts.torch_audio import import_torchaudio
from stslocal.models.building.build import Recipe, build_nllb
from tests.extras import need
from tests.models.building import nllb_kit


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkpoint in the layout of published ones."""
    folder = tmp_path_factory.mktemp("nllb") / "checkpoint"
    nllb_kit.write_checkpoint(folder)
    return folder


@pytest.fixture(scope="session")
def whole_model(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The converted checkpoint with all tokens, in float32."""
    folder = tmp_path_factory.mktemp("whole")
    build_nllb(checkpoint, folder, Recipe(quantization="float32"))
    return folder


@pytest.fixture(scope="session")
def corpus_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts in the two common languages of the checkpoint."""
    path = tmp_path_factory.mktemp("corpus") / "texts.txt"
    texts = [text for code in nllb_kit.COMMON for text in nllb_kit.corpus(code)]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def transformers() -> Any:
    """The package that defines the layout. Without it, tests are skipped or fail (see `need`)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(ModuleNotFoundError):
            import_torchaudio()
        need("torch")
        return need("transformers")
