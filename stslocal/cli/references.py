"""The recordings that a voice is made of: read and judged before any model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from stslocal.models.store import ModelStore
    from stslocal.voices.enrol import Reference


def read_reference(
    paths: Sequence[Path], store: ModelStore, *, way_out: str, anyway: bool = False
) -> Reference:
    """Read recordings of one speaker.

    Music and two speakers are refused unless `anyway`; `way_out` ends the message, and says what a
    person does who insists. Raises AudioDecodeError for a recording that cannot be read and
    SettingsError when no voice is to be made of it.
    """
    from stslocal.loading.load import load_speaker_judges
    from stslocal.voices.enrol import Reference, check_speakers

    reference = Reference.read(paths)
    if not anyway:
        detector, encoder = load_speaker_judges(store)
        check_speakers(reference, detector, encoder, way_out=way_out)
    return reference


def check_reference(path: Path | BinaryIO | None, store: ModelStore) -> None:
    """Check the recording of `--reference`, if there is one. Raises as `read_reference` does."""
    if isinstance(path, Path):  # only Python programs give streams
        way_out = (
            f"choose a recording of one speaker, or make a voice of it with `stslocal voices "
            f"enroll NAME {path} --anyway` and use `--voice NAME`"
        )
        read_reference([path], store, way_out=way_out)
