"""With `--device cuda`, engines that cannot use a GPU work on the processor, and nothing fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from stslocal.engines import registry
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from tests.tiny_openvoice import build as build_openvoice
from tests.tiny_pocket import load_tiny as load_pocket


class Folders:
    """Models in the folders that a test has written."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders

    def folder(self, model_id: str) -> Path:
        return self._folders[model_id]


@pytest.mark.contract
def test_pocket_openvoice_and_silero_load_and_work(tmp_path: Path) -> None:
    load_pocket(tmp_path)
    converters = build_openvoice(tmp_path / "converter")
    store = Folders({"pocket-en": tmp_path / "pocket-en", "openvoice-v2": converters})
    speaks = registry.create(registry.SYNTHESIZER, "pocket-en", store, device="cuda", threads=1)
    speech = np.concatenate(list(speaks.synthesize("Good morning.", language="en")))
    assert len(speech) > 0
    converts = registry.create(registry.VOICE_CONVERTER, "openvoice", store, device="cuda")
    voice = converts.embed(speech, speaks.sample_rate)
    made = converts.convert([speech], speaks.sample_rate, source=voice, target=voice)
    seconds = len(np.concatenate(list(made))) / converts.sample_rate
    assert seconds == pytest.approx(len(speech) / speaks.sample_rate, abs=0.02)
    detects = registry.create(registry.VAD, "silero", store, device="cuda")
    windows = np.zeros(3 * detects.window, np.float32)
    assert detects.probabilities(windows, detects.initial_state())[0].shape == (3,)


@pytest.mark.real
def test_kokoro_loads_and_works(starter_models: Path) -> None:
    store = ModelStore(starter_models, load_manifest())
    speaks = registry.create(registry.SYNTHESIZER, "kokoro", store, device="cuda", threads=1)
    assert sum(map(len, speaks.synthesize("Hello.", language="en"))) > 0
