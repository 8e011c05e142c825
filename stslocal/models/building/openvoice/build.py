"""Builds OpenVoice's converter: three graphs of its checkpoint."""

from __future__ import annotations

from pathlib import Path

from stslocal.errors import ModelIntegrityError
from stslocal.models.building.openvoice import networks
from stslocal.models.building.openvoice.weights import read_openvoice

FILES = ("embedding.onnx", "latent.onnx", "sound.onnx")


def build_openvoice(fetched: Path, target: Path) -> None:
    """Write the graphs into `target`, from `checkpoint.pth` and `config.json` in `fetched`.

    Raises ModelIntegrityError for files that do not hold OpenVoice v2.
    """
    weights = read_openvoice(fetched)
    try:
        made = [make(weights) for make in (networks.embedding, networks.latent, networks.sound)]
    except (KeyError, ValueError, IndexError) as error:
        raise ModelIntegrityError(f"{fetched} does not hold OpenVoice v2: {error!r}") from error
    for name, model in zip(FILES, made, strict=True):
        (target / name).write_bytes(model)
