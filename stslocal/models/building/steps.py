"""Build steps: what a model is made of, from the files that were fetched.

A step reads files whose hashes are already proved. Where the manifest has the hashes of what it
writes as well, it must be deterministic: the same input gives the same bytes on every machine and
with every version of the packages in use. Whoever changes what a step writes raises its version in
the manifest.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from stslocal.errors import ModelError, ModelIntegrityError
from stslocal.models.building.firefox import unpack_firefox
from stslocal.models.building.ge2e import build_ge2e
from stslocal.models.building.kokoro.parts import build_kokoro
from stslocal.models.building.openvoice.build import build_openvoice
from stslocal.models.building.pocket.product import build_pocket
from stslocal.models.manifest import Model
from stslocal.storage import sha256_of

BuildStep = Callable[[Path, Path], None]
"""Called with the folder of fetched files and the folder to write into."""


def build_whole_nllb(fetched: Path, target: Path) -> None:
    """Meta's checkpoint of NLLB-200 to CTranslate2's format, in int8, with all languages.

    The sines in it are the platform's: its bytes are not the same everywhere, so the manifest
    does not hold them to a hash.
    """
    from stslocal.models.building.build import Recipe, build_nllb

    build_nllb(fetched, target, Recipe())


def build_whole_opus(fetched: Path, target: Path) -> None:
    """A checkpoint of OPUS-MT to CTranslate2's format, in int8. Its sines are the platform's."""
    from stslocal.models.building.opus import build_opus

    build_opus(fetched, target)


_POCKET = ("en", "fr", "de", "pt", "it", "es", "nl")

STEPS: Mapping[str, BuildStep] = {
    "firefox": unpack_firefox,
    "ge2e": build_ge2e,
    "kokoro": build_kokoro,
    "nllb": build_whole_nllb,
    "openvoice": build_openvoice,
    "opus": build_whole_opus,
    **{f"pocket-{code}": partial(build_pocket, language=code) for code in _POCKET},
}
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
        size = (scratch / file.name).stat().st_size
        if file.bytes not in (None, size):
            raise ModelIntegrityError(
                f"building {model.id} gave a {file.name} of {size} bytes instead of {file.bytes}: "
                "please report this"
            )
        digest = sha256_of(scratch / file.name)
        if file.sha256 is not None and digest != file.sha256:
            raise ModelIntegrityError(
                f"building {model.id} gave a {file.name} with sha256 {digest[:12]}... instead of "
                f"{file.sha256[:12]}...: please report this"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for file in model.files:
        (scratch / file.name).replace(folder / file.name)
