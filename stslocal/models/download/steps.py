"""Build steps: what a model is made of, from the files that were fetched.

A step reads fetched files whose hashes are already proved. Where the manifest has the hashes of
what it writes as well, it must be deterministic: the same input gives the same bytes on every
machine and with every version of the packages in use.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelError, ModelIntegrityError
from stslocal.models.building.torch_legacy import read_legacy_checkpoint
from stslocal.models.download.safetensors_bytes import safetensors_bytes
from stslocal.models.manifest import Model
from stslocal.storage import sha256_of

BuildStep = Callable[[Path, Path], None]
"""Called with the folder of fetched files and the folder to write into."""


def build_ge2e(fetched: Path, target: Path) -> None:
    """Resemblyzer's `pretrained.pt` to `ge2e.safetensors`.

    Keeps what embedding needs, in float32: `lstm.{weight,bias}_{ih,hh}_l{0,1,2}` (gates in
    PyTorch's order i, f, g, o) and `linear.{weight,bias}`. The optimizer's state, two thirds
    of the checkpoint, and the similarity scale of the training loss are left behind.
    """
    checkpoint = fetched / "pretrained.pt"
    prefix = "model_state."
    tensors: dict[str, NDArray[Any]] = {
        name.removeprefix(prefix): np.ascontiguousarray(values, dtype="<f4")
        for name, values in read_legacy_checkpoint(checkpoint).items()
        if name.startswith((f"{prefix}lstm.", f"{prefix}linear."))
    }
    if len(tensors) != 14:
        raise ModelIntegrityError(
            f"{checkpoint} does not hold the 14 arrays of a GE2E encoder, but {len(tensors)}"
        )
    (target / "ge2e.safetensors").write_bytes(safetensors_bytes(tensors))


def build_whole_nllb(fetched: Path, target: Path) -> None:
    """Meta's checkpoint of NLLB-200 to CTranslate2's format, in int8, with all languages.

    The sines in it are the platform's: its bytes are not the same everywhere, so the manifest
    does not hold them to a hash.
    """
    from stslocal.models.building.build import Recipe, build_nllb

    build_nllb(fetched, target, Recipe())


STEPS: Mapping[str, BuildStep] = {"ge2e": build_ge2e, "nllb": build_whole_nllb}
"""Build steps by the name that the manifest calls them."""


def run_build(model: Model, inputs: Path, scratch: Path, folder: Path) -> None:
    """Run a model's build step and put its files into the model's folder, if they are right."""
    assert model.build is not None
    step = STEPS.get(model.build.step)
    if step is None:
        raise ModelError(f"this version of stslocal cannot build {model.id}: update stslocal")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    step(inputs, scratch)
    for file in model.files:
        digest = sha256_of(scratch / file.name)
        if file.sha256 is not None and digest != file.sha256:
            raise ModelIntegrityError(
                f"building {model.id} gave a {file.name} with sha256 {digest[:12]}... instead of "
                f"{file.sha256[:12]}...: please report this"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for file in model.files:
        (scratch / file.name).replace(folder / file.name)
